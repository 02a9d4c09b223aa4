//! Which form and page is this? Finds the page code, a QR code, on a scan that may lie in any direction.
//!
//! Three looks, each dearer than the one before: the page reduced to about 150 dpi; the page at its own resolution, or enlarged where that is no
//! more; the page with its contrast evened out. The resolution that the file claims is not used: a page is taken to be as long as A4. A code that is not ours is
//! passed over. Symbols are found and decoded by rqrr, on our own binarisation.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::components::{Bitmap, Blob, components};
use super::geometry::{Homography, Pair, Point, homography};
use super::raster;
use crate::forms::PageCode;
use crate::page::Grey;

/// A page code and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Identified {
    /// What the code says.
    pub code: PageCode,
    /// The symbol's corners in pixels of the page, in the symbol's own order: top left, top right, bottom right, bottom left. About half a
    /// module exact; registration refines them.
    pub corners_px: [Point; 4],
    /// How many modules a side of the symbol has.
    pub modules: usize,
}

/// Finds our page code on a page in any direction; a foreign code is not ours.
#[must_use]
pub fn identify(page: &Grey) -> Option<Identified> {
    let long = page.width.max(page.height);
    if page.width.min(page.height) < 64 {
        return None;
    }
    // 1,754 pixels are 297 mm at 150 dpi.
    let factor = ((long as f64 / 1754.0).round() as usize).max(1);
    let small = raster::reduce(page, factor);
    let reduced = factor as f64;
    let window = window(&small);
    if let Some(found) = in_corners(page, &small, factor, window) {
        return Some(found);
    }
    let plain = Look { scale: reduced, ..Look::PLAIN };
    let bits = raster::dark(&small, window, SHARE);
    if let Some(found) = plain.decode(&bits) {
        return Some(found);
    }
    // The other looks are dear, and most pages without a code are letters and blank backs: they are spared unless something looks like ours.
    let even = raster::even_out(&small, small.width.max(small.height) / 75);
    if !looks_like_ours(&bits) && !looks_like_ours(&raster::dark(&even, window, SHARE)) {
        return None;
    }
    let (fine, scale) = if factor > 1 { (page.clone(), 1.0) } else { (raster::enlarge(&small), 0.5) };
    let finer = Look { scale, ..Look::PLAIN };
    finer
        .search(&fine)
        .or_else(|| plain.search(&even))
        .or_else(|| Look { scale: reduced / 2.0, ..Look::PLAIN }.search(&raster::enlarge(&even)))
        // A scan that thinned or fattened the print shifts the edges of the modules; another threshold shifts them back.
        .or_else(|| [0.85, 0.55].into_iter().find_map(|share| Look { share, ..finer }.search(&fine).or_else(|| Look { share, ..plain }.search(&small))))
}

/// The share of its surroundings' mean that a pixel of the symbol is darker than: within the symbol half is dark, so 0.7 is midway.
const SHARE: f64 = 0.7;

/// The surroundings are a square of a twelfth of the page, wider than a symbol.
fn window(page: &Grey) -> usize {
    page.width.max(page.height) / 12
}

/// Looks where a code is on nearly every page that has one, however it lies: at its four corners. A tenth of the page is a tenth of the work, and
/// where something looks like ours the corner is looked at in full resolution before the rest of the page is looked at at all.
fn in_corners(page: &Grey, small: &Grey, factor: usize, window: usize) -> Option<Identified> {
    let side = (small.width.max(small.height) * 3 / 11).min(small.width).min(small.height);
    let (right, bottom) = (small.width - side, small.height - side);
    for [x, y] in [[right, 0], [0, bottom], [0, 0], [right, bottom]] {
        let bits = raster::dark(&raster::crop(small, [x, y], side), window, SHARE);
        let look = Look { origin: [x as f64, y as f64], scale: factor as f64, ..Look::PLAIN };
        if let Some(found) = look.decode(&bits) {
            return Some(found);
        }
        if factor > 1 && looks_like_ours(&bits) {
            let fine = raster::crop(page, [x * factor, y * factor], side * factor);
            let look = Look { origin: [(x * factor) as f64, (y * factor) as f64], ..Look::PLAIN };
            if let Some(found) = look.decode(&raster::dark(&fine, window * factor, SHARE)) {
                return Some(found);
            }
        }
    }
    None
}

/// Whether a page has one of the code's finder patterns (a solid square within a ring), or three solid squares of one size, as our marks are.
fn looks_like_ours(bits: &Bitmap) -> bool {
    let blobs = components(bits).blobs;
    let page = bits.width.max(bits.height) as f64;
    let mut marks: Vec<f64> = Vec::new();
    for stone in blobs.iter().filter(|blob| blob.area >= 36 && blob.is_solid_square()) {
        let side = f64::from(stone.area).sqrt();
        if (page / 90.0..page / 40.0).contains(&side) {
            marks.push(side);
        }
        // The ring is seven modules wide and the stone three. However the symbol is turned, their boxes have one centre.
        let around = |ring: &Blob| {
            let (wide, tall) = (f64::from(ring.width()), f64::from(ring.height()));
            let middle = |blob: &Blob, axis: usize| f64::from(blob.rect[axis] + blob.rect[axis + 2]) / 2.0;
            let off = (middle(ring, 0) - middle(stone, 0)).abs().max((middle(ring, 1) - middle(stone, 1)).abs());
            (0.8..1.25).contains(&(wide / tall)) && (1.7..3.0).contains(&(wide / f64::from(stone.width()))) && off < 0.35 * side
        };
        if blobs.iter().any(around) {
            return true;
        }
    }
    marks.iter().any(|side| marks.iter().filter(|other| (0.85..1.18).contains(&(*other / side))).count() >= 3)
}

/// One look at a picture: where it lies on the page, and where it parts dark from light.
#[derive(Clone, Copy)]
struct Look {
    /// The picture's first pixel, px of the picture.
    origin: Point,
    /// How many pixels of the page one of the picture is.
    scale: f64,
    /// See [`SHARE`].
    share: f64,
}

impl Look {
    const PLAIN: Self = Self { origin: [0.0; 2], scale: 1.0, share: SHARE };

    fn search(self, picture: &Grey) -> Option<Identified> {
        self.decode(&raster::dark(picture, window(picture), self.share))
    }

    fn decode(self, bits: &Bitmap) -> Option<Identified> {
        symbols(bits).into_iter().find_map(|(text, corners, modules)| {
            let corners_px = corners.map(|[x, y]| [(x + self.origin[0]) * self.scale, (y + self.origin[1]) * self.scale]);
            text.parse().ok().filter(|_| is_upright(&corners_px)).map(|code| Identified { code, corners_px, modules })
        })
    }
}

/// Every symbol that could be decoded: its text, its corners, its modules a side.
fn symbols(bits: &Bitmap) -> Vec<(String, [Point; 4], usize)> {
    // rqrr asserts where a hostile picture breaks its assumptions. A page without a code is no reason for a reader to die.
    let found = catch_unwind(AssertUnwindSafe(|| {
        let mut image = rqrr::PreparedImage::prepare_from_bitmap(bits.width, bits.height, |x, y| bits.ink[y * bits.width + x]);
        image.detect_grids().iter().filter_map(|grid| grid.decode().ok().map(|(meta, text)| (text, grid.bounds, meta.version.to_size()))).collect::<Vec<_>>()
    }));
    let symbols = found.unwrap_or_default();
    symbols.into_iter().filter_map(|(text, bounds, modules)| corners(bounds, modules).map(|corners| (text, corners, modules))).collect()
}

/// rqrr gives the far corners one module outside the symbol; this brings them back.
fn corners(bounds: [rqrr::Point; 4], modules: usize) -> Option<[Point; 4]> {
    let (size, beyond) = (modules as f64, modules as f64 + 1.0);
    let given = [[0.0, 0.0], [beyond, 0.0], [beyond, beyond], [0.0, beyond]];
    let pairs: Vec<Pair> = given.iter().zip(bounds).map(|(&from, to)| Pair::new(from, [f64::from(to.x) + 0.5, f64::from(to.y) + 0.5])).collect();
    let map: Homography = homography(&pairs)?;
    Some([[0.0, 0.0], [size, 0.0], [size, size], [0.0, size]].map(|corner| map.map(corner)))
}

/// Whether the corners go round clockwise: a mirrored symbol is on no page that could be read.
fn is_upright(corners: &[Point; 4]) -> bool {
    let [a, b, _, d] = corners;
    (b[0] - a[0]) * (d[1] - a[1]) - (b[1] - a[1]) * (d[0] - a[0]) > 0.0
}
