//! Pages as pictures for people: small enough to look at, and a form's page in the form's own coordinates.

use super::geometry::Homography;
use super::raster;
use super::register::{PAGE_MM, Registration};
use crate::page::Grey;
use crate::record::RectMm;

/// The resolution of pictures for people: 150 dpi.
pub(super) const PICTURE_PX_PER_MM: f64 = 150.0 / 25.4;
/// Longer than this no side of a page is shown, px: A3 at 150 dpi.
const LONG_SIDE_PX_MAX: f64 = 2480.0;

/// The form's page upright and straight at 150 dpi: 1240 x 1754 px, with a millimetre of the form wherever the form has it.
#[must_use]
pub fn registered(page: &Grey, registration: &Registration) -> Grey {
    upright(page, &registration.to_px, PICTURE_PX_PER_MM)
}

/// The form's page upright and straight at `px_per_mm`. A scan that is much finer is made smaller first: that is faster than to look at every pixel of it askew.
pub(super) fn upright(page: &Grey, to_px: &Homography, px_per_mm: f64) -> Grey {
    let whole = RectMm::new(0.0, 0.0, PAGE_MM[0], PAGE_MM[1]);
    let factor = to_px.scale_at([PAGE_MM[0] / 2.0, PAGE_MM[1] / 2.0]) / px_per_mm;
    if factor < 2.0 {
        return raster::sample(page, to_px, whole, px_per_mm);
    }
    let factor = factor.min(8.0).floor();
    let smaller = Homography([[1.0 / factor, 0.0, 0.0], [0.0, 1.0 / factor, 0.0], [0.0, 0.0, 1.0]]);
    raster::sample(&raster::reduce(page, factor as usize), &to_px.then(&smaller), whole, px_per_mm)
}

/// The page as it lies, at 150 dpi by the resolution it claims, or smaller: no side is longer than 2480 px.
#[must_use]
pub fn as_it_lies(page: &Grey) -> Grey {
    let (width, height) = (page.width as f64, page.height as f64);
    let claimed = page.dpi / 25.4;
    let px_per_mm = PICTURE_PX_PER_MM.min(LONG_SIDE_PX_MAX * claimed / width.max(height));
    let to_px = Homography([[claimed, 0.0, 0.0], [0.0, claimed, 0.0], [0.0, 0.0, 1.0]]);
    raster::sample(page, &to_px, RectMm::new(0.0, 0.0, width / claimed, height / claimed), px_per_mm)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: usize, height: usize, dpi: f64) -> Grey {
        Grey { width, height, data: (0..width * height).map(|at| if at % width < width / 2 { 0 } else { 255 }).collect(), dpi }
    }

    #[test]
    fn a_page_is_shown_at_150_dpi_or_smaller() {
        for (from, to, dpi) in [((2480, 3508, 300.0), (1240, 1754), 150.0), ((827, 1169, 100.0), (1240, 1754), 150.0), ((4960, 2480, 50.0), (2480, 1240), 25.0)]
        {
            let shown = as_it_lies(&page(from.0, from.1, from.2));
            assert!(shown.width.abs_diff(to.0) <= 1 && shown.height.abs_diff(to.1) <= 1 && (shown.dpi - dpi).abs() < 0.1, "{from:?} is {shown:?}");
            let row = &shown.data[shown.width * (shown.height / 2)..][..shown.width];
            assert!(row[shown.width / 4] == 0 && row[shown.width * 3 / 4] == 255);
        }
    }
}
