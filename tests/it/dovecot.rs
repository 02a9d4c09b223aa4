//! A real IMAP server for the tests: Dovecot on loopback, with a certificate made for the occasion and one account.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

pub const USER: &str = "postmottak";
pub const PASSWORD: &str = "et \"vanskelig\" passord\\";

/// A running server.
pub struct Dovecot {
    child: Child,
    folder: TempDir,
    /// Where it listens with TLS, on 127.0.0.1.
    pub tls: u16,
    /// Where it listens without; a login needs STARTTLS there.
    pub starttls: u16,
}

impl Dovecot {
    pub fn start() -> Self {
        Self::with("")
    }

    /// A server with `more` lines in its configuration.
    pub fn with(more: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
        std::fs::write(root.join("cert.pem"), made.cert.pem()).expect("a file");
        std::fs::write(root.join("key.pem"), made.signing_key.serialize_pem()).expect("a file");
        std::fs::write(root.join("password"), format!("{PASSWORD}\n")).expect("a file");
        for folder in ["mail/new", "mail/cur", "mail/tmp", "run", "state"] {
            std::fs::create_dir_all(root.join(folder)).expect("a folder");
        }
        // Dovecot gives up root for each part of itself, so it needs users that are not; whoever runs the tests as himself is all of them.
        let me = nix::unistd::User::from_uid(nix::unistd::getuid()).ok().flatten().expect("a user");
        let (internal, login, owner) = if me.uid.is_root() {
            let owner = nix::unistd::User::from_name("dovecot").ok().flatten().expect("Debian's user of Dovecot");
            ("dovecot".to_owned(), "dovenull".to_owned(), owner)
        } else {
            (me.name.clone(), me.name.clone(), me)
        };
        own(root, &owner);
        let [tls, starttls] = free_ports();
        let text = format!(
            "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {root}/run\nstate_dir = {root}/state\nlog_path = {root}/log\n\
             default_internal_user = {internal}\ndefault_internal_group = {group}\ndefault_login_user = {login}\n\
             ssl = required\nssl_cert = <{root}/cert.pem\nssl_key = <{root}/key.pem\nmail_location = maildir:{root}/mail\nfirst_valid_uid = 1\n\
             mail_max_userip_connections = 1000\nauth_failure_delay = 0\n\
             passdb {{\n  driver = passwd-file\n  args = {root}/users\n}}\nuserdb {{\n  driver = static\n  args = uid={uid} gid={gid} home={root}\n}}\n\
             service anvil {{\n  chroot =\n}}\nservice imap-login {{\n  chroot =\n  inet_listener imap {{\n    port = {starttls}\n  }}\n  inet_listener imaps {{\n    port = {tls}\n    ssl = yes\n  }}\n}}\n\
             namespace inbox {{\n  inbox = yes\n}}\n{more}\n",
            root = root.display(),
            group = if nix::unistd::getuid().is_root() {
                "dovecot".to_owned()
            } else {
                nix::unistd::Group::from_gid(owner.gid).ok().flatten().expect("a group").name
            },
            uid = owner.uid,
            gid = owner.gid,
        );
        std::fs::write(root.join("users"), format!("{USER}:{{PLAIN}}{PASSWORD}\n")).expect("a file");
        std::fs::write(root.join("dovecot.conf"), text).expect("a configuration");
        let child = Command::new("dovecot").args(["-F", "-c"]).arg(root.join("dovecot.conf")).stdin(Stdio::null()).stderr(Stdio::inherit()).spawn();
        let dovecot = Self { child: child.expect("dovecot is installed"), folder, tls, starttls };
        while TcpStream::connect(("127.0.0.1", dovecot.starttls)).is_err() {
            std::thread::yield_now();
        }
        dovecot
    }

    /// The folder of its files: `cert.pem`, `password`, `mail`.
    pub fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Puts a message into the inbox, as a delivery agent does.
    pub fn deliver(&self, name: &str, message: &[u8]) {
        let (writing, there) = (self.path("mail/tmp").join(name), self.path("mail/new").join(name));
        std::fs::write(&writing, message).expect("a file");
        let like = std::fs::metadata(self.path("mail")).expect("a folder");
        std::os::unix::fs::chown(&writing, Some(like.uid()), Some(like.gid())).expect("its owner");
        std::fs::rename(writing, there).expect("a file");
    }

    /// How many messages lie in a folder of the account; `""` is the inbox.
    pub fn count(&self, folder: &str) -> usize {
        let folder = if folder.is_empty() { self.path("mail") } else { self.path(format!("mail/.{folder}")) };
        ["new", "cur"].iter().map(|part| std::fs::read_dir(folder.join(part)).map_or(0, Iterator::count)).sum()
    }

    /// The lines of a `[[mailbox]]` for its account, over TLS at `port`.
    pub fn mailbox(&self, port: u16) -> String {
        format!(
            "[[mailbox]]\nname = \"epost\"\n[mailbox.imap]\nhost = \"localhost\"\nport = {port}\nuser = \"{USER}\"\npassword_file = \"{}\"\nca_file = \"{}\"\ntimeout_s = 20\n",
            self.path("password").display(),
            self.path("cert.pem").display()
        )
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"));
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
        let _ = self.child.wait();
    }
}

fn own(path: &Path, owner: &nix::unistd::User) {
    std::os::unix::fs::chown(path, Some(owner.uid.as_raw()), Some(owner.gid.as_raw())).expect("its owner");
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder") {
            own(&entry.expect("an entry").path(), owner);
        }
    }
}

fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind(("127.0.0.1", 0)).expect("a port"));
    held.map(|listener| listener.local_addr().expect("an address").port())
}

/// Stands between client and server and cuts each connection after a number of bytes that `next` says.
pub struct Scissors {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    /// How many connections it has cut.
    pub cuts: Arc<AtomicU64>,
}

impl Scissors {
    pub fn before(server: u16, mut next: impl FnMut() -> Option<u64> + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let cuts = Arc::new(AtomicU64::new(0));
        let counter = cuts.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                let left = Arc::new(AtomicU64::new(next().unwrap_or(u64::MAX)));
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to, left, counter) = (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"), left.clone(), counter.clone());
                    std::thread::spawn(move || pass(from, to, &left, &counter));
                }
            }
        });
        Self { port, cuts }
    }
}

/// Passes bytes on until both directions together have had what is left to them.
fn pass(mut from: TcpStream, mut to: TcpStream, left: &AtomicU64, cuts: &AtomicU64) {
    use std::io::{Read, Write};
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let before = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(read as u64))).expect("it always updates");
        let allowed = usize::try_from(before).unwrap_or(usize::MAX).min(read);
        if to.write_all(&buffer[..allowed]).is_err() {
            break;
        }
        if allowed < read {
            cuts.fetch_add(1, Ordering::SeqCst);
            break;
        }
    }
    for socket in [from, to] {
        let _ = socket.shutdown(Shutdown::Both);
    }
}
