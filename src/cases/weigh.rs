//! A vedtak held against what is known of its kommune: what was asked for, what was decided before, what is registered in IMDinett.
//!
//! Pure. What does not agree becomes a [`Point`]; those that put the number itself in doubt are findings too, and keep the record with a person.

use std::collections::BTreeMap;

use super::anmodning::Places;
use super::facts::{Answer, Facts, Family, YearFacts};
use super::points::Point;
use crate::document::OurRef;

/// What a vedtak is to those that came before it from the same kommune for the same year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// The first one.
    First,
    /// It takes the place of what was decided before.
    Replaces,
    /// It comes on top of it.
    Adds,
    /// It says nothing new: a copy, or the same decision once more.
    Repeats,
}

impl Relation {
    const ALL: [Self; 4] = [Self::First, Self::Replaces, Self::Adds, Self::Repeats];

    /// The code as it is stored and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Replaces => "replaces",
            Self::Adds => "adds",
            Self::Repeats => "repeats",
        }
    }

    /// The relation a stored code stands for.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.as_str() == code)
    }
}

/// A vedtak that is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// Our reference of it.
    pub our_ref: OurRef,
    /// What it is to those before it.
    pub relation: Relation,
    /// What it says.
    pub facts: Facts,
}

/// What is known of a kommune.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// What it was asked for, by year.
    pub asked: BTreeMap<u16, Places>,
    /// What it has decided, by year, oldest first.
    pub decided: BTreeMap<u16, Vec<Registered>>,
    /// What it has registered in IMDinett, by year.
    pub registered: BTreeMap<u16, Places>,
}

impl Known {
    /// The vedtak that counts for a year, and what came on top of it.
    fn in_force(&self, year: u16) -> &[Registered] {
        let all = self.decided.get(&year).map_or(&[][..], Vec::as_slice);
        let base = all.iter().rposition(|one| matches!(one.relation, Relation::First | Relation::Replaces)).unwrap_or(0);
        &all[base.min(all.len())..]
    }

    /// What is decided for a year in all: the vedtak in force and what came on top of it. A group that a supplement does not state is not known any more.
    #[must_use]
    pub fn standing(&self, year: u16) -> Option<YearFacts> {
        let mut in_force = self.in_force(year).iter().filter(|one| one.relation != Relation::Repeats);
        let mut whole = in_force.next()?.facts.of_year(year)?;
        for added in in_force {
            whole = match (added.facts.of_year(year).filter(|stated| stated.total.is_some()), added.facts.extra) {
                (Some(stated), _) => stated,
                (None, Some(extra)) => YearFacts { year: whole.year, total: whole.total.and_then(|total| total.checked_add(extra)), ..YearFacts::default() },
                (None, None) => whole,
            };
        }
        Some(whole)
    }
}

/// What a vedtak comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weighed {
    /// The years that it says something of: a number, a refusal, a sum over several years. Others that it names are not answered by it.
    pub years: Vec<u16>,
    /// What it is to those before it; none for a case that is put off, which decides nothing.
    pub relation: Option<Relation>,
    /// What is to be followed up.
    pub points: Vec<Point>,
    /// With a number on top: what is decided in all for the first year, if that is known.
    pub now_total: Option<u32>,
    /// The vedtak that this one takes the place of.
    pub replaces: Option<OurRef>,
}

/// Holds a vedtak against what is known.
#[must_use]
pub fn weigh(facts: &Facts, known: &Known) -> Weighed {
    let years: Vec<u16> = facts.years().into_iter().filter(|year| says_something(facts, *year)).collect();
    let before: Vec<&Registered> = years.iter().filter_map(|year| known.in_force(*year).last()).collect();
    let relation = match facts.answer {
        Some(Answer::Postponed) => None,
        _ if facts.extra.is_some() => {
            Some(if years.iter().any(|year| added_before(facts, known, *year).is_some_and(|same| same.sure)) { Relation::Repeats } else { Relation::Adds })
        }
        _ if before.is_empty() => Some(Relation::First),
        _ if years.iter().all(|year| known.in_force(*year).iter().any(|earlier| says_no_more(facts, &earlier.facts, *year))) => Some(Relation::Repeats),
        _ => Some(Relation::Replaces),
    };
    let mut weighed = Weighed { years: years.clone(), relation, points: Vec::new(), now_total: None, replaces: None };
    match relation {
        None => weighed.points.push(Point::Postponed { treated: facts.treated }),
        Some(Relation::Repeats) => return weighed,
        Some(Relation::Adds) => add(facts, known, &mut weighed),
        Some(Relation::First | Relation::Replaces) => {
            weighed.points.extend(years.iter().filter_map(|year| differs(facts, known, *year)));
            weighed.replaces = before.first().filter(|_| relation == Some(Relation::Replaces)).map(|earlier| earlier.our_ref);
        }
    }
    weighed.points.extend(before.iter().find_map(|earlier| older(facts, earlier)));
    for year in &years {
        let decided = if facts.extra.is_some() { weighed.now_total } else { decided(facts, *year) };
        weighed.points.extend(against_request(facts, known, *year, decided));
        let in_all = facts.extra.is_some().then_some(YearFacts { year: Some(*year), total: weighed.now_total, ..YearFacts::default() });
        weighed.points.extend(in_all.or_else(|| facts.of_year(*year)).and_then(|decided| against_registration(known, decided)));
    }
    if facts.family == Some(Family::Included) {
        weighed.points.push(Point::FamilyIncluded);
    }
    let mut kinds = facts.reservations.clone();
    kinds.sort();
    kinds.dedup();
    weighed.points.extend(kinds.into_iter().map(|kind| Point::Reservation { kind }));
    weighed
}

/// Whether a vedtak says something of a year that it names.
fn says_something(facts: &Facts, year: u16) -> bool {
    let whole = facts.period_total.is_some() || matches!(facts.answer, Some(Answer::Refuses | Answer::Postponed));
    let on_top = facts.extra.is_some() && facts.years().first() == Some(&year);
    whole || on_top || facts.of_year(year).is_some()
}

/// What is decided for a year in all: a refusal is none.
fn decided(facts: &Facts, year: u16) -> Option<u32> {
    let stated = facts.of_year(year).and_then(|stated| stated.total);
    stated.or((facts.answer == Some(Answer::Refuses)).then_some(0))
}

/// Whether a vedtak says nothing of a year that an earlier one did not say.
fn says_no_more(now: &Facts, earlier: &Facts, year: u16) -> bool {
    fn known<T: PartialEq>(now: Option<&T>, earlier: Option<&T>) -> bool {
        now.is_none() || now == earlier
    }
    let numbers = |facts: &Facts| facts.of_year(year).unwrap_or_default();
    let (here, there) = (numbers(now), numbers(earlier));
    let groups = [
        (decided(now, year), decided(earlier, year)),
        (here.adults_families, there.adults_families),
        (here.minors_15_18, there.minors_15_18),
        (here.minors_under_15, there.minors_under_15),
        (here.all_minors(), there.all_minors()),
        (now.period_total, earlier.period_total),
    ];
    groups.iter().all(|(now, earlier)| known(now.as_ref(), earlier.as_ref()))
        && known(now.decided.as_ref(), earlier.decided.as_ref())
        && known(now.family.as_ref(), earlier.family.as_ref())
        && known(now.more_if_needed.as_ref(), earlier.more_if_needed.as_ref())
        && now.limit == earlier.limit
        && (earlier.has_reason || !now.has_reason)
        && now.reservations == earlier.reservations
}

/// Another number than before: a person must say whether the new one takes the place of the old.
fn differs(facts: &Facts, known: &Known, year: u16) -> Option<Point> {
    let (standing, earlier) = (known.standing(year)?, known.in_force(year).last()?);
    let refused = earlier.facts.answer == Some(Answer::Refuses);
    let before = standing.total.or(refused.then_some(0))?;
    let now = decided(facts, year)?;
    if before != now {
        return Some(Point::EarlierDiffers { year, earlier: before, now, earlier_ref: earlier.our_ref });
    }
    let here = facts.of_year(year).unwrap_or_default();
    let groups = [
        (standing.adults_families, here.adults_families),
        (standing.minors_15_18, here.minors_15_18),
        (standing.minors_under_15, here.minors_under_15),
        (standing.all_minors(), here.all_minors()),
    ];
    let contradicts = groups.iter().any(|pair| matches!(pair, (Some(before), Some(now)) if before != now));
    contradicts.then_some(Point::GroupsDiffer { year, earlier_ref: earlier.our_ref })
}

/// Made before the one that counts: it may have been sent late, or the year may be misread.
fn older(facts: &Facts, earlier: &Registered) -> Option<Point> {
    let (decided, in_force) = (facts.decided?, earlier.facts.decided?);
    (decided < in_force).then_some(Point::Older { decided, in_force, earlier_ref: earlier.our_ref })
}

/// A number on top that is registered already.
struct AddedBefore {
    our_ref: OurRef,
    /// The same day or the same political case: it is the same decision.
    sure: bool,
}

/// Whether the same number on top is registered for a year, and not as another decision by its date.
fn added_before(facts: &Facts, known: &Known, year: u16) -> Option<AddedBefore> {
    let same_number = |earlier: &&Registered| earlier.relation == Relation::Adds && earlier.facts.extra == facts.extra;
    let alike = known.in_force(year).iter().filter(same_number).filter_map(|earlier| {
        let same_day = facts.decided.zip(earlier.facts.decided).map(|(now, before)| now == before);
        let same_case = facts.political_case.as_ref().zip(earlier.facts.political_case.as_ref()).map(|(now, before)| now == before);
        let other = same_day == Some(false) || same_case == Some(false);
        (!other).then_some(AddedBefore { our_ref: earlier.our_ref, sure: same_day.or(same_case) == Some(true) })
    });
    alike.max_by_key(|same| same.sure)
}

fn add(facts: &Facts, known: &Known, weighed: &mut Weighed) {
    let (Some(extra), Some(year)) = (facts.extra, facts.years().first().copied()) else { return };
    let stated = facts.of_year(year).and_then(|stated| stated.total);
    let Some(standing) = known.standing(year) else {
        weighed.points.push(Point::NoEarlier { year, extra });
        weighed.now_total = stated;
        return;
    };
    if let Some(same) = added_before(facts, known, year) {
        weighed.points.push(Point::SupplementTwice { year, extra, earlier_ref: same.our_ref });
    }
    let sum = standing.total.and_then(|earlier| earlier.checked_add(extra));
    if let (Some(earlier), Some(sum), Some(total)) = (standing.total, sum, stated)
        && sum != total
    {
        weighed.points.push(Point::SupplementSum { year, earlier, extra, total });
    }
    weighed.now_total = stated.or(sum);
}

/// Against what was asked for. What the kommune says that it was asked for counts where nothing is registered.
fn against_request(facts: &Facts, known: &Known, year: u16, decided: Option<u32>) -> Vec<Point> {
    let stated = facts.asked.filter(|_| facts.years().first() == Some(&year));
    let registered = known.asked.get(&year).map(Places::total);
    let mut points = Vec::new();
    if let (Some(stated), Some(asked)) = (stated, registered)
        && stated != asked
    {
        points.push(Point::AskedDiffers { year, stated, asked });
    }
    if let (Some(asked), Some(decided), false) = (registered.or(stated), decided, facts.has_reason)
        && decided < asked
    {
        points.push(Point::Reason { year, asked, decided });
    }
    points
}

/// Against what is registered in IMDinett: every number that the vedtak states must be the one that is registered.
fn against_registration(known: &Known, decided: YearFacts) -> Option<Point> {
    let registered = *known.registered.get(&decided.year?)?;
    let pairs = [
        (decided.total, registered.total()),
        (decided.adults_families, registered.adults_families),
        (decided.minors_15_18, registered.minors_15_18),
        (decided.minors_under_15, registered.minors_under_15),
        (decided.all_minors(), registered.minors()),
    ];
    let differs = pairs.iter().any(|(stated, registered)| stated.is_some_and(|stated| stated != *registered));
    differs.then_some(Point::RegistrationDiffers { decided, registered })
}

/// Holds what is registered in IMDinett for a year against what is decided in all. None when they agree or nothing is decided.
#[must_use]
pub fn reconcile(known: &Known, year: u16) -> Option<Point> {
    against_registration(known, YearFacts { year: Some(year), ..known.standing(year)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::date;
    use crate::record::{Content, Ordinary, Value};

    fn facts(values: &[(&str, Value)]) -> Facts {
        let mut facts = Facts::default();
        for (name, value) in values {
            facts.take(name, &Ordinary(Content { value: Some(value.clone()), text: None, raw: None }));
        }
        facts
    }

    fn total(number: i64) -> Facts {
        facts(&[("aar", Value::Years(vec![2026])), ("vedtatt_totalt", Value::Integer(number))])
    }

    fn more(number: i64) -> Facts {
        facts(&[("aar", Value::Years(vec![2026])), ("tilleggsvedtak", Value::Integer(number))])
    }

    fn our_ref(document: u32) -> OurRef {
        OurRef { year: 2026, case: 12, document }
    }

    fn known(decided: &[(Relation, Facts)]) -> Known {
        let registered =
            |(number, (relation, facts)): (u32, &(Relation, Facts))| Registered { our_ref: our_ref(number), relation: *relation, facts: facts.clone() };
        Known { decided: BTreeMap::from([(2026, (1..).zip(decided).map(registered).collect())]), ..Known::default() }
    }

    fn asked(places: Places, mut known: Known) -> Known {
        known.asked.insert(2026, places);
        known
    }

    const THIRTY_FIVE: Places = Places { adults_families: 30, minors_15_18: 4, minors_under_15: 1 };

    #[test]
    fn the_first_vedtak_that_gives_what_was_asked_for_raises_nothing() {
        let weighed = weigh(&total(35), &asked(THIRTY_FIVE, Known::default()));
        assert_eq!(weighed, Weighed { years: vec![2026], relation: Some(Relation::First), points: vec![], now_total: None, replaces: None });
    }

    #[test]
    fn a_lower_number_needs_a_reason() {
        let known = asked(THIRTY_FIVE, Known::default());
        assert_eq!(weigh(&total(31), &known).points, [Point::Reason { year: 2026, asked: 35, decided: 31 }]);
        let mut given = total(31);
        given.has_reason = true;
        assert_eq!(weigh(&given, &known).points, []);
        let refused = facts(&[("aar", Value::Years(vec![2026])), ("svar", Value::Text("avslaar".into()))]);
        assert_eq!(weigh(&refused, &known).points, [Point::Reason { year: 2026, asked: 35, decided: 0 }]);
        // Nothing is registered: what the kommune quotes counts.
        let quoted = facts(&[("aar", Value::Years(vec![2026])), ("vedtatt_totalt", Value::Integer(5)), ("anmodet_totalt", Value::Integer(9))]);
        assert_eq!(weigh(&quoted, &Known::default()).points, [Point::Reason { year: 2026, asked: 9, decided: 5 }]);
        assert_eq!(weigh(&quoted, &known).points[0], Point::AskedDiffers { year: 2026, stated: 9, asked: 35 });
    }

    #[test]
    fn another_number_than_before_is_a_question() {
        let known = known(&[(Relation::First, total(31))]);
        let weighed = weigh(&total(28), &known);
        assert_eq!(weighed.relation, Some(Relation::Replaces));
        assert_eq!(weighed.replaces, Some(our_ref(1)));
        assert_eq!(weighed.points, [Point::EarlierDiffers { year: 2026, earlier: 31, now: 28, earlier_ref: our_ref(1) }]);
        assert_eq!(weigh(&total(31), &known).relation, Some(Relation::Repeats));
        // Saying more of the same number is no contradiction; saying otherwise of a group is one.
        let split = |minors| facts(&[("aar", Value::Years(vec![2026])), ("vedtatt_totalt", Value::Integer(31)), ("vedtatt_em_totalt", Value::Integer(minors))]);
        assert_eq!(weigh(&split(3), &known).points, []);
        assert_eq!(weigh(&split(3), &known).relation, Some(Relation::Replaces));
        let known = super::tests::known(&[(Relation::First, split(3))]);
        assert_eq!(weigh(&split(2), &known).points, [Point::GroupsDiffer { year: 2026, earlier_ref: our_ref(1) }]);
        assert_eq!(weigh(&total(31), &known).relation, Some(Relation::Repeats), "it says less, and nothing else");
    }

    #[test]
    fn a_supplement_adds_to_what_counts() {
        let once = known(&[(Relation::First, total(31)), (Relation::Replaces, total(28)), (Relation::Adds, more(5))]);
        assert_eq!(once.standing(2026).and_then(|standing| standing.total), Some(33));
        let weighed = weigh(&more(4), &once);
        assert_eq!((weighed.relation, weighed.now_total, weighed.points), (Some(Relation::Adds), Some(37), vec![]));
        assert_eq!(weigh(&more(4), &Known::default()).points, [Point::NoEarlier { year: 2026, extra: 4 }]);
        let wrong = facts(&[("aar", Value::Years(vec![2026])), ("tilleggsvedtak", Value::Integer(4)), ("vedtatt_totalt", Value::Integer(40))]);
        assert_eq!(weigh(&wrong, &once).points, [Point::SupplementSum { year: 2026, earlier: 33, extra: 4, total: 40 }]);
        // What was asked for is held against the sum.
        assert_eq!(
            weigh(&more(4), &asked(Places { adults_families: 40, ..Places::default() }, once)).points,
            [Point::Reason { year: 2026, asked: 40, decided: 37 }]
        );
    }

    #[test]
    fn a_number_on_top_is_not_added_twice() {
        let dated = |on| {
            let mut facts = more(5);
            facts.decided = on;
            facts
        };
        let once = |on| known(&[(Relation::First, total(31)), (Relation::Adds, dated(on))]);
        let day = Some(date(2026, 4, 9));
        assert_eq!(weigh(&dated(day), &once(day)).relation, Some(Relation::Repeats));
        assert_eq!(weigh(&dated(None), &once(day)).points, [Point::SupplementTwice { year: 2026, extra: 5, earlier_ref: our_ref(2) }]);
        let another = weigh(&dated(Some(date(2026, 9, 10))), &once(day));
        assert_eq!((another.relation, another.now_total, another.points), (Some(Relation::Adds), Some(41), vec![]));
    }

    #[test]
    fn a_vedtak_from_before_the_one_that_counts_is_a_question() {
        let made = |number, on| {
            let mut facts = total(number);
            facts.decided = Some(on);
            facts
        };
        let known = known(&[(Relation::First, made(31, date(2026, 2, 12)))]);
        let points = weigh(&made(28, date(2025, 12, 11)), &known).points;
        assert!(points.contains(&Point::Older { decided: date(2025, 12, 11), in_force: date(2026, 2, 12), earlier_ref: our_ref(1) }), "{points:?}");
        assert_eq!(weigh(&made(31, date(2026, 2, 12)), &known).relation, Some(Relation::Repeats));
        assert_eq!(weigh(&made(31, date(2026, 3, 12)), &known).relation, Some(Relation::Replaces), "a new decision with the same number");
    }

    #[test]
    fn a_case_that_is_put_off_decides_nothing() {
        let put_off = facts(&[("aar", Value::Years(vec![2026])), ("svar", Value::Text("utsatt".into())), ("behandles_dato", Value::Text("2026-03-26".into()))]);
        let weighed = weigh(&put_off, &asked(THIRTY_FIVE, Known::default()));
        assert_eq!((weighed.relation, weighed.points), (None, vec![Point::Postponed { treated: Some(date(2026, 3, 26)) }]));
    }

    #[test]
    fn what_is_not_allowed_is_followed_up() {
        let mut vedtak = total(35);
        vedtak.family = Some(Family::Included);
        vedtak.reservations = vec!["hvem".into(), "bolig_kapasitet".into(), "hvem".into()];
        let kind = |kind: &str| Point::Reservation { kind: kind.into() };
        assert_eq!(weigh(&vedtak, &Known::default()).points, [Point::FamilyIncluded, kind("bolig_kapasitet"), kind("hvem")]);
    }

    #[test]
    fn imdinett_is_held_against_what_is_stated() {
        let mut known = known(&[(Relation::First, total(35))]);
        assert_eq!(reconcile(&known, 2026), None);
        known.registered.insert(2026, THIRTY_FIVE);
        assert_eq!(reconcile(&known, 2026), None, "the vedtak states the total alone");
        known.registered.insert(2026, Places { adults_families: 30, ..Places::default() });
        assert!(matches!(reconcile(&known, 2026), Some(Point::RegistrationDiffers { decided: YearFacts { total: Some(35), .. }, .. })));
        assert!(matches!(weigh(&total(34), &known).points.as_slice(), [Point::EarlierDiffers { .. }, Point::RegistrationDiffers { .. }]));
    }

    #[test]
    fn each_year_is_held_against_its_own() {
        let row = |year: i64, total: i64| [("aar".to_owned(), serde_json::json!(year)), ("totalt".to_owned(), serde_json::json!(total))].into();
        let two = facts(&[("aar", Value::Years(vec![2026, 2027])), ("per_aar", Value::Rows(vec![row(2026, 35), row(2027, 20)]))]);
        let mut known = asked(THIRTY_FIVE, Known::default());
        known.asked.insert(2027, THIRTY_FIVE);
        assert_eq!(weigh(&two, &known).points, [Point::Reason { year: 2027, asked: 35, decided: 20 }]);
        // A year that is named, and of which nothing is said, is not answered.
        let first = facts(&[("aar", Value::Years(vec![2026, 2027])), ("vedtatt_totalt", Value::Integer(35))]);
        assert_eq!(weigh(&first, &known).years, [2026]);
        let period = facts(&[("aar", Value::Years(vec![2026, 2027])), ("periode_totalt", Value::Integer(70))]);
        assert_eq!(weigh(&period, &known).years, [2026, 2027]);
    }
}
