//! The reader: the child process that parses hostile bytes, and the pool that keeps a few of them warm.
//!
//! Two processes, on purpose. The daemon holds keys, database and network and never parses a document; the reader parses documents and
//! has none of these. They speak frames over the child's standard input and output (`protocol.rs` says which), and nothing the child says
//! is believed beyond its bounds (`wire.rs`). [`child`] is the inside: warm up, lock down ([`sandbox`]), then one document at a time.
//! [`pool`] is the outside: time-outs, the killing of whole process groups, replacement.
//!
//! What this room does not do: it does not count attempts (the pipeline does, before it calls [`Pool::read`]), it does not know what a
//! form is (the work is a closure), and it writes nothing to disk.
//!
//! A reader that was taken over by a document can lie about the documents it reads afterwards: that is the price of keeping it warm. It
//! has no way to send anything out but through its answers. Whoever wants not even that sets `documents_per_reader` to 1.

mod answer;
pub mod child;
mod filter;
pub mod pool;
mod process;
mod protocol;
pub mod sandbox;
mod trial;
mod wire;

use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::time::Duration;

pub use child::{Progress, Warm, serve, serve_on};
pub use pool::{Pool, PoolConfig, Report, probe};
pub use sandbox::{Held, Layer, SandboxMode};
pub use trial::Trial;

use crate::clock::Date;
use crate::document::{Origin, Refusal};

/// What a reader is told about a document, besides its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// The day the document came in, which the rules of forms are held against.
    pub received: Date,
    /// How it came: a message is read as one, whatever its bytes look like.
    pub origin: Origin,
    /// Whether numbers of the synthetic series of test persons are taken for valid.
    pub test_ids: bool,
    /// Whether a picture of each zone is wanted, for the person who settles it.
    pub crops: bool,
    /// Whether the normalised text of letters is wanted.
    pub text: bool,
    /// Whether a picture of each page is wanted, with what was read drawn on it.
    pub pictures: Pictures,
    /// What our own mail server calls itself when it says what it has found of a sender; none when nothing it says counts.
    pub mail_server: Option<String>,
    /// The keys of domains, by their names in the DNS: of a message nothing but its head is wanted then, and which signatures hold.
    pub keys: Option<Vec<(String, String)>>,
}

impl Job {
    /// A document that was received that day, and nothing but its fields wanted.
    #[must_use]
    pub fn plain(received: Date, origin: Origin, test_ids: bool) -> Self {
        Self { received, origin, test_ids, crops: false, text: false, pictures: Pictures::No, mail_server: None, keys: None }
    }
}

/// Which pictures of pages are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pictures {
    /// None.
    No,
    /// One a page, on which everything that is of a special category, or that nobody can tell is not, is covered. It is covered in the reader, so that it
    /// goes no further.
    Covered,
    /// One a page, with all that stands on it.
    Whole,
}

/// Bytes that one picture of a page may have. A page whose picture has more goes without.
pub const PICTURE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes that all pictures of a document's pages may have together. The pages after that go without.
pub const PICTURES_BYTES_MAX: usize = 128 * 1024 * 1024;

/// Why a document was not read. Only [`ReadFailure::Refused`] is final.
#[derive(Debug, thiserror::Error)]
pub enum ReadFailure {
    /// The document cannot be read, and another try will not change that.
    #[error(transparent)]
    Refused(Refusal),
    /// The reader died over it. Another try may go well; one that dies as often as is allowed is quarantined.
    #[error(transparent)]
    Died(Death),
    /// The original could not be read to its end, so no reader worked on it.
    #[error("the original could not be sent to a reader: {0}")]
    Source(#[source] io::Error),
    /// There is no living reader and a new one does not start. The document is not to blame.
    #[error(transparent)]
    NoReader(StartError),
    /// The pool was stopped before the document was read. The document is not to blame.
    #[error("the readers are being stopped\nthe document is read when the daemon runs again")]
    Stopped,
}

impl ReadFailure {
    /// Whether the document may be the cause, so that the attempt must stay counted.
    #[must_use]
    pub fn blames_document(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Died(_))
    }
}

/// How a reader died over a document. It says nothing of the content, so it may stand in a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Death {
    /// It ended by itself, or was ended from outside.
    #[error("the reader {0}")]
    Crash(Exit),
    /// A check inside the reader failed. Its message may hold content, so it stays in the reader.
    #[error("the reader gave up on an internal error")]
    Panic,
    /// It took longer than the document's size allows, and was killed.
    #[error("the reader was killed after {:.1} s without an answer", after.as_secs_f64())]
    Hang {
        /// How long it was given.
        after: Duration,
    },
    /// It wanted more memory than it may have.
    #[error("the reader needed more than {limit_mib} MiB of memory")]
    Memory {
        /// The limit.
        limit_mib: u64,
    },
    /// It said something outside the protocol or its bounds, and was killed.
    #[error("the reader answered nonsense: {0}")]
    Nonsense(&'static str),
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By this signal.
    Signal(i32),
    /// With this exit status.
    Status(i32),
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use nix::sys::signal::Signal;
        match *self {
            Self::Signal(number) => match Signal::try_from(number) {
                Ok(Signal::SIGSYS) => f.write_str("made a system call that readers may not make (SIGSYS)"),
                Ok(Signal::SIGKILL) => f.write_str("was killed from outside (SIGKILL), as the kernel does when the machine's memory runs out"),
                Ok(signal) => write!(f, "crashed ({signal})"),
                Err(_) => write!(f, "crashed (signal {number})"),
            },
            Self::Status(status) => write!(f, "ended with status {status}"),
        }
    }
}

impl From<std::process::ExitStatus> for Exit {
    fn from(status: std::process::ExitStatus) -> Self {
        use std::os::unix::process::ExitStatusExt;
        status.signal().map_or_else(|| Self::Status(status.code().unwrap_or(-1)), Self::Signal)
    }
}

/// Why a reader does not start. Nothing here comes from a document: no reader has seen one yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The program could not be run.
    #[error(
        "the reader `{program}` could not be started: {why}\n\
         check that the program is there, may be run, and that the machine has processes and memory left"
    )]
    Spawn {
        /// The program.
        program: String,
        /// What the system said.
        why: String,
    },
    /// The reader could not load what it reads with. The text is the warm-up's own: what is missing and what to do.
    #[error("{0}")]
    WarmUp(String),
    /// A layer of the sandbox does not hold, and the configuration requires it.
    #[error(
        "the reader's sandbox lacks its layer `{layer}`: {why}\n\
         `postsluse doctor` shows all layers; sandbox = \"best-effort\" reads without the missing ones"
    )]
    Sandbox {
        /// The first layer that is missing.
        layer: Layer,
        /// What the system said.
        why: String,
    },
    /// It ended before it was ready.
    #[error(
        "the reader {exit} before it was ready: {said}\n\
         raise the reader's memory limit if it ran out of memory; else run the reader's program by hand to see what it lacks"
    )]
    Died {
        /// How it ended.
        exit: Exit,
        /// The end of what it wrote to its standard error.
        said: String,
    },
    /// It was not ready in time.
    #[error("the reader was not ready after {:.0} s\nthe machine may be overloaded; lower the number of readers or raise the reader's start time", after.as_secs_f64())]
    Slow {
        /// How long it was given.
        after: Duration,
    },
    /// It is not a reader, or one of another version.
    #[error(
        "the program that was started as a reader does not speak the reader's protocol: {0}\nstart the daemon and its readers from the same version of the program"
    )]
    Foreign(&'static str),
    /// The pool cannot have the thread from which readers are started.
    #[error("readers cannot be started: {0}\nthe machine has no threads or memory left")]
    Thread(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_refusals_and_deaths_are_held_against_a_document() {
        assert!(ReadFailure::Died(Death::Panic).blames_document());
        assert!(!ReadFailure::Stopped.blames_document());
        assert!(!ReadFailure::NoReader(StartError::Slow { after: Duration::from_secs(1) }).blames_document());
        assert!(!ReadFailure::Source(io::ErrorKind::UnexpectedEof.into()).blames_document());
    }

    #[test]
    fn ends_are_told_in_words() {
        assert_eq!(Death::Crash(Exit::Signal(11)).to_string(), "the reader crashed (SIGSEGV)");
        assert_eq!(Death::Crash(Exit::Status(3)).to_string(), "the reader ended with status 3");
        assert_eq!(Death::Hang { after: Duration::from_millis(1500) }.to_string(), "the reader was killed after 1.5 s without an answer");
    }
}
