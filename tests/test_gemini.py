"""Google's client, unchanged but for its base URL and key: as of the Gemini API and as of Vertex AI."""

import base64
import json

import pytest
from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials

from house.leaks import leaks
from house.office import CREDENTIAL
from house.patients import HAROLD, HAROLD_VALUES, surrogates
from house.upstream import CUT, Answer
from house.vendors import (SSE, content, dump, generate, generate_stream, last_user, pieces_of, say)

ASK = f"Summarise: {HAROLD}."
ECHO = f"You said: {ASK}"
BOOK = types.Tool(function_declarations=[{
    "name": "book", "description": "Books a visit.",
    "parameters": {"type": "OBJECT", "properties": {"who": {"type": "STRING"}}, "required": ["who"]}}])


def clients(office) -> dict:
    options = types.HttpOptions(base_url=office.house.url, retry_options=types.HttpRetryOptions(attempts=1))
    vertex = {"vertexai": True, "http_options": options}
    return {
        "gemini": lambda key: genai.Client(api_key=key, http_options=options),
        "vertex": lambda key: genai.Client(project="p-1", location="us-east1", credentials=Credentials(token=key),
                                           **vertex),
        "express": lambda key: genai.Client(api_key=key, **vertex),
    }


@pytest.fixture(params=["gemini", "vertex", "express"])
def google(office, request, monkeypatch):
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"):
        monkeypatch.delenv(name, raising=False)
    yield clients(office)[request.param](office.scribe)
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []


@pytest.fixture
def gemini(office):
    yield clients(office)["gemini"](office.scribe)
    assert leaks(HAROLD_VALUES, {"vendor": office.acme.captured()}) == []


def ask(client, said=ASK, model="acme-large", **config):
    return client.models.generate_content(model=model, contents=said, config=config or None)


# text


def test_plain(office, google):
    answer = ask(google, system_instruction="Be brief about Mr. Harold Finchley.", temperature=0.2)
    assert answer.text == ECHO
    assert (answer.usage_metadata.prompt_token_count, answer.model_version) == (11, "scripted-2026")
    sent = office.acme.last()
    assert sent.path == "/v1/models/acme-large:generateContent"
    assert sent.header("authorization") == f"Bearer {CREDENTIAL}" and sent.header("x-goog-api-key") is None
    assert "Finchley" not in json.dumps(sent.json["systemInstruction"])


def test_streamed(office, google):
    chunks = list(google.models.generate_content_stream(model="acme-large", contents=ASK))
    assert "".join(chunk.text or "" for chunk in chunks) == ECHO
    assert chunks[-1].candidates[0].finish_reason == "STOP"
    assert office.acme.last().path == "/v1/models/acme-large:streamGenerateContent?alt=sse"


def test_async(office):
    import asyncio

    async def every():
        client = clients(office)["gemini"](office.scribe).aio
        plain = await asyncio.gather(*(client.models.generate_content(
            model="acme-large", contents=f"{n}: {HAROLD}") for n in range(10)))
        stream = await client.models.generate_content_stream(model="acme-large", contents=ASK)
        return [one.text for one in plain], "".join([chunk.text or "" async for chunk in stream])

    plain, streamed = asyncio.run(every())
    assert plain == [f"You said: {n}: {HAROLD}" for n in range(10)] and streamed == ECHO


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_a_chat_keeps_its_surrogates(office, google, streamed):
    """The client sends back what it got: of a stream, each chunk as a content of its own."""
    chat = google.chats.create(model="acme-large")

    def say_to(text: str) -> str:
        if streamed:
            return "".join(chunk.text or "" for chunk in chat.send_message_stream(text))
        return chat.send_message(text).text

    assert say_to(ASK) == ECHO
    first = office.acme.last().json["contents"]
    for turn in range(3):
        said = f"Turn {turn}: what of Mr. Harold Finchley, MRN 48213377?"
        assert say_to(said) == f"You said: {said}"
        now = office.acme.last().json["contents"]
        assert now[: len(first)] == first, "earlier turns go out as they went out before"
        first = now
    assert len(set(surrogates(json.dumps(first[0])))) == len(set(surrogates(json.dumps(first))))


def test_a_chat_of_another_agent_is_another(office, gemini):
    ask(gemini)
    one = set(surrogates(json.dumps(office.acme.last().json)))
    ask(clients(office)["gemini"](office.other))
    assert one and not one & set(surrogates(json.dumps(office.acme.last().json)))


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_a_signature_returns_only_to_its_conversation(office, gemini, streamed):
    """Python's client writes base64 with other letters than it read; the bytes are the same."""
    signature = bytes(range(160, 256)) + f"{streamed} of a thought that nobody can read".encode() * 2
    part = {"text": "Yes.", "thoughtSignature": base64.b64encode(signature).decode()}
    office.acme.answer = lambda arrival: generate_stream(["Let me "], last=part) if streamed else \
        Answer(dump(content([{"text": "Hm.", "thought": True}, part])))
    chat = gemini.chats.create(model="acme-large")
    for text in ("Go on.", "And now?"):
        list(chat.send_message_stream(text)) if streamed else chat.send_message(text)
    sent = [part for one in office.acme.last().json["contents"] for part in one["parts"]]
    assert any(base64.urlsafe_b64decode(part.get("thoughtSignature", "")) == signature for part in sent)
    stolen = gemini.chats.create(model="acme-large", history=[
        types.Content(role="user", parts=[types.Part(text="Something else.")]),
        types.Content(role="model", parts=[types.Part(text="Yes.", thought_signature=signature)])])
    office.forget()
    with pytest.raises(errors.ClientError) as refused:
        stolen.send_message("And there?")
    assert refused.value.code == 403 and "opaque-foreign" in str(refused.value)
    assert office.nothing_left()


# tools and forms


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_a_function_is_called_and_its_result_comes_back(office, google, streamed):
    def call(arrival):
        who = {"who": surrogates(arrival.body.decode())[0]}
        return generate_stream(["I will ", "book."], ("book", who)) if streamed else generate(call=("book", who))

    office.acme.answer = call
    chat = google.chats.create(model="acme-large", config={"tools": [BOOK]})
    said = "Book a visit for Mr. Harold Finchley."
    answers = list(chat.send_message_stream(said)) if streamed else [chat.send_message(said)]
    [made] = [call for answer in answers for call in answer.function_calls or []]
    assert "Harold Finchley" in made.args["who"]
    first = office.acme.last().json["contents"]
    office.acme.answer = office.acme.default
    result = types.Part.from_function_response(name="book", response={"result": "Mr. Harold Finchley at 9"})
    answer = chat.send_message(result)
    assert "Harold Finchley at 9" in answer.text
    assert office.acme.last().json["contents"][0] == first[0], "the second turn goes out as the first did"


def test_a_function_that_the_client_calls_by_itself(office, gemini):
    called = []

    def book(who: str) -> str:
        """Books a visit."""
        called.append(who)
        return f"booked for {who}"

    def answer(arrival):
        if len(arrival.json["contents"]) == 1:
            return generate(call=("book", {"who": surrogates(arrival.body.decode())[0]}))
        return say(last_user(arrival), arrival)

    office.acme.answer = answer
    chat = gemini.chats.create(model="acme-large", config={"tools": [book]})
    text = chat.send_message("Book a visit for Mr. Harold Finchley.").text
    assert "Harold Finchley" in called[0] and "booked for" in text and "Harold Finchley" in text


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("how", ["responseSchema", "responseJsonSchema"])
def test_an_answer_that_must_be_a_document_is_one(office, google, streamed, how):
    """Types and forms are those of the schema, and what JSON must escape is escaped."""
    schema = {"type": "object", "properties": {"mrn": {"type": "integer"}, "dob": {"type": "string", "format": "date"},
                                               "name": {"type": "string"}}}
    seen = {}

    def answer(arrival):
        said = last_user(arrival)
        mrn, dob = said.split("MRN ")[1].split(",")[0], said.split("DOB ")[1].split(".")[0]
        seen.update(mrn=mrn, dob=dob)
        text = json.dumps({"mrn": int(mrn), "dob": dob, "name": surrogates(said)[0]})
        return say(text, arrival)

    office.acme.answer = answer
    form = {"response_json_schema": schema} if how == "responseJsonSchema" else {"response_schema": schema}
    config = {"response_mime_type": "application/json", **form}
    said = 'For the patient with MRN 48213377, DOB 1957-03-14. Patient name: Harold "Harry" Finchley'
    if streamed:
        chunks = google.models.generate_content_stream(model="acme-large", contents=said, config=config)
        text = "".join(chunk.text or "" for chunk in chunks)
    else:
        text = ask(google, said, **config).text
    given = json.loads(text)
    assert (given["mrn"], given["dob"]) == (48213377, "1957-03-14") and "Har" in given["name"]
    assert seen["mrn"] != "48213377" and seen["dob"] != "1957-03-14"


def test_tokens_are_counted(office, google):
    assert google.models.count_tokens(model="acme-large", contents=ASK).total_tokens == 31
    assert office.acme.last().path == "/v1/models/acme-large:countTokens"


# embeddings


def test_embeddings(office, google):
    """A vector can't be restored: the class stands for the value, the same each time."""
    answer = google.models.embed_content(model="acme-large", contents=[ASK, "Hello"],
                                         config={"output_dimensionality": 3, "task_type": "RETRIEVAL_QUERY"})
    assert answer.embeddings[0].values == [0.25, -0.5, 1e-3] and len(answer.embeddings) == 2
    sent = json.dumps(office.acme.last().json)
    assert "Mr. [NAME] (MRN [MRN], DOB [DATE], SSN [SSN], phone [PHONE])" in sent and surrogates(sent) == []


def test_one_embedding_and_what_the_record_says_of_it(office):
    reply = office.house.call("/v1beta/models/acme-large:embedContent", {"content": {"parts": [{"text": ASK}]}},
                              office.scribe)
    assert reply.json["embedding"]["values"] == [0.25, -0.5, 1e-3]
    assert reply.headers["chaperon-action"] == "permit"
    assert "[NAME]" in office.acme.last().body.decode()
    [entry] = [one for one in office.house.entries(50)
               if reply.exchange in json.dumps(one) and "redact" in json.dumps(one)]
    assert '"NAME": "redact"' in json.dumps(entry)


# refusals and failures


def test_models(google):
    collection = "publishers/google/models" if google.vertexai else "models"
    assert f"{collection}/acme-large" in {model.name for model in google.models.list()}
    assert google.models.get(model="acme-large").name == f"{collection}/acme-large"
    with pytest.raises(errors.ClientError, match="model-unknown"):
        google.models.get(model="nobody-1")


@pytest.mark.parametrize("config, code", [
    ({"tools": [types.Tool(google_search=types.GoogleSearch())]}, "hosted-tool"),
    ({"tools": [types.Tool(code_execution=types.ToolCodeExecution())]}, "hosted-tool"),
    ({"tools": [types.Tool(url_context=types.UrlContext())]}, "external-url"),
    ({"cached_content": "cachedContents/c-1"}, "vendor-state"),
    ({"response_modalities": ["AUDIO"]}, "unscannable"),
    ({"response_modalities": ["TEXT", "IMAGE"]}, "unscannable"),
])
def test_what_no_agreement_names_is_refused(office, gemini, config, code):
    with pytest.raises(errors.ClientError) as refused:
        ask(gemini, "Hello", **config)
    assert (refused.value.code, refused.value.status) == (403, "PERMISSION_DENIED")
    assert code in str(refused.value) and "45 CFR" in refused.value.message
    assert office.nothing_left()


@pytest.mark.parametrize("part", [
    types.Part.from_bytes(data=b"\x89PNG", mime_type="image/png"),
    types.Part.from_bytes(data=b"%PDF", mime_type="application/pdf"),
    types.Part.from_uri(file_uri="gs://bucket/scan", mime_type="application/pdf"),
], ids=["image", "file", "address"])
def test_what_can_not_be_scanned_is_refused(office, gemini, part):
    with pytest.raises(errors.ClientError) as refused:
        ask(gemini, ["What is it?", part])
    assert refused.value.code == 403 and office.nothing_left()


def test_errors_are_of_the_proper_types(office, google):
    for more, code, word in (({"model": "no-such"}, 404, "NOT_FOUND"), ({"model": "bargain-1"}, 403, "PERMISSION_DENIED")):
        with pytest.raises(errors.ClientError) as refused:
            ask(google, **more)
        assert (refused.value.code, refused.value.status) == (code, word)
    detail = refused.value.details["error"]["details"][0]
    assert (detail["reason"], detail["domain"]) == ("AGREEMENT_MISSING", "chaperon")
    for status, kind, word in ((429, errors.ClientError, "RESOURCE_EXHAUSTED"), (503, errors.ServerError, "UNAVAILABLE"),
                               (400, errors.ClientError, "FAILED_PRECONDITION")):
        office.acme.answer = lambda arrival, status=status, word=word: Answer(
            dump({"error": {"code": status, "status": word, "message": HAROLD}}), status)
        with pytest.raises(kind) as failed:
            ask(google)
        assert (failed.value.code, failed.value.status) == (status, word)
        assert "Finchley" not in str(failed.value)


def test_a_wrong_key_is_refused(office):
    for name, make in clients(office).items():
        with pytest.raises(errors.ClientError) as refused:
            ask(make("chp_wrong"))
        assert (refused.value.code, refused.value.status) == (401, "UNAUTHENTICATED"), name
    assert office.nothing_left()


@pytest.mark.parametrize("end", ["error", "cut"])
def test_a_stream_that_fails_raises(office, gemini, end):
    event = b"data: " + dump(content([{"text": "The plan"}], None)) + b"\r\n\r\n"
    failed = b"data: " + dump({"error": {"code": 503, "status": "UNAVAILABLE", "message": HAROLD}}) + b"\r\n\r\n"
    office.acme.answer = lambda arrival: Answer([event, failed if end == "error" else CUT], content_type=SSE)
    with pytest.raises(errors.ServerError) as raised:
        list(gemini.models.generate_content_stream(model="acme-large", contents="Hello"))
    assert raised.value.code in (502, 503) and "Finchley" not in str(raised.value)


def test_a_path_that_names_what_only_the_vendor_knows(office):
    for path in ("/v1beta/tunedModels/t-1:generateContent", "/v1/projects/p/locations/l/endpoints/7:generateContent"):
        reply = office.house.call(path, {"contents": []}, office.scribe)
        assert (reply.status, reply.code) == (400, "model-foreign")
    for path in ("/v1beta/files", "/upload/v1beta/files", "/v1beta/models/acme-large:batchGenerateContent"):
        reply = office.house.call(path, {}, office.scribe)
        assert reply.code == "path-unknown" and reply.json["error"]["status"] == "NOT_FOUND"
    body = {"contents": [{"parts": [{"text": "Hi"}]}],
            "generationConfig": {"routingConfig": {"manualMode": {"modelName": "other"}}}}
    assert office.house.call("/v1beta/models/acme-large:generateContent", body, office.scribe).code == "model-foreign"
    assert office.nothing_left()


def test_a_key_in_the_address_is_refused_and_not_repeated(office):
    for path in ("/v1beta/models/acme-large:generateContent", "/v1beta/models", "/v1beta/models/acme-large:x"):
        body = {"contents": [{"parts": [{"text": "Hi"}]}]} if ":" in path else None
        reply = office.house.call(f"{path}?key={office.scribe}", body)
        assert reply.code == "key-in-address" and "x-goog-api-key" in reply.text
        assert leaks([office.scribe], {"answer": reply.body, "log": office.house.log().encode()}) == []
    assert office.nothing_left()


def test_a_stream_in_another_form_is_refused_by_name(office):
    body = {"contents": [{"parts": [{"text": "Hi"}]}]}
    reply = office.house.call("/v1beta/models/acme-large:streamGenerateContent", body, office.scribe)
    assert reply.code == "stream-form" and "alt=sse" in reply.text and office.nothing_left()


def test_one_field_in_two_spellings_is_refused(office):
    body = {"contents": [{"parts": [{"text": "Hi"}]}], "systemInstruction": {"parts": [{"text": "a"}]},
            "system_instruction": {"parts": [{"text": HAROLD}]}}
    reply = office.house.call("/v1beta/models/acme-large:generateContent", body, office.scribe)
    assert reply.code == "json-duplicate-key" and office.nothing_left()


def test_pieces_of_any_size(office, gemini):
    for size in (1, 2, 7, 1000):
        office.acme.answer = lambda arrival, size=size: generate_stream(pieces_of(f"It is {last_user(arrival)}", size))
        chunks = list(gemini.models.generate_content_stream(model="acme-large", contents=ASK))
        assert "".join(chunk.text or "" for chunk in chunks) == f"It is {ASK}"
