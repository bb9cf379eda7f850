//! From terms to places: what each tells where it stands, and which of two that overlap holds.

use std::collections::BTreeMap;
use std::ops::Range;

use terms::HealthClass as Class;

use super::Told;
use super::context::{Context, Sections};
use super::section::{Section, of_label, of_text};
use super::table::Kinds;
use super::tokens::{Break, Match, Tokens};
use crate::Confidence;
use crate::lexicon::Flags;
use crate::view::{Gap, Kind, View};
use crate::wordset::words;

/// Longest line that a heading classes, in bytes.
const LONGEST_LINE: usize = 400;

/// All that a folded text tells, unsorted, without overlap.
pub(super) fn all(view: &View<'_>, label: Option<&str>) -> Vec<Told> {
    let tokens = Tokens::of(view);
    let matches = tokens.matches();
    let field = label.and_then(|label| of_label(label, view.text));
    if matches.is_empty() && field.is_none() && view.codes.is_empty() {
        return Vec::new();
    }
    let under = field.as_ref().and_then(|field| field.class);
    let sections = of_text(&tokens);
    let firm = sections.iter().chain(&field).any(|section| !section.soft);
    let context = Context::of(&tokens, &matches, firm);
    let mut found = Vec::with_capacity(matches.len());
    let mut under = Sections::new(&sections, under);
    for one in &matches {
        let start = tokens.get(one.first).map_or(0, |token| token.start);
        found.extend(Reader { tokens: &tokens, context: &context, under: under.at(start) }.tell(one));
    }
    codes(&tokens, &context, &mut found);
    pressures(&tokens, &context, &mut found);
    amounts(&tokens, &context, &mut found);
    let mut accepted = joined(view.text, resolve(found));
    // what stands under a narrower heading is of that class
    for mut sections in [sections, field.into_iter().collect()] {
        sections.retain(|section| context.is_clinical || !section.soft);
        bodies(view.text, &sections, &mut accepted);
    }
    accepted
}

fn told(span: Range<usize>, class: Class, rule: &'static str, confidence: u8) -> Told {
    Told { span, class, rule, confidence: Confidence(confidence) }
}

/// One term in its place.
struct Reader<'r, 'v, 'a> {
    tokens: &'r Tokens<'v, 'a>,
    context: &'r Context,
    /// The class of the heading that it stands under.
    under: Option<Class>,
}

impl Reader<'_, '_, '_> {
    fn tell(&self, one: &Match) -> Option<Told> {
        let known = self.value(one).or_else(|| self.code(one)).or_else(|| self.term(one));
        known.or_else(|| self.dose(one)).or_else(|| self.finding(one)).or_else(|| self.measure(one))
    }

    /// A name with its value, or a value's word before it.
    fn value(&self, one: &Match) -> Option<Told> {
        if !one.entry.is(Kinds::NAME.with(Kinds::LOOSE).with(Kinds::TEST)) {
            return None;
        }
        let tokens = self.tokens;
        let first = tokens.get(one.first)?;
        // K and T alone are letters
        let letter = first.end - first.start == 1 && one.first == one.last;
        let loose = one.entry.is(Kinds::LOOSE) || letter;
        let segment = self.context.at(first.segment);
        let clinical = segment.is_clinical() || self.context.is_dense || self.under == Some(Class::Result);
        if loose && !clinical || letter && first.kind != Kind::Upper {
            return None;
        }
        let judged = words!(
            "positive negative elevated low high abnormal normal increased decreased pending reactive"
        );
        let before = tokens.tight_before(one.first).is_some() && judged.has(tokens.text(one.first - 1));
        let end = tokens.value(one.last, !one.entry.is(Kinds::TEST));
        let from = if before { one.first - 1 } else { one.first };
        let span = tokens.span(from, one.last);
        let sure = if loose { 70 } else { 88 };
        match end {
            Some(end) => Some(told(span.start..end.max(span.end), Class::Result, "value", sure)),
            None if before => Some(told(span, Class::Result, "judged", sure - 5)),
            // a test that is named without what it showed was ordered or done
            None if !loose && !one.entry.is(Kinds::STRONG) && !self.is_vital(one) => {
                self.context.is_dense.then(|| told(span, Class::Procedure, "test", 60))
            }
            None => None,
        }
    }

    fn is_vital(&self, one: &Match) -> bool {
        let vital = words!(
            "bp hr rr o2 spo2 sao2 pulse resp systolic diastolic tmax wt ht bmi gcs blood heart oxygen pain peak phq \
             fundal respiratory sats apgar apgars ef t3 t4 ph hb"
        );
        vital.has(self.tokens.text(one.first))
    }

    /// A code behind the name of its system.
    fn code(&self, one: &Match) -> Option<Told> {
        let class = one.entry.is(Kinds::CODE).then(|| one.entry.class(Kinds::CODE)).flatten()?;
        let end = self.tokens.code(one.last)?;
        let span = self.tokens.span(one.first, one.last);
        Some(told(span.start..end.max(span.end), class, "code.labelled", 95))
    }

    fn term(&self, one: &Match) -> Option<Told> {
        let entry = one.entry;
        if entry.is(Kinds::STRONG) {
            let class = entry.class(Kinds::STRONG)?;
            let (rule, sure) = if entry.is(Kinds::ENDING) { ("ending", 80) } else { ("term", 90) };
            return Some(told(self.reach(one, class), class, rule, sure));
        }
        if entry.is(Kinds::WEAK)
            && entry.class(Kinds::WEAK) == Some(Class::Diagnosis)
            && self.is_of_body(one.last)
        {
            return Some(told(self.reach(one, Class::Diagnosis), Class::Diagnosis, "body", 75));
        }
        if entry.is(Kinds::HEAD) && self.has_adjective(one.first) {
            let class = entry.class(Kinds::HEAD)?;
            return Some(told(self.reach(one, class), class, "head", 80));
        }
        let class = entry.is(Kinds::WEAK.with(Kinds::TIME)).then(|| entry.class(Kinds::WEAK)).flatten()?;
        let segment = self.tokens.get(one.first)?.segment;
        let stands =
            self.under == Some(class) || self.context.supports(segment, class, entry.is(Kinds::TIME));
        stands.then(|| told(self.reach(one, class), class, "context", 65))
    }

    /// Whether an adjective of medicine stands right before.
    fn has_adjective(&self, first: usize) -> bool {
        self.tokens.tight_before(first).is_some_and(|before| {
            before.is(Kinds::MOD)
                || before.flags.any(Flags::MEDICAL.with(Flags::EPONYM)) && !before.flags.any(Flags::WORD)
        })
    }

    /// Whether a part of the body follows: `swollen knees`.
    fn is_of_body(&self, last: usize) -> bool {
        let next = self.tokens.get(last + 1).filter(|next| next.before == Break::Tight);
        next.is_some_and(|next| next.is(Kinds::MOD))
            && self.context.at(next.map_or(0, |next| next.segment)).is_clinical()
            || next.is_some_and(|next| next.is(Kinds::MOD)) && self.context.is_dense
    }

    /// What was found at a part of the body, or judged of anything: `lungs clear`, `Monospot positive`.
    fn finding(&self, one: &Match) -> Option<Told> {
        let tokens = self.tokens;
        if !self.context.is_dense {
            return None;
        }
        let seen = words!(
            "clear soft supple intact normal regular nontender reactive unremarkable benign symmetric equal moist \
             dry reassuring enlarged palpable full bilaterally brisk stable mild"
        );
        if one.entry.is(Kinds::MOD) {
            let next = one.last + 1;
            let skipped = usize::from(words!("is are was were").has(tokens.text(next)));
            let at = next + skipped;
            let tight =
                (next..=at).all(|at| tokens.get(at).is_some_and(|token| token.before == Break::Tight));
            return (tight && seen.has(tokens.text(at)))
                .then(|| told(tokens.span(one.first, at), Class::Result, "exam", 70));
        }
        let judged = words!("positive negative nonreactive undetectable immune equivocal");
        let before = tokens.tight_before(one.first)?;
        (one.entry.is(Kinds::QUAL) && judged.has(tokens.text(one.first)) && before.kind != Kind::Lower)
            .then(|| told(tokens.span(one.first - 1, one.last), Class::Result, "judged", 70))
    }

    /// A measure that nothing names: `6 mm`, `142/88`.
    fn measure(&self, one: &Match) -> Option<Told> {
        let measures = words!("cm mm mmhg bpm ml cc kg lbs lb l percent mmol celsius fahrenheit x");
        let number = self.tokens.tight_before(one.first).filter(|before| before.kind == Kind::Number)?;
        let fits =
            self.context.is_dense && one.entry.is(Kinds::UNIT) && measures.has(self.tokens.text(one.first));
        let span = number.start..self.tokens.span(one.first, one.last).end;
        fits.then(|| told(span, Class::Result, "measure", 55))
    }

    /// The bytes of a term with what belongs to it.
    fn reach(&self, one: &Match, class: Class) -> Range<usize> {
        let tokens = self.tokens;
        match class {
            Class::Diagnosis | Class::Procedure => {
                tokens.span(tokens.with_adjectives(one.first), tokens.with_complement(one.last))
            }
            Class::Medication => tokens.span(one.first, tokens.with_dose(one.last)),
            Class::Scheduling => tokens.span(one.first, tokens.with_time(one.last)),
            Class::Demographics => tokens.age(one.first, one.last),
            Class::Behavioural | Class::SubstanceUse => {
                let span = tokens.span(one.first, one.last);
                // a score: `PHQ-9 of 14`
                span.start..tokens.value(one.last, true).unwrap_or(span.end).max(span.end)
            }
            _ => tokens.span(one.first, one.last),
        }
    }

    /// A dose of something that no list knows: `Zyxtor 10 mg daily`.
    fn dose(&self, one: &Match) -> Option<Told> {
        let tokens = self.tokens;
        let number = tokens.tight_before(one.first).filter(|before| before.kind == Kind::Number)?;
        if !one.entry.is(Kinds::UNIT) || !tokens.is_taken(one.last) || number.end == number.start {
            return None;
        }
        let strange = |at: usize| {
            tokens.get(at).is_some_and(|token| {
                token.before <= Break::Loose
                    && matches!(token.kind, Kind::Lower | Kind::Capital | Kind::Upper)
                    && !token.flags.any(Flags::WORD.with(Flags::ORDINARY))
            })
        };
        let first = one.first - 1;
        let from = first.checked_sub(1).filter(|at| strange(*at)).unwrap_or(first);
        Some(told(tokens.span(from, tokens.with_dose(one.last)), Class::Medication, "dose", 75))
    }
}

/// Codes of ICD-10-CM by their shape, and ages such as `67yo`.
fn codes(tokens: &Tokens<'_, '_>, context: &Context, found: &mut Vec<Told>) {
    let view = tokens.view;
    let mut dotted = false;
    for (at, word) in view.at(&view.codes) {
        let text = view.slice(word.start..word.end);
        if let Some(class) = icd(text)
            && view.mark(at + 1, b'.')
            && let Some(rest) = view.words.get(at + 2).filter(|rest| rest.gap == Gap::None && rest.len() <= 4)
            && matches!(rest.kind, Kind::Number | Kind::Code | Kind::Upper)
            && view.words.get(at + 1).is_some_and(|dot| dot.gap == Gap::None)
            && !view.mark(at + 3, b'.')
        {
            let class = if text.eq_ignore_ascii_case("Z72") { Class::SubstanceUse } else { class };
            found.push(told(word.start..rest.end, class, "code.icd", 85));
            dotted = true;
        } else if let Some(class) = icd(text).filter(|_| dotted) {
            // among codes with a dot, one without
            found.push(told(word.start..word.end, class, "code.icd", 70));
        } else if is_age(text, context.is_clinical) {
            found.push(told(word.start..word.end, Class::Demographics, "age", 85));
        }
    }
}

/// Blood pressures in a note: two numbers with a stroke between, which are no date.
fn pressures(tokens: &Tokens<'_, '_>, context: &Context, found: &mut Vec<Told>) {
    let view = tokens.view;
    let number = |at: usize| view.str(at).parse::<u16>().unwrap_or(0);
    for (at, word) in view.at(&view.numbers).filter(|_| context.is_dense) {
        if (60..=260).contains(&number(at))
            && view.mark(at + 1, b'/')
            && (30..=160).contains(&number(at + 2))
            && !view.mark(at + 3, b'/')
            && let Some(last) = view.words.get(at + 2).filter(|last| last.gap == Gap::None)
        {
            found.push(told(word.start..last.end, Class::Result, "pressure", 75));
        }
    }
}

/// What a category of ICD-10-CM tells of: a letter but U, a digit, a digit or A or B.
fn icd(text: &str) -> Option<Class> {
    match *text.as_bytes() {
        [b'F', b'1', b'0'..=b'9'] => Some(Class::SubstanceUse),
        [b'F', b'2'..=b'9', b'0'..=b'9'] => Some(Class::Behavioural),
        [b'A'..=b'T' | b'V'..=b'Z', b'0'..=b'9', b'0'..=b'9' | b'A' | b'B'] => Some(Class::Diagnosis),
        _ => None,
    }
}

/// `67yo`, `5yof`; in clinical text `67F` too.
fn is_age(text: &str, clinical: bool) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let Some((number, rest)) = text.split_at_checked(digits).filter(|_| (1..=3).contains(&digits)) else {
        return false;
    };
    let sensible = number.parse::<u8>().is_ok_and(|age| age <= 120);
    let sex = matches!(rest, "M" | "F") && clinical;
    sensible && (sex || words!("yo yof yom yr yrs y").has(rest))
}

/// Amounts of money where payment is spoken of.
fn amounts(tokens: &Tokens<'_, '_>, context: &Context, found: &mut Vec<Told>) {
    let view = tokens.view;
    for at in &tokens.dollars {
        let Some(sign) = view.words.get(*at) else { continue };
        let mut end = None;
        for next in at + 1..at + 8 {
            let Some(word) = view.words.get(next).filter(|word| word.gap == Gap::None) else { break };
            match word.kind {
                Kind::Number => end = Some(word.end),
                Kind::Mark if view.mark(next, b',') || view.mark(next, b'.') => {}
                _ => break,
            }
        }
        let after = tokens.all.partition_point(|token| token.word < *at);
        let segment = tokens.get(after).map(|token| token.segment);
        if let (Some(end), Some(segment)) = (end, segment)
            && context.supports(segment, Class::Payment, false)
        {
            found.push(told(sign.start..end, Class::Payment, "amount", 75));
        }
    }
}

/// Which of those that overlap hold: the surer, then the longer.
fn resolve(mut found: Vec<Told>) -> Vec<Told> {
    found.sort_by(|a, b| {
        (b.confidence, b.span.len(), a.span.start).cmp(&(a.confidence, a.span.len(), b.span.start))
    });
    let mut taken: BTreeMap<usize, Told> = BTreeMap::new();
    for one in found {
        let before = taken.range(..one.span.end).next_back();
        if before.is_none_or(|(_, other)| other.span.end <= one.span.start) {
            taken.insert(one.span.start, one);
        } else if let Some((&start, _)) = before.filter(|(_, other)| other.class == one.class)
            && taken.range(one.span.start..one.span.end).count() <= 1
            && let Some(mut other) = taken.remove(&start)
        {
            // of one class they are one place, if nothing else is between
            let from = one.span.start.min(other.span.start);
            let free = taken.range(..other.span.start).next_back().map_or(0, |(_, last)| last.span.end);
            other.span = from.max(free)..one.span.end.max(other.span.end);
            taken.insert(other.span.start, other);
        }
    }
    taken.into_values().collect()
}

/// Neighbours of one class, with nothing but blanks between them, become one place.
fn joined(text: &str, found: Vec<Told>) -> Vec<Told> {
    let mut joined: Vec<Told> = Vec::with_capacity(found.len());
    for one in found {
        let before = joined.last_mut().filter(|before| before.class == one.class);
        let between = |before: &Told| text.get(before.span.end..one.span.start);
        match before.filter(|before| between(before).is_some_and(|gap| gap.bytes().all(|byte| byte == b' ')))
        {
            Some(before) => {
                if before.confidence < one.confidence {
                    (before.confidence, before.rule) = (one.confidence, one.rule);
                }
                before.span.end = one.span.end;
            }
            None => joined.push(one),
        }
    }
    joined
}

/// Lines under headings, in order and apart, that nothing else in them tells of their class.
fn bodies(text: &str, sections: &[Section], accepted: &mut Vec<Told>) {
    let mut lines = Vec::new();
    for section in sections {
        let Some(class) = section.class else { continue };
        let mut start = section.body.start;
        for line in text.get(section.body.clone()).unwrap_or_default().split_inclusive('\n') {
            let span = start..start + line.len().min(LONGEST_LINE);
            start += line.len();
            let from = accepted.partition_point(|one| one.span.end <= span.start);
            let rest = accepted.get(from..).unwrap_or_default();
            let inside: Vec<&Told> = rest.iter().take_while(|one| one.span.start < span.end).collect();
            if inside.iter().all(|one| one.class != class) {
                free(text, span, &inside, |part| lines.push(told(part, class, "section", 50)));
            }
        }
    }
    accepted.extend(lines);
    accepted.sort_by_key(|one| one.span.start);
}

/// The parts of a line that nothing takes, without blanks and marks at their edges.
fn free(text: &str, line: Range<usize>, inside: &[&Told], mut found: impl FnMut(Range<usize>)) {
    let mut start = line.start;
    let ends = inside.iter().map(|one| (one.span.start, one.span.end)).chain([(line.end, line.end)]);
    for (next, end) in ends {
        let mut stop = next.max(start);
        while !text.is_char_boundary(stop) {
            stop -= 1;
        }
        if let Some(part) = text.get(start..stop) {
            let from = start + part.find(char::is_alphanumeric).unwrap_or(part.len());
            let to = start + part.trim_end_matches(|char: char| !char.is_alphanumeric()).len();
            if from < to {
                found(from..to);
            }
        }
        start = start.max(end);
    }
}
