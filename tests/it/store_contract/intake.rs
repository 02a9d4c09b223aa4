//! From a dropped file to a stored original.

use std::time::Duration;

use postsluse::document::{DocumentState, RefusalCode};
use postsluse::store::{ClaimOutcome, ClaimState, Committed, Fault, FileIdentity, Pinned, StoreError};

use super::bench::{Bench, LEASE};

pub async fn facts_are_pinned_once(bench: &Bench) {
    let store = bench.store().await;
    assert_eq!(store.pinned("keyset").await.unwrap(), None);
    assert_eq!(store.pin("keyset", "a1", bench.now()).await.unwrap(), Pinned::New);
    assert_eq!(store.pin("keyset", "a1", bench.now()).await.unwrap(), Pinned::Same);
    assert_eq!(store.pin("keyset", "b2", bench.now()).await.unwrap(), Pinned::Differs { stored: "a1".into() });
    assert_eq!(store.pinned("keyset").await.unwrap().as_deref(), Some("a1"));
    assert_eq!(bench.actions(&store).await, ["keyset_pinned"]);
}

pub async fn a_file_has_one_claim_at_a_time(bench: &Bench) {
    let (ours, theirs) = (bench.store().await, bench.store().await);
    let first = bench.new_claim(1, "daemon a");
    let claim = match ours.claim(&first, bench.now(), LEASE).await.unwrap() {
        ClaimOutcome::New(claim) => claim,
        other => panic!("{other:?}"),
    };
    assert_eq!(claim.id(), first.id);
    let held = theirs.claim(&bench.new_claim(1, "daemon b"), bench.now(), LEASE).await.unwrap();
    assert_eq!(held, ClaimOutcome::Held { until: claim.until() });
    // The same daemon meets its own claim on its next look at the folder.
    assert!(matches!(ours.claim(&bench.new_claim(1, "daemon a"), bench.now(), LEASE).await.unwrap(), ClaimOutcome::Held { .. }));
    // Any difference makes it another file.
    let same = bench.new_claim(1, "daemon b");
    for other in [
        FileIdentity { dev: 1, ..same.identity },
        FileIdentity { inode: 1, ..same.identity },
        FileIdentity { size: 1, ..same.identity },
        FileIdentity { mtime_ns: 1, ..same.identity },
    ] {
        let outcome = theirs.claim(&postsluse::store::NewClaim { identity: other, ..bench.new_claim(1, "daemon b") }, bench.now(), LEASE).await.unwrap();
        assert!(matches!(outcome, ClaimOutcome::New(_)), "{other:?}");
    }
    // A lease is dead the moment it ends, not before.
    bench.pass(Duration::from_micros(59_999_999));
    assert!(matches!(theirs.claim(&bench.new_claim(1, "daemon b"), bench.now(), LEASE).await.unwrap(), ClaimOutcome::Held { .. }));
    bench.pass(Duration::from_micros(1));
    let taken = theirs.claim(&bench.new_claim(1, "daemon b"), bench.now(), LEASE).await.unwrap();
    let ClaimOutcome::TakenOver { claim: over, leftover } = taken else { panic!("{taken:?}") };
    assert_eq!((over.id(), leftover), (first.id, first.spool_name));
    let open = ours.open_claims("skjema").await.unwrap();
    assert_eq!(open.len(), 5);
    let row = open.iter().find(|row| row.id == first.id).unwrap();
    assert_eq!((row.state, row.owner.as_str(), row.identity), (ClaimState::Claimed, "daemon b", same.identity));
    assert!(ours.open_claims("vedtak").await.unwrap().is_empty());
}

pub async fn an_original_is_stored_once_and_its_copies_are_duplicates(bench: &Bench) {
    let store = bench.store().await;
    assert!(store.key_ids_in_use().await.unwrap().is_empty());
    let claim = bench.claimed(&store, 1, "daemon a").await;
    let (document, envelope) = (bench.new_document(1, None), bench.new_envelope());
    assert_eq!(store.commit_original(&claim, &document, &envelope, bench.now()).await.unwrap(), Committed::Stored(document.id));
    let row = store.document(document.id).await.unwrap();
    assert_eq!((row.state.clone(), row.attempts, row.size, row.folder.as_str(), row.pages), (DocumentState::Received, 0, 4096, "skjema", None));
    assert_eq!((row.envelope, row.sealed_name), (envelope.id, document.sealed_name.clone()));
    assert_eq!(store.envelope(envelope.id).await.unwrap().wrapped_dek, envelope.wrapped_dek);
    assert_eq!(store.document_by_digest(&document.digest_index).await.unwrap().unwrap().id, document.id);
    assert_eq!(store.key_ids_in_use().await.unwrap(), ["kek-1"]);
    store.claim_done(&claim, bench.now()).await.unwrap();

    let copy = bench.claimed(&store, 2, "daemon a").await;
    let second = bench.new_envelope();
    assert_eq!(store.commit_original(&copy, &bench.new_document(1, None), &second, bench.now()).await.unwrap(), Committed::Duplicate(document.id));
    assert!(matches!(store.envelope(second.id).await, Err(StoreError::Final(Fault::NotFound { .. }))), "a copy gets no envelope");
    assert!(store.spool_name_in_use(&row.spool_name).await.unwrap());
    assert!(!store.spool_name_in_use(&format!("{}.sealed", copy.id())).await.unwrap(), "the sealed copy may go");
    store.claim_done(&copy, bench.now()).await.unwrap();
    assert!(store.open_claims("skjema").await.unwrap().is_empty());
    // What was done once is not done again, and the same file may come again.
    assert!(matches!(store.claim_done(&copy, bench.now()).await, Err(StoreError::Final(Fault::LeaseLost { kind: "claim", .. }))));
    bench.claimed(&store, 1, "daemon a").await;
    assert_eq!(bench.actions(&store).await, ["claim_made", "document_received", "claim_done", "claim_made", "document_duplicate", "claim_done", "claim_made"]);
}

pub async fn the_file_is_taken_away_after_a_crash(bench: &Bench) {
    let store = bench.store().await;
    let stored = bench.claimed(&store, 1, "daemon a").await;
    let document = bench.new_document(1, None);
    store.commit_original(&stored, &document, &bench.new_envelope(), bench.now()).await.unwrap();
    let copy = bench.new_claim(2, "daemon a");
    let ClaimOutcome::New(copied) = store.claim(&copy, bench.now(), LEASE).await.unwrap() else { panic!("it is new") };
    store.commit_original(&copied, &bench.new_document(1, None), &bench.new_envelope(), bench.now()).await.unwrap();
    // The daemon dies here, with both files still in their folder.
    assert!(matches!(store.claim(&bench.new_claim(1, "daemon b"), bench.now(), LEASE).await.unwrap(), ClaimOutcome::Held { .. }));
    bench.pass(LEASE);
    let sealed = store.claim(&bench.new_claim(1, "daemon b"), bench.now(), LEASE).await.unwrap();
    let ClaimOutcome::Sealed { claim, document: of } = sealed else { panic!("{sealed:?}") };
    assert_eq!(of, document.id);
    store.claim_done(&claim, bench.now()).await.unwrap();
    let duplicate = store.claim(&bench.new_claim(2, "daemon b"), bench.now(), LEASE).await.unwrap();
    let ClaimOutcome::Duplicate { claim, document: of, leftover } = duplicate else { panic!("{duplicate:?}") };
    assert_eq!((of, leftover), (document.id, copy.spool_name));
    store.claim_done(&claim, bench.now()).await.unwrap();
    assert!(matches!(store.claim_done(&copied, bench.now()).await, Err(StoreError::Final(Fault::LeaseLost { .. }))));
}

pub async fn a_late_original_is_refused(bench: &Bench) {
    let store = bench.store().await;
    let mut slow = bench.claimed(&store, 1, "daemon a").await;
    store.renew_claim(&mut slow, bench.pass(LEASE / 2), LEASE).await.unwrap();
    bench.pass(LEASE / 2);
    assert!(matches!(store.claim(&bench.new_claim(1, "daemon b"), bench.now(), LEASE).await.unwrap(), ClaimOutcome::Held { .. }), "it was renewed");
    bench.pass(LEASE);
    // The same daemon takes it over: the name is the same, the turn is not.
    let taken = store.claim(&bench.new_claim(1, "daemon a"), bench.now(), LEASE).await.unwrap();
    let ClaimOutcome::TakenOver { claim, .. } = taken else { panic!("{taken:?}") };
    let refused = store.commit_original(&slow, &bench.new_document(1, None), &bench.new_envelope(), bench.now()).await;
    assert!(matches!(refused, Err(StoreError::Final(Fault::LeaseLost { kind: "claim", .. }))), "{refused:?}");
    assert!(store.renew_claim(&mut slow, bench.now(), LEASE).await.is_err());
    assert!(store.release_claim(&slow, bench.now()).await.is_err());
    assert!(store.claim_done(&claim, bench.now()).await.is_err(), "nothing is stored yet");
    assert!(store.key_ids_in_use().await.unwrap().is_empty(), "the late envelope is not kept");
    assert!(matches!(store.commit_original(&claim, &bench.new_document(1, None), &bench.new_envelope(), bench.now()).await.unwrap(), Committed::Stored(_)));
    let twice = store.commit_original(&claim, &bench.new_document(2, None), &bench.new_envelope(), bench.now()).await;
    assert!(matches!(twice, Err(StoreError::Final(Fault::LeaseLost { .. }))), "one claim is one original");
}

pub async fn a_claim_can_be_released_and_resumed(bench: &Bench) {
    let store = bench.store().await;
    let gone = bench.claimed(&store, 1, "daemon a").await;
    store.release_claim(&gone, bench.now()).await.unwrap();
    assert!(store.open_claims("skjema").await.unwrap().is_empty());
    assert_eq!(store.resume_claim(gone.id(), "daemon a", "x.sealed", bench.now(), LEASE).await.unwrap(), None);

    let again = bench.claimed(&store, 1, "daemon a").await;
    let document = bench.new_document(1, None);
    store.commit_original(&again, &document, &bench.new_envelope(), bench.now()).await.unwrap();
    assert!(matches!(store.resume_claim(again.id(), "daemon b", "x.sealed", bench.now(), LEASE).await.unwrap(), Some(ClaimOutcome::Held { .. })));
    // Of a stored document only the lease is released.
    store.release_claim(&again, bench.now()).await.unwrap();
    let resumed = store.resume_claim(again.id(), "daemon b", "x.sealed", bench.now(), LEASE).await.unwrap();
    assert!(matches!(resumed, Some(ClaimOutcome::Sealed { document: of, .. }) if of == document.id), "{resumed:?}");
}

pub async fn what_must_not_be_read_is_quarantined_from_the_start(bench: &Bench) {
    let store = bench.store().await;
    let claim = bench.claimed(&store, 1, "daemon a").await;
    let document = bench.new_document(1, Some(RefusalCode::Empty));
    store.commit_original(&claim, &document, &bench.new_envelope(), bench.now()).await.unwrap();
    let row = store.document(document.id).await.unwrap();
    assert_eq!((row.state, row.sealed_refusal), (DocumentState::Quarantined(RefusalCode::Empty), None));
    assert_eq!(store.take_for_reading("daemon a", bench.now(), LEASE).await.unwrap(), None);
}
