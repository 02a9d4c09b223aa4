//! `postsluse read`: reads documents and prints what they say. Nothing is stored; the output is contract version 1 (`docs/contracts.md`).

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;

use super::{Common, Ending, output, setup};
use crate::clock::{Clock, Date};
use crate::reader::{Job, Pool, ReadFailure};
use crate::record::{Kind, Part, Purpose, Reading};
use crate::vault::Hasher;

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

/// The endings that are read in a folder. A file that is named is read whatever its ending.
const ENDINGS: [&str; 7] = ["pdf", "tif", "tiff", "png", "jpg", "jpeg", "txt"];

struct Document {
    path: PathBuf,
    digest: String,
    read: Result<Reading, ReadFailure>,
    ms: u64,
}

pub(super) async fn run(common: &Common, options: &Options) -> anyhow::Result<Ending> {
    let config = setup::optional_config(common)?;
    let files = files(&options.paths)?;
    let forms = setup::forms_folder(common, config.as_ref());
    let pool_config = setup::pool_config(config.as_ref(), &forms, options.jobs.map(|jobs| jobs.clamp(1, 64)).or((files.len() == 1).then_some(1)))?;
    let readers = pool_config.readers;
    let pool = Pool::start(pool_config).await?;
    let received = options.received.unwrap_or_else(|| crate::clock::SystemClock.today());
    // Without a configuration nothing is in production: synthetic numbers are read as what they are.
    let job = Job { received, test_ids: config.as_ref().is_none_or(|config| config.test_ids), crops: false, text: options.text };

    let places = Arc::new(Semaphore::new(readers));
    let progress = progress_bar(files.len());
    let mut running = tokio::task::JoinSet::new();
    for (index, path) in files.iter().cloned().enumerate() {
        let (pool, places, job, progress) = (pool.clone(), places.clone(), job, progress.clone());
        running.spawn(async move {
            let _place = places.acquire().await;
            let document = read_one(&pool, &job, path).await;
            progress.inc(1);
            (index, document)
        });
    }
    // Printed in the order they were named, each as soon as those before it are done.
    let mut waiting = std::collections::BTreeMap::new();
    let (mut next, mut ending) = (0, Ending::Good);
    while let Some(done) = running.join_next().await {
        let (index, document) = done.context("a reading task ended early")?;
        waiting.insert(index, document?);
        while let Some(document) = waiting.remove(&next) {
            next += 1;
            if progress.suspend(|| print(common, options, &document))? == Ending::Wanting {
                ending = Ending::Wanting;
            }
        }
    }
    progress.finish_and_clear();
    pool.stop().await;
    Ok(ending)
}

async fn read_one(pool: &Pool, job: &Job, path: PathBuf) -> anyhow::Result<Document> {
    let bytes = tokio::fs::read(&path).await.with_context(|| format!("cannot read {}\nname a file that exists and that you may read", path.display()))?;
    let mut hasher = Hasher::new();
    hasher.update(&bytes);
    let digest = hasher.finish().to_string();
    let started = std::time::Instant::now();
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let read = pool.read(*job, length, &mut bytes.as_slice()).await;
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match read {
        Err(ReadFailure::NoReader(error)) => Err(error.into()),
        read => Ok(Document { path, digest, read, ms }),
    }
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

/// The files that are named, and the documents in the folders that are named, in order.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            documents_in(path, &mut files)?;
            anyhow::ensure!(files.len() > before, "{} holds no document\ndocuments end in {}", path.display(), ENDINGS.join(", "));
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn documents_in(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    let mut entries = entries.collect::<Result<Vec<_>, _>>().with_context(|| format!("cannot read the folder {}", folder.display()))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type()?);
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if kind.is_dir() && !hidden {
            documents_in(&path, files)?;
        } else if kind.is_file() && !hidden && path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))) {
            files.push(path);
        }
    }
    Ok(())
}

fn progress_bar(files: usize) -> ProgressBar {
    // indicatif draws on standard error, and only on a terminal.
    let bar = if files < 3 { ProgressBar::hidden() } else { ProgressBar::new(files as u64) };
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} documents, {eta} left").unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style)
}
