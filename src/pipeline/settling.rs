//! Settling: a person decides what the machine would not.
//!
//! What was read stays as it was; what a person says is a new revision beside it. The rules of the form are applied to what stands now, so a person's
//! slip is found as the machine's is; a finding that a person has looked at and confirmed no longer holds the record up, and stays in the record as
//! confirmed. When nothing is left open the record has its consequences, exactly as if the machine had been sure.

use std::collections::{BTreeMap, BTreeSet};

use super::filing::{Following, is_automatic_mail};
use super::register::Weighing;
use super::{Desk, StepError, open_envelope};
use crate::audit::Actor;
use crate::cases::{self, Point};
use crate::clock::office_date;
use crate::document::RecordId;
use crate::forms::Form;
use crate::record::{Confidence, Content, Decision, Field, FieldType, Finding, Guarded, Kind, Purpose, ReaderKind, Sensitivity, Value};
use crate::registry::{self, Canonical, Context};
use crate::seal::{self, Summary};
use crate::sorting::MailKind;
use crate::store::{Fault, NewField, RecordRow, SealedBytes, Settled, Settlement, StoreError};
use crate::validate;
use crate::vedtak::vocabulary;

/// How often a settlement is tried while the register of its kommune moves.
const TRIES: u32 = 5;

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
    /// Of a vedtak that stands against another of its kommune: whether it is the one that counts.
    pub applies: Option<bool>,
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
    /// Two vedtak stand against each other, and a nod does not say which one counts.
    #[error(
        "the vedtak stands against another of its kommune, and it was not said whether it counts\nsay --applies ja (it replaces the other, or comes on top of it) or --applies nei (it is only filed)"
    )]
    WhichApplies,
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
        let mut tries = 1;
        loop {
            match self.settle_once(id, verdicts, forms, person).await {
                // Something else of the same kommune was registered at the same moment: it is weighed anew, and what that raises is a new finding.
                Err(SettleError::Step(StepError::Store(StoreError::Final(Fault::RegisterMoved { .. })))) if tries < TRIES => tries += 1,
                settled => return settled,
            }
        }
    }

    async fn settle_once(&self, id: RecordId, verdicts: &Verdicts, forms: &[Form], person: Actor) -> Result<Settled, SettleError> {
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
        let is_vedtak = open.row.form.as_ref().is_some_and(|(name, _)| name == "vedtak");
        let mut weighing = if is_vedtak { self.weigh(&open.fields).await? } else { None };
        let doubts = weighing.as_ref().map(Weighing::doubts).unwrap_or_default();
        let (findings, confirmed) =
            standing_findings(&open, &touched, form.map_or(Rules::Vedtak(doubts), |form| Rules::Form(form, received)), verdicts.confirm_findings);
        if let Some(weighing) = &mut weighing {
            let stands = |point: &Point| point.asks_which_applies() && point.finding().is_some_and(|finding| confirmed.contains(&finding));
            match verdicts.applies {
                _ if !weighing.weighed.points.iter().any(stands) => {}
                None => return Err(SettleError::WhichApplies),
                Some(true) => {}
                Some(false) => weighing.does_not_apply(),
            }
            weighing.weighed.points.retain(|point| !point.is_answered_by_a_person() || !point.finding().is_some_and(|finding| confirmed.contains(&finding)));
        }
        let newly_confirmed = confirmed.len() - open.summary.confirmed.len();
        let summary = Summary { findings, confirmed, ..open.summary.clone() };
        let route = cases::route(open.row.kind, summary.form.as_ref(), &open.fields, !summary.findings.is_empty(), true);
        // A record from which nothing follows is done with for good: that, too, a person must say, by confirming.
        let route = match route {
            cases::Route::Nothing if !verdicts.confirm_findings => cases::Route::Wait,
            cases::Route::Nothing if open.row.part_number == 1 && tells_of_health(open.row.kind, &open.fields) => cases::Route::Inquiry,
            route => route,
        };
        let envelope = open_envelope(&self.vault, &open.row.envelope)?;
        let first = self.first_of(&open).await?;
        let by_hand = is_automatic_mail(first.0, &first.1);
        let revision = open.row.revision + 1;
        let bytes = |sealed: crate::vault::Sealed| SealedBytes(sealed.into_bytes());
        let fields: Vec<NewField> = open
            .fields
            .iter()
            // Every special field gets a new revision, changed or not: which of them was written to is nobody's to see.
            .filter(|field| touched.contains(&field.name) || field.content.sensitivity() == Sensitivity::Special)
            .map(|field| NewField { name: field.name.clone(), sealed: bytes(seal::seal_field(&envelope, id, revision, field).sealed) })
            .collect();
        let to_review = open.fields.iter().filter(|field| field.decision == Decision::Review).count();
        let settlement = Settlement {
            expected: open.row.revision,
            fields,
            summary: bytes(seal::seal_summary(&envelope, id, revision, &summary)),
            to_review: u32::try_from(to_review).unwrap_or(u32::MAX),
            accepted: seal::accepted(&open.fields),
            confirmed: u32::try_from(newly_confirmed).unwrap_or(u32::MAX),
            outcome: self.outcome(
                route,
                &Following { weighing: weighing.as_ref(), envelope: &envelope, record: id, by_hand, by_mail: came_by_mail(open.row.kind, &first) },
            ),
        };
        Ok(self.store.settle(id, &settlement, person, self.clock.now()).await?)
    }

    /// The kind and the fields of the first record of the same document: of the mail, where it came with one.
    async fn first_of(&self, open: &OpenRecord) -> Result<(Kind, Vec<Field>), StepError> {
        if open.row.part_number == 1 {
            return Ok((open.row.kind, open.fields.clone()));
        }
        let first = self.store.records_of(open.row.document).await?.into_iter().find(|row| row.part_number == 1);
        let Some(first) = first else { return Ok((Kind::Unknown, Vec::new())) };
        Ok((first.kind, open_record(&self.store, &self.vault, first.id).await?.fields))
    }
}

fn value_of<'f>(fields: &'f [Field], name: &str) -> Option<&'f Value> {
    fields.iter().find(|field| field.name == name).and_then(|field| field.content.expose(Purpose::Settle).value.as_ref())
}

/// Whether this is a mail that tells of somebody's health, from somebody who can be told to use the post.
fn tells_of_health(kind: Kind, fields: &[Field]) -> bool {
    let health = value_of(fields, "posttype").and_then(Value::as_text) == Some(MailKind::Helse.as_str());
    kind == Kind::Mail && health && value_of(fields, "fra").is_some()
}

/// Whether this is a form, with all that a person had to say of himself, that came by mail. A mail is answered once: not here when it is answered for itself.
fn came_by_mail(kind: Kind, (first, fields): &(Kind, Vec<Field>)) -> bool {
    kind == Kind::Form && *first == Kind::Mail && value_of(fields, "fra").is_some() && !tells_of_health(*first, fields)
}

/// The rules that a record is held to whenever it is settled.
enum Rules<'a> {
    /// Those of its form, as of the day it came.
    Form(&'a Form, crate::clock::Date),
    /// Those of a vedtak, with what the register of its kommune says against it.
    Vedtak(Vec<Finding>),
}

/// The findings that still stand, and those that a person has confirmed. Those about a field a person has now settled fall away, and the rules are
/// applied anew to what stands. Only what was there to be seen can be confirmed: what the new values raise has to be looked at first.
fn standing_findings(open: &OpenRecord, touched: &BTreeSet<String>, rules: Rules<'_>, confirm: bool) -> (Vec<Finding>, Vec<Finding>) {
    let mut codes: BTreeSet<&str> = ["required"].into_iter().chain(vocabulary::CONTRADICTIONS).chain(cases::DOUBTS).collect();
    let of_rules = match rules {
        Rules::Form(form, received) => {
            codes.extend(form.rules.iter().map(|rule| rule.code.as_str()));
            validate::validate(form, &open.fields, received)
        }
        Rules::Vedtak(doubts) => vocabulary::contradictions(&open.fields).into_iter().chain(doubts).collect(),
    };
    let read = open.summary.findings.iter().filter(|finding| !codes.contains(finding.code.as_str()));
    let untouched = read.filter(|finding| finding.field.as_ref().is_none_or(|field| !touched.contains(field)));
    let standing: Vec<Finding> = untouched.cloned().chain(of_rules).filter(|finding| !open.summary.confirmed.contains(finding)).collect();
    let mut confirmed = open.summary.confirmed.clone();
    if !confirm {
        return (standing, confirmed);
    }
    let (seen, new) = standing.into_iter().partition(|finding| open.summary.findings.contains(finding));
    confirmed.extend::<Vec<Finding>>(seen);
    (new, confirmed)
}

fn apply(field: &mut Field, verdict: &Verdict, form: Option<&Form>, context: Context) -> Result<(), SettleError> {
    let before = field.content.expose(Purpose::Settle).clone();
    let settled = match verdict {
        Verdict::AsRead => {
            let Some(value) = &before.value else { return Err(SettleError::NothingRead(field.name.clone())) };
            // What is right as read must still be possible: a number that was misread by one digit has a wrong check digit, whoever nods at it.
            if let Some(read) = value.as_text().filter(|_| is_ruled(field.kind)) {
                parse(field, read, form, context).map_err(|why| SettleError::Unfit { field: field.name.clone(), why })?;
            }
            before
        }
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

/// Whether values of this type are numbers with rules of their own, under which a wrong digit often shows.
fn is_ruled(kind: FieldType) -> bool {
    matches!(kind, FieldType::Duf | FieldType::Fnr | FieldType::Kommune)
}

/// Doubts of the machine that a person's word settles: a list that is older than the paper, a shape that it has not seen.
const A_PERSON_KNOWS_BETTER: [&str; 3] = ["postnummer_unknown", "name_characters", "reg_number_form"];

/// What a person wrote, as the canonical value of the field's type.
fn parse(field: &Field, said: &str, form: Option<&Form>, context: Context) -> Result<(Value, String), String> {
    let options = || form.and_then(|form| form.field(&field.name)).map(|definition| &definition.options);
    let of_form = || options().map(|options| options.iter().map(|option| option.code.as_str()).collect::<Vec<_>>());
    let allowed = of_form().or_else(|| vocabulary::codes(&field.name).map(<[_]>::to_vec));
    let known = |code: &str| match &allowed {
        Some(allowed) if !allowed.contains(&code) => Err(format!("no such option; the options are {}", allowed.join(", "))),
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
            let years = years.ok().filter(|years| !years.is_empty() && years.iter().all(|year| vocabulary::is_year(*year)));
            let years = years.ok_or_else(|| "not a list of years such as 2026 2027".to_owned())?;
            Ok((Value::Years(years), said.to_owned()))
        }
        FieldType::List if field.name == "per_aar" => vocabulary::rows(said).map(|value| (value, said.to_owned())),
        FieldType::List if allowed.is_some() => {
            let codes: Vec<String> = said.split([',', ' ']).filter(|code| !code.is_empty()).map(known).collect::<Result<_, _>>()?;
            let text = codes.join(", ");
            Ok((Value::Codes(codes), text))
        }
        FieldType::List => serde_json::from_str(said).map(|value| (value, said.to_owned())).map_err(|_| "not the JSON of the contract".to_owned()),
        kind => match registry::canonicalise(kind, said, &context) {
            Canonical::Valid { value, text, .. } => Ok((value, text)),
            Canonical::Doubtful { value: Some(value), text: Some(text), code, .. } if A_PERSON_KNOWS_BETTER.contains(&code) => Ok((value, text)),
            Canonical::Doubtful { message, .. } => Err(message.to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubtful(kind: FieldType, read: &str) -> Field {
        Field {
            name: "felt".into(),
            kind,
            content: Guarded::new(Sensitivity::Ordinary, Content { value: Some(Value::Text(read.into())), text: Some(read.into()), raw: Some(read.into()) }),
            confidence: Confidence::new(0.4),
            threshold: Confidence::new(0.9),
            decision: Decision::Review,
            reader: ReaderKind::Comb,
            page: Some(1),
            ..Field::plain()
        }
    }

    #[test]
    fn a_person_may_know_a_postnummer_that_the_list_does_not() {
        let context = Context { today: crate::clock::date(2026, 11, 21), test_ids: true };
        for (kind, said) in [(FieldType::Postnummer, "0000"), (FieldType::Name, "X Æ A-12"), (FieldType::RegNumber, "R/2026#7")] {
            let mut field = doubtful(kind, "?");
            apply(&mut field, &Verdict::Says(said.into()), None, context).expect("it is the person's word");
            assert_eq!(field.decision, Decision::Accept, "{kind:?}");
        }
    }

    /// A handwritten number that was misread by one digit: pressing Enter does not make it right.
    #[test]
    fn a_number_that_cannot_be_is_not_right_as_read() {
        let context = Context { today: crate::clock::date(2026, 11, 21), test_ids: true };
        for (kind, right, wrong) in [(FieldType::Duf, "202203141502", "202203141503"), (FieldType::Kommune, "3234", "9999")] {
            let mut field = doubtful(kind, right);
            apply(&mut field, &Verdict::AsRead, None, context).expect("it can be");
            assert_eq!((field.decision, field.reader), (Decision::Accept, ReaderKind::Person));
            let mut field = doubtful(kind, wrong);
            assert!(matches!(apply(&mut field, &Verdict::AsRead, None, context), Err(SettleError::Unfit { .. })), "{kind:?}");
            assert_eq!(field.decision, Decision::Review, "nothing was settled");
            assert!(field.content.expose(Purpose::Settle).value.is_some());
        }
    }
}
