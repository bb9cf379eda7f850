//! What happens to text on its way: capitals, wrapped lines, typos, other spaces and quotes, a cut end.

use fastrand::Rng;

use super::random::{chance, word};
use super::text::{Draft, Place};
use super::{Label, Span};

/// One thing done to a whole document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Capitals,
    Small,
    /// Names and places alone, as people type them.
    SmallNames,
    CapitalNames,
    /// Quotes, stars, brackets around some labelled stretches.
    Marked,
    NoPunctuation,
    Wrapped,
    Joined,
    DoubleSpaces,
    Tabs,
    Typos,
    RunTogether,
    SmartQuotes,
    Dashes,
    HardSpaces,
    Carriage,
    Cut,
}

/// What may be done, with how many documents of a thousand it is done to, in this order.
const STYLES: &[(Style, u32)] = &[
    (Style::SmallNames, 35),
    (Style::CapitalNames, 25),
    (Style::Marked, 30),
    (Style::Typos, 70),
    (Style::RunTogether, 40),
    (Style::NoPunctuation, 25),
    (Style::Joined, 25),
    (Style::Wrapped, 60),
    (Style::DoubleSpaces, 40),
    (Style::Tabs, 20),
    (Style::SmartQuotes, 70),
    (Style::Dashes, 30),
    (Style::HardSpaces, 30),
    (Style::Cut, 40),
    (Style::Carriage, 40),
];

/// Leaves most documents as they are.
pub(super) fn any(rng: &mut Rng, draft: &mut Draft) {
    if chance(rng, 45) {
        return;
    }
    match rng.u32(..100) {
        ..14 => apply(rng, draft, Style::Capitals),
        14..28 => apply(rng, draft, Style::Small),
        _ => {}
    }
    for (style, part) in STYLES {
        if rng.u32(..550) < *part {
            apply(rng, draft, *style);
        }
    }
}

/// Does one thing; every labelled stretch keeps its letters and digits, save the one at a cut end.
pub(super) fn apply(rng: &mut Rng, draft: &mut Draft, style: Style) {
    match style {
        Style::Capitals => draft.rewrite(|at, out| out.extend(at.this.to_uppercase())),
        Style::Small => draft.rewrite(|at, out| out.extend(at.this.to_lowercase())),
        Style::SmallNames => draft.rewrite(|at, out| match at.label {
            Some(Label::Name | Label::Location) => out.extend(at.this.to_lowercase()),
            _ => out.push(at.this),
        }),
        Style::CapitalNames => draft.rewrite(|at, out| match at.label {
            Some(Label::Name) => out.extend(at.this.to_uppercase()),
            _ => out.push(at.this),
        }),
        Style::Marked => marked(rng, draft),
        Style::NoPunctuation => no_punctuation(draft),
        Style::Wrapped => wrapped(rng, draft),
        Style::Joined => draft.rewrite(|at, out| out.push(if at.this == '\n' { ' ' } else { at.this })),
        Style::DoubleSpaces => double_spaces(rng, draft),
        Style::Tabs => tabs(rng, draft),
        Style::Typos => typos(rng, draft),
        Style::RunTogether => run_together(rng, draft),
        Style::SmartQuotes => smart_quotes(rng, draft),
        Style::Dashes => dashes(rng, draft),
        Style::HardSpaces => hard_spaces(rng, draft),
        Style::Carriage => draft.rewrite(|at, out| match at.this {
            '\n' => out.push_str("\r\n"),
            other => out.push(other),
        }),
        Style::Cut => cut(rng, draft),
    }
}

fn marked(rng: &mut Rng, draft: &mut Draft) {
    let pairs = [
        ("**", "**"),
        ("_", "_"),
        ("\"", "\""),
        ("'", "'"),
        ("[", "]"),
        ("<", ">"),
        ("`", "`"),
        ("<b>", "</b>"),
    ];
    let (open, close) = rng.choice(pairs).unwrap_or(("(", ")"));
    let part = if chance(rng, 40) { 100 } else { 25 };
    let chosen: Vec<Span> = draft.spans.iter().filter(|_| chance(rng, part)).copied().collect();
    draft.rewrite(|at, out| {
        if chosen.iter().any(|span| span.end == at.offset && span.start > 0) {
            out.push_str(close);
        }
        out.push(at.this);
        if chosen.iter().any(|span| span.start == at.offset + at.this.len_utf8()) {
            out.push_str(open);
        }
    });
}

fn no_punctuation(draft: &mut Draft) {
    draft.rewrite(|at, out| {
        let ends = at.next.is_none_or(char::is_whitespace);
        let dropped = match at.label {
            None | Some(Label::Name | Label::Location) => ".,;:!?".contains(at.this) && ends,
            _ => false,
        };
        if !dropped {
            out.push(at.this);
        }
    });
}

fn wrapped(rng: &mut Rng, draft: &mut Draft) {
    let width = rng.usize(38..100);
    let mut breaks = Vec::new();
    let (mut line, mut space) = (0, None);
    for (at, (offset, next)) in draft.text.char_indices().enumerate() {
        match next {
            '\n' => (line, space) = (at + 1, None),
            ' ' => space = Some((at, offset)),
            _ => {}
        }
        if let Some((place, offset)) = space
            && at > line + width
        {
            breaks.push(offset);
            (line, space) = (place + 1, None);
        }
    }
    let mut breaks = breaks.into_iter().peekable();
    draft.rewrite(|at, out| {
        let here = breaks.next_if_eq(&at.offset).is_some();
        out.push(if here { '\n' } else { at.this });
    });
}

fn double_spaces(rng: &mut Rng, draft: &mut Draft) {
    let everywhere = chance(rng, 30);
    draft.rewrite(|at, out| {
        out.push(at.this);
        if at.this == ' ' && at.label.is_none() && (at.before == Some('.') || everywhere && chance(rng, 25)) {
            out.push(' ');
        }
    });
}

fn tabs(rng: &mut Rng, draft: &mut Draft) {
    draft.rewrite(|at, out| {
        let tab =
            at.this == ' ' && at.label.is_none() && matches!(at.before, Some(':' | ' ')) && chance(rng, 60);
        out.push(if tab { '\t' } else { at.this });
    });
}

fn typos(rng: &mut Rng, draft: &mut Draft) {
    draft.rewrite(|at, out| {
        let inner = [at.before, Some(at.this), at.next].iter().flatten().all(char::is_ascii_lowercase);
        if at.label.is_some() || !inner || at.touches || rng.u32(..1000) >= 12 {
            out.push(at.this);
            return;
        }
        match rng.u32(..4) {
            0 => {}
            1 => out.extend([at.this, at.this]),
            2 => out.push(rng.lowercase()),
            _ => out.extend([at.this, rng.lowercase()]),
        }
    });
}

/// `on3/14/2024`, `3/14/2024patient`: no space between a word and a number that is labelled.
fn run_together(rng: &mut Rng, draft: &mut Draft) {
    let edge = |spans: &[Span], offset: usize, text: &str| {
        let digit =
            |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        spans.iter().any(|span| {
            (span.start == offset + 1 && digit(span.start))
                || (span.end == offset && digit(span.end.saturating_sub(1)))
        })
    };
    let (spans, text) = (draft.spans.clone(), draft.text.clone());
    draft.rewrite(|at, out| {
        let letters = at.before.is_some_and(char::is_alphabetic) || at.next.is_some_and(char::is_alphabetic);
        let colon = matches!(at.before, Some(':' | '#'));
        let space = at.this == ' ' && at.label.is_none() && (letters || colon);
        if !(space && chance(rng, 35) && edge(&spans, at.offset, &text)) {
            out.push(at.this);
        }
    });
}

fn smart_quotes(rng: &mut Rng, draft: &mut Draft) {
    let low = chance(rng, 8);
    draft.rewrite(|at, out| {
        let opens = at.before.is_none_or(|c| c.is_whitespace() || "([".contains(c));
        out.push(match at.this {
            '\'' if opens => '‘',
            '\'' => '’',
            '"' if opens && low => '„',
            '"' if opens => '“',
            '"' => '”',
            other => other,
        });
    });
}

fn dashes(rng: &mut Rng, draft: &mut Draft) {
    let inside = word(rng, &["‐", "‑", "–", "−", "-"]);
    let between = word(rng, &["–", "—"]);
    draft.rewrite(|at, out| match (at.this, at.before, at.next) {
        ('-', Some(' '), Some(' ')) => out.push_str(between),
        ('-', ..) => out.push_str(inside),
        (other, ..) => out.push(other),
    });
}

fn hard_spaces(rng: &mut Rng, draft: &mut Draft) {
    let hard = rng.choice(['\u{a0}', '\u{a0}', '\u{202f}', '\u{2009}']).unwrap_or('\u{a0}');
    let often = if chance(rng, 40) { 100 } else { 15 };
    draft.rewrite(|at, out| out.push(if at.this == ' ' && chance(rng, often) { hard } else { at.this }));
}

/// Ends the text early; a stretch at the end is cut where enough of it is left, or goes.
fn cut(rng: &mut Rng, draft: &mut Draft) {
    let least = draft.text.len() / 4;
    let Some(mut end) = draft.text.char_indices().map(|(at, _)| at).filter(|at| *at > least).nth({
        let left = draft.text.chars().count() * 3 / 4;
        rng.usize(..left.max(1))
    }) else {
        return;
    };
    if let Some(span) = draft.spans.iter_mut().find(|span| span.start < end && end < span.end) {
        let left = draft.text.get(span.start..end).unwrap_or_default().trim_end();
        let enough = left.chars().filter(|c| c.is_alphanumeric()).count() >= 4;
        if enough && chance(rng, 50) {
            end = span.start + left.len();
            span.end = end;
        } else {
            end = span.start;
        }
    }
    draft.text.truncate(end);
    draft.spans.retain(|span| span.end <= end);
}

impl Draft {
    /// Writes the text anew, character by character; labelled stretches move along.
    fn rewrite(&mut self, mut write: impl FnMut(&Place, &mut String)) {
        let mut text = String::with_capacity(self.text.len() + 64);
        let mut spans = self.spans.iter_mut().peekable();
        let mut characters = self.text.char_indices().peekable();
        let (mut before, mut label, mut touches) = (None, None, false);
        while let Some((offset, this)) = characters.next() {
            if let Some(span) = spans.next_if(|span| label.is_some() && span.end == offset) {
                (span.end, label, touches) = (text.len(), None, true);
            }
            if let Some(span) = spans.peek_mut().filter(|span| label.is_none() && span.start == offset) {
                span.start = text.len();
                label = Some(span.label);
            }
            let next = characters.peek().map(|(_, next)| *next);
            let ends =
                spans.peek().is_some_and(|span| label.is_none() && span.start == offset + this.len_utf8());
            write(&Place { offset, this, before, next, label, touches: touches || ends }, &mut text);
            before = Some(this);
            touches = false;
        }
        if let Some(span) = spans.next().filter(|_| label.is_some()) {
            span.end = text.len();
        }
        self.text = text;
    }
}
