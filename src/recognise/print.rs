//! Lines and blocks of text in a zone without cells, and ink in a signature zone.
//!
//! The zone's frame and the form's own rules within it are taken out, the ink that is left is cut out tightly and read; the shapes of the letters
//! are measured for [`super::typeface`]. A zone with nothing in it is never given to the engine.

use super::characters::Character;
use super::comb::remove_lines;
use super::components::{Bitmap, Blob, Components, components};
use super::portrait::Portrait;
use super::tesseract::{Begins, Engine, Layout, Symbol};
use super::typeface::{self, Shape};
use super::zone::{PX_PER_MM, ZoneView};
use crate::page::Grey;
use crate::record::RectMm;

/// Darkness of strokes, and of strokes too faint to read.
const STROKE: f64 = 0.42;
const FAINT: f64 = 0.22;
/// Specks smaller than this are dirt, px: 0.1 mm^2.
const SPECK_PX: u32 = 14;
/// Less ink than this in a whole zone is nothing, px: 0.4 mm^2.
const NOTHING_PX: u32 = 60;
/// Every letter has more ink than this, px: 0.3 mm^2.
const LETTER_PX: u32 = 42;
/// This much faint ink was meant by somebody, px: 1.4 mm^2.
const FAINT_PX: u32 = 200;

/// Ink that is on average no farther than this from its long axis is a line, mm.
const STRAIGHT_MM: f64 = 0.3;
/// Ink that reaches so far and is on average no farther from one circle is a bow, mm: the ring that a cup leaves is uneven, somebody's name is 3 mm high, and a letter alone
/// may be round.
const BOW_MM: (f64, f64) = (5.0, 0.5);
/// Ink that is so broad both ways and fills so much of its box was laid by no pen, mm and share: what is behind a torn page, a stamp, a thumb.
const SOLID: (f64, f64) = (4.0, 0.6);
/// How far into a signature zone its frame may reach, mm.
const FRAME_MM: f64 = 0.8;

/// What a zone of text holds.
pub enum Written {
    /// Nothing.
    Blank,
    /// Something that is too faint to read.
    Faint,
    /// Text: its lines, and whether some of it may be lost: it reaches the edge of the zone, or there is ink that nothing was read from.
    Lines(Vec<Line>, bool),
}

/// One line.
pub struct Line {
    /// Its words.
    pub text: String,
    /// Its characters with their confidences, without the spaces.
    pub characters: Vec<Character>,
    /// The letters whose edges could be told, mm in the zone.
    pub shapes: Vec<Shape>,
    /// Whether a word has more letters than were read.
    pub lost: bool,
}

/// Reads a zone. `rules` are lines that the form itself has there.
#[must_use]
pub fn read(engine: &mut Engine, view: &ZoneView, rect: RectMm, rules: &[RectMm], single_line: bool, address: bool) -> Written {
    let cleaned = |darker: f64| clean(view, rect, rules, darker);
    let bits = cleaned(STROKE);
    let found = components(&bits);
    let blobs: Vec<Blob> = found.blobs.iter().copied().filter(|blob| blob.area >= SPECK_PX).collect();
    if blobs.iter().map(|blob| blob.area).sum::<u32>() < NOTHING_PX {
        let faint: u32 = components(&cleaned(FAINT)).blobs.iter().map(|blob| blob.area).filter(|&area| area >= SPECK_PX).sum();
        return if faint < FAINT_PX { Written::Blank } else { Written::Faint };
    }
    let (picture, origin) = cut_out(view, &bits, &blobs);
    let symbols = engine.read(&picture, if single_line { Layout::Line } else { Layout::Block });
    let symbols = if symbols.is_empty() && single_line { engine.read(&picture, Layout::RawLine) } else { symbols };
    let symbols = if address { by_english(engine, &picture, symbols) } else { symbols };
    let in_lines = lines(&symbols);
    let [left, top, right, bottom] = view.px(inner(rect));
    let reaches = |blob: &Blob| {
        let place = blob.rect.map(f64::from);
        place[0] < left + 2.0 || place[1] < top + 2.0 || place[2] > right - 2.0 || place[3] > bottom - 2.0
    };
    let unread = |blob: &Blob| blob.area >= LETTER_PX && !in_lines.iter().flat_map(|line| words(line)).any(|word| covers(word, blob, origin));
    let lines: Vec<Line> = in_lines.iter().map(|line| measure(line, &blobs, &picture, origin)).collect();
    let lost = blobs.iter().any(reaches) || blobs.iter().any(unread) || lines.iter().any(|line| line.lost);
    Written::Lines(lines, lost)
}

/// Whether a word that was read lies over a shape.
fn covers(word: &[Symbol], blob: &Blob, origin: [i32; 2]) -> bool {
    let around = word.iter().map(|symbol| symbol.rect).reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]);
    let [left, top, right, bottom] = blob.rect.map(|value| value as i32);
    let (x, y) = (i32::midpoint(left, right) - origin[0], i32::midpoint(top, bottom) - origin[1]);
    // Places of symbols are rough: half a narrow letter may stick out.
    around.is_some_and(|around| (around[0] - 3..around[2] + 3).contains(&x) && (around[1] - 6..around[3] + 6).contains(&y))
}

/// An e-mail address as English reads it, which knows the `@`. A character that the other reading does not bear out is not sure.
fn by_english(engine: &mut Engine, picture: &Grey, other: Vec<Symbol>) -> Vec<Symbol> {
    let Some(mut symbols) = engine.read_english(picture, Layout::Line) else { return other };
    let agreed = symbols.len() == other.len();
    for (index, symbol) in symbols.iter_mut().enumerate() {
        let same = agreed && (symbol.text == "@" || other[index].text.to_lowercase() == symbol.text.to_lowercase());
        if !same {
            symbol.confidence *= 0.5;
        }
    }
    symbols
}

/// The part of a zone that is read: within its frame.
fn inner(rect: RectMm) -> RectMm {
    rect.inset(0.35)
}

/// The ink of a zone without its frame and rules, and without anything outside.
fn clean(view: &ZoneView, rect: RectMm, rules: &[RectMm], darker: f64) -> Bitmap {
    let mut bits = view.ink.darker_than(darker);
    let frames: Vec<[f64; 4]> = std::iter::once(&rect).chain(rules).map(|&rect| view.px(rect)).collect();
    remove_lines(&mut bits, &frames);
    let [left, top, right, bottom] = view.px(inner(rect)).map(|value| value.round().max(0.0) as usize);
    for y in 0..bits.height {
        for x in 0..bits.width {
            if !((left..right).contains(&x) && (top..bottom).contains(&y)) {
                bits.ink[y * bits.width + x] = false;
            }
        }
    }
    bits
}

/// The ink as a picture for the engine, with a border, and where its corner is in the zone's view.
fn cut_out(view: &ZoneView, bits: &Bitmap, blobs: &[Blob]) -> (Grey, [i32; 2]) {
    const BORDER: usize = 14;
    let hull = blobs
        .iter()
        .map(|blob| blob.rect)
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
        .unwrap_or_default()
        .map(|v| v as usize);
    let (width, height) = (hull[2] - hull[0] + 2 * BORDER, hull[3] - hull[1] + 2 * BORDER);
    let mut data = vec![255u8; width * height];
    for y in hull[1]..hull[3] {
        for x in hull[0]..hull[2] {
            let near =
                (y.saturating_sub(1)..(y + 2).min(bits.height)).any(|v| (x.saturating_sub(1)..(x + 2).min(bits.width)).any(|u| bits.ink[v * bits.width + u]));
            if near {
                data[(y - hull[1] + BORDER) * width + x - hull[0] + BORDER] = 255 - view.ink.dark[y * view.ink.width + x];
            }
        }
    }
    (Grey { width, height, data, dpi: PX_PER_MM * 25.4 }, [hull[0] as i32 - BORDER as i32, hull[1] as i32 - BORDER as i32])
}

fn lines(symbols: &[Symbol]) -> Vec<Vec<Symbol>> {
    let mut lines: Vec<Vec<Symbol>> = Vec::new();
    for symbol in symbols {
        match lines.last_mut() {
            Some(line) if symbol.begins < Begins::Line => line.push(symbol.clone()),
            _ => lines.push(vec![symbol.clone()]),
        }
    }
    lines
}

/// The line's text, and its letters' edges where one shape stands for one character.
fn measure(symbols: &[Symbol], blobs: &[Blob], picture: &Grey, origin: [i32; 2]) -> Line {
    let mut text = String::new();
    for (index, symbol) in symbols.iter().enumerate() {
        if index > 0 && symbol.begins >= Begins::Word {
            text.push(' ');
        }
        text.push_str(&symbol.text);
    }
    let characters = symbols.iter().filter_map(|symbol| symbol.text.chars().next().map(|text| Character { text, confidence: symbol.confidence })).collect();
    let (top, bottom) = symbols.iter().fold((i32::MAX, i32::MIN), |(top, bottom), symbol| (top.min(symbol.rect[1]), bottom.max(symbol.rect[3])));
    // From here on all places are those of the picture.
    let place = |blob: &Blob| {
        let [left, top, right, bottom] = blob.rect.map(|value| value as i32);
        [left - origin[0], top - origin[1], right - origin[0], bottom - origin[1]]
    };
    let in_line = |rect: &[i32; 4]| (top..bottom).contains(&i32::midpoint(rect[1], rect[3]));
    let letters: Vec<Letter> = stack(blobs.iter().map(place).filter(in_line).collect()).into_iter().map(|rect| Letter::cut(picture, rect)).collect();
    let words = words(symbols);
    let lost = words.iter().any(|word| has_more_letters(word, &letters));
    let shapes = words.into_iter().flat_map(|word| word_shapes(word, &letters)).collect();
    Line { text, characters, shapes, lost }
}

/// A letter's box in the picture and what it looks like.
#[derive(Clone)]
struct Letter {
    rect: [i32; 4],
    portrait: Portrait,
}

impl Letter {
    fn cut(picture: &Grey, rect: [i32; 4]) -> Self {
        let [left, top, right, bottom] = rect.map(|value| value.max(0) as usize);
        let (right, bottom) = (right.min(picture.width), bottom.min(picture.height));
        let rows = picture.data.chunks_exact(picture.width).take(bottom).skip(top);
        let data = rows.flat_map(|row| &row[left.min(right)..right]).map(|value| 255 - value).collect();
        let ink = Grey { width: right.saturating_sub(left), height: bottom.saturating_sub(top), data, dpi: picture.dpi };
        Self { rect, portrait: Portrait::of(&ink) }
    }
}

/// The symbols of each word.
fn words(symbols: &[Symbol]) -> Vec<&[Symbol]> {
    let starts: Vec<usize> = (0..symbols.len()).filter(|&index| index == 0 || symbols[index].begins >= Begins::Word).collect();
    starts.iter().enumerate().map(|(index, &start)| &symbols[start..starts.get(index + 1).copied().unwrap_or(symbols.len())]).collect()
}

/// Whether a word has more large shapes than characters that were read: one was passed over, or one is broken.
fn has_more_letters(word: &[Symbol], letters: &[Letter]) -> bool {
    let read = word.iter().filter(|symbol| symbol.text.chars().any(|c| !"-.,:;'’".contains(c))).count();
    let (left, right) = word.iter().fold((i32::MAX, i32::MIN), |(left, right), symbol| (left.min(symbol.rect[0]), right.max(symbol.rect[2])));
    let tallest = letters.iter().map(|letter| letter.rect[3] - letter.rect[1]).max().unwrap_or(0);
    let is_letter =
        |letter: &&Letter| 5 * (letter.rect[3] - letter.rect[1]) > 2 * tallest && (left..right).contains(&i32::midpoint(letter.rect[0], letter.rect[2]));
    letters.iter().filter(is_letter).count() > read
}

/// Which letter shape is which character of a word. Tesseract's places are good for words and rough for characters, so within a word it is the
/// order that counts. Where two letters touch, or one is broken, the place of that is the one that makes the rest most even.
fn word_shapes(word: &[Symbol], letters: &[Letter]) -> Vec<Shape> {
    let (left, right) = word.iter().fold((i32::MAX, i32::MIN), |(left, right), symbol| (left.min(symbol.rect[0]), right.max(symbol.rect[2])));
    let letters: Vec<Letter> = letters.iter().filter(|letter| (left..right).contains(&i32::midpoint(letter.rect[0], letter.rect[2]))).cloned().collect();
    let pair = |(letter, symbol): (&Letter, &Symbol)| shape(letter, symbol);
    let spread = |shapes: &Vec<Shape>| typeface::evenness(shapes).spread_mm;
    let best = |choices: Vec<Vec<Shape>>| choices.into_iter().min_by(|a, b| spread(a).total_cmp(&spread(b))).unwrap_or_default();
    let (count, wanted) = (letters.len(), word.len());
    if count == wanted {
        letters.iter().zip(word).filter_map(pair).collect()
    } else if count > 2 && count + 1 == wanted {
        let around = |joint: usize| letters[..joint].iter().zip(word).chain(letters[joint + 1..].iter().zip(&word[joint + 2..])).filter_map(pair).collect();
        best((0..count).map(around).collect())
    } else if wanted > 2 && count == wanted + 1 {
        let around = |broken: usize| letters[..broken].iter().zip(word).chain(letters[broken + 2..].iter().zip(&word[broken + 1..])).filter_map(pair).collect();
        best((0..wanted).map(around).collect())
    } else {
        Vec::new()
    }
}

fn shape(letter: &Letter, symbol: &Symbol) -> Option<Shape> {
    let [x, top, _, bottom] = letter.rect.map(|px| f64::from(px) / PX_PER_MM);
    symbol.text.chars().next().map(|character| Shape { character, x, top, bottom, stroke: 0.0, portrait: letter.portrait.clone() })
}

/// Joins what stands above each other: dots and rings with their letters.
fn stack(mut rects: Vec<[i32; 4]>) -> Vec<[i32; 4]> {
    rects.sort_unstable();
    let mut letters: Vec<[i32; 4]> = Vec::new();
    for rect in rects {
        match letters.last_mut() {
            Some(last) if 2 * (last[2].min(rect[2]) - rect[0]) > (last[2] - last[0]).min(rect[2] - rect[0]) => {
                *last = [last[0].min(rect[0]), last[1].min(rect[1]), last[2].max(rect[2]), last[3].max(rect[3])];
            }
            _ => letters.push(rect),
        }
    }
    letters
}

/// What is in a signature zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// Nothing.
    Blank,
    /// Signed.
    Signed,
    /// Something, but too little or too faint to call a signature.
    Unclear,
}

/// Whether a signature zone is signed: somebody's name is at least 8 mm long and 3 mm^2 of ink, in strokes and not in specks. What lies along the frame may be the
/// frame itself, thickened by a copier; a straight line alone is no name, but a crease, a scratch on the glass or a zone struck out, and a bow is part of a cup's ring.
#[must_use]
pub fn signature(view: &ZoneView, rect: RectMm, rules: &[RectMm]) -> Signature {
    let within = view.px(inner(rect).inset(FRAME_MM));
    let inked = |darker: f64, least: u32| {
        let found = components(&clean(view, rect, rules, darker));
        let along_frame = |blob: &Blob| {
            let [left, top, right, bottom] = blob.rect.map(f64::from);
            right <= within[0] || bottom <= within[1] || left >= within[2] || top >= within[3]
        };
        let is_written = |blob: &Blob, number: u32| !along_frame(blob) && !is_straight(blob) && !is_solid(blob) && !is_bow(&found, number);
        let counted: Vec<&Blob> = found
            .blobs
            .iter()
            .zip(0..)
            .filter(|(blob, number)| blob.area >= least && (least == SPECK_PX || is_written(blob, *number)))
            .map(|(blob, _)| blob)
            .collect();
        let (left, right) = counted.iter().fold((u32::MAX, 0), |(left, right), blob| (left.min(blob.rect[0]), right.max(blob.rect[2])));
        (counted.iter().map(|blob| blob.area).sum::<u32>(), f64::from(right.saturating_sub(left)) / PX_PER_MM)
    };
    let (strokes, reach) = inked(STROKE, LETTER_PX);
    let ((area, _), (faint, _)) = (inked(STROKE, SPECK_PX), inked(FAINT, SPECK_PX));
    let square_mm = f64::from(strokes) / (PX_PER_MM * PX_PER_MM);
    if square_mm >= 3.0 && reach >= 8.0 {
        Signature::Signed
    } else if area < NOTHING_PX && faint < FAINT_PX {
        Signature::Blank
    } else {
        Signature::Unclear
    }
}

/// Whether ink is one straight line, however it lies: all of it is near its long axis.
fn is_straight(blob: &Blob) -> bool {
    // Root mean squares of the distances from the axes: a line 1 mm wide has 0.29 mm across, a flat scribble of 2 mm between its turns 0.7 mm.
    blob.axis().is_line(STRAIGHT_MM * PX_PER_MM, 8.0)
}

/// Whether a shape is a block of dark.
fn is_solid(blob: &Blob) -> bool {
    let [left, top, right, bottom] = blob.rect.map(f64::from);
    let (wide, tall) = (right - left, bottom - top);
    wide.min(tall) >= SOLID.0 * PX_PER_MM && f64::from(blob.area) >= SOLID.1 * wide * tall
}

/// Whether a shape is one long bow.
fn is_bow(found: &Components, blob: u32) -> bool {
    let [left, top, right, bottom] = found.blobs[blob as usize].rect.map(f64::from);
    (right - left).hypot(bottom - top) >= BOW_MM.0 * PX_PER_MM && found.off_circle(blob) <= BOW_MM.1 * PX_PER_MM
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The one shape of a picture of 40 mm by 14 mm that is dark where `ink` says, mm.
    fn shape_of(ink: impl Fn(f64, f64) -> bool) -> Blob {
        drawn(ink).blobs[0]
    }

    fn drawn(ink: impl Fn(f64, f64) -> bool) -> Components {
        let (width, height) = ((40.0 * PX_PER_MM) as usize, (14.0 * PX_PER_MM) as usize);
        let at = |index: usize| ((index % width) as f64 / PX_PER_MM, (index / width) as f64 / PX_PER_MM);
        let bits = Bitmap {
            width,
            height,
            ink: (0..width * height)
                .map(|index| {
                    let (x, y) = at(index);
                    ink(x, y)
                })
                .collect(),
        };
        let found = components(&bits);
        assert_eq!(found.blobs.len(), 1, "one shape");
        found
    }

    #[test]
    fn what_shows_behind_a_torn_page_is_no_pen() {
        assert!(is_solid(&shape_of(|x, y| x < 12.0 + (y * 2.0).sin() && y > 1.0)));
        assert!(!is_solid(&shape_of(|x, y| (6.0..14.0).contains(&x) && (2.0..12.0).contains(&y) && (x % 2.0 < 0.6 || y % 4.0 < 0.6))), "a dense scribble");
    }

    #[test]
    fn the_ring_of_a_cup_is_one_bow_and_a_name_is_not() {
        let is_bow = |ink: &dyn Fn(f64, f64) -> bool| is_bow(&drawn(ink), 0);
        let ring = |x: f64, y: f64, radius: f64| ((x - 20.0).hypot(y + radius - 6.0) - radius).abs() < 0.5;
        assert!(is_bow(&|x, y| ring(x, y, 35.0)));
        assert!(is_bow(&|x, y| ring(x, y, 12.0) && x < 28.0), "part of a smaller one");
        assert!(is_bow(&|x, y| ((x - 20.0).hypot(y + 29.0) - 35.0).abs() < 0.2 + 0.015 * x), "broad at one end");
        assert!(!is_bow(&|x, y| ring(x, y, 1.2)), "a round letter");
        assert!(!is_bow(&|x, y| (4.0..30.0).contains(&x) && (y - 7.0 - (x * 2.0).sin()).abs() < 0.5), "a flat scribble");
        assert!(!is_bow(&|x, y| ring(x, y, 35.0) || (x - 20.0).abs() < 0.3), "a bow with a stroke across");
    }

    #[test]
    fn a_crease_is_straight_and_a_name_is_not() {
        assert!(is_straight(&shape_of(|_, y| (7.0..7.9).contains(&y))));
        assert!(is_straight(&shape_of(|x, y| (y - 2.0 - x * 0.2).abs() < 0.3)), "on a slant");
        assert!(!is_straight(&shape_of(|x, y| (4.0..30.0).contains(&x) && (y - 7.0 - (x * 2.0).sin()).abs() < 0.5)), "a flat scribble");
        assert!(!is_straight(&shape_of(|x, y| (x - y).abs() < 0.3 || (x + y - 14.0).abs() < 0.3)), "a cross");
        assert!(!is_straight(&shape_of(|x, y| (7.0..7.5).contains(&y) || (x - 20.0).abs() < 0.3 && y > 2.0)), "a line with a stroke across");
    }
}
