//! Words with which columns are called.

/// Words that end the name of a column.
const LAST: &[&str] = &[
    "id",
    "ids",
    "identifier",
    "key",
    "code",
    "codes",
    "name",
    "names",
    "firstname",
    "lastname",
    "surname",
    "mrn",
    "ssn",
    "dob",
    "dod",
    "dos",
    "sex",
    "gender",
    "age",
    "race",
    "ethnicity",
    "address",
    "zip",
    "zipcode",
    "postcode",
    "phone",
    "telephone",
    "mobile",
    "fax",
    "email",
    "e-mail",
    "note",
    "notes",
    "comment",
    "comments",
    "text",
    "date",
    "time",
    "datetime",
    "timestamp",
    "birth",
    "birthdate",
    "birthday",
    "result",
    "results",
    "value",
    "status",
    "type",
    "reason",
    "number",
    "no",
    "num",
    "nbr",
    "description",
    "npi",
    "amount",
    "quantity",
    "qty",
    "score",
    "weight",
    "height",
    "bmi",
    "remarks",
    "url",
    "column",
    "field",
    "flag",
    "count",
    "index",
];
/// Words that are names of columns where they stand alone: at the end of others they may be values.
const ALONE: &[&str] = &[
    "first",
    "last",
    "middle",
    "street",
    "city",
    "state",
    "county",
    "country",
    "year",
    "month",
    "day",
    "death",
    "visit",
    "encounter",
    "admission",
    "admitted",
    "discharge",
    "discharged",
    "diagnosis",
    "dx",
    "procedure",
    "unit",
    "units",
    "test",
    "title",
    "provider",
    "physician",
    "doctor",
    "patient",
    "member",
    "subscriber",
    "account",
    "insurance",
    "payer",
    "plan",
    "policy",
    "ward",
    "room",
    "bed",
    "department",
    "facility",
    "hospital",
    "location",
    "medication",
    "drug",
    "dose",
    "charge",
    "cost",
    "total",
    "language",
    "religion",
    "occupation",
    "category",
    "group",
    "class",
    "source",
    "ip",
    "device",
    "serial",
    "summary",
    "history",
    "allergy",
    "allergies",
    "specimen",
    "order",
    "lab",
    "who",
    "subject",
    "record",
    "report",
    "message",
    "contact",
    "given",
    "family",
    "a",
    "b",
    "c",
];

/// Whether a cell is surely what a column is called.
pub(super) fn is_name(cell: &str) -> bool {
    let words = words(cell);
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    let Some(last) = words.last() else { return false };
    if digits > 4 || words.len() > 6 || cell.contains('@') {
        return false;
    }
    let snake = cell.contains('_') && !cell.contains(' ');
    LAST.contains(&last.as_str()) || words.len() == 1 && ALONE.contains(&last.as_str()) || snake
}

/// The words of a name, in small letters, without digits: `PatientID2` has two.
fn words(cell: &str) -> Vec<String> {
    let (mut words, mut word, mut small) = (Vec::new(), String::new(), false);
    for c in cell.chars() {
        if !c.is_alphabetic() || small && c.is_uppercase() {
            words.push(std::mem::take(&mut word));
        }
        small = c.is_lowercase();
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_are_told_from_values() {
        for name in
            ["MRN", "Patient Name", "patient_ward", "PatientKey", "Address 1", "City", "Date of Birth"]
        {
            assert!(is_name(name), "{name}");
        }
        for value in ["Harold", "Finchley", "Kansas City", "St Mary Hospital", "48213377", "a@b.name", ""] {
            assert!(!is_name(value), "{value}");
        }
    }
}
