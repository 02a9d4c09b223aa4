//! Glyphs become words and lines: words by gaps, lines by baselines, from the top down.
//!
//! A line runs across the whole page: the columns of a table stand on one line as words far apart, and so do the two halves of a letterhead.
//! Text that runs from right to left is not put in order.

use super::super::{TextLayer, TextLine, TextWord};
use super::sight::Glyph;
use crate::record::Confidence;

/// A gap wider than this share of the em parts words, in lines that have no spaces of their own and in lines that do.
const GAP_BARE: f64 = 0.15;
const GAP_SPACED: f64 = 0.25;
/// Letter-spaced headings are recognised by their median gap, up to this share of the em.
const LETTER_SPACING_MAX: f64 = 0.35;
/// From the baseline up and down, in ems: what a line of text reaches.
const ASCENT: f64 = 0.75;
const DESCENT: f64 = 0.22;
/// Two glyphs share a line if their baselines are nearer than this share of the smaller em: less than half, so that of two lines of small
/// print beside a large letter only one joins it. A footnote's number in the air becomes a line of its own.
const BASELINE_STEP: f64 = 0.45;
/// How many of the lines above a glyph may still take it in; baselines come sorted.
const OPEN_LINES: usize = 4;
/// The same letter again within this share of its em is a shadow or a poor man's bold.
const SHADOW: f64 = 0.1;
/// A distance to the line above that exceeds the usual one by this factor starts a paragraph.
const PARAGRAPH_PITCH: f64 = 1.3;

/// The lines that `glyphs` (in points from the page's top left) make on a picture with `scale` pixels to the point.
pub(super) fn lines(mut glyphs: Vec<Glyph>, scale: f64) -> TextLayer {
    glyphs.sort_by(|a, b| a.origin.y.total_cmp(&b.origin.y));
    let mut lines: Vec<Line> = Vec::new();
    for glyph in glyphs {
        let from = lines.len().saturating_sub(OPEN_LINES);
        let nearest = lines[from..].iter_mut().map(|line| (line.distance(&glyph), line)).min_by(|a, b| a.0.total_cmp(&b.0));
        match nearest {
            Some((distance, line)) if distance < BASELINE_STEP => line.add(glyph),
            _ => lines.push(Line::new(glyph)),
        }
    }
    lines.retain(|line| line.glyphs.iter().any(|glyph| !glyph.is_space()));
    lines.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let usual = usual_pitch(&lines);
    let mut above: Option<f64> = None;
    let lines = lines
        .into_iter()
        .map(|line| {
            let baseline = line.baseline;
            let starts_paragraph = above.replace(baseline).is_none_or(|above| baseline - above > usual * PARAGRAPH_PITCH);
            TextLine { words: line.words(scale), starts_paragraph }
        })
        .filter(|line| !line.words.is_empty())
        .collect();
    TextLayer { lines }
}

/// The lower quartile of the distances between baselines: most lines of a letter follow their neighbour, few open a paragraph.
fn usual_pitch(lines: &[Line]) -> f64 {
    let mut pitches: Vec<f64> = lines
        .windows(2)
        .map(|pair| pair[1].baseline - pair[0].baseline)
        .zip(lines)
        .filter(|(pitch, line)| *pitch < 3.0 * line.size)
        .map(|(pitch, _)| pitch)
        .collect();
    pitches.sort_by(f64::total_cmp);
    pitches.get(pitches.len() / 4).copied().unwrap_or(f64::INFINITY)
}

struct Line {
    baseline: f64,
    /// The em of its largest glyph, which sets its reach.
    size: f64,
    glyphs: Vec<Glyph>,
}

impl Line {
    fn new(glyph: Glyph) -> Self {
        Self { baseline: glyph.origin.y, size: glyph.size, glyphs: vec![glyph] }
    }

    /// Between the baselines, in ems of the smaller of the two.
    fn distance(&self, glyph: &Glyph) -> f64 {
        (self.baseline - glyph.origin.y).abs() / self.size.min(glyph.size)
    }

    fn add(&mut self, glyph: Glyph) {
        if glyph.size > self.size {
            self.size = glyph.size;
            self.baseline = glyph.origin.y;
        }
        self.glyphs.push(glyph);
    }

    fn words(mut self, scale: f64) -> Vec<TextWord> {
        self.glyphs.sort_by(|a, b| a.origin.x.total_cmp(&b.origin.x));
        self.glyphs.dedup_by(|later, first| later.text == first.text && !later.is_space() && (later.origin - first.origin).hypot() < SHADOW * first.size);
        let gap_min = self.gap_min();
        let mut words = Vec::new();
        let mut word: Vec<&Glyph> = Vec::new();
        let mut end = f64::NEG_INFINITY;
        for glyph in &self.glyphs {
            let parted = glyph.is_space() || glyph.origin.x - end > gap_min * glyph.size;
            if parted && !word.is_empty() {
                words.push(join(&word, scale));
                word.clear();
            }
            if !glyph.is_space() {
                word.push(glyph);
                end = glyph.origin.x + glyph.advance.x;
            }
        }
        if !word.is_empty() {
            words.push(join(&word, scale));
        }
        words
    }

    /// The gap, in ems, that parts words on this line.
    fn gap_min(&self) -> f64 {
        let spaced = self.glyphs.iter().any(Glyph::is_space);
        let inked: Vec<&Glyph> = self.glyphs.iter().filter(|glyph| !glyph.is_space()).collect();
        let mut gaps: Vec<f64> = inked.windows(2).map(|pair| (pair[1].origin.x - pair[0].origin.x - pair[0].advance.x) / pair[0].size).collect();
        gaps.sort_by(f64::total_cmp);
        let median = gaps.get(gaps.len() / 2).copied().unwrap_or(0.0);
        let spacing = if median <= LETTER_SPACING_MAX { median.max(0.0) } else { 0.0 };
        spacing + if spaced { GAP_SPACED } else { GAP_BARE }
    }
}

fn join(glyphs: &[&Glyph], scale: f64) -> TextWord {
    let edge = |pick: fn(f64, f64) -> f64, values: &mut dyn Iterator<Item = f64>| values.reduce(pick).unwrap_or(0.0) * scale;
    let left = edge(f64::min, &mut glyphs.iter().map(|glyph| glyph.origin.x));
    let right = edge(f64::max, &mut glyphs.iter().map(|glyph| glyph.origin.x + glyph.advance.x));
    let top = edge(f64::min, &mut glyphs.iter().map(|glyph| glyph.origin.y - ASCENT * glyph.size));
    let bottom = edge(f64::max, &mut glyphs.iter().map(|glyph| glyph.origin.y + DESCENT * glyph.size));
    TextWord {
        text: glyphs.iter().filter_map(|glyph| glyph.text.as_deref()).collect(),
        rect_px: [pixel(left.floor()), pixel(top.floor()), pixel(right.ceil()), pixel(bottom.ceil())],
        confidence: Confidence::CERTAIN,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of the type")]
fn pixel(value: f64) -> i32 {
    value.clamp(f64::from(i32::MIN), f64::from(i32::MAX)) as i32
}
