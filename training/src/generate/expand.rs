//! Expands a template: who and what a document is about is drawn once, and written where slots ask for it.

use std::collections::BTreeMap;

use fastrand::Rng;

use super::date::{self, Day};
use super::facility::{self, Facility};
use super::person::{self, NameStyle, Person};
use super::place::{self, Address};
use super::random::{chance, word};
use super::slot::{AddressForm, Clinical, DateForm, FacilityForm, PersonForm, Slot, Value, When, Who};
use super::template::{Node, Rules};
use super::text::Draft;
use super::{Label, Split, clinical, code, contact};

/// What a document is about.
pub(super) struct Scene<'a> {
    rng: &'a mut Rng,
    split: Split,
    sentences: &'a [Vec<Node>],
    people: BTreeMap<Who, Person>,
    addresses: BTreeMap<usize, Address>,
    facilities: BTreeMap<usize, Facility>,
    values: BTreeMap<Value, String>,
    name_style: NameStyle,
    comma: &'static str,
    dates: Vec<&'static str>,
    first_day: Day,
    /// Days after the first one.
    later: [i64; 7],
    birth: Day,
    abroad: u32,
    /// Who was named last, up to where in the text.
    last_name: Option<(Who, usize)>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(rng: &'a mut Rng, split: Split, sentences: &'a [Vec<Node>]) -> Self {
        let abroad = if chance(rng, 12) { 85 } else { 4 };
        let mut dates = vec![date::preferred(rng, abroad)];
        if chance(rng, 35) {
            dates.push(date::preferred(rng, abroad));
        }
        let first_day = Day::new(rng, 1998..2027);
        let mut later = [0; 7];
        let mut sum = 0;
        for day in later.iter_mut().skip(1) {
            sum += if chance(rng, 60) { rng.i64(1..20) } else { rng.i64(1..200) };
            *day = sum;
        }
        Self {
            split,
            sentences,
            people: BTreeMap::new(),
            addresses: BTreeMap::new(),
            facilities: BTreeMap::new(),
            values: BTreeMap::new(),
            name_style: NameStyle::any(rng),
            comma: word(rng, &[", ", ", ", ", ", ", ", ", ", ", ", ", ", ",", ",", ",", " , ", " "]),
            dates,
            birth: first_day.later(-rng.i64(20..34_000)),
            first_day,
            later,
            abroad,
            last_name: None,
            rng,
        }
    }

    /// Writes a template with the rules of its family.
    pub(super) fn write(&mut self, rules: &Rules, nodes: &[Node], draft: &mut Draft) {
        for node in nodes {
            match node {
                Node::Text(text) => draft.plain(text),
                Node::Choice(all) => self.any(rules, all, draft),
                Node::Maybe(all) => {
                    if self.rng.bool() {
                        self.any(rules, all, draft);
                    }
                }
                Node::Rule(name) => {
                    if let Some(all) = rules.get(name) {
                        self.any(rules, all, draft);
                    }
                }
                Node::Slot(slot) => self.slot(*slot, draft),
            }
        }
    }

    fn any(&mut self, rules: &Rules, all: &[Vec<Node>], draft: &mut Draft) {
        if let Some(nodes) = self.rng.choice(all) {
            self.write(rules, nodes, draft);
        }
    }

    fn slot(&mut self, slot: Slot, draft: &mut Draft) {
        match slot {
            Slot::Person(who, form) => self.person(who, form, draft),
            Slot::Date(when, form) => self.date(when, form, draft),
            Slot::Address(which, form) => self.address(which, form, draft),
            Slot::Facility(which, form) => self.facility(which, form, draft),
            Slot::Value(value) => self.value(value, draft),
            Slot::Clinical(Clinical::Prose) => {
                for at in 0..self.rng.usize(1..4) {
                    draft.plain(if at == 0 { "" } else { " " });
                    self.sentence(draft);
                }
            }
            Slot::Clinical(Clinical::Sentence) => self.sentence(draft),
            Slot::Clinical(kind) => draft.plain(&clinical::write(self.rng, kind)),
            Slot::Number(low, high) => draft.plain(&self.rng.u32(low..=high).to_string()),
            Slot::Digits(count) => draft.plain(&super::random::digits(self.rng, count)),
        }
    }

    fn sentence(&mut self, draft: &mut Draft) {
        let sentences = self.sentences;
        match self.rng.choice(sentences) {
            // sentences have no rules
            Some(nodes) => self.write(&Rules::new(), nodes, draft),
            None => draft.plain(&clinical::sentence(self.rng)),
        }
    }

    fn someone(&mut self, who: Who) -> &Person {
        if !self.people.contains_key(&who) {
            let kin = if who.kin() { Some(self.someone(Who::Patient).clone()) } else { None };
            let person = person::person(self.rng, self.split, kin.as_ref());
            self.people.insert(who, person);
        }
        self.people.entry(who).or_insert_with(|| person::person(self.rng, self.split, None))
    }

    fn person(&mut self, who: Who, form: PersonForm, draft: &mut Draft) {
        let person = self.someone(who).clone();
        let label = match form {
            PersonForm::Over => Some(Label::AgeOver89),
            form if form.names() => Some(Label::Name),
            _ => None,
        };
        // clinicians are seldom written small, and not all in capitals where the patient is
        let style = match self.name_style {
            NameStyle::Capitals | NameStyle::Small if who.clinician() => NameStyle::FirstLast,
            style => style,
        };
        let written = person.write(self.rng, form, style, self.comma);
        if label == Some(Label::Name) {
            // `{p.first} {p.last}` is one name
            let one = self.last_name.is_some_and(|(last, end)| {
                last == who && matches!(draft.text.get(end..), Some(" " | ", " | "," | "  "))
            });
            if one {
                draft.extend(&written);
            } else {
                draft.mark(&written, label);
            }
            self.last_name = Some((who, draft.text.len()));
        } else {
            draft.mark(&written, label);
        }
    }

    fn date(&mut self, when: When, form: DateForm, draft: &mut Draft) {
        let day = match when {
            When::Birth => self.birth,
            when => self.first_day.later(self.later.get(when.order()).copied().unwrap_or_default()),
        };
        let written = date::write(self.rng, day, form, &self.dates);
        draft.mark(&written.date, Label::Date);
        if let Some((between, time)) = written.time {
            draft.plain(between);
            // a stamp is one thing: who takes the time with the date does right
            if between.trim().is_empty() {
                draft.extend(&time);
            } else {
                draft.mark(&time, Label::Other);
            }
        }
    }

    fn address(&mut self, which: usize, form: AddressForm, draft: &mut Draft) {
        if !self.addresses.contains_key(&which) {
            let address = place::address(self.rng, self.split, self.abroad);
            self.addresses.insert(which, address);
        }
        let Some(address) = self.addresses.get(&which) else { return };
        match form {
            AddressForm::Plain => {
                let line = format!("{}{}{}", address.street, address.comma, address.last_line);
                draft.mark(&line, Label::Location);
                country(draft, ", ", address.country);
            }
            AddressForm::Block => {
                draft.mark(&address.street, Label::Location);
                draft.plain("\n");
                draft.mark(&address.last_line, Label::Location);
                country(draft, "\n", address.country);
            }
            AddressForm::Street => draft.mark(&address.street, Label::Location),
            AddressForm::City => draft.mark(&address.city, Label::Location),
            AddressForm::Zip => draft.mark(&address.zip, Label::Location),
            AddressForm::CityStateZip => draft.mark(&address.last_line, Label::Location),
        }
    }

    fn facility(&mut self, which: usize, form: FacilityForm, draft: &mut Draft) {
        if !self.facilities.contains_key(&which) {
            let facility = facility::facility(self.rng, self.split);
            self.facilities.insert(which, facility);
        }
        let Some(facility) = self.facilities.get(&which) else { return };
        let name = match form {
            FacilityForm::Plain => facility.full.clone(),
            FacilityForm::Short => facility.short.clone(),
            FacilityForm::Capitals => facility.full.to_uppercase(),
        };
        draft.mark(&name, Label::Location);
    }

    fn value(&mut self, value: Value, draft: &mut Draft) {
        let text = match self.values.get(&value) {
            Some(text) if !value.fresh() => text.clone(),
            _ => self.draw(value),
        };
        // the article is no part of a holiday or season
        let (article, rest) = match (value, text.strip_prefix("the ")) {
            (Value::Holiday | Value::Season, Some(rest)) => ("the ", rest),
            _ => ("", text.as_str()),
        };
        draft.plain(article);
        let stamp = value == Value::Time && draft.after(Label::Date) == Some(" ");
        if stamp {
            draft.extend(rest);
        } else {
            draft.mark(rest, value.label());
        }
        self.values.insert(value, text);
    }

    fn draw(&mut self, value: Value) -> String {
        let patient = || Who::Patient;
        match value {
            Value::Email => {
                let person = self.someone(patient()).clone();
                contact::email(self.rng, &person)
            }
            Value::Handle => {
                let person = self.someone(patient()).clone();
                contact::handle(self.rng, &person)
            }
            Value::EmailDoctor => {
                let person = self.someone(Who::Doctor).clone();
                contact::work_email(self.rng, self.split, &person)
            }
            Value::User => {
                let person = self.someone(Who::Staff).clone();
                contact::login(self.rng, &person)
            }
            Value::Phone | Value::Phone2 | Value::Fax => contact::phone(self.rng, self.abroad),
            _ => draw(self.rng, self.split, value, self.first_day),
        }
    }
}

fn country(draft: &mut Draft, between: &str, country: &str) {
    if !country.is_empty() {
        draft.plain(between);
        draft.mark(country, Label::Other);
    }
}

/// A value that depends on nobody.
fn draw(rng: &mut Rng, split: Split, value: Value, day: Day) -> String {
    match value {
        Value::City => place::city(rng, split),
        Value::Neighbourhood => place::neighbourhood(rng, split),
        Value::School => facility::school(rng, split),
        Value::Church => facility::church(rng, split),
        Value::State => place::any_state(rng).to_owned(),
        Value::Country => place::WORDS.word(rng, "countries").to_owned(),
        Value::Employer => facility::employer(rng, split),
        Value::Ward => facility::ward(rng),
        Value::Room => facility::room(rng),
        Value::Holiday => place::WORDS.word(rng, "holidays").to_owned(),
        Value::Season => date::season(rng, day),
        Value::Year => (day.civil().0 - rng.i64(0..30)).to_string(),
        Value::Time => date::time(rng),
        Value::Ago => date::ago(rng),
        Value::Weekday => date::weekday(rng).to_owned(),
        Value::Pager => contact::pager(rng),
        Value::Extension => contact::extension(rng),
        Value::Url => contact::url(rng, split),
        Value::Ip => contact::ip(rng),
        Value::Mac => contact::mac(rng),
        _ => code::code(rng, value),
    }
}
