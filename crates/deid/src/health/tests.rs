use HealthClass::{
    Behavioural, Demographics, Diagnosis, Medication, Payment, Procedure, Result as Value, Scheduling,
    SubstanceUse,
};
use proptest::prelude::*;

use super::*;
use crate::Detector;

fn tells_of(text: &str, label: Option<&str>) -> Vec<(String, HealthClass)> {
    let found = Detector::rules().tells(Passage { text, label }).unwrap();
    found.into_iter().map(|one| (text.get(one.span).unwrap().to_owned(), one.class)).collect()
}

fn all(text: &str) -> Vec<(String, HealthClass)> {
    tells_of(text, None)
}

#[track_caller]
fn finds(text: &str, part: &str, class: HealthClass) {
    let found = all(text);
    assert!(found.iter().any(|(told, of)| told == part && *of == class), "{found:?}");
}

#[track_caller]
fn silent(text: &str) {
    assert_eq!(all(text), []);
}

#[test]
fn terms_tell_with_what_belongs_to_them() {
    let text = "Started on metformin 500 mg twice daily for type 2 diabetes mellitus.";
    finds(text, "metformin 500 mg twice daily", Medication);
    finds(text, "type 2 diabetes mellitus", Diagnosis);
    finds("Closed fracture of the left femur after a fall.", "Closed fracture of the left femur", Diagnosis);
    finds("Underwent laparoscopic cholecystectomy in May.", "laparoscopic cholecystectomy", Procedure);
    finds("She takes pemafibratinib and Zyxtorin 10 mg po daily", "Zyxtorin 10 mg po daily", Medication);
    finds("Crohn's disease, stable", "Crohn's disease", Diagnosis);
    finds("He was treated for a urinary infection last year", "urinary infection", Diagnosis);
}

#[test]
fn values_tell_and_names_alone_do_not() {
    finds("Hemoglobin A1c was 8.2 % in March", "Hemoglobin A1c was 8.2 %", Value);
    finds("BP 142/88, HR 91", "BP 142/88", Value);
    finds("Her troponin came back elevated", "troponin came back elevated", Value);
    finds("K 5.9 after insulin", "K 5.9", Value);
    finds("rapid strep negative", "rapid strep negative", Value);
    silent("Plan K is the one that we like");
    silent("The sugar content is 12 g and the temperature should be 200 degrees");
}

#[test]
fn what_is_denied_is_told() {
    finds("Denies cocaine use.", "cocaine use", SubstanceUse);
    finds("No history of depression or suicidal ideation", "depression", Behavioural);
    finds("The patient denies drinking.", "drinking", SubstanceUse);
}

#[test]
fn payment_scheduling_and_demographics() {
    finds("Her copay of $40.00 is due", "copay", Payment);
    finds("Her copay of $40.00 is due", "$40.00", Payment);
    finds("The claim was denied; prior authorization is needed", "prior authorization", Payment);
    finds("Please reschedule my appointment", "appointment", Scheduling);
    finds("A 67-year-old woman with asthma", "67-year-old woman", Demographics);
    finds("67yo F with asthma", "67yo", Demographics);
    finds("He is Spanish speaking, needs an interpreter", "interpreter", Demographics);
}

#[test]
fn codes_tell_by_shape_or_by_label() {
    finds("billed under E11.9 today", "E11.9", Diagnosis);
    finds("F10.20 on the list", "F10.20", SubstanceUse);
    finds("F33.1 on the list", "F33.1", Behavioural);
    finds("CPT code 99213", "CPT code 99213", Procedure);
    finds("LOINC 4548-4", "LOINC 4548-4", Value);
    finds("NDC: 0002-8215-01", "NDC: 0002-8215-01", Medication);
    silent("Take the B12 bus to gate A10, version 3.11");
}

#[test]
fn everyday_words_need_context() {
    for text in [
        "By a stroke of luck the cold weather held, and the pressure fell.",
        "The company reported a healthy balance and cut its premium price; shares fell sharply.",
        "Preheat the oven to 200 °C and line a tin with baking paper.",
        "The meeting is on Monday at 3 pm, see the calendar.",
        "Congestion on the motorway, and a broken signal at the junction",
        "I would like the pie with a tablet of chocolate.",
        "Our diagnosis of the crash: a race between two threads, fixed in version 2.",
    ] {
        silent(text);
    }
    finds("The patient has a cold.", "cold", Diagnosis);
}

#[test]
fn headings_and_fields_class_what_stands_under_them() {
    finds("PMH: HTN\nAssessment: improving slowly\nName: unknown thing", "improving slowly", Diagnosis);
    assert!(
        !all("PMH: HTN\nAssessment: improving slowly\nName: unknown thing")
            .iter()
            .any(|(t, _)| t.contains("thing"))
    );
    assert_eq!(tells_of("bleen", Some("primary_diagnosis")), [("bleen".to_owned(), Diagnosis)]);
    assert_eq!(tells_of("bleen", Some("homeMedications")), [("bleen".to_owned(), Medication)]);
    assert_eq!(tells_of("bleen", Some("title")), []);
}

#[test]
fn hidden_spellings_and_base64_tell() {
    assert_eq!(all("takes metf\u{200b}ormin"), [("metf\u{200b}ormin".to_owned(), Medication)]);
    // "the patient has schizophrenia and takes olanzapine"
    let run = "dGhlIHBhdGllbnQgaGFzIHNjaGl6b3BocmVuaWEgYW5kIHRha2VzIG9sYW56YXBpbmU=";
    let found = all(&format!("decode {run} please"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, run);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn places_are_sorted_and_apart(parts in proptest::collection::vec(prop_oneof![
        Just("asthma"), Just("Assessment:"), Just("\n"), Just("metformin"), Just("500 mg"), Just("bid"), Just("$40.00"),
        Just("copay"), Just("E11.9"), Just("year-old"), Just("67"), Just("BP 120/80"), Just("\u{fb01}"), Just("é"), Just("."),
        Just("\"labs\": "), Just("patient"), Just("cold"), Just("of the left"), Just("monday"), Just("slot"), Just("\u{200b}"),
        Just("{"), Just("CPT 99213"), Just("depression"), Just("%41")], 0..40), joint in prop_oneof![Just(""), Just(" ")]) {
        let text = parts.join(joint);
        let found = Detector::rules().tells(Passage::prose(&text)).unwrap();
        let mut end = 0;
        for one in found {
            prop_assert!(one.span.start >= end && one.span.start < one.span.end, "{:?}", one);
            prop_assert!(text.get(one.span.clone()).is_some());
            end = one.span.end;
        }
    }
}
