//! One field on a page: its zones on the picture, and its words in the legend.

use std::fmt::Write;

use super::{SeenZone, to_px};
use crate::forms::Zone;
use crate::page::Grey;
use crate::paper::{Fonts, Paint, Sheet};
use crate::recognise::BoxState;
use crate::record::{Decision, Field, Purpose, ReaderKind, RectMm, Value};

/// The size of the numbers on the page, points.
const TAG_PT: f64 = 6.5;
/// The height of their boxes, mm.
const TAG_MM: f64 = 3.0;
/// How far outside the printed line an outline is drawn, mm.
const OUTSIDE_MM: f64 = 0.5;
/// More characters than this of one reading say no more to the eye.
const SHOWN_CHARACTERS: usize = 400;

/// How a field is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Accepted,
    Review,
    Blank,
    Hidden,
}

impl Style {
    fn of(decision: Decision) -> Self {
        match decision {
            Decision::Accept => Self::Accepted,
            Decision::Review => Self::Review,
            Decision::Empty => Self::Blank,
        }
    }

    pub(super) fn letter(self) -> char {
        match self {
            Self::Accepted => 'A',
            Self::Review => 'R',
            Self::Blank => 'B',
            Self::Hidden => 'S',
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Review => "to review",
            Self::Blank => "blank",
            Self::Hidden => "special, shown with --reveal",
        }
    }

    pub(super) fn paint(self) -> Paint {
        match self {
            Self::Accepted => Paint::Colour([0, 115, 45]),
            Self::Review => Paint::Colour([205, 55, 0]),
            Self::Blank => Paint::Grey(105),
            Self::Hidden => Paint::Grey(0),
        }
    }

    pub(super) fn line_mm(self) -> f64 {
        match self {
            Self::Review => 0.6,
            Self::Accepted | Self::Hidden => 0.4,
            Self::Blank => 0.3,
        }
    }

    /// The lengths of dashes and gaps, mm; none for an unbroken line.
    pub(super) fn dash_mm(self) -> &'static [f64] {
        match self {
            Self::Accepted | Self::Hidden => &[],
            Self::Review => &[2.0, 1.0],
            Self::Blank => &[0.5, 0.8],
        }
    }
}

/// One field on a page.
pub(super) struct Entry {
    number: usize,
    pub(super) style: Style,
    /// The field's name, and what was decided.
    pub(super) title: [String; 2],
    /// What was read and what it became; none for a blank.
    said: Option<String>,
    /// How it was read: confidence, reader, rule, place.
    how: Vec<String>,
    /// The codes of what there is to say about it.
    findings: Vec<String>,
    zones: Vec<(RectMm, Option<BoxState>)>,
}

impl Entry {
    /// A field that was read. Its content is shown: whoever calls has seen to it that it may be.
    pub(super) fn of_field(number: usize, field: &Field, findings: Vec<String>) -> Self {
        let style = Style::of(field.decision);
        let content = field.content.expose(Purpose::Reveal);
        let said = (content.raw.is_some() || content.value.is_some()).then(|| {
            let raw = content.raw.as_deref().map_or_else(|| "nothing".to_owned(), |raw| format!("\u{ab}{}\u{bb}", on_one_line(raw)));
            format!("{raw} \u{2192} {}", content.value.as_ref().map_or_else(|| "no value".to_owned(), decided))
        });
        let [confidence, threshold] = told_apart(field.confidence.get(), field.threshold.get());
        let reader = format!("{}{}{}", reader(field.reader), if field.model.is_empty() { "" } else { ", " }, field.model);
        let rule = field.rule.as_ref().map(|rule| format!("rule {rule}"));
        let how = [format!("confidence {confidence} / {threshold}"), reader].into_iter().chain(rule).collect();
        Self { number, style, title: [field.name.clone(), style.words().to_owned()], said, how, findings, zones: Vec::new() }
    }

    /// A field of which the part has nothing.
    pub(super) fn unread(number: usize, name: &str) -> Self {
        Self::untold(number, Style::Review, [name, "not read"], Vec::new())
    }

    /// A special field that may not be shown: the same, whatever it says.
    pub(super) fn hidden(number: usize, name: &str, zones: impl Iterator<Item = RectMm>) -> Self {
        Self::untold(number, Style::Hidden, [name, "shown with --reveal"], zones.map(|rect| (rect, None)).collect())
    }

    fn untold(number: usize, style: Style, title: [&str; 2], zones: Vec<(RectMm, Option<BoxState>)>) -> Self {
        Self { number, style, title: title.map(str::to_owned), said: None, how: Vec::new(), findings: Vec::new(), zones }
    }

    /// Gives it its zones on the page.
    pub(super) fn place(&mut self, zones: &[(&Zone, Option<&SeenZone>)]) {
        self.zones = zones.iter().map(|(zone, seen)| (zone.rect, seen.and_then(|seen| seen.state))).collect();
        let off = zones.iter().filter_map(|(_, seen)| seen.map(|seen| seen.off_mm)).fold(0.0, f64::max);
        if !self.how.is_empty() {
            self.how.push(format!("off\u{a0}{off:.2}\u{a0}mm"));
        }
    }

    /// What there is to say, a paragraph each.
    pub(super) fn lines(&self) -> Vec<String> {
        let how = (!self.how.is_empty()).then(|| self.how.join("; "));
        let findings = (!self.findings.is_empty()).then(|| format!("! {}", self.findings.join(", ")));
        self.said.clone().into_iter().chain(how).chain(findings).collect()
    }

    /// The height of its first zone on the page, mm.
    pub(super) fn anchor_mm(&self) -> f64 {
        self.zones.first().map_or(0.0, |(rect, _)| rect.y())
    }

    /// Number and letter, as on the page: `12 A`.
    pub(super) fn tag(&self) -> String {
        format!("{} {}", self.number, self.style.letter())
    }

    /// The outlines of its zones, as they are drawn on the page, mm.
    pub(super) fn outlines(&self) -> impl Iterator<Item = RectMm> {
        // Around the printed line, not on it: that they differ is what somebody may be looking for.
        self.zones.iter().map(|(rect, _)| rect.inset(-OUTSIDE_MM))
    }

    /// Draws the outlines with their numbers on a page that begins `top` mm below the sheet's edge. `taken` is what lies there already, mm on the page;
    /// the numbers are added to it.
    pub(super) fn draw_zones(&self, sheet: &mut Sheet, top: f64, fonts: &Fonts, picture: &Grey, taken: &mut Vec<RectMm>) {
        for (rect, state) in &self.zones {
            let outline = rect.inset(-OUTSIDE_MM);
            sheet.stroke_rect_in(lowered(outline, top), self.style.line_mm(), self.style.dash_mm(), self.style.paint());
            let state = match state {
                Some(BoxState::Marked) => " \u{d7}",
                Some(BoxState::Cancelled) => " #",
                Some(BoxState::Ambiguous) => " ?",
                Some(BoxState::Blank) | None => "",
            };
            let words = format!("{}{state}", self.tag());
            let width = fonts.width_mm(&words, TAG_PT, true) + 0.8;
            let place = free_place(outline, width, picture, taken);
            taken.push(place);
            let tag = lowered(place, top);
            sheet.fill_rect_in(tag, self.style.paint());
            sheet.text_in(tag.x() + 0.4, tag.y() + TAG_MM - 0.7, TAG_PT, true, Paint::Grey(255), &words);
        }
    }
}

fn lowered(rect: RectMm, by: f64) -> RectMm {
    RectMm::new(rect.x(), rect.y() + by, rect.w(), rect.h())
}

/// Where a number of `width` mm beside `outline` hides least: on nothing else that is drawn if that can be, then on as little ink as can be, and of equals the
/// first place that the eye goes to.
fn free_place(outline: RectMm, width: f64, picture: &Grey, taken: &[RectMm]) -> RectMm {
    let (left, right) = (outline.x(), outline.x() + outline.w());
    let (top, bottom) = (outline.y(), outline.y() + outline.h());
    let middle = top + (outline.h().min(8.0) - TAG_MM) / 2.0;
    let corners = [(left - width - 0.2, middle), (left, top - TAG_MM - 0.2), (right - width, top - TAG_MM - 0.2), (right + 0.2, middle)];
    let below = [(left, bottom + 0.2), (right - width, bottom + 0.2)];
    let places = corners.into_iter().chain(below).map(|(x, y)| RectMm::new(x, y, width, TAG_MM));
    let cost = |place: &RectMm| (taken.iter().filter(|other| overlap(*place, **other)).count(), ink(picture, *place));
    places.filter(|place| place.x() >= 0.0 && place.y() >= 0.0).min_by_key(cost).unwrap_or(RectMm::new(left, top, width, TAG_MM))
}

fn overlap(a: RectMm, b: RectMm) -> bool {
    a.x() < b.x() + b.w() && b.x() < a.x() + a.w() && a.y() < b.y() + b.h() && b.y() < a.y() + a.h()
}

/// How many pixels of a part of the picture are dark; what lies beside the picture is as good as full of ink.
fn ink(picture: &Grey, rect: RectMm) -> usize {
    let px = |mm: f64| to_px(mm, picture.dpi);
    let (left, right, top, bottom) = (px(rect.x()), px(rect.x() + rect.w()), px(rect.y()), px(rect.y() + rect.h()));
    if right > picture.width || bottom > picture.height {
        return usize::MAX;
    }
    picture.data.chunks_exact(picture.width.max(1)).take(bottom).skip(top).map(|row| row[left..right].iter().filter(|value| **value < 128).count()).sum()
}

fn reader(kind: ReaderKind) -> &'static str {
    match kind {
        ReaderKind::Print => "print",
        ReaderKind::Comb => "comb",
        ReaderKind::Checkbox => "checkbox",
        ReaderKind::Free => "free",
        ReaderKind::Signature => "signature",
        ReaderKind::Text => "text",
        ReaderKind::Person => "person",
    }
}

/// The value as programs get it; text without its quotes.
fn decided(value: &Value) -> String {
    value.as_text().map_or_else(|| value.to_json().to_string(), on_one_line)
}

/// Lines parted by strokes, and no more than can be looked at.
fn on_one_line(text: &str) -> String {
    let flat = text.replace('\n', " / ");
    let more = flat.chars().count().saturating_sub(SHOWN_CHARACTERS);
    if more == 0 { flat } else { format!("{}\u{2026} ({more} characters more)", flat.chars().take(SHOWN_CHARACTERS).collect::<String>()) }
}

/// Two shares of one with three decimals, or with as many more, up to six, as it takes to tell them from each other and from one.
fn told_apart(a: f32, b: f32) -> [String; 2] {
    let digits = |a: f32, b: f32| (3..6).find(|&digits| format!("{a:.digits$}") != format!("{b:.digits$}")).unwrap_or(6);
    let pairs = [(a, b), (a, 1.0), (b, 1.0)];
    let digits = pairs.iter().filter(|(a, b)| (a - b).abs() > f32::EPSILON).map(|&(a, b)| digits(a, b)).max().unwrap_or(3);
    [a, b].map(|share| format!("{share:.digits$}"))
}

/// The text with the code point in place of every character that the font cannot draw: what was read may hold anything.
pub(super) fn printable(text: &str, fonts: &Fonts, bold: bool) -> String {
    if fonts.check(text, bold).is_ok() {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if fonts.check(character.encode_utf8(&mut [0; 4]), bold).is_ok() {
            shown.push(character);
        } else {
            // Writing to a string does not fail.
            let _ = write!(shown, "<U+{:04X}>", u32::from(character));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_and_threshold_are_told_apart() {
        assert_eq!(told_apart(0.98, 0.95), ["0.980", "0.950"]);
        assert_eq!(told_apart(0.9997, 0.9999), ["0.9997", "0.9999"]);
        assert_eq!(told_apart(1.0, 0.999_99), ["1.00000", "0.99999"]);
        assert_eq!(told_apart(1.0, 1.0), ["1.000", "1.000"]);
        assert_eq!(told_apart(0.983, 0.999_97), ["0.98300", "0.99997"]);
    }

    #[test]
    fn any_reading_can_be_shown() {
        let fonts = Fonts::load(None).expect("fonts");
        assert_eq!(printable("Åse 漢\u{7}\u{301}", &fonts, false), "Åse <U+6F22><U+0007><U+0301>");
        assert_eq!(printable("Åse \u{2192} A\u{30a}", &fonts, true), "Åse \u{2192} A\u{30a}");
        assert_eq!(on_one_line("a\nb"), "a / b");
        assert!(on_one_line(&"x".repeat(500)).ends_with("x\u{2026} (100 characters more)"));
    }
}
