//! Many documents through the readers: which files are meant, several read at once, each handed over in the order they were named.

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;

use super::setup::Wanted;
use super::{Common, setup};
use crate::config::Config;
use crate::reader::{Job, Pool, ReadFailure};
use crate::record::Reading;
use crate::vault::Hasher;

/// The endings that are read in a folder. A file that is named is read whatever its ending.
const ENDINGS: [&str; 8] = ["pdf", "tif", "tiff", "png", "jpg", "jpeg", "txt", "eml"];

/// A document and what came of it.
pub(super) struct Document {
    /// The file.
    pub(super) path: PathBuf,
    /// SHA-256 of the file.
    pub(super) digest: String,
    /// What was read, or why nothing was.
    pub(super) read: Result<Reading, ReadFailure>,
    /// How long it took, from asking for a reader.
    pub(super) ms: u64,
}

/// Reads `files`, as many at once as is wanted or the configuration says, and hands over each as soon as those before it are done.
pub(super) async fn each(
    common: &Common,
    config: Option<&Config>,
    files: &[PathBuf],
    (job, wanted): (Job, Wanted<'_>),
    mut on_document: impl FnMut(Document) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let forms = setup::forms_folder(common, config);
    let readers = wanted.readers.map(|readers| readers.clamp(1, 64)).or((files.len() == 1).then_some(1));
    let pool_config = setup::pool_config(config, &forms, &Wanted { readers, ..wanted })?;
    let readers = pool_config.readers;
    let pool = Pool::start(pool_config).await?;
    let places = Arc::new(Semaphore::new(readers));
    let progress = progress_bar(files.len());
    let mut running = tokio::task::JoinSet::new();
    for (index, path) in files.iter().cloned().enumerate() {
        let (pool, places, progress, job) = (pool.clone(), places.clone(), progress.clone(), job.clone());
        running.spawn(async move {
            let _place = places.acquire().await;
            let document = read_one(&pool, &job, path).await;
            progress.inc(1);
            (index, document)
        });
    }
    let (mut waiting, mut next) = (BTreeMap::new(), 0);
    while let Some(done) = running.join_next().await {
        let (index, document) = done.context("a reading task ended early")?;
        waiting.insert(index, document?);
        while let Some(document) = waiting.remove(&next) {
            next += 1;
            progress.suspend(|| on_document(document))?;
        }
    }
    progress.finish_and_clear();
    pool.stop().await;
    Ok(())
}

async fn read_one(pool: &Pool, job: &Job, path: PathBuf) -> anyhow::Result<Document> {
    let bytes = tokio::fs::read(&path).await.with_context(|| format!("cannot read {}\nname a file that exists and that you may read", path.display()))?;
    let mut hasher = Hasher::new();
    hasher.update(&bytes);
    let digest = hasher.finish().to_string();
    let started = std::time::Instant::now();
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let read = pool.read(job, length, &mut bytes.as_slice()).await;
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match read {
        Err(ReadFailure::NoReader(error)) => Err(error.into()),
        read => Ok(Document { path, digest, read, ms }),
    }
}

/// The files that are named, and the documents in the folders that are named, in order.
pub(super) fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
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
