//! What people decide.

use postsluse::document::RecordId;
use postsluse::record::RecordState;
use postsluse::store::{CaseSubject, Fault, LetterState, NewField, Outcome, Page, RecordFilter, SealedBytes, Settlement, StoreError};

use super::bench::{Bench, PERSON};

fn settlement(expected: u32, names: &[&str], outcome: Outcome) -> Settlement {
    let field = |name: &&str| NewField { name: (*name).to_owned(), sealed: SealedBytes(vec![77; 10]) };
    Settlement { expected, fields: names.iter().map(field).collect(), summary: SealedBytes(vec![78; 5]), to_review: 1, accepted: 2, confirmed: 0, outcome }
}

pub async fn what_was_settled_is_a_new_revision(bench: &Bench) {
    let store = bench.store().await;
    let record = bench.filed(&store, 1, Outcome::Review).await.record;
    let settled = store.settle(record, &settlement(1, &["felt.3", "felt.1"], Outcome::Review), PERSON, bench.now()).await.unwrap();
    assert_eq!((settled.revision, settled.state, settled.link, settled.conflict), (2, RecordState::Review, None, None));
    let row = store.record(record).await.unwrap();
    assert_eq!((row.revision, row.to_review, row.accepted, row.summary), (2, 1, 2, SealedBytes(vec![78; 5])));
    let fields = store.fields(record).await.unwrap();
    let seen: Vec<(&str, u32, u32)> = fields.iter().map(|field| (field.name.as_str(), field.ordinal, field.revision)).collect();
    assert_eq!(seen, [("felt.1", 1, 2), ("felt.2", 2, 1), ("felt.3", 3, 2)]);
    let history = store.field_history(record, "felt.1").await.unwrap();
    assert_eq!(history.iter().map(|field| (field.revision, field.sealed.0[0])).collect::<Vec<_>>(), [(1, 1), (2, 77)], "what was read stays");
    let refused = store.settle(record, &settlement(2, &["felt.1", "felt.9"], Outcome::Review), PERSON, bench.now()).await;
    assert!(matches!(&refused, Err(StoreError::Final(Fault::NoSuchField { field, .. })) if field == "felt.9"), "{refused:?}");
    assert_eq!(store.record(record).await.unwrap().revision, 2);
}

pub async fn the_second_to_settle_is_told(bench: &Bench) {
    let store = bench.store().await;
    let record = bench.filed(&store, 1, Outcome::Review).await.record;
    store.settle(record, &settlement(1, &["felt.1"], Outcome::Review), PERSON, bench.now()).await.unwrap();
    let late = store.settle(record, &settlement(1, &["felt.1"], Outcome::Review), PERSON, bench.now()).await;
    assert!(matches!(late, Err(StoreError::Final(Fault::Conflict { expected: 1, found: 2, .. }))), "{late:?}");
    assert_eq!(store.field_history(record, "felt.1").await.unwrap().len(), 2);
    let nothing = RecordId::new(&bench.clock, &bench.entropy);
    let missing = store.settle(nothing, &settlement(1, &[], Outcome::Review), PERSON, bench.now()).await;
    assert!(matches!(missing, Err(StoreError::Final(Fault::NotFound { kind: "record", .. }))));
}

pub async fn consequences_are_drawn_when_a_person_completes_a_record(bench: &Bench) {
    let store = bench.store().await;
    let record = bench.filed(&store, 1, Outcome::Review).await.record;
    let settled = store.settle(record, &settlement(1, &["felt.1"], bench.kommune("5601", 2027)), PERSON, bench.now()).await.unwrap();
    assert_eq!(settled.state, RecordState::Complete);
    let link = settled.link.unwrap();
    let case = store.case(link.case).await.unwrap();
    assert_eq!(case.subject, CaseSubject::Kommune { number: "5601".into(), year: 2027 });
    let (letter, our_ref) = link.letter.unwrap();
    assert_eq!((our_ref.to_string().as_str(), store.letter(letter).await.unwrap().state), ("26-00100-2", LetterState::Due));
    let row = store.record(record).await.unwrap();
    assert_eq!((row.state, row.case, row.settled_at.is_some()), (RecordState::Complete, Some(link.case), true));
    let filter = RecordFilter { state: Some(RecordState::Complete), case: Some(link.case), document: None };
    assert_eq!(store.records(filter, Page::newest(5)).await.unwrap().len(), 1);
    let entries = store.audit_entries(1, 100).await.unwrap();
    let settled = entries.iter().find(|entry| entry.action == "record_settled").unwrap();
    assert_eq!((settled.actor.as_str(), settled.detail.as_str()), ("operator:1000", "revision=2 fields=1 to_review=1 confirmed=0"));
}

pub async fn a_complete_record_is_not_changed(bench: &Bench) {
    let store = bench.store().await;
    let record = bench.filed(&store, 1, Outcome::Closed).await.record;
    assert_eq!(store.record(record).await.unwrap().state, RecordState::Complete);
    let refused = store.settle(record, &settlement(1, &["felt.1"], Outcome::Review), PERSON, bench.now()).await;
    assert!(matches!(refused, Err(StoreError::Final(Fault::Complete { .. }))), "{refused:?}");
}
