"""Measures Chaperon beside the least that a proxy can do and beside no proxy at all, in one run.

Each cell is run for each system in turn, several times, and the medians are printed, so that what else the machine
does falls on all three alike. Every prompt is different; each answer is checked to hold its request's record number,
which for Chaperon means that it was replaced, sent, answered and restored. Everything is on loopback and ends by
itself. Options: --quick (one short round), --secs S, --rounds N, --database URL, --only TEXT.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from house.server import CHAPERON, House, free_port, wait_for  # noqa: E402

TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "bench"
SIZES = {"1 KB": 1024, "32 KB": 32768}


def build() -> pathlib.Path:
    """The three programs of this folder, and the binary that is measured."""
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "--manifest-path", ROOT / "bench/Cargo.toml",
                    "--target-dir", TARGET], check=True)
    if not os.environ.get("CHAPERON_BIN"):
        subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "--bins"], cwd=ROOT, check=True)
    return TARGET / "release"


def furnish(home: pathlib.Path, vendor_port: int, store: str | None) -> tuple[House, str, float]:
    """A house with a covered service of each protocol; its key, and how long it took to start in seconds."""
    house = House(home, store, log="info")
    house.do("engagement", "add", "bench", "--title", "Bench", "--covered-entity", "bench-hospital", "--activate")
    house.do("vendor", "add", "bench", "--legal-name", "Bench LLM")
    house.do("service", "add", "bench-api", "--vendor", "bench", "--model", "bench-1",
             "--endpoint", f"http://127.0.0.1:{vendor_port}/v1", "--region", "us", "--protocol", "openai",
             "--protocol", "anthropic")
    house.do("service", "add", "bench-bedrock", "--vendor", "bench", "--model", "bench-2", "--protocol", "bedrock",
             "--endpoint", f"http://127.0.0.1:{vendor_port}", "--region", "us")
    for service in ("bench-api", "bench-bedrock"):
        house.do("service", "credential", service, stdin="sk-bench")
    house.do("agreement", "add", "bench-baa", "--vendor", "bench", "--no-training", "--effective", "2026-01-01",
             "--region", "us", "--scope", "bench-api", "--scope", "bench-bedrock")
    key = house.do("agent", "add", "bench", "--title", "Bench", "--workflow", "bench", "--purpose", "treatment")["key"]
    started = time.monotonic()
    house.start()
    wait_for(lambda: healthy(house.port), pause=0.002)
    return house, key, time.monotonic() - started


def healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


def memory(pid: int) -> dict[str, float]:
    """Resident megabytes, now and at most."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {name: int(re.search(rf"{name}:\s+(\d+)", status).group(1)) / 1024 for name in ("VmRSS", "VmHWM")}


def sync_time(folder: pathlib.Path) -> float:
    """Milliseconds of one write of 1 KB with its fdatasync, the median of 200."""
    times = []
    with open(folder / "probe", "wb", buffering=0) as file:
        for _ in range(200):
            started = time.perf_counter()
            file.write(b"x" * 1024)
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times)


def means(port: int) -> dict[str, tuple[float, float]]:
    """Sum and count of each histogram that the house keeps."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    sums = dict(re.findall(r"^chaperon_(\w+)_seconds_sum ([\d.e+-]+)$", text, re.M))
    counts = dict(re.findall(r"^chaperon_(\w+)_seconds_count (\d+)$", text, re.M))
    return {name: (float(sums[name]), float(counts[name])) for name in sums}


class Run:
    def __init__(self, programs: pathlib.Path, options):
        self.programs, self.options = programs, options
        self.scratch = pathlib.Path(tempfile.mkdtemp(dir=options.scratch))
        self.children: list[subprocess.Popen] = []
        self.seed = 0
        ports = [free_port() for _ in range(2)]
        self.house, self.key, self.started = furnish(self.scratch / "house", ports[0], options.database)
        self.spawn("vendor", "--port", ports[0])
        self.spawn("floor", "--port", ports[1], "--upstream", ports[0])
        self.ports = {"direct": ports[0], "floor": ports[1], "Chaperon": self.house.port}
        self.idle = memory(self.house.process.pid)

    def spawn(self, name: str, *args) -> None:
        self.children.append(subprocess.Popen([self.programs / name, *map(str, args)]))

    def end(self) -> None:
        self.house.stop()
        for child in self.children:
            child.kill()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def load(self, system: str, conc: int, size: int, stream: bool, turns: int, dialect: str) -> dict:
        self.seed += 1
        command = [self.programs / "load", "--port", self.ports[system], "--conc", conc, "--bytes", size,
                   "--secs", self.options.secs, "--seed", self.seed, "--key", self.key, "--turns", turns,
                   "--dialect", dialect]
        done = subprocess.run([*map(str, command), *(["--stream"] if stream else [])], capture_output=True, text=True)
        result = json.loads(done.stdout)
        if result["errors"] or result["wrong"] or not result["answered"]:
            print(f"! {system} {dialect} conc {conc} size {size} stream {stream}: {result}", file=sys.stderr)
        return result

    def cell(self, conc: int, size: int, stream: bool, turns: int = 1, dialect: str = "chat") -> dict[str, dict]:
        """All systems in turn, several times; the median of each figure."""
        rounds = {system: [] for system in self.ports}
        before = means(self.house.port)
        for _ in range(self.options.rounds):
            for system, results in rounds.items():
                results.append(self.load(system, conc, size, stream, turns, dialect))
        after = means(self.house.port)
        cell = {}
        for system, results in rounds.items():
            figures = ("per_second", "p50", "p90", "p99", "first50", "first99")
            cell[system] = {name: statistics.median(result[name] for result in results) for name in figures}
            cell[system]["errors"] = sum(result["errors"] + result["wrong"] for result in results)
        cell["parts"] = {name: (after[name][0] - before[name][0]) / max(1, after[name][1] - before[name][1]) * 1e6
                         for name in after}
        return cell


def row(label: str, cell: dict[str, dict], figure: str) -> str:
    direct, floor, ours = (cell[system] for system in ("direct", "floor", "Chaperon"))
    added = (ours[figure] - direct[figure]) / 1e3
    return (f"| {label} | {direct[figure] / 1e3:.3f} | {floor[figure] / 1e3:.3f} | {ours[figure] / 1e3:.3f} "
            f"| {added:.3f} | {ours['p99'] / 1e3:.2f} | {direct['per_second']:,.0f} | {floor['per_second']:,.0f} "
            f"| {ours['per_second']:,.0f} | {ours['errors']} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--secs", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database")
    parser.add_argument("--only", default="")
    parser.add_argument("--scratch", help="folder on the disk that is to be measured")
    options = parser.parse_args()
    if options.quick:
        options.secs, options.rounds = 1.0, 1
    run = Run(build(), options)
    results = {}
    try:
        sync = sync_time(run.scratch)
        print("| prompt, callers | direct ms | floor ms | Chaperon ms | added ms | Chaperon p99 ms | direct /s "
              "| floor /s | Chaperon /s | errors |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
        for stream in (False, True):
            for name, size in SIZES.items():
                for conc in (1, 32, 128):
                    label = f"{name} {'streamed, first words' if stream else 'plain'}, {conc}"
                    if options.only in label:
                        results[label] = run.cell(conc, size, stream)
                        print(row(label, results[label], "first50" if stream else "p50"), flush=True)
        for dialect in ("responses", "messages", "converse"):
            for stream in (False, True):
                for conc in (1, 32):
                    label = f"{dialect}, 1 KB {'streamed, first words' if stream else 'plain'}, {conc}"
                    if options.only in label:
                        results[label] = run.cell(conc, 1024, stream, dialect=dialect)
                        print(row(label, results[label], "first50" if stream else "p50"), flush=True)
        label = "conversations of 8 turns of 1 KB, 8"
        if options.only in label:
            results[label] = run.cell(8, 1024, False, turns=8)
            print(row(label, results[label], "p50"), flush=True)
        after = memory(run.house.process.pid)
        print(f"\nStarted in {run.started * 1e3:.0f} ms; resident {run.idle['VmRSS']:.0f} MB idle, "
              f"{after['VmRSS']:.0f} MB after, {after['VmHWM']:.0f} MB at most; "
              f"one write and sync of this disk alone {sync:.3f} ms.\n")
        print("Where the time goes, mean microseconds of an exchange as the house's own metrics have it:\n")
        for label, cell in results.items():
            parts = ", ".join(f"{name.replace('_', ' ')} {value:.0f}" for name, value in cell["parts"].items())
            print(f"* {label}: {parts}")
        folder = ROOT / "bench" / "results"
        folder.mkdir(exist_ok=True)
        (folder / f"{time.strftime('%Y%m%d-%H%M%S')}.json").write_text(json.dumps(
            {"sync_ms": sync, "started_s": run.started, "idle": run.idle, "after": after, "cells": results}, indent=1))
        size = CHAPERON.stat().st_size / 1e6
        print(f"\nBinary {size:.0f} MB; {os.cpu_count()} cores shared by callers, gateway and vendor.")
    finally:
        run.end()


if __name__ == "__main__":
    main()
