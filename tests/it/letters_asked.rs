//! What the letters ask a kommune: the points of a receipt, the follow-up and the reminder, and the e-mail that asks for post.

use postsluse::cases::{Places, Point, YearFacts};
use postsluse::clock::date;
use postsluse::document::OurRef;
use postsluse::letters::{ByPost, FollowUp, Language, Letter, LetterError, Reminder};
use serde_json::json;

use crate::letters::{created, frame, office, receipt, shown, write};
use crate::letters_paper::fonts;

const LANGUAGES: [Language; 2] = [Language::Bokmaal, Language::Nynorsk];

fn earlier_ref() -> OurRef {
    "26-00012-1".parse().expect("a reference")
}

fn reservation(kind: &str) -> Point {
    Point::Reservation { kind: kind.into() }
}

fn registration_differs(year: u16) -> Point {
    Point::RegistrationDiffers {
        decided: YearFacts {
            year: Some(year),
            total: Some(31),
            adults_families: Some(26),
            minors_15_18: Some(3),
            minors_under_15: Some(2),
            ..YearFacts::default()
        },
        registered: Places { adults_families: 26, minors_15_18: 5, minors_under_15: 0 },
    }
}

fn follow_up(language: Language, points: Vec<Point>) -> FollowUp {
    FollowUp {
        frame: frame(language),
        years: vec![2026],
        decided: Some(date(2025, 12, 11)),
        political_case: Some("PS 97/25".into()),
        points,
        answer_by: Some(date(2026, 2, 1)),
    }
}

fn ask(follow_up: &FollowUp) -> Letter {
    follow_up.write(&office(), &fonts(), created()).expect("a letter")
}

fn reminder(language: Language, registered: bool) -> Reminder {
    Reminder {
        frame: frame(language),
        years: vec![2026],
        asked: Places { adults_families: 31, minors_15_18: 3, minors_under_15: 0 },
        answer_by: date(2026, 1, 5),
        registered,
        sent: Some(date(2025, 9, 30)),
    }
}

fn remind(reminder: &Reminder) -> Letter {
    reminder.write(&office(), &fonts(), created()).expect("a letter")
}

fn numbers() -> Vec<Point> {
    vec![
        Point::Reason { year: 2026, asked: 35, decided: 31 },
        Point::AskedDiffers { year: 2026, stated: 30, asked: 35 },
        Point::EarlierDiffers { year: 2026, earlier: 20, now: 31, earlier_ref: earlier_ref() },
        Point::FamilyIncluded,
        registration_differs(2026),
        Point::AnswerByHand { now_total: None, replaces: None },
    ]
}

fn reservations() -> Vec<Point> {
    ["finansiering", "bolig_kapasitet", "familiegjenforening_tak", "helse_tjenestebehov", "hvem", "annet"].map(reservation).to_vec()
}

#[test]
fn a_receipt_asks_about_its_points_in_bokmaal() {
    let mut receipt =
        receipt(Language::Bokmaal, &json!({"aar": [2026], "vedtatt_totalt": 31, "familiegjenforente": "inkludert", "forbehold": ["finansiering"]}));
    receipt.points = [numbers(), vec![reservation("finansiering")]].concat();
    insta::assert_snapshot!(shown(&write(&receipt)));
}

#[test]
fn a_receipt_asks_about_its_points_in_nynorsk() {
    let mut receipt =
        receipt(Language::Nynorsk, &json!({"aar": [2026], "vedtatt_totalt": 31, "familiegjenforente": "inkludert", "forbehold": ["finansiering"]}));
    receipt.points = [numbers(), vec![reservation("finansiering")]].concat();
    insta::assert_snapshot!(shown(&write(&receipt)));
}

#[test]
fn a_follow_up_of_numbers_in_bokmaal() {
    insta::assert_snapshot!(shown(&ask(&follow_up(Language::Bokmaal, numbers()))));
}

#[test]
fn a_follow_up_of_numbers_in_nynorsk() {
    insta::assert_snapshot!(shown(&ask(&follow_up(Language::Nynorsk, numbers()))));
}

#[test]
fn a_follow_up_of_reservations_in_bokmaal() {
    insta::assert_snapshot!(shown(&ask(&follow_up(Language::Bokmaal, reservations()))));
}

#[test]
fn a_follow_up_of_reservations_in_nynorsk() {
    insta::assert_snapshot!(shown(&ask(&follow_up(Language::Nynorsk, reservations()))));
}

#[test]
fn a_reminder_in_bokmaal() {
    insta::assert_snapshot!(shown(&remind(&reminder(Language::Bokmaal, false))));
}

#[test]
fn a_reminder_in_nynorsk() {
    insta::assert_snapshot!(shown(&remind(&reminder(Language::Nynorsk, false))));
}

#[test]
fn a_reminder_of_the_vedtak_itself_in_bokmaal() {
    insta::assert_snapshot!(shown(&remind(&reminder(Language::Bokmaal, true))));
}

#[test]
fn a_reminder_of_the_vedtak_itself_in_nynorsk() {
    insta::assert_snapshot!(shown(&remind(&reminder(Language::Nynorsk, true))));
}

/// Each point's own words, in both languages.
#[test]
fn every_point_has_its_words() {
    let cases = [
        (
            Point::Reason { year: 2026, asked: 1, decided: 0 },
            "ikke vil bosette flyktninger når vi har bedt om én plass.",
            "ikkje vil busetje flyktningar når vi har bede om éin plass.",
        ),
        (Point::Reason { year: 2026, asked: 10, decided: 1 }, "har vedtatt én plass når vi har bedt om 10.", "har vedteke éin plass når vi har bede om 10."),
        (
            Point::AskedDiffers { year: 2026, stated: 20, asked: 35 },
            "vi har bedt om 20 plasser, men anmodningen vår for 2026 gjelder 35.",
            "vi har bede om 20 plassar, men oppmodinga vår for 2026 gjeld 35.",
        ),
        (
            Point::EarlierDiffers { year: 2026, earlier: 20, now: 0, earlier_ref: earlier_ref() },
            "et vedtak om 20 plasser for 2026 (vår ref. 26-00012-1). Det nye vedtaket gjelder ingen plasser.",
            "eit vedtak om 20 plassar for 2026 (vår ref. 26-00012-1). Det nye vedtaket gjeld ingen plassar.",
        ),
        (
            Point::Older { decided: date(2025, 10, 2), in_force: date(2025, 12, 11), earlier_ref: earlier_ref() },
            "Dette vedtaket er fra 02.10.2025, men vi har fra før et nyere vedtak, fra 11.12.2025 (vår ref. 26-00012-1).",
            "Dette vedtaket er frå 02.10.2025, men vi har frå før eit nyare vedtak, frå 11.12.2025 (vår ref. 26-00012-1).",
        ),
        (
            Point::NoEarlier { year: 2026, extra: 5 },
            "5 plasser i tillegg til det kommunen har vedtatt før",
            "5 plassar i tillegg til det kommunen har vedteke før",
        ),
        (
            Point::SupplementSum { year: 2026, earlier: 20, extra: 5, total: 27 },
            "tidligere vedtatt 20 plasser og vedtar nå 5 i tillegg, men vedtaket sier 27 totalt.",
            "tidlegare vedteke 20 plassar og vedtek no 5 i tillegg, men vedtaket seier 27 totalt.",
        ),
        (Point::FamilyIncluded, "skal ikke inngå i antallet, men kommer i tillegg", "skal ikkje vere med i talet, men kjem i tillegg"),
        (reservation("en ny kode"), "kan endre antallet, og i så fall hvordan", "kan endre talet, og i så fall korleis"),
        (reservation("hvem"), "Gi oss beskjed om dette endrer antallet", "Gje oss beskjed om dette endrar talet"),
        (Point::Postponed { treated: None }, "hvilken dato saken skal behandles", "kva dato saka skal behandlast"),
        (Point::Postponed { treated: Some(date(2026, 2, 5)) }, "etter planen 05.02.2026", "etter planen 05.02.2026"),
    ];
    for (point, bokmaal, nynorsk) in cases {
        for (language, words) in LANGUAGES.into_iter().zip([bokmaal, nynorsk]) {
            let text = shown(&ask(&follow_up(language, vec![point.clone()]))).replace('\n', " ");
            assert!(text.contains(words), "{words}\n{text}");
        }
    }
}

#[test]
fn the_year_is_named_where_there_are_several() {
    let mut letter =
        follow_up(Language::Bokmaal, vec![Point::Reason { year: 2027, asked: 20, decided: 10 }, registration_differs(2026), registration_differs(2027)]);
    letter.years = vec![2026, 2027];
    let text = shown(&ask(&letter));
    assert!(text.contains("har vedtatt 10 plasser for 2027 når vi har bedt om 20."), "{text}");
    assert!(text.contains("Plasser i 2026 Vedtaket IMDinett") && text.contains("Plasser i 2027 Vedtaket IMDinett"), "{text}");
    assert_eq!(text.matches("Rett registreringen").count(), 1, "{text}");
}

#[test]
fn no_letter_asks_about_nothing() {
    for points in [vec![], vec![Point::AnswerByHand { now_total: None, replaces: None }]] {
        let refused = follow_up(Language::Bokmaal, points).write(&office(), &fonts(), created());
        assert!(matches!(refused, Err(LetterError::NothingToAsk)), "{refused:?}");
    }
}

#[test]
fn without_a_date_an_answer_is_asked_for_soon() {
    for (language, words) in LANGUAGES.into_iter().zip(["Vi ber om svar så snart som mulig.", "Vi ber om svar så snart som råd."]) {
        let mut letter = follow_up(language, vec![Point::FamilyIncluded]);
        letter.answer_by = None;
        let text = shown(&ask(&letter)).replace('\n', " ");
        assert!(text.contains(words) && !text.contains("01.02.2026"), "{text}");
    }
}

#[test]
fn a_reminder_without_a_date_of_sending_says_that_we_have_asked() {
    for (language, words) in
        LANGUAGES.into_iter().zip(["har bedt Ås kommune om å bosette flyktninger i 2026.", "har bede Ås kommune om å busetje flyktningar i 2026."])
    {
        let mut letter = reminder(language, false);
        letter.sent = None;
        let text = shown(&remind(&letter)).replace('\n', " ");
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn the_mails_tell_nothing_of_the_numbers() {
    for language in LANGUAGES {
        for letter in [ask(&follow_up(language, numbers())), remind(&reminder(language, false)), remind(&reminder(language, true))] {
            let mail = format!("{}\n{}\n{}", letter.subject, letter.body_text, letter.pdf_name);
            for hidden in ["31", "34", "35", "PS 97/25", "11.12.2025", "4321", "Sjøvær"] {
                assert!(!mail.contains(hidden), "{hidden} in {mail}");
            }
        }
    }
}

fn by_post(language: Language, sent_by_kommune: bool) -> String {
    let our_ref = "26-00034-2".parse().expect("a reference");
    let note = ByPost { language, our_ref, sent_by_kommune }.write(&office()).expect("an e-mail");
    format!("{}\n=== mail ===\n{}", note.subject, note.body_text)
}

#[test]
fn what_is_for_the_post_in_bokmaal() {
    insta::assert_snapshot!(format!("{}\n=== to a kommune ===\n{}", by_post(Language::Bokmaal, false), by_post(Language::Bokmaal, true)));
}

#[test]
fn what_is_for_the_post_in_nynorsk() {
    insta::assert_snapshot!(format!("{}\n=== to a kommune ===\n{}", by_post(Language::Nynorsk, false), by_post(Language::Nynorsk, true)));
}

/// Nobody who reads it over a shoulder learns more than that somebody wrote to the directorate.
#[test]
fn what_is_for_the_post_tells_nothing_of_what_came() {
    for language in LANGUAGES {
        for sent_by_kommune in [false, true] {
            let text = by_post(language, sent_by_kommune).to_lowercase();
            for telling in ["helse", "sykdom", "sjuk", "diagnos", "flyktning", "sensitiv", "følsom", "kjenslev", "bosett", "buset"] {
                assert!(!text.contains(telling), "{telling} in {text}");
            }
        }
    }
}
