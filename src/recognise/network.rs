//! A character network: a glyph's picture in, a probability for each class out.
//!
//! The networks are our own (`training/`, `models/README.md`): convolutions and a linear layer, trained on 32 by 32 pixels with the longer side of the
//! character's box at 24. [`Picture::of`] makes exactly that of a glyph, in the way training made it; test vectors in the models' files pin both.
//! Which network looks at what is [`super::looks`]'s, which of the classes a field may hold, and how small letters count, [`super::alphabet`]'s.
//!
//! rten makes its threads with the first run. A locked reader is refused them, and rten then runs on the calling thread.

use rten::{Model, ModelOptions};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use serde::Deserialize;

use crate::page::Grey;

/// The side of the picture that the network sees, px.
const SIDE: usize = 32;
/// The longer side of the character's box in it, px.
const BOX: f64 = 24.0;
/// Each pixel is the mean of so many by so many samples.
const SAMPLES: usize = 3;
/// What is lighter than this share of the darkest does not count for the box.
const FAINT: f64 = 0.35;
/// No class is impossible.
const LEAST: f32 = 1e-6;
/// How many characters go through at once: enough to keep the processor busy, few enough to stay in its cache.
const BATCH: usize = 16;

/// Why there is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a character network does not load: {0}\nthe program was built with damaged files in models/: build it again from a clean checkout")]
pub struct NetworkError(pub(super) String);

/// What stands in a network's file beside its weights.
#[derive(Deserialize)]
pub(super) struct Description {
    /// The characters that it tells apart, `#` for struck out, `?` for none of these.
    classes: String,
    /// The name that stands with every field it read: `characters 5`.
    pub(super) name: String,
    /// What the scores are divided by before they become probabilities (Guo and others, ICML 2017).
    temperature: f32,
}

impl Description {
    pub(super) fn of(file: &str) -> Result<Self, NetworkError> {
        serde_json::from_str(file).map_err(|error| NetworkError(error.to_string()))
    }
}

/// A loaded network.
pub struct Network {
    model: Model,
    description: Description,
    classes: Vec<char>,
}

/// A glyph as the network sees it, row by row: 0 is paper, 1 the glyph's darkest.
#[derive(Clone)]
pub struct Picture([f32; SIDE * SIDE]);

/// The probability of each class, in the order of [`Network::classes`]; together 1.
pub type Posterior = Vec<f32>;

impl Network {
    /// Loads a network that is part of the program: its ONNX file and what stands beside it.
    ///
    /// # Errors
    /// When the program was built with a damaged one.
    pub fn load(weights: &'static [u8], description: &str) -> Result<Self, NetworkError> {
        let description = Description::of(description)?;
        // Whatever runs makes rten's threads, and a reader may have none before it is locked in (there the kernel refuses them, and rten does without). So nothing
        // runs here, and no part of the model is folded: the training program has folded it.
        let model = ModelOptions::with_all_ops().enable_optimization(false).load_static_slice(weights).map_err(|error| NetworkError(error.to_string()))?;
        let classes = description.classes.chars().collect();
        Ok(Self { model, description, classes })
    }

    /// The name and version.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.description.name
    }

    /// What the network tells apart: characters, `#` for struck out, `?` for none of these.
    #[must_use]
    pub fn classes(&self) -> &[char] {
        &self.classes
    }

    /// How probable each class is for each picture.
    #[must_use]
    pub fn read(&self, pictures: &[Picture]) -> Vec<Posterior> {
        // What the network fails on may be anything: each picture keeps its place among the others.
        let nothing = |batch: &[Picture]| vec![vec![0.0; self.classes.len()]; batch.len()];
        pictures
            .chunks(BATCH)
            .flat_map(|batch| self.scores(batch).unwrap_or_else(|_| nothing(batch)))
            .map(|scores| probabilities(&scores, self.description.temperature))
            .collect()
    }

    /// The scores before they become probabilities.
    pub(super) fn scores(&self, pictures: &[Picture]) -> Result<Vec<Vec<f32>>, NetworkError> {
        let failed = |error: &dyn std::fmt::Display| NetworkError(error.to_string());
        let values: Vec<f32> = pictures.iter().flat_map(|picture| picture.0).collect();
        let input = NdTensor::from_data([pictures.len(), 1, SIDE, SIDE], values);
        let output = self.model.run_one(input.view().into(), None).map_err(|error| failed(&error))?;
        let scores: NdTensor<f32, 2> = output.try_into().map_err(|_| NetworkError("its scores have another shape".to_owned()))?;
        if scores.shape() != [pictures.len(), self.classes.len()] {
            return Err(NetworkError("its scores are not one for each class".to_owned()));
        }
        Ok(scores.to_vec().chunks_exact(self.classes.len()).map(<[f32]>::to_vec).collect())
    }
}

/// The probabilities that scores stand for: softmax, and no class is impossible.
fn probabilities(scores: &[f32], temperature: f32) -> Posterior {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f32> = scores.iter().map(|score| ((score - highest) / temperature).exp()).collect();
    let sum: f32 = weights.iter().sum();
    let kept: Vec<f32> = weights.into_iter().map(|weight| (weight / sum).max(LEAST)).collect();
    let sum: f32 = kept.iter().sum();
    kept.into_iter().map(|probability| probability / sum).collect()
}

impl Picture {
    /// The glyph in `dark` (255 is black), its box centred with the longer side at 24 px, bilinear, each pixel a mean of three by three samples.
    #[must_use]
    pub fn of(dark: &Grey) -> Self {
        let mut pixels = [0.0; SIDE * SIDE];
        let Some([left, top, right, bottom]) = ink_box(dark) else { return Self(pixels) };
        // Pixel centres are at whole numbers; the box goes from the first pixel's outer edge to the last one's.
        let (x, y) = (f64::midpoint(left, right) - 0.5, f64::midpoint(top, bottom) - 0.5);
        let step = (right - left).max(bottom - top).max(2.0) / BOX;
        let at = |index: usize| ((index as f64 + 0.5) / SAMPLES as f64 - SIDE as f64 / 2.0) * step;
        // Bilinear interpolation and the mean are sums with weights of x times weights of y: first along the rows, then down.
        let across: Vec<Taps> = (0..SIDE).map(|column| Taps::mean((0..SAMPLES).map(|part| x + at(column * SAMPLES + part)), dark.width)).collect();
        let down: Vec<Taps> = (0..SIDE).map(|row| Taps::mean((0..SAMPLES).map(|part| y + at(row * SAMPLES + part)), dark.height)).collect();
        let mut rows = vec![0.0; SIDE * dark.height];
        for (row, out) in dark.data.chunks_exact(dark.width).zip(rows.chunks_exact_mut(SIDE)) {
            for (value, taps) in out.iter_mut().zip(&across) {
                *value = row[taps.first..].iter().zip(&taps.weights).map(|(&dark, weight)| f32::from(dark) * weight).sum();
            }
        }
        for (out, taps) in pixels.chunks_exact_mut(SIDE).zip(&down) {
            for (row, weight) in rows.chunks_exact(SIDE).skip(taps.first).zip(&taps.weights) {
                out.iter_mut().zip(row).for_each(|(sum, value)| *sum += value * weight);
            }
        }
        let darkest = pixels.iter().copied().fold(0.0, f32::max).max(f32::MIN_POSITIVE);
        for pixel in &mut pixels {
            *pixel /= darkest;
        }
        Self(pixels)
    }
}

/// What one pixel of the picture takes of the glyph's pixels along one direction.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

impl Taps {
    /// The mean of interpolations at `places` (pixel centres are at whole numbers) in a row of `length` pixels; outside there is nothing.
    fn mean(places: impl Iterator<Item = f64> + Clone, length: usize) -> Self {
        let share = 1.0 / SAMPLES as f64;
        let pairs = places.flat_map(|place| {
            let (first, part) = (place.floor(), place - place.floor());
            [(first, (1.0 - part) * share), (first + 1.0, part * share)]
        });
        let within: Vec<(usize, f64)> =
            pairs.filter(|(pixel, _)| *pixel >= 0.0 && *pixel < length as f64).map(|(pixel, weight)| (pixel as usize, weight)).collect();
        let first = within.first().map_or(0, |(pixel, _)| *pixel);
        let mut weights = vec![0.0; within.last().map_or(0, |(last, _)| last + 1 - first)];
        for (pixel, weight) in within {
            weights[pixel - first] += weight as f32;
        }
        Self { first, weights }
    }
}

/// Left, top, right, bottom of what is not faint; none on an empty picture.
fn ink_box(dark: &Grey) -> Option<[f64; 4]> {
    let limit = (f64::from(*dark.data.iter().max()?) * FAINT).max(1.0);
    let strong = |&value: &u8| f64::from(value) > limit;
    let rows: Vec<usize> = dark.data.chunks_exact(dark.width).enumerate().filter(|(_, row)| row.iter().any(strong)).map(|(y, _)| y).collect();
    let columns = || (0..dark.width).filter(|&x| dark.data.iter().skip(x).step_by(dark.width).any(strong));
    Some([columns().next()? as f64, *rows.first()? as f64, columns().next_back()? as f64 + 1.0, *rows.last()? as f64 + 1.0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_picture_is_no_trouble() {
        for (width, height) in [(0, 0), (1, 1), (7, 3)] {
            let picture = Picture::of(&Grey { width, height, data: vec![0; width * height], dpi: 300.0 });
            assert!(picture.0.iter().all(|&pixel| pixel == 0.0));
        }
    }
}
