"""What the scripts of this folder share. `SCRIPT URL KEY NOTE` reads the names of checks from its input, one a line, and
answers each with a line of JSON: `ok`, and what a refusal raised or how the check failed.
"""

import asyncio
import inspect
import json
import sys
import traceback

from pydantic import BaseModel

URL, KEY, NOTE = sys.argv[1:4]
ASK = f"Summarise: {NOTE}."
ECHO = f"You said: {ASK}"
BOOKING = "Book a visit for Mr. Harold Finchley."
AGAIN = "Once more for Mr. Harold Finchley."
BOOKED = "Harold Finchley at 9"
UNCOVERED = "bargain-1"


class Who(BaseModel):
    """Who it is about."""

    who: str


def book(who: str) -> str:
    """Books a visit."""
    assert "Harold Finchley" in who, who
    return f"Booked for {who} at 9."


BOOK_PARAMETERS = {"type": "object", "properties": {"who": {"type": "string"}}, "required": ["who"]}


def is_echo(text) -> None:
    assert text == ECHO, text


def is_booked(text: str) -> None:
    assert BOOKED in text, text


def is_harold(found) -> None:
    assert "Harold Finchley" in found.who, found


def is_vector(vector) -> None:
    assert len(vector) == 3 and abs(vector[1]) in (0.25, 0.5), vector


def run(*checks) -> None:
    """Runs the checks that are asked for, in one event loop."""
    known = {check.__name__: check for check in checks}
    with asyncio.Runner() as loop:
        for line in sys.stdin:
            told = _told(known[line.strip()], loop)
            print("@" + json.dumps(told), flush=True)


def _told(check, loop: asyncio.Runner) -> dict:
    refuses = check.__name__ == "refusal"
    try:
        done = check()
        if inspect.isawaitable(done):
            loop.run(_whole(done))
    except Exception as error:
        kind = getattr(error, "told_as", f"{type(error).__module__.split('.')[0]}.{type(error).__qualname__}")
        if refuses and "agreement-missing" in str(error) and "45 CFR" in str(error):
            return {"ok": True, "raised": kind}
        return {"ok": False, "why": traceback.format_exc()}
    return {"ok": not refuses, "why": "it was not refused"}


async def _whole(awaitable):
    return await awaitable
