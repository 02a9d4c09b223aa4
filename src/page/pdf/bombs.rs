//! Decompression bombs: a bound on what the streams of a PDF unpack to, set before anything unpacks them without one.
//!
//! lopdf reads the structure (its own unpacking of object and cross-reference streams is bounded) and keeps only the streams that are no
//! pictures; those that could pass the bound are then unpacked against it. Pictures are measured one by one when a page shows them.
//! A file that lopdf cannot parse is not refused for it: hayro may. What slips through is stopped by the memory limit of the process.

use lopdf::{DecompressError, Document, Error, LoadOptions, Object, ObjectId, Stream};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::{Limits, refuse};
use crate::document::Refusal;

/// What a byte becomes at most: a run of 258 for two bits in deflate; the longest string for twelve bits in LZW.
const DEFLATE_RATIO_MAX: u64 = 1032;
const LZW_RATIO_MAX: u64 = 2731;

/// The streams that could unpack to more than the bound.
pub(super) struct Suspects(Vec<Stream>);

/// Reads the structure of the PDF. Does not yet unpack content.
pub(super) fn suspects(bytes: &[u8], limits: &Limits) -> Result<Suspects, Refusal> {
    let bound = usize::try_from(limits.stream_bytes_max).unwrap_or(usize::MAX);
    let options = LoadOptions { filter: Some(keep_streams), max_decompressed_size: Some(bound), ..LoadOptions::default() };
    let loaded = catch_unwind(AssertUnwindSafe(|| Document::load_mem_with_options(bytes, options)));
    match loaded {
        Ok(Ok(document)) => Ok(Suspects(document.objects.into_values().filter_map(suspect(limits.stream_bytes_max)).collect())),
        Ok(Err(Error::Decompress(DecompressError::MemoryLimitExceeded { .. }))) => Err(refuse::stream_bomb(limits.stream_bytes_max)),
        Ok(Err(_)) | Err(_) => Ok(Suspects(Vec::new())),
    }
}

impl Suspects {
    /// Unpacks each of them, one at a time, up to the bound.
    pub(super) fn check(self, limits: &Limits) -> Result<(), Refusal> {
        if self.0.iter().any(|stream| is_bomb(stream, limits.stream_bytes_max)) { Err(refuse::stream_bomb(limits.stream_bytes_max)) } else { Ok(()) }
    }
}

/// Whether `data`, packed by the filters named, unpacks to more than `bound` bytes.
pub(super) fn unpacks_past(data: &[u8], dictionary: lopdf::Dictionary, bound: u64) -> bool {
    let stream = Stream::new(dictionary, data.to_vec());
    suspect(bound)(Object::Stream(stream)).is_some_and(|stream| is_bomb(&stream, bound))
}

fn is_bomb(stream: &Stream, bound: u64) -> bool {
    let bound = usize::try_from(bound).unwrap_or(usize::MAX);
    // A panic is a stream that lopdf does not understand; hayro has its own say about it.
    let unpacked = catch_unwind(AssertUnwindSafe(|| stream.decompressed_content_with_limit(bound)));
    matches!(unpacked, Ok(Err(Error::Decompress(DecompressError::MemoryLimitExceeded { .. }))))
}

/// Leaves streams that are no pictures in the document and empties everything else, so that a file of scans is not held twice.
fn keep_streams(id: ObjectId, object: &mut Object) -> Option<(ObjectId, Object)> {
    match object {
        Object::Stream(stream) if stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|subtype| subtype == b"Image") => None,
        _ => Some((id, Object::Null)),
    }
}

fn suspect(bound: u64) -> impl Fn(Object) -> Option<Stream> {
    move |object| match object {
        Object::Stream(stream) if largest(&stream) > bound => Some(stream),
        _ => None,
    }
}

/// The most that a stream can unpack to.
fn largest(stream: &Stream) -> u64 {
    let filters = stream.filters().unwrap_or_default();
    filters.iter().fold(stream.content.len() as u64, |length, filter| match *filter {
        b"FlateDecode" | b"Fl" => length.saturating_mul(DEFLATE_RATIO_MAX),
        b"LZWDecode" | b"LZW" => length.saturating_mul(LZW_RATIO_MAX),
        b"RunLengthDecode" | b"RL" => length.saturating_mul(64),
        b"ASCII85Decode" | b"A85" => length.saturating_mul(4),
        _ => length,
    })
}
