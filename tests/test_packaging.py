"""What is packaged: the unit of systemd, the image, the chart, dashboard and alerts, each judged by its own tools."""

import json
import os
import pathlib
import re
import secrets
import shutil
import ssl
import subprocess
import sys
import tomllib
from base64 import b64encode

import helm_python
import helm_python.chart
import httpx
import kubernetes_validate
import promql_parser
import pytest
import yaml

from house.patients import HAROLD
from house.server import CHAPERON, ROOT, wait_for
from house.upstream import Answer
from house.vendors import saying

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


# the list of what is inside


@pytest.mark.skipif(not shutil.which("cargo-cyclonedx"), reason="cargo-cyclonedx is not here: `make sbom` installs it")
def test_the_list_of_contents_is_whole(tmp_path):
    """Against the tree of crates as cargo itself prints it, and without copyleft."""
    done = run(PACKAGING / "sbom.sh", env={**os.environ, "CARGO_TARGET_DIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    for binary, package in (("chaperon", "chaperon"), ("chaperon-verify", "chaperon-verify")):
        text = (tmp_path / f"sbom/{binary}.cdx.json").read_text()
        listed = json.loads(text)
        assert (listed["bomFormat"], listed["specVersion"]) == ("CycloneDX", "1.5")
        assert str(ROOT) not in text
        components = {(one["name"], one["version"]): one for one in listed["components"]}
        tree = run("cargo", "tree", "--locked", "--edges", "normal,no-proc-macro", "--prefix", "none", "--package",
                   package, cwd=ROOT).stdout
        wanted = {tuple(line.split()[:2]) for line in tree.splitlines()[1:] if line}
        missing = {name for name, version in wanted if (name, version.removeprefix("v")) not in components}
        assert not missing and wanted
        for one in components.values():
            licences = [each.get("expression") or each["license"].get("id") for each in one["licenses"]]
            assert licences and all("GPL" not in one.split(" OR ")[0] for one in licences), one["name"]
    assert not list(ROOT.glob("crates/*/*.cdx.json")), "nothing is left behind"


# the chart

CHART = PACKAGING / "helm/chaperon"
LEAST = {"tls": {"secretName": "certificate"}, "root": {"passphrase": {"secretName": "root"}}}
MOST = {
    "image": {"digest": "sha256:" + "0" * 64}, "imagePullSecrets": [{"name": "pull"}],
    "tls": {"secretName": "certificate"}, "root": {"file": {"secretName": "root"}}, "store": {"secretName": "database"},
    "upstream": {"trustConfigMap": "authorities"}, "limits": {"exchanges": 512, "held_bytes": 268435456},
    "telemetry": {"endpoint": "https://collector.example:4318", "sampling": 0.25,
                  "authorization": {"secretName": "collector"}},
    "persistence": {"storageClassName": "fast"}, "service": {"annotations": {"a": "b"}},
    "networkPolicy": {"egressMore": [{"to": [{"ipBlock": {"cidr": "10.1.2.3/32"}}],
                                      "ports": [{"port": 5432, "protocol": "TCP"}]}]},
    "podDisruptionBudget": {"enabled": True}, "serviceAccount": {"annotations": {"a": "b"}},
    "podAnnotations": {"a": "b"}, "podLabels": {"c": "d"}, "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "k", "operator": "Exists"}], "affinity": {"nodeAffinity": {}}, "priorityClassName": "high",
}


def rendered(values: dict) -> dict[str, dict]:
    """The chart by Helm's own renderer: its objects by kind."""
    with helm_python.Chart.load(CHART) as chart:
        texts = chart.render(values=values, name="house", namespace="hospital")
    documents = [yaml.safe_load(text) for name, text in texts.items() if name.endswith(".yaml")]
    return {document["kind"]: document for document in documents if document}


@pytest.mark.parametrize("values", [LEAST, MOST], ids=["least", "most"])
@pytest.mark.parametrize("version", ["1.29", "1.34"])
def test_the_chart_makes_what_the_cluster_knows(values, version):
    objects = rendered(values)
    assert {"ConfigMap", "Service", "ServiceAccount", "StatefulSet", "NetworkPolicy"} <= objects.keys()
    assert ("PodDisruptionBudget" in objects) == (values is MOST), "off by default"
    for document in objects.values():
        kubernetes_validate.validate(document, version, strict=True)


def test_the_chart_is_as_helm_wants_it():
    found = helm_python.chart.lint(CHART, values=LEAST, strict=True)
    assert not found["errors"] and all(message["severity"] < 2 for message in found["messages"]), found


@pytest.mark.parametrize("values", [LEAST, MOST], ids=["least", "most"])
def test_the_pod_is_restricted_and_alone(values):
    """Pod Security Standards, restricted; one writer; the token of the cluster stays out."""
    stateful = rendered(values)["StatefulSet"]["spec"]
    pod = stateful["template"]["spec"]
    [container] = pod["containers"]
    assert stateful["replicas"] == 1
    assert pod["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & pod.keys()
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                            "capabilities": {"drop": ["ALL"]}}
    assert {mount["name"] for mount in container["volumeMounts"]} == {"data"} | {one["name"] for one in pod["volumes"]}
    assert {kind for one in pod["volumes"] for kind in one if kind != "name"} <= {"configMap", "secret", "emptyDir"}
    assert all(one["secret"]["defaultMode"] == 0o400 for one in pod["volumes"] if "secret" in one)
    paths = {probe: container[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe", "startupProbe")}
    assert paths == {"livenessProbe": "/healthz", "readinessProbe": "/readyz", "startupProbe": "/healthz"}
    assert all(container[probe]["httpGet"]["scheme"] == "HTTPS" for probe in paths)


def test_the_chart_tells_traces_only_where_it_is_told_to():
    def told(values):
        return tomllib.loads(rendered(values)["ConfigMap"]["data"]["chaperon.toml"]).get("telemetry")

    assert told(LEAST) is None
    collector = "https://collector.example:4318"
    assert told({**LEAST, "telemetry": {"endpoint": collector}}) == {"endpoint": collector, "sampling": 1.0}
    assert told(MOST) == {"endpoint": collector, "sampling": 0.25,
                          "authorization": {"file": "/run/chaperon/telemetry/authorization"}}


@pytest.mark.parametrize("values, told", [
    ({}, "tls.secretName"),
    ({"tls": LEAST["tls"]}, "root key is kept apart"),
    ({**LEAST, "root": {"passphrase": {"secretName": "a"}, "file": {"secretName": "b"}}}, "not both"),
    ({**LEAST, "limits": {"depth": "deep"}}, "limits"),
    ({**LEAST, "telemetry": {"endpoint": "collector:4318"}}, "telemetry"),
    ({**LEAST, "telemetry": {"sampling": 2}}, "telemetry"),
    ({**LEAST, "replicas": 2}, "replicas"),
    ({**LEAST, "networkPolicy": {"ingressFrom": []}}, "ingressFrom"),
])
def test_the_chart_refuses_what_can_not_be_meant(values, told):
    with pytest.raises(helm_python.HelmError, match=told):
        rendered(values)


@pytest.mark.sqlite
@pytest.mark.parametrize("values", [LEAST, {**MOST, "store": {}}], ids=["passphrase", "file"])
def test_a_house_starts_with_what_the_chart_configures(new_office, authority, values):
    """The rendered configuration, its paths moved to where this machine has the same files."""
    text = rendered(values)["ConfigMap"]["data"]["chaperon.toml"]
    office = new_office()
    house, files = office.house, authority()
    mounts = house.home / "mounts"
    for folder, name, content in (("tls", "tls.crt", (files / "server.pem").read_bytes()),
                                  ("tls", "tls.key", (files / "server.key").read_bytes()),
                                  ("telemetry", "authorization", b"Bearer collector"),
                                  ("trust", "authorities.pem", (files / "server.pem").read_bytes()),
                                  ("root", "passphrase", b"correct horse battery staple"),
                                  ("root", "root.key", b64encode(secrets.token_bytes(32)))):
        (mounts / folder).mkdir(parents=True, exist_ok=True)
        (mounts / folder / name).write_bytes(content)
        (mounts / folder / name).chmod(0o400)
    text = (text.replace("/run/chaperon", str(mounts)).replace("/var/lib/chaperon", str(house.home / "volume"))
            .replace("0.0.0.0:8443", f"0.0.0.0:{house.port}"))
    assert "/run/" not in text and "/var/" not in text
    (house.home / "chaperon.toml").write_text(text)
    house.start()
    trust = ssl.create_default_context(cafile=files / "server.pem")
    assert httpx.get(f"https://127.0.0.1:{house.port}/readyz", verify=trust).status_code == 200
    assert house.stop() == 0


# dashboard and alerts

DASHBOARD = PACKAGING / "grafana/chaperon.json"
RULES = PACKAGING / "prometheus/chaperon.rules.yml"


def dashboard_queries() -> list[str]:
    """As the panels ask, with Grafana's own variables filled in."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    return [re.sub(r"\$__(rate_interval|range)\b", "5m", query).replace("$job", ".*").replace("$instance", ".*")
            for query in queries]


def rules() -> list[dict]:
    [group] = yaml.safe_load(RULES.read_text())["groups"]
    return group["rules"]


def selectors(query: str) -> list[tuple[str, str]]:
    """Every metric of a query with what it selects by, once the language's own parser has taken it."""
    parsed = promql_parser.parse(query).prettify()
    ungrouped = re.sub(r"\b(?:by|without)\s*\([^)]*\)", "", parsed)
    return re.findall(r"\b((?:chaperon|gen_ai)_[a-z_]+|up)\b(\{[^}]*\})?", ungrouped)


@pytest.fixture(scope="module")
def exported(request, tmp_path_factory):
    """What a house exports once every kind of thing happened in it: metrics, and their labels."""
    from conftest import furnished
    office = furnished(tmp_path_factory.mktemp("metrics"), "sqlite")
    office.house.start()
    office.acme.answer = saying("Also MRN 77120934 was seen.")
    assert office.chat(HAROLD).status == 200
    assert office.chat(HAROLD, stream=True).status == 200
    office.chat(HAROLD, model="bargain-1")
    office.house.do("pool", "add", "again", "--to", "acme-api/acme-large", "--attempts", "2")
    office.acme.answer = lambda arrival: Answer(b"{}", 503)
    assert office.chat(HAROLD, model="again").status == 503
    text = wait_for(lambda: "chaperon_masked_total" in (text := office.house.call("/metrics").text) and text)
    yield set(re.findall(r"^([a-z_]+)", text, re.M)), set(re.findall(r'[{,]([a-z_]+)="', text))
    office.house.stop()
    for vendor in office.vendors:
        vendor.close()


def test_dashboard_and_alerts_ask_for_what_the_house_exports(exported):
    metrics, labels = exported
    asked = dashboard_queries() + [rule["expr"] for rule in rules()]
    named = [selector for query in asked for selector in selectors(query)]
    assert len(named) > 20
    for name, by in named:
        assert name == "up" or name in metrics, f"{name} is not exported"
        assert set(re.findall(r"(\w+)\s*(?:=~|=|!=)", by)) <= labels | {"job", "instance"}, by
    for query in asked:
        groups = {word.strip() for one in re.findall(r"by \(([^)]*)\)", query) for word in one.split(",")}
        assert groups <= labels | {"instance", "le"}, query
    shown = {name for query in dashboard_queries() for name, _ in selectors(query)}
    histograms = {name.removesuffix("_bucket") for name in metrics if name.endswith("_bucket")}
    unseen = {name for name in metrics - shown if not any(name.startswith(one) for one in histograms)}
    assert not unseen, f"the dashboard leaves out {unseen}"


def test_codes_in_alerts_are_codes(tmp_path):
    codes = {code for rule in rules() for one in re.findall(r'code=~?"([^"]+)"', rule["expr"]) for code in one.split("|")}
    assert len(codes) > 8
    for code in codes:
        assert run(CHAPERON, "explain", code, cwd=tmp_path).returncode == 0, code


def test_alerts_say_what_to_do():
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert rule["annotations"].keys() == {"summary", "description"}, rule["alert"]
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)


def test_the_dashboard_is_one_that_grafana_loads():
    dashboard = json.loads(DASHBOARD.read_text())
    assert dashboard["uid"] and dashboard["title"] and "id" not in dashboard
    places, ids = [], [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert place["x"] + place["w"] <= 24 and not any(cells & other for other in places), panel["title"]
        places.append(cells)
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
