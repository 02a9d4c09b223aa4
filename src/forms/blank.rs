//! The blank of a form as a PDF: every page drawn on a sheet of paper.

use super::definition::Form;
use super::render::{BlankError, Canvas, draw};
use crate::clock::Timestamp;
use crate::paper::{Document, Fonts, PaperError, Sheet};
use crate::record::RectMm;

/// Why a blank cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The form has no blank in that language.
    #[error(transparent)]
    Blank(#[from] BlankError),
    /// It does not go on paper.
    #[error(transparent)]
    Paper(#[from] PaperError),
}

/// The blank in `language`, as PDF/A. The same form at the same `created` gives the same bytes.
///
/// # Errors
/// When the form has no labels in that language, is not our own blank, or has a character the font lacks.
pub fn render(form: &Form, language: &str, fonts: &Fonts, created: Timestamp) -> Result<Vec<u8>, RenderError> {
    let sheets = form.pages.iter().map(|page| {
        let mut sheet = Sheet::a4();
        draw(form, page, language, &mut sheet).map(|()| sheet)
    });
    let document = Document {
        title: form.title.get(language).to_owned(),
        language: language.to_owned(),
        author: form.printed_id.clone(),
        created,
        sheets: sheets.collect::<Result<_, _>>()?,
    };
    Ok(document.pdf(fonts)?)
}

impl Canvas for Sheet {
    fn text(&mut self, x: f64, y_baseline: f64, size_pt: f64, bold: bool, text: &str) {
        Self::text(self, x, y_baseline, size_pt, bold, text);
    }
    fn fill_rects(&mut self, rects: &[RectMm], grey: u8) {
        Self::fill_rects(self, rects.to_vec(), grey);
    }
    fn stroke_rect(&mut self, rect: RectMm, width_mm: f64, grey: u8) {
        Self::stroke_rect(self, rect, width_mm, grey);
    }
    fn line(&mut self, from: [f64; 2], to: [f64; 2], width_mm: f64, grey: u8) {
        Self::line(self, from, to, width_mm, grey);
    }
}
