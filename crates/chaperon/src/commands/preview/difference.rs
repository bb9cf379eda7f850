//! What differs between a request as it came and as it would leave, by JSON pointer (RFC 6901).

use serde_json::Value;

/// Lines for people: a pointer, and under it what was there and what is. Of bodies that are no JSON, the lines that
/// differ.
pub(super) fn between(came: &str, leaves: &str) -> Vec<String> {
    let mut lines = Vec::new();
    match (serde_json::from_str(came), serde_json::from_str(leaves)) {
        (Ok(came), Ok(leaves)) => values("", Some(&came), Some(&leaves), &mut lines),
        _ => texts(came, leaves, &mut lines),
    }
    lines
}

fn values(at: &str, came: Option<&Value>, leaves: Option<&Value>, lines: &mut Vec<String>) {
    match (came, leaves) {
        (Some(one), Some(other)) if one == other => {}
        (Some(Value::Object(came)), Some(Value::Object(leaves))) => {
            let new = leaves.keys().filter(|key| !came.contains_key(*key));
            for key in came.keys().chain(new) {
                let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                values(&place, came.get(key), leaves.get(key), lines);
            }
        }
        (Some(Value::Array(came)), Some(Value::Array(leaves))) => {
            for place in 0..came.len().max(leaves.len()) {
                values(&format!("{at}/{place}"), came.get(place), leaves.get(place), lines);
            }
        }
        (came, leaves) => {
            lines.push(at.to_owned());
            lines.extend(came.map(|value| format!("  - {value}")));
            lines.extend(leaves.map(|value| format!("  + {value}")));
        }
    }
}

/// Line by line: what is replaced holds no line's end, so that lines stay in their places.
fn texts(came: &str, leaves: &str, lines: &mut Vec<String>) {
    let (mut came, mut leaves) = (came.lines(), leaves.lines());
    loop {
        let (one, other) = (came.next(), leaves.next());
        if one.is_none() && other.is_none() {
            return;
        }
        if one != other {
            lines.extend(one.map(|line| format!("  - {line}")));
            lines.extend(other.map(|line| format!("  + {line}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn what_stays_is_not_told() {
        let came = r#"{"model":"a","messages":[{"content":"Ann"},{"content":"x"}],"a/b":1}"#;
        let leaves =
            r#"{"model":"b","messages":[{"content":"NAME-1"},{"content":"x"}],"store":false,"a/b":1}"#;
        let told =
            "/messages/0/content|  - \"Ann\"|  + \"NAME-1\"|/model|  - \"a\"|  + \"b\"|/store|  + false";
        let mut told: Vec<_> = told.split('|').collect();
        let mut lines = between(came, leaves);
        lines.sort();
        told.sort_unstable();
        assert_eq!(lines, told);
        assert!(between(came, came).is_empty());
        assert_eq!(between("a\nb", "a\nc"), ["  - b", "  + c"]);
    }
}
