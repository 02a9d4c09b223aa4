//! Paper: text, lines and boxes in millimetres become a PDF that can be kept for good.
//!
//! Two ways in. A blank form is drawn mark by mark on a [`Sheet`] and bound into a [`Document`] (PDF/A-2b). A letter is written as
//! blocks on a [`LetterSheet`], which breaks lines and pages, numbers the pages and tags everything for screen readers (PDF/A-2a and
//! PDF/UA-1, ISO 19005-2 and ISO 14289-1). Both are checked against their standard by the PDF library before a byte is handed out, and
//! both give the same bytes for the same input: the only time in the file is the `created` they are given.
//!
//! All text is vector text in an embedded font, laid out by the font's own widths without kerning, so that what was measured is what is
//! drawn. A character that the font lacks is an error that names its code point, never an empty box. There are no pictures, no links,
//! no hyphenation and no right-to-left script here.

mod compose;
mod fonts;
mod layout;
mod letter;
mod metrics;
mod sheet;

pub use fonts::Fonts;
pub use letter::{Align, Block, Column, LetterSheet, Letterhead, PageWords, Table};
pub use sheet::{Document, Paint, Sheet};

/// Width of A4 in millimetres.
pub const A4_WIDTH_MM: f64 = 210.0;
/// Height of A4 in millimetres.
pub const A4_HEIGHT_MM: f64 = 297.0;

/// Points in a millimetre: 72 points are an inch, and an inch is 25.4 mm.
const PT_PER_MM: f64 = 72.0 / 25.4;

/// Why something could not be put on paper. Trying again does not help: the text, the layout or the machine's fonts have to change.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PaperError {
    /// None of the folders has a font we know, in regular and bold.
    #[error(
        "no text font in {folders}\ninstall the Debian package fonts-liberation2 or fonts-dejavu-core, or name a folder that has LiberationSans-Regular.ttf and LiberationSans-Bold.ttf"
    )]
    NoFont {
        /// The folders that were searched.
        folders: String,
    },
    /// A font file is there, but is not a font we can use.
    #[error("font file {file} cannot be used: {why}\nreinstall the Debian package fonts-liberation2, or name another font folder")]
    BadFont {
        /// The font file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// The font has no picture for a character.
    #[error("the font has no glyph for U+{code_point:04X}\nreplace the character, or name a font folder whose font has it")]
    NoGlyph {
        /// The character's code point. The text around it is not told.
        code_point: u32,
    },
    /// Something does not fit where it should stand.
    #[error("{what} needs {needed_mm:.1} mm; the limit is {limit_mm:.1} mm\nshorten the text")]
    TooLarge {
        /// What does not fit.
        what: &'static str,
        /// The room it needs.
        needed_mm: f64,
        /// The room there is.
        limit_mm: f64,
    },
    /// A coordinate or size that no page has.
    #[error("{what} has a size or place that is not on paper\ncheck the layout's numbers")]
    Geometry {
        /// What was to be drawn.
        what: &'static str,
    },
    /// A table whose rows have another number of cells than it has columns.
    #[error("a table of {columns} columns has a row of {cells} cells\ngive every row one cell a column")]
    Cells {
        /// Columns declared.
        columns: usize,
        /// Cells found.
        cells: usize,
    },
    /// The PDF library found that the document breaks the standard it should keep.
    #[error("the document does not keep its standard: {why}\nthis is a fault in the layout; report it with the letter's or form's name")]
    Standard {
        /// The kinds of fault, without the text they are in.
        why: String,
    },
}

fn pt(mm: f64) -> f32 {
    narrow(mm * PT_PER_MM)
}

/// PDF coordinates are single precision.
#[expect(clippy::cast_possible_truncation, reason = "page coordinates are far below the precision of f32")]
fn narrow(value: f64) -> f32 {
    value as f32
}
