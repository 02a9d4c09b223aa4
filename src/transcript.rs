//! The normalised text of a letter, with the way back from each byte to the word on the page.
//!
//! A letter's text comes from a text file, from the text layer of a PDF or from text recognition. Here it becomes one string that the rules
//! of [`crate::vedtak`] read and that every `span` in the output refers to: lines joined where a word was broken at a line's end, one `\n` a line, an
//! empty line between paragraphs, Latin letters composed (NFC), plain spaces. No word is changed otherwise, and nothing is understood here.

use std::fmt;
use std::ops::Range;

use crate::page::{TextLayer, TextLine, TextWord};
use crate::record::Confidence;
use crate::registry::letters;

/// A letter as text.
#[derive(Clone)]
pub struct Transcript {
    /// The normalised text.
    pub text: String,
    /// Its words in reading order. A word that was broken at a line's end is two, with spans that touch.
    pub words: Vec<PlacedWord>,
    /// Where the text comes from.
    pub source: Source,
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transcript({} words from {:?})", self.words.len(), self.source)
    }
}

/// Where the text of a letter comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A plain text file.
    File,
    /// The text layer of a born-digital PDF.
    Layer,
    /// Text recognition.
    Ocr,
}

/// One word and where it stands.
#[derive(Clone)]
pub struct PlacedWord {
    /// The byte range in the normalised text.
    pub span: Range<usize>,
    /// The page, from 1.
    pub page: u32,
    /// Left, top, right, bottom in pixels of the page's raster; zeros when there is none.
    pub rect_px: [i32; 4],
    /// How sure the reading is.
    pub confidence: Confidence,
}

impl Transcript {
    /// The text of `pages`, each with its number, in the order given.
    #[must_use]
    pub fn from_pages(pages: &[(u32, &TextLayer)], source: Source) -> Self {
        let mut writer = Writer::default();
        for (page, layer) in pages {
            for (number, line) in layer.lines.iter().enumerate() {
                writer.line(*page, line, number == 0);
            }
        }
        Self { text: writer.text, words: writer.words, source }
    }

    /// The words that a byte range touches.
    #[must_use]
    pub fn word_spans(&self, range: &Range<usize>) -> &[PlacedWord] {
        let from = self.words.partition_point(|word| word.span.end <= range.start);
        let to = self.words.partition_point(|word| word.span.start < range.end);
        self.words.get(from..to).unwrap_or_default()
    }

    /// The least sure word in a byte range; certain when there is none.
    #[must_use]
    pub fn confidence(&self, range: &Range<usize>) -> Confidence {
        self.word_spans(range).iter().map(|word| word.confidence).fold(Confidence::CERTAIN, |least, next| if next < least { next } else { least })
    }

    /// The page on which a byte range begins.
    #[must_use]
    pub fn page_of(&self, range: &Range<usize>) -> Option<u32> {
        self.word_spans(range).first().map(|word| word.page)
    }
}

#[derive(Default)]
struct Writer {
    text: String,
    words: Vec<PlacedWord>,
}

impl Writer {
    fn line(&mut self, page: u32, line: &TextLine, first_on_page: bool) {
        let mut words = line.words.iter().map(|word| (tidy(&word.text), word)).filter(|(text, _)| !text.is_empty());
        let Some((first, placed)) = words.next() else { return };
        self.start_line(&first, line.starts_paragraph, first_on_page);
        self.word(page, &first, placed);
        for (text, placed) in words {
            self.text.push(' ');
            self.word(page, &text, placed);
        }
    }

    /// Ends the line before, unless its last word goes on with `next`.
    fn start_line(&mut self, next: &str, starts_paragraph: bool, first_on_page: bool) {
        if self.text.is_empty() {
            return;
        }
        match self.broken_word(next) {
            // Only a new page may stand between the two halves of a word, not a new paragraph.
            Some(keeps_hyphen) if !starts_paragraph || first_on_page => {
                if !keeps_hyphen {
                    self.text.pop();
                    if let Some(last) = self.words.last_mut() {
                        last.span.end = self.text.len();
                    }
                }
            }
            _ => self.text.push_str(if starts_paragraph { "\n\n" } else { "\n" }),
        }
    }

    /// Whether the last word goes on with `next`, and if so whether its hyphen belongs to it (Midt-Telemark).
    fn broken_word(&self, next: &str) -> Option<bool> {
        let before = self.text.strip_suffix('-')?;
        let starts = next.chars().next()?;
        let last = before.chars().next_back().filter(|c| c.is_alphabetic())?;
        // "barne- og ungdomsskole" is no broken word.
        let suspended = ["og", "eller", "samt", "til"].contains(&next);
        (starts.is_alphabetic() && !suspended).then_some(starts.is_uppercase() && last.is_lowercase())
    }

    fn word(&mut self, page: u32, text: &str, placed: &TextWord) {
        let start = self.text.len();
        self.text.push_str(text);
        self.words.push(PlacedWord { span: start..self.text.len(), page, rect_px: placed.rect_px, confidence: placed.confidence });
    }
}

/// A word's text without what is invisible: ligatures taken apart, kinds of spaces, hyphens and dashes levelled, control characters dropped.
fn tidy(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ﬀ' => plain.push_str("ff"),
            'ﬁ' => plain.push_str("fi"),
            'ﬂ' => plain.push_str("fl"),
            'ﬃ' => plain.push_str("ffi"),
            'ﬄ' => plain.push_str("ffl"),
            '\u{2010}' | '\u{2011}' => plain.push('-'),
            // A reader of print sees a long dash in "15–18 år".
            '\u{2012}' | '\u{2014}' | '\u{2015}' | '\u{2212}' => plain.push('–'),
            '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {}
            _ if c.is_whitespace() => plain.push(' '),
            _ if c.is_control() => {}
            _ => plain.push(c),
        }
    }
    // A soft hyphen at the end of a word is where it was broken.
    if text.trim_end().ends_with('\u{00ad}') {
        plain.push('-');
    }
    letters::compose(&letters::squeeze(&plain))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A text as a page would hand it over: a line a line, an empty line before a paragraph.
    pub(crate) fn layer(text: &str) -> TextLayer {
        let mut after_blank = true;
        let mut lines = Vec::new();
        for line in text.lines() {
            let words: Vec<TextWord> =
                line.split_whitespace().map(|word| TextWord { text: word.into(), rect_px: [0; 4], confidence: Confidence::CERTAIN }).collect();
            if words.is_empty() {
                after_blank = true;
            } else {
                lines.push(TextLine { words, starts_paragraph: std::mem::take(&mut after_blank) });
            }
        }
        TextLayer { lines }
    }

    pub(crate) fn transcript(text: &str) -> Transcript {
        Transcript::from_pages(&[(1, &layer(text))], Source::File)
    }

    #[test]
    fn lines_and_paragraphs_are_kept() {
        assert_eq!(transcript("a  b\nc\n\n\nd\n").text, "a b\nc\n\nd");
    }

    #[test]
    fn words_broken_at_a_line_end_are_joined() {
        assert_eq!(transcript("31 flykt-\nninger i 2026").text, "31 flyktninger i 2026");
        assert_eq!(transcript("31 flykt\u{00ad}\nninger").text, "31 flyktninger");
        assert_eq!(transcript("Midt-\nTelemark kommune").text, "Midt-Telemark kommune");
        assert_eq!(transcript("barne-\nog ungdomsskole").text, "barne-\nog ungdomsskole");
        assert_eq!(transcript("2026-\n2028").text, "2026-\n2028");
        assert_eq!(transcript("slutt-\n\nny").text, "slutt-\n\nny");
    }

    #[test]
    fn letters_are_composed_spaces_plain_and_dashes_one() {
        let words = ["Ba\u{030a}tsfjord", "5\u{00a0}350", "ﬂyktninger", "\u{200b}", "15\u{2014}18", "\u{2212}"].map(|text| TextWord {
            text: text.into(),
            rect_px: [0; 4],
            confidence: Confidence::CERTAIN,
        });
        let page = TextLayer { lines: vec![TextLine { words: words.to_vec(), starts_paragraph: true }] };
        assert_eq!(Transcript::from_pages(&[(1, &page)], Source::Layer).text, "Båtsfjord 5 350 flyktninger 15–18 –");
    }

    #[test]
    fn a_span_leads_back_to_its_words() {
        let first = layer("en to flykt-");
        let second = layer("ninger tre");
        let transcript = Transcript::from_pages(&[(1, &first), (2, &second)], Source::Ocr);
        assert_eq!(transcript.text, "en to flyktninger tre");
        let word = transcript.text.find("flyktninger").expect("it was joined");
        let pages: Vec<u32> = transcript.word_spans(&(word..word + 11)).iter().map(|word| word.page).collect();
        assert_eq!(pages, [1, 2]);
        assert_eq!(transcript.word_spans(&(3..5)).len(), 1);
        assert_eq!(transcript.page_of(&(18..21)), Some(2));
    }

    proptest! {
        #[test]
        fn words_are_in_order_and_never_overlap(text in "([a-zæøå\\-]{1,6}|[ \n]|\u{00ad}){0,40}") {
            let transcript = transcript(&text);
            let mut end = 0;
            for word in &transcript.words {
                prop_assert!(word.span.start >= end && word.span.end >= word.span.start);
                prop_assert!(transcript.text.get(word.span.clone()).is_some());
                end = word.span.end;
            }
        }
    }
}
