//! Documents as a queue.

use std::time::Duration;

use postsluse::document::{DocumentId, DocumentState, RefusalCode};
use postsluse::store::{Attempt, Fault, Filing, Outcome, Page, SealedBytes, StoreError};

use super::bench::{Bench, LEASE, PERSON};

const SECOND: Duration = Duration::from_secs(1);

pub async fn attempts_are_counted_and_retries_stand_at_the_back(bench: &Bench) {
    let store = bench.store().await;
    assert_eq!(store.take_for_reading("daemon a", bench.now(), LEASE).await.unwrap(), None);
    let first = bench.received(&store, 1).await;
    bench.pass(SECOND);
    let second = bench.received(&store, 2).await;
    let taken = bench.taken(&store, "daemon a").await;
    assert_eq!((taken.lease.id(), taken.attempt, taken.size, taken.folder.as_str()), (first, 1, 4096, "skjema"));
    assert_eq!(store.document(first).await.unwrap().state, DocumentState::Reading { attempt: 1, lease_until: taken.lease.until() });
    store.give_back(&taken.lease, Attempt::Counts, bench.now() + 10 * SECOND, bench.now()).await.unwrap();
    assert_eq!(store.document(first).await.unwrap().state, DocumentState::Received);
    // A third document that comes while the first waits for its retry goes before it.
    bench.pass(SECOND);
    let third = bench.received(&store, 3).await;
    assert_eq!(bench.taken(&store, "daemon a").await.lease.id(), second);
    assert_eq!(bench.taken(&store, "daemon a").await.lease.id(), third);
    assert_eq!(store.take_for_reading("daemon a", bench.now(), LEASE).await.unwrap(), None, "the retry is not due yet");
    bench.pass(9 * SECOND);
    let again = bench.taken(&store, "daemon a").await;
    assert_eq!((again.lease.id(), again.attempt), (first, 2));
    assert_eq!(store.give_back(&taken.lease, Attempt::Counts, bench.now(), bench.now()).await.unwrap_err().to_string().lines().next().unwrap(), {
        format!("the lease on document {first} was lost; the result of this turn is not kept")
    });
}

pub async fn a_dead_lease_is_taken_over_and_its_holder_refused(bench: &Bench) {
    let (ours, theirs) = (bench.store().await, bench.store().await);
    let mut slow = bench.reading(&ours, 1).await;
    bench.pass(LEASE / 2);
    ours.renew_lease(&mut slow.lease, bench.now(), LEASE).await.unwrap();
    bench.pass(LEASE / 2);
    assert_eq!(theirs.take_for_reading("daemon b", bench.now(), LEASE).await.unwrap(), None, "the lease was renewed");
    bench.pass(LEASE / 2);
    // Even under the same name the first turn is over.
    let taken = bench.taken(&theirs, "daemon a").await;
    assert_eq!((taken.lease.id(), taken.attempt), (slow.lease.id(), 2));
    let filing = Filing { pages: 1, records: vec![bench.record(1, 2, Outcome::Review)] };
    for refused in [
        ours.file(&slow.lease, &filing, bench.now()).await.map(|_| ()),
        ours.quarantine(&slow.lease, RefusalCode::Attempts, None, bench.now()).await,
        ours.give_back(&slow.lease, Attempt::Undone, bench.now(), bench.now()).await,
        ours.renew_lease(&mut slow.lease, bench.now(), LEASE).await,
    ] {
        assert!(matches!(refused, Err(StoreError::Final(Fault::LeaseLost { kind: "document", .. }))), "{refused:?}");
    }
    assert!(ours.records_of(taken.lease.id()).await.unwrap().is_empty());
    theirs.file(&taken.lease, &filing, bench.now()).await.unwrap();
    // A lease that ran out but that nobody took over is still good.
    let late = bench.reading(&ours, 2).await;
    bench.pass(LEASE * 2);
    ours.file(&late.lease, &Filing { pages: 1, records: vec![bench.record(1, 2, Outcome::Review)] }, bench.now()).await.unwrap();
}

pub async fn an_attempt_that_the_document_is_not_to_blame_for_is_undone(bench: &Bench) {
    let store = bench.store().await;
    let id = bench.received(&store, 1).await;
    for _ in 0..5 {
        let taken = bench.taken(&store, "daemon a").await;
        // Counted while it lasts: a daemon that dies here leaves it so.
        assert_eq!((taken.attempt, store.document(id).await.unwrap().attempts), (1, 1));
        store.give_back(&taken.lease, Attempt::Undone, bench.now() + SECOND, bench.now()).await.unwrap();
        let row = store.document(id).await.unwrap();
        assert_eq!((row.state, row.attempts), (DocumentState::Received, 0));
        assert_eq!(store.take_for_reading("daemon a", bench.now(), LEASE).await.unwrap(), None, "it rests");
        bench.pass(SECOND);
        assert!(matches!(store.give_back(&taken.lease, Attempt::Undone, bench.now(), bench.now()).await, Err(StoreError::Final(Fault::LeaseLost { .. }))));
    }
    let details: Vec<String> =
        store.audit_entries(1, 100).await.unwrap().into_iter().filter(|row| row.action == "reading_failed").map(|row| row.detail).collect();
    assert_eq!(details, ["code=attempt_undone"; 5]);
    // One that counts stands beside one that does not, and so does one whose daemon died.
    let counted = bench.taken(&store, "daemon a").await;
    store.give_back(&counted.lease, Attempt::Counts, bench.now(), bench.now()).await.unwrap();
    bench.taken(&store, "daemon a").await;
    bench.pass(LEASE);
    let third = bench.taken(&store, "daemon b").await;
    assert_eq!(third.attempt, 3);
    store.give_back(&third.lease, Attempt::Undone, bench.now(), bench.now()).await.unwrap();
    assert_eq!(bench.taken(&store, "daemon b").await.attempt, 3);
}

pub async fn quarantine_keeps_its_reason_and_can_be_undone(bench: &Bench) {
    let store = bench.store().await;
    let taken = bench.reading(&store, 1).await;
    let id = taken.lease.id();
    let refused = store.requeue(id, PERSON, bench.now()).await;
    assert!(matches!(refused, Err(StoreError::Final(Fault::NotQuarantined { state: "reading", .. }))), "{refused:?}");
    let sealed = SealedBytes(vec![4; 90]);
    store.quarantine(&taken.lease, RefusalCode::Locked, Some(sealed.clone()), bench.now()).await.unwrap();
    let row = store.document(id).await.unwrap();
    assert_eq!((row.state, row.sealed_refusal), (DocumentState::Quarantined(RefusalCode::Locked), Some(sealed)));
    assert_eq!(store.take_for_reading("daemon a", bench.pass(LEASE * 2), LEASE).await.unwrap(), None);
    assert!(matches!(store.quarantine(&taken.lease, RefusalCode::Locked, None, bench.now()).await, Err(StoreError::Final(Fault::LeaseLost { .. }))));
    store.requeue(id, PERSON, bench.now()).await.unwrap();
    assert_eq!(store.document(id).await.unwrap().sealed_refusal, None);
    let again = bench.taken(&store, "daemon a").await;
    assert_eq!((again.lease.id(), again.attempt), (id, 1), "attempts are counted from the start");
    assert!(
        matches!(store.give_back(&taken.lease, Attempt::Counts, bench.now(), bench.now()).await, Err(StoreError::Final(Fault::LeaseLost { .. }))),
        "turns are not"
    );
    let entries = store.audit_entries(1, 100).await.unwrap();
    let requeued = entries.iter().find(|row| row.action == "document_requeued").unwrap();
    assert_eq!((requeued.actor.as_str(), requeued.subject.clone()), ("operator:1000", format!("document:{id}")));
    let nobody = DocumentId::new(&bench.clock, &bench.entropy);
    assert!(matches!(store.requeue(nobody, PERSON, bench.now()).await, Err(StoreError::Final(Fault::NotFound { kind: "document", .. }))));
}

pub async fn leases_of_a_dead_owner_end_at_once(bench: &Bench) {
    let store = bench.store().await;
    bench.due(&store, 1).await;
    store.take_due_letter("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
    let document = bench.reading(&store, 2).await.lease.id();
    bench.claimed(&store, 3, "daemon a").await;
    bench.claimed(&store, 4, "daemon b").await;
    assert_eq!(store.expire_leases("daemon a", bench.now()).await.unwrap(), 3);
    assert_eq!(store.expire_leases("daemon a", bench.now()).await.unwrap(), 0);
    assert_eq!(bench.taken(&store, "daemon a").await.lease.id(), document);
    assert!(store.take_due_letter("daemon a", bench.now(), LEASE).await.unwrap().is_some());
    let ended = store.claim(&bench.new_claim(3, "daemon a"), bench.now(), LEASE).await.unwrap();
    assert!(matches!(ended, postsluse::store::ClaimOutcome::TakenOver { .. }), "{ended:?}");
    assert!(matches!(store.claim(&bench.new_claim(4, "daemon a"), bench.now(), LEASE).await.unwrap(), postsluse::store::ClaimOutcome::Held { .. }));
}

pub async fn documents_are_listed_in_pages(bench: &Bench) {
    let store = bench.store().await;
    let mut ids = Vec::new();
    for number in 1..=5 {
        bench.pass(SECOND);
        ids.push(bench.received(&store, number).await);
    }
    bench.taken(&store, "daemon a").await;
    ids.reverse();
    let mut seen = Vec::new();
    let mut page = Page::newest(2);
    loop {
        let rows = store.documents(None, page).await.unwrap();
        seen.extend(rows.iter().map(|row| row.id));
        match rows.last() {
            Some(last) => page.before = Some(last.id),
            None => break,
        }
    }
    assert_eq!(seen, ids);
    let reading = store.documents(Some("reading"), Page::newest(10)).await.unwrap();
    assert_eq!(reading.iter().map(|row| row.id).collect::<Vec<_>>(), ids[4..]);
    assert!(matches!(store.document(DocumentId::new(&bench.clock, &bench.entropy)).await, Err(StoreError::Final(Fault::NotFound { .. }))));
}
