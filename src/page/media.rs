//! Tells what a file is by its first bytes, never by its name. Kinds that are not read are named where they are known, so that the
//! refusal can say what to do.

use super::refuse;
use crate::document::{Media, Refusal};

/// How far into the file `%PDF` may stand: what Acrobat accepts, and what mail gateways make necessary.
const PDF_WINDOW: usize = 1024;

const SAVE_AS_PDF: &str = "open it, save or print it as PDF, and drop the PDF";
const SCAN: &str = "save it as JPEG or PNG, or scan the paper";
const UNPACK: &str = "unpack it and drop the files one by one";

/// The kind of `bytes`.
pub(super) fn recognise(bytes: &[u8]) -> Result<Media, Refusal> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Ok(Media::Png);
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        return Ok(Media::Jpeg);
    }
    if [&b"II*\0"[..], b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| bytes.starts_with(magic)) {
        return Ok(Media::Tiff);
    }
    if let Some((what, advice)) = known_stranger(bytes) {
        return Err(refuse::unknown_type(what, advice));
    }
    if pdf_start(bytes).is_some() || is_pdf_without_header(bytes) {
        return Ok(Media::Pdf);
    }
    if super::text::is_text(bytes) {
        return Ok(Media::Text);
    }
    Err(refuse::unknown_type("of no known kind", "find out what it is; print it to PDF, or scan the paper"))
}

/// Where `%PDF` stands, within the first 1024 bytes.
pub(super) fn pdf_start(bytes: &[u8]) -> Option<usize> {
    bytes[..bytes.len().min(PDF_WINDOW + 4)].windows(4).position(|window| window == b"%PDF")
}

/// A PDF whose first line is lost still has objects, and no letter talks like that.
fn is_pdf_without_header(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(PDF_WINDOW)];
    let holds = |needle: &[u8]| head.windows(needle.len()).any(|window| window == needle);
    holds(b" 0 obj") && (holds(b"endobj") || holds(b"<<"))
}

fn known_stranger(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    const FIRST: [(&[u8], &str, &str); 21] = [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (.doc, .xls, .ppt) or an Outlook message", SAVE_AS_PDF),
        (b"{\\rtf", "an RTF document", SAVE_AS_PDF),
        (b"%!PS", "PostScript", SAVE_AS_PDF),
        (b"\x1f\x8b", "a gzip archive", UNPACK),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
        (b"Rar!\x1a\x07", "a RAR archive", UNPACK),
        (b"BZh", "a bzip2 archive", UNPACK),
        (b"\xfd7zXZ\0", "an xz archive", UNPACK),
        (b"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK),
        (b"GIF8", "a GIF picture", SCAN),
        (b"BM", "a BMP picture", SCAN),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture", SCAN),
        (b"\xff\x4f\xff\x51", "a JPEG 2000 picture", SCAN),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture", SCAN),
        (b"\xff\x0a", "a JPEG XL picture", SCAN),
        (b"\x97JB2\r\n\x1a\n", "a JBIG2 picture", SCAN),
        (b"AT&TFORM", "a DjVu document", SAVE_AS_PDF),
        (b"8BPS", "a Photoshop picture", SCAN),
        (b"\x7fELF", "a program", "do not open it; tell the people who look after the mail"),
        (b"MZ", "a program", "do not open it; tell the people who look after the mail"),
        (b"SQLite format 3\0", "a database", "ask the sender what it is"),
    ];
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Some(kind_of_zip(bytes));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some(("a WebP picture", SCAN));
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some(kind_of_box_file(bytes.get(8..12).unwrap_or_default()));
    }
    let markup = markup(bytes);
    // Two letters of magic are too few to name a text by: "BM" and "MZ" begin words, so only bytes that are no text are called so.
    FIRST
        .into_iter()
        .find(|(magic, ..)| bytes.starts_with(magic) && (magic.len() > 3 || !super::text::is_text(bytes)))
        .map(|(_, what, advice)| (what, advice))
        .or(markup)
}

fn kind_of_zip(bytes: &[u8]) -> (&'static str, &'static str) {
    let head = &bytes[..bytes.len().min(8192)];
    let holds = |needle: &[u8]| head.windows(needle.len()).any(|window| window == needle);
    if holds(b"mimetypeapplication/vnd.oasis.opendocument") {
        ("an OpenDocument file (.odt, .ods)", SAVE_AS_PDF)
    } else if holds(b"word/") {
        ("a Word document (.docx)", SAVE_AS_PDF)
    } else if holds(b"xl/") {
        ("an Excel workbook (.xlsx)", SAVE_AS_PDF)
    } else if holds(b"ppt/") {
        ("a PowerPoint presentation (.pptx)", SAVE_AS_PDF)
    } else if holds(b"[Content_Types].xml") {
        ("an Office document", SAVE_AS_PDF)
    } else {
        ("a ZIP archive", UNPACK)
    }
}

fn kind_of_box_file(brand: &[u8]) -> (&'static str, &'static str) {
    match brand {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => ("a HEIC picture, as iPhones take them", SCAN),
        b"avif" | b"avis" => ("an AVIF picture", SCAN),
        _ => ("a film or a sound recording", "ask the sender for a letter"),
    }
}

/// Markup passes for text, but what a person wrote is not what the bytes say.
fn markup(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head: Vec<u8> = bytes.iter().skip_while(|byte| byte.is_ascii_whitespace()).take(64).map(u8::to_ascii_lowercase).collect();
    if head.starts_with(b"<!doctype html") || head.starts_with(b"<html") || head.starts_with(b"<head") {
        Some(("an HTML page", SAVE_AS_PDF))
    } else if head.starts_with(b"<?xml") || head.starts_with(b"<svg") {
        Some(("an XML file", SAVE_AS_PDF))
    } else {
        None
    }
}
