//! Versions, connections and the rules of the schema itself.

use std::os::unix::fs::PermissionsExt as _;

use postsluse::audit::{Action, Actor, Detail, Entry, Subject};
use postsluse::clock::Timestamp;
use postsluse::store::{self, Address, Backend, Fault, Migrated, Options, Outcome, Passing, SchemaStatus, Store, StoreError};
use zeroize::Zeroizing;

use super::bench::{AUDIT_KEY, Bench, PERSON};

async fn connect(address: &Address) -> StoreError {
    match Store::connect(address, Options::new(Actor::Daemon, AUDIT_KEY.clone())).await {
        Ok(_) => panic!("{address} can be opened"),
        Err(error) => error,
    }
}

pub async fn an_entry_can_be_noted_by_itself(bench: &Bench) {
    let store = bench.store().await;
    assert_eq!(store.audit_head().await.unwrap(), None);
    let entry = Entry { actor: PERSON, action: Action::LeasesEnded, subject: Subject::System, detail: Detail::Count(2) };
    store.audit(entry.clone(), bench.now()).await.unwrap();
    store.audit(entry.clone(), bench.now()).await.unwrap();
    let rows = store.audit_entries(2, 10).await.unwrap();
    assert_eq!((rows.len(), rows[0].sequence, rows[0].actor.as_str()), (1, 2, "operator:1000"));
    assert_eq!(rows[0].at, Timestamp::from_microsecond(bench.now().as_microsecond()).unwrap());
    assert_eq!(store.audit_entries(1, 1).await.unwrap().len(), 1);
}

pub async fn a_migrated_database_is_left_alone(bench: &Bench) {
    let needed = store::status(&bench.address).await.unwrap().needed;
    assert_eq!(store::status(&bench.address).await.unwrap(), SchemaStatus { found: Some(needed), needed, pending: vec![] });
    assert_eq!(store::migrate(&bench.address).await.unwrap(), Migrated { from: Some(needed), to: needed });
    let store = bench.store().await;
    store.ping().await.unwrap();
    if let Some(file) = bench.address.file() {
        store.audit(Entry { actor: PERSON, action: Action::InstancePinned, subject: Subject::System, detail: Detail::Nothing }, bench.now()).await.unwrap();
        for file in [file.to_owned(), file.with_extension("db-wal")] {
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        }
    }
    store.close().await;
    assert!(store.ping().await.unwrap_err().may_pass());
}

pub async fn older_newer_and_altered_databases_are_refused(bench: &Bench) {
    let empty = match bench.address.backend() {
        Backend::Sqlite => Bench::empty_sqlite(),
        Backend::Postgres => Bench::empty_postgres().await,
    };
    assert!(matches!(connect(&empty.address).await, StoreError::Final(Fault::NotPrepared { .. })));
    let before = store::status(&empty.address).await.unwrap();
    assert_eq!((before.found, before.pending.first().map(|(version, name)| (*version, name.as_str()))), (None, Some((1, "first"))));
    assert!(empty.address.file().is_none_or(|file| !file.exists()), "asking for the status makes no file");
    assert_eq!(store::migrate(&empty.address).await.unwrap(), Migrated { from: None, to: before.needed });

    empty.turn_back(2).await;
    assert!(matches!(connect(&empty.address).await, StoreError::Final(Fault::Older { found: 2, .. })));
    assert_eq!(store::migrate(&empty.address).await.unwrap(), Migrated { from: Some(2), to: before.needed });
    Store::connect(&empty.address, Options::new(Actor::Daemon, AUDIT_KEY.clone())).await.expect("it is up to date").close().await;

    let digits = if bench.address.backend() == Backend::Sqlite { "x'00'" } else { "'\\x00'" };
    empty.execute(&format!("UPDATE _sqlx_migrations SET checksum = {digits} WHERE version = 1")).await;
    assert!(matches!(connect(&empty.address).await, StoreError::Final(Fault::Changed { version: 1, .. })));
    assert!(matches!(store::migrate(&empty.address).await, Err(StoreError::Final(Fault::Changed { version: 1, .. }))));
    empty.execute("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1").await;
    let newer = connect(&empty.address).await;
    assert!(matches!(newer, StoreError::Final(Fault::Newer { found: 9999, .. })), "{newer:?}");
    assert_eq!(newer.to_string().lines().count(), 2);
    empty.execute("DELETE FROM _sqlx_migrations").await;
    assert!(matches!(connect(&empty.address).await, StoreError::Final(Fault::NotPrepared { .. })));
    assert!(store::migrate(&empty.address).await.is_err(), "tables that nobody recorded are not made again");
}

pub async fn a_broken_row_is_named_without_its_value(bench: &Bench) {
    let store = bench.store().await;
    let record = bench.filed(&store, 1, Outcome::Review).await.record;
    bench.execute("UPDATE records SET form_version = NULL, conflict = 'hemmelig'").await;
    let error = store.record(record).await.unwrap_err();
    assert_eq!(error, StoreError::Final(Fault::Inconsistent { table: "records", column: "conflict", row: record.to_string() }));
    assert!(!format!("{error:?} {error}").contains("hemmelig"));
    bench.execute("UPDATE records SET conflict = NULL, revision = 5000000000").await;
    let error = store.record(record).await.unwrap_err();
    assert!(matches!(error, StoreError::Final(Fault::Inconsistent { table: "records", column: "revision", .. })), "{error:?}");
    // An envelope without its key is no inconsistency: it was shredded.
    bench.execute("UPDATE records SET revision = 1").await;
    bench.execute("UPDATE envelopes SET wrapped_dek = NULL").await;
    assert!(matches!(store.record(record).await, Err(StoreError::Final(Fault::Shredded { .. }))));
}

pub async fn the_database_keeps_its_rules(bench: &Bench) {
    let store = bench.store().await;
    let id = bench.due(&store, 1).await;
    for statement in [
        format!("UPDATE letters SET state = 'sent' WHERE id = '{id}'"),
        format!("UPDATE letters SET state = 'lost' WHERE id = '{id}'"),
        "UPDATE documents SET state = 'quarantined'".to_owned(),
        "UPDATE documents SET state = 'reading'".to_owned(),
        "DELETE FROM envelopes".to_owned(),
        "UPDATE cases SET person_id = 'nobody'".to_owned(),
        "UPDATE case_documents SET document_number = 1".to_owned(),
        "UPDATE claims SET document_id = NULL".to_owned(),
    ] {
        sqlx::any::install_default_drivers();
        let mut connection = <sqlx::AnyConnection as sqlx::Connection>::connect(&bench.url).await.unwrap();
        let refused = sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut connection).await;
        assert!(
            matches!(&refused, Err(sqlx::Error::Database(error)) if error.is_unique_violation() || error.is_foreign_key_violation() || error.is_check_violation()),
            "{statement}"
        );
    }
}

#[tokio::test]
async fn what_is_no_database_is_refused_in_two_lines() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = Address::sqlite(folder.path().join("none/x.db"));
    assert!(matches!(connect(&nowhere).await, StoreError::Final(Fault::NotPrepared { .. })));
    let error = store::migrate(&nowhere).await.unwrap_err();
    assert!(
        error.to_string().ends_with(&format!("make the folder {} and let the user of the service write in it", folder.path().join("none").display())),
        "{error}"
    );
    let file = folder.path().join("x.db");
    std::fs::write(&file, "not a database, but long enough to be looked at".repeat(100)).unwrap();
    for error in [connect(&Address::sqlite(&file)).await, store::migrate(&Address::sqlite(&file)).await.unwrap_err()] {
        assert!(matches!(&error, StoreError::Final(Fault::Open { .. })), "{error:?}");
        assert_eq!(error.to_string().lines().count(), 2, "{error}");
    }
}

#[tokio::test]
async fn an_unreachable_server_is_a_passing_trouble_and_a_wrong_password_is_not() {
    let server = crate::postgres::server();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = connect(&Address::parse(&format!("postgres://pst@127.0.0.1:{port}/pst")).unwrap()).await;
    assert!(matches!(&error, StoreError::Retry(Passing::Unreachable { .. })), "{error:?}");
    assert_eq!(error.to_string().lines().count(), 2, "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
    let error = connect(&Address::parse(&server.url("not_there")).unwrap()).await;
    assert!(error.to_string().contains("createdb"), "{error}");

    crate::postgres::execute(&server.url("postgres"), "CREATE ROLE clerk LOGIN PASSWORD 'a p@ssword' CREATEDB").await;
    crate::postgres::execute(&server.url("postgres"), "CREATE DATABASE clerk OWNER clerk").await;
    let address = Address::parse(&format!("postgres://clerk@127.0.0.1:{}/clerk", server.port)).unwrap();
    let wrong = address.clone().with_password(Zeroizing::new("hush".into()));
    let error = connect(&wrong).await;
    assert!(matches!(&error, StoreError::Final(Fault::Open { .. })), "{error:?}");
    assert!(!format!("{error} {error:?} {wrong:?}").contains("hush"));
    // With the right one, on loopback, by a user who is no administrator.
    let right = address.with_password(Zeroizing::new("a p@ssword".into()));
    store::migrate(&right).await.unwrap();
    let store = Store::connect(&right, Options::new(Actor::Daemon, AUDIT_KEY.clone())).await.unwrap();
    store.pin("keyset", "a1", "2026-11-21T09:00:00Z".parse().unwrap()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_is_replaced() {
    let bench = Bench::postgres().await;
    let store = bench.store().await;
    bench.received(&store, 1).await;
    for _ in 0..3 {
        bench
            .execute("SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'postsluse' AND datname = current_database()")
            .await;
        match store.take_for_reading("daemon a", bench.pass(super::bench::LEASE), super::bench::LEASE).await {
            Ok(taken) => assert!(taken.is_some()),
            Err(error) => assert!(error.may_pass(), "{error:?}"),
        }
    }
    assert_eq!(store.backlog().await.unwrap().documents.len(), 1);
    bench.check_chain().await;
}
