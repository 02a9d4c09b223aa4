//! The inboxes that are folders: watched folders and Maildirs. Mailboxes on a server are [`crate::mailbox`]'s.
//!
//! An inbox finds files and says when one has *settled*, that is, when nobody writes to it any more. It opens nothing but the tail of a PDF,
//! claims nothing and moves nothing: that is [`crate::intake`]'s work. Events from the kernel are a hint that it is worth looking; the
//! full scan is the truth ([`folder::scan`]), so a lost event costs a moment and never a document (failures F3, F5).

pub mod folder;
pub mod maildir;
pub mod settle;
pub mod watch;

use std::path::PathBuf;

use crate::clock::Timestamp;
use crate::document::Origin;

/// What tells one file from another, and from a later file under the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileIdentity {
    /// The device.
    pub device: u64,
    /// The inode.
    pub inode: u64,
    /// Bytes.
    pub size: u64,
    /// Time of the last change to the content, nanoseconds since 1970.
    pub modified_ns: i128,
}

impl FileIdentity {
    /// The identity of what `metadata` describes.
    #[must_use]
    pub fn of(metadata: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified_ns: i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec()),
        }
    }

    /// When the content last changed, by the file system's clock; none if that is no moment we can name.
    #[must_use]
    pub fn modified(&self) -> Option<Timestamp> {
        Timestamp::from_nanosecond(self.modified_ns).ok()
    }
}

/// A regular file in a watched folder.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// The short name of the watched folder.
    pub folder: String,
    /// The file's path below the watched folder. Personal data: people name scans after people.
    pub relative: PathBuf,
    /// The whole path.
    pub path: PathBuf,
    /// What the directory said of it.
    pub identity: FileIdentity,
    /// Whether it is a message or any file.
    pub origin: Origin,
}

impl Candidate {
    /// Why a file of this size is not taken, if it is not.
    #[must_use]
    pub fn hindrance(&self, bytes_max: u64) -> Option<Hindrance> {
        let mib = |bytes: u64| bytes.div_ceil(1024 * 1024);
        match self.identity.size {
            // All empty files are alike: taken in, the second would be answered as a copy of the first, and a failed scan would be lost.
            0 => Some(Hindrance::Empty),
            size if size > bytes_max => Some(Hindrance::TooLarge { mib: mib(size), limit: mib(bytes_max) }),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Candidate {
    /// Without the name, which may be a person's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Candidate({}, inode {}, {} bytes)", self.folder, self.identity.inode, self.identity.size)
    }
}

/// Something in a watched folder that is not taken, and why. It stays where it is and is shown in the backlog.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Obstacle {
    /// The short name of the watched folder.
    pub folder: String,
    /// The path below it. Personal data.
    pub relative: PathBuf,
    /// Its inode, which may stand in a log where the name may not; 0 when nothing could be asked of it.
    pub inode: u64,
    /// Why it is not taken.
    pub why: Hindrance,
}

impl std::fmt::Debug for Obstacle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Obstacle({}, inode {}, {})", self.folder, self.inode, self.why)
    }
}

/// Why something in a watched folder is not taken. Each sentence says what is there; the advice is [`Hindrance::advice`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Hindrance {
    /// A link may point anywhere, also out of the folder.
    #[error("a symbolic link")]
    Link,
    /// A FIFO, a socket or a device: opening one can block or act.
    #[error("not a regular file but a {0}")]
    Special(&'static str),
    /// A folder that is named like a document.
    #[error("a folder with a document's name")]
    FolderNamedLikeDocument,
    /// Folders are followed to a bounded depth.
    #[error("more than {0} folders deep")]
    TooDeep(usize),
    /// A scanner or browser still writes it, by its name.
    #[error("still being written, by its name")]
    Unfinished,
    /// The file is larger than we take.
    #[error("{mib} MiB large; the limit is {limit} MiB")]
    TooLarge {
        /// Its size, MiB, rounded up.
        mib: u64,
        /// The limit, MiB.
        limit: u64,
    },
    /// There is nothing in it.
    #[error("an empty file: 0 bytes")]
    Empty,
    /// The file or folder cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(std::io::ErrorKind),
    /// There was no room, or no database, to put it in safety.
    #[error("cannot be put in safety now: {0}")]
    NoRoom(String),
}

impl Hindrance {
    /// What a person can do about a message that is not taken.
    #[must_use]
    pub fn advice_for_mail(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "ask the sender for it in smaller parts, or raise intake.size_max_mib",
            Self::NoRoom(_) => "it stays where it is and is tried again by itself; free disk space, or bring the database back",
            _ => "it stays where it is and is tried again by itself",
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Link => "put the file itself in the folder",
            Self::Special(_) => "remove it; only files are read",
            Self::FolderNamedLikeDocument => "the files in it are read; rename or remove the folder when it is empty",
            Self::TooDeep(_) => "move the files further up",
            Self::Unfinished => "it is taken when the writing program renames it; rename it by hand if that program is gone",
            Self::TooLarge { .. } => "scan it in smaller parts, or raise intake.size_max_mib",
            Self::Empty => "scan it again, or ask the sender for it, and remove the empty file",
            Self::Unreadable(_) => "give the service's user leave to read it and to remove it",
            Self::NoRoom(_) => "it stays where it is and is tried again by itself; free disk space, or bring the database back",
        }
    }
}
