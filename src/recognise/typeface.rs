//! Typed or written by hand? Print draws every letter of a kind equally high, and in a typeface that is known; no hand does.
//!
//! Each character that was read says what its box should be: capitals and digits stand on the base line and share a height, small letters share
//! another, some hang below. What is measured is how far heights are from each other, in millimetres on paper. Print scanned at 150 dpi in black
//! and white strays by some 0.05 mm, careful hands by 0.2 mm and more. The base line says less: a typewriter sets its letters a little up and down. A
//! few characters can be even by chance, so short fields are compared with the print that the rest of the page is set in. And what is even has to
//! look like print as well ([`super::portrait`]): a font that imitates a hand is as even as any other.

use std::collections::BTreeMap;

use super::comb::Glyph;
use super::portrait::{self, Portrait};

/// Root mean square deviation up to which heights are as even as print, mm.
const SPREAD_MAX_MM: f64 = 0.115;
/// No single height of print strays further than this, mm.
const WORST_MAX_MM: f64 = 0.34;
/// Root mean square deviation from the base line up to which letters stand as a machine sets them, mm.
const BASE_MAX_MM: f64 = 0.2;
/// Fewer independent measurements than this prove nothing.
const FREEDOM_MIN: usize = 5;
/// Heights of a page's print agree to this, mm.
const PROFILE_MM: f64 = 0.22;
/// And where it stands, mm.
const PROFILE_BASE_MM: f64 = 0.4;

/// A character, its edges in a common frame (mm: y counts downwards) and its looks.
#[derive(Clone)]
pub struct Shape {
    /// What was read.
    pub character: char,
    /// Where along the line.
    pub x: f64,
    /// Upper edge of the ink.
    pub top: f64,
    /// Lower edge of the ink.
    pub bottom: f64,
    /// Mean width of the strokes.
    pub stroke: f64,
    /// What it looks like.
    pub portrait: Portrait,
}

/// Who filled it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// A machine.
    Typed,
    /// A person, with a pen.
    Written,
    /// Too little to tell.
    Unclear,
}

/// How even a line is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evenness {
    /// How many independent measurements stand behind it.
    pub freedom: usize,
    /// Root mean square deviation of heights, mm.
    pub spread_mm: f64,
    /// The largest deviation of a height, mm.
    pub worst_mm: f64,
    /// Root mean square deviation from the base line, mm.
    pub base_mm: f64,
}

impl Shape {
    /// A glyph that was read as `character`, for its edges: what it looks like stays open.
    #[must_use]
    pub fn edges(character: char, x: f64, glyph: &Glyph) -> Self {
        Self { character, x, top: glyph.rect_mm[1], bottom: glyph.rect_mm[3], stroke: glyph.stroke_mm, portrait: Portrait::none() }
    }
}

impl Evenness {
    /// Whether no print can be so uneven, coarse scans and typewriters included: twice what print is allowed.
    #[must_use]
    pub fn is_surely_a_hands(&self) -> bool {
        self.freedom > FREEDOM_MIN && (self.spread_mm > 2.0 * SPREAD_MAX_MM || self.base_mm > 2.0 * BASE_MAX_MM)
    }

    /// What the evenness says by itself.
    #[must_use]
    pub fn hand(&self) -> Hand {
        if self.freedom < FREEDOM_MIN {
            Hand::Unclear
        } else if self.spread_mm <= SPREAD_MAX_MM && self.worst_mm <= WORST_MAX_MM && self.base_mm <= BASE_MAX_MM {
            Hand::Typed
        } else {
            Hand::Written
        }
    }
}

/// Kinds of upper edges that lie on one height within a typeface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Height {
    Digit,
    Capital,
    Small,
    Ascender,
}

fn height_of(character: char) -> Option<Height> {
    match character {
        '0'..='9' => Some(Height::Digit),
        'A'..='Z' | 'Æ' => Some(Height::Capital),
        'a' | 'c' | 'e' | 'g' | 'm'..='s' | 'u'..='z' | 'æ' => Some(Height::Small),
        'b' | 'd' | 'f' | 'h' | 'k' | 'l' => Some(Height::Ascender),
        _ => None,
    }
}

/// Whether the lower edge is on the base line in every typeface (a J or Q may hang, and so may the stroke of an Ø).
fn stands(character: char) -> bool {
    matches!(character, 'A'..='Z' | 'a'..='z' | '0'..='9' | 'Æ' | 'Å' | 'æ' | 'å' | '.') && !matches!(character, 'J' | 'Q' | 'g' | 'j' | 'p' | 'q' | 'y')
}

/// Measures a line.
#[must_use]
pub fn evenness(shapes: &[Shape]) -> Evenness {
    let standing: Vec<&Shape> = shapes.iter().filter(|shape| stands(shape.character)).collect();
    let bottoms: Vec<(f64, f64)> = standing.iter().map(|shape| (shape.x, shape.bottom)).collect();
    let line = BaseLine::fit(&bottoms);
    let base: f64 = bottoms.iter().map(|&(x, bottom)| (bottom - line.at(x)).powi(2)).sum();
    let base_freedom = bottoms.len().saturating_sub(line.unknowns);
    let mut groups: BTreeMap<Height, Vec<f64>> = BTreeMap::new();
    for shape in standing {
        if let Some(height) = height_of(shape.character) {
            groups.entry(height).or_default().push(shape.bottom - shape.top);
        }
    }
    let (mut sum, mut worst_mm, mut freedom) = (0.0, 0.0_f64, 0);
    for heights in groups.values().filter(|heights| heights.len() >= 2) {
        let mean = heights.iter().sum::<f64>() / heights.len() as f64;
        for height in heights {
            sum += (height - mean).powi(2);
            worst_mm = worst_mm.max((height - mean).abs());
        }
        freedom += heights.len() - 1;
    }
    let root = |sum: f64, count: usize| (sum / count.max(1) as f64).sqrt();
    Evenness { freedom: freedom + base_freedom, spread_mm: root(sum, freedom), worst_mm, base_mm: root(base, base_freedom) }
}

/// A straight line through lower edges.
struct BaseLine {
    height: f64,
    slope: f64,
    unknowns: usize,
}

impl BaseLine {
    /// Level through a few edges; through many, sloped by what is left of the registration's error.
    fn fit(points: &[(f64, f64)]) -> Self {
        let count = points.len() as f64;
        if points.is_empty() {
            return Self { height: 0.0, slope: 0.0, unknowns: 0 };
        }
        let (x, y) = (points.iter().map(|p| p.0).sum::<f64>() / count, points.iter().map(|p| p.1).sum::<f64>() / count);
        let spread: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
        if points.len() < 6 || spread < 100.0 {
            return Self { height: y, slope: 0.0, unknowns: 1 };
        }
        let slope = (points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / spread).clamp(-0.01, 0.01);
        Self { height: y - slope * x, slope, unknowns: 2 }
    }

    fn at(&self, x: f64) -> f64 {
        self.height + self.slope * x
    }
}

/// A page's print is established by this many characters, at most this unlike one typeface on average: over so many, no hand comes near.
const PAGE_COMPARED_MIN: usize = 30;
const PAGE_MEAN_MAX: f32 = 0.11;
/// A field in the page's print, its letters as high and as far down in their cells, may then be this unlike: a coarse or a hard black-and-white
/// scan takes its toll of thin strokes.
const FIELD_MEAN_MAX: f32 = 0.16;
const FIELD_WORST_MAX: f32 = 0.45;

/// What the print of a page's combs looks like: which typeface, where it stands in its cells, how tall its letters are, how wide its strokes.
#[derive(Default)]
pub struct Profile {
    heights: BTreeMap<Height, Vec<f64>>,
    bases: Vec<f64>,
    strokes: Vec<f64>,
    print: Vec<(char, Portrait)>,
    typeface: Option<usize>,
    typed: usize,
    written: usize,
}

impl Profile {
    /// Takes in a comb field whose evenness is known.
    pub fn learn(&mut self, shapes: &[Shape], hand: Hand) {
        match (hand, base(shapes)) {
            (Hand::Written, _) => self.written += 1,
            (Hand::Typed, Some(base)) => {
                self.typed += 1;
                self.bases.push(base);
                for shape in shapes {
                    self.strokes.push(shape.stroke);
                    self.print.push((shape.character, shape.portrait.clone()));
                    if let Some(height) = height_of(shape.character).filter(|_| stands(shape.character)) {
                        self.heights.entry(height).or_default().push(shape.bottom - shape.top);
                    }
                }
            }
            _ => {}
        }
    }

    /// Finds the typeface, once every field is known.
    pub fn settle(&mut self) {
        let print: Vec<(char, &Portrait)> = self.print.iter().map(|(character, portrait)| (*character, portrait)).collect();
        self.typeface =
            portrait::compare(&print).filter(|found| found.compared >= PAGE_COMPARED_MIN && found.mean <= PAGE_MEAN_MAX).map(|found| found.typeface);
        self.print.clear();
    }

    /// Who wrote these lines, and whether every character looks more like what was read than like another: the lines have to be even, by
    /// themselves or against this print where they are short, and look like print of a known typeface or like this page's.
    #[must_use]
    pub fn hand(&self, lines: &[Vec<Shape>], own: Hand, in_cells: bool) -> (Hand, bool) {
        let shapes: Vec<&Shape> = lines.iter().flatten().collect();
        let looks: Vec<(char, &Portrait)> = shapes.iter().map(|shape| (shape.character, &shape.portrait)).collect();
        let (Some(likeness), [first, ..]) = (portrait::compare(&looks), lines) else { return (own, true) };
        let beside = if lines.len() == 1 { self.judge(first, in_cells) } else { Hand::Unclear };
        let even = if own == Hand::Unclear { beside } else { own };
        let as_on_page = || {
            let on_page = self.typeface.and_then(|typeface| portrait::compare_with(typeface, &looks));
            beside == Hand::Typed && on_page.is_some_and(|likeness| likeness.mean <= FIELD_MEAN_MAX && likeness.worst <= FIELD_WORST_MAX)
        };
        let print = likeness.is_print() || as_on_page();
        (if even == Hand::Typed && !print { Hand::Unclear } else { even }, likeness.contradicted == 0)
    }

    /// Whether a few characters are of this print; `in_cells` when they are in a comb as the print was. Unclear when the page has too little
    /// print, or the characters too few edges, to compare.
    fn judge(&self, shapes: &[Shape], in_cells: bool) -> Hand {
        let (Some(own), Some(typical), Some(stroke)) = (base(shapes), median(&self.bases), median(&self.strokes)) else { return Hand::Unclear };
        let other = if in_cells { Hand::Written } else { Hand::Unclear };
        if in_cells && (own - typical).abs() > PROFILE_BASE_MM {
            return other;
        }
        let mut compared = 0;
        for shape in shapes.iter().filter(|shape| stands(shape.character)) {
            compared += 1;
            if (shape.bottom - own).abs() > PROFILE_BASE_MM || (in_cells && (shape.stroke / stroke - 1.0).abs() > 0.4) {
                return other;
            }
            if let Some(height) = height_of(shape.character).and_then(|height| median(self.heights.get(&height)?)) {
                compared += 1;
                if (shape.bottom - shape.top - height).abs() > PROFILE_MM {
                    return other;
                }
            }
        }
        let enough = compared > shapes.len() && self.strokes.len() >= 8;
        if enough && self.typed > self.written { Hand::Typed } else { Hand::Unclear }
    }
}

/// Where a line stands: the median of the lower edges that stand on its base line.
fn base(shapes: &[Shape]) -> Option<f64> {
    let bottoms: Vec<f64> = shapes.iter().filter(|shape| stands(shape.character)).map(|shape| shape.bottom).collect();
    median(&bottoms)
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Grey;

    fn shapes(text: &str, wobble: impl Fn(usize) -> f64) -> Vec<Shape> {
        let blank = Grey { width: 4, height: 4, data: vec![255; 16], dpi: 300.0 };
        let place = |(index, character): (usize, char)| {
            let top = match height_of(character) {
                Some(Height::Small) => 2.9,
                _ => 2.0,
            };
            let bottom = if stands(character) { 5.0 } else { 5.8 };
            Shape {
                character,
                x: 5.0 * index as f64,
                top: top + wobble(2 * index),
                bottom: bottom + wobble(2 * index + 1),
                stroke: 0.4,
                portrait: Portrait::of(&blank),
            }
        };
        text.chars().enumerate().map(place).collect()
    }

    fn hand(text: &str, size: f64) -> Hand {
        // Steps of the golden ratio are spread evenly and repeat nowhere.
        evenness(&shapes(text, |i| ((i as f64 * 0.618).fract() - 0.5) * 2.0 * size)).hand()
    }

    #[test]
    fn print_is_even_and_a_hand_is_not() {
        // A scan at 150 dpi strays by half a pixel, 0.085 mm; a careful hand by a quarter of a millimetre.
        assert_eq!(hand("202203141502", 0.085), Hand::Typed);
        assert_eq!(hand("Ingeborg Lindqvist", 0.085), Hand::Typed);
        assert_eq!(hand("202203141502", 0.25), Hand::Written);
        assert_eq!(hand("8508", 0.4), Hand::Written);
        assert_eq!(hand("12", 0.0), Hand::Unclear);
        assert_eq!(hand("", 0.0), Hand::Unclear);
    }

    #[test]
    fn a_line_askew_is_still_even() {
        let askew: Vec<Shape> = shapes("202203141502", |_| 0.0)
            .into_iter()
            .map(|shape| Shape { top: shape.top + 0.006 * shape.x, bottom: shape.bottom + 0.006 * shape.x, ..shape })
            .collect();
        assert_eq!(evenness(&askew).hand(), Hand::Typed);
    }

    #[test]
    fn a_typewriter_is_not_a_hand() {
        // Letters up and down by 0.2 mm, each as high as the others.
        let shapes = shapes("202203141502", |i| (((i / 2) as f64 * 0.618).fract() - 0.5) * 0.4);
        assert_eq!(evenness(&shapes).hand(), Hand::Typed);
    }

    #[test]
    fn short_fields_are_measured_by_the_page() {
        let mut profile = Profile::default();
        profile.learn(&shapes("202203141502", |_| 0.0), Hand::Typed);
        let alone = shapes("7", |_| 0.0);
        assert_eq!(profile.judge(&alone, true), Hand::Typed);
        let lower: Vec<Shape> = shapes("7", |_| 0.6);
        assert_eq!(profile.judge(&lower, true), Hand::Written);
        let taller: Vec<Shape> = alone.iter().cloned().map(|shape| Shape { top: shape.top - 0.5, ..shape }).collect();
        assert_eq!(profile.judge(&taller, true), Hand::Written);
        assert_eq!(Profile::default().judge(&alone, true), Hand::Unclear);
    }
}
