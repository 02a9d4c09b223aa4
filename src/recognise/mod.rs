//! From a page image to what is written on it.
//!
//! A form's page goes through four steps, each a function from one named type to the next: [`identify`] finds the page code and says which form and
//! page this is; [`register`] finds where on the scan each millimetre of the form lies; [`read_page`] cuts out the zones, sees which are blank,
//! and reads the rest; [`decide`] makes one field of each field definition and says which are accepted. A letter's page goes to
//! [`Engine::transcribe`], and a text layer is held against its picture by [`Engine::agrees`].
//!
//! Registration, combs, boxes and the judgement of print against handwriting are our own; Tesseract reads lines of print, rqrr the page code,
//! and networks of our own the characters that a hand wrote in a comb. How sure they must be for that to be accepted is [`Calibration`]'s.
//!
//! It relies on a page whose size the page room has bounded, and on a form that was sound when it was loaded. It deliberately does no input or
//! output once the engine is loaded, keeps nothing from one page to the next, never repairs what was read (a value's rule is
//! [`crate::registry`]'s, and what was read stands beside it), and never compares one field with another ([`crate::validate`]).
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "pixel arithmetic goes between counts and coordinates; the page room bounds a page far below where a cast could lose anything"
)]
#![expect(clippy::many_single_char_names, reason = "x, y, w, h and left, top, right, bottom are the names of the field")]

mod alphabet;
mod blank;
mod calibration;
mod characters;
mod checkbox;
mod comb;
mod components;
mod crops;
mod decide;
pub mod decode;
pub mod geometry;
mod handwriting;
mod identify;
mod landmarks;
mod lie;
mod looks;
mod models;
mod network;
mod picture;
pub mod portrait;
mod print;
mod raster;
mod read;
mod register;
mod stray;
mod tesseract;
mod transcribe;
mod typeface;
mod zone;

pub use blank::is_blank;
pub use calibration::{Calibration, CalibrationError, Threshold};
pub use characters::Character;
pub use checkbox::BoxState;
pub use comb::{Comb, Glyph};
pub use crops::attach_crops;
pub use decide::{decide, says_the_same};
pub use identify::{Identified, identify};
pub use landmarks::{Template, find_by_print};
pub use looks::hand_model;
pub use models::{Means, ModelError, Models};
pub use network::NetworkError;
pub use picture::{as_it_lies, registered};
pub use print::Signature;
pub use read::{Mark, TextReading, Trouble, ZoneReading, read_page};
pub use register::{Footing, RegisterError, Registration, register};
pub use stray::mark_stray;
pub use tesseract::{Engine, EngineError};
pub use typeface::Hand;
