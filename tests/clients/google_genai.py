"""Google's client, as of the Gemini API.

The address has no version: the client adds `/v1beta`. Vertex AI's way is in [google.md](google.md).
"""

from asked import KEY, URL

# settings
from google import genai

client = genai.Client(api_key=KEY, http_options={"base_url": URL})
# end
from asked import AGAIN, ASK, BOOKING, UNCOVERED, Who, book, is_booked, is_echo, is_harold, is_vector, run

MODEL = "acme-large"


def plain():
    is_echo(client.models.generate_content(model=MODEL, contents=ASK).text)


def stream():
    is_echo("".join(chunk.text or "" for chunk in client.models.generate_content_stream(model=MODEL, contents=ASK)))


def tools():
    chat = client.chats.create(model=MODEL, config={"tools": [book]})
    for said in (BOOKING, AGAIN):
        is_booked(chat.send_message(said).text)


def structured():
    form = {"response_mime_type": "application/json", "response_schema": Who}
    is_harold(client.models.generate_content(model=MODEL, contents=BOOKING, config=form).parsed)


def embeddings():
    is_vector(client.models.embed_content(model=MODEL, contents=[ASK]).embeddings[0].values)


def refusal():
    client.models.generate_content(model=UNCOVERED, contents=ASK)


run(plain, stream, tools, structured, embeddings, refusal)
