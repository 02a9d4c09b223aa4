//! Whole pages of print: a letter's page to lines of words with their places.
//!
//! A text recogniser collapses on skew (1.3 degrees cost it eleven fields of fifteen), so the page is turned upright first: by a quarter where
//! its lines run up and down, by the small angle at which its rows of ink stand out sharpest (Postl, "Detection of linear oblique
//! structures and skew scan in digitized documents", 1986), and by half a turn where a few lines read better upside down. The places
//! that come out are those of the page as it came in.

use std::ops::Range;

use super::components::Bitmap;
use super::geometry::Homography;
use super::raster;
use super::tesseract::{Begins, Engine, Layout, Symbol};
use crate::page::{Grey, TextLayer, TextLine, TextWord};
use crate::record::{Confidence, RectMm};

/// The skew that is looked for, degrees to each side.
const SKEW_MAX: f64 = 10.0;
/// Smaller skews do no harm.
const SKEW_MIN: f64 = 0.15;
/// The resolution to read in when the page has more: beyond it Tesseract only gets slower.
const READ_DPI: f64 = 300.0;

impl Engine {
    /// Reads a whole page. Words and lines from top to bottom; places in pixels of `page`, whichever way its text runs.
    #[must_use]
    pub fn transcribe(&mut self, page: &Grey) -> TextLayer {
        if page.width < 16 || page.height < 16 {
            return TextLayer::default();
        }
        let Upright { picture, to_page } = self.upright(page);
        let symbols = self.read(&picture, Layout::Page);
        layer(&symbols, &to_page, page)
    }

    /// Whether the page shows what its text layer says of `words[target]`: neighbours on a line, with their places on `page`. The line is read apart from
    /// the layer, and must have the same letters and digits there, beside the same neighbour: a single digit is too little to be found by itself.
    pub fn agrees(&mut self, page: &Grey, words: &[TextWord], target: Range<usize>) -> bool {
        let Some(picture) = words.iter().map(|word| word.rect_px).reduce(hull).and_then(|rect| cut(page, with_margin(rect))) else { return false };
        let seen: String = self.read(&picture, Layout::Line).into_iter().map(|symbol| symbol.text).collect();
        let text = |range: Range<usize>| plain(words[range].iter().flat_map(|word| word.text.chars()));
        let seen = plain(seen.chars());
        let with_one_before = target.start.checked_sub(1).map(|before| text(before..target.end));
        let with_one_after = (target.end < words.len()).then(|| text(target.start..target.end + 1));
        let alone = (words.len() == target.len()).then(|| text(target.clone()));
        !text(target).is_empty() && [with_one_before, with_one_after, alone].into_iter().flatten().any(|claimed| seen.contains(&claimed))
    }

    fn upright(&mut self, page: &Grey) -> Upright {
        let factor = ((page.width.max(page.height) as f64 / 1200.0).round() as usize).max(1);
        let small = raster::reduce(page, factor);
        let bits = raster::dark(&small, small.width.max(small.height) / 20, 0.75);
        let (standing, lying) = (skew(&bits), skew(&transposed(&bits)));
        // Lines of text stand out as rows of ink and rows of paper; along the wrong axis there is next to no contrast.
        // Transposing mirrors, so the angle found there has the other sign.
        let (degrees, quarters) = if lying.contrast > 1.5 * standing.contrast { (-lying.degrees, 1) } else { (standing.degrees, 0) };
        let first = Upright::turn(page, degrees, quarters);
        // Upside down is told by reading a few lines both ways. Tesseract is quite sure of the nonsense it reads upside down, so it is the
        // difference that tells.
        let strip = first.strip();
        if self.sureness(&half_turn(&strip)) > self.sureness(&strip) + 0.01 { Upright::turn(page, degrees, quarters + 2) } else { first }
    }

    /// How sure the engine is of what it reads in a strip, by how much it reads.
    fn sureness(&mut self, strip: &Grey) -> f32 {
        let symbols: Vec<Symbol> = self.read(strip, Layout::Block).into_iter().filter(|symbol| symbol.text.chars().all(char::is_alphanumeric)).collect();
        if symbols.len() < 5 { 0.0 } else { symbols.iter().map(|symbol| symbol.confidence).sum::<f32>() / symbols.len() as f32 }
    }
}

/// A page turned upright, and the way back.
struct Upright {
    picture: Grey,
    /// From pixels of the picture to pixels of the page.
    to_page: Homography,
}

impl Upright {
    /// Turns the page by quarters clockwise and by the skew, and brings it to the resolution it is read in.
    fn turn(page: &Grey, degrees: f64, quarters: usize) -> Self {
        let (width, height) = (page.width as f64, page.height as f64);
        // The longer side of A4 is 297 mm, whatever the file says.
        let dpi = width.max(height) / (297.0 / 25.4);
        let scale = (READ_DPI / dpi).min(1.0);
        let straight = quarters.is_multiple_of(4) && degrees.abs() < SKEW_MIN;
        if straight && scale > 0.99 {
            return Self { picture: Grey { dpi, ..page.clone() }, to_page: Homography::IDENTITY };
        }
        let degrees = if degrees.abs() < SKEW_MIN { 0.0 } else { degrees };
        let (sin, cos) = (degrees + 90.0 * quarters as f64).to_radians().sin_cos();
        let (wide, tall) = if quarters.is_multiple_of(2) { (width, height) } else { (height, width) };
        // From the upright picture back to the page: about the middle, by the angle, and larger.
        let [a, b] = [cos / scale, sin / scale];
        let (x, y) = (wide * scale / 2.0, tall * scale / 2.0);
        let to_page = Homography([[a, -b, width / 2.0 - a * x + b * y], [b, a, height / 2.0 - b * x - a * y], [0.0, 0.0, 1.0]]);
        let mut picture = raster::sample(page, &to_page, RectMm::new(0.0, 0.0, wide * scale, tall * scale), 1.0);
        picture.dpi = dpi * scale;
        Self { picture, to_page }
    }

    /// The part of the page with most ink: about four lines.
    fn strip(&self) -> Grey {
        let tall = (self.picture.height / 14).max(16).min(self.picture.height);
        let ink = |top: usize| self.picture.data[top * self.picture.width..(top + tall) * self.picture.width].iter().filter(|&&value| value < 128).count();
        let tops = (0..=self.picture.height - tall).step_by((tall / 2).max(1));
        // Pictures and bands are darker than text, which covers up to a fifth of a strip.
        let text = |&top: &usize| ink(top) * 5 < tall * self.picture.width;
        let top = tops.filter(text).max_by_key(|&top| ink(top)).unwrap_or(0);
        let data = self.picture.data[top * self.picture.width..(top + tall) * self.picture.width].to_vec();
        Grey { width: self.picture.width, height: tall, data, dpi: self.picture.dpi }
    }
}

fn half_turn(picture: &Grey) -> Grey {
    Grey { data: picture.data.iter().rev().copied().collect(), ..*picture }
}

fn transposed(bits: &Bitmap) -> Bitmap {
    let ink = (0..bits.width).flat_map(|x| (0..bits.height).map(move |y| (x, y))).map(|(x, y)| bits.ink[y * bits.width + x]).collect();
    Bitmap { width: bits.height, height: bits.width, ink }
}

/// The angle at which rows of ink stand out.
struct Skew {
    /// Clockwise, degrees.
    degrees: f64,
    /// How sharply they stand out: the mean squared difference between neighbouring rows, against what scattered ink would give.
    contrast: f64,
}

/// Finds the skew of lines that run from left to right: coarse to fine over sheared row sums.
fn skew(bits: &Bitmap) -> Skew {
    // The ink's lower edges are what base lines are made of; a black border has few.
    let edges: Vec<(f64, f64)> = (0..bits.height.saturating_sub(1))
        .flat_map(|y| (0..bits.width).map(move |x| (x, y)))
        .filter(|&(x, y)| bits.ink[y * bits.width + x] && !bits.ink[(y + 1) * bits.width + x])
        .map(|(x, y)| (x as f64, y as f64))
        .collect();
    if edges.len() < 50 {
        return Skew { degrees: 0.0, contrast: 0.0 };
    }
    let mut rows = vec![0u32; bits.height + 2 * bits.width];
    let mut sharpness = |degrees: f64| {
        let slope = degrees.to_radians().tan();
        rows.fill(0);
        let offset = bits.width as f64;
        for &(x, y) in &edges {
            rows[(y - slope * x + offset) as usize] += 1;
        }
        rows.iter().map(|&count| f64::from(count) * f64::from(count)).sum::<f64>() / edges.len() as f64
    };
    let mut best = (0.0, sharpness(0.0));
    for (step, reach) in [(0.5, SKEW_MAX), (0.1, 0.5), (0.05, 0.1)] {
        let centre: f64 = best.0;
        let count = (reach / step).round() as i32;
        for degrees in (-count..=count).map(|k| centre + f64::from(k) * step) {
            let sharp = sharpness(degrees);
            if sharp > best.1 {
                best = (degrees, sharp);
            }
        }
    }
    // With the edges scattered evenly over the rows each row would hold this many.
    let scattered = edges.len() as f64 / bits.height as f64;
    Skew { degrees: best.0, contrast: best.1 / scattered.max(1.0) }
}

/// The symbols as lines of words, placed on the page they came from.
fn layer(symbols: &[Symbol], to_page: &Homography, page: &Grey) -> TextLayer {
    let mut lines: Vec<(TextLine, [i32; 4])> = Vec::new();
    let mut word: Vec<&Symbol> = Vec::new();
    let flush = |word: &mut Vec<&Symbol>, lines: &mut Vec<(TextLine, [i32; 4])>| {
        let Some(first) = word.first() else { return };
        let hull = word.iter().map(|symbol| symbol.rect).fold(first.rect, hull);
        let text_word = TextWord {
            text: word.iter().map(|symbol| symbol.text.as_str()).collect(),
            rect_px: on_page(hull, to_page, page),
            confidence: Confidence::new(word.iter().map(|symbol| symbol.confidence).fold(1.0, f32::min)),
        };
        match lines.last_mut() {
            Some((line, around)) if first.begins < Begins::Line => {
                line.words.push(text_word);
                *around = self::hull(*around, hull);
            }
            _ => lines.push((TextLine { words: vec![text_word], starts_paragraph: first.begins == Begins::Block }, hull)),
        }
        word.clear();
    };
    for symbol in symbols {
        if symbol.begins >= Begins::Word {
            flush(&mut word, &mut lines);
        }
        word.push(symbol);
    }
    flush(&mut word, &mut lines);
    // A gap of more than half a line's height beyond what is usual starts a paragraph.
    let mut pitches: Vec<i32> = lines.windows(2).map(|pair| pair[1].1[3] - pair[0].1[3]).filter(|&pitch| pitch > 0).collect();
    pitches.sort_unstable();
    let usual = pitches.get(pitches.len() / 3).copied().unwrap_or(0);
    for index in 1..lines.len() {
        let pitch = lines[index].1[3] - lines[index - 1].1[3];
        lines[index].0.starts_paragraph |= usual > 0 && (2 * pitch > 3 * usual || pitch < 0);
    }
    TextLayer { lines: lines.into_iter().map(|(line, _)| line).collect() }
}

fn hull(a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

/// The box around where a rectangle of the upright picture is on the page.
fn on_page([left, top, right, bottom]: [i32; 4], to_page: &Homography, page: &Grey) -> [i32; 4] {
    let corners = [[left, top], [right, top], [right, bottom], [left, bottom]].map(|corner| to_page.map(corner.map(f64::from)));
    let range = |axis: usize, limit: usize| {
        let values = corners.map(|corner| corner[axis]);
        let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| (low.min(value), high.max(value)));
        [low.floor().clamp(0.0, limit as f64) as i32, high.ceil().clamp(0.0, limit as f64) as i32]
    };
    let ([x0, x1], [y0, y1]) = (range(0, page.width), range(1, page.height));
    [x0, y0, x1, y1]
}

fn cut(page: &Grey, rect: [i32; 4]) -> Option<Grey> {
    let clip = |value: i32, limit: usize| usize::try_from(value.max(0)).unwrap_or(0).min(limit);
    let (left, top, right, bottom) = (clip(rect[0], page.width), clip(rect[1], page.height), clip(rect[2], page.width), clip(rect[3], page.height));
    if right < left + 4 || bottom < top + 4 {
        return None;
    }
    let data = page.data.chunks_exact(page.width).take(bottom).skip(top).flat_map(|row| &row[left..right]).copied().collect();
    Some(Grey { width: right - left, height: bottom - top, data, dpi: page.dpi })
}

/// A third of the line's height more on each side.
fn with_margin([left, top, right, bottom]: [i32; 4]) -> [i32; 4] {
    let margin = ((bottom - top) / 3).clamp(2, 40);
    [left - margin, top - margin, right + margin, bottom + margin]
}

/// What counts in a comparison: letters and digits, in lower case.
fn plain(characters: impl Iterator<Item = char>) -> String {
    characters.filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slanted_rows_are_found() {
        // Dashes of 10 by 4 pixels on rows that fall by one pixel in twenty: 2.86 degrees.
        let (width, height) = (600usize, 800usize);
        let ink = |x: usize, y: usize| {
            let fallen = y + 40 - x / 20;
            (x + 5 * (fallen / 24).pow(2)) % 14 < 10 && fallen % 24 < 4
        };
        let bits = Bitmap { width, height, ink: (0..height).flat_map(|y| (0..width).map(move |x| ink(x, y))).collect() };
        let found = skew(&bits);
        assert!((found.degrees - 2.86).abs() < 0.15, "{}", found.degrees);
        assert!(found.contrast > 2.0 * skew(&transposed(&bits)).contrast);
    }
}
