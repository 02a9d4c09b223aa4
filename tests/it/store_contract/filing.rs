//! From what was read to records, cases and letters.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;

use postsluse::document::{DocumentState, LetterId};
use postsluse::record::{Kind, RecordState};
use postsluse::store::{
    CaseConflict, CaseSubject, Direction, EventCode, Fault, Filing, LetterState, NewField, Outcome, Page, RecordFilter, SealedBytes, Series, Settlement, Store,
    StoreError,
};

use super::bench::{Bench, PERSON};

pub async fn a_reading_becomes_records_with_all_that_follows(bench: &Bench) {
    let store = bench.store().await;
    let taken = bench.reading(&store, 1).await;
    let records = vec![bench.record(1, 3, bench.kommune("0301", 2027)), bench.record(2, 1, Outcome::Review), bench.record(3, 1, bench.kommune("0301", 2027))];
    let filed = store.file(&taken.lease, &Filing { pages: 6, records: records.clone() }, bench.now()).await.unwrap();
    let states: Vec<_> = filed.iter().map(|filed| (filed.record, filed.state, filed.conflict)).collect();
    let complete = RecordState::Complete;
    assert_eq!(states, [(records[0].id, complete, None), (records[1].id, RecordState::Review, None), (records[2].id, complete, None)]);
    let document = store.document(taken.lease.id()).await.unwrap();
    assert_eq!((document.state, document.pages), (DocumentState::Filed { records: 3 }, Some(6)));

    let rows = store.records_of(document.id).await.unwrap();
    assert_eq!(rows.iter().map(|row| (row.id, row.part_number)).collect::<Vec<_>>(), [(records[0].id, 1), (records[1].id, 2), (records[2].id, 3)]);
    let row = &rows[0];
    assert_eq!((row.kind, row.form.clone(), row.pages, row.revision, row.accepted), (Kind::Letter, Some(("vedtak".into(), "1".into())), 2, 1, 3));
    assert_eq!((row.envelope.clone(), row.summary.clone()), (taken.envelope, SealedBytes(vec![5; 20])));
    let fields = store.fields(row.id).await.unwrap();
    assert_eq!(fields.iter().map(|field| (field.ordinal, field.sealed.0[0])).collect::<Vec<_>>(), [(1, 1), (2, 2), (3, 3)]);
    assert_eq!(store.crops(row.id).await.unwrap(), Some(SealedBytes(vec![8; 100])));
    assert_eq!(store.crops(rows[1].id).await.unwrap(), None);
    assert_eq!(store.text(row.id).await.unwrap(), Some(SealedBytes(vec![6; 200])));

    // Both records of the same kommune and year are in one case, and each has its receipt.
    let (first, third) = (filed[0].link.unwrap(), filed[2].link.unwrap());
    assert_eq!(first.case, third.case);
    let references: Vec<String> =
        [first.record_ref, first.letter.unwrap().1, third.record_ref, third.letter.unwrap().1].map(|our_ref| our_ref.to_string()).into();
    assert_eq!(references, ["26-00100-1", "26-00100-2", "26-00100-3", "26-00100-4"]);
    let case = store.case(first.case).await.unwrap();
    assert_eq!((case.subject, case.case_year, case.case_number), (CaseSubject::Kommune { number: "0301".into(), year: 2027 }, 2026, 100));
    let (one, two) = (first.letter.unwrap().0, third.letter.unwrap().0);
    assert_eq!(case.documents, [(1, Direction::In(records[0].id)), (2, Direction::Out(one)), (3, Direction::In(records[2].id)), (4, Direction::Out(two))]);
    let events = store.case_events(first.case).await.unwrap();
    let codes: Vec<_> = events.iter().map(|event| (event.sequence, event.code)).collect();
    assert_eq!(codes, [(1, EventCode::Opened), (2, EventCode::RecordIn), (3, EventCode::LetterDue), (4, EventCode::RecordIn), (5, EventCode::LetterDue)]);
    assert_eq!((events[1].record, events[2].letter), (Some(records[0].id), Some(one)));
    let letter = store.letters_of(records[0].id).await.unwrap().remove(0);
    assert_eq!((letter.id, letter.state, letter.our_ref, letter.language.as_str()), (one, LetterState::Due, first.letter.unwrap().1, "nb"));
    assert_eq!(letter.envelope, row.envelope, "a letter lies in the envelope of the record it answers");

    let review = RecordFilter { state: Some(RecordState::Review), ..RecordFilter::default() };
    assert_eq!(store.records(review, Page::newest(10)).await.unwrap().iter().map(|row| row.id).collect::<Vec<_>>(), [records[1].id]);
    // What is filed is filed.
    let again = store.file(&taken.lease, &Filing { pages: 1, records: vec![bench.record(1, 1, Outcome::Review)] }, bench.now()).await;
    assert!(matches!(again, Err(StoreError::Final(Fault::LeaseLost { .. }))), "{again:?}");
}

pub async fn a_form_with_hundreds_of_fields_is_filed_whole(bench: &Bench) {
    let store = bench.store().await;
    let taken = bench.reading(&store, 1).await;
    let records = vec![bench.record(1, 64, Outcome::Review), bench.record(2, 301, Outcome::Review)];
    store.file(&taken.lease, &Filing { pages: 8, records: records.clone() }, bench.now()).await.unwrap();
    for record in &records {
        let fields = store.fields(record.id).await.unwrap();
        let stored: Vec<NewField> = fields.into_iter().map(|field| NewField { name: field.name, sealed: field.sealed }).collect();
        assert!(stored.iter().map(|field| (&field.name, &field.sealed)).eq(record.fields.iter().map(|field| (&field.name, &field.sealed))));
    }
}

pub async fn a_filing_that_fails_leaves_nothing(bench: &Bench) {
    let store = bench.store().await;
    let taken = bench.reading(&store, 1).await;
    let before = bench.actions(&store).await.len();
    let mut twice = bench.record(2, 2, bench.kommune("0301", 2027));
    twice.fields[1].name = "felt.1".into();
    let records = vec![bench.record(1, 2, bench.kommune("0301", 2027)), twice];
    let refused = store.file(&taken.lease, &Filing { pages: 1, records }, bench.now()).await;
    assert!(matches!(refused, Err(StoreError::Final(Fault::Refused { .. }))), "a form has each field once: {refused:?}");
    let none = store.file(&taken.lease, &Filing { pages: 1, records: vec![] }, bench.now()).await;
    assert!(matches!(none, Err(StoreError::Final(Fault::NoRecords { .. }))), "{none:?}");
    assert!(matches!(store.document(taken.lease.id()).await.unwrap().state, DocumentState::Reading { attempt: 1, .. }));
    assert!(store.records_of(taken.lease.id()).await.unwrap().is_empty());
    assert!(store.letters(None, Page::newest(1)).await.unwrap().is_empty());
    assert_eq!(bench.actions(&store).await.len(), before);
    let filed = store.file(&taken.lease, &Filing { pages: 1, records: vec![bench.record(1, 2, bench.kommune("0301", 2027))] }, bench.now()).await.unwrap();
    assert_eq!(filed[0].link.unwrap().record_ref.to_string(), "26-00100-1", "no number was lost");
}

/// Lets a future run until it has waited `waits` times, and drops it there: none when it was cut off.
async fn cut_off<T>(waits: usize, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut seen) = (pin!(work), 0);
    std::future::poll_fn(|context| {
        if seen > waits {
            return Poll::Ready(None);
        }
        seen += 1;
        Pin::new(&mut work).poll(context).map(Some)
    })
    .await
}

pub async fn a_filing_that_is_cut_off_anywhere_happens_whole_or_not_at_all(bench: &Bench) {
    let store = bench.store().await;
    // How often a filing waits is the scheduler's affair: a server that answers at once may leave a whole one without a wait. Another document is tried then.
    for document in 1..=50 {
        if cut_off_until_filed(bench, &store, document).await > 0 {
            return;
        }
    }
    panic!("it was never cut off");
}

/// Files document `number`, the `number`th that is filed, and cuts the filing off after one wait, two, and so on until it is filed. How often it was cut off in the middle.
async fn cut_off_until_filed(bench: &Bench, store: &Store, number: u8) -> usize {
    let mut taken = bench.reading(store, number).await;
    let before = usize::from(number) - 1;
    for waits in 0.. {
        let records = vec![bench.record(1, 70, bench.kommune("0301", 2027)), bench.record(2, 2, bench.person(&[("duf", 1)]))];
        let finished = cut_off(waits, store.file(&taken.lease, &Filing { pages: 1, records }, bench.now())).await;
        let document = store.document(taken.lease.id()).await.unwrap();
        let records = store.records_of(document.id).await.unwrap();
        let letters = store.letters(None, Page::newest(100)).await.unwrap();
        if let DocumentState::Filed { records: count } = document.state {
            // The last wait is the commit itself: it may have happened although nobody heard of it.
            assert_eq!((count, records.len(), letters.len()), (2, 2, before + 1));
            return waits;
        }
        assert!(finished.is_none(), "it was cut off: {finished:?}");
        assert_eq!((records.len(), letters.len()), (0, before), "cut off after {waits} waits");
        store.renew_lease(&mut taken.lease, bench.now(), super::bench::LEASE).await.unwrap();
    }
    unreachable!("a filing waits a finite number of times")
}

pub async fn a_person_is_found_by_either_number(bench: &Bench) {
    let store = bench.store().await;
    let first = bench.filed(&store, 1, bench.person(&[("duf", 1)])).await.link.unwrap();
    let both = bench.filed(&store, 2, bench.person(&[("duf", 1), ("fnr", 2), ("fnr", 2)])).await.link.unwrap();
    let second = bench.filed(&store, 3, bench.person(&[("fnr", 2)])).await.link.unwrap();
    // The same digits as another kind of number are another person.
    let other = bench.filed(&store, 4, bench.person(&[("fnr", 1)])).await.link.unwrap();
    assert_eq!((first.case, first.case), (both.case, second.case));
    assert_ne!(first.case, other.case);
    assert_eq!(second.record_ref.to_string(), "26-00100-3");
    assert_eq!(other.record_ref.to_string(), "26-00101-1");
    assert_eq!(second.letter, None);
    let CaseSubject::Person { envelope, .. } = store.case(first.case).await.unwrap().subject else { panic!("it is a person's case") };
    assert_eq!(store.envelope(envelope).await.unwrap().kek_id, "kek-1");
}

pub async fn two_persons_are_never_merged(bench: &Bench) {
    let store = bench.store().await;
    let first = bench.filed(&store, 1, bench.person(&[("duf", 1)])).await.link.unwrap();
    bench.filed(&store, 2, bench.person(&[("fnr", 2)])).await;
    let torn = bench.filed(&store, 3, bench.person(&[("duf", 1), ("fnr", 2)])).await;
    assert_eq!((torn.state, torn.link, torn.conflict), (RecordState::Review, None, Some(CaseConflict::TwoPersons)));
    assert_eq!(store.record(torn.record).await.unwrap().conflict, Some(CaseConflict::TwoPersons));
    let nobody = bench.filed(&store, 4, bench.person(&[])).await;
    assert_eq!((nobody.state, nobody.conflict), (RecordState::Review, Some(CaseConflict::NoTags)));
    // A person says which number is right.
    let settlement = Settlement {
        expected: 1,
        fields: vec![],
        summary: SealedBytes(vec![1]),
        to_review: 0,
        accepted: 3,
        confirmed: 0,
        outcome: bench.person(&[("duf", 1)]),
    };
    let settled = store.settle(torn.record, &settlement, PERSON, bench.now()).await.unwrap();
    assert_eq!((settled.state, settled.conflict, settled.link.unwrap().case), (RecordState::Complete, None, first.case));
    assert_eq!(store.record(torn.record).await.unwrap().conflict, None);
    assert!(bench.actions(&store).await.contains(&"record_conflicting".to_owned()));
}

pub async fn numbers_start_anew_each_year(bench: &Bench) {
    let store = bench.store().await;
    let in_year = |number: &str, year| match bench.kommune(number, 2027) {
        Outcome::Case(mut what) => {
            what.series = Series { year, first: 1 };
            Outcome::Case(what)
        }
        other => other,
    };
    let mut references = Vec::new();
    for (file, number, year) in [(1, "0301", 2026), (2, "1103", 2026), (3, "4601", 2027), (4, "0301", 2027)] {
        references.push(bench.filed(&store, file, in_year(number, year)).await.link.unwrap().record_ref.to_string());
    }
    // The last belongs to the case that was opened the year before.
    assert_eq!(references, ["26-00001-1", "26-00002-1", "27-00001-1", "26-00001-3"]);
    let letters: Vec<LetterId> = store.letters(None, Page::newest(2)).await.unwrap().iter().map(|letter| letter.id).collect();
    assert_eq!(letters.len(), 2);
    assert!(letters[0] > letters[1], "the newest comes first");
}
