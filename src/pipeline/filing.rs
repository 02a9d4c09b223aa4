//! From a reading to rows: the original out of the spool, the records sealed, their consequences drawn, all filed in one transaction.

use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

use super::believed;
use super::event::Event;
use super::{Desk, Pipeline, StepError};
use crate::cases::{self, Route};
use crate::clock::office_date;
use crate::document::{CaseId, EnvelopeId, LetterId, Origin, PersonId, RecordId};
use crate::letters::Language;
use crate::record::{Part, Reading};
use crate::seal::{self, SealedPart};
use crate::sender::Verdict;
use crate::spool::Spool;
use crate::store::{CaseKey, Consequences, Filing, LetterKind, NewEnvelope, NewField, NewLetter, NewRecord, Outcome, SealedBytes, Series, Tag, Taken};
use crate::vault::{Envelope, OpenedStream, StreamOpener};

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

impl Pipeline {
    /// Seals what was read and files it: records, fields, crops, texts, cases and the letters that are due, all or nothing.
    pub(super) async fn file(&self, taken: &Taken, envelope: &Envelope, mut reading: Reading, sender: Option<&Verdict>) -> Result<(), StepError> {
        believed::hold(&mut reading, &self.forms);
        if taken.origin == Origin::Mail || sender.is_some() {
            believed::hold_to_sender(&mut reading, sender);
        }
        let new_record = |(part_number, part): (u32, &Part)| {
            let id = RecordId::new(self.desk.clock.as_ref(), self.desk.entropy.as_ref());
            let route = cases::route(part.kind, part.form.as_ref(), &part.fields, !part.findings.is_empty(), false);
            new_record(id, part_number, seal::seal_part(envelope, id, part), self.desk.outcome(route))
        };
        let filing = Filing { pages: reading.pages, records: (1..).zip(&reading.parts).map(new_record).collect() };
        let filed = self.desk.store.file(&taken.lease, &filing, self.desk.clock.now()).await?;
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
}

impl Desk {
    /// What the store is to carry out.
    pub(super) fn outcome(&self, route: Route) -> Outcome {
        let (clock, entropy) = (self.clock.as_ref(), self.entropy.as_ref());
        let series = Series { year: office_date(clock.now()).year(), first: self.config.office.first_case_number };
        let consequences = |case, receipt| Outcome::Case(Consequences { case, new_case: CaseId::new(clock, entropy), series, receipt });
        match route {
            Route::Wait => Outcome::Review,
            Route::Nothing => Outcome::Closed,
            Route::Person(numbers) => {
                let tag = |kind: &str, number: &String| (kind.to_owned(), Tag(self.vault.blind_index("person", kind, number).as_bytes().to_vec()));
                let tags = [("duf", &numbers.duf), ("fnr", &numbers.fnr)].into_iter().filter_map(|(kind, number)| Some(tag(kind, number.as_ref()?))).collect();
                let id = EnvelopeId::new(clock, entropy);
                let (_, wrapped) = self.vault.new_envelope(id);
                let new_envelope = NewEnvelope { id, kek_id: wrapped.kek().to_string(), wrapped_dek: SealedBytes(wrapped.as_bytes().to_vec()) };
                consequences(CaseKey::Person { tags, new_person: PersonId::new(clock, entropy), new_envelope }, None)
            }
            Route::Vedtak(found) => {
                let contact = self.config.kommuner.get(&found.kommune);
                // It stands in clear in the letter's row, so it is one of the languages there are and not whatever was read.
                let read = found.language.filter(|code| Language::from_code(code).is_some());
                let language = contact.and_then(|contact| contact.maalform.clone()).or(read).unwrap_or_else(|| "nb".to_owned());
                let receipt = NewLetter { id: LetterId::new(clock, entropy), kind: LetterKind::Kvittering, language };
                consequences(CaseKey::Kommune { number: found.kommune, year: found.year }, Some(receipt))
            }
        }
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
        outcome,
    }
}
