//! What print looks like: portraits of the characters of common typefaces, and how much a glyph is like one of them.
//!
//! It answers two questions that a text recogniser's own confidence does not. Is this line set in a typeface at all? A hand can be even, and a
//! font that imitates handwriting is, but it does not draw the characters of Helvetica. And does each glyph look more like the character that was
//! read than like any other of the same typeface? That is a second opinion that shares nothing with the first.
//!
//! A portrait is the ink of a character stretched to 16 by 16 squares, beside its proportions. Those of the typefaces are in `typefaces.bin`, drawn
//! by `tests/it/recognise_typefaces.rs`. A typeface that is not among them, italics and most bold cuts are not recognised as print: such a
//! line goes to a person.

use std::sync::OnceLock;

use crate::page::Grey;

/// Squares a side.
pub const SIDE: usize = 16;
const DATA: &[u8] = include_bytes!("typefaces.bin");

/// The ink of one character, whatever its size.
#[derive(Clone)]
pub struct Portrait {
    /// Darkness of each square, row by row, smoothed, with a mean of 0.
    shade: [f32; SIDE * SIDE],
    /// The root of the sum of the squares of `shade`.
    norm: f32,
    /// Width over height.
    proportion: f32,
}

impl Portrait {
    /// A portrait that looks like nothing, for what is judged by its edges alone.
    #[must_use]
    pub fn none() -> Self {
        Self { shade: [0.0; SIDE * SIDE], norm: 0.0, proportion: 1.0 }
    }

    /// The portrait of a picture in which 255 is ink, cut to the ink.
    #[must_use]
    pub fn of(ink: &Grey) -> Self {
        Self::from_shades(&shades(ink), ink.width as f32 / ink.height.max(1) as f32)
    }

    fn from_shades(shades: &[u8; SIDE * SIDE], proportion: f32) -> Self {
        // A light blur: the same character from two scanners differs by about a square at its edges.
        let at = |x: usize, y: usize| f32::from(shades[y * SIDE + x]);
        let tap = |get: &dyn Fn(usize) -> f32, i: usize| 0.25 * get(i.saturating_sub(1)) + 0.5 * get(i) + 0.25 * get((i + 1).min(SIDE - 1));
        let mut across = [0.0; SIDE * SIDE];
        let mut shade = [0.0; SIDE * SIDE];
        for y in 0..SIDE {
            for x in 0..SIDE {
                across[y * SIDE + x] = tap(&|i| at(i, y), x);
            }
        }
        for y in 0..SIDE {
            for x in 0..SIDE {
                shade[y * SIDE + x] = tap(&|i| across[i * SIDE + x], y);
            }
        }
        let mean = shade.iter().sum::<f32>() / shade.len() as f32;
        for value in &mut shade {
            *value -= mean;
        }
        let norm = shade.iter().map(|value| value * value).sum::<f32>().sqrt();
        Self { shade, norm, proportion }
    }

    /// How unlike two portraits are: 0 for the same, about 1 for nothing in common.
    #[must_use]
    pub fn unlike(&self, other: &Self) -> f32 {
        // A bar has no contrast within its box: its portrait is its proportions. The constant keeps noise from counting as contrast.
        const FLOOR: f32 = 16.0 * 40.0 * 40.0;
        let product: f32 = self.shade.iter().zip(&other.shade).map(|(a, b)| a * b).sum();
        let likeness = (product + FLOOR) / (self.norm * other.norm + FLOOR);
        let stretched = ((self.proportion - other.proportion).abs() - 0.04).max(0.0);
        (1.0 - likeness).max(0.0) + 0.5 * stretched
    }
}

/// A picture in which 255 is ink, averaged down to 16 by 16 squares.
#[must_use]
pub fn shades(ink: &Grey) -> [u8; SIDE * SIDE] {
    let mut out = [0u8; SIDE * SIDE];
    for (row, squares) in out.chunks_exact_mut(SIDE).enumerate() {
        for (column, square) in squares.iter_mut().enumerate() {
            let (mut sum, mut weight) = (0.0, 0.0);
            for (y, down) in parts(row, ink.height) {
                for (x, across) in parts(column, ink.width) {
                    sum += down * across * f64::from(ink.data[y * ink.width + x]);
                    weight += down * across;
                }
            }
            *square = if weight > 0.0 { (sum / weight).round() as u8 } else { 0 };
        }
    }
    out
}

/// The pixels that square `index` of sixteen covers of `length` pixels, with the share of each.
fn parts(index: usize, length: usize) -> impl Iterator<Item = (usize, f64)> {
    let (from, to) = (index as f64 * length as f64 / SIDE as f64, (index + 1) as f64 * length as f64 / SIDE as f64);
    (from.floor() as usize..(to.ceil() as usize).min(length)).map(move |pixel| (pixel, (to.min(pixel as f64 + 1.0) - from.max(pixel as f64)).max(0.0)))
}

/// A typeface: its characters' portraits.
struct Typeface {
    characters: Vec<(char, Portrait)>,
}

fn typefaces() -> &'static [Typeface] {
    static LOADED: OnceLock<Vec<Typeface>> = OnceLock::new();
    LOADED.get_or_init(|| parse(DATA).expect("typefaces.bin is written by the test that draws it"))
}

/// Reads the portraits: for each typeface a count (u16, little endian), then for each character its code point (u32), its width over height in
/// 256ths (u16) and its shades, two a byte.
fn parse(mut data: &[u8]) -> Option<Vec<Typeface>> {
    let mut found = Vec::new();
    while !data.is_empty() {
        let (count, rest) = data.split_first_chunk::<2>()?;
        data = rest;
        let mut characters = Vec::new();
        for _ in 0..u16::from_le_bytes(*count) {
            let (head, rest) = data.split_first_chunk::<6>()?;
            let (packed, rest) = rest.split_at_checked(SIDE * SIDE / 2)?;
            data = rest;
            let character = char::from_u32(u32::from_le_bytes([head[0], head[1], head[2], head[3]]))?;
            let mut shades = [0; SIDE * SIDE];
            for (pair, byte) in shades.chunks_exact_mut(2).zip(packed) {
                pair.copy_from_slice(&[(byte >> 4) * 17, (byte & 15) * 17]);
            }
            characters.push((character, Portrait::from_shades(&shades, f32::from(u16::from_le_bytes([head[4], head[5]])) / 256.0)));
        }
        found.push(Typeface { characters });
    }
    Some(found)
}

/// Loads the portraits, so that the first document does not wait for them.
pub fn warm_up() {
    typefaces();
}

/// What a comparison with the typefaces says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// Which typeface it is most like.
    pub typeface: usize,
    /// How many characters could be compared.
    pub compared: usize,
    /// How unlike the best typeface they are on average.
    pub mean: f32,
    /// How unlike the worst of them is.
    pub worst: f32,
    /// How many look clearly more like another character of that typeface than like what was read.
    pub contradicted: usize,
}

/// Characters of print, scanned at 150 dpi or more, are on average less unlike their portraits than this: 95 of 100 lines are. Neat capitals
/// and digits of a font that imitates a hand reach 0.09.
const PRINT_MEAN_MAX: f32 = 0.085;
/// No character of print is more unlike its portrait.
const PRINT_WORST_MAX: f32 = 0.4;

impl Likeness {
    /// Whether it is print of a typeface that is known.
    #[must_use]
    pub fn is_print(&self) -> bool {
        self.mean <= PRINT_MEAN_MAX && self.worst <= PRINT_WORST_MAX
    }
}

/// Compares characters with the typeface they are most like. Only letters and digits are compared: points and dashes look the same everywhere.
#[must_use]
pub fn compare(glyphs: &[(char, &Portrait)]) -> Option<Likeness> {
    let mean = |index: usize| {
        let (sum, count) = distances(index, glyphs).fold((0.0, 0), |(sum, count), distance| (sum + distance, count + 1));
        (count > 0).then(|| (index, sum / count as f32))
    };
    let (best, _) = (0..typefaces().len()).filter_map(mean).min_by(|a, b| a.1.total_cmp(&b.1))?;
    compare_with(best, glyphs)
}

/// Compares characters with one typeface.
#[must_use]
pub fn compare_with(index: usize, glyphs: &[(char, &Portrait)]) -> Option<Likeness> {
    let typeface = typefaces().get(index)?;
    let found: Vec<f32> = distances(index, glyphs).collect();
    if found.is_empty() {
        return None;
    }
    // In a number only digits can be what a glyph really is.
    let number = glyphs.iter().all(|(character, _)| character.is_ascii_digit());
    let contradicted = glyphs.iter().filter(|(character, portrait)| is_telling(*character) && typeface.contradicts(*character, portrait, number)).count();
    let worst = found.iter().copied().fold(0.0, f32::max);
    Some(Likeness { typeface: index, compared: found.len(), mean: found.iter().sum::<f32>() / found.len() as f32, worst, contradicted })
}

fn is_telling(character: char) -> bool {
    character.is_alphanumeric() || character == '@'
}

fn distances<'a>(index: usize, glyphs: &'a [(char, &'a Portrait)]) -> impl Iterator<Item = f32> + 'a {
    let typeface = &typefaces()[index];
    let telling = glyphs.iter().filter(|(character, _)| is_telling(*character));
    telling.filter_map(|(character, portrait)| Some(portrait.unlike(typeface.portrait(*character)?)))
}

/// Which of some characters a glyph is in a typeface, when one is clearly more like it than the others: `None` when they are drawn alike there.
#[must_use]
pub fn prefer(index: usize, glyph: &Portrait, among: &[char]) -> Option<char> {
    let typeface = typefaces().get(index)?;
    let mut ranked: Vec<(f32, char)> = among.iter().filter_map(|&character| Some((glyph.unlike(typeface.portrait(character)?), character))).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let [(best, character), (second, _), ..] = ranked.as_slice() else { return None };
    (best + 0.04 < *second && *best < 0.2).then_some(*character)
}

impl Typeface {
    fn portrait(&self, character: char) -> Option<&Portrait> {
        self.characters.iter().find(|(known, _)| *known == character).map(|(_, portrait)| portrait)
    }

    /// Whether a glyph looks clearly more like another character than like the one that was read.
    fn contradicts(&self, character: char, glyph: &Portrait, number: bool) -> bool {
        let Some(own) = self.portrait(character).map(|portrait| glyph.unlike(portrait)) else { return false };
        let possible = |known: char| !look_alike(known, character) && (known.is_ascii_digit() || !number);
        let others = self.characters.iter().filter(|(known, _)| possible(*known));
        others.map(|(_, portrait)| glyph.unlike(portrait)).fold(f32::INFINITY, f32::min) + 0.03 < own
    }
}

/// The portrait of a character in one of the typefaces.
#[cfg(test)]
pub(super) fn of_typeface(index: usize, character: char) -> Portrait {
    typefaces()[index].portrait(character).expect("a character that is drawn").clone()
}

/// Characters that differ in size or place alone, which a portrait does not show, or hardly at all.
fn look_alike(a: char, b: char) -> bool {
    let shape = |character: char| match character {
        'O' | 'o' | '0' | 'Q' => '0',
        'I' | 'l' | '1' | '|' | 'i' => '1',
        '9' | 'g' | 'q' => '9',
        other => other.to_lowercase().next().unwrap_or(other),
    };
    shape(a) == shape(b)
}
