//! The mailboxes: where messages come in, a `[[mailbox]]` each.

use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{ConfigError, Secret, wrong};
use crate::dispatch::Security;

/// A place where messages come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The short name that stands in lists and logs. No watched folder has it.
    pub name: String,
    /// Where it is.
    pub place: Place,
}

/// Where a mailbox is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder of messages, as qmail and Dovecot write it.
    Maildir {
        /// The folder that holds `new` and `cur`.
        path: PathBuf,
        /// The folder within it (Maildir++) that a message is moved to when it is safe.
        done: String,
    },
    /// An account on a mail server.
    Imap(ImapConfig),
    /// A mail transfer agent on this machine hands messages over, by LMTP (RFC 2033) or SMTP.
    Lmtp(SocketAddr),
}

/// An account on a mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImapConfig {
    /// The server's name, which its certificate must be for.
    pub host: String,
    /// The port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// A PEM file with certificates that are trusted beside the machine's own.
    pub ca_file: Option<PathBuf>,
    /// The user to log in as.
    pub user: String,
    /// What proves it.
    pub login: Login,
    /// The folder that is emptied.
    pub folder: String,
    /// The folder that a message is moved to when it is safe.
    pub done: String,
    /// How long an answer of the server may take.
    pub timeout: Duration,
}

/// What proves who logs in. The file is read at each login, so that what is in it may be renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// A file with a password.
    Password(PathBuf),
    /// A file with an OAuth 2.0 access token (`XOAUTH2`), which another service keeps fresh.
    Token(PathBuf),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMailbox {
    pub(super) name: String,
    pub(super) route: Option<String>,
    maildir: Option<PathBuf>,
    imap: Option<RawImap>,
    lmtp: Option<String>,
    done: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawImap {
    host: String,
    port: Option<u16>,
    #[serde(default = "tls")]
    security: Security,
    ca_file: Option<PathBuf>,
    user: String,
    password_file: Option<String>,
    token_file: Option<String>,
    #[serde(default = "inbox")]
    folder: String,
    #[serde(default = "timeout")]
    timeout_s: u64,
}

fn tls() -> Security {
    Security::Tls
}

fn inbox() -> String {
    "INBOX".to_owned()
}

fn timeout() -> u64 {
    60
}

/// The folder for what is safe, unless the configuration names another.
const DONE: &str = "Behandlet";

/// Checks the mailboxes. `place` joins a path to the folder of the configuration.
pub(super) fn checked(raw: Vec<RawMailbox>, place: &dyn Fn(&Path) -> PathBuf, secret: &Secret<'_>) -> Result<Vec<Mailbox>, ConfigError> {
    let one = |(index, raw): (usize, RawMailbox)| {
        let key = format!("mailbox[{index}]");
        let done = checked_folder(&format!("{key}.done"), raw.done.clone().unwrap_or_else(|| DONE.to_owned()))?;
        let at = match (raw.maildir, raw.imap, raw.lmtp) {
            (Some(path), None, None) if done.contains(['.', '/']) => {
                let message = format!("`{done}` has a dot or a slash, which a Maildir's folders cannot have ({})", path.display());
                return Err(wrong(format!("{key}.done"), message, "write a name without them"));
            }
            (Some(path), None, None) => Place::Maildir { path: place(&path), done },
            (None, Some(imap), None) => Place::Imap(checked_imap(&format!("{key}.imap"), imap, done, place, secret)?),
            (None, None, Some(_)) if raw.done.is_some() => {
                return Err(wrong(format!("{key}.done"), "a message that is handed over lies in no folder", "leave the key out"));
            }
            (None, None, Some(listen)) => Place::Lmtp(checked_listen(&format!("{key}.lmtp"), &listen)?),
            _ => {
                return Err(wrong(
                    key,
                    "exactly one of maildir, imap and lmtp must be given",
                    "write maildir = \"FOLDER\", lmtp = \"127.0.0.1:2424\", or an imap table",
                ));
            }
        };
        Ok(Mailbox { name: raw.name, place: at })
    };
    raw.into_iter().enumerate().map(one).collect()
}

fn checked_imap(key: &str, raw: RawImap, done: String, place: &dyn Fn(&Path) -> PathBuf, secret: &Secret<'_>) -> Result<ImapConfig, ConfigError> {
    if raw.host.is_empty() || raw.host.chars().any(|character| character.is_whitespace() || character.is_control()) {
        return Err(wrong(
            format!("{key}.host"),
            format!("`{}` is no host name", raw.host.escape_debug()),
            "write the mail server's name, as in \"imap.imdi.no\"",
        ));
    }
    let this_machine = raw.host == "localhost" || raw.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if raw.security == Security::Plain && !this_machine {
        let message = "password and mail would cross the network in clear";
        return Err(wrong(format!("{key}.security"), message, "write \"tls\" or \"starttls\"; \"plain\" is for 127.0.0.1, ::1 and localhost"));
    }
    let login = match (raw.password_file, raw.token_file) {
        (Some(file), None) => Login::Password(secret(&format!("{key}.password_file"), &file)?),
        (None, Some(file)) => Login::Token(secret(&format!("{key}.token_file"), &file)?),
        _ => {
            return Err(wrong(
                key,
                "exactly one of password_file and token_file must be given",
                "name the file that holds the password or the OAuth 2.0 token",
            ));
        }
    };
    if raw.timeout_s == 0 {
        return Err(wrong(format!("{key}.timeout_s"), "0 seconds are no time", "write 10 or more"));
    }
    let folder = checked_folder(&format!("{key}.folder"), raw.folder)?;
    if folder == done {
        return Err(wrong(format!("{key}.folder"), format!("`{done}` is also where messages go when they are safe"), "give mailbox.done another name"));
    }
    Ok(ImapConfig {
        port: raw.port.unwrap_or(if raw.security == Security::Tls { 993 } else { 143 }),
        host: raw.host,
        security: raw.security,
        ca_file: raw.ca_file.as_deref().map(place),
        user: raw.user,
        login,
        folder,
        done,
        timeout: Duration::from_secs(raw.timeout_s),
    })
}

/// A folder's name in ASCII: other letters are spelt differently from server to server (RFC 3501, 5.1.3; RFC 9051, 5.1).
fn checked_folder(key: &str, name: String) -> Result<String, ConfigError> {
    let sound =
        !name.is_empty() && name.len() <= 200 && name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') && !name.contains(['"', '\\', '*', '%', '&']);
    // In a Maildir it becomes part of a path.
    let sound = sound && (!name.contains("..") && !name.starts_with('/'));
    if sound { Ok(name) } else { Err(wrong(key, format!("`{}` cannot be a folder's name", name.escape_debug()), "use letters a to z, digits and spaces")) }
}

fn checked_listen(key: &str, listen: &str) -> Result<SocketAddr, ConfigError> {
    let advice = "write the address and port on this machine where the mail transfer agent hands over, as in \"127.0.0.1:2424\"";
    match listen.parse::<SocketAddr>() {
        Ok(address) if address.ip().is_loopback() => Ok(address),
        Ok(address) => Err(wrong(key, format!("{address} can be reached from other machines, and nobody logs in there"), advice)),
        Err(_) => Err(wrong(key, format!("`{}` is no address with a port", listen.escape_debug()), advice)),
    }
}
