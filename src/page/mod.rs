//! From bytes to pages: PDF, TIFF, PNG, JPEG and plain text become grey page images with their resolution, one page at a time.

use crate::record::Confidence;

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
