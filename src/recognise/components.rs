//! Connected ink: the runs of a bitmap joined over eight neighbours into blobs, with their areas, boxes and moments.
//!
//! Labelling goes over runs and not over pixels (He, Chao, Suzuki, "A run-based two-scan labeling algorithm", 2008): a page of form
//! has some hundred thousand runs and millions of pixels.

use super::geometry::Point;

/// Which pixels of a picture are ink.
#[derive(Clone)]
pub struct Bitmap {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Row by row; true is ink.
    pub ink: Vec<bool>,
}

impl Bitmap {
    /// One row.
    #[must_use]
    pub fn row(&self, y: usize) -> &[bool] {
        &self.ink[y * self.width..(y + 1) * self.width]
    }

    /// Whether a pixel is ink; outside the picture nothing is.
    #[must_use]
    pub fn at(&self, x: i64, y: i64) -> bool {
        x >= 0 && y >= 0 && (x as usize) < self.width && (y as usize) < self.height && self.ink[y as usize * self.width + x as usize]
    }
}

/// Ink pixels beside each other on one row.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    /// The row.
    pub y: u32,
    /// First pixel.
    pub start: u32,
    /// One past the last pixel.
    pub end: u32,
    /// The blob it belongs to.
    pub blob: u32,
}

/// Ink that hangs together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Blob {
    /// Pixels.
    pub area: u32,
    /// Left, top, and one past right and bottom.
    pub rect: [u32; 4],
    sum: Point,
    square: [f64; 3],
}

/// The main axis of a blob: a line, and how far its pixels are spread along it and across, as root mean squares.
#[derive(Debug, Clone, Copy)]
pub struct Axis {
    /// A point of the line, the blob's centroid.
    pub through: Point,
    /// Its direction, of length 1.
    pub along: Point,
    /// The spread along the line, px.
    pub long: f64,
    /// The spread across it, px.
    pub short: f64,
}

impl Axis {
    /// How far a point is from the line, px.
    #[must_use]
    pub fn distance(&self, [x, y]: Point) -> f64 {
        let [dx, dy] = [x - self.through[0], y - self.through[1]];
        (dx * self.along[1] - dy * self.along[0]).abs()
    }

    /// Whether what lies along it is one line: no wider than `across` px, and at least `slender` times as long.
    #[must_use]
    pub fn is_line(&self, across: f64, slender: f64) -> bool {
        self.short <= across && self.long >= slender * self.short
    }
}

impl Blob {
    /// The mean of its pixels' centres, in pixel coordinates where the first pixel spans 0 to 1.
    #[must_use]
    pub fn centroid(&self) -> Point {
        let area = f64::from(self.area);
        [self.sum[0] / area, self.sum[1] / area]
    }

    /// Pixels across.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.rect[2] - self.rect[0]
    }

    /// Pixels down.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.rect[3] - self.rect[1]
    }

    /// The second moments about the centroid, along the long and the short axis, divided by the area squared. A solid square has 1/12 for
    /// both whichever way it is turned; anything hollow, ragged or long has more.
    #[must_use]
    pub fn moments(&self) -> [f64; 2] {
        self.spread().map(|square| square / f64::from(self.area))
    }

    /// The line that its pixels lie nearest to.
    #[must_use]
    pub fn axis(&self) -> Axis {
        let [xx, yy, xy] = self.covariance();
        let angle = (2.0 * xy).atan2(xx - yy) / 2.0;
        let [long, short] = self.spread().map(f64::sqrt);
        Axis { through: self.centroid(), along: [angle.cos(), angle.sin()], long, short }
    }

    /// How its pixels vary along x, along y, and together, px^2.
    fn covariance(&self) -> [f64; 3] {
        let area = f64::from(self.area);
        let [x, y] = self.centroid();
        // The third term is the moment of a single pixel about its own centre.
        [self.square[0] / area - x * x + 1.0 / 12.0, self.square[1] / area - y * y + 1.0 / 12.0, self.square[2] / area - x * y]
    }

    /// How its pixels vary along the long and the short axis, px^2.
    fn spread(&self) -> [f64; 2] {
        let [xx, yy, xy] = self.covariance();
        let (mean, half) = (f64::midpoint(xx, yy), (((xx - yy) / 2.0).powi(2) + xy * xy).sqrt());
        [(mean + half).max(0.0), (mean - half).max(0.0)]
    }

    /// Whether it is a solid square, whichever way it is turned. A solid square has moments of 1/12 = 0.083; a disc 0.080, a frame or a letter
    /// 0.11 and more, a rectangle of 3:2 0.125 and 0.056.
    #[must_use]
    pub fn is_solid_square(&self) -> bool {
        let [long, short] = self.moments();
        (0.060..0.100).contains(&short) && (0.070..0.115).contains(&long)
    }

    fn add(&mut self, run: &Run) {
        let (start, end, y) = (f64::from(run.start), f64::from(run.end), f64::from(run.y) + 0.5);
        let count = end - start;
        let sum_x = f64::midpoint(start, end) * count;
        // The sum of (k + 1/2)^2 for k from start to end - 1.
        let sum_xx = (end.powi(3) - start.powi(3)) / 3.0 - count / 12.0;
        self.rect = if self.area == 0 {
            [run.start, run.y, run.end, run.y + 1]
        } else {
            [self.rect[0].min(run.start), self.rect[1], self.rect[2].max(run.end), run.y + 1]
        };
        self.area += run.end - run.start;
        self.sum = [self.sum[0] + sum_x, self.sum[1] + y * count];
        self.square = [self.square[0] + sum_xx, self.square[1] + y * y * count, self.square[2] + sum_x * y];
    }
}

/// The blobs of a bitmap, and the runs they are made of, from top to bottom.
pub struct Components {
    /// The blobs, in the order of their first run.
    pub blobs: Vec<Blob>,
    /// The runs.
    pub runs: Vec<Run>,
}

impl Components {
    /// Parts a blob at column `x`: what lies to the left of it stays, what lies from it to the right becomes a blob of its own, the last one.
    pub fn part(&mut self, blob: u32, x: u32) {
        let new = self.blobs.len() as u32;
        let mut runs = Vec::with_capacity(self.runs.len() + 16);
        for run in self.runs.drain(..) {
            if run.blob != blob || run.end <= x {
                runs.push(run);
            } else if run.start >= x {
                runs.push(Run { blob: new, ..run });
            } else {
                runs.extend([Run { end: x, ..run }, Run { start: x, blob: new, ..run }]);
            }
        }
        let mut halves = [Blob::default(); 2];
        for run in runs.iter().filter(|run| run.blob == blob || run.blob == new) {
            halves[usize::from(run.blob == new)].add(run);
        }
        self.runs = runs;
        self.blobs[blob as usize] = halves[0];
        self.blobs.push(halves[1]);
    }

    /// How far a blob's pixels are from the circle that they lie nearest to, the root mean square, px (Kåsa, IEEE Transactions on Instrumentation and Measurement 25,
    /// 1976); infinite where there is none.
    #[must_use]
    pub fn off_circle(&self, blob: u32) -> f64 {
        let of_blob = &self.blobs[blob as usize];
        let ([cx, cy], count) = (of_blob.centroid(), f64::from(of_blob.area));
        let pixels = || {
            let runs = self.runs.iter().filter(move |run| run.blob == blob);
            runs.flat_map(move |run| (run.start..run.end).map(move |x| (f64::from(x) + 0.5 - cx, f64::from(run.y) + 0.5 - cy)))
        };
        let [mut xx, mut yy, mut xy, mut x3, mut y3] = [0.0; 5];
        for (x, y) in pixels() {
            let square = x * x + y * y;
            xx += x * x;
            yy += y * y;
            xy += x * y;
            x3 += x * square;
            y3 += y * square;
        }
        let determinant = xx * yy - xy * xy;
        if determinant < 1e-6 * xx * yy {
            return f64::INFINITY;
        }
        let (x0, y0) = ((x3 * yy - y3 * xy) / (2.0 * determinant), (y3 * xx - x3 * xy) / (2.0 * determinant));
        let radius = (x0 * x0 + y0 * y0 + (xx + yy) / count).sqrt();
        (pixels().map(|(x, y)| ((x - x0).hypot(y - y0) - radius).powi(2)).sum::<f64>() / count).sqrt()
    }

    /// How much of a blob lies in each column from `first` on, over `count` columns.
    #[must_use]
    pub fn columns(&self, blob: u32, first: u32, count: usize) -> Vec<u32> {
        let mut columns = vec![0; count];
        for run in self.runs.iter().filter(|run| run.blob == blob) {
            let (start, end) = (run.start.saturating_sub(first) as usize, run.end.saturating_sub(first) as usize);
            columns[start.min(count)..end.min(count)].iter_mut().for_each(|column| *column += 1);
        }
        columns
    }
}

/// Finds the blobs of `bitmap`.
#[must_use]
pub fn components(bitmap: &Bitmap) -> Components {
    let mut runs: Vec<Run> = Vec::new();
    let mut parent: Vec<u32> = Vec::new();
    let mut above = 0..0;
    for y in 0..bitmap.height {
        let first = runs.len();
        let row = bitmap.row(y);
        let mut x = 0;
        let mut candidate = above.start;
        while let Some(offset) = row[x..].iter().position(|&ink| ink) {
            let start = x + offset;
            let end = row[start..].iter().position(|&ink| !ink).map_or(bitmap.width, |length| start + length);
            let index = runs.len() as u32;
            parent.push(index);
            // Eight neighbours: a run above touches when it reaches within one pixel.
            while candidate < above.end && (runs[candidate].end as usize) < start {
                candidate += 1;
            }
            let mut other = candidate;
            while other < above.end && (runs[other].start as usize) <= end {
                join(&mut parent, index, other as u32);
                other += 1;
            }
            runs.push(Run { y: y as u32, start: start as u32, end: end as u32, blob: 0 });
            x = end;
        }
        above = first..runs.len();
    }
    let mut blobs: Vec<Blob> = Vec::new();
    let mut number = vec![u32::MAX; runs.len()];
    for (index, run) in runs.iter_mut().enumerate() {
        let root = root(&mut parent, index as u32) as usize;
        if number[root] == u32::MAX {
            number[root] = blobs.len() as u32;
            blobs.push(Blob::default());
        }
        run.blob = number[root];
        blobs[number[root] as usize].add(run);
    }
    Components { blobs, runs }
}

fn root(parent: &mut [u32], mut index: u32) -> u32 {
    while parent[index as usize] != index {
        parent[index as usize] = parent[parent[index as usize] as usize];
        index = parent[index as usize];
    }
    index
}

fn join(parent: &mut [u32], a: u32, b: u32) {
    let (a, b) = (root(parent, a), root(parent, b));
    let (low, high) = (a.min(b), a.max(b));
    parent[high as usize] = low;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bitmap(picture: &[&str]) -> Bitmap {
        Bitmap { width: picture[0].len(), height: picture.len(), ink: picture.iter().flat_map(|row| row.bytes().map(|b| b == b'#')).collect() }
    }

    #[test]
    fn shapes_that_meet_late_or_at_a_corner_are_one() {
        let found = components(&bitmap(&["#.#..#", "#.#.#.", "###...", "......", "..##.."]));
        let areas: Vec<u32> = found.blobs.iter().map(|blob| blob.area).collect();
        assert_eq!(areas, [7, 2, 2]);
        assert_eq!(found.blobs[0].rect, [0, 0, 3, 3]);
    }

    #[test]
    fn a_solid_square_has_its_centre_and_moments() {
        let found = components(&bitmap(&["......", ".####.", ".####.", ".####.", ".####.", "......"]));
        let [long, short] = found.blobs[0].moments();
        let [x, y] = found.blobs[0].centroid();
        assert!((x - 3.0).abs() < 1e-9 && (y - 3.0).abs() < 1e-9);
        assert!((long - 1.0 / 12.0).abs() < 1e-9 && (short - 1.0 / 12.0).abs() < 1e-9);
    }

    #[test]
    fn a_blob_is_parted_at_a_column() {
        let mut found = components(&bitmap(&["##...##", "#######", "##...##"]));
        assert_eq!(found.columns(0, 1, 4), [3, 1, 1, 1]);
        found.part(0, 3);
        let parts: Vec<(u32, [u32; 4])> = found.blobs.iter().map(|blob| (blob.area, blob.rect)).collect();
        assert_eq!(parts, [(7, [0, 0, 3, 3]), (8, [3, 0, 7, 3])]);
        assert!(found.runs.iter().all(|run| (run.blob == 0) == (run.end <= 3)) && found.runs.windows(2).all(|pair| pair[0].y <= pair[1].y));
    }

    proptest! {
        #[test]
        fn blobs_are_what_a_flood_fill_finds(ink in proptest::collection::vec(proptest::bool::weighted(0.4), 12 * 9)) {
            let map = Bitmap { width: 12, height: 9, ink };
            let mut seen = vec![false; map.ink.len()];
            let mut areas = Vec::new();
            for start in 0..map.ink.len() {
                if !map.ink[start] || seen[start] { continue; }
                let (mut stack, mut area) = (vec![start], 0);
                seen[start] = true;
                while let Some(at) = stack.pop() {
                    area += 1;
                    let (x, y) = ((at % 12) as i64, (at / 12) as i64);
                    for (dx, dy) in [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)] {
                        if map.at(x + dx, y + dy) {
                            let next = (y + dy) as usize * 12 + (x + dx) as usize;
                            if !seen[next] { seen[next] = true; stack.push(next); }
                        }
                    }
                }
                areas.push(area);
            }
            let found: Vec<u32> = components(&map).blobs.iter().map(|blob| blob.area).collect();
            prop_assert_eq!(found, areas);
        }
    }
}
