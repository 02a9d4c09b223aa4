//! DUF numbers: twelve digits that name a person in the immigration authorities' registers.
//!
//! Four digits of a year, six running, two of check: the check is the weighted sum of the first ten modulo 11, written 00 to 10.
//! Weights 4, 6, 3, 2, 4, 6, 3, 2, 7, 5 (Statistics Norway's KOSTRA `validateDUF`; they hold for every published number at hand). There is
//! no test series, so invented numbers cannot be told from real ones here.

use crate::clock::Date;

const WEIGHTS: [u32; 10] = [4, 6, 3, 2, 4, 6, 3, 2, 7, 5];
/// No person has been given a number for a year before this.
const YEAR_MIN: i16 = 1900;

/// A DUF number with the right check digits and a year that has been.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DufNumber(String);

impl DufNumber {
    /// Twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for DufNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DufNumber(..)")
    }
}

/// What is wrong with twelve digits. It holds no digit of the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DufFault {
    /// Not twelve digits.
    #[error("a DUF number has 12 digits")]
    Form,
    /// The last two digits do not follow from the first ten.
    #[error("the check digits of the DUF number are wrong")]
    CheckDigit,
    /// The first four digits are no year from 1900 to the present one.
    #[error("the DUF number begins with a year that cannot be")]
    Year,
}

/// Reads twelve digits; spaces, hyphens and full stops between them do not count.
///
/// # Errors
/// What is wrong with it; the check digits are looked at before the year.
pub fn parse(text: &str, today: Date) -> Result<DufNumber, DufFault> {
    let digits: String = text.chars().filter(|c| !(c.is_whitespace() || *c == '-' || *c == '.')).collect();
    if digits.len() != 12 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DufFault::Form);
    }
    if check_digits(&digits[..10]) != Some(digits[10..].to_owned()) {
        return Err(DufFault::CheckDigit);
    }
    let year: i16 = digits[..4].parse().map_err(|_| DufFault::Form)?;
    if (YEAR_MIN..=today.year()).contains(&year) { Ok(DufNumber(digits)) } else { Err(DufFault::Year) }
}

/// The two check digits of the first ten digits; none when they are not ten digits.
#[must_use]
pub fn check_digits(first_ten: &str) -> Option<String> {
    if first_ten.len() != 10 || !first_ten.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let sum: u32 = first_ten.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    Some(format!("{:02}", sum % 11))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::date;
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 11, 21);

    #[test]
    fn published_and_invented_numbers_are_taken() {
        for number in ["200112345609", "201017238203", "200816832910", "199201426900", "201500471104", "201803452203", "2022 031415 02", "202455512308"] {
            assert!(parse(number, TODAY).is_ok(), "{number}");
        }
    }

    #[test]
    fn each_fault_has_its_name() {
        assert_eq!(parse("201803452201", TODAY), Err(DufFault::CheckDigit));
        for number in ["201012345678", "241012192200", "010000000400", "123411234560"] {
            assert!(parse(number, TODAY).is_err(), "{number}");
        }
        for number in ["204167553610", "500266228604"] {
            assert_eq!(parse(number, TODAY), Err(DufFault::Year), "{number}");
        }
        for number in ["", "20220314150", "2022031415022", "20220314150x"] {
            assert_eq!(parse(number, TODAY), Err(DufFault::Form), "{number}");
        }
    }

    #[test]
    fn debug_output_shows_no_digit() {
        assert_eq!(format!("{:?}", parse("202203141502", TODAY)), "Ok(DufNumber(..))");
    }

    proptest! {
        /// 11 is prime and no weight is a multiple of it, so one wrong digit never goes unseen.
        #[test]
        fn one_wrong_digit_is_always_seen(serial in 0u32..1_000_000, place in 0usize..12, step in 1u8..10) {
            let first = format!("2022{serial:06}");
            let good = format!("{first}{}", check_digits(&first).expect("ten digits"));
            let mut bytes = good.clone().into_bytes();
            bytes[place] = b'0' + (bytes[place] - b'0' + step) % 10;
            let bad = String::from_utf8(bytes).expect("digits");
            prop_assert!(parse(&good, TODAY).is_ok());
            prop_assert!(parse(&bad, TODAY).is_err());
        }
    }
}
