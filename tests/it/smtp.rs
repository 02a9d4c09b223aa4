//! A real mail server for the tests: Debian's python3-aiosmtpd on loopback, with a certificate made for the occasion.
//!
//! The server is a child process that ends with the test, however the test ends.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// How the server protects its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offers {
    /// STARTTLS, and nothing before it.
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// No encryption.
    Nothing,
}

/// A running server.
pub struct SmtpServer {
    child: Child,
    folder: TempDir,
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
}

/// A mail as the server took it.
#[derive(Debug)]
pub struct Taken {
    /// Sender, recipients, encryption, login.
    pub envelope: Value,
    /// The message, byte for byte.
    pub message: String,
}

impl SmtpServer {
    /// A server that takes every letter.
    pub fn start(offers: Offers) -> Self {
        Self::with(offers, &["localhost", "127.0.0.1"], &json!({}))
    }

    /// A server that does what `script` says with each letter in turn (see `smtp_server.py`).
    pub fn scripted(script: &[&str]) -> Self {
        Self::with(Offers::Starttls, &["localhost", "127.0.0.1"], &json!({ "script": script }))
    }

    /// A server with a certificate for `names` and further options of `smtp_server.py`.
    pub fn with(offers: Offers, names: &[&str], options: &Value) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = options.clone();
        options["folder"] = json!(folder.path());
        if offers != Offers::Nothing {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
            for (option, file, pem) in [("cert", "cert.pem", made.cert.pem()), ("key", "key.pem", made.signing_key.serialize_pem())] {
                let path = folder.path().join(file);
                std::fs::write(&path, pem).expect("written");
                options[option] = json!(path);
            }
        }
        options["implicit"] = json!(offers == Offers::Tls);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/smtp_server.py");
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is installed");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("readable");
        let port = line.trim().strip_prefix("PORT ").and_then(|port| port.parse().ok());
        let port = port.expect("the mail server starts (Debian package python3-aiosmtpd)");
        Self { child, folder, port }
    }

    /// The certificate that clients must trust.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// The mails it took, in order.
    pub fn taken(&self) -> Vec<Taken> {
        let read = |file: String| std::fs::read_to_string(self.folder.path().join(file)).ok();
        (1..)
            .map_while(|number| read(format!("{number}.eml")).map(|message| (number, message)))
            .map(|(number, message)| {
                let envelope = read(format!("{number}.json")).expect("written before the message");
                Taken { envelope: serde_json::from_str(&envelope).expect("JSON"), message }
            })
            .collect()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
