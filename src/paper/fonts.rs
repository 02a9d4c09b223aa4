//! The two faces that everything is written in: regular and bold, from Debian's packages or a configured folder.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use krilla::text::{Font, GlyphId, KrillaGlyph};

use super::compose::{compose, stray_mark};
use super::metrics::Metrics;
use super::{PT_PER_MM, PaperError, narrow};

/// Where Debian 12 puts the fonts we know, best first. Liberation Sans has the widths of Arial, which the directorate writes in.
const FOLDERS: [&str; 3] = ["/usr/share/fonts/truetype/liberation2", "/usr/share/fonts/truetype/liberation", "/usr/share/fonts/truetype/dejavu"];

/// Regular and bold of a family, as the files are named.
const FAMILIES: [[&str; 2]; 2] = [["LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"], ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"]];

/// No font file that we would use is larger.
const FONT_BYTES_MAX: u64 = 16 << 20;

/// A regular and a bold face, loaded once and cheap to clone.
#[derive(Clone)]
pub struct Fonts(Arc<[Face; 2]>);

impl fmt::Debug for Fonts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fonts").field(&self.0[0].file).field(&self.0[1].file).finish()
    }
}

/// One font file.
pub(super) struct Face {
    file: PathBuf,
    pub(super) font: Font,
    metrics: Metrics,
}

/// A run of text ready to be drawn: composed, without characters that draw nothing, and the glyph of each character.
pub(super) struct Run {
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
}

impl Fonts {
    /// Loads Liberation Sans, or else `DejaVu` Sans, from `folder`, or from where Debian installs them when there is none.
    ///
    /// # Errors
    /// When no folder has a family in regular and bold, or a file is not a font.
    pub fn load(folder: Option<&Path>) -> Result<Self, PaperError> {
        let folders: Vec<PathBuf> = folder.map_or_else(|| FOLDERS.iter().map(PathBuf::from).collect(), |folder| vec![folder.to_owned()]);
        for folder in &folders {
            for family in FAMILIES {
                let [regular, bold] = family.map(|file| folder.join(file));
                if regular.is_file() && bold.is_file() {
                    return Ok(Self(Arc::new([Face::load(regular)?, Face::load(bold)?])));
                }
            }
        }
        let folders = folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ");
        Err(PaperError::NoFont { folders })
    }

    /// How wide `text` is on one line, in millimetres. A character the font lacks counts as half an em; drawing it is an error.
    #[must_use]
    pub fn width_mm(&self, text: &str, size_pt: f64, bold: bool) -> f64 {
        let face = self.face(bold);
        let ems: f64 = compose(text).chars().filter(|character| visible(*character)).map(|character| face.width_em(character)).sum();
        ems * size_pt / PT_PER_MM
    }

    /// The first character of `text` that cannot be drawn, as the error that drawing it would give.
    ///
    /// # Errors
    /// [`PaperError::NoGlyph`] with that character's code point.
    pub fn check(&self, text: &str, bold: bool) -> Result<(), PaperError> {
        self.run(text, bold).map(|_| ())
    }

    pub(super) fn face(&self, bold: bool) -> &Face {
        &self.0[usize::from(bold)]
    }

    pub(super) fn run(&self, text: &str, bold: bool) -> Result<Run, PaperError> {
        let face = self.face(bold);
        let text: String = compose(text).chars().filter(|character| visible(*character)).map(plain_space).collect();
        let glyphs = text.char_indices().map(|(at, character)| face.glyph(at, character)).collect::<Result<_, _>>()?;
        Ok(Run { text, glyphs })
    }
}

impl Face {
    fn load(file: PathBuf) -> Result<Self, PaperError> {
        let bad = |why: String| PaperError::BadFont { file: file.display().to_string(), why };
        let length = std::fs::metadata(&file).map_err(|error| bad(error.to_string()))?.len();
        if length > FONT_BYTES_MAX {
            return Err(bad(format!("it has {length} bytes; the limit is {FONT_BYTES_MAX}")));
        }
        let bytes = std::fs::read(&file).map_err(|error| bad(error.to_string()))?;
        let metrics = Metrics::read(&bytes).map_err(|why| bad(why.to_owned()))?;
        let font = Font::new(bytes.into(), 0).ok_or_else(|| bad("its outlines cannot be read".to_owned()))?;
        Ok(Self { file, font, metrics })
    }

    fn width_em(&self, character: char) -> f64 {
        self.metrics.glyph(plain_space(character)).map_or(0.5, |glyph| self.metrics.advance_em(glyph))
    }

    fn glyph(&self, at: usize, character: char) -> Result<KrillaGlyph, PaperError> {
        let drawable = !character.is_control() && !stray_mark(character) && !private(character);
        let glyph = self.metrics.glyph(character).filter(|_| drawable).ok_or(PaperError::NoGlyph { code_point: character.into() })?;
        let advance = narrow(self.metrics.advance_em(glyph));
        Ok(KrillaGlyph::new(GlyphId::new(glyph.into()), advance, 0.0, 0.0, 0.0, at..at + character.len_utf8(), None))
    }
}

/// A space that must not break has done its work when the line is laid out; in the file it is a space, so that text can be searched.
fn plain_space(character: char) -> char {
    if matches!(character, '\u{A0}' | '\u{202F}') { ' ' } else { character }
}

/// Soft hyphens, zero-width spaces and byte order marks show nothing.
fn visible(character: char) -> bool {
    !matches!(character, '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}')
}

/// Private code points mean nothing outside their font, and PDF/A-2a forbids them.
fn private(character: char) -> bool {
    matches!(u32::from(character), 0xE000..=0xF8FF | 0xF_0000..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_font_says_what_to_install() {
        let empty = tempfile::tempdir().expect("a folder");
        let message = Fonts::load(Some(empty.path())).unwrap_err().to_string();
        let (first, second) = message.split_once('\n').expect("two lines");
        assert!(first.starts_with("no text font in /"), "{first}");
        assert!(second.contains("fonts-liberation2"), "{second}");
    }

    #[test]
    fn a_file_that_is_no_font_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        for file in FAMILIES[0] {
            std::fs::write(folder.path().join(file), b"not a font").expect("written");
        }
        let message = Fonts::load(Some(folder.path())).unwrap_err().to_string();
        assert!(message.contains("LiberationSans-Regular.ttf cannot be used: not a TrueType or OpenType font\n"), "{message}");
    }

    #[test]
    fn width_is_the_sum_of_the_glyphs_and_composing_does_not_change_it() {
        let fonts = Fonts::load(None).expect("fonts");
        let width = fonts.width_mm("Åål", 12.0, false);
        assert!((width - (1366.0 + 1139.0 + 455.0) / 2048.0 * 12.0 / PT_PER_MM).abs() < 1e-9, "{width}");
        assert!((fonts.width_mm("A\u{30A}a\u{30A}\u{AD}l", 12.0, false) - width).abs() < 1e-9);
        assert!(fonts.width_mm("Vedtak", 12.0, true) > fonts.width_mm("Vedtak", 12.0, false));
    }

    #[test]
    fn a_character_without_a_glyph_is_named_by_its_code_point_only() {
        let fonts = Fonts::load(None).expect("fonts");
        for (text, code) in
            [("hemmelig漢", "U+6F22"), ("hemmelig\n", "U+000A"), ("hemmelig\u{301}", "U+0301"), ("hemmelig\u{E000}", "U+E000"), ("\u{0}", "U+0000")]
        {
            let message = fonts.check(text, false).unwrap_err().to_string();
            assert!(message.contains(code) && !message.contains("hemmelig"), "{message}");
        }
        assert_eq!(fonts.check("ÆØÅ æøå Kárášjohka Guovdageaidnu Ї № §–•«»", true), Ok(()));
    }

    #[test]
    fn fonts_can_be_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Fonts>();
    }
}
