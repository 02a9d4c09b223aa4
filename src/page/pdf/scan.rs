//! The picture of a scanned page: its cost before it is decoded, its decoding at its own resolution, and its way upright.

use hayro::hayro_interpret::color::AlphaColor;
use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::hayro_syntax::Filter;
use hayro::hayro_interpret::hayro_syntax::object::dict::keys::{
    BITS_PER_COMPONENT, BLACK_IS_1, COLORSPACE, COLUMNS, DECODE, DECODE_PARMS, ENCODED_BYTE_ALIGN, END_OF_BLOCK, END_OF_LINE, K, MASK, N, SMASK,
};
use hayro::hayro_interpret::hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro::hayro_interpret::hayro_syntax::page::Page as PdfPage;
use hayro::hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps, Paint, RasterImage, SoftMask};
use hayro::kurbo::{BezPath, Rect};

use super::super::fax::{self, Coding, EncodingMode};
use super::super::jpeg;
use super::super::pixels::{self, Pixels, Shrink, Turn, luma, luma_row, over_white, real, whole};
use super::super::{Grey, Limits, refuse};
use super::sight::{self, Picture};
use super::{POINTS_PER_INCH, bombs};
use crate::document::Refusal;

/// How a picture can be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cost {
    /// Whole, within the bound on memory.
    Fits,
    /// Only row by row or at a smaller scale: as a scan, not as part of a drawing.
    OnlyShrunk,
}

/// What decoding the picture in `stream` would cost, by its dictionary and the header inside it; its masks included.
///
/// # Errors
/// When it is past the limits in any way it could be decoded.
pub(super) fn cost(stream: &Stream<'_>, width: u32, height: u32, limits: &Limits) -> Result<Cost, Refusal> {
    for key in [SMASK, MASK] {
        if let Some(mask) = stream.dict().get::<Stream<'_>>(key) {
            let size = |key: &[u8]| mask.dict().get::<u32>(key).unwrap_or(0);
            own_cost(&mask, size(b"Width"), size(b"Height"), limits)?;
        }
    }
    own_cost(stream, width, height, limits)
}

fn own_cost(stream: &Stream<'_>, width: u32, height: u32, limits: &Limits) -> Result<Cost, Refusal> {
    let filters = stream.filters();
    let raw = stream.raw_data();
    let form = Form::of(stream);
    // The header inside is what the decoder allocates by, whatever the dictionary says.
    let inner = match filters.as_slice() {
        [Filter::JpxDecode] => jpx_size(&raw).map(|jpx| (jpx.width, jpx.height)),
        [Filter::Jbig2Decode] => jbig2_size(&raw),
        _ => None,
    };
    let (width, height) = inner.map_or((width, height), |(inner_width, inner_height)| (inner_width.max(width), inner_height.max(height)));
    let (w, h) = (u64::from(width), u64::from(height));
    pixels::check_size(w, h, form.components * form.bits, limits)?;
    let packed = filters.iter().any(|filter| matches!(filter, Filter::FlateDecode | Filter::LzwDecode | Filter::RunLengthDecode | Filter::Ascii85Decode));
    if packed && bombs::unpacks_past(&raw, lopdf_filters(&filters), limits.memory_bytes_max) {
        return Err(refuse::too_large(format!(
            "a picture of the PDF unpacks to more than {} bytes; the limit is {}",
            limits.memory_bytes_max, limits.memory_bytes_max
        )));
    }
    let shrink = u64::from(jpx_shrink(&raw, &filters, limits).unwrap_or(1));
    let area = w.div_ceil(shrink) * h.div_ceil(shrink);
    // JPEG 2000 is decoded in 32-bit numbers.
    let wide = if filters.contains(&Filter::JpxDecode) { 4 } else { 0 };
    let bytes = area * (form.components * (1 + wide) + if form.components == 1 { 1 } else { 3 });
    if bytes <= limits.memory_bytes_max {
        return Ok(Cost::Fits);
    }
    if form.is_simple && matches!(filters.as_slice(), [Filter::CcittFaxDecode | Filter::DctDecode]) {
        return Ok(Cost::OnlyShrunk);
    }
    Err(refuse::too_much_memory(w, h, bytes, limits.memory_bytes_max))
}

/// Whether the stream is a JPEG without its end mark.
pub(super) fn lacks_end(stream: &Stream<'_>) -> bool {
    stream.filters().as_slice() == [Filter::DctDecode] && !stream.raw_data().windows(2).rev().take(64).any(|pair| pair == [0xff, 0xd9])
}

/// How the picture lies on the page, if along its sides, and its resolution across and down the page.
pub(super) fn turn(picture: &Picture) -> Option<(Turn, (f64, f64))> {
    let [a, b, c, d, ..] = picture.transform.as_coeffs();
    let straight = |along: f64, across: f64| along.is_finite() && along != 0.0 && picture.is_straight(along, across);
    let dpi = |points: f64| POINTS_PER_INCH / points.abs();
    if straight(a, b) && straight(d, c) {
        Some((Turn { transpose: false, flip_x: a < 0.0, flip_y: d < 0.0 }, (dpi(a), dpi(d))))
    } else if straight(c, a) && straight(b, d) {
        Some((Turn { transpose: true, flip_x: c < 0.0, flip_y: b < 0.0 }, (dpi(c), dpi(b))))
    } else {
        None
    }
}

/// Decodes the picture that is the page.
pub(super) fn decode(page: &PdfPage<'_>, picture: &Picture, limits: &Limits) -> Result<Grey, Refusal> {
    let mut fetch = Fetch { wanted: picture.index, seen: 0, limits, found: None };
    sight::interpret(page, &mut fetch);
    let pixels = fetch.found.unwrap_or_else(|| Err(broken()))?;
    let (turn, stated) = turn(picture).ok_or_else(broken)?;
    let (width, height) = (picture.width as usize, picture.height as usize);
    let shrunk = (real(pixels.width) / real(width), real(pixels.height) / real(height));
    let (shrunk, (width, height)) = if turn.transpose { ((shrunk.1, shrunk.0), (height, width)) } else { (shrunk, (width, height)) };
    let (x, y) = pixels::believable_dpi(width, height, Some(stated));
    let pixels = turn.apply(crop_to_shown(pixels, picture));
    Ok(pixels::page(pixels, (x * shrunk.0, y * shrunk.1), limits.long_side_px_max))
}

fn broken() -> Refusal {
    refuse::damaged("the picture of the page does not decode")
}

/// Leaves out what the page's box or a clip hides, if that is more than a sliver.
fn crop_to_shown(pixels: Pixels, picture: &Picture) -> Pixels {
    let inside = picture.transform.inverse().transform_rect_bbox(picture.shown);
    let (x, y) = (real(pixels.width) / f64::from(picture.width), real(pixels.height) / f64::from(picture.height));
    let (left, top) = (whole(inside.x0 * x), whole(inside.y0 * y));
    let (right, bottom) = (whole(inside.x1 * x).min(pixels.width), whole(inside.y1 * y).min(pixels.height));
    let hidden = pixels.width * pixels.height - right.saturating_sub(left) * bottom.saturating_sub(top);
    if hidden * 100 <= pixels.width * pixels.height || right <= left || bottom <= top { pixels } else { pixels::crop(&pixels, left, top, right, bottom) }
}

/// Decodes the picture with the wanted number and ignores everything else.
struct Fetch<'l> {
    wanted: usize,
    seen: usize,
    limits: &'l Limits,
    found: Option<Result<Pixels, Refusal>>,
}

impl<'a> Device<'a> for Fetch<'_> {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn draw_rect(&mut self, _: &Rect, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}

    fn draw_image(&mut self, image: Image<'a, '_>, _: ImageDrawProps<'a>) {
        if self.seen == self.wanted {
            self.found = Some(match &image {
                Image::Raster(raster) => picture(raster, self.limits),
                Image::Stencil(stencil) => {
                    let mut pixels = Err(broken());
                    stencil.with_stencil(|mask, paint| pixels = stencilled(&mask.data, mask.width, mask.height, paint, self.limits), None);
                    pixels
                }
            });
        }
        self.seen += 1;
    }
}

fn picture(raster: &RasterImage<'_>, limits: &Limits) -> Result<Pixels, Refusal> {
    let stream = raster.stream();
    let filters = stream.filters();
    let form = Form::of(stream);
    if let ([Filter::CcittFaxDecode], Some(coding)) = (filters.as_slice(), Coding::of(stream, raster.width(), raster.height())) {
        let mut sink = Shrink::new(raster.width() as usize, raster.height() as usize, limits.long_side_px_max);
        fax::decode(&stream.raw_data(), &coding, &mut sink)?;
        return Ok(sink.finish().0);
    }
    let large = pixels::factor(raster.width() as usize, raster.height() as usize, limits.long_side_px_max) > 1;
    if filters.as_slice() == [Filter::DctDecode] && large && form.is_simple {
        let raw = stream.raw_data();
        let header = jpeg::Header::read(&raw).filter(|header| u64::from(header.components) == form.components);
        if let Some(header) = header {
            return jpeg::decode_pixels(&raw, &header, limits).map(|(pixels, _)| pixels);
        }
    }
    if cost(stream, raster.width(), raster.height(), limits)? == Cost::OnlyShrunk {
        return Err(broken());
    }
    let target = jpx_shrink(&stream.raw_data(), &filters, limits).map(|shrink| (raster.width().div_ceil(shrink), raster.height().div_ceil(shrink)));
    // Packed samples tell by their number whether rows are missing; the coded formats do not.
    let counted = filters.iter().all(|filter| !matches!(filter, Filter::DctDecode | Filter::JpxDecode | Filter::Jbig2Decode | Filter::CcittFaxDecode));
    let rows = raster.height();
    let mut pixels = Err(broken());
    raster.with_rgba(
        |image, _| {
            pixels = if counted && u64::from(image.height()) * 100 < u64::from(rows) * 99 {
                Err(refuse::damaged(format!("the picture of the page breaks off after {} of {rows} rows", image.height())))
            } else {
                Ok(grey(image, counted.then_some(rows), limits))
            };
        },
        target,
    );
    pixels
}

/// `rows`: the height it should have; what little is missing stays white.
fn grey(image: ImageData, rows: Option<u32>, limits: &Limits) -> Pixels {
    let (width, height) = (image.width() as usize, rows.unwrap_or(image.height()) as usize);
    match image {
        ImageData::Luma(luma) if luma.height as usize == height && pixels::factor(width, height, limits.long_side_px_max) == 1 => {
            Pixels { width, height, data: luma.data }
        }
        ImageData::Luma(luma) => {
            let mut sink = Shrink::new(width, height, limits.long_side_px_max);
            luma.data.chunks_exact(width).for_each(|row| sink.push(row));
            sink.finish().0
        }
        ImageData::Rgb(rgb) => {
            let mut sink = Shrink::new(width, height, limits.long_side_px_max);
            let mut row = vec![0; width];
            for line in rgb.data.chunks_exact(width * 3) {
                luma_row(line, &mut row);
                sink.push(&row);
            }
            sink.finish().0
        }
    }
}

/// A mask through which paint falls on white paper.
fn stencilled(mask: &[u8], width: u32, height: u32, paint: &Paint<'_>, limits: &Limits) -> Result<Pixels, Refusal> {
    if width == 0 || height == 0 {
        return Err(broken());
    }
    let colour = match paint {
        Paint::Color(colour) => colour.to_rgba(),
        // A pattern is drawn as if it were black: it is ink.
        Paint::Pattern(_) => AlphaColor::BLACK,
    };
    let [red, green, blue, alpha] = colour.to_rgba8();
    let painted = over_white(luma(red, green, blue), alpha);
    let tones: Vec<u8> = (0..=255).map(|cover| over_white(painted, cover)).collect();
    let mut sink = Shrink::new(width as usize, height as usize, limits.long_side_px_max);
    let mut row = vec![0; width as usize];
    for line in mask.chunks_exact(width as usize) {
        row.iter_mut().zip(line).for_each(|(grey, &cover)| *grey = tones[usize::from(cover)]);
        sink.push(&row);
    }
    Ok(sink.finish().0)
}

/// What the dictionary of a picture says of its samples.
struct Form {
    /// Four if it is not plain to see.
    components: u64,
    bits: u64,
    /// Grey or RGB as they are, so that a decoder of ours needs no colour management.
    is_simple: bool,
}

impl Form {
    fn of(stream: &Stream<'_>) -> Self {
        let dict = stream.dict();
        let stencil = dict.get::<bool>(b"ImageMask").unwrap_or(false);
        let bits = u64::from(dict.get::<u8>(BITS_PER_COMPONENT).unwrap_or(if stencil { 1 } else { 8 })).clamp(1, 16);
        let fax = stream.filters().contains(&Filter::CcittFaxDecode);
        let components = match dict.get::<Object<'_>>(COLORSPACE) {
            _ if stencil => Some(1),
            None if fax => Some(1),
            Some(Object::Name(name)) => named_components(&name),
            Some(Object::Array(array)) => array_components(&array),
            _ => None,
        };
        let decodes = dict.contains_key(DECODE) && !fax;
        let masked = dict.contains_key(SMASK) || dict.contains_key(MASK);
        Self { components: components.unwrap_or(4), bits, is_simple: matches!(components, Some(1 | 3)) && !decodes && !masked && !stencil }
    }
}

fn named_components(name: &Name<'_>) -> Option<u64> {
    match &**name {
        b"DeviceGray" | b"CalGray" | b"G" => Some(1),
        b"DeviceRGB" | b"CalRGB" | b"RGB" => Some(3),
        _ => None,
    }
}

fn array_components(array: &Array<'_>) -> Option<u64> {
    let mut parts = array.flex_iter();
    let family = parts.next::<Name<'_>>()?;
    match &*family {
        b"ICCBased" => parts.next::<Stream<'_>>()?.dict().get::<u8>(N).map(u64::from).filter(|components| matches!(components, 1 | 3)),
        b"CalGray" => Some(1),
        b"CalRGB" => Some(3),
        _ => None,
    }
}

impl Coding {
    /// The coding of a picture of grey fax samples whose columns are its width.
    fn of(stream: &Stream<'_>, width: u32, height: u32) -> Option<Self> {
        let form = Form::of(stream);
        let dict = stream.dict();
        let parameters = dict
            .get::<Dict<'_>>(DECODE_PARMS)
            .or_else(|| dict.get::<Array<'_>>(DECODE_PARMS).and_then(|array| array.iter::<Dict<'_>>().next()))
            .unwrap_or_default();
        let flag = |key: &[u8], default| parameters.get::<bool>(key).unwrap_or(default);
        let columns = parameters.get::<u32>(COLUMNS).unwrap_or(1728);
        if form.components != 1 || !form.is_simple || columns != width {
            return None;
        }
        let (low, high) = match dict.get::<Array<'_>>(DECODE) {
            None => (0.0, 1.0),
            Some(array) => array.iter::<(f32, f32)>().next()?,
        };
        let tone = |sample: f32| u8::try_from(whole(f64::from(sample.clamp(0.0, 1.0)) * 255.0)).unwrap_or(u8::MAX);
        let black_is_1 = flag(BLACK_IS_1, false);
        let (white, black) = if black_is_1 { (low, high) } else { (high, low) };
        let k = parameters.get::<i32>(K).unwrap_or(0);
        Some(Self {
            columns,
            rows: height,
            mode: match k {
                ..0 => EncodingMode::Group4,
                0 => EncodingMode::Group3_1D,
                _ => EncodingMode::Group3_2D,
            },
            end_of_line: flag(END_OF_LINE, false),
            end_of_block: flag(END_OF_BLOCK, true),
            byte_aligned: flag(ENCODED_BYTE_ALIGN, false),
            white: tone(white),
            black: tone(black),
        })
    }
}

fn lopdf_filters(filters: &[Filter]) -> lopdf::Dictionary {
    let names = filters.iter().map_while(|filter| {
        Some(lopdf::Object::Name(match filter {
            Filter::FlateDecode => b"FlateDecode".to_vec(),
            Filter::LzwDecode => b"LZWDecode".to_vec(),
            Filter::RunLengthDecode => b"RunLengthDecode".to_vec(),
            Filter::Ascii85Decode => b"ASCII85Decode".to_vec(),
            Filter::AsciiHexDecode => b"ASCIIHexDecode".to_vec(),
            _ => return None,
        }))
    });
    let mut dictionary = lopdf::Dictionary::new();
    dictionary.set("Filter", lopdf::Object::Array(names.collect()));
    dictionary
}

/// The size in a JPEG 2000 codestream, and how often it can be halved.
struct Jpx {
    width: u32,
    height: u32,
    components: u16,
    halvings: u8,
}

/// From the SIZ and COD markers (ISO/IEC 15444-1, A.5.1 and A.6.1).
fn jpx_size(data: &[u8]) -> Option<Jpx> {
    let start = data.windows(4).position(|window| window == b"\xff\x4f\xff\x51")?;
    let siz = data.get(start + 4..)?;
    let long = |at: usize| siz.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    let width = long(4)?.checked_sub(long(12)?)?;
    let height = long(8)?.checked_sub(long(16)?)?;
    let components = u16::from_be_bytes(siz.get(36..38)?.try_into().ok()?);
    let header = &siz[..siz.len().min(65_536)];
    let halvings = header.windows(2).position(|window| window == b"\xff\x52").and_then(|cod| header.get(cod + 9)).copied().unwrap_or(0).min(32);
    Some(Jpx { width, height, components, halvings })
}

/// By how much to shrink a JPEG 2000 picture while decoding, so that it fits; none for other pictures and for those that fit.
fn jpx_shrink(data: &[u8], filters: &[Filter], limits: &Limits) -> Option<u32> {
    if filters != [Filter::JpxDecode] {
        return None;
    }
    let jpx = jpx_size(data)?;
    let fits = |shrink: u32| {
        let (width, height) = (u64::from(jpx.width.div_ceil(shrink)), u64::from(jpx.height.div_ceil(shrink)));
        width.max(height) < u64::from(limits.long_side_px_max) * 2 && width * height * (u64::from(jpx.components) * 5 + 3) <= limits.memory_bytes_max
    };
    (0..=u32::from(jpx.halvings).min(16))
        .map(|halvings| 1 << halvings)
        .find(|&shrink| fits(shrink))
        .or(Some(1 << u32::from(jpx.halvings).min(16)))
        .filter(|&shrink| shrink > 1)
}

/// The size in the page information segment of embedded JBIG2 data (ITU-T T.88, 7.2 and 7.4.8).
fn jbig2_size(data: &[u8]) -> Option<(u32, u32)> {
    let mut at = 0usize;
    loop {
        let long = |at: usize| data.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_be_bytes);
        let number = long(at)?;
        let flags = *data.get(at + 4)?;
        let count = *data.get(at + 5)?;
        let (references, mut next) = if count >> 5 == 7 {
            let references = (long(at + 5)? & 0x1fff_ffff) as usize;
            (references, at + 9 + references.checked_add(8)? / 8)
        } else {
            (usize::from(count >> 5), at + 6)
        };
        let width_of_reference = match number {
            0..=256 => 1,
            257..=65_536 => 2,
            _ => 4,
        };
        next = next.checked_add(references.checked_mul(width_of_reference)?)?;
        next = next.checked_add(if flags & 0x40 == 0 { 1 } else { 4 })?;
        let length = long(next)?;
        let body = next.checked_add(4)?;
        if flags & 0x3f == 48 {
            // A page of unknown height grows by stripes; its width and its stripes bound it.
            return Some((long(body)?, long(body + 4)?)).filter(|&(_, height)| height != u32::MAX);
        }
        at = body.checked_add(length as usize)?;
    }
}
