//! `make bench`: how many mails a second go the whole way from a Maildir to sealed records, beside a program that does no more than take the same mails
//! apart; and how much memory the service needs for a mail of 50 MB.
//!
//! The service is measured from outside, in an instance of its own. The program to measure is the argument: the release build. Nothing is asserted.

#![expect(clippy::cast_precision_loss, reason = "counts and sizes are far below what a float holds exactly")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often each figure is taken.
const ROUNDS: usize = 3;
/// How many mails are taken in one measurement.
const MAILS: usize = 300;
/// How large the large mail is, bytes, as it lies in the mailbox.
const LARGE: usize = 50 * 1024 * 1024;

/// Takes apart each message of a Maildir with Python's own library, and does nothing with it.
const PEER: &str =
    "import sys, mailbox\nfor message in mailbox.Maildir(sys.argv[1], create=False):\n    for part in message.walk():\n        part.get_payload(decode=True)\n";

fn main() {
    // `cargo test --benches` and `cargo bench` without a program have nothing to measure.
    let Some(program) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).map(PathBuf::from) else { return };
    let (mut service, mut peer) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let instance = Instance::new(&program);
        for number in 0..MAILS {
            instance.deliver(&format!("{number}.a.host"), mail(number, &[]).as_bytes());
        }
        peer.push(timed(Command::new("python3").args(["-c", PEER]).arg(instance.path("Maildir"))));
        service.push(timed(&mut instance.command(&["serve", "--until-idle"])));
    }
    let (service, peer) = (median(&mut service), median(&mut peer));
    let rate = |time: Duration| MAILS as f64 / time.as_secs_f64();
    println!("{MAILS} mails with a decision in their words, from the Maildir to sealed records, median of {ROUNDS}");
    println!("  postsluse serve               {:8.1} mails a second, with its start", rate(service));
    println!("  python3 mailbox, taken apart  {:8.1} mails a second, and nothing kept", rate(peer));
    println!("  ratio                         {:8.3}", rate(service) / rate(peer));
    let small = daemons_memory(&program, &mail(0, &[]));
    // An enclosure that no kind of document begins like.
    let large = daemons_memory(&program, &mail(1, &vec![b'A'; LARGE]));
    println!("memory of the daemon at its highest: {small:.1} MB with a mail of 1 kB, {large:.1} MB with one of {} MB", LARGE >> 20);
}

/// A mail with a decision, and an enclosure if it is not empty.
fn mail(number: usize, enclosure: &[u8]) -> String {
    let decision =
        format!("Kommunestyret i Lunner kommune har i møte 12.11.2026 vedtatt:\r\nLunner kommune bosetter {} flyktninger i 2027.\r\n", 10 + number % 80);
    let head = format!(
        "From: postmottak@lunner.kommune.no\r\nTo: post@example.no\r\nSubject: Vedtak\r\nDate: Fri, 20 Nov 2026 10:12:00 +0100\r\nMessage-ID: <{number}@lunner.kommune.no>\r\nMIME-Version: 1.0\r\n"
    );
    if enclosure.is_empty() {
        return format!("{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{decision}");
    }
    let lines = enclosure.chunks(76).flat_map(|line| [line, b"\r\n"]).collect::<Vec<_>>().concat();
    let lines = String::from_utf8(lines).expect("letters");
    format!(
        "{head}Content-Type: multipart/mixed; boundary=\"=_\"\r\n\r\n--=_\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{decision}\r\n--=_\r\n\
         Content-Type: application/octet-stream; name=\"a.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{lines}\r\n--=_--\r\n"
    )
}

/// The most memory that the daemon itself had when the mail had become a record, MB.
fn daemons_memory(program: &Path, mail: &str) -> f64 {
    let instance = Instance::new(program);
    instance.deliver("1.a.host", mail.as_bytes());
    let mut child = instance.command(&["--json", "serve"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program runs");
    let events = BufReader::new(child.stdout.take().expect("a pipe"));
    for line in events.lines().map_while(Result::ok) {
        if line.contains("\"filed\"") || line.contains("\"quarantined\"") {
            break;
        }
    }
    let peak = high_water_mark(&child);
    let _ = child.kill();
    let _ = child.wait();
    peak
}

fn high_water_mark(child: &Child) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

fn timed(command: &mut Command) -> Duration {
    let started = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the program runs");
    assert!(status.success(), "{command:?} ended with {status}");
    started.elapsed()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// An instance of the product with a Maildir.
struct Instance {
    root: tempfile::TempDir,
    program: PathBuf,
}

impl Instance {
    fn new(program: &Path) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        for folder in ["Maildir/new", "Maildir/cur", "Maildir/tmp", "outbox"] {
            std::fs::create_dir_all(root.path().join(folder)).expect("a folder");
        }
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let office = std::fs::read_to_string(manifest.join("tests/it/office.toml")).expect("an office");
        let mut config = std::fs::File::create(root.path().join("postsluse.toml")).expect("a file");
        write!(
            config,
            "spool = \"spool\"\nforms = \"{}\"\ndatabase.url = \"sqlite:cases.db\"\nkeys.folder = \"keys\"\nmail = {{ from = \"post@example.no\", folder = \"outbox\" }}\n\
             [[mailbox]]\nname = \"epost\"\nmaildir = \"Maildir\"\n[reader]\nsandbox = \"best-effort\"\n{office}\n",
            manifest.join("forms").display()
        )
        .expect("a configuration");
        let instance = Self { root, program: program.to_owned() };
        for arguments in [&["keys", "init"][..], &["db", "migrate"]] {
            timed(&mut instance.command(arguments));
        }
        instance
    }

    fn path(&self, below: &str) -> PathBuf {
        self.root.path().join(below)
    }

    fn deliver(&self, name: &str, message: &[u8]) {
        std::fs::write(self.path("Maildir/new").join(name), message).expect("a file");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(self.path("postsluse.toml")).args(arguments).current_dir(self.root.path());
        command
    }
}
