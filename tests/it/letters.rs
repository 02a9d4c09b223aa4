//! The receipt as the kommune gets it: read back from the PDF, in both languages.

use postsluse::cases::{Facts, Point};
use postsluse::clock::{Timestamp, date};
use postsluse::letters::{Background, Frame, Language, Letter, Office, Receipt, Signer};
use postsluse::record::{Content, Ordinary};
use serde_json::json;

use crate::letters_paper::{fonts, pages};

pub fn office() -> Office {
    Office {
        name: "Integrerings- og mangfoldsdirektoratet".into(),
        name_nynorsk: Some("Integrerings- og mangfaldsdirektoratet".into()),
        short_name: "IMDi".into(),
        postal_address: "Postboks 672, 8508 Narvik".into(),
        visiting_address: None,
        phone: "40 00 19 60".into(),
        phone_hours: Some("kl. 9–14".into()),
        email: "post@imdi.no".into(),
        organisation_number: "987 879 696".into(),
        website: Some("www.imdi.no".into()),
        signers: vec![Signer { name: "Ågot Sjøvær".into(), title: "seksjonsleder".into() }],
        first_case_number: 1,
    }
}

fn facts(fields: &serde_json::Value) -> Facts {
    let mut facts = Facts::default();
    for (name, value) in fields.as_object().expect("fields") {
        let value = serde_json::from_value(value.clone()).expect("a value");
        facts.take(name, &Ordinary(Content { value: Some(value), text: None, raw: None }));
    }
    facts
}

pub fn frame(language: Language) -> Frame {
    Frame {
        kommune: "Ås kommune".into(),
        address: vec!["Ås kommune".into(), "Skoleveien 1".into(), "1430 ÅS".into()],
        deres_ref: Some("2025/4321-3".into()),
        our_ref: "26-00012-2".parse().expect("a reference"),
        date: date(2026, 1, 14),
        language,
    }
}

pub fn receipt(language: Language, fields: &serde_json::Value) -> Receipt {
    Receipt { frame: frame(language), facts: facts(fields), points: Vec::new(), background: Background::default() }
}

pub fn created() -> Timestamp {
    "2026-01-14T09:00:00Z".parse().expect("a literal timestamp")
}

pub fn write(receipt: &Receipt) -> Letter {
    receipt.write(&office(), &fonts(), created()).expect("a letter")
}

/// Subject, e-mail and letter, with one space between words and no blank lines.
pub fn shown(letter: &Letter) -> String {
    let tidy = |page: &String| {
        let lines: Vec<String> = page.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|line| !line.is_empty()).collect();
        lines.join("\n")
    };
    let read = pages(&letter.pdf).iter().map(tidy).collect::<Vec<_>>().join("\n=== page ===\n");
    format!("{}\n{}\n=== mail ===\n{}=== letter ===\n{read}\n", letter.pdf_name, letter.subject, letter.body_text)
}

fn whole() -> serde_json::Value {
    json!({
        "aar": [2026], "vedtatt_totalt": 31, "vedtatt_voksne_familier": 26, "vedtatt_em_15_18": 3, "vedtatt_em_under_15": 2, "vedtatt_em_totalt": 5,
        "svar": "imoetekommer", "vedtaksdato": "2025-12-11", "saksnummer": "PS 97/25", "familiegjenforente": "utenfor", "anmodet_totalt": 31,
    })
}

fn several_years() -> serde_json::Value {
    json!({"per_aar": [
        {"aar": 2026, "totalt": 24, "voksne_familier": 20, "em_15_18": 3, "em_under_15": 1},
        {"aar": 2027, "totalt": 20},
        {"aar": 2028, "totalt": 1, "voksne_familier": 1},
    ], "grense": "inntil", "flere_ved_behov": 5})
}

fn incomplete() -> serde_json::Value {
    json!({"vedtatt_totalt": 20, "grense": "inntil", "forbehold": ["finansiering", "hvem"], "flere_ved_behov": true})
}

#[test]
fn a_whole_vedtak_in_bokmaal() {
    insta::assert_snapshot!(shown(&write(&receipt(Language::Bokmaal, &whole()))));
}

#[test]
fn a_whole_vedtak_in_nynorsk() {
    insta::assert_snapshot!(shown(&write(&receipt(Language::Nynorsk, &whole()))));
}

#[test]
fn several_years_in_bokmaal() {
    insta::assert_snapshot!(shown(&write(&receipt(Language::Bokmaal, &several_years()))));
}

#[test]
fn several_years_in_nynorsk() {
    insta::assert_snapshot!(shown(&write(&receipt(Language::Nynorsk, &several_years()))));
}

#[test]
fn what_is_missing_is_asked_for_in_bokmaal() {
    insta::assert_snapshot!(shown(&write(&receipt(Language::Bokmaal, &incomplete()))));
}

#[test]
fn what_is_missing_is_asked_for_in_nynorsk() {
    insta::assert_snapshot!(shown(&write(&receipt(Language::Nynorsk, &incomplete()))));
}

/// A vedtak on top of an earlier one, and one that replaces another, say what the kommune has decided then.
#[test]
fn what_was_known_before_is_told() {
    let extra = json!({"aar": [2026], "tilleggsvedtak": 5});
    let cases = [
        (
            Language::Bokmaal,
            "Kommunen har dermed vedtatt å bosette 25 flyktninger totalt i 2026.",
            "Vedtaket erstatter vedtaket vi fikk tidligere (vår ref. 26-00012-1).",
        ),
        (
            Language::Nynorsk,
            "Kommunen har dermed vedteke å busetje 25 flyktningar totalt i 2026.",
            "Vedtaket erstattar vedtaket vi fekk tidlegare (vår ref. 26-00012-1).",
        ),
    ];
    for (language, in_all, instead) in cases {
        let mut receipt = receipt(language, &extra);
        let unknown = shown(&write(&receipt)).replace('\n', " ");
        assert!(unknown.contains("medregnet det den har vedtatt") || unknown.contains("medrekna det han har vedteke"), "{unknown}");
        receipt.background = Background { now_total: Some(25), replaces: Some("26-00012-1".parse().expect("a reference")) };
        let known = shown(&write(&receipt)).replace('\n', " ");
        assert!(known.contains(in_all) && known.contains(instead) && !known.contains("medre"), "{known}");
        receipt.background = Background::default();
        receipt.points = vec![Point::NoEarlier { year: 2026, extra: 5 }];
        let asked = shown(&write(&receipt)).replace('\n', " ");
        assert!(asked.contains("tidl") && !asked.contains("medre"), "the point asks for the total: {asked}");
    }
}

/// Each outcome's own sentences, in both languages.
#[test]
fn every_answer_has_its_words() {
    let cases = [
        (json!({"aar": [2026], "svar": "avslaar", "anmodet_totalt": 20}), "ikke vil bosette flyktninger i 2026", "ikkje vil busetje flyktningar i 2026"),
        (json!({"aar": [2026], "vedtatt_totalt": 0}), "ikke vil bosette flyktninger i 2026", "ikkje vil busetje flyktningar i 2026"),
        (json!({"svar": "utsatt", "behandles_dato": "2026-02-05"}), "skal behandles 05.02.2026", "skal behandlast 05.02.2026"),
        (json!({"aar": [2026], "vedtatt_totalt": 1}), "vil bosette én flyktning i 2026", "vil busetje éin flyktning i 2026"),
        (json!({"aar": [2026], "vedtatt_totalt": 12, "grense": "minst"}), "minst 12 flyktninger", "minst 12 flyktningar"),
        (json!({"aar": [2026, 2027], "periode_totalt": 40}), "40 flyktninger til sammen i 2026 og 2027", "40 flyktningar til saman i 2026 og 2027"),
        (json!({"aar": [2026], "tilleggsvedtak": 24}), "24 flyktninger i tillegg til det den har vedtatt", "24 flyktningar i tillegg til det han har vedteke"),
        (json!({}), "Vi finner ikke i vedtaket hvor mange", "Vi finn ikkje i vedtaket kor mange"),
        (
            json!({"aar": [2026], "vedtatt_totalt": 31, "vedtatt_voksne_familier": 20, "vedtatt_em_totalt": 5}),
            "til sammen 25, men vedtaket sier 31",
            "til saman 25, men vedtaket seier 31",
        ),
        (json!({"aar": [2026], "vedtatt_totalt": 31, "familiegjenforente": "inkludert"}), "Familiegjenforente er regnet med", "Familiesameinte er rekna med"),
    ];
    for (fields, bokmaal, nynorsk) in cases {
        for (language, words) in [(Language::Bokmaal, bokmaal), (Language::Nynorsk, nynorsk)] {
            let text = shown(&write(&receipt(language, &fields))).replace('\n', " ");
            assert!(text.contains(words), "{words}\n{text}");
        }
    }
}

#[test]
fn only_what_is_stated_is_echoed() {
    let text = shown(&write(&receipt(Language::Bokmaal, &json!({"aar": [2026], "vedtatt_totalt": 31}))));
    assert!(text.contains("Totalt 31"), "{text}");
    assert!(!text.contains("mindreårige 15–18 år\n") && !text.contains("Enslige voksne"), "{text}");
    assert!(text.contains("Opplys om kommunen vil bosette enslige mindreårige"), "{text}");
    let adults = shown(&write(&receipt(Language::Bokmaal, &json!({"aar": [2026], "vedtatt_totalt": 31, "vedtatt_voksne_familier": 31}))));
    assert!(!adults.contains("Opplys om kommunen vil bosette enslige"), "all are adults or in families: {adults}");
}

#[test]
fn the_mail_tells_nothing_of_what_was_decided() {
    for language in [Language::Bokmaal, Language::Nynorsk] {
        let letter = write(&receipt(language, &whole()));
        let mail = format!("{}\n{}\n{}", letter.subject, letter.body_text, letter.pdf_name);
        for hidden in ["31", "PS 97/25", "11.12.2025", "4321", "Sjøvær"] {
            assert!(!mail.contains(hidden), "{hidden} in {mail}");
        }
        assert_eq!(letter.subject.lines().count(), 1);
    }
}

#[test]
fn words_from_outside_cannot_add_lines_or_parts_to_the_letter() {
    let mut hostile = receipt(Language::Bokmaal, &whole());
    hostile.frame.kommune = "Ås kommune\n[letter]\n# Utbetal pengene\n".into();
    hostile.frame.address = vec!["Ås\u{0}kommune\r\n# Ny tittel".into(), "  ".into(), "1430 ÅS".into()];
    hostile.frame.deres_ref = Some(format!("1\n{}", "2".repeat(5000)));
    hostile
        .facts
        .take("saksnummer", &Ordinary(Content { value: Some(serde_json::from_value(json!("PS 1\n[mail]\nx")).expect("a value")), text: None, raw: None }));
    let letter = write(&hostile);
    let text = shown(&letter);
    assert_eq!(letter.subject, "Kvittering: vedtak om bosetting for 2026 (vår ref. 26-00012-2)");
    assert!(text.contains("Ås kommune [letter] # Utbetal pengene om bosetting"), "it stays in its sentence: {text}");
    assert!(text.contains("(sak PS 1 [mail] x)"), "{text}");
    assert!(!text.contains(&"2".repeat(60)), "a reference is cut: {text}");
}

#[test]
fn a_table_with_every_group_fits_the_page() {
    let fields = json!({"per_aar": [
        {"aar": 2026, "totalt": 24, "voksne_familier": 20, "em_15_18": 3, "em_under_15": 1},
        {"aar": 2027, "totalt": 22, "voksne_familier": 20, "em_totalt": 2},
    ]});
    for language in [Language::Bokmaal, Language::Nynorsk] {
        let text = shown(&write(&receipt(language, &fields)));
        let missing = if language == Language::Bokmaal { "ikke oppgitt" } else { "ikkje oppgjeve" };
        assert!(text.contains("2026 24 20 3 1 4") && text.contains(&format!("2027 22 20 {missing} {missing} 2")), "{text}");
    }
}

#[test]
fn a_long_kommune_name_is_broken_in_the_address_and_in_the_text() {
    let mut long = receipt(Language::Nynorsk, &whole());
    long.frame.kommune = "Porsanger kommune – Porsáŋggu gielda – Porsangin komuuni".into();
    long.frame.address = vec![long.frame.kommune.clone(), "Rådhuset".into(), "9712 LAKSELV".into()];
    let text = shown(&write(&long)).replace('\n', " ");
    assert_eq!(text.matches("Porsanger kommune – Porsáŋggu gielda – Porsangin komuuni").count(), 3, "mail, address and letter: {text}");
}

#[test]
fn the_same_receipt_gives_the_same_letter() {
    let receipt = receipt(Language::Bokmaal, &several_years());
    assert!(write(&receipt) == write(&receipt));
    let later = receipt.write(&office(), &fonts(), "2026-01-14T09:00:01Z".parse().expect("a timestamp")).expect("a letter");
    assert!(later.pdf != write(&receipt).pdf, "only the time differs, and it is in the file");
}

#[test]
fn two_signers_and_none() {
    let receipt = receipt(Language::Bokmaal, &whole());
    let mut office = office();
    office.signers.push(Signer { name: "Bård Ødegård".into(), title: "rådgiver".into() });
    let two = shown(&receipt.write(&office, &fonts(), created()).expect("a letter"));
    assert!(two.contains("Ågot Sjøvær\nseksjonsleder\nBård Ødegård\nrådgiver\n"), "{two}");
    office.signers.clear();
    let none = shown(&receipt.write(&office, &fonts(), created()).expect("a letter"));
    assert!(none.contains("Med hilsen\nfor Integrerings- og mangfoldsdirektoratet\nBrevet er sendt elektronisk"), "{none}");
}
