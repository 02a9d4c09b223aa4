//! The characters of combs in two looks: a small network reads every glyph, and a larger one, trained apart from it, what the first is not sure of.
//!
//! Where the two are of one mind, that is the character; a shape between two is seen to be one, for they part there. What is left open the second looks at once more, leaning
//! to the left and to the right. Several networks err less than each (Hansen, Salamon, IEEE PAMI 12, 1990); most glyphs need but one. Their opinions are multiplied, not added:
//! in a product a network that all but rules a character out is heard, in a mean it is outvoted (Genest, Zidek, Statistical Science 1, 1986).

use super::alphabet;
use super::comb::Glyph;
use super::network::{Description, Network, NetworkError, Picture, Posterior};
use crate::page::Grey;
use crate::record::FieldType;
use crate::registry;

/// The networks, part of the program so that no installation is without them or has others.
static FIRST: (&[u8], &str) = (include_bytes!("../../models/characters-first.onnx"), include_str!("../../models/characters-first.json"));
static SECOND: (&[u8], &str) = (include_bytes!("../../models/characters-second.onnx"), include_str!("../../models/characters-second.json"));

/// A glyph of which one character of its field is at least so probable is not looked at again: where check digits or a closed list will tell, and where nothing will.
const CLEAR: (f64, f64) = (0.9, 0.999);
/// Where the two together are less sure than this, the second looks once more.
const OPEN: f64 = 0.8;
/// The slants at which it does.
const SLANTS: [f64; 2] = [-0.15, 0.15];

/// The name and version of the networks that read characters: `characters 5`.
///
/// # Errors
/// When the program was built with damaged ones.
pub fn hand_model() -> Result<String, NetworkError> {
    Ok(Description::of(FIRST.1)?.name)
}

/// The loaded networks.
pub struct Looks {
    first: Network,
    second: Network,
}

impl Looks {
    /// Loads the networks that are part of the program.
    ///
    /// # Errors
    /// When the program was built with damaged ones, or with two that do not belong together.
    pub fn load() -> Result<Self, NetworkError> {
        let (first, second) = (Network::load(FIRST.0, FIRST.1)?, Network::load(SECOND.0, SECOND.1)?);
        if first.name() != second.name() || first.classes() != second.classes() {
            return Err(NetworkError(format!("{} and {} do not belong together", first.name(), second.name())));
        }
        Ok(Self { first, second })
    }

    /// The name and version of both.
    #[must_use]
    pub fn name(&self) -> &str {
        self.first.name()
    }

    /// What the networks tell apart: characters, `#` for struck out, `?` for none of these.
    #[must_use]
    pub fn classes(&self) -> &[char] {
        self.first.classes()
    }

    /// How probable each class is for each glyph, each of a field of its type.
    #[must_use]
    pub fn read(&self, glyphs: &[(&Glyph, FieldType)]) -> Vec<Posterior> {
        let pictures: Vec<Picture> = glyphs.iter().map(|(glyph, _)| Picture::of(&glyph.picture)).collect();
        let mut read = self.first.read(&pictures);
        let doubtful: Vec<usize> = (0..glyphs.len()).filter(|&at| self.highest(&read[at], glyphs[at].1) < clear(glyphs[at].1)).collect();
        let upright: Vec<Picture> = doubtful.iter().map(|&at| pictures[at].clone()).collect();
        for (&at, second) in doubtful.iter().zip(self.second.read(&upright)) {
            read[at] = pooled(&[(&read[at], 0.5), (&second, 0.5)]);
        }
        let open: Vec<usize> = doubtful.into_iter().filter(|&at| self.highest(&read[at], glyphs[at].1) < OPEN).collect();
        let leaning: Vec<Picture> = open.iter().flat_map(|&at| SLANTS.map(|slant| Picture::of(&slanted(&glyphs[at].0.picture, slant)))).collect();
        for (at, [left, right]) in open.into_iter().zip(self.second.read(&leaning).as_chunks().0) {
            read[at] = pooled(&[(&read[at], 0.5), (left, 0.25), (right, 0.25)]);
        }
        read
    }

    /// How probable the likeliest character of a field is. An upright stroke in a number is a one, whichever of the upright strokes it is likest; in a text a ring is as clear
    /// as a letter as it is as a digit, for the word says which of the two it is.
    fn highest(&self, posterior: &Posterior, kind: FieldType) -> f64 {
        let among = |kind| alphabet::cell(kind, posterior, self.classes(), 0.0).highest();
        if alphabet::has_words(kind) { among(FieldType::Name).max(among(FieldType::Integer)) } else { among(kind) }
    }
}

/// How sure a glyph of a field has to be at the first look.
fn clear(kind: FieldType) -> f64 {
    if registry::is_ruled(kind) { CLEAR.0 } else { CLEAR.1 }
}

/// The logarithmic pool of opinions: the product of their probabilities, each to the power of its share, made a distribution again. No network gives a class none.
fn pooled(opinions: &[(&Posterior, f32)]) -> Posterior {
    let of_class = |class: usize| opinions.iter().map(|(opinion, share)| opinion[class].ln() * share).sum::<f32>().exp();
    let product: Posterior = (0..opinions[0].0.len()).map(of_class).collect();
    let all: f32 = product.iter().sum();
    product.into_iter().map(|probability| probability / all).collect()
}

/// A picture with its rows shifted, the top by `slant` of half the height to the right, the bottom to the left.
fn slanted(picture: &Grey, slant: f64) -> Grey {
    let (width, height) = (picture.width, picture.height);
    let reach = (slant.abs() * height as f64 / 2.0).ceil() as usize + 1;
    let wide = width + 2 * reach;
    let mut data = vec![0u8; wide * height];
    for (y, (row, out)) in picture.data.chunks_exact(width.max(1)).zip(data.chunks_exact_mut(wide)).enumerate() {
        let shift = reach as f64 + slant * (height as f64 / 2.0 - (y as f64 + 0.5));
        let (whole, part) = (shift.floor() as usize, shift.fract());
        for (x, &dark) in row.iter().enumerate() {
            let right = (f64::from(dark) * part).round() as u8;
            out[x + whole] = out[x + whole].saturating_add(dark - right);
            out[x + whole + 1] = out[x + whole + 1].saturating_add(right);
        }
    }
    Grey { width: wide, height, data, dpi: picture.dpi }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    fn looks() -> Looks {
        Looks::load().unwrap_or_else(|error| panic!("{error}"))
    }

    #[derive(Deserialize)]
    struct Vector {
        width: usize,
        height: usize,
        dark: Vec<u8>,
        scores: Vec<f32>,
    }

    #[derive(Deserialize)]
    struct Vectors {
        vectors: Vec<Vector>,
    }

    /// What the training program's own runtime made of the same glyphs: pictures and networks are the trained ones.
    #[test]
    fn glyphs_get_the_scores_that_training_gave_them() {
        let looks = looks();
        for (network, (_, description)) in [&looks.first, &looks.second].into_iter().zip([FIRST, SECOND]) {
            let Vectors { vectors } = serde_json::from_str(description).expect("the model's description");
            assert!(vectors.len() >= 6);
            for vector in vectors {
                let picture = Picture::of(&Grey { width: vector.width, height: vector.height, data: vector.dark, dpi: 300.0 });
                let scores = network.scores(&[picture]).unwrap_or_else(|error| panic!("{error}")).remove(0);
                let worst = scores.iter().zip(&vector.scores).map(|(ours, theirs)| (ours - theirs).abs()).fold(0.0, f32::max);
                assert!(worst < 0.02, "off by {worst}");
            }
        }
    }

    #[test]
    fn many_glyphs_are_read_as_each_alone() {
        let looks = looks();
        let stroke = |tilt: usize| Grey {
            width: 40,
            height: 40,
            data: (0..1600_usize).map(|at| if (at % 40).abs_diff(at / 40 * tilt / 4) < 3 { 255 } else { 0 }).collect(),
            dpi: 300.0,
        };
        let pictures: Vec<Picture> = (0..40).map(|tilt| Picture::of(&stroke(tilt % 5))).collect();
        for network in [&looks.first, &looks.second] {
            let together = network.read(&pictures);
            assert_eq!(together.len(), 40);
            for (picture, all) in pictures.iter().zip(&together) {
                let alone = network.read(std::slice::from_ref(picture)).remove(0);
                assert!(alone.iter().zip(all).all(|(a, b)| (a - b).abs() < 1e-4));
                assert!((all.iter().sum::<f32>() - 1.0).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn opinions_that_part_leave_it_open_and_one_that_rules_out_is_heard() {
        let (seven, one) = (vec![0.98, 0.01, 0.01], vec![0.01, 0.98, 0.01]);
        let parted = pooled(&[(&seven, 0.5), (&one, 0.5)]);
        assert!((parted[0] - parted[1]).abs() < 1e-6 && (parted.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{parted:?}");
        // Square roots of 0.5 x 0.999, 0.5 x 0.0005 and 0.0001 x 0.0005, of their sum.
        let ruled_out = pooled(&[(&vec![0.5, 0.4999, 0.0001], 0.5), (&vec![0.999, 0.0005, 0.0005], 0.5)]);
        assert!((ruled_out[0] - 0.9778).abs() < 1e-3, "{ruled_out:?}");
        assert_eq!(pooled(&[(&seven, 1.0)]).iter().map(|probability| (probability * 100.0).round()).collect::<Vec<_>>(), [98.0, 1.0, 1.0]);
    }

    #[test]
    fn a_slanted_stroke_keeps_its_ink_and_leans() {
        let (width, height) = (9, 20);
        let data = (0..width * height).map(|at| if at % width == 4 { 200 } else { 0 }).collect();
        let upright = Grey { width, height, data, dpi: 300.0 };
        let leaning = slanted(&upright, 0.2);
        let ink = |picture: &Grey| picture.data.iter().map(|&dark| u32::from(dark)).sum::<u32>();
        assert_eq!(ink(&leaning), ink(&upright));
        let centre = |row: &[u8]| row.iter().enumerate().map(|(x, &dark)| x as f64 * f64::from(dark)).sum::<f64>() / 200.0;
        let rows: Vec<f64> = leaning.data.chunks_exact(leaning.width).map(centre).collect();
        assert!((rows[0] - rows[19] - 0.2 * 19.0).abs() < 0.02, "the top leans to the right: {rows:?}");
        let level = slanted(&upright, 0.0);
        assert!(level.data.chunks_exact(level.width).all(|row| row.iter().max() == Some(&200)));
    }

    #[test]
    fn what_is_clear_is_not_looked_at_again_and_what_is_not_stays_a_distribution() {
        let looks = looks();
        let blot = |seed: usize| Glyph {
            cell: 0,
            rect_mm: [0.0; 4],
            stroke_mm: 0.4,
            picture: Grey { width: 24, height: 30, data: (0..720_usize).map(|at| if (at * at + seed * at) % 7 < 3 { 255 } else { 0 }).collect(), dpi: 300.0 },
        };
        let glyphs: Vec<Glyph> = (0..4).map(blot).collect();
        let pictures: Vec<Picture> = glyphs.iter().map(|glyph| Picture::of(&glyph.picture)).collect();
        let first = looks.first.read(&pictures);
        let read = looks.read(&glyphs.iter().map(|glyph| (glyph, FieldType::Text)).collect::<Vec<_>>());
        for (once, twice) in first.iter().zip(&read) {
            assert!((twice.iter().sum::<f32>() - 1.0).abs() < 1e-3);
            assert_eq!(looks.highest(once, FieldType::Text) >= clear(FieldType::Text), once == twice);
        }
        assert!(first != read, "blots are not clear");
    }
}
