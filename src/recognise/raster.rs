//! What recognition does to pixels before it looks at shapes: reduce, tell dark from light, even out contrast, sample a place upright.
//!
//! Pixel coordinates are continuous: the first pixel spans 0 to 1 and has its centre at one half. No function here trusts the
//! resolution that a file claims.

use super::components::Bitmap;
use super::geometry::Homography;
use crate::page::Grey;
use crate::record::RectMm;

/// The page made `factor` times smaller by averaging squares of pixels; what does not fill a square at the right and lower edge is dropped.
#[must_use]
pub fn reduce(page: &Grey, factor: usize) -> Grey {
    if factor <= 1 {
        return page.clone();
    }
    let (width, height) = (page.width / factor, page.height / factor);
    let mut data = Vec::with_capacity(width * height);
    let mut sums = vec![0u32; width];
    let count = (factor * factor) as u32;
    for y in 0..height {
        sums.fill(0);
        for row in page.data.chunks_exact(page.width).skip(y * factor).take(factor) {
            for (sum, square) in sums.iter_mut().zip(row.chunks_exact(factor)) {
                *sum += square.iter().map(|&value| u32::from(value)).sum::<u32>();
            }
        }
        data.extend(sums.iter().map(|sum| (sum / count) as u8));
    }
    Grey { width, height, data, dpi: page.dpi / factor as f64 }
}

/// The page twice as large, by bilinear interpolation.
#[must_use]
pub fn enlarge(page: &Grey) -> Grey {
    let half = Homography([[0.5, 0.0, 0.0], [0.0, 0.5, 0.0], [0.0, 0.0, 1.0]]);
    sample(page, &half, RectMm::new(0.0, 0.0, page.width as f64 * 2.0, page.height as f64 * 2.0), 1.0)
}

/// The pixels that are darker than `share` of the mean of their surroundings (a square of about `window` pixels), after Bradley and Roth,
/// "Adaptive thresholding using the integral image", 2007, with running column sums in place of the integral.
#[must_use]
pub fn dark(page: &Grey, window: usize, share: f64) -> Bitmap {
    let (width, height) = (page.width, page.height);
    let reach = (window / 2).clamp(1, 2000);
    let row = |y: usize| &page.data[y * width..(y + 1) * width];
    let mut columns = vec![0u32; width];
    for y in 0..reach.min(height) {
        columns.iter_mut().zip(row(y)).for_each(|(sum, &value)| *sum += u32::from(value));
    }
    // For each pixel, how many columns its surroundings have, times the share: a pixel is dark when value * rows * this < sum.
    let first = |x: usize| x.saturating_sub(reach);
    let last = |x: usize| (x + reach + 1).min(width);
    let across: Vec<f32> = (0..width).map(|x| (last(x) - first(x)) as f32 / share as f32).collect();
    let mut running = vec![0u32; width + 1];
    let mut sums = vec![0u32; width];
    let mut ink = vec![false; width * height];
    for (y, out) in ink.chunks_exact_mut(width.max(1)).enumerate() {
        if y + reach < height {
            columns.iter_mut().zip(row(y + reach)).for_each(|(sum, &value)| *sum += u32::from(value));
        }
        if y > reach {
            columns.iter_mut().zip(row(y - reach - 1)).for_each(|(sum, &value)| *sum -= u32::from(value));
        }
        let rows = ((y + reach).min(height - 1) - y.saturating_sub(reach) + 1) as f32;
        // The running sum may wrap on a huge page. Differences do not: the largest surroundings hold 4001 squared pixels, times 255 less than 2^32.
        let mut total = 0u32;
        for (sum, &column) in running[1..].iter_mut().zip(&columns) {
            total = total.wrapping_add(column);
            *sum = total;
        }
        for (x, sum) in sums.iter_mut().enumerate() {
            *sum = running[last(x)].wrapping_sub(running[first(x)]);
        }
        for (((out, &value), &sum), across) in out.iter_mut().zip(row(y)).zip(&sums).zip(&across) {
            *out = f32::from(value) * rows * across < sum as f32;
        }
    }
    Bitmap { width, height, ink }
}

/// Stretches the contrast of each neighbourhood (five by five tiles of `tile` pixels) to the full range, so that shadows and washed-out toner
/// no longer matter. A neighbourhood without contrast becomes paper.
#[must_use]
pub fn even_out(page: &Grey, tile: usize) -> Grey {
    let tile = tile.max(4);
    let (across, down) = (page.width.div_ceil(tile), page.height.div_ceil(tile));
    let mut range = vec![(255u8, 0u8); across * down];
    for (y, row) in page.data.chunks_exact(page.width.max(1)).enumerate() {
        for (x, pixels) in row.chunks(tile).enumerate() {
            let cell = &mut range[y / tile * across + x];
            for &value in pixels {
                *cell = (cell.0.min(value), cell.1.max(value));
            }
        }
    }
    let around = |x: usize, y: usize| {
        let (left, right, top, bottom) = (x.saturating_sub(2), (x + 2).min(across - 1), y.saturating_sub(2), (y + 2).min(down - 1));
        let cells = (top..=bottom).flat_map(|y| (left..=right).map(move |x| (x, y))).map(|(x, y)| range[y * across + x]);
        cells.fold((255u8, 0u8), |all, one| (all.0.min(one.0), all.1.max(one.1)))
    };
    let wide: Vec<(u8, u8)> = (0..down).flat_map(|y| (0..across).map(move |x| (x, y))).map(|(x, y)| around(x, y)).collect();
    let mut data = Vec::with_capacity(page.data.len());
    for (y, row) in page.data.chunks_exact(page.width.max(1)).enumerate() {
        for (x, &value) in row.iter().enumerate() {
            let (low, high) = wide[y / tile * across + x / tile];
            let spread = u32::from(high.saturating_sub(low));
            data.push(if spread < 24 { 255 } else { (u32::from(value.saturating_sub(low)) * 255 / spread).min(255) as u8 });
        }
    }
    Grey { width: page.width, height: page.height, data, dpi: page.dpi }
}

/// The part `rect` of the form, upright, at `px_per_mm`, by bilinear interpolation; what lies outside the scan is white.
///
/// The map is evaluated exactly every 32 pixels and linearly between: over that distance no page bends.
#[must_use]
pub fn sample(page: &Grey, to_px: &Homography, rect: RectMm, px_per_mm: f64) -> Grey {
    const STRIDE: usize = 32;
    let (width, height) = ((rect.w() * px_per_mm).round().max(1.0) as usize, (rect.h() * px_per_mm).round().max(1.0) as usize);
    let shrink = to_px.scale_at([rect.x() + rect.w() / 2.0, rect.y() + rect.h() / 2.0]) / px_per_mm;
    // Finer scans are averaged over several points a pixel, so that thin strokes of a black-and-white scan do not fall between the points.
    let points = (shrink * 0.9).round().clamp(1.0, 4.0) as usize;
    let (wide, tall) = (width * points, height * points);
    let fine = px_per_mm * points as f64;
    let place = |x: usize, y: usize| to_px.map([rect.x() + (x as f64 + 0.5) / fine, rect.y() + (y as f64 + 0.5) / fine]);
    let mut data = vec![0u8; width * height];
    let mut line = vec![0u8; wide];
    let mut sums = vec![0u32; width];
    for y in 0..tall {
        for (index, stretch) in line.chunks_mut(STRIDE).enumerate() {
            let (from, to) = (place(index * STRIDE, y), place((index + 1) * STRIDE, y));
            interpolate(page, from, [(to[0] - from[0]) / STRIDE as f64, (to[1] - from[1]) / STRIDE as f64], stretch);
        }
        let row = &mut data[y / points * width..][..width];
        if points == 1 {
            row.copy_from_slice(&line);
            continue;
        }
        sums.iter_mut().zip(line.chunks_exact(points)).for_each(|(sum, group)| *sum += group.iter().map(|&value| u32::from(value)).sum::<u32>());
        if y % points == points - 1 {
            let count = (points * points) as u32;
            row.iter_mut().zip(&mut sums).for_each(|(out, sum)| *out = (std::mem::take(sum) / count) as u8);
        }
    }
    Grey { width, height, data, dpi: px_per_mm * 25.4 }
}

/// Fills `out` with the page's brightness at `from` and at every `step` after it.
fn interpolate(page: &Grey, from: [f64; 2], step: [f64; 2], out: &mut [u8]) {
    // 16 bits of fraction: over a stretch the error stays below a thousandth of a pixel. The casts saturate, and what is far outside fails the tests.
    let fixed = |value: f64| (value * 65536.0).round() as i64;
    let ([mut x, mut y], [dx, dy]) = ([fixed(from[0] - 0.5), fixed(from[1] - 0.5)], step.map(fixed));
    let (width, height) = (page.width as i64, page.height as i64);
    let within = |x: i64, y: i64| x >= 0 && y >= 0 && (x >> 16) + 1 < width && (y >> 16) + 1 < height;
    let last = out.len() as i64 - 1;
    let whole = within(x, y) && within(x.saturating_add(dx.saturating_mul(last)), y.saturating_add(dy.saturating_mul(last)));
    for value in out {
        *value = if whole || within(x, y) { mix(page, x, y) } else { 255 };
        (x, y) = (x.saturating_add(dx), y.saturating_add(dy));
    }
}

/// The brightness between four pixels.
#[inline]
fn mix(page: &Grey, x: i64, y: i64) -> u8 {
    let first = (y >> 16) as usize * page.width + (x >> 16) as usize;
    let (fx, fy) = ((x >> 8 & 255) as u32, (y >> 8 & 255) as u32);
    let (upper, lower) = (&page.data[first..first + 2], &page.data[first + page.width..first + page.width + 2]);
    let across = |pair: &[u8]| u32::from(pair[0]) * (256 - fx) + u32::from(pair[1]) * fx;
    ((across(upper) * (256 - fy) + across(lower) * fy + 32768) >> 16) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grey(width: usize, height: usize, value: impl Fn(usize, usize) -> u8) -> Grey {
        let data = (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| value(x, y)).collect();
        Grey { width, height, data, dpi: 300.0 }
    }

    proptest! {
        #[test]
        fn dark_is_what_the_plain_definition_says(values in proptest::collection::vec(0u8..=255, 17 * 11), window in 2usize..14) {
            let page = grey(17, 11, |x, y| values[y * 17 + x]);
            let found = dark(&page, window, 0.75);
            let reach = (window / 2) as i64;
            for y in 0..11i64 {
                for x in 0..17i64 {
                    let around: Vec<u64> = (0..11i64).flat_map(|v| (0..17i64).map(move |u| (u, v))).filter(|(u, v)| (u - x).abs() <= reach && (v - y).abs() <= reach)
                        .map(|(u, v)| u64::from(page.data[v as usize * 17 + u as usize])).collect();
                    let expected = u64::from(page.data[y as usize * 17 + x as usize]) * around.len() as u64 * 4 < around.iter().sum::<u64>() * 3;
                    prop_assert_eq!(found.at(x, y), expected);
                }
            }
        }
    }

    #[test]
    fn reducing_averages_squares() {
        let small = reduce(&grey(7, 4, |x, y| if (x / 2 + y / 2) % 2 == 0 { 200 } else { 100 }), 2);
        assert_eq!((small.width, small.height, small.data), (3, 2, vec![200, 100, 200, 100, 200, 100]));
    }

    #[test]
    fn sampling_reproduces_a_ramp_exactly_and_is_white_outside() {
        // Value = 4x: bilinear interpolation of a linear picture is exact.
        let page = grey(60, 60, |x, _| (x * 4) as u8);
        let double = Homography([[2.0, 0.0, 10.0], [0.0, 2.0, 5.0], [0.0, 0.0, 1.0]]);
        let crop = sample(&page, &double, RectMm::new(0.0, 0.0, 40.0, 10.0), 2.0);
        assert_eq!((crop.width, crop.height), (80, 20));
        assert_eq!(crop.data[20 * 80 / 2 + 10], 4 * 20);
        assert_eq!(crop.data[10 * 80 + 79], 255);
    }

    #[test]
    fn a_shadow_is_evened_out() {
        let page = grey(200, 200, |x, y| {
            let paper = 240 - x / 2;
            (if (x / 4 + y / 4) % 5 == 0 { paper / 2 } else { paper }) as u8
        });
        let even = even_out(&page, 16);
        let bounds = even.data.iter().fold((255, 0), |(low, high), &v| (v.min(low), v.max(high)));
        assert_eq!(bounds, (0, 255));
        let (left, right) = (even.data[100 * 200 + 9], even.data[100 * 200 + 189]);
        assert!(left > 180 && right > 180, "{left} {right}");
    }
}
