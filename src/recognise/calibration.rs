//! The promise: how sure the machine has to be, a field type, so that the share of wrong values among the accepted ones stays under the risk that was chosen.
//!
//! The thresholds are not set by hand. `postsluse calibrate` reads documents whose true values are known and chooses them ([`crate::evaluation`]);
//! `models/calibration.json` holds those that the program is built with, and says of how many fields and how they were made. An office may use its own. This is
//! selective prediction with a guaranteed risk (Geifman, El-Yaniv, NIPS 2017). A type that was never calibrated is never accepted.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::record::FieldType;

/// The calibration that the program was built with.
static BUILT_IN: &str = include_str!("../../models/calibration.json");

/// Thresholds with how they came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The model whose confidences these are: `characters 5`.
    pub model: String,
    /// The share of wrong values among accepted ones that may not be passed.
    pub risk: f64,
    /// On what and how it was made.
    pub made: String,
    /// For each type of field written by hand.
    pub hand: BTreeMap<FieldType, Threshold>,
}

/// The threshold of one field type.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// The least confidence that is accepted.
    pub least: f32,
    /// How many fields it was chosen on.
    pub fields: usize,
    /// How many of them it accepts.
    pub accepted: usize,
    /// How many of these are wrong.
    pub wrong: usize,
}

/// Why there are no thresholds.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// The program's own are damaged.
    #[error("the thresholds do not load: models/calibration.json: {0}\nthe program was built with damaged ones: build it again from a clean checkout")]
    BuiltIn(serde_json::Error),
    /// An office's own cannot be read.
    #[error("the thresholds {} cannot be read: {problem}\nlet `reader.thresholds` name a file that `postsluse calibrate --output` wrote", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is the matter with it.
        problem: String,
    },
    /// They are for confidences of another model.
    #[error("the thresholds are for the model `{found}`, and this program reads with `{wanted}`\nrun `postsluse calibrate` again with this program")]
    Model {
        /// The model they are for.
        found: String,
        /// The model that reads.
        wanted: String,
    },
}

impl Calibration {
    /// No threshold is lower, whatever was measured: documents with known values hold what the closed lists hold, and people write other things too.
    pub const LEAST_MIN: f32 = 0.75;

    /// The calibration that the program was built with.
    ///
    /// # Errors
    /// When it was built with a damaged one.
    pub fn built_in() -> Result<Self, CalibrationError> {
        serde_json::from_str(BUILT_IN).map_err(CalibrationError::BuiltIn)
    }

    /// An office's own, from the file that `calibrate` wrote.
    ///
    /// # Errors
    /// When it cannot be read, or holds a threshold that is none.
    pub fn load(path: &Path) -> Result<Self, CalibrationError> {
        let failed = |problem: String| CalibrationError::File { path: path.to_owned(), problem };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let found: Self = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
        match found.hand.iter().find(|(_, threshold)| !(Self::LEAST_MIN..=1.0).contains(&threshold.least)) {
            Some((kind, threshold)) => Err(failed(format!("{} is no threshold for {}: between {} and 1", threshold.least, kind.name(), Self::LEAST_MIN))),
            None => Ok(found),
        }
    }

    /// The same, if it is for the confidences of `model`.
    ///
    /// # Errors
    /// When it is not.
    pub fn of(self, model: &str) -> Result<Self, CalibrationError> {
        if self.model == model { Ok(self) } else { Err(CalibrationError::Model { found: self.model, wanted: model.to_owned() }) }
    }

    /// The same, or, where it is for the confidences of another model, one that accepts nothing written by hand: a network that was just trained has to read before it can be
    /// calibrated. What is shipped is of one model; a test holds it to that.
    #[must_use]
    pub fn or_nothing(self, model: &str) -> Self {
        if self.model == model {
            self
        } else {
            Self { model: model.to_owned(), made: "nothing is calibrated for this model".to_owned(), hand: BTreeMap::new(), ..self }
        }
    }

    /// The least confidence at which a field of type `kind`, written by hand, is accepted; none when it never is.
    #[must_use]
    pub fn least(&self, kind: FieldType) -> Option<f32> {
        self.hand.get(&kind).map(|threshold| threshold.least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_calibration_is_of_the_shipped_model() {
        let model = super::super::looks::hand_model().unwrap_or_else(|error| panic!("{error}"));
        let calibration = Calibration::built_in().and_then(|found| found.of(&model)).unwrap_or_else(|error| panic!("{error}"));
        assert!(calibration.risk <= 0.0005);
        assert!(
            calibration
                .hand
                .values()
                .all(|threshold| threshold.least >= Calibration::LEAST_MIN && threshold.wrong <= threshold.accepted && threshold.accepted <= threshold.fields)
        );
        assert_eq!(calibration.least(FieldType::Signature), None);
    }

    #[test]
    fn for_another_model_nothing_is_accepted() {
        let shipped = Calibration::built_in().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(shipped.clone().or_nothing(&shipped.model), shipped);
        let other = shipped.clone().or_nothing("characters 0");
        assert!(shipped.least(FieldType::Duf).is_some() && other.least(FieldType::Duf).is_none());
        assert!(other.of("characters 0").is_ok());
    }
}
