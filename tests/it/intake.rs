//! The intake from outside: what is dropped is neither lost nor doubled, whatever the writer, the disk or the administrator does.

use std::io::Write;

use nix::sys::signal::{Signal, kill};

use crate::instance::{Instance, LETTER, Mail};

/// The sealed originals in the spool.
fn sealed(instance: &Instance) -> Vec<std::path::PathBuf> {
    let names = std::fs::read_dir(instance.path("spool")).expect("the spool").map(|entry| entry.expect("an entry").path());
    names.filter(|path| path.extension().is_some_and(|ending| ending == "sealed")).collect()
}

/// The disk of the database is not mounted, or its address has a slip: an empty database must not be taken for a reason to sweep the spool.
#[test]
fn a_spool_is_safe_from_a_daemon_on_another_database() {
    let instance = Instance::new();
    instance.drop_file("vedtak", "letter.txt", LETTER.as_bytes());
    instance.serve_until_idle();
    let before = sealed(&instance);
    assert_eq!(before.len(), 1);
    instance.reconfigure("sqlite:postsluse.db", "sqlite:other.db");
    instance.good(&["db", "migrate"]);
    assert!(instance.refused(&["serve", "--until-idle"]).contains("this database knows nothing of"));
    assert_eq!(sealed(&instance), before);
    // And the right database does not accept an empty folder for its spool.
    instance.reconfigure("sqlite:other.db", "sqlite:postsluse.db");
    instance.reconfigure("spool = \"spool\"", "spool = \"elsewhere\"");
    assert!(instance.refused(&["serve", "--until-idle"]).contains("is not the one of this database"));
    instance.reconfigure("spool = \"elsewhere\"", "spool = \"spool\"");
    instance.drop_file("vedtak", "again.txt", LETTER.as_bytes());
    assert!(instance.serve_until_idle().iter().any(|event| event["event"] == "duplicate"));
}

#[test]
fn empty_files_are_not_copies_of_each_other() {
    let instance = Instance::new();
    instance.drop_file("skjema", "one.pdf", b"");
    instance.drop_file("skjema", "two.pdf", b"");
    let events = instance.serve_until_idle();
    let refused = events.iter().filter(|event| event["event"] == "refused" && event["why"].as_str().is_some_and(|why| why.starts_with("an empty file")));
    assert_eq!(refused.count(), 2, "{events:#?}");
    let mut left = instance.left_in("skjema");
    left.sort();
    assert_eq!(left, ["one.pdf", "two.pdf"]);
    let backlog = instance.json(&["list"]);
    assert_eq!(backlog.iter().filter(|line| line.get("waiting").is_some() && !line["why"].is_null()).count(), 2);
}

/// A scanner writes a page, pauses for longer than anybody waits, and goes on in the file that it still has open.
#[test]
fn f1_what_a_slow_writer_adds_later_is_taken_too() {
    let instance = Instance::new();
    // Long enough that the file is still set aside when the writer goes on, whatever the machine does meanwhile.
    instance.reconfigure("trailer_wait_ms = 0", "trailer_wait_ms = 3000");
    let mut service = instance.serve();
    let path = instance.path("watchdir/vedtak/letter.txt");
    let mut writer = std::fs::File::create(&path).expect("a file");
    let (first, second) = LETTER.split_at(60);
    writer.write_all(first.as_bytes()).expect("room");
    service.events_until(|event| event["event"] == "received");
    writer.write_all(second.as_bytes()).expect("room");
    drop(writer);
    let events = service.events_until(|event| event["event"] == "received");
    assert_eq!(events.last().expect("an event")["bytes"], LETTER.len(), "{events:#?}");
    service.stop();
    instance.serve_until_idle();
    let complete = instance.documents().iter().filter(|document| document["records"][0]["form"]["name"] == "vedtak").count();
    assert_eq!(complete, 1, "the whole letter is understood");
    assert!(instance.left_in("vedtak").is_empty());
}

#[test]
fn a_file_on_its_way_out_comes_back_when_the_service_is_killed_and_is_known() {
    let instance = Instance::new();
    instance.reconfigure("trailer_wait_ms = 0", "trailer_wait_ms = 120000");
    instance.drop_file("vedtak", "letter.txt", LETTER.as_bytes());
    let mut service = instance.serve();
    service.events_until(|event| event["event"] == "received");
    kill(service.pid(), Signal::SIGKILL).expect("it runs");
    service.kill();
    assert!(instance.left_in("vedtak").is_empty(), "it was set aside");
    instance.reconfigure("trailer_wait_ms = 120000", "trailer_wait_ms = 0");
    let events = instance.serve_until_idle();
    assert!(events.iter().any(|event| event["event"] == "duplicate"), "{events:#?}");
    assert_eq!(instance.documents().len(), 1);
    let hidden = std::fs::read_dir(instance.path("watchdir/vedtak")).expect("a folder").count();
    assert_eq!(hidden, 0, "nothing is left, under any name");
}

#[test]
fn a_service_that_stops_puts_back_what_it_has_only_set_aside() {
    let instance = Instance::new();
    instance.reconfigure("trailer_wait_ms = 0", "trailer_wait_ms = 120000");
    instance.drop_file("vedtak", "letter.txt", LETTER.as_bytes());
    let mut service = instance.serve();
    service.events_until(|event| event["event"] == "filed");
    assert!(service.stop().success());
    assert_eq!(instance.left_in("vedtak"), ["letter.txt"]);
    instance.reconfigure("trailer_wait_ms = 120000", "trailer_wait_ms = 0");
    instance.serve_until_idle();
    assert_eq!((instance.documents().len(), instance.left_in("vedtak").len()), (1, 0));
}

/// The spool was lost or damaged, and somebody scans the paper again: the copy is not given up for an original that is not there.
#[test]
fn a_damaged_original_is_mended_from_a_copy() {
    let instance = Instance::with("sqlite:postsluse.db", &Mail::Folder, "");
    instance.drop_file("vedtak", "letter.txt", LETTER.as_bytes());
    instance.serve_until_idle();
    let original = sealed(&instance).remove(0);
    let whole = std::fs::read(&original).expect("it is there");
    for damaged in [None, Some(whole[..whole.len() - 1].to_vec()), Some([&whole[..40], &[whole[40] ^ 1], &whole[41..]].concat())] {
        match &damaged {
            None => std::fs::remove_file(&original).expect("ours"),
            Some(bytes) => std::fs::write(&original, bytes).expect("ours"),
        }
        instance.drop_file("vedtak", "copy.txt", LETTER.as_bytes());
        let events = instance.serve_until_idle();
        assert!(events.iter().any(|event| event["event"] == "duplicate"), "{events:#?}");
        let mended = std::fs::read(&original).expect("it is there again");
        assert_eq!(mended.len(), whole.len());
        assert_ne!(damaged.as_ref(), Some(&mended), "it was sealed anew");
        assert!(instance.left_in("vedtak").is_empty());
    }
    assert_eq!(instance.documents().len(), 1);
    instance.good(&["doctor"]);
}
