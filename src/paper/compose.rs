//! Composes letters that are spelled as a base letter and a combining mark, as macOS and some scanners' software spell them.
//!
//! It holds the pairs of Unicode's canonical composition (NFC, UAX #15) for the letters of Latin-1, Latin Extended-A and the Cyrillic of
//! Ukrainian and Russian: those that Norwegian, Sámi, Kven and Ukrainian names need. A combining mark that is left over has no place of
//! its own without a shaping engine, so [`stray_mark`] lets the caller refuse it.

use std::borrow::Cow;

/// One row a mark: the combining mark, the base letters, and what each becomes.
const MARKS: [(char, &str, &str); 12] = [
    ('\u{300}', "AEIOUaeiouNn", "ÀÈÌÒÙàèìòùǸǹ"),
    ('\u{301}', "AEIOUYaeiouyCLNRSZclnrszÆæØøГКгк", "ÁÉÍÓÚÝáéíóúýĆĹŃŔŚŹćĺńŕśźǼǽǾǿЃЌѓќ"),
    ('\u{302}', "AEIOUaeiouCGHJSWYcghjswy", "ÂÊÎÔÛâêîôûĈĜĤĴŜŴŶĉĝĥĵŝŵŷ"),
    ('\u{303}', "ANOanoIUiu", "ÃÑÕãñõĨŨĩũ"),
    ('\u{304}', "AEIOUaeiou", "ĀĒĪŌŪāēīōū"),
    ('\u{306}', "AEGIOUaegiouИиУу", "ĂĔĞĬŎŬăĕğĭŏŭЙйЎў"),
    ('\u{307}', "CEGIZcegz", "ĊĖĠİŻċėġż"),
    ('\u{308}', "AEIOUYaeiouyЕеІі", "ÄËÏÖÜŸäëïöüÿЁёЇї"),
    ('\u{30A}', "AUau", "ÅŮåů"),
    ('\u{30B}', "OUou", "ŐŰőű"),
    ('\u{30C}', "CDELNRSTZcdelnrstzGKgkJj", "ČĎĚĽŇŘŠŤŽčďěľňřšťžǦǨǧǩ\u{0}ǰ"),
    ('\u{327}', "CGKLNRSTcgklnrst", "ÇĢĶĻŅŖŞŢçģķļņŗşţ"),
];

/// `text` with every known pair composed. Costs nothing where there is no combining mark.
pub fn compose(text: &str) -> Cow<'_, str> {
    if !text.chars().any(stray_mark) {
        return Cow::Borrowed(text);
    }
    let mut composed = String::with_capacity(text.len());
    for character in text.chars() {
        let pair = composed.chars().next_back().and_then(|base| pair(base, character));
        match pair {
            Some(whole) => {
                composed.pop();
                composed.push(whole);
            }
            None => composed.push(character),
        }
    }
    Cow::Owned(composed)
}

/// Whether `character` is a combining mark (Combining Diacritical Marks, U+0300 to U+036F).
pub fn stray_mark(character: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&character)
}

fn pair(base: char, mark: char) -> Option<char> {
    let (_, bases, wholes) = MARKS.iter().find(|(known, ..)| *known == mark)?;
    let place = bases.chars().position(|known| known == base)?;
    wholes.chars().nth(place).filter(|whole| *whole != '\u{0}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_has_as_many_wholes_as_bases() {
        for (mark, bases, wholes) in MARKS {
            assert_eq!(bases.chars().count(), wholes.chars().count(), "U+{:04X}", u32::from(mark));
        }
    }

    #[test]
    fn the_letters_of_names_are_composed() {
        assert_eq!(compose("A\u{30A}s kommune, Ka\u{301}ra\u{301}s\u{30C}johka, Ки\u{306}в, І\u{308}"), "Ås kommune, Kárášjohka, Кйв, Ї");
        assert_eq!(compose("e\u{301}\u{301}"), "é\u{301}", "a second mark has nothing to join");
        assert!(matches!(compose("ÆØÅ æøå ŋđŧ"), Cow::Borrowed(_)));
        assert_eq!(compose("\u{301}a"), "\u{301}a");
        assert_eq!(compose("J\u{30C}"), "J\u{30C}", "there is no composed J with caron");
    }
}
