//! Letters: whole pages to text, and text layers held against their pictures.
#![expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "places are small numbers")]

use postsluse::page::TextWord;
use postsluse::record::Confidence;

use crate::recognise::MODELS;
use crate::recognise_sheet::{Font, Scan, Sheet};

const LETTER: [&str; 6] = [
    "Kommunestyret behandlet saken i møte 12.03.2026.",
    "Kommunen vedtar å bosette inntil 31 flyktninger i 2026.",
    "Familiegjenforente kommer i tillegg til dette tallet.",
    "Vedtaket er enstemmig, og gjelder fra samme dag.",
    "Det tas forbehold om at boliger blir tilgjengelige.",
    "Spørsmål kan rettes til kommunens flyktningtjeneste.",
];

fn letter() -> Sheet {
    let mut sheet = Sheet::default();
    for (index, line) in LETTER.iter().enumerate() {
        // Two paragraphs.
        sheet.text(Font::Times, 12.0, 30.0, 60.0 + 6.0 * index as f64 + if index > 2 { 8.0 } else { 0.0 }, line);
    }
    sheet
}

#[test]
fn a_letter_is_transcribed_whichever_way_it_lies() {
    let sheet = letter();
    for (turn, dpi) in [(0.0, 300.0), (2.2, 200.0), (-4.0, 300.0), (180.0, 300.0), (91.0, 200.0), (270.0, 300.0)] {
        let scan = Scan::at(dpi).turned(turn);
        let page = sheet.scan(&scan);
        let layer = MODELS.with_borrow_mut(|models| models.print().transcribe(&page));
        let lines: Vec<String> = layer.lines.iter().map(|line| line.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")).collect();
        // A lone i may be read as a 1.
        assert_eq!(lines.iter().map(|line| line.replace(" 1 ", " i ")).collect::<Vec<_>>(), LETTER, "turned {turn}");
        let paragraphs: Vec<bool> = layer.lines.iter().map(|line| line.starts_paragraph).collect();
        assert_eq!(paragraphs, [true, false, false, true, false, false], "turned {turn}");
        // Places are those of the page as it was scanned.
        let first = &layer.lines[0].words[0];
        let [x, y] = scan.px([31.5, 58.8]);
        let [left, top, right, bottom] = first.rect_px.map(f64::from);
        assert!(
            (left - 3.0..right + 3.0).contains(&x) && (top - 3.0..bottom + 3.0).contains(&y),
            "turned {turn}: {:?}, not around {x:.0} {y:.0}",
            first.rect_px
        );
        assert!(first.confidence > Confidence::new(0.5));
    }
}

#[test]
fn an_empty_page_has_no_text() {
    let page = Sheet::default().scan(&Scan::at(100.0));
    let layer = MODELS.with_borrow_mut(|models| models.print().transcribe(&page));
    assert!(layer.lines.is_empty());
}

#[test]
fn a_text_layer_is_held_against_the_picture() {
    let scan = Scan::at(200.0);
    let page = letter().scan(&scan);
    let words = |text: &str, baseline: f64| {
        let ([left, top], [right, bottom]) = (scan.px([29.5, baseline - 3.6]), scan.px([140.0, baseline + 1.2]));
        let rect_px = [left as i32, top as i32, right as i32, bottom as i32];
        text.split(' ').map(|word| TextWord { text: word.to_owned(), rect_px, confidence: Confidence::CERTAIN }).collect::<Vec<_>>()
    };
    MODELS.with_borrow_mut(|models| {
        let engine = models.print();
        let mut agrees = |line: &[TextWord], target| engine.agrees(&page, line, target);
        let line = words(LETTER[1], 66.0);
        assert!((0..line.len()).all(|word| agrees(&line, word..word + 1)), "each word of what is there");
        assert!(agrees(&line, 0..line.len()));
        for (index, word) in line.iter().enumerate().filter(|(_, word)| word.text.contains(|c: char| c.is_ascii_digit())) {
            let mut altered = line.clone();
            altered[index].text = word.text.chars().rev().collect();
            assert!(altered[index].text == word.text || !agrees(&altered, index..index + 1), "digits in another order");
        }
        let other = words("Kommunen avslår anmodningen om bosetting for 2026.", 66.0);
        assert!(!agrees(&other, 0..other.len()));
        let nowhere = words(LETTER[1], 150.0);
        assert!(!agrees(&nowhere, 0..nowhere.len()), "nothing is there");
        assert!(!agrees(&[], 0..0), "nothing is no proof");
    });
}
