//! The schema: the migrations of both back ends, which version a database has, and how a connection is set up.
//!
//! Migrations are embedded (`migrations/{sqlite,postgres}`), applied in order, each with its checksum. Only [`migrate`] changes a schema or makes a
//! file; [`super::Store::connect`] refuses what is older, newer or altered.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use sqlx::any::AnyConnectOptions;
use sqlx::migrate::{Migrate as _, MigrateError, Migrator};
use sqlx::{AnyConnection, ConnectOptions as _, Connection as _, Executor as _, Row as _};

use super::error::{Fault, Passing, StoreError, reason};
use super::{Address, Backend};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a first connection may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What [`migrate`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The version before; none when the database was empty.
    pub from: Option<i64>,
    /// The version now.
    pub to: i64,
}

/// Where a database stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaStatus {
    /// The last version applied; none when there are no tables yet.
    pub found: Option<i64>,
    /// The version this program needs.
    pub needed: i64,
    /// What `migrate` would apply: version and name.
    pub pending: Vec<(i64, String)>,
}

/// Brings a database to this program's version; makes the SQLite file (mode 0600) when there is none. What is up to date stays untouched.
///
/// # Errors
/// As [`super::Store::connect`], save that an empty or older database is no error.
pub async fn migrate(address: &Address) -> Result<Migrated, StoreError> {
    if let Some(file) = address.file() {
        create(file, address)?;
    }
    let mut connection = open(address).await?;
    keep_log(&mut connection, address).await?;
    let from = standing(&mut connection, address).await?.found;
    let migrator = migrator(address.backend());
    match address.backend() {
        // The driver has no lock for SQLite's migrations: the write lock of one transaction around them all is one.
        Backend::Sqlite => {
            let mut whole = connection.begin_with("BEGIN IMMEDIATE").await?;
            migrator.run(&mut *whole).await.map_err(|error| failed(error, address))?;
            whole.commit().await?;
        }
        Backend::Postgres => migrator.run(&mut connection).await.map_err(|error| failed(error, address))?,
    }
    close(connection).await;
    Ok(Migrated { from, to: needed(migrator) })
}

/// Which version a database has and which it needs. Changes nothing.
///
/// # Errors
/// When the database cannot be opened, or is newer than this program or altered.
pub async fn status(address: &Address) -> Result<SchemaStatus, StoreError> {
    let migrator = migrator(address.backend());
    if address.file().is_some_and(|file| !file.exists()) {
        return Ok(SchemaStatus { found: None, needed: needed(migrator), pending: pending(migrator, None) });
    }
    let mut connection = open(address).await?;
    let status = standing(&mut connection, address).await;
    close(connection).await;
    status
}

/// Refuses a database that is not of this program's version.
pub(super) async fn check(connection: &mut AnyConnection, address: &Address) -> Result<(), StoreError> {
    let SchemaStatus { found, needed, pending } = standing(connection, address).await?;
    match found {
        None => Err(Fault::NotPrepared { place: address.to_string() }.into()),
        Some(_) if pending.is_empty() => Ok(()),
        Some(found) => Err(Fault::Older { place: address.to_string(), found, needed }.into()),
    }
}

async fn standing(connection: &mut AnyConnection, address: &Address) -> Result<SchemaStatus, StoreError> {
    let migrator = migrator(address.backend());
    let applied = applied(connection, address.backend()).await?;
    for (&version, checksum) in &applied {
        let known = migrator.iter().find(|migration| migration.version == version);
        match known {
            None => return Err(Fault::Newer { place: address.to_string(), found: version, known: needed(migrator) }.into()),
            Some(known) if known.checksum.as_ref() != checksum.as_slice() => return Err(Fault::Changed { place: address.to_string(), version }.into()),
            Some(_) => {}
        }
    }
    let found = applied.keys().next_back().copied();
    Ok(SchemaStatus { found, needed: needed(migrator), pending: pending(migrator, found) })
}

async fn applied(connection: &mut AnyConnection, backend: Backend) -> Result<BTreeMap<i64, Vec<u8>>, StoreError> {
    let exists = match backend {
        Backend::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'",
        Backend::Postgres => "SELECT COUNT(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = '_sqlx_migrations'",
    };
    if connection.fetch_one(exists).await?.try_get::<i64, _>(0)? == 0 {
        return Ok(BTreeMap::new());
    }
    let applied = connection.list_applied_migrations("_sqlx_migrations").await;
    let applied = applied.map_err(|_| Fault::Inconsistent { table: "_sqlx_migrations", column: "version", row: "any".into() })?;
    Ok(applied.into_iter().map(|migration| (migration.version, migration.checksum.into_owned())).collect())
}

fn migrator(backend: Backend) -> &'static Migrator {
    match backend {
        Backend::Sqlite => &SQLITE,
        Backend::Postgres => &POSTGRES,
    }
}

fn needed(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or(0)
}

fn pending(migrator: &Migrator, found: Option<i64>) -> Vec<(i64, String)> {
    migrator.iter().filter(|migration| found.is_none_or(|found| migration.version > found)).map(|m| (m.version, m.description.to_string())).collect()
}

fn failed(error: MigrateError, address: &Address) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        MigrateError::VersionMismatch(version) | MigrateError::Dirty(version) => Fault::Changed { place: address.to_string(), version }.into(),
        MigrateError::VersionMissing(found) => Fault::Newer { place: address.to_string(), found, known: needed(migrator(address.backend())) }.into(),
        other => Fault::Open { place: address.to_string(), why: other.to_string(), advice: "compare the program with the database".into() }.into(),
    }
}

/// Makes an empty file that only its owner can read, so that the log files beside it are no more open: SQLite gives them the mode of the database.
fn create(file: &Path, address: &Address) -> Result<(), StoreError> {
    let made = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(file);
    made.map(|_| ()).map_err(|error| {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let advice = format!("make the folder {} and let the user of the service write in it", folder.display());
        Fault::Open { place: address.to_string(), why: error.to_string(), advice }.into()
    })
}

/// The address in the driver's form. Statements are never logged: a log level is no place to decide whether data leaks.
pub(super) fn connect_options(address: &Address) -> Result<AnyConnectOptions, StoreError> {
    let options: Result<AnyConnectOptions, _> = address.driver_url().parse();
    options.map(AnyConnectOptions::disable_statement_logging).map_err(|error| unopened(&error, address))
}

/// Lets SQLite's readers go on beside the writer. The mode is a property of the file, which a restored backup may have lost.
pub(super) async fn keep_log(connection: &mut AnyConnection, address: &Address) -> Result<(), StoreError> {
    if address.backend() == Backend::Sqlite {
        connection.execute("PRAGMA journal_mode = WAL").await.map_err(|error| unopened(&error, address))?;
    }
    Ok(())
}

/// One connection, set up, with the reason when there is none.
pub(super) async fn open(address: &Address) -> Result<AnyConnection, StoreError> {
    sqlx::any::install_default_drivers();
    if address.file().is_some_and(|file| !file.exists()) {
        return Err(Fault::NotPrepared { place: address.to_string() }.into());
    }
    let options = connect_options(address)?;
    let connected = tokio::time::timeout(PATIENCE, async {
        let mut connection = options.connect().await?;
        prepare(&mut connection, address.backend()).await.map(|()| connection)
    });
    // A host that swallows packets would hold the start up for minutes.
    connected.await.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|error| unopened(&error, address))
}

/// Says goodbye. The connection is gone either way.
pub(super) async fn close(connection: AnyConnection) {
    let _ = connection.close().await;
}

/// Sets up a new connection.
pub(super) async fn prepare(connection: &mut AnyConnection, backend: Backend) -> Result<(), sqlx::Error> {
    let settings: &[&'static str] = match backend {
        // secure_delete overwrites what is deleted; FULL makes a commit survive a power cut.
        Backend::Sqlite => &[
            "PRAGMA busy_timeout = 20000",
            "PRAGMA synchronous = FULL",
            "PRAGMA foreign_keys = ON",
            "PRAGMA secure_delete = ON",
            "PRAGMA temp_store = MEMORY",
            "PRAGMA trusted_schema = OFF",
        ],
        // A commit that the server may forget is no commit; a client that hangs must not hold its locks for ever.
        Backend::Postgres => &[
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
            "SET lock_timeout = '20s'",
            "SET idle_in_transaction_session_timeout = '60s'",
            "SET client_min_messages = warning",
        ],
    };
    for setting in settings {
        connection.execute(*setting).await?;
    }
    Ok(())
}

/// Why a database could not be opened, and what to do about it.
fn unopened(error: &sqlx::Error, address: &Address) -> StoreError {
    let (place, why) = (address.to_string(), reason(error).into_owned());
    let code = match error {
        sqlx::Error::Database(error) => error.code().map(std::borrow::Cow::into_owned).unwrap_or_default(),
        _ => String::new(),
    };
    let file_code = (code.len() < 5).then(|| code.parse::<u32>().ok()).flatten().map(|code| code & 0xff);
    let advice = match (file_code, code.as_str()) {
        (Some(11 | 26), _) => "the file is no SQLite database, or it is damaged: correct the address or restore a backup",
        (Some(3 | 8 | 14 | 23), _) => "let the user of the service read and write the file and its folder",
        (_, "3D000") => "create the database (createdb NAME), then run `postsluse db migrate`",
        (_, "28P01" | "28000") => "correct the user in the address and the password in its file",
        _ if matches!(error, sqlx::Error::Configuration(_)) => "write sqlite:FILE or postgres://USER@HOST/DATABASE",
        _ => "",
    };
    if !advice.is_empty() {
        return Fault::Open { place, why, advice: advice.into() }.into();
    }
    match (error, address.backend()) {
        (sqlx::Error::Database(error), _) => super::error::from_code(&code, error.message()),
        (_, Backend::Sqlite) => Passing::Unreachable { place, why, advice: "check the disk and the rights of the file".into() }.into(),
        (_, Backend::Postgres) => {
            Passing::Unreachable { place, why, advice: "start the server, or correct the address of the database in the configuration".into() }.into()
        }
    }
}
