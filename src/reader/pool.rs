//! The pool: warm readers that take one document each at a time, and are replaced when they die or are worn.
//!
//! A call of [`Pool::read`] waits for a free reader, first come first served, and holds it until the document is read, refused, or has
//! killed it. The call may be dropped at any moment: its reader is killed and replaced. A reader that does not start is tried again with
//! growing pauses; meanwhile the others go on, and when there is no other, callers are told why.
//!
//! # Time
//! A document gets [`PoolConfig::time_base`] and [`PoolConfig::time_per_mib`] for its size. Each time the reader tells that it begins a
//! further page, it has at least [`PoolConfig::time_per_page`] from then on, so a long document is not cut off and a hanging page is. Nothing
//! takes longer than [`PoolConfig::time_max`].
//!
//! Attempts are not counted here.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::io::AsyncRead;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{debug, info, warn};

use super::answer::Fault;
use super::child::too_large;
use super::process::{Answer, Reader, Spawner};
use super::{Death, Held, Job, Layer, ReadFailure, SandboxMode, StartError, Trial};
use crate::record::Reading;

/// The pause after the first failure to start a reader; it doubles with each.
const BACKOFF_FIRST: Duration = Duration::from_millis(200);
/// The longest pause.
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// How many readers there are and what they may use.
#[derive(Debug, Clone)]
pub struct PoolConfig {
    /// The program, as an absolute path: the daemon's own.
    pub program: PathBuf,
    /// Its arguments: `reader` and whatever it needs to warm up. Never a secret: the process list shows them.
    pub arguments: Vec<OsString>,
    /// How many readers; one a processor core is best.
    pub readers: usize,
    /// The most memory a reader may allocate, in MiB, besides its stack of at most 64 MiB.
    pub memory_mib: u64,
    /// The most memory a reader may hold between documents, in MiB; it is replaced when it holds more.
    pub memory_idle_mib: u64,
    /// How many documents a reader reads before it is replaced.
    pub documents_per_reader: u32,
    /// How long a reader may take to get ready.
    pub time_start: Duration,
    /// How long any document may take, and how long a reader may leave a piece of one unread.
    pub time_base: Duration,
    /// How much longer it may take for each MiB begun.
    pub time_per_mib: Duration,
    /// How long a page may take once the reader has told that it works on it.
    pub time_per_page: Duration,
    /// How long no document may take.
    pub time_max: Duration,
    /// How long [`Pool::stop`] waits for readers before it kills them.
    pub time_stop: Duration,
    /// Whether readers may run without all layers of the sandbox.
    pub sandbox: SandboxMode,
}

impl PoolConfig {
    /// The defaults: a reader a core, 512 MiB each, a minute a document and half a minute a MiB or page, no more than twenty minutes.
    #[must_use]
    pub fn new(program: PathBuf, arguments: Vec<OsString>) -> Self {
        Self {
            program,
            arguments,
            readers: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: 512,
            memory_idle_mib: 256,
            documents_per_reader: 500,
            time_start: Duration::from_secs(30),
            time_base: Duration::from_mins(1),
            time_per_mib: Duration::from_secs(30),
            time_per_page: Duration::from_secs(30),
            time_max: Duration::from_mins(20),
            time_stop: Duration::from_secs(5),
            sandbox: SandboxMode::Required,
        }
    }

    /// How long a document of `bytes` bytes may take before its reader has told of a page.
    pub(super) fn time_for(&self, bytes: u64) -> Duration {
        let mib = u32::try_from(bytes.div_ceil(1024 * 1024)).unwrap_or(u32::MAX);
        self.time_base.saturating_add(self.time_per_mib.saturating_mul(mib)).min(self.time_max)
    }

    /// The largest document that is given to a reader, in bytes: it must hold the document and what it makes of it.
    fn document_bytes_max(&self) -> u64 {
        self.memory_mib.saturating_mul(1024 * 1024) / 2
    }
}

/// Warm readers. A clone is another handle of the same pool.
#[derive(Clone)]
pub struct Pool(Arc<Inner>);

struct Inner {
    config: PoolConfig,
    spawner: Arc<Spawner>,
    idle: Mutex<Vec<Reader>>,
    /// As many permits as there are idle readers.
    free: Semaphore,
    health: watch::Sender<Health>,
    phase: watch::Sender<Phase>,
    layers: Vec<(Layer, Held)>,
    engines: Vec<String>,
}

/// What waiting callers must know.
#[derive(Debug, Default)]
struct Health {
    /// Readers that are ready or at work.
    living: usize,
    /// Why the last one did not start, until one does.
    error: Option<StartError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Running,
    /// No new documents.
    Draining,
    /// No documents.
    Killing,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pool({} of {} readers)", self.0.health.borrow().living, self.0.config.readers)
    }
}

impl Pool {
    /// Starts all readers, side by side, and waits until they are ready.
    ///
    /// # Errors
    /// Why the first one that failed does not start; the others are killed. Nothing is read by half a pool at the start, so that a
    /// missing language is told at once.
    pub async fn start(config: PoolConfig) -> Result<Self, StartError> {
        let config = PoolConfig { readers: config.readers.max(1), ..config };
        let spawner = Arc::new(Spawner::new()?);
        let mut starting = JoinSet::new();
        for _ in 0..config.readers {
            let (config, spawner) = (config.clone(), Arc::clone(&spawner));
            starting.spawn(async move { Reader::start(&config, config.sandbox, &spawner).await });
        }
        let mut idle = Vec::with_capacity(config.readers);
        while let Some(started) = starting.join_next().await {
            idle.push(started.map_err(|error| StartError::Thread(error.to_string()))??);
        }
        let (layers, engines) = idle.first().map(|reader| (reader.hello.layers.clone(), reader.hello.engines.clone())).unwrap_or_default();
        announce(&layers, idle.len());
        let free = Semaphore::new(idle.len());
        let health = watch::Sender::new(Health { living: idle.len(), error: None });
        Ok(Self(Arc::new(Inner { config, spawner, idle: Mutex::new(idle), free, health, phase: watch::Sender::new(Phase::Running), layers, engines })))
    }

    /// The layers of the sandbox, as the first reader found them.
    #[must_use]
    pub fn layers(&self) -> &[(Layer, Held)] {
        &self.0.layers
    }

    /// What the readers read with.
    #[must_use]
    pub fn engines(&self) -> &[String] {
        &self.0.engines
    }

    /// Has a document read. `original` must give exactly `bytes` bytes and fail if they are not authentic: the reader works on a document
    /// only when all of it came. May be cancelled by dropping the future.
    ///
    /// # Errors
    /// See [`ReadFailure`]; [`ReadFailure::blames_document`] says whether the attempt must stay counted.
    pub async fn read(&self, job: &Job, bytes: u64, original: &mut (dyn AsyncRead + Send + Unpin)) -> Result<Reading, ReadFailure> {
        if bytes > self.0.config.document_bytes_max() {
            return Err(ReadFailure::Refused(too_large(bytes, self.0.config.memory_mib)));
        }
        let mut lease = self.lease().await?;
        let mut phase = self.0.phase.subscribe();
        let outcome = tokio::select! {
            outcome = lease.reader()?.read(&self.0.config, job, bytes, original) => outcome,
            _ = phase.wait_for(|phase| *phase == Phase::Killing) => return Err(ReadFailure::Stopped),
        };
        match outcome {
            Ok(Answer::Read(result, resident_kib)) => {
                lease.give_back(resident_kib);
                result.map_err(ReadFailure::Refused)
            }
            Ok(Answer::Source(error)) => {
                lease.give_back(0);
                Err(ReadFailure::Source(error))
            }
            Err(fault) => Err(ReadFailure::Died(lease.bury(fault).await)),
        }
    }

    /// Stops the pool: callers that wait for a reader are told [`ReadFailure::Stopped`], idle readers end, documents under way get
    /// [`PoolConfig::time_stop`] before their readers are killed.
    pub async fn stop(self) {
        let inner = &self.0;
        inner.phase.send_replace(Phase::Draining);
        let mut closing = JoinSet::new();
        for reader in inner.lock_idle().drain(..) {
            let (inner, patience) = (Arc::clone(inner), inner.config.time_stop);
            closing.spawn(async move {
                reader.close(patience).await;
                inner.one_less();
            });
        }
        let mut health = inner.health.subscribe();
        let patience = inner.config.time_stop;
        if timeout(patience, health.wait_for(|health| health.living == 0)).await.is_err() {
            inner.phase.send_replace(Phase::Killing);
            // What is left are readers whose callers must first be run; they are killed with the pool at the latest.
            let _ = timeout(patience, health.wait_for(|health| health.living == 0)).await;
        }
        inner.phase.send_replace(Phase::Killing);
        closing.shutdown().await;
    }

    /// Waits for a free reader.
    async fn lease(&self) -> Result<Lease, ReadFailure> {
        let inner = &self.0;
        let (mut phase, mut health) = (inner.phase.subscribe(), inner.health.subscribe());
        let broken = |health: &Health| health.living == 0 && health.error.is_some();
        tokio::select! {
            biased;
            _ = phase.wait_for(|phase| *phase != Phase::Running) => Err(ReadFailure::Stopped),
            permit = inner.free.acquire() => {
                permit.map_err(|_| ReadFailure::Stopped)?.forget();
                let reader = inner.lock_idle().pop().ok_or(ReadFailure::Stopped)?;
                Ok(Lease { reader: Some(reader), inner: Arc::clone(inner), given_back: false })
            }
            health = health.wait_for(broken) => {
                let error = health.ok().and_then(|health| health.error.clone());
                Err(error.map_or(ReadFailure::Stopped, ReadFailure::NoReader))
            }
        }
    }
}

impl Inner {
    fn lock_idle(&self) -> std::sync::MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn one_less(&self) {
        self.health.send_modify(|health| health.living = health.living.saturating_sub(1));
    }

    /// Takes a reader into service; false, and the reader is killed, when the pool is being stopped.
    fn put(&self, reader: Reader) -> bool {
        // The lock is taken first: `stop` changes the phase before it empties the list, so no reader comes into it behind its back.
        let mut idle = self.lock_idle();
        if *self.phase.borrow() != Phase::Running {
            return false;
        }
        idle.push(reader);
        self.free.add_permits(1);
        true
    }
}

/// A reader that a caller holds. When it is not given back whole, whatever is left of it is killed, and another is started.
struct Lease {
    reader: Option<Reader>,
    inner: Arc<Inner>,
    given_back: bool,
}

impl Lease {
    fn reader(&mut self) -> Result<&mut Reader, ReadFailure> {
        self.reader.as_mut().ok_or(ReadFailure::Stopped)
    }

    /// The reader is done with its document; it is replaced when it is worn.
    fn give_back(mut self, resident_kib: u64) {
        let Some(reader) = self.reader.take() else { return };
        let config = &self.inner.config;
        if reader.documents >= config.documents_per_reader || resident_kib / 1024 > config.memory_idle_mib {
            debug!(documents = reader.documents, resident_kib, "a reader is replaced");
            tokio::spawn(reader.close(config.time_stop));
        } else {
            self.given_back = self.inner.put(reader);
        }
    }

    /// The reader is killed, with its group.
    async fn bury(mut self, fault: Fault) -> Death {
        let Some(reader) = self.reader.take() else { return Death::Nonsense("nothing, for it was gone") };
        let death = reader.bury(&self.inner.config, fault).await;
        warn!(%death, "a reader died");
        death
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if self.given_back {
            return;
        }
        self.reader = None;
        self.inner.one_less();
        if *self.inner.phase.borrow() == Phase::Running
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(replace(Arc::downgrade(&self.inner)));
        }
    }
}

/// Starts a reader in place of one that is gone, as often as it takes, until the pool is stopped or gone.
async fn replace(pool: Weak<Inner>) {
    let mut pause = BACKOFF_FIRST;
    while let Some(inner) = pool.upgrade() {
        let mut phase = inner.phase.subscribe();
        let started = tokio::select! {
            started = Reader::start(&inner.config, inner.config.sandbox, &inner.spawner) => started,
            _ = phase.wait_for(|phase| *phase != Phase::Running) => return,
        };
        match started {
            Ok(reader) => {
                inner.health.send_modify(|health| {
                    health.living += 1;
                    health.error = None;
                });
                if !inner.put(reader) {
                    inner.one_less();
                }
                return;
            }
            Err(error) => {
                warn!(%error, pause_ms = pause.as_millis(), "a reader does not start");
                inner.health.send_modify(|health| health.error = Some(error));
            }
        }
        drop(inner);
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = phase.wait_for(|phase| *phase != Phase::Running) => return,
        }
        pause = (pause * 2).min(BACKOFF_MAX);
    }
}

fn announce(layers: &[(Layer, Held)], readers: usize) {
    info!(readers, "readers are ready");
    for (layer, held) in layers.iter().filter(|(_, held)| !held.holds()) {
        warn!(%layer, why = held.how(), "a layer of the readers' sandbox is missing");
    }
}

/// What holds a reader, found out by trying. For `doctor`.
#[derive(Debug, Clone)]
pub struct Report {
    /// The layers, each tried by itself as it was put on.
    pub layers: Vec<(Layer, Held)>,
    /// Attempts to break out of all of them together.
    pub trials: Vec<(Trial, Held)>,
    /// What the reader reads with.
    pub engines: Vec<String>,
}

impl Report {
    /// Whether everything holds that [`SandboxMode::Required`] asks for, and no attempt to break out succeeded.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.layers.iter().all(|(layer, held)| held.holds() || !layer.required()) && self.trials.iter().all(|(_, held)| held.holds())
    }
}

/// Starts a reader as the configuration says, but with whatever layers there are, and has it try to break out of each.
///
/// # Errors
/// When it does not start.
pub async fn probe(config: &PoolConfig) -> Result<Report, StartError> {
    let spawner = Spawner::new()?;
    let start = || Reader::start(config, SandboxMode::BestEffort, &spawner);
    let mut reader = start().await?;
    let mut report = Report { layers: reader.hello.layers.clone(), trials: Vec::new(), engines: reader.hello.engines.clone() };
    for trial in Trial::ALL {
        let held = match reader.attempt(config, trial).await {
            Ok(held) => held,
            Err(fault) => {
                let death = reader.bury(config, fault).await;
                reader = start().await?;
                judged(&death)
            }
        };
        report.trials.push((trial, held));
    }
    reader.close(config.time_stop).await;
    Ok(report)
}

/// What the death of a reader over an attempt says: killed for a forbidden call or for its memory is what was wanted.
fn judged(death: &Death) -> Held {
    match death {
        Death::Crash(super::Exit::Signal(signal)) if *signal == nix::libc::SIGSYS => Held::Yes("killed on the attempt".to_owned()),
        Death::Memory { .. } => Held::Yes("ended for want of memory".to_owned()),
        other => Held::No(format!("{other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> PoolConfig {
        PoolConfig { time_max: Duration::from_secs(200), ..PoolConfig::new("/nowhere/reader".into(), vec![]) }
    }

    #[test]
    fn time_grows_with_the_size_up_to_a_bound() {
        let seconds = |bytes| config().time_for(bytes).as_secs();
        assert_eq!([seconds(0), seconds(1), seconds(1 << 20), seconds((1 << 20) + 1)], [60, 90, 90, 120]);
        assert_eq!([seconds(100 << 20), seconds(u64::MAX)], [200, 200]);
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_named() {
        let error = Pool::start(config()).await.expect_err("there is no such program");
        assert!(matches!(&error, StartError::Spawn { program, .. } if program == "/nowhere/reader"), "{error}");
    }

    #[tokio::test]
    async fn a_program_that_is_no_reader_is_found_out() {
        // It answers with the frame that it was sent.
        let error = Pool::start(PoolConfig { program: "/bin/cat".into(), ..config() }).await.expect_err("cat is no reader");
        assert!(matches!(error, StartError::Foreign(_)), "{error}");
        let error = Pool::start(PoolConfig { program: "/bin/false".into(), ..config() }).await.expect_err("it ends at once");
        assert!(matches!(error, StartError::Died { .. }), "{error}");
    }
}
