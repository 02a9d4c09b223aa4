//! Reads the zones of one registered page.
//!
//! What is blank costs no more than its cut. Three judgements need the whole page: boxes calibrate each other ([`super::checkbox`]), short fields are
//! compared with the print of the page ([`super::typeface`]), and a hand is known by all it wrote ([`super::handwriting`]). Nothing is decided here about
//! values: a [`ZoneReading`] says what was seen and how sure that is.

use super::alphabet;
use super::characters::Character;
use super::checkbox::{self, BoxState};
use super::comb::Comb;
use super::decode::{self, Cell};
use super::handwriting::Glyphs;
use super::models::Models;
use super::portrait::{self, Likeness, Portrait};
use super::print::{self, Signature, Written};
use super::register::Registration;
use super::tesseract::Engine;
use super::typeface::{self, Hand, Profile, Shape};
use super::zone::ZoneView;
use crate::forms::{FieldDef, Form, PageLayout, Print, Zone, ZoneKind};
use crate::page::Grey;
use crate::record::{Crop, FieldType, RectMm};

/// So many combs that surely are written by hand make a page that is.
const WRITTEN_COMBS_MIN: usize = 2;

/// What was seen in one zone.
#[derive(Clone)]
pub struct ZoneReading {
    /// The field's index in its form.
    pub field: usize,
    /// The zone's index in its field.
    pub zone: usize,
    /// What is there.
    pub mark: Mark,
    /// How much the reading is worth because of how well the place is known, 0 to 1.
    pub trust: f32,
    /// Whether there is writing beside the field, which is in none of its zones.
    pub stray: bool,
    /// How far the printed outline was from where the registration put it, mm.
    pub residual_mm: f64,
    /// A picture of the whole field on this page, with its first zone there, once [`super::attach_crops`] made it.
    pub crop: Option<Crop>,
}

impl std::fmt::Debug for ZoneReading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ZoneReading(field {}, zone {}, {}, off by {:.2} mm)", self.field, self.zone, self.mark.name(), self.residual_mm)
    }
}

/// What is in a zone.
#[derive(Clone)]
pub enum Mark {
    /// Nothing.
    Blank,
    /// A box and how clear its state is, 0 to 1.
    Box(BoxState, f32),
    /// Text.
    Text(TextReading),
    /// Ink, or what may be ink, where a signature goes.
    Signature(Signature),
}

impl Mark {
    fn name(&self) -> &'static str {
        match self {
            Self::Blank | Self::Box(BoxState::Blank, _) | Self::Signature(Signature::Blank) => "blank",
            Self::Box(..) => "box",
            Self::Text(_) => "text",
            Self::Signature(_) => "signature",
        }
    }

    /// Whether nothing is there.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.name() == "blank"
    }
}

/// Text as it was read. It has no `Debug`: it is what somebody wrote.
#[derive(Clone)]
pub struct TextReading {
    /// As it was read; `?` for what could not be made out.
    pub raw: String,
    /// The same with letters that stand for digits put right, where the type has only digits.
    pub text: String,
    /// The least confidence of its characters, 0 to 1; 0 when something could not be made out.
    pub confidence: f32,
    /// Who wrote it.
    pub hand: Hand,
    /// What each cell of a comb may hold, for what no machine wrote; empty for print.
    pub cells: Vec<Cell>,
    /// Why the writing in a comb cannot be read for sure, where that shows.
    pub trouble: Option<Trouble>,
}

/// What is the matter with the writing in a comb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It is too faint.
    Faint,
    /// Ink goes from one cell into the next.
    Joined,
    /// Somebody wrote across the edge of the comb.
    Outside,
    /// A character is struck out.
    Struck,
    /// A cell holds no character that is known: two characters, a drawing, another script.
    Strange,
}

impl TextReading {
    /// Ink that nobody could make anything of.
    fn illegible() -> Self {
        Self { raw: String::new(), text: String::new(), confidence: 0.0, hand: Hand::Unclear, cells: Vec::new(), trouble: None }
    }
}

/// Reads every zone of page `number`.
#[must_use]
pub fn read_page(models: &mut Models, page: &Grey, form: &Form, number: u32, registration: &Registration) -> Vec<ZoneReading> {
    let rules = form.page(number).map(printed_rules).unwrap_or_default();
    let mut seen: Vec<Seen> = Vec::new();
    for (field_index, field) in form.fields.iter().enumerate() {
        for (zone_index, zone) in field.zones.iter().enumerate().filter(|(_, zone)| zone.page == number) {
            seen.push(Seen::look(&mut models.print, page, registration, &rules, field_index, zone_index, field, zone));
        }
    }
    judge_boxes(&mut seen);
    let is_written = read_combs(models, &mut seen, form);
    judge_hands(&mut seen);
    take_the_hands_reading(&mut seen, form, is_written);
    seen.into_iter().map(|seen| seen.reading).collect()
}

/// The rules that the form itself prints, as flat rectangles.
fn printed_rules(layout: &PageLayout) -> Vec<RectMm> {
    let rule = |print: &Print| match print {
        Print::Line { x, y, w } => Some(RectMm::new(*x, *y, *w, 0.0)),
        Print::Text { .. } | Print::Band { .. } => None,
    };
    layout.print.iter().filter_map(rule).collect()
}

/// A zone that was looked at, with what the judgements over the page still need.
struct Seen {
    reading: ZoneReading,
    /// What is seen inside a box.
    inside: Option<checkbox::Inside>,
    /// The letters' edges of a text, line by line; for a comb in its cells' common frame.
    shapes: Vec<Vec<Shape>>,
    /// Ink that spans cells or is too faint: no machine did that.
    by_hand: bool,
    /// Lines of which most letters could not be told apart: nobody knows who wrote them.
    unseen: bool,
    /// A comb with something in it.
    comb: Option<Comb>,
    /// The comb as handwriting.
    written: Vec<Cell>,
    /// What is the matter with it.
    trouble: Option<Trouble>,
}

impl Seen {
    #[expect(clippy::too_many_arguments, reason = "the place of a zone in its form and the page it is on; bundling them would hide nothing")]
    fn look(
        engine: &mut Engine,
        page: &Grey,
        registration: &Registration,
        rules: &[RectMm],
        field_index: usize,
        zone_index: usize,
        field: &FieldDef,
        zone: &Zone,
    ) -> Self {
        let view = ZoneView::cut(page, zone, registration);
        let reading = ZoneReading {
            field: field_index,
            zone: zone_index,
            mark: Mark::Blank,
            trust: view.trust(registration, zone.kind),
            stray: false,
            residual_mm: view.snap.residual_mm(),
            crop: None,
        };
        let mut seen = Self { reading, inside: None, shapes: Vec::new(), by_hand: false, unseen: false, comb: None, written: Vec::new(), trouble: None };
        match zone.kind {
            ZoneKind::Checkbox => seen.inside = Some(checkbox::inside(&view, zone)),
            ZoneKind::Signature => seen.reading.mark = Mark::Signature(print::signature(&view, zone.rect, &inside(rules, zone.rect))),
            ZoneKind::Comb => seen.comb = Some(Comb::cut(&view, zone, !alphabet::has_letters(field.kind))).filter(|comb| !comb.is_blank()),
            ZoneKind::Print | ZoneKind::Free => {
                let (line, address) = (zone.kind == ZoneKind::Print, field.kind == FieldType::Email);
                let written = print::read(engine, &view, zone.rect, &inside(rules, zone.rect), line, address);
                seen.print(written, field.kind);
            }
        }
        seen
    }

    /// Reads a comb as print.
    fn typed(&mut self, engine: &mut Engine, comb: &Comb, zone: &Zone, kind: FieldType) {
        let characters = engine.characters(comb, kind);
        let mut text = String::new();
        let mut last_cell = None;
        for (glyph, character) in comb.glyphs.iter().zip(&characters) {
            if last_cell.is_some_and(|last| glyph.cell > last + 1) {
                text.push(' ');
            }
            text.push(character.as_ref().map_or('?', |character| character.text));
            last_cell = Some(glyph.cell);
        }
        let shape = |(glyph, character): (&super::comb::Glyph, &Option<Character>)| {
            let cell = zone.cells.get(glyph.cell)?;
            character.as_ref().map(|character| Shape {
                character: character.text,
                x: cell.x(),
                top: glyph.rect_mm[1],
                bottom: glyph.rect_mm[3],
                stroke: glyph.stroke_mm,
                portrait: glyph.portrait(),
            })
        };
        let shapes: Vec<Shape> = comb.glyphs.iter().zip(&characters).filter_map(shape).collect();
        let mut reading = text_reading(text, &characters, kind);
        if alphabet::has_letters(kind) && shapes.len() == characters.len() {
            reading.text = by_looks(&reading.text, &shapes);
        }
        self.shapes = vec![shapes];
        self.reading.mark = Mark::Text(reading);
    }

    fn print(&mut self, written: Written, kind: FieldType) {
        match written {
            Written::Blank => {}
            Written::Faint => {
                self.by_hand = true;
                self.reading.mark = Mark::Text(TextReading::illegible());
            }
            Written::Lines(lines, lost) => {
                let text = lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n");
                let mut characters: Vec<Option<Character>> = lines.iter().flat_map(|line| line.characters.iter().cloned().map(Some)).collect();
                if characters.is_empty() || lost {
                    characters.push(None);
                }
                self.unseen = lines.iter().any(|line| 2 * line.shapes.len() < line.characters.len());
                self.shapes = lines.into_iter().map(|line| line.shapes).collect();
                self.reading.mark = Mark::Text(text_reading(text, &characters, kind));
            }
        }
    }

    /// What the lines' evenness says: one uneven line is a hand's.
    fn evenness(&self) -> Hand {
        let measured: Vec<Hand> = self.shapes.iter().map(|line| typeface::evenness(line).hand()).collect();
        match () {
            () if self.by_hand || measured.contains(&Hand::Written) => Hand::Written,
            () if measured.contains(&Hand::Typed) => Hand::Typed,
            () => Hand::Unclear,
        }
    }
}

/// The rules that lie within a zone.
fn inside(rules: &[RectMm], zone: RectMm) -> Vec<RectMm> {
    let within = |rule: &&RectMm| rule.y() > zone.y() && rule.y() < zone.y() + zone.h() && rule.x() < zone.x() + zone.w() && rule.x() + rule.w() > zone.x();
    rules.iter().filter(within).copied().collect()
}

fn text_reading(raw: String, characters: &[Option<Character>], kind: FieldType) -> TextReading {
    let digits = !alphabet::has_letters(kind);
    let sure = |character: &Option<Character>| {
        let Some(character) = character else { return 0.0 };
        let worth = if digits { as_digit(character.text).map_or(1.0, |(_, worth)| worth) } else { 1.0 };
        character.confidence * worth
    };
    let confidence = characters.iter().map(sure).fold(1.0, f32::min);
    let (text, worth) = match () {
        () if digits => (raw.chars().map(|letter| as_digit(letter).map_or(letter, |(digit, _)| digit)).collect(), 1.0),
        // An address is the same in either case, and has no spaces.
        () if kind == FieldType::Email => (raw.split_whitespace().collect(), 1.0),
        () => right_case(&raw),
    };
    TextReading { raw, text, confidence: confidence * worth, hand: Hand::Unclear, cells: Vec::new(), trouble: None }
}

/// The digit that a letter stands for where there can be only digits, and what that costs in confidence. An O that is a nought is the same
/// shape; an S that is a five is a guess, and only a check digit may make it more.
fn as_digit(letter: char) -> Option<(char, f32)> {
    match letter {
        'O' | 'o' => Some(('0', 1.0)),
        'I' | 'l' | '|' => Some(('1', 1.0)),
        'D' | 'Q' => Some(('0', 0.9)),
        'i' | '!' | ']' | '[' => Some(('1', 0.9)),
        'Z' | 'z' => Some(('2', 0.9)),
        'S' | 's' => Some(('5', 0.9)),
        'B' => Some(('8', 0.9)),
        _ => None,
    }
}

/// Tells a nought from an O where the line's typeface draws them differently: out of context Tesseract guesses.
fn by_looks(text: &str, shapes: &[Shape]) -> String {
    let looks: Vec<(char, &Portrait)> = shapes.iter().map(|shape| (shape.character, &shape.portrait)).collect();
    let Some(typeface) = portrait::compare(&looks).filter(Likeness::is_print).map(|likeness| likeness.typeface) else { return text.to_owned() };
    let mut next = shapes.iter();
    let settle = |letter: char| {
        // The shapes are the letters in order, without the spaces between words.
        let shape = if letter == ' ' { None } else { next.next() };
        if !matches!(letter, '0' | 'O') {
            return letter;
        }
        shape.and_then(|shape| portrait::prefer(typeface, &shape.portrait, &['0', 'O'])).unwrap_or(letter)
    };
    text.chars().map(settle).collect()
}

/// Tells a capital I from a small l by the company it keeps, word by word: in many typefaces they are the same stroke. The second result is
/// what that leaves of the confidence.
fn right_case(text: &str) -> (String, f32) {
    let mut worth: f32 = 1.0;
    let words = text.split_inclusive(|c: char| !c.is_alphabetic()).map(|word| {
        let (word, share) = right_case_word(word);
        worth = worth.min(share);
        word
    });
    let text = words.collect();
    (text, worth)
}

fn right_case_word(word: &str) -> (String, f32) {
    let stroke = |c: char| c == 'I' || c == 'l';
    let count = |kind: fn(char) -> bool| word.chars().filter(|&c| kind(c) && !stroke(c)).count();
    let (capitals, smalls) = (count(char::is_uppercase), count(char::is_lowercase));
    if smalls == 0 {
        // Among capitals there is no small l.
        return if capitals >= 2 { (word.replace('l', "I"), 1.0) } else { (word.to_owned(), 1.0) };
    }
    let mut rest = word.chars();
    let (first, second) = (rest.next().unwrap_or(' '), word.chars().nth(1).unwrap_or(' '));
    if rest.as_str().contains('I') {
        // An I within small letters is an l, but for a few names.
        return (format!("{first}{}", rest.as_str().replace('I', "l")), 0.9);
    }
    match first {
        // No word begins with an l before another consonant.
        'l' if second.is_lowercase() && !"aeiouyæøålj".contains(second) => (format!("I{}", rest.as_str()), 1.0),
        'l' if second != 'l' => (word.to_owned(), 0.9),
        _ => (word.to_owned(), 1.0),
    }
}

fn judge_boxes(seen: &mut [Seen]) {
    let looked_into: Vec<checkbox::Inside> = seen.iter().filter_map(|seen| seen.inside).collect();
    let boxes = seen.iter_mut().filter(|seen| seen.inside.is_some());
    for (seen, (state, clear)) in boxes.zip(checkbox::judge(&looked_into)) {
        seen.reading.mark = Mark::Box(state, clear);
    }
}

/// Reads the combs: all of them as handwriting, and as print those that a machine may have filled in. Whether the page is filled in by hand.
fn read_combs(models: &mut Models, seen: &mut [Seen], form: &Form) -> bool {
    let Models { print, hand, .. } = models;
    let field = |seen: &Seen| &form.fields[seen.reading.field];
    let combs: Vec<(&Comb, FieldType)> = seen.iter().filter_map(|seen| Some((seen.comb.as_ref()?, field(seen).kind))).collect();
    let glyphs = Glyphs::read(hand, &combs);
    let mut read = Vec::new();
    for (index, (seen, (comb, kind))) in seen.iter().filter(|seen| seen.comb.is_some()).zip(&combs).enumerate() {
        let cells = &field(seen).zones[seen.reading.zone].cells;
        let evenness = glyphs.evenness(index, (comb, *kind), |glyph| cells.get(glyph.cell).map_or(0.0, |cell| cell.x()));
        read.push((glyphs.cells(index, comb, *kind), glyphs.trouble(index, comb), evenness));
    }
    // One person fills a form in one way: on a page that is written by hand only what is as even as print is tried as print.
    let page_is_written = read.iter().filter(|(_, _, evenness)| evenness.is_none_or(|even| even.is_surely_a_hands())).count() >= WRITTEN_COMBS_MIN;
    for (seen, (written, trouble, evenness)) in seen.iter_mut().filter(|seen| seen.comb.is_some()).zip(read) {
        let Some(comb) = seen.comb.take() else { continue };
        let definition = &form.fields[seen.reading.field];
        let by_hand = evenness.is_none_or(|even| even.is_surely_a_hands() || page_is_written && even.hand() != Hand::Typed);
        if by_hand {
            seen.by_hand = true;
            seen.reading.mark = Mark::Text(TextReading { hand: Hand::Written, ..TextReading::illegible() });
        } else {
            seen.typed(print, &comb, &definition.zones[seen.reading.zone], definition.kind);
        }
        (seen.written, seen.trouble) = (written, trouble);
        seen.comb = Some(comb);
    }
    page_is_written
}

/// What no machine wrote is what the network read.
fn take_the_hands_reading(seen: &mut [Seen], form: &Form, page_is_written: bool) {
    /// What a reading is worth that another differs from: less than any threshold.
    const DISPUTED: f32 = 0.4;
    for seen in seen {
        // Where letters and digits stand side by side, a shape that is both is not the same reading.
        let kind = form.fields[seen.reading.field].kind;
        let mixes = alphabet::has_words(kind);
        let (Mark::Text(text), Some(comb)) = (&mut seen.reading.mark, &seen.comb) else { continue };
        if text.hand == Hand::Typed {
            continue;
        }
        let raw = decode::raw(&seen.written);
        // What nobody is sure to be print has been read twice, by two that know nothing of each other. Where they differ, a person decides, and the reading as print stays the
        // suggestion, unless it is none (letters where there are only digits) or all around it is written by hand.
        let is_none = !alphabet::has_letters(kind) && text.text.chars().any(|c| !c.is_ascii_digit() && c != '+');
        let differs = squeezed(&text.text) != squeezed(&raw) || mixes && !text.text.eq_ignore_ascii_case(&raw);
        let disputed = text.hand == Hand::Unclear && !seen.by_hand && differs && !is_none;
        if disputed && !page_is_written {
            continue;
        }
        let confidence = match () {
            () if comb.is_unreadable() => 0.0,
            () if disputed => DISPUTED,
            () => 1.0,
        };
        *text = TextReading { text: raw.clone(), raw, confidence, hand: text.hand, cells: std::mem::take(&mut seen.written), trouble: seen.trouble };
    }
}

/// A text for comparison: capitals and digits, with the shapes that a field's type tells apart taken for one.
fn squeezed(text: &str) -> String {
    let same = |c: char| match c {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).map(same).collect()
}

/// Says of each text whether it was typed, with the print of the page's combs to compare it with. A text with a character that looks like
/// another one is not sure, whoever wrote it.
fn judge_hands(seen: &mut [Seen]) {
    let mut profile = Profile::default();
    for seen in seen.iter().filter(|seen| seen.comb.is_some()) {
        profile.learn(seen.shapes.first().map_or(&[], Vec::as_slice), seen.evenness());
    }
    profile.settle();
    for seen in seen {
        let (hand, agreed) = profile.hand(&seen.shapes, seen.evenness(), seen.comb.is_some());
        if let Mark::Text(text) = &mut seen.reading.mark {
            text.hand = if seen.unseen && hand == Hand::Typed { Hand::Unclear } else { hand };
            if !agreed {
                text.confidence *= 0.5;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_are_named_by_their_company() {
        for (read, right) in
            [("lngrid", "Ingrid"), ("lran", "Iran"), ("ELl VlDAR", "ELI VIDAR"), ("Ellen", "Ellen"), ("Iris", "Iris"), ("Liv-lnger", "Liv-Inger"), ("IL", "IL")]
        {
            assert_eq!(right_case(read), (right.to_owned(), 1.0), "{read}");
        }
        // What is only likely goes to a person.
        assert_eq!(right_case("AIi"), ("Ali".to_owned(), 0.9));
        assert!(right_case("lan").1 < 1.0);
        assert!(right_case("McIntosh").1 < 1.0);
    }

    #[test]
    fn letters_stand_for_digits_only_where_there_are_only_digits() {
        let characters = |text: &str| text.chars().map(|text| Some(Character { text, confidence: 0.99 })).collect::<Vec<_>>();
        let duf = text_reading("2O22O3l4I5O2".into(), &characters("2O22O3l4I5O2"), FieldType::Duf);
        assert_eq!((duf.text.as_str(), duf.raw.as_str(), duf.confidence), ("202203141502", "2O22O3l4I5O2", 0.99));
        let guess = text_reading("8S08".into(), &characters("8S08"), FieldType::Postnummer);
        assert!(guess.text == "8508" && guess.confidence < 0.9);
        assert_eq!(text_reading("OLA".into(), &characters("OLA"), FieldType::Name).text, "OLA");
        assert!(text_reading("8?08".into(), &[None], FieldType::Postnummer).confidence <= 0.0);
    }

    /// A comb that shows `drawn` in a typeface, and was read as `text`.
    fn seen(drawn: &str, text: &str) -> Seen {
        let shape = |(index, (drawn, character)): (usize, (char, char))| Shape {
            character,
            x: 5.0 * index as f64,
            top: if drawn.is_lowercase() { 3.0 } else { 2.0 },
            bottom: 5.0,
            stroke: 0.4,
            portrait: portrait::of_typeface(0, drawn),
        };
        let shapes = drawn.chars().zip(text.chars()).enumerate().map(shape).collect();
        let mark = Mark::Text(TextReading { raw: text.into(), text: text.into(), confidence: 0.99, hand: Hand::Unclear, cells: Vec::new(), trouble: None });
        let reading = ZoneReading { field: 0, zone: 0, mark, trust: 1.0, stray: false, residual_mm: 0.0, crop: None };
        Seen {
            reading,
            inside: None,
            shapes: vec![shapes],
            by_hand: false,
            unseen: false,
            comb: Some(Comb { cells: 0, glyphs: Vec::new(), parted: false, joined: false, faint: false, outside: false }),
            written: Vec::new(),
            trouble: None,
        }
    }

    fn judged(seen: Seen) -> (Hand, f32) {
        let mut all = [seen];
        judge_hands(&mut all);
        let Mark::Text(text) = &all[0].reading.mark else { unreachable!("it was a text") };
        (text.hand, text.confidence)
    }

    #[test]
    fn what_looks_like_another_character_is_not_sure() {
        assert_eq!(judged(seen("202203141502", "202203141502")), (Hand::Typed, 0.99));
        let (hand, confidence) = judged(seen("202203141502", "202208141502"));
        assert!(hand == Hand::Typed && confidence < 0.5, "a 3 that was read as an 8");
    }

    #[test]
    fn ink_that_joins_cells_is_a_hands_whatever_it_looks_like() {
        let joined = Seen { by_hand: true, ..seen("202203141502", "202203141502") };
        assert_eq!(judged(joined).0, Hand::Written);
        let unseen = Seen { unseen: true, ..seen("202203141502", "202203141502") };
        assert_eq!(judged(unseen).0, Hand::Unclear);
    }
}
