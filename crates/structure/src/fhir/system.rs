//! Addresses that name a code system, a definition or an issuer, and states.

use crate::field::Says;

/// Whoever publishes code systems and definitions for everybody: their hosts, those below included.
const PUBLISHERS: &[&str] = &[
    "hl7.org",
    "fhir.org",
    "loinc.org",
    "snomed.info",
    "unitsofmeasure.org",
    "nih.gov",
    "cms.gov",
    "cdc.gov",
    "fda.gov",
    "who.int",
    "ama-assn.org",
    "nucc.org",
    "nubc.org",
    "iso.org",
    "ihe.net",
    "nema.org",
    "w3.org",
    "radlex.org",
    "ncpdp.org",
    "orpha.net",
    "genenames.org",
];

/// Postal codes of states, the District of Columbia and territories (USPS, Publication 28, appendix B).
const STATES: &str = "AL AK AS AZ AR CA CO CT DE DC FM FL GA GU HI ID IL IN IA KS KY LA ME MH MD MA MI MN MS MO MT \
    NE NV NH NJ NM NY NC ND MP OH OK OR PW PA PR RI SC SD TN TX UT VT VI VA WA WV WI WY AA AE AP";

/// Names of the states.
const NAMES: &str = "alabama,alaska,arizona,arkansas,california,colorado,connecticut,delaware,district of columbia,\
    florida,georgia,guam,hawaii,idaho,illinois,indiana,iowa,kansas,kentucky,louisiana,maine,maryland,massachusetts,\
    michigan,minnesota,mississippi,missouri,montana,nebraska,nevada,new hampshire,new jersey,new mexico,new york,\
    north carolina,north dakota,ohio,oklahoma,oregon,pennsylvania,puerto rico,rhode island,south carolina,south dakota,\
    tennessee,texas,utah,vermont,virginia,washington,west virginia,wisconsin,wyoming";

/// An address of a publisher, or an OID, is no identifier; any other is text.
pub(super) fn says(address: &str) -> Says {
    if ["urn:oid:", "urn:ietf:", "urn:iso:"].iter().any(|scheme| address.starts_with(scheme)) {
        let rest = address.rsplit(':').next().unwrap_or_default();
        let form = rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        return if form { Says::Plain } else { Says::text() };
    }
    let host =
        ["http://", "https://"].iter().find_map(|scheme| address.strip_prefix(scheme)).unwrap_or_default();
    let host = host.split('/').next().unwrap_or_default();
    let published = PUBLISHERS
        .iter()
        .any(|known| host.strip_suffix(known).is_some_and(|below| below.is_empty() || below.ends_with('.')));
    let plain = address.chars().all(|c| c.is_ascii_graphic()) && !address.contains(['@', '?']);
    // names of extensions within another are words
    let word = !address.is_empty() && address.len() <= 32 && address.chars().all(|c| c.is_ascii_alphabetic());
    if published && plain || word { Says::Plain } else { Says::text() }
}

/// Whether a text is a state of the United States, which Safe Harbor keeps (45 CFR 164.514(b)(2)(i)(B)).
pub(crate) fn is_state(text: &str) -> bool {
    let text = text.trim();
    let code = text.len() == 2 && STATES.split(' ').any(|state| state.eq_ignore_ascii_case(text));
    code || NAMES.split(',').any(|state| state.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_publishers_are_plain() {
        for plain in ["http://loinc.org", "http://terminology.hl7.org/x", "urn:oid:2.16.840.1", "ombCategory"]
        {
            assert_eq!(says(plain), Says::Plain, "{plain}");
        }
        for text in [
            "http://hospital.example/mrn",
            "http://evilloinc.org",
            "http://loinc.org/?patient=1",
            "urn:oid:John Smith",
            "urn:uuid:1234",
        ] {
            assert_eq!(says(text), Says::text(), "{text}");
        }
        assert!(is_state("oh") && is_state("New York ") && !is_state("Ontario") && !is_state("OX"));
    }
}
