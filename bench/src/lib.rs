//! What the three programs share: arguments, protocols, and prompts of which no two are alike.

pub mod dialect;
pub mod prompt;

/// The value after `--name` on the command line, parsed; `default` where it is not there.
pub fn argument<T: std::str::FromStr>(name: &str, default: T) -> T {
    let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
    match arguments.next() {
        Some(text) => text.parse().unwrap_or_else(|_| panic!("{name}: `{text}` is not understood")),
        None => default,
    }
}

/// Whether `--name` is on the command line.
pub fn flag(name: &str) -> bool {
    std::env::args().any(|argument| argument == name)
}
