//! Boxes to mark: blank, marked, withdrawn by filling in, or not clear.
//!
//! The measure is the share of the inner box that is ink. What a blank box measures depends on the scanner and the paper, so the boxes of a
//! page calibrate each other (F22): most boxes of a form are blank, and the blank level and its noise come from them. A mark is
//! a few strokes; a box inked nearly all over is an answer taken back.

use super::components::components;
use super::zone::{PX_PER_MM, ZoneView};
use crate::forms::Zone;
use crate::record::RectMm;

/// The frame and what may lie beside it by an inexact snap, mm.
const FRAME_MM: f64 = 0.55;
/// Darkness from which ink counts: a pencil's.
const INK: f64 = 0.3;
/// Darkness from which ink may be a hard pencil's, where it hangs together.
const FAINT: f64 = 0.14;
/// Faint ink that hangs together over so much, px, and reaches so far, mm, was drawn: 0.2 mm^2, a quarter of a box. The frame's blur stays nearer to the frame than `HALO_MM`.
const DRAWN_PX: u32 = 30;
const DRAWN_MM: f64 = 1.0;
const HALO_MM: f64 = 0.25;
/// Specks smaller than this are dirt, px: 0.05 mm^2.
const SPECK_PX: u32 = 7;
/// Above the blank level, less than this is nothing.
const BLANK_MAX: f64 = 0.018;
/// Above the blank level, from this on somebody marked it: a short tick of a thin pen.
const MARK_MIN: f64 = 0.055;
/// Marks of a broad pen cover less than this.
const MARK_MAX: f64 = 0.62;
/// A box filled in covers more than this.
const FILLED_MIN: f64 = 0.75;

/// What is in a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxState {
    /// Nothing.
    Blank,
    /// A cross or a tick.
    Marked,
    /// Filled in: an answer taken back.
    Cancelled,
    /// Too much for nothing and too little for a mark, or between a mark and a filling.
    Ambiguous,
}

/// What is seen inside a box.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inside {
    /// The share of the inner box that is ink, 0 to 1.
    pub share: f64,
    /// Whether something was drawn in it, however faint.
    pub touched: bool,
}

/// Looks into a box.
#[must_use]
pub fn inside(view: &ZoneView, zone: &Zone) -> Inside {
    let inner = zone.rect.inset(FRAME_MM.min(zone.rect.w() / 4.0));
    let area = inner.w() * inner.h() * PX_PER_MM * PX_PER_MM;
    let (faint, reach) = ink_in(view, inner.inset(HALO_MM), FAINT, DRAWN_PX);
    Inside { share: f64::from(ink_in(view, inner, INK, SPECK_PX).0) / area, touched: faint > 0 && reach >= DRAWN_MM }
}

/// Ink within a rectangle: pixels of shapes of at least `speck` pixels, and how wide the ink reaches, mm.
pub(super) fn ink_in(view: &ZoneView, rect: RectMm, darker: f64, speck: u32) -> (u32, f64) {
    let mut bits = view.ink.darker_than(darker);
    let [left, top, right, bottom] = view.px(rect).map(|value| value.round().max(0.0) as usize);
    for (index, ink) in bits.ink.iter_mut().enumerate() {
        let (x, y) = (index % bits.width, index / bits.width);
        *ink &= (left..right).contains(&x) && (top..bottom).contains(&y);
    }
    let blobs = components(&bits).blobs;
    let counted: Vec<_> = blobs.iter().filter(|blob| blob.area >= speck).collect();
    let reach = counted.iter().map(|blob| blob.rect[2]).max().unwrap_or(0).saturating_sub(counted.iter().map(|blob| blob.rect[0]).min().unwrap_or(0));
    (counted.iter().map(|blob| blob.area).sum(), f64::from(reach) / PX_PER_MM)
}

/// Judges the boxes of a page together: for each the state, and how far it is from the next state, 0 to 1.
#[must_use]
pub fn judge(boxes: &[Inside]) -> Vec<(BoxState, f32)> {
    let shares: Vec<f64> = boxes.iter().map(|inside| inside.share).collect();
    let (blank, noise) = blank_level(&shares);
    boxes
        .iter()
        .map(|inside| match state(inside.share - blank, noise) {
            // A mark of a hard pencil is no blank box, and too little to be sure of.
            (BoxState::Blank, _) if inside.touched => (BoxState::Ambiguous, 0.5),
            found => found,
        })
        .collect()
}

/// The level of blank boxes and its noise: from the lower half of the boxes that could be blank; nothing is assumed from fewer than four.
fn blank_level(shares: &[f64]) -> (f64, f64) {
    let mut low: Vec<f64> = shares.iter().copied().filter(|share| *share < MARK_MIN).collect();
    low.sort_by(f64::total_cmp);
    low.truncate(low.len().div_ceil(2));
    if low.len() < 4 {
        return (0.0, 0.0);
    }
    let middle = low[low.len() / 2];
    let noise = low[low.len() - 1] - low[0];
    (middle, noise)
}

fn state(share: f64, noise: f64) -> (BoxState, f32) {
    // On dirty paper blank boxes differ among themselves, and a faint mark has to stand out from that.
    let (blank, mark) = (BLANK_MAX + noise.min(0.02), MARK_MIN + 2.0 * noise.min(0.02));
    let margin = |distance: f64, range: f64| (0.9 + 0.1 * (distance / range).clamp(0.0, 1.0)) as f32;
    if share <= blank {
        (BoxState::Blank, margin(blank - share, blank))
    } else if (mark..MARK_MAX).contains(&share) {
        (BoxState::Marked, margin((share - mark).min(MARK_MAX - share), 0.05))
    } else if share >= FILLED_MIN {
        (BoxState::Cancelled, margin(share - FILLED_MIN, 0.1))
    } else {
        (BoxState::Ambiguous, 0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(shares: &[f64]) -> Vec<BoxState> {
        let boxes: Vec<Inside> = shares.iter().map(|&share| Inside { share, touched: false }).collect();
        judge(&boxes).into_iter().map(|(state, _)| state).collect()
    }

    #[test]
    fn the_four_states() {
        assert_eq!(states(&[0.0, 0.2, 0.9, 0.03, 0.7]), [BoxState::Blank, BoxState::Marked, BoxState::Cancelled, BoxState::Ambiguous, BoxState::Ambiguous]);
    }

    #[test]
    fn a_box_that_a_pencil_touched_is_not_blank() {
        let boxes = [(0.0, false), (0.01, true), (0.2, true)].map(|(share, touched)| Inside { share, touched });
        assert_eq!(judge(&boxes).into_iter().map(|(state, _)| state).collect::<Vec<_>>(), [BoxState::Blank, BoxState::Ambiguous, BoxState::Marked]);
    }

    #[test]
    fn on_grey_paper_the_blank_boxes_tell_what_blank_is() {
        let dirty = [0.03, 0.032, 0.031, 0.03, 0.033, 0.03, 0.034, 0.03, 0.25];
        let found = states(&dirty);
        assert!(found[..8].iter().all(|state| *state == BoxState::Blank), "{found:?}");
        assert_eq!(found[8], BoxState::Marked);
        assert_eq!(states(&dirty[..1]), [BoxState::Ambiguous]);
    }

    #[test]
    fn a_page_of_marks_does_not_make_marks_blank() {
        assert!(states(&[0.2; 8]).iter().all(|state| *state == BoxState::Marked));
        assert!(states(&[0.04; 3]).iter().all(|state| *state == BoxState::Ambiguous));
    }
}
