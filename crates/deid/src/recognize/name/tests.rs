use super::super::texts;
use super::recognize;

fn found(text: &str) -> Vec<&str> {
    texts(text, recognize).into_iter().map(|(text, _)| text).collect()
}

#[test]
fn announced_names_are_found() {
    for (text, name) in [
        ("seen by Dr. Okonkwo today", "Okonkwo"),
        ("Mrs. Price has pain", "Price"),
        ("Ms. Ana Maria de la Cruz was", "Ana Maria de la Cruz"),
        ("Electronically signed: Jane Q. Public, MD", "Jane Q. Public"),
        ("Patient: DOE, JANE", "DOE, JANE"),
        ("Patient Name: John Smith MRN: 1", "John Smith"),
        ("name: john smith", "john smith"),
        ("my name is Rubija", "Rubija"),
        ("Dear Krisztina,", "Krisztina"),
        ("his wife Maria called", "Maria"),
        ("her daughter, Ana, helps", "Ana"),
        ("Attending: Vanessa Hertzog", "Vanessa Hertzog"),
        ("Dr. O'Brien", "O'Brien"),
        ("Dr. Smith-Jones", "Smith-Jones"),
        ("Hi, this is Tom Becker calling", "Tom Becker"),
    ] {
        assert!(found(text).contains(&name), "{text}: {:?}", found(text));
    }
}

#[test]
fn pairs_in_prose_are_found() {
    for (text, name) in [
        ("I saw Maria Gonzalez today", "Maria Gonzalez"),
        ("with Robert J. Young on", "Robert J. Young"),
        ("and J.R. Kowalski came", "J.R. Kowalski"),
        ("for JOHN SMITH", "JOHN SMITH"),
        ("Smith, John A. DOB 1/2/1950", "Smith, John A."),
    ] {
        assert!(found(text).contains(&name), "{text}: {:?}", found(text));
    }
}

#[test]
fn eponyms_and_headings_are_no_names() {
    for text in [
        "Parkinson disease",
        "Foley catheter",
        "Bell's palsy",
        "Babinski sign negative",
        "Crohn's",
        "Stevens-Johnson syndrome",
        "Guillain-Barre",
        "Past Medical History",
        "Chief Complaint",
        "Assessment and Plan",
        "Physical Exam",
        "Lisinopril 10 mg",
        "Patient: Yes, I have.",
        "Doctor: How are you?",
        "Name: none",
        "patient Denies pain",
        "MS Contin",
        "MR imaging",
        "Wolff-Parkinson-White",
        "Glasgow Coma Scale",
        "Vitamin D",
        "Hodgkin lymphoma",
        "Will follow up",
        "May return",
        "He is a DO NOT resuscitate",
        "Mark the site",
    ] {
        assert_eq!(found(text), [] as [&str; 0], "{text}");
    }
}
