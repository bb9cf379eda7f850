"""Previews: what would become of a request is shown, nothing is sent, and nothing is kept but that it was asked."""

import json

import pytest

from house.leaks import folder, leaks
from house.office import contents
from house.patients import MARKED, MARKS, NOTE, surrogates
from house.server import Refused
from house.upstream import Answer

WORDS = "Patient Jane Marchetti, MRN: 40712345, phone 212-555-0134, was seen."
BODIES = {
    "/v1/chat/completions": lambda text: {"messages": [{"role": "user", "content": text}]},
    "/v1/responses": lambda text: {"input": text},
    "/v1/messages": lambda text: {"max_tokens": 64, "messages": [{"role": "user", "content": text}]},
    "/v1/completions": lambda text: {"prompt": text},
    "/openai/v1/chat/completions": lambda text: {"messages": [{"role": "user", "content": text}]},
}
# what only agreement and policy let pass
MORE = ("--scope", "acme-api;features=embeddings,audio", "--scope", "acme-bedrock")
POLICY = '@id("more")\n@features("embeddings, audio")\npermit(principal, action, resource);\n'
FORM = {"content-type": "multipart/form-data; boundary=X"}


def form(text: str, model: str) -> bytes:
    parts = [("name=\"model\"", model), ("name=\"prompt\"", text), ("name=\"file\"; filename=\"a.wav\"", "RIFF")]
    return "".join(f"--X\r\nContent-Disposition: form-data; {name}\r\n\r\n{value}\r\n"
                   for name, value in parts).encode() + b"--X--\r\n"


# what is asked for, by path, body (a form as it is) and where the text stands in it; the models of each vendor
OTHERS = {
    "embeddings": ("/v1/embeddings", lambda text, model: {"model": model, "input": text}, "/input"),
    "audio": ("/v1/audio/transcriptions", form, "/prompt"),
    "gemini": ("/v1beta/models/{model}:generateContent", lambda text, model: contents(text),
               "/contents/0/parts/0/text"),
    "converse": ("/model/{model}/converse", lambda text, model: {
        "messages": [{"role": "user", "content": [{"text": text}]}]}, "/messages/0/content/0/text"),
}


def grant(office) -> None:
    """Agreement and policy name embeddings and sound."""
    office.house.do("agreement", "add", "acme-baa", "--vendor", "acme", "--effective", "2026-01-01", "--no-training",
                    "--retention", "zero", "--region", "us", *MORE, "--replace", "--drop")
    office.house.do("policy", "set", "-", stdin=POLICY)


def model_of(kind: str, vendor: str) -> str:
    bedrock = {"acme": "acme-claude", "bargain": "bargain-claude"}
    return (bedrock if kind == "converse" else {"acme": "acme-large", "bargain": "bargain-1"})[vendor]


def ask(office, kind: str, text: str, vendor: str = "acme", before: str = "", key: str | None = None):
    """One request of another kind, or with `before` what is asked about it."""
    path, make, _ = OTHERS[kind]
    model = model_of(kind, vendor)
    body = make(text, model)
    sent = {"raw": body, "headers": FORM} if isinstance(body, bytes) else {"body": body}
    return office.house.call(before + path.format(model=model), key=key or office.scribe, method="POST", **sent)


POINTERS = {"/v1/chat/completions": "/messages/0/content", "/v1/responses": "/input", "/v1/messages":
            "/messages/0/content", "/v1/completions": "/prompt",
            "/openai/v1/chat/completions": "/messages/0/content"}


def preview(office, text=WORDS, path="/v1/chat/completions", model="acme-large", key=None, headers=None, **more):
    body = {"model": model, **BODIES[path](text), **more}
    reply = office.house.call(f"/preview{path}", body, key or office.scribe, headers)
    assert reply.status == 200, reply.text
    return reply.json


def controls(office, what="preview") -> list[dict]:
    return [entry["entry"] for entry in office.house.entries() if entry["entry"].get("what") == what]


@pytest.mark.parametrize("path", BODIES)
def test_every_protocol_shows_one_form(office, path):
    page = preview(office, path=path)
    assert (page["verdict"], page["code"], page["sent"]) == ("permit", "covered", False)
    assert page["service"] == "acme-api" and page["tries"][0]["agreement"]["id"] == "acme-baa"
    assert page["decision"]["verdict"] == "permit" and page["counts"]["MRN"] == 1
    for finding in page["findings"]:
        assert finding["pointer"] == POINTERS[path], finding
        assert 0 < finding["confidence"] <= 100 and finding["recognizer"], finding
    marked = {finding["class"]: WORDS[finding["start"]:finding["end"]] for finding in page["findings"]}
    assert marked["MRN"] == "40712345" and marked["NAME"] == "Jane Marchetti", "in characters"
    told = {name: value for name, value in page.items() if name != "body"}
    assert not leaks(["40712345", "Marchetti", "212-555-0134"], {"page": json.dumps(told).encode()})
    assert "40712345" not in page["body"] and json.loads(page["body"])["model"] == "acme-large"
    assert office.nothing_left()


@pytest.fixture
def granted(new_office):
    office = new_office()
    grant(office)
    office.house.start()
    return office


@pytest.mark.parametrize("kind", OTHERS)
def test_every_kind_of_body_is_shown(granted, kind):
    reply = ask(granted, kind, WORDS, before="/preview")
    assert reply.status == 200, reply.text
    page = reply.json
    assert (page["verdict"], page["code"], page["sent"]) == ("permit", "covered", False), page
    assert page["service"] == ("acme-bedrock" if kind == "converse" else "acme-api")
    assert {finding["pointer"] for finding in page["findings"]} == {OTHERS[kind][2]}
    assert page["features"] == {"embeddings": ["inference", "embeddings"], "audio": ["inference", "audio"]}.get(
        kind, ["inference"])
    marked = {finding["class"]: WORDS[finding["start"]:finding["end"]] for finding in page["findings"]}
    assert marked["MRN"] == "40712345" and marked["NAME"] == "Jane Marchetti"
    treatment = {finding["treatment"] for finding in page["findings"]}
    assert treatment == ({"redact"} if kind == "embeddings" else {"surrogate"})
    assert "40712345" not in page["body"] and ("[MRN]" in page["body"]) == (kind == "embeddings"), page["body"]
    assert page["content_type"].startswith("multipart/form-data" if kind == "audio" else "application/json")
    assert granted.nothing_left()


@pytest.mark.parametrize("kind", OTHERS)
def test_every_kind_of_body_is_shown_why_it_would_be_refused(office, kind):
    """By the default policy, and with no agreement."""
    reply = ask(office, kind, WORDS, "bargain", before="/preview")
    assert (reply.status, reply.json["verdict"], reply.json["body"]) == (200, "deny", None), reply.text
    told = ask(office, kind, WORDS, "bargain")
    assert (told.status, told.code) == (reply.json["status"], reply.json["code"]) == (403, "agreement-missing")
    assert office.nothing_left()


def test_characters_are_counted_not_bytes(office):
    text = "Müller öffnet: MRN: 40712345 für MRN: 40712999"
    spans = [text[one["start"]:one["end"]] for one in preview(office, text)["findings"] if one["class"] == "MRN"]
    assert spans == ["40712345", "40712999"]


def test_the_body_is_what_the_vendor_would_be_sent(office):
    session = {"chaperon-session": "preview-1"}
    assert office.chat(WORDS, headers=session).status == 200
    sent = office.acme.last().json
    office.forget()
    page = preview(office, headers=session)
    assert json.loads(page["body"]) == sent, "the conversation's own surrogates"
    assert surrogates(page["body"]) and office.nothing_left()


def test_nothing_that_is_drawn_is_kept(office):
    session = {"chaperon-session": "preview-2"}
    drawn = [tuple(surrogates(preview(office, headers=session)["body"])) for _ in range(2)]
    assert office.chat(WORDS, headers=session).status == 200
    sent = tuple(surrogates(office.acme.last().body.decode()))
    assert len({*drawn, sent}) == 3, "each drew its own"
    assert office.chat(WORDS + " Dr. Otto Brandt, SSN 512-44-8821.", headers=session).status == 200
    known = set(surrogates(office.acme.last().body.decode()))
    assert set(sent) <= known and not known & {name for one in drawn for name in one}


def test_an_edit_of_a_conversation_is_previewed_too(office):
    said = [{"role": "user", "content": WORDS}]
    answer = office.chat(said).json["choices"][0]["message"]["content"]
    first = set(surrogates(office.acme.last().body.decode()))
    said += [{"role": "assistant", "content": answer}, {"role": "user", "content": "And MRN: 40719876?"}]
    reply = office.house.call("/preview/v1/chat/completions", {"model": "acme-large", "messages": said}, office.scribe)
    assert first < set(surrogates(reply.json["body"]))


def test_what_would_be_refused_says_why(office):
    page = preview(office, model="bargain-1")
    assert (page["verdict"], page["status"], page["body"], page["service"]) == ("deny", 403, None, None)
    assert page["code"] == office.chat(WORDS, model="bargain-1").code == "agreement-missing"
    assert page["help"] and page["title"] and page["findings"], page
    page = preview(office, model="nobody-1")
    assert (page["code"], page["status"], page["agent"]) == ("model-unknown", 404, "scribe")
    raw = office.house.call("/preview/v1/messages", raw=b'{"model":"acme-large","model":"x"}', key=office.scribe)
    assert (raw.status, raw.json["code"]) == (200, "json-duplicate-key")
    assert office.nothing_left()


def test_a_preview_needs_a_key_and_a_path(office):
    for path in BODIES:
        assert office.house.call(f"/preview{path}", {"model": "acme-large"}, "chp_nobody").status == 401
    assert office.house.call("/preview/v1/nothing", {}, office.scribe).status == 404
    assert office.house.call("/preview", {}, office.scribe).status == 404
    assert office.house.call("/preview/preview/v1/messages", {}, office.scribe).status == 404


def test_a_pool_shows_its_services_in_order(new_office):
    office = new_office()
    office.house.do("pool", "add", "both", "--to", "bargain-api/bargain-1", "--to", "acme-api/acme-large")
    office.house.start()
    page = preview(office, model="both")
    assert [(one["service"], one["verdict"]) for one in page["tries"]] == [
        ("bargain-api", "deny"), ("acme-api", "permit")]
    assert (page["pool"], page["service"], page["verdict"]) == ("both", "acme-api", "permit")
    office.acme.answer = lambda arrival: Answer(b"{}", 500)
    for _ in range(10):
        office.chat("Hello")
    page = preview(office)
    assert (page["code"], page["tries"][0]["resting"]) == ("upstream-circuit-open", True)


def test_budgets_are_looked_at_and_not_taken(new_office):
    office = new_office()
    office.house.do("budget", "add", "b", "--window", "day", "--requests", "2")
    office.house.start()
    for _ in range(5):
        assert preview(office)["verdict"] == "permit"
    assert [office.chat("Hello").status for _ in range(3)] == [200, 200, 429]
    page = preview(office)
    assert (page["verdict"], page["code"], page["status"], page["body"]) == ("deny", "budget-ended", 429, None)
    assert page["decision"]["verdict"] == "permit" and page["findings"]


def test_the_record_keeps_that_it_was_asked_and_reports_no_exchange(new_office):
    office = new_office()
    office.house.start()
    for words in (NOTE, *(text for _, text, _ in MARKED)):
        preview(office, words)
        preview(office, words, model="bargain-1")
    count = 2 * (1 + len(MARKED))
    office.house.do("preview", "--agent", "scribe", "-", stdin=json.dumps(
        {"model": "acme-large", "messages": [{"role": "user", "content": NOTE}]}))
    asked = controls(office)
    assert len(asked) == count + 1 and {one["engagement"] for one in asked} == {"mercy"}
    assert {(one["verdict"], one["code"]) for one in asked} == {("permit", "covered"), ("deny", "agreement-missing")}
    assert sum(one["by"].startswith("chp_") for one in asked) == count
    assert sum(one["by"].startswith("user ") for one in asked) == 1
    assert not [one for one in office.house.entries() if one["kind"] == "opening"]
    report = office.house.do("report", "--from", "2026-01-01", "--to", "2199-12-31")
    counts = report["figures"]["counts"] if "figures" in report else report["counts"]
    assert counts["previews"] == count + 1 and counts["uses"]["exchanges"] == 0 and counts["findings"] == {}
    metrics = office.house.call("/metrics").text
    assert f"chaperon_previews_total {count + 1}" in metrics and "chaperon_findings_total{" not in metrics
    office.house.stop()
    assert office.house.verify().returncode == 0
    places = {**folder(office.house.data), "log": office.house.log().encode(), "metrics": metrics.encode()}
    assert not leaks(MARKS, places) and office.nothing_left()


def test_the_command_shows_it_to_people(office, tmp_path):
    body = tmp_path / "request.json"
    body.write_text(json.dumps({"model": "acme-large", "input": WORDS}))
    done = office.house.run("preview", "--agent", "scribe", "-e", "mercy", "--path", "/v1/responses", str(body))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("permit: "), done.stdout
    for part in ("nothing was sent", "acme/acme-api", "acme-baa version 1", "/input", "mrn.", "\n  - ", "\n  + "):
        assert part in done.stdout, part
    page = office.house.do("preview", "--agent", "scribe", "--path", "/v1/responses", str(body))
    assert page["verdict"] == "permit" and page["findings"]
    with pytest.raises(Refused):
        office.house.do("preview", "--agent", "nobody", str(body))
    with pytest.raises(Refused):
        office.house.do("preview", "--agent", "scribe", "--path", "/v1/nothing", str(body))
    assert office.nothing_left()


def test_without_a_server_nothing_can_be_told(new_office, tmp_path):
    office = new_office()
    body = tmp_path / "request.json"
    body.write_text("{}")
    done = office.house.run("preview", "--agent", "scribe", str(body))
    assert done.returncode != 0 and "running server" in done.stderr


def test_what_would_be_left_of_a_person_is_told(office):
    left = preview(office, "Patient Jane Marchetti, the mayor, 47 years old.")["residual"]
    assert left == {"level": "elevated", "reasons": ["occupation.rare", "age.exact"]}
    assert preview(office, "Patient Jane Marchetti, J18.9.")["residual"] == {"level": "none"}
    assert preview(office, "Jane Marchetti", key=office.helper, model="bargain-1")["residual"] is None, "nothing leaves"
    office.chat("Patient Jane Marchetti, the mayor, 47 years old.")
    openings = [entry["entry"] for entry in office.house.entries() if entry["kind"] == "opening"]
    assert openings[-1]["residual"] == left, "as the record has it"
    told = office.house.run("explain", openings[-1]["exchange"]).stdout
    assert "elevated (occupation.rare, age.exact)" in told and "mayor" not in told
