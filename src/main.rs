//! The program. Each command is a file in [`postsluse::cli`].

fn main() -> std::process::ExitCode {
    postsluse::cli::run()
}
