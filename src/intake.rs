//! The intake: a settled file is claimed, sealed as it streams into the spool, and taken out of its folder when it is safe.
//!
//! The order is the invariant: claim (row), read through a descriptor that follows no link, seal and hash into the spool (durable), commit the document
//! (row), and only then remove the file, if it is still the very file that was read. A process that dies in between leaves a claim from which
//! the next one goes on. The content is not looked at: that is the reader's work.

use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{SharedClock, SharedEntropy};
use crate::document::{ClaimId, Digest, DocumentId, EnvelopeId, RefusalCode};
use crate::inbox::{Candidate, FileIdentity, Hindrance};
use crate::spool::{Spool, SpoolName};
use crate::store::{ClaimOutcome, Committed, Lease, NewClaim, NewDocument, NewEnvelope, SealedBytes, Store, StoreError, Tag};
use crate::vault::{Envelope, Hasher, Place, StreamSealer, Vault};

/// How much of a file is read at once: one chunk of the sealed stream.
const CHUNK: usize = 64 * 1024;

/// A file that is being taken out of its folder has this name for an instant. [`Intake::tidy`] brings back what a dead process left under it.
const LEAVING: &str = ".postsluse-leaving-";

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is a new document, safe in the spool.
    New {
        /// The document.
        document: DocumentId,
        /// Its length, bytes.
        bytes: u64,
    },
    /// Its bytes are known: it is answered with the document it already is.
    Duplicate {
        /// The document it is a copy of.
        of: DocumentId,
    },
    /// It stays where it is, and why.
    NotNow(Hindrance),
    /// Somebody else is at work on it, or it is gone, or it was changed while it was read. The next scan looks again.
    Elsewhere,
}

/// Whether the file leaves its folder when it is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Afterwards {
    /// Dropped into a watched folder: it leaves.
    Remove,
    /// Named on the command line: it stays.
    Keep,
}

/// Why the intake as a whole cannot go on. A single file's trouble is never this.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The store says no, finally.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The intake.
#[derive(Clone)]
pub struct Intake {
    /// Where documents become rows.
    pub store: Store,
    /// What seals them.
    pub vault: Arc<Vault>,
    /// Where their sealed bytes lie.
    pub spool: Spool,
    /// The time.
    pub clock: SharedClock,
    /// Randomness for ids.
    pub entropy: SharedEntropy,
    /// Who claims: host and process.
    pub owner: String,
    /// How long a claim is held.
    pub lease: Duration,
    /// The largest file that is taken, bytes.
    pub bytes_max: u64,
}

/// A file in the spool that has no row yet.
struct Sealed {
    digest: Digest,
    bytes: u64,
}

impl Intake {
    /// Takes one settled file.
    ///
    /// # Errors
    /// When the store fails in a way that waiting does not mend. Everything else is in [`Taken`].
    pub async fn take(&self, candidate: &Candidate, afterwards: Afterwards) -> Result<Taken, IntakeError> {
        let size = candidate.identity.size;
        if size > self.bytes_max {
            let mib = |bytes: u64| bytes.div_ceil(1024 * 1024);
            return Ok(Taken::NotNow(Hindrance::TooLarge { mib: mib(size), limit: mib(self.bytes_max) }));
        }
        match self.claim_and_take(candidate, afterwards).await {
            Err(IntakeError::Store(error)) if error.may_pass() => Ok(Taken::NotNow(Hindrance::NoRoom(first_line(&error)))),
            outcome => outcome,
        }
    }

    async fn claim_and_take(&self, candidate: &Candidate, afterwards: Afterwards) -> Result<Taken, IntakeError> {
        let new = self.new_claim(candidate);
        let claim = match self.store.claim(&new, self.clock.now(), self.lease).await? {
            ClaimOutcome::Held { .. } => return Ok(Taken::Elsewhere),
            ClaimOutcome::Sealed { claim, document } => return self.finish(candidate, &claim, document, afterwards, None).await,
            ClaimOutcome::Duplicate { claim, document, leftover } => return self.finish(candidate, &claim, document, afterwards, Some(&leftover)).await,
            ClaimOutcome::TakenOver { claim, leftover } => {
                self.forget_spooled(&leftover);
                claim
            }
            ClaimOutcome::New(claim) => claim,
        };
        let document = DocumentId::new(self.clock.as_ref(), self.entropy.as_ref());
        let envelope_id = EnvelopeId::new(self.clock.as_ref(), self.entropy.as_ref());
        let (envelope, wrapped) = self.vault.new_envelope(envelope_id);
        let sealed = match self.spool_file(candidate, &new.spool_name, envelope.sealer(document)).await {
            Ok(sealed) => sealed,
            Err(trouble) => {
                self.store.release_claim(&claim, self.clock.now()).await?;
                return Ok(trouble);
            }
        };
        let row = NewDocument {
            id: document,
            digest_index: Tag(self.vault.digest_index(&sealed.digest).as_bytes().to_vec()),
            size: sealed.bytes,
            sealed_name: seal_name(&envelope, document, &candidate.relative),
            received_at: self.clock.now(),
            refusal: (sealed.bytes == 0).then_some(RefusalCode::Empty),
        };
        let envelope_row = NewEnvelope { id: envelope_id, kek_id: wrapped.kek().to_string(), wrapped_dek: SealedBytes(wrapped.as_bytes().to_vec()) };
        match self.store.commit_original(&claim, &row, &envelope_row, self.clock.now()).await? {
            Committed::Stored(document) => {
                self.leave(candidate, &claim, afterwards).await?;
                Ok(Taken::New { document, bytes: sealed.bytes })
            }
            Committed::Duplicate(of) => {
                self.forget_spooled(&new.spool_name);
                self.leave(candidate, &claim, afterwards).await?;
                Ok(Taken::Duplicate { of })
            }
        }
    }

    fn new_claim(&self, candidate: &Candidate) -> NewClaim {
        let id = ClaimId::new(self.clock.as_ref(), self.entropy.as_ref());
        let name = candidate.relative.to_string_lossy();
        NewClaim {
            id,
            folder: candidate.folder.clone(),
            name_index: Tag(self.vault.blind_index("file-name", &candidate.folder, &name).as_bytes().to_vec()),
            identity: crate::store::FileIdentity {
                dev: candidate.identity.device,
                inode: candidate.identity.inode,
                size: candidate.identity.size,
                mtime_ns: i64::try_from(candidate.identity.modified_ns).unwrap_or(i64::MAX),
            },
            owner: self.owner.clone(),
            spool_name: id.to_string(),
        }
    }

    /// The document is stored already, but the file is still there: a process died before it removed it. The file is read again and removed
    /// only if it really is that document.
    async fn finish(
        &self,
        candidate: &Candidate,
        claim: &Lease<ClaimId>,
        document: DocumentId,
        afterwards: Afterwards,
        leftover: Option<&str>,
    ) -> Result<Taken, IntakeError> {
        if let Some(leftover) = leftover {
            self.forget_spooled(leftover);
        }
        let path = candidate.path.clone();
        let digest = blocking(move || open(&path).and_then(|mut file| digest_of(&mut file))).await;
        let Ok(digest) = digest else { return Ok(Taken::Elsewhere) };
        let known = self.store.document_by_digest(&Tag(self.vault.digest_index(&digest).as_bytes().to_vec())).await?;
        if known.is_some_and(|known| known.id == document) {
            self.leave(candidate, claim, afterwards).await?;
            return Ok(Taken::Duplicate { of: document });
        }
        // Another file with the same name, inode, size and time: it is new, and gets a claim of its own at the next scan.
        self.store.claim_done(claim, self.clock.now()).await?;
        Ok(Taken::Elsewhere)
    }

    /// Takes the file out of its folder, and only then ends the claim.
    async fn leave(&self, candidate: &Candidate, claim: &Lease<ClaimId>, afterwards: Afterwards) -> Result<(), IntakeError> {
        if afterwards == Afterwards::Remove {
            let (path, identity, id) = (candidate.path.clone(), candidate.identity, claim.id());
            if let Err(error) = blocking(move || remove_if_same(&path, &identity, id)).await {
                // The claim stays open, so the next scan tries again.
                tracing::warn!(folder = candidate.folder, inode = candidate.identity.inode, error = %error.kind(), "a file that is stored cannot be removed from its folder");
                return Ok(());
            }
        }
        self.store.claim_done(claim, self.clock.now()).await?;
        Ok(())
    }

    async fn spool_file(&self, candidate: &Candidate, name: &str, stream: StreamSealer) -> Result<Sealed, Taken> {
        let (spool, name, path, identity) = (self.spool.clone(), name.to_owned(), candidate.path.clone(), candidate.identity);
        match blocking(move || seal_into(&spool, &name, &path, &identity, stream)).await {
            Ok(Some(sealed)) => Ok(sealed),
            Ok(None) => Err(Taken::Elsewhere),
            Err(Trouble::Source(error)) if error.kind() == io::ErrorKind::NotFound => Err(Taken::Elsewhere),
            // ELOOP: it has become a link since the folder was read.
            Err(Trouble::Source(error)) if error.raw_os_error() == Some(nix::errno::Errno::ELOOP as i32) => Err(Taken::NotNow(Hindrance::Link)),
            Err(Trouble::Source(error)) => Err(Taken::NotNow(Hindrance::Unreadable(error.kind()))),
            Err(Trouble::Spool(error)) => Err(Taken::NotNow(Hindrance::NoRoom(format!("the spool cannot be written: {error}")))),
        }
    }

    fn forget_spooled(&self, name: &str) {
        if let Err(error) = self.spool.remove(name).and_then(|()| self.spool.remove_unfinished(name)) {
            tracing::warn!(error = %error.kind(), "a sealed copy that is of no use cannot be removed from the spool");
        }
    }

    /// Puts in order what dead processes left: claims whose file is gone, files caught on their way out, sealed copies without a row.
    /// `folders` are the watched folders by name and path.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tidy(&self, folders: &[(String, PathBuf)]) -> Result<(), IntakeError> {
        for (name, path) in folders {
            let path = path.clone();
            if let Err(error) = blocking(move || bring_back(&path)).await {
                tracing::warn!(folder = name, error = %error.kind(), "the folder cannot be tidied");
            }
        }
        let names = self.spool.names().unwrap_or_default();
        for name in names {
            let (SpoolName::Kept(text) | SpoolName::Unfinished(text)) = &name;
            if self.store.spool_name_in_use(text).await? {
                continue;
            }
            self.forget_spooled(text);
        }
        Ok(())
    }

    /// Ends the claims of `folder` whose file is gone: it was stored and removed, and the process died before it said so.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end_claims_without_file(&self, folder: &str, present: &[Candidate]) -> Result<(), IntakeError> {
        for claim in self.store.open_claims(folder).await? {
            let here = present.iter().any(|candidate| candidate.identity.inode == claim.identity.inode && candidate.identity.device == claim.identity.dev);
            if here || claim.lease_until > self.clock.now() {
                continue;
            }
            let outcome = self.store.resume_claim(claim.id, &self.owner, &claim.spool_name, self.clock.now(), self.lease).await?;
            match outcome {
                Some(ClaimOutcome::Sealed { claim, .. } | ClaimOutcome::Duplicate { claim, .. }) => self.store.claim_done(&claim, self.clock.now()).await?,
                Some(ClaimOutcome::TakenOver { claim, leftover }) => {
                    self.forget_spooled(&leftover);
                    self.store.release_claim(&claim, self.clock.now()).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What the store must know to seal a file's name, opened again for a person.
    ///
    /// # Errors
    /// When the vault refuses it.
    pub fn open_name(envelope: &Envelope, document: DocumentId, sealed: &[u8]) -> Result<PathBuf, crate::vault::OpenError> {
        use std::os::unix::ffi::OsStringExt;
        let plain = envelope.open(&name_place(&document), sealed)?;
        Ok(PathBuf::from(std::ffi::OsString::from_vec(plain.to_vec())))
    }
}

fn name_place(document: &DocumentId) -> Place<'_> {
    Place { table: "documents", record: document.as_bytes(), field: "name", revision: 0 }
}

fn seal_name(envelope: &Envelope, document: DocumentId, relative: &Path) -> SealedBytes {
    SealedBytes(envelope.seal_padded(&name_place(&document), relative.as_os_str().as_encoded_bytes(), 128).into_bytes())
}

fn first_line(error: &dyn std::error::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

enum Trouble {
    Source(io::Error),
    Spool(io::Error),
}

/// Opens a regular file without following a link and without ever waiting for a FIFO's other end or a device.
fn open(path: &Path) -> io::Result<std::fs::File> {
    let flags = (nix::fcntl::OFlag::O_NOFOLLOW | nix::fcntl::OFlag::O_NONBLOCK).bits();
    std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// Streams the file into the spool. None when it is not the file that was seen, or changed while it was read.
fn seal_into(spool: &Spool, name: &str, path: &Path, identity: &FileIdentity, mut stream: StreamSealer) -> Result<Option<Sealed>, Trouble> {
    let mut file = open(path).map_err(Trouble::Source)?;
    let opened = file.metadata().map_err(Trouble::Source)?;
    if !opened.is_file() || FileIdentity::of(&opened) != *identity {
        return Ok(None);
    }
    let mut spooled = spool.create(name).map_err(Trouble::Spool)?;
    let mut hasher = Hasher::new();
    let mut buffer = zeroize::Zeroizing::new(vec![0u8; CHUNK]);
    let mut bytes = 0u64;
    // One byte past the size that was seen tells a file that grows without following it to its end.
    let mut source = (&mut file).take(identity.size + 1);
    loop {
        let read = source.read(&mut buffer).map_err(Trouble::Source)?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        hasher.update(&buffer[..read]);
        spooled.write_all(&stream.push(&buffer[..read])).map_err(Trouble::Spool)?;
    }
    let after = file.metadata().map_err(Trouble::Source)?;
    if bytes != identity.size || FileIdentity::of(&after) != *identity {
        return Ok(None);
    }
    spooled.write_all(&stream.finish()).map_err(Trouble::Spool)?;
    spooled.keep().map_err(Trouble::Spool)?;
    Ok(Some(Sealed { digest: hasher.finish(), bytes }))
}

fn digest_of(file: &mut std::fs::File) -> io::Result<Digest> {
    let mut hasher = Hasher::new();
    let mut buffer = zeroize::Zeroizing::new(vec![0u8; CHUNK]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finish()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// Removes the file at `path` if it is the one with `identity`. A file that was put there meanwhile is left alone: the name is first moved aside,
/// which is atomic, and moved back if it brought the wrong file.
fn remove_if_same(path: &Path, identity: &FileIdentity, claim: ClaimId) -> io::Result<()> {
    let aside = path.with_file_name(format!("{LEAVING}{claim}"));
    match std::fs::rename(path, &aside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        moved => moved?,
    }
    let found = FileIdentity::of(&std::fs::symlink_metadata(&aside)?);
    if found == *identity {
        return std::fs::remove_file(&aside);
    }
    bring_back_one(&aside)
}

/// Gives every file that was caught on its way out a visible name again, so that the next scan sees it.
fn bring_back(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            bring_back(&entry.path())?;
        } else if entry.file_name().to_string_lossy().starts_with(LEAVING) {
            bring_back_one(&entry.path())?;
        }
    }
    Ok(())
}

/// A hard link does not overwrite, so a file that has taken the visible name meanwhile is safe too.
fn bring_back_one(aside: &Path) -> io::Result<()> {
    let name = aside.file_name().map(|name| name.to_string_lossy().replacen(LEAVING, "gjenfunnet-", 1)).unwrap_or_default();
    std::fs::hard_link(aside, aside.with_file_name(name))?;
    std::fs::remove_file(aside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{CountingEntropy, StoppedClock};

    fn claim() -> ClaimId {
        ClaimId::new(&StoppedClock::at("2026-11-21T09:00:00Z".parse().expect("a timestamp")), &CountingEntropy::seeded(1))
    }

    fn visible(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_file_that_was_read_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.pdf");
        std::fs::write(&path, b"x").expect("a file");
        let identity = FileIdentity::of(&std::fs::metadata(&path).expect("it is there"));
        remove_if_same(&path, &identity, claim()).expect("it goes");
        remove_if_same(&path, &identity, claim()).expect("a file that is gone is no error");
        assert!(visible(folder.path()).is_empty());
    }

    #[test]
    fn a_file_swapped_in_meanwhile_is_never_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.pdf");
        std::fs::write(&path, b"first").expect("a file");
        let identity = FileIdentity::of(&std::fs::metadata(&path).expect("it is there"));
        std::fs::write(folder.path().join("b"), b"second").expect("a file");
        std::fs::rename(folder.path().join("b"), &path).expect("swapped");
        remove_if_same(&path, &identity, claim()).expect("nothing is lost");
        let names = visible(folder.path());
        assert_eq!(names.len(), 1);
        assert_eq!(std::fs::read(folder.path().join(&names[0])).expect("readable"), b"second");
        assert!(!names[0].starts_with('.'), "the next scan must see it: {names:?}");
    }

    #[test]
    fn what_a_dead_process_left_on_its_way_out_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("sub")).expect("a folder");
        std::fs::write(folder.path().join("sub").join(format!("{LEAVING}x")), b"scan").expect("a file");
        bring_back(folder.path()).expect("it can be tidied");
        assert_eq!(visible(&folder.path().join("sub")), ["gjenfunnet-x"]);
    }
}
