//! Who sent a message: what the reader found, held against the kommuner that we know.
//!
//! Anybody can write any sender. One is confirmed only when a domain that we know to be a kommune's has signed the whole message (DKIM), or our own server
//! says that it did, and the address of `From` lies under that very domain. `kommune.no` is a name under which every kommune has its own, so being
//! related is not enough: the domains are those of the register (`[kommune.NNNN]`), and no other.
//!
//! Keys are asked for in the DNS only under those domains. A reader that was taken over by what it read can have us ask for a name; under the domain of a
//! kommune nobody hears what it asks.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;

use crate::config::{Dns, KommuneContact};

/// How long all keys of a message may take to be found.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest key that is taken, bytes: RSA of 4096 bits has some 800.
const KEY_BYTES_MAX: usize = 4096;

/// What is known of the sender of a message. The words are those of the record's field `avsender`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A kommune, proven.
    Confirmed(BTreeSet<String>),
    /// It says that it comes from a kommune that we know, and nothing proves it.
    Unproven(BTreeSet<String>),
    /// It says that it comes from a kommune that we know, and what should prove it does not hold.
    Forged(BTreeSet<String>),
    /// From nobody that we know.
    Unknown,
}

impl Verdict {
    /// The verdict as it stands in a record.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Confirmed(_) => "bekreftet",
            Self::Unproven(_) => "ubekreftet",
            Self::Forged(_) => "falsk",
            Self::Unknown => "ukjent",
        }
    }

    /// The kommuner that the sender is, or says it is.
    #[must_use]
    pub fn kommuner(&self) -> Option<&BTreeSet<String>> {
        match self {
            Self::Confirmed(kommuner) | Self::Unproven(kommuner) | Self::Forged(kommuner) => Some(kommuner),
            Self::Unknown => None,
        }
    }
}

/// What a reader has found of a message's sender.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The one address of `From`.
    pub from: Option<String>,
    /// Domains whose signature holds, and those that our own server found to have sent it.
    pub confirmed: Vec<String>,
    /// Domains whose signature is broken, or whose policy our own server found not to be met.
    pub denied: Vec<String>,
}

/// The domains that we know, each with the kommuner that write from it.
#[derive(Debug, Clone, Default)]
pub struct Register(BTreeMap<String, BTreeSet<String>>);

impl Register {
    /// The domains of the configured kommuner: those that are named, and else that of the address.
    #[must_use]
    pub fn of(kommuner: &BTreeMap<String, KommuneContact>) -> Self {
        let mut domains: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (number, contact) in kommuner {
            for domain in contact.domains() {
                domains.entry(domain).or_default().insert(number.clone());
            }
        }
        Self(domains)
    }

    /// The known domain under which an address or a domain lies, and whose it is.
    fn find(&self, domain: &str) -> Option<(&str, &BTreeSet<String>)> {
        self.0
            .iter()
            .find(|(known, _)| domain == known.as_str() || domain.strip_suffix(known.as_str()).is_some_and(|rest| rest.ends_with('.')))
            .map(|(known, kommuner)| (known.as_str(), kommuner))
    }

    /// Which of the keys, named as in the DNS, lie under a domain that we know.
    #[must_use]
    pub fn worth_asking_for(&self, names: &[&str]) -> Vec<String> {
        let known = |name: &&&str| name.split_once("._domainkey.").is_some_and(|(selector, domain)| is_selector(selector) && self.find(domain).is_some());
        names.iter().filter(known).map(|name| (*name).to_owned()).collect()
    }

    /// What the claims come to.
    #[must_use]
    pub fn judge(&self, claims: &Claims) -> Verdict {
        let domain = claims.from.as_deref().and_then(|from| from.rsplit_once('@')).map(|(_, domain)| domain.to_lowercase()).unwrap_or_default();
        let Some((known, kommuner)) = self.find(&domain) else { return Verdict::Unknown };
        let names_it = |domains: &[String]| domains.iter().any(|claimed| self.find(claimed).is_some_and(|(found, _)| found == known));
        let kommuner = kommuner.clone();
        match (names_it(&claims.confirmed), names_it(&claims.denied)) {
            // Who forwards a message may break one of its signatures; one that holds is enough.
            (true, _) => Verdict::Confirmed(kommuner),
            (false, true) => Verdict::Forged(kommuner),
            (false, false) => Verdict::Unproven(kommuner),
        }
    }
}

fn is_selector(selector: &str) -> bool {
    !selector.is_empty() && selector.len() <= 64 && selector.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// Asks the DNS for keys. Cheap to clone.
#[derive(Clone)]
pub struct Keyring(Option<TokioResolver>);

impl Keyring {
    /// One that asks as configured. Where the machine's own settings cannot be read nothing is asked, and every sender stays unproven.
    #[must_use]
    pub fn new(dns: Dns) -> Self {
        let built = match dns {
            Dns::Off => return Self(None),
            Dns::System => TokioResolver::builder_tokio().and_then(hickory_resolver::ResolverBuilder::build),
            Dns::Server(address) => asking(address),
        };
        if let Err(error) = &built {
            tracing::warn!(error = %error, "the DNS cannot be asked; the senders of mail stay unproven");
        }
        Self(built.ok())
    }

    /// The keys of these names that can be had now, with their records.
    pub async fn find(&self, names: &[String]) -> Vec<(String, String)> {
        let Some(resolver) = &self.0 else { return Vec::new() };
        let mut found = Vec::new();
        let asking = async {
            for name in names {
                if let Ok(answer) = resolver.txt_lookup(format!("{name}.")).await {
                    let records = answer.answers().iter().filter_map(|record| match &record.data {
                        hickory_resolver::proto::rr::RData::TXT(text) => Some(text.txt_data.concat()),
                        _ => None,
                    });
                    let mut keys =
                        records.filter_map(|record| String::from_utf8(record).ok()).filter(|record| record.len() <= KEY_BYTES_MAX && record.contains("p="));
                    found.extend(keys.next().map(|record| (name.clone(), record)));
                }
            }
        };
        let _ = tokio::time::timeout(PATIENCE, asking).await;
        found
    }
}

fn asking(address: SocketAddr) -> Result<TokioResolver, hickory_resolver::net::NetError> {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    let server = NameServerConfig::new(address.ip(), true, connections.into());
    TokioResolver::builder_with_config(ResolverConfig::from_parts(None, Vec::new(), vec![server]), TokioRuntimeProvider::default())
        .with_options(ResolverOpts::default())
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register() -> Register {
        let contact = |epost: &str, domener: &[&str]| KommuneContact {
            epost: epost.into(),
            maalform: None,
            adresse: vec![],
            flyktningkontor: None,
            domener: domener.iter().map(|domain| (*domain).to_owned()).collect(),
        };
        let kommuner = [
            ("3234", contact("postmottak@lunner.kommune.no", &[])),
            ("3236", contact("postmottak@jevnaker.kommune.no", &["jevnaker.kommune.no", "ikt-samarbeid.example"])),
            ("3234x", contact("post@ikt-samarbeid.example", &[])),
        ];
        Register::of(&kommuner.map(|(number, contact)| (number.to_owned(), contact)).into())
    }

    fn judged(from: &str, confirmed: &[&str], denied: &[&str]) -> &'static str {
        let all = |domains: &[&str]| domains.iter().map(|domain| (*domain).to_owned()).collect();
        register().judge(&Claims { from: Some(from.to_owned()), confirmed: all(confirmed), denied: all(denied) }).as_str()
    }

    #[test]
    fn a_sender_is_confirmed_by_his_own_domain_and_by_no_related_one() {
        assert_eq!(judged("a@lunner.kommune.no", &["lunner.kommune.no"], &[]), "bekreftet");
        assert_eq!(judged("a@post.lunner.kommune.no", &["lunner.kommune.no"], &["lunner.kommune.no"]), "bekreftet");
        assert_eq!(judged("A@Lunner.Kommune.NO", &["lunner.kommune.no"], &[]), "bekreftet");
        for other in ["kommune.no", "no", "jevnaker.kommune.no", "evil-lunner.kommune.no", "lunner.kommune.no.evil.example"] {
            assert_eq!(judged("a@lunner.kommune.no", &[other], &[]), "ubekreftet", "{other}");
        }
        assert_eq!(judged("a@lunner.kommune.no", &["gmail.com"], &["lunner.kommune.no"]), "falsk");
        assert_eq!(judged("a@evil-lunner.kommune.no", &["evil-lunner.kommune.no"], &[]), "ukjent");
        assert_eq!(judged("lunner.kommune.no", &["lunner.kommune.no"], &[]), "ukjent");
        assert_eq!(register().judge(&Claims::default()), Verdict::Unknown);
        let shared =
            register().judge(&Claims { from: Some("x@ikt-samarbeid.example".into()), confirmed: vec!["ikt-samarbeid.example".into()], denied: vec![] });
        assert_eq!(shared.kommuner().map(BTreeSet::len), Some(2));
    }

    #[test]
    fn keys_are_asked_for_under_known_domains_only() {
        let names = [
            "s1._domainkey.lunner.kommune.no",
            "s1._domainkey.evil.example",
            "secret.text._domainkey.evil.example",
            "_domainkey.lunner.kommune.no",
            "a b._domainkey.lunner.kommune.no",
        ];
        assert_eq!(register().worth_asking_for(&names), ["s1._domainkey.lunner.kommune.no"]);
    }
}
