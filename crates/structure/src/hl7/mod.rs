//! HL7 version 2 messages (v2.5.1, chapter 2): what a field holds is told by the tables of segments and data types.
//! Unknown segments, fields and components are text.

mod escape;
mod segments;
mod types;

pub(crate) use escape::Marks;

use std::ops::Range;

use crate::error::{StructureError, utf8};
use crate::field::Says;
use crate::plan::Plan;
use crate::record::{Draft, Writing};
use types::Type;

/// Headers, whose first field is the mark between fields.
const HEADERS: &[&str] = &["MSH", "FHS", "BHS"];

/// The fields of one message, frame bytes of MLLP around it tolerated (HL7 Transport Specification, MLLP release 1).
pub(crate) fn open(record: &[u8], plan: &Plan) -> Result<Draft, StructureError> {
    let text = utf8(record)?;
    let frame = |c: char| matches!(c, '\u{B}' | '\u{1C}' | '\r' | '\n' | '\u{FEFF}');
    let mut draft = Draft::default();
    let mut at = text.len() - text.trim_start_matches(frame).len();
    let end = text.trim_end_matches(frame).len();
    if at >= end {
        return Ok(draft);
    }
    let marks = Marks::read(text, at)?;
    let mut reader = Reader { text, marks, plan, draft: &mut draft, notes: Vec::new(), last: None };
    while at < end {
        let rest = text.get(at..end).unwrap_or_default();
        let length = rest.find(['\r', '\n']).unwrap_or(rest.len());
        if length > 0 {
            reader.segment(at..at + length)?;
        }
        at += length + 1;
    }
    reader.finish();
    Ok(draft)
}

struct Reader<'a> {
    text: &'a str,
    marks: Marks,
    plan: &'a Plan,
    draft: &'a mut Draft,
    /// Texts that may go on from each other; they are added last, so that they stand together.
    notes: Vec<Note>,
    /// What the note of the segment before belongs to.
    last: Option<Range<usize>>,
}

struct Note {
    path: String,
    /// The question that it answers, where it stands alone.
    label: Option<String>,
    span: Range<usize>,
    follows: bool,
}

/// One segment: its name, and its fields from 1.
struct Segment<'a> {
    name: &'a str,
    fields: Vec<Range<usize>>,
}

impl<'a> Segment<'a> {
    fn raw(&self, text: &'a str, field: usize) -> &'a str {
        field
            .checked_sub(1)
            .and_then(|at| self.fields.get(at))
            .and_then(|span| text.get(span.clone()))
            .unwrap_or_default()
    }
}

impl Reader<'_> {
    fn segment(&mut self, span: Range<usize>) -> Result<(), StructureError> {
        let text = self.text;
        let wrong = StructureError::at(span.start, "not a segment of HL7 v2");
        let mut parts = split(text, span.clone(), Some(self.marks.field()));
        let name = parts.next().and_then(|name| text.get(name)).unwrap_or_default();
        let is_name = name.len() == 3
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !is_name {
            return Err(wrong);
        }
        let mut fields: Vec<_> = parts.collect();
        if HEADERS.contains(&name) {
            // the mark itself is the first field, and the other marks are the second
            fields.insert(0, span.start + 3..span.start + 4);
        }
        let segment = Segment { name, fields };
        let mut note = None;
        for (at, field) in segment.fields.iter().enumerate() {
            let number = at + 1;
            if HEADERS.contains(&name) && number <= 2 {
                continue;
            }
            let kind = self.kind(&segment, number);
            for (nth, repetition) in split(text, field.clone(), self.marks.repetition()).enumerate() {
                if kind == Type::Note {
                    let about = note.get_or_insert_with(|| about(&segment)).clone();
                    self.note(&segment, number, repetition, about, nth > 0);
                } else {
                    self.repetition(&segment, number, kind, &repetition);
                }
            }
        }
        if note.is_none() {
            self.last = None;
        }
        Ok(())
    }

    /// The type of a field; that of an observation's value is told by the field before it (7.4.2.2).
    fn kind(&self, segment: &Segment<'_>, number: usize) -> Type {
        if segment.name == "OBX" && number == 5 {
            return Type::of_value(segment.raw(self.text, 2).trim());
        }
        segments::kind(segment.name, number)
    }

    fn note(
        &mut self,
        segment: &Segment<'_>,
        number: usize,
        span: Range<usize>,
        about: Range<usize>,
        repeated: bool,
    ) {
        let raw = |span: &Range<usize>| self.text.get(span.clone()).unwrap_or_default();
        if raw(&span).trim().is_empty() {
            return;
        }
        let goes_on = self.last.as_ref().is_some_and(|last| raw(last) == raw(&about));
        let path = format!("{}-{number}", segment.name);
        let label = self.question(segment, number);
        self.notes.push(Note { path, label, span, follows: repeated || goes_on });
        self.last = Some(about);
    }

    fn repetition(&mut self, segment: &Segment<'_>, number: usize, kind: Type, span: &Range<usize>) {
        let components: Vec<_> = split(self.text, span.clone(), self.marks.component()).collect();
        let raw = |number: usize| {
            number
                .checked_sub(1)
                .and_then(|at| components.get(at))
                .and_then(|span| self.text.get(span.clone()))
                .unwrap_or_default()
        };
        let class = kind.class(|number| raw(number).trim());
        let question = self.question(segment, number);
        for (at, component) in components.iter().enumerate() {
            let subs: Vec<_> = split(self.text, component.clone(), self.marks.subcomponent()).collect();
            let several = subs.len() > 1;
            for (sub_at, sub) in subs.into_iter().enumerate() {
                let mut path = format!("{}-{number}", segment.name);
                if components.len() > 1 || several {
                    path.push('.');
                    path.push_str(&(at + 1).to_string());
                }
                if several {
                    path.push('.');
                    path.push_str(&(sub_at + 1).to_string());
                }
                let value = self.value(&sub);
                let says = answer(kind.says(at + 1, class, &value), kind, &value, question.as_deref());
                self.push(path, sub, |_| says, None);
            }
        }
    }

    /// What was observed, in words, of the value of an observation (7.4.2.3); of one in years, the age.
    fn question(&self, segment: &Segment<'_>, number: usize) -> Option<String> {
        if segment.name != "OBX" || number != 5 {
            return None;
        }
        let first = |field: usize, component: usize| {
            let span = segment.fields.get(field.checked_sub(1)?)?;
            let span = split(self.text, span.clone(), self.marks.component()).nth(component)?;
            Some(self.value(&span).trim().to_owned()).filter(|text| !text.is_empty())
        };
        let years = first(6, 0).is_some_and(|unit| {
            ["a", "y", "yr", "yrs", "year", "years"].iter().any(|years| unit.eq_ignore_ascii_case(years))
        });
        if years { Some("age".to_owned()) } else { first(3, 1).or_else(|| first(3, 0)) }
    }

    fn value(&self, span: &Range<usize>) -> String {
        self.marks.decode(self.text.get(span.clone()).unwrap_or_default())
    }

    fn push(
        &mut self,
        path: String,
        span: Range<usize>,
        says: impl FnOnce(&str) -> Says,
        follows: Option<&'static str>,
    ) {
        let raw = self.text.get(span.clone()).unwrap_or_default();
        // two quotes delete what the receiver holds (2.5.3)
        if raw.trim().is_empty() || raw == "\"\"" {
            return;
        }
        let text = self.marks.decode(raw);
        let says = self.plan.says(&path, &text).unwrap_or_else(|| says(&text));
        self.draft.push(path, text, says, span, Writing::Hl7(self.marks));
        if let Some(gap) = follows {
            self.draft.follow(gap);
        }
    }

    fn finish(mut self) {
        let mut before = false;
        let mut notes = std::mem::take(&mut self.notes).into_iter().peekable();
        while let Some(note) = notes.next() {
            let follows = (note.follows && before).then_some("\n");
            // parts of a longer text are examined as one
            let alone = follows.is_none() && !notes.peek().is_some_and(|next| next.follows);
            let label = note.label.filter(|_| alone);
            self.push(
                note.path,
                note.span,
                |_| label.map_or_else(Says::text, |label| Says::labelled(&label)),
                follows,
            );
            before = true;
        }
    }
}

/// What a value of an observation is: under its question, a number is examined, and so is a code with as many digits as the
/// numbers of persons have.
fn answer(says: Says, kind: Type, value: &str, question: Option<&str>) -> Says {
    let Some(question) = question else { return says };
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    match says {
        Says::Text { label: None } => Says::labelled(question),
        Says::Plain if kind == Type::Code || digits >= 7 && !value.contains('-') => Says::labelled(question),
        other => other,
    }
}

/// What a note belongs to: of an observation, what was observed; else its segment's name.
fn about(segment: &Segment<'_>) -> Range<usize> {
    let observed = segment.fields.get(2).filter(|_| segment.name == "OBX").cloned();
    let name = segment
        .fields
        .first()
        .map_or(0..0, |field| field.start.saturating_sub(4)..field.start.saturating_sub(1));
    observed.unwrap_or(name)
}

/// The parts of a span between marks.
fn split(text: &str, span: Range<usize>, mark: Option<u8>) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut next = Some(span.start);
    let end = span.end;
    std::iter::from_fn(move || {
        let start = next?;
        let rest = text.as_bytes().get(start..end).unwrap_or_default();
        let found = mark.and_then(|mark| memchr::memchr(mark, rest));
        next = found.map(|at| start + at + 1);
        Some(start..found.map_or(end, |at| start + at))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use terms::IdentifierClass::{
        Account, Date, Email, Fax, License, Location, Mrn, Name, OtherId, Phone, Ssn,
    };

    use super::*;
    use crate::{Format, open};

    const MESSAGE: &str = "\u{B}MSH|^~\\&|LAB|GHH|EHR|GHH|20240203040506||ORU^R01|M17|P|2.5.1\r\
        PID|1||48213377^^^GHH^MR~900123456^^^SSA^SS||Finchley&van^Harold^J^Jr||19500314|M||2106-3|1 Elm\\T\\Oak^^Lakewood^OH^44107^US||\
        (555)555-0100^PRN^PH~555-0101^^FX~^NET^Internet^h@f.example||en|M||A17^^^GHH^AN|900-12-3456|D1^OH^20250101\r\
        ZPI|1|Ann Oduya^x|20240203\n\
        OBX|1|TX|11506-3^Note^LN||Harold was \\.br\\seen~by Dr Oduya||||||F|||20240203\r\n\
        OBX|2|TX|11506-3^Note^LN||and left.||||||F\r\
        OBX|3|NM|29463-7^Weight^LN||97.5|kg|||||F\r\
        OBX|4|CE|1^Care^L||C1^Harold F^L||||||F\r\
        NTE|1||first\rNTE|2||second\r\u{1C}\r";

    fn seen<'r>(record: &'r crate::Record<'_>) -> Vec<(&'r str, &'r str, Says)> {
        record.fields().iter().map(|f| (f.path.as_str(), f.text.as_str(), f.says.clone())).collect()
    }

    #[test]
    fn fields_are_told_by_the_tables() {
        let record = open(Format::Hl7v2, MESSAGE.as_bytes(), &Plan::default()).unwrap();
        let seen = seen(&record);
        for field in [
            ("MSH-10", "M17", Says::Is(OtherId)),
            ("MSH-4", "GHH", Says::Is(Location)),
            ("MSH-7", "20240203040506", Says::Is(Date)),
            ("PID-3.1", "48213377", Says::Is(Mrn)),
            ("PID-3.1", "900123456", Says::Is(Ssn)),
            ("PID-5.1.1", "Finchley", Says::Is(Name)),
            ("PID-5.1.2", "van", Says::Is(Name)),
            ("PID-5.2", "Harold", Says::Is(Name)),
            ("PID-5.4", "Jr", Says::text()),
            ("PID-7", "19500314", Says::Is(Date)),
            ("PID-8", "M", Says::Plain),
            ("PID-11.1", "1 Elm&Oak", Says::Is(Location)),
            ("PID-11.4", "OH", Says::Plain),
            ("PID-11.5", "44107", Says::Is(Location)),
            ("PID-13.1", "(555)555-0100", Says::Is(Phone)),
            ("PID-13.1", "555-0101", Says::Is(Fax)),
            ("PID-13.4", "h@f.example", Says::Is(Email)),
            ("PID-18.1", "A17", Says::Is(Account)),
            ("PID-19", "900-12-3456", Says::Is(Ssn)),
            ("PID-20.1", "D1", Says::Is(License)),
            ("ZPI-2.1", "Ann Oduya", Says::text()),
            ("ZPI-3", "20240203", Says::Is(Date)),
            ("OBX-5", "Harold was \nseen", Says::text()),
            ("OBX-5", "97.5", Says::labelled("Weight")),
            ("OBX-5.1", "C1", Says::Plain),
            ("OBX-5.2", "Harold F", Says::labelled("Care")),
        ] {
            assert!(seen.contains(&field), "{field:?}");
        }
        let notes: Vec<_> =
            record.fields().iter().rev().take(5).map(|f| (f.text.as_str(), f.follows)).collect();
        assert_eq!(
            notes,
            [
                ("second", Some("\n")),
                ("first", None),
                ("and left.", Some("\n")),
                ("by Dr Oduya", Some("\n")),
                ("Harold was \nseen", None)
            ]
        );
    }

    #[test]
    fn an_observation_is_told_by_its_question() {
        let message = "MSH|^~\\&|\rORC|1||||||A1&X^B2&Y\rOBX|1|ST|1^MRN^L||4821||||||F\rOBX|2|NM|2^MRN^L||48213377\r\
            OBX|3|NM|3^x^L||93|a\rOBX|4|ZZ|4^SSN^L||478231905\rORC|1|||||||A1&X^B2&Y\r";
        let record = open(Format::Hl7v2, message.as_bytes(), &Plan::default()).unwrap();
        let seen = seen(&record);
        for field in [
            ("OBX-5", "4821", Says::labelled("MRN")),
            ("OBX-5", "48213377", Says::labelled("MRN")),
            ("OBX-5", "93", Says::labelled("age")),
            ("OBX-5", "478231905", Says::labelled("SSN")),
            ("ORC-8.1.1", "A1", Says::Is(OtherId)),
            ("ORC-8.2.1", "B2", Says::Is(OtherId)),
        ] {
            assert!(seen.contains(&field), "{field:?} {seen:?}");
        }
    }

    #[test]
    fn what_is_written_is_escaped() {
        let record = open(Format::Hl7v2, MESSAGE.as_bytes(), &Plan::default()).unwrap();
        assert_eq!(record.write(&[]).unwrap(), MESSAGE.as_bytes());
        let at = |path: &str| record.fields().iter().position(|field| field.path == path).unwrap();
        let note = record.fields().iter().position(|field| field.text.starts_with("Harold was")).unwrap();
        let edits = [(at("PID-5.2"), "A|B^C\\".to_owned()), (note, "one\ntwo".to_owned())];
        let out = String::from_utf8(record.write(&edits).unwrap()).unwrap();
        assert!(
            out.contains("|Finchley&van^A\\F\\B\\S\\C\\E\\^J^Jr|") && out.contains("|one\\.br\\two~by Dr"),
            "{out}"
        );
        let again = open(Format::Hl7v2, out.as_bytes(), &Plan::default()).unwrap();
        assert_eq!(again.fields()[at("PID-5.2")].text, "A|B^C\\");
    }

    #[test]
    fn what_is_no_message_is_refused_with_its_place() {
        for (message, offset) in [
            ("PID|1\r", 0),
            ("MSH", 3),
            ("MSH|", 4),
            ("MSHA^~\\&|", 3),
            ("MSH|^~\\&|A\rpid|1\r", 11),
            ("MSH|^~\\&|A\rPID|1\rfree text", 17),
        ] {
            let error = open(Format::Hl7v2, message.as_bytes(), &Plan::default()).map(drop).unwrap_err();
            assert_eq!(error.offset, offset, "{message:?} {error}");
        }
        assert!(open(Format::Hl7v2, b"\r\n", &Plan::default()).unwrap().fields().is_empty());
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "[a-z|^~&\\\\.\n\r\u{b} X0é]{1,20}") {
            prop_assume!(!text.trim().is_empty());
            let record = open(Format::Hl7v2, b"MSH|^~\\&|\rNTE|1||x\r", &Plan::default()).unwrap();
            let at = record.fields().len() - 1;
            let out = record.write(&[(at, text.clone())]).unwrap();
            let again = open(Format::Hl7v2, &out, &Plan::default()).unwrap();
            prop_assert_eq!(again.fields().len(), at + 1);
            prop_assert_eq!(&again.fields()[at].text, &text.replace("\r\n", "\n").replace('\r', "\n"));
        }
    }
}
