//! What the fields of a vedtak can say, for the person who writes what the machine could not read: its fields, the codes
//! of `docs/contracts.md`, the years that are believed, and what contradicts what.

use std::collections::BTreeMap;

use crate::record::{Decision, Field, FieldType, Finding, Value};

/// The fields of a vedtak (`docs/contracts.md`), but for the reservations, which are numbered.
pub const FIELDS: [(&str, FieldType); 25] = [
    ("kommune", FieldType::Kommune),
    ("aar", FieldType::List),
    ("vedtatt_totalt", FieldType::Integer),
    ("vedtatt_voksne_familier", FieldType::Integer),
    ("vedtatt_em_15_18", FieldType::Integer),
    ("vedtatt_em_under_15", FieldType::Integer),
    ("vedtatt_em_totalt", FieldType::Integer),
    ("per_aar", FieldType::List),
    ("periode_totalt", FieldType::Integer),
    ("grense", FieldType::Choice),
    ("anmodet_totalt", FieldType::Integer),
    ("svar", FieldType::Choice),
    ("tilleggsvedtak", FieldType::Integer),
    ("familiegjenforente", FieldType::Choice),
    ("flere_ved_behov", FieldType::Integer),
    ("flere_ved_behov_em", FieldType::Integer),
    ("begrunnelse", FieldType::Text),
    ("forbehold", FieldType::List),
    ("behandles_dato", FieldType::Date),
    ("organ", FieldType::Choice),
    ("vedtaksdato", FieldType::Date),
    ("saksnummer", FieldType::Text),
    ("arkivsak", FieldType::Text),
    ("deres_ref", FieldType::Text),
    ("maalform", FieldType::Choice),
];

/// What a field of a vedtak holds; none when a vedtak has no such field.
#[must_use]
pub fn field_type(name: &str) -> Option<FieldType> {
    if is_reservation(name) {
        return Some(FieldType::Choice);
    }
    FIELDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
}

/// `forbehold.1` to `forbehold.99`. More digits would be room for a number that is somebody's.
fn is_reservation(name: &str) -> bool {
    let number = name.strip_prefix("forbehold.").unwrap_or_default();
    (1..=2).contains(&number.len()) && !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The codes that a field may have; none for a field that holds something else.
#[must_use]
pub fn codes(field: &str) -> Option<&'static [&'static str]> {
    Some(match field {
        "grense" => &["eksakt", "inntil", "minst"],
        "svar" => &["imoetekommer", "delvis", "avslaar", "ukjent", "utsatt"],
        "familiegjenforente" => &["utenfor", "inkludert", "ikke_nevnt"],
        "organ" => &["kommunestyre", "bystyre", "formannskap", "bydelsutvalg", "administrasjon", "annet"],
        "maalform" => &["nb", "nn"],
        name if name == "forbehold" || name.starts_with("forbehold.") => {
            &["finansiering", "bolig_kapasitet", "hvem", "familiegjenforening_tak", "helse_tjenestebehov", "annet"]
        }
        _ => return None,
    })
}

/// Whether a kommune can have decided for this year.
#[must_use]
pub fn is_year(year: i64) -> bool {
    (2000..2100).contains(&year)
}

/// The rows of `per_aar` as a person writes them, in the contract's JSON.
///
/// # Errors
/// With what is wrong, without the values.
pub fn rows(said: &str) -> Result<Value, String> {
    const COUNTS: [&str; 5] = ["totalt", "voksne_familier", "em_15_18", "em_under_15", "em_totalt"];
    let rows: Vec<BTreeMap<String, serde_json::Value>> =
        serde_json::from_str(said).map_err(|_| r#"not a list of rows such as [{"aar": 2026, "totalt": 31}]"#.to_owned())?;
    for row in &rows {
        if !row.get("aar").and_then(serde_json::Value::as_i64).is_some_and(is_year) {
            return Err("a row has no year from 2000 to 2099 in `aar`".to_owned());
        }
        for (name, value) in row.iter().filter(|(name, _)| *name != "aar") {
            if !COUNTS.contains(&name.as_str()) {
                return Err(format!("a row has something else than aar, {}", COUNTS.join(", ")));
            }
            if !value.is_null() && value.as_u64().is_none() {
                return Err(format!("a row has no whole number in `{name}`"));
            }
        }
    }
    Ok(Value::Rows(rows))
}

/// What does not go together in the accepted fields: parts that do not make the whole, years that differ. The machine never accepts such values;
/// this is for what a person has changed.
#[must_use]
pub fn contradictions(fields: &[Field]) -> Vec<Finding> {
    let value = |name: &str| {
        let field = fields.iter().find(|field| field.name == name && field.decision == Decision::Accept)?;
        field.content.ordinary()?.value.as_ref()
    };
    let number = |name: &str| if let Some(Value::Integer(number)) = value(name) { Some(*number) } else { None };
    let years: Vec<i64> = if let Some(Value::Years(years)) = value("aar") { years.clone() } else { Vec::new() };
    let mut found = Vec::new();
    let total = number("vedtatt_totalt");
    let minors = number("vedtatt_em_totalt");
    if let (Some(total), Some(adults), Some(minors)) = (total, number("vedtatt_voksne_familier"), minors)
        && adults + minors != total
    {
        found.push(Finding::about("vedtatt_totalt", "sum_differs", "Voksne og enslige mindreårige blir til sammen noe annet enn totalen."));
    }
    if let (Some(minors), Some(older), Some(younger)) = (minors, number("vedtatt_em_15_18"), number("vedtatt_em_under_15"))
        && older + younger != minors
    {
        found.push(Finding::about("vedtatt_em_totalt", "sum_differs", "De to aldersgruppene blir til sammen noe annet enn tallet på enslige mindreårige."));
    }
    if let Some(Value::Rows(rows)) = value("per_aar") {
        let cell = |row: &BTreeMap<String, serde_json::Value>, name: &str| row.get(name).and_then(serde_json::Value::as_i64);
        let named: Vec<i64> = rows.iter().filter_map(|row| cell(row, "aar")).collect();
        if !years.is_empty() && (named.iter().any(|year| !years.contains(year)) || years.iter().any(|year| !named.contains(year))) {
            found.push(Finding::about("per_aar", "years_differ", "Årene i tabellen er ikke de samme som årene i vedtaket."));
        }
        let first = rows.iter().find(|row| cell(row, "aar") == years.iter().min().copied()).and_then(|row| cell(row, "totalt"));
        if first.is_some() && total.is_some() && first != total {
            found.push(Finding::about("per_aar", "per_aar_differs", "Tallet for det første året er et annet i tabellen enn i vedtatt_totalt."));
        }
    }
    found
}

/// The codes of the findings of [`contradictions`].
pub const CONTRADICTIONS: [&str; 3] = ["sum_differs", "years_differ", "per_aar_differs"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Content, Guarded, Sensitivity};

    fn accepted(name: &str, value: Value) -> Field {
        Field {
            name: name.into(),
            kind: FieldType::Text,
            content: Guarded::new(Sensitivity::Ordinary, Content { value: Some(value), text: None, raw: None }),
            ..Field::plain()
        }
    }

    #[test]
    fn numbers_and_years_that_do_not_go_together_are_found() {
        let with = |total: i64, adults: i64, minors: i64, table: &str| {
            let fields = [
                accepted("aar", Value::Years(vec![2026, 2027])),
                accepted("vedtatt_totalt", Value::Integer(total)),
                accepted("vedtatt_voksne_familier", Value::Integer(adults)),
                accepted("vedtatt_em_totalt", Value::Integer(minors)),
                accepted("per_aar", rows(table).expect("a table")),
            ];
            contradictions(&fields).into_iter().map(|finding| finding.code).collect::<Vec<_>>()
        };
        let table = r#"[{"aar": 2026, "totalt": 31}, {"aar": 2027, "totalt": 20}]"#;
        assert!(with(31, 26, 5, table).is_empty());
        assert_eq!(with(31, 25, 5, table), ["sum_differs"]);
        assert_eq!(with(32, 26, 6, table), ["per_aar_differs"]);
        assert_eq!(with(31, 26, 5, r#"[{"aar": 2026, "totalt": 31}]"#), ["years_differ"]);
        assert!(CONTRADICTIONS.contains(&"sum_differs"));
    }

    #[test]
    fn a_table_is_held_to_its_shape() {
        assert!(rows(r#"[{"aar": 2026, "totalt": 31, "em_totalt": null}]"#).is_ok());
        for wrong in
            ["31", "[31]", r#"[{"totalt": 31}]"#, r#"[{"aar": 202, "totalt": 31}]"#, r#"[{"aar": 2026, "totalt": "31"}]"#, r#"[{"aar": 2026, "navn": 1}]"#]
        {
            assert!(rows(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn codes_are_those_of_the_contract() {
        assert!(codes("grense").is_some_and(|codes| codes.contains(&"inntil")));
        assert!(codes("forbehold.2").is_some_and(|codes| codes.contains(&"helse_tjenestebehov")));
        assert_eq!(codes("begrunnelse"), None);
        let contract = include_str!("../../docs/contracts.md");
        for name in ["grense", "svar", "familiegjenforente", "forbehold", "organ", "maalform"] {
            for code in codes(name).expect("it has codes") {
                assert!(contract.contains(&format!("`{code}`")), "{name}: {code}");
            }
        }
    }
}
