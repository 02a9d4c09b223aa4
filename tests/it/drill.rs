//! Drills: the service and its readers are killed at random moments, and nothing is lost or doubled.
//!
//! A short form runs with the tests; `make drill` runs the long one. Every drill prints what was tried, how often, and what was lost. The
//! seed is printed too: `POSTSLUSE_DRILL_SEED` runs the same drill again, as far as a scheduler lets it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::instance::Instance;

/// A small generator: a drill needs no good randomness, only another moment each time.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn letter(number: usize) -> String {
    format!(
        "Lunner kommune\n\nDeres ref: 26/{number:04}\n\nSaksprotokoll\nSaksnummer: PS {number}/25\nUtvalg: Kommunestyret\nMøtedato: 12.11.2025\n\n\
         Vedtak\nLunner kommunestyre vedtar å bosette {} flyktninger i 2026.\n\nVedtaket var enstemmig.\n",
        10 + number
    )
}

/// The children of a process, by the kernel's own list.
pub fn children(pid: nix::unistd::Pid) -> Vec<nix::unistd::Pid> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).map(nix::unistd::Pid::from_raw).collect::<Vec<_>>()).collect()
}

#[test]
fn f6_kill_at_random_moments_loses_and_doubles_nothing() {
    let full = std::env::var("POSTSLUSE_DRILL").is_ok_and(|length| length == "full");
    let (documents, kills) = if full { (50, 40) } else { (12, 6) };
    let seed =
        std::env::var("POSTSLUSE_DRILL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| u64::from(std::process::id()) * 2_654_435_761 + 1);
    let mut dice = Dice(seed);
    let instance = Instance::new();
    // Killed readers count as attempts; the drill kills more of them than a document would ever meet.
    instance.reconfigure("processes = 2", "processes = 2\nattempts = 1000");
    let forms = [include_bytes!("../corpus/skjema-typed-nb-g4.tif").as_slice()];
    for number in 0..documents {
        if full && number % 10 == 9 {
            // A form takes longer to read, so kills meet it in the middle. Bytes after the end of a TIFF make it another document.
            let mut bytes = forms[0].to_vec();
            bytes.extend_from_slice(&[0, u8::try_from(number).expect("a small number")]);
            instance.drop_file("skjema", &format!("scan-{number}.tif"), &bytes);
        } else {
            instance.drop_file("vedtak", &format!("scan-{number}.txt"), letter(number).as_bytes());
        }
    }
    let (mut daemons, mut readers) = (0, 0);
    for _ in 0..kills {
        let mut service = instance.serve();
        for _ in 0..dice.roll(4) {
            if service.next_event().is_none() {
                break;
            }
        }
        // Not a wait for anything: it only moves the kill to another moment.
        std::thread::sleep(Duration::from_micros(dice.roll(60_000)));
        if dice.roll(2) == 0 {
            let alive = children(service.pid());
            if let Some(reader) = alive.get(usize::try_from(dice.roll(alive.len().max(1) as u64)).expect("small")) {
                let _ = nix::sys::signal::kill(*reader, nix::sys::signal::Signal::SIGKILL);
                readers += 1;
            }
            for _ in 0..dice.roll(2) {
                let _ = service.next_event();
            }
        }
        service.kill();
        daemons += 1;
    }
    instance.serve_until_idle();

    let found = instance.documents();
    let filed = found.iter().filter(|document| document["state"] == "filed").count();
    let records: Vec<_> = found.iter().flat_map(|document| document["records"].as_array().cloned().unwrap_or_default()).collect();
    let ids: BTreeSet<_> = records.iter().map(|record| record["record"].to_string()).collect();
    let letters = instance.json(&["letters", "list", "--limit", "1000"]);
    let references: BTreeSet<_> = letters.iter().map(|letter| letter["our_ref"].to_string()).collect();
    let sent = letters.iter().filter(|letter| letter["state"] == "sent").count();
    let mails = std::fs::read_dir(instance.path("outbox")).expect("the outbox").count();
    println!(
        "drill: {documents} documents, kill -9 of the service {daemons} times and of a reader {readers} times, seed {seed}: {} documents, {} records, {sent} letters sent",
        found.len(),
        records.len()
    );
    assert_eq!((found.len(), filed), (documents, documents), "every document is there once and filed");
    assert_eq!((records.len(), ids.len()), (documents, documents), "every document became one record");
    assert_eq!(
        (letters.len(), sent, references.len(), mails),
        (sent, letters.len(), letters.len(), letters.len()),
        "every letter has its own number and went out once"
    );
    assert!(instance.left_in("vedtak").is_empty() && instance.left_in("skjema").is_empty(), "nothing is left in the folders");
    let spooled = std::fs::read_dir(instance.path("spool"))
        .expect("the spool")
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|ending| ending == "sealed")))
        .count();
    assert_eq!(spooled, documents, "the spool holds one sealed original a document and nothing else");
    instance.good(&["doctor"]);
}
