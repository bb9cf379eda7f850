"""Amazon's own client for Python and Anthropic's for Bedrock, unchanged but for address and key."""

import json

import anthropic
import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from house import bedrock
from house.leaks import leaks
from house.office import ARN, CLAUDE, CREDENTIAL, PROFILE, add_service
from house.patients import HAROLD, HAROLD_VALUES, MARTHA, surrogates
from house.upstream import CUT, Answer
from house.vendors import last_user, messages, messages_stream, pieces_of, say

SAID = f"Summarise: {HAROLD}."
ASK = [{"role": "user", "content": [{"text": SAID}]}]
ECHO = f"You said: {SAID}"
TOOL = {"tools": [{"toolSpec": {"name": "book", "description": "Books a visit.", "inputSchema": {"json": {
    "type": "object", "properties": {"who": {"type": "string"}}, "required": ["who"]}}}}]}
MODELS = [CLAUDE, PROFILE, ARN, "acme-claude"]


CONFIG = Config(retries={"total_max_attempts": 1}, region_name="us-east-1")


def amazon(office, key: str | None = None):
    """boto3's client: the agent key is the session token."""
    return boto3.client("bedrock-runtime", endpoint_url=office.house.url, config=CONFIG,
                        aws_access_key_id="any", aws_secret_access_key="any",
                        aws_session_token=key or office.scribe)


@pytest.fixture
def client(office):
    yield amazon(office)
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []


def texts(stream) -> str:
    return "".join(event["contentBlockDelta"]["delta"].get("text", "") for event in stream
                   if "contentBlockDelta" in event)


def claude_body(**more) -> str:
    return json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 64,
                       "messages": [{"role": "user", "content": SAID}], **more})


def chunks(answer) -> list[dict]:
    return [json.loads(event["chunk"]["bytes"]) for event in answer["body"]]


@pytest.mark.parametrize("model", MODELS)
def test_converse(office, client, model):
    answer = client.converse(modelId=model, messages=ASK, system=[{"text": "Be brief."}],
                             inferenceConfig={"maxTokens": 64, "stopSequences": ["END"]})
    assert answer["output"]["message"]["content"] == [{"text": ECHO}]
    assert answer["usage"]["totalTokens"] == 18 and answer["stopReason"] == "end_turn"
    sent = office.acme.last()
    wanted = CLAUDE if model == "acme-claude" else model
    assert sent.path == "/model/" + wanted.replace(":", "%3A").replace("/", "%2F") + "/converse"
    assert sent.header("authorization") == f"Bearer {CREDENTIAL}", "the vendor gets the house's credential"
    assert not [name for name, _ in sent.headers if name.lower().startswith("x-amz")], "nothing of the signature"
    assert sent.header("accept") == "application/json"


def test_the_key_may_be_a_bearer_token(secure_office, monkeypatch):
    """The client sends one over TLS only."""
    office, url, trusted = secure_office
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", office.scribe)
    client = boto3.client("bedrock-runtime", endpoint_url=url, config=CONFIG, verify=str(trusted))
    assert client.converse(modelId=PROFILE, messages=ASK)["output"]["message"]["content"][0]["text"] == ECHO
    assert texts(client.converse_stream(modelId=PROFILE, messages=ASK)["stream"]) == ECHO


@pytest.mark.parametrize("size", [1, 3, 500])
def test_converse_streamed(office, client, size):
    office.acme.answer = lambda arrival: say(f"You said: {last_user(arrival)}", arrival, size)
    answer = client.converse_stream(modelId=ARN, messages=ASK)
    events = list(answer["stream"])
    assert texts(events) == ECHO
    assert [next(iter(event)) for event in events[-2:]] == ["messageStop", "metadata"]
    assert events[-1]["metadata"]["usage"]["outputTokens"] == 7
    sent = office.acme.last()
    assert sent.path.endswith("/converse-stream") and sent.header("accept") == bedrock.EVENTS


@pytest.mark.parametrize("streamed", [False, True])
def test_a_tool_and_its_result(office, client, streamed):
    def use(arrival):
        body = arrival.json
        who = {"who": surrogates(arrival.body.decode())[0]}
        if len(body["messages"]) > 1:
            return say(f"Done for {who['who']}.", arrival)
        if not streamed:
            return bedrock.converse(tool=("book", who))
        return bedrock.converse_stream(pieces_of(json.dumps(who), 3), tool="book")

    office.acme.answer = use
    if streamed:
        events = list(client.converse_stream(modelId=CLAUDE, messages=ASK, toolConfig=TOOL)["stream"])
        call = next(event["contentBlockStart"]["start"]["toolUse"] for event in events
                    if "contentBlockStart" in event)
        deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
        content = [{"toolUse": {**call, "input": json.loads("".join(d["toolUse"]["input"] for d in deltas))}}]
    else:
        content = client.converse(modelId=CLAUDE, messages=ASK, toolConfig=TOOL)["output"]["message"]["content"]
    assert "Harold Finchley" in content[0]["toolUse"]["input"]["who"]
    result = {"toolResult": {"toolUseId": content[0]["toolUse"]["toolUseId"],
                             "content": [{"json": {"booked": "Mr. Harold Finchley"}}, {"text": "MRN 48213377"}]}}
    again = [*ASK, {"role": "assistant", "content": content}, {"role": "user", "content": [result]}]
    done = client.converse(modelId=CLAUDE, messages=again, toolConfig=TOOL)
    assert "Harold Finchley" in done["output"]["message"]["content"][0]["text"]


def test_invoke_of_anthropics_models(office, client):
    answer = client.invoke_model(modelId=PROFILE, body=claude_body(anthropic_beta=["context-1m-2025-08-07"]))
    assert json.loads(answer["body"].read())["content"][0]["text"] == ECHO
    assert answer["contentType"] == "application/json"
    assert office.acme.last().json["anthropic_beta"] == ["context-1m-2025-08-07"]
    streamed = client.invoke_model_with_response_stream(modelId=PROFILE, body=claude_body())
    assert "".join(data["delta"].get("text", "") for data in chunks(streamed)
                   if data["type"] == "content_block_delta") == ECHO
    assert streamed["contentType"] == "application/json"
    assert office.acme.last().path.endswith("/invoke-with-response-stream")


def test_invoke_of_another_family(office, client):
    body = json.dumps({"prompt": SAID, "max_gen_len": 64, "temperature": 0.5})
    answer = client.invoke_model(modelId="acme-llama", body=body, performanceConfigLatency="optimized")
    assert json.loads(answer["body"].read())["generation"] == ECHO
    sent = office.acme.last()
    assert sent.path == "/model/meta.llama-acme-v1%3A0/invoke"
    assert sent.json["max_gen_len"] == 64
    assert sent.header("x-amzn-bedrock-performanceconfig-latency") == "optimized"
    streamed = client.invoke_model_with_response_stream(modelId="acme-llama", body=body)
    assert "".join(data["generation"] for data in chunks(streamed)) == ECHO


TITAN, COHERE = "amazon.titan-embed-text-v1", "us.cohere.embed-v4:0"
VECTOR = [0.123456789012, -4.5e-7, 40712345.0]


@pytest.fixture
def embedding(new_office):
    """Models of families that make vectors, one under a name of the house, where agreement and policy name them."""
    office = new_office()
    add_service(office.house, "acme-vectors", "acme", office.acme, "--model", f"vectors={TITAN}", "--model", COHERE,
                bedrock=True)
    office.house.do("agreement", "add", "vectors-baa", "--vendor", "acme", "--effective", "2026-01-01", "--no-training",
                    "--retention", "zero", "--region", "us", "--scope", "acme-vectors;features=embeddings")
    office.house.do("policy", "set", "-", stdin='@id("more")\n@features("embeddings")\n'
                                                'permit(principal, action, resource);\n')
    office.house.start()
    return office


@pytest.mark.parametrize("model, field, body", [
    ("vectors", "inputText", {"inputText": SAID}),
    (COHERE, "texts", {"texts": [SAID], "input_type": "search_document"}),
])
def test_vectors_hold_the_class_where_an_identifier_stood(embedding, model, field, body):
    embedding.acme.answer = lambda arrival: Answer(json.dumps({"embedding": VECTOR, "inputTextTokenCount": 9}).encode())
    answer = amazon(embedding).invoke_model(modelId=model, body=json.dumps(body))
    assert json.loads(answer["body"].read())["embedding"] == VECTOR
    sent = json.dumps(embedding.acme.last().json[field])
    assert "[NAME]" in sent and "[MRN]" in sent and surrogates(sent) == [], sent
    assert leaks(HAROLD_VALUES, {"vendor": embedding.acme.captured()}) == []


def test_a_model_that_makes_vectors_needs_an_agreement_that_names_them(new_office):
    """Also where its body does not say what it is for."""
    office = new_office()
    add_service(office.house, "acme-vectors", "acme", office.acme, "--model", TITAN, bedrock=True)
    office.house.do("agreement", "add", "vectors-baa", "--vendor", "acme", "--effective", "2026-01-01", "--no-training",
                    "--retention", "zero", "--region", "us", "--scope", "acme-vectors")
    office.house.start()
    refused(lambda: amazon(office).invoke_model(modelId=TITAN, body=json.dumps({"inputText": SAID})),
            "AccessDeniedException", "embeddings")
    assert office.nothing_left()


def test_tokens_are_counted(office, client):
    """With the surrogates that the conversation has."""
    said = client.converse(modelId=CLAUDE, messages=ASK)["output"]["message"]
    history = [*ASK, said, {"role": "user", "content": [{"text": "And Mr. Harold Finchley's plan?"}]}]
    client.converse(modelId=CLAUDE, messages=history)
    sent = office.acme.last().json["messages"]
    assert client.count_tokens(modelId=CLAUDE, input={"converse": {"messages": history}})["inputTokens"] == 11
    assert office.acme.last().json["input"]["converse"]["messages"] == sent


def refused(call, kind: str, code: str) -> None:
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call()
    assert error.value.response["Error"]["Code"] == kind, error.value
    assert code in str(error.value)


def test_refusals_are_the_clients_own_exceptions(office, client):
    refused(lambda: amazon(office, "chp_wrong").converse(modelId=CLAUDE, messages=ASK),
            "AccessDeniedException", "key-unknown")
    with pytest.raises(client.exceptions.AccessDeniedException, match="workflow-uncovered"):
        client.converse(modelId="bargain-claude", messages=ASK)
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="model-unknown"):
        client.converse(modelId="no-such", messages=ASK)
    with pytest.raises(client.exceptions.ValidationException, match="protocol-mismatch"):
        client.converse(modelId="acme-large", messages=ASK)
    with pytest.raises(client.exceptions.ValidationException, match="request-malformed"):
        client.invoke_model(modelId=CLAUDE, body=b"\x89PNG")
    with pytest.raises(client.exceptions.ValidationException, match="stream-unsupported"):
        client.invoke_model_with_response_stream(modelId="acme-llama", body='{"messages": []}')
    with pytest.raises(client.exceptions.ValidationException, match="header-invalid"):
        client.invoke_model(modelId=CLAUDE, body=claude_body(), guardrailIdentifier="g", guardrailVersion="1")
    picture = {"image": {"format": "png", "source": {"bytes": b"\x89PNG"}}}
    with pytest.raises(client.exceptions.AccessDeniedException, match="scope-missing|unscannable"):
        client.converse(modelId=CLAUDE, messages=[{"role": "user", "content": [picture]}])
    with pytest.raises(client.exceptions.AccessDeniedException, match="scope-missing|unscannable"):
        client.invoke_model(modelId="acme-llama", body=json.dumps({"prompt": "x", "images": ["A" * 64]}))
    assert office.nothing_left()


@pytest.mark.parametrize("status, kind", [
    (429, "ThrottlingException"), (400, "ValidationException"), (403, "AccessDeniedException"),
    (424, "ModelErrorException"), (408, "ModelTimeoutException"), (500, "InternalServerException"),
    (503, "ServiceUnavailableException")])
def test_a_vendors_error_keeps_its_kind_and_loses_its_words(office, client, status, kind):
    office.acme.answer = lambda arrival: Answer(json.dumps({"message": f"about {HAROLD}"}).encode(), status)
    for call in (client.converse, client.converse_stream):
        refused(lambda: call(modelId=CLAUDE, messages=[{"role": "user", "content": [{"text": "Hi"}]}]),
                kind, "the vendor refused")


@pytest.mark.parametrize("parts, kind", [
    ([bedrock.exception("throttlingException", f"about {MARTHA}")], "throttlingException"),
    ([CUT], "modelStreamErrorException"),
    ([b"\0" * 64], "modelStreamErrorException"),
    ([], "modelStreamErrorException"),
], ids=["exception", "cut", "damaged", "ended"])
def test_what_breaks_a_stream_is_raised(office, client, parts, kind):
    begun = bedrock.converse_stream(["Dear ", "patient, "], end=False).body
    office.acme.answer = lambda arrival: Answer([*begun, 0.2, *parts], content_type=bedrock.EVENTS)
    stream, got = client.converse_stream(modelId=CLAUDE, messages=ASK)["stream"], []
    with pytest.raises(botocore.exceptions.EventStreamError) as error:
        got.extend(stream)
    assert error.value.response["Error"]["Code"] == kind
    assert "Dear patient, ".startswith(texts(got)) and "Martha" not in str(error.value)


def test_a_stream_that_the_vendor_answers_with_anything_else_is_refused(office, client):
    office.acme.answer = lambda arrival: bedrock.converse("hello")
    with pytest.raises(client.exceptions.ModelErrorException, match="upstream-malformed"):
        client.converse_stream(modelId=CLAUDE, messages=ASK)


def claude(office, **more):
    return anthropic.AnthropicBedrock(base_url=office.house.url, aws_region="us-east-1", max_retries=0, **more)


@pytest.mark.parametrize("way", ["session token", "bearer"])
def test_anthropics_client_for_bedrock(office, way):
    keys = {"api_key": office.scribe}
    if way == "session token":
        keys = {"aws_access_key": "any", "aws_secret_key": "any", "aws_session_token": office.scribe}
    ask = {"model": CLAUDE, "max_tokens": 64, "messages": [{"role": "user", "content": SAID}]}
    with claude(office, **keys) as client:
        assert client.messages.create(**ask).content[0].text == ECHO
        with client.messages.stream(**ask) as stream:
            assert stream.get_final_text() == ECHO
        with pytest.raises(anthropic.PermissionDeniedError, match="workflow-uncovered"):
            client.messages.create(**{**ask, "model": "bargain-claude"})
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("door", ["converse", "invoke"])
def test_a_conversation_keeps_its_surrogates(office, client, door, streamed):
    """What the client puts together from an answer and sends again is known again."""
    history: list[dict] = []

    def ask(text: str) -> str:
        history.append({"role": "user", "content": [{"text": text} | ({} if door == "converse" else {"type": "text"})]})
        if door == "converse" and streamed:
            said = texts(client.converse_stream(modelId=CLAUDE, messages=history)["stream"])
        elif door == "converse":
            said = client.converse(modelId=CLAUDE, messages=history)["output"]["message"]["content"][0]["text"]
        elif streamed:
            body = json.dumps({**json.loads(claude_body()), "messages": history})
            said = "".join(data.get("delta", {}).get("text", "") for data in chunks(
                client.invoke_model_with_response_stream(modelId=CLAUDE, body=body)))
        else:
            body = json.dumps({**json.loads(claude_body()), "messages": history})
            said = json.loads(client.invoke_model(modelId=CLAUDE, body=body)["body"].read())["content"][0]["text"]
        history.append({"role": "assistant", "content": [{"text": said} | ({} if door == "converse" else {"type": "text"})]})
        return said

    ask(f"This is about {HAROLD}.")
    first = office.acme.last().json["messages"]
    for turn in range(3):
        assert ask(f"{turn}: what of Mr. Harold Finchley, MRN 48213377?").endswith("Mr. Harold Finchley, MRN 48213377?")
    last = office.acme.last().json["messages"]
    assert last[:1] == first and set(surrogates(json.dumps(last))) == set(surrogates(json.dumps(first)))


@pytest.mark.parametrize("streamed", [False, True])
def test_signed_reasoning_returns_only_to_where_it_came_from(office, client, streamed):
    import base64
    sign = base64.b64encode(f"signed by a vendor that nobody can read {streamed} ".encode() * 3).decode()
    hidden = base64.b64encode(f"hidden by a vendor, which nobody can read {streamed} ".encode() * 3)
    thought = {"reasoningText": {"text": "The usual dose.", "signature": sign}}
    blocks = [{"reasoningContent": thought}, {"reasoningContent": {"redactedContent": hidden.decode()}}, {"text": "Yes."}]

    def think(arrival):
        if not streamed:
            answer = json.loads(bedrock.converse("").body)
            answer["output"]["message"]["content"] = blocks
            return Answer(json.dumps(answer).encode())
        deltas = [(0, {"reasoningContent": {"text": "The usual dose."}}), (0, {"reasoningContent": {"signature": sign}}),
                  (1, {"reasoningContent": {"redactedContent": hidden.decode()}}), (2, {"text": "Yes."})]
        begin, end = bedrock.converse_stream([]).body[:1], bedrock.converse_stream([]).body[-2:]
        return Answer(begin + [bedrock.event("contentBlockDelta", {"contentBlockIndex": index, "delta": delta})
                               for index, delta in deltas] + end, content_type=bedrock.EVENTS)

    office.acme.answer = think
    ask = [{"role": "user", "content": [{"text": f"Go on, {streamed}."}]}]
    if streamed:
        list(client.converse_stream(modelId=CLAUDE, messages=ask)["stream"])
    else:
        client.converse(modelId=CLAUDE, messages=ask)
    again = [*ask, {"role": "assistant", "content": blocks}, {"role": "user", "content": [{"text": "And now?"}]}]
    office.acme.answer = office.acme.default
    assert office.converse(again).status == 200
    sent = office.acme.last().json["messages"][1]["content"]
    assert sent == blocks, "byte for byte"
    assert office.converse(again, key=office.other).code == "opaque-foreign"
    again[1]["content"][0]["reasoningContent"]["reasoningText"]["text"] = f"It is about {HAROLD}."
    assert "signed-content" in office.converse(again).text


def test_an_unknown_operation_is_refused_in_the_protocols_shape(office):
    for path in ("/model/m/invoke-with-bidirectional-stream", "/model/m"):
        reply = office.house.call(path, {}, office.scribe)
        assert (reply.status, reply.headers["x-amzn-errortype"]) == (404, "ResourceNotFoundException")
        assert reply.code == "path-unknown"


def test_what_is_on_record_names_protocol_and_models(office):
    reply = office.converse(f"About {HAROLD}.", model=ARN)
    entry = next(e for e in office.house.entries() if reply.exchange in json.dumps(e))
    assert "bedrock" in json.dumps(entry) and PROFILE in json.dumps(entry)
    assert leaks(HAROLD_VALUES, {"record": json.dumps(entry).encode()}) == []


def test_anthropics_shapes_are_whole():
    """The scripted vendor's packed stream is what its plain one is."""
    plain = messages_stream(["a", "b"])
    assert len(bedrock.packed(plain).body) == len(plain.body) and messages("x").status == 200
