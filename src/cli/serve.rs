//! `postsluse serve`: the daemon. Prints one line for each thing that becomes of a document or a letter.

use std::sync::Arc;

use super::setup::Wanted;
use super::{Common, Ending, output, setup};
use crate::audit::Actor;
use crate::daemon::Daemon;
use crate::intake::Intake;
use crate::paper::Fonts;
use crate::pipeline::{Desk, Event, Pipeline, Senders};
use crate::reader::Pool;
use crate::sender::{Keyring, Register};

/// Options of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Stop when nothing is left to do
    #[arg(long)]
    until_idle: bool,
}

pub(super) async fn run(common: &Common, options: &Options) -> anyhow::Result<Ending> {
    // Everything that can be wrong is found before the first file is touched.
    let config = Arc::new(setup::config(common)?);
    let vault = setup::vault(&config)?;
    let fonts = Arc::new(Fonts::load(config.fonts.as_deref())?);
    let forms = crate::forms::load(&config.forms)?.into();
    let store = setup::store(&config, &vault, Actor::Daemon).await?;
    let spool = setup::spool(&config, &store).await?;
    let place = spool.take_place()?;
    let owner = setup::owner(place.number);
    let (clock, entropy) = (setup::clock(), setup::entropy());
    // Whoever had this place before is dead, or the kernel would not have given it to us.
    store.expire_leases(&owner, clock.now()).await?;
    // A letter that waited for an address may have one now: the configuration is read at the start.
    store.resume_letters_without_address(clock.now()).await?;
    let mailer = Arc::new(config.mail.mailer()?);
    let readers = Pool::start(setup::pool_config(Some(&config), &config.forms, &Wanted::default())?).await?;

    let (events, told) = tokio::sync::mpsc::unbounded_channel();
    let printer = tokio::spawn(print_events(told, common.json));
    let desk = Desk { store: store.clone(), vault: vault.clone(), config: config.clone(), clock: clock.clone(), entropy: entropy.clone() };
    let senders = Senders { register: Arc::new(Register::of(&config.kommuner)), keyring: Keyring::new(config.sender.dns) };
    let pipeline = Pipeline { desk, spool: spool.clone(), readers: readers.clone(), senders, mailer, fonts, forms, owner: owner.clone(), events };
    let intake = Intake { store: store.clone(), vault, spool, clock, entropy, owner, lease: config.intake.lease, bytes_max: config.intake.bytes_max };
    tracing::info!(watched = config.watch.len(), readers = config.reader.processes, "serving");
    let ended = Daemon { pipeline, intake, until_idle: options.until_idle }.run().await;
    readers.stop().await;
    let _ = printer.await;
    store.close().await;
    drop(place);
    ended?;
    Ok(Ending::Good)
}

async fn print_events(mut told: tokio::sync::mpsc::UnboundedReceiver<Event>, json: bool) {
    while let Some(event) = told.recv().await {
        let line = if json { serde_json::to_string(&event).unwrap_or_default() } else { event.to_string() };
        // Nobody reading our output is no reason to stop working.
        let _ = output::line(&line);
    }
}
