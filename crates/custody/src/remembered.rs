//! The entries of one session, and how one is found among them.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use terms::{Digest, Form};

use crate::entry::{Entry, Mapping};

/// So many are looked through one by one: most sessions are small, and an index weighs more than they do.
const FEW: usize = 16;

/// The entries of a session at one moment.
pub(crate) type Entries = Arc<Vec<Entry>>;

/// What a session remembers, in order.
#[derive(Default)]
pub(crate) struct Remembered {
    entries: Entries,
    mappings: usize,
    /// About how many bytes the entries take.
    weight: usize,
    /// There from the first entry that is not one of a few.
    index: Option<Box<Index>>,
}

#[derive(Default)]
struct Index {
    /// Of labels.
    originals: HashSet<ByOriginal>,
    /// Of surrogates in other forms; of one original the newest.
    shaped: HashMap<Form, HashSet<ByOriginal>>,
    tails: HashSet<ByTail>,
    marks: HashMap<Arc<Digest>, usize>,
}

struct ByOriginal(Mapping);
struct ByTail(Mapping);

macro_rules! found_by {
    ($($key:ident: |$mapping:ident| $text:expr;)*) => {$(
        impl Borrow<str> for $key {
            fn borrow(&self) -> &str {
                let $mapping = &self.0;
                $text
            }
        }

        impl Hash for $key {
            fn hash<H: Hasher>(&self, state: &mut H) {
                Borrow::<str>::borrow(self).hash(state);
            }
        }

        impl PartialEq for $key {
            fn eq(&self, other: &Self) -> bool {
                Borrow::<str>::borrow(self) == Borrow::<str>::borrow(other)
            }
        }

        impl Eq for $key {}
    )*};
}

found_by! {
    ByOriginal: |mapping| mapping.original();
    ByTail: |mapping| tail_of(mapping);
}

/// What no two surrogates of a session share: the end of a label, all of another.
fn tail_of(mapping: &Mapping) -> &str {
    let surrogate = mapping.surrogate();
    if mapping.form == Form::Label { surrogate.rsplit('-').next().unwrap_or_default() } else { surrogate }
}

impl Remembered {
    /// All of them, as they are now.
    pub(crate) fn entries(&self) -> Entries {
        Arc::clone(&self.entries)
    }

    /// Those that come behind the first `known`.
    pub(crate) fn behind(&self, known: usize) -> &[Entry] {
        self.entries.get(known..).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) const fn mappings(&self) -> usize {
        self.mappings
    }

    pub(crate) fn marks(&self) -> usize {
        self.len() - self.mappings
    }

    /// About how many bytes of memory it takes.
    pub(crate) const fn weight(&self) -> usize {
        if self.index.is_some() { self.weight * 2 } else { self.weight }
    }

    /// The label of an original.
    pub(crate) fn original(&self, original: &str) -> Option<&Mapping> {
        match &self.index {
            Some(index) => index.originals.get(original).map(|found| &found.0),
            None => self.walked().find(|own| own.form == Form::Label && own.original() == original),
        }
    }

    /// The surrogates of an original in another form, the newest first: looked through one by one.
    pub(crate) fn all_shaped<'s, 'o>(
        &'s self,
        original: &'o str,
        form: Form,
    ) -> impl Iterator<Item = &'s Mapping> + use<'s, 'o> {
        let newest = self.entries.iter().rev().filter_map(Entry::mapping);
        newest.filter(move |own| own.form == form && own.original() == original)
    }

    /// The newest surrogate of an original in another form.
    pub(crate) fn shaped(&self, original: &str, form: Form) -> Option<&Mapping> {
        if let Some(index) = &self.index {
            return index.shaped.get(&form)?.get(original).map(|found| &found.0);
        }
        self.all_shaped(original, form).next()
    }

    /// Whether a surrogate with this tail was issued.
    pub(crate) fn has_tail(&self, tail: &str) -> bool {
        match &self.index {
            Some(index) => index.tails.contains(tail),
            None => self.walked().any(|mapping| tail_of(mapping) == tail),
        }
    }

    /// Whether `text` is an original that has a label or a surrogate in `form`.
    pub(crate) fn is_original(&self, text: &str, form: Form) -> bool {
        self.original(text).is_some() || self.shaped(text, form).is_some()
    }

    /// Where a mark stands.
    pub(crate) fn mark(&self, mark: &Digest) -> Option<usize> {
        match &self.index {
            Some(index) => index.marks.get(mark).copied(),
            None => {
                self.entries.iter().position(|entry| matches!(entry, Entry::Mark(held) if **held == *mark))
            }
        }
    }

    fn walked(&self) -> impl Iterator<Item = &Mapping> {
        self.entries.iter().filter_map(Entry::mapping)
    }

    pub(crate) fn push(&mut self, entry: Entry) {
        self.weight += entry.weight();
        self.mappings += usize::from(entry.mapping().is_some());
        Arc::make_mut(&mut self.entries).push(entry);
        if self.len() > FEW {
            let missing = if self.index.is_some() { self.len() - 1 } else { 0 };
            let index = self.index.get_or_insert_default();
            for (place, entry) in self.entries.iter().enumerate().skip(missing) {
                index.add(place, entry);
            }
        }
    }
}

impl FromIterator<Entry> for Remembered {
    fn from_iter<T: IntoIterator<Item = Entry>>(entries: T) -> Self {
        let mut remembered = Self::default();
        entries.into_iter().for_each(|entry| remembered.push(entry));
        remembered
    }
}

impl Index {
    fn add(&mut self, place: usize, entry: &Entry) {
        match entry {
            Entry::Mapping(mapping) => {
                let own = ByOriginal(mapping.clone());
                if mapping.form == Form::Label {
                    self.originals.insert(own);
                } else {
                    self.shaped.entry(mapping.form).or_default().replace(own);
                }
                self.tails.insert(ByTail(mapping.clone()));
            }
            Entry::Mark(mark) => {
                self.marks.insert(Arc::clone(mark), place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use terms::IdentifierClass;

    use super::*;

    #[test]
    fn few_and_many_are_found_alike() {
        let mut remembered = Remembered::default();
        for n in 0..60_u8 {
            assert_eq!((remembered.mappings(), remembered.marks()), (usize::from(n), usize::from(n)));
            let (original, surrogate) = (format!("Person {n}"), format!("HEALTH-PLAN-{n:06}"));
            remembered.push(Entry::Mapping(Mapping::new(IdentifierClass::HealthPlan, &surrogate, &original)));
            remembered.push(Entry::Mark(Arc::new(Digest([n; 32]))));
            for m in 0..=n + 1 {
                let found = remembered.original(&format!("Person {m}")).map(Mapping::surrogate);
                assert_eq!(found, (m <= n).then(|| format!("HEALTH-PLAN-{m:06}")).as_deref());
                assert_eq!(remembered.has_tail(&format!("{m:06}")), m <= n);
                let place = remembered.mark(&Digest([m; 32]));
                assert_eq!(place, (m <= n).then(|| usize::from(m) * 2 + 1));
            }
        }
        let mut shaped = Remembered::default();
        for n in 0..60 {
            let number = format!("{n:08}");
            assert!(!shaped.has_tail(&number));
            shaped.push(Entry::Mapping(Mapping::shaped(
                IdentifierClass::Mrn,
                Form::Number,
                &number,
                "48213377",
            )));
            let found = |form| shaped.shaped("48213377", form).map(Mapping::surrogate);
            assert_eq!(
                (found(Form::Number), found(Form::Alike)),
                (Some(number.as_str()), None),
                "the newest"
            );
            assert!(shaped.original("48213377").is_none() && shaped.has_tail(&number));
        }
        assert_eq!(remembered.behind(118).len(), 2);
        assert_eq!(remembered.behind(121).len(), 0);
    }
}
