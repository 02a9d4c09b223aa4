//! Following up: what stands open about a vedtak as a letter that a person looks at before it goes out.

use super::composing::follow_up;
use super::register::{Brief, accepted_text, open_task};
use super::settling::{self, OpenRecord};
use super::{Desk, StepError, open_envelope};
use crate::audit::Actor;
use crate::cases::{Facts, Point};
use crate::clock::Date;
use crate::document::{CaseId, LetterId, OurRef, RecordId};
use crate::letters::{Background, Letter, Receipt};
use crate::paper::Fonts;
use crate::store::{LetterKind, NewLetter, TaskFilter};

/// Why a letter about a record cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum FollowUpError {
    /// Nobody knows whom to ask, or about what.
    #[error("record {record} does not say which kommune decides for which year\nsettle `kommune` and `aar` first")]
    NoVedtak {
        /// The record.
        record: RecordId,
    },
    /// There is nothing to ask about.
    #[error("nothing is to be followed up about record {record}\n`postsluse tasks list` shows what is")]
    Nothing {
        /// The record.
        record: RecordId,
    },
    /// The kommune has no address.
    #[error("no e-mail address is known for kommune {kommune}\nwrite one under [kommune.{kommune}] in the configuration")]
    NoAddress {
        /// Kommunenummer.
        kommune: String,
    },
    /// Everything else.
    #[error(transparent)]
    Step(#[from] StepError),
}

impl From<crate::store::StoreError> for FollowUpError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Step(error.into())
    }
}

/// A letter as it would go out.
#[derive(Debug)]
pub struct Draft {
    /// Where to.
    pub to: String,
    /// The letter.
    pub letter: Letter,
}

/// What a letter would be about.
struct Matter {
    open: OpenRecord,
    kommune: String,
    year: i16,
    language: String,
    points: Vec<Point>,
    /// The receipt did not go out by itself: it is what goes out first, and this is what it says beside the points.
    receipt: Option<Background>,
}

impl Desk {
    /// What stands open about a record: its open tasks when it is complete, and what the register says against it while it waits for a person.
    async fn matter(&self, record: RecordId) -> Result<Matter, FollowUpError> {
        let open = settling::open_record(&self.store, &self.vault, record).await?;
        let text = |name: &str| open.fields.iter().find(|field| field.name == name).and_then(accepted_text);
        let year = Facts::accepted(&open.fields).years().first().and_then(|year| i16::try_from(*year).ok());
        let (Some(kommune), Some(year)) = (text("kommune"), year) else { return Err(FollowUpError::NoVedtak { record }) };
        let tasks = self.store.tasks(TaskFilter { record: Some(record), ..TaskFilter::default() }).await?;
        let mut points = tasks.iter().map(|task| open_task(&self.vault, task)).collect::<Result<Vec<_>, _>>()?;
        if open.row.case.is_none() {
            points.extend(self.weigh(&open.fields).await?.into_iter().flat_map(|weighing| weighing.weighed.points));
        }
        let receipt = points.iter().find_map(|point| match point {
            Point::AnswerByHand { now_total, replaces } => Some(Background { now_total: *now_total, replaces: *replaces }),
            _ => None,
        });
        points.retain(|point| !matches!(point, Point::AnswerByHand { .. }));
        if points.is_empty() && receipt.is_none() {
            return Err(FollowUpError::Nothing { record });
        }
        let language = self.language(&kommune, text("maalform"));
        Ok(Matter { open, kommune, year, language, points, receipt })
    }

    /// The letter that would go out about a record. Its reference is given when it does.
    ///
    /// # Errors
    /// When there is nothing to ask about or nobody to ask, or the letter cannot be written.
    pub async fn draft(&self, record: RecordId, answer_by: Option<Date>, fonts: &Fonts) -> Result<Draft, FollowUpError> {
        let Matter { open, kommune, language, points, receipt, .. } = self.matter(record).await?;
        let our_ref = match open.row.case {
            Some(case) => {
                let case = self.store.case(case).await?;
                let last = case.documents.iter().map(|(number, _)| *number).max().unwrap_or_default();
                OurRef { year: case.case_year.unsigned_abs(), case: case.case_number, document: last + 1 }
            }
            None => OurRef { year: self.series().year.unsigned_abs(), case: 0, document: 0 },
        };
        let theirs = open.fields.iter().find(|field| field.name == "arkivsak").and_then(accepted_text);
        let Some((to, frame)) = self.frame_for(&kommune, theirs, our_ref, &language) else { return Err(FollowUpError::NoAddress { kommune }) };
        let (office, now) = (&self.config.office, self.clock.now());
        let letter = match receipt {
            Some(background) => Receipt { frame, facts: Facts::accepted(&open.fields), points, background }.write(office, fonts, now),
            None => follow_up(frame, &open.fields, points, answer_by).write(office, fonts, now),
        };
        Ok(Draft { to, letter: letter.map_err(StepError::from)? })
    }

    /// Has the letter written and sent.
    ///
    /// # Errors
    /// When there is nothing to ask about or nobody to ask, or the store fails.
    pub async fn ask(&self, record: RecordId, answer_by: Option<Date>, actor: Actor) -> Result<(LetterId, OurRef), FollowUpError> {
        let Matter { open, kommune, year, language, points, receipt } = self.matter(record).await?;
        if !self.config.kommuner.contains_key(&kommune) {
            return Err(FollowUpError::NoAddress { kommune });
        }
        let id = LetterId::new(self.clock.as_ref(), self.entropy.as_ref());
        let envelope = open_envelope(&self.vault, &open.row.envelope)?;
        let ends = receipt.map(|_| Point::AnswerByHand { now_total: None, replaces: None }.code());
        let (kind, brief) = match receipt {
            Some(Background { now_total, replaces }) => (LetterKind::Kvittering, Brief::Receipt { points, now_total, replaces }),
            None => (LetterKind::Oppfolging, Brief::FollowUp { points, answer_by }),
        };
        let letter = NewLetter { id, kind, language, brief: Some(brief.seal(&envelope, id)), automatic: false };
        let opening = (CaseId::new(self.clock.as_ref(), self.entropy.as_ref()), self.series());
        Ok(self.store.ask(record, (&kommune, year), opening, (&letter, ends), actor, self.clock.now()).await?)
    }
}
