"""Adds up what the runners' logs say: `N passed, N failed, N skipped`, the closing line of a run."""

import pathlib
import re
import sys

COUNT = re.compile(r"(\d+) (passed|failed|skipped|error|errors|ignored|timed out)\b")
# nextest, cargo test and pytest each close with a line of their own; what tests print in between is not read
CLOSING = re.compile(r"^\s*Summary \[|^test result: |^=* ?(?:\d+ \w+, )*\d+ \w+(?: and \d+ \w+)? in [\d.]+s")
KIND = {"error": "failed", "errors": "failed", "ignored": "skipped", "timed out": "failed"}


def tally(log: pathlib.Path) -> dict[str, int]:
    """The counts of one log; a log without a runner's line is one check, judged by its exit code."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    lines = log.read_text(errors="replace").splitlines()
    closings = [line for line in lines if CLOSING.match(line)]
    for line in closings:
        for number, word in COUNT.findall(line):
            counts[KIND.get(word, word)] += int(number)
    broke = lines[-1:] != ["exit 0"]
    if broke and counts["failed"] == 0:
        counts["failed"] = 1
    elif not broke and not closings:
        counts["passed"] = 1
    return counts


def main() -> None:
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for log in sorted(pathlib.Path(sys.argv[1]).glob("*.log")):
        counts = tally(log)
        print(f"{log.stem:12} " + ", ".join(f"{number} {word}" for word, number in counts.items()))
        for word, number in counts.items():
            total[word] += number
    print(", ".join(f"{number} {word}" for word, number in total.items() if number or word != "skipped"))


if __name__ == "__main__":
    main()
