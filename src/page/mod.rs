//! From bytes to pages: PDF, TIFF, PNG, JPEG and plain text become grey page images with their resolution, one page at a time.
//!
//! [`open`] tells the kind by the first bytes alone, counts the pages, and refuses what is locked, broken, too long or too large before
//! anything is drawn; [`Source::page`] then delivers one page and keeps nothing of the page before. A scan is handed out as the scanner
//! made it (its own pixels, turned upright, never resampled unless it is larger than [`Limits::long_side_px_max`] or its pixels are not
//! square); a born-digital PDF page is drawn at [`Limits::render_dpi`] and brings its text layer, unless a glyph on it says nothing, or
//! pictures cover so much of it that they may hold text: then there is no layer, and the page is left to the recogniser whole.
//!
//! The room relies on hayro for the content of PDFs and lopdf for their structure, on tiff, png, image and jpeg-decoder for pictures.
//! Their panics are caught here and become refusals. What cannot be caught is a stack that overflows or memory that runs out: the
//! decoders nest at most 512 objects deep and need 8 MiB of stack for that, and the process that calls this must have its own bound on memory and
//! time. Nothing here opens a file, a socket or a thread, but for one thing: a JPEG longer than [`Limits::long_side_px_max`], or in four inks, is
//! decoded by jpeg-decoder, which starts one thread for each colour component and refuses the picture where it may not.
//!
//! The other way round, [`Grey::to_png`] and [`draw_over`] make pictures for people: a part of a page, and a page with one of our own PDFs drawn over it.
//!
//! It does not straighten skewed pages, find forms or read text from pixels: that is `recognise`.

mod fax;
mod jpeg;
mod media;
mod over;
mod pdf;
mod pixels;
mod png;
mod refuse;
mod text;
mod tiff;

pub use over::{Colour, draw_over};
pub use text::{decode as decode_text, page as layer_of};

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::document::{Media, Refusal};
use crate::record::Confidence;

/// What one document may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Pages in a document.
    pub pages_max: u32,
    /// Pixels in one picture as it is stored, before it is shrunk.
    pub pixels_max: u64,
    /// Bytes of one picture as it is stored, decompressed, before it is shrunk.
    pub decoded_bytes_max: u64,
    /// Pixels on the long side of a delivered page; a larger one is averaged down by a whole factor.
    pub long_side_px_max: u32,
    /// Bytes that may be held at once while one picture is decoded. A picture that can be decoded row by row passes however large it is.
    pub memory_bytes_max: u64,
    /// Bytes that one stream of a PDF (other than a picture) may decompress to.
    pub stream_bytes_max: u64,
    /// Dots per inch at which born-digital PDF pages are drawn.
    pub render_dpi: u32,
}

impl Default for Limits {
    /// 200 pages, a gigapixel or 16 GiB a picture, 5000 px on the long side (A4 at 427 dpi), 256 MiB at once, 64 MiB a stream, 300 dpi.
    fn default() -> Self {
        Self {
            pages_max: 200,
            pixels_max: 1_000_000_000,
            decoded_bytes_max: 16 << 30,
            long_side_px_max: 5000,
            memory_bytes_max: 256 << 20,
            stream_bytes_max: 64 << 20,
            render_dpi: 300,
        }
    }
}

/// An opened document.
pub struct Source {
    kind: Kind,
    limits: Limits,
}

enum Kind {
    Pdf(Box<pdf::PdfFile>),
    Tiff(Box<tiff::TiffFile>),
    Png(Vec<u8>),
    Jpeg(Vec<u8>),
    Text(Vec<TextLayer>),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Source({}, {} pages)", self.media(), self.page_count())
    }
}

/// Makes ready what cannot be made later, when the process may start no thread: the JPEG decoder hands its rows to a pool of workers, and the calling
/// thread becomes that pool's only worker. Call it once, on the thread that will read, before anything is read.
pub fn warm_up() {
    // A second call finds the pool made already.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
}

/// Tells what `bytes` are and counts their pages.
///
/// # Errors
/// A [`Refusal`] that is final for these bytes: empty, of a kind that is not read (named, where it is a known one), locked with a
/// password, damaged, or past one of the `limits` that can be told before a page is decoded.
pub fn open(bytes: Vec<u8>, limits: &Limits) -> Result<Source, Refusal> {
    let limits = Limits { long_side_px_max: limits.long_side_px_max.clamp(1, 32_000), ..*limits };
    if bytes.is_empty() {
        return Err(refuse::empty());
    }
    let media = media::recognise(&bytes)?;
    guarded(media, || {
        let kind = match media {
            Media::Pdf => Kind::Pdf(Box::new(pdf::PdfFile::open(bytes, &limits)?)),
            Media::Tiff => Kind::Tiff(Box::new(tiff::TiffFile::open(bytes, &limits)?)),
            Media::Png => Kind::Png(bytes),
            Media::Jpeg => Kind::Jpeg(bytes),
            Media::Text => Kind::Text(text::pages(&bytes)?),
        };
        let source = Source { kind, limits };
        if source.page_count() > limits.pages_max {
            return Err(refuse::too_many_pages(u64::from(source.page_count()), limits.pages_max));
        }
        Ok(source)
    })
}

impl Source {
    /// What the bytes are.
    #[must_use]
    pub fn media(&self) -> Media {
        match self.kind {
            Kind::Pdf(_) => Media::Pdf,
            Kind::Tiff(_) => Media::Tiff,
            Kind::Png(_) => Media::Png,
            Kind::Jpeg(_) => Media::Jpeg,
            Kind::Text(_) => Media::Text,
        }
    }

    /// How many pages there are; at least 1.
    #[must_use]
    pub fn page_count(&self) -> u32 {
        let count = match &self.kind {
            Kind::Pdf(file) => file.page_count(),
            Kind::Tiff(file) => file.page_count(),
            Kind::Png(_) | Kind::Jpeg(_) => 1,
            Kind::Text(pages) => pages.len(),
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Decodes or draws page `number`, counted from 1.
    ///
    /// # Errors
    /// When the page is damaged, or larger than the limits; or when there is no such page.
    pub fn page(&mut self, number: u32) -> Result<Page, Refusal> {
        if number == 0 || number > self.page_count() {
            return Err(refuse::no_such_page(number, self.page_count()));
        }
        let (media, limits) = (self.media(), self.limits);
        let index = number as usize - 1;
        guarded(media, || {
            let (raster, text) = match &mut self.kind {
                Kind::Pdf(file) => file.page(index, &limits)?,
                Kind::Tiff(file) => (Some(file.page(index, &limits)?), None),
                Kind::Png(bytes) => (Some(png::decode(bytes, &limits)?), None),
                Kind::Jpeg(bytes) => (Some(jpeg::decode(bytes, &limits)?), None),
                Kind::Text(pages) => (None, pages.get(index).cloned()),
            };
            Ok(Page { number, raster, text })
        })
    }
}

/// Runs `work`; a panic in a decoder becomes a refusal. Its message is dropped: it may quote the document.
fn guarded<T>(media: Media, work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(refuse::damaged(format!("the {media} breaks its decoder"))))
}

/// An 8-bit grey image, row by row from the top; 0 is black.
#[derive(Clone)]
pub struct Grey {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// `width * height` bytes.
    pub data: Vec<u8>,
    /// Dots per inch, as the file says or as follows from an A4 page.
    pub dpi: f64,
}

impl std::fmt::Debug for Grey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grey({}x{} px at {:.0} dpi)", self.width, self.height, self.dpi)
    }
}

/// One page.
#[derive(Debug)]
pub struct Page {
    /// From 1.
    pub number: u32,
    /// The picture; none for plain text.
    pub raster: Option<Grey>,
    /// The text layer of a born-digital PDF, or the page of a text file. None for a scan (an OCR layer that a scanner added is not trusted).
    pub text: Option<TextLayer>,
}

/// Text with its place on the page.
#[derive(Clone, Default)]
pub struct TextLayer {
    /// From top to bottom.
    pub lines: Vec<TextLine>,
}

impl std::fmt::Debug for TextLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TextLayer({} lines)", self.lines.len())
    }
}

/// One line of text.
#[derive(Clone, Default)]
pub struct TextLine {
    /// From left to right.
    pub words: Vec<TextWord>,
    /// Whether white space above it starts a new paragraph.
    pub starts_paragraph: bool,
}

/// One word.
#[derive(Clone)]
pub struct TextWord {
    /// The characters.
    pub text: String,
    /// Left, top, right, bottom in pixels of the raster; zeros when there is none.
    pub rect_px: [i32; 4],
    /// How sure the reading is; certain in a text layer.
    pub confidence: Confidence,
}
