//! The integration tests: one binary, one module a room.

mod dispatch;
mod letters;
mod letters_paper;
mod smtp;
