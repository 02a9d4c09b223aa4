use std::io::Write;

use super::*;
use crate::clock::date;

fn opened(bytes: &[u8]) -> Mail {
    open(bytes, &Limits::default()).expect("it can be taken apart")
}

fn mail(head: &str, body: &str) -> Vec<u8> {
    format!("From: Postmottak <postmottak@stad.kommune.no>\r\nSubject: Svar\r\n{head}\r\n\r\n{body}").into_bytes()
}

/// What each enclosure is, by its path.
fn shapes(mail: &Mail) -> Vec<String> {
    let shape = |enclosure: &Enclosure| {
        let what = match &enclosure.what {
            What::File(bytes) => String::from_utf8_lossy(bytes).trim().to_owned(),
            What::Message { head, text } => format!("{}: {}", head.subject.as_deref().unwrap_or("-"), text.trim()),
            What::Closed(why) => format!("{why:?}"),
        };
        format!("{} {what}", enclosure.path)
    };
    mail.enclosures.iter().map(shape).collect()
}

#[test]
fn the_head_is_what_the_sender_says() {
    let mail = opened(
        b"From: =?utf-8?Q?Bj=C3=B8rg?= <Bjorg@Stad.Kommune.NO>\nSubject: =?iso-8859-1?Q?Vedtak_om_busetjing_=E5r?=\n 2027\nDate: Fri, 20 Nov 2026 23:30:00 +0100\n\
          Message-ID: <a1@stad.kommune.no>\nReferences: <x@imdi.example> <y@imdi.example>\nIn-Reply-To: <y@imdi.example>\n\nHei\n",
    );
    let head = Head {
        from: Some("bjorg@stad.kommune.no".into()),
        from_name: Some("Bjørg".into()),
        subject: Some("Vedtak om busetjing år 2027".into()),
        date: Some(date(2026, 11, 20)),
        message_id: Some("a1@stad.kommune.no".into()),
        references: vec!["x@imdi.example".into(), "y@imdi.example".into()],
        automatic: None,
    };
    assert_eq!(mail.head, head);
    assert_eq!(mail.text.trim(), "Hei");
}

#[test]
fn several_senders_are_none() {
    for from in ["From: a@b.no\nFrom: c@d.no", "From: a@b.no, c@d.no", "From: nobody", "To: x@y.no"] {
        assert_eq!(opened(format!("{from}\nSubject: x\n\ny").as_bytes()).head.from, None, "{from}");
    }
}

#[test]
fn machines_are_told_from_people() {
    use Automatic::{Bounce, Bulk, List, Reply};
    for (head, expected) in [
        ("Auto-Submitted: auto-replied", Some(Reply)),
        ("Auto-Submitted: no", None),
        ("Precedence: bulk", Some(Bulk)),
        ("Precedence: list", Some(List)),
        ("List-Id: <nytt.example.no>", Some(List)),
        ("List-Unsubscribe: <mailto:ut@example.no>", Some(List)),
        ("X-Autoreply: yes", Some(Reply)),
        ("Return-Path: <>", Some(Bounce)),
        ("Content-Type: multipart/report; boundary=x", Some(Bounce)),
        ("X-Mailer: Outlook", None),
    ] {
        assert_eq!(opened(&mail(head, "Hei")).head.automatic, expected, "{head}");
    }
    assert_eq!(opened(b"From: noreply@acos.no\nSubject: x\n\ny").head.automatic, Some(Bulk));
    assert_eq!(opened(b"From: MAILER-DAEMON@x.no\nSubject: x\n\ny").head.automatic, Some(Bounce));
}

#[test]
fn words_in_any_character_set_are_read() {
    let latin = [&mail("Content-Type: text/plain", "")[..], b"V\xe5re flyktninger"].concat();
    let named = [&mail("Content-Type: text/plain; charset=iso-8859-1", "")[..], b"V\xe5re flyktninger"].concat();
    let false_name = [&mail("Content-Type: text/plain; charset=utf-8", "")[..], b"V\xe5re flyktninger"].concat();
    let quoted = mail("Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable", "V=E5re fly=\r\nktninger");
    let utf8 = mail("Content-Type: text/plain", "Våre flyktninger");
    for bytes in [latin, named, false_name, quoted, utf8] {
        assert_eq!(opened(&bytes).text.trim(), "Våre flyktninger", "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn html_has_a_line_for_each_block_and_plain_text_comes_first() {
    let html =
        mail("Content-Type: text/html", "<style>p{}</style><div>Vedtak:</div><div>Stad bosetter 20.</div><table><tr><td>2027</td><td>20</td></tr></table>");
    assert_eq!(opened(&html).text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>(), ["Vedtak:", "Stad bosetter 20.", "2027 20"]);
    let both = mail(
        "Content-Type: multipart/alternative; boundary=b",
        "--b\r\nContent-Type: text/plain\r\n\r\nren\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>pen</p>\r\n--b--\r\n",
    );
    let both = opened(&both);
    assert_eq!((both.text.trim(), both.enclosures.len()), ("ren", 0));
}

#[test]
fn enclosures_are_counted_as_a_person_would() {
    let bytes = mail(
        "Content-Type: multipart/mixed; boundary=a",
        "--a\r\nContent-Type: text/plain\r\n\r\nSe vedlegg.\r\n\
         --a\r\nContent-Type: text/plain; name=\"ett.txt\"\r\nContent-Disposition: attachment; filename=\"ett.txt\"\r\n\r\nførste\r\n\
         --a\r\nContent-Type: message/rfc822\r\n\r\nFrom: x@y.no\r\nSubject: Indre\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nindre ord\r\n--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=i.bin\r\n\r\ninnerst\r\n--b--\r\n\
         --a--\r\n",
    );
    let mail = opened(&bytes);
    assert_eq!(mail.text.trim(), "Se vedlegg.");
    assert_eq!(shapes(&mail), ["1 første", "2 Indre: indre ord", "2.1 innerst"]);
    assert_eq!(mail.enclosures[0].name.as_deref(), Some("ett.txt"));
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a file");
        writer.write_all(bytes).expect("its bytes");
    }
    writer.finish().expect("an archive").into_inner()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..4).map(|place| if place <= chunk.len() { char::from(LETTERS[(bits >> (18 - 6 * place)) as usize & 63]) } else { '=' }).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

fn with_file(bytes: &[u8]) -> Vec<u8> {
    let body = format!("--a\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--a--\r\n", base64(bytes));
    mail("Content-Type: multipart/mixed; boundary=a", &body)
}

#[test]
fn an_archive_is_opened_and_an_office_document_is_not() {
    let archive = zip(&[("mappe/a.txt", b"a"), ("b.zip", &zip(&[("c.txt", b"c")])), ("__MACOSX/x", b"x")]);
    let mail = opened(&with_file(&archive));
    assert_eq!(shapes(&mail), ["1.1 a", "1.2.1 c"]);
    assert_eq!(mail.enclosures[0].name.as_deref(), Some("a.txt"));
    let document = zip(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")]);
    assert!(matches!(&opened(&with_file(&document)).enclosures[..], [Enclosure { what: What::File(bytes), .. }] if *bytes == document));
}

#[test]
fn an_archive_that_unpacks_to_too_much_stays_closed() {
    let limits = Limits { unpacked_bytes_max: 1000, ..Limits::default() };
    let large = open(&with_file(&zip(&[("a", &[b'x'; 600]), ("b", &[b'x'; 401])])), &limits).expect("it can be taken apart");
    assert_eq!(shapes(&large), ["1 TooMuch"]);
    let fits = open(&with_file(&zip(&[("a", &[b'x'; 600]), ("b", &[b'x'; 400])])), &limits).expect("it can be taken apart");
    assert_eq!(fits.enclosures.len(), 2);
    let many: Vec<(String, &[u8])> = (0..61).map(|number| (number.to_string(), &b"x"[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    assert_eq!(shapes(&opened(&with_file(&zip(&many)))), ["1 TooMuch"]);
    let mut deep = zip(&[("a.txt", b"a")]);
    for _ in 0..6 {
        deep = zip(&[("a.zip", &deep)]);
    }
    assert_eq!(shapes(&opened(&with_file(&deep))), ["1.1.1.1.1 TooMuch"]);
    assert_eq!(shapes(&opened(&with_file(b"PK\x03\x04 broken"))), ["1 BrokenArchive"]);
}

fn tnef(attributes: &[(u8, u32, &[u8])]) -> Vec<u8> {
    let mut bytes = [&0x223e_9f78_u32.to_le_bytes()[..], &[1, 0]].concat();
    for (level, id, data) in attributes {
        bytes.push(*level);
        bytes.extend(id.to_le_bytes());
        bytes.extend(u32::try_from(data.len()).expect("short").to_le_bytes());
        bytes.extend(*data);
        bytes.extend(data.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte))).to_le_bytes());
    }
    bytes
}

#[test]
fn winmail_dat_is_opened() {
    let long = [&0x3707_001f_u32.to_le_bytes()[..], &1_u32.to_le_bytes(), &16_u32.to_le_bytes(), b"s\0a\0k\0.\0p\0d\0f\0\0\0"].concat();
    let bytes = tnef(&[
        (1, 0x0002_800c, b"ord i meldingen\0"),
        (2, 0x0006_9002, &[0; 14]),
        (2, 0x0001_8010, b"SAK~1.PDF\0"),
        (2, 0x0006_800f, b"%PDF en"),
        (2, 0x0006_9005, &long),
        (2, 0x0006_9002, &[0; 14]),
        (2, 0x0006_800f, b"to"),
    ]);
    let mail = opened(&with_file(&bytes));
    assert_eq!(shapes(&mail), ["1.1 ord i meldingen", "1.2 %PDF en", "1.3 to"]);
    assert_eq!(mail.enclosures[1].name.as_deref(), Some("sak.pdf"));
    let mut broken = bytes;
    let last = broken.len() - 1;
    broken[last] ^= 1;
    assert_eq!(shapes(&opened(&with_file(&broken))), ["1 BrokenArchive"]);
}

#[test]
fn what_is_encrypted_stays_closed_and_a_signature_is_no_enclosure() {
    let part = |kind: &str| {
        mail(
            "Content-Type: multipart/mixed; boundary=a",
            &format!("--a\r\nContent-Type: text/plain\r\n\r\nord\r\n--a\r\nContent-Type: {kind}\r\n\r\nx\r\n--a--\r\n"),
        )
    };
    let smime = opened(&part("application/pkcs7-mime; name=smime.p7m"));
    assert_eq!((shapes(&smime), smime.signed), (vec!["1 Smime".to_owned()], false));
    let signature = opened(&part("application/pgp-signature"));
    assert_eq!((signature.enclosures.len(), signature.signed), (0, true));
    let pgp = mail(
        "Content-Type: multipart/encrypted; boundary=a",
        "--a\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--a\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n--a--\r\n",
    );
    assert_eq!(shapes(&opened(&pgp)), ["1 Pgp"]);
}

#[test]
fn messages_without_end_are_refused_and_not_walked() {
    let bomb = [&mail("Content-Type: message/rfc822", "")[..], &b"Content-Type: message/rfc822\n\n".repeat(50_000)].concat();
    assert_eq!(open(&bomb, &Limits::default()).expect_err("it is an attack").code, RefusalCode::TooLarge);
    let folded = [&mail("Content-Type:\r\n message/rfc822", "")[..], &b"Content-Type:\n MESSAGE/rfc822\n\n".repeat(101)].concat();
    assert_eq!(open(&folded, &Limits::default()).expect_err("it is an attack").code, RefusalCode::TooLarge);
    let deep = [&mail("Content-Type: message/rfc822", "")[..], &b"Subject: x\nContent-Type: message/rfc822\n\n".repeat(20), b"Subject: inner\n\nx"].concat();
    let deepest = shapes(&opened(&deep)).pop();
    assert_eq!(deepest.as_deref(), Some("1.1.1.1.1 TooMuch"));
}

#[test]
fn enclosures_beyond_the_limit_are_left_and_said() {
    let part = "--a\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n";
    let mail = opened(&mail("Content-Type: multipart/mixed; boundary=a", &format!("{}--a--\r\n", part.repeat(61))));
    assert_eq!((mail.enclosures.len(), mail.cut), (60, true));
}

#[test]
fn a_mail_is_known_by_its_head() {
    assert!(is_mail(&mail("X: y", "z")));
    assert!(is_mail(b"From x@y Fri Nov 20 10:00:00 2026\nReceived: by a\n with b\nDate: x\n\n"));
    for text in ["Vedtak:\nStad bosetter 20.", "Fra: x@y.no\nEmne: Svar\n\nHei", "From: x\n\nbare ett", "", "Subject: x\ningen kolon\nTo: y"] {
        assert!(!is_mail(text.as_bytes()), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(parts in proptest::collection::vec(proptest::sample::select(vec![
        "From: a@b.no\n", "Content-Type: multipart/mixed; boundary=a\n", "Content-Type: message/rfc822\n", "Content-Transfer-Encoding: base64\n", "\n", "--a\n", "--a--\n",
        "Content-Type: multipart/alternative; boundary=\"b\"\n", "--b\n", "V\u{e5}re\n", "PK\u{3}\u{4}", "=E5=\n", "Content-Type: text/html\n", "<p><div>", "Date: Fri, 31 Feb 2026\n",
    ]), 0..40)) {
        let _ = open(parts.concat().as_bytes(), &Limits::default());
    }
}
