//! The register of a kommune: what it was asked for, what it has decided, and what that makes of the anmodning.
//!
//! Whoever weighs a vedtak has read the register before; every change moves its revision on, so that two vedtak that come at the same moment are not both
//! weighed against the same past.

use sqlx::any::AnyRow;

use super::cases::{EventCode, NewLetter, Series, due, event, kommune_case, lock_series};
use super::error::{Fault, StoreError};
use super::rows::{Cells, micros, query};
use super::tasks::{self, NewTask};
use super::{NewEnvelope, SealedBytes, Store, StoredEnvelope, Tx, locking};
use crate::audit::{Action, Actor, Code, Detail, Subject};
use crate::cases::{Relation, Status};
use crate::clock::Timestamp;
use crate::document::{AnmodningId, CaseId, LetterId, OurRef, RecordId};

/// An anmodning as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnmodningRow {
    /// Its id.
    pub id: AnmodningId,
    /// The case of the kommune and the year.
    pub case: CaseId,
    /// The case's year and number, as references begin.
    pub case_number: (u16, u32),
    /// Kommunenummer.
    pub kommune: String,
    /// The year that was asked for.
    pub year: i16,
    /// The envelope it is sealed in.
    pub envelope: StoredEnvelope,
    /// Where it stands.
    pub status: Status,
    /// How often it was saved, from 1.
    pub revision: u32,
    /// Numbers, deadlines, reasons; sealed under `revision`.
    pub sealed: SealedBytes,
    /// When a reminder becomes due, if one is to be sent.
    pub remind_at: Option<Timestamp>,
    /// When it came into the register.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A vedtak as it is registered under one year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VedtakRow {
    /// The year.
    pub year: i16,
    /// The how-manieth of the year, from 1.
    pub version: u32,
    /// The record that holds it.
    pub record: RecordId,
    /// Our reference of the record.
    pub our_ref: OurRef,
    /// What it is to those before it.
    pub relation: Relation,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// All that is registered of a kommune.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KommuneRegister {
    /// How often it was changed.
    pub revision: u32,
    /// What it was asked for, by year.
    pub anmodninger: Vec<AnmodningRow>,
    /// What it has decided, by year and version.
    pub vedtak: Vec<VedtakRow>,
}

/// A new anmodning.
#[derive(Debug, Clone)]
pub struct NewAnmodning {
    /// Its id.
    pub id: AnmodningId,
    /// Kommunenummer.
    pub kommune: String,
    /// The year.
    pub year: i16,
    /// The id the case gets if it is new.
    pub new_case: CaseId,
    /// The series that a new case gets its number from.
    pub series: Series,
    /// Its envelope.
    pub envelope: NewEnvelope,
    /// Its content, sealed under revision 1.
    pub sealed: SealedBytes,
    /// When a reminder becomes due.
    pub remind_at: Option<Timestamp>,
    /// The revision of the register that a vedtak which came before was held against.
    pub expected: u32,
    /// What is to be followed up about that vedtak.
    pub tasks: Vec<NewTask>,
}

/// A change of an anmodning.
#[derive(Debug, Clone)]
pub struct AnmodningChange {
    /// The revision of the kommune's register that the caller had seen.
    pub expected: u32,
    /// The revision of the anmodning that this makes.
    pub revision: u32,
    /// Its content, sealed under that revision.
    pub sealed: SealedBytes,
    /// Its new status; none leaves it as it is.
    pub status: Option<Status>,
    /// When a reminder becomes due, or that none does; none leaves it as it is.
    pub remind_at: Option<Option<Timestamp>>,
    /// What was changed: `deadline`, `returned`, `registration`.
    pub what: Code,
    /// Open tasks of these codes are done with it.
    pub ends: &'static [&'static str],
    /// Tasks that follow from it.
    pub tasks: Vec<NewTask>,
}

/// What the register is to hold of a complete record.
#[derive(Debug, Clone)]
pub struct Registering {
    /// The revision of the register that the vedtak was weighed against.
    pub expected: u32,
    /// The years it decides for.
    pub years: Vec<i16>,
    /// What it is to those before it; none when it decides nothing.
    pub relation: Option<Relation>,
    /// What is to be followed up.
    pub tasks: Vec<NewTask>,
    /// When the kommune is reminded if the case is put off.
    pub remind_at: Option<Timestamp>,
    /// Whether letter and registration agree: then the answer is confirmed, if nothing is to be followed up.
    pub agreed: bool,
}

/// Which anmodninger to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnmodningFilter {
    /// Only of this kommune.
    pub kommune: Option<String>,
    /// Only of this year.
    pub year: Option<i16>,
    /// Only those that stand here.
    pub status: Option<Status>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.case_id, c.case_year, c.case_number, c.kommune, c.year, a.envelope_id, e.kek_id, e.wrapped_dek, a.status, a.revision, a.sealed, \
             a.remind_at, a.created_at, a.updated_at FROM anmodninger a JOIN cases c ON c.id = a.case_id JOIN envelopes e ON e.id = a.envelope_id ",
            $rest
        )
    };
}

fn anmodning_row(row: &AnyRow) -> Result<AnmodningRow, StoreError> {
    let cells = Cells::new(row, "anmodninger", "id")?;
    Ok(AnmodningRow {
        id: cells.parsed("id")?,
        case: cells.parsed("case_id")?,
        case_number: (cells.number("case_year")?, cells.number("case_number")?),
        kommune: cells.text("kommune")?,
        year: cells.number("year")?,
        envelope: cells.envelope()?,
        status: cells.code("status", Status::from_code)?,
        revision: cells.number("revision")?,
        sealed: cells.sealed("sealed")?,
        remind_at: cells.maybe_time("remind_at")?,
        created_at: cells.time("created_at")?,
        updated_at: cells.time("updated_at")?,
    })
}

fn vedtak_row(row: &AnyRow) -> Result<VedtakRow, StoreError> {
    let cells = Cells::new(row, "vedtak", "record_id")?;
    Ok(VedtakRow {
        year: cells.number("year")?,
        version: cells.number("version")?,
        record: cells.parsed("record_id")?,
        our_ref: OurRef { year: cells.number("case_year")?, case: cells.number("case_number")?, document: cells.number("document_number")? },
        relation: cells.code("relation", Relation::from_code)?,
        created_at: cells.time("created_at")?,
    })
}

impl Store {
    /// All that is registered of a kommune.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn kommune_register(&self, kommune: &str) -> Result<KommuneRegister, StoreError> {
        // The revision first: what changes after it makes the writer who relies on it begin anew.
        let revision = self.optional(query("SELECT kommune, revision FROM kommune_registers WHERE kommune = $1").bind(kommune.to_owned())).await?;
        let revision = revision.map_or(Ok(0), |row| Cells::new(&row, "kommune_registers", "kommune")?.number("revision"))?;
        let anmodninger = self.anmodninger(&AnmodningFilter { kommune: Some(kommune.to_owned()), ..AnmodningFilter::default() }).await?;
        let select = query(
            "SELECT v.year, v.version, v.record_id, v.relation, v.created_at, c.case_year, c.case_number, d.document_number \
             FROM vedtak v JOIN case_documents d ON d.record_id = v.record_id JOIN cases c ON c.id = d.case_id \
             WHERE v.kommune = $1 ORDER BY v.year, v.version",
        );
        let vedtak = self.all(select.bind(kommune.to_owned())).await?.iter().map(vedtak_row).collect::<Result<_, _>>()?;
        Ok(KommuneRegister { revision, anmodninger, vedtak })
    }

    /// Anmodninger, by year and kommune.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn anmodninger(&self, filter: &AnmodningFilter) -> Result<Vec<AnmodningRow>, StoreError> {
        let select =
            query(select!("WHERE ($1 IS NULL OR c.kommune = $1) AND ($2 IS NULL OR c.year = $2) AND ($3 IS NULL OR a.status = $3) ORDER BY c.year, c.kommune"));
        let select = select.bind(filter.kommune.clone()).bind(filter.year.map(i64::from)).bind(filter.status.map(Status::as_str));
        self.all(select).await?.iter().map(anmodning_row).collect()
    }

    /// Puts an anmodning into the register.
    ///
    /// # Errors
    /// [`Fault::AnmodningKnown`] when the kommune has one for that year.
    pub async fn add_anmodning(&self, new: &NewAnmodning, actor: Actor, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        lock_series(&mut tx).await?;
        let case = kommune_case(&mut tx, &new.kommune, new.year, (new.new_case, new.series)).await?;
        if tx.optional(query("SELECT id FROM anmodninger WHERE case_id = $1").bind(case.to_string())).await?.is_some() {
            return Err(Fault::AnmodningKnown { kommune: new.kommune.clone(), year: new.year }.into());
        }
        move_on(&mut tx, &new.kommune, new.expected).await?;
        tx.insert_envelope(&new.envelope).await?;
        // A vedtak may have come before the anmodning was entered.
        let answered =
            tx.optional(query("SELECT record_id FROM vedtak WHERE kommune = $1 AND year = $2 LIMIT 1").bind(new.kommune.clone()).bind(i64::from(new.year)));
        let status = if answered.await?.is_some() { Status::Svart } else { Status::IkkeSvart };
        let insert = query(
            "INSERT INTO anmodninger (id, case_id, envelope_id, status, revision, sealed, remind_at, created_at, updated_at) VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $7)",
        );
        let remind_at = new.remind_at.filter(|_| status.awaits_answer()).map(micros);
        let insert = insert.bind(new.id.to_string()).bind(case.to_string()).bind(new.envelope.id.to_string()).bind(status.as_str());
        tx.execute(insert.bind(new.sealed.0.clone()).bind(remind_at).bind(micros(tx.now))).await?;
        event(&mut tx, case, EventCode::Anmodning, None, None).await?;
        tx.note_by(actor, Action::AnmodningAdded, Subject::Anmodning(new.id), Detail::Case(case));
        tasks::open(&mut tx, &new.kommune, case, &new.tasks).await?;
        tx.commit().await
    }

    /// Saves a change of an anmodning.
    ///
    /// # Errors
    /// [`Fault::RegisterMoved`] when it was changed in the meantime; [`Fault::NotFound`].
    pub async fn change_anmodning(&self, id: AnmodningId, change: &AnmodningChange, actor: Actor, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        let known = locked(&mut tx, id).await?;
        move_on(&mut tx, &known.kommune, change.expected).await?;
        // What is sealed under another revision than the row's could never be opened again.
        if known.revision.checked_add(1) != Some(change.revision) {
            return Err(Fault::RegisterMoved { kommune: known.kommune }.into());
        }
        let update = query("UPDATE anmodninger SET sealed = $1, status = $2, remind_at = $3, revision = $4, updated_at = $5 WHERE id = $6");
        let (status, remind_at) = (change.status.unwrap_or(known.status), change.remind_at.unwrap_or(known.remind_at));
        let update = update.bind(change.sealed.0.clone()).bind(status.as_str()).bind(remind_at.map(micros)).bind(i64::from(change.revision));
        tx.execute(update.bind(micros(tx.now)).bind(id.to_string())).await?;
        event(&mut tx, known.case, EventCode::AnmodningChanged, None, None).await?;
        tx.note_by(actor, Action::AnmodningChanged, Subject::Anmodning(id), Detail::Step(change.what.clone()));
        for code in change.ends {
            tasks::end(&mut tx, &known.kommune, known.year, Some(code), actor).await?;
        }
        tasks::open(&mut tx, &known.kommune, known.case, &change.tasks).await?;
        tx.commit().await
    }

    /// The anmodning that has waited longest for its reminder.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn next_to_remind(&self, now: Timestamp) -> Result<Option<AnmodningRow>, StoreError> {
        let select = query(select!("WHERE a.remind_at <= $1 ORDER BY a.remind_at, a.id LIMIT 1"));
        self.optional(select.bind(micros(now))).await?.map(|row| anmodning_row(&row)).transpose()
    }

    /// Makes the reminder of an anmodning due, unless it was changed or reminded of in the meantime: then false. `letter` is sealed in the anmodning's envelope.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn remind(&self, seen: &AnmodningRow, letter: &NewLetter, now: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.write(now).await?;
        if !still_to_remind(&mut tx, seen).await? {
            return Ok(false);
        }
        tx.execute(query("UPDATE anmodninger SET remind_at = NULL WHERE id = $1").bind(seen.id.to_string())).await?;
        let count = query("SELECT COUNT(*) AS before FROM letters WHERE anmodning_id = $1 AND kind = $2");
        let before = tx.one(count.bind(seen.id.to_string()).bind(letter.kind.as_str())).await?;
        let round = Cells::named(&before, "letters", &seen.id).number::<u32>("before")? + 1;
        due(&mut tx, seen.case, Cause::Anmodning(seen.id, round), seen.envelope.id, letter).await?;
        tx.note(Action::LetterDue, Subject::Letter(letter.id), Detail::Nothing);
        tx.commit().await?;
        Ok(true)
    }

    /// Puts a reminder off, or gives it up.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn put_reminder_off(&self, seen: &AnmodningRow, until: Option<Timestamp>, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        if !still_to_remind(&mut tx, seen).await? {
            return Ok(());
        }
        tx.execute(query("UPDATE anmodninger SET remind_at = $1 WHERE id = $2").bind(until.map(micros)).bind(seen.id.to_string())).await?;
        tx.note(Action::ReminderPutOff, Subject::Anmodning(seen.id), Detail::Nothing);
        tx.commit().await
    }

    /// One anmodning.
    ///
    /// # Errors
    /// [`Fault::NotFound`], or the database fails.
    pub async fn anmodning(&self, id: AnmodningId) -> Result<AnmodningRow, StoreError> {
        let row = self.optional(query(select!("WHERE a.id = $1")).bind(id.to_string())).await?;
        anmodning_row(&row.ok_or_else(|| not_found(id))?)
    }
}

/// What a letter follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// A record, for the how-manieth time.
    Record(RecordId, u32),
    /// An anmodning, for the how-manieth time.
    Anmodning(AnmodningId, u32),
}

fn not_found(id: AnmodningId) -> StoreError {
    Fault::NotFound { kind: "anmodning", id: id.to_string() }.into()
}

/// An anmodning, locked: the series, then its case, then its own row, as everybody does who changes a case and its anmodning.
async fn locked(tx: &mut Tx, id: AnmodningId) -> Result<AnmodningRow, StoreError> {
    lock_series(tx).await?;
    let case = tx.locking(locking!("SELECT id FROM cases WHERE id = (SELECT case_id FROM anmodninger WHERE id = $1)"));
    tx.optional(case.bind(id.to_string())).await?.ok_or_else(|| not_found(id))?;
    let select = tx.locking(locking!(select!("WHERE a.id = $1"), "OF a"));
    anmodning_row(&tx.optional(select.bind(id.to_string())).await?.ok_or_else(|| not_found(id))?)
}

async fn still_to_remind(tx: &mut Tx, seen: &AnmodningRow) -> Result<bool, StoreError> {
    let known = locked(tx, seen.id).await?;
    Ok(known.remind_at == seen.remind_at && known.revision == seen.revision)
}

/// Moves a kommune's register on from the revision that the caller relies on.
async fn move_on(tx: &mut Tx, kommune: &str, expected: u32) -> Result<(), StoreError> {
    let next = query(
        "INSERT INTO kommune_registers (kommune, revision) VALUES ($1, 1) ON CONFLICT (kommune) DO UPDATE SET revision = kommune_registers.revision + 1 \
         RETURNING revision",
    );
    let row = tx.one(next.bind(kommune.to_owned())).await?;
    let revision: u32 = Cells::named(&row, "kommune_registers", kommune).number("revision")?;
    if expected.checked_add(1) == Some(revision) { Ok(()) } else { Err(Fault::RegisterMoved { kommune: kommune.to_owned() }.into()) }
}

/// Registers what a complete record decides. The caller holds [`lock_series`].
pub(super) async fn register(tx: &mut Tx, kommune: &str, case: CaseId, record: RecordId, what: &Registering) -> Result<(), StoreError> {
    move_on(tx, kommune, what.expected).await?;
    let actor = tx.store.inner.actor;
    for year in &what.years {
        // What was asked about a vedtak that another has taken the place of is answered.
        if matches!(what.relation, Some(Relation::First | Relation::Replaces)) {
            tasks::end(tx, kommune, *year, None, actor).await?;
        }
        if let Some(relation) = what.relation {
            let insert = query(
                "INSERT INTO vedtak (kommune, year, version, record_id, relation, created_at) \
                 SELECT $1, $2, COALESCE(MAX(version), 0) + 1, $3, $4, $5 FROM vedtak WHERE kommune = $1 AND year = $2",
            );
            let insert = insert.bind(kommune.to_owned()).bind(i64::from(*year)).bind(record.to_string()).bind(relation.as_str());
            tx.execute(insert.bind(micros(tx.now))).await?;
            tx.note(Action::VedtakRegistered, Subject::Record(record), Detail::Step(Code::or_unnamed(relation.as_str())));
        }
    }
    if what.relation.is_some() {
        event(tx, case, EventCode::VedtakRegistered, Some(record), None).await?;
    }
    tasks::open(tx, kommune, case, &what.tasks).await?;
    for year in &what.years {
        answer(tx, kommune, *year, what).await?;
    }
    Ok(())
}

/// What a vedtak makes of the anmodning it answers.
async fn answer(tx: &mut Tx, kommune: &str, year: i16, what: &Registering) -> Result<(), StoreError> {
    let select = query("SELECT a.id, a.status FROM anmodninger a JOIN cases c ON c.id = a.case_id WHERE c.kommune = $1 AND c.year = $2");
    let Some(row) = tx.optional(select.bind(kommune.to_owned()).bind(i64::from(year))).await? else { return Ok(()) };
    let cells = Cells::new(&row, "anmodninger", "id")?;
    let id: AnmodningId = cells.parsed("id")?;
    let status = cells.code("status", Status::from_code)?;
    let next = match what.relation {
        // The same once more is an answer to who sent it back; else it changes nothing.
        Some(Relation::Repeats) if status != Status::Returnert => return Ok(()),
        Some(_) if what.agreed && !tasks::any_open(tx, kommune, year).await? => Status::Bekreftet,
        Some(_) => status.answered(),
        None if status.awaits_answer() => status,
        None => return Ok(()),
    };
    // A case that is put off to no day leaves the reminder where it is.
    let update =
        query("UPDATE anmodninger SET status = $1, remind_at = CASE WHEN $2 = 1 THEN NULL ELSE COALESCE($3, remind_at) END, updated_at = $4 WHERE id = $5");
    let update = update.bind(next.as_str()).bind(i64::from(!next.awaits_answer())).bind(what.remind_at.map(micros)).bind(micros(tx.now));
    tx.execute(update.bind(id.to_string())).await?;
    tx.note(Action::AnmodningChanged, Subject::Anmodning(id), Detail::Step(Code::or_unnamed(next.as_str())));
    Ok(())
}

/// A reminder has been sent. Who has answered since is not counted as reminded.
pub(super) async fn reminded(tx: &mut Tx, letter: LetterId) -> Result<(), StoreError> {
    let select = query("SELECT a.id FROM letters l JOIN anmodninger a ON a.id = l.anmodning_id WHERE l.id = $1");
    let Some(row) = tx.optional(select.bind(letter.to_string())).await? else { return Ok(()) };
    let id: AnmodningId = Cells::new(&row, "anmodninger", "id")?.parsed("id")?;
    let (before, after) = (Status::IkkeSvart, Status::IkkeSvart.reminded());
    let update = query("UPDATE anmodninger SET status = $1, updated_at = $2 WHERE id = $3 AND status = $4");
    let update = update.bind(after.as_str()).bind(micros(tx.now)).bind(id.to_string()).bind(before.as_str());
    if tx.execute(update).await? == 1 {
        tx.note(Action::AnmodningChanged, Subject::Anmodning(id), Detail::Step(Code::or_unnamed(after.as_str())));
    }
    Ok(())
}
