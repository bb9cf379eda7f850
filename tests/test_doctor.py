"""`chaperon doctor`: each thing that may be wrong with a machine, broken on purpose."""

import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from base64 import b64encode

import pytest

from house.patients import HAROLD
from house.server import CHAPERON, House, wait_for

pytestmark = pytest.mark.sqlite


def examined(house: House, *wrapper: str) -> tuple[dict[str, dict], int]:
    """What the doctor finds by name, and its exit code."""
    command = [*wrapper, str(CHAPERON), "--config", str(house.home / "chaperon.toml"), "doctor", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=house.home, env=house.environment)
    report = json.loads(done.stdout)
    found = {finding["what"]: finding for finding in report["findings"]}
    assert report["verdict"] == max((one["state"] for one in found.values()), key=["ok", "warn", "fail"].index)
    assert all(one.get("help") for one in found.values() if one["state"] != "ok"), "each says what to do"
    return found, done.returncode


def rewrite(house: House, **settings: str) -> None:
    """Further lines at the end of the configuration."""
    path = house.home / "chaperon.toml"
    path.write_text(path.read_text() + "".join(f"[{table}]\n{lines}\n" for table, lines in settings.items()))


@pytest.fixture
def house(tmp_path, database):
    """With an engagement and nothing else."""
    made = House(tmp_path / "house")
    made.do("engagement", "add", "mercy", "--title", "Letters", "--covered-entity", "mercy-hospital")
    yield made
    if made.process and made.process.poll() is None:
        made.kill()


def test_a_house_in_order_is_told_so(house):
    found, code = examined(house)
    assert code == 0
    assert {what for what, one in found.items() if one["state"] != "ok"} <= {"disk"}, found
    assert {"configuration", "data directory", "disk", "keyring", "database", "record", "clock", "listener",
            "open files", "core dumps"} == found.keys()
    told = house.run("doctor")
    assert told.returncode == 0 and "keyring" in told.stdout


def test_a_house_that_is_not_there_yet_can_be_started(tmp_path, database):
    found, code = examined(House(tmp_path / "new"))
    assert code == 0 and found["data directory"]["state"] == "warn"
    assert not (tmp_path / "new/data").exists(), "the doctor makes nothing"


def test_a_running_house_is_asked(house):
    assert house.run("doctor", "--ready").returncode == 5, "none answers"
    house.start()
    assert house.run("doctor", "--ready").returncode == 0
    found, code = examined(house)
    assert (code, found["server"]["state"]) == (0, "ok")
    assert "are open" in found["open files"]["detail"], "the server's own count"
    (house.home / "chaperon.toml").write_text(
        (house.home / "chaperon.toml").read_text().replace(str(house.port), "1"))
    found, code = examined(house)
    assert (code, found["server"]["state"]) == (0, "warn") and "listens on" in found["server"]["detail"]


def test_what_is_found_names_nobody(new_office, database):
    office = new_office()
    office.house.start()
    office.chat(HAROLD)
    shown = office.house.run("doctor").stdout + office.house.run("doctor", "--json").stdout
    for value in ("Finchley", "48213377", "mercy", "acme", "scribe", "chp_", "sk-vendor"):
        assert value not in shown


# one thing broken at a time, in a house that does not run


def open_directory(house):
    house.data.chmod(0o750)


def open_segment(house):
    next((house.data / "journal/segments").iterdir()).chmod(0o644)


def other_owner(house):
    os.chown(house.data / "chaperon.db", 65532, 65532)


def no_keyring(house):
    shutil.rmtree(house.data / "keys")


def other_root(house):
    (house.data / "keys/root.key").write_bytes(b64encode(secrets.token_bytes(32)))


def open_root(house):
    (house.data / "keys/root.key").chmod(0o604)


def no_database(house):
    (house.data / "chaperon.db").unlink()


def damaged_database(house):
    raw = bytearray((house.data / "chaperon.db").read_bytes())
    raw[4096:8192] = secrets.token_bytes(4096)
    (house.data / "chaperon.db").write_bytes(raw)


def newer_schema(house):
    with sqlite3.connect(house.data / "chaperon.db") as database:
        database.execute("INSERT INTO schema_version (version) VALUES (99)")


def altered_record(house):
    path = max((house.data / "journal/segments").iterdir())
    raw = bytearray(path.read_bytes())
    raw[60] ^= 1
    path.write_bytes(raw)


def no_secret(house):
    rewrite(house, root='passphrase = { env = "CHAPERON_TEST_NOWHERE" }')


def no_certificate(house):
    rewrite(house, tls='certificate = "nowhere.pem"\nkey = "nowhere.key"')


def no_authorities(house):
    rewrite(house, upstream='trust = "nowhere.pem"')


@pytest.mark.parametrize("broken, what, told, code", [
    (open_directory, "data directory", "chmod", 1),
    (open_segment, "data directory", "chmod", 1),
    pytest.param(other_owner, "data directory", "chown", 1,
                 marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")),
    (no_keyring, "keyring", "put the keyring back", 1),
    (other_root, "keyring", "does not open the keyring", 1),
    (open_root, "keyring", "chmod 600", 1),
    (no_database, "database", "could not be opened", 1),
    (damaged_database, "database", "", 1),
    (newer_schema, "database", "run the version that wrote it", 1),
    (altered_record, "record", "compare it with a checkpoint", 4),
    (no_secret, "configuration", "CHAPERON_TEST_NOWHERE", 6),
    (no_certificate, "certificate", "nowhere", 6),
    (no_authorities, "authorities", "nowhere", 6),
], ids=lambda value: value.__name__ if callable(value) else "")
def test_what_is_broken_is_found(house, broken, what, told, code):
    broken(house)
    found, ended = examined(house)
    assert (found[what]["state"], ended) == ("fail", code), found
    assert told in found[what]["detail"] + found[what].get("help", "")
    # what is merely careless is started all the same, what a start makes anew, and pages that no start reads
    if broken not in (open_directory, open_segment, other_owner, no_database, damaged_database):
        with pytest.raises(AssertionError, match="ended at once"):
            house.start()


def test_an_older_database_is_not_brought_forward_by_looking(house):
    with sqlite3.connect(house.data / "chaperon.db") as database:
        database.execute("DELETE FROM schema_version WHERE version > 1")
    for _ in range(2):
        found, code = examined(house)
        assert (code, found["database"]["state"]) == (0, "warn")
        assert "schema 1" in found["database"]["detail"] and "copy" in found["database"]["help"]


def test_a_wrong_configuration_ends_with_its_own_code(house):
    rewrite(house, limits="body_byte = 5")
    assert house.run("doctor").returncode == 6


def test_an_address_that_is_taken(house):
    with socket.socket() as other:
        other.bind(("127.0.0.1", house.port))
        other.listen()
        found, code = examined(house)
    assert (found["listener"]["state"], code) == ("fail", 1)


@pytest.mark.parametrize("days, state, told", [(90, "ok", "until"), (5, "warn", "ends soon"), (-2, "fail", "ended")])
def test_certificates_end(house, authority, days, state, told):
    files = authority("one", days)
    rewrite(house, tls=f'certificate = "{files}/server.pem"\nkey = "{files}/server.key"')
    found, code = examined(house)
    assert (found["certificate"]["state"], code) == (state, int(state == "fail"))
    assert told in found["certificate"]["detail"]
    (files / "server.key").chmod(0o644)
    assert examined(house)[0]["certificate's key"]["state"] == "warn"
    shutil.copy(authority("two") / "server.key", files / "server.key")
    found, code = examined(house)
    assert (found["certificate"]["state"], code) == ("fail", 6), "the key of another certificate"


@pytest.mark.skipif(not shutil.which("faketime"), reason="faketime is not here")
@pytest.mark.parametrize("moment, told", [("-2d", "behind the newest entry"), ("2001-01-01 00:00:00", "before")])
def test_a_clock_that_is_behind(house, moment, told):
    found, code = examined(house, "faketime", "-f", moment)
    assert (found["clock"]["state"], code) == ("fail", 1)
    assert told in found["clock"]["detail"]


def test_too_few_open_files(house):
    found, code = examined(house, "prlimit", "--nofile=256:256")
    assert (found["open files"]["state"], code) == ("warn", 0)


def test_a_server_takes_the_open_files_that_it_may_have(house):
    house.start(wrapper=("prlimit", "--nofile=256:4096"))
    found, code = examined(house)
    assert (found["open files"]["state"], code) == ("ok", 0)
    assert "4096" in found["open files"]["detail"]


def own_mounts() -> bool:
    return subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not own_mounts(), reason="no mount namespaces here")
def test_a_disk_that_is_nearly_full(house):
    script = 'mount -t tmpfs -o size=32m,mode=700 none "$0" && exec "$@"'
    found, code = examined(house, "unshare", "-m", "sh", "-c", script, str(house.data))
    assert (found["disk"]["state"], code) == ("fail", 1)


def test_what_only_the_server_was_given_is_no_failure_beside_it(house):
    shutil.rmtree(house.data)
    rewrite(house, root='passphrase = { env = "CHAPERON_TEST_PASSPHRASE" }')
    house.environment["CHAPERON_TEST_PASSPHRASE"] = "correct horse battery staple"
    house.start()
    del house.environment["CHAPERON_TEST_PASSPHRASE"]
    # the port is open a moment before the admin socket
    wait_for(lambda: examined(house)[1] == 0)
    found, code = examined(house)
    assert (found["keyring"]["state"], found["configuration"]["state"], code) == ("warn", "warn", 0)
    house.stop()
    found, code = examined(house)
    assert (found["keyring"]["state"], found["configuration"]["state"], code) == ("fail", "fail", 6)


def can_trace() -> bool:
    return bool(shutil.which("strace")) and subprocess.run(["strace", "-o", "/dev/null", "true"],
                                                           capture_output=True).returncode == 0


@pytest.mark.skipif(not can_trace(), reason="strace can't trace here")
def test_a_record_that_can_not_be_written(new_office, database):
    """A server that refuses everything is alive, and not ready."""
    office = new_office()
    house = office.house
    house.start()
    tracer = subprocess.Popen(["strace", "-f", "-q", "-o", "/dev/null", "-p", str(house.process.pid),
                               "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO"], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: "TracerPid:\t0" not in open(f"/proc/{house.process.pid}/status").read())
        time.sleep(0.3)
        assert office.chat(HAROLD).code == "record-unavailable"
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(10)
    found, code = examined(house)
    assert (found["server"]["state"], code) == ("fail", 1)
    assert house.run("doctor", "--ready").returncode == 1
