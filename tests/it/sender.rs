//! Who sent a message: signatures made by another implementation, keys from a name server, and nobody confirmed who is not.

use std::net::UdpSocket;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value as Json;

use crate::instance::{Instance, LETTER, Mail};

/// A name server on loopback that knows some TXT records, and remembers what it was asked.
struct NameServer {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    fn knowing(records: Vec<(String, String)>) -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).expect("a port");
        let port = socket.local_addr().expect("an address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let remembered = asked.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let (name, end) = question(&buffer[..length]);
                let record = records.iter().find(|(known, _)| *known == name).map(|(_, record)| record.as_str());
                remembered.lock().expect("nobody panicked").push(name);
                let _ = socket.send_to(&answer(&buffer[..end], record), from);
            }
        });
        Self { port, asked }
    }
}

/// The name that a query asks for, and where its question ends (RFC 1035, 4.1).
fn question(query: &[u8]) -> (String, usize) {
    let (mut labels, mut at) = (Vec::new(), 12);
    while query[at] != 0 {
        let length = usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..=at + length]).to_lowercase());
        at += 1 + length;
    }
    (labels.join("."), at + 5)
}

fn answer(query: &[u8], record: Option<&str>) -> Vec<u8> {
    // An answer with recursion; "no such name" where nothing is known.
    let flags: [u8; 2] = if record.is_some() { [0x81, 0x80] } else { [0x81, 0x83] };
    let mut message = [&query[..2], &flags, &[0, 1, 0, u8::from(record.is_some()), 0, 0, 0, 0], &query[12..]].concat();
    if let Some(record) = record {
        let pieces: Vec<u8> = record.as_bytes().chunks(255).flat_map(|piece| [&[u8::try_from(piece.len()).expect("255 at most")], piece].concat()).collect();
        // The name of the question, TXT, IN, one minute.
        message.extend([0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
        message.extend(u16::try_from(pieces.len()).expect("a short record").to_be_bytes());
        message.extend(pieces);
    }
    message
}

/// A key of a domain: the file that signs, and the record that is published.
struct Key {
    folder: tempfile::TempDir,
    record: String,
}

impl Key {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let openssl = |arguments: &[&str]| {
            let output = Command::new("openssl").args(arguments).current_dir(folder.path()).output().expect("openssl is installed");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).expect("PEM")
        };
        openssl(&["genrsa", "-traditional", "-out", "key.pem", "2048"]);
        let public = openssl(&["rsa", "-in", "key.pem", "-pubout"]);
        let record = format!("v=DKIM1; k=rsa; p={}", public.lines().filter(|line| !line.starts_with('-')).collect::<String>());
        Self { folder, record }
    }

    /// The message with a signature of `domain` above it, made by dkimpy.
    fn sign(&self, domain: &str, message: &str) -> String {
        use std::io::Write;
        let mut child = Command::new("dkimsign")
            .args(["s1", domain])
            .arg(self.folder.path().join("key.pem"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3-dkim is installed");
        child.stdin.take().expect("a pipe").write_all(message.as_bytes()).expect("it reads");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

fn message(number: u32, more: &str) -> String {
    let text = LETTER.replace('\n', "\r\n");
    format!(
        "From: Lunner kommune <postmottak@lunner.kommune.no>\r\nTo: post@postsluse.example\r\nSubject: Vedtak\r\nDate: Fri, 20 Nov 2026 10:12:00 +0100\r\n\
         Message-ID: <{number}@lunner.kommune.no>\r\n{more}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    )
}

/// What becomes of one message: the verdict, the record's state and its findings.
fn judged(instance: &Instance, message: &str) -> (Option<String>, String, Vec<String>) {
    let before = instance.path("Maildir/.Behandlet/cur").read_dir().map_or(0, Iterator::count);
    std::fs::write(instance.path(format!("Maildir/new/{before}.a.host")), message).expect("a message");
    let events = instance.serve_until_idle();
    let filed = events.iter().find(|event| event["event"] == "filed").unwrap_or_else(|| panic!("it is filed: {events:#?}"));
    let shown = &instance.json(&["show", filed["record"].as_str().expect("an id"), "--reveal", "--reason", "casework"])[0];
    let text = |value: &Json| value.as_str().map(str::to_owned);
    let verdict = shown["fields"].as_array().expect("fields").iter().find(|field| field["name"] == "avsender").and_then(|field| text(&field["value"]));
    let findings = shown["findings"].as_array().expect("findings").iter().filter_map(|finding| text(&finding["code"])).collect();
    (verdict, text(&filed["state"]).expect("a state"), findings)
}

fn instance(more: &str) -> Instance {
    let instance = Instance::with("sqlite:postsluse.db", &Mail::Folder, &format!("[[mailbox]]\nname = \"epost\"\nmaildir = \"Maildir\"\n{more}"));
    instance.reconfigure("postmottak@lunner.example", "postmottak@lunner.kommune.no");
    for folder in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(instance.path("Maildir").join(folder)).expect("a folder");
    }
    instance
}

#[test]
fn a_sender_is_confirmed_by_the_signature_of_his_kommune_and_by_nothing_less() {
    let (key, other) = (Key::new(), Key::new());
    let server = NameServer::knowing(vec![
        ("s1._domainkey.lunner.kommune.no".to_owned(), key.record.clone()),
        ("s1._domainkey.kommune.no".to_owned(), other.record.clone()),
        ("s1._domainkey.evil.example".to_owned(), other.record.clone()),
    ]);
    let instance = instance(&format!("[sender]\ndns = \"127.0.0.1:{}\"\n", server.port));
    let verdict = |message: &str| {
        let (verdict, state, findings) = judged(&instance, message);
        (verdict.expect("a verdict"), state, findings.join(" "))
    };
    let expected = |verdict: &str, state: &str, findings: &str| (verdict.to_owned(), state.to_owned(), findings.to_owned());

    assert_eq!(verdict(&key.sign("lunner.kommune.no", &message(1, ""))), expected("bekreftet", "complete", ""));
    assert_eq!(verdict(&message(2, "")), expected("ubekreftet", "review", "sender_unproven"));
    let altered = key.sign("lunner.kommune.no", &message(3, "")).replace("31 flyktninger", "81 flyktninger");
    // What it now says is not what the kommune has decided, either.
    assert_eq!(verdict(&altered), expected("falsk", "review", "sender_forged earlier_differs"));
    // Signed by somebody else, by a name above the kommune's, and with a key that is not the kommune's.
    for domain in ["evil.example", "kommune.no"] {
        assert_eq!(verdict(&other.sign(domain, &message(4, &format!("X-Signed-By: {domain}\r\n")))), expected("ubekreftet", "review", "sender_unproven"));
    }
    assert_eq!(verdict(&other.sign("lunner.kommune.no", &message(5, ""))), expected("falsk", "review", "sender_forged"));
    // A second From, below the one that is signed.
    let doubled = key.sign("lunner.kommune.no", &message(6, "")).replacen("From: Lunner", "From: x@evil.example\r\nFrom: Lunner", 1);
    let (found, state, _) = verdict(&doubled);
    assert!((found.as_str(), state.as_str()) != ("bekreftet", "complete"), "{found} {state}");
    // Confirmed, but it writes of another kommune, or a machine wrote it.
    let of_another = message(7, "").replace("Lunner kommune\r\n", "Steinkjer kommune\r\n").replace("Lunner kommunestyre", "Steinkjer kommunestyre");
    assert_eq!(verdict(&key.sign("lunner.kommune.no", &of_another)), expected("bekreftet", "review", "kommune_unclear sender_other"));
    let automatic = message(8, "Auto-Submitted: auto-replied\r\n");
    assert_eq!(verdict(&key.sign("lunner.kommune.no", &automatic)), expected("bekreftet", "review", "mail_automatic"));
    let stranger = message(9, "").replace("postmottak@lunner.kommune.no", "post@evil.example");
    assert_eq!(verdict(&other.sign("evil.example", &stranger)), expected("ukjent", "review", "setting_unclear sender_unknown"));

    let asked = server.asked.lock().expect("nobody panicked");
    assert!(!asked.is_empty() && asked.iter().all(|name| name == "s1._domainkey.lunner.kommune.no"), "{asked:?}");
}

#[test]
fn what_our_own_server_found_counts_and_what_a_sender_says_it_found_does_not() {
    let instance = instance("[sender]\ndns = \"off\"\nmail_server = \"mx.imdi.example\"\n");
    let ours = "Authentication-Results: mx.imdi.example; dmarc=pass header.from=lunner.kommune.no\r\n";
    let theirs = "Authentication-Results: mx.evil.example; dmarc=pass header.from=lunner.kommune.no\r\n";
    let (verdict, state, _) = judged(&instance, &format!("{ours}{}", message(1, "")));
    assert_eq!((verdict.as_deref(), state.as_str()), (Some("bekreftet"), "complete"));
    let (verdict, state, _) = judged(&instance, &format!("{theirs}{ours}{}", message(2, "")));
    assert_eq!((verdict.as_deref(), state.as_str()), (Some("ubekreftet"), "review"));
    let failed = ours.replace("pass", "fail");
    let (verdict, _, findings) = judged(&instance, &format!("{failed}{ours}{}", message(3, "")));
    assert_eq!((verdict.as_deref(), findings), (Some("falsk"), vec!["sender_forged".to_owned()]));
}
