//! CCITT Group 3 and Group 4 (ITU-T T.4, T.6), row by row, as TIFF and PDF hold them.

use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext};

pub(super) use hayro_ccitt::EncodingMode;

use super::pixels::Shrink;
use super::refuse;
use crate::document::Refusal;

/// How a fax picture is coded, and what its two colours are in grey.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coding {
    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) mode: EncodingMode,
    pub(super) end_of_line: bool,
    pub(super) end_of_block: bool,
    pub(super) byte_aligned: bool,
    /// The grey of what the code calls white; black is the other.
    pub(super) white: u8,
    pub(super) black: u8,
}

/// Decodes `coding.rows` rows of `data` into `sink`.
///
/// A block that ends early by its own end mark leaves the rest of the page white: encoders drop blank rows at the foot. Data that
/// break off are damage, but for the last row in a hundred.
pub(super) fn decode(data: &[u8], coding: &Coding, sink: &mut Shrink) -> Result<(), Refusal> {
    let settings = DecodeSettings {
        columns: coding.columns,
        rows: coding.rows,
        end_of_block: coding.end_of_block,
        end_of_line: coding.end_of_line,
        rows_are_byte_aligned: coding.byte_aligned,
        encoding: coding.mode,
        strict: false,
    };
    let mut rows = Rows { sink, coding, line: vec![coding.white; coding.columns as usize], decoded: 0 };
    let end = hayro_ccitt::decode(data, &mut rows, &mut DecoderContext::new(settings));
    let ended_well = end.is_ok_and(|consumed| ends_with_mark(&data[..consumed.min(data.len())]));
    let decoded = rows.decoded;
    if decoded == 0 || (!ended_well && u64::from(decoded) * 100 < u64::from(coding.rows) * 99) {
        return Err(refuse::damaged(format!("a fax picture breaks off after {decoded} of {} rows", coding.rows)));
    }
    let blank = vec![coding.white; coding.columns as usize];
    (decoded..coding.rows).for_each(|_| sink.push(&blank));
    Ok(())
}

/// Whether an end-of-line code, of which every end mark is made, is among the last bits: eleven zeros and a one stand nowhere else.
fn ends_with_mark(data: &[u8]) -> bool {
    let last = data.iter().rev().take(4).rev().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
    data.len() >= 2 && (0..20).any(|shift| last >> shift & 0xfff == 1)
}

struct Rows<'a> {
    sink: &'a mut Shrink,
    coding: &'a Coding,
    line: Vec<u8>,
    decoded: u32,
}

impl Decoder for Rows<'_> {
    fn push_row(&mut self, changes: &[u32]) {
        if self.decoded == self.coding.rows {
            return;
        }
        self.line.fill(self.coding.white);
        for span in changes.chunks(2) {
            let end = span.get(1).copied().unwrap_or(self.coding.columns);
            self.line[span[0] as usize..end as usize].fill(self.coding.black);
        }
        self.sink.push(&self.line);
        self.decoded += 1;
    }
}
