//! The register of kommuner from outside: what was asked, what came, what is asked back, and who is never answered.

use serde_json::Value as Json;

use crate::instance::{Instance, LETTER, Mail};
use crate::letters_paper::pages;

const HEAD: &str = "kommunenummer;aar;enslige_voksne_familier;em_15_18;em_under_15";

/// An instance that knows Lunner kommune (3234), and has asked it for 35 places in 2026.
fn asked(deadline: &str) -> Instance {
    let instance = Instance::new();
    import(&instance, &format!("3234;2026;30;4;1;{deadline}"), &[]);
    instance
}

fn import(instance: &Instance, line: &str, more: &[&str]) -> Json {
    std::fs::write(instance.path("liste.csv"), format!("{HEAD};svarfrist\n{line}\n")).expect("a list");
    instance.json(&[&["anmodning", "import", "liste.csv"], more].concat()).remove(0)
}

/// Drops a letter and lets the service work; the record that was filed.
fn drop_letter(instance: &Instance, text: &str) -> Json {
    instance.drop_file("vedtak", "brev.txt", text.as_bytes());
    let events = instance.serve_until_idle();
    events.iter().find(|event| event["event"] == "filed").unwrap_or_else(|| panic!("it is filed: {events:#?}")).clone()
}

fn lunner(instance: &Instance) -> Json {
    instance.json(&["anmodning", "show", "3234", "2026"]).remove(0)
}

fn codes(list: &Json) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|one| one["code"].as_str().expect("a code")).collect()
}

fn letters(instance: &Instance) -> Vec<Json> {
    let mut letters = instance.json(&["letters", "list"]);
    letters.reverse();
    letters
}

/// The words of a letter's PDF.
fn words(instance: &Instance, letter: &Json) -> String {
    let file = instance.path("brev.pdf");
    instance.good(&["letters", "show", letter["letter"].as_str().expect("an id"), "-o", file.to_str().expect("a path")]);
    pages(&std::fs::read(file).expect("a PDF")).join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn findings(instance: &Instance, record: &str) -> Vec<String> {
    codes(&instance.json(&["show", record])[0]["findings"]).into_iter().map(str::to_owned).collect()
}

#[test]
fn a_vedtak_is_held_against_what_was_asked_and_what_came_before() {
    let instance = asked("2027-03-01");
    assert_eq!(drop_letter(&instance, LETTER)["state"], "complete");
    let shown = lunner(&instance);
    assert_eq!((&shown["status"], &shown["decided"]["total"], codes(&shown["tasks"])), (&"svart".into(), &31.into(), vec!["lower_without_reason"]));
    let receipt = words(&instance, &letters(&instance)[0]);
    assert!(receipt.contains("Begrunn hvorfor kommunen har vedtatt 31 plasser når vi har bedt om 35"), "{receipt}");

    // The same decision once more, on another paper: nothing is answered twice.
    assert_eq!(drop_letter(&instance, &format!("{LETTER}\nMed hilsen\nLunner kommune\n"))["state"], "complete");
    assert_eq!(letters(&instance).len(), 1);
    assert_eq!(lunner(&instance)["vedtak"].as_array().map(Vec::len), Some(2));

    // Another number: a person decides, or asks.
    let other = LETTER.replace("31", "28").replace("PS 12/25", "PS 20/25").replace("12.11.2025", "10.12.2025");
    let filed = drop_letter(&instance, &other);
    let record = filed["record"].as_str().expect("an id");
    assert_eq!((filed["state"].as_str(), findings(&instance, record)), (Some("review"), vec!["earlier_differs".to_owned()]));
    assert_eq!(lunner(&instance)["decided"]["total"], 31, "nothing follows before a person has looked");
    let draft = instance.json(&["tasks", "draft", record, "--answer-by", "01.02.2026"]).remove(0);
    assert_eq!(draft["to"], "postmottak@lunner.example");
    let sent = instance.json(&["tasks", "send", record, "--answer-by", "2026-02-01"]).remove(0);
    instance.serve_until_idle();
    let asked = words(&instance, &sent);
    assert!(asked.contains("erstatter det tidligere vedtaket eller kommer i tillegg") && asked.contains("01.02.2026"), "{asked}");

    assert!(instance.refused(&["settle", record, "--confirm"]).contains("--applies"), "a nod does not say which counts");
    instance.good(&["settle", record, "--confirm", "--applies", "ja"]);
    instance.serve_until_idle();
    let shown = lunner(&instance);
    let relations: Vec<_> = shown["vedtak"].as_array().expect("a list").iter().map(|vedtak| vedtak["relation"].as_str().expect("a word")).collect();
    assert_eq!((&shown["decided"]["total"], relations), (&28.into(), vec!["first", "repeats", "replaces"]));
    let all = letters(&instance);
    assert_eq!(all.iter().map(|letter| letter["kind"].as_str().expect("a kind")).collect::<Vec<_>>(), ["kvittering", "oppfolging", "kvittering"]);
    let receipt = words(&instance, &all[2]);
    assert!(receipt.contains("28 plasser når vi har bedt om 35") && !receipt.contains("erstatter det tidligere vedtaket eller"), "{receipt}");
    assert!(all.iter().all(|letter| letter["state"] == "sent"), "{all:#?}");

    // One that a person says does not count is filed, and changes nothing.
    let late = drop_letter(&instance, &LETTER.replace("31", "40"));
    instance.good(&["settle", late["record"].as_str().expect("an id"), "--confirm", "--applies", "nei"]);
    instance.serve_until_idle();
    assert_eq!((&lunner(&instance)["decided"]["total"], letters(&instance).len()), (&28.into(), 3));
}

#[test]
fn a_number_on_top_is_added_to_what_counts() {
    let instance = asked("2027-03-01");
    let more = LETTER.replace("vedtar å bosette 31 flyktninger i 2026", "vedtar å bosette ytterligere 4 flyktninger i 2026, i tillegg til tidligere vedtak");
    let filed = drop_letter(&instance, &more);
    let record = filed["record"].as_str().expect("an id");
    let settle = |said: &str| {
        let output = instance.command(&["settle", record, "--confirm"]).stdin(input(said)).output().expect("it runs");
        output.status.code()
    };
    assert_eq!(
        settle(&format!("{}aar=2026\ntilleggsvedtak=4\nvedtatt_totalt=\n", as_read(&instance, record))),
        Some(1),
        "what is settled raises a question of its own"
    );
    assert_eq!(findings(&instance, record), ["supplement_to_nothing"]);
    drop_letter(&instance, LETTER);
    // What was unknown when it came is known now.
    assert_eq!(settle(""), Some(0));
    instance.serve_until_idle();
    let shown = lunner(&instance);
    assert_eq!(shown["decided"]["total"], 35, "{shown:#}");
    assert_eq!(codes(&shown["tasks"]), ["lower_without_reason"], "that of the first vedtak stands until it is closed");
}

#[test]
fn a_kommune_that_does_not_answer_is_reminded_once_for_each_deadline() {
    let instance = asked("2025-12-01");
    instance.serve_until_idle();
    assert!(letters(&instance).is_empty(), "a list of former years reminds nobody");
    let move_to = |day: &str| instance.good_with_input(&["anmodning", "deadline", "3234", "2026", day], "Kommunestyret møtes 14. januar.\n");
    move_to("2025-12-08");
    instance.serve_until_idle();
    let all = letters(&instance);
    assert_eq!((all.len(), &all[0]["kind"], &all[0]["state"]), (1, &"purring".into(), &"sent".into()));
    assert_eq!(lunner(&instance)["status"], "purret");
    let reminder = words(&instance, &all[0]);
    assert!(reminder.contains("08.12.2025") && reminder.contains("35"), "{reminder}");
    instance.serve_until_idle();
    assert_eq!(letters(&instance).len(), 1);

    // A deadline that is moved runs anew, and every move keeps its reason.
    let nothing = instance.refused(&["anmodning", "deadline", "3234", "2026", "2026-01-15"]);
    assert!(nothing.contains("no reason was given"), "{nothing}");
    instance.good_with_input(&["anmodning", "deadline", "3234", "2026", "15.01.2026"], "Kommunestyret møtes 14. januar.\n");
    instance.serve_until_idle();
    assert_eq!(letters(&instance).len(), 2);
    let moved = &lunner(&instance)["moved"];
    assert_eq!(
        (&moved[1]["from"], &moved[1]["to"], &moved[1]["reason"]),
        (&"2025-12-08".into(), &"2026-01-15".into(), &"Kommunestyret møtes 14. januar.".into())
    );

    drop_letter(&instance, LETTER);
    assert_eq!(lunner(&instance)["status"], "svart");
    let late = instance.command(&["anmodning", "deadline", "3234", "2026", "2026-02-01"]).stdin(std::process::Stdio::null()).output().expect("it runs");
    assert_eq!(late.status.code(), Some(2));
}

#[test]
fn who_has_answered_and_is_not_understood_is_not_reminded() {
    let instance = asked("2027-03-01");
    // Sums that do not agree: the letter waits.
    let unclear = format!("{LETTER}Av disse er 40 enslige mindreårige.\n");
    assert_eq!(drop_letter(&instance, &unclear)["state"], "review");
    instance.good_with_input(&["anmodning", "deadline", "3234", "2026", "2025-12-01"], "Etter avtale.");
    let events = instance.serve_until_idle();
    assert!(events.iter().any(|event| event["event"] == "reminder_put_off" && event["kommune"] == "3234"), "{events:#?}");
    assert!(letters(&instance).is_empty());
}

#[test]
fn imdinett_is_reconciled_with_the_letter() {
    let instance = asked("2027-03-01");
    let reconcile = |line: &str| {
        std::fs::write(instance.path("imdinett.csv"), format!("{HEAD};registrert\n{line};2026-02-20\n")).expect("a list");
        let output = instance.run(&["--json", "anmodning", "registrations", "imdinett.csv"]);
        (output.status.code(), serde_json::from_slice::<Json>(&output.stdout).expect("JSON"))
    };
    let too_early = reconcile("3234;2026;26;4;1");
    assert_eq!(too_early.1["without_vedtak"], serde_json::json!(["3234/2026"]));
    drop_letter(&instance, LETTER);
    let (code, came) = reconcile("3234;2026;30;4;1");
    assert_eq!((code, &came["differ"]), (Some(1), &serde_json::json!(["3234/2026"])));
    let tasks = instance.json(&["tasks", "list"]);
    let differs = tasks.iter().find(|task| task["code"] == "registration_differs").unwrap_or_else(|| panic!("a task: {tasks:#?}"));
    let record = differs["record"].as_str().expect("an id");
    let file = instance.path("utkast.pdf");
    instance.good(&["tasks", "draft", record, "-o", file.to_str().expect("a path")]);
    let draft = pages(&std::fs::read(&file).expect("a PDF")).join(" ");
    assert!(draft.contains("IMDinett") && draft.contains("35"), "{draft}");
    // Corrected: the task is done, and the answer is confirmed when nothing else is open.
    let (code, came) = reconcile("3234;2026;26;4;1");
    assert_eq!((code, &came["agree"]), (Some(0), &serde_json::json!(["3234/2026"])));
    let left = instance.json(&["tasks", "list"]);
    assert!(left.iter().all(|task| task["code"] != "registration_differs"), "{left:#?}");
    for task in left {
        instance.good(&["tasks", "close", task["task"].as_str().expect("an id")]);
    }
    instance.good(&["anmodning", "confirm", "3234", "2026"]);
    assert_eq!(lunner(&instance)["status"], "bekreftet");
    instance.good_with_input(&["anmodning", "return", "3234", "2026", "2027-04-01"], "Vedtaket gjelder feil år.");
    assert_eq!((&lunner(&instance)["status"], &lunner(&instance)["returned"]), (&"returnert".into(), &"Vedtaket gjelder feil år.".into()));
}

/// The anmodning is entered, or corrected, after the vedtak has come.
#[test]
fn a_vedtak_is_held_against_an_anmodning_that_comes_late() {
    let instance = Instance::new();
    drop_letter(&instance, LETTER);
    assert!(instance.json(&["tasks", "list"]).is_empty());
    import(&instance, "3234;2026;30;4;1;2027-03-01", &[]);
    assert_eq!((&lunner(&instance)["status"], codes(&lunner(&instance)["tasks"])), (&"svart".into(), vec!["lower_without_reason"]));
    let late = instance.refused(&["anmodning", "confirm", "3234", "2026"]);
    assert!(late.contains("still to be followed up"), "{late}");
    import(&instance, "3234;2026;26;4;1;2027-03-01", &["--replace"]);
    assert!(codes(&lunner(&instance)["tasks"]).is_empty(), "it is as many as was asked for");
    instance.good(&["anmodning", "confirm", "3234", "2026"]);
    import(&instance, "3234;2026;36;4;1;2027-03-01", &["--replace"]);
    assert_eq!((&lunner(&instance)["status"], codes(&lunner(&instance)["tasks"])), (&"svart".into(), vec!["lower_without_reason"]));
}

#[test]
fn a_list_that_is_wrong_changes_nothing() {
    let instance = asked("2027-03-01");
    std::fs::write(instance.path("feil.csv"), format!("{HEAD};svarfrist\n3236;2026;30;4;1;2027-03-01\n9999;2026;30;4;1;2027-03-01\n")).expect("a list");
    let wrong = instance.refused(&["anmodning", "import", "feil.csv"]);
    assert!(wrong.contains("line 3, kommunenummer: `9999`"), "{wrong}");
    assert_eq!(instance.json(&["anmodning", "list"]).len(), 1);
    std::fs::write(instance.path("annet.csv"), format!("{HEAD};svarfrist\n3234;2026;31;4;1;2027-03-01\n3236;2026;30;4;1;2027-03-01\n")).expect("a list");
    let differs = instance.refused(&["anmodning", "import", "annet.csv"]);
    assert!(differs.contains("3234/2026") && differs.contains("--replace"), "{differs}");
    assert_eq!(instance.json(&["anmodning", "list"]).len(), 1);
    let came = instance.json(&["anmodning", "import", "annet.csv", "--replace"]).remove(0);
    assert_eq!((&came["added"], &came["changed"]), (&1.into(), &1.into()));
    assert_eq!(import(&instance, "3234;2026;31;4;1;2027-03-01", &[])["unchanged"], 1);
    std::fs::write(instance.path("ukjent.csv"), format!("{HEAD}\n0301;2026;1;1;1\n")).expect("a list");
    assert!(instance.refused(&["anmodning", "registrations", "ukjent.csv"]).contains("0301/2026"));
}

/// An instance with a Maildir, and what becomes of a message in it: the record of the message itself.
fn mailed(instance: &Instance, head: &str, body: &str) -> String {
    for folder in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(instance.path("Maildir").join(folder)).expect("a folder");
    }
    let message = format!(
        "Date: Fri, 20 Nov 2026 10:12:00 +0100\r\n{head}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}",
        body.replace('\n', "\r\n")
    );
    std::fs::write(instance.path("Maildir/new/1.a.host"), message).expect("a message");
    let events = instance.serve_until_idle();
    let filed = events.iter().find(|event| event["event"] == "filed").unwrap_or_else(|| panic!("it is filed: {events:#?}"));
    assert_eq!(filed["state"], "review", "an unproven sender waits");
    filed["record"].as_str().expect("an id").to_owned()
}

/// Standard input that says this.
fn input(said: &str) -> std::process::Stdio {
    use std::io::{Seek, Write};
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(said.as_bytes()).and_then(|()| file.rewind()).expect("a file");
    file.into()
}

fn mailbox() -> Instance {
    Instance::with("sqlite:postsluse.db", &Mail::Folder, "[[mailbox]]\nname = \"epost\"\nmaildir = \"Maildir\"\n")
}

/// What the machine was unsure of, as read.
fn as_read(instance: &Instance, record: &str) -> String {
    let shown = instance.json(&["show", record, "--reveal", "--reason", "review"]).remove(0);
    let doubtful = shown["fields"].as_array().expect("fields").iter().filter(|field| field["decision"] == "review");
    let lines: Vec<String> =
        doubtful.map(|field| format!("{}{}\n", field["name"].as_str().expect("a name"), if field["value"].is_null() { "=" } else { "" })).collect();
    lines.concat()
}

#[test]
fn a_machine_is_never_answered_by_a_machine() {
    let instance = mailbox();
    let head = "From: Sakssystem <postmottak@lunner.example>\r\nSubject: Vedtak\r\nMessage-ID: <1@lunner.example>\r\nAuto-Submitted: auto-generated\r\n";
    let record = mailed(&instance, head, LETTER);
    instance.good_with_input(&["settle", &record, "--confirm"], &as_read(&instance, &record));
    instance.serve_until_idle();
    assert!(letters(&instance).is_empty());
    let tasks = instance.json(&["tasks", "list"]);
    assert_eq!(tasks.iter().map(|task| task["code"].as_str().expect("a code")).collect::<Vec<_>>(), ["answer_by_hand"]);
    // A person may send the receipt.
    instance.good(&["tasks", "send", &record]);
    instance.serve_until_idle();
    let all = letters(&instance);
    assert_eq!((all.len(), &all[0]["kind"], &all[0]["state"]), (1, &"kvittering".into(), &"sent".into()));
    assert!(instance.json(&["tasks", "list"]).is_empty());
}

#[test]
fn a_receipt_answers_the_mail_it_is_for() {
    let instance = mailbox();
    let head = "From: Postmottak <postmottak@lunner.example>\r\nSubject: Vedtak\r\nMessage-ID: <AM0P+1=x@lunner.example>\r\n";
    let record = mailed(&instance, head, LETTER);
    instance.good_with_input(&["settle", &record, "--confirm"], &as_read(&instance, &record));
    instance.serve_until_idle();
    let sent = sent_mails(&instance);
    assert_eq!(sent.len(), 1);
    for line in ["In-Reply-To: <AM0P+1=x@lunner.example>", "Auto-Submitted: auto-replied", "To: postmottak@lunner.example"] {
        assert!(sent[0].lines().any(|found| found == line), "{line}: {}", sent[0]);
    }
}

fn sent_mails(instance: &Instance) -> Vec<String> {
    let files = std::fs::read_dir(instance.path("outbox")).expect("a folder").map(|entry| entry.expect("an entry").path());
    files
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .map(|path| std::fs::read_to_string(path).expect("a mail").replace("\r\n", "\n"))
        .collect()
}

/// A message with files.
fn with_files(head: &str, text: &str, files: &[(&str, &[u8])]) -> String {
    let file = |(name, bytes): &(&str, &[u8])| {
        // Quoted-printable takes any byte, and needs no library here.
        let quoted: Vec<String> = bytes.chunks(24).map(|line| line.iter().map(|byte| format!("={byte:02X}")).collect::<Vec<_>>().concat()).collect();
        let head = format!("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"{name}\"");
        format!("--grense\r\n{head}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n", quoted.join("=\r\n"))
    };
    let files: Vec<String> = files.iter().map(file).collect();
    format!(
        "{head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"grense\"\r\n\r\n--grense\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n{}--grense--\r\n",
        files.concat()
    )
}

/// Puts a message into the Maildir as it is; the records that were filed, by part.
fn delivered(instance: &Instance, message: &str) -> Vec<String> {
    for folder in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(instance.path("Maildir").join(folder)).expect("a folder");
    }
    std::fs::write(instance.path("Maildir/new/1.a.host"), message).expect("a message");
    let events = instance.serve_until_idle();
    events.iter().filter(|event| event["event"] == "filed").map(|event| event["record"].as_str().expect("an id").to_owned()).collect()
}

#[test]
fn of_two_vedtak_in_one_mail_neither_counts_before_a_person_has_looked() {
    let instance = mailbox();
    let other = LETTER.replace("PS 12/25", "PS 13/25").replace("31 flyktninger i 2026", "25 flyktninger i 2027");
    let head = "From: Postmottak <postmottak@lunner.example>\r\nSubject: Vedtak\r\nMessage-ID: <9@lunner.example>\r\n";
    let records = delivered(&instance, &with_files(head, "To vedtak.", &[("en.txt", LETTER.as_bytes()), ("to.txt", other.as_bytes())]));
    assert_eq!(records.len(), 3);
    for record in &records[1..] {
        assert!(findings(&instance, record).contains(&"several_vedtak".to_owned()), "{:?}", findings(&instance, record));
    }
    assert!(letters(&instance).is_empty());
}

#[test]
fn who_mails_a_form_is_told_to_use_the_post() {
    let instance = mailbox();
    let form = std::fs::read(crate::instance::corpus().join("skjema-typed-nb-g4.tif")).expect("a sample");
    let head = "From: Noen <noen@example.no>\r\nSubject: Skjema\r\nMessage-ID: <10@example.no>\r\n";
    let records = delivered(&instance, &with_files(head, "Her er skjemaet mitt.", &[("skjema.tif", &form)]));
    assert!(sent_mails(&instance).is_empty(), "nobody is answered before a person has looked");
    instance.good_with_input(&["settle", &records[1], "--confirm"], &as_read(&instance, &records[1]));
    instance.serve_until_idle();
    let sent = sent_mails(&instance);
    assert!(sent.len() == 1 && sent[0].contains("To: noen@example.no") && sent[0].contains("Postboks"), "{sent:?}");
    assert_eq!(letters(&instance)[0]["kind"], "varsel", "the same word as for anything else that belongs in the post");
}

const HEALTH: &str =
    "Hei!\n\nBeboeren som skal flytte til dere har diabetes og trenger oppfølging av lege hver uke. Han bruker rullestol.\n\nHilsen oss på mottaket\n";

#[test]
fn who_mails_a_diagnosis_is_told_to_use_the_post_and_nothing_is_quoted() {
    let instance = mailbox();
    let head = "From: Mottaket <leder@mottak.example>\r\nSubject: Diabetes\r\nMessage-ID: <7@mottak.example>\r\n";
    let record = mailed(&instance, head, HEALTH);
    assert!(sent_mails(&instance).is_empty(), "nobody is answered before a person has looked");
    instance.good_with_input(&["settle", &record, "--confirm"], &as_read(&instance, &record));
    instance.serve_until_idle();
    let sent = sent_mails(&instance);
    assert_eq!(sent.len(), 1);
    let mail = &sent[0];
    for line in ["To: leder@mottak.example", "In-Reply-To: <7@mottak.example>", "Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"] {
        assert!(mail.lines().any(|found| found == line), "{line}: {mail}");
    }
    assert!(!mail.contains("multipart") && mail.contains("Postboks"), "{mail}");
    for word in ["iabetes", "rullestol", "lege", "helse", "Helse", "mottaket"] {
        assert!(!mail.contains(word), "{word}: {mail}");
    }
    let listed = letters(&instance);
    assert_eq!((listed[0]["kind"].as_str(), listed[0]["our_ref"].as_str().is_some_and(|our_ref| mail.contains(our_ref))), (Some("varsel"), true));
    assert_eq!(instance.files_with("iabetes").len(), 1, "the mail itself, in the folder it was moved to");
}

#[test]
fn a_loop_with_ourselves_or_a_list_does_not_begin() {
    for head in [
        "From: Oss <post@postsluse.example>\r\nSubject: Opplysninger\r\n",
        "From: En liste <liste@mottak.example>\r\nSubject: Opplysninger\r\nList-Id: <liste.mottak.example>\r\nPrecedence: list\r\n",
        "From: Ferie <leder@mottak.example>\r\nSubject: Opplysninger\r\nAuto-Submitted: auto-replied\r\n",
    ] {
        let instance = mailbox();
        let record = mailed(&instance, head, HEALTH);
        instance.good_with_input(&["settle", &record, "--confirm"], &format!("{}posttype=helse\n", as_read(&instance, &record)));
        instance.serve_until_idle();
        assert!(sent_mails(&instance).is_empty(), "{head}");
        assert!(letters(&instance).iter().all(|letter| letter["state"] == "withdrawn"), "{head}");
    }
}
