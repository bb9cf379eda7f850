"""Term lists: what is allowed passes, what must be found goes out as a surrogate, and only what two people put there."""

import json

import pytest

from house import postgres
from house.leaks import folder, leaks
from house.server import Refused, wait_for
from house.vendors import say

SCORE = "Crystal Ball"
CODE = "project blue heron"
SAID = f"We used {SCORE} in {CODE} today."


def draft(office, kind: str, texts: str, *more, author: str = "ann"):
    return office.house.do("terms", "add", "--kind", kind, "--author", author, *more, stdin=texts)


def review(office, kind: str, version: int, *more, author: str = "bo"):
    return office.house.do("terms", "review", kind, "--version", version, "--author", author, *more)


def heard(office) -> str:
    return office.acme.captured().decode()


def entries(office, kind: str) -> list[dict]:
    return [entry["entry"] for entry in office.house.entries() if entry["kind"] == kind]


@pytest.fixture
def served(new_office):
    """A house of the test's own, served."""
    office = new_office()
    office.house.start()
    return office


def test_a_draft_has_no_effect_and_a_reviewed_list_has_it_at_once(served):
    office = served
    assert office.chat(SAID).said and SCORE not in heard(office) and CODE in heard(office)
    office.forget()
    assert draft(office, "allow", SCORE + "\n")["version"] == 1
    assert draft(office, "must-find", CODE + "\n", "--class", "OTHER_ID")["body"]["state"] == "draft"
    office.chat(SAID + " Draft.")
    assert SCORE not in heard(office) and CODE in heard(office)
    office.forget()
    assert review(office, "allow", 1)["body"]["state"] == "reviewed"
    assert review(office, "must-find", 1)["version"] == 2
    answer = office.chat(SAID + " In force.")
    assert SCORE in heard(office) and CODE not in heard(office) and "OTHER-ID-" in heard(office)
    assert CODE in answer.said, "restored as it was written"
    # a draft behind it changes nothing, and the end of a list does
    office.forget()
    draft(office, "allow", "Quigley Score\n", "--replace")
    office.chat(SAID + " Still.")
    assert SCORE in heard(office)
    office.forget()
    office.house.do("terms", "end", "allow")
    office.chat(SAID + " Ended.")
    assert SCORE not in heard(office) and CODE not in heard(office)
    lists = [opening.get("lists") for opening in entries(office, "opening")]
    assert lists == [None, None, {"allow": 2, "must_find": 2}, {"allow": 2, "must_find": 2}, {"must_find": 2}]


def test_the_same_words_are_examined_anew_under_another_version(served):
    office = served
    note = f"{SAID} The wound is dry and measures 2.1 by 3.4 cm, without redness around it, as it was before."
    for version, text in ((1, "the wound is dry\n"), (3, "without redness\n")):
        office.chat(note)
        office.forget()
        draft(office, "must-find", text, "--class", "OTHER_ID")
        review(office, "must-find", version)
        office.chat(note)
        assert text.strip() not in heard(office).lower()


def test_an_answer_is_masked_by_what_must_be_found_and_not_by_what_is_allowed(served):
    office = served
    draft(office, "allow", SCORE)
    draft(office, "must-find", CODE, "--class", "OTHER_ID")
    review(office, "allow", 1)
    review(office, "must-find", 1)
    told = f"We like the {CODE} there, and {SCORE} too, as it is so and so."
    office.acme.answer = lambda arrival: say(told, arrival)
    for ask in (office.chat, office.message):
        for more in ({}, {"stream": True}):
            said = ask("What do you like?", **more).said
            assert said == told.replace(CODE, "[OTHER_ID]"), said
    wait_for(lambda: len(office.house.do("incident", "list")) == 4)


def test_a_text_holds_for_one_workflow_where_it_says_so(served):
    office = served
    draft(office, "must-find", CODE, "--class", "OTHER_ID", "--workflow", "scribe-work")
    review(office, "must-find", 1)
    office.chat(SAID, key=office.other)
    assert CODE in heard(office)
    office.forget()
    office.chat(SAID)
    assert CODE not in heard(office)


def test_a_list_takes_two_people_and_the_version_that_was_read(office):
    for kind in ("allow", "must-find"):
        with pytest.raises(Refused):
            review(office, kind, 1)
    draft(office, "allow", "Apgar")
    draft(office, "allow", "Bishop", author="cy")
    for author in ("ann", "Cy", "CY "):
        with pytest.raises(Refused) as refused:
            review(office, "allow", 2, author=author)
        assert "another person" in refused.value.err + refused.value.out
    done = office.house.run("terms", "review", "allow", "--version", "2")
    assert done.returncode, "who gives no name may be the author"
    with pytest.raises(Refused):
        review(office, "allow", 1)
    review(office, "allow", 2)
    with pytest.raises(Refused):
        review(office, "allow", 3)
    rows = office.house.do("terms", "list")
    assert [(row["id"], row["version"], row["body"]["state"], row["body"]["texts"]) for row in rows] == [
        ("allow", 3, "reviewed", 2)]
    changes = [change for change in entries(office, "control") if change.get("register") == "term-list"]
    assert [(change["id"], change["version"], change["author"].split(" ")[0]) for change in changes] == [
        ("allow", 1, "ann"), ("allow", 2, "cy"), ("allow", 3, "bo")]
    office.house.do("terms", "end", "allow")


def test_no_list_hides_a_number_and_refusals_say_no_text(office):
    for texts, more in (("Apgar\nann.lee@mercy.org", ()), ("219-09-9962", ()), ("Ward 48213377", ()),
                        ("Apgar", ("--class", "SSN")), ("Apgar", ("--class", "MRN")), ("May 3", ("--class", "DATE"))):
        done = office.house.run("terms", "add", "--kind", "allow", *more, stdin=texts)
        assert done.returncode and not leaks([texts], {"said": (done.stdout + done.stderr).encode()})
        assert "ann" not in done.stderr
    assert office.house.run("terms", "add", "--kind", "must-find", stdin="heron").returncode


def test_texts_are_nowhere_in_the_clear(new_office):
    office = new_office()
    secret, allowed = "vellumquorn drizzlefenk", "Zanzibarre Quillfeather"
    draft(office, "must-find", secret, "--class", "NAME", "--reason", "a guest")
    office.house.start()
    draft(office, "allow", allowed)
    review(office, "must-find", 1)
    review(office, "allow", 1)
    office.chat(f"It is about {secret} today.")
    assert secret not in heard(office)
    office.house.run("terms", "add", "--kind", "must-find", "--class", "NAME", stdin=secret)
    shown = {}
    for command in (["terms", "list"], ["terms", "show", "must-find"], ["terms", "show", "must-find", "--history"],
                    ["journal", "tail", "-n", "1000"], ["check"]):
        for json_too in ([], ["--json"]):
            done = office.house.run(*command, *json_too)
            shown[" ".join([*command, *json_too])] = (done.stdout + done.stderr).encode()
    revealed = office.house.do("terms", "show", "must-find", "--reveal")
    assert [(term["text"], term["class"], term["reason"]) for term in revealed["terms"]] == [
        (secret, "NAME", "a guest")]
    assert secret in office.house.run("terms", "show", "must-find", "--reveal", "--version", "1").stdout
    # a restart reads them again
    office.house.stop()
    office.forget()
    office.house.start()
    office.chat(f"It is about {secret} once more.")
    assert secret not in heard(office)
    office.house.stop()
    places = {**folder(office.house.data), **shown, "log": office.house.log().encode()}
    if office.house.environment.get("CHAPERON_TEST_STORE"):
        places["database"] = postgres.dump(office.house.environment["CHAPERON_TEST_STORE"])
    assert not leaks([secret, "vellumquorn", allowed, "Quillfeather"], places)
    verified = office.house.verify()
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_scan_applies_the_lists_of_an_engagement(served, tmp_path):
    office = served
    draft(office, "allow", SCORE)
    draft(office, "must-find", CODE, "--class", "OTHER_ID", "--workflow", "trials")
    review(office, "allow", 1)
    review(office, "must-find", 1)
    text = tmp_path / "note.txt"
    text.write_text(SAID)

    def found(*more):
        done = office.house.run("scan", text, "--json", *more)
        assert done.returncode == 0, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return [(line["class"], line["recognizer"] == "must-find") for line in lines]

    assert found() == [("NAME", False)]
    assert found("--engagement", "mercy") == []
    assert found("--engagement", "mercy", "--workflow", "trials") == [("OTHER_ID", True)]
    assert office.house.run("scan", text, "--engagement", "nowhere").returncode
