"""Fixtures: furnished houses, one for each database and shared, or one of a test's own."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from house import certificates, postgres, server, vendors  # noqa: E402
from house import office as furniture  # noqa: E402
from house.upstream import Upstream  # noqa: E402

DATABASES = ["sqlite", "postgres"]


def pytest_configure(config):
    config.addinivalue_line("markers", "sqlite: on which database it stands makes no difference, or no PostgreSQL can be reached")
    if not pathlib.Path(server.CHAPERON).exists():
        pytest.exit(f"{server.CHAPERON} is not there: `make build`, or set CHAPERON_BIN", returncode=2)


def pytest_addoption(parser):
    parser.addoption("--database", choices=[*DATABASES, "both"], default="both",
                     help="on which database houses stand [default: every test on both]")
    parser.addoption("--write-clients", action="store_true", help="write docs/reference/clients.md from this run")


def pytest_generate_tests(metafunc):
    """Tests with a house run once for each database."""
    if "database" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--database")
        databases = DATABASES if asked == "both" else [asked]
        if metafunc.definition.get_closest_marker("sqlite"):
            databases = ["sqlite"]
        metafunc.parametrize("database", databases, scope="session")


def store_url(database: str) -> str | None:
    if database == "sqlite":
        return None
    if not postgres.SERVER:
        if os.environ.get("CI"):
            pytest.fail("CHAPERON_TEST_POSTGRES is not set")
        pytest.skip("CHAPERON_TEST_POSTGRES is not set")
    return postgres.new_database()


def furnished(home: pathlib.Path, database: str, **settings) -> furniture.Office:
    store = store_url(database)
    upstreams = [Upstream(vendors.echo) for _ in range(4)]
    return furniture.furnish(server.House(home, store, **settings), *upstreams)


@pytest.fixture(scope="session")
def houses(tmp_path_factory):
    """Served houses by database, made when first asked for."""
    made: dict[str, furniture.Office] = {}

    def of(database: str) -> furniture.Office:
        if database not in made:
            made[database] = furnished(tmp_path_factory.mktemp(database), database)
            made[database].house.start()
        return made[database]

    yield of
    for one in made.values():
        one.house.stop()


@pytest.fixture
def office(houses, database):
    """A served house that other tests share; its vendors answer by echo and remember nothing."""
    shared = houses(database)
    shared.forget()
    return shared


@pytest.fixture
def new_office(tmp_path, database):
    """Makes houses of a test's own, not served yet; they are ended with the test."""
    made = []

    def make(**settings):
        made.append(furnished(tmp_path / f"house-{len(made)}", database, **settings))
        return made[-1]

    yield make
    for one in made:
        if one.house.process and one.house.process.poll() is None:
            one.house.kill()
        for vendor in one.vendors:
            vendor.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Makes folders with a certificate for 127.0.0.1 and its key."""
    return lambda common_name="one", days=30: certificates.make(tmp_path_factory.mktemp("tls"), common_name, days)


@pytest.fixture
def secure_office(new_office, authority):
    """A served house of a test's own behind TLS, its address and the certificate to trust."""
    files = authority()
    office = new_office(settings=f'[tls]\ncertificate = "{files}/server.pem"\nkey = "{files}/server.key"')
    office.house.start()
    return office, f"https://127.0.0.1:{office.house.port}", files / "server.pem"
