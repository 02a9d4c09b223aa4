//! What must not be seen cannot be found in the file, whatever stands there; what may be seen is there.

use super::*;
use crate::forms;
use crate::recognise::geometry::Homography;
use crate::record::{Confidence, Content, Decision, Field, FormRef, Guarded, Value};
use std::sync::LazyLock;

static FONTS: LazyLock<Fonts> = LazyLock::new(|| Fonts::load(None).expect("fonts"));
static FORM: LazyLock<Form> =
    LazyLock::new(|| forms::parse(include_str!("../../forms/privatboende.xml"), "privatboende.xml").unwrap_or_else(|errors| panic!("{errors}")));

/// The page with special fields.
fn special_page() -> u32 {
    special_fields().next().expect("the form has special fields").zones[0].page
}

fn special_fields() -> impl Iterator<Item = &'static FieldDef> {
    FORM.fields.iter().filter(|field| field.sensitivity == Sensitivity::Special)
}

/// A page of A4 at 150 dpi, white, with ink in `places`, mm.
fn page(places: &[RectMm]) -> Grey {
    let mut page = Grey { width: 1240, height: 1754, data: vec![255; 1240 * 1754], dpi: 150.0 };
    for place in places {
        cover(&mut page, *place);
    }
    page
}

fn registration() -> Registration {
    let scale = 150.0 / 25.4;
    let to_px = Homography([[scale, 0.0, 0.0], [0.0, scale, 0.0], [0.0, 0.0, 1.0]]);
    Registration { to_px, residual_mm: 0.12, marks: 6, marks_expected: 6, footing: Footing::Marks, black: 0.1 }
}

/// The form as it was read: every field accepted where `filled` says so, and blank elsewhere.
fn form_part(filled: impl Fn(&FieldDef) -> bool, findings: Vec<Finding>) -> Part {
    let field = |definition: &FieldDef| {
        let said = Content { value: Some(Value::Text("svar".into())), text: Some("svar".into()), raw: Some("sv4r".into()) };
        let (content, decision) = if filled(definition) { (said, Decision::Accept) } else { (Content::default(), Decision::Empty) };
        Field { name: definition.name.clone(), content: Guarded::new(definition.sensitivity, content), decision, ..Field::plain() }
    };
    let form = FormRef { name: FORM.name.clone(), version: FORM.version.clone(), score: Confidence::CERTAIN, residual_mm: Some(0.03) };
    Part { part: None, kind: Kind::Form, form: Some(form), pages: 4, fields: FORM.fields.iter().map(field).collect(), findings, text: None }
}

fn form_picture(raster: &Grey, part: &Part, whole: bool) -> Vec<u8> {
    let registration = registration();
    let sight = Sight::Form { form: &FORM, number: special_page(), registration: &registration, zones: &[] };
    draw(Some(raster), &View { page: 1, pages: 1, part: Some(part), sight, whole }, &FONTS).expect("it draws")
}

#[test]
fn without_leave_the_file_is_the_same_whatever_a_special_field_says() {
    let zones: Vec<RectMm> = special_fields().flat_map(|field| &field.zones).map(|zone| zone.rect).collect();
    // Beside the boxes too: a circle around the word, or an arrow to it.
    let beside = zones.iter().map(|rect| RectMm::new(rect.x() + 20.0, rect.y() - 2.0, 60.0, rect.h() + 4.5));
    let inked: Vec<RectMm> = zones.iter().copied().chain(beside).collect();
    let special = |field: &FieldDef| field.sensitivity == Sensitivity::Special;
    let about = special_fields().next().expect("a field").name.clone();
    let told = form_part(special, vec![Finding::about(about, "choice_several", "Det er krysset av for mer enn ett svar.")]);
    let (blank, filled) = (form_picture(&page(&[]), &form_part(|_| false, vec![]), false), form_picture(&page(&inked), &told, false));
    assert!(blank == filled, "what is special changes the file");
    assert!(form_picture(&page(&[]), &form_part(|_| false, vec![]), true) != form_picture(&page(&inked), &told, true));
    // Each alone can be seen by somebody who may.
    assert!(form_picture(&page(&[]), &told, true) != form_picture(&page(&[]), &form_part(|_| false, vec![]), true));
    // And what is ordinary can be seen by everybody.
    let ordinary = form_part(|field| field.sensitivity == Sensitivity::Ordinary, vec![]);
    assert!(form_picture(&page(&[]), &ordinary, false) != blank);
    assert!(form_picture(&page(&[RectMm::new(10.0, 5.0, 5.0, 5.0)]), &told, false) != blank);
}

#[test]
fn what_lies_between_special_zones_is_covered_unless_another_zone_is_there() {
    let band = |y: f64| RectMm::new(0.0, y, 210.0, 10.0);
    assert_eq!(joined(vec![band(60.0), band(20.0), band(100.0)], &[]), [RectMm::new(0.0, 20.0, 210.0, 90.0)]);
    assert_eq!(joined(vec![band(20.0), band(60.0), band(100.0)], &[RectMm::new(20.0, 80.0, 50.0, 7.0)]), [RectMm::new(0.0, 20.0, 210.0, 50.0), band(100.0)]);
    assert_eq!(joined(vec![band(20.0), band(24.0)], &[RectMm::new(150.0, 20.0, 50.0, 7.0)]), [RectMm::new(0.0, 20.0, 210.0, 14.0)]);
    assert!(joined(vec![], &[band(1.0)]).is_empty());
}

#[test]
fn a_rules_finding_about_special_fields_is_not_told_under_an_ordinary_one() {
    let code = FORM.rules.iter().map(|rule| rule.code.as_str()).find(|code| FORM.tells_of_special(code)).expect("the form has such a rule");
    let ordinary = FORM.fields.iter().find(|field| field.sensitivity == Sensitivity::Ordinary && field.zones[0].page == special_page()).expect("a field");
    let told = form_part(|_| false, vec![Finding::about(ordinary.name.clone(), code, "m"), Finding::general(code, "m")]);
    let untold = form_part(|_| false, vec![]);
    assert!(form_picture(&page(&[]), &told, false) == form_picture(&page(&[]), &untold, false));
    assert!(form_picture(&page(&[]), &told, true) != form_picture(&page(&[]), &untold, true));
}

#[test]
fn a_page_of_which_nobody_knows_what_is_special_is_covered_whole() {
    let part = |kind| Part { part: None, kind, form: None, pages: 1, fields: vec![], findings: vec![], text: None };
    let (letter, other) = (part(Kind::Letter), part(Kind::Other));
    let ink = [RectMm::new(20.0, 100.0, 100.0, 10.0)];
    for (part, unread, shown) in [(Some(&letter), false, true), (Some(&other), false, false), (None, false, false), (Some(&letter), true, false)] {
        let picture = |ink: &[RectMm], whole| {
            let sight = if unread { Sight::Unread("its marks do not lie as on a sheet of paper") } else { Sight::Other };
            draw(Some(&page(ink)), &View { page: 1, pages: 2, part, sight, whole }, &FONTS).expect("it draws")
        };
        assert_eq!(picture(&ink, false) != picture(&[], false), shown);
        assert!(picture(&ink, true) != picture(&[], true));
    }
}

#[test]
fn a_plain_text_has_an_empty_page() {
    let view = View { page: 1, pages: 1, part: None, sight: Sight::Other, whole: true };
    let png = draw(None, &view, &FONTS).expect("it draws");
    // 210 mm and a legend of 108 mm across; 297 mm and a margin of 18 mm down; at 150 dpi.
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    assert_eq!((side(16), side(20)), (1878, 1860));
}
