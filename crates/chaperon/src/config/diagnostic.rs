//! What is wrong with a configuration file, and where.

use std::fmt::Write as _;
use std::ops::Range;

use crate::failure::Failure;
use crate::output::safe;

/// One thing that is wrong. Its message never repeats a value: a secret may have been put in a wrong place.
#[derive(Debug)]
pub(super) struct Flaw {
    span: Option<Range<usize>>,
    message: String,
    expected: Vec<String>,
    help: Option<String>,
}

impl Flaw {
    /// Wrong at a place.
    pub(super) fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span: Some(span), message: message.into(), expected: Vec::new(), help: None }
    }

    /// Wrong, and not in the file.
    pub(super) fn nowhere(message: impl Into<String>) -> Self {
        Self { span: None, message: message.into(), expected: Vec::new(), help: None }
    }

    /// What to do about it.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What the TOML reader complains of.
    pub(super) fn toml(error: &toml::de::Error) -> Self {
        let message = error.message();
        let flaw = |message: String| Self { span: error.span(), message, expected: Vec::new(), help: None };
        let (fact, expected) = message.split_once(", expected ").unwrap_or((message, ""));
        for (start, word) in [("unknown field ", "key"), ("unknown variant ", "value")] {
            if let Some(found) = fact.strip_prefix(start) {
                let found = found.trim_matches('`');
                let mut flaw = flaw(format!("unknown {word} `{found}`"));
                flaw.expected = expected.split('`').skip(1).step_by(2).map(str::to_owned).collect();
                flaw.help = nearest(found, &flaw.expected).map(|near| format!("did you mean `{near}`?"));
                return flaw;
            }
        }
        if let Some(field) = fact.strip_prefix("missing field ") {
            return flaw(format!("the key {field} is missing"));
        }
        if fact.starts_with("invalid type") || fact.starts_with("invalid value") {
            return flaw(format!("this value is of the wrong kind: expected {expected}"));
        }
        flaw(message.trim_end().replace('\n', ", "))
    }

    /// The flaw as the failure of a command, with the source line and what was expected there.
    pub(super) fn failure(self, source: &str, file: &str) -> Failure {
        let mut excerpt = String::new();
        if let Some(span) = &self.span {
            excerpt = self::excerpt(source, span, file);
        }
        if !self.expected.is_empty() {
            let _ = writeln!(excerpt, "  expected  {}", self.expected.join(", "));
        }
        let failure = Failure::config(self.message).excerpt(excerpt);
        match self.help {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

/// The nearest of `names`, where one is near.
pub(crate) fn nearest<'a>(found: &str, names: &'a [String]) -> Option<&'a str> {
    names
        .iter()
        .map(|name| (strsim::jaro_winkler(found, name), name))
        .filter(|(near, _)| *near > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.as_str())
}

fn excerpt(source: &str, span: &Range<usize>, file: &str) -> String {
    let before = source.get(..span.start).unwrap_or(source);
    let number = before.matches('\n').count() + 1;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = source.get(line_start..).and_then(|rest| rest.lines().next()).unwrap_or("");
    let column = before.get(line_start..).map_or(0, |text| text.chars().count());
    let marked = source.get(span.clone()).unwrap_or("").lines().next().unwrap_or("").chars().count().max(1);
    let shown = shown(line);
    let room = shown.chars().count().saturating_sub(column).max(1);
    let gutter = " ".repeat(number.to_string().len());
    let mut text = String::new();
    let _ = writeln!(text, "{gutter}--> {}:{number}:{}", safe(file), column + 1);
    let _ = writeln!(text, "{gutter} |");
    let _ = writeln!(text, "{number} | {shown}");
    let _ = writeln!(text, "{gutter} | {}{}", " ".repeat(column), "^".repeat(marked.min(room)));
    text
}

/// A source line as it may be shown: where it may hold a secret, its value is left out.
fn shown(line: &str) -> String {
    let lower = line.to_lowercase();
    let secret = ["pass", "secret", "token", "authorization", "url", "://", "chp_", "\"\"\"", "'''"];
    let held = secret.iter().any(|word| lower.contains(word)) || !line.contains('=') && !line.contains('[');
    match line.find('=') {
        Some(at) if held => format!("{} (value not shown)", safe(line.get(..=at).unwrap_or(""))),
        None if held => "(not shown)".to_owned(),
        _ => safe(line).into_owned(),
    }
}
