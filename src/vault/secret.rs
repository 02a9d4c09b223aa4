//! Keys, and the names that tell them apart.
//!
//! Each kind of key is a type of its own, so that a data key cannot be handed in where a key-encryption key belongs. A key lives in one heap
//! allocation, is never moved out of it, and is wiped when dropped. What `ring` derives from it (key schedules, HMAC states) is not wiped:
//! ring does not offer that, and the daemon forbids core dumps, tracing and swap for this reason.

use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroize;

use super::hex::{self, Hex};
use crate::clock::Entropy;

/// Bytes in every key.
pub(super) const KEY_BYTES: usize = 32;

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        pub(super) struct $name(Box<[u8; KEY_BYTES]>);

        impl $name {
            /// A fresh key.
            pub(super) fn random(entropy: &dyn Entropy) -> Self {
                let mut key = Self::blank();
                entropy.fill(key.bytes_mut());
                key
            }

            /// A place to read a key into.
            pub(super) fn blank() -> Self {
                Self(Box::new([0; KEY_BYTES]))
            }

            /// The key itself.
            pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
                &self.0
            }

            /// The place the key is read into.
            pub(super) fn bytes_mut(&mut self) -> &mut [u8; KEY_BYTES] {
                &mut self.0
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                self.bytes_mut().zeroize();
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    };
}

key!(
    /// A key-encryption key: it wraps data keys and the index secret, and lives in its own file.
    Kek
);
key!(
    /// A data-encryption key: one an envelope, random, stored only wrapped.
    Dek
);
key!(
    /// The secret behind the blind index and the audit MAC. It outlives every KEK, since no stored tag could be computed anew without the values.
    IndexSecret
);

impl Dek {
    /// The same key in an allocation of its own, wiped on its own.
    pub(super) fn copy(&self) -> Self {
        Self(self.0.clone())
    }
}

macro_rules! public_bytes {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) struct $name(pub(super) [u8; $bytes]);

        impl $name {
            /// Fresh random bytes.
            pub(super) fn random(entropy: &dyn Entropy) -> Self {
                let mut bytes = [0; $bytes];
                entropy.fill(&mut bytes);
                Self(bytes)
            }
        }
    };
}

public_bytes!(
    /// The salt a blob's, a stream's or a wrapping's key is derived with. Not secret.
    Salt, 16
);
public_bytes!(
    /// The nonce of one AES-256-GCM call. Not secret; never used twice under one key.
    Nonce, 12
);

/// The name of a key-encryption key: eight hexadecimal digits. It is not secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KekId([u8; 4]);

impl KekId {
    /// The four bytes, as they stand in a wrapped key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }

    pub(super) fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    pub(super) fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 4];
        entropy.fill(&mut bytes);
        Self(bytes)
    }
}

impl fmt::Display for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex(&self.0).fmt(f)
    }
}

impl fmt::Debug for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KekId({self})")
    }
}

impl std::str::FromStr for KekId {
    type Err = NotAKekId;

    fn from_str(text: &str) -> Result<Self, NotAKekId> {
        hex::parse(text).map(Self).ok_or_else(|| NotAKekId { text: text.to_owned() })
    }
}

impl TryFrom<String> for KekId {
    type Error = String;

    /// As it stands in `keyset.json`, whose reader says where and what to do.
    fn try_from(text: String) -> Result<Self, String> {
        hex::parse(&text).map(Self).ok_or_else(|| format!("`{text}` is not the id of a key"))
    }
}

impl From<KekId> for String {
    fn from(id: KekId) -> Self {
        id.to_string()
    }
}

/// A text that is not the id of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not the id of a key: an id is eight digits of 0-9 and a-f\n`postsluse keys list` shows the ids")]
pub struct NotAKekId {
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::CountingEntropy;

    #[test]
    fn keys_say_nothing_of_themselves() {
        let entropy = CountingEntropy::seeded(1);
        assert_eq!(format!("{:?} {:?} {:?}", Kek::random(&entropy), Dek::random(&entropy), IndexSecret::random(&entropy)), "Kek(..) Dek(..) IndexSecret(..)");
    }

    #[test]
    fn an_id_has_one_written_form() {
        let id = KekId::random(&CountingEntropy::seeded(2));
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", "3F9A01C2", "3f9a01c", "3f9a01c22", "../..///"] {
            assert!(text.parse::<KekId>().is_err(), "{text}");
        }
    }
}
