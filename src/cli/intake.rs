//! `postsluse intake`: takes files in as if they had been dropped, or sends a quarantined document back to be read again.

use anyhow::Context;
use std::path::PathBuf;

use super::{Common, Ending, output, setup};
use crate::document::{DocumentId, Origin};
use crate::inbox::{Candidate, FileIdentity};
use crate::intake::{Afterwards, BY_HAND, Intake, Taken};

/// Options of `intake`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The files; they stay where they are
    #[arg(value_name = "FILE", required_unless_present = "requeue")]
    files: Vec<PathBuf>,
    /// A quarantined document that is to be tried again
    #[arg(long, value_name = "ID")]
    requeue: Option<DocumentId>,
}

pub(super) async fn run(common: &Common, options: &Options) -> anyhow::Result<Ending> {
    let config = setup::config(common)?;
    let vault = setup::vault(&config)?;
    let owner = setup::owner(0);
    let store = setup::store(&config, &vault, setup::actor()).await?;
    let clock = setup::clock();
    if let Some(document) = options.requeue {
        store.requeue(document, setup::actor(), clock.now()).await?;
        output::line(&format!("{document}  waits to be read again"))?;
    }
    let spool = setup::spool(&config, &store).await?;
    let intake = Intake { store, vault, spool, clock, entropy: setup::entropy(), owner, lease: config.intake.lease, bytes_max: config.intake.bytes_max };
    let mut ending = Ending::Good;
    for file in &options.files {
        let metadata =
            std::fs::symlink_metadata(file).with_context(|| format!("cannot read {}\nname a file that exists and that you may read", file.display()))?;
        anyhow::ensure!(metadata.is_file(), "{} is not a regular file\nname the file itself, not a link or a folder", file.display());
        let candidate = Candidate {
            folder: BY_HAND.to_owned(),
            relative: file.file_name().map(PathBuf::from).unwrap_or_default(),
            path: file.clone(),
            identity: FileIdentity::of(&metadata),
            origin: Origin::File,
        };
        let (code, document, text) = match intake.take(&candidate, Afterwards::Keep).await? {
            Taken::New { document, .. } => ("received", Some(document), format!("{document}  received: {}", file.display())),
            Taken::Duplicate { of, .. } => ("duplicate", Some(of), format!("{of}  is this very document: {}", file.display())),
            Taken::NotNow(why) => {
                ending = Ending::Wanting;
                ("refused", None, format!("not taken: {}: {why}; {}", file.display(), why.advice()))
            }
            Taken::Elsewhere => {
                ending = Ending::Wanting;
                ("refused", None, format!("not taken: {}: it is being taken already, or changes while it is read; try again", file.display()))
            }
        };
        if common.json {
            output::json_line(&serde_json::json!({"v": 1, "file": file.display().to_string(), "outcome": code, "document": document}))?;
        } else {
            output::line(&text)?;
        }
    }
    Ok(ending)
}
