//! What the head of a message says.

use mail_parser::{Address, HeaderName, HeaderValue, Message, MimeHeaders};

use crate::clock::Date;

/// The head of a message, as its sender wrote it: nothing of it is proven.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The address of `From`; none when there is none, or several.
    pub from: Option<String>,
    /// The name beside it.
    pub from_name: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// The day of `Date`, where the sender was.
    pub date: Option<Date>,
    /// `Message-ID`, without its brackets.
    pub message_id: Option<String>,
    /// The messages that it answers, the nearest last.
    pub references: Vec<String>,
    /// What says that no person wrote it.
    pub automatic: Option<Automatic>,
}

/// What kind of machine wrote a message. The first that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Automatic {
    /// A report on the delivery of another (RFC 3464), or one without a way back (RFC 5321 4.5.5).
    Bounce,
    /// An answer by itself (RFC 3834).
    Reply,
    /// From a list (RFC 2919, RFC 2369).
    List,
    /// To many at once, or from an address that says it takes no answer.
    Bulk,
}

impl Automatic {
    /// The code as it stands in a record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bounce => "retur",
            Self::Reply => "autosvar",
            Self::List => "liste",
            Self::Bulk => "masseutsending",
        }
    }
}

impl Head {
    /// Of a message.
    pub fn of(message: &Message<'_>) -> Self {
        let from = only_address(message);
        Self {
            from: from.as_ref().map(|(address, _)| address.clone()),
            from_name: from.and_then(|(_, name)| name),
            subject: message.subject().map(line).filter(|subject| !subject.is_empty()),
            date: message.date().and_then(|date| Date::new(i16::try_from(date.year).ok()?, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?).ok()),
            message_id: message.message_id().map(line),
            references: references(message),
            automatic: automatic(message),
        }
    }
}

/// One line of plain characters: a folded head has line ends, and a hostile one more than that.
fn line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The one address that a message is from.
fn only_address(message: &Message<'_>) -> Option<(String, Option<String>)> {
    let all: Vec<_> = message.header_values(HeaderName::From).filter_map(HeaderValue::as_address).flat_map(Address::iter).collect();
    let [only] = all.as_slice() else { return None };
    let address = line(only.address()?);
    (address.contains('@') && !address.contains(' ')).then(|| (address.to_lowercase(), only.name().map(line).filter(|name| !name.is_empty())))
}

fn references(message: &Message<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for value in [message.references(), message.in_reply_to()] {
        let listed = value.as_text_list().map(|list| list.iter().map(|id| line(id)).collect::<Vec<_>>());
        for id in listed.or_else(|| value.as_text().map(|id| vec![line(id)])).unwrap_or_default() {
            if !id.is_empty() && !found.contains(&id) {
                found.push(id);
            }
        }
    }
    found
}

fn automatic(message: &Message<'_>) -> Option<Automatic> {
    let text = |name: &'static str| message.header_raw(name).map(|value| line(value).to_lowercase());
    let has = |name: &'static str| text(name).is_some();
    let from = only_address(message).map(|(address, _)| address).unwrap_or_default();
    let local = from.split('@').next().unwrap_or_default();
    let way_back = message.header_raw(HeaderName::ReturnPath).map(line);
    let submitted = text("Auto-Submitted").filter(|value| !value.starts_with("no"));
    let precedence = text("Precedence").unwrap_or_default();
    if message.parts[0].is_content_type("multipart", "report") || way_back.as_deref() == Some("<>") || local == "mailer-daemon" || local == "postmaster" {
        return Some(Automatic::Bounce);
    }
    if submitted.is_some() || has("X-Autoreply") || has("X-Autorespond") || precedence == "auto_reply" {
        return Some(Automatic::Reply);
    }
    if message.header(HeaderName::ListId).is_some() || message.header(HeaderName::ListUnsubscribe).is_some() || precedence == "list" {
        return Some(Automatic::List);
    }
    let takes_no_answer = ["noreply", "no-reply", "ikkesvar", "ikke-svar", "donotreply", "do-not-reply"].iter().any(|name| local.starts_with(name));
    (takes_no_answer || matches!(precedence.as_str(), "bulk" | "junk")).then_some(Automatic::Bulk)
}
