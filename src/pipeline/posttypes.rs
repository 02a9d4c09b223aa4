//! What kind of post a mail is, as it stands in its record: the kind with the reasons, and what a person must know before the mail is answered.

use crate::mail::{Enclosure, Mail, What, fields};
use crate::record::{Finding, Part};
use crate::sorting::{self, Enclosed, MailKind, MailToSort, SortedMail};

/// A text in a mail with more bytes says nothing of what kind of post the mail is.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// What an enclosure says of its mail, kept while the enclosure itself is read.
pub(super) enum Hint {
    Message(Option<String>),
    Text(String),
}

/// What the enclosures say.
pub(super) fn hints(enclosures: &[Enclosure]) -> Vec<Hint> {
    let hint = |enclosure: &Enclosure| match &enclosure.what {
        What::Message { head, .. } => Some(Hint::Message(head.message_id.clone())),
        What::File(bytes) if bytes.len() <= TEXT_BYTES_MAX => std::str::from_utf8(bytes).ok().map(|text| Hint::Text(text.to_owned())),
        What::File(_) | What::Closed(_) => None,
    };
    enclosures.iter().filter_map(hint).collect()
}

/// Writes into a mail's own part what kind of post it is. `subject` and the rest are of its head; `brings_vedtak` says whether a decision is enclosed, and
/// `understood` whether nobody need read it for what it says.
pub(super) fn write(part: &mut Part, mail: &Mail, hints: &[Hint], brings_vedtak: bool, understood: bool) {
    let enclosed = hints.iter().map(|hint| match hint {
        Hint::Message(id) => Enclosed::Message(id.as_deref()),
        Hint::Text(text) => Enclosed::Text(text),
    });
    let enclosed: Vec<Enclosed<'_>> = enclosed.chain(brings_vedtak.then_some(Enclosed::Vedtak)).collect();
    let head = &mail.head;
    let sorted = sorting::sort_mail(&MailToSort {
        subject: head.subject.as_deref().unwrap_or_default(),
        text: &mail.text,
        sender_domain: head.from.as_deref().and_then(|from| from.rsplit_once('@')).map(|(_, domain)| domain),
        automatic: head.automatic,
        references: &head.references,
        enclosed: &enclosed,
    });
    let sure = understood || sorted.second.is_none() && sorted.score.get() >= 0.5;
    part.fields.extend(fields::of_sort(&fields::Sort {
        kind: sorted.kind.as_str(),
        sure,
        score: sorted.score,
        why: &sorted.why,
        second: sorted.second.map(MailKind::as_str),
        returned: sorted.returned.as_deref(),
        request: sorted.request.map(|request| (request.basis, request.purpose)),
    }));
    part.findings.extend(to_know(&sorted));
}

/// What a person must know of a kind of post.
fn to_know(sorted: &SortedMail) -> Option<Finding> {
    let is = |kind| sorted.kind == kind || sorted.second == Some(kind);
    let (code, message) = if is(MailKind::Helse) {
        ("mail_health", "E-posten kan ha opplysninger om en persons helse. Svar uten å gjenta noe av den, og be avsenderen sende slikt i posten.")
    } else if let Some(request) = sorted.request {
        let message = match (request.basis, request.purpose) {
            (true, true) => "Noen ber om opplysninger og nevner hjemmel og formål. Vurder om de er gode nok (integreringsloven § 42).",
            (true, false) => "Noen ber om opplysninger uten å si hva de skal brukes til. Be om formålet før noe sendes (integreringsloven § 42).",
            (false, true) => "Noen ber om opplysninger uten å nevne hjemmel. Be om hjemmelen før noe sendes (integreringsloven § 42).",
            (false, false) => "Noen ber om opplysninger uten å nevne hjemmel og formål. Be om begge før noe sendes (integreringsloven § 42).",
        };
        ("mail_request", message)
    } else if sorted.kind == MailKind::Retur {
        ("mail_returned", "En e-post herfra har kommet i retur eller er forsinket. Finn ut hva mottakeren ikke har fått.")
    } else {
        return None;
    };
    Some(Finding::general(code, message))
}
