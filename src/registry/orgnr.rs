//! Organisation numbers of Enhetsregisteret: nine digits, the last a check digit modulo 11.

const WEIGHTS: [u32; 8] = [3, 2, 7, 6, 5, 4, 3, 2];

/// The nine digits of `text` if they are an organisation number; spaces between them do not count.
#[must_use]
pub fn parse(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let right = digits.len() == 9 && digits.bytes().all(|b| b.is_ascii_digit()) && {
        let sum: u32 = digits.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        (11 - sum % 11) % 11 == u32::from(digits.as_bytes()[8] - b'0')
    };
    right.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_are_taken_and_wrong_ones_are_not() {
        for number in ["987879696", "974760673", "958 935 420", "964338531", "910753614", "998447356", "847737492", "988077917"] {
            assert!(parse(number).is_some(), "{number}");
        }
        for number in ["998447357", "988077918", "98787969", "9878796960", "", "98787969x"] {
            assert_eq!(parse(number), None, "{number}");
        }
    }
}
