//! What is suggested, what never is, and the way the training program gets its candidates.

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

/// Decided, and the number stands in a sentence without a word that the rules know.
const LEFT_OPEN: &str =
    "Kommunestyret i Vang gjorde vedtak om busetjing i går. I 2027 får tretten flyktningar heim i Vang.\n\nMøtet varte i to timar.\n\nPublisert 12.11.2026";

#[test]
fn what_the_rules_leave_open_is_suggested_and_waits_for_a_person() {
    for (name, expected) in [("vedtatt_totalt", serde_json::json!(13)), ("aar", serde_json::json!([2027]))] {
        let field = field(LEFT_OPEN, name);
        assert_eq!((value(&field), field.decision), (expected, Decision::Review), "{name}");
        assert!(field.confidence.get() <= 0.5, "{name}");
    }
    let total = field(LEFT_OPEN, "vedtatt_totalt");
    assert_eq!(total.rule.as_deref(), Some("suggested"));
    let (from, to) = total.span.expect("it stands in the text");
    assert_eq!(&transcript(LEFT_OPEN).text[from..to], "tretten");
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
    assert!(features(13).contains("\"year right\"") && features(13).contains("\"left end\"") && features(15).contains("\"right mot 0\""));
}

/// Prints the candidates of the texts that `training/suggest.py` wrote: `training/README.md` has the command.
#[test]
#[ignore = "a step of training"]
fn print_the_candidates() {
    let path = std::env::var("SUGGEST_TEXTS").expect("SUGGEST_TEXTS names the file of texts");
    let texts = BufReader::new(std::fs::File::open(&path).expect("it opens"));
    let mut out = std::fs::File::create(format!("{path}.candidates")).expect("it can be made");
    for line in texts.lines() {
        let line: serde_json::Value = serde_json::from_str(&line.expect("it reads")).expect("JSON");
        let described = candidates(&transcript(line["text"].as_str().expect("a text")), &CONTEXT);
        writeln!(out, "{}", serde_json::json!({ "name": line["name"], "candidates": described })).expect("it writes");
    }
}
