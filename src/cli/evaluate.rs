//! `postsluse evaluate` and `postsluse calibrate`: documents whose true values are known are read, and what came of it is counted, or turned into thresholds.
//!
//! A document FILE has its true values beside it in FILE's name with the ending `.expected.json`: `{"form": NAME or null, "fields": {NAME: VALUE}}`, the values as in
//! `docs/contracts.md`. Nothing of a value is printed or kept.

use anyhow::{Context, ensure};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::batch::{self, Document};
use super::setup::Wanted;
use super::{Common, Ending, output, setup};
use crate::clock::{Clock, Date};
use crate::document::Origin;
use crate::evaluation::{self, LEVEL, Observation, Step, Tally};
use crate::reader::Job;
use crate::recognise::{self, Calibration, Threshold};
use crate::record::{Decision, Field, FieldType, Kind, Purpose, ReaderKind, Value};

/// Options of `evaluate`.
#[derive(Debug, clap::Args)]
pub(super) struct Evaluate {
    /// Folders of documents, each with its `.expected.json`
    #[arg(required = true, value_name = "DIR")]
    paths: Vec<PathBuf>,
    /// Write the risk-coverage curve to this file, as SVG
    #[arg(long, value_name = "FILE")]
    curve: Option<PathBuf>,
    #[command(flatten)]
    reading: ReadingOptions,
}

/// Options of `calibrate`.
#[derive(Debug, clap::Args)]
pub(super) struct Calibrate {
    /// Folders of documents, each with its `.expected.json`
    #[arg(required = true, value_name = "DIR")]
    paths: Vec<PathBuf>,
    /// The share of wrong values among accepted ones that may not be passed
    #[arg(long, value_name = "SHARE", default_value_t = 0.0005)]
    risk: f64,
    /// Write the thresholds to this file; without it they are only shown
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    reading: ReadingOptions,
}

/// How the documents are read.
#[derive(Debug, clap::Args)]
struct ReadingOptions {
    /// The day the documents were received. Without it: today
    #[arg(long, value_name = "YYYY-MM-DD")]
    received: Option<Date>,
    /// How many documents are read at once. Without it: the configuration's, else one a core
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
    /// Thresholds that `calibrate` wrote. Without it: the configuration's, else those that the program was built with
    #[arg(long, value_name = "FILE")]
    thresholds: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Truth {
    form: Option<String>,
    fields: BTreeMap<String, Json>,
}

/// What came of all documents.
#[derive(Default)]
struct Measured {
    documents: usize,
    /// Documents of a known form that were read as it, and documents that should have been.
    identified: (usize, usize),
    /// Documents of no known form that were read as one.
    mistaken: usize,
    observations: Vec<Observation>,
}

pub(super) async fn evaluate(common: &Common, options: &Evaluate) -> anyhow::Result<Ending> {
    let measured = measure(common, &options.paths, &options.reading).await?;
    let mut groups: BTreeMap<String, Vec<&Observation>> = BTreeMap::new();
    for seen in &measured.observations {
        groups.entry(group(seen)).or_default().push(seen);
        groups.entry("all".to_owned()).or_default().push(seen);
    }
    if let Some(file) = &options.curve {
        let curves =
            groups.iter().filter(|(_, seen)| seen.iter().any(|seen| seen.filled)).map(|(name, seen)| (name.clone(), evaluation::curve(seen.iter().copied())));
        std::fs::write(file, evaluation::picture(&curves.collect())).with_context(|| format!("cannot write {}", file.display()))?;
    }
    if common.json {
        for (name, seen) in &groups {
            let tally = Tally::of(seen.iter().copied());
            output::json_line(&json!({
                "v": 1, "group": name, "fields": tally.fields, "filled": tally.filled, "exact": tally.exact, "accepted": tally.accepted, "wrong_accepted": tally.wrong,
                "wrong_at_most": tally.wrong_at_most(), "level": LEVEL, "review": tally.fields - tally.settled, "character_error_rate": evaluation::share(tally.edits),
            }))?;
        }
    } else {
        output::line(&format!(
            "{} documents; {} of {} forms identified; {} others taken for a form",
            measured.documents, measured.identified.0, measured.identified.1, measured.mistaken
        ))?;
        output::line(&format!(
            "{:34} {:>7} {:>7} {:>8} {:>9} {:>6} {:>9} {:>7} {:>7}",
            "group", "fields", "filled", "exact", "accepted", "wrong", "at most", "review", "CER"
        ))?;
        for (name, seen) in &groups {
            let tally = Tally::of(seen.iter().copied());
            output::line(&format!(
                "{name:34} {:7} {:7} {:>8} {:>9} {:6} {:>9} {:7} {:>7}",
                tally.fields,
                tally.filled,
                percent((tally.exact, tally.filled)),
                percent((tally.accepted, tally.filled)),
                tally.wrong,
                format!("{:.3} %", 100.0 * tally.wrong_at_most()),
                tally.fields - tally.settled,
                percent(tally.edits)
            ))?;
        }
    }
    let wanting =
        measured.mistaken > 0 || measured.identified.0 < measured.identified.1 || measured.observations.iter().any(|seen| seen.accepted && !seen.right);
    Ok(if wanting { Ending::Wanting } else { Ending::Good })
}

pub(super) async fn calibrate(common: &Common, options: &Calibrate) -> anyhow::Result<Ending> {
    ensure!((1e-5..=0.1).contains(&options.risk), "{} is no risk between 0.00001 and 0.1\nwrite 0.0005 for five in ten thousand", options.risk);
    let measured = measure(common, &options.paths, &options.reading).await?;
    let model = recognise::hand_model()?;
    // Thresholds for another model's confidences say nothing about this one's.
    let shipped = Calibration::built_in()?.or_nothing(&model);
    let mut by_type: BTreeMap<FieldType, Vec<&Observation>> = BTreeMap::new();
    for seen in measured.observations.iter().filter(|seen| seen.by_hand && seen.filled) {
        by_type.entry(seen.kind).or_default().push(seen);
    }
    let mut made = Calibration { model, risk: options.risk, made: format!("postsluse calibrate, {} documents", measured.documents), hand: BTreeMap::new() };
    let together = evaluation::together(&by_type, options.risk, Calibration::LEAST_MIN);
    for (kind, seen) in by_type {
        let steps = evaluation::curve(seen.iter().copied());
        let found = chosen(&steps, seen.len(), options.risk, together.as_ref().and_then(|together| together.get(&kind).copied()), shipped.hand.get(&kind));
        output::line(&format!(
            "{:14} {}",
            kind.name(),
            found.map_or_else(|| "never accepted: no confidence is high enough".to_owned(), |found| said(&found, options.risk))
        ))?;
        made.hand.extend(found.map(|found| (kind, found)));
    }
    // The promise is about all that is accepted.
    let [accepted, wrong] = made.hand.values().fold([0, 0], |[accepted, wrong], of| [accepted + of.accepted, wrong + of.wrong]);
    let bound = 100.0 * evaluation::upper_bound(wrong, accepted, LEVEL);
    output::line(&format!("{:14} {accepted} of {}, {wrong} wrong, at most {bound:.3} %", "all", made.hand.values().map(|of| of.fields).sum::<usize>()))?;
    if let Some(file) = &options.output {
        let text = serde_json::to_string_pretty(&made).context("the thresholds cannot be written as JSON")?;
        std::fs::write(file, text + "\n").with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(Ending::Good)
}

/// The threshold for one type: the lower of two, each of which is within the risk. The one is the type's own, where its fields alone are enough for the bound. The other is
/// what is found for all types `together`, or, where that is none, above the type's highest wrong value; and never lower than the one that is shipped.
fn chosen(steps: &[Step], fields: usize, risk: f64, together: Option<f32>, shipped: Option<&Threshold>) -> Option<Threshold> {
    let could_be = &steps[..steps.partition_point(|step| step.least >= Calibration::LEAST_MIN)];
    let own = evaluation::threshold(could_be, risk).map(|step| step.least);
    let clean = steps.iter().take_while(|step| step.wrong == 0).last().map(|step| step.least);
    let held = together.or(clean).map(|least| shipped.map_or(least, |shipped| shipped.least.max(least)).max(Calibration::LEAST_MIN));
    let least = own.into_iter().chain(held).reduce(f32::min)?;
    let found = steps.iter().take_while(|step| step.least >= least).last();
    Some(Threshold { least, fields, accepted: found.map_or(0, |step| step.accepted), wrong: found.map_or(0, |step| step.wrong) })
}

fn said(found: &Threshold, risk: f64) -> String {
    let bound = evaluation::upper_bound(found.wrong, found.accepted, LEVEL);
    let needed = evaluation::fields_needed(risk);
    let enough = if bound <= risk || found.accepted >= needed { String::new() } else { format!("; {needed} would be needed to promise {:.3} %", 100.0 * risk) };
    format!("accepted from {:.5}: {} of {}, {} wrong, at most {:.3} %{enough}", found.least, found.accepted, found.fields, found.wrong, 100.0 * bound)
}

/// Reads all documents and holds them against their true values.
async fn measure(common: &Common, paths: &[PathBuf], options: &ReadingOptions) -> anyhow::Result<Measured> {
    let config = setup::optional_config(common)?;
    let files = batch::files(paths)?;
    let truths = files.iter().map(|file| truth(file)).collect::<anyhow::Result<Vec<Truth>>>()?;
    let received = options.received.unwrap_or_else(|| crate::clock::SystemClock.today());
    let job = Job::plain(received, Origin::File, true);
    let wanted = Wanted { readers: options.jobs, thresholds: options.thresholds.as_deref(), ..Wanted::default() };
    let mut measured = Measured::default();
    let mut truths = truths.into_iter();
    batch::each(common, config.as_ref(), &files, (job, wanted), |document| {
        let truth = truths.next().context("a document without its true values")?;
        measured.take(&document, &truth);
        Ok(())
    })
    .await?;
    Ok(measured)
}

fn truth(file: &Path) -> anyhow::Result<Truth> {
    let expected = file.with_extension("expected.json");
    let text = std::fs::read_to_string(&expected)
        .with_context(|| format!("{} has no true values beside it\nwrite them to {}, as docs/contracts.md says", file.display(), expected.display()))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{} does not hold true values\nwrite {{\"form\": NAME, \"fields\": {{NAME: VALUE}}}}", expected.display()))
}

impl Measured {
    fn take(&mut self, document: &Document, truth: &Truth) {
        self.documents += 1;
        let parts = document.read.as_ref().map_or(&[][..], |reading| &reading.parts);
        let read = parts.iter().find(|part| part.form.as_ref().is_some_and(|form| Some(&form.name) == truth.form.as_ref()));
        if truth.form.is_none() {
            self.mistaken += usize::from(parts.iter().any(|part| matches!(part.kind, Kind::Form | Kind::Letter)));
            return;
        }
        self.identified.1 += 1;
        let Some(part) = read else { return };
        self.identified.0 += 1;
        let form = truth.form.clone().unwrap_or_default();
        for (name, value) in &truth.fields {
            if let Some(field) = part.fields.iter().find(|field| field.name == *name) {
                self.observations.push(observation(&form, field, value));
            }
        }
    }
}

fn observation(form: &str, field: &Field, truth: &Json) -> Observation {
    let content = field.content.expose(Purpose::Validate);
    let value = content.value.as_ref().map_or(Json::Null, Value::to_json);
    let filled = !truth.is_null() && *truth != json!(false) && *truth != json!([]);
    let nothing = |value: &Json| value.is_null() || *value == json!([]);
    let accepted = field.decision != Decision::Review;
    let text = |value: &Json| value.as_str().map_or_else(|| if value.is_number() { value.to_string() } else { String::new() }, str::to_owned);
    let edits = if matches!(field.reader, ReaderKind::Comb | ReaderKind::Print) {
        (evaluation::distance(&text(&value), &text(truth)), text(truth).chars().count())
    } else {
        (0, 0)
    };
    Observation {
        form: form.to_owned(),
        kind: field.kind,
        reader: field.reader,
        by_hand: field.model.starts_with("characters"),
        filled,
        valued: content.value.is_some(),
        right: value == *truth || nothing(&value) && nothing(truth),
        accepted,
        confidence: field.confidence.get(),
        edits,
    }
}

fn group(seen: &Observation) -> String {
    let how = match seen.reader {
        ReaderKind::Comb if seen.by_hand => "comb, by hand",
        ReaderKind::Comb => "comb, typed",
        ReaderKind::Print => "line",
        ReaderKind::Free => "free text",
        ReaderKind::Checkbox => "boxes",
        ReaderKind::Signature => "signature",
        ReaderKind::Text | ReaderKind::Person => "text",
    };
    format!("{}: {how}: {}", seen.form, seen.kind.name())
}

fn percent(counts: (usize, usize)) -> String {
    if counts.1 == 0 { "-".to_owned() } else { format!("{:.2} %", 100.0 * evaluation::share(counts)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(given: &[(f32, usize, usize)]) -> Vec<Step> {
        given.iter().map(|&(least, accepted, wrong)| Step { least, accepted, wrong }).collect()
    }

    #[test]
    fn enough_fields_choose_their_own_threshold() {
        let found = chosen(&steps(&[(0.99, 5_990, 0), (0.9, 6_500, 1), (0.8, 7_000, 9)]), 7_000, 0.0005, None, None);
        assert_eq!(found, Some(Threshold { least: 0.99, fields: 7_000, accepted: 5_990, wrong: 0 }));
        // What is shipped does not hold back an office that has verified enough.
        let shipped = Threshold { least: 0.999, fields: 6_000, accepted: 6_000, wrong: 0 };
        assert_eq!(chosen(&steps(&[(0.99, 5_990, 0)]), 6_000, 0.0005, None, Some(&shipped)).map(|found| found.least), Some(0.99));
        // What all types together allow is as good a promise, and may be lower.
        let two = steps(&[(0.99, 5_990, 0), (0.9, 6_500, 3), (0.4, 7_000, 9)]);
        let least = |together: f32| chosen(&two, 7_000, 0.0005, Some(together), None).map(|found| (found.least, found.accepted, found.wrong));
        assert_eq!((least(0.9), least(0.995)), (Some((0.9, 6_500, 3)), Some((0.99, 5_990, 0))));
        // What could never be accepted does not lower what can be.
        assert_eq!(chosen(&steps(&[(0.9, 6_000, 0), (0.4, 7_000, 0)]), 7_000, 0.0005, None, Some(&shipped)).map(|found| found.least), Some(0.9));
    }

    #[test]
    fn too_few_fields_never_loosen_anything() {
        let few = steps(&[(0.99, 100, 0), (0.9, 150, 0), (0.8, 160, 1)]);
        assert_eq!(chosen(&few, 160, 0.0005, None, None).map(|found| (found.least, found.accepted)), Some((0.9, 150)));
        assert_eq!(chosen(&few, 160, 0.0005, Some(0.95), None).map(|found| (found.least, found.accepted)), Some((0.95, 100)));
        // What all types together allow may hold a wrong value of this one; it is counted.
        assert_eq!(chosen(&few, 160, 0.0005, Some(0.8), None).map(|found| (found.accepted, found.wrong)), Some((160, 1)));
        let shipped = Threshold { least: 0.99, fields: 6_000, accepted: 6_000, wrong: 0 };
        assert_eq!(chosen(&few, 160, 0.0005, Some(0.95), Some(&shipped)).map(|found| (found.least, found.accepted)), Some((0.99, 100)));
        assert_eq!(chosen(&steps(&[(0.99, 1, 1)]), 1, 0.0005, None, None), None, "the surest one is wrong");
        // What is written is what a reader takes: no threshold is lower than the lowest that is one.
        assert_eq!(chosen(&steps(&[(0.9, 40, 0), (0.03, 50, 0)]), 50, 0.0005, None, None).map(|found| (found.least, found.accepted)), Some((0.75, 40)));
    }
}
