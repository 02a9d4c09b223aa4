//! Mails as files: `read` and the watched folder take a message apart, and what its sender says of himself proves nothing.

use serde_json::Value as Json;

use crate::instance::{Instance, corpus};

/// A message of `body` with `enclosures`, each with its name and bytes.
fn mail(subject: &str, body: &str, enclosures: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = format!(
        "From: Steinkjer kommune <postmottak@steinkjer.kommune.no>\r\nTo: postmottak@imdi.example\r\nSubject: {subject}\r\nDate: Fri, 20 Nov 2026 10:12:00 +0100\r\n\
         Message-ID: <1@steinkjer.kommune.no>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"=_grense\"\r\n\r\n\
         --=_grense\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    )
    .into_bytes();
    for (name, file) in enclosures {
        let head = format!(
            "--=_grense\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"{name}\"\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        );
        bytes.extend(head.into_bytes());
        bytes.extend(*file);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"--=_grense--\r\n");
    bytes
}

/// What `read` says of a mail, a line a part.
fn read(instance: &Instance, mail: &[u8]) -> Vec<Json> {
    let file = instance.path("brev.eml");
    std::fs::write(&file, mail).expect("a file");
    let output = instance.run(&["--json", "read", "--received", "2026-11-21", file.to_str().expect("UTF-8")]);
    String::from_utf8(output.stdout).expect("UTF-8").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// A part's label, kind, form and findings.
fn outline(part: &Json) -> (Option<&str>, &str, Option<&str>, Vec<&str>) {
    let findings = part["findings"].as_array().expect("findings").iter().filter_map(|finding| finding["code"].as_str()).collect();
    (part["part"].as_str(), part["kind"].as_str().expect("a kind"), part["form"]["name"].as_str(), findings)
}

fn field<'p>(part: &'p Json, name: &str) -> &'p Json {
    part["fields"].as_array().expect("fields").iter().find(|field| field["name"] == name).unwrap_or(&Json::Null)
}

const COVER: &str = "Hei,\r\nvedlagt følger vedtaket.\r\n";
const SUMMARY: &str = "Kommunestyret i Steinkjer kommune har i møte 12.11.2026 vedtatt:\r\nSteinkjer kommune bosetter 45 flyktninger i 2027.\r\n";

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(corpus().join(name)).expect("a sample")
}

#[test]
fn a_decision_is_read_from_the_words_or_from_what_is_enclosed() {
    let instance = Instance::new();
    let parts = read(&instance, &mail("Vedtak", COVER, &[("vedtak.pdf", &sample("vedtak-clear-nb.pdf"))]));
    let outlines: Vec<_> = parts.iter().map(outline).collect();
    assert_eq!(outlines, [(None, "mail", None, vec![]), (Some("attachment 1"), "letter", Some("vedtak"), vec![])]);
    assert_eq!(field(&parts[0], "fra")["value"], "postmottak@steinkjer.kommune.no");
    assert_eq!(field(&parts[0], "sendt")["value"], "2026-11-20");
    assert_eq!(field(&parts[0], "emne")["sensitivity"], "special");
    assert_eq!((&field(&parts[1], "vedtatt_totalt")["value"], &field(&parts[1], "vedtatt_totalt")["decision"]), (&45.into(), &"accept".into()));

    let parts = read(&instance, &mail("Vedtak", SUMMARY, &[]));
    assert_eq!(parts.iter().map(outline).collect::<Vec<_>>(), [(None, "mail", Some("vedtak"), vec![])]);
    assert_eq!((&field(&parts[0], "vedtatt_totalt")["value"], &field(&parts[0], "kommune")["value"]), (&45.into(), &"5006".into()));
}

#[test]
fn a_decision_that_is_told_twice_is_one_unless_the_two_differ() {
    let instance = Instance::new();
    let parts = read(&instance, &mail("Vedtak", SUMMARY, &[("vedtak.pdf", &sample("vedtak-clear-nb.pdf"))]));
    let outlines: Vec<_> = parts.iter().map(outline).collect();
    assert_eq!(outlines, [(None, "mail", None, vec![]), (Some("attachment 1"), "letter", Some("vedtak"), vec![])]);

    let other = SUMMARY.replace("45", "54");
    let parts = read(&instance, &mail("Vedtak", &other, &[("vedtak.pdf", &sample("vedtak-clear-nb.pdf"))]));
    assert!(parts.iter().all(|part| outline(part).3 == ["mail_differs"]), "{:?}", parts.iter().map(outline).collect::<Vec<_>>());
}

#[test]
fn a_mail_is_sorted_and_what_must_be_known_before_it_is_answered_is_said() {
    let instance = Instance::new();
    let sorted = |subject: &str, body: &str, enclosures: &[(&str, &[u8])]| {
        let parts = read(&instance, &mail(subject, body, enclosures));
        let reveal = instance.path("brev.eml");
        let output = instance.run(&["--json", "read", "--reveal", "--received", "2026-11-21", reveal.to_str().expect("UTF-8")]);
        let shown: Json = serde_json::from_slice(output.stdout.split(|byte| *byte == b'\n').next().expect("a line")).expect("JSON");
        // What kind of post it is may tell of somebody's health: it is not shown to everybody.
        assert_eq!((&field(&parts[0], "posttype")["value"], &field(&parts[0], "posttype")["sensitivity"]), (&"[sealed]".into(), &"special".into()));
        let text = |name: &str| field(&shown, name)["value"].clone();
        let findings: Vec<String> = outline(&parts[0]).3.into_iter().map(str::to_owned).collect();
        (text("posttype"), text("hjemmel_nevnt"), findings)
    };
    let (kind, _, findings) = sorted("Vedtak", COVER, &[("vedtak.pdf", &sample("vedtak-clear-nb.pdf"))]);
    assert_eq!((kind, findings.len()), ("vedtak".into(), 0));
    let health = "Hei,\r\nhan vi skal bosette har fått diagnosen epilepsi og bruker medisiner hver dag.\r\n";
    let (kind, _, findings) = sorted("Bosetting", health, &[]);
    assert_eq!((kind, findings), ("helse".into(), vec!["mail_health".to_owned(), "mail_to_read".to_owned()]));
    let request = "Hei,\r\npolitiet ber om å få utlevert opplysninger om en person, til bruk i en straffesak.\r\n";
    let (kind, basis, findings) = sorted("Anmodning om opplysninger", request, &[]);
    assert_eq!((kind, basis, findings), ("innsyn".into(), false.into(), vec!["mail_request".to_owned(), "mail_to_read".to_owned()]));
}

#[test]
fn an_enclosure_that_cannot_be_read_keeps_none_of_the_others_from_it() {
    let instance = Instance::new();
    let broken = b"%PDF-1.7 og ikke mer";
    let word = b"PK\x03\x04 [Content_Types].xml word/";
    let parts = read(&instance, &mail("Vedtak", COVER, &[("a.pdf", broken), ("b.docx", word), ("c.pdf", &sample("vedtak-clear-nb.pdf"))]));
    let outlines: Vec<_> = parts.iter().map(outline).collect();
    assert_eq!(
        outlines,
        [
            (None, "mail", None, vec![]),
            (Some("attachment 1"), "unknown", None, vec!["attachment_unread"]),
            (Some("attachment 2"), "unknown", None, vec!["attachment_broken"]),
            (Some("attachment 3"), "letter", Some("vedtak"), vec![]),
        ]
    );
    let parts = read(&instance, &mail("Spørsmål", "Når kommer tilskuddet?", &[]));
    assert_eq!(parts.iter().map(outline).collect::<Vec<_>>(), [(None, "mail", None, vec!["mail_to_read"])]);
}

#[test]
fn forms_and_scans_in_a_mail_are_read_page_by_page() {
    let instance = Instance::new();
    let files = [("skjema.tif", sample("skjema-typed-nb-g4.tif")), ("skann.pdf", sample("vedtak-scan-nb-g4.pdf"))];
    let enclosures: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    let parts = read(&instance, &mail("Skjema", COVER, &enclosures));
    let outlines: Vec<_> = parts.iter().map(|part| (outline(part).0, outline(part).2)).collect();
    assert_eq!(outlines, [(None, None), (Some("attachment 1"), Some("privatboende")), (Some("attachment 2"), Some("vedtak"))]);
    // The words are page 1, the form's pages 2 to 5. A form's fields stand on the form's own pages.
    assert_eq!(field(&parts[1], "duf")["page"], 1);
    assert_eq!(field(&parts[2], "vedtatt_totalt")["page"], 6);
}

/// Anybody can write any sender. What came by mail waits for a person as long as nobody has shown where it comes from, and nobody is answered.
#[test]
fn a_mail_from_the_folder_waits_for_a_person() {
    let instance = Instance::new();
    instance.drop_file("vedtak", "brev.eml", &mail("Hemmelig emne", COVER, &[("vedtak.pdf", &sample("vedtak-clear-nb.pdf"))]));
    let events = instance.serve_until_idle();
    let filed: Vec<(&str, &str)> = events
        .iter()
        .filter(|event| event["event"] == "filed")
        .map(|event| (event["what"].as_str().expect("what"), event["state"].as_str().expect("a state")))
        .collect();
    assert_eq!(filed, [("mail", "complete"), ("vedtak version 6", "review")]);
    assert!(!events.iter().any(|event| event["event"] == "composed" || event["event"] == "sent"), "{events:#?}");
    for said in ["Hemmelig", "1@steinkjer.kommune.no"] {
        assert_eq!(instance.files_with(said), Vec::<std::path::PathBuf>::new(), "{said}");
    }
}
