//! The database: documents, records, cases, letters and the audit chain, on SQLite or PostgreSQL behind one [`Store`].
//!
//! The store sees sealed bytes, ids, numbers and codes, never a name or a value. Each method is one transaction: it happens whole or not at all,
//! whenever the process dies. Work is taken with a lease; a lease that ran out is taken over, and what its former holder still sends is refused by
//! its turn number. Time comes in as `now`; ids come in with the rows, so nothing here is random.
//!
//! Both back ends speak through sqlx's `Any` driver, with the same statements and the same migrations in two dialects (`migrations/`). On SQLite a
//! writer takes the file's one write lock at the start (`BEGIN IMMEDIATE`); on PostgreSQL it locks rows, then the case series, then the head of the
//! audit chain, always in this order, so that no two writers wait for each other in a ring.
//!
//! Not here: what bytes mean, keys, retry policy, and the blobs of originals, which lie sealed in the spool.

mod address;
mod cases;
mod chain;
mod claims;
mod documents;
mod error;
mod filing;
mod instance;
mod letters;
mod records;
mod register;
mod rows;
mod schema;
mod settling;
mod survey;
mod tasks;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{Any, AnyPoolOptions, AnyRow};
use sqlx::{AnyPool, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::audit::{Action, Actor, Detail, Entry, Subject};
use crate::clock::Timestamp;
use crate::document::EnvelopeId;
use crate::vault::AuditKey;
use rows::Query;

pub use address::{Address, AddressError, Backend};
pub use cases::{CaseConflict, CaseEvent, CaseKey, CaseLink, CaseRow, CaseSubject, Consequences, Direction, EventCode, NewLetter, Outcome, Series};
pub use claims::{ClaimOutcome, ClaimRow, ClaimState, Committed, FileIdentity, NewClaim, NewDocument, SpoolUse};
pub use documents::{Attempt, DocumentRow, Taken};
pub use error::{Fault, Passing, StoreError};
pub use filing::{Filed, Filing, NewField, NewRecord};
pub use instance::Pinned;
pub use letters::{ComposedLetter, DueLetter, LetterKind, LetterRow, LetterState, OutgoingLetter, RateLimit};
pub use records::{FieldRow, RecordFilter, RecordRow};
pub use register::{AnmodningChange, AnmodningFilter, AnmodningRow, KommuneRegister, NewAnmodning, Registering, VedtakRow};
pub use schema::{Migrated, SchemaStatus, migrate, status};
pub use settling::{Settled, Settlement};
pub use survey::{Backlog, Pending};
pub use tasks::{NewTask, TaskFilter, TaskRow};

/// A database that is open and of the right version. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pool: AnyPool,
    address: Address,
    actor: Actor,
    audit: AuditKey,
    /// SQLite has one write lock and no queue before it; this is the queue, so that no task of this process starves.
    writer: Arc<Mutex<()>>,
}

/// What a store is opened with.
#[derive(Clone)]
pub struct Options {
    /// Who the audit chain names for what is done unless a person is named.
    pub actor: Actor,
    /// Links the entries of the audit chain.
    pub audit: AuditKey,
    /// Connections at most. PostgreSQL shares its limit among all daemons.
    pub connections_max: u32,
    /// How long a call waits for a free connection before it gives up with [`Passing::Broken`].
    pub patience: Duration,
}

impl Options {
    /// Eight connections, fifteen seconds of patience.
    #[must_use]
    pub fn new(actor: Actor, audit: AuditKey) -> Self {
        Self { actor, audit, connections_max: 8, patience: Duration::from_secs(15) }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("actor", &self.actor).field("connections_max", &self.connections_max).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database and checks its version. Creates nothing and changes no row.
    ///
    /// # Errors
    /// [`Passing::Unreachable`] when nobody answers; [`Fault::NotPrepared`], [`Fault::Older`], [`Fault::Newer`] or [`Fault::Changed`] when the
    /// schema is not this program's; [`Fault::Open`] when the address, the rights or the file are wrong.
    pub async fn connect(address: &Address, options: Options) -> Result<Self, StoreError> {
        // One plain connection first: the pool would wait for a server that is not there, and lose the reason.
        let mut first = schema::open(address).await?;
        schema::check(&mut first, address).await?;
        schema::keep_log(&mut first, address).await?;
        schema::close(first).await;
        let backend = address.backend();
        let pool = AnyPoolOptions::new()
            .max_connections(options.connections_max.max(2))
            .acquire_timeout(options.patience)
            .after_connect(move |connection, _| Box::pin(schema::prepare(connection, backend)))
            .connect_lazy_with(schema::connect_options(address)?);
        let inner = Inner { pool, address: address.clone(), actor: options.actor, audit: options.audit, writer: Arc::default() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Which back end it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.inner.address.backend()
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.inner.address
    }

    /// Asks the database for an answer.
    ///
    /// # Errors
    /// When none comes.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.one(rows::query("SELECT 1")).await.map(|_| ())
    }

    /// Closes the connections after the statements under way. SQLite writes its log back into the file.
    pub async fn close(&self) {
        self.inner.pool.close().await;
    }

    async fn all(&self, select: Query) -> Result<Vec<AnyRow>, StoreError> {
        Ok(select.fetch_all(&self.inner.pool).await?)
    }

    async fn optional(&self, select: Query) -> Result<Option<AnyRow>, StoreError> {
        Ok(select.fetch_optional(&self.inner.pool).await?)
    }

    async fn one(&self, select: Query) -> Result<AnyRow, StoreError> {
        Ok(select.fetch_one(&self.inner.pool).await?)
    }

    /// Starts a transaction that may write.
    async fn write(&self, now: Timestamp) -> Result<Tx, StoreError> {
        let (statement, turn) = match self.backend() {
            Backend::Sqlite => ("BEGIN IMMEDIATE", Some(Arc::clone(&self.inner.writer).lock_owned().await)),
            // The locks below are taken by statements that must see what was committed while they waited.
            Backend::Postgres => ("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", None),
        };
        let transaction = self.inner.pool.begin_with(statement).await?;
        Ok(Tx { transaction, store: self.clone(), now: rows::stored(now), entries: Vec::new(), _turn: turn })
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({})", self.inner.address)
    }
}

/// A statement that locks what it reads. SQLite's writer has the whole file already.
#[derive(Clone, Copy)]
struct Locking {
    sqlite: &'static str,
    postgres: &'static str,
}

/// `locking!("SELECT ...")` locks the rows, `locking!("SELECT ...", "OF d SKIP LOCKED")` says which and how.
macro_rules! locking {
    ($sql:expr) => {
        $crate::store::Locking { sqlite: $sql, postgres: concat!($sql, " FOR UPDATE") }
    };
    ($sql:expr, $how:literal) => {
        $crate::store::Locking { sqlite: $sql, postgres: concat!($sql, " FOR UPDATE ", $how) }
    };
}
use locking;

/// A transaction under way. Dropped without [`Tx::commit`] it is rolled back.
struct Tx {
    transaction: Transaction<'static, Any>,
    store: Store,
    /// The moment of the change, as it is stored.
    now: Timestamp,
    entries: Vec<Entry>,
    /// Released after the transaction: fields are dropped in order.
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Tx {
    async fn execute(&mut self, statement: Query) -> Result<u64, StoreError> {
        Ok(statement.execute(&mut *self.transaction).await?.rows_affected())
    }

    async fn all(&mut self, select: Query) -> Result<Vec<AnyRow>, StoreError> {
        Ok(select.fetch_all(&mut *self.transaction).await?)
    }

    async fn optional(&mut self, select: Query) -> Result<Option<AnyRow>, StoreError> {
        Ok(select.fetch_optional(&mut *self.transaction).await?)
    }

    async fn one(&mut self, select: Query) -> Result<AnyRow, StoreError> {
        Ok(select.fetch_one(&mut *self.transaction).await?)
    }

    /// The statement in the words of the back end.
    fn locking(&self, sql: Locking) -> Query {
        rows::query(match self.store.backend() {
            Backend::Sqlite => sql.sqlite,
            Backend::Postgres => sql.postgres,
        })
    }

    /// Notes a change of state for the audit chain, in the name of the program.
    fn note(&mut self, action: Action, subject: Subject, detail: Detail) {
        self.note_by(self.store.inner.actor, action, subject, detail);
    }

    /// Notes a change of state for the audit chain, in the name of a person.
    fn note_by(&mut self, actor: Actor, action: Action, subject: Subject, detail: Detail) {
        self.entries.push(Entry { actor, action, subject, detail });
    }

    async fn commit(mut self) -> Result<(), StoreError> {
        chain::append(&mut self).await?;
        let Self { transaction, .. } = self;
        Ok(transaction.commit().await?)
    }
}

/// The right to work on a row for a while. Only the store makes one; whoever takes the row over gets the next turn, and this one is then refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease<Id> {
    id: Id,
    turn: i64,
    until: Timestamp,
}

impl<Id: Copy> Lease<Id> {
    /// A lease of nothing, for tests of what carries one.
    #[cfg(test)]
    pub(crate) fn of(id: Id, until: Timestamp) -> Self {
        Self { id, turn: 1, until }
    }

    /// The row.
    #[must_use]
    pub fn id(&self) -> Id {
        self.id
    }

    /// When another daemon may take over.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.until
    }
}

/// Bytes that the vault sealed (or a keyed code). `Debug` shows their number only.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct SealedBytes(pub Vec<u8>);

impl fmt::Debug for SealedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedBytes({})", self.0.len())
    }
}

impl From<Vec<u8>> for SealedBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// A keyed hash that stands for a value which must be found again: a digest, a file name, a DUF number. `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(pub Vec<u8>);

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({} bytes)", self.0.len())
    }
}

impl From<Vec<u8>> for Tag {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// An envelope that is to be stored: its data key, wrapped under a key of the keyset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEnvelope {
    /// Its id.
    pub id: EnvelopeId,
    /// The key it is wrapped under.
    pub kek_id: String,
    /// The wrapped key.
    pub wrapped_dek: SealedBytes,
}

/// An envelope as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEnvelope {
    /// Its id.
    pub id: EnvelopeId,
    /// The key it is wrapped under.
    pub kek_id: String,
    /// The wrapped key.
    pub wrapped_dek: SealedBytes,
}

/// A part of a list, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<Id> {
    /// Only what is older than this; none for the newest.
    pub before: Option<Id>,
    /// Rows at most.
    pub limit: u32,
}

impl<Id> Page<Id> {
    /// The newest `limit` rows.
    #[must_use]
    pub fn newest(limit: u32) -> Self {
        Self { before: None, limit }
    }
}

impl Tx {
    async fn insert_envelope(&mut self, envelope: &NewEnvelope) -> Result<(), StoreError> {
        let insert = rows::query("INSERT INTO envelopes (id, kek_id, wrapped_dek, created_at) VALUES ($1, $2, $3, $4)");
        let insert = insert.bind(envelope.id.to_string()).bind(envelope.kek_id.clone()).bind(envelope.wrapped_dek.0.clone()).bind(rows::micros(self.now));
        self.execute(insert).await.map(|_| ())
    }
}
