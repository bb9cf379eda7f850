//! Clinical words, which identify nobody.

use std::sync::LazyLock;

use fastrand::Rng;

use super::list::{Sections, capital};
use super::random::{chance, fill, word};
use super::slot::Clinical;

static WORDS: LazyLock<Sections> =
    LazyLock::new(|| Sections::places(include_str!("../../data/clinical.txt")));

static DIAGNOSES: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    include_str!("../../data/diagnoses.txt").lines().filter_map(|line| line.split_once(';')).collect()
});

/// A clinical word or phrase.
pub(super) fn write(rng: &mut Rng, kind: Clinical) -> String {
    match kind {
        Clinical::Diagnosis => diagnosis(rng),
        Clinical::DiagnosisCapital => capital(&diagnosis(rng)),
        Clinical::Drug => WORDS.word(rng, "drugs").to_owned(),
        Clinical::DrugCapital => capital(WORDS.word(rng, "drugs")),
        Clinical::Dose => dose(rng),
        Clinical::Medication => format!("{} {}", WORDS.word(rng, "drugs"), dose(rng)),
        Clinical::Symptom => WORDS.word(rng, "symptoms").to_owned(),
        Clinical::Procedure => WORDS.word(rng, "procedures").to_owned(),
        Clinical::Anatomy => WORDS.word(rng, "anatomy").to_owned(),
        Clinical::Lab => lab(rng),
        Clinical::LabName => lab_parts(rng).0.to_owned(),
        Clinical::Vital => vital(rng),
        Clinical::Eponym => WORDS.word(rng, "eponyms").to_owned(),
        Clinical::Icd => rng.choice(&*DIAGNOSES).map_or("I10", |(code, _)| code).to_owned(),
        Clinical::Cpt => cpt(rng),
        Clinical::Loinc => loinc(rng),
        Clinical::Specialty => WORDS.word(rng, "specialties").to_owned(),
        Clinical::Device => WORDS.word(rng, "devices").to_owned(),
        Clinical::Small => rng.u32(1..13).to_string(),
        Clinical::Decimal => format!("{}.{}", rng.u32(0..15), rng.u32(0..10)),
        // the corpus has these
        Clinical::Prose | Clinical::Sentence => String::new(),
    }
}

fn diagnosis(rng: &mut Rng) -> String {
    if chance(rng, 55) {
        return WORDS.word(rng, "diagnoses").to_owned();
    }
    let term = rng.choice(&*DIAGNOSES).map_or("hypertension", |(_, term)| term);
    // small, save for abbreviations and for names
    let Some((first, rest)) = term.split_once([' ', ',', '-']) else { return term.to_lowercase() };
    let named =
        first.contains('\'') || first.chars().skip(1).any(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    if named || rest.starts_with("disease") || rest.starts_with("syndrome") {
        return term.to_owned();
    }
    let mut letters = term.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn dose(rng: &mut Rng) -> String {
    let amount = word(
        rng,
        &[
            "5 mg",
            "10 mg",
            "20 mg",
            "25 mg",
            "40 mg",
            "50 mg",
            "81 mg",
            "100 mg",
            "125 mcg",
            "250 mg",
            "500 mg",
            "1 g",
            "1,000 mg",
            "2.5 mg",
            "0.5 mg",
            "0.4 mg",
            "325 mg",
            "875-125 mg",
            "10 units",
            "18 units",
            "2 puffs",
            "1 tab",
            "2 tabs",
            "15 mL",
            "75mg",
            "300mg",
            "12.5mg",
            "6.25 mg",
            "1 gm",
            "88 mcg",
            "40mEq",
            "30 U",
            "7.5-325 mg",
            "160/4.5 mcg",
            "2 gtt",
            "one tablet",
            "5mg/5mL",
            "0.1%",
            "1 patch",
            "90 mcg/actuation",
        ],
    );
    let often = word(
        rng,
        &[
            "daily",
            "twice daily",
            "BID",
            "TID",
            "QID",
            "q.d.",
            "b.i.d.",
            "qhs",
            "at bedtime",
            "q6h",
            "q8h PRN",
            "q4-6h prn pain",
            "once daily",
            "every 12 hours",
            "every morning",
            "weekly",
            "PO daily",
            "PO BID",
            "IV q24h",
            "po qd",
            "x 7 days",
            "three times a day",
            "nightly",
            "qAM",
            "SC daily",
            "subq with meals",
            "prn",
            "IV once",
            "with food",
            "every other day",
            "q3 weeks",
            "PO x1",
            "stat",
            "QHS PRN",
            "by mouth daily",
            "",
        ],
    );
    format!("{amount} {often}").trim_end().to_owned()
}

/// Name, unit, range of a laboratory value in tenths.
fn lab_parts(rng: &mut Rng) -> (&'static str, &'static str, u32, u32) {
    let row = WORDS.word(rng, "labs");
    let mut fields = row.split(';');
    let name = fields.next().unwrap_or_default();
    let unit = fields.next().unwrap_or_default();
    let mut number = || fields.next().and_then(|n| n.parse().ok()).unwrap_or(10);
    let (low, high): (u32, u32) = (number(), number());
    (name, unit, low, high.max(low + 1))
}

fn lab(rng: &mut Rng) -> String {
    let (name, unit, low, high) = lab_parts(rng);
    let tenths = rng.u32(low..high);
    let value =
        if high > 500 { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) };
    let joined = word(rng, &[" ", " ", " ", ": ", " of ", " = ", " was ", "-"]);
    let unit = if unit.is_empty() || chance(rng, 30) { String::new() } else { format!(" {unit}") };
    let flag = word(rng, &["", "", "", "", "", "", " (H)", " (L)", " H", " L", "*"]);
    format!("{name}{joined}{value}{unit}{flag}")
}

fn vital(rng: &mut Rng) -> String {
    let (high, low) = (rng.u32(88..190), rng.u32(44..110));
    match rng.u32(..14) {
        0..3 => format!("BP {high}/{low}"),
        3 => format!("BP: {high}/{low} mmHg"),
        4 => format!("HR {low}"),
        5 => format!("T {}.{}", rng.u32(96..104), rng.u32(..10)),
        6 => format!("SpO2 {}% on RA", rng.u32(84..101)),
        7 => format!("RR {}", rng.u32(10..32)),
        8 => format!("Temp {}.{} °F", rng.u32(96..104), rng.u32(..10)),
        9 => format!("O2 sat {}% on {}L NC", rng.u32(84..101), rng.u32(1..7)),
        10 => format!("Wt {} kg", rng.u32(40..150)),
        11 => format!("BMI {}.{}", rng.u32(17..48), rng.u32(..10)),
        12 => format!(
            "HR {low}, BP {high}/{low}, RR {}, T 3{}.{}",
            rng.u32(10..30),
            rng.u32(6..10),
            rng.u32(..10)
        ),
        _ => format!("pulse {low}"),
    }
}

fn cpt(rng: &mut Rng) -> String {
    let pattern = word(
        rng,
        &["99###", "9921%", "7####", "8####", "%####", "%####", "J####", "G####", "%####-26", "9%###-59"],
    );
    fill(rng, pattern)
}

fn loinc(rng: &mut Rng) -> String {
    let body = fill(rng, "%####");
    let digits: Vec<u32> = body.chars().rev().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { *digit })
        .sum();
    format!("{body}-{}", (10 - sum % 10) % 10)
}

/// A plain sentence, where no `prose` file is at hand.
pub(super) fn sentence(rng: &mut Rng) -> String {
    match rng.u32(..5) {
        0 => format!("Continue {} for {}.", WORDS.word(rng, "drugs"), diagnosis(rng)),
        1 => format!("There was no {} on examination.", WORDS.word(rng, "symptoms")),
        2 => format!("{} was unremarkable.", capital(WORDS.word(rng, "procedures"))),
        3 => format!(
            "Reports {} for several days, denies {}.",
            WORDS.word(rng, "symptoms"),
            WORDS.word(rng, "symptoms")
        ),
        _ => format!("Latest {}.", lab(rng)),
    }
}
