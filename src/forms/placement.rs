//! Whether what was laid out can be printed, found and read: zones on the page, off the marks, and off each other.

use super::complaint::Complaints;
use super::layout::{Laid, PAGE};
use crate::record::RectMm;

/// White paper around a mark, mm.
const QUIET_MARK: f64 = 2.0;
/// White paper around the page code, mm: four modules of 0.6 mm (ISO/IEC 18004).
const QUIET_CODE: f64 = 2.4;
/// Rounding is no overlap, mm.
const TOLERANCE: f64 = 0.005;

/// Complains of zones and placed texts that are where they cannot be.
pub(super) fn check(laid: &Laid, complaints: &mut Complaints) {
    let mut rooms: Vec<Room> = Vec::new();
    for (field, line) in laid.fields.iter().zip(&laid.lines) {
        for zone in &field.zones {
            let what = match &zone.option {
                Some(option) => format!("the box `{option}` of `{}`", field.name),
                None => format!("the zone of `{}`", field.name),
            };
            rooms.push(Room { page: zone.page, rect: zone.rect, line: *line, what });
        }
    }
    rooms.extend(laid.texts.iter().map(|(page, rect, line)| Room { page: *page, rect: *rect, line: *line, what: "a placed text".to_owned() }));
    for room in &rooms {
        room.on_its_page(laid, complaints);
    }
    for (index, room) in rooms.iter().enumerate() {
        for other in rooms[..index].iter().filter(|other| other.page == room.page && overlap(other.rect, room.rect)) {
            let message = format!("{} overlaps {} of line {}", room.what, other.what, other.line);
            complaints.add(room.line, message, "move one of them: nothing can be told apart that shares a place");
        }
    }
}

struct Room {
    page: u32,
    rect: RectMm,
    line: u32,
    what: String,
}

impl Room {
    fn on_its_page(&self, laid: &Laid, complaints: &mut Complaints) {
        let rect = self.rect;
        let beyond = [-rect.x(), -rect.y(), rect.x() + rect.w() - PAGE[0], rect.y() + rect.h() - PAGE[1]].into_iter().fold(0.0, f64::max);
        if beyond > TOLERANCE {
            let message = format!("{} goes {beyond:.1} mm over the edge of page {}", self.what, self.page);
            complaints.add(self.line, message, "move it, or make it smaller; a page is 210 x 297 mm");
        }
        let Some(page) = laid.pages.iter().find(|page| page.number == self.page) else { return };
        if page.fiducials.iter().any(|mark| overlap(mark.inset(-QUIET_MARK), rect)) {
            complaints.add(
                self.line,
                format!("{} is nearer than {QUIET_MARK} mm to a mark of page {}", self.what, self.page),
                "move it: the marks need white paper around them to be found",
            );
        }
        if page.code.is_some_and(|code| overlap(code.inset(-QUIET_CODE), rect)) {
            complaints.add(
                self.line,
                format!("{} is nearer than {QUIET_CODE} mm to the code of page {}", self.what, self.page),
                "move it: the code needs white paper around it to be read",
            );
        }
    }
}

/// Whether two rectangles share more than an edge.
fn overlap(one: RectMm, other: RectMm) -> bool {
    let shared = |from: f64, length: f64, from_other: f64, length_other: f64| (from + length).min(from_other + length_other) - from.max(from_other);
    shared(one.x(), one.w(), other.x(), other.w()) > TOLERANCE && shared(one.y(), one.h(), other.y(), other.h()) > TOLERANCE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_that_touch_do_not_overlap() {
        let one = RectMm::new(10.0, 10.0, 5.0, 5.0);
        assert!(!overlap(one, RectMm::new(15.0, 10.0, 5.0, 5.0)));
        assert!(!overlap(one, RectMm::new(10.0, 15.0, 5.0, 5.0)));
        assert!(overlap(one, RectMm::new(14.9, 14.9, 5.0, 5.0)));
        assert!(overlap(one, RectMm::new(11.0, 11.0, 1.0, 1.0)));
    }
}
