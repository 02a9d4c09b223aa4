//! The fields of a vedtak, filled from what was gathered.
//!
//! A field is accepted when the decision is clear, its words were read surely enough and its own rule leaves no choice; blank when the text does
//! not state it; else it waits for a person with what it may be.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Understood;
use super::decision::{Decision, Standing};
use super::references;
use super::statements::{Count, Limit};
use super::terms;
use crate::record::{Confidence, Content, Decision as Outcome, Field, FieldType, Finding, Guarded, ReaderKind, Sensitivity, Value};
use crate::registry::{dates, kommuner};
use crate::transcript::{Source, Transcript};

/// The least sure word from which text recognition may give a number or a name. Words of a file or a text layer are certain.
const WORD_CONFIDENCE_MIN: f32 = 0.80;

/// What was understood, with how sure the rules are.
pub struct Sheet<'a> {
    transcript: &'a Transcript,
    fields: Vec<Field>,
    findings: Vec<Finding>,
}

/// A field's outcome before it is written down.
enum Entry {
    /// Plain; accepted if the words were read surely.
    Plain(Value, String, Range<usize>),
    /// Perhaps; for a person.
    Perhaps(Option<(Value, String)>, Option<Range<usize>>),
    /// Follows from the whole letter and has no words of its own.
    Follows(Value, String),
    /// Not stated.
    Blank,
}

impl<'a> Sheet<'a> {
    /// An empty sheet for a letter.
    pub fn new(transcript: &'a Transcript) -> Self {
        Self { transcript, fields: Vec::new(), findings: Vec::new() }
    }

    /// The fields and findings.
    pub fn finish(self) -> Understood {
        Understood { fields: self.fields, findings: self.findings }
    }

    fn find(&mut self, field: &str, code: &str, message: &str) {
        self.findings.push(Finding::about(field, code, message));
    }

    fn put(&mut self, name: &str, kind: FieldType, rule: Option<&str>, entry: Entry) {
        let threshold = Confidence::new(WORD_CONFIDENCE_MIN);
        let (value, text, span, mut outcome) = match entry {
            Entry::Plain(value, text, span) => (Some(value), Some(text), Some(span), Outcome::Accept),
            Entry::Follows(value, text) => (Some(value), Some(text), None, Outcome::Accept),
            Entry::Perhaps(Some((value, text)), span) => (Some(value), Some(text), span, Outcome::Review),
            Entry::Perhaps(None, span) => (None, None, span, Outcome::Review),
            Entry::Blank => (None, None, None, Outcome::Empty),
        };
        let read = span.as_ref().map_or(Confidence::CERTAIN, |span| self.transcript.confidence(span));
        let confidence = if outcome == Outcome::Review { Confidence::new(read.get().min(0.5)) } else { read };
        if outcome == Outcome::Accept && confidence < threshold {
            outcome = Outcome::Review;
        }
        let raw = span.clone().and_then(|span| self.transcript.text.get(span)).map(str::to_owned);
        self.fields.push(Field {
            name: name.to_owned(),
            kind,
            content: Guarded::new(Sensitivity::Ordinary, Content { value, text, raw }),
            confidence,
            threshold,
            decision: outcome,
            reader: ReaderKind::Text,
            model: self.model(),
            rule: rule.map(str::to_owned),
            page: span.as_ref().and_then(|span| self.transcript.page_of(span)),
            zone: None,
            span: span.map(|span| (span.start, span.end)),
            crop: None,
        });
    }

    fn model(&self) -> String {
        let source = match self.transcript.source {
            Source::File => "file",
            Source::Layer => "layer",
            Source::Ocr => "ocr",
        };
        format!("vedtak 1 ({source})")
    }
}

/// Fills every field, in the order of the contract.
pub fn fill(sheet: &mut Sheet<'_>, decision: &Decision<'_>) {
    standing(sheet, decision);
    kommune(sheet, decision);
    numbers(sheet, decision);
    answer(sheet, decision);
    conditions(sheet, decision);
    references(sheet, decision);
}

fn standing(sheet: &mut Sheet<'_>, decision: &Decision<'_>) {
    match decision.standing {
        Standing::NotFinal => sheet.findings.push(Finding::general("no_final_decision", "Teksten inneholder ikke et endelig vedtak.")),
        Standing::Unclear if decision.supplement.is_some() => {
            sheet.find("tilleggsvedtak", "supplement", "Vedtaket gjelder et tillegg til et tidligere vedtak.");
        }
        Standing::Unclear if decision.body_in_doubt => {
            sheet.find("organ", "organ_unclear", "Det går ikke klart fram at kommunestyret eller bystyret har gjort vedtaket.");
        }
        Standing::Unclear => sheet.find("vedtatt_totalt", "number_unclear", "Det går ikke klart fram hvor mange som er vedtatt, og for hvilket år."),
        Standing::Clear => {}
    }
}

fn kommune(sheet: &mut Sheet<'_>, decision: &Decision<'_>) {
    let entry = if let Some((kommune, span)) = &decision.kommune {
        Entry::Plain(Value::Text(kommune.number.into()), kommune.name.into(), span.clone())
    } else {
        let named = |wanted: fn(&kommuner::Match) -> bool| decision.mentions.iter().any(|mention| wanted(&mention.what));
        let (code, message) = if decision.mentions.is_empty() {
            ("kommune_missing", "Teksten nevner ingen kommune.")
        } else if named(|what| matches!(what, kommuner::Match::Several(_))) {
            ("kommune_shared_name", "Flere kommuner har dette navnet.")
        } else if named(|what| matches!(what, kommuner::Match::Former(_))) {
            ("kommune_former", "Navnet tilhører en kommune som er slått sammen med en annen eller delt.")
        } else {
            ("kommune_unclear", "Teksten nevner flere kommuner, og det går ikke klart fram hvem som har vedtatt.")
        };
        sheet.find("kommune", code, message);
        Entry::Perhaps(None, decision.mentions.first().map(|mention| mention.span.clone()))
    };
    sheet.put("kommune", FieldType::Kommune, Some("kommune_known"), entry);
}

fn numbers(sheet: &mut Sheet<'_>, decision: &Decision<'_>) {
    years(sheet, decision);
    let first = decision.totals.first().map(|(_, count)| count);
    let total = first.or_else(|| decision.suggestions.first().map(|(count, _)| count)).filter(|_| decision.supplement.is_none());
    let minors = &decision.minors;
    let exact = minors.unclear.is_none() && decision.totals.len() <= 1;
    sheet.put("vedtatt_totalt", FieldType::Integer, None, number(decision, total, true));
    let adults = match (first, &minors.total) {
        (Some(total), Some(minors)) if minors.value <= total.value => Some(Count { value: total.value - minors.value, span: total.span.clone() }),
        _ => None,
    };
    let sound = exact && minors.total.as_ref().is_none_or(|minors| first.is_some_and(|total| minors.value <= total.value));
    for (name, count) in [
        ("vedtatt_voksne_familier", &adults),
        ("vedtatt_em_15_18", &minors.older),
        ("vedtatt_em_under_15", &minors.younger),
        ("vedtatt_em_totalt", &minors.total),
    ] {
        let entry = match (count, &minors.unclear) {
            (None, Some(span)) if name == "vedtatt_em_totalt" && decision.standing != Standing::NotFinal => Entry::Perhaps(None, Some(span.clone())),
            _ => number_if_stated(decision, count.as_ref(), sound),
        };
        sheet.put(name, FieldType::Integer, None, entry);
    }
    each_year(sheet, decision);
    sheet.put("periode_totalt", FieldType::Integer, None, Entry::Blank);
    let limit = match decision.limit {
        Limit::Exact => "eksakt",
        Limit::UpTo => "inntil",
        Limit::AtLeast => "minst",
    };
    let bounded = first.filter(|_| !decision.refused && decision.supplement.is_none());
    sheet.put("grense", FieldType::Choice, None, bounded.map_or(Entry::Blank, |count| code(decision, limit, &count.span)));
}

fn years(sheet: &mut Sheet<'_>, decision: &Decision<'_>) {
    let list = |years: Vec<i64>| {
        let text = years.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        (Value::Years(years), text)
    };
    let decided: Vec<i64> = decision.totals.iter().map(|(year, _)| *year).collect();
    let entry = match (decision.standing, decision.sentences.first()) {
        (Standing::Clear, Some(sentence)) => {
            let (value, text) = list(decided);
            Entry::Plain(value, text, sentence_of(decision, sentence))
        }
        (Standing::NotFinal, _) => Entry::Perhaps(None, None),
        _ if !decided.is_empty() => Entry::Perhaps(Some(list(decided)), None),
        _ => {
            let mut suggested: Vec<i64> = decision.suggestions.iter().filter_map(|(_, year)| *year).collect();
            suggested.dedup();
            Entry::Perhaps((!suggested.is_empty()).then(|| list(suggested)), None)
        }
    };
    sheet.put("aar", FieldType::List, None, entry);
}

/// The words of the year within the sentence that decides, else the sentence.
fn sentence_of(decision: &Decision<'_>, sentence: &Range<usize>) -> Range<usize> {
    let Some(year) = decision.first_year() else { return sentence.clone() };
    let digits = year.to_string();
    decision
        .sentences
        .iter()
        .find_map(|sentence| decision.text[sentence.clone()].find(&digits).map(|at| sentence.start + at..sentence.start + at + digits.len()))
        .unwrap_or_else(|| sentence.clone())
}

/// A number of the decision: accepted if all is clear, held back if nothing was decided.
fn number(decision: &Decision<'_>, count: Option<&Count>, sound: bool) -> Entry {
    match (decision.standing, count) {
        (Standing::NotFinal, _) | (_, None) => Entry::Perhaps(None, None),
        (Standing::Clear, Some(count)) if sound => Entry::Plain(Value::Integer(count.value), count.value.to_string(), count.span.clone()),
        (_, Some(count)) => Entry::Perhaps(Some((Value::Integer(count.value), count.value.to_string())), Some(count.span.clone())),
    }
}

fn number_if_stated(decision: &Decision<'_>, count: Option<&Count>, sound: bool) -> Entry {
    if count.is_none() || decision.standing == Standing::NotFinal { Entry::Blank } else { number(decision, count, sound) }
}

fn each_year(sheet: &mut Sheet<'_>, decision: &Decision<'_>) {
    let entry = if decision.totals.len() < 2 || decision.standing == Standing::NotFinal {
        Entry::Blank
    } else {
        let row = |(year, count): &(i64, Count)| {
            let mut row: BTreeMap<String, serde_json::Value> =
                ["voksne_familier", "em_15_18", "em_under_15", "em_totalt"].map(|name| (name.to_owned(), serde_json::Value::Null)).into();
            row.insert("aar".into(), (*year).into());
            row.insert("totalt".into(), count.value.into());
            row
        };
        let text = decision.totals.iter().map(|(year, count)| format!("{year}: {}", count.value)).collect::<Vec<_>>().join(", ");
        let value = Value::Rows(decision.totals.iter().map(row).collect());
        let span = decision.totals.iter().map(|(_, count)| count.span.clone()).reduce(|one, other| terms::cover(&one, &other)).unwrap_or_default();
        if decision.standing == Standing::Clear { Entry::Plain(value, text, span) } else { Entry::Perhaps(Some((value, text)), Some(span)) }
    };
    sheet.put("per_aar", FieldType::List, None, entry);
}

fn code(decision: &Decision<'_>, code: &str, span: &Range<usize>) -> Entry {
    let value = Value::Text(code.to_owned());
    match decision.standing {
        Standing::Clear => Entry::Plain(value, code.to_owned(), span.clone()),
        Standing::Unclear => Entry::Perhaps(Some((value, code.to_owned())), Some(span.clone())),
        Standing::NotFinal => Entry::Blank,
    }
}

fn answer(sheet: &mut Sheet<'_>, decision: &Decision<'_>) {
    let asked = match decision.asked.as_slice() {
        [] => Entry::Blank,
        // What was asked for is a fact of the request, but in a text that decides nothing no number is taken without a person.
        [one] if decision.standing == Standing::Clear => Entry::Plain(Value::Integer(one.value), one.value.to_string(), one.span.clone()),
        [one] => Entry::Perhaps(Some((Value::Integer(one.value), one.value.to_string())), Some(one.span.clone())),
        [first, ..] => Entry::Perhaps(None, Some(first.span.clone())),
    };
    sheet.put("anmodet_totalt", FieldType::Integer, None, asked);
    sheet.put("svar", FieldType::Choice, None, reply(decision));
    let supplement = match (&decision.supplement, decision.standing) {
        (Some(count), Standing::Clear | Standing::Unclear) => {
            Entry::Perhaps(Some((Value::Integer(count.value), count.value.to_string())), Some(count.span.clone()))
        }
        _ => Entry::Blank,
    };
    sheet.put("tilleggsvedtak", FieldType::Integer, None, supplement);
}

/// How the decision answers the request; blank when the request's number is not known and no word says it.
fn reply(decision: &Decision<'_>) -> Entry {
    let Some((_, decided)) = decision.totals.first() else {
        return if decision.standing == Standing::Clear { Entry::Blank } else { Entry::Perhaps(None, None) };
    };
    let answer = match decision.asked.as_slice() {
        _ if decision.refused => "avslaar",
        _ if decision.in_part => "delvis",
        [asked] if decided.value < asked.value => "delvis",
        [_] => "imoetekommer",
        _ if decision.sentences.iter().any(|sentence| says_yes(&decision.text[sentence.clone()])) => "imoetekommer",
        _ => return Entry::Blank,
    };
    code(decision, answer, &decided.span)
}

fn says_yes(sentence: &str) -> bool {
    let sentence = sentence.to_lowercase();
    ["sier ja", "seier ja", "imøtekommer", "imøtekjem", "takker ja", "takkar ja", "i tråd med anmodning", "i samsvar med oppmoding"]
        .iter()
        .any(|words| sentence.contains(words))
}

fn conditions(sheet: &mut Sheet<'_>, decision: &Decision<'_>) {
    let decided = decision.standing != Standing::NotFinal;
    let sentences: &[Range<usize>] = if decided { &decision.sentences } else { &[] };
    let family = match terms::family(decision.text, sentences) {
        Some(found) => found.value.map_or_else(|| Entry::Perhaps(None, Some(found.span.clone())), |value| code(decision, value, &found.span)),
        None if decision.standing == Standing::Clear && !terms::names_family(decision.text) => {
            Entry::Follows(Value::Text("ikke_nevnt".into()), "ikke_nevnt".into())
        }
        None if decided => Entry::Perhaps(None, None),
        None => Entry::Blank,
    };
    sheet.put("familiegjenforente", FieldType::Choice, None, family);
    reservations(sheet, &terms::reservations(decision.text, sentences));
    let more = terms::more(decision.text, sentences);
    let entry = more.map_or(Entry::Blank, |offer| {
        let (value, text) = offer.value.map_or((Value::Flag(true), "ja".to_owned()), |number| (Value::Integer(number), number.to_string()));
        Entry::Perhaps(Some((value, text)), Some(offer.span))
    });
    sheet.put("flere_ved_behov", FieldType::Integer, None, entry);
    sheet.put("flere_ved_behov_em", FieldType::Integer, None, Entry::Blank);
    let lower = decision.refused
        || decision.in_part
        || matches!((decision.totals.first(), decision.asked.as_slice()), (Some((_, decided)), [asked]) if decided.value < asked.value);
    let reason = Some(()).filter(|()| lower && decided).and_then(|()| terms::reason(decision.text, sentences));
    let entry = reason.map_or(Entry::Blank, |span| {
        let text = crate::registry::letters::squeeze(&decision.text[span.clone()]);
        Entry::Perhaps(Some((Value::Text(text.clone()), text)), Some(span))
    });
    sheet.put("begrunnelse", FieldType::Text, None, entry);
}

fn reservations(sheet: &mut Sheet<'_>, found: &[references::Found<&'static str>]) {
    let mut codes: Vec<String> = Vec::new();
    for reservation in found {
        if !codes.iter().any(|code| code == reservation.value) {
            codes.push(reservation.value.to_owned());
        }
    }
    let whole = found.iter().map(|reservation| reservation.span.clone()).reduce(|one, other| terms::cover(&one, &other));
    let entry = if codes.is_empty() { Entry::Blank } else { Entry::Perhaps(Some((Value::Codes(codes.clone()), codes.join(", "))), whole) };
    sheet.put("forbehold", FieldType::List, None, entry);
    for (number, reservation) in found.iter().enumerate() {
        let entry = Entry::Perhaps(Some((Value::Text(reservation.value.to_owned()), reservation.value.to_owned())), Some(reservation.span.clone()));
        sheet.put(&format!("forbehold.{}", number + 1), FieldType::Choice, None, entry);
    }
}

fn references(sheet: &mut Sheet<'_>, decision: &Decision<'_>) {
    let text = decision.text;
    let treated = references::treatment_date(text).filter(|_| decision.standing == Standing::NotFinal);
    sheet.put(
        "behandles_dato",
        FieldType::Date,
        Some("date_exists"),
        treated.map_or(Entry::Blank, |found| Entry::Plain(Value::Text(found.value.to_string()), dates::for_people(found.value), found.span)),
    );
    let organ = match (&decision.body, decision.standing) {
        (_, Standing::NotFinal) => Entry::Blank,
        (Some((body, span)), _) if !decision.body_in_doubt => Entry::Plain(Value::Text(body.code().into()), body.code().into(), span.clone()),
        (Some((body, span)), _) => Entry::Perhaps(Some((Value::Text(body.code().into()), body.code().into())), Some(span.clone())),
        (None, _) if decision.body_in_doubt => Entry::Perhaps(None, None),
        (None, _) => Entry::Blank,
    };
    sheet.put("organ", FieldType::Choice, None, organ);
    decided_on(sheet, decision);
    let near = decision.heading.as_ref().map_or_else(Vec::new, |heading| references::political_cases(text, heading));
    let everywhere = references::political_cases(text, &(0..text.len()));
    let case = match (near.as_slice(), everywhere.as_slice()) {
        ([one], _) | ([], [one]) => Entry::Plain(Value::Text(one.value.clone()), one.value.clone(), one.span.clone()),
        ([], []) => Entry::Blank,
        ([first, ..], _) | ([], [first, ..]) => Entry::Perhaps(None, Some(first.span.clone())),
    };
    sheet.put("saksnummer", FieldType::Text, None, case);
    let plain =
        |found: Option<references::Found<String>>| found.map_or(Entry::Blank, |found| Entry::Plain(Value::Text(found.value.clone()), found.value, found.span));
    sheet.put("arkivsak", FieldType::Text, None, plain(references::archive_case(text)));
    sheet.put("deres_ref", FieldType::Text, None, plain(references::your_reference(text)));
    let language = references::language(text).map_or(Entry::Blank, |code| Entry::Follows(Value::Text(code.into()), code.into()));
    sheet.put("maalform", FieldType::Choice, None, language);
}

/// The day of the decision: of its heading, else the only one the letter names.
fn decided_on(sheet: &mut Sheet<'_>, decision: &Decision<'_>) {
    let (text, today) = (decision.text, decision.today);
    let near = decision.heading.as_ref().map_or_else(Vec::new, |heading| references::decision_dates(text, heading, today));
    let everywhere = references::decision_dates(text, &(0..text.len()), today);
    let entry = match (near.as_slice(), everywhere.as_slice()) {
        _ if decision.standing == Standing::NotFinal => Entry::Blank,
        ([one], _) | ([], [one]) => Entry::Plain(Value::Text(one.value.to_string()), dates::for_people(one.value), one.span.clone()),
        ([], []) => Entry::Blank,
        ([first, ..], _) | ([], [first, ..]) => Entry::Perhaps(None, Some(first.span.clone())),
    };
    sheet.put("vedtaksdato", FieldType::Date, Some("date_exists"), entry);
}
