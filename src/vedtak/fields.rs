//! The fields of a vedtak, filled from what was gathered.
//!
//! A field is accepted when the decision is clear, its words were read surely enough and its own rule leaves no choice; blank when the text does
//! not state it; else it waits for a person with what it may be.

use std::collections::BTreeMap;
use std::ops::Range;

use super::decider;
use super::decision::{Answer, Count, Decision, Doubt, OneYear, Standing};
use super::mentions::Limit;
use super::references;
use super::terms;
use super::wording;
use super::{Understood, VERSION};
use crate::record::{Confidence, Content, Decision as Outcome, Field, FieldType, Finding, Guarded, ReaderKind, Sensitivity, Value};
use crate::registry::{dates, kommuner};
use crate::transcript::{Source, Transcript};

/// The least sure word from which text recognition may give a number or a name. Words of a file or a text layer are certain.
const WORD_CONFIDENCE_MIN: f32 = 0.80;

/// How sure the rules are at most of what waits for a person.
const PERHAPS_CONFIDENCE: f32 = 0.5;

/// The rule of a value that no rule found.
const SUGGESTED: &str = "suggested";

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
        let confidence = if outcome == Outcome::Review { Confidence::new(read.get().min(PERHAPS_CONFIDENCE)) } else { read };
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

    /// What no rule found and a model takes for likely: for a person, who is told so. It is less sure than what the rules leave to one by as much as the model doubts it.
    fn suggest(&mut self, name: &str, kind: FieldType, (value, text): (Value, String), span: Option<Range<usize>>, probability: f32) {
        self.put(name, kind, Some(SUGGESTED), Entry::Perhaps(Some((value, text)), span));
        if let Some(field) = self.fields.last_mut() {
            field.confidence = Confidence::new(field.confidence.get() * probability);
        }
    }

    fn model(&self) -> String {
        let source = match self.transcript.source {
            Source::File => "file",
            Source::Layer => "layer",
            Source::Ocr => "ocr",
        };
        format!("vedtak {VERSION} ({source})")
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
        Standing::Unclear => {
            for (index, doubt) in decision.doubts.iter().enumerate() {
                if !decision.doubts[..index].contains(doubt) {
                    doubtful(sheet, *doubt);
                }
            }
        }
        Standing::Clear => {}
    }
}

/// What the clerk is told to look at. Why the kommune is in doubt is told with its field.
fn doubtful(sheet: &mut Sheet<'_>, doubt: Doubt) {
    let (field, code, message) = match doubt {
        Doubt::Kommune => return,
        Doubt::Weak => ("vedtatt_totalt", "decided_unclear", "Det står ikke rett ut at tallet er vedtatt."),
        Doubt::Pending => ("vedtatt_totalt", "still_open", "Saken kan fortsatt være til behandling."),
        Doubt::Numbers => ("vedtatt_totalt", "number_unclear", "Det går ikke klart fram hvor mange som er vedtatt for hvert år."),
        Doubt::NoNumber => ("vedtatt_totalt", "number_missing", "Vedtaket sier ikke med et tall hvor mange som er vedtatt."),
        Doubt::Year => ("aar", "year_unclear", "Det går ikke klart fram hvilket år vedtaket gjelder."),
        Doubt::Soft => ("vedtatt_totalt", "number_soft", "Tallet er omtrentlig, et ønske eller et mål."),
        Doubt::Supplement => ("tilleggsvedtak", "supplement", "Vedtaket gjelder et tillegg til et tidligere vedtak."),
        Doubt::Minors => ("vedtatt_em_totalt", "minors_unclear", "Tallene for enslige mindreårige er ikke klare, eller de går ikke opp."),
        Doubt::Changed => ("vedtatt_totalt", "earlier_changed", "Teksten ser ut til å endre et tidligere vedtak."),
        Doubt::Body => ("organ", "organ_unclear", "Det går ikke klart fram at kommunestyret eller bystyret har gjort vedtaket."),
        Doubt::Competing => ("vedtatt_totalt", "number_competing", "Teksten har også et annet tall som kan være det vedtatte."),
        Doubt::Setting => ("vedtatt_totalt", "setting_unclear", "Det som står rundt tallet, gjør det usikkert om dette er det endelige vedtaket."),
        Doubt::Learnt => ("vedtatt_totalt", "decided_perhaps", "Mye tyder på at noe er vedtatt, men ingen regel finner selve vedtaket i teksten."),
        Doubt::Readings => ("vedtatt_totalt", "readings_differ", "Teksten er lest på to måter, og de er ikke enige om antallet eller året."),
        Doubt::Words => ("vedtatt_totalt", "words_unclear", "Antallet er ikke sagt så enkelt at det kan godtas uten at noen ser på det."),
    };
    sheet.find(field, code, message);
}

fn kommune(sheet: &mut Sheet<'_>, decision: &Decision<'_>) {
    let several =
        || decider::named(decision.text, &(0..decision.text.len())).iter().any(|named| decision.kommune.as_ref().is_some_and(|(known, _)| named != known));
    let entry = if let Some((kommune, span)) = &decision.kommune {
        let (value, name) = (Value::Text(kommune.number.into()), kommune.name.to_owned());
        // Where it is not plain what decides, it is not plain whose matter it is.
        if decision.standing != Standing::Clear && several() {
            Entry::Perhaps(Some((value, name)), Some(span.clone()))
        } else {
            Entry::Plain(value, name, span.clone())
        }
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
    let gone = decision.years.iter().filter_map(|year| year.year).any(|year| year < i64::from(decision.today.year()) - 1);
    if gone && decision.standing != Standing::NotFinal {
        sheet.find("aar", "year_gone_by", "Vedtaket gjelder et år som er over.");
    }
    let first = decision.years.first();
    let total = first.and_then(|year| year.total.as_ref());
    if let Some(guess) = &decision.suggestions.total {
        sheet.find("vedtatt_totalt", "number_suggested", "Tallet er et forslag: det er det mest sannsynlige av tallene i teksten.");
        let value = (Value::Integer(guess.value), guess.value.to_string());
        sheet.suggest("vedtatt_totalt", FieldType::Integer, value, guess.span.clone(), guess.probability);
    } else {
        sheet.put("vedtatt_totalt", FieldType::Integer, None, number(decision, total));
    }
    let unclear = first.and_then(|year| year.minors.unclear.clone());
    // What was left of one number is not what is left of another.
    let replaced = decision.suggestions.total.is_some() && total.is_some();
    for (name, count) in [
        ("vedtatt_voksne_familier", first.and_then(|year| year.adults.as_ref())),
        ("vedtatt_em_15_18", first.and_then(|year| year.minors.older.as_ref())),
        ("vedtatt_em_under_15", first.and_then(|year| year.minors.younger.as_ref())),
        ("vedtatt_em_totalt", first.and_then(|year| year.minors.total.as_ref())),
    ] {
        let entry = match (count, &unclear) {
            (None, Some(span)) if name == "vedtatt_em_totalt" && decision.standing != Standing::NotFinal => Entry::Perhaps(None, Some(span.clone())),
            (Some(_), _) if replaced && name == "vedtatt_voksne_familier" => Entry::Perhaps(None, None),
            _ => number_if_stated(decision, count),
        };
        sheet.put(name, FieldType::Integer, None, entry);
    }
    each_year(sheet, decision);
    // A sum whose years are told apart is there to be checked against them, and not a field of its own.
    let unsplit = decision.period.as_ref().filter(|_| decision.years.iter().all(|year| year.total.is_none()));
    sheet.put("periode_totalt", FieldType::Integer, None, number_if_stated(decision, unsplit));
    let limit = match decision.limit {
        Limit::Exact => "eksakt",
        Limit::UpTo => "inntil",
        Limit::AtLeast => "minst",
    };
    let bounded = total.filter(|total| total.value > 0);
    sheet.put("grense", FieldType::Choice, None, bounded.map_or(Entry::Blank, |count| code(decision, limit, &count.span)));
}

fn years(sheet: &mut Sheet<'_>, decision: &Decision<'_>) {
    if let Some(guess) = &decision.suggestions.years {
        sheet.find("aar", "year_suggested", "Året er et forslag: det er det mest sannsynlige av årene i teksten.");
        let value = (Value::Years(guess.value.clone()), years_for_people(&guess.value));
        sheet.suggest("aar", FieldType::List, value, guess.span.clone(), guess.probability);
        return;
    }
    let decided: Vec<i64> = decision.years.iter().filter_map(|year| year.year).collect();
    let text = years_for_people(&decided);
    let entry = match (decision.standing, decision.sentences.first()) {
        (Standing::NotFinal, _) => Entry::Perhaps(None, None),
        _ if decided.is_empty() => Entry::Perhaps(None, None),
        (Standing::Clear, Some(sentence)) => Entry::Plain(Value::Years(decided), text, sentence_of(decision, sentence)),
        _ => Entry::Perhaps(Some((Value::Years(decided), text)), None),
    };
    sheet.put("aar", FieldType::List, None, entry);
}

fn years_for_people(years: &[i64]) -> String {
    years.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// The words of the year within the sentences that decide, else the first of them.
fn sentence_of(decision: &Decision<'_>, sentence: &Range<usize>) -> Range<usize> {
    let Some(year) = decision.years.first().and_then(|year| year.year) else { return sentence.clone() };
    let digits = year.to_string();
    decision
        .sentences
        .iter()
        .find_map(|sentence| decision.text[sentence.clone()].find(&digits).map(|at| sentence.start + at..sentence.start + at + digits.len()))
        .unwrap_or_else(|| sentence.clone())
}

/// A number of the decision: accepted if all is clear, held back if nothing was decided.
fn number(decision: &Decision<'_>, count: Option<&Count>) -> Entry {
    match (decision.standing, count) {
        (Standing::NotFinal, _) | (_, None) => Entry::Perhaps(None, None),
        (Standing::Clear, Some(count)) => Entry::Plain(Value::Integer(count.value), count.value.to_string(), count.span.clone()),
        (_, Some(count)) => Entry::Perhaps(Some((Value::Integer(count.value), count.value.to_string())), Some(count.span.clone())),
    }
}

fn number_if_stated(decision: &Decision<'_>, count: Option<&Count>) -> Entry {
    if count.is_none() || decision.standing == Standing::NotFinal { Entry::Blank } else { number(decision, count) }
}

fn each_year(sheet: &mut Sheet<'_>, decision: &Decision<'_>) {
    let entry = if decision.years.len() < 2 || decision.standing == Standing::NotFinal {
        Entry::Blank
    } else if decision.suggestions.total.is_some() || decision.suggestions.years.is_some() {
        Entry::Perhaps(None, None)
    } else {
        let number = |count: &Option<Count>| count.as_ref().map_or(serde_json::Value::Null, |count| count.value.into());
        let row = |year: &OneYear| -> BTreeMap<String, serde_json::Value> {
            [
                ("aar", year.year.map_or(serde_json::Value::Null, Into::into)),
                ("totalt", number(&year.total)),
                ("voksne_familier", number(&year.adults)),
                ("em_15_18", number(&year.minors.older)),
                ("em_under_15", number(&year.minors.younger)),
                ("em_totalt", number(&year.minors.total)),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into()
        };
        let shown = |year: &OneYear| format!("{}: {}", year.year.unwrap_or_default(), year.total.as_ref().map_or(0, |total| total.value));
        let text = decision.years.iter().map(shown).collect::<Vec<_>>().join(", ");
        let value = Value::Rows(decision.years.iter().map(row).collect());
        let span = decision
            .years
            .iter()
            .filter_map(|year| Some(year.total.as_ref()?.span.clone()))
            .reduce(|one, other| terms::cover(&one, &other))
            .unwrap_or_default();
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
        [one] if decision.standing == Standing::Clear && !decision.asked_in_doubt => {
            Entry::Plain(Value::Integer(one.value), one.value.to_string(), one.span.clone())
        }
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

/// How the decision answers the request.
fn reply(decision: &Decision<'_>) -> Entry {
    let span = decision.first().map_or_else(|| decision.sentences.first().cloned().unwrap_or_default(), |decided| decided.span.clone());
    match decision.answer {
        // A number was decided all the same: it may have been another case that was put off.
        Answer::PutOff if decision.first().is_some() => Entry::Perhaps(Some((Value::Text("utsatt".into()), "utsatt".into())), Some(span)),
        // That it was put off holds whatever else is in doubt.
        Answer::PutOff => Entry::Plain(Value::Text("utsatt".into()), "utsatt".into(), span),
        _ if decision.standing == Standing::NotFinal => Entry::Blank,
        Answer::Unclear(seems) => {
            let seems = seems.and_then(|answer| answer.code());
            Entry::Perhaps(seems.map(|code| (Value::Text(code.into()), code.into())), Some(span))
        }
        // Yes or a part of it, held against a number that may not be the one asked for.
        Answer::Yes | Answer::Part if decision.asked_in_doubt => {
            let seems = decision.answer.code();
            Entry::Perhaps(seems.map(|code| (Value::Text(code.into()), code.into())), Some(span))
        }
        answer => answer.code().map_or(Entry::Blank, |answer| code(decision, answer, &span)),
    }
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
    let offer = decision.more.as_ref().filter(|_| decided).map(|more| (Value::Integer(more.value), more.value.to_string(), more.span.clone()));
    let offer = offer.or_else(|| terms::open_to_more(decision.text, sentences).map(|span| (Value::Flag(true), "ja".to_owned(), span)));
    sheet.put("flere_ved_behov", FieldType::Integer, None, offer.map_or(Entry::Blank, |(value, text, span)| Entry::Perhaps(Some((value, text)), Some(span))));
    sheet.put("flere_ved_behov_em", FieldType::Integer, None, Entry::Blank);
    let lower = matches!(decision.answer, Answer::No | Answer::Part);
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
    // The council gave its power away, and only its own name stands in the text.
    let by_others = decision.body.as_ref().is_some_and(|(body, _)| body.is_council()) && wording::BY_DELEGATION.is_match(text);
    let organ = match (&decision.body, decision.standing) {
        (_, Standing::NotFinal) => Entry::Blank,
        (Some((_, span)), _) if by_others => Entry::Perhaps(None, Some(span.clone())),
        (Some((body, span)), Standing::Clear) if !decision.body_in_doubt => Entry::Plain(Value::Text(body.code().into()), body.code().into(), span.clone()),
        (Some((body, span)), _) => Entry::Perhaps(Some((Value::Text(body.code().into()), body.code().into())), Some(span.clone())),
        (None, _) if decision.body_in_doubt => Entry::Perhaps(None, None),
        (None, _) => Entry::Blank,
    };
    sheet.put("organ", FieldType::Choice, None, organ);
    decided_on(sheet, decision);
    let near = decision.heading.as_ref().map_or_else(Vec::new, |heading| references::political_cases(text, heading));
    let everywhere = references::political_cases(text, &(0..text.len()));
    let case = match (near.as_slice(), everywhere.as_slice()) {
        // Named once, and without the word for a case there stands another: the heading's own may be that one.
        ([], [one]) if references::names_another_case(text, &one.value) => {
            Entry::Perhaps(Some((Value::Text(one.value.clone()), one.value.clone())), Some(one.span.clone()))
        }
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
        ([one], _) | ([], [one]) if decision.standing == Standing::Clear => {
            Entry::Plain(Value::Text(one.value.to_string()), dates::for_people(one.value), one.span.clone())
        }
        ([], []) => Entry::Blank,
        ([one], _) | ([], [one]) => Entry::Perhaps(Some((Value::Text(one.value.to_string()), dates::for_people(one.value))), Some(one.span.clone())),
        ([first, ..], _) | ([], [first, ..]) => Entry::Perhaps(None, Some(first.span.clone())),
    };
    sheet.put("vedtaksdato", FieldType::Date, Some("date_exists"), entry);
}
