//! What goes over the pipe comes out of it the same, and a lie about any of it is found.

use super::*;
use crate::clock::date;
use crate::document::Origin;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const SECRET: &str = "x-secret";

fn job() -> Job {
    Job { crops: true, text: true, pictures: Pictures::Whole, ..Job::plain(date(2026, 11, 21), Origin::File, true) }
}

/// A grey picture of 2 x 1 pixels, as far as its header goes.
fn png() -> Vec<u8> {
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x01\x08\0\0\0\0rest".to_vec()
}

/// A picture of a page of 2 x 1 pixels, as far as its header goes.
fn page_png() -> Vec<u8> {
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x01\x08\x02\0\0\0rest".to_vec()
}

fn field(name: &str, sensitivity: Sensitivity, value: Option<Value>, crop: Option<Crop>) -> Field {
    let content = Content { value, text: Some(SECRET.into()), raw: Some(SECRET.into()) };
    Field {
        name: name.into(),
        kind: FieldType::Text,
        content: Guarded::new(sensitivity, content),
        confidence: Confidence::new(0.75),
        threshold: Confidence::new(0.5),
        decision: Decision::Review,
        reader: ReaderKind::Free,
        model: "tesseract 5.3.0 nor+eng".into(),
        rule: Some("duf_check".into()),
        page: Some(2),
        zone: Some(RectMm::new(10.0, 20.5, 30.0, 5.0)),
        span: Some((1, 4)),
        crop,
    }
}

fn values() -> Vec<Option<Value>> {
    let row = BTreeMap::from([("aar".to_owned(), json!(2026)), ("span".to_owned(), json!([1, 2])), ("totalt".to_owned(), Json::Null)]);
    vec![
        None,
        Some(Value::Flag(true)),
        Some(Value::Integer(-3)),
        Some(Value::Text("2026-11-21".into())),
        Some(Value::Codes(vec![])),
        Some(Value::Years(vec![])),
        Some(Value::Rows(vec![])),
        Some(Value::Years(vec![2026, 2027])),
        Some(Value::Rows(vec![row])),
    ]
}

fn reading() -> Reading {
    let mut fields: Vec<Field> = values().into_iter().enumerate().map(|(at, value)| field(&format!("felt.{at}"), Sensitivity::Ordinary, value, None)).collect();
    fields.push(field("helse.annet", Sensitivity::Special, Some(Value::Text(SECRET.into())), Some(Crop { png: png() })));
    let part = Part {
        part: Some("pages 1-2".into()),
        kind: Kind::Form,
        form: Some(FormRef { name: "privatboende".into(), version: "1".into(), score: Confidence::new(0.5), residual_mm: Some(0.25) }),
        pages: 2,
        fields,
        findings: vec![Finding::about("felt.1", "duf_check_digit", "Kontrollsifferet stemmer ikke.")],
        text: Some(Special::new("Blåbær på Ås".into())),
    };
    // Page 2 has none: not every page must have one.
    let pictures = [1, 3].map(|page| PagePicture { page, png: page_png() });
    Reading { parts: vec![part], pages: 3, pictures: pictures.into(), ms: 12 }
}

fn json_of(reading: &Reading) -> Json {
    serde_json::from_slice(&write_reading(reading, &job()).expect("within bounds")).expect("our own JSON")
}

fn read(json: &Json) -> Result<Incoming, Breach> {
    read_reading(&serde_json::to_vec(json).expect("JSON"), &job())
}

fn picture_body(page: u32, png: &[u8]) -> Vec<u8> {
    [page.to_le_bytes().as_slice(), png].concat()
}

fn crop_body(part: u32, field: u32, png: &[u8]) -> Vec<u8> {
    [part.to_le_bytes().as_slice(), &field.to_le_bytes(), png].concat()
}

#[test]
fn a_reading_comes_out_of_the_pipe_as_it_went_in() {
    let sent = reading();
    let mut incoming = read(&json_of(&sent)).expect("sound");
    for (part, field, crop) in crops(&sent) {
        incoming.take_crop(&crop_body(part, field, &crop.png)).expect("announced");
    }
    for picture in pictures(&sent, &job()) {
        incoming.take_picture(&picture_body(picture.page, &picture.png)).expect("announced");
    }
    let got = incoming.finish().expect("whole");
    assert!(got.pictures.iter().map(|picture| (picture.page, &picture.png)).eq(sent.pictures.iter().map(|picture| (picture.page, &picture.png))));
    // Debug output hides content, so it is compared by itself.
    assert_eq!(format!("{got:?}"), format!("{sent:?}"));
    for (got, sent) in got.parts[0].fields.iter().zip(&sent.parts[0].fields) {
        assert!(got.content.expose(Purpose::Seal) == sent.content.expose(Purpose::Seal), "{}", got.name);
        assert_eq!(got.content.sensitivity(), sent.content.sensitivity());
        assert_eq!(got.crop.as_ref().map(|crop| &crop.png), sent.crop.as_ref().map(|crop| &crop.png));
    }
    let text = |reading: &Reading| reading.parts[0].text.as_ref().map(|text| text.expose(Purpose::Seal).clone());
    assert_eq!(text(&got), text(&sent));
}

#[test]
fn what_nobody_asked_for_is_not_sent_and_not_taken() {
    let plain = Job { crops: false, text: false, pictures: Pictures::No, ..job() };
    let json: Json = serde_json::from_slice(&write_reading(&reading(), &plain).expect("within bounds")).expect("our own JSON");
    assert_eq!((&json["parts"][0]["text"], &json["parts"][0]["fields"][9]["crop"]), (&Json::Null, &Json::Bool(false)));
    assert_eq!((&json["pictures"], pictures(&reading(), &plain).count()), (&json!([]), 0));
    let unasked = |json: &Json| read_reading(&serde_json::to_vec(json).expect("JSON"), &plain).err();
    assert_eq!(unasked(&json), None);
    assert_eq!(unasked(&json_of(&reading())), Some("pictures of pages that nobody asked for"));
    let mut crops_only = json_of(&reading());
    crops_only["pictures"] = json!([]);
    assert_eq!(unasked(&crops_only), Some("a picture that nobody asked for"));
}

/// One change to a sound reading, by JSON pointer.
fn changed(pointer: &str, to: Json) -> Result<Incoming, Breach> {
    let mut json = json_of(&reading());
    *json.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is in the JSON")) = to;
    read(&json)
}

#[test]
fn every_lie_is_found() {
    let field = "/parts/0/fields/0";
    let long = |bytes: usize| Json::String("a".repeat(bytes));
    let many = |count: usize, item: Json| Json::Array(vec![item; count]);
    let lies = [
        ("/pages".to_owned(), json!(0)),
        ("/pages".to_owned(), json!(PAGES_MAX + 1)),
        ("/pages".to_owned(), json!(1)),
        ("/ms".to_owned(), json!(MS_MAX + 1)),
        ("/pictures".to_owned(), json!([0])),
        ("/pictures".to_owned(), json!([4])),
        ("/pictures".to_owned(), json!([1, 1])),
        ("/pictures".to_owned(), json!([3, 1])),
        ("/pictures".to_owned(), json!([1.5])),
        ("/pictures".to_owned(), Json::Null),
        ("/parts".to_owned(), json!([])),
        ("/parts".to_owned(), many(PARTS_MAX + 1, json!({"part":null,"kind":"other","form":null,"pages":1,"fields":[],"findings":[],"text":null}))),
        ("/parts/0/pages".to_owned(), json!(4)),
        ("/parts/0/part".to_owned(), json!("pages\n1-2")),
        ("/parts/0/kind".to_owned(), json!("treasure")),
        ("/parts/0/form/name".to_owned(), json!("../privatboende")),
        ("/parts/0/form/score".to_owned(), json!(1.5)),
        ("/parts/0/text".to_owned(), long(TEXT_BYTES_MAX + 1)),
        ("/parts/0/findings".to_owned(), many(FINDINGS_MAX + 1, json!({"code":"a","field":null,"message":"b"}))),
        ("/parts/0/findings/0/code".to_owned(), json!("")),
        ("/parts/0/findings/0/message".to_owned(), long(SENTENCE_BYTES_MAX + 1)),
        ("/parts/0/findings/0/message".to_owned(), json!("ro\u{202e}tsopp")),
        ("/parts/0/findings/0/field".to_owned(), json!("a b")),
        (format!("{field}/name"), json!("felt.1")),
        (format!("{field}/name"), long(NAME_BYTES_MAX + 1)),
        (format!("{field}/kind"), json!("gold")),
        (format!("{field}/sensitivity"), json!("none")),
        (format!("{field}/text"), long(CONTENT_BYTES_MAX + 1)),
        (format!("{field}/raw"), long(CONTENT_BYTES_MAX + 1)),
        (format!("{field}/value"), json!({"text": "a".repeat(CONTENT_BYTES_MAX + 1)})),
        (format!("{field}/value"), json!({"codes": ["a b"]})),
        (format!("{field}/value"), json!({"codes": vec!["a"; ITEMS_MAX + 1]})),
        (format!("{field}/value"), json!({"years": vec![1; ITEMS_MAX + 1]})),
        (format!("{field}/value"), json!({"rows": [{"a": {"b": 1}}]})),
        (format!("{field}/value"), json!({"rows": [{"a": [[1]]}]})),
        (format!("{field}/value"), json!("bare")),
        (format!("{field}/confidence"), json!(-0.1)),
        (format!("{field}/confidence"), json!(1e39)),
        (format!("{field}/confidence"), Json::Null),
        (format!("{field}/threshold"), json!(1.01)),
        (format!("{field}/model"), json!("tess\u{0}eract")),
        (format!("{field}/rule"), long(LABEL_BYTES_MAX + 1)),
        (format!("{field}/page"), json!(0)),
        (format!("{field}/page"), json!(FORM_PAGES_MAX + 1)),
        (format!("{field}/zone"), json!([0.0, 0.0, -1.0, 1.0])),
        (format!("{field}/zone"), json!([0.0, 1e9, 1.0, 1.0])),
        (format!("{field}/zone"), json!([0.0, 0.0, 1.0])),
        (format!("{field}/span"), json!([4, 1])),
        (format!("{field}/span"), json!([0, 1000])),
        (format!("{field}/span"), json!([0, 3])),
        (format!("{field}/crop"), json!(1)),
    ];
    for (pointer, lie) in lies {
        let shown: String = lie.to_string().chars().take(60).collect();
        assert!(changed(&pointer, lie).is_err(), "{pointer} = {shown}");
    }
    let mut json = json_of(&reading());
    json["more"] = json!(1);
    assert!(read(&json).is_err(), "an unknown key");
    assert!(changed("/ms", json!(1)).is_ok(), "a change that is no lie");
}

/// A form's field names the page of the form, and a letter's the page of the document.
#[test]
fn a_page_is_one_of_the_form_or_else_of_the_document() {
    let pages = u64::from(reading().pages);
    let field_of = |has_form: bool, page: u64| {
        let mut json = json_of(&reading());
        json["parts"][0]["fields"][0]["page"] = json!(page);
        if !has_form {
            json["parts"][0]["form"] = Json::Null;
        }
        read(&json).is_ok()
    };
    assert!(field_of(false, pages) && !field_of(false, pages + 1));
    assert!(field_of(true, pages + 1) && field_of(true, FORM_PAGES_MAX.into()));
}

#[test]
fn pictures_are_taken_once_whole_and_only_where_announced() {
    let incoming = || read(&json_of(&reading())).expect("sound");
    let take = |body: &[u8]| incoming().take_crop(body);
    assert_eq!(take(&crop_body(0, 9, &png())), Ok(()));
    for (part, field) in [(0, 0), (0, 10), (1, 9), (u32::MAX, u32::MAX)] {
        assert!(take(&crop_body(part, field, &png())).is_err(), "{part} {field}");
    }
    assert!(take(&[0; 7]).is_err(), "a body without a place");
    let mut twice = incoming();
    assert_eq!(twice.take_crop(&crop_body(0, 9, &png())), Ok(()));
    assert!(twice.take_crop(&crop_body(0, 9, &png())).is_err());
    assert!(incoming().finish().is_err(), "an announced picture that does not come");
}

#[test]
fn pictures_of_pages_come_in_the_order_they_were_announced_in() {
    let incoming = || {
        let mut incoming = read(&json_of(&reading())).expect("sound");
        incoming.take_crop(&crop_body(0, 9, &png())).expect("announced");
        incoming
    };
    let taken = |pages: &[u32]| {
        let mut incoming = incoming();
        pages.iter().try_for_each(|page| incoming.take_picture(&picture_body(*page, &page_png()))).and_then(|()| incoming.finish())
    };
    assert_eq!(taken(&[1, 3]).expect("as announced").pictures.len(), 2);
    for pages in [&[][..], &[1], &[3], &[3, 1], &[1, 2], &[1, 1], &[1, 3, 3], &[0], &[u32::MAX]] {
        assert!(taken(pages).is_err(), "{pages:?}");
    }
    assert!(incoming().take_picture(&[0; 3]).is_err(), "a body without a place");
    assert!(incoming().take_picture(&picture_body(1, &png())).is_err(), "the picture of a field in place of a page's");
    let mut full = incoming();
    full.picture_bytes = PICTURES_BYTES_MAX;
    assert_eq!(full.take_picture(&picture_body(1, &page_png())), Err("more pictures of pages than a document can have"));
}

#[test]
fn only_our_kind_of_picture_of_a_page_is_taken() {
    assert_eq!(check_picture(&page_png()), Ok(()));
    assert!(check_picture(&png()).is_err(), "grey");
    assert!(check_png(&page_png()).is_err(), "and a page's picture is no field's");
    assert!(check_picture(&page_png()[..20]).is_err(), "cut short");
    assert!(check_picture(&[page_png(), vec![0; PICTURE_BYTES_MAX]].concat()).is_err(), "too long");
}

#[test]
fn only_our_kind_of_picture_is_taken() {
    assert_eq!(check_png(&png()), Ok(()));
    let with = |at: usize, byte: u8| {
        let mut other = png();
        other[at] = byte;
        check_png(&other)
    };
    assert!(with(0, b'X').is_err(), "another file");
    assert!(with(16, 0xff).is_err(), "too wide");
    assert!(with(19, 0).is_err(), "no width");
    assert!(with(24, 16).is_err(), "16 bit");
    assert!(with(25, 2).is_err(), "colour");
    assert!(check_png(&png()[..20]).is_err(), "cut short");
    assert!(check_png(&[png(), vec![0; CROP_BYTES_MAX]].concat()).is_err(), "too long");
}

#[test]
fn a_refusal_is_a_readers_own_and_short() {
    let refusal = Refusal::new(RefusalCode::Locked, "the document is locked", "ask for an open copy");
    assert_eq!(read_refusal(&write_refusal(&refusal)), Ok(refusal.clone()));
    let attempts = Refusal { code: RefusalCode::Attempts, ..refusal.clone() };
    assert!(read_refusal(&write_refusal(&attempts)).is_err());
    let long = Refusal { message: "a".repeat(SENTENCE_BYTES_MAX + 1), ..refusal.clone() };
    assert!(read_refusal(&write_refusal(&long)).is_err());
    let two_lines = Refusal { advice: "a\nb".into(), ..refusal };
    assert!(read_refusal(&write_refusal(&two_lines)).is_err());
}

#[test]
fn a_greeting_speaks_of_every_layer_and_of_our_version() {
    let layers: Vec<_> = Layer::ALL.into_iter().map(|layer| (layer, Held::Yes("so".into()))).collect();
    let hello = |version, layers| serde_json::to_vec(&Hello { version, layers, engines: vec!["x".into()] }).expect("JSON");
    let version = super::super::protocol::VERSION;
    assert!(read_hello(&hello(version, layers.clone())).is_ok());
    assert!(read_hello(&hello(version + 1, layers.clone())).is_err());
    assert!(read_hello(&hello(version, layers[1..].to_vec())).is_err());
}

proptest! {
    #[test]
    fn no_change_of_bytes_makes_the_daemon_panic(at in 0usize..4000, byte in any::<u8>(), cut in 0usize..4000) {
        let mut json = write_reading(&reading(), &job()).expect("within bounds").to_vec();
        let (at, cut) = (at % json.len(), cut % json.len());
        json[at] = byte;
        if let Ok(incoming) = read_reading(&json, &job()) {
            let part = &incoming.reading.parts[0];
            let last = if part.form.is_some() { FORM_PAGES_MAX } else { incoming.reading.pages };
            for field in &part.fields {
                prop_assert!(field.page.is_none_or(|page| (1..=last).contains(&page)));
                prop_assert!((0.0..=1.0).contains(&field.confidence.get()));
            }
            prop_assert!(incoming.announced_pages.iter().all(|page| (1..=incoming.reading.pages).contains(page)));
        }
        prop_assert!(read_reading(&json[..cut], &job()).is_err());
    }

    #[test]
    fn whatever_is_said_of_pictures_no_page_has_two_and_none_is_foreign(announced in proptest::collection::vec(0u32..6, 0..6), come in proptest::collection::vec(0u32..6, 0..6), at in 0usize..40, byte in any::<u8>()) {
        let mut json = json_of(&reading());
        json["pictures"] = json!(announced);
        let sound = announced.iter().all(|page| (1..=3).contains(page)) && announced.windows(2).all(|pair| pair[0] < pair[1]);
        let incoming = read(&json);
        prop_assert_eq!(incoming.is_ok(), sound);
        if let Ok(mut incoming) = incoming {
            let mut png = page_png();
            let at = at % png.len();
            png[at] = byte;
            let taken = come.iter().all(|page| incoming.take_picture(&picture_body(*page, &png)).is_ok());
            prop_assert!(!taken || announced.starts_with(&come));
            let pages: Vec<u32> = incoming.reading.pictures.iter().map(|picture| picture.page).collect();
            prop_assert!(announced.starts_with(&pages));
        }
    }
}
