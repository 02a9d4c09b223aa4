//! The intake loop: reads the watched folders and the Maildirs, takes what has settled, and shows systemd that the daemon works.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

use super::{Daemon, DaemonError, FIRST_PAUSE, LONGEST_PAUSE, LONGEST_WAIT, Shared, tell_systemd};
use crate::config::{Config, Place, Watch, WatchMode};
use crate::document::Origin;
use crate::inbox::folder::Scan;
use crate::inbox::settle::Settling;
use crate::inbox::watch::{Watches, watch};
use crate::inbox::{Candidate, Obstacle, folder, maildir};
use crate::intake::{Afterwards, Aside, BY_HAND, IntakeError, Taken};
use crate::pipeline::Event;

/// How often the watchdog is answered while one file is being sealed: well within the unit's `WatchdogSec`.
const SHOW_LIFE: Duration = Duration::from_secs(15);
/// How long a mebibyte may take to be read and sealed: a tenth of the slowest network folder that anybody would scan into.
const SEALING_PER_MIB: Duration = Duration::from_secs(10);

/// Reads the folders, takes what has settled, and shows systemd that the daemon works.
pub(super) struct IntakeLoop {
    daemon: Daemon,
    shared: Arc<Shared>,
    settling: Settling,
    watches: Watches,
    /// Obstacles that have been told; each is told once.
    told: HashSet<Obstacle>,
    last_full: Option<Instant>,
    /// Files that are safe and have been set aside, each with when it is looked at once more and removed.
    asides: Vec<(Aside, Instant)>,
    /// Where the messages of each Maildir go.
    done_folders: HashMap<String, PathBuf>,
    /// Of each mailbox that is no folder whether nothing in it waits to be taken.
    quiet: Vec<Arc<AtomicBool>>,
}

fn maildirs(config: &Config) -> impl Iterator<Item = (&str, &Path)> {
    config.mailboxes.iter().filter_map(|mailbox| match &mailbox.place {
        Place::Maildir { path, .. } => Some((mailbox.name.as_str(), path.as_path())),
        Place::Imap(_) | Place::Lmtp(_) => None,
    })
}

impl IntakeLoop {
    /// # Errors
    /// When a Maildir has no place for what is done with.
    pub(super) fn new(daemon: Daemon, shared: Arc<Shared>, quiet: Vec<Arc<AtomicBool>>) -> Result<Self, DaemonError> {
        let config = &daemon.pipeline.desk.config;
        let settling = Settling::new(config.intake.settle, config.intake.trailer_wait);
        let mut folders = config.watch.clone();
        folders.extend(maildirs(config).map(|(name, path)| Watch { name: name.to_owned(), path: path.to_owned(), mode: WatchMode::Auto }));
        let watches = watch(&folders, &shared.look);
        let done_folders = done_folders(config)?;
        Ok(Self { daemon, shared, settling, watches, told: HashSet::new(), last_full: None, asides: Vec::new(), done_folders, quiet })
    }

    pub(super) async fn run(mut self) -> Result<(), DaemonError> {
        let mut pause = FIRST_PAUSE;
        while !self.shared.is_stopping() {
            let wait = match self.look().await {
                Ok(unsettled) => {
                    pause = FIRST_PAUSE;
                    if self.daemon.until_idle && unsettled == 0 && self.asides.is_empty() && self.nothing_left().await {
                        return Ok(());
                    }
                    let next = self.asides.iter().map(|(_, due)| due.saturating_duration_since(Instant::now())).min();
                    self.wait_after(unsettled).min(next.unwrap_or(Duration::MAX))
                }
                Err(IntakeError::Store(error)) if error.may_pass() => {
                    tracing::warn!(error = %error, "nothing can be taken in now; it is tried again");
                    pause = (pause * 2).min(LONGEST_PAUSE);
                    pause
                }
                Err(error) => return Err(error.into()),
            };
            self.show_life();
            let woken = self.shared.look.notified();
            if !self.shared.is_stopping() {
                let _ = tokio::time::timeout(wait, woken).await;
            }
        }
        let asides = std::mem::take(&mut self.asides).into_iter().map(|(aside, _)| aside).collect();
        self.daemon.intake.put_back(asides).await;
        Ok(())
    }

    /// One look at every folder. Says how many files are there that must be looked at again soon.
    async fn look(&mut self) -> Result<usize, IntakeError> {
        let config = self.daemon.pipeline.desk.config.clone();
        let is_full = self.last_full.is_none_or(|last| last.elapsed() >= config.intake.rescan);
        let paths: Vec<PathBuf> = config.watch.iter().map(|watch| watch.path.clone()).collect();
        let mut candidates = Vec::new();
        let mut messages = Vec::new();
        let mut obstacles = Vec::new();
        for watch in &config.watch {
            let (one, others) = (watch.clone(), paths.clone());
            let scan = self.scanned(&watch.name, is_full, move || folder::scan(&one, &others)).await?;
            if is_full {
                self.daemon.intake.bring_back(&watch.name, &watch.path).await?;
            }
            candidates.extend(scan.candidates);
            obstacles.extend(scan.obstacles);
        }
        for (name, path) in maildirs(&config) {
            let (one, at) = (name.to_owned(), path.to_owned());
            let scan = self.scanned(name, is_full, move || maildir::scan(&one, &at)).await?;
            messages.extend(scan.candidates);
            obstacles.extend(scan.obstacles);
        }
        if is_full {
            // A command that was killed, or a message that broke off, has left its claims to whoever looks.
            let handed_over = config.mailboxes.iter().filter(|mailbox| matches!(mailbox.place, Place::Lmtp(_))).map(|mailbox| mailbox.name.as_str());
            for name in handed_over.chain([BY_HAND]) {
                self.daemon.intake.end_claims_without_item(name, |_| false).await?;
            }
            self.last_full = Some(Instant::now());
        }
        let present = candidates.len();
        let mut settled = self.settling.settled(candidates, self.daemon.pipeline.desk.clock.now());
        let mut left = present - settled.len();
        // A message is renamed into its folder when it is whole.
        settled.extend(messages);
        for candidate in settled {
            if self.shared.is_stopping() {
                break;
            }
            match self.take(&candidate).await? {
                Ok(true) => {}
                Ok(false) => left += 1,
                Err(obstacle) => obstacles.push(obstacle),
            }
            self.show_life();
        }
        self.tell_obstacles(obstacles);
        self.remove_what_stood_still().await?;
        Ok(left)
    }

    /// Reads a folder, and in a full look ends the claims on what is gone from it.
    async fn scanned(&self, name: &str, is_full: bool, scan: impl FnOnce() -> Scan + Send + 'static) -> Result<Scan, IntakeError> {
        let scan = tokio::task::spawn_blocking(scan).await.unwrap_or_default();
        if is_full {
            let here: HashSet<(u64, u64)> = scan.candidates.iter().map(|candidate| (candidate.identity.device, candidate.identity.inode)).collect();
            self.daemon.intake.end_claims_without_item(name, |identity| here.contains(&(identity.dev, identity.inode))).await?;
        }
        Ok(scan)
    }

    /// Removes the files that were set aside long enough ago.
    async fn remove_what_stood_still(&mut self) -> Result<(), IntakeError> {
        let now = Instant::now();
        let (due, rest) = std::mem::take(&mut self.asides).into_iter().partition(|(_, due)| *due <= now);
        self.asides = rest;
        for (aside, _) in due {
            self.daemon.intake.remove(aside).await?;
        }
        Ok(())
    }

    /// Takes one settled file. Says whether it is done with, or what hinders it.
    async fn take(&mut self, candidate: &Candidate) -> Result<Result<bool, Obstacle>, IntakeError> {
        let folder = candidate.folder.clone();
        let (event, aside) = match self.take_and_show_life(candidate).await? {
            Taken::New { document, bytes, aside } => (Event::Received { document, folder, bytes }, aside),
            Taken::Duplicate { of, aside } => (Event::Duplicate { document: of, folder }, aside),
            Taken::Elsewhere => return Ok(Ok(false)),
            Taken::NotNow(why) => {
                return Ok(Err(Obstacle { folder, relative: candidate.relative.clone(), inode: candidate.identity.inode, why }));
            }
        };
        self.tell(event);
        self.asides.extend(aside.map(|aside| (aside, Instant::now() + self.daemon.pipeline.desk.config.intake.trailer_wait)));
        self.shared.work.notify_waiters();
        Ok(Ok(true))
    }

    /// Takes a file, and answers the watchdog while a large one is being sealed, for as long as a slow disk may need and no longer.
    async fn take_and_show_life(&self, candidate: &Candidate) -> Result<Taken, IntakeError> {
        let mib = u32::try_from(candidate.identity.size.div_ceil(1024 * 1024)).unwrap_or(u32::MAX);
        let longest = Instant::now() + LONGEST_WAIT + SEALING_PER_MIB.saturating_mul(mib);
        let done = match (candidate.origin, self.done_folders.get(&candidate.folder)) {
            (Origin::Mail, Some(folder)) => Some(maildir::done_path(folder, candidate)),
            _ => None,
        };
        let afterwards = done.as_deref().map_or(Afterwards::Remove, Afterwards::Rename);
        let mut taking = std::pin::pin!(self.daemon.intake.take(candidate, afterwards));
        loop {
            tokio::select! {
                taken = &mut taking => return taken,
                () = tokio::time::sleep(SHOW_LIFE) => if Instant::now() < longest {
                    self.show_life();
                }
            }
        }
    }

    fn tell_obstacles(&mut self, obstacles: Vec<Obstacle>) {
        let now: HashSet<Obstacle> = obstacles.into_iter().collect();
        for obstacle in now.difference(&self.told) {
            let why = format!("{}\n{}", obstacle.why, obstacle.why.advice());
            self.tell(Event::Refused { folder: obstacle.folder.clone(), inode: obstacle.inode, why });
        }
        self.told = now;
    }

    fn tell(&self, event: Event) {
        let _ = self.daemon.pipeline.events.send(event);
    }

    async fn nothing_left(&self) -> bool {
        // In this order: what a mailbox has taken is pending before the mailbox is quiet.
        let desk = &self.daemon.pipeline.desk;
        self.quiet.iter().all(|quiet| quiet.load(Ordering::SeqCst)) && desk.store.pending(desk.clock.now()).await.is_ok_and(|pending| pending.is_idle())
    }

    /// How long to wait for an event before looking again.
    fn wait_after(&self, unsettled: usize) -> Duration {
        let intake = &self.daemon.pipeline.desk.config.intake;
        let soon = unsettled > 0 || !self.watches.polled.is_empty() || self.daemon.until_idle;
        if soon { (intake.settle / 2).max(Duration::from_millis(25)) } else { intake.rescan.min(Duration::from_secs(20)) }
    }

    /// The watchdog is answered only while every loop is alive. A reading renews its lease every third of it, so a loop that has shown no life for
    /// the longest reading there can be is stuck.
    fn show_life(&self) {
        let config = &self.daemon.pipeline.desk.config;
        let mib = u32::try_from(config.intake.bytes_max / (1024 * 1024)).unwrap_or(u32::MAX);
        let longest = config.reader.time_base + config.reader.time_per_mib.saturating_mul(mib) + LONGEST_PAUSE * 2;
        if self.shared.all_alive(longest) {
            tell_systemd(&[sd_notify::NotifyState::Watchdog]);
        }
    }
}

/// Makes the folder of each Maildir for what is done with.
fn done_folders(config: &Config) -> Result<HashMap<String, PathBuf>, DaemonError> {
    let mut folders = HashMap::new();
    for mailbox in &config.mailboxes {
        if let Place::Maildir { path, done } = &mailbox.place {
            let folder = maildir::done_folder(path, done).map_err(|source| DaemonError::Maildir { path: path.clone(), source })?;
            folders.insert(mailbox.name.clone(), folder);
        }
    }
    Ok(folders)
}
