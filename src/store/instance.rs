//! What is true of this database as a whole: facts that are set once and compared from then on, such as which keyset its rows are sealed under.

use super::error::StoreError;
use super::rows::{Cells, query};
use super::{Store, StoredEnvelope};
use crate::audit::{Action, Code, Detail, Subject};
use crate::clock::Timestamp;
use crate::document::EnvelopeId;

/// What came of pinning a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pinned {
    /// It was not known before.
    New,
    /// It is what it was.
    Same,
    /// It differs: the database belongs to something else. Nothing was changed.
    Differs {
        /// What is stored.
        stored: String,
    },
}

impl Store {
    /// Stores a fact about the instance the first time, and compares it ever after: `pin("keyset", fingerprint)`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pin(&self, key: &str, value: &str, now: Timestamp) -> Result<Pinned, StoreError> {
        let mut tx = self.write(now).await?;
        let insert = query("INSERT INTO instance (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING");
        if tx.execute(insert.bind(key.to_owned()).bind(value.to_owned())).await? == 1 {
            tx.note(Action::InstancePinned, Subject::System, Detail::Step(Code::or_unnamed(key)));
            tx.commit().await?;
            return Ok(Pinned::New);
        }
        let row = tx.one(query("SELECT value FROM instance WHERE key = $1").bind(key.to_owned())).await?;
        let stored = Cells::named(&row, "instance", key).text("value")?;
        Ok(if stored == value { Pinned::Same } else { Pinned::Differs { stored } })
    }

    /// A fact that was pinned.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pinned(&self, key: &str) -> Result<Option<String>, StoreError> {
        let row = self.optional(query("SELECT value FROM instance WHERE key = $1").bind(key.to_owned())).await?;
        row.map(|row| Cells::named(&row, "instance", key).text("value")).transpose()
    }

    /// The keys that envelopes are wrapped under, in order. Not empty means: sealed rows exist, so no new keyset may be made for this database.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn key_ids_in_use(&self) -> Result<Vec<String>, StoreError> {
        let rows = self.all(query("SELECT DISTINCT kek_id FROM envelopes WHERE wrapped_dek IS NOT NULL ORDER BY kek_id")).await?;
        rows.iter().map(|row| Cells::named(row, "envelopes", "unknown").text("kek_id")).collect()
    }

    /// An envelope with its wrapped key.
    ///
    /// # Errors
    /// [`super::Fault::NotFound`]; [`super::Fault::Shredded`] when its key was deleted; or the database fails.
    pub async fn envelope(&self, id: EnvelopeId) -> Result<StoredEnvelope, StoreError> {
        let select = query("SELECT id AS envelope_id, kek_id, wrapped_dek FROM envelopes WHERE id = $1");
        let row = self.optional(select.bind(id.to_string())).await?;
        let row = row.ok_or_else(|| super::Fault::NotFound { kind: "envelope", id: id.to_string() })?;
        Cells::new(&row, "envelopes", "envelope_id")?.envelope()
    }
}
