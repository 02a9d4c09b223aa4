//! Writing beside the fields: words that went on past a comb, an answer under its box, a note in the margin of a field.
//!
//! The page is held against its blank at 3 px/mm. Ink that is neither the blank's print nor hangs together with what is written in a zone is stray. A field
//! that has some of it within reach is not all that somebody wrote there, and above all a field without anything in it is not blank for sure. What lies
//! far from every field (a stamp at the head of the page, a hole, a staple) says nothing about any.

use std::collections::{BTreeMap, BTreeSet};

use super::components::{Blob, components};
use super::geometry::Homography;
use super::landmarks::Template;
use super::read::ZoneReading;
use super::register::Registration;
use crate::forms::{Form, ZoneKind};
use crate::page::Grey;
use crate::record::RectMm;

/// How far from a zone stray ink is taken to belong to it, mm: a line of writing above, below or beside.
pub(super) const REACH_MM: f64 = 6.0;
/// How far out of its zone writing may go and still be in it, mm.
const OVERFLOW_MM: f64 = 1.2;
/// So far into a zone ink is held for its frame, and taken out with it, mm.
const FRAME_MM: f64 = 0.7;
/// Smaller shapes are dirt, mm along their longer side.
const STROKE_MM: f64 = 1.8;
/// Close about a box, whose label cuts words that run over it to pieces, dirt is smaller than the first; close is within the second, mm.
const PIECE_MM: (f64, f64) = (0.9, 3.0);
/// Less stray ink than this beside a text that somebody wrote is a slip of the pen, mm^2.
const INK_MM2: f64 = 2.5;
/// Less than this beside a signature is its own flourish, or a word that somebody set below it. A stamp that lies over the line has a frame and words outside.
const SIGNATURE_INK_MM2: f64 = 6.0;
/// Less than this beside a box or a blank field is dirt, mm^2. A one in a fine pen has 1.4, and print covers much of a word that runs over a box.
const LEAST_INK_MM2: f64 = 1.2;
/// A stroke that leaves a box has no more spread than this across, mm, and at least so many times as much along. A letter 3 mm wide has 0.8 mm.
const TAIL: (f64, f64) = (0.35, 2.0);

/// Says of each reading of a page whether there is writing beside its field.
pub fn mark_stray(readings: &mut [ZoneReading], page: &Grey, form: &Form, registration: &Registration, blank: &Template) {
    let places: Vec<Place> = readings.iter().filter_map(|reading| Place::of(form, reading)).collect();
    if places.is_empty() {
        return;
    }
    for field in fields_with_stray_ink(page, &registration.to_px, blank, &places) {
        for reading in readings.iter_mut().filter(|reading| reading.field == field) {
            reading.stray = true;
        }
    }
}

/// Where something can be written.
struct Place {
    field: usize,
    kind: ZoneKind,
    rect: RectMm,
    /// Whether nothing is written there.
    blank: bool,
}

impl Place {
    fn of(form: &Form, reading: &ZoneReading) -> Option<Self> {
        let zone = form.fields.get(reading.field)?.zones.get(reading.zone)?;
        Some(Self { field: reading.field, kind: zone.kind, rect: zone.rect, blank: reading.mark.is_blank() })
    }

    /// Whether a shape is what is written here, or goes on from it. The frame is taken out with what lies on it, so that the two never hang together.
    fn has(&self, shape: &Shape) -> bool {
        let near = || meet(shape.rect, self.rect.inset(-OVERFLOW_MM));
        meet(shape.rect, self.rect.inset(FRAME_MM))
            || match self.kind {
                // A cross goes out of its box in strokes; a letter beside it is of a word that runs over the box.
                ZoneKind::Checkbox => near() && shape.is_tail_of(self.rect),
                ZoneKind::Signature => near(),
                ZoneKind::Comb | ZoneKind::Print | ZoneKind::Free => !self.blank && near(),
            }
    }
}

/// Ink that hangs together.
struct Shape {
    blob: Blob,
    rect: RectMm,
    mm2: f64,
}

impl Shape {
    fn of(blob: Blob) -> Self {
        let px = Template::PX_PER_MM;
        let [left, top, right, bottom] = blob.rect.map(|edge| f64::from(edge) / px);
        Self { blob, rect: RectMm::new(left, top, right - left, bottom - top), mm2: f64::from(blob.area) / (px * px) }
    }

    /// Whether it is a stroke that comes out of a box.
    fn is_tail_of(&self, zone: RectMm) -> bool {
        let (axis, px) = (self.blob.axis(), Template::PX_PER_MM);
        let middle = [zone.x() + zone.w() / 2.0, zone.y() + zone.h() / 2.0].map(|mm| mm * px);
        axis.is_line(TAIL.0 * px, TAIL.1) && axis.distance(middle) <= zone.w().max(zone.h()) / 2.0 * px
    }
}

/// The fields that have writing beside them, as indices in the form.
fn fields_with_stray_ink(page: &Grey, to_px: &Homography, blank: &Template, places: &[Place]) -> Vec<usize> {
    let shapes = components(&blank.beyond_print(page, to_px)).blobs.into_iter().map(Shape::of);
    let stray = shapes.filter(|shape| !places.iter().any(|place| place.has(shape)));
    let mut ink: BTreeMap<usize, f64> = BTreeMap::new();
    for shape in stray {
        // It belongs to the nearest field; what is that close to a box may be of a word that runs over it, whatever else is near.
        let gaps: Vec<f64> = places.iter().map(|place| gap(shape.rect, place.rect)).collect();
        let nearest = gaps.iter().copied().fold(f64::INFINITY, f64::min);
        let longest = shape.rect.w().max(shape.rect.h());
        let is_close = |place: &Place, away: f64| place.kind == ZoneKind::Checkbox && away <= PIECE_MM.1 && longest >= PIECE_MM.0;
        let is_of = |place: &Place, away: f64| is_close(place, away) || away <= nearest.min(REACH_MM) && longest >= STROKE_MM;
        let fields: BTreeSet<usize> = places.iter().zip(&gaps).filter(|(place, away)| is_of(place, **away)).map(|(place, _)| place.field).collect();
        for field in fields {
            *ink.entry(field).or_default() += shape.mm2;
        }
    }
    let least = |field: usize| {
        let of_field = places.iter().filter(|place| place.field == field).map(|place| match place.kind {
            ZoneKind::Signature => SIGNATURE_INK_MM2,
            ZoneKind::Comb | ZoneKind::Print | ZoneKind::Free if !place.blank => INK_MM2,
            ZoneKind::Comb | ZoneKind::Print | ZoneKind::Free | ZoneKind::Checkbox => LEAST_INK_MM2,
        });
        of_field.fold(LEAST_INK_MM2, f64::max)
    };
    ink.into_iter().filter(|&(field, mm2)| mm2 >= least(field)).map(|(field, _)| field).collect()
}

fn meet(one: RectMm, other: RectMm) -> bool {
    gap(one, other) <= 0.0
}

/// The distance between two rectangles, mm; 0 when they meet.
fn gap(one: RectMm, other: RectMm) -> f64 {
    let apart = |from: f64, length: f64, from_other: f64, length_other: f64| (from_other - from - length).max(from - from_other - length_other).max(0.0);
    apart(one.x(), one.w(), other.x(), other.w()).hypot(apart(one.y(), one.h(), other.y(), other.h()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: RectMm = RectMm::new(93.0, 211.0, 4.0, 4.0);
    const SIGNATURE: RectMm = RectMm::new(100.0, 270.0, 80.0, 10.0);

    /// A page at 8 px/mm with words all over its upper part, two combs and a box below, and what is drawn besides.
    fn page(drawn: &[RectMm]) -> Grey {
        let (width, height) = (1680, 2376);
        let mut page = Grey { width, height, data: vec![255; width * height], dpi: 203.2 };
        let mut fill = |rect: RectMm| {
            for y in (rect.y() * 8.0) as usize..((rect.y() + rect.h()) * 8.0) as usize {
                page.data[y * width + (rect.x() * 8.0) as usize..y * width + ((rect.x() + rect.w()) * 8.0) as usize].fill(20);
            }
        };
        for word in 0..200_usize {
            fill(RectMm::new(
                15.0 + (word % 10) as f64 * 18.0,
                20.0 + (word / 10) as f64 * 6.0 + (word * 7 % 5) as f64 * 0.4,
                4.0 + (word * word % 9) as f64,
                2.0,
            ));
        }
        for frame in [RectMm::new(30.0, 200.0, 60.0, 7.0), RectMm::new(30.0, 220.0, 60.0, 7.0), BOX] {
            let (x, y, w, h) = (frame.x(), frame.y(), frame.w(), frame.h());
            for line in [RectMm::new(x, y, w, 0.2), RectMm::new(x, y + h, w, 0.2), RectMm::new(x, y, 0.2, h), RectMm::new(x + w, y, 0.2, h)] {
                fill(line);
            }
        }
        for rect in drawn {
            fill(*rect);
        }
        page
    }

    /// The fields beside which something stands, of a page with two combs, a box at their right end and a signature below; for the first three whether they are blank.
    fn stray(drawn: &[RectMm], blank: [bool; 3]) -> Vec<usize> {
        let place = |field: usize, kind, rect| Place { field, kind, rect, blank: blank.get(field) == Some(&true) };
        let places = [
            place(0, ZoneKind::Comb, RectMm::new(30.0, 200.0, 60.0, 7.0)),
            place(1, ZoneKind::Comb, RectMm::new(30.0, 220.0, 60.0, 7.0)),
            place(2, ZoneKind::Checkbox, BOX),
            place(3, ZoneKind::Signature, SIGNATURE),
        ];
        let zones: Vec<RectMm> = places.iter().map(|place| place.rect).collect();
        let to_px = Homography([[8.0, 0.0, 0.0], [0.0, 8.0, 0.0], [0.0, 0.0, 1.0]]);
        fields_with_stray_ink(&page(drawn), &to_px, &Template::of(&page(&[]), &zones), &places)
    }

    #[test]
    fn writing_beside_a_field_is_seen_and_writing_in_it_is_not() {
        let stray = |drawn: &[RectMm]| stray(drawn, [false; 3]);
        assert!(stray(&[]).is_empty());
        assert!(stray(&[RectMm::new(40.0, 202.0, 20.0, 3.0)]).is_empty(), "that is in the field");
        assert!(stray(&[RectMm::new(85.0, 202.0, 8.0, 3.0)]).is_empty(), "that begins in the field");
        assert_eq!(stray(&[RectMm::new(94.0, 222.0, 12.0, 2.0)]), [1]);
        assert_eq!(stray(&[RectMm::new(40.0, 209.0, 12.0, 2.0)]), [0], "nearer to the first");
        assert!(stray(&[RectMm::new(40.0, 260.0, 12.0, 2.0), RectMm::new(150.0, 180.0, 20.0, 8.0)]).is_empty(), "far from every field");
        assert!(stray(&[RectMm::new(94.0, 222.0, 1.0, 1.0)]).is_empty(), "dirt");
    }

    #[test]
    fn a_digit_on_the_edge_of_a_blank_comb_was_written_by_somebody() {
        let one = RectMm::new(50.0, 208.0, 0.5, 4.0);
        assert_eq!(stray(&[one], [true, false, false]), [0]);
        assert!(stray(&[one], [false; 3]).is_empty(), "the tail of a letter in the comb");
    }

    #[test]
    fn a_stroke_comes_out_of_a_box_and_a_letter_stands_beside_it() {
        let right = BOX.x() + BOX.w() + 0.9;
        let stroke: Vec<RectMm> = (0..10).map(|step| RectMm::new(right + f64::from(step) * 0.4, BOX.y() - f64::from(step) * 0.4, 0.6, 0.6)).collect();
        assert!(stray(&stroke, [false; 3]).is_empty());
        let letter = [RectMm::new(right, BOX.y(), 0.5, 4.5), RectMm::new(right + 2.5, BOX.y(), 0.5, 4.5), RectMm::new(right, BOX.y() + 2.0, 3.0, 0.5)];
        assert_eq!(stray(&letter, [false; 3]), [2]);
        assert_eq!(stray(&letter, [true; 3]), [2], "in an unmarked one too");
    }

    #[test]
    fn pieces_of_a_word_about_a_box_count_together() {
        let pieces: Vec<RectMm> = (0..4).map(|piece| RectMm::new(BOX.x() - 2.6, BOX.y() - 2.0 + f64::from(piece) * 1.8, 1.2, 0.5)).collect();
        assert_eq!(stray(&pieces, [true; 3]), [2]);
        assert!(stray(&pieces[..1], [true; 3]).is_empty(), "one is dirt");
        let by_a_comb: Vec<RectMm> = pieces.iter().map(|piece| RectMm::new(piece.x() - 25.0, piece.y(), piece.w(), piece.h())).collect();
        assert!(stray(&by_a_comb, [true; 3]).is_empty(), "no print cuts up what stands beside a comb");
    }

    #[test]
    fn what_stands_between_a_comb_and_a_box_counts_for_both() {
        assert_eq!(stray(&[RectMm::new(86.0, 208.4, 6.0, 1.4)], [false; 3]), [0, 2]);
        assert_eq!(stray(&[RectMm::new(70.0, 208.4, 6.0, 1.4)], [false; 3]), [0], "too far from the box");
    }

    #[test]
    fn a_stamp_over_the_signature_line_reaches_out_of_it_and_a_name_does_not() {
        let name = RectMm::new(110.0, 272.0, 40.0, 0.6);
        assert!(stray(&[name, RectMm::new(120.0, 282.0, 6.0, 0.6)], [false; 3]).is_empty(), "a flourish");
        let side = |x: f64| RectMm::new(x, 262.0, 0.8, 26.0);
        let across = |y: f64| RectMm::new(120.0, y, 46.0, 0.8);
        let lines = [RectMm::new(125.0, 264.0, 30.0, 1.0), RectMm::new(125.0, 284.0, 30.0, 1.0)];
        assert_eq!(stray(&[name, lines[0], lines[1]], [false; 3]), [3], "words of a stamp");
        let framed = [side(120.0), side(166.0), across(262.0), across(287.2), lines[0], lines[1]];
        assert_eq!(stray(&framed, [false; 3]), [3], "within its frame");
    }

    #[test]
    fn a_page_a_little_off_its_place_has_no_stray_print() {
        let form = |dx: f64| Homography([[8.0, 0.0, dx * 8.0], [0.0, 8.0, 0.0], [0.0, 0.0, 1.0]]);
        let template = Template::of(&page(&[]), &[]);
        let ink = |dx: f64| template.beyond_print(&page(&[]), &form(dx)).ink.iter().filter(|dark| **dark).count();
        assert_eq!((ink(0.0), ink(0.4)), (0, 0));
        assert!(ink(3.0) > 100);
    }
}
