//! The arithmetic under every sealed thing: HKDF-SHA-512 (RFC 5869), AES-256-GCM (NIST SP 800-38D), key commitment, and the length-prefixed
//! encoding of what is authenticated beside the ciphertext.
//!
//! AES-GCM alone does not commit to its key: one ciphertext can be made to open under two keys. A commitment derived beside the key, and
//! checked before anything is decrypted, closes that. A key is derived for one blob from its random salt, so no two blobs share a key and
//! the bounds on random nonces never come near.

use ring::{aead, hkdf};
use std::hint::black_box;

use super::secret::{KEY_BYTES, Nonce, Salt};

/// Bytes of a GCM tag.
pub(super) const TAG_BYTES: usize = 16;
/// Bytes of a key commitment.
pub(super) const COMMITMENT_BYTES: usize = 32;

/// What a derived key is for. The label is HKDF's `info`, so keys for different purposes are independent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// The name a blob's header has for its data key.
    DekId,
    /// The check value by which a key file is known to be the right one.
    KekCheck,
    /// The public name of a keyset.
    Fingerprint,
    /// The key of the blind index.
    BlindIndex,
    /// The key of the index of documents' digests.
    DigestIndex,
    /// The key of the audit chain.
    Audit,
    /// The encryption key of some [`Use`].
    Key(Use),
    /// The commitment to that key.
    Commitment(Use),
    /// The first seven bytes of a stream's nonces.
    StreamNonce,
}

/// What is encrypted with a derived key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A data key or the index secret, under a KEK.
    Wrap,
    /// A value or small blob, under a data key.
    Blob,
    /// The chunks of a document, under a data key.
    Stream,
}

impl Label {
    fn text(self) -> &'static [u8] {
        match self {
            Self::DekId => b"postsluse/1/dek id",
            Self::KekCheck => b"postsluse/1/kek check",
            Self::Fingerprint => b"postsluse/1/fingerprint",
            Self::BlindIndex => b"postsluse/1/blind index",
            Self::DigestIndex => b"postsluse/1/digest index",
            Self::Audit => b"postsluse/1/audit",
            Self::Key(Use::Wrap) => b"postsluse/1/wrap key",
            Self::Key(Use::Blob) => b"postsluse/1/blob key",
            Self::Key(Use::Stream) => b"postsluse/1/stream key",
            Self::Commitment(Use::Wrap) => b"postsluse/1/wrap commitment",
            Self::Commitment(Use::Blob) => b"postsluse/1/blob commitment",
            Self::Commitment(Use::Stream) => b"postsluse/1/stream commitment",
            Self::StreamNonce => b"postsluse/1/stream nonce",
        }
    }
}

/// HKDF-SHA-512 after its first step: keys are drawn from it by label.
pub(super) struct Derivation(hkdf::Prk);

impl Derivation {
    /// Extracts from `secret` with `salt`; an empty salt is HKDF's "not provided".
    pub(super) fn new(salt: &[u8], secret: &[u8; KEY_BYTES]) -> Self {
        Self(hkdf::Salt::new(hkdf::HKDF_SHA512, salt).extract(secret))
    }

    /// The `N` bytes for `label`.
    pub(super) fn draw<const N: usize>(&self, label: Label) -> [u8; N] {
        let mut bytes = [0; N];
        expand(&self.0, label.text(), &mut bytes);
        bytes
    }
}

fn expand(prk: &hkdf::Prk, info: &[u8], out: &mut [u8]) {
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    prk.expand(&[info], Length(out.len())).and_then(|okm| okm.fill(out)).expect("HKDF gives up to 255 blocks, and no label asks for more than one");
}

/// A derived AES-256-GCM key with the commitment to it.
pub(super) struct Cipher {
    key: aead::LessSafeKey,
    commitment: [u8; COMMITMENT_BYTES],
}

impl Cipher {
    /// The key for one salt.
    pub(super) fn derive(purpose: Use, derivation: &Derivation) -> Self {
        let mut key = zeroize::Zeroizing::new([0; KEY_BYTES]);
        expand(&derivation.0, Label::Key(purpose).text(), key.as_mut());
        let commitment = derivation.draw(Label::Commitment(purpose));
        Self::with_key(&key, commitment)
    }

    /// The key for `salt` under `secret`.
    pub(super) fn of(purpose: Use, secret: &[u8; KEY_BYTES], salt: &Salt) -> Self {
        Self::derive(purpose, &Derivation::new(&salt.0, secret))
    }

    fn with_key(key: &[u8; KEY_BYTES], commitment: [u8; COMMITMENT_BYTES]) -> Self {
        let key = aead::UnboundKey::new(&aead::AES_256_GCM, key).expect("32 bytes are a key of AES-256");
        Self { key: aead::LessSafeKey::new(key), commitment }
    }

    /// The commitment, to be written before the ciphertext.
    pub(super) fn commitment(&self) -> &[u8; COMMITMENT_BYTES] {
        &self.commitment
    }

    /// Whether `stored` commits to this key. Takes the same time wherever the two differ.
    pub(super) fn is_committed_to(&self, stored: &[u8; COMMITMENT_BYTES]) -> bool {
        self.commitment.iter().zip(stored).fold(0, |differences, (ours, theirs)| black_box(differences | (ours ^ theirs))) == 0
    }

    /// Encrypts `buffer[from..]` where it stands and appends the tag. Give the buffer the capacity for both beforehand: a buffer that grows
    /// here would leave a copy of the plaintext behind.
    pub(super) fn seal(&self, nonce: Nonce, associated: &[u8], buffer: &mut Vec<u8>, from: usize) {
        let tag = self
            .key
            .seal_in_place_separate_tag(aead::Nonce::assume_unique_for_key(nonce.0), aead::Aad::from(associated), &mut buffer[from..])
            .expect("AES-GCM takes up to 64 GiB, more than a machine's memory");
        buffer.extend_from_slice(tag.as_ref());
    }

    /// Checks the tag at the end of `buffer`, decrypts where it stands, and gives the length of the plaintext; none when anything was altered.
    /// The buffer's content means nothing then.
    pub(super) fn open(&self, nonce: Nonce, associated: &[u8], buffer: &mut [u8]) -> Option<usize> {
        self.key.open_in_place(aead::Nonce::assume_unique_for_key(nonce.0), aead::Aad::from(associated), buffer).ok().map(|plain| plain.len())
    }
}

/// The one encoding of a list of byte strings: each with its length before it (eight bytes, big-endian), so that no two lists are written
/// alike.
pub(super) fn length_prefixed(parts: &[&[u8]]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(parts.iter().map(|part| 8 + part.len()).sum());
    for part in parts {
        encoded.extend_from_slice(&(part.len() as u64).to_be_bytes());
        encoded.extend_from_slice(part);
    }
    encoded
}

/// The first `N` bytes of what is left, which moves on; none when fewer are left.
pub(super) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use super::super::hex::Hex;
    use super::*;
    use ring::hmac;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }

    fn hkdf_of(algorithm: hkdf::Algorithm, secret: &[u8], salt: &[u8], info: &[u8], length: usize) -> String {
        let mut out = vec![0; length];
        expand(&hkdf::Salt::new(algorithm, salt).extract(secret), info, &mut out);
        Hex(&out).to_string()
    }

    /// RFC 5869, appendix A.1 to A.3: secret, salt, info, and the result under SHA-256 as printed there. The results under SHA-512 were
    /// computed from the same inputs with Python's `hmac` module, since the RFC has none.
    #[test]
    fn hkdf_gives_the_published_answers() {
        let counted = |from: u8, to: u8| (from..=to).collect::<Vec<u8>>();
        let cases = [
            (
                vec![0x0b; 22],
                counted(0x00, 0x0c),
                counted(0xf0, 0xf9),
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
                "832390086cda71fb47625bb5ceb168e4c8e26a1a16ed34d9fc7fe92c1481579338da362cb8d9f925d7cb",
            ),
            (
                counted(0x00, 0x4f),
                counted(0x60, 0xaf),
                counted(0xb0, 0xff),
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
                "ce6c97192805b346e6161e821ed165673b84f400a2b514b2fe23d84cd189ddf1b695b48cbd1c8388441137b3ce28f16aa64ba33ba466b24df6cfcb021ecff235f6a2056ce3af1de44d572097a8505d9e7a93",
            ),
            (
                vec![0x0b; 22],
                vec![],
                vec![],
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
                "f5fa02b18298a72a8c23898a8703472c6eb179dc204c03425c970e3b164bf90fff22d04836d0e2343bac",
            ),
        ];
        for (secret, salt, info, sha256, sha512) in cases {
            assert_eq!(hkdf_of(hkdf::HKDF_SHA256, &secret, &salt, &info, sha256.len() / 2), sha256);
            assert_eq!(hkdf_of(hkdf::HKDF_SHA512, &secret, &salt, &info, sha512.len() / 2), sha512);
        }
    }

    /// RFC 4231, test cases 1, 2, 6 and 7.
    #[test]
    fn hmac_gives_the_published_answers() {
        let long = b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.";
        let cases: [(&[u8], &[u8], &str); 4] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
            (&[0xaa; 131], long, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
        ];
        for (key, message, expected) in cases {
            assert_eq!(Hex(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref()).to_string(), expected);
        }
    }

    /// The Galois/Counter Mode of Operation (`McGrew`, Viega; submitted to NIST), appendix B, test cases 13 to 16: AES-256.
    #[test]
    fn gcm_gives_the_published_answers() {
        let key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
        let zero = "0".repeat(64);
        let plain = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
        let cipher = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad";
        let cases = [
            (zero.as_str(), "000000000000000000000000", "", String::new(), "530f8afbc74536b9a963b4f1c4cb738b".to_owned()),
            (&zero, "000000000000000000000000", "", "0".repeat(32), "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919".to_owned()),
            (key, "cafebabefacedbaddecaf888", "", plain.to_owned(), format!("{cipher}b094dac5d93471bdec1a502270e3cc6c")),
            (
                key,
                "cafebabefacedbaddecaf888",
                "feedfacedeadbeeffeedfacedeadbeefabaddad2",
                plain[..120].to_owned(),
                format!("{}76fc6ece0f4e1768cddf8853bb2d551b", &cipher[..120]),
            ),
        ];
        for (key, nonce, associated, plain, sealed) in cases {
            let cipher = Cipher::with_key(&bytes(key).try_into().unwrap(), [0; 32]);
            let nonce = Nonce(bytes(nonce).try_into().unwrap());
            let mut buffer = bytes(&plain);
            cipher.seal(nonce, &bytes(associated), &mut buffer, 0);
            assert_eq!(Hex(&buffer).to_string(), sealed);
            let length = cipher.open(nonce, &bytes(associated), &mut buffer).expect("it was just sealed");
            assert_eq!(Hex(&buffer[..length]).to_string(), plain);
        }
    }

    #[test]
    fn every_label_is_its_own() {
        let uses = [Use::Wrap, Use::Blob, Use::Stream];
        let mut labels = vec![Label::DekId, Label::KekCheck, Label::Fingerprint, Label::BlindIndex, Label::DigestIndex, Label::Audit, Label::StreamNonce];
        labels.extend(uses.map(Label::Key));
        labels.extend(uses.map(Label::Commitment));
        let derivation = Derivation::new(&[], &[7; 32]);
        let drawn: std::collections::BTreeSet<[u8; 32]> = labels.iter().map(|label| derivation.draw(*label)).collect();
        assert_eq!(drawn.len(), labels.len());
    }

    #[test]
    fn a_commitment_is_compared_whole() {
        let cipher = Cipher::of(Use::Blob, &[1; 32], &Salt([2; 16]));
        let right = *cipher.commitment();
        assert!(cipher.is_committed_to(&right));
        for bit in 0..256 {
            let mut wrong = right;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(!cipher.is_committed_to(&wrong), "bit {bit}");
        }
    }

    #[test]
    fn no_two_lists_are_written_alike() {
        assert_ne!(length_prefixed(&[b"ab", b"c"]), length_prefixed(&[b"a", b"bc"]));
        assert_ne!(length_prefixed(&[b"a"]), length_prefixed(&[b"a", b""]));
        assert_eq!(length_prefixed(&[b"ab"]), [0, 0, 0, 0, 0, 0, 0, 2, b'a', b'b']);
    }
}
