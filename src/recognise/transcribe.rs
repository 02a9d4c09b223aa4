//! Whole pages of text: is there anything on the page, what does it say, and does it say what a text layer claims.
//!
//! A text recogniser collapses on skew (reading.md's own measurement: 14 of 15 fields become 4 at 1.3°), so the page is set straight first: its skew is
//! the angle at which its ink falls into the sharpest rows (Postl 1986). A page that reads badly is tried upside down and on its sides.

use std::ops::Range;

use super::components::Bitmap;
use super::geometry::{Homography, Pair, similarity};
use super::raster;
use super::tesseract::{Begins, Engine, Layout, Symbol};
use crate::page::{Grey, TextLayer, TextLine, TextWord};
use crate::record::{Confidence, RectMm};

/// The skew that is looked for, degrees either way.
const SKEW_MAX: f64 = 6.0;
/// A skew below this is left alone: turning costs more sharpness than it wins, degrees.
const SKEW_LEAST: f64 = 0.15;
/// A page whose words are surer than this on average stands the right way up.
const UPRIGHT: f32 = 0.75;
/// The resolution that is looked at for skew and blankness, dpi.
const COARSE_DPI: f64 = 75.0;
/// A blank page has specks and the shadow of what is printed on its back, but no more dark than this share of its middle.
const BLANK_SHARE: f64 = 0.000_5;

impl Engine {
    /// Reads a whole page, however it lies. Places are in pixels of the page set upright.
    pub fn transcribe(&mut self, page: &Grey) -> TextLayer {
        let upright = straightened(page);
        let mut best = self.lines(&upright);
        if mean_confidence(&best) >= UPRIGHT {
            return best;
        }
        for turns in [2, 1, 3] {
            let turned = self.lines(&turned(&upright, turns));
            if weight(&turned) > weight(&best) {
                best = turned;
            }
        }
        best
    }

    /// Whether the page shows what its text layer says of `words[target]`: neighbours on a line, with their places on `page`. The line is read apart from
    /// the layer, and must have the same letters and digits there, beside the same neighbour: a single digit is too little to be found by itself.
    pub fn agrees(&mut self, page: &Grey, words: &[TextWord], target: Range<usize>) -> bool {
        let Some(picture) = words.iter().map(|word| word.rect_px).reduce(around).and_then(|rect| cut(page, rect)) else { return false };
        let seen: String = self.read(&picture, Layout::Line).into_iter().map(|symbol| symbol.text).collect();
        let text = |range: Range<usize>| essence(&words[range].iter().map(|word| word.text.as_str()).collect::<String>());
        let seen = essence(&seen);
        let with_one_before = target.start.checked_sub(1).map(|before| text(before..target.end));
        let with_one_after = (target.end < words.len()).then(|| text(target.start..target.end + 1));
        let alone = (words.len() == target.len()).then(|| text(target.clone()));
        !text(target).is_empty() && [with_one_before, with_one_after, alone].into_iter().flatten().any(|claimed| seen.contains(&claimed))
    }

    fn lines(&mut self, page: &Grey) -> TextLayer {
        let mut layer = TextLayer::default();
        for symbol in self.read(page, Layout::Page) {
            if symbol.begins >= Begins::Line || layer.lines.is_empty() {
                layer.lines.push(TextLine { words: Vec::new(), starts_paragraph: symbol.begins == Begins::Block });
            }
            let Some(line) = layer.lines.last_mut() else { continue };
            match line.words.last_mut() {
                Some(word) if symbol.begins == Begins::Nothing => join(word, &symbol),
                _ => line.words.push(TextWord { text: symbol.text, rect_px: symbol.rect, confidence: Confidence::new(symbol.confidence) }),
            }
        }
        layer
    }
}

/// Whether nothing is written or printed on the page. Its edges are left out: scanners darken them.
#[must_use]
pub fn is_blank(page: &Grey) -> bool {
    let ink = coarse_ink(page);
    let (left, top) = (ink.width / 20, ink.height / 20);
    let rows = (top..ink.height - top).map(|y| ink.row(y)[left..ink.width - left].iter().filter(|dark| **dark).count());
    let (dark, all) = (rows.sum::<usize>(), (ink.width - 2 * left) * (ink.height - 2 * top));
    (dark as f64) < all as f64 * BLANK_SHARE
}

fn coarse_ink(page: &Grey) -> Bitmap {
    let coarse = raster::reduce(page, (page.dpi / COARSE_DPI).round().max(1.0) as usize);
    raster::dark(&coarse, 31, 0.75)
}

/// A word is as sure as its least sure character.
fn join(word: &mut TextWord, symbol: &Symbol) {
    word.text.push_str(&symbol.text);
    word.rect_px = around(word.rect_px, symbol.rect);
    word.confidence = Confidence::new(word.confidence.get().min(symbol.confidence));
}

fn around(a: [i32; 4], b: [i32; 4]) -> [i32; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

fn essence(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn words(layer: &TextLayer) -> impl Iterator<Item = &TextWord> {
    layer.lines.iter().flat_map(|line| &line.words)
}

fn mean_confidence(layer: &TextLayer) -> f32 {
    let count = words(layer).count();
    if count == 0 { 0.0 } else { words(layer).map(|word| word.confidence.get()).sum::<f32>() / count as f32 }
}

/// How much was read, and how surely: a page on its side gives a few doubtful words.
fn weight(layer: &TextLayer) -> f32 {
    words(layer).filter(|word| word.text.chars().filter(|c| c.is_alphanumeric()).count() > 1).map(|word| word.confidence.get() * word.text.len() as f32).sum()
}

/// A part of the page with a margin of a fifth of an inch. None when it lies outside.
fn cut(page: &Grey, rect: [i32; 4]) -> Option<Grey> {
    let margin = (page.dpi * 0.05) as i32;
    let clamp = |value: i32, most: usize| usize::try_from(value.max(0)).unwrap_or(0).min(most);
    let (left, right) = (clamp(rect[0] - margin, page.width), clamp(rect[2] + margin, page.width));
    let (top, bottom) = (clamp(rect[1] - margin, page.height), clamp(rect[3] + margin, page.height));
    (left < right && top < bottom).then(|| {
        let data = (top..bottom).flat_map(|y| page.data[y * page.width + left..y * page.width + right].iter().copied()).collect();
        Grey { width: right - left, height: bottom - top, data, dpi: page.dpi }
    })
}

/// The page turned by a quarter `turns` times, clockwise.
fn turned(page: &Grey, turns: usize) -> Grey {
    let (width, height) = (page.width, page.height);
    let at = |x: usize, y: usize| page.data[y * width + x];
    let (wide, tall) = if turns % 2 == 0 { (width, height) } else { (height, width) };
    let mut data = Vec::with_capacity(page.data.len());
    for y in 0..tall {
        for x in 0..wide {
            data.push(match turns % 4 {
                1 => at(y, height - 1 - x),
                2 => at(width - 1 - x, height - 1 - y),
                3 => at(width - 1 - y, x),
                _ => at(x, y),
            });
        }
    }
    Grey { width: wide, height: tall, data, dpi: page.dpi }
}

/// The page without its skew.
fn straightened(page: &Grey) -> Grey {
    let skew = skew_degrees(&coarse_ink(page));
    if skew.abs() < SKEW_LEAST {
        return page.clone();
    }
    let px_per_mm = page.dpi / 25.4;
    let (wide, tall) = (page.width as f64 / px_per_mm, page.height as f64 / px_per_mm);
    match rotation(skew, wide, tall, px_per_mm) {
        Some(to_px) => raster::sample(page, &to_px, RectMm::new(0.0, 0.0, wide, tall), px_per_mm),
        None => page.clone(),
    }
}

/// From millimetres on the straight page to pixels of the skewed one, about the page's middle.
fn rotation(degrees: f64, wide: f64, tall: f64, px_per_mm: f64) -> Option<Homography> {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let place = |[x, y]: [f64; 2]| {
        let (dx, dy) = (x - wide / 2.0, y - tall / 2.0);
        [(wide / 2.0 + dx * cos - dy * sin) * px_per_mm, (tall / 2.0 + dx * sin + dy * cos) * px_per_mm]
    };
    let corners = [[0.0, 0.0], [wide, 0.0], [0.0, tall], [wide, tall]];
    similarity(&corners.map(|corner| Pair { from: corner, to: place(corner), weight: 1.0 }))
}

/// The angle by which lines of text fall to the right, degrees: the one at which the rows' sums of ink differ most from row to row.
fn skew_degrees(ink: &Bitmap) -> f64 {
    let points: Vec<(f64, f64)> =
        (0..ink.height).flat_map(|y| ink.row(y).iter().enumerate().filter(|(_, dark)| **dark).map(move |(x, _)| (x as f64, y as f64))).collect();
    if points.len() < 200 {
        return 0.0;
    }
    let sharpness = |degrees: f64| {
        let slope = degrees.to_radians().tan();
        let reach = ink.width as f64 * slope.abs();
        let mut rows = vec![0u32; ink.height + reach as usize + 2];
        let shift = if slope > 0.0 { reach } else { 0.0 };
        for (x, y) in &points {
            rows[(y - x * slope + shift) as usize] += 1;
        }
        rows.windows(2).map(|pair| (f64::from(pair[0]) - f64::from(pair[1])).powi(2)).sum::<f64>()
    };
    let best_of = |from: f64, to: f64, step: f64| {
        let count = ((to - from) / step).round() as usize;
        (0..=count).map(|k| from + k as f64 * step).max_by(|a, b| sharpness(*a).total_cmp(&sharpness(*b))).unwrap_or(0.0)
    };
    let coarse = best_of(-SKEW_MAX, SKEW_MAX, 0.5);
    best_of(coarse - 0.5, coarse + 0.5, 0.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of text as rows of short dark bars, falling by `degrees`.
    fn ruled(degrees: f64) -> Grey {
        let (width, height) = (620, 877);
        let slope = degrees.to_radians().tan();
        let mut data = vec![240u8; width * height];
        for line in 0..30 {
            for x in (60..560).filter(|x| x % 11 < 7) {
                let y = 60.0 + f64::from(line) * 24.0 + x as f64 * slope;
                for dy in 0..8 {
                    let row = (y + f64::from(dy)) as usize;
                    if row < height {
                        data[row * width + x] = 20;
                    }
                }
            }
        }
        Grey { width, height, data, dpi: 75.0 }
    }

    #[test]
    fn skew_is_found_to_a_fifth_of_a_degree() {
        for degrees in [-4.0, -1.3, 0.0, 0.4, 2.5] {
            let found = skew_degrees(&coarse_ink(&ruled(degrees)));
            assert!((found - degrees).abs() < 0.2, "{degrees}: {found}");
        }
    }

    #[test]
    fn a_straightened_page_has_no_skew_left() {
        let straight = straightened(&ruled(3.0));
        assert!(skew_degrees(&coarse_ink(&straight)).abs() < 0.2);
    }

    #[test]
    fn specks_do_not_make_a_page_and_one_line_does() {
        let mut page = Grey { width: 620, height: 877, data: vec![235; 620 * 877], dpi: 75.0 };
        assert!(is_blank(&page));
        for speck in 0..20 {
            page.data[(100 + speck * 31) * 620 + 100 + speck * 17] = 0;
        }
        assert!(is_blank(&page), "dust");
        for y in 400..408 {
            for x in (100..400).filter(|x| x % 7 < 4) {
                page.data[y * 620 + x] = 10;
            }
        }
        assert!(!is_blank(&page), "a line of text");
    }

    #[test]
    fn a_quarter_turned_four_times_is_the_page_again() {
        let page = ruled(1.0);
        let once = turned(&page, 1);
        assert_eq!((once.width, once.height), (page.height, page.width));
        assert_eq!(turned(&once, 3).data, page.data);
        assert_eq!(turned(&turned(&page, 2), 2).data, page.data);
    }
}
