"""Synthetic people. No value belongs to anyone: numbers come from ranges kept for examples where there are any."""

import re

SURROGATE = re.compile(r"\b[A-Z]+(?:-[A-Z0-9]+)*-[0-9ABCDEFGHJKMNPQRSTVWXYZ]{6}\b")


def surrogates(text: str) -> list[str]:
    """What has the shape of a surrogate: a class's label, a hyphen, six characters with digits and letters."""
    return [found for found in SURROGATE.findall(text)
            if sum(c.isdigit() for c in found[-6:]) >= 2 and sum(c.isalpha() for c in found[-6:]) >= 2]


HAROLD = "Mr. Harold Finchley (MRN 48213377, DOB 03/14/1957, SSN 219-09-9998, phone (617) 555-0143)"
HAROLD_VALUES = ["Harold Finchley", "48213377", "03/14/1957", "219-09-9998", "555-0143"]

MARTHA = "Mrs. Martha Oyelaran (MRN 77120934, DOB 11/02/1949, SSN 219-09-9999, phone (617) 555-0178)"
MARTHA_VALUES = ["Martha Oyelaran", "77120934", "11/02/1949", "219-09-9999", "555-0178"]

# One marked identifier of each class that patterns can find: (label, text around it, the value that is marked)
MARKED = [
    ("NAME", "Patient: Zebulon Quackenbush", "Zebulon Quackenbush"),
    ("DATE", "admitted on 17 August 1931", "17 August 1931"),
    ("AGE_OVER_89", "is 97 years old", None),
    ("LOCATION", "lives at 4417 Larkspur Lane, Springfield, IL 62704", "4417 Larkspur Lane"),
    ("PHONE", "phone (617) 555-0191", "555-0191"),
    ("FAX", "fax: 617-555-0192", "617-555-0192"),
    ("EMAIL", "email zquackenbush@example.org", "zquackenbush@example.org"),
    ("SSN", "SSN 219-09-9973", "219-09-9973"),
    ("MRN", "MRN: 90417735", "90417735"),
    ("HEALTH_PLAN", "Member ID: XWB8823190775", "XWB8823190775"),
    ("ACCOUNT", "account number 7730018244615", "7730018244615"),
    ("LICENSE", "driver's license no. D08954417", "D08954417"),
    ("VEHICLE", "VIN 1HGCM82633A004352", "1HGCM82633A004352"),
    ("DEVICE", "device serial number: PMK-77310-448", "PMK-77310-448"),
    ("URL", "see https://portal.example.org/p/quackenbush-77310", "quackenbush-77310"),
    ("IP", "from IP address 203.0.113.77", "203.0.113.77"),
]

NOTE = "; ".join(text for _, text, _ in MARKED) + "."
MARKS = [value for _, _, value in MARKED if value]
