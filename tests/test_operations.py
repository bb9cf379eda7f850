"""What operators hold on to: the command line, the demo, health, metrics, TLS, configuration."""

import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import threading

import httpx
import pytest

from house.patients import HAROLD, NOTE
from house.server import CHAPERON, VERIFY, free_port, wait_for


def run(*args, cwd, **more):
    return subprocess.run([CHAPERON, *args], cwd=cwd, capture_output=True, text=True, timeout=90, **more)


# the demo


def test_the_demo_shows_the_whole_way_and_ends(tmp_path):
    listen = ("--listen", f"127.0.0.1:{free_port()}")
    first = run("demo", "--once", *listen, cwd=tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    shown = first.stdout
    assert re.search(r"http://127\.0\.0\.1:\d+/v1", shown)
    assert re.search(r"chp_[0-9a-z]{20,}", shown)
    assert "intact" in shown and "agreement" in shown
    assert "stand-in" in shown, "it says that no model answers"
    assert (tmp_path / "data" / "journal").is_dir()
    assert subprocess.run([VERIFY, tmp_path / "data"], capture_output=True).returncode == 0
    second = run("demo", "--once", *listen, cwd=tmp_path)
    assert second.returncode == 0, second.stdout + second.stderr
    one, two = (re.search(r"chp_[0-9a-z]{20,}", text).group() for text in (shown, second.stdout))
    assert one != two, "each run mints a key of its own"
    assert subprocess.run([VERIFY, tmp_path / "data"], capture_output=True).returncode == 0


def test_the_demo_keeps_serving(tmp_path):
    """The printed line works as pasted: base URL and key."""
    process = subprocess.Popen([CHAPERON, "demo", "--listen", f"127.0.0.1:{free_port()}"], cwd=tmp_path,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    shown: list[str] = []
    threading.Thread(target=lambda: shown.extend(iter(process.stdout.readline, "")), daemon=True).start()
    try:
        def pasted():
            text = "".join(shown)
            url = re.search(r"http://127\.0\.0\.1:\d+/v1", text)
            key = re.search(r"chp_[0-9a-z]{20,}", text)
            return url and key and "curl" in text and (url.group(), key.group())

        url, key = wait_for(pasted, seconds=60)
        models = httpx.get(f"{url}/models", headers={"authorization": f"Bearer {key}"}).json()["data"]
        reply = httpx.post(f"{url}/chat/completions", headers={"authorization": f"Bearer {key}"}, timeout=30, json={
            "model": models[0]["id"], "messages": [{"role": "user", "content": f"Letter for {HAROLD}, please."}]})
        assert reply.status_code in (200, 403), reply.text
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(40)


# configuration


def test_no_configuration_at_all(tmp_path):
    done = run("check", "--json", cwd=tmp_path)
    assert done.returncode in (0, 1), done.stderr
    assert json.loads(done.stdout)


@pytest.mark.parametrize("text, told", [
    ('lisen = "127.0.0.1:1"', "listen"),
    ("[limits]\nbody_byte = 5", "body_bytes"),
    ('[log]\nlevel = "loud"', "debug"),
    ("[limits]\ndepth = 100000", "8 to 512"),
    ('[root]\npassphrase = "hunter2"', "reference"),
    ("listen = ", "1"),
])
def test_a_wrong_configuration_shows_where_and_what_is_expected(tmp_path, text, told):
    (tmp_path / "chaperon.toml").write_text(text + "\n")
    done = run("check", cwd=tmp_path)
    assert done.returncode == 6, done.stdout + done.stderr
    assert told in done.stdout + done.stderr
    assert "chaperon.toml" in done.stdout + done.stderr
    assert "hunter2" not in (done.stdout + done.stderr).replace(text, "") or told == "reference"


def test_a_passphrase_root(new_office):
    """A server whose root is a passphrase starts only with it."""
    passphrase = "correct horse battery staple"
    office = None
    os.environ["CHAPERON_TEST_PASSPHRASE"] = passphrase
    try:
        office = new_office(settings='[root]\npassphrase = { env = "CHAPERON_TEST_PASSPHRASE" }')
    finally:
        del os.environ["CHAPERON_TEST_PASSPHRASE"]
    office.house.start()
    assert office.chat(HAROLD).status == 200
    office.house.stop()
    office.house.environment["CHAPERON_TEST_PASSPHRASE"] = "wrong"
    with pytest.raises(AssertionError, match="ended at once"):
        office.house.start()


def test_secrets_are_no_arguments(office):
    for command in ("service credential", "agent add", "serve"):
        shown = run(*command.split(), "--help", cwd="/").stdout
        for word in ("--secret ", "--password", "--api-key", "--passphrase", "--credential "):
            assert word not in shown, (command, word)


# health and metrics


def test_health(office):
    for path in ("/healthz", "/readyz"):
        assert office.house.call(path).status == 200


def test_metrics_count_and_hold_no_content(office):
    office.chat(NOTE)
    office.chat(HAROLD, model="bargain-1", key=office.helper)
    reply = office.house.call("/metrics")
    assert reply.status == 200
    text = reply.text
    assert re.search(r"^chaperon_exchanges_total\{.*\} \d+$", text, re.M), text
    assert 'code="agreement-missing"' in text and 'class="MRN"' in text
    for value in ("Quackenbush", "48213377", "mercy", "scribe", "chp_"):
        assert value not in text


def test_the_log_is_structured_and_holds_no_content(office):
    office.chat(HAROLD)
    lines = [line for line in office.house.log().splitlines() if line.strip()]
    assert lines and all(isinstance(json.loads(line), dict) for line in lines)
    assert "Finchley" not in office.house.log() and office.scribe not in office.house.log()


# commands


def test_codes_are_explained(tmp_path):
    done = run("explain", "agreement-missing", "--json", cwd=tmp_path)
    assert done.returncode == 0
    assert "164.502(e)" in done.stdout and "help" in done.stdout
    assert run("explain", "no-such-code", cwd=tmp_path).returncode == 1


def test_lists_are_tables_for_people_and_json_for_programs(office):
    for noun in ("engagement", "vendor", "service", "agreement", "agent"):
        table = office.house.run(noun, "list")
        assert table.returncode == 0 and not table.stdout.startswith(("{", "["))
        assert office.house.do(noun, "list")
    assert "sk-vendor" not in str(office.house.do("service", "list"))
    assert office.scribe not in str(office.house.do("agent", "show", "scribe"))


def offered(script: str, *words: str, then: str) -> set[str]:
    """What bash offers after these words and the beginning of one more, as it would at two strokes of the tab key."""
    program = f"""{script}
        COMP_WORDS=({" ".join(words)} '{then}') COMP_CWORD={len(words)}
        _chaperon chaperon '{then}' {words[-1]}; printf '%s\n' "${{COMPREPLY[@]}}" """
    # by standard input: an argument may not be that long
    done = subprocess.run(["bash", "--norc", "-s"], input=program, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


def test_shells_complete_the_command_line(tmp_path):
    script = run("completions", "bash", cwd=tmp_path).stdout
    nouns = offered(script, "chaperon", then="")
    assert {"engagement", "vendor", "service", "agreement", "agent", "policy", "journal", "serve", "scan"} <= nouns
    assert offered(script, "chaperon", then="ag") == {"agreement", "agent"}
    assert {"add", "list", "show", "rotate", "revoke", "end"} <= offered(script, "chaperon", "agent", then="")
    assert "--fail-on-findings" in offered(script, "chaperon", "scan", then="--fail")
    for shell, word in (("zsh", "#compdef chaperon"), ("fish", "complete -c chaperon"), ("elvish", "chaperon"),
                        ("powershell", "chaperon")):
        assert word in run("completions", shell, cwd=tmp_path).stdout
    assert run("completions", "cmd", cwd=tmp_path).returncode == 2


def test_an_exchange_is_explained_without_values(office):
    reply = office.chat(HAROLD)
    shown = json.dumps(office.house.do("explain", reply.exchange))
    for word in ("permit", "MRN", "/messages/0/content"):
        assert word in shown, (word, shown)
    for value in ("48213377", "Finchley"):
        assert value not in shown


def test_scan(office, tmp_path):
    note = tmp_path / "note.txt"
    note.write_text(f"Seen today: {HAROLD}\n")
    house = office.house
    shown = house.run("scan", note)
    assert shown.returncode == 0 and "MRN" in shown.stdout and "48213377" not in shown.stdout
    assert house.run("scan", note, "--fail-on-findings").returncode == 1
    assert house.run("scan", "-", "--fail-on-findings", stdin="the plan is to rest").returncode == 0
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text(json.dumps({"id": "a", "text": "Café 😀 MRN 48213377 today"}, ensure_ascii=False) + "\n")
    spans = json.loads(house.run("scan", corpus, "--format", "spans").stdout)
    [span] = [span for span in spans["spans"] if span["label"] == "MRN"]
    assert "Café 😀 MRN 48213377 today"[span["start"]:span["end"]] == "48213377"


def test_terminal_escapes_do_not_reach_the_terminal(new_office):
    """What a name, a title or a reason holds is refused or escaped, whoever lists it."""
    office = new_office()
    evil = "Evil\x1b[2J\x1b]0;x\x07 Inc.\u202e"
    office.house.run("vendor", "add", "evil", "--legal-name", evil)
    office.house.run("vendor", "add", "evil", "--legal-name", "Evil", "--reason", evil, "--author", evil)
    office.house.run("agent", "add", "evil", "--title", evil, "--workflow", "w", "--purpose", "treatment")
    for command in ("vendor list", "vendor show evil --history", "agent list", "journal tail"):
        shown = office.house.run(*command.split()).stdout
        assert not set("\x1b\x07\u202e") & set(shown), command


# TLS and HTTP/2


def test_listening_beyond_loopback_needs_a_certificate(new_office):
    office = new_office()
    settings = office.house.home / "chaperon.toml"
    settings.write_text(settings.read_text().replace('listen = "127.0.0.1', 'listen = "0.0.0.0'))
    with pytest.raises(AssertionError, match="ended at once"):
        office.house.start()
    assert "certificate" in office.house.log()


def test_tls_with_http_2_and_a_certificate_that_is_renewed(new_office, authority):
    files = authority("one")
    office = new_office(listen="0.0.0.0",
                        settings=f'[tls]\ncertificate = "{files}/server.pem"\nkey = "{files}/server.key"')
    office.house.start()
    url = f"https://127.0.0.1:{office.house.port}"
    body = {"model": "acme-large", "messages": [{"role": "user", "content": HAROLD}]}
    head = {"authorization": f"Bearer {office.scribe}"}
    for h2 in (True, False):
        trust = ssl.create_default_context(cafile=files / "server.pem")
        with httpx.Client(http2=h2, verify=trust) as client:
            reply = client.post(f"{url}/v1/chat/completions", json=body, headers=head, timeout=30)
            assert reply.status_code == 200, reply.text
            assert reply.http_version == ("HTTP/2" if h2 else "HTTP/1.1")
            assert "48213377" in reply.json()["choices"][0]["message"]["content"]
    assert versions(office.house.port) == {"TLSv1.2", "TLSv1.3"}
    with pytest.raises((http.client.HTTPException, OSError)):
        office.house.call("/healthz")  # plain HTTP is not answered
    serial = peer(office.house.port)
    renewed = authority("two")
    for name in ("server.key", "server.pem"):
        os.replace(renewed / name, files / name)
    wait_for(lambda: peer(office.house.port) != serial, seconds=20, pause=0.2)


def peer(port: int) -> bytes:
    context = ssl._create_unverified_context()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw, context.wrap_socket(raw) as tls:
        return tls.getpeercert(binary_form=True)


def versions(port: int) -> set[str]:
    """Which versions of TLS the server agrees to."""
    agreed = set()
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl._create_unverified_context()
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as raw, context.wrap_socket(raw) as tls:
                agreed.add(tls.version())
        except (ssl.SSLError, OSError):
            pass
    return agreed


def test_http_2_without_tls_on_loopback(office):
    body = json.dumps({"model": "acme-large", "messages": [{"role": "user", "content": HAROLD}]})
    done = subprocess.run(["curl", "-sS", "--http2-prior-knowledge", "-w", "\n%{http_version} %{http_code}",
                           "-H", f"authorization: Bearer {office.scribe}", "-H", "content-type: application/json",
                           "-d", body, f"{office.house.url}/v1/chat/completions"], capture_output=True, text=True)
    assert done.stdout.endswith("\n2 200"), done.stdout + done.stderr
    assert "48213377" in done.stdout


# addresses that are no vendor's


def isolated() -> bool:
    """Whether a process can be put where there is no network at all: these tests must never reach a real one."""
    done = subprocess.run(["unshare", "-n", "ip", "link", "set", "lo", "up"], capture_output=True)
    return done.returncode == 0


@pytest.mark.sqlite
@pytest.mark.skipif(not isolated(), reason="no network namespaces here")
@pytest.mark.parametrize("endpoint", [
    "http://203.0.113.9/v1", "https://169.254.169.254/v1", "https://10.0.0.1/v1", "https://192.168.1.1/v1",
    "https://[::ffff:10.0.0.1]/v1", "https://[fe80::1]/v1", "https://0x0a000001/v1",
    "file:///etc/passwd", "https://user:secret@vendor.example/v1",
])
def test_addresses_that_no_vendor_has(new_office, endpoint):
    """Private, link-local and plain-text endpoints are refused when recorded, or before a byte leaves."""
    office = new_office()
    house = office.house
    done = house.run("service", "add", "inside", "--vendor", "acme", "--endpoint", endpoint, "--model", "inside-1",
                     "--region", "us")
    if done.returncode != 0:
        assert done.returncode in (1, 2), done.stderr
        return
    house.do("service", "credential", "inside", stdin="x")
    house.do("agreement", "add", "inside", "--vendor", "acme", "--no-training", "--region", "us",
             "--scope", "inside")
    command = f"ip link set lo up && exec {CHAPERON} --config {house.home}/chaperon.toml serve"
    process = subprocess.Popen(["unshare", "-n", "sh", "-c", command], cwd=house.home, env=house.environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    curl = ["nsenter", "-t", str(process.pid), "-n", "curl", "-sS", "-m", "20"]
    body = json.dumps({"model": "inside-1", "messages": [{"role": "user", "content": HAROLD}]})
    try:
        wait_for(lambda: subprocess.run([*curl, f"{house.url}/healthz"], capture_output=True).returncode == 0)
        reply = subprocess.run([*curl, "-H", f"authorization: Bearer {office.scribe}", "-d", body,
                                f"{house.url}/v1/chat/completions"], capture_output=True, text=True).stdout
    finally:
        process.terminate()
        process.wait(40)
    assert json.loads(reply)["error"]["code"] == "address-denied", reply
