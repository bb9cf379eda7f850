"""The report of what detection finds: figures of text whose figures are known by hand."""

import importlib.util
import json
import pathlib
import subprocess
import sys

import pytest

from house.server import CHAPERON

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "bench" / "deid_report.py"


@pytest.fixture(scope="module")
def report():
    spec = importlib.util.spec_from_file_location("deid_report", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def spans(text: str, *parts: tuple[str, str]) -> list[dict]:
    return [{"start": text.index(part), "end": text.index(part) + len(part), "label": label} for part, label in parts]


def test_figures_are_those_counted_by_hand(report):
    tally = report.Tally()
    text = "Zoë 😀 Lee of Acme, seen 3/4/1950, MRN 123. Ward 7 at Foley."
    gold = spans(text, ("Zoë 😀 Lee", "NAME"), ("Acme", "ORG"), ("3/4/1950", "DATE"), ("123", "MRN"))
    # half of the name; the date without its year; the number as another number; the employer; one that is wrong
    found = spans(text, ("Zoë", "NAME"), ("3/4", "DATE"), ("123", "ACCOUNT"), ("Acme", "NAME"), ("Foley", "NAME"))
    tally.take(text, gold, found, partly=False)
    tally.take("Well today.", [], [], partly=False)
    figures = tally.figures()
    assert (figures["documents"], figures["spans"]) == (2, 3)
    assert figures["found_full"] == pytest.approx(2 / 3), "a visible year is no leak, half a name is one"
    assert figures["found_at_all"] == 1 and figures["same_class"] == 1
    assert figures["right"] == pytest.approx(3 / 4), "an employer is neither right nor wrong"
    assert figures["no_leak"] == 0 and figures["flagged_without_spans"] == 0
    assert figures["false_per_1000_words"] == pytest.approx(1000 / 15)
    assert figures["found_signs"] == pytest.approx((3 + 2 + 3) / (6 + 2 + 3))
    assert figures["classes"]["NAME"]["found_full"] == 0


def test_a_file_of_names_and_places_judges_these_only(report):
    text = "Ann Lee called 212-555-0134."
    documents = [{"id": 1, "text": text, "spans": spans(text, ("Ann Lee", "NAME"))}]
    found = {1: spans(text, ("Ann Lee", "NAME"), ("212-555-0134", "PHONE"))}
    meta = {"bytes": 1, "cpu_seconds": 0.0}
    assert report.judge(documents, found, meta).figures()["right"] == 1
    documents[0]["spans"] += spans(text, ("called", "OTHER_ID"))
    assert report.judge(documents, found, meta).figures()["right"] == pytest.approx(1 / 2)


def test_a_folder_is_scored_at_every_operating_point(tmp_path):
    text = "MRN: 4839201. Take two tablets after every meal."
    document = {"id": "a", "text": text, "spans": spans(text, ("4839201", "MRN"))}
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one.jsonl").write_text(json.dumps(document) + "\n")
    (tmp_path / "two.jsonl").write_text(json.dumps({"id": 1, "text": "Well today.", "spans": []}) + "\n")
    figures = tmp_path / "figures.json"
    done = subprocess.run([sys.executable, SCRIPT, tmp_path, "--chaperon", CHAPERON, "--json", figures],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("#")] == ["### one", "### two", "### all files"]
    for point in ("rules", "precision", "balanced", "recall"):
        one = json.loads(figures.read_text())[point]["one"]
        assert (one["found_full"], one["right"], one["no_leak"]) == (1, 1, 1), point
    empty = subprocess.run([sys.executable, SCRIPT, tmp_path / "none"], capture_output=True, text=True, timeout=60)
    assert empty.returncode != 0


def test_an_id_that_stands_twice_is_refused(report, tmp_path):
    path = tmp_path / "notes.jsonl"
    path.write_text('{"id": 1, "text": "a", "spans": []}\n' * 2)
    with pytest.raises(SystemExit, match="more than one document"):
        report.read(path)
    path.write_text('{"id": 1, "text": "a", "spans": []}\n{"id": "1", "text": "b", "spans": []}\n')
    assert len(report.read(path)) == 2
