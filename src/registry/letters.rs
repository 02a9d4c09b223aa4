//! Latin letters: composed forms, and the folded spelling under which names are looked up.
//!
//! A file may write `å` as one character or as `a` and a ring; a person may write SYRIA, Syria or syria. Here both are levelled. Only
//! Latin letters are known, which is what the lists in this room are written with; other scripts pass through unchanged. It
//! deliberately corrects no spelling: what differs by a letter is another word.

/// Each combining mark with the pairs base and composed letter (Unicode 16, canonical decompositions of two characters).
const COMPOSED: [(char, &str); 16] = [
    ('\u{0300}', "AÀEÈIÌOÒUÙaàeèiìoòuùYỲyỳ"),
    ('\u{0301}', "AÁEÉIÍOÓUÚYÝaáeéiíoóuúyýCĆcćLĹlĺNŃnńRŔrŕSŚsśZŹzź"),
    ('\u{0302}', "AÂEÊIÎOÔUÛaâeêiîoôuûCĈcĉGĜgĝHĤhĥJĴjĵSŜsŝWŴwŵYŶyŷ"),
    ('\u{0303}', "AÃNÑOÕaãnñoõIĨiĩUŨuũEẼeẽYỸyỹ"),
    ('\u{0304}', "AĀaāEĒeēIĪiīOŌoōUŪuū"),
    ('\u{0306}', "AĂaăEĔeĕGĞgğIĬiĭOŎoŏUŬuŭ"),
    ('\u{0307}', "CĊcċEĖeėGĠgġIİZŻzż"),
    ('\u{0308}', "AÄEËIÏOÖUÜaäeëiïoöuüyÿYŸ"),
    ('\u{0309}', "AẢaảEẺeẻIỈiỉOỎoỏUỦuủYỶyỷ"),
    ('\u{030a}', "AÅaåUŮuů"),
    ('\u{030b}', "OŐoőUŰuű"),
    ('\u{030c}', "CČcčDĎdďEĚeěLĽlľNŇnňRŘrřSŠsšTŤtťZŽzžAǍaǎIǏiǐOǑoǒUǓuǔGǦgǧKǨkǩ"),
    ('\u{0323}', "AẠaạEẸeẹIỊiịOỌoọUỤuụYỴyỵ"),
    ('\u{0326}', "SȘsșTȚtț"),
    ('\u{0327}', "CÇcçGĢgģKĶkķLĻlļNŅnņRŖrŗSŞsşTŢtţ"),
    ('\u{0328}', "AĄaąEĘeęIĮiįUŲuų"),
];

/// `text` with each Latin letter and its combining mark made one character (Unicode NFC, as far as Latin letters with one mark go).
#[must_use]
pub fn compose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for mark in text.chars() {
        let composed = out.chars().next_back().and_then(|base| with_mark(base, mark));
        if let Some(letter) = composed {
            out.pop();
            out.push(letter);
        } else {
            out.push(mark);
        }
    }
    out
}

/// The spelling under which a name is looked up: lower case, without accents (å, æ and ø are letters, not accents), apostrophes,
/// full stops and brackets; every hyphen, dash and run of spaces is one space.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in compose(text).chars().flat_map(char::to_lowercase) {
        match letter {
            'å' | 'æ' | 'ø' => out.push(letter),
            'ö' => out.push('ø'),
            'ä' => out.push('æ'),
            'đ' => out.push('d'),
            'ŋ' => out.push('n'),
            'ŧ' => out.push('t'),
            'ł' => out.push('l'),
            'ı' => out.push('i'),
            '\'' | '’' | '‘' | '`' | '´' | '.' | '(' | ')' | '\u{0300}'..='\u{036f}' => {}
            _ if letter.is_whitespace() || is_hyphen(letter) || letter == ',' => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            '&' => out.push_str("og"),
            _ => out.push(without_mark(letter)),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Whether a character is a hyphen or one of the dashes that people and programs write for it.
#[must_use]
pub fn is_hyphen(letter: char) -> bool {
    matches!(letter, '-' | '\u{00ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

/// Runs of white space as one space, none at the ends.
#[must_use]
pub fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `C/0`, which no address has, as `C/O`: "care of" is the one place where a capital O stands alone behind a stroke, and a reader of single characters
/// cannot tell it from a nought.
#[must_use]
pub fn care_of(text: &str) -> String {
    text.split(' ')
        .map(|word| if word == "C/0" || word == "c/0" { word.replace('0', if word.starts_with('C') { "O" } else { "o" }) } else { word.to_owned() })
        .collect::<Vec<_>>()
        .join(" ")
}

fn with_mark(base: char, mark: char) -> Option<char> {
    let (_, pairs) = COMPOSED.iter().find(|(known, _)| *known == mark)?;
    pairs_of(pairs).find(|(plain, _)| *plain == base).map(|(_, composed)| composed)
}

fn without_mark(letter: char) -> char {
    if letter.is_ascii() {
        return letter;
    }
    COMPOSED.iter().flat_map(|(_, pairs)| pairs_of(pairs)).find(|(_, composed)| *composed == letter).map_or(letter, |(plain, _)| plain)
}

fn pairs_of(pairs: &str) -> impl Iterator<Item = (char, char)> + '_ {
    pairs.chars().zip(pairs.chars().skip(1)).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn care_of_is_known_and_a_house_number_is_left_alone() {
        assert_eq!(care_of("ØVRE BAKKE 7 C/0 BERG"), "ØVRE BAKKE 7 C/O BERG");
        assert_eq!(care_of("Bakken 10/0 c/0 Berg"), "Bakken 10/0 c/o Berg");
    }

    #[test]
    fn a_ring_and_an_a_become_one_letter() {
        assert_eq!(compose("Ba\u{030a}tsfjord"), "Båtsfjord");
        assert_eq!(compose("Ka\u{0301}ra\u{0301}s\u{030c}johka"), "Kárášjohka");
        assert_eq!(compose("\u{0301}x"), "\u{0301}x");
    }

    #[test]
    fn folding_levels_case_accents_and_dashes() {
        assert_eq!(fold("  KÁRÁŠJOHKA – Karasjok "), "karasjohka karasjok");
        assert_eq!(fold("Côte d’Ivoire"), "cote divoire");
        assert_eq!(fold("Porsáŋgu"), "porsangu");
        assert_eq!(fold("BÆRUM"), "bærum");
    }

    #[test]
    fn what_differs_by_a_letter_stays_different() {
        assert_ne!(fold("Ås"), fold("As"));
        assert_ne!(fold("Bø"), fold("Bo"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing_more(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.clone());
        }

        #[test]
        fn composing_twice_changes_nothing_more(text in "[a-zA-Z\u{0300}-\u{030c} ]{0,40}") {
            let once = compose(&text);
            prop_assert_eq!(compose(&once), once.clone());
        }
    }
}
