//! From the glyphs of a comb to characters.
//!
//! A [`CharacterReader`] is what turns glyphs into characters. Tesseract is one: it reads lines and not single characters, so the glyphs
//! are set into one line of print again, evenly spaced and without cells, and its answer is laid back over the glyphs. Nothing is corrected
//! here: what a type's rule makes of the characters is decided later, with what was read kept beside it.

use super::comb::Comb;
use super::tesseract::{Engine, Layout, Symbol};
use super::zone::PX_PER_MM;
use crate::page::Grey;

/// One character as it was read.
#[derive(Clone)]
pub struct Character {
    /// The character.
    pub text: char,
    /// 0 to 1.
    pub confidence: f32,
}

/// Reads the glyphs of a comb.
pub trait CharacterReader {
    /// The model or engine with its version, as it stands with each field it read.
    fn name(&self) -> &str;

    /// One character for each glyph of the comb, in order; none for a glyph that could not be made out.
    fn characters(&mut self, comb: &Comb) -> Vec<Option<Character>>;
}

impl CharacterReader for Engine {
    fn name(&self) -> &str {
        Engine::name(self)
    }

    fn characters(&mut self, comb: &Comb) -> Vec<Option<Character>> {
        if comb.glyphs.is_empty() {
            return Vec::new();
        }
        let first = Line::compose(comb, 0.2);
        let reading = first.lay_back(&self.read(&first.picture, Layout::Line));
        if reading.iter().all(Option::is_some) {
            return reading;
        }
        // Another spacing often parts what was taken for one character, and the raw line finds what was taken for dirt.
        let second = Line::compose(comb, 0.34);
        let again = second.lay_back(&self.read(&second.picture, Layout::RawLine));
        let read = |reading: &[Option<Character>]| reading.iter().flatten().count();
        if read(&again) > read(&reading) { again } else { reading }
    }
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
        let home = |symbol: &Symbol| (0..self.places.len()).max_by_key(|&index| overlap(symbol, &self.places[index])).filter(|&index| overlap(symbol, &self.places[index]) > 0);
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
