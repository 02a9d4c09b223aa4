//! A mail, read: its words as a letter, each file in it as a document, each message in it as a mail.
//!
//! The mail is the first part, and says of itself what its head says. Each enclosure gives a part or several, under the number that a person would count
//! by. What cannot be read is a part too, with the reason: an enclosure that breaks keeps none of the others from being read. Pages are counted through the
//! whole mail; the words of a message are one page.

use super::posttypes;
use super::reading::{FileRead, WarmReader, letter, page_range};
use crate::document::{Refusal, RefusalCode};
use crate::mail::sender::{self as proof, Proof};
use crate::mail::{self, Closed, Enclosure, Head, What};
use crate::page;
use crate::reader::Job;
use crate::record::{Finding, Kind, PagePicture, Part, Reading, Value};
use crate::registry::Context;
use crate::transcript;

/// A picture within the words whose long side is less is a logo, px; and so is any file there with fewer bytes.
const LOGO: (usize, usize) = (600, 12 << 10);
/// A message with so many words or more says something of its own, even where it carries what it is about.
const COVER_WORDS_MAX: usize = 120;

/// Reads a message and all that it carries; `on_page` is told the number of each page before work on it begins.
pub(super) fn read(reader: &mut WarmReader, job: &Job, bytes: &[u8], on_page: &mut dyn FnMut(u32)) -> Result<Reading, Refusal> {
    if let Some(keys) = &job.keys {
        return sender(reader, keys, bytes, on_page);
    }
    let mut mail = mail::open(bytes, &mail::Limits::default())?;
    let mut whole = FileRead { parts: Vec::new(), pages: 0, pictures: Vec::new() };
    on_page(1);
    let received = job.mail_server.as_deref().map(|server| proof::received(bytes, server)).unwrap_or_default();
    let proof = Proof { signatures: proof::signatures(bytes), received, ..Proof::default() };
    let mut first = message(job, (&mail.head, &proof), &mail.text, &mut whole);
    if mail.cut {
        first.findings.push(Finding::general("mail_cut", "E-posten har flere vedlegg enn det som leses. Se gjennom e-posten."));
    }
    let hints = posttypes::hints(&mail.enclosures);
    let mut parts = vec![(None, first)];
    for enclosure in std::mem::take(&mut mail.enclosures) {
        let label = format!("attachment {}", enclosure.path);
        parts.extend(self::enclosure(reader, job, enclosure, &mut whole, on_page).into_iter().map(|(pages, part)| (Some((label.clone(), pages)), part)));
    }
    one_decision(&mut parts);
    let understood = is_understood(&parts, mail.text.split_whitespace().count());
    let brings_vedtak = parts[1..].iter().any(|(_, part)| is_vedtak(part));
    posttypes::write(&mut parts[0].1, &mail, &hints, brings_vedtak, understood);
    if !understood {
        parts[0].1.findings.push(Finding::general("mail_to_read", "Les e-posten. Den er ikke forstått av seg selv."));
    }
    Ok(Reading { parts: named(parts), pages: whole.pages, pictures: whole.pictures, ms: 0 })
}

/// Which signatures of a message hold, and nothing else of it.
fn sender(reader: &WarmReader, keys: &[(String, String)], bytes: &[u8], on_page: &mut dyn FnMut(u32)) -> Result<Reading, Refusal> {
    on_page(1);
    let mail = mail::open(bytes, &mail::Limits::default())?;
    let proof = Proof { signatures: proof::signatures(bytes), checked: reader.checker().check(bytes, keys), ..Proof::default() };
    let part = Part { part: None, kind: Kind::Mail, form: None, pages: 1, fields: mail::fields::of(&mail.head, &proof), findings: Vec::new(), text: None };
    Ok(Reading { parts: vec![part], pages: 1, pictures: Vec::new(), ms: 0 })
}

/// A part on its way: the enclosure that it came in, with its pages there, and what it is.
type Placed = (Option<(String, String)>, Part);

/// The words of a message under its head, as one page.
fn message(job: &Job, (head, proof): (&Head, &Proof), text: &str, whole: &mut FileRead) -> Part {
    whole.pages += 1;
    let layer = page::layer_of(&format!("{}\n{text}", shown(head)));
    let (mut part, _) = letter(&[(whole.pages, layer)], transcript::Source::File, Context { today: job.received, test_ids: job.test_ids });
    part.kind = Kind::Mail;
    part.fields.splice(0..0, mail::fields::of(head, proof));
    part
}

/// The lines that a mail program shows above the words.
fn shown(head: &Head) -> String {
    let date = head.date.map(|date| format!("{:02}.{:02}.{}", date.day(), date.month(), date.year()));
    let lines = [("Fra", head.from.clone()), ("Emne", head.subject.clone()), ("Dato", date)];
    lines.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}\n", value?))).collect()
}

/// The parts of an enclosure, each with its pages where there are several.
fn enclosure(reader: &mut WarmReader, job: &Job, enclosure: Enclosure, whole: &mut FileRead, on_page: &mut dyn FnMut(u32)) -> Vec<(String, Part)> {
    match enclosure.what {
        What::Message { head, text } => {
            on_page(whole.pages + 1);
            vec![(String::new(), message(job, (&head, &Proof::default()), &text, whole))]
        }
        What::Closed(why) => vec![(String::new(), unread(vec![closed(why)]))],
        What::File(bytes) => {
            if enclosure.inline && is_logo(reader, &bytes) {
                return Vec::new();
            }
            let before = whole.pages;
            match reader.file(job, bytes, &mut |page| on_page(before + page)) {
                Ok(read) => take(whole, read),
                Err(refusal) => vec![(String::new(), unread(vec![Finding::general("attachment_unread", why_unread(refusal.code))]))],
            }
        }
    }
}

/// Counts a file's pages on from those before it. The pages of a form's fields are the form's own.
fn take(whole: &mut FileRead, read: FileRead) -> Vec<(String, Part)> {
    let before = whole.pages;
    whole.pages += read.pages;
    whole.pictures.extend(read.pictures.into_iter().map(|picture| PagePicture { page: picture.page + before, ..picture }));
    let placed = |(numbers, mut part): (Vec<u32>, Part)| {
        if part.kind != Kind::Form {
            for field in &mut part.fields {
                field.page = field.page.map(|page| page + before);
            }
        }
        (page_range(&numbers), part)
    };
    read.parts.into_iter().map(placed).collect()
}

fn unread(findings: Vec<Finding>) -> Part {
    Part { part: None, kind: Kind::Unknown, form: None, pages: 0, fields: Vec::new(), findings, text: None }
}

fn is_logo(reader: &WarmReader, bytes: &[u8]) -> bool {
    let small = || reader.size_of_picture(bytes).is_some_and(|(width, height)| width.max(height) < LOGO.0);
    bytes.len() < LOGO.1 || small()
}

/// Why something stays closed, for the person who opens it instead.
fn closed(why: Closed) -> Finding {
    let (code, message) = match why {
        Closed::Smime => ("mail_encrypted", "Innholdet er kryptert eller pakket inn med S/MIME. Åpne det i e-postprogrammet."),
        Closed::Pgp => ("mail_encrypted", "Innholdet er kryptert med PGP. Be avsenderen om å sende det på en annen måte."),
        Closed::LockedArchive => ("attachment_locked", "Vedlegget er et arkiv med passord. Be avsenderen om filene uten passord."),
        Closed::BrokenArchive => ("attachment_broken", "Vedlegget er et arkiv som ikke lar seg pakke ut. Be avsenderen om filene hver for seg."),
        Closed::TooMuch => ("attachment_too_deep", "Vedlegget er pakket for dypt, eller det er for stort. Be avsenderen om filene hver for seg."),
    };
    Finding::general(code, message)
}

/// Why a file could not be read, for the person who opens it instead.
fn why_unread(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::Empty => "Vedlegget er tomt.",
        RefusalCode::UnknownType => "Vedlegget er av en type som ikke leses. Åpne det, eller be om det som PDF.",
        RefusalCode::Locked => "Vedlegget er låst med passord. Be avsenderen om det uten passord.",
        RefusalCode::Damaged => "Vedlegget er skadet. Be avsenderen om å sende det på nytt.",
        RefusalCode::TooManyPages => "Vedlegget har flere sider enn det som leses.",
        RefusalCode::TooLarge => "Vedlegget er for stort til å leses.",
        RefusalCode::Attempts => "Vedlegget kunne ikke leses.",
    }
}

/// A kommune that writes what it decided and encloses the minutes has decided once. The enclosed decision counts, and what else speaks of the same matter is
/// held against it: where a number differs, both wait for a person.
fn one_decision(parts: &mut [Placed]) {
    let decided: Vec<usize> = (0..parts.len()).filter(|&index| is_vedtak(&parts[index].1) && is_final(&parts[index].1)).collect();
    let Some(counts) = decided.iter().rev().find(|index| parts[**index].1.kind == Kind::Letter).or(decided.first()).copied() else { return };
    let differ =
        |one: &Part, other: &Part| COMPARED.iter().any(|name| matches!((number(one, name), number(other, name)), (Some(one), Some(other)) if one != other));
    for index in 0..parts.len() {
        if index == counts || !is_vedtak(&parts[index].1) {
            continue;
        }
        if is_final(&parts[index].1) {
            if differ(&parts[index].1, &parts[counts].1) {
                let message = "E-posten og vedleggene sier ikke det samme om hva som er vedtatt.";
                for part in [index, counts] {
                    parts[part].1.findings.push(Finding::general("mail_differs", message));
                }
                continue;
            }
            if parts[index].1.kind == Kind::Letter {
                continue;
            }
        }
        stand_down(&mut parts[index].1);
    }
}

/// The fields that a summary and the decision itself must agree in.
const COMPARED: [&str; 7] = ["kommune", "aar", "vedtatt_totalt", "vedtatt_em_totalt", "vedtatt_voksne_familier", "periode_totalt", "tilleggsvedtak"];

fn is_vedtak(part: &Part) -> bool {
    part.form.as_ref().is_some_and(|form| form.name == "vedtak")
}

fn is_final(part: &Part) -> bool {
    !part.findings.iter().any(|finding| finding.code == "no_final_decision")
}

fn number<'p>(part: &'p Part, name: &str) -> Option<&'p Value> {
    part.fields.iter().find(|field| field.name == name).and_then(|field| field.content.ordinary()).and_then(|content| content.value.as_ref())
}

/// Speaks of the decision, and is none.
fn stand_down(part: &mut Part) {
    part.form = None;
    part.findings.clear();
    if part.kind == Kind::Mail {
        part.fields.retain(|field| mail::fields::definition(&field.name).is_some());
    } else {
        part.kind = Kind::Other;
        part.fields.clear();
    }
}

/// Whether nobody needs to read the message itself: it is the decision, or a few words with what it is about enclosed.
fn is_understood(parts: &[Placed], words: usize) -> bool {
    let known = |(_, part): &Placed| matches!(part.kind, Kind::Form | Kind::Letter);
    is_vedtak(&parts[0].1) || words < COVER_WORDS_MAX && parts[1..].iter().any(known)
}

/// The parts with their labels: `attachment 2`, or `attachment 2, pages 1-2` when it has several.
fn named(parts: Vec<Placed>) -> Vec<Part> {
    let labels: Vec<Option<String>> = parts.iter().map(|(place, _)| place.as_ref().map(|(label, _)| label.clone())).collect();
    let label = |(place, part): Placed| {
        let several = |label: &String| labels.iter().flatten().filter(|known| *known == label).count() > 1;
        let part_label = place.map(|(label, pages)| if several(&label) && !pages.is_empty() { format!("{label}, {pages}") } else { label });
        Part { part: part_label, ..part }
    };
    parts.into_iter().map(label).collect()
}
