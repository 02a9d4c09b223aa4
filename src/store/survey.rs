//! How much is left to do: for the daemon, which may stop when nothing is, and for people, who want to see the backlog.

use std::collections::BTreeMap;

use super::Store;
use super::error::StoreError;
use super::rows::{Cells, micros, query};
use crate::clock::Timestamp;

/// What the daemon has before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// Files that were claimed and are not out of their folder.
    pub claims_open: u64,
    /// Documents that wait for a reader, some of them for a time.
    pub documents_waiting: u64,
    /// Documents that a reader has.
    pub reading: u64,
    /// Letters that are to be composed or sent, some of them after a time.
    pub letters_waiting: u64,
    /// Anmodninger whose reminder is due.
    pub reminders_due: u64,
    /// When the first of these may be taken (for what is being worked on: when its lease runs out). It may lie in the past.
    pub next_at: Option<Timestamp>,
}

impl Pending {
    /// Whether nothing is left that the daemon could do by itself.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.claims_open + self.documents_waiting + self.reading + self.letters_waiting + self.reminders_due == 0
    }
}

/// How many there are of everything, by state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// Documents by [`crate::document::DocumentState::name`].
    pub documents: BTreeMap<String, u64>,
    /// Records by [`crate::record::RecordState::as_str`].
    pub records: BTreeMap<String, u64>,
    /// Letters by [`super::LetterState::as_str`].
    pub letters: BTreeMap<String, u64>,
    /// When the document was received that has waited longest for a reader.
    pub oldest_document: Option<Timestamp>,
    /// When the record was filed that has waited longest for a person.
    pub oldest_review: Option<Timestamp>,
}

impl Store {
    /// What is left for the daemon to do.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pending(&self, now: Timestamp) -> Result<Pending, StoreError> {
        let select = query(
            "SELECT (SELECT COUNT(*) FROM claims WHERE state <> 'done') AS claims_open, \
             (SELECT COUNT(*) FROM documents WHERE state = 'received') AS documents_waiting, \
             (SELECT COUNT(*) FROM documents WHERE state = 'reading') AS reading, \
             (SELECT COUNT(*) FROM letters WHERE state IN ('due', 'composed')) AS letters_waiting, \
             (SELECT COUNT(*) FROM anmodninger WHERE remind_at <= $1) AS reminders_due, \
             (SELECT MIN(remind_at) FROM anmodninger) AS next_reminder, \
             (SELECT MIN(ready_at) FROM documents WHERE state IN ('received', 'reading')) AS next_document, \
             (SELECT MIN(ready_at) FROM letters WHERE state IN ('due', 'composed')) AS next_letter",
        );
        let row = self.one(select.bind(micros(now))).await?;
        let cells = Cells::named(&row, "documents", "all");
        Ok(Pending {
            claims_open: cells.number("claims_open")?,
            documents_waiting: cells.number("documents_waiting")?,
            reading: cells.number("reading")?,
            letters_waiting: cells.number("letters_waiting")?,
            reminders_due: cells.number("reminders_due")?,
            next_at: [cells.maybe_time("next_document")?, cells.maybe_time("next_letter")?, cells.maybe_time("next_reminder")?].into_iter().flatten().min(),
        })
    }

    /// How many there are of everything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn backlog(&self) -> Result<Backlog, StoreError> {
        let select = query(
            "SELECT (SELECT MIN(received_at) FROM documents WHERE state IN ('received', 'reading')) AS oldest_document, \
             (SELECT MIN(created_at) FROM records WHERE state = 'review') AS oldest_review",
        );
        let row = self.one(select).await?;
        let cells = Cells::named(&row, "documents", "all");
        Ok(Backlog {
            documents: self.counts("SELECT state, COUNT(*) AS number FROM documents GROUP BY state").await?,
            records: self.counts("SELECT state, COUNT(*) AS number FROM records GROUP BY state").await?,
            letters: self.counts("SELECT state, COUNT(*) AS number FROM letters GROUP BY state").await?,
            oldest_document: cells.maybe_time("oldest_document")?,
            oldest_review: cells.maybe_time("oldest_review")?,
        })
    }

    async fn counts(&self, select: &'static str) -> Result<BTreeMap<String, u64>, StoreError> {
        let rows = self.all(query(select)).await?;
        rows.iter()
            .map(|row| {
                let cells = Cells::new(row, "all", "state")?;
                Ok((cells.text("state")?, cells.number("number")?))
            })
            .collect()
    }
}
