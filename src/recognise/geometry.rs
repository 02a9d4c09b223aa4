//! Plane geometry of a scanned page: similarity, affine and projective maps from millimetres on the form to pixels of the scan.
//!
//! Fits are weighted least squares. The projective fit is the normalised direct linear transform (Hartley, "In defense of the
//! eight-point algorithm", 1997), solved with the last element fixed at one: the points are centred first, so that element is never
//! near zero for a page that a scanner or a camera could have seen. Nothing here knows about images.

/// A point or a vector: x, y.
pub type Point = [f64; 2];

/// One point known on both sides of a map.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    /// Where it is on the form, mm.
    pub from: Point,
    /// Where it is in the scan, px.
    pub to: Point,
    /// How much it counts.
    pub weight: f64,
}

impl Pair {
    /// A pair of full weight.
    #[must_use]
    pub const fn new(from: Point, to: Point) -> Self {
        Self { from, to, weight: 1.0 }
    }
}

/// A projective map of the plane, row by row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Homography(pub [[f64; 3]; 3]);

impl Homography {
    /// The map that changes nothing.
    pub const IDENTITY: Self = Self([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);

    /// Where `p` goes.
    #[must_use]
    pub fn map(&self, p: Point) -> Point {
        let [a, b, c] = &self.0;
        let w = c[0] * p[0] + c[1] * p[1] + c[2];
        [(a[0] * p[0] + a[1] * p[1] + a[2]) / w, (b[0] * p[0] + b[1] * p[1] + b[2]) / w]
    }

    /// First `self`, then `next`.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let mut product = [[0.0; 3]; 3];
        for (row, out) in next.0.iter().zip(&mut product) {
            for (column, cell) in out.iter_mut().enumerate() {
                *cell = (0..3).map(|k| row[k] * self.0[k][column]).sum();
            }
        }
        Self(product)
    }

    /// The map back; none for a map that flattens the plane.
    #[must_use]
    pub fn inverse(&self) -> Option<Self> {
        let [[a, b, c], [d, e, f], [g, h, i]] = self.0;
        let adjugate =
            [[e * i - f * h, c * h - b * i, b * f - c * e], [f * g - d * i, a * i - c * g, c * d - a * f], [d * h - e * g, b * g - a * h, a * e - b * d]];
        let determinant = a * adjugate[0][0] + b * adjugate[1][0] + c * adjugate[2][0];
        let sound = determinant.is_finite() && determinant.abs() > 1e-12;
        sound.then(|| Self(adjugate.map(|row| row.map(|value| value / determinant))))
    }

    /// The two columns of the map's derivative at `p`: what one step along x and one along y become.
    #[must_use]
    pub fn steps_at(&self, p: Point) -> [Point; 2] {
        let here = self.map(p);
        let step = |q: Point| {
            let there = self.map(q);
            [(there[0] - here[0]) * 64.0, (there[1] - here[1]) * 64.0]
        };
        [step([p[0] + 1.0 / 64.0, p[1]]), step([p[0], p[1] + 1.0 / 64.0])]
    }

    /// How much larger things become near `p` (the square root of the change of area).
    #[must_use]
    pub fn scale_at(&self, p: Point) -> f64 {
        let [x, y] = self.steps_at(p);
        (x[0] * y[1] - x[1] * y[0]).abs().sqrt()
    }

    /// Whether it could be a scan or a photograph of a page: not mirrored, hardly stretched or sheared, and no vanishing line on the page.
    #[must_use]
    pub fn is_page_like(&self, width: f64, height: f64) -> bool {
        [[0.0, 0.0], [width, 0.0], [0.0, height], [width, height], [width / 2.0, height / 2.0]].into_iter().all(|corner| {
            let [x, y] = self.steps_at(corner);
            let (across, down) = (length(x), length(y));
            let turn = x[0] * y[1] - x[1] * y[0];
            turn.is_finite() && turn > 0.0 && (0.8..1.25).contains(&(across / down)) && turn > 0.92 * across * down
        })
    }
}

/// The distance between two points.
#[must_use]
pub fn distance(p: Point, q: Point) -> f64 {
    length([p[0] - q[0], p[1] - q[1]])
}

/// The length of a vector.
#[must_use]
pub fn length(v: Point) -> f64 {
    v[0].hypot(v[1])
}

/// The weighted root mean square distance between where `map` puts the pairs and where they are, in the unit of `to`.
#[must_use]
pub fn residual(map: &Homography, pairs: &[Pair]) -> f64 {
    let (sum, weight) = pairs.iter().fold((0.0, 0.0), |(sum, weight), pair| {
        let error = distance(map.map(pair.from), pair.to);
        (sum + pair.weight * error * error, weight + pair.weight)
    });
    if weight > 0.0 { (sum / weight).sqrt() } else { 0.0 }
}

/// The best rotation, uniform scale and shift; needs two different points.
#[must_use]
pub fn similarity(pairs: &[Pair]) -> Option<Homography> {
    let (from, to) = (centroid(pairs, |pair| pair.from)?, centroid(pairs, |pair| pair.to)?);
    let (mut dot, mut cross, mut spread) = (0.0, 0.0, 0.0);
    for pair in pairs {
        let (p, q) = ([pair.from[0] - from[0], pair.from[1] - from[1]], [pair.to[0] - to[0], pair.to[1] - to[1]]);
        dot += pair.weight * (p[0] * q[0] + p[1] * q[1]);
        cross += pair.weight * (p[0] * q[1] - p[1] * q[0]);
        spread += pair.weight * (p[0] * p[0] + p[1] * p[1]);
    }
    if spread < 1e-9 {
        return None;
    }
    let (a, b) = (dot / spread, cross / spread);
    Some(Homography([[a, -b, to[0] - a * from[0] + b * from[1]], [b, a, to[1] - b * from[0] - a * from[1]], [0.0, 0.0, 1.0]]))
}

/// The best affine map; needs three points that are not on a line.
#[must_use]
pub fn affine(pairs: &[Pair]) -> Option<Homography> {
    let origin = centroid(pairs, |pair| pair.from)?;
    let mut matrix = [[0.0; 3]; 3];
    let mut right = [[0.0; 3]; 2];
    for pair in pairs {
        let row = [pair.from[0] - origin[0], pair.from[1] - origin[1], 1.0];
        for i in 0..3 {
            for j in 0..3 {
                matrix[i][j] += pair.weight * row[i] * row[j];
            }
            right[0][i] += pair.weight * row[i] * pair.to[0];
            right[1][i] += pair.weight * row[i] * pair.to[1];
        }
    }
    let (x, y) = (solve(matrix, right[0])?, solve(matrix, right[1])?);
    let row = |r: [f64; 3]| [r[0], r[1], r[2] - r[0] * origin[0] - r[1] * origin[1]];
    Some(Homography([row(x), row(y), [0.0, 0.0, 1.0]]))
}

/// The best projective map; needs four points of which no three are on a line.
#[must_use]
pub fn homography(pairs: &[Pair]) -> Option<Homography> {
    if pairs.len() < 4 {
        return None;
    }
    let (before, after) = (normaliser(pairs, |pair| pair.from)?, normaliser(pairs, |pair| pair.to)?);
    let mut matrix = [[0.0; 8]; 8];
    let mut right = [0.0; 8];
    for pair in pairs {
        let ([x, y], [u, v]) = (before.map(pair.from), after.map(pair.to));
        let equations = [([x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y], u), ([0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y], v)];
        for (row, value) in equations {
            for i in 0..8 {
                for j in 0..8 {
                    matrix[i][j] += pair.weight * row[i] * row[j];
                }
                right[i] += pair.weight * row[i] * value;
            }
        }
    }
    let [a, b, c, d, e, f, g, h] = solve(matrix, right)?;
    let normal = Homography([[a, b, c], [d, e, f], [g, h, 1.0]]);
    let whole = before.then(&normal).then(&after.inverse()?);
    let last = whole.0[2][2];
    (last.abs() > 1e-12).then(|| Homography(whole.0.map(|row| row.map(|value| value / last))))
}

fn centroid(pairs: &[Pair], side: impl Fn(&Pair) -> Point) -> Option<Point> {
    let weight: f64 = pairs.iter().map(|pair| pair.weight).sum();
    let sum = pairs.iter().fold([0.0, 0.0], |sum, pair| [sum[0] + pair.weight * side(pair)[0], sum[1] + pair.weight * side(pair)[1]]);
    (weight > 0.0).then(|| [sum[0] / weight, sum[1] / weight])
}

/// Centres the points and scales them to a mean distance of the square root of two.
fn normaliser(pairs: &[Pair], side: impl Fn(&Pair) -> Point) -> Option<Homography> {
    let centre = centroid(pairs, &side)?;
    let spread = pairs.iter().map(|pair| distance(side(pair), centre)).sum::<f64>() / pairs.len() as f64;
    let scale = std::f64::consts::SQRT_2 / spread;
    (spread > 1e-9).then(|| Homography([[scale, 0.0, -scale * centre[0]], [0.0, scale, -scale * centre[1]], [0.0, 0.0, 1.0]]))
}

/// Gaussian elimination with partial pivoting; none when the equations do not determine the unknowns.
fn solve<const N: usize>(mut matrix: [[f64; N]; N], mut right: [f64; N]) -> Option<[f64; N]> {
    let size = matrix.iter().flatten().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    for column in 0..N {
        let pivot = (column..N).max_by(|&i, &j| matrix[i][column].abs().total_cmp(&matrix[j][column].abs()))?;
        if matrix[pivot][column].abs() <= size * 1e-12 {
            return None;
        }
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        for row in column + 1..N {
            let factor = matrix[row][column] / matrix[column][column];
            let above = matrix[column];
            for (cell, value) in matrix[row].iter_mut().zip(above) {
                *cell -= factor * value;
            }
            right[row] -= factor * right[column];
        }
    }
    let mut solution = [0.0; N];
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|column| matrix[row][column] * solution[column]).sum();
        solution[row] = (right[row] - known) / matrix[row][row];
    }
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn turned(scale: f64, degrees: f64, shift: Point) -> Homography {
        let (sin, cos) = degrees.to_radians().sin_cos();
        Homography([[scale * cos, -scale * sin, shift[0]], [scale * sin, scale * cos, shift[1]], [0.0, 0.0, 1.0]])
    }

    fn page_points() -> Vec<Point> {
        vec![[15.0, 15.0], [195.0, 15.0], [15.0, 282.0], [195.0, 282.0], [15.0, 130.0], [195.0, 180.0]]
    }

    fn pairs(map: &Homography) -> Vec<Pair> {
        page_points().into_iter().map(|p| Pair::new(p, map.map(p))).collect()
    }

    proptest! {
        #[test]
        fn every_fit_finds_the_similarity_that_made_the_points(scale in 4.0..25.0_f64, degrees in -180.0..180.0_f64, x in -500.0..5000.0_f64, y in -500.0..5000.0_f64) {
            let truth = turned(scale, degrees, [x, y]);
            for fit in [similarity, affine, homography] {
                let found = fit(&pairs(&truth)).expect("six points in general position");
                for p in [[0.0, 0.0], [105.0, 148.0], [210.0, 297.0]] {
                    prop_assert!(distance(found.map(p), truth.map(p)) < 1e-5);
                }
                prop_assert!(found.is_page_like(210.0, 297.0));
            }
        }

        #[test]
        fn the_projective_fit_finds_a_camera(tilt in -2e-4..2e-4_f64, pan in -2e-4..2e-4_f64, degrees in -180.0..180.0_f64) {
            let truth = turned(8.0, degrees, [900.0, 1200.0]).then(&Homography([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [tilt / 8.0, pan / 8.0, 1.0]]));
            let found = homography(&pairs(&truth)).expect("six points in general position");
            for p in [[0.0, 0.0], [105.0, 148.0], [210.0, 297.0]] {
                prop_assert!(distance(found.map(p), truth.map(p)) < 1e-4);
            }
        }

        #[test]
        fn the_inverse_leads_back(scale in 4.0..25.0_f64, degrees in -180.0..180.0_f64, x in 0.0..210.0_f64, y in 0.0..297.0_f64) {
            let map = turned(scale, degrees, [17.0, -3.0]);
            let back = map.inverse().expect("a similarity has an inverse");
            prop_assert!(distance(back.map(map.map([x, y])), [x, y]) < 1e-8);
        }
    }

    #[test]
    fn points_that_do_not_determine_a_map_give_none() {
        let on_a_line: Vec<Pair> = (0..5).map(|i| Pair::new([f64::from(i), 2.0], [f64::from(i), 7.0])).collect();
        assert!(affine(&on_a_line).is_none());
        assert!(homography(&on_a_line).is_none());
        assert!(similarity(&on_a_line[..1]).is_none());
        assert!(Homography([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 0.0, 1.0]]).inverse().is_none());
    }

    #[test]
    fn a_mirrored_page_is_no_page() {
        assert!(!Homography([[-8.0, 0.0, 1700.0], [0.0, 8.0, 0.0], [0.0, 0.0, 1.0]]).is_page_like(210.0, 297.0));
    }
}
