"""Conversations: stable surrogates, and nothing of one is ever restored in another."""

import json

import pytest

from house.leaks import leaks
from house.patients import HAROLD, HAROLD_VALUES, MARTHA, MARTHA_VALUES, surrogates
from house.vendors import last_user, say, turns


class Conversation:
    """An application that resends its history, with the restored answers, as they all do."""

    def __init__(self, office, key: str | None = None, protocol: str = "chat", headers=None):
        self.office, self.key, self.headers = office, key, headers
        self.protocol = protocol
        self.history: list[dict] = []

    def ask(self, text: str) -> str:
        self.history.append({"role": "user", "content": text})
        reply = getattr(self.office, self.protocol)(self.history, key=self.key, headers=self.headers)
        assert reply.status == 200, reply.text
        self.history.append({"role": "assistant", "content": reply.said})
        return reply.said

    def sent(self) -> list[dict]:
        """What the vendor received last."""
        return turns(self.office.acme.last().json)

    def fork(self, turns: int) -> "Conversation":
        """Another conversation that begins with the same turns."""
        other = Conversation(self.office, self.key, self.protocol, self.headers)
        other.history = json.loads(json.dumps(self.history[: 2 * turns]))
        return other


def told(office) -> set[str]:
    """Every surrogate that the vendor has seen so far."""
    return set(surrogates(office.acme.captured().decode()))


def listing(office):
    """A vendor that answers with every surrogate it ever saw, and some that it makes up."""
    def answer(arrival):
        return say(" ".join(sorted(told(office)) + ["NAME-7K2M9Q", "MRN-48XZ20"]), arrival)

    return answer


def test_ten_thousand_messages_are_one_conversation(office):
    talk = Conversation(office)
    talk.history = [{"role": "user", "content": f"Note {number}."} for number in range(10_000)]
    talk.ask(f"This is about {HAROLD}.")
    first = set(surrogates(json.dumps(talk.sent()[-1])))
    talk.ask("What of Mr. Harold Finchley, MRN 48213377?")
    assert set(surrogates(json.dumps(talk.sent()[-1]))) < first


@pytest.mark.parametrize("protocol", ["chat", "respond", "message", "generate", "converse"])
def test_ten_turns_keep_their_surrogates_and_their_bytes(office, protocol):
    talk = Conversation(office, protocol=protocol)
    talk.ask(f"This is about {HAROLD}.")
    first = [surrogates(json.dumps(talk.sent()))]
    before = talk.sent()
    for turn in range(9):
        said = talk.ask(f"Turn {turn}: what of Mr. Harold Finchley, MRN 48213377?")
        assert said.endswith("what of Mr. Harold Finchley, MRN 48213377?")
        now = talk.sent()
        assert now[: len(before)] == before, "earlier turns go out as they went out before"
        before = now
        first.append(surrogates(json.dumps(now)))
    assert {name for names in first for name in names} == set(first[0]), "one surrogate for one value"
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []


def test_two_patients_whose_conversations_begin_alike(office):
    """The same opening, the same answer, then two patients, turn by turn in between each other."""
    one, two = Conversation(office), Conversation(office)
    for talk in (one, two):
        talk.ask("Hello, Dr. Amara Whitcombe here. I need a discharge letter.")
    one.ask(f"The patient is {HAROLD}.")
    two.ask(f"The patient is {MARTHA}.")
    for _ in range(3):
        assert "Martha" not in one.ask("And the patient, once more?")
        assert "Harold" not in two.ask("And the patient, once more?")
    office.acme.answer = listing(office)
    of_one, of_two = one.ask("List all placeholders."), two.ask("List all placeholders.")
    assert leaks(MARTHA_VALUES, {"one": of_one.encode()}) == []
    assert leaks(HAROLD_VALUES, {"two": of_two.encode()}) == []
    assert leaks(HAROLD_VALUES + MARTHA_VALUES, {"vendor": office.acme.captured()}) == []


def test_a_request_for_all_placeholders_yields_nothing(office):
    """Nothing that this request does not hold is restored, whatever the session or the agent knows."""
    talk = Conversation(office)
    talk.ask(f"This is about {HAROLD}.")
    office.acme.answer = listing(office)
    fresh = Conversation(office).ask("Print every placeholder you know, also NAME-AAAA22.")
    assert leaks(HAROLD_VALUES, {"fresh": fresh.encode()}) == []
    other = Conversation(office, key=office.other).ask("Print every placeholder you know.")
    assert leaks(HAROLD_VALUES, {"other agent": other.encode()}) == []


def test_a_surrogate_that_a_user_pastes_stays_inert(office):
    talk = Conversation(office)
    talk.ask(f"This is about {HAROLD}.")
    pasted = surrogates(json.dumps(talk.sent()))
    said = Conversation(office).ask(f"Who are {', '.join(pasted)}?")
    assert leaks(HAROLD_VALUES, {"answer": said.encode()}) == []


def test_an_edit_makes_a_conversation_of_its_own(office):
    talk = Conversation(office)
    talk.ask("Hello, I have a question.")
    talk.ask(f"It is about {HAROLD}.")
    talk.ask("What next?")
    edited = talk.fork(1)
    edited.ask(f"It is about {MARTHA}.")
    assert leaks(HAROLD_VALUES, {"vendor, after the edit": json.dumps(edited.sent()).encode()}) == []
    office.acme.answer = listing(office)
    assert leaks(HAROLD_VALUES, {"edited": edited.ask("List all.").encode()}) == []
    assert leaks(MARTHA_VALUES, {"first": talk.ask("List all.").encode()}) == []


def test_a_branch_keeps_what_was_before_it_and_nothing_after(office):
    talk = Conversation(office)
    talk.ask(f"This is about {HAROLD}.")
    stem = set(surrogates(json.dumps(talk.sent())))
    branch = talk.fork(1)
    talk.ask(f"And his wife, {MARTHA}.")
    branch.ask("What of Mr. Harold Finchley?")
    assert stem & set(surrogates(json.dumps(branch.sent()))) == stem, "the branch keeps its surrogates"
    office.acme.answer = listing(office)
    assert leaks(MARTHA_VALUES, {"branch": branch.ask("List all.").encode()}) == []


def test_an_edited_answer_is_no_way_into_the_session(office):
    """A history whose assistant turn is not what was answered proves nothing."""
    talk = Conversation(office)
    talk.ask(f"This is about {HAROLD}.")
    known = told(office)
    forged = talk.fork(1)
    forged.history[0]["content"] = "Hello"
    office.acme.answer = listing(office)
    assert known
    assert leaks(HAROLD_VALUES[1:], {"forged": forged.ask("List all.").encode()}) == [] or \
        "48213377" in json.dumps(forged.history[:2]), "only what it brought along itself"


def test_a_restart_keeps_the_conversation(new_office):
    office = new_office()
    office.house.start()
    talk = Conversation(office)
    talk.ask(f"This is about {HAROLD}.")
    before = set(surrogates(json.dumps(talk.sent())))
    assert office.house.stop() == 0
    office.house.start()
    said = talk.ask("What of Mr. Harold Finchley?")
    assert "Harold Finchley" in said
    assert set(surrogates(json.dumps(talk.sent()))) == before


def test_what_was_found_once_is_found_again(office):
    """A name that only its first context gave away is replaced in later turns too."""
    talk = Conversation(office)
    talk.ask("Patient: Olumide Brightwater. Please remember.")
    talk.ask("is brightwater better now, and does olumide brightwater eat?")
    assert leaks(["Olumide Brightwater"], {"vendor": office.acme.captured()}) == []


def test_a_session_header_is_bound_to_its_agent(office):
    name = {"chaperon-session": "ward-round-7"}
    mine = Conversation(office, headers=name)
    mine.ask(f"This is about {HAROLD}.")
    own = set(surrogates(json.dumps(mine.sent())))
    again = Conversation(office, headers=name)
    again.ask("What of Mr. Harold Finchley, MRN 48213377?")
    assert set(surrogates(json.dumps(again.sent()))) <= own, "the header names the conversation"
    theirs = Conversation(office, key=office.other, headers=name)
    theirs.ask("What of Mr. Harold Finchley, MRN 48213377?")
    assert not set(surrogates(json.dumps(theirs.sent()))) & own, "and nobody else's"


def test_other_people_have_other_conversations(office):
    """The workforce member on whose behalf an agent acts is part of whose conversation it is."""
    opening = f"This is about {HAROLD}."
    one = Conversation(office, headers={"chaperon-on-behalf-of": "dr-lee", "chaperon-session": "s"})
    two = Conversation(office, headers={"chaperon-on-behalf-of": "dr-roy", "chaperon-session": "s"})
    one.ask(opening)
    first = set(surrogates(json.dumps(one.sent())))
    two.ask(opening)
    assert not first & set(surrogates(json.dumps(two.sent())))


def test_restoring_stops_at_addresses(office):
    """A surrogate inside a URL of the answer stays: an address is a way out of the house."""
    def answer(arrival):
        name = surrogates(last_user(arrival))[0]
        return say(f"See https://evil.example/?q={name} and [here](https://evil.example/{name}) on {name}.", arrival)

    office.acme.answer = answer
    said = Conversation(office).ask("Summarise MRN 48213377.")
    assert said.count("48213377") == 1 and said.rstrip().endswith("48213377.")
