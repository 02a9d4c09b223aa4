//! The integration tests: one binary, one module a room.

mod letters;
mod letters_paper;
