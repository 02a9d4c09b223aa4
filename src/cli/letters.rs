//! `postsluse letters`: the outgoing letters.

use anyhow::Context;
use serde_json::json;
use std::path::PathBuf;

use super::{Common, Ending, output, setup};
use crate::document::LetterId;
use crate::pipeline::{open_envelope, open_stored_letter};
use crate::store::{LetterState, Page};

/// What to do with letters.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the letters, newest first
    List {
        /// Only letters in this state: due, composed, sent, `waiting_address`, failed, withdrawn
        #[arg(long)]
        state: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Show one letter: where it goes, its e-mail text; with --output also the PDF
    Show {
        /// The letter's id
        id: LetterId,
        /// Write the PDF here, in clear
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Try again to send a letter that failed or that waits for an address
    Retry {
        /// The letter's id
        id: LetterId,
    },
}

pub(super) async fn run(common: &Common, command: &Command) -> anyhow::Result<Ending> {
    let config = setup::config(common)?;
    let vault = setup::vault(&config)?;
    let store = setup::store(&config, &vault, setup::actor()).await?;
    match command {
        Command::List { state, limit } => {
            let state = state
                .as_deref()
                .map(|code| {
                    LetterState::from_code(code)
                        .with_context(|| format!("`{code}` is no state of a letter\nthe states are due, composed, sent, waiting_address, failed, withdrawn"))
                })
                .transpose()?;
            for letter in store.letters(state, Page::newest(*limit)).await? {
                if common.json {
                    output::json_line(&json!({
                        "v": 1, "letter": letter.id, "kind": letter.kind.as_str(), "our_ref": letter.our_ref.to_string(), "language": letter.language, "state": letter.state.as_str(),
                        "record": letter.record, "message_id": letter.message_id, "attempts": letter.attempts, "last_error": letter.last_error_code,
                        "sent": letter.sent_at.map(|at| at.to_string()),
                    }))?;
                } else {
                    let trouble = letter.last_error_code.as_ref().map(|code| format!("  ({code})")).unwrap_or_default();
                    output::line(&format!(
                        "{}  {:<12} {} {} {}{trouble}",
                        letter.id,
                        letter.our_ref.to_string(),
                        letter.kind.as_str(),
                        letter.language,
                        letter.state
                    ))?;
                }
            }
        }
        Command::Show { id, output: file } => {
            let letter = store.letter(*id).await?;
            let (Some(pdf), Some(recipient)) = (&letter.pdf, &letter.recipient) else {
                anyhow::bail!("the letter {} is {} and not written yet\nthe service writes it when it runs", letter.our_ref, letter.state);
            };
            let opened = open_stored_letter(&open_envelope(&vault, &letter.envelope)?, *id, &pdf.0, &recipient.0)?;
            if let Some(file) = file {
                std::fs::write(file, &opened.pdf).with_context(|| format!("cannot write {}", file.display()))?;
            }
            if common.json {
                output::json_line(&json!({
                    "v": 1, "letter": id, "our_ref": letter.our_ref.to_string(), "state": letter.state.as_str(), "to": opened.to, "subject": opened.subject,
                    "body": opened.body, "pdf_bytes": opened.pdf.len(), "message_id": letter.message_id,
                }))?;
            } else {
                output::line(&format!("{} ({}), to {}\n{}\n\n{}", letter.our_ref, letter.state, opened.to, opened.subject, opened.body))?;
            }
        }
        Command::Retry { id } => {
            let state = store.resume_letter(*id, setup::actor(), setup::clock().now()).await?;
            output::line(&format!("the letter is {state}; the service takes it up"))?;
        }
    }
    Ok(Ending::Good)
}
