//! The combs of a page as our own network reads them: what each cell may hold, and which combs surely no machine filled in.
//!
//! All glyphs of a page go through the network together. Whether somebody writes small letters is measured over the page, for one person filled it in.
//! A comb that is surely written by hand need not be read as print.

use super::alphabet;
use super::comb::{Comb, Glyph};
use super::decode::Cell;
use super::network::{Network, Picture, Posterior};
use super::typeface::{self, Shape};
use crate::record::FieldType;

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
        let mut read = network.read(&pictures).into_iter();
        let posteriors: Vec<Vec<Posterior>> = combs.iter().map(|(comb, _)| read.by_ref().take(comb.glyphs.len()).collect()).collect();
        let letters = posteriors.iter().zip(combs).filter(|(_, (_, kind))| alphabet::has_letters(*kind)).flat_map(|(posteriors, _)| posteriors);
        let small = alphabet::small_share(letters, network.classes());
        Self { network, posteriors, small }
    }

    /// What each cell of comb `index` may hold, from its first glyph to its last; blank cells are spaces.
    #[must_use]
    pub fn cells(&self, index: usize, comb: &Comb, kind: FieldType) -> Vec<Cell> {
        let mut cells = Vec::new();
        let mut last = None;
        for (glyph, posterior) in comb.glyphs.iter().zip(&self.posteriors[index]) {
            if last.is_some_and(|last| glyph.cell > last + 1) {
                cells.push(Cell::only(' '));
            }
            last = Some(glyph.cell);
            cells.push(match small_mark(comb, glyph) {
                // Its place says more than its shape, and no more than that it may be dirt.
                Some(mark) => Cell::new([(mark, 0.9)]),
                None => alphabet::cell(kind, posterior, self.network.classes(), self.small),
            });
        }
        cells
    }

    /// Whether a comb surely was filled in by hand: no machine draws its digits and capitals so unevenly.
    #[must_use]
    pub fn is_surely_written(&self, index: usize, (comb, kind): (&Comb, FieldType), cell_x: impl Fn(&Glyph) -> f64) -> bool {
        if comb.parted || comb.joined || comb.faint {
            return true;
        }
        let telling = comb.glyphs.iter().zip(&self.posteriors[index]).filter_map(|(glyph, posterior)| {
            let (class, probability) = self.network.classes().iter().zip(posterior).max_by(|a, b| a.1.total_cmp(b.1))?;
            (*probability > 0.9 && alphabet::has_one_height(kind, *class)).then(|| Shape::edges(*class, cell_x(glyph), glyph))
        });
        typeface::evenness(&telling.collect::<Vec<_>>()).is_surely_a_hands()
    }
}

/// The mark that a glyph far smaller than the comb's letters is by its size and place.
fn small_mark(comb: &Comb, glyph: &Glyph) -> Option<char> {
    let median = |edge: fn(&Glyph) -> f64| {
        let mut values: Vec<f64> = comb.glyphs.iter().map(edge).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let (tall, base) = (median(|glyph| glyph.rect_mm[3] - glyph.rect_mm[1]), median(|glyph| glyph.rect_mm[3]));
    let [left, top, right, bottom] = glyph.rect_mm;
    let (width, height) = (right - left, bottom - top);
    if comb.glyphs.len() < 3 || height > 0.35 * tall || width > 0.8 * tall {
        return None;
    }
    Some(match () {
        () if width > 1.8 * height => '-',
        () if base - bottom > 0.45 * tall => '\'',
        () if bottom - base > 0.08 * tall => ',',
        () => '.',
    })
}
