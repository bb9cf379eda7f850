"""Text de-identified and put back over HTTP: same door, same policy, same record, and nothing goes to a vendor."""

import json

import pytest

from house.leaks import folder, leaks
from house.office import add_agent
from house.patients import HAROLD, HAROLD_VALUES, MARTHA, surrogates
from house.server import wait_for

SAID = f"{HAROLD} was seen, and {MARTHA} too."
ALLOWED = """
@id("calls") permit (principal, action == Action::"model-call", resource);
@id("texts") permit (principal, action == Action::"deidentify", resource);
@id("back") permit (principal == Agent::"scribe", action == Action::"reidentify", resource)
    when { context.workflow == "scribe-work" };
"""


@pytest.fixture
def served(new_office):
    """A house of the test's own, whose policy gives originals back to the scribe."""
    office = new_office()
    office.house.do("policy", "set", "-", stdin=ALLOWED)
    office.house.start()
    return office


def away(office, body, key=None, **headers):
    return office.house.call("/v1/deidentify", body, key or office.scribe, headers)


def back(office, body, key=None, **headers):
    return office.house.call("/v1/reidentify", body, key or office.scribe, headers)


def exchange(office, of) -> dict:
    return office.house.do("journal", "show", of.exchange)


def closed(office, of) -> dict:
    """The entries of an exchange, once its end is there too: it is queued behind the answer."""
    return wait_for(lambda: (shown := exchange(office, of))["closed"] and shown)


def test_text_goes_out_without_identifiers_and_comes_back_with_them(served):
    office = served
    out = away(office, {"text": SAID})
    assert out.status == 200, out.text
    page = out.json
    assert not leaks(HAROLD_VALUES, {"answer": page["text"].encode()}) and len(surrogates(page["text"])) >= 8
    assert page["session"] == out.headers["chaperon-session"] and page["exchange"] == out.exchange
    assert "surrogates=" in out.headers["chaperon-action"] and out.headers["chaperon-receipt"]
    mrn = next(one for one in page["findings"] if one["class"] == "MRN")
    assert SAID[mrn["start"]:mrn["end"]] == "48213377"
    assert (mrn["treatment"], mrn["recognizer"].split(".")[0]) == ("surrogate", "mrn") and mrn["confidence"] > 80
    assert page["counts"]["MRN"] == 2
    again = back(office, {"text": page["text"], "session": page["session"]})
    assert again.status == 200 and again.json["text"] == SAID
    # a part of it, written as models do, and in a list
    one = surrogates(page["text"])[0]
    many = back(office, {"texts": [f"about {one.lower()}", "nothing"], "session": page["session"]}).json["texts"]
    assert many[0] != f"about {one.lower()}" and many[1] == "nothing"
    assert office.nothing_left(), "no vendor heard of it"


def test_a_session_keeps_its_surrogates_and_a_list_is_a_list(served):
    office = served
    first = away(office, {"texts": [SAID, "Zoë 😀 " + HAROLD]}).json
    assert surrogates(first["texts"][0])[:5] == surrogates(first["texts"][1])
    second = away(office, {"text": HAROLD}, **{"chaperon-session": first["session"]}).json
    assert surrogates(second["text"]) == surrogates(first["texts"][1])
    found = [one for one in first["findings"] if one["text"] == 1 and one["class"] == "MRN"]
    text = "Zoë 😀 " + HAROLD
    assert text[found[0]["start"]:found[0]["end"]] == "48213377", "offsets are characters"
    other = away(office, {"text": HAROLD}).json
    assert set(surrogates(other["text"])).isdisjoint(surrogates(second["text"]))


def test_only_the_same_agent_for_the_same_person_in_the_same_session_gets_originals(served):
    office = served
    office.house.do("policy", "set", "-", stdin=ALLOWED.replace('principal == Agent::"scribe"', "principal")
                    .replace('when { context.workflow == "scribe-work" }', ""))
    page = away(office, {"text": SAID}, **{"chaperon-on-behalf-of": "nurse-7"}).json
    body = {"text": page["text"], "session": page["session"]}
    assert back(office, body, **{"chaperon-on-behalf-of": "nurse-7"}).json["text"] == SAID
    for key, headers in ((office.other, {"chaperon-on-behalf-of": "nurse-7"}), (office.scribe, {}),
                         (office.scribe, {"chaperon-on-behalf-of": "nurse-8"})):
        refused = back(office, body, key, **headers)
        assert (refused.status, refused.code) == (404, "session-unknown"), refused.text
        assert not leaks(HAROLD_VALUES, {"refusal": refused.body})
    unknown = back(office, {**body, "session": "made-up"}, **{"chaperon-on-behalf-of": "nurse-7"})
    assert unknown.code == "session-unknown"
    assert back(office, {"text": page["text"]}).code == "request-malformed", "a session is due"
    assert office.house.call("/v1/reidentify", body, "chp_unknown").status == 401


def test_policy_decides_and_originals_need_a_permit_that_names_them(new_office):
    office = new_office()
    office.house.start()
    page = away(office, {"text": SAID})
    assert page.status == 200, "by default"
    body = {"text": page.json["text"], "session": page.json["session"]}
    refused = back(office, body)
    assert (refused.status, refused.code) == (403, "policy-no-permit")
    shown = exchange(office, refused)
    opening = json.dumps(shown)
    assert '"reidentify"' in opening and '"deny"' in opening, "what was refused is on record"
    # a permit that was written for whatever there is does not give originals away
    office.house.do("policy", "set", "-", stdin='@id("all") permit (principal, action, resource);')
    assert away(office, {"text": SAID}).status == 200
    assert back(office, body).code == "policy-no-permit"
    office.house.do("policy", "set", "-", stdin=ALLOWED)
    assert back(office, body).json["text"] == SAID
    assert back(office, body, office.other).code in ("policy-no-permit", "session-unknown")
    # treatments are the policy's
    strict = ALLOWED.replace('@id("texts") permit', '@id("texts") @treat("*=redact,DATE=generalise") permit')
    office.house.do("policy", "set", "-", stdin=strict)
    text = away(office, {"text": HAROLD}).json["text"]
    assert "[MRN]" in text and "1957" in text and not surrogates(text)
    office.house.do("policy", "set", "-",
                    stdin='@id("calls") permit (principal, action == Action::"model-call", resource);')
    assert away(office, {"text": SAID}).code == "policy-no-permit"
    office.house.do("policy", "set", "-", stdin=ALLOWED)
    office.house.do("engagement", "suspend", "mercy")
    assert away(office, {"text": SAID}).code == "engagement-inactive"
    assert back(office, body).code == "engagement-inactive"


def test_both_are_on_a_record_that_verifies_and_nothing_of_them_is_in_logs_or_files(served):
    office, house = served, served.house
    out = away(office, {"text": SAID})
    returned = back(office, {"text": out.json["text"], "session": out.json["session"]})
    for reply, action in ((out, "deidentify"), (returned, "reidentify")):
        shown = closed(office, reply)
        opening, closing = shown["opened"]["opening"], shown["closed"]["closing"]
        assert (opening["action"], opening["protocol"], opening["findings"]["MRN"]) == (action, "chaperon", 2)
        assert opening["decision"]["reasons"][0]["code"] == "on-premises" and opening["identifiers"]["total"] >= 8
        assert (closing["outcome"], closing["status"], closing["bytes_out"]) == ("success", 200, len(reply.body))
        assert closing["restored"] == (0 if reply is out else len(surrogates(out.json["text"])))
    explained = house.run("explain", out.exchange)
    assert explained.returncode == 0 and "MRN" in explained.stdout
    metrics = house.call("/metrics").text
    assert 'protocol="chaperon"' in metrics
    assert house.stop() == 0 and house.verify().returncode == 0
    places = {"log": house.log().encode(), "entries": json.dumps(house.entries()).encode(), **folder(house.data)}
    assert not leaks(HAROLD_VALUES, places)


def test_a_session_outlives_a_restart(served):
    office = served
    page = away(office, {"text": SAID}).json
    office.house.stop()
    office.house.start()
    assert back(office, {"text": page["text"], "session": page["session"]}).json["text"] == SAID


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"text": 1}', b'{"text": "a", "texts": ["b"]}',
                                  b'{"text": "a", "session": ""}', b'{"text": "a", "model": "m"}', b'{"text": "\xff"}'])
def test_what_is_not_understood_is_refused(served, body):
    for path in ("/v1/deidentify", "/v1/reidentify"):
        refused = served.house.call(path, raw=body, key=served.scribe)
        assert (refused.status, refused.code) == (400, "request-malformed")
    differ = served.house.call("/v1/deidentify", {"text": "a", "session": "b"}, served.scribe, {"chaperon-session": "c"})
    assert differ.code == "request-malformed"
    assert served.house.call("/v1/deidentify", None, served.scribe, method="GET").status == 405
    assert served.house.call("/v1/deidentify", {"text": "a"}).status == 401
    assert served.house.call("/v1/deidentify?key=chp_x", {"text": "a"}, served.scribe).code == "key-in-address"


def test_helpers_may_too_and_lists_of_terms_hold(served):
    office = served
    office.house.do("terms", "add", "--kind", "must-find", "--class", "OTHER_ID", "--author", "ann",
                    stdin="project blue heron\n")
    office.house.do("terms", "review", "must-find", "--version", 1, "--author", "bo")
    text = away(office, {"text": "In project blue heron."}, office.helper).json["text"]
    assert "heron" not in text and "OTHER-ID-" in text
    late = add_agent(office.house, "late")
    assert away(office, {"text": "x"}, late).json["text"] == "x"
