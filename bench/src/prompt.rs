//! Synthetic clinical prompts: names, numbers and dates differ in each, and so do the figures in the prose, so that
//! nothing that a gateway remembers of one request helps it with the next.

use std::fmt::Write as _;

const FIRST: [&str; 12] = [
    "Harold",
    "Martha",
    "Olumide",
    "Eudora",
    "Zebulon",
    "Amara",
    "Ignatius",
    "Rosalind",
    "Thaddeus",
    "Wilhelmina",
    "Bartholomew",
    "Philippa",
];
const LAST: [&str; 12] = [
    "Finchley",
    "Oyelaran",
    "Brightwater",
    "Winterbottom",
    "Quackenbush",
    "Whitcombe",
    "Abernathy",
    "Featherstone",
    "Montague",
    "Ravenscroft",
    "Thistlewood",
    "Underhill",
];
/// Each `#` becomes a digit.
const PROSE: [&str; 8] = [
    "Blood pressure was 1#2 over #4 and the pulse was ## and regular. ",
    "The patient reports mild pain on the left side since the last visit, rated # out of 10. ",
    "Lungs are clear, heart sounds are normal, and the abdomen is soft; glucose was 1## mg. ",
    "Continue metformin ##0 mg twice a day and review the dose in # weeks. ",
    "There is no fever, no cough and no rash; oxygen saturation is 9# percent on room air. ",
    "The wound is dry and measures #.# by #.# cm, without redness around it. ",
    "Physiotherapy was advised, ## minutes a day, and a check of potassium, last at #.#. ",
    "Sleep has improved with the new schedule, now about # hours, and appetite is good. ",
];

/// A small fast generator of numbers (SplitMix64); the same seed gives the same prompts.
pub struct Numbers(u64);

impl Numbers {
    /// Starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// One prompt of about `bytes` bytes, safe inside a JSON string, and the record number that it names last.
pub fn prompt(numbers: &mut Numbers, bytes: usize) -> (String, String) {
    let mut text = String::with_capacity(bytes + 160);
    let mut record = format!("{:08}", 10_000_000 + numbers.below(90_000_000));
    heading(&mut text, numbers, &record);
    let mut since = text.len();
    while text.len() < bytes {
        // one person in about a kilobyte, as notes have it
        if text.len() - since > 1000 {
            since = text.len();
            record = format!("{:08}", 10_000_000 + numbers.below(90_000_000));
            heading(&mut text, numbers, &record);
        }
        let line = PROSE[numbers.below(PROSE.len() as u64) as usize];
        let mut digits = numbers.next();
        for c in line.chars() {
            if c == '#' {
                text.push(char::from(b'0' + (digits % 10) as u8));
                digits /= 10;
            } else {
                text.push(c);
            }
        }
    }
    (text, record)
}

fn heading(text: &mut String, numbers: &mut Numbers, record: &str) {
    let first = FIRST[numbers.below(12) as usize];
    let last = LAST[numbers.below(12) as usize];
    let (day, month, year) = (1 + numbers.below(28), 1 + numbers.below(12), 1930 + numbers.below(70));
    let _ = write!(
        text,
        "Patient: {first} {last}, MRN {record}, DOB {month:02}/{day:02}/{year}, phone (617) 555-{:04}. ",
        numbers.below(10_000)
    );
}
