//! What a cell may hold: from the network's classes to the characters of a field.
//!
//! The network does not know what field it looks at, and some characters are one shape: a nought and an O, a one and an I, a small l and both. The
//! field's type says which characters there can be, and each gets the probability of all classes that are drawn like it. What is drawn like nothing that can
//! be there (another letter, something struck out, another script) stays out, and so counts against every text ([`super::decode`]), but as seldom as it is written in a field
//! of the type: the networks learnt from as many letters as digits, and from far more that is struck out than anybody strikes out. A network's opinion is so brought to the
//! field's own frequencies (Saerens, Latinne, Decaestecker, Neural Computation 14, 2002).
//!
//! A comb asks for capitals. Whether somebody writes small letters shows in those that are drawn otherwise than their capitals (a, b, d, e): from them comes
//! the share of small letters, and with it what an upright stroke is worth as an I and as an l.

use super::decode::Cell;
use super::network::Posterior;
use crate::record::FieldType;

/// Small letters that the network tells from their capitals.
const SMALL: &str = "abdefghijlmnqrtyæåäé";
/// The share of small letters before any was seen, and how many letters that is worth.
const SMALL_BEFORE: (f64, f64) = (0.05, 2.0);

/// How much seldomer a character is struck out, or none that we know, than where the networks learnt: there one for every eight characters that a comb of digits or of
/// letters can hold, here one in some 250.
const SPOILT: f64 = 0.03;
/// How much seldomer a letter stands where a number is asked for, or a digit in a name: there as many as of the others, here one in some 500.
const MISPLACED: f64 = 0.002;

/// The sets of characters that fields have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    Digits,
    /// A telephone number.
    Dialled,
    Letters,
    /// Letters, digits and the marks of an address.
    Any,
}

impl Set {
    fn of(kind: FieldType) -> Self {
        match kind {
            FieldType::Duf | FieldType::Fnr | FieldType::Date | FieldType::Year | FieldType::Postnummer | FieldType::Integer => Self::Digits,
            FieldType::Phone => Self::Dialled,
            FieldType::Name | FieldType::Kommune | FieldType::Country | FieldType::Language => Self::Letters,
            _ => Self::Any,
        }
    }

    /// A posterior as an opinion on a field of these: each class with what it may stand for. What stands for nothing is left out; it has made all others less probable.
    fn opinions(self, posterior: &[f32], classes: &[char], small: f64) -> Vec<Opinion> {
        let (mut found, mut all) = (Vec::new(), 0.0);
        for (&class, &probability) in classes.iter().zip(posterior) {
            let (probability, characters) = (f64::from(probability), self.characters(class, small));
            let frequency = match class {
                '#' | '?' => SPOILT,
                _ if characters.is_empty() => MISPLACED,
                _ => 1.0,
            };
            all += probability * frequency;
            if !characters.is_empty() {
                found.push(Opinion { class, probability, characters });
            }
        }
        for opinion in &mut found {
            opinion.probability /= all;
        }
        found
    }

    /// The characters that a class may stand for in these fields, each with the share of the class's probability that it gets.
    fn characters(self, class: char, small: f64) -> Vec<(char, f64)> {
        let digit = self != Self::Letters;
        let letter = matches!(self, Self::Letters | Self::Any);
        let mut found = Vec::new();
        if digit && let Some(like) = digit_like(class) {
            found.push((like, 1.0));
        }
        if class == '+' && self == Self::Dialled || class == '-' && letter || "/&@".contains(class) && self == Self::Any {
            found.push((class, 1.0));
        }
        if letter {
            found.extend(letters_like(class, small));
        }
        found
    }
}

/// What a network says of one class, in a field where it may stand for something.
struct Opinion {
    class: char,
    /// How probable the class is, each counted as often as it is written in such fields against how often the networks saw it.
    probability: f64,
    characters: Vec<(char, f64)>,
}

/// The digit that a class looks like.
fn digit_like(class: char) -> Option<char> {
    Some(match class {
        '0'..='9' => class,
        'O' | 'Ø' | 'D' | 'Q' => '0',
        'I' | 'l' | 'i' | '/' => '1',
        'Z' => '2',
        'S' => '5',
        'G' | 'b' => '6',
        'B' => '8',
        'g' | 'q' => '9',
        _ => return None,
    })
}

/// The letters, as capitals, that a class looks like. An upright stroke is an I among capitals and an l among small letters.
fn letters_like(class: char, small: f64) -> Vec<(char, f64)> {
    match class {
        'l' | '1' | 'I' => {
            let is_small = if class == 'l' { 0.5_f64.max(small) } else { small };
            vec![('L', is_small), ('I', 1.0 - is_small)]
        }
        '0' => vec![('O', 1.0)],
        '2' => vec![('Z', 1.0)],
        '5' => vec![('S', 1.0)],
        '8' => vec![('B', 1.0)],
        '6' => vec![('G', 0.5), ('B', 0.5 * small)],
        '9' => vec![('G', small), ('Q', small)],
        _ if SMALL.contains(class) => class.to_uppercase().map(|capital| (capital, 1.0)).collect(),
        _ if class.is_alphabetic() => vec![(class, 1.0)],
        _ => Vec::new(),
    }
}

/// Whether fields of this type hold letters.
#[must_use]
pub fn has_letters(kind: FieldType) -> bool {
    matches!(Set::of(kind), Set::Letters | Set::Any)
}

/// Whether print draws what is read as `class` at one height in a field of type `kind`: digits where there are only digits, for elsewhere a five may be a small s;
/// capitals that the network tells from their small letters.
#[must_use]
pub fn has_one_height(kind: FieldType, class: char) -> bool {
    match Set::of(kind) {
        Set::Digits | Set::Dialled => class.is_ascii_digit(),
        Set::Letters | Set::Any => class.is_ascii_uppercase() && has_other_small(class),
    }
}

/// The share of small letters among the letters of a page or field, from the glyphs' classes.
#[must_use]
pub fn small_share<'a>(glyphs: impl IntoIterator<Item = &'a Posterior>, classes: &[char]) -> f64 {
    let (mut small, mut all) = (SMALL_BEFORE.0 * SMALL_BEFORE.1, SMALL_BEFORE.1);
    for posterior in glyphs {
        for (&class, &probability) in classes.iter().zip(posterior) {
            // A stroke tells nothing, and neither does what is drawn like a digit.
            let telling = !"ilIjJgqb".contains(class);
            if telling && SMALL.contains(class) {
                small += f64::from(probability);
                all += f64::from(probability);
            } else if telling && class.is_alphabetic() && has_other_small(class) {
                all += f64::from(probability);
            }
        }
    }
    small / all
}

/// Whether a capital's small letter is drawn otherwise.
fn has_other_small(capital: char) -> bool {
    capital.to_lowercase().next().is_some_and(|small| SMALL.contains(small))
}

/// What the characters of one word of a text are made of.
#[derive(Clone, Copy)]
enum Word {
    Letters,
    Number,
    /// A house number with its letter.
    House,
    Anything,
}

impl Word {
    /// Each kind, and how often words are of it.
    const KINDS: [(Self, f64); 4] = [(Self::Letters, 0.55), (Self::Number, 0.35), (Self::House, 0.1), (Self::Anything, 0.0005)];

    /// Whether a letter and whether a digit may stand at a place of a word.
    fn allows(self, at: usize, length: usize) -> [bool; 2] {
        match self {
            Self::Letters => [true, false],
            Self::Number => [false, true],
            Self::House => [at + 1 == length, at + 1 < length],
            Self::Anything => [true, true],
        }
    }
}

/// What a word may be as one kind: how probable that is, and what its cells hold then.
struct Taken {
    weight: f64,
    cells: Vec<Vec<(char, f64)>>,
}

/// What the cells of one word of a text may hold: in a word of letters a ring is an O, in a number a nought. Which of the two a word is shows in the characters that
/// are drawn like nothing of the other kind.
#[must_use]
pub fn word(posteriors: &[&Posterior], classes: &[char], small: f64) -> Vec<Cell> {
    let length = posteriors.len();
    let opinions: Vec<Vec<Opinion>> = posteriors.iter().map(|posterior| Set::Any.opinions(posterior, classes, small)).collect();
    let taken = Word::KINDS.map(|(kind, often)| {
        let cells = opinions.iter().enumerate().map(|(at, opinions)| like(opinions, kind.allows(at, length)));
        let (fits, cells): (Vec<f64>, Vec<_>) = cells.unzip();
        Taken { weight: often * fits.into_iter().product::<f64>(), cells }
    });
    let all: f64 = taken.iter().map(|taken| taken.weight).sum();
    (0..length)
        .map(|at| {
            let mut mixed: Vec<(char, f64)> = Vec::new();
            for taken in taken.iter().filter(|_| all > 0.0) {
                for &(character, probability) in &taken.cells[at] {
                    add(&mut mixed, character, taken.weight / all * probability);
                }
            }
            Cell::new(mixed)
        })
        .collect()
}

/// What a character may be as a letter, as a digit, or as either: each class for itself and for what it is drawn like. Before it, how well it looks like one at all:
/// what was taken for a class of the other kind counts as often as people draw one like the other.
fn like(opinions: &[Opinion], [letter, digit]: [bool; 2]) -> (f64, Vec<(char, f64)>) {
    let (mut sums, mut looks) = (Vec::new(), Vec::new());
    for &Opinion { class, probability, ref characters } in opinions {
        for &(character, share) in characters {
            let allowed = if character.is_ascii_digit() { digit } else { letter || !character.is_alphabetic() };
            let same_kind = character.is_ascii_digit() == class.is_ascii_digit();
            if allowed {
                add(&mut sums, character, probability * share);
                add(&mut looks, character, probability * share * if same_kind { 1.0 } else { alike(class) });
            }
        }
    }
    let all: f64 = sums.iter().map(|(_, sum)| sum).sum();
    if all > 1.0 {
        for (_, sum) in &mut sums {
            *sum /= all;
        }
    }
    (looks.iter().map(|(_, sum)| *sum).fold(0.0, f64::max), sums)
}

/// How often a letter is drawn as the digit that the network took it for, or the other way round.
fn alike(class: char) -> f64 {
    match class {
        '0' | 'O' | '1' | 'I' | 'l' => 0.8,
        '5' | 'S' | '6' | 'G' => 0.15,
        _ => 0.05,
    }
}

fn add(sums: &mut Vec<(char, f64)>, character: char, part: f64) {
    match sums.iter_mut().find(|(known, _)| *known == character) {
        Some((_, sum)) => *sum += part,
        None => sums.push((character, part)),
    }
}

/// Whether words of letters and of digits stand side by side in fields of this type.
#[must_use]
pub fn has_words(kind: FieldType) -> bool {
    Set::of(kind) == Set::Any
}

/// What a cell of a field of type `kind` may hold.
#[must_use]
pub fn cell(kind: FieldType, posterior: &[f32], classes: &[char], small: f64) -> Cell {
    let mut sums: Vec<(char, f64)> = Vec::new();
    for opinion in Set::of(kind).opinions(posterior, classes, small) {
        for (character, share) in opinion.characters {
            add(&mut sums, character, opinion.probability * share);
        }
    }
    // In an address a nought and an O are each as probable as the other: what is drawn like both may not count twice.
    let all: f64 = sums.iter().map(|(_, sum)| sum).sum();
    Cell::new(sums.into_iter().map(|(character, sum)| (character, if all > 1.0 { sum / all } else { sum })))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSES: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅÄÖÜÉabdefghijlmnqrtyæåäé+-/@&#?";

    fn classes() -> Vec<char> {
        CLASSES.chars().collect()
    }

    fn posterior(given: &[(char, f32)]) -> Posterior {
        CLASSES.chars().map(|class| given.iter().find(|(known, _)| *known == class).map_or(0.0, |(_, probability)| *probability)).collect()
    }

    fn best(kind: FieldType, given: &[(char, f32)], small: f64) -> Option<char> {
        cell(kind, &posterior(given), &classes(), small).best()
    }

    #[test]
    fn a_shape_is_what_the_field_can_hold() {
        let round = [('O', 0.6), ('0', 0.39)];
        assert_eq!(best(FieldType::Duf, &round, 0.0), Some('0'));
        assert_eq!(best(FieldType::Name, &round, 0.0), Some('O'));
        let stroke = [('1', 0.5), ('I', 0.3), ('l', 0.2)];
        assert_eq!(best(FieldType::Date, &stroke, 0.0), Some('1'));
        assert_eq!(best(FieldType::Name, &stroke, 0.02), Some('I'));
        assert_eq!(best(FieldType::Name, &stroke, 0.95), Some('L'));
        assert_eq!(best(FieldType::Phone, &[('+', 0.9)], 0.0), Some('+'));
        assert_eq!(best(FieldType::Duf, &[('+', 0.9)], 0.0), None);
    }

    #[test]
    fn in_a_word_a_ring_is_an_o_and_in_a_number_a_nought() {
        let read = |seen: &str| -> (String, f64) {
            let posteriors: Vec<Posterior> = seen.chars().map(|class| posterior(&[(class, 0.97), (if class == '0' { 'O' } else { '0' }, 0.01)])).collect();
            let cells = word(&posteriors.iter().collect::<Vec<_>>(), &classes(), 0.0);
            (cells.iter().map(|cell| cell.best().unwrap_or('?')).collect(), cells.iter().map(Cell::highest).fold(1.0, f64::min))
        };
        for (seen, meant) in
            [("K0NG5VEIEN", "KONGSVEIEN"), ("2O1", "201"), ("128", "128"), ("12B", "12B"), ("MOR", "MOR"), ("8O", "80"), ("C/O", "C/O"), ("4", "4"), ("A", "A")]
        {
            let (text, least) = read(seen);
            assert_eq!(text, meant, "{seen}");
            // A word with a ring in a number, or of one character, could be the other.
            assert!(least > 0.8 || seen.len() == 1 || ["8O", "2O1", "C/O"].contains(&seen), "{seen} {least}");
        }
        // A ring by itself is either.
        assert!(read("0").1 < 0.7);
    }

    #[test]
    fn what_cannot_be_there_counts_against_all_as_seldom_as_it_is_there() {
        let sure = |given: &[(char, f32)]| {
            let cell = cell(FieldType::Duf, &posterior(given), &classes(), 0.0);
            let decoded = super::super::decode::decode(&[cell], &|_| true, &[]);
            assert_eq!(decoded.text, "4");
            decoded.confidence
        };
        // 0.02 against 0.98 x 0.03.
        for spoilt in ['#', '?'] {
            assert!((sure(&[(spoilt, 0.98), ('4', 0.02)]) - 0.405).abs() < 0.01);
            assert!(sure(&[(spoilt, 0.9999), ('4', 0.0001)]) < 0.01, "what is surely struck out is no four");
            assert!(sure(&[(spoilt, 0.1), ('4', 0.9)]) > 0.99);
        }
        // A four that is open above looks like an A; an A is none.
        assert!(sure(&[('A', 0.9), ('4', 0.1)]) > 0.97);
        assert!(sure(&[('A', 0.9999), ('4', 0.0001)]) < 0.05);
        // Among capitals an A is one.
        assert_eq!(best(FieldType::Name, &[('A', 0.3), ('4', 0.7)], 0.0), Some('A'));
    }

    #[test]
    fn small_letters_show_in_those_that_are_drawn_otherwise() {
        let small: Vec<Posterior> = "anne".chars().map(|letter| posterior(&[(letter, 1.0)])).collect();
        let capital: Vec<Posterior> = "ANNE".chars().map(|letter| posterior(&[(letter, 1.0)])).collect();
        assert!(small_share(&small, &classes()) > 0.6);
        assert!(small_share(&capital, &classes()) < 0.05);
        assert!(small_share([], &classes()) < 0.06);
    }
}
