//! `postsluse show`: one document or record, opened. Special values only with `--reveal`, and each such look is in the audit chain.

use anyhow::Context;
use serde_json::json;
use std::io::{IsTerminal, Write};

use super::{Common, Ending, list, output, setup};
use crate::audit::{Action, Code, Detail, Entry, Reason, Subject};
use crate::clock::Clock;
use crate::document::{DocumentId, RecordId};
use crate::intake::Intake;
use crate::pipeline::{counted, open_envelope, settling};
use crate::record::Sensitivity;
use crate::seal;
use crate::store::{Fault, Store, StoreError};
use crate::vault::Vault;

/// Options of `show`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The document's or the record's id
    id: String,
    /// Show values of special categories too; the look is noted with your account and the reason
    #[arg(long, requires = "reason")]
    reveal: bool,
    /// Why you need to see them: review, casework, `access_request`, `correction_request`, incident
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reason: Option<Reason>,
    /// Write the picture of one field to standard output, as PNG; the look is noted
    #[arg(long, value_name = "FIELD", requires = "reason")]
    crop: Option<String>,
}

pub(super) async fn run(common: &Common, options: &Options) -> anyhow::Result<Ending> {
    let config = setup::config(common)?;
    let vault = setup::vault(&config)?;
    let store = setup::store(&config, &vault, setup::actor()).await?;
    let record: RecordId = options.id.parse()?;
    if let Some(field) = &options.crop {
        return show_crop(&store, &vault, record, field, options).await;
    }
    match store.record(record).await {
        Ok(_) => show_record(common, options, &store, &vault, record).await,
        Err(StoreError::Final(Fault::NotFound { .. })) => show_document(common, options, &store, &vault, options.id.parse()?).await,
        Err(error) => Err(error.into()),
    }
}

async fn show_document(common: &Common, options: &Options, store: &Store, vault: &Vault, id: DocumentId) -> anyhow::Result<Ending> {
    let document = store.document(id).await?;
    let envelope = open_envelope(vault, &store.envelope(document.envelope).await?)?;
    let name = Intake::open_name(&envelope, id, &document.sealed_name.0).context("the file's name does not open")?;
    if common.json {
        output::json_line(
            &json!({"v": 1, "document": id, "state": document.state.name(), "folder": document.folder, "name": name.display().to_string(), "bytes": document.size, "pages": document.pages}),
        )?;
    } else {
        output::line(&format!("document {id}: {} from {}, {} ({} bytes)", document.state.name(), document.folder, name.display(), document.size))?;
        if let crate::document::DocumentState::Quarantined(why) = &document.state {
            output::line(&format!("  {}", why.to_string().replace('\n', "\n  ")))?;
        }
    }
    for record in store.records_of(id).await? {
        show_record(common, options, store, vault, record.id).await?;
    }
    Ok(Ending::Good)
}

async fn show_record(common: &Common, options: &Options, store: &Store, vault: &Vault, id: RecordId) -> anyhow::Result<Ending> {
    let open = settling::open_record(store, vault, id).await?;
    let holds_special = open.fields.iter().any(|field| field.content.sensitivity() == Sensitivity::Special);
    if let (true, true, Some(reason)) = (options.reveal, holds_special, options.reason) {
        note_look(store, id, None, reason).await?;
    }
    let letters = store.letters_of(id).await?;
    if common.json {
        let mut shown = list::record_json(&open.row);
        shown["v"] = json!(1);
        shown["part"] = json!(open.summary.part);
        shown["fields"] = open.fields.iter().map(|field| output::field_json(field, options.reveal)).collect();
        shown["findings"] = output::findings_json(&open.summary.findings);
        shown["letters"] =
            letters.iter().map(|letter| json!({"letter": letter.id, "our_ref": letter.our_ref.to_string(), "state": letter.state.as_str()})).collect();
        output::json_line(&shown)?;
        return Ok(Ending::Good);
    }
    output::line(&format!(
        "record {id}: {} ({}), {}: {} accepted, {} to review",
        list::what(&open.row),
        open.row.state.as_str(),
        counted(open.row.pages, "page"),
        counted(open.row.accepted, "field"),
        open.row.to_review
    ))?;
    for field in open.fields.iter().filter(|field| field.decision != crate::record::Decision::Empty) {
        output::line(&output::field_line(field, options.reveal))?;
    }
    for line in output::finding_lines(&open.summary.findings) {
        output::line(&line)?;
    }
    for letter in letters {
        output::line(&format!("  letter {} {}: {}", letter.our_ref, letter.id, letter.state))?;
    }
    Ok(Ending::Good)
}

async fn show_crop(store: &Store, vault: &Vault, id: RecordId, field: &str, options: &Options) -> anyhow::Result<Ending> {
    anyhow::ensure!(
        !std::io::stdout().is_terminal(),
        "a picture is no text for a terminal\nsend it on: postsluse show {id} --crop {field} --reason ... | display"
    );
    let row = store.record(id).await?;
    let sealed = store
        .crop(id, field)
        .await?
        .with_context(|| format!("there is no picture of `{field}`: it was blank, or the document has no picture\n`postsluse show {id}` lists the fields"))?;
    if let Some(reason) = options.reason {
        note_look(store, id, Code::new(field).ok(), reason).await?;
    }
    let crop = seal::open_crop(&open_envelope(vault, &row.envelope)?, id, field, &sealed.0)?;
    std::io::stdout().lock().write_all(&crop.png).context("cannot write the picture")?;
    Ok(Ending::Good)
}

/// Notes a look at special data before it is given. The chain has no place for free text, so the reason is one of a few.
async fn note_look(store: &Store, id: RecordId, field: Option<Code>, reason: Reason) -> anyhow::Result<()> {
    let entry = Entry { actor: setup::actor(), action: Action::SpecialRead, subject: Subject::Record(id), detail: Detail::Read { field, reason } };
    store.audit(entry, crate::clock::SystemClock.now()).await?;
    Ok(())
}

/// The reasons as the command line takes them.
fn reason(text: &str) -> Result<Reason, String> {
    let known: Vec<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
    Reason::from_name(text).ok_or_else(|| format!("the reasons are {}", known.join(", ")))
}
