//! Names of persons: letters, hyphens, apostrophes and spaces, in the case they were written in.

use super::letters;

/// `text` as a name: trimmed, spaces collapsed, letters composed, every apostrophe and hyphen of the plain kind.
#[must_use]
pub fn tidy(text: &str) -> String {
    let plain: String = letters::compose(text)
        .chars()
        .map(|c| match c {
            '’' | '‘' | '`' | '´' | 'ʼ' => '\'',
            _ if letters::is_hyphen(c) => '-',
            _ => c,
        })
        .collect();
    letters::squeeze(&plain)
}

/// Whether a tidied text can be a person's name: at least one letter, nothing but letters, hyphens, apostrophes and spaces, and no hyphen
/// alone or at an end, where it would be dirt or a line of the form.
#[must_use]
pub fn plausible(name: &str) -> bool {
    let letter = |c: char| c.is_alphabetic() || ('\u{0300}'..='\u{036f}').contains(&c);
    name.chars().any(char::is_alphabetic)
        && name.chars().count() <= 100
        && name.chars().all(|c| letter(c) || matches!(c, '-' | '\'' | ' '))
        && name.split(' ').all(|part| part.chars().any(char::is_alphabetic) && !part.starts_with('-') && !part.ends_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_case_and_lose_their_extra_spaces() {
        assert_eq!(tidy("  NORA   Lind–Berg "), "NORA Lind-Berg");
        assert_eq!(tidy("O’Hara"), "O'Hara");
        assert_eq!(tidy("A\u{030a}se"), "Åse");
    }

    #[test]
    fn dirt_is_no_name() {
        for name in ["Nora Lind", "O'Hara", "Абу", "Øyvind-André", "D' Angelo"] {
            assert!(plausible(name), "{name}");
        }
        for name in ["", "-", "N0ra", "Nora |", "Nora -", "'", "Lind_Berg", "Berg."] {
            assert!(!plausible(name), "{name}");
        }
    }
}
