//! Dates as Norwegian paper has them: DDMMYYYY in a comb, dd.mm.åååå, ISO 8601, and `21. november 2026` in a letter.
//!
//! The order is always day, month, year unless it is ISO. A year of two digits is not completed: whether 26 is 1926 or 2026 is a question for a
//! person.

use crate::clock::Date;

/// The months in bokmål; nynorsk writes them the same.
pub const MONTHS: [&str; 12] = ["januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "desember"];

/// Why a text is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateFault {
    /// Not in a form that dates have.
    #[error("a date is written dd.mm.yyyy")]
    Form,
    /// No such day.
    #[error("the date does not exist")]
    Exists,
}

/// Reads a date.
///
/// # Errors
/// Whether it is the form or the day that is wrong.
pub fn parse(text: &str) -> Result<Date, DateFault> {
    let text = text.trim().trim_end_matches('.').trim_end();
    let separator = |c: char| matches!(c, '.' | '/' | ',') || c.is_whitespace() || super::letters::is_hyphen(c);
    let parts: Vec<&str> = text.split(separator).filter(|part| !part.is_empty()).collect();
    let numeric = parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    match parts.as_slice() {
        [one] if numeric && one.len() == 8 => day(&one[..2], &one[2..4], &one[4..]),
        [year, month, date] if numeric && year.len() == 4 => day(date, month, year),
        [date, month, year] if numeric && year.len() == 4 => day(date, month, year),
        [date, month, year] if year.len() == 4 => {
            let number = month_number(month).ok_or(DateFault::Form)?.to_string();
            day(date, &number, year)
        }
        // A comb whose cells were read apart: "2 1 1 1 2 0 2 6".
        cells if numeric && cells.len() == 8 && cells.iter().all(|cell| cell.len() == 1) => {
            let joined = cells.concat();
            day(&joined[..2], &joined[2..4], &joined[4..])
        }
        _ => Err(DateFault::Form),
    }
}

/// The number of a month's name, whole or shortened to three letters or more (`des`).
#[must_use]
pub fn month_number(name: &str) -> Option<i8> {
    let name = name.to_lowercase();
    let place = MONTHS.iter().position(|month| *month == name || (name.chars().count() >= 3 && month.starts_with(&name)))?;
    i8::try_from(place + 1).ok()
}

/// A date as people write it: `21.11.2026`.
#[must_use]
pub fn for_people(date: Date) -> String {
    format!("{:02}.{:02}.{:04}", date.day(), date.month(), date.year())
}

fn day(date: &str, month: &str, year: &str) -> Result<Date, DateFault> {
    if date.len() > 2 || month.len() > 2 {
        return Err(DateFault::Form);
    }
    let number = |text: &str| text.parse::<i16>().map_err(|_| DateFault::Form);
    let small = |text: &str| text.parse::<i8>().map_err(|_| DateFault::Form);
    Date::new(number(year)?, small(month)?, small(date)?).map_err(|_| DateFault::Exists)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::date;
    use proptest::prelude::*;

    #[test]
    fn every_way_of_writing_gives_the_same_day() {
        for text in [
            "21112026",
            "21.11.2026",
            "21/11/2026",
            "21-11-2026",
            "21 11 2026",
            "2026-11-21",
            "21. november 2026",
            "21. nov. 2026",
            "2 1 1 1 2 0 2 6",
            "21.11.2026.",
        ] {
            assert_eq!(parse(text), Ok(date(2026, 11, 21)), "{text}");
        }
        assert_eq!(parse("1.2.2026"), Ok(date(2026, 2, 1)));
        assert_eq!(parse("29.02.2024"), Ok(date(2024, 2, 29)));
    }

    #[test]
    fn days_that_do_not_exist_are_told_from_other_text() {
        for text in ["31022026", "29.02.2026", "00.01.2026", "32.01.2026", "01.13.2026"] {
            assert_eq!(parse(text), Err(DateFault::Exists), "{text}");
        }
        for text in ["", "2111202", "211120266", "21.11.26", "21.nob.2026", "november 2026", "21112O26", "ææ.øø.åååå", "021.011.2026"] {
            assert_eq!(parse(text), Err(DateFault::Form), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,24}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_printed_is_read(days in 0i32..73_000) {
            let day = date(1900, 1, 1).saturating_add(crate::clock::Span::new().days(days));
            prop_assert_eq!(parse(&for_people(day)), Ok(day));
            prop_assert_eq!(parse(&day.to_string()), Ok(day));
        }
    }
}
