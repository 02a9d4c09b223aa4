//! `postsluse reader`: the sandboxed child. It loads languages and forms, locks itself in, and then reads what comes through its standard input.

use std::path::PathBuf;
use std::process::ExitCode;

use super::{Common, setup};
use crate::page::{self, Limits};
use crate::paper::Fonts;
use crate::pipeline::blanks::Blanks;
use crate::pipeline::reading::WarmReader;
use crate::reader::{self, Job, Progress, Warm};
use crate::recognise::Models;

/// Options of `reader`. Its parent gives them.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Tesseract's languages
    #[arg(long, default_value = "nor+eng")]
    languages: String,
    /// The folder of Tesseract's data
    #[arg(long)]
    tessdata: Option<PathBuf>,
    /// The office's own thresholds
    #[arg(long)]
    thresholds: Option<PathBuf>,
    /// The most pages of a document
    #[arg(long, default_value_t = 200)]
    pages_max: u32,
    /// Load what it takes to answer with pictures of pages
    #[arg(long)]
    draws: bool,
    /// The folder of the fonts that blanks and pictures are drawn with
    #[arg(long)]
    fonts: Option<PathBuf>,
}

pub(super) fn run(common: &Common, options: &Options) -> ExitCode {
    reader::serve(|| {
        // Before any picture is decoded, and a blank of somebody else may be one.
        page::warm_up();
        let folder = setup::forms_folder(common, None);
        let forms = crate::forms::load(&folder).map_err(|error| error.to_string())?;
        // Without fonts letters cannot be written, and the daemon says so; a reader then knows our own pages by their codes alone.
        let fonts = Fonts::load(options.fonts.as_deref());
        let blanks = Blanks::of(&forms, &folder, fonts.as_ref().ok()).map_err(|error| error.to_string())?;
        let models = Models::load(&options.languages, options.tessdata.as_deref(), options.thresholds.as_deref()).map_err(|error| error.to_string())?;
        let pages = Limits { pages_max: options.pages_max, ..Limits::default() };
        let mut warm = WarmReader::new(models, forms, blanks, pages);
        if options.draws {
            warm = warm.with_fonts(fonts.map_err(|error| error.to_string())?);
        }
        let engines = warm.model_names();
        Ok(Warm { work: move |job: &Job, bytes: Vec<u8>, progress: &mut Progress| warm.read(job, bytes, &mut |page| progress.page(page)), engines })
    })
}
