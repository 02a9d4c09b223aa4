//! The message: what a letter looks like as a mail.
//!
//! Text in UTF-8 and one PDF, every byte of it ASCII on the wire. It says of itself that no person typed it (`Auto-Submitted`, RFC 3834),
//! so that no holiday reply answers it. Everything that could bend a header is refused before a message is made.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use lettre::address::{Address, Envelope};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};

use super::{Failure, MailerError};
use crate::clock::Timestamp;
use crate::document::LetterId;

/// A letter on its way out.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its own id, the same at every try.
    pub message_id: MessageId,
    /// Who it goes to.
    pub to: Recipient,
    /// One line, without personal data.
    pub subject: String,
    /// Plain text, without personal data; lines end in a line feed.
    pub body: String,
    /// The letter; none when the text is all there is.
    pub letter: Option<Enclosed>,
    /// The date of the message, the same at every try.
    pub date: Timestamp,
    /// The id of the mail it answers, if it answers one.
    pub answers: Option<Answered>,
}

/// A letter in a message.
#[derive(Clone, PartialEq, Eq)]
pub struct Enclosed {
    /// The letter.
    pub pdf: Vec<u8>,
    /// Its file name: letters, digits, `-`, `_` and `.` only.
    pub name: String,
}

impl fmt::Debug for Outgoing {
    /// Nothing of what it says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("message_id", &self.message_id).field("to", &self.to).finish_non_exhaustive()
    }
}

/// Who letters are from: the name and address in `From`, and where bounces go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl Sender {
    /// `Integrerings- og mangfoldsdirektoratet`, `post@imdi.no`.
    ///
    /// # Errors
    /// When the name is not one line or the address is not one.
    pub fn new(name: &str, address: &str) -> Result<Self, MailerError> {
        let advice = "write the office's name on one line and its address as in `post@imdi.no`";
        if name.chars().any(char::is_control) {
            return Err(MailerError { field: "office.name", why: "it has a line feed or control character".into(), advice });
        }
        let address = plain_address(address).ok_or(MailerError { field: "office.email", why: "it is not a mail address".into(), advice })?;
        Ok(Self(Mailbox::new(Some(name.to_owned()), address)))
    }
}

/// The address of a recipient. It shows itself without its local part, in logs as elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(Address);

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.0.user().chars().next().unwrap_or('…');
        write!(f, "{first}…@{}", self.0.domain())
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({self})")
    }
}

/// Text that is not an address letters can go to. The text itself is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the recipient is not one plain mail address\nwrite it as in `postmottak@aas.kommune.no`")]
pub struct BadRecipient;

impl FromStr for Recipient {
    type Err = BadRecipient;

    fn from_str(text: &str) -> Result<Self, BadRecipient> {
        plain_address(text).map(Self).ok_or(BadRecipient)
    }
}

/// An address of plain characters with a domain name: no quoted local parts, no address literals, nothing that a header or an SMTP
/// command could take for more than an address.
fn plain_address(text: &str) -> Option<Address> {
    let plain = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.@".contains(character);
    let address: Address = Some(text).filter(|text| text.len() <= 254 && text.chars().all(plain) && text.matches('@').count() == 1)?.parse().ok()?;
    address.domain().contains('.').then_some(address)
}

/// The id of a message: `<id@host>` (RFC 5322, 3.6.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageId(String);

/// The id of a message that somebody else made: freer than ours, and still nothing that could end a header or begin another id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Answered(String);

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Answered {
    type Err = BadMessageId;

    /// With or without its angle brackets.
    fn from_str(text: &str) -> Result<Self, BadMessageId> {
        let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text);
        let plain = |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.@".contains(character);
        let one = inner.split_once('@').is_some_and(|(id, host)| !id.is_empty() && !host.is_empty() && !host.contains('@'));
        if one && inner.len() <= 250 && inner.chars().all(plain) { Ok(Self(format!("<{inner}>"))) } else { Err(BadMessageId) }
    }
}

/// Text that is not a message's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a message id\na message id looks like <0197d2a4-5c1e-7cc0-8d5e-0242ac120002@postsluse.imdi.no>")]
pub struct BadMessageId;

impl MessageId {
    /// The id of a letter's message. It depends on nothing else, so every try and every daemon gives the same.
    ///
    /// # Errors
    /// When `host` is not a host name.
    pub fn of_letter(letter: LetterId, host: &str) -> Result<Self, BadMessageId> {
        format!("<{letter}@{host}>").parse()
    }

    /// The part without the brackets.
    fn inner(&self) -> &str {
        self.0.trim_start_matches('<').trim_end_matches('>')
    }

    /// A file name for the message.
    pub(super) fn file_name(&self) -> String {
        format!("{}.eml", self.inner())
    }

    /// The boundary between the parts. It depends on the id alone, so that every try gives the same bytes.
    fn boundary(&self) -> String {
        let unique: String = self.inner().chars().filter(char::is_ascii_alphanumeric).take(48).collect();
        format!("=_postsluse_{unique}")
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for MessageId {
    type Err = BadMessageId;

    /// Only what is safe in a header and as a file's name: letters, digits, `-`, `_`, `.` and one `@`.
    fn from_str(text: &str) -> Result<Self, BadMessageId> {
        let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).ok_or(BadMessageId)?;
        let (id, host) = inner.split_once('@').ok_or(BadMessageId)?;
        let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(is_name_character);
        if inner.len() <= 200 && plain(id) && plain(host) { Ok(Self(text.to_owned())) } else { Err(BadMessageId) }
    }
}

fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.')
}

/// The largest letter that is sent as a mail: servers commonly take 25 MB, and Base64 adds a third.
const PDF_BYTES_MAX: usize = 15 << 20;

/// The envelope and the bytes of a letter's mail. The same letter gives the same bytes.
pub(super) fn compose(outgoing: &Outgoing, sender: &Sender) -> Result<(Envelope, Vec<u8>), Failure> {
    check(outgoing)?;
    let pdf = ContentType::parse("application/pdf").map_err(|_| Failure::last("bad_message"))?;
    let text = SinglePart::plain(outgoing.body.clone());
    let mut builder = Message::builder()
        .from(sender.0.clone())
        .to(Mailbox::new(None, outgoing.to.0.clone()))
        .subject(outgoing.subject.clone())
        .date(SystemTime::from(outgoing.date))
        .message_id(Some(outgoing.message_id.to_string()))
        .raw_header(header("X-Auto-Response-Suppress", "All"));
    builder = match &outgoing.answers {
        Some(answered) => {
            let answered = answered.to_string();
            builder.in_reply_to(answered.clone()).references(answered).raw_header(header("Auto-Submitted", "auto-replied"))
        }
        None => builder.raw_header(header("Auto-Submitted", "auto-generated")),
    };
    let message = match &outgoing.letter {
        Some(letter) => {
            let letter = Attachment::new(letter.name.clone()).body(letter.pdf.clone(), pdf);
            builder.multipart(MultiPart::mixed().boundary(outgoing.message_id.boundary()).singlepart(text).singlepart(letter))
        }
        None => builder.singlepart(text),
    };
    let message = message.map_err(|_| Failure::last("bad_message"))?;
    Ok((message.envelope().clone(), message.formatted()))
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn check(outgoing: &Outgoing) -> Result<(), Failure> {
    let named = |name: &String| !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.chars().all(is_name_character);
    let letter = outgoing.letter.as_ref();
    let worded = |character: char| !character.is_control() || matches!(character, '\n' | '\t');
    if outgoing.subject.trim().is_empty() || outgoing.subject.chars().any(char::is_control) || outgoing.subject.chars().count() > 200 {
        Err(Failure::last("bad_subject"))
    } else if letter.is_some_and(|letter| !named(&letter.name)) {
        Err(Failure::last("bad_attachment_name"))
    } else if outgoing.body.trim().is_empty() || !outgoing.body.chars().all(worded) {
        Err(Failure::last("bad_body"))
    } else if letter.is_some_and(|letter| !letter.pdf.starts_with(b"%PDF-")) {
        Err(Failure::last("bad_attachment"))
    } else if letter.is_some_and(|letter| letter.pdf.len() > PDF_BYTES_MAX) {
        Err(Failure::last("attachment_too_large"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub fn outgoing() -> Outgoing {
        Outgoing {
            message_id: "<0197d2a4-5c1e-7cc0-8d5e-0242ac120002@postsluse.imdi.no>".parse().expect("an id"),
            to: "postmottak@aas.kommune.no".parse().expect("an address"),
            subject: "Kvittering: vedtak om bosetting for 2026 (vår ref. 26-00012-2)".into(),
            body: "Hei!\n\nKvitteringen ligger ved. Æ Ø Å.\n".into(),
            letter: Some(Enclosed { pdf: b"%PDF-1.7 \xE2\xE3\xCF\xD3 not a real one".to_vec(), name: "kvittering-26-00012-2.pdf".into() }),
            date: "2026-01-14T09:00:00Z".parse().expect("a literal timestamp"),
            answers: None,
        }
    }

    pub fn sender() -> Sender {
        Sender::new("Integrerings- og mangfoldsdirektoratet", "post@imdi.no").expect("a sender")
    }

    fn text(outgoing: &Outgoing) -> String {
        let (_, bytes) = compose(outgoing, &sender()).expect("a message");
        assert!(bytes.is_ascii(), "needs no 8-bit server");
        String::from_utf8(bytes).expect("ASCII")
    }

    #[test]
    fn the_message_has_its_headers_and_is_the_same_at_every_try() {
        let message = text(&outgoing());
        insta::assert_snapshot!(message);
        assert_eq!(message, text(&outgoing()));
    }

    #[test]
    fn an_answer_names_the_mail_it_answers() {
        let answer = Outgoing { answers: Some("<a.b@example.no>".parse().expect("an id")), ..outgoing() };
        let message = text(&answer);
        for line in ["Auto-Submitted: auto-replied\r\n", "In-Reply-To: <a.b@example.no>\r\n", "References: <a.b@example.no>\r\n"] {
            assert!(message.contains(line), "{line}");
        }
        assert!(!message.contains("auto-generated"));
    }

    #[test]
    fn the_id_of_an_answered_mail_is_one_id() {
        for right in ["<a.b@example.no>", "CAF+x=1$2@mail.example.no", "<AM0P.1/x@EURPRD01.PROD.EXAMPLE>"] {
            assert!(right.parse::<Answered>().is_ok(), "{right}");
        }
        for wrong in ["", "<>", "<a>", "<@b>", "<a@>", "<a@b> <c@d>", "<a@b>\r\nBcc: x@example.no", "<a@b@c>", "<å@b>", "<a b@c>", "<a@b\0>"] {
            assert_eq!(wrong.parse::<Answered>(), Err(BadMessageId), "{wrong:?}");
        }
    }

    #[test]
    fn a_message_without_a_letter_is_its_text() {
        let message = text(&Outgoing { letter: None, ..outgoing() });
        assert!(message.contains("Content-Type: text/plain; charset=utf-8\r\n") && !message.contains("multipart"), "{message}");
    }

    #[test]
    fn what_could_bend_a_header_is_refused() {
        let named = |name: &str| Outgoing { letter: outgoing().letter.map(|letter| Enclosed { name: name.into(), ..letter }), ..outgoing() };
        let holding = |pdf: Vec<u8>| Outgoing { letter: outgoing().letter.map(|letter| Enclosed { pdf, ..letter }), ..outgoing() };
        let cases: [(&str, Outgoing); 12] = [
            ("bad_subject", Outgoing { subject: "Kvittering\r\nBcc: x@example.no".into(), ..outgoing() }),
            ("bad_subject", Outgoing { subject: "Kvittering\nx".into(), ..outgoing() }),
            ("bad_subject", Outgoing { subject: "Kvittering\u{0}".into(), ..outgoing() }),
            ("bad_subject", Outgoing { subject: " ".into(), ..outgoing() }),
            ("bad_subject", Outgoing { subject: "x".repeat(201), ..outgoing() }),
            ("bad_attachment_name", named("a\"; filename=\"b.exe")),
            ("bad_attachment_name", named("../x.pdf")),
            ("bad_attachment_name", named("")),
            ("bad_body", Outgoing { body: "x\u{0}".into(), ..outgoing() }),
            ("bad_body", Outgoing { body: "x\r\ny".into(), ..outgoing() }),
            ("bad_attachment", holding(Vec::new())),
            ("attachment_too_large", holding([b"%PDF-".as_slice(), &vec![b' '; PDF_BYTES_MAX]].concat())),
        ];
        for (code, case) in cases {
            assert_eq!(compose(&case, &sender()).map(|_| ()), Err(Failure::last(code)));
        }
    }

    #[test]
    fn recipients_are_one_plain_address_and_show_themselves_masked() {
        let recipient: Recipient = "postmottak@aas.kommune.no".parse().expect("an address");
        assert_eq!(format!("{recipient} {recipient:?}"), "p…@aas.kommune.no Recipient(p…@aas.kommune.no)");
        for wrong in [
            "",
            "postmottak",
            "a@b",
            "a@b.no, c@d.no",
            "a@b.no\r\nBcc: c@d.no",
            "a@b.no\r\nRCPT TO:<c@d.no>",
            "Navn <a@b.no>",
            "<a@b.no>",
            "\"a b\"@c.no",
            "a@[127.0.0.1]",
            "a b@c.no",
            "å@c.no",
            "a@b@c.no",
            "a@b.no\0",
        ] {
            assert_eq!(wrong.parse::<Recipient>(), Err(BadRecipient), "{wrong:?}");
        }
    }

    #[test]
    fn message_ids_are_safe_in_headers_and_as_file_names() {
        let letter: LetterId = "0197d2a4-5c1e-7cc0-8d5e-0242ac120002".parse().expect("an id");
        let id = MessageId::of_letter(letter, "postsluse.imdi.no").expect("a message id");
        assert_eq!(id, outgoing().message_id);
        assert_eq!(id.file_name(), "0197d2a4-5c1e-7cc0-8d5e-0242ac120002@postsluse.imdi.no.eml");
        for wrong in ["", "a@b", "<a@b", "<a>", "<@b>", "<a@>", "<../a@b>", "<a/b@c>", "<.a@b>", "<a@b>\r\nX: y", "<a\nb@c>", "<a@b@c>", "<å@b>"] {
            assert_eq!(wrong.parse::<MessageId>(), Err(BadMessageId), "{wrong:?}");
        }
        assert_eq!(MessageId::of_letter(letter, "bad host"), Err(BadMessageId));
    }

    #[test]
    fn a_sender_is_a_name_on_one_line_and_an_address() {
        assert_eq!(Sender::new("IMDi\r\nBcc: x@example.no", "post@imdi.no").unwrap_err().field, "office.name");
        assert_eq!(Sender::new("IMDi", "post@imdi.no>\r\n").unwrap_err().field, "office.email");
    }

    proptest! {
        #[test]
        fn no_words_add_a_header_or_a_part(subject in "\\PC{1,120}", body in "(\\PC|\n|\\.|--=_postsluse){1,200}") {
            let mail = Outgoing { subject, body, ..outgoing() };
            if let Ok((envelope, bytes)) = compose(&mail, &sender()) {
                let message = String::from_utf8(bytes).expect("ASCII");
                let (head, _) = message.split_once("\r\n\r\n").expect("a blank line ends the headers");
                let names = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])).map(|line| line.split(':').next().unwrap_or("")).collect::<Vec<_>>();
                prop_assert_eq!(names, ["From", "To", "Subject", "Date", "Message-ID", "X-Auto-Response-Suppress", "Auto-Submitted", "MIME-Version", "Content-Type"]);
                prop_assert_eq!(envelope.to().len(), 1);
                prop_assert_eq!(message.matches("--=_postsluse_0197d2a45c1e7cc08d5e0242ac120002pos").count(), 3);
            }
        }
    }
}
