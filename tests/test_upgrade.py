"""Upgrade and rollback: data of earlier versions, written by their own binaries (`released/make.py`)."""

import json
import os
import pathlib
import shutil
import signal
import sqlite3
import tarfile

import pytest

from house import vendors
from house.server import House
from house.upstream import Upstream
from released.make import AGREEMENT, SERVICE

pytestmark = [pytest.mark.sqlite, pytest.mark.skipif(not shutil.which("faketime"), reason="faketime is not here")]

RELEASED = pathlib.Path(__file__).parent / "released"
INTACT = 0


def at(hour: int) -> tuple[str, ...]:
    """On the day of the fixture, at this hour: conversations are forgotten after a day."""
    return "faketime", "-f", f"@2026-11-22 {hour}:00:00"


@pytest.fixture
def vendor():
    made = Upstream(vendors.echo)
    yield made
    made.close()


@pytest.fixture(params=[1, 2], ids=lambda schema: f"schema-{schema}")
def earlier(request, tmp_path, database):
    """A house whose data an earlier version left behind, and what it noted."""
    house = House(tmp_path)
    house.environment["TZ"] = "UTC"
    with tarfile.open(RELEASED / f"schema-{request.param}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="tar")
    notes = json.loads((tmp_path / "notes.json").read_text())
    yield house, {**notes, "schema": request.param}
    if house.process and house.process.poll() is None:
        end(house)


def end(house: House) -> None:
    """Asks the server to end, which is the child of the one that gave it its clock."""
    pid = house.process.pid
    [server] = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    os.kill(int(server), signal.SIGTERM)
    assert house.process.wait(40) == 0


def schema(house: House) -> int:
    with sqlite3.connect(house.data / "chaperon.db") as database:
        return database.execute("SELECT MAX(version) FROM schema_version").fetchone()[0]


def move_service(house: House, vendor: Upstream) -> None:
    """The vendor of the fixture is gone: its service moves to one that is there, and the agreement with it."""
    house.do(*SERVICE, "--endpoint", f"{vendor.url}/v1", "--replace", "--reason", "moved")
    house.do(*AGREEMENT, "--replace", "--reason", "moved")


def converse(house: House, notes: dict) -> tuple[int, str]:
    """Goes on with the conversation that the earlier version began."""
    messages = [{"role": "user", "content": notes["said"]}, {"role": "assistant", "content": notes["answered"]},
                {"role": "user", "content": "Shorter, please."}]
    reply = house.call("/v1/chat/completions", {"model": "acme-large", "messages": messages}, notes["key"])
    return reply.status, reply.text


def test_an_upgrade_takes_everything_along(earlier, vendor):
    """Keys, registers, record and conversations of an earlier schema, under the binary of today."""
    house, notes = earlier
    assert house.verify().returncode == INTACT
    before = shutil.copy(house.data / "journal/checkpoint", house.home / "before")
    assert schema(house) == notes["schema"]
    told = json.loads(house.run("doctor", "--json").stdout)["findings"]
    [database] = [finding for finding in told if finding["what"] == "database"]
    assert database["state"] == "warn" and f"schema {notes['schema']}," in database["detail"], "said before it happens"
    house.start(wrapper=at(20))
    assert schema(house) > notes["schema"]
    move_service(house, vendor)
    status, text = converse(house, notes)
    assert status == 200, text
    [arrival] = vendor.arrivals
    assert json.loads(arrival.body)["messages"][0]["content"] == notes["received"], "the surrogates of before"
    assert "permit" in json.dumps(house.do("explain", notes["exchange"]))
    end(house)
    done = house.verify("--checkpoint", before)
    assert done.returncode == INTACT, done.stdout + done.stderr


def test_a_rollback_puts_the_database_back_and_keeps_the_record(earlier, vendor):
    house, notes = earlier
    copy = house.home / "before.db"
    shutil.copy(house.data / "chaperon.db", copy)
    house.start(wrapper=at(20))
    move_service(house, vendor)
    assert converse(house, notes)[0] == 200
    end(house)
    frames = len(house.entries())
    for name in ("chaperon.db", "chaperon.db-wal", "chaperon.db-shm"):
        (house.data / name).unlink(missing_ok=True)
    shutil.copy(copy, house.data / "chaperon.db")
    assert schema(house) == notes["schema"]
    # what an earlier binary does with it is the test above: here, that database and record still belong together
    house.start(wrapper=at(22))
    assert len(house.entries()) > frames, "nothing of the record went back"
    move_service(house, vendor)
    assert converse(house, notes)[0] == 200
    end(house)
    assert house.verify().returncode == INTACT


def test_data_of_a_later_version_is_refused_and_left_as_it_is(earlier):
    """What an earlier binary does after an upgrade: it says so, and touches nothing."""
    house, _ = earlier
    with sqlite3.connect(house.data / "chaperon.db") as database:
        database.execute("INSERT INTO schema_version (version) VALUES (99)")
    database.close()
    kept = {path: path.read_bytes() for path in [house.data / "chaperon.db", *house.data.glob("journal/segments/*")]}
    for command in (("serve",), ("engagement", "list"), ("check",)):
        done = house.run(*command)
        told = done.stdout + done.stderr
        assert done.returncode in (1, 7) and "schema version 99" in told, told
    assert "run the version that wrote it" in house.run("serve").stderr
    assert {path: path.read_bytes() for path in [house.data / "chaperon.db",
                                                 *house.data.glob("journal/segments/*")]} == kept
