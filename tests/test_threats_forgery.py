"""Forged sessions, surrogates, headers and keys: nothing of another conversation, agent or engagement comes back."""

import base64
import json
from http.client import IncompleteRead

import pytest
from conftest import furnished
from test_opaque import Talk, signature
from test_sessions import Conversation, listing, told

from house.leaks import leaks
from house.office import add_service
from house.patients import HAROLD, HAROLD_VALUES, MARTHA, MARTHA_VALUES, surrogates
from house.upstream import Answer
from house.vendors import SSE, chat, dump, last_user, say

PROTOCOLS = ["chat", "respond", "message", "generate", "converse"]
SPOKEN = pytest.mark.parametrize("protocol", PROTOCOLS)
STREAMED = pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
SAME = {"chaperon-session": "round-7", "chaperon-on-behalf-of": "dr-lee"}


@pytest.fixture(scope="module")
def two(tmp_path_factory, database):
    """A house with two engagements, whose agents, services, models and vendor have the same names."""
    made = furnished(tmp_path_factory.mktemp("two"), database)
    house = made.house
    house.do("engagement", "add", "hill", "--title", "Other", "--covered-entity", "hill-clinic", "--activate")
    of_hill = ("--engagement", "hill")
    house.do("vendor", "add", "acme", "--legal-name", "Acme LLM, Inc.", *of_hill)
    add_hill_services(house, made)
    house.do("agreement", "add", "acme-baa", "--vendor", "acme", "--effective", "2026-01-01", "--no-training",
             "--retention", "zero", "--region", "us", "--scope", "acme-api", "--scope", "acme-bedrock", *of_hill)
    made.hill = house.do("agent", "add", "scribe", "--title", "S", "--workflow", "scribe-work",
                         "--purpose", "treatment", *of_hill)["key"]
    house.start()
    yield made
    house.stop()


def add_hill_services(house, office) -> None:
    def add(name, *more, bedrock=False):
        add_service(house, name, "acme", office.acme, *more, bedrock=bedrock)

    # the helper writes credentials by the service's name, so that the engagement is named for every command of it
    plain = house.do
    house.do = lambda *args, **more: plain(*args, "--engagement", "hill", **more)
    add("acme-api", "--model", "acme-large")
    add("acme-bedrock", "--model", "anthropic.claude-acme-20250514-v1:0,acme-claude", bedrock=True)
    house.do = plain


@pytest.fixture
def office(two):
    two.forget()
    return two


def everything(reply) -> dict[str, bytes]:
    return {"answer": reply.body, "headers": str(reply.headers).encode()}


# surrogates

@STREAMED
@SPOKEN
def test_surrogates_of_another_engagement_are_restored_to_nobody(office, protocol, stream):
    """The same agent's name, person, session, vendor and opening; only the key is another's."""
    ask = getattr(office, protocol)
    assert ask(f"This is about {HAROLD}.", headers=SAME).status == 200
    theirs = told(office)
    assert len(theirs) >= 5
    office.acme.answer = listing(office)
    reply = ask(f"This is about {MARTHA}. And who are {' '.join(theirs)}?", key=office.hill, headers=SAME,
                stream=stream)
    assert reply.status == 200 and "77120934" in reply.said, "its own are restored"
    assert leaks(HAROLD_VALUES, everything(reply)) == []
    back = ask("List all.", headers=SAME, stream=stream)
    assert leaks(MARTHA_VALUES, everything(back)) == []


@STREAMED
@SPOKEN
def test_no_surrogate_that_was_never_issued_is_restored(office, protocol, stream):
    """Near ones neither: letters turned round, one too few, another class, no hyphen."""
    made: list[str] = []

    def answer(arrival):
        own = surrogates(last_user(arrival))
        for one in own:
            label, tail = one.rsplit("-", 1)
            made.extend([f"{label}-{tail[::-1]}", f"{label}{tail}", f"{label}-{tail[:-1]}",
                         f"{label}-{tail[0]}{'Y' if tail[1] == 'Z' else 'Z'}{tail[2:]}",
                         f"MRN-{tail}" if label != "MRN" else f"SSN-{tail}"])
        return say("So: " + " ; ".join(made) + " .", arrival)

    office.acme.answer = answer
    reply = getattr(office, protocol)(f"This is about {HAROLD}.", stream=stream)
    assert len(made) >= 25 and reply.status == 200
    assert leaks(HAROLD_VALUES, everything(reply)) == []


@SPOKEN
def test_a_history_that_another_engagement_had_is_no_way_in(office, protocol):
    """Sent whole, word for word as it was answered there: the surrogates are new ones."""
    talk = Conversation(office, protocol=protocol, headers=SAME)
    talk.ask(f"This is about {HAROLD}.")
    theirs = set(surrogates(json.dumps(talk.sent())))
    copied = Conversation(office, office.hill, protocol, SAME)
    copied.history = json.loads(json.dumps(talk.history))
    copied.ask("And now?")
    assert theirs and not theirs & set(surrogates(json.dumps(copied.sent())))


@pytest.mark.parametrize("place", ["arguments", "refusal", "name", "id", "model", "error", "stream-error", "event",
                                   "annotation"])
def test_surrogates_of_others_are_restored_nowhere_in_an_answer(office, place):
    office.chat(f"This is about {HAROLD}.", headers=SAME)
    theirs = " ".join(sorted(told(office)))
    call = {"id": "call_0", "type": "function", "function": {"name": "look", "arguments": json.dumps({"who": theirs})}}
    message = {"role": "assistant", "content": "Fine."}
    answers = {
        "arguments": Answer(dump({"choices": [{"index": 0, "message": {**message, "tool_calls": [call]}}]})),
        "refusal": Answer(dump({"choices": [{"index": 0, "message": {**message, "refusal": theirs}}]})),
        "name": Answer(dump({"choices": [{"index": 0, "message": {**message, "name": theirs, theirs: theirs}}]})),
        "id": Answer(dump({"id": theirs, "choices": [{"index": 0, "message": message}]})),
        "model": chat("Fine.", model=theirs, system_fingerprint=theirs, **{theirs: theirs}),
        "error": Answer(dump({"error": {"message": theirs, "type": theirs, "code": theirs, "param": theirs}}), 400),
        "stream-error": Answer([b"data: " + dump({"error": {"message": theirs, "code": theirs}}) + b"\n\n"],
                               content_type=SSE),
        "event": Answer([f"event: {theirs}\nid: {theirs}\n: {theirs}\ndata: [DONE]\n\n".encode()], content_type=SSE),
        "annotation": Answer(dump({"choices": [{"index": 0, "message": {**message, "annotations": [
            {"type": "url_citation", "url_citation": {"url": f"https://a.example/{theirs}", "title": theirs}}]}}]})),
    }
    office.acme.answer = lambda arrival: answers[place]
    for key in (office.hill, office.other, office.scribe):
        try:
            reply = office.chat("Hello", key=key, stream=place in ("stream-error", "event"))
        except IncompleteRead as cut:
            assert place == "stream-error" and leaks(HAROLD_VALUES, {"answer": cut.partial}) == []
            continue
        assert leaks(HAROLD_VALUES, everything(reply)) == []


def test_opaque_parts_of_another_engagement_are_refused(office):
    talk = Talk(office)
    talk.ask("Go on.", signature("engagement"))
    office.forget()
    reply = talk.ask("And now?", signature("engagement 2"), key=office.hill)
    assert (reply.status, reply.code) == (403, "opaque-foreign"), reply.text
    assert office.nothing_left()


# headers

FORGED = {
    "chaperon-exchange": "01890000-0000-7000-8000-000000000000", "chaperon-action": "permit; observed",
    "chaperon-receipt": "1:forged", "chaperon-engagement": "hill", "chaperon-agent": "other",
    "chaperon-purpose": "research", "chaperon-workflow": "helper-work", "chaperon-observe": "true",
    "chaperon-observed": "true", "chaperon-preview": "true", "x-forwarded-user": "hill/scribe",
    "chaperon-policy": "permit", "chaperon-decision": "permit", "chaperon-carries-phi": "false", "chaperon-permit": "1",
    "x-chaperon-observe": "true", "chaperon-debug": "true", "chaperon-surrogates": "off",
    "x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1", "x-real-ip": "127.0.0.1", "x-remote-user": "admin",
    "x-ssl-client-verify": "SUCCESS", "x-forwarded-client-cert": "Subject=\"CN=admin\"", "via": "1.1 chaperon",
}


@STREAMED
@SPOKEN
def test_headers_that_the_house_writes_say_nothing_when_they_come_in(office, protocol, stream):
    """Who one is and what is done with a request come from key and registers alone."""
    reply = getattr(office, protocol)(f"This is about {HAROLD}.", headers=FORGED, stream=stream)
    assert reply.status == 200, reply.text
    seen = office.acme.captured()
    assert leaks(HAROLD_VALUES, {"vendor": seen}) == [] and surrogates(seen.decode())
    assert reply.exchange != FORGED["chaperon-exchange"] and "observed" not in reply.headers["chaperon-action"]
    assert "forged" not in str(reply.headers)
    explained = json.dumps(office.house.do("explain", reply.exchange))
    assert '"mercy"' in explained and '"hill"' not in explained and "research" not in explained
    sent = {name.lower() for name, _ in office.acme.last().headers}
    assert not sent & FORGED.keys() and b"forged" not in seen


@pytest.mark.parametrize("value", ["", " ", "a" * 257, "round-7\t", "../round-7", "round-7/../../hill",
                                   "mercy:scribe:round-7", "round-7\u00e9", "*", "%", "' OR 1=1 --",
                                   "round-7;chaperon-on-behalf-of=dr-roy"])
def test_odd_names_of_sessions_are_names_or_refused(office, value):
    """None of them reaches the session that it resembles."""
    mine = office.chat(f"This is about {HAROLD}.", headers=SAME)
    own = set(surrogates(office.acme.last().body.decode()))
    assert mine.status == 200 and own
    office.forget()
    reply = office.chat(f"This is about {HAROLD}.", headers={**SAME, "chaperon-session": value.encode("latin-1")})
    assert reply.status in (200, 400), reply.text
    if reply.status == 200 and value.strip() != "round-7":
        assert not own & set(surrogates(office.acme.last().body.decode()))


@pytest.mark.parametrize("value", ["dr-lee, dr-roy", "../dr-lee", "dr lee", "dr-lee\u00e9", "", "a" * 300,
                                   "mercy/dr-lee", "*",
                                   HAROLD])
def test_odd_names_of_people_are_refused_or_others(office, value):
    office.chat(f"This is about {HAROLD}.", headers=SAME)
    own = set(surrogates(office.acme.last().body.decode()))
    office.forget()
    reply = office.chat(f"This is about {HAROLD}.", headers={**SAME, "chaperon-on-behalf-of": value.encode("latin-1")})
    assert reply.status in (200, 400), reply.text
    assert leaks(HAROLD_VALUES[:2], {"log": office.house.log().encode()}) == []
    if office.acme.arrivals:
        assert not own & set(surrogates(office.acme.last().body.decode()))


# keys

def forged_keys(office) -> list[str]:
    """Keys made of two others, of the one half of one, and in other spellings."""
    one, two = office.scribe, office.hill
    half = len(one) // 2
    return [one[:half] + two[half:], two[:half] + one[half:], one[:-1], one + "0", one.upper(), one.replace("chp_", ""),
            "chp_" + one, one.replace("chp_", "CHP_"), one[:20] + "\u2010" + one[21:], one + " " + two, one + "," + two,
            base64.b64encode(one.encode()).decode(), "chp_", "chp_" + "0" * (len(one) - 4), one[:12], one[::-1]]


def test_keys_made_of_others_open_nothing(office):
    for key in forged_keys(office):
        office.forget()
        reply = office.house.call("/v1/chat/completions", {"model": "acme-large", "messages": []},
                                  headers={"authorization": f"Bearer {key}".encode()})
        assert reply.status in (400, 401), (key[:8], reply.text)
        assert reply.code in ("key-unknown", "header-invalid") and office.nothing_left()
        assert key not in reply.text and key not in office.house.log()


def test_a_key_of_one_engagement_reaches_nothing_of_another(office):
    """Models, previews and pools are those of the key, whatever the request names."""
    listed = {one["id"] for one in office.house.call("/v1/models", key=office.hill).json["data"]}
    assert "acme-large" in listed and not listed & {"acme-small", "bargain-1", "pilot-1", "local-1", "fast"}
    for name in ("fast", "local-1", "mercy/acme-small", "acme-api/acme-small", "local/local-1", "mercy:acme-large"):
        assert office.house.call(f"/v1/models/{name}", key=office.hill).status == 404
        assert office.chat("Hello", key=office.hill, model=name).code == "model-unknown"
        preview = office.house.call("/preview/v1/chat/completions", {
            "model": name, "messages": [{"role": "user", "content": "Hello"}]}, office.hill)
        assert (preview.json["verdict"], preview.json["code"]) == ("deny", "model-unknown")
        assert office.generate("Hello", key=office.hill, model=name.replace("/", "%2F")).status == 404
        assert office.converse("Hello", key=office.hill, model=name).status == 404
    assert office.nothing_left()


def test_a_preview_of_another_engagement_shows_none_of_its_surrogates(office):
    office.chat(f"This is about {HAROLD}.", headers=SAME)
    own = set(surrogates(office.acme.last().body.decode()))
    page = office.house.call("/preview/v1/chat/completions", {
        "model": "acme-large", "messages": [{"role": "user", "content": f"This is about {HAROLD}. {' '.join(own)}"}]},
        office.hill, SAME)
    assert page.status == 200, page.text
    shown = json.dumps(page.json)
    assert surrogates(shown)
    body = page.json
    sent = json.dumps(body.get("body", body))
    replaced = set(surrogates(sent)) - own
    assert replaced, "its own are drawn anew"
