//! What kind of post a letter is: a kommune's vedtak on settlement, or something else.
//!
//! The words of the text are weighed, so that a few that text recognition got wrong do not matter. A recommendation or a case that is still
//! pending is sorted as a vedtak too: it is about the same matter, and [`crate::vedtak`] says that nothing was decided. What a letter means
//! is not judged here.

use crate::record::Confidence;
use crate::transcript::Transcript;

/// What a letter was sorted as, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Sorted {
    /// The kind of letter.
    pub sort: Sort,
    /// How sure that is.
    pub score: Confidence,
    /// The cues that were found, for people who wonder. Words of the field, never of the letter.
    pub why: Vec<&'static str>,
}

/// The kinds of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A kommune on how many refugees it settles.
    Vedtak,
    /// Anything else.
    Other,
}

/// A cue: its name, its weight, and the words that show it; a word may go on after what is written here.
struct Cue(&'static str, i32, &'static [&'static str]);

const SETTLING: &str = "bosetting";
const REFUGEES: &str = "flyktninger";
const DECIDING: &str = "vedtak";
const BODY: &str = "politisk organ";
const REQUEST: &str = "anmodning";
const MINORS: &str = "enslige mindreårige";

/// A word that ends in a space here ends there too.
const CUES: [Cue; 9] = [
    Cue(
        SETTLING,
        2,
        &[
            "boset",
            "bosatt",
            "buset",
            "ta imot",
            "ta i mot",
            "tar imot",
            "tar i mot",
            "tek imot",
            "tek i mot",
            "tatt imot",
            "tatt i mot",
            "teke imot",
            "teke i mot",
            "tok imot",
            "tok i mot",
            "mottak",
            "mottek",
            "plasser",
            "plassar",
        ],
    ),
    Cue(REFUGEES, 2, &["flyktning", "flykning", "overføringsflyktning", "kvoteflyktning", "ukrain", "nyankomne", "nykomne"]),
    Cue(
        DECIDING,
        2,
        &[
            "vedt",
            "avgjord",
            "avgjort",
            "bestemte",
            "delegert",
            "enstemmig",
            "einstemmig",
            "samrøystes",
            "stemme",
            "stemte",
            "røyst",
            "votering",
            "innstill",
            "tilrå",
            "forslag",
            "framlegg",
            "møtebok",
            "saksprotokoll",
            "særutskrift",
        ],
    ),
    Cue(
        BODY,
        2,
        &[
            "kommunestyre",
            "bystyre",
            "heradsstyre",
            "formannskap",
            "bydelsutval",
            "hovudutval",
            "hovedutval",
            "ordfører",
            "ordførar",
            "kommunedirektør",
            "rådmann",
            "kommunalsjef",
            "k sak ",
            "ks sak ",
            "kst ",
        ],
    ),
    Cue(REQUEST, 2, &["anmod", "oppmod", "ba om", "bad om", "ber om", "bed om", "bedt om", "spør om", "spurte om", "spurde om"]),
    Cue("imdi", 1, &["imdi", "integrerings"]),
    Cue(MINORS, 2, &["mindreårig", "em "]),
    Cue("kommune", 1, &["kommune", "herad", "bydel"]),
    // A letter about one person's health also speaks of settlement and refugees.
    Cue("helse", -6, &["pasient", "diagnose", "legeerklær", "legekontor", "fastlege", "journalnotat", "medisiner", "epikrise", "spesialist"]),
];

/// The least weight of a vedtak, and the most there can be. What it is about has to be said, and that somebody decides or has decided: chosen on the texts of `tests/vedtak`
/// and the mails of `tests/mails`. A letter that is taken for one by mistake waits for a person; a decision that is taken for anything else is found by nobody.
const WEIGHT_MIN: i32 = 6;
const WEIGHT_MAX: i32 = 14;

/// Sorts a letter by its words.
#[must_use]
pub fn sort(transcript: &Transcript) -> Sorted {
    let text = transcript.text.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let text = format!(" {} ", words.join(" "));
    let shown = |Cue(_, _, beginnings): &Cue| beginnings.iter().any(|beginning| text.contains(&format!(" {beginning}")));
    let found: Vec<&Cue> = CUES.iter().filter(|cue| shown(cue)).collect();
    let why: Vec<&'static str> = found.iter().map(|Cue(name, ..)| *name).collect();
    let weight: i32 = found.iter().map(|Cue(_, weight, _)| weight).sum();
    let any = |cues: &[&str]| cues.iter().any(|cue| why.contains(cue));
    let about = any(&[SETTLING, REFUGEES, MINORS]) || why.contains(&REQUEST) && why.contains(&"imdi");
    let sort = if weight >= WEIGHT_MIN && about && any(&[DECIDING, BODY]) { Sort::Vedtak } else { Sort::Other };
    Sorted { sort, score: score(sort, weight), why }
}

/// The distance from the limit, as a confidence: 0.5 at the limit, 1 where every cue was found or none.
fn score(sort: Sort, weight: i32) -> Confidence {
    let room = match sort {
        Sort::Vedtak => WEIGHT_MAX - WEIGHT_MIN,
        Sort::Other => WEIGHT_MIN,
    };
    let distance = (weight - WEIGHT_MIN).abs().min(room);
    let share = u8::try_from(distance).map_or(0.0, f32::from) / u8::try_from(room).map_or(1.0, f32::from);
    Confidence::new(0.5 + share / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::tests::transcript;
    use proptest::prelude::*;

    #[test]
    fn decisions_in_both_languages_are_sorted_as_vedtak() {
        for text in [
            "Bodø bystyre vedtar å bosette 90 flyktninger i 2026.",
            "Vedtak:\nLuster kommune buset 20 flyktningar i 2026. Kommunestyret var samrøystes.",
            "Samrøystes vedtak: Stad kommunestyre seier ja til å ta i mot 28 flyktningar.",
            "Formannskapet innstiller på bosetting av 20 flyktninger.",
            // Not every decision speaks of settlement, nor of refugees.
            "Kommunestyret imøtekom anmodningen fra IMDi i går: 34 i 2027, av disse 4 EM.",
            "Det vart samrøystes ja i heradsstyret. Me tek imot tolv personar frå Ukraina.",
        ] {
            assert_eq!(sort(&transcript(text)).sort, Sort::Vedtak, "{text}");
        }
    }

    #[test]
    fn the_cues_are_named() {
        let sorted = sort(&transcript("Bystyret vedtar bosetting av flyktninger."));
        assert_eq!(sorted.why, [SETTLING, REFUGEES, "vedtak", "politisk organ"]);
        assert!(sorted.score >= Confidence::new(0.5));
    }

    #[test]
    fn other_letters_are_other() {
        for text in [
            "",
            "Tilbud på kopipapir! Ring i dag.",
            "Legeerklæring. Pasienten er flyktning og trenger tilrettelagt bolig ved bosetting i kommunen. Vedtak om hjemmetjeneste. Flyktninger. Kommunestyret.",
            "Kommunestyret har vedtatt ny reguleringsplan.",
            "Flyktninger bosettes i landet.",
        ] {
            assert_eq!(sort(&transcript(text)).sort, Sort::Other, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            let _ = sort(&transcript(&text));
        }
    }
}
