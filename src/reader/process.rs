//! One reader process, seen from the daemon: started in its own process group, fed one document at a time, killed with its group.
//!
//! Everything it says is bounded by [`super::protocol`] and [`super::wire`]. What it writes to its standard error is kept short and never
//! passed on once it has seen a document: it may hold content. A [`Reader`] that is dropped is killed.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::answer::{self, Fault};
use super::pool::PoolConfig;
use super::protocol::{self, CHUNK_BYTES_MAX, HEADER_BYTES, Kind, VERSION};
use super::wire::{self, Failed, Hello, Order, Start, Try};
use super::{Death, Exit, Held, Job, SandboxMode, StartError, Trial};
use crate::document::Refusal;
use crate::record::Reading;

/// How much of a reader's standard error is kept.
const SAID_BYTES_MAX: usize = 4096;
/// How long a process that closed its pipe may take to end by itself, and a killed one to be gone.
const END_TIME: Duration = Duration::from_secs(5);

/// The thread from which readers are started.
///
/// The kernel kills a child that asked for it when the *thread* that started it ends, and threads of an asynchronous runtime come and go.
/// This one lives as long as the pool.
pub(super) struct Spawner {
    requests: mpsc::Sender<(Command, oneshot::Sender<io::Result<Child>>)>,
}

impl Spawner {
    /// Starts the thread. To be called within a tokio runtime.
    pub(super) fn new() -> Result<Self, StartError> {
        let runtime = tokio::runtime::Handle::current();
        let (requests, waiting) = mpsc::channel::<(Command, oneshot::Sender<io::Result<Child>>)>();
        let serve = move || {
            let _runtime = runtime.enter();
            for (mut command, reply) in waiting {
                // When nobody waits any more, the child comes back here and is killed as it is dropped.
                let _ = reply.send(command.spawn());
            }
        };
        std::thread::Builder::new().name("reader-starter".into()).spawn(serve).map_err(|error| StartError::Thread(error.to_string()))?;
        Ok(Self { requests })
    }

    async fn spawn(&self, command: Command) -> io::Result<Child> {
        let (reply, answer) = oneshot::channel();
        let gone = || io::Error::other("the thread that starts readers is gone");
        self.requests.send((command, reply)).map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// What came of a document, the reader living on.
pub(super) enum Answer {
    /// It was read, or refused; the reader holds so much memory (KiB) now.
    Read(Result<Reading, Refusal>, u64),
    /// It could not be sent, and the reader has forgotten it.
    Source(io::Error),
}

/// A reader process that is ready.
pub(super) struct Reader {
    process: Process,
    /// What it said of itself.
    pub hello: Hello,
    /// How many documents it was given.
    pub documents: u32,
}

impl Reader {
    /// Starts one and waits until it is ready.
    pub(super) async fn start(config: &PoolConfig, sandbox: SandboxMode, spawner: &Spawner) -> Result<Self, StartError> {
        let mut process = Process::start(config, spawner).await?;
        match timeout(config.time_start, process.greet(config, sandbox)).await {
            Err(_) => Err(StartError::Slow { after: config.time_start }),
            Ok(Ok(hello)) => {
                process.said.forget();
                Ok(Self { process, hello, documents: 0 })
            }
            Ok(Err(Greeting::Failed(error))) => Err(error),
            Ok(Err(Greeting::Gone)) => {
                let end = process.end(END_TIME).await;
                Err(StartError::Died { exit: end.exit, said: printable(&end.said) })
            }
        }
    }

    /// Has a document read. After a [`Fault`] the reader is of no use but for [`Reader::bury`].
    pub(super) async fn read(&mut self, config: &PoolConfig, job: &Job, bytes: u64, original: &mut (dyn AsyncRead + Send + Unpin)) -> Result<Answer, Fault> {
        self.documents += 1;
        let order = Order { job: job.clone(), bytes, cpu_seconds: config.time_max.as_secs() };
        self.process.say(config, Kind::Job, &order).await?;
        if let Err(error) = self.process.send_document(config, bytes, original).await? {
            self.process.send(config, &protocol::encode(Kind::Abort, &[])?).await?;
            return Ok(Answer::Source(error));
        }
        self.process.send(config, &protocol::encode(Kind::End, &[])?).await?;
        let (result, resident_kib) = answer::hear(&mut self.process.output, config, job, bytes).await?;
        Ok(Answer::Read(result, resident_kib))
    }

    /// Has the reader try to break out. It may die of it.
    pub(super) async fn attempt(&mut self, config: &PoolConfig, trial: Trial) -> Result<Held, Fault> {
        self.process.say(config, Kind::Try, &Try { trial }).await?;
        let frame = timeout(config.time_base, protocol::receive(&mut self.process.output)).await.map_err(|_| Fault::Hang(config.time_base))??;
        if frame.kind != Kind::Tried {
            return Err(Fault::Nonsense("another answer than to the question"));
        }
        serde_json::from_slice(&frame.body).map_err(|_| Fault::Nonsense("an answer that is not of the agreed shape"))
    }

    /// Kills what is left of the reader with its process group, and says how it died.
    pub(super) async fn bury(mut self, config: &PoolConfig, fault: Fault) -> Death {
        let patience = if matches!(fault, Fault::Gone) { END_TIME } else { Duration::ZERO };
        let end = self.process.end(patience).await;
        match fault {
            Fault::Panicked => Death::Panic,
            Fault::Hang(after) => Death::Hang { after },
            Fault::Nonsense(what) => Death::Nonsense(what),
            Fault::Gone => died(&end, config),
        }
    }

    /// Closes the reader's input, at which it ends by itself; kills it when it does not within `patience`.
    pub(super) async fn close(mut self, patience: Duration) {
        self.process.input = None;
        self.process.end(patience).await;
    }
}

/// How a reader died that closed its pipe unasked.
fn died(end: &End, config: &PoolConfig) -> Death {
    // Rust's allocator; C++'s `new`, uncaught; the same on its way through Rust. All end in abort(3), and Tesseract throws nothing else.
    // A reader that lies about it earns itself another word in a log.
    let words: [&[u8]; 3] = [b"memory allocation of", b"std::bad_alloc", b"cannot catch foreign exceptions"];
    let out_of_memory = words.iter().any(|words| end.said.windows(words.len()).any(|window| window == *words));
    match end.exit {
        _ if !end.by_itself => Death::Nonsense("the end of its answers while it lived on"),
        Exit::Signal(signal) if signal == Signal::SIGXCPU as i32 => Death::Hang { after: config.time_max },
        Exit::Signal(_) if out_of_memory => Death::Memory { limit_mib: config.memory_mib },
        exit => Death::Crash(exit),
    }
}

/// The end of a process.
struct End {
    exit: Exit,
    /// Whether it ended before it was killed.
    by_itself: bool,
    /// What it wrote to its standard error last.
    said: Zeroizing<Vec<u8>>,
}

/// The process with its pipes, ready or not.
struct Process {
    child: Child,
    group: Pid,
    input: Option<ChildStdin>,
    output: ChildStdout,
    said: Said,
}

/// Why there was no greeting.
enum Greeting {
    Gone,
    Failed(StartError),
}

impl From<Fault> for Greeting {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Nonsense(what) => Self::Failed(StartError::Foreign(what)),
            Fault::Hang(after) => Self::Failed(StartError::Slow { after }),
            Fault::Gone | Fault::Panicked => Self::Gone,
        }
    }
}

impl Process {
    async fn start(config: &PoolConfig, spawner: &Spawner) -> Result<Self, StartError> {
        let failed = |why: String| StartError::Spawn { program: config.program.display().to_string(), why };
        let mut child = spawner.spawn(command(config)).await.map_err(|error| failed(error.to_string()))?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
        match (group, child.stdin.take(), child.stdout.take(), child.stderr.take()) {
            (Some(group), Some(input), Some(output), Some(errors)) => Ok(Self { child, group, input: Some(input), output, said: Said::listen(errors) }),
            _ => Err(failed("it has no pipes".to_owned())),
        }
    }

    async fn greet(&mut self, config: &PoolConfig, sandbox: SandboxMode) -> Result<Hello, Greeting> {
        let start = Start { version: VERSION, daemon: std::process::id(), memory_mib: config.memory_mib, sandbox };
        self.say(config, Kind::Start, &start).await?;
        let frame = protocol::receive(&mut self.output).await.map_err(Fault::from)?;
        match frame.kind {
            Kind::Hello => wire::read_hello(&frame.body).map_err(|breach| Greeting::Failed(StartError::Foreign(breach))),
            Kind::Failed => Err(Greeting::Failed(failure(&frame.body))),
            _ => Err(Greeting::Failed(StartError::Foreign("another frame than the first"))),
        }
    }

    async fn say(&mut self, config: &PoolConfig, kind: Kind, message: &(impl serde::Serialize + Sync)) -> Result<(), Fault> {
        let json = serde_json::to_vec(message).map_err(|_| Fault::Nonsense("a question that cannot be written as JSON"))?;
        self.send(config, &protocol::encode(kind, &[&json])?).await
    }

    async fn send(&mut self, config: &PoolConfig, bytes: &[u8]) -> Result<(), Fault> {
        let input = self.input.as_mut().ok_or(Fault::Gone)?;
        timeout(config.time_base, input.write_all(bytes)).await.map_err(|_| Fault::Hang(config.time_base))?.map_err(|_| Fault::Gone)
    }

    /// Sends `original` in pieces. The inner error is the original's: it could not be read, or is not as long as was said.
    async fn send_document(&mut self, config: &PoolConfig, bytes: u64, original: &mut (dyn AsyncRead + Send + Unpin)) -> Result<io::Result<()>, Fault> {
        let mut piece = Zeroizing::new(vec![0; HEADER_BYTES + CHUNK_BYTES_MAX]);
        let mut sent = 0;
        loop {
            let length = match fill(original, &mut piece[HEADER_BYTES..]).await {
                Ok(length) => length,
                Err(error) => return Ok(Err(error)),
            };
            sent += length as u64;
            if sent > bytes || (length == 0 && sent < bytes) {
                let kind = if sent > bytes { io::ErrorKind::InvalidData } else { io::ErrorKind::UnexpectedEof };
                return Ok(Err(io::Error::new(
                    kind,
                    format!("the original has {} bytes than the {bytes} it should have", if sent > bytes { "more" } else { "fewer" }),
                )));
            }
            if length == 0 {
                return Ok(Ok(()));
            }
            piece[..HEADER_BYTES].copy_from_slice(&protocol::chunk_header(length)?);
            self.send(config, &piece[..HEADER_BYTES + length]).await?;
        }
    }

    /// Waits up to `patience` for the process to end by itself, then kills its group and takes leave of it.
    async fn end(&mut self, patience: Duration) -> End {
        self.input = None;
        // Until it is waited for, the process id stands for it even when it is dead, so the group that is killed is its own. That it
        // ends by itself is seen from the end of its error stream.
        let by_itself = !patience.is_zero() && self.said.finished(patience).await;
        self.kill();
        let exit = match timeout(END_TIME, self.child.wait()).await {
            Ok(Ok(status)) => Exit::from(status),
            _ => Exit::Signal(Signal::SIGKILL as i32),
        };
        self.said.finished(END_TIME).await;
        End { exit, by_itself, said: self.said.take() }
    }

    /// Kills the process and whatever it has started.
    fn kill(&mut self) {
        if self.child.id().is_some() {
            let _ = killpg(self.group, Signal::SIGKILL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The runtime reaps it.
        self.kill();
    }
}

/// The process: own group, three pipes, and an environment without anything of the daemon's.
fn command(config: &PoolConfig) -> Command {
    let mut command = Command::new(&config.program);
    command.args(&config.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // One OpenMP thread: OpenMP reads this when it is loaded, so it must be in the environment.
    command.env_clear().env("LANG", "C.UTF-8").env("OMP_THREAD_LIMIT", "1");
    if let Some(folder) = std::env::var_os("TESSDATA_PREFIX") {
        command.env("TESSDATA_PREFIX", folder);
    }
    command.process_group(0).kill_on_drop(true);
    command
}

/// The last that a process wrote to its standard error.
struct Said {
    kept: Arc<Mutex<Zeroizing<Vec<u8>>>>,
    listener: Option<JoinHandle<()>>,
}

impl Said {
    fn listen(mut errors: ChildStderr) -> Self {
        let kept = Arc::new(Mutex::new(Zeroizing::new(Vec::with_capacity(2 * SAID_BYTES_MAX))));
        let keep = Arc::clone(&kept);
        let listener = tokio::spawn(async move {
            let mut piece = Zeroizing::new([0; SAID_BYTES_MAX]);
            while let Ok(length @ 1..) = errors.read(piece.as_mut_slice()).await {
                let mut kept = keep.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&piece[..length]);
                let surplus = kept.len().saturating_sub(SAID_BYTES_MAX);
                kept.drain(..surplus);
            }
        });
        Self { kept, listener: Some(listener) }
    }

    /// Waits until the stream has ended, at most for `patience`; whether it has.
    async fn finished(&mut self, patience: Duration) -> bool {
        if let Some(listener) = &mut self.listener
            && timeout(patience, listener).await.is_ok()
        {
            self.listener = None;
        }
        self.listener.is_none()
    }

    fn forget(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn take(&self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        if let Some(listener) = &self.listener {
            listener.abort();
        }
    }
}

/// The end of what a reader said before it saw any document, fit for a log.
fn printable(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it said nothing");
    line.chars().filter(|c| !c.is_control()).take(300).collect()
}

fn failure(json: &[u8]) -> StartError {
    match serde_json::from_slice(json) {
        Ok(Failed::WarmUp(why)) => StartError::WarmUp(why),
        Ok(Failed::Sandbox(layer, why)) => StartError::Sandbox { layer, why },
        Ok(Failed::Version(_)) => StartError::Foreign("it is of another version"),
        Err(_) => StartError::Foreign("it failed for a reason that is not of the agreed shape"),
    }
}

/// Reads until `piece` is full or the original ends, so that chunks are as large as they may be.
async fn fill(original: &mut (dyn AsyncRead + Send + Unpin), piece: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < piece.len() {
        match original.read(&mut piece[filled..]).await? {
            0 => break,
            length => filled += length,
        }
    }
    Ok(filled)
}
