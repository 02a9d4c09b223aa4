//! The register of a kommune: what was asked, what was decided, what is to be followed up, and who is reminded.

use std::time::Duration;

use postsluse::cases::{Relation, Status};
use postsluse::clock::Timestamp;
use postsluse::document::{AnmodningId, CaseId, LetterId, RecordId, TaskId};
use postsluse::store::{
    AnmodningChange, AnmodningFilter, AnmodningRow, Fault, LetterKind, LetterState, NewAnmodning, NewLetter, NewTask, Outcome, SealedBytes, Store, StoreError,
    TaskFilter,
};

use super::bench::{Bench, LEASE, LIMIT, PERSON, SERIES, code, letter_text};

async fn asked(bench: &Bench, store: &Store, remind_at: Option<Timestamp>) -> AnmodningRow {
    let new = NewAnmodning {
        id: AnmodningId::new(&bench.clock, &bench.entropy),
        kommune: "0301".into(),
        year: 2027,
        new_case: CaseId::new(&bench.clock, &bench.entropy),
        series: SERIES,
        envelope: bench.new_envelope(),
        sealed: SealedBytes(vec![1; 40]),
        remind_at,
        expected: 0,
        tasks: vec![],
    };
    store.add_anmodning(&new, PERSON, bench.now()).await.unwrap();
    let again = NewAnmodning { id: AnmodningId::new(&bench.clock, &bench.entropy), envelope: bench.new_envelope(), ..new };
    let again = NewAnmodning { expected: 1, ..again };
    assert!(matches!(store.add_anmodning(&again, PERSON, bench.now()).await, Err(StoreError::Final(Fault::AnmodningKnown { year: 2027, .. }))));
    known(store).await
}

async fn known(store: &Store) -> AnmodningRow {
    let filter = AnmodningFilter { kommune: Some("0301".into()), year: Some(2027), status: None };
    store.anmodninger(&filter).await.unwrap().remove(0)
}

fn task(bench: &Bench, record: RecordId) -> NewTask {
    NewTask { id: TaskId::new(&bench.clock, &bench.entropy), record, year: 2027, code: "reservation".into(), sealed: SealedBytes(vec![2; 40]) }
}

/// A record is named by its tasks before it is filed, so it is settled rather than filed with them.
async fn decided(bench: &Bench, store: &Store, number: u8, relation: Option<Relation>, tasks: usize) -> RecordId {
    let record = bench.filed(store, number, Outcome::Review).await.record;
    let expected = store.kommune_register("0301").await.unwrap().revision;
    let outcome = bench.vedtak(expected, relation, (0..tasks).map(|_| task(bench, record)).collect());
    store.settle(record, &settlement(outcome), PERSON, bench.now()).await.unwrap();
    record
}

fn settlement(outcome: Outcome) -> postsluse::store::Settlement {
    postsluse::store::Settlement { expected: 1, fields: vec![], summary: SealedBytes(vec![1]), to_review: 0, accepted: 3, confirmed: 0, outcome }
}

async fn open_tasks(store: &Store) -> usize {
    store.tasks(TaskFilter::default()).await.unwrap().len()
}

pub async fn an_anmodning_is_answered_by_a_vedtak(bench: &Bench) {
    let store = bench.store().await;
    let row = asked(bench, &store, Some(bench.now() + LEASE)).await;
    assert_eq!((row.status, row.revision, row.case_number, row.remind_at.is_some()), (Status::IkkeSvart, 1, (2026, 100), true));

    // A case that is put off is no answer; its new day is reminded of.
    decided(bench, &store, 1, None, 1).await;
    let row = known(&store).await;
    assert_eq!((row.status, row.remind_at.is_some(), open_tasks(&store).await), (Status::IkkeSvart, true, 1), "to no day: the reminder stays where it is");

    let first = decided(bench, &store, 2, Some(Relation::First), 2).await;
    assert_eq!((known(&store).await.status, open_tasks(&store).await), (Status::Svart, 2), "what was asked before it is answered by it");
    decided(bench, &store, 3, Some(Relation::Adds), 1).await;
    decided(bench, &store, 4, Some(Relation::Repeats), 0).await;
    assert_eq!(open_tasks(&store).await, 3);
    let last = decided(bench, &store, 5, Some(Relation::Replaces), 0).await;
    assert_eq!(open_tasks(&store).await, 0);
    let register = store.kommune_register("0301").await.unwrap();
    let versions: Vec<_> = register.vedtak.iter().map(|vedtak| (vedtak.year, vedtak.version, vedtak.relation)).collect();
    assert_eq!(versions, [(2027, 1, Relation::First), (2027, 2, Relation::Adds), (2027, 3, Relation::Repeats), (2027, 4, Relation::Replaces)]);
    assert_eq!((register.vedtak[0].record, register.vedtak[3].record), (first, last));
    assert_eq!(register.vedtak[0].our_ref.case, 100, "the case was opened by the anmodning");
    assert_eq!(store.tasks(TaskFilter { done: true, record: Some(first), ..TaskFilter::default() }).await.unwrap().len(), 2);
}

pub async fn two_vedtak_are_not_weighed_against_the_same_past(bench: &Bench) {
    let store = bench.store().await;
    let (one, other) = (bench.filed(&store, 1, Outcome::Review).await.record, bench.filed(&store, 2, Outcome::Review).await.record);
    store.settle(one, &settlement(bench.vedtak(0, Some(Relation::First), vec![])), PERSON, bench.now()).await.unwrap();
    let late = store.settle(other, &settlement(bench.vedtak(0, Some(Relation::First), vec![])), PERSON, bench.now()).await;
    assert!(matches!(&late, Err(StoreError::Final(Fault::RegisterMoved { kommune })) if kommune == "0301"), "{late:?}");
    assert_eq!(store.kommune_register("0301").await.unwrap().vedtak.len(), 1, "nothing of it was kept");
    store.settle(other, &settlement(bench.vedtak(1, Some(Relation::Repeats), vec![])), PERSON, bench.now()).await.unwrap();
}

fn reminder(bench: &Bench) -> NewLetter {
    NewLetter {
        id: LetterId::new(&bench.clock, &bench.entropy),
        kind: LetterKind::Purring,
        language: "nb".into(),
        brief: Some(SealedBytes(vec![4; 40])),
        automatic: true,
    }
}

pub async fn a_reminder_is_due_once_for_each_deadline(bench: &Bench) {
    let store = bench.store().await;
    asked(bench, &store, Some(bench.now() + LEASE)).await;
    assert_eq!(store.next_to_remind(bench.now()).await.unwrap(), None);
    assert_eq!(store.pending(bench.now()).await.unwrap().reminders_due, 0);
    let now = bench.pass(LEASE);
    let row = store.next_to_remind(now).await.unwrap().unwrap();
    assert_eq!(store.pending(now).await.unwrap().reminders_due, 1);
    store.put_reminder_off(&row, now.checked_add(LEASE).ok(), now).await.unwrap();
    assert_eq!(store.next_to_remind(now).await.unwrap(), None);
    let now = bench.pass(LEASE);
    assert!(!store.remind(&row, &reminder(bench), now).await.unwrap(), "it was put off since");
    let row = store.next_to_remind(now).await.unwrap().unwrap();
    let letter = reminder(bench);
    assert!(store.remind(&row, &letter, now).await.unwrap());
    assert!(!store.remind(&row, &reminder(bench), now).await.unwrap(), "once");
    assert_eq!((store.next_to_remind(now).await.unwrap(), known(&store).await.status), (None, Status::IkkeSvart));

    let due = store.take_due_letter("daemon a", now, LEASE).await.unwrap().unwrap();
    assert_eq!((due.letter.id, due.letter.kind, due.letter.record, due.letter.anmodning), (letter.id, LetterKind::Purring, None, Some(row.id)));
    assert_eq!((due.letter.brief.clone(), due.letter.our_ref.to_string().as_str()), (letter.brief, "26-00100-1"));
    assert!(store.letter_composed(&due.lease, &letter_text(1), LIMIT, now).await.unwrap());
    let outgoing = store.take_outgoing("daemon a", now, LEASE).await.unwrap().unwrap();
    store.letter_sent(&outgoing.lease, now).await.unwrap();
    let row = known(&store).await;
    assert_eq!(row.status, Status::Purret);

    // A new deadline, a new reminder; answered before it is written, it is not sent.
    let change = AnmodningChange {
        expected: store.kommune_register("0301").await.unwrap().revision,
        revision: row.revision + 1,
        sealed: SealedBytes(vec![5]),
        status: None,
        remind_at: Some(Some(now)),
        what: code("deadline"),
        ends: &[],
        tasks: vec![],
    };
    store.change_anmodning(row.id, &change, PERSON, now).await.unwrap();
    let row = store.next_to_remind(now).await.unwrap().unwrap();
    assert!(store.remind(&row, &reminder(bench), now).await.unwrap());
    let due = store.take_due_letter("daemon a", now, LEASE).await.unwrap().unwrap();
    store.letter_withdrawn(&due.lease, &code("no_reason"), now).await.unwrap();
    assert_eq!(
        store.letters(None, postsluse::store::Page::newest(9)).await.unwrap().len(),
        2,
        "a second reminder of the same anmodning is a letter of its own"
    );
    let row = store.letter(due.letter.id).await.unwrap();
    assert_eq!((row.state, row.last_error_code.as_deref()), (LetterState::Withdrawn, Some("no_reason")));
    assert_eq!(store.take_due_letter("daemon a", bench.pass(LEASE * 2), LEASE).await.unwrap(), None);
    assert!(store.resume_letter(due.letter.id, PERSON, bench.now()).await.is_err());
}

pub async fn a_change_of_what_has_changed_is_refused(bench: &Bench) {
    let store = bench.store().await;
    let row = asked(bench, &store, None).await;
    let record = decided(bench, &store, 1, Some(Relation::First), 1).await;
    let change = |expected: u32, tasks: Vec<NewTask>| AnmodningChange {
        expected,
        revision: 2,
        sealed: SealedBytes(vec![7; 50]),
        status: None,
        remind_at: None,
        what: code("registration"),
        ends: &["reservation"],
        tasks,
    };
    store.change_anmodning(row.id, &change(2, vec![task(bench, record), task(bench, record)]), PERSON, bench.now()).await.unwrap();
    assert_eq!((known(&store).await.revision, open_tasks(&store).await), (2, 2), "one ended, two opened");
    let late = store.change_anmodning(row.id, &change(2, vec![]), PERSON, bench.now()).await;
    assert!(matches!(late, Err(StoreError::Final(Fault::RegisterMoved { .. }))), "{late:?}");
    // Sealed under a revision that is taken: it could not be opened.
    let stale = store.change_anmodning(row.id, &change(3, vec![]), PERSON, bench.now()).await;
    assert!(matches!(stale, Err(StoreError::Final(Fault::RegisterMoved { .. }))), "{stale:?}");
    let open = store.tasks(TaskFilter::default()).await.unwrap();
    store.close_task(open[0].id, PERSON, bench.now()).await.unwrap();
    assert!(matches!(store.close_task(open[0].id, PERSON, bench.now()).await, Err(StoreError::Final(Fault::NotFound { kind: "open task", .. }))));
    assert_eq!(open_tasks(&store).await, 1);
    assert!(bench.actions(&store).await.iter().any(|action| action == "task_done"));
}

pub async fn a_person_asks_as_often_as_needed(bench: &Bench) {
    let store = bench.store().await;
    let waiting = bench.filed(&store, 1, Outcome::Review).await.record;
    let follow_up = || NewLetter { kind: LetterKind::Oppfolging, automatic: false, ..reminder(bench) };
    let case = ("0301", 2027);
    let opening = || (CaseId::new(&bench.clock, &bench.entropy), SERIES);
    let first = store.ask(waiting, case, opening(), (&follow_up(), None), PERSON, bench.now()).await.unwrap();
    let again = store.ask(waiting, case, opening(), (&follow_up(), None), PERSON, bench.now()).await.unwrap();
    assert_eq!((first.1.to_string(), again.1.to_string()), ("26-00100-1".to_owned(), "26-00100-2".to_owned()));
    assert_eq!(store.letters_of(waiting).await.unwrap().len(), 2);
    assert_eq!(store.record(waiting).await.unwrap().case, None, "the record itself still waits");
    bench.pass(Duration::from_secs(1));
    let due = store.take_due_letter("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
    let one = postsluse::store::RateLimit { since: Timestamp::UNIX_EPOCH, letters: 0 };
    assert!(store.letter_composed(&due.lease, &letter_text(1), one, bench.now()).await.unwrap(), "what a person asks for is not held back");
}

pub async fn what_was_registered_before_there_were_versions_is_kept(bench: &Bench) {
    bench.turn_back(2).await;
    let text = |value: &str| format!("'{value}'");
    let blob = match bench.address.backend() {
        postsluse::store::Backend::Sqlite => "x'00'",
        postsluse::store::Backend::Postgres => "'\\x00'",
    };
    let id = |number: u8| format!("'01970000-0000-7000-8000-0000000000{number:02}'");
    let (case, record, letter) = (id(4), id(3), id(5));
    for statement in [
        format!("INSERT INTO envelopes VALUES ({}, {}, {blob}, 1)", id(1), text("kek")),
        format!(
            "INSERT INTO documents (id, envelope_id, digest_index, spool_name, size, folder, sealed_name, received_at, state, attempts, turn, ready_at, updated_at) \
             VALUES ({}, {}, {blob}, 's', 1, 'f', {blob}, 1, 'filed', 1, 1, 1, 1)",
            id(2),
            id(1)
        ),
        format!("INSERT INTO cases VALUES ({case}, 'kommune', NULL, '0301', 2027, 2026, 100, 2, 1, 1)"),
        format!(
            "INSERT INTO records (id, document_id, envelope_id, part_number, kind, form, form_version, pages, state, revision, to_review, accepted, sealed_summary, \
             case_id, created_at, settled_at) VALUES ({record}, {}, {}, 1, 'letter', 'vedtak', '3', 1, 'complete', 1, 0, 9, {blob}, {case}, 1, 1)",
            id(2),
            id(1)
        ),
        format!(
            "INSERT INTO letters (id, case_id, record_id, envelope_id, kind, language, document_number, state, attempts, turn, ready_at, created_at, updated_at) \
             VALUES ({letter}, {case}, {record}, {}, 'kvittering', 'nb', 2, 'due', 0, 0, 1, 1, 1)",
            id(1)
        ),
        format!("INSERT INTO case_documents VALUES ({case}, 1, 'in', {record}, NULL, 1)"),
        format!("INSERT INTO case_documents VALUES ({case}, 2, 'out', NULL, {letter}, 1)"),
        format!("INSERT INTO events VALUES ({case}, 1, 1, 'letter_due', {record}, {letter})"),
    ] {
        bench.execute(&statement).await;
    }
    postsluse::store::migrate(&bench.address).await.unwrap();
    let store = bench.store().await;
    let register = store.kommune_register("0301").await.unwrap();
    let vedtak: Vec<_> = register.vedtak.iter().map(|vedtak| (vedtak.year, vedtak.version, vedtak.relation, vedtak.our_ref.to_string())).collect();
    assert_eq!(vedtak, [(2027, 1, Relation::Unweighed, "26-00100-1".to_owned())]);
    let due = store.take_due_letter("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
    assert_eq!((due.letter.kind, due.letter.our_ref.to_string().as_str(), due.letter.brief), (LetterKind::Kvittering, "26-00100-2", None));
    assert_eq!(store.case_events(due.letter.case).await.unwrap().len(), 1);
}
