//! Mailboxes: a Maildir, messages that are handed over by LMTP, and an account that is emptied over IMAP. Nothing is lost, nothing is doubled, and nothing
//! is let go before it is safe.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use serde_json::Value as Json;

use crate::dovecot::{Dovecot, Scissors};
use crate::drill::Dice;
use crate::instance::{Instance, LETTER, Mail};

fn message(number: usize) -> Vec<u8> {
    let text = LETTER.replace("31 flyktninger", &format!("{} flyktninger", 10 + number % 80)).replace('\n', "\r\n");
    format!(
        "From: Lunner kommune <postmottak@lunner.kommune.no>\r\nTo: post@postsluse.example\r\nSubject: Vedtak\r\nDate: Fri, 20 Nov 2026 10:12:00 +0100\r\n\
         Message-ID: <{number}@lunner.kommune.no>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    )
    .into_bytes()
}

/// How often each event was told.
fn told<'e>(events: &'e [Json], name: &str) -> Vec<&'e Json> {
    events.iter().filter(|event| event["event"] == name).collect()
}

fn states(instance: &Instance) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    instance.documents().iter().map(|document| (text(&document["folder"]), text(&document["state"]))).collect()
}

#[test]
fn a_maildir_is_emptied_into_a_folder_of_its_own() {
    let instance = Instance::with("sqlite:postsluse.db", &Mail::Folder, "[[mailbox]]\nname = \"epost\"\nmaildir = \"Maildir\"\n");
    let maildir = instance.path("Maildir");
    for folder in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(maildir.join(folder)).expect("a folder");
    }
    std::fs::write(maildir.join("new/1.a.host"), message(1)).expect("a message");
    // A mail program has looked at it, and nobody has worked on it.
    std::fs::write(maildir.join("cur/2.b.host:2,S"), message(2)).expect("a message");
    // No head at all: it came as a message, so it is one, and nothing proves who sent it.
    std::fs::write(maildir.join("new/3.c.host"), LETTER).expect("a message");
    let events = instance.serve_until_idle();
    assert_eq!(told(&events, "received").len(), 3, "{events:#?}");
    assert_eq!(states(&instance), vec![("epost".to_owned(), "filed".to_owned()); 3]);
    assert!(told(&events, "filed").iter().all(|event| event["state"] == "review"), "{events:#?}");
    let mut done: Vec<_> = std::fs::read_dir(maildir.join(".Behandlet/cur")).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    done.sort();
    assert_eq!(done, ["1.a.host:2,S", "2.b.host:2,S", "3.c.host:2,S"]);
    assert!(["new", "cur"].iter().all(|folder| std::fs::read_dir(maildir.join(folder)).expect("a folder").next().is_none()));
    // The same again under another name is a copy, and leaves too.
    std::fs::write(maildir.join("new/4.d.host"), message(1)).expect("a message");
    let events = instance.serve_until_idle();
    assert_eq!((told(&events, "duplicate").len(), told(&events, "received").len()), (1, 0), "{events:#?}");
    assert!(maildir.join(".Behandlet/cur/4.d.host:2,S").exists());
}

#[test]
fn each_desk_is_shown_what_comes_in_by_its_folders_and_mailboxes() {
    let mailboxes = "[[mailbox]]\nname = \"epost\"\nmaildir = \"one\"\nroute = \"team\"\n[[mailbox]]\nname = \"felles\"\nmaildir = \"other\"\n";
    let instance = Instance::with("sqlite:postsluse.db", &Mail::Folder, mailboxes);
    for (folder, first, last) in [("one", 1, 2), ("other", 3, 5)] {
        let new = instance.path(folder).join("new");
        for folder in ["new", "cur", "tmp"] {
            std::fs::create_dir_all(new.with_file_name(folder)).expect("a folder");
        }
        for number in first..=last {
            std::fs::write(new.join(format!("{number}.x.host")), message(number)).expect("a message");
        }
    }
    instance.serve_until_idle();
    let listed = |arguments: &[&str]| -> Vec<(Json, Json)> {
        let all = instance.json(&[&["list"], arguments].concat());
        all.into_iter().filter(|line| line["document"].is_string()).map(|line| (line["folder"].clone(), line["route"].clone())).collect()
    };
    let of = |folder: &str, route: &str| (Json::from(folder), Json::from(route));
    assert_eq!(listed(&["--route", "team"]), [of("epost", "team"), of("epost", "team")]);
    assert_eq!(listed(&["--route", "felles", "--review"]), vec![of("felles", "felles"); 3]);
    assert_eq!(listed(&["--route", "epost"]), [], "it goes to another desk");
    // The limit counts what is shown: what came first to one desk is found behind what came later to another.
    assert_eq!(listed(&["--route", "team", "--limit", "1"]).len(), 1);
    assert_eq!(listed(&["--limit", "4"]).len(), 4);
    let lines = instance.good(&["list", "--route", "team"]);
    assert_eq!(lines.matches(" from epost to team, ").count(), 2, "{lines}");
}

/// One conversation with the service as a mail transfer agent has it.
struct Agent {
    stream: TcpStream,
    answers: BufReader<TcpStream>,
}

impl Agent {
    fn connect(port: u16) -> Self {
        let stream = loop {
            match TcpStream::connect(("127.0.0.1", port)) {
                Ok(stream) => break stream,
                Err(_) => std::thread::yield_now(),
            }
        };
        let mut agent = Self { answers: BufReader::new(stream.try_clone().expect("a socket")), stream };
        assert_eq!(agent.code(), "220");
        agent
    }

    /// The code of the next answer, which may have several lines.
    fn code(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.answers.read_line(&mut line).expect("an answer");
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.chars().take(3).collect();
            }
        }
    }

    fn say(&mut self, line: &str) -> String {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).expect("it listens");
        self.code()
    }

    /// Hands over `message` to `recipients` after a greeting; the code of each answer after it.
    fn hand_over(&mut self, hello: &str, recipients: usize, message: &[u8]) -> Vec<String> {
        assert_eq!(self.say(hello), "250");
        assert_eq!(self.say("MAIL FROM:<postmottak@lunner.kommune.no>"), "250");
        for number in 0..recipients {
            assert_eq!(self.say(&format!("RCPT TO:<{number}@postsluse.example>")), "250");
        }
        assert_eq!(self.say("DATA"), "354");
        self.stream.write_all(&stuffed(message)).expect("it listens");
        let answers = if hello.starts_with("LHLO") { recipients } else { 1 };
        (0..answers).map(|_| self.code()).collect()
    }
}

/// A message as it goes over the wire: a dot before each line that begins with one, and a dot alone at the end.
fn stuffed(message: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(message.to_vec()).expect("UTF-8").replace("\r\n.", "\r\n..");
    let text = if text.starts_with('.') { format!(".{text}") } else { text };
    format!("{text}{}.\r\n", if text.is_empty() || text.ends_with("\r\n") { "" } else { "\r\n" }).into_bytes()
}

fn with_lmtp(more: &str) -> (Instance, u16) {
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port").local_addr().expect("an address").port();
    let instance = Instance::with("sqlite:postsluse.db", &Mail::Folder, &format!("[[mailbox]]\nname = \"levert\"\nlmtp = \"127.0.0.1:{port}\"\n{more}"));
    (instance, port)
}

#[test]
fn a_message_that_is_handed_over_is_answered_for_when_it_is_durable() {
    let (instance, port) = with_lmtp("");
    instance.reconfigure("[intake]", "[intake]\nsize_max_mib = 1");
    let mut service = instance.serve();
    let mut agent = Agent::connect(port);
    assert_eq!(agent.say("MAIL FROM:<a@b.example>"), "503");
    assert_eq!(agent.say("EXPLODE"), "500");
    let dotted = [message(1).as_slice(), b".\r\n..to prikker\r\n"].concat();
    assert_eq!(agent.hand_over("LHLO mta.example", 2, &dotted), ["250", "250"], "one answer a recipient");
    assert_eq!(instance.documents().len(), 1, "and one document, stored before the answer");
    // An agent that did not hear the answer says it again.
    assert_eq!(agent.hand_over("EHLO mta.example", 2, &dotted), ["250"], "SMTP has one answer");
    assert_eq!(instance.documents().len(), 1);
    assert_eq!(agent.hand_over("LHLO mta.example", 1, b""), ["250"], "an empty message is a message");
    assert_eq!(agent.hand_over("LHLO mta.example", 1, &message(2).repeat(3000)), ["552"]);
    assert_eq!(agent.say("MAIL FROM:<a@b.example> SIZE=2000000"), "552");
    assert_eq!(agent.say("MAIL FROM:<a@b.example>"), "250");
    assert_eq!(agent.say("DATA"), "503");
    // A message that breaks off was never sent.
    let mut agent = Agent::connect(port);
    agent.say("LHLO mta.example");
    agent.say("MAIL FROM:<a@b.example>");
    agent.say("RCPT TO:<c@postsluse.example>");
    agent.say("DATA");
    agent.stream.write_all(&message(3)).expect("it listens");
    drop(agent);
    let mut agent = Agent::connect(port);
    assert_eq!(agent.hand_over("LHLO mta.example", 1, &message(4)), ["250"]);
    assert_eq!(agent.say("QUIT"), "221");
    let mut filed = 0;
    service.events_until(|event| {
        filed += usize::from(event["event"] == "filed");
        filed == 3
    });
    assert!(service.stop().success());
    assert_eq!(states(&instance), vec![("levert".to_owned(), "filed".to_owned()); 3]);
    assert!(instance.files_with("..to prikker").is_empty());
}

#[test]
fn a_port_that_other_machines_reach_is_refused_and_one_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let instance = Instance::with("sqlite:postsluse.db", &Mail::Folder, &format!("[[mailbox]]\nname = \"levert\"\nlmtp = \"127.0.0.1:{port}\"\n"));
    let text = instance.refused(&["serve"]);
    assert!(text.contains("cannot listen for mail"), "{text}");
    instance.reconfigure("127.0.0.1:", "0.0.0.0:");
    let text = instance.refused(&["serve"]);
    assert!(text.contains("mailbox[0].lmtp: 0.0.0.0:"), "{text}");
}

#[test]
fn an_account_is_emptied_over_imap_and_what_comes_later_comes_by_itself() {
    let dovecot = Dovecot::start();
    for number in 0..3 {
        dovecot.deliver(&format!("{number}.a.host"), &message(number));
    }
    let instance = Instance::with("sqlite:postsluse.db", &Mail::Folder, &dovecot.mailbox(dovecot.tls));
    instance.reconfigure("[intake]", "[intake]\nsize_max_mib = 1");
    let events = instance.serve_until_idle();
    assert_eq!(told(&events, "filed").len(), 3, "{events:#?}");
    assert_eq!((dovecot.count(""), dovecot.count("Behandlet")), (0, 3));
    assert!(states(&instance).iter().all(|state| *state == ("epost".to_owned(), "filed".to_owned())));

    // The connection stands, and the server says when something comes.
    let mut service = instance.serve();
    dovecot.deliver("4.a.host", &message(4));
    service.events_until(|event| event["event"] == "filed");
    dovecot.deliver("5.a.host", &message(5));
    service.events_until(|event| event["event"] == "filed");
    // Too large: it stays, and is told once. A copy of a known one leaves.
    dovecot.deliver("6.a.host", &message(6).repeat(3000));
    let refused = service.events_until(|event| event["event"] == "message_refused").pop().expect("an event");
    assert_eq!((&refused["uid"], &refused["mailbox"]), (&6.into(), &"epost".into()));
    assert!(refused["why"].as_str().is_some_and(|why| why.contains("the limit is 1 MiB")), "{refused}");
    dovecot.deliver("7.a.host", &message(4));
    service.events_until(|event| event["event"] == "duplicate");
    assert!(service.stop().success());
    assert_eq!((dovecot.count(""), dovecot.count("Behandlet")), (1, 6));
    assert_eq!(instance.documents().len(), 5);
}

#[test]
fn a_server_that_cannot_be_worked_with_is_told_once_and_tried_again() {
    let dovecot = Dovecot::start();
    dovecot.deliver("1.a.host", &message(1));
    let port = dovecot.starttls;
    let instance = Instance::with("sqlite:postsluse.db", &Mail::Folder, &format!("{}security = \"starttls\"\n", dovecot.mailbox(port)));
    let failure = |instance: &Instance| {
        let events = instance.serve_until_idle();
        let failed = told(&events, "mailbox_failed");
        assert_eq!(failed.len(), 1, "{events:#?}");
        failed[0]["why"].as_str().expect("a reason").to_owned()
    };
    let password = std::fs::read_to_string(dovecot.path("password")).expect("a file");
    std::fs::write(dovecot.path("password"), "feil\n").expect("a file");
    assert!(failure(&instance).starts_with("localhost refuses the login\n"));
    std::fs::remove_file(dovecot.path("password")).expect("a file");
    assert!(failure(&instance).starts_with("the password of the mailbox cannot be read from its file"));
    std::fs::write(dovecot.path("password"), password).expect("a file");
    // A certificate that nobody vouches for.
    let ca = format!("ca_file = \"{}\"\n", dovecot.path("cert.pem").display());
    instance.reconfigure(&ca, "");
    assert!(failure(&instance).starts_with("the certificates or the name of localhost are not accepted"));
    instance.reconfigure("timeout_s = 20\n", &format!("timeout_s = 20\n{ca}folder = \"Finnes ikke\"\n"));
    assert!(failure(&instance).starts_with("the folder `Finnes ikke`"));
    assert_eq!((dovecot.count(""), instance.documents().len()), (1, 0));
    instance.reconfigure("folder = \"Finnes ikke\"\n", "");
    instance.reconfigure(&format!("port = {port}"), "port = 1");
    assert!(failure(&instance).starts_with("localhost cannot be reached"));
    instance.reconfigure("port = 1\n", &format!("port = {port}\n"));
    assert_eq!(told(&instance.serve_until_idle(), "filed").len(), 1);
    assert_eq!((dovecot.count(""), dovecot.count("Behandlet")), (0, 1));
}

#[test]
fn f6_connections_are_cut_and_the_daemon_is_killed_and_each_mail_becomes_one_document() {
    let full = std::env::var("POSTSLUSE_DRILL").is_ok_and(|length| length == "full");
    let (mails, kills) = if full { (1000, 25) } else { (40, 4) };
    let seed =
        std::env::var("POSTSLUSE_DRILL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(|| u64::from(std::process::id()) * 2_654_435_761 + 1);
    let mut dice = Dice(seed);
    let dovecot = Dovecot::start();
    for number in 0..mails {
        dovecot.deliver(&format!("{number}.a.host"), &message(number));
    }
    // A connection lives for a handshake and some messages.
    let mut lengths = Dice(seed ^ 0x5eed);
    let scissors = Scissors::before(dovecot.tls, move || Some(6000 + lengths.roll(if full { 60_000 } else { 12_000 })));
    let instance = Instance::with("sqlite:postsluse.db", &Mail::Folder, &dovecot.mailbox(scissors.port));
    instance.reconfigure("processes = 2", "processes = 2\nattempts = 1000");
    for _ in 0..kills {
        let mut service = instance.serve();
        for _ in 0..=dice.roll(mails as u64 / kills) {
            if service.next_event().is_none() {
                break;
            }
        }
        // Not a wait for anything: it only moves the kill to another moment.
        std::thread::sleep(std::time::Duration::from_micros(dice.roll(60_000)));
        service.kill();
    }
    instance.serve_until_idle();
    let cuts = scissors.cuts.load(std::sync::atomic::Ordering::SeqCst);
    println!(
        "drill imap: {mails} mails, {cuts} connections cut, {kills} daemons killed, seed {seed}: {} documents, {} left",
        instance.documents().len(),
        dovecot.count("")
    );
    assert!(cuts > 0);
    assert_eq!((instance.documents().len(), dovecot.count(""), dovecot.count("Behandlet")), (mails, 0, mails));
    assert!(states(&instance).iter().all(|(_, state)| state == "filed"));
}
