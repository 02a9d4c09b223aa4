//! `postsluse keys`: make a keyset, list its keys.

use std::path::PathBuf;

use super::{Common, Ending, output, setup};
use crate::vault::{KeySource, Vault};

/// What to do with keys.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a keyset, once; refuses where there is one
    Init {
        /// The folder. Without it: the configuration's
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// List the keys: id, status, when they were made. Never the keys themselves
    List,
}

pub(super) fn run(common: &Common, command: &Command) -> anyhow::Result<Ending> {
    match command {
        Command::Init { folder } => {
            let folder = match folder {
                Some(folder) => folder.clone(),
                None => match setup::config(common)?.keys {
                    KeySource::Folder(folder) => folder,
                    KeySource::Credentials(_) => anyhow::bail!(
                        "the configuration takes its keys from systemd, which cannot be written to\nname a folder with --folder, then encrypt its files with systemd-creds"
                    ),
                },
            };
            Vault::init(&folder, setup::clock().as_ref(), setup::entropy())?;
            output::line(&format!("a new keyset lies in {}: keep a copy of it where the data is not", folder.display()))?;
            Ok(Ending::Good)
        }
        Command::List => {
            let vault = setup::vault(&setup::config(common)?)?;
            for key in vault.keys() {
                let primary = key.id == vault.primary();
                if common.json {
                    output::json_line(
                        &serde_json::json!({"v": 1, "id": key.id, "status": key.status, "primary": primary, "created": key.created.to_string(), "algorithm": key.algorithm}),
                    )?;
                } else {
                    output::line(&format!("{}  {:<12} {}  {}{}", key.id, key.status, key.created, key.algorithm, if primary { "  primary" } else { "" }))?;
                }
            }
            Ok(Ending::Good)
        }
    }
}
