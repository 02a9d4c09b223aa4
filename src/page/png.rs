//! PNG, row by row: any colour type and depth, alpha seen on white paper. Written too: as 8-bit grey the crops that a person settles from, as 8-bit RGB pages with
//! what was read drawn on them.

use png::{BitDepth, ColorType, Compression, Decoder, Encoder, PixelDimensions, Transformations, Unit};
use std::io::Cursor;

use super::pixels::{self, Shrink, luma, luma_row, over_white};
use super::{Colour, Grey, Limits, refuse};
use crate::document::Refusal;

const INCH_M: f64 = 0.0254;

impl Grey {
    /// The picture as an 8-bit grey PNG with its resolution. None when it has no pixels.
    #[must_use]
    pub fn to_png(&self) -> Option<Vec<u8>> {
        encode((ColorType::Grayscale, Compression::Fast), [self.width, self.height], &self.data, self.dpi)
    }
}

impl Colour {
    /// The picture as an 8-bit RGB PNG with its resolution. None when it has no pixels.
    #[must_use]
    pub fn to_png(&self) -> Option<Vec<u8>> {
        // A page is large and its three parts are mostly alike: a slower coder halves it.
        encode((ColorType::Rgb, Compression::Balanced), [self.width, self.height], &self.data, self.dpi)
    }
}

fn encode((colour, compression): (ColorType, Compression), [width, height]: [usize; 2], data: &[u8], dpi: f64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(compression);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float is clamped to the target's range when it is cast")]
    let per_metre = (dpi / INCH_M).round() as u32;
    encoder.set_pixel_dims(Some(PixelDimensions { xppu: per_metre, yppu: per_metre, unit: Unit::Meter }));
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(data).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

/// The picture in `bytes`.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Grey, Refusal> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: usize::try_from(limits.memory_bytes_max).unwrap_or(usize::MAX) });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let header = decoder.read_header_info().map_err(|_| refuse::damaged("the PNG has no header"))?;
    let (width, height, interlaced) = (header.width, header.height, header.interlaced);
    pixels::check_size(u64::from(width), u64::from(height), header.bits_per_pixel() as u64, limits)?;
    let mut reader = decoder.read_info().map_err(|_| refuse::damaged("the PNG has no picture"))?;
    let (colour, _) = reader.output_color_type();
    let (w, h) = (width as usize, height as usize);
    let mut sink = Shrink::new(w, h, limits.long_side_px_max);
    let broken = |rows: usize| refuse::damaged(format!("the PNG breaks off after {rows} of {height} rows"));

    if interlaced {
        // Seven passes over the picture: it has to be held whole.
        let size = reader.output_buffer_size().unwrap_or(usize::MAX);
        if size as u64 > limits.memory_bytes_max {
            return Err(refuse::too_much_memory(u64::from(width), u64::from(height), size as u64, limits.memory_bytes_max));
        }
        let mut whole = vec![0; size];
        reader.next_frame(&mut whole).map_err(|_| refuse::damaged("the interlaced PNG breaks off"))?;
        let mut row = vec![0; w];
        for samples in whole.chunks_exact(w * colour.samples()) {
            grey_row(samples, colour, &mut row);
            sink.push(&row);
        }
    } else {
        let mut row = vec![0; w];
        while sink.rows() < h {
            let samples = reader.next_row().map_err(|_| broken(sink.rows()))?.ok_or_else(|| broken(sink.rows()))?;
            grey_row(samples.data(), colour, &mut row);
            sink.push(&row);
        }
    }

    let stated =
        reader.info().pixel_dims.filter(|dims| dims.unit == png::Unit::Meter).map(|dims| (f64::from(dims.xppu) * INCH_M, f64::from(dims.yppu) * INCH_M));
    let (x, y) = pixels::believable_dpi(w, h, stated);
    let (pixels, factor) = sink.finish();
    Ok(pixels::page(pixels, (x / factor, y / factor), limits.long_side_px_max))
}

fn grey_row(samples: &[u8], colour: ColorType, row: &mut [u8]) {
    match colour {
        ColorType::Grayscale | ColorType::Indexed => row.copy_from_slice(&samples[..row.len()]),
        ColorType::GrayscaleAlpha => row.iter_mut().zip(samples.as_chunks::<2>().0).for_each(|(grey, &[g, a])| *grey = over_white(g, a)),
        ColorType::Rgb => luma_row(samples, row),
        ColorType::Rgba => row.iter_mut().zip(samples.as_chunks::<4>().0).for_each(|(grey, &[r, g, b, a])| *grey = over_white(luma(r, g, b), a)),
    }
}
