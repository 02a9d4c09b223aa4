//! Small words that every letter writes the same way, in both languages.

use std::borrow::Borrow;

use crate::clock::Date;

/// Words from outside are held to this many characters, so that no reading can fill a page.
pub(super) const NAME_MAX: usize = 120;
pub(super) const REF_MAX: usize = 60;

/// `21.11.2026`. Templates give a reference.
pub(super) fn written_date(date: impl Borrow<Date>) -> String {
    let date = date.borrow();
    format!("{:02}.{:02}.{:04}", date.day(), date.month(), date.year())
}

/// `2026`, `2026 og 2027`, `2026–2028`, `2026, 2028 og 2030`. The same in both languages.
pub(super) fn written_years(years: &[u16]) -> String {
    let consecutive = years.windows(2).all(|pair| pair[1] == pair[0] + 1);
    match years {
        [] => String::new(),
        [year] => year.to_string(),
        [first, .., last] if years.len() > 2 && consecutive => format!("{first}–{last}"),
        [first @ .., last] => format!("{} og {last}", first.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// The number of a political case as it stands in a sentence; none when nothing is left of it.
pub(super) fn written_case(case: Option<&str>) -> Option<String> {
    case.map(|case| one_line(case, REF_MAX)).filter(|case| !case.is_empty())
}

/// Words that come from outside as one plain line: no line feeds or control characters that the markup or a header would obey, no runs of
/// spaces, and no more than `characters_max` characters.
pub(super) fn one_line(text: &str, characters_max: usize) -> String {
    let spaced: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let joined = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.chars().take(characters_max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_written_as_a_person_would() {
        let cases: [(&[u16], &str); 6] = [
            (&[], ""),
            (&[2026], "2026"),
            (&[2026, 2027], "2026 og 2027"),
            (&[2026, 2027, 2028], "2026–2028"),
            (&[2026, 2028], "2026 og 2028"),
            (&[2026, 2028, 2030], "2026, 2028 og 2030"),
        ];
        for (years, written) in cases {
            assert_eq!(written_years(years), written);
        }
    }

    #[test]
    fn a_case_number_of_nothing_but_spaces_is_none() {
        assert_eq!(written_case(Some(" \n")), None);
        assert_eq!(written_case(Some("PS\n97/25")), Some("PS 97/25".to_owned()));
    }
}
