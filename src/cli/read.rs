//! `postsluse read`: reads documents and prints what they say. Nothing is stored; the output is contract version 1 (`docs/contracts.md`).

use serde_json::json;
use std::path::PathBuf;

use super::batch::{self, Document};
use super::{Common, Ending, output, setup};
use crate::clock::{Clock, Date};
use crate::reader::{Job, ReadFailure};
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
    /// How many documents are read at once. Without it: the configuration's, else one a core
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
}

pub(super) async fn run(common: &Common, options: &Options) -> anyhow::Result<Ending> {
    let config = setup::optional_config(common)?;
    let files = batch::files(&options.paths)?;
    let received = options.received.unwrap_or_else(|| crate::clock::SystemClock.today());
    // Without a configuration nothing is in production: synthetic numbers are read as what they are.
    let job = Job { received, test_ids: config.as_ref().is_none_or(|config| config.test_ids), crops: false, text: options.text };
    let mut ending = Ending::Good;
    batch::each(common, config.as_ref(), &files, (job, options.jobs), |document| {
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
