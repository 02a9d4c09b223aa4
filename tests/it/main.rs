//! The integration tests, as one binary.

mod recognise;
mod recognise_letters;
mod recognise_sheet;
mod recognise_typefaces;
