"""What vendors say: signed, shown, filled into rows, compared with rows; and never a cover."""

import json
import shutil

import pytest

from house.patients import HAROLD
from house.server import House, ROOT
from house.vendors import echo

DATA = ROOT / "crates" / "governance" / "data"
PLAIN = "What are the opening hours?"


@pytest.fixture
def mercy(tmp_path, database):
    """A house with an engagement and nothing else."""
    house = House(tmp_path / "mercy")
    house.do("engagement", "add", "mercy", "--title", "Discharge letters", "--covered-entity", "mercy-hospital",
             "--activate")
    yield house
    house.stop()


pytestmark = pytest.mark.sqlite


def points(house, *more) -> dict:
    """What `check` says, by subject; a subject with several points keeps them all."""
    found: dict[str, list] = {}
    for point in json.loads(house.run("check", "--offline", "--json", *more).stdout):
        found.setdefault(point["what"], []).append(point)
    return found


def codes(house, service: str) -> list:
    return [point.get("code") for point in points(house)[f"fit mercy/{service}"]]


def test_facts_are_listed_with_date_and_source(mercy):
    shown = mercy.do("vendor", "facts")
    shipped = json.loads((DATA / "vendors.json").read_text())
    assert shown["as_of"] == shipped["as_of"] and shown["from"] == "built in"
    assert shown["offerings"] == shipped["offerings"]
    for offering in shown["offerings"]:
        for source in offering["sources"]:
            assert source["address"].startswith("https://") and source["read"] <= shown["as_of"]
    text = mercy.run("vendor", "facts").stdout
    assert "openai-api" in text and "on-request" in text and shown["as_of"] in text and "cover nothing" in text
    one = mercy.run("vendor", "facts", "anthropic-api").stdout
    assert "hosted-tool from agreement" in one and "https://privacy.claude.com/" in one
    unknown = mercy.run("vendor", "facts", "openai-ap")
    assert unknown.returncode == 1 and "did you mean `openai-api`?" in unknown.stderr


@pytest.mark.parametrize("offering, told", [
    ("anthropic-api", "`chaperon service credential one --form x-api-key`"),
    ("bedrock", "--form FORM`, which is aws-keys or aws-instance or aws-container or bearer"),
])
def test_the_form_of_the_credential_is_one_that_the_command_takes(mercy, offering, told):
    mercy.do("vendor", "add", "one", "--from", offering)
    shown = mercy.run("service", "add", "one", "--from", offering, "--vendor", "one", "--region", "us-east-1",
                      "--model", "m")
    assert told in shown.stdout, shown.stdout + shown.stderr


def test_a_service_is_filled_and_stays_uncovered(mercy):
    """The row is whole, the sources are told, no agreement is made, and PHI is refused as without facts."""
    filled = mercy.do("vendor", "add", "openai", "--from", "openai-api")
    assert filled["body"] == {"legal_name": "OpenAI OpCo, LLC", "party": "openai"}
    row = mercy.do("service", "add", "openai-api", "--from", "openai-api", "--region", "us", "--model", "gpt-large")
    body = row["body"]
    assert body["endpoint"] == "https://us.api.openai.com/v1" and body["protocols"] == ["openai"]
    assert body["retention_mode"] == "30-days" and body["product"] == "OpenAI API" and body["region"] == "us"
    assert "openai-api" in row["reason"], row
    told = {one["field"]: one for one in row["prefilled"]["filled"]}
    assert set(told) == {"endpoint", "protocol", "vendor", "product", "retention mode"}
    assert all("https://developers.openai.com/" in told[field]["sources"][0] and "read 20" in told[field]["sources"][0]
               for field in ("endpoint", "protocol", "retention mode"))
    assert row["prefilled"]["credentials"] == ["bearer"]
    assert mercy.do("agreement", "list") == []
    mercy.do("service", "credential", "openai-api", stdin="sk-synthetic\n")
    key = mercy.do("agent", "add", "scribe", "--title", "S", "--workflow", "letters", "--purpose", "treatment")["key"]
    mercy.start()
    for said in (HAROLD, PLAIN):
        reply = mercy.call("/v1/chat/completions",
                           {"model": "gpt-large", "messages": [{"role": "user", "content": said}]}, key)
        assert reply.status == 403, reply.text
        exchange = reply.headers["chaperon-exchange"]
        assert "agreement-missing" in json.dumps(mercy.do("explain", exchange))
    standing = points(mercy)["  openai-api/gpt-large"][0]
    assert standing["state"] == "not-covered" and "agreement-missing" in standing["detail"]


def test_what_is_given_wins_and_what_can_t_be_known_is_asked_for(mercy):
    mercy.do("vendor", "add", "microsoft", "--from", "azure-openai", "--legal-name", "Microsoft Ireland")
    assert mercy.do("vendor", "show", "microsoft")["body"]["legal_name"] == "Microsoft Ireland"
    azure = ("service", "add", "azure", "--from", "azure-openai", "--model", "gpt")
    asked = mercy.run(*azure)
    assert asked.returncode == 2 and "https://{resource}.openai.azure.com/openai" in asked.stderr, asked.stderr
    row = mercy.do(*azure, "--endpoint", "https://mercy.openai.azure.com/openai", "--api-version", "2024-10-21",
                   "--retention", "modified-abuse-monitoring", "--reason", "as agreed")
    assert row["body"]["protocols"] == ["azure-openai"] and row["reason"] == "as agreed"
    assert row["body"]["retention_mode"] == "modified-abuse-monitoring"
    bedrock = mercy.run("service", "add", "bedrock", "--from", "bedrock", "--model", "m")
    assert bedrock.returncode == 2 and "--region" in bedrock.stderr
    neither = mercy.run("service", "add", "x", "--model", "m")
    assert neither.returncode == 2 and "--vendor" in neither.stderr and "--endpoint" in neither.stderr
    shown = mercy.run("service", "add", "azure", "--replace", "--from", "azure-openai", "--model", "gpt",
                      "--endpoint", "https://mercy.openai.azure.com/openai", "--api-version", "2024-10-21").stdout
    assert "filled from `azure-openai`" in shown and "covers nothing" in shown and "api-key or entra" in shown


def newer(folder, change=lambda text: text):
    """A copy of the file and its signature, changed."""
    folder.mkdir(exist_ok=True)
    text = (DATA / "vendors.json").read_text()
    (folder / "vendors.json").write_text(change(text))
    shutil.copy(DATA / "vendors.json.sig", folder)
    return folder / "vendors.json"


def test_only_a_signed_file_is_taken(mercy, tmp_path):
    file = newer(tmp_path / "given")
    assert mercy.do("vendor", "facts", "--file", file)["from"] == str(file)
    forged = newer(tmp_path / "forged", lambda text: text.replace('"offered": "no"', '"offered": "yes"'))
    unsigned = newer(tmp_path / "unsigned")
    (unsigned.parent / "vendors.json.sig").unlink()
    for bad in (forged, unsigned, tmp_path / "nowhere.json"):
        done = mercy.run("vendor", "facts", "--file", bad)
        assert done.returncode == 1 and "facts-untrusted" in done.stderr, done.stderr
        assert not done.stdout
    settings = mercy.home / "chaperon.toml"
    before = settings.read_text()
    settings.write_text(f'{before}\n[facts]\nfile = "{forged}"\n')
    mercy.do("vendor", "add", "openai", "--legal-name", "OpenAI")
    done = mercy.run("service", "add", "openai-api", "--from", "openai-api", "--model", "m")
    assert done.returncode == 1 and "facts-untrusted" in done.stderr
    checked = mercy.run("check", "--json", "--config-only")
    facts = [point for point in json.loads(checked.stdout) if point["what"] == "vendor facts"]
    assert checked.returncode == 6 and facts[0]["state"] == "fail"
    settings.write_text(f'{before}\n[facts]\nfile = "{file}"\n')
    assert points(mercy)["vendor facts"][0]["state"] == "ok"


def test_check_compares_services_with_scope_rows_and_facts(mercy):
    mercy.do("vendor", "add", "openai", "--from", "openai-api")
    mercy.do("service", "add", "openai-api", "--from", "openai-api", "--region", "us", "--retention", "zero",
             "--model", "gpt-large")
    assert codes(mercy, "openai-api") == [None]
    agreement = ("agreement", "add", "openai-baa", "--vendor", "openai", "--effective", "2026-01-01", "--no-training",
                 "--replace", "--scope")
    mercy.do(*agreement[:-2], "--scope", "openai-api;region=us;retention=zero")
    assert codes(mercy, "openai-api") == [None]
    mercy.do(*agreement, "openai-api;model=gpt-tiny;region=eu;retention=30-days;features=inference,batch")
    assert codes(mercy, "openai-api") == ["scope-region", "scope-retention", "scope-model",
                                          "feature-outside-retention"]
    done = mercy.run("check", "--offline")
    assert done.returncode == 0 and "warn" in done.stdout and "openai-baa" in done.stdout, done.stdout
    mercy.do("service", "add", "openai-api", "--from", "openai-api", "--endpoint", "https://eu.api.openai.com/v1",
             "--region", "us", "--retention", "zero", "--model", "gpt-large", "--replace")
    assert "region-differs" in codes(mercy, "openai-api")
    done = mercy.run("check", "--offline")
    assert done.returncode == 1 and "its address is in `eu`" in done.stdout, done.stdout


def test_check_says_the_same_of_a_house_that_is_served(mercy):
    mercy.do("vendor", "add", "anthropic", "--from", "anthropic-api")
    mercy.do("service", "add", "claude", "--from", "anthropic-api", "--model", "claude-x", "--protocol", "openai",
             "--endpoint", "https://api.anthropic.com/v1")
    before = points(mercy)["fit mercy/claude"]
    assert [point["code"] for point in before] == ["protocol-form"]
    mercy.start()
    assert points(mercy)["fit mercy/claude"] == before


def test_what_answers_say_is_held_against_the_row(new_office):
    """Two headers of a closed list: kept while the server runs, told by check, warned of once."""
    office = new_office()
    office.house.start()
    assert codes(office.house, "acme-api") == ["placement-loopback"]

    def says(region, zero):
        def answer(arrival):
            reply = echo(arrival)
            reply.headers.update({"x-ms-region": region, "x-zero-data-retention": zero, "x-other": "secret-value"})
            return reply
        office.acme.answer = answer

    says("Sweden Central", "false")
    for _ in range(3):
        assert office.chat(HAROLD).status == 200
    assert codes(office.house, "acme-api") == ["placement-loopback", "observed-region", "observed-retention"]
    shown = office.house.run("check", "--offline")
    assert shown.returncode == 1 and "its answers come from `swedencentral`" in shown.stdout, shown.stdout
    log = office.house.log()
    assert log.count("observed-region") == 1 and log.count("observed-retention") == 1 and "secret-value" not in log
    says("East US 2", "true")
    assert office.chat(HAROLD).status == 200
    assert codes(office.house, "acme-api") == ["placement-loopback"]
    assert codes(office.house, "bargain-api") == ["placement-loopback"]
