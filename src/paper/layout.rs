//! From blocks to lines at places: line breaking by the font's widths, page breaking by rows that hold together.
//!
//! A block becomes rows; a row is what is never torn apart (a line of text, a row of a table). A row may be glued to the next: a heading
//! to what it heads, the first two and the last two lines of a paragraph to each other, a table's header to its first row, every line of
//! a closing. Glued rows go to the next page together.

use krilla::tagging::ArtifactType;

use super::letter::{Align, Block, LetterSheet, Table};
use super::sheet::{Mark, Paint, Text};
use super::{A4_HEIGHT_MM, A4_WIDTH_MM, Fonts, PT_PER_MM, PaperError};

/// Left and right margin; the text between them is 160 mm wide, some 90 characters.
const MARGIN_MM: f64 = 25.0;
const TEXT_WIDTH_MM: f64 = A4_WIDTH_MM - 2.0 * MARGIN_MM;
/// Where text ends on every page.
const BOTTOM_MM: f64 = A4_HEIGHT_MM - 25.0;
/// Where text begins on the second page and those after it.
const NEXT_TOP_MM: f64 = 30.0;
/// The address field of DIN 5008 form B and ISO 269 envelopes (C6/5 and C5 with a window): 20 to 105 mm from the left, 45 to 90 mm from
/// the top. Text keeps 5 mm from its edges, so that it shows when the sheet slides in the envelope.
const ADDRESS_TOP_MM: f64 = 50.0;
const ADDRESS_WIDTH_MM: f64 = 80.0;
const ADDRESS_HEIGHT_MM: f64 = 35.0;
/// Below the address field.
const REFERENCES_TOP_MM: f64 = 93.0;
const REFERENCES_HEIGHT_MM: f64 = 30.0;
/// The least width of a reference, and the space between two.
const REFERENCE_MM: f64 = 42.0;
const REFERENCE_GAP_MM: f64 = 5.0;
const LETTERHEAD_TOP_MM: f64 = 14.0;
/// The letterhead must end above the window.
const LETTERHEAD_HEIGHT_MM: f64 = 29.0;

const BODY_PT: f64 = 10.0;
const TITLE_PT: f64 = 14.0;
const HEADING_PT: f64 = 11.0;
const SMALL_PT: f64 = 8.0;
const NAME_PT: f64 = 13.0;
/// Height of a line, in sizes of its text.
const LEADING: f64 = 1.34;
/// From the top of a line to its baseline, in sizes of its text.
const BASELINE: f64 = 1.02;
const BULLET_INDENT_MM: f64 = 6.0;
const CELL_PAD_MM: f64 = 1.0;
const GREY: u8 = 70;

/// Text and artifacts at their places, and the structure the text is in.
pub(super) struct Layout {
    pub(super) page_count: usize,
    pub(super) pieces: Vec<Piece>,
    pub(super) elements: Vec<Element>,
    pub(super) artifacts: Vec<(usize, ArtifactType, Mark)>,
}

/// A line of text on a page (from 0).
pub(super) struct Piece {
    pub(super) page: usize,
    pub(super) text: Text,
}

/// A node of the document's structure.
pub(super) struct Element {
    pub(super) role: Role,
    pub(super) children: Vec<Child>,
}

pub(super) enum Child {
    Element(Element),
    Piece(usize),
}

/// What an [`Element`] is, after PDF 1.7 (ISO 32000-1, 14.8.4).
pub(super) enum Role {
    Title(String),
    Heading(String),
    Paragraph,
    List,
    Item,
    Label,
    Body,
    Table,
    TableHead,
    TableBody,
    Row,
    ColumnHeader,
    RowHeader,
    Cell,
}

/// What is never torn apart. Marks and text count from the row's top left.
struct Row {
    space_before_mm: f64,
    height_mm: f64,
    glued: bool,
    /// The header to repeat when a page begins with this row.
    header: Option<usize>,
    pieces: Vec<(usize, Text)>,
    rules: Vec<Mark>,
}

/// Lays the letter out on pages.
pub(super) fn lay_out(letter: &LetterSheet, fonts: &Fonts) -> Result<Layout, PaperError> {
    let mut composer = Composer { fonts, pieces: 0, rows: Vec::new(), headers: Vec::new(), elements: Vec::new(), fixed: Vec::new(), artifacts: Vec::new() };
    composer.letterhead(letter)?;
    composer.address(&letter.address)?;
    let top = composer.references(&letter.references)?;
    for block in &letter.blocks {
        composer.block(block)?;
    }
    composer.paginate(letter, top)
}

struct Composer<'a> {
    fonts: &'a Fonts,
    pieces: usize,
    rows: Vec<Row>,
    /// Header rows of tables, as marks to be drawn again.
    headers: Vec<(f64, Vec<Mark>)>,
    elements: Vec<Element>,
    /// What stands at a fixed place on the first page.
    fixed: Vec<(usize, Text)>,
    artifacts: Vec<(usize, ArtifactType, Mark)>,
}

/// How a run of lines is set.
#[derive(Clone, Copy)]
struct Style {
    size_pt: f64,
    bold: bool,
    grey: u8,
}

impl Style {
    const BODY: Self = Self { size_pt: BODY_PT, bold: false, grey: 0 };
    const BOLD: Self = Self { size_pt: BODY_PT, bold: true, grey: 0 };
    const TITLE: Self = Self { size_pt: TITLE_PT, bold: true, grey: 0 };
    const HEADING: Self = Self { size_pt: HEADING_PT, bold: true, grey: 0 };
    const SMALL: Self = Self { size_pt: SMALL_PT, bold: false, grey: GREY };
    const NAME: Self = Self { size_pt: NAME_PT, bold: true, grey: 0 };

    fn line_mm(self) -> f64 {
        self.size_pt * LEADING / PT_PER_MM
    }

    fn at(self, x: f64, top: f64, text: &str) -> Text {
        let y = top + self.size_pt * BASELINE / PT_PER_MM;
        Text { x, y, size_pt: self.size_pt, bold: self.bold, paint: Paint::Grey(self.grey), words: text.to_owned() }
    }
}

impl Composer<'_> {
    fn piece(&mut self) -> usize {
        self.pieces += 1;
        self.pieces - 1
    }

    /// Text at a fixed place on the first page; gives the height it took.
    fn place(&mut self, text: &str, style: Style, x: f64, top: f64, width_mm: f64, element: &mut Element) -> f64 {
        let lines = break_lines(self.fonts, text, style, width_mm);
        let mut y = top;
        for line in &lines {
            let index = self.piece();
            element.children.push(Child::Piece(index));
            self.fixed.push((index, style.at(x, y, line)));
            y += style.line_mm();
        }
        y - top
    }

    fn letterhead(&mut self, letter: &LetterSheet) -> Result<(), PaperError> {
        let mut y = LETTERHEAD_TOP_MM;
        let mut name = Element { role: Role::Paragraph, children: Vec::new() };
        y += self.place(&letter.letterhead.name, Style::NAME, MARGIN_MM, y, TEXT_WIDTH_MM, &mut name);
        self.elements.push(name);
        y += 1.4;
        let rule = Mark::Line { from: [MARGIN_MM, y], to: [MARGIN_MM + TEXT_WIDTH_MM, y], width_mm: 0.35, grey: 0 };
        self.artifacts.push((0, ArtifactType::Layout, rule));
        y += 1.2;
        for line in &letter.letterhead.lines {
            let mut element = Element { role: Role::Paragraph, children: Vec::new() };
            y += self.place(line, Style::SMALL, MARGIN_MM, y, TEXT_WIDTH_MM, &mut element);
            self.elements.push(element);
        }
        fits("the letterhead", y - LETTERHEAD_TOP_MM, LETTERHEAD_HEIGHT_MM)
    }

    fn address(&mut self, lines: &[String]) -> Result<(), PaperError> {
        let mut element = Element { role: Role::Paragraph, children: Vec::new() };
        let mut y = ADDRESS_TOP_MM;
        for line in lines {
            y += self.place(line, Style::BODY, MARGIN_MM, y, ADDRESS_WIDTH_MM, &mut element);
        }
        if !element.children.is_empty() {
            self.elements.push(element);
        }
        fits("the recipient's address", y - ADDRESS_TOP_MM, ADDRESS_HEIGHT_MM)
    }

    /// The reference line; gives where the letter begins below it. The first reference, the recipient's own, is the one whose length nobody
    /// knows: it gets the room that the others leave, and more lines when it needs them.
    fn references(&mut self, references: &[(String, String)]) -> Result<f64, PaperError> {
        let texts: Vec<String> = references.iter().map(|(label, value)| format!("{label}: {value}").trim_end().to_owned()).collect();
        let mut widths: Vec<f64> = texts.iter().map(|text| (self.fonts.width_mm(text, BODY_PT, false) + REFERENCE_GAP_MM).max(REFERENCE_MM)).collect();
        let others: f64 = widths.iter().skip(1).sum();
        fits("the reference line", others + REFERENCE_MM, TEXT_WIDTH_MM)?;
        if let Some(first) = widths.first_mut() {
            *first = TEXT_WIDTH_MM - others;
        }
        let (mut x, mut height_mm) = (MARGIN_MM, 0.0_f64);
        for (text, width_mm) in texts.iter().zip(widths) {
            let mut element = Element { role: Role::Paragraph, children: Vec::new() };
            height_mm = height_mm.max(self.place(text, Style::BODY, x, REFERENCES_TOP_MM, width_mm - REFERENCE_GAP_MM, &mut element));
            self.elements.push(element);
            x += width_mm;
        }
        fits("the reference line", height_mm, REFERENCES_HEIGHT_MM)?;
        Ok(REFERENCES_TOP_MM + height_mm + 5.0)
    }

    fn block(&mut self, block: &Block) -> Result<(), PaperError> {
        let space_mm = self.space_above(block);
        match block {
            Block::Title(text) => self.heading(text, Style::TITLE, space_mm, Role::Title(text.clone())),
            Block::Heading(text) => self.heading(text, Style::HEADING, space_mm, Role::Heading(text.clone())),
            Block::Paragraph(text) => {
                let children = self.lines(text, Style::BODY, 0.0, space_mm);
                self.elements.push(Element { role: Role::Paragraph, children });
            }
            Block::Bullets(items) => self.bullets(items, space_mm),
            Block::Table(table) => self.table(table, space_mm)?,
            Block::Closing(lines) => self.closing(lines, space_mm),
        }
        Ok(())
    }

    /// A heading is nearer to what it heads than to what stands above it; a table keeps its distance.
    fn space_above(&self, block: &Block) -> f64 {
        let above = self.elements.last().map(|element| &element.role);
        match (block, above) {
            (Block::Title(_), _) => 2.0,
            (Block::Heading(_), _) => 4.6,
            (Block::Closing(_), _) => 6.0,
            (Block::Table(_), Some(Role::Heading(_))) => 0.8,
            (Block::Table(_), _) | (_, Some(Role::Table)) => 3.2,
            (_, Some(Role::Heading(_))) => 1.2,
            (Block::Bullets(_), _) => 1.6,
            (Block::Paragraph(_), _) => 2.4,
        }
    }

    fn heading(&mut self, text: &str, style: Style, space_before_mm: f64, role: Role) {
        let from = self.rows.len();
        let children = self.lines(text, style, 0.0, space_before_mm);
        for row in &mut self.rows[from..] {
            row.glued = true;
        }
        self.elements.push(Element { role, children });
    }

    /// Rows of text, the first two and the last two glued, `indent_mm` from the margin.
    fn lines(&mut self, text: &str, style: Style, indent_mm: f64, space_before_mm: f64) -> Vec<Child> {
        let lines = break_lines(self.fonts, text, style, TEXT_WIDTH_MM - indent_mm);
        let last = lines.len().saturating_sub(1);
        let mut children = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let piece = self.piece();
            children.push(Child::Piece(piece));
            self.rows.push(Row {
                space_before_mm: if index == 0 { space_before_mm } else { 0.0 },
                height_mm: style.line_mm(),
                glued: index != last && (index == 0 || index + 1 == last),
                header: None,
                pieces: vec![(piece, style.at(MARGIN_MM + indent_mm, 0.0, line))],
                rules: Vec::new(),
            });
        }
        children
    }

    fn bullets(&mut self, items: &[String], space_before_mm: f64) {
        let mut list = Element { role: Role::List, children: Vec::new() };
        for (index, item) in items.iter().enumerate() {
            let bullet = self.piece();
            let first = self.rows.len();
            let body = self.lines(item, Style::BODY, BULLET_INDENT_MM, if index == 0 { space_before_mm } else { 0.8 });
            if let Some(row) = self.rows.get_mut(first) {
                row.pieces.insert(0, (bullet, Style::BODY.at(MARGIN_MM + 2.0, 0.0, "•")));
            }
            let label = Element { role: Role::Label, children: vec![Child::Piece(bullet)] };
            let body = Element { role: Role::Body, children: body };
            list.children.push(Child::Element(Element { role: Role::Item, children: vec![Child::Element(label), Child::Element(body)] }));
        }
        if !list.children.is_empty() {
            self.elements.push(list);
        }
    }

    /// An empty line of a closing is space. The closing takes the end of what stands above it along, so that no page has it alone.
    fn closing(&mut self, lines: &[String], space_before_mm: f64) {
        if let Some(above) = self.rows.last_mut() {
            above.glued = true;
        }
        let from = self.rows.len();
        let (mut children, mut space_mm) = (Vec::new(), space_before_mm);
        for line in lines {
            if line.is_empty() {
                space_mm += Style::BODY.line_mm();
            } else {
                children.extend(self.lines(line, Style::BODY, 0.0, std::mem::take(&mut space_mm)));
            }
        }
        let to = self.rows.len().saturating_sub(1);
        for row in self.rows.get_mut(from..to).unwrap_or_default() {
            row.glued = true;
        }
        self.elements.push(Element { role: Role::Paragraph, children });
    }

    fn table(&mut self, table: &Table, space_before_mm: f64) -> Result<(), PaperError> {
        let width: f64 = table.columns.iter().map(|column| column.width_mm).sum();
        fits("a table", width, TEXT_WIDTH_MM)?;
        let headers: Vec<String> = table.columns.iter().map(|column| column.header.clone()).collect();
        let (mut header, cells) = self.table_row(table, &headers, Style::BOLD, true)?;
        header.space_before_mm = space_before_mm;
        header.glued = true;
        let number = self.headers.len();
        let marks = header.pieces.iter().map(|(_, text)| Mark::Text(text.clone())).chain(header.rules.iter().cloned()).collect();
        self.headers.push((header.height_mm, marks));
        self.rows.push(header);
        let head = Element { role: Role::TableHead, children: vec![Child::Element(cells)] };
        let mut body = Element { role: Role::TableBody, children: Vec::new() };
        for cells in &table.rows {
            let (mut row, cells) = self.table_row(table, cells, Style::BODY, false)?;
            row.header = Some(number);
            self.rows.push(row);
            body.children.push(Child::Element(cells));
        }
        self.elements.push(Element { role: Role::Table, children: vec![Child::Element(head), Child::Element(body)] });
        Ok(())
    }

    fn table_row(&mut self, table: &Table, cells: &[String], style: Style, heads: bool) -> Result<(Row, Element), PaperError> {
        if cells.len() != table.columns.len() {
            return Err(PaperError::Cells { columns: table.columns.len(), cells: cells.len() });
        }
        let mut element = Element { role: Role::Row, children: Vec::new() };
        let (mut pieces, mut x, mut height) = (Vec::new(), MARGIN_MM, style.line_mm());
        for (index, (column, text)) in table.columns.iter().zip(cells).enumerate() {
            let role = match (heads, index) {
                (true, _) => Role::ColumnHeader,
                (false, 0) => Role::RowHeader,
                (false, _) => Role::Cell,
            };
            let mut cell = Element { role, children: Vec::new() };
            let inner = column.width_mm - 2.0 * CELL_PAD_MM;
            let lines = break_lines(self.fonts, text, style, inner);
            let mut top = CELL_PAD_MM;
            for line in &lines {
                let free = inner - self.fonts.width_mm(line.trim_end(), style.size_pt, style.bold);
                let shift = if column.align == Align::Right { free.max(0.0) } else { 0.0 };
                let piece = self.piece();
                cell.children.push(Child::Piece(piece));
                pieces.push((piece, style.at(x + CELL_PAD_MM + shift, top, line)));
                top += style.line_mm();
            }
            height = height.max(top - CELL_PAD_MM);
            x += column.width_mm;
            element.children.push(Child::Element(cell));
        }
        let height_mm = height + 2.0 * CELL_PAD_MM;
        let (width_mm, grey) = if heads { (0.35, 0) } else { (0.15, 150) };
        let rules = vec![Mark::Line { from: [MARGIN_MM, height_mm], to: [x, height_mm], width_mm, grey }];
        Ok((Row { space_before_mm: 0.0, height_mm, glued: false, header: None, pieces, rules }, element))
    }

    /// Places the rows on pages and numbers the pages.
    fn paginate(mut self, letter: &LetterSheet, first_top: f64) -> Result<Layout, PaperError> {
        let mut pieces: Vec<(usize, Piece)> = self.fixed.drain(..).map(|(index, text)| (index, Piece { page: 0, text })).collect();
        let rows = std::mem::take(&mut self.rows);
        let (mut page, mut y, mut page_is_empty) = (0, first_top, true);
        let mut chain_starts = true;
        for (index, row) in rows.iter().enumerate() {
            if chain_starts && !page_is_empty && y + chain_mm(&rows[index..]) > BOTTOM_MM {
                (page, y, page_is_empty) = (page + 1, NEXT_TOP_MM, true);
                y = self.repeat_header(row, page, y);
            }
            y += if page_is_empty && page > 0 { 0.0 } else { row.space_before_mm };
            fits("what must stay together on a page", y + row.height_mm - NEXT_TOP_MM, BOTTOM_MM - NEXT_TOP_MM)?;
            for (index, text) in &row.pieces {
                pieces.push((*index, Piece { page, text: Text { y: text.y + y, ..text.clone() } }));
            }
            self.artifacts.extend(row.rules.iter().map(|rule| (page, ArtifactType::Layout, lowered(rule, y))));
            y += row.height_mm;
            page_is_empty = false;
            chain_starts = !row.glued;
        }
        pieces.sort_by_key(|(index, _)| *index);
        let page_count = page + 1;
        self.number_pages(letter, page_count);
        Ok(Layout { page_count, pieces: pieces.into_iter().map(|(_, piece)| piece).collect(), elements: self.elements, artifacts: self.artifacts })
    }

    /// A table that goes on shows its header again: for the eye only, since the structure has it once.
    fn repeat_header(&mut self, row: &Row, page: usize, y: f64) -> f64 {
        let Some((height_mm, marks)) = row.header.map(|number| &self.headers[number]) else { return y };
        self.artifacts.extend(marks.iter().map(|mark| (page, ArtifactType::PaginationOther, lowered(mark, y))));
        y + height_mm
    }

    fn number_pages(&mut self, letter: &LetterSheet, page_count: usize) {
        for page in 0..page_count {
            if page_count > 1 {
                let text = format!("{} {} {} {}", letter.page_words.page, page + 1, letter.page_words.of, page_count);
                let x = MARGIN_MM + TEXT_WIDTH_MM - self.fonts.width_mm(&text, SMALL_PT, false);
                self.artifacts.push((page, ArtifactType::Footer, Mark::Text(Style::SMALL.at(x, A4_HEIGHT_MM - 16.0, &text))));
            }
            if page > 0 {
                self.artifacts.push((page, ArtifactType::Header, Mark::Text(Style::SMALL.at(MARGIN_MM, LETTERHEAD_TOP_MM, &letter.running_head))));
            }
        }
    }
}

/// The height of the rows that hold together from the first of `rows` on.
fn chain_mm(rows: &[Row]) -> f64 {
    let length = rows.iter().position(|row| !row.glued).map_or(rows.len(), |last| last + 1);
    rows[..length].iter().map(|row| row.space_before_mm + row.height_mm).sum()
}

fn lowered(mark: &Mark, by: f64) -> Mark {
    match mark {
        Mark::Text(text) => Mark::Text(Text { y: text.y + by, ..text.clone() }),
        Mark::Line { from, to, width_mm, grey } => Mark::Line { from: [from[0], from[1] + by], to: [to[0], to[1] + by], width_mm: *width_mm, grey: *grey },
        other => other.clone(),
    }
}

fn fits(what: &'static str, needed_mm: f64, limit_mm: f64) -> Result<(), PaperError> {
    if needed_mm > limit_mm + 1e-6 { Err(PaperError::TooLarge { what, needed_mm, limit_mm }) } else { Ok(()) }
}

/// Breaks `text` into lines of at most `width_mm`, first fit, at spaces that may break. A word wider than a line is broken after a
/// hyphen, slash, stop or at-sign if it has one, and else where the line ends. Every line but the last of a paragraph ends in a space, so
/// that words stay apart for those who listen to the text.
fn break_lines(fonts: &Fonts, text: &str, style: Style, width_mm: f64) -> Vec<String> {
    let measure = |text: &str| fonts.width_mm(text, style.size_pt, style.bold);
    let mut lines = Vec::new();
    for forced in text.split('\n') {
        let mut line = String::new();
        for word in forced.split([' ', '\t']).filter(|word| !word.is_empty()) {
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if measure(&joined) <= width_mm {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(format!("{line} "));
            }
            line = break_word(word, width_mm, &measure, &mut lines);
        }
        if !line.is_empty() {
            lines.push(line);
        }
    }
    lines
}

/// Pushes the full lines of a word that is too wide, and gives what is left of it.
fn break_word(word: &str, width_mm: f64, measure: &dyn Fn(&str) -> f64, lines: &mut Vec<String>) -> String {
    let mut rest = word.to_owned();
    while measure(&rest) > width_mm {
        let fitting = rest.char_indices().map(|(at, character)| at + character.len_utf8()).take_while(|end| measure(&rest[..*end]) <= width_mm).last();
        let first = rest.chars().next().map_or(rest.len(), char::len_utf8);
        let end = fitting.unwrap_or(first);
        let nicer = rest[..end].rfind(['-', '–', '/', '.', '@']).and_then(|at| rest[at..].chars().next().map(|mark| at + mark.len_utf8()));
        let left = rest.split_off(nicer.unwrap_or(end));
        lines.push(rest);
        rest = left;
    }
    rest
}
