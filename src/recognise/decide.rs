//! From what was seen in the zones to the fields of a record: which are accepted, which a person has to look at.
//!
//! The rule is to accept nothing that could be wrong. Typed text is accepted only if every character of it was read surely and the value obeys its type; a
//! comb written by hand only from the confidence on that its type was calibrated to ([`super::calibration`]). All other handwriting waits for a person with the
//! machine's reading as a suggestion, and so does a special free text, whoever wrote it. What has writing beside it, or was not seen as it is printed, waits too. A choice is accepted with one clear mark, a lone box with a clear mark or clearly none.
//!
//! The bounds for print were chosen by hand on typed pages drawn in nine typefaces, 9 to 14 points, up to 5 degrees askew, printed at 94 to 103 %, scanned
//! at 150 to 400 dpi in black and white, grey and JPEG: some 6,000 fields, of which nine of ten were accepted. Those pages showed no wrong value
//! that was accepted, nor did 4,000 fields in fonts that imitate handwriting; but they are what the bounds were chosen on, and so no measure of
//! the error rate.

use std::collections::BTreeMap;

use super::alphabet;
use super::checkbox::BoxState;
use super::decode::{self, Cell, Decoded, Texts, decode};
use super::models::Means;
use super::print::Signature;
use super::read::{Mark, TextReading, Trouble, ZoneReading};
use super::typeface::Hand;
use super::zone::UNSEEN;
use crate::forms::{Check, FieldDef, Form, ZoneKind};
use crate::record::{Confidence, Content, Crop, Decision, Field, FieldType, Finding, Guarded, ReaderKind, RectMm, Sensitivity, Value};
use crate::registry::{self, Canonical, familiar, postal};

/// What decides boxes and signatures, with its version.
const MARKS_MODEL: &str = "ink 1";
/// Least clearness of a box that is accepted.
const BOX_MIN: f32 = 0.9;
/// Least confidence of a character where check digits would catch a wrong one.
const CHECKED_MIN: f32 = 0.85;
/// Least confidence of a character of a number without check digits: no dictionary helps, but there are only ten shapes.
const DIGIT_MIN: f32 = 0.93;
/// Least confidence of a character of a text.
const TEXT_MIN: f32 = 0.93;

/// Makes one field of each field definition, in order, from the zones of all pages that were read.
#[must_use]
pub fn decide(form: &Form, readings: Vec<ZoneReading>, context: &registry::Context, means: Means<'_>) -> (Vec<Field>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut by_field: Vec<Vec<ZoneReading>> = form.fields.iter().map(|_| Vec::new()).collect();
    for reading in readings {
        if let Some(mine) = by_field.get_mut(reading.field) {
            mine.push(reading);
        }
    }
    let missing: Vec<u32> =
        form.pages.iter().map(|page| page.number).filter(|&number| form.zones_on(number).next().is_some() && !was_read(form, &by_field, number)).collect();
    for page in &missing {
        findings.push(Finding::general("page_missing", format!("Side {page} av skjemaet mangler eller kunne ikke leses.")));
    }
    let another_script = AnotherScript::of(form, &by_field);
    let mut together = read_together(form, &by_field, *context);
    let mut fields = Vec::with_capacity(form.fields.len());
    for (index, (definition, mut readings)) in form.fields.iter().zip(by_field).enumerate() {
        readings.sort_by_key(|reading| reading.zone);
        let case = Case { definition, context, means, another_script, readings, together: together.remove(&index) };
        fields.push(case.decide(&mut findings));
    }
    (fields, findings)
}

fn was_read(form: &Form, by_field: &[Vec<ZoneReading>], number: u32) -> bool {
    form.fields
        .iter()
        .zip(by_field)
        .any(|(field, readings)| readings.iter().any(|reading| field.zones.get(reading.zone).is_some_and(|zone| zone.page == number)))
}

/// One field and what was seen of it.
struct Case<'a> {
    definition: &'a FieldDef,
    context: &'a registry::Context,
    means: Means<'a>,
    another_script: AnotherScript,
    readings: Vec<ZoneReading>,
    /// What it says where it was read together with another field.
    together: Option<Decoded>,
}

/// Fields that say the same, each pair read as one: which of the postal codes that there are, with its own place, which number with its own day of birth was most probably
/// written. Their probability together is a lower bound for each of the two.
fn read_together(form: &Form, by_field: &[Vec<ZoneReading>], context: registry::Context) -> BTreeMap<usize, Decoded> {
    let written = |name: &String| {
        let index = form.fields.iter().position(|field| field.name == *name)?;
        Some((index, written(&by_field[index])?))
    };
    let is_born_on = |line: &str| registry::is_born_on(line, &context);
    let mut together = BTreeMap::new();
    for rule in &form.rules {
        let (pair, belong, known): (_, &dyn Fn(&str) -> bool, _) = match &rule.check {
            Check::PostTown { code, town } => (written(code).zip(written(town)), &postal::is_line, postal::lines()),
            Check::BornOn { number, date } => (written(number).zip(written(date)), &is_born_on, [].as_slice()),
            _ => continue,
        };
        let Some(((one, one_cells), (other, other_cells))) = pair else { continue };
        let cells: Vec<Cell> = one_cells.iter().cloned().chain([Cell::only(' ')]).chain(other_cells.iter().cloned()).collect();
        let decoded = decode(&cells, belong, known);
        // Where the two do not belong together each says what it says.
        let Some((first, second)) = decoded.text.split_once(' ').filter(|_| belong(&decoded.text)) else { continue };
        together.insert(one, Decoded { raw: decode::raw(one_cells), text: first.to_owned(), ..decoded.clone() });
        together.insert(other, Decoded { raw: decode::raw(other_cells), text: second.to_owned(), ..decoded.clone() });
    }
    together
}

/// The cells of a field that is one comb written by hand.
fn written(readings: &[ZoneReading]) -> Option<&Vec<Cell>> {
    let [ZoneReading { mark: Mark::Text(text), .. }] = readings else { return None };
    (text.hand != Hand::Typed && !text.cells.is_empty()).then_some(&text.cells)
}

/// Whether somebody wrote in another script.
#[derive(Clone, Copy)]
struct AnotherScript {
    /// Its letters are not ours, also those that look like ours.
    letters: bool,
    /// Its digits are not ours either: the Arabic six looks like our seven.
    digits: bool,
}

impl AnotherScript {
    /// Many of its letters and digits look like ours, and only those that do not tell. In Cyrillic more than half of all words have one, and the digits are ours; a hand
    /// that is hard to read has one now and then.
    fn of(form: &Form, by_field: &[Vec<ZoneReading>]) -> Self {
        const FIELDS_MIN: usize = 2;
        const ONE_IN: usize = 5;
        let many_are_strange = |letters: bool| {
            let of_these = |reading: &&ZoneReading| form.fields.get(reading.field).is_some_and(|field| alphabet::has_letters(field.kind) == letters);
            let (mut strange, mut all) = (0, 0);
            for reading in by_field.iter().flatten().filter(of_these) {
                if let Mark::Text(text) = &reading.mark
                    && text.hand != Hand::Typed
                {
                    all += 1;
                    strange += usize::from(text.trouble == Some(Trouble::Strange));
                }
            }
            strange >= FIELDS_MIN && strange * ONE_IN >= all
        };
        let digits = many_are_strange(false);
        Self { letters: digits || many_are_strange(true), digits }
    }
}

/// What a field comes to.
struct Verdict {
    content: Content,
    decision: Decision,
    confidence: f32,
    threshold: f32,
    rule: Option<String>,
    /// The one zone that matters, where it is not all of them.
    zone: Option<usize>,
}

impl Verdict {
    fn empty(confidence: f32) -> Self {
        Self { content: Content::default(), decision: Decision::Empty, confidence, threshold: 0.0, rule: None, zone: None }
    }

    fn review(confidence: f32, threshold: f32) -> Self {
        Self { decision: Decision::Review, threshold, ..Self::empty(confidence) }
    }
}

impl Case<'_> {
    fn decide(self, findings: &mut Vec<Finding>) -> Field {
        let kind = self.definition.zones.first().map_or(ZoneKind::Comb, |zone| zone.kind);
        let read = |zone: usize| self.readings.iter().any(|reading| reading.zone == zone);
        let mut verdict = if !(0..self.definition.zones.len()).all(read) {
            // A page is missing. What is on it is not blank but unknown.
            Verdict::review(0.0, 1.0)
        } else if self.is_doubled() {
            findings.push(self.finding("page_doubled", "Siden med feltet finnes mer enn én gang, og utfyllingen er ikke den samme."));
            Verdict::review(0.0, 1.0)
        } else {
            match kind {
                ZoneKind::Checkbox => self.boxes(findings),
                ZoneKind::Signature => self.signature(findings),
                ZoneKind::Comb | ZoneKind::Print | ZoneKind::Free => self.text(kind, findings),
            }
        };
        let trust = self.trust();
        if trust <= UNSEEN && verdict.decision != Decision::Review {
            // What nobody saw is neither blank nor marked, and what stands on a page of an unknown version may mean something else.
            findings.push(self.finding("field_not_seen", "Feltet er ikke sett slik det er trykt: siden kan være revet, dekket eller av en annen utgave."));
            verdict.decision = Decision::Review;
            verdict.confidence = verdict.confidence.min(trust);
        }
        if self.readings.iter().any(|reading| reading.stray) {
            // What stands in the field, or that nothing does, is not all that was written there.
            findings.push(self.finding("writing_outside", "Det er skrevet utenfor feltet. Se på siden."));
            verdict.decision = Decision::Review;
        }
        let (reader, model) = match kind {
            ZoneKind::Comb if self.is_by_hand() => (ReaderKind::Comb, self.means.hand),
            ZoneKind::Comb => (ReaderKind::Comb, self.means.print),
            ZoneKind::Print => (ReaderKind::Print, self.means.print),
            ZoneKind::Free => (ReaderKind::Free, self.means.print),
            ZoneKind::Checkbox => (ReaderKind::Checkbox, MARKS_MODEL),
            ZoneKind::Signature => (ReaderKind::Signature, MARKS_MODEL),
        };
        let (page, zone) = self.place(verdict.zone);
        Field {
            name: self.definition.name.clone(),
            kind: self.definition.kind,
            content: Guarded::new(self.definition.sensitivity, verdict.content),
            confidence: Confidence::new(verdict.confidence),
            threshold: Confidence::new(verdict.threshold),
            decision: verdict.decision,
            reader,
            model: model.to_owned(),
            rule: verdict.rule,
            page,
            zone,
            span: None,
            crop: self.crop(),
        }
    }

    /// Whether a zone was read more than once with different results: the same page twice. Equal copies are as good as one.
    fn is_doubled(&self) -> bool {
        self.readings.windows(2).any(|pair| pair[0].zone == pair[1].zone && !says_the_same(&pair[0].mark, &pair[1].mark))
    }

    fn finding(&self, code: &str, message: &str) -> Finding {
        Finding::about(self.definition.name.clone(), code, message)
    }

    /// The page and the rectangle on it: of one zone, or of all zones on the first page.
    fn place(&self, zone: Option<usize>) -> (Option<u32>, Option<RectMm>) {
        let one = zone.and_then(|index| self.definition.zones.get(index)).map(|zone| (zone.page, zone.rect));
        one.or_else(|| self.definition.place()).unzip()
    }

    fn crop(&self) -> Option<Crop> {
        self.readings.iter().find_map(|reading| reading.crop.clone())
    }

    fn trust(&self) -> f32 {
        self.readings.iter().map(|reading| reading.trust).fold(1.0, f32::min)
    }

    fn boxes(&self, findings: &mut Vec<Finding>) -> Verdict {
        let boxes: Vec<(&ZoneReading, BoxState, f32)> = self
            .readings
            .iter()
            .filter_map(|reading| match reading.mark {
                Mark::Box(state, clear) => Some((reading, state, clear)),
                _ => None,
            })
            .collect();
        let confidence = boxes.iter().map(|(_, _, clear)| *clear).fold(1.0, f32::min) * self.trust();
        let marked: Vec<usize> = boxes.iter().filter(|(_, state, _)| *state == BoxState::Marked).map(|(reading, _, _)| reading.zone).collect();
        let cancelled = boxes.iter().any(|(_, state, _)| *state == BoxState::Cancelled);
        let review = Verdict::review(confidence, BOX_MIN);
        if boxes.iter().any(|(_, state, _)| *state == BoxState::Ambiguous) {
            findings.push(self.finding("box_unclear", "Det er uklart om en rute er krysset av."));
            return Verdict { content: self.suggestion(&marked), ..review };
        }
        // Some people mark by filling in. Only beside a cross is a filled box surely an answer taken back.
        if cancelled && marked.is_empty() {
            findings.push(self.finding("box_filled", "En rute er fylt helt ut: det er uklart om svaret er trukket tilbake."));
            return review;
        }
        if self.definition.kind != FieldType::Multichoice && marked.len() > 1 {
            findings.push(self.finding("choice_several", "Det er krysset av for mer enn ett svar."));
            return review;
        }
        let sure = confidence >= BOX_MIN;
        if marked.is_empty() && self.definition.kind != FieldType::Flag {
            return if sure { Verdict::empty(confidence) } else { review };
        }
        let zone = (marked.len() == 1).then(|| marked[0]);
        Verdict { content: self.suggestion(&marked), decision: if sure { Decision::Accept } else { Decision::Review }, zone, ..review }
    }

    /// The value that the marked boxes stand for.
    fn suggestion(&self, marked: &[usize]) -> Content {
        let codes: Vec<String> = marked.iter().filter_map(|&zone| self.definition.zones.get(zone)?.option.clone()).collect();
        let label = |code: &String| {
            self.definition.options.iter().find(|option| option.code == *code).map_or(code.as_str(), |option| option.label.get("nb")).to_owned()
        };
        let text = codes.iter().map(label).collect::<Vec<_>>().join(", ");
        let raw = Some(codes.join(" "));
        match self.definition.kind {
            FieldType::Flag => yes_or_no(!marked.is_empty()),
            FieldType::Multichoice if codes.is_empty() => Content::default(),
            FieldType::Multichoice => Content { value: Some(Value::Codes(codes)), text: Some(text), raw },
            _ => match codes.as_slice() {
                [code] => Content { value: Some(Value::Text(code.clone())), text: Some(text), raw },
                _ => Content::default(),
            },
        }
    }

    fn signature(&self, findings: &mut Vec<Finding>) -> Verdict {
        let trust = self.trust();
        let states: Vec<Signature> = self
            .readings
            .iter()
            .filter_map(|reading| match reading.mark {
                Mark::Signature(state) => Some(state),
                _ => None,
            })
            .collect();
        if states.contains(&Signature::Unclear) {
            findings.push(self.finding("signature_unclear", "Det er uklart om feltet er underskrevet."));
            return Verdict::review(0.5 * trust, BOX_MIN);
        }
        let decision = if trust >= BOX_MIN { Decision::Accept } else { Decision::Review };
        Verdict { content: yes_or_no(states.contains(&Signature::Signed)), decision, ..Verdict::review(0.99 * trust, BOX_MIN) }
    }

    fn text(&self, zone_kind: ZoneKind, findings: &mut Vec<Finding>) -> Verdict {
        let mut parts: Vec<(usize, &TextReading)> = self
            .readings
            .iter()
            .filter_map(|reading| match &reading.mark {
                Mark::Text(text) => Some((reading.zone, text)),
                _ => None,
            })
            .collect();
        parts.dedup_by_key(|part| part.0);
        let trust = self.trust();
        if parts.is_empty() {
            return Verdict::empty(trust);
        }
        if zone_kind == ZoneKind::Comb && self.is_by_hand() {
            return self.written(&parts, findings);
        }
        let join = |side: fn(&TextReading) -> &str| parts.iter().map(|(_, part)| side(part)).collect::<Vec<_>>().join(" ");
        let (raw, text) = (join(|part| &part.raw), join(|part| &part.text));
        let confidence = parts.iter().map(|(_, part)| part.confidence).fold(1.0, f32::min) * trust;
        let typed = parts.iter().all(|(_, part)| part.hand == Hand::Typed);
        let threshold = threshold(self.definition.kind);
        let legible = !text.trim().is_empty() && !text.contains('?');
        if !legible {
            let raw = Some(raw).filter(|raw| !raw.trim().is_empty());
            return Verdict { content: Content { raw, ..Content::default() }, ..Verdict::review(confidence, threshold) };
        }
        let (value, readable, rule, breach) = match registry::canonicalise(self.definition.kind, &text, self.context) {
            Canonical::Valid { value, text, rule } => (Some(value), Some(text), rule, None),
            Canonical::Doubtful { value, text, code, message } => (value, text, Some(code), Some((code, message))),
        };
        let sure = typed && confidence >= threshold;
        // A rule that a machine's guess at handwriting breaks says nothing about what was written.
        if let Some((code, message)) = breach.filter(|_| sure) {
            findings.push(self.finding(code, message));
        }
        let for_people = zone_kind == ZoneKind::Free && self.definition.sensitivity == Sensitivity::Special;
        let decision = if sure && breach.is_none() && !for_people { Decision::Accept } else { Decision::Review };
        // What is not surely typed is never as sure as the threshold, so that the numbers explain the decision.
        let confidence = if typed { confidence } else { confidence.min(threshold * 0.9) };
        Verdict {
            content: Content { value, text: readable, raw: Some(raw) },
            decision,
            rule: rule.map(str::to_owned),
            ..Verdict::review(confidence, threshold)
        }
    }
}

impl Case<'_> {
    /// Whether the field's combs hold something that no machine wrote.
    fn is_by_hand(&self) -> bool {
        self.readings.iter().any(|reading| matches!(&reading.mark, Mark::Text(text) if text.hand != Hand::Typed))
    }

    /// What a comb says by itself.
    ///
    /// In fields of words, how letters follow each other makes a text that the shapes say more or less sure: `HANBEN` may be a name, but an S that looks like a B is likelier.
    /// It never makes another text sure than the shapes say, for people from everywhere have names that no list is like.
    fn alone(&self, cells: &[Cell]) -> Decoded {
        let kind = self.definition.kind;
        let likelier = |text: &str| registry::can_be(kind, text, self.context).then(|| familiar::likelier(kind, text));
        let texts = Texts::of(cells, registry::names(kind));
        let shapes = texts.weighed(&likelier);
        if !matches!(kind, FieldType::Name | FieldType::Text) {
            return shapes;
        }
        let spelt = texts.weighed(&|text| Some(likelier(text)? * familiar::better_spelt(text, &shapes.text)));
        // Another text than the shapes' likeliest is at most as probable as their second.
        let most = if spelt.text == shapes.text { 1.0 } else { shapes.second };
        Decoded { confidence: spelt.confidence.min(most), ..spelt }
    }

    /// A comb written by hand: the value that was most probably meant, under the type's rule. What was read stands beside it.
    fn written(&self, parts: &[(usize, &TextReading)], findings: &mut Vec<Finding>) -> Verdict {
        let kind = self.definition.kind;
        let mut cells: Vec<Cell> = Vec::new();
        for (_, part) in parts {
            if !cells.is_empty() {
                cells.push(Cell::only(' '));
            }
            // What a machine wrote beside it was read as print.
            let print = part.cells.is_empty().then(|| part.text.chars().map(|c| Cell::new([(c, f64::from(part.confidence))])));
            cells.extend(print.into_iter().flatten().chain(part.cells.iter().cloned()));
        }
        let alone = self.alone(&cells);
        let decoded = self.together.as_ref().filter(|together| together.confidence > alone.confidence).cloned().unwrap_or(alone);
        let legibility = parts.iter().map(|(_, part)| part.confidence).fold(self.trust(), f32::min);
        let confidence = decoded.confidence as f32 * legibility;
        let least = self.means.calibration.least(kind);
        let threshold = least.unwrap_or(1.0);
        let raw = Some(decoded.raw).filter(|raw| !raw.trim().is_empty());
        let troubled = parts.iter().find_map(|(_, part)| part.trouble);
        if least.is_none_or(|least| confidence < least)
            && let Some(trouble) = troubled
        {
            let (code, message) = said(trouble);
            findings.push(self.finding(code, message));
        }
        if decoded.text.contains('?') {
            return Verdict { content: Content { raw, ..Content::default() }, ..Verdict::review(0.0, threshold) };
        }
        let (value, text, rule, breach) = match registry::canonicalise(kind, &decoded.text, self.context) {
            Canonical::Valid { value, text, rule } => (Some(value), Some(text), rule, None),
            Canonical::Doubtful { value, text, code, message } => (value, text, Some(code), Some((code, message))),
        };
        // Two readings of it differ, or it was read as print and nobody knows whether it is.
        let disputed = parts.iter().any(|(_, part)| part.cells.is_empty() && part.hand != Hand::Typed);
        let foreign = if alphabet::has_letters(kind) { self.another_script.letters } else { self.another_script.digits };
        if foreign && troubled.is_none() {
            findings.push(self.finding("script_unknown", "Skjemaet ser ut til å være fylt ut med en annen skrift. Tegn som ligner våre, kan bety noe annet."));
        }
        let sure = !disputed && !foreign && least.is_some_and(|least| confidence >= least);
        // A rule that a doubtful reading breaks says nothing about what was written.
        if let Some((code, message)) = breach.filter(|_| sure) {
            findings.push(self.finding(code, message));
        }
        let decision = if sure && breach.is_none() { Decision::Accept } else { Decision::Review };
        Verdict { content: Content { value, text, raw }, decision, rule: rule.map(str::to_owned), ..Verdict::review(confidence, threshold) }
    }
}

/// Why a person has to read it.
fn said(trouble: Trouble) -> (&'static str, &'static str) {
    match trouble {
        Trouble::Faint => ("writing_faint", "Skriften er for svak til å leses sikkert."),
        Trouble::Joined => ("writing_joined", "Skriften går over i naboruten, så tegnene lar seg ikke skille."),
        Trouble::Outside => ("writing_outside", "Det er skrevet utenfor rutene. Se på siden."),
        Trouble::Struck => ("character_struck", "Et tegn ser ut til å være strøket."),
        Trouble::Strange => ("character_strange", "En rute har noe annet enn ett kjent tegn: kanskje to tegn, en tegning eller en annen skrift."),
    }
}

fn yes_or_no(yes: bool) -> Content {
    Content { value: Some(Value::Flag(yes)), text: Some(if yes { "ja" } else { "nei" }.to_owned()), raw: None }
}

/// Whether two looks at one zone saw the same.
#[must_use]
pub fn says_the_same(one: &Mark, other: &Mark) -> bool {
    match (one, other) {
        (Mark::Box(a, _), Mark::Box(b, _)) => a == b,
        (Mark::Text(a), Mark::Text(b)) => a.text == b.text,
        (Mark::Signature(a), Mark::Signature(b)) => a == b,
        _ => one.is_blank() && other.is_blank(),
    }
}

/// The least confidence at which a text of a type is accepted.
fn threshold(kind: FieldType) -> f32 {
    match kind {
        FieldType::Duf | FieldType::Fnr => CHECKED_MIN,
        FieldType::Date | FieldType::Year | FieldType::Postnummer | FieldType::Integer | FieldType::Phone => DIGIT_MIN,
        _ => TEXT_MIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::{Labels, PageLayout, Zone};
    use crate::recognise::Calibration;

    fn form(kind: FieldType, zone: ZoneKind, sensitivity: Sensitivity) -> Form {
        let place = Zone { page: 1, kind: zone, rect: RectMm::new(20.0, 20.0, 60.0, 7.0), cells: Vec::new(), option: None };
        let field = FieldDef {
            name: "felt".into(),
            kind,
            sensitivity,
            legal_basis: String::new(),
            required: false,
            label: Labels::default(),
            options: Vec::new(),
            zones: vec![place],
        };
        Form {
            name: "proeve".into(),
            version: "1".into(),
            printed_id: String::new(),
            title: Labels::default(),
            languages: vec!["nb".into()],
            picture: None,
            pages: vec![PageLayout { number: 1, fiducials: Vec::new(), code: None, print: Vec::new() }],
            fields: vec![field],
            rules: Vec::new(),
        }
    }

    fn decided(form: &Form, mark: Mark, trust: f32) -> (Field, Vec<Finding>) {
        let context = registry::Context { today: crate::clock::date(2026, 11, 21), test_ids: true };
        let calibration = Calibration::built_in().unwrap_or_else(|error| panic!("{error}"));
        let reading = ZoneReading { field: 0, zone: 0, mark, trust, stray: false, residual_mm: 0.0, crop: None };
        let (mut fields, findings) = decide(form, vec![reading], &context, Means { print: "test 1", hand: "test 2", calibration: &calibration });
        (fields.remove(0), findings)
    }

    fn duf(text: &str, confidence: f32, hand: Hand, trust: f32) -> (Decision, Vec<String>) {
        let mark = Mark::Text(TextReading { raw: text.into(), text: text.into(), confidence, hand, cells: Vec::new(), trouble: None });
        let (field, findings) = decided(&form(FieldType::Duf, ZoneKind::Comb, Sensitivity::Ordinary), mark, trust);
        assert_eq!(field.decision == Decision::Accept, field.confidence >= field.threshold && findings.is_empty(), "the numbers explain the decision");
        (field.decision, findings.into_iter().map(|finding| finding.code).collect())
    }

    #[test]
    fn only_sure_typed_and_valid_text_is_accepted() {
        let none: Vec<String> = Vec::new();
        assert_eq!(duf("202203141502", 0.98, Hand::Typed, 1.0), (Decision::Accept, none.clone()));
        assert_eq!(duf("202203141502", 0.60, Hand::Typed, 1.0), (Decision::Review, none.clone()));
        assert_eq!(duf("202203141502", 0.98, Hand::Typed, 0.8), (Decision::Review, none.clone()));
        assert_eq!(duf("202203141502", 0.98, Hand::Written, 1.0), (Decision::Review, none.clone()));
        assert_eq!(duf("202203141502", 0.98, Hand::Unclear, 1.0), (Decision::Review, none.clone()));
        assert_eq!(duf("202203141503", 0.98, Hand::Typed, 1.0), (Decision::Review, vec!["duf_check_digit".to_owned()]));
        // A machine's guess at handwriting breaks no rule.
        assert_eq!(duf("202203141503", 0.98, Hand::Written, 1.0), (Decision::Review, none.clone()));
        assert_eq!(duf("2022?3141502", 0.0, Hand::Typed, 1.0), (Decision::Review, none));
    }

    #[test]
    fn a_special_free_text_always_waits_for_a_person() {
        let text = || {
            Mark::Text(TextReading { raw: "Rullestol".into(), text: "Rullestol".into(), confidence: 0.99, hand: Hand::Typed, cells: Vec::new(), trouble: None })
        };
        let (special, _) = decided(&form(FieldType::Text, ZoneKind::Free, Sensitivity::Special), text(), 1.0);
        assert_eq!((special.decision, special.content.sensitivity()), (Decision::Review, Sensitivity::Special));
        let (ordinary, _) = decided(&form(FieldType::Text, ZoneKind::Free, Sensitivity::Ordinary), text(), 1.0);
        assert_eq!(ordinary.decision, Decision::Accept);
    }

    #[test]
    fn a_lone_box_and_a_signature_say_no_when_they_are_blank() {
        let flag = form(FieldType::Flag, ZoneKind::Checkbox, Sensitivity::Ordinary);
        for (mark, expected) in [(Mark::Box(BoxState::Blank, 1.0), false), (Mark::Box(BoxState::Marked, 1.0), true)] {
            let (field, findings) = decided(&flag, mark, 1.0);
            assert_eq!((field.decision, field.content.ordinary().and_then(|content| content.value.clone())), (Decision::Accept, Some(Value::Flag(expected))));
            assert!(findings.is_empty());
        }
        let signature = form(FieldType::Signature, ZoneKind::Signature, Sensitivity::Ordinary);
        let (field, _) = decided(&signature, Mark::Signature(Signature::Blank), 1.0);
        assert_eq!(field.content.ordinary().and_then(|content| content.value.clone()), Some(Value::Flag(false)));
        let (field, findings) = decided(&signature, Mark::Signature(Signature::Unclear), 1.0);
        assert_eq!((field.decision, findings[0].code.as_str()), (Decision::Review, "signature_unclear"));
    }

    /// What the network saw: each character with this probability, and another of its kind.
    fn written(text: &str, probability: f64, trouble: Option<Trouble>) -> Mark {
        let other = |c: char| match c {
            '7' => '1',
            '0'..='9' => '7',
            'M' => 'N',
            _ => 'M',
        };
        let cells = text.chars().map(|c| Cell::new([(c, probability), (other(c), 0.9 * (1.0 - probability))])).collect();
        Mark::Text(TextReading { raw: text.into(), text: text.into(), confidence: 1.0, hand: Hand::Written, cells, trouble })
    }

    /// Decides fields of one kind, each with its mark, where handwriting of that kind is accepted from 0.9 on.
    fn decided_by_hand(kind: FieldType, marks: Vec<Mark>) -> (Vec<Field>, Vec<Finding>) {
        decided_of(&vec![kind; marks.len()], marks)
    }

    fn decided_of(kinds: &[FieldType], marks: Vec<Mark>) -> (Vec<Field>, Vec<Finding>) {
        let threshold = crate::recognise::Threshold { least: 0.9, fields: 6_000, accepted: 6_000, wrong: 0 };
        let calibration =
            Calibration { model: "test 2".into(), risk: 0.0005, made: String::new(), hand: kinds.iter().map(|&kind| (kind, threshold)).collect() };
        let mut form = form(kinds[0], ZoneKind::Comb, Sensitivity::Ordinary);
        let definition = |(index, &kind)| FieldDef { name: format!("felt_{index}"), kind, ..form.fields[0].clone() };
        form.fields = kinds.iter().enumerate().map(definition).collect();
        let reading = |(field, mark)| ZoneReading { field, zone: 0, mark, trust: 1.0, stray: false, residual_mm: 0.0, crop: None };
        let context = registry::Context { today: crate::clock::date(2026, 11, 21), test_ids: true };
        decide(&form, marks.into_iter().enumerate().map(reading).collect(), &context, Means { print: "test 1", hand: "test 2", calibration: &calibration })
    }

    fn codes(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|finding| finding.code.as_str()).collect()
    }

    #[test]
    fn handwriting_is_accepted_from_its_threshold_on_and_under_its_rule() {
        let one = |kind, mark| {
            let (mut fields, findings) = decided_by_hand(kind, vec![mark]);
            (fields.remove(0), codes(&findings).join(" "))
        };
        let (sure, told) = one(FieldType::Duf, written("202203141502", 0.999, None));
        assert_eq!((sure.decision, sure.model.as_str(), told.as_str()), (Decision::Accept, "test 2", ""));
        assert!(sure.confidence >= sure.threshold && sure.threshold == Confidence::new(0.9));
        // A seven that may be a one is set right by the check digit, and what was read stands beside it.
        let (set_right, _) = one(FieldType::Duf, written("202203741502", 0.97, None));
        let content = set_right.content.ordinary().cloned().unwrap_or_default();
        assert_eq!((content.text.as_deref(), content.raw.as_deref()), (Some("202203141502"), Some("202203741502")));
        // Clear digits that break the rule are what was written.
        let (broken, told) = one(FieldType::Duf, written("202203841502", 0.999_99, None));
        assert_eq!((broken.decision, told.as_str()), (Decision::Review, "duf_check_digit"));
        let (doubtful, told) = one(FieldType::Name, written("NAMN", 0.9, None));
        assert_eq!((doubtful.decision, told.as_str()), (Decision::Review, ""));
        // A name that many have is likelier than one beside it that nobody has.
        assert!(one(FieldType::Name, written("ANNE", 0.9, None)).0.confidence > doubtful.confidence);
        // No threshold was ever chosen for other types.
        let (mut other, _) = decided_by_hand(FieldType::Name, vec![written("ANNE", 0.999_9, None)]);
        assert_eq!(other.remove(0).decision, Decision::Accept);
        let of_today = registry::Context { today: crate::clock::date(2026, 11, 21), test_ids: true };
        let none = Calibration { model: "test 2".into(), risk: 0.0005, made: String::new(), hand: [].into() };
        let reading = ZoneReading { field: 0, zone: 0, mark: written("ANNE", 1.0, None), trust: 1.0, stray: false, residual_mm: 0.0, crop: None };
        let name = form(FieldType::Name, ZoneKind::Comb, Sensitivity::Ordinary);
        let (fields, _) = decide(&name, vec![reading], &of_today, Means { print: "test 1", hand: "test 2", calibration: &none });
        assert_eq!(fields[0].decision, Decision::Review);
    }

    #[test]
    fn what_is_the_matter_with_the_writing_is_told() {
        for (trouble, code) in [
            (Trouble::Faint, "writing_faint"),
            (Trouble::Joined, "writing_joined"),
            (Trouble::Outside, "writing_outside"),
            (Trouble::Struck, "character_struck"),
            (Trouble::Strange, "character_strange"),
        ] {
            let (fields, findings) = decided_by_hand(FieldType::Name, vec![written("ANNE", 0.3, Some(trouble))]);
            assert_eq!((fields[0].decision, codes(&findings)), (Decision::Review, vec![code]));
        }
    }

    #[test]
    fn letters_of_another_script_that_look_like_ours_are_not_ours() {
        let strange = || written("XX", 0.2, Some(Trouble::Strange));
        let (fields, findings) = decided_by_hand(FieldType::Name, vec![strange(), strange(), written("KOCTA", 0.999_9, None)]);
        assert_eq!((fields[2].decision, codes(&findings)), (Decision::Review, vec!["character_strange", "character_strange", "script_unknown"]));
        let (fields, _) = decided_by_hand(FieldType::Name, vec![strange(), written("KOCTA", 0.999_9, None)]);
        assert_eq!(fields[1].decision, Decision::Accept, "one strange character is a slip");
        // A hand that is hard to read is strange now and then, and its other fields are not.
        let mut many: Vec<Mark> = (0..9).map(|_| written("KOCTA", 0.999_9, None)).collect();
        many.extend([strange(), strange()]);
        let (fields, _) = decided_by_hand(FieldType::Name, many.clone());
        assert_eq!(fields[0].decision, Decision::Accept, "two of eleven");
        many.push(strange());
        let (fields, _) = decided_by_hand(FieldType::Name, many);
        assert_eq!(fields[0].decision, Decision::Review, "three of twelve");
        let (fields, findings) = decided_by_hand(FieldType::Year, vec![strange(), strange(), written("2017", 0.999_9, None)]);
        assert_eq!((fields[2].decision, codes(&findings)[2]), (Decision::Review, "script_unknown"), "the Arabic six looks like our seven");
        let mixed = |kinds: [FieldType; 4], marks: [Mark; 4]| decided_of(&kinds, marks.to_vec()).0.iter().map(|field| field.decision).collect::<Vec<_>>();
        let (name, year) = (|| written("KOCTA", 0.999_9, None), || written("2017", 0.999_9, None));
        let kinds = [FieldType::Name, FieldType::Name, FieldType::Year, FieldType::Year];
        assert_eq!(mixed(kinds, [strange(), strange(), year(), year()])[2..], [Decision::Accept; 2], "who writes Cyrillic writes our digits");
        assert_eq!(mixed(kinds, [name(), name(), strange(), strange()])[..2], [Decision::Review; 2], "and whose digits are not ours has other letters too");
    }

    /// Cells that hold `text`, with a doubt at one place.
    fn doubtful(text: &str, at: usize, doubt: [(char, f64); 2]) -> Mark {
        let cell = |(index, c)| if index == at { Cell::new(doubt) } else { Cell::new([(c, 0.999)]) };
        let cells = text.chars().enumerate().map(cell).collect();
        Mark::Text(TextReading { raw: text.into(), text: text.into(), confidence: 1.0, hand: Hand::Written, cells, trouble: None })
    }

    /// What becomes of two fields that a rule holds together: `felt` and `annet`.
    fn decided_together(kinds: [FieldType; 2], check: Check, marks: [Mark; 2]) -> Vec<(String, Decision)> {
        let threshold = crate::recognise::Threshold { least: 0.9, fields: 6_000, accepted: 6_000, wrong: 0 };
        let hand = kinds.map(|kind| (kind, threshold)).into();
        let calibration = Calibration { model: "test 2".into(), risk: 0.0005, made: String::new(), hand };
        let mut form = form(kinds[0], ZoneKind::Comb, Sensitivity::Ordinary);
        form.fields.push(FieldDef { name: "annet".into(), kind: kinds[1], ..form.fields[0].clone() });
        form.rules.push(crate::forms::Rule { code: "motstrid".into(), field: "annet".into(), message: Labels::default(), check });
        let context = registry::Context { today: crate::clock::date(2026, 11, 21), test_ids: true };
        let readings = marks.into_iter().enumerate();
        let readings = readings.map(|(field, mark)| ZoneReading { field, zone: 0, mark, trust: 1.0, stray: false, residual_mm: 0.0, crop: None }).collect();
        let (fields, _) = decide(&form, readings, &context, Means { print: "test 1", hand: "test 2", calibration: &calibration });
        let said = |field: &Field| field.content.ordinary().and_then(|content| content.text.clone()).unwrap_or_default();
        fields.iter().map(|field| (said(field), field.decision)).collect()
    }

    #[test]
    fn a_number_and_a_day_of_birth_settle_each_other() {
        let decided = |fnr: Mark, date: Mark| {
            decided_together([FieldType::Fnr, FieldType::Date], Check::BornOn { number: "felt".into(), date: "annet".into() }, [fnr, date])
        };
        let number = || doubtful("08869131289", 0, [('0', 0.999), ('6', 0.001)]);
        let date = |wrong: f64| doubtful("08061991", 4, [('1', 1.0 - wrong), ('7', wrong)]);
        let year = |at: usize, wrong: f64| doubtful("08061991", at, [('9', 1.0 - wrong), ('4', wrong)]);
        let both = |text: &str| vec![("08869131289".to_owned(), Decision::Accept), (text.to_owned(), Decision::Accept)];
        assert_eq!(decided(number(), date(0.4)), both("08.06.1991"));
        assert_eq!(decided(number(), year(6, 0.6)), both("08.06.1991"), "the number says which of two digits it is");
        // The number does not bear out what is written: each says what it says, and the date is as doubtful as before.
        let other = decided(number(), doubtful("17061991", 1, [('7', 0.6), ('1', 0.4)]));
        assert_eq!((other[0].1, other[1].1), (Decision::Accept, Decision::Review));
    }

    #[test]
    fn a_postal_code_and_its_place_settle_each_other() {
        let decided = |code: Mark, town: Mark| {
            decided_together([FieldType::Postnummer, FieldType::Text], Check::PostTown { code: "felt".into(), town: "annet".into() }, [code, town])
        };
        let (narvik, code) =
            (|doubt| doubtful("NARVIK", 2, [('R', 1.0 - doubt), ('B', doubt)]), |doubt| doubtful("8508", 1, [('6', doubt), ('5', 1.0 - doubt)]));
        // Each by itself waits, and the one digit is even taken for another; together both are sure.
        assert_eq!(decided(code(0.6), narvik(0.4)), [("8508".to_owned(), Decision::Accept), ("NARVIK".to_owned(), Decision::Accept)]);
        // A place that belongs to no such code leaves each with its own doubt.
        let other = |doubt: f64| doubtful("NARRIK", 2, [('R', 1.0 - doubt), ('B', doubt)]);
        assert_eq!(decided(code(0.2), other(0.2)).iter().map(|(_, decision)| *decision).collect::<Vec<_>>(), [Decision::Review; 2]);
    }

    #[test]
    fn spelling_bears_a_name_out_or_makes_it_doubtful_and_never_makes_another_sure() {
        let threshold = crate::recognise::Threshold { least: 0.9, fields: 6_000, accepted: 6_000, wrong: 0 };
        let calibration = Calibration { model: "test 2".into(), risk: 0.0005, made: String::new(), hand: [(FieldType::Name, threshold)].into() };
        let form = form(FieldType::Name, ZoneKind::Comb, Sensitivity::Ordinary);
        let context = registry::Context { today: crate::clock::date(2026, 11, 21), test_ids: true };
        let decided = |s: f64, b: f64| {
            let mark = doubtful("TORVALDSEN", 7, [('S', s), ('B', b)]);
            let readings = vec![ZoneReading { field: 0, zone: 0, mark, trust: 1.0, stray: false, residual_mm: 0.0, crop: None }];
            let (fields, _) = decide(&form, readings, &context, Means { print: "test 1", hand: "test 2", calibration: &calibration });
            let said = fields[0].content.ordinary().and_then(|content| content.text.clone()).unwrap_or_default();
            (said, fields[0].decision)
        };
        assert_eq!(decided(0.98, 0.01), ("TORVALDSEN".to_owned(), Decision::Accept));
        // Shapes that by themselves would leave a tenth to the B, borne out by how words are spelt.
        assert_eq!(decided(0.89, 0.1), ("TORVALDSEN".to_owned(), Decision::Accept));
        // A B that is as clear as that S, and no word is spelt so: it may be what is written, and a person looks.
        assert_eq!(decided(0.02, 0.97), ("TORVALDBEN".to_owned(), Decision::Review));
        // What the spelling says is suggested where the shapes are in doubt, and not accepted.
        assert_eq!(decided(0.4, 0.6), ("TORVALDSEN".to_owned(), Decision::Review));
        assert_eq!(decided(0.45, 0.5), ("TORVALDSEN".to_owned(), Decision::Review));
    }

    #[test]
    fn a_field_that_nobody_saw_or_with_writing_beside_it_is_not_blank() {
        let context = registry::Context { today: crate::clock::date(2026, 11, 21), test_ids: true };
        let calibration = Calibration::built_in().unwrap_or_else(|error| panic!("{error}"));
        let means = Means { print: "test 1", hand: "test 2", calibration: &calibration };
        let name = form(FieldType::Name, ZoneKind::Comb, Sensitivity::Ordinary);
        let decided = |trust: f32, stray: bool| {
            let reading = ZoneReading { field: 0, zone: 0, mark: Mark::Blank, trust, stray, residual_mm: 0.0, crop: None };
            let (fields, findings) = decide(&name, vec![reading], &context, means);
            (fields[0].decision, codes(&findings).join(" "))
        };
        assert_eq!(decided(1.0, false), (Decision::Empty, String::new()));
        assert_eq!(decided(UNSEEN, false), (Decision::Review, "field_not_seen".to_owned()));
        assert_eq!(decided(1.0, true), (Decision::Review, "writing_outside".to_owned()));
    }
}
