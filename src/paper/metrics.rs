//! The two things that laying out text needs of a font file: which glyph a character has, and how wide it is.
//!
//! Reads the tables `head`, `hhea`, `hmtx` and `cmap` (formats 4 and 12) of a TrueType or OpenType file (ISO/IEC 14496-22). The PDF
//! library draws the glyphs and embeds the font, but tells nothing of their widths. Every offset is checked; a broken file is refused.

use std::collections::HashMap;

/// Characters, glyphs and widths of one font.
#[derive(Debug)]
pub struct Metrics {
    units_per_em: f64,
    glyphs: HashMap<char, u16>,
    advances: Vec<u16>,
}

impl Metrics {
    /// Reads the tables, or says in a few words what is wrong with them.
    pub fn read(file: &[u8]) -> Result<Self, &'static str> {
        let font = Reader(file);
        let head = font.table(*b"head")?;
        let units_per_em = head.u16(18)?;
        if !(16..=16384).contains(&units_per_em) {
            return Err("units per em out of range");
        }
        let wide = usize::from(font.table(*b"hhea")?.u16(34)?);
        let hmtx = font.table(*b"hmtx")?;
        let advances = (0..wide).map(|glyph| hmtx.u16(glyph * 4)).collect::<Result<Vec<_>, _>>()?;
        if advances.is_empty() {
            return Err("no glyph widths");
        }
        let glyphs = characters(font.table(*b"cmap")?)?;
        Ok(Self { units_per_em: f64::from(units_per_em), glyphs, advances })
    }

    /// The glyph of `character`; none when the font has none.
    pub fn glyph(&self, character: char) -> Option<u16> {
        self.glyphs.get(&character).copied().filter(|glyph| *glyph != 0)
    }

    /// The width of `glyph` in ems. Glyphs past the end of the table are as wide as its last one (monospaced tails, per the standard).
    pub fn advance_em(&self, glyph: u16) -> f64 {
        let last = self.advances.last().copied().unwrap_or(0);
        f64::from(self.advances.get(usize::from(glyph)).copied().unwrap_or(last)) / self.units_per_em
    }
}

/// Bytes with checked big-endian reads.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn u16(self, at: usize) -> Result<u16, &'static str> {
        let bytes = self.0.get(at..).and_then(|rest| rest.first_chunk::<2>()).ok_or("a table is cut short")?;
        Ok(u16::from_be_bytes(*bytes))
    }

    fn u32(self, at: usize) -> Result<u32, &'static str> {
        let bytes = self.0.get(at..).and_then(|rest| rest.first_chunk::<4>()).ok_or("a table is cut short")?;
        Ok(u32::from_be_bytes(*bytes))
    }

    fn offset(self, at: usize) -> Result<usize, &'static str> {
        usize::try_from(self.u32(at)?).map_err(|_| "an offset is too large")
    }

    fn from(self, at: usize) -> Result<Reader<'a>, &'static str> {
        self.0.get(at..).map(Reader).ok_or("a table is cut short")
    }

    fn table(self, tag: [u8; 4]) -> Result<Reader<'a>, &'static str> {
        let version = self.u32(0)?;
        if version != 0x0001_0000 && version != u32::from_be_bytes(*b"OTTO") && version != u32::from_be_bytes(*b"true") {
            return Err("not a TrueType or OpenType font");
        }
        for record in (0..usize::from(self.u16(4)?)).map(|index| 12 + index * 16) {
            if self.u32(record)? == u32::from_be_bytes(tag) {
                let (from, length) = (self.offset(record + 8)?, self.offset(record + 12)?);
                let bytes = from.checked_add(length).and_then(|to| self.0.get(from..to));
                return bytes.map(Reader).ok_or("a table is cut short");
            }
        }
        Err("a table is missing")
    }
}

/// Every character of the font, by its best Unicode subtable: the full repertoire (format 12) before the basic plane (format 4).
fn characters(cmap: Reader<'_>) -> Result<HashMap<char, u16>, &'static str> {
    let mut best = None;
    for record in (0..usize::from(cmap.u16(2)?)).map(|index| 4 + index * 8) {
        let unicode = matches!((cmap.u16(record)?, cmap.u16(record + 2)?), (0, _) | (3, 1 | 10));
        let subtable = cmap.from(cmap.offset(record + 4)?)?;
        let format = subtable.u16(0)?;
        if unicode && (format == 12 || (format == 4 && best.is_none())) {
            best = Some((format, subtable));
        }
    }
    match best {
        Some((12, subtable)) => format_12(subtable),
        Some((_, subtable)) => format_4(subtable),
        None => Err("no Unicode character map"),
    }
}

fn format_4(table: Reader<'_>) -> Result<HashMap<char, u16>, &'static str> {
    let segments = usize::from(table.u16(6)?) / 2;
    let (ends, starts) = (14, 16 + 2 * segments);
    let (deltas, ranges) = (starts + 2 * segments, starts + 4 * segments);
    let mut glyphs = HashMap::new();
    let mut last_end = None;
    for segment in 0..segments {
        let (end, start) = (table.u16(ends + 2 * segment)?, table.u16(starts + 2 * segment)?);
        if last_end.is_some_and(|last| start <= last) || start > end {
            return Err("the character map is out of order");
        }
        last_end = Some(end);
        let (delta, range) = (table.u16(deltas + 2 * segment)?, table.u16(ranges + 2 * segment)?);
        for code in start..=end {
            let glyph = if range == 0 {
                code.wrapping_add(delta)
            } else {
                let listed = ranges + 2 * segment + usize::from(range) + 2 * usize::from(code - start);
                match table.u16(listed) {
                    Ok(0) | Err(_) => 0,
                    Ok(glyph) => glyph.wrapping_add(delta),
                }
            };
            if let (Some(character), true) = (char::from_u32(u32::from(code)), glyph != 0) {
                glyphs.insert(character, glyph);
            }
        }
    }
    Ok(glyphs)
}

fn format_12(table: Reader<'_>) -> Result<HashMap<char, u16>, &'static str> {
    let mut glyphs = HashMap::new();
    let mut next_free = 0;
    for group in (0..table.offset(12)?).map(|index| 16 + index * 12) {
        let (start, end, first) = (table.u32(group)?, table.u32(group + 4)?, table.u32(group + 8)?);
        if start < next_free || start > end || end > u32::from(char::MAX) {
            return Err("the character map is out of order");
        }
        next_free = end + 1;
        for code in start..=end {
            let glyph = u16::try_from(u64::from(first) + u64::from(code - start));
            if let (Some(character), Ok(glyph)) = (char::from_u32(code), glyph) {
                glyphs.insert(character, glyph);
            }
        }
    }
    Ok(glyphs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn liberation() -> Vec<u8> {
        std::fs::read("/usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf").expect("fonts-liberation2 is installed")
    }

    #[test]
    fn widths_are_those_of_arial_which_liberation_sans_is_made_to_match() {
        let metrics = Metrics::read(&liberation()).expect("a font");
        // Units of 1/2048 em, from Arial's published metrics.
        for (character, width) in [('A', 1366), ('a', 1139), ('i', 455), ('W', 1933), ('Æ', 2048), ('Ø', 1593), ('Å', 1366), ('0', 1139), (' ', 569)] {
            let glyph = metrics.glyph(character).expect("a glyph");
            assert!((metrics.advance_em(glyph) - f64::from(width) / 2048.0).abs() < 1e-9, "{character}");
        }
        assert_eq!(metrics.glyph('漢'), None);
    }

    #[test]
    fn a_font_cut_short_anywhere_is_refused_or_read_and_never_panics() {
        let whole = liberation();
        for length in (0..2000).chain((2000..whole.len()).step_by(1999)) {
            let _ = Metrics::read(&whole[..length]);
        }
        assert_eq!(Metrics::read(b"%PDF-1.7 not a font").unwrap_err(), "not a TrueType or OpenType font");
        assert!(Metrics::read(&whole[..1000]).is_err());
    }
}
