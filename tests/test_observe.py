"""Observed workflows: declared free of PHI, for a while; nothing is changed, and what would have been is on record."""

import datetime
import json

import pytest
from test_agreements import faketime
from test_preview import BODIES, OTHERS, ask, grant

from house.leaks import folder, leaks
from house.office import add_agent
from house.patients import HAROLD, HAROLD_VALUES, MARTHA, surrogates
from house.server import Refused, wait_for
from house.upstream import Answer
from house.vendors import dump, saying

PERIOD = ["--from", "2026-01-01", "--to", "2199-12-31"]


def in_days(days: int) -> str:
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)).strftime("%Y-%m-%d")


def watcher(office, *more, days: int = 30) -> str:
    return add_agent(office.house, "watcher", "--carries-phi", "false", "--observe-until", in_days(days), *more)


@pytest.fixture
def observed(new_office):
    office = new_office()
    office.watcher = watcher(office)
    office.house.start()
    return office


def opened(office) -> dict:
    return next(one["entry"] for one in reversed(office.house.entries()) if one["kind"] == "opening")


def closed(office) -> dict:
    return next(one["entry"] for one in reversed(office.house.entries()) if one["kind"] == "closing")


@pytest.mark.parametrize("model", ["bargain-1", "acme-large"])
@pytest.mark.parametrize("path", BODIES)
def test_nothing_is_changed_whether_it_is_covered_or_not(observed, path, model):
    vendor = observed.bargain if model == "bargain-1" else observed.acme
    if path == "/v1/completions":
        vendor.answer = lambda arrival: Answer(dump({"id": "c", "object": "text_completion", "choices": [
            {"index": 0, "text": f" {MARTHA}", "finish_reason": "stop", "logprobs": None}]}))
    body = {"model": model, **BODIES[path](HAROLD)}
    reply = observed.house.call(path, body, observed.watcher)
    assert reply.status == 200, reply.text
    assert reply.headers["chaperon-action"] == "permit; observed"
    assert HAROLD in vendor.last().body.decode() and not surrogates(vendor.last().body.decode())
    refused = observed.house.call(path, body, observed.helper)
    assert refused.status == (403 if model == "bargain-1" else 200), "another agent is enforced"


@pytest.mark.parametrize("kind", OTHERS)
def test_nothing_of_other_bodies_is_changed(new_office, kind):
    """A vector and a text of sound come as the vendor says them."""
    office = new_office()
    grant(office)
    office.watcher = watcher(office)
    office.house.start()
    if kind == "audio":
        office.acme.answer = lambda arrival: Answer(dump({"text": f"This is {MARTHA}."}))
    reply = ask(office, kind, HAROLD, key=office.watcher)
    assert reply.status == 200, reply.text
    assert reply.headers["chaperon-action"] == "permit; observed"
    sent = office.acme.last().body.decode()
    assert HAROLD in sent and not surrogates(sent) and "[NAME]" not in sent
    assert {"embeddings": "0.5", "audio": MARTHA}.get(kind, HAROLD) in reply.text
    assert opened(office)["findings"]["MRN"] == 1
    enforced = ask(office, kind, HAROLD, key=office.helper)
    assert enforced.status == 200 and HAROLD not in office.acme.last().body.decode()


@pytest.mark.parametrize("kind", OTHERS)
def test_an_uncovered_vendor_gets_them_where_only_findings_speak_against_it(observed, kind):
    """What can't be scanned never rests on findings alone."""
    reply = ask(observed, kind, HAROLD, "bargain", key=observed.watcher)
    if kind == "audio":
        assert reply.status == 403 and not observed.bargain.arrivals, reply.text
        return
    assert (reply.status, reply.headers["chaperon-action"]) == (200, "permit; observed"), reply.text
    assert HAROLD in observed.bargain.last().body.decode()


def test_the_record_says_what_would_have_been_refused(observed):
    assert observed.chat(HAROLD, key=observed.watcher, model="bargain-1").status == 200
    report = observed.house.do("report", *PERIOD)
    line, = report["observed"] if "observed" in report else report["figures"]["observed"]
    assert (line["agent"], line["workflow"], line["exchanges"]) == ("watcher", "watcher-work", 1)
    assert line["findings"]["MRN"] == 1 and line["would_refuse"] == {"agreement-missing": 1}
    page = observed.house.run("report", *PERIOD).stdout
    assert "Observed workflows" in page and "watcher-work" in page
    told = json.dumps(observed.house.entries())
    assert "phi-uncovered" in told and "observed" in told


@pytest.mark.parametrize("stream", [False, True])
def test_what_an_answer_adds_is_counted_and_left(observed, stream):
    observed.bargain.answer = saying(f"It was {MARTHA}.")
    reply = observed.chat("Who was it?", key=observed.watcher, model="bargain-1", stream=stream)
    assert reply.status == 200
    said = reply.said if stream else reply.json["choices"][0]["message"]["content"]
    assert MARTHA in (said() if callable(said) else said)

    def figures():
        report = observed.house.do("report", *PERIOD)
        return report.get("figures", report)

    # the closing is on record a moment after the answer
    wait_for(lambda: figures()["observed"][0]["unmasked"].get("MRN") == 1)
    assert figures()["counts"]["masked"] == 0
    assert "chaperon_masked_total{" not in observed.house.call("/metrics").text


def test_what_does_not_rest_on_findings_stays_refused(observed):
    house = observed.house
    image = [{"type": "image_url", "image_url": {"url": "https://pictures.example/a.png"}}]
    assert observed.chat([{"role": "user", "content": image}], key=observed.watcher, model="bargain-1").status == 403
    policy = '@id("all") permit (principal, action, resource);\n@id("no") forbid (principal, action, resource)\n'
    for when, status in [('context.vendor == "bargain"', 403), ("context.names_a_person", 200),
                         ("context.observing", 403)]:
        (house.home / "p.cedar").write_text(policy + f"when {{ {when} }};")
        house.do("policy", "set", house.home / "p.cedar")
        assert observed.chat(HAROLD, key=observed.watcher, model="bargain-1").status == status, when
    (house.home / "p.cedar").write_text('@id("all") permit (principal, action, resource);')
    house.do("policy", "set", house.home / "p.cedar")
    house.do("engagement", "suspend", "mercy")
    reply = observed.chat(HAROLD, key=observed.watcher, model="bargain-1")
    assert (reply.status, reply.code) == (403, "engagement-inactive")


def test_no_workflow_that_carries_phi_is_observed(new_office):
    office = new_office()
    for more in (["--carries-phi", "true"], []):
        with pytest.raises(Refused, match="never observed"):
            add_agent(office.house, "bold", "--observe-until", in_days(3), *more)
    for days, why in [(92, "90 days"), (-1, "future")]:
        with pytest.raises(Refused, match=why):
            watcher(office, days=days)
    office.watcher = watcher(office)
    office.house.start()
    assert office.chat(HAROLD, key=office.watcher, model="bargain-1").status == 200
    with pytest.raises(Refused, match="never observed"):
        add_agent(office.house, "watcher", "--replace", "--observe-until", in_days(3))
    office.house.do("agent", "add", "watcher", "--title", "W", "--workflow", "watcher-work", "--purpose", "treatment",
                    "--carries-phi", "true", "--replace")
    assert office.chat(HAROLD, key=office.watcher, model="bargain-1").status == 403
    office.forget()
    assert office.chat(HAROLD, key=office.watcher).status == 200
    assert surrogates(office.acme.last().body.decode())


def test_lists_and_check_tell_that_it_is_observed(observed):
    day = in_days(30)
    assert day in observed.house.run("agent", "list").stdout
    assert day in observed.house.run("agent", "show", "watcher").stdout
    points = observed.house.do("check", "--offline")
    point, = [one for one in points if one.get("code") == "observed"]
    assert (point["what"], point["state"]) == ("agent mercy/watcher", "warn") and day in point["detail"]


@pytest.mark.skipif(not faketime(), reason="faketime is not installed")
def test_it_ends_by_itself_and_no_clock_revives_it(new_office):
    office = new_office()
    office.watcher = watcher(office, days=2)
    house = office.house
    house.start()
    assert office.chat(HAROLD, key=office.watcher, model="bargain-1").status == 200
    house.stop()
    house.environment |= {"LD_PRELOAD": faketime(), "FAKETIME": "+3d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    house.start()
    office.forget()
    assert office.chat(HAROLD, key=office.watcher, model="bargain-1").status == 403
    assert office.chat(HAROLD, key=office.watcher).status == 200
    assert surrogates(office.acme.last().body.decode()), "enforced as any other"
    house.stop()
    house.environment["FAKETIME"] = "+0d"
    try:
        house.start()
    except AssertionError:
        assert "clock" in house.log()
        return
    office.forget()
    reply = office.chat(HAROLD, key=office.watcher, model="bargain-1")
    assert (reply.status, reply.code) == (503, "clock-behind-record")
    assert office.nothing_left()


def test_a_preview_tells_that_it_would_be_observed(observed):
    body = {"model": "bargain-1", "messages": [{"role": "user", "content": HAROLD}]}
    page = observed.house.call("/preview/v1/chat/completions", body, observed.watcher).json
    assert (page["verdict"], page["code"]) == ("permit", "observed") and HAROLD in page["body"]
    assert {one["treatment"] for one in page["findings"]} == {"pass"}
    assert [one["detail"] for one in page["decision"]["reasons"] if one["code"] == "observed"] == [
        "agreement-missing", "phi-uncovered"]


def test_no_identifier_is_in_log_metrics_or_record(observed):
    for path, make in BODIES.items():
        observed.house.call(path, {"model": "bargain-1", **make(HAROLD)}, observed.watcher)
    observed.bargain.answer = lambda arrival: Answer(json.dumps({"error": {"message": HAROLD}}).encode(), 400)
    reply = observed.chat("Hello", key=observed.watcher, model="bargain-1")
    assert reply.status == 400
    metrics = observed.house.call("/metrics").text
    places = {"metrics": metrics.encode(), "report": observed.house.run("report", *PERIOD).stdout.encode()}
    observed.house.stop()
    assert observed.house.verify().returncode == 0
    places |= {**folder(observed.house.data), "log": observed.house.log().encode()}
    assert not leaks(HAROLD_VALUES, places)
