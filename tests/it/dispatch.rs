//! Letters through a real mail server: taken, put off, refused, cut off, and never sent to a server that cannot prove who it is.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use postsluse::dispatch::{Enclosed, Failure, Mailer, Outgoing, Security, Sender, Sent, SmtpConfig};
use serde_json::json;

use crate::smtp::{Offers, SmtpServer};

fn outgoing() -> Outgoing {
    Outgoing {
        message_id: "<0197d2a4-5c1e-7cc0-8d5e-0242ac120002@postsluse.imdi.no>".parse().expect("an id"),
        to: "postmottak@aas.kommune.no".parse().expect("an address"),
        subject: "Kvittering: vedtak om bosetting for 2026 (vår ref. 26-00012-2)".into(),
        body: "Hei!\n\nKvitteringen ligger ved.\n.\nEn linje med bare et punktum står over.\n".into(),
        letter: Some(Enclosed { pdf: b"%PDF-1.7 \xE2\xE3\xCF\xD3 not a real one".to_vec(), name: "kvittering-26-00012-2.pdf".into() }),
        date: "2026-01-14T09:00:00Z".parse().expect("a literal timestamp"),
        answers: None,
    }
}

fn config(server: &SmtpServer, security: Security) -> SmtpConfig {
    let ca_file = (security != Security::Plain).then(|| server.ca_file());
    SmtpConfig { host: "localhost".into(), port: Some(server.port), security, ca_file, user: None, password_file: None, timeout_s: 30 }
}

fn mailer(config: &SmtpConfig) -> Mailer {
    let sender = Sender::new("Integrerings- og mangfoldsdirektoratet", "post@imdi.no").expect("a sender");
    Mailer::smtp(config, sender).expect("a mailer")
}

fn retry(code: &str) -> Result<Sent, Failure> {
    Err(Failure::Retry { code: code.into() })
}

fn last(code: &str) -> Result<Sent, Failure> {
    Err(Failure::Final { code: code.into() })
}

#[tokio::test]
async fn a_letter_is_taken_over_starttls() {
    let server = SmtpServer::start(Offers::Starttls);
    assert_eq!(mailer(&config(&server, Security::Starttls)).send(&outgoing()).await, Ok(Sent));
    let taken = server.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].envelope, json!({"from": "post@imdi.no", "to": ["postmottak@aas.kommune.no"], "tls": true, "login": null}));
    assert!(taken[0].message.contains("Auto-Submitted: auto-generated\r\n"));
    assert!(taken[0].message.contains("Message-ID: <0197d2a4-5c1e-7cc0-8d5e-0242ac120002@postsluse.imdi.no>\r\n"));
    assert!(taken[0].message.contains("\r\n.\r\nEn linje"), "a line with a stop alone comes through: {}", taken[0].message);
}

#[tokio::test]
async fn a_letter_is_taken_over_tls_from_the_first_byte_and_in_the_clear_on_this_machine() {
    for (offers, security, encrypted) in [(Offers::Tls, Security::Tls, true), (Offers::Nothing, Security::Plain, false)] {
        let server = SmtpServer::start(offers);
        assert_eq!(mailer(&config(&server, security)).send(&outgoing()).await, Ok(Sent), "{offers:?}");
        assert_eq!(server.taken()[0].envelope["tls"], json!(encrypted));
    }
}

#[tokio::test]
async fn a_letter_put_off_is_the_same_letter_when_it_is_taken() {
    let server = SmtpServer::scripted(&["451 4.3.0 postmottak@aas.kommune.no: try later", "ok"]);
    let mailer = mailer(&config(&server, Security::Starttls));
    assert_eq!(mailer.send(&outgoing()).await, retry("smtp_451"));
    assert_eq!(server.taken().len(), 0);
    assert_eq!(mailer.send(&outgoing()).await, Ok(Sent));
    assert_eq!(mailer.send(&outgoing()).await, Ok(Sent));
    let taken = server.taken();
    assert_eq!(taken.len(), 2);
    assert!(taken[0].message == taken[1].message, "the same bytes, the same Message-ID");
}

#[tokio::test]
async fn what_the_server_refuses_for_good_is_final_and_says_no_address() {
    for script in ["550 5.7.1 postmottak@aas.kommune.no is not welcome", "rcpt 550 5.1.1 no postmottak@aas.kommune.no here", "554 5.6.0 content"] {
        let server = SmtpServer::scripted(&[script]);
        let failure = mailer(&config(&server, Security::Starttls)).send(&outgoing()).await.unwrap_err();
        let code = format!("smtp_{}", if script.starts_with("554") { "554" } else { "550" });
        assert_eq!(failure, Failure::Final { code });
        assert!(!format!("{failure} {failure:?}").contains("postmottak"), "{failure}");
    }
    let server = SmtpServer::scripted(&["rcpt 450 4.2.1 busy"]);
    assert_eq!(mailer(&config(&server, Security::Starttls)).send(&outgoing()).await, retry("smtp_450"));
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again() {
    let server = SmtpServer::scripted(&["drop", "drop rcpt", "ok"]);
    let mailer = mailer(&config(&server, Security::Starttls));
    for step in ["after the letter", "before the letter"] {
        let failure = mailer.send(&outgoing()).await.unwrap_err();
        assert!(matches!(&failure, Failure::Retry { code } if code.starts_with("smtp_")), "{step}: {failure:?}");
    }
    assert_eq!(mailer.send(&outgoing()).await, Ok(Sent));
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_gone_is_tried_again() {
    let server = SmtpServer::start(Offers::Nothing);
    let mailer = mailer(&config(&server, Security::Plain));
    drop(server);
    assert_eq!(mailer.send(&outgoing()).await, retry("smtp_connection"));
}

#[tokio::test]
async fn a_server_that_never_speaks_is_given_up_in_time() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let silent =
        SmtpConfig { host: "127.0.0.1".into(), port: Some(port), security: Security::Plain, ca_file: None, user: None, password_file: None, timeout_s: 1 };
    assert_eq!(mailer(&silent).send(&outgoing()).await, retry("smtp_timeout"));
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_cannot_prove_who_it_is() {
    let server = SmtpServer::start(Offers::Starttls);
    let stranger = SmtpServer::start(Offers::Starttls);
    let untrusted = SmtpConfig { ca_file: None, ..config(&server, Security::Starttls) };
    let other = SmtpConfig { ca_file: Some(stranger.ca_file()), ..config(&server, Security::Starttls) };
    assert_eq!(mailer(&untrusted).send(&outgoing()).await, retry("tls"), "nobody signed it");
    assert_eq!(mailer(&other).send(&outgoing()).await, retry("tls"), "another certificate is trusted");
    assert_eq!(server.taken().len(), 0);
    for (offers, security) in [(Offers::Starttls, Security::Starttls), (Offers::Tls, Security::Tls)] {
        let misnamed = SmtpServer::with(offers, &["mail.example.no"], &json!({}));
        assert_eq!(mailer(&config(&misnamed, security)).send(&outgoing()).await, retry("tls"), "{offers:?}: a certificate for another name");
        assert_eq!(misnamed.taken().len(), 0);
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_nothing() {
    let server = SmtpServer::start(Offers::Nothing);
    let asks = SmtpConfig { security: Security::Starttls, ..config(&server, Security::Plain) };
    assert_eq!(mailer(&asks).send(&outgoing()).await, retry("smtp_no_starttls"));
    assert_eq!(server.taken().len(), 0);
}

fn login(folder: &Path, config: SmtpConfig, password: &str) -> SmtpConfig {
    let file = folder.join("password");
    let _ = std::fs::remove_file(&file);
    std::fs::write(&file, password).expect("written");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o400)).expect("mode set");
    SmtpConfig { user: Some("postsluse".into()), password_file: Some(file), ..config }
}

#[tokio::test]
async fn a_wrong_password_condemns_no_letter() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = json!({"user": "postsluse", "password": "åpne-sluse"});
    let server = SmtpServer::with(Offers::Starttls, &["localhost"], &options);
    let open = config(&server, Security::Starttls);
    let wrong = mailer(&login(folder.path(), open.clone(), "feil\n"));
    assert_eq!(wrong.send(&outgoing()).await, retry("smtp_login"));
    assert_eq!(mailer(&open).send(&outgoing()).await, retry("smtp_530"), "a login is asked for and there is none");
    let right = mailer(&login(folder.path(), open, "åpne-sluse\n"));
    assert_eq!(right.send(&outgoing()).await, Ok(Sent));
    assert_eq!(server.taken()[0].envelope["login"], json!("postsluse"));
}

#[tokio::test]
async fn a_letter_that_would_bend_its_headers_never_reaches_the_server() {
    let server = SmtpServer::start(Offers::Starttls);
    let mailer = mailer(&config(&server, Security::Starttls));
    let subject = Outgoing { subject: "Kvittering\r\nBcc: noen@example.no".into(), ..outgoing() };
    assert_eq!(mailer.send(&subject).await, last("bad_subject"));
    let name = Outgoing { letter: Some(Enclosed { pdf: b"%PDF-".to_vec(), name: "x.pdf\"\r\nX-Evil: 1".into() }), ..outgoing() };
    assert_eq!(mailer.send(&name).await, last("bad_attachment_name"));
    assert!("postmottak@aas.kommune.no\r\nBcc: noen@example.no".parse::<postsluse::dispatch::Recipient>().is_err());
    assert_eq!(server.taken().len(), 0);
}
