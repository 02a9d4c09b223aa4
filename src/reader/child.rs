//! The inside of a reader: `postsluse reader` calls [`serve`], which warms up, locks itself down, and then reads one document at a time.
//!
//! It relies on being called first thing on the main thread: before any other thread (namespaces and Landlock bind one thread) and before
//! any file is opened (whatever the daemon leaked is closed). The warm-up may read files; after it nothing can. Work runs on the calling
//! thread, whose stack may grow to 64 MiB; there is no second thread to escape the sandbox or to fight for the processor.
//!
//! What the work says in a panic may hold content, so it is neither printed nor sent: the daemon learns only that there was one.

use nix::unistd::{SysconfVar, close, dup2_stdin, dup2_stdout, sysconf};
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use super::protocol::{self, FrameError, Kind, VERSION};
use super::sandbox::{self, Held, SandboxMode};
use super::wire::{self, Done, Failed, Hello, Order, Start, Try};
use super::{Job, Layer};
use crate::document::{Refusal, RefusalCode};
use crate::record::Reading;

/// The exit code of a reader that could not start, or whose daemon spoke nonsense. The reason went to the daemon, or to standard error.
const FAILED: u8 = 2;
/// The exit code after a panic.
const PANICKED: u8 = 70;

/// A reader that has loaded all it needs.
pub struct Warm<W> {
    /// Reads one document: what is asked, its bytes, and where to tell of progress.
    pub work: W,
    /// What it reads with, with versions: `tesseract 5.3.0 nor+eng`.
    pub engines: Vec<String>,
}

/// Tells the daemon which page is being worked on, so that a long document gets the time it needs and a hanging page does not.
pub struct Progress {
    output: File,
    last: u32,
}

impl Progress {
    /// Work on page `number` (from 1) begins. Only a number higher than the last is told.
    pub fn page(&mut self, number: u32) {
        if number > self.last {
            self.last = number;
            // A daemon that is gone is noticed when the answer is sent.
            let _ = protocol::write(&mut self.output, Kind::Page, &[&number.to_le_bytes()]);
        }
    }
}

/// Is a reader on standard input and output until the input ends. To be called on the main thread, before any other is started and any file
/// is opened.
///
/// `warm_up` loads models and forms; its error is shown to the operator and should say what is missing and, on a second line, what to do.
pub fn serve<W>(warm_up: impl FnOnce() -> Result<Warm<W>, String>) -> ExitCode
where
    W: FnMut(&Job, Vec<u8>, &mut Progress) -> Result<Reading, Refusal>,
{
    if io::stdin().is_terminal() || io::stdout().is_terminal() {
        complain("`postsluse reader` is started by the daemon, not by hand\nuse `postsluse read FILE` to read a document");
        return FAILED.into();
    }
    match take_pipes() {
        Ok((input, output)) => serve_on(input, output, warm_up),
        Err(error) => {
            complain(&format!("the reader's pipes cannot be used: {error}"));
            FAILED.into()
        }
    }
}

/// Is a reader on these pipes. [`serve`] without the care for standard input and output, for tests whose harness writes to them.
pub fn serve_on<W>(mut input: File, mut output: File, warm_up: impl FnOnce() -> Result<Warm<W>, String>) -> ExitCode
where
    W: FnMut(&Job, Vec<u8>, &mut Progress) -> Result<Reading, Refusal>,
{
    sandbox::leave_signals_to_the_daemon();
    match prepare(&mut input, &mut output, warm_up).and_then(|mut session| session.run(&mut input)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(End::Gone) => FAILED.into(),
        Err(End::Panicked) => PANICKED.into(),
        Err(End::Failed(why)) => {
            let json = serde_json::to_vec(&why).unwrap_or_default();
            let _ = protocol::write(&mut output, Kind::Failed, &[&json]);
            FAILED.into()
        }
        Err(End::Nonsense(what)) => {
            complain(&format!("the daemon said what a reader does not understand: {what}"));
            FAILED.into()
        }
    }
}

/// Why a reader ends before its input does.
enum End {
    Gone,
    Panicked,
    Failed(Failed),
    Nonsense(&'static str),
}

impl From<FrameError> for End {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::Gone => Self::Gone,
            FrameError::Nonsense(what) => Self::Nonsense(what),
        }
    }
}

/// Takes the pipes off standard input and output, so that a library that prints cannot speak to the daemon, and closes all else.
fn take_pipes() -> io::Result<(File, File)> {
    close_inherited();
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    dup2_stdin(File::open("/dev/null")?)?;
    dup2_stdout(io::stderr())?;
    Ok((input, output))
}

/// Closes every descriptor above standard error. Rust marks its own so that they are not passed on; a service manager's or a shell's may be.
fn close_inherited() {
    let Ok(folder) = std::fs::read_dir("/proc/self/fd") else { return };
    let open: Vec<i32> = folder.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(|number| *number > 2).collect();
    for number in open {
        // The folder's own descriptor was among them and is closed already.
        let _ = close(number);
    }
}

fn prepare<W>(input: &mut File, output: &mut File, warm_up: impl FnOnce() -> Result<Warm<W>, String>) -> Result<Session<W>, End> {
    let start: Start = parse(&expect(input, Kind::Start)?)?;
    if start.version != VERSION {
        return Err(End::Failed(Failed::Version(VERSION)));
    }
    sandbox::die_with(start.daemon).map_err(|why| End::Failed(Failed::Sandbox(Layer::Privileges, why)))?;
    if let Err(why) = sandbox::bound(start.memory_mib)
        && start.sandbox == SandboxMode::Required
    {
        return Err(End::Failed(Failed::Sandbox(Layer::Limits, why)));
    }
    let warm = warm_up().map_err(|why| End::Failed(Failed::WarmUp(shortened(&why))))?;
    let session_output = output.try_clone().map_err(|_| End::Gone)?;
    let progress = Progress { output: output.try_clone().map_err(|_| End::Gone)?, last: 0 };
    let memory = ResidentMemory::open();
    // Messages of panics may hold content.
    std::panic::set_hook(Box::new(|_| {}));
    let layers = sandbox::lock_down(start.daemon, start.memory_mib);
    if start.sandbox == SandboxMode::Required {
        let missing = layers.iter().find(|(layer, held)| layer.required() && !held.holds());
        if let Some((layer, held)) = missing {
            return Err(End::Failed(Failed::Sandbox(*layer, held.how().to_owned())));
        }
    }
    let hello = Hello { version: VERSION, layers, engines: warm.engines };
    send(output, Kind::Hello, &hello)?;
    Ok(Session { work: warm.work, output: session_output, progress, memory, memory_mib: start.memory_mib })
}

/// A locked reader at work.
struct Session<W> {
    work: W,
    output: File,
    progress: Progress,
    memory: Option<ResidentMemory>,
    memory_mib: u64,
}

impl<W> Session<W>
where
    W: FnMut(&Job, Vec<u8>, &mut Progress) -> Result<Reading, Refusal>,
{
    fn run(&mut self, input: &mut File) -> Result<(), End> {
        while let Some((kind, length)) = protocol::read_header(input)? {
            let mut body = Vec::new();
            protocol::read_body(input, length, &mut body)?;
            match kind {
                Kind::Job => self.job(&parse(&body)?, input)?,
                Kind::Try => self.attempt(&parse(&body)?)?,
                _ => return Err(End::Nonsense("a frame out of its turn")),
            }
        }
        Ok(())
    }

    fn job(&mut self, order: &Order, input: &mut File) -> Result<(), End> {
        let document = match gather(input, order.bytes)? {
            Gathered::Whole(document) => document,
            Gathered::TooLarge => return self.answer(order, Err(too_large(order.bytes, self.memory_mib))),
            Gathered::Aborted => return Ok(()),
        };
        // Without this bound the daemon's own time-out remains.
        let _ = sandbox::allow_processor_time(order.cpu_seconds);
        self.progress.last = 0;
        match catch_unwind(AssertUnwindSafe(|| (self.work)(&order.job, document, &mut self.progress))) {
            Ok(result) => self.answer(order, result),
            Err(payload) => {
                // Dropping it could panic again.
                std::mem::forget(payload);
                let _ = protocol::write(&mut self.output, Kind::Panicked, &[]);
                Err(End::Panicked)
            }
        }
    }

    fn answer(&mut self, order: &Order, result: Result<Reading, Refusal>) -> Result<(), End> {
        match result {
            Ok(reading) => {
                // The daemon would condemn it too; a reading that large is a fault of the work, like a panic.
                let json = wire::write_reading(&reading, &order.job).map_err(End::Nonsense)?;
                protocol::write(&mut self.output, Kind::Reading, &[&json])?;
                for (part, field, crop) in wire::crops(&reading).filter(|_| order.job.crops) {
                    protocol::write(&mut self.output, Kind::Crop, &[&part.to_le_bytes(), &field.to_le_bytes(), &crop.png])?;
                }
                for picture in wire::pictures(&reading, &order.job) {
                    protocol::write(&mut self.output, Kind::Picture, &[&picture.page.to_le_bytes(), &picture.png])?;
                }
            }
            Err(refusal) => protocol::write(&mut self.output, Kind::Refused, &[&wire::write_refusal(&refusal)])?,
        }
        send(&mut self.output, Kind::Done, &Done { resident_kib: self.memory.as_ref().map_or(0, ResidentMemory::kib) })
    }

    fn attempt(&mut self, order: &Try) -> Result<(), End> {
        let held: Held = order.trial.attempt(self.memory_mib);
        send(&mut self.output, Kind::Tried, &held)
    }
}

/// What came of a document's frames.
enum Gathered {
    Whole(Vec<u8>),
    TooLarge,
    Aborted,
}

fn gather(input: &mut File, bytes: u64) -> Result<Gathered, End> {
    let mut document = Vec::new();
    let fits = usize::try_from(bytes).is_ok_and(|bytes| document.try_reserve_exact(bytes).is_ok());
    let mut left = bytes;
    loop {
        let (kind, length) = protocol::read_header(input)?.ok_or(End::Gone)?;
        match kind {
            Kind::Chunk => {
                left = left.checked_sub(length as u64).ok_or(End::Nonsense("more bytes than were announced"))?;
                if fits {
                    protocol::read_body(input, length, &mut document)?;
                } else {
                    io::copy(&mut input.take(length as u64), &mut io::sink()).map_err(|_| End::Gone)?;
                }
            }
            Kind::Abort => return Ok(Gathered::Aborted),
            Kind::End if left == 0 && fits => return Ok(Gathered::Whole(document)),
            Kind::End if left == 0 => return Ok(Gathered::TooLarge),
            _ => return Err(End::Nonsense("a document cut short")),
        }
    }
}

/// The refusal of a document for which there is not the memory.
pub(super) fn too_large(bytes: u64, memory_mib: u64) -> Refusal {
    Refusal::new(
        RefusalCode::TooLarge,
        format!("the document has {} MiB, too many for a reader with {memory_mib} MiB of memory", bytes.div_ceil(1024 * 1024)),
        "scan it in several parts or at a lower resolution, or raise the reader's memory limit",
    )
}

/// How much memory the process holds, read through a file that was opened while files could be.
struct ResidentMemory {
    statm: File,
    page_bytes: u64,
}

impl ResidentMemory {
    fn open() -> Option<Self> {
        let page_bytes = sysconf(SysconfVar::PAGE_SIZE).ok().flatten().and_then(|bytes| u64::try_from(bytes).ok())?;
        Some(Self { statm: File::open("/proc/self/statm").ok()?, page_bytes })
    }

    /// KiB; 0 when it cannot be told.
    fn kib(&self) -> u64 {
        let mut text = [0; 128];
        let length = self.statm.read_at(&mut text, 0).unwrap_or(0);
        // proc(5): the second number is the resident set in pages.
        let pages = std::str::from_utf8(&text[..length]).ok().and_then(|text| text.split_ascii_whitespace().nth(1)?.parse::<u64>().ok());
        pages.unwrap_or(0).saturating_mul(self.page_bytes) / 1024
    }
}

fn expect(input: &mut File, wanted: Kind) -> Result<Vec<u8>, End> {
    let (kind, length) = protocol::read_header(input)?.ok_or(End::Gone)?;
    if kind != wanted {
        return Err(End::Nonsense("another frame than the first"));
    }
    let mut body = Vec::new();
    protocol::read_body(input, length, &mut body)?;
    Ok(body)
}

fn parse<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, End> {
    serde_json::from_slice(body).map_err(|_| End::Nonsense("a frame that is not of the agreed shape"))
}

fn send(output: &mut File, kind: Kind, message: &impl serde::Serialize) -> Result<(), End> {
    let json = serde_json::to_vec(message).map_err(|_| End::Nonsense("an answer that cannot be written as JSON"))?;
    protocol::write(output, kind, &[&json])?;
    Ok(())
}

fn shortened(text: &str) -> String {
    text.chars().take(1000).collect()
}

fn complain(what: &str) {
    let _ = writeln!(io::stderr(), "{what}");
}
