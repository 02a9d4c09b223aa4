//! The promise: how sure the machine has to be, a field type, so that the share of wrong values among the accepted ones stays under the risk that was chosen.
//!
//! The thresholds are not set by hand. `postsluse calibrate` reads documents whose true values are known, and takes for each type the lowest confidence above which
//! an upper bound on the share of wrong values (Clopper, Pearson 1934, at 95 %) is within the risk, or the one above which nothing was wrong where there are too few
//! documents for that bound; `models/calibration.json` says which of the two, of how many fields, and how it was made. This is selective prediction with a guaranteed
//! risk (Geifman, El-Yaniv, NIPS 2017). A type that was never calibrated is never accepted.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::record::FieldType;

/// The calibration that the program was built with.
static BUILT_IN: &str = include_str!("../../models/calibration.json");

/// Thresholds with how they came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The model whose confidences these are: `characters 1`.
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

impl Calibration {
    /// The calibration that the program was built with.
    ///
    /// # Errors
    /// When it was built with a damaged one.
    pub fn built_in() -> Result<Self, String> {
        serde_json::from_str(BUILT_IN).map_err(|error| format!("models/calibration.json: {error}"))
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
        let calibration = Calibration::built_in().unwrap_or_else(|error| panic!("{error}"));
        let network = super::super::network::Network::load().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(calibration.model, network.name());
        assert!(calibration.risk <= 0.0005);
        assert!(
            calibration.hand.values().all(|threshold| threshold.least > 0.5 && threshold.wrong <= threshold.accepted && threshold.accepted <= threshold.fields)
        );
        assert_eq!(calibration.least(FieldType::Signature), None);
    }
}
