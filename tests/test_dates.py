"""Dates under `@treat("DATE=shift")`: moved together through a conversation, back in answers, never where no agreement is."""

import datetime
import re

import pytest

from house.vendors import echo, last_user, say

POLICY = """
@id("intervals")
@treat("DATE=shift")
@reason_code("needs-intervals")
permit (principal, action == Action::"model-call", resource);
"""
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FIRST, SECOND = datetime.date(2024, 2, 27), datetime.date(2024, 3, 12)
NOTE = f"Harold Finchley, seen {FIRST}T10:00:00Z and again on {SECOND}; next visit in March 2025."


@pytest.fixture
def office(new_office):
    office = new_office()
    office.house.do("policy", "set", "-", stdin=POLICY)
    office.house.start()
    return office


def days(text: str) -> list[datetime.date]:
    return [datetime.date.fromisoformat(day) for day in DAY.findall(text)]


def shift_of(sent: str) -> int:
    first, second, *_ = days(sent)
    assert second - first == SECOND - FIRST, sent
    return (first - FIRST).days


def said_to(vendor) -> str:
    return last_user(vendor.last())


def test_dates_of_a_conversation_are_moved_together_and_come_back(office):
    messages = [{"role": "user", "content": NOTE}]
    for ask, more in ((office.chat, {}), (office.chat, {"stream": True}), (office.message, {}),
                      (office.message, {"stream": True})):
        office.forget()
        reply = ask(messages, **more)
        heard, sent = reply.said, said_to(office.acme)
        shift = shift_of(sent)
        assert re.fullmatch(r"permit; surrogates=\d; shifted=\d", reply.headers["chaperon-action"])
        assert shift % 7 == 0 and 35 <= abs(shift) <= 364
        assert "T10:00:00Z" in sent and "Finchley" not in sent and "March 2025" not in sent
        assert heard == f"You said: {NOTE}", "all of it as it was written"
        # the next turn goes on with the same shift, and an answer may reckon
        later = FIRST + datetime.timedelta(days=28)
        moved = later + datetime.timedelta(days=shift)
        office.acme.answer = lambda arrival: say(f"Then come on {moved}. The rule is of 1996-08-21.", arrival)
        turn = [*messages, {"role": "assistant", "content": heard},
                {"role": "user", "content": f"Four weeks after {FIRST}, not {SECOND}?"}]
        heard = ask(turn, **more).said
        assert shift_of(said_to(office.acme)) == shift
        assert heard == f"Then come on {later}. The rule is of 1996-08-21."


def test_a_restart_keeps_the_shift_and_another_conversation_has_another(office):
    shifts = set()
    for number in range(6):
        messages = [{"role": "user", "content": f"{NOTE} Case {number}."}]
        heard = office.chat(messages).said
        shifts.add(shift_of(said_to(office.acme)))
    assert len(shifts) > 1
    shift = shift_of(said_to(office.acme))
    office.house.stop()
    office.house.start()
    office.chat([*messages, {"role": "assistant", "content": heard},
                 {"role": "user", "content": f"And {FIRST}, {SECOND}?"}])
    assert shift_of(said_to(office.acme)) == shift


def test_no_date_is_shifted_where_no_agreement_is(office):
    reply = office.chat(f"The rules of {FIRST} and {SECOND}.", key=office.helper, model="bargain-1")
    assert reply.status == 200 and reply.said == f"You said: The rules of {FIRST} and {SECOND}."
    assert not days(said_to(office.bargain)) and "DATE-" in said_to(office.bargain)


def test_the_record_says_that_dates_were_shifted_and_why(office):
    office.acme.answer = echo
    office.chat(NOTE)
    openings = [entry["entry"] for entry in office.house.entries() if entry["kind"] == "opening"]
    obligations = openings[-1]["decision"]["obligations"]
    assert obligations == {"treatments": {"DATE": "shift"}, "reason_codes": ["needs-intervals"]}
    done = office.house.run("policy", "set", "-", stdin=POLICY.replace("DATE=shift", "NAME=shift"))
    assert done.returncode and "only DATE" in done.stderr
