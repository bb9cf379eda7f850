"""Agreements decide: what is on paper is what happens on the wire, at the next request."""

import datetime
import glob
import subprocess

import pytest

from house.patients import HAROLD
from house.server import CHAPERON, wait_for

PLAIN = "What are the opening hours?"


def refused(office, reply, code: str) -> None:
    """Refused with this code, its rule and its help, and nothing left."""
    assert reply.status == 403, reply.text
    assert code in reply.text and reply.json["error"]["chaperon"]["code"] == reply.code, reply.text
    assert "45 CFR" in reply.text and reply.json["error"]["chaperon"]["help"]
    assert office.nothing_left()


def test_no_agreement_no_phi(office):
    refused(office, office.chat(HAROLD, key=office.helper, model="bargain-1"), "phi-uncovered")


def test_a_workflow_that_carries_phi_never_gets_there_whatever_is_found(office):
    refused(office, office.chat(PLAIN, model="bargain-1"), "workflow-uncovered")


def test_a_clean_request_of_a_clean_workflow_may_go(office):
    reply = office.chat(PLAIN, key=office.helper, model="bargain-1")
    assert reply.status == 200, reply.text
    assert len(office.bargain.arrivals) == 1


def test_a_bare_date_names_no_person(office):
    reply = office.chat("What happened on 14 July 1789?", key=office.helper, model="bargain-1")
    assert reply.status == 200, reply.text


def test_scope_is_exact(office):
    assert office.chat(HAROLD, model="pilot-1").status == 200
    office.forget()
    reply = office.chat(HAROLD, model="pilot-2")
    assert reply.status == 403 and office.nothing_left(), reply.text
    assert "scope-missing" in reply.text or "workflow-uncovered" in reply.text


def test_a_model_inside_the_wall_needs_no_agreement(office):
    reply = office.chat(HAROLD, model="local-1")
    assert reply.status == 200, reply.text
    assert "48213377" in reply.said


def test_an_agreement_that_ends_stops_the_next_request(new_office):
    office = new_office()
    office.house.start()
    assert office.chat(HAROLD).status == 200
    office.forget()
    office.house.do("agreement", "end", "acme-baa", "--reason", "terminated")
    reply = office.chat(HAROLD)
    assert reply.status == 403 and office.nothing_left(), reply.text
    assert any(code in reply.text for code in ("agreement-missing", "agreement-lapsed", "workflow-uncovered"))
    office.house.do("agreement", "add", "acme-baa", "--vendor", "acme", "--no-training", "--scope", "acme-api",
                    "--effective", "2026-01-01", "--region", "us", "--replace", "--drop")
    assert office.chat(HAROLD).status == 200


@pytest.mark.parametrize("more, code", [
    (["--ends", "2026-02-01"], "agreement-lapsed"),
    (["--effective", "2199-01-01"], "agreement-not-yet"),
    (["--uncovered-subprocessor", "Cheap Cloud"], "subprocessor-uncovered"),
    (["--scope", "pilot-api;region=eu"], "scope-missing"),
    (["--scope", "pilot-api;retention=30-days"], "scope-missing"),
    (["training"], "training-not-excluded"),
], ids=["lapsed", "not-yet", "subprocessor", "region", "retention", "training"])
def test_each_defect_of_an_agreement_shows_as_its_reason(new_office, more, code):
    office = new_office()
    options = ["--vendor", "pilot", "--region", "us", "--replace", "--drop"]
    if more != ["training"]:
        options += ["--no-training", *more]
    if "--effective" not in more:
        options += ["--effective", "2026-01-01"]
    if "--scope" not in more:
        options += ["--scope", "pilot-api"]
    office.house.do("agreement", "add", "pilot-baa", *options)
    office.house.start()
    reply = office.chat(HAROLD, model="pilot-1")
    assert reply.status == 403 and office.nothing_left(), reply.text
    told = reply.text + str(office.house.do("explain", reply.exchange))
    assert code in told, told


def test_a_service_that_moved_is_covered_no_more(new_office):
    office = new_office()
    office.house.do("service", "add", "acme-api", "--vendor", "acme", "--endpoint", f"{office.bargain.url}/v1",
                    "--account", "org-42", "--model", "acme-large", "--region", "us", "--replace", "--drop")
    office.house.start()
    reply = office.chat(HAROLD)
    assert reply.status == 403 and office.nothing_left(), reply.text
    assert "endpoint-moved" in reply.text + str(office.house.do("explain", reply.exchange))


def test_the_chain_of_a_business_associate(new_office):
    """An agency runs the house: covered entity -> agency -> vendor; one missing link fails the chain."""
    office = new_office()
    house = office.house
    house.do("engagement", "add", "clinic", "--title", "Letters", "--covered-entity", "hill-clinic",
             "--operator", "acme-agency", "--activate")
    within = ("--engagement", "clinic")
    house.do("vendor", "add", "acme", "--legal-name", "Acme LLM, Inc.", *within)
    house.do("service", "add", "acme-api", "--vendor", "acme", "--endpoint", f"{office.acme.url}/v1",
             "--model", "acme-large", "--region", "us", *within)
    house.do("service", "credential", "acme-api", *within, stdin="sk-clinic")
    house.do("agreement", "add", "acme-sub", "--vendor", "acme", "--no-training", "--scope", "acme-api", *within)
    key = house.do("agent", "add", "scribe", "--title", "S", "--workflow", "s", "--purpose", "treatment",
                   *within)["key"]
    house.start()
    reply = office.chat(HAROLD, key=key)
    assert reply.status == 403 and office.nothing_left(), reply.text
    assert "chain-broken" in reply.text + str(house.do("explain", reply.exchange))
    house.do("agreement", "add", "agency", "--from", "hill-clinic", "--to", "acme-agency", "--no-training",
             *within)
    assert office.chat(HAROLD, key=key).status == 200


def test_only_an_active_engagement_carries_anything(new_office):
    office = new_office()
    office.house.start()
    office.house.do("engagement", "suspend", "mercy", "--reason", "incident 12")
    refused(office, office.chat(PLAIN), "engagement-inactive")
    office.house.do("engagement", "activate", "mercy", "--reason", "resolved")
    assert office.chat(PLAIN).status == 200


def test_engagements_see_nothing_of_each_other(new_office):
    office = new_office()
    office.house.do("engagement", "add", "hill", "--title", "Other", "--covered-entity", "hill-clinic", "--activate")
    key = office.house.do("agent", "add", "scribe", "--title", "S", "--workflow", "s", "--purpose", "treatment",
                          "--engagement", "hill")["key"]
    office.house.start()
    assert office.chat(PLAIN, key=key).code == "model-unknown"
    assert office.house.call("/v1/models", key=key).json["data"] == []
    assert office.nothing_left()


def test_a_policy_narrows_and_never_widens(new_office):
    office = new_office()
    house = office.house
    house.start()
    wide = 'permit(principal, action, resource);\n'
    house.do("policy", "set", "-", "--reason", "all", stdin='@id("all")\n' + wide)
    assert office.chat(HAROLD, model="acme-large").status == 200
    office.forget()
    refused(office, office.chat(PLAIN, model="bargain-1"), "workflow-uncovered")
    house.do("policy", "set", "-", "--reason", "none",
             stdin='@id("closed")\nforbid(principal, action, resource);\n')
    reply = office.chat(PLAIN)
    assert reply.code in ("policy-forbids", "policy-no-permit"), reply.text
    bad = house.run("policy", "set", "-", stdin="permit(everything);")
    assert bad.returncode not in (0, 7), bad.stdout + bad.stderr
    assert office.nothing_left()


def faketime() -> str | None:
    """The library of faketime, where it is installed: it turns the clock of one process."""
    return next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)


@pytest.mark.skipif(not faketime(), reason="faketime is not installed")
def test_a_clock_turned_back_revives_nothing(new_office):
    office = new_office()
    house = office.house
    house.start()
    assert office.chat(HAROLD).status == 200
    soon = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=2)).strftime("%Y-%m-%d")
    house.do("agreement", "add", "acme-baa", "--vendor", "acme", "--no-training", "--scope", "acme-api",
             "--region", "us", "--effective", "2026-01-01", "--ends", soon, "--replace", "--drop")
    house.stop()
    house.environment |= {"LD_PRELOAD": faketime(), "FAKETIME": "+3d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    house.start()
    office.forget()
    late = office.chat(HAROLD)
    assert late.status == 403 and "agreement-lapsed" in late.text, late.text
    house.stop()
    house.environment["FAKETIME"] = "+0d"
    try:
        house.start()
    except AssertionError:
        assert "clock" in house.log()  # it may as well refuse to start
        return
    office.forget()
    reply = office.chat(HAROLD)
    assert (reply.status, reply.code) == (503, "clock-behind-record"), reply.text
    assert office.nothing_left()


def test_each_decision_tells_the_version_it_was_made_under(new_office):
    office = new_office()
    office.house.start()
    first = office.house.do("explain", office.chat(HAROLD).exchange)
    office.house.do("agreement", "add", "acme-baa", "--vendor", "acme", "--no-training", "--scope", "acme-api",
                    "--region", "us", "--effective", "2026-01-02", "--replace", "--drop")
    second = office.house.do("explain", office.chat(HAROLD).exchange)
    assert str(first) != str(second)
    history = office.house.do("agreement", "show", "acme-baa", "--history")
    assert len(history if isinstance(history, list) else history.get("versions", history.get("history"))) >= 2


def test_a_command_takes_effect_within_a_second_and_is_an_entry(new_office):
    office = new_office()
    office.house.start()
    before = len(office.house.entries())
    office.house.do("agent", "revoke", "scribe", "--reason", "leaked in a ticket")
    wait_for(lambda: office.chat(PLAIN).status == 401, seconds=1)
    entries = office.house.entries()
    assert len(entries) > before
    assert "leaked in a ticket" in str(entries)


def test_help_has_examples_everywhere():
    for command in ("serve", "demo", "check", "explain", "scan", "engagement add", "vendor add", "service add",
                    "agreement add", "agent add", "agent rotate", "agent revoke", "journal tail", "journal show",
                    "journal verify", "policy set"):
        done = subprocess.run([CHAPERON, *command.split(), "--help"], capture_output=True, text=True)
        assert done.returncode == 0 and "Examples:" in done.stdout, command
