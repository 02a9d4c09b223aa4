//! Whole fields: the value that was most probably written, given what each cell may hold and what the field's rule allows.
//!
//! The cells are read independently, so the likelihood of a text is the product over its cells. A rule (check digits, a date that exists) divides
//! texts into those that can be and those that cannot. People write numbers that cannot be, but seldom, and then most often a right one
//! with a slip in it: a text that can be is [`ODDS`] times as likely to have been written as one beside it that cannot. The confidence is the
//! posterior probability of the whole text among all texts, with those that were not looked at counted against it. A rule that changes nothing can so
//! make a doubtful digit sure, a rule that is broken by clear digits is not enforced, and two valid texts that differ in a doubtful digit stay doubtful.
//! This is the exact form of what Seni and others (IJDAR 1999) call lexicon-driven verification; the search is best first (k best of a product).

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// How much likelier a text that the rule allows is than one beside it that it does not: one number in a hundred has a slip, and a number of twelve
/// digits has some 120 neighbours of which a tenth pass check digits modulo 11.
pub const ODDS: f64 = 1000.0;
/// How many texts are looked at. The likelihood of the rest is known and counts against the best.
const LOOKED_AT: usize = 600;
/// What is left of the cells' texts is not looked at when all of it together is so little likely against the first: with [`ODDS`] it moves no confidence by more than
/// a hundred thousandth, and it still counts against the best.
const NEGLIGIBLE: f64 = 1e-8;

/// What one cell may hold: characters with their probabilities, the likeliest first. What is missing to 1 is something else altogether.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell(Vec<(char, f64)>);

impl Cell {
    /// The candidates in any order. Those under a millionth are left out: their probability counts as something else.
    #[must_use]
    pub fn new(candidates: impl IntoIterator<Item = (char, f64)>) -> Self {
        let mut candidates: Vec<(char, f64)> = candidates.into_iter().filter(|(_, probability)| *probability >= 1e-6).collect();
        candidates.sort_by(|a, b| b.1.total_cmp(&a.1));
        Self(candidates)
    }

    /// A cell that holds `character`, or nothing else that is known.
    #[must_use]
    pub fn only(character: char) -> Self {
        Self(vec![(character, 1.0)])
    }

    /// How probable a character is here.
    fn of(&self, character: char) -> f64 {
        self.0.iter().find(|(known, _)| *known == character).map_or(0.0, |(_, probability)| *probability)
    }

    /// How probable the likeliest character is.
    #[must_use]
    pub fn highest(&self) -> f64 {
        self.0.first().map_or(0.0, |(_, probability)| *probability)
    }

    /// The likeliest character.
    #[must_use]
    pub fn best(&self) -> Option<char> {
        self.0.first().map(|(character, _)| *character)
    }
}

/// A field as a whole.
#[derive(Clone, PartialEq)]
pub struct Decoded {
    /// The likeliest character of each cell, whatever the rule says; `?` where there is none.
    pub raw: String,
    /// The likeliest text.
    pub text: String,
    /// Its probability, 0 to 1.
    pub confidence: f64,
    /// The probability of the likeliest other text.
    pub second: f64,
}

impl std::fmt::Debug for Decoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Decoded({:.4}, second {:.4})", self.confidence, self.second)
    }
}

/// The likeliest text of the cells. `can_be` is the field's rule over whole texts; without a rule everything can be. `known` are texts that are
/// looked at however doubtful their characters are: the names of a closed list.
#[must_use]
pub fn decode(cells: &[Cell], can_be: &dyn Fn(&str) -> bool, known: &[String]) -> Decoded {
    Texts::of(cells, known).weighed(&|text| can_be(text).then_some(1.0))
}

/// The likeliest character of each cell, `?` where there is none.
#[must_use]
pub fn raw(cells: &[Cell]) -> String {
    cells.iter().map(|cell| cell.best().unwrap_or('?')).collect()
}

/// The texts of some cells that are worth looking at, found once, to be weighed in more than one way.
pub struct Texts {
    raw: String,
    /// How likely each is for its characters alone; none where a cell could not be made out.
    likely: Vec<(f64, String)>,
}

impl Texts {
    /// The texts of `cells`, and those of `known` that are as long.
    #[must_use]
    pub fn of(cells: &[Cell], known: &[String]) -> Self {
        let raw = raw(cells);
        if cells.is_empty() || cells.iter().any(|cell| cell.0.is_empty()) {
            return Self { raw, likely: Vec::new() };
        }
        let mut likely: Vec<(f64, String)> = likeliest(cells);
        for text in known.iter().filter(|text| text.chars().count() == cells.len()) {
            let likelihood: f64 = text.chars().zip(cells).map(|(character, cell)| cell.of(character)).product();
            if likelihood > 0.0 && !likely.iter().any(|(_, other)| other == text) {
                likely.push((likelihood, text.clone()));
            }
        }
        Self { raw, likely }
    }

    /// The likeliest, where some of those that can be are likelier than others: `weight` says how much likelier a text is than any that can be, and none for one that
    /// cannot.
    #[must_use]
    pub fn weighed(&self, weight: &dyn Fn(&str) -> Option<f64>) -> Decoded {
        let seen: f64 = self.likely.iter().map(|(likelihood, _)| likelihood).sum();
        let mut possible = 0usize;
        let weigh = |(likelihood, text): &(f64, String)| {
            let weight = weight(text);
            possible += usize::from(weight.is_some());
            likelihood * weight.map_or(1.0, |likelier| ODDS * likelier)
        };
        let mut weighed: Vec<(f64, usize)> = self.likely.iter().map(weigh).zip(0..).collect();
        // Of what was not looked at, and of what is no character of the field at all, as large a share can be as of what was.
        let share = possible.max(1) as f64 / self.likely.len().max(1) as f64;
        let rest = (1.0 - seen).max(0.0) * (ODDS * share + 1.0 - share);
        weighed.sort_by(|a, b| b.0.total_cmp(&a.0));
        let Some(&(first, at)) = weighed.first() else {
            return Decoded { raw: self.raw.clone(), text: self.raw.clone(), confidence: 0.0, second: 0.0 };
        };
        let all = weighed.iter().map(|(weight, _)| weight).sum::<f64>() + rest;
        let second = weighed.get(1).map_or(0.0, |(weight, _)| weight / all);
        Decoded { raw: self.raw.clone(), text: self.likely[at].1.clone(), confidence: first / all, second }
    }
}

/// The texts that are worth looking at.
fn likeliest(cells: &[Cell]) -> Vec<(f64, String)> {
    let mut left: f64 = cells.iter().map(|cell| cell.0.iter().map(|(_, likelihood)| likelihood).sum::<f64>()).product();
    let mut texts: Vec<(f64, String)> = Vec::new();
    for (likelihood, text) in Best::of(cells).take(LOOKED_AT) {
        left -= likelihood;
        texts.push((likelihood, text));
        if left < NEGLIGIBLE * texts[0].0 {
            break;
        }
    }
    texts
}

/// The texts of independent cells, the likeliest first.
///
/// Each text but the first comes of exactly one other, so that none has to be remembered: its last changed cell one rank lower, where cells count in the order of
/// how little their second candidate costs. From a text with a change in its last changed cell there are three ways on, none of them likelier: that cell one rank
/// further; the next cell changed too; and, where that cell is at its second candidate, the next cell changed in its place (Lawler 1972).
struct Best<'a> {
    cells: &'a [Cell],
    /// The cells that have a second candidate, those first where it costs least.
    order: Vec<usize>,
    waiting: BinaryHeap<Choice>,
}

/// For each cell which of its candidates, and how likely that is together.
struct Choice {
    likelihood: f64,
    ranks: Vec<u8>,
    /// The last changed cell's place in the order; none is changed in the first text.
    last: Option<usize>,
}

impl PartialEq for Choice {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Choice {}

impl PartialOrd for Choice {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Choice {
    fn cmp(&self, other: &Self) -> Ordering {
        // Of equals the one with lower ranks first, so that the order never depends on the heap.
        self.likelihood.total_cmp(&other.likelihood).then_with(|| other.ranks.cmp(&self.ranks))
    }
}

impl<'a> Best<'a> {
    fn of(cells: &'a [Cell]) -> Self {
        let first = Choice { likelihood: cells.iter().map(|cell| cell.0[0].1).product(), ranks: vec![0; cells.len()], last: None };
        let mut order: Vec<usize> = (0..cells.len()).filter(|&at| cells[at].0.len() > 1).collect();
        let price = |at: usize| cells[at].0[1].1 / cells[at].0[0].1;
        order.sort_by(|&a, &b| price(b).total_cmp(&price(a)));
        Self { cells, order, waiting: BinaryHeap::from([first]) }
    }

    /// How likely each cell's candidate of a rank is.
    fn of_rank(&self, at: usize, rank: u8) -> Option<f64> {
        self.cells[at].0.get(usize::from(rank)).map(|(_, likelihood)| *likelihood)
    }

    /// Lets a text wait that differs from another in one cell.
    fn wait(&mut self, from: (f64, &[u8]), place: usize, rank: u8) {
        let at = self.order[place];
        let (Some(was), Some(is)) = (self.of_rank(at, from.1[at]), self.of_rank(at, rank)) else { return };
        let mut ranks = from.1.to_vec();
        ranks[at] = rank;
        self.waiting.push(Choice { likelihood: from.0 / was * is, ranks, last: Some(place) });
    }
}

impl Iterator for Best<'_> {
    type Item = (f64, String);

    fn next(&mut self) -> Option<Self::Item> {
        let Choice { likelihood, ranks, last } = self.waiting.pop()?;
        if let Some(place) = last {
            let at = self.order[place];
            self.wait((likelihood, &ranks), place, ranks[at] + 1);
            if let (1, Some(first), Some(second)) = (ranks[at], self.of_rank(at, 0), self.of_rank(at, 1))
                && place + 1 < self.order.len()
            {
                let mut back = ranks.clone();
                back[at] = 0;
                self.wait((likelihood / second * first, &back), place + 1, 1);
            }
        }
        let next = last.map_or(0, |place| place + 1);
        if next < self.order.len() {
            self.wait((likelihood, &ranks), next, 1);
        }
        let text = self.cells.iter().zip(&ranks).map(|(cell, &rank)| cell.0[usize::from(rank)].0).collect();
        Some((likelihood, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    /// A cell that surely holds `character`, but for a thousandth.
    fn sure(character: char) -> Cell {
        Cell::new([(character, 0.999)])
    }

    fn cells(text: &str) -> Vec<Cell> {
        text.chars().map(sure).collect()
    }

    /// Digits whose sum is divisible by 11, in place of a real check digit.
    fn by_eleven(text: &str) -> bool {
        text.chars().filter_map(|digit| digit.to_digit(10)).sum::<u32>() % 11 == 0
    }

    #[test]
    fn a_rule_decides_between_two_digits() {
        // 1 or 7 in the third place: 2 + 3 + 1 + 5 = 11, and with a 7 it is 17.
        let mut doubtful = cells("2315");
        doubtful[2] = Cell::new([('7', 0.6), ('1', 0.4)]);
        let decoded = decode(&doubtful, &by_eleven, &[]);
        assert_eq!((decoded.raw.as_str(), decoded.text.as_str()), ("2375", "2315"));
        assert!(decoded.confidence > 0.99, "{decoded:?}");
        let without = decode(&doubtful, &|_| true, &[]);
        assert_eq!(without.text, "2375");
        assert!(without.confidence < 0.61, "{without:?}");
    }

    #[test]
    fn clear_digits_that_break_the_rule_are_what_was_written() {
        let clear: Vec<Cell> = "2316".chars().map(|digit| Cell::new([(digit, 0.999_99), ('5', 0.000_002)])).collect();
        let decoded = decode(&clear, &by_eleven, &[]);
        assert_eq!(decoded.text, "2316", "the number on the paper has a slip, and that is a finding");
        assert!(decoded.confidence > 0.9, "{decoded:?}");
    }

    #[test]
    fn of_two_texts_that_can_be_the_likelier_is_taken_unless_its_characters_say_otherwise() {
        let weight = |text: &str| Some(if text == "MOR" { 20.0 } else { 1.0 });
        let read = |doubt: f64| {
            let mut doubtful = cells("MOR");
            doubtful[0] = Cell::new([('N', doubt), ('M', 1.0 - doubt)]);
            Texts::of(&doubtful, &[]).weighed(&weight)
        };
        let (likelier, clear) = (read(0.6), read(0.99));
        assert!(likelier.text == "MOR" && likelier.raw == "NOR" && likelier.confidence > 0.9, "{likelier:?}");
        assert!(clear.text == "NOR" && clear.confidence < 0.9, "{clear:?}");
    }

    #[test]
    fn two_texts_that_can_be_stay_doubtful() {
        // 2 3 1 5 and 2 4 0 5 both can be.
        let doubtful = vec![sure('2'), Cell::new([('3', 0.5), ('4', 0.5)]), Cell::new([('1', 0.5), ('0', 0.5)]), sure('5')];
        let decoded = decode(&doubtful, &by_eleven, &[]);
        assert!(decoded.confidence < 0.51 && decoded.second > 0.49, "{decoded:?}");
    }

    #[test]
    fn what_could_not_be_made_out_is_never_sure() {
        let mut holed = cells("2315");
        holed[1] = Cell::default();
        let decoded = decode(&holed, &|_| true, &[]);
        assert_eq!((decoded.raw.as_str(), decoded.confidence), ("2?15", 0.0));
        let mut vague = cells("2315");
        vague[1] = Cell::new([('3', 0.3)]);
        assert!(decode(&vague, &|_| true, &[]).confidence < 0.31, "seven parts of ten are something else");
        assert!(decode(&[], &|_| true, &[]).confidence <= 0.0);
    }

    #[test]
    fn a_known_name_is_found_behind_doubtful_letters() {
        let doubtful: Vec<Cell> =
            "NAPVLK".chars().zip("NARVIK".chars()).map(|(seen, meant)| Cell::new([(seen, 0.6), (meant, if seen == meant { 0.6 } else { 0.1 })])).collect();
        let known = ["NARVIK".to_owned(), "HAMAR".to_owned(), "LARVIK".to_owned()];
        let decoded = decode(&doubtful, &|text| known.iter().any(|name| name == text), &known);
        assert_eq!((decoded.raw.as_str(), decoded.text.as_str()), ("NAPVLK", "NARVIK"));
    }

    proptest! {
        /// The search gives texts in order, each once, and with the likelihood that the cells say.
        #[test]
        fn texts_come_likeliest_first(weights in proptest::collection::vec(proptest::collection::vec(0.01f64..1.0, 3), 1..5)) {
            let cells: Vec<Cell> = weights.iter().map(|weights| {
                let all: f64 = weights.iter().sum();
                Cell::new("abc".chars().zip(weights.iter().map(|weight| weight / all)))
            }).collect();
            let texts: Vec<(f64, String)> = Best::of(&cells).collect();
            prop_assert_eq!(texts.len(), 3usize.pow(u32::try_from(cells.len()).unwrap()));
            prop_assert!(texts.windows(2).all(|pair| pair[0].0 >= pair[1].0 - 1e-12));
            prop_assert!((texts.iter().map(|(likelihood, _)| likelihood).sum::<f64>() - 1.0).abs() < 1e-9);
            prop_assert_eq!(texts.iter().map(|(_, text)| text).collect::<HashSet<_>>().len(), texts.len());
            for (likelihood, text) in &texts {
                let product: f64 = text.chars().zip(&cells).map(|(character, cell)| cell.0.iter().find(|(c, _)| *c == character).unwrap().1).product();
                prop_assert!((product - likelihood).abs() < 1e-9);
            }
        }
    }
}
