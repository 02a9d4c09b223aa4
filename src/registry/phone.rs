//! Telephone numbers in the form of E.164: a plus sign, a country code and at most fifteen digits in all.
//!
//! A number without a country code is Norwegian and has eight digits. What a bare number of another length means is not guessed.

/// `text` as E.164; none when it is no telephone number.
#[must_use]
pub fn parse(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !(c.is_whitespace() || super::letters::is_hyphen(*c) || matches!(c, '.' | '(' | ')' | '/'))).collect();
    let (international, digits) = match plain.strip_prefix('+').or_else(|| plain.strip_prefix("00")) {
        Some(rest) => (true, rest),
        None => (false, plain.as_str()),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let norwegian = match (international, digits.strip_prefix("47")) {
        (true, None) => return ((7..=15).contains(&digits.len()) && !digits.starts_with('0')).then(|| format!("+{digits}")),
        (true, Some(rest)) => rest,
        (false, Some(rest)) if digits.len() == 10 => rest,
        (false, _) => digits,
    };
    // The numbering plan has no eight-digit subscriber number that begins with 0 or 1.
    (norwegian.len() == 8 && !norwegian.starts_with(['0', '1'])).then(|| format!("+47{norwegian}"))
}

/// An E.164 number as people write it: `+47 40 00 19 60`; foreign numbers as they are.
#[must_use]
pub fn for_people(e164: &str) -> String {
    let Some(local) = e164.strip_prefix("+47").filter(|local| local.len() == 8 && local.is_ascii()) else { return e164.to_owned() };
    format!("+47 {} {} {} {}", &local[..2], &local[2..4], &local[4..6], &local[6..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_brought_to_one_form() {
        for (written, canonical) in [
            ("+4740001960", "+4740001960"),
            ("40001960", "+4740001960"),
            ("40 00 19 60", "+4740001960"),
            ("400-01-960", "+4740001960"),
            ("004724168800", "+4724168800"),
            ("24 16 88 00", "+4724168800"),
            ("4740001960", "+4740001960"),
            ("(+47) 40001960", "+4740001960"),
            ("+380501234567", "+380501234567"),
            ("00380 50 123 45 67", "+380501234567"),
        ] {
            assert_eq!(parse(written).as_deref(), Some(canonical), "{written}");
        }
        assert_eq!(for_people("+4740001960"), "+47 40 00 19 60");
        assert_eq!(for_people("+380501234567"), "+380501234567");
    }

    #[test]
    fn what_is_no_number_is_not_made_one() {
        for written in ["", "1234567", "+47123", "+471234567890", "12345678", "380501234567", "+0501234567", "4000196O", "+1234567890123456", "+"] {
            assert_eq!(parse(written), None, "{written}");
        }
    }
}
