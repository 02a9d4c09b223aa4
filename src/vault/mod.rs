//! The vault: keys, and what is sealed with them.
//!
//! A key-encryption key (KEK) lives outside the data, in a folder of its own or as a systemd credential. Under it every [`Envelope`] has a
//! random data key, stored wrapped beside the envelope; from the data key comes a key for every value and every document. Beside that the
//! vault gives the blind index, the audit key, digests and randomness, so that no other room names `ring`.
//!
//! `docs/vault-format.md` has every format byte by byte, with test vectors, for whoever has to open the data without this program.
//!
//! What it deliberately does not do: it never makes a key unless told to, never falls back to another key, and keeps no opened envelope.
//! Whether rows exist that were sealed with another keyset only the store can know; [`Vault::adopt`] is how it asks.

mod cipher;
mod envelope;
mod error;
mod folder;
pub(crate) mod hex;
mod index;
mod keyset;
mod lent;
mod rotation;
mod secret;
pub mod stream;
#[cfg(test)]
mod vectors;
mod wrap;

use std::collections::BTreeMap;
use std::path::Path;

pub use envelope::{Envelope, Place, Sealed};
pub use error::{KeyError, Kind, OpenError};
pub use folder::KeySource;
pub use index::{AuditKey, AuditMac, Fingerprint, IndexTag};
pub use keyset::{KeyAlgorithm, KeyInfo, KeyStatus};
pub use lent::{Hasher, SystemEntropy};
pub use secret::{KekId, NotAKekId};
pub use stream::{OpenedStream, StreamOpener, StreamSealer};
pub use wrap::WrappedDek;

use crate::clock::{Clock, SharedEntropy};
use crate::document::{Digest, EnvelopeId};
use folder::Folder;
use index::Indexes;
use keyset::Keyset;
use secret::{Dek, IndexSecret, Kek};
use wrap::WrappedIndexSecret;

/// An opened keyset.
pub struct Vault {
    keyset: Keyset,
    /// Every key that is not destroyed.
    keks: BTreeMap<KekId, Kek>,
    indexes: Indexes,
    entropy: SharedEntropy,
}

impl Vault {
    /// Makes the keyset of a new instance in `folder` and opens it. The folder is made too, or closed to others if it is there; whatever
    /// else lies in it stays.
    ///
    /// Call this only when nothing is stored yet: a new keyset opens nothing that another one sealed.
    ///
    /// # Errors
    /// When there is a keyset or any key file already, or the folder cannot be made, closed or written.
    pub fn init(folder: &Path, clock: &dyn Clock, entropy: SharedEntropy) -> Result<Self, KeyError> {
        let source = KeySource::Folder(folder.to_owned());
        let folder = Folder::create(folder)?;
        let lock = folder.lock()?;
        let (id, kek) = rotation::new_key(&*entropy, |_| false);
        let secret = WrappedIndexSecret::seal(&IndexSecret::random(&*entropy), &kek, id, &*entropy);
        folder.write_kek(id, &kek)?;
        folder.write_index_secret(&secret)?;
        // Last, since it is what makes the folder a keyset.
        folder.write_keyset(&Keyset::new(KeyInfo::new(id, &kek, clock.now())).to_json())?;
        drop(lock);
        Self::open(&source, entropy)
    }

    /// Opens the keyset at `source` and checks all of it: folder, owner, modes, every key, the index secret.
    ///
    /// # Errors
    /// When anything is missing, open to others, or not what the keyset says. See [`KeyError`]; none of it goes away by trying again.
    pub fn open(source: &KeySource, entropy: SharedEntropy) -> Result<Self, KeyError> {
        let folder = Folder::open(source)?;
        let (path, text) = folder.read_keyset()?;
        let keyset = Keyset::parse(&text, &path)?;
        let keks = read_keks(&folder, &keyset)?;
        let secret = read_index_secret(&folder, &keyset, &keks)?;
        Ok(Self { indexes: Indexes::new(&secret), keyset, keks, entropy })
    }

    /// Every key there ever was in this keyset, in the order they were made.
    #[must_use]
    pub fn keys(&self) -> &[KeyInfo] {
        &self.keyset.keys
    }

    /// The key that new data keys are wrapped under.
    #[must_use]
    pub fn primary(&self) -> KekId {
        self.keyset.primary
    }

    /// The keyset's public name, to be stored beside what is sealed with it.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.indexes.fingerprint()
    }

    /// Checks that what is stored belongs to this keyset. `stored` is the fingerprint found beside the rows; none when there are no rows yet,
    /// and then the fingerprint that comes back is to be stored with the first.
    ///
    /// # Errors
    /// When it is another keyset's.
    pub fn adopt(&self, stored: Option<&[u8]>) -> Result<Fingerprint, KeyError> {
        let ours = self.fingerprint();
        match stored {
            Some(stored) if stored != ours.as_bytes() => Err(KeyError::OtherInstance { ours, stored: hex::Hex(&stored[..stored.len().min(16)]).to_string() }),
            _ => Ok(ours),
        }
    }

    /// Makes an envelope: its data key is fresh, and comes wrapped under the primary key, to be stored in the same transaction as what is
    /// sealed in it.
    #[must_use]
    pub fn new_envelope(&self, id: EnvelopeId) -> (Envelope, WrappedDek) {
        let dek = Dek::random(&*self.entropy);
        let wrapped = self.wrap(&dek, id);
        (Envelope::new(id, dek, self.entropy.clone()), wrapped)
    }

    /// Opens envelope `id` with its wrapped data key.
    ///
    /// # Errors
    /// When its KEK is unknown or destroyed, or the wrapped key was altered or is another envelope's.
    pub fn open_envelope(&self, id: EnvelopeId, wrapped: &WrappedDek) -> Result<Envelope, OpenError> {
        let kek_id = wrapped.kek();
        let kek = self.keks.get(&kek_id).ok_or_else(|| match self.keyset.key(kek_id) {
            Ok(_) => OpenError::DestroyedKek { id: kek_id },
            Err(_) => OpenError::UnknownKek { id: kek_id },
        })?;
        Ok(Envelope::new(id, wrapped.open(id, kek)?, self.entropy.clone()))
    }

    /// Opens envelope `id` with its wrapped data key as it is stored.
    ///
    /// # Errors
    /// When the bytes are no wrapped key, and as [`Self::open_envelope`] does.
    pub fn open_stored(&self, id: EnvelopeId, wrapped: &[u8]) -> Result<Envelope, OpenError> {
        self.open_envelope(id, &WrappedDek::try_from(wrapped)?)
    }

    /// The tag of a value in the blind index: HMAC-SHA-256 over `label` (what is indexed: a table), `kind` (the type: `duf`, `fnr`) and the
    /// normalised digits. For identity numbers only; never for what is of a special category.
    #[must_use]
    pub fn blind_index(&self, label: &str, kind: &str, normalised: &str) -> IndexTag {
        self.indexes.blind_index(label, kind, normalised)
    }

    /// The tag of a document's digest, by which a second copy is known.
    #[must_use]
    pub fn digest_index(&self, digest: &Digest) -> IndexTag {
        self.indexes.digest_index(digest)
    }

    /// The key of the audit chain.
    #[must_use]
    pub fn audit_key(&self) -> AuditKey {
        self.indexes.audit_key()
    }

    fn wrap(&self, dek: &Dek, envelope: EnvelopeId) -> WrappedDek {
        let primary = self.keyset.primary;
        let kek = self.keks.get(&primary).expect("a keyset opens only with its primary key");
        WrappedDek::seal(dek, envelope, kek, primary, &*self.entropy)
    }

    /// Reads the index secret once more, which is not kept.
    fn index_secret(&self, folder: &Folder) -> Result<IndexSecret, KeyError> {
        read_index_secret(folder, &self.keyset, &self.keks)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({}, {} keys)", self.fingerprint(), self.keyset.keys.len())
    }
}

fn read_keks(folder: &Folder, keyset: &Keyset) -> Result<BTreeMap<KekId, Kek>, KeyError> {
    if let Some(path) = folder.stray_kek(|id| keyset.key(id).is_ok())? {
        return Err(KeyError::StrayKey { path });
    }
    let mut keks = BTreeMap::new();
    for key in &keyset.keys {
        let path = || folder.path_of_kek(key.id);
        if key.status == KeyStatus::Destroyed {
            if folder.has_kek(key.id) {
                return Err(KeyError::StillThere { id: key.id, path: path() });
            }
            continue;
        }
        let kek = folder.read_kek(key.id)?;
        if !key.is(&kek) {
            return Err(KeyError::WrongKey { path: path() });
        }
        keks.insert(key.id, kek);
    }
    Ok(keks)
}

fn read_index_secret(folder: &Folder, keyset: &Keyset, keks: &BTreeMap<KekId, Kek>) -> Result<IndexSecret, KeyError> {
    let id = keyset.index_secret_under;
    let stored = folder.read_index_secret(id)?;
    let kek = keks.get(&id).ok_or(KeyError::UnknownId { id })?;
    let opened = WrappedIndexSecret::from_stored(&stored).and_then(|wrapped| wrapped.open(kek));
    opened.map_err(|_| KeyError::WrongKey { path: folder.path_of_index_secret(id) })
}
