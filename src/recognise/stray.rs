//! Writing beside the fields: words that went on past a comb, an answer under its box, a note in the margin of a field.
//!
//! The page is held against its blank at 3 px/mm. Ink that is neither the blank's print nor hangs together with what is written in a zone is stray. A field
//! that has some of it within reach is not all that somebody wrote there, and above all a field without anything in it is not blank for sure. What lies
//! far from every field (a stamp at the head of the page, a hole, a staple) says nothing about any.

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
/// Smaller shapes are dirt, mm along their longer side.
const STROKE_MM: f64 = 1.8;
/// Less stray ink than this beside a field is a slip of the pen, mm^2.
const INK_MM2: f64 = 2.5;

/// Says of each reading of a page whether there is writing beside its field.
pub fn mark_stray(readings: &mut [ZoneReading], page: &Grey, form: &Form, registration: &Registration, blank: &Template) {
    let Some(number) = readings.first().and_then(|reading| form.fields.get(reading.field)?.zones.get(reading.zone)).map(|zone| zone.page) else { return };
    for field in fields_with_stray_ink(page, &registration.to_px, blank, form, number) {
        for reading in readings.iter_mut().filter(|reading| reading.field == field) {
            reading.stray = true;
        }
    }
}

/// The fields of page `number` that have writing beside them, as indices in the form.
fn fields_with_stray_ink(page: &Grey, to_px: &Homography, blank: &Template, form: &Form, number: u32) -> Vec<usize> {
    let zones: Vec<(usize, ZoneKind, RectMm)> = form
        .fields
        .iter()
        .enumerate()
        .flat_map(|(index, field)| field.zones.iter().filter(|zone| zone.page == number).map(move |zone| (index, zone.kind, zone.rect)))
        .collect();
    let px = Template::PX_PER_MM;
    let bits = blank.beyond_print(page, to_px);
    let rect = |blob: &Blob| {
        let [left, top, right, bottom] = blob.rect.map(|edge| f64::from(edge) / px);
        RectMm::new(left, top, right - left, bottom - top)
    };
    let shapes: Vec<(RectMm, f64)> = components(&bits).blobs.iter().map(|blob| (rect(blob), f64::from(blob.area) / (px * px))).collect();
    let stray =
        shapes.iter().filter(|(rect, _)| rect.w().max(rect.h()) >= STROKE_MM && !zones.iter().any(|(_, _, zone)| meet(*rect, zone.inset(-OVERFLOW_MM))));
    let mut ink = vec![0.0; form.fields.len()];
    for (rect, area) in stray {
        // It belongs to the nearest field that is written in; a box's label and its neighbours are too near to say whose it is.
        let near = zones.iter().filter(|(_, kind, _)| *kind != ZoneKind::Signature).map(|(field, _, zone)| (gap(*rect, *zone), *field));
        if let Some((_, field)) = near.filter(|(gap, _)| *gap <= REACH_MM).min_by(|a, b| a.0.total_cmp(&b.0)) {
            ink[field] += area;
        }
    }
    (0..ink.len()).filter(|&field| ink[field] >= INK_MM2).collect()
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
    use crate::forms::parse;

    /// A page at 8 px/mm with words all over its upper part, two combs below, and what is drawn besides.
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
        for y in [200.0, 220.0] {
            for line in [RectMm::new(30.0, y, 60.0, 0.2), RectMm::new(30.0, y + 7.0, 60.0, 0.2), RectMm::new(30.0, y, 0.2, 7.0), RectMm::new(90.0, y, 0.2, 7.0)]
            {
                fill(line);
            }
        }
        for rect in drawn {
            fill(*rect);
        }
        page
    }

    fn stray(drawn: &[RectMm]) -> Vec<usize> {
        let xml = "<form name=\"a\" version=\"1\" id=\"A\" languages=\"nb\" blank=\"foreign\" picture=\"a.png\" legal=\"l\"><title nb=\"A\"/><basis code=\"l\" text=\"l\"/><page>\
            <line name=\"en\" type=\"text\" at=\"30 200\" w=\"60\" h=\"7\"><label nb=\"x\"/></line><line name=\"to\" type=\"text\" at=\"30 220\" w=\"60\" h=\"7\"><label nb=\"x\"/></line></page></form>";
        let form = parse(xml, "a.xml").unwrap_or_else(|errors| panic!("{errors}"));
        let zones: Vec<RectMm> = form.zones_on(1).map(|(_, zone)| zone.rect).collect();
        let to_px = Homography([[8.0, 0.0, 0.0], [0.0, 8.0, 0.0], [0.0, 0.0, 1.0]]);
        fields_with_stray_ink(&page(drawn), &to_px, &Template::of(&page(&[]), &zones), &form, 1)
    }

    #[test]
    fn writing_beside_a_field_is_seen_and_writing_in_it_is_not() {
        assert!(stray(&[]).is_empty());
        assert!(stray(&[RectMm::new(40.0, 202.0, 20.0, 3.0)]).is_empty(), "that is in the field");
        assert!(stray(&[RectMm::new(85.0, 202.0, 8.0, 3.0)]).is_empty(), "that begins in the field");
        assert_eq!(stray(&[RectMm::new(94.0, 222.0, 12.0, 2.0)]), [1]);
        assert_eq!(stray(&[RectMm::new(40.0, 209.0, 12.0, 2.0)]), [0], "nearer to the first");
        assert!(stray(&[RectMm::new(40.0, 260.0, 12.0, 2.0), RectMm::new(150.0, 180.0, 20.0, 8.0)]).is_empty(), "far from every field");
        assert!(stray(&[RectMm::new(94.0, 222.0, 1.0, 1.0)]).is_empty(), "dirt");
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
