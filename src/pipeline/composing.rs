//! A letter that is due is composed: what it is to say is opened, written, sealed and given its Message-ID.
//!
//! A letter holds no personal data, and is sealed all the same. Letters go to the address that the configuration has of the kommune, never to one that a mail
//! brought; the one exception is the word to somebody who wrote what belongs in the post.

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::register::{Brief, accepted_text, open_anmodning};
use super::{Pipeline, Step, StepError, settling};
use crate::audit::Code;
use crate::cases::{Facts, Point};
use crate::clock::{Date, ToSpan, office_date};
use crate::document::{LetterId, OurRef, RecordId};
use crate::letters::{Background, ByPost, FollowUp, Frame, Language, Letter, Receipt, Reminder};
use crate::mail::fields;
use crate::record::{Field, Kind};
use crate::registry::kommuner;
use crate::seal;
use crate::store::{ComposedLetter, DueLetter, Fault, LetterKind, LetterRow, RateLimit, SealedBytes, StoreError, Tag};
use crate::vault::{Envelope, Place};

/// Letters to one address are counted so far back.
const COUNTED_HOURS: i64 = 24;

/// What goes with the PDF, sealed beside it.
#[derive(Serialize, Deserialize)]
pub(super) struct Cover {
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) body: String,
    /// Empty when there is no PDF.
    pub(super) pdf_name: String,
    /// The Message-ID of the mail that it answers.
    #[serde(default)]
    pub(super) answers: Option<String>,
}

/// What became of a letter that was due.
enum Composed {
    /// It is written, and goes to this address.
    Letter(Box<Written>),
    /// Nobody knows where to send it.
    NoAddress,
    /// There is no longer any reason to send it.
    Idle(&'static str),
}

/// A letter with its recipient.
struct Written {
    to: String,
    letter: Letter,
    answers: Option<String>,
}

impl Pipeline {
    /// Composes one letter that is due.
    ///
    /// # Errors
    /// When the store fails or the record does not open. A letter that cannot be written waits for a person.
    pub async fn write_next_letter(&self) -> Result<Step, StepError> {
        let Some(due) = self.desk.store.take_due_letter(&self.owner, self.desk.clock.now(), self.desk.config.intake.lease).await? else {
            return Ok(Step::Idle);
        };
        match self.write(&due).await {
            // Another daemon has taken it over: what it does counts.
            Err(StepError::Store(StoreError::Final(Fault::LeaseLost { .. }))) => Ok(Step::Worked),
            outcome => outcome.map(|()| Step::Worked),
        }
    }

    async fn write(&self, due: &DueLetter) -> Result<(), StepError> {
        let (our_ref, store, now) = (due.letter.our_ref.to_string(), &self.desk.store, self.desk.clock.now());
        match self.compose(&due.letter).await {
            Ok(Composed::Letter(written)) => {
                let envelope = self.open_envelope(&due.letter.envelope)?;
                let limit = RateLimit { since: now.checked_sub(COUNTED_HOURS.hours()).unwrap_or(now), letters: self.desk.config.mail.per_address };
                if store.letter_composed(&due.lease, &self.seal_letter(&envelope, due.lease.id(), *written), limit, now).await? {
                    self.tell(Event::LetterComposed { letter: due.lease.id(), our_ref });
                } else {
                    let why = format!(
                        "{} letters have gone to that address in a day and a night (mail.per_address_and_day); look why, then `postsluse letters retry` sends it",
                        limit.letters
                    );
                    self.tell(Event::LetterDelayed { letter: due.lease.id(), our_ref, why });
                }
            }
            Ok(Composed::NoAddress) => {
                store.letter_waits_for_address(&due.lease, now).await?;
                let why = "no e-mail address is known for it; write the kommune's under [kommune.NNNN] in the configuration, then restart".to_owned();
                self.tell(Event::LetterDelayed { letter: due.lease.id(), our_ref, why });
            }
            Ok(Composed::Idle(why)) => {
                store.letter_withdrawn(&due.lease, &Code::or_unnamed("no_reason"), now).await?;
                self.tell(Event::LetterWithdrawn { letter: due.lease.id(), our_ref, why: why.to_owned() });
            }
            Err(error) if error.may_pass() => {
                store.letter_retry(&due.lease, now, &Code::or_unnamed("composing"), now).await?;
                return Err(error);
            }
            Err(error) => {
                tracing::error!(letter = %due.lease.id(), error = %error, "a letter cannot be written");
                store.letter_failed(&due.lease, &Code::or_unnamed("composing"), now).await?;
                self.tell(Event::LetterDelayed { letter: due.lease.id(), our_ref, why: error.to_string() });
            }
        }
        Ok(())
    }

    async fn compose(&self, letter: &LetterRow) -> Result<Composed, StepError> {
        let envelope = self.open_envelope(&letter.envelope)?;
        let brief = letter.brief.as_ref().map(|sealed| Brief::open(&envelope, letter.id, sealed)).transpose()?;
        match (letter.kind, brief, letter.record, letter.anmodning) {
            (LetterKind::Kvittering, brief, Some(record), _) => self.receipt(letter, record, brief).await,
            (LetterKind::Oppfolging, Some(Brief::FollowUp { points, answer_by }), Some(record), _) => {
                let fields = self.fields_of(record).await?;
                let Some((to, frame)) = self.desk.frame_of(letter, &fields) else { return Ok(Composed::NoAddress) };
                let written = follow_up(frame, &fields, points, answer_by).write(&self.desk.config.office, &self.fonts, self.desk.clock.now())?;
                Ok(self.written(to, written, self.answered(record).await?))
            }
            (LetterKind::Purring, Some(Brief::Reminder { kommune, year, asked, answer_by, sent, registered }), _, Some(anmodning)) => {
                let row = self.desk.store.anmodning(anmodning).await?;
                if !row.status.awaits_answer() {
                    return Ok(Composed::Idle("the kommune has answered in the meantime"));
                }
                if open_anmodning(&self.desk.vault, &row)?.answer_by != answer_by {
                    return Ok(Composed::Idle("the deadline has been moved in the meantime"));
                }
                let Some((to, frame)) = self.desk.frame(letter, &kommune, None) else { return Ok(Composed::NoAddress) };
                let reminder = Reminder { frame, years: vec![year], asked, answer_by, registered, sent };
                Ok(self.written(to, reminder.write(&self.desk.config.office, &self.fonts, self.desk.clock.now())?, None))
            }
            (LetterKind::Varsel, _, Some(record), _) => self.by_post(letter, record).await,
            _ => Err(seal::UnsealError::Content { place: "letters.brief".to_owned() }.into()),
        }
    }

    async fn receipt(&self, letter: &LetterRow, record: RecordId, brief: Option<Brief>) -> Result<Composed, StepError> {
        let fields = self.fields_of(record).await?;
        let Some((to, frame)) = self.desk.frame_of(letter, &fields) else { return Ok(Composed::NoAddress) };
        let (points, background) = match brief {
            Some(Brief::Receipt { points, now_total, replaces }) => (points, Background { now_total, replaces }),
            _ => (Vec::new(), Background::default()),
        };
        let receipt = Receipt { frame, facts: Facts::accepted(&fields), points, background };
        let written = receipt.write(&self.desk.config.office, &self.fonts, self.desk.clock.now())?;
        Ok(self.written(to, written, self.answered(record).await?))
    }

    /// A few words to the sender of the mail that a record came with.
    async fn by_post(&self, letter: &LetterRow, record: RecordId) -> Result<Composed, StepError> {
        let Some(fields) = self.mail_of(record).await? else { return Ok(Composed::NoAddress) };
        let text = |name: &str| fields.iter().find(|field| field.name == name).and_then(accepted_text);
        let Some(to) = text("fra") else { return Ok(Composed::NoAddress) };
        let note = ByPost {
            language: Language::from_code(&letter.language).unwrap_or_default(),
            our_ref: letter.our_ref,
            sent_by_kommune: text(fields::SENDER_KOMMUNE).is_some(),
        }
        .write(&self.desk.config.office)?;
        let letter = Letter { pdf: Vec::new(), pdf_name: String::new(), subject: note.subject, body_text: note.body_text };
        Ok(self.written(to, letter, text("melding_id")))
    }

    fn written(&self, to: String, letter: Letter, answers: Option<String>) -> Composed {
        // A mail from ourselves that came back by some way: an answer to it would come back too.
        if to.eq_ignore_ascii_case(&self.desk.config.mail.from) {
            return Composed::Idle("it would go to ourselves");
        }
        Composed::Letter(Box::new(Written { to, letter, answers }))
    }

    /// The Message-ID of the mail that a record came with.
    async fn answered(&self, record: RecordId) -> Result<Option<String>, StepError> {
        let fields = self.mail_of(record).await?.unwrap_or_default();
        Ok(fields.iter().find(|field| field.name == "melding_id").and_then(accepted_text))
    }

    /// The fields of the mail that a record came with; none when it came otherwise.
    async fn mail_of(&self, record: RecordId) -> Result<Option<Vec<Field>>, StepError> {
        let document = self.desk.store.record(record).await?.document;
        let first = self.desk.store.records_of(document).await?.into_iter().find(|row| row.part_number == 1 && row.kind == Kind::Mail);
        let Some(first) = first else { return Ok(None) };
        self.fields_of(first.id).await.map(Some)
    }

    async fn fields_of(&self, record: RecordId) -> Result<Vec<Field>, StepError> {
        Ok(settling::open_record(&self.desk.store, &self.desk.vault, record).await?.fields)
    }

    fn seal_letter(&self, envelope: &Envelope, id: LetterId, written: Written) -> ComposedLetter {
        let Written { to, letter, answers } = written;
        let tag = self.desk.vault.blind_index("recipient", "address", &to.to_lowercase());
        let cover = Cover { to, subject: letter.subject, body: letter.body_text, pdf_name: letter.pdf_name, answers };
        let cover = serde_json::to_vec(&cover).expect("strings are always JSON");
        ComposedLetter {
            pdf: SealedBytes(envelope.seal(&place(&id, "pdf"), &letter.pdf).into_bytes()),
            recipient: SealedBytes(envelope.seal(&place(&id, "cover"), &cover).into_bytes()),
            recipient_tag: Tag(tag.as_bytes().to_vec()),
            message_id: format!("<{id}@{}>", self.desk.config.mail.host),
        }
    }
}

impl super::Desk {
    /// Where a letter about a vedtak goes, and what stands around its words; none when nobody knows where to.
    pub(super) fn frame_of(&self, letter: &LetterRow, fields: &[Field]) -> Option<(String, Frame)> {
        let text = |name: &str| fields.iter().find(|field| field.name == name).and_then(accepted_text);
        // Their reference is the number of their own case; what their letter calls "deres ref" is ours.
        self.frame(letter, &text("kommune")?, text("arkivsak"))
    }

    fn frame(&self, letter: &LetterRow, kommune: &str, deres_ref: Option<String>) -> Option<(String, Frame)> {
        self.frame_for(kommune, deres_ref, letter.our_ref, &letter.language)
    }

    /// What stands around the words of a letter to a kommune, and its address.
    pub(super) fn frame_for(&self, kommune: &str, deres_ref: Option<String>, our_ref: OurRef, language: &str) -> Option<(String, Frame)> {
        let (contact, kommune) = (self.config.kommuner.get(kommune)?, kommuner::by_number(kommune)?);
        let name = format!("{} kommune", kommune.name);
        let frame = Frame {
            address: std::iter::once(name.clone()).chain(contact.adresse.iter().cloned()).collect(),
            kommune: name,
            deres_ref,
            our_ref,
            date: office_date(self.clock.now()),
            language: Language::from_code(language).unwrap_or_default(),
        };
        Some((contact.epost.clone(), frame))
    }
}

/// A letter that asks about a vedtak.
pub(super) fn follow_up(frame: Frame, fields: &[Field], points: Vec<Point>, answer_by: Option<Date>) -> FollowUp {
    let facts = Facts::accepted(fields);
    FollowUp { frame, years: facts.years(), decided: facts.decided, political_case: facts.political_case, points, answer_by }
}

fn place<'a>(letter: &'a LetterId, field: &'a str) -> Place<'a> {
    Place { table: "letters", record: letter.as_bytes(), field, revision: seal::FIRST_REVISION }
}

/// Opens a composed letter: the PDF and what goes with it.
pub(super) fn open_letter(envelope: &Envelope, id: LetterId, pdf: &[u8], cover: &[u8]) -> Result<(Vec<u8>, Cover), StepError> {
    let what = "a letter";
    let pdf = envelope.open(&place(&id, "pdf"), pdf).map_err(|source| StepError::Open { what, source })?;
    let cover = envelope.open(&place(&id, "cover"), cover).map_err(|source| StepError::Open { what, source })?;
    let cover = serde_json::from_slice(&cover).map_err(|_| seal::UnsealError::Content { place: "letters.cover".to_owned() })?;
    Ok((pdf.to_vec(), cover))
}
