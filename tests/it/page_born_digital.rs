//! Drawn PDF pages and their text.

use postsluse::document::RefusalCode;

use crate::page::{close, first, ink, raster, refusal, text_of, words};
use crate::page_files::{dictionary, one_page, stream};

#[test]
fn words_come_with_their_places_from_the_top_down() {
    let page = first(one_page("BT /F 20 Tf 72 700 Td (Andre linje) Tj ET BT /F 20 Tf 72 742 Td (Bod\\370 kommune) Tj ET", "", "", &[]));
    let grey = page.raster.expect("it is drawn");
    assert_eq!((grey.width, grey.height), (2479, 3508));
    assert!(close(grey.dpi, 300.0));
    let layer = page.text.expect("it is born digital");
    assert_eq!(words(&layer), [["Bodø", "kommune"], ["Andre", "linje"]]);
    let [left, top, right, bottom] = layer.lines[0].words[0].rect_px;
    // 72 pt is an inch; the baseline stands 100 pt below the top.
    assert!((299..=301).contains(&left), "{left}");
    assert!(top < 417 && bottom > 417 && (bottom - top) < 100, "{top} {bottom}");
    assert!(right > left + 150 && right < left + 250, "{right}");
    // The ink lies inside the words.
    let ink = ink(&grey);
    assert!(ink[0] >= 300 && ink[1] >= 350, "{ink:?}");
    assert!(layer.lines[0].words[1].rect_px[0] > right);
}

#[test]
fn a_turned_page_gives_upright_text() {
    let page = first(one_page("BT /F 20 Tf 0 1 -1 0 100 72 Tm (Liggende ark) Tj ET", "", "/Rotate 90", &[]));
    let grey = page.raster.expect("it is drawn");
    assert_eq!((grey.width, grey.height), (3508, 2479));
    let layer = page.text.expect("it is upright");
    assert_eq!(words(&layer), [["Liggende", "ark"]]);
    let [left, .., bottom] = layer.lines[0].words[0].rect_px;
    assert!((299..=301).contains(&left) && (415..450).contains(&bottom), "{left} {bottom}");
}

#[test]
fn text_that_lies_on_its_side_is_no_layer() {
    assert_eq!(text_of("BT /F 20 Tf 0 1 -1 0 100 72 Tm (Liggende ark) Tj ET"), None);
}

#[test]
fn unseen_text_is_left_out() {
    let seen = "BT /F 12 Tf 72 700 Td (Synlig) Tj ET";
    for unseen in [
        "BT /F 12 Tf 3 Tr 72 600 Td (Usynlig) Tj ET",
        "1 g BT /F 12 Tf 72 600 Td (Usynlig) Tj ET",
        "BT /F 0.5 Tf 72 600 Td (Usynlig) Tj ET",
        "BT /F 12 Tf 72 900 Td (Usynlig) Tj ET",
        "BT /F 12 Tf 72 600 Td (Usynlig) Tj ET 1 g 60 590 200 30 re f",
        "0 g 60 590 200 30 re f BT /F 12 Tf 72 600 Td (Usynlig) Tj ET",
        "q 0 0 10 10 re W n BT /F 12 Tf 72 600 Td (Usynlig) Tj ET Q",
    ] {
        assert_eq!(text_of(&format!("{seen} {unseen}")), Some(vec![vec!["Synlig".to_owned()]]), "{unseen}");
    }
}

#[test]
fn white_text_on_a_dark_field_is_seen() {
    assert_eq!(text_of("0.2 g 60 590 200 30 re f 1 g BT /F 12 Tf 72 600 Td (Overskrift) Tj ET"), Some(vec![vec!["Overskrift".to_owned()]]));
}

#[test]
fn gaps_part_words_and_kerning_does_not() {
    let line = |content: &str| text_of(&format!("BT /F 12 Tf 72 700 Td {content} ET")).expect("a text").remove(0);
    assert_eq!(line("[(Ved) -20 (tak) -400 (om) 30 (bosetting)] TJ"), ["Vedtak", "ombosetting"].map(str::to_owned));
    assert_eq!(line("3 Tc (VEDTAK OM) Tj"), ["VEDTAK", "OM"].map(str::to_owned), "letter-spaced");
    assert_eq!(line("(Antall) Tj 200 0 Td (12) Tj"), ["Antall", "12"].map(str::to_owned), "the columns of a table");
}

#[test]
fn a_word_drawn_twice_to_look_bold_is_there_once() {
    assert_eq!(text_of("BT /F 12 Tf 72 700 Td (Vedtak) Tj 0.3 0 Td (Vedtak) Tj ET"), Some(vec![vec!["Vedtak".to_owned()]]));
    assert_eq!(text_of("BT /F 12 Tf 2 Tr 72 700 Td (Vedtak) Tj ET"), Some(vec![vec!["Vedtak".to_owned()]]), "filled and stroked");
}

#[test]
fn a_wider_gap_starts_a_paragraph() {
    let page = first(one_page("BT /F 11 Tf 72 700 Td 14 TL (a) Tj T* (b) Tj T* (c) Tj 0 -28 Td (d) Tj T* (e) Tj ET", "", "", &[]));
    let layer = page.text.expect("a text");
    assert_eq!(layer.lines.iter().map(|line| line.starts_paragraph).collect::<Vec<_>>(), [true, false, false, true, false]);
}

#[test]
fn glyphs_that_say_nothing_leave_the_page_to_the_recogniser() {
    let font = dictionary(
        "/Type /Font /Subtype /Type3 /FontBBox [0 0 1000 1000] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 97 /LastChar 97 /Widths [600] \
         /Encoding << /Differences [97 /nosuchname_] >> /CharProcs << /nosuchname_ 7 0 R >> /Resources << >>",
    );
    let glyph = stream("", "600 0 0 0 500 700 d1 0 0 500 700 re f");
    let page = first(one_page("BT /F 12 Tf 72 700 Td (Synlig) Tj /G 12 Tf 0 -20 Td (aaa) Tj ET", "/Font << /F 5 0 R /G 6 0 R >>", "", &[font, glyph]));
    assert!(page.text.is_none());
    assert!(page.raster.is_some());
}

#[test]
fn a_page_that_is_mostly_picture_has_no_trusted_text() {
    let picture = stream("/Type /XObject /Subtype /Image /Width 8 /Height 8 /BitsPerComponent 8 /ColorSpace /DeviceGray", vec![128; 64]);
    let page = first(one_page("q 595 0 0 400 0 0 cm /Im Do Q BT /F 12 Tf 72 700 Td (Brevhode) Tj ET", "/XObject << /Im 6 0 R >>", "", &[picture]));
    assert!(page.text.is_none());
}

#[test]
fn a_huge_page_is_drawn_within_the_limit() {
    let grey = raster(one_page("0 g 0 0 100 100 re f", "", "/MediaBox [0 0 14400 7200]", &[]));
    assert_eq!((grey.width, grey.height), (5000, 2500));
    assert!(close(grey.dpi, 25.0));
}

#[test]
fn junk_before_the_header_is_passed_over() {
    let mut bytes = b"X-Gateway: ok\r\n\r\n".to_vec();
    bytes.extend(one_page("BT /F 12 Tf 72 700 Td (Vedtak) Tj ET", "", "", &[]));
    assert_eq!(words(&first(bytes).text.expect("a text")), [["Vedtak"]]);
}

/// An owner's password restricts; it does not lock.
#[test]
fn a_pdf_with_an_owners_password_is_read_and_one_with_a_users_is_locked() {
    let plain = one_page("BT /F 12 Tf 72 700 Td (Vedtak) Tj ET", "", "", &[]);
    let encrypted = |user: &str| {
        let mut document = lopdf::Document::load_mem(&plain).expect("it loads");
        let version = lopdf::EncryptionVersion::V2 {
            document: &document,
            owner_password: "owner",
            user_password: user,
            key_length: 128,
            permissions: lopdf::Permissions::empty(),
        };
        let state = lopdf::EncryptionState::try_from(version).expect("a state");
        document.encrypt(&state).expect("it encrypts");
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).expect("it saves");
        bytes
    };
    assert_eq!(words(&first(encrypted("")).text.expect("a text")), [["Vedtak"]]);
    let refused = refusal(encrypted("secret"));
    assert_eq!(refused.code, RefusalCode::Locked);
    assert!(refused.to_string().starts_with("the PDF is locked with a password\nask the sender"), "{refused}");
}
