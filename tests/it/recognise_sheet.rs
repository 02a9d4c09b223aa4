//! A sheet of paper for tests: a small form drawn as vectors, filled in by type or by hand, and "scanned" at any resolution, scale and angle.
//!
//! It knows nothing of the code under test beyond the form's definition: what it draws goes through PDF and a PDF renderer, and where a
//! millimetre of the form ends up on the scan is known exactly ([`Scan::px`]).
#![expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "pictures are drawn by arithmetic on small numbers")]
#![expect(clippy::many_single_char_names, reason = "coordinates and matrices")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use postsluse::forms::{FieldDef, Form, Labels, OptionDef, PageLayout, Zone, ZoneKind};
use postsluse::page::Grey;
use postsluse::record::{FieldType, RectMm, Sensitivity};

pub const PAGE: [f64; 2] = [210.0, 297.0];
const PT_TO_MM: f64 = 25.4 / 72.0;

/// The fonts a sheet can be typed in: every PDF renderer has its own cut of the first three; more can be embedded from files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Font {
    Helvetica,
    Times,
    Courier,
    /// The n-th file of [`Sheet::fonts`].
    File(usize),
}

/// What is drawn on one page, in millimetres from the top left.
#[derive(Default, Clone)]
pub struct Sheet {
    operators: String,
    /// TrueType files that [`Font::File`] counts.
    pub fonts: Vec<Arc<Vec<u8>>>,
}

impl Sheet {
    pub fn fill(&mut self, rect: RectMm, grey: f64) {
        let _ = writeln!(self.operators, "{grey:.3} g {} {} {} {} re f", rect.x(), rect.y(), rect.w(), rect.h());
    }

    pub fn outline(&mut self, rect: RectMm, width: f64, grey: f64) {
        let _ = writeln!(self.operators, "{grey:.3} G {width:.3} w {} {} {} {} re S", rect.x(), rect.y(), rect.w(), rect.h());
    }

    pub fn stroke(&mut self, points: &[[f64; 2]], width: f64, grey: f64) {
        let _ = write!(self.operators, "{grey:.3} G {width:.3} w 1 J 1 j ");
        for (index, [x, y]) in points.iter().enumerate() {
            let _ = write!(self.operators, "{x:.3} {y:.3} {} ", if index == 0 { 'm' } else { 'l' });
        }
        self.operators.push_str("S\n");
    }

    /// Text from its left edge and baseline.
    pub fn text(&mut self, font: Font, size_pt: f64, x: f64, baseline: f64, text: &str) {
        self.text_grey(font, size_pt, x, baseline, text, 0.0);
    }

    pub fn text_grey(&mut self, font: Font, size_pt: f64, x: f64, baseline: f64, text: &str, grey: f64) {
        let hex = text.chars().fold(String::new(), |mut hex, c| {
            let _ = write!(hex, "{:02x}", win_ansi(c));
            hex
        });
        let name = match font {
            Font::Helvetica => "H".to_owned(),
            Font::Times => "T".to_owned(),
            Font::Courier => "C".to_owned(),
            Font::File(index) => format!("E{index}"),
        };
        let _ = writeln!(self.operators, "BT {grey:.2} g /{name} {:.4} Tf 1 0 0 -1 {x:.3} {baseline:.3} Tm <{hex}> Tj ET", size_pt * PT_TO_MM);
    }

    /// One character a cell, each in the middle of its cell; spaces leave cells empty.
    pub fn type_comb(&mut self, font: Font, size_pt: f64, cells: &[RectMm], text: &str, offset: [f64; 2]) {
        for (cell, character) in cells.iter().zip(text.chars()).filter(|(_, character)| *character != ' ') {
            let x = cell.x() + (cell.w() - width_em(font, character) * size_pt * PT_TO_MM) / 2.0 + offset[0];
            let baseline = cell.y() + cell.h() / 2.0 + 0.36 * size_pt * PT_TO_MM + offset[1];
            self.text(font, size_pt, x, baseline, &character.to_string());
        }
    }

    /// Draws marks, code and outlines of a page of a form.
    pub fn blank(form: &Form, page: u32, language: &str) -> Self {
        let mut sheet = Self::default();
        let layout = form.page(page).expect("the page exists");
        for &mark in &layout.fiducials {
            sheet.fill(mark, 0.0);
        }
        if let Some(code) = layout.code {
            sheet.code(code, &form.page_code(page, language).to_string());
        }
        for (_, zone) in form.zones_on(page) {
            for &rect in if zone.cells.is_empty() { std::slice::from_ref(&zone.rect) } else { &zone.cells } {
                sheet.outline(rect, 0.25, 0.0);
            }
        }
        sheet
    }

    pub fn code(&mut self, square: RectMm, text: &str) {
        let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M).expect("a short text");
        let (size, colors) = (code.width(), code.to_colors());
        let module = square.w() / size as f64;
        // Runs instead of single modules: no hairline of paper between neighbours.
        for (y, row) in colors.chunks(size).enumerate() {
            let mut x = 0;
            while x < size {
                let run = row[x..].iter().take_while(|&&color| color == qrcode::Color::Dark).count();
                if run > 0 {
                    self.fill(RectMm::new(square.x() + x as f64 * module, square.y() + y as f64 * module, run as f64 * module, module), 0.0);
                }
                x += run.max(1);
            }
        }
    }

    /// Scans the sheet.
    pub fn scan(&self, how: &Scan) -> Grey {
        let pdf = self.pdf(how);
        let pdf = hayro::hayro_syntax::Pdf::new(pdf).expect("a sound PDF");
        let scale = (how.dpi / 72.0) as f32;
        let settings = hayro::PixmapSettings { x_scale: scale, y_scale: scale, bg_color: hayro::vello_cpu::color::palette::css::WHITE };
        let page = &pdf.pages()[0];
        let picture = hayro::render(
            page,
            &hayro::RenderCache::new(),
            &hayro::hayro_interpret::InterpreterSettings::default(),
            &hayro::RenderSettings::default(),
            &settings,
        );
        let (width, height) = (usize::from(picture.width()), usize::from(picture.height()));
        let data = picture.data_as_u8_slice().chunks_exact(4).map(|rgba| rgba[1]).collect();
        Grey { width, height, data, dpi: how.dpi }
    }

    fn pdf(&self, how: &Scan) -> Vec<u8> {
        let [width, height] = how.size();
        let [a, b, c, d, e, f] = how.matrix();
        // PDF counts upwards from the lower left in points, the sheet downwards from the upper left in millimetres.
        let unit = 1.0 / PT_TO_MM;
        let content = format!("{unit} 0 0 -{unit} 0 {} cm {a:.9} {b:.9} {c:.9} {d:.9} {e:.6} {f:.6} cm\n{}", height * unit, self.operators);
        let mut objects: Vec<Vec<u8>> =
            vec![b"<</Type/Catalog/Pages 2 0 R>>".to_vec(), b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(), Vec::new(), stream("", content.as_bytes())];
        let mut fonts = String::new();
        for (name, base) in [("H", "Helvetica"), ("T", "Times-Roman"), ("C", "Courier")] {
            let _ = write!(fonts, "/{name} <</Type/Font/Subtype/Type1/BaseFont/{base}/Encoding/WinAnsiEncoding>>");
        }
        for (index, file) in self.fonts.iter().enumerate() {
            let open_type = file.starts_with(b"OTTO");
            objects.push(stream(&if open_type { "/Subtype/OpenType".to_owned() } else { format!("/Length1 {}", file.len()) }, file));
            let (kind, key) = if open_type { ("Type1", "FontFile3") } else { ("TrueType", "FontFile2") };
            let number = objects.len();
            let _ = write!(
                fonts,
                "/E{index} <</Type/Font/Subtype/{kind}/BaseFont/F{index}/FirstChar 32/LastChar 32/Widths[300]/Encoding/WinAnsiEncoding/FontDescriptor <</Type/FontDescriptor/FontName/F{index}/Flags 32/{key} {number} 0 R/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 900/Descent -200/CapHeight 700/StemV 80>>>>"
            );
        }
        objects[2] = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 {:.4} {:.4}]/Contents 4 0 R/Resources<</Font<<{fonts}>>>>>>", width * unit, height * unit)
            .into_bytes();
        let mut pdf = b"%PDF-1.7\n".to_vec();
        let mut offsets = Vec::new();
        for (index, object) in objects.iter().enumerate() {
            offsets.push(pdf.len());
            pdf.extend(format!("{} 0 obj\n", index + 1).bytes());
            pdf.extend(object);
            pdf.extend(b"\nendobj\n");
        }
        let start = pdf.len();
        pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
        for offset in &offsets {
            pdf.extend(format!("{offset:010} 00000 n \n").bytes());
        }
        pdf.extend(format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF", objects.len() + 1).bytes());
        pdf
    }
}

fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let mut object = format!("<</Length {} {entries}>>\nstream\n", data.len()).into_bytes();
    object.extend(data);
    object.extend(b"\nendstream");
    object
}

fn win_ansi(character: char) -> u8 {
    match character {
        '–' => 0x96,
        '’' => 0x92,
        other => u8::try_from(u32::from(other)).unwrap_or(b'?'),
    }
}

/// The advance width of a character, roughly: enough to put it near the middle of its cell.
fn width_em(font: Font, character: char) -> f64 {
    if font == Font::Courier {
        return 0.6;
    }
    match character {
        'i' | 'j' | 'l' | '.' | ',' | '\'' | '-' | 'I' | 't' | 'f' | ':' => 0.28,
        'm' | 'M' | 'W' | 'Æ' | 'æ' | '@' => 0.87,
        'A'..='Z' | 'Ø' | 'Å' => 0.7,
        _ => 0.55,
    }
}

/// How a sheet is scanned: the print's size on paper, the sheet's place under the scanner, and the resolution.
#[derive(Debug, Clone, Copy)]
pub struct Scan {
    pub dpi: f64,
    /// Clockwise, degrees, about the middle of the page.
    pub turn: f64,
    /// Print size: 1 is true.
    pub scale: [f64; 2],
    /// mm on the scan.
    pub shift: [f64; 2],
}

impl Default for Scan {
    fn default() -> Self {
        Self { dpi: 300.0, turn: 0.0, scale: [1.0, 1.0], shift: [0.0, 0.0] }
    }
}

impl Scan {
    pub fn at(dpi: f64) -> Self {
        Self { dpi, ..Self::default() }
    }

    pub fn turned(self, turn: f64) -> Self {
        Self { turn, ..self }
    }

    pub fn scaled(self, x: f64, y: f64) -> Self {
        Self { scale: [x, y], ..self }
    }

    pub fn shifted(self, x: f64, y: f64) -> Self {
        Self { shift: [x, y], ..self }
    }

    /// The scan's size, mm: the page's, upright or lying.
    fn size(&self) -> [f64; 2] {
        let lying = (self.turn / 90.0).round() as i64 % 2 != 0;
        if lying { [PAGE[1], PAGE[0]] } else { PAGE }
    }

    /// From the form's millimetres to the scan's, as a PDF matrix.
    fn matrix(&self) -> [f64; 6] {
        let (sin, cos) = self.turn.to_radians().sin_cos();
        let size = self.size();
        let [a, b, c, d] = [cos * self.scale[0], sin * self.scale[0], -sin * self.scale[1], cos * self.scale[1]];
        let (x, y) = (PAGE[0] / 2.0, PAGE[1] / 2.0);
        [a, b, c, d, size[0] / 2.0 + self.shift[0] - a * x - c * y, size[1] / 2.0 + self.shift[1] - b * x - d * y]
    }

    /// Where a point of the form is on the scan, px.
    pub fn px(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [a, b, c, d, e, f] = self.matrix();
        let unit = self.dpi / 25.4;
        [(a * x + c * y + e) * unit, (b * x + d * y + f) * unit]
    }
}

/// A small random generator, so that every run of a test sees the same noise.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as f64) / f64::from(1u32 << 31)
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }

    pub fn below(&mut self, count: usize) -> usize {
        ((self.next() * count as f64) as usize).min(count - 1)
    }
}

/// Black and white, as a fax or G4 scan has it; the threshold decides how thin strokes get.
pub fn threshold(page: &mut Grey, level: u8) {
    for value in &mut page.data {
        *value = if *value < level { 0 } else { 255 };
    }
}

/// Grey noise of the given spread.
pub fn noise(page: &mut Grey, spread: f64, dice: &mut Dice) {
    for value in &mut page.data {
        let sum: f64 = (0..4).map(|_| dice.next() - 0.5).sum();
        *value = (f64::from(*value) + sum * spread * 1.7).clamp(0.0, 255.0) as u8;
    }
}

/// Single pixels of dirt.
pub fn pepper(page: &mut Grey, share: f64, dice: &mut Dice) {
    let count = (page.data.len() as f64 * share) as usize;
    for _ in 0..count {
        let at = dice.below(page.data.len());
        page.data[at] = if dice.next() < 0.7 { 0 } else { 255 };
    }
}

/// Paper that is not white and print that is not black.
pub fn fade(page: &mut Grey, black: f64, paper: f64) {
    page.data.iter_mut().for_each(|value| *value = (black + (paper - black) * f64::from(*value) / 255.0) as u8);
}

/// There and back through JPEG.
pub fn jpeg(page: &mut Grey, quality: u8) {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    encoder.encode(&page.data, page.width as u32, page.height as u32, image::ExtendedColorType::L8).expect("grey pixels");
    page.data = image::load_from_memory(&bytes).expect("our own JPEG").into_luma8().into_raw();
}

/// A form of one page: marks, code, combs, boxes, lines, free text and a signature, laid out as our own blanks are.
pub fn form() -> Form {
    let label = |text: &str| Labels(BTreeMap::from([("nb".to_owned(), text.to_owned())]));
    let field = |name: &str, kind: FieldType, zones: Vec<Zone>| FieldDef {
        name: name.to_owned(),
        kind,
        sensitivity: Sensitivity::Ordinary,
        legal_basis: "integreringsloven § 50".to_owned(),
        required: false,
        label: label(name),
        options: Vec::new(),
        zones,
    };
    let comb = |x: f64, y: f64, count: usize| {
        let cells: Vec<RectMm> = (0..count).map(|i| RectMm::new(x + 5.0 * i as f64, y, 5.0, 7.0)).collect();
        Zone { page: 1, kind: ZoneKind::Comb, rect: RectMm::new(x, y, 5.0 * count as f64, 7.0), cells, option: None }
    };
    let place = |kind: ZoneKind, rect: RectMm| Zone { page: 1, kind, rect, cells: Vec::new(), option: None };
    let boxed = |x: f64, y: f64, option: &str| Zone { option: Some(option.to_owned()), ..place(ZoneKind::Checkbox, RectMm::new(x, y, 4.0, 4.0)) };
    let choice = |name: &str, kind: FieldType, y: f64, codes: &[&str]| FieldDef {
        options: codes.iter().map(|code| OptionDef { code: (*code).to_owned(), label: label(code) }).collect(),
        ..field(name, kind, codes.iter().enumerate().map(|(i, code)| boxed(30.0 + 35.0 * i as f64, y, code)).collect())
    };
    let fields = vec![
        field("etternavn", FieldType::Name, vec![comb(25.0, 50.0, 30)]),
        field("fornavn", FieldType::Name, vec![comb(25.0, 62.0, 30)]),
        field("duf", FieldType::Duf, vec![comb(25.0, 74.0, 12)]),
        field("fnr", FieldType::Fnr, vec![comb(100.0, 74.0, 11)]),
        field("foedt", FieldType::Date, vec![comb(25.0, 86.0, 8)]),
        field("postnummer", FieldType::Postnummer, vec![comb(100.0, 86.0, 4)]),
        field("telefon", FieldType::Phone, vec![comb(25.0, 98.0, 12)]),
        field("epost", FieldType::Email, vec![comb(25.0, 110.0, 30)]),
        choice("kjonn", FieldType::Choice, 124.0, &["kvinne", "mann"]),
        choice("behov", FieldType::Multichoice, 132.0, &["rullestol", "syn", "hoersel", "annet"]),
        FieldDef { zones: vec![place(ZoneKind::Checkbox, RectMm::new(30.0, 140.0, 4.0, 4.0))], ..field("samtykke", FieldType::Flag, Vec::new()) },
        field("statsborgerskap", FieldType::Text, vec![place(ZoneKind::Print, RectMm::new(25.0, 150.0, 100.0, 8.0))]),
        FieldDef { sensitivity: Sensitivity::Special, ..field("helse", FieldType::Text, vec![place(ZoneKind::Free, RectMm::new(25.0, 165.0, 160.0, 40.0))]) },
        field("merknad", FieldType::Text, vec![place(ZoneKind::Free, RectMm::new(25.0, 210.0, 160.0, 25.0))]),
        field("personer", FieldType::Integer, vec![comb(25.0, 240.0, 2)]),
        field("underskrift", FieldType::Signature, vec![place(ZoneKind::Signature, RectMm::new(25.0, 255.0, 90.0, 14.0))]),
    ];
    let mark = |x: f64, y: f64| RectMm::new(x - 2.5, y - 2.5, 5.0, 5.0);
    let fiducials = vec![mark(12.5, 12.5), mark(197.5, 12.5), mark(12.5, 284.5), mark(197.5, 284.5), mark(12.5, 130.0), mark(197.5, 180.0)];
    let layout = PageLayout { number: 1, fiducials, code: Some(RectMm::new(170.0, 20.0, 17.0, 17.0)), print: Vec::new() };
    Form {
        name: "proeve".to_owned(),
        version: "1".to_owned(),
        printed_id: "IMDi-P".to_owned(),
        title: label("Prøve"),
        languages: vec!["nb".to_owned()],
        picture: None,
        pages: vec![layout],
        fields,
        rules: Vec::new(),
    }
}

/// The cells of a comb field.
pub fn cells<'a>(form: &'a Form, field: &str) -> &'a [RectMm] {
    &form.field(field).expect("the field exists").zones[0].cells
}
