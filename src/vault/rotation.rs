//! Changing the keys: adding one, making it the primary one, destroying an old one.
//!
//! The order of a rotation is: [`Vault::add_key`], [`Vault::make_primary`], rewrap every data key ([`Vault::rewrap`], resumable, since each
//! wrapped key names the KEK it is under), [`Vault::destroy_key`]. Sealed values and documents are untouched throughout. Each step writes
//! its files in an order that an interruption leaves whole, and can be run again.

use std::path::Path;

use super::Vault;
use super::error::{KeyError, OpenError};
use super::folder::{Folder, KeySource};
use super::keyset::{KeyInfo, KeyStatus, Keyset};
use super::secret::{Kek, KekId};
use super::wrap::{WrappedDek, WrappedIndexSecret};
use crate::clock::{Clock, Entropy, SharedEntropy};
use crate::document::EnvelopeId;

impl Vault {
    /// Adds a key to the keyset in `folder`. It is enabled, and not the primary one.
    ///
    /// # Errors
    /// When the keyset is not sound, the folder cannot be written, or another program changes the keys.
    pub fn add_key(folder: &Path, clock: &dyn Clock, entropy: &SharedEntropy) -> Result<KekId, KeyError> {
        let source = KeySource::Folder(folder.to_owned());
        let folder = Folder::open(&source)?;
        let _lock = folder.lock()?;
        let mut keyset = Self::open(&source, entropy.clone())?.keyset;
        let (id, kek) = new_key(&**entropy, |id| keyset.key(id).is_ok());
        keyset.keys.push(KeyInfo::new(id, &kek, clock.now()));
        folder.write_kek(id, &kek)?;
        folder.write_keyset(&keyset.to_json())?;
        Ok(id)
    }

    /// Makes key `id` the primary one: data keys are wrapped under it from now on. The primary key before it can only unwrap any more.
    ///
    /// # Errors
    /// When the keyset is not sound or has no such key, the key is not enabled, the folder cannot be written, or another program changes
    /// the keys.
    pub fn make_primary(folder: &Path, id: KekId, entropy: &SharedEntropy) -> Result<(), KeyError> {
        let source = KeySource::Folder(folder.to_owned());
        let folder = Folder::open(&source)?;
        let _lock = folder.lock()?;
        let vault = Self::open(&source, entropy.clone())?;
        let mut keyset = vault.keyset.clone();
        let chosen = keyset.key(id)?;
        if chosen.status != KeyStatus::Enabled {
            return Err(KeyError::PrimaryNotEnabled { id, status: chosen.status });
        }
        if keyset.primary != id {
            keyset.set_status(keyset.primary, KeyStatus::DecryptOnly);
            keyset.primary = id;
        }
        let secret = vault.index_secret(&folder)?;
        let kek = vault.keks.get(&id).ok_or(KeyError::UnknownId { id })?;
        folder.write_index_secret(&WrappedIndexSecret::seal(&secret, kek, id, &**entropy))?;
        keyset.index_secret_under = id;
        folder.write_keyset(&keyset.to_json())?;
        folder.remove_index_secrets_but(id)
    }

    /// Destroys key `id`: what is still wrapped under it alone is erased with it. The caller has made sure that nothing to be kept is.
    ///
    /// # Errors
    /// When it is the primary key or unknown, the folder cannot be written, or another program changes the keys.
    pub fn destroy_key(folder: &Path, id: KekId) -> Result<(), KeyError> {
        let folder = Folder::open(&KeySource::Folder(folder.to_owned()))?;
        let _lock = folder.lock()?;
        let (path, text) = folder.read_keyset()?;
        let mut keyset = Keyset::parse(&text, &path)?;
        if [keyset.primary, keyset.index_secret_under].contains(&keyset.key(id)?.id) {
            return Err(KeyError::PrimaryInUse { id });
        }
        keyset.set_status(id, KeyStatus::Destroyed);
        folder.write_keyset(&keyset.to_json())?;
        folder.remove_kek(id)
    }

    /// The same data key, wrapped under the primary key.
    ///
    /// # Errors
    /// When it does not open: see [`Vault::open_envelope`].
    pub fn rewrap(&self, envelope: EnvelopeId, wrapped: &WrappedDek) -> Result<WrappedDek, OpenError> {
        Ok(self.wrap(self.open_envelope(envelope, wrapped)?.dek(), envelope))
    }

    /// Whether the data key is wrapped under the primary key already.
    #[must_use]
    pub fn is_current(&self, wrapped: &WrappedDek) -> bool {
        wrapped.kek() == self.keyset.primary
    }
}

/// A key and an id that is not taken.
pub(super) fn new_key(entropy: &dyn Entropy, taken: impl Fn(KekId) -> bool) -> (KekId, Kek) {
    let mut id = KekId::random(entropy);
    while taken(id) {
        id = KekId::random(entropy);
    }
    (id, Kek::random(entropy))
}
