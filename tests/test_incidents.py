"""Candidates for an incident: answers that held what no request did."""

import datetime
import json

from house.patients import HAROLD
from house.server import wait_for
from house.vendors import say, saying

STRANGER = "Also MRN 77120934 was seen, phone (617) 555-0182."


def candidates(house, *more) -> list[dict]:
    return house.do("incident", "list", *more)


def test_masked_answers_are_candidates(new_office):
    """With a server running and without, in a table and as JSON; what was masked is never shown."""
    office = new_office()
    house = office.house
    assert house.run("incident", "list").returncode == 0, "an empty record holds none"
    house.start()
    before = datetime.datetime.now(datetime.UTC)
    office.chat(HAROLD)
    assert candidates(house) == [], "an identifier of the request is none"
    office.acme.answer = saying(STRANGER)
    reply = office.chat(HAROLD)
    assert "77120934" not in reply.text
    streamed = office.chat("A letter for the next one, please.", model="fast", stream=True)
    assert "77120934" not in streamed.text
    found = wait_for(lambda: len(got := candidates(house)) == 2 and got)
    assert [one["exchange"] for one in found] == [streamed.exchange, reply.exchange], "the newest first"
    one = found[1]
    assert (one["engagement"], one["agent"], one["workflow"]) == ("mercy", "scribe", "scribe-work")
    assert (one["vendor"], one["service"], one["model"]) == ("acme", "acme-api", "acme-large")
    assert one["code"] == "answer-masked" and one["masked"]["MRN"] == 1
    assert candidates(house, "--count", "1") == found[:1]
    assert candidates(house, "--since", before.strftime("%Y-%m-%dT%H:%M:%SZ")) == found
    assert candidates(house, "--since", (before + datetime.timedelta(days=2)).strftime("%Y-%m-%d")) == []
    house.stop()
    assert candidates(house) == found, "the same without a server"
    shown = house.run("incident", "list").stdout
    assert reply.exchange in shown and "acme/acme-api" in shown and "MRN 1" in shown
    explained = house.run("explain", reply.exchange).stdout
    assert "masked in the answer" in explained and "MRN 1" in explained
    for text in (json.dumps(found), shown, explained):
        assert "77120934" not in text and "555-0182" not in text and "48213377" not in text


def test_an_error_of_a_vendor_that_names_somebody_is_a_candidate(new_office):
    office = new_office()
    office.house.start()

    def fail(arrival):
        answer = say("", arrival)
        answer.status, answer.body = 400, json.dumps({"error": {"message": STRANGER, "type": "invalid"}}).encode()
        return answer

    office.acme.answer = fail
    reply = office.chat(HAROLD)
    assert reply.status != 200 and "77120934" not in reply.text
    [one] = wait_for(lambda: candidates(office.house))
    assert (one["exchange"], one["outcome"], one["code"]) == (reply.exchange, "failure", "upstream-refused")


def test_what_since_can_be(office):
    assert office.house.run("incident", "list", "--since", "yesterday").returncode == 2
    assert office.house.run("incident", "list", "--count", "0").returncode == 2
    assert office.house.run("incident", "list", "-e", "nobody").returncode in (0, 1)
