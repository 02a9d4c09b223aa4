//! SMTP: one connection a letter, encrypted unless the server is on this machine.
//!
//! The steps before the letter (connection, greeting, STARTTLS, login) concern the server and never condemn a letter, whatever the reply:
//! a wrong password must not turn a day's receipts into final failures. From MAIL FROM on, the reply's class decides: 4xx again later,
//! 5xx never (RFC 5321, 4.2.1). What the server says beside its code is dropped, since it likes to quote addresses.

use std::fmt;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::message::{Outgoing, Sender, compose};
use super::{Failure, MailerError, Sent};

/// How to reach the mail server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// The server's name, which its certificate must be for.
    pub host: String,
    /// The port; 587 for STARTTLS, 465 for TLS and 25 for plain unless said.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub security: Security,
    /// A PEM file with certificates that are trusted beside the machine's own.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The user to log in as.
    #[serde(default)]
    pub user: Option<String>,
    /// The file with the user's password, readable by nobody else.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// How long a whole attempt may take, in seconds; 120 unless said.
    #[serde(default = "timeout_s")]
    pub timeout_s: u32,
}

fn timeout_s() -> u32 {
    120
}

/// How a connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// The connection must be upgraded to TLS before anything is said. A server that does not offer it gets nothing.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// Not at all; only to this machine.
    Plain,
}

/// A mail server.
pub struct Smtp {
    host: String,
    port: u16,
    tls: Protection,
    login: Option<Credentials>,
    timeout: Duration,
    sender: Sender,
}

enum Protection {
    Starttls(TlsParameters),
    Tls(TlsParameters),
    Plain,
}

impl fmt::Debug for Smtp {
    /// Where, and nothing of the login.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl Smtp {
    pub(super) fn new(config: &SmtpConfig, sender: Sender) -> Result<Self, MailerError> {
        let (port, tls) = match config.security {
            Security::Starttls => (587, Protection::Starttls(tls(config)?)),
            Security::Tls => (465, Protection::Tls(tls(config)?)),
            Security::Plain if is_this_machine(&config.host) => (25, Protection::Plain),
            Security::Plain => {
                let why = "plain mail would cross the network".to_owned();
                return Err(MailerError {
                    field: "smtp.security",
                    why,
                    advice: "write \"starttls\" or \"tls\"; \"plain\" is for 127.0.0.1, ::1 and localhost",
                });
            }
        };
        if config.host.is_empty() || config.host.chars().any(|character| character.is_whitespace() || character.is_control()) {
            return Err(MailerError {
                field: "smtp.host",
                why: "it is not a host name".into(),
                advice: "write the mail server's name, as in \"smtp.imdi.no\"",
            });
        }
        if config.timeout_s == 0 {
            return Err(MailerError { field: "smtp.timeout_s", why: "0 seconds are no time".into(), advice: "write 10 or more" });
        }
        let timeout = Duration::from_secs(config.timeout_s.into());
        Ok(Self { host: config.host.clone(), port: config.port.unwrap_or(port), tls, login: login(config)?, timeout, sender })
    }

    pub(super) async fn send(&self, outgoing: &Outgoing) -> Result<Sent, Failure> {
        let (envelope, bytes) = compose(outgoing, &self.sender)?;
        let attempt = async {
            let mut connection = self.connect().await?;
            let sent = connection.send(&envelope, &bytes).await;
            sent.map_err(|error| refused(&error))?;
            // The letter is taken; a server that forgets its manners now changes nothing.
            let _ = connection.quit().await;
            Ok(Sent)
        };
        tokio::time::timeout(self.timeout, attempt).await.unwrap_or_else(|_| Err(Failure::retry("smtp_timeout")))
    }

    /// A connection that is encrypted and logged in as configured. Every failure on the way is one of the server, to be tried again.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let (hello, address) = (ClientId::default(), (self.host.as_str(), self.port));
        let wrapper = if let Protection::Tls(tls) = &self.tls { Some(tls.clone()) } else { None };
        let connected = AsyncSmtpConnection::connect_tokio1(address, Some(self.timeout), &hello, wrapper, None).await;
        let mut connection = connected.map_err(|error| unreachable(&error))?;
        if let Protection::Starttls(tls) = &self.tls {
            if !connection.can_starttls() {
                connection.abort().await;
                return Err(Failure::retry("smtp_no_starttls"));
            }
            connection.starttls(tls.clone(), &hello).await.map_err(|error| unreachable(&error))?;
        }
        if let Some(login) = &self.login {
            let logged_in = connection.auth(DEFAULT_MECHANISMS, login).await;
            if let Err(error) = logged_in {
                connection.abort().await;
                let refused = error.is_permanent() || error.is_client();
                return Err(if refused { Failure::retry("smtp_login") } else { unreachable(&error) });
            }
        }
        Ok(connection)
    }
}

/// A failure before the letter was spoken of.
fn unreachable(error: &Error) -> Failure {
    Failure::retry(code(error))
}

/// A failure after MAIL FROM: the letter's own when the server says so for good.
fn refused(error: &Error) -> Failure {
    // A login that is asked for only now is a fault of the settings, not of the letter.
    let asks_login = error.status().is_some_and(|status| status.to_string() == "530");
    if error.is_permanent() && !asks_login { Failure::last(code(error)) } else { Failure::retry(code(error)) }
}

fn code(error: &Error) -> String {
    if let Some(status) = error.status() {
        format!("smtp_{status}")
    } else if error.is_tls() || is_certificate(error) {
        "tls".to_owned()
    } else if error.is_timeout() {
        "smtp_timeout".to_owned()
    } else if error.is_response() {
        "smtp_protocol".to_owned()
    } else if error.is_client() {
        "smtp_unsupported".to_owned()
    } else {
        "smtp_connection".to_owned()
    }
}

/// A certificate that is not trusted comes as an I/O error of the kind `InvalidData`.
fn is_certificate(error: &Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidData) {
            return true;
        }
        source = cause.source();
    }
    false
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn tls(config: &SmtpConfig) -> Result<TlsParameters, MailerError> {
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(file) = &config.ca_file {
        let advice = "name a PEM file with the certificate of whoever signed the mail server's";
        let bad = |why: String| MailerError { field: "smtp.ca_file", why: format!("{}: {why}", file.display()), advice };
        let pem = std::fs::read(file).map_err(|error| bad(error.to_string()))?;
        if !pem.windows(27).any(|window| window == b"-----BEGIN CERTIFICATE-----") {
            return Err(bad("it has no certificate".into()));
        }
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|_| bad("its certificates cannot be read".into()))?);
    }
    let advice = "check smtp.host and smtp.ca_file";
    builder.build().map_err(|_| MailerError { field: "smtp.security", why: "TLS cannot be set up".into(), advice })
}

fn login(config: &SmtpConfig) -> Result<Option<Credentials>, MailerError> {
    match (&config.user, &config.password_file) {
        (None, None) => Ok(None),
        (Some(user), Some(file)) => Ok(Some(Credentials::new(user.clone(), password(file)?.to_string()))),
        (Some(_), None) => {
            Err(MailerError { field: "smtp.password_file", why: "there is a user but no password".into(), advice: "name the file that has the password" })
        }
        (None, Some(_)) => Err(MailerError { field: "smtp.user", why: "there is a password but no user".into(), advice: "write the user's name" }),
    }
}

fn password(file: &Path) -> Result<Zeroizing<String>, MailerError> {
    let advice = "put the password alone in the file, and make it readable by its owner only (chmod 0400)";
    let bad = |why: String| MailerError { field: "smtp.password_file", why: format!("{}: {why}", file.display()), advice };
    let mode = std::fs::metadata(file).map_err(|error| bad(error.to_string()))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(bad(format!("its mode is {mode:04o}; others may read it")));
    }
    let text = Zeroizing::new(std::fs::read_to_string(file).map_err(|error| bad(error.kind().to_string()))?);
    let password = text.trim_end_matches(['\n', '\r']);
    if password.is_empty() || password.chars().any(char::is_control) {
        return Err(bad("it does not have one line with a password".into()));
    }
    Ok(Zeroizing::new(password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::message::tests::sender;

    fn config() -> SmtpConfig {
        SmtpConfig { host: "localhost".into(), port: None, security: Security::Plain, ca_file: None, user: None, password_file: None, timeout_s: 10 }
    }

    fn wrong(config: &SmtpConfig) -> MailerError {
        Smtp::new(config, sender()).expect_err("a wrong setting")
    }

    #[test]
    fn plain_mail_goes_to_this_machine_only() {
        for host in ["localhost", "127.0.0.1", "::1", "127.8.9.1"] {
            assert!(Smtp::new(&SmtpConfig { host: host.into(), ..config() }, sender()).is_ok(), "{host}");
        }
        for host in ["smtp.imdi.no", "10.0.0.1", "localhost.example.no", ""] {
            assert_eq!(wrong(&SmtpConfig { host: host.into(), ..config() }).field, "smtp.security", "{host}");
        }
    }

    #[test]
    fn ports_follow_the_protection() {
        for (security, port) in [(Security::Starttls, 587), (Security::Tls, 465), (Security::Plain, 25)] {
            assert_eq!(Smtp::new(&SmtpConfig { security, ..config() }, sender()).expect("a server").port, port);
        }
        let read: SmtpConfig = serde_json::from_str(r#"{"host": "smtp.imdi.no"}"#).expect("settings");
        assert_eq!((read.security, read.timeout_s), (Security::Starttls, 120), "STARTTLS unless said");
    }

    #[test]
    fn a_password_must_be_alone_in_a_closed_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("password");
        let with = |user: Option<&str>, file: Option<&Path>| SmtpConfig { user: user.map(str::to_owned), password_file: file.map(Path::to_owned), ..config() };
        assert_eq!(wrong(&with(Some("post"), None)).field, "smtp.password_file");
        assert_eq!(wrong(&with(None, Some(&file))).field, "smtp.user");
        assert_eq!(wrong(&with(Some("post"), Some(&file))).field, "smtp.password_file");
        for (content, mode, good) in
            [("hemmelig\n", 0o600, true), ("hemmelig", 0o400, true), ("hemmelig\n", 0o640, false), ("\n", 0o600, false), ("a\nb", 0o600, false)]
        {
            let _ = std::fs::remove_file(&file);
            std::fs::write(&file, content).expect("written");
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("mode set");
            let made = Smtp::new(&with(Some("post"), Some(&file)), sender());
            assert_eq!(made.is_ok(), good, "{content:?} {mode:o}");
            let shown = made.map_or_else(|error| error.to_string(), |smtp| format!("{smtp:?}"));
            assert!(!shown.contains("hemmelig"), "{shown}");
        }
    }

    #[test]
    fn a_certificate_file_must_have_certificates() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ca.pem");
        let settings = SmtpConfig { security: Security::Starttls, ca_file: Some(file.clone()), ..config() };
        assert_eq!(wrong(&settings).field, "smtp.ca_file");
        std::fs::write(&file, "not a certificate").expect("written");
        assert!(wrong(&settings).why.ends_with("it has no certificate"));
        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").expect("written");
        assert_eq!(wrong(&settings).field.split('.').next(), Some("smtp"));
    }
}
