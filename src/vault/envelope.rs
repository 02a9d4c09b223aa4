//! Envelopes: what is sealed and opened with one data key.
//!
//! An envelope is a document with all that was read from it, or a person's record. Every value in it is sealed under a key of its own, derived
//! from the envelope's data key and the value's salt, and is bound to its [`Place`]: moved to another table, envelope, record, field or
//! revision it does not open. A case refers to envelopes, so moving a document between cases seals nothing anew, and deleting the wrapped
//! data key erases all that the envelope holds. `docs/vault-format.md` has the bytes.

use ring::digest;
use zeroize::Zeroizing;

use super::cipher::{COMMITMENT_BYTES, Cipher, Derivation, Label, TAG_BYTES, Use, length_prefixed, take};
use super::error::{Kind, OpenError};
use super::secret::{Dek, Nonce, Salt};
use super::stream::{StreamOpener, StreamSealer};
use crate::clock::SharedEntropy;
use crate::document::{DocumentId, EnvelopeId};

const MAGIC: &[u8; 4] = b"PSLB";
const VERSION: u8 = 1;
/// The plaintext as it is.
const ALGORITHM_BARE: u8 = 1;
/// The plaintext with its length before it and zeros after it.
const ALGORITHM_PADDED: u8 = 2;
/// Everything before the ciphertext: magic, version, algorithm, data key id, field code, salt, commitment, nonce.
const HEAD_BYTES: usize = 4 + 1 + 1 + 4 + 2 + 16 + COMMITMENT_BYTES + 12;
/// The length before a padded plaintext.
const LENGTH_BYTES: usize = 8;

/// An opened envelope. Everything in it is sealed and opened through this.
pub struct Envelope {
    id: EnvelopeId,
    dek: Dek,
    dek_id: DekId,
    entropy: SharedEntropy,
}

/// Where a value stands. It is authenticated with the value, together with the envelope's id, and not stored again in the sealed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table of the database.
    pub table: &'a str,
    /// The id of the row: the bytes of a record's, a document's or a letter's id.
    pub record: &'a [u8],
    /// The field's name.
    pub field: &'a str,
    /// How often the field was written before.
    pub revision: u32,
}

/// A sealed value, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

/// The name of a data key within a sealed thing's header. It is a hint that says "another envelope" where a tag could only say "altered";
/// what holds is the commitment and the tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DekId(pub(super) [u8; 4]);

impl Envelope {
    pub(super) fn new(id: EnvelopeId, dek: Dek, entropy: SharedEntropy) -> Self {
        let dek_id = DekId(Derivation::new(&[], dek.bytes()).draw(Label::DekId));
        Self { id, dek, dek_id, entropy }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> EnvelopeId {
        self.id
    }

    pub(super) fn dek(&self) -> &Dek {
        &self.dek
    }

    /// Seals `plain` at `place`. Its length shows: for values whose length or emptiness says something, use [`Envelope::seal_padded`].
    #[must_use]
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Sealed {
        self.seal_body(ALGORITHM_BARE, place, plain.len(), |body| body.extend_from_slice(plain))
    }

    /// Seals `plain` at `place`, with its length hidden: eight bytes are added and the sum is filled up to a multiple of `block` bytes (0
    /// counts as 1), so that a blank value cannot be told from a short one. A block of 256 hides the length of anything up to 248 bytes.
    #[must_use]
    pub fn seal_padded(&self, place: &Place<'_>, plain: &[u8], block: u16) -> Sealed {
        self.seal_filled(place, plain, (LENGTH_BYTES + plain.len()).next_multiple_of(usize::from(block.max(1))))
    }

    /// Seals `plain` at `place` as [`Envelope::seal_padded`] does, but filled up to a power of two of at least `least` bytes: for what is large and
    /// whose length in blocks would still tell one from the other, such as a bundle of pictures.
    #[must_use]
    pub fn seal_doubling(&self, place: &Place<'_>, plain: &[u8], least: usize) -> Sealed {
        self.seal_filled(place, plain, (LENGTH_BYTES + plain.len()).max(least).next_power_of_two())
    }

    fn seal_filled(&self, place: &Place<'_>, plain: &[u8], length: usize) -> Sealed {
        self.seal_body(ALGORITHM_PADDED, place, length, |body| {
            let end = body.len() + length;
            body.extend_from_slice(&(plain.len() as u64).to_be_bytes());
            body.extend_from_slice(plain);
            body.resize(end, 0);
        })
    }

    /// Opens what [`Envelope::seal`], [`Envelope::seal_padded`] or [`Envelope::seal_doubling`] sealed at the same place of the same envelope.
    ///
    /// # Errors
    /// When the bytes were altered or belong elsewhere. Nothing of the content comes out then.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (head, body) = sealed.split_at_checked(HEAD_BYTES).ok_or(OpenError::Foreign { kind: Kind::Value, bytes: sealed.len() })?;
        let Head { algorithm, salt, commitment, nonce } = self.check_head(head, place)?;
        let altered = OpenError::Altered { kind: Kind::Value };
        let cipher = Cipher::of(Use::Blob, self.dek.bytes(), &salt);
        if !cipher.is_committed_to(&commitment) {
            return Err(altered);
        }
        let mut plain = Zeroizing::new(body.to_vec());
        let length = cipher.open(nonce, &self.associated(head, place), &mut plain).ok_or(altered)?;
        plain.truncate(length);
        if algorithm == ALGORITHM_PADDED {
            unpad(&mut plain).ok_or(altered)?;
        }
        Ok(plain)
    }

    /// Begins to seal the bytes of `document` as they come.
    #[must_use]
    pub fn sealer(&self, document: DocumentId) -> StreamSealer {
        StreamSealer::new(&self.dek, self.dek_id, self.id, document, &*self.entropy)
    }

    /// Begins to open the sealed bytes of `document` as they come.
    #[must_use]
    pub fn opener(&self, document: DocumentId) -> StreamOpener {
        StreamOpener::new(&self.dek, self.dek_id, self.id, document)
    }

    fn seal_body(&self, algorithm: u8, place: &Place<'_>, length: usize, write: impl FnOnce(&mut Vec<u8>)) -> Sealed {
        let (salt, nonce) = (Salt::random(&*self.entropy), Nonce::random(&*self.entropy));
        let cipher = Cipher::of(Use::Blob, self.dek.bytes(), &salt);
        let mut sealed = Vec::with_capacity(HEAD_BYTES + length + TAG_BYTES);
        sealed.extend_from_slice(MAGIC);
        sealed.extend_from_slice(&[VERSION, algorithm]);
        sealed.extend_from_slice(&self.dek_id.0);
        sealed.extend_from_slice(&field_code(place.field));
        sealed.extend_from_slice(&salt.0);
        sealed.extend_from_slice(cipher.commitment());
        sealed.extend_from_slice(&nonce.0);
        let associated = self.associated(&sealed, place);
        write(&mut sealed);
        cipher.seal(nonce, &associated, &mut sealed, HEAD_BYTES);
        Sealed(sealed)
    }

    fn check_head(&self, head: &[u8], place: &Place<'_>) -> Result<Head, OpenError> {
        let kind = Kind::Value;
        let foreign = OpenError::Foreign { kind, bytes: head.len() };
        let mut rest = head.strip_prefix(MAGIC).ok_or(foreign)?;
        let [version, algorithm] = take(&mut rest).ok_or(foreign)?;
        if version != VERSION {
            return Err(OpenError::Version { kind, version });
        }
        if ![ALGORITHM_BARE, ALGORITHM_PADDED].contains(&algorithm) {
            return Err(OpenError::Algorithm { kind, algorithm });
        }
        if take(&mut rest).ok_or(foreign)? != self.dek_id.0 {
            return Err(OpenError::OtherEnvelope { kind });
        }
        if take(&mut rest).ok_or(foreign)? != field_code(place.field) {
            return Err(OpenError::OtherField { kind });
        }
        let (salt, commitment) = (Salt(take(&mut rest).ok_or(foreign)?), take(&mut rest).ok_or(foreign)?);
        Ok(Head { algorithm, salt, commitment, nonce: Nonce(take(&mut rest).ok_or(foreign)?) })
    }

    fn associated(&self, head: &[u8], place: &Place<'_>) -> Vec<u8> {
        let revision = place.revision.to_be_bytes();
        length_prefixed(&[head, place.table.as_bytes(), self.id.as_bytes(), place.record, place.field.as_bytes(), &revision])
    }
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Envelope({})", self.id)
    }
}

/// What is needed of a header that was found right.
struct Head {
    algorithm: u8,
    salt: Salt,
    commitment: [u8; COMMITMENT_BYTES],
    nonce: Nonce,
}

impl Sealed {
    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes to store.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl AsRef<[u8]> for Sealed {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// Two bytes that stand for a field's name: a hint that says "another field" where the tag could only say "altered". The name itself is
/// authenticated.
fn field_code(field: &str) -> [u8; 2] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"postsluse/1/field code");
    context.update(field.as_bytes());
    let digest = context.finish();
    [digest.as_ref()[0], digest.as_ref()[1]]
}

/// Leaves the value that was padded; none when it was not padded as [`Envelope::seal_padded`] does.
fn unpad(plain: &mut Zeroizing<Vec<u8>>) -> Option<()> {
    let mut rest = plain.as_slice();
    let length = usize::try_from(u64::from_be_bytes(take(&mut rest)?)).ok()?;
    let (_, filling) = rest.split_at_checked(length)?;
    if filling.iter().any(|byte| *byte != 0) {
        return None;
    }
    plain.copy_within(LENGTH_BYTES..LENGTH_BYTES + length, 0);
    plain.truncate(length);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{CountingEntropy, StoppedClock};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn envelope(seed: u64) -> Envelope {
        let entropy = Arc::new(CountingEntropy::seeded(seed));
        let id = EnvelopeId::new(&StoppedClock::at("2026-11-21T09:00:00Z".parse().unwrap()), &*entropy);
        Envelope::new(id, Dek::random(&*entropy), entropy)
    }

    const PLACE: Place<'static> = Place { table: "field", record: &[7; 16], field: "etternavn", revision: 3 };

    /// The same data key under another envelope's id, which no honest program makes: only the associated data tells the two apart.
    #[test]
    fn the_envelope_is_bound_by_its_id_and_not_by_its_key_alone() {
        let one = envelope(1);
        let other = Envelope::new(envelope(2).id, one.dek.copy(), one.entropy.clone());
        assert_eq!(other.open(&PLACE, one.seal(&PLACE, b"x").as_bytes()).unwrap_err(), OpenError::Altered { kind: Kind::Value });
    }

    /// Two field names with one code, which only the associated data tells apart.
    #[test]
    fn fields_with_the_same_code_are_told_apart() {
        let code = field_code(PLACE.field);
        let twin = (0..10_000_000_u32).map(|n| format!("felt.{n}")).find(|name| field_code(name) == code).expect("one of some 65,536 has it");
        let envelope = envelope(1);
        let sealed = envelope.seal(&PLACE, b"x");
        assert_eq!(envelope.open(&Place { field: &twin, ..PLACE }, sealed.as_bytes()).unwrap_err(), OpenError::Altered { kind: Kind::Value });
        assert_eq!(envelope.open(&Place { field: "fornavn", ..PLACE }, sealed.as_bytes()).unwrap_err(), OpenError::OtherField { kind: Kind::Value });
    }

    /// A blob whose tag is right and whose commitment is not: what someone with two keys could make.
    #[test]
    fn a_commitment_to_another_key_is_refused_though_the_tag_is_right() {
        let envelope = envelope(1);
        let mut sealed = envelope.seal(&PLACE, b"").into_bytes();
        sealed.truncate(HEAD_BYTES);
        let (salt, nonce) = (Salt(sealed[12..28].try_into().unwrap()), || Nonce(sealed[60..72].try_into().unwrap()));
        let cipher = Cipher::of(Use::Blob, envelope.dek.bytes(), &salt);
        for (flip, right) in [(0, true), (1, false)] {
            let mut forged = sealed.clone();
            forged[28] ^= flip;
            let associated = envelope.associated(&forged, &PLACE);
            forged.extend_from_slice(b"x");
            cipher.seal(nonce(), &associated, &mut forged, HEAD_BYTES);
            assert_eq!(envelope.open(&PLACE, &forged).is_ok(), right);
        }
    }

    /// What is authentic as bare bytes is not taken for a padded value, though the bytes could be one.
    #[test]
    fn the_algorithm_in_the_header_is_authenticated() {
        let envelope = envelope(1);
        let mut sealed = envelope.seal(&PLACE, &[0, 0, 0, 0, 0, 0, 0, 1, b'x', 0]).into_bytes();
        sealed[5] = ALGORITHM_PADDED;
        assert_eq!(envelope.open(&PLACE, &sealed).unwrap_err(), OpenError::Altered { kind: Kind::Value });
    }

    /// An authentic blob whose padding is impossible: no one makes it without the key, and still it is refused and does not panic.
    #[test]
    fn impossible_padding_is_refused() {
        let envelope = envelope(1);
        let bodies: [&[u8]; 5] = [b"", b"1234567", &u64::MAX.to_be_bytes(), &[0, 0, 0, 0, 0, 0, 0, 2, 1], &[0, 0, 0, 0, 0, 0, 0, 1, 1, 1]];
        for body in bodies {
            let sealed = envelope.seal_body(ALGORITHM_PADDED, &PLACE, body.len(), |buffer| buffer.extend_from_slice(body));
            assert_eq!(envelope.open(&PLACE, sealed.as_bytes()).unwrap_err(), OpenError::Altered { kind: Kind::Value }, "{body:?}");
        }
    }

    #[test]
    fn a_blank_value_is_as_long_as_a_filled_one() {
        let envelope = envelope(1);
        let length = |plain: &[u8], block| envelope.seal_padded(&PLACE, plain, block).as_bytes().len();
        assert_eq!(length(b"", 256), length(&[b'x'; 248], 256));
        assert_eq!(length(b"", 256), HEAD_BYTES + 256 + TAG_BYTES);
        assert_eq!(length(&[b'x'; 249], 256), HEAD_BYTES + 512 + TAG_BYTES);
        assert_eq!(length(b"ab", 0), HEAD_BYTES + 10 + TAG_BYTES);
    }

    #[test]
    fn a_large_value_is_as_long_as_a_power_of_two() {
        let envelope = envelope(1);
        for (plain, filled) in [(0, 4096), (4088, 4096), (4089, 8192), (8184, 8192), (8185, 16384)] {
            let plain = vec![b'x'; plain];
            let sealed = envelope.seal_doubling(&PLACE, &plain, 4000);
            assert_eq!(sealed.as_bytes().len(), HEAD_BYTES + filled + TAG_BYTES, "{} bytes", plain.len());
            assert_eq!(&**envelope.open(&PLACE, sealed.as_bytes()).unwrap(), &plain[..]);
        }
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(plain in proptest::collection::vec(any::<u8>(), 0..600), block in 0..600_u16, seed: u64, revision: u32, field in "[a-zæøå.0-9]{0,20}") {
            let envelope = envelope(seed);
            let place = Place { field: &field, revision, ..PLACE };
            prop_assert_eq!(&**envelope.open(&place, envelope.seal(&place, &plain).as_bytes()).unwrap(), &plain[..]);
            let padded = envelope.seal_padded(&place, &plain, block);
            prop_assert_eq!(&**envelope.open(&place, padded.as_bytes()).unwrap(), &plain[..]);
            prop_assert_eq!((padded.as_bytes().len() - HEAD_BYTES - TAG_BYTES) % usize::from(block.max(1)), 0);
        }

        #[test]
        fn any_bytes_are_judged_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), head in 0..HEAD_BYTES) {
            let envelope = envelope(1);
            prop_assert!(envelope.open(&PLACE, &bytes).is_err());
            let genuine = envelope.seal_padded(&PLACE, b"x", 16).into_bytes();
            let spliced = [&genuine[..head], &bytes].concat();
            prop_assert!(envelope.open(&PLACE, &spliced).is_err());
        }
    }
}
