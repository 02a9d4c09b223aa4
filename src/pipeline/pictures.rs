//! The last stage of the reader's half, where somebody asks for it: a picture of each page with what was read drawn on it.
//!
//! What is drawn is known only when all pages are read, so each page is opened a second time; what was kept of the first time is small.

use crate::forms::{Form, PageCode};
use crate::page::Source;
use crate::paper::Fonts;
use crate::reader::{PICTURE_BYTES_MAX, PICTURES_BYTES_MAX};
use crate::recognise::Registration;
use crate::record::{PagePicture, Part};
use crate::view::{self, SeenZone, Sight, View};

/// What is kept of one page for its picture.
pub(super) enum Drawn {
    /// A page of a form that was read.
    Form { code: PageCode, registration: Registration, zones: Vec<SeenZone> },
    /// A page of a form that was not read, and why.
    Unread(&'static str),
    /// A page of text, or a blank one.
    Other,
}

/// All that was read of a document.
pub(super) struct Read<'a> {
    /// What was kept of each page, in order.
    pub(super) drawn: &'a [Drawn],
    /// The parts with the numbers of their pages.
    pub(super) parts: &'a [(Vec<u32>, Part)],
    /// The forms that there are.
    pub(super) forms: &'a [Form],
    /// What is written in.
    pub(super) fonts: &'a Fonts,
    /// Whether special data may be shown.
    pub(super) whole: bool,
}

/// Draws the pages of `source`. A page that does not open a second time, does not draw, or whose picture would pass a bound, goes without: what was read
/// counts, whatever becomes of looking at it.
pub(super) fn draw(source: &mut Source, read: &Read<'_>, on_page: &mut dyn FnMut(u32)) -> Vec<PagePicture> {
    let pages = source.page_count();
    let mut pictures = Vec::new();
    let mut bytes = 0;
    for (page, drawn) in (1..=pages).zip(read.drawn) {
        on_page(pages.saturating_add(page));
        let Ok(opened) = source.page(page) else { continue };
        let part = read.parts.iter().find(|(numbers, _)| numbers.contains(&page)).map(|(_, part)| part);
        let view = View { page, pages, part, sight: sight(drawn, read.forms), whole: read.whole };
        let Some(png) = view::draw(opened.raster.as_ref(), &view, read.fonts).filter(|png| png.len() <= PICTURE_BYTES_MAX) else { continue };
        bytes += png.len();
        if bytes > PICTURES_BYTES_MAX {
            break;
        }
        pictures.push(PagePicture { page, png });
    }
    pictures
}

fn sight<'a>(drawn: &'a Drawn, forms: &'a [Form]) -> Sight<'a> {
    match drawn {
        Drawn::Form { code, registration, zones } => {
            code.form_of(forms).map_or(Sight::Other, |form| Sight::Form { form, number: code.page, registration, zones })
        }
        Drawn::Unread(why) => Sight::Unread(why),
        Drawn::Other => Sight::Other,
    }
}
