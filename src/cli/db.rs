//! `postsluse db`: brings the database to this version's schema, or says where it stands.

use super::{Common, Ending, output, setup};
use crate::store;

/// What to do with the database.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Bring the database to this version's schema; makes a SQLite file that is not there
    Migrate,
    /// Say which schema the database has
    Status,
}

pub(super) async fn run(common: &Common, command: &Command) -> anyhow::Result<Ending> {
    let config = setup::config(common)?;
    match command {
        Command::Migrate => {
            let migrated = store::migrate(&config.database).await?;
            if common.json {
                output::json_line(&serde_json::json!({"v": 1, "from": migrated.from, "to": migrated.to}))?;
            } else if migrated.from == Some(migrated.to) {
                output::line(&format!("the database has schema {} already", migrated.to))?;
            } else {
                output::line(&format!("the database was brought from {} to schema {}", schema(migrated.from), migrated.to))?;
            }
            Ok(Ending::Good)
        }
        Command::Status => {
            let status = store::status(&config.database).await?;
            if common.json {
                output::json_line(&serde_json::json!({"v": 1, "database": config.database.to_string(), "schema": status.found, "needed": status.needed}))?;
            } else {
                output::line(&format!("{}: {}, this version needs schema {}", config.database, schema(status.found), status.needed))?;
            }
            Ok(if status.pending.is_empty() && status.found.is_some() { Ending::Good } else { Ending::Wanting })
        }
    }
}

fn schema(version: Option<i64>) -> String {
    version.map_or_else(|| "no schema".to_owned(), |version| format!("schema {version}"))
}
