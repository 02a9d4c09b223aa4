//! The configuration: raw TOML in, a checked [`Config`] out.
//!
//! Unknown keys are refused, so that a misspelt limit is never silently the default. Every error names the key by its path and says what
//! to write instead. Secrets are never written in the file: they are paths to files, or names of systemd credentials (`credential:NAME`).
//! `systemd/postsluse.toml` documents every key. Nothing here opens a database, a key or a connection.

mod kommune;
mod mailbox;

pub use kommune::{Flyktningkontor, KommuneContact};
pub use mailbox::{ImapConfig, Login, Mailbox, Place};

use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

use crate::dispatch::{Mailer, MailerError, Sender, SmtpConfig};
use crate::letters::Office;
use crate::reader::SandboxMode;
use crate::store::Address;
use crate::vault::KeySource;

/// Why the configuration cannot be used. Always final: nothing mends it but an editor.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {source}\nname another file with --config, or make one from systemd/postsluse.toml")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not the TOML we know.
    #[error("{path}: {message}\nsystemd/postsluse.toml documents every key")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What the parser says, with line and column.
        message: String,
    },
    /// A key has a value that cannot be.
    #[error("{key}: {message}\n{advice}")]
    Key {
        /// The key's path, `reader.memory_mib`.
        key: String,
        /// What is wrong, with the value.
        message: String,
        /// What to write instead.
        advice: String,
    },
}

/// Finds the file of a secret: the key that names it, and what stands there.
type Secret<'a> = dyn Fn(&str, &str) -> Result<PathBuf, ConfigError> + 'a;

fn wrong(key: impl Into<String>, message: impl Into<String>, advice: impl Into<String>) -> ConfigError {
    ConfigError::Key { key: key.into(), message: message.into(), advice: advice.into() }
}

/// A checked configuration. Paths are as written, or joined to the folder of the configuration file when they are relative.
#[derive(Debug, Clone)]
pub struct Config {
    /// Whether synthetic identity numbers are accepted. Only for trying things out.
    pub test_ids: bool,
    /// Where sealed originals are kept.
    pub spool: PathBuf,
    /// The folder of form definitions.
    pub forms: PathBuf,
    /// The folder of fonts for letters and blanks; none for Debian's.
    pub fonts: Option<PathBuf>,
    /// The database.
    pub database: Address,
    /// Where the keys are.
    pub keys: KeySource,
    /// The watched folders.
    pub watch: Vec<Watch>,
    /// The mailboxes.
    pub mailboxes: Vec<Mailbox>,
    /// The desk that what comes in by a folder or mailbox goes to, by its name: where one is given.
    routes: BTreeMap<String, String>,
    /// How files are taken in.
    pub intake: Intake,
    /// How documents are read.
    pub reader: Reader,
    /// How letters leave.
    pub mail: Mail,
    /// What stands on the letters.
    pub office: Office,
    /// How senders of mail are known.
    pub sender: SenderProof,
    /// What is known of the kommuner beside the register, by kommunenummer.
    pub kommuner: BTreeMap<String, KommuneContact>,
    /// When kommuner are reminded of an anmodning: so many days after the deadline. None: never.
    pub remind_after_days: Option<u16>,
}

/// One watched folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// The short name that stands in lists and logs.
    pub name: String,
    /// The folder.
    pub path: PathBuf,
    /// How changes are noticed.
    pub mode: WatchMode,
}

/// How changes in a folder are noticed. A full rescan comes on top in every mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WatchMode {
    /// Events where the file system sends them, polling where it does not (NFS, SMB, FUSE).
    #[default]
    Auto,
    /// Events.
    Events,
    /// Polling at the settle interval.
    Poll,
}

/// How files are taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake {
    /// How long a file must lie unchanged before it is taken.
    pub settle: Duration,
    /// How much longer a PDF without its trailer is waited for.
    pub trailer_wait: Duration,
    /// How often every folder is read in full.
    pub rescan: Duration,
    /// The largest file that is taken, in bytes. A larger one stays where it is and is shown in the backlog.
    pub bytes_max: u64,
    /// How long a claim or a reading is held before another daemon may take it over.
    pub lease: Duration,
}

/// How documents are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// How many reader processes; at least 1.
    pub processes: usize,
    /// The most memory of one reader, MiB.
    pub memory_mib: u64,
    /// How often a document is tried before it is quarantined.
    pub attempts: u32,
    /// The base of a reading's time-out.
    pub time_base: Duration,
    /// What each MiB of the original adds to it.
    pub time_per_mib: Duration,
    /// What happens when a layer of the sandbox is missing.
    pub sandbox: SandboxMode,
    /// After how many documents a reader is replaced by a fresh one.
    pub documents_per_reader: u32,
    /// Tesseract's languages.
    pub languages: String,
    /// Where Tesseract's data is; none for Debian's place.
    pub tessdata: Option<PathBuf>,
    /// The office's own thresholds, as `calibrate` wrote them; none for those that the program was built with.
    pub thresholds: Option<PathBuf>,
    /// The most pages of one document.
    pub pages_max: u32,
}

/// How letters leave.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Who they come from.
    pub sender: Sender,
    /// The address they come from.
    pub from: String,
    /// The host part of Message-IDs: that of the sender's address.
    pub host: String,
    /// SMTP or a folder.
    pub transport: Transport,
    /// How many letters may go to one address in a day and a night without a person's word.
    pub per_address: u32,
}

/// Where letters leave to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// A mail server.
    Smtp(SmtpConfig),
    /// A folder, one `.eml` a letter.
    Folder(PathBuf),
}

impl Mail {
    /// The mailer that this describes.
    ///
    /// # Errors
    /// When a file or folder that it names cannot be used.
    pub fn mailer(&self) -> Result<Mailer, MailerError> {
        match &self.transport {
            Transport::Smtp(smtp) => Mailer::smtp(smtp, self.sender.clone()),
            Transport::Folder(folder) => Mailer::folder(folder, self.sender.clone()),
        }
    }
}

/// How senders of mail are known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SenderProof {
    /// Who is asked for the keys of domains.
    pub dns: Dns,
    /// What our own mail server calls itself in `Authentication-Results`; none when nothing it says counts.
    pub mail_server: Option<String>,
}

/// Who is asked for the keys of domains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dns {
    /// Whom the machine asks.
    #[default]
    System,
    /// This server.
    Server(SocketAddr),
    /// Nobody.
    Off,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawSender {
    dns: Option<String>,
    mail_server: Option<String>,
}

fn checked_sender(raw: RawSender) -> Result<SenderProof, ConfigError> {
    let dns = match raw.dns.as_deref() {
        None | Some("system") => Dns::System,
        Some("off") => Dns::Off,
        Some(address) => {
            let parsed = address.parse().or_else(|_| address.parse().map(|ip: IpAddr| SocketAddr::new(ip, 53)));
            let advice = "write \"system\", \"off\", or the address of a server, as in \"192.0.2.53\"";
            Dns::Server(parsed.map_err(|_| wrong("sender.dns", format!("`{}` is no address", address.escape_debug()), advice))?)
        }
    };
    if let Some(server) = raw.mail_server.as_ref().filter(|server| !is_domain(server)) {
        let advice = "write the name that stands first in the Authentication-Results that the mail server adds";
        return Err(wrong("sender.mail_server", format!("`{}` is no server's name", server.escape_debug()), advice));
    }
    Ok(SenderProof { dns, mail_server: raw.mail_server })
}

fn is_domain(name: &str) -> bool {
    !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    test_ids: bool,
    spool: PathBuf,
    #[serde(default = "default_forms")]
    forms: PathBuf,
    fonts: Option<PathBuf>,
    database: RawDatabase,
    #[serde(default)]
    keys: RawKeys,
    #[serde(default)]
    watch: Vec<RawWatch>,
    #[serde(default)]
    mailbox: Vec<mailbox::RawMailbox>,
    #[serde(default)]
    intake: RawIntake,
    #[serde(default)]
    reader: RawReader,
    mail: RawMail,
    office: Office,
    #[serde(default)]
    sender: RawSender,
    #[serde(default)]
    kommune: BTreeMap<String, KommuneContact>,
    #[serde(default)]
    anmodning: RawAnmodning,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawAnmodning {
    purring_etter_dager: u16,
}

impl Default for RawAnmodning {
    fn default() -> Self {
        Self { purring_etter_dager: 3 }
    }
}

fn default_forms() -> PathBuf {
    PathBuf::from("/usr/share/postsluse/forms")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDatabase {
    url: String,
    password_file: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawKeys {
    folder: Option<PathBuf>,
    #[serde(default)]
    credentials: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWatch {
    name: String,
    path: PathBuf,
    #[serde(default)]
    mode: WatchMode,
    route: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawIntake {
    settle_ms: u64,
    trailer_wait_ms: u64,
    rescan_seconds: u64,
    size_max_mib: u64,
    lease_seconds: u64,
}

impl Default for RawIntake {
    fn default() -> Self {
        Self { settle_ms: 500, trailer_wait_ms: 10_000, rescan_seconds: 30, size_max_mib: 200, lease_seconds: 300 }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawReader {
    processes: usize,
    memory_mib: u64,
    attempts: u32,
    time_base_seconds: u64,
    time_per_mib_seconds: u64,
    sandbox: SandboxMode,
    documents_per_reader: u32,
    languages: String,
    tessdata: Option<PathBuf>,
    thresholds: Option<PathBuf>,
    pages_max: u32,
}

impl Default for Reader {
    /// What stands in the documented configuration.
    fn default() -> Self {
        checked_reader(RawReader::default(), &Path::to_owned).expect("the defaults are within their own limits")
    }
}

impl Default for RawReader {
    fn default() -> Self {
        Self {
            processes: 0,
            memory_mib: 512,
            attempts: 3,
            time_base_seconds: 60,
            time_per_mib_seconds: 10,
            sandbox: SandboxMode::Required,
            documents_per_reader: 500,
            languages: "nor+eng".to_owned(),
            tessdata: None,
            thresholds: None,
            pages_max: 200,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMail {
    from: String,
    smtp: Option<SmtpConfig>,
    folder: Option<PathBuf>,
    #[serde(default = "default_per_address")]
    per_address_and_day: u32,
}

fn default_per_address() -> u32 {
    10
}

impl Config {
    /// Reads and checks the configuration at `path`.
    ///
    /// # Errors
    /// When the file cannot be read, has an unknown key, or a value that cannot be.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self::parse(&text, path, folder, std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from).as_deref())
    }

    /// Checks the text of a configuration. `folder` is what relative paths are joined to, `credentials` the systemd credentials folder.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str, path: &Path, folder: &Path, credentials: Option<&Path>) -> Result<Self, ConfigError> {
        let raw: Raw = toml::from_str(text).map_err(|error| ConfigError::Syntax { path: path.to_owned(), message: error.to_string().trim_end().to_owned() })?;
        let place = |path: &Path| if path.is_absolute() { path.to_owned() } else { folder.join(path) };
        let secret = |key: &str, at: &str| secret_path(key, at, folder, credentials);

        let database = checked_database(raw.database, folder, &secret)?;
        let keys = match (raw.keys.folder, raw.keys.credentials) {
            (Some(folder), false) => KeySource::Folder(place(&folder)),
            (None, true) => KeySource::Credentials(
                credentials
                    .ok_or_else(|| wrong("keys.credentials", "systemd gave no credentials", "start the service by its unit, or write keys.folder = \"keys\""))?
                    .to_owned(),
            ),
            (None, false) => {
                return Err(wrong("keys", "no place for the keys is given", "write keys.folder = \"keys\", or keys.credentials = true under systemd"));
            }
            (Some(_), true) => return Err(wrong("keys", "both folder and credentials are given", "keep one of them")),
        };
        let routes = checked_routes(&raw.watch, &raw.mailbox)?;
        let watch = raw.watch.into_iter().map(|watch| Watch { path: place(&watch.path), name: watch.name, mode: watch.mode }).collect();
        let watch = checked_watch(watch)?;
        let mailboxes = mailbox::checked(raw.mailbox, &place, &secret)?;
        checked_names(&watch, &mailboxes)?;
        raw.office.check().map_err(|error| wrong(error.field, error.why, error.advice))?;
        let from = checked_address("mail.from", raw.mail.from)?;
        let mail = Mail {
            transport: match (raw.mail.smtp, raw.mail.folder) {
                (Some(smtp), None) => Transport::Smtp(placed(smtp, &place, &secret)?),
                (None, Some(folder)) => Transport::Folder(place(&folder)),
                _ => {
                    return Err(wrong(
                        "mail",
                        "exactly one of mail.smtp and mail.folder must be given",
                        "write mail.folder = \"outbox\" to have messages written as files instead of sent",
                    ));
                }
            },
            sender: Sender::new(&raw.office.name, &from).map_err(|error| wrong("mail.from", error.why, error.advice))?,
            per_address: at_least("mail.per_address_and_day", raw.mail.per_address_and_day, 1)?,
            host: from.rsplit_once('@').map(|(_, host)| host.to_owned()).unwrap_or_default(),
            from,
        };
        for (number, kommune) in &raw.kommune {
            kommune::check(number, kommune)?;
        }
        Ok(Self {
            test_ids: raw.test_ids,
            spool: place(&raw.spool),
            forms: place(&raw.forms),
            fonts: raw.fonts.as_deref().map(place),
            database,
            keys,
            watch,
            mailboxes,
            routes,
            intake: checked_intake(&raw.intake)?,
            reader: checked_reader(raw.reader, &place)?,
            mail,
            office: raw.office,
            sender: checked_sender(raw.sender)?,
            kommuner: raw.kommune,
            remind_after_days: Some(raw.anmodning.purring_etter_dager).filter(|days| *days > 0),
        })
    }
}

fn checked_watch(watch: Vec<Watch>) -> Result<Vec<Watch>, ConfigError> {
    for (index, one) in watch.iter().enumerate() {
        if watch[..index].iter().any(|other| other.path == one.path) {
            return Err(wrong(format!("watch[{index}]"), format!("`{}` names a folder that is taken", one.name), "give each watched folder its own path"));
        }
    }
    Ok(watch)
}

impl Config {
    /// The desk that what came in by this folder or mailbox goes to: its own name unless the configuration gives another.
    #[must_use]
    pub fn route<'n>(&'n self, name: &'n str) -> &'n str {
        self.routes.get(name).map_or(name, String::as_str)
    }
}

/// Several folders and mailboxes may go to one desk.
fn checked_routes(watch: &[RawWatch], mailboxes: &[mailbox::RawMailbox]) -> Result<BTreeMap<String, String>, ConfigError> {
    let watched = watch.iter().enumerate().map(|(index, raw)| (format!("watch[{index}].route"), &raw.name, &raw.route));
    let mailed = mailboxes.iter().enumerate().map(|(index, raw)| (format!("mailbox[{index}].route"), &raw.name, &raw.route));
    let given = watched.chain(mailed).filter_map(|(key, name, route)| Some((key, name, route.as_ref()?)));
    given.map(|(key, name, route)| checked_short(&key, route).map(|()| (name.clone(), route.clone()))).collect()
}

fn checked_short(key: &str, name: &str) -> Result<(), ConfigError> {
    let plain = !name.is_empty() && name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if plain { Ok(()) } else { Err(wrong(key, format!("`{}` is not a short name", name.escape_debug()), "use letters a to z, digits, - and _, 40 at most")) }
}

/// Documents bear the name of the folder or mailbox that they came in by: it must be one.
fn checked_names(watch: &[Watch], mailboxes: &[Mailbox]) -> Result<(), ConfigError> {
    if watch.is_empty() && mailboxes.is_empty() {
        return Err(wrong("watch", "no folder is watched and there is no mailbox", "write a [[watch]] with name and path"));
    }
    let keyed = |what: &'static str, names: Vec<String>| names.into_iter().enumerate().map(move |(index, name)| (format!("{what}[{index}].name"), name));
    let watched = keyed("watch", watch.iter().map(|watch| watch.name.clone()).collect());
    let mut taken = Vec::new();
    for (key, name) in watched.chain(keyed("mailbox", mailboxes.iter().map(|mailbox| mailbox.name.clone()).collect())) {
        checked_short(&key, &name)?;
        if taken.contains(&name) {
            return Err(wrong(key, format!("`{name}` is taken"), "give each watched folder and each mailbox a name of its own"));
        }
        taken.push(name);
    }
    Ok(())
}

fn checked_intake(raw: &RawIntake) -> Result<Intake, ConfigError> {
    // A file stands aside under a claim, and a claim that has run out is anybody's.
    let wait_max = raw.lease_seconds.saturating_mul(1000) / 2;
    if raw.trailer_wait_ms > wait_max {
        let what = format!("{} is more than half of intake.lease_seconds", raw.trailer_wait_ms);
        return Err(wrong("intake.trailer_wait_ms", what, format!("write {wait_max} or less, or raise intake.lease_seconds")));
    }
    Ok(Intake {
        settle: Duration::from_millis(at_least("intake.settle_ms", raw.settle_ms, 50)?),
        trailer_wait: Duration::from_millis(raw.trailer_wait_ms),
        rescan: Duration::from_secs(at_least("intake.rescan_seconds", raw.rescan_seconds, 1)?),
        bytes_max: at_least("intake.size_max_mib", raw.size_max_mib, 1)?.saturating_mul(1024 * 1024),
        lease: Duration::from_secs(at_least("intake.lease_seconds", raw.lease_seconds, 5)?),
    })
}

fn checked_reader(raw: RawReader, place: &dyn Fn(&Path) -> PathBuf) -> Result<Reader, ConfigError> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(Reader {
        processes: if raw.processes == 0 { cores } else { raw.processes },
        memory_mib: at_least("reader.memory_mib", raw.memory_mib, 192)?,
        attempts: at_least("reader.attempts", raw.attempts, 1)?,
        time_base: Duration::from_secs(at_least("reader.time_base_seconds", raw.time_base_seconds, 1)?),
        time_per_mib: Duration::from_secs(raw.time_per_mib_seconds),
        sandbox: raw.sandbox,
        documents_per_reader: at_least("reader.documents_per_reader", raw.documents_per_reader, 1)?,
        languages: raw.languages,
        tessdata: raw.tessdata.as_deref().map(place),
        thresholds: raw.thresholds.as_deref().map(place),
        pages_max: at_least("reader.pages_max", raw.pages_max, 1)?,
    })
}

/// The files that the mail server's settings name, joined to the folder of the configuration or found among the credentials.
fn placed(smtp: SmtpConfig, place: &dyn Fn(&Path) -> PathBuf, secret: &Secret<'_>) -> Result<SmtpConfig, ConfigError> {
    let password_file = smtp.password_file.as_ref().map(|file| secret("mail.smtp.password_file", &file.to_string_lossy())).transpose()?;
    Ok(SmtpConfig { ca_file: smtp.ca_file.as_deref().map(place), password_file, ..smtp })
}

fn at_least<N: PartialOrd + std::fmt::Display + Copy>(key: &str, value: N, least: N) -> Result<N, ConfigError> {
    if value < least { Err(wrong(key, format!("{value} is too small"), format!("write {least} or more"))) } else { Ok(value) }
}

fn checked_address(key: &str, address: String) -> Result<String, ConfigError> {
    let sound = address.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.') && !host.starts_with('.'))
        && address.chars().all(|c| c.is_ascii_graphic());
    if sound { Ok(address) } else { Err(wrong(key, format!("`{address}` is not an e-mail address"), "write one plain address, such as post@example.no")) }
}

/// A relative SQLite file is joined to the folder of the configuration.
fn checked_database(raw: RawDatabase, folder: &Path, secret: &Secret<'_>) -> Result<Address, ConfigError> {
    let address = Address::parse(&raw.url).map_err(|error| {
        let (message, advice) = error.to_string().split_once('\n').map(|(message, advice)| (message.to_owned(), advice.to_owned())).unwrap_or_default();
        wrong("database.url", message, advice)
    })?;
    let address = match address.file() {
        Some(file) => Address::sqlite(folder.join(file)),
        None => address,
    };
    match raw.password_file {
        Some(file) => Ok(address.with_password(Zeroizing::new(read_secret("database.password_file", &secret("database.password_file", &file)?)?))),
        None => Ok(address),
    }
}

fn secret_path(key: &str, at: &str, folder: &Path, credentials: Option<&Path>) -> Result<PathBuf, ConfigError> {
    match at.strip_prefix("credential:") {
        Some(name) => Ok(credentials.ok_or_else(|| wrong(key, "systemd gave no credentials", "start the service by its unit, or name a file"))?.join(name)),
        None => Ok(folder.join(at)),
    }
}

fn read_secret(key: &str, path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path)
        .map(|text| text.trim_end().to_owned())
        .map_err(|error| wrong(key, format!("cannot read {}: {error}", path.display()), "make the file, readable by the service alone (mode 0400)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
        spool = "spool"
        database.url = "sqlite:cases.db"
        keys.folder = "keys"
        watch = [{ name = "skjema", path = "watchdir/skjema" }]
        mail = { from = "post@example.no", folder = "outbox" }
        [office]
        name = "Integrerings- og mangfoldsdirektoratet"
        short_name = "IMDi"
        postal_address = "Postboks 672, 8508 Narvik"
        phone = "40 00 19 60"
        email = "post@example.no"
        organisation_number = "987 879 696"
    "#;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, Path::new("postsluse.toml"), Path::new("/etc/postsluse"), None)
    }

    fn refusal(text: &str) -> String {
        parse(text).expect_err("it must be refused").to_string()
    }

    #[test]
    fn relative_paths_are_joined_to_the_folder_of_the_file() {
        let config = parse(SMALL).expect("a sound configuration");
        assert_eq!(config.spool, Path::new("/etc/postsluse/spool"));
        assert_eq!(config.database.to_string(), "sqlite:/etc/postsluse/cases.db");
        assert_eq!(config.watch[0].path, Path::new("/etc/postsluse/watchdir/skjema"));
        assert_eq!(config.intake.settle, Duration::from_millis(500));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_name_and_line() {
        let text = refusal(&SMALL.replace("spool =", "spol = \"x\"\nspool ="));
        assert!(text.contains("spol") && text.contains("line 2"), "{text}");
    }

    #[test]
    fn errors_name_the_key_and_say_what_to_write() {
        for (from, to, key) in [
            ("\"sqlite:cases.db\"", "\"postgres://u:secret@db/x\"", "database.url"),
            ("\"sqlite:cases.db\"", "\"mysql://x\"", "database.url"),
            ("keys.folder = \"keys\"", "", "keys"),
            ("name = \"skjema\"", "name = \"../x\"", "watch[0].name"),
            ("name = \"skjema\"", "name = \"skjema\", route = \"the desk\"", "watch[0].route"),
            ("from = \"post@example.no\"", "from = \"nobody\"", "mail.from"),
            ("folder = \"outbox\"", "", "mail"),
            ("phone = \"40 00 19 60\"", "phone = \"\"", "office.phone"),
        ] {
            let text = refusal(&SMALL.replacen(from, to, 1));
            assert!(text.starts_with(key), "{key}: {text}");
            assert_eq!(text.lines().count(), 2, "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
        let text = refusal(&format!("{SMALL}\n[reader]\nmemory_mib = 8\n"));
        assert_eq!(text, "reader.memory_mib: 8 is too small\nwrite 192 or more");
        let text = refusal(&format!("{SMALL}\n[intake]\nlease_seconds = 10\ntrailer_wait_ms = 5001\n"));
        assert_eq!(text, "intake.trailer_wait_ms: 5001 is more than half of intake.lease_seconds\nwrite 5000 or less, or raise intake.lease_seconds");
    }
}
