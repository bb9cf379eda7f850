//! The template language: a file of rules and documents becomes trees of [`Node`]s.

use std::collections::BTreeMap;

use super::error::Error;
use super::slot::Slot;

/// A part of a template.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// Stands as it is.
    Text(String),
    /// One alternative is taken.
    Choice(Vec<Vec<Node>>),
    /// One alternative is taken, or none.
    Maybe(Vec<Vec<Node>>),
    /// A value.
    Slot(Slot),
    /// One alternative of a named rule.
    Rule(String),
}

/// Alternatives by the name of their rule.
pub(super) type Rules = BTreeMap<String, Vec<Vec<Node>>>;

/// A document with its weight.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) weight: u32,
    pub(super) nodes: Vec<Node>,
}

/// A file of templates.
#[derive(Debug, Default)]
pub(super) struct Family {
    pub(super) name: String,
    pub(super) rules: Rules,
    pub(super) bodies: Vec<Body>,
    /// Sentences of a `prose` file.
    pub(super) sentences: Vec<Vec<Node>>,
    /// Where rules are used: name, line.
    pub(super) calls: Vec<(String, usize)>,
}

/// Lines of one section with their numbers.
type Lines<'a> = Vec<(usize, &'a str)>;

enum Section<'a> {
    Head,
    Rule(&'a str),
    Doc(u32),
}

/// Reads a file. `name` is the file's name without its ending.
pub(super) fn parse(name: &str, text: &str) -> Result<Family, Error> {
    let mut reader = Reader { family: Family { name: name.to_owned(), ..Family::default() }, named: false };
    let mut section = Section::Head;
    let mut lines = Lines::new();
    for (at, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_end_matches('\r'))) {
        if line == "#" || line.starts_with("# ") {
            continue;
        }
        match directive(line) {
            Some((word, rest)) => {
                reader.close(&section, std::mem::take(&mut lines))?;
                section = reader.open(at, word, rest)?;
            }
            None => lines.push((at, line)),
        }
    }
    reader.close(&section, lines)?;
    if !reader.named {
        return Err(problem(name, 1, "no @family"));
    }
    Ok(reader.family)
}

/// `@word rest` at the start of a line; `@` before anything else is text.
fn directive(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix('@')?;
    let (word, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase());
    plain.then_some((word, rest.trim()))
}

fn problem(file: &str, line: usize, problem: impl Into<String>) -> Error {
    Error::Template { file: format!("{file}.txt"), line, problem: problem.into() }
}

struct Reader {
    family: Family,
    named: bool,
}

impl Reader {
    fn open<'a>(&mut self, line: usize, word: &str, rest: &'a str) -> Result<Section<'a>, Error> {
        let name = self.family.name.clone();
        match word {
            "family" if rest == name => {
                self.named = true;
                Ok(Section::Head)
            }
            "family" => Err(problem(&name, line, format!("@family {rest} is not the file's name"))),
            "rule" if !rest.is_empty() => Ok(Section::Rule(rest)),
            "doc" if rest.is_empty() => Ok(Section::Doc(1)),
            "doc" => match rest.strip_prefix('x').and_then(|n| n.parse().ok()) {
                Some(weight) => Ok(Section::Doc(weight)),
                None => Err(problem(&name, line, format!("@doc {rest}: a weight is x3"))),
            },
            _ => Err(problem(&name, line, format!("@{word} is unknown"))),
        }
    }

    fn close(&mut self, section: &Section<'_>, lines: Lines<'_>) -> Result<(), Error> {
        match section {
            Section::Head => self.sentences(lines),
            Section::Rule(rule) => self.rule(rule, lines),
            Section::Doc(weight) => self.body(*weight, lines),
        }
    }

    fn sentences(&mut self, lines: Lines<'_>) -> Result<(), Error> {
        for (at, line) in lines.into_iter().filter(|(_, line)| !line.trim().is_empty()) {
            if !self.family.name.starts_with("prose") {
                return Err(problem(&self.family.name, at, "text before @doc or @rule"));
            }
            let nodes = self.nodes(line.trim(), &[at])?;
            if !clean(&nodes) {
                return Err(problem(&self.family.name, at, "prose holds no identifiers and no rules"));
            }
            self.family.sentences.push(nodes);
        }
        Ok(())
    }

    fn rule(&mut self, rule: &str, lines: Lines<'_>) -> Result<(), Error> {
        for (at, line) in lines.into_iter().filter(|(_, line)| !line.trim().is_empty()) {
            let nodes = self.nodes(&line.replace("\\n", "\n"), &[at])?;
            self.family.rules.entry(rule.to_owned()).or_default().push(nodes);
        }
        Ok(())
    }

    fn body(&mut self, weight: u32, mut lines: Lines<'_>) -> Result<(), Error> {
        while lines.last().is_some_and(|(_, line)| line.trim().is_empty()) {
            lines.pop();
        }
        let numbers: Vec<_> = lines.iter().map(|(at, _)| *at).collect();
        let text = lines.iter().map(|(_, line)| *line).collect::<Vec<_>>().join("\n");
        if !text.is_empty() {
            let nodes = self.nodes(&text, &numbers)?;
            self.family.bodies.push(Body { weight, nodes });
        }
        Ok(())
    }

    fn nodes(&mut self, text: &str, numbers: &[usize]) -> Result<Vec<Node>, Error> {
        let mut parser = Parser { text, at: 0, calls: Vec::new() };
        let outcome = parser.sequence(false);
        let line = |at: usize| {
            let breaks = text.bytes().take(at).filter(|byte| *byte == b'\n').count();
            numbers.get(breaks).or(numbers.last()).copied().unwrap_or(1)
        };
        for (name, at) in parser.calls {
            self.family.calls.push((name, line(at)));
        }
        outcome.map_err(|(at, what)| problem(&self.family.name, line(at), what))
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    calls: Vec<(String, usize)>,
}

/// Where, and what is wrong.
type Fault = (usize, String);

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, prefix: &str) -> bool {
        let found = self.rest().starts_with(prefix);
        if found {
            self.at += prefix.len();
        }
        found
    }

    /// Up to the end of the text or, inside brackets, up to `|` or `]]`, which stay.
    fn sequence(&mut self, inside: bool) -> Result<Vec<Node>, Fault> {
        let mut nodes = Vec::new();
        // single brackets that are text: `[[[x]|[ ]]]` ends where its last two close
        let mut single = 0_usize;
        while let Some(next) = self.rest().chars().next() {
            let from = self.at;
            match next {
                '|' if inside && single == 0 => break,
                ']' if single > 0 => single -= 1,
                ']' if self.rest().starts_with("]]") => {
                    if inside {
                        break;
                    }
                    return Err((from, "unbalanced ]]".to_owned()));
                }
                '[' if self.take("[[") => {
                    nodes.push(self.brackets(from)?);
                    continue;
                }
                '[' => single += 1,
                '{' => {
                    if let Some(node) = self.slot()? {
                        nodes.push(node);
                        continue;
                    }
                }
                _ => {}
            }
            self.literal(&mut nodes);
        }
        Ok(nodes)
    }

    fn literal(&mut self, nodes: &mut Vec<Node>) {
        let mut rest = self.rest().chars();
        let Some(mut next) = rest.next() else { return };
        self.at += next.len_utf8();
        if next == '\\'
            && let Some(escaped @ ('{' | '}' | '[' | ']' | '|')) = rest.next()
        {
            self.at += escaped.len_utf8();
            next = escaped;
        }
        if let Some(Node::Text(text)) = nodes.last_mut() {
            text.push(next);
        } else {
            nodes.push(Node::Text(next.to_string()));
        }
    }

    fn brackets(&mut self, from: usize) -> Result<Node, Fault> {
        let maybe = self.take("?");
        let mut alternatives = vec![self.sequence(true)?];
        while self.take("|") {
            alternatives.push(self.sequence(true)?);
        }
        if !self.take("]]") {
            return Err((from, "unbalanced [[".to_owned()));
        }
        Ok(if maybe { Node::Maybe(alternatives) } else { Node::Choice(alternatives) })
    }

    /// `{name.attribute}` or `{>rule}`; any other brace is text (JSON, code).
    fn slot(&mut self) -> Result<Option<Node>, Fault> {
        let from = self.at;
        let Some((inner, _)) = self.rest().strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
            return Ok(None);
        };
        let name = inner.strip_prefix('>').unwrap_or(inner);
        let worded = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
        let small = name.starts_with(|c: char| c.is_ascii_lowercase());
        if !name.chars().all(worded) || !small && Slot::parse(name).is_none() {
            return Ok(None);
        }
        self.at += inner.len() + 2;
        if inner.starts_with('>') {
            self.calls.push((name.to_owned(), from));
            return Ok(Some(Node::Rule(name.to_owned())));
        }
        match Slot::parse(name) {
            Some(slot) => Ok(Some(Node::Slot(slot))),
            None => Err((from, format!("unknown slot {{{name}}}"))),
        }
    }
}

/// No slot that could be labelled, and no rule.
fn clean(nodes: &[Node]) -> bool {
    nodes.iter().all(|node| match node {
        Node::Text(_) => true,
        Node::Choice(all) | Node::Maybe(all) => all.iter().all(|nodes| clean(nodes)),
        Node::Slot(slot) => slot.is_clinical(),
        Node::Rule(_) => false,
    })
}

/// Every rule used exists, and none needs itself.
pub(super) fn check(family: &Family) -> Result<(), Error> {
    for (name, line) in &family.calls {
        if !family.rules.contains_key(name) {
            return Err(problem(&family.name, *line, format!("no rule {name}")));
        }
    }
    for (name, alternatives) in &family.rules {
        let mut on_the_way = vec![name.as_str()];
        if alternatives.iter().any(|nodes| circles(family, nodes, &mut on_the_way)) {
            return Err(problem(&family.name, 1, format!("rule {name} needs itself")));
        }
    }
    Ok(())
}

fn circles<'a>(family: &'a Family, nodes: &'a [Node], on_the_way: &mut Vec<&'a str>) -> bool {
    nodes.iter().any(|node| match node {
        Node::Text(_) | Node::Slot(_) => false,
        Node::Choice(all) | Node::Maybe(all) => all.iter().any(|nodes| circles(family, nodes, on_the_way)),
        Node::Rule(name) => {
            if on_the_way.contains(&name.as_str()) {
                return true;
            }
            on_the_way.push(name);
            let found =
                family.rules.get(name).is_some_and(|all| all.iter().any(|n| circles(family, n, on_the_way)));
            on_the_way.pop();
            found
        }
    })
}
