//! Letters as a queue, and the backlog.

use std::time::Duration;

use postsluse::clock::Timestamp;
use postsluse::document::LetterId;
use postsluse::store::{ComposedLetter, EventCode, Fault, Filing, LetterState, NewRecord, Outcome, Page, RateLimit, StoreError, Tag};

use super::bench::{Bench, LEASE, LIMIT, PERSON, code, letter_text};

pub async fn a_letter_is_composed_before_it_is_sent(bench: &Bench) {
    let store = bench.store().await;
    let id = bench.due(&store, 1).await;
    assert_eq!(store.take_outgoing("daemon a", bench.now(), LEASE).await.unwrap(), None, "nothing is composed yet");
    let due = store.take_due_letter("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
    assert_eq!((due.letter.id, due.attempt, due.letter.our_ref.to_string().as_str()), (id, 1, "26-00100-2"));
    assert_eq!(store.take_due_letter("daemon b", bench.now(), LEASE).await.unwrap(), None, "it is taken");
    assert!(store.letter_sent(&due.lease, bench.now()).await.is_err(), "what is not composed is not sent");
    store.letter_composed(&due.lease, &letter_text(1), LIMIT, bench.now()).await.unwrap();
    let row = store.letter(id).await.unwrap();
    assert_eq!((row.state, row.attempts, row.message_id.as_deref()), (LetterState::Composed, 0, Some("<1@imdi.example>")));

    let outgoing = store.take_outgoing("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
    assert_eq!((outgoing.attempt, outgoing.pdf, outgoing.recipient), (1, letter_text(1).pdf, letter_text(1).recipient));
    assert_eq!(outgoing.message_id, "<1@imdi.example>");
    assert_eq!(outgoing.letter.record, due.letter.record);
    store.letter_sent(&outgoing.lease, bench.now()).await.unwrap();
    let row = store.letter(id).await.unwrap();
    assert_eq!((row.state, row.sent_at.is_some()), (LetterState::Sent, true));
    assert_eq!(store.case_events(row.case).await.unwrap().last().map(|event| (event.code, event.letter)), Some((EventCode::LetterSent, Some(id))));
    assert_eq!(store.take_outgoing("daemon a", bench.pass(LEASE * 10), LEASE).await.unwrap(), None);
    assert!(matches!(store.letter(LetterId::new(&bench.clock, &bench.entropy)).await, Err(StoreError::Final(Fault::NotFound { kind: "letter", .. }))));
}

pub async fn sending_is_retried_until_it_is_given_up(bench: &Bench) {
    let store = bench.store().await;
    let id = bench.composed(&store, 1).await;
    for attempt in 1..=3 {
        let outgoing = store.take_outgoing("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
        assert_eq!((outgoing.attempt, outgoing.message_id.as_str()), (attempt, "<1@imdi.example>"));
        store.letter_retry(&outgoing.lease, bench.now() + Duration::from_mins(5), &code("smtp_451"), bench.now()).await.unwrap();
        assert_eq!(store.letter(id).await.unwrap().last_error_code.as_deref(), Some("smtp_451"));
        assert_eq!(store.take_outgoing("daemon a", bench.pass(Duration::from_secs(299)), LEASE).await.unwrap(), None);
        bench.pass(Duration::from_secs(1));
    }
    let outgoing = store.take_outgoing("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
    store.letter_failed(&outgoing.lease, &code("smtp_550"), bench.now()).await.unwrap();
    let row = store.letter(id).await.unwrap();
    assert_eq!((row.state, row.last_error_code.as_deref()), (LetterState::Failed, Some("smtp_550")));
    assert_eq!(store.take_outgoing("daemon a", bench.pass(LEASE * 10), LEASE).await.unwrap(), None);
    // A person takes it up: the same letter under the same Message-ID.
    assert_eq!(store.resume_letter(id, PERSON, bench.now()).await.unwrap(), LetterState::Composed);
    let outgoing = store.take_outgoing("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
    assert_eq!((outgoing.attempt, outgoing.message_id.as_str()), (1, "<1@imdi.example>"));
    store.letter_sent(&outgoing.lease, bench.now()).await.unwrap();
    let refused = store.resume_letter(id, PERSON, bench.now()).await;
    assert!(matches!(refused, Err(StoreError::Final(Fault::LetterStep { state: LetterState::Sent, .. }))), "{refused:?}");
}

pub async fn a_letter_waits_for_its_address(bench: &Bench) {
    let store = bench.store().await;
    let id = bench.due(&store, 1).await;
    let due = store.take_due_letter("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
    store.letter_waits_for_address(&due.lease, bench.now()).await.unwrap();
    let row = store.letter(id).await.unwrap();
    assert_eq!((row.state, row.last_error_code.as_deref()), (LetterState::WaitingAddress, Some("no_address")));
    assert_eq!(store.case_events(row.case).await.unwrap().last().unwrap().code, EventCode::LetterWaits);
    assert_eq!(store.take_due_letter("daemon a", bench.pass(LEASE * 10), LEASE).await.unwrap(), None);
    assert_eq!(store.resume_letters_without_address(bench.now()).await.unwrap(), 1);
    assert_eq!(store.resume_letters_without_address(bench.now()).await.unwrap(), 0);
    let due = store.take_due_letter("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
    assert_eq!((due.letter.id, due.attempt), (id, 1));
    store.letter_failed(&due.lease, &code("template"), bench.now()).await.unwrap();
    assert_eq!(store.resume_letter(id, PERSON, bench.now()).await.unwrap(), LetterState::Due, "it was never composed");
    assert_eq!(store.letters(Some(LetterState::Due), Page::newest(5)).await.unwrap().len(), 1);
    assert!(store.letters(Some(LetterState::Failed), Page::newest(5)).await.unwrap().is_empty());
}

pub async fn a_letter_that_came_back_is_known(bench: &Bench) {
    let store = bench.store().await;
    let id = bench.composed(&store, 1).await;
    let bounce = async |number: u8, message_id: &str| {
        let taken = bench.reading(&store, number).await;
        let record = NewRecord { returned: Some(message_id.into()), ..bench.record(1, 3, Outcome::Review) };
        store.file(&taken.lease, &Filing { pages: 1, records: vec![record] }, bench.now()).await.unwrap().remove(0).record
    };
    bounce(2, "<1@imdi.example>").await;
    assert_eq!(store.letter(id).await.unwrap().last_error_code, None, "it has not been sent");
    let outgoing = store.take_outgoing("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
    store.letter_sent(&outgoing.lease, bench.now()).await.unwrap();
    bounce(3, "<x@elsewhere.example>").await;
    assert_eq!(store.letter(id).await.unwrap().last_error_code, None, "another's");
    let record = bounce(4, "<1@imdi.example>").await;
    let row = store.letter(id).await.unwrap();
    assert_eq!((row.state, row.last_error_code.as_deref()), (LetterState::Sent, Some("returned")));
    let last = store.case_events(row.case).await.unwrap().pop().unwrap();
    assert_eq!((last.code, last.record, last.letter), (EventCode::LetterReturned, Some(record), Some(id)));
}

pub async fn too_many_to_one_address_wait_for_a_person(bench: &Bench) {
    let store = bench.store().await;
    let compose = async |number: u8, limit: RateLimit| {
        let id = bench.due(&store, number).await;
        let due = store.take_due_letter("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
        let to_one = ComposedLetter { recipient_tag: Tag(vec![1; 32]), ..letter_text(number) };
        (id, store.letter_composed(&due.lease, &to_one, limit, bench.now()).await.unwrap())
    };
    let two = |since| RateLimit { since, letters: 2 };
    let start = bench.now() - Duration::from_secs(1);
    assert!(compose(1, two(start)).await.1 && compose(2, two(start)).await.1);
    let (held, went) = compose(3, two(start)).await;
    assert!(!went);
    let row = store.letter(held).await.unwrap();
    assert_eq!((row.state, row.last_error_code.as_deref()), (LetterState::Failed, Some("rate_limit")));
    // What is older does not count, and neither does what a person wants.
    bench.pass(Duration::from_hours(25));
    assert!(compose(4, two(bench.now() - Duration::from_hours(24))).await.1);
    assert_eq!(store.resume_letter(held, PERSON, bench.now()).await.unwrap(), LetterState::Due);
    let due = store.take_due_letter("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
    assert_eq!(due.letter.id, held);
    let to_one = ComposedLetter { recipient_tag: Tag(vec![1; 32]), ..letter_text(3) };
    assert!(store.letter_composed(&due.lease, &to_one, RateLimit { since: start, letters: 1 }, bench.now()).await.unwrap());
}

pub async fn a_late_sender_is_refused(bench: &Bench) {
    let store = bench.store().await;
    bench.composed(&store, 1).await;
    let slow = store.take_outgoing("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
    bench.pass(LEASE);
    let taken = store.take_outgoing("daemon a", bench.now(), LEASE).await.unwrap().unwrap();
    assert_eq!((taken.attempt, &taken.message_id), (2, &slow.message_id));
    for refused in [
        store.letter_sent(&slow.lease, bench.now()).await,
        store.letter_retry(&slow.lease, bench.now(), &code("smtp_451"), bench.now()).await,
        store.letter_failed(&slow.lease, &code("smtp_550"), bench.now()).await,
        store.letter_waits_for_address(&slow.lease, bench.now()).await,
        store.letter_composed(&slow.lease, &letter_text(1), LIMIT, bench.now()).await.map(|_| ()),
    ] {
        assert!(matches!(refused, Err(StoreError::Final(Fault::LeaseLost { kind: "letter", .. }))), "{refused:?}");
    }
    store.letter_sent(&taken.lease, bench.now()).await.unwrap();
    // The turn is the right one, but the work is over.
    assert!(matches!(store.letter_retry(&taken.lease, bench.now(), &code("smtp_451"), bench.now()).await, Err(StoreError::Final(Fault::LeaseLost { .. }))));
}

pub async fn the_backlog_counts_everything(bench: &Bench) {
    let store = bench.store().await;
    let idle = store.pending(bench.now()).await.unwrap();
    assert!(idle.is_idle());
    assert_eq!(idle.next_at, None);
    let start = bench.now();
    bench.filed(&store, 1, Outcome::Review).await;
    bench.composed(&store, 2).await;
    bench.due(&store, 3).await;
    let reviewed = store.pending(bench.now()).await.unwrap();
    assert_eq!((reviewed.letters_waiting, reviewed.is_idle()), (2, false));
    bench.reading(&store, 4).await;
    bench.pass(Duration::from_secs(1));
    bench.received(&store, 5).await;
    bench.claimed(&store, 6, "daemon a").await;
    let pending = store.pending(bench.now()).await.unwrap();
    assert_eq!((pending.claims_open, pending.documents_waiting, pending.reading, pending.letters_waiting), (1, 1, 1, 2));
    assert_eq!(pending.next_at.map(Timestamp::as_microsecond), Some(start.as_microsecond()));
    let backlog = store.backlog().await.unwrap();
    let counts = |counts: &std::collections::BTreeMap<String, u64>| counts.iter().map(|(state, count)| format!("{state} {count}")).collect::<Vec<_>>();
    assert_eq!(counts(&backlog.documents), ["filed 3", "reading 1", "received 1"]);
    assert_eq!(counts(&backlog.records), ["complete 2", "review 1"]);
    assert_eq!(counts(&backlog.letters), ["composed 1", "due 1"]);
    let micros = Some(start.as_microsecond());
    assert_eq!((backlog.oldest_document.map(Timestamp::as_microsecond), backlog.oldest_review.map(Timestamp::as_microsecond)), (micros, micros));
}
