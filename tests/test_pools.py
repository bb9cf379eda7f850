"""Pools: failover, balance and retries only between services that are covered for the exchange, each try on record."""

import itertools

import pytest

from house.leaks import leaks
from house.patients import HAROLD, HAROLD_VALUES
from house.server import Refused, wait_for
from house.upstream import Answer, Upstream
from house.office import add_service
from house.vendors import SSE, dump, echo


def busy(status=503, **headers):
    return lambda arrival: Answer(dump({"error": {"message": "later", "type": "server_error"}}), status,
                                  {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def two(new_office):
    """acme-api and twin-api, both covered, in the pool `large` (also `gpt-4o`)."""
    def make(*more, settings=""):
        office = new_office(settings=settings)
        office.twin = Upstream(echo)
        add_service(office.house, "twin-api", "acme", office.twin, "--account", "org-42", "--model", "twin-1")
        office.house.do("agreement", "add", "acme-baa", "--vendor", "acme", "--effective", "2026-01-01",
                        "--no-training", "--retention", "zero", "--region", "us", "--scope", "acme-api",
                        "--scope", "twin-api", "--replace", "--drop")
        office.house.do("pool", "add", "large", "--to", "acme-api/acme-large", "--to", "twin-api/twin-1",
                        "--alias", "gpt-4o", *more)
        office.house.start()
        made.append(office.twin)
        return office

    made = []
    yield make
    for upstream in made:
        upstream.close()


def openings(office) -> list[dict]:
    return [entry["entry"] for entry in office.house.entries() if entry["kind"] == "opening"]


def closings(office) -> dict[str, dict]:
    found = (entry["entry"] for entry in office.house.entries() if entry["kind"] == "closing")
    return {entry["exchange"]: entry["closing"] for entry in found}


@pytest.mark.parametrize("status", [408, 429, 500, 503, 529])
@pytest.mark.parametrize("stream", [False, True])
def test_another_service_does_what_the_first_did_not(two, status, stream):
    office = two()
    office.acme.answer = busy(status)
    reply = office.chat(HAROLD, model="gpt-4o", stream=stream)
    assert reply.status == 200, reply.text
    assert (len(office.acme.arrivals), len(office.twin.arrivals)) == (1, 1)
    assert office.twin.last().json["model"] == "twin-1"
    assert leaks(HAROLD_VALUES, {"acme": office.acme.captured(), "twin": office.twin.captured()}) == []
    sent = [upstream.last().json["messages"] for upstream in (office.acme, office.twin)]
    assert sent[0] == sent[1], "both were sent the same surrogates"
    first, second = openings(office)
    assert second["parent"] == first["exchange"] and "parent" not in first
    assert first["destination"]["service"] == "acme-api" and second["destination"]["service"] == "twin-api"
    assert first["pool"] == second["pool"] == {"id": "large", "version": 1}
    assert reply.headers["chaperon-exchange"] == second["exchange"]
    ends = wait_for(lambda: len(closings(office)) == 2 and closings(office))
    assert (ends[first["exchange"]]["outcome"], ends[first["exchange"]]["status"]) == ("failure", status)
    assert ends[second["exchange"]]["outcome"] == "success"


def test_a_service_that_is_not_there_is_passed_by(two):
    office = two()
    office.acme.close()
    reply = office.chat(HAROLD, model="large")
    assert reply.status == 200 and len(office.twin.arrivals) == 1
    first, _ = openings(office)
    shown = office.house.run("explain", reply.exchange).stdout
    assert "large version 1" in shown and first["exchange"] in shown, shown
    assert "service=acme-api" in office.house.log() or '"service":"acme-api"' in office.house.log()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_is_wrong_with_the_request_is_not_tried_elsewhere(two, status):
    office = two()
    office.acme.answer = busy(status)
    assert office.chat(HAROLD, model="large").status == status
    assert office.twin.arrivals == []


def test_all_fail_the_last_failure_is_told(two):
    office = two()
    office.acme.answer, office.twin.answer = busy(503), busy(429, retry_after="9")
    reply = office.chat(HAROLD, model="large")
    assert (reply.status, reply.headers["retry-after"]) == (429, "9"), reply.text
    assert len(openings(office)) == 2


def test_only_covered_services_are_tried(two):
    """bargain-api has no agreement; being in a pool gives it none."""
    office = two()
    office.house.do("pool", "add", "mixed", "--to", "bargain-api/bargain-1", "--to", "acme-api/acme-large",
                    "--to", "pilot-api/pilot-2")
    reply = office.chat(HAROLD, model="mixed")
    assert reply.status == 200 and len(office.acme.arrivals) == 1
    office.acme.answer = busy()
    assert office.chat(HAROLD, model="mixed").status == 503
    assert office.bargain.arrivals == [] and office.pilot.arrivals == []
    office.house.do("pool", "add", "bare", "--to", "bargain-api/bargain-1", "--to", "pilot-api/pilot-2")
    reply = office.chat(HAROLD, model="bare")
    assert (reply.status, reply.code) == (403, "agreement-missing")
    assert office.bargain.arrivals == [] and office.pilot.arrivals == []


def test_an_agreement_that_ends_takes_its_service_out_of_the_pool(two):
    office = two()
    office.house.do("agreement", "add", "acme-baa", "--vendor", "acme", "--effective", "2026-01-01",
                    "--no-training", "--retention", "zero", "--region", "us", "--scope", "acme-api", "--replace", "--drop")
    office.acme.answer = busy()
    assert office.chat(HAROLD, model="large").status == 503
    assert office.twin.arrivals == []


@pytest.mark.parametrize("meanwhile", [
    ("agreement", "end", "acme-baa", "--reason", "test"),
    ("service", "end", "twin-api", "--reason", "test"),
    ("agent", "end", "scribe", "--reason", "test"),
    ("policy", "set", "-"),
], ids=lambda words: " ".join(words[:2]))
def test_what_ends_while_the_first_service_is_asked_holds_for_the_next(two, meanwhile):
    office = two()

    def late(arrival):
        office.house.do(*meanwhile, stdin='@id("closed")\nforbid(principal, action, resource);\n')
        return busy()(arrival)

    office.acme.answer = late
    assert office.chat(HAROLD, model="large").status == 503
    assert (len(office.acme.arrivals), office.twin.arrivals) == (1, [])


def test_attempts_ask_again_after_a_pause(two):
    office = two("--attempts", "3")
    answers = itertools.chain([busy(), echo], itertools.repeat(echo))
    office.acme.answer = lambda arrival: next(answers)(arrival)
    office.twin.answer = busy()
    assert office.chat(HAROLD, model="large").status == 200
    assert (len(office.acme.arrivals), len(office.twin.arrivals)) == (2, 1)
    exchanges = openings(office)
    assert [entry.get("parent") for entry in exchanges[1:]] == [exchanges[0]["exchange"]] * 2


def test_a_balanced_pool_shares_conversations_and_keeps_each_where_it_is(two):
    office = two("--spread", "balanced")
    for number in range(24):
        first = [{"role": "user", "content": f"Case {number}: {HAROLD}"}]
        answered = office.chat(first, model="large").json["choices"][0]["message"]
        again = [*first, answered, {"role": "user", "content": "Go on."}]
        before = len(office.acme.arrivals)
        office.chat(again, model="large")
        both = [len(upstream.arrivals) for upstream in (office.acme, office.twin)]
        went = "acme" if len(office.acme.arrivals) > before else "twin"
        assert (office.acme if went == "acme" else office.twin).arrivals[-2].json["messages"][0] == (
            office.acme if went == "acme" else office.twin).arrivals[-1].json["messages"][0], both
    assert min(both) >= 8, f"24 conversations of two turns fell {both}"


def test_a_broken_service_is_left_alone_and_tried_again(two):
    office = two(settings="[limits]\nbreaker_failures = 2\nbreaker_seconds = 1\n")
    office.acme.answer = busy()
    for _ in range(4):
        assert office.chat(HAROLD, model="large").status == 200
    assert len(office.acme.arrivals) == 2, "after two failures it was not asked"
    assert "chaperon_circuits_open 1" in office.house.call("/metrics").text
    reply = office.chat(HAROLD, model="acme-large")
    assert (reply.status, reply.code) == (503, "upstream-circuit-open"), reply.text
    office.acme.answer = echo
    wait_for(lambda: office.chat("Hello", model="acme-large").status == 200)
    assert "chaperon_circuits_open 0" in office.house.call("/metrics").text


def test_what_one_agent_sends_closes_a_service_to_no_other(two):
    office = two(settings="[limits]\nbreaker_failures = 2\nbreaker_seconds = 60\n")
    office.acme.answer = lambda arrival: Answer(b"{}", 500)
    assert [office.chat("Hello").status for _ in range(4)] == [500, 500, 503, 503]
    office.acme.answer = echo
    assert office.chat("Hello").status == 503
    assert office.chat("Hello", key=office.other).status == 200
    assert office.chat("Hello").status == 200, "it answered somebody"
    office.acme.answer = lambda arrival: Answer(b"{}", 500)
    assert [office.chat("Hello", key=key).status for key in (office.scribe, office.other, office.scribe)] == [
        500, 500, 503]


def test_vendors_refusals_of_requests_open_no_breaker(two):
    office = two(settings="[limits]\nbreaker_failures = 2\n")
    for status in (400, 429, 400, 429):
        office.acme.answer = busy(status)
        assert office.chat("Hello", model="acme-large").status == status


def test_pools_are_listed_as_models_and_checked_when_recorded(two):
    office = two()
    names = {model["id"] for model in office.house.call("/v1/models", key=office.scribe).json["data"]}
    assert {"large", "gpt-4o", "acme-large"} <= names
    with pytest.raises(Refused, match="no service of this engagement offers"):
        office.house.do("pool", "add", "odd", "--to", "acme-api/none")
    office.house.do("pool", "end", "large", "--reason", "test")
    assert office.chat("Hello", model="gpt-4o").code == "model-unknown"
