//! JPEG (ITU-T T.81), with the resolution and the orientation of its JFIF and Exif headers.
//!
//! A picture that fits is decoded whole by the image crate; a larger one by jpeg-decoder, whose inverse transform yields it at a half, a quarter or
//! an eighth. It does so in a pool of workers, which [`warm_up`](super::warm_up) makes of the reader's own thread. A file without its end mark has lost its foot and is refused: decoders fill it with grey.

use image::ImageDecoder;
use image::codecs::jpeg::JpegDecoder;
use std::io::{Cursor, ErrorKind};

use super::pixels::{self, Pixels, Shrink, Turn, ink_luma, luma_row, real};
use super::{Grey, Limits, refuse};
use crate::document::Refusal;

/// The page in the JPEG file `bytes`.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Grey, Refusal> {
    let header = Header::read(bytes).ok_or_else(|| refuse::damaged("the JPEG has no picture"))?;
    pixels::check_size(u64::from(header.width), u64::from(header.height), u64::from(header.components) * 8, limits)?;
    if !header.ends {
        return Err(refuse::damaged("the JPEG is cut short: its end mark is missing"));
    }
    let (pixels, shrunk) = decode_pixels(bytes, &header, limits)?;
    let (x, y) = pixels::believable_dpi(usize::from(header.width), usize::from(header.height), header.dpi);
    let dpi = (x * shrunk.0, y * shrunk.1);
    let turn = Turn::from_orientation(header.orientation);
    let dpi = if turn.transpose { (dpi.1, dpi.0) } else { dpi };
    Ok(pixels::page(turn.apply(pixels), dpi, limits.long_side_px_max))
}

/// The pixels, and what share of the stored width and height they have.
pub(super) fn decode_pixels(bytes: &[u8], header: &Header, limits: &Limits) -> Result<(Pixels, (f64, f64)), Refusal> {
    let (width, height) = (usize::from(header.width), usize::from(header.height));
    let area = u64::from(header.width) * u64::from(header.height);
    let colours = if header.components == 1 { 1 } else { 3 };
    // The progressive decoder holds two bytes a coefficient until the last scan is in.
    let coefficients = if header.progressive { 2 * u64::from(header.components) } else { 0 };
    let whole = area * (colours + coefficients + 1);
    let fits = pixels::factor(width, height, limits.long_side_px_max) == 1 && header.components != 4;
    let pixels = if fits && whole <= limits.memory_bytes_max { at_full_size(bytes, limits)? } else { at_reduced_size(bytes, header, limits)? };
    let shrunk = (real(pixels.width) / real(width), real(pixels.height) / real(height));
    Ok((pixels, shrunk))
}

fn at_full_size(bytes: &[u8], limits: &Limits) -> Result<Pixels, Refusal> {
    let broken = |_| refuse::damaged("the JPEG does not decode");
    let decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(broken)?;
    let (width, height) = (decoder.dimensions().0 as usize, decoder.dimensions().1 as usize);
    let channels = usize::from(decoder.color_type().channel_count());
    let mut samples = vec![0; width * height * channels];
    decoder.read_image(&mut samples).map_err(broken)?;
    Ok(to_grey(samples, width, height, channels, limits))
}

fn at_reduced_size(bytes: &[u8], header: &Header, limits: &Limits) -> Result<Pixels, Refusal> {
    // The bytes are in memory: no trouble with reading them is left but their end, so any other is a thread that was not to be had.
    let broken = |error| match error {
        jpeg_decoder::Error::Io(error) if error.kind() != ErrorKind::UnexpectedEof => {
            refuse::too_large(format!("a JPEG in four inks, or of more than {} px on its long side, could not be decoded here", limits.long_side_px_max))
        }
        _ => refuse::damaged("the JPEG does not decode"),
    };
    let mut decoder = jpeg_decoder::Decoder::new(Cursor::new(bytes));
    let factor = pixels::factor(usize::from(header.width), usize::from(header.height), limits.long_side_px_max);
    // jpeg-decoder takes the smallest of its scales that is not smaller than what is asked for.
    let scale = [1u16, 2, 4, 8].into_iter().rev().find(|&scale| usize::from(scale) <= factor).unwrap_or(1);
    let scale = if u64::from(header.width) * u64::from(header.height) / u64::from(scale * scale) * 8 > limits.memory_bytes_max { scale.max(2) } else { scale };
    let (width, height) = decoder.scale(header.width.div_ceil(scale), header.height.div_ceil(scale)).map_err(broken)?;
    let (width, height) = (usize::from(width), usize::from(height));
    let channels = usize::from(header.components);
    let held = (width * height) as u64 * (2 * u64::from(header.components) + 1);
    let coefficients = if header.progressive { u64::from(header.width) * u64::from(header.height) * 2 * u64::from(header.components) } else { 0 };
    if held + coefficients > limits.memory_bytes_max {
        return Err(refuse::too_much_memory(u64::from(header.width), u64::from(header.height), held + coefficients, limits.memory_bytes_max));
    }
    let samples = decoder.decode().map_err(broken)?;
    if samples.len() != width * height * channels {
        return Err(refuse::damaged("the JPEG has samples of a size that is not read"));
    }
    Ok(to_grey(samples, width, height, channels, limits))
}

fn to_grey(samples: Vec<u8>, width: usize, height: usize, channels: usize, limits: &Limits) -> Pixels {
    if channels == 1 && pixels::factor(width, height, limits.long_side_px_max) == 1 {
        return Pixels { width, height, data: samples };
    }
    let mut sink = Shrink::new(width, height, limits.long_side_px_max);
    let mut row = vec![0; width];
    for line in samples.chunks_exact(width * channels) {
        match channels {
            1 => row.copy_from_slice(line),
            3 => luma_row(line, &mut row),
            // Adobe stores inks inverted and jpeg-decoder turns them back: 0 is no ink.
            _ => row.iter_mut().zip(line.as_chunks::<4>().0).for_each(|(grey, &[c, m, y, k])| *grey = ink_luma(c, m, y, k)),
        }
        sink.push(&row);
    }
    sink.finish().0
}

/// What stands before the picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) components: u8,
    pub(super) progressive: bool,
    /// The Exif orientation, 1 to 8.
    pub(super) orientation: u32,
    /// Across and down, as stated.
    pub(super) dpi: Option<(f64, f64)>,
    /// Whether the end mark is there.
    pub(super) ends: bool,
}

impl Header {
    /// Walks the segments up to the first scan.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut header = Self { width: 0, height: 0, components: 0, progressive: false, orientation: 1, dpi: None, ends: false };
        let mut exif_dpi = None;
        let mut at = 2;
        loop {
            while *bytes.get(at)? != 0xff {
                at += 1;
            }
            while *bytes.get(at)? == 0xff {
                at += 1;
            }
            let marker = *bytes.get(at)?;
            at += 1;
            if matches!(marker, 0x00 | 0x01 | 0xd0..=0xd8) {
                continue;
            }
            let length = usize::from(u16_at(bytes, at, u16::from_be_bytes)?);
            let segment = bytes.get(at + 2..at + length.max(2))?;
            match marker {
                0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                    header.height = u16_at(segment, 1, u16::from_be_bytes)?;
                    header.width = u16_at(segment, 3, u16::from_be_bytes)?;
                    header.components = *segment.get(5)?;
                    header.progressive = matches!(marker, 0xc2 | 0xc6 | 0xca | 0xce);
                }
                0xe0 if segment.starts_with(b"JFIF\0") => header.dpi = jfif_dpi(segment),
                0xe1 if segment.starts_with(b"Exif\0\0") => {
                    let exif = Exif::read(&segment[6..]);
                    header.orientation = exif.orientation;
                    exif_dpi = exif.dpi;
                }
                0xda => {
                    let scan = &bytes[at..];
                    header.ends = scan.windows(2).rev().any(|pair| pair == [0xff, 0xd9]);
                    header.dpi = header.dpi.or(exif_dpi);
                    return (header.components > 0).then_some(header);
                }
                _ => {}
            }
            at += length.max(2);
        }
    }
}

fn jfif_dpi(segment: &[u8]) -> Option<(f64, f64)> {
    let per_inch = match segment.get(7)? {
        1 => 1.0,
        2 => 2.54,
        _ => return None,
    };
    let density = |at| u16_at(segment, at, u16::from_be_bytes).map(|value| f64::from(value) * per_inch);
    Some((density(8)?, density(10)?))
}

/// The two facts of Exif that matter here.
struct Exif {
    orientation: u32,
    dpi: Option<(f64, f64)>,
}

impl Exif {
    /// From the TIFF structure inside the Exif segment. Nonsense reads as upright, without a resolution.
    fn read(tiff: &[u8]) -> Self {
        let mut exif = Self { orientation: 1, dpi: None };
        let _ = exif.fill(tiff);
        exif
    }

    fn fill(&mut self, tiff: &[u8]) -> Option<()> {
        let little = match tiff.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let short = |at| u16_at(tiff, at, if little { u16::from_le_bytes } else { u16::from_be_bytes });
        let long = |at: usize| {
            let four: [u8; 4] = tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
            Some(if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
        };
        let rational = |at: usize| {
            let at = long(at)? as usize;
            Some(f64::from(long(at)?) / f64::from(long(at.checked_add(4)?)?))
        };
        let directory = long(4)? as usize;
        let (mut x, mut y, mut per_inch) = (None, None, 1.0);
        for index in 0..usize::from(short(directory)?) {
            let entry = directory.checked_add(2 + index * 12)?;
            match short(entry)? {
                0x0112 => self.orientation = u32::from(short(entry + 8)?),
                0x011a => x = rational(entry + 8),
                0x011b => y = rational(entry + 8),
                0x0128 if short(entry + 8)? == 3 => per_inch = 2.54,
                _ => {}
            }
        }
        self.dpi = x.zip(y).map(|(x, y)| (x * per_inch, y * per_inch));
        Some(())
    }
}

fn u16_at(bytes: &[u8], at: usize, read: fn([u8; 2]) -> u16) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(read)
}
