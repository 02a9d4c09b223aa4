//! Settling: a person decides what the machine would not.
//!
//! What was read stays as it was; what a person says is a new revision beside it. The rules of the form are applied to what stands now, so a person's
//! slip is found as the machine's is; a finding that a person has looked at and confirmed no longer holds the record up. When nothing is
//! left open the record has its consequences, exactly as if the machine had been sure.

use std::collections::{BTreeMap, BTreeSet};

use super::{Desk, StepError, open_envelope};
use crate::audit::Actor;
use crate::cases;
use crate::clock::office_date;
use crate::document::RecordId;
use crate::forms::Form;
use crate::record::{Confidence, Content, Decision, Field, FieldType, Finding, Guarded, Kind, ReaderKind, Value};
use crate::registry::{self, Canonical, Context};
use crate::seal::{self, Summary};
use crate::store::{NewField, RecordRow, SealedBytes, Settled, Settlement};
use crate::validate;

/// What a person says of one field.
#[derive(Clone, PartialEq, Eq)]
pub enum Verdict {
    /// What was read is right.
    AsRead,
    /// It is blank.
    Blank,
    /// It says this, as people write it: `21.11.2026`, `ja`, an option code, `2026 2027`.
    Says(String),
}

impl std::fmt::Debug for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AsRead => "AsRead",
            Self::Blank => "Blank",
            Self::Says(_) => "Says(..)",
        })
    }
}

/// All that a person says of a record.
#[derive(Debug, Clone, Default)]
pub struct Verdicts {
    /// By field name.
    pub fields: BTreeMap<String, Verdict>,
    /// Whether the findings have been looked at and the record may go on in spite of them.
    pub confirm_findings: bool,
}

/// A record, opened for a person.
#[derive(Debug)]
pub struct OpenRecord {
    /// Its row.
    pub row: RecordRow,
    /// Findings and identification.
    pub summary: Summary,
    /// Its fields as they stand.
    pub fields: Vec<Field>,
    /// The number of each field's revision, in the same order.
    pub revisions: Vec<u32>,
}

/// Why something a person said cannot be stored. It is said again, corrected.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The record has no such field.
    #[error("the record has no field `{0}`\n`postsluse show` lists its fields")]
    NoSuchField(String),
    /// The value does not fit the field.
    #[error("{field}: {why}\nwrite the value as the paper has it, or `{field}=` if it is blank")]
    Unfit {
        /// The field.
        field: String,
        /// Why, without the value.
        why: String,
    },
    /// Nothing was read, so it cannot be right as read.
    #[error("{0}: nothing was read there\nwrite the value, or `{0}=` if it is blank")]
    NothingRead(String),
    /// Everything else.
    #[error(transparent)]
    Step(#[from] StepError),
}

impl From<crate::store::StoreError> for SettleError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Step(error.into())
    }
}

impl From<crate::seal::UnsealError> for SettleError {
    fn from(error: crate::seal::UnsealError) -> Self {
        Self::Step(error.into())
    }
}

/// Opens a record for a person. The caller writes the audit entry when special values are shown.
///
/// # Errors
/// When the store fails or something does not open.
pub async fn open_record(store: &crate::store::Store, vault: &crate::vault::Vault, id: RecordId) -> Result<OpenRecord, StepError> {
    let row = store.record(id).await?;
    let envelope = open_envelope(vault, &row.envelope)?;
    let summary = seal::open_summary(&envelope, id, row.revision, &row.summary.0)?;
    let rows = store.fields(id).await?;
    let fields = rows.iter().map(|field| seal::open_field(&envelope, id, &field.name, field.revision, &field.sealed.0)).collect::<Result<_, _>>()?;
    Ok(OpenRecord { row, summary, fields, revisions: rows.iter().map(|field| field.revision).collect() })
}

impl Desk {
    /// Stores what a person says of a record, and draws the consequences when nothing is left open.
    ///
    /// # Errors
    /// When a value does not fit its field, somebody else settled the record meanwhile, or the store fails.
    pub async fn settle(&self, id: RecordId, verdicts: &Verdicts, forms: &[Form], person: Actor) -> Result<Settled, SettleError> {
        let mut open = open_record(&self.store, &self.vault, id).await?;
        let received = office_date(open.row.created_at);
        let context = Context { today: received, test_ids: self.config.test_ids };
        let form = open.row.form.as_ref().and_then(|(name, version)| forms.iter().find(|form| &form.name == name && &form.version == version));
        let mut touched = BTreeSet::new();
        for (name, verdict) in &verdicts.fields {
            let field = open.fields.iter_mut().find(|field| &field.name == name).ok_or_else(|| SettleError::NoSuchField(name.clone()))?;
            apply(field, verdict, form, context)?;
            touched.insert(name.clone());
        }
        let findings = standing_findings(&open, &touched, form, received, verdicts.confirm_findings);
        let summary = Summary { findings, ..open.summary };
        let route = cases::route(open.row.kind, summary.form.as_ref(), &open.fields, !summary.findings.is_empty(), true);
        // A letter or an enclosure that nobody could read by machine is settled when a person says so, by confirming its findings.
        let route = match (open.row.kind, route) {
            (Kind::Other | Kind::Unknown, cases::Route::Nothing) if !verdicts.confirm_findings => cases::Route::Wait,
            (_, route) => route,
        };
        let envelope = open_envelope(&self.vault, &open.row.envelope)?;
        let revision = open.row.revision + 1;
        let bytes = |sealed: crate::vault::Sealed| SealedBytes(sealed.into_bytes());
        let fields: Vec<NewField> = open
            .fields
            .iter()
            .filter(|field| touched.contains(&field.name))
            .map(|field| NewField { name: field.name.clone(), sealed: bytes(seal::seal_field(&envelope, id, revision, field).sealed) })
            .collect();
        let count = |decision| u32::try_from(open.fields.iter().filter(|field| field.decision == decision).count()).unwrap_or(u32::MAX);
        let settlement = Settlement {
            expected: open.row.revision,
            fields,
            summary: bytes(seal::seal_summary(&envelope, id, revision, &summary)),
            to_review: count(Decision::Review),
            accepted: count(Decision::Accept),
            outcome: self.outcome(route),
        };
        Ok(self.store.settle(id, &settlement, person, self.clock.now()).await?)
    }
}

/// The findings that still stand: those about a field a person has now settled fall away, the form's rules are applied anew, and
/// confirmed ones are done with.
fn standing_findings(open: &OpenRecord, touched: &BTreeSet<String>, form: Option<&Form>, received: crate::clock::Date, confirmed: bool) -> Vec<Finding> {
    if confirmed {
        return Vec::new();
    }
    let of_rules = form.map(|form| validate::validate(form, &open.fields, received)).unwrap_or_default();
    let rules: BTreeSet<&str> = form.iter().flat_map(|form| form.rules.iter().map(|rule| rule.code.as_str())).chain(["required"]).collect();
    let read = open.summary.findings.iter().filter(|finding| !rules.contains(finding.code.as_str()));
    let untouched = read.filter(|finding| finding.field.as_ref().is_none_or(|field| !touched.contains(field)));
    untouched.cloned().chain(of_rules).collect()
}

fn apply(field: &mut Field, verdict: &Verdict, form: Option<&Form>, context: Context) -> Result<(), SettleError> {
    let before = field.content.expose(crate::record::Purpose::Settle).clone();
    let settled = match verdict {
        Verdict::AsRead if before.value.is_none() => return Err(SettleError::NothingRead(field.name.clone())),
        Verdict::AsRead => before,
        Verdict::Blank => Content { raw: before.raw, ..Content::default() },
        Verdict::Says(said) => {
            let (value, text) = parse(field, said, form, context).map_err(|why| SettleError::Unfit { field: field.name.clone(), why })?;
            Content { value: Some(value), text: Some(text), raw: before.raw }
        }
    };
    field.decision = if settled.value.is_none() { Decision::Empty } else { Decision::Accept };
    field.content = Guarded::new(field.content.sensitivity(), settled);
    field.confidence = Confidence::CERTAIN;
    field.reader = ReaderKind::Person;
    Ok(())
}

/// What a person wrote, as the canonical value of the field's type.
fn parse(field: &Field, said: &str, form: Option<&Form>, context: Context) -> Result<(Value, String), String> {
    let options = || form.and_then(|form| form.field(&field.name)).map(|definition| &definition.options);
    let known = |code: &str| match options() {
        Some(options) if !options.iter().any(|option| option.code == code) => {
            Err(format!("no such option; the options are {}", options.iter().map(|option| option.code.as_str()).collect::<Vec<_>>().join(", ")))
        }
        _ => Ok(code.to_owned()),
    };
    match field.kind {
        FieldType::Choice => known(said).map(|code| (Value::Text(code.clone()), code)),
        FieldType::Multichoice => {
            let codes: Vec<String> = said.split([',', ' ']).filter(|code| !code.is_empty()).map(known).collect::<Result<_, _>>()?;
            let text = codes.join(", ");
            Ok((Value::Codes(codes), text))
        }
        FieldType::Flag | FieldType::Signature => match said {
            "ja" | "true" => Ok((Value::Flag(true), "ja".to_owned())),
            "nei" | "false" => Ok((Value::Flag(false), "nei".to_owned())),
            _ => Err("neither ja nor nei".to_owned()),
        },
        FieldType::List if field.name == "aar" => {
            let years: Result<Vec<i64>, _> = said.split([',', ' ']).filter(|year| !year.is_empty()).map(str::parse).collect();
            let years = years.map_err(|_| "not a list of years such as 2026 2027".to_owned())?;
            Ok((Value::Years(years), said.to_owned()))
        }
        FieldType::List => serde_json::from_str(said).map(|value| (value, said.to_owned())).map_err(|_| "not the JSON of the contract".to_owned()),
        kind => match registry::canonicalise(kind, said, &context) {
            Canonical::Valid { value, text, .. } => Ok((value, text)),
            Canonical::Doubtful { message, .. } => Err(message.to_owned()),
        },
    }
}
