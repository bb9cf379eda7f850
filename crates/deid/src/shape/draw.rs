//! Drawing surrogates that conform.

use terms::{Form, Randomness};

use super::calendar::{Date, Day, drawn_time};
use super::constraint::Plan;
use super::{ROOM, dice};

/// Years of drawn dates, the last left out. They are in no chart, so that no date of an answer is taken for a
/// surrogate, and what a model reckons from one is plainly wrong.
const YEARS: (u32, u32) = (1600, 1800);

/// How many dates are tried.
const DATES: usize = 24;

/// So many letters may stay as they are where a pattern fixes them, such as `MRN`; digits never.
const PREFIX: usize = 3;

impl Plan<'_> {
    /// Whether `candidate` matches the patterns. Of a number that is only tried: that it is one is worth more.
    pub(crate) fn conforms(&self, candidate: &str) -> bool {
        self.form == Form::Number || self.matches(candidate.as_bytes())
    }

    /// Whether `candidate` matches all patterns; it does not where the request's budget is used up.
    fn matches(&self, candidate: &[u8]) -> bool {
        self.patterns.iter().all(|pattern| self.budget.spend() && pattern.is_match(candidate))
    }

    /// A candidate that conforms; `None` where there is none, or too few. Of a date, the day in ISO form.
    pub(crate) fn draw(&self, original: &str, randomness: &dyn Randomness) -> Option<String> {
        match self.form {
            Form::Number => {
                let number = |text: &[u8]| text.first() != Some(&b'0');
                let free = Plan { form: self.form, patterns: Vec::new(), date: None, budget: self.budget };
                self.alike(original, randomness, number).or_else(|| free.alike(original, randomness, number))
            }
            Form::Date => self
                .days(randomness)
                .find(|day| self.written(*day).is_some_and(|written| self.conforms(&written)))
                .map(Day::iso),
            Form::DateTime => {
                let stamp = |day: Day| Some(day.iso() + &drawn_time(original.get(10..)?, randomness)?);
                self.days(randomness).filter_map(stamp).find(|stamp| self.conforms(stamp))
            }
            Form::Alike => self.alike(original, randomness, |_| true),
            // no schema asks for these
            Form::Label | Form::Shifted | Form::Realistic | Form::Part | Form::Pseudonym => None,
        }
    }

    /// Days to try. Under a pattern none has the original's month or day, so that one which fixes them lets none pass.
    fn days<'d>(&'d self, randomness: &'d dyn Randomness) -> impl Iterator<Item = Day> + 'd {
        let own = self.date.as_ref().filter(|_| !self.patterns.is_empty()).map(Date::day);
        let days = (0..DATES).map(|_| Day::draw(randomness, YEARS));
        days.filter(move |day| own.is_none_or(|own| !day.shares(own)))
    }

    /// A day in the notation of the original, which is a date.
    pub(crate) fn written(&self, day: Day) -> Option<String> {
        Some(self.date.as_ref()?.with(day))
    }

    /// The original with each letter and digit drawn anew among those of its kind with which the whole conforms;
    /// `None` where a pattern fixes a digit, or more letters than a prefix has.
    fn alike(
        &self,
        original: &str,
        randomness: &dyn Randomness,
        allowed: impl Fn(&[u8]) -> bool,
    ) -> Option<String> {
        let mut drawn = original.as_bytes().to_vec();
        let (mut room, mut fixed) = (1_u64, 0);
        for at in 0..drawn.len() {
            let Some(own) = drawn.get(at).copied() else { break };
            let kind = match own {
                b'0'..=b'9' => b'0'..=b'9',
                b'a'..=b'z' => b'a'..=b'z',
                b'A'..=b'Z' => b'A'..=b'Z',
                _ => continue,
            };
            let mut choices = Vec::with_capacity(26);
            for choice in kind {
                if let Some(place) = drawn.get_mut(at) {
                    *place = choice;
                }
                if allowed(&drawn) && self.matches(&drawn) {
                    choices.push(choice);
                }
            }
            if choices.len() < 2 {
                fixed += if own.is_ascii_digit() { PREFIX + 1 } else { 1 };
            }
            if fixed > PREFIX {
                return None;
            }
            room = room.saturating_mul(choices.len() as u64);
            let choice = dice::one_of(randomness, &choices)?;
            drawn.get_mut(at).into_iter().for_each(|place| *place = choice);
        }
        if room < ROOM { None } else { String::from_utf8(drawn).ok() }
    }
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass::{self, Date, Email, Mrn, Name, OtherId};

    use super::super::dice::tests::Lot;
    use super::super::{Constraints, Rule, is_number};

    /// What is drawn for `original` a hundred times, each time as in a request of its own.
    fn drawn(rules: &[Rule<'_>], class: IdentifierClass, original: &str) -> Vec<String> {
        let lot = Lot::new(9);
        let one = |_| {
            let mut constraints = Constraints::none();
            for rule in rules {
                constraints.require(Some("mrn"), *rule);
            }
            let plan = constraints.plan(class, original, 0)?;
            let drawn = plan.draw(original, &lot)?;
            assert!(plan.date.is_some() || plan.conforms(&drawn));
            Some(drawn)
        };
        (0..100).filter_map(one).collect()
    }

    fn unlike(all: &[String]) -> usize {
        all.iter().collect::<std::collections::BTreeSet<_>>().len()
    }

    #[test]
    fn numbers_keep_their_length() {
        let all = drawn(&[Rule::Number], Mrn, "482133");
        assert!(unlike(&all) > 90 && all.iter().all(|one| one.len() == 6 && is_number(one)));
        let all = drawn(&[Rule::Number, Rule::Pattern("^[0-9]{3}7[0-9]{4}$")], Mrn, "48273377");
        assert!(
            all.len() == 100 && all.iter().all(|one| is_number(one) && one.len() == 8),
            "the type counts"
        );
        let all = drawn(&[Rule::Number, Rule::Pattern("^48213377$")], Mrn, "48213377");
        assert!(unlike(&all) > 90 && all.iter().all(|one| one.len() == 8 && is_number(one)));
    }

    #[test]
    fn what_a_pattern_fixes_stays_and_all_else_is_drawn() {
        let all = drawn(&[Rule::Pattern("^MRN[0-9]{7}$")], Mrn, "MRN4821337");
        assert!(unlike(&all) > 90 && all.iter().all(|one| one.starts_with("MRN")));
        let all = drawn(&[Rule::Pattern("^[A-Z]{2}-[a-f0-9]{8}$")], OtherId, "QX-48ab13f7");
        assert!(unlike(&all) > 90 && !all.iter().any(|one| one.starts_with("QX-48ab")));
        let all = drawn(&[Rule::Pattern("^[a-z]+ [a-z]+$")], Name, "ann lee");
        assert!(all.iter().all(|one| one.len() == 7 && one.as_bytes()[3] == b' '));
        let all = drawn(&[Rule::Format("email")], Email, "ann.lee@mercy.org");
        assert!(unlike(&all) > 90 && all.iter().all(|one| one.find('@') == Some(7)));
        let all = drawn(&[Rule::Format("uuid")], OtherId, "c56a4180-65aa-42ec-a945-5fd21dec0538");
        assert!(unlike(&all) > 90);
    }

    #[test]
    fn too_little_room_is_none() {
        for (pattern, original) in
            [("^[0-9]{5}$", "02139"), ("^A{3}[0-9]{5}$", "AAA48213"), ("^(48213377|other)$", "48213377")]
        {
            assert!(drawn(&[Rule::Pattern(pattern)], Mrn, original).is_empty(), "{pattern}");
        }
        assert!(!drawn(&[Rule::Pattern("^[0-9]{6}$")], Mrn, "021390").is_empty());
    }

    #[test]
    fn dates_are_dates_of_no_chart() {
        for (rules, original) in [
            (vec![Rule::Format("date")], "1980-03-02"),
            (vec![Rule::Format("date")], "March 2, 1980"),
            (vec![Rule::Format("date"), Rule::Pattern(r"^\d{4}-\d{2}-\d{2}$")], "1980-03-02"),
        ] {
            let all = days(&rules, original);
            assert!(unlike(&all) > 90 && all.iter().all(|one| one.as_str() < "1800"), "{all:?}");
        }
        for pattern in ["^(19|20)", r"^\d{4}-03-\d\d$", r"^\d{4}-\d\d-02$", "^1980-03-02$"] {
            assert!(days(&[Rule::Pattern(pattern)], "1980-03-02").is_empty(), "{pattern}");
        }
    }

    #[test]
    fn a_time_is_drawn_with_its_day() {
        let all = drawn(&[Rule::Format("date-time")], Date, "1980-03-02T10:00:00.5+01:00");
        assert!(unlike(&all) > 90);
        assert!(all.iter().all(|one| one.len() == 27 && one.as_str() < "1800" && one.ends_with("+01:00")));
    }

    #[test]
    fn nothing_that_tells_of_the_original_stays() {
        for (pattern, original) in [
            (r"^\(617\) \d{3}-\d{4}$", "(617) 555-0123"),
            (r"^\d+ [A-Z][a-z]+ Street, Boston, MA 02139$", "12 Maple Street, Boston, MA 02139"),
            (r"^[a-z.]+@mercy\.org$", "anneliese.brightwater@mercy.org"),
            ("^48213377[0-9]{8}$", "4821337700112233"),
        ] {
            assert!(drawn(&[Rule::Pattern(pattern)], OtherId, original).is_empty(), "{pattern}");
        }
        let digits = ["4", "8", "2", "1"].into_iter().zip(0..);
        let digits: Vec<String> = digits.map(|(digit, at)| format!("^.{{{at}}}{digit}.*[0-9]$")).collect();
        let rules: Vec<_> = digits.iter().map(|pattern| Rule::Pattern(pattern)).collect();
        assert!(drawn(&rules, Mrn, "4821337700112233").is_empty(), "digit by digit");
    }

    #[test]
    fn patterns_are_tried_so_often_and_then_the_label_serves() {
        let mut constraints = Constraints::none();
        constraints.require(None, Rule::Pattern("^[a-z0-9]{20}$"));
        let originals: Vec<String> = (0..400).map(|n| format!("abcdefghijklmnop{n:04}")).collect();
        let planned = |original: &String| {
            let plan = constraints.plan(OtherId, original, 0)?;
            plan.draw(original, &Lot::new(9))
        };
        let served = originals.iter().filter_map(planned).count();
        assert!((20..200).contains(&served), "{served}");
    }

    /// Days drawn for `original`, which conform in its notation.
    fn days(rules: &[Rule<'_>], original: &str) -> Vec<String> {
        let mut constraints = Constraints::none();
        for rule in rules {
            constraints.require(None, *rule);
        }
        let (plan, lot) = (constraints.plan(Date, original, 0).expect("it needs a form"), Lot::new(9));
        let all: Vec<String> = (0..100).filter_map(|_| plan.draw(original, &lot)).collect();
        let day = |one: &String| super::super::calendar::Date::read(one).unwrap().day();
        assert!(all.iter().all(|one| plan.conforms(&plan.written(day(one)).unwrap())));
        assert!(
            all.iter()
                .all(|one| super::super::calendar::Date::read(one)
                    .is_some_and(|date| date.day().iso() == *one))
        );
        all
    }
}
