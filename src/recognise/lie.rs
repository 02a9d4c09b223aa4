//! How does a page lie? Its direction, size and place from the sums of its rows and columns, which writing hardly changes.
//!
//! The direction is the one in which the sums along the lines differ most from one to the next (projection profiles; Postl, "Detection of linear oblique structures",
//! 1986), within 10 degrees of level or of upright. In that direction, for each of the four ways up, the sums of the blank's rows and columns are laid on those
//! of the page at every size and place, and where they correlate best the page lies. That is good to a few millimetres: enough to look for landmarks from.

use super::components::Bitmap;
use super::geometry::{Homography, Pair, Point, affine};
use super::register::PAGE_MM;

/// The sums are of strips of so many millimetres.
const STRIP_MM: f64 = 1.0;
/// The length of the sums of a page whichever way it lies, strips.
const SPAN: usize = 420;
/// The sizes that are tried, as shares of a picture that is as long as A4: a photograph has a rim.
const SCALES: std::ops::RangeInclusive<u32> = 64..=112;
/// A step of size.
const SCALE_STEP: f64 = 0.01;

/// The sums of a blank's rows and columns.
pub struct Profiles {
    rows: Vec<f32>,
    columns: Vec<f32>,
}

impl Profiles {
    /// Of an upright blank at `px_per_mm`.
    #[must_use]
    pub fn of(ink: &Bitmap, px_per_mm: f64) -> Self {
        let strips = |mm: f64| vec![0f32; (mm / STRIP_MM).round() as usize];
        let (mut rows, mut columns) = (strips(PAGE_MM[1]), strips(PAGE_MM[0]));
        for [x, y] in inked(ink) {
            for (value, sums) in [(x, &mut columns), (y, &mut rows)] {
                let at = (value / px_per_mm / STRIP_MM) as usize;
                if let Some(sum) = sums.get_mut(at) {
                    *sum += 1.0;
                }
            }
        }
        Self { rows: smooth(&rows), columns: smooth(&columns) }
    }
}

/// How a page may lie: one way for each of the four ways up.
pub struct Lie {
    centre_mm: Point,
    ways: [Way; 4],
}

struct Way {
    sin: f64,
    cos: f64,
    rows: Sums,
    columns: Sums,
}

impl Lie {
    /// Of a picture at `px_per_mm`.
    #[must_use]
    pub fn of(ink: &Bitmap, px_per_mm: f64) -> Self {
        let centre = [ink.width as f64 / 2.0, ink.height as f64 / 2.0];
        let points: Vec<Point> = inked(ink).map(|[x, y]| [x - centre[0], y - centre[1]]).collect();
        // Upside down the lines have the direction they have upright.
        let skews = [0, 1].map(|quarter| skew(&points, quarter));
        let ways = [0usize, 1, 2, 3].map(|quarter| {
            let (sin, cos) = (quarter as f64 * std::f64::consts::FRAC_PI_2 + skews[quarter % 2]).sin_cos();
            let (mut rows, mut columns) = (vec![0f32; SPAN], vec![0f32; SPAN]);
            for [x, y] in &points {
                for (value, sums) in [(x * cos + y * sin, &mut columns), (y * cos - x * sin, &mut rows)] {
                    let at = value / px_per_mm / STRIP_MM + SPAN as f64 / 2.0;
                    if at >= 0.0 && (at as usize) < SPAN {
                        sums[at as usize] += 1.0;
                    }
                }
            }
            Way { sin, cos, rows: Sums::of(smooth(&rows)), columns: Sums::of(smooth(&columns)) }
        });
        Self { centre_mm: centre.map(|value| value / px_per_mm), ways }
    }

    /// For each way up, how alike the sums are (2 is the most), and the map from the blank's millimetres to the picture's.
    #[must_use]
    pub fn of_page(&self, blank: &Profiles) -> Vec<(f64, Homography)> {
        let ways = self.ways.iter().filter_map(|way| {
            // The rows of a page are told apart by its headings; its columns hardly are, and would be alike at any size. So both have one size.
            let fits = SCALES.map(|step| {
                let scale = f64::from(step) * SCALE_STEP;
                (scale, way.rows.fit(&blank.rows, scale), way.columns.fit(&blank.columns, scale))
            });
            let (scale, down, across) = fits.max_by(|(_, a, b), (_, c, d)| (a.likeness + b.likeness).total_cmp(&(c.likeness + d.likeness)))?;
            let along = |mm: f64, fit: &Fit| mm * scale + (fit.shift - SPAN as f64 / 2.0) * STRIP_MM;
            let seen = |corner: Point| {
                let (x, y) = (along(corner[0], &across), along(corner[1], &down));
                [x * way.cos - y * way.sin + self.centre_mm[0], x * way.sin + y * way.cos + self.centre_mm[1]]
            };
            let corners = [[0.0, 0.0], [PAGE_MM[0], 0.0], [0.0, PAGE_MM[1]]].map(|corner| Pair::new(corner, seen(corner)));
            affine(&corners).map(|map| (down.likeness + across.likeness, map))
        });
        ways.collect()
    }
}

/// Each sum with half of either neighbour: between two strips nothing is lost.
fn smooth(sums: &[f32]) -> Vec<f32> {
    let at = |index: Option<usize>| index.and_then(|index| sums.get(index)).copied().unwrap_or(0.0);
    (0..sums.len()).map(|index| at(index.checked_sub(1)) / 4.0 + sums[index] / 2.0 + at(Some(index + 1)) / 4.0).collect()
}

fn inked(ink: &Bitmap) -> impl Iterator<Item = Point> {
    (0..ink.height).flat_map(|y| ink.row(y).iter().enumerate().filter(|(_, dark)| **dark).map(move |(x, _)| [x as f64, y as f64]))
}

/// How far the lines are turned against level, or for one `quarter` against upright, radians: where the sums along them differ most.
fn skew(points: &[Point], quarter: u32) -> f64 {
    const LINES: usize = 1300;
    let sharpness = |tenths: i32| {
        let (sin, cos) = (f64::from(quarter) * std::f64::consts::FRAC_PI_2 + (f64::from(tenths) / 10.0).to_radians()).sin_cos();
        let mut sums = vec![0u32; LINES];
        for [x, y] in points.iter().step_by(3) {
            let at = y * cos - x * sin + LINES as f64 / 2.0;
            if at >= 0.0 && (at as usize) < LINES {
                sums[at as usize] += 1;
            }
        }
        sums.windows(2).map(|pair| u64::from(pair[0].abs_diff(pair[1])).pow(2)).sum::<u64>()
    };
    let coarse = (-21..=21).map(|step| step * 5).max_by_key(|&tenths| sharpness(tenths)).unwrap_or(0);
    let fine = (coarse - 4..=coarse + 4).max_by_key(|&tenths| sharpness(tenths)).unwrap_or(coarse);
    (f64::from(fine) / 10.0).to_radians()
}

/// The sums along a page, with what a correlation needs of any stretch of them.
struct Sums {
    values: Vec<f32>,
    /// Running sums of the values and of their squares.
    total: Vec<f64>,
    squares: Vec<f64>,
}

/// Where the sums of a blank lie on those of a page.
struct Fit {
    likeness: f64,
    /// Strips.
    shift: f64,
}

impl Sums {
    fn of(values: Vec<f32>) -> Self {
        let running = |worth: fn(f64) -> f64| {
            let sums = values.iter().scan(0.0, |sum, value| {
                *sum += worth(f64::from(*value));
                Some(*sum)
            });
            std::iter::once(0.0).chain(sums).collect()
        };
        Self { total: running(|value| value), squares: running(|value| value * value), values }
    }

    /// The sum about the mean, squared and rooted, of a stretch.
    fn spread(&self, from: usize, length: usize) -> f64 {
        let (total, squares) = (self.total[from + length] - self.total[from], self.squares[from + length] - self.squares[from]);
        (squares - total * total / length as f64).max(0.0).sqrt()
    }

    /// The place at which a blank's sums, at `scale`, are most like these.
    fn fit(&self, blank: &[f32], scale: f64) -> Fit {
        let length = ((blank.len() as f64 * scale) as usize).min(SPAN);
        let mut scaled: Vec<f32> = (0..length).map(|at| blank[((at as f64 / scale) as usize).min(blank.len() - 1)]).collect();
        let mean = scaled.iter().sum::<f32>() / length as f32;
        for value in &mut scaled {
            *value -= mean;
        }
        let root = f64::from(scaled.iter().map(|value| value * value).sum::<f32>()).sqrt();
        let likeness = |shift: usize| {
            let dot: f32 = scaled.iter().zip(&self.values[shift..]).map(|(a, b)| a * b).sum();
            // A short stretch is like another by chance more easily than a long one.
            f64::from(dot) / (root * self.spread(shift, length)).max(1e-6) * scale.sqrt()
        };
        let fits = (0..=SPAN - length).map(|shift| Fit { likeness: likeness(shift), shift: shift as f64 });
        fits.max_by(|a, b| a.likeness.total_cmp(&b.likeness)).unwrap_or(Fit { likeness: 0.0, shift: 0.0 })
    }
}
