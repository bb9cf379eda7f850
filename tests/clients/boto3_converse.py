"""Amazon's client for Bedrock, boto3.

The agent key is the session token; the other two may hold anything. Over TLS `AWS_BEARER_TOKEN_BEDROCK` may hold it
instead. Requests of `invoke_model` pass for Anthropic's models.
"""

from asked import KEY, URL

# settings
import boto3

client = boto3.client("bedrock-runtime", endpoint_url=URL, region_name="us-east-1", aws_access_key_id="any",
                      aws_secret_access_key="any", aws_session_token=KEY)
# end
from asked import AGAIN, ASK, BOOK_PARAMETERS, BOOKING, book, is_booked, is_echo, run

MODEL = "acme-claude"
SAID = [{"role": "user", "content": [{"text": ASK}]}]
TOOLS = {"tools": [{"toolSpec": {"name": "book", "description": "Books.", "inputSchema": {"json": BOOK_PARAMETERS}}}]}


def plain():
    is_echo(client.converse(modelId=MODEL, messages=SAID)["output"]["message"]["content"][0]["text"])


def stream():
    events = client.converse_stream(modelId=MODEL, messages=SAID)["stream"]
    is_echo("".join(event.get("contentBlockDelta", {}).get("delta", {}).get("text", "") for event in events))


def tools():
    history = []
    for said in (BOOKING, AGAIN):
        history.append({"role": "user", "content": [{"text": said}]})
        message = client.converse(modelId=MODEL, messages=history, toolConfig=TOOLS)["output"]["message"]
        [used] = [part["toolUse"] for part in message["content"] if "toolUse" in part]
        result = {"toolUseId": used["toolUseId"], "content": [{"text": book(**used["input"])}]}
        history += [message, {"role": "user", "content": [{"toolResult": result}]}]
        message = client.converse(modelId=MODEL, messages=history, toolConfig=TOOLS)["output"]["message"]
        is_booked(message["content"][0]["text"])
        history.append(message)


def refusal():
    client.converse(modelId="bargain-claude", messages=SAID)


run(plain, stream, tools, refusal)
