"""Bodies that two readers could read differently, or that cost more than they weigh: on every endpoint."""

import copy
import gzip
import json
import re
import time
import zlib

import pytest
from conftest import furnished
from test_positions import CHAT, CONVERSATIONS, ENDPOINTS, GEMINI, PLANTED, VALUE, saying

from house.leaks import leaks

pytestmark = pytest.mark.sqlite

VERSION = {"anthropic-version": "2023-06-01"}


def send(office, endpoint: str, raw: bytes, **headers):
    return office.house.call(endpoint, key=office.scribe, raw=raw, headers={**VERSION, **headers})


def refused(office, endpoint: str, raw: bytes, *codes: str, **headers) -> None:
    reply = send(office, endpoint, raw, **headers)
    assert 400 <= reply.status < 500 and reply.code in codes, (endpoint, raw[:2000], reply.text)
    assert office.nothing_left()
    assert leaks([VALUE], {"refusal": reply.body + str(reply.headers).encode()}) == []


# keys that come twice

SPELT = {
    "same": lambda key: json.dumps(key),
    "escaped": lambda key: '"' + "".join(f"\\u{ord(c):04x}" for c in key) + '"',
    "ESCAPED": lambda key: '"' + "".join(f"\\u{ord(c):04X}" for c in key) + '"',
    "one-escaped": lambda key: json.dumps(key)[:-2] + f'\\u{ord(key[-1]):04x}"',
}


def objects(value, path=()):
    """Every object with a member, by its path."""
    if isinstance(value, dict) and value:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in inside:
        yield from objects(inner, (*path, step))


def written(value, place, spelt, first: bool) -> str:
    """JSON in which the object at `place` holds one of its keys again, with another value."""
    if place is None or not isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, list):
        return "[" + ",".join(written(one, place[1:] if place[:1] == (at,) else None, spelt, first)
                              for at, one in enumerate(value)) + "]"
    members = [f"{json.dumps(key)}:" + written(one, place[1:] if place[:1] == (key,) else None, spelt, first)
               for key, one in value.items()]
    if not place:
        twin = f"{spelt(list(value)[0 if first else -1])}:{json.dumps(PLANTED)}"
        members = [twin, *members] if first else [*members, twin]
    return "{" + ",".join(members) + "}"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_no_object_holds_a_key_twice(office, endpoint):
    """Of two, one would be scanned and the other read."""
    body = ENDPOINTS[endpoint]
    for place in objects(body):
        for way, spelt in SPELT.items():
            raw = written(body, place, spelt, first=way in ("same", "ESCAPED"))
            assert json.loads(raw) is not None
            refused(office, endpoint, raw.encode(), "json-duplicate-key")


@pytest.mark.parametrize("endpoint", [path for path, body in ENDPOINTS.items() if body is GEMINI])
@pytest.mark.parametrize("place", [(), ("generationConfig",), ("tools", 0, "functionDeclarations", 0, "parameters"),
                                   ("contents", 2, "parts", 0), ("toolConfig",),
                                   ("toolConfig", "functionCallingConfig")],
                         ids=lambda place: "/".join(map(str, place)) or "body")
def test_no_member_is_given_in_both_of_its_spellings(office, endpoint, place):
    body = copy.deepcopy(GEMINI)
    around = body
    for step in place:
        around = around[step]
    for key in [key for key in around if re.search("[A-Z]", key) and key != "futureField"]:
        twin = re.sub("[A-Z]", lambda c: f"_{c[0].lower()}", key)
        around[twin] = around[key]
        refused(office, endpoint, json.dumps(body).encode(), "json-duplicate-key")
        del around[twin]


def form(*fields: tuple[str, str]) -> bytes:
    parts = [f"--X\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n" for head, text in fields]
    return ("".join(parts) + "--X--\r\n").encode()


@pytest.mark.parametrize("again", ['name="prompt"', "name=prompt", 'NAME="prompt"', 'name="prompt"; filename="p.txt"',
                                   'name="prompt"\r\nContent-Type: text/plain; charset=utf-16le', 'name="Prompt"',
                                   'name="prompt "', 'name="pr\u043empt"', 'name="prompt"; name="model"',
                                   'name="model"'])
@pytest.mark.parametrize("path", ["/v1/audio/transcriptions", "/v1/audio/translations"])
def test_no_field_of_a_form_comes_twice(office, path, again):
    raw = form(('name="model"', "acme-large"), ('name="prompt"', "Hello"), (again, PLANTED),
               ('name="file"; filename="a.wav"', "RIFF"))
    reply = office.house.call(path, key=office.scribe, raw=raw, method="POST",
                              headers={"Content-type": "multipart/form-data; boundary=X"})
    assert (reply.status, reply.code) == (400, "request-malformed"), reply.text
    assert office.nothing_left()


# keys that look like others

LOOK = {
    "cyrillic": lambda key: key.translate(str.maketrans("aeopcsxy", "аеорсѕху")),
    "full-width": lambda key: "".join(chr(ord(c) + 0xfee0) if c.isalnum() else c for c in key),
    "zero-width": lambda key: key[:2] + "\u200b" + key[2:],
    "soft-hyphen": lambda key: key[:2] + "\u00ad" + key[2:],
    "byte-order-mark": lambda key: "\ufeff" + key,
    "accent": lambda key: key + "\u0301",
    "nul": lambda key: key + "\x00",
    "space": lambda key: key + " ",
    "tab": lambda key: "\t" + key,
    "tags": lambda key: key + "".join(chr(0xe0000 + ord(c)) for c in "x"),
    "pointer": lambda key: "/" + key,
    "dotted": lambda key: key + ".0",
    "brackets": lambda key: key + "[]",
    "escape": lambda key: "".join(f"\\u{ord(c):04x}" for c in key),
}
CASE = {
    "capital": lambda key: key[0].upper() + key[1:],
    "capitals": str.upper,
    "last-capital": lambda key: key[:-1] + key[-1].upper(),
    "long-s-and-kelvin": lambda key: key.replace("s", "\u017f").replace("k", "\u212a"),
}


@pytest.mark.parametrize("look", LOOK)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_key_that_looks_like_another_is_content(office, endpoint, look):
    """Whoever folds what it looks like reads no more than was scanned: every field that nobody knows is."""
    body = ENDPOINTS[endpoint]
    shapes = (PLANTED, [{"role": "user", "content": [{"text": PLANTED}]}], {"parts": [{"text": PLANTED}]})
    for planted in shapes:
        others = {LOOK[look](key): planted for key in body}
        assert not others.keys() & body.keys()
        for whole in ({**body, **others}, {**others, **body}):
            office.forget()
            reply = send(office, endpoint, json.dumps(whole).encode())
            assert leaks([VALUE], {"vendor": office.acme.captured()}) == []
            assert reply.status == 200, reply.text


# keys that no protocol has
UNKNOWN = {"x", "x_unknown", "futureField", "client_metadata"}


@pytest.mark.parametrize("case", CASE)
@pytest.mark.parametrize("endpoint", [path for path in ENDPOINTS if "beta1" not in path and "llama" not in path])
def test_a_key_in_another_case_is_refused(office, endpoint, case):
    """Some readers match keys whatever their case: what one takes for nothing is a setting to the other."""
    body = ENDPOINTS[endpoint]
    for key in body.keys() - UNKNOWN:
        twin = CASE[case](key)
        if twin != key:
            refused(office, endpoint, json.dumps({**body, twin: body[key]}).encode(), "json-duplicate-key")


@pytest.mark.parametrize("endpoint, member", [
    ("/v1/chat/completions", {"Store": True}), ("/v1/chat/completions", {"\u017ftore": True}),
    ("/v1/chat/completions", {"Model": "bargain-1"}), ("/v1/chat/completions", {"Stream": True}),
    ("/v1/chat/completions", {"Tools": [{"type": "web_search_preview"}]}),
    ("/v1/chat/completions", {"Web_Search_Options": {}}), ("/v1/chat/completions", {"Previous_Response_Id": "resp_1"}),
    ("/v1/responses", {"Background": True}), ("/v1/responses", {"Conversation": "conv_1"}),
    ("/v1/messages", {"MCP_Servers": [{"type": "url", "url": "https://a.example", "name": "a"}]}),
    ("/v1/messages", {"Container": "c"}), ("/v1beta/models/acme-large:generateContent", {"CachedContent": "c"}),
    ("/model/acme-claude/converse", {"PromptVariables": {}}), ("/v1/embeddings", {"Model": "bargain-1"}),
])
def test_no_setting_hides_behind_its_case(office, endpoint, member):
    refused(office, endpoint, json.dumps({**ENDPOINTS[endpoint], **member}).encode(), "json-duplicate-key")


# encodings

def seven(text: str) -> bytes:
    return text.replace("{", "+AHs-").replace("}", "+AH0-").replace('"', "+ACI-").encode()


ENCODED = {
    "utf-16": lambda text: text.encode("utf-16"), "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"), "utf-32": lambda text: text.encode("utf-32"),
    "utf-32-le": lambda text: text.encode("utf-32-le"), "utf-32-be": lambda text: text.encode("utf-32-be"),
    "utf-7": seven, "utf-8-sig": lambda text: text.encode("utf-8-sig"), "ebcdic": lambda text: text.encode("cp500"),
    "latin-1": lambda text: text.replace("Hello", "Caf\xe9").replace("A note.", "Caf\xe9").encode("latin-1"),
    "overlong-quote": lambda text: text.encode().replace(b'"', b"\xc0\xa2", 1),
    "overlong-text": lambda text: text.encode().replace(b"l", b"\xe0\x81\xac", 1),
    "utf-8-of-surrogates": lambda text: text.encode().replace(b"l", b"\xed\xa0\x80\xed\xb0\x80", 1),
    "above-unicode": lambda text: text.encode().replace(b"l", b"\xf4\x90\x80\x80", 1),
    "half-a-pair": lambda text: text.encode().replace(b"l", b"\\ud834", 1),
    "other-half": lambda text: text.encode().replace(b"l", b"\\udd1e", 1),
    "halves-turned-round": lambda text: text.encode().replace(b"l", b"\\udd1e\\ud834", 1),
    "odd-escape": lambda text: text.encode().replace(b"l", b"\\x6c", 1),
    "short-escape": lambda text: text.encode().replace(b"l", b"\\u6c ", 1),
    "braced-escape": lambda text: text.encode().replace(b"l", b"\\u{6c}", 1),
    "raw-control": lambda text: text.encode().replace(b"l", b"\x00", 1),
    "nan": lambda text: b'{"x":NaN,' + text.encode()[1:], "comment": lambda text: b"/**/" + text.encode(),
    "trailing-comma": lambda text: text.encode()[:-1] + b",}",
    "single-quotes": lambda text: text.encode().replace(b'"', b"'"),
    "two-documents": lambda text: text.encode() * 2, "lines": lambda text: text.encode() + b"\n" + text.encode(),
    "record-separator": lambda text: b"\x1e" + text.encode(), "nul-behind": lambda text: text.encode() + b"\x00",
    "unquoted-key": lambda text: b'{x:1,' + text.encode()[1:],
    "leading-zero": lambda text: b'{"x":01,' + text.encode()[1:],
}


@pytest.mark.parametrize("way", ENCODED)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_body_is_json_in_utf_8_and_nothing_else(office, endpoint, way):
    raw = ENCODED[way](json.dumps(ENDPOINTS[endpoint], ensure_ascii=False))
    for kind in ("application/json", f"application/json; charset={way}"):
        refused(office, endpoint, raw, "request-malformed", **{"content-type": kind})


KINDS = ["application/json; charset=utf-16", "application/json;charset=utf-7", "text/plain", "application/xml",
         "multipart/form-data; boundary=X", "application/x-www-form-urlencoded", "application/cbor",
         "application/grpc-web", "application/json, text/plain", "application/json; charset=\"utf-16\"; ssn=219-09-9962", "x"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("endpoint", CONVERSATIONS)
def test_no_content_type_changes_how_a_body_is_read(office, endpoint, kind):
    """It is read as JSON in UTF-8, and that is what the vendor is told."""
    raw = json.dumps(saying(endpoint, f"Please note: {PLANTED}")).encode()
    reply = send(office, endpoint, raw, **{"content-type": kind})
    assert reply.status == 200, reply.text
    assert office.acme.last().header("content-type") == "application/json"
    assert leaks([VALUE], {"vendor": office.acme.captured()}) == []


# bombs

@pytest.fixture(scope="module")
def small(tmp_path_factory, database):
    """A house that takes little: 64 KB, twenty levels."""
    made = furnished(tmp_path_factory.mktemp("small"), database, settings="[limits]\nbody_bytes = 65536\ndepth = 20\n")
    made.house.start()
    yield made
    made.house.stop()


@pytest.fixture
def tight(small):
    small.forget()
    return small


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


# what the first bytes of each format say
ZSTD, BROTLI, XZ = b"\x28\xb5\x2f\xfd\x24\x02\x11\x00\x00{}\x63\x8a\x5e\x20", b"\x8b\x00\x80{}\x03", b"\xfd7zXZ\x00"
PACKED = {
    "deflate": zlib.compress, "x-gzip": gzip.compress, "compress": lambda data: b"\x1f\x9d\x90" + data,
    "br": lambda data: BROTLI, "zstd": lambda data: ZSTD, "xz": lambda data: XZ, "aws-chunked": lambda data: data,
    "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)), "gzip,identity": gzip.compress,
    "identity, gzip": gzip.compress,
    "gzip;q=1": gzip.compress, "*": gzip.compress, "utf-16": lambda data: data.decode().encode("utf-16"),
    "": gzip.compress,
}


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_packing_that_is_not_undone_here_is_refused(tight, endpoint, coding):
    raw = PACKED[coding](json.dumps(ENDPOINTS[endpoint]).encode())
    refused(tight, endpoint, raw, "encoding-unsupported", **{"content-encoding": coding})


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_packed_bodies_end_at_the_cap_and_are_unpacked_once(tight, endpoint):
    body = ENDPOINTS[endpoint]
    packed = {"content-encoding": "gzip"}
    bomb = gzip.compress(json.dumps({**body, "x_long": "0" * 20_000_000}).encode())
    assert len(bomb) < 65536
    refused(tight, endpoint, bomb, "body-too-large", **packed)
    just = gzip.compress(json.dumps({**body, "x_long": "a " * 33000}).encode())
    refused(tight, endpoint, just, "body-too-large", **packed)
    plain = json.dumps(body).encode()
    for odd in (gzip.compress(gzip.compress(plain)), gzip.compress(b""), b"", plain, gzip.compress(plain)[:-9],
                gzip.compress(plain)[:-8] + b"\0" * 8, zlib.compress(plain), raw_deflate(plain), gzip.compress(bomb)):
        refused(tight, endpoint, odd, "request-malformed", **packed)
    assert send(tight, endpoint, gzip.compress(plain), **packed).status == 200


def test_what_follows_a_packed_body_is_never_read(tight):
    """A second member of gzip (RFC 1952, 2.2) is a part of the text to some and nothing to others."""
    whole = gzip.compress(json.dumps({**CHAT, "messages": [{"role": "user", "content": "Hello"}]}).encode())
    for rest in (gzip.compress(PLANTED.encode()), PLANTED.encode()):
        reply = send(tight, "/v1/chat/completions", whole + rest, **{"content-encoding": "gzip"})
        assert reply.status in (200, 400)
        assert leaks([VALUE], {"vendor": tight.acme.captured()}) == []


@pytest.mark.parametrize("open_, close", [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_depth_has_an_end_on_every_endpoint(tight, endpoint, open_, close):
    text = json.dumps(ENDPOINTS[endpoint])
    for levels in (21, 3000):
        raw = f'{text[:-1]},"x_deep":{open_ * levels}1{close * levels}}}'
        refused(tight, endpoint, raw.encode(), "body-too-deep")
    refused(tight, endpoint, f'{text[:-1]},"x_deep":{open_ * 5000}'.encode(), "body-too-deep")


@pytest.mark.parametrize("endpoint", CONVERSATIONS)
def test_documents_in_texts_have_an_end_too(tight, endpoint):
    """Deep ones, many in each other, and ones that only begin: text, replaced as text is."""
    for text in ("[" * 9000, '{"a":' * 9000, "[" * 4000 + "1" + "]" * 4000, json.dumps("[" * 2000 + PLANTED),
                 '{"a":"' + '{\\"a\\":\\"' * 900 + PLANTED, "[" * 30 + json.dumps(PLANTED) + "]" * 30):
        tight.forget()
        reply = send(tight, endpoint, json.dumps(saying(endpoint, text)).encode())
        assert reply.status == 200 or (400 <= reply.status < 500 and tight.nothing_left()), reply.text
        assert leaks([VALUE], {"vendor": tight.acme.captured()}) == []


def test_many_values_and_many_keys_have_an_end(office):
    """A body within the cap whose parts outnumber what is kept of each; others are served meanwhile and after."""
    many = [b"[" + b"1," * 4_000_000 + b"1]", b"[" + b"[]," * 3_000_000 + b"[]]",
            b"{" + b",".join(b'"%x":0' % n for n in range(900_000)) + b"}",
            json.dumps("[" + "1," * 4_000_000 + "1]").encode()]
    for value in many:
        assert len(value) < 16 << 20
        started = time.monotonic()
        reply = send(office, "/v1/chat/completions",
                     b'{"model":"acme-large","messages":[{"role":"tool","tool_call_id":"c",'
                     b'"content":' + value + b"}]}")
        assert reply.status in (400, 403, 413), (reply.status, time.monotonic() - started)
        assert office.nothing_left()
        assert office.chat("Hello").status == 200
        office.forget()
