//! Tasks: what a person is to follow up with a kommune, open or done. What exactly it is lies sealed in the envelope of the vedtak it is about.

use sqlx::any::AnyRow;

use super::cases::{CaseKey, EventCode, NewLetter, due, event, lock_series, open_case};
use super::error::{Fault, StoreError};
use super::register::Cause;
use super::rows::{Cells, micros, query};
use super::{SealedBytes, Store, StoredEnvelope, Tx};
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
    /// The case of the kommune and the year.
    pub case: CaseId,
    /// Kommunenummer.
    pub kommune: String,
    /// The year of the case.
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Those that are done too.
    pub done: bool,
    /// Only of this case.
    pub case: Option<CaseId>,
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
            "SELECT t.id, t.case_id, c.kommune, c.year, t.record_id, r.envelope_id, e.kek_id, e.wrapped_dek, t.code, t.sealed, t.created_at, t.done_at \
             FROM tasks t JOIN cases c ON c.id = t.case_id JOIN records r ON r.id = t.record_id JOIN envelopes e ON e.id = r.envelope_id \
             WHERE ($1 = 1 OR t.state = 'open') AND ($2 IS NULL OR t.case_id = $2) AND ($3 IS NULL OR t.record_id = $3) ORDER BY t.created_at, t.id",
        );
        let select = select.bind(i64::from(filter.done)).bind(filter.case.map(|id| id.to_string())).bind(filter.record.map(|id| id.to_string()));
        self.all(select).await?.iter().map(task_row).collect()
    }

    /// A person says that a task is done.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when there is no such open task.
    pub async fn close_task(&self, id: TaskId, actor: Actor, now: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write(now).await?;
        let select = query("SELECT id, case_id FROM tasks WHERE id = $1 AND state = 'open'");
        let row = tx.optional(select.bind(id.to_string())).await?.ok_or_else(|| Fault::NotFound { kind: "open task", id: id.to_string() })?;
        let case = Cells::new(&row, "tasks", "id")?.parsed("case_id")?;
        done(&mut tx, case, id, actor).await?;
        tx.commit().await
    }

    /// Makes a letter about a record due, as a person asked: a case is opened if the kommune has none for the year. Each call is a letter of its own; open tasks of
    /// the case with the code that goes with the letter are done with it.
    ///
    /// # Errors
    /// When the database fails; [`Fault::NotFound`].
    pub async fn ask(
        &self,
        record: RecordId,
        case: &CaseKey,
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
            None => open_case(&mut tx, case, opening).await?,
        };
        let envelope = cells.parsed("envelope_id")?;
        let made = due(&mut tx, case, Cause::Record(record, round), envelope, letter).await?;
        tx.note_by(actor, Action::LetterDue, Subject::Letter(letter.id), Detail::Cause(record));
        if let Some(code) = ends {
            end(&mut tx, case, Some(code), actor).await?;
        }
        tx.commit().await?;
        Ok(made)
    }
}

/// Opens tasks in a case.
pub(super) async fn open(tx: &mut Tx, case: CaseId, new: &[NewTask]) -> Result<(), StoreError> {
    for task in new {
        let insert = query("INSERT INTO tasks (id, case_id, record_id, code, sealed, state, created_at) VALUES ($1, $2, $3, $4, $5, 'open', $6)");
        let insert = insert.bind(task.id.to_string()).bind(case.to_string()).bind(task.record.to_string()).bind(task.code.clone());
        tx.execute(insert.bind(task.sealed.0.clone()).bind(micros(tx.now))).await?;
        event(tx, case, EventCode::TaskOpened, Some(task.record), None).await?;
        tx.note(Action::TaskOpened, Subject::Task(task.id), Detail::Step(Code::or_unnamed(&task.code)));
    }
    Ok(())
}

/// Ends the open tasks of a case; all, or those of a code.
pub(super) async fn end(tx: &mut Tx, case: CaseId, code: Option<&str>, actor: Actor) -> Result<(), StoreError> {
    let select = query("SELECT id FROM tasks WHERE case_id = $1 AND state = 'open' AND ($2 IS NULL OR code = $2) ORDER BY id");
    for row in tx.all(select.bind(case.to_string()).bind(code.map(str::to_owned))).await? {
        let id = Cells::new(&row, "tasks", "id")?.parsed("id")?;
        done(tx, case, id, actor).await?;
    }
    Ok(())
}

async fn done(tx: &mut Tx, case: CaseId, id: TaskId, actor: Actor) -> Result<(), StoreError> {
    tx.execute(query("UPDATE tasks SET state = 'done', done_at = $1 WHERE id = $2").bind(micros(tx.now)).bind(id.to_string())).await?;
    event(tx, case, EventCode::TaskDone, None, None).await?;
    tx.note_by(actor, Action::TaskDone, Subject::Task(id), Detail::Nothing);
    Ok(())
}
