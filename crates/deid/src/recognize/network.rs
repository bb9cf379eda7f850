//! Email addresses (F), web addresses (N), internet protocol addresses (O), and MAC addresses (M).

use std::net::Ipv6Addr;
use std::sync::LazyLock;

use regex::Regex;
use terms::IdentifierClass;

use super::{Candidate, Rank};
use crate::view::{Kind, View};

/// Longest part of an address before the `@` (RFC 5321, 4.5.3.1.1).
const LOCAL: usize = 64;

static DOMAIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,40}\.){1,5}[A-Za-z]{2,18}").ok());
static SPELLED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = r"(?i)^[a-z0-9._+-]{1,40}\s?[\[(]?\s?\bat\b\s?[\])]?\s?[a-z0-9-]{1,40}\s?[\[(]?\s?\bdot\b\s?[\])]?\s?(?:com|org|net|edu|gov|io|us|uk|health|me)\b";
    Regex::new(pattern).ok()
});

/// Top-level domains of an address that is written without `http` or `www`.
const BARE: &str = "com org net edu gov io health co info me app dev us uk";

pub(super) fn recognize(view: &View<'_>, found: &mut Vec<Candidate>) {
    for at in 0..view.words.len() {
        let Some(word) = view.get(at) else { break };
        match (word.kind, view.byte(word.start)) {
            (Kind::Mark, Some(b'@')) => email(view, word.start, found),
            (Kind::Mark, Some(b':')) => colon(view, at, found),
            (Kind::Mark, Some(b'.')) => dot(view, at, found),
            (Kind::Lower, Some(b'd' | b'D')) if view.is(at, "dot") => spelled(view, at, found),
            (Kind::Lower | Kind::Upper, _) if view.is(at, "www") && view.mark(at + 1, b'.') => {
                web(view, word.start, found);
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
    let rest = view.text.get(sign + 1..).unwrap_or_default();
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
        let before = view.text.get(..end).unwrap_or_default().trim_end_matches([' ', '[', '(']);
        let local =
            before.bytes().rev().take(LOCAL).take_while(|byte| byte.is_ascii() && is_local(*byte)).count();
        let start = before.len() - local;
        let rest = view.text.get(start..).unwrap_or_default();
        if let Some(address) = SPELLED.as_ref().and_then(|spelled| spelled.find(rest)).filter(|_| local > 0) {
            let span = start..start + address.end();
            found.push(Candidate::new(span, IdentifierClass::Email, Rank::Cue, 85, "email.spelled"));
        }
        return;
    }
}

/// What a colon may stand in: a web address, an IPv6 or a MAC address.
fn colon(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let Some(start) = at.checked_sub(1).and_then(|before| view.get(before)).map(|word| word.start) else {
        return;
    };
    if view.mark(at + 1, b'/') && view.mark(at + 2, b'/') {
        if view.is_any(at - 1, "http https ftp sftp ws wss file") {
            web(view, start, found);
        }
        return;
    }
    if view.is_any(at - 1, "mailto tel") {
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

fn web(view: &View<'_>, start: usize, found: &mut Vec<Candidate>) {
    let rest = view.text.get(start..).unwrap_or_default();
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '|' | '{' | '}'));
    let mut text = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
    while let Some(last) = text.chars().next_back() {
        let open = last == ')' && text.contains('(') || last == ']' && text.contains('[');
        if open || !matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | ')' | ']' | '\'' | '*') {
            break;
        }
        text = text.get(..text.len() - last.len_utf8()).unwrap_or_default();
    }
    if text.len() > 8 || text.starts_with("www.") && text.len() > 4 {
        let span = start..start + text.len();
        found.push(Candidate::new(span, IdentifierClass::Url, Rank::Label, 97, "url.address"));
    }
}

/// A dot inside a bare domain, `portal.example.com/x`.
fn dot(view: &View<'_>, at: usize, found: &mut Vec<Candidate>) {
    let glued = view
        .get(at)
        .zip(view.get(at + 1))
        .is_some_and(|(dot, next)| dot.gap == crate::view::Gap::None && next.gap == crate::view::Gap::None);
    if !glued || !view.is_any(at + 1, BARE) {
        return;
    }
    let Some(end) = view.get(at + 1).map(|word| word.end) else { return };
    let next = view.byte(end);
    if next.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'@')) {
        return;
    }
    let Some(sign) = view.get(at).map(|word| word.start) else { return };
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
    if host >= 2 && !matches!(before, Some(b'@' | b'/')) {
        let rest = view.text.get(end..).unwrap_or_default();
        let path = if rest.starts_with('/') {
            rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | ')' | ','))
                .unwrap_or(rest.len())
        } else {
            0
        };
        found.push(Candidate::new(start..end + path, IdentifierClass::Url, Rank::Shape, 80, "url.domain"));
    }
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
            let version = view
                .word_at(start)
                .checked_sub(1)
                .is_some_and(|before| view.is_any(before, "version v ver release build section chapter"));
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
