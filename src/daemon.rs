//! The daemon: starts the loops, listens for signals, tells systemd how it is, and stops in order.
//!
//! The intake loop (`folders.rs`) reads the folders and takes what has settled; each mailbox on a server, and each port where mail is handed over, has a loop
//! (`mailboxes.rs`); as many reading loops as there are readers take documents through them; one loop
//! writes letters and one sends them. Each loop takes one step of [`crate::pipeline`] at a time and waits when there is none. The
//! watchdog is pinged by the intake loop, and only while every other loop has shown life: a daemon that lives but does nothing is restarted.
//!
//! First signal: no new work, what is in hand is finished. Second signal: stop at once; what was in hand is taken up at the next start.

mod folders;
mod mailboxes;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::intake::{Intake, IntakeError};
use crate::mailbox;
use crate::pipeline::{Pipeline, Step, StepError};
use folders::IntakeLoop;

/// The longest a loop waits before it looks again although nobody woke it.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// The first pause after a failure that may pass; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Why the daemon stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// A step failed in a way that waiting does not mend.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The intake failed in a way that waiting does not mend.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// A port for mail cannot be listened on.
    #[error(transparent)]
    Listen(#[from] mailbox::ListenError),
    /// A Maildir has no place for what is done with.
    #[error("cannot make a folder in the Maildir {path}: {source}\nmake the Maildir, and give the service's user leave to write in it")]
    Maildir {
        /// The Maildir.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
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
    /// Tells the mailboxes when it is time to stop.
    stop_mail: tokio::sync::watch::Sender<bool>,
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
        self.stop_mail.send_replace(true);
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
            stop_mail: tokio::sync::watch::Sender::new(false),
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
        let quiet = mailboxes::serve(&self, &shared, &mut loops).await?;
        loops.spawn(IntakeLoop::new(self, shared.clone(), quiet)?.run());
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
            Work::WriteLetters => match pipeline.write_next_letter().await {
                Ok(Step::Idle) => pipeline.remind_next().await,
                step => step,
            },
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
    let Ok(pending) = pipeline.desk.store.pending(pipeline.desk.clock.now()).await else { return LONGEST_WAIT };
    let until = pending.next_at.and_then(|at| Duration::try_from(at.duration_since(pipeline.desk.clock.now())).ok());
    until.unwrap_or(LONGEST_WAIT).clamp(Duration::from_millis(20), LONGEST_WAIT)
}

async fn rest(shared: &Shared, longest: Duration) {
    let woken = shared.work.notified();
    if !shared.is_stopping() {
        let _ = tokio::time::timeout(longest, woken).await;
    }
}
