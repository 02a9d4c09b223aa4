//! The written form of ids, check values and MACs: lower-case hexadecimal, and nothing else is read back.

use std::fmt;

/// Shows bytes as lower-case hexadecimal.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The `N` bytes that `text` shows; none when it is not exactly `2 * N` lower-case digits.
pub(crate) fn parse<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_written_form_a_value() {
        assert_eq!(Hex(&[0x00, 0x7f, 0xa0]).to_string(), "007fa0");
        assert_eq!(parse("007fa0"), Some([0x00, 0x7f, 0xa0]));
        for text in ["007FA0", "007fa", "007fa00", "007fag", "+07fa0", "", "00 fa0", "æøå"] {
            assert_eq!(parse::<3>(text), None, "{text}");
        }
    }
}
