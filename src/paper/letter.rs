//! The high level: a letter as blocks, bound into a tagged PDF.
//!
//! The first page follows the Norwegian letter form: letterhead, the recipient where a window envelope shows it, the reference line, and
//! then the blocks. What a block looks like is fixed here and in [`super::layout`]; what the letter says is the caller's.

use std::num::NonZeroU16;

use krilla::Document as Pdf;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::Point;
use krilla::outline::{Outline, OutlineNode};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};

use super::layout::{Child, Element, Layout, Role, lay_out};
use super::sheet::{Mark, draw, finish, metadata, page_settings, settings};
use super::{A4_HEIGHT_MM, A4_WIDTH_MM, Fonts, PaperError, pt};
use crate::clock::Timestamp;

/// A letter, ready to be put on as many A4 pages as it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct LetterSheet {
    /// The title in the file's metadata.
    pub title: String,
    /// The language of the text, as BCP 47: `nb`, `nn`.
    pub language: String,
    /// Who it is from, in the file's metadata.
    pub author: String,
    /// The time in the file; the same time gives the same bytes.
    pub created: Timestamp,
    /// The sender, at the top of the first page.
    pub letterhead: Letterhead,
    /// The recipient, one entry a line, at most 80 mm wide (longer lines are broken) and 40 mm high.
    pub address: Vec<String>,
    /// `Deres ref`, `Vår ref`, `Dato`: label and value, side by side.
    pub references: Vec<(String, String)>,
    /// The letter.
    pub blocks: Vec<Block>,
    /// The line at the top of every page but the first: who and which letter. No personal data belongs in it.
    pub running_head: String,
    /// How pages are counted.
    pub page_words: PageWords,
}

/// The sender's name and the small lines under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letterhead {
    /// The sender's full name.
    pub name: String,
    /// Addresses, telephone, organisation number.
    pub lines: Vec<String>,
}

/// `side` 2 `av` 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageWords {
    /// Before the page's number.
    pub page: String,
    /// Between the number and the count.
    pub of: String,
}

/// A piece of a letter. Text breaks at spaces; a no-break space (U+00A0) holds, and a line feed breaks where it stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// The letter's title, in bold: what the letter is about, in one line or two. One a letter.
    Title(String),
    /// A heading. It stays on the page of what follows it.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// A bulleted list.
    Bullets(Vec<String>),
    /// A table. Its header row is repeated on every page it reaches.
    Table(Table),
    /// Lines that stay together, after some space: the closing and the signature. An empty line is space.
    Closing(Vec<String>),
}

/// A table with a header row. The first cell of a row names the row.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The columns, left to right; together at most as wide as the text (160 mm).
    pub columns: Vec<Column>,
    /// The cells, one a column.
    pub rows: Vec<Vec<String>>,
}

/// A column of a [`Table`].
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// What its header cell says.
    pub header: String,
    /// Its width.
    pub width_mm: f64,
    /// Where its text stands.
    pub align: Align,
}

/// On which side a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

impl LetterSheet {
    /// The PDF, checked against PDF/A-2a (ISO 19005-2) and PDF/UA-1 (ISO 14289-1).
    ///
    /// # Errors
    /// When the font lacks a character, something does not fit, or a standard is not kept.
    pub fn pdf(&self, fonts: &Fonts) -> Result<Vec<u8>, PaperError> {
        let layout = lay_out(self, fonts)?;
        let standards = ConfigurationBuilder::new().with_archival_validator(Archival::A2_A).with_accessibility_validator(Accessibility::UA1);
        let mut pdf = Pdf::new_with(settings(standards)?);
        let identifiers = draw_pages(&mut pdf, &layout, fonts)?;
        pdf.set_tag_tree(tag_tree(&layout, &identifiers));
        pdf.set_outline(outline(&layout));
        pdf.set_metadata(metadata(&self.title, &self.language, &self.author, self.created));
        finish(pdf)
    }
}

/// Draws every page and gives the identifier of every piece of text, in the order of the pieces.
fn draw_pages(pdf: &mut Pdf, layout: &Layout, fonts: &Fonts) -> Result<Vec<Identifier>, PaperError> {
    let mut identifiers = Vec::with_capacity(layout.pieces.len());
    for number in 0..layout.page_count {
        let mut page = pdf.start_page_with(page_settings(A4_WIDTH_MM, A4_HEIGHT_MM)?);
        let mut surface = page.surface();
        for (_, kind, mark) in layout.artifacts.iter().filter(|(page, ..)| *page == number) {
            artifact(&mut surface, *kind, mark, fonts)?;
        }
        // Pieces are in reading order, and a later piece is never on an earlier page, so the identifiers come out in order too.
        for piece in layout.pieces.iter().filter(|piece| piece.page == number) {
            identifiers.push(surface.start_tagged(ContentTag::Span(SpanTag::empty())));
            let drawn = draw(&mut surface, &Mark::Text(piece.text.clone()), fonts);
            // The library panics when a surface is given up inside a tag, so the tag is closed before an error leaves.
            surface.end_tagged();
            drawn?;
        }
        surface.finish();
        page.finish();
    }
    Ok(identifiers)
}

fn artifact(surface: &mut Surface<'_>, kind: ArtifactType, mark: &Mark, fonts: &Fonts) -> Result<(), PaperError> {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
    let drawn = draw(surface, mark, fonts);
    surface.end_tagged();
    drawn
}

fn tag_tree(layout: &Layout, identifiers: &[Identifier]) -> TagTree {
    let mut tree = TagTree::new();
    for element in &layout.elements {
        tree.push(group(element, identifiers));
    }
    tree
}

fn group(element: &Element, identifiers: &[Identifier]) -> TagGroup {
    let mut group = TagGroup::new(tag(&element.role));
    for child in &element.children {
        match child {
            Child::Element(element) => group.push(self::group(element, identifiers)),
            Child::Piece(index) => group.push(identifiers[*index]),
        }
    }
    group
}

fn tag(role: &Role) -> TagKind {
    let level = |level: u16| NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
    match role {
        Role::Title(text) => Tag::Hn(level(1), Some(text.clone())).into(),
        Role::Heading(text) => Tag::Hn(level(2), Some(text.clone())).into(),
        Role::Paragraph => Tag::P.into(),
        Role::List => Tag::L(ListNumbering::Disc).into(),
        Role::Item => Tag::LI.into(),
        Role::Label => Tag::Lbl.into(),
        Role::Body => Tag::LBody.into(),
        Role::Table => Tag::Table.into(),
        Role::TableHead => Tag::THead.into(),
        Role::TableBody => Tag::TBody.into(),
        Role::Row => Tag::TR.into(),
        Role::ColumnHeader => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowHeader => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
    }
}

/// The title and the headings, as the contents that viewers show.
fn outline(layout: &Layout) -> Outline {
    let mut outline = Outline::new();
    for element in &layout.elements {
        let (Role::Title(text) | Role::Heading(text), Some(Child::Piece(first))) = (&element.role, element.children.first()) else { continue };
        let piece = &layout.pieces[*first];
        let top = Point::from_xy(pt(piece.text.x), pt(piece.text.y) - 20.0);
        outline.push_child(OutlineNode::new(text.clone(), XyzDestination::new(piece.page, top)));
    }
    outline
}
