//! `postsluse read`: reads documents and prints what they say. Nothing is stored, but for pictures of pages where somebody asks for them; the output is contract version 1 (`docs/contracts.md`).

use serde_json::json;
use std::path::PathBuf;

use super::batch::{self, Document};
use super::setup::Wanted;
use super::{Common, Ending, output, pictures, setup};
use crate::clock::{Clock, Date};
use crate::document::Origin;
use crate::reader::{Job, Pictures, ReadFailure};
use crate::record::{Kind, Part, Purpose};

/// Options of `read`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Files, or folders whose documents are read
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Show values of special categories too
    #[arg(long)]
    reveal: bool,
    /// Print the normalised text of letters, which spans refer to, instead of the fields
    #[arg(long)]
    text: bool,
    /// The day the documents were received; rules such as the six-month rule count from it. Without it: today
    #[arg(long, value_name = "YYYY-MM-DD")]
    received: Option<Date>,
    /// Write a picture of each page to this folder, to see why a field was read as it was
    ///
    /// The picture shows the page with the outline of every zone, numbered, and beside it what was read in each, the value it became, confidence and
    /// threshold, and what was decided. A file is named after its document and page, STEM-PAGE.png; no file is written over: if another document has
    /// the name, it is STEM.2-PAGE.png. The folder is made with mode 0700, the files with 0600.
    ///
    /// The pictures hold everything that stands on the pages, in clear: names, numbers, and health data wherever somebody wrote it. Without --reveal the zones of
    /// special categories are covered, and so is every page that is neither of a form that could be registered nor of a letter we know; what was
    /// written in the wrong place cannot be known and is not covered. Keep the folder where only you can read it, and remove it when you have looked.
    #[arg(long, value_name = "DIR")]
    debug_dir: Option<PathBuf>,
    /// How many documents are read at once. Without it: the configuration's, else one a core
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
}

pub(super) async fn run(common: &Common, options: &Options) -> anyhow::Result<Ending> {
    let config = setup::optional_config(common)?;
    let files = batch::files(&options.paths)?;
    let received = options.received.unwrap_or_else(|| crate::clock::SystemClock.today());
    let folder = options.debug_dir.as_deref().map(pictures::Folder::open).transpose()?;
    let pictures = match (&folder, options.reveal) {
        (None, _) => Pictures::No,
        (Some(_), false) => Pictures::Covered,
        (Some(_), true) => Pictures::Whole,
    };
    // Without a configuration nothing is in production: synthetic numbers are read as what they are.
    let test_ids = config.as_ref().is_none_or(|config| config.test_ids);
    let mail_server = config.as_ref().and_then(|config| config.sender.mail_server.clone());
    let job = Job { text: options.text, pictures, mail_server, ..Job::plain(received, Origin::File, test_ids) };
    let mut ending = Ending::Good;
    batch::each(common, config.as_ref(), &files, (job, Wanted { readers: options.jobs, draws: pictures != Pictures::No, ..Wanted::default() }), |document| {
        if let (Some(folder), Ok(reading)) = (&folder, &document.read) {
            folder.keep(&document.path, reading)?;
        }
        if print(common, options, &document)? == Ending::Wanting {
            ending = Ending::Wanting;
        }
        Ok(())
    })
    .await?;
    Ok(ending)
}

fn print(common: &Common, options: &Options, document: &Document) -> anyhow::Result<Ending> {
    let file = document.path.display().to_string();
    let reading = match &document.read {
        Ok(reading) => reading,
        Err(failure) => {
            if common.json {
                let (code, message) = match failure {
                    ReadFailure::Refused(refusal) => (refusal.code.as_str(), refusal.message.clone()),
                    other => ("reader", other.to_string()),
                };
                let finding = json!([{"code": code, "field": null, "message": message}]);
                output::json_line(&json!({
                    "v": 1, "file": file, "part": null, "sha256": document.digest, "kind": "unknown", "form": null, "pages": 0,
                    "fields": [], "findings": finding, "ms": document.ms,
                }))?;
            } else {
                output::line(&format!("{file}: not read: {failure}"))?;
            }
            return Ok(Ending::Wanting);
        }
    };
    let mut ending = Ending::Good;
    for part in &reading.parts {
        if !matches!(part.kind, Kind::Form | Kind::Letter) {
            ending = Ending::Wanting;
        }
        print_part(common, options, &file, document, part)?;
    }
    Ok(ending)
}

fn print_part(common: &Common, options: &Options, file: &str, document: &Document, part: &Part) -> anyhow::Result<()> {
    let text = part.text.as_ref().map(|text| text.expose(Purpose::Reveal));
    if options.text {
        return if common.json {
            output::json_line(&json!({"v": 1, "file": file, "part": part.part, "text": text}))
        } else {
            output::line(text.map_or("", String::as_str))
        };
    }
    if common.json {
        return output::json_line(&json!({
            "v": 1, "file": file, "part": part.part, "sha256": document.digest, "kind": part.kind, "form": output::form_json(part.form.as_ref()),
            "pages": part.pages, "fields": part.fields.iter().map(|field| output::field_json(field, options.reveal)).collect::<Vec<_>>(),
            "findings": output::findings_json(&part.findings), "ms": document.ms,
        }));
    }
    let heading = part.part.as_ref().map_or_else(|| file.to_owned(), |part| format!("{file}, {part}"));
    output::part_lines(&heading, part, options.reveal).iter().try_for_each(|line| output::line(line))
}
