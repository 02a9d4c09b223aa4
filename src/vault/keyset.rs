//! `keyset.json`: which keys there are and what each may do. It holds no key, only names, states and check values.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use super::cipher::{Derivation, Label};
use super::error::KeyError;
use super::hex::{self, Hex};
use super::secret::{Kek, KekId};
use crate::clock::Timestamp;

/// The only version of the file there is.
const VERSION: u64 = 1;

/// The content of `keyset.json`, checked: the ids are unique, the primary key is among them and enabled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keyset {
    version: u64,
    /// The key that new data keys are wrapped under.
    pub(super) primary: KekId,
    /// The key that the index secret is wrapped under; its file is named by it.
    pub(super) index_secret_under: KekId,
    /// Every key there ever was.
    pub(super) keys: Vec<KeyInfo>,
}

/// What the keyset says of one key-encryption key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyInfo {
    /// Its name.
    pub id: KekId,
    /// What it may do.
    pub status: KeyStatus,
    /// When it was made.
    pub created: Timestamp,
    /// What it is used with.
    pub algorithm: KeyAlgorithm,
    /// By this its file is known to hold the right key.
    check: KeyCheck,
}

/// What a key-encryption key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyStatus {
    /// Wrap and unwrap.
    Enabled,
    /// Unwrap what it wrapped before.
    DecryptOnly,
    /// Nothing: the key is gone, and so is what is wrapped under it alone.
    Destroyed,
}

impl fmt::Display for KeyStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enabled => "enabled",
            Self::DecryptOnly => "decrypt-only",
            Self::Destroyed => "destroyed",
        })
    }
}

/// What a key-encryption key is used with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyAlgorithm {
    /// HKDF-SHA-512 and AES-256-GCM, as `docs/vault-format.md` has it.
    #[serde(rename = "hkdf-sha512-aes256gcm")]
    HkdfSha512Aes256Gcm,
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HkdfSha512Aes256Gcm => f.write_str("hkdf-sha512-aes256gcm"),
        }
    }
}

/// A value that only the right key gives, and that gives nothing of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct KeyCheck([u8; 16]);

impl KeyCheck {
    fn of(kek: &Kek) -> Self {
        Self(Derivation::new(&[], kek.bytes()).draw(Label::KekCheck))
    }
}

impl TryFrom<String> for KeyCheck {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        hex::parse(&text).map(Self).ok_or("a check value is 32 digits of 0-9 and a-f")
    }
}

impl From<KeyCheck> for String {
    fn from(check: KeyCheck) -> Self {
        Hex(&check.0).to_string()
    }
}

impl KeyInfo {
    pub(super) fn new(id: KekId, kek: &Kek, created: Timestamp) -> Self {
        Self { id, status: KeyStatus::Enabled, created, algorithm: KeyAlgorithm::HkdfSha512Aes256Gcm, check: KeyCheck::of(kek) }
    }

    /// Whether `kek` is the key that is meant.
    pub(super) fn is(&self, kek: &Kek) -> bool {
        self.check == KeyCheck::of(kek)
    }
}

impl Keyset {
    /// The keyset of a new instance.
    pub(super) fn new(first: KeyInfo) -> Self {
        Self { version: VERSION, primary: first.id, index_secret_under: first.id, keys: vec![first] }
    }

    /// Reads `keyset.json`; `path` is for the messages.
    pub(super) fn parse(text: &[u8], path: &Path) -> Result<Self, KeyError> {
        // The version is looked at before anything else: a later one may have fields that this program would call unknown.
        #[derive(Deserialize)]
        struct Version {
            version: u64,
        }
        let malformed = |reason: String| KeyError::Malformed { path: path.to_owned(), reason };
        let Version { version } = serde_json::from_slice(text).map_err(|error| malformed(error.to_string()))?;
        if version != VERSION {
            return Err(KeyError::Version { path: path.to_owned(), version });
        }
        let keyset: Self = serde_json::from_slice(text).map_err(|error| malformed(error.to_string()))?;
        let mut seen = BTreeSet::new();
        if let Some(twice) = keyset.keys.iter().find(|key| !seen.insert(key.id)) {
            return Err(malformed(format!("key {} is listed twice", twice.id)));
        }
        let primary = keyset.key(keyset.primary)?;
        if primary.status != KeyStatus::Enabled {
            return Err(KeyError::PrimaryNotEnabled { id: primary.id, status: primary.status });
        }
        if keyset.key(keyset.index_secret_under)?.status == KeyStatus::Destroyed {
            return Err(malformed("the index secret is wrapped under a destroyed key".to_owned()));
        }
        Ok(keyset)
    }

    /// The file's content.
    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("a keyset has only texts and numbers");
        json.push(b'\n');
        json
    }

    /// What is said of key `id`.
    pub(super) fn key(&self, id: KekId) -> Result<&KeyInfo, KeyError> {
        self.keys.iter().find(|key| key.id == id).ok_or(KeyError::UnknownId { id })
    }

    /// Gives key `id` a new status.
    pub(super) fn set_status(&mut self, id: KekId, status: KeyStatus) {
        self.keys.iter_mut().filter(|key| key.id == id).for_each(|key| key.status = status);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::CountingEntropy;
    use proptest::prelude::*;

    fn keyset() -> Keyset {
        let entropy = CountingEntropy::seeded(1);
        let created = "2026-11-21T09:00:00Z".parse().unwrap();
        let mut keyset = Keyset::new(KeyInfo::new(KekId::random(&entropy), &Kek::random(&entropy), created));
        keyset.keys.push(KeyInfo::new(KekId::random(&entropy), &Kek::random(&entropy), created));
        keyset
    }

    fn parse(text: &str) -> Result<Keyset, String> {
        Keyset::parse(text.as_bytes(), Path::new("keyset.json")).map_err(|error| error.to_string())
    }

    fn text(keyset: &Keyset) -> String {
        String::from_utf8(keyset.to_json()).unwrap()
    }

    #[test]
    fn a_keyset_is_read_as_it_was_written() {
        assert_eq!(parse(&text(&keyset())), Ok(keyset()));
    }

    #[test]
    fn what_does_not_hold_together_is_refused_with_the_reason() {
        let whole = text(&keyset());
        let (first, second) = (keyset().keys[0].id.to_string(), keyset().keys[1].id.to_string());
        let primary_is = |status| {
            let mut keyset = keyset();
            keyset.set_status(keyset.primary, status);
            text(&keyset)
        };
        let mut index_lost = keyset();
        index_lost.primary = index_lost.keys[1].id;
        index_lost.set_status(index_lost.keys[0].id, KeyStatus::Destroyed);
        let cases = [
            (whole.replace("\"version\": 1", "\"version\": 2"), "version 2; this program knows version 1".to_owned()),
            (whole.replace("\"version\": 1,", ""), "missing field `version`".to_owned()),
            (whole.replacen("\"primary\"", "\"note\": 1, \"primary\"", 1), "unknown field `note`".to_owned()),
            (whole.replacen("enabled", "asleep", 1), "unknown variant `asleep`".to_owned()),
            (whole.replacen("hkdf-sha512-aes256gcm", "rot13", 1), "unknown variant `rot13`".to_owned()),
            (whole.replace(&second, &first), format!("key {first} is listed twice")),
            (whole.replacen(&first, "00000000", 1), "knows no key 00000000".to_owned()),
            (whole.replacen(&first, "../../etc", 1), "is not the id of a key".to_owned()),
            (primary_is(KeyStatus::DecryptOnly), format!("the primary key {first} is decrypt-only; only an enabled key can seal")),
            (primary_is(KeyStatus::Destroyed), format!("the primary key {first} is destroyed; only an enabled key can seal")),
            (text(&index_lost), "under a destroyed key".to_owned()),
            (whole[..whole.len() / 2].to_owned(), "EOF while parsing".to_owned()),
            (String::new(), "EOF while parsing".to_owned()),
        ];
        for (json, expected) in cases {
            let message = parse(&json).unwrap_err();
            assert!(message.contains(&expected), "{message}");
            assert_eq!(message.lines().count(), 2, "{message}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_a_panic(at in 0..400_usize, byte: u8) {
            let mut text = keyset().to_json();
            let at = at % text.len();
            text[at] = byte;
            let _ = Keyset::parse(&text, Path::new("keyset.json"));
        }
    }
}
