//! What is sealed opens where it was sealed and unaltered, and nowhere and in no way else.

use postsluse::clock::{CountingEntropy, Entropy, SharedEntropy, StoppedClock};
use postsluse::document::{DocumentId, EnvelopeId};
use postsluse::vault::stream::CHUNK_BYTES;
use postsluse::vault::{Envelope, Kind, OpenError, Place, Vault};
use std::sync::Arc;

/// Bytes before the first chunk of a document.
const HEADER_BYTES: usize = 58;
const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + 16;

pub(crate) fn clock() -> StoppedClock {
    StoppedClock::at("2026-11-21T09:00:00Z".parse().unwrap())
}

pub(crate) fn entropy(seed: u64) -> SharedEntropy {
    Arc::new(CountingEntropy::seeded(seed))
}

/// A vault and its random source. The keys' folder may go: nothing is read from it any more.
fn vault(seed: u64) -> (Vault, SharedEntropy) {
    let entropy = entropy(seed);
    let folder = tempfile::tempdir().unwrap();
    (Vault::init(folder.path(), &clock(), entropy.clone()).unwrap(), entropy)
}

fn envelope(vault: &Vault, entropy: &SharedEntropy) -> Envelope {
    vault.new_envelope(EnvelopeId::new(&clock(), &**entropy)).0
}

fn bytes(length: usize, seed: u64) -> Vec<u8> {
    let mut bytes = vec![0; length];
    CountingEntropy::seeded(seed).fill(&mut bytes);
    bytes
}

fn seal(envelope: &Envelope, document: DocumentId, plain: &[u8]) -> Vec<u8> {
    let mut stream = envelope.sealer(document);
    let mut sealed = stream.push(plain);
    sealed.extend(stream.finish());
    sealed
}

fn open(envelope: &Envelope, document: DocumentId, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let mut opener = envelope.opener(document);
    let mut plain = opener.push(sealed)?.to_vec();
    plain.extend_from_slice(&opener.finish()?);
    Ok(plain)
}

#[test]
fn every_flipped_bit_of_twenty_values_is_refused() {
    let (vault, entropy) = vault(1);
    for number in 0..20_u32 {
        let envelope = envelope(&vault, &entropy);
        let place = Place { table: "field", record: &[7; 16], field: "etternavn", revision: number };
        let plain = bytes(number as usize * 3, 9);
        let sealed = if number % 2 == 0 { envelope.seal(&place, &plain) } else { envelope.seal_padded(&place, &plain, 64) };
        assert_eq!(&**envelope.open(&place, sealed.as_bytes()).unwrap(), &plain[..]);
        let mut altered = sealed.into_bytes();
        for bit in 0..altered.len() * 8 {
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(envelope.open(&place, &altered).is_err(), "bit {bit} of value {number}");
            altered[bit / 8] ^= 1 << (bit % 8);
        }
        assert!(envelope.open(&place, &altered).is_ok());
    }
}

#[test]
fn a_value_that_is_cut_or_extended_is_refused() {
    let (vault, entropy) = vault(2);
    let envelope = envelope(&vault, &entropy);
    let place = Place { table: "field", record: &[7; 16], field: "etternavn", revision: 0 };
    let sealed = envelope.seal_padded(&place, b"Nordmann", 32).into_bytes();
    for length in 0..sealed.len() {
        assert!(envelope.open(&place, &sealed[..length]).is_err(), "{length} bytes");
        assert!(envelope.open(&place, &sealed[length + 1..]).is_err(), "from byte {}", length + 1);
    }
    assert!(envelope.open(&place, &[&sealed[..], &[0]].concat()).is_err());
}

/// Fifty places that differ in one or several of table, envelope, record, field and revision; every value opens in its own place alone.
#[test]
fn a_value_opens_at_its_own_place_and_at_none_of_forty_nine_others() {
    let (vault, entropy) = vault(3);
    let envelopes: Vec<Envelope> = (0..5).map(|_| envelope(&vault, &entropy)).collect();
    let records = [[1_u8; 16], [2; 16]];
    let mut places = Vec::new();
    for envelope in &envelopes {
        for number in 0..10_u32 {
            let place = Place {
                table: if number % 2 == 0 { "field" } else { "fiel" },
                record: if number % 3 == 0 { &records[0] } else { &records[1] },
                field: if number < 5 { "etternavn" } else { "detternavn" },
                revision: number / 2,
            };
            places.push((envelope, place));
        }
    }
    assert_eq!(places.len(), 50);
    let values: Vec<Vec<u8>> = places.iter().map(|(envelope, place)| envelope.seal(place, b"Nordmann").into_bytes()).collect();
    for (from, value) in values.iter().enumerate() {
        for (to, (envelope, place)) in places.iter().enumerate() {
            assert_eq!(envelope.open(place, value).is_ok(), from == to, "the value of place {from} at place {to}");
        }
    }
}

/// Each part of the place alone, and where one part ends and the next begins.
#[test]
fn every_part_of_the_place_counts() {
    let (vault, entropy) = vault(4);
    let envelope = envelope(&vault, &entropy);
    let place = Place { table: "field", record: b"record", field: "etternavn", revision: 7 };
    let sealed = envelope.seal(&place, b"Nordmann");
    let altered = OpenError::Altered { kind: Kind::Value };
    let others = [
        (Place { table: "letter", ..place }, altered),
        (Place { record: b"recorD", ..place }, altered),
        (Place { record: b"", ..place }, altered),
        (Place { revision: 8, ..place }, altered),
        (Place { revision: 0, ..place }, altered),
        (Place { table: "fieldr", record: b"ecord", ..place }, altered),
        (Place { field: "fornavn", ..place }, OpenError::OtherField { kind: Kind::Value }),
    ];
    for (other, expected) in others {
        assert_eq!(envelope.open(&other, sealed.as_bytes()).unwrap_err(), expected, "{other:?}");
    }
    let another = self::envelope(&vault, &entropy);
    assert_eq!(another.open(&place, sealed.as_bytes()).unwrap_err(), OpenError::OtherEnvelope { kind: Kind::Value });
}

/// Every bit of header and tags, and a bit of every seventh byte between. All million bits take minutes, and were refused too.
#[test]
fn flipped_bits_of_a_document_of_three_chunks_are_refused() {
    let (vault, entropy) = vault(5);
    let envelope = envelope(&vault, &entropy);
    let document = DocumentId::new(&clock(), &*entropy);
    let mut sealed = seal(&envelope, document, &bytes(2 * CHUNK_BYTES + 1_000, 1));
    let end = sealed.len();
    let tag_of = |at: usize| at >= HEADER_BYTES && ((at - HEADER_BYTES) % SEALED_CHUNK_BYTES >= CHUNK_BYTES || at >= end - 16);
    for at in 0..end {
        let bits = if at < HEADER_BYTES || tag_of(at) { 0..8 } else { at % 8..at % 8 + usize::from(at % 7 == 0) };
        for bit in bits {
            sealed[at] ^= 1 << bit;
            assert!(open(&envelope, document, &sealed).is_err(), "bit {bit} of byte {at}");
            sealed[at] ^= 1 << bit;
        }
    }
    assert!(open(&envelope, document, &sealed).is_ok());
}

#[test]
fn a_document_cut_anywhere_or_extended_is_refused() {
    let (vault, entropy) = vault(6);
    let envelope = envelope(&vault, &entropy);
    let document = DocumentId::new(&clock(), &*entropy);
    for plain in [3 * CHUNK_BYTES, 2 * CHUNK_BYTES + 1, 100, 0] {
        let sealed = seal(&envelope, document, &bytes(plain, 1));
        let edges = (0..=3).map(|chunk| HEADER_BYTES + chunk * SEALED_CHUNK_BYTES);
        let near = |edge: usize| edge.saturating_sub(17)..edge + 18;
        let cuts = edges.flat_map(near).chain(0..HEADER_BYTES).chain((0..sealed.len()).step_by(4_999)).chain(sealed.len().saturating_sub(40)..sealed.len());
        for cut in cuts.filter(|cut| *cut < sealed.len()) {
            assert!(open(&envelope, document, &sealed[..cut]).is_err(), "{cut} of {} bytes", sealed.len());
        }
        for more in [1, 15, 16, 17, SEALED_CHUNK_BYTES] {
            let mut extended = sealed.clone();
            extended.extend(bytes(more, 2));
            assert!(open(&envelope, document, &extended).is_err(), "{more} more");
            extended.truncate(sealed.len());
            extended.extend(vec![0; more]);
            assert!(open(&envelope, document, &extended).is_err(), "{more} zeros more");
        }
        let doubled = [&sealed[..], &sealed].concat();
        assert!(open(&envelope, document, &doubled).is_err());
    }
}

#[test]
fn chunks_that_are_dropped_doubled_exchanged_or_grafted_are_refused() {
    let (vault, entropy) = vault(7);
    let envelope = envelope(&vault, &entropy);
    let document = DocumentId::new(&clock(), &*entropy);
    let plain = bytes(2 * CHUNK_BYTES + 1_000, 1);
    let sealed = seal(&envelope, document, &plain);
    let again = seal(&envelope, document, &plain);
    let (header, body) = sealed.split_at(HEADER_BYTES);
    let chunks: Vec<&[u8]> = body.chunks(SEALED_CHUNK_BYTES).collect();
    let others: Vec<&[u8]> = again[HEADER_BYTES..].chunks(SEALED_CHUNK_BYTES).collect();
    assert_eq!(chunks.len(), 3);

    let mut arrangements: Vec<Vec<&[u8]>> = Vec::new();
    // Every sequence of up to four of the three chunks, but the right one.
    for length in 0..=4_u32 {
        for number in 0..3_usize.pow(length) {
            let order: Vec<usize> = (0..length).map(|digit| number / 3_usize.pow(digit) % 3).collect();
            if order != [0, 1, 2] {
                arrangements.push(order.iter().map(|chunk| chunks[*chunk]).collect());
            }
        }
    }
    // A chunk of the same document, sealed once more.
    for grafted in 0..3 {
        let mut arrangement = chunks.clone();
        arrangement[grafted] = others[grafted];
        arrangements.push(arrangement);
    }
    for arrangement in arrangements {
        let made = [header, &arrangement.concat()].concat();
        assert!(open(&envelope, document, &made).is_err(), "{} chunks", arrangement.len());
    }
    let exchanged_header = [&again[..HEADER_BYTES], body].concat();
    assert!(open(&envelope, document, &exchanged_header).is_err());
    assert!(open(&envelope, document, &[header, &chunks.concat()].concat()).is_ok());
}

#[test]
fn a_document_opens_under_its_own_name_and_in_its_own_envelope() {
    let (vault, entropy) = vault(8);
    let (one, other) = (envelope(&vault, &entropy), envelope(&vault, &entropy));
    let documents = [DocumentId::new(&clock(), &*entropy), DocumentId::new(&clock(), &*entropy)];
    let sealed = seal(&one, documents[0], b"abc");
    assert_eq!(open(&one, documents[0], &sealed).as_deref(), Ok(&b"abc"[..]));
    assert_eq!(open(&one, documents[1], &sealed), Err(OpenError::Altered { kind: Kind::Document }));
    assert_eq!(open(&other, documents[0], &sealed), Err(OpenError::OtherEnvelope { kind: Kind::Document }));
    let place = Place { table: "document", record: documents[0].as_bytes(), field: "original", revision: 0 };
    assert!(matches!(one.open(&place, &[&sealed[..], &[0; 40]].concat()), Err(OpenError::Foreign { kind: Kind::Value, .. })));
}

#[test]
fn an_envelope_opens_again_with_its_wrapped_key_and_with_no_other() {
    let (vault, entropy) = vault(9);
    let place = Place { table: "field", record: &[7; 16], field: "etternavn", revision: 0 };
    let ids = [EnvelopeId::new(&clock(), &*entropy), EnvelopeId::new(&clock(), &*entropy)];
    let (one, wrapped) = vault.new_envelope(ids[0]);
    let (_, other_wrapped) = vault.new_envelope(ids[1]);
    let sealed = one.seal(&place, b"Nordmann");

    let again = vault.open_envelope(ids[0], &wrapped.as_bytes().try_into().unwrap()).unwrap();
    assert_eq!(&**again.open(&place, sealed.as_bytes()).unwrap(), b"Nordmann");
    assert_eq!(vault.open_envelope(ids[1], &wrapped).unwrap_err(), OpenError::Altered { kind: Kind::DataKey });
    assert_eq!(vault.open_envelope(ids[0], &other_wrapped).unwrap_err(), OpenError::Altered { kind: Kind::DataKey });
    let (stranger, _) = self::vault(10);
    assert_eq!(stranger.open_envelope(ids[0], &wrapped).unwrap_err(), OpenError::UnknownKek { id: wrapped.kek() });
}

#[test]
fn nothing_prints_a_key_a_value_or_a_tag() {
    let (vault, entropy) = vault(11);
    let envelope = envelope(&vault, &entropy);
    let place = Place { table: "field", record: &[7; 16], field: "etternavn", revision: 0 };
    let sealed = envelope.seal(&place, b"Nordmann");
    let (into, out_of) = (envelope.sealer(DocumentId::new(&clock(), &*entropy)), envelope.opener(DocumentId::new(&clock(), &*entropy)));
    let printed = format!("{vault:?} {envelope:?} {sealed:?} {into:?} {out_of:?} {:?} {:?}", vault.audit_key(), vault.blind_index("a", "b", "1"));
    let expected = format!(
        "Vault({}, 1 keys) Envelope({}) Sealed(96 bytes) StreamSealer(..) StreamOpener(..) AuditKey(..) IndexTag(..)",
        vault.fingerprint(),
        envelope.id()
    );
    assert_eq!(printed, expected);
    assert!(!sealed.as_bytes().windows(4).any(|window| window == b"Nord"));
}

/// With the machine's randomness, twice the same is never the same.
#[test]
fn the_same_value_sealed_twice_shares_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::init(folder.path(), &clock(), Arc::new(postsluse::vault::SystemEntropy)).unwrap();
    let (envelope, _) = vault.new_envelope(EnvelopeId::new(&clock(), &CountingEntropy::seeded(1)));
    let place = Place { table: "field", record: &[7; 16], field: "etternavn", revision: 0 };
    let (one, other) = (envelope.seal(&place, b"Nordmann").into_bytes(), envelope.seal(&place, b"Nordmann").into_bytes());
    assert_eq!(one[..12], other[..12]);
    assert!(one[12..].windows(8).all(|window| !other.windows(8).any(|candidate| candidate == window)));
}
