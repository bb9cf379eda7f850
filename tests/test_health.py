"""What a request tells of health: bounded by what the workflow declared, or cut out as the policy says."""

import json
import subprocess

import pytest

from house.office import add_agent
from house.patients import HAROLD
from house.server import CHAPERON
from house.vendors import last_user

ASKED = "Please move her appointment to next Tuesday. She has type 2 diabetes and takes metformin 500 mg daily."
PLAIN = "Please move her appointment to next Tuesday at 3 pm."
STRIPS = '@id("bookings")\n@strip("undeclared")\npermit (principal, action, resource);\n'
CHART = """
@id("all")
permit (principal, action, resource);
@id("no-charts")
forbid (principal, action, resource)
when { context.tells_count > 5 && context.passage_words > 60 };
"""


@pytest.fixture
def office(new_office):
    office = new_office()
    office.booking = add_agent(office.house, "booking", "--may-tell", "scheduling,demographics")
    office.mute = add_agent(office.house, "mute", "--may-tell", "nothing")
    office.house.start()
    return office


def sent(office) -> str:
    return last_user(office.acme.last())


def opened(office) -> dict:
    return next(one["entry"] for one in reversed(office.house.entries()) if one["kind"] == "opening")


def test_what_was_not_declared_is_refused_and_on_record(office):
    reply = office.chat(ASKED, key=office.booking)
    assert reply.status == 403 and office.nothing_left(), reply.text
    assert "undeclared-health" in reply.text and "diagnosis, medication" in reply.text
    assert "diabetes" not in reply.text
    assert office.chat(PLAIN, key=office.booking).status == 200
    assert sent(office) == PLAIN
    refused = next(one["entry"] for one in office.house.entries() if one["kind"] == "opening")
    assert refused["tells"] == {"diagnosis": 1, "medication": 1, "scheduling": 1}
    assert [reason["code"] for reason in refused["decision"]["reasons"]] == ["undeclared-health"]
    assert office.chat(PLAIN, key=office.mute).status == 403, "declared to tell nothing"
    assert office.chat("Write a haiku about the sea.", key=office.mute).status == 200


@pytest.mark.parametrize("hide", [
    lambda said: said.replace("metformin", "met\u200bformin").replace("diabetes", "diab&#101;tes"),
    lambda said: said.upper(),
    lambda said: [{"role": "system", "content": said}, {"role": "user", "content": PLAIN}],
    lambda said: [{"role": "user", "content": PLAIN}, {"role": "assistant", "content": None, "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "note", "arguments": json.dumps({"diagnosis": "gout"})}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "done"}],
], ids=["spelling", "capitals", "instructions", "arguments"])
def test_it_hides_nowhere(office, hide):
    reply = office.chat(hide(ASKED), key=office.booking)
    assert reply.status == 403 and office.nothing_left(), reply.text
    assert "undeclared-health" in reply.text


def test_an_agent_that_declared_nothing_is_not_bounded(office):
    reply = office.chat(ASKED, key=office.scribe)
    assert reply.status == 200 and sent(office) == ASKED
    assert "tells" not in opened(office), "nobody asked"


def test_a_policy_may_strip_instead(office):
    office.house.do("policy", "set", "-", stdin=STRIPS)
    reply = office.chat(f"{ASKED} It is {HAROLD}", key=office.booking)
    assert reply.status == 200, reply.text
    heard = sent(office)
    assert "appointment to next Tuesday. She has [DIAGNOSIS] and takes [MEDICATION]." in heard
    assert "Finchley" not in heard
    said = reply.json["choices"][0]["message"]["content"]
    assert HAROLD in said and "[DIAGNOSIS]" in said and "diabetes" not in said, "restored, and stripped for good"
    assert reply.headers["chaperon-action"].endswith("; stripped=2")
    assert opened(office)["decision"]["obligations"]["strip"] == ["diagnosis", "medication"]
    told = office.house.run("explain", reply.headers["chaperon-exchange"]).stdout
    assert "diagnosis=strip" in told and "diagnosis 1" in told
    # who declared nothing is not stripped by it
    assert office.chat(ASKED, key=office.scribe).status == 200 and sent(office) == ASKED


def test_a_stream_is_stripped_too_and_a_later_turn_again(office):
    office.house.do("policy", "set", "-", stdin=STRIPS)
    first = office.chat(ASKED, key=office.booking, stream=True)
    assert first.status == 200 and "diabetes" not in first.said
    turn = [{"role": "user", "content": ASKED}, {"role": "assistant", "content": first.said},
            {"role": "user", "content": "And Wednesday?"}]
    assert office.chat(turn, key=office.booking).status == 200
    assert "diabetes" not in office.acme.last().body.decode() and "[DIAGNOSIS]" in office.acme.last().body.decode()


def test_a_whole_chart_is_refused_by_length_and_count(office):
    office.house.do("policy", "set", "-", stdin=CHART)
    note = "PMH: asthma, gout. Meds: lisinopril 10 mg daily, aspirin. BP 142/88. Copay due at her next appointment. "
    assert office.chat(note, key=office.scribe).status == 200
    reply = office.chat(note * 5, key=office.scribe)
    assert reply.status == 403 and "policy-forbids" in reply.text


def test_a_preview_shows_what_is_told(office):
    office.house.do("policy", "set", "-", stdin=STRIPS)
    body = {"model": "acme-large", "messages": [{"role": "user", "content": ASKED}]}
    page = office.house.call("/preview/v1/chat/completions", body, office.booking).json
    assert page["tells"] == {"diagnosis": 1, "medication": 1, "scheduling": 1}
    by = {one["class"]: one for one in page["told"]}
    assert ASKED[by["diagnosis"]["start"]:by["diagnosis"]["end"]] == "type 2 diabetes"
    assert by["diagnosis"]["stripped"] and not by["scheduling"]["stripped"]
    assert "[MEDICATION]" in page["body"] and office.nothing_left()


def test_what_was_declared_is_kept_unless_it_is_dropped(office):
    again = ["agent", "add", "mute", "--title", "Mute", "--workflow", "mute-work", "--purpose", "treatment", "--replace"]
    refused = office.house.run(*again)
    assert refused.returncode != 0 and "--may-tell nothing" in refused.stderr, refused.stderr
    office.house.do(*again, "--drop")
    assert office.chat(ASKED, key=office.mute).status == 200
    shown = office.house.do("agent", "show", "booking")
    assert shown["agent"][0]["body"]["workflow"]["may_tell"] == ["scheduling", "demographics"]


def test_scan_shows_it_as_table_and_json():
    def scan(*more):
        return subprocess.run([CHAPERON, "scan", "--tells", *more], input=ASKED.encode(), capture_output=True,
                              timeout=60)

    page = scan().stdout.decode()
    assert "diagnosis 1, medication 1, scheduling 1" in page and "diabetes" not in page
    assert "type 2 diabetes" in scan("--show-values").stdout.decode()
    lines = [json.loads(line) for line in scan("--json").stdout.splitlines()]
    assert {line["tells"] for line in lines} == {"diagnosis", "medication", "scheduling"}
    assert scan("--fail-on-findings").returncode == 1
