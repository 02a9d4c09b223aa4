//! What stands open with a kommune, as a letter speaks of it: what it asks, what it explains and what it sets side by side.

use super::groups::Group;
use crate::cases::{Places, Point, YearFacts};

/// The points of a letter.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Open {
    /// What the kommune is asked, in the order of the points.
    pub(super) asks: Vec<Point>,
    /// Whether the year must be named, because there are several.
    pub(super) name_years: bool,
    /// Whether the letter says that nationality and family are not the kommune's to choose.
    pub(super) who: bool,
    /// What is registered beside what was decided, a table a year.
    pub(super) registrations: Vec<Registration>,
}

/// What was decided and what is registered, for one year.
#[derive(Debug, PartialEq)]
pub(super) struct Registration {
    pub(super) year: Option<u16>,
    pub(super) rows: Vec<(Group, Option<u32>, u32)>,
}

impl Open {
    /// `years` are those that the vedtak decides for.
    pub(super) fn new(points: &[Point], years: &[u16]) -> Self {
        let mut open = Self { name_years: years.len() > 1, ..Self::default() };
        for point in points {
            open.take(point);
        }
        open
    }

    fn take(&mut self, point: &Point) {
        match point {
            Point::AnswerByHand { .. } => return,
            // Who is to be settled is not the kommune's to decide: that is answered, and not asked about.
            Point::Reservation { kind } if kind == "hvem" => {
                self.who = true;
                return;
            }
            Point::RegistrationDiffers { decided, registered } => {
                self.registrations.push(Registration::new(decided, registered));
                // One sentence asks for all years: each has its table.
                if self.registrations.len() > 1 {
                    return;
                }
            }
            _ => {}
        }
        if !self.asks.contains(point) {
            self.asks.push(point.clone());
        }
    }

    /// Whether the letter says nothing of any point.
    pub(super) fn is_empty(&self) -> bool {
        self.asks.is_empty() && !self.who
    }

    /// Whether the letter says that a vedtak is asked for without reservations.
    pub(super) fn no_reservations(&self) -> bool {
        self.asks.iter().any(|point| matches!(point, Point::Reservation { .. }))
    }

    /// Whether it says that those who need more services cannot be chosen away.
    pub(super) fn needs(&self) -> bool {
        self.asks.iter().any(|point| matches!(point, Point::Reservation { kind } if kind == "helse_tjenestebehov"))
    }

    /// Whether there is a rule to explain.
    pub(super) fn explains(&self) -> bool {
        self.no_reservations() || self.who
    }
}

impl Registration {
    /// The groups that either side counts. The minors are one row where the vedtak gives their sum only.
    fn new(decided: &YearFacts, registered: &Places) -> Self {
        let summed = decided.minors.is_some() && !(decided.minors_15_18.is_some() && decided.minors_under_15.is_some());
        let minors: &[Group] = if summed { &[Group::Minors] } else { &[Group::Minors1518, Group::MinorsUnder15] };
        let stated = |group: Group| match group {
            Group::Total => decided.total.or_else(|| decided.parts()),
            group => group.of(decided),
        };
        let groups = [Group::AdultsFamilies].into_iter().chain(minors.iter().copied()).chain([Group::Total]);
        let rows = groups.map(|group| (group, stated(group), group.places(registered)));
        Self { year: decided.year, rows: rows.filter(|(_, decided, registered)| decided.is_some() || *registered > 0).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reservation(kind: &str) -> Point {
        Point::Reservation { kind: kind.into() }
    }

    #[test]
    fn what_is_answered_or_internal_is_not_asked() {
        let open = Open::new(&[Point::AnswerByHand { now_total: None, replaces: None }, reservation("hvem")], &[2026]);
        assert_eq!(open, Open { who: true, ..Open::default() });
        assert!(!open.is_empty() && open.explains());
        assert!(Open::new(&[Point::AnswerByHand { now_total: None, replaces: None }], &[2026]).is_empty());
    }

    #[test]
    fn the_same_point_is_asked_once() {
        let open = Open::new(&[Point::FamilyIncluded, reservation("annet"), Point::FamilyIncluded], &[2026, 2027]);
        assert_eq!(open.asks, [Point::FamilyIncluded, reservation("annet")]);
        assert!(open.name_years && open.no_reservations() && !open.needs());
    }

    #[test]
    fn a_registration_is_set_beside_what_was_decided() {
        let registered = Places { adults_families: 20, minors_15_18: 2, minors_under_15: 0 };
        let sum = YearFacts { year: Some(2026), adults_families: Some(20), minors: Some(5), ..YearFacts::default() };
        let rows = Registration::new(&sum, &registered).rows;
        assert_eq!(rows, [(Group::AdultsFamilies, Some(20), 20), (Group::Minors, Some(5), 2), (Group::Total, Some(25), 22)]);
        let total = YearFacts { year: Some(2026), total: Some(25), ..YearFacts::default() };
        let rows = Registration::new(&total, &registered).rows;
        assert_eq!(rows, [(Group::AdultsFamilies, None, 20), (Group::Minors1518, None, 2), (Group::Total, Some(25), 22)]);
    }

    #[test]
    fn several_years_of_registration_are_one_request_with_a_table_each() {
        let point = |year| Point::RegistrationDiffers {
            decided: YearFacts { year: Some(year), total: Some(9), ..YearFacts::default() },
            registered: Places::default(),
        };
        let open = Open::new(&[point(2026), point(2027)], &[2026, 2027]);
        assert_eq!(open.asks, [point(2026)]);
        assert_eq!(open.registrations.iter().map(|table| table.year).collect::<Vec<_>>(), [Some(2026), Some(2027)]);
    }
}
