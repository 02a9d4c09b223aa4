//! What would be seen on a page, without drawing it: which pictures cover how much of it, which glyphs are visible, and what lies over what.
//!
//! Coordinates are points from the top left of the page as it is read, after `/Rotate`. A glyph counts as visible if ink of another tone than
//! the paper under it would stay: not in render mode 3, not tiny, not off the page or outside its clip, not under a later picture or fill.

use hayro::hayro_interpret::font::{Glyph as PdfGlyph, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro::hayro_interpret::hayro_syntax::object::Stream;
use hayro::hayro_interpret::hayro_syntax::object::dict::keys::{MASK, SMASK, SMASK_IN_DATA};
use hayro::hayro_interpret::hayro_syntax::page::Page as PdfPage;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache, InterpreterSettings, Paint, SoftMask, interpret_page,
};
use hayro::kurbo::{Affine, BezPath, Point, Rect, Shape, Vec2};

use std::collections::HashMap;

use super::super::Limits;
use super::{POINTS_PER_INCH, scan};
use crate::document::Refusal;

/// Glyphs written smaller than this, in points, are not for readers.
const SIZE_MIN_PT: f64 = 1.5;
/// Tones (0 black, 1 white) closer than this look alike.
const TONE_STEP: f64 = 0.08;
/// A picture that leaves less than this share of the page free is the page.
const SCAN_COVER_MIN: f64 = 0.9;
/// Above this share of pictures a page may hold text as pixels, and its text layer is not the whole text.
const PICTURE_COVER_MAX: f64 = 0.3;
/// A skew of the image matrix below this many pixels over the whole picture is rounding, not a turn.
const SKEW_MAX_PX: f64 = 2.0;
/// Comparisons of glyphs with covers before a page is too intricate to be told; a dense table has some thousands of each.
const WORK_MAX: u64 = 50_000_000;
const GLYPHS_MAX: usize = 200_000;
const PICTURES_MAX: usize = 20_000;

/// A glyph. It has no `Debug`: it is a letter of somebody's name.
#[derive(Clone)]
pub(super) struct Glyph {
    /// What it says; none if the font does not tell.
    pub(super) text: Option<String>,
    /// The start of its baseline.
    pub(super) origin: Point,
    /// From its start to where the next glyph starts.
    pub(super) advance: Vec2,
    /// The height of its em.
    pub(super) size: f64,
    visible: bool,
}

/// A picture and where it lies.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    /// How many pictures were drawn before it.
    pub(super) index: usize,
    /// Its size as its dictionary says, px.
    pub(super) width: u32,
    pub(super) height: u32,
    /// From its pixels (right and down) to the page.
    pub(super) transform: Affine,
    /// What of it shows: within its clip and the page.
    pub(super) shown: Rect,
    /// Whether its filter has an end mark that is missing.
    pub(super) may_be_cut: bool,
    /// Drawn as it is: opaque, without a mask.
    plain: bool,
    /// Too large to be drawn; it can only be decoded shrunk, as a scan.
    pub(super) only_shrunk: bool,
    step: usize,
}

/// What is seen on a page.
pub(super) struct Sight {
    page: Rect,
    glyphs: Vec<Glyph>,
    pictures: Vec<Picture>,
    pictures_drawn: usize,
    /// Lines and fills: where, and after how many other things.
    marks: Vec<(Rect, usize)>,
    covers: Vec<Cover>,
    clips: Vec<(Rect, bool)>,
    /// For each open group: whether what is in it shows at all, and whether it shows opaquely.
    groups: Vec<(bool, bool)>,
    step: usize,
    work: u64,
    unsure: bool,
    last_run: Vec<Point>,
    trouble: Option<Refusal>,
    costs: HashMap<(u32, i32), scan::Cost>,
    limits: Limits,
}

/// An opaque area; its tone is not known for a picture or a pattern.
struct Cover {
    rect: Rect,
    tone: Option<f64>,
}

/// Interprets `page` once.
///
/// # Errors
/// When a picture on it is larger than the limits.
pub(super) fn look(page: &PdfPage<'_>, limits: &Limits) -> Result<Sight, Refusal> {
    let (width, height) = page.render_dimensions();
    let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut sight = Sight {
        page: area,
        glyphs: Vec::new(),
        pictures: Vec::new(),
        pictures_drawn: 0,
        marks: Vec::new(),
        covers: Vec::new(),
        clips: Vec::new(),
        groups: Vec::new(),
        step: 0,
        work: 0,
        unsure: false,
        last_run: Vec::new(),
        trouble: None,
        costs: HashMap::new(),
        limits: *limits,
    };
    interpret(page, &mut sight);
    match sight.trouble.take() {
        Some(refusal) => Err(refusal),
        None => Ok(sight),
    }
}

/// Sends what is drawn on `page` to `device`, in points from its top left.
pub(super) fn interpret<'a>(page: &'a PdfPage<'a>, device: &mut impl Device<'a>) {
    let (width, height) = page.render_dimensions();
    let cache = InterpreterCache::new();
    let transform = Affine::new(page.initial_transform(true).as_coeffs());
    let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut context = Context::new(transform, area, &cache, page.xref(), InterpreterSettings::default());
    interpret_page(page, &mut context, device);
}

impl Sight {
    /// Nothing is seen.
    pub(super) fn is_blank(&self) -> bool {
        self.pictures.is_empty() && self.marks.is_empty() && !self.has_visible_text()
    }

    pub(super) fn has_visible_text(&self) -> bool {
        self.glyphs.iter().any(|glyph| glyph.visible && !glyph.is_space())
    }

    /// The one picture that is the page, if it is one: nearly all of it, upright or turned by quarters, and nothing visible beside or over it.
    pub(super) fn scan(&self) -> Option<Picture> {
        let picture = self.pictures.iter().rev().find(|picture| picture.shown.area() >= SCAN_COVER_MIN * self.page.area())?;
        let inside = picture.shown.inflate(1.0, 1.0);
        let alone = |rect: &Rect, step: usize| step < picture.step && contains(&inside, rect);
        let only = self.pictures.iter().filter(|other| other.index != picture.index).all(|other| alone(&other.shown, other.step))
            && self.marks.iter().all(|(rect, step)| alone(rect, *step))
            && !self.has_visible_text();
        (picture.plain && only && scan::turn(picture).is_some() && !self.unsure).then(|| picture.clone())
    }

    /// The resolution at which to draw a page that is made of pictures and holds no text: theirs.
    pub(super) fn picture_dpi(&self) -> Option<f64> {
        let covered: f64 = self.pictures.iter().map(|picture| picture.shown.area()).sum();
        if self.has_visible_text() || covered < SCAN_COVER_MIN * self.page.area() {
            return None;
        }
        let finest = self.pictures.iter().filter(|picture| picture.shown.area() > 0.02 * self.page.area()).map(Picture::dpi).fold(0.0, f64::max);
        (150.0..=600.0).contains(&finest).then_some(finest)
    }

    /// A picture that cannot be decoded whole.
    pub(super) fn too_large_to_draw(&self) -> Option<&Picture> {
        self.pictures.iter().find(|picture| picture.only_shrunk)
    }

    /// The glyphs of a page whose text layer can stand for what is seen: visible ones, all with a meaning, upright, and not beside much picture.
    pub(super) fn readable_glyphs(&self) -> Option<Vec<Glyph>> {
        let pictured: f64 = self.pictures.iter().map(|picture| picture.shown.area()).sum();
        if self.unsure || pictured > PICTURE_COVER_MAX * self.page.area() {
            return None;
        }
        let seen: Vec<&Glyph> = self.glyphs.iter().filter(|glyph| glyph.visible).collect();
        if seen.iter().any(|glyph| glyph.text.is_none()) {
            return None;
        }
        let inked = seen.iter().filter(|glyph| !glyph.is_space()).count();
        let upright: Vec<Glyph> = seen.into_iter().filter(|glyph| glyph.is_upright()).cloned().collect();
        let upright_inked = upright.iter().filter(|glyph| !glyph.is_space()).count();
        // A line up the margin is no part of a letter's text; a page of such lines lies on its side.
        (upright_inked > 0 && upright_inked * 5 >= inked * 4).then_some(upright)
    }

    /// Each picture is measured once, however often it is drawn.
    fn cost(&mut self, stream: &Stream<'_>, width: u32, height: u32) -> Result<scan::Cost, Refusal> {
        let key = (stream.obj_id().obj_number, stream.obj_id().gen_number);
        if let Some(cost) = self.costs.get(&key) {
            return Ok(*cost);
        }
        let cost = scan::cost(stream, width, height, &self.limits)?;
        // Pictures inside the content have no number; they are as small as the content.
        if key != (0, 0) {
            self.costs.insert(key, cost);
        }
        Ok(cost)
    }

    fn clip(&self) -> Rect {
        self.clips.iter().fold(self.page, |all, (rect, _)| all.intersect(*rect))
    }

    fn clip_is_box(&self) -> bool {
        self.clips.iter().all(|(_, is_box)| *is_box)
    }

    fn shows(&self) -> bool {
        self.groups.iter().all(|(shows, _)| *shows)
    }

    fn is_opaque(&self) -> bool {
        self.groups.iter().all(|(_, opaque)| *opaque)
    }

    /// An opaque area hides the glyphs under it.
    fn cover(&mut self, rect: Rect, tone: Option<f64>) {
        self.work += self.glyphs.len() as u64;
        if self.work > WORK_MAX {
            self.unsure = true;
            return;
        }
        for glyph in &mut self.glyphs {
            if rect.contains(glyph.middle()) {
                glyph.visible = false;
            }
        }
        self.covers.push(Cover { rect, tone });
    }

    /// The tone of the paper at `point`: white, or that of the last thing that covers it.
    fn paper(&mut self, point: Point) -> Option<f64> {
        self.work += self.covers.len() as u64;
        if self.work > WORK_MAX {
            self.unsure = true;
            return None;
        }
        self.covers.iter().rev().find(|cover| cover.rect.contains(point)).map_or(Some(1.0), |cover| cover.tone)
    }

    fn mark(&mut self, rect: Rect) {
        let rect = rect.intersect(self.clip());
        if rect.width() < 0.0 || rect.height() < 0.0 || rect.is_nan() {
            return;
        }
        self.step += 1;
        if self.marks.len() < GLYPHS_MAX {
            self.marks.push((rect, self.step));
        } else {
            self.unsure = true;
        }
    }

    fn fill(&mut self, rect: Rect, is_box: bool, props: &DrawProps<'_>, mode: &DrawMode) {
        let (tone, alpha) = ink(&props.paint);
        let filled = matches!(mode, DrawMode::Fill(_) | DrawMode::FillAndStroke(..));
        if alpha < 0.02 || matches!(mode, DrawMode::Invisible) || !self.shows() {
            return;
        }
        let shown = rect.intersect(self.clip());
        let opaque = alpha > 0.98 && props.soft_mask.is_none() && props.blend_mode == BlendMode::Normal && self.is_opaque();
        let white_on_white = tone.is_some_and(|tone| tone > 1.0 - TONE_STEP / 4.0) && self.pictures.is_empty() && self.paper(shown.center()) == Some(1.0);
        if filled && is_box && opaque && self.clip_is_box() && shown.area() > 0.0 {
            self.cover(shown, tone);
        }
        if !white_on_white {
            self.mark(shown);
        }
    }

    fn glyph(&mut self, glyph: &PdfGlyph<'_>, transform: Affine, props: &DrawProps<'_>, mode: &DrawMode, upright: bool) {
        let origin = transform * Point::ORIGIN;
        let advance = match glyph {
            PdfGlyph::Outline(outline) => outline.advance_width(),
            PdfGlyph::Type3(drawn) => drawn.advance_width(),
        };
        let along = transform * Point::new(f64::from(advance.unwrap_or(500.0)), 0.0) - origin;
        let up = transform * Point::new(0.0, 1000.0) - origin;
        let mut seen = Glyph { text: meaning(glyph), origin, advance: if upright { along } else { -up }, size: up.hypot(), visible: true };
        if !(origin.is_finite() && along.is_finite() && up.is_finite()) {
            return;
        }
        let middle = seen.middle();
        let (tone, alpha) = ink(&props.paint);
        if matches!(mode, DrawMode::Invisible) || alpha < 0.1 || seen.size < SIZE_MIN_PT || !self.shows() || !self.clip().contains(middle) {
            return;
        }
        match (tone, self.paper(middle)) {
            (Some(ink), Some(paper)) => seen.visible = (ink - paper).abs() >= TONE_STEP,
            // White letters on a picture: seen or not, nobody can tell without drawing.
            (Some(ink), None) if ink > 0.85 && !seen.is_space() => self.unsure = true,
            _ => {}
        }
        if self.glyphs.len() < GLYPHS_MAX {
            self.glyphs.push(seen);
        } else {
            self.unsure = true;
        }
    }
}

impl<'a> Device<'a> for Sight {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        let mut rect = (props.transform * path.clone()).bounding_box();
        if let DrawMode::Stroke(stroke) | DrawMode::FillAndStroke(_, stroke) = mode {
            let reach = f64::from(stroke.line_width) / 2.0 * props.transform.determinant().abs().sqrt();
            rect = rect.inflate(reach, reach);
        }
        self.fill(rect, false, &props, mode);
    }

    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'a>, mode: &DrawMode) {
        let [a, b, c, d, ..] = props.transform.as_coeffs();
        let is_box = (b == 0.0 && c == 0.0) || (a == 0.0 && d == 0.0);
        self.fill(props.transform.transform_rect_bbox(*rect), is_box, &props, mode);
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        let is_box = is_box(&clip.path);
        self.clips.push((clip.path.bounding_box(), is_box));
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.clips.push((*rect, true));
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn push_transparency_group(&mut self, opacity: f32, mask: Option<SoftMask<'a>>, blend: BlendMode) {
        self.groups.push((opacity > 0.02, opacity > 0.98 && mask.is_none() && blend == BlendMode::Normal));
    }

    fn pop_transparency_group(&mut self) {
        self.groups.pop();
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let places: Vec<Point> = run.glyphs().iter().map(|glyph| props.transform * glyph.transform() * Point::ORIGIN).collect();
        // Text that is filled and stroked comes twice.
        if matches!(mode, DrawMode::Stroke(_)) && places == self.last_run {
            return;
        }
        self.step += 1;
        for glyph in run.glyphs() {
            self.glyph(glyph, props.transform * glyph.transform(), &props, mode, run.writing_mode() == WritingMode::Horizontal);
        }
        self.last_run = places;
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let (width, height) = (image.width(), image.height());
        let index = self.pictures_drawn;
        self.pictures_drawn += 1;
        let (stream, stencil) = match &image {
            Image::Stencil(stencil) => (stencil.stream(), true),
            Image::Raster(raster) => (raster.stream(), false),
        };
        let cost = match self.cost(stream, width, height) {
            Ok(cost) => cost,
            Err(refusal) => {
                self.trouble.get_or_insert(refusal);
                return;
            }
        };
        let outline = props.transform * Rect::new(0.0, 0.0, f64::from(width), f64::from(height)).to_path(0.1);
        let shown = outline.bounding_box().intersect(self.clip());
        if !self.shows() || shown.area() <= 0.0 || !shown.is_finite() {
            return;
        }
        let masked = has_mask(stream);
        let plain = !masked && self.is_opaque() && self.clip_is_box() && props.soft_mask.is_none() && props.blend_mode == BlendMode::Normal;
        if plain && !stencil {
            self.cover(shown, None);
        }
        if self.pictures.len() == PICTURES_MAX {
            self.unsure = true;
            return;
        }
        self.step += 1;
        self.pictures.push(Picture {
            index,
            width,
            height,
            transform: props.transform,
            shown,
            may_be_cut: scan::lacks_end(stream),
            plain,
            only_shrunk: cost == scan::Cost::OnlyShrunk,
            step: self.step,
        });
    }
}

impl Picture {
    /// The finer of its two resolutions.
    pub(super) fn dpi(&self) -> f64 {
        let [a, b, c, d, ..] = self.transform.as_coeffs();
        POINTS_PER_INCH / a.hypot(b).min(c.hypot(d)).max(f64::MIN_POSITIVE)
    }

    /// How far its sides are from upright, in pixels over the whole picture, as a share of what is still rounding.
    pub(super) fn is_straight(&self, along: f64, across: f64) -> bool {
        across.abs() * f64::from(self.width.max(self.height)) < SKEW_MAX_PX * along.abs()
    }
}

impl Glyph {
    pub(super) fn is_space(&self) -> bool {
        self.text.as_deref().is_some_and(|text| text.chars().all(char::is_whitespace))
    }

    fn middle(&self) -> Point {
        let up = if self.advance.hypot() > 0.0 { Vec2::new(self.advance.y, -self.advance.x) / self.advance.hypot() } else { Vec2::new(0.0, -1.0) };
        self.origin + self.advance / 2.0 + up * (self.size * 0.3)
    }

    fn is_upright(&self) -> bool {
        self.advance.x >= 0.0 && self.advance.y.abs() <= self.advance.x.abs() * 0.1 + 1e-6
    }
}

/// What a glyph says, or none where a word would have a hole. Space comes from glyphs without an outline too.
fn meaning(glyph: &PdfGlyph<'_>) -> Option<String> {
    let text = match glyph.as_unicode() {
        Some(BfString::Char(c)) => c.to_string(),
        Some(BfString::String(text)) => text,
        None => String::new(),
    };
    let text: String = text.chars().map(plain_character).collect::<Option<Vec<&str>>>().map(|parts| spell(&text, &parts)).unwrap_or_default();
    if !text.is_empty() {
        return Some(text);
    }
    match glyph {
        PdfGlyph::Outline(outline) if outline.outline().is_empty() => Some(" ".to_owned()),
        _ => None,
    }
}

/// The replacement of a character that has one (`""` keeps it), or none if it says nothing.
fn plain_character(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{fb00}' => "ff",
        '\u{fb01}' => "fi",
        '\u{fb02}' => "fl",
        '\u{fb03}' => "ffi",
        '\u{fb04}' => "ffl",
        '\u{fb05}' | '\u{fb06}' => "st",
        '\u{ad}' => "-",
        // The bullets of Symbol and Wingdings in the private use area, as Word writes them.
        '\u{f0b7}' | '\u{f0a7}' | '\u{f076}' | '\u{f0d8}' | '\u{f0fc}' => "•",
        '\t' | '\n' | '\r' => " ",
        '\u{fffd}' | '\u{e000}'..='\u{f8ff}' => return None,
        c if c.is_control() => return None,
        c if c.is_whitespace() => " ",
        _ => "",
    })
}

fn spell(text: &str, parts: &[&str]) -> String {
    text.chars().zip(parts).fold(String::new(), |mut all, (c, part)| {
        if part.is_empty() {
            all.push(c);
        } else {
            all.push_str(part);
        }
        all
    })
}

/// The tone (0 black, 1 white) and the opacity of a paint; a pattern has no one tone.
fn ink(paint: &Paint<'_>) -> (Option<f64>, f64) {
    match paint {
        Paint::Color(colour) => {
            let [red, green, blue, alpha] = colour.to_rgba().components().map(f64::from);
            (Some(0.299 * red + 0.587 * green + 0.114 * blue), alpha)
        }
        Paint::Pattern(_) => (None, 1.0),
    }
}

fn has_mask(stream: &Stream<'_>) -> bool {
    [SMASK, MASK, SMASK_IN_DATA].iter().any(|key| stream.dict().contains_key(key))
}

fn contains(outer: &Rect, inner: &Rect) -> bool {
    outer.x0 <= inner.x0 && outer.y0 <= inner.y0 && outer.x1 >= inner.x1 && outer.y1 >= inner.y1
}

/// Whether a path is one box along the page's sides.
fn is_box(path: &BezPath) -> bool {
    let bounds = path.bounding_box();
    let corner = |point: Point| {
        let near = |a: f64, b: f64| (a - b).abs() < 0.01;
        (near(point.x, bounds.x0) || near(point.x, bounds.x1)) && (near(point.y, bounds.y0) || near(point.y, bounds.y1))
    };
    let segments: Vec<_> = path.segments().collect();
    (3..=5).contains(&segments.len()) && segments.iter().all(|segment| segment.as_line().is_some_and(|line| corner(line.p0) && corner(line.p1)))
}
