//! Is there anything on the page at all? The blank back of a sheet is no document.

use super::components::Bitmap;
use super::raster;
use crate::page::Grey;

/// The resolution that is looked at for blankness, dpi.
const COARSE_DPI: f64 = 75.0;
/// A blank page has specks and the shadow of what is printed on its back, but no more dark than this share of its middle.
const BLANK_SHARE: f64 = 0.000_5;

/// Whether nothing is written or printed on the page. Its edges are left out: scanners darken them.
#[must_use]
pub fn is_blank(page: &Grey) -> bool {
    let ink = coarse_ink(page);
    let (left, top) = (ink.width / 20, ink.height / 20);
    let rows = (top..ink.height - top).map(|y| ink.row(y)[left..ink.width - left].iter().filter(|dark| **dark).count());
    let (dark, all) = (rows.sum::<usize>(), (ink.width - 2 * left) * (ink.height - 2 * top));
    (dark as f64) < all as f64 * BLANK_SHARE
}

fn coarse_ink(page: &Grey) -> Bitmap {
    let coarse = raster::reduce(page, (page.dpi / COARSE_DPI).round().max(1.0) as usize);
    raster::dark(&coarse, 31, 0.75)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specks_do_not_make_a_page_and_one_line_does() {
        let mut page = Grey { width: 620, height: 877, data: vec![235; 620 * 877], dpi: 75.0 };
        assert!(is_blank(&page));
        for speck in 0..20 {
            page.data[(100 + speck * 31) * 620 + 100 + speck * 17] = 0;
        }
        assert!(is_blank(&page), "dust");
        for y in 400..408 {
            for x in (100..400).filter(|x| x % 7 < 4) {
                page.data[y * 620 + x] = 10;
            }
        }
        assert!(!is_blank(&page), "a line of text");
    }
}
