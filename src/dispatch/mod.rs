//! Dispatch: a finished letter leaves the house, by SMTP or into a folder.
//!
//! The outbox in the store decides what is sent when; this room makes the message, tries once, and says by its type whether another try
//! may help. The Message-ID is the caller's and is stored before the first try, so a letter that is sent twice, because the connection
//! broke after the server had taken it, is known by its id and can be told from another letter.
//!
//! It writes what it is given and nothing more: plain words and a PDF that were made of ordinary values. A special value has no way in:
//! ```compile_fail
//! use postsluse::dispatch::Outgoing;
//! use postsluse::record::Special;
//! fn body(mail: &mut Outgoing, secret: Special<String>) {
//!     mail.body = secret;
//! }
//! ```
//! whereas the same with a plain string compiles:
//! ```
//! use postsluse::dispatch::Outgoing;
//! fn body(mail: &mut Outgoing, words: String) {
//!     mail.body = words;
//! }
//! ```
//! No log line and no error has an address, a subject or a word the server said; a recipient shows itself as `p…@aas.kommune.no`.

mod backoff;
mod folder;
mod message;
mod smtp;

pub use backoff::next_try;
pub use folder::Folder;
pub use message::{Answered, Enclosed, MessageId, Outgoing, Recipient, Sender};
pub use smtp::{Security, Smtp, SmtpConfig};

use std::path::Path;

/// Where letters go.
#[derive(Debug)]
pub enum Mailer {
    /// To a mail server.
    Smtp(Smtp),
    /// Into a folder, one `.eml` a letter, for someone else to send.
    Folder(Folder),
}

/// The letter is out of our hands: the server has taken it, or it lies in the folder for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent;

/// The letter is not out. The code is short and stable, and says nothing of the letter: `smtp_451`, `tls`, `bad_recipient`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Another try may help.
    #[error("the letter was not taken now: {code}\nit is tried again by itself")]
    Retry {
        /// Why.
        code: String,
    },
    /// No other try will help; a person must look.
    #[error("the letter cannot be sent: {code}\ncheck the recipient's address and the letter, then send it again")]
    Final {
        /// Why.
        code: String,
    },
}

impl Failure {
    /// Why, in either case.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Retry { code } | Self::Final { code } => code,
        }
    }

    fn retry(code: impl Into<String>) -> Self {
        Self::Retry { code: code.into() }
    }

    fn last(code: impl Into<String>) -> Self {
        Self::Final { code: code.into() }
    }
}

/// A mailer that cannot be set up as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}\n{advice}")]
pub struct MailerError {
    /// The setting, `smtp.ca_file`.
    pub field: &'static str,
    /// What is wrong with it. Never the content of a secret.
    pub why: String,
    /// What to do.
    pub advice: &'static str,
}

impl Mailer {
    /// A mailer that speaks to a mail server.
    ///
    /// # Errors
    /// When a setting is wrong or a file it names cannot be used.
    pub fn smtp(config: &SmtpConfig, sender: Sender) -> Result<Self, MailerError> {
        Smtp::new(config, sender).map(Self::Smtp)
    }

    /// A mailer that writes into a folder, which must exist.
    ///
    /// # Errors
    /// When the folder is not there.
    pub fn folder(folder: &Path, sender: Sender) -> Result<Self, MailerError> {
        Folder::new(folder, sender).map(Self::Folder)
    }

    /// Sends a letter, once.
    ///
    /// # Errors
    /// [`Failure::Retry`] when the way was blocked: no connection, no encryption, a temporary refusal (4xx), a full disk.
    /// [`Failure::Final`] when the letter itself was refused (5xx) or is not fit to be a mail.
    pub async fn send(&self, outgoing: &Outgoing) -> Result<Sent, Failure> {
        let result = match self {
            Self::Smtp(smtp) => smtp.send(outgoing).await,
            Self::Folder(folder) => folder.send(outgoing).await,
        };
        match &result {
            Ok(Sent) => tracing::info!(message_id = %outgoing.message_id, to = %outgoing.to, "letter sent"),
            Err(failure) => {
                let last = matches!(failure, Failure::Final { .. });
                tracing::warn!(message_id = %outgoing.message_id, to = %outgoing.to, code = failure.code(), last, "letter not sent");
            }
        }
        result
    }
}
