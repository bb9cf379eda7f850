//! The work of all recognisers grows with the length of the text, and no faster, whatever the text.

use super::all;
use crate::spans::resolve;
use crate::view::View;

/// What starts a recogniser, or keeps it going, so that repeated it is the worst case.
const PIECES: &[&str] = &[
    "http://",
    "www.",
    "www.a.com/(",
    "www.a.com))",
    "a.com/www.",
    "a.com/",
    "a.com.",
    "a@",
    "@a",
    "a@b.com ",
    "at dot ",
    "at [ dot ",
    "00:",
    "::",
    "1.2.3.4 ",
    "1.2.",
    "12 Main St ",
    "12 Main St,",
    "12 Rue de ",
    "Rue de Lille ",
    "Po Box Xx ",
    "Apt. ",
    "Apt B ",
    "Unit 4 Box 7 FPO AA ",
    "Springfield, IL ",
    "42.1234, -71.1234 ",
    "Mercy General Hospital ",
    "St. Mary's ",
    "seen at Cedar ",
    "MARIA ALVAREZ, ",
    "Dr. X Y",
    "Dr. X Y ",
    "Dr. ",
    "M.D. ",
    "J.",
    "Jane Doe, MD ",
    "Smith's",
    "Smith S-",
    "S'",
    "Jr. ",
    "Dear ",
    "Dear , there ",
    "name: \"",
    "patient name ",
    "his wife ",
    "my name is ",
    "Doe, Jane ",
    "john smith ",
    "Monday, the ",
    "March 14, ",
    "14 March ",
    "spring of ",
    "1/2/2019 ",
    "1/2/",
    "14MAR2019 ",
    "AB12/",
    "AB12-",
    "12 ",
    "1-",
    "(",
    "(617) 555-0100 ",
    "+1 ",
    "555-0100 x",
    "MRN 12345 ",
    "MRN: ",
    "SSN is ",
    "xxx-xx-1234 ",
    "219-09-9999 ",
    "4111 1111 1111 1111 ",
    "DE89 3704 ",
    "(01)12345678901234 ",
    "IMEI 49",
    "VIN 1M8GDM9AXKP042788 ",
    "6f1c1b1e-93c5-",
    "ninety-three ",
    "93 years ",
];

/// Words looked at, candidates, and their length together.
fn work(text: &str) -> [usize; 3] {
    let view = View::of(text);
    let mut found = Vec::new();
    all(&view, &mut found);
    let length = found.iter().map(|candidate| candidate.span.len()).sum();
    let count = found.len();
    let resolved = resolve(view.text, found, &[]);
    assert!(resolved.len() <= count * 2, "{count} candidates became {}", resolved.len());
    [view.steps.get(), count, length]
}

#[test]
fn twice_the_text_is_twice_the_work() {
    let fill = |piece: &str, size: usize| piece.repeat(size / piece.len());
    for piece in PIECES {
        for joined in
            [(*piece).to_owned(), piece.trim_end().to_owned(), format!("{piece}\n"), format!("{piece}, ")]
        {
            let [one, two] = [4096, 8192].map(|size| work(&fill(&joined, size)));
            for (one, two) in one.into_iter().zip(two) {
                assert!(two <= one * 9 / 4 + 512, "{joined:?}: {one} became {two}");
            }
            let [_, _, length] = two;
            assert!(length <= 8192 * 24, "{joined:?}: candidates of {length} bytes");
        }
    }
}
