//! TIFF 6.0 and its 64-bit form, one page or many, strip by strip or tile by tile.
//!
//! Fax pages (Group 3, Group 4) are decoded by `fax`, because the tiff crate knows neither Group 3 nor the reversed bit order of many
//! fax servers; everything else by the tiff crate. Thumbnails and masks are no pages. Palette colour is not read.

use std::io::Cursor;
use tiff::decoder::ifd::Value;
use tiff::decoder::{ChunkType, Decoder, DecodingResult, Limits as TiffLimits};
use tiff::tags::{CompressionMethod, PhotometricInterpretation, PlanarConfiguration, Tag};
use tiff::{ColorType, TiffError};

use super::fax::{self, Coding, EncodingMode};
use super::pixels::{self, Shrink, Turn, ink_luma, luma, luma_row, over_white};
use super::{Grey, Limits, refuse};
use crate::document::Refusal;

const T4_OPTIONS: u16 = 292;
/// Directories looked at for each page allowed: a file of thumbnails must not keep us.
const DIRECTORIES_PER_PAGE: usize = 4;

/// An opened TIFF file.
pub(super) struct TiffFile {
    decoder: Decoder<Cursor<Vec<u8>>>,
    /// Which directories are pages.
    pages: Vec<usize>,
}

impl TiffFile {
    /// Walks the directories.
    pub(super) fn open(bytes: Vec<u8>, limits: &Limits) -> Result<Self, Refusal> {
        let mut bounds = TiffLimits::default();
        bounds.decoding_buffer_size = usize::try_from(limits.memory_bytes_max).unwrap_or(usize::MAX);
        bounds.intermediate_buffer_size = bounds.decoding_buffer_size;
        let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(|error| refused(&error, limits))?.with_limits(bounds);
        let mut pages = Vec::new();
        for directory in 0.. {
            let kind: u32 = decoder.find_tag_unsigned(Tag::NewSubfileType).ok().flatten().unwrap_or(0);
            // Bit 0: a reduced copy of another picture; bit 2: a transparency mask.
            if kind & 0b101 == 0 {
                pages.push(directory);
            }
            if pages.len() > limits.pages_max as usize || directory > limits.pages_max as usize * DIRECTORIES_PER_PAGE {
                return Err(refuse::more_pages_than(limits.pages_max));
            }
            if !decoder.more_images() {
                break;
            }
            decoder.next_image().map_err(|_| refuse::damaged(format!("the TIFF breaks off after {} pages", pages.len())))?;
        }
        if pages.is_empty() {
            return Err(refuse::damaged("the TIFF has no page"));
        }
        Ok(Self { decoder, pages })
    }

    pub(super) fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// Decodes the page with this index.
    pub(super) fn page(&mut self, index: usize, limits: &Limits) -> Result<Grey, Refusal> {
        let read = |error: TiffError| refused(&error, limits);
        self.decoder.seek_to_image(self.pages[index]).map_err(read)?;
        let picture = Picture::read(&mut self.decoder).map_err(read)?;
        pixels::check_size(u64::from(picture.width), u64::from(picture.height), u64::from(picture.samples) * u64::from(picture.bits), limits)?;
        let mut sink = Shrink::new(picture.width as usize, picture.height as usize, limits.long_side_px_max);
        match picture.fax {
            Some(mode) => self.fax_strips(&picture, mode, &mut sink)?,
            None => self.chunks(&picture, &mut sink, limits)?,
        }
        let (x, y) = pixels::believable_dpi(picture.width as usize, picture.height as usize, picture.dpi);
        let (pixels, factor) = sink.finish();
        let dpi = (x / factor, y / factor);
        let dpi = if picture.turn.transpose { (dpi.1, dpi.0) } else { dpi };
        Ok(pixels::page(picture.turn.apply(pixels), dpi, limits.long_side_px_max))
    }

    fn fax_strips(&mut self, picture: &Picture, mode: FaxMode, sink: &mut Shrink) -> Result<(), Refusal> {
        let broken = || refuse::damaged("the TIFF lacks a strip of its picture");
        let offsets = self.decoder.get_tag_u64_vec(Tag::StripOffsets).map_err(|_| broken())?;
        let lengths = self.decoder.get_tag_u64_vec(Tag::StripByteCounts).map_err(|_| broken())?;
        let bytes = self.decoder.inner().get_ref();
        let (white, black) = if picture.white_is_zero { (255, 0) } else { (0, 255) };
        let mut rows_left = picture.height;
        for (&offset, &length) in offsets.iter().zip(&lengths) {
            let rows = picture.rows_per_strip.min(rows_left);
            if rows == 0 {
                break;
            }
            rows_left -= rows;
            let from = usize::try_from(offset).map_err(|_| broken())?;
            let to = from.checked_add(usize::try_from(length).map_err(|_| broken())?).ok_or_else(broken)?;
            let strip = bytes.get(from..to).ok_or_else(broken)?;
            let reversed: Vec<u8>;
            let strip = if picture.lowest_bit_first {
                reversed = strip.iter().map(|byte| byte.reverse_bits()).collect();
                &reversed
            } else {
                strip
            };
            let coding = Coding {
                columns: picture.width,
                rows,
                mode: mode.encoding,
                end_of_line: mode.end_of_line,
                end_of_block: true,
                byte_aligned: mode.byte_aligned,
                white,
                black,
            };
            fax::decode(strip, &coding, sink)?;
        }
        if rows_left > 0 {
            return Err(broken());
        }
        Ok(())
    }

    /// Strips are one chunk across, tiles several; either way a band of chunks is turned into grey rows at a time.
    fn chunks(&mut self, picture: &Picture, sink: &mut Shrink, limits: &Limits) -> Result<(), Refusal> {
        let read = |error: TiffError| refused(&error, limits);
        let colour = self.decoder.colortype().map_err(read)?;
        let width = picture.width as usize;
        let (chunk_width, chunk_height) = match self.decoder.get_chunk_type() {
            ChunkType::Strip => (picture.width, picture.rows_per_strip.min(picture.height)),
            ChunkType::Tile => self.decoder.chunk_dimensions(),
        };
        if chunk_width == 0 || chunk_height == 0 {
            return Err(refuse::damaged("the TIFF has chunks without pixels"));
        }
        let across = picture.width.div_ceil(chunk_width);
        let down = picture.height.div_ceil(chunk_height);
        let planes = if picture.planar { u32::from(picture.samples) } else { 1 };
        let band_bytes = u64::from(chunk_height) * u64::from(picture.width) * (1 + u64::from(picture.samples) * u64::from(picture.bits).div_ceil(8));
        if band_bytes > limits.memory_bytes_max {
            return Err(refuse::too_much_memory(u64::from(picture.width), u64::from(picture.height), band_bytes, limits.memory_bytes_max));
        }
        for band in 0..down {
            let rows = chunk_height.min(picture.height - band * chunk_height) as usize;
            let mut grey = vec![255; width * rows];
            for column in 0..across {
                let chunk = band * across + column;
                let columns = chunk_width.min(picture.width - column * chunk_width) as usize;
                let mut samples = Vec::with_capacity(planes as usize);
                for plane in 0..planes {
                    samples.push(in_bytes(self.decoder.read_chunk(plane * across * down + chunk).map_err(read)?)?);
                }
                let block = Block { samples: &samples, columns, colour, picture };
                let left = (column * chunk_width) as usize;
                for row in 0..rows {
                    block.grey_row(row, &mut grey[row * width + left..][..columns])?;
                }
            }
            grey.chunks_exact(width).for_each(|row| sink.push(row));
        }
        Ok(())
    }
}

/// How the fax strips of a page are coded.
#[derive(Debug, Clone, Copy)]
struct FaxMode {
    encoding: EncodingMode,
    end_of_line: bool,
    byte_aligned: bool,
}

/// What the directory of a page says.
struct Picture {
    width: u32,
    height: u32,
    samples: u16,
    bits: u8,
    rows_per_strip: u32,
    planar: bool,
    fax: Option<FaxMode>,
    white_is_zero: bool,
    lowest_bit_first: bool,
    turn: Turn,
    dpi: Option<(f64, f64)>,
}

impl Picture {
    fn read(decoder: &mut Decoder<Cursor<Vec<u8>>>) -> Result<Self, TiffError> {
        let (width, height) = decoder.dimensions()?;
        let number = |decoder: &mut Decoder<Cursor<Vec<u8>>>, tag| decoder.find_tag_unsigned::<u32>(tag).ok().flatten();
        let compression = number(decoder, Tag::Compression).unwrap_or(1);
        let options = number(decoder, Tag::Unknown(T4_OPTIONS)).unwrap_or(0);
        let photometric = number(decoder, Tag::PhotometricInterpretation);
        // Without a count the tag's own length would say; the first value is the same for all but freak files.
        let bits = decoder.find_tag_unsigned_vec::<u16>(Tag::BitsPerSample).ok().flatten().and_then(|bits| bits.first().copied()).unwrap_or(1);
        let per_inch = match number(decoder, Tag::ResolutionUnit).unwrap_or(2) {
            2 => Some(1.0),
            3 => Some(2.54),
            _ => None,
        };
        let mut rational = |tag| match decoder.find_tag(tag) {
            Ok(Some(Value::Rational(over, under))) => Some(f64::from(over) / f64::from(under)),
            _ => None,
        };
        let x = rational(Tag::XResolution);
        let y = rational(Tag::YResolution);
        Ok(Self {
            width,
            height,
            samples: number(decoder, Tag::SamplesPerPixel).and_then(|samples| u16::try_from(samples).ok()).unwrap_or(1),
            bits: u8::try_from(bits).unwrap_or(u8::MAX),
            rows_per_strip: number(decoder, Tag::RowsPerStrip).filter(|&rows| rows > 0).unwrap_or(height),
            planar: number(decoder, Tag::PlanarConfiguration) == Some(u32::from(PlanarConfiguration::Planar.to_u16())),
            fax: fax_mode(compression, options),
            white_is_zero: photometric.is_none_or(|value| value == u32::from(PhotometricInterpretation::WhiteIsZero.to_u16())),
            lowest_bit_first: number(decoder, Tag::FillOrder) == Some(2),
            turn: Turn::from_orientation(number(decoder, Tag::Orientation).unwrap_or(1)),
            dpi: per_inch.zip(x.zip(y)).map(|(unit, (x, y))| (x * unit, y * unit)),
        })
    }
}

fn fax_mode(compression: u32, options: u32) -> Option<FaxMode> {
    let is = |method: CompressionMethod| compression == u32::from(method.to_u16());
    if is(CompressionMethod::Fax4) {
        Some(FaxMode { encoding: EncodingMode::Group4, end_of_line: false, byte_aligned: false })
    } else if is(CompressionMethod::Fax3) {
        let encoding = if options & 1 == 1 { EncodingMode::Group3_2D } else { EncodingMode::Group3_1D };
        Some(FaxMode { encoding, end_of_line: true, byte_aligned: options & 4 == 4 })
    } else if is(CompressionMethod::Huffman) {
        Some(FaxMode { encoding: EncodingMode::Group3_1D, end_of_line: false, byte_aligned: true })
    } else {
        None
    }
}

/// One chunk (all its planes) as it came from the decoder.
struct Block<'a> {
    samples: &'a [Vec<u8>],
    columns: usize,
    colour: ColorType,
    picture: &'a Picture,
}

impl Block<'_> {
    /// Row `row` of the chunk as grey. The tiff crate has already turned `WhiteIsZero` around.
    fn grey_row(&self, row: usize, out: &mut [u8]) -> Result<(), Refusal> {
        match self.colour {
            ColorType::Gray(bits @ (1 | 2 | 4)) => self.packed_row(row, bits, out),
            ColorType::Gray(8) => out.copy_from_slice(self.plane_row(0, row, 1)?),
            ColorType::Gray(16) => self.per_pixel(row, 1, out, |s| s[0])?,
            ColorType::RGB(8) if self.samples.len() == 1 => luma_row(self.plane_row(0, row, 3)?, out),
            ColorType::RGB(8 | 16) => self.per_pixel(row, 3, out, |s| luma(s[0], s[1], s[2]))?,
            ColorType::RGBA(8 | 16) => self.per_pixel(row, 4, out, |s| over_white(luma(s[0], s[1], s[2]), s[3]))?,
            ColorType::YCbCr(8) => self.per_pixel(row, 3, out, |s| s[0])?,
            ColorType::CMYK(8 | 16) => self.per_pixel(row, 4, out, |s| ink_luma(s[0], s[1], s[2], s[3]))?,
            ColorType::Multiband { bit_depth: 8 | 16, num_samples: 2 } => self.per_pixel(row, 2, out, |s| over_white(s[0], s[1]))?,
            _ => return Err(unread_kind()),
        }
        Ok(())
    }

    fn packed_row(&self, row: usize, bits: u8, out: &mut [u8]) {
        let stride = (self.columns * usize::from(bits)).div_ceil(8);
        let line = self.samples[0].get(row * stride..).unwrap_or_default();
        let per_byte = usize::from(8 / bits);
        let highest = (1u32 << bits) - 1;
        for (x, grey) in out.iter_mut().enumerate() {
            let byte = line.get(x / per_byte).copied().unwrap_or(0xff);
            let byte = if self.picture.lowest_bit_first && bits == 1 { byte.reverse_bits() } else { byte };
            let shift = 8 - usize::from(bits) * (x % per_byte + 1);
            let value = u32::from(byte >> shift) & highest;
            *grey = u8::try_from(value * 255 / highest).unwrap_or(u8::MAX);
        }
    }

    /// Sixteen-bit samples count by their upper byte.
    fn per_pixel(&self, row: usize, channels: usize, out: &mut [u8], grey: impl Fn(&[u8; 4]) -> u8) -> Result<(), Refusal> {
        let wide = if self.picture.bits == 16 { 2 } else { 1 };
        let upper = usize::from(wide == 2 && cfg!(target_endian = "little"));
        let mut pixel = [0; 4];
        if self.samples.len() > 1 {
            let planes: Vec<&[u8]> = (0..channels).map(|plane| self.plane_row(plane, row, wide)).collect::<Result<_, _>>()?;
            for (x, out) in out.iter_mut().enumerate() {
                planes.iter().zip(&mut pixel).for_each(|(plane, sample)| *sample = plane[x * wide + upper]);
                *out = grey(&pixel);
            }
        } else {
            let line = self.plane_row(0, row, channels * wide)?;
            for (out, samples) in out.iter_mut().zip(line.chunks_exact(channels * wide)) {
                samples.chunks_exact(wide).zip(&mut pixel).for_each(|(bytes, sample)| *sample = bytes[upper]);
                *out = grey(&pixel);
            }
        }
        Ok(())
    }

    fn plane_row(&self, plane: usize, row: usize, bytes: usize) -> Result<&[u8], Refusal> {
        let stride = self.columns * bytes;
        self.samples
            .get(plane)
            .and_then(|samples| samples.get(row * stride..(row + 1) * stride))
            .ok_or_else(|| refuse::damaged("a chunk of the TIFF is too short"))
    }
}

fn in_bytes(samples: DecodingResult) -> Result<Vec<u8>, Refusal> {
    match samples {
        DecodingResult::U8(bytes) => Ok(bytes),
        DecodingResult::U16(words) => Ok(words.iter().flat_map(|word| word.to_ne_bytes()).collect()),
        _ => Err(unread_kind()),
    }
}

fn unread_kind() -> Refusal {
    refuse::unknown_type("a TIFF with a rare colour model or compression", "save it as PDF or PNG, or scan the paper again in black and white")
}

fn refused(error: &TiffError, limits: &Limits) -> Refusal {
    match error {
        TiffError::UnsupportedError(_) => unread_kind(),
        TiffError::LimitsExceeded => {
            refuse::too_large(format!("a strip of the TIFF is larger than can be held at once; the limit is {} bytes", limits.memory_bytes_max))
        }
        _ => refuse::damaged("the TIFF is cut short or broken"),
    }
}
