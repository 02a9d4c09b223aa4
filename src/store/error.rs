//! What can go wrong in the store, told apart by what the caller can do: wait and try again ([`Passing`]), or not ([`Fault`]).
//!
//! A message names tables, columns, row ids, codes and addresses, never a value: nothing of a driver's error is passed on but its code and, where it
//! can hold no data, its sentence. The first line says what is wrong, the second what to do.

use std::borrow::Cow;

use super::letters::LetterState;
use crate::document::ImpossibleStep;

/// Any failure of the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It may pass: nothing was changed, the same call may succeed later.
    #[error(transparent)]
    Retry(#[from] Passing),
    /// It will not pass by waiting.
    #[error(transparent)]
    Final(#[from] Fault),
}

impl StoreError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Retry(_))
    }
}

impl From<ImpossibleStep> for StoreError {
    fn from(step: ImpossibleStep) -> Self {
        Self::Final(Fault::Step(step))
    }
}

/// A failure that may pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Passing {
    /// No connection, or a broken one.
    #[error("the database {place} does not answer: {why}\n{advice}")]
    Unreachable {
        /// The address without its password.
        place: String,
        /// The reason in the words of the driver or the system.
        why: String,
        /// What to do.
        advice: String,
    },
    /// The connection broke in the middle of the work.
    #[error("the connection to the database broke: {why}\nnothing was changed; check that the database server runs, the work is taken up again by itself")]
    Broken {
        /// The reason in the words of the driver or the system.
        why: String,
    },
    /// Somebody else holds a lock for longer than we wait.
    #[error("the database is busy (code {code})\nnothing was changed; try again, and look for another program that keeps it locked if it stays so")]
    Busy {
        /// The database's code.
        code: String,
    },
    /// The disk of the database is full or failing.
    #[error("the database cannot write: its disk is full or failing (code {code})\nnothing was changed; free space on the disk of the database")]
    Disk {
        /// The database's code.
        code: String,
    },
}

/// A failure that waiting does not mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The database cannot be opened as it is described.
    #[error("cannot open the database {place}: {why}\n{advice}")]
    Open {
        /// The address without its password.
        place: String,
        /// The reason.
        why: String,
        /// What to do.
        advice: String,
    },
    /// The database has no tables yet.
    #[error("the database {place} has not been prepared\nrun `postsluse db migrate`")]
    NotPrepared {
        /// The address without its password.
        place: String,
    },
    /// The database is older than this program.
    #[error(
        "the database {place} is at version {found}; this program needs version {needed}\nstop every daemon on it, make a backup and run `postsluse db migrate`"
    )]
    Older {
        /// The address without its password.
        place: String,
        /// The last version that was applied.
        found: i64,
        /// The version this program needs.
        needed: i64,
    },
    /// The database is newer than this program.
    #[error("the database {place} is at version {found}; this program knows versions up to {known}\nrun the program that migrated it, or a newer one")]
    Newer {
        /// The address without its password.
        place: String,
        /// The version that was applied.
        found: i64,
        /// The last version this program knows.
        known: i64,
    },
    /// A migration differs from the one that was applied.
    #[error(
        "version {version} of the database {place} was made by another text than this program's\nrun the program that migrated it; a published migration never changes"
    )]
    Changed {
        /// The address without its password.
        place: String,
        /// The version that differs.
        version: i64,
    },
    /// The database refused a statement: a rule of the schema, a missing right, or a defect of ours.
    #[error("the database refused (code {code}): {why}\nthis is a defect or a missing right on the tables; nothing was changed")]
    Refused {
        /// The database's code.
        code: String,
        /// Its sentence, where that can hold no data.
        why: String,
    },
    /// A row does not hold what the program wrote.
    #[error(
        "the database is inconsistent: table {table}, column {column}, row {row}\nstop the daemon and compare with a backup; somebody changed the database by hand, or the disk is failing"
    )]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        row: String,
    },
    /// Another daemon took the work over, or it was finished by somebody else.
    #[error("the lease on {kind} {id} was lost; the result of this turn is not kept\nwhoever holds the lease now does the work; a longer lease avoids this")]
    LeaseLost {
        /// `claim`, `document` or `letter`.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// There is no such row.
    #[error("there is no {kind} {id}\n`postsluse list` and `postsluse letters list` show what there is")]
    NotFound {
        /// `document`, `record`, `letter`, `case`.
        kind: &'static str,
        /// What was asked for.
        id: String,
    },
    /// The document's life does not have this step.
    #[error(transparent)]
    Step(#[from] ImpossibleStep),
    /// Only a quarantined document can be sent back.
    #[error("document {id} is {state}, not quarantined\nonly a quarantined document can be sent back to the readers")]
    NotQuarantined {
        /// The document.
        id: String,
        /// Its state.
        state: &'static str,
    },
    /// The letter's life does not have this step.
    #[error("letter {id} is {state}\nonly a letter that failed or waits for an address can be taken up again")]
    LetterStep {
        /// The letter.
        id: String,
        /// Its state.
        state: LetterState,
    },
    /// Somebody else settled the record in the meantime.
    #[error("record {id} is at revision {found}, not {expected}: somebody else settled it\nopen it again and settle what is left")]
    Conflict {
        /// The record.
        id: String,
        /// The revision the caller had seen.
        expected: u32,
        /// The revision it has.
        found: u32,
    },
    /// Something was registered for a kommune in the meantime.
    #[error("the register of kommune {kommune} was changed at the same moment\ntry again: it is then held against what is registered now")]
    RegisterMoved {
        /// Kommunenummer.
        kommune: String,
    },
    /// A kommune has one anmodning a year.
    #[error(
        "kommune {kommune} has an anmodning for {year}\nmove its deadline with `postsluse anmodning deadline`; a number that was wrong is imported with `--replace`"
    )]
    AnmodningKnown {
        /// Kommunenummer.
        kommune: String,
        /// The year.
        year: i16,
    },
    /// A complete record is not settled again.
    #[error("record {id} is complete; its consequences are drawn\na complete record is not changed")]
    Complete {
        /// The record.
        id: String,
    },
    /// A record has no field of that name.
    #[error("record {record} has no field `{field}`\nthe fields of a record are fixed when it is filed")]
    NoSuchField {
        /// The record.
        record: String,
        /// The name that was given.
        field: String,
    },
    /// The envelope's key was deleted: what is sealed in it is gone.
    #[error("the key of envelope {id} was shredded\nwhat was sealed in it cannot be read any more")]
    Shredded {
        /// The envelope.
        id: String,
    },
    /// A document that was read into nothing.
    #[error("document {id} was to be filed without a record\na reading has at least one part")]
    NoRecords {
        /// The document.
        id: String,
    },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => from_code(error.code().as_deref().unwrap_or(""), error.message()),
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::AnyDriverError(_)
            | sqlx::Error::TypeNotFound { .. } => {
                // The driver's sentence may quote the value, so it stays here.
                Fault::Refused { code: "decode".into(), why: "a column has another type than this program expects".into() }.into()
            }
            sqlx::Error::Io(error) => Passing::Broken { why: error.kind().to_string() }.into(),
            sqlx::Error::PoolTimedOut => Passing::Broken { why: "no connection was free in time".into() }.into(),
            sqlx::Error::PoolClosed => Passing::Broken { why: "the store is closed".into() }.into(),
            sqlx::Error::WorkerCrashed => Passing::Broken { why: "the thread of the connection ended".into() }.into(),
            sqlx::Error::Tls(_) => Passing::Broken { why: "no TLS connection".into() }.into(),
            _ => Passing::Broken { why: "the driver lost track of the connection".into() }.into(),
        }
    }
}

/// Sorts a database's code: SQLSTATE has five characters (PostgreSQL 15 manual, appendix A), a `SQLite` result code is a shorter number.
pub(super) fn from_code(code: &str, message: &str) -> StoreError {
    let owned = code.to_owned();
    if let (true, Ok(number)) = (code.len() < 5, code.parse::<u32>()) {
        return match number & 0xff {
            5 | 6 => Passing::Busy { code: owned }.into(),
            10 | 13 => Passing::Disk { code: owned }.into(),
            _ => Fault::Refused { code: owned, why: message.to_owned() }.into(),
        };
    }
    match code {
        "40001" | "40P01" | "55P03" | "57014" | "25P03" => Passing::Busy { code: owned }.into(),
        "53100" | "58030" => Passing::Disk { code: owned }.into(),
        "53200" | "53300" | "57P01" | "57P02" | "57P03" | "57P05" => Passing::Broken { why: message.to_owned() }.into(),
        _ if code.starts_with("08") => Passing::Broken { why: message.to_owned() }.into(),
        // Class 22 (data exception) quotes the value it cannot take.
        _ if code.starts_with("22") => Fault::Refused { code: owned, why: "a value of the wrong shape".into() }.into(),
        _ => Fault::Refused { code: owned, why: message.to_owned() }.into(),
    }
}

/// The first line of a driver's error at connection time, when it has seen no data yet.
pub(super) fn reason(error: &sqlx::Error) -> Cow<'static, str> {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned().into(),
        sqlx::Error::Io(error) => error.to_string().into(),
        sqlx::Error::Tls(error) => format!("no TLS connection: {error}").into(),
        sqlx::Error::Configuration(_) => "its address is not understood".into(),
        sqlx::Error::PoolTimedOut => "no answer in time".into(),
        _ => "the driver could not speak with it".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_whether_to_try_again() {
        for code in ["5", "517", "6", "13", "10", "778", "40001", "40P01", "55P03", "57P01", "08006", "53100", "53300"] {
            assert!(from_code(code, "x").may_pass(), "{code}");
        }
        for code in ["1", "8", "11", "14", "19", "26", "787", "2067", "23505", "22P02", "42501", "42P01", ""] {
            assert!(!from_code(code, "x").may_pass(), "{code}");
        }
    }

    #[test]
    fn a_data_exception_does_not_quote_the_data() {
        assert!(!from_code("22P02", "invalid input syntax: \"hemmelig\"").to_string().contains("hemmelig"));
        let decode = sqlx::Error::ColumnDecode { index: "0".into(), source: "expected BIGINT, got Text(\"hemmelig\")".into() };
        assert!(!format!("{:?}", StoreError::from(decode)).contains("hemmelig"));
    }

    #[test]
    fn each_message_has_a_second_line_that_says_what_to_do() {
        let place = "sqlite:/x".to_owned();
        let errors: [StoreError; 5] = [
            Passing::Busy { code: "5".into() }.into(),
            Fault::NotPrepared { place: place.clone() }.into(),
            Fault::Newer { place, found: 9, known: 1 }.into(),
            Fault::Inconsistent { table: "letters", column: "state", row: "1".into() }.into(),
            Fault::Conflict { id: "1".into(), expected: 1, found: 2 }.into(),
        ];
        for error in errors {
            assert_eq!(error.to_string().lines().count(), 2, "{error}");
        }
    }
}
