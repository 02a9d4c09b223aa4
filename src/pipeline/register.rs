//! A vedtak and the register of its kommune: what is known is opened, the vedtak is weighed against it, and what follows is sealed for the store.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Desk, StepError, open_envelope, settling};
use crate::cases::{self, Anmodning, Facts, Known, Places, Point, Registered, Relation, Weighed};
use crate::clock::Date;
use crate::document::{AnmodningId, LetterId, OurRef, RecordId, TaskId};
use crate::record::{Decision, Field, Finding, Value};
use crate::seal;
use crate::store::{AnmodningRow, KommuneRegister, NewTask, Registering, SealedBytes, Store};
use crate::vault::{Envelope, Place, Vault};

/// A vedtak, weighed.
#[derive(Debug, Clone)]
pub(super) struct Weighing {
    /// The kommune.
    pub(super) kommune: String,
    /// The revision of its register that the vedtak was weighed against.
    revision: u32,
    /// What it comes to.
    pub(super) weighed: Weighed,
    /// By when the first of its years was to be answered.
    answer_by: Option<Date>,
}

impl Weighing {
    /// What a person must look at before anything follows.
    pub(super) fn doubts(&self) -> Vec<Finding> {
        self.weighed.points.iter().filter_map(Point::finding).collect()
    }

    /// A person has said that it does not count: it is filed, and nobody is answered.
    pub(super) fn does_not_apply(&mut self) {
        self.weighed = Weighed { relation: Some(Relation::Repeats), points: Vec::new(), now_total: None, replaces: None, ..self.weighed.clone() };
    }

    /// Whether it is a copy of what is registered: nothing is answered then.
    pub(super) fn repeats(&self) -> bool {
        self.weighed.relation == Some(Relation::Repeats)
    }
}

/// What a letter is to say beyond what its record says. It is sealed with the letter when it becomes due, so that it says what was known then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "brief", rename_all = "snake_case")]
pub(super) enum Brief {
    /// Of a receipt.
    Receipt {
        /// What to ask about.
        points: Vec<Point>,
        /// What is decided in all, with a number on top.
        now_total: Option<u32>,
        /// The vedtak that this one takes the place of.
        replaces: Option<OurRef>,
    },
    /// Of a letter that follows up.
    FollowUp {
        /// What to ask about.
        points: Vec<Point>,
        /// By when an answer is wanted.
        answer_by: Option<Date>,
    },
    /// Of a reminder.
    Reminder {
        /// The kommune.
        kommune: String,
        /// The year.
        year: u16,
        /// What was asked for.
        asked: Places,
        /// The day by which it was to answer.
        answer_by: Date,
        /// The day it was asked.
        sent: Option<Date>,
        /// Whether it has registered its answer in IMDinett.
        registered: bool,
    },
}

impl Brief {
    fn place(letter: &LetterId) -> Place<'_> {
        Place { table: "letters", record: letter.as_bytes(), field: "brief", revision: seal::FIRST_REVISION }
    }

    /// Sealed under its letter.
    pub(super) fn seal(&self, envelope: &Envelope, letter: LetterId) -> SealedBytes {
        SealedBytes(seal::seal_entry(envelope, &Self::place(&letter), self).into_bytes())
    }

    /// Opened again.
    pub(super) fn open(envelope: &Envelope, letter: LetterId, sealed: &SealedBytes) -> Result<Self, StepError> {
        Ok(seal::open_entry(envelope, &Self::place(&letter), &sealed.0)?)
    }
}

/// An anmodning's content, opened.
///
/// # Errors
/// When it does not open.
pub fn open_anmodning(vault: &Vault, row: &AnmodningRow) -> Result<Anmodning, StepError> {
    let envelope = open_envelope(vault, &row.envelope)?;
    Ok(seal::open_entry(&envelope, &anmodning_place(&row.id, row.revision), &row.sealed.0)?)
}

/// An anmodning's content, sealed as a revision.
pub(super) fn seal_anmodning(envelope: &Envelope, id: AnmodningId, revision: u32, anmodning: &Anmodning) -> SealedBytes {
    SealedBytes(seal::seal_entry(envelope, &anmodning_place(&id, revision), anmodning).into_bytes())
}

fn anmodning_place(id: &AnmodningId, revision: u32) -> Place<'_> {
    Place { table: "anmodninger", record: id.as_bytes(), field: "content", revision }
}

fn task_place(id: &TaskId) -> Place<'_> {
    Place { table: "tasks", record: id.as_bytes(), field: "point", revision: seal::FIRST_REVISION }
}

/// What a task is about, opened.
///
/// # Errors
/// When it does not open.
pub fn open_task(vault: &Vault, row: &crate::store::TaskRow) -> Result<Point, StepError> {
    let envelope = open_envelope(vault, &row.envelope)?;
    Ok(seal::open_entry(&envelope, &task_place(&row.id), &row.sealed.0)?)
}

/// All that is known of a kommune, opened.
///
/// # Errors
/// When the store fails or something does not open.
pub async fn open_register(store: &Store, vault: &Vault, kommune: &str) -> Result<(Known, KommuneRegister), StepError> {
    let register = store.kommune_register(kommune).await?;
    let mut known = Known::default();
    for row in &register.anmodninger {
        let Some(year) = year(row.year) else { continue };
        let anmodning = open_anmodning(vault, row)?;
        known.asked.insert(year, anmodning.asked);
        known.answer_by.insert(year, anmodning.answer_by);
        known.registered.extend(anmodning.registered.map(|registered| (year, registered.places)));
    }
    let mut facts: BTreeMap<RecordId, Facts> = BTreeMap::new();
    for row in &register.vedtak {
        let Some(year) = year(row.year) else { continue };
        let facts = if let Some(facts) = facts.get(&row.record) {
            facts.clone()
        } else {
            let opened = Facts::accepted(&settling::open_record(store, vault, row.record).await?.fields);
            facts.entry(row.record).or_insert(opened).clone()
        };
        known.decided.entry(year).or_default().push(Registered { our_ref: row.our_ref, relation: row.relation, facts });
    }
    Ok((known, register))
}

fn year(number: i16) -> Option<u16> {
    u16::try_from(number).ok()
}

impl Desk {
    /// Holds the fields of a vedtak against the register of its kommune; none when they do not say which kommune or which year.
    pub(super) async fn weigh(&self, fields: &[Field]) -> Result<Option<Weighing>, StepError> {
        let Some(kommune) = fields.iter().find(|field| field.name == "kommune").and_then(accepted_text) else { return Ok(None) };
        let facts = Facts::accepted(fields);
        if facts.years().is_empty() {
            return Ok(None);
        }
        let (known, register) = open_register(&self.store, &self.vault, &kommune).await?;
        let weighed = cases::weigh(&facts, &known);
        let answer_by = weighed.years.first().and_then(|year| known.answer_by.get(year)).copied();
        Ok(Some(Weighing { kommune, revision: register.revision, weighed, answer_by }))
    }

    /// What the register is to hold of a weighed vedtak. `by_hand` says that no receipt goes out by itself.
    pub(super) fn registering(&self, weighing: &Weighing, envelope: &Envelope, record: RecordId, by_hand: bool) -> Registering {
        let Weighing { weighed, revision, answer_by, .. } = weighing;
        let receipt = Point::AnswerByHand { now_total: weighed.now_total, replaces: weighed.replaces };
        let points = weighed.points.iter().cloned().chain(by_hand.then_some(receipt));
        let treated = weighed.points.iter().find_map(|point| match point {
            Point::Postponed { treated } => *treated,
            _ => None,
        });
        let first = weighed.years.first().copied().unwrap_or_default();
        Registering {
            expected: *revision,
            years: weighed.years.iter().filter_map(|year| i16::try_from(*year).ok()).collect(),
            relation: weighed.relation,
            tasks: points.map(|point| self.task(envelope, record, point.year().unwrap_or(first), &point)).collect(),
            // A day before the deadline is no new deadline.
            remind_at: treated.and_then(|day| self.remind_after(answer_by.map_or(day, |deadline| deadline.max(day)))),
            agreed: weighed.registered_alike,
        }
    }

    /// A task, sealed in the envelope of the vedtak it is about.
    pub(super) fn task(&self, envelope: &Envelope, record: RecordId, year: u16, point: &Point) -> NewTask {
        let id = TaskId::new(self.clock.as_ref(), self.entropy.as_ref());
        let year = i16::try_from(year).unwrap_or_default();
        NewTask { id, record, year, code: point.code().to_owned(), sealed: SealedBytes(seal::seal_entry(envelope, &task_place(&id), point).into_bytes()) }
    }

    /// When a kommune is reminded that has not answered by a day; none where nobody is to be reminded.
    pub(super) fn remind_after(&self, day: Date) -> Option<crate::clock::Timestamp> {
        self.config.remind_after_days.and_then(|days| cases::remind_at(day, days))
    }
}

/// The text of an accepted ordinary field.
pub(super) fn accepted_text(field: &Field) -> Option<String> {
    let content = field.content.ordinary().filter(|_| field.decision == Decision::Accept)?;
    content.value.as_ref().and_then(Value::as_text).map(str::to_owned)
}
