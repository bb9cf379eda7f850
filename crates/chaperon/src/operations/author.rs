//! Who makes a change: the user of the operating system, always, and the name that was given, if one was.

use deid::{Detector, Known, Passage};
use nix::unistd::{Uid, User};
use terms::IdentifierClass;

use super::Note;
use crate::failure::Failure;

/// Longest author and reason, in bytes.
const LONGEST: usize = 300;

/// The author of a change and its reason, as rows and entries keep them.
pub(crate) struct Author {
    /// `jane (user chaperon)`, or `user chaperon`.
    pub(crate) name: String,
    /// Why.
    pub(crate) reason: String,
}

impl Author {
    /// Of a note that came from a process of `uid`; `usual` is the reason where none was given.
    pub(crate) fn of(note: &Note, uid: u32, usual: &str) -> Self {
        let user = match User::from_uid(Uid::from_raw(uid)) {
            Ok(Some(user)) => format!("user {}", user.name),
            _ => format!("user {uid}"),
        };
        let name = match &note.author {
            Some(given) => format!("{given} ({user})"),
            None => user,
        };
        Self { name, reason: note.reason.clone().unwrap_or_else(|| usual.to_owned()) }
    }
}

/// Whether the authors of two changes may be one person: the same name, or the same user of the system where not both
/// gave a name. A name that is given is a claim that the record keeps.
pub(super) fn may_be_one(one: &str, other: &str) -> bool {
    let ((given, user), (other_given, other_user)) = (parts(one), parts(other));
    match (given, other_given) {
        (Some(given), Some(other)) => given == other,
        _ => user == other_user,
    }
}

/// The name that was given, in small letters and single blanks, and the user of the system.
fn parts(author: &str) -> (Option<String>, &str) {
    let plain = |name: &str| name.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    match author.strip_suffix(')').and_then(|author| author.rsplit_once(" (user ")) {
        Some((given, user)) => (Some(plain(given)), user),
        None => (None, author.strip_prefix("user ").unwrap_or(author)),
    }
}

impl Note {
    /// Refuses what must not stand in the plain part of the record, which no key's end reaches: a reason with an
    /// identifier that numbers a person. Names are let through: those of the workforce belong there.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if [&self.author, &self.reason].into_iter().flatten().any(|text| text.len() > LONGEST) {
            return Err(Failure::refused(format!("author and reason are at most {LONGEST} bytes long")));
        }
        let Some(reason) = &self.reason else { return Ok(()) };
        let found = Detector::rules()
            .detect(Passage::prose(reason), &Known::none())
            .map_err(|error| Failure::failed(format!("the reason could not be examined: {error}")))?;
        match found.iter().find(|finding| numbers_a_person(finding.class)) {
            None => Ok(()),
            Some(finding) => Err(Failure::refused(format!(
                "the reason holds what looks like an identifier of a person ({})",
                finding.class
            ))
            .help("the record keeps reasons in the clear: say it without")),
        }
    }
}

const fn numbers_a_person(class: IdentifierClass) -> bool {
    class.names_a_person() && !matches!(class, IdentifierClass::Name | IdentifierClass::Location)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_may_name_a_colleague_but_no_patient() {
        let note = |reason: &str| Note { author: None, reason: Some(reason.to_owned()) };
        assert!(note("approved by Dr. Jane Roe, ticket 12").check().is_ok());
        assert!(note("for the patient with MRN 48213377").check().is_err());
        assert!(note(&"x".repeat(301)).check().is_err());
    }

    #[test]
    fn two_who_may_be_one_are_taken_for_one() {
        for (one, other, may_be) in [
            ("user root", "user root", true),
            ("jane (user root)", "user root", true),
            ("jane (user root)", "Jane  (user ops)", true),
            ("jane (user root)", "mary (user root)", false),
            ("user ann", "user bo", false),
            ("jane (user ann)", "user bo", false),
            ("x (user ann) (user root)", "x (user bo) (user root)", false),
            ("user (user root)", "user root", true),
        ] {
            assert_eq!(may_be_one(one, other), may_be, "{one}, {other}");
            assert_eq!(may_be_one(other, one), may_be, "{one}, {other}");
        }
    }

    #[test]
    fn the_operating_systems_user_is_always_named() {
        let note = Note { author: Some("jane".into()), reason: None };
        let author = Author::of(&note, 4_000_000, "added");
        assert_eq!((author.name.as_str(), author.reason.as_str()), ("jane (user 4000000)", "added"));
        assert_eq!(Author::of(&Note::default(), 0, "x").name, "user root");
    }
}
