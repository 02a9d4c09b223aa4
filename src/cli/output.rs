//! How results are printed: plain lines for people, JSON lines for programs.

use anyhow::Context;
use serde_json::{Value as Json, json};
use std::io::Write;

use crate::pipeline::counted;
use crate::record::{Decision, Field, Finding, FormRef, Guarded, Part, Purpose};

/// What stands in place of a special value that was not asked for.
pub(super) const SEALED: &str = "[sealed]";

/// Prints one line of results.
pub(super) fn line(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}").context("cannot write the result")
}

/// Prints one JSON object on a line.
pub(super) fn json_line(value: &Json) -> anyhow::Result<()> {
    line(&value.to_string())
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

/// Four decimals: more would be noise.
fn rounded(value: f32) -> f64 {
    (f64::from(value) * 10_000.0).round() / 10_000.0
}

/// The identification as contract version 1 has it.
pub(super) fn form_json(form: Option<&FormRef>) -> Json {
    form.map_or(Json::Null, |form| json!({"name": form.name, "version": form.version, "score": rounded(form.score.get())}))
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
