//! PDF: a scanned page yields the scanner's own pixels, a born-digital one is drawn and brings its text.
//!
//! A page is interpreted once by [`sight`], which draws nothing and writes down what would be seen: pictures, marks and glyphs. That tells
//! a scan ([`scan`]) from a page to draw, and gives [`layer`] its text. Before that, [`bombs`] bounds what the streams decompress to.
//! Encryption that opens without a password (an owner's password only restricts printing and the like) is undone by hayro.

mod bombs;
mod layer;
mod scan;
mod sight;

use hayro::hayro_interpret::hayro_syntax::Pdf;
use hayro::hayro_interpret::hayro_syntax::object::dict::keys::{CONTENTS, COUNT, PAGES, SUBTYPE};
use hayro::hayro_interpret::hayro_syntax::object::{Array, Dict, Name, Stream};
use hayro::hayro_interpret::hayro_syntax::page::Page as PdfPage;
use hayro::hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError};
use hayro::hayro_interpret::{InterpreterSettings, InterpreterWarning};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::pixels::{luma, real, whole};
use super::{Grey, Limits, TextLayer, media, refuse};
use crate::document::Refusal;

pub(super) const POINTS_PER_INCH: f64 = 72.0;
/// Where the end marks of a PDF must stand, counted from its end; mail gateways append a little.
const END_WINDOW: usize = 2048;

/// An opened PDF.
pub(super) struct PdfFile {
    pdf: Pdf,
    /// The end marks are missing: the file was cut, and what is in it may not be all.
    torn: bool,
}

impl PdfFile {
    /// Parses the structure and counts the pages; draws nothing.
    pub(super) fn open(mut bytes: Vec<u8>, limits: &Limits) -> Result<Self, Refusal> {
        if let Some(start @ 1..) = media::pdf_start(&bytes) {
            bytes.drain(..start);
        }
        let torn = is_torn(&bytes);
        let suspects = bombs::suspects(&bytes, limits)?;
        let pdf = Pdf::new(bytes).map_err(|error| match error {
            LoadPdfError::Decryption(DecryptionError::PasswordProtected) => refuse::locked(),
            LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm) => refuse::locked_otherwise(),
            LoadPdfError::Decryption(DecryptionError::MissingIDEntry | DecryptionError::InvalidEncryption) => {
                refuse::damaged("the encryption of the PDF is broken")
            }
            LoadPdfError::Invalid => {
                refuse::damaged(if torn { "the PDF is cut short: its end mark and its pages are missing" } else { "the PDF has no readable page" })
            }
        })?;
        let count = pdf.pages().len();
        if count == 0 {
            return Err(refuse::damaged("the PDF has no page"));
        }
        if count as u64 > u64::from(limits.pages_max) {
            return Err(refuse::too_many_pages(count as u64, limits.pages_max));
        }
        if torn && stated_page_count(&pdf) != i64::try_from(count).ok() {
            return Err(refuse::damaged(format!("the PDF is cut short: {count} pages can be found and more may be lost")));
        }
        suspects.check(limits)?;
        Ok(Self { pdf, torn })
    }

    pub(super) fn page_count(&self) -> usize {
        self.pdf.pages().len()
    }

    /// The picture of a page, and its text if it is born digital.
    pub(super) fn page(&self, index: usize, limits: &Limits) -> Result<(Option<Grey>, Option<TextLayer>), Refusal> {
        let page = &self.pdf.pages()[index];
        check_parts(page, self.torn)?;
        let sight = sight::look(page, limits)?;
        if self.torn && sight.is_blank() {
            return Err(refuse::damaged(format!("the PDF is cut short: page {} has lost its content", index + 1)));
        }
        if let Some(found) = sight.scan() {
            let cut_short = self.torn && found.may_be_cut;
            if cut_short {
                return Err(refuse::damaged(format!("the PDF is cut short: the picture of page {} has no end", index + 1)));
            }
            return Ok((Some(scan::decode(page, &found, limits)?), None));
        }
        if let Some(huge) = sight.too_large_to_draw() {
            let bytes = u64::from(huge.width) * u64::from(huge.height) * 4;
            return Err(refuse::too_much_memory(u64::from(huge.width), u64::from(huge.height), bytes, limits.memory_bytes_max));
        }
        let raster = draw(page, &sight, limits)?;
        let text = sight.readable_glyphs().map(|glyphs| layer::lines(glyphs, raster.dpi / POINTS_PER_INCH));
        Ok((Some(raster), text.filter(|text| !text.lines.is_empty())))
    }
}

fn is_torn(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(END_WINDOW)..];
    let has = |mark: &[u8]| tail.windows(mark.len()).any(|window| window == mark);
    !has(b"%%EOF") && !has(b"startxref")
}

/// How many pages the root of the page tree says there are.
fn stated_page_count(pdf: &Pdf) -> Option<i64> {
    let catalog: Dict<'_> = pdf.xref().get(pdf.xref().root_id())?;
    catalog.get::<Dict<'_>>(PAGES)?.get::<i64>(COUNT)
}

/// Refuses a page whose content is not what it should be, or (in a torn file) lost.
fn check_parts(page: &PdfPage<'_>, torn: bool) -> Result<(), Refusal> {
    let contents: Vec<Stream<'_>> = match page.raw().get::<Stream<'_>>(CONTENTS) {
        Some(stream) => vec![stream],
        None => page.raw().get::<Array<'_>>(CONTENTS).map(|array| array.iter::<Stream<'_>>().collect()).unwrap_or_default(),
    };
    // Pictures are exempt from the bound on streams; content that calls itself a picture is a trap.
    if contents.iter().any(|stream| stream.dict().get::<Name<'_>>(SUBTYPE).is_some_and(|subtype| &*subtype == b"Image")) {
        return Err(refuse::damaged("the content of a page says that it is a picture"));
    }
    if !torn {
        return Ok(());
    }
    let lost_content = contents.is_empty() && page.raw().contains_key(CONTENTS);
    let (objects, fonts) = (&page.resources().x_objects, &page.resources().fonts);
    let lost_object = objects.keys().any(|name| objects.get::<Stream<'_>>(name.as_ref()).is_none());
    let lost_font = fonts.keys().any(|name| fonts.get::<Dict<'_>>(name.as_ref()).is_none());
    if lost_content || lost_object || lost_font {
        return Err(refuse::damaged("the PDF is cut short: parts of a page are missing"));
    }
    Ok(())
}

/// Draws the page at [`Limits::render_dpi`], or at the resolution of its pictures if it is made of pictures alone.
fn draw(page: &PdfPage<'_>, sight: &sight::Sight, limits: &Limits) -> Result<Grey, Refusal> {
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    let dpi = sight.picture_dpi().unwrap_or(f64::from(limits.render_dpi)).min(f64::from(limits.long_side_px_max) * POINTS_PER_INCH / width.max(height));
    let scale = |points: f64| scale_to(points, whole(points * dpi / POINTS_PER_INCH).clamp(1, limits.long_side_px_max as usize));
    let failed = Arc::new(AtomicBool::new(false));
    let sink = Arc::clone(&failed);
    let settings = InterpreterSettings {
        warning_sink: Arc::new(move |warning| {
            if matches!(warning, InterpreterWarning::ImageDecodeFailure) {
                sink.store(true, Ordering::Relaxed);
            }
        }),
        ..InterpreterSettings::default()
    };
    let render = RenderSettings { hinting: false, ..RenderSettings::default() };
    let pixmap =
        hayro::render(page, &RenderCache::new(), &settings, &render, &PixmapSettings { x_scale: scale(width), y_scale: scale(height), bg_color: WHITE });
    // A letter can do without a broken logo; a page that is a picture cannot do without it.
    if failed.load(Ordering::Relaxed) && !sight.has_visible_text() {
        return Err(refuse::damaged("a picture of the page does not decode"));
    }
    let data = pixmap.data().iter().map(|pixel| luma(pixel.r, pixel.g, pixel.b)).collect();
    Ok(Grey { width: usize::from(pixmap.width()), height: usize::from(pixmap.height()), data, dpi })
}

/// The factor that brings `points` to `px` pixels although the product is cut down to a whole number.
#[expect(clippy::cast_possible_truncation, reason = "a drawing scale needs no more digits")]
pub(super) fn scale_to(points: f64, px: usize) -> f32 {
    ((real(px) + 0.01) / points) as f32
}
