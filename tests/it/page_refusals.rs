//! What is refused, and with which words; and bytes that mean harm.

use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use postsluse::document::{Media, RefusalCode};
use postsluse::page::{Limits, open};
use proptest::prelude::*;

use crate::page::{first, ink, raster, refusal, refusal_within, words};
use crate::page_files::{
    BOX, Directory, HEIGHT, Object, Value, cmyk_jpeg, dictionary, exif, fax_directory, fax_scan, one_page, pdf, stream, tiff, with_segments,
};

fn code(bytes: &[u8]) -> (RefusalCode, String) {
    let refusal = refusal(bytes.to_vec());
    assert!(!refusal.advice.is_empty() && !refusal.message.is_empty() && refusal.message.starts_with(|c: char| c.is_lowercase()), "{refusal}");
    (refusal.code, refusal.message)
}

#[test]
fn nothing_is_empty() {
    assert_eq!(code(b""), (RefusalCode::Empty, "the file has no bytes".to_owned()));
    assert_eq!(code(b" \r\n\t\n").0, RefusalCode::Empty);
}

#[test]
fn kinds_that_are_not_read_are_named() {
    for (bytes, name) in [
        (&b"PK\x03\x04\x14\0\x06\0[Content_Types].xml word/document.xml"[..], "Word"),
        (b"PK\x03\x04\x14\0\x06\0xl/workbook.xml", "Excel"),
        (b"PK\x03\x04\x14\0\0\0mimetypeapplication/vnd.oasis.opendocument.text", "OpenDocument"),
        (b"PK\x03\x04\x14\0\0\0letter.pdf %PDF-1.7", "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "old Office"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"GIF89a", "GIF"),
        (b"{\\rtf1 Hei}", "RTF"),
        (b"\xef\xbb\xbf <!DOCTYPE html><html>", "HTML"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "WebP"),
        (b"BM\x8a\0\0\0\0\0", "BMP"),
    ] {
        let (code, message) = code(bytes);
        assert_eq!(code, RefusalCode::UnknownType);
        assert!(message.contains(name), "{message}");
    }
    assert_eq!(code(&[0x13, 0x37, 0x00, 0xff]).0, RefusalCode::UnknownType);
    assert_eq!(open(b"BMW er et bilmerke".to_vec(), &Limits::default()).expect("two letters make no picture").media(), Media::Text);
}

#[test]
fn a_pdf_of_300_pages_is_refused_with_the_figures() {
    let kids = (3..303).map(|page| format!("{page} 0 R")).collect::<Vec<_>>().join(" ");
    let mut objects: Vec<Object> = vec![dictionary("/Type /Catalog /Pages 2 0 R"), dictionary(&format!("/Type /Pages /Kids [{kids}] /Count 300"))];
    objects.extend((0..300).map(|_| dictionary("/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]")));
    let bytes = pdf(&objects);
    assert_eq!(code(&bytes), (RefusalCode::TooManyPages, "the document has 300 pages; the limit is 200".to_owned()));
    assert_eq!(open(bytes, &Limits { pages_max: 300, ..Limits::default() }).expect("allowed").page_count(), 300);
}

#[test]
fn a_tiff_of_too_many_pages_is_refused() {
    let pages: Vec<Directory> = (0..4).map(|_| fax_directory(0, &[])).collect();
    let refusal = refusal_within(tiff(&pages), &Limits { pages_max: 3, ..Limits::default() });
    assert_eq!((refusal.code, refusal.message.as_str()), (RefusalCode::TooManyPages, "the document has more than 3 pages; the limit is 3"));
}

#[test]
fn what_is_cut_short_is_damaged() {
    let scan = fax_scan("/ColorSpace /DeviceGray", "", "");
    let letter = one_page("BT /F 12 Tf 72 700 Td (Vedtak) Tj ET", "", "", &[]);
    let mut jpeg = Vec::new();
    JpegEncoder::new(&mut jpeg).encode(&[200; 64 * 64], 64, 64, ExtendedColorType::L8).expect("it encodes");
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 64, 64);
    encoder.set_color(png::ColorType::Grayscale);
    encoder
        .write_header()
        .expect("a header")
        .write_image_data(&(0..64u8).flat_map(|y| (0..64u8).map(move |x| x.wrapping_mul(y))).collect::<Vec<u8>>())
        .expect("the data");
    for (name, bytes) in [("scan", scan), ("letter", letter), ("jpeg", jpeg), ("png", png), ("tiff", tiff(&[fax_directory(0, &[])]))] {
        assert!(open(bytes.clone(), &Limits::default()).expect("whole").page(1).is_ok(), "{name}");
        for tenths in [3, 6, 9] {
            // A PDF that has lost only its table of places has lost nothing that is seen.
            let end = bytes.windows(5).position(|window| window == b"xref\n").unwrap_or(bytes.len());
            let cut = &bytes[..end * tenths / 10];
            let (code, message) = code(cut);
            assert_eq!(code, RefusalCode::Damaged, "{name} at {tenths} tenths: {message}");
        }
    }
}

#[test]
fn a_torn_pdf_that_has_all_its_pages_is_read() {
    let whole = one_page("BT /F 12 Tf 72 700 Td (Vedtak) Tj ET", "", "", &[]);
    let end = whole.windows(4).position(|window| window == b"xref").expect("a table");
    assert_eq!(words(&first(whole[..end].to_vec()).text.expect("a text")), [["Vedtak"]]);
}

#[test]
fn a_torn_pdf_that_may_have_lost_pages_is_damaged() {
    let page = || dictionary("/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R");
    let mut objects =
        vec![dictionary("/Type /Catalog /Pages 2 0 R"), dictionary("/Type /Pages /Kids [3 0 R 5 0 R] /Count 2"), page(), stream("", "0 g 9 9 9 9 re f")];
    objects.push(page());
    let whole = pdf(&objects);
    assert_eq!(open(whole.clone(), &Limits::default()).expect("whole").page_count(), 2);
    let last = whole.windows(7).position(|window| window == b"5 0 obj").expect("the last page");
    let torn = &whole[..last];
    assert_eq!(code(torn), (RefusalCode::Damaged, "the PDF is cut short: 1 pages can be found and more may be lost".to_owned()));
}

#[test]
fn a_broken_fax_is_damaged_and_one_that_ends_itself_early_is_not() {
    let mut directory = fax_directory(0, &[]);
    directory.strip.truncate(100);
    assert!(code(&tiff(&[directory])).1.starts_with("a fax picture breaks off after"));
    let short = fax_directory(0, &[(257, Value::Long(HEIGHT + 100)), (278, Value::Long(HEIGHT + 100))]);
    let grey = raster(tiff(&[short]));
    assert_eq!((grey.height, ink(&grey)), (1854, BOX));
}

#[test]
fn a_picture_past_a_gigapixel_is_refused_with_the_figure() {
    let message = "a picture is 40000 x 40000 px; the limit is 1000000000 px in all";
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 40_000, 40_000);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let _ = encoder.write_header().expect("a header");
    assert_eq!(code(&bytes), (RefusalCode::TooLarge, message.to_owned()));
    let huge = fax_directory(0, &[(256, Value::Long(40_000)), (257, Value::Long(40_000)), (278, Value::Long(40_000))]);
    assert_eq!(code(&tiff(&[huge])), (RefusalCode::TooLarge, message.to_owned()));
    let picture = stream("/Type /XObject /Subtype /Image /Width 40000 /Height 40000 /BitsPerComponent 1 /ColorSpace /DeviceGray", vec![0; 10]);
    assert_eq!(code(&one_page("q 595 0 0 842 0 0 cm /Im Do Q", "/XObject << /Im 6 0 R >>", "", &[picture])), (RefusalCode::TooLarge, message.to_owned()));
}

#[test]
fn a_picture_that_takes_too_much_memory_is_refused_with_the_figure() {
    let picture = stream("/Type /XObject /Subtype /Image /Width 20000 /Height 20000 /BitsPerComponent 8 /ColorSpace /DeviceRGB", vec![0; 10]);
    let (code, message) = code(&one_page("q 595 0 0 842 0 0 cm /Im Do Q", "/XObject << /Im 6 0 R >>", "", &[picture]));
    assert_eq!(code, RefusalCode::TooLarge);
    assert!(message.contains("20000 x 20000 px") && message.contains("268435456"), "{message}");
}

#[test]
fn a_stream_that_swells_is_refused_before_it_is_unpacked_whole() {
    let swollen = |bytes: usize, dictionary: &str| {
        let mut packed = lopdf::Stream::new(lopdf::Dictionary::new(), vec![b' '; bytes]);
        packed.compress().expect("it packs");
        stream(&format!("/Filter /FlateDecode {dictionary}"), packed.content)
    };
    let limits = Limits { stream_bytes_max: 1 << 20, memory_bytes_max: 8 << 20, ..Limits::default() };
    let objects = |content: Object| {
        vec![
            dictionary("/Type /Catalog /Pages 2 0 R"),
            dictionary("/Type /Pages /Kids [3 0 R] /Count 1"),
            dictionary("/Type /Page /Parent 2 0 R /Contents 4 0 R"),
            content,
        ]
    };
    let refused = refusal_within(pdf(&objects(swollen(2 << 20, ""))), &limits);
    assert_eq!(
        (refused.code, refused.message.as_str()),
        (RefusalCode::TooLarge, "a stream of the PDF decompresses to more than 1048576 bytes; the limit is 1048576")
    );
    assert!(open(pdf(&objects(swollen(1 << 19, ""))), &limits).is_ok(), "a long one within the limit is read");
    let disguised = refusal_within(pdf(&objects(swollen(2 << 20, "/Subtype /Image"))), &limits);
    assert_eq!(disguised.code, RefusalCode::Damaged, "content does not pass for a picture");
    let picture = swollen(16 << 20, "/Type /XObject /Subtype /Image /Width 8 /Height 8 /BitsPerComponent 8 /ColorSpace /DeviceGray");
    let refused = refusal_within(one_page("q 595 0 0 842 0 0 cm /Im Do Q", "/XObject << /Im 6 0 R >>", "", &[picture]), &limits);
    assert_eq!(refused.code, RefusalCode::TooLarge);
}

#[test]
fn there_is_no_page_before_the_first_or_after_the_last() {
    let mut source = open(b"Hei".to_vec(), &Limits::default()).expect("a text");
    assert_eq!(source.page(2).expect_err("one page").message, "page 2 was asked for and the document has 1");
    assert!(source.page(0).is_err());
}

#[test]
fn text_has_a_layer_and_no_picture() {
    let page = first("Vedtak om bosetting\nBodø kommune".as_bytes().to_vec());
    assert!(page.raster.is_none());
    assert_eq!(words(&page.text.expect("a text")), [vec!["Vedtak", "om", "bosetting"], vec!["Bodø", "kommune"]]);
}

#[test]
fn nothing_of_a_page_is_shown_by_debug() {
    let page = first(b"Hemmelig navn".to_vec());
    assert!(!format!("{page:?}").contains("Hemmelig"));
}

/// 512 deep is the bound of the parser; a hundred thousand must end like any broken file, on a thread of 8 MiB.
#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    for (resources, content) in [
        (deep("[", "]"), String::new()),
        (deep("<</A ", ">>"), String::new()),
        (String::new(), deep("[", "]")),
        (String::new(), deep("q ", "Q ")),
        (String::new(), deep("(", ")")),
    ] {
        let bytes = one_page(&content, &format!("/Deep {resources} 0"), "", &[]);
        std::thread::Builder::new()
            .stack_size(8 << 20)
            .spawn(move || open(bytes, &Limits::default()).map(|mut source| source.page(1).is_ok()).is_ok())
            .expect("a thread")
            .join()
            .expect("no panic leaves the room");
    }
}

#[test]
fn a_form_that_draws_itself_ends() {
    let form = stream("/Type /XObject /Subtype /Form /BBox [0 0 100 100] /Resources << /XObject << /Me 6 0 R >> >>", "/Me Do /Me Do");
    let bytes = one_page("/Me Do", "/XObject << /Me 6 0 R >>", "", &[form]);
    // Two calls, fifty deep, would be 2^50: the time limit of the reader is the bound, so only the single chain is drawn here.
    let chain = stream("/Type /XObject /Subtype /Form /BBox [0 0 100 100] /Resources << /XObject << /Me 6 0 R >> >>", "/Me Do");
    assert!(open(bytes, &Limits::default()).is_ok());
    assert!(first(one_page("/Me Do", "/XObject << /Me 6 0 R >>", "", &[chain])).raster.is_some());
}

fn samples() -> Vec<Vec<u8>> {
    let mut jpeg = Vec::new();
    JpegEncoder::new(&mut jpeg).encode(&[200; 40 * 40], 40, 40, ExtendedColorType::L8).expect("it encodes");
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 40, 40);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().expect("a header").write_image_data(&[77; 1600]).expect("the data");
    vec![
        fax_scan("/ColorSpace /DeviceGray", "", ""),
        one_page("BT /F 12 Tf 72 700 Td (Vedtak) Tj ET 0 g 9 9 9 9 re f", "", "/MediaBox [0 0 100 100]", &[]),
        with_segments(&jpeg, &[(0xe1, &exif(6, 300))]),
        cmyk_jpeg([255, 0, 255, 0]),
        png,
        tiff(&[fax_directory(0, &[])]),
        "Bodø kommune".as_bytes().to_vec(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the bytes become, a page comes out or a refusal: no panic leaves the room, and a page is as large as it says.
    #[test]
    fn mutated_files_are_read_or_refused(
        which in 0..7usize,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..12),
        cut in proptest::option::weighted(0.2, any::<proptest::sample::Index>()),
    ) {
        let mut bytes = samples().swap_remove(which);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let limits = Limits { pixels_max: 20_000_000, memory_bytes_max: 64 << 20, long_side_px_max: 2000, render_dpi: 50, ..Limits::default() };
        if let Ok(mut source) = open(bytes, &limits) {
            for number in 1..=source.page_count().min(3) {
                if let Ok(page) = source.page(number) && let Some(grey) = page.raster {
                    prop_assert_eq!(grey.data.len(), grey.width * grey.height);
                    prop_assert!(grey.width.max(grey.height) <= 2000 && grey.dpi.is_finite() && grey.dpi > 0.0);
                }
            }
        }
    }
}
