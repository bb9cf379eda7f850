"""Signatures of AWS (version 4) as botocore, AWS's own client, computes them: the judge of ours.

`python tests/house/signatures.py` writes the vectors that `crates/egress` is tested with.
"""

import datetime
import json
import pathlib
import re

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "crates/egress/tests/signatures/botocore.json"
KEYS = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SESSION = "FwoGZXIvYXdzEXAMPLE//////////wEaDH+session=="
HOST = "https://bedrock-runtime.us-east-1.amazonaws.com"
MODEL_ARN = "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.anthropic.claude-v1%3A0"
CASES = [
    (f"{HOST}/openai/v1/chat/completions", "{}", False),
    (f"{HOST}/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse", '{"a":1}', True),
    (f"{HOST}/model/anthropic.claude-3-5-sonnet-20241022-v2:0/converse-stream", "", True),
    (f"{HOST}/model/{MODEL_ARN}/invoke-with-response-stream", "d\u00e9j\u00e0 vu", True),
    (f"{HOST}/model/a~b_c.d-e%20f%2Bg%21%27%28%29%2A/invoke", "x" * 5000, False),
    (f"{HOST}/model/a+b!c'd(e)f*g@h$i&j=k,l;m/invoke", "x", False),
    (f"{HOST}/model/m/invoke?b=2&a=1&a=0&empty=&space=%20x&colon=%3A", "x", True),
    ("https://vpce-1.bedrock-runtime.eu-central-1.vpce.amazonaws.com:8443/model/m%3A0/converse", "x", False),
    ("http://127.0.0.1:8080/model/m%3A0/converse", "x", True),
]
NOW = datetime.datetime(2026, 11, 22, 1, 9, 47, tzinfo=datetime.timezone.utc)
HEADERS = {"content-type": "application/json", "accept": "application/json", "accept-encoding": "identity",
           "x-amzn-bedrock-trace": "ENABLED"}


class _At(SigV4Auth):
    """A signer that signs at a given time and for given headers."""

    def __init__(self, session: bool, region: str, secret: str = KEYS[1], token: str | None = SESSION):
        super().__init__(Credentials(KEYS[0], secret, token if session else None), "bedrock", region)


def authorization(method: str, url: str, headers: dict[str, str], body: bytes, at: datetime.datetime, region: str,
                  session: bool, secret: str = KEYS[1], token: str | None = SESSION) -> str:
    """What `authorization` must hold for a request that was signed at a time."""
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    signer = _At(session, region, secret, token)
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    request.context["timestamp"] = stamp
    if session:
        del request.headers["X-Amz-Security-Token"]
        request.headers["X-Amz-Security-Token"] = token
    del request.headers["X-Amz-Date"]
    request.headers["X-Amz-Date"] = stamp
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    signed = signer.signed_headers(signer.headers_to_sign(request))
    return f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={signed}, Signature={signature}"


def signed_by(arrival, url: str, region: str, session: bool = False, **keys) -> bool:
    """Whether a request that arrived is signed, as botocore computes it over the headers that it names."""
    given = arrival.header("authorization") or ""
    named = re.search(r"SignedHeaders=([^,]+)", given)
    if not named or not {"host", "x-amz-date", "content-type"} <= set(named[1].split(";")):
        return False
    headers = {name: arrival.header(name) for name in named[1].split(";") if name != "host"}
    at = datetime.datetime.strptime(arrival.header("x-amz-date"), "%Y%m%dT%H%M%SZ")
    return given == authorization(arrival.method, url, headers, arrival.body, at, region, session, **keys)


def vectors() -> list[dict]:
    made = []
    for url, body, session in CASES:
        region = "eu-central-1" if "eu-central-1" in url else "us-east-1"
        made.append({"url": url, "body": body, "session": SESSION if session else None, "region": region,
                     "authorization": authorization("POST", url, HEADERS, body.encode(), NOW, region, session)})
    return [{"id": KEYS[0], "secret": KEYS[1], "now": int(NOW.timestamp() * 1000), "headers": HEADERS}, *made]


def written() -> str:
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    VECTORS.write_text(written())
