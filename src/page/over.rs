//! A PDF of our own drawn over a page's picture, in colour: what was read, over what it was read from.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::TRANSPARENT;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::pdf::{POINTS_PER_INCH, scale_to};
use super::pixels::whole;
use super::{Grey, Limits};

/// An 8-bit RGB image, row by row from the top.
#[derive(Clone)]
pub struct Colour {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// `width * height` times red, green and blue.
    pub data: Vec<u8>,
    /// Dots per inch.
    pub dpi: f64,
}

impl std::fmt::Debug for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Colour({}x{} px at {:.0} dpi)", self.width, self.height, self.dpi)
    }
}

/// The first page of `pdf` at the resolution of `picture`, drawn over that picture; around it is white. `corner` is where the picture's upper left pixel
/// comes to lie: pixels across and down.
///
/// The PDF is to be one that [`crate::paper`] made: nothing is checked of it. None when it has no page, or one with a side of more than
/// [`Limits::default`]'s long side, or does not draw.
#[must_use]
pub fn draw_over(pdf: Vec<u8>, picture: &Grey, corner: [usize; 2]) -> Option<Colour> {
    catch_unwind(AssertUnwindSafe(|| drawn(pdf, picture, corner))).ok().flatten()
}

fn drawn(pdf: Vec<u8>, picture: &Grey, corner: [usize; 2]) -> Option<Colour> {
    let pdf = Pdf::new(pdf).ok()?;
    let page = pdf.pages().first()?;
    let (across, down) = page.render_dimensions();
    let side = |points: f32| whole(f64::from(points) * picture.dpi / POINTS_PER_INCH);
    let longest = Limits::default().long_side_px_max as usize;
    if !(1..=longest).contains(&side(across)) || !(1..=longest).contains(&side(down)) {
        return None;
    }
    let scale = |points: f32| scale_to(f64::from(points), side(points));
    let placed = PixmapSettings { x_scale: scale(across), y_scale: scale(down), bg_color: TRANSPARENT };
    let render = RenderSettings { hinting: false, ..RenderSettings::default() };
    let over = hayro::render(page, &RenderCache::new(), &InterpreterSettings::default(), &render, &placed);
    let (width, height) = (usize::from(over.width()), usize::from(over.height()));
    let mut data = Vec::with_capacity(width * height * 3);
    for (y, row) in over.data().chunks_exact(width).enumerate() {
        let under = y.checked_sub(corner[1]).and_then(|line| picture.data.chunks_exact(picture.width.max(1)).nth(line)).unwrap_or_default();
        for (x, mark) in row.iter().enumerate() {
            let paper = x.checked_sub(corner[0]).and_then(|column| under.get(column)).copied().unwrap_or(255);
            // The marks' colours are multiplied by their opacity already.
            let through = mixed(paper, 255 - mark.a);
            data.extend([mark.r, mark.g, mark.b].map(|part| part.saturating_add(through)));
        }
    }
    Some(Colour { width, height, data, dpi: picture.dpi })
}

/// `value` by `share` of 255, rounded.
fn mixed(value: u8, share: u8) -> u8 {
    let product = u16::from(value) * u16::from(share);
    u8::try_from((product + 127) / 255).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paper::{Document, Fonts, Paint, Sheet};
    use crate::record::RectMm;

    fn pdf(sheet: Sheet) -> Vec<u8> {
        let created = "2026-11-21T09:00:00Z".parse().expect("a literal timestamp");
        let document = Document { title: "t".into(), language: "en".into(), author: "a".into(), created, sheets: vec![sheet] };
        document.pdf(&Fonts::load(None).expect("fonts")).expect("a PDF")
    }

    #[test]
    fn marks_lie_over_the_picture_and_the_picture_lies_where_it_should() {
        let mut sheet = Sheet::new(25.4, 50.8);
        sheet.fill_rect_in(RectMm::new(0.0, 0.0, 12.7, 25.4), Paint::Colour([200, 0, 0]));
        let picture = Grey { width: 100, height: 100, data: vec![120; 10_000], dpi: 100.0 };
        let drawn = draw_over(pdf(sheet), &picture, [10, 50]).expect("it draws");
        assert_eq!((drawn.width, drawn.height, drawn.data.len()), (100, 200, 60_000));
        let at = |x: usize, y: usize| <[u8; 3]>::try_from(&drawn.data[(y * 100 + x) * 3..][..3]).expect("a pixel");
        let [red, green, blue] = at(25, 75);
        assert!(red > 150 && green < 40 && blue < 40, "the mark covers: {red} {green} {blue}");
        assert_eq!((at(75, 75), at(75, 49), at(9, 149), at(10, 149), at(50, 150)), ([120; 3], [255; 3], [255; 3], [120; 3], [255; 3]));
        let png = drawn.to_png().expect("pixels");
        assert_eq!(&png[16..26], &[0, 0, 0, 100, 0, 0, 0, 200, 8, 2], "100 x 200 px, 8-bit RGB");
    }

    #[test]
    fn what_cannot_be_drawn_is_none() {
        let picture = Grey { width: 1, height: 1, data: vec![0], dpi: 150.0 };
        assert!(draw_over(b"no PDF".to_vec(), &picture, [0, 0]).is_none());
        assert!(draw_over(pdf(Sheet::new(20_000.0, 10.0)), &picture, [0, 0]).is_none());
    }
}
