//! Registration without marks: a form that another body prints is found by what is printed on it.
//!
//! A [`Template`] is made once of the blank page: which pixels are print, at 3 px/mm, and patches of 8 mm that lie outside every zone and look like nothing a
//! little beside them (the smaller eigenvalue of the gradients' covariance; Shi and Tomasi, "Good features to track", 1994), spread over the page. On a scan, the
//! direction of its lines comes first (projection profiles; Postl, "Detection of linear oblique structures", 1986), then, for each of the four ways up, place and
//! size from the sums of its rows and columns, which writing hardly changes. From there each patch is looked for near its place (normalised
//! cross-correlation), a map that most of them agree on is fitted by consensus, and that is done thrice, each time nearer. A page is the form only when most
//! patches are found where one map puts them: another form, however alike, agrees in a few.

use super::components::Bitmap;
use super::geometry::{Homography, Pair, Point, affine, distance, homography, residual};
use super::raster;
use crate::page::Grey;
use crate::record::RectMm;

/// A4, mm.
const PAGE_MM: [f64; 2] = [210.0, 297.0];
/// The resolution in which patches are compared, px/mm.
const FINE: f64 = 3.0;
/// The side of a patch, px.
const PATCH: usize = 24;
/// Patches are the best of each cell of a grid: across and down.
const GRID: [usize; 2] = [6, 9];
/// The least likeness of a patch that is found.
const LIKENESS_MIN: f64 = 0.55;
/// The least number of patches that have to agree, and the least share of them.
const AGREED_MIN: (usize, f64) = (12, 0.5);
/// How far from its place a patch is looked for in each round, mm.
const REACH_MM: [f64; 3] = [6.0, 2.0, 1.0];
/// How far from the map a patch may lie in each round, mm.
const AGREE_MM: [f64; 3] = [2.5, 1.0, 0.5];

/// What the blank of a page looks like.
pub struct Template {
    ink: Bitmap,
    rows: Vec<f32>,
    columns: Vec<f32>,
    /// Left upper corners, px.
    patches: Vec<[usize; 2]>,
}

/// Where the form lies on a page.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// From millimetres on the form to pixels of the page.
    pub to_px: Homography,
    /// The root mean square distance between where the map puts the patches and where they are, mm.
    pub residual_mm: f64,
    /// How many patches agree, and how many there are.
    pub agreed: (usize, usize),
    /// The grey of the print, as a share of the paper's.
    pub black: f64,
}

impl Template {
    /// The template of a blank page, an upright A4 picture, with the places where it is filled in.
    #[must_use]
    pub fn of(blank: &Grey, zones: &[RectMm]) -> Self {
        let to_px = Homography([[blank.width as f64 / PAGE_MM[0], 0.0, 0.0], [0.0, blank.height as f64 / PAGE_MM[1], 0.0], [0.0, 0.0, 1.0]]);
        let ink = print_of(&upright(blank, &to_px));
        let [rows, columns] = profiles(&ink);
        let patches = choose(&ink, zones);
        Self { ink, rows, columns, patches }
    }

    /// Finds the form on a page, whichever way up; none when the page is another.
    #[must_use]
    pub fn find(&self, page: &Grey) -> Option<Found> {
        if self.patches.len() < AGREED_MIN.0 || page.width.min(page.height) < 300 {
            return None;
        }
        let mut guesses = self.guesses(page);
        guesses.sort_by(|a, b| b.0.total_cmp(&a.0));
        guesses.into_iter().take(2).find_map(|(_, map)| self.refine(page, map))
    }

    /// For each way up, how well rows and columns agree, and the map that they give.
    fn guesses(&self, page: &Grey) -> Vec<(f64, Homography)> {
        let long = page.width.max(page.height) as f64;
        let scale = long / PAGE_MM[1];
        let whole = RectMm::new(0.0, 0.0, page.width as f64 / scale, page.height as f64 / scale);
        let plain = Homography([[scale, 0.0, 0.0], [0.0, scale, 0.0], [0.0, 0.0, 1.0]]);
        let ink = print_of(&raster::sample(page, &plain, whole, FINE));
        let points = inked(&ink);
        let centre = [ink.width as f64 / 2.0, ink.height as f64 / 2.0];
        let mut found = Vec::new();
        for quarter in 0..4 {
            let skew = skew(&points, centre, quarter);
            let turn = f64::from(quarter) * std::f64::consts::FRAC_PI_2 + skew;
            let (sin, cos) = turn.sin_cos();
            // Into a frame in which the form would lie upright, about the page's middle.
            let upright = |p: &Point| [(p[0] - centre[0]) * cos + (p[1] - centre[1]) * sin, (p[1] - centre[1]) * cos - (p[0] - centre[0]) * sin];
            let (mut rows, mut columns) = (vec![0f32; SPAN], vec![0f32; SPAN]);
            for point in &points {
                let [x, y] = upright(point);
                for (value, sums) in [(x, &mut columns), (y, &mut rows)] {
                    let at = value + SPAN as f64 / 2.0;
                    if at >= 0.0 && (at as usize) < SPAN {
                        sums[at as usize] += 1.0;
                    }
                }
            }
            let (down, across) = (fit_profile(&self.rows, &rows), fit_profile(&self.columns, &columns));
            // From the form's millimetres to the upright frame, back to the picture, and on to the page.
            let frame = |mm: f64, fit: &ProfileFit| mm * FINE * fit.scale + fit.shift - SPAN as f64 / 2.0;
            let to_page = |mm: Point| {
                let (x, y) = (frame(mm[0], &across), frame(mm[1], &down));
                let (u, v) = (x * cos - y * sin + centre[0], x * sin + y * cos + centre[1]);
                [u / FINE * scale, v / FINE * scale]
            };
            let corners = [[0.0, 0.0], [PAGE_MM[0], 0.0], [0.0, PAGE_MM[1]]].map(|corner| Pair::new(corner, to_page(corner)));
            if let Some(map) = affine(&corners).filter(|map| map.is_page_like(PAGE_MM[0], PAGE_MM[1])) {
                found.push((down.likeness + across.likeness, map));
            }
        }
        found
    }

    fn refine(&self, page: &Grey, mut map: Homography) -> Option<Found> {
        let mut last = None;
        for (round, (&reach, &agree)) in REACH_MM.iter().zip(&AGREE_MM).enumerate() {
            let grey = upright(page, &map);
            let print = print_of(&grey);
            let pairs: Vec<Pair> = self.patches.iter().filter_map(|&corner| self.look(&print, corner, reach)).map(|(at, to)| Pair::new(at, map.map(to))).collect();
            let agreed = consensus(&pairs, &map, agree)?;
            let scale = map.scale_at([PAGE_MM[0] / 2.0, PAGE_MM[1] / 2.0]);
            map = if agreed.len() >= 8 { homography(&agreed) } else { affine(&agreed) }.filter(|map| map.is_page_like(PAGE_MM[0], PAGE_MM[1]))?;
            if round + 1 == REACH_MM.len() {
                let residual_mm = residual(&map, &agreed) / scale;
                let enough = agreed.len() >= AGREED_MIN.0 && agreed.len() as f64 >= AGREED_MIN.1 * self.patches.len() as f64;
                last = enough.then(|| Found { to_px: map, residual_mm, agreed: (agreed.len(), self.patches.len()), black: self.blackness(&grey) });
            }
        }
        last
    }

    /// Where a patch is, mm, and where it was found in the upright picture, mm; none when nothing near looks like it.
    fn look(&self, print: &Bitmap, [left, top]: [usize; 2], reach_mm: f64) -> Option<(Point, Point)> {
        let reach = (reach_mm * FINE).round() as i64;
        let likeness = |dx: i64, dy: i64| correlation(&self.ink, [left, top], print, [left as i64 + dx, top as i64 + dy]);
        let places = (-reach..=reach).flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy)));
        let (best, dx, dy) = places.map(|(dx, dy)| (likeness(dx, dy), dx, dy)).max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(best, _, _)| *best >= LIKENESS_MIN)?;
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
        let mut print: Vec<u8> = upright.data.iter().zip(&self.ink.ink).filter(|(_, ink)| **ink).map(|(value, _)| *value).collect();
        let mut paper: Vec<u8> = upright.data.iter().zip(&self.ink.ink).filter(|(_, ink)| !**ink).map(|(value, _)| *value).collect();
        if print.is_empty() || paper.is_empty() {
            return 0.0;
        }
        let (dark, middle) = (print.len() / 10, paper.len() / 2);
        let black = f64::from(*print.select_nth_unstable(dark).1);
        black / f64::from((*paper.select_nth_unstable(middle).1).max(1))
    }
}

/// The page as the map has it, upright at [`FINE`].
fn upright(page: &Grey, to_px: &Homography) -> Grey {
    raster::sample(page, to_px, RectMm::new(0.0, 0.0, PAGE_MM[0], PAGE_MM[1]), FINE)
}

/// What is darker than its surroundings of 10 mm.
fn print_of(grey: &Grey) -> Bitmap {
    raster::dark(grey, (10.0 * FINE) as usize, 0.82)
}

fn inked(ink: &Bitmap) -> Vec<Point> {
    (0..ink.height).flat_map(|y| ink.row(y).iter().enumerate().filter(|(_, dark)| **dark).map(move |(x, _)| [x as f64, y as f64])).collect()
}

fn profiles(ink: &Bitmap) -> [Vec<f32>; 2] {
    let (mut rows, mut columns) = (vec![0f32; ink.height], vec![0f32; ink.width]);
    for (y, row) in rows.iter_mut().enumerate() {
        for (dark, column) in ink.row(y).iter().zip(&mut columns) {
            let dark = f32::from(u8::from(*dark));
            *row += dark;
            *column += dark;
        }
    }
    [rows, columns]
}

/// How far the lines are turned against level, radians, within 10 degrees: where the sums along them differ most. `quarter` turns of the page are taken off first.
fn skew(points: &[Point], centre: Point, quarter: i32) -> f64 {
    let sharpness = |tenths: i32| {
        let turn = f64::from(quarter) * std::f64::consts::FRAC_PI_2 + (f64::from(tenths) / 10.0).to_radians();
        let (sin, cos) = turn.sin_cos();
        let mut sums = vec![0u32; SPAN];
        for [x, y] in points.iter().step_by(3) {
            let at = (y - centre[1]) * cos - (x - centre[0]) * sin + SPAN as f64 / 2.0;
            if at >= 0.0 && (at as usize) < SPAN {
                sums[at as usize] += 1;
            }
        }
        sums.windows(2).map(|pair| u64::from(pair[0].abs_diff(pair[1])).pow(2)).sum::<u64>()
    };
    let coarse = (-20..=20).map(|step| step * 5).max_by_key(|&tenths| sharpness(tenths)).unwrap_or(0);
    let fine = (coarse - 5..=coarse + 5).max_by_key(|&tenths| sharpness(tenths)).unwrap_or(coarse);
    (f64::from(fine) / 10.0).to_radians()
}

/// The length of a profile that holds a page whichever way it lies, px.
const SPAN: usize = 1300;

/// How a profile of the form lies on one of the page.
struct ProfileFit {
    likeness: f64,
    scale: f64,
    shift: f64,
}

/// The scale and shift at which the form's sums are most like the page's.
fn fit_profile(form: &[f32], page: &[f32]) -> ProfileFit {
    let mut best = ProfileFit { likeness: f64::NEG_INFINITY, scale: 1.0, shift: 0.0 };
    for step in 0..=45 {
        let scale = 0.65 + f64::from(step) * 0.01;
        let length = (form.len() as f64 * scale) as usize;
        let scaled: Vec<f32> = (0..length).map(|at| form[((at as f64 / scale) as usize).min(form.len() - 1)]).collect();
        let (mean, root) = mean_and_root(&scaled);
        for shift in (0..page.len().saturating_sub(length)).step_by(2) {
            let window = &page[shift..shift + length];
            let (page_mean, page_root) = mean_and_root(window);
            let dot: f32 = scaled.iter().zip(window).map(|(a, b)| (a - mean) * (b - page_mean)).sum();
            // A short stretch is like another by chance more easily than a long one.
            let likeness = f64::from(dot / (root * page_root).max(1e-6)) * (length as f64 / form.len() as f64).sqrt();
            if likeness > best.likeness {
                best = ProfileFit { likeness, scale, shift: shift as f64 };
            }
        }
    }
    best
}

/// The mean, and the root of the sum of squares about it.
fn mean_and_root(values: &[f32]) -> (f32, f32) {
    let mean = values.iter().sum::<f32>() / values.len().max(1) as f32;
    (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f32>().sqrt())
}

/// The most telling patch of each cell of the grid, off the zones.
fn choose(ink: &Bitmap, zones: &[RectMm]) -> Vec<[usize; 2]> {
    let covered = |x: usize, y: usize| {
        let patch = RectMm::new(x as f64 / FINE, y as f64 / FINE, PATCH as f64 / FINE, PATCH as f64 / FINE).inset(-1.0);
        zones.iter().any(|zone| patch.x() < zone.x() + zone.w() && zone.x() < patch.x() + patch.w() && patch.y() < zone.y() + zone.h() && zone.y() < patch.y() + patch.h())
    };
    let [across, down] = GRID;
    let (wide, tall) = (ink.width.saturating_sub(PATCH) / across, ink.height.saturating_sub(PATCH) / down);
    let mut chosen = Vec::new();
    for cell in 0..across * down {
        let (left, top) = (cell % across * wide, cell / across * tall);
        let places = (top..top + tall).step_by(4).flat_map(|y| (left..left + wide).step_by(4).map(move |x| [x, y]));
        let telling = places.filter(|&[x, y]| !covered(x, y)).map(|place| (corner_strength(ink, place), place)).max_by(|a, b| a.0.total_cmp(&b.0));
        chosen.extend(telling.filter(|(strength, _)| *strength > 12.0).map(|(_, place)| place));
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
    f64::midpoint(xx, yy) - (((xx - yy) / 2.0).powi(2) + xy * xy).sqrt()
}

/// How alike two patches are, -1 to 1: of pixels that are ink or not, the correlation is a matter of counting.
fn correlation(one: &Bitmap, [left, top]: [usize; 2], other: &Bitmap, [x, y]: [i64; 2]) -> f64 {
    if x < 0 || y < 0 || x as usize + PATCH > other.width || y as usize + PATCH > other.height {
        return -1.0;
    }
    let (mut both, mut first, mut second) = (0u32, 0u32, 0u32);
    for row in 0..PATCH {
        let a = &one.ink[(top + row) * one.width + left..][..PATCH];
        let b = &other.ink[(y as usize + row) * other.width + x as usize..][..PATCH];
        for (a, b) in a.iter().zip(b) {
            both += u32::from(*a & *b);
            first += u32::from(*a);
            second += u32::from(*b);
        }
    }
    let all = (PATCH * PATCH) as f64;
    let (p, q) = (f64::from(first) / all, f64::from(second) / all);
    let spread = (p * (1.0 - p) * q * (1.0 - q)).sqrt();
    if spread < 1e-6 { -1.0 } else { (f64::from(both) / all - p * q) / spread }
}

/// The patches that one map explains: of all affine maps through three of them, the one that most agree with, fitted and asked again.
fn consensus(pairs: &[Pair], near: &Homography, agree_mm: f64) -> Option<Vec<Pair>> {
    let scale = near.scale_at([PAGE_MM[0] / 2.0, PAGE_MM[1] / 2.0]);
    let agreeing = |map: &Homography, within: f64| -> Vec<Pair> { pairs.iter().filter(|pair| distance(map.map(pair.from), pair.to) < within * scale).copied().collect() };
    let mut best: Vec<Pair> = Vec::new();
    for (i, p) in pairs.iter().enumerate() {
        for (j, q) in pairs.iter().enumerate().skip(i + 1) {
            for r in pairs[j + 1..].iter().step_by(1 + pairs.len() / 24) {
                let area = ((q.from[0] - p.from[0]) * (r.from[1] - p.from[1]) - (q.from[1] - p.from[1]) * (r.from[0] - p.from[0])).abs() / 2.0;
                let Some(map) = affine(&[*p, *q, *r]).filter(|map| area > 1500.0 && map.is_page_like(PAGE_MM[0], PAGE_MM[1])) else { continue };
                let found = agreeing(&map, agree_mm.max(1.0));
                if found.len() > best.len() {
                    best = found;
                }
            }
        }
    }
    for _ in 0..3 {
        let map = if best.len() >= 8 { homography(&best) } else { affine(&best) }?;
        best = agreeing(&map, agree_mm);
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

    fn worst_mm(found: &Found, truth: &Homography) -> f64 {
        let corners = [[10.0, 10.0], [200.0, 10.0], [10.0, 287.0], [200.0, 287.0], [105.0, 148.0]];
        corners.into_iter().map(|corner| distance(found.to_px.map(corner), truth.map(corner)) / truth.scale_at(corner)).fold(0.0, f64::max)
    }

    #[test]
    fn a_form_without_marks_is_found_turned_small_and_at_a_slant() {
        let page = blank(7);
        let template = Template::of(&page, &zones());
        assert!(template.patches.len() >= 30, "{}", template.patches.len());
        for (degrees, scale, perspective) in [(0.0, 1.0, 0.0), (2.5, 0.97, 0.0), (-9.0, 0.93, 0.0), (180.0, 1.0, 0.0), (178.0, 0.95, 0.0), (1.0, 0.9, 1.5e-4)] {
            let truth = turned(degrees, scale, perspective);
            let found = template.find(&seen(&page, &truth)).unwrap_or_else(|| panic!("not found: {degrees} {scale} {perspective}"));
            let off = worst_mm(&found, &truth);
            assert!(off < 0.4 && found.residual_mm < 0.3, "{degrees} {scale} {perspective}: off by {off:.2} mm, {found:?}");
        }
    }

    #[test]
    fn another_form_is_not_this_one() {
        let template = Template::of(&blank(7), &zones());
        for seed in [8, 9, 10] {
            assert!(template.find(&seen(&blank(seed), &turned(1.0, 1.0, 0.0))).is_none(), "{seed}");
        }
        assert!(template.find(&Grey { width: 1240, height: 1754, data: vec![255; 1240 * 1754], dpi: 150.0 }).is_none());
    }
}
