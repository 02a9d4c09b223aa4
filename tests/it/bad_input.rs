//! Bad input: every broken or hostile file gets a clear reason, is kept, and does not touch the next document.

use std::io::Write;

use postsluse::document::RefusalCode;
use serde_json::Value as Json;

use crate::forms::SMALL;
use crate::instance::{Instance, LETTER, Mail};
use crate::page_files::{dictionary, pdf, stream};

/// How the name ends of a sealed copy that is not whole yet.
const UNFINISHED: &str = ".new";

fn quarantined(instance: &Instance) -> Vec<(String, String, String)> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let mut found: Vec<_> = instance
        .documents()
        .iter()
        .filter(|document| document["state"] == "quarantined")
        .map(|document| (text(&document["refusal"]["code"]), text(&document["refusal"]["message"]), text(&document["refusal"]["advice"])))
        .collect();
    found.sort();
    found
}

/// A PDF of `pages` empty pages.
fn pdf_of(pages: usize) -> Vec<u8> {
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", page + 3)).collect();
    let mut objects = vec![dictionary("/Type /Catalog /Pages 2 0 R"), dictionary(&format!("/Type /Pages /Count {pages} /Kids [{}]", kids.join(" ")))];
    objects.extend((0..pages).map(|_| dictionary("/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]")));
    pdf(&objects)
}

/// A PDF of some hundred kilobytes with a page that unpacks to 300 MB.
fn bomb() -> Vec<u8> {
    let mut packed = lopdf::Stream::new(lopdf::Dictionary::new(), vec![b' '; 300 << 20]);
    packed.compress().expect("it packs");
    pdf(&[
        dictionary("/Type /Catalog /Pages 2 0 R"),
        dictionary("/Type /Pages /Kids [3 0 R] /Count 1"),
        dictionary("/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"),
        stream("/Filter /FlateDecode", packed.content),
    ])
}

#[test]
fn broken_files_are_quarantined_with_a_reason_and_the_next_document_is_read() {
    let instance = Instance::new();
    let locked = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/bad/locked.pdf")).expect("a sample");
    let whole = pdf_of(3);
    for (name, bytes) in [
        ("blank.txt", b" \n\n".to_vec()),
        ("cut.pdf", whole[..120].to_vec()),
        ("locked.pdf", locked),
        ("long.pdf", pdf_of(300)),
        ("program.pdf", b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00".repeat(40)),
        ("bomb.pdf", bomb()),
        ("cut.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00".to_vec()),
    ] {
        instance.drop_file("skjema", name, &bytes);
    }
    instance.drop_file("vedtak", "letter.pdf", LETTER.as_bytes());
    let events = instance.serve_until_idle();
    let found = quarantined(&instance);
    let codes: Vec<&str> = found.iter().map(|(code, ..)| code.as_str()).collect();
    assert_eq!(codes, ["damaged", "damaged", "empty", "locked", "too_large", "too_many_pages", "unknown_type"], "{found:#?}");
    for (code, message, advice) in &found {
        assert!(!message.is_empty() && !advice.is_empty() && !message.ends_with('.'), "{code}: {message} / {advice}");
    }
    let long = found.iter().find(|(code, ..)| code == "too_many_pages").expect("it is there");
    assert!(long.1.contains("300") && long.1.contains("200"), "the value and the limit: {}", long.1);
    let bomb = found.iter().find(|(code, ..)| code == "too_large").expect("it is there");
    assert!(bomb.1.starts_with("a stream of the PDF decompresses to more than"), "it is refused by its reader, which lives: {}", bomb.1);
    // What a reader says is shown to people and stands nowhere in clear: it may have been taken over by what it read.
    for event in events.iter().filter(|event| event["event"] == "quarantined") {
        let code = event["code"].as_str().and_then(RefusalCode::from_code).expect("a code");
        assert_eq!(event["why"], code.in_our_words().to_string());
    }
    for said in ["decompresses to more than", "the document has 300 pages"] {
        assert!(found.iter().any(|(_, message, _)| message.contains(said)), "{said}: {found:#?}");
        assert_eq!(instance.files_with(said), Vec::<std::path::PathBuf>::new());
    }
    let documents = instance.documents();
    let document = documents.iter().find(|document| document["refusal"]["code"] == "too_many_pages").expect("it is there");
    assert_eq!(instance.json(&["show", document["document"].as_str().expect("an id")])[0]["refusal"], document["refusal"]);
    // The letter has a wrong ending, and that does not matter.
    assert_eq!(events.iter().filter(|event| event["event"] == "filed" && event["what"] == "vedtak version 6").count(), 1, "{events:#?}");
    // The originals are kept, sealed.
    let sealed = std::fs::read_dir(instance.path("spool"))
        .expect("the spool")
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|e| e == "sealed")))
        .count();
    assert_eq!(sealed, 8);
    assert!(instance.left_in("skjema").is_empty());
}

/// A page code is whatever somebody printed: twelve digits in it are somebody's number, and would stand in clear in a row and in the journal.
#[test]
fn the_name_in_a_page_code_of_a_form_that_is_not_ours_is_not_repeated() {
    let instance = Instance::new();
    let number = "202203141502";
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("foreign.xml"), SMALL.replace("name=\"proeve\" version=\"2\"", &format!("name=\"duf{number}\" version=\"20220314\"")))
        .expect("a form");
    let blank = folder.path().join("blank.pdf");
    let text = |path: &std::path::Path| path.to_str().expect("UTF-8").to_owned();
    instance.good(&["--forms", &text(folder.path()), "forms", "render", &format!("duf{number}"), "-o", &text(&blank)]);
    let read = instance.run(&["--json", "read", &text(&blank)]);
    assert_eq!(read.status.code(), Some(1), "it is not recognised");
    let read: Json = serde_json::from_slice(&read.stdout).expect("a line of JSON");
    assert_eq!(read["form"]["name"], format!("duf{number}"), "the page code is read, and `read` stores nothing: {read:#}");
    instance.drop_file("skjema", "scan.pdf", &std::fs::read(&blank).expect("a blank"));
    let mut service = instance.serve();
    let events = service.events_until(|event| event["event"] == "filed");
    assert_eq!(events.last().expect("an event")["what"], "unknown version unknown");
    assert_eq!(instance.files_with(number), Vec::<std::path::PathBuf>::new(), "in no row and in no log");
    assert!(!serde_json::to_string(&events).expect("JSON").contains(number));
    let record = &instance.documents()[0]["records"][0];
    assert_eq!((&record["form"]["name"], &record["form"]["version"], &record["state"]), (&"unknown".into(), &"unknown".into(), &"review".into()));
    assert!(service.stop().success());
}

/// No reader can be started for a while: a new one does not find the forms.
#[test]
fn an_outage_of_the_readers_costs_no_document_an_attempt() {
    use nix::sys::signal::{Signal, kill};
    let instance = Instance::new();
    let (forms, away) = (instance.path("forms"), instance.path("away"));
    std::fs::create_dir(&forms).expect("a folder");
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/forms");
    std::fs::copy(format!("{shipped}/privatboende.xml"), forms.join("privatboende.xml")).expect("a form");
    instance.reconfigure(&format!("forms = \"{shipped}\""), "forms = \"forms\"");
    // The reader that is killed is missed by the first document that is given to it: that is its first attempt, and the second is its last.
    instance.reconfigure("processes = 2", "processes = 1\nattempts = 2");
    let mut service = instance.serve();
    instance.drop_file("vedtak", "first.txt", LETTER.as_bytes());
    service.events_until(|event| event["event"] == "filed");
    std::fs::rename(&forms, &away).expect("it is ours");
    for reader in crate::drill::children(service.pid()) {
        kill(reader, Signal::SIGKILL).expect("it runs");
    }
    instance.drop_file("vedtak", "second.txt", LETTER.replace("31", "32").as_bytes());
    let missed = service.events_until(|event| event["event"] == "tried_in_vain");
    assert_eq!(missed.last().expect("an event")["attempt"], 1);
    let logged = || std::fs::read_to_string(instance.path("log")).is_ok_and(|log| log.contains("the work cannot go on now"));
    let begun = std::time::Instant::now();
    while !logged() && begun.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(logged(), "the outage is met");
    std::fs::rename(&away, &forms).expect("it is ours");
    let events = service.events_until(|event| event["event"] == "filed" || event["event"] == "quarantined");
    assert_eq!(events.last().expect("an event")["event"], "filed", "{events:#?}");
    assert!(instance.documents().iter().all(|document| document["state"] == "filed" && document["attempts"].as_u64() <= Some(2)));
    assert!(service.stop().success());
}

#[test]
fn what_is_no_file_stays_and_is_named_without_blocking() {
    let instance = Instance::new();
    let folder = instance.path("watchdir/skjema");
    std::fs::create_dir(folder.join("x.pdf")).expect("a folder");
    std::os::unix::fs::symlink("/etc/passwd", folder.join("link.pdf")).expect("a link");
    nix::unistd::mkfifo(&folder.join("fifo.pdf"), nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
    let _socket = std::os::unix::net::UnixListener::bind(folder.join("socket.pdf")).expect("a socket");
    instance.drop_file("vedtak", "good.txt", LETTER.as_bytes());
    let events = instance.serve_until_idle();
    let mut why: Vec<&str> = events.iter().filter(|event| event["event"] == "refused").map(|event| event["why"].as_str().expect("a reason")).collect();
    why.sort_unstable();
    assert_eq!(why.len(), 4, "{events:#?}");
    assert!(why[0].starts_with("a folder") && why[1].starts_with("a symbolic link") && why[2].contains("FIFO") && why[3].contains("socket"), "{why:?}");
    assert!(events.iter().any(|event| event["event"] == "filed"));
    let backlog = instance.json(&["list"]);
    assert_eq!(backlog.iter().filter(|line| line.get("waiting").is_some() && !line["why"].is_null()).count(), 4);
    assert_eq!(instance.left_in("skjema").len(), 4, "nothing was removed");
}

#[test]
fn a_file_over_the_limit_stays_and_is_named_with_the_limit() {
    let instance = Instance::with("sqlite:postsluse.db", &Mail::Folder, "");
    instance.reconfigure("[intake]", "[intake]\nsize_max_mib = 1");
    instance.drop_file("skjema", "large.pdf", &vec![b' '; 1024 * 1024 + 1]);
    let events = instance.serve_until_idle();
    let why = events.iter().find(|event| event["event"] == "refused").and_then(|event| event["why"].as_str()).expect("it is refused");
    assert!(why.contains("2 MiB") && why.contains("the limit is 1 MiB"), "{why}");
    assert_eq!(instance.left_in("skjema"), ["large.pdf"]);
}

#[test]
fn a_file_that_grows_is_taken_when_it_stands_still() {
    let instance = Instance::new();
    let mut service = instance.serve();
    let path = instance.path("watchdir/vedtak/slow.txt");
    let mut file = std::fs::File::create(&path).expect("a file");
    for piece in LETTER.as_bytes().chunks(16) {
        file.write_all(piece).expect("room");
        file.sync_data().expect("room");
    }
    drop(file);
    let events = service.events_until(|event| event["event"] == "filed");
    let received: Vec<_> = events.iter().filter(|event| event["event"] == "received").collect();
    assert_eq!(received.len(), 1, "{events:#?}");
    assert_eq!(received[0]["bytes"], LETTER.len(), "the whole file");
    service.stop();
}

#[test]
fn a_file_that_is_removed_while_it_is_read_is_whole_or_was_never_there() {
    use nix::sys::signal::{Signal, kill};
    let instance = Instance::new();
    let mut service = instance.serve();
    let large = vec![0x7f; 100 << 20];
    // The service is stopped in the middle of the reading: a sealed copy has been begun. A machine that is faster than we look gets another file.
    let removed = (0..100).find(|round| {
        let name = format!("{round}.pdf");
        instance.drop_file("skjema", &name, &[&large[..], name.as_bytes()].concat());
        let path = instance.path("watchdir/skjema").join(&name);
        let reading = || {
            let names = std::fs::read_dir(instance.path("spool")).expect("the spool").map(|entry| entry.expect("an entry").file_name());
            names.map(|name| name.to_string_lossy().into_owned()).any(|name| name.ends_with(UNFINISHED))
        };
        while path.exists() && !reading() {}
        kill(service.pid(), Signal::SIGSTOP).expect("it runs");
        let caught = path.exists() && reading();
        if caught {
            std::fs::remove_file(&path).expect("it is there");
        }
        kill(service.pid(), Signal::SIGCONT).expect("it is stopped");
        caught
    });
    assert!(removed.is_some());
    instance.drop_file("vedtak", "good.txt", LETTER.as_bytes());
    let events = service.events_until(|event| event["event"] == "filed");
    service.stop();
    let more = instance.serve_until_idle();
    // Whoever has a file open has all of it: it was stored whole, and then found to be nothing that is read.
    let received = events.iter().chain(&more).filter(|event| event["event"] == "received" && event["bytes"].as_u64() > Some(100 << 20));
    assert!(received.count() >= 1, "{events:#?}");
    assert!(quarantined(&instance).iter().all(|(code, ..)| code == "unknown_type"));
    assert!(instance.left_in("skjema").is_empty());
}

#[test]
fn a_disk_without_room_leaves_the_file_where_it_is() {
    let instance = Instance::new();
    instance.good(&["list"]);
    // A limit on the size of a file stands for a full disk: the spool's file meets it, the small files of the database do not.
    let limit = instance.command(&["--json", "serve", "--until-idle"]);
    let mut shell = std::process::Command::new("sh");
    shell.arg("-c").arg("ulimit -f 2048; trap '' XFSZ; exec \"$@\"").arg("sh").arg(limit.get_program()).args(limit.get_args()).current_dir(instance.path("."));
    instance.drop_file("skjema", "scan.pdf", &vec![b'%'; 3_000_000]);
    let output = shell.output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("cannot be put in safety now"), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(instance.left_in("skjema"), ["scan.pdf"]);
    // With room again it is taken.
    let events = instance.serve_until_idle();
    assert!(events.iter().any(|event| event["event"] == "received"), "{events:#?}");
}

#[test]
fn a_wrong_configuration_is_refused_with_what_and_what_to_do() {
    let instance = Instance::new();
    instance.reconfigure("settle_ms = 50", "settle_ms = 5");
    assert!(instance.refused(&["serve"]).contains("intake.settle_ms: 5 is too small"));
}

#[test]
fn missing_keys_are_refused_before_any_file_is_touched() {
    let instance = Instance::unprepared("sqlite:postsluse.db", &Mail::Folder, "");
    instance.drop_file("vedtak", "good.txt", LETTER.as_bytes());
    instance.refused(&["serve"]);
    assert_eq!(instance.left_in("vedtak"), ["good.txt"]);
}

#[test]
fn keys_that_others_can_read_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let instance = Instance::new();
    let key = std::fs::read_dir(instance.path("keys"))
        .expect("keys")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.to_string_lossy().contains("kek"))
        .expect("a key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("ours");
    assert!(instance.refused(&["serve"]).contains("0644"));
}

#[test]
fn keys_of_another_instance_are_refused() {
    let (one, other) = (Instance::new(), Instance::new());
    one.serve_until_idle();
    std::fs::remove_dir_all(one.path("keys")).expect("ours");
    std::fs::rename(other.path("keys"), one.path("keys")).expect("ours");
    one.refused(&["serve"]);
}

#[test]
fn an_unreachable_database_is_refused_with_what_and_what_to_do() {
    let instance = Instance::unprepared("postgres://nobody@127.0.0.1:9/nothing", &Mail::Folder, "");
    instance.good(&["keys", "init"]);
    instance.refused(&["serve"]);
    instance.refused(&["db", "status"]);
}

#[test]
fn a_database_without_schema_is_refused_with_what_to_do() {
    let instance = Instance::unprepared("sqlite:postsluse.db", &Mail::Folder, "");
    instance.good(&["keys", "init"]);
    assert!(instance.refused(&["serve"]).contains("db migrate"));
}

#[test]
fn a_missing_language_is_refused_with_what_to_install() {
    let instance = Instance::new();
    instance.reconfigure("processes = 2", "processes = 2\nlanguages = \"nor+xyz\"");
    let text = instance.refused(&["serve"]);
    assert!(text.contains("xyz") && text.contains("tesseract-ocr-"), "{text}");
}

/// Where every layer holds that is asked for the service starts, and where one does not it says which: it never reads in a weaker sandbox than it was told to.
#[test]
fn a_required_sandbox_holds_or_the_service_does_not_start() {
    let instance = Instance::new();
    let found = String::from_utf8(instance.run(&["--json", "doctor"]).stdout).expect("UTF-8");
    let checks: Vec<Json> = found.lines().map(|line| serde_json::from_str(line).expect("JSON lines")).collect();
    let sandbox = |check: &Json| check["check"].as_str().is_some_and(|name| name.starts_with("sandbox: "));
    let missing: Vec<&str> = checks.iter().filter(|check| sandbox(check) && check["good"] == false).filter_map(|check| check["check"].as_str()).collect();
    assert!(checks.iter().filter(|check| sandbox(check)).count() >= 11, "five layers and six attempts to break out: {found}");
    instance.reconfigure("sandbox = \"best-effort\"", "sandbox = \"required\"");
    instance.drop_file("vedtak", "good.txt", LETTER.as_bytes());
    // Namespaces of its own are more than is asked for: not every machine lets a process make them.
    if missing.iter().all(|name| *name == "sandbox: namespaces") {
        assert!(instance.serve_until_idle().iter().any(|event| event["event"] == "filed"));
    } else {
        let layer = missing[0].trim_start_matches("sandbox: ");
        assert!(instance.refused(&["serve"]).contains(layer), "{missing:?}");
    }
}
