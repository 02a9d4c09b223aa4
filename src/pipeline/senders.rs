//! Who sent a message: what its reader found is held against the kommuner that we know, with keys that the daemon asks for. It is written into the record.
//!
//! The reader has no network and the daemon takes no message apart, so it takes two turns: the reader says which keys the signatures need, the daemon gets
//! those that lie under the domain of a kommune, and the reader checks with them.

use std::sync::Arc;

use super::{Pipeline, filing};
use crate::mail::fields;
use crate::reader::Job;
use crate::record::{Field, Kind, Part, Reading, Value};
use crate::sender::{Claims, Keyring, Register, Verdict};
use crate::store::Taken;
use crate::vault::Envelope;

/// What it takes to know a sender. Cheap to clone.
#[derive(Clone)]
pub struct Senders {
    /// The domains of the kommuner.
    pub register: Arc<Register>,
    /// The way to their keys.
    pub keyring: Keyring,
}

impl Pipeline {
    /// Judges who sent a message and writes it into the record. None when the reading is of no message.
    pub(super) async fn judge_sender(&self, job: &Job, taken: &Taken, envelope: &Envelope, reading: &mut Reading) -> Option<Verdict> {
        let part = reading.parts.first().filter(|part| part.kind == Kind::Mail)?;
        let wanted = words(part, fields::SIGNATURES);
        let names = self.senders.register.worth_asking_for(&wanted.iter().map(String::as_str).collect::<Vec<_>>());
        let keys = if names.is_empty() { Vec::new() } else { self.senders.keyring.find(&names).await };
        let checked = if keys.is_empty() { None } else { self.check_signatures(job, taken, envelope, keys).await };
        // Without keys no signature holds, whatever a reader says.
        let checked = checked.as_ref();
        let said = |name| checked.map(|part| words(part, name)).unwrap_or_default();
        let received = |name| job.mail_server.as_ref().map(|_| words(part, name)).unwrap_or_default();
        let claims = Claims {
            from: words(part, "fra").into_iter().next(),
            confirmed: [said(fields::HOLDS), received(fields::CONFIRMS)].concat(),
            denied: [said(fields::BROKEN), received(fields::DENIES)].concat(),
        };
        let verdict = self.senders.register.judge(&claims);
        let checked_fields: Vec<Field> =
            checked.map(|part| part.fields.iter().filter(|field| is_one_of(field, &[fields::HOLDS, fields::BROKEN])).cloned().collect()).unwrap_or_default();
        let part = &mut reading.parts[0];
        part.fields.retain(|field| !is_one_of(field, &[fields::HOLDS, fields::BROKEN, fields::SENDER, fields::SENDER_KOMMUNE]));
        part.fields.extend(checked_fields);
        let kommuner = verdict.kommuner().map(|kommuner| kommuner.iter().cloned().collect::<Vec<_>>().join(" "));
        part.fields.extend(fields::of_verdict(verdict.as_str(), kommuner));
        Some(verdict)
    }

    /// The head of the message once more, with which of its signatures hold. None when no reader could say: nothing is proven then.
    async fn check_signatures(&self, job: &Job, taken: &Taken, envelope: &Envelope, keys: Vec<(String, String)>) -> Option<Part> {
        let mut original = filing::SealedOriginal::open(&self.spool, &taken.spool_name, envelope.opener(taken.lease.id())).ok()?;
        let job = Job { keys: Some(keys), crops: false, text: false, ..job.clone() };
        match self.readers.read(&job, taken.size, &mut original).await {
            Ok(reading) => reading.parts.into_iter().next().filter(|part| part.kind == Kind::Mail),
            Err(error) => {
                tracing::warn!(document = %taken.lease.id(), error = %error, "the signatures of a message could not be checked");
                None
            }
        }
    }
}

fn is_one_of(field: &Field, names: &[&str]) -> bool {
    names.contains(&field.name.as_str())
}

/// The words of an ordinary field.
fn words(part: &Part, name: &str) -> Vec<String> {
    let content = part.fields.iter().find(|field| field.name == name).and_then(|field| field.content.ordinary());
    match content.and_then(|content| content.value.as_ref()) {
        Some(Value::Text(text)) => text.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
