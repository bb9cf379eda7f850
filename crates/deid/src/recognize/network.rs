//! Email addresses (F), web addresses (N), internet protocol addresses (O), and MAC addresses (M).

use std::net::Ipv6Addr;
use std::sync::LazyLock;

use regex::Regex;
use terms::IdentifierClass;

use super::{Candidate, Rank};
use crate::view::{Kind, View};
use crate::wordset::{WordSet, words};

/// Longest part of an address before the `@` (RFC 5321, 4.5.3.1.1).
const LOCAL: usize = 64;

/// Most blanks and brackets between the parts of a spelled address.
const SPACING: usize = 4;

static DOMAIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,40}\.){1,5}[A-Za-z]{2,18}").ok());
static SPELLED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = r"(?i)^[a-z0-9._+-]{1,40}\s?[\[(]?\s?\bat\b\s?[\])]?\s?[a-z0-9-]{1,40}\s?[\[(]?\s?\bdot\b\s?[\])]?\s?(?:com|org|net|edu|gov|io|us|uk|health|me)\b";
    Regex::new(pattern).ok()
});

/// Top-level domains of an address that is written without `http` or `www`.
const BARE: &WordSet = words!("com org net edu gov io health co info me app dev us uk");

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    // ends of the last address and of the last path behind a bare domain: no byte is read twice
    let (mut web_end, mut path_end) = (0, 0);
    for at in 0..view.words.len() {
        let Some(word) = view.get(at) else { break };
        match (word.kind, view.byte(word.start)) {
            (Kind::Mark, Some(b'@')) => email(view, word.start, found),
            (Kind::Mark, Some(b':')) => web_end = colon(view, at, web_end, found),
            (Kind::Mark, Some(b'.')) if word.start >= web_end.max(path_end) => {
                path_end = dot(view, at, found).unwrap_or(path_end);
            }
            (Kind::Lower, Some(b'd')) if view.is(at, "dot") => spelled(view, at, found),
            (Kind::Lower | Kind::Upper, Some(b'w' | b'W'))
                if view.is(at, "www") && view.mark(at + 1, b'.') =>
            {
                web_end = web(view, word.start, web_end, found);
            }
            _ => {}
        }
    }
    ip4(view, found);
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'')
}

fn email(view: &View<'_>, sign: usize, found: &mut Vec<Candidate>) {
    let before = view.text.get(..sign).unwrap_or_default();
    let local = before.bytes().rev().take(LOCAL).take_while(|byte| is_local(*byte)).count();
    let mut start = sign - local;
    while !view.text.is_char_boundary(start) {
        start += 1;
    }
    let name = view.slice(start..sign).trim_start_matches(['.', '-', '\'', '%', '+']);
    let rest = view.ahead(sign + 1);
    if let Some(domain) = DOMAIN.as_ref().and_then(|domain| domain.find(rest)).filter(|_| !name.is_empty()) {
        let span = sign - name.len()..sign + 1 + domain.end();
        found.push(Candidate::new(span, IdentifierClass::Email, Rank::Cue, 98, "email.address"));
    } else if name.is_empty() {
        handle(view, sign, rest, found);
    }
}

/// A handle of a social network: an `@` that nothing precedes.
fn handle(view: &View<'_>, sign: usize, rest: &str, found: &mut Vec<Candidate>) {
    let len = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let body = rest.get(..len).unwrap_or_default();
    let starts = rest.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if starts && (3..=30).contains(&len) && !view.is_cut(&(sign..sign + 1 + len)) {
        let unusual = body.bytes().any(|byte| byte.is_ascii_digit() || byte == b'_') || len > 5;
        if unusual {
            let span = sign..sign + 1 + len;
            found.push(Candidate::new(span, IdentifierClass::OtherId, Rank::Shape, 60, "other.handle"));
        }
    }
}

/// `jane at example dot com`.
fn spelled(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    for first in (at.saturating_sub(12)..at).rev() {
        if !view.is(first, "at") {
            continue;
        }
        let Some(end) = view.get(first).map(|word| word.start) else { return };
        let mut before = view.text.get(..end).unwrap_or_default();
        for _ in 0..SPACING {
            before = before.strip_suffix([' ', '[', '(']).unwrap_or(before);
        }
        let local =
            before.bytes().rev().take(LOCAL).take_while(|byte| byte.is_ascii() && is_local(*byte)).count();
        let start = before.len() - local;
        let rest = view.ahead(start);
        if let Some(address) = SPELLED.as_ref().and_then(|spelled| spelled.find(rest)).filter(|_| local > 0) {
            let span = start..start + address.end();
            found.push(Candidate::new(span, IdentifierClass::Email, Rank::Cue, 85, "email.spelled"));
        }
        return;
    }
}

/// What a colon may stand in: a web address, an IPv6 or a MAC address. Returns the end of the last web address.
fn colon(view: &View<'_>, at: usize, web_end: usize, found: &mut Vec<Candidate>) -> usize {
    let Some(start) = at.checked_sub(1).and_then(|before| view.get(before)).map(|word| word.start) else {
        return web_end;
    };
    if !(view.mark(at + 1, b'/') && view.mark(at + 2, b'/')) {
        hexadecimal(view, at, start, found);
    } else if view.is_any(at - 1, words!("http https ftp sftp ws wss file")) {
        return web(view, start, web_end, found);
    }
    web_end
}

/// An IPv6 or a MAC address whose first part is the word before the colon at word `at`.
fn hexadecimal(view: &View<'_>, at: usize, start: usize, found: &mut Vec<Candidate>) {
    if view.is_any(at - 1, words!("mailto tel")) {
        return;
    }
    let is_hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
    let begins = start.checked_sub(1).and_then(|before| view.byte(before)).is_none_or(|byte| !is_hex(byte));
    if !begins {
        return;
    }
    let rest = view.text.get(start..).unwrap_or_default();
    let len = rest.bytes().take(46).take_while(|byte| is_hex(*byte)).count();
    let text = rest.get(..len).unwrap_or_default().trim_end_matches(':');
    let colons = text.bytes().filter(|byte| *byte == b':').count();
    let span = start..start + text.len();
    if colons < 3 && !text.contains("::") || view.is_cut(&span) {
        return;
    }
    if text.len() == 17 && colons == 5 && text.split(':').all(|part| part.len() == 2) {
        found.push(Candidate::new(span, IdentifierClass::Device, Rank::Cue, 95, "device.mac"));
    } else if text.parse::<Ipv6Addr>().is_ok() && text.len() > 5 {
        found.push(Candidate::new(span, IdentifierClass::Ip, Rank::Cue, 95, "ip.v6"));
    }
}

/// The web address that starts at byte `start`, unless that is inside of the last one, which ends at `last`.
/// Returns where it ends, with the marks behind it.
fn web(view: &View<'_>, start: usize, last: usize, found: &mut Vec<Candidate>) -> usize {
    if start < last {
        return last;
    }
    let rest = view.text.get(start..).unwrap_or_default();
    let stop = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '|' | '{' | '}');
    let whole = rest.get(..rest.find(stop).unwrap_or(rest.len())).unwrap_or_default();
    let (round, square) = (whole.contains('('), whole.contains('['));
    let text = whole.trim_end_matches(|c| match c {
        ')' => !round,
        ']' => !square,
        _ => matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*'),
    });
    if text.len() > 8 || text.starts_with("www.") && text.len() > 4 {
        let span = start..start + text.len();
        found.push(Candidate::new(span, IdentifierClass::Url, Rank::Label, 97, "url.address"));
    }
    start + whole.len()
}

/// A dot inside a bare domain, `portal.example.com/x`. Returns where it ends, if it is one.
fn dot(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) -> Option<usize> {
    let glued = view
        .get(at)
        .zip(view.get(at + 1))
        .is_some_and(|(dot, next)| dot.gap == crate::view::Gap::None && next.gap == crate::view::Gap::None);
    if !glued || !view.is_any(at + 1, BARE) {
        return None;
    }
    let end = view.get(at + 1)?.end;
    let next = view.byte(end);
    if next.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'@')) {
        return None;
    }
    let sign = view.get(at)?.start;
    let host = view
        .text
        .get(..sign)
        .unwrap_or_default()
        .bytes()
        .rev()
        .take(80)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        .count();
    let start = sign - host;
    let before = start.checked_sub(1).and_then(|before| view.byte(before));
    if host < 2 || matches!(before, Some(b'@' | b'/')) {
        return None;
    }
    let rest = view.text.get(end..).unwrap_or_default();
    let path = if rest.starts_with('/') {
        rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | ')' | ','))
            .unwrap_or(rest.len())
    } else {
        0
    };
    found.push(Candidate::new(start..end + path, IdentifierClass::Url, Rank::Shape, 80, "url.domain"));
    Some(end + path)
}

fn ip4(view: &View<'_>, found: &mut Vec<Candidate>) {
    for cluster in &view.clusters {
        let text = view.slice(cluster.start..cluster.end);
        if cluster.digits < 4 || text.bytes().filter(|byte| *byte == b'.').count() < 3 {
            continue;
        }
        let mut from = 0;
        for part in text.split([' ', '/', ':', '(', ')', '-']) {
            let start = cluster.start + from;
            from += part.len() + 1;
            let part = part.trim_end_matches('.');
            let version = view.word_at(start).checked_sub(1).is_some_and(|before| {
                view.is_any(before, words!("version v ver release build section chapter"))
            });
            if !version && part.parse::<std::net::Ipv4Addr>().is_ok() {
                let span = start..start + part.len();
                found.push(Candidate::new(span, IdentifierClass::Ip, Rank::Cue, 92, "ip.v4"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    #[test]
    fn addresses_are_found() {
        assert_eq!(
            texts("Mail jane.q.doe+x@mail.example.org, see https://portal.example.com/p?id=9.", recognize)
                [..2],
            [("jane.q.doe+x@mail.example.org", "EMAIL"), ("https://portal.example.com/p?id=9", "URL")]
        );
        assert_eq!(texts("from 192.168.10.44.", recognize), [("192.168.10.44", "IP")]);
        assert_eq!(texts("fe80::1ff:fe23:4567:890a up", recognize), [("fe80::1ff:fe23:4567:890a", "IP")]);
        assert_eq!(texts("mac 00:1A:2B:3C:4D:5E", recognize), [("00:1A:2B:3C:4D:5E", "DEVICE")]);
        assert_eq!(texts("jdoe at example dot com", recognize), [("jdoe at example dot com", "EMAIL")]);
        assert_eq!(texts("see portal.example.org/a, ok", recognize), [("portal.example.org/a", "URL")]);
    }

    #[test]
    fn near_misses_stay() {
        for text in [
            "pain @ rest",
            "ratio 1:2:3",
            "at 10:30:15 today",
            "v 1.2.3.4",
            "5.5.2019",
            "e.g. this",
            "a.m. dose",
        ] {
            assert_eq!(texts(text, recognize), [], "{text}");
        }
    }
}
