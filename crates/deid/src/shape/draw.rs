//! Drawing surrogates that conform.

use terms::{Form, Randomness};

use super::calendar::{Date, Day, drawn_time};
use super::constraint::Plan;
use super::{ROOM, dice};

/// Years of drawn dates. The first are in no chart, so that no date of an answer is taken for a surrogate, and what a
/// model reckons from one is plainly wrong; the others are for patterns that ask for them.
const YEARS: [(u32, u32); 2] = [(1600, 1800), (1900, 2100)];

/// How many dates of each are tried.
const DATES: usize = 24;

impl Plan<'_> {
    /// Whether `candidate` matches the patterns. Of a number that is only tried: that it is one is worth more.
    pub(crate) fn conforms(&self, candidate: &str) -> bool {
        self.form == Form::Number
            || self.patterns.iter().all(|pattern| pattern.is_match(candidate.as_bytes()))
    }

    /// A candidate that conforms; `None` where there is none, or too few. Of what has a date, the date in ISO form.
    pub(crate) fn draw(&self, original: &str, randomness: &dyn Randomness) -> Option<String> {
        match self.form {
            Form::Label => None,
            Form::Number => {
                let number = |text: &[u8]| text.first() != Some(&b'0');
                let free = Plan { form: self.form, patterns: Vec::new(), date: None };
                self.alike(original, randomness, number).or_else(|| free.alike(original, randomness, number))
            }
            Form::Date | Form::DateTime => {
                let mut years = YEARS.iter().flat_map(|years| std::iter::repeat_n(*years, DATES));
                years.find_map(|years| {
                    let day = Day::draw(randomness, years).iso();
                    self.written(original, &day).filter(|written| self.conforms(written)).map(|_| day)
                })
            }
            Form::Alike => self.alike(original, randomness, |_| true),
        }
    }

    /// The original with its date moved to `day`, which is in ISO form; its time stays.
    pub(crate) fn written(&self, original: &str, day: &str) -> Option<String> {
        let (own, other) = (self.date.as_ref()?, Date::read(day)?.day());
        let time = if self.form == Form::DateTime { original.get(10..)? } else { "" };
        Some(own.with(other) + time)
    }

    /// A date with a drawn time, like the original's.
    pub(crate) fn at_a_time(original: &str, day: &str, randomness: &dyn Randomness) -> Option<String> {
        Some(day.to_owned() + &drawn_time(original.get(10..)?, randomness)?)
    }

    /// The original with each letter and digit drawn anew among those of its kind with which the whole conforms.
    fn alike(
        &self,
        original: &str,
        randomness: &dyn Randomness,
        allowed: impl Fn(&[u8]) -> bool,
    ) -> Option<String> {
        let mut drawn = original.as_bytes().to_vec();
        let mut room = 1_u64;
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
                if allowed(&drawn) && self.patterns.iter().all(|pattern| pattern.is_match(&drawn)) {
                    choices.push(choice);
                }
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
    use super::*;

    fn drawn(rules: &[Rule<'_>], class: IdentifierClass, original: &str) -> Vec<String> {
        let mut constraints = Constraints::none();
        for rule in rules {
            constraints.require(Some("mrn"), *rule);
        }
        let (plan, lot) = (constraints.plan(class, original, 0).expect("it needs a form"), Lot::new(9));
        let all: Vec<String> = (0..100).filter_map(|_| plan.draw(original, &lot)).collect();
        assert!(all.iter().all(|one| plan.conforms(one)));
        all
    }

    fn unlike(all: &[String]) -> usize {
        all.iter().collect::<std::collections::BTreeSet<_>>().len()
    }

    #[test]
    fn numbers_keep_their_length() {
        let all = drawn(&[Rule::Number], Mrn, "482133");
        assert!(unlike(&all) > 90 && all.iter().all(|one| one.len() == 6 && is_number(one)));
        let all = drawn(&[Rule::Number, Rule::Pattern("^[0-9]{3}7[0-9]{4}$")], Mrn, "48273377");
        assert!(all.len() == 100 && all.iter().all(|one| is_number(one) && one.as_bytes()[3] == b'7'));
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
    fn dates_are_dates_of_no_chart_unless_a_pattern_asks() {
        for (rules, original) in [
            (vec![Rule::Format("date")], "1980-03-02"),
            (vec![Rule::Format("date")], "March 2, 1980"),
            (vec![Rule::Format("date-time")], "1980-03-02T10:00:00.5Z"),
            (vec![Rule::Format("date"), Rule::Pattern(r"^\d{4}-\d{2}-\d{2}$")], "1980-03-02"),
        ] {
            let all = days(&rules, original);
            assert!(unlike(&all) > 90 && all.iter().all(|one| one.as_str() < "1800"), "{all:?}");
        }
        assert_eq!(days(&[Rule::Format("date"), Rule::Pattern("^(19|20)")], "1980-03-02").len(), 100);
        assert_eq!(days(&[Rule::Pattern(r"^\d\d/\d\d/(19|20)\d\d$")], "03/02/1980").len(), 100);
        assert!(days(&[Rule::Pattern("^03/02/1980$")], "03/02/1980").is_empty());
    }

    #[test]
    fn a_drawn_time_follows_its_day() {
        let drawn = Plan::at_a_time("1980-03-02T10:00:00+01:00", "1691-09-21", &Lot::new(1)).unwrap();
        assert!(drawn.starts_with("1691-09-21T") && drawn.ends_with("+01:00"));
    }

    /// Days drawn for `original`, which conform in its notation.
    fn days(rules: &[Rule<'_>], original: &str) -> Vec<String> {
        let mut constraints = Constraints::none();
        for rule in rules {
            constraints.require(None, *rule);
        }
        let (plan, lot) = (constraints.plan(Date, original, 0).expect("it needs a form"), Lot::new(9));
        let all: Vec<String> = (0..100).filter_map(|_| plan.draw(original, &lot)).collect();
        assert!(all.iter().all(|one| plan.conforms(&plan.written(original, one).unwrap())));
        assert!(all.iter().all(|one| super::Date::read(one).is_some_and(|date| date.day().iso() == *one)));
        all
    }
}
