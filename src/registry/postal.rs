//! Postal codes and their places.
//!
//! The list is of 2021 and codes come and go each year, so a code that is not in it is doubtful, never wrong.

use std::collections::HashMap;
use std::sync::LazyLock;

static PLACES: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| super::rows(include_str!("data/postnummer.csv")).map(|row| (row[0], row[1])).collect());

/// The place of a code of four digits, in capitals as the list has it; none when the list does not have the code.
#[must_use]
pub fn place(code: &str) -> Option<&'static str> {
    PLACES.get(code).copied()
}

/// Every code with its place, `8508 NARVIK`, in order.
#[must_use]
pub fn lines() -> &'static [String] {
    static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let mut lines: Vec<String> = PLACES.iter().map(|(code, place)| format!("{code} {place}")).collect();
        lines.sort_unstable();
        lines
    });
    &LINES
}

/// Whether a line is a code with its place.
#[must_use]
pub fn is_line(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(code, town)| place(code) == Some(town))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_keeps_leading_zeros() {
        assert_eq!(PLACES.len(), 5132);
        assert_eq!(place("0031"), Some("OSLO"));
        assert_eq!(place("8508"), Some("NARVIK"));
        assert_eq!(place("9999"), None);
        assert_eq!(place("31"), None);
        assert_eq!(lines().len(), 5132);
        assert!(lines().iter().all(|line| is_line(line)) && !is_line("8508 OSLO") && !is_line("8508"));
    }
}
