//! The frames between the daemon and a reader, version 3: what they are and how long each may be.
//!
//! A frame is one byte of kind, four bytes of length (little endian) and that many bytes. Every kind has its own greatest length, held on
//! both sides before a byte is stored. The conversation, with the daemon's frames on the left:
//!
//! ```text
//! Start(json)                        -> Hello(json) | Failed(json)             once; the child locks itself down before Hello
//! Job(json) Chunk* End               -> Page* (Reading(json) Crop* Picture* | Refused(json)) Done(json) | Panicked
//! Job(json) Chunk* Abort             -> nothing: the original could not be sent whole, and no part of it is looked at
//! Try(json)                          -> Tried(json)                            `doctor` asks the child to break out
//! end of file                        -> the child ends
//! ```
//!
//! What the JSON holds is in [`super::wire`]. This file moves bytes and believes lengths only.

use std::io::{self, Read, Write};
use tokio::io::{AsyncRead, AsyncReadExt};
use zeroize::Zeroizing;

use super::PICTURE_BYTES_MAX;

/// The version of the protocol, said by both sides before anything else.
pub(super) const VERSION: u32 = 3;
/// The greatest length of a job: the keys of a message's signatures are in it.
pub(super) const JOB_BYTES_MAX: usize = 64 * 1024;
/// The greatest length of a piece of a document.
pub(super) const CHUNK_BYTES_MAX: usize = 64 * 1024;
/// The greatest length of the JSON of a reading, without its pictures.
pub(super) const READING_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The greatest length of one picture.
pub(super) const CROP_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The bytes before a frame's body.
pub(super) const HEADER_BYTES: usize = 5;
/// The bytes before the picture in a [`Kind::Crop`]: part and field, counted from 0, four bytes each.
pub(super) const CROP_PLACE_BYTES: usize = 8;

/// The bytes before the picture in a [`Kind::Picture`]: the page's number, from 1.
pub(super) const PICTURE_PLACE_BYTES: usize = 4;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Daemon: version, limits, its process id.
    Start,
    /// Daemon: a document follows.
    Job,
    /// Daemon: a piece of the document.
    Chunk,
    /// Daemon: that was the whole document, authenticated.
    End,
    /// Daemon: forget the document.
    Abort,
    /// Daemon: try to break out.
    Try,
    /// Child: ready, and how well locked.
    Hello,
    /// Child: not ready, and why.
    Failed,
    /// Child: works on this page now.
    Page,
    /// Child: what was read.
    Reading,
    /// Child: a picture of a field.
    Crop,
    /// Child: a picture of a page.
    Picture,
    /// Child: the document cannot be read.
    Refused,
    /// Child: a check inside failed; it ends.
    Panicked,
    /// Child: waits for the next document.
    Done,
    /// Child: what became of trying to break out.
    Tried,
}

/// Every kind with its byte and its greatest length.
const KINDS: [(Kind, u8, usize); 16] = [
    (Kind::Start, 1, 4096),
    (Kind::Job, 2, JOB_BYTES_MAX),
    (Kind::Chunk, 3, CHUNK_BYTES_MAX),
    (Kind::End, 4, 0),
    (Kind::Abort, 5, 0),
    (Kind::Try, 6, 256),
    (Kind::Hello, 17, 16 * 1024),
    (Kind::Failed, 18, 8 * 1024),
    (Kind::Page, 19, 4),
    (Kind::Reading, 20, READING_BYTES_MAX),
    (Kind::Crop, 21, CROP_PLACE_BYTES + CROP_BYTES_MAX),
    (Kind::Refused, 22, 8 * 1024),
    (Kind::Panicked, 23, 0),
    (Kind::Done, 24, 256),
    (Kind::Tried, 25, 4096),
    (Kind::Picture, 26, PICTURE_PLACE_BYTES + PICTURE_BYTES_MAX),
];

impl Kind {
    fn row(self) -> (u8, usize) {
        KINDS.iter().find(|(kind, ..)| *kind == self).map_or((0, 0), |(_, byte, length_max)| (*byte, *length_max))
    }
}

/// Why a frame could not be had.
#[derive(Debug)]
pub(super) enum FrameError {
    /// The other side has closed its end, between two frames or within one, or the pipe is broken.
    Gone,
    /// The bytes are no frame.
    Nonsense(&'static str),
}

impl From<io::Error> for FrameError {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// A frame. Its body may hold personal data and is wiped.
pub(super) struct Frame {
    /// What it is.
    pub kind: Kind,
    /// What it says.
    pub body: Zeroizing<Vec<u8>>,
}

/// The kind and length in a frame's first bytes.
fn header(bytes: [u8; HEADER_BYTES]) -> Result<(Kind, usize), FrameError> {
    let [byte, length @ ..] = bytes;
    let Some((kind, _, length_max)) = KINDS.iter().find(|(_, known, _)| *known == byte) else {
        return Err(FrameError::Nonsense("a frame of no known kind"));
    };
    let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > *length_max {
        return Err(FrameError::Nonsense("a frame longer than its kind may be"));
    }
    Ok((*kind, length))
}

/// The bytes of a frame whose body is `pieces`, one after the other.
///
/// # Errors
/// When the body is longer than its kind may be.
pub(super) fn encode(kind: Kind, pieces: &[&[u8]]) -> Result<Zeroizing<Vec<u8>>, FrameError> {
    let (byte, length_max) = kind.row();
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    let Some(stated) = u32::try_from(length).ok().filter(|_| length <= length_max) else {
        return Err(FrameError::Nonsense("an answer longer than its kind may be"));
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(HEADER_BYTES + length));
    bytes.push(byte);
    bytes.extend_from_slice(&stated.to_le_bytes());
    for piece in pieces {
        bytes.extend_from_slice(piece);
    }
    Ok(bytes)
}

/// The head of a [`Kind::Chunk`] of `length` bytes.
///
/// # Errors
/// When a chunk may not be that long.
pub(super) fn chunk_header(length: usize) -> Result<[u8; HEADER_BYTES], FrameError> {
    let stated = u32::try_from(length).ok().filter(|_| length <= CHUNK_BYTES_MAX).ok_or(FrameError::Nonsense("a piece longer than 64 KiB"))?;
    let [a, b, c, d] = stated.to_le_bytes();
    Ok([Kind::Chunk.row().0, a, b, c, d])
}

/// Reads the head of the next frame; none when the other side closed its end between two frames.
pub(super) fn read_header(input: &mut impl Read) -> Result<Option<(Kind, usize)>, FrameError> {
    let mut bytes = [0; HEADER_BYTES];
    let mut filled = 0;
    while filled < HEADER_BYTES {
        match input.read(&mut bytes[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(FrameError::Gone),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err(FrameError::Gone),
        }
    }
    header(bytes).map(Some)
}

/// Reads the body of a frame whose head said `length`, after what `into` holds already.
pub(super) fn read_body(input: &mut impl Read, length: usize, into: &mut Vec<u8>) -> Result<(), FrameError> {
    let had = into.len();
    input.take(length as u64).read_to_end(into)?;
    if into.len() - had == length { Ok(()) } else { Err(FrameError::Gone) }
}

/// Sends a frame.
pub(super) fn write(output: &mut impl Write, kind: Kind, pieces: &[&[u8]]) -> Result<(), FrameError> {
    output.write_all(&encode(kind, pieces)?)?;
    Ok(())
}

/// Reads the next frame. Not to be read on after it was cancelled.
pub(super) async fn receive(input: &mut (impl AsyncRead + Unpin)) -> Result<Frame, FrameError> {
    let mut bytes = [0; HEADER_BYTES];
    input.read_exact(&mut bytes).await?;
    let (kind, length) = header(bytes)?;
    let mut body = Zeroizing::new(vec![0; length]);
    input.read_exact(&mut body).await?;
    Ok(Frame { kind, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_kind_has_its_own_byte() {
        for (index, (kind, byte, length_max)) in KINDS.iter().enumerate() {
            assert_eq!(KINDS.iter().position(|(_, other, _)| other == byte), Some(index));
            assert_eq!(kind.row(), (*byte, *length_max));
        }
    }

    #[test]
    fn a_frame_is_read_as_it_was_written() {
        let bytes = encode(Kind::Refused, &[b"ab", b"c"]).expect("short");
        assert_eq!(bytes.as_slice(), b"\x16\x03\0\0\0abc");
        let mut input = bytes.as_slice();
        let (kind, length) = read_header(&mut input).expect("a frame").expect("not the end");
        let mut body = b"x".to_vec();
        read_body(&mut input, length, &mut body).expect("whole");
        assert_eq!((kind, body.as_slice()), (Kind::Refused, b"xabc".as_slice()));
        assert!(read_header(&mut input).expect("the end").is_none());
    }

    #[test]
    fn lengths_are_held_before_a_byte_is_stored() {
        assert!(matches!(encode(Kind::End, &[b"x"]), Err(FrameError::Nonsense(_))));
        for (_, byte, length_max) in KINDS {
            let over = u32::try_from(length_max + 1).expect("small").to_le_bytes();
            let bytes = [byte, over[0], over[1], over[2], over[3]];
            assert!(matches!(header(bytes), Err(FrameError::Nonsense(_))), "kind {byte}");
        }
    }

    #[test]
    fn a_frame_cut_short_is_no_frame() {
        let bytes = encode(Kind::Done, &[b"{}"]).expect("short");
        for cut in 1..HEADER_BYTES {
            assert!(matches!(read_header(&mut &bytes[..cut]), Err(FrameError::Gone)), "{cut}");
        }
        assert!(matches!(read_body(&mut &bytes[HEADER_BYTES..6], 2, &mut Vec::new()), Err(FrameError::Gone)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_frame_within_its_bounds_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(Some((kind, length))) = read_header(&mut bytes.as_slice()) {
                prop_assert!(length <= kind.row().1);
            }
        }
    }
}
