//! Names of members and columns: which are names, and which may be values.

/// Longest path: what is inside each other deeper has the path of what is around it.
const PATH: usize = 512;
/// Longest name that is shown in a path.
const LONGEST: usize = 64;
/// Digits in a row that may be a number of a person.
const DIGITS: usize = 4;

/// Whether a name can be shown: letters, few digits in a row, nothing of an address of electronic mail.
pub(crate) fn is_shown(name: &str) -> bool {
    name.len() <= LONGEST
        && name.chars().any(char::is_alphabetic)
        && !name.contains(['\n', '\r', ','])
        // an attribute, or a keyword of JSON-LD, begins with it
        && !name.trim_start_matches('@').contains('@')
        && !name.chars().any(char::is_control)
        && longest_run(name) < DIGITS
}

/// Whether a name is one that programs give (`birthDate`, `patient_id`, `MRN`), which nobody need examine.
pub(crate) fn is_programs(name: &str) -> bool {
    let compound = name.chars().skip(1).any(|c| c.is_ascii_uppercase() || c == '_');
    is_shown(name)
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$' | ':'))
        && (compound || !name.starts_with(|c: char| c.is_ascii_uppercase()))
}

/// The name as it stands in a path.
pub(crate) fn shown(name: &str) -> &str {
    if is_shown(name) { name } else { "*" }
}

/// Makes a path longer by a name.
pub(crate) fn push(path: &mut String, border: char, name: &str) {
    if path.len() + name.len() < PATH {
        if !path.is_empty() {
            path.push(border);
        }
        path.push_str(name);
    }
}

fn longest_run(name: &str) -> usize {
    name.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_no_names() {
        for name in ["48213377", "a@b.example", "", "MRN 48213", "Finchley, Harold", &"x".repeat(65)] {
            assert!(!is_shown(name), "{name}");
        }
        for name in ["birthDate", "Visit Reason", "patient_id", "line2"] {
            assert!(is_shown(name), "{name}");
        }
        for name in ["Harold Finchley", "Finchley", "48213377", "José"] {
            assert!(!is_programs(name), "{name}");
        }
        for name in ["birthDate", "MRN", "patient_id", "_birthDate", "LastName", "id"] {
            assert!(is_programs(name), "{name}");
        }
    }
}
