//! From a page's picture to what is filled in: find out which page it is, lay the form over it, look into each zone, and decide.
//!
//! The order is [`identify`] (the page code), [`register`] (the marks), [`read_page`] (zones with ink, each sampled upright, snapped to its printed
//! outline and freed of it), [`decide`] (zones to fields, with their confidence and what is left to a person). Letters go another way:
//! [`Engine::transcribe`]. Handwriting is told from print and never accepted; a reader of handwritten characters has its place behind
//! [`CharacterReader`]. Nothing here opens a file or knows what a field's value means beyond its type.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "pixel arithmetic goes between counts and coordinates; the page room bounds a page far below where a cast could lose anything"
)]
#![expect(clippy::many_single_char_names, reason = "x, y, w, h and left, top, right, bottom are the names of the field")]

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
