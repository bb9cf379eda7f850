//! Synthetic labelled text from templates.

mod clinical;
mod code;
mod contact;
mod date;
mod error;
mod expand;
mod facility;
mod list;
mod person;
mod place;
mod random;
mod slot;
mod style;
mod template;
mod text;

use std::path::Path;

pub use error::Error;

use expand::Scene;
use template::{Body, Family, Node, Rules};
use text::Draft;

/// What a stretch of text is; the names are those of the scorer's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "each is named after what it marks")]
pub enum Label {
    Name,
    Date,
    #[serde(rename = "AGE_OVER_89")]
    AgeOver89,
    Location,
    Phone,
    Fax,
    Email,
    Ssn,
    Mrn,
    HealthPlan,
    Account,
    License,
    Vehicle,
    Device,
    Url,
    Ip,
    OtherId,
    /// An organisation that is no identifier by itself: neither required nor punished.
    Org,
    /// Neither required nor punished.
    Other,
}

impl Label {
    /// Whether finding it is neither required nor punished.
    pub fn is_neutral(self) -> bool {
        matches!(self, Self::Org | Self::Other)
    }
}

/// A labelled stretch; `start` and `end` are bytes on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what the line above says")]
pub struct Span {
    pub start: usize,
    pub end: usize,
    pub label: Label,
}

/// A text with its labels, in order, without overlaps.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what the line above says")]
pub struct Document {
    pub family: String,
    pub text: String,
    pub spans: Vec<Span>,
}

impl Document {
    /// Reads a line of the scorer's format.
    pub fn from_json(line: &str) -> Result<Self, serde_json::Error> {
        #[derive(serde::Deserialize)]
        struct Line {
            text: String,
            spans: Vec<Place>,
        }
        #[derive(serde::Deserialize)]
        struct Place {
            start: usize,
            end: usize,
            label: Label,
        }
        let Line { text, spans } = serde_json::from_str(line)?;
        let mut places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        places.push(text.len());
        let byte = |point: usize| places.get(point).copied().unwrap_or(text.len());
        let mut spans: Vec<Span> = spans
            .iter()
            .map(|place| Span { start: byte(place.start), end: byte(place.end), label: place.label })
            .collect();
        spans.sort_by_key(|span| span.start);
        Ok(Self { family: String::new(), text, spans })
    }

    /// A line of the scorer's format: offsets count Unicode code points.
    pub fn to_json(&self, id: &str) -> serde_json::Value {
        let mut points = 0;
        let mut at = 0;
        let mut count = |offset: usize| {
            points += self.text.get(at..offset).map_or(0, |text| text.chars().count());
            at = offset;
            points
        };
        let spans: Vec<_> = self
            .spans
            .iter()
            .map(|span| {
                let start = count(span.start);
                serde_json::json!({ "start": start, "end": count(span.end), "label": span.label })
            })
            .collect();
        serde_json::json!({ "id": id, "family": self.family, "text": self.text, "spans": spans })
    }
}

/// Whose names, places, streets and facilities are drawn: one value in five is kept from training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Split {
    /// Four values in five.
    Train,
    /// The fifth that training never draws.
    Dev,
}

/// Templates, read and checked.
#[derive(Debug)]
pub struct Corpus {
    families: Vec<Family>,
    /// Sentences of all `prose` files.
    sentences: Vec<Vec<Node>>,
}

impl Corpus {
    /// Reads every `*.txt` of the folders; `common.txt` lends its rules to all of its folder, sentences of `prose`
    /// files serve all folders. Errors name file and line.
    pub fn load(folders: &[&Path]) -> Result<Self, Error> {
        let mut families = Vec::new();
        for folder in folders {
            families.extend(load_folder(folder)?);
        }
        let sentences =
            families.iter_mut().flat_map(|family| std::mem::take(&mut family.sentences)).collect();
        families.retain(|family| !family.bodies.is_empty());
        if families.is_empty() {
            let names: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
            return Err(Error::Empty(names.join(", ")));
        }
        Ok(Self { families, sentences })
    }

    /// The families, in order of folder and name.
    pub fn families(&self) -> impl Iterator<Item = &str> {
        self.families.iter().map(|family| family.name.as_str())
    }

    /// A document of any family, at times followed by others about the same people: the same state of `rng` gives
    /// the same document.
    pub fn document(&self, rng: &mut fastrand::Rng, split: Split) -> Document {
        let count = if random::chance(rng, 6) { rng.usize(2..5) } else { 1 };
        let families: Vec<_> = (0..count).filter_map(|_| self.family(rng)).collect();
        self.expand(&families, rng, split)
    }

    fn family(&self, rng: &mut fastrand::Rng) -> Option<&Family> {
        let weights = self.families.iter().map(|family| {
            // a family with many templates comes more often, but does not drown the small ones
            f64::from(family.bodies.iter().map(|body| body.weight).sum::<u32>()).sqrt()
        });
        self.families.get(random::weighted(rng, weights))
    }

    /// A document of one family; `None` if there is no such family.
    pub fn document_of(&self, family: &str, rng: &mut fastrand::Rng, split: Split) -> Option<Document> {
        let family = self.families.iter().find(|one| one.name == family)?;
        Some(self.expand(&[family], rng, split))
    }

    /// Clinical prose without identifiers: every sentence of the `prose` files once, the same at every call.
    pub fn clean_sentences(&self) -> Vec<String> {
        let mut rng = fastrand::Rng::with_seed(0);
        let rules = Rules::new();
        self.sentences
            .iter()
            .map(|sentence| {
                let mut draft = Draft::default();
                Scene::new(&mut rng, Split::Train, &[]).write(&rules, sentence, &mut draft);
                draft.text
            })
            .collect()
    }

    /// One scene, told by each family in turn.
    fn expand(&self, families: &[&Family], rng: &mut fastrand::Rng, split: Split) -> Document {
        let mut draft = Draft::default();
        let between = random::word(rng, &["\n\n", "\n", "\n\n---\n\n", "\n=====\n", "\n\u{c}\n"]);
        let chosen: Vec<_> = families
            .iter()
            .filter_map(|family| {
                let weights = family.bodies.iter().map(|body: &Body| f64::from(body.weight));
                Some((&family.rules, family.bodies.get(random::weighted(rng, weights))?))
            })
            .collect();
        let mut scene = Scene::new(rng, split, &self.sentences);
        for (at, (rules, body)) in chosen.into_iter().enumerate() {
            draft.plain(if at == 0 { "" } else { between });
            scene.write(rules, &body.nodes, &mut draft);
        }
        style::any(rng, &mut draft);
        let family = families.first().map_or_else(String::new, |family| family.name.clone());
        Document { family, text: draft.text, spans: draft.spans }
    }
}

/// The files of a folder, by name, each with the rules of `common.txt` where it has none of that name.
fn load_folder(folder: &Path) -> Result<Vec<Family>, Error> {
    let fault = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Read { path, source }
    };
    let mut paths = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>())
        .map_err(fault(folder))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let mut families = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(fault(&path))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        families.push(template::parse(&name, &text)?);
    }
    let common = families.iter().find(|family| family.name == "common").map(|family| family.rules.clone());
    for family in &mut families {
        for (name, rule) in common.iter().flatten() {
            family.rules.entry(name.clone()).or_insert_with(|| rule.clone());
        }
        template::check(family)?;
    }
    Ok(families)
}

#[cfg(test)]
mod tests;
