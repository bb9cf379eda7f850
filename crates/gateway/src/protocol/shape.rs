//! The vocabulary in which grammars of protocols are written: which positions of a body are structure.
//!
//! A position is content unless its shape says otherwise, and shapes that say otherwise look at the value too.

use super::Feature;

/// The members of an object that a protocol defines.
pub(crate) type Fields = &'static [(&'static str, Shape)];

/// What a protocol says of a value.
pub(crate) enum Shape {
    /// Free JSON: every string and key is content, and every number that a key names or that is long; all are
    /// labelled with the nearest key.
    Any,
    /// Text, or a list of texts, without a label: the key says nothing of what it holds.
    Prose,
    /// Content that is labelled as the object around it, not by its own key.
    Same,
    /// Structure where it is one of these words.
    Word(&'static [&'static str]),
    /// Structure where it is one of these words, else the inner shape.
    Or(&'static [&'static str], &'static Shape),
    /// Structure where its text has this form.
    Form(fn(&str) -> bool),
    /// The inner shape; where the text is this word, the feature is used.
    Mark(&'static str, Feature, &'static Shape),
    /// Structure where it is a number of at most seven digits before its point.
    Number,
    /// Structure where it is a whole number of 64 bits: a setting that may be any of them, such as a seed.
    Integer,
    /// Structure where it is any number: a bound in a schema.
    Bound,
    /// The model's name: routed and replaced, not forwarded.
    Model,
    /// Text that is a JSON document by protocol or by habit: walked inside where it parses.
    Json,
    /// JSON where others have a string of JSON: walked inside in requests, one channel in answers.
    Input,
    /// Signed text: content that can't be rewritten.
    Signed,
    /// Encrypted or a signature: listed as opaque. In requests it is skipped only where it looks like it, else it
    /// is as [`Shape::Signed`] too; in answers it is skipped unless it holds blanks, or letters that no encoding has.
    Opaque,
    /// Base64 of what can't be scanned: skipped where it is base64, and the feature is used.
    Blob(Feature),
    /// An address: `data:` holds what can't be scanned, any other is fetched by the vendor and is content too.
    Url(Feature),
    /// The inner shape; where the value is not null, `false` or empty, the feature is used.
    Flag(Feature, &'static Shape),
    /// An object; keys that are not listed are content, and so is all below them.
    Object(Fields),
    /// An object of a protocol that is written as JSON of protocol buffers: each member may be spelt in two ways,
    /// `maxTokens` as listed, or `max_tokens`. Keys that are not listed are content, and what is below them has the
    /// last shape.
    Proto(Fields, &'static Shape),
    /// An object that says by the member that it has what it is; one that is not listed is a use of the feature.
    Union(Feature, Fields),
    /// The inner shape; a string of [`Shape::Any`] in it that looks like encoded bytes, or names a place from which the
    /// vendor fetches some, is a use of the feature.
    Free(Feature, &'static Shape),
    /// An object whose keys are all content, and whose values have the inner shape.
    Map(&'static Shape),
    /// An object whose keys are numbers of vocabulary entries.
    TokenMap,
    /// An array of values of the inner shape.
    List(&'static Shape),
    /// One shape for a string, one for an array, one for an object.
    Either { string: &'static Shape, list: &'static Shape, object: &'static Shape },
    /// An object that says by the member of this name which of the cases it is. In a case, that member is
    /// structure; in none of them, the last shape holds.
    Tagged(&'static str, &'static [(&'static [&'static str], Shape)], &'static Shape),
    /// An identifier or a name that the vendor made: structure where it looks like one. In answers only.
    Id,
    /// Structure where it is a number. In answers only.
    Skip,
    /// What spells out again the text beside it, as probabilities of its tokens do: goes on as it came, or is dropped
    /// whole. In answers only.
    Echo,
    /// Another shape, for grammars that contain themselves.
    As(&'static Shape),
}

/// Whether `name` is one of the two spellings of a member: `maxTokens` as listed, or `max_tokens`.
pub(crate) fn is_named(field: &str, name: &str) -> bool {
    if field == name {
        return true;
    }
    let mut rest = name.bytes();
    let mut next = |wanted: u8| rest.next() == Some(wanted);
    field.bytes().all(|byte| {
        if byte.is_ascii_uppercase() { next(b'_') && next(byte.to_ascii_lowercase()) } else { next(byte) }
    }) && rest.next().is_none()
}

/// Whether `name` is a member's but for the case of its letters: readers that match without regard to case (Go's
/// `encoding/json` for one, by Unicode's simple folding) take it for the member, others do not know it.
pub(crate) fn is_another_case(field: &str, name: &str) -> bool {
    fn folded(text: &str) -> impl Iterator<Item = char> {
        text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
    }
    field != name && folded(field).eq(folded(name))
}

/// Whether `text` can be an identifier that a vendor made: no spaces, not long, and none that a person may have.
pub(crate) fn looks_like_id(text: &str) -> bool {
    text.len() <= 128
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/@+=".contains(&byte))
        && !may_be_a_persons(text)
}

/// Whether a word without spaces may be a number or an address of a person, as `48213377`, `MRN-48213377`,
/// `219-09-9962` and `jane@example.org` are: six digits in a row, or nine with marks between, beside one word at most; or an `@`
/// with a dot behind it. Such a word is text. A day of these years at its end is that of a model's version.
fn may_be_a_persons(text: &str) -> bool {
    if text.split_once('@').is_some_and(|(_, host)| host.contains('.')) {
        return true;
    }
    let (mut words, mut digits, mut number) = (0, 0, false);
    for part in
        without_day(text).split(|mark: char| !mark.is_ascii_alphanumeric()).filter(|part| !part.is_empty())
    {
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            digits += part.len();
            number |= part.len() >= 6 || digits >= 9;
        } else {
            words += 1;
            digits = 0;
        }
    }
    words <= 1 && number
}

/// A name without the day of its version: `gpt-5-2025-08-07`, `sonnet-4@20250514`.
fn without_day(text: &str) -> &str {
    let day = |length: usize| {
        let (name, day) = text.split_at_checked(text.len().checked_sub(length)?)?;
        let digits: String = day.chars().filter(char::is_ascii_digit).collect();
        let number: u32 = digits.parse().ok()?;
        let (year, month, day_of) = (number / 10_000, number / 100 % 100, number % 100);
        let known = (2020..2040).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day_of);
        let marks =
            length == 8 || day.bytes().enumerate().all(|(at, byte)| (byte == b'-') == matches!(at, 4 | 7));
        let apart = name.ends_with(['-', '@', ':', '_'])
            && name.starts_with(|first: char| first.is_ascii_alphabetic());
        (digits.len() == 8 && known && marks && apart).then_some(name)
    };
    day(8).or_else(|| day(10)).unwrap_or(text)
}

/// Whether `text` is base64, standard or for URLs, and nothing else.
pub(crate) fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len() - body.len() <= 2
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte))
}

/// Whether a text of which nothing is known can be bytes in base64, or the address of some in a store of the vendor's.
pub(crate) fn looks_like_bytes(text: &str) -> bool {
    (text.len() >= 64 && is_base64(text))
        || text.starts_with("s3://")
        || is_base64_data(text)
        || is_broken_base64(text)
}

/// Whether `text` is base64 in lines of one length (RFC 2045, 6.8), which decoders take too.
fn is_broken_base64(text: &str) -> bool {
    let mut lines = text.trim_ascii().lines().map(str::trim_ascii);
    let Some(first) = lines.next().filter(|first| first.len() >= 40 && is_base64(first)) else {
        return false;
    };
    let mut last = first.len();
    lines.all(|line| std::mem::replace(&mut last, line.len()) == first.len() && is_base64(line))
}

/// Whether `text` is a `data:` address with a base64 body (RFC 2397).
pub(crate) fn is_base64_data(text: &str) -> bool {
    let Some((head, body)) = text.split_once(',') else { return false };
    let Some(media) = head.strip_prefix("data:").and_then(|head| head.strip_suffix(";base64")) else {
        return false;
    };
    media.len() <= 128
        && media.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-+.=;".contains(&byte))
        && is_base64(body)
}

/// The same bytes in one spelling of base64, whichever a client sends them back in: standard, without padding.
pub(crate) fn plain_base64(text: &str) -> String {
    let letter = |letter| match letter {
        '-' => '+',
        '_' => '/',
        other => other,
    };
    text.trim_end_matches('=').chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_has_two_spellings() {
        assert!(is_named("systemInstruction", "systemInstruction"));
        assert!(is_named("systemInstruction", "system_instruction"));
        assert!(is_named("text", "text"));
        for other in
            ["system_Instruction", "systeminstruction", "system_instruction_", "system", "", "System"]
        {
            assert!(!is_named("systemInstruction", other), "{other}");
        }
    }

    #[test]
    fn what_may_be_a_persons_is_no_identifier_of_a_vendors() {
        for id in [
            "",
            "chatcmpl-AbC123",
            "chatcmpl-12345",
            "msg_01XFDUDYJgAACzvnptvVoYEL",
            "gpt-4o-2024-08-06",
            "gpt-5-2025-08-07",
            "o3-20250416",
            "gpt-4.1-2025",
            "claude-3-5-sonnet@20240620",
            "qwen2.5-0528",
            "resp_68a1f0c2",
            "us.anthropic.claude-sonnet-4-20250514-v1:0",
            "accounts/acme/models/m-1",
            "stop",
        ] {
            assert!(looks_like_id(id), "{id}");
        }
        let long = "a".repeat(129);
        for text in [
            "48213377",
            "MRN-48213377",
            "MRN:48213377",
            "219-09-9962",
            "20250807",
            "MRN-20259907",
            "MRN-4821-2025-08-07-11",
            "SSN_219-09-9962",
            "555.123.4567",
            "jane@example.org",
            "Jane Roe",
            long.as_str(),
        ] {
            assert!(!looks_like_id(text), "{text}");
        }
    }

    #[test]
    fn a_member_in_another_case_is_told_from_the_member() {
        for name in ["Store", "STORE", "ſtore", "sTore"] {
            assert!(is_another_case("store", name), "{name}");
        }
        assert!(is_another_case("top_k", "top_\u{212a}"));
        for other in ["store", "stores", "ѕtore", "", "stor\u{e9}"] {
            assert!(!is_another_case("store", other), "{other}");
        }
    }

    #[test]
    fn base64_may_be_broken_into_lines() {
        let line = "QUJD".repeat(19);
        for bytes in
            [format!("{line}\r\n{line}\r\nQUI="), format!("{line}\n{line}\n"), format!(" {line}\n {line}")]
        {
            assert!(looks_like_bytes(&bytes), "{bytes}");
        }
        for text in
            [format!("{line}\nQUI=\n{line}"), "one\ntwo\nsix\n".repeat(20), format!("see {line}\n{line}")]
        {
            assert!(!looks_like_bytes(&text), "{text}");
        }
    }

    #[test]
    fn base64_has_one_spelling() {
        assert_eq!(plain_base64("a-b_cQ=="), "a+b/cQ");
        assert_eq!(plain_base64("a+b/cQ"), "a+b/cQ");
    }
}
