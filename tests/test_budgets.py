"""Budgets: requests, tokens and money per agent and engagement; what goes beyond is refused before anything leaves."""

import concurrent.futures
import contextlib
import http.client
import itertools
import threading

import pytest

from house.office import add_service
from house.server import Refused, wait_for
from house.upstream import Answer
from house.vendors import SSE, chat_event, dump, messages_stream


@pytest.fixture
def served(new_office):
    def make(*budget):
        office = new_office()
        if budget:
            office.house.do("budget", "add", "b", *budget)
        office.house.start()
        return office

    return make


def telling(prompt: int, completion: int):
    """Answers by echo and tells so many tokens."""
    def answer(arrival):
        body = {"id": "c", "object": "chat.completion", "model": "m", "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Noted."}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": prompt, "completion_tokens": completion}}
        return Answer(dump(body))

    return answer


def used(office) -> dict:
    return next(one for one in office.house.do("budget", "use") if one["budget"] == "b")


def test_requests_end_and_the_answer_says_when_again(served):
    office = served("--window", "day", "--requests", "3")
    assert [office.chat("Hello").status for _ in range(3)] == [200] * 3
    office.forget()
    reply = office.chat("Hello")
    assert (reply.status, reply.code) == (429, "budget-ended"), reply.text
    assert 0 < int(reply.headers["retry-after"]) <= 24 * 3600 and "budget `b`" in reply.text
    assert office.message("Hello").status == 429, "every protocol"
    assert office.nothing_left()
    wait_for(lambda: used(office)["requests"] == {"used": 3, "limit": 3})


def test_many_at_once_get_no_more_than_there_is(served):
    office = served("--window", "day", "--requests", "10")
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: office.chat("Hello").status, range(40)))
    assert sorted(statuses) == [200] * 10 + [429] * 30
    assert len(office.acme.arrivals) == 10


@pytest.mark.parametrize("path, body", [
    ("/v1/chat/completions", {"max_completion_tokens": 200, "n": 2}),
    ("/v1/responses", {"max_output_tokens": 400}),
    ("/v1/messages", {"max_tokens": 400}),
    ("/v1beta/models/acme-large:generateContent", {"generationConfig": {"maxOutputTokens": 400}}),
    ("/model/acme-claude/converse", {"inferenceConfig": {"maxTokens": 400}}),
], ids=["chat", "responses", "messages", "gemini", "converse"])
def test_answers_under_way_are_held_back_for(served, path, body):
    """Of a thousand tokens each of many callers at once may take 400: two leave something, and the third is the last."""
    office = served("--window", "day", "--tokens", "1000")
    come, go = threading.Semaphore(0), threading.Event()

    def late(arrival):
        come.release()
        assert go.wait(60)
        return Answer(b"{}", 400)

    office.acme.answer = late
    said = {"messages": [{"role": "user", "content": "Hello"}]}
    if "converse" in path:
        said = {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}
    elif "responses" in path:
        said = {"input": "Hello"}
    elif "generate" in path:
        said = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}
    if path.startswith("/v1/"):
        said["model"] = "acme-large"
    call = lambda _: office.house.call(path, said | body, office.scribe)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(call, number) for number in range(8)]
        assert all(come.acquire(timeout=60) for _ in range(3))
        refused = [one.result() for one in itertools.islice(concurrent.futures.as_completed(calls, 60), 5)]
        assert [reply.status for reply in refused] == [429] * 5, refused[0].text
        assert "held back for answers under way" in refused[0].text and refused[0].headers["retry-after"] == "1"
        go.set()
        assert sorted(one.result().status for one in calls) == [400] * 3 + [429] * 5
    assert len(office.acme.arrivals) == 3
    office.acme.answer = telling(10, 10)
    assert office.chat("Hello").status == 200, "what was held back for answers that did not come is there again"


@pytest.mark.parametrize("stream", [False, True])
def test_one_after_another_finds_what_the_last_one_left(served, stream):
    """What is held back for an answer whose length nobody names is more than there is: it is back with the answer."""
    office = served("--window", "day", "--tokens", "1000")
    parts = [chat_event({"content": "Noted."}), b"data: [DONE]\n\n"]
    office.acme.answer = lambda arrival: Answer(parts, content_type=SSE) if stream else telling(10, 10)(arrival)
    assert [office.chat("Hello", stream=stream).status for _ in range(8)] == [200] * 8


def test_one_agents_budget_is_not_anothers(served):
    office = served("--agent", "scribe", "--window", "day", "--requests", "1")
    assert [office.chat("Hello").status for _ in range(2)] == [200, 429]
    assert office.chat("Hello", key=office.other).status == 200


def test_tokens_are_counted_as_the_vendor_tells_them(served):
    office = served("--window", "day", "--tokens", "1000")
    office.acme.answer = telling(300, 200)
    assert [office.chat("Hello").status for _ in range(3)] == [200, 200, 429]
    wait_for(lambda: used(office)["tokens"] == {"used": 1000, "limit": 1000})


@pytest.mark.parametrize("stream", [False, True])
def test_tokens_that_nobody_tells_are_counted_by_length(served, stream):
    office = served("--window", "day", "--tokens", "100000")
    parts = [chat_event({"content": "Noted. " * 400}), b"data: [DONE]\n\n"]
    body = {"id": "c", "choices": [{"index": 0, "message": {"role": "assistant", "content": "Noted. " * 400}}]}
    office.acme.answer = lambda arrival: Answer(parts, content_type=SSE) if stream else Answer(dump(body))
    assert office.chat("x " * 4000, stream=stream).status == 200
    assert wait_for(lambda: 2500 < used(office)["tokens"]["used"] < 4000)


def test_what_is_refused_uses_no_tokens(served):
    office = served("--window", "day", "--tokens", "100000")
    assert office.chat("Hello", model="bargain-1").status == 403
    office.acme.answer = lambda arrival: Answer(b"{}", 500)
    assert office.chat("Hello").status == 500
    wait_for(lambda: used(office)["tokens"]["used"] == 0 and used(office)["requests"]["used"] == 2)


def test_money_follows_the_prices_of_models(served):
    office = served("--window", "month", "--cost", "0.01")
    reply = office.chat("Hello")
    assert (reply.status, reply.code) == (403, "price-missing"), reply.text
    assert office.chat("Hello", model="local-1").status == 200, "on premises nothing is paid"
    add_service(office.house, "acme-api", "acme", office.acme, "--account", "org-42", "--model", "acme-large",
                "--model", "acme-small=acme-small-2026,fast", "--price", "acme-large=2.50/10",
                "--price", "fast=0.1/0.2", "--replace")
    office.acme.answer = telling(1000, 500)  # 0.0025 + 0.005
    assert [office.chat("Hello").status for _ in range(3)] == [200, 200, 429]
    wait_for(lambda: used(office)["cost"] == {"used": "0.015", "limit": "0.01"})
    with pytest.raises(Refused, match="no model `none`"):
        add_service(office.house, "odd", "acme", office.acme, "--model", "m", "--price", "none=1/1")


def test_a_pool_is_asked_on_a_budget_in_money_only_where_each_of_its_services_has_a_price(served):
    office = served("--window", "month", "--cost", "0.01")
    office.acme.answer = telling(1000, 500)
    add_service(office.house, "acme-api", "acme", office.acme, "--account", "org-42", "--model", "acme-large",
                "--model", "acme-small", "--price", "acme-large=2.50/10", "--replace", "--drop")
    office.house.do("pool", "add", "mixed", "--to", "acme-api/acme-large", "--to", "acme-api/acme-small",
                    "--spread", "balanced")
    replies = [office.chat("Hello", model="mixed") for _ in range(6)]
    assert [(reply.status, reply.code) for reply in replies] == [(403, "price-missing")] * 6
    assert office.nothing_left()


def test_what_came_of_a_stream_without_an_end_is_paid(served):
    """Anthropic's streams tell one token at their beginning, and the rest at their end."""
    office = served("--window", "day", "--tokens", "100000")
    whole = list(messages_stream(["Noted. " * 100] * 40).body)
    office.acme.answer = lambda arrival: Answer(whole[:-3], content_type=SSE)
    with contextlib.suppress(http.client.IncompleteRead):
        office.message("Hello", stream=True)
    assert wait_for(lambda: 7000 < used(office)["tokens"]["used"] < 10000)


def test_an_answer_that_can_not_be_handed_on_was_made_nevertheless(served):
    office = served("--window", "day", "--tokens", "100000")
    office.acme.answer = lambda arrival: Answer(dump({"said": "Noted. " * 4000}))
    assert office.chat("Hello").code == "upstream-malformed"
    assert wait_for(lambda: 7000 < used(office)["tokens"]["used"] < 8000)


@pytest.mark.parametrize("path, body, answer", [
    ("/v1/messages/count_tokens", {"model": "acme-large", "messages": [{"role": "user", "content": "Hello"}]},
     {"input_tokens": 900}),
    ("/v1beta/models/acme-large:countTokens", {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]},
     {"totalTokens": 900}),
    ("/model/acme-claude/count-tokens",
     {"input": {"converse": {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}}}, {"inputTokens": 900}),
], ids=["anthropic", "gemini", "bedrock"])
def test_tokens_that_are_counted_are_not_used(served, path, body, answer):
    office = served("--window", "day", "--tokens", "1000")
    office.acme.answer = lambda arrival: Answer(dump(answer))
    reply = office.house.call(path, body, office.scribe)
    assert reply.status == 200, reply.text
    wait_for(lambda: used(office)["requests"]["used"] == 1)
    assert wait_for(lambda: used(office)["tokens"]["used"] == 0)


def test_a_budget_outlives_a_restart_and_a_kill(served):
    office = served("--window", "month", "--requests", "4")
    assert office.chat("Hello").status == 200
    assert office.house.stop() == 0
    office.house.start()
    assert office.chat("Hello").status == 200
    wait_for(lambda: used(office)["requests"]["used"] == 2)
    office.house.kill()
    office.house.start()
    assert [office.chat("Hello").status for _ in range(3)] == [200, 200, 429]


def test_a_budget_that_is_raised_or_ended_lets_pass_again(served):
    office = served("--window", "day", "--requests", "1")
    assert [office.chat("Hello").status for _ in range(2)] == [200, 429]
    office.house.do("budget", "add", "b", "--window", "day", "--requests", "2", "--replace")
    assert [office.chat("Hello").status for _ in range(2)] == [200, 429]
    office.house.do("budget", "end", "b", "--reason", "test")
    assert office.chat("Hello").status == 200


def test_a_budget_limits_something(served):
    office = served()
    with pytest.raises(Refused, match="name at least one limit"):
        office.house.do("budget", "add", "none", "--window", "day")
    with pytest.raises(Refused, match="no agent `nobody`"):
        office.house.do("budget", "add", "none", "--window", "day", "--requests", "1", "--agent", "nobody")
