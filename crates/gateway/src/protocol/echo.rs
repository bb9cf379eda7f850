//! What spells out the text of an answer again, token by token, with how likely each was and what else was likely.
//!
//! It is the vendor's, is of no use without its text, and can hold another: alternatives and bytes of tokens are free.
//! So it is dropped where the text beside it changed, where the request holds surrogates (alternatives may be spelt
//! with pieces of them, which nobody could restore), and where a guard changes anything in it. Where none of that is
//! so it goes on as it came.

use std::borrow::Cow;

use super::guard::{Channel, Guards};
use super::json::{Kind, View};

/// Texts below this length hold no identifier by themselves.
const SHORT: usize = 6;

/// Lists of what else was likely: their texts don't follow one another.
const ALTERNATIVES: [&str; 3] = ["top_logprobs", "candidates", "topCandidates"];

/// Members that the protocols define: there are thousands, and no text.
const FIELDS: [&str; 11] = [
    "token",
    "logprob",
    "top_logprobs",
    "bytes",
    "content",
    "tokens",
    "token_logprobs",
    "tokenId",
    "logProbability",
    "chosenCandidates",
    "topCandidates",
];

/// Whether it holds other text than what a guard lets pass.
pub(super) fn strays(echo: View<'_>, guards: &mut dyn Guards) -> bool {
    holds(echo, "", guards)
}

fn holds(value: View<'_>, name: &str, guards: &mut dyn Guards) -> bool {
    match value.kind() {
        Kind::String => value.string().is_some_and(|text| changed(&text, guards)),
        Kind::Array => {
            let spelt = || value.items().filter_map(token).collect::<String>();
            (!ALTERNATIVES.contains(&name) && changed(&spelt(), guards))
                || value.items().any(|item| holds(item, "", guards))
        }
        Kind::Object => {
            other_bytes(value)
                || value.members().any(|(key, member)| {
                    let name = key.string().unwrap_or_default();
                    (!FIELDS.contains(&name.as_ref()) && changed(&name, guards))
                        || (name != "bytes" && holds(member, &name, guards))
                })
        }
        Kind::Null | Kind::Bool | Kind::Number | Kind::Key => false,
    }
}

/// The text of one token of a list.
fn token(item: View<'_>) -> Option<Cow<'_, str>> {
    item.string().or_else(|| item.get("token").and_then(View::string))
}

fn changed(text: &str, guards: &mut dyn Guards) -> bool {
    text.len() >= SHORT && guards.whole(Channel::Text, text) != text
}

/// Whether the bytes of a token are others than those of its text. A piece of a character has no text.
fn other_bytes(object: View<'_>) -> bool {
    let Some(bytes) = object.given("bytes") else { return false };
    let read = |item: View<'_>| item.whole().and_then(|byte| u8::try_from(byte).ok());
    let read: Option<Vec<u8>> = bytes.items().map(read).collect();
    let Some(read) = read.filter(|_| bytes.kind() == Kind::Array) else { return true };
    let same = object.get("token").and_then(View::string).is_some_and(|token| token.as_bytes() == read);
    let piece = read.len() <= 3 && !read.is_ascii() && std::str::from_utf8(&read).is_err();
    !same && !piece
}

#[cfg(test)]
mod tests {
    use super::super::Limits;
    use super::super::guard::Guard;
    use super::super::json::Document;
    use super::*;

    /// Masks one name.
    struct Mask(String);

    impl Guard for Mask {
        fn push(&mut self, chunk: &str) -> String {
            self.0.push_str(chunk);
            String::new()
        }

        fn finish(&mut self) -> String {
            self.0.replace("Finchley", "[NAME]")
        }
    }

    fn stray(echo: &str) -> bool {
        let document = Document::parse(echo.to_owned(), Limits::default().bounds()).unwrap();
        strays(document.root(), &mut |_: Channel| -> Box<dyn Guard + Send> { Box::new(Mask(String::new())) })
    }

    #[test]
    fn alternatives_and_bytes_are_looked_at() {
        for (echo, strays) in [
            (
                r#"{"content":[{"token":"Hi","bytes":[72,105],"top_logprobs":[{"token":"Ho","bytes":null}]}]}"#,
                false,
            ),
            (
                r#"{"content":[{"token":"Hi","bytes":[72,105],"top_logprobs":[{"token":"Mr Finchley"}]}]}"#,
                true,
            ),
            (r#"{"content":[{"token":"Fin"},{"token":"chl"},{"token":"ey"}]}"#, true),
            (r#"{"content":[{"token":"Fin","top_logprobs":[{"token":"chl"},{"token":"ey"}]}]}"#, false),
            (r#"[{"token":"Fin"},{"token":"chley"}]"#, true),
            (r#"{"content":[{"token":"Hi","bytes":[77,114,32,70]}]}"#, true),
            (r#"{"content":[{"token":"Hi","bytes":"Mr F"}]}"#, true),
            (r#"{"content":[{"token":"Hi","bytes":[72,1050]}]}"#, true),
            (r#"{"content":[{"token":"\\xf0\\x9f","bytes":[240,159]}]}"#, false),
            (r#"{"content":[{"token":"x","bytes":[208,152]}]}"#, true),
            (r#"{"tokens":["Fin","chley"],"token_logprobs":[-0.1],"top_logprobs":[{"a":-1}]}"#, true),
            (r#"{"tokens":["a"],"top_logprobs":[{"Finchley":-1}]}"#, true),
            (r#"{"chosenCandidates":[{"token":"Fin"},{"token":"chley"}]}"#, true),
            (r#"{"topCandidates":[{"candidates":[{"token":"Fin"},{"token":"chley"}]}]}"#, false),
            (r#"{"topCandidates":[{"candidates":[{"token":"Finchley"}]}]}"#, true),
        ] {
            assert_eq!(stray(echo), strays, "{echo}");
        }
    }
}
