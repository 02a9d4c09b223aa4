//! Attempts to break out, made by a locked reader on the daemon's request, so that `doctor` shows what holds and not what was set.
//!
//! Each attempt is harmless where it succeeds. Several are meant to kill the reader: the daemon sees that, and starts another.

use nix::sys::signal::kill;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::net::UdpSocket;
use std::process::Command;

use super::sandbox::Held;

/// An attempt to do what a reader must not be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trial {
    /// To open a file for reading.
    ReadFile,
    /// To make a file.
    WriteFile,
    /// To open a socket.
    Network,
    /// To start a program.
    Program,
    /// To signal the daemon.
    Signal,
    /// To have more memory than the limit.
    Memory,
}

impl Trial {
    /// Every attempt.
    pub const ALL: [Self; 6] = [Self::ReadFile, Self::WriteFile, Self::Network, Self::Program, Self::Signal, Self::Memory];

    /// Makes the attempt in this process. It may not return.
    pub(super) fn attempt(self, memory_mib: u64) -> Held {
        match self {
            Self::ReadFile => held(File::open("/etc/passwd")),
            Self::WriteFile => held(write_file()),
            Self::Network => held(UdpSocket::bind("127.0.0.1:0")),
            // With the reader's own pipes, for opening /dev/null would fail before the attempt.
            Self::Program => held(Command::new("/bin/true").status()),
            // Signal number 0 asks whether a signal could be sent.
            Self::Signal => held(kill(nix::unistd::getppid(), None).map_err(io::Error::from)),
            Self::Memory => held(more_memory(memory_mib)),
        }
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReadFile => "read a file",
            Self::WriteFile => "write a file",
            Self::Network => "open a socket",
            Self::Program => "start a program",
            Self::Signal => "signal the daemon",
            Self::Memory => "take more memory than the limit",
        })
    }
}

fn held<T>(attempt: io::Result<T>) -> Held {
    match attempt {
        Ok(_) => Held::No("it succeeded".to_owned()),
        Err(error) => Held::Yes(format!("refused: {error}")),
    }
}

fn write_file() -> io::Result<()> {
    let path = std::env::temp_dir().join(format!("postsluse-doctor-{}", std::process::id()));
    OpenOptions::new().write(true).create_new(true).open(&path)?;
    // Nothing may be left behind by a sandbox that does not hold.
    let _ = std::fs::remove_file(&path);
    Ok(())
}

fn more_memory(memory_mib: u64) -> io::Result<()> {
    let beyond = usize::try_from(memory_mib.saturating_mul(1024 * 1024)).unwrap_or(usize::MAX / 2);
    Vec::<u8>::new().try_reserve_exact(beyond).map_err(|_| io::ErrorKind::OutOfMemory.into())
}
