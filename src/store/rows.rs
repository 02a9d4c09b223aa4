//! Between rows and types: reading a row's cells with an error that names table, column and row, and inserting many rows in few statements.
//!
//! A cell that does not hold what its column promises is [`Fault::Inconsistent`]; the value itself is never repeated.

use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{Any, AnyArguments, AnyRow};
use sqlx::{AssertSqlSafe, Decode, Row as _, Type};

use super::error::{Fault, StoreError};
use super::{SealedBytes, StoredEnvelope, Tx};
use crate::clock::Timestamp;
use crate::document::EnvelopeId;

/// A statement with its arguments.
pub(super) type Query = sqlx::query::Query<'static, Any, AnyArguments>;

/// A statement whose text is fixed.
pub(super) fn query(sql: &'static str) -> Query {
    sqlx::query(sql)
}

/// How many rows one `INSERT` takes: 64 rows of at most 12 columns stay far below either back end's limit of parameters.
const ROWS_MAX: usize = 64;

/// Inserts `rows` with as few statements as may be. `head` is `INSERT INTO table (a, b)`.
pub(super) async fn insert_many<T: Sync>(
    tx: &mut Tx,
    head: &str,
    columns: usize,
    rows: &[T],
    bind: impl Fn(Query, &T) -> Query + Send + Sync,
) -> Result<(), StoreError> {
    for chunk in rows.chunks(ROWS_MAX) {
        // Only the full size comes often enough to be worth a place in the cache of prepared statements.
        let insert = sqlx::query(AssertSqlSafe(insert_text(head, columns, chunk.len()))).persistent(chunk.len() == ROWS_MAX);
        tx.execute(chunk.iter().fold(insert, &bind)).await?;
    }
    Ok(())
}

fn insert_text(head: &str, columns: usize, rows: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    format!("{head} VALUES {}", (0..rows).map(row).collect::<Vec<_>>().join(", "))
}

/// Microseconds since 1970, as instants are stored. What is finer is cut off.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The instant as it will be read back.
pub(super) fn stored(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(micros(at)).unwrap_or(at)
}

/// When a lease of this length runs out; the end of time when the sum is out of range.
pub(super) fn after(now: Timestamp, length: Duration) -> Timestamp {
    stored(now.checked_add(length).unwrap_or(Timestamp::MAX))
}

/// A row with the names that an error needs.
pub(super) struct Cells<'r> {
    row: &'r AnyRow,
    table: &'static str,
    key: String,
}

impl<'r> Cells<'r> {
    /// A row of `table` whose key is the text in column `key`.
    pub(super) fn new(row: &'r AnyRow, table: &'static str, key: &'static str) -> Result<Self, StoreError> {
        let unkeyed = Self { row, table, key: "without key".into() };
        let key = unkeyed.text(key)?;
        Ok(Self { key, ..unkeyed })
    }

    /// A row of `table` that the caller names.
    pub(super) fn named(row: &'r AnyRow, table: &'static str, key: &(impl ToString + ?Sized)) -> Self {
        Self { row, table, key: key.to_string() }
    }

    /// The error that says this column holds what it must not.
    pub(super) fn bad(&self, column: &'static str) -> StoreError {
        Fault::Inconsistent { table: self.table, column, row: self.key.clone() }.into()
    }

    fn get<T: Decode<'r, Any> + Type<Any>>(&self, column: &'static str) -> Result<T, StoreError> {
        self.row.try_get(column).map_err(|_| self.bad(column))
    }

    pub(super) fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.get(column)
    }

    pub(super) fn maybe_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.get(column)
    }

    pub(super) fn long(&self, column: &'static str) -> Result<i64, StoreError> {
        self.get(column)
    }

    /// A number of a narrower type than the column's.
    pub(super) fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, StoreError> {
        T::try_from(self.long(column)?).map_err(|_| self.bad(column))
    }

    pub(super) fn maybe_number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        let number: Option<i64> = self.get(column)?;
        number.map(T::try_from).transpose().map_err(|_| self.bad(column))
    }

    pub(super) fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        Timestamp::from_microsecond(self.long(column)?).map_err(|_| self.bad(column))
    }

    pub(super) fn maybe_time(&self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        let micros: Option<i64> = self.get(column)?;
        micros.map(Timestamp::from_microsecond).transpose().map_err(|_| self.bad(column))
    }

    pub(super) fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        self.get(column)
    }

    pub(super) fn sealed(&self, column: &'static str) -> Result<SealedBytes, StoreError> {
        self.bytes(column).map(SealedBytes)
    }

    pub(super) fn maybe_sealed(&self, column: &'static str) -> Result<Option<SealedBytes>, StoreError> {
        let bytes: Option<Vec<u8>> = self.get(column)?;
        Ok(bytes.map(SealedBytes))
    }

    /// An id, or anything else that is parsed from text.
    pub(super) fn parsed<T: FromStr>(&self, column: &'static str) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| self.bad(column))
    }

    pub(super) fn maybe_parsed<T: FromStr>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        self.maybe_text(column)?.map(|text| text.parse()).transpose().map_err(|_| self.bad(column))
    }

    /// One of a closed list of codes.
    pub(super) fn code<T>(&self, column: &'static str, known: impl FnOnce(&str) -> Option<T>) -> Result<T, StoreError> {
        known(&self.text(column)?).ok_or_else(|| self.bad(column))
    }

    /// The envelope from the columns `envelope_id`, `kek_id` and `wrapped_dek` of a join.
    pub(super) fn envelope(&self) -> Result<StoredEnvelope, StoreError> {
        let id: EnvelopeId = self.parsed("envelope_id")?;
        let wrapped_dek = self.maybe_sealed("wrapped_dek")?.ok_or_else(|| Fault::Shredded { id: id.to_string() })?;
        Ok(StoredEnvelope { id, kek_id: self.text("kek_id")?, wrapped_dek })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_on_from_row_to_row() {
        assert_eq!(insert_text("INSERT INTO t (a, b)", 2, 2), "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)");
    }

    #[test]
    fn instants_are_cut_to_what_is_stored() {
        let fine: Timestamp = "2026-11-21T09:00:00.123456789Z".parse().expect("a literal timestamp");
        assert_eq!(stored(fine).to_string(), "2026-11-21T09:00:00.123456Z");
        assert_eq!(after(Timestamp::MAX, Duration::from_secs(1)), stored(Timestamp::MAX));
    }
}
