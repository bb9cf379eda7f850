"""`scan` for a person at a terminal, and for a program behind a pipe: colours and progress are for the first only."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios

import pytest

from house.server import CHAPERON

LETTER = "Dear Dr. Rivera,\n\nMRN: 4839201, DOB: 03/04/1950.\nCall (555) 867-5309.\n"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PROGRESS = re.compile(r"\r(reading  |[ 0-9]{3}%  )\d+\.\d ")


def environment(**more) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items()
            if name not in ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "COLORTERM", "CI")}
    return {**bare, "TERM": "xterm-256color", **more}


def piped(*args, stdin=LETTER, **env) -> subprocess.CompletedProcess:
    return subprocess.run([CHAPERON, "scan", *args], input=stdin.encode(), capture_output=True, timeout=60,
                          env=environment(**env))


class Terminal:
    """A command with a terminal at its standard output, its standard error, or both; a pipe at its input."""

    def __init__(self, *args, out=True, err=True, **env):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        attributes = termios.tcgetattr(slave)
        attributes[1] &= ~termios.OPOST
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        self.process = subprocess.Popen(
            [CHAPERON, "scan", *args], stdin=subprocess.PIPE, stdout=slave if out else subprocess.PIPE,
            stderr=slave if err else subprocess.PIPE, env=environment(**env))
        os.close(slave)
        self.seen = ""

    def read_until(self, pattern) -> None:
        while not pattern.search(self.seen):
            ready, _, _ = select.select([self.master], [], [], 30)
            assert ready, f"the terminal was never shown {pattern.pattern}: {self.seen!r}"
            self.seen += os.read(self.master, 65536).decode()

    def end(self, stdin: str = "") -> str:
        """Closes its input; all that the terminal was shown."""
        if stdin:
            self.process.stdin.write(stdin.encode())
        self.process.stdin.close()
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                data = b""
            if not data:
                break
            self.seen += data.decode()
        self.process.wait(60)
        os.close(self.master)
        return self.seen


def screen(shown: str) -> list[str]:
    """What stays on a terminal: a carriage return begins the line again, over what was there."""
    lines = []
    for raw in shown.split("\n"):
        line = ""
        for part in raw.split("\r"):
            line = part + line[len(part):]
        lines.append(line.rstrip())
    return lines


@pytest.fixture(scope="module")
def plain() -> str:
    done = piped()
    assert done.returncode == 0 and done.stderr == b""
    return done.stdout.decode()


def test_behind_a_pipe_nothing_is_added(plain):
    assert "\x1b" not in plain and "\r" not in plain
    assert plain.splitlines()[0].split() == ["WHERE", "CLASS", "CONFIDENCE", "RECOGNISER"]
    assert piped("--quiet").stdout.decode() == plain
    assert piped("--color", "never").stdout.decode() == plain
    for env in ({"NO_COLOR": "1"}, {"CLICOLOR": "1"}, {"CI": "1"}, {"TERM": "dumb"}):
        assert piped(**env).stdout.decode() == plain, env


def test_colours_are_for_classes_and_change_nothing_else(plain):
    for coloured in (piped("--color", "always"), piped(CLICOLOR_FORCE="1")):
        text = coloured.stdout.decode()
        assert COLOUR.sub("", text) == plain
        paints = {name: paint for paint, name in re.findall(r"((?:\x1b\[[0-9;]*m)+)([A-Z_]+)\x1b\[0m", text)}
        assert {"MRN", "NAME", "DATE", "PHONE"} <= set(paints)
        assert len({paints[name] for name in ("MRN", "NAME", "DATE", "PHONE")}) == 4, paints
        assert coloured.stderr == b""
    assert piped("--color", "always", "--json").stdout == piped("--json").stdout
    line = '{"id":1,"text":"MRN: 4839201"}\n'
    assert (piped("--color", "always", "--format", "spans", stdin=line).stdout
            == piped("--format", "spans", stdin=line).stdout)


@pytest.mark.parametrize(("args", "env", "coloured"), [
    ((), {}, True), (("--color", "never"), {}, False), ((), {"NO_COLOR": "1"}, False), ((), {"TERM": "dumb"}, False),
    ((), {"CLICOLOR": "0"}, False), (("--color", "always"), {"NO_COLOR": "1"}, True),
])
def test_a_terminal_is_coloured_unless_told_otherwise(plain, args, env, coloured):
    shown = Terminal(*args, "--quiet", **env).end(LETTER)
    assert bool(COLOUR.search(shown)) is coloured
    assert COLOUR.sub("", shown) == plain


def test_progress_is_shown_on_a_terminal_and_gone_at_the_end(plain):
    terminal = Terminal("--color", "never")
    terminal.process.stdin.write(LETTER.encode())
    terminal.process.stdin.flush()
    terminal.read_until(PROGRESS)
    shown = terminal.end()
    assert "\x1b" not in shown
    assert "\n".join(screen(shown)) == "\n".join(screen(plain)), "what stays is what a pipe is given"


def test_progress_never_mixes_into_what_is_piped(plain):
    terminal = Terminal(out=False)
    terminal.process.stdin.write(LETTER.encode())
    terminal.process.stdin.flush()
    terminal.read_until(PROGRESS)
    terminal.process.stdin.close()
    assert terminal.process.stdout.read().decode() == plain
    assert "".join(screen(terminal.end())) == ""


@pytest.mark.parametrize("args", [("--quiet",), ("--json",), ("--format", "spans")])
def test_progress_is_silent_when_asked_and_where_lines_are_shown(args):
    """Findings line by line on the same terminal leave no room for it."""
    line = '{"id":1,"text":"MRN: 4839201"}\n'
    shown = Terminal(*args).end(line)
    assert "\r" not in shown


def test_progress_is_silent_where_standard_error_is_no_terminal():
    terminal = Terminal(err=False)
    terminal.process.stdin.write(LETTER.encode())
    terminal.process.stdin.flush()
    terminal.end()
    assert terminal.process.stderr.read() == b"" and "\r" not in terminal.seen


def test_a_folder_is_counted(tmp_path):
    """More than a glance's worth: the line says share, speed, time left and how many texts."""
    for index in range(12):
        (tmp_path / f"{index:02}.txt").write_text(LETTER * 4000)
    (tmp_path / "picture.bin").write_bytes(b"\0" * 1000)
    terminal = Terminal(str(tmp_path), out=False)
    terminal.process.stdin.close()
    output = terminal.process.stdout.read().decode()
    terminal.process.stdin = open(os.devnull, "wb")
    shown = terminal.end()
    assert output.count("MRN") > 12 * 4000 and "left out:" in output and "\r" not in output
    for line in shown.split("\r"):
        assert len(line) <= 79
        assert not line.strip() or re.fullmatch(
            r" *\d{1,3}%  \d+\.\d of \d+\.\d MB(  \d+\.\d MB/s  \d+ (s|min|h) left)?  \d+ of \d+ texts *", line), line
