//! How well documents were read, measured against documents whose true values are known: counts, bounds, the risk-coverage curve, thresholds.
//!
//! Everything here is pure. An [`Observation`] is one field of one document; a [`Tally`] is what a group of them comes to. No value is kept, only whether it was
//! right, so a report on an office's own documents says nothing about anybody.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of fields are far below 2^52, and never negative"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::record::{FieldType, ReaderKind};

/// The level of every bound: the true rate is below it in 95 of 100 such measurements.
pub const LEVEL: f64 = 0.95;

/// One field, as read and as it should be.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "they are five independent facts about a field")]
pub struct Observation {
    /// The form.
    pub form: String,
    /// The type.
    pub kind: FieldType,
    /// What read it.
    pub reader: ReaderKind,
    /// Whether it was read as handwriting.
    pub by_hand: bool,
    /// Whether something is written in it.
    pub filled: bool,
    /// Whether there is a value that could have been accepted.
    pub valued: bool,
    /// Whether the value is the true one.
    pub right: bool,
    /// Whether the machine took the value, or the blank, without a person.
    pub accepted: bool,
    /// How sure the machine was.
    pub confidence: f32,
    /// How many characters would have to be changed, and how many there are.
    pub edits: (usize, usize),
}

/// What a group of fields comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Fields.
    pub fields: usize,
    /// Fields with something written in them.
    pub filled: usize,
    /// Filled fields whose value is the true one.
    pub exact: usize,
    /// Filled fields that were accepted.
    pub accepted: usize,
    /// Fields, filled or not, of which something untrue was accepted.
    pub wrong: usize,
    /// Fields, filled or not, that were accepted or taken for blank.
    pub settled: usize,
    /// Characters that would have to be changed, and characters.
    pub edits: (usize, usize),
}

impl Tally {
    /// Counts.
    #[must_use]
    pub fn of<'a>(observations: impl IntoIterator<Item = &'a Observation>) -> Self {
        let mut tally = Self::default();
        for seen in observations {
            tally.fields += 1;
            tally.filled += usize::from(seen.filled);
            tally.exact += usize::from(seen.filled && seen.right);
            tally.accepted += usize::from(seen.filled && seen.accepted);
            tally.wrong += usize::from(seen.accepted && !seen.right);
            tally.settled += usize::from(seen.accepted);
            tally.edits.0 += seen.edits.0;
            tally.edits.1 += seen.edits.1;
        }
        tally
    }

    /// An upper bound on the share of wrong values among what was accepted.
    #[must_use]
    pub fn wrong_at_most(&self) -> f64 {
        upper_bound(self.wrong, self.settled, LEVEL)
    }
}

/// The exact upper bound on a rate of which `wrong` of `of` were seen (Clopper, Pearson, Biometrika 26, 1934): with a higher rate, so few would be seen in fewer than
/// one minus `level` of all measurements.
#[must_use]
pub fn upper_bound(wrong: usize, of: usize, level: f64) -> f64 {
    if wrong >= of {
        return 1.0;
    }
    let (mut low, mut high) = (wrong as f64 / of as f64, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if at_most(wrong, of, middle) > 1.0 - level { low = middle } else { high = middle }
    }
    high
}

/// The probability of `wrong` or fewer of `of` at a rate: the binomial distribution, added up in logarithms so that no term is lost.
fn at_most(wrong: usize, of: usize, rate: f64) -> f64 {
    let (odds, mut term) = ((rate / (1.0 - rate)).ln(), of as f64 * (1.0 - rate).ln());
    let mut sum = term.exp();
    for k in 1..=wrong {
        term += ((of - k + 1) as f64 / k as f64).ln() + odds;
        sum += term.exp();
    }
    sum
}

/// One step of the risk-coverage curve: what would be accepted at a confidence, and how much of it would be wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The least confidence.
    pub least: f32,
    /// How many would be accepted.
    pub accepted: usize,
    /// How many of them are wrong.
    pub wrong: usize,
}

/// Every threshold that makes a difference, the surest first. What has no value is accepted at none.
#[must_use]
pub fn curve<'a>(observations: impl IntoIterator<Item = &'a Observation>) -> Vec<Step> {
    steps(observations.into_iter().filter(|seen| could_be_accepted(seen)).map(|seen| (seen.confidence, seen.right)).collect())
}

fn could_be_accepted(seen: &Observation) -> bool {
    seen.filled && seen.valued
}

/// The steps of values that are each so sure, and right or not.
fn steps(mut seen: Vec<(f32, bool)>) -> Vec<Step> {
    seen.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut steps: Vec<Step> = Vec::new();
    let mut wrong = 0;
    for (index, (confidence, right)) in seen.iter().enumerate() {
        wrong += usize::from(!right);
        if seen.get(index + 1).is_none_or(|(next, _)| next < confidence) {
            steps.push(Step { least: *confidence, accepted: index + 1, wrong });
        }
    }
    steps
}

/// The lowest threshold at which the bound on wrong values stays within `risk`; none when there are too few fields for that at any.
#[must_use]
pub fn threshold(steps: &[Step], risk: f64) -> Option<Step> {
    steps.iter().rev().find(|step| upper_bound(step.wrong, step.accepted, LEVEL) <= risk).copied()
}

/// Thresholds for all types together: the lowest at which the bound on wrong values of all types stays within `risk`, each type accepted down to where one more of its
/// fields is as often wrong as one more of any other. On too few fields for the bound, down to where the first is wrong; none when that is the surest.
///
/// How often a field is wrong at a confidence is a logistic curve a type (Platt 1999), held to the curve of all types where a type has little to say. No threshold is below
/// `floor`, and what is less sure does not count as accepted.
#[must_use]
pub fn together(by_type: &BTreeMap<FieldType, Vec<&Observation>>, risk: f64, floor: f32) -> Option<BTreeMap<FieldType, f32>> {
    let points = |seen: &[&Observation]| -> Vec<(f64, bool)> {
        seen.iter().filter(|seen| could_be_accepted(seen)).map(|seen| (surprise(seen.confidence), !seen.right)).collect()
    };
    let all: Vec<&Observation> = by_type.values().flatten().copied().collect();
    let common = Odds::fit(&points(&all), Odds { at_none: 0.0, fall: 1.0 }, [5.0, 1.0]);
    let odds: BTreeMap<FieldType, Odds> = by_type.iter().map(|(kind, seen)| (*kind, Odds::fit(&points(seen), common, [1.5, 0.4]))).collect();
    let right = |seen: &&Observation| (1.0 - odds[&seen.kind].wrong_at(surprise(seen.confidence))) as f32;
    let steps = steps(all.iter().filter(|seen| could_be_accepted(seen) && seen.confidence >= floor).map(|seen| (right(seen), seen.right)).collect());
    let found = threshold(&steps, risk).or_else(|| steps.iter().take_while(|step| step.wrong == 0).last().copied())?;
    let wrong = (1.0 - f64::from(found.least)).clamp(1e-6, 0.5);
    Some(odds.iter().map(|(kind, odds)| (*kind, ((1.0 - (-odds.reaches(wrong)).exp()) as f32).clamp(floor, 1.0))).collect())
}

/// The logarithm of how unlikely it is that a confidence is mistaken: 0 for none, 6.9 for 0.999.
fn surprise(confidence: f32) -> f64 {
    -(1.0 - f64::from(confidence)).max(1e-7).ln()
}

/// How often a value is wrong: the log odds fall in a straight line.
#[derive(Debug, Clone, Copy)]
struct Odds {
    /// Log odds without any confidence.
    at_none: f64,
    /// How far they fall for each unit of [`surprise`].
    fall: f64,
}

impl Odds {
    fn wrong_at(self, surprise: f64) -> f64 {
        1.0 / (1.0 + (self.fall * surprise - self.at_none).exp())
    }

    /// The surprise at which values are so often wrong.
    fn reaches(self, wrong: f64) -> f64 {
        ((self.at_none - (wrong / (1.0 - wrong)).ln()) / self.fall).max(0.0)
    }

    /// The likeliest curve through `points` (surprise, wrong), where before them it was taken to be about `before`, give or take `spread`: Newton's method.
    fn fit(points: &[(f64, bool)], before: Self, spread: [f64; 2]) -> Self {
        const FALL_MIN: f64 = 0.2;
        const STEP_MAX: f64 = 1.0;
        let weight = spread.map(|spread| 1.0 / (spread * spread));
        let mut odds = before;
        for _ in 0..60 {
            let mut slope = [(odds.at_none - before.at_none) * weight[0], (odds.fall - before.fall) * weight[1]];
            let mut bend = [weight[0], 0.0, weight[1]];
            for &(surprise, wrong) in points {
                let expected = odds.wrong_at(surprise);
                let (off, sure) = (expected - f64::from(u8::from(wrong)), expected * (1.0 - expected));
                slope = [slope[0] + off, slope[1] - off * surprise];
                bend = [bend[0] + sure, bend[1] - sure * surprise, bend[2] + sure * surprise * surprise];
            }
            let determinant = bend[0] * bend[2] - bend[1] * bend[1];
            let step = [(bend[2] * slope[0] - bend[1] * slope[1]) / determinant, (bend[0] * slope[1] - bend[1] * slope[0]) / determinant];
            let [none, fall] = step.map(|step| step.clamp(-STEP_MAX, STEP_MAX));
            odds = Self { at_none: odds.at_none - none, fall: (odds.fall - fall).max(FALL_MIN) };
        }
        odds
    }
}

/// How many fields without a wrong one the bound needs.
#[must_use]
pub fn fields_needed(risk: f64) -> usize {
    ((1.0 - LEVEL).ln() / (1.0 - risk).ln()).ceil() as usize
}

/// A share; 0 of nothing.
#[must_use]
pub fn share((part, whole): (usize, usize)) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The number of insertions, deletions and replacements between two texts (Levenshtein 1966).
#[must_use]
pub fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (number, left) in one.chars().enumerate() {
        let mut before = row[0];
        row[0] = number + 1;
        for (at, right) in other.iter().enumerate() {
            let changed = before + usize::from(left != *right);
            before = row[at + 1];
            row[at + 1] = changed.min(before + 1).min(row[at] + 1);
        }
    }
    row[other.len()]
}

/// The risk-coverage curve of each group as an SVG picture: across what share is accepted, up what share of that is wrong, from 0.01 % to 100 %.
#[must_use]
pub fn picture(groups: &BTreeMap<String, Vec<Step>>) -> String {
    const WIDTH: f64 = 640.0;
    const HEIGHT: f64 = 400.0;
    const COLOURS: [&str; 8] = ["#1b6ca8", "#b5460f", "#2e7d32", "#7b1fa2", "#5d4037", "#00838f", "#ad1457", "#616161"];
    let y = |risk: f64| HEIGHT - (risk.max(1e-4).log10() + 4.0) / 4.0 * HEIGHT;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-70 -20 {} {}\" font-family=\"sans-serif\" font-size=\"12\">\n",
        WIDTH + 250.0,
        HEIGHT + 70.0
    );
    let _ = writeln!(svg, "<rect x=\"0\" y=\"0\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\" stroke=\"#999\"/>");
    for (risk, label) in [(1e-4, "0,01 %"), (5e-4, "0,05 %"), (1e-3, "0,1 %"), (1e-2, "1 %"), (1e-1, "10 %"), (1.0, "100 %")] {
        let _ = writeln!(
            svg,
            "<path d=\"M0 {0:.1}H{WIDTH}\" stroke=\"#ddd\"/><text x=\"-8\" y=\"{0:.1}\" text-anchor=\"end\" dominant-baseline=\"middle\">{label}</text>",
            y(risk)
        );
    }
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let _ = writeln!(svg, "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{:.0} %</text>", share * WIDTH, HEIGHT + 18.0, share * 100.0);
    }
    let _ = writeln!(svg, "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">andel godtatt</text>", WIDTH / 2.0, HEIGHT + 40.0);
    for (index, (name, steps)) in groups.iter().enumerate() {
        let (colour, all) = (COLOURS[index % COLOURS.len()], steps.last().map_or(1, |step| step.accepted) as f64);
        let points: Vec<String> =
            steps.iter().map(|step| format!("{:.1},{:.1}", step.accepted as f64 / all * WIDTH, y(step.wrong as f64 / step.accepted as f64))).collect();
        let _ = writeln!(svg, "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>", points.join(" "));
        let _ = writeln!(svg, "<text x=\"{:.0}\" y=\"{}\" fill=\"{colour}\">{name}</text>", WIDTH + 12.0, 14 + index * 16);
    }
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(confidence: f32, right: bool) -> Observation {
        Observation {
            form: "proeve".into(),
            kind: FieldType::Duf,
            reader: ReaderKind::Comb,
            by_hand: true,
            filled: true,
            valued: true,
            right,
            accepted: confidence > 0.5,
            confidence,
            edits: (0, 12),
        }
    }

    #[test]
    fn bounds_are_those_of_the_tables() {
        // The rule of three, and the one-sided limits of Clopper and Pearson.
        assert!((upper_bound(0, 5990, LEVEL) - 0.0005).abs() < 1e-6);
        assert!((upper_bound(0, 10, LEVEL) - 0.2589).abs() < 1e-4);
        assert!((upper_bound(1, 10, LEVEL) - 0.3942).abs() < 1e-4);
        assert!((upper_bound(5, 100, LEVEL) - 0.1023).abs() < 1e-4);
        assert!(upper_bound(3, 3, LEVEL) >= 1.0 && upper_bound(0, 0, LEVEL) >= 1.0);
        assert_eq!(fields_needed(0.0005), 5990);
    }

    #[test]
    fn the_lowest_threshold_within_the_risk_is_taken() {
        let mut all: Vec<Observation> = (0..400).map(|index| seen(0.9 + index as f32 / 10_000.0, true)).collect();
        all.push(seen(0.6, false));
        all.extend((0..50).map(|index| seen(0.3 + index as f32 / 1000.0, index % 2 == 0)));
        let steps = curve(&all);
        let found = threshold(&steps, 0.01).expect("400 right ones are enough for one in a hundred");
        assert_eq!((found.wrong, found.accepted), (0, 400));
        assert!((found.least - 0.9).abs() < 1e-6);
        // One wrong of 401 has a bound of 1.2 %.
        assert_eq!(threshold(&steps, 0.012).map(|step| step.wrong), Some(1));
        assert_eq!(threshold(&steps, 0.0005), None, "too few for five in ten thousand");
    }

    /// Fields of two types whose confidences mean something else: one is wrong as often as it says, the other ten times as seldom.
    fn of_two_types(count: usize) -> Vec<Observation> {
        let dice = |index: usize| (index as f64 * 0.618_033_988_75).fract();
        (0..count)
            .flat_map(|index| {
                let mistaken = (-8.0 * dice(index)).exp();
                let confidence = (1.0 - mistaken) as f32;
                let wrong = |share: f64| dice(index * 7 + 3) < mistaken * share;
                [Observation { kind: FieldType::Name, ..seen(confidence, !wrong(1.0)) }, Observation { kind: FieldType::Duf, ..seen(confidence, !wrong(0.1)) }]
            })
            .collect()
    }

    #[test]
    fn together_each_type_is_accepted_as_far_as_it_is_as_often_right() {
        let all = of_two_types(20_000);
        let mut by_type: BTreeMap<FieldType, Vec<&Observation>> = BTreeMap::new();
        for seen in &all {
            by_type.entry(seen.kind).or_default().push(seen);
        }
        let risk = 0.002;
        // How many the thresholds accept; as seldom wrong as was promised.
        let kept = |least: &BTreeMap<FieldType, f32>| {
            let accepted: Vec<&Observation> = all.iter().filter(|seen| seen.confidence >= least[&seen.kind]).collect();
            let wrong = accepted.iter().filter(|seen| !seen.right).count();
            assert!(upper_bound(wrong, accepted.len(), LEVEL) <= risk * 1.02, "{wrong} of {}", accepted.len());
            accepted.len()
        };
        let found = together(&by_type, risk, 0.5).expect("40,000 fields are enough for two in a thousand");
        let (name, duf) = (1.0 - found[&FieldType::Name], 1.0 - found[&FieldType::Duf]);
        assert!(duf > 5.0 * name && duf < 20.0 * name, "one may be mistaken at {duf}, the other at {name}");
        let accepted = kept(&found);
        // With a floor the promise is about what is left above it.
        let floor = 1.0 - duf / 4.0;
        let held = together(&by_type, risk, floor).expect("enough is surer");
        assert!(held.values().all(|least| *least >= floor));
        assert!(kept(&held) < accepted);
        // No single bar for both is as good.
        let alone = threshold(&curve(&all), risk).map_or(0, |step| step.accepted);
        assert!(accepted > alone, "{accepted} against {alone}");
        let few: BTreeMap<FieldType, Vec<&Observation>> = by_type.iter().map(|(kind, seen)| (*kind, seen[..200].to_vec())).collect();
        // 400 fields promise nothing of the kind: then nothing wrong is accepted at all, and no more than before.
        let fewer = together(&few, risk, 0.5).expect("the surest is right");
        assert!(few.values().flatten().all(|seen| seen.right || seen.confidence < fewer[&seen.kind]));
    }

    #[test]
    fn equal_confidences_are_accepted_together() {
        let all = [seen(0.9, true), seen(0.9, false), seen(0.8, true)];
        assert_eq!(curve(&all).iter().map(|step| (step.accepted, step.wrong)).collect::<Vec<_>>(), [(2, 1), (3, 1)]);
    }

    #[test]
    fn what_has_no_value_raises_no_threshold() {
        let unread = Observation { valued: false, ..seen(0.95, false) };
        assert_eq!(curve(&[unread, seen(0.9, true)]).iter().map(|step| (step.accepted, step.wrong)).collect::<Vec<_>>(), [(1, 0)]);
    }

    #[test]
    fn tallies_tell_wrong_from_unsure() {
        let blank = Observation { filled: false, accepted: true, ..seen(1.0, true) };
        let missed = Observation { filled: true, accepted: true, right: false, ..seen(1.0, false) };
        let tally = Tally::of(&[seen(0.9, true), seen(0.4, false), blank, missed]);
        assert_eq!(tally, Tally { fields: 4, filled: 3, exact: 1, accepted: 2, wrong: 1, settled: 3, edits: (0, 48) });
    }

    #[test]
    fn distances_are_counted_in_characters() {
        for (one, other, expected) in [("", "", 0), ("ÅSE", "ASE", 1), ("KARI", "KRI", 1), ("", "ÆØÅ", 3), ("OLA", "KARI", 4)] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }
}
