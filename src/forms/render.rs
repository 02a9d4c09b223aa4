//! Draws a page of a form on a canvas: what is printed, the outlines of the zones, the marks and the page code.
//!
//! The outlines are thin and black, not grey. A laser printer makes grey of dots, and a scanner that keeps two tones (G4) turns the dots
//! into specks that are neither line nor paper; a solid line of 0.2 mm comes back as a line two pixels wide at 300 dpi, always in the
//! same place, and the reader takes it out by its place. Nothing else on the page is grey either.

use qrcode::{Color, EcLevel, QrCode};

use super::definition::{Form, PageLayout, Print, Zone, ZoneKind};
use crate::record::RectMm;

/// The line around combs, lines and larger boxes, mm.
const OUTLINE: f64 = 0.2;
/// The line around a box to mark, mm: heavier, so that the box is seen as one thing.
const BOX_OUTLINE: f64 = 0.25;
/// A thin rule, mm.
const RULE: f64 = 0.2;
/// Black.
const INK: u8 = 0;

/// Something to draw on, in millimetres from the page's top left. Grey is 0 (black) to 255 (white).
pub trait Canvas {
    /// Black text from a left edge and a baseline.
    fn text(&mut self, x: f64, y_baseline: f64, size_pt: f64, bold: bool, text: &str);
    /// Rectangles filled as one shape, without hairlines where they touch.
    fn fill_rects(&mut self, rects: &[RectMm], grey: u8);
    /// The outline of a rectangle; the line is centred on its edges.
    fn stroke_rect(&mut self, rect: RectMm, width_mm: f64, grey: u8);
    /// A straight line.
    fn line(&mut self, from: [f64; 2], to: [f64; 2], width_mm: f64, grey: u8);
}

/// Why a blank cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlankError {
    /// No labels in that language.
    #[error("the form `{form}` has no labels in `{language}`\nchoose one of: {known}")]
    Language {
        /// The form.
        form: String,
        /// The language that was asked for.
        language: String,
        /// The languages it has.
        known: String,
    },
    /// The form is another body's.
    #[error("the form `{form}` is another body's paper, and only its zones are known\nget the blank from that body")]
    Foreign {
        /// The form.
        form: String,
    },
    /// The page code is too long for any QR code. No form that was loaded has such a name.
    #[error("the page code of `{form}` does not fit a QR code\ngive the form a shorter name")]
    Code {
        /// The form.
        form: String,
    },
}

/// Draws page `page` of the blank in `language`.
///
/// # Errors
/// When the form has no such language, or is not our own blank.
pub fn draw(form: &Form, page: &PageLayout, language: &str, canvas: &mut dyn Canvas) -> Result<(), BlankError> {
    if !form.languages.iter().any(|known| known == language) {
        return Err(BlankError::Language { form: form.name.clone(), language: language.to_owned(), known: form.languages.join(", ") });
    }
    let Some(code) = page.code else { return Err(BlankError::Foreign { form: form.name.clone() }) };
    canvas.fill_rects(&page.fiducials, INK);
    let modules = modules(&form.page_code(page.number, language).to_string(), code).ok_or_else(|| BlankError::Code { form: form.name.clone() })?;
    canvas.fill_rects(&modules, INK);
    page.print.iter().for_each(|print| print_one(print, language, canvas));
    form.zones_on(page.number).for_each(|(_, zone)| outline(zone, canvas));
    Ok(())
}

fn print_one(print: &Print, language: &str, canvas: &mut dyn Canvas) {
    match print {
        Print::Text { x, y, size_pt, bold, text } => {
            let text = text.get(language);
            if !text.is_empty() {
                canvas.text(*x, *y, *size_pt, *bold, text);
            }
        }
        Print::Band { rect, grey } => canvas.fill_rects(&[*rect], byte(*grey)),
        Print::Line { x, y, w } => canvas.line([*x, *y], [x + w, *y], RULE, INK),
    }
}

fn outline(zone: &Zone, canvas: &mut dyn Canvas) {
    let width = if zone.kind == ZoneKind::Checkbox { BOX_OUTLINE } else { OUTLINE };
    canvas.stroke_rect(zone.rect, width, INK);
    for cell in zone.cells.iter().skip(1) {
        canvas.line([cell.x(), cell.y()], [cell.x(), cell.y() + cell.h()], OUTLINE, INK);
    }
}

/// The dark modules of the code as rectangles, one for each run of them in a row. None when the text fits no code.
fn modules(text: &str, square: RectMm) -> Option<Vec<RectMm>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::Q).ok()?;
    let (width, colours) = (code.width(), code.to_colors());
    let module = square.w() / f64::from(u32::try_from(width).ok()?);
    let mut rects = Vec::new();
    for (row, y) in colours.chunks(width).zip(0_u32..) {
        let (mut x, mut cells) = (0_u32, row);
        while let Some(first) = cells.first() {
            let run = cells.iter().take_while(|cell| *cell == first).count();
            let length = u32::try_from(run).ok()?;
            if *first == Color::Dark {
                rects.push(RectMm::new(square.x() + f64::from(x) * module, square.y() + f64::from(y) * module, f64::from(length) * module, module));
            }
            (x, cells) = (x + length, &cells[run..]);
        }
    }
    Some(rects)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte's range")]
fn byte(grey: f64) -> u8 {
    (grey.clamp(0.0, 1.0) * 255.0).round() as u8
}
