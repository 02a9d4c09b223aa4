//! Pages from files of known content.

use image::ExtendedColorType;
use image::codecs::jpeg::{JpegEncoder, PixelDensity};
use postsluse::document::{Media, Refusal, RefusalCode};
use postsluse::page::{Grey, Limits, Page, TextLayer, open};
use proptest::prelude::*;
use tiff::encoder::{Compression, DeflateLevel, TiffEncoder, colortype};

use crate::page_files::{
    BOX, Directory, HEIGHT, Object, Value, WIDTH, cmyk_jpeg, dictionary, exif, fax_directory, fax_page, fax_scan, group3_white, one_page, pdf, stream, tiff,
    with_segments,
};

fn first(bytes: Vec<u8>) -> Page {
    open(bytes, &Limits::default()).expect("it opens").page(1).expect("it is read")
}

fn raster(bytes: Vec<u8>) -> Grey {
    first(bytes).raster.expect("it has a picture")
}

fn refusal(bytes: Vec<u8>) -> Refusal {
    refusal_within(bytes, &Limits::default())
}

fn refusal_within(bytes: Vec<u8>, limits: &Limits) -> Refusal {
    match open(bytes, limits) {
        Err(refusal) => refusal,
        Ok(mut source) => source.page(1).expect_err("it is refused"),
    }
}

/// Left, top, right, bottom of what is darker than the middle grey.
fn ink(grey: &Grey) -> [usize; 4] {
    let dark: Vec<(usize, usize)> = grey.data.iter().enumerate().filter(|(_, tone)| **tone < 128).map(|(at, _)| (at % grey.width, at / grey.width)).collect();
    let (xs, ys): (Vec<usize>, Vec<usize>) = dark.into_iter().unzip();
    let edge = |values: &[usize]| (*values.iter().min().expect("some ink"), *values.iter().max().expect("some ink") + 1);
    let ((left, right), (top, bottom)) = (edge(&xs), edge(&ys));
    [left, top, right, bottom]
}

fn close(dpi: f64, to: f64) -> bool {
    (dpi / to - 1.0).abs() < 0.003
}

fn words(layer: &TextLayer) -> Vec<Vec<&str>> {
    layer.lines.iter().map(|line| line.words.iter().map(|word| word.text.as_str()).collect()).collect()
}

fn text_of(content: &str) -> Option<Vec<Vec<String>>> {
    let page = first(one_page(content, "", "", &[]));
    page.text.map(|layer| words(&layer).into_iter().map(|line| line.into_iter().map(str::to_owned).collect()).collect())
}

mod scans {
    use super::*;

    #[test]
    fn a_group_4_scan_is_delivered_pixel_for_pixel_with_black_ink() {
        for (picture, parameters) in [
            ("/ColorSpace /DeviceGray", ""),
            ("/ColorSpace /DeviceGray", "/BlackIs1 false"),
            ("/ColorSpace /DeviceGray /Decode [1 0]", "/BlackIs1 true"),
            ("/ImageMask true", ""),
            ("/ImageMask true /Decode [1 0]", "/BlackIs1 true"),
            ("/ColorSpace [/Indexed /DeviceRGB 1 <000000ffffff>]", ""),
            ("/ColorSpace [/CalGray << /WhitePoint [0.95 1 1.09] >>]", ""),
        ] {
            let grey = raster(fax_scan(picture, parameters, ""));
            assert_eq!((grey.width, grey.height), (WIDTH as usize, HEIGHT as usize), "{picture} {parameters}");
            assert_eq!(ink(&grey), BOX, "{picture} {parameters}");
            assert!(close(grey.dpi, 150.0), "{picture} {parameters}: {grey:?}");
            assert_eq!(grey.data.iter().filter(|&&tone| tone == 0).count(), 64 * 200, "{picture} {parameters}");
        }
    }

    #[test]
    fn a_scan_stored_as_a_negative_stays_one() {
        for (picture, parameters) in [("/ColorSpace /DeviceGray", "/BlackIs1 true"), ("/ColorSpace /DeviceGray /Decode [1 0]", "")] {
            let grey = raster(fax_scan(picture, parameters, ""));
            assert_eq!((grey.data[0], grey.data[300 * grey.width + 300]), (0, 255), "{picture} {parameters}");
        }
    }

    #[test]
    fn every_rotation_of_the_page_turns_the_scan() {
        let [left, top, right, bottom] = BOX;
        let (w, h) = (WIDTH as usize, HEIGHT as usize);
        for (degrees, size, expected) in [
            (0, (w, h), BOX),
            (90, (h, w), [h - bottom, left, h - top, right]),
            (180, (w, h), [w - right, h - bottom, w - left, h - top]),
            (270, (h, w), [top, w - right, bottom, w - left]),
            (-90, (h, w), [top, w - right, bottom, w - left]),
        ] {
            let grey = raster(fax_scan("/ColorSpace /DeviceGray", "", &format!("/Rotate {degrees}")));
            assert_eq!(((grey.width, grey.height), ink(&grey)), (size, expected), "{degrees}");
        }
    }

    #[test]
    fn a_picture_that_its_matrix_turns_is_turned_back_like_the_page() {
        let [left, top, right, bottom] = BOX;
        let (w, h) = (WIDTH as usize, HEIGHT as usize);
        // Laid on its side on a page that stands on its side, as scanners store pages fed along the short edge.
        let content = "q 0 595 -842 0 842 0 cm /Im Do Q";
        let grey = raster(fax_page(content, "/ColorSpace /DeviceGray", "", "/MediaBox [0 0 842 595]"));
        assert_eq!((grey.width, grey.height), (h, w));
        assert_eq!(ink(&grey), [top, w - right, bottom, w - left]);
        let upside_down = raster(fax_page("q -595 0 0 -842 595 842 cm /Im Do Q", "/ColorSpace /DeviceGray", "", ""));
        assert_eq!(ink(&upside_down), [w - right, h - bottom, w - left, h - top]);
        let mirrored = raster(fax_page("q -595 0 0 842 595 0 cm /Im Do Q", "/ColorSpace /DeviceGray", "", ""));
        assert_eq!(ink(&mirrored), [w - right, top, w - left, bottom]);
    }

    #[test]
    fn what_is_drawn_over_a_scan_is_seen() {
        let grey = raster(fax_page("q 595 0 0 842 0 0 cm /Im Do Q 0 g 297 100 50 50 re f", "/ColorSpace /DeviceGray", "", ""));
        let at = |x: f64, y: f64| grey.data[(y * grey.dpi / 72.0) as usize * grey.width + (x * grey.dpi / 72.0) as usize];
        assert!(close(grey.dpi, 150.0), "drawn at the resolution of its picture: {grey:?}");
        assert_eq!((at(320.0, 842.0 - 125.0), at(130.0, 130.0), at(20.0, 20.0)), (0, 0, 255));
    }

    #[test]
    fn a_white_box_over_a_scan_hides_what_is_under_it() {
        let grey = raster(fax_page("q 595 0 0 842 0 0 cm /Im Do Q 1 g 100 600 100 200 re f", "/ColorSpace /DeviceGray", "", ""));
        assert!(grey.data.iter().all(|&tone| tone > 200));
    }

    #[test]
    fn only_what_the_page_shows_of_a_scan_is_delivered() {
        let grey = raster(fax_scan("/ColorSpace /DeviceGray", "", "/CropBox [0 421 595 842]"));
        assert_eq!((grey.width, grey.height), (1240, 877));
        assert_eq!(ink(&grey), BOX);
    }

    #[test]
    fn an_ocr_layer_is_not_trusted_whether_unseen_or_under_the_picture() {
        for content in [
            "q 595 0 0 842 0 0 cm /Im Do Q BT 3 Tr /F 12 Tf 72 720 Td (Hidden words) Tj ET",
            "BT /F 12 Tf 72 720 Td (Hidden words) Tj ET q 595 0 0 842 0 0 cm /Im Do Q",
        ] {
            let page = first(fax_page(content, "/ColorSpace /DeviceGray", "", ""));
            assert!(page.text.is_none());
            assert_eq!(page.raster.map(|grey| grey.width), Some(WIDTH as usize), "still delivered as a scan");
        }
    }

    #[test]
    fn a_stamp_on_a_scan_is_not_taken_for_the_text_of_the_page() {
        let page = first(fax_page("q 595 0 0 842 0 0 cm /Im Do Q BT /F 12 Tf 72 720 Td (Mottatt) Tj ET", "/ColorSpace /DeviceGray", "", ""));
        assert!(page.text.is_none());
    }

    #[test]
    fn jpeg_and_flate_scans_keep_their_pixels() {
        let (w, h) = (620u32, 877u32);
        let pixels: Vec<u8> = (0..w * h).map(|at| if at % w < w / 2 { 30 } else { 220 }).collect();
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, 95).encode(&pixels, w, h, ExtendedColorType::L8).expect("it encodes");
        let colour: Vec<u8> = pixels.iter().flat_map(|&tone| [tone, tone, tone]).collect();
        let mut colour_jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut colour_jpeg, 95).encode(&colour, w, h, ExtendedColorType::Rgb8).expect("it encodes");
        let bits: Vec<u8> = pixels
            .chunks_exact(w as usize)
            .flat_map(|row| row.chunks(8).map(|byte| byte.iter().enumerate().fold(0, |all, (at, tone)| all | (tone >> 7) << (7 - at))))
            .collect();
        for (space, bpc, filter, bytes) in [
            ("/DeviceGray", 8, "/Filter /DCTDecode", jpeg),
            ("/DeviceRGB", 8, "/Filter /DCTDecode", colour_jpeg),
            ("/DeviceGray", 8, "", pixels.clone()),
            ("/DeviceRGB", 8, "", colour),
            ("/DeviceGray", 1, "", bits),
        ] {
            let picture = stream(&format!("/Type /XObject /Subtype /Image /Width {w} /Height {h} /BitsPerComponent {bpc} /ColorSpace {space} {filter}"), bytes);
            let grey = raster(one_page("q 595 0 0 842 0 0 cm /Im Do Q", "/XObject << /Im 6 0 R >>", "", &[picture]));
            assert_eq!((grey.width, grey.height), (620, 877), "{space} {bpc} {filter}");
            assert!(close(grey.dpi, 75.0));
            let (dark, light) = (grey.data[400 * 620 + 100], grey.data[400 * 620 + 500]);
            let expected = if bpc == 1 { (0, 255) } else { (30, 220) };
            assert!(dark.abs_diff(expected.0) < 4 && light.abs_diff(expected.1) < 4, "{space} {bpc} {filter}: {dark} {light}");
        }
    }

    #[test]
    fn a_page_of_strips_is_drawn_at_their_resolution() {
        let (w, h) = (1240u32, 877u32);
        let strip = || {
            stream(
                &format!("/Type /XObject /Subtype /Image /Width {w} /Height {h} /BitsPerComponent 1 /ColorSpace /DeviceGray"),
                vec![0xff; (w / 8 * h) as usize],
            )
        };
        let page = first(one_page("q 595 0 0 421 0 421 cm /A Do Q q 595 0 0 421 0 0 cm /B Do Q", "/XObject << /A 6 0 R /B 7 0 R >>", "", &[strip(), strip()]));
        assert!(page.text.is_none());
        assert!(close(page.raster.expect("it has a picture").dpi, 150.0));
    }

    #[test]
    fn a_page_as_large_as_its_pixels_is_taken_for_a4() {
        let grey = raster(one_page(
            "q 1240 0 0 1754 0 0 cm /Im Do Q",
            "/XObject << /Im 6 0 R >>",
            "/MediaBox [0 0 1240 1754]",
            &[stream("/Type /XObject /Subtype /Image /Width 1240 /Height 1754 /BitsPerComponent 1 /ColorSpace /DeviceGray", vec![0xff; 155 * 1754])],
        ));
        assert!(close(grey.dpi, 150.0), "{grey:?}");
    }
}

mod born_digital {
    use super::*;

    #[test]
    fn words_come_with_their_places_from_the_top_down() {
        let page = first(one_page("BT /F 20 Tf 72 700 Td (Andre linje) Tj ET BT /F 20 Tf 72 742 Td (Bod\\370 kommune) Tj ET", "", "", &[]));
        let grey = page.raster.expect("it is drawn");
        assert_eq!((grey.width, grey.height), (2479, 3508));
        assert!(close(grey.dpi, 300.0));
        let layer = page.text.expect("it is born digital");
        assert_eq!(words(&layer), [["Bodø", "kommune"], ["Andre", "linje"]]);
        let [left, top, right, bottom] = layer.lines[0].words[0].rect_px;
        // 72 pt is an inch; the baseline stands 100 pt below the top.
        assert!((299..=301).contains(&left), "{left}");
        assert!(top < 417 && bottom > 417 && (bottom - top) < 100, "{top} {bottom}");
        assert!(right > left + 150 && right < left + 250, "{right}");
        // The ink lies inside the words.
        let ink = ink(&grey);
        assert!(ink[0] >= 300 && ink[1] >= 350, "{ink:?}");
        assert!(layer.lines[0].words[1].rect_px[0] > right);
    }

    #[test]
    fn a_turned_page_gives_upright_text() {
        let page = first(one_page("BT /F 20 Tf 0 1 -1 0 100 72 Tm (Liggende ark) Tj ET", "", "/Rotate 90", &[]));
        let grey = page.raster.expect("it is drawn");
        assert_eq!((grey.width, grey.height), (3508, 2479));
        let layer = page.text.expect("it is upright");
        assert_eq!(words(&layer), [["Liggende", "ark"]]);
        let [left, .., bottom] = layer.lines[0].words[0].rect_px;
        assert!((299..=301).contains(&left) && (415..450).contains(&bottom), "{left} {bottom}");
    }

    #[test]
    fn text_that_lies_on_its_side_is_no_layer() {
        assert_eq!(text_of("BT /F 20 Tf 0 1 -1 0 100 72 Tm (Liggende ark) Tj ET"), None);
    }

    #[test]
    fn unseen_text_is_left_out() {
        let seen = "BT /F 12 Tf 72 700 Td (Synlig) Tj ET";
        for unseen in [
            "BT /F 12 Tf 3 Tr 72 600 Td (Usynlig) Tj ET",
            "1 g BT /F 12 Tf 72 600 Td (Usynlig) Tj ET",
            "BT /F 0.5 Tf 72 600 Td (Usynlig) Tj ET",
            "BT /F 12 Tf 72 900 Td (Usynlig) Tj ET",
            "BT /F 12 Tf 72 600 Td (Usynlig) Tj ET 1 g 60 590 200 30 re f",
            "0 g 60 590 200 30 re f BT /F 12 Tf 72 600 Td (Usynlig) Tj ET",
            "q 0 0 10 10 re W n BT /F 12 Tf 72 600 Td (Usynlig) Tj ET Q",
        ] {
            assert_eq!(text_of(&format!("{seen} {unseen}")), Some(vec![vec!["Synlig".to_owned()]]), "{unseen}");
        }
    }

    #[test]
    fn white_text_on_a_dark_field_is_seen() {
        assert_eq!(text_of("0.2 g 60 590 200 30 re f 1 g BT /F 12 Tf 72 600 Td (Overskrift) Tj ET"), Some(vec![vec!["Overskrift".to_owned()]]));
    }

    #[test]
    fn gaps_part_words_and_kerning_does_not() {
        let line = |content: &str| text_of(&format!("BT /F 12 Tf 72 700 Td {content} ET")).expect("a text").remove(0);
        assert_eq!(line("[(Ved) -20 (tak) -400 (om) 30 (bosetting)] TJ"), ["Vedtak", "ombosetting"].map(str::to_owned));
        assert_eq!(line("3 Tc (VEDTAK OM) Tj"), ["VEDTAK", "OM"].map(str::to_owned), "letter-spaced");
        assert_eq!(line("(Antall) Tj 200 0 Td (12) Tj"), ["Antall", "12"].map(str::to_owned), "the columns of a table");
    }

    #[test]
    fn a_word_drawn_twice_to_look_bold_is_there_once() {
        assert_eq!(text_of("BT /F 12 Tf 72 700 Td (Vedtak) Tj 0.3 0 Td (Vedtak) Tj ET"), Some(vec![vec!["Vedtak".to_owned()]]));
        assert_eq!(text_of("BT /F 12 Tf 2 Tr 72 700 Td (Vedtak) Tj ET"), Some(vec![vec!["Vedtak".to_owned()]]), "filled and stroked");
    }

    #[test]
    fn a_wider_gap_starts_a_paragraph() {
        let page = first(one_page("BT /F 11 Tf 72 700 Td 14 TL (a) Tj T* (b) Tj T* (c) Tj 0 -28 Td (d) Tj T* (e) Tj ET", "", "", &[]));
        let layer = page.text.expect("a text");
        assert_eq!(layer.lines.iter().map(|line| line.starts_paragraph).collect::<Vec<_>>(), [true, false, false, true, false]);
    }

    #[test]
    fn glyphs_that_say_nothing_leave_the_page_to_the_recogniser() {
        let font = dictionary(
            "/Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 97 /LastChar 97 /Widths [600] \
             /Encoding << /Differences [97 /nosuchname_] >> /CharProcs << /nosuchname_ 7 0 R >> /Resources << >>",
        );
        let glyph = stream("", "600 0 0 0 500 700 d1 0 0 500 700 re f");
        let page = first(one_page("BT /F 12 Tf 72 700 Td (Synlig) Tj /G 12 Tf 0 -20 Td (aaa) Tj ET", "/Font << /F 5 0 R /G 6 0 R >>", "", &[font, glyph]));
        assert!(page.text.is_none());
        assert!(page.raster.is_some());
    }

    #[test]
    fn a_page_that_is_mostly_picture_has_no_trusted_text() {
        let picture = stream("/Type /XObject /Subtype /Image /Width 8 /Height 8 /BitsPerComponent 8 /ColorSpace /DeviceGray", vec![128; 64]);
        let page = first(one_page("q 595 0 0 400 0 0 cm /Im Do Q BT /F 12 Tf 72 700 Td (Brevhode) Tj ET", "/XObject << /Im 6 0 R >>", "", &[picture]));
        assert!(page.text.is_none());
    }

    #[test]
    fn a_huge_page_is_drawn_within_the_limit() {
        let grey = raster(one_page("0 g 0 0 100 100 re f", "", "/MediaBox [0 0 14400 7200]", &[]));
        assert_eq!((grey.width, grey.height), (5000, 2500));
        assert!(close(grey.dpi, 25.0));
    }

    #[test]
    fn junk_before_the_header_is_passed_over() {
        let mut bytes = b"X-Gateway: ok\r\n\r\n".to_vec();
        bytes.extend(one_page("BT /F 12 Tf 72 700 Td (Vedtak) Tj ET", "", "", &[]));
        assert_eq!(words(&first(bytes).text.expect("a text")), [["Vedtak"]]);
    }

    /// An owner's password restricts; it does not lock.
    #[test]
    fn a_pdf_with_an_owners_password_is_read_and_one_with_a_users_is_locked() {
        let plain = one_page("BT /F 12 Tf 72 700 Td (Vedtak) Tj ET", "", "", &[]);
        let encrypted = |user: &str| {
            let mut document = lopdf::Document::load_mem(&plain).expect("it loads");
            let version = lopdf::EncryptionVersion::V2 {
                document: &document,
                owner_password: "owner",
                user_password: user,
                key_length: 128,
                permissions: lopdf::Permissions::empty(),
            };
            let state = lopdf::EncryptionState::try_from(version).expect("a state");
            document.encrypt(&state).expect("it encrypts");
            let mut bytes = Vec::new();
            document.save_to(&mut bytes).expect("it saves");
            bytes
        };
        assert_eq!(words(&first(encrypted("")).text.expect("a text")), [["Vedtak"]]);
        let refused = refusal(encrypted("secret"));
        assert_eq!(refused.code, RefusalCode::Locked);
        assert!(refused.to_string().starts_with("the PDF is locked with a password\nask the sender"), "{refused}");
    }
}

mod pictures {
    use super::*;

    fn png(
        width: u32,
        height: u32,
        colour: png::ColorType,
        depth: png::BitDepth,
        set: impl FnOnce(&mut png::Encoder<'_, &mut Vec<u8>>),
        data: &[u8],
    ) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        set(&mut encoder);
        encoder.write_header().expect("a header").write_image_data(data).expect("the data");
        bytes
    }

    fn per_metre(dots: u32) -> png::PixelDimensions {
        png::PixelDimensions { xppu: dots, yppu: dots, unit: png::Unit::Meter }
    }

    #[test]
    fn png_of_every_kind_becomes_grey_on_white_paper() {
        use png::{BitDepth, ColorType};
        let grey = |bytes| raster(bytes).data;
        let plain = |_: &mut png::Encoder<'_, &mut Vec<u8>>| {};
        assert_eq!(grey(png(2, 1, ColorType::Grayscale, BitDepth::Eight, plain, &[10, 200])), [10, 200]);
        assert_eq!(grey(png(2, 1, ColorType::Grayscale, BitDepth::Sixteen, plain, &[10, 99, 200, 1])), [10, 200]);
        assert_eq!(grey(png(8, 1, ColorType::Grayscale, BitDepth::One, plain, &[0b0101_0000])), [0, 255, 0, 255, 0, 0, 0, 0]);
        assert_eq!(grey(png(2, 1, ColorType::GrayscaleAlpha, BitDepth::Eight, plain, &[0, 0, 0, 255])), [255, 0]);
        assert_eq!(grey(png(2, 1, ColorType::Rgb, BitDepth::Eight, plain, &[255, 255, 255, 255, 0, 0])), [255, 77]);
        assert_eq!(grey(png(2, 1, ColorType::Rgba, BitDepth::Eight, plain, &[0, 0, 0, 0, 0, 0, 0, 255])), [255, 0]);
        let palette = |encoder: &mut png::Encoder<'_, &mut Vec<u8>>| {
            encoder.set_palette(vec![0, 0, 0, 255, 255, 255]);
            encoder.set_trns(vec![0]);
        };
        assert_eq!(grey(png(2, 1, ColorType::Indexed, BitDepth::Eight, palette, &[0, 1])), [255, 255], "a clear black entry shows the paper");
    }

    #[test]
    fn png_states_its_resolution_or_is_taken_for_a4() {
        let page = |dots: Option<u32>| {
            raster(png(
                1654,
                2339,
                png::ColorType::Grayscale,
                png::BitDepth::One,
                |encoder| encoder.set_pixel_dims(dots.map(per_metre)),
                &vec![0xff; 207 * 2339],
            ))
            .dpi
        };
        assert!(close(page(Some(7874)), 200.0));
        assert!(close(page(None), 200.0));
        assert!(close(page(Some(2835)), 200.0), "72 dpi is a default, no resolution");
        assert!(close(page(Some(9449)), 240.0), "what is stated and makes a page is believed");
    }

    /// Issue text: a 20,000 px image is read at a smaller scale.
    #[test]
    fn a_huge_png_is_read_at_a_smaller_scale() {
        let side = 20_000;
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side, side);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header().expect("a header");
        let mut rows = writer.stream_writer().expect("a stream");
        for y in 0..side {
            let row = vec![if y < side / 2 { 0 } else { 0xff }; side as usize / 8];
            std::io::Write::write_all(&mut rows, &row).expect("a row");
        }
        rows.finish().expect("an end");
        drop(writer);
        let grey = raster(bytes);
        assert_eq!((grey.width, grey.height), (5000, 5000));
        assert!(close(grey.dpi, 5000.0 / (297.0 / 25.4)));
        assert_eq!((grey.data[0], grey.data[5000 * 2499], grey.data[5000 * 2500], grey.data[24_999_999]), (0, 0, 255, 255));
    }

    fn jpeg(width: u32, height: u32, tone: impl Fn(u32, u32) -> u8, density: Option<u16>) -> Vec<u8> {
        let pixels: Vec<u8> = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| tone(x, y)).collect();
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
        if let Some(density) = density {
            encoder.set_pixel_density(PixelDensity::dpi(density));
        }
        encoder.encode(&pixels, width, height, ExtendedColorType::L8).expect("it encodes");
        bytes
    }

    #[test]
    fn jpeg_states_its_resolution_in_jfif_or_exif() {
        let plain = jpeg(1240, 1754, |_, _| 255, None);
        assert!(close(raster(jpeg(1240, 1754, |_, _| 255, Some(140))).dpi, 140.0));
        assert!(close(raster(plain.clone()).dpi, 150.0));
        assert!(close(raster(with_segments(&plain, &[(0xe1, &exif(1, 160))])).dpi, 160.0));
        let per_cm = b"JFIF\0\x01\x02\x02\x00\x32\x00\x32\0\0";
        assert!(close(raster(with_segments(&plain, &[(0xe0, per_cm)])).dpi, 127.0));
    }

    #[test]
    fn jpeg_is_turned_as_exif_says() {
        // Dark at the left; orientation 6 turns the left edge to the top, 8 to the bottom, 3 to the right.
        let plain = jpeg(640, 320, |x, _| if x < 160 { 0 } else { 255 }, None);
        for (orientation, size, expected) in
            [(1, (640, 320), [0, 0, 160, 320]), (3, (640, 320), [480, 0, 640, 320]), (6, (320, 640), [0, 0, 320, 160]), (8, (320, 640), [0, 480, 320, 640])]
        {
            let grey = raster(with_segments(&plain, &[(0xe1, &exif(orientation, 300))]));
            assert_eq!(((grey.width, grey.height), ink(&grey)), (size, expected), "{orientation}");
        }
    }

    #[test]
    fn a_huge_jpeg_is_read_at_a_smaller_scale() {
        let grey = raster(jpeg(10_400, 400, |x, _| if x < 5200 { 0 } else { 255 }, None));
        // An eighth is too small, a half leaves 5200 px, which are halved again.
        assert_eq!((grey.width, grey.height), (2600, 100));
        assert_eq!(ink(&grey), [0, 0, 1300, 100]);
    }

    #[test]
    fn the_inks_of_adobe_are_stored_inverted() {
        let tone = |inks| raster(cmyk_jpeg(inks)).data[27];
        assert!(tone([255, 255, 255, 255]) > 250, "no ink");
        assert!(tone([255, 255, 255, 0]) < 5, "full black");
        assert!((150..200).contains(&tone([0, 255, 255, 255])), "full cyan is not dark");
    }

    #[test]
    fn a_group_4_tiff_has_black_ink_whatever_its_bits_mean() {
        let read = |directory: Directory| raster(tiff(&[directory]));
        let grey = read(fax_directory(0, &[]));
        assert_eq!((grey.width, grey.height, ink(&grey)), (1240, 1754, BOX));
        assert!(close(grey.dpi, 140.0));
        let negative = read(fax_directory(1, &[]));
        assert_eq!((negative.data[0], negative.data[300 * 1240 + 300]), (0, 255), "black is zero: the fax code's white is ink");
        let mut reversed = fax_directory(0, &[(266, Value::Short(2))]);
        reversed.strip.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
        assert_eq!(ink(&read(reversed)), BOX, "lowest bit first");
    }

    #[test]
    fn tiff_is_turned_and_measured_as_its_tags_say() {
        let read = |extra: &[(u16, Value)]| raster(tiff(&[fax_directory(0, extra)]));
        let turned = read(&[(274, Value::Short(6))]);
        assert_eq!((turned.width, turned.height, ink(&turned)), (1754, 1240, [1354, 256, 1554, 320]));
        let metric = read(&[(282, Value::Rational(100, 2)), (283, Value::Rational(100, 2)), (296, Value::Short(3))]);
        assert!(close(metric.dpi, 127.0));
        let unstated = read(&[(282, Value::Rational(1, 1)), (283, Value::Rational(1, 1)), (296, Value::Short(1))]);
        assert!(close(unstated.dpi, 150.0));
    }

    #[test]
    fn a_group_3_fax_of_low_resolution_becomes_square() {
        let rows = 1078;
        let directory = fax_directory(
            0,
            &[
                (256, Value::Long(1728)),
                (257, Value::Long(rows)),
                (259, Value::Short(3)),
                (278, Value::Long(rows)),
                (282, Value::Rational(204, 1)),
                (283, Value::Rational(98, 1)),
                (292, Value::Long(0)),
            ],
        );
        let grey = raster(tiff(&[Directory { strip: group3_white(rows as usize), ..directory }]));
        assert_eq!((grey.width, grey.height), (1728, 2244));
        assert!(close(grey.dpi, 204.0));
        assert!(grey.data.iter().all(|&tone| tone == 255));
    }

    #[test]
    fn tiff_of_every_packing_and_colour_gives_the_same_page() {
        fn encode<C: colortype::ColorType>(packing: Compression, data: &[C::Inner]) -> Vec<u8>
        where
            [C::Inner]: tiff::encoder::TiffValue,
        {
            let mut bytes = std::io::Cursor::new(Vec::new());
            TiffEncoder::new(&mut bytes).expect("a file").with_compression(packing).write_image::<C>(4, 2, data).expect("a page");
            bytes.into_inner()
        }
        let tones = [0u8, 50, 100, 255, 255, 7, 8, 9];
        let wide: Vec<u16> = tones.iter().map(|&tone| u16::from(tone) << 8 | 0x7f).collect();
        let colour: Vec<u8> = tones.iter().flat_map(|&tone| [tone; 3]).collect();
        let clear: Vec<u8> = tones.iter().flat_map(|&tone| [tone, tone, tone, 255]).collect();
        for packing in [Compression::Uncompressed, Compression::Lzw, Compression::Deflate(DeflateLevel::Fast), Compression::Packbits] {
            assert_eq!(raster(encode::<colortype::Gray8>(packing, &tones)).data, tones);
            assert_eq!(raster(encode::<colortype::RGB8>(packing, &colour)).data, tones);
        }
        assert_eq!(raster(encode::<colortype::Gray16>(Compression::Lzw, &wide)).data, tones);
        assert_eq!(raster(encode::<colortype::RGBA8>(Compression::Lzw, &clear)).data, tones);
        let inks: Vec<u8> = tones.iter().flat_map(|&tone| [0, 0, 0, 255 - tone]).collect();
        assert_eq!(raster(encode::<colortype::CMYK8>(Compression::Lzw, &inks)).data, tones);
    }

    #[test]
    fn bits_of_an_unpacked_tiff_mean_what_it_says() {
        let read = |photometric: u16, order: u16, byte: u8| {
            let tags = [(256, 8), (257, 1), (258, 1), (259, 1), (262, photometric), (266, order), (277, 1), (278, 1)];
            raster(tiff(&[Directory { tags: tags.into_iter().map(|(tag, value)| (tag, Value::Short(value))).collect(), strip: vec![byte] }])).data
        };
        let expected = [0, 0, 255, 255, 255, 255, 255, 255];
        assert_eq!(read(1, 1, 0b0011_1111), expected);
        assert_eq!(read(0, 1, 0b1100_0000), expected);
        assert_eq!(read(1, 2, 0b1111_1100), expected);
        assert_eq!(read(0, 2, 0b0000_0011), expected);
    }

    #[test]
    fn a_tiff_of_many_pages_leaves_its_thumbnails_out() {
        let pages = [fax_directory(0, &[]), fax_directory(0, &[(254, Value::Long(1))]), fax_directory(1, &[(254, Value::Long(2))])];
        let mut source = open(tiff(&pages), &Limits::default()).expect("it opens");
        assert_eq!((source.media(), source.page_count()), (Media::Tiff, 2));
        let tones: Vec<u8> = (1..=2).map(|number| source.page(number).expect("a page").raster.expect("a picture").data[0]).collect();
        assert_eq!(tones, [255, 0]);
        assert_eq!(source.page(1).expect("again").raster.expect("a picture").data[0], 255, "pages come in any order");
    }

    #[test]
    fn a_large_fax_is_averaged_down_row_by_row() {
        let limits = Limits { long_side_px_max: 900, ..Limits::default() };
        for (bytes, stated) in [(tiff(&[fax_directory(0, &[])]), 140.0), (fax_scan("/ColorSpace /DeviceGray", "", ""), 150.0)] {
            let grey = open(bytes, &limits).expect("it opens").page(1).expect("it is read").raster.expect("a picture");
            assert_eq!((grey.width, grey.height, ink(&grey)), (620, 877, BOX.map(|edge| edge / 2)));
            assert!(close(grey.dpi, stated / 2.0));
        }
    }
}

mod refusals {
    use super::*;

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
        let kids: String = (0..300).map(|page| format!("{} 0 R ", page + 3)).collect();
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
            for share in [0.3, 0.6, 0.9] {
                // A PDF that has lost only its table of places has lost nothing that is seen.
                let end = bytes.windows(5).position(|window| window == b"xref\n").unwrap_or(bytes.len());
                let cut = &bytes[..(end as f64 * share) as usize];
                let (code, message) = code(cut);
                assert_eq!(code, RefusalCode::Damaged, "{name} at {share}: {message}");
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
}

mod hostile {
    use super::*;

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
}
