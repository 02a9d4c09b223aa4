//! A page with what was read of it drawn on: for an administrator or a maker of forms who asks why a field was read as it was.
//!
//! One picture a page: a margin above with the form, its version, the page and how well it was registered; the page at 150 dpi with the outline of every zone;
//! and beside it a legend with an entry a field, numbered as on the page: name, raw reading and what became of it, confidence and threshold, decision,
//! reader, findings. What was decided is told by colour, by the style of the line and by a letter, so that no one of them has to be seen.
//!
//! Without leave to show special data three things are covered, in the pixels and before anything is drawn: on a page of a form the whole width of the page
//! beside and between special zones, for what people write does not keep to its box; every page of a form that could not be registered, where nobody knows where the
//! zones are; and every other page but those of a letter that we know. A special field's entry is then the same whatever stands in the field. What
//! somebody wrote in the wrong place cannot be known: the pictures are personal data either way.
//!
//! It relies on definitions that were sound when they were loaded and on a part that [`crate::recognise`] and [`crate::validate`] made. It reads nothing,
//! decides nothing and keeps nothing.

mod entry;
mod legend;

use crate::clock::Timestamp;
use crate::forms::{FieldDef, Form, Zone};
use crate::page::{Grey, draw_over};
use crate::paper::{Document, Fonts, Paint, Sheet};
use crate::recognise::{BoxState, Footing, Mark, Registration, ZoneReading, as_it_lies, registered};
use crate::record::{Finding, Kind, Part, RectMm, Sensitivity};
use entry::{Entry, Style};

/// The margin above the page, mm.
const HEADER_MM: f64 = 18.0;
/// The legend is at least this long, mm, however small the page.
const LEGEND_MIN_MM: f64 = 120.0;
/// How much is covered above and below a special zone, mm; twice that where the page code alone says where the zone is.
const COVER_MM: f64 = 3.0;
/// The grey of what is covered: no ink, so that numbers may stand on it.
const COVER_GREY: u8 = 150;
/// A plain text has no picture; it is shown as an empty page of A4, px at 150 dpi.
const A4_PX: [usize; 2] = [1240, 1754];
const MM_PER_INCH: f64 = 25.4;

/// One page of a document, and what was made of it.
pub struct View<'a> {
    /// Its number in the document, from 1.
    pub page: u32,
    /// How many pages the document has.
    pub pages: u32,
    /// The part of the document that it belongs to; none when it is blank.
    pub part: Option<&'a Part>,
    /// What it is.
    pub sight: Sight<'a>,
    /// Whether special data may be shown.
    pub whole: bool,
}

/// What a page is.
pub enum Sight<'a> {
    /// A page of a form that was registered and read.
    Form {
        /// The form.
        form: &'a Form,
        /// Which of its pages, from 1.
        number: u32,
        /// Where the form lies on the page.
        registration: &'a Registration,
        /// What was seen in its zones.
        zones: &'a [SeenZone],
    },
    /// A page of a form that was not read, and why.
    Unread(&'static str),
    /// A page of text, or a blank one.
    Other,
}

/// What the picture tells of one zone besides its field.
#[derive(Debug, Clone, Copy)]
pub struct SeenZone {
    /// The field's index in its form.
    pub field: usize,
    /// The zone's index in its field.
    pub zone: usize,
    /// The state of a box.
    pub state: Option<BoxState>,
    /// How far the printed outline was from where the registration put it, mm.
    pub off_mm: f64,
}

impl SeenZone {
    /// The part of a reading that the picture tells.
    #[must_use]
    pub fn of(reading: &ZoneReading) -> Self {
        let state = match &reading.mark {
            Mark::Box(state, _) => Some(*state),
            Mark::Blank | Mark::Text(_) | Mark::Signature(_) => None,
        };
        Self { field: reading.field, zone: reading.zone, state, off_mm: reading.residual_mm }
    }
}

/// The picture of the page `raster` (none for plain text) with all that `view` tells of it, as an 8-bit RGB PNG at 150 dpi or less. None when it cannot be
/// drawn: a page whose picture would be longer than 5000 px.
#[must_use]
pub fn draw(raster: Option<&Grey>, view: &View<'_>, fonts: &Fonts) -> Option<Vec<u8>> {
    let mut picture = match (raster, &view.sight) {
        (Some(raster), Sight::Form { registration, .. }) => registered(raster, registration),
        (Some(raster), _) => as_it_lies(raster),
        (None, _) => Grey { width: A4_PX[0], height: A4_PX[1], data: vec![255; A4_PX[0] * A4_PX[1]], dpi: 150.0 },
    };
    let covers = view.covers(&picture);
    for rect in &covers {
        cover(&mut picture, *rect);
    }
    let margin_px = to_px(HEADER_MM, picture.dpi);
    let top = to_mm(margin_px, picture.dpi);
    let size = [to_mm(picture.width, picture.dpi), to_mm(picture.height, picture.dpi)];
    let entries = view.entries();
    let legend = legend::lay(&entries, &view.general_findings(), fonts, size[1].max(LEGEND_MIN_MM));
    let mut sheet = Sheet::new(size[0] + legend.width_mm(), top + size[1].max(LEGEND_MIN_MM));
    view.head(&mut sheet, fonts);
    if let (Sight::Unread(_) | Sight::Other, Some(rect)) = (&view.sight, covers.first()) {
        shown_with_reveal(&mut sheet, *rect, top, fonts);
    }
    let mut taken: Vec<RectMm> = entries.iter().flat_map(Entry::outlines).collect();
    for entry in &entries {
        entry.draw_zones(&mut sheet, top, fonts, &picture, &mut taken);
    }
    legend.draw(&mut sheet, [size[0], top]);
    let document = Document {
        title: "Pages as read".to_owned(),
        language: "en".to_owned(),
        author: "Postsluse".to_owned(),
        created: Timestamp::UNIX_EPOCH,
        sheets: vec![sheet],
    };
    draw_over(document.pdf(fonts).ok()?, &picture, [0, margin_px])?.to_png()
}

impl<'a> View<'a> {
    fn is_hidden(&self, field: &FieldDef) -> bool {
        !self.whole && field.sensitivity == Sensitivity::Special
    }

    /// What of the picture is not to be seen, mm from its upper left corner.
    fn covers(&self, picture: &Grey) -> Vec<RectMm> {
        let [width, height] = [to_mm(picture.width, picture.dpi), to_mm(picture.height, picture.dpi)];
        match &self.sight {
            _ if self.whole => Vec::new(),
            Sight::Form { form, number, registration, .. } => {
                let margin = if registration.footing == Footing::Marks { COVER_MM } else { 2.0 * COVER_MM };
                let (special, ordinary): (Vec<_>, Vec<_>) = form.zones_on(*number).partition(|(field, _)| self.is_hidden(field));
                let bands = special.iter().map(|(_, zone)| RectMm::new(0.0, zone.rect.y() - margin, width, zone.rect.h() + 2.0 * margin));
                joined(bands.collect(), &ordinary.iter().map(|(_, zone)| zone.rect).collect::<Vec<_>>())
            }
            Sight::Other if self.part.is_some_and(|part| part.kind == Kind::Letter) => Vec::new(),
            Sight::Unread(_) | Sight::Other => vec![RectMm::new(0.0, 0.0, width, height)],
        }
    }

    /// The fields of the page, numbered.
    fn entries(&self) -> Vec<Entry> {
        let fields = self.part.map(|part| part.fields.as_slice()).unwrap_or_default();
        let (form, number, zones) = match &self.sight {
            Sight::Form { form, number, zones, .. } => (form, number, zones),
            // Its part's fields name pages of the form, and none of them was read on this one.
            Sight::Unread(_) => return Vec::new(),
            Sight::Other => {
                let on_page = fields.iter().filter(|field| field.page == Some(self.page));
                let shown = on_page.filter(|field| self.whole || field.content.sensitivity() == Sensitivity::Ordinary);
                return shown.enumerate().map(|(index, field)| Entry::of_field(index + 1, field, self.findings_about(&field.name))).collect();
            }
        };
        let on_page = form.fields.iter().enumerate().filter(|(_, definition)| definition.zones.iter().any(|zone| zone.page == *number));
        let entry = |(index, (at, definition)): (usize, (usize, &FieldDef))| {
            let own = definition.zones.iter().enumerate().filter(|(_, zone)| zone.page == *number);
            if self.is_hidden(definition) {
                return Entry::hidden(index + 1, &definition.name, own.map(|(_, zone)| zone.rect));
            }
            let seen = |zone: usize| zones.iter().find(|seen| (seen.field, seen.zone) == (at, zone));
            let drawn: Vec<(&Zone, Option<&SeenZone>)> = own.map(|(zone_at, zone)| (zone, seen(zone_at))).collect();
            let mut entry = match fields.iter().find(|field| field.name == definition.name) {
                Some(field) => Entry::of_field(index + 1, field, self.findings_about(&field.name)),
                None => Entry::unread(index + 1, &definition.name),
            };
            entry.place(&drawn);
            entry
        };
        on_page.enumerate().map(entry).collect()
    }

    fn may_be_told(&self, finding: &Finding) -> bool {
        let form = if let Sight::Form { form, .. } = &self.sight { Some(*form) } else { None };
        self.whole || !form.is_some_and(|form| form.tells_of_special(&finding.code))
    }

    fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        self.part.map(|part| part.findings.as_slice()).unwrap_or_default().iter().filter(|finding| self.may_be_told(finding))
    }

    /// The codes of what there is to say about a field.
    fn findings_about(&self, name: &str) -> Vec<String> {
        self.findings().filter(|finding| finding.field.as_deref() == Some(name)).map(|finding| finding.code.clone()).collect()
    }

    /// The codes of what there is to say about the whole part.
    fn general_findings(&self) -> Vec<String> {
        self.findings().filter(|finding| finding.field.is_none()).map(|finding| finding.code.clone()).collect()
    }

    /// Writes the margin above the page.
    fn head(&self, sheet: &mut Sheet, fonts: &Fonts) {
        let place = format!("page {} of the document's {}", self.page, self.pages);
        let (title, state) = match &self.sight {
            Sight::Form { form, number, registration, .. } => (
                format!("{} version {}, page {number} of {}", form.name, form.version, form.pages.len()),
                format!(
                    "registered: residual {:.2} mm, {} of {} marks, turned {:.1}\u{b0}",
                    registration.residual_mm,
                    registration.marks,
                    registration.marks_expected,
                    registration.turned_degrees()
                ),
            ),
            Sight::Unread(why) => (format!("{}, a page that was not read", self.named()), format!("not read: {why}")),
            Sight::Other => (self.named(), "no form: there are no zones".to_owned()),
        };
        sheet.text(4.0, 6.0, 11.0, true, &entry::printable(&title, fonts, true));
        sheet.text(4.0, 10.8, 8.0, false, &entry::printable(&format!("{place}; {state}"), fonts, false));
        let mut x = 4.0;
        for style in [Style::Accepted, Style::Review, Style::Blank, Style::Hidden] {
            sheet.stroke_rect_in(RectMm::new(x, 13.2, 5.0, 2.8), style.line_mm(), style.dash_mm(), style.paint());
            let words = format!("{} {}", style.letter(), style.words());
            sheet.text_in(x + 6.2, 15.6, 7.5, true, style.paint(), &words);
            x += 6.2 + fonts.width_mm(&words, 7.5, true) + 5.0;
        }
        sheet.text(x, 15.6, 7.5, false, "box: \u{d7} marked, # filled in, ? unclear; confidence / threshold; off: the printed outline from where it should be");
    }

    /// What the page's part is, in words.
    fn named(&self) -> String {
        match self.part {
            Some(Part { form: Some(form), kind, .. }) => format!("{}: {} version {}", kind.as_str(), form.name, form.version),
            Some(part) => format!("{}: neither a form nor a letter that is known", part.kind.as_str()),
            None => "blank".to_owned(),
        }
    }
}

/// The bands as few: those between which no other zone lies are one, for what people write about special things they write there too.
fn joined(mut bands: Vec<RectMm>, others: &[RectMm]) -> Vec<RectMm> {
    bands.sort_by(|a, b| a.y().total_cmp(&b.y()));
    let mut joined: Vec<RectMm> = Vec::new();
    for band in bands {
        match joined.last_mut() {
            Some(last) if !others.iter().any(|other| other.y() < band.y() && other.y() + other.h() > last.y() + last.h()) => *last = last.union(band),
            _ => joined.push(band),
        }
    }
    joined
}

/// Paints over a part of the picture, so that what stood there is nowhere in the file.
fn cover(picture: &mut Grey, rect: RectMm) {
    let within = |mm: f64, side: usize| to_px(mm.max(0.0), picture.dpi).min(side);
    let (left, right) = (within(rect.x(), picture.width), within(rect.x() + rect.w(), picture.width));
    let (top, bottom) = (within(rect.y(), picture.height), within(rect.y() + rect.h(), picture.height));
    let width = picture.width.max(1);
    for row in picture.data.chunks_exact_mut(width).take(bottom).skip(top) {
        row[left..right].fill(COVER_GREY);
    }
}

/// Says on a page that is covered whole how to see it. On a form each covered field says so beside it.
fn shown_with_reveal(sheet: &mut Sheet, rect: RectMm, top: f64, fonts: &Fonts) {
    let words = "shown with --reveal";
    let x = rect.x() + (rect.w() - fonts.width_mm(words, 9.0, true)) / 2.0;
    sheet.text_in(x, top + rect.y() + rect.h() / 2.0 + 1.2, 9.0, true, Paint::Grey(0), words);
}

#[expect(clippy::cast_precision_loss, reason = "lengths in pixels are far below 2^52")]
fn to_mm(px: usize, dpi: f64) -> f64 {
    px as f64 * MM_PER_INCH / dpi
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float is clamped to the target's range when it is cast")]
fn to_px(mm: f64, dpi: f64) -> usize {
    (mm * dpi / MM_PER_INCH).round() as usize
}

#[cfg(test)]
mod tests;
