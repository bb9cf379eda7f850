//! Fields whose name says what their value is: `dob`, `patient_name`, `phoneNumber`.

use terms::IdentifierClass::{
    self, Account, AgeOver89, Biometric, Date, Device, Email, Fax, HealthPlan, Ip, License, Location, Mrn,
    Name, OtherId, Phone, Photo, Ssn, Url, Vehicle,
};

use crate::recognize::{Candidate, Rank};

/// Longest value that is taken whole, in bytes: beyond it a field holds prose.
const LONGEST: usize = 200;
/// Values that say that there is none.
const EMPTY: &[&str] = &[
    "none",
    "null",
    "n/a",
    "na",
    "unknown",
    "true",
    "false",
    "yes",
    "no",
    "string",
    "number",
    "integer",
    "object",
    "array",
    "boolean",
    "-",
    "undefined",
    "not provided",
    "not available",
    "tbd",
    "pending",
    "declined",
];

/// Endings of a field's name, longest first, in small letters without separators. `true`: a digit is needed.
const FIELDS: &[(&str, IdentifierClass, bool)] = &[
    ("medicalrecordnumber", Mrn, true),
    ("socialsecuritynumber", Ssn, true),
    ("socialsecurity", Ssn, true),
    ("ssnlast4", Ssn, true),
    ("ssnlastfour", Ssn, true),
    ("last4ssn", Ssn, true),
    ("last4ofssn", Ssn, true),
    ("lastfourssn", Ssn, true),
    ("medicalrecordno", Mrn, true),
    ("medicalrecordid", Mrn, true),
    ("recordnumber", Mrn, true),
    ("hospitalnumber", Mrn, true),
    ("chartid", Mrn, true),
    ("chartno", Mrn, true),
    ("patientno", Mrn, true),
    ("patientmrn", Mrn, true),
    ("chartnumber", Mrn, true),
    ("patientidentifier", Mrn, true),
    ("patientnumber", Mrn, true),
    ("patientid", Mrn, true),
    ("encounterid", OtherId, true),
    ("encounternumber", OtherId, true),
    ("visitid", OtherId, true),
    ("visitnumber", OtherId, true),
    ("casenumber", OtherId, true),
    ("nationalid", OtherId, true),
    ("employeeid", OtherId, true),
    ("studentid", OtherId, true),
    ("taxid", OtherId, true),
    ("accessionnumber", OtherId, true),
    ("specimenid", OtherId, true),
    ("studysubjectid", OtherId, true),
    ("subscriberid", HealthPlan, true),
    ("subscribernumber", HealthPlan, true),
    ("beneficiaryid", HealthPlan, true),
    ("insuranceid", HealthPlan, true),
    ("insurancenumber", HealthPlan, true),
    ("policynumber", HealthPlan, true),
    ("groupnumber", HealthPlan, true),
    ("subscriberno", HealthPlan, true),
    ("policyno", HealthPlan, true),
    ("policyid", HealthPlan, true),
    ("memberno", HealthPlan, true),
    ("memberid", HealthPlan, true),
    ("membernumber", HealthPlan, true),
    ("medicareid", HealthPlan, true),
    ("medicareno", HealthPlan, true),
    ("medicaidid", HealthPlan, true),
    ("driverslicensenumber", License, true),
    ("driverslicense", License, true),
    ("driverlicense", License, true),
    ("licensenumber", License, true),
    ("licenceno", License, true),
    ("licenseno", License, true),
    ("passportnumber", License, true),
    ("passport", License, true),
    ("licenseplate", Vehicle, false),
    ("platenumber", Vehicle, false),
    ("vehicleid", Vehicle, true),
    ("serialnumber", Device, true),
    ("deviceidentifier", Device, true),
    ("deviceid", Device, true),
    ("deviceserial", Device, true),
    ("macaddress", Device, true),
    ("accountnumber", Account, true),
    ("accountno", Account, true),
    ("accountid", Account, true),
    ("accountlast4", Account, true),
    ("acctnumber", Account, true),
    ("acctno", Account, true),
    ("cardlast4", Account, true),
    ("claimid", Account, true),
    ("invoiceid", Account, true),
    ("cardnumber", Account, true),
    ("creditcard", Account, true),
    ("routingnumber", Account, true),
    ("claimnumber", Account, true),
    ("invoicenumber", Account, true),
    ("ipaddress", Ip, true),
    ("emailaddress", Email, false),
    ("email", Email, false),
    ("telephone", Phone, true),
    ("phonenumber", Phone, true),
    ("mobilenumber", Phone, true),
    ("cellphone", Phone, true),
    ("homephone", Phone, true),
    ("workphone", Phone, true),
    ("phone", Phone, true),
    ("mobile", Phone, true),
    ("faxnumber", Fax, true),
    ("fax", Fax, true),
    ("dateofbirth", Date, true),
    ("birthdate", Date, true),
    ("birthday", Date, true),
    ("dateofdeath", Date, true),
    ("deceaseddate", Date, true),
    ("admissiondate", Date, true),
    ("admitdate", Date, true),
    ("dischargedate", Date, true),
    ("dateofservice", Date, true),
    ("servicedate", Date, true),
    ("appointmentdate", Date, true),
    ("visitdate", Date, true),
    ("streetaddress", Location, false),
    ("homeaddress", Location, false),
    ("mailingaddress", Location, false),
    ("addressline1", Location, false),
    ("addressline2", Location, false),
    ("addressline", Location, false),
    ("address1", Location, false),
    ("address2", Location, false),
    ("address", Location, false),
    ("postalcode", Location, true),
    ("postcode", Location, true),
    ("zipcode", Location, true),
    ("county", Location, false),
    ("street", Location, false),
    ("patientname", Name, false),
    ("firstname", Name, false),
    ("lastname", Name, false),
    ("middlename", Name, false),
    ("maidenname", Name, false),
    ("givenname", Name, false),
    ("familyname", Name, false),
    ("fullname", Name, false),
    ("legalname", Name, false),
    ("preferredname", Name, false),
    ("mothername", Name, false),
    ("fathername", Name, false),
    ("spousename", Name, false),
    ("guardianname", Name, false),
    ("membername", Name, false),
    ("subscribername", Name, false),
    ("providername", Name, false),
    ("doctorname", Name, false),
    ("physicianname", Name, false),
    ("contactname", Name, false),
    ("customername", Name, false),
    ("surname", Name, false),
    ("nextofkin", Name, false),
    ("emergencycontact", Name, false),
    ("username", OtherId, false),
    ("userid", OtherId, false),
    ("fingerprint", Biometric, false),
    ("voiceprint", Biometric, false),
    ("photourl", Photo, false),
    ("photo", Photo, false),
    ("website", Url, false),
    ("patientage", AgeOver89, true),
    ("ageyears", AgeOver89, true),
    ("ageinyears", AgeOver89, true),
];

/// Names of fields that say it all only if they stand alone.
const WHOLE: &[(&str, IdentifierClass, bool)] = &[
    ("mrn", Mrn, true),
    ("ssn", Ssn, true),
    ("dob", Date, true),
    ("dod", Date, true),
    ("dos", Date, true),
    ("tel", Phone, true),
    ("cell", Phone, true),
    ("pager", Phone, true),
    ("zip", Location, true),
    ("zip5", Location, true),
    ("age", AgeOver89, true),
    ("account", Account, true),
    ("acct", Account, true),
    ("city", Location, false),
    ("vin", Vehicle, true),
    ("plate", Vehicle, false),
    ("imei", Device, true),
    ("udi", Device, true),
    ("mac", Device, true),
    ("npi", License, true),
    ("dea", License, true),
    ("iban", Account, true),
    ("mbi", HealthPlan, true),
    ("ip", Ip, true),
    ("given", Name, false),
    ("family", Name, false),
];

/// The finding that is the whole of `text`, if the field's name says what it is.
pub(crate) fn recognize(label: &str, text: &str) -> Option<Candidate> {
    let value = text.trim();
    if value.is_empty()
        || value.len() > LONGEST
        || EMPTY.iter().any(|empty| value.eq_ignore_ascii_case(empty))
    {
        return None;
    }
    let (class, digit) = class(label)?;
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    if class == AgeOver89 && !is_old(value) {
        return None;
    }
    let year = class == Date && value.len() == 4 && digits == 4;
    if digit && digits == 0 || year || !value.chars().any(char::is_alphanumeric) {
        return None;
    }
    // prose under a field for a name or place
    if matches!(class, Name | OtherId) && value.split_whitespace().count() > 6 {
        return None;
    }
    let start = text.len() - text.trim_start().len();
    Some(Candidate::new(start..start + value.len(), class, Rank::Label, 97, "field.label"))
}

/// Whether a value is an age of 90 to 129 years, with or without the unit.
fn is_old(value: &str) -> bool {
    const UNITS: [&str; 12] =
        ["", "y", "yo", "y/o", "y.o.", "yr", "yrs", "year", "years", "years old", "year old", "years-old"];
    let digits = value.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let Some((number, unit)) = value.split_at_checked(digits) else { return false };
    let unit = unit.trim_start_matches([' ', '-']);
    number.parse::<f64>().is_ok_and(|age| (90.0..130.0).contains(&age))
        && UNITS.iter().any(|known| unit.eq_ignore_ascii_case(known))
}

fn class(label: &str) -> Option<(IdentifierClass, bool)> {
    let plain: String =
        label.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).take(80).collect();
    let ending = FIELDS.iter().find(|(field, ..)| plain.ends_with(field));
    let last = label.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or(label);
    let last = last.rfind(char::is_lowercase).map_or(last, |_| {
        let word = last.char_indices().rev().find(|(_, c)| c.is_ascii_uppercase()).map_or(0, |(at, _)| at);
        last.get(word..).unwrap_or(last)
    });
    let alone = || WHOLE.iter().find(|(field, ..)| last.eq_ignore_ascii_case(field) || plain == *field);
    ending.or_else(alone).map(|(_, class, digit)| (*class, *digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_field_tells_the_class() {
        for (label, value, class) in [
            ("dob", "14 Mar 50", Date),
            ("patient_name", "xi", Name),
            ("mrn", "A-17", Mrn),
            ("phoneNumber", "0100", Phone),
            ("patient.ssn", "1234", Ssn),
            ("homeAddress", "Flat 2, The Lane", Location),
            ("memberId", "W12", HealthPlan),
            ("patientDob", "1950-03-14", Date),
            ("City", "Lakewood", Location),
        ] {
            assert_eq!(recognize(label, value).map(|found| found.class), Some(class), "{label}");
        }
    }

    #[test]
    fn short_numbers_under_an_identifying_name_are_found() {
        for (label, value, class) in [
            ("ssn_last4", "9999", Ssn),
            ("ssnLast4", "0001", Ssn),
            ("zip", "62701", Location),
            ("postal_code", "62701", Location),
            ("mrn", "482", Mrn),
            ("patient_id", "4821", Mrn),
            ("account", "9912", Account),
            ("account_id", "991", Account),
            ("member_id", "123", HealthPlan),
            ("visitId", "20481", OtherId),
        ] {
            assert_eq!(recognize(label, value).map(|found| found.class), Some(class), "{label}");
        }
    }

    #[test]
    fn ages_over_89_are_found_and_others_stay() {
        for label in ["age", "patient_age", "patientAge", "patient.age", "age_years", "AGE", "ageInYears"] {
            for value in ["90", "97", "129", "97 years", "97y", "97 yo", "93-years-old", "97.0", " 97 "] {
                assert_eq!(
                    recognize(label, value).map(|found| found.class),
                    Some(AgeOver89),
                    "{label} {value}"
                );
            }
            for value in ["89", "130", "9", "970", "97 kg", "97%", "90-95th percentile", "old", "97 months"] {
                assert_eq!(recognize(label, value), None, "{label} {value}");
            }
        }
        for label in ["dosage", "image", "language", "percentage", "page", "agent"] {
            assert_eq!(recognize(label, "97"), None, "{label}");
        }
    }

    #[test]
    fn other_fields_and_empty_values_do_not() {
        for (label, value) in [
            ("notes", "x 1"),
            ("mrn", "unknown"),
            ("dob", "1950"),
            ("phone", "none"),
            ("model", "m-1"),
            ("velocity", "12"),
            ("name", "Aspirin"),
            ("description", "phone 1"),
            ("patient_name", "  "),
        ] {
            assert_eq!(recognize(label, value), None, "{label}");
        }
    }
}
