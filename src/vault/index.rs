//! What is drawn from a keyset's index secret: the blind index, the index of digests, the audit key, and the keyset's public name.
//!
//! The index secret is random, made once with the keyset, and outlives every key-encryption key: tags that are stored could not be computed
//! anew without opening every value. Each use has a key of its own under its own label.

use ring::hmac;
use std::fmt;

use super::cipher::{Derivation, Label, length_prefixed};
use super::hex::{self, Hex};
use super::secret::IndexSecret;
use crate::document::Digest;

/// The keys of one keyset's indexes.
pub(super) struct Indexes {
    blind: hmac::Key,
    digests: hmac::Key,
    audit: AuditKey,
    fingerprint: Fingerprint,
}

impl Indexes {
    pub(super) fn new(secret: &IndexSecret) -> Self {
        let derivation = Derivation::new(&[], secret.bytes());
        let key = |label| hmac_key(&derivation, label);
        Self {
            blind: key(Label::BlindIndex),
            digests: key(Label::DigestIndex),
            audit: AuditKey(key(Label::Audit)),
            fingerprint: Fingerprint(derivation.draw(Label::Fingerprint)),
        }
    }

    pub(super) fn blind_index(&self, label: &str, kind: &str, normalised: &str) -> IndexTag {
        IndexTag(tag(&self.blind, &[label.as_bytes(), kind.as_bytes(), normalised.as_bytes()]))
    }

    pub(super) fn digest_index(&self, digest: &Digest) -> IndexTag {
        IndexTag(tag(&self.digests, &[&digest.0]))
    }

    pub(super) fn audit_key(&self) -> AuditKey {
        self.audit.clone()
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

fn hmac_key(derivation: &Derivation, label: Label) -> hmac::Key {
    let bytes = zeroize::Zeroizing::new(derivation.draw::<32>(label));
    hmac::Key::new(hmac::HMAC_SHA256, bytes.as_ref())
}

fn tag(key: &hmac::Key, parts: &[&[u8]]) -> [u8; 32] {
    let encoded = zeroize::Zeroizing::new(length_prefixed(parts));
    hmac::sign(key, &encoded).as_ref().try_into().expect("HMAC-SHA-256 gives 32 bytes")
}

/// A value's place in a blind index: equal values have equal tags, and nobody without the key can make one. It still stands for a person,
/// so it is not printed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndexTag([u8; 32]);

impl IndexTag {
    /// The bytes to store and to look for.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for IndexTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexTag(..)")
    }
}

/// The public name of a keyset: kept beside what was sealed with it, so that the keyset of another instance is noticed before anything is
/// written under it. It stays the same when keys are added or replaced, and says nothing of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

/// The key of the audit chain. It signs and checks, and cannot be taken out.
#[derive(Clone)]
pub struct AuditKey(hmac::Key);

impl AuditKey {
    /// HMAC-SHA-256 over `parts`, each with its length before it.
    #[must_use]
    pub fn sign(&self, parts: &[&[u8]]) -> AuditMac {
        AuditMac(tag(&self.0, parts))
    }

    /// Whether `mac` is the one over `parts`. Takes the same time wherever it differs.
    #[must_use]
    pub fn verifies(&self, parts: &[&[u8]], mac: &AuditMac) -> bool {
        hmac::verify(&self.0, &length_prefixed(parts), &mac.0).is_ok()
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(..)")
    }
}

/// The MAC of an audit entry. Not secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AuditMac([u8; 32]);

impl AuditMac {
    /// What stands for the MAC before the first entry.
    pub(crate) const ZERO: Self = Self([0; 32]);

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A MAC as it was stored.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The MAC that [`fmt::Display`] wrote.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        hex::parse(text).map(Self)
    }
}

impl fmt::Display for AuditMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

impl fmt::Debug for AuditMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuditMac({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::CountingEntropy;

    fn indexes(seed: u64) -> Indexes {
        Indexes::new(&IndexSecret::random(&CountingEntropy::seeded(seed)))
    }

    #[test]
    fn equal_values_have_equal_tags_and_nothing_else_has() {
        let one = indexes(1);
        let tag = one.blind_index("person", "duf", "202203141502");
        assert_eq!(tag, one.blind_index("person", "duf", "202203141502"));
        let others = [
            one.blind_index("person", "duf", "202203141503"),
            one.blind_index("person", "fnr", "202203141502"),
            one.blind_index("record", "duf", "202203141502"),
            one.blind_index("persondu", "f", "202203141502"),
            indexes(2).blind_index("person", "duf", "202203141502"),
        ];
        assert!(others.iter().all(|other| *other != tag));
        assert_eq!(format!("{tag:?} {:?}", one.audit_key()), "IndexTag(..) AuditKey(..)");
    }

    #[test]
    fn the_indexes_do_not_share_a_key() {
        let one = indexes(1);
        let digest = Digest([3; 32]);
        assert_ne!(one.digest_index(&digest).as_bytes(), one.audit_key().sign(&[&digest.0]).as_bytes());
        assert_ne!(one.digest_index(&digest), indexes(2).digest_index(&digest));
        assert_ne!(one.fingerprint(), indexes(2).fingerprint());
    }

    #[test]
    fn an_audit_mac_is_checked_whole() {
        let key = indexes(1).audit_key();
        let mac = key.sign(&[b"a", b"b"]);
        assert!(key.verifies(&[b"a", b"b"], &mac));
        assert!(!key.verifies(&[b"ab", b""], &mac));
        assert!(!indexes(2).audit_key().verifies(&[b"a", b"b"], &mac));
        let mut bytes = *mac.as_bytes();
        bytes[31] ^= 1;
        assert!(!key.verifies(&[b"a", b"b"], &AuditMac::from_bytes(bytes)));
        assert_eq!(AuditMac::parse(&mac.to_string()), Some(mac));
    }
}
