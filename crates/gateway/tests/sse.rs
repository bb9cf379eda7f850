//! The parser of server-sent events against a plain reading of the standard.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

use gateway::protocol::sse::{Event, Parser};
use proptest::prelude::*;

fn events<'c>(chunks: impl IntoIterator<Item = &'c [u8]>) -> Vec<Event> {
    let mut parser = Parser::new(1 << 16);
    let mut events = Vec::new();
    for chunk in chunks {
        parser.feed(chunk);
        while let Some(event) = parser.next_event().unwrap() {
            events.push(event);
        }
    }
    events.extend(parser.finish());
    events
}

/// WHATWG HTML, 9.2.6, over the whole text: type and data of each event that has data.
fn plainly(text: &str) -> Vec<(String, String)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let mut events = Vec::new();
    for block in text.split("\n\n").map(|block| block.trim_matches('\n')) {
        let (mut name, mut data) = (String::new(), None::<String>);
        for line in block.split('\n') {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => value.clone_into(&mut name),
                "data" => {
                    data = Some(data.map_or_else(|| value.to_owned(), |data| format!("{data}\n{value}")));
                }
                _ => {}
            }
        }
        events.extend(data.map(|data| (name, data)));
    }
    events
}

fn told(events: &[Event]) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    events.iter().filter_map(|event| Some((text(event.name()), text(&event.data()?)))).collect()
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "data: ?[a-zé:]{0,6}",
        1 => "event:[a-z]{0,3}",
        1 => ":[a-z]{0,3}",
        1 => "(id|retry|other): ?[0-9a-z]{0,3}",
        1 => "(data|event|datas)",
        4 => Just(String::new()),
    ]
}

proptest! {
    #[test]
    fn reads_what_the_standard_describes(lines in prop::collection::vec((line(), 0_usize..3), 0..30), cuts in prop::collection::vec(1_usize..9, 1..20), bom: bool) {
        // a blank line that ends in CR, before one that ends in LF, would be one line end
        let mut text = if bom { "\u{feff}".to_owned() } else { String::new() };
        let mut cr = false;
        for (line, end) in &lines {
            text.push_str(line);
            let end = if cr && line.is_empty() { "\r\n" } else { ["\n", "\r\n", "\r"][*end] };
            text.push_str(end);
            cr = end == "\r";
        }
        text.push_str("\n\n");
        let whole = events([text.as_bytes()]);
        prop_assert_eq!(told(&whole), plainly(&text));
        let raw: Vec<u8> = whole.iter().flat_map(|event| event.raw().to_vec()).collect();
        prop_assert_eq!(&raw, text.as_bytes());

        let mut rest = text.as_bytes();
        let mut chunks = Vec::new();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() { break; }
            let (chunk, tail) = rest.split_at(rest.len().min(*cut));
            chunks.push(chunk);
            rest = tail;
        }
        let cut = events(chunks);
        prop_assert_eq!(told(&cut), told(&whole));
        let raw: Vec<u8> = cut.iter().flat_map(|event| event.raw().to_vec()).collect();
        prop_assert_eq!(&raw, text.as_bytes());
    }
}

#[test]
fn an_event_without_its_blank_line_is_read_at_the_end() {
    for text in ["data: x", "data: x\n", "data: x\r"] {
        let events = events([text.as_bytes()]);
        assert_eq!(told(&events), [(String::new(), "x".to_owned())]);
        assert!(
            events.iter().all(|event| event.raw().ends_with(b"\n\n") || event.raw().ends_with(b"\r\n\n"))
        );
    }
    assert!(events([]).is_empty());
}

#[test]
fn data_is_written_into_the_bytes_that_came() {
    let write = |text: &str, data: &str| {
        let mut out = Vec::new();
        events([text.as_bytes()]).first().unwrap().write_with(data, &mut out);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(
        write("id: 7\r\ndata:old\r\nevent: e\r\n\r\n", "new"),
        "id: 7\r\ndata:new\r\nevent: e\r\n\r\n"
    );
    assert_eq!(write("event: e\ndata: a\ndata: b\n\n", "new"), "event: e\ndata: new\n\n");
    assert_eq!(write("event: e\ndata: a\n\n", "n\new"), "event: e\ndata: n\ndata: ew\n\n");
}
