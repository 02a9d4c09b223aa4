//! Settling from outside: what a person may say, and what is looked at again.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value as Json;

use crate::instance::Instance;

const PROPOSAL: &str = "Lunner kommune\n\nSaksprotokoll\nSaksnummer: PS 7/25\nUtvalg: Kommunestyret\n\nKommunedirektørens innstilling\nLunner kommune bosetter 20 flyktninger i 2026.\n";

/// An instance with one letter that waits for a person; its record, and the lines that blank what the machine is unsure of.
fn waiting() -> (Instance, String, String) {
    let instance = Instance::new();
    instance.drop_file("vedtak", "brev.txt", PROPOSAL.as_bytes());
    instance.serve_until_idle();
    let id = instance.documents()[0]["records"][0]["record"].as_str().expect("an id").to_owned();
    let shown = instance.json(&["show", &id]).remove(0);
    let fields = shown["fields"].as_array().expect("fields");
    let blanks: Vec<String> =
        fields.iter().filter(|field| field["decision"] == "review").map(|field| format!("{}=\n", field["name"].as_str().expect("a name"))).collect();
    (instance, id, blanks.concat())
}

/// Says something; the exit code and what is answered.
fn say(instance: &Instance, id: &str, said: &str, confirm: bool) -> (Option<i32>, String) {
    let mut arguments = vec!["settle", id];
    arguments.extend(confirm.then_some("--confirm"));
    let mut child = instance.command(&arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    child.stdin.take().expect("a pipe").write_all(said.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    (output.status.code(), [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat())
}

fn findings(instance: &Instance, id: &str) -> Vec<String> {
    let shown: Json = instance.json(&["show", id]).remove(0);
    shown["findings"].as_array().expect("findings").iter().map(|finding| finding["code"].as_str().expect("a code").to_owned()).collect()
}

#[test]
fn what_a_vedtak_cannot_say_is_refused() {
    let (instance, id, blanks) = waiting();
    for wrong in [
        "svar=avslag",
        "grense=Inntil",
        "aar=202",
        "aar=20266",
        "kommune=9999",
        "organ=stortinget",
        "forbehold=bolig",
        "per_aar=[{\"aar\": 2026, \"total\": 20}]",
        "vedtatt_totalt=tjue mann",
        "vedtaksdato=31.02.2026",
    ] {
        let (code, answer) = say(&instance, &id, &format!("{blanks}kommune=3234\nvedtatt_totalt=20\n{wrong}\n"), true);
        assert_eq!(code, Some(2), "{wrong}: {answer}");
    }
    assert!(instance.json(&["letters", "list"]).is_empty());
}

#[test]
fn only_findings_that_were_there_to_be_seen_can_be_confirmed() {
    let (instance, id, blanks) = waiting();
    assert_eq!(findings(&instance, &id), ["no_final_decision"]);
    let said = format!("{blanks}kommune=3234\naar=2026\nvedtatt_totalt=20\nvedtatt_voksne_familier=5\nvedtatt_em_totalt=5\n");
    let (code, answer) = say(&instance, &id, &said, true);
    assert_eq!(code, Some(1), "{answer}");
    assert_eq!(findings(&instance, &id), ["sum_differs"], "the slip was made together with the confirmation");
    assert!(instance.json(&["letters", "list"]).is_empty());
    let (code, answer) = say(&instance, &id, "vedtatt_em_totalt=15\n", false);
    assert!(code == Some(0) && answer.contains("complete"), "{answer}");
    assert_eq!(instance.json(&["letters", "list"]).len(), 1);
}

#[test]
fn a_record_from_which_nothing_follows_is_closed_only_by_confirming() {
    let (instance, id, blanks) = waiting();
    say(&instance, &id, &blanks, true);
    // Everything is blank and the finding is confirmed: one call did both, and the person said so.
    assert_eq!(instance.documents()[0]["records"][0]["state"], "complete");
    let (instance, id, blanks) = waiting();
    let (_, answer) = say(&instance, &id, &blanks, false);
    assert_eq!(instance.documents()[0]["records"][0]["state"], "review", "{answer}");
}
