//! The combs of a page as our own network reads them: what each cell may hold, and which combs surely no machine filled in.
//!
//! All glyphs of a page are looked at together. Whether somebody writes small letters is measured over the page, for one person filled it in.
//! A comb that is surely written by hand need not be read as print.

use super::alphabet;
use super::comb::{Comb, Glyph};
use super::decode::Cell;
use super::looks::Looks;
use super::network::Posterior;
use super::read::Trouble;
use super::typeface::{self, Evenness, Shape};
use crate::record::FieldType;

/// The glyphs of a page's combs, read.
pub struct Glyphs<'a> {
    looks: &'a Looks,
    /// For each comb the posteriors of its glyphs.
    posteriors: Vec<Vec<Posterior>>,
    /// The share of small letters.
    small: f64,
}

impl<'a> Glyphs<'a> {
    /// Reads the glyphs of all combs of a page; for each comb whether it holds letters.
    #[must_use]
    pub fn read(looks: &'a Looks, combs: &[(&Comb, FieldType)]) -> Self {
        let glyphs: Vec<(&Glyph, FieldType)> = combs.iter().flat_map(|(comb, kind)| comb.glyphs.iter().map(|glyph| (glyph, *kind))).collect();
        let mut read = looks.read(&glyphs).into_iter();
        let posteriors: Vec<Vec<Posterior>> = combs.iter().map(|(comb, _)| read.by_ref().take(comb.glyphs.len()).collect()).collect();
        let letters = posteriors.iter().zip(combs).filter(|(_, (_, kind))| alphabet::has_letters(*kind)).flat_map(|(posteriors, _)| posteriors);
        let small = alphabet::small_share(letters, looks.classes());
        Self { looks, posteriors, small }
    }

    /// What each cell of comb `index` may hold, from its first glyph to its last; blank cells are spaces.
    #[must_use]
    pub fn cells(&self, index: usize, comb: &Comb, kind: FieldType) -> Vec<Cell> {
        let (classes, posteriors) = (self.looks.classes(), &self.posteriors[index]);
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
            let place = self.looks.classes().iter().position(|&known| known == class);
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
            let (class, probability) = self.looks.classes().iter().zip(posterior).max_by(|a, b| a.1.total_cmp(b.1))?;
            (*probability > 0.9 && alphabet::has_one_height(kind, *class)).then(|| Shape::edges(*class, cell_x(glyph), glyph))
        });
        Some(typeface::evenness(&telling.collect::<Vec<_>>()))
    }
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
    use crate::page::Grey;

    #[test]
    fn a_mark_between_words_may_be_dirt_on_a_blank_cell() {
        let looks = Looks::load().unwrap_or_else(|error| panic!("{error}"));
        let glyph =
            |cell: usize, rect_mm: [f64; 4]| Glyph { cell, rect_mm, stroke_mm: 0.4, picture: Grey { width: 4, height: 4, data: vec![255; 16], dpi: 300.0 } };
        let glyphs = vec![glyph(0, [1.0, 1.0, 4.0, 5.0]), glyph(1, [2.0, 3.0, 3.0, 3.3]), glyph(2, [1.0, 1.0, 4.0, 5.0])];
        let comb = Comb { cells: 3, glyphs, parted: false, joined: false, faint: false, outside: false };
        let read = Glyphs::read(&looks, &[(&comb, FieldType::Name)]);
        assert_eq!(read.cells(0, &comb, FieldType::Name)[1], Cell::new([('-', 0.9), (' ', 0.1)]));
    }
}
