//! Documents, sealed and opened as their bytes come, in constant memory.
//!
//! The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance,
//! 2015): chunks of 64 KiB, each sealed with AES-256-GCM under a nonce of 7 bytes that the stream's chunks share, the chunk's number, and a
//! flag that marks the last one. So a chunk that is altered, dropped, doubled or moved is refused, and so is an end that is cut off or added
//! to. `docs/vault-format.md` has the bytes.

use std::io::Read;
use zeroize::{Zeroize, Zeroizing};

use super::cipher::{COMMITMENT_BYTES, Cipher, Derivation, Label, TAG_BYTES, Use, length_prefixed, take};
use super::envelope::DekId;
use super::error::{Kind, OpenError};
use super::secret::{Dek, Nonce, Salt};
use crate::clock::Entropy;
use crate::document::{DocumentId, EnvelopeId};

/// Plaintext bytes in every chunk but the last, which has fewer or as many, and none only when the whole document is empty.
pub const CHUNK_BYTES: usize = 65_536;
/// A sealed chunk.
const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;
/// Magic, version, algorithm, data key id, salt, commitment.
const HEADER_BYTES: usize = 4 + 1 + 1 + 4 + 16 + COMMITMENT_BYTES;
const MAGIC: &[u8; 4] = b"PSLS";
const VERSION: u8 = 1;
const ALGORITHM: u8 = 1;
const KIND: Kind = Kind::Document;

/// Seals a document piece by piece. Write out what [`StreamSealer::push`] and at last [`StreamSealer::finish`] give, in order.
pub struct StreamSealer {
    chunks: Chunks,
    /// The header, until it has been given out.
    header: Vec<u8>,
    /// The chunk that is being filled. It stays back until it is known whether it is the last.
    plain: Zeroizing<Vec<u8>>,
}

impl StreamSealer {
    pub(super) fn new(dek: &Dek, dek_id: DekId, envelope: EnvelopeId, document: DocumentId, entropy: &dyn Entropy) -> Self {
        let salt = Salt::random(entropy);
        let derivation = Derivation::new(&salt.0, dek.bytes());
        let cipher = Cipher::derive(Use::Stream, &derivation);
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&[VERSION, ALGORITHM]);
        header.extend_from_slice(&dek_id.0);
        header.extend_from_slice(&salt.0);
        header.extend_from_slice(cipher.commitment());
        let chunks = Chunks::new(cipher, &derivation, associated(&header, envelope, document));
        Self { chunks, header, plain: Zeroizing::new(Vec::with_capacity(CHUNK_BYTES)) }
    }

    /// Takes the next bytes of the document and gives the sealed bytes that are ready, perhaps none. What it holds back is at most one chunk.
    #[must_use = "the sealed bytes have to be written"]
    pub fn push(&mut self, mut plain: &[u8]) -> Vec<u8> {
        let mut sealed = self.sealed_buffer(plain.len());
        while !plain.is_empty() {
            if self.plain.len() == CHUNK_BYTES {
                self.seal_chunk(&mut sealed, Position::Inner);
            }
            let (now, later) = plain.split_at(plain.len().min(CHUNK_BYTES - self.plain.len()));
            self.plain.extend_from_slice(now);
            plain = later;
        }
        sealed
    }

    /// Gives the last sealed bytes. Without them the document does not open.
    #[must_use = "the sealed bytes have to be written"]
    pub fn finish(mut self) -> Vec<u8> {
        let mut sealed = self.sealed_buffer(0);
        self.seal_chunk(&mut sealed, Position::Last);
        sealed
    }

    /// A buffer that has room for all that can be ready, and begins with the header the first time. It never grows, so plaintext that is
    /// encrypted in it is not left behind in a smaller one.
    fn sealed_buffer(&mut self, coming: usize) -> Vec<u8> {
        let plain = self.plain.len() + coming;
        let mut sealed = Vec::with_capacity(self.header.len() + plain + TAG_BYTES * (plain / CHUNK_BYTES + 1));
        sealed.append(&mut self.header);
        sealed
    }

    fn seal_chunk(&mut self, sealed: &mut Vec<u8>, position: Position) {
        let nonce = self.chunks.next_nonce(position).expect("a document is smaller than 2^32 chunks, which are 256 TiB");
        let from = sealed.len();
        sealed.extend_from_slice(&self.plain);
        self.chunks.cipher.seal(nonce, &self.chunks.associated, sealed, from);
        self.plain.zeroize();
    }
}

/// Opens a document piece by piece.
///
/// What [`StreamOpener::push`] gives is authentic, but it is the whole document only when [`StreamOpener::finish`] has succeeded: the caller
/// must not act on anything before that, and must throw away all of it when that fails.
pub struct StreamOpener {
    state: Opening,
    /// The header or chunk that is being filled; a chunk stays back until it is known whether it is the last.
    sealed: Zeroizing<Vec<u8>>,
}

/// How far an opener has come.
enum Opening {
    /// Waits for the header.
    Header {
        /// The envelope's key.
        dek: Dek,
        /// The name of that key.
        dek_id: DekId,
        /// What the document is bound to.
        envelope: EnvelopeId,
        /// What the document is bound to.
        document: DocumentId,
    },
    /// Waits for chunks.
    Chunks(Box<Chunks>),
    /// Something did not open, and nothing will any more.
    Failed(OpenError),
}

impl StreamOpener {
    pub(super) fn new(dek: &Dek, dek_id: DekId, envelope: EnvelopeId, document: DocumentId) -> Self {
        let state = Opening::Header { dek: dek.copy(), dek_id, envelope, document };
        Self { state, sealed: Zeroizing::new(Vec::with_capacity(SEALED_CHUNK_BYTES)) }
    }

    /// Takes the next sealed bytes and gives the plaintext that is ready, perhaps none. What it holds back is at most one chunk.
    ///
    /// # Errors
    /// When the bytes were altered or belong elsewhere. The same error comes from every later call.
    pub fn push(&mut self, mut sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(self.sealed.len() + sealed.len()));
        let mut unit = self.unit_bytes()?;
        while !sealed.is_empty() {
            if self.sealed.len() == unit {
                self.open_unit(&mut plain, Position::Inner)?;
                unit = self.unit_bytes()?;
            }
            let (now, later) = sealed.split_at(sealed.len().min(unit - self.sealed.len()));
            self.sealed.extend_from_slice(now);
            sealed = later;
        }
        Ok(plain)
    }

    /// Says that no more bytes come, and gives the last of the plaintext. Only now is it certain that the document is whole.
    ///
    /// # Errors
    /// When the end is missing, altered, or not the end.
    pub fn finish(mut self) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        if matches!(self.state, Opening::Header { .. }) && self.sealed.len() == HEADER_BYTES {
            self.open_unit(&mut Zeroizing::default(), Position::Inner)?;
        }
        match self.state {
            Opening::Failed(error) => return Err(error),
            Opening::Header { .. } => return Err(OpenError::CutShort { kind: KIND }),
            Opening::Chunks(_) if self.sealed.len() < TAG_BYTES => return Err(OpenError::CutShort { kind: KIND }),
            Opening::Chunks(_) => {}
        }
        let mut plain = Zeroizing::new(Vec::with_capacity(self.sealed.len()));
        self.open_unit(&mut plain, Position::Last)?;
        Ok(plain)
    }

    fn unit_bytes(&self) -> Result<usize, OpenError> {
        match self.state {
            Opening::Header { .. } => Ok(HEADER_BYTES),
            Opening::Chunks(_) => Ok(SEALED_CHUNK_BYTES),
            Opening::Failed(error) => Err(error),
        }
    }

    /// Opens the header or chunk that is held, and forgets its sealed bytes.
    fn open_unit(&mut self, plain: &mut Zeroizing<Vec<u8>>, position: Position) -> Result<(), OpenError> {
        let opened = match &mut self.state {
            Opening::Header { dek, dek_id, envelope, document } => {
                read_header(&self.sealed, dek, *dek_id, *envelope, *document).map(|chunks| self.state = Opening::Chunks(Box::new(chunks)))
            }
            Opening::Chunks(chunks) => chunks.open(&mut self.sealed, position).map(|opened| plain.extend_from_slice(opened)),
            Opening::Failed(error) => Err(*error),
        };
        if let Err(error) = opened {
            self.state = Opening::Failed(error);
        }
        self.sealed.zeroize();
        opened
    }
}

/// A document, opened as it is read from where its sealed bytes lie. Reading fails, rather than ends, when these were cut, altered or lengthened.
pub struct OpenedStream<R> {
    sealed: R,
    /// None at the end; an error stays.
    opener: Result<Option<StreamOpener>, OpenError>,
    /// The sealed bytes that were read last.
    buffer: Vec<u8>,
    /// What was opened last, and how much of it has been given out.
    plain: Zeroizing<Vec<u8>>,
    at: usize,
}

impl<R: Read> OpenedStream<R> {
    /// The document that `opener` opens and whose bytes come from `sealed`.
    pub fn new(sealed: R, opener: StreamOpener) -> Self {
        Self { sealed, opener: Ok(Some(opener)), buffer: vec![0; CHUNK_BYTES], plain: Zeroizing::default(), at: 0 }
    }

    /// Sees to it that opened bytes are there, unless the document is at its end.
    fn refill(&mut self) -> std::io::Result<()> {
        let refused = |error| std::io::Error::new(std::io::ErrorKind::InvalidData, error);
        while self.at == self.plain.len() {
            let read = self.sealed.read(&mut self.buffer)?;
            let plain = match std::mem::replace(&mut self.opener, Ok(None)) {
                Ok(Some(opener)) if read == 0 => opener.finish(),
                Ok(Some(mut opener)) => {
                    let plain = opener.push(&self.buffer[..read]);
                    self.opener = Ok(Some(opener));
                    plain
                }
                Ok(None) => return Ok(()),
                Err(error) => Err(error),
            };
            self.plain = plain.map_err(|error| {
                self.opener = Err(error);
                refused(error)
            })?;
            self.at = 0;
        }
        Ok(())
    }
}

impl<R: Read> Read for OpenedStream<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.refill()?;
        let given = into.len().min(self.plain.len() - self.at);
        into[..given].copy_from_slice(&self.plain[self.at..self.at + given]);
        self.at += given;
        Ok(given)
    }
}

/// How many sealed bytes a document of `plain` bytes becomes.
#[must_use]
pub fn sealed_length(plain: u64) -> u64 {
    let chunks = plain.div_ceil(CHUNK_BYTES as u64).max(1);
    HEADER_BYTES as u64 + plain + chunks * TAG_BYTES as u64
}

/// How many bytes a document has that is `sealed` bytes long; none when no document is.
#[must_use]
pub fn plain_length(sealed: u64) -> Option<u64> {
    let body = sealed.checked_sub(HEADER_BYTES as u64)?;
    let chunks = body.div_ceil(SEALED_CHUNK_BYTES as u64).max(1);
    body.checked_sub(chunks * TAG_BYTES as u64).filter(|plain| sealed_length(*plain) == sealed)
}

/// The chunks of one stream: its key, and the number of the chunk that comes next.
struct Chunks {
    cipher: Cipher,
    prefix: [u8; 7],
    associated: Vec<u8>,
    next: Option<u32>,
}

/// Whether more chunks follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Position {
    Inner,
    Last,
}

impl Chunks {
    fn new(cipher: Cipher, derivation: &Derivation, associated: Vec<u8>) -> Self {
        Self { cipher, prefix: derivation.draw(Label::StreamNonce), associated, next: Some(0) }
    }

    fn next_nonce(&mut self, position: Position) -> Option<Nonce> {
        let number = self.next?;
        self.next = number.checked_add(1);
        let mut nonce = [0; 12];
        nonce[..7].copy_from_slice(&self.prefix);
        nonce[7..11].copy_from_slice(&number.to_be_bytes());
        nonce[11] = u8::from(position == Position::Last);
        Some(Nonce(nonce))
    }

    fn open<'a>(&mut self, sealed: &'a mut [u8], position: Position) -> Result<&'a [u8], OpenError> {
        let altered = OpenError::Altered { kind: KIND };
        let first = self.next == Some(0);
        let nonce = self.next_nonce(position).ok_or(altered)?;
        let length = self.cipher.open(nonce, &self.associated, sealed).ok_or(altered)?;
        // An empty last chunk after others is a second way to write the same document, which no sealer uses.
        if length == 0 && !first { Err(altered) } else { Ok(&sealed[..length]) }
    }
}

fn read_header(header: &[u8], dek: &Dek, dek_id: DekId, envelope: EnvelopeId, document: DocumentId) -> Result<Chunks, OpenError> {
    let foreign = OpenError::Foreign { kind: KIND, bytes: header.len() };
    let mut rest = header.strip_prefix(MAGIC).ok_or(foreign)?;
    let [version, algorithm] = take(&mut rest).ok_or(foreign)?;
    if version != VERSION {
        return Err(OpenError::Version { kind: KIND, version });
    }
    if algorithm != ALGORITHM {
        return Err(OpenError::Algorithm { kind: KIND, algorithm });
    }
    if take(&mut rest).ok_or(foreign)? != dek_id.0 {
        return Err(OpenError::OtherEnvelope { kind: KIND });
    }
    let (salt, commitment) = (Salt(take(&mut rest).ok_or(foreign)?), take(&mut rest).ok_or(foreign)?);
    let derivation = Derivation::new(&salt.0, dek.bytes());
    let cipher = Cipher::derive(Use::Stream, &derivation);
    if !cipher.is_committed_to(&commitment) {
        return Err(OpenError::Altered { kind: KIND });
    }
    Ok(Chunks::new(cipher, &derivation, associated(header, envelope, document)))
}

fn associated(header: &[u8], envelope: EnvelopeId, document: DocumentId) -> Vec<u8> {
    length_prefixed(&[header, envelope.as_bytes(), document.as_bytes()])
}

impl std::fmt::Debug for StreamSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StreamSealer(..)")
    }
}

impl std::fmt::Debug for StreamOpener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StreamOpener(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{CountingEntropy, StoppedClock};
    use proptest::prelude::*;

    struct Bench {
        dek: Dek,
        envelope: EnvelopeId,
        document: DocumentId,
        entropy: CountingEntropy,
    }

    const DEK_ID: DekId = DekId([1, 2, 3, 4]);

    impl Bench {
        fn new() -> Self {
            let entropy = CountingEntropy::seeded(11);
            let clock = StoppedClock::at("2026-11-21T09:00:00Z".parse().unwrap());
            Self { dek: Dek::random(&entropy), envelope: EnvelopeId::new(&clock, &entropy), document: DocumentId::new(&clock, &entropy), entropy }
        }

        fn sealer(&self) -> StreamSealer {
            StreamSealer::new(&self.dek, DEK_ID, self.envelope, self.document, &self.entropy)
        }

        fn seal(&self, plain: &[u8]) -> Vec<u8> {
            let mut stream = self.sealer();
            let mut sealed = stream.push(plain);
            sealed.extend(stream.finish());
            sealed
        }

        fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
            let mut opener = StreamOpener::new(&self.dek, DEK_ID, self.envelope, self.document);
            let mut plain = opener.push(sealed)?.to_vec();
            plain.extend_from_slice(&opener.finish()?);
            Ok(plain)
        }
    }

    fn document(length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        CountingEntropy::seeded(5).fill(&mut bytes);
        bytes
    }

    #[test]
    fn lengths_around_the_chunks_edge_come_back_and_are_foretold() {
        let bench = Bench::new();
        for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES + 17] {
            let plain = document(length);
            let sealed = bench.seal(&plain);
            assert_eq!(sealed.len() as u64, sealed_length(length as u64));
            assert_eq!(plain_length(sealed.len() as u64), Some(length as u64));
            assert!(bench.open(&sealed).unwrap() == plain, "{length} bytes");
        }
        let (header, tag) = (HEADER_BYTES as u64, TAG_BYTES as u64);
        for impossible in [0, header, header + tag - 1, header + tag + CHUNK_BYTES as u64 + 1, header + 2 * tag + CHUNK_BYTES as u64] {
            assert_eq!(plain_length(impossible), None, "{impossible}");
        }
    }

    /// A document whose tags are right and whose commitment is not: what someone with two keys could make.
    #[test]
    fn a_commitment_to_another_key_is_refused_though_the_tags_are_right() {
        let bench = Bench::new();
        for (flip, right) in [(0, true), (1, false)] {
            let mut stream = bench.sealer();
            stream.header[26] ^= flip;
            stream.chunks.associated = associated(&stream.header, bench.envelope, bench.document);
            let mut sealed = stream.push(b"x");
            sealed.extend(stream.finish());
            assert_eq!(bench.open(&sealed).is_ok(), right);
        }
    }

    /// An empty chunk behind a full one, sealed with the right key: not a second form of the same document.
    #[test]
    fn an_empty_last_chunk_after_others_is_refused() {
        let bench = Bench::new();
        let mut stream = bench.sealer();
        let mut sealed = stream.push(&document(CHUNK_BYTES));
        stream.seal_chunk(&mut sealed, Position::Inner);
        sealed.extend(stream.finish());
        assert_eq!(bench.open(&sealed), Err(OpenError::Altered { kind: KIND }));
    }

    #[test]
    fn after_an_error_nothing_opens() {
        let bench = Bench::new();
        let mut sealed = bench.seal(&document(3 * CHUNK_BYTES));
        sealed[HEADER_BYTES] ^= 1;
        let mut opener = StreamOpener::new(&bench.dek, DEK_ID, bench.envelope, bench.document);
        let (first, rest) = sealed.split_at(HEADER_BYTES + SEALED_CHUNK_BYTES + 1);
        let error = OpenError::Altered { kind: KIND };
        assert_eq!(opener.push(first), Err(error));
        assert_eq!(opener.push(rest), Err(error));
        assert_eq!(opener.finish(), Err(error));
    }

    /// Gives its bytes a few at a time, and is interrupted before each time.
    struct Halting<'a>(&'a [u8], bool);

    impl Read for Halting<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            self.1 = !self.1;
            if self.1 { Err(std::io::ErrorKind::Interrupted.into()) } else { self.0.take(10_007).read(into).inspect(|read| self.0 = &self.0[*read..]) }
        }
    }

    #[test]
    fn what_is_read_through_is_whole_or_fails_for_good() {
        let bench = Bench::new();
        let opener = || StreamOpener::new(&bench.dek, DEK_ID, bench.envelope, bench.document);
        for length in [0, 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 17] {
            let plain = document(length);
            let mut sealed = bench.seal(&plain);
            let mut read = Vec::new();
            // `read_to_end` goes on after an interruption.
            OpenedStream::new(Halting(&sealed, false), opener()).read_to_end(&mut read).unwrap();
            assert!(read == plain, "{length} bytes");
            sealed.truncate(sealed.len() - 1);
            let mut cut = OpenedStream::new(&sealed[..], opener());
            assert!(cut.read_to_end(&mut Vec::new()).is_err());
            assert!(cut.read(&mut [0; 8]).is_err(), "an error is not followed by an end");
        }
    }

    #[test]
    fn the_number_of_chunks_has_an_end() {
        let bench = Bench::new();
        let mut chunks = bench.sealer().chunks;
        chunks.next = Some(u32::MAX);
        assert!(chunks.next_nonce(Position::Inner).is_some());
        assert!(chunks.next_nonce(Position::Last).is_none());
    }

    /// The memory that is held does not grow with the document.
    #[test]
    fn at_most_one_chunk_is_held_back() {
        let bench = Bench::new();
        let mut stream = bench.sealer();
        let mut opener = StreamOpener::new(&bench.dek, DEK_ID, bench.envelope, bench.document);
        let piece = document(7_001);
        for _ in 0..100 {
            let sealed = stream.push(&piece);
            let plain = opener.push(&sealed).unwrap();
            assert!(plain.len() <= 2 * CHUNK_BYTES);
            assert!(stream.plain.capacity() == CHUNK_BYTES && opener.sealed.capacity() == SEALED_CHUNK_BYTES);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn pieces_of_any_size_make_the_same_document(length in 0..200_000_usize, cuts in proptest::collection::vec(1..90_000_usize, 1..12)) {
            let bench = Bench::new();
            let plain = document(length);
            let mut stream = bench.sealer();
            let mut sealed = Vec::new();
            let mut rest = &plain[..];
            for cut in cuts.iter().cycle() {
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                sealed.extend(stream.push(now));
                rest = later;
                if rest.is_empty() { break; }
            }
            sealed.extend(stream.finish());

            let mut opener = StreamOpener::new(&bench.dek, DEK_ID, bench.envelope, bench.document);
            let mut opened = Vec::new();
            let mut rest = &sealed[..];
            for cut in cuts.iter().rev().cycle() {
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                opened.extend_from_slice(&opener.push(now).unwrap());
                rest = later;
                if rest.is_empty() { break; }
            }
            opened.extend_from_slice(&opener.finish().unwrap());
            prop_assert!(opened == plain);
        }

        #[test]
        fn any_bytes_are_judged_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), head in 0..=HEADER_BYTES) {
            let bench = Bench::new();
            prop_assert!(bench.open(&bytes).is_err());
            let genuine = bench.seal(b"x");
            prop_assert!(bench.open(&[&genuine[..head], &bytes].concat()).is_err());
        }
    }
}
