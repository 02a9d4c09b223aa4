//! From a reading to rows: the original out of the spool, the records sealed, their consequences drawn, all filed in one transaction.

use std::borrow::Cow;
use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

use super::believed;
use super::event::Event;
use super::register::{Brief, Weighing, accepted_text};
use super::{Desk, Pipeline, StepError};
use crate::cases::{self, Route};
use crate::clock::office_date;
use crate::document::{CaseId, EnvelopeId, LetterId, Origin, PersonId, RecordId};
use crate::letters::Language;
use crate::record::{Decision, Field, Finding, FormRef, Kind, Part, Reading};
use crate::seal::{self, SealedPart};
use crate::sender::Verdict;
use crate::spool::Spool;
use crate::store::{
    CaseKey, Consequences, Fault, Filing, LetterKind, NewEnvelope, NewField, NewLetter, NewRecord, Outcome, SealedBytes, Series, StoreError, Tag, Taken,
};
use crate::vault::{Envelope, OpenedStream, StreamOpener};

/// The name that the records of a kommune's decision bear.
const VEDTAK: &str = "vedtak";

/// An original on its way from the spool to a reader.
pub(super) struct SealedOriginal(OpenedStream<std::fs::File>);

impl SealedOriginal {
    pub(super) fn open(spool: &Spool, name: &str, opener: StreamOpener) -> std::io::Result<Self> {
        Ok(Self(OpenedStream::new(spool.read(name)?, opener)))
    }
}

impl AsyncRead for SealedOriginal {
    /// The spool is a local folder, so a chunk is read in place: handing 64 KiB to another thread costs more than reading it.
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let read = self.0.read(buffer.initialize_unfilled());
        Poll::Ready(read.map(|bytes| buffer.advance(bytes)))
    }
}

/// How often a document is filed anew because the register of its kommune was changed at the same moment.
const WEIGHINGS: u32 = 5;

impl Pipeline {
    /// Seals what was read and files it: records, fields, crops, texts, cases and the letters that are due, all or nothing.
    pub(super) async fn file(&self, taken: &Taken, envelope: &Envelope, mut reading: Reading, sender: Option<&Verdict>) -> Result<(), StepError> {
        believed::hold(&mut reading, &self.forms);
        if taken.origin == Origin::Mail || sender.is_some() {
            believed::hold_to_sender(&mut reading, sender);
        }
        let mut weighings = 1;
        let (filing, filed) = loop {
            let filing = self.filing(envelope, &reading).await?;
            match self.desk.store.file(&taken.lease, &filing, self.desk.clock.now()).await {
                Err(StoreError::Final(Fault::RegisterMoved { .. })) if weighings < WEIGHINGS => weighings += 1,
                filed => break (filing, filed?),
            }
        };
        for (record, filed) in filing.records.iter().zip(filed) {
            self.tell(Event::Filed {
                document: taken.lease.id(),
                record: record.id,
                what: record.form.as_ref().map_or_else(|| record.kind.as_str().to_owned(), |(form, version)| format!("{form} version {version}")),
                pages: record.pages,
                accepted: record.accepted,
                to_review: record.to_review,
                state: filed.state.as_str(),
            });
        }
        Ok(())
    }

    /// The rows of a reading, each vedtak weighed against what is registered now.
    async fn filing(&self, envelope: &Envelope, reading: &Reading) -> Result<Filing, StepError> {
        let by_hand = reading.parts.first().is_some_and(|part| is_automatic_mail(part.kind, &part.fields));
        let mut weighings = Vec::with_capacity(reading.parts.len());
        for part in &reading.parts {
            weighings.push(if is_vedtak(part.form.as_ref()) { self.desk.weigh(&part.fields).await? } else { None });
        }
        let mut records = Vec::with_capacity(reading.parts.len());
        for ((part_number, part), weighing) in (1..).zip(&reading.parts).zip(&weighings) {
            let id = RecordId::new(self.desk.clock.as_ref(), self.desk.entropy.as_ref());
            let mut findings: Vec<Finding> = weighing.iter().flat_map(Weighing::doubts).collect();
            // Which of them counts, none of them says: the first waits as well as the others.
            let of_same = |kommune: &str| weighings.iter().flatten().filter(|other| other.kommune == kommune).count();
            if weighing.as_ref().is_some_and(|weighing| of_same(&weighing.kommune) > 1) {
                findings.push(Finding::general("several_vedtak", "Dokumentet har flere vedtak fra samme kommune. Avgjør hvilket som gjelder."));
            }
            let part = if findings.is_empty() { Cow::Borrowed(part) } else { Cow::Owned(with_findings(part, findings)) };
            let route = cases::route(part.kind, part.form.as_ref(), &part.fields, !part.findings.is_empty(), false);
            let outcome = self.desk.outcome(route, &Following { weighing: weighing.as_ref(), envelope, record: id, by_hand, by_mail: false });
            let returned = part.fields.iter().find(|field| field.name == "retur_av").and_then(accepted_text);
            records.push(NewRecord { returned, ..new_record(id, part_number, seal::seal_part(envelope, id, &part), outcome) });
        }
        Ok(Filing { pages: reading.pages, records })
    }
}

fn is_vedtak(form: Option<&FormRef>) -> bool {
    form.is_some_and(|form| form.name == VEDTAK)
}

fn with_findings(part: &Part, findings: Vec<Finding>) -> Part {
    let mut part = part.clone();
    part.findings.extend(findings);
    part
}

/// Whether this is a mail that a machine or a list sent: it is never answered by itself.
pub(super) fn is_automatic_mail(kind: Kind, fields: &[Field]) -> bool {
    kind == Kind::Mail && fields.iter().any(|field| field.name == "automatisk" && field.decision != Decision::Empty)
}

/// What the outcome of a record depends on beside its route.
pub(super) struct Following<'a> {
    /// A vedtak, held against the register.
    pub(super) weighing: Option<&'a Weighing>,
    /// The envelope of the record.
    pub(super) envelope: &'a Envelope,
    /// The record.
    pub(super) record: RecordId,
    /// Whether no receipt goes out by itself.
    pub(super) by_hand: bool,
    /// Whether it is a person's form that came by mail: the sender is told to use the post.
    pub(super) by_mail: bool,
}

impl Desk {
    /// What the store is to carry out.
    pub(super) fn outcome(&self, route: Route, following: &Following<'_>) -> Outcome {
        let (clock, entropy) = (self.clock.as_ref(), self.entropy.as_ref());
        let consequences = |case, letter, registering| {
            Outcome::Case(Box::new(Consequences { case, new_case: CaseId::new(clock, entropy), series: self.series(), letter, registering }))
        };
        match route {
            Route::Wait => Outcome::Review,
            Route::Nothing => Outcome::Closed,
            Route::Person(numbers) => {
                let tag = |kind: &str, number: &String| (kind.to_owned(), Tag(self.vault.blind_index("person", kind, number).as_bytes().to_vec()));
                let tags = [("duf", &numbers.duf), ("fnr", &numbers.fnr)].into_iter().filter_map(|(kind, number)| Some(tag(kind, number.as_ref()?))).collect();
                consequences(
                    CaseKey::Person { tags, new_person: PersonId::new(clock, entropy), new_envelope: self.new_envelope() },
                    self.word_to_the_sender(following.by_mail, following.by_hand),
                    None,
                )
            }
            Route::Vedtak(found) => {
                let case = CaseKey::Kommune { number: found.kommune.clone(), year: found.year };
                let Following { weighing, envelope, record, by_hand, .. } = *following;
                let Some(weighing) = weighing else { return Outcome::Review };
                let answered = !by_hand && !weighing.repeats();
                let receipt = answered.then(|| {
                    let id = LetterId::new(clock, entropy);
                    let weighed = weighing.weighed.clone();
                    let brief = Brief::Receipt { points: weighed.points, now_total: weighed.now_total, replaces: weighed.replaces };
                    let language = self.language(&found.kommune, found.language);
                    NewLetter { id, kind: LetterKind::Kvittering, language, brief: Some(brief.seal(envelope, id)), automatic: true }
                });
                consequences(case, receipt, Some(self.registering(weighing, envelope, record, by_hand)))
            }
            Route::Inquiry => consequences(CaseKey::Inquiry, self.word_to_the_sender(true, following.by_hand), None),
        }
    }

    /// A few words to who wrote by mail what belongs in the post; none to a machine.
    fn word_to_the_sender(&self, wanted: bool, by_hand: bool) -> Option<NewLetter> {
        let id = LetterId::new(self.clock.as_ref(), self.entropy.as_ref());
        let language = Language::default().code().to_owned();
        (wanted && !by_hand).then_some(NewLetter { id, kind: LetterKind::Varsel, language, brief: None, automatic: true })
    }

    /// The series that cases get their numbers from today.
    pub(super) fn series(&self) -> Series {
        Series { year: office_date(self.clock.now()).year(), first: self.config.office.first_case_number }
    }

    /// The language that a kommune is written to in: the one it wants, else the one it wrote in.
    pub(super) fn language(&self, kommune: &str, written: Option<String>) -> String {
        let contact = self.config.kommuner.get(kommune);
        // It stands in clear in the letter's row, so it is one of the languages there are and not whatever was read.
        let written = written.filter(|code| Language::from_code(code).is_some());
        contact.and_then(|contact| contact.maalform.clone()).or(written).unwrap_or_else(|| Language::default().code().to_owned())
    }

    /// A new envelope to be stored.
    pub(super) fn new_envelope(&self) -> NewEnvelope {
        self.opened_envelope().1
    }

    /// A new envelope, open, and as it is to be stored.
    pub(super) fn opened_envelope(&self) -> (Envelope, NewEnvelope) {
        let id = EnvelopeId::new(self.clock.as_ref(), self.entropy.as_ref());
        let (envelope, wrapped) = self.vault.new_envelope(id);
        (envelope, NewEnvelope { id, kek_id: wrapped.kek().to_string(), wrapped_dek: SealedBytes(wrapped.as_bytes().to_vec()) })
    }
}

fn new_record(id: RecordId, part_number: u32, sealed: SealedPart, outcome: Outcome) -> NewRecord {
    let bytes = |sealed: crate::vault::Sealed| SealedBytes(sealed.into_bytes());
    NewRecord {
        id,
        part_number,
        kind: sealed.outline.kind,
        form: sealed.outline.form,
        pages: sealed.outline.pages,
        to_review: sealed.outline.to_review,
        accepted: sealed.outline.accepted,
        summary: bytes(sealed.summary),
        fields: sealed.fields.into_iter().map(|field| NewField { name: field.name, sealed: bytes(field.sealed) }).collect(),
        crops: sealed.crops.map(bytes),
        text: sealed.text.map(bytes),
        returned: None,
        outcome,
    }
}
