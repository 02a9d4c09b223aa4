//! Tasks: what a person is to follow up with a kommune, open or done. What exactly it is lies sealed in the envelope of the vedtak it is about.

use sqlx::any::AnyRow;

use super::cases::{EventCode, NewLetter, due, event, kommune_case, lock_series};
use super::error::{Fault, StoreError};
use super::register::Cause;
use super::rows::{Cells, Query, micros, query};
use super::{SealedBytes, Store, StoredEnvelope, Tx, locking};
use crate::audit::{Action, Actor, Code, Detail, Subject};
use crate::clock::Timestamp;
use crate::document::{CaseId, LetterId, OurRef, RecordId, TaskId};

/// A task to be stored.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// Its id.
    pub id: TaskId,
    /// The vedtak it is about.
    pub record: RecordId,
    /// The year it is about.
    pub year: i16,
    /// What kind it is.
    pub code: String,
    /// What it is about, sealed in the record's envelope.
    pub sealed: SealedBytes,
}

/// A task as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRow {
    /// Its id.
    pub id: TaskId,
    /// The case of the vedtak.
    pub case: CaseId,
    /// Kommunenummer.
    pub kommune: String,
    /// The year it is about.
    pub year: i16,
    /// The vedtak it is about.
    pub record: RecordId,
    /// The envelope it is sealed in: the record's.
    pub envelope: StoredEnvelope,
    /// What kind it is.
    pub code: String,
    /// What it is about, sealed.
    pub sealed: SealedBytes,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was done.
    pub done_at: Option<Timestamp>,
}

/// Which tasks to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Those that are done too.
    pub done: bool,
    /// Only of this kommune and year.
    pub about: Option<(String, i16)>,
    /// Only about this record.
    pub record: Option<RecordId>,
}

fn task_row(row: &AnyRow) -> Result<TaskRow, StoreError> {
    let cells = Cells::new(row, "tasks", "id")?;
    Ok(TaskRow {
        id: cells.parsed("id")?,
        case: cells.parsed("case_id")?,
        kommune: cells.text("kommune")?,
        year: cells.number("year")?,
        record: cells.parsed("record_id")?,
        envelope: cells.envelope()?,
        code: cells.text("code")?,
        sealed: cells.sealed("sealed")?,
        created_at: cells.time("created_at")?,
        done_at: cells.maybe_time("done_at")?,
    })
}

impl Store {
    /// Tasks, oldest first.
    ///
    /// # Errors
    /// When the database fails or a row is broken.
    pub async fn tasks(&self, filter: TaskFilter) -> Result<Vec<TaskRow>, StoreError> {
        let select = query(
            "SELECT t.id, t.case_id, t.kommune, t.year, t.record_id, r.envelope_id, e.kek_id, e.wrapped_dek, t.code, t.sealed, t.created_at, t.done_at \
             FROM tasks t JOIN records r ON r.id = t.record_id JOIN envelopes e ON e.id = r.envelope_id \
             WHERE ($1 = 1 OR t.state = 'open') AND ($2 IS NULL OR t.kommune = $2) AND ($3 IS NULL OR t.year = $3) AND ($4 IS NULL OR t.record_id = $4) \
             ORDER BY t.created_at, t.id",
        );
        let (kommune, year) = filter.about.unzip();
        let select = select.bind(i64::from(filter.done)).bind(kommune).bind(year.map(i64::from)).bind(filter.record.map(|id| id.to_string()));
        self.all(select).await?.iter().map(task_row).collect()
    }

    /// A person says that a task is done.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when there is no such open task.
    pub async fn close_task(&self, id: TaskId, actor: Actor, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        // The case before the task, as everybody does who changes both.
        let case = tx.locking(locking!("SELECT id FROM cases WHERE id = (SELECT case_id FROM tasks WHERE id = $1)"));
        let none = || Fault::NotFound { kind: "open task", id: id.to_string() };
        let row = tx.optional(case.bind(id.to_string())).await?.ok_or_else(none)?;
        let open = query("SELECT id FROM tasks WHERE id = $1 AND state = 'open'");
        tx.optional(open.bind(id.to_string())).await?.ok_or_else(none)?;
        done(&mut tx, Cells::new(&row, "cases", "id")?.parsed("id")?, id, actor).await?;
        tx.commit().await
    }

    /// Makes a letter about a record due, as a person asked: a case is opened if the kommune has none for the year. Each call is a letter of its own; open tasks of
    /// the record with the code that goes with the letter are done with it.
    ///
    /// # Errors
    /// When the database fails; [`Fault::NotFound`].
    pub async fn ask(
        &self,
        record: RecordId,
        (kommune, year): (&str, i16),
        opening: (CaseId, super::Series),
        (letter, ends): (&NewLetter, Option<&str>),
        actor: Actor,
        now: Timestamp,
    ) -> Result<(LetterId, OurRef), StoreError> {
        let mut tx = self.write(now).await?;
        lock_series(&mut tx).await?;
        let select = query(
            "SELECT r.id, r.envelope_id, r.case_id, (SELECT COUNT(*) FROM letters l WHERE l.record_id = r.id AND l.kind = $2) AS before FROM records r WHERE r.id = $1",
        );
        let row = tx.optional(select.bind(record.to_string()).bind(letter.kind.as_str())).await?;
        let row = row.ok_or_else(|| Fault::NotFound { kind: "record", id: record.to_string() })?;
        let cells = Cells::new(&row, "records", "id")?;
        let round = cells.number::<u32>("before")? + 1;
        let case = match cells.maybe_parsed("case_id")? {
            Some(case) => case,
            None => kommune_case(&mut tx, kommune, year, opening).await?,
        };
        let envelope = cells.parsed("envelope_id")?;
        let made = due(&mut tx, case, Cause::Record(record, round), envelope, letter).await?;
        tx.note_by(actor, Action::LetterDue, Subject::Letter(letter.id), Detail::Cause(record));
        if let Some(code) = ends {
            let select = query("SELECT id, case_id FROM tasks WHERE record_id = $1 AND code = $2 AND state = 'open' ORDER BY id");
            end_all(&mut tx, select.bind(record.to_string()).bind(code.to_owned()), actor).await?;
        }
        tx.commit().await?;
        Ok(made)
    }
}

/// Opens tasks about a kommune, in the case of its vedtak.
pub(super) async fn open(tx: &mut Tx, kommune: &str, case: CaseId, new: &[NewTask]) -> Result<(), StoreError> {
    for task in new {
        let insert =
            query("INSERT INTO tasks (id, kommune, year, case_id, record_id, code, sealed, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8)");
        let insert = insert.bind(task.id.to_string()).bind(kommune.to_owned()).bind(i64::from(task.year)).bind(case.to_string()).bind(task.record.to_string());
        tx.execute(insert.bind(task.code.clone()).bind(task.sealed.0.clone()).bind(micros(tx.now))).await?;
        event(tx, case, EventCode::TaskOpened, Some(task.record), None).await?;
        tx.note(Action::TaskOpened, Subject::Task(task.id), Detail::Step(Code::or_unnamed(&task.code)));
    }
    Ok(())
}

/// Ends the open tasks of a kommune and a year; all, or those of a code.
pub(super) async fn end(tx: &mut Tx, kommune: &str, year: i16, code: Option<&str>, actor: Actor) -> Result<(), StoreError> {
    let select = query("SELECT id, case_id FROM tasks WHERE kommune = $1 AND year = $2 AND state = 'open' AND ($3 IS NULL OR code = $3) ORDER BY id");
    end_all(tx, select.bind(kommune.to_owned()).bind(i64::from(year)).bind(code.map(str::to_owned)), actor).await
}

async fn end_all(tx: &mut Tx, select: Query, actor: Actor) -> Result<(), StoreError> {
    for row in tx.all(select).await? {
        let cells = Cells::new(&row, "tasks", "id")?;
        done(tx, cells.parsed("case_id")?, cells.parsed("id")?, actor).await?;
    }
    Ok(())
}

/// Whether something is to be followed up with a kommune about a year.
pub(super) async fn any_open(tx: &mut Tx, kommune: &str, year: i16) -> Result<bool, StoreError> {
    let select = query("SELECT id FROM tasks WHERE kommune = $1 AND year = $2 AND state = 'open' LIMIT 1");
    Ok(tx.optional(select.bind(kommune.to_owned()).bind(i64::from(year))).await?.is_some())
}

async fn done(tx: &mut Tx, case: CaseId, id: TaskId, actor: Actor) -> Result<(), StoreError> {
    tx.execute(query("UPDATE tasks SET state = 'done', done_at = $1 WHERE id = $2").bind(micros(tx.now)).bind(id.to_string())).await?;
    event(tx, case, EventCode::TaskDone, None, None).await?;
    tx.note_by(actor, Action::TaskDone, Subject::Task(id), Detail::Nothing);
    Ok(())
}
