//! The PDFs of [`postsluse::paper`], as other programs see them: lopdf for the structure, poppler's pdftotext for the text and the pages.

use std::io::Write as _;
use std::process::{Command, Stdio};

use lopdf::{Dictionary, Document as Pdf, Object};
use postsluse::paper::{Align, Block, Column, Document, Fonts, LetterSheet, Letterhead, PageWords, PaperError, Sheet, Table};
use postsluse::record::RectMm;

pub fn fonts() -> Fonts {
    Fonts::load(None).expect("fonts-liberation2 is installed")
}

/// What `pdftotext` reads, page by page.
pub fn pages(pdf: &[u8]) -> Vec<String> {
    let mut child = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pdftotext is installed (Debian package poppler-utils)");
    let mut input = child.stdin.take().expect("a pipe");
    let bytes = pdf.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = child.wait_with_output().expect("it ran");
    writer.join().expect("no panic").expect("it read everything");
    assert!(output.status.success(), "pdftotext refuses the file");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.split_terminator('\u{c}').map(str::to_owned).collect()
}

fn load(pdf: &[u8]) -> Pdf {
    Pdf::load_mem(pdf).expect("a readable PDF")
}

fn xmp(pdf: &Pdf) -> String {
    let catalog = pdf.catalog().expect("a catalog");
    let metadata = pdf.get_object(catalog.get(b"Metadata").and_then(Object::as_reference).expect("metadata")).expect("metadata");
    String::from_utf8(metadata.as_stream().expect("a stream").content.clone()).expect("UTF-8")
}

/// The roles of the structure tree, depth first, in one line.
fn structure(pdf: &Pdf) -> String {
    fn resolve<'a>(pdf: &'a Pdf, object: &'a Object) -> &'a Object {
        object.as_reference().map_or(object, |id| pdf.get_object(id).expect("an object"))
    }
    fn walk(pdf: &Pdf, element: &Dictionary, out: &mut String) {
        if let Ok(role) = element.get(b"S").and_then(Object::as_name) {
            out.push_str(&String::from_utf8_lossy(role));
        }
        let Ok(kids) = element.get(b"K") else { return };
        let kids = resolve(pdf, kids);
        let one = [kids.clone()];
        let kids = kids.as_array().map_or(&one[..], Vec::as_slice);
        let inner: Vec<&Dictionary> = kids.iter().filter_map(|kid| resolve(pdf, kid).as_dict().ok()).filter(|kid| kid.has(b"S")).collect();
        if !inner.is_empty() {
            out.push('(');
            for (index, kid) in inner.iter().enumerate() {
                out.push_str(if index > 0 { " " } else { "" });
                walk(pdf, kid, out);
            }
            out.push(')');
        }
    }
    let root = pdf.catalog().expect("a catalog").get(b"StructTreeRoot").expect("a structure tree");
    let mut out = String::new();
    walk(pdf, resolve(pdf, root).as_dict().expect("a dictionary"), &mut out);
    out
}

fn letter(blocks: Vec<Block>) -> LetterSheet {
    LetterSheet {
        title: "Prøve".into(),
        language: "nb".into(),
        author: "Integrerings- og mangfoldsdirektoratet".into(),
        created: "2026-11-21T09:00:00Z".parse().expect("a literal timestamp"),
        letterhead: Letterhead { name: "Integrerings- og mangfoldsdirektoratet".into(), lines: vec!["Postboks 672, 8508 Narvik".into()] },
        address: vec!["Ås kommune".into(), "Skoleveien 1".into(), "1430 ÅS".into()],
        references: vec![("Deres ref".into(), String::new()), ("Vår ref".into(), "26-00012-2".into()), ("Dato".into(), "21.11.2026".into())],
        blocks,
        running_head: "IMDi  |  Vår ref: 26-00012-2".into(),
        page_words: PageWords { page: "Side".into(), of: "av".into() },
    }
}

fn words(count: usize) -> String {
    vec!["bosetting"; count].join(" ")
}

fn long_table(rows: usize) -> Block {
    let columns =
        vec![Column { header: "Kommune".into(), width_mm: 90.0, align: Align::Left }, Column { header: "Antall".into(), width_mm: 30.0, align: Align::Right }];
    Block::Table(Table { columns, rows: (1..=rows).map(|row| vec![format!("Rad {row}"), (row * 7).to_string()]).collect() })
}

#[test]
fn a_sheet_becomes_a_pdf_a_2b_of_its_size_with_its_text() {
    let mut sheet = Sheet::a4();
    sheet.text(20.0, 20.0, 11.0, true, "SÆRSKILT PÅ ØYA").text_grey(20.0, 26.0, 8.0, false, 110, "særskilt på øya");
    sheet.fill_rect(RectMm::new(10.0, 10.0, 6.0, 6.0), 0).stroke_rect(RectMm::new(20.0, 30.0, 5.0, 7.0), 0.2, 160);
    sheet.fill_rects(vec![RectMm::new(100.0, 10.0, 1.0, 1.0), RectMm::new(101.0, 10.0, 1.0, 1.0)], 0).line([20.0, 50.0], [190.0, 50.0], 0.3, 0);
    let created = "2026-11-21T09:00:00Z".parse().expect("a literal timestamp");
    let document = Document { title: "Skjema".into(), language: "nn".into(), author: "IMDi".into(), created, sheets: vec![sheet.clone(), sheet] };
    let bytes = document.pdf(&fonts()).expect("a PDF");
    let pdf = load(&bytes);
    let meta = xmp(&pdf);
    assert!(meta.contains("<pdfaid:part>2</pdfaid:part>") && meta.contains("<pdfaid:conformance>B</pdfaid:conformance>"), "{meta}");
    assert!(meta.contains("2026-11-21T09:00:00"), "{meta}");
    for id in pdf.get_pages().values() {
        let size = pdf.get_dictionary(*id).expect("a page").get(b"MediaBox").and_then(Object::as_array).expect("a box").clone();
        let size: Vec<f32> = size.iter().map(|side| side.as_float().expect("a number")).collect();
        assert!((size[2] - 595.276).abs() < 0.01 && (size[3] - 841.89).abs() < 0.01, "A4 in points, not {size:?}");
    }
    let read = pages(&bytes);
    assert_eq!(read.len(), 2);
    assert!(read[1].contains("SÆRSKILT PÅ ØYA") && read[1].contains("særskilt på øya"), "{read:?}");
    assert!(String::from_utf8_lossy(&bytes).contains("LiberationSans") || meta.contains("pdfaid"), "fonts are embedded as a subset");
    let quiet = document.pdf(&fonts()).expect("a PDF");
    assert!(bytes == quiet, "the same document gives the same bytes");
}

#[test]
fn a_letter_is_tagged_in_reading_order_and_says_its_standards_language_and_title() {
    let blocks = vec![
        Block::Title("Tittel".into()),
        Block::Paragraph("Første avsnitt.".into()),
        Block::Heading("Overskrift".into()),
        Block::Bullets(vec!["ett".into(), "to".into()]),
        long_table(1),
        Block::Closing(vec!["Med hilsen".into(), String::new(), "Navn".into()]),
    ];
    let bytes = letter(blocks).pdf(&fonts()).expect("a PDF");
    let pdf = load(&bytes);
    assert_eq!(structure(&pdf), "(Document(P P P P P P H1 P H2 L(LI(Lbl LBody) LI(Lbl LBody)) Table(THead(TR(TH TH)) TBody(TR(TH TD))) P))");
    let meta = xmp(&pdf);
    for part in ["<pdfaid:conformance>A</pdfaid:conformance>", "<pdfuaid:part>1</pdfuaid:part>", ">Prøve<"] {
        assert!(meta.contains(part), "{part} in {meta}");
    }
    let catalog = pdf.catalog().expect("a catalog");
    assert_eq!(catalog.get(b"Lang").and_then(Object::as_str).expect("a language"), b"nb");
    assert!(catalog.has(b"Outlines") && catalog.has(b"MarkInfo"));
    let text = pages(&bytes).join("\n");
    assert!(!text.contains("Side 1"), "a letter of one page is not numbered");
}

#[test]
fn the_address_stands_in_the_window_and_nothing_else_does() {
    let mut long = letter(vec![Block::Title("Tittel".into())]);
    long.address = vec!["Porsanger kommune – Porsáŋggu gielda – Porsangin komuuni".into(), "Rådhuset".into(), "9712 LAKSELV".into()];
    long.letterhead.lines = vec!["Postboks 672, 8508 Narvik".into(), "E-post: post@imdi.no".into()];
    let pdf = long.pdf(&fonts()).expect("a PDF");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("brev.pdf");
    std::fs::write(&file, pdf).expect("written");
    // The window of the envelope at 72 dots an inch, x 20 to 105 mm and y 45 to 90 mm; then the strips above and below it.
    let crop = |y: f64, height: f64| {
        let dots = |mm: f64| (mm * 72.0 / 25.4).round().to_string();
        let output = Command::new("pdftotext")
            .args(["-x", &dots(20.0), "-y", &dots(y), "-W", &dots(85.0), "-H", &dots(height)])
            .args([file.as_os_str(), "-".as_ref()])
            .output()
            .expect("pdftotext is installed");
        String::from_utf8(output.stdout).expect("UTF-8").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(crop(45.0, 45.0), "Porsanger kommune – Porsáŋggu gielda – Porsangin komuuni Rådhuset 9712 LAKSELV");
    assert!(crop(0.0, 45.0).ends_with("post@imdi.no"));
    assert!(crop(90.0, 30.0).starts_with("Deres ref:"));
}

#[test]
fn a_long_table_goes_on_with_its_header_and_every_row_once() {
    let bytes = letter(vec![Block::Title("Tittel".into()), Block::Paragraph("Tabellen:".into()), long_table(120)]).pdf(&fonts()).expect("a PDF");
    let read = pages(&bytes);
    assert!(read.len() >= 3, "{} pages", read.len());
    for (index, page) in read.iter().enumerate() {
        assert_eq!(page.matches("Kommune  ").count(), 1, "the header stands once on page {}", index + 1);
        assert!(page.contains(&format!("Side {} av {}", index + 1, read.len())), "page {}", index + 1);
        assert_eq!(
            page.contains("IMDi | Vår ref: 26-00012-2") || page.contains("IMDi  |  Vår ref: 26-00012-2"),
            index > 0,
            "the running head is on every page but the first"
        );
    }
    let text = read.join("\n");
    for row in 1..=120 {
        let line = text.lines().filter(|line| line.split_whitespace().take(2).eq(["Rad", &row.to_string()])).collect::<Vec<_>>();
        assert_eq!(line.len(), 1, "row {row}");
        assert!(line[0].trim_end().ends_with(&(row * 7).to_string()), "row {row}");
    }
    let pdf = load(&bytes);
    assert_eq!(structure(&pdf).matches("THead").count(), 1, "the repeated header is for the eye only");
}

#[test]
fn no_page_ends_in_a_heading_and_no_closing_is_alone() {
    let (mut breaks_at_heading, mut breaks_at_closing) = (0, 0);
    for filler in 0..60 {
        let mut blocks = vec![Block::Title("Tittel".into())];
        blocks.extend((0..filler).map(|number| Block::Paragraph(format!("Fyll {number}"))));
        blocks.push(Block::Heading("Kontakt oss".into()));
        blocks.push(Block::Paragraph(words(30)));
        blocks.push(Block::Closing(vec!["Med hilsen".into(), String::new(), "Navn".into()]));
        let read = pages(&letter(blocks).pdf(&fonts()).expect("a PDF"));
        for page in &read {
            let lines: Vec<&str> = page.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("Side ")).collect();
            assert_ne!(lines.last(), Some(&"Kontakt oss"), "{filler} paragraphs");
            if let Some(at) = lines.iter().position(|line| *line == "Med hilsen") {
                assert!(lines[at - 1].starts_with("bosetting"), "{filler} paragraphs: the closing has text above it");
                assert_eq!(lines[at + 1], "Navn", "{filler} paragraphs: the closing is whole");
                breaks_at_closing += usize::from(read.len() > 1);
            }
            breaks_at_heading += usize::from(read.len() > 1 && lines.get(1) == Some(&"Kontakt oss"));
        }
    }
    assert!(breaks_at_heading > 0 && breaks_at_closing > 0, "the loop met both breaks");
}

#[test]
fn a_paragraph_leaves_no_single_line_behind_and_loses_no_word() {
    for filler in 20..60 {
        let mut blocks = vec![Block::Title("Tittel".into())];
        blocks.extend((0..filler).map(|number| Block::Paragraph(format!("Fyll {number}"))));
        blocks.push(Block::Paragraph(words(64)));
        let read = pages(&letter(blocks).pdf(&fonts()).expect("a PDF"));
        let lines = |page: &String| page.lines().filter(|line| line.trim_start().starts_with("bosetting")).count();
        assert!(read.iter().map(lines).all(|count| count != 1), "{filler} paragraphs");
        assert_eq!(read.join(" ").matches("bosetting").count(), 64);
    }
}

#[test]
fn words_wider_than_the_line_are_broken_and_none_is_lost() {
    let link = format!("https://www.imdi.no/{}", "bosetting-av-flyktninger/".repeat(12));
    let solid = "Å".repeat(300);
    let bytes = letter(vec![Block::Title("Tittel".into()), Block::Paragraph(link.clone()), Block::Paragraph(solid.clone())]).pdf(&fonts()).expect("a PDF");
    let text: String = pages(&bytes).join("").split_whitespace().collect();
    assert!(text.contains(&link), "{text}");
    assert!(text.contains(&solid), "{text}");
}

#[test]
fn what_does_not_fit_is_an_error_with_its_measure() {
    let fonts = fonts();
    let mut address = letter(vec![Block::Title("Tittel".into())]);
    address.address = vec!["Linje".into(); 9];
    let message = address.pdf(&fonts).unwrap_err().to_string();
    assert!(message.starts_with("the recipient's address needs ") && message.ends_with("the limit is 35.0 mm\nshorten the text"), "{message}");
    let mut reference = letter(vec![Block::Title("Tittel".into())]);
    reference.references[1].1 = words(20);
    assert!(matches!(reference.pdf(&fonts), Err(PaperError::TooLarge { what: "the reference line", .. })));
    let tall = Block::Table(Table { columns: vec![Column { header: "Ord".into(), width_mm: 20.0, align: Align::Left }], rows: vec![vec![words(200)]] });
    assert!(matches!(letter(vec![Block::Title("Tittel".into()), tall]).pdf(&fonts), Err(PaperError::TooLarge { .. })));
    let ragged = Block::Table(Table { columns: vec![Column { header: "Ord".into(), width_mm: 20.0, align: Align::Left }], rows: vec![vec![]] });
    assert_eq!(letter(vec![Block::Title("Tittel".into()), ragged]).pdf(&fonts), Err(PaperError::Cells { columns: 1, cells: 0 }));
    assert_eq!(letter(vec![Block::Title("日本".into())]).pdf(&fonts), Err(PaperError::NoGlyph { code_point: 0x65E5 }));
}
