//! The test vectors of `docs/vault-format.md`: what the document says is what the code does, and what it did when the format was frozen.
//!
//! A vector that changes means that data sealed earlier no longer opens: the format needs a new version instead.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::hex::Hex;
use super::secret::Dek;
use super::*;
use crate::audit::{Action, Actor, Chain, Detail, Entry, Subject};
use crate::clock::{CountingEntropy, StoppedClock};
use crate::document::{DocumentId, RecordId};

const DOCUMENT: &str = include_str!("../../docs/vault-format.md");
/// A document of two full chunks and 17 bytes: byte n is n modulo 251.
const LONG: usize = 2 * stream::CHUNK_BYTES + 17;

/// The `name = value` lines of the document's vectors.
fn documented() -> BTreeMap<&'static str, &'static str> {
    let block = DOCUMENT.split("```vectors\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the document has a block of vectors");
    block.lines().filter_map(|line| line.split_once(" = ")).map(|(name, value)| (name.trim(), value.trim())).collect()
}

struct Made {
    vault: Vault,
    envelope: Envelope,
    dek: Dek,
    wrapped: WrappedDek,
    document: DocumentId,
    record: RecordId,
}

fn made(folder: &Path) -> Made {
    let entropy: SharedEntropy = Arc::new(CountingEntropy::seeded(20_261_121));
    let clock = StoppedClock::at("2026-11-21T09:00:00Z".parse().unwrap());
    let vault = Vault::init(folder, &clock, entropy.clone()).unwrap();
    let id = EnvelopeId::new(&clock, &*entropy);
    let (document, record) = (DocumentId::new(&clock, &*entropy), RecordId::new(&clock, &*entropy));
    let (envelope, wrapped) = vault.new_envelope(id);
    let dek = envelope.dek().copy();
    Made { vault, envelope, dek, wrapped, document, record }
}

fn place(record: &RecordId) -> Place<'_> {
    Place { table: "field", record: record.as_bytes(), field: "etternavn", revision: 1 }
}

fn long_plain() -> Vec<u8> {
    (0..LONG).map(|n| u8::try_from(n % 251).expect("below 251")).collect()
}

fn sealed_stream(made: &Made, plain: &[u8]) -> Vec<u8> {
    let mut stream = made.envelope.sealer(made.document);
    let mut sealed = stream.push(plain);
    sealed.extend(stream.finish());
    sealed
}

fn digest(bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(bytes);
    hasher.finish()
}

#[test]
fn the_document_says_what_the_code_does() {
    let folder = tempfile::tempdir().unwrap();
    let made = made(folder.path());
    let place = place(&made.record);
    let primary = made.vault.primary();
    let read = |name: String| std::fs::read(folder.path().join(name)).unwrap();
    let entry = Entry { actor: Actor::Daemon, action: Action::DocumentReceived, subject: Subject::Document(made.document), detail: Detail::Bytes(3) };
    let at = "2026-11-21T09:00:00.123456Z".parse().unwrap();
    let first = Chain::link(&made.vault.audit_key(), None, at, &entry);
    let second = Chain::link(&made.vault.audit_key(), Some(&first.head()), at, &entry);
    let long = sealed_stream(&made, &long_plain());

    let hex = |bytes: &[u8]| Hex(bytes).to_string();
    let computed = BTreeMap::from([
        ("kek_id", primary.to_string()),
        ("kek", hex(&read(format!("kek-{primary}")))),
        ("index_file", hex(&read(format!("index-{primary}")))),
        ("index_secret", hex(made.vault.index_secret(&Folder::open(&KeySource::Folder(folder.path().to_owned())).unwrap()).unwrap().bytes())),
        ("fingerprint", made.vault.fingerprint().to_string()),
        ("envelope_id", made.envelope.id().to_string()),
        ("document_id", made.document.to_string()),
        ("record_id", made.record.to_string()),
        ("wrapped_dek", hex(made.wrapped.as_bytes())),
        ("dek", hex(made.dek.bytes())),
        ("stream_long_head", hex(&long[..96])),
        ("stream_long_sha256", digest(&long).to_string()),
        ("blob_bare", hex(made.envelope.seal(&place, "Ås".as_bytes()).as_bytes())),
        ("blob_padded", hex(made.envelope.seal_padded(&place, b"Nordmann", 32).as_bytes())),
        ("stream_empty", hex(&sealed_stream(&made, b""))),
        ("stream_short", hex(&sealed_stream(&made, b"abc"))),
        ("blind_index", hex(made.vault.blind_index("person", "duf", "202203141502").as_bytes())),
        ("digest_index", hex(made.vault.digest_index(&digest(b"abc")).as_bytes())),
        ("audit_first", first.mac.to_string()),
        ("audit_second", second.mac.to_string()),
    ]);
    let documented = documented();
    let differing: Vec<String> =
        computed.iter().filter(|(name, value)| documented.get(*name) != Some(&value.as_str())).map(|(name, value)| format!("{name} = {value}")).collect();
    assert!(differing.is_empty(), "the document differs; the code gives\n{}", differing.join("\n"));
    assert_eq!(documented.len(), computed.len(), "the document has vectors that nothing computes");
    let keyset = String::from_utf8(read("keyset.json".to_owned())).unwrap();
    assert!(DOCUMENT.contains(keyset.trim_end()), "the document's keyset.json differs; the code gives\n{keyset}");
}

/// The other direction: the bytes in the document open. Sealing could change (another order of salts and nonces) without harm; this could not.
#[test]
fn what_the_document_holds_opens() {
    let folder = tempfile::tempdir().unwrap();
    let made = made(folder.path());
    let documented = documented();
    let bytes = |name: &str| -> Vec<u8> {
        let digits = documented[name].as_bytes();
        digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    };
    let wrapped = WrappedDek::try_from(&bytes("wrapped_dek")[..]).unwrap();
    let envelope = made.vault.open_envelope(documented["envelope_id"].parse().unwrap(), &wrapped).unwrap();
    let record: RecordId = documented["record_id"].parse().unwrap();
    let document: DocumentId = documented["document_id"].parse().unwrap();

    assert_eq!(&**envelope.open(&place(&record), &bytes("blob_bare")).unwrap(), "Ås".as_bytes());
    assert_eq!(&**envelope.open(&place(&record), &bytes("blob_padded")).unwrap(), b"Nordmann");
    for (name, expected) in [("stream_empty", &b""[..]), ("stream_short", b"abc")] {
        let mut opener = envelope.opener(document);
        assert!(opener.push(&bytes(name)).unwrap().is_empty());
        assert_eq!(&**opener.finish().unwrap(), expected);
    }
}
