//! The mailboxes that are no folders: a loop for each, and what they tell as events.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::task::JoinSet;

use super::{Daemon, DaemonError, Shared};
use crate::config::{Mailbox, Place};
use crate::mailbox::{self, Clerk, Told};
use crate::pipeline::Event;

/// Starts a loop for each mailbox. Says of each whether it is quiet.
///
/// # Errors
/// When a port cannot be listened on.
pub(super) async fn serve(daemon: &Daemon, shared: &Arc<Shared>, loops: &mut JoinSet<Result<(), DaemonError>>) -> Result<Vec<Arc<AtomicBool>>, DaemonError> {
    let mut all_quiet = Vec::new();
    for Mailbox { name, place } in daemon.pipeline.desk.config.mailboxes.iter().cloned() {
        let quiet = Arc::new(AtomicBool::new(false));
        let tell = {
            let (events, shared, name) = (daemon.pipeline.events.clone(), shared.clone(), name.clone());
            Arc::new(move |told| {
                let _ = events.send(event(&name, told));
                shared.work.notify_waiters();
                shared.look.notify_one();
            })
        };
        let clerk = Clerk { name, intake: daemon.intake.clone(), tell, stop: shared.stop_mail.subscribe(), quiet: quiet.clone() };
        match place {
            Place::Maildir { .. } => continue,
            Place::Imap(account) => drop(loops.spawn(async move { Ok(mailbox::empty(account, clerk).await?) })),
            Place::Lmtp(address) => {
                let listener = mailbox::Listener::bind(address).await?;
                loops.spawn(async move { Ok(listener.serve(clerk).await?) });
            }
        }
        all_quiet.push(quiet);
    }
    Ok(all_quiet)
}

fn event(name: &str, told: Told) -> Event {
    let mailbox = name.to_owned();
    match told {
        Told::New { document, bytes } => Event::Received { document, folder: mailbox, bytes },
        Told::Known(document) => Event::Duplicate { document, folder: mailbox },
        Told::Refused { uid, why } => Event::MessageRefused { mailbox, uid, why: format!("{why}\n{}", why.advice_for_mail()) },
        Told::Failed(why) => Event::MailboxFailed { mailbox, why },
        Told::Back => Event::MailboxBack { mailbox },
    }
}
