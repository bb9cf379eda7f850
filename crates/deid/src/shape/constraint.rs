//! What the schemas of a request demand of values, and which form of surrogate an original needs therefore.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;

use regex::bytes::{Regex, RegexBuilder};
use terms::{Form, IdentifierClass};

use super::calendar::{Date, is_time};
use super::{LONGEST, is_number};
use crate::field;

/// So many constraints of one request count, and so many patterns among them; what comes later does not.
const MOST: usize = 512;
const PATTERNS: usize = 64;

/// Longest pattern that counts, in bytes, and the most memory that it may take.
const PATTERN: usize = 512;
const SIZE: usize = 64 << 10;

/// So many patterns at most are imposed on one original; where more would refuse its label, the label serves.
const IMPOSED: usize = 4;

/// How often patterns are tried in one request. A pattern that runs slowly takes a microsecond or two for each.
const TRIES: u32 = 32_768;

/// Ends of surrogates, to see whether a pattern lets the label form through.
const ENDS: [&str; 4] = ["4K2M9Q", "K7Q2M4", "77AB34", "QW12ZX"];

const EMAIL: &str = r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$";
const UUID: &str = r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$";

/// One thing that a schema demands of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule<'a> {
    /// a format of JSON Schema: `date`, `date-time`, `email` and `uuid` count, any other is ignored
    Format(&'a str),
    /// a regular expression; one that can't be compiled, or is large, is ignored
    Pattern(&'a str),
    /// a number
    Number,
}

/// What a request demands of its values: the rules of its schemas, and which of its passages are numbers.
#[derive(Default)]
pub struct Constraints {
    dates: bool,
    times: bool,
    /// Names of properties that are numbers.
    numbers: BTreeSet<String>,
    patterns: Vec<Pattern>,
    /// Ascending.
    bare: Vec<usize>,
    budget: Budget,
}

/// What is left of the tries of one request.
pub(crate) struct Budget(Cell<u32>);

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(TRIES))
    }
}

impl Budget {
    /// Takes one try; whether there was one.
    pub(crate) fn spend(&self) -> bool {
        let left = self.0.get().checked_sub(1);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}

struct Pattern {
    source: String,
    compiled: OnceCell<Option<Regex>>,
}

/// The form that an original needs, and the patterns that its surrogate must match.
pub(crate) struct Plan<'c> {
    pub(crate) form: Form,
    pub(crate) patterns: Vec<&'c Regex>,
    /// Of a date, or of a date with its time, the date.
    pub(crate) date: Option<Date<'c>>,
    pub(crate) budget: &'c Budget,
}

impl Constraints {
    /// Nothing is demanded.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds what a schema demands of the property of this name.
    pub fn require(&mut self, property: Option<&str>, rule: Rule<'_>) {
        match rule {
            Rule::Format("date") => self.dates = true,
            Rule::Format("date-time") => self.times = true,
            Rule::Format("email") => self.pattern(EMAIL),
            Rule::Format("uuid") => self.pattern(UUID),
            Rule::Format(_) => {}
            Rule::Pattern(source) => self.pattern(source),
            Rule::Number => {
                if let Some(name) = property.filter(|_| self.numbers.len() < MOST) {
                    self.numbers.insert(name.to_owned());
                }
            }
        }
    }

    /// Says that the passage at `index` is a number of JSON: what takes its place should be one.
    pub fn number(&mut self, index: usize) {
        if let Err(place) = self.bare.binary_search(&index) {
            self.bare.insert(place, index);
        }
    }

    /// Whether nothing is demanded.
    pub fn is_empty(&self) -> bool {
        !(self.dates || self.times)
            && self.numbers.is_empty()
            && self.patterns.is_empty()
            && self.bare.is_empty()
    }

    fn pattern(&mut self, source: &str) {
        let known = self.patterns.iter().any(|known| known.source == source);
        if !known && self.patterns.len() < PATTERNS && source.len() <= PATTERN {
            self.patterns.push(Pattern { source: source.to_owned(), compiled: OnceCell::new() });
        }
    }

    /// What `original`, which stands in the passage at `index`, needs; `None` where the label form serves.
    pub(crate) fn plan<'c>(
        &'c self,
        class: IdentifierClass,
        original: &'c str,
        index: usize,
    ) -> Option<Plan<'c>> {
        if original.len() > LONGEST || !original.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return None;
        }
        let (patterns, budget) = (self.refusing(class, original)?, &self.budget);
        if is_number(original) && (self.bare.binary_search(&index).is_ok() || self.numbered(class, original))
        {
            return Some(Plan { form: Form::Number, patterns, date: None, budget });
        }
        let demanded = self.dates || self.times || !patterns.is_empty();
        if let Some(date) = Date::read(original).filter(|_| demanded) {
            return Some(Plan { form: Form::Date, patterns, date: Some(date), budget });
        }
        if let Some((day, time)) = original.split_at_checked(10).filter(|_| demanded)
            && let Some(date) = Date::read(day).filter(|date| date.day().iso() == day && is_time(time))
        {
            return Some(Plan { form: Form::DateTime, patterns, date: Some(date), budget });
        }
        // a quote or a backslash would be written in more ways than one
        let alike = !patterns.is_empty() && !original.contains(['"', '\\']);
        alike.then_some(Plan { form: Form::Alike, patterns, date: None, budget })
    }

    /// Whether a property that is a number is one of the class's.
    fn numbered(&self, class: IdentifierClass, original: &str) -> bool {
        let names =
            |name: &String| field::recognize(name, original).is_some_and(|found| found.class == class);
        self.numbers.iter().any(names)
    }

    /// The patterns that `original` matches and a label would not; `None` where they are too many, or the budget is
    /// used up.
    fn refusing(&self, class: IdentifierClass, original: &str) -> Option<Vec<&Regex>> {
        let mut refusing = Vec::new();
        for regex in self.patterns.iter().filter_map(Pattern::regex) {
            if !self.budget.spend() || refusing.len() > IMPOSED {
                return None;
            }
            if regex.is_match(original.as_bytes()) && !lets_labels_through(regex, class) {
                refusing.push(regex);
            }
        }
        (refusing.len() <= IMPOSED).then_some(refusing)
    }
}

impl Pattern {
    /// Letters and digits are ASCII's, as in ECMA-262, which JSON Schema means; what names others is read as they are.
    fn regex(&self) -> Option<&Regex> {
        let compile = |unicode| {
            let mut builder = RegexBuilder::new(&self.source);
            builder.unicode(unicode).size_limit(SIZE).dfa_size_limit(SIZE).nest_limit(32).build().ok()
        };
        self.compiled.get_or_init(|| compile(false).or_else(|| compile(true))).as_ref()
    }
}

fn lets_labels_through(regex: &Regex, class: IdentifierClass) -> bool {
    let label = class.label().replace('_', "-");
    ENDS.iter().all(|end| regex.is_match(format!("{label}-{end}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass::{Account, Date, Email, Mrn, Name};

    use super::*;

    fn plan(
        rules: &[(Option<&str>, Rule<'_>)],
        class: IdentifierClass,
        original: &str,
    ) -> Option<(Form, usize)> {
        let mut constraints = Constraints::none();
        for (property, rule) in rules {
            constraints.require(*property, *rule);
        }
        constraints.plan(class, original, 7).map(|plan| (plan.form, plan.patterns.len()))
    }

    #[test]
    fn dates_need_dates_in_whatever_notation() {
        let date = [(None, Rule::Format("date"))];
        for (original, wanted) in [
            ("1980-03-02T10:00:00Z", Some((Form::DateTime, 0))),
            ("1980-03-02", Some((Form::Date, 0))),
            ("03/02/1980", Some((Form::Date, 0))),
            ("March 2, 1980", Some((Form::Date, 0))),
            ("3/2/80", None),
            ("1980-03-02T10:00", None),
            ("Ann Lee", None),
        ] {
            assert_eq!(plan(&date, Date, original), wanted, "{original}");
        }
        let time = [(None, Rule::Format("date-time"))];
        assert_eq!(plan(&time, Date, "1980-03-02T10:00:00Z"), Some((Form::DateTime, 0)));
        assert_eq!(plan(&time, Date, "1980-03-02"), Some((Form::Date, 0)));
        assert_eq!(plan(&[(None, Rule::Format("hostname"))], Date, "1980-03-02"), None);
    }

    #[test]
    fn patterns_count_where_they_refuse_labels() {
        let eight = (None, Rule::Pattern("^[0-9]{8}$"));
        assert_eq!(plan(&[eight], Mrn, "48213377"), Some((Form::Alike, 1)));
        assert_eq!(plan(&[eight], Mrn, "4821337"), None);
        assert_eq!(
            plan(&[(None, Rule::Pattern(r"^\d{8}$")), eight], Mrn, "48213377"),
            Some((Form::Alike, 2))
        );
        for loose in [".+", r"^[A-Z]+-\w+$", r"^\S*$", "(?=x)", "(", "^[0-9]{8}{1000}{1000}$"] {
            assert_eq!(plan(&[(None, Rule::Pattern(loose))], Mrn, "48213377"), None, "{loose}");
        }
        assert_eq!(plan(&[(None, Rule::Pattern("^.{4,9}$"))], Mrn, "4821\"3377"), None);
        let slashed = [(None, Rule::Format("date")), (None, Rule::Pattern(r"^\d\d/\d\d/\d{4}$"))];
        assert_eq!(plan(&slashed, Date, "03/02/1980"), Some((Form::Date, 1)));
        assert_eq!(plan(&slashed, Date, "1980-03-02"), Some((Form::Date, 0)));
        assert_eq!(plan(&[(None, Rule::Format("email"))], Email, "a.lee@mercy.org"), Some((Form::Alike, 1)));
        assert_eq!(
            plan(&[(None, Rule::Pattern("^[\u{e0}-\u{ff}a-z ]+$"))], Name, "ann lee"),
            Some((Form::Alike, 1))
        );
    }

    #[test]
    fn numbers_count_where_the_property_is_of_the_class() {
        let mrn = [(Some("mrn"), Rule::Number)];
        assert_eq!(plan(&mrn, Mrn, "48213377"), Some((Form::Number, 0)));
        assert_eq!(plan(&mrn, Account, "48213377"), None);
        assert_eq!(plan(&[(Some("count"), Rule::Number)], Mrn, "48213377"), None);
        for other in ["04821337", "48213", "MRN48213377", "4821337748213377000"] {
            assert_eq!(plan(&mrn, Mrn, other), None, "{other}");
        }
        let mut bare = Constraints::none();
        assert!(bare.is_empty());
        bare.number(7);
        assert!(!bare.is_empty());
        assert_eq!(bare.plan(Account, "48213377", 7).map(|plan| plan.form), Some(Form::Number));
        assert!(bare.plan(Account, "48213377", 6).is_none());
    }
}
