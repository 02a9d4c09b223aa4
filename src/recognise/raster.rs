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
    let mut columns = vec![0u32; page.width];
    for rows in page.data.chunks_exact(page.width.max(1) * factor).take(height) {
        columns.fill(0);
        for row in rows.chunks_exact(page.width) {
            columns.iter_mut().zip(row).for_each(|(sum, &value)| *sum += u32::from(value));
        }
        // A division by a number the compiler knows is a multiplication.
        match factor {
            2 => data.extend(columns.as_chunks::<2>().0.iter().map(mean_of_square)),
            3 => data.extend(columns.as_chunks::<3>().0.iter().map(mean_of_square)),
            4 => data.extend(columns.as_chunks::<4>().0.iter().map(mean_of_square)),
            _ => data.extend(columns.chunks_exact(factor).map(|sums| (sums.iter().sum::<u32>() / (factor * factor) as u32) as u8)),
        }
    }
    Grey { width, height, data, dpi: page.dpi / factor as f64 }
}

/// The mean of a square of pixels, of which the sums down are known.
fn mean_of_square<const SIDE: usize>(sums: &[u32; SIDE]) -> u8 {
    (sums.iter().sum::<u32>() / (SIDE * SIDE) as u32) as u8
}

/// The square of `side` pixels whose first pixel is at `origin`. It must lie within the page.
#[must_use]
pub fn crop(page: &Grey, origin: [usize; 2], side: usize) -> Grey {
    let rows = page.data.chunks_exact(page.width.max(1)).skip(origin[1]).take(side);
    Grey { width: side, height: side, data: rows.flat_map(|row| &row[origin[0]..origin[0] + side]).copied().collect(), dpi: page.dpi }
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
    let (width, height, share) = (page.width, page.height, share as f32);
    let reach = (window / 2).clamp(1, 2000);
    let row = |y: usize| &page.data[y * width..(y + 1) * width];
    let mut columns = vec![0u32; width];
    for y in 0..reach.min(height) {
        columns.iter_mut().zip(row(y)).for_each(|(sum, &value)| *sum += u32::from(value));
    }
    // How many columns the surroundings of a pixel have. All is multiplied out: a quotient would be rounded, and a pixel of just the share be dark or not by chance.
    let first = |x: usize| x.saturating_sub(reach);
    let last = |x: usize| (x + reach + 1).min(width);
    let across: Vec<f32> = (0..width).map(|x| (last(x) - first(x)) as f32).collect();
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
        let (left, right) = (reach.min(width), width.saturating_sub(reach).max(reach.min(width)));
        for x in (0..left).chain(right..width) {
            sums[x] = running[last(x)].wrapping_sub(running[first(x)]);
        }
        // Away from the edges the surroundings are whole.
        if left < right {
            let ends = running[left + reach + 1..].iter().zip(&running[left - reach..]);
            sums[left..right].iter_mut().zip(ends).for_each(|(sum, (end, start))| *sum = end.wrapping_sub(*start));
        }
        for (((out, &value), &sum), across) in out.iter_mut().zip(row(y)).zip(&sums).zip(&across) {
            *out = f32::from(value) * rows * across < sum as f32 * share;
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
        let mut from = place(0, y);
        for (index, stretch) in line.chunks_mut(STRIDE).enumerate() {
            let to = place((index + 1) * STRIDE, y);
            interpolate(page, from, [(to[0] - from[0]) / STRIDE as f64, (to[1] - from[1]) / STRIDE as f64], stretch);
            from = to;
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
    let end = (x.saturating_add(dx.saturating_mul(last)), y.saturating_add(dy.saturating_mul(last)));
    let row = |y: i64| &page.data[(y >> 16) as usize * page.width..][..page.width];
    if within(x, y) && within(end.0, end.1) {
        if y >> 16 == end.1 >> 16 {
            // On an upright page most stretches stay between the same two rows.
            let (upper, lower) = (row(y), row(y + 65536));
            if (end.0 >> 16) - (x >> 16) == last {
                // And on a scan of 300 dpi each point lies one pixel after the last: plain slices, which the compiler makes vectors of.
                let first = (x >> 16) as usize;
                let (upper, lower) = (&upper[first..=first + out.len()], &lower[first..=first + out.len()]);
                let pairs = upper.iter().zip(&upper[1..]).zip(lower.iter().zip(&lower[1..]));
                let (x, y, dx, dy) = (x as i32 & 0xffff, y as i32 & 0xffff, dx as i32 - 65536, dy as i32);
                for ((value, index), ((a, b), (c, d))) in out.iter_mut().zip(0i32..).zip(pairs) {
                    let (fx, fy) = ((x + index * dx) >> 8 & 255, (y + index * dy) >> 8 & 255);
                    *value = blend([*a, *b, *c, *d], fx as u32, fy as u32);
                }
                return;
            }
            for value in out {
                *value = mix(upper, lower, x, y);
                (x, y) = (x + dx, y + dy);
            }
        } else {
            for value in out {
                *value = mix(row(y), row(y + 65536), x, y);
                (x, y) = (x + dx, y + dy);
            }
        }
        return;
    }
    for value in out {
        *value = if within(x, y) { mix(row(y), row(y + 65536), x, y) } else { 255 };
        (x, y) = (x.saturating_add(dx), y.saturating_add(dy));
    }
}

/// The brightness between four pixels, two on each of two rows.
#[inline]
fn mix(upper: &[u8], lower: &[u8], x: i64, y: i64) -> u8 {
    let first = (x >> 16) as usize;
    let (fx, fy) = ((x >> 8 & 255) as u32, (y >> 8 & 255) as u32);
    blend([upper[first], upper[first + 1], lower[first], lower[first + 1]], fx, fy)
}

/// Of four pixels the part that lies `fx` and `fy` of 256 beyond the first.
#[inline]
fn blend([a, b, c, d]: [u8; 4], fx: u32, fy: u32) -> u8 {
    let across = |left: u8, right: u8| u32::from(left) * (256 - fx) + u32::from(right) * fx;
    ((across(a, b) * (256 - fy) + across(c, d) * fy + 32768) >> 16) as u8
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

    proptest! {
        /// Whichever way the points go over the page, each is what bilinear interpolation at its place says.
        #[test]
        fn sampling_is_what_the_plain_definition_says(a in 0.4f64..2.5, b in -0.3f64..0.3, x0 in -3f64..30.0, y0 in -3f64..30.0, seed in 0u32..1000) {
            let page = grey(90, 80, |x, y| ((x as u32 * 73 + y as u32 * 151 + seed * 7) % 256) as u8);
            let map = Homography([[a, -b, x0], [b, a, y0], [0.0, 0.0, 1.0]]);
            let crop = sample(&page, &map, RectMm::new(0.0, 0.0, 70.0, 12.0), 1.0);
            let points = (map.scale_at([35.0, 6.0]) * 0.9).round().clamp(1.0, 4.0) as usize;
            for (at, &found) in crop.data.iter().enumerate() {
                let (column, line) = (at % crop.width, at / crop.width);
                let mut sum = 0.0;
                for part in 0..points * points {
                    let fine = |whole: usize, part: usize| whole as f64 + (part as f64 + 0.5) / points as f64;
                    let [x, y] = map.map([fine(column, part % points), fine(line, part / points)]).map(|value| value - 0.5);
                    let value = |dx: f64, dy: f64| f64::from(page.data[(y.floor() + dy) as usize * 90 + (x.floor() + dx) as usize]);
                    // A point within a hundredth of a pixel of the edge may be taken for in or out.
                    if x < 0.01 || y < 0.01 || x + 1.01 >= 90.0 || y + 1.01 >= 80.0 {
                        sum = f64::NAN;
                        continue;
                    }
                    let (fx, fy) = (x.fract(), y.fract());
                    sum += (value(0.0, 0.0) * (1.0 - fx) + value(1.0, 0.0) * fx) * (1.0 - fy) + (value(0.0, 1.0) * (1.0 - fx) + value(1.0, 1.0) * fx) * fy;
                }
                let expected = sum / (points * points) as f64;
                prop_assert!(expected.is_nan() || (f64::from(found) - expected).abs() < 3.0, "{column} {line}: {found}, not {expected}");
            }
        }
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
