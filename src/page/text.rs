//! Plain text: UTF-8, UTF-16 with its mark, or Windows-1252, as lines and words without places. A form feed starts a new page.

use super::{TextLayer, TextLine, TextWord, refuse};
use crate::document::Refusal;
use crate::record::Confidence;

/// What the bytes 0x80 to 0x9F are in Windows-1252 (WHATWG Encoding Standard, index windows-1252); NUL where there is nothing.
const WINDOWS_1252: [char; 32] = [
    '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0',
    'ž', 'Ÿ',
];

/// Whether the bytes are text a person can read. Control characters other than tab, line end and form feed make them something else.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    decode(bytes).is_some()
}

/// The pages of a text file.
pub(super) fn pages(bytes: &[u8]) -> Result<Vec<TextLayer>, Refusal> {
    let text = decode(bytes).ok_or_else(|| refuse::damaged("the text has characters that no letter has"))?;
    let mut pages: Vec<TextLayer> = text.split('\u{c}').map(page).collect();
    // A form feed at the very end closes the last page; it opens none.
    while pages.last().is_some_and(|page| page.lines.is_empty()) {
        pages.pop();
    }
    if pages.is_empty() { Err(refuse::blank_text()) } else { Ok(pages) }
}

/// The lines and words of a text.
#[must_use]
pub fn page(text: &str) -> TextLayer {
    let mut lines = Vec::new();
    let mut after_blank = true;
    for line in text.lines() {
        let words: Vec<TextWord> =
            line.split_whitespace().map(|word| TextWord { text: word.to_owned(), rect_px: [0; 4], confidence: Confidence::CERTAIN }).collect();
        if words.is_empty() {
            after_blank = true;
        } else {
            lines.push(TextLine { words, starts_paragraph: std::mem::take(&mut after_blank) });
        }
    }
    TextLayer { lines }
}

/// The characters of bytes that are text: UTF-8, UTF-16 with its mark, or plausible Windows-1252.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<String> {
    let text = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok()?.to_owned(),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => windows_1252(bytes)?,
        },
    };
    text.chars().all(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{c}')).then_some(text)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>().ok()
}

/// Plausible Windows-1252 only: Norwegian has some three letters in a hundred outside ASCII, and binary data has most bytes there.
fn windows_1252(bytes: &[u8]) -> Option<String> {
    let outside_ascii = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    if outside_ascii * 3 > bytes.len() {
        return None;
    }
    bytes
        .iter()
        .map(|&byte| match byte {
            0x80..=0x9f => Some(WINDOWS_1252[usize::from(byte - 0x80)]).filter(|&c| c != '\0'),
            _ => Some(char::from(byte)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(layer: &TextLayer) -> Vec<Vec<&str>> {
        layer.lines.iter().map(|line| line.words.iter().map(|word| word.text.as_str()).collect()).collect()
    }

    #[test]
    fn windows_1252_and_utf_8_say_the_same() {
        let latin = pages(b"Bod\xf8 kommune \x96 vedtak").expect("plausible Windows-1252");
        let utf8 = pages("Bodø kommune – vedtak".as_bytes()).expect("UTF-8");
        assert_eq!(words(&latin[0]), words(&utf8[0]));
        assert_eq!(words(&latin[0]), [["Bodø", "kommune", "–", "vedtak"]]);
    }

    #[test]
    fn utf_16_needs_its_mark_and_whole_units() {
        let mut bytes = vec![0xff, 0xfe];
        bytes.extend("Ærlig".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(words(&pages(&bytes).expect("UTF-16")[0]), [["Ærlig"]]);
        bytes.push(0x41);
        assert!(!is_text(&bytes));
        assert!(!is_text(&bytes[2..]), "without the mark it is full of NUL bytes");
    }

    #[test]
    fn a_blank_line_starts_a_paragraph_and_a_form_feed_a_page() {
        let pages = pages(b"a b\nc\n\n  \nd\r\n\x0ce\n\x0c").expect("text");
        assert_eq!(pages.len(), 2);
        assert_eq!(pages[0].lines.iter().map(|line| line.starts_paragraph).collect::<Vec<_>>(), [true, false, true]);
        assert_eq!(words(&pages[1]), [["e"]]);
    }

    #[test]
    fn control_bytes_and_undefined_ones_are_no_text() {
        for bytes in [&b"a\0b"[..], b"a\x7fb", b"abcdef\x81", b"\xe6\xf8\xe5"] {
            assert!(!is_text(bytes), "{bytes:?}");
        }
    }
}
