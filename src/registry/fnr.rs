//! Fødselsnummer, D-numbers and their relatives: eleven digits that name a person.
//!
//! A fødselsnummer is the day, month and year of birth, three individual digits and two check digits; a D-number has 40 added to the day. The
//! check digits of 1964 and the wider first check digit that Skatteetaten hands out from 2032 are both accepted. Series that name no real
//! person (month + 80 at Skatteetaten, month + 65 at FHI) are accepted only where test numbers are, and help numbers (month + 40) are
//! recognised and never taken for an identity, because each hospital makes its own.

use crate::clock::Date;

const K1: [u32; 9] = [3, 7, 6, 1, 8, 9, 4, 5, 2];
const K2: [u32; 10] = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

/// Which series a number is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Series {
    /// A person in Folkeregisteret.
    Birth,
    /// A person with a D-number.
    DNumber,
    /// Skatteetaten's test persons (Tenor): month + 80. With or without a D-number's day.
    Tenor,
    /// FHI's test persons (SyntPop): month + 65.
    SyntPop,
}

impl Series {
    /// Whether numbers of the series name nobody.
    #[must_use]
    pub fn is_synthetic(self) -> bool {
        matches!(self, Self::Tenor | Self::SyntPop)
    }
}

/// A number with the right check digits and a day that exists.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Fnr {
    digits: String,
    series: Series,
    /// The days of birth that it can mean.
    days: Vec<Date>,
}

impl Fnr {
    /// Eleven digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.digits
    }

    /// The series.
    #[must_use]
    pub fn series(&self) -> Series {
        self.series
    }

    /// The day of birth; none when the individual digits leave the century open, as those given out from 2032 do.
    #[must_use]
    pub fn born(&self) -> Option<Date> {
        match self.days.as_slice() {
            [born] => Some(*born),
            _ => None,
        }
    }

    /// Whether somebody born on `date` can have the number.
    #[must_use]
    pub fn is_of(&self, date: Date) -> bool {
        self.days.contains(&date)
    }
}

impl std::fmt::Debug for Fnr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fnr(..)")
    }
}

/// What is wrong with a number. It holds no digit of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FnrFault {
    /// Not eleven digits.
    #[error("a fødselsnummer has 11 digits")]
    Form,
    /// The check digits do not follow from the others.
    #[error("the check digits of the fødselsnummer are wrong")]
    CheckDigit,
    /// The first six digits are no day in any series.
    #[error("the fødselsnummer begins with a date that does not exist")]
    Date,
    /// A help number: month + 40.
    #[error("the number is a help number and identifies nobody outside the office that made it")]
    HelpNumber,
    /// A test person's number, and test numbers are not accepted here.
    #[error("the number belongs to a series of test persons")]
    Synthetic,
}

/// Reads eleven digits; spaces, hyphens and full stops between them do not count. `test_ids` says whether test persons are accepted.
///
/// # Errors
/// What is wrong with it. A help number is named as such before its check digits are looked at, because not every maker fills them.
pub fn parse(text: &str, test_ids: bool) -> Result<Fnr, FnrFault> {
    let digits: String = text.chars().filter(|c| !(c.is_whitespace() || *c == '-' || *c == '.')).collect();
    if digits.len() != 11 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(FnrFault::Form);
    }
    let day = Day::of(&digits).ok_or(FnrFault::Date)?;
    let Some(series) = day.series else { return Err(FnrFault::HelpNumber) };
    if !checks(&digits) {
        return Err(FnrFault::CheckDigit);
    }
    if series.is_synthetic() && !test_ids {
        return Err(FnrFault::Synthetic);
    }
    Ok(Fnr { days: day.days, digits, series })
}

/// Whether the check digits hold, by the rule of 1964 or of 2032.
fn checks(digits: &str) -> bool {
    let digit = |i: usize| u32::from(digits.as_bytes()[i] - b'0');
    let sum = |weights: &[u32]| weights.iter().enumerate().map(|(i, weight)| weight * digit(i)).sum::<u32>();
    (sum(&K1) + digit(9)) % 11 <= 3 && (sum(&K2) + digit(10)) % 11 == 0
}

/// What the first nine digits say.
struct Day {
    /// None for a help number.
    series: Option<Series>,
    /// The days of birth that it can mean: one for each century.
    days: Vec<Date>,
}

impl Day {
    fn of(digits: &str) -> Option<Self> {
        let part = |from: usize, to: usize| digits[from..to].parse::<i16>().ok();
        let (day, month, year, individual) = (part(0, 2)?, part(2, 4)?, part(4, 6)?, part(6, 9)?);
        let (day, d_number) = if day > 40 { (day - 40, true) } else { (day, false) };
        let (month, series) = match month {
            1..=12 => (month, Some(if d_number { Series::DNumber } else { Series::Birth })),
            41..=52 => (month - 40, None),
            66..=77 => (month - 65, Some(Series::SyntPop)),
            81..=92 => (month - 80, Some(Series::Tenor)),
            _ => return None,
        };
        let exists = |century: i16| Date::new(century + year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
        let centuries = century(year, individual).map_or(vec![1900, 2000], |century| vec![century]);
        let days: Vec<Date> = centuries.into_iter().filter_map(exists).collect();
        (!days.is_empty()).then_some(Self { series, days })
    }
}

/// The century that the individual digits say, by the table of 1964.
fn century(year: i16, individual: i16) -> Option<i16> {
    match (individual, year) {
        (0..=499, _) | (900..=999, 40..) => Some(1900),
        (500..=749, 54..) => Some(1800),
        (500..=999, ..=39) => Some(2000),
        _ => None,
    }
}

/// The two check digits of nine digits by the rule of 1964; none when they are not nine digits or no check digit exists for them.
#[must_use]
pub fn check_digits(first_nine: &str) -> Option<String> {
    if first_nine.len() != 9 || !first_nine.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let sum = |text: &str, weights: &[u32]| text.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum::<u32>();
    let first = (11 - sum(first_nine, &K1) % 11) % 11;
    let ten = format!("{first_nine}{first}");
    let second = (11 - sum(&ten, &K2) % 11) % 11;
    (first < 10 && second < 10).then(|| format!("{first}{second}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::date;

    #[test]
    fn numbers_of_both_rules_are_taken() {
        for number in ["13097248022", "29029648784", "29020075838", "15021951940", "05011399292", "24101219220", "17054026641"] {
            assert_eq!(parse(number, false).map(|fnr| fnr.series()), Ok(Series::Birth), "{number}");
        }
        for number in ["30108299939", "02013299997", "30108299920"] {
            assert!(parse(number, false).is_ok(), "{number}");
        }
        assert!(!checks("13097248023") && !checks("02013299987"));
    }

    #[test]
    fn d_numbers_are_taken() {
        for number in ["53097248016", "51106297510", "45092528433", "68126952442", "70090678378", "67016464373", "41011088188"] {
            assert_eq!(parse(number, false).map(|fnr| fnr.series()), Ok(Series::DNumber), "{number}");
        }
        for number in ["91106297510", "21106297510", "45992528433"] {
            assert!(parse(number, false).is_err(), "{number}");
        }
    }

    #[test]
    fn wrong_digits_are_named_as_such() {
        for number in ["01020304050", "02013299987", "02013299996", "13097248023", "13097248032"] {
            assert_eq!(parse(number, false), Err(FnrFault::CheckDigit), "{number}");
        }
        assert_eq!(parse("1309724802", false), Err(FnrFault::Form));
        assert_eq!(parse("32139912345", true), Err(FnrFault::Date));
    }

    /// Numbers of one person's nine digits, each with a right second check digit: the first may leave 0 to 3 and no more.
    #[test]
    fn the_wider_first_check_digit_ends_at_three() {
        for number in ["13097248022", "13097248030", "13097248049", "13097248057"] {
            assert!(parse(number, false).is_ok(), "{number}");
        }
        for number in ["13097248065", "13097248073", "13097248081", "13097248006", "13097248014"] {
            assert_eq!(parse(number, false), Err(FnrFault::CheckDigit), "{number}");
        }
    }

    #[test]
    fn test_persons_are_taken_only_where_they_may_be() {
        for number in ["10915596784", "28894698995", "03923248608", "01814099829", "01844098762", "50846202355"] {
            assert_eq!(parse(number, false), Err(FnrFault::Synthetic), "{number}");
            assert_eq!(parse(number, true).map(|fnr| fnr.series()), Ok(Series::Tenor), "{number}");
        }
        for number in ["31739556891", "44722264549"] {
            assert_eq!(parse(number, false), Err(FnrFault::Synthetic), "{number}");
            assert_eq!(parse(number, true).map(|fnr| fnr.series()), Ok(Series::SyntPop), "{number}");
        }
    }

    #[test]
    fn help_numbers_are_recognised_and_never_taken() {
        for number in ["17454026641", "22495314442", "17428338791", "18481388020", "01512835470", "13527248013"] {
            assert_eq!(parse(number, true), Err(FnrFault::HelpNumber), "{number}");
        }
    }

    #[test]
    fn the_day_of_birth_follows_where_the_century_does() {
        assert_eq!(parse("13097248022", false).expect("a published number").born(), Some(date(1972, 9, 13)));
        assert_eq!(parse("15021951940", false).expect("a published number").born(), Some(date(2019, 2, 15)));
        assert_eq!(parse("50846202355", true).expect("a test number").born(), Some(date(1962, 4, 10)));
    }

    #[test]
    fn check_digits_are_those_of_the_published_numbers() {
        assert_eq!(check_digits("130972480").as_deref(), Some("22"));
        assert_eq!(check_digits("109155967").as_deref(), Some("84"));
        assert_eq!(check_digits("13097248"), None);
    }
}
