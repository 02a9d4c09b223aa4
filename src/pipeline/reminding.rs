//! Reminders: an anmodning whose deadline has passed without an answer makes a letter due, once for each deadline.

use super::event::Event;
use super::register::{Brief, open_anmodning};
use super::{Pipeline, Step, StepError, open_envelope, settling};
use crate::clock::ToSpan;
use crate::document::LetterId;
use crate::letters::Language;
use crate::record::{Field, Kind, RecordState, Value};
use crate::store::{AnmodningRow, LetterKind, NewLetter, Page, RecordFilter};

/// So many records are looked through for an answer that waits for a person. Who has more has other troubles than a reminder too many.
const LOOKED_THROUGH: u32 = 1000;
/// How long a reminder is put off while an answer waits for a person, minutes.
const A_DAY: i64 = 24 * 60;
/// How long it is put off while documents wait for a reader, minutes.
const A_WHILE: i64 = 10;

impl Pipeline {
    /// Makes one reminder due.
    ///
    /// # Errors
    /// When the store fails or something does not open.
    pub async fn remind_next(&self) -> Result<Step, StepError> {
        let now = self.desk.clock.now();
        let Some(row) = self.desk.store.next_to_remind(now).await? else { return Ok(Step::Idle) };
        let off = |minutes: i64| now.checked_add(minutes.minutes()).ok();
        let until = if !row.status.awaits_answer() {
            Some(None)
        } else if self.desk.config.remind_after_days.is_none() {
            Some(off(A_DAY))
        } else if self.desk.store.pending(now).await?.documents_waiting > 0 {
            // What has come in and is not read may be the answer.
            Some(off(A_WHILE))
        } else {
            match self.has_answer_in_review(&row.kommune).await {
                Ok(false) => None,
                Ok(true) => {
                    self.tell(Event::ReminderPutOff { kommune: row.kommune.clone(), year: row.year });
                    Some(off(A_DAY))
                }
                Err(error) => not_reminded(&row, error).map(|()| Some(off(A_DAY)))?,
            }
        };
        if let Some(until) = until {
            self.desk.store.put_reminder_off(&row, until, now).await?;
            return Ok(Step::Worked);
        }
        match self.reminder(&row) {
            Ok(letter) => _ = self.desk.store.remind(&row, &letter, now).await?,
            Err(error) => {
                not_reminded(&row, error)?;
                self.desk.store.put_reminder_off(&row, off(A_DAY), now).await?;
            }
        }
        Ok(Step::Worked)
    }

    fn reminder(&self, row: &AnmodningRow) -> Result<NewLetter, StepError> {
        let anmodning = open_anmodning(&self.desk.vault, row)?;
        let id = LetterId::new(self.desk.clock.as_ref(), self.desk.entropy.as_ref());
        let brief = Brief::Reminder {
            kommune: row.kommune.clone(),
            year: u16::try_from(row.year).unwrap_or_default(),
            asked: anmodning.asked,
            answer_by: anmodning.answer_by,
            sent: anmodning.sent,
            registered: anmodning.registered.is_some(),
        };
        let language = self.desk.config.kommuner.get(&row.kommune).and_then(|contact| contact.maalform.clone());
        let envelope = open_envelope(&self.desk.vault, &row.envelope)?;
        Ok(NewLetter {
            id,
            kind: LetterKind::Purring,
            language: language.unwrap_or_else(|| Language::default().code().to_owned()),
            brief: Some(brief.seal(&envelope, id)),
            automatic: true,
        })
    }

    /// Whether something from or about the kommune waits for a person: it may be the answer, and who has answered is not reminded.
    async fn has_answer_in_review(&self, kommune: &str) -> Result<bool, StepError> {
        let filter = RecordFilter { state: Some(RecordState::Review), ..RecordFilter::default() };
        for record in self.desk.store.records(filter, Page::newest(LOOKED_THROUGH)).await? {
            if !matches!(record.kind, Kind::Letter | Kind::Mail) {
                continue;
            }
            let open = settling::open_record(&self.desk.store, &self.desk.vault, record.id).await?;
            if open.fields.iter().any(|field| names(field, kommune)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// One anmodning that does not open is that anmodning's trouble and not the service's.
fn not_reminded(row: &AnmodningRow, error: StepError) -> Result<(), StepError> {
    if error.may_pass() {
        return Err(error);
    }
    tracing::error!(anmodning = %row.id, error = %error, "a kommune could not be reminded; it is tried again in a day");
    Ok(())
}

/// Whether a field names the kommune, accepted or not.
fn names(field: &Field, kommune: &str) -> bool {
    let named = ["kommune", crate::mail::fields::SENDER_KOMMUNE].contains(&field.name.as_str());
    let value = field.content.ordinary().and_then(|content| content.value.as_ref()).and_then(Value::as_text);
    named && value.is_some_and(|value| value.split_whitespace().any(|number| number == kommune))
}
