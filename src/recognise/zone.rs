//! One zone of a page, cut out upright at 300 dpi, evened out, and snapped to its printed outline.
//!
//! The scan itself is never turned: only what is read is sampled. Brightness becomes darkness, from paper (0) to the black of the form's own
//! print (255), so that nothing later depends on the scanner's exposure. The snap looks for the outline's thin lines within 1.5 mm of
//! where the registration puts them, for long zones at both ends apart, and says how far off they were.

use super::components::Bitmap;
use super::raster;
use super::register::{Footing, Registration};
use crate::forms::{Zone, ZoneKind};
use crate::page::Grey;
use crate::record::RectMm;

/// The resolution in which zones are read: 300 dpi.
pub const PX_PER_MM: f64 = 300.0 / 25.4;
/// How much is cut out around a zone, mm: the range of the snap and the lines' surroundings.
const MARGIN_MM: f64 = 3.0;
/// The shifts that the snap tries, px: 1.5 mm back, none, and 1.5 mm on.
const SHIFTS: usize = 37;
/// How far from a line its surroundings are looked at, px: 0.6 mm.
const BESIDE: usize = 7;
/// Shorter zones lie level.
const ASKEW_MIN_MM: f64 = 45.0;
/// What a reading is worth on a page of which nothing says for sure which version of the form it is.
pub const UNVOUCHED: f32 = 0.5;
/// What a reading is worth where nothing of the outline was seen.
pub const UNSEEN: f32 = 0.5;
/// Least share of an outline that has to be seen to be believed.
const PRESENCE_MIN: f64 = 0.35;

/// Darkness at 300 dpi: 0 is paper, 255 the form's print.
pub struct Ink {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Row by row.
    pub dark: Vec<u8>,
}

impl Ink {
    /// The pixels at least as dark as `share` of the form's print.
    #[must_use]
    pub fn darker_than(&self, share: f64) -> Bitmap {
        let limit = (share * 255.0) as u8;
        Bitmap { width: self.width, height: self.height, ink: self.dark.iter().map(|&dark| dark >= limit).collect() }
    }

    fn at(&self, x: i64, y: i64) -> u8 {
        if x < 0 || y < 0 || x as usize >= self.width || y as usize >= self.height { 0 } else { self.dark[y as usize * self.width + x as usize] }
    }
}

/// How the printed outline lies against the registration, mm: at the zone's left and right end.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Snap {
    /// Shift of the outline at the left end.
    pub left: [f64; 2],
    /// Shift of the outline at the right end.
    pub right: [f64; 2],
    /// Whether the outline was seen along x, and along y.
    pub seen: [bool; 2],
    /// Whether its upright line was missed at one end: there the paper may be torn off or covered.
    pub cut: bool,
}

impl Snap {
    /// How far the outline is from where the registration puts it, mm, at its worse end.
    #[must_use]
    pub fn residual_mm(&self) -> f64 {
        self.left[0].hypot(self.left[1]).max(self.right[0].hypot(self.right[1]))
    }

    /// The shift at `share` of the zone's width.
    #[must_use]
    pub fn at(&self, share: f64) -> [f64; 2] {
        [self.left[0] + (self.right[0] - self.left[0]) * share, self.left[1] + (self.right[1] - self.left[1]) * share]
    }
}

/// A zone cut out of its page.
pub struct ZoneView {
    /// The picture.
    pub ink: Ink,
    /// How the outline lies.
    pub snap: Snap,
    rect: RectMm,
    frame: RectMm,
}

impl ZoneView {
    /// Cuts `zone` out of `page` and snaps it to its outline.
    #[must_use]
    pub fn cut(page: &Grey, zone: &Zone, registration: &Registration) -> Self {
        let frame = zone.rect.inset(-MARGIN_MM);
        let ink = darkness(&raster::sample(page, &registration.to_px, frame, PX_PER_MM), registration.black);
        let outlines: Vec<RectMm> = if zone.cells.is_empty() { vec![zone.rect] } else { zone.cells.clone() };
        let snap = snap(&ink, frame, zone.rect, &outlines);
        Self { ink, snap, rect: zone.rect, frame }
    }

    /// Where a rectangle of the form is in the picture, px: left, top, right, bottom.
    #[must_use]
    pub fn px(&self, rect: RectMm) -> [f64; 4] {
        let share = ((rect.x() + rect.w() / 2.0 - self.rect.x()) / self.rect.w()).clamp(0.0, 1.0);
        let [dx, dy] = self.snap.at(share);
        let (x, y) = ((rect.x() + dx - self.frame.x()) * PX_PER_MM, (rect.y() + dy - self.frame.y()) * PX_PER_MM);
        [x, y, x + rect.w() * PX_PER_MM, y + rect.h() * PX_PER_MM]
    }

    /// How much a reading is worth because of how well the place is known: 1 when the outline was seen, less when only the registration vouches for it.
    #[must_use]
    pub fn trust(&self, registration: &Registration, kind: ZoneKind) -> f32 {
        let base: f32 = match registration.footing {
            Footing::Marks => 1.0,
            Footing::Print | Footing::FewMarks => 0.998,
            Footing::PrintAlone => UNVOUCHED,
            Footing::Code => 0.99,
        };
        let seen = match self.snap.seen {
            _ if self.snap.cut && matches!(kind, ZoneKind::Comb | ZoneKind::Signature) => UNSEEN,
            [true, true] => 1.0,
            // Nothing of the outline: the place may be torn off or covered, and what is not there is not blank. A comb has many upright lines: where none of them is
            // seen, the level ones are a rule somewhere else.
            [false, false] => UNSEEN,
            [false, true] if kind == ZoneKind::Comb => UNSEEN,
            // A line of print without a frame is often marked by its base line alone.
            [false, true] if kind != ZoneKind::Comb && kind != ZoneKind::Checkbox => 1.0,
            _ if matches!(registration.footing, Footing::Marks | Footing::Print) && registration.residual_mm < 0.3 => 0.995,
            _ => 0.8,
        };
        base * seen
    }
}

/// From brightness to darkness: the paper is measured every 8 mm along the zone, so that a shadow across a page does not read as ink.
fn darkness(crop: &Grey, black: f64) -> Ink {
    const BLOCK: usize = 96;
    let blocks = crop.width.div_ceil(BLOCK).max(1);
    let mut counts = vec![[0u32; 256]; blocks];
    for row in crop.data.chunks_exact(crop.width) {
        for (pixels, count) in row.chunks(BLOCK).zip(&mut counts) {
            for &value in pixels {
                count[usize::from(value)] += 1;
            }
        }
    }
    let level = |count: &[u32; 256]| {
        let limit = u64::from(count.iter().sum::<u32>()) * 4 / 5;
        let mut sum = 0;
        count.iter().position(|&n| {
            sum += u64::from(n);
            sum > limit
        })
    };
    let levels: Vec<f64> = counts.iter().map(|count| level(count).unwrap_or(255).max(1) as f64).collect();
    // A block that is inked all over has no paper to measure; its neighbours' paper serves.
    let best = levels.iter().copied().fold(1.0, f64::max);
    let levels: Vec<f64> = levels.iter().map(|&level| if level < 0.7 * best { best } else { level }).collect();
    let (paper, scale): (Vec<f32>, Vec<f32>) = (0..crop.width)
        .map(|x| {
            let at = (x as f64 / BLOCK as f64 - 0.5).clamp(0.0, (blocks - 1) as f64);
            let (first, share) = (at.floor() as usize, at.fract());
            let paper = levels[first] * (1.0 - share) + levels[(first + 1).min(blocks - 1)] * share;
            (paper as f32, (255.0 / (paper * (1.0 - black)).max(1.0)) as f32)
        })
        .unzip();
    let mut dark = vec![0u8; crop.data.len()];
    for (out, row) in dark.chunks_exact_mut(crop.width).zip(crop.data.chunks_exact(crop.width)) {
        for (((out, &value), paper), scale) in out.iter_mut().zip(row).zip(&paper).zip(&scale) {
            *out = ((paper - f32::from(value)) * scale) as u8;
        }
    }
    Ink { width: crop.width, height: crop.height, dark }
}

/// One line of an outline: where it is, and from where to where it goes, px.
#[derive(Debug, Clone, Copy)]
struct Edge {
    at: f64,
    from: f64,
    to: f64,
}

impl Edge {
    /// The first pixel that is looked at for the largest shift back.
    fn first(&self) -> i64 {
        self.at.floor() as i64 - (SHIFTS / 2 + BESIDE) as i64
    }

    /// The places along the edge that are looked at: the corners are dark whatever the shift along it, and every other pixel tells as much as all.
    fn places(&self) -> std::iter::StepBy<std::ops::Range<i64>> {
        ((self.from + 4.0).round() as i64..(self.to - 4.0).round() as i64).step_by(2)
    }
}

/// The lines of a zone's outline.
#[derive(Default)]
struct Outline {
    upright: Vec<Edge>,
    level: Vec<Edge>,
}

impl Outline {
    fn of(rects: &[RectMm], frame: RectMm) -> Self {
        let (x, y) = (|mm: f64| (mm - frame.x()) * PX_PER_MM, |mm: f64| (mm - frame.y()) * PX_PER_MM);
        let mut outline = Self::default();
        for rect in rects {
            let (left, top, right, bottom) = (x(rect.x()), y(rect.y()), x(rect.x() + rect.w()), y(rect.y() + rect.h()));
            for at in [left, right] {
                add(&mut outline.upright, Edge { at, from: top, to: bottom });
            }
            for at in [top, bottom] {
                add(&mut outline.level, Edge { at, from: left, to: right });
            }
        }
        outline
    }

    /// The part between two places along x.
    fn between(&self, left: f64, right: f64) -> Self {
        let upright = self.upright.iter().filter(|edge| (left..right).contains(&edge.at)).copied().collect();
        let cut = |edge: &Edge| Edge { from: edge.from.max(left), to: edge.to.min(right), ..*edge };
        Self { upright, level: self.level.iter().map(cut).filter(|edge| edge.to > edge.from).collect() }
    }

    /// How far the lines lie from where they should, mm along x and y; none along an axis on which too little of them is seen.
    fn shift(&self, ink: &Ink) -> [Option<f64>; 2] {
        [best_shift(&self.upright, &|edge, scores| ink.across(edge, scores)), best_shift(&self.level, &|edge, scores| ink.down(edge, scores))]
    }
}

impl Ink {
    /// Adds to each shift's score how much an upright edge looks like a line when it is shifted so far along x; how many places were looked at.
    fn across(&self, edge: &Edge, scores: &mut [u32; SHIFTS]) -> usize {
        let first = edge.first();
        let mut taps = [0u8; SHIFTS + 2 * BESIDE];
        for y in edge.places() {
            match usize::try_from(first).ok().zip(usize::try_from(y).ok()).filter(|&(x, y)| x + taps.len() <= self.width && y < self.height) {
                Some((x, y)) => taps.copy_from_slice(&self.dark[y * self.width + x..][..SHIFTS + 2 * BESIDE]),
                None => (first..).zip(&mut taps).for_each(|(x, tap)| *tap = self.at(x, y)),
            }
            add_ridges(&taps, scores);
        }
        edge.places().count()
    }

    /// The same for a level edge that is shifted along y.
    fn down(&self, edge: &Edge, scores: &mut [u32; SHIFTS]) -> usize {
        let first = edge.first();
        let mut taps = [0u8; SHIFTS + 2 * BESIDE];
        for x in edge.places() {
            (first..).zip(&mut taps).for_each(|(y, tap)| *tap = self.at(x, y));
            add_ridges(&taps, scores);
        }
        edge.places().count()
    }
}

/// Finds the outline of the zone: upright lines give the shift along x, level lines the shift along y.
fn snap(ink: &Ink, frame: RectMm, whole: RectMm, rects: &[RectMm]) -> Snap {
    let outline = Outline::of(rects, frame);
    let mut snap = Snap::default();
    for (axis, shift) in outline.shift(ink).into_iter().enumerate() {
        if let Some(mm) = shift {
            (snap.left[axis], snap.right[axis], snap.seen[axis]) = (mm, mm, true);
        }
    }
    if whole.w() >= ASKEW_MIN_MM {
        set_askew(&mut snap, &outline, ink, frame, whole);
    }
    snap.cut = ends_missed(ink, frame, whole, &snap);
    snap
}

/// How a long outline lies askew by what is left of the registration's error: its two halves are measured apart.
fn set_askew(snap: &mut Snap, outline: &Outline, ink: &Ink, frame: RectMm, whole: RectMm) {
    let middle = (whole.x() + whole.w() / 2.0 - frame.x()) * PX_PER_MM;
    let halves = [outline.between(f64::NEG_INFINITY, middle), outline.between(middle, f64::INFINITY)].map(|half| half.shift(ink));
    for (axis, pair) in halves[0].into_iter().zip(halves[1]).enumerate() {
        if let (Some(left), Some(right)) = pair
            && (left - right).abs() < 1.0
        {
            // The halves' shifts hold at a quarter and three quarters; the line through them is carried to the ends.
            let half = (right - left) / 2.0;
            (snap.left[axis], snap.right[axis]) = (left - half, right + half);
        }
    }
}

/// Whether the upright line at one end of an outline is not there, though the other lines are seen.
fn ends_missed(ink: &Ink, frame: RectMm, whole: RectMm, snap: &Snap) -> bool {
    const LEAST: f64 = 0.2;
    /// How far the end may be from where the whole outline has it, shifts: 0.7 mm.
    const APART: usize = 8;
    if !snap.seen[0] {
        return false;
    }
    let px = |mm: f64, from: f64| (mm - from) * PX_PER_MM;
    let ends = [(whole.x() + snap.left[0], snap.left[1]), (whole.x() + whole.w() + snap.right[0], snap.right[1])];
    ends.into_iter().any(|(x, dy)| {
        let edge = Edge { at: px(x, frame.x()), from: px(whole.y() + dy, frame.y()), to: px(whole.y() + whole.h() + dy, frame.y()) };
        let mut scores = [0; SHIFTS];
        let length = ink.across(&edge, &mut scores);
        let near = &scores[SHIFTS / 2 - APART..=SHIFTS / 2 + APART];
        f64::from(near.iter().copied().max().unwrap_or(0)) / 128.0 < LEAST * length as f64
    })
}

fn add(edges: &mut Vec<Edge>, edge: Edge) {
    // Neighbouring cells share a line.
    let same = |other: &Edge| (other.at - edge.at).abs() < 2.0 && (other.from - edge.from).abs() < 2.0 && (other.to - edge.to).abs() < 2.0;
    if !edges.iter().any(same) {
        edges.push(edge);
    }
}

/// Adds how much each pixel looks like part of a thin dark line: darker than what is 0.6 mm to either side of it. 128 is all that counts.
fn add_ridges(taps: &[u8; SHIFTS + 2 * BESIDE], scores: &mut [u32; SHIFTS]) {
    for (shift, score) in scores.iter_mut().enumerate() {
        let here = shift + BESIDE;
        let dark = taps[here - 1].max(taps[here]).max(taps[here + 1]);
        let around = taps[shift].max(taps[shift + 2 * BESIDE]);
        *score += u32::from(dark.saturating_sub(around).min(128));
    }
}

/// The shift, mm, at which most of the edges' length is line; none when no shift shows enough of it.
fn best_shift(edges: &[Edge], look: &dyn Fn(&Edge, &mut [u32; SHIFTS]) -> usize) -> Option<f64> {
    let mut sums = [0u32; SHIFTS];
    let length: usize = edges.iter().map(|edge| look(edge, &mut sums)).sum();
    let reach = SHIFTS as i64 / 2;
    let scores = sums.map(|sum| f64::from(sum) / 128.0);
    if length == 0 {
        return None;
    }
    // Of equal shifts the smaller is likelier.
    let worth = |index: usize| scores[index] / length as f64 - 0.002 * (index as f64 - reach as f64).abs();
    let best = (0..scores.len()).max_by(|&a, &b| worth(a).total_cmp(&worth(b)))?;
    if scores[best] / (length as f64) < PRESENCE_MIN {
        return None;
    }
    // The line is several pixels wide: its middle is the centre of the scores around the best.
    let near = best.saturating_sub(4)..=(best + 4).min(scores.len() - 1);
    let floor = scores[best] * 0.5;
    let (sum, weight) =
        near.map(|index| (index as f64, (scores[index] - floor).max(0.0))).fold((0.0, 0.0), |(sum, all), (index, weight)| (sum + index * weight, all + weight));
    // `at` is the pixel that holds the edge, on average half a pixel before its centre.
    let fraction = edges.iter().map(|edge| edge.at - edge.at.floor() - 0.5).sum::<f64>() / edges.len() as f64;
    Some((sum / weight - reach as f64 - fraction) / PX_PER_MM)
}
