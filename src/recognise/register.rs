//! Where on the scan is each millimetre of the form? Finds the form's solid squares and fits the map from form to scan.
//!
//! The page code is known to lie on the page and gives a first guess of place, direction and scale; the centres of its three finder patterns
//! are as exact as marks. From there the marks are looked for among the connected shapes of the reduced page that are solid, square and
//! of the right size, and matched by consensus: any two marks and the code propose an affine map, the map that most marks agree with wins (Fischler
//! and Bolles, "Random sample consensus", 1981; with six marks every proposal can be tried). Centres are then measured on the grey of
//! the full page. Lost, torn, stamped or stapled marks fail the shape test or the consensus and are left out: fewer marks give
//! a simpler map and less trust, the code alone the least. The form's size on paper, the file's resolution and the direction of the scan
//! all follow from the map; none is taken from the file.

use super::components::{Bitmap, Blob, components};
use super::geometry::{Homography, Pair, Point, affine, distance, homography, residual, similarity};
use super::identify::Identified;
use super::raster;
use crate::forms::PageLayout;
use crate::page::Grey;
use crate::record::{Confidence, RectMm};

/// A4, mm: the page every form is laid out on.
pub(super) const PAGE_MM: [f64; 2] = [210.0, 297.0];
/// Pixels a millimetre of the reduced page on which marks are looked for: a mark of 5 mm is 25 pixels wide.
const SEARCH_PX_PER_MM: f64 = 5.0;
/// Marks that agree with a proposed map lie this close to where it puts them, mm. Covers what an affine map leaves of a camera's perspective.
const AGREE_MM: f64 = 2.5;
/// A mark that lies further than this from the map that all others agree on is damaged, mm.
const DAMAGED_MM: f64 = 0.35;
/// Worse than this a map is no registration, mm.
const RESIDUAL_MAX_MM: f64 = 1.0;

/// What the map rests on, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Footing {
    /// At least three marks and the code.
    Marks,
    /// What is printed on the page: each of its landmarks tells less than a mark, but there are dozens.
    Print,
    /// One or two marks and the code.
    FewMarks,
    /// The code alone: far from it the map may be off by more than a millimetre.
    Code,
    /// What is printed on the page, and nothing that says for sure which form and version it is: another version may differ in few words.
    PrintAlone,
}

/// The map from the form to one scanned page.
#[derive(Debug, Clone)]
pub struct Registration {
    /// From millimetres on the form to pixels of the page.
    pub to_px: Homography,
    /// The root mean square distance between where the map puts the measured points and where they are, mm.
    pub residual_mm: f64,
    /// How many marks were found; of a page that was found by its print, how many of its landmarks.
    pub marks: usize,
    /// How many there are.
    pub marks_expected: usize,
    /// What it rests on.
    pub footing: Footing,
    /// The grey of the print, as a share of the paper's: 0 is black. From the marks, or from the code.
    pub black: f64,
}

impl Registration {
    /// Where a point of the form is on the page.
    #[must_use]
    pub fn px(&self, mm: Point) -> Point {
        self.to_px.map(mm)
    }

    /// How far the form lies turned on the scan, degrees clockwise, from -180 to 180.
    #[must_use]
    pub fn turned_degrees(&self) -> f64 {
        let [right, _] = self.to_px.steps_at([PAGE_MM[0] / 2.0, PAGE_MM[1] / 2.0]);
        right[1].atan2(right[0]).to_degrees()
    }

    /// How sure it is that this form was found and is where the map says.
    #[must_use]
    pub fn score(&self) -> Confidence {
        let base = match self.footing {
            Footing::Marks => 1.0,
            Footing::FewMarks => 0.97,
            Footing::Print => 0.98,
            Footing::PrintAlone => 0.7,
            Footing::Code => 0.9,
        };
        Confidence::new((base - 0.1 * self.residual_mm) as f32)
    }
}

/// Why a page could not be registered. Final: the page goes to a person.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RegisterError {
    /// The layout has no code.
    #[error("page {page} of the form has no page code to register by\nonly blanks made by `postsluse forms render` can be read by their marks")]
    NoCode {
        /// The page of the form.
        page: u32,
    },
    /// The marks contradict each other.
    #[error(
        "the marks of the page are {residual_mm:.1} mm from where the form has them; the limit is {RESIDUAL_MAX_MM} mm\nscan the page again, flat and whole"
    )]
    Inexact {
        /// Root mean square, mm.
        residual_mm: f64,
    },
    /// What was found is no picture of a page.
    #[error("the page code and marks do not lie as on a sheet of paper\nscan the page again, flat and whole")]
    Distorted,
}

/// Finds the map from the form's page `layout` to the scan.
///
/// # Errors
/// When the layout has no code, or what was found does not lie as on a sheet of paper.
pub fn register(page: &Grey, layout: &PageLayout, identified: &Identified) -> Result<Registration, RegisterError> {
    let code = layout.code.ok_or(RegisterError::NoCode { page: layout.number })?;
    let known = CodePoints::measure(page, code, identified);
    let guess =
        similarity(&known.pairs).filter(|map| map.is_page_like(PAGE_MM[0], PAGE_MM[1]) && is_square(map, &known.pairs)).ok_or(RegisterError::Distorted)?;
    let marks = find_marks(page, layout, &known, &guess);
    let black = blackness(page, &marks, &known, &guess);
    let fitted = fit(&marks, &known)?;
    let residual_mm = if marks.is_empty() { fitted.residual_mm.max(0.5) } else { fitted.residual_mm };
    let footing = match fitted.marks {
        0 => Footing::Code,
        1 | 2 => Footing::FewMarks,
        _ => Footing::Marks,
    };
    Ok(Registration { to_px: fitted.map, residual_mm, marks: fitted.marks, marks_expected: layout.fiducials.len(), footing, black })
}

/// Whether the code's points form the square they should, no smaller than anybody could decode.
fn is_square(map: &Homography, code: &[Pair]) -> bool {
    let scale = map.scale_at([0.0, 0.0]);
    scale > 1.5 && residual(map, code) / scale < 1.5
}

/// What is known from the page code alone.
struct CodePoints {
    /// Finder centres if they could be measured, else the corners.
    pairs: Vec<Pair>,
    centre: Pair,
}

impl CodePoints {
    fn measure(page: &Grey, code: RectMm, identified: &Identified) -> Self {
        let size = identified.modules as f64;
        let corner_mm = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]].map(|[x, y]| [code.x() + x * code.w(), code.y() + y * code.h()]);
        let corners: Vec<Pair> = corner_mm.iter().zip(identified.corners_px).map(|(&from, to)| Pair { from, to, weight: 0.25 }).collect();
        let Some(rough) = homography(&corners) else { return Self { centre: mean(&corners), pairs: corners } };
        // The middle of a finder pattern is a solid square of three modules, three and a half modules from two sides.
        let module_mm = code.w() / size;
        let finders = [[3.5, 3.5], [size - 3.5, 3.5], [3.5, size - 3.5]].map(|[x, y]| [code.x() + x * module_mm, code.y() + y * module_mm]);
        let side_px = 3.0 * module_mm * rough.scale_at(finders[0]);
        let measured: Vec<Pair> =
            finders.iter().filter_map(|&from| square_centre(page, rough.map(from), side_px, 1.2).map(|to| Pair { from, to, weight: 0.5 })).collect();
        let pairs = if measured.len() == 3 { measured } else { corners };
        // The centre is where the measured points put it: midway between the two finder patterns on the diagonal, or between the corners.
        let centre = mean(if pairs.len() == 3 { &pairs[1..] } else { &pairs });
        Self { pairs, centre }
    }
}

fn mean(pairs: &[Pair]) -> Pair {
    let share = 1.0 / pairs.len().max(1) as f64;
    let middle = |side: fn(&Pair) -> Point| pairs.iter().fold([0.0, 0.0], |sum, pair| [sum[0] + side(pair)[0] * share, sum[1] + side(pair)[1] * share]);
    Pair::new(middle(|pair| pair.from), middle(|pair| pair.to))
}

/// The marks that were found: their index in the layout and their measured centre.
fn find_marks(page: &Grey, layout: &PageLayout, known: &CodePoints, guess: &Homography) -> Vec<Mark> {
    let centres: Vec<Point> = layout.fiducials.iter().map(|mark| [mark.x() + mark.w() / 2.0, mark.y() + mark.h() / 2.0]).collect();
    let factor = ((guess.scale_at(known.centre.from) / SEARCH_PX_PER_MM).floor() as usize).max(1);
    let small = raster::reduce(page, factor);
    let scale = guess.scale_at(known.centre.from) / factor as f64;
    let search = |picture: &Grey| {
        // Surroundings of five marks a side: a solid mark hardly darkens their mean.
        let bits = raster::dark(picture, (25.0 * scale) as usize, 0.7);
        let squares = solid_squares(&bits, layout, scale, factor as f64);
        let candidates: Vec<Vec<Point>> = centres.iter().map(|&centre| near(centre, &squares, known, guess)).collect();
        consensus(&centres, &candidates, known, guess)
    };
    let mut found = search(&small);
    if found.len() < 3 {
        let second = search(&raster::even_out(&small, (4.0 * scale) as usize));
        found = if second.len() > found.len() { second } else { found };
    }
    found.into_iter().map(|(index, rough)| Mark::measure(page, layout.fiducials[index], centres[index], rough, guess)).collect()
}

/// A mark that was found.
struct Mark {
    pair: Pair,
    side_px: f64,
}

impl Mark {
    fn measure(page: &Grey, mark: RectMm, from: Point, rough: Point, guess: &Homography) -> Self {
        let side_px = f64::midpoint(mark.w(), mark.h()) * guess.scale_at(from);
        // Where the grey does not bear a measurement out, the centre on the reduced page stands, for less.
        let measured = square_centre(page, rough, side_px, 0.5);
        let pair = measured.map_or(Pair { from, to: rough, weight: 0.3 }, |to| Pair::new(from, to));
        Self { pair, side_px }
    }
}

/// The shapes of the reduced page that could be marks: centre in pixels of the full page.
fn solid_squares(bits: &Bitmap, layout: &PageLayout, scale: f64, factor: f64) -> Vec<Point> {
    let Some(side) = layout.fiducials.first().map(|mark| f64::midpoint(mark.w(), mark.h()) * scale) else { return Vec::new() };
    let (width, height) = (bits.width as u32, bits.height as u32);
    let fits = |blob: &Blob| {
        // What the edge of the scan cuts has its centre elsewhere.
        if blob.rect[0] == 0 || blob.rect[1] == 0 || blob.rect[2] == width || blob.rect[3] == height {
            return false;
        }
        // Print at 94 to 105 %, thinned or fattened by a threshold, seen by a camera at a slant: 0.6 to 1.5 of the expected area.
        (0.6..1.5).contains(&(f64::from(blob.area) / (side * side))) && blob.is_solid_square()
    };
    let blobs = components(bits).blobs;
    blobs.iter().filter(|blob| fits(blob)).map(|blob| blob.centroid().map(|value| value * factor)).collect()
}

/// The candidates for one mark, nearest to where the code says it is first. The further from the code, the less it knows.
fn near(centre: Point, squares: &[Point], known: &CodePoints, guess: &Homography) -> Vec<Point> {
    let (expected, scale) = (guess.map(centre), guess.scale_at(centre));
    let reach = 4.0 + 0.12 * distance(centre, known.centre.from);
    let mut close: Vec<(f64, Point)> = squares.iter().map(|&square| (distance(square, expected) / scale, square)).filter(|(mm, _)| *mm < reach).collect();
    close.sort_by(|a, b| a.0.total_cmp(&b.0));
    close.into_iter().take(4).map(|(_, square)| square).collect()
}

/// A set of marks that one map explains together with the code.
#[derive(Default)]
struct Agreement {
    marks: Vec<(usize, Point)>,
    error: f64,
}

impl Agreement {
    fn of(map: &Homography, centres: &[Point], candidates: &[Vec<Point>], scale: f64, within_mm: f64) -> Self {
        let mut found = Self::default();
        if !map.is_page_like(PAGE_MM[0], PAGE_MM[1]) {
            return found;
        }
        for (index, (&centre, places)) in centres.iter().zip(candidates).enumerate() {
            let expected = map.map(centre);
            let nearest = places.iter().map(|&place| (distance(place, expected) / scale, place)).min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((mm, place)) = nearest.filter(|(mm, _)| *mm < within_mm) {
                found.error += mm;
                found.marks.push((index, place));
            }
        }
        found
    }

    fn better(self, other: Self) -> Self {
        if (other.marks.len(), -other.error) > (self.marks.len(), -self.error) { other } else { self }
    }
}

/// The largest set of marks that one map explains together with the code: an affine map, or for a photograph a projective one.
fn consensus(centres: &[Point], candidates: &[Vec<Point>], known: &CodePoints, guess: &Homography) -> Vec<(usize, Point)> {
    let scale = guess.scale_at(known.centre.from);
    let choices: Vec<Pair> = centres.iter().zip(candidates).flat_map(|(&centre, places)| places.iter().map(move |&place| Pair::new(centre, place))).collect();
    // Three points nearly on a line say little about the direction across it.
    let spread = |a: &Pair, b: &Pair, c: &Pair| triangle(a.from, b.from, c.from) > 1500.0;
    let code = known.centre;
    let mut best = Agreement::default();
    for (index, p) in choices.iter().enumerate() {
        for q in choices[index + 1..].iter().filter(|q| spread(&code, p, q)) {
            if let Some(map) = affine(&[code, *p, *q]) {
                best = best.better(Agreement::of(&map, centres, candidates, scale, AGREE_MM));
            }
        }
    }
    if best.marks.len() < centres.len().min(5) {
        best = best.better(in_perspective(centres, candidates, &choices, code, scale));
    }
    if best.marks.len() > 1 {
        return best.marks;
    }
    for choice in &choices {
        if let Some(map) = similarity(&[code, *choice]) {
            let close = |p: Point| distance(map.map(p), guess.map(p)) / scale < 4.0 + 0.05 * distance(p, code.from);
            if close(choice.from) && close([0.0, PAGE_MM[1]]) {
                best = best.better(Agreement::of(&map, centres, candidates, scale, AGREE_MM));
            }
        }
    }
    best.marks
}

/// The marks that a projective map through the code and three of them explains. Such a map fits any four points, so two more have to agree.
fn in_perspective(centres: &[Point], candidates: &[Vec<Point>], choices: &[Pair], code: Pair, scale: f64) -> Agreement {
    let spread = |a: &Pair, b: &Pair, c: &Pair| triangle(a.from, b.from, c.from) > 1500.0;
    let mut best = Agreement::default();
    for (i, p) in choices.iter().enumerate() {
        for (j, q) in choices.iter().enumerate().skip(i + 1).filter(|(_, q)| spread(&code, p, q)) {
            for r in choices[j + 1..].iter().filter(|r| spread(&code, p, r) && spread(&code, q, r) && spread(p, q, r)) {
                if let Some(map) = homography(&[code, *p, *q, *r]) {
                    best = best.better(Agreement::of(&map, centres, candidates, scale, 1.0));
                }
            }
        }
    }
    if best.marks.len() >= 5 { best } else { Agreement::default() }
}

fn triangle(a: Point, b: Point, c: Point) -> f64 {
    ((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])).abs() / 2.0
}

struct Fitted {
    map: Homography,
    residual_mm: f64,
    marks: usize,
}

/// Fits the map that the points bear, leaving out a damaged mark as long as enough are left to tell which one it is.
fn fit(marks: &[Mark], known: &CodePoints) -> Result<Fitted, RegisterError> {
    let mut pairs: Vec<Pair> = marks.iter().map(|mark| mark.pair).collect();
    loop {
        let count = pairs.len();
        let all: Vec<Pair> = pairs.iter().chain(&known.pairs).copied().collect();
        let map = model(&pairs, &all).filter(|map| map.is_page_like(PAGE_MM[0], PAGE_MM[1])).ok_or(RegisterError::Distorted)?;
        let scale = map.scale_at([PAGE_MM[0] / 2.0, PAGE_MM[1] / 2.0]);
        let residual_mm = residual(&map, &all) / scale;
        match worst(&pairs, known, &map, scale) {
            Some(index) if count > 3 => {
                pairs.remove(index);
            }
            _ if residual_mm > RESIDUAL_MAX_MM => return Err(RegisterError::Inexact { residual_mm }),
            _ => return Ok(Fitted { map, residual_mm, marks: count }),
        }
    }
}

/// The mark that spoils the fit, if one does: the one without which the rest agree best.
fn worst(marks: &[Pair], known: &CodePoints, map: &Homography, scale: f64) -> Option<usize> {
    let without = |index: usize| {
        let rest: Vec<Pair> = marks.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, pair)| *pair).collect();
        let all: Vec<Pair> = rest.iter().chain(&known.pairs).copied().collect();
        let map = model(&rest, &all)?;
        Some((index, residual(&map, &all) / scale, distance(map.map(marks[index].from), marks[index].to) / scale))
    };
    let all: Vec<Pair> = marks.iter().chain(&known.pairs).copied().collect();
    let now = residual(map, &all) / scale;
    let (index, rest, own) = (0..marks.len()).filter_map(without).min_by(|a, b| a.1.total_cmp(&b.1))?;
    (own > DAMAGED_MM && rest < 0.5 * now).then_some(index)
}

/// The simplest map that explains the points. A projective map has to earn its two unknowns: a flat scan has no perspective, and fitting one to
/// noise bends the page between the marks.
fn model(marks: &[Pair], all: &[Pair]) -> Option<Homography> {
    let spread = marks.iter().enumerate().flat_map(|(i, a)| marks[i + 1..].iter().map(move |b| (a, b)));
    let spans = all.last().is_some_and(|code| spread.into_iter().any(|(a, b)| triangle(code.from, a.from, b.from) > 3000.0));
    if !spans {
        return similarity(all);
    }
    let flat = affine(all)?;
    let Some(deep) = (marks.len() >= 4).then(|| homography(all)).flatten() else { return Some(flat) };
    let deviation = |map: &Homography, unknowns: f64| residual(map, all) / (1.0 - unknowns / (2.0 * all.len() as f64)).sqrt();
    let scale = flat.scale_at([PAGE_MM[0] / 2.0, PAGE_MM[1] / 2.0]);
    let (plain, bent) = (deviation(&flat, 6.0) / scale, deviation(&deep, 8.0) / scale);
    Some(if bent < 0.6 * plain && plain > 0.06 { deep } else { flat })
}

/// The centre of a solid dark square near `expected`, to a fraction of a pixel: the centre of mass of its darkness. None when nothing there is
/// solid, square and within a third of `side` pixels large; `margin` is how much larger than the square, in sides, the place searched is on each side.
fn square_centre(page: &Grey, expected: Point, side: f64, margin: f64) -> Option<Point> {
    let reach = side * (0.5 + margin);
    let clip = |value: f64, limit: usize| value.clamp(0.0, limit as f64) as usize;
    let (left, top) = (clip(expected[0] - reach, page.width), clip(expected[1] - reach, page.height));
    let (right, bottom) = (clip(expected[0] + reach + 1.0, page.width), clip(expected[1] + reach + 1.0, page.height));
    let (width, height) = (right.checked_sub(left)?, bottom.checked_sub(top)?);
    if width < 4 || height < 4 || side < 3.0 {
        return None;
    }
    let rows = || page.data.chunks_exact(page.width).skip(top).take(height).map(|row| &row[left..right]);
    let (black, paper) = extremes(rows().flatten().copied())?;
    let middle = f64::midpoint(black, paper);
    let bits = Bitmap { width, height, ink: rows().flatten().map(|&value| f64::from(value) < middle).collect() };
    let found = components(&bits);
    let fits = |blob: &Blob| {
        let cut = blob.rect[0] == 0 || blob.rect[1] == 0 || blob.rect[2] as usize == width || blob.rect[3] as usize == height;
        !cut && (0.55..1.6).contains(&(f64::from(blob.area) / (side * side))) && blob.is_solid_square()
    };
    let here = [expected[0] - left as f64, expected[1] - top as f64];
    let (index, blob) = found
        .blobs
        .iter()
        .enumerate()
        .filter(|(_, blob)| fits(blob))
        .min_by(|a, b| distance(a.1.centroid(), here).total_cmp(&distance(b.1.centroid(), here)))?;
    // The grey around the edge counts by how dark it is, up to a sixth of a side outside the thresholded shape; other shapes do not count.
    let skirt = (side / 6.0).ceil() as i64;
    let mut other = vec![false; width * height];
    for run in found.runs.iter().filter(|run| run.blob as usize != index) {
        other[run.y as usize * width + run.start as usize..run.y as usize * width + run.end as usize].fill(true);
    }
    let [x0, y0, x1, y1] = blob.rect.map(i64::from);
    let (mut sum, mut weight) = ([0.0, 0.0], 0.0);
    for y in (y0 - skirt).max(0)..(y1 + skirt).min(height as i64) {
        for x in (x0 - skirt).max(0)..(x1 + skirt).min(width as i64) {
            let (column, row) = (x as usize, y as usize);
            if other[row * width + column] {
                continue;
            }
            let dark = ((paper - f64::from(page.data[(top + row) * page.width + left + column])) / (paper - black)).clamp(0.0, 1.0);
            let dark = if dark < 0.2 { 0.0 } else { dark };
            sum = [sum[0] + dark * (x as f64 + 0.5), sum[1] + dark * (y as f64 + 0.5)];
            weight += dark;
        }
    }
    Some([left as f64 + sum[0] / weight, top as f64 + sum[1] / weight])
}

/// The dark and the light level of some pixels: the 5th and the 95th percentile; none without contrast.
fn extremes(values: impl Iterator<Item = u8>) -> Option<(f64, f64)> {
    let mut counts = [0usize; 256];
    values.for_each(|value| counts[usize::from(value)] += 1);
    let total: usize = counts.iter().sum();
    let level = |share: f64| {
        let mut left = (total as f64 * share) as usize;
        counts.iter().position(|&count| {
            let reached = count > left;
            left = left.saturating_sub(count);
            reached
        })
    };
    let (black, paper) = (level(0.05)? as f64, level(0.95)? as f64);
    (paper - black > 20.0).then_some((black, paper))
}

/// How black the print is against the paper: over the marks, else over the code.
fn blackness(page: &Grey, marks: &[Mark], known: &CodePoints, guess: &Homography) -> f64 {
    let shares = |centre: Point, reach: f64| {
        let clip = |value: f64, limit: usize| value.clamp(0.0, limit as f64) as usize;
        let (left, right) = (clip(centre[0] - reach, page.width), clip(centre[0] + reach, page.width));
        let (top, bottom) = (clip(centre[1] - reach, page.height), clip(centre[1] + reach, page.height));
        let pixels = page.data.chunks_exact(page.width).skip(top).take(bottom.saturating_sub(top)).flat_map(|row| &row[left..right.max(left)]);
        extremes(pixels.copied()).map(|(black, paper)| black / paper)
    };
    let mut found: Vec<f64> = marks.iter().filter_map(|mark| shares(mark.pair.to, mark.side_px)).collect();
    if found.is_empty() {
        found.extend(shares(known.centre.to, 8.0 * guess.scale_at(known.centre.from)));
    }
    found.sort_by(f64::total_cmp);
    found.get(found.len() / 2).copied().unwrap_or(0.2)
}
