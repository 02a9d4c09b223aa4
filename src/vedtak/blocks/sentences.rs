//! Where the sentences of a paragraph end.

use std::ops::Range;
use std::sync::LazyLock;

use super::super::wording::{self, Pattern, compile};
use super::POINT;

static ABBREVIATION: Pattern = LazyLock::new(|| {
    compile(
        r"(?:\b(?:nr|jf|jfr|ca|kap|pkt|eks|bl\.a|bla|dvs|mill|kl|ev|evt|tlf|st|pr|maks|inkl|ekskl|vedr|jamf|hhv|tilsv|ref|org|saksnr|utvalgssaksnr|m|s|f|d)|\d)\.$",
    )
});
static CAPITAL: Pattern = LazyLock::new(|| wording::exactly(r"[.!?] +[A-ZÆØÅ]"));
/// The sentences of a paragraph. A full stop ends one when a capital, a digit or a quotation mark follows and no abbreviation or ordinal stands
/// before it.
pub(super) fn sentences_of(text: &str, paragraph: &Range<usize>) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut start = paragraph.start;
    let slice = &text[paragraph.clone()];
    // Somebody who begins a paragraph with a small letter begins each sentence with one.
    let no_capitals = slice.starts_with(char::is_lowercase) && !CAPITAL.is_match(slice);
    for (at, mark) in slice.char_indices().filter(|(_, c)| matches!(c, '.' | '!' | '?' | ';' | ':')) {
        let mut end = paragraph.start + at + mark.len_utf8();
        let stop = end;
        // A closing quotation mark belongs to the sentence.
        if let Some(quote) = text[end..paragraph.end].chars().next().filter(|c| matches!(c, '"' | '»' | '”')) {
            end += quote.len_utf8();
        }
        let rest = &text[end..paragraph.end];
        let follows = rest.trim_start().chars().next();
        let glued = mark == '.' && is_glued(&text[start..stop], rest);
        let spaced = rest.starts_with(char::is_whitespace) || glued;
        let begins = follows.is_some_and(|c| {
            c.is_uppercase() || no_capitals && c.is_lowercase() || c.is_ascii_digit() && mark != ':' || matches!(c, '«' | '"' | '-' | '–' | '•')
        });
        let whole_stop =
            mark != '.' || !ABBREVIATION.is_match(&text[start..stop]) || ends_with_year(&text[start..stop]) || ends_with_number(&text[start..stop], rest);
        // The number of a point ends no sentence.
        let point = end - start <= 4 && POINT.is_match(&format!("{} ", &text[start..end]));
        if spaced && begins && whole_stop && !point {
            sentences.push(start..end);
            start = end + (rest.len() - rest.trim_start().len());
        }
    }
    if start < paragraph.end {
        sentences.push(start..paragraph.end);
    }
    sentences
}

/// A space was lost: a small letter or a year, a full stop, and a word with a capital.
fn is_glued(before: &str, rest: &str) -> bool {
    let mut next = rest.chars();
    let ends = before.chars().rev().nth(1).is_some_and(char::is_lowercase) || ends_with_year(before);
    ends && next.next().is_some_and(char::is_uppercase) && next.next().is_some_and(char::is_lowercase)
}

/// A number ends a sentence when a word with a capital follows; before a day's month there is none.
fn ends_with_number(text: &str, rest: &str) -> bool {
    static MONTH: Pattern = LazyLock::new(|| compile(r"^ ?(?:januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember)"));
    let number = text.trim_end_matches('.').ends_with(|c: char| c.is_ascii_digit());
    number && rest.trim_start().starts_with(char::is_uppercase) && !MONTH.is_match(rest)
}

/// A year before a full stop ends a sentence; a day of the month does not.
fn ends_with_year(text: &str) -> bool {
    let digits = text.trim_end_matches('.').chars().rev().take_while(char::is_ascii_digit).count();
    digits == 4
}
