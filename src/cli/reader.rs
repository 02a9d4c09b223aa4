//! `postsluse reader`: the sandboxed child. It loads languages and forms, locks itself in, and then reads what comes through its standard input.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{Common, setup};
use crate::page::Limits;
use crate::paper::Fonts;
use crate::pipeline::reading::WarmReader;
use crate::reader::{self, Job, Progress, Warm};

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
    /// Load what it takes to answer with pictures of pages
    #[arg(long)]
    draws: bool,
    /// The folder of fonts that pictures are written in
    #[arg(long)]
    fonts: Option<PathBuf>,
}

pub(super) fn run(common: &Common, options: &Options) -> ExitCode {
    reader::serve(|| {
        let forms = crate::forms::load(&setup::forms_folder(common, None)).map_err(|error| error.to_string())?;
        let pages = Limits { pages_max: options.pages_max, ..Limits::default() };
        let mut warm = WarmReader::new(&options.languages, options.tessdata.as_deref(), forms, pages).map_err(|error| error.to_string())?;
        if options.draws {
            warm = warm.with_fonts(Fonts::load(options.fonts.as_deref()).map_err(|error| error.to_string())?);
        }
        let engines = warm.model_names();
        Ok(Warm { work: move |job: &Job, bytes: Vec<u8>, progress: &mut Progress| warm.read(job, bytes, &mut |page| progress.page(page)), engines })
    })
}
