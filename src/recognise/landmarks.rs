//! Registration without marks: a page is found by what is printed on it.
//!
//! It serves forms that another body prints, and our own where a stain or a tear has taken the code or the marks. A [`Template`] is made once of the blank
//! page: which pixels are print, at 3 px/mm, and patches of 8 mm that lie outside every zone and look like nothing a little beside them (the smaller
//! eigenvalue of the gradients' covariance; Shi and Tomasi, "Good features to track", 1994), spread over the page. How a page lies about is told by
//! [`super::lie`]; from there each patch is looked for near its place (correlation of pixels that are ink or not), a map that most of them agree on is fitted
//! by consensus, and that is done thrice, each time nearer. A page is the form only when most patches are found where one map puts them: another form, however
//! alike, agrees in a few.

use super::components::Bitmap;
use super::geometry::{Homography, Pair, Point, affine, distance, homography, residual};
use super::lie::{Lie, Profiles};
use super::picture;
use super::raster;
use super::register::{Footing, PAGE_MM, Registration};
use crate::page::Grey;
use crate::record::RectMm;

/// The resolution in which patches are compared, px/mm.
const FINE: f64 = 3.0;
/// The side of a patch, px: a row of it fits a word.
const PATCH: usize = 24;
/// Patches are the best of each cell of a grid: across and down.
const GRID: [usize; 2] = [6, 9];
/// A patch with weaker corners tells little about where it is.
const TELLING_MIN: f64 = 12.0;
/// The least likeness of a patch that is found.
const LIKENESS_MIN: f64 = 0.55;
/// The least number of patches that have to agree, and the least share of them.
const AGREED_MIN: (usize, f64) = (12, 0.5);
/// The least likeness of a patch whose words are the blank's, and how far from its place it is looked for, mm.
const SAME_MIN: f64 = 0.5;
const SAME_REACH_MM: f64 = 0.7;
/// How far from its place a patch is looked for in each round, mm.
const REACH_MM: [f64; 3] = [6.0, 2.0, 1.0];
/// How far from the map a patch may lie in each round, mm.
const AGREE_MM: [f64; 3] = [2.5, 1.0, 0.5];
/// So many of the likeliest ways a page may lie are looked into.
const TRIED: usize = 4;

/// What the blank of a page looks like.
pub struct Template {
    print: Packed,
    profiles: Profiles,
    /// Left upper corners, px.
    patches: Vec<[usize; 2]>,
    /// The same of everything printed outside the fields, patch beside patch.
    words: Vec<[usize; 2]>,
}

impl Template {
    /// The template of a blank page, an upright picture of an A4 sheet from edge to edge, with the places where it is filled in.
    #[must_use]
    pub fn of(blank: &Grey, zones: &[RectMm]) -> Self {
        let to_px = Homography([[blank.width as f64 / PAGE_MM[0], 0.0, 0.0], [0.0, blank.height as f64 / PAGE_MM[1], 0.0], [0.0, 0.0, 1.0]]);
        let ink = print_of(&upright(blank, &to_px));
        Self { print: Packed::of(&ink), profiles: Profiles::of(&ink, FINE), patches: choose(&ink, zones), words: words(&ink, zones) }
    }

    /// The resolution of [`Self::beyond_print`], px/mm.
    pub const PX_PER_MM: f64 = FINE;

    /// What is on a page and not on its blank, upright: the ink that lies further than 0.7 mm from all print.
    #[must_use]
    pub fn beyond_print(&self, page: &Grey, to_px: &Homography) -> Bitmap {
        const REACH: i64 = 2;
        let mut ink = print_of(&upright(page, to_px));
        for (index, dark) in ink.ink.iter_mut().enumerate().filter(|(_, dark)| **dark) {
            let (x, y) = ((index % ink.width) as i64, (index / ink.width) as i64);
            // The window begins at the left end of the reach, and only as much of it counts.
            *dark = !(y - REACH..=y + REACH).any(|row| self.print.around(x, row, REACH));
        }
        ink
    }

    /// Whether all that is printed outside the fields is there: word for word the blank, as far as a patch of 8 mm can tell. A stamp over print breaks it, and
    /// so does another version of the form in which an answer has changed places with another.
    #[must_use]
    pub fn is_whole(&self, page: &Grey, to_px: &Homography) -> bool {
        let print = Packed::of(&print_of(&upright(page, to_px)));
        let found = |corner: &[usize; 2]| self.look(&print, *corner, SAME_REACH_MM, SAME_MIN).is_some();
        self.words.iter().all(found)
    }

    /// The fewest places that a page is found by.
    pub const LANDMARKS_MIN: usize = AGREED_MIN.0;

    /// How many places on the page can be told apart.
    #[must_use]
    pub fn landmarks(&self) -> usize {
        self.patches.len()
    }

    /// Whether those are too few to find the page by.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.patches.len() < Self::LANDMARKS_MIN
    }

    /// Finds the page from a map that is about right (6 mm off at most); none when what is there is another page.
    #[must_use]
    pub fn near(&self, page: &Grey, about: &Homography) -> Option<Registration> {
        if self.is_plain() {
            return None;
        }
        let mut map = *about;
        let mut last = None;
        for (&reach, &agree) in REACH_MM.iter().zip(&AGREE_MM) {
            let grey = upright(page, &map);
            let print = Packed::of(&print_of(&grey));
            let found = self.patches.iter().filter_map(|&corner| self.look(&print, corner, reach, LIKENESS_MIN));
            let pairs: Vec<Pair> = found.map(|(at, to)| Pair::new(at, map.map(to))).collect();
            let agreed = consensus(&pairs, &map, agree)?;
            map = fitted(&agreed)?;
            last = Some((agreed, grey));
        }
        let (agreed, grey) = last?;
        let enough = agreed.len() >= AGREED_MIN.0 && agreed.len() as f64 >= AGREED_MIN.1 * self.patches.len() as f64;
        let residual_mm = residual(&map, &agreed) / map.scale_at([PAGE_MM[0] / 2.0, PAGE_MM[1] / 2.0]);
        let black = self.blackness(&grey);
        enough.then_some(Registration { to_px: map, residual_mm, marks: agreed.len(), marks_expected: self.patches.len(), footing: Footing::Print, black })
    }

    /// Where a patch is, mm, and where it was found in the upright picture, mm; none when nothing near looks like it.
    fn look(&self, print: &Packed, [left, top]: [usize; 2], reach_mm: f64, least: f64) -> Option<(Point, Point)> {
        let reach = (reach_mm * FINE).round() as i64;
        let patch: [u32; PATCH] = std::array::from_fn(|row| self.print.window(left as i64, (top + row) as i64));
        let likeness = |dx: i64, dy: i64| correlation(&patch, print, [left as i64 + dx, top as i64 + dy]);
        let places = (-reach..=reach).flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy)));
        let (best, dx, dy) = places.map(|(dx, dy)| (likeness(dx, dy), dx, dy)).max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(best, _, _)| *best >= least)?;
        // The top of a parabola through the likeness beside the best place.
        let between = |before: f64, after: f64| {
            let bend = before + after - 2.0 * best;
            if bend < -1e-9 { ((before - after) / (2.0 * bend)).clamp(-0.5, 0.5) } else { 0.0 }
        };
        let x = dx as f64 + between(likeness(dx - 1, dy), likeness(dx + 1, dy));
        let y = dy as f64 + between(likeness(dx, dy - 1), likeness(dx, dy + 1));
        let at = [(left + PATCH / 2) as f64 / FINE, (top + PATCH / 2) as f64 / FINE];
        Some((at, [at[0] + x / FINE, at[1] + y / FINE]))
    }

    /// The grey of what the template says is print, as a share of the paper's.
    fn blackness(&self, upright: &Grey) -> f64 {
        let is_print = |index: usize| self.print.window((index % upright.width) as i64, (index / upright.width) as i64) & 1 == 1;
        let (print, paper): (Vec<usize>, Vec<usize>) = (0..upright.data.len()).partition(|&index| is_print(index));
        let level = |pixels: &[usize], share: usize| {
            let mut values: Vec<u8> = pixels.iter().map(|&index| upright.data[index]).collect();
            let at = values.len() / share;
            (!values.is_empty()).then(|| f64::from(*values.select_nth_unstable(at).1))
        };
        // The darkest tenth: most of what is print at this resolution is an edge.
        level(&print, 10).zip(level(&paper, 2)).map_or(0.0, |(black, paper)| black / paper.max(1.0))
    }
}

/// Which of some templates a page is, whichever way up it lies, and where; none when it is none of them.
#[must_use]
pub fn find_by_print<'a>(templates: impl IntoIterator<Item = &'a Template>, page: &Grey) -> Option<(usize, Registration)> {
    if page.width.min(page.height) < 300 {
        return None;
    }
    let templates: Vec<&Template> = templates.into_iter().collect();
    if templates.is_empty() {
        return None;
    }
    let scale = page.width.max(page.height) as f64 / PAGE_MM[1];
    let plain = Homography([[scale, 0.0, 0.0], [0.0, scale, 0.0], [0.0, 0.0, 1.0]]);
    let whole = RectMm::new(0.0, 0.0, page.width as f64 / scale, page.height as f64 / scale);
    let ink = print_of(&raster::sample(page, &plain, whole, FINE));
    let lie = Lie::of(&ink, FINE);
    let mut guesses: Vec<(f64, usize, Homography)> = Vec::new();
    for (index, template) in templates.iter().enumerate() {
        for (likeness, map) in lie.of_page(&template.profiles) {
            // The lie is told in millimetres of the picture, taken to be as long as A4.
            let map = map.then(&plain);
            if map.is_page_like(PAGE_MM[0], PAGE_MM[1]) {
                guesses.push((likeness, index, map));
            }
        }
    }
    guesses.sort_by(|a, b| b.0.total_cmp(&a.0));
    let found = guesses.into_iter().take(TRIED).filter_map(|(_, index, map)| templates[index].near(page, &map).map(|found| (index, found)));
    let found = found.map(|(index, found)| (index, Registration { footing: Footing::PrintAlone, ..found }));
    // Two versions of a form share most of their print: it is the one of which more is there.
    found.max_by(|(_, a), (_, b)| (a.marks * b.marks_expected).cmp(&(b.marks * a.marks_expected)))
}

/// The page as the map has it, upright at [`FINE`].
fn upright(page: &Grey, to_px: &Homography) -> Grey {
    picture::upright(page, to_px, FINE)
}

/// What is darker than its surroundings of 10 mm.
fn print_of(grey: &Grey) -> Bitmap {
    raster::dark(grey, (10.0 * FINE) as usize, 0.82)
}

fn fitted(agreed: &[Pair]) -> Option<Homography> {
    let map = if agreed.len() >= 8 { homography(agreed) } else { affine(agreed) };
    map.filter(|map| map.is_page_like(PAGE_MM[0], PAGE_MM[1]))
}

/// A bitmap of which a row of a patch is one word.
struct Packed {
    width: usize,
    height: usize,
    /// Words a row, with one to spare.
    stride: usize,
    words: Vec<u64>,
}

impl Packed {
    fn of(ink: &Bitmap) -> Self {
        let stride = ink.width / 64 + 2;
        let mut words = vec![0u64; stride * ink.height];
        for (row, out) in ink.ink.chunks_exact(ink.width.max(1)).zip(words.chunks_exact_mut(stride)) {
            for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
                out[x / 64] |= 1 << (x % 64);
            }
        }
        Self { width: ink.width, height: ink.height, stride, words }
    }

    /// The pixels of a row from `x` on, the first in the lowest bit; outside the picture nothing is ink.
    fn window(&self, x: i64, y: i64) -> u32 {
        const MASK: u32 = (1 << PATCH) - 1;
        if x < 0 || y < 0 || x as usize >= self.width || y as usize >= self.height {
            return 0;
        }
        let (at, shift) = (y as usize * self.stride + x as usize / 64, x as usize % 64);
        let low = self.words[at] >> shift;
        let high = if shift == 0 { 0 } else { self.words[at + 1] << (64 - shift) };
        (low | high) as u32 & MASK
    }

    /// Whether there is ink on a row within `reach` of `x`.
    fn around(&self, x: i64, y: i64, reach: i64) -> bool {
        let first = (x - reach).max(0);
        let mask = (1u32 << (x + reach + 1 - first)) - 1;
        self.window(first, y) & mask != 0
    }
}

/// Whether a patch touches a zone.
fn is_covered([x, y]: [usize; 2], zones: &[RectMm]) -> bool {
    let side = PATCH as f64 / FINE;
    let patch = RectMm::new(x as f64 / FINE, y as f64 / FINE, side, side).inset(-1.0);
    let meets = |zone: &RectMm| {
        patch.x() < zone.x() + zone.w() && zone.x() < patch.x() + patch.w() && patch.y() < zone.y() + zone.h() && zone.y() < patch.y() + patch.h()
    };
    zones.iter().any(meets)
}

/// Patches over everything printed: of half patches from left to right and top to bottom, those that hold a word's worth of edges and no zone.
fn words(ink: &Bitmap, zones: &[RectMm]) -> Vec<[usize; 2]> {
    let places =
        (0..ink.height.saturating_sub(PATCH)).step_by(PATCH / 2).flat_map(|y| (0..ink.width.saturating_sub(PATCH)).step_by(PATCH / 2).map(move |x| [x, y]));
    places.filter(|&place| !is_covered(place, zones) && corner_strength(ink, place) > TELLING_MIN).collect()
}

/// The most telling patch of each cell of the grid, off the zones.
fn choose(ink: &Bitmap, zones: &[RectMm]) -> Vec<[usize; 2]> {
    let [across, down] = GRID;
    let (wide, tall) = (ink.width.saturating_sub(PATCH) / across, ink.height.saturating_sub(PATCH) / down);
    let mut chosen = Vec::new();
    for cell in 0..across * down {
        let (left, top) = (cell % across * wide, cell / across * tall);
        let places = (top..top + tall).step_by(4).flat_map(|y| (left..left + wide).step_by(4).map(move |x| [x, y]));
        let telling = places.filter(|&place| !is_covered(place, zones)).map(|place| (corner_strength(ink, place), place)).max_by(|a, b| a.0.total_cmp(&b.0));
        chosen.extend(telling.filter(|(strength, _)| *strength > TELLING_MIN).map(|(_, place)| place));
    }
    chosen
}

/// The smaller eigenvalue of the covariance of a patch's gradients.
fn corner_strength(ink: &Bitmap, [left, top]: [usize; 2]) -> f64 {
    let at = |x: usize, y: usize| f64::from(u8::from(ink.ink[y * ink.width + x]));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for y in top + 1..top + PATCH - 1 {
        for x in left + 1..left + PATCH - 1 {
            let (dx, dy) = (at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1));
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }
    }
    f64::midpoint(xx, yy) - ((xx - yy) / 2.0).hypot(xy)
}

/// How alike a patch and a place are, -1 to 1: of pixels that are ink or not, the correlation is a matter of counting.
fn correlation(patch: &[u32; PATCH], other: &Packed, [x, y]: [i64; 2]) -> f64 {
    let (mut both, mut first, mut second) = (0u32, 0u32, 0u32);
    for (row, &mine) in (y..).zip(patch) {
        let theirs = other.window(x, row);
        both += (mine & theirs).count_ones();
        first += mine.count_ones();
        second += theirs.count_ones();
    }
    let all = (PATCH * PATCH) as f64;
    let (p, q) = (f64::from(first) / all, f64::from(second) / all);
    let spread = (p * (1.0 - p) * q * (1.0 - q)).sqrt();
    if spread < 1e-6 { -1.0 } else { (f64::from(both) / all - p * q) / spread }
}

/// The patches that one map explains: of affine maps through three of them, the one that most agree with, fitted and asked again.
fn consensus(pairs: &[Pair], near: &Homography, agree_mm: f64) -> Option<Vec<Pair>> {
    let scale = near.scale_at([PAGE_MM[0] / 2.0, PAGE_MM[1] / 2.0]);
    let agreeing =
        |map: &Homography, within: f64| -> Vec<Pair> { pairs.iter().filter(|pair| distance(map.map(pair.from), pair.to) < within * scale).copied().collect() };
    // Every two patches with some of the others: of the thousands of maps, many go through three patches that are right, were it only half of them.
    let step = 1 + pairs.len() / 16;
    let mut best: Vec<Pair> = Vec::new();
    for (i, p) in pairs.iter().enumerate() {
        for (j, q) in pairs.iter().enumerate().skip(i + 1) {
            for r in pairs[j + 1..].iter().step_by(step) {
                let area = ((q.from[0] - p.from[0]) * (r.from[1] - p.from[1]) - (q.from[1] - p.from[1]) * (r.from[0] - p.from[0])).abs() / 2.0;
                if area < 1500.0 {
                    continue;
                }
                let Some(map) = affine(&[*p, *q, *r]).filter(|map| map.is_page_like(PAGE_MM[0], PAGE_MM[1])) else { continue };
                let found = agreeing(&map, agree_mm.max(1.0));
                if found.len() > best.len() {
                    best = found;
                }
            }
        }
    }
    for _ in 0..3 {
        best = agreeing(&fitted(&best)?, agree_mm);
    }
    (best.len() >= 4).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of lines, boxes and words of one seed, at 8 px/mm.
    fn blank(seed: u64) -> Grey {
        let (width, height) = (1680, 2376);
        let mut page = Grey { width, height, data: vec![255; width * height], dpi: 203.2 };
        let mut state = seed;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut fill = |x: usize, y: usize, w: usize, h: usize| {
            for row in y..(y + h).min(height) {
                page.data[row * width + x.min(width - 1)..row * width + (x + w).min(width)].fill(20);
            }
        };
        let mut y = 120;
        while y < 2200 {
            let mut x = 160;
            while x < 1500 {
                let word = 40 + next(120);
                // A word: stems and bars.
                for stem in (x..x + word).step_by(9) {
                    let tall = 12 + next(14);
                    fill(stem, y + 26 - tall, 3, tall);
                    if next(2) == 0 {
                        fill(stem, y + 26 - next(20), 8, 3);
                    }
                }
                x += word + 20 + next(160);
            }
            if next(3) == 0 {
                fill(160, y + 40, 1300, 2);
            }
            y += 52 + next(60);
        }
        page
    }

    fn zones() -> Vec<RectMm> {
        vec![RectMm::new(30.0, 100.0, 120.0, 10.0), RectMm::new(30.0, 200.0, 150.0, 30.0)]
    }

    /// The blank as a scanner or a camera sees it: `map` goes from millimetres to pixels of a picture of 1240 by 1754.
    fn seen(page: &Grey, map: &Homography) -> Grey {
        let back = map.inverse().expect("a page can be mapped back");
        let from_page = Homography([[8.0, 0.0, 0.0], [0.0, 8.0, 0.0], [0.0, 0.0, 1.0]]);
        raster::sample(page, &back.then(&from_page), RectMm::new(0.0, 0.0, 1240.0, 1754.0), 1.0)
    }

    fn turned(degrees: f64, scale: f64, perspective: f64) -> Homography {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let step = 1754.0 / 297.0 * scale;
        let centre = Homography([[1.0, 0.0, -105.0], [0.0, 1.0, -148.5], [0.0, 0.0, 1.0]]);
        let turn = Homography([[cos * step, -sin * step, 620.0], [sin * step, cos * step, 877.0], [0.0, 0.0, 1.0]]);
        let tilt = Homography([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [perspective, perspective / 2.0, 1.0]]);
        centre.then(&tilt).then(&turn)
    }

    fn worst_mm(found: &Registration, truth: &Homography) -> f64 {
        let corners = [[10.0, 10.0], [200.0, 10.0], [10.0, 287.0], [200.0, 287.0], [105.0, 148.0]];
        corners.into_iter().map(|corner| distance(found.to_px.map(corner), truth.map(corner)) / truth.scale_at(corner)).fold(0.0, f64::max)
    }

    #[test]
    fn a_form_without_marks_is_found_turned_small_and_at_a_slant() {
        let page = blank(7);
        let template = Template::of(&page, &zones());
        assert!(template.landmarks() >= 30, "{}", template.landmarks());
        for (degrees, scale, perspective) in [(0.0, 1.0, 0.0), (2.5, 0.97, 0.0), (-9.0, 0.93, 0.0), (180.0, 1.0, 0.0), (178.0, 0.95, 0.0), (1.0, 0.9, 1.5e-4)] {
            let truth = turned(degrees, scale, perspective);
            let Some((_, found)) = find_by_print([&template], &seen(&page, &truth)) else { panic!("not found: {degrees} {scale} {perspective}") };
            let off = worst_mm(&found, &truth);
            assert!(off < 0.4 && found.residual_mm < 0.3, "{degrees} {scale} {perspective}: off by {off:.2} mm, {found:?}");
        }
    }

    #[test]
    fn of_several_forms_the_right_one_is_found() {
        let templates: Vec<Template> = (7..12).map(|seed| Template::of(&blank(seed), &zones())).collect();
        for (index, seed) in (7..12).enumerate() {
            let found = find_by_print(&templates, &seen(&blank(seed), &turned(-3.0, 0.98, 0.0))).map(|(found, _)| found);
            assert_eq!(found, Some(index));
        }
    }

    #[test]
    fn a_map_that_is_a_little_off_is_set_right() {
        let (page, truth) = (blank(7), turned(1.0, 0.97, 0.0));
        let about = Homography([[1.0, 0.0, 4.0], [0.0, 1.0, -3.5], [0.0, 0.0, 1.0]]).then(&truth);
        let found = Template::of(&page, &zones()).near(&seen(&page, &truth), &about).expect("found");
        assert!(worst_mm(&found, &truth) < 0.4, "{found:?}");
    }

    #[test]
    fn another_form_is_not_this_one() {
        let template = Template::of(&blank(7), &zones());
        for seed in [8, 9, 10] {
            assert!(find_by_print([&template], &seen(&blank(seed), &turned(1.0, 1.0, 0.0))).is_none(), "{seed}");
        }
        assert!(find_by_print([&template], &Grey { width: 1240, height: 1754, data: vec![255; 1240 * 1754], dpi: 150.0 }).is_none());
    }
}
