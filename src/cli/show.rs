//! `postsluse show`: one document or record, opened. Special values only with `--reveal`, and each such look is in the audit chain. Without it every
//! special field is shown alike: that one is filled in is health information, whatever it says.

use anyhow::Context;
use serde_json::json;
use std::io::{IsTerminal, Write};

use super::{Common, Ending, list, output, setup};
use crate::audit::{Action, Code, Detail, Entry, Reason, Subject};
use crate::clock::Clock;
use crate::document::{DocumentId, RecordId};
use crate::forms::Form;
use crate::intake::Intake;
use crate::pipeline::settling::{self, OpenRecord};
use crate::pipeline::{counted, open_envelope, open_refusal};
use crate::record::{Decision, Field, Finding, Kind, Sensitivity};
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
    // Without its definition a form is shown all the same, and less of it in clear.
    let forms = crate::forms::load(&config.forms).unwrap_or_default();
    let found = store.record(record).await;
    let desk = Desk { common, options, store, vault: &vault, forms };
    match found {
        Ok(_) => show_record(&desk, record).await,
        Err(StoreError::Final(Fault::NotFound { .. })) => show_document(&desk, options.id.parse()?).await,
        Err(error) => Err(error.into()),
    }
}

/// What it takes to show something.
struct Desk<'a> {
    common: &'a Common,
    options: &'a Options,
    store: Store,
    vault: &'a Vault,
    forms: Vec<Form>,
}

async fn show_document(desk: &Desk<'_>, id: DocumentId) -> anyhow::Result<Ending> {
    let Desk { common, store, vault, .. } = desk;
    let document = store.document(id).await?;
    let envelope = open_envelope(vault, &store.envelope(document.envelope).await?)?;
    let refusal = open_refusal(store, vault, &document).await?;
    let name = Intake::open_name(&envelope, id, &document.sealed_name.0).context("the file's name does not open")?;
    if common.json {
        output::json_line(
            &json!({"v": 1, "document": id, "state": document.state.name(), "folder": document.folder, "name": name.display().to_string(), "bytes": document.size, "pages": document.pages, "refusal": refusal}),
        )?;
    } else {
        output::line(&format!("document {id}: {} from {}, {} ({} bytes)", document.state.name(), document.folder, name.display(), document.size))?;
        if let Some(why) = refusal {
            output::line(&format!("  {}", why.to_string().replace('\n', "\n  ")))?;
        }
    }
    for record in store.records_of(id).await? {
        show_record(desk, record.id).await?;
    }
    Ok(Ending::Good)
}

/// What of a record may be seen.
struct View<'a> {
    open: &'a OpenRecord,
    form: Option<&'a Form>,
    reveal: bool,
}

impl View<'_> {
    fn holds_special(&self) -> bool {
        self.open.fields.iter().any(is_special)
    }

    fn hides(&self, field: &Field) -> bool {
        !self.reveal && is_special(field)
    }

    fn field_json(&self, field: &Field) -> serde_json::Value {
        if self.hides(field) {
            output::hidden_field_json(field, self.form.and_then(|form| form.field(&field.name)?.place()))
        } else {
            output::field_json(field, self.reveal)
        }
    }

    /// The fields for people: those that are not blank, and every one of which not even that is shown.
    fn field_lines(&self) -> impl Iterator<Item = String> {
        let line = |field: &Field| {
            if self.hides(field) {
                return Some(output::hidden_field_line(field));
            }
            (field.decision != Decision::Empty).then(|| output::field_line(field, self.reveal))
        };
        self.open.fields.iter().filter_map(line)
    }

    /// The findings that tell nothing of special fields, or all; and whether something stands for the rest.
    fn findings(&self) -> (Vec<Finding>, bool) {
        let shown = self.open.summary.findings.iter().filter(|finding| self.reveal || !self.tells_of_special(finding));
        (shown.cloned().collect(), !self.reveal && self.holds_special())
    }

    fn tells_of_special(&self, finding: &Finding) -> bool {
        let of_rule = self.form.map_or(self.open.row.kind == Kind::Form, |form| form.tells_of_special(&finding.code));
        let about = |name: &String| self.open.fields.iter().find(|field| field.name == *name).is_none_or(is_special);
        of_rule || finding.field.as_ref().is_some_and(about)
    }
}

fn is_special(field: &Field) -> bool {
    field.content.sensitivity() == Sensitivity::Special
}

async fn show_record(desk: &Desk<'_>, id: RecordId) -> anyhow::Result<Ending> {
    let Desk { common, options, store, vault, forms } = desk;
    let open = settling::open_record(store, vault, id).await?;
    let form = open.row.form.as_ref().and_then(|(name, version)| forms.iter().find(|form| form.name == *name && form.version == *version));
    let view = View { open: &open, form, reveal: options.reveal };
    if let (true, true, Some(reason)) = (options.reveal, view.holds_special(), options.reason) {
        note_look(store, id, None, reason).await?;
    }
    let letters = store.letters_of(id).await?;
    let (findings, more) = view.findings();
    if common.json {
        let mut shown = list::record_json(&open.row);
        shown["v"] = json!(1);
        shown["part"] = json!(open.summary.part);
        shown["fields"] = open.fields.iter().map(|field| view.field_json(field)).collect();
        shown["findings"] = findings.iter().map(|finding| json!(finding)).chain(more.then(output::hidden_findings_json)).collect();
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
    for line in view.field_lines().chain(output::finding_lines(&findings)).chain(more.then(output::hidden_findings_line)) {
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
    // Noted before it is known whether there is one: that there is none says that the field is blank.
    if let Some(reason) = options.reason {
        note_look(store, id, Code::new(field).ok(), reason).await?;
    }
    let envelope = open_envelope(vault, &row.envelope)?;
    let crop = store.crops(id).await?.map(|sealed| seal::open_crop(&envelope, id, field, &sealed.0)).transpose()?.flatten();
    let crop = crop
        .with_context(|| format!("there is no picture of `{field}`: it was blank, or the document has no picture\n`postsluse show {id}` lists the fields"))?;
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
