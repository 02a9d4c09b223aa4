//! `postsluse reader`: the sandboxed child. It loads languages and forms, locks itself in, and then reads what comes through its standard input.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{Common, setup};
use crate::page::Limits;
use crate::pipeline::reading::WarmReader;
use crate::reader::{ChildLimits, SandboxMode, child};

/// Options of `reader`. Its parent gives them.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Tesseract's languages
    #[arg(long, default_value = "nor+eng")]
    languages: String,
    /// The folder of Tesseract's data
    #[arg(long)]
    tessdata: Option<PathBuf>,
    /// The most pages of a document
    #[arg(long, default_value_t = 200)]
    pages_max: u32,
    /// The most memory, MiB
    #[arg(long, default_value_t = 512)]
    memory_mib: u64,
    /// Refuse to start when a layer of the sandbox is missing
    #[arg(long)]
    sandbox_required: bool,
}

pub(super) fn run(common: &Common, options: &Options) -> ExitCode {
    let forms = setup::forms_folder(common, None);
    let limits = ChildLimits { memory_mib: options.memory_mib, sandbox: if options.sandbox_required { SandboxMode::Required } else { SandboxMode::BestEffort }, ..ChildLimits::default() };
    child::serve(limits, || {
        let forms = crate::forms::load(&forms).map_err(|error| error.to_string())?;
        let pages = Limits { pages_max: options.pages_max, ..Limits::default() };
        let mut reader = WarmReader::new(&options.languages, options.tessdata.as_deref(), forms, pages).map_err(|error| error.to_string())?;
        Ok(move |job: &crate::reader::Job, bytes: Vec<u8>| reader.read(job, bytes))
    })
}
