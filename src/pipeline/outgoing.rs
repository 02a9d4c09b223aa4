//! Letters on their way: a composed letter is handed to the mail.
//!
//! The Message-ID is durable before the first attempt to send, and is the same in every attempt: if a process dies between the relay's "yes" and
//! our note of it, the kommune gets the same message twice, not two letters.

use super::composing::{Cover, open_letter};
use super::event::Event;
use super::{Pipeline, Step, StepError};
use crate::audit::Code;
use crate::config::Transport;
use crate::dispatch::{self, Answered, Enclosed, Failure, MessageId, Outgoing, Recipient};
use crate::document::LetterId;
use crate::store::{Fault, OutgoingLetter, StoreError};
use crate::vault::Envelope;

impl Pipeline {
    /// Hands one composed letter to the mail.
    ///
    /// # Errors
    /// When the store fails or the letter does not open. What the mail says ends in the letter's state.
    pub async fn send_next_letter(&self) -> Result<Step, StepError> {
        let Some(outgoing) = self.desk.store.take_outgoing(&self.owner, self.desk.clock.now(), self.desk.config.intake.lease).await? else {
            return Ok(Step::Idle);
        };
        let outcome = match self.send(&outgoing).await {
            // One letter that does not open is that letter's trouble and not the service's.
            Err(error @ (StepError::Open { .. } | StepError::Unseal(_))) => {
                tracing::error!(letter = %outgoing.lease.id(), error = %error, "a stored letter does not open");
                let failed = self.desk.store.letter_failed(&outgoing.lease, &Code::or_unnamed("does_not_open"), self.desk.clock.now()).await;
                self.tell(Event::LetterDelayed { letter: outgoing.lease.id(), our_ref: outgoing.letter.our_ref.to_string(), why: error.to_string() });
                failed.map_err(Into::into)
            }
            outcome => outcome,
        };
        match outcome {
            // Another daemon has taken it over while the relay was slow: what it does counts.
            Err(StepError::Store(StoreError::Final(Fault::LeaseLost { .. }))) => Ok(Step::Worked),
            outcome => outcome.map(|()| Step::Worked),
        }
    }

    async fn send(&self, outgoing: &OutgoingLetter) -> Result<(), StepError> {
        let (letter, our_ref) = (outgoing.lease.id(), outgoing.letter.our_ref.to_string());
        let envelope = self.open_envelope(&outgoing.letter.envelope)?;
        let (pdf, cover) = open_letter(&envelope, letter, &outgoing.pdf.0, &outgoing.recipient.0)?;
        let now = || self.desk.clock.now();
        let result = match message(outgoing, pdf, cover) {
            Some(message) => self.mailer.send(&message).await,
            None => Err(Failure::Final { code: "bad_address".to_owned() }),
        };
        match result {
            Ok(dispatch::Sent) => {
                self.desk.store.letter_sent(&outgoing.lease, now()).await?;
                let by = match &self.desk.config.mail.transport {
                    Transport::Smtp(_) => "smtp".to_owned(),
                    Transport::Folder(folder) => folder.join(format!("{}.eml", outgoing.message_id.trim_matches(['<', '>']))).display().to_string(),
                };
                self.tell(Event::LetterSent { letter, our_ref, by });
            }
            Err(failure) => {
                let again = match &failure {
                    Failure::Retry { .. } => dispatch::next_try(outgoing.attempt, now(), self.desk.entropy.as_ref()),
                    Failure::Final { .. } => None,
                };
                let code = Code::or_unnamed(failure.code());
                match again {
                    Some(next) => self.desk.store.letter_retry(&outgoing.lease, next, &code, now()).await?,
                    None => self.desk.store.letter_failed(&outgoing.lease, &code, now()).await?,
                }
                self.tell(Event::LetterDelayed { letter, our_ref, why: failure.to_string() });
            }
        }
        Ok(())
    }
}

/// The message; none when what was stored is no address or no Message-ID. A mail whose id is not one that can be repeated is answered without naming it.
fn message(outgoing: &OutgoingLetter, pdf: Vec<u8>, cover: Cover) -> Option<Outgoing> {
    Some(Outgoing {
        message_id: outgoing.message_id.parse::<MessageId>().ok()?,
        to: cover.to.parse::<Recipient>().ok()?,
        subject: cover.subject,
        body: cover.body,
        letter: (!pdf.is_empty()).then_some(Enclosed { pdf, name: cover.pdf_name }),
        date: outgoing.letter.created_at,
        answers: cover.answers.and_then(|id| id.parse::<Answered>().ok()),
    })
}

/// A composed letter as a person may look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedLetter {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// The recipient's address.
    pub to: String,
    /// The subject of the e-mail.
    pub subject: String,
    /// Its text.
    pub body: String,
}

/// Opens a stored letter for a person.
///
/// # Errors
/// When the vault refuses it.
pub fn open_stored_letter(envelope: &Envelope, id: LetterId, pdf: &[u8], recipient: &[u8]) -> Result<OpenedLetter, StepError> {
    let (pdf, cover) = open_letter(envelope, id, pdf, recipient)?;
    Ok(OpenedLetter { pdf, to: cover.to, subject: cover.subject, body: cover.body })
}
