//! How results are printed: plain lines for people, JSON lines for programs.

use anyhow::Context;
use serde_json::{Value as Json, json};
use std::io::Write;

use crate::pipeline::counted;
use crate::record::{Decision, Field, Finding, FormRef, Guarded, Part, Purpose, RectMm};

/// What stands in place of a special value that was not asked for.
pub(super) const SEALED: &str = "[sealed]";

/// Prints one line of results.
pub(super) fn line(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}").context("cannot write the result")
}

/// Free text on one line, without what a terminal would obey.
pub(super) fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Prints one JSON object on a line.
pub(super) fn json_line(value: &Json) -> anyhow::Result<()> {
    line(&value.to_string())
}

/// An error as a person sees it. Our own errors say in their first line what caused them: a cause is added only where it is not told yet.
pub(super) fn told(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// Whether the error is that whoever read our output has gone away (`postsluse list | head`).
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe))
}

/// A field as contract version 1 has it. Special content is shown only with `reveal`.
pub(super) fn field_json(field: &Field, reveal: bool) -> Json {
    let (value, text, raw) = match &field.content {
        Guarded::Special(_) if !reveal => (json!(SEALED), json!(SEALED), json!(SEALED)),
        content => {
            let content = content.expose(Purpose::Reveal);
            (content.value.as_ref().map_or(Json::Null, crate::record::Value::to_json), json!(content.text), json!(content.raw))
        }
    };
    json!({
        "name": field.name, "type": field.kind, "value": value, "text": text, "raw": raw,
        "confidence": rounded(field.confidence.get()), "decision": field.decision, "page": field.page, "zone_mm": field.zone,
        "span": field.span, "reader": field.reader, "rule": field.rule, "sensitivity": field.content.sensitivity(),
        "threshold": rounded(field.threshold.get()), "model": field.model,
    })
}

/// A special field of a record as somebody sees it who may not see what it says: whether it is filled in is health information too, so every field is
/// shown, and nothing of the reading. `place` is the printed form's: the zone of a choice that was read is the box that was marked.
pub(super) fn hidden_field_json(field: &Field, place: Option<(u32, RectMm)>) -> Json {
    let mut shown = json!({
        "name": field.name, "type": field.kind, "sensitivity": field.content.sensitivity(),
        "page": place.map(|(page, _)| page), "zone_mm": place.map(|(_, zone)| zone),
    });
    for sealed in ["value", "text", "raw", "confidence", "decision", "span", "reader", "rule", "threshold", "model"] {
        shown[sealed] = json!(SEALED);
    }
    shown
}

/// [`hidden_field_json`] for people: one line, the same for every special field.
pub(super) fn hidden_field_line(field: &Field) -> String {
    format!("    {:<28} {SEALED}", field.name)
}

/// What stands for all findings that tell of special fields, and stands there also when there are none.
pub(super) fn hidden_findings_json() -> Json {
    json!({"code": SEALED, "field": null, "message": SEALED})
}

/// [`hidden_findings_json`] for people.
pub(super) fn hidden_findings_line() -> String {
    format!("  ! {SEALED}: what there may be to say of special fields is shown with --reveal --reason REASON")
}

/// Four decimals: more would be noise.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 10_000.0).round() / 10_000.0
}

/// The identification as contract version 1 has it.
pub(super) fn form_json(form: Option<&FormRef>) -> Json {
    form.map_or(Json::Null, |form| {
        let mut said = json!({"name": form.name, "version": form.version, "score": rounded(form.score.get())});
        if let Some(mm) = form.residual_mm {
            said["residual_mm"] = json!((mm * 1000.0).round() / 1000.0);
        }
        said
    })
}

/// Findings as contract version 1 has them.
pub(super) fn findings_json(findings: &[Finding]) -> Json {
    json!(findings)
}

/// One part for people: a heading, then a line a field that is not blank, then the findings.
pub(super) fn part_lines(heading: &str, part: &Part, reveal: bool) -> Vec<String> {
    let form = part.form.as_ref().map_or_else(|| part.kind.as_str().to_owned(), |form| format!("{} version {}", form.name, form.version));
    let mut lines =
        vec![format!("{heading}: {form}, {}: {} read, {} to review", counted(part.pages, "page"), counted(part.accepted(), "field"), part.to_review())];
    lines.extend(part.fields.iter().filter(|field| field.decision != Decision::Empty).map(|field| field_line(field, reveal)));
    lines.extend(finding_lines(&part.findings));
    lines
}

/// One field for people.
pub(super) fn field_line(field: &Field, reveal: bool) -> String {
    let shown = match &field.content {
        Guarded::Special(_) if !reveal => SEALED.to_owned(),
        content => {
            let content = content.expose(Purpose::Reveal);
            content.text.clone().or_else(|| content.raw.clone()).unwrap_or_default()
        }
    };
    let mark = match field.decision {
        Decision::Accept => ' ',
        Decision::Review => '?',
        Decision::Empty => '-',
    };
    format!("  {mark} {:<28} {:<40} {:>5.1} %", field.name, shown.replace('\n', " / "), field.confidence.get() * 100.0)
}

/// Findings for people.
pub(super) fn finding_lines(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("  ! {}{}", finding.field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default(), finding.message)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Confidence, Content, FieldType, ReaderKind, Sensitivity, Value};

    fn special(content: Content, decision: Decision, confidence: f32, zone: RectMm) -> Field {
        Field {
            name: "tilrettelegging_behov".into(),
            kind: FieldType::Choice,
            content: Guarded::new(Sensitivity::Special, content),
            confidence: Confidence::new(confidence),
            threshold: Confidence::new(0.9),
            decision,
            reader: ReaderKind::Checkbox,
            model: "ink 1".into(),
            rule: None,
            page: Some(3),
            zone: Some(zone),
            span: None,
            crop: None,
        }
    }

    #[test]
    fn a_hidden_field_looks_the_same_blank_and_filled_in() {
        let said = Content { value: Some(Value::Text("ja".into())), text: Some("ja".into()), raw: Some("ja".into()) };
        let filled = special(said, Decision::Accept, 0.97, RectMm::new(20.0, 40.0, 4.0, 4.0));
        let blank = special(Content::default(), Decision::Empty, 1.0, RectMm::new(20.0, 40.0, 90.0, 4.0));
        let place = Some((3, RectMm::new(20.0, 40.0, 90.0, 4.0)));
        assert_eq!(hidden_field_json(&filled, place), hidden_field_json(&blank, place));
        assert_eq!(hidden_field_line(&filled), hidden_field_line(&blank));
        let shown = hidden_field_json(&filled, place);
        let keys = |value: &Json| value.as_object().expect("an object").keys().cloned().collect::<std::collections::BTreeSet<_>>();
        assert_eq!(keys(&shown), keys(&field_json(&filled, true)), "the shape is the contract's");
        let in_clear: Vec<_> = shown.as_object().expect("an object").iter().filter(|(_, value)| **value != SEALED).map(|(key, _)| key.as_str()).collect();
        assert_eq!(in_clear.len(), 5, "{in_clear:?}");
        assert!(in_clear.iter().all(|key| ["name", "type", "sensitivity", "page", "zone_mm"].contains(key)), "{in_clear:?}");
    }
}
