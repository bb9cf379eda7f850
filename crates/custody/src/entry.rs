//! What a session remembers, in memory and sealed.

use std::sync::Arc;

use terms::{Digest, Digester, Form, IdentifierClass, Phi, Randomness, Sealer, SessionId};

use crate::{CustodyError, SealedEntries};

/// Version of the sealed form: this byte, then each entry as its kind and its content. A mapping is the length of
/// what follows (32 bits, big-endian), the class's label, 0, the surrogate, 0, the original; where the surrogate is no label, the word
/// of its form and 0 stand before the class. A mark is its 32 bytes.
const VERSION: u8 = 2;

/// The first version: this byte, then one mapping without kind and length.
const ONE_MAPPING: u8 = 1;

const MAPPING: u8 = 1;
const MARK: u8 = 2;
const SHAPED: u8 = 3;

const NONCE: usize = 12;

/// One thing that a session remembers. The order is the session's: a branch knows the first so many.
#[derive(Clone)]
pub(crate) enum Entry {
    Mapping(Mapping),
    /// Keyed digest of an opaque part of an answer and the service that issued it.
    Mark(Arc<Digest>),
}

/// One surrogate with its original. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Mapping {
    pub(crate) class: IdentifierClass,
    pub(crate) form: Form,
    /// How many bytes of the text are the surrogate.
    surrogate: u32,
    /// The surrogate and the original: one piece of memory for both.
    text: Phi<Arc<str>>,
}

impl Mapping {
    /// A label.
    pub(crate) fn new(class: IdentifierClass, surrogate: &str, original: &str) -> Self {
        Self::shaped(class, Form::Label, surrogate, original)
    }

    pub(crate) fn shaped(class: IdentifierClass, form: Form, surrogate: &str, original: &str) -> Self {
        let text = [surrogate, original].concat();
        // a surrogate is a few bytes
        let surrogate = u32::try_from(surrogate.len()).unwrap_or(u32::MAX);
        Self { class, form, surrogate, text: Phi::new(text.into()) }
    }

    pub(crate) fn surrogate(&self) -> &str {
        self.parts().0
    }

    pub(crate) fn original(&self) -> &str {
        self.parts().1
    }

    fn parts(&self) -> (&str, &str) {
        self.text.expose().split_at_checked(self.surrogate as usize).unwrap_or_default()
    }
}

/// The mark of an opaque part that `service` issued.
pub(crate) fn mark(digester: &dyn Digester, service: &str, part: &[u8]) -> Digest {
    digester.digest("chaperon.session.opaque.v1", &[service.as_bytes(), part])
}

impl Entry {
    pub(crate) const fn mapping(&self) -> Option<&Mapping> {
        match self {
            Self::Mapping(mapping) => Some(mapping),
            Self::Mark(_) => None,
        }
    }

    pub(crate) fn mark(&self) -> Option<&Digest> {
        match self {
            Self::Mapping(_) => None,
            Self::Mark(mark) => Some(mark),
        }
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn weight(&self) -> usize {
        let behind = match self {
            Self::Mapping(mapping) => mapping.text.expose().len(),
            Self::Mark(mark) => size_of_val(&**mark),
        };
        // the entry, two counters, and what an allocation takes for itself
        size_of::<Self>() + behind + 32
    }

    fn write(&self, content: &mut Vec<u8>) -> Result<(), CustodyError> {
        match self {
            Self::Mark(mark) => {
                content.push(MARK);
                content.extend_from_slice(&mark.0);
            }
            Self::Mapping(mapping) => {
                let (form, label) = (mapping.form.as_str(), mapping.class.label());
                let shaped = mapping.form != Form::Label;
                let word = if shaped { form.len() + 1 } else { 0 };
                let length = word + label.len() + mapping.text.expose().len() + 2;
                content.push(if shaped { SHAPED } else { MAPPING });
                content.extend_from_slice(
                    &u32::try_from(length).map_err(|_| CustodyError::Sealed)?.to_be_bytes(),
                );
                for part in [form, label, mapping.surrogate()].iter().skip(usize::from(!shaped)) {
                    content.extend_from_slice(part.as_bytes());
                    content.push(0);
                }
                content.extend_from_slice(mapping.original().as_bytes());
            }
        }
        Ok(())
    }

    /// Cuts one off the front.
    fn read(content: &mut &[u8]) -> Option<Self> {
        let (kind, rest) = content.split_first()?;
        let (entry, rest) = match *kind {
            MAPPING | SHAPED => {
                let (length, rest) = rest.split_first_chunk::<4>()?;
                let (text, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
                let mapping = if *kind == SHAPED { shaped(text)? } else { mapping(text)? };
                (Self::Mapping(mapping), rest)
            }
            MARK => {
                let (mark, rest) = rest.split_first_chunk::<32>()?;
                (Self::Mark(Arc::new(Digest(*mark))), rest)
            }
            _ => return None,
        };
        *content = rest;
        Some(entry)
    }
}

/// Seals `entries`, the first of which stands at `position`, as a random nonce and the ciphertext, bound to session
/// and position.
pub(crate) fn seal(
    entries: &[Entry],
    key: &dyn Sealer,
    randomness: &dyn Randomness,
    session: SessionId,
    position: u32,
) -> Result<SealedEntries, CustodyError> {
    let room: usize = entries.iter().map(Entry::weight).sum();
    let mut content = Vec::with_capacity(room);
    content.push(VERSION);
    entries.iter().try_for_each(|entry| entry.write(&mut content))?;
    let mut nonce = [0; NONCE];
    randomness.fill(&mut nonce);
    key.seal(nonce, &context(session, position), &mut content).map_err(|_| CustodyError::Sealed)?;
    let sealed = [&nonce[..], &content].concat();
    Ok(SealedEntries { position, sealed })
}

/// Opens what [`seal`] sealed, behind what `entries` holds already.
pub(crate) fn open(
    kept: &SealedEntries,
    key: &dyn Sealer,
    session: SessionId,
    entries: &mut Vec<Entry>,
) -> Result<(), CustodyError> {
    let (nonce, sealed) = kept.sealed.split_first_chunk::<NONCE>().ok_or(CustodyError::Sealed)?;
    let mut content = sealed.to_vec();
    key.unseal(*nonce, &context(session, kept.position), &mut content).map_err(|_| CustodyError::Sealed)?;
    let (version, mut rest) = content.split_first().ok_or(CustodyError::Sealed)?;
    match *version {
        ONE_MAPPING => entries.push(Entry::Mapping(mapping(rest).ok_or(CustodyError::Sealed)?)),
        VERSION => {
            while !rest.is_empty() {
                entries.push(Entry::read(&mut rest).ok_or(CustodyError::Sealed)?);
            }
        }
        _ => return Err(CustodyError::Sealed),
    }
    Ok(())
}

fn mapping(content: &[u8]) -> Option<Mapping> {
    let mut parts = std::str::from_utf8(content).ok()?.splitn(3, '\0');
    let class = parts.next()?.parse().ok()?;
    Some(Mapping::new(class, parts.next()?, parts.next()?))
}

fn shaped(content: &[u8]) -> Option<Mapping> {
    let end = content.iter().position(|byte| *byte == 0)?;
    let (form, rest) = content.split_at_checked(end)?;
    let form = Form::named(std::str::from_utf8(form).ok()?)?;
    Some(Mapping { form, ..mapping(rest.get(1..)?)? })
}

fn context(session: SessionId, position: u32) -> [u8; 47] {
    let mut context = *b"chaperon.session.mapping.v1____________________";
    let ends = session.as_bytes().iter().copied().chain(position.to_be_bytes());
    context.iter_mut().skip(27).zip(ends).for_each(|(place, byte)| *place = byte);
    context
}

#[cfg(test)]
mod tests {
    use terms::{KeyId, SealError};

    use super::*;

    /// Hides nothing; holds on to nonce and context.
    struct Glass;

    impl Sealer for Glass {
        fn key_id(&self) -> KeyId {
            KeyId::from_bytes([0; 16])
        }

        fn epoch(&self) -> u32 {
            0
        }

        fn commitment(&self) -> Digest {
            Digest([0; 32])
        }

        fn seal(&self, nonce: [u8; 12], about: &[u8], content: &mut Vec<u8>) -> Result<(), SealError> {
            content.extend_from_slice(&nonce);
            content.extend_from_slice(about);
            Ok(())
        }

        fn unseal(&self, nonce: [u8; 12], context: &[u8], sealed: &mut Vec<u8>) -> Result<(), SealError> {
            let tail = [&nonce, context].concat();
            if !sealed.ends_with(&tail) {
                return Err(SealError::Forged);
            }
            sealed.truncate(sealed.len() - tail.len());
            Ok(())
        }
    }

    struct Zero;

    impl Randomness for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    const SESSION: SessionId = SessionId::from_bytes([7; 16]);

    fn shown(entry: &Entry) -> String {
        match entry {
            Entry::Mark(mark) => mark.to_hex(),
            Entry::Mapping(m) if m.form == Form::Label => {
                format!("{} {} {}", m.class.label(), m.surrogate(), m.original())
            }
            Entry::Mapping(m) => format!("{} {} {}", m.form.as_str(), m.surrogate(), m.original()),
        }
    }

    #[test]
    fn entries_come_back_in_their_order() {
        let entries = [
            Entry::Mapping(Mapping::new(IdentifierClass::Name, "NAME-4K2M9X", "Ann \0 Lée")),
            Entry::Mark(Arc::new(Digest([0; 32]))),
            Entry::Mapping(Mapping::shaped(IdentifierClass::Date, Form::Date, "1691-09-21", "1980-03-02")),
            Entry::Mapping(Mapping::new(IdentifierClass::HealthPlan, "HEALTH-PLAN-1A2B3C", "")),
        ];
        let sealed = seal(&entries, &Glass, &Zero, SESSION, 3).unwrap();
        let mut opened = Vec::new();
        open(&sealed, &Glass, SESSION, &mut opened).unwrap();
        assert!(opened.iter().map(shown).eq(entries.iter().map(shown)));
        let elsewhere = SealedEntries { position: 4, ..sealed.clone() };
        assert!(open(&elsewhere, &Glass, SESSION, &mut opened).is_err());
        assert!(open(&sealed, &Glass, SessionId::from_bytes([8; 16]), &mut opened).is_err());
    }

    #[test]
    fn what_is_not_whole_is_refused_and_the_first_form_still_opens() {
        let sealed = |content: &[u8]| {
            let mut content = content.to_vec();
            Glass.seal([0; 12], &context(SESSION, 0), &mut content).unwrap();
            SealedEntries { position: 0, sealed: [&[0; 12], &content[..]].concat() }
        };
        let opened = |content: &[u8]| {
            let mut entries = Vec::new();
            open(&sealed(content), &Glass, SESSION, &mut entries).map(|()| entries)
        };
        let first = opened(b"\x01NAME\0NAME-4K2M9X\0Ann Lee").unwrap();
        assert_eq!(first.iter().map(shown).collect::<Vec<_>>(), ["NAME NAME-4K2M9X Ann Lee"]);
        assert_eq!(opened(b"\x02\x01\0\0\0\x07NAME\0N\0").unwrap().len(), 1);
        assert_eq!(opened(b"\x02\x03\0\0\0\x0cdate\0NAME\0N\0").unwrap().len(), 1);
        let broken: [&[u8]; 7] = [
            b"",
            b"\x03",
            b"\x02\x04",
            b"\x02\x03\0\0\0\x0cdata\0NAME\0N\0",
            b"\x02\x01\0\0\0\x08NAME\0N\0",
            b"\x02\x02short",
            b"\x01NAME\0",
        ];
        assert!(broken.into_iter().all(|content| opened(content).is_err()));
    }
}
