//! Small files for the page tests, made byte by byte: PDFs, fax pictures, TIFFs, JPEGs. Nothing here is taken from a real document.

use std::fmt::Write as _;

/// The fax picture: an A4 page at 150 dpi with one black box.
pub const WIDTH: u32 = 1240;
pub const HEIGHT: u32 = 1754;
/// Left, top, right, bottom of the box.
pub const BOX: [usize; 4] = [256, 200, 320, 400];

/// The fax picture in Group 4 (ITU-T T.6), with its end mark.
pub fn group4() -> Vec<u8> {
    let mut bits = String::new();
    let [_, top, _, bottom] = BOX;
    bits.push_str(&"1".repeat(top));
    // Horizontal mode: 256 white (make-up, then 0), 64 black (make-up, then 0); then the end of the line, as above.
    bits.push_str("001 0110111 00110101 0000001111 0000110111 1");
    bits.push_str(&"111".repeat(bottom - top - 1));
    // Pass mode over the box, then the end of the line.
    bits.push_str("0001 1");
    bits.push_str(&"1".repeat(HEIGHT as usize - bottom - 1));
    bits.push_str("000000000001 000000000001");
    packed(&bits)
}

/// `rows` white rows in Group 3, one-dimensional, each with its end of line; 1728 px across.
pub fn group3_white(rows: usize) -> Vec<u8> {
    let mut bits = String::from("000000000001");
    for _ in 0..rows {
        // 1728 white (make-up, then 0).
        bits.push_str("010011011 00110101 000000000001");
    }
    bits.push_str(&"000000000001".repeat(5));
    packed(&bits)
}

fn packed(bits: &str) -> Vec<u8> {
    let bits: Vec<u8> = bits.bytes().filter(|&bit| bit != b' ').map(|bit| bit - b'0').collect();
    bits.chunks(8).map(|byte| byte.iter().enumerate().fold(0, |all, (at, bit)| all | bit << (7 - at))).collect()
}

/// An object of a PDF: its dictionary and, if it is a stream, its bytes.
pub type Object = (String, Option<Vec<u8>>);

pub fn dictionary(text: &str) -> Object {
    (text.to_owned(), None)
}

/// A stream; its length is filled in.
pub fn stream(text: &str, bytes: impl Into<Vec<u8>>) -> Object {
    (text.to_owned(), Some(bytes.into()))
}

/// A PDF with these objects, numbered from 1; object 1 must be the catalogue.
pub fn pdf(objects: &[Object]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    for (number, (text, content)) in objects.iter().enumerate() {
        offsets.push(bytes.len());
        match content {
            None => bytes.extend(format!("{} 0 obj\n<< {text} >>\nendobj\n", number + 1).bytes()),
            Some(content) => {
                bytes.extend(format!("{} 0 obj\n<< {text} /Length {} >>\nstream\n", number + 1, content.len()).bytes());
                bytes.extend(content);
                bytes.extend(b"\nendstream\nendobj\n");
            }
        }
    }
    let start = bytes.len();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        writeln!(table, "{offset:010} 00000 n ").expect("a string takes it");
    }
    write!(
        table,
        "trailer\n<< /Size {} /Root 1 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    )
    .expect("a string takes it");
    bytes.extend(table.bytes());
    bytes
}

/// A PDF of one A4 page (595 x 842 pt) with this content, `more` entries in its dictionary, the Helvetica `/F`, and `extra` objects from 6 on.
pub fn one_page(content: &str, resources: &str, more: &str, extra: &[Object]) -> Vec<u8> {
    let paper = if more.contains("/MediaBox") { "" } else { "/MediaBox [0 0 595 842]" };
    let mut objects = vec![
        dictionary("/Type /Catalog /Pages 2 0 R"),
        dictionary("/Type /Pages /Kids [3 0 R] /Count 1"),
        dictionary(&format!("/Type /Page /Parent 2 0 R {paper} /Contents 4 0 R /Resources << /Font << /F 5 0 R >> {resources} >> {more}")),
        stream("", content),
        dictionary("/Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding"),
    ];
    objects.extend_from_slice(extra);
    pdf(&objects)
}

/// A scan: the fax picture over the whole page. `picture` goes into the picture's dictionary, `parameters` into its decoding parameters.
pub fn fax_scan(picture: &str, parameters: &str, more: &str) -> Vec<u8> {
    fax_page("q 595 0 0 842 0 0 cm /Im Do Q", picture, parameters, more)
}

/// The same with another content.
pub fn fax_page(content: &str, picture: &str, parameters: &str, more: &str) -> Vec<u8> {
    let dictionary = format!(
        "/Type /XObject /Subtype /Image /Width {WIDTH} /Height {HEIGHT} /BitsPerComponent 1 {picture} /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns {WIDTH} {parameters} >>"
    );
    one_page(content, "/XObject << /Im 6 0 R >>", more, &[stream(&dictionary, group4())])
}

/// A value of a TIFF directory.
#[derive(Clone)]
pub enum Value {
    Short(u16),
    Long(u32),
    Rational(u32, u32),
}

/// One page of a TIFF: its tags (in order; the strip is added) and its one strip.
pub struct Directory {
    pub tags: Vec<(u16, Value)>,
    pub strip: Vec<u8>,
}

/// A little-endian TIFF.
pub fn tiff(pages: &[Directory]) -> Vec<u8> {
    let mut bytes = b"II*\0\0\0\0\0".to_vec();
    let mut link = 4;
    for page in pages {
        let strip = u32::try_from(bytes.len()).expect("a small file");
        bytes.extend(&page.strip);
        let mut tags = page.tags.clone();
        tags.push((273, Value::Long(strip)));
        tags.push((279, Value::Long(u32::try_from(page.strip.len()).expect("a small file"))));
        tags.sort_by_key(|(tag, _)| *tag);
        let mut entries = Vec::new();
        for (tag, value) in &tags {
            entries.extend(tag.to_le_bytes());
            match value {
                Value::Short(value) => entries.extend([3, 0, 1, 0, 0, 0].into_iter().chain(value.to_le_bytes()).chain([0, 0])),
                Value::Long(value) => entries.extend([4, 0, 1, 0, 0, 0].into_iter().chain(value.to_le_bytes())),
                Value::Rational(over, under) => {
                    let at = u32::try_from(bytes.len()).expect("a small file");
                    bytes.extend(over.to_le_bytes().into_iter().chain(under.to_le_bytes()));
                    entries.extend([5, 0, 1, 0, 0, 0].into_iter().chain(at.to_le_bytes()));
                }
            }
        }
        let here = u32::try_from(bytes.len()).expect("a small file");
        bytes[link..link + 4].copy_from_slice(&here.to_le_bytes());
        bytes.extend(u16::try_from(tags.len()).expect("few tags").to_le_bytes());
        bytes.extend(entries);
        link = bytes.len();
        bytes.extend([0; 4]);
    }
    bytes
}

/// The fax picture as a TIFF page that states 140 dpi (150 would follow from A4); `extra` tags override.
pub fn fax_directory(photometric: u16, extra: &[(u16, Value)]) -> Directory {
    let mut tags = vec![
        (256, Value::Long(WIDTH)),
        (257, Value::Long(HEIGHT)),
        (258, Value::Short(1)),
        (259, Value::Short(4)),
        (262, Value::Short(photometric)),
        (277, Value::Short(1)),
        (278, Value::Long(HEIGHT)),
        (282, Value::Rational(140, 1)),
        (283, Value::Rational(140, 1)),
        (296, Value::Short(2)),
    ];
    for (tag, value) in extra {
        tags.retain(|(known, _)| known != tag);
        tags.push((*tag, value.clone()));
    }
    Directory { tags, strip: group4() }
}

/// A baseline JPEG of 8 x 8 px in the four inks of Adobe, every sample of an ink the same. 255 is no ink, as Adobe stores it.
pub fn cmyk_jpeg(inks: [u8; 4]) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    let segment = |bytes: &mut Vec<u8>, marker: u8, body: &[u8]| {
        bytes.extend([0xff, marker]);
        bytes.extend(u16::try_from(body.len() + 2).expect("short").to_be_bytes());
        bytes.extend(body);
    };
    segment(&mut bytes, 0xee, b"Adobe\0\x64\0\0\0\0\0");
    segment(&mut bytes, 0xdb, &[&[0u8][..], &[1; 64]].concat());
    segment(&mut bytes, 0xc0, &[8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0]);
    // DC: `0` for ten bits, `10` for eleven. AC: `0` for the end of the block.
    segment(&mut bytes, 0xc4, &[&[0u8][..], &[1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[10, 11]].concat());
    segment(&mut bytes, 0xc4, &[&[0x10u8][..], &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &[0]].concat());
    segment(&mut bytes, 0xda, &[4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0]);
    let mut bits = String::new();
    for ink in inks {
        let level = (i32::from(ink) - 128) * 8;
        if level >= 0 {
            write!(bits, "0{level:010b}0").expect("a string takes it");
        } else {
            write!(bits, "10{:011b}0", level + 2047).expect("a string takes it");
        }
    }
    while !bits.len().is_multiple_of(8) {
        bits.push('1');
    }
    for byte in packed(&bits) {
        bytes.push(byte);
        if byte == 0xff {
            bytes.push(0);
        }
    }
    bytes.extend([0xff, 0xd9]);
    bytes
}

/// Puts segments after the start mark of a JPEG, in the place of its own JFIF segment.
pub fn with_segments(jpeg: &[u8], segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    for (marker, body) in segments {
        bytes.extend([0xff, *marker]);
        bytes.extend(u16::try_from(body.len() + 2).expect("short").to_be_bytes());
        bytes.extend(*body);
    }
    let rest = if jpeg[2..4] == [0xff, 0xe0] { 4 + usize::from(u16::from_be_bytes([jpeg[4], jpeg[5]])) } else { 2 };
    bytes.extend(&jpeg[rest..]);
    bytes
}

/// An Exif segment with an orientation and a resolution in dots per inch.
pub fn exif(orientation: u16, dpi: u32) -> Vec<u8> {
    let mut bytes = b"Exif\0\0MM\0*\0\0\0\x08\0\x03".to_vec();
    let entry = |bytes: &mut Vec<u8>, tag: u16, kind: u16, value: [u8; 4]| {
        bytes.extend(tag.to_be_bytes().into_iter().chain(kind.to_be_bytes()).chain([0, 0, 0, 1]).chain(value));
    };
    let [high, low] = orientation.to_be_bytes();
    let rational = 8 + 2 + 3 * 12 + 4;
    entry(&mut bytes, 0x0112, 3, [high, low, 0, 0]);
    entry(&mut bytes, 0x011a, 5, [0, 0, 0, rational]);
    entry(&mut bytes, 0x011b, 5, [0, 0, 0, rational]);
    bytes.extend([0; 4]);
    bytes.extend(dpi.to_be_bytes().into_iter().chain([0, 0, 0, 1]));
    bytes
}
