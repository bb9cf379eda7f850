"""What policy may have done to identifiers, on the vendor's wire and in the answer: each treatment end to end."""

import re

import pytest

from house.leaks import leaks
from house.vendors import echo, last_user, say

NOTE = ("Patient Harold Finchley, MRN 48213377, DOB 03/14/1957, SSN 219-09-9998, lives at 4417 Larkspur Lane, "
        "Springfield, IL 62704; phone (617) 555-1143, email hfinchley@mercy.org.")
VALUES = ["Harold", "Finchley", "48213377", "03/14", "219-09-9998", "4417 Larkspur", "62704", "555-1143", "hfinchley"]


def policy(treat: str, reason: str = "") -> str:
    code = f'@reason_code("{reason}")\n' if reason else ""
    return f'@id("own")\n@treat("{treat}")\n{code}permit (principal, action == Action::"model-call", resource);\n'


@pytest.fixture
def treated(new_office):
    """A served house whose policy treats so."""
    def make(treat: str, reason: str = ""):
        office = new_office()
        office.house.do("policy", "set", "-", stdin=policy(treat, reason))
        office.house.start()
        office.acme.answer = echo
        return office
    return make


def sent(office) -> str:
    return last_user(office.acme.last())


READ = re.compile(r"Patient (\w+) (\w+), MRN (\d{8}), DOB (\d\d/\d\d/1957), SSN (9\d\d-[0-4]\d-\d{4}), lives at (\d{4} \w+ Lane), "
                  r"(\w+), IL (\d{5}); phone (\([2-9]\d\d\) 555-01\d\d), email (\w+@example\.(?:com|net|org))\.")


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("protocol", ["chat", "message"])
def test_what_looks_real_goes_out_and_comes_back(treated, protocol, stream):
    office = treated("*=realistic")
    ask, more = getattr(office, protocol), {"stream": True} if stream else {}
    messages = [{"role": "user", "content": NOTE}]
    reply = ask(messages, **more)
    said = sent(office)
    found = READ.fullmatch(said)
    assert found, f"not of the right kinds: {said}"
    assert reply.said == f"You said: {NOTE}", "all of it as it was written"
    assert leaks(VALUES, {"vendor": office.acme.captured()}) == []
    assert re.fullmatch(r"permit; surrogates=7", reply.headers["chaperon-action"]), reply.headers["chaperon-action"]

    # the next turn has the same, and a model writes parts of it alone
    given, surname, mrn, day, _, _, town, _, phone, _ = found.groups()
    month, of_month, _ = day.split("/")
    office.acme.answer = lambda arrival: say(
        f"Ms. {surname}'s visit: {given} of {town}, MRN {mrn}, born 1957-{month}-{of_month}; call {phone}. "
        f"{surname.upper()}, {given[0]}.", arrival)
    turn = [*messages, {"role": "assistant", "content": reply.said},
            {"role": "user", "content": "And Mr. Finchley, seen by FINCHLEY, HAROLD?"}]
    heard = ask(turn, **more).said
    assert sent(office) == f"And Mr. {surname}, seen by {surname.upper()}, {given.upper()}?"
    assert heard == ("Ms. Finchley's visit: Harold of Springfield, MRN 48213377, born 1957-03-14; "
                     f"call (617) 555-1143. FINCHLEY, {given[0]}."), "an initial alone is nobody's"
    assert leaks(VALUES, {"vendor": office.acme.captured()}) == []


def test_a_restart_keeps_who_is_who(treated):
    office = treated("*=realistic")
    messages = [{"role": "user", "content": NOTE}]
    heard = office.chat(messages).said
    first = sent(office)
    office.house.stop()
    office.house.start()
    office.chat([*messages, {"role": "assistant", "content": heard}, {"role": "user", "content": NOTE}])
    assert sent(office) == first


@pytest.mark.parametrize(("treat", "wanted"), [
    ("*=generalise", "Patient [NAME], MRN [MRN], DOB 1957, SSN [SSN], lives at IL 627; phone [PHONE], email [EMAIL]."),
    ("*=redact", "Patient [NAME], MRN [MRN], DOB [DATE], SSN [SSN], lives at [LOCATION]; phone [PHONE], email [EMAIL]."),
    ("*=mask", "Patient *****, MRN *****, DOB *****, SSN *****, lives at *****; phone *****, email *****."),
])
def test_what_is_not_restored_stays_as_it_went(treated, treat, wanted):
    office = treated(treat)
    reply = office.chat(NOTE)
    assert sent(office) == wanted
    assert reply.said == f"You said: {wanted}"


def test_pseudonyms_are_the_same_in_every_conversation_and_on_record(treated):
    office = treated("MRN=pseudonym, NAME=pseudonym, *=redact", "registry")
    seen = set()
    for text in ("Patient Harold Finchley, MRN 48213377.", "Is Mr. Harold Finchley (MRN: 48213377) well?"):
        reply = office.chat(text)
        assert reply.said == f"You said: {text}", "they come back"
        seen |= set(re.findall(r"(?:MRN|NAME)-[0-9A-HJKMNP-TV-Z]{16}\b", sent(office)))
    assert sorted(label.split("-")[0] for label in seen) == ["MRN", "NAME"], seen
    office.house.stop()
    office.house.start()
    office.chat("Patient Harold Finchley, MRN 48213377.")
    assert all(label in sent(office) for label in seen), "and after a restart"
    openings = [entry["entry"] for entry in office.house.entries() if entry["kind"] == "opening"]
    obligations = openings[-1]["decision"]["obligations"]
    assert obligations["treatments"]["MRN"] == "pseudonym" and obligations["reason_codes"] == ["registry"]


def test_what_is_derived_needs_a_reason_and_an_agreement(treated):
    office = treated("DATE=pseudonym", "registry")
    office.chat("The rules of 2024-02-27.", key=office.helper, model="bargain-1")
    assert re.search(r"rules of DATE-\w{6}\.", last_user(office.bargain.last())), "without an agreement a surrogate"
    done = office.house.run("policy", "set", "-", stdin=policy("DATE=pseudonym"))
    assert done.returncode and "reason_code" in done.stderr
