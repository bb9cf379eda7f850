"""Searches for a value in every form in which it may have slipped out."""

import base64
import pathlib
import urllib.parse


def forms(value: str) -> dict[str, bytes]:
    """The forms that are searched for, each long enough not to be found by chance."""
    raw = value.encode()
    found = {
        "plain": raw,
        "json": "".join(f"\\u{ord(c):04x}" for c in value).encode(),
        "JSON": "".join(f"\\u{ord(c):04X}" for c in value).encode(),
        "percent": urllib.parse.quote(value, safe="").encode(),
        "plus": urllib.parse.quote_plus(value).encode(),
        "every-percent": "".join(f"%{byte:02x}" for byte in raw).encode(),
        "every-PERCENT": "".join(f"%{byte:02X}" for byte in raw).encode(),
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "utf-16-le": value.encode("utf-16-le"),
        "utf-16-be": value.encode("utf-16-be"),
    }
    for shift in range(3):
        # the characters that depend on neighbours are cut off at both ends
        text = base64.b64encode(b"\0" * shift + raw).decode()
        core = text[(0, 2, 3)[shift]:len(text) // 4 * 4 - 4]
        if len(core) >= 6:
            found[f"base64-{shift}"] = core.encode()
            found[f"base64url-{shift}"] = core.replace("+", "-").replace("/", "_").encode()
    return found


def leaks(values: list[str], places: dict[str, bytes]) -> list[str]:
    """What was found where: `place: value (form)`; an empty list is what a test wants."""
    found = []
    for place, content in places.items():
        lowered = content.lower()
        for value in values:
            for form, needle in forms(value).items():
                # names leak in any case; for encoded forms case carries meaning
                hay, pin = (lowered, needle.lower()) if form == "plain" else (content, needle)
                if pin in hay:
                    found.append(f"{place}: {value} ({form})")
    return found


def folder(path: pathlib.Path) -> dict[str, bytes]:
    """Every file under `path` with what it holds, and its name, which could hold something too."""
    files = {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}
    names = "\n".join(str(file.relative_to(path)) for file in path.rglob("*"))
    return {**files, "(names of files)": names.encode()}
