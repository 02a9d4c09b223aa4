//! The whole way with nothing replaced: files dropped into watched folders of a real service, sealed rows in SQLite and in PostgreSQL, a receipt in a
//! real SMTP server, and no plaintext on any disk.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::instance::{Instance, Mail, corpus, holds};
use crate::postgres;
use crate::smtp::{Offers, SmtpServer};

/// A filled-in form and a vedtak, with what they say.
const SAMPLES: [(&str, &str); 4] =
    [("skjema", "skjema-typed-nb-g4.tif"), ("skjema", "skjema-hand-nb-grey.pdf"), ("vedtak", "vedtak-clear-nb.pdf"), ("vedtak", "vedtak-clear-nb-utf8.txt")];

/// The strings that must not be found anywhere: every text of the samples' expected fields that is long enough to be no accident.
fn secrets() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (folder, name) in SAMPLES {
        if folder == "skjema" {
            let expected = std::fs::read_to_string(corpus().join(name).with_extension("expected.json")).expect("what the sample says");
            let expected: Json = serde_json::from_str(&expected).expect("JSON");
            for (field, value) in expected["fields"].as_object().expect("fields") {
                let telling = ["navn", "duf", "fnr", "adresse", "telefon", "epost", "beskrivelse", "yrke", "fagfelt"].iter().any(|word| field.contains(word));
                if let Some(text) = value.as_str().filter(|text| telling && text.len() >= 6) {
                    found.insert(text.to_owned());
                    found.insert(text.to_uppercase());
                    found.insert(text.to_lowercase());
                }
            }
        }
    }
    assert!(found.len() > 20, "the samples say enough to look for");
    found
}

fn drop_samples(instance: &Instance) {
    for (folder, name) in SAMPLES {
        instance.drop_file(folder, name, &std::fs::read(corpus().join(name)).expect("a sample"));
    }
}

/// Drops the samples into a running service, waits for what becomes of them, and looks for plaintext while the database is still open.
fn go_the_whole_way(instance: &Instance, elsewhere: &[std::path::PathBuf]) {
    let mut service = instance.serve();
    drop_samples(instance);
    let (mut filed, mut sent) = (0, 0);
    let events = service.events_until(|event| {
        filed += usize::from(event["event"] == "filed");
        sent += usize::from(event["event"] == "letter_sent");
        filed == SAMPLES.len() && sent == 2
    });
    no_plaintext(instance, elsewhere, &events);
    assert!(service.stop().success(), "SIGTERM stops it in order");
    assert!(instance.left_in("skjema").is_empty() && instance.left_in("vedtak").is_empty());
    no_plaintext(instance, elsewhere, &events);

    // The same files again: answered with the records they already are.
    drop_samples(instance);
    let events = instance.serve_until_idle();
    assert_eq!(events.iter().filter(|event| event["event"] == "duplicate").count(), SAMPLES.len(), "{events:#?}");
    assert_eq!(instance.documents().len(), SAMPLES.len());
}

fn no_plaintext(instance: &Instance, elsewhere: &[std::path::PathBuf], events: &[Json]) {
    let told = serde_json::to_string(events).expect("JSON");
    for secret in secrets() {
        assert!(!told.contains(&secret), "an event holds a value of a sample");
        assert_eq!(instance.files_with(&secret), Vec::<std::path::PathBuf>::new(), "a value of a sample lies in clear");
        for folder in elsewhere {
            assert_eq!(files_below_with(folder, &secret), Vec::<std::path::PathBuf>::new(), "a value of a sample lies in clear");
        }
    }
    for (_, name) in SAMPLES {
        assert_eq!(instance.files_with(name), Vec::<std::path::PathBuf>::new(), "a dropped file's name lies in clear");
    }
}

fn files_below_with(folder: &std::path::Path, needle: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read(&path).is_ok_and(|bytes| holds(&bytes, needle)) {
                found.push(path);
            }
        }
    }
    found
}

/// What the store holds of the samples, as a person sees it.
fn check_records(instance: &Instance) {
    let documents = instance.documents();
    assert_eq!(documents.len(), SAMPLES.len());
    let records: Vec<&Json> = documents.iter().flat_map(|document| document["records"].as_array().expect("records")).collect();
    assert_eq!(records.iter().filter(|record| record["form"]["name"] == "privatboende").count(), 2);
    let complete = records.iter().filter(|record| record["form"]["name"] == "vedtak" && record["state"] == "complete").count();
    assert_eq!(complete, 2, "both decisions are clear: {records:#?}");
    let form = records.iter().find(|record| record["form"]["name"] == "privatboende").expect("a form");
    let id = form["record"].as_str().expect("an id");
    let hidden = &instance.json(&["show", id])[0];
    let special: Vec<&Json> = hidden["fields"].as_array().expect("fields").iter().filter(|field| field["sensitivity"] == "special").collect();
    assert!(!special.is_empty());
    // Not even whether a special field is filled in: all that was read of it is hidden, and each is there.
    for hidden in ["value", "text", "raw", "confidence", "decision", "span", "reader", "rule", "threshold", "model"] {
        assert!(special.iter().all(|field| field[hidden] == "[sealed]"), "{hidden}: {special:#?}");
    }
    let lines = instance.good(&["show", id]);
    for field in &special {
        let line = format!("    {:<28} [sealed]", field["name"].as_str().expect("a name"));
        assert!(lines.lines().any(|found| found == line), "{line:?} is not in\n{lines}");
    }
    let shown = &instance.json(&["show", id, "--reveal", "--reason", "casework"])[0];
    assert!(shown["fields"].as_array().expect("fields").iter().all(|field| field["value"] != "[sealed]"));
    let picture = instance.run(&["show", id, "--crop", "duf", "--reason", "casework"]);
    assert!(picture.stdout.starts_with(b"\x89PNG"), "{}", String::from_utf8_lossy(&picture.stderr));
    assert_eq!(instance.run(&["show", id, "--crop", "nothing", "--reason", "casework"]).status.code(), Some(2));
    let without_reason = instance.run(&["show", id, "--reveal"]);
    assert_eq!(without_reason.status.code(), Some(2), "a look needs a reason");
    instance.good(&["doctor"]);
}

/// The receipts are PDFs from the directorate, echo the numbers, and their mails say nothing of anybody.
fn check_receipts(messages: &[String]) {
    assert_eq!(messages.len(), 2, "one receipt a decision");
    for message in messages {
        let (head, _) = message.split_once("\r\n\r\n").or_else(|| message.split_once("\n\n")).expect("a message has a head and a body");
        for header in ["Message-ID: <", "Subject: ", "From: ", "To: ", "Auto-Submitted: auto"] {
            assert!(head.lines().any(|line| line.starts_with(header)), "{header} is missing in {head}");
        }
        assert!(message.contains("application/pdf"), "the letter is attached");
        for secret in secrets() {
            assert!(!holds(message.as_bytes(), &secret));
        }
    }
    let ids: BTreeSet<&str> = messages.iter().filter_map(|message| message.lines().find(|line| line.starts_with("Message-ID"))).collect();
    assert_eq!(ids.len(), 2);
}

#[test]
fn dropped_files_become_sealed_rows_in_sqlite_and_receipts_at_a_real_smtp_server() {
    let server = SmtpServer::start(Offers::Starttls);
    let settings = format!("host = \"localhost\"\nport = {}\nca_file = \"{}\"", server.port, server.ca_file().display());
    let instance = Instance::with("sqlite:postsluse.db", &Mail::Smtp(settings), "");
    go_the_whole_way(&instance, &[]);
    check_records(&instance);
    let taken = server.taken();
    assert!(taken.iter().all(|mail| mail.envelope["tls"] == true), "{:?}", taken.iter().map(|mail| &mail.envelope).collect::<Vec<_>>());
    check_receipts(&taken.into_iter().map(|mail| mail.message).collect::<Vec<_>>());
}

#[test]
fn dropped_files_become_sealed_rows_in_postgresql_and_receipts_in_the_outbox() {
    let address = tokio::runtime::Runtime::new().expect("a runtime").block_on(postgres::database());
    let instance = Instance::with(&address, &Mail::Folder, "");
    go_the_whole_way(&instance, &[std::path::Path::new(&postgres::server().socket).join("data")]);
    check_records(&instance);
    let mails = std::fs::read_dir(instance.path("outbox"))
        .expect("the outbox")
        .map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("a message"));
    check_receipts(&mails.collect::<Vec<_>>());
}

#[test]
fn what_a_person_settles_has_the_same_consequences() {
    let instance = Instance::new();
    let letter = "Lunner kommune\n\nSaksprotokoll\nSaksnummer: PS 7/25\nUtvalg: Kommunestyret\n\nKommunedirektørens innstilling\nLunner kommune bosetter 20 flyktninger i 2026.\n";
    instance.drop_file("vedtak", "brev.txt", letter.as_bytes());
    instance.serve_until_idle();
    let record = instance.documents()[0]["records"][0].clone();
    assert_eq!(record["state"], "review", "a recommendation is no decision: {record:#}");
    let id = record["record"].as_str().expect("an id");
    assert!(instance.json(&["letters", "list"]).is_empty());
    // Somebody who has the minutes says what was decided. Everything else of the letter is blank.
    let doubtful: Vec<String> = instance.json(&["show", id])[0]["fields"]
        .as_array()
        .expect("fields")
        .iter()
        .filter(|field| field["decision"] == "review")
        .map(|field| format!("{}=\n", field["name"].as_str().expect("a name")))
        .collect();
    let said = format!("{}kommune=3234\naar=2026\nvedtatt_totalt=20\n", doubtful.concat());
    let answer = instance.good_with_input(&["settle", id, "--confirm"], &said);
    assert!(answer.contains("complete") && answer.contains("is due"), "{answer}");
    let events = instance.serve_until_idle();
    assert!(events.iter().any(|event| event["event"] == "letter_sent"), "{events:#?}");
    let again = instance.command(&["settle", id, "--confirm"]).stdin(std::process::Stdio::null()).output().expect("it runs");
    assert_eq!(again.status.code(), Some(2), "a complete record is not settled twice");
}
