//! x
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "pixel arithmetic goes between counts and coordinates; the page room bounds a page far below where a cast could lose anything"
)]
#![expect(clippy::many_single_char_names, clippy::similar_names, reason = "x, y, w, h and left, top, right, bottom are the names of the field")]

mod blank;
mod characters;
mod checkbox;
mod comb;
mod components;
mod decide;
pub mod geometry;
mod identify;
pub mod portrait;
mod print;
mod raster;
mod read;
mod register;
mod tesseract;
mod transcribe;
mod typeface;
mod zone;

pub use blank::is_blank;
pub use characters::{Character, CharacterReader};
pub use checkbox::BoxState;
pub use comb::{Comb, Glyph};
pub use decide::decide;
pub use identify::{Identified, identify};
pub use print::Signature;
pub use read::{Mark, TextReading, ZoneReading, read_page};
pub use register::{Footing, RegisterError, Registration, register};
pub use tesseract::{Engine, EngineError};
pub use typeface::Hand;
