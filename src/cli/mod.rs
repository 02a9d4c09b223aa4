//! The command line: one file a command, each with its options and a `run`.
//!
//! Results go to standard output, notes to standard error; `--json` makes every result one JSON object a line. Exit codes: 0 done, 1 done
//! but something was not as hoped (a document not recognised, a check that failed), 2 an error, with one line that says what and one that says what to do.

mod anmodning;
mod batch;
mod db;
mod doctor;
mod evaluate;
mod forms;
mod intake;
mod keys;
mod letters;
mod list;
mod output;
mod pictures;
mod read;
mod reader;
mod serve;
mod settle;
mod setup;
mod show;
mod tasks;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// The airlock between the mail and the case database: reads paper forms and municipal decisions, seals what it reads, answers by letter.
#[derive(Debug, Parser)]
#[command(name = "postsluse", version, max_term_width = 110, arg_required_else_help = true)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command has.
#[derive(Debug, clap::Args)]
struct Common {
    /// The configuration. Without it: ./postsluse.toml, else /etc/postsluse/postsluse.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of form definitions. Without it: the configuration's, else ./forms
    #[arg(long, global = true, value_name = "DIR")]
    forms: Option<PathBuf>,
    /// Print each result as one JSON object on a line
    #[arg(long, global = true)]
    json: bool,
    /// Say more on standard error; twice for more still
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch the folders and do the work, until told to stop
    Serve(serve::Options),
    /// Read documents and print what they say; nothing is stored
    Read(read::Options),
    /// Read documents whose true values are known, and count what was right, wrong and left to a person
    Evaluate(evaluate::Evaluate),
    /// Make thresholds from documents whose true values are known
    Calibrate(evaluate::Calibrate),
    /// Take files in, as if they had been dropped into a watched folder; the files stay where they are
    Intake(intake::Options),
    /// Show the documents, what waits for a person, and what lies in the watched folders
    List(list::Options),
    /// Show one document or record
    Show(show::Options),
    /// Settle what the machine was unsure of in a record
    Settle(settle::Options),
    /// Form definitions: check, render the blank, print the zones, list
    #[command(subcommand)]
    Forms(forms::Command),
    /// Keys: make, list
    #[command(subcommand)]
    Keys(keys::Command),
    /// The database: migrate, status
    #[command(subcommand)]
    Db(db::Command),
    /// Outgoing letters: list, show
    #[command(subcommand)]
    Letters(letters::Command),
    /// What kommuner are asked for, and what has come of it: import, list, show, deadlines, confirm
    #[command(subcommand)]
    Anmodning(anmodning::Command),
    /// What is to be followed up with kommuner: list, draft, send, close
    #[command(subcommand)]
    Tasks(tasks::Command),
    /// Check everything this instance needs, and say what is missing
    Doctor(doctor::Options),
    /// The sandboxed child that reads documents. Started by the others
    #[command(hide = true)]
    Reader(reader::Options),
}

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// As hoped.
    Good,
    /// Done, but something was not as hoped.
    Wanting,
}

/// Runs the program with the arguments it was given.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are results; anything else is a usage error. A closed pipe is no reason to fail twice.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let Arguments { common, command } = arguments;
    // The reader child has no threads, no logger and no runtime before its sandbox stands.
    if let Command::Reader(options) = command {
        return reader::run(&common, &options);
    }
    setup::keep_memory_private();
    setup::logging(common.verbose);
    let ended = match command {
        Command::Serve(options) => setup::block_on(serve::run(&common, &options)),
        Command::Read(options) => setup::block_on(read::run(&common, &options)),
        Command::Evaluate(options) => setup::block_on(evaluate::evaluate(&common, &options)),
        Command::Calibrate(options) => setup::block_on(evaluate::calibrate(&common, &options)),
        Command::Intake(options) => setup::block_on(intake::run(&common, &options)),
        Command::List(options) => setup::block_on(list::run(&common, &options)),
        Command::Show(options) => setup::block_on(show::run(&common, &options)),
        Command::Settle(options) => setup::block_on(settle::run(&common, &options)),
        Command::Forms(command) => forms::run(&common, &command),
        Command::Keys(command) => keys::run(&common, &command),
        Command::Db(command) => setup::block_on(db::run(&common, &command)),
        Command::Letters(command) => setup::block_on(letters::run(&common, &command)),
        Command::Anmodning(command) => setup::block_on(anmodning::run(&common, &command)),
        Command::Tasks(command) => setup::block_on(tasks::run(&common, &command)),
        Command::Doctor(options) => setup::block_on(doctor::run(&common, &options)),
        Command::Reader(_) => unreachable!("handled above"),
    };
    match ended {
        Ok(Ending::Good) => ExitCode::SUCCESS,
        Ok(Ending::Wanting) => ExitCode::from(1),
        Err(error) if output::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("postsluse: {}", output::told(&error));
            ExitCode::from(2)
        }
    }
}
