//! The words around a number, so far unlike the names and numbers of one text that they can be met again in another.

use std::ops::Range;

use super::super::numbers;

/// The words and marks of a part of a line: small letters, each number as `0`, each year as `year`, each name as `Name`.
pub fn of(line: &str, part: &Range<usize>) -> Vec<String> {
    let written = &line[part.clone()];
    let mut tokens = Vec::new();
    let mut rest = written;
    while let Some(first) = rest.chars().next() {
        let end = if first.is_alphanumeric() { rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (word, after) = rest.split_at(end);
        let begins = part.start + (written.len() - rest.len()) == 0;
        rest = after;
        if !first.is_whitespace() {
            tokens.push(shape(word, begins));
        }
    }
    tokens
}

fn shape(word: &str, begins: bool) -> String {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    if digits && word.len() == 4 && word.starts_with("20") {
        "year".to_owned()
    } else if digits || numbers::value(word).is_some() {
        "0".to_owned()
    } else if !begins && !word.eq_ignore_ascii_case("IMDi") && word.starts_with(char::is_uppercase) && word.chars().any(char::is_lowercase) {
        "Name".to_owned()
    } else {
        word.to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_lose_what_is_their_own() {
        let line = "Kommunestyret i Vang vedtok 12. mai 2026 å ta imot tretten, IMDi ba om 20";
        let expected = ["kommunestyret", "i", "Name", "vedtok", "0", ".", "mai", "year", "å", "ta", "imot", "0", ",", "imdi", "ba", "om", "0"];
        assert_eq!(of(line, &(0..line.len())), expected);
        assert_eq!(of("", &(0..0)), Vec::<String>::new());
    }
}
