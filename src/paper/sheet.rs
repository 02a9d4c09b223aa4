//! The low level: marks at places on a sheet, in millimetres from its top left.

use krilla::color::{luma, rgb};
use krilla::configure::{Archival, Configuration, ConfigurationBuilder};
use krilla::error::KrillaError;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Paint as KrillaPaint, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::{Document as Pdf, SerializeSettings};

use super::{A4_HEIGHT_MM, A4_WIDTH_MM, Fonts, PaperError, narrow, pt};
use crate::clock::{TimeZone, Timestamp};
use crate::record::RectMm;

/// What a mark is drawn in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// 0 (black) to 255 (white).
    Grey(u8),
    /// Red, green and blue, 0 to 255 each, as sRGB.
    Colour([u8; 3]),
}

impl From<Paint> for KrillaPaint {
    fn from(paint: Paint) -> Self {
        match paint {
            Paint::Grey(grey) => luma::Color::new(grey).into(),
            Paint::Colour([red, green, blue]) => rgb::Color::new(red, green, blue).into(),
        }
    }
}

/// One page: marks drawn one over the other, in the order they were put there. Grey is 0 (black) to 255 (white), lengths are
/// millimetres, sizes of text are points.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    width_mm: f64,
    height_mm: f64,
    marks: Vec<Mark>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    Text(Text),
    Fill { rects: Vec<RectMm>, paint: Paint },
    Stroke { rect: RectMm, width_mm: f64, dash_mm: Vec<f64>, paint: Paint },
    Line { from: [f64; 2], to: [f64; 2], width_mm: f64, grey: u8 },
}

/// A line of text at its baseline.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) size_pt: f64,
    pub(super) bold: bool,
    pub(super) paint: Paint,
    pub(super) words: String,
}

impl Sheet {
    /// An empty A4 sheet, upright.
    #[must_use]
    pub fn a4() -> Self {
        Self::new(A4_WIDTH_MM, A4_HEIGHT_MM)
    }

    /// An empty sheet of any size.
    #[must_use]
    pub fn new(width_mm: f64, height_mm: f64) -> Self {
        Self { width_mm, height_mm, marks: Vec::new() }
    }

    /// Black text whose baseline starts at (`x`, `y_baseline`).
    pub fn text(&mut self, x: f64, y_baseline: f64, size_pt: f64, bold: bool, text: &str) -> &mut Self {
        self.text_grey(x, y_baseline, size_pt, bold, 0, text)
    }

    /// Text in a grey.
    pub fn text_grey(&mut self, x: f64, y_baseline: f64, size_pt: f64, bold: bool, grey: u8, text: &str) -> &mut Self {
        self.text_in(x, y_baseline, size_pt, bold, Paint::Grey(grey), text)
    }

    /// Text in a grey or a colour.
    pub fn text_in(&mut self, x: f64, y_baseline: f64, size_pt: f64, bold: bool, paint: Paint, text: &str) -> &mut Self {
        self.marks.push(Mark::Text(Text { x, y: y_baseline, size_pt, bold, paint, words: text.to_owned() }));
        self
    }

    /// A filled rectangle.
    pub fn fill_rect(&mut self, rect: RectMm, grey: u8) -> &mut Self {
        self.fill_rects(vec![rect], grey)
    }

    /// Many rectangles filled as one shape, without hairlines between those that touch: the modules of a matrix code.
    pub fn fill_rects(&mut self, rects: Vec<RectMm>, grey: u8) -> &mut Self {
        self.marks.push(Mark::Fill { rects, paint: Paint::Grey(grey) });
        self
    }

    /// A rectangle filled with a grey or a colour.
    pub fn fill_rect_in(&mut self, rect: RectMm, paint: Paint) -> &mut Self {
        self.marks.push(Mark::Fill { rects: vec![rect], paint });
        self
    }

    /// The outline of a rectangle; the line of `width_mm` is centred on its edges.
    pub fn stroke_rect(&mut self, rect: RectMm, width_mm: f64, grey: u8) -> &mut Self {
        self.stroke_rect_in(rect, width_mm, &[], Paint::Grey(grey))
    }

    /// The outline of a rectangle in a grey or a colour; `dash_mm` is the lengths of its dashes and gaps by turns, and empty for an unbroken line.
    pub fn stroke_rect_in(&mut self, rect: RectMm, width_mm: f64, dash_mm: &[f64], paint: Paint) -> &mut Self {
        self.marks.push(Mark::Stroke { rect, width_mm, dash_mm: dash_mm.to_vec(), paint });
        self
    }

    /// A straight line of `width_mm` with square ends, from one point to another.
    pub fn line(&mut self, from: [f64; 2], to: [f64; 2], width_mm: f64, grey: u8) -> &mut Self {
        self.marks.push(Mark::Line { from, to, width_mm, grey });
        self
    }
}

/// Sheets bound into one PDF.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The title that viewers show.
    pub title: String,
    /// The language of the text, as BCP 47: `nb`, `nn`.
    pub language: String,
    /// Who it is from.
    pub author: String,
    /// The time in the file; the same time gives the same bytes.
    pub created: Timestamp,
    /// The pages, in order.
    pub sheets: Vec<Sheet>,
}

impl Document {
    /// The PDF, checked against PDF/A-2b (ISO 19005-2).
    ///
    /// # Errors
    /// When the font lacks a character, a mark is not on paper, or the standard is not kept.
    pub fn pdf(&self, fonts: &Fonts) -> Result<Vec<u8>, PaperError> {
        let mut pdf = Pdf::new_with(settings(ConfigurationBuilder::new().with_archival_validator(Archival::A2_B))?);
        for sheet in &self.sheets {
            let mut page = pdf.start_page_with(page_settings(sheet.width_mm, sheet.height_mm)?);
            let mut surface = page.surface();
            sheet.marks.iter().try_for_each(|mark| draw(&mut surface, mark, fonts))?;
            surface.finish();
            page.finish();
        }
        pdf.set_metadata(metadata(&self.title, &self.language, &self.author, self.created));
        finish(pdf)
    }
}

pub(super) fn settings(configuration: ConfigurationBuilder) -> Result<SerializeSettings, PaperError> {
    let configuration: Configuration = configuration.finish().map_err(|error| PaperError::Standard { why: format!("{error:?}") })?;
    Ok(SerializeSettings { configuration, ..SerializeSettings::default() })
}

pub(super) fn page_settings(width_mm: f64, height_mm: f64) -> Result<PageSettings, PaperError> {
    PageSettings::from_wh(pt(width_mm), pt(height_mm)).ok_or(PaperError::Geometry { what: "a sheet" })
}

pub(super) fn metadata(title: &str, language: &str, author: &str, created: Timestamp) -> Metadata {
    let moment = created.to_zoned(TimeZone::UTC);
    let positive = |number: i8| u8::try_from(number).unwrap_or(0);
    let date = DateTime::new(u16::try_from(moment.year()).unwrap_or(0))
        .month(positive(moment.month()))
        .day(positive(moment.day()))
        .hour(positive(moment.hour()))
        .minute(positive(moment.minute()))
        .second(positive(moment.second()))
        .utc_offset_hour(0);
    Metadata::new().title(title.to_owned()).language(language.to_owned()).authors(vec![author.to_owned()]).creator("Postsluse".to_owned()).creation_date(date)
}

/// Writes the file. Faults are named by kind only: the library's own words for some of them quote the text they are in.
pub(super) fn finish(pdf: Pdf) -> Result<Vec<u8>, PaperError> {
    pdf.finish().map_err(|error| {
        let why = match error {
            KrillaError::Validation(faults) => {
                let mut kinds: Vec<String> = faults.iter().map(|(fault, _)| kind(&format!("{fault:?}"))).collect();
                kinds.sort();
                kinds.dedup();
                kinds.join(", ")
            }
            other => kind(&format!("{other:?}")),
        };
        PaperError::Standard { why }
    })
}

fn kind(debug: &str) -> String {
    debug.split(['(', ' ']).next().unwrap_or_default().to_owned()
}

pub(super) fn draw(surface: &mut Surface<'_>, mark: &Mark, fonts: &Fonts) -> Result<(), PaperError> {
    match mark {
        Mark::Text(text) => draw_text(surface, text, fonts),
        Mark::Fill { rects, paint } => {
            let what = PaperError::Geometry { what: "a filled rectangle" };
            let mut path = PathBuilder::new();
            for rect in rects {
                path.push_rect(Rect::from_xywh(pt(rect.x()), pt(rect.y()), pt(rect.w()), pt(rect.h())).ok_or(what.clone())?);
            }
            surface.set_stroke(None);
            surface.set_fill(Some(fill(*paint)));
            surface.draw_path(&path.finish().ok_or(what)?);
            Ok(())
        }
        Mark::Stroke { rect, width_mm, dash_mm, paint } => {
            let what = PaperError::Geometry { what: "an outlined rectangle" };
            let mut path = PathBuilder::new();
            path.push_rect(Rect::from_xywh(pt(rect.x()), pt(rect.y()), pt(rect.w()), pt(rect.h())).ok_or(what.clone())?);
            stroke(surface, &path.finish().ok_or(what)?, *width_mm, dash_mm, *paint);
            Ok(())
        }
        Mark::Line { from, to, width_mm, grey } => {
            let mut path = PathBuilder::new();
            path.move_to(pt(from[0]), pt(from[1]));
            path.line_to(pt(to[0]), pt(to[1]));
            stroke(surface, &path.finish().ok_or(PaperError::Geometry { what: "a line" })?, *width_mm, &[], Paint::Grey(*grey));
            Ok(())
        }
    }
}

fn draw_text(surface: &mut Surface<'_>, text: &Text, fonts: &Fonts) -> Result<(), PaperError> {
    if ![text.x, text.y, text.size_pt].iter().all(|number| number.is_finite()) || text.size_pt <= 0.0 {
        return Err(PaperError::Geometry { what: "a line of text" });
    }
    let run = fonts.run(&text.words, text.bold)?;
    if run.glyphs.is_empty() {
        return Ok(());
    }
    surface.set_stroke(None);
    surface.set_fill(Some(fill(text.paint)));
    let font = fonts.face(text.bold).font.clone();
    surface.draw_glyphs(Point::from_xy(pt(text.x), pt(text.y)), &run.glyphs, font, &run.text, narrow(text.size_pt), false);
    Ok(())
}

fn stroke(surface: &mut Surface<'_>, path: &Path, width_mm: f64, dash_mm: &[f64], paint: Paint) {
    let dash = (!dash_mm.is_empty()).then(|| StrokeDash { array: dash_mm.iter().map(|&length| pt(length)).collect(), offset: 0.0 });
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke { paint: paint.into(), width: pt(width_mm), dash, ..Stroke::default() }));
    surface.draw_path(path);
}

fn fill(paint: Paint) -> Fill {
    Fill { paint: paint.into(), opacity: NormalizedF32::ONE, rule: FillRule::NonZero }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(sheet: Sheet) -> Document {
        let created = "2026-11-21T09:00:00Z".parse().expect("a literal timestamp");
        Document { title: "Skjema".into(), language: "nb".into(), author: "IMDi".into(), created, sheets: vec![sheet] }
    }

    fn fonts() -> Fonts {
        Fonts::load(None).expect("fonts")
    }

    fn drawn() -> Sheet {
        let mut sheet = Sheet::a4();
        sheet.text(20.0, 20.0, 11.0, true, "Særskilt på Øya").text_grey(20.0, 26.0, 8.0, false, 110, "Fyll ut med blokkbokstaver");
        sheet.fill_rect(RectMm::new(10.0, 10.0, 6.0, 6.0), 0).stroke_rect(RectMm::new(20.0, 30.0, 5.0, 7.0), 0.2, 160);
        sheet.fill_rects(vec![RectMm::new(100.0, 10.0, 1.0, 1.0), RectMm::new(101.0, 10.0, 1.0, 1.0)], 0).line([20.0, 50.0], [190.0, 50.0], 0.3, 0);
        let green = Paint::Colour([0, 110, 50]);
        sheet.text_in(20.0, 60.0, 8.0, true, green, "12 A").fill_rect_in(RectMm::new(30.0, 60.0, 5.0, 5.0), green);
        sheet.stroke_rect_in(RectMm::new(40.0, 60.0, 5.0, 5.0), 0.3, &[1.2, 0.8], green);
        sheet
    }

    #[test]
    fn the_same_document_gives_the_same_bytes() {
        let (once, again) = (document(drawn()).pdf(&fonts()), document(drawn()).pdf(&fonts()));
        assert!(once.expect("a PDF") == again.expect("a PDF"));
    }

    #[test]
    fn marks_that_are_not_on_paper_are_errors() {
        let mut sheets = vec![Sheet::a4(), Sheet::a4(), Sheet::a4(), Sheet::new(0.0, 10.0)];
        sheets[0].text(f64::NAN, 10.0, 10.0, false, "x");
        sheets[1].fill_rect(RectMm::new(0.0, 0.0, -1.0, 5.0), 0);
        sheets[2].text(10.0, 10.0, 0.0, false, "x");
        for sheet in sheets {
            assert!(matches!(document(sheet).pdf(&fonts()), Err(PaperError::Geometry { .. })));
        }
        let mut sheet = Sheet::a4();
        sheet.text(10.0, 10.0, 10.0, false, "日");
        assert_eq!(document(sheet).pdf(&fonts()), Err(PaperError::NoGlyph { code_point: 0x65E5 }));
    }
}
