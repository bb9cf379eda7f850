"""Whether vendors can be reached, and whom TLS to them trusts."""

import json
import ssl
import subprocess

import pytest

from house.office import add_service
from house.patients import HAROLD
from house.server import CHAPERON, ROOT
from house.upstream import Upstream
from house.vendors import echo

CERTIFICATES = ROOT / "crates" / "egress" / "tests" / "certificates"
TRUSTED = f'[upstream]\ntrust = "{CERTIFICATES / "ca.pem"}"'


@pytest.fixture
def private():
    """A vendor on loopback with a certificate of a private authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "vendor.pem", CERTIFICATES / "vendor.key")
    vendor = Upstream(echo, tls=context)
    yield vendor
    vendor.close()


def with_private(new_office, vendor, **settings):
    office = new_office(**settings)
    add_service(office.house, "private-api", "acme", vendor, "--model", "private-1")
    office.house.do("agreement", "add", "private-baa", "--vendor", "acme", "--effective", "2026-01-01",
                    "--no-training", "--retention", "zero", "--region", "us", "--scope", "private-api")
    return office


def points(done) -> dict:
    return {point["what"]: point for point in json.loads(done.stdout)}


def test_a_vendor_behind_a_private_authority(new_office, private):
    """Reached where its authority is named, and nothing leaves where it is not."""
    office = with_private(new_office, private)
    office.house.start()
    reply = office.chat(HAROLD, model="private-1")
    assert reply.status == 502 and reply.json["error"]["code"] == "upstream-unreachable", reply.text
    assert not private.arrivals
    office = with_private(new_office, private, settings=TRUSTED)
    office.house.start()
    reply = office.chat(HAROLD, model="private-1")
    assert reply.status == 200, reply.text
    assert "48213377" in reply.text and b"48213377" not in private.captured()


@pytest.mark.parametrize("served", [False, True])
def test_check_knocks_and_says_nothing(new_office, private, served):
    office = with_private(new_office, private, settings=TRUSTED)
    if served:
        office.house.start()
    done = office.house.run("check", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = points(done)
    assert "TLS 1.3" in found["reach mercy/private-api"]["detail"]
    for service in ("acme-api", "bargain-api", "pilot-api", "local"):
        assert found[f"reach mercy/{service}"]["state"] == "ok"
    assert office.nothing_left() and not any(vendor.captured().strip() for vendor in [*office.vendors, private])


def test_check_fails_where_a_service_can_t_be_reached(new_office, private):
    office = with_private(new_office, private)
    office.acme.close()
    done = office.house.run("check", "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    found = points(done)
    assert found["reach mercy/bargain-api"]["state"] == "ok"
    assert "refuses the connection" in found["reach mercy/acme-api"]["detail"]
    assert found["reach mercy/private-api"]["state"] == "fail"
    assert "authority" in found["reach mercy/private-api"]["detail"] or \
        "no certificates to trust" in found["reach mercy/private-api"]["detail"]
    shown = office.house.run("check").stdout
    assert "FAIL" in shown and office.acme.url in shown
    offline = office.house.run("check", "--offline", "--json")
    assert offline.returncode == 0 and not any(what.startswith("reach") for what in points(offline))
    office.house.do("service", "end", "acme-api")
    assert "reach mercy/acme-api" not in points(office.house.run("check", "--json")), "it has ended"


def test_a_private_address_that_is_not_declared_is_not_called(new_office):
    """A name that stands for one: the resolver reads the number, we read a name."""
    office = new_office()
    office.house.do("service", "add", "inside", "--vendor", "acme", "--endpoint", "https://0x0a000001/v1",
                    "--model", "inside-1")
    done = office.house.run("check", "--json")
    assert done.returncode == 1
    detail = points(done)["reach mercy/inside"]["detail"]
    assert "10.0.0.1" in detail and "not declared" in detail


def test_a_file_of_authorities_that_holds_none_stops_the_server(tmp_path):
    (tmp_path / "none.pem").write_text("nothing\n")
    (tmp_path / "chaperon.toml").write_text('[upstream]\ntrust = "none.pem"\n')
    for command in (["serve"], ["check"]):
        done = subprocess.run([CHAPERON, *command], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 6, done.stdout + done.stderr
        assert "`upstream.trust` names `none.pem`, which holds no certificate" in done.stdout + done.stderr
