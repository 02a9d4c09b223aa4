//! Whole letters, all invented, and what holds for any text.

mod outcomes;
mod rules;

use super::*;
use crate::clock::date;
use crate::record::{Decision, Purpose};
use crate::transcript::tests::transcript;
use proptest::prelude::*;

const CONTEXT: Context = Context { today: date(2026, 11, 21), test_ids: true };

const CLEAR: &str = "Narvik kommune
Postboks 64, 8501 Narvik

Integrerings- og mangfoldsdirektoratet
Deres ref.: 26/00345-2 Vår ref.: 2026/1187-4 Dato: 18.11.2026

Svar på anmodning om bosetting av flyktninger i 2027

IMDi har anmodet Narvik kommune om å bosette 35 flyktninger i 2027.

Kommunestyret har i møte 12.11.2026, sak PS 71/26, fattet følgende vedtak:

1. Narvik kommune bosetter inntil 31 flyktninger i 2027, hvorav 4 enslige
mindreårige, 1 av disse under 15 år.
2. Familiegjenforening kommer i tillegg.

Med vennlig hilsen
Rådgiver";

fn json(understood: &Understood, name: &str) -> serde_json::Value {
    let field = understood.fields.iter().find(|field| field.name == name).unwrap_or_else(|| panic!("no field {name}"));
    field.content.expose(Purpose::Validate).value.as_ref().map_or(serde_json::Value::Null, crate::record::Value::to_json)
}

fn decision_of(understood: &Understood, name: &str) -> Decision {
    understood.fields.iter().find(|field| field.name == name).unwrap_or_else(|| panic!("no field {name}")).decision
}

/// What the rules alone make of a text; `second_reading` has tests of its own, and of both together.
fn read(text: &str) -> Understood {
    let transcript = transcript(text);
    filled(&transcript, &decision::Decision::read_with(&transcript, CONTEXT.today, |_| None))
}

fn codes(understood: &Understood) -> Vec<&str> {
    understood.findings.iter().map(|finding| finding.code.as_str()).collect()
}

/// The fields that hold a number the kommune is bound by.
const NUMBERS: [&str; 9] = [
    "aar",
    "vedtatt_totalt",
    "vedtatt_voksne_familier",
    "vedtatt_em_15_18",
    "vedtatt_em_under_15",
    "vedtatt_em_totalt",
    "per_aar",
    "periode_totalt",
    "tilleggsvedtak",
];

fn accepted_numbers(understood: &Understood) -> Vec<&str> {
    NUMBERS.into_iter().filter(|name| decision_of(understood, name) == Decision::Accept).collect()
}

#[test]
fn a_clear_decision_is_understood_whole() {
    let understood = read(CLEAR);
    for (name, value) in [
        ("kommune", r#""1806""#),
        ("aar", "[2027]"),
        ("vedtatt_totalt", "31"),
        ("vedtatt_voksne_familier", "27"),
        ("vedtatt_em_15_18", "3"),
        ("vedtatt_em_under_15", "1"),
        ("vedtatt_em_totalt", "4"),
        ("grense", r#""inntil""#),
        ("anmodet_totalt", "35"),
        ("svar", r#""delvis""#),
        ("familiegjenforente", r#""utenfor""#),
        ("organ", r#""kommunestyre""#),
        ("vedtaksdato", r#""2026-11-12""#),
        ("saksnummer", r#""PS 71/26""#),
        ("arkivsak", r#""2026/1187""#),
        ("deres_ref", r#""26/00345-2""#),
        ("maalform", r#""nb""#),
    ] {
        assert_eq!(json(&understood, name).to_string(), value, "{name}");
        assert_eq!(decision_of(&understood, name), Decision::Accept, "{name}");
    }
    for name in ["per_aar", "periode_totalt", "tilleggsvedtak", "forbehold", "flere_ved_behov", "flere_ved_behov_em", "begrunnelse", "behandles_dato"] {
        assert_eq!(decision_of(&understood, name), Decision::Empty, "{name}");
    }
    assert!(understood.findings.is_empty());
}

#[test]
fn fields_come_in_the_order_of_the_contract() {
    let names: Vec<String> = read(CLEAR).fields.into_iter().map(|field| field.name).collect();
    let expected = "kommune aar vedtatt_totalt vedtatt_voksne_familier vedtatt_em_15_18 vedtatt_em_under_15 vedtatt_em_totalt per_aar periode_totalt grense \
                    anmodet_totalt svar tilleggsvedtak familiegjenforente forbehold flere_ved_behov flere_ved_behov_em begrunnelse behandles_dato organ \
                    vedtaksdato saksnummer arkivsak deres_ref maalform";
    assert_eq!(names.join(" "), expected);
}

#[test]
fn a_span_holds_the_words_of_its_value() {
    let transcript = transcript(CLEAR);
    let understood = understand(&transcript, &CONTEXT);
    for (name, words) in
        [("kommune", "Narvik"), ("aar", "2027"), ("vedtatt_totalt", "31"), ("vedtatt_em_totalt", "4"), ("anmodet_totalt", "35"), ("vedtaksdato", "12.11.2026")]
    {
        let span = understood.fields.iter().find(|field| field.name == name).and_then(|field| field.span).unwrap_or_else(|| panic!("{name} has no span"));
        assert_eq!(&transcript.text[span.0..span.1], words, "{name}");
    }
}

/// The texts written by hand, without what is known of them (`tests/vedtak/README.md`).
fn written_by_hand() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vedtak/hand");
    let mut texts = Vec::new();
    for file in std::fs::read_dir(folder).expect("the folder is there") {
        let whole = std::fs::read_to_string(file.expect("a file").path()).expect("the file is read");
        let entries = whole.split("\n=== ").map(|entry| entry.split_once("\n---\n").expect("a text after its fields").1.to_owned());
        texts.extend(entries);
    }
    texts
}

#[test]
fn every_span_lies_in_its_text() {
    let texts = written_by_hand();
    assert!(texts.len() > 1_800, "{} texts", texts.len());
    for text in texts {
        let transcript = transcript(&text);
        for field in understand(&transcript, &CONTEXT).fields {
            if let Some((from, to)) = field.span {
                assert!(from <= to && transcript.text.get(from..to).is_some(), "{}: {from} to {to} of {}", field.name, transcript.text);
            }
        }
    }
}

#[test]
fn a_sum_over_years_is_a_field_only_where_the_years_are_not_told_apart() {
    let together = read("Vedtak:\nBodø kommune bosetter i alt 90 flyktninger i perioden 2027–2028, fordelt på to år.");
    assert_eq!(json(&together, "periode_totalt"), 90);
    let apart = read("Vedtak:\nBodø kommune bosetter 2027 (50 personer), 2028 (40 personer), totalt 90 flyktninger i perioden.");
    assert_eq!((json(&apart, "vedtatt_totalt"), json(&apart, "periode_totalt")), (50.into(), serde_json::Value::Null));
}

#[test]
fn short_decisions_in_both_languages() {
    for (text, kommune, year, number) in [
        ("Vedtak:\nBodø kommune bosetter 90 flyktninger i 2027.", "1804", 2027, 90),
        ("Luster kommunestyre har vedteke å busetje 20 flyktningar i 2027.", "4644", 2027, 20),
        ("Vedtak i Steinkjer kommunestyre 12.11.2026: Steinkjer kommune sier ja til IMDis anmodning om å bosette 45 flyktninger i 2027.", "5006", 2027, 45),
        ("Samrøystes vedtak:\nVolda kommune kan i 2027 busetje femten flyktningar.", "1577", 2027, 15),
        ("Bystyrets vedtak:\n\nTromsø kommune imøtekommer anmodningen om å bosette 120 flyktninger i 2027.", "5501", 2027, 120),
    ] {
        let understood = read(text);
        assert_eq!(json(&understood, "kommune"), kommune, "{text}");
        assert_eq!(json(&understood, "aar"), serde_json::json!([year]), "{text}");
        assert_eq!(json(&understood, "vedtatt_totalt"), number, "{text}");
        assert_eq!(decision_of(&understood, "vedtatt_totalt"), Decision::Accept, "{text}");
        assert!(understood.findings.is_empty(), "{text}: {:?}", codes(&understood));
    }
}

#[test]
fn minutes_with_a_head_of_their_own() {
    let understood = read(
        "Lunner kommune\n\nSaksprotokoll\nSaksnummer: PS 12/25\nUtvalg: Kommunestyret\nMøtedato: 12.11.2025\n\nVedtak\nLunner kommunestyre vedtar å bosette 31 flyktninger i 2026.\n",
    );
    for (name, value) in [
        ("kommune", "3234".into()),
        ("vedtatt_totalt", 31.into()),
        ("organ", "kommunestyre".into()),
        ("vedtaksdato", "2025-11-12".into()),
        ("saksnummer", serde_json::json!("PS 12/25")),
    ] {
        assert_eq!(json(&understood, name), value, "{name}");
        assert_eq!(decision_of(&understood, name), Decision::Accept, "{name}");
    }
    assert!(understood.findings.is_empty());
}

#[test]
fn a_notice_with_a_date_within_its_sentence() {
    let understood = read("Bodø kommune\n\nBodø bystyre har i møte 29.10.2026 vedtatt å bosette 90 flyktninger i 2027, hvorav minst 6 enslige mindreårige.");
    assert_eq!(
        (json(&understood, "vedtatt_totalt"), json(&understood, "vedtatt_em_totalt"), json(&understood, "grense")),
        (90.into(), 6.into(), "eksakt".into())
    );
    assert_eq!(json(&understood, "vedtaksdato"), "2026-10-29");
    assert!(understood.findings.is_empty());
}

#[test]
fn minors_beside_the_grown_ups_are_added_and_beside_a_number_of_all_left_open() {
    let understood = read("Vedtak:\nBodø kommune bosetter 40 voksne flyktninger i 2027, og i tillegg 5 enslige mindreårige.");
    for (field, value) in [("vedtatt_totalt", 45), ("vedtatt_voksne_familier", 40), ("vedtatt_em_totalt", 5)] {
        assert_eq!((json(&understood, field), decision_of(&understood, field)), (value.into(), Decision::Accept), "{field}");
    }
    let understood = read("Vedtak:\nBodø kommune bosetter 40 flyktninger i 2027, og i tillegg 5 enslige mindreårige.");
    assert_eq!((json(&understood, "vedtatt_totalt"), decision_of(&understood, "vedtatt_totalt")), (45.into(), Decision::Review));
    assert!(accepted_numbers(&understood).is_empty());
}

#[test]
fn two_years_in_one_sentence() {
    let understood = read("Vedtak:\nBodø kommune bosetter 90 flyktninger i 2027 og 80 i 2028.");
    assert_eq!(json(&understood, "aar"), serde_json::json!([2027, 2028]));
    assert_eq!(json(&understood, "vedtatt_totalt"), 90);
    assert_eq!(json(&understood, "per_aar")[1]["totalt"], 80);
    assert_eq!(decision_of(&understood, "per_aar"), Decision::Accept);
}

#[test]
fn a_refusal_is_zero() {
    for text in [
        "Vedtak:\nBodø bystyre imøtekommer ikke IMDis anmodning om å bosette 90 flyktninger i 2027.",
        "Lom kommunestyre har vedteke å ikkje busetje flyktningar i 2027.",
    ] {
        let understood = read(text);
        assert_eq!(json(&understood, "vedtatt_totalt"), 0, "{text}");
        assert_eq!(json(&understood, "svar"), "avslaar", "{text}");
        assert_eq!(decision_of(&understood, "vedtatt_totalt"), Decision::Accept, "{text}");
        assert_eq!(json(&understood, "grense"), serde_json::Value::Null, "{text}");
    }
}

#[test]
fn what_is_not_final_gives_no_number() {
    for text in [
        "Formannskapet i Bodø rår kommunestyret til å gjøre slikt vedtak:\nBodø kommune bosetter 90 flyktninger i 2027.",
        "Innstilling:\nBodø kommune bosetter 90 flyktninger i 2027.\n\nSaken behandles i bystyret 10.12.2026.",
        "Bodø formannskap vedtok å anbefale at Bodø kommune bosetter 90 flyktninger i 2027.",
        "Vedtak i formannskapet:\nFormannskapet tilrår bystyret at Bodø kommune bosetter 90 flyktninger i 2027.",
        "IMDi har anmodet Bodø kommune om å bosette 90 flyktninger i 2027.",
        "Kommunedirektørens forslag til vedtak:\nBodø kommune bosetter 90 flyktninger i 2027.",
        "Bodø kommune vurderer å bosette 90 flyktninger i 2027. Bystyret har siste ordet.",
        "Bystyret vedtok å bosette 90 flyktninger i 2027. Saken går videre til kommunestyret i Bodø kommune.",
    ] {
        let understood = read(text);
        assert_eq!(codes(&understood).first(), Some(&"no_final_decision"), "{text}");
        assert!(accepted_numbers(&understood).is_empty(), "{text}");
        assert_eq!(json(&understood, "vedtatt_totalt"), serde_json::Value::Null, "{text}");
        assert_ne!(decision_of(&understood, "anmodet_totalt"), Decision::Accept, "{text}");
    }
    let understood = read("Innstilling:\nBodø kommune bosetter 90 flyktninger i 2027.\n\nSaken behandles i bystyret 10.12.2026.");
    assert_eq!(json(&understood, "behandles_dato"), "2026-12-10");
}

#[test]
fn traps_are_left_to_a_person() {
    for text in [
        // T2: a fallen alternative stands beside the adopted one, with another number in the same block.
        "Vedtak:\nBodø kommune bosetter 90 flyktninger i 2027.\nBodø kommune bosetter 60 flyktninger i 2027.",
        // T3: on top of an earlier number.
        "Vedtak:\nBodø kommune bosetter ytterligere 24 flyktninger i 2027.",
        // T8, T9: population and money.
        "Vedtak:\nBodø kommune bosetter 5 350 flyktninger i 2027.",
        "Vedtak:\nBodø kommune bosetter flyktninger for 36 millioner i 2027.",
        // T11: no year, a relative one, one too many.
        "Vedtak:\nBodø kommune bosetter 90 flyktninger.",
        "Vedtak:\nBodø kommune bosetter 90 flyktninger neste år.",
        "Vedtak:\nBodø kommune bosetter 90 flyktninger i 2027, og ser på 2028.",
        // T13: nothing but the will.
        "Vedtak:\nBodø kommune bosetter flyktninger i 2027.",
        // T14: families, a stock, a yearly rhythm.
        "Vedtak:\nBodø kommune skal til enhver tid ha 20 flyktninger bosatt i 2027.",
        "Vedtak:\nBodø kommune bosetter 20 flyktninger årlig fra 2027.",
        // T17: two kommuner, a shared name, a former one, none.
        "Vedtak:\nBodø kommune og Narvik kommune bosetter 90 flyktninger i 2027.",
        "Vedtak:\nHerøy kommune bosetter 20 flyktninger i 2027.",
        "Vedtak:\nSkedsmo kommune bosetter 20 flyktninger i 2027.",
        "Vedtak:\nKommunen bosetter 20 flyktninger i 2027.",
        // T18: a body that may not have the last word.
        "Vedtak i formannskapet:\nBodø kommune bosetter 90 flyktninger i 2027.",
        "Kommunedirektøren har gjort følgende vedtak:\nBodø kommune bosetter 90 flyktninger i 2027.",
        // Changed later.
        "Bystyret i Bodø kommune vedtok 12.06.2026 å bosette 60 flyktninger i 2027. Dette ble senere omgjort.",
        "Vedtak:\nBodø kommune sier ja til tilleggsanmodningen om 24 flyktninger i 2027.",
        // Anaphoric: the number stands in the proposal.
        "Forslag til vedtak:\nBodø kommune bosetter 90 flyktninger i 2027.\n\nVotering:\nForslaget ble enstemmig vedtatt.",
    ] {
        let understood = read(text);
        assert!(accepted_numbers(&understood).is_empty(), "{text}: {:?}", accepted_numbers(&understood));
        assert!(!understood.findings.is_empty(), "{text}");
    }
}

#[test]
fn a_year_that_is_over_is_read_as_it_stands_and_a_person_is_told() {
    let understood = read("Vedtak:\nBodø kommune bosetter 90 flyktninger i 2019.");
    assert_eq!((json(&understood, "vedtatt_totalt"), json(&understood, "aar")), (90.into(), serde_json::json!([2019])));
    assert_eq!(codes(&understood), ["year_gone_by"]);
}

#[test]
fn of_a_change_the_new_number_is_decided() {
    let understood = read("Vedtak:\nBodø kommune øker bosettingen fra 40 til 65 flyktninger i 2027.");
    assert_eq!((json(&understood, "vedtatt_totalt"), decision_of(&understood, "vedtatt_totalt")), (65.into(), Decision::Accept));
}

#[test]
fn a_decision_that_points_at_a_proposal_takes_its_number() {
    let minutes = "Bodø kommune\nMøtebok\n\nBystyret 12.11.2026\n\nKommunedirektørens innstilling:\nBodø kommune bosetter 90 flyktninger i 2027.\n\nBehandling:\n\
                   Kari Dahl (FrP) la fram følgende forslag:\nBodø kommune bosetter 20 flyktninger i 2027.\n\nVotering:\nDahls forslag fikk 6 stemmer og falt.\n\nVedtak:\n";
    for (decision, number) in [("Som kommunedirektørens innstilling.", 90), ("Kari Dahls forslag ble vedtatt.", 20)] {
        let understood = read(&format!("{minutes}{decision}"));
        assert_eq!((json(&understood, "vedtatt_totalt"), decision_of(&understood, "vedtatt_totalt")), (number.into(), Decision::Accept), "{decision}");
    }
}

#[test]
fn what_another_body_or_a_later_day_can_change_is_not_accepted() {
    for text in [
        // A committee's decision, an advisory one, one that was annulled, a draft, a question.
        "Bodø kommune\nProtokoll - Formannskapet 24.02.2026\n\nVedtak:\nBodø kommune bosetter 90 flyktninger i 2027.\n\nSaken settes opp i bystyret 19. mars.",
        "Utvalget har gjort slikt vedtak:\n1. Bodø kommune bosetter 90 flyktninger i 2027.\n\nEtter delegeringsreglementet er vedtaket å regne som tilråding. Saken sendes til bystyret.",
        "Bodø bystyre vedtok i mars å bosette 90 flyktninger i 2027. Nå har Statsforvalteren opphevet vedtaket.",
        "Bodø kommune\nDato: xx.11.2026\n\nVedtak:\nBodø kommune bosetter 90 flyktninger i 2027 (stryk det som ikke passer).",
        "Kan dere bekrefte at Bodø bystyre har vedtatt å bosette 90 flyktninger i 2027?",
        // Case papers that quote last year's decision.
        "Saksframlegg\n\nForslag til vedtak:\nBodø kommune bosetter 70 flyktninger i 2027.\n\nSaksopplysninger\nBystyret gjorde 12.02.2026 slikt vedtak: «Bodø kommune bosetter 90 flyktninger i 2026.»",
        // A group within the council.
        "Gruppa vedtok enstemmig at Bodø kommune skal bosette 90 flyktninger i 2027. Bystyret stemmer 19. november.",
    ] {
        let understood = read(text);
        assert!(accepted_numbers(&understood).is_empty(), "{text}: {:?}", accepted_numbers(&understood));
    }
}

#[test]
fn what_a_person_settles_is_suggested() {
    let understood = read("Forslag til vedtak:\nBodø kommune bosetter 90 flyktninger i 2027.\n\nVotering:\nForslaget ble enstemmig vedtatt.");
    assert_eq!(json(&understood, "vedtatt_totalt"), 90);
    assert_eq!(decision_of(&understood, "vedtatt_totalt"), Decision::Review);
    let understood = read("Vedtak:\nBodø kommune bosetter ytterligere 24 flyktninger i 2027.");
    assert_eq!((json(&understood, "tilleggsvedtak"), json(&understood, "vedtatt_totalt")), (24.into(), serde_json::Value::Null));
}

#[test]
fn a_fallen_proposal_beside_the_decision_changes_nothing() {
    let understood = read(
        "Forslag fra A:\nBodø kommune bosetter 60 flyktninger i 2027.\n\nVotering:\nForslaget fra A fikk 5 stemmer og falt.\n\n\
         Vedtak:\nBodø kommune bosetter 90 flyktninger i 2027.",
    );
    assert_eq!(json(&understood, "vedtatt_totalt"), 90);
    assert_eq!(decision_of(&understood, "vedtatt_totalt"), Decision::Accept);
}

#[test]
fn another_year_in_the_history_changes_nothing() {
    let understood = read("I 2025 bosatte Bodø kommune 70 flyktninger.\n\nVedtak:\nBodø kommune bosetter 90 flyktninger i 2027.");
    assert_eq!(json(&understood, "aar"), serde_json::json!([2027]));
    assert_eq!(json(&understood, "vedtatt_totalt"), 90);
    assert_eq!(decision_of(&understood, "vedtatt_totalt"), Decision::Accept);
}

#[test]
fn an_earlier_yes_does_not_undo_a_no_and_a_relative_year_is_its_own() {
    let understood = read(
        "Samrøystes nei i Vik kommunestyre torsdag 12. februar 2026.\n\nKommunestyret i Vik vedtok å ikkje imøtekome oppmodinga om å busetje ni flyktningar i år.\n\nI 2024 sa Vik ja til 20.",
    );
    assert_eq!((json(&understood, "vedtatt_totalt"), json(&understood, "aar")), (0.into(), serde_json::json!([2026])));
    let understood = read("Kommunestyret har i dag vedtatt at Båtsfjord kommune bosetter 12 flyktninger neste år.\n\nI 2026 kom det 9.");
    assert!(accepted_numbers(&understood).is_empty(), "{:?}", accepted_numbers(&understood));
}

#[test]
fn reservations_have_a_field_each() {
    let understood = read(
        "Vedtak:\n1. Bodø kommune bosetter 90 flyktninger i 2027.\n2. Det forutsettes at staten dekker alle kostnader.\n3. Vedtaket gjelder så langt det finnes boliger.",
    );
    assert_eq!(json(&understood, "forbehold"), serde_json::json!(["finansiering", "bolig_kapasitet"]));
    assert_eq!(json(&understood, "forbehold.2"), "bolig_kapasitet");
    assert_eq!(decision_of(&understood, "forbehold"), Decision::Review);
    assert_eq!(decision_of(&understood, "vedtatt_totalt"), Decision::Accept);
}

#[test]
fn an_unsure_word_is_not_accepted() {
    let mut transcript = transcript("Vedtak:\nBodø kommune bosetter 90 flyktninger i 2027.");
    let at = transcript.text.find("90").expect("it is there");
    for word in transcript.words.iter_mut().filter(|word| word.span.start == at) {
        word.confidence = crate::record::Confidence::new(0.6);
    }
    let understood = understand(&transcript, &CONTEXT);
    assert_eq!(decision_of(&understood, "vedtatt_totalt"), Decision::Review);
    assert_eq!(decision_of(&understood, "kommune"), Decision::Accept);
}

/// Pieces that decisions are made of, so that random texts come near to real ones.
fn pieces() -> impl Strategy<Value = String> {
    let words = [
        "Vedtak:",
        "Forslag til vedtak:",
        "Bodø kommune",
        "Kommunestyret",
        "har vedtatt",
        "vedtek",
        "å bosette",
        "busetje",
        "bosetter",
        "ikke",
        "flyktninger",
        "personar",
        "i",
        "av disse",
        "hvorav",
        "enslige mindreårige",
        "inntil",
        "Familiegjenforening kommer i tillegg",
        "anmodning om",
        "under",
        "år",
        ".",
        ",",
        "\n",
        "\n\n",
        "1.",
        "-",
        "og",
        "Herøy",
        "formannskapet",
        "innstiller",
        "Deres ref",
        "møte",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..40).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,300}") {
        let _ = understand(&transcript(&text), &CONTEXT);
    }

    #[test]
    fn neither_does_one_made_of_its_own_words(text in pieces(), numbers in prop::collection::vec("[0-9]{1,4}|tjue|12\\.11\\.2026|45/26", 0..8)) {
        let _ = understand(&transcript(&format!("{text} {}", numbers.join(" i 2027 flyktninger "))), &CONTEXT);
        let _ = understand(&transcript(&text.replace(" i ", &format!(" {} ", numbers.join(" i ")))), &CONTEXT);
    }

    #[test]
    fn without_a_number_no_number_is_accepted(text in pieces()) {
        let text = text.replace("1.", "");
        prop_assert!(accepted_numbers(&read(&text)).is_empty());
    }

    /// Every span lies in the text, at characters.
    #[test]
    fn spans_lie_in_the_text(text in pieces(), number in 1u32..200) {
        let transcript = transcript(&text.replace("bosetter", &format!("bosetter {number} flyktninger i 2027")));
        for field in understand(&transcript, &CONTEXT).fields {
            if let Some((from, to)) = field.span {
                prop_assert!(transcript.text.get(from..to).is_some());
            }
        }
    }
}
