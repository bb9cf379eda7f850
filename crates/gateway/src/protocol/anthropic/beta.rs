//! Names of features that are not released yet.

/// The words of which names of features are made. A closed list, since the names go to the vendor.
const FEATURE_WORDS: &[&str] = &[
    "128k",
    "1m",
    "adaptive",
    "advanced",
    "agents",
    "api",
    "batches",
    "cache",
    "caching",
    "claude",
    "clear",
    "client",
    "code",
    "compact",
    "computer",
    "context",
    "counting",
    "dev",
    "edit",
    "editing",
    "editor",
    "efficient",
    "effort",
    "exceeded",
    "execution",
    "extended",
    "fast",
    "fetch",
    "files",
    "fine",
    "full",
    "grained",
    "input",
    "interleaved",
    "management",
    "max",
    "mcp",
    "memory",
    "message",
    "mode",
    "model",
    "oauth",
    "output",
    "outputs",
    "pdfs",
    "prompt",
    "results",
    "search",
    "skills",
    "streaming",
    "structured",
    "task",
    "text",
    "thinking",
    "token",
    "tokens",
    "tool",
    "tools",
    "ttl",
    "use",
    "web",
    "window",
];

/// Whether `text` is the name of such a feature: known words and a date, `prompt-caching-2024-07-31`.
pub(crate) fn is_beta(text: &str) -> bool {
    let is_word = |word: &str| FEATURE_WORDS.binary_search(&word).is_ok();
    let Some((name, date)) = text.split_at_checked(text.len().saturating_sub(10)) else { return false };
    text.len() <= 128
        && is_date(date)
        && name.strip_suffix('-').is_some_and(|name| name.split('-').all(is_word))
}

/// `YYYY-MM-DD`
pub(crate) fn is_date(text: &str) -> bool {
    let shape = |(at, b): (usize, u8)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() };
    text.len() == 10 && text.bytes().enumerate().all(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_features_are_in_order() {
        assert!(FEATURE_WORDS.is_sorted());
    }
}
