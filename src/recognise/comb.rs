//! The characters of a comb: cut at the cells, freed of the printed lines, one glyph a cell.
//!
//! The lines are taken out where the snapped outline says they are, and only where nothing crosses them; ink that crosses is left whole and
//! belongs to the cell that holds its centre. What comes out is a [`Comb`]: the glyphs with their cells, which is all that a reader of
//! characters needs, whether it reads them as one line of print or, as a model for handwriting does, one by one.

use super::components::{Bitmap, Blob, Components, components};
use super::portrait::Portrait;
use super::zone::{PX_PER_MM, ZoneView};
use crate::forms::Zone;
use crate::page::Grey;

/// Darkness from which a pixel is part of a stroke.
const STROKE: f64 = 0.42;
/// Darkness from which a pixel is more than dirt or shine-through: a faint pencil.
const FAINT: f64 = 0.22;
/// How far from its place a printed line may be after the snap, px.
const LINE_REACH_PX: i64 = 4;
/// Printed lines are thinner than this, px: 0.2 to 0.35 mm, thickened by a coarse scan.
const LINE_MAX_PX: i64 = 9;
/// How far a printed line and its roughness reach into a cell, px: 0.75 mm. No letter lies wholly that near to a line.
const RIM_PX: f64 = 9.0;
/// Less connected ink than this is dust, px: 0.04 mm^2. The full stop of 9-point type has 0.09 mm^2.
const DUST_PX: u32 = 6;
/// Every letter and digit has more ink than this, px: 0.3 mm^2.
const SMALL_PX: u32 = 42;
/// Faint ink of this size has been meant by somebody, px: 0.7 mm^2.
const FAINT_PX: u32 = 100;
/// Ink that is so many times as wide as a cell is more than one character.
const JOINED: f64 = 1.25;
/// A character has at most so many times as much ink with its faint edges as without: of a thin pen half is edge. Where there is more, whole strokes are faint.
const EDGES_MAX: u32 = 2;

/// The ink of one cell.
#[derive(Clone)]
pub struct Glyph {
    /// The index of its cell.
    pub cell: usize,
    /// Left, top, right, bottom of the ink, mm from the cell's top left corner.
    pub rect_mm: [f64; 4],
    /// Mean width of its strokes, mm.
    pub stroke_mm: f64,
    /// Darkness within the box, the ink of other cells and printed lines taken out: 255 is black.
    pub picture: Grey,
}

impl Glyph {
    /// What it looks like.
    #[must_use]
    pub fn portrait(&self) -> Portrait {
        // Without the pixel of surroundings that the picture has on each side.
        let (width, height) = (self.picture.width.saturating_sub(2), self.picture.height.saturating_sub(2));
        let rows = self.picture.data.chunks_exact(self.picture.width).skip(1).take(height);
        let data = rows.flat_map(|row| &row[1..=width]).copied().collect();
        Portrait::of(&Grey { width, height, data, dpi: self.picture.dpi })
    }
}

/// A comb cut into glyphs.
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts about its ink")]
pub struct Comb {
    /// How many cells it has.
    pub cells: usize,
    /// The cells with ink, in reading order.
    pub glyphs: Vec<Glyph>,
    /// Whether ink that spanned cells was parted where it is thinnest: two characters that touch.
    pub parted: bool,
    /// Whether some ink still spans cells, as joined handwriting does.
    pub joined: bool,
    /// Whether some cell has ink too faint to read and too much to ignore.
    pub faint: bool,
    /// Whether ink reaches into cells whose middle lies above, below or beside all of them: somebody wrote past the cells.
    pub outside: bool,
}

impl Comb {
    /// Whether nothing is written in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.glyphs.is_empty() && !self.faint && !self.outside
    }

    /// Whether its characters cannot be told apart for sure, whatever they look like one by one.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.joined || self.faint || self.outside
    }

    /// Cuts a comb. `digits` leaves out marks that are too small to be part of a digit.
    #[must_use]
    pub fn cut(view: &ZoneView, zone: &Zone, digits: bool) -> Self {
        let cells: Vec<[f64; 4]> = zone.cells.iter().map(|&cell| view.px(cell)).collect();
        // Most combs of most pages are blank: what has not even faint ink is not looked at again.
        let faint = ink_without_lines(view, &cells, FAINT);
        let in_faint = reach_inside(&faint, &cells);
        if !in_faint.contains(&true) {
            return Self { cells: cells.len(), glyphs: Vec::new(), parted: false, joined: false, faint: false, outside: false };
        }
        let mut found = ink_without_lines(view, &cells, STROKE);
        let parted = part_joined(&mut found, &cells);
        let mut owner = vec![usize::MAX; found.blobs.len()];
        let (mut joined, mut outside) = (false, false);
        for ((blob, owner), inside) in found.blobs.iter().zip(&mut owner).zip(reach_inside(&found, &cells)) {
            let Some(cell) = cell_of(blob, &cells).filter(|_| inside) else {
                outside |= inside && blob.area >= SMALL_PX && cell_of(blob, &cells).is_none();
                continue;
            };
            *owner = cell;
            let width = cells[cell][2] - cells[cell][0];
            joined |= f64::from(blob.width()) > JOINED * width;
        }
        let stroke = stroke_px(&found, &owner);
        let (mut glyphs, mut restored, mut beyond_help) = (Vec::new(), false, false);
        for (cell, &place) in cells.iter().enumerate() {
            let blobs: Vec<usize> = (0..owner.len()).filter(|&blob| owner[blob] == cell).collect();
            let mine = without_specks(&found.blobs, blobs, digits, stroke);
            if mine.is_empty() {
                continue;
            }
            let blobs = (0..in_faint.len()).filter(|&blob| in_faint[blob] && is_within(&faint.blobs[blob], place)).collect();
            let whole = without_specks(&faint.blobs, blobs, digits, stroke);
            // A pencil that is pressed on downstrokes only leaves an S that looks like a comma, and a five like a six.
            let strokes_are_faint = area(&faint, &whole) > EDGES_MAX * area(&found, &mine).max(FAINT_PX / EDGES_MAX);
            // Faint edges of neighbours touch, and say nothing.
            let joins = whole.iter().any(|&blob| f64::from(faint.blobs[blob].width()) > JOINED * (place[2] - place[0]));
            restored |= strokes_are_faint && !joins;
            beyond_help |= strokes_are_faint && joins;
            glyphs.push(if strokes_are_faint && !joins { glyph(view, &faint, &whole, cell, place) } else { glyph(view, &found, &mine, cell, place) });
        }
        drop_stray_marks(&mut glyphs);
        let faint = restored && beyond_help || has_faint_ink(&faint, &cells, &glyphs);
        Self { cells: cells.len(), glyphs, parted, joined, faint, outside }
    }
}

/// Parts ink that reaches well into two neighbouring cells, near their border and where it is thinnest. Whether there was any.
fn part_joined(found: &mut Components, cells: &[[f64; 4]]) -> bool {
    const REACH: f64 = 0.3;
    const LOOK: f64 = 0.2;
    let mut parted = false;
    let mut index = 0;
    // What is parted off comes last, and is looked at in its turn.
    while index < found.blobs.len() {
        let blob = found.blobs[index];
        let [_, y] = blob.centroid();
        let border = cells.windows(2).find_map(|pair| {
            let (x, width) = (f64::midpoint(pair[0][2], pair[1][0]), pair[0][2] - pair[0][0]);
            let inside = (pair[0][1]..pair[0][3]).contains(&y);
            let reaches = f64::from(blob.rect[0]) + REACH * width < x && f64::from(blob.rect[2]) > x + REACH * width;
            (inside && reaches && blob.area >= 2 * SMALL_PX).then_some((x, width))
        });
        if let Some((x, width)) = border {
            let look = (LOOK * width) as u32;
            let first = (x as u32).saturating_sub(look);
            let columns = found.columns(index as u32, first, 2 * look as usize + 1);
            let thinnest = (0..columns.len()).min_by_key(|&at| (columns[at], at.abs_diff(look as usize))).unwrap_or(look as usize);
            found.part(index as u32, first + thinnest as u32);
            parted = true;
        }
        index += 1;
    }
    parted
}

/// How wide strokes are, px: the median length of the ink's runs, most of which go across a stem.
fn stroke_px(found: &Components, owner: &[usize]) -> u32 {
    let letters = found.runs.iter().filter(|run| owner[run.blob as usize] != usize::MAX && found.blobs[run.blob as usize].area >= SMALL_PX);
    let mut lengths: Vec<u32> = letters.map(|run| run.end - run.start).collect();
    let middle = lengths.len() / 2;
    if lengths.is_empty() { 0 } else { *lengths.select_nth_unstable(middle).1 }
}

/// The blobs of a cell that belong to its character: what hangs together with the largest, and what stands above it as a dot or a ring does.
fn without_specks(all: &[Blob], mut mine: Vec<usize>, digits: bool, stroke: u32) -> Vec<usize> {
    let Some(&main) = mine.iter().max_by_key(|&&blob| all[blob].area) else { return mine };
    let largest = all[main];
    if largest.area < SMALL_PX {
        // No letter is that small. Points, dashes and dirt are told apart later, beside their neighbours.
        return if digits { Vec::new() } else { vec![main] };
    }
    mine.retain(|&blob| {
        let other = all[blob];
        let [left, top, right, bottom] = other.rect.map(i64::from);
        let [l, t, r, b] = largest.rect.map(i64::from);
        let (beside, below) = ((left - r).max(l - right).max(0), (top - b).max(t - bottom).max(0));
        let broken_off = beside <= 2 && below <= 2;
        let accent =
            !digits && (l - 2..r + 2).contains(&i64::midpoint(left, right)) && bottom <= t + 2 && t - bottom <= 14 && 5 * other.area >= 3 * stroke * stroke;
        blob == main || other.area >= SMALL_PX && other.area * 7 >= largest.area || broken_off || accent
    });
    mine
}

/// Drops marks far smaller than letters where none can be: a point stands behind a letter and on the line, a dash or an apostrophe between two.
fn drop_stray_marks(glyphs: &mut Vec<Glyph>) {
    let is_small = |glyph: &Glyph| {
        let [left, top, right, bottom] = glyph.rect_mm;
        (right - left) * (bottom - top) < f64::from(SMALL_PX) / (PX_PER_MM * PX_PER_MM)
    };
    let mut bottoms: Vec<f64> = glyphs.iter().filter(|glyph| !is_small(glyph)).map(|glyph| glyph.rect_mm[3]).collect();
    bottoms.sort_by(f64::total_cmp);
    let Some(&base) = bottoms.get(bottoms.len() / 2) else { return glyphs.clear() };
    let letters: Vec<usize> = glyphs.iter().filter(|glyph| !is_small(glyph)).map(|glyph| glyph.cell).collect();
    glyphs.retain(|glyph| {
        let (behind, before) = (glyph.cell > 0 && letters.contains(&(glyph.cell - 1)), letters.contains(&(glyph.cell + 1)));
        !is_small(glyph) || (behind && (before || (glyph.rect_mm[3] - base).abs() < 0.4))
    });
}

/// The cell that holds the blob's centre.
fn cell_of(blob: &Blob, cells: &[[f64; 4]]) -> Option<usize> {
    cells.iter().position(|&cell| is_within(blob, cell))
}

fn is_within(blob: &Blob, cell: [f64; 4]) -> bool {
    let [x, y] = blob.centroid();
    (cell[0]..cell[2]).contains(&x) && (cell[1]..cell[3]).contains(&y)
}

/// How much ink some blobs have, px.
fn area(found: &Components, blobs: &[usize]) -> u32 {
    blobs.iter().map(|&blob| found.blobs[blob].area).sum()
}

/// Which blobs are more than dust and reach into the inner part of a cell. What does not is line: doubled where the scan steps, thickened by a stroke beside
/// it, or kept for a letter that was not there.
fn reach_inside(found: &Components, cells: &[[f64; 4]]) -> Vec<bool> {
    let mut inside = vec![false; found.blobs.len()];
    for run in &found.runs {
        let (start, end, y) = (f64::from(run.start), f64::from(run.end), f64::from(run.y));
        let within = |cell: &[f64; 4]| y > cell[1] + RIM_PX && y + 1.0 < cell[3] - RIM_PX && end > cell[0] + RIM_PX && start < cell[2] - RIM_PX;
        let blob = run.blob as usize;
        inside[blob] |= found.blobs[blob].area >= DUST_PX && cells.iter().any(within);
    }
    inside
}

/// Takes the printed lines out of the bitmap, except where a stroke goes across.
pub(super) fn remove_lines(bits: &mut Bitmap, cells: &[[f64; 4]]) {
    let (wide, tall) = (bits.width as i64, bits.height as i64);
    let mut upright: Vec<(i64, i64, i64)> = Vec::new();
    let mut level: Vec<(i64, i64, i64)> = Vec::new();
    let round = |value: f64| value.round() as i64;
    for &[left, top, right, bottom] in cells {
        upright.extend([left, right].map(|x| (round(x), round(top) - LINE_REACH_PX, round(bottom) + LINE_REACH_PX)));
        level.extend([top, bottom].map(|y| (round(y), round(left) - LINE_REACH_PX, round(right) + LINE_REACH_PX)));
    }
    for list in [&mut upright, &mut level] {
        list.sort_unstable();
        list.dedup_by(|a, b| (a.0 - b.0).abs() <= 1 && (a.1 - b.1).abs() <= 2 && (a.2 - b.2).abs() <= 2);
    }
    let original = bits.clone();
    // One printer draws all upright lines: how thick they are shows in most of them, also where a stem covers one from end to end.
    let ink = |along: i64, x: i64| original.at(x, along);
    let lines: Vec<Line> = upright.into_iter().map(|(at, from, to)| Line::cut(at, from.max(0)..to.min(tall), ink)).collect();
    let mut usual: Vec<i64> = lines.iter().filter_map(|line| line.thickness).collect();
    usual.sort_unstable();
    let usual = usual.get(usual.len().saturating_sub(1) / 2).copied();
    for line in lines {
        line.erase(usual, ink, |along, x| {
            if x >= 0 && x < wide {
                bits.ink[(along * wide + x) as usize] = false;
            }
        });
    }
    // Level lines are judged on what the upright ones left, so that the crossings of lines go too.
    let original = bits.clone();
    for (at, from, to) in level {
        let ink = |along: i64, y: i64| original.at(along, y);
        Line::cut(at, from.max(0)..to.min(wide), ink).erase(None, ink, |along, y| {
            if y >= 0 && y < tall {
                bits.ink[(y * wide + along) as usize] = false;
            }
        });
    }
}

/// The cross sections of the ink along a printed line.
struct Line {
    range: std::ops::Range<i64>,
    /// The run of ink nearest to the line's place, for each step of the range.
    sections: Vec<Option<(i64, i64)>>,
    /// How thick it is, px less one; none where no line is printed. Some of every line is free of writing, above a letter and below it: its thinnest fifth says.
    thickness: Option<i64>,
}

impl Line {
    fn cut(at: i64, range: std::ops::Range<i64>, ink: impl Fn(i64, i64) -> bool) -> Self {
        let sections: Vec<Option<(i64, i64)>> = range.clone().map(|along| section(at, |across| ink(along, across))).collect();
        let mut all: Vec<i64> = sections.iter().flatten().map(|(first, last)| last - first).filter(|&thick| thick <= LINE_MAX_PX).collect();
        all.sort_unstable();
        let thickness = all.get(all.len() / 5).copied().filter(|_| all.len() * 3 >= sections.len());
        Self { range, sections, thickness }
    }

    /// Takes the line out, no thicker than the comb's lines `usual`ly are. The median of the cross sections that are that thin is the line itself; what leaves that
    /// is a stroke.
    fn erase(self, usual: Option<i64>, ink: impl Fn(i64, i64) -> bool, mut clear: impl FnMut(i64, i64)) {
        const ROUGH_PX: i64 = 2;
        let Some(own) = self.thickness else { return };
        let limit = usual.map_or(own, |usual| usual.min(own)) + ROUGH_PX;
        let mut thin: Vec<(i64, i64)> = self.sections.iter().flatten().filter(|(first, last)| last - first <= limit).copied().collect();
        if thin.is_empty() {
            // A stem covers it from end to end: to take the line out would take the stem.
            return;
        }
        let middle = thin.len() / 2;
        thin.sort_unstable();
        let first = thin[middle].0;
        thin.sort_unstable_by_key(|section| section.1);
        let last = thin[middle].1;
        let overlaid = overlaid(&self.sections, last - first);
        for (along, overlaid) in self.range.zip(overlaid) {
            let (before, after) = ((2..4).all(|k| ink(along, first - k)), (1..3).all(|k| ink(along, last + k)));
            let line = match (before, after) {
                _ if overlaid => continue,
                (true, true) => continue,
                (true, false) => first..last + 2,
                (false, true) => first - 2..last,
                (false, false) => first - 2..last + 2,
            };
            line.for_each(|across| clear(along, across));
        }
    }
}

/// Where a stroke lies along the line, on it or half beside it: the line is thicker there for longer than a scan's roughness is.
fn overlaid(sections: &[Option<(i64, i64)>], thickness: i64) -> Vec<bool> {
    const STROKE_MIN_PX: usize = 9;
    let mut thick: Vec<bool> =
        sections.iter().map(|section| section.is_some_and(|(first, last)| (thickness + 2..thickness + 10).contains(&(last - first)))).collect();
    let mut start = 0;
    while start < thick.len() {
        let length = thick[start..].iter().take_while(|&&other| other == thick[start]).count();
        if thick[start] && length < STROKE_MIN_PX {
            thick[start..start + length].fill(false);
        }
        start += length;
    }
    thick
}

/// The run of ink across a line that lies nearest to `at`.
fn section(at: i64, ink: impl Fn(i64) -> bool) -> Option<(i64, i64)> {
    const RUN_MAX_PX: i64 = 24;
    let start = (0..=LINE_REACH_PX).flat_map(|k| [at + k, at - k]).find(|&across| ink(across))?;
    let first = (0..RUN_MAX_PX).find(|k| !ink(start - k)).map(|k| start - k + 1)?;
    let last = (0..RUN_MAX_PX).find(|k| !ink(start + k)).map(|k| start + k)?;
    Some((first, last))
}

fn glyph(view: &ZoneView, found: &Components, mine: &[usize], cell: usize, place: [f64; 4]) -> Glyph {
    let rect = mine
        .iter()
        .map(|&blob| found.blobs[blob].rect)
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
        .expect("a glyph has a blob");
    // One pixel more on each side holds the grey of the edges.
    let (left, top) = (rect[0].saturating_sub(1) as usize, rect[1].saturating_sub(1) as usize);
    let (right, bottom) = ((rect[2] as usize + 1).min(view.ink.width), (rect[3] as usize + 1).min(view.ink.height));
    let (width, height) = (right - left, bottom - top);
    let mut mask = vec![false; width * height];
    let (mut area, mut edge) = (0u32, 0u32);
    let mine_has = |blob: u32| mine.contains(&(blob as usize));
    for run in found.runs.iter().filter(|run| mine_has(run.blob)) {
        area += run.end - run.start;
        edge += 2;
        let row = (run.y as usize - top) * width;
        mask[row + run.start as usize - left..row + run.end as usize - left].fill(true);
    }
    // The border between ink and paper up and down, counted as the runs count it from side to side.
    for x in 0..width {
        edge += (0..=height).filter(|&y| (y > 0 && mask[(y - 1) * width + x]) != (y < height && mask[y * width + x])).count() as u32;
    }
    let mut data = vec![0u8; width * height];
    for y in 0..height {
        for x in 0..width {
            let near = (y.saturating_sub(1)..(y + 2).min(height)).any(|v| (x.saturating_sub(1)..(x + 2).min(width)).any(|u| mask[v * width + u]));
            if near {
                data[y * width + x] = view.ink.dark[(top + y) * view.ink.width + left + x];
            }
        }
    }
    let mm = |px: u32, origin: f64| (f64::from(px) - origin) / PX_PER_MM;
    let rect_mm = [mm(rect[0], place[0]), mm(rect[1], place[1]), mm(rect[2], place[0]), mm(rect[3], place[1])];
    // A stroke of width w and length l has area wl and border 2l; borders counted along rows and columns overstate slopes by 4/pi on average.
    let stroke_mm = 2.0 * f64::from(area) / (f64::from(edge) * std::f64::consts::FRAC_PI_4) / PX_PER_MM;
    Glyph { cell, rect_mm, stroke_mm, picture: Grey { width, height, data, dpi: PX_PER_MM * 25.4 } }
}

/// Whether a cell without a glyph has ink at the lower threshold that is more than dirt.
fn has_faint_ink(faint: &Components, cells: &[[f64; 4]], glyphs: &[Glyph]) -> bool {
    let empty: Vec<[f64; 4]> = cells.iter().enumerate().filter(|(index, _)| !glyphs.iter().any(|glyph| glyph.cell == *index)).map(|(_, &cell)| cell).collect();
    let inside = reach_inside(faint, &empty);
    faint.blobs.iter().zip(inside).any(|(blob, inside)| blob.area >= FAINT_PX && inside && cell_of(blob, &empty).is_some())
}

fn ink_without_lines(view: &ZoneView, cells: &[[f64; 4]], darker: f64) -> Components {
    let mut bits = view.ink.darker_than(darker);
    remove_lines(&mut bits, cells);
    components(&bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::ZoneKind;
    use crate::recognise::geometry::Homography;
    use crate::recognise::register::{Footing, Registration};
    use crate::record::RectMm;

    /// A cell of 60 by 80 pixels with a line of three pixels around it, at 20, 20 in a picture of 100 by 120.
    fn cell(ink: impl Fn(usize, usize) -> bool) -> Bitmap {
        let line = |x: usize, y: usize| {
            let near = |v: usize, at: usize| v + 1 >= at && v <= at + 1;
            ((near(x, 20) || near(x, 80)) && (19..=101).contains(&y)) || ((near(y, 20) || near(y, 100)) && (19..=81).contains(&x))
        };
        Bitmap { width: 100, height: 120, ink: (0..120).flat_map(|y| (0..100).map(move |x| (x, y))).map(|(x, y)| line(x, y) || ink(x, y)).collect() }
    }

    fn removed(ink: impl Fn(usize, usize) -> bool) -> Bitmap {
        let mut bits = cell(ink);
        remove_lines(&mut bits, &[[20.0, 20.0, 80.0, 100.0]]);
        bits
    }

    #[test]
    fn lines_go_and_what_is_within_stays() {
        assert!(removed(|_, _| false).ink.iter().all(|ink| !ink));
        let digit = |x: usize, y: usize| (40..46).contains(&x) && (30..90).contains(&y);
        let left = removed(digit);
        assert!((0..120).all(|y| (0..100).all(|x| left.ink[y * 100 + x] == digit(x, y))));
    }

    #[test]
    fn a_stroke_across_a_line_stays_whole() {
        let stroke = |x: usize, y: usize| (60..96).contains(&x) && (50..56).contains(&y);
        let left = removed(stroke);
        assert!((50..56).all(|y| (60..96).all(|x| left.ink[y * 100 + x])));
    }

    #[test]
    fn a_stem_on_a_line_stays_with_its_letter() {
        // The right leg of an m, five pixels wide, on the line at 80.
        let letter = |x: usize, y: usize| (50..90).contains(&y) && (78..83).contains(&x) || (50..55).contains(&y) && (60..83).contains(&x);
        let left = removed(letter);
        assert!((56..88).all(|y| left.ink[y * 100 + 80]));
        // The left leg of an N that is nearly as tall as the cell: most of the line is covered, and the other lines tell how thick it is.
        let tall =
            |x: usize, y: usize| (28..96).contains(&y) && ((18..25).contains(&x) || (50..55).contains(&x) || (24..51).contains(&x) && x.abs_diff(y - 10) < 4);
        let left = removed(tall);
        assert!((45..90).all(|y| left.ink[y * 100 + 20]), "below where the diagonal leaves it");
        assert!(!left.ink[60 * 100 + 80], "the other line goes");
    }

    /// A comb of four cells, 5 mm by 7, in which the second has a downstroke of a grey and a bar across below it of another, 4 mm long.
    fn pencilled(down: u8, across: u8) -> Comb {
        let to_px = Homography([[PX_PER_MM, 0.0, 0.0], [0.0, PX_PER_MM, 0.0], [0.0, 0.0, 1.0]]);
        let registration = Registration { to_px, residual_mm: 0.0, marks: 4, marks_expected: 4, footing: Footing::Marks, black: 0.0 };
        let cells: Vec<RectMm> = (0..4).map(|at| RectMm::new(10.0 + 5.0 * f64::from(at), 10.0, 5.0, 7.0)).collect();
        let zone = Zone { page: 1, kind: ZoneKind::Comb, rect: RectMm::new(10.0, 10.0, 20.0, 7.0), cells, option: None };
        let (width, height) = (480, 320);
        let mut page = Grey { width, height, data: vec![250; width * height], dpi: 300.0 };
        let mut fill = |[x, y, w, h]: [f64; 4], grey: u8| {
            let px = |mm: f64| (mm * PX_PER_MM).round() as usize;
            (px(y)..px(y + h)).for_each(|row| page.data[row * width + px(x)..row * width + px(x + w)].fill(grey));
        };
        for at in 0..5 {
            fill([9.9 + 5.0 * f64::from(at), 10.0, 0.2, 7.0], 0);
        }
        fill([10.0, 9.9, 20.0, 0.2], 0);
        fill([10.0, 16.9, 20.0, 0.2], 0);
        fill([15.6, 14.6, 3.8, 0.5], across);
        fill([17.3, 11.3, 0.5, 3.8], down);
        Comb::cut(&ZoneView::cut(&page, &zone, &registration), &zone, true)
    }

    #[test]
    fn a_stroke_that_the_pencil_only_touched_belongs_to_its_character() {
        let wide = |comb: &Comb| comb.glyphs.iter().map(|glyph| glyph.rect_mm[2] - glyph.rect_mm[0]).collect::<Vec<_>>();
        let even = pencilled(60, 60);
        assert!(matches!(wide(&even)[..], [width] if (width - 3.8).abs() < 0.2), "{:?}", wide(&even));
        let touched = pencilled(110, 175);
        assert!(matches!(wide(&touched)[..], [width] if (width - 3.8).abs() < 0.2), "{:?}", wide(&touched));
        assert!(!touched.faint);
        // What shines through is no stroke.
        let through = pencilled(60, 215);
        assert!(matches!(wide(&through)[..], [width] if width < 1.0), "{:?}", wide(&through));
    }

    #[test]
    fn where_no_line_is_printed_nothing_is_taken() {
        let mut bits = Bitmap { width: 100, height: 120, ink: vec![false; 12_000] };
        for y in 40..70 {
            bits.ink[y * 100 + 20] = true;
        }
        let before = bits.ink.clone();
        remove_lines(&mut bits, &[[20.0, 20.0, 80.0, 119.0]]);
        assert_eq!(bits.ink, before);
    }
}
