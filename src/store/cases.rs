//! Cases: who or what a record is about, its number in the office's series, what it holds, and what happened in it.
//!
//! A person has one case, found by blind tags of DUF and fødselsnummer; a kommune has one case a year. Numbers come from one series a calendar year and
//! have neither gaps nor doubles, because whatever draws one commits or rolls back as a whole. When two tags lead to two different persons, nothing is
//! merged: a person must look.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;

use super::error::{Fault, StoreError};
use super::register::{Cause, Registering, register};
use super::rows::{Cells, insert_many, micros, query};
use super::{Backend, LetterKind, NewEnvelope, SealedBytes, Store, Tag, Tx};
use crate::audit::{Action, Detail, Subject};
use crate::clock::Timestamp;
use crate::document::{CaseId, EnvelopeId, LetterId, OurRef, PersonId, RecordId};

/// What is to become of a record, as far as the pipeline or a person could decide.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A person must look at it.
    Review,
    /// It is complete and belongs to no case.
    Closed,
    /// It is complete and belongs to a case.
    Case(Box<Consequences>),
}

/// What follows from a complete record: its case, and perhaps a letter.
#[derive(Debug, Clone)]
pub struct Consequences {
    /// The case it belongs to.
    pub case: CaseKey,
    /// The id the case gets if it is new.
    pub new_case: CaseId,
    /// The series that a new case gets its number from.
    pub series: Series,
    /// The letter that is due.
    pub letter: Option<NewLetter>,
    /// What the kommune's register is to hold of it.
    pub registering: Option<Registering>,
}

/// A year of the office's number series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Series {
    /// The calendar year, in Norwegian time.
    pub year: i16,
    /// The first number given out in a year.
    pub first: u32,
}

/// How a case is found.
#[derive(Debug, Clone)]
pub enum CaseKey {
    /// By a person.
    Person {
        /// What the person is known by: the kind of number (`duf`, `fnr`) and its blind tag.
        tags: Vec<(String, Tag)>,
        /// The id of the person if nobody has these tags yet.
        new_person: PersonId,
        /// The envelope of the person if nobody has these tags yet.
        new_envelope: NewEnvelope,
    },
    /// By a kommune and the year its decision is about.
    Kommune {
        /// Kommunenummer, four digits.
        number: String,
        /// The year.
        year: i16,
    },
    /// By nothing: an inquiry is a case of its own.
    Inquiry,
}

/// A letter that is due.
#[derive(Debug, Clone)]
pub struct NewLetter {
    /// Its id.
    pub id: LetterId,
    /// What it is.
    pub kind: LetterKind,
    /// `nb` or `nn`.
    pub language: String,
    /// What it is to say beyond its record, sealed under its id in the same envelope.
    pub brief: Option<SealedBytes>,
    /// Whether no person asked for it: then it is held back when too many go to the same address.
    pub automatic: bool,
}

/// Why a record could not be put in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseConflict {
    /// Its tags belong to two different persons.
    TwoPersons,
    /// It names nobody.
    NoTags,
}

impl CaseConflict {
    /// The code as it is stored and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TwoPersons => "two_persons",
            Self::NoTags => "no_tags",
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        [Self::TwoPersons, Self::NoTags].into_iter().find(|conflict| conflict.as_str() == code)
    }
}

/// Where a record ended up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseLink {
    /// The case.
    pub case: CaseId,
    /// The record's own reference.
    pub record_ref: OurRef,
    /// The letter that became due, with its reference.
    pub letter: Option<(LetterId, OurRef)>,
}

/// Whom or what a case is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseSubject {
    /// A person.
    Person {
        /// The person.
        person: PersonId,
        /// The person's envelope.
        envelope: EnvelopeId,
    },
    /// A kommune's answer for a year.
    Kommune {
        /// Kommunenummer.
        number: String,
        /// The year.
        year: i16,
    },
    /// Somebody's inquiry.
    Inquiry,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// Its id.
    pub id: CaseId,
    /// Whom or what it is about.
    pub subject: CaseSubject,
    /// The year it was opened.
    pub case_year: i16,
    /// Its number in that year.
    pub case_number: u32,
    /// When it was opened.
    pub created_at: Timestamp,
    /// What it holds, by document number.
    pub documents: Vec<(u32, Direction)>,
}

/// A document of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// A record that came in.
    In(RecordId),
    /// A letter that goes out.
    Out(LetterId),
}

/// What can happen in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventCode {
    /// The case was opened.
    Opened,
    /// A record came in.
    RecordIn,
    /// A letter became due.
    LetterDue,
    /// A letter was sent.
    LetterSent,
    /// A letter could not be sent.
    LetterFailed,
    /// A letter waits for an address.
    LetterWaits,
    /// There was no longer any reason to send a letter.
    LetterWithdrawn,
    /// A letter came back.
    LetterReturned,
    /// The anmodning came into the register.
    Anmodning,
    /// The anmodning was changed.
    AnmodningChanged,
    /// A vedtak was registered.
    VedtakRegistered,
    /// Something is to be followed up.
    TaskOpened,
    /// It has been.
    TaskDone,
}

impl EventCode {
    const ALL: [(Self, &'static str); 13] = [
        (Self::Opened, "opened"),
        (Self::RecordIn, "record_in"),
        (Self::LetterDue, "letter_due"),
        (Self::LetterSent, "letter_sent"),
        (Self::LetterFailed, "letter_failed"),
        (Self::LetterWaits, "letter_waits"),
        (Self::LetterWithdrawn, "letter_withdrawn"),
        (Self::LetterReturned, "letter_returned"),
        (Self::Anmodning, "anmodning"),
        (Self::AnmodningChanged, "anmodning_changed"),
        (Self::VedtakRegistered, "vedtak_registered"),
        (Self::TaskOpened, "task_opened"),
        (Self::TaskDone, "task_done"),
    ];

    /// The code as it is stored and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(event, _)| *event == self).map_or("", |(_, code)| code)
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == code).map(|(event, _)| *event)
    }
}

/// Something that happened in a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseEvent {
    /// Its number in the case, from 1.
    pub sequence: u32,
    /// When.
    pub at: Timestamp,
    /// What.
    pub code: EventCode,
    /// The record it is about.
    pub record: Option<RecordId>,
    /// The letter it is about.
    pub letter: Option<LetterId>,
}

impl Store {
    /// One case with what it holds.
    ///
    /// # Errors
    /// [`Fault::NotFound`], or the database fails.
    pub async fn case(&self, id: CaseId) -> Result<CaseRow, StoreError> {
        let select = query(
            "SELECT c.id, c.kind, c.person_id, p.envelope_id, c.kommune, c.year, c.case_year, c.case_number, c.created_at \
             FROM cases c LEFT JOIN persons p ON p.id = c.person_id WHERE c.id = $1",
        );
        let row = self.optional(select.bind(id.to_string())).await?.ok_or_else(|| Fault::NotFound { kind: "case", id: id.to_string() })?;
        let select = query("SELECT document_number, record_id, letter_id FROM case_documents WHERE case_id = $1 ORDER BY document_number");
        let documents = self.all(select.bind(id.to_string())).await?;
        case_row(&row, documents.iter().map(|row| case_document(row, id)).collect::<Result<_, _>>()?)
    }

    /// What happened in a case, in order.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn case_events(&self, id: CaseId) -> Result<Vec<CaseEvent>, StoreError> {
        let rows =
            self.all(query("SELECT sequence, at, code, record_id, letter_id FROM events WHERE case_id = $1 ORDER BY sequence").bind(id.to_string())).await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::named(row, "events", &id);
                Ok(CaseEvent {
                    sequence: cells.number("sequence")?,
                    at: cells.time("at")?,
                    code: cells.code("code", EventCode::from_code)?,
                    record: cells.maybe_parsed("record_id")?,
                    letter: cells.maybe_parsed("letter_id")?,
                })
            })
            .collect()
    }
}

fn case_row(row: &AnyRow, documents: Vec<(u32, Direction)>) -> Result<CaseRow, StoreError> {
    let cells = Cells::new(row, "cases", "id")?;
    let subject = match cells.text("kind")?.as_str() {
        "person" => CaseSubject::Person { person: cells.parsed("person_id")?, envelope: cells.parsed("envelope_id")? },
        "kommune" => CaseSubject::Kommune { number: cells.text("kommune")?, year: cells.number("year")? },
        "inquiry" => CaseSubject::Inquiry,
        _ => return Err(cells.bad("kind")),
    };
    Ok(CaseRow {
        id: cells.parsed("id")?,
        subject,
        case_year: cells.number("case_year")?,
        case_number: cells.number("case_number")?,
        created_at: cells.time("created_at")?,
        documents,
    })
}

fn case_document(row: &AnyRow, case: CaseId) -> Result<(u32, Direction), StoreError> {
    let cells = Cells::named(row, "case_documents", &case);
    let direction = match (cells.maybe_parsed("record_id")?, cells.maybe_parsed("letter_id")?) {
        (Some(record), None) => Direction::In(record),
        (None, Some(letter)) => Direction::Out(letter),
        _ => return Err(cells.bad("record_id")),
    };
    Ok((cells.number("document_number")?, direction))
}

/// Waits until no other transaction draws consequences. Taken after the rows of documents and records, before the audit chain.
pub(super) async fn lock_series(tx: &mut Tx) -> Result<(), StoreError> {
    if tx.store.backend() == Backend::Postgres {
        tx.execute(query("SELECT pg_advisory_xact_lock(7091002)")).await?;
    }
    Ok(())
}

/// Puts a record in its case and makes its letter due, or says why not. The caller holds [`lock_series`].
pub(super) async fn draw(tx: &mut Tx, record: RecordId, envelope: EnvelopeId, what: &Consequences) -> Result<Result<CaseLink, CaseConflict>, StoreError> {
    let opening = (what.new_case, what.series);
    let case = match &what.case {
        CaseKey::Person { tags, new_person, new_envelope } => match person(tx, tags, *new_person, new_envelope).await? {
            Ok(person) => person_case(tx, person, opening).await?,
            Err(conflict) => return Ok(Err(conflict)),
        },
        CaseKey::Kommune { number, year } => kommune_case(tx, number, *year, opening).await?,
        CaseKey::Inquiry => open(tx, opening, "inquiry", None, None).await?,
    };
    let record_ref = next_document(tx, case, Direction::In(record)).await?;
    event(tx, case, EventCode::RecordIn, Some(record), None).await?;
    if let (CaseKey::Kommune { number, .. }, Some(registering)) = (&what.case, &what.registering) {
        register(tx, number, case, record, registering).await?;
    }
    let letter = match &what.letter {
        Some(letter) => {
            tx.note(Action::LetterDue, Subject::Letter(letter.id), Detail::Cause(record));
            Some(due(tx, case, Cause::Record(record, 1), envelope, letter).await?)
        }
        None => None,
    };
    Ok(Ok(CaseLink { case, record_ref, letter }))
}

/// The one person with these tags; made when there is none. Tags that are new to a known person are added.
async fn person(tx: &mut Tx, tags: &[(String, Tag)], new_person: PersonId, new_envelope: &NewEnvelope) -> Result<Result<PersonId, CaseConflict>, StoreError> {
    let mut found = BTreeSet::new();
    let mut unknown = Vec::new();
    for (kind, tag) in tags {
        let select = query("SELECT person_id FROM person_index WHERE kind = $1 AND tag = $2").bind(kind.clone()).bind(tag.0.clone());
        match tx.optional(select).await? {
            Some(row) => _ = found.insert(Cells::named(&row, "person_index", kind).parsed::<PersonId>("person_id")?),
            None => unknown.push((kind, tag)),
        }
    }
    let mut found = found.into_iter();
    let person = match (found.next(), found.next()) {
        (Some(_), Some(_)) => return Ok(Err(CaseConflict::TwoPersons)),
        (None, _) if tags.is_empty() => return Ok(Err(CaseConflict::NoTags)),
        (Some(person), None) => person,
        (None, _) => {
            tx.insert_envelope(new_envelope).await?;
            let insert = query("INSERT INTO persons (id, envelope_id, created_at) VALUES ($1, $2, $3)");
            tx.execute(insert.bind(new_person.to_string()).bind(new_envelope.id.to_string()).bind(micros(tx.now))).await?;
            tx.note(Action::PersonAdded, Subject::Person(new_person), Detail::Nothing);
            new_person
        }
    };
    // The same tag twice in one record is one tag.
    unknown.sort();
    unknown.dedup();
    insert_many(tx, "INSERT INTO person_index (kind, tag, person_id)", 3, &unknown, |insert, (kind, tag)| {
        insert.bind((*kind).clone()).bind(tag.0.clone()).bind(person.to_string())
    })
    .await?;
    Ok(Ok(person))
}

async fn person_case(tx: &mut Tx, person: PersonId, opening: (CaseId, Series)) -> Result<CaseId, StoreError> {
    let known = tx.optional(query("SELECT id FROM cases WHERE person_id = $1").bind(person.to_string())).await?;
    match known {
        Some(row) => Cells::new(&row, "cases", "id")?.parsed("id"),
        None => open(tx, opening, "person", Some(person), None).await,
    }
}

/// The case of a kommune and a year; a new one when there is none. The caller holds [`lock_series`].
pub(super) async fn kommune_case(tx: &mut Tx, number: &str, year: i16, opening: (CaseId, Series)) -> Result<CaseId, StoreError> {
    let select = query("SELECT id FROM cases WHERE kind = 'kommune' AND kommune = $1 AND year = $2");
    match tx.optional(select.bind(number.to_owned()).bind(i64::from(year))).await? {
        Some(row) => Cells::new(&row, "cases", "id")?.parsed("id"),
        None => open(tx, opening, "kommune", None, Some((number, year))).await,
    }
}

async fn open(tx: &mut Tx, (id, series): (CaseId, Series), kind: &str, person: Option<PersonId>, kommune: Option<(&str, i16)>) -> Result<CaseId, StoreError> {
    let number = next_number(tx, series).await?;
    let insert = query(
        "INSERT INTO cases (id, kind, person_id, kommune, year, case_year, case_number, last_document, last_event, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8)",
    );
    let insert = insert
        .bind(id.to_string())
        .bind(kind.to_owned())
        .bind(person.map(|person| person.to_string()))
        .bind(kommune.map(|(number, _)| number.to_owned()))
        .bind(kommune.map(|(_, year)| i64::from(year)))
        .bind(i64::from(series.year))
        .bind(i64::from(number))
        .bind(micros(tx.now));
    tx.execute(insert).await?;
    event(tx, id, EventCode::Opened, None, None).await?;
    tx.note(Action::CaseOpened, Subject::Case(id), Detail::Nothing);
    Ok(id)
}

/// The next number of a year: the first time the series' first, then one more each time.
async fn next_number(tx: &mut Tx, series: Series) -> Result<u32, StoreError> {
    let next = query("INSERT INTO number_series (year, last) VALUES ($1, $2) ON CONFLICT (year) DO UPDATE SET last = number_series.last + 1 RETURNING last");
    let row = tx.one(next.bind(i64::from(series.year)).bind(i64::from(series.first))).await?;
    Cells::named(&row, "number_series", &series.year).number("last")
}

/// Gives the next document number of a case to a record or a letter.
async fn next_document(tx: &mut Tx, case: CaseId, what: Direction) -> Result<OurRef, StoreError> {
    let next = query("UPDATE cases SET last_document = last_document + 1 WHERE id = $1 RETURNING case_year, case_number, last_document");
    let row = tx.one(next.bind(case.to_string())).await?;
    let cells = Cells::named(&row, "cases", &case);
    let our_ref = OurRef { year: cells.number("case_year")?, case: cells.number("case_number")?, document: cells.number("last_document")? };
    let (direction, record, letter) = match what {
        Direction::In(record) => ("in", Some(record.to_string()), None),
        Direction::Out(letter) => ("out", None, Some(letter.to_string())),
    };
    let insert = query("INSERT INTO case_documents (case_id, document_number, direction, record_id, letter_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)");
    let insert = insert.bind(case.to_string()).bind(i64::from(our_ref.document)).bind(direction).bind(record).bind(letter);
    tx.execute(insert.bind(micros(tx.now))).await?;
    Ok(our_ref)
}

/// Notes in a case what happened in it.
pub(super) async fn event(tx: &mut Tx, case: CaseId, code: EventCode, record: Option<RecordId>, letter: Option<LetterId>) -> Result<(), StoreError> {
    let row = tx.one(query("UPDATE cases SET last_event = last_event + 1 WHERE id = $1 RETURNING last_event").bind(case.to_string())).await?;
    let sequence = Cells::named(&row, "cases", &case).long("last_event")?;
    let insert = query("INSERT INTO events (case_id, sequence, at, code, record_id, letter_id) VALUES ($1, $2, $3, $4, $5, $6)");
    let insert = insert.bind(case.to_string()).bind(sequence).bind(micros(tx.now)).bind(code.as_str());
    tx.execute(insert.bind(record.map(|id| id.to_string())).bind(letter.map(|id| id.to_string()))).await.map(|_| ())
}

/// Makes a letter due in a case. The caller notes who asked for it.
pub(super) async fn due(tx: &mut Tx, case: CaseId, about: Cause, envelope: EnvelopeId, letter: &NewLetter) -> Result<(LetterId, OurRef), StoreError> {
    // The number comes before the row it names: the letter's row holds the number.
    let row = tx.one(query("SELECT last_document + 1 AS next FROM cases WHERE id = $1").bind(case.to_string())).await?;
    let number = Cells::named(&row, "cases", &case).long("next")?;
    let (record, anmodning, round) = match about {
        Cause::Record(record, round) => (Some(record.to_string()), None, round),
        Cause::Anmodning(anmodning, round) => (None, Some(anmodning.to_string()), round),
    };
    let insert = query(
        "INSERT INTO letters (id, case_id, record_id, anmodning_id, envelope_id, kind, round, automatic, language, document_number, state, sealed_brief, attempts, \
         turn, ready_at, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'due', $11, 0, 0, $12, $12, $12)",
    );
    let insert = insert.bind(letter.id.to_string()).bind(case.to_string()).bind(record).bind(anmodning).bind(envelope.to_string());
    let insert = insert.bind(letter.kind.as_str()).bind(i64::from(round)).bind(i64::from(letter.automatic)).bind(letter.language.clone()).bind(number);
    tx.execute(insert.bind(letter.brief.as_ref().map(|brief| brief.0.clone())).bind(micros(tx.now))).await?;
    let our_ref = next_document(tx, case, Direction::Out(letter.id)).await?;
    event(tx, case, EventCode::LetterDue, None, Some(letter.id)).await?;
    Ok((letter.id, our_ref))
}
