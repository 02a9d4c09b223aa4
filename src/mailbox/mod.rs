//! Mailboxes that are no folders on this machine: an account that is emptied over IMAP, and a place where a mail transfer agent hands over by LMTP.
//!
//! Whatever the protocol, the order is the intake's: a message is claimed before it is fetched, flows in pieces into its sealed place in the spool, and is
//! moved, or answered for, only when it is durable there. Nothing of it is understood here, not even its head. A mailbox that cannot be reached is told once
//! and tried again for ever; it never stops the daemon.

mod imap;
mod lmtp;

pub use lmtp::{ListenError, Listener};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use crate::config::ImapConfig;
use crate::document::DocumentId;
use crate::inbox::Hindrance;
use crate::intake::{Intake, IntakeError};

/// How large the pieces are in which a message flows from a server into the spool, bytes.
const PIECE: usize = 256 * 1024;

/// What became of a message, or of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A message is a new document.
    New {
        /// The document.
        document: DocumentId,
        /// Its length, bytes.
        bytes: u64,
    },
    /// A message is known already.
    Known(DocumentId),
    /// A message is not taken.
    Refused {
        /// Its number in the mailbox (UID); none when it was handed over.
        uid: Option<u32>,
        /// Why.
        why: Hindrance,
    },
    /// The mailbox cannot be worked with now; with advice, as two lines.
    Failed(String),
    /// The mailbox can be worked with again.
    Back,
}

/// What a mailbox is worked with. Cheap to clone.
#[derive(Clone)]
pub struct Clerk {
    /// The mailbox's name.
    pub name: String,
    /// The way into the spool.
    pub intake: Intake,
    /// Who is told.
    pub tell: Arc<dyn Fn(Told) + Send + Sync>,
    /// Says when to stop.
    pub stop: watch::Receiver<bool>,
    /// Whether the mailbox has been looked at and nothing in it waits to be taken.
    pub quiet: Arc<AtomicBool>,
}

impl Clerk {
    fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits until it is time to stop.
    async fn stopped(&mut self) {
        // Nobody left who could say it: that says it too.
        let _ = self.stop.wait_for(|stop| *stop).await;
    }

    fn set_quiet(&self, quiet: bool) {
        self.quiet.store(quiet, Ordering::SeqCst);
    }

    fn tell(&self, told: Told) {
        (self.tell)(told);
    }
}

/// Empties an account until it is time to stop.
///
/// # Errors
/// When the store fails in a way that waiting does not mend.
pub async fn empty(config: ImapConfig, clerk: Clerk) -> Result<(), IntakeError> {
    imap::Account::new(config, clerk).run().await
}
