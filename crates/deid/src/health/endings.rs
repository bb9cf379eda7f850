//! What words of medicine tell by how they end: -itis, -ectomy, -statin.

use terms::HealthClass;

use super::table::Entry;
use crate::lexicon::Flags;

/// Shortest word that is read by its ending.
const SHORTEST: usize = 7;
const LONGEST: usize = 40;

/// Endings of diseases, drugs and procedures.
const ENDINGS: &[(HealthClass, &[&str])] = &[
    (
        HealthClass::Diagnosis,
        &[
            "itis", "osis", "emia", "aemia", "oma", "opathy", "algia", "plegia", "paresis", "uria", "megaly",
            "penia", "rrhea", "rrhoea", "rrhage", "rrhagia", "ectasis", "phagia", "aphasia", "trophy",
            "odynia", "edema", "ocele", "malacia", "iasis",
        ],
    ),
    (
        HealthClass::Medication,
        &[
            "statin",
            "pril",
            "sartan",
            "olol",
            "zumab",
            "ximab",
            "tumab",
            "lumab",
            "limab",
            "numab",
            "tinib",
            "ciclib",
            "rafenib",
            "azole",
            "cillin",
            "cycline",
            "floxacin",
            "mycin",
            "navir",
            "tegravir",
            "ciclovir",
            "buvir",
            "prazole",
            "dipine",
            "gliptin",
            "gliflozin",
            "glutide",
            "xaban",
            "gatran",
            "triptan",
            "setron",
            "azepam",
            "azolam",
            "barbital",
            "dronate",
            "thiazide",
            "semide",
            "lukast",
            "solone",
            "methasone",
            "oxetine",
            "triptyline",
            "ipramine",
            "denafil",
            "meterol",
            "tropium",
            "parinux",
        ],
    ),
    (
        HealthClass::Procedure,
        &[
            "ectomy",
            "ostomy",
            "otomy",
            "oscopy",
            "plasty",
            "opexy",
            "rrhaphy",
            "centesis",
            "tripsy",
            "angiography",
            "angiogram",
            "cardiography",
            "cardiogram",
            "encephalogram",
            "therapy",
        ],
    ),
];

/// What a word tells by its ending, in any letter case; nothing where it may be a name.
pub(super) fn of(word: &[u8], flags: Flags) -> Entry {
    let name = Flags::FIRST.with(Flags::SURNAME).with(Flags::CITY).with(Flags::STATE);
    if !(SHORTEST..=LONGEST).contains(&word.len()) || flags.any(name) {
        return Entry::default();
    }
    let stem = match word.split_last() {
        Some((b's' | b'S', stem)) if !stem.ends_with(b"i") && !stem.ends_with(b"I") => stem,
        _ => word,
    };
    let last = stem.last().map(u8::to_ascii_lowercase);
    let ends = |ending: &&str| {
        let ending = ending.as_bytes();
        // most words end otherwise, which the last letter tells
        ending.last().copied() == last
            && stem
                .len()
                .checked_sub(ending.len())
                .and_then(|at| stem.get(at..))
                .is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
    };
    let class = ENDINGS.iter().find(|(_, endings)| endings.iter().any(ends));
    class.map_or_else(Entry::default, |(class, _)| Entry::ending(*class))
}
