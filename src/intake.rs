//! The intake: what settled in a folder, or waits in a mailbox, is claimed, sealed as it streams into the spool, and let go when it is safe.
//!
//! The order is the invariant: claim (row), read, seal and hash into the spool (durable), commit the document (row), and only then take the file out of
//! its folder ([`Aside`]), or mark the message, or answer for it. A process that dies in between leaves a claim from which the next one goes on. The content
//! is not looked at: that is the reader's work.
//!
//! [`Intake::store`] is the way in for all. [`Intake::take`] is what comes on top for files in folders; a message is let go by the mailbox that it lies in.

mod leaving;
mod source;

pub use leaving::Aside;
pub use source::{Asking, Piece, Source};

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::audit::{Action, Actor, Detail, Entry, Subject};
use crate::clock::{SharedClock, SharedEntropy};
use crate::document::{ClaimId, Digest, DocumentId, EnvelopeId, Origin};
use crate::inbox::{Candidate, FileIdentity, Hindrance};
use crate::spool::{Spool, SpoolName};
use crate::store::{ClaimOutcome, Committed, Fault, Lease, NewClaim, NewDocument, NewEnvelope, SealedBytes, SpoolUse, Store, StoreError, Tag};
use crate::vault::{Envelope, Hasher, OpenedStream, Place, StreamOpener, StreamSealer, Vault};

/// How much of a file is read at once: one chunk of the sealed stream.
const CHUNK: usize = 64 * 1024;

/// The name in the place of a folder's for files that were named at the command line.
pub const BY_HAND: &str = "kommandolinje";

/// What is to be taken in: where it lies, and what tells it from everything else there.
#[derive(Clone)]
pub struct Item {
    /// The short name of the watched folder or the mailbox.
    pub folder: String,
    /// Its name there. Personal data, where it is a file's.
    pub name: PathBuf,
    /// For a file what the directory says of it; for a message its number, in the place of the inode, and that of the mailbox, in the place of the device.
    pub identity: FileIdentity,
    /// How it came.
    pub origin: Origin,
}

/// What came of storing an item. It is still where it lay, and whoever lets it go ends the claim with [`Intake::done`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    /// It is a new document, safe in the spool.
    New {
        /// The document.
        document: DocumentId,
        /// Its length, bytes.
        bytes: u64,
        /// Its claim.
        claim: Lease<ClaimId>,
    },
    /// Its bytes are known and safe.
    Known {
        /// The document it is a copy of, or that it became before the process died.
        of: DocumentId,
        /// Its claim.
        claim: Lease<ClaimId>,
    },
    /// It was not stored, and why.
    NotNow(Hindrance),
    /// Somebody else is at work on it, or it is gone, or it was changed while it was read.
    Elsewhere,
}

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
pub enum Afterwards<'a> {
    /// Dropped into a watched folder: it leaves.
    Remove,
    /// Named on the command line: it stays.
    Keep,
    /// A message in a Maildir: it is renamed to this.
    Rename(&'a Path),
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
    pub async fn take(&self, candidate: &Candidate, afterwards: Afterwards<'_>) -> Result<Taken, IntakeError> {
        if let Some(why) = candidate.hindrance(self.bytes_max) {
            return Ok(Taken::NotNow(why));
        }
        let item = Item { folder: candidate.folder.clone(), name: candidate.relative.clone(), identity: candidate.identity, origin: candidate.origin };
        Ok(match self.store(&item, &Source::file(&candidate.path, candidate.identity)).await? {
            Stored::New { document, bytes, claim } => Taken::New { document, bytes, aside: self.leave(candidate, &claim, afterwards).await? },
            Stored::Known { of, claim } => Taken::Duplicate { of, aside: self.leave(candidate, &claim, afterwards).await? },
            Stored::NotNow(why) => Taken::NotNow(why),
            Stored::Elsewhere => Taken::Elsewhere,
        })
    }

    /// Puts what `source` holds in safety, once and for all, however often it is tried.
    ///
    /// # Errors
    /// When the store fails in a way that waiting does not mend. Everything else is in [`Stored`].
    pub async fn store(&self, item: &Item, source: &Source) -> Result<Stored, IntakeError> {
        match self.claim_and_store(item, source).await {
            Err(IntakeError::Store(error)) if error.may_pass() => Ok(Stored::NotNow(Hindrance::NoRoom(first_line(&error)))),
            // Another daemon has taken it over: what it does counts.
            Err(IntakeError::Store(StoreError::Final(Fault::LeaseLost { .. }))) => Ok(Stored::Elsewhere),
            outcome => outcome,
        }
    }

    async fn claim_and_store(&self, item: &Item, source: &Source) -> Result<Stored, IntakeError> {
        let new = self.new_claim(item);
        let mut claim = match self.store.claim(&new, self.clock.now(), self.lease).await? {
            ClaimOutcome::Held { .. } => return Ok(Stored::Elsewhere),
            ClaimOutcome::Sealed { claim, document } => return self.finish(source, claim, document, None).await,
            ClaimOutcome::Duplicate { claim, document, leftover } => return self.finish(source, claim, document, Some(&leftover)).await,
            ClaimOutcome::TakenOver { claim, leftover } => {
                self.forget_spooled(&leftover);
                claim
            }
            ClaimOutcome::New(claim) => claim,
        };
        let document = DocumentId::new(self.clock.as_ref(), self.entropy.as_ref());
        let envelope_id = EnvelopeId::new(self.clock.as_ref(), self.entropy.as_ref());
        let (envelope, wrapped) = self.vault.new_envelope(envelope_id);
        let sealed = match self.spool_while_held(source, &new.spool_name, envelope.sealer(document), &mut claim).await? {
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
            origin: item.origin,
            sealed_name: seal_name(&envelope, document, &item.name),
            received_at: self.clock.now(),
        };
        let envelope_row = NewEnvelope { id: envelope_id, kek_id: wrapped.kek().to_string(), wrapped_dek: SealedBytes(wrapped.as_bytes().to_vec()) };
        match self.store.commit_original(&claim, &row, &envelope_row, self.clock.now()).await {
            Ok(Committed::Stored(document)) => Ok(Stored::New { document, bytes: sealed.bytes, claim }),
            Ok(Committed::Duplicate(of)) => {
                // Read from the copy that was just made: not every source can be read twice.
                let copy = Source::spooled(&self.spool, &new.spool_name, move || envelope.opener(document));
                let trouble = self.make_whole(&copy, of, &sealed.digest, &mut claim).await?;
                if trouble.is_none() {
                    self.forget_spooled(&new.spool_name);
                }
                Ok(trouble.unwrap_or(Stored::Known { of, claim }))
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
    async fn make_whole(&self, copy: &Source, of: DocumentId, digest: &Digest, claim: &mut Lease<ClaimId>) -> Result<Option<Stored>, IntakeError> {
        let known = self.store.document(of).await?;
        let opened = match self.store.envelope(known.envelope).await {
            Ok(stored) => self.vault.open_stored(stored.id, &stored.wrapped_dek.0).ok(),
            Err(StoreError::Final(Fault::Shredded { .. })) => None,
            Err(error) => return Err(error.into()),
        };
        let Some(envelope) = opened else {
            return Ok(Some(Stored::NotNow(Hindrance::NoRoom("it is a copy of a document whose key does not open".to_owned()))));
        };
        let (spool, name, stream, size) = (self.spool.clone(), known.spool_name.clone(), envelope.opener(of), known.size);
        if blocking(move || is_whole(&spool, &name, stream, size)).await {
            return Ok(None);
        }
        tracing::warn!(document = %of, "the sealed original was missing or damaged, and is mended from the copy that came now");
        match self.spool_while_held(copy, &known.spool_name, envelope.sealer(of), claim).await? {
            Ok(sealed) if sealed.digest != *digest => {
                // It was changed between two readings. There was no original before, and there is none now.
                self.forget_spooled(&known.spool_name);
                Ok(Some(Stored::Elsewhere))
            }
            Ok(_) => {
                let entry = Entry { actor: Actor::Daemon, action: Action::OriginalMended, subject: Subject::Document(of), detail: Detail::Claim(claim.id()) };
                self.store.audit(entry, self.clock.now()).await?;
                Ok(None)
            }
            Err(trouble) => Ok(Some(trouble)),
        }
    }

    fn new_claim(&self, item: &Item) -> NewClaim {
        let id = ClaimId::new(self.clock.as_ref(), self.entropy.as_ref());
        NewClaim {
            id,
            folder: item.folder.clone(),
            name_index: Tag(self.vault.blind_index("file-name", &item.folder, &item.name.to_string_lossy()).as_bytes().to_vec()),
            identity: crate::store::FileIdentity {
                dev: item.identity.device,
                inode: item.identity.inode,
                size: item.identity.size,
                mtime_ns: i64::try_from(item.identity.modified_ns).unwrap_or(i64::MAX),
            },
            owner: self.owner.clone(),
            spool_name: id.to_string(),
        }
    }

    /// The document is stored already, but the item is still there: a process died before it let it go. The item is read again and let go only if it
    /// really is that document, and the document's original opens.
    async fn finish(&self, source: &Source, mut claim: Lease<ClaimId>, document: DocumentId, leftover: Option<&str>) -> Result<Stored, IntakeError> {
        if let Some(leftover) = leftover {
            self.forget_spooled(leftover);
        }
        let again = source.clone();
        let digest = blocking(move || again.open().and_then(|mut bytes| digest_of(&mut bytes))).await;
        let Ok(digest) = digest else { return Ok(Stored::Elsewhere) };
        let known = self.store.document_by_digest(&Tag(self.vault.digest_index(&digest).as_bytes().to_vec())).await?;
        if known.is_some_and(|known| known.id == document) {
            let trouble = self.make_whole(source, document, &digest, &mut claim).await?;
            return Ok(trouble.unwrap_or(Stored::Known { of: document, claim }));
        }
        // Another file with the same name, inode, size and time: it is new, and gets a claim of its own at the next scan.
        self.done(&claim).await?;
        Ok(Stored::Elsewhere)
    }

    /// Ends the claim of an item that has been let go. What cannot be ended now is found without its item later, and ended then.
    ///
    /// # Errors
    /// When the store fails in a way that waiting does not mend.
    pub async fn done(&self, claim: &Lease<ClaimId>) -> Result<(), IntakeError> {
        unless_it_passes(self.store.claim_done(claim, self.clock.now()).await)
    }

    /// Leaves the claim of an item that could not be let go to whoever comes next.
    ///
    /// # Errors
    /// When the store fails in a way that waiting does not mend.
    pub async fn release(&self, claim: &Lease<ClaimId>) -> Result<(), IntakeError> {
        unless_it_passes(self.store.release_claim(claim, self.clock.now()).await)
    }

    /// Takes the file out of its folder: sets it aside, or ends the claim if it is not there any more.
    async fn leave(&self, candidate: &Candidate, claim: &Lease<ClaimId>, afterwards: Afterwards<'_>) -> Result<Option<Aside>, IntakeError> {
        let (path, identity, lease) = (candidate.path.clone(), candidate.identity, claim.clone());
        let left = match afterwards {
            Afterwards::Remove => blocking(move || leaving::set_aside(&path, identity, &lease)).await,
            Afterwards::Rename(to) => {
                let to = to.to_owned();
                blocking(move || leaving::rename(&path, &to)).await.map(|()| None)
            }
            Afterwards::Keep => Ok(None),
        };
        match left {
            Ok(Some(aside)) => return Ok(Some(aside)),
            Ok(None) => self.done(claim).await?,
            // The claim stays open, so the next scan tries again.
            Err(error) => {
                tracing::warn!(folder = candidate.folder, inode = candidate.identity.inode, error = %error.kind(), "a file that is stored cannot be removed from its folder");
            }
        }
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
        self.done(&claim).await
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

    /// Seals what the source holds into the spool and renews the claim while that lasts.
    async fn spool_while_held(
        &self,
        source: &Source,
        name: &str,
        stream: StreamSealer,
        claim: &mut Lease<ClaimId>,
    ) -> Result<Result<Sealed, Stored>, IntakeError> {
        let mut sealing = std::pin::pin!(self.spool_source(source, name, stream));
        loop {
            tokio::select! {
                sealed = &mut sealing => return Ok(sealed),
                () = tokio::time::sleep(self.lease / 3) => self.store.renew_claim(claim, self.clock.now(), self.lease).await?,
            }
        }
    }

    async fn spool_source(&self, source: &Source, name: &str, stream: StreamSealer) -> Result<Sealed, Stored> {
        let (spool, name, source, bytes_max) = (self.spool.clone(), name.to_owned(), source.clone(), self.bytes_max);
        match blocking(move || seal_into(&spool, &name, &source, bytes_max, stream)).await {
            Ok(sealed) => Ok(sealed),
            Err(Trouble::TooLarge) => {
                let limit = self.bytes_max.div_ceil(1024 * 1024);
                Err(Stored::NotNow(Hindrance::TooLarge { mib: limit + 1, limit }))
            }
            Err(Trouble::Source(error)) if source::is_gone(&error) => Err(Stored::Elsewhere),
            // ELOOP: it has become a link since the folder was read.
            Err(Trouble::Source(error)) if error.raw_os_error() == Some(nix::errno::Errno::ELOOP as i32) => Err(Stored::NotNow(Hindrance::Link)),
            Err(Trouble::Source(error)) => Err(Stored::NotNow(Hindrance::Unreadable(error.kind()))),
            Err(Trouble::Spool(error)) => Err(Stored::NotNow(Hindrance::NoRoom(format!("the spool cannot be written: {error}")))),
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

    /// Ends the claims of `folder` whose item is gone: it was stored and let go, and the process died before it said so. `is_here` says of what a claim
    /// names whether it is still there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end_claims_without_item(&self, folder: &str, is_here: impl Fn(&crate::store::FileIdentity) -> bool) -> Result<(), IntakeError> {
        for claim in self.store.open_claims(folder).await? {
            if is_here(&claim.identity) || claim.lease_until > self.clock.now() {
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

/// Somebody else ended it, or will: what is done is done.
fn unless_it_passes(ended: Result<(), StoreError>) -> Result<(), IntakeError> {
    match ended {
        Err(StoreError::Final(Fault::LeaseLost { .. })) => Ok(()),
        Err(error) if error.may_pass() => Ok(()),
        ended => Ok(ended?),
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
    TooLarge,
}

/// Streams what the source holds into the spool.
fn seal_into(spool: &Spool, name: &str, source: &Source, bytes_max: u64, mut stream: StreamSealer) -> Result<Sealed, Trouble> {
    let mut opened = source.open().map_err(Trouble::Source)?;
    let mut spooled = spool.create(name).map_err(Trouble::Spool)?;
    let mut hasher = Hasher::new();
    let mut buffer = zeroize::Zeroizing::new(vec![0u8; CHUNK]);
    let mut bytes = 0u64;
    loop {
        let read = opened.read(&mut buffer).map_err(Trouble::Source)?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        if bytes > bytes_max {
            return Err(Trouble::TooLarge);
        }
        hasher.update(&buffer[..read]);
        spooled.write_all(&stream.push(&buffer[..read])).map_err(Trouble::Spool)?;
    }
    spooled.write_all(&stream.finish()).map_err(Trouble::Spool)?;
    spooled.keep().map_err(Trouble::Spool)?;
    Ok(Sealed { digest: hasher.finish(), bytes })
}

/// Whether a sealed original is there and opens from its first byte to its last.
fn is_whole(spool: &Spool, name: &str, opener: StreamOpener, size: u64) -> bool {
    spool.read(name).and_then(|sealed| io::copy(&mut OpenedStream::new(sealed, opener), &mut io::sink())).is_ok_and(|bytes| bytes == size)
}

fn digest_of(source: &mut dyn Read) -> io::Result<Digest> {
    let mut hasher = Hasher::new();
    let mut buffer = zeroize::Zeroizing::new(vec![0u8; CHUNK]);
    loop {
        match source.read(&mut buffer)? {
            0 => return Ok(hasher.finish()),
            read => hasher.update(&buffer[..read]),
        }
    }
}
