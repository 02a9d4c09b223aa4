//! Wrapping: a key sealed under a key-encryption key.
//!
//! The form is that of every sealed thing here (fresh salt, HKDF-SHA-512, commitment, AES-256-GCM); `docs/vault-format.md` has it byte by byte.
//! What a key is wrapped for (an envelope's id, or the index) is authenticated, so a wrapped key moved to another envelope does not open.

use super::cipher::{COMMITMENT_BYTES, Cipher, TAG_BYTES, Use, length_prefixed, take};
use super::error::{Kind, OpenError};
use super::secret::{Dek, IndexSecret, KEY_BYTES, Kek, KekId, Nonce, Salt};
use crate::clock::Entropy;
use crate::document::EnvelopeId;

/// Bytes of every wrapped key: the header of 10, salt, commitment, nonce, key, tag.
pub(super) const WRAPPED_BYTES: usize = HEADER_BYTES + 16 + COMMITMENT_BYTES + 12 + KEY_BYTES + TAG_BYTES;
/// Magic, version, algorithm, KEK id.
const HEADER_BYTES: usize = 10;
const VERSION: u8 = 1;
const ALGORITHM: u8 = 1;

/// An envelope's data key, wrapped: what is stored beside the envelope. Deleting every copy of it erases what the envelope holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WrappedDek([u8; WRAPPED_BYTES]);

impl WrappedDek {
    /// How many bytes it has.
    pub const BYTES: usize = WRAPPED_BYTES;

    /// The stored form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key-encryption key it is wrapped under.
    #[must_use]
    pub fn kek(&self) -> KekId {
        kek_of(&self.0)
    }

    pub(super) fn seal(dek: &Dek, envelope: EnvelopeId, kek: &Kek, id: KekId, entropy: &dyn Entropy) -> Self {
        Self(wrap(Kind::DataKey, dek.bytes(), envelope.as_bytes(), kek, id, entropy))
    }

    pub(super) fn open(&self, envelope: EnvelopeId, kek: &Kek) -> Result<Dek, OpenError> {
        let mut dek = Dek::blank();
        unwrap(Kind::DataKey, &self.0, envelope.as_bytes(), kek, dek.bytes_mut())?;
        Ok(dek)
    }
}

impl TryFrom<&[u8]> for WrappedDek {
    type Error = OpenError;

    /// Takes the stored form back. What is checked is its shape; whether it is genuine shows when it is opened.
    fn try_from(stored: &[u8]) -> Result<Self, OpenError> {
        shaped(Kind::DataKey, stored).map(Self)
    }
}

impl std::fmt::Debug for WrappedDek {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WrappedDek(under {})", self.kek())
    }
}

/// The index secret, wrapped: the content of its file.
pub(super) struct WrappedIndexSecret([u8; WRAPPED_BYTES]);

impl WrappedIndexSecret {
    /// What it is wrapped for, where a data key has its envelope's id.
    const PURPOSE: &[u8] = b"index secret";

    pub(super) fn seal(secret: &IndexSecret, kek: &Kek, id: KekId, entropy: &dyn Entropy) -> Self {
        Self(wrap(Kind::IndexSecret, secret.bytes(), Self::PURPOSE, kek, id, entropy))
    }

    pub(super) fn open(&self, kek: &Kek) -> Result<IndexSecret, OpenError> {
        let mut secret = IndexSecret::blank();
        unwrap(Kind::IndexSecret, &self.0, Self::PURPOSE, kek, secret.bytes_mut())?;
        Ok(secret)
    }

    pub(super) fn from_stored(stored: &[u8]) -> Result<Self, OpenError> {
        shaped(Kind::IndexSecret, stored).map(Self)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn kek(&self) -> KekId {
        kek_of(&self.0)
    }
}

fn magic(kind: Kind) -> &'static [u8; 4] {
    if kind == Kind::IndexSecret { b"PSLI" } else { b"PSLK" }
}

fn wrap(kind: Kind, key: &[u8; KEY_BYTES], purpose: &[u8], kek: &Kek, id: KekId, entropy: &dyn Entropy) -> [u8; WRAPPED_BYTES] {
    let (salt, nonce) = (Salt::random(entropy), Nonce::random(entropy));
    let cipher = Cipher::of(Use::Wrap, kek.bytes(), &salt);
    let mut wrapped = Vec::with_capacity(WRAPPED_BYTES);
    wrapped.extend_from_slice(magic(kind));
    wrapped.extend_from_slice(&[VERSION, ALGORITHM]);
    wrapped.extend_from_slice(id.as_bytes());
    wrapped.extend_from_slice(&salt.0);
    wrapped.extend_from_slice(cipher.commitment());
    wrapped.extend_from_slice(&nonce.0);
    let associated = length_prefixed(&[&wrapped, purpose]);
    let from = wrapped.len();
    wrapped.extend_from_slice(key);
    cipher.seal(nonce, &associated, &mut wrapped, from);
    wrapped.try_into().expect("the parts have fixed lengths that add up")
}

fn unwrap(kind: Kind, wrapped: &[u8; WRAPPED_BYTES], purpose: &[u8], kek: &Kek, key: &mut [u8; KEY_BYTES]) -> Result<(), OpenError> {
    let altered = OpenError::Altered { kind };
    let (head, body) = wrapped.split_at(WRAPPED_BYTES - KEY_BYTES - TAG_BYTES);
    let mut rest = &head[HEADER_BYTES..];
    let salt = Salt(take(&mut rest).ok_or(altered)?);
    let commitment = take(&mut rest).ok_or(altered)?;
    let nonce = Nonce(take(&mut rest).ok_or(altered)?);
    let cipher = Cipher::of(Use::Wrap, kek.bytes(), &salt);
    if !cipher.is_committed_to(&commitment) {
        return Err(altered);
    }
    let mut buffer = zeroize::Zeroizing::new([0; KEY_BYTES + TAG_BYTES]);
    buffer.copy_from_slice(body);
    cipher.open(nonce, &length_prefixed(&[head, purpose]), buffer.as_mut()).ok_or(altered)?;
    key.copy_from_slice(&buffer[..KEY_BYTES]);
    Ok(())
}

fn shaped(kind: Kind, stored: &[u8]) -> Result<[u8; WRAPPED_BYTES], OpenError> {
    let foreign = OpenError::Foreign { kind, bytes: stored.len() };
    let wrapped: [u8; WRAPPED_BYTES] = stored.try_into().map_err(|_| foreign)?;
    if &wrapped[..4] != magic(kind) {
        return Err(foreign);
    }
    match (wrapped[4], wrapped[5]) {
        (VERSION, ALGORITHM) => Ok(wrapped),
        (VERSION, algorithm) => Err(OpenError::Algorithm { kind, algorithm }),
        (version, _) => Err(OpenError::Version { kind, version }),
    }
}

fn kek_of(wrapped: &[u8; WRAPPED_BYTES]) -> KekId {
    KekId::from_bytes([wrapped[6], wrapped[7], wrapped[8], wrapped[9]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{CountingEntropy, StoppedClock};

    fn envelope(seed: u64) -> EnvelopeId {
        EnvelopeId::new(&StoppedClock::at("2026-11-21T09:00:00Z".parse().unwrap()), &CountingEntropy::seeded(seed))
    }

    #[test]
    fn every_flipped_bit_of_a_wrapped_key_is_refused() {
        let entropy = CountingEntropy::seeded(1);
        let (kek, id) = (Kek::random(&entropy), KekId::random(&entropy));
        let dek = Dek::random(&entropy);
        let wrapped = WrappedDek::seal(&dek, envelope(1), &kek, id, &entropy);
        assert_eq!(wrapped.open(envelope(1), &kek).unwrap().bytes(), dek.bytes());
        for bit in 0..WRAPPED_BYTES * 8 {
            let mut bytes = wrapped.0;
            bytes[bit / 8] ^= 1 << (bit % 8);
            let opened = WrappedDek::try_from(&bytes[..]).and_then(|wrapped| wrapped.open(envelope(1), &kek));
            assert!(opened.is_err(), "bit {bit}");
        }
    }

    /// A wrapped key whose tag is right and whose commitment is not: what someone with two keys could make.
    #[test]
    fn a_commitment_to_another_key_is_refused_though_the_tag_is_right() {
        let entropy = CountingEntropy::seeded(4);
        let (kek, id) = (Kek::random(&entropy), KekId::random(&entropy));
        let wrapped = WrappedDek::seal(&Dek::random(&entropy), envelope(1), &kek, id, &entropy).0;
        let cipher = Cipher::of(Use::Wrap, kek.bytes(), &Salt(wrapped[10..26].try_into().unwrap()));
        for (flip, right) in [(0, true), (1, false)] {
            let mut forged = wrapped[..70].to_vec();
            forged[26] ^= flip;
            let associated = length_prefixed(&[&forged, envelope(1).as_bytes()]);
            forged.extend_from_slice(&[7; KEY_BYTES]);
            cipher.seal(Nonce(wrapped[58..70].try_into().unwrap()), &associated, &mut forged, 70);
            assert_eq!(WrappedDek::try_from(&forged[..]).unwrap().open(envelope(1), &kek).is_ok(), right);
        }
    }

    #[test]
    fn a_wrapped_key_serves_one_envelope_one_kek_and_one_purpose() {
        let entropy = CountingEntropy::seeded(2);
        let (kek, other, id) = (Kek::random(&entropy), Kek::random(&entropy), KekId::random(&entropy));
        let wrapped = WrappedDek::seal(&Dek::random(&entropy), envelope(1), &kek, id, &entropy);
        assert_eq!(wrapped.open(envelope(2), &kek).unwrap_err(), OpenError::Altered { kind: Kind::DataKey });
        assert_eq!(wrapped.open(envelope(1), &other).unwrap_err(), OpenError::Altered { kind: Kind::DataKey });
        assert!(matches!(WrappedIndexSecret::from_stored(wrapped.as_bytes()), Err(OpenError::Foreign { kind: Kind::IndexSecret, bytes: WRAPPED_BYTES })));

        // The same bytes under the other magic are refused by the tag, and not by the magic alone.
        let mut renamed = wrapped.0;
        renamed[..4].copy_from_slice(b"PSLI");
        assert!(WrappedIndexSecret::from_stored(&renamed).unwrap().open(&kek).is_err());
    }

    #[test]
    fn the_shape_is_judged_with_its_reason() {
        let entropy = CountingEntropy::seeded(3);
        let (kek, id) = (Kek::random(&entropy), KekId::random(&entropy));
        let wrapped = WrappedDek::seal(&Dek::random(&entropy), envelope(1), &kek, id, &entropy).0;
        let kind = Kind::DataKey;
        assert_eq!(WrappedDek::try_from(&wrapped[1..]), Err(OpenError::Foreign { kind, bytes: WRAPPED_BYTES - 1 }));
        let mut later = wrapped;
        later[4] = 2;
        assert_eq!(WrappedDek::try_from(&later[..]), Err(OpenError::Version { kind, version: 2 }));
        later[4] = 1;
        later[5] = 9;
        assert_eq!(WrappedDek::try_from(&later[..]), Err(OpenError::Algorithm { kind, algorithm: 9 }));
    }
}
