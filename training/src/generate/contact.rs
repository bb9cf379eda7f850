//! Telephone numbers, addresses of mail and web, names of machines and users.

use fastrand::Rng;

use super::Split;
use super::list::{CENSUS, capital, plain_letters};
use super::person::Person;
use super::random::{chance, digits, fill, word};

const US: &[&str] = &[
    "(%##) %##-####",
    "(%##) %##-####",
    "%##-%##-####",
    "%##-%##-####",
    "%##.%##.####",
    "(%##)%##-####",
    "+1 %## %## ####",
    "1-%##-%##-####",
    "%##%######",
    "%## %## ####",
    "+1%##%######",
    "1 (%##) %##-####",
    "%##/%##-####",
    "(%##) %## ####",
    "+1-%##-%##-####",
    "%##-%######",
    "(%##)-%##-####",
    "%## - %## - ####",
    "1.%##.%##.####",
    "%##-####",
];

const FOREIGN: &[&str] = &[
    "+44 20 7### ####",
    "+44 7### ######",
    "07### ######",
    "020 7### ####",
    "+44 (0)1%## ######",
    "+49 30 %#######",
    "+49 (0)89 / %#####",
    "089 %######",
    "+33 1 ## ## ## ##",
    "06 ## ## ## ##",
    "+34 6## ### ###",
    "91 ### ## ##",
    "+39 06 ### ####",
    "+39 3## ### ####",
    "+52 55 #### ####",
    "+52 1 33 #### ####",
    "+55 11 9####-####",
    "(11) 9####-####",
    "+91 98### #####",
    "+91-22-2###-####",
    "098########",
    "+86 138 #### ####",
    "+86 10 #### ####",
    "+81 3-####-####",
    "090-####-####",
    "+82 10-####-####",
    "010-####-####",
    "+84 90 ### ## ##",
    "+63 917 ### ####",
    "+61 4## ### ###",
    "(02) 9### ####",
    "+64 21 ### ###",
    "+353 87 ### ####",
    "+31 6 ########",
    "+32 4## ## ## ##",
    "+41 79 ### ## ##",
    "+43 664 #######",
    "+46 70-### ## ##",
    "+47 ### ## ###",
    "+45 ## ## ## ##",
    "+358 40 ### ####",
    "+48 6## ### ###",
    "+420 7## ### ###",
    "+30 69# ### ####",
    "+90 532 ### ## ##",
    "+7 (9##) ###-##-##",
    "8 (495) ###-##-##",
    "+380 67 ### ## ##",
    "+234 803 ### ####",
    "+254 7## ######",
    "+27 82 ### ####",
    "+20 10 #### ####",
    "+966 5# ### ####",
    "+971 50 ### ####",
    "+972 54-###-####",
    "+98 912 ### ####",
    "+92 300 #######",
    "+880 17########",
    "+251 91 ### ####",
    "+509 ## ## ####",
    "+41 (0)## ### ## ##",
    "+46 (0)# ### ### ##",
    "0#### ### ###",
    "0## #### ####",
    "0### ### ## ##",
    "001-%##-%##-####",
    "## ### ###",
    "%## ### ###",
    "%## ### ## ##",
    "%### ####",
    "0### ## ## ##",
    "0#/### ## ##",
    "0##/########",
    "0##-### ## ##",
    "%## ## ###",
    "0# ## ## ## ##",
    "(0#) #### ####",
    "+#% ### ### ###",
    "00#% ## ### ####",
    "0##-####-####",
    "+%## %## ######",
];

/// A telephone number; `abroad` in a hundred of them outside the United States, and some more.
pub(super) fn phone(rng: &mut Rng, abroad: u32) -> String {
    let pattern = if chance(rng, abroad.max(9)) { word(rng, FOREIGN) } else { word(rng, US) };
    let number = fill(rng, pattern);
    if !chance(rng, 8) {
        return number;
    }
    let pattern =
        word(rng, &[" x%##", " ext. %###", " ext %##", " x %###", ", ext. %##", " Ext: %###", "x%###"]);
    format!("{number}{}", fill(rng, pattern))
}

pub(super) fn pager(rng: &mut Rng) -> String {
    let pattern =
        word(rng, &["%####", "%###", "%##-%##-####", "#%####", "p%####", "%##-####", "(%##) %##-####"]);
    fill(rng, pattern)
}

pub(super) fn extension(rng: &mut Rng) -> String {
    let pattern = word(rng, &["%###", "%##", "%####", "%-####"]);
    fill(rng, pattern)
}

/// Letters and digits of a name, small.
fn slug(name: &str) -> String {
    plain_letters(name).to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect()
}

/// A user's name that tells the person's.
pub(super) fn login(rng: &mut Rng, person: &Person) -> String {
    let (first, last) = (slug(&person.first), slug(&person.last));
    let letter: String = first.chars().take(1).collect();
    let short: String = last.chars().take(5 + rng.usize(..3)).collect();
    match rng.u32(..10) {
        0..3 => format!("{letter}{last}"),
        3 => format!("{first}.{last}"),
        4 => format!("{last}{letter}"),
        5 => format!("{letter}{short}{}", rng.u32(1..99)),
        6 => format!("{first}{letter}{}", digits(rng, 2)),
        7 => fill(rng, "~~%####"),
        8 => format!("{}{short}", letter.to_uppercase()).to_uppercase(),
        _ => format!("{first}_{last}"),
    }
}

const MAIL: &[&str] = &[
    "gmail.com",
    "gmail.com",
    "yahoo.com",
    "hotmail.com",
    "outlook.com",
    "aol.com",
    "icloud.com",
    "comcast.net",
    "verizon.net",
    "protonmail.com",
    "me.com",
    "live.com",
    "msn.com",
    "att.net",
    "gmx.de",
    "web.de",
    "orange.fr",
    "yahoo.co.uk",
    "btinternet.com",
    "qq.com",
    "163.com",
    "naver.com",
    "yandex.ru",
    "mail.ru",
    "libero.it",
    "sbcglobal.net",
    "cox.net",
    "earthlink.net",
    "fastmail.com",
    "duck.com",
    "example.com",
    "example.org",
];

pub(super) fn email(rng: &mut Rng, person: &Person) -> String {
    let (first, last) = (slug(&person.first), slug(&person.last));
    let letter: String = first.chars().take(1).collect();
    let local = match rng.u32(..13) {
        0 | 1 => format!("{first}.{last}"),
        2 => format!("{first}{last}"),
        3 => format!("{letter}{last}"),
        4 => format!("{letter}.{last}{}", rng.u32(1..99)),
        5 => format!("{first}{}", rng.u32(1940..2012)),
        6 => format!("{first}_{last}"),
        7 => format!("{last}.{first}"),
        8 => format!("{}{last}{}", slug(&person.nick), rng.u32(1..999)),
        9 => format!("{first}-{last}"),
        10 => format!("{first}.{letter}.{last}+health"),
        11 => format!("{}{}", capital(&first), capital(&last)),
        _ => {
            let word = word(
                rng,
                &["sunflower", "grandma", "bluejay", "trucker", "soccerdad", "catlady", "steelers"],
            );
            format!("{word}{}", rng.u32(1..2000))
        }
    };
    let address = format!("{local}@{}", word(rng, MAIL));
    if chance(rng, 4) { address.to_uppercase() } else { address }
}

/// A domain of a hospital or practice.
fn house(rng: &mut Rng, split: Split) -> String {
    let base = slug(CENSUS.families.any(rng, split));
    let tail = word(
        rng,
        &["health", "med", "clinic", "hospital", "medicalgroup", "care", "hosp", "peds", "cardiology"],
    );
    let top = word(rng, &["org", "org", "com", "edu", "net", "med.edu", "nhs.uk", "de", "ca"]);
    let dash = word(rng, &["", "", "-"]);
    format!("{base}{dash}{tail}.{top}")
}

pub(super) fn work_email(rng: &mut Rng, split: Split, person: &Person) -> String {
    let local = login(rng, person);
    format!("{local}@{}", house(rng, split))
}

/// A page of somebody's own.
fn own_page(rng: &mut Rng, split: Split) -> String {
    let (first, second) = (CENSUS.women.any(rng, split), CENSUS.families.any(rng, split));
    let country = word(
        rng,
        &[
            "com", "com", "net", "org", "info", "me", "blog", "co.uk", "de", "ch", "at", "fr", "es", "it",
            "pt", "nl", "be", "dk", "se", "no", "fi", "pl", "cz", "gr", "ie", "ca", "com.au", "co.nz",
            "com.br", "com.mx", "uy", "in", "co.za", "ng", "jp", "kr", "cn", "vn", "com.tr", "ru", "com.ua",
            "si", "hu", "com.cy", "is", "ee",
        ],
    );
    let head = word(rng, &["https://www.", "http://www.", "https://", "http://", "www."]);
    let tail = word(rng, &["", "/", "/", "/about", "/2019/05/my-surgery", "/index.html"]);
    let name = format!("{first}{second}");
    let name = if chance(rng, 50) { name } else { name.to_lowercase() };
    format!("{head}{}.{country}{tail}", plain_letters(&name).replace([' ', '\''], ""))
}

pub(super) fn url(rng: &mut Rng, split: Split) -> String {
    if chance(rng, 20) {
        return own_page(rng, split);
    }
    let house = house(rng, split);
    let path = match rng.u32(..12) {
        0 => String::new(),
        1 => "/".to_owned(),
        2 => format!("/patients/{}", digits(rng, 6)),
        3 => format!("/chart?mrn={}", digits(rng, 7)),
        4 => format!("/visit/{}/summary", fill(rng, "********")),
        5 => format!("/r/{}", fill(rng, "?&~^?#")),
        6 => format!("/portal/messages/{}?tab=inbox", digits(rng, 5)),
        7 => format!("/img/{}.dcm", digits(rng, 9)),
        8 => format!("/fhir/Patient/{}", fill(rng, "********-****-4***-a***-************")),
        9 => format!("/share#{}", fill(rng, "????????")),
        10 => format!("/results/view?id={}&src=sms", digits(rng, 8)),
        _ => format!("/~{}", slug(CENSUS.families.any(rng, split))),
    };
    let head = word(
        rng,
        &["https://", "https://", "https://www.", "http://", "www.", "https://portal.", "https://my."],
    );
    if head == "www." && path.is_empty() { format!("www.{house}") } else { format!("{head}{house}{path}") }
}

pub(super) fn ip(rng: &mut Rng) -> String {
    match rng.u32(..10) {
        ..7 => format!("{}.{}.{}.{}", rng.u32(1..224), rng.u32(..256), rng.u32(..256), rng.u32(1..255)),
        7 => fill(rng, "****:****:****:****:****:****:****:****"),
        8 => fill(rng, "2001:db8:****:****::****"),
        _ => fill(rng, "fe80::****:**ff:fe**:****"),
    }
}

pub(super) fn mac(rng: &mut Rng) -> String {
    let pattern =
        word(rng, &["==:==:==:==:==:==", "**:**:**:**:**:**", "==-==-==-==-==-==", "****.****.****"]);
    fill(rng, pattern)
}

pub(super) fn handle(rng: &mut Rng, person: &Person) -> String {
    let first = slug(&person.first);
    let at = word(rng, &["@", "@", ""]);
    let body = match rng.u32(..5) {
        0 => format!("{first}{}", rng.u32(1..2010)),
        1 => format!("{first}_{}", slug(&person.last)),
        2 => format!("the_real_{first}"),
        3 => format!("{}.{}", slug(&person.nick), fill(rng, "##")),
        _ => format!("{first}{}xo", slug(&person.last)),
    };
    format!("{at}{body}")
}
