//! Hospitals, clinics, homes; schools and churches; employers.

use fastrand::Rng;

use super::Split;
use super::list::CENSUS;
use super::place::{self, WORDS};
use super::random::{chance, fill, word};

/// A facility by its full name and as locals say it.
#[derive(Debug, Clone, Default)]
pub(super) struct Facility {
    pub(super) full: String,
    pub(super) short: String,
}

const HOSPITALS: &[&str] = &[
    "Hospital",
    "Hospital",
    "Medical Center",
    "Medical Center",
    "Health",
    "Regional Medical Center",
    "General Hospital",
    "Community Hospital",
    "Memorial Hospital",
    "Health System",
    "University Hospital",
    "Regional Hospital",
    "Healthcare",
    "Med Ctr",
    "Hosp",
    "Children's Hospital",
    "VA Medical Center",
    "VAMC",
    "General",
    "Infirmary",
    "Health Center",
    "County Hospital",
    "Cancer Center",
    "Heart Institute",
    "Surgical Hospital",
    "Hospital and Clinics",
    "Psychiatric Hospital",
    "Rehabilitation Hospital",
    "Women's Hospital",
    "Orthopedic Hospital",
    "Eye Institute",
    "Medical Centre",
];
const HOMES: &[&str] = &[
    "Nursing Home",
    "Manor",
    "Care Center",
    "Rehab",
    "Rehab and Nursing",
    "Nursing and Rehabilitation Center",
    "Assisted Living",
    "Skilled Nursing Facility",
    "SNF",
    "Village",
    "Senior Living",
    "Hospice",
    "House",
    "Gardens",
    "Healthcare and Rehab",
    "Convalescent Hospital",
    "Memory Care",
    "Group Home",
    "Adult Day Center",
    "Terrace",
    "Place",
];
const CLINICS: &[&str] = &[
    "Clinic",
    "Family Practice",
    "Family Medicine",
    "Urgent Care",
    "Medical Group",
    "Pediatrics",
    "Internal Medicine",
    "Cardiology Associates",
    "Orthopedics",
    "OB/GYN",
    "Dialysis",
    "Imaging",
    "Imaging Center",
    "Physical Therapy",
    "Surgery Center",
    "Pain Clinic",
    "Oncology",
    "Dental",
    "Eye Care",
    "Dermatology",
    "Health Clinic",
    "Walk-In",
    "Community Health Center",
    "Pharmacy",
    "Laboratory",
    "Neurology Associates",
    "Counseling Center",
    "Recovery Center",
    "Primary Care",
    "Women's Health",
    "Endoscopy Center",
    "Wound Care Center",
    "Sleep Center",
    "Behavioral Health",
];

/// A hospital, clinic or home.
pub(super) fn facility(rng: &mut Rng, split: Split) -> Facility {
    match rng.u32(..100) {
        ..20 => saint(rng, split),
        20..32 => known(rng, split),
        32..37 => abroad(rng, split),
        37..40 => childrens(rng, split),
        40..46 => several(rng, split),
        _ => {
            let base = base(rng, split);
            let kinds = match rng.u32(..10) {
                ..6 => HOSPITALS,
                6..8 => CLINICS,
                _ => HOMES,
            };
            Facility { full: format!("{base} {}", word(rng, kinds)), short: base }
        }
    }
}

/// Names of more than one part.
fn several(rng: &mut Rng, split: Split) -> Facility {
    let town = place::town(rng, split).name;
    let word_of_it = WORDS.any(rng, split, "facility words");
    let (full, short) = match rng.u32(..8) {
        0 => (format!("VA {town} Healthcare System"), format!("{town} VA")),
        1 => (format!("The {word_of_it} at {town}"), format!("the {word_of_it}")),
        2 => (format!("Sunrise of {town}"), format!("Sunrise {town}")),
        3 => (format!("{word_of_it} Hospital - {town} Campus"), format!("{word_of_it} {town}")),
        4 => (format!("University of {town} Medical Center"), format!("U of {town}")),
        5 => (format!("{word_of_it} Health {town}"), format!("{word_of_it} {town}")),
        6 => (format!("Planned Parenthood of {town}"), format!("PP {town}")),
        _ => (format!("Our Lady of {word_of_it} Medical Center"), format!("OL{}", &initials(word_of_it))),
    };
    Facility { full, short }
}

/// The first letters of its words.
fn initials(name: &str) -> String {
    name.split(' ').filter_map(|word| word.chars().next()).chain("MC".chars()).collect()
}

fn base(rng: &mut Rng, split: Split) -> String {
    match rng.u32(..100) {
        ..30 => WORDS.any(rng, split, "facility words").to_owned(),
        30..60 => place::town(rng, split).name,
        60..78 => CENSUS.families.any(rng, split).to_owned(),
        78..86 => {
            let quarter = word(
                rng,
                &["North", "South", "East", "West", "Upper", "Mid", "Northeast", "Central", "Greater"],
            );
            format!("{quarter} {}", place::town(rng, split).name)
        }
        _ => WORDS.any(rng, split, "street words").to_owned(),
    }
}

fn saint(rng: &mut Rng, split: Split) -> Facility {
    let saint = word(rng, &["St.", "St.", "St.", "St", "Saint", "Sts."]);
    let name = WORDS.any(rng, split, "saints");
    let short = format!("{saint} {name}");
    let full = format!("{short} {}", word(rng, HOSPITALS));
    let short = if chance(rng, 25) { format!("St {}", name.replace('\'', "")) } else { short };
    if chance(rng, 25) {
        return Facility { full: short.clone(), short };
    }
    Facility { full, short }
}

/// Names that people know: `full;short`.
fn known(rng: &mut Rng, split: Split) -> Facility {
    let row = WORDS.any(rng, split, "known facilities");
    let (full, short) = row.split_once(';').unwrap_or((row, row));
    Facility { full: full.to_owned(), short: short.to_owned() }
}

fn childrens(rng: &mut Rng, split: Split) -> Facility {
    let town = place::town(rng, split).name;
    match rng.u32(..3) {
        0 => Facility { full: format!("Children's Hospital of {town}"), short: format!("{town} Children's") },
        1 => Facility { full: format!("{town} Children's Hospital"), short: format!("{town} Children's") },
        _ => Facility {
            full: format!("Shriners Hospital for Children {town}"),
            short: format!("Shriners {town}"),
        },
    }
}

fn abroad(rng: &mut Rng, split: Split) -> Facility {
    let city = place::city(rng, split);
    let saint = WORDS.any(rng, split, "saints").trim_end_matches("'s").to_owned();
    let surname = CENSUS.families.any(rng, split);
    let full = match rng.u32(..18) {
        0 => format!("Klinikum {city}"),
        1 => format!("Universitätsklinikum {city}"),
        2 => format!("Hôpital Saint-{saint}"),
        3 => format!("CHU de {city}"),
        4 => format!("Hospital General de {city}"),
        5 => format!("Hospital Universitario {surname}"),
        6 => format!("Ospedale San {saint}"),
        7 => format!("Policlinico {surname}"),
        8 => format!("Royal {city} Infirmary"),
        9 => format!("{city} District General Hospital"),
        10 => format!("AZ Sint-{saint}"),
        11 => format!("Szpital Wojewódzki w {city}"),
        12 => format!("Apollo Hospitals, {city}"),
        13 => format!("Clínica {surname}"),
        14 => format!("Santa Casa de {city}"),
        15 => format!("{city} Teaching Hospital"),
        16 => format!("Krankenhaus St. {saint}"),
        _ => format!("{city} City Hospital No. {}", rng.u32(1..20)),
    };
    Facility { short: full.clone(), full }
}

pub(super) fn school(rng: &mut Rng, split: Split) -> String {
    let base = base(rng, split);
    let kind = word(
        rng,
        &[
            "Elementary",
            "Elementary School",
            "High School",
            "Middle School",
            "Academy",
            "High",
            "Community College",
            "College",
            "University",
            "Preschool",
            "Charter School",
            "Montessori",
            "Day Care",
            "Junior High",
            "State University",
            "Prep",
            "Day School",
            "Vocational School",
            "Primary School",
        ],
    );
    match rng.u32(..12) {
        0 => format!("University of {}", place::town(rng, split).name),
        1 => format!("P.S. {}", rng.u32(2..400)),
        2 => format!("St. {} {kind}", WORDS.any(rng, split, "saints")),
        _ => format!("{base} {kind}"),
    }
}

pub(super) fn church(rng: &mut Rng, split: Split) -> String {
    let town = place::town(rng, split).name;
    let saint = WORDS.any(rng, split, "saints");
    match rng.u32(..12) {
        0 => format!("First Baptist Church of {town}"),
        1 => format!("St. {saint} Parish"),
        2 => format!("St. {saint} Catholic Church"),
        3 => format!("{town} United Methodist Church"),
        4 => format!("Temple Beth {town}"),
        5 => format!("Congregation B'nai {town}"),
        6 => format!("Islamic Center of {town}"),
        7 => format!("{town} Gurdwara"),
        8 => format!("Iglesia {town}"),
        9 => format!("Grace Lutheran {town}"),
        10 => format!("Mt. {town} AME Zion Church"),
        _ => format!("{town} Presbyterian"),
    }
}

/// An employer or company.
pub(super) fn employer(rng: &mut Rng, split: Split) -> String {
    match rng.u32(..10) {
        ..5 => WORDS.any(rng, split, "employers").to_owned(),
        5..8 => {
            let tail = word(
                rng,
                &[
                    "Construction",
                    "Trucking",
                    "& Sons",
                    "Logistics",
                    "LLC",
                    "Inc.",
                    "Manufacturing",
                    "Auto Body",
                    "Plumbing",
                    "Foods",
                    "Farms",
                    "Insurance",
                    "Law Offices",
                    "Roofing",
                    "Electric",
                    "Bakery",
                    "Landscaping",
                    "Realty",
                    "Industries",
                    "Steel",
                    "Corp",
                    "Associates",
                    "Bank",
                    "Dairy",
                    "Lumber",
                ],
            );
            format!("{} {tail}", CENSUS.families.any(rng, split))
        }
        _ => {
            let tail = word(
                rng,
                &[
                    "School District",
                    "Police Department",
                    "Fire Department",
                    "County Schools",
                    "Public Works",
                    "Transit Authority",
                    "Water Department",
                    "Diner",
                    "Brewing Company",
                ],
            );
            format!("{} {tail}", place::town(rng, split).name)
        }
    }
}

pub(super) fn ward(rng: &mut Rng) -> String {
    if chance(rng, 45) {
        let pattern = word(
            rng,
            &["% West", "% North", "%E", "%-South", "Tower %", "%#A", "% East", "T%", "% Main", "Unit %"],
        );
        return fill(rng, pattern);
    }
    WORDS.word(rng, "wards").to_owned()
}

pub(super) fn room(rng: &mut Rng) -> String {
    let pattern = word(
        rng,
        &[
            "%##", "%##", "%###", "%##-A", "%##B", "Room %##", "Rm %##", "Bed %", "%-###", "OR %", "Rm. %#",
            "%##-2", "Bay %", "ED-%#",
        ],
    );
    fill(rng, pattern)
}
