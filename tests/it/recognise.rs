//! Pages of a form, drawn, filled in, scanned in every way, and read.
#![expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "pictures are drawn by arithmetic on small numbers")]

use std::cell::RefCell;

use postsluse::forms::{Form, PageCode};
use postsluse::page::Grey;
use postsluse::recognise::geometry::Homography;
use postsluse::recognise::{Footing, Hand, Identified, Mark, Models, RegisterError, Registration, attach_crops, decide, identify, read_page, register};
use postsluse::record::{Decision, Field, Finding, Purpose, RectMm, Sensitivity, Value};
use postsluse::registry::Context;

use crate::recognise_sheet::{Dice, Font, PAGE, Scan, Sheet, cells, fade, form, jpeg, noise, pepper, threshold};

thread_local! {
    /// Loading Tesseract takes a tenth of a second: once a thread.
    pub static MODELS: RefCell<Models> = RefCell::new(Models::load("nor+eng", None, None).expect("tesseract-ocr-nor and tesseract-ocr-eng are installed"));
}

fn context() -> Context {
    Context { today: "2026-11-21".parse().expect("a date"), test_ids: true }
}

/// The largest distance on the page between where the registration and where the scan puts a point, mm.
fn true_error(registration: &Registration, scan: &Scan) -> f64 {
    let points = (0..=14).flat_map(|x| (0..=20).map(move |y| [f64::from(x) * PAGE[0] / 14.0, f64::from(y) * PAGE[1] / 20.0]));
    let error = |p: [f64; 2]| {
        let (found, truth) = (registration.px(p), scan.px(p));
        (found[0] - truth[0]).hypot(found[1] - truth[1]) * 25.4 / scan.dpi
    };
    points.map(error).fold(0.0, f64::max)
}

fn registered(form: &Form, page: &Grey) -> Result<Registration, RegisterError> {
    register(page, &form.pages[0], &identify(page).expect("the page code is there"))
}

fn read(form: &Form, page: &Grey) -> (Vec<Field>, Vec<Finding>) {
    let registration = registered(form, page).expect("the page can be registered");
    MODELS.with_borrow_mut(|models| {
        let mut readings = read_page(models, page, form, 1, &registration);
        attach_crops(&mut readings, page, form, 1, &registration);
        decide(form, readings, &context(), models.means())
    })
}

fn field<'a>(fields: &'a [Field], name: &str) -> &'a Field {
    fields.iter().find(|field| field.name == name).expect("every field of the form is there")
}

fn value(field: &Field) -> Option<&Value> {
    field.content.expose(Purpose::Validate).value.as_ref()
}

fn text(field: &Field) -> &str {
    value(field).and_then(Value::as_text).unwrap_or("")
}

fn raw(field: &Field) -> &str {
    field.content.expose(Purpose::Validate).raw.as_deref().unwrap_or("")
}

const TYPED: [(&str, &str, &str); 8] = [
    ("etternavn", "Ødegård-Lindqvist", "Ødegård-Lindqvist"),
    ("fornavn", "ANNE BRITT", "ANNE BRITT"),
    ("duf", "202203141502", "202203141502"),
    ("fnr", "13097248022", "13097248022"),
    ("foedt", "13091972", "1972-09-13"),
    ("postnummer", "8508", "8508"),
    ("telefon", "40001960", "+4740001960"),
    ("epost", "a.lindqvist@eksempel.no", "a.lindqvist@eksempel.no"),
];

fn typed(form: &Form, font: Font, size_pt: f64, offset: [f64; 2]) -> Sheet {
    let mut sheet = Sheet::blank(form, 1, "nb");
    for (name, text, _) in TYPED {
        sheet.type_comb(font, size_pt, cells(form, name), text, offset);
    }
    sheet.text(font, size_pt, 27.0, 155.5, "Afghanistan");
    sheet
}

/// A cross in a box, or any strokes in it.
fn mark(sheet: &mut Sheet, x: f64, y: f64, width: f64) {
    sheet.stroke(&[[x + 0.6, y + 0.7], [x + 3.5, y + 3.3]], width, 0.2);
    sheet.stroke(&[[x + 3.3, y + 0.5], [x + 0.8, y + 3.6]], width, 0.2);
}

/// Digits as a person draws them, or as a font that imitates one: `shake` is how much no two are alike and none is on the line.
fn written(sheet: &mut Sheet, cells: &[RectMm], digits: &str, shake: f64, dice: &mut Dice) {
    for (cell, digit) in cells.iter().zip(digits.bytes()) {
        let path: &[[f64; 2]] = match digit {
            b'0' => &[[0.5, 0.0], [0.1, 0.3], [0.1, 0.7], [0.5, 1.0], [0.9, 0.7], [0.9, 0.3], [0.5, 0.0]],
            b'1' => &[[0.3, 0.2], [0.5, 0.0], [0.5, 1.0]],
            b'2' => &[[0.1, 0.2], [0.5, 0.0], [0.9, 0.3], [0.1, 1.0], [0.9, 1.0]],
            b'3' => &[[0.1, 0.1], [0.8, 0.1], [0.4, 0.45], [0.9, 0.7], [0.5, 1.0], [0.1, 0.9]],
            b'4' => &[[0.6, 1.0], [0.6, 0.0], [0.1, 0.7], [0.9, 0.7]],
            b'5' => &[[0.9, 0.0], [0.2, 0.0], [0.2, 0.45], [0.8, 0.5], [0.8, 0.9], [0.1, 1.0]],
            _ => &[[0.1, 0.0], [0.9, 0.0], [0.4, 1.0]],
        };
        let mut around = |middle: f64, spread: f64| middle + shake * dice.between(-spread, spread);
        let (size, x, y) = (around(3.8, 0.6), cell.x() + around(1.25, 0.35), cell.y() + around(1.6, 0.6));
        let near = |dice: &mut Dice| shake * dice.between(-0.15, 0.15);
        let points: Vec<[f64; 2]> = path.iter().map(|p| [x + p[0] * 2.4 + near(dice), y + p[1] * size + near(dice)]).collect();
        sheet.stroke(&points, 0.45, 0.15);
    }
}

#[test]
fn registration_is_exact_at_any_resolution_scale_and_angle() {
    let form = form();
    let sheet = Sheet::blank(&form, 1, "nb");
    let mut dice = Dice(7);
    let scans = [
        Scan::at(150.0).turned(-8.0).scaled(0.91, 0.905),
        Scan::at(200.0).turned(4.0).scaled(0.97, 0.96),
        Scan::at(300.0).turned(180.0),
        Scan::at(300.0).turned(90.8).shifted(1.0, -2.0),
        Scan::at(400.0).turned(-1.0).scaled(1.0, 0.995).shifted(-2.0, 1.0),
        Scan::at(600.0).turned(270.0),
    ];
    for (index, scan) in scans.iter().enumerate() {
        let mut page = sheet.scan(scan);
        match index % 3 {
            0 => {
                noise(&mut page, 12.0, &mut dice);
                threshold(&mut page, 150);
                pepper(&mut page, 0.0003, &mut dice);
            }
            1 => jpeg(&mut page, 50),
            _ => fade(&mut page, 60.0, 210.0),
        }
        // What the file says of its resolution is not used.
        page.dpi = 72.0;
        let found = registered(&form, &page).expect("all marks are there");
        assert_eq!((found.marks, found.footing), (6, Footing::Marks), "{scan:?}");
        assert!(true_error(&found, scan) < 0.15, "{scan:?}: {:.3} mm", true_error(&found, scan));
        assert!(found.residual_mm < 0.15, "{scan:?}: {:.3} mm reported", found.residual_mm);
        let turned = (found.turned_degrees() - scan.turn + 540.0).rem_euclid(360.0) - 180.0;
        assert!(turned.abs() < 0.1, "{scan:?}: {turned}");
    }
}

/// F21: a lost mark or scaled print is no reason to lose a page.
#[test]
fn lost_marks_degrade_and_do_not_fail() {
    let whole = form();
    let scan = Scan::at(200.0).turned(2.0).scaled(0.95, 0.955);
    for (lost, footing, limit_mm) in [
        (vec![3], Footing::Marks, 0.2),
        (vec![0, 5], Footing::Marks, 0.25),
        (vec![1, 2, 4], Footing::Marks, 0.35),
        (vec![0, 1, 2, 4], Footing::FewMarks, 1.2),
        (vec![0, 1, 3, 4, 5], Footing::FewMarks, 1.0),
        (vec![0, 1, 2, 3, 4, 5], Footing::Code, 2.5),
    ] {
        let mut printed = whole.clone();
        let mut index = 0;
        printed.pages[0].fiducials.retain(|_| {
            index += 1;
            !lost.contains(&(index - 1))
        });
        let page = Sheet::blank(&printed, 1, "nb").scan(&scan);
        let found = registered(&whole, &page).expect("the code is there");
        assert_eq!((found.marks, found.footing), (6 - lost.len(), footing), "without {lost:?}");
        assert!(true_error(&found, &scan) < limit_mm, "without {lost:?}: {:.2} mm", true_error(&found, &scan));
        assert!(found.score() <= registered(&whole, &Sheet::blank(&whole, 1, "nb").scan(&scan)).expect("all marks").score());
    }
}

#[test]
fn stamps_staples_holes_and_torn_corners_do_not_mislead() {
    let form = form();
    let scan = Scan::at(200.0).turned(-1.5);
    let mut sheet = Sheet::blank(&form, 1, "nb");
    // A corner torn off through a mark, a staple across another, stamps that are solid and square beside two more.
    sheet.stroke(&[[0.0, 16.0], [16.0, 0.0]], 8.0, 1.0);
    sheet.stroke(&[[190.0, 8.0], [203.0, 17.0]], 0.8, 0.3);
    sheet.fill(RectMm::new(20.0, 282.0, 5.0, 5.0), 0.0);
    sheet.fill(RectMm::new(195.0, 192.0, 5.2, 5.2), 0.1);
    sheet.fill(RectMm::new(3.0, 145.0, 5.5, 5.5), 0.2);
    let found = registered(&form, &sheet.scan(&scan)).expect("enough is left");
    assert!(found.marks >= 3, "{} marks", found.marks);
    assert!(true_error(&found, &scan) < 0.3, "{:.2} mm with {} marks", true_error(&found, &scan), found.marks);
}

#[test]
fn a_mark_that_lost_a_side_is_left_out() {
    let form = form();
    let scan = Scan::at(300.0).turned(1.0);
    let mut sheet = Sheet::blank(&form, 1, "nb");
    // A fifth of the lower left mark is covered: what is left is nearly square, and its middle half a millimetre off.
    sheet.fill(RectMm::new(14.0, 281.0, 2.0, 7.0), 1.0);
    let found = registered(&form, &sheet.scan(&scan)).expect("five marks are whole");
    assert_eq!(found.marks, 5);
    assert!(true_error(&found, &scan) < 0.1, "{:.2} mm", true_error(&found, &scan));
}

#[test]
fn a_photograph_at_a_slant_is_registered() {
    let form = form();
    let flat = typed(&form, Font::Helvetica, 12.0, [0.0; 2]).scan(&Scan::at(300.0));
    // The far end of the sheet is seen a tenth smaller.
    let (width, height) = (flat.width as f64, flat.height as f64);
    let bend = |x: f64, y: f64| {
        let w = 1.0 + 0.1 * y / height;
        [(width / 2.0 + (x - width / 2.0)) * w - width * 0.05 * y / height, y * w]
    };
    let mut photo = Grey { width: flat.width, height: flat.height, data: vec![255; flat.data.len()], dpi: 72.0 };
    for y in 0..flat.height {
        for x in 0..flat.width {
            let [u, v] = bend(x as f64, y as f64);
            if u >= 0.0 && v >= 0.0 && (u as usize) < flat.width && (v as usize) < flat.height {
                photo.data[y * flat.width + x] = flat.data[v as usize * flat.width + u as usize];
            }
        }
    }
    let found = registered(&form, &photo).expect("the marks at the top are there");
    for p in [[105.0, 100.0], [30.0, 60.0], [180.0, 200.0], [60.0, 240.0]] {
        let [x, y] = found.px(p);
        let [u, v] = bend(x, y);
        let error = (u * 25.4 / 300.0 - p[0]).hypot(v * 25.4 / 300.0 - p[1]);
        assert!(error < 0.3, "{p:?}: {error:.2} mm");
    }
}

#[test]
fn the_page_code_is_found_in_every_direction() {
    let form = form();
    let sheet = Sheet::blank(&form, 1, "nn");
    for turn in [0.0, 90.0, 180.0, 270.0, 7.0, -8.0] {
        let scan = Scan::at(150.0).turned(turn);
        let found = identify(&sheet.scan(&scan)).expect("the code is there");
        assert_eq!(found.code, PageCode { form: "proeve".into(), version: "1".into(), page: 1, pages: 1, language: "nn".into() });
        let code = form.pages[0].code.expect("the form has a code");
        let expected = scan.px([code.x(), code.y()]);
        let off = (found.corners_px[0][0] - expected[0]).hypot(found.corners_px[0][1] - expected[1]);
        assert!(off < 6.0, "turned {turn}: first corner {off:.1} px off");
    }
}

#[test]
fn the_page_code_is_found_on_bad_scans() {
    let form = form();
    let sheet = Sheet::blank(&form, 1, "nb");
    let mut dice = Dice(3);
    for seed in 0..6 {
        let mut page = sheet.scan(&Scan::at(150.0).turned(dice.between(-5.0, 5.0)).scaled(0.945, 0.945));
        match seed % 3 {
            0 => {
                noise(&mut page, 15.0, &mut dice);
                threshold(&mut page, 120 + 30 * seed as u8 / 3);
            }
            1 => {
                fade(&mut page, 150.0, 190.0);
                noise(&mut page, 4.0, &mut dice);
            }
            _ => {
                // A shadow over the upper right.
                let width = page.width;
                page.data.iter_mut().enumerate().for_each(|(i, v)| *v = (f64::from(*v) * (1.0 - 0.75 * (i % width) as f64 / width as f64)) as u8);
            }
        }
        let identified = identify(&page).unwrap_or_else(|| panic!("case {seed}"));
        assert!(register(&page, &form.pages[0], &identified).is_ok(), "case {seed}");
    }
}

#[test]
fn foreign_codes_and_pages_without_one_are_not_ours() {
    let mut foreign = Sheet::default();
    foreign.code(RectMm::new(150.0, 20.0, 25.0, 25.0), "https://example.org/");
    assert_eq!(identify(&foreign.scan(&Scan::at(150.0))), None);
    let page = Sheet::default().scan(&Scan::at(100.0));
    assert_eq!(identify(&page), None);
    assert_eq!(identify(&Grey { width: 0, height: 0, data: Vec::new(), dpi: 300.0 }), None);
    // A foreign code beside ours does no harm.
    let mut both = Sheet::blank(&form(), 1, "nb");
    both.code(RectMm::new(60.0, 20.0, 20.0, 20.0), "https://example.org/");
    assert!(identify(&both.scan(&Scan::at(200.0))).is_some());
}

#[test]
fn a_mirrored_page_or_nonsense_corners_are_refused() {
    let form = form();
    let mut page = Sheet::blank(&form, 1, "nb").scan(&Scan::at(150.0));
    let found = identify(&page).expect("the code is there");
    let [a, b, c, d] = found.corners_px;
    for corners_px in [[b, a, d, c], [a, a, a, a]] {
        let nonsense = Identified { corners_px, ..found.clone() };
        page.data.fill(255);
        assert_eq!(register(&page, &form.pages[0], &nonsense).unwrap_err(), RegisterError::Distorted);
    }
    // Our page seen through its back is ours to nobody's eye: the marks do not fit.
    let mut back = Sheet::blank(&form, 1, "nb").scan(&Scan::at(150.0));
    let width = back.width;
    back.data.chunks_exact_mut(width).for_each(<[u8]>::reverse);
    let registration = identify(&back).and_then(|found| register(&back, &form.pages[0], &found).ok());
    assert!(registration.is_none_or(|registration| registration.marks < 3));
    let mut other = form.pages[0].clone();
    other.code = None;
    assert!(matches!(register(&page, &other, &found), Err(RegisterError::NoCode { page: 1 })));
}

#[test]
fn typed_combs_are_read_exactly_and_accepted() {
    let form = form();
    let mut dice = Dice(11);
    let ways = [
        (Font::Helvetica, 11.0, 300.0, 0.0),
        (Font::Times, 13.0, 200.0, 1.5),
        (Font::Courier, 12.0, 300.0, -2.0),
        (Font::Courier, 14.0, 200.0, 180.0),
        (Font::Helvetica, 9.0, 400.0, 3.0),
    ];
    let mut accepted = 0;
    for (index, (font, size, dpi, turn)) in ways.into_iter().enumerate() {
        let mut page = typed(&form, font, size, [0.3, -0.4]).scan(&Scan::at(dpi).turned(turn).scaled(0.97, 0.97));
        match index % 3 {
            0 => {
                noise(&mut page, 10.0, &mut dice);
                threshold(&mut page, 150);
            }
            1 => {
                noise(&mut page, 8.0, &mut dice);
                jpeg(&mut page, 60);
            }
            _ => {}
        }
        let (fields, findings) = read(&form, &page);
        for (name, _, expected) in TYPED {
            let found = field(&fields, name);
            assert_eq!(text(found), expected, "{name} in {font:?} {size}");
            assert!(found.crop.as_ref().is_some_and(|crop| crop.png.starts_with(b"\x89PNG")), "{name} has a picture");
            assert_eq!(found.decision == Decision::Accept, found.confidence >= found.threshold, "{name}: the numbers explain the decision");
            accepted += usize::from(found.decision == Decision::Accept);
        }
        let country = field(&fields, "statsborgerskap");
        assert_eq!(text(country), "Afghanistan");
        assert_eq!(field(&fields, "duf").rule.as_deref(), Some("duf_check"));
        assert_eq!(findings, []);
    }
    assert!(accepted >= 38, "{accepted} of 40 accepted");
}

#[test]
fn a_wrong_check_digit_is_read_as_it_stands_and_found() {
    let form = form();
    let mut sheet = Sheet::blank(&form, 1, "nb");
    sheet.type_comb(Font::Helvetica, 12.0, cells(&form, "duf"), "202203141503", [0.0; 2]);
    sheet.type_comb(Font::Helvetica, 12.0, cells(&form, "foedt"), "31022010", [0.0; 2]);
    let (fields, findings) = read(&form, &sheet.scan(&Scan::at(300.0)));
    let duf = field(&fields, "duf");
    assert_eq!((raw(duf), duf.decision), ("202203141503", Decision::Review));
    assert_eq!(field(&fields, "foedt").decision, Decision::Review);
    let codes: Vec<(&str, Option<&str>)> = findings.iter().map(|finding| (finding.code.as_str(), finding.field.as_deref())).collect();
    assert_eq!(codes, [("duf_check_digit", Some("duf")), ("date_exists", Some("foedt"))]);
    assert!(findings.iter().all(|finding| !finding.message.contains("2022")));
}

/// What is written by hand is never taken for print: it is accepted as the network's reading and under its threshold, and only as what was written.
#[test]
fn what_was_written_by_hand_is_accepted_only_when_it_is_sure_and_right() {
    let form = form();
    for seed in 0..4 {
        let mut dice = Dice(100 + seed);
        let mut sheet = typed(&form, Font::Helvetica, 11.0, [0.0; 2]);
        written(&mut sheet, cells(&form, "personer"), "2", 1.0, &mut dice);
        let mut by_hand = Sheet::blank(&form, 1, "nb");
        for (name, digits) in [("duf", "202203141502"), ("foedt", "13022005"), ("postnummer", "4150"), ("telefon", "40001350"), ("personer", "3")] {
            written(&mut by_hand, cells(&form, name), digits, 1.0, &mut dice);
        }
        by_hand.stroke(&[[30.0, 156.0], [33.0, 152.0], [35.0, 156.0], [38.0, 153.0], [41.0, 156.5], [45.0, 152.5]], 0.5, 0.2);
        let scan = Scan::at(200.0 + 100.0 * (seed % 2) as f64);
        let (mixed, _) = read(&form, &sheet.scan(&scan));
        let holds = |found: &Field, digits: &str, what: &str| {
            assert!(found.model.starts_with("characters"), "{what}, seed {seed}: {}", found.model);
            assert_eq!(found.decision == Decision::Accept, found.confidence >= found.threshold, "{what}, seed {seed}");
            assert!(found.decision != Decision::Accept || raw(found) == digits, "{what}, seed {seed}: {} was accepted", raw(found));
            assert!(found.crop.is_some(), "{what}, seed {seed}");
        };
        holds(field(&mixed, "personer"), "2", "one digit by hand on a typed page");
        let (fields, findings) = read(&form, &by_hand.scan(&scan));
        for (name, digits) in [("duf", "202203141502"), ("foedt", "13022005"), ("postnummer", "4150"), ("telefon", "40001350"), ("personer", "3")] {
            holds(field(&fields, name), digits, name);
        }
        let scrawl = field(&fields, "statsborgerskap");
        assert_eq!(scrawl.decision, Decision::Review, "seed {seed}");
        assert!(scrawl.confidence < scrawl.threshold && scrawl.crop.is_some(), "seed {seed}");
        assert_eq!(findings, [], "a guess at handwriting breaks no rule");
    }
}

#[test]
fn a_font_that_imitates_a_hand_is_not_print() {
    let form = form();
    let mut sheet = Sheet::blank(&form, 1, "nb");
    for (name, digits) in [("duf", "202203141502"), ("foedt", "13022005"), ("postnummer", "4150")] {
        written(&mut sheet, cells(&form, name), digits, 0.0, &mut Dice(1));
    }
    let page = sheet.scan(&Scan::at(300.0));
    let registration = registered(&form, &page).expect("a whole page");
    let readings = MODELS.with_borrow_mut(|models| read_page(models, &page, &form, 1, &registration));
    let hands: Vec<Hand> = readings.iter().filter_map(|reading| if let Mark::Text(text) = &reading.mark { Some(text.hand) } else { None }).collect();
    assert_eq!(hands.len(), 3);
    assert!(!hands.contains(&Hand::Typed), "as even as print, and does not look like it: {hands:?}");
}

#[test]
fn a_faint_pencil_is_seen_and_not_believed() {
    let form = form();
    let mut sheet = Sheet::blank(&form, 1, "nb");
    for (cell, digit) in cells(&form, "postnummer").iter().zip(["8", "5", "0", "8"]) {
        sheet.text_grey(Font::Helvetica, 12.0, cell.x() + 1.3, cell.y() + 5.0, digit, 0.68);
    }
    sheet.text_grey(Font::Helvetica, 12.0, 27.0, 155.5, "Afghanistan", 0.68);
    let (fields, _) = read(&form, &sheet.scan(&Scan::at(300.0)));
    for name in ["postnummer", "statsborgerskap"] {
        assert_eq!(field(&fields, name).decision, Decision::Review, "{name}");
        assert!(field(&fields, name).crop.is_some(), "{name}");
    }
}

#[test]
fn text_that_leaves_its_zone_is_not_accepted() {
    let form = form();
    let mut sheet = Sheet::blank(&form, 1, "nb");
    sheet.text(Font::Helvetica, 14.0, 60.0, 155.5, "Den demokratiske republikken Kongo");
    let (fields, _) = read(&form, &sheet.scan(&Scan::at(300.0)));
    assert_eq!(field(&fields, "statsborgerskap").decision, Decision::Review);
}

#[test]
fn dirt_is_not_writing() {
    let form = form();
    let mut sheet = Sheet::blank(&form, 1, "nb");
    sheet.type_comb(Font::Helvetica, 12.0, cells(&form, "etternavn"), "SOLBERG", [0.0; 2]);
    // Specks in empty cells, above a letter, beside one, in a box, and in a field that is blank.
    let speck = |sheet: &mut Sheet, x: f64, y: f64| sheet.fill(RectMm::new(x, y, 0.25, 0.25), 0.0);
    let name = cells(&form, "etternavn");
    for (cell, x, y) in [(0, 2.4, 0.9), (3, 4.2, 4.0), (9, 2.5, 2.0), (11, 2.5, 5.0), (20, 1.0, 3.0)] {
        speck(&mut sheet, name[cell].x() + x, name[cell].y() + y);
    }
    speck(&mut sheet, cells(&form, "fornavn")[4].x() + 2.0, cells(&form, "fornavn")[4].y() + 4.0);
    speck(&mut sheet, cells(&form, "postnummer")[1].x() + 2.0, cells(&form, "postnummer")[1].y() + 5.0);
    speck(&mut sheet, 31.7, 125.7);
    let (fields, findings) = read(&form, &sheet.scan(&Scan::at(300.0)));
    assert_eq!((text(field(&fields, "etternavn")), field(&fields, "etternavn").decision), ("SOLBERG", Decision::Accept));
    for name in ["fornavn", "postnummer", "kjonn"] {
        assert_eq!(field(&fields, name).decision, Decision::Empty, "{name}");
    }
    assert_eq!(findings, []);
}

#[test]
fn points_dashes_and_noughts_are_told_from_what_looks_alike() {
    let form = form();
    for (font, typed) in [(Font::Helvetica, "C/O O'NEILL-BERG ST. 10"), (Font::Times, "LILLE-IDA O. 2008")] {
        let mut sheet = Sheet::blank(&form, 1, "nb");
        sheet.type_comb(font, 12.0, cells(&form, "fornavn"), typed, [0.0; 2]);
        let (fields, _) = read(&form, &sheet.scan(&Scan::at(300.0)));
        assert_eq!(text(field(&fields, "fornavn")), typed);
    }
}

#[test]
fn a_blank_page_has_nothing_on_it() {
    let form = form();
    let mut dice = Dice(5);
    for (dpi, bad) in [(300.0, false), (150.0, true), (200.0, true)] {
        let mut page = Sheet::blank(&form, 1, "nb").scan(&Scan::at(dpi).turned(1.7).scaled(0.96, 0.96));
        if bad {
            noise(&mut page, 14.0, &mut dice);
            threshold(&mut page, 170);
            pepper(&mut page, 0.0004, &mut dice);
        }
        let (fields, findings) = read(&form, &page);
        for found in &fields {
            let expected = matches!(found.name.as_str(), "samtykke" | "underskrift").then_some(Value::Flag(false));
            assert_eq!(value(found).cloned(), expected, "{} at {dpi} dpi", found.name);
            assert_ne!(found.decision, Decision::Review, "{} at {dpi} dpi", found.name);
            assert!(found.crop.is_none(), "{} at {dpi} dpi", found.name);
        }
        assert_eq!(findings, []);
        assert_eq!(fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(), form.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>());
    }
}

/// F22: fixed thresholds read blank boxes as marked on one scanner and marks as blank on another.
#[test]
fn boxes_are_read_on_every_scanner() {
    let form = form();
    let mut dice = Dice(17);
    for (index, dpi) in [150.0, 200.0, 300.0, 300.0, 200.0, 150.0].into_iter().enumerate() {
        let mut sheet = Sheet::blank(&form, 1, "nb");
        mark(&mut sheet, 65.0, 124.0, 0.35);
        mark(&mut sheet, 30.0, 132.0, 0.5);
        // A tick that leaves its box, beside a third box that was filled in to take it back.
        sheet.stroke(&[[65.5, 134.0], [67.0, 135.5], [70.5, 130.0]], 0.5, 0.1);
        sheet.fill(RectMm::new(100.0, 132.0, 4.0, 4.0), 0.05);
        mark(&mut sheet, 30.0, 140.0, 0.6);
        let mut page = sheet.scan(&Scan::at(dpi).turned(dice.between(-3.0, 3.0)).scaled(0.95, 0.955));
        match index {
            0 | 3 => {
                noise(&mut page, 12.0, &mut dice);
                threshold(&mut page, 140);
            }
            1 => fade(&mut page, 90.0, 200.0),
            4 => threshold(&mut page, 200),
            _ => noise(&mut page, 10.0, &mut dice),
        }
        let (fields, findings) = read(&form, &page);
        assert_eq!(findings, [], "case {index}");
        let chosen = field(&fields, "kjonn");
        assert_eq!((text(chosen), chosen.decision), ("mann", Decision::Accept), "case {index}");
        assert_eq!(chosen.zone, Some(RectMm::new(65.0, 124.0, 4.0, 4.0)), "the marked box");
        assert_eq!(value(field(&fields, "behov")), Some(&Value::Codes(vec!["rullestol".into(), "syn".into()])), "case {index}");
        assert_eq!(value(field(&fields, "samtykke")), Some(&Value::Flag(true)), "case {index}");
    }
}

#[test]
fn doubtful_boxes_go_to_a_person() {
    let form = form();
    let mut two = Sheet::blank(&form, 1, "nb");
    mark(&mut two, 30.0, 124.0, 0.4);
    mark(&mut two, 65.0, 124.0, 0.4);
    // A lone filled box, and a dot that somebody's pen left.
    two.fill(RectMm::new(30.0, 140.0, 4.0, 4.0), 0.05);
    two.fill(RectMm::new(101.5, 133.6, 0.6, 0.6), 0.1);
    let (fields, findings) = read(&form, &two.scan(&Scan::at(300.0)));
    for name in ["kjonn", "behov", "samtykke"] {
        assert_eq!(field(&fields, name).decision, Decision::Review, "{name}");
        assert!(field(&fields, name).crop.is_some(), "{name}");
    }
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!(codes, ["choice_several", "box_unclear", "box_filled"]);
}

#[test]
fn free_text_and_signatures() {
    let form = form();
    let mut sheet = Sheet::blank(&form, 1, "nb");
    for (line, words) in ["Trenger bolig uten trapper,", "og plass til rullestol."].into_iter().enumerate() {
        sheet.text(Font::Helvetica, 11.0, 28.0, 173.0 + 6.0 * line as f64, words);
        sheet.text(Font::Times, 12.0, 28.0, 218.0 + 6.0 * line as f64, words);
    }
    let signature: Vec<[f64; 2]> = (0..60).map(|i| [30.0 + f64::from(i), 262.0 + 4.0 * (f64::from(i) * 0.7).sin()]).collect();
    sheet.stroke(&signature, 0.4, 0.2);
    let (fields, _) = read(&form, &sheet.scan(&Scan::at(300.0).turned(1.0)));
    let expected = "Trenger bolig uten trapper,\nog plass til rullestol.";
    let special = field(&fields, "helse");
    // The value of a text is one line; how it was broken is kept in what was read.
    assert_eq!(
        (text(special), special.decision, special.content.sensitivity()),
        (expected.replace('\n', " ").as_str(), Decision::Review, Sensitivity::Special)
    );
    let ordinary = field(&fields, "merknad");
    assert_eq!((text(ordinary), ordinary.decision), (expected.replace('\n', " ").as_str(), Decision::Accept));
    assert_eq!(value(field(&fields, "underskrift")), Some(&Value::Flag(true)));
    let mut dot = Sheet::blank(&form, 1, "nb");
    dot.stroke(&[[40.0, 262.0], [42.0, 262.5]], 0.5, 0.1);
    let (fields, findings) = read(&form, &dot.scan(&Scan::at(300.0)));
    assert_eq!(field(&fields, "underskrift").decision, Decision::Review);
    assert_eq!(findings[0].code, "signature_unclear");
}

#[test]
fn the_code_alone_still_finds_the_combs() {
    let whole = form();
    let mut printed = whole.clone();
    printed.pages[0].fiducials.clear();
    let page = typed(&printed, Font::Helvetica, 12.0, [0.0; 2]).scan(&Scan::at(300.0).turned(2.0).scaled(0.96, 0.96));
    let (fields, _) = read(&whole, &page);
    for (name, _, expected) in &TYPED[..6] {
        assert_eq!(text(field(&fields, name)), *expected, "{name}");
    }
}

#[test]
fn each_zone_snaps_to_its_outline() {
    let form = form();
    let mut sheet = typed(&form, Font::Helvetica, 12.0, [0.0; 2]);
    mark(&mut sheet, 65.0, 124.0, 0.4);
    let page = sheet.scan(&Scan::at(300.0));
    let mut registration = registered(&form, &page).expect("a whole page");
    // A registration that is 1.2 mm off along x and 0.8 mm along y.
    registration.to_px = Homography([[1.0, 0.0, 1.2], [0.0, 1.0, -0.8], [0.0, 0.0, 1.0]]).then(&registration.to_px);
    let readings = MODELS.with_borrow_mut(|models| read_page(models, &page, &form, 1, &registration));
    for reading in readings.iter().filter(|reading| !matches!(form.fields[reading.field].name.as_str(), "helse" | "merknad" | "underskrift")) {
        assert!((reading.residual_mm - 1.44).abs() < 0.15, "{reading:?}");
    }
    let (fields, _) = MODELS.with_borrow(|models| decide(&form, readings, &context(), models.means()));
    for (name, _, expected) in TYPED {
        assert_eq!((text(field(&fields, name)), field(&fields, name).decision), (expected, Decision::Accept), "{name}");
    }
    assert_eq!(text(field(&fields, "kjonn")), "mann");
}

#[test]
fn missing_and_doubled_pages_are_told() {
    let mut form = form();
    let mut second = form.pages[0].clone();
    second.number = 2;
    form.pages.push(second);
    form.fields[3].zones[0].page = 2;
    let page = typed(&form, Font::Helvetica, 12.0, [0.0; 2]).scan(&Scan::at(200.0));
    let registration = registered(&form, &page).expect("a whole page");
    let other = Sheet::blank(&form, 1, "nb").scan(&Scan::at(200.0));
    MODELS.with_borrow_mut(|models| {
        let first = read_page(models, &page, &form, 1, &registration);
        let (fields, findings) = decide(&form, first.clone(), &context(), models.means());
        assert_eq!(findings.iter().map(|finding| finding.code.as_str()).collect::<Vec<_>>(), ["page_missing"]);
        assert_eq!((field(&fields, "fnr").decision, field(&fields, "fnr").page), (Decision::Review, Some(2)));
        assert_eq!(field(&fields, "duf").decision, Decision::Accept);
        let twice: Vec<_> = first.iter().cloned().chain(first.clone()).collect();
        let (fields, _) = decide(&form, twice, &context(), models.means());
        assert_eq!((text(field(&fields, "duf")), field(&fields, "duf").decision), ("202203141502", Decision::Accept));
        let blank = read_page(models, &other, &form, 1, &registration);
        let both: Vec<_> = first.into_iter().chain(blank).collect();
        let (fields, findings) = decide(&form, both, &context(), models.means());
        assert_eq!(field(&fields, "duf").decision, Decision::Review);
        assert!(findings.iter().any(|finding| finding.code == "page_doubled" && finding.field.as_deref() == Some("duf")));
        assert_eq!(field(&fields, "samtykke").decision, Decision::Accept, "both copies say no");
    });
}
