//! Known answers for every type, and what holds for any reading.

use super::*;
use crate::clock::date as day;
use proptest::prelude::*;

const CONTEXT: Context = Context { today: day(2026, 11, 21), test_ids: true };

/// The canonical value of a valid reading as JSON text, or the code of the finding.
fn outcome(kind: FieldType, raw: &str) -> String {
    match canonicalise(kind, raw, &CONTEXT) {
        Canonical::Valid { value, .. } => value.to_json().to_string(),
        Canonical::Doubtful { code, .. } => format!("? {code}"),
    }
}

fn check(kind: FieldType, cases: &[(&str, &str)]) {
    for (raw, expected) in cases {
        assert_eq!(outcome(kind, raw), *expected, "{}: {raw}", kind.name());
    }
}

#[test]
fn numbers_under_check_digits() {
    check(
        FieldType::Duf,
        &[
            ("2022 0314 1502", "\"202203141502\""),
            ("2O22O3141502", "\"202203141502\""),
            ("20220314ISO2", "\"202203141502\""),
            ("20220314XSO2", "? duf_form"),
            ("201803452201", "? duf_check_digit"),
            ("204167553610", "? duf_year"),
            ("20220314150", "? duf_form"),
            ("", "? unreadable"),
        ],
    );
    check(
        FieldType::Fnr,
        &[
            ("130972 48022", "\"13097248022\""),
            ("10915596784", "\"10915596784\""),
            ("13097248023", "? fnr_check_digit"),
            ("17454026641", "? fnr_help_number"),
            ("1309724802", "? fnr_form"),
        ],
    );
    let strict = Context { test_ids: false, ..CONTEXT };
    assert!(matches!(canonicalise(FieldType::Fnr, "10915596784", &strict), Canonical::Doubtful { code: "fnr_synthetic", value: Some(_), .. }));
}

#[test]
fn a_failed_check_digit_keeps_what_was_read() {
    let Canonical::Doubtful { value, .. } = canonicalise(FieldType::Duf, "201803452201", &CONTEXT) else { panic!("the check digits are wrong") };
    assert!(value == Some(Value::Text("201803452201".into())));
}

#[test]
fn dates_and_years() {
    check(
        FieldType::Date,
        &[
            ("21112026", "\"2026-11-21\""),
            ("21.11.2026", "\"2026-11-21\""),
            ("2026-11-21", "\"2026-11-21\""),
            ("2l11202O", "\"2020-11-21\""),
            ("22112026", "\"2026-11-22\""),
            ("23112026", "? date_range"),
            ("31121899", "? date_range"),
            ("30022026", "? date_exists"),
            ("211126", "? date_form"),
        ],
    );
    check(
        FieldType::Year,
        &[("2027", "2027"), ("2 0 1 9", "2019"), ("2028", "? year_range"), ("1899", "? year_range"), ("19", "? year_form"), ("+201", "? year_form")],
    );
}

#[test]
fn ways_to_reach_a_person() {
    check(
        FieldType::Postnummer,
        &[
            ("8508", "\"8508\""),
            ("0 0 3 1", "\"0031\""),
            ("OO31", "\"0031\""),
            ("003l", "\"0031\""),
            ("9999", "? postnummer_unknown"),
            ("850", "? postnummer_form"),
        ],
    );
    check(FieldType::Phone, &[("40 00 19 60", "\"+4740001960\""), ("1234567", "? phone_form")]);
    check(FieldType::Email, &[("nora@example.org", "\"nora@example.org\""), ("nora lind@example.org", "? email_form"), ("nora", "? email_form")]);
    check(FieldType::Name, &[("  Nora  LIND-Berg", "\"Nora LIND-Berg\""), ("N0ra", "? name_characters")]);
}

#[test]
fn names_of_places_and_languages() {
    check(
        FieldType::Kommune,
        &[("Narvik", "\"1806\""), ("1806", "\"1806\""), ("Herøy", "? kommune_shared_name"), ("Skedsmo", "? kommune_former"), ("Narvk", "? kommune_unknown")],
    );
    check(FieldType::Country, &[("SYRIA", "\"SY\""), ("Kongo", "? country_shared_name"), ("statsløs", "? country_stateless"), ("Syri", "? country_unknown")]);
    check(FieldType::Language, &[("Arabisk", "\"ar\""), ("DARI", "\"fa\""), ("arabsik", "? language_unknown")]);
}

#[test]
fn the_plain_types() {
    check(
        FieldType::Integer,
        &[("31", "31"), ("1 000", "1000"), ("-2", "-2"), ("+2", "? integer_form"), ("tre", "? integer_form"), ("99999999999999999999", "? integer_form")],
    );
    check(FieldType::Text, &[("  en   linje \n\n to ", "\"en linje to\"")]);
    check(FieldType::RegNumber, &[(" ab 12-3 ", "\"AB 12-3\""), ("??", "? reg_number_form")]);
    check(FieldType::Choice, &[("gift", "\"gift\""), ("Gift", "? choice_form")]);
    check(FieldType::Multichoice, &[("syn, hoersel", "[\"syn\",\"hoersel\"]"), ("", "[]")]);
    check(FieldType::Flag, &[("x", "true"), ("", "false"), ("kanskje", "? flag_form")]);
    check(FieldType::List, &[("2026", "? not_a_reading")]);
}

#[test]
fn debug_output_shows_no_value() {
    assert_eq!(format!("{:?}", canonicalise(FieldType::Duf, "202203141502", &CONTEXT)), "Valid(duf_check)");
    assert_eq!(format!("{:?}", canonicalise(FieldType::Duf, "201803452201", &CONTEXT)), "Doubtful(duf_check_digit)");
}

fn any_kind() -> impl Strategy<Value = FieldType> {
    prop::sample::select(FieldType::ALL.map(|(kind, _)| kind).to_vec())
}

proptest! {
    #[test]
    fn no_reading_makes_it_panic(kind in any_kind(), raw in "\\PC{0,40}") {
        let _ = canonicalise(kind, &raw, &CONTEXT);
    }

    #[test]
    fn neither_does_one_of_digits_and_marks(kind in any_kind(), raw in "[0-9 .,/+OlIæ@-]{0,16}") {
        let _ = canonicalise(kind, &raw, &CONTEXT);
    }

    /// A canonical text is its own canonical form.
    #[test]
    fn canonical_values_are_stable(kind in any_kind(), raw in "[0-9a-zA-ZæøåÆØÅ .@+-]{1,16}") {
        if let Canonical::Valid { value: Value::Text(text), .. } = canonicalise(kind, &raw, &CONTEXT) {
            // The code of a language may itself be the name of another one.
            if kind != FieldType::Language {
                let again = canonicalise(kind, &text, &CONTEXT);
                prop_assert!(matches!(&again, Canonical::Valid { value: Value::Text(same), .. } if *same == text), "{again:?}");
            }
        }
    }

    #[test]
    fn findings_hold_no_digit_of_the_value(raw in "[0-9]{10,13}") {
        for kind in [FieldType::Duf, FieldType::Fnr, FieldType::Date, FieldType::Phone] {
            if let Canonical::Doubtful { message, .. } = canonicalise(kind, &raw, &CONTEXT) {
                prop_assert!(!message.contains(&raw));
            }
        }
    }
}
