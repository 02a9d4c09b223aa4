//! The combs of a page as our own network reads them: what each cell may hold, and which combs surely no machine filled in.
//!
//! All glyphs of a page go through the network together. Whether somebody writes small letters is measured over the page, for one person filled it in.
//! A comb that is surely written by hand need not be read as print.

use super::alphabet;
use super::comb::{Comb, Glyph};
use super::decode::Cell;
use super::network::{Network, Picture, Posterior};
use super::read::Trouble;
use super::typeface::{self, Evenness, Shape};
use crate::page::Grey;
use crate::record::FieldType;

/// A glyph of which one character of its field is at least so probable is not looked at again.
const CLEAR: f64 = 0.9;
/// The slants at which the others are.
const SLANTS: [f64; 2] = [-0.15, 0.15];

/// The glyphs of a page's combs, read.
pub struct Glyphs<'a> {
    network: &'a Network,
    /// For each comb the posteriors of its glyphs.
    posteriors: Vec<Vec<Posterior>>,
    /// The share of small letters.
    small: f64,
}

impl<'a> Glyphs<'a> {
    /// Reads the glyphs of all combs of a page; for each comb whether it holds letters.
    #[must_use]
    pub fn read(network: &'a Network, combs: &[(&Comb, FieldType)]) -> Self {
        let pictures: Vec<Picture> = combs.iter().flat_map(|(comb, _)| &comb.glyphs).map(|glyph| Picture::of(&glyph.picture)).collect();
        let mut read = network.read(&pictures);
        look_again(network, combs.iter().flat_map(|(comb, kind)| comb.glyphs.iter().map(|glyph| (glyph, *kind))), &mut read);
        let mut read = read.into_iter();
        let posteriors: Vec<Vec<Posterior>> = combs.iter().map(|(comb, _)| read.by_ref().take(comb.glyphs.len()).collect()).collect();
        let letters = posteriors.iter().zip(combs).filter(|(_, (_, kind))| alphabet::has_letters(*kind)).flat_map(|(posteriors, _)| posteriors);
        let small = alphabet::small_share(letters, network.classes());
        Self { network, posteriors, small }
    }

    /// What each cell of comb `index` may hold, from its first glyph to its last; blank cells are spaces.
    #[must_use]
    pub fn cells(&self, index: usize, comb: &Comb, kind: FieldType) -> Vec<Cell> {
        let (classes, posteriors) = (self.network.classes(), &self.posteriors[index]);
        let marks = small_marks(comb);
        let mut cells = Vec::new();
        let mut at = 0;
        while at < comb.glyphs.len() {
            if at > 0 && comb.glyphs[at].cell > comb.glyphs[at - 1].cell + 1 {
                cells.push(Cell::only(' '));
            }
            if let Some(mark) = marks[at] {
                // Its place says more than its shape, and not whether it is dirt on a blank cell: where the words beside it are sure, that is what remains.
                cells.push(Cell::new([(mark, 0.9), (' ', 0.1)]));
                at += 1;
                continue;
            }
            let follows = |next: &usize| marks[*next].is_none() && comb.glyphs[*next].cell == comb.glyphs[*next - 1].cell + 1;
            let end = at + 1 + (at + 1..comb.glyphs.len()).take_while(follows).count();
            let word: Vec<&Posterior> = posteriors[at..end].iter().collect();
            if alphabet::has_words(kind) {
                cells.extend(alphabet::word(&word, classes, self.small));
            } else {
                cells.extend(word.into_iter().map(|posterior| alphabet::cell(kind, posterior, classes, self.small)));
            }
            at = end;
        }
        cells
    }

    /// What is the matter with the writing in a comb.
    #[must_use]
    pub fn trouble(&self, index: usize, comb: &Comb) -> Option<Trouble> {
        let is = |class: char| {
            let place = self.network.classes().iter().position(|&known| known == class);
            self.posteriors[index].iter().any(|posterior| place.and_then(|place| posterior.get(place)).is_some_and(|&probability| probability > 0.5))
        };
        match () {
            () if comb.faint => Some(Trouble::Faint),
            () if comb.outside => Some(Trouble::Outside),
            () if comb.joined => Some(Trouble::Joined),
            () if is('#') => Some(Trouble::Struck),
            () if is('?') => Some(Trouble::Strange),
            () => None,
        }
    }

    /// How even the digits and capitals of a comb are; none where ink goes from cell to cell or is too faint, as no machine leaves it.
    #[must_use]
    pub fn evenness(&self, index: usize, (comb, kind): (&Comb, FieldType), cell_x: impl Fn(&Glyph) -> f64) -> Option<Evenness> {
        if comb.parted || comb.is_unreadable() {
            return None;
        }
        let telling = comb.glyphs.iter().zip(&self.posteriors[index]).filter_map(|(glyph, posterior)| {
            let (class, probability) = self.network.classes().iter().zip(posterior).max_by(|a, b| a.1.total_cmp(b.1))?;
            (*probability > 0.9 && alphabet::has_one_height(kind, *class)).then(|| Shape::edges(*class, cell_x(glyph), glyph))
        });
        Some(typeface::evenness(&telling.collect::<Vec<_>>()))
    }
}

/// Reads what is not clear once more at other slants, and takes the mean: what is read as the same however it leans is that, and a shape between two is seen to be.
fn look_again<'g>(network: &Network, glyphs: impl Iterator<Item = (&'g Glyph, FieldType)>, read: &mut [Posterior]) {
    // An upright stroke in a number is a one, whichever of the upright strokes it is likest.
    let clear = |kind: FieldType, posterior: &Posterior| alphabet::cell(kind, posterior, network.classes(), 0.0).highest() >= CLEAR;
    let doubtful: Vec<(&Glyph, &mut Posterior)> =
        glyphs.zip(read).filter(|((_, kind), posterior)| !clear(*kind, posterior)).map(|((glyph, _), posterior)| (glyph, posterior)).collect();
    let pictures: Vec<Picture> = doubtful.iter().flat_map(|(glyph, _)| SLANTS.map(|slant| Picture::of(&slanted(&glyph.picture, slant)))).collect();
    let mut again = network.read(&pictures).into_iter();
    for (_, posterior) in doubtful {
        for other in again.by_ref().take(SLANTS.len()) {
            posterior.iter_mut().zip(other).for_each(|(sum, probability)| *sum += probability);
        }
        for sum in posterior.iter_mut() {
            *sum /= (SLANTS.len() + 1) as f32;
        }
    }
}

/// A picture with its rows shifted, the top by `slant` of half the height to the right, the bottom to the left.
fn slanted(picture: &Grey, slant: f64) -> Grey {
    let (width, height) = (picture.width, picture.height);
    let reach = (slant.abs() * height as f64 / 2.0).ceil() as usize + 1;
    let wide = width + 2 * reach;
    let mut data = vec![0u8; wide * height];
    for (y, (row, out)) in picture.data.chunks_exact(width.max(1)).zip(data.chunks_exact_mut(wide)).enumerate() {
        let shift = reach as f64 + slant * (height as f64 / 2.0 - (y as f64 + 0.5));
        let (whole, part) = (shift.floor() as usize, shift.fract());
        for (x, &dark) in row.iter().enumerate() {
            let right = (f64::from(dark) * part).round() as u8;
            out[x + whole] = out[x + whole].saturating_add(dark - right);
            out[x + whole + 1] = out[x + whole + 1].saturating_add(right);
        }
    }
    Grey { width: wide, height, data, dpi: picture.dpi }
}

/// For each glyph of a comb the mark that it is by its size and place, if it is far smaller than the comb's letters.
fn small_marks(comb: &Comb) -> Vec<Option<char>> {
    if comb.glyphs.len() < 3 {
        return vec![None; comb.glyphs.len()];
    }
    let median = |edge: fn(&Glyph) -> f64| {
        let mut values: Vec<f64> = comb.glyphs.iter().map(edge).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let (tall, base) = (median(|glyph| glyph.rect_mm[3] - glyph.rect_mm[1]), median(|glyph| glyph.rect_mm[3]));
    let mark = |glyph: &Glyph| {
        let [left, top, right, bottom] = glyph.rect_mm;
        let (width, height) = (right - left, bottom - top);
        (height <= 0.35 * tall && width <= 0.8 * tall).then_some(match () {
            () if width > 1.8 * height => '-',
            () if base - bottom > 0.45 * tall => '\'',
            () if bottom - base > 0.08 * tall => ',',
            () => '.',
        })
    };
    comb.glyphs.iter().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slanted_stroke_keeps_its_ink_and_leans() {
        let (width, height) = (9, 20);
        let data = (0..width * height).map(|at| if at % width == 4 { 200 } else { 0 }).collect();
        let upright = Grey { width, height, data, dpi: 300.0 };
        let leaning = slanted(&upright, 0.2);
        let ink = |picture: &Grey| picture.data.iter().map(|&dark| u32::from(dark)).sum::<u32>();
        assert_eq!(ink(&leaning), ink(&upright));
        let centre = |row: &[u8]| row.iter().enumerate().map(|(x, &dark)| x as f64 * f64::from(dark)).sum::<f64>() / 200.0;
        let rows: Vec<f64> = leaning.data.chunks_exact(leaning.width).map(centre).collect();
        assert!((rows[0] - rows[19] - 0.2 * 19.0).abs() < 0.02, "the top leans to the right: {rows:?}");
        let level = slanted(&upright, 0.0);
        assert!(level.data.chunks_exact(level.width).all(|row| row.iter().max() == Some(&200)));
    }

    #[test]
    fn a_mark_between_words_may_be_dirt_on_a_blank_cell() {
        let network = Network::load().unwrap_or_else(|error| panic!("{error}"));
        let glyph =
            |cell: usize, rect_mm: [f64; 4]| Glyph { cell, rect_mm, stroke_mm: 0.4, picture: Grey { width: 4, height: 4, data: vec![255; 16], dpi: 300.0 } };
        let glyphs = vec![glyph(0, [1.0, 1.0, 4.0, 5.0]), glyph(1, [2.0, 3.0, 3.0, 3.3]), glyph(2, [1.0, 1.0, 4.0, 5.0])];
        let comb = Comb { cells: 3, glyphs, parted: false, joined: false, faint: false, outside: false };
        let read = Glyphs::read(&network, &[(&comb, FieldType::Name)]);
        assert_eq!(read.cells(0, &comb, FieldType::Name)[1], Cell::new([('-', 0.9), (' ', 0.1)]));
    }

    #[test]
    fn what_is_clear_is_not_looked_at_again_and_what_is_not_stays_a_distribution() {
        let network = Network::load().unwrap_or_else(|error| panic!("{error}"));
        let blot = |seed: usize| Glyph {
            cell: 0,
            rect_mm: [0.0; 4],
            stroke_mm: 0.4,
            picture: Grey { width: 24, height: 30, data: (0..720_usize).map(|at| if (at * at + seed * at) % 7 < 3 { 255 } else { 0 }).collect(), dpi: 300.0 },
        };
        let glyphs: Vec<Glyph> = (0..4).map(blot).collect();
        let pictures: Vec<Picture> = glyphs.iter().map(|glyph| Picture::of(&glyph.picture)).collect();
        let first = network.read(&pictures);
        let mut again = first.clone();
        look_again(&network, glyphs.iter().map(|glyph| (glyph, FieldType::Text)), &mut again);
        for (once, twice) in first.iter().zip(&again) {
            assert!((twice.iter().sum::<f32>() - 1.0).abs() < 1e-3);
            assert!(alphabet::cell(FieldType::Text, once, network.classes(), 0.0).highest() < CLEAR || once == twice);
        }
        assert!(first != again, "blots are not clear");
    }
}
