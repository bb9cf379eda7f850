//! Who makes a change: the user of the operating system, always, and the name that was given, if one was.

use nix::unistd::{Uid, User};

use super::Note;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operating_systems_user_is_always_named() {
        let note = Note { author: Some("jane".into()), reason: None };
        let author = Author::of(&note, 4_000_000, "added");
        assert_eq!((author.name.as_str(), author.reason.as_str()), ("jane (user 4000000)", "added"));
        assert_eq!(Author::of(&Note::default(), 0, "x").name, "user root");
    }
}
