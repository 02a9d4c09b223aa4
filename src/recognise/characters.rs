//! From the glyphs of a typed comb to characters.
//!
//! Tesseract reads lines and not single characters, so the glyphs are set into one line of print again, evenly spaced and without cells, and its answer is
//! laid back over the glyphs. Nothing is corrected here: what a type's rule makes of the characters is decided later, with what was read kept beside it.

use super::comb::Comb;
use super::tesseract::{Engine, Layout, Symbol};
use super::zone::PX_PER_MM;
use crate::page::Grey;
use crate::record::FieldType;

/// One character as it was read.
#[derive(Clone)]
pub struct Character {
    /// The character.
    pub text: char,
    /// 0 to 1.
    pub confidence: f32,
}

impl Engine {
    /// One character for each glyph of a typed comb, in order; none for a glyph that could not be made out. `kind` only chooses how to look.
    pub(super) fn characters(&mut self, comb: &Comb, kind: FieldType) -> Vec<Option<Character>> {
        if comb.glyphs.is_empty() {
            return Vec::new();
        }
        // Another spacing often parts what was taken for one character or joins what was taken for two, and the raw line finds what was
        // taken for dirt. The first reading whose characters fit the glyphs is the reading.
        let mut best: Vec<Option<Character>> = Vec::new();
        for (spacing, layout) in [(0.2, Layout::Line), (0.1, Layout::Line), (0.3, Layout::Line), (0.2, Layout::RawLine)] {
            let line = Line::compose(comb, spacing);
            let mut reading = line.lay_back(&self.read(&line.picture, layout));
            if kind == FieldType::Email
                && let Some(symbols) = self.read_english(&line.picture, layout)
            {
                reading = agree_on_address(reading, line.lay_back(&symbols));
            }
            let read = |reading: &[Option<Character>]| reading.iter().flatten().count();
            if read(&reading) > read(&best) || best.is_empty() {
                best = reading;
            }
            if best.iter().all(Option::is_some) {
                break;
            }
        }
        name_small_marks(comb, &mut best);
        best
    }
}

/// Gives marks far smaller than letters the names that their size and place leave: a line of print read as a whole takes a lone point
/// for a narrow letter now and then.
fn name_small_marks(comb: &Comb, characters: &mut [Option<Character>]) {
    let tall = typical_height(comb) / PX_PER_MM;
    let mut bottoms: Vec<f64> = comb.glyphs.iter().map(|glyph| glyph.rect_mm[3]).collect();
    bottoms.sort_by(f64::total_cmp);
    let Some(&base) = bottoms.get(bottoms.len() / 2).filter(|_| comb.glyphs.len() > 2) else { return };
    for (glyph, character) in comb.glyphs.iter().zip(characters) {
        let [left, top, right, bottom] = glyph.rect_mm;
        let (width, height) = (right - left, bottom - top);
        let mark = match () {
            () if height > 0.4 * tall || width > 0.7 * tall => continue,
            () if width > 1.5 * height && base - bottom > 0.15 * tall => "-",
            () if base - bottom > 0.45 * tall => "'’",
            () if height < 0.3 * tall && (base - bottom).abs() < 0.12 * tall => ".",
            () if bottom - base > 0.05 * tall => ",",
            () => ".,-'’",
        };
        let known = character.as_ref().is_some_and(|character| mark.contains(character.text));
        if let Some(text) = mark.chars().next().filter(|_| !known) {
            // Seen by its shape alone, and against what the line said.
            *character = Some(Character { text, confidence: 0.9 });
        }
    }
}

/// An e-mail address as English reads it. Where the other reading differs, one of them is wrong, unless it is about the `@` that only English knows.
fn agree_on_address(other: Vec<Option<Character>>, english: Vec<Option<Character>>) -> Vec<Option<Character>> {
    let pairs = english.into_iter().zip(other);
    let settle = |(english, other): (Option<Character>, Option<Character>)| {
        let english = english?;
        let same = other.is_some_and(|other| other.text.to_lowercase().eq(english.text.to_lowercase()));
        let confidence = if same || english.text == '@' { english.confidence } else { english.confidence * 0.5 };
        Some(Character { confidence, ..english })
    };
    pairs.map(settle).collect()
}

/// A comb set as one line of print.
struct Line {
    picture: Grey,
    /// From where to where each glyph goes, px.
    places: Vec<[i32; 2]>,
}

impl Line {
    /// Sets the glyphs beside each other, `spacing` of their height apart, each at its own height; one blank stands for blank cells between words.
    fn compose(comb: &Comb, spacing: f64) -> Self {
        const BORDER: usize = 14;
        let tops = comb.glyphs.iter().map(|glyph| glyph.rect_mm[1]);
        let top = tops.fold(f64::INFINITY, f64::min);
        let drop = |mm: f64| ((mm - top) * PX_PER_MM).round().max(0.0) as usize;
        let height = comb.glyphs.iter().map(|glyph| drop(glyph.rect_mm[1]) + glyph.picture.height).max().unwrap_or(0) + 2 * BORDER;
        let tall = typical_height(comb);
        let (gap, blank) = ((spacing * tall).round().max(2.0) as usize, (0.9 * tall).round() as usize);
        let mut places = Vec::new();
        let mut x = BORDER;
        let mut last_cell = None;
        for glyph in &comb.glyphs {
            x += match last_cell {
                None => 0,
                Some(last) if glyph.cell > last + 1 => blank,
                Some(_) => gap,
            };
            places.push([x as i32, (x + glyph.picture.width) as i32]);
            x += glyph.picture.width;
            last_cell = Some(glyph.cell);
        }
        let width = x + BORDER;
        let mut data = vec![255u8; width * height];
        for (glyph, place) in comb.glyphs.iter().zip(&places) {
            let (left, first) = (place[0] as usize, BORDER + drop(glyph.rect_mm[1]));
            for (y, row) in glyph.picture.data.chunks_exact(glyph.picture.width).enumerate() {
                let start = (first + y) * width + left;
                data[start..start + row.len()].iter_mut().zip(row).for_each(|(out, dark)| *out = 255 - dark);
            }
        }
        Self { picture: Grey { width, height, data, dpi: PX_PER_MM * 25.4 }, places }
    }

    /// Which symbol belongs to which glyph: one to one where the counts agree, else by place, and then only where one symbol meets one glyph.
    fn lay_back(&self, symbols: &[Symbol]) -> Vec<Option<Character>> {
        let character = |symbol: &Symbol| {
            let mut letters = symbol.text.chars();
            letters.next().filter(|_| letters.next().is_none()).map(|text| Character { text, confidence: symbol.confidence })
        };
        if symbols.len() == self.places.len() {
            return symbols.iter().map(character).collect();
        }
        let overlap = |symbol: &Symbol, place: &[i32; 2]| (symbol.rect[2].min(place[1]) - symbol.rect[0].max(place[0])).max(0);
        let home = |symbol: &Symbol| {
            (0..self.places.len()).max_by_key(|&index| overlap(symbol, &self.places[index])).filter(|&index| overlap(symbol, &self.places[index]) > 0)
        };
        let homes: Vec<Option<usize>> = symbols.iter().map(home).collect();
        (0..self.places.len())
            .map(|index| {
                let mut here = symbols.iter().zip(&homes).filter(|(_, home)| **home == Some(index)).map(|(symbol, _)| symbol);
                let only = here.next().filter(|_| here.next().is_none())?;
                // Counts that do not agree make every character doubtful: a person sees the picture.
                character(only).map(|character| Character { confidence: character.confidence * 0.5, ..character })
            })
            .collect()
    }
}

/// The height of most of the line's letters, px.
fn typical_height(comb: &Comb) -> f64 {
    let mut heights: Vec<f64> = comb.glyphs.iter().map(|glyph| (glyph.rect_mm[3] - glyph.rect_mm[1]) * PX_PER_MM).collect();
    heights.sort_by(f64::total_cmp);
    heights.get(heights.len() * 2 / 3).copied().unwrap_or(30.0).clamp(18.0, 60.0)
}
