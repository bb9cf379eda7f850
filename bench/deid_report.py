#!/usr/bin/env python3
"""What detection finds in labelled text, at each operating point: figures in Markdown.

    deid_report.py FOLDER [--chaperon PROGRAM] [--points rules,precision] [--json FILE]

Reads every `*.jsonl` below FOLDER: a document a line, {"id", "text", "spans": [{"start", "end", "label"}]}, offsets in
Unicode code points, end exclusive. Labels are the classes of `chaperon scan`; ORG and OTHER mark what is neither required
nor wrong to find. Nothing but Python and the program is needed.

How it counts
  found, full     of the labelled spans, those of which every letter and digit is inside some finding. A visible year of
                  four digits in a DATE is no leak (45 CFR 164.514(b)(2)(i)(C) keeps years)
  found, at all   those that some finding touches
  same class      those that a finding of a like class touches
  right           of the findings, those that touch a labelled span; such as touch only ORG or OTHER do not count
  no leak         of the documents with labelled spans, those where all of them are found in full
  false           findings that touch nothing labelled, for each 1,000 words
  MB/s            text over processor time of the detector, on one core
A file whose only labels are NAME and LOCATION was not labelled for more: of the findings there, only those count.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

POINTS = ("rules", "precision", "balanced", "recall")
NEUTRAL = {"ORG", "OTHER"}
PARTLY = {"NAME", "LOCATION"}
YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")
NUMBERS = "SSN MRN HEALTH_PLAN ACCOUNT LICENSE VEHICLE DEVICE OTHER_ID BIOMETRIC PHOTO".split()
LIKE = {"DATE": "date", "AGE_OVER_89": "date", "PHONE": "telephone", "FAX": "telephone",
        **dict.fromkeys(NUMBERS, "number")}


def like(label: str) -> str:
    """Classes that are mistaken for one another without harm share a word."""
    return LIKE.get(label, label)


class Count:
    """Of one class."""

    def __init__(self):
        self.spans = self.full = self.touched = self.same = self.signs = self.covered = 0

    def add(self, other: "Count") -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


class Tally:
    """Of a file, or of all."""

    def __init__(self):
        self.classes = collections.defaultdict(Count)
        self.documents = self.with_spans = self.no_leak = self.without_spans = self.flagged = 0
        self.words = self.right = self.wrong = 0
        self.right_signs = self.wrong_signs = 0
        self.bytes, self.seconds = 0, 0.0

    def add(self, other: "Tally") -> None:
        for name, value in vars(other).items():
            if name != "classes":
                setattr(self, name, getattr(self, name) + value)
        for label, count in other.classes.items():
            self.classes[label].add(count)

    @property
    def all(self) -> Count:
        total = Count()
        for count in self.classes.values():
            total.add(count)
        return total

    def take(self, text: str, labelled: list[dict], found: list[dict], partly: bool) -> None:
        """One document."""
        required = [span for span in labelled if span["label"] not in NEUTRAL]
        neutral = mask(len(text), [span for span in labelled if span["label"] in NEUTRAL])
        wanted, covered = mask(len(text), required), mask(len(text), found)
        leaks = [self._span(text, span, covered, found) for span in required]
        judged = [finding for finding in found if not partly or finding["label"] in PARTLY]
        self.documents += 1
        self.words += len(text.split())
        if required:
            self.with_spans += 1
            self.no_leak += not any(leaks)
        else:
            self.without_spans += 1
            self.flagged += any(not any(neutral[at:to]) for at, to in map(ends(text), judged))
        for at, to in map(ends(text), judged):
            if any(wanted[at:to]):
                self.right += 1
            elif not any(neutral[at:to]):
                self.wrong += 1
        counted = mask(len(text), judged)
        for place, sign in enumerate(text):
            if counted[place] and sign.isalnum():
                self.right_signs += wanted[place]
                self.wrong_signs += not wanted[place] and not neutral[place]

    def _span(self, text: str, span: dict, covered: bytearray, found: list[dict]) -> bool:
        """Counts one labelled span; whether something of it shows."""
        at, to = span["start"], span["end"]
        signs = [place for place in range(at, to) if text[place].isalnum()] or list(range(at, to))
        if span["label"] == "DATE":
            years = {place for year in YEAR.finditer(text, at, to) for place in range(*year.span())}
            signs = [place for place in signs if place not in years] or signs
        inside = sum(covered[place] for place in signs)
        touching = [one for one in found if one["start"] < to and at < one["end"]]
        count = self.classes[span["label"]]
        count.spans += 1
        count.signs += len(signs)
        count.covered += inside
        count.touched += inside > 0
        count.full += inside == len(signs)
        count.same += any(like(one["label"]) == like(span["label"]) for one in touching)
        return inside < len(signs)

    def figures(self) -> dict:
        """All figures, as shares of one; `None` where there is nothing to measure."""
        total = self.all
        found, right = share(total.full, total.spans), share(self.right, self.right + self.wrong)
        return {
            "documents": self.documents, "spans": total.spans,
            "found_full": found,
            "found_at_all": share(total.touched, total.spans),
            "found_signs": share(total.covered, total.signs),
            "same_class": share(total.same, total.spans),
            "right": right,
            "right_signs": share(self.right_signs, self.right_signs + self.wrong_signs),
            "f1": mean(found, right, 1), "f2": mean(found, right, 2),
            "no_leak": share(self.no_leak, self.with_spans),
            "false_per_1000_words": 1000 * self.wrong / max(1, self.words),
            "flagged_without_spans": share(self.flagged, self.without_spans),
            "mb_per_second": self.bytes / 1e6 / self.seconds if self.seconds else None,
            "classes": {label: {"spans": count.spans, "found_full": count.full / count.spans,
                                "found_at_all": count.touched / count.spans,
                                "same_class": count.same / count.spans}
                        for label, count in sorted(self.classes.items(), key=lambda item: -item[1].spans)},
        }


def mask(length: int, spans: list[dict]) -> bytearray:
    """One where some span is."""
    marks = bytearray(length)
    for span in spans:
        at, to = max(0, span["start"]), min(length, span["end"])
        marks[at:to] = b"\x01" * max(0, to - at)
    return marks


def ends(text: str):
    return lambda span: (max(0, span["start"]), min(len(text), span["end"]))


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def mean(found: float | None, right: float | None, weight: int) -> float | None:
    """The F measure: what is found counts `weight` times as much."""
    if not found or not right:
        return None
    square = weight * weight
    return (1 + square) * found * right / (square * right + found)


def read(path: pathlib.Path) -> list[dict]:
    """The documents of a file, whose ids are all different: what is found goes by them."""
    with path.open(encoding="utf-8") as lines:
        documents = [json.loads(line) for line in lines if line.strip()]
    twice = [one for one, count in collections.Counter(json.dumps(line["id"]) for line in documents).items() if count > 1]
    if twice:
        sys.exit(f"{path}: {len(twice)} ids stand for more than one document")
    return documents


def judge(documents: list[dict], found: dict, meta: dict) -> Tally:
    """The tally of one file."""
    labels = {span["label"] for document in documents for span in document["spans"]} - NEUTRAL
    partly = bool(labels) and labels <= PARTLY
    tally = Tally()
    for document in documents:
        tally.take(document["text"], document["spans"], found[document["id"]], partly)
    tally.bytes, tally.seconds = meta["bytes"], meta["cpu_seconds"]
    return tally


def scan(program: str, point: str, files: list[pathlib.Path], to: pathlib.Path) -> None:
    command = [program, "scan", "--format", "spans", "--quiet", "--operating-point", point, "--out", to, *files]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"chaperon scan ended with {done.returncode}:\n{done.stderr}")


def measure(program: str, files: list[pathlib.Path], points: list[str]) -> dict[str, dict[str, Tally]]:
    """By operating point and name of file."""
    texts = {path: read(path) for path in files}
    tallies = {}
    for point in points:
        with tempfile.TemporaryDirectory() as folder:
            to = pathlib.Path(folder)
            scan(program, point, files, to)
            tallies[point] = {}
            for path, documents in texts.items():
                found = {line["id"]: line["spans"] for line in read(to / f"{path.stem}.jsonl")}
                meta = json.loads((to / f"{path.stem}.meta.json").read_text())
                tallies[point][path.stem] = judge(documents, found, meta)
    return tallies


def percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def table(headings: list[str], rows: list[list[str]]) -> str:
    lines = [" | ".join(headings), " | ".join(["---"] + ["--:"] * (len(headings) - 1)), *map(" | ".join, rows)]
    return "\n".join(f"| {line} |" for line in lines) + "\n"


def row(name: str, figures: dict) -> list[str]:
    speed = figures["mb_per_second"]
    return [name, str(figures["documents"]), str(figures["spans"]),
            *(percent(figures[key]) for key in ("found_full", "found_at_all", "same_class", "right", "f2", "no_leak")),
            f"{figures['false_per_1000_words']:.1f}", percent(figures["flagged_without_spans"]),
            "–" if speed is None else f"{speed:.1f}"]


HEADINGS = ["", "documents", "spans", "found, full %", "found, at all %", "same class %", "right %", "F2",
            "no leak %", "false / 1,000 words", "flagged without PHI %", "MB/s"]


def page(tallies: dict[str, dict[str, Tally]]) -> str:
    """All tables: points by file, then points by class."""
    points = list(tallies)
    names = list(tallies[points[0]])
    total = {point: sum_of(tallies[point].values()) for point in points}
    parts = []
    for name in names + (["all files"] if len(names) > 1 else []):
        of = {point: tallies[point].get(name, total[point]).figures() for point in points}
        parts.append(f"### {name}\n\n" + table(HEADINGS, [row(point, of[point]) for point in points]))
        classes = of[points[0]]["classes"]
        if classes:
            rows = [[label, str(count["spans"]), *(percent(of[point]["classes"][label]["found_full"]) for point in points)]
                    for label, count in classes.items()]
            parts.append(table(["class: found, full %", "spans", *points], rows))
    return "\n".join(parts)


def sum_of(tallies) -> Tally:
    total = Tally()
    for tally in tallies:
        total.add(tally)
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--chaperon", default="chaperon", help="the program")
    parser.add_argument("--points", default=",".join(POINTS))
    parser.add_argument("--json", type=pathlib.Path, help="write all figures there too")
    asked = parser.parse_args()
    files = sorted(asked.folder.rglob("*.jsonl")) if asked.folder.is_dir() else [asked.folder]
    if not files:
        sys.exit(f"there is no *.jsonl below {asked.folder}")
    tallies = measure(asked.chaperon, files, asked.points.split(","))
    print(page(tallies))
    if asked.json:
        figures = {point: {name: tally.figures() for name, tally in files.items()} for point, files in tallies.items()}
        asked.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
