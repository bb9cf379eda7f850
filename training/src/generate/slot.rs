//! The slots of the template language.

use super::Label;

/// What stands between braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Person(Who, PersonForm),
    Date(When, DateForm),
    Address(usize, AddressForm),
    Facility(usize, FacilityForm),
    Value(Value),
    Clinical(Clinical),
    /// A number in a range.
    Number(u32, u32),
    /// So many digits.
    Digits(usize),
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum $name { $($variant,)* }

        impl $name {
            fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }

            /// Every word of this kind.
            #[cfg(test)]
            pub(super) const WORDS: &'static [&'static str] = &[$($word,)*];
        }
    };
}

words! {
    /// A person of the document.
    Who {
        Patient = "p", Patient2 = "p2", Relative = "r", Relative2 = "r2", Doctor = "d", Doctor2 = "d2",
        Doctor3 = "d3", Doctor4 = "d4", Staff = "s", Staff2 = "s2", Other = "o",
    }
}

impl Who {
    /// Writes `MD` after the name.
    pub(super) fn clinician(self) -> bool {
        matches!(self, Self::Doctor | Self::Doctor2 | Self::Doctor3 | Self::Doctor4)
    }

    /// Of the patient's household.
    pub(super) fn kin(self) -> bool {
        matches!(self, Self::Relative | Self::Relative2)
    }
}

words! {
    /// How a person is written; `Plain` is the document's way.
    PersonForm {
        Plain = "", Full = "full", First = "first", Last = "last", Middle = "mid", Nick = "nick",
        Maiden = "maiden", LastFirst = "lf", InitialLast = "il", Initials = "initials", Capitals = "UP",
        LastFirstCapitals = "LF", LastCapitals = "LAST", FirstCapitals = "FIRST", Small = "low",
        FirstSmall = "lowfirst", LastSmall = "lowlast", He = "he", HeCapital = "He", Him = "him", His = "his",
        HisCapital = "His", Title = "mr", Man = "man", Sex = "sex", SexLetter = "mf", Age = "age",
        Over = "over", Relation = "rel", Credential = "cred", Specialty = "spec",
    }
}

impl PersonForm {
    /// Says who it is.
    pub(super) fn names(self) -> bool {
        !matches!(
            self,
            Self::He
                | Self::HeCapital
                | Self::Him
                | Self::His
                | Self::HisCapital
                | Self::Title
                | Self::Man
                | Self::Sex
                | Self::SexLetter
                | Self::Age
                | Self::Over
                | Self::Relation
                | Self::Credential
                | Self::Specialty
        )
    }
}

words! {
    /// A date of the document, in the order in which they follow each other.
    When {
        Birth = "dob", Date = "date", Date1 = "date1", Date2 = "date2", Date3 = "date3", Date4 = "date4",
        Date5 = "date5", Date6 = "date6",
    }
}

impl When {
    /// 0 is the document's first date.
    pub(super) fn order(self) -> usize {
        match self {
            Self::Birth | Self::Date => 0,
            Self::Date1 => 1,
            Self::Date2 => 2,
            Self::Date3 => 3,
            Self::Date4 => 4,
            Self::Date5 => 5,
            Self::Date6 => 6,
        }
    }
}

words! {
    /// How a date is written; `Plain` is one of the document's ways.
    DateForm {
        Plain = "", Numbers = "num", Iso = "iso", Long = "long", European = "eu", MonthDay = "md",
        MonthDayWords = "mdw", MonthYear = "my", Month = "month", Stamp = "ts", Compact = "compact",
    }
}

words! {
    /// How an address is written.
    AddressForm {
        Plain = "", Block = "block", Street = "street", City = "city", Zip = "zip", CityStateZip = "csz",
    }
}

words! {
    /// How a facility is written.
    FacilityForm { Plain = "", Short = "short", Capitals = "UP", }
}

words! {
    /// A value that is an identifier or next to one.
    Value {
        City = "city", Neighbourhood = "neigh", School = "school", Church = "church", State = "state",
        Country = "country", Employer = "org", Ward = "ward", Room = "room", Holiday = "holiday",
        Season = "season", Year = "year", Time = "time", Ago = "ago", Weekday = "weekday",
        Phone = "phone", Phone2 = "phone2", Fax = "fax", Pager = "pager", Extension = "ext", Email = "email",
        EmailDoctor = "email.d", Url = "url", Ip = "ip", Mac = "mac", Handle = "handle",
        Mrn = "mrn", Ssn = "ssn", Ssn4 = "ssn4", Plan = "plan", Group = "group", Medicare = "medicare",
        Account = "acct", Encounter = "enc", License = "license", Dea = "dea", Npi = "npi",
        DriversLicense = "dl", Passport = "passport", Plate = "plate", Vin = "vin", Serial = "serial",
        Udi = "udi", Accession = "acc", Prescription = "rx", Order = "order", Claim = "claim",
        Authorisation = "auth", Uuid = "uuid", User = "user", Study = "study", Badge = "badge", Card = "card",
        Iban = "iban",
    }
}

impl Value {
    /// What it is labelled; `None` for what says nothing about anybody.
    pub(super) fn label(self) -> Option<Label> {
        Some(match self {
            Self::City | Self::Neighbourhood | Self::School | Self::Church => Label::Location,
            Self::Employer => Label::Org,
            Self::State | Self::Country | Self::Ward | Self::Room | Self::Weekday => Label::Other,
            Self::Holiday | Self::Season => Label::Date,
            Self::Year | Self::Time | Self::Ago => return None,
            Self::Phone | Self::Phone2 | Self::Pager | Self::Extension => Label::Phone,
            Self::Fax => Label::Fax,
            Self::Email | Self::EmailDoctor => Label::Email,
            Self::Url => Label::Url,
            Self::Ip => Label::Ip,
            Self::Mac | Self::Serial | Self::Udi => Label::Device,
            Self::Mrn => Label::Mrn,
            Self::Ssn | Self::Ssn4 => Label::Ssn,
            Self::Plan | Self::Group | Self::Medicare => Label::HealthPlan,
            Self::Account | Self::Card | Self::Iban => Label::Account,
            Self::License | Self::Dea | Self::Npi | Self::DriversLicense => Label::License,
            Self::Plate | Self::Vin => Label::Vehicle,
            Self::Handle
            | Self::Encounter
            | Self::Passport
            | Self::Accession
            | Self::Prescription
            | Self::Order
            | Self::Claim
            | Self::Authorisation
            | Self::Uuid
            | Self::User
            | Self::Study
            | Self::Badge => Label::OtherId,
        })
    }

    /// Another one at each place, where others stay the same throughout a document.
    pub(super) fn fresh(self) -> bool {
        self.label().is_none()
            || matches!(self, Self::Weekday | Self::Room | Self::Ip | Self::Uuid | Self::State | Self::Season)
    }
}

words! {
    /// Clinical words, which identify nobody.
    Clinical {
        Diagnosis = "dx", DiagnosisCapital = "Dx", Drug = "drug", DrugCapital = "Drug", Dose = "dose",
        Medication = "med", Symptom = "sx", Procedure = "proc", Anatomy = "anat", Lab = "lab",
        LabName = "labname", Vital = "vital", Eponym = "epo", Icd = "icd", Cpt = "cpt", Loinc = "loinc",
        Specialty = "spec", Device = "device", Small = "n", Decimal = "dec", Prose = "prose",
        Sentence = "sent",
    }
}

/// Numbers of digits that `{num:6}` may ask for.
const LONGEST_NUMBER: usize = 18;

impl Slot {
    /// Reads what stands between the braces.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some((kind, range)) = text.split_once(':') {
            return Self::number(kind, range);
        }
        if let Some(value) = Value::parse(text) {
            return Some(Self::Value(value));
        }
        let (name, form) = text.split_once('.').unwrap_or((text, ""));
        if form.is_empty() && text.contains('.') {
            return None;
        }
        if let Some(who) = Who::parse(name) {
            return PersonForm::parse(form).map(|form| Self::Person(who, form));
        }
        if let Some(when) = When::parse(name) {
            return DateForm::parse(form).map(|form| Self::Date(when, form));
        }
        match name {
            "addr" => AddressForm::parse(form).map(|form| Self::Address(0, form)),
            "addr2" => AddressForm::parse(form).map(|form| Self::Address(1, form)),
            "fac" => FacilityForm::parse(form).map(|form| Self::Facility(0, form)),
            "fac2" => FacilityForm::parse(form).map(|form| Self::Facility(1, form)),
            _ if form.is_empty() => Clinical::parse(name).map(Self::Clinical),
            _ => None,
        }
    }

    /// Whether it is of the words and numbers that identify nobody.
    pub(super) fn is_clinical(self) -> bool {
        match self {
            Self::Clinical(_) | Self::Number(..) | Self::Digits(_) => true,
            Self::Value(value) => value.label().is_none(),
            Self::Person(..) | Self::Date(..) | Self::Address(..) | Self::Facility(..) => false,
        }
    }

    fn number(kind: &str, range: &str) -> Option<Self> {
        match kind {
            "num" => range.parse().ok().filter(|n| (1..=LONGEST_NUMBER).contains(n)).map(Self::Digits),
            "n" => {
                let (low, high) = range.split_once('-')?;
                let (low, high) = (low.parse().ok()?, high.parse().ok()?);
                (low <= high).then_some(Self::Number(low, high))
            }
            _ => None,
        }
    }

    /// Every slot there is.
    #[cfg(test)]
    pub(super) fn all() -> Vec<String> {
        let of = |names: &[&str], forms: &[&str]| -> Vec<String> {
            let join = |name: &&str, form: &&str| match *form {
                "" => (*name).to_owned(),
                form => format!("{name}.{form}"),
            };
            names.iter().flat_map(|name| forms.iter().map(move |form| join(name, form))).collect()
        };
        [
            of(Who::WORDS, PersonForm::WORDS),
            of(When::WORDS, DateForm::WORDS),
            of(&["addr", "addr2"], AddressForm::WORDS),
            of(&["fac", "fac2"], FacilityForm::WORDS),
            of(Value::WORDS, &[""]),
            of(Clinical::WORDS, &[""]),
            vec!["n:20-90".to_owned(), "num:6".to_owned()],
        ]
        .concat()
    }
}
