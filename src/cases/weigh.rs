//! A vedtak held against what is known of its kommune: what was asked for, what was decided before, what is registered in IMDinett.
//!
//! Pure. What does not agree becomes a [`Point`]; those that put the number itself in doubt are findings too, and keep the record with a person.

use std::collections::BTreeMap;

use super::anmodning::Places;
use super::facts::{Answer, Facts, Family, YearFacts};
use super::points::Point;
use crate::clock::Date;
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
    /// It says nothing new, or a person has said that it does not count.
    Repeats,
    /// It was registered before there was a register to weigh it against.
    Unweighed,
}

impl Relation {
    const ALL: [Self; 5] = [Self::First, Self::Replaces, Self::Adds, Self::Repeats, Self::Unweighed];

    /// The code as it is stored and printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Replaces => "replaces",
            Self::Adds => "adds",
            Self::Repeats => "repeats",
            Self::Unweighed => "unweighed",
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
    /// By when it was to answer, by year.
    pub answer_by: BTreeMap<u16, Date>,
}

impl Known {
    /// The vedtak that counts for a year, and what came on top of it. What only repeats does not count.
    fn in_force(&self, year: u16) -> Vec<&Registered> {
        let all: Vec<&Registered> = self.decided.get(&year).into_iter().flatten().filter(|one| one.relation != Relation::Repeats).collect();
        let base = all.iter().rposition(|one| one.relation != Relation::Adds).unwrap_or(0);
        all[base.min(all.len())..].to_vec()
    }

    /// What is decided for a year in all: the vedtak in force and what came on top of it; none when nothing is. A total or a group is none where it is not
    /// known: a supplement that does not state a group leaves it open.
    #[must_use]
    pub fn standing(&self, year: u16) -> Option<YearFacts> {
        let in_force = self.in_force(year);
        let (base, added) = in_force.split_first()?;
        let mut whole = YearFacts { year: Some(year), total: decided(&base.facts, year), ..base.facts.of_year(year).unwrap_or_default() };
        for added in added {
            whole = match (added.facts.of_year(year).filter(|stated| stated.total.is_some()), added.facts.extra) {
                (Some(stated), _) => stated,
                (None, Some(extra)) => YearFacts { year: Some(year), total: whole.total.and_then(|total| total.checked_add(extra)), ..YearFacts::default() },
                (None, None) => YearFacts { year: Some(year), ..YearFacts::default() },
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
    /// Whether IMDinett has the same for each of its years.
    pub registered_alike: bool,
}

/// Holds a vedtak against what is known.
#[must_use]
pub fn weigh(facts: &Facts, known: &Known) -> Weighed {
    let years: Vec<u16> = facts.years().into_iter().filter(|year| says_something(facts, *year)).collect();
    let before: Vec<&Registered> = years.iter().flat_map(|year| known.in_force(*year)).collect();
    let repeats = |year: &u16| known.in_force(*year).iter().any(|earlier| says_no_more(facts, &earlier.facts, *year));
    let relation = match facts.answer {
        Some(Answer::Postponed) => None,
        _ if facts.extra.is_some() => Some(Relation::Adds),
        _ if before.is_empty() => Some(Relation::First),
        _ if years.iter().all(repeats) => Some(Relation::Repeats),
        _ => Some(Relation::Replaces),
    };
    let mut weighed = Weighed { years: years.clone(), relation, points: Vec::new(), now_total: None, replaces: None, registered_alike: false };
    match relation {
        None => weighed.points.push(Point::Postponed { treated: facts.treated }),
        Some(Relation::Adds) => add(facts, known, &mut weighed),
        Some(Relation::Replaces) => {
            weighed.points.extend(years.iter().filter_map(|year| differs(facts, known, *year)));
            weighed.replaces = before.first().map(|earlier| earlier.our_ref);
        }
        Some(Relation::First | Relation::Repeats | Relation::Unweighed) => {}
    }
    if weighed.relation == Some(Relation::Repeats) {
        return weighed;
    }
    weighed.points.extend(older(facts, &before));
    let mut alike = !years.is_empty();
    for year in &years {
        let decided = if facts.extra.is_some() { weighed.now_total } else { decided(facts, *year) };
        weighed.points.extend(against_request(facts, known, *year, decided));
        let groups = facts.of_year(*year).filter(|_| facts.extra.is_none()).unwrap_or_default();
        match against_registration(known, YearFacts { year: Some(*year), total: decided, ..groups }) {
            Agreement::Agrees => {}
            Agreement::Unknown => alike = false,
            Agreement::Differs(point) => {
                alike = false;
                weighed.points.push(point);
            }
        }
    }
    weighed.registered_alike = alike && relation.is_some();
    if facts.family == Some(Family::Included) {
        weighed.points.push(Point::FamilyIncluded);
    }
    let mut kinds = facts.reservations.clone();
    kinds.sort();
    kinds.dedup();
    weighed.points.extend(kinds.into_iter().map(|kind| Point::Reservation { kind }));
    weighed
}

/// Holds what is decided for a year against what was asked for: for an anmodning that was entered, or corrected, after the vedtak.
#[must_use]
pub fn hold_against_request(known: &Known, year: u16) -> Vec<Point> {
    let (Some(standing), Some(base)) = (known.standing(year), known.in_force(year).first().copied()) else { return Vec::new() };
    against_request(&base.facts, known, year, standing.total)
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

/// Another number than before, or one that cannot be held against it: a person must say which applies.
fn differs(facts: &Facts, known: &Known, year: u16) -> Option<Point> {
    let in_force = known.in_force(year);
    let (standing, earlier_ref) = (known.standing(year)?, in_force.first()?.our_ref);
    let weighed = in_force[0].relation != Relation::Adds && in_force.iter().all(|one| one.relation != Relation::Unweighed);
    match (standing.total, decided(facts, year)) {
        (Some(before), Some(now)) if weighed && before != now => return Some(Point::EarlierDiffers { year, earlier: before, now, earlier_ref }),
        (Some(_), Some(_)) if weighed => {}
        _ => return Some(Point::Incomparable { year, earlier_ref }),
    }
    let here = facts.of_year(year).unwrap_or_default();
    let groups = [
        (standing.adults_families, here.adults_families),
        (standing.minors_15_18, here.minors_15_18),
        (standing.minors_under_15, here.minors_under_15),
        (standing.all_minors(), here.all_minors()),
    ];
    let contradicts = groups.iter().any(|pair| matches!(pair, (Some(before), Some(now)) if before != now));
    contradicts.then_some(Point::GroupsDiffer { year, earlier_ref })
}

/// Made before the one that counts: it may have been sent late, or the year may be misread.
fn older(facts: &Facts, before: &[&Registered]) -> Option<Point> {
    let decided = facts.decided?;
    let newest = before.iter().filter_map(|earlier| Some((earlier.facts.decided?, earlier.our_ref))).max_by_key(|(in_force, _)| *in_force);
    newest.filter(|(in_force, _)| decided < *in_force).map(|(in_force, earlier_ref)| Point::Older { decided, in_force, earlier_ref })
}

/// The same number on top, registered already, and not another decision by its date or its case.
fn added_before(facts: &Facts, known: &Known, year: u16) -> Option<OurRef> {
    let same = |earlier: &&Registered| {
        let other_day = facts.decided.zip(earlier.facts.decided).is_some_and(|(now, before)| now != before);
        let other_case = facts.political_case.as_ref().zip(earlier.facts.political_case.as_ref()).is_some_and(|(now, before)| now != before);
        earlier.relation == Relation::Adds && earlier.facts.extra == facts.extra && !other_day && !other_case
    };
    known.decided.get(&year).into_iter().flatten().find(same).map(|earlier| earlier.our_ref)
}

fn add(facts: &Facts, known: &Known, weighed: &mut Weighed) {
    let (Some(extra), Some(year)) = (facts.extra, facts.years().first().copied()) else { return };
    if facts.years().len() > 1 {
        weighed.points.push(Point::SupplementYears { extra });
    }
    let stated = facts.of_year(year).and_then(|stated| stated.total);
    if let Some(earlier_ref) = added_before(facts, known, year) {
        weighed.points.push(Point::SupplementTwice { year, extra, earlier_ref });
    }
    let Some(standing) = known.standing(year) else {
        weighed.points.push(Point::NoEarlier { year, extra });
        weighed.now_total = stated;
        return;
    };
    let sum = standing.total.and_then(|earlier| earlier.checked_add(extra));
    match (standing.total, sum, stated) {
        (Some(earlier), Some(sum), Some(total)) if sum != total => weighed.points.push(Point::SupplementSum { year, earlier, extra, total }),
        (Some(_), Some(_), _) => {}
        _ => weighed.points.extend(known.in_force(year).first().map(|earlier| Point::Incomparable { year, earlier_ref: earlier.our_ref })),
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

/// How a vedtak and what is registered in IMDinett stand to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agreement {
    /// The total, and every group that is stated, is the same.
    Agrees,
    /// Something is not.
    Differs(Point),
    /// There is nothing to compare: no registration, no vedtak, or no total.
    Unknown,
}

/// Against what is registered in IMDinett: every number that is stated must be the one that is registered.
fn against_registration(known: &Known, decided: YearFacts) -> Agreement {
    let Some(registered) = decided.year.and_then(|year| known.registered.get(&year)).copied() else { return Agreement::Unknown };
    let pairs = [
        (decided.total, registered.total()),
        (decided.adults_families, registered.adults_families),
        (decided.minors_15_18, registered.minors_15_18),
        (decided.minors_under_15, registered.minors_under_15),
        (decided.all_minors(), registered.minors()),
    ];
    if pairs.iter().any(|(stated, registered)| stated.is_some_and(|stated| stated != *registered)) {
        return Agreement::Differs(Point::RegistrationDiffers { decided, registered });
    }
    if decided.total.is_some() { Agreement::Agrees } else { Agreement::Unknown }
}

/// Holds what is registered in IMDinett for a year against what is decided in all.
#[must_use]
pub fn reconcile(known: &Known, year: u16) -> Agreement {
    known.standing(year).map_or(Agreement::Unknown, |standing| against_registration(known, standing))
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
        assert_eq!(
            weighed,
            Weighed { years: vec![2026], relation: Some(Relation::First), points: vec![], now_total: None, replaces: None, registered_alike: false }
        );
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
        let twice = [Point::SupplementTwice { year: 2026, extra: 5, earlier_ref: our_ref(2) }];
        assert_eq!(weigh(&dated(day), &once(day)).points, twice);
        assert_eq!(weigh(&dated(None), &once(day)).points, twice);
        // Also when a vedtak with the sum has come in between.
        let whole = known(&[(Relation::First, total(31)), (Relation::Adds, dated(day)), (Relation::Replaces, total(36))]);
        assert_eq!(weigh(&dated(day), &whole).points, twice);
        let another = weigh(&dated(Some(date(2026, 9, 10))), &once(day));
        assert_eq!((another.relation, another.now_total, another.points), (Some(Relation::Adds), Some(41), vec![]));
        let mut years = more(5);
        years.take("aar", &Ordinary(Content { value: Some(Value::Years(vec![2026, 2027])), text: None, raw: None }));
        assert_eq!(weigh(&years, &known(&[(Relation::First, total(31))])).points, [Point::SupplementYears { extra: 5 }]);
        assert_eq!(weigh(&years, &known(&[(Relation::First, total(31))])).years, [2026]);
    }

    #[test]
    fn what_cannot_be_compared_is_a_question() {
        let refused = || facts(&[("aar", Value::Years(vec![2026])), ("svar", Value::Text("avslaar".into()))]);
        let period = |number| facts(&[("aar", Value::Years(vec![2026])), ("periode_totalt", Value::Integer(number))]);
        let incomparable = [Point::Incomparable { year: 2026, earlier_ref: our_ref(1) }];
        let first = |facts| known(&[(Relation::First, facts)]);
        assert_eq!(weigh(&total(31), &first(refused())).points, [Point::EarlierDiffers { year: 2026, earlier: 0, now: 31, earlier_ref: our_ref(1) }]);
        assert_eq!(weigh(&more(4), &first(refused())).now_total, Some(4), "on top of nothing");
        assert_eq!(weigh(&period(80), &first(period(70))).points, incomparable);
        assert_eq!(weigh(&period(80), &first(total(35))).points, incomparable);
        assert_eq!(weigh(&total(31), &known(&[(Relation::Adds, more(4))])).points, incomparable, "nobody knows whether it is within");
        assert_eq!(weigh(&more(4), &first(period(70))).points, incomparable);
        assert_eq!(weigh(&total(31), &known(&[(Relation::Unweighed, total(28))])).points, incomparable);
        assert_eq!(weigh(&total(31), &known(&[(Relation::Unweighed, total(31))])).relation, Some(Relation::Repeats));
        // What a person said does not count is not what the next is held against.
        assert_eq!(weigh(&total(31), &known(&[(Relation::First, total(31)), (Relation::Repeats, total(20))])).relation, Some(Relation::Repeats));
    }

    #[test]
    fn an_anmodning_that_comes_late_is_held_against_what_is_decided() {
        let decided = known(&[(Relation::First, total(31)), (Relation::Adds, more(2))]);
        assert_eq!(hold_against_request(&asked(THIRTY_FIVE, decided), 2026), [Point::Reason { year: 2026, asked: 35, decided: 33 }]);
        assert_eq!(hold_against_request(&asked(THIRTY_FIVE, Known::default()), 2026), []);
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
        assert_eq!(reconcile(&known, 2026), Agreement::Unknown);
        known.registered.insert(2026, THIRTY_FIVE);
        assert_eq!(reconcile(&known, 2026), Agreement::Agrees, "the vedtak states the total alone");
        assert!(weigh(&total(35), &Known { decided: BTreeMap::new(), ..known.clone() }).registered_alike);
        let refused = facts(&[("aar", Value::Years(vec![2026])), ("svar", Value::Text("avslaar".into()))]);
        let of_refusal = Known { decided: super::tests::known(&[(Relation::First, refused)]).decided, ..known.clone() };
        assert!(matches!(reconcile(&of_refusal, 2026), Agreement::Differs(_)), "a refusal is no places");
        let of_period = facts(&[("aar", Value::Years(vec![2026])), ("periode_totalt", Value::Integer(70))]);
        assert!(!weigh(&of_period, &Known { decided: BTreeMap::new(), ..known.clone() }).registered_alike, "nothing was compared");
        known.registered.insert(2026, Places { adults_families: 30, ..Places::default() });
        assert!(matches!(reconcile(&known, 2026), Agreement::Differs(Point::RegistrationDiffers { decided: YearFacts { total: Some(35), .. }, .. })));
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
