"""Files de-identified on the command line: on record where an engagement is named, in bounded memory, and never in part."""

import hashlib
import json
import os
import resource
import signal
import subprocess

import pytest

from house.leaks import folder, leaks
from house.patients import HAROLD, HAROLD_VALUES
from house.server import CHAPERON, Refused, wait_for

CODE = "project blue heron"
LETTER = f"{HAROLD} was seen for {CODE}.\n"
MORE = 24 << 20
"""What a run over long files may take more than one over a line, in bytes."""


def entries(house) -> list[dict]:
    return [entry["entry"] for entry in house.entries()
            if entry["kind"] == "control" and entry["entry"]["what"].startswith("deidentification")]


def letters(home, count: int = 3):
    notes = home / "notes"
    notes.mkdir()
    for number in range(count):
        (notes / f"{number:03}.txt").write_text(LETTER)
    return notes


@pytest.mark.parametrize("served", [True, False])
def test_a_run_of_an_engagement_is_on_record_before_and_after(new_office, tmp_path, served):
    house = new_office().house
    house.do("terms", "add", "--kind", "must-find", "--class", "OTHER_ID", "--author", "ann", stdin=CODE + "\n")
    house.do("terms", "review", "must-find", "--version", 1, "--author", "bo")
    if served:
        house.start()
    told = house.do("deidentify", letters(tmp_path), "--out", tmp_path / "out", "--engagement", "mercy")
    text = (tmp_path / "out/000.txt").read_text()
    assert CODE not in text and "[OTHER_ID]" in text and not leaks(HAROLD_VALUES, folder(tmp_path / "out"))
    begun, ended = entries(house)
    assert (begun["what"], begun["engagement"], begun["files"]) == ("deidentification-begun", "mercy", 3)
    assert begun["operating_point"] == "balanced" and begun["treatments"] == "*=redact"
    assert begun["detector"].endswith("must-find-2")
    assert (ended["run"], ended["files"], ended["failed"]) == (begun["run"], 3, 0)
    assert ended["counts"]["OTHER_ID"] == 3
    manifest = (tmp_path / "out/manifest.jsonl").read_bytes()
    assert ended["manifest"] == hashlib.sha256(manifest).hexdigest() == told["manifest_sha256"]
    # nothing to do, nothing to record; a stream is a run too
    house.do("deidentify", tmp_path / "notes", "--out", tmp_path / "out", "--engagement", "mercy")
    assert len(entries(house)) == 2
    assert house.run("deidentify", "--engagement", "mercy", stdin=LETTER).stdout == text
    assert len(entries(house)) == 4
    house.stop()
    assert house.verify().returncode == 0
    assert not leaks([*HAROLD_VALUES, CODE], {"record": json.dumps(house.entries()).encode(), "log": house.log().encode()})


def test_without_an_engagement_in_force_nothing_is_written(new_office, tmp_path):
    house = new_office().house
    house.do("engagement", "suspend", "mercy")
    notes = letters(tmp_path)
    for engagement, words in (("mercy", "engagement-inactive"), ("absent", "absent")):
        with pytest.raises(Refused) as refused:
            house.do("deidentify", notes, "--out", tmp_path / "out", "--engagement", engagement)
        assert refused.value.code == 1 and words in refused.value.err
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert entries(house) == []


def run(*args, **more) -> subprocess.Popen:
    return subprocess.Popen([CHAPERON, "deidentify", *map(str, args)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def long_files(home) -> None:
    home.mkdir()
    prose = "The wound is dry and measures 2.1 by 3.4 cm, without redness around it.\n" * 50 + LETTER + "\n"
    (home / "long.txt").write_text(prose * 6000)
    (home / "long.csv").write_text("MRN,note\n" + "48213377,\"seen, and well\"\n" * 200_000)
    with (home / "long.jsonl").open("w") as lines:
        for number in range(100_000):
            lines.write(json.dumps({"mrn": str(40000000 + number), "note": "seen today"}) + "\n")


def peak(*args) -> tuple[int, dict]:
    """Peak of memory in bytes, and what was told."""
    process = run(*args, "--operating-point", "rules", "--jobs", 2, "--json")
    told = json.loads(process.stdout.read())
    _, status, used = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return used.ru_maxrss * 1024, told


def test_memory_does_not_grow_with_the_file(tmp_path):
    long_files(tmp_path / "in")
    sizes = {path.name: path.stat().st_size for path in (tmp_path / "in").iterdir()}
    assert sum(sizes.values()) > 30 << 20 and min(sizes.values()) > 4 << 20
    least, _ = peak(letters(tmp_path, 1), "--out", tmp_path / "least")
    used, told = peak(tmp_path / "in", "--out", tmp_path / "out")
    assert told["files"] == 3 and told["counts"]["MRN"] >= 300_000
    assert used - least < MORE, f"{least >> 20} MB, then {used >> 20} MB"
    out = (tmp_path / "out/long.csv").read_text()
    assert out.count("\n") == 200_001 and "48213377" not in out
    assert not leaks(HAROLD_VALUES, {"long.txt": (tmp_path / "out/long.txt").read_bytes()})


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_what_is_interrupted_is_never_there_in_part_and_goes_on(tmp_path, how):
    notes = letters(tmp_path, 400)
    (notes / "large.txt").write_text(LETTER * 40_000)
    out = tmp_path / "out"
    # with the tagger, so that an optimised binary too is still at the large file when the signal comes
    arguments = (notes, "--out", out, "--operating-point", "balanced", "--jobs", 2)
    process = run(*arguments)
    wait_for(lambda: out.is_dir() and len(list(out.glob("*.txt"))) > 5, pause=0.001)
    process.send_signal(how)
    process.wait(30)
    done = {path.name: path.read_bytes() for path in out.glob("*.txt")}
    assert process.returncode == -how and not (out / "manifest.jsonl").exists()
    told = json.loads(subprocess.run([CHAPERON, "deidentify", *map(str, arguments), "--json"], capture_output=True,
                                     timeout=120, check=True).stdout)
    assert 0 < told["done_before"] < 401 and told["files"] == 401
    for name, text in done.items():
        assert (out / name).read_bytes() == text, f"{name} was there in part"
    apart = tmp_path / "apart"
    subprocess.run([CHAPERON, "deidentify", str(notes), "--out", str(apart), "--operating-point", "balanced"], timeout=120,
                   check=True, capture_output=True)
    assert folder(out) == folder(apart), "as if it had never been interrupted"


def test_a_full_disk_is_named_and_leaves_nothing_in_part(tmp_path):
    notes = letters(tmp_path, 2)
    (notes / "large.txt").write_text(LETTER * 10_000)

    def little():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    process = run(notes, "--out", tmp_path / "out", "--operating-point", "rules", preexec_fn=little)
    said = process.communicate(timeout=60)[0].decode()
    assert process.returncode == 8 and "failed: large.txt" in said and "2 files done" in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["000.txt", "001.txt", "manifest.jsonl"]


def test_a_reader_that_goes_away_ends_it(tmp_path):
    (tmp_path / "large.txt").write_text(LETTER * 40_000)
    process = run(tmp_path / "large.txt", "--operating-point", "rules")
    process.stdout.read(1000)
    process.stdout.close()
    assert process.wait(60) == 0 and process.stderr.read() == b""
