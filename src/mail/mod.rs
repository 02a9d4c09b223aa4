//! Mail: from the bytes of a message (RFC 5322, MIME) to its words and to the files that it carries.
//!
//! [`open`] flattens what is nested: the message itself, each message within it, and each file, with the path a person would count by (`2.1` is the first
//! enclosure of the second). Archives of files (ZIP, `winmail.dat`) are opened like a message. What is encrypted, or wrapped in a signature that hides it,
//! is named and left closed. Nothing here says who sent it or what it means, and nothing opens a file or a socket.
//!
//! mail-parser takes the bytes apart. It builds a tree that is walked by recursion, so how deep messages stand in each other is counted before it sees them.

mod archive;
mod body;
pub mod fields;
mod head;
pub mod sender;
mod tnef;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

pub use head::{Automatic, Head};

use crate::document::{Refusal, RefusalCode};

/// What one mail may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files and messages in it, however deep.
    pub enclosures_max: usize,
    /// How deep messages and archives may stand in each other.
    pub depth_max: usize,
    /// Bytes that all files of archives may unpack to, together.
    pub unpacked_bytes_max: u64,
    /// Bytes of the words of one message.
    pub text_bytes_max: usize,
}

impl Default for Limits {
    /// 60 enclosures, 5 deep, 256 MiB unpacked, 1 MiB of words.
    fn default() -> Self {
        Self { enclosures_max: 60, depth_max: 5, unpacked_bytes_max: 256 << 20, text_bytes_max: 1 << 20 }
    }
}

/// A message, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// What its head says.
    pub head: Head,
    /// What a person reads, without the head. Empty when it has no words.
    pub text: String,
    /// The rest, in order.
    pub enclosures: Vec<Enclosure>,
    /// Whether it bears a signature (S/MIME or PGP). It is not checked.
    pub signed: bool,
    /// Whether enclosures were left out because there were too many, or too large when unpacked.
    pub cut: bool,
}

/// Something that a mail carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Its number: `2`, or `2.1` for the first in the second.
    pub path: String,
    /// What it is called, as the sender says. Personal.
    pub name: Option<String>,
    /// Whether it is shown within the words (a logo, a pasted picture).
    pub inline: bool,
    /// What it is.
    pub what: What,
}

/// What an enclosure is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A file.
    File(Vec<u8>),
    /// A message, whose own enclosures follow.
    Message {
        /// What its head says.
        head: Head,
        /// What a person reads.
        text: String,
    },
    /// It stays closed.
    Closed(Closed),
}

/// Why something stays closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Closed {
    /// Encrypted with S/MIME.
    Smime,
    /// Encrypted with PGP.
    Pgp,
    /// An archive with a password.
    LockedArchive,
    /// An archive that is broken or of a kind that is not unpacked.
    BrokenArchive,
    /// Too deep, too many or too large.
    TooMuch,
}

/// How many lines may name a message or a digest as their content, before it is taken for an attack: each may stand in the one before.
const NESTED_MAX: usize = 100;
/// So far into the bytes the head of a message is looked for.
const HEAD_WINDOW: usize = 64 << 10;

/// Whether the bytes begin as a message does: lines of `Name: value` with at least two names that mail programs write.
#[must_use]
pub fn is_mail(bytes: &[u8]) -> bool {
    const NAMES: [&str; 14] = [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "received",
        "return-path",
        "delivered-to",
        "content-type",
        "reply-to",
        "dkim-signature",
        "sender",
        "authentication-results",
    ];
    let window = &bytes[..bytes.len().min(HEAD_WINDOW)];
    let window = window.strip_prefix(b"\xef\xbb\xbf").unwrap_or(window);
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (number, line) in window.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        // A line goes on from the one before, or is the first of an mbox.
        if line.starts_with(b" ") || line.starts_with(b"\t") || number == 0 && (line.starts_with(b"From ") || line.starts_with(b">From ")) {
            continue;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return false };
        let name = &line[..colon];
        if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
            return false;
        }
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        known.extend(NAMES.iter().find(|known| **known == name));
    }
    known.len() >= 2
}

/// Takes a message apart.
///
/// # Errors
/// When it has no head, or nests as no mail program does.
pub fn open(bytes: &[u8], limits: &Limits) -> Result<Mail, Refusal> {
    if nested(bytes) > NESTED_MAX {
        return Err(Refusal {
            code: RefusalCode::TooLarge,
            message: format!("the mail names more than {NESTED_MAX} messages within it"),
            advice: "ask the sender to send the letters one by one".to_owned(),
        });
    }
    // Its panics, should it have any, may quote the mail.
    let taken_apart = catch_unwind(AssertUnwindSafe(|| {
        let message = MessageParser::default().parse(bytes).filter(|message| !message.parts.is_empty())?;
        let mut walk = Walk { limits, mail: Mail::empty(Head::of(&message)), unpacked: 0 };
        walk.mail.text = body::text(&message, bytes, limits.text_bytes_max);
        walk.message(&message, "", 0);
        Some(walk.mail)
    }));
    taken_apart.ok().flatten().ok_or_else(|| Refusal {
        code: RefusalCode::Damaged,
        message: "the mail cannot be taken apart".to_owned(),
        advice: "open it in a mail program, and save its letters as PDF".to_owned(),
    })
}

/// How many fields of the bytes name a message as their content, or a digest, whose parts are messages.
fn nested(bytes: &[u8]) -> usize {
    const FIELD: &[u8] = b"content-type";
    let mut count = 0;
    let mut in_field = false;
    for line in bytes.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let goes_on = line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
        in_field = (in_field && goes_on) || line.get(..FIELD.len()).is_some_and(|name| name.eq_ignore_ascii_case(FIELD));
        let names = |word: &[u8]| line.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
        if in_field && (names(b"message") || names(b"digest")) {
            count += 1;
        }
    }
    count
}

impl Mail {
    fn empty(head: Head) -> Self {
        Self { head, text: String::new(), enclosures: Vec::new(), signed: false, cut: false }
    }
}

/// The way through a message.
struct Walk<'l> {
    limits: &'l Limits,
    mail: Mail,
    /// Bytes of archives so far.
    unpacked: u64,
}

/// A file on its way in.
struct Found<'f> {
    name: Option<String>,
    inline: bool,
    bytes: Cow<'f, [u8]>,
}

impl Walk<'_> {
    /// The enclosures of a message whose words are told already.
    fn message(&mut self, message: &Message<'_>, path: &str, depth: usize) {
        let mut number = 0;
        for id in &message.attachments {
            let Some(part) = message.parts.get(*id as usize) else { continue };
            match kind(part) {
                Part::Signature => self.mail.signed = true,
                Part::Encrypted(closed) => {
                    number += 1;
                    self.put(format!("{path}{number}"), name(part), false, What::Closed(closed));
                }
                // The version line of a PGP message says nothing.
                Part::Control => {}
                Part::Message(inner) => {
                    number += 1;
                    let at = format!("{path}{number}");
                    if depth + 1 >= self.limits.depth_max {
                        self.put(at, name(part), false, What::Closed(Closed::TooMuch));
                        continue;
                    }
                    let text = body::text(inner, inner.raw_message.as_ref(), self.limits.text_bytes_max);
                    self.put(at.clone(), name(part), false, What::Message { head: Head::of(inner), text });
                    self.message(inner, &format!("{at}."), depth + 1);
                }
                Part::File(bytes) => {
                    number += 1;
                    self.file(format!("{path}{number}"), Found { name: name(part), inline: is_inline(part), bytes }, depth);
                }
            }
        }
        self.mail.signed |= message.parts.iter().any(|part| part.is_content_type("multipart", "signed"));
    }

    /// A file, or what an archive holds.
    fn file(&mut self, path: String, found: Found<'_>, depth: usize) {
        let room = self.limits.unpacked_bytes_max.saturating_sub(self.unpacked);
        let unpacked = if tnef::is_tnef(&found.bytes) {
            tnef::unpack(&found.bytes)
        } else if archive::is_archive(&found.bytes) {
            archive::unpack(&found.bytes, room, self.limits.enclosures_max)
        } else {
            self.put(path, found.name, found.inline, What::File(found.bytes.into_owned()));
            return;
        };
        match unpacked {
            Ok(files) if depth + 1 < self.limits.depth_max => {
                for (index, file) in files.into_iter().enumerate() {
                    self.unpacked += file.bytes.len() as u64;
                    self.file(format!("{path}.{}", index + 1), Found { name: file.name, inline: false, bytes: file.bytes.into() }, depth + 1);
                }
            }
            Ok(_) => self.put(path, found.name, false, What::Closed(Closed::TooMuch)),
            Err(closed) => self.put(path, found.name, false, What::Closed(closed)),
        }
    }

    fn put(&mut self, path: String, name: Option<String>, inline: bool, what: What) {
        if self.mail.enclosures.len() >= self.limits.enclosures_max {
            self.mail.cut = true;
            return;
        }
        self.mail.enclosures.push(Enclosure { path, name, inline, what });
    }
}

/// What a part is to us.
enum Part<'p> {
    File(Cow<'p, [u8]>),
    Message(&'p Message<'p>),
    Signature,
    Encrypted(Closed),
    Control,
}

fn kind<'p>(part: &'p MessagePart<'p>) -> Part<'p> {
    let is = |kind: &str, sub: &str| part.is_content_type(kind, sub);
    if is("application", "pkcs7-signature") || is("application", "x-pkcs7-signature") || is("application", "pgp-signature") {
        return Part::Signature;
    }
    if is("application", "pkcs7-mime") || is("application", "x-pkcs7-mime") {
        return Part::Encrypted(Closed::Smime);
    }
    if is("application", "pgp-encrypted") {
        return Part::Control;
    }
    let bytes = match &part.body {
        PartType::Message(message) if !message.parts.is_empty() => return Part::Message(message),
        PartType::Text(text) => text.as_bytes().into(),
        PartType::Html(html) => body::words_of_html(html).into_bytes().into(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Cow::Borrowed(bytes.as_ref()),
        PartType::Message(message) => message.raw_message.as_ref().into(),
        PartType::Multipart(_) => return Part::Control,
    };
    if bytes.starts_with(b"-----BEGIN PGP MESSAGE-----") { Part::Encrypted(Closed::Pgp) } else { Part::File(bytes) }
}

fn name(part: &MessagePart<'_>) -> Option<String> {
    part.attachment_name().map(str::to_owned)
}

/// Whether the words show it where it stands, and do not hang it on.
fn is_inline(part: &MessagePart<'_>) -> bool {
    let attached = part.content_disposition().is_some_and(mail_parser::ContentType::is_attachment);
    !attached && (part.content_id().is_some() || part.content_disposition().is_some_and(mail_parser::ContentType::is_inline))
}

#[cfg(test)]
mod tests;
