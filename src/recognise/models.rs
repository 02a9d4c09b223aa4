//! What a reader reads with: Tesseract for print, our own networks for characters written by hand.

use std::path::Path;

use super::calibration::{Calibration, CalibrationError};
use super::looks::Looks;
use super::network::NetworkError;
use super::tesseract::{Engine, EngineError};

/// Loaded models. They are warm: using them opens no file.
pub struct Models {
    pub(super) print: Engine,
    pub(super) hand: Looks,
    pub(super) calibration: Calibration,
}

/// What readings were made with: the models' names, and how sure they have to be.
#[derive(Debug, Clone, Copy)]
pub struct Means<'a> {
    /// The model that read print.
    pub print: &'a str,
    /// The model that read handwriting.
    pub hand: &'a str,
    /// How sure it has to be.
    pub calibration: &'a Calibration,
}

/// Why a model is not there.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Tesseract or one of its languages.
    #[error(transparent)]
    Print(#[from] EngineError),
    /// A network.
    #[error(transparent)]
    Hand(#[from] NetworkError),
    /// The thresholds.
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
}

impl Models {
    /// Loads Tesseract with `languages` (`nor+eng`) from `tessdata` or where the system has it, the networks that are part of the program, and the `thresholds` of an
    /// office, or those that the program was built with.
    ///
    /// # Errors
    /// When a language is missing, the program was built with damaged networks, or the office's thresholds cannot be read or are for another model.
    pub fn load(languages: &str, tessdata: Option<&Path>, thresholds: Option<&Path>) -> Result<Self, ModelError> {
        let hand = Looks::load()?;
        let calibration = match thresholds {
            Some(file) => Calibration::load(file)?.of(hand.name())?,
            None => Calibration::built_in()?.or_nothing(hand.name()),
        };
        Ok(Self { print: Engine::new(languages, tessdata)?, hand, calibration })
    }

    /// The engine that reads print.
    pub fn print(&mut self) -> &mut Engine {
        &mut self.print
    }

    /// What the readings of a page were made with.
    #[must_use]
    pub fn means(&self) -> Means<'_> {
        Means { print: self.print.name(), hand: self.hand.name(), calibration: &self.calibration }
    }

    /// Each model with its version: `tesseract 5.3.0 nor+eng`, `characters 5`.
    #[must_use]
    pub fn names(&self) -> [&str; 2] {
        [self.print.name(), self.hand.name()]
    }
}
