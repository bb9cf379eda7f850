"""What is packaged: the unit of systemd, the image, the chart, dashboard and alerts, each judged by its own tools."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from house.patients import HAROLD
from house.server import CHAPERON, ROOT

PACKAGING = ROOT / "packaging"
UNIT = PACKAGING / "systemd/chaperon.service"


def run(*args, **more) -> subprocess.CompletedProcess:
    return subprocess.run([*map(str, args)], capture_output=True, text=True, timeout=120, **more)


# systemd

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not here")


@needs_systemd
def test_the_unit_is_one_that_systemd_understands(tmp_path):
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/usr/bin/chaperon", str(CHAPERON)))
    done = run("systemd-analyze", "verify", unit)
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_the_unit_leaves_little_to_attack():
    """The threshold is ten times the exposure: 1.2 is what the network, and limits it sets itself, leave."""
    done = run("systemd-analyze", "security", "--offline=true", "--threshold=13", UNIT)
    assert done.returncode == 0, done.stdout


def system_calls(word: str) -> set[str]:
    """What a name of a filter stands for, groups opened."""
    if not word.startswith("@"):
        return {word}
    done = run("systemd-analyze", "syscall-filter", word)
    assert done.returncode == 0, done.stderr
    inner = [line.strip() for line in done.stdout.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return set().union(*map(system_calls, inner))


def can_trace() -> bool:
    return bool(shutil.which("strace")) and run("strace", "-o", "/dev/null", "true").returncode == 0


@needs_systemd
@pytest.mark.sqlite
@pytest.mark.skipif(not can_trace(), reason="strace can't trace here")
def test_the_unit_allows_every_system_call_of_the_house(new_office, tmp_path):
    """From the start of a house through an exchange to its end, on SQLite."""
    allowed: set[str] = set()
    for words in re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(), re.M):
        calls = set().union(*map(system_calls, words.lstrip("~").split()))
        allowed = allowed - calls if words.startswith("~") else allowed | calls
    office, trace = new_office(), tmp_path / "trace"
    # -I3: strace ends with the house, not before it
    office.house.start(wrapper=("strace", "-f", "-qq", "-I3", "-o", str(trace)))
    assert office.chat(HAROLD).status == 200
    [house] = pathlib.Path(f"/proc/{office.house.process.pid}/task/{office.house.process.pid}/children"
                           ).read_text().split()
    os.kill(int(house), 15)
    assert office.house.process.wait(60) == 0
    called = set(re.findall(r"^\d+\s+(\w+)\(", trace.read_text(), re.M))
    assert {"fdatasync", "accept4", "setrlimit", "prlimit64"} & called, "the trace holds what a house does"
    # by execve strace starts it; as root, which the unit is not, SQLite gives its files to the database's owner
    assert called - allowed - {"execve"} - ({"fchown"} if os.geteuid() == 0 else set()) == set()


@pytest.mark.sqlite
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand a secret over")
def test_a_secret_that_root_hands_over_is_taken(tmp_path):
    """As service managers and orchestrators mount it: root's, readable by the group of the one that it is for."""
    outside = pathlib.Path("/var/tmp") / f"chaperon-{os.getpid()}"
    outside.mkdir(mode=0o755)
    try:
        secret, data = outside / "passphrase", outside / "state"
        secret.write_text("correct horse battery staple\n")
        os.chown(secret, 0, 65532)
        data.mkdir(mode=0o700)
        os.chown(data, 65532, 65532)
        program = shutil.copy(CHAPERON, outside / "chaperon")
        (outside / "chaperon.toml").write_text(f'data_dir = "{data}/data"\n[root]\npassphrase = {{ file = "{secret}" }}\n')
        as_other = ("setpriv", "--reuid=65532", "--regid=65532", "--clear-groups", program, "--config",
                    outside / "chaperon.toml")
        add = ("engagement", "add", "mercy", "--title", "T", "--covered-entity", "mercy-hospital")
        for mode, outcome in ((0o444, 6), (0o460, 6), (0o440, 0)):
            secret.chmod(mode)
            done = run(*as_other, *add, cwd=outside)
            assert done.returncode == outcome, (oct(mode), done.stdout + done.stderr)
    finally:
        shutil.rmtree(outside)


# the image


def test_the_image_is_built_as_its_linter_wants():
    hadolint = pathlib.Path(sys.executable).with_name("hadolint")
    done = run(hadolint, PACKAGING / "docker/Dockerfile")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_the_build_is_sent_all_that_it_copies_and_no_more():
    """Each COPY from outside is let through by the file of exceptions, and each exception is copied."""
    dockerfile = (PACKAGING / "docker/Dockerfile").read_text()
    copied = {word.rstrip("/") for line in re.findall(r"^COPY (?!--from)(.*)$", dockerfile, re.M)
              for word in line.split()[:-1]}
    rules = (PACKAGING / "docker/Dockerfile.dockerignore").read_text().splitlines()
    lines = [line for line in rules if line and not line.startswith("#")]
    assert lines[0] == "*"
    assert {line.removeprefix("!") for line in lines[1:]} == copied
    assert all((ROOT / path).exists() for path in copied)


def test_the_image_needs_no_more_libraries_than_the_runtime_has():
    """What the house links to is what the image checks for at its build."""
    libraries = set(re.findall(r"^\s*(\S+?)\.so", run("ldd", CHAPERON).stdout, re.M))
    assert libraries <= {"linux-vdso", "libc", "libm", "libgcc_s", "/lib64/ld-linux-x86-64", "/lib/ld-linux-aarch64"}
    assert "libc" in libraries
