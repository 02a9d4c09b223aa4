//! What can be wrong with the keys, and with what was sealed.
//!
//! Each message has two lines: what is wrong, and what to do. None of these errors goes away by trying again: every one is final for the
//! keyset or for the sealed thing it speaks of.

use std::io;
use std::path::PathBuf;

use super::index::Fingerprint;
use super::keyset::KeyStatus;
use super::secret::KekId;

/// Why there is no [`Vault`](super::Vault). Found before any input is touched, and always final: the operator has to act.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no such folder.
    #[error("the key folder {} does not exist\nmake it with `postsluse keys init`, or restore it from its backup; never make new keys for a database that has sealed rows", path.display())]
    FolderMissing {
        /// The folder.
        path: PathBuf,
    },
    /// The path names something else than a folder.
    #[error("{} is not a folder\npoint the key source at the folder that holds keyset.json", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// The folder has no `keyset.json`.
    #[error("{} does not exist\nmake a keyset with `postsluse keys init`, or restore it from its backup; never make new keys for a database that has sealed rows", path.display())]
    KeysetMissing {
        /// The file.
        path: PathBuf,
    },
    /// A file that the keyset names is not there.
    #[error("{} does not exist, and keyset.json names it\nrestore it from the backup of the keys; without it nothing that was sealed under it can be opened", path.display())]
    FileMissing {
        /// The file.
        path: PathBuf,
    },
    /// A symbolic link, a pipe, a device or a folder stands where a file must be.
    #[error("{} is not a regular file\nput the file itself there: links, pipes and devices are not followed", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// Others than the owner can reach it.
    #[error("{} has mode {mode:04o}, so others than its owner can reach it\n{advice}", path.display())]
    Mode {
        /// The folder or file.
        path: PathBuf,
        /// The permission bits found.
        mode: u32,
        /// What to do.
        advice: String,
    },
    /// It belongs to another user.
    #[error("{} belongs to user {owner}, and this program runs as user {user}\nrun `chown {user} {}`, or start the program as the user that owns the keys", path.display(), path.display())]
    Owner {
        /// The folder or file.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
        /// Who we are.
        user: u32,
    },
    /// A key file of the wrong size.
    #[error("{} has {bytes} bytes; it must have exactly {expected}\nrestore it from the backup of the keys: a key is raw bytes, without a line end", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
        /// The only right size.
        expected: u64,
    },
    /// The bytes are some other key than the keyset means.
    #[error("{} holds another key than the one keyset.json means\nrestore the folder as a whole from one backup: its files belong together", path.display())]
    WrongKey {
        /// The file.
        path: PathBuf,
    },
    /// `keyset.json` cannot be understood.
    #[error("{} cannot be read: {reason}\nrestore it from the backup of the keys; it is written by `postsluse keys` alone", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the place in the file.
        reason: String,
    },
    /// `keyset.json` was written by a later version of the program.
    #[error("{} has version {version}; this program knows version 1\ninstall the version of postsluse that wrote it, or a later one", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version it has.
        version: u64,
    },
    /// The keyset says nothing of the key it is asked for.
    #[error("keyset.json knows no key {id}\n`postsluse keys list` shows the keys it knows; if the key is in use, restore the folder from its latest backup")]
    UnknownId {
        /// The key.
        id: KekId,
    },
    /// The folder holds a key that the keyset says nothing of.
    #[error("{} is a key that keyset.json does not know\nif the folder was restored, restore keyset.json from the same backup; if adding a key was interrupted, remove the file", path.display())]
    StrayKey {
        /// The file.
        path: PathBuf,
    },
    /// A destroyed key whose file is still there is not destroyed.
    #[error("key {id} is marked destroyed, and {} is still there\ndestroy the key once more, or remove the file", path.display())]
    StillThere {
        /// The key.
        id: KekId,
        /// The file.
        path: PathBuf,
    },
    /// The primary key may not seal.
    #[error("the primary key {id} is {status}; only an enabled key can seal\nmake another key the primary one, or restore keyset.json from its backup")]
    PrimaryNotEnabled {
        /// The key.
        id: KekId,
        /// What it is instead.
        status: KeyStatus,
    },
    /// The primary key cannot be destroyed.
    #[error("key {id} is the primary key and cannot be destroyed\nmake another key the primary one and rewrap every data key first")]
    PrimaryInUse {
        /// The key.
        id: KekId,
    },
    /// There is a keyset already.
    #[error("{} exists already, and keys are never overwritten\nuse the keys that are there; for another instance choose another folder", path.display())]
    Exists {
        /// The `keyset.json` or key file found.
        path: PathBuf,
    },
    /// Another program changes the keys right now.
    #[error("another program is changing the keys in {}\nwait until it is done, and run the command again", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The stored rows were sealed with another keyset.
    #[error(
        "this is keyset {ours}, and what is stored was sealed with keyset {stored}\npoint the key source at that keyset, or the configuration at the database that belongs to this one"
    )]
    OtherInstance {
        /// The keyset at hand.
        ours: Fingerprint,
        /// The keyset's name beside the rows, as far as it can be shown.
        stored: String,
    },
    /// The system refused.
    #[error("cannot {action} {}: {source}\n{advice}", path.display())]
    Io {
        /// What was tried: `read`, `write`, ...
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What to do.
        advice: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

/// Why a sealed thing does not open. Always final: the bytes, the place or the key would have to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The bytes do not begin as this kind of sealed thing does, or are too few to be one.
    #[error("these {bytes} bytes are not a {kind}\nrestore the row or file from a backup")]
    Foreign {
        /// What was to be opened.
        kind: Kind,
        /// How many bytes there were to judge by.
        bytes: usize,
    },
    /// Sealed by a later version of the program.
    #[error("the {kind} has format version {version}; this program knows version 1\ninstall the version of postsluse that wrote it, or a later one")]
    Version {
        /// What was to be opened.
        kind: Kind,
        /// The version in its header.
        version: u8,
    },
    /// Sealed with an algorithm this version does not have.
    #[error(
        "the {kind} is sealed with algorithm {algorithm}, which this program does not know\ninstall the version of postsluse that wrote it, or a later one"
    )]
    Algorithm {
        /// What was to be opened.
        kind: Kind,
        /// The algorithm in its header.
        algorithm: u8,
    },
    /// The header names another data key than this envelope's.
    #[error("the {kind} belongs to another envelope\nit was moved, or the row that names its envelope was changed; restore both from one backup")]
    OtherEnvelope {
        /// What was to be opened.
        kind: Kind,
    },
    /// The header names another field.
    #[error("the {kind} belongs to another field\nit was moved; restore the row from a backup")]
    OtherField {
        /// What was to be opened.
        kind: Kind,
    },
    /// The bytes are not those that were sealed at this place.
    #[error("the {kind} was altered, cut, extended or moved since it was sealed\nrestore the row or file from a backup, and find out what changed it")]
    Altered {
        /// What was to be opened.
        kind: Kind,
    },
    /// The end is missing.
    #[error("the {kind} is cut short\nrestore the file from a backup")]
    CutShort {
        /// What was to be opened.
        kind: Kind,
    },
    /// The key that wraps it is not in this keyset.
    #[error("the data key is wrapped under key {id}, which is not in this keyset\nrestore the folder of keys from its latest backup")]
    UnknownKek {
        /// The key it needs.
        id: KekId,
    },
    /// The key that wraps it was destroyed: the content is gone for good, as was wanted.
    #[error("the data key is wrapped under key {id}, which was destroyed\nthe content is erased and cannot be brought back")]
    DestroyedKek {
        /// The key it would need.
        id: KekId,
    },
}

/// The kinds of sealed things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A field value or small blob.
    Value,
    /// A document, in chunks.
    Document,
    /// A data key under a KEK.
    DataKey,
    /// The index secret under a KEK.
    IndexSecret,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Value => "sealed value",
            Self::Document => "sealed document",
            Self::DataKey => "wrapped data key",
            Self::IndexSecret => "wrapped index secret",
        })
    }
}
