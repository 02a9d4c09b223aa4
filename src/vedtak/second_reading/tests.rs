//! What the second reading changes, what it never does, and the way the training program gets its candidates.

use std::io::{BufRead, BufReader, Write};

use crate::clock::date;
use crate::record::{Decision, Field, Purpose, Value};
use crate::registry::Context;
use crate::transcript::tests::transcript;
use crate::vedtak::{candidates, understand};

const CONTEXT: Context = Context { today: date(2026, 11, 21), test_ids: true };

fn field(text: &str, name: &str) -> Field {
    understand(&transcript(text), &CONTEXT).fields.into_iter().find(|field| field.name == name).unwrap_or_else(|| panic!("no field {name}"))
}

fn value(field: &Field) -> serde_json::Value {
    field.content.expose(Purpose::Validate).value.as_ref().map_or(serde_json::Value::Null, Value::to_json)
}

fn codes(text: &str) -> Vec<String> {
    understand(&transcript(text), &CONTEXT).findings.into_iter().map(|finding| finding.code).collect()
}

/// Decided, and no rule finds the sentence that says so.
const TOLD_LOOSELY: &str = "Lom, 12.11.2026\n\nVoteringen i kommunestyret er over: 34 flyktninger i 2027 fikk 15 stemmer, 50 fikk 12. Dermed er det avgjort hvor mange Lom skal ta imot.";

#[test]
fn a_decision_that_no_rule_finds_is_shown_with_its_likeliest_number_and_waits_for_a_person() {
    for (name, expected) in [("vedtatt_totalt", serde_json::json!(34)), ("aar", serde_json::json!([2027]))] {
        let field = field(TOLD_LOOSELY, name);
        assert_eq!((value(&field), field.decision, field.rule.as_deref()), (expected, Decision::Review, Some("suggested")), "{name}");
        assert!(field.confidence.get() <= 0.5, "{name}");
    }
    let (from, to) = field(TOLD_LOOSELY, "vedtatt_totalt").span.expect("it stands in the text");
    assert_eq!(&transcript(TOLD_LOOSELY).text[from..to], "34");
    let codes = codes(TOLD_LOOSELY);
    assert!(codes.contains(&"decided_perhaps".to_owned()) && !codes.contains(&"no_final_decision".to_owned()), "{codes:?}");
}

#[test]
fn what_the_rules_are_sure_of_is_accepted_only_where_both_readings_agree() {
    let agreed = "Vedtak:\nBodø kommune bosetter 90 flyktninger i 2027.";
    assert_eq!((field(agreed, "vedtatt_totalt").decision, codes(agreed)), (Decision::Accept, Vec::new()));
    // The second reading takes it for the other number: the rules' number stays, and a person looks.
    let differs = "Kommunestyret i Lom vedtok å redusere bosettingen fra 20 flyktninger i 2026 til 12 i 2027.";
    for (name, expected) in [("vedtatt_totalt", serde_json::json!(12)), ("aar", serde_json::json!([2027]))] {
        let field = field(differs, name);
        assert_eq!((value(&field), field.decision), (expected, Decision::Review), "{name}");
    }
    assert_eq!(codes(differs), ["readings_differ"]);
}

#[test]
fn a_year_that_the_rules_leave_open_is_suggested() {
    let field = field("Kommunestyret i Vang gjorde vedtak om busetjing i går. I 2027 får tretten flyktningar heim i Vang.\n\nPublisert 12.11.2026", "aar");
    assert_eq!((value(&field), field.decision, field.rule.as_deref()), (serde_json::json!([2027]), Decision::Review, Some("suggested")));
}

#[test]
fn nothing_is_suggested_where_nothing_is_decided_or_the_rules_have_it() {
    let proposed = "Innstilling:\nVang kommune bosetter 13 flyktninger i 2027.\n\nSaken behandles i kommunestyret 10.12.2026.";
    let accepted = "Vedtak:\nBodø kommune bosetter 90 flyktninger i 2027.";
    let on_top = "Vedtak:\nBodø kommune bosetter ytterligere 24 flyktninger i 2027.";
    for (text, name, expected) in
        [(proposed, "vedtatt_totalt", "null"), (proposed, "aar", "null"), (on_top, "vedtatt_totalt", "null"), (accepted, "vedtatt_totalt", "90")]
    {
        let field = field(text, name);
        assert_eq!((value(&field).to_string().as_str(), field.rule.as_deref()), (expected, None), "{name} of {text}");
    }
}

#[test]
fn of_several_numbers_the_likeliest_is_suggested() {
    let text = "Utsira kommune\n\nTil IMDi\n\nKommunedirektøren er delegert myndighet i bosettingssaker under ti personer. Anmodningen om seks personer i 2027 imøtekommes.";
    let total = field(text, "vedtatt_totalt");
    assert_eq!((value(&total), total.decision, total.rule.as_deref()), (serde_json::json!(6), Decision::Review, Some("suggested")));
}

#[test]
fn every_number_and_every_list_of_years_is_a_candidate_with_what_holds_for_it() {
    let described = candidates(&transcript("Kommunestyret tok stilling 12.11.2026. Tretten i 2027 og 2028, sa 15 mot 2."), &CONTEXT);
    let values =
        |field: &str| -> Vec<serde_json::Value> { described[field].as_array().expect("a list").iter().map(|candidate| candidate["value"].clone()).collect() };
    for number in [0, 2, 13, 15] {
        assert!(values("total").contains(&number.into()), "{number}");
    }
    assert!(!values("total").contains(&2027.into()));
    for years in [serde_json::json!([2026]), serde_json::json!([2027]), serde_json::json!([2027, 2028])] {
        assert!(values("years").contains(&years), "{years}");
    }
    let features = |value: i64| {
        let list = described["total"].as_array().expect("a list");
        list.iter().find(|candidate| candidate["value"] == value).expect("a candidate")["features"].to_string()
    };
    // That none is stated is an answer too.
    assert!(values("total").contains(&serde_json::Value::Null) && values("years").contains(&serde_json::Value::Null));
    assert!(features(13).contains("\"year right\"") && features(13).contains("\"left end\"") && features(15).contains("\"right mot 0\""));
}

/// Prints the candidates of the texts that `training/second_reading.py` wrote: `training/README.md` has the command.
#[test]
#[ignore = "a step of training"]
fn print_the_candidates() {
    let path = std::env::var("READING_TEXTS").expect("READING_TEXTS names the file of texts");
    let texts = BufReader::new(std::fs::File::open(&path).expect("it opens"));
    let mut out = std::fs::File::create(format!("{path}.candidates")).expect("it can be made");
    for line in texts.lines() {
        let line: serde_json::Value = serde_json::from_str(&line.expect("it reads")).expect("JSON");
        let described = candidates(&transcript(line["text"].as_str().expect("a text")), &CONTEXT);
        writeln!(out, "{}", serde_json::json!({ "name": line["name"], "candidates": described })).expect("it writes");
    }
}
