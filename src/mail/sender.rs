//! What proves who sent a message: the signatures of domains (DKIM, RFC 6376), and what the server that received it for us has found (RFC 8601).
//!
//! Nobody is asked here: which keys are wanted is said ([`signatures`]), and with the keys at hand the signatures are checked ([`Checker::check`]). Whether a domain
//! is anybody's that we know is not this room's to say. mail-auth does the canonical forms and the arithmetic.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::{AuthenticatedMessage, DkimResult, DnsError, Error, MX, MessageAuthenticator, Parameters, RecordSet, ResolverCache, Txt};
use mail_parser::{HeaderName, MessageParser};

/// So many signatures of a message are looked at; more are an attack.
const SIGNATURES_MAX: usize = 5;

/// A domain that says it signed a message, with the name of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The domain (`d=`), in lower case.
    pub domain: String,
    /// The name under the domain that tells its keys apart (`s=`).
    pub selector: String,
}

/// What came of checking the signatures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Domains whose signature holds for the whole message as it is.
    pub holds: Vec<String>,
    /// Domains whose signature does not.
    pub broken: Vec<String>,
}

/// What proves, or disproves, who sent a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// The signatures that it says it has.
    pub signatures: Vec<Signature>,
    /// Which of them hold, once keys are at hand.
    pub checked: Checked,
    /// What our own server has found.
    pub received: Received,
}

impl Signature {
    /// The name of its key in the DNS.
    #[must_use]
    pub fn key_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }
}

/// Checks signatures with keys at hand. It is made before a reader is locked down, since what it is made of looks at the machine's settings.
pub struct Checker(Option<MessageAuthenticator>);

impl Default for Checker {
    fn default() -> Self {
        // No server is named: whoever asks one after all gets no answer.
        Self(MessageAuthenticator::new(ResolverConfig::from_parts(None, Vec::new(), Vec::new()), ResolverOpts::default()).ok())
    }
}

/// The signatures that a message says it has, at most so many.
#[must_use]
pub fn signatures(bytes: &[u8]) -> Vec<Signature> {
    let Some(message) = AuthenticatedMessage::parse(bytes) else { return Vec::new() };
    let named = message.dkim_headers.iter().map(|header| Signature { domain: header.header.d.to_lowercase(), selector: header.header.s.to_lowercase() });
    let mut found: Vec<Signature> = Vec::new();
    for signature in named.filter(|signature| is_name(&signature.domain) && is_name(&signature.selector)) {
        if !found.contains(&signature) && found.len() < SIGNATURES_MAX {
            found.push(signature);
        }
    }
    found
}

/// Whether it is a name as domains have: what else could be asked for is no key.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 100 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

impl Checker {
    /// Checks the signatures of a message for which `keys` holds the records, by the name they have in the DNS (`selector._domainkey.domain`). A signature
    /// that leaves out the end of the words (`l=`) or the sender (RFC 6376, 5.4), or whose key is only being tried out (`t=y`), proves nothing and is
    /// passed over.
    #[must_use]
    pub fn check(&self, bytes: &[u8], keys: &[(String, String)]) -> Checked {
        let (Some(authenticator), Some(message)) = (&self.0, AuthenticatedMessage::parse(bytes)) else { return Checked::default() };
        let records: HashMap<Box<str>, Txt> = keys.iter().map(|(name, record)| (format!("{}.", name.to_lowercase()).into_boxed_str(), key(record))).collect();
        let keys = Keys(records);
        let parameters = Parameters::<_, _, Keys, Keys, Keys, Keys> {
            params: &message,
            cache_txt: Some(&keys),
            cache_mx: None,
            cache_ptr: None,
            cache_ipv4: None,
            cache_ipv6: None,
        };
        let checking = pin!(authenticator.verify_dkim(parameters));
        // Every key is at hand or known not to be, so nothing is waited for.
        let Poll::Ready(outcomes) = checking.poll(&mut Context::from_waker(Waker::noop())) else { return Checked::default() };
        let mut checked = Checked::default();
        for outcome in outcomes {
            let Some(signature) = outcome.signature().filter(|signature| signature.l == 0 && signature.h.iter().any(|name| name.eq_ignore_ascii_case("from")))
            else {
                continue;
            };
            let domain = signature.d.to_lowercase();
            let into = match outcome.result() {
                DkimResult::Pass => &mut checked.holds,
                DkimResult::Neutral(_) | DkimResult::Fail(_) => &mut checked.broken,
                DkimResult::PermError(_) | DkimResult::TempError(_) | DkimResult::None => continue,
            };
            if !into.contains(&domain) {
                into.push(domain);
            }
        }
        checked
    }
}

fn key(record: &str) -> Txt {
    match DomainKey::parse(record.as_bytes()) {
        Ok(_) if is_tried_out(record) => Txt::Error(Error::Dns(DnsError::InvalidRecordType)),
        Ok(key) => Txt::DomainKey(Arc::new(key)),
        Err(error) => Txt::Error(error),
    }
}

/// Whether the record says that its domain is only trying it out (RFC 6376, 3.6.1: `t=y`).
fn is_tried_out(record: &str) -> bool {
    let flags = record.split(';').filter_map(|tag| tag.split_once('=')).find(|(name, _)| name.trim() == "t");
    flags.is_some_and(|(_, flags)| flags.split(':').any(|flag| flag.trim().eq_ignore_ascii_case("y")))
}

/// The keys at hand; any other there is not.
struct Keys(HashMap<Box<str>, Txt>);

impl ResolverCache<Box<str>, Txt> for Keys {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(self.0.get(name).cloned().unwrap_or(Txt::Error(Error::Dns(DnsError::InvalidRecordType))))
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

/// Of everything else that could be asked nothing is known.
macro_rules! knows_nothing_of {
    ($($key:ty => $value:ty),*) => {$(
        impl ResolverCache<$key, $value> for Keys {
            fn get<Q>(&self, _: &Q) -> Option<$value>
            where
                $key: Borrow<Q>,
                Q: Hash + Eq + ?Sized,
            {
                None
            }

            fn remove<Q>(&self, _: &Q) -> Option<$value>
            where
                $key: Borrow<Q>,
                Q: Hash + Eq + ?Sized,
            {
                None
            }

            fn insert(&self, _: $key, _: $value, _: Instant) {}
        }
    )*};
}

knows_nothing_of!(Box<str> => RecordSet<MX>, Box<str> => RecordSet<Ipv4Addr>, Box<str> => RecordSet<Ipv6Addr>, IpAddr => RecordSet<Box<str>>);

/// What the server that received a message for us has found, in the words of RFC 8601.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// Domains that it found to have sent the message: a signature holds (`dkim=pass`), or the policy of the domain of `From` is met (`dmarc=pass`).
    pub confirms: Vec<String>,
    /// Domains of `From` whose policy is not met (`dmarc=fail`).
    pub denies: Vec<String>,
}

/// What our own server, which calls itself `server`, has written into the head. Only the first such line counts: every station writes above the ones before
/// it, so a line that a sender has forged stands below.
#[must_use]
pub fn received(bytes: &[u8], server: &str) -> Received {
    let Some(message) = MessageParser::default().parse_headers(bytes) else { return Received::default() };
    let Some(first) = message.parts.first().and_then(|part| part.headers.iter().find(|header| header.name == HeaderName::AuthenticationResults)) else {
        return Received::default();
    };
    let plain = without_comments(&String::from_utf8_lossy(&bytes[first.offset_start as usize..first.offset_end as usize]));
    let mut clauses = plain.split(';').map(str::trim);
    let named = clauses.next().and_then(|clause| clause.split_whitespace().next()).unwrap_or_default();
    if !named.eq_ignore_ascii_case(server) {
        return Received::default();
    }
    let mut received = Received::default();
    for clause in clauses {
        let mut words = clause.split_whitespace();
        let result = words.next().unwrap_or_default().to_lowercase();
        let property = |name: &str| {
            let value = clause.split_whitespace().find_map(|word| word.to_lowercase().strip_prefix(name).map(str::to_owned))?;
            let domain = value.trim_matches('"').rsplit('@').next().unwrap_or_default().to_owned();
            is_name(&domain).then_some(domain)
        };
        match result.as_str() {
            "dkim=pass" => received.confirms.extend(property("header.d=").or_else(|| property("header.i="))),
            "dmarc=pass" => received.confirms.extend(property("header.from=")),
            "dmarc=fail" => received.denies.extend(property("header.from=")),
            _ => {}
        }
    }
    received
}

/// The text without what stands in parentheses, which may be nested and quoted (RFC 5322, 3.2.2).
fn without_comments(text: &str) -> String {
    let (mut plain, mut depth, mut escaped) = (String::new(), 0u32, false);
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(if character.is_control() { ' ' } else { character }),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(head: &str) -> Received {
        received(head.as_bytes(), "mx.imdi.example")
    }

    #[test]
    fn only_the_first_line_of_our_own_server_counts() {
        let forged = "Authentication-Results: mx.imdi.example; dmarc=pass header.from=lunner.kommune.no\n";
        let ours = "Authentication-Results: mx.imdi.example (Postfix; x) 1;\n dkim=fail (bad \\) key) header.d=lunner.kommune.no;\n dmarc=fail (p=reject) header.from=lunner.kommune.no\n";
        let theirs = "Authentication-Results: mx.other.example; dmarc=pass header.from=lunner.kommune.no\n";
        let rest = "From: a@lunner.kommune.no\n\nx\n";
        let denied = Received { confirms: vec![], denies: vec!["lunner.kommune.no".into()] };
        assert_eq!(found(&format!("{ours}{forged}{rest}")), denied);
        assert_eq!(found(&format!("{theirs}{rest}")), Received::default());
        assert_eq!(found(&format!("{theirs}{forged}{rest}")), Received::default());
        let good = "Authentication-Results: MX.imdi.example;\n\tdkim=pass header.i=@Lunner.kommune.no header.s=s1;\n dmarc=pass header.from=\"lunner.kommune.no\"; spf=pass smtp.mailfrom=x@y.example\n";
        assert_eq!(found(&format!("{good}{rest}")).confirms, ["lunner.kommune.no", "lunner.kommune.no"]);
        let in_comment = "Authentication-Results: mx.imdi.example; none (dmarc=pass header.from=lunner.kommune.no)\n";
        assert_eq!(found(&format!("{in_comment}{rest}")), Received::default());
    }
}
