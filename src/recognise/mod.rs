//! x
#![expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "pixel arithmetic goes between counts and coordinates; page sizes are bounded by the page room far below where a cast could lose anything")]
#![expect(clippy::many_single_char_names, clippy::similar_names, reason = "x, y, w, h and left, top, right, bottom are the names of the field")]
pub mod components;
pub mod geometry;
mod identify;
mod raster;
mod register;
mod tesseract;
mod zone;
pub use identify::{Identified, identify};
pub use register::{Footing, RegisterError, Registration, register};
pub use tesseract::{Engine, EngineError};
