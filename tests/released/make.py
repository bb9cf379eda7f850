"""Makes a fixture of a release: what its own binary leaves behind, for later versions to open.

    CHAPERON_BIN=OLD/chaperon python tests/released/make.py tests/released/schema-N.tar.xz

Made once for each schema of the database, with the binary of the last commit before the next one. The archive holds
`data/` of a house on SQLite after one exchange, root key and all, and `notes.json`: the agent's key, the exchange, what
was said and what the vendor received. All of it is invented; nothing of it is used anywhere else.
"""

import json
import pathlib
import sys
import tarfile
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from house import vendors  # noqa: E402
from house.patients import HAROLD  # noqa: E402
from house.server import House  # noqa: E402
from house.upstream import Upstream  # noqa: E402

SERVICE = ("service", "add", "acme-api", "--vendor", "acme", "--model", "acme-large", "--region", "us",
           "--retention", "zero")
AGREEMENT = ("agreement", "add", "acme-baa", "--vendor", "acme", "--effective", "2026-01-01", "--no-training",
             "--retention", "zero", "--region", "us", "--scope", "acme-api")


def main(archive: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory() as home:
        house, vendor = House(pathlib.Path(home)), Upstream(vendors.echo)
        house.do("engagement", "add", "mercy", "--title", "Letters", "--covered-entity", "mercy-hospital", "--activate")
        house.do("vendor", "add", "acme", "--legal-name", "Acme LLM, Inc.")
        house.do(*SERVICE, "--endpoint", f"{vendor.url}/v1")
        house.do("service", "credential", "acme-api", stdin="sk-of-a-fixture\n")
        house.do(*AGREEMENT)
        key = house.do("agent", "add", "scribe", "--title", "Scribe", "--workflow", "letters", "--purpose",
                       "treatment")["key"]
        house.start()
        said = f"Letter for {HAROLD}"
        reply = house.call("/v1/chat/completions", {"model": "acme-large", "messages": [
            {"role": "user", "content": said}]}, key)
        assert reply.status == 200, reply.text
        [arrival] = vendor.arrivals
        notes = {"key": key, "exchange": reply.exchange, "said": said, "answered": reply.said,
                 "received": json.loads(arrival.body)["messages"][0]["content"]}
        assert house.stop() == 0
        vendor.close()
        (house.home / "notes.json").write_text(json.dumps(notes, indent=1))
        with tarfile.open(archive, "w:xz") as out:
            for name in ("data", "notes.json"):
                out.add(house.home / name, name, filter=anonymous)


def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Modes are kept, the name and number of who made it are not."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return None if member.name.endswith((".sock", "/lock")) else member


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
