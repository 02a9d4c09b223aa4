//! Draws `src/recognise/typefaces.bin`: what the characters of common typefaces look like.
//!
//! Run it after adding a typeface: `cargo test --test it typefaces_are_drawn -- --ignored`. The three standard faces are in every PDF renderer; the
//! others are Debian's fonts-dejavu, fonts-liberation2, fonts-crosextra-carlito, fonts-crosextra-caladea, fonts-open-sans and fonts-urw-base35.

use std::sync::Arc;

use postsluse::page::Grey;
use postsluse::recognise::portrait::{self, Portrait};

use crate::recognise_sheet::{Font, Scan, Sheet};

const CHARACTERS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZÆØÅabcdefghijklmnopqrstuvwxyzæøåäöüéÄÖÜÉ@";
const FILES: [&str; 16] = [
    "truetype/dejavu/DejaVuSans.ttf",
    "truetype/dejavu/DejaVuSansMono.ttf",
    "truetype/dejavu/DejaVuSerif.ttf",
    "truetype/dejavu/DejaVuSans-Bold.ttf",
    "truetype/liberation2/LiberationSans-Regular.ttf",
    "truetype/liberation2/LiberationMono-Regular.ttf",
    "truetype/liberation2/LiberationSerif-Regular.ttf",
    "truetype/liberation2/LiberationSans-Bold.ttf",
    "truetype/liberation2/LiberationMono-Bold.ttf",
    "truetype/liberation2/LiberationSerif-Bold.ttf",
    "truetype/crosextra/Carlito-Regular.ttf",
    "truetype/crosextra/Caladea-Regular.ttf",
    "truetype/open-sans/OpenSans-Regular.ttf",
    "opentype/urw-base35/NimbusSans-Regular.otf",
    "opentype/urw-base35/NimbusRoman-Regular.otf",
    "opentype/urw-base35/NimbusMonoPS-Regular.otf",
];

/// One character, large, cut to its ink: 255 is ink.
fn draw(font: Font, file: Option<&Arc<Vec<u8>>>, character: char) -> Grey {
    let mut sheet = Sheet::default();
    sheet.fonts.extend(file.cloned());
    sheet.text(font, 36.0, 10.0, 25.0, &character.to_string());
    let page = sheet.scan(&Scan::at(300.0));
    let rows: Vec<&[u8]> = page.data.chunks_exact(page.width).take(600).map(|row| &row[..600]).collect();
    let dark = |value: u8| value < 148;
    let inked: Vec<(usize, usize)> =
        rows.iter().enumerate().flat_map(|(y, row)| row.iter().enumerate().filter(|(_, value)| dark(**value)).map(move |(x, _)| (x, y))).collect();
    let (left, right) = (inked.iter().map(|p| p.0).min().expect("ink"), inked.iter().map(|p| p.0).max().expect("ink") + 1);
    let (top, bottom) = (inked.iter().map(|p| p.1).min().expect("ink"), inked.iter().map(|p| p.1).max().expect("ink") + 1);
    let data = rows[top..bottom].iter().flat_map(|row| row[left..right].iter().map(|value| 255 - value)).collect();
    Grey { width: right - left, height: bottom - top, data, dpi: 300.0 }
}

fn typeface(font: Font, file: Option<&Arc<Vec<u8>>>) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(u16::try_from(CHARACTERS.chars().count()).expect("a few").to_le_bytes());
    for character in CHARACTERS.chars() {
        let ink = draw(font, file, character);
        out.extend(u32::from(character).to_le_bytes());
        out.extend(u16::try_from(256 * ink.width / ink.height).expect("no character is that wide").to_le_bytes());
        out.extend(portrait::shades(&ink).chunks_exact(2).map(|pair| ((pair[0] / 16) << 4) | (pair[1] / 16)));
    }
    out
}

#[test]
#[ignore = "writes a source file, and needs the fonts it draws"]
fn typefaces_are_drawn() {
    let mut out = Vec::new();
    for font in [Font::Helvetica, Font::Times, Font::Courier] {
        out.extend(typeface(font, None));
    }
    for file in FILES {
        let file = Arc::new(std::fs::read(format!("/usr/share/fonts/{file}")).expect(file));
        out.extend(typeface(Font::File(0), Some(&file)));
    }
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/recognise/typefaces.bin"), out).expect("the source folder can be written");
}

#[test]
fn print_is_like_its_typeface_and_unlike_other_characters() {
    for font in [Font::Helvetica, Font::Times, Font::Courier] {
        let drawn: Vec<(char, Portrait)> = "203715Kongsberg".chars().map(|character| (character, Portrait::of(&draw(font, None, character)))).collect();
        let right: Vec<(char, &Portrait)> = drawn.iter().map(|(character, portrait)| (*character, portrait)).collect();
        let found = portrait::compare(&right).expect("letters and digits");
        assert!(found.mean < 0.01 && found.contradicted == 0, "{found:?}");
        let mut wrong = right;
        wrong[2].0 = '8';
        assert_eq!(portrait::compare(&wrong).expect("letters and digits").contradicted, 1);
    }
}
