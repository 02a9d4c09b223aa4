//! Two daemons with several tasks each on one database: what must happen once happens once, and nobody fails for the sake of another.

use std::collections::BTreeSet;
use std::sync::Arc;

use postsluse::document::{DocumentId, OurRef};
use postsluse::store::{ClaimOutcome, Committed, Fault, Filing, NewField, Outcome, Page, SealedBytes, Settlement, Store, StoreError, Tag};
use tokio::task::JoinSet;

use super::bench::{Bench, LEASE, LIMIT, PERSON};

const TASKS: usize = 8;

/// Runs a task eight times at once, on two stores in turn, and gathers what they return.
async fn race<T: Send + 'static, F: Future<Output = T> + Send + 'static>(bench: &Bench, task: impl Fn(Store, usize) -> F) -> Vec<T> {
    let stores = [bench.store().await, bench.store().await];
    let mut tasks = JoinSet::new();
    for number in 0..TASKS {
        tasks.spawn(task(stores[number % 2].clone(), number));
    }
    tasks.join_all().await
}

pub async fn files_are_claimed_once(bench: &Bench) {
    let now = bench.now();
    let claims: Vec<Arc<Vec<_>>> = (0..TASKS).map(|task| Arc::new((0..20).map(|file| bench.new_claim(file, &format!("daemon {task}"))).collect())).collect();
    let won = race(bench, |store, task| {
        let claims = Arc::clone(&claims[task]);
        async move {
            let mut won = Vec::new();
            for (file, claim) in claims.iter().enumerate() {
                match store.claim(claim, now, LEASE).await.unwrap() {
                    ClaimOutcome::New(_) => won.push(file),
                    ClaimOutcome::Held { .. } => {}
                    other => panic!("{other:?}"),
                }
            }
            won
        }
    })
    .await;
    let mut won: Vec<usize> = won.into_iter().flatten().collect();
    won.sort_unstable();
    assert_eq!(won, (0..20).collect::<Vec<_>>());
    // All leases end: each is taken over once.
    let later = bench.pass(LEASE);
    let taken = race(bench, |store, task| {
        let claims = Arc::clone(&claims[task]);
        async move {
            let mut taken = 0;
            for claim in claims.iter() {
                taken += usize::from(matches!(store.claim(claim, later, LEASE).await.unwrap(), ClaimOutcome::TakenOver { .. }));
            }
            taken
        }
    })
    .await;
    assert_eq!(taken.into_iter().sum::<usize>(), 20);
}

pub async fn bytes_become_one_document(bench: &Bench) {
    let now = bench.now();
    let prepared: Vec<Arc<Vec<_>>> = (0..TASKS)
        .map(|task| {
            let row = |digest: u8| (bench.new_claim(u8::try_from(task).unwrap() * 10 + digest, "daemon"), bench.new_document(digest), bench.new_envelope());
            Arc::new((0..10).map(row).collect())
        })
        .collect();
    let committed = race(bench, |store, task| {
        let prepared = Arc::clone(&prepared[task]);
        async move {
            let mut committed = Vec::new();
            for (claim, document, envelope) in prepared.iter() {
                let ClaimOutcome::New(claim) = store.claim(claim, now, LEASE).await.unwrap() else { panic!("each file is another") };
                committed.push(store.commit_original(&claim, document, envelope, now).await.unwrap());
                store.claim_done(&claim, now).await.unwrap();
            }
            committed
        }
    })
    .await;
    let stored: BTreeSet<DocumentId> = committed.iter().flatten().filter_map(|one| if let Committed::Stored(id) = one { Some(*id) } else { None }).collect();
    let named: BTreeSet<DocumentId> = committed
        .iter()
        .flatten()
        .map(|one| match one {
            Committed::Stored(id) | Committed::Duplicate(id) => *id,
        })
        .collect();
    assert_eq!((committed.iter().flatten().count(), stored.len()), (80, 10));
    assert_eq!(stored, named, "each copy names the document that was stored");
}

pub async fn documents_are_read_once(bench: &Bench) {
    let store = bench.store().await;
    let mut ids = Vec::new();
    for number in 0..30 {
        ids.push(bench.received(&store, number).await);
    }
    let now = bench.now();
    let taken = race(bench, |store, task| async move {
        let mut taken = Vec::new();
        while let Some(one) = store.take_for_reading(&format!("daemon {task}"), now, LEASE).await.unwrap() {
            assert_eq!(one.attempt, 1);
            taken.push(one.lease.id());
        }
        taken
    })
    .await;
    let mut taken: Vec<DocumentId> = taken.into_iter().flatten().collect();
    taken.sort_unstable();
    ids.sort_unstable();
    assert_eq!(taken, ids);
}

pub async fn numbers_have_no_gap_and_no_double(bench: &Bench) {
    let store = bench.store().await;
    let mut work = Vec::new();
    for number in 0..24_u8 {
        let taken = bench.reading(&store, number).await;
        // In each round all tasks meet the same new kommune and the same new person, half of them in the other order.
        let round = number / 8;
        let mut records = vec![bench.record(1, 5, bench.kommune(&format!("{round:04}"), 2027)), bench.record(2, 5, bench.person(&[("duf", round)]))];
        if number % 2 == 1 {
            records.reverse();
        }
        work.push(Arc::new((taken.lease, Filing { pages: 1, records })));
    }
    let now = bench.now();
    let references = race(bench, |store, task| {
        let mine: Vec<_> = work.iter().skip(task).step_by(TASKS).cloned().collect();
        async move {
            let mut references: Vec<OurRef> = Vec::new();
            for work in mine {
                for filed in store.file(&work.0, &work.1, now).await.unwrap() {
                    let link = filed.link.unwrap();
                    references.push(link.record_ref);
                    references.extend(link.letter.map(|(_, our_ref)| our_ref));
                }
            }
            references
        }
    })
    .await;
    let mut references: Vec<OurRef> = references.into_iter().flatten().collect();
    references.sort_unstable();
    let cases: BTreeSet<u32> = references.iter().map(|our_ref| our_ref.case).collect();
    assert_eq!(cases, (100..106).collect(), "the series has no gap");
    assert_eq!(references.len(), 24 * 3);
    for case in cases {
        let numbers: Vec<u32> = references.iter().filter(|our_ref| our_ref.case == case).map(|our_ref| our_ref.document).collect();
        assert_eq!(numbers, (1..=u32::try_from(numbers.len()).unwrap()).collect::<Vec<_>>(), "case {case}");
    }
}

pub async fn one_settlement_wins(bench: &Bench) {
    let store = bench.store().await;
    let record = bench.filed(&store, 1, Outcome::Review).await.record;
    let now = bench.now();
    let settlements: Vec<Arc<Settlement>> = (0..TASKS)
        .map(|_| {
            let fields = vec![NewField { name: "felt.1".into(), sealed: SealedBytes(vec![1]) }];
            let outcome = bench.kommune("0301", 2027);
            Arc::new(Settlement { expected: 1, fields, summary: SealedBytes(vec![1]), to_review: 0, accepted: 3, confirmed: 0, outcome })
        })
        .collect();
    let settled = race(bench, |store, task| {
        let settlement = Arc::clone(&settlements[task]);
        async move { store.settle(record, &settlement, PERSON, now).await }
    })
    .await;
    assert_eq!(settled.iter().filter(|one| one.is_ok()).count(), 1);
    assert!(settled.iter().all(|one| matches!(one, Ok(_) | Err(StoreError::Final(Fault::Conflict { .. })))), "{settled:?}");
    assert_eq!(store.letters(None, Page::newest(9)).await.unwrap().len(), 1);
}

pub async fn letters_are_sent_once(bench: &Bench) {
    let store = bench.store().await;
    for number in 0..12 {
        bench.due(&store, number).await;
    }
    let now = bench.now();
    let sent = race(bench, |store, task| async move {
        let owner = format!("daemon {task}");
        while let Some(due) = store.take_due_letter(&owner, now, LEASE).await.unwrap() {
            let text = postsluse::store::ComposedLetter {
                pdf: SealedBytes(vec![1]),
                recipient: SealedBytes(vec![2]),
                recipient_tag: Tag(vec![3]),
                message_id: format!("<{}@imdi.example>", due.letter.id),
            };
            store.letter_composed(&due.lease, &text, LIMIT, now).await.unwrap();
        }
        let mut sent = Vec::new();
        while let Some(outgoing) = store.take_outgoing(&owner, now, LEASE).await.unwrap() {
            store.letter_sent(&outgoing.lease, now).await.unwrap();
            sent.push(outgoing.message_id);
        }
        sent
    })
    .await;
    let sent: Vec<String> = sent.into_iter().flatten().collect();
    // A task may stop before another has composed the last letters: those wait, they are not lost.
    let left = store.pending(now).await.unwrap().letters_waiting;
    assert_eq!(u64::try_from(sent.len()).unwrap() + left, 12);
    assert_eq!(sent.iter().collect::<BTreeSet<_>>().len(), sent.len());
}
