//! Grey pixels: shrinking while rows come in, turning, making pixels square, and what resolution a picture has.

use super::{Grey, Limits, refuse};
use crate::document::Refusal;

/// The long side of an A4 page.
const A4_LONG_SIDE_IN: f64 = 297.0 / 25.4;
/// Pages outside these are not believed: what says so has a resolution nobody meant (72 dpi in a phone's photo, 96 in a screen shot).
const LONG_SIDE_IN: std::ops::RangeInclusive<f64> = 3.0..=17.5;
const DPI: std::ops::RangeInclusive<f64> = 50.0..=2400.0;
/// Fax machines come to 2.1; no scanner to more than 4.
const ASPECT_MAX: f64 = 4.0;

/// A grey picture without a resolution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pixels {
    pub(super) width: usize,
    pub(super) height: usize,
    /// `width * height` bytes; 0 is black.
    pub(super) data: Vec<u8>,
}

/// Takes rows from the top and averages boxes of `factor` x `factor` of them into one pixel, so that the whole picture is never held.
pub(super) struct Shrink {
    width: usize,
    height: usize,
    factor: usize,
    rows: usize,
    sums: Vec<u32>,
    rows_summed: usize,
    data: Vec<u8>,
}

impl Shrink {
    /// For a picture of `width` x `height`, to at most `long_side_px_max`.
    pub(super) fn new(width: usize, height: usize, long_side_px_max: u32) -> Self {
        let factor = factor(width, height, long_side_px_max);
        let (out_width, out_height) = (width.div_ceil(factor), height.div_ceil(factor));
        Self {
            width,
            height,
            factor,
            rows: 0,
            sums: if factor == 1 { Vec::new() } else { vec![0; out_width] },
            rows_summed: 0,
            data: Vec::with_capacity(out_width.saturating_mul(out_height)),
        }
    }

    /// How many rows came so far.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// One row of `width` grey bytes; rows past the height are dropped.
    pub(super) fn push(&mut self, row: &[u8]) {
        debug_assert_eq!(row.len(), self.width);
        if self.rows == self.height {
            return;
        }
        self.rows += 1;
        if self.factor == 1 {
            self.data.extend_from_slice(row);
            return;
        }
        for (sum, pixels) in self.sums.iter_mut().zip(row.chunks(self.factor)) {
            *sum += pixels.iter().map(|&pixel| u32::from(pixel)).sum::<u32>();
        }
        self.rows_summed += 1;
        if self.rows_summed == self.factor {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.rows_summed == 0 {
            return;
        }
        let rows = u32::try_from(self.rows_summed).unwrap_or(u32::MAX);
        for (index, sum) in self.sums.iter_mut().enumerate() {
            let columns = u32::try_from(self.factor.min(self.width - index * self.factor)).unwrap_or(u32::MAX);
            let count = rows * columns;
            self.data.push(u8::try_from((std::mem::take(sum) + count / 2) / count).unwrap_or(u8::MAX));
        }
        self.rows_summed = 0;
    }

    /// The picture; rows that never came are white. Returns it with the factor by which it shrank.
    pub(super) fn finish(mut self) -> (Pixels, f64) {
        self.flush();
        let (width, height) = (self.width.div_ceil(self.factor), self.height.div_ceil(self.factor));
        self.data.resize(width * height, 255);
        (Pixels { width, height, data: self.data }, real(self.factor))
    }
}

/// The whole factor by which a picture must shrink to fit.
pub(super) fn factor(width: usize, height: usize, long_side_px_max: u32) -> usize {
    width.max(height).div_ceil(long_side_px_max as usize).max(1)
}

/// Checks the size of a picture as it is stored; `bits` is the number of bits of a pixel.
pub(super) fn check_size(width: u64, height: u64, bits: u64, limits: &Limits) -> Result<(), Refusal> {
    if width == 0 || height == 0 {
        return Err(refuse::damaged(format!("a picture is {width} x {height} px")));
    }
    let pixels = width.saturating_mul(height);
    if pixels > limits.pixels_max {
        return Err(refuse::too_many_pixels(width, height, limits.pixels_max));
    }
    let bytes = pixels.saturating_mul(bits) / 8;
    if bytes > limits.decoded_bytes_max {
        return Err(refuse::too_many_bytes(bytes, limits.decoded_bytes_max));
    }
    Ok(())
}

/// The grey of a colour (ITU-R BT.601), in 8 bits.
pub(super) fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let sum = u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29;
    // The weights add up to 256: the second byte is the rounded mean.
    (sum + 128).to_le_bytes()[1]
}

/// A row of red, green and blue bytes as grey.
pub(super) fn luma_row(colours: &[u8], row: &mut [u8]) {
    row.iter_mut().zip(colours.as_chunks::<3>().0).for_each(|(grey, &[r, g, b])| *grey = luma(r, g, b));
}

/// `grey` seen through `alpha` on white paper.
pub(super) fn over_white(grey: u8, alpha: u8) -> u8 {
    let ink = u32::from(255 - grey) * u32::from(alpha);
    255 - u8::try_from((ink + 127) / 255).unwrap_or(u8::MAX)
}

/// The grey of four inks, 0 being none.
pub(super) fn ink_luma(cyan: u8, magenta: u8, yellow: u8, black: u8) -> u8 {
    let light = |ink: u8| u8::try_from(u32::from(255 - ink) * u32::from(255 - black) / 255).unwrap_or(u8::MAX);
    luma(light(cyan), light(magenta), light(yellow))
}

/// A turn by quarters and a mirror: first the transposition, then the flips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Turn {
    /// Rows become columns.
    pub(super) transpose: bool,
    /// Left becomes right.
    pub(super) flip_x: bool,
    /// Top becomes bottom.
    pub(super) flip_y: bool,
}

impl Turn {
    /// The orientation tag of TIFF 6.0 and Exif, 1 to 8; anything else is taken as upright.
    pub(super) fn from_orientation(value: u32) -> Self {
        let (transpose, flip_x, flip_y) = match value {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self { transpose, flip_x, flip_y }
    }

    pub(super) fn apply(self, mut pixels: Pixels) -> Pixels {
        if self.transpose {
            pixels = transpose(&pixels);
        }
        match (self.flip_x, self.flip_y) {
            (true, true) => pixels.data.reverse(),
            (true, false) => pixels.data.chunks_exact_mut(pixels.width).for_each(<[u8]>::reverse),
            (false, true) => flip_rows(&mut pixels),
            (false, false) => {}
        }
        pixels
    }
}

fn flip_rows(pixels: &mut Pixels) {
    let (width, height) = (pixels.width, pixels.height);
    let (top, bottom) = pixels.data.split_at_mut(height / 2 * width);
    for (upper, lower) in top.chunks_exact_mut(width).zip(bottom.chunks_exact_mut(width).rev()) {
        upper.swap_with_slice(lower);
    }
}

/// In tiles, because a column of a page touches a cache line for each pixel.
fn transpose(pixels: &Pixels) -> Pixels {
    const TILE: usize = 32;
    let (width, height) = (pixels.width, pixels.height);
    let mut data = vec![0; width * height];
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            for x in left..(left + TILE).min(width) {
                for y in top..(top + TILE).min(height) {
                    data[x * height + y] = pixels.data[y * width + x];
                }
            }
        }
    }
    Pixels { width: height, height: width, data }
}

/// The part of a picture within `left..right` and `top..bottom`, which must lie inside it.
pub(super) fn crop(pixels: &Pixels, left: usize, top: usize, right: usize, bottom: usize) -> Pixels {
    let (right, bottom) = (right.min(pixels.width), bottom.min(pixels.height));
    let data = pixels.data[top * pixels.width..bottom * pixels.width].chunks_exact(pixels.width).flat_map(|row| &row[left..right]).copied().collect();
    Pixels { width: right - left, height: bottom - top, data }
}

/// The resolution to believe for a picture of `width` x `height` px, across and down: what is stated if it makes a page of a size that
/// people scan, else what follows from an A4 page.
pub(super) fn believable_dpi(width: usize, height: usize, stated: Option<(f64, f64)>) -> (f64, f64) {
    let (width, height) = (real(width), real(height));
    stated
        .filter(|(x, y)| DPI.contains(x) && DPI.contains(y) && (1.0 / ASPECT_MAX..=ASPECT_MAX).contains(&(x / y)))
        .filter(|(x, y)| LONG_SIDE_IN.contains(&(width / x).max(height / y)))
        .unwrap_or_else(|| {
            let dpi = width.max(height) / A4_LONG_SIDE_IN;
            (dpi, dpi)
        })
}

/// A finished page: pixels that are not square are stretched to the finer of the two resolutions.
pub(super) fn page(pixels: Pixels, dpi: (f64, f64), long_side_px_max: u32) -> Grey {
    let (x, y) = dpi;
    if (x / y - 1.0).abs() < 0.01 {
        return Grey { width: pixels.width, height: pixels.height, data: pixels.data, dpi: f64::midpoint(x, y) };
    }
    let (inches_x, inches_y) = (real(pixels.width) / x, real(pixels.height) / y);
    let target = x.max(y).min(f64::from(long_side_px_max) / inches_x.max(inches_y));
    let size = |inches: f64| whole(inches * target).max(1);
    let pixels = resize(&pixels, size(inches_x), size(inches_y));
    Grey { width: pixels.width, height: pixels.height, data: pixels.data, dpi: target }
}

/// A length in pixels as a number to reckon with.
#[expect(clippy::cast_precision_loss, reason = "lengths in pixels are far below 2^52")]
pub(super) fn real(length: usize) -> f64 {
    length as f64
}

/// A length in pixels from a number that is known to be small and not negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what a picture's side can be")]
pub(super) fn whole(value: f64) -> usize {
    value.round().clamp(0.0, f64::from(u32::MAX)) as usize
}

/// Averages where pixels are lost, interpolates linearly where they are made.
fn resize(pixels: &Pixels, width: usize, height: usize) -> Pixels {
    let columns = weights(pixels.width, width);
    let rows = weights(pixels.height, height);
    let narrow: Vec<f32> = pixels
        .data
        .chunks_exact(pixels.width)
        .flat_map(|row| columns.iter().map(|(from, weights)| weights.iter().zip(&row[*from..]).map(|(weight, &pixel)| weight * f32::from(pixel)).sum::<f32>()))
        .collect();
    let mut data = Vec::with_capacity(width * height);
    for (from, weights) in &rows {
        data.extend((0..width).map(|x| {
            let value: f32 = weights.iter().enumerate().map(|(index, weight)| weight * narrow[(from + index) * width + x]).sum();
            to_byte(value)
        }));
    }
    Pixels { width, height, data }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
fn to_byte(value: f32) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

/// For each pixel of `to`: the first pixel of `from` it draws on, and the weights from there.
#[expect(clippy::cast_possible_truncation, reason = "weights lie between 0 and 1")]
fn weights(from: usize, to: usize) -> Vec<(usize, Vec<f32>)> {
    let step = real(from) / real(to);
    let reach = step.max(1.0);
    (0..to)
        .map(|index| {
            let centre = (real(index) + 0.5) * step;
            let (low, high) = ((centre - reach / 2.0).max(0.0), (centre + reach / 2.0).min(real(from)));
            let first = whole(low.floor()).min(from - 1);
            let last = whole(high.ceil()).clamp(first + 1, from);
            let parts: Vec<f64> = (first..last).map(|pixel| ((real(pixel) + 1.0).min(high) - (real(pixel)).max(low)).max(0.0)).collect();
            let sum = parts.iter().sum::<f64>().max(f64::MIN_POSITIVE);
            (first, parts.into_iter().map(|part| (part / sum) as f32).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 3 x 2: rows `1 2 3` and `4 5 6`.
    fn small() -> Pixels {
        Pixels { width: 3, height: 2, data: vec![1, 2, 3, 4, 5, 6] }
    }

    #[test]
    fn every_orientation_of_exif_turns_upright() {
        let turned = |orientation| Turn::from_orientation(orientation).apply(small());
        assert_eq!(turned(1), small());
        assert_eq!(turned(2).data, [3, 2, 1, 6, 5, 4]);
        assert_eq!(turned(3).data, [6, 5, 4, 3, 2, 1]);
        assert_eq!(turned(4).data, [4, 5, 6, 1, 2, 3]);
        assert_eq!(turned(5), Pixels { width: 2, height: 3, data: vec![1, 4, 2, 5, 3, 6] });
        assert_eq!(turned(6), Pixels { width: 2, height: 3, data: vec![4, 1, 5, 2, 6, 3] });
        assert_eq!(turned(7), Pixels { width: 2, height: 3, data: vec![6, 3, 5, 2, 4, 1] });
        assert_eq!(turned(8), Pixels { width: 2, height: 3, data: vec![3, 6, 2, 5, 1, 4] });
    }

    #[test]
    fn shrinking_averages_boxes_and_the_narrow_ones_at_the_edges() {
        let mut shrink = Shrink::new(5, 3, 3);
        for row in [[0, 100, 10, 10, 7], [100, 200, 10, 10, 9], [50, 150, 0, 255, 1]] {
            shrink.push(&row);
        }
        let (pixels, factor) = shrink.finish();
        assert!((factor - 2.0).abs() < f64::EPSILON);
        assert_eq!(pixels, Pixels { width: 3, height: 2, data: vec![100, 10, 8, 100, 128, 1] });
    }

    #[test]
    fn rows_that_never_came_are_white_and_rows_too_many_are_dropped() {
        let mut shrink = Shrink::new(2, 3, 100);
        shrink.push(&[0, 0]);
        assert_eq!(shrink.finish().0.data, [0, 0, 255, 255, 255, 255]);
        let mut shrink = Shrink::new(2, 1, 100);
        shrink.push(&[1, 2]);
        shrink.push(&[3, 4]);
        assert_eq!(shrink.finish().0.data, [1, 2]);
    }

    #[test]
    fn a_fax_becomes_square() {
        let fax = Pixels { width: 1728, height: 1078, data: vec![255; 1728 * 1078] };
        let page = page(fax, (204.0, 98.0), 5000);
        assert_eq!((page.width, page.height), (1728, 2244));
        assert!((page.dpi - 204.0).abs() < 1e-9);
        assert!(page.data.iter().all(|&pixel| pixel == 255));
    }

    #[test]
    fn stretching_keeps_a_black_row_black_in_its_middle() {
        let mut data = vec![255; 30];
        data[10..20].fill(0);
        let page = page(Pixels { width: 10, height: 3, data }, (200.0, 100.0), 5000);
        assert_eq!((page.width, page.height), (10, 6));
        assert!(page.data[..10].iter().all(|&pixel| pixel == 255) && page.data[50..].iter().all(|&pixel| pixel == 255));
        assert!(page.data[20..40].iter().all(|&pixel| pixel < 100));
    }

    #[test]
    fn a_resolution_nobody_meant_gives_way_to_an_a4_page() {
        let round = |(x, y): (f64, f64)| (x.round(), y.round());
        assert_eq!(round(believable_dpi(2480, 3508, None)), (300.0, 300.0));
        assert_eq!(round(believable_dpi(3508, 2480, Some((72.0, 72.0)))), (300.0, 300.0));
        assert_eq!(round(believable_dpi(2480, 3508, Some((300.0, 0.0)))), (300.0, 300.0));
        assert_eq!(round(believable_dpi(2480, 3508, Some((f64::NAN, 300.0)))), (300.0, 300.0));
        assert_eq!(round(believable_dpi(1654, 2339, Some((200.0, 200.0)))), (200.0, 200.0));
        assert_eq!(round(believable_dpi(1240, 1748, Some((300.0, 300.0)))), (300.0, 300.0), "an A6 card");
    }

    #[test]
    fn paper_is_white_and_ink_is_black() {
        assert_eq!((luma(255, 255, 255), luma(0, 0, 0)), (255, 0));
        assert_eq!((over_white(0, 0), over_white(0, 255), over_white(40, 255), over_white(0, 128)), (255, 0, 40, 127));
        assert_eq!((ink_luma(0, 0, 0, 0), ink_luma(0, 0, 0, 255), ink_luma(255, 255, 255, 0)), (255, 0, 0));
    }
}
