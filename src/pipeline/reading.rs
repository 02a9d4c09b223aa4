//! The reader's half of the way: from the bytes of one document to all that could be read of it.
//!
//! This runs in the sandboxed child, on hostile bytes. It knows the order page, identify, register, read zones, decide, validate for our own
//! forms, and page, transcript, sorting, vedtak for letters (a mail goes by `mails.rs`, which hands each of its files back to here); and, where they are asked for, pictures of the pages with what was read drawn on them
//! (`pictures.rs`), for which each page is opened a second time. One page image is in memory at a time. It decides nothing about the case.

use std::ops::Range;

use super::blanks::Blanks;
use super::mails;
use super::pictures::{self, Drawn};
use crate::document::{Media, Origin, Refusal};
use crate::forms::{Form, PageCode};
use crate::mail::sender::Checker;
use crate::page::{self, Grey, Limits, Source, TextLayer, TextWord};
use crate::paper::Fonts;
use crate::reader::{Job, Pictures};
use crate::recognise::{self, Footing, Models, Registration, ZoneReading};
use crate::record::{Confidence, Decision, Field, Finding, FormRef, Kind, PagePicture, Part, Reading, Special};
use crate::registry::Context;
use crate::sorting::{self, Sort};
use crate::transcript::{self, PlacedWord, Transcript};
use crate::view::SeenZone;
use crate::{mail, validate, vedtak};

/// A reader that is warm: languages and forms are loaded, no file is opened any more.
pub struct WarmReader {
    models: Models,
    forms: Vec<Form>,
    blanks: Blanks,
    limits: Limits,
    /// Pictures of pages are written in; none in a reader that is not asked for any.
    fonts: Option<Fonts>,
    checker: Checker,
}

/// What was read of one file, with the pages of each part.
pub(super) struct FileRead {
    pub parts: Vec<(Vec<u32>, Part)>,
    pub pages: u32,
    pub pictures: Vec<PagePicture>,
}

/// What one page turned out to be.
enum Sheet {
    /// A page of one of our forms, read.
    Form { code: PageCode, zones: Vec<ZoneReading>, registration: Registration, coded: bool },
    /// A page that carries our code but could not be registered, or is of a version we do not have.
    Stranded { code: PageCode, why: Stranding },
    /// A page of text.
    Text { layer: TextLayer, source: transcript::Source },
    /// Nothing on it.
    Blank,
}

#[derive(Clone, Copy)]
enum Stranding {
    UnknownForm,
    NotRegistered,
}

impl Sheet {
    /// What its picture will tell of the page itself.
    fn drawn(&self) -> Drawn {
        match self {
            Self::Form { code, zones, registration, .. } => {
                Drawn::Form { code: code.clone(), registration: registration.clone(), zones: zones.iter().map(SeenZone::of).collect() }
            }
            Self::Stranded { why: Stranding::UnknownForm, .. } => Drawn::Unread("there is no such form, or not in this version, in the folder of forms"),
            Self::Stranded { why: Stranding::NotRegistered, .. } => Drawn::Unread("the page's marks do not lie as on a sheet of paper"),
            Self::Text { .. } | Self::Blank => Drawn::Other,
        }
    }
}

impl WarmReader {
    /// A reader of these forms, with everything done that can be done before the first document.
    #[must_use]
    pub fn new(models: Models, forms: Vec<Form>, blanks: Blanks, limits: Limits) -> Self {
        let mut reader = Self { models, forms, blanks, limits, fonts: None, checker: Checker::default() };
        // Patterns are compiled when they are first used: a letter of our own is read, so that the first kommune need not wait for that.
        let letter = "Vedtak:\nKommunestyret vedtar å bosette 1 flyktning i 2026, hvorav 0 enslige mindreårige.\n";
        let job = Job::plain(crate::clock::date(2026, 1, 1), Origin::File, false);
        let _ = reader.read(&job, letter.as_bytes().to_vec(), &mut |_| ());
        reader
    }

    /// The same reader, able to answer with pictures of pages: it writes on them in these fonts.
    #[must_use]
    pub fn with_fonts(self, fonts: Fonts) -> Self {
        Self { fonts: Some(fonts), ..self }
    }

    /// The models with their versions: `tesseract 5.3.0 nor+eng`, `characters 5`.
    #[must_use]
    pub fn model_names(&self) -> Vec<String> {
        self.models.names().map(str::to_owned).into()
    }

    /// Reads one document; `on_page` is told the number of each page before work on it begins. When pages are opened a second time, for their pictures, the
    /// numbers go on after the last: it is the reader's time for the next page that they ask for.
    ///
    /// # Errors
    /// When the document itself cannot be read, with the reason.
    pub fn read(&mut self, job: &Job, bytes: Vec<u8>, on_page: &mut dyn FnMut(u32)) -> Result<Reading, Refusal> {
        let mut reading = if job.origin == Origin::Mail || mail::is_mail(&bytes) {
            mails::read(self, job, &bytes, on_page)?
        } else {
            let read = self.file(job, bytes, on_page)?;
            Reading { parts: labelled(read.parts), pages: read.pages, pictures: read.pictures, ms: 0 }
        };
        if !job.text {
            for part in &mut reading.parts {
                part.text = None;
            }
        }
        Ok(reading)
    }

    pub(super) fn checker(&self) -> &Checker {
        &self.checker
    }

    /// Reads one file that is no mail.
    pub(super) fn file(&mut self, job: &Job, bytes: Vec<u8>, on_page: &mut dyn FnMut(u32)) -> Result<FileRead, Refusal> {
        let context = Context { today: job.received, test_ids: job.test_ids };
        let mut source = page::open(bytes, &self.limits)?;
        let pages = source.page_count();
        let mut sheets = Vec::new();
        for number in 1..=pages {
            on_page(number);
            sheets.push((number, self.sheet(&mut source, number, job.crops)?));
        }
        let drawn: Vec<Drawn> = if job.pictures == Pictures::No { Vec::new() } else { sheets.iter().map(|(_, sheet)| sheet.drawn()).collect() };
        let parts = self.parts(sheets, &mut source, context, pages)?;
        let pictures = match &self.fonts {
            Some(fonts) if job.pictures != Pictures::No => {
                let whole = job.pictures == Pictures::Whole;
                pictures::draw(&mut source, &pictures::Read { drawn: &drawn, parts: &parts, forms: &self.forms, fonts, whole }, on_page)
            }
            _ => Vec::new(),
        };
        Ok(FileRead { parts, pages, pictures })
    }

    /// Pixels across and down of a picture that is a file of its own; none of anything else.
    pub(super) fn size_of_picture(&self, bytes: &[u8]) -> Option<(usize, usize)> {
        let mut source = page::open(bytes.to_vec(), &self.limits).ok().filter(|source| matches!(source.media(), Media::Png | Media::Jpeg))?;
        source.page(1).ok()?.raster.map(|raster| (raster.width, raster.height))
    }

    /// One page, with pictures of its fields if `crops`.
    fn sheet(&mut self, source: &mut Source, number: u32, crops: bool) -> Result<Sheet, Refusal> {
        let page = source.page(number)?;
        let Some(raster) = page.raster else {
            return Ok(page.text.map_or(Sheet::Blank, |layer| Sheet::Text { layer, source: transcript::Source::File }));
        };
        if let Some(identified) = recognise::identify(&raster) {
            return Ok(self.form_page(&raster, &identified, crops));
        }
        if recognise::is_blank(&raster) {
            return Ok(Sheet::Blank);
        }
        if let Some((code, registration)) = self.blanks.find(&raster) {
            return Ok(self.read_form(&raster, code, registration, (false, crops)));
        }
        Ok(match page.text {
            Some(layer) => Sheet::Text { layer, source: transcript::Source::Layer },
            None => Sheet::Text { layer: self.models.print().transcribe(&raster), source: transcript::Source::Ocr },
        })
    }

    fn form_page(&mut self, raster: &Grey, identified: &recognise::Identified, crops: bool) -> Sheet {
        let code = identified.code.clone();
        let Some(layout) = code.form_of(&self.forms).and_then(|form| form.page(code.page)) else {
            return Sheet::Stranded { code, why: Stranding::UnknownForm };
        };
        // Where marks are lost, what is printed on the page tells more than the few that are left, or than the code alone.
        let registration = match recognise::register(raster, layout, identified) {
            Ok(registration) if registration.footing == Footing::Marks => Some(registration),
            Ok(registration) => Some(self.blanks.better(&code, raster, &registration).unwrap_or(registration)),
            Err(_) => self.blanks.find_page(&code, raster),
        };
        match registration {
            Some(registration) => self.read_form(raster, code, registration, (true, crops)),
            None => Sheet::Stranded { code, why: Stranding::NotRegistered },
        }
    }

    /// Reads a page that is known, from its code or (not `coded`) from its print, with pictures of its fields if `crops`.
    fn read_form(&mut self, raster: &Grey, code: PageCode, registration: Registration, (coded, crops): (bool, bool)) -> Sheet {
        let mut zones = Vec::new();
        if let Some(form) = code.form_of(&self.forms) {
            zones = recognise::read_page(&mut self.models, raster, form, code.page, &registration);
            if let Some(blank) = self.blanks.page(&code) {
                recognise::mark_stray(&mut zones, raster, form, &registration, blank);
            }
            if crops {
                recognise::attach_crops(&mut zones, raster, form, code.page, &registration);
            }
        }
        Sheet::Form { code, zones, registration, coded }
    }

    /// Gathers pages into parts: the pages of one form, whatever their order, and each run of text pages between forms. Each with its pages' numbers.
    fn parts(&mut self, sheets: Vec<(u32, Sheet)>, source: &mut Source, context: Context, pages: u32) -> Result<Vec<(Vec<u32>, Part)>, Refusal> {
        let mut forms: Vec<FormPages> = Vec::new();
        let mut letters: Vec<(Vec<(u32, TextLayer)>, transcript::Source)> = Vec::new();
        let mut letter_goes_on = false;
        for (number, sheet) in sheets {
            match sheet {
                Sheet::Form { code, zones, registration, coded } => {
                    let form = FormPages::for_page(&mut forms, &code);
                    form.add(number, &code, Some((zones, registration.score())), None);
                    form.residual_mm = Some(form.residual_mm.unwrap_or(0.0).max(registration.residual_mm));
                    if !coded {
                        form.by_print.push(code.page);
                    }
                    letter_goes_on = false;
                }
                Sheet::Stranded { code, why } => {
                    FormPages::for_page(&mut forms, &code).add(number, &code, None, Some(why));
                    letter_goes_on = false;
                }
                Sheet::Text { layer, source } => match letters.last_mut() {
                    Some((pages, kind)) if letter_goes_on && *kind == source => pages.push((number, layer)),
                    _ => {
                        letters.push((vec![(number, layer)], source));
                        letter_goes_on = true;
                    }
                },
                Sheet::Blank => {}
            }
        }
        join_copies(&mut forms);
        let mixed = forms.len() > 1 && !forms.iter().all(FormPages::is_whole_and_in_order);
        let mut parts = Vec::new();
        for form in forms {
            let (first, mut read) = (form.first_page(), self.form_part(form, context));
            if mixed {
                // Another person's page under this person's name is the worst that can happen here.
                let message = "Filen har flere skjemaer, og sidene ligger ikke i rekkefølge. Kontroller at sidene hører til samme person.";
                read.1.findings.push(Finding::general("pages_may_be_mixed", message));
            }
            parts.push((first, read));
        }
        for (pages, kind) in letters {
            parts.push((pages[0].0, self.letter_part(&pages, kind, source, context)?));
        }
        parts.sort_by_key(|(first, _)| *first);
        if parts.is_empty() {
            return Ok(vec![((1..=pages).collect(), nothing_read(pages))]);
        }
        Ok(parts.into_iter().map(|(_, part)| part).collect())
    }

    fn form_part(&self, mut pages: FormPages, context: Context) -> (Vec<u32>, Part) {
        let numbers = std::mem::take(&mut pages.numbers);
        let reference = FormRef { name: pages.code.form.clone(), version: pages.code.version.clone(), score: pages.score, residual_mm: pages.residual_mm };
        let Some(form) = pages.code.form_of(&self.forms) else {
            let finding = Finding::general("unknown_form_version", "Siden er merket som et skjema eller en versjon som ikke er lagt inn i forms-mappen.");
            return (
                numbers,
                Part { part: None, kind: Kind::Unknown, form: Some(reference), pages: pages.count(), fields: Vec::new(), findings: vec![finding], text: None },
            );
        };
        let (mut fields, mut findings) = recognise::decide(form, std::mem::take(&mut pages.zones), &context, self.models.means());
        findings.extend(pages.findings(form));
        leave_missing_pages_to_a_person(form, &pages, &mut fields);
        findings.extend(validate::validate(form, &fields, context.today));
        (numbers, Part { part: None, kind: Kind::Form, form: Some(reference), pages: pages.count(), fields, findings, text: None })
    }

    fn letter_part(
        &mut self,
        pages: &[(u32, TextLayer)],
        kind: transcript::Source,
        source: &mut Source,
        context: Context,
    ) -> Result<(Vec<u32>, Part), Refusal> {
        let (mut part, transcript) = letter(pages, kind, context);
        if kind == transcript::Source::Layer && part.form.is_some() {
            self.hold_against_the_picture(&mut part, pages, &transcript, source)?;
        }
        Ok((pages.iter().map(|(number, _)| *number).collect(), part))
    }

    /// A text layer can say something else than the page shows: hidden text, or a font that lies. What would be accepted is read
    /// again from the picture; where the two differ a person decides.
    fn hold_against_the_picture(&mut self, part: &mut Part, pages: &[(u32, TextLayer)], transcript: &Transcript, source: &mut Source) -> Result<(), Refusal> {
        for (number, _) in pages {
            let on_page: Vec<usize> = (0..part.fields.len())
                .filter(|&index| {
                    let field = &part.fields[index];
                    field.decision == Decision::Accept
                        && field.span.is_some_and(|span| transcript.word_spans(&(span.0..span.1)).iter().any(|word| word.page == *number))
                })
                .collect();
            if on_page.is_empty() {
                continue;
            }
            let Some(raster) = source.page(*number)?.raster else { continue };
            for index in on_page {
                let lines = lines_of(&part.fields[index], transcript, *number);
                if !lines.iter().all(|(words, target)| self.models.print().agrees(&raster, words, target.clone())) {
                    let field = &mut part.fields[index];
                    field.decision = Decision::Review;
                    let message = "Teksten i filen er en annen enn den som vises på siden. Les siden.";
                    part.findings.push(Finding::about(field.name.clone(), "text_layer_differs", message));
                }
            }
        }
        Ok(())
    }
}

/// A letter of these pages: sorted, and understood if it is a vedtak.
pub(super) fn letter(pages: &[(u32, TextLayer)], kind: transcript::Source, context: Context) -> (Part, Transcript) {
    let layers: Vec<(u32, &TextLayer)> = pages.iter().map(|(number, layer)| (*number, layer)).collect();
    let transcript = Transcript::from_pages(&layers, kind);
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    let sorted = sorting::sort(&transcript);
    let mut part = Part { part: None, kind: Kind::Other, form: None, pages: count, fields: Vec::new(), findings: Vec::new(), text: None };
    match sorted.sort {
        Sort::Vedtak => {
            let understood = vedtak::understand(&transcript, &context);
            part.kind = Kind::Letter;
            part.form = Some(FormRef { name: "vedtak".to_owned(), version: vedtak::VERSION.to_owned(), score: sorted.score, residual_mm: None });
            part.fields = understood.fields;
            part.findings = understood.findings;
        }
        Sort::Other if transcript.text.trim().is_empty() => part.kind = Kind::Unknown,
        Sort::Other => {}
    }
    part.text = Some(Special::new(transcript.text.clone()));
    (part, transcript)
}

/// The lines on one page that a field's span touches, each with all its words, and which of them are the field's.
fn lines_of(field: &Field, transcript: &Transcript, page: u32) -> Vec<(Vec<TextWord>, Range<usize>)> {
    let Some((from, to)) = field.span else { return Vec::new() };
    let mut lines = Vec::new();
    let mut start = 0;
    for line in transcript.text.split_inclusive('\n') {
        let all = transcript.word_spans(&(start..start + line.len()));
        let within = |word: &&PlacedWord| word.span.start < to && from < word.span.end;
        let first = all.iter().position(|word| within(&word));
        if let Some(first) = first.filter(|first| all[*first].page == page) {
            let count = all[first..].iter().take_while(within).count();
            let words =
                all.iter().map(|word| TextWord { text: transcript.text[word.span.clone()].to_owned(), rect_px: word.rect_px, confidence: word.confidence });
            lines.push((words.collect(), first..first + count));
        }
        start += line.len();
    }
    lines
}

/// The parts of one document, each with its pages for a label where there are several.
fn labelled(parts: Vec<(Vec<u32>, Part)>) -> Vec<Part> {
    let several = parts.len() > 1;
    let label = |(numbers, part): (Vec<u32>, Part)| Part { part: several.then(|| page_range(&numbers)), ..part };
    parts.into_iter().map(label).collect()
}

fn nothing_read(pages: u32) -> Part {
    let finding = Finding::general("nothing_read", "Det ble ikke funnet tekst eller et kjent skjema i dokumentet.");
    Part { part: None, kind: Kind::Unknown, form: None, pages, fields: Vec::new(), findings: vec![finding], text: None }
}

/// `pages 1-4`, `pages 2, 5-6`.
pub(super) fn page_range(numbers: &[u32]) -> String {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for number in sorted {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let runs: Vec<_> = runs.into_iter().map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") }).collect();
    format!("pages {}", runs.join(", "))
}

/// The pages of one filled-in form, in whatever order they came.
struct FormPages {
    code: PageCode,
    /// Page numbers in the document.
    numbers: Vec<u32>,
    /// Page numbers of the form that have been read.
    read: Vec<u32>,
    stranded: Vec<(u32, Stranding)>,
    /// Page numbers of the form that were known by their print and not by a code.
    by_print: Vec<u32>,
    /// Page numbers of the form that are there more than once, filled in alike.
    doubled: Vec<u32>,
    zones: Vec<ZoneReading>,
    score: Confidence,
    /// The largest of its pages, mm.
    residual_mm: Option<f64>,
}

impl FormPages {
    /// The form a page belongs to: the latest of its kind that lacks this page, else a new one. So two forms scanned one after the other stay two.
    fn for_page<'a>(forms: &'a mut Vec<Self>, code: &PageCode) -> &'a mut Self {
        let fits = |form: &Self| (&form.code.form, &form.code.version) == (&code.form, &code.version) && !form.has(code.page);
        let index = forms.iter().rposition(fits).unwrap_or_else(|| {
            forms.push(Self {
                code: code.clone(),
                numbers: Vec::new(),
                read: Vec::new(),
                stranded: Vec::new(),
                by_print: Vec::new(),
                doubled: Vec::new(),
                zones: Vec::new(),
                score: Confidence::CERTAIN,
                residual_mm: None,
            });
            forms.len() - 1
        });
        &mut forms[index]
    }

    fn has(&self, page: u32) -> bool {
        self.read.contains(&page) || self.stranded.iter().any(|(stranded, _)| *stranded == page)
    }

    fn add(&mut self, number: u32, code: &PageCode, read: Option<(Vec<ZoneReading>, Confidence)>, stranded: Option<Stranding>) {
        self.numbers.push(number);
        if let Some((zones, score)) = read {
            self.read.push(code.page);
            self.zones.extend(zones);
            if score < self.score {
                self.score = score;
            }
        }
        self.stranded.extend(stranded.map(|why| (code.page, why)));
    }

    /// Whether all pages of another are among these, filled in alike. Two scans of one paper may be read as differing here and there; two persons differ nearly everywhere.
    fn holds_copies_of(&self, other: &Self) -> bool {
        const UNLIKE_ONE_IN: usize = 10;
        let same_form = (&self.code.form, &self.code.version) == (&other.code.form, &other.code.version);
        // Two blank pages are two blank pages, of whomever: what is blank in both says nothing.
        let (mut filled, mut unlike) = (0, 0);
        for theirs in &other.zones {
            let mine = self.mine(theirs);
            filled += usize::from(!theirs.mark.is_blank() || mine.is_none_or(|mine| !mine.mark.is_blank()));
            unlike += usize::from(!says_the_same(mine, theirs));
        }
        let alike = filled > 0 && unlike * UNLIKE_ONE_IN <= filled;
        same_form && alike && other.stranded.is_empty() && other.read.iter().all(|page| self.read.contains(page))
    }

    fn mine(&self, theirs: &ZoneReading) -> Option<&ZoneReading> {
        self.zones.iter().find(|mine| (mine.field, mine.zone) == (theirs.field, theirs.zone))
    }

    /// Whether every page of the form is there, one after the other: then there is no doubt that they belong together.
    fn is_whole_and_in_order(&self) -> bool {
        let consecutive = self.numbers.windows(2).all(|pair| pair[0] < pair[1]);
        consecutive && self.stranded.is_empty() && self.read.iter().copied().eq(1..=self.code.pages)
    }

    fn first_page(&self) -> u32 {
        self.numbers.iter().copied().min().unwrap_or(0)
    }

    fn count(&self) -> u32 {
        u32::try_from(self.read.len() + self.stranded.len()).unwrap_or(u32::MAX)
    }

    fn findings(&self, form: &Form) -> Vec<Finding> {
        let stranded = self.stranded.iter().map(|(page, why)| match why {
            Stranding::UnknownForm => {
                Finding::general("unknown_form_version", format!("Side {page} hører til en versjon av skjemaet som ikke er lagt inn i forms-mappen."))
            }
            Stranding::NotRegistered => {
                Finding::general("page_not_registered", format!("Side {page} lot seg ikke rette opp etter merkene. Les den for hånd, eller skann den på nytt."))
            }
        });
        // A form without codes is always known by its print.
        let uncoded = self.by_print.iter().filter(|_| form.picture.is_none()).map(|page| {
            let message = format!("Koden på side {page} kunne ikke leses. Siden er kjent igjen på det som er trykt. Kontroller at den hører til skjemaet.");
            Finding::general("page_code_unread", message)
        });
        let doubled =
            self.doubled.iter().map(|page| Finding::general("page_twice", format!("Side {page} finnes mer enn én gang. Den regnes som skannet to ganger.")));
        stranded.chain(uncoded).chain(doubled).collect()
    }
}

/// Whether the same was read in a zone of both.
fn says_the_same(mine: Option<&ZoneReading>, theirs: &ZoneReading) -> bool {
    mine.is_some_and(|mine| recognise::says_the_same(&mine.mark, &theirs.mark))
}

/// Joins pages that were scanned twice to the form they are copies of: what begins as a second form and has nothing that the first has not is the same paper. Where the two were
/// read as differing both readings stay, and a person looks at the field.
fn join_copies(forms: &mut Vec<FormPages>) {
    let mut index = 1;
    while index < forms.len() {
        let Some(first) = forms[..index].iter().position(|first| first.holds_copies_of(&forms[index])) else {
            index += 1;
            continue;
        };
        let copy = forms.remove(index);
        let first = &mut forms[first];
        first.doubled.extend(copy.read);
        first.numbers.extend(copy.numbers);
        let differing: Vec<ZoneReading> = copy.zones.into_iter().filter(|theirs| !says_the_same(first.mine(theirs), theirs)).collect();
        first.zones.extend(differing);
    }
}

/// A field on a page that was not read is not blank: nobody has seen it.
fn leave_missing_pages_to_a_person(form: &Form, pages: &FormPages, fields: &mut [Field]) {
    for (definition, field) in form.fields.iter().zip(fields) {
        if definition.zones.iter().any(|zone| !pages.read.contains(&zone.page)) {
            field.decision = Decision::Review;
            field.confidence = Confidence::NONE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recognise::{BoxState, Mark};

    #[test]
    fn page_numbers_are_written_as_people_write_them() {
        assert_eq!(page_range(&[1, 2, 3, 4]), "pages 1-4");
        assert_eq!(page_range(&[6, 2, 5]), "pages 2, 5-6");
    }

    fn reading(field: usize, mark: Mark) -> ZoneReading {
        ZoneReading { field, zone: 0, mark, trust: 1.0, stray: false, residual_mm: 0.0, crop: None }
    }

    #[test]
    fn a_page_scanned_twice_is_one_page_and_of_two_persons_are_two() {
        let code = PageCode { form: "privatboende".into(), version: "1".into(), page: 1, pages: 1, language: "nb".into() };
        let page = |marked: &[usize]| -> Vec<ZoneReading> {
            let state = |field| if marked.contains(&field) { BoxState::Marked } else { BoxState::Blank };
            (0..30).map(|field| reading(field, Mark::Box(state(field), 1.0))).collect()
        };
        let after_joining = |second: &[usize]| {
            let first: Vec<usize> = (0..12).collect();
            let mut forms = Vec::new();
            for (number, marked) in [(1, first.as_slice()), (2, second)] {
                FormPages::for_page(&mut forms, &code).add(number, &code, Some((page(marked), Confidence::CERTAIN)), None);
            }
            join_copies(&mut forms);
            forms.iter().map(|form| form.zones.len()).collect::<Vec<_>>()
        };
        assert_eq!(after_joining(&(0..12).collect::<Vec<_>>()), [30]);
        assert_eq!(after_joining(&(0..11).collect::<Vec<_>>()), [31], "the one that differs stands there twice, for a person to see");
        assert_eq!(after_joining(&(0..9).collect::<Vec<_>>()), [30, 30]);
        assert_eq!(after_joining(&(10..22).collect::<Vec<_>>()), [30, 30]);
    }

    #[test]
    fn two_forms_in_one_scan_stay_two_and_pages_out_of_order_come_together() {
        let code = |page| PageCode { form: "privatboende".into(), version: "1".into(), page, pages: 4, language: "nb".into() };
        let mut forms = Vec::new();
        for (number, page) in [(1, 2), (2, 1), (3, 4), (4, 3), (5, 1), (6, 2)] {
            FormPages::for_page(&mut forms, &code(page)).add(number, &code(page), Some((Vec::new(), Confidence::CERTAIN)), None);
        }
        let numbers: Vec<_> = forms.iter().map(|form| form.numbers.clone()).collect();
        assert_eq!(numbers, [vec![1, 2, 3, 4], vec![5, 6]]);
    }
}
