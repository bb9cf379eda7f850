"""Signed and opaque parts: examined where they can be read, and never given to another service or conversation."""

import base64
import json

import pytest

from house.patients import HAROLD
from house.vendors import thinking


def signature(name: str) -> str:
    """What looks like a vendor's signature; each test has its own."""
    return base64.b64encode(f"signed by a vendor that nobody can read: {name} ".encode() * 3).decode()


class Talk:
    """A conversation with a vendor that thinks; the client sends back whole what it got."""

    def __init__(self, office, model: str = "acme-large", thought: str = "The dose is the usual one."):
        self.office, self.model, self.thought = office, model, thought
        self.history: list[dict] = []

    def ask(self, text: str, sign: str, streamed: bool = False, **how):
        answer = thinking(sign, self.thought, "Yes.", streamed)
        for vendor in self.office.vendors:
            vendor.answer = lambda arrival: answer
        said = [*self.history, {"role": "user", "content": text}]
        reply = self.office.message(said, model=how.pop("model", self.model), stream=streamed, **how)
        if reply.status == 200:
            self.history = [*said, {"role": "assistant", "content": blocks(reply, streamed)}]
        return reply


def blocks(reply, streamed: bool) -> list[dict]:
    if not streamed:
        return json.loads(reply.body)["content"]
    made: list[dict] = []
    for line in reply.text.splitlines():
        data = json.loads(line[6:]) if line.startswith("data: ") else {}
        if data.get("type") == "content_block_start":
            made.append(data["content_block"])
        for field, more in data.get("delta", {}).items():
            if data["type"] == "content_block_delta" and field != "type":
                made[data["index"]][field] += more
    return made


def refused(reply, code: str) -> bool:
    return reply.status == 403 and reply.code == code


def test_a_finding_in_signed_text_refuses_the_request(office):
    """Signed reasoning can't be rewritten, so that with an identifier in it nothing goes out."""
    talk = Talk(office)
    talk.ask("Go on.", signature("text"))
    assert talk.ask("And now?", signature("text 2")).status == 200
    talk.history[1]["content"][0]["thinking"] = f"It is about {HAROLD}."
    office.forget()
    assert "signed-content" in talk.ask("And then?", signature("text 3")).text
    assert office.nothing_left()


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("said", ["Go on.", f"This is about {HAROLD}."], ids=["clean", "patient"])
def test_an_opaque_part_returns_only_to_the_service_that_issued_it(office, streamed, said):
    talk, sign = Talk(office), signature(f"return {streamed} {said}")
    assert talk.ask(said, sign, streamed).status == 200
    again = talk.ask("And now?", signature("next"), streamed)
    assert again.status == 200, again.text
    sent = office.acme.last().json["messages"][1]["content"]
    assert (sent[0]["signature"], sent[1]["data"]) == (sign, sign[::-1]), "byte for byte"
    office.forget()
    assert refused(talk.ask("And there?", sign, model="pilot-1"), "opaque-foreign")
    assert office.nothing_left()


@pytest.mark.parametrize("where", ["nowhere", "other talk", "other agent", "altered", "redacted"])
def test_an_opaque_part_of_elsewhere_is_refused(office, where):
    talk, sign = Talk(office), signature(f"elsewhere {where}")
    talk.ask("Go on.", sign)
    how = {}
    if where == "nowhere":
        talk.history[1]["content"][0]["signature"] = signature("never seen")
    if where == "other talk":
        other = Talk(office)
        other.ask("Something else.", signature("other talk's own"))
        other.history[1]["content"][0] = talk.history[1]["content"][0]
        talk = other
    if where == "other agent":
        how["key"] = office.other
    if where == "altered":
        talk.history[1]["content"][0]["signature"] = sign[:-5] + "A" + sign[-4:]
    if where == "redacted":
        talk.history[1]["content"][1]["data"] = signature("never redacted")
    office.forget()
    reply = talk.ask("And now?", signature("next"), **how)
    assert refused(reply, "opaque-foreign"), reply.text
    assert office.nothing_left()


def test_after_a_restart_an_opaque_part_is_still_known(new_office):
    office = new_office()
    office.house.start()
    talk = Talk(office)
    talk.ask("Go on.", signature("restart"))
    assert office.house.stop() == 0
    office.house.start()
    assert talk.ask("And now?", signature("next")).status == 200
