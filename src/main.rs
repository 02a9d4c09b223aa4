//! The program. Each command is a file in [`postsluse::cli`].

fn main() {}
