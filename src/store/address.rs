//! Where the database is: a SQLite file or a PostgreSQL server, as the configuration writes it.
//!
//! The address is checked here, before anything is opened. Neither `Display` nor `Debug` shows a password.

use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// The address of a database: `sqlite:local/postsluse.db` or `postgres://user@host:5432/database`.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Sqlite(PathBuf),
    Postgres { url: String, password: Option<Zeroizing<String>> },
}

/// The two back ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// One file, one machine.
    Sqlite,
    /// A server that several daemons share.
    Postgres,
}

/// An address that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Neither `sqlite:` nor `postgres://`.
    #[error("`{scheme}` is not a database this program knows\nwrite sqlite:FILE or postgres://USER@HOST/DATABASE")]
    Scheme {
        /// What stands before the colon.
        scheme: String,
    },
    /// No file after `sqlite:`.
    #[error("the address of the database names no file\nwrite sqlite:FILE, for instance sqlite:/var/lib/postsluse/postsluse.db")]
    NoFile,
    /// A password in the address, where it would end in logs and process lists.
    #[error("the address of the database holds a password\nput the password in a file of its own and name that file in the configuration")]
    Password,
    /// Not a URL.
    #[error("the address of the database is not a URL\nwrite postgres://USER@HOST:PORT/DATABASE, or postgres:///DATABASE?host=/var/run/postgresql")]
    Url,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// When it names no known back end, no file, or holds a password.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        match scheme {
            "sqlite" => {
                let file = rest.strip_prefix("//").unwrap_or(rest);
                if file.is_empty() || file == ":memory:" { Err(AddressError::NoFile) } else { Ok(Self::sqlite(file)) }
            }
            "postgres" | "postgresql" => {
                let rest = rest.strip_prefix("//").ok_or(AddressError::Url)?;
                let authority = rest.split(['/', '?']).next().unwrap_or("");
                let secret = authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'));
                let query = rest.split_once('?').map_or("", |(_, query)| query);
                if secret || query.split('&').any(|pair| pair.starts_with("password=")) {
                    return Err(AddressError::Password);
                }
                if rest.is_empty() || rest.contains(char::is_whitespace) {
                    return Err(AddressError::Url);
                }
                Ok(Self(Kind::Postgres { url: format!("postgres://{rest}"), password: None }))
            }
            _ => Err(AddressError::Scheme { scheme: scheme.chars().take(20).collect() }),
        }
    }

    /// The address of a SQLite file.
    pub fn sqlite(file: impl Into<PathBuf>) -> Self {
        Self(Kind::Sqlite(file.into()))
    }

    /// The same address with the password that the configuration found in its file. SQLite has none.
    #[must_use]
    pub fn with_password(self, secret: Zeroizing<String>) -> Self {
        match self.0 {
            Kind::Postgres { url, .. } => Self(Kind::Postgres { url, password: Some(secret) }),
            sqlite @ Kind::Sqlite(_) => Self(sqlite),
        }
    }

    /// Which back end it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self.0 {
            Kind::Sqlite(_) => Backend::Sqlite,
            Kind::Postgres { .. } => Backend::Postgres,
        }
    }

    /// The SQLite file.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.0 {
            Kind::Sqlite(file) => Some(file),
            Kind::Postgres { .. } => None,
        }
    }

    /// The address in the driver's words, with the password.
    pub(super) fn driver_url(&self) -> Zeroizing<String> {
        Zeroizing::new(match &self.0 {
            Kind::Sqlite(file) => {
                let absolute = std::path::absolute(file).unwrap_or_else(|_| file.clone());
                format!("sqlite://{}", encoded(&absolute.to_string_lossy(), "/"))
            }
            Kind::Postgres { url, password: None } => named(url),
            Kind::Postgres { url, password: Some(secret) } => {
                named(&format!("{url}{}password={}", if url.contains('?') { '&' } else { '?' }, encoded(secret, "")))
            }
        })
    }
}

/// So that the server's own lists say who is connected.
fn named(url: &str) -> String {
    if url.contains("application_name=") { url.to_owned() } else { format!("{url}{}application_name=postsluse", if url.contains('?') { '&' } else { '?' }) }
}

/// Percent-encoding (RFC 3986) of everything but unreserved characters and those in `keep`.
fn encoded(text: &str, keep: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
            Kind::Postgres { url, .. } => f.write_str(url),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown_without_their_password() {
        let sqlite = Address::parse("sqlite:local/a b.db").expect("an address");
        assert_eq!((sqlite.backend(), sqlite.to_string().as_str()), (Backend::Sqlite, "sqlite:local/a b.db"));
        assert!(sqlite.driver_url().ends_with("/local/a%20b.db"));
        let postgres = Address::parse("postgresql://pst@db.example:5433/pst?sslmode=require").expect("an address");
        let postgres = postgres.with_password(Zeroizing::new("p@ss&word".into()));
        assert_eq!(postgres.to_string(), "postgres://pst@db.example:5433/pst?sslmode=require");
        assert!(!format!("{postgres:?}").contains("ss&"));
        assert_eq!(postgres.driver_url().as_str(), "postgres://pst@db.example:5433/pst?sslmode=require&password=p%40ss%26word&application_name=postsluse");
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_a_secret() {
        assert_eq!(Address::parse("sqlite:"), Err(AddressError::NoFile));
        assert_eq!(Address::parse("sqlite::memory:"), Err(AddressError::NoFile));
        assert_eq!(Address::parse("mysql://x"), Err(AddressError::Scheme { scheme: "mysql".into() }));
        assert_eq!(Address::parse("postgres:x"), Err(AddressError::Url));
        for secret in ["postgres://u:hush@h/d", "postgres://h/d?user=u&password=hush"] {
            let error = Address::parse(secret).expect_err("a password");
            assert!(!error.to_string().contains("hush"), "{error}");
        }
    }
}
