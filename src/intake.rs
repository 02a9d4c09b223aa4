//! The intake: a settled file is claimed, sealed as it streams into the spool, and taken out of its folder when it is safe.
//!
//! The order is the invariant: claim (row), read through a descriptor that follows no link, seal and hash into the spool (durable), commit the document
//! (row), and only then take the file out of its folder ([`Aside`]), if it is still the very file that was read. A process that dies in between leaves
//! a claim from which the next one goes on. The content is not looked at: that is the reader's work.

mod leaving;

pub use leaving::Aside;

use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::audit::{Action, Actor, Detail, Entry, Subject};
use crate::clock::{SharedClock, SharedEntropy};
use crate::document::{ClaimId, Digest, DocumentId, EnvelopeId};
use crate::inbox::{Candidate, FileIdentity, Hindrance};
use crate::spool::{Spool, SpoolName};
use crate::store::{ClaimOutcome, Committed, Fault, Lease, NewClaim, NewDocument, NewEnvelope, SealedBytes, SpoolUse, Store, StoreError, Tag};
use crate::vault::{Envelope, Hasher, OpenedStream, Place, StreamOpener, StreamSealer, Vault};

/// How much of a file is read at once: one chunk of the sealed stream.
const CHUNK: usize = 64 * 1024;

/// The name in the place of a folder's for files that were named at the command line.
pub const BY_HAND: &str = "kommandolinje";

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is a new document, safe in the spool.
    New {
        /// The document.
        document: DocumentId,
        /// Its length, bytes.
        bytes: u64,
        /// The dropped file, if it was set aside: [`Intake::remove`] ends that.
        aside: Option<Aside>,
    },
    /// Its bytes are known: it is answered with the document it already is.
    Duplicate {
        /// The document it is a copy of.
        of: DocumentId,
        /// The dropped file, if it was set aside.
        aside: Option<Aside>,
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
        if let Some(why) = candidate.hindrance(self.bytes_max) {
            return Ok(Taken::NotNow(why));
        }
        match self.claim_and_take(candidate, afterwards).await {
            Err(IntakeError::Store(error)) if error.may_pass() => Ok(Taken::NotNow(Hindrance::NoRoom(first_line(&error)))),
            // Another daemon has taken it over: what it does counts.
            Err(IntakeError::Store(StoreError::Final(Fault::LeaseLost { .. }))) => Ok(Taken::Elsewhere),
            outcome => outcome,
        }
    }

    async fn claim_and_take(&self, candidate: &Candidate, afterwards: Afterwards) -> Result<Taken, IntakeError> {
        let new = self.new_claim(candidate);
        let mut claim = match self.store.claim(&new, self.clock.now(), self.lease).await? {
            ClaimOutcome::Held { .. } => return Ok(Taken::Elsewhere),
            ClaimOutcome::Sealed { claim, document } => return self.finish(candidate, claim, document, afterwards, None).await,
            ClaimOutcome::Duplicate { claim, document, leftover } => return self.finish(candidate, claim, document, afterwards, Some(&leftover)).await,
            ClaimOutcome::TakenOver { claim, leftover } => {
                self.forget_spooled(&leftover);
                claim
            }
            ClaimOutcome::New(claim) => claim,
        };
        let document = DocumentId::new(self.clock.as_ref(), self.entropy.as_ref());
        let envelope_id = EnvelopeId::new(self.clock.as_ref(), self.entropy.as_ref());
        let (envelope, wrapped) = self.vault.new_envelope(envelope_id);
        let sealed = match self.spool_while_held(candidate, &new.spool_name, envelope.sealer(document), &mut claim).await? {
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
        };
        let envelope_row = NewEnvelope { id: envelope_id, kek_id: wrapped.kek().to_string(), wrapped_dek: SealedBytes(wrapped.as_bytes().to_vec()) };
        match self.store.commit_original(&claim, &row, &envelope_row, self.clock.now()).await {
            Ok(Committed::Stored(document)) => {
                let aside = self.leave(candidate, &claim, afterwards).await?;
                Ok(Taken::New { document, bytes: sealed.bytes, aside })
            }
            Ok(Committed::Duplicate(of)) => {
                if let Some(trouble) = self.make_whole(candidate, of, &sealed.digest, &mut claim).await? {
                    return Ok(trouble);
                }
                self.forget_spooled(&new.spool_name);
                let aside = self.leave(candidate, &claim, afterwards).await?;
                Ok(Taken::Duplicate { of, aside })
            }
            Err(error) => {
                if matches!(&error, StoreError::Final(Fault::LeaseLost { .. })) {
                    // Whoever has the claim now has a spool name of its own.
                    self.forget_spooled(&new.spool_name);
                }
                Err(error.into())
            }
        }
    }

    /// Sees to it that a known document really has its sealed original before a copy of it is given up: a spool that was lost or damaged is
    /// mended from the copy, whose digest is `digest`. Says what is in the way.
    async fn make_whole(&self, candidate: &Candidate, of: DocumentId, digest: &Digest, claim: &mut Lease<ClaimId>) -> Result<Option<Taken>, IntakeError> {
        let known = self.store.document(of).await?;
        let opened = match self.store.envelope(known.envelope).await {
            Ok(stored) => self.vault.open_stored(stored.id, &stored.wrapped_dek.0).ok(),
            Err(StoreError::Final(Fault::Shredded { .. })) => None,
            Err(error) => return Err(error.into()),
        };
        let Some(envelope) = opened else {
            return Ok(Some(Taken::NotNow(Hindrance::NoRoom("it is a copy of a document whose key does not open".to_owned()))));
        };
        let (spool, name, stream, size) = (self.spool.clone(), known.spool_name.clone(), envelope.opener(of), known.size);
        if blocking(move || is_whole(&spool, &name, stream, size)).await {
            return Ok(None);
        }
        tracing::warn!(document = %of, "the sealed original was missing or damaged, and is mended from the copy that was dropped now");
        match self.spool_while_held(candidate, &known.spool_name, envelope.sealer(of), claim).await? {
            Ok(sealed) if sealed.digest != *digest => {
                // It was changed between two readings. There was no original before, and there is none now.
                self.forget_spooled(&known.spool_name);
                Ok(Some(Taken::Elsewhere))
            }
            Ok(_) => {
                let entry = Entry { actor: Actor::Daemon, action: Action::OriginalMended, subject: Subject::Document(of), detail: Detail::Claim(claim.id()) };
                self.store.audit(entry, self.clock.now()).await?;
                Ok(None)
            }
            Err(trouble) => Ok(Some(trouble)),
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
    /// only if it really is that document, and the document's original opens.
    async fn finish(
        &self,
        candidate: &Candidate,
        mut claim: Lease<ClaimId>,
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
            if let Some(trouble) = self.make_whole(candidate, document, &digest, &mut claim).await? {
                return Ok(trouble);
            }
            let aside = self.leave(candidate, &claim, afterwards).await?;
            return Ok(Taken::Duplicate { of: document, aside });
        }
        // Another file with the same name, inode, size and time: it is new, and gets a claim of its own at the next scan.
        self.store.claim_done(&claim, self.clock.now()).await?;
        Ok(Taken::Elsewhere)
    }

    /// Takes the file out of its folder: sets it aside, or ends the claim if it is not there any more.
    async fn leave(&self, candidate: &Candidate, claim: &Lease<ClaimId>, afterwards: Afterwards) -> Result<Option<Aside>, IntakeError> {
        if afterwards == Afterwards::Remove {
            let (path, identity, lease) = (candidate.path.clone(), candidate.identity, claim.clone());
            match blocking(move || leaving::set_aside(&path, identity, &lease)).await {
                Ok(Some(aside)) => return Ok(Some(aside)),
                Ok(None) => {}
                Err(error) => {
                    // The claim stays open, so the next scan tries again.
                    tracing::warn!(folder = candidate.folder, inode = candidate.identity.inode, error = %error.kind(), "a file that is stored cannot be removed from its folder");
                    return Ok(None);
                }
            }
        }
        self.store.claim_done(claim, self.clock.now()).await?;
        Ok(None)
    }

    /// Removes a file that was set aside, or brings it back if it was written to meanwhile, and ends its claim.
    ///
    /// # Errors
    /// When the store fails in a way that waiting does not mend.
    pub async fn remove(&self, aside: Aside) -> Result<(), IntakeError> {
        let (inode, claim) = (aside.identity.inode, aside.claim.clone());
        match blocking(move || leaving::remove(&aside)).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(inode, "a file was written to after it had been read; it is taken again as it is now"),
            Err(error) => {
                tracing::warn!(inode, error = %error.kind(), "a file that is stored cannot be removed from its folder");
                return Ok(());
            }
        }
        match self.store.claim_done(&claim, self.clock.now()).await {
            // Somebody else ended it, or will: what is done is done.
            Err(StoreError::Final(Fault::LeaseLost { .. })) => Ok(()),
            Err(error) if error.may_pass() => Ok(()),
            ended => Ok(ended?),
        }
    }

    /// Gives files that were set aside their names again: the service stops before they have been looked at once more.
    pub async fn put_back(&self, asides: Vec<Aside>) {
        for aside in asides {
            let inode = aside.identity.inode;
            if let Err(error) = blocking(move || leaving::bring_back(&aside.hidden, &aside.path)).await {
                tracing::warn!(inode, error = %error.kind(), "a file that was set aside cannot be put back; the next start tries again");
            }
        }
    }

    /// Seals the file into the spool and renews the claim while that lasts.
    async fn spool_while_held(
        &self,
        candidate: &Candidate,
        name: &str,
        stream: StreamSealer,
        claim: &mut Lease<ClaimId>,
    ) -> Result<Result<Sealed, Taken>, IntakeError> {
        let mut sealing = std::pin::pin!(self.spool_file(candidate, name, stream));
        loop {
            tokio::select! {
                sealed = &mut sealing => return Ok(sealed),
                () = tokio::time::sleep(self.lease / 3) => self.store.renew_claim(claim, self.clock.now(), self.lease).await?,
            }
        }
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

    /// Puts in order what dead processes left in the spool: copies that were never whole, and whole ones that a claim made and no document needs.
    /// A file that this database knows nothing of is somebody's, and stays.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tidy_spool(&self) -> Result<(), IntakeError> {
        let mut unknown = 0;
        for name in self.spool.names().unwrap_or_default() {
            let (SpoolName::Kept(text) | SpoolName::Unfinished(text)) = &name;
            match (self.store.spool_name_use(text).await?, &name) {
                (SpoolUse::Needed, _) => {}
                (SpoolUse::Unknown, SpoolName::Kept(_)) => unknown += 1,
                _ => self.forget_spooled(text),
            }
        }
        if unknown > 0 {
            tracing::warn!(files = unknown, "the spool holds sealed files that this database does not know; they are left alone");
        }
        Ok(())
    }

    /// Brings back the files of a folder that were set aside by a process that is dead. Those of a living one are left to it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn bring_back(&self, name: &str, folder: &Path) -> Result<(), IntakeError> {
        let path = folder.to_owned();
        let left = blocking(move || leaving::left_over(&path)).await;
        if left.is_empty() {
            return Ok(());
        }
        let claims = self.store.open_claims(name).await?;
        for (hidden, claim) in left {
            if claims.iter().any(|open| Some(open.id) == claim && open.lease_until > self.clock.now()) {
                continue;
            }
            if let Err(error) = blocking(move || leaving::bring_back(&hidden, &leaving::found_again(&hidden))).await {
                tracing::warn!(folder = name, error = %error.kind(), "a file that was on its way out of its folder cannot be brought back");
            }
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

/// Whether a sealed original is there and opens from its first byte to its last.
fn is_whole(spool: &Spool, name: &str, opener: StreamOpener, size: u64) -> bool {
    spool.read(name).and_then(|sealed| io::copy(&mut OpenedStream::new(sealed, opener), &mut io::sink())).is_ok_and(|bytes| bytes == size)
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
