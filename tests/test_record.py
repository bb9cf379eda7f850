"""The record: durable before anything leaves, whole after any crash, and tampering shows."""

import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from house.patients import HAROLD
from house.server import VERIFY, wait_for
from house.upstream import Answer
from house.vendors import SSE, chat_event, echo

INTACT, USAGE, UNPROVEN, TAMPERED = 0, 2, 3, 4


def segments(house) -> list:
    return sorted((house.data / "journal" / "segments").glob("*.chj"))


def frames(path):
    """(start, end, kind) of each frame, read as the format page says."""
    raw = path.read_bytes()
    at = 0
    while raw[at:at + 4] == b"CHPJ":
        length = int.from_bytes(raw[at + 12:at + 16], "big")
        header = HEADER
        yield at, at + header + length + 4, raw[at + 5]
        at += header + length + 4


HEADER = 40


@pytest.fixture
def closed(new_office):
    """A house that served a few exchanges and was shut down."""
    office = new_office()
    office.house.start()
    for turn in range(5):
        assert office.chat(f"{turn}: {HAROLD}").status == 200
    assert office.house.stop() == 0
    return office


def test_a_journal_that_was_shut_down_is_intact(closed):
    done = closed.house.verify()
    assert done.returncode == INTACT, done.stdout + done.stderr
    assert "intact" in done.stdout
    assert closed.house.run("journal", "verify").returncode == INTACT


def test_each_exchange_has_an_opening_and_a_closing(closed):
    entries = closed.house.entries()
    told = json.dumps(entries)
    for word in ("acme-api", "scribe", "treatment", "mercy", "acme-large"):
        assert word in told, word
    for value in ("48213377", "Finchley", "219-09-9998"):
        assert value not in told
    by_exchange: dict[str, int] = {}
    for entry in entries:
        if exchange := find(entry, "exchange"):
            by_exchange[exchange] = by_exchange.get(exchange, 0) + 1
    assert sorted(by_exchange.values()) == [2] * 5, by_exchange


def find(entry, name: str):
    """The value under a key, however deep."""
    if isinstance(entry, dict):
        if name in entry:
            return entry[name]
        entry = list(entry.values())
    if isinstance(entry, list):
        for inner in entry:
            if (found := find(inner, name)) is not None:
                return found
    return None


def test_every_flipped_byte_is_tampering(closed, tmp_path):
    """A byte in each region of each frame of the newest segment; the library's own tests flip every one."""
    [*_, newest] = segments(closed.house)
    places = []
    for start, end, _kind in frames(newest):
        places += [start, start + 5, start + 12, start + 20, start + 30, start + HEADER, end - 5, end - 1]
    assert len(places) > 40
    for place in places[:: max(1, len(places) // 60)]:
        copy = tmp_path / f"copy-{place}"
        shutil.copytree(closed.house.data / "journal", copy)
        path = copy / "segments" / newest.name
        raw = bytearray(path.read_bytes())
        raw[place] ^= 0x10
        path.write_bytes(raw)
        done = subprocess.run([VERIFY, copy], capture_output=True, text=True)
        assert done.returncode == TAMPERED, (place, done.stdout, done.stderr)
        shutil.rmtree(copy)


@pytest.mark.parametrize("harm", ["cut", "drop", "swap", "extend", "old", "key", "signature"])
def test_other_ways_to_tamper(closed, harm):
    house = closed.house
    journal = house.data / "journal"
    [*_, newest] = segments(house)
    kept = (journal / "checkpoint").read_text()
    spans = list(frames(newest))
    raw = newest.read_bytes()
    if harm == "cut":
        newest.write_bytes(raw[: spans[len(spans) // 2][0]])
    elif harm == "drop":
        start, end, _ = spans[len(spans) // 2]
        newest.write_bytes(raw[:start] + raw[end:])
    elif harm == "swap":
        one, two = spans[-2], spans[-3]
        newest.write_bytes(raw[: two[0]] + raw[one[0]:one[1]] + raw[two[0]:two[1]] + raw[one[1]:])
    elif harm == "extend":
        newest.write_bytes(raw + raw[spans[-1][0]:spans[-1][1]])
    elif harm == "old":
        newest.unlink()
    elif harm == "key":
        vkey = next(journal.glob("*.vkey"))
        text = vkey.read_text().strip()
        vkey.write_text(text[:-6] + ("AAAAA=" if not text.endswith("AAAAA=") else "BBBBB=") + "\n")
    else:
        path = journal / "checkpoint"
        path.write_text(kept[:-8] + ("AAAA" if kept[-8:-4] != "AAAA" else "BBBB") + kept[-4:])
    done = house.verify()
    assert done.returncode in (TAMPERED, USAGE) if harm == "key" else done.returncode == TAMPERED, \
        (harm, done.returncode, done.stdout, done.stderr)


def test_a_checkpoint_kept_elsewhere_catches_a_rewritten_journal(closed, new_office, tmp_path):
    witnessed = tmp_path / "witnessed"
    shutil.copy(closed.house.data / "journal" / "checkpoint", witnessed)
    assert closed.house.verify("--checkpoint", witnessed).returncode == INTACT
    closed.house.start()
    closed.chat("More")
    closed.house.stop()
    assert closed.house.verify("--checkpoint", witnessed).returncode == INTACT, "it has only grown"
    other = new_office()
    other.house.start()
    other.chat("Something else")
    other.house.stop()
    assert other.house.verify().returncode == INTACT
    assert other.house.verify("--checkpoint", witnessed).returncode == TAMPERED


def test_what_is_no_journal(tmp_path):
    assert subprocess.run([VERIFY], capture_output=True).returncode == USAGE
    assert subprocess.run([VERIFY, tmp_path / "none"], capture_output=True).returncode == USAGE


def test_a_crash_in_the_middle_shows_as_interrupted(new_office):
    office = new_office()
    office.house.start()
    office.chat(HAROLD)
    office.acme.answer = lambda arrival: Answer([chat_event({"content": "The plan"}), 60], content_type=SSE)
    import threading

    def leave():
        try:
            office.chat(HAROLD, stream=True)
        except Exception:
            pass

    threading.Thread(target=leave, daemon=True).start()
    wait_for(lambda: len(office.acme.arrivals) == 2)
    office.house.kill()
    assert office.house.verify().returncode in (INTACT, UNPROVEN)
    office.acme.answer = echo
    office.house.start()
    assert office.chat("Hello again").status == 200
    office.house.stop()
    assert office.house.verify().returncode == INTACT
    assert '"outcome": "interrupted"' in json.dumps(office.house.entries())


def test_crashes_at_any_time_lose_nothing_that_was_answered(new_office):
    """Killed in the middle of traffic, several times: every answered exchange is on record, nothing is torn."""
    office = new_office()
    answered = []
    for round_ in range(4):
        office.house.start()
        for turn in range(3 + 2 * round_):
            answered.append(office.chat(f"{round_}.{turn} {HAROLD}").exchange)
        office.house.kill()
    office.house.start()
    office.house.stop()
    assert office.house.verify().returncode == INTACT
    told = json.dumps(office.house.entries())
    assert [exchange for exchange in answered if exchange not in told] == []


def test_a_torn_tail_is_cut_and_the_record_goes_on(new_office):
    office = new_office()
    office.house.start()
    office.chat(HAROLD)
    office.house.kill()
    [*_, newest] = segments(office.house)
    raw = newest.read_bytes().rstrip(b"\0")
    newest.write_bytes(raw + raw[: HEADER - 3])
    office.house.start()
    assert office.chat(HAROLD).status == 200
    office.house.stop()
    assert office.house.verify().returncode == INTACT


def test_a_journal_that_was_tampered_with_is_not_served_on(closed):
    [*_, newest] = segments(closed.house)
    spans = list(frames(newest))
    raw = bytearray(newest.read_bytes())
    raw[spans[1][0] + HEADER] ^= 1
    newest.write_bytes(raw)
    with pytest.raises(AssertionError, match="ended at once"):
        closed.house.start()


def trace_works() -> bool:
    if not shutil.which("strace"):
        return False
    done = subprocess.run(["strace", "-o", "/dev/null", "-e", "trace=fdatasync", "true"], capture_output=True)
    return done.returncode == 0


needs_trace = pytest.mark.skipif(not trace_works(), reason="strace can't trace here")


@needs_trace
@pytest.mark.parametrize("fault", ["fdatasync:error=EIO", "pwrite64,write,pwritev,writev:error=ENOSPC"],
                         ids=["sync-fails", "disk-full"])
def test_no_record_nothing_leaves(new_office, fault):
    office = new_office()
    office.house.start()
    assert office.chat(HAROLD).status == 200
    office.forget()
    calls = fault.split(":")[0]
    # a full disk hurts the files of the journal only, not the sockets
    paths = [f"--trace-path={path}" for path in segments(office.house)] if "ENOSPC" in fault else []
    tracer = subprocess.Popen(["strace", "-f", "-q", "-o", "/dev/null", "-p", str(office.house.process.pid),
                               "-e", f"trace={calls}", "-e", f"inject={fault}", *paths],
                              stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: traced(office.house.process.pid))
        time.sleep(0.3)
        reply = office.chat(HAROLD)
        assert (reply.status, reply.code) == (503, "record-unavailable"), reply.text
        assert office.nothing_left()
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(10)
    again = office.chat(HAROLD)
    assert again.status == 503, "a journal that failed once is not trusted again before a restart"
    assert office.nothing_left()
    assert office.house.call("/readyz").status == 503
    office.house.kill()
    office.house.start()
    assert office.chat(HAROLD).status == 200
    office.house.stop()
    assert office.house.verify().returncode == INTACT


def traced(pid: int) -> bool:
    with open(f"/proc/{pid}/status") as status:
        return "TracerPid:\t0" not in status.read()


@needs_trace
def test_the_entry_is_synced_before_the_vendor_is_reached(new_office):
    """The order of system calls: a sync of the journal, and only then a byte to the vendor."""
    office = new_office()
    office.house.start()
    office.chat("warm the connection")
    trace = office.house.home / "trace"
    tracer = subprocess.Popen(["strace", "-f", "-q", "-yy", "-o", str(trace), "-s", "64", "-p",
                               str(office.house.process.pid), "-e", "trace=fdatasync,write,writev,sendto,sendmsg"],
                              stderr=subprocess.DEVNULL)
    wait_for(lambda: traced(office.house.process.pid))
    time.sleep(0.3)
    assert office.chat(HAROLD).status == 200
    tracer.send_signal(signal.SIGINT)
    tracer.wait(10)
    lines = trace.read_text(errors="replace").splitlines()
    sync = next(i for i, line in enumerate(lines) if "fdatasync" in line and ".chj" in line)
    sent = next(i for i, line in enumerate(lines) if f":{office.acme.port}" in line and "POST " in line)
    assert sync < sent


def test_only_one_server_at_a_time(new_office):
    office = new_office()
    office.house.start()
    second = office.house.run("serve")
    assert second.returncode == 5, (second.returncode, second.stderr)
    assert office.chat("Hello").status == 200


def test_a_shutdown_lets_open_exchanges_end(new_office):
    office = new_office()
    office.house.start()
    parts = [chat_event({"content": "one two three "}), 1.0, chat_event({"content": "four"}, "stop"),
             b"data: [DONE]\n\n"]
    office.acme.answer = lambda arrival: Answer(list(parts), content_type=SSE)
    import threading

    got = []
    thread = threading.Thread(target=lambda: got.append(office.chat("Count", stream=True)))
    thread.start()
    wait_for(lambda: office.acme.arrivals)
    assert office.house.stop() == 0
    thread.join(10)
    assert got and got[0].said == "one two three four"
    assert office.house.verify().returncode == INTACT
    assert '"outcome": "interrupted"' not in json.dumps(office.house.entries())


def test_files_belong_to_their_owner_alone(closed):
    keys = closed.house.data / "keys"
    assert keys.stat().st_mode & 0o077 == 0
    for path in keys.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    os.chmod(next(path for path in keys.iterdir() if path.is_file()), 0o644)
    with pytest.raises(AssertionError, match="ended at once"):
        closed.house.start()
