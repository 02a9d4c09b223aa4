//! The daemon: starts the loops, listens for signals, tells systemd how it is, and stops in order.
//!
//! The intake loop reads the folders and takes what has settled; as many reading loops as there are readers take documents through them; one loop
//! writes letters and one sends them. Each loop takes one step of [`crate::pipeline`] at a time and waits when there is none. The
//! watchdog is pinged by the intake loop, and only while every other loop has shown life: a daemon that lives but does nothing is restarted.
//!
//! First signal: no new work, what is in hand is finished. Second signal: stop at once; what was in hand is taken up at the next start.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::inbox::settle::Settling;
use crate::inbox::watch::{Watches, watch};
use crate::inbox::{Candidate, Obstacle, folder};
use crate::intake::{Afterwards, Aside, BY_HAND, Intake, IntakeError, Taken};
use crate::pipeline::{Event, Pipeline, Step, StepError};

/// The longest a loop waits before it looks again although nobody woke it.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// The first pause after a failure that may pass; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How often the watchdog is answered while one file is being sealed: well within the unit's `WatchdogSec`.
const SHOW_LIFE: Duration = Duration::from_secs(15);
/// How long a mebibyte may take to be read and sealed: a tenth of the slowest network folder that anybody would scan into.
const SEALING_PER_MIB: Duration = Duration::from_secs(10);

/// Why the daemon stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// A step failed in a way that waiting does not mend.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The intake failed in a way that waiting does not mend.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// Signals cannot be listened for.
    #[error("cannot listen for signals: {0}\nstart the service again")]
    Signals(#[source] std::io::Error),
}

/// The daemon, ready to run.
pub struct Daemon {
    /// The steps.
    pub pipeline: Pipeline,
    /// The intake.
    pub intake: Intake,
    /// Whether to stop when nothing is left to do.
    pub until_idle: bool,
}

/// What the loops share.
struct Shared {
    stopping: AtomicBool,
    /// Wakes the intake: something happened in a folder, or it is time to stop.
    look: Arc<Notify>,
    /// Wakes the reading and letter loops.
    work: Notify,
    /// When each loop last showed life, in milliseconds since `started`.
    beats: Vec<AtomicU64>,
    started: Instant,
}

impl Shared {
    fn beat(&self, loop_number: usize) {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.beats[loop_number].store(now, Ordering::Relaxed);
    }

    /// Whether every loop has shown life within `patience`.
    fn all_alive(&self, patience: Duration) -> bool {
        let now = self.started.elapsed();
        self.beats.iter().all(|beat| now.saturating_sub(Duration::from_millis(beat.load(Ordering::Relaxed))) < patience)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.look.notify_one();
        self.work.notify_waiters();
    }
}

impl Daemon {
    /// Runs until a signal, or until nothing is left to do where that was asked for.
    ///
    /// # Errors
    /// When a loop fails in a way that waiting does not mend.
    pub async fn run(self) -> Result<(), DaemonError> {
        let readers = self.pipeline.desk.config.reader.processes;
        let shared = Arc::new(Shared {
            stopping: AtomicBool::new(false),
            look: Arc::new(Notify::new()),
            work: Notify::new(),
            beats: (0..readers + 2).map(|_| AtomicU64::new(0)).collect(),
            started: Instant::now(),
        });
        self.intake.tidy_spool().await?;
        let mut loops: JoinSet<Result<(), DaemonError>> = JoinSet::new();
        for number in 0..readers {
            loops.spawn(step_loop(self.pipeline.clone(), shared.clone(), number, Work::Read));
        }
        loops.spawn(step_loop(self.pipeline.clone(), shared.clone(), readers, Work::WriteLetters));
        loops.spawn(step_loop(self.pipeline.clone(), shared.clone(), readers + 1, Work::SendLetters));
        loops.spawn(IntakeLoop::new(self, shared.clone()).run());
        supervise(loops, &shared).await
    }
}

/// Waits for a signal or for a loop that ends, then for all loops to finish what is in hand; a second signal ends them where they stand.
async fn supervise(mut loops: JoinSet<Result<(), DaemonError>>, shared: &Shared) -> Result<(), DaemonError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(DaemonError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(DaemonError::Signals)?;
    tell_systemd(&[sd_notify::NotifyState::Ready]);
    let mut outcome = tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        // The intake ends by itself when nothing is left to do and that was asked for.
        ended = loops.join_next() => ended.map_or(Ok(()), outcome_of),
    };
    tell_systemd(&[sd_notify::NotifyState::Stopping]);
    shared.stop();
    loop {
        tokio::select! {
            ended = loops.join_next() => match ended {
                Some(ended) => outcome = outcome.and(outcome_of(ended)),
                None => return outcome,
            },
            _ = terminate.recv() => loops.abort_all(),
            _ = interrupt.recv() => loops.abort_all(),
        }
    }
}

fn outcome_of(ended: Result<Result<(), DaemonError>, tokio::task::JoinError>) -> Result<(), DaemonError> {
    match ended {
        Ok(outcome) => outcome,
        Err(error) if error.is_cancelled() => Ok(()),
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn tell_systemd(states: &[sd_notify::NotifyState<'_>]) {
    // Not started by systemd, or its socket is gone: nobody to tell.
    let _ = sd_notify::notify(states);
}

/// What a loop does.
#[derive(Debug, Clone, Copy)]
enum Work {
    Read,
    WriteLetters,
    SendLetters,
}

async fn step_loop(pipeline: Pipeline, shared: Arc<Shared>, number: usize, work: Work) -> Result<(), DaemonError> {
    let mut pause = FIRST_PAUSE;
    while !shared.is_stopping() {
        shared.beat(number);
        let step = match work {
            Work::Read => pipeline.read_next().await,
            Work::WriteLetters => pipeline.write_next_letter().await,
            Work::SendLetters => pipeline.send_next_letter().await,
        };
        match step {
            Ok(Step::Worked) => {
                pause = FIRST_PAUSE;
                // What one loop has done may be work for another, and the intake asks whether anything is left.
                shared.work.notify_waiters();
                shared.look.notify_one();
            }
            Ok(Step::Idle) => {
                pause = FIRST_PAUSE;
                rest(&shared, idle_wait(&pipeline).await).await;
            }
            Err(error) if error.may_pass() => {
                tracing::warn!(error = %error, pause_ms = pause.as_millis(), "the work cannot go on now and is tried again");
                rest(&shared, pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Until the next thing is ready by its own time, within bounds.
async fn idle_wait(pipeline: &Pipeline) -> Duration {
    let Ok(pending) = pipeline.desk.store.pending().await else { return LONGEST_WAIT };
    let until = pending.next_at.and_then(|at| Duration::try_from(at.duration_since(pipeline.desk.clock.now())).ok());
    until.unwrap_or(LONGEST_WAIT).clamp(Duration::from_millis(20), LONGEST_WAIT)
}

async fn rest(shared: &Shared, longest: Duration) {
    let woken = shared.work.notified();
    if !shared.is_stopping() {
        let _ = tokio::time::timeout(longest, woken).await;
    }
}

/// Reads the folders, takes what has settled, and shows systemd that the daemon works.
struct IntakeLoop {
    daemon: Daemon,
    shared: Arc<Shared>,
    settling: Settling,
    watches: Watches,
    /// Obstacles that have been told; each is told once.
    told: HashSet<Obstacle>,
    last_full: Option<Instant>,
    /// Files that are safe and have been set aside, each with when it is looked at once more and removed.
    asides: Vec<(Aside, Instant)>,
}

impl IntakeLoop {
    fn new(daemon: Daemon, shared: Arc<Shared>) -> Self {
        let config = &daemon.pipeline.desk.config;
        let settling = Settling::new(config.intake.settle, config.intake.trailer_wait);
        let watches = watch(&config.watch, &shared.look);
        Self { daemon, shared, settling, watches, told: HashSet::new(), last_full: None, asides: Vec::new() }
    }

    async fn run(mut self) -> Result<(), DaemonError> {
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
        let mut obstacles = Vec::new();
        for watch in &config.watch {
            let (one, others) = (watch.clone(), paths.clone());
            let scan = tokio::task::spawn_blocking(move || folder::scan(&one, &others)).await.unwrap_or_default();
            if is_full {
                self.daemon.intake.bring_back(&watch.name, &watch.path).await?;
                self.daemon.intake.end_claims_without_file(&watch.name, &scan.candidates).await?;
            }
            candidates.extend(scan.candidates);
            obstacles.extend(scan.obstacles);
        }
        if is_full {
            // A command that was killed has left its claims to whoever looks.
            self.daemon.intake.end_claims_without_file(BY_HAND, &[]).await?;
            self.last_full = Some(Instant::now());
        }
        let present = candidates.len();
        let settled = self.settling.settled(candidates, self.daemon.pipeline.desk.clock.now());
        let mut left = present - settled.len();
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
        let mut taking = std::pin::pin!(self.daemon.intake.take(candidate, Afterwards::Remove));
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
        self.daemon.pipeline.desk.store.pending().await.is_ok_and(|pending| pending.is_idle())
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
