//! Where everything stands on A4: marks, header and foot, texts, and the zone of every field.
//!
//! The layout flows from top to bottom, and every height is the writer's (`lines`, `h`) or fixed here, never that of a text: a blank in
//! nynorsk has its zones where the one in bokmål has them, and one more language moves nothing. A text that does not fit the room
//! kept for it is a fault. So is a page that is too long. What lies on what is checked afterwards, in [`super::placement`].

use super::complaint::Complaints;
use super::definition::{FieldDef, Labels, PageLayout, Print, Zone, ZoneKind};
use super::source::{Blank, Block, Cell, FieldSource, FormSource, Furniture, PageSource, TextSource, Widget};
use super::widths::{Measure, wrap};
use crate::record::{FieldType, RectMm};

/// A4, mm.
pub(super) const PAGE: [f64; 2] = [210.0, 297.0];
/// The side of the page code, mm: a QR code of version 3, which a name of up to 13 letters needs, then has modules of 0.6 mm.
const CODE_SIDE: f64 = 17.4;
/// The page code's place: top right, inside the marks.
const CODE: RectMm = RectMm::new(172.6, 10.0, CODE_SIDE, CODE_SIDE);
/// The side of a mark, mm.
const MARK: f64 = 5.0;
/// The marks' centres: the corners, and two on the long edges at different heights. Turned by 180° the left one comes to lie at 167 mm
/// on the right edge, 13 mm from the right one, so the pattern is its own image under no rotation. One of the two is enough to tell the
/// way up; with both lost, the page code, which has a place of its own too, still tells.
const MARK_CENTRES: [[f64; 2]; 6] = [[12.5, 12.5], [197.5, 12.5], [12.5, 284.5], [197.5, 284.5], [12.5, 130.0], [197.5, 180.0]];

/// The left edge and width of what a page holds, and where it begins and ends, mm.
const LEFT: f64 = 20.0;
const WIDTH: f64 = 170.0;
const TOP: f64 = 33.5;
const BOTTOM: f64 = 278.0;
/// The header ends left of the page code and its quiet zone.
const HEADER_WIDTH: f64 = 148.0;

/// Type: size in points, and from line to line in mm.
#[derive(Clone, Copy)]
struct Type {
    size: f64,
    bold: bool,
    pitch: f64,
    /// From the top of a line to its baseline.
    ascent: f64,
}

const LABEL: Type = Type { size: 8.5, bold: true, pitch: 4.0, ascent: 3.0 };
const HINT: Type = Type { size: 8.0, bold: false, pitch: 4.0, ascent: 3.0 };
const HELP: Type = Type { size: 8.0, bold: false, pitch: 3.5, ascent: 2.8 };
const BODY: Type = Type { size: 9.0, bold: false, pitch: 4.2, ascent: 3.2 };
const STRONG: Type = Type { bold: true, ..BODY };
const TITLE: Type = Type { size: 11.0, bold: true, pitch: 5.0, ascent: 4.0 };

/// White space, mm.
const BETWEEN_CELLS: f64 = 5.0;
const BELOW_FIELDS: f64 = 3.0;
const BELOW_TEXT: f64 = 1.6;
const ABOVE_SECTION: f64 = 3.0;
const ABOVE_ZONE: f64 = 0.7;
const BELOW_DIVIDER: f64 = 1.7;
const BESIDE_BOX: f64 = 1.8;
const BETWEEN_LABEL_AND_HINT: f64 = 1.6;
/// From one row of boxes to the next.
const BOX_PITCH: f64 = 6.0;

/// A laid-out form, with what the checks after it need.
pub(super) struct Laid {
    pub(super) pages: Vec<PageLayout>,
    pub(super) fields: Vec<FieldDef>,
    /// The line of each field, in the same order.
    pub(super) lines: Vec<u32>,
    /// Texts that have their own place: page, room and line.
    pub(super) texts: Vec<(u32, RectMm, u32)>,
}

/// Gives everything its place.
pub(super) fn lay(form: &FormSource, measure: Measure<'_>, complaints: &mut Complaints) -> Laid {
    let laid = Laid { pages: Vec::new(), fields: Vec::new(), lines: Vec::new(), texts: Vec::new() };
    let mut layout = Layout { form, measure, complaints, laid, page: empty_page(0), y: TOP };
    for (page, number) in form.pages.iter().zip(1..) {
        layout.page(page, number);
    }
    layout.laid
}

struct Layout<'a> {
    form: &'a FormSource,
    measure: Measure<'a>,
    complaints: &'a mut Complaints,
    laid: Laid,
    page: PageLayout,
    y: f64,
}

/// A cell's left edge and width.
type Slot = (f64, f64);

impl Layout<'_> {
    fn page(&mut self, source: &PageSource, number: u32) {
        self.page = empty_page(number);
        self.y = TOP;
        if self.form.blank == Blank::Own {
            self.page.fiducials = MARK_CENTRES.map(|[x, y]| RectMm::new(x - MARK / 2.0, y - MARK / 2.0, MARK, MARK)).to_vec();
            self.page.code = Some(CODE);
            self.furniture();
        }
        let mut end = TOP;
        for block in &source.blocks {
            match block {
                Block::Heading { line, number, title } => end = self.heading(*line, *number, title),
                Block::Row { line, cells } => end = self.row(*line, cells),
                Block::Space(mm) => self.y += mm,
                Block::Divider => {
                    let y = round(self.y);
                    self.page.print.push(Print::Line { x: LEFT, y, w: WIDTH });
                    self.y += BELOW_DIVIDER;
                }
            }
        }
        if end > BOTTOM {
            let message = format!("page {number} is {:.1} mm too long", end - BOTTOM);
            self.complaints.add(source.line, message, "move its last section to another <page>, or make a box lower");
        }
        source.placed.iter().for_each(|cell| self.placed(cell));
        let page = std::mem::replace(&mut self.page, empty_page(0));
        self.laid.pages.push(page);
    }

    fn furniture(&mut self) {
        let form = self.form;
        let Furniture { short, header, subtitle, pageline, footer } = &form.furniture;
        let large = Type { size: 15.0, bold: true, pitch: 8.0, ascent: 0.0 };
        let small = Type { size: 8.0, bold: false, pitch: 4.0, ascent: 0.0 };
        let medium = Type { size: 9.0, ..small };
        let short_width = (self.measure)(short, large.size, large.bold);
        self.print(LEFT, 15.2, large, self.everywhere(short));
        if let Some(header) = header {
            let x = LEFT + short_width + 3.0;
            self.fitted(header.line, &header.text, (x, HEADER_WIDTH - 55.0 - short_width), 15.2, 1, medium, "the header");
        }
        self.fitted(form.line, &form.title, (LEFT, HEADER_WIDTH), 23.4, 1, large, "the title");
        if let Some(subtitle) = subtitle {
            self.fitted(subtitle.line, &subtitle.text, (LEFT, HEADER_WIDTH), 28.8, 1, Type { size: 10.5, ..small }, "the subtitle");
        }
        if let Some(footer) = footer {
            self.fitted(footer.line, &footer.text, (LEFT, WIDTH - 60.0), 285.6, 1, small, "the footer");
        }
        if let Some(pageline) = pageline {
            self.pageline(pageline, 15.2, LEFT + HEADER_WIDTH, small);
            self.pageline(pageline, 285.6, LEFT + WIDTH, small);
        }
    }

    /// The line of id, version and page, ending at `right`.
    fn pageline(&mut self, source: &TextSource, y: f64, right: f64, face: Type) {
        for language in &self.form.languages {
            let text = source.text.get(language).replace("{id}", &self.form.printed_id).replace("{version}", &self.form.version);
            let text = text.replace("{pages}", &self.form.pages.len().to_string()).replace("{page}", &self.page.number.to_string());
            let width = (self.measure)(&text, face.size, face.bold);
            if width > 55.0 {
                self.too_wide(source.line, "the page line", language, width, 55.0);
            }
            let labels = self.only_in(language, text);
            self.print(right - width, y, face, labels);
        }
    }

    /// A section's title under a firm rule. Returns where it ends.
    fn heading(&mut self, line: u32, number: Option<u32>, title: &Labels) -> f64 {
        if self.y > TOP {
            self.y += ABOVE_SECTION;
        }
        self.page.print.push(Print::Band { rect: rounded(LEFT, self.y, WIDTH, 0.5), grey: 0.0 });
        let indent = if number.is_some() { 7.5 } else { 0.0 };
        if let Some(number) = number {
            self.print(LEFT, self.y + 1.7 + TITLE.ascent, TITLE, self.everywhere(&number.to_string()));
        }
        self.fitted(line, title, (LEFT + indent, WIDTH - indent), self.y + 1.7, 1, TITLE, "the section's title");
        self.y += 1.7 + TITLE.pitch + 2.0;
        self.y
    }

    /// Fields and texts side by side. Returns where they end, without the white space below.
    fn row(&mut self, line: u32, cells: &[Cell]) -> f64 {
        let slots = self.slots(line, cells);
        let head = cells.iter().map(head_height).fold(0.0, f64::max);
        let drop = if cells.iter().any(has_cells) { (super::fields::CELL[1] - super::fields::BOX) / 2.0 } else { 0.0 };
        let (top, mut end) = (self.y, self.y);
        for (cell, slot) in cells.iter().zip(slots) {
            let height = match cell {
                Cell::Text(text) => self.text(text, slot, top),
                Cell::Field(field) => head + self.field(field, slot, top, top + head, drop),
            };
            end = end.max(top + height);
        }
        self.y = end + below(cells);
        end
    }

    /// Shares the width out: combs have the width of their cells, `w` is kept, what has neither shares the rest.
    fn slots(&mut self, line: u32, cells: &[Cell]) -> Vec<Slot> {
        let widths: Vec<Option<f64>> = cells.iter().map(|cell| self.fixed_width(cell)).collect();
        let flexible = widths.iter().filter(|width| width.is_none()).count();
        let taken: f64 = widths.iter().flatten().sum::<f64>() + BETWEEN_CELLS * count(cells.len().saturating_sub(1));
        let share = (WIDTH - taken) / count(flexible.max(1));
        let missing = if flexible == 0 { taken - WIDTH } else { 10.0 - share };
        if missing > 0.001 {
            let advice = "use fewer cells, a smaller `w`, or two rows";
            self.complaints.add(line, format!("what stands side by side here is {missing:.1} mm too wide for {WIDTH} mm"), advice);
        }
        let mut x = LEFT;
        let mut slots = Vec::with_capacity(cells.len());
        for width in widths {
            let width = width.unwrap_or(share.max(10.0));
            slots.push((x, width));
            x += width + BETWEEN_CELLS;
        }
        slots
    }

    fn fixed_width(&mut self, cell: &Cell) -> Option<f64> {
        let field = match cell {
            Cell::Text(text) => return text.width,
            Cell::Field(field) => field,
        };
        let Widget::Comb { cells, cell } = &field.widget else { return field.width };
        let natural = f64::from(*cells) * cell[0];
        match field.width {
            Some(width) if width + 0.001 < natural => {
                let message = format!("{cells} cells take {natural:.1} mm, and w is {width:.1} mm");
                self.complaints.add(field.line, message, "take `w` out, or use fewer cells");
                Some(natural)
            }
            width => Some(width.unwrap_or(natural)),
        }
    }

    fn text(&mut self, text: &TextSource, slot: Slot, top: f64) -> f64 {
        let face = if text.bold { STRONG } else { BODY };
        self.fitted(text.line, &text.text, slot, top, text.lines, face, "the text");
        f64::from(text.lines) * face.pitch
    }

    /// Places a field's label and zones, and returns the height of the zones.
    fn field(&mut self, field: &FieldSource, slot: Slot, top: f64, zone_top: f64, drop: f64) -> f64 {
        let (x, w) = slot;
        let printed = marked(field);
        if !matches!(field.widget, Widget::Flag { .. }) {
            self.label(field, &printed, slot, top);
        }
        let (zones, height) = match &field.widget {
            Widget::Comb { cells, cell } => (vec![self.comb(x, zone_top, *cells, *cell)], cell[1]),
            Widget::Free { height } => (vec![self.zone(ZoneKind::Free, rounded(x, zone_top, w, *height))], *height),
            Widget::Line { height } => (vec![self.zone(ZoneKind::Print, rounded(x, zone_top, w, *height))], *height),
            Widget::Signature { height } => (vec![self.zone(ZoneKind::Signature, rounded(x, zone_top, w, *height))], *height),
            Widget::Flag { size } => {
                let beside = (x + size + BESIDE_BOX, w - size - BESIDE_BOX);
                self.fitted(field.line, &printed, beside, zone_top + drop + size / 2.0 - 2.05, field.label_lines, BODY, "the label");
                let zone = self.zone(ZoneKind::Checkbox, rounded(x, zone_top + drop, *size, *size));
                (vec![zone], drop + size.max(f64::from(field.label_lines) * BODY.pitch))
            }
            Widget::Boxes { options, columns, size } => {
                let column_width = w / f64::from(*columns);
                let mut zones = Vec::new();
                for (option, index) in options.iter().zip(0_u32..) {
                    let (left, above) = (x + f64::from(index % columns) * column_width, zone_top + drop + f64::from(index / columns) * BOX_PITCH);
                    let beside = (left + size + BESIDE_BOX, column_width - size - BESIDE_BOX);
                    self.fitted(option.line, &option.option.label, beside, above + size / 2.0 - 2.05, 1, BODY, "the option");
                    zones.push(Zone { option: Some(option.option.code.clone()), ..self.zone(ZoneKind::Checkbox, rounded(left, above, *size, *size)) });
                }
                let rows = u32::try_from(options.len()).unwrap_or(1).div_ceil(*columns).max(1);
                (zones, drop + f64::from(rows - 1) * BOX_PITCH + size)
            }
        };
        self.keep(field, zones);
        height
    }

    fn label(&mut self, field: &FieldSource, printed: &Labels, slot: Slot, top: f64) {
        self.fitted(field.line, printed, slot, top, field.label_lines, LABEL, "the label");
        if let Some(hint) = &field.hint {
            for language in &self.form.languages {
                let lines = wrap(printed.get(language), slot.1, LABEL.size, LABEL.bold, self.measure);
                let label_width = lines.last().map_or(0.0, |line| (self.measure)(line, LABEL.size, LABEL.bold)) + BETWEEN_LABEL_AND_HINT;
                let width = label_width + (self.measure)(hint.get(language), HINT.size, HINT.bold);
                if width > slot.1 + 0.001 {
                    self.too_wide(field.line, "the label with its hint", language, width, slot.1);
                }
                let y = top + count(lines.len().saturating_sub(1)) * LABEL.pitch + HINT.ascent;
                let labels = self.only_in(language, hint.get(language).to_owned());
                self.print(slot.0 + label_width, y, HINT, labels);
            }
        }
        if let Some(help) = &field.help {
            let below = top + f64::from(field.label_lines) * LABEL.pitch;
            self.fitted(help.line, &help.text, slot, below, help.lines, HELP, "the help");
        }
    }

    /// What has its own place: zones without a label, or a text.
    fn placed(&mut self, cell: &Cell) {
        match cell {
            Cell::Text(text) => {
                let [x, y] = text.at.unwrap_or_default();
                let width = text.width.unwrap_or((PAGE[0] - x).max(5.0));
                let height = self.text(text, (x, width), y);
                self.laid.texts.push((self.page.number, rounded(x, y, width, height), text.line));
            }
            Cell::Field(field) => {
                let [x, y] = field.at.unwrap_or_default();
                let w = field.width.unwrap_or(1.0);
                let zones = match &field.widget {
                    Widget::Comb { cells, cell } => vec![self.comb(x, y, *cells, *cell)],
                    Widget::Free { height } => vec![self.zone(ZoneKind::Free, rounded(x, y, w, *height))],
                    Widget::Line { height } => vec![self.zone(ZoneKind::Print, rounded(x, y, w, *height))],
                    Widget::Signature { height } => vec![self.zone(ZoneKind::Signature, rounded(x, y, w, *height))],
                    Widget::Flag { size } => vec![self.zone(ZoneKind::Checkbox, rounded(x, y, *size, *size))],
                    Widget::Boxes { options, size, .. } => options
                        .iter()
                        .map(|option| {
                            let [x, y] = option.at.unwrap_or_default();
                            Zone { option: Some(option.option.code.clone()), ..self.zone(ZoneKind::Checkbox, rounded(x, y, *size, *size)) }
                        })
                        .collect(),
                };
                self.keep(field, zones);
            }
        }
    }

    fn comb(&self, x: f64, y: f64, cells: u32, [width, height]: [f64; 2]) -> Zone {
        let rects = (0..cells).map(|index| rounded(x + f64::from(index) * width, y, width, height)).collect();
        Zone { cells: rects, ..self.zone(ZoneKind::Comb, rounded(x, y, f64::from(cells) * width, height)) }
    }

    fn zone(&self, kind: ZoneKind, rect: RectMm) -> Zone {
        Zone { page: self.page.number, kind, rect, cells: Vec::new(), option: None }
    }

    fn keep(&mut self, field: &FieldSource, zones: Vec<Zone>) {
        let options = match &field.widget {
            Widget::Boxes { options, .. } => options.iter().map(|option| option.option.clone()).collect(),
            _ => Vec::new(),
        };
        self.laid.lines.push(field.line);
        self.laid.fields.push(FieldDef {
            name: field.name.clone(),
            kind: field.kind,
            sensitivity: field.sensitivity,
            legal_basis: field.legal_basis.clone(),
            required: field.required,
            label: field.label.clone(),
            options,
            zones,
        });
    }

    /// Prints a text in the room kept for it, broken into lines in each language, and complains where it does not fit.
    #[expect(clippy::too_many_arguments, reason = "a text, its room and its face; a struct for the one caller would say no more")]
    fn fitted(&mut self, line: u32, text: &Labels, (x, width): Slot, top: f64, lines: u32, face: Type, what: &str) {
        let mut rows: Vec<Labels> = Vec::new();
        for language in &self.form.languages {
            let broken = wrap(text.get(language), width, face.size, face.bold, self.measure);
            let needed = u32::try_from(broken.len()).unwrap_or(u32::MAX);
            if needed > lines {
                let message = format!("{what} needs {needed} lines in `{language}`; {lines} kept for it, {width:.1} mm wide");
                let can_have_more = ["the text", "the label", "the help"].contains(&what);
                let advice = if can_have_more {
                    "shorten it, or keep more lines: lines=\"...\" (that moves what follows, so count the form's version up)"
                } else {
                    "shorten it, or give it more width"
                };
                self.complaints.add(line, message, advice);
            }
            let widest = broken.iter().map(|row| (self.measure)(row, face.size, face.bold)).fold(0.0, f64::max);
            if widest > width + 0.001 {
                self.too_wide(line, what, language, widest, width);
            }
            for (index, row) in broken.into_iter().enumerate() {
                if rows.len() <= index {
                    rows.push(self.everywhere(""));
                }
                rows[index].0.insert(language.clone(), row);
            }
        }
        for (row, index) in rows.into_iter().zip(0_u32..) {
            self.print(x, top + f64::from(index) * face.pitch + face.ascent, face, row);
        }
    }

    fn too_wide(&mut self, line: u32, what: &str, language: &str, width: f64, room: f64) {
        let message = format!("{what} is {width:.1} mm wide in `{language}`; there is room for {room:.1} mm");
        self.complaints.add(line, message, "shorten it, or give it more width");
    }

    fn print(&mut self, x: f64, y: f64, face: Type, text: Labels) {
        if text.0.values().any(|text| !text.is_empty()) {
            self.page.print.push(Print::Text { x: round(x), y: round(y), size_pt: face.size, bold: face.bold, text });
        }
    }

    /// The same text in every language.
    fn everywhere(&self, text: &str) -> Labels {
        Labels(self.form.languages.iter().map(|language| (language.clone(), text.to_owned())).collect())
    }

    /// A text in one language and nothing in the others.
    fn only_in(&self, language: &str, text: String) -> Labels {
        let mut labels = self.everywhere("");
        labels.0.insert(language.to_owned(), text);
        labels
    }
}

fn empty_page(number: u32) -> PageLayout {
    PageLayout { number, fiducials: Vec::new(), code: None, print: Vec::new() }
}

/// The height of label and help above the zones.
fn head_height(cell: &Cell) -> f64 {
    let Cell::Field(field) = cell else { return 0.0 };
    if matches!(field.widget, Widget::Flag { .. }) {
        return 0.0;
    }
    let help = field.help.as_ref().map_or(0, |help| help.lines);
    f64::from(field.label_lines) * LABEL.pitch + f64::from(help) * HELP.pitch + ABOVE_ZONE
}

/// Whether boxes beside it are centred on its cells.
fn has_cells(cell: &Cell) -> bool {
    matches!(cell, Cell::Field(field) if matches!(field.widget, Widget::Comb { .. } | Widget::Line { .. }))
}

/// The white space below a row: a bold text belongs to what follows it.
fn below(cells: &[Cell]) -> f64 {
    let text_and = |bold: bool| cells.iter().all(|cell| matches!(cell, Cell::Text(text) if !bold || text.bold));
    if text_and(true) {
        0.2
    } else if text_and(false) {
        BELOW_TEXT
    } else {
        BELOW_FIELDS
    }
}

/// The printed label; what must be filled in has a star.
fn marked(field: &FieldSource) -> Labels {
    if !field.required || field.kind == FieldType::Flag {
        return field.printed.clone();
    }
    Labels(field.printed.0.iter().map(|(language, text)| (language.clone(), format!("{text} *"))).collect())
}

/// To a thousandth of a millimetre, so that the zones read the same wherever they are computed.
fn round(mm: f64) -> f64 {
    (mm * 1000.0).round() / 1000.0
}

fn rounded(x: f64, y: f64, w: f64, h: f64) -> RectMm {
    RectMm::new(round(x), round(y), round(w), round(h))
}

/// A small count as a factor.
fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
