"""The weekly report: its numbers against what was done, in every format; and what it must never hold."""

import datetime
import html.parser
import json
import re
import shutil

import pytest

from conftest import furnished
from house import leaks
from house.patients import HAROLD, HAROLD_VALUES, MARTHA, MARTHA_VALUES
from house.vendors import saying

STRANGER = "Also MRN 77120934 was seen, phone (617) 555-0182."
HOSTILE = "\u202e\u200bLetters <script>alert(1)</script><img src=x onerror=alert(2)>\"' &lt; {{ 7*7 }}"
REASON = "</td><script src=https://evil.example/x.js></script> & \u202e\u2066<b>bold</b>"


def today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def days(first: int = 0, last: int = 0) -> list[str]:
    """The period from so many days ago to so many days on."""
    return ["--from", str(today() - datetime.timedelta(first)), "--to", str(today() + datetime.timedelta(last))]


PERIOD = days(0, 1)
"""Today and tomorrow: a run over midnight is in it."""


class Page(html.parser.HTMLParser):
    """A page's tables by caption, its words, its elements and their attributes."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.tables, self.words, self.elements, self.ids = {}, [], [], set()
        self._open, self._cell, self._caption = [], None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.ids.add(dict(attrs).get("id"))
        if tag != "meta":
            self._open.append(tag)
        if tag == "table":
            self._rows, self._caption = [], ""
        if tag == "tr":
            self._rows.append([])
        if tag in ("td", "th"):
            self._rows[-1].append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag, f"{tag} ends what it did not begin"
        if tag == "table":
            assert self._caption not in self.tables, "one table, one caption"
            self.tables[self._caption] = self._rows

    def handle_data(self, data):
        if "style" in self._open:
            return
        self.words.append(data)
        if "caption" in self._open:
            self._caption += data
        elif {"td", "th"} & set(self._open):
            self._rows[-1][-1] += data

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def table(self, caption: str) -> list[dict]:
        headings, *rows = self.tables[caption]
        return [dict(zip(headings, row, strict=True)) for row in rows]


def page(house, *args) -> Page:
    done = house.run("report", "--format", "html", *args)
    assert done.returncode == 0, done.stderr
    parsed = Page(done.stdout)
    assert parsed._open == [], "every element ends"
    return parsed


def text(house, *args) -> str:
    done = house.run("report", *args)
    assert done.returncode == 0, done.stderr
    return done.stdout


def tabled(report: str, caption: str) -> list[list[str]]:
    """The rows of a table of the text, without its headings; cells are two blanks apart."""
    lines = report.split(f"\n{caption}:\n")[1].split("\n\n")[0].splitlines()
    return [re.split(r"\s{2,}", line.strip()) for line in lines[1:]]


def worked(office):
    """A week's work: three answers, one of them masked; refusals of three kinds; arrivals; an agreement's end."""
    house = office.house
    soon = str(today() + datetime.timedelta(20))
    house.do("agreement", "add", "pilot-baa", "--vendor", "pilot", "--effective", "2026-01-01", "--ends", soon,
             "--no-training", "--retention", "zero", "--region", "us", "--replace", "--drop", "--reason", "renewal is due",
             "--author", "jane", "--scope", "pilot-api;model=pilot-1;region=us;retention=zero")
    house.do("agreement", "add", "old-baa", "--from", "mercy-hospital", "--to", "old-agency", "--effective",
             "2020-01-01", "--ends", "2025-12-31")
    house.do("engagement", "add", "quiet", "--title", "Nothing yet", "--covered-entity", "mercy-hospital")
    house.start()
    assert office.chat(HAROLD).status == 200
    assert office.chat(HAROLD, model="pilot-1", key=office.other).status == 200
    office.acme.answer = saying(STRANGER)
    assert office.chat("A letter, please.").status == 200
    office.acme.answer = office.acme.default
    assert office.chat("Hello", model="local-1").status == 200
    assert office.chat("Hello", model="bargain-1", key=office.helper).status == 200
    assert office.chat(MARTHA, model="bargain-1").code == "agreement-missing"
    assert office.chat(MARTHA, model="bargain-1").code == "agreement-missing"
    assert office.chat("Hello", model="pilot-2", key=office.other).code == "scope-missing"
    assert office.chat("Hello", key="chp_" + "x" * 40).code == "key-unknown"
    house.stop()


@pytest.fixture(scope="module")
def week(tmp_path_factory, database):
    """The house after that work, which tests only read."""
    office = furnished(tmp_path_factory.mktemp(f"week-{database}"), database)
    worked(office)
    yield office.house
    for vendor in office.vendors:
        vendor.close()


def test_the_numbers_are_what_was_done(week):
    """The same in JSON, text and HTML, without a server and with one."""
    made = week.do("report", *PERIOD)
    uses = made["figures"]["counts"]["uses"]
    assert uses == {"exchanges": 8, "delivered": 5, "refused": 3, "failed": 0, "interrupted": 0, "open": 0,
                    "under_agreement": 3, "on_premises": 1, "without_agreement": 1, "not_covered": 3,
                    "further_tries": 0}
    counts = made["figures"]["counts"]
    assert counts["refusals"] == {"agreement-missing": 2, "scope-missing": 1}
    assert counts["arrivals"] == {"key-unknown": 1}
    assert counts["masked"] == 1 and counts["masked_classes"]["MRN"] == 1
    assert counts["findings"]["MRN"] == 4 and counts["findings"]["SSN"] == 4
    assert made["figures"]["before"]["uses"]["exchanges"] == 0
    assert made["record"]["verdict"] == "intact" and made["record"]["entries"] == made["record"]["signed"]
    control = [entry for entry in week.entries() if entry["kind"] == "control"]
    changed = [entry for entry in control if entry["entry"]["what"] == "register-change"]
    assert made["figures"]["changes"]["total"] == len(changed) > 20

    shown = page(week, *PERIOD)
    ended = {row["Exchanges"]: row["Now"] for row in shown.table("How exchanges ended")}
    assert ended == {"all": "8", "answered": "5", "refused": "3", "failed on the way": "0", "cut off": "0",
                     "not closed": "0", "further tries within pools": "0", "permitted under an agreement": "3",
                     "permitted inside the wall": "1",
                     "permitted without an agreement": "1", "previewed, and not sent: no exchange": "0"}
    used = {(row["Agent"], row["Service"], row["Model"]): (row["Exchanges"], row["Answered"], row["Refused"])
            for row in shown.table("Who used what")}
    assert used == {
        ("scribe", "acme/acme-api", "acme-large"): ("2", "2", "0"),
        ("other", "pilot/pilot-api", "pilot-1"): ("1", "1", "0"),
        ("scribe", "us/local", "local-1"): ("1", "1", "0"),
        ("helper", "bargain/bargain-api", "bargain-1"): ("1", "1", "0"),
        ("other", "pilot/pilot-api", "pilot-2"): ("1", "0", "1"),
        ("scribe", "bargain/bargain-api", "bargain-1"): ("2", "0", "2"),
    }
    refused = {row["Code"]: (row["Now"], row["Before"], row["Change"])
               for row in shown.table("Exchanges refused, by code")}
    assert refused == {"agreement-missing": ("2", "0", "+2"), "scope-missing": ("1", "0", "+1")}
    found = {row["Class"]: row["Now"] for row in shown.table("Found in requests")}
    assert found == {label: str(count) for label, count in counts["findings"].items()}
    [ending, *_] = [row for row in shown.table("Agreements that have lapsed or end soon")
                    if row["Agreement"] == "pilot-baa"]
    assert ending["Standing"].startswith("within 30 days")
    changes = shown.table("Changes, the newest first")
    [renewal] = [row for row in changes if row["Reason"] == "renewal is due"]
    assert len(changes) == len(changed) and renewal["Who"].startswith("jane (user ")
    assert (renewal["What"], renewal["Name"], renewal["Version"]) == ("agreement", "pilot-baa", "2")
    assert "45 CFR 164.502(e)" in shown.text
    assert "compare service, model, feature, region and retention mode" in shown.text

    said = text(week, *PERIOD)
    assert dict(row[:2] for row in tabled(said, "How exchanges ended")) == ended
    assert {row[0]: tuple(row[1:]) for row in tabled(said, "Exchanges refused, by code")} == refused
    assert {row[0]: row[1] for row in tabled(said, "Found in requests")} == found
    assert len(tabled(said, "Changes, the newest first")) == len(changed)
    assert ["key-unknown", "1", "0", "+1"] in tabled(said, "Arrivals refused, by code")

    week.start()
    try:
        served = week.do("report", *PERIOD)
    finally:
        week.stop()
    for figures in (made["figures"], served["figures"]):
        for own in ("made", "house"):
            del figures[own]
    assert served["figures"] == made["figures"], "the same through a running server"
    assert served["record"]["verdict"] in ("intact", "unproven tail")


def test_what_needs_a_person_comes_first_in_words(week):
    said = text(week, *PERIOD)
    lines = said.split("\nSummary\n")[1].split("\nExchanges\n")[0].splitlines()
    points = " ".join(" ".join(lines).split())
    assert "Review 1 masked answer, each a candidate for an incident" in points
    renew = "Renew agreement `pilot-baa` of mercy with pilot: it ends on [0-9-]{10}, in (18|19|20) days"
    assert re.search(renew, points)
    assert "Agreement `old-baa` of mercy with old-agency lapsed on 2025-12-31" in points
    assert "1 exchange went to bargain-1 of bargain/bargain-api (mercy)" in points
    assert "No agreement covered bargain-1 of bargain/bargain-api (mercy): 2 exchanges refused." in points
    assert "No agreement covered pilot-2 of pilot/pilot-api (mercy): 1 exchange refused." in points
    assert "each was made by one person alone" in points
    words = [line.split()[0] for line in lines if line[:1].strip()]
    acts = words.count("ACT")
    assert acts == 7 and set(words[1:1 + acts]) == {"ACT"} and set(words[1 + acts:]) == {"know"}, words
    unproven = " ".join(said.split("What this report can't show")[1].split())
    assert "That 1 exchange stayed inside the wall" in unproven
    assert "That 1 exchange without an agreement carried no PHI" in unproven
    assert "no outside witness is configured" in unproven
    pinned = (week.data / "journal" / "checkpoint").read_text().splitlines()[2]
    assert pinned in said, "a copy kept elsewhere pins the record"


def test_nothing_of_a_request_is_in_it(week, tmp_path):
    week.do("report", *PERIOD, "--format", "html", "--out", tmp_path / "report.html")
    places = {"text": text(week, *PERIOD).encode(), "json": json.dumps(week.do("report", *PERIOD)).encode(),
              "html": week.run("report", "--format", "html", *PERIOD).stdout.encode(),
              **leaks.folder(tmp_path)}
    values = [*HAROLD_VALUES, *MARTHA_VALUES, "77120934", "555-0182", "A letter, please"]
    assert leaks.leaks(values, places) == []


def test_what_people_wrote_is_inert(new_office, tmp_path):
    """Titles and reasons that would be markup in a page, or turn a line around; orders to a terminal don't come in."""
    house = new_office().house
    evil = ["engagement", "add", "evil", "--title", HOSTILE, "--covered-entity", "mercy-hospital"]
    for part in (["--reason", "\x1b[2J"], ["--author", "\x9b2J"], ["--title", "\x1b]0;owned\x07"]):
        assert house.run(*evil[:3], *part, *evil[5:]).returncode in (1, 2), part
    house.do(*evil, "--reason", REASON, "--author", "<script>alert(3)</script>")
    done = house.run("report", *PERIOD)
    for stream in (done.stdout, done.stderr, house.run("report", "--format", "html", *PERIOD).stdout):
        assert not set(stream) & ({chr(c) for c in range(32)} - {"\n"} | {chr(c) for c in range(127, 160)})
        assert not re.search("[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]", stream)
    assert "\\u{2066}<b>" in done.stdout and "\\u{202e}" in done.stdout, "what was written shows as what it is"
    shown = page(house, *PERIOD)
    tags = {tag for tag, _ in shown.elements}
    assert not tags & {"script", "img", "iframe", "object", "link", "form", "base"}
    assert "<script src=https://evil.example/x.js></script>" in shown.text, "escaped, it is text"
    assert "{{ 7*7 }}" in shown.text


def test_the_page_stands_alone_and_is_accessible(week):
    shown = page(week, *PERIOD)
    by_tag: dict[str, list[dict]] = {}
    for tag, attributes in shown.elements:
        by_tag.setdefault(tag, []).append(attributes)
    assert by_tag["html"] == [{"lang": "en"}] and len(by_tag["h1"]) == 1 and len(by_tag["title"]) == 1
    assert "script" not in by_tag and "link" not in by_tag and "img" not in by_tag
    [policy] = [meta["content"] for meta in by_tag["meta"] if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    for tag, attributes in shown.elements:
        assert not {name for name in attributes if name.startswith("on")} | ({"src", "style"} & set(attributes)), tag
        if link := attributes.get("href"):
            assert link.startswith("#") and link[1:] in shown.ids, link
    assert len(by_tag["caption"]) == len(by_tag["table"]) == len(shown.tables)
    assert {heading.get("scope") for heading in by_tag["th"]} == {"col", "row"}
    style = week.run("report", "--format", "html", *PERIOD).stdout.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style and "@import" not in style and "@media print" in style


def test_the_last_full_week_is_the_default(week):
    made = week.do("report")
    monday = today() - datetime.timedelta(today().weekday())
    assert made["period"]["to"] == str(monday - datetime.timedelta(1))
    assert made["period"]["from"] == str(monday - datetime.timedelta(7))
    assert made["figures"]["counts"]["uses"]["exchanges"] == 0, "all of it happened this week"
    year, number, _ = today().isocalendar()
    this = week.do("report", "--week", f"{year}-W{number:02}")
    assert this["figures"]["counts"]["uses"]["exchanges"] == 8 and not this["period"]["over"]
    for wrong in (["--week", "2026-W60"], ["--week", "2026-W47", "--from", "2026-01-01", "--to", "2026-01-02"],
                  ["--from", "2026-01-01"], ["--from", "2026-01-02", "--to", "2026-01-01"], days(-2, 3)):
        assert week.run("report", *wrong).returncode == 2, wrong


def test_a_period_is_any_days_that_have_begun(week):
    tomorrow = [*days(-1, 1)[:2], "--to", days(0, 1)[3]]
    assert week.run("report", *tomorrow).returncode == 2, "it has not begun"
    wide = week.do("report", *days(1, 1))["figures"]
    assert wide["counts"]["uses"]["exchanges"] == 8 and wide["before"]["uses"]["exchanges"] == 0


def test_one_engagement_only(week):
    quiet = week.do("report", "--engagement", "quiet", *PERIOD)["figures"]
    assert quiet["counts"]["uses"]["exchanges"] == 0 and quiet["changes"]["total"] == 1
    assert [one["id"] for one in quiet["engagements"]] == ["quiet"]
    assert quiet["uses"]["total"] == 0 and quiet["masked"]["total"] == 0 and quiet["agreements"] == []
    both = week.do("report", *PERIOD)["figures"]
    assert both["counts"]["uses"]["exchanges"] == 8 and len(both["engagements"]) == 2
    unknown = week.run("report", "--engagement", "nobody", *PERIOD)
    assert unknown.returncode == 1 and "no engagement `nobody`" in unknown.stderr


def test_reading_leaves_no_entry(week):
    """As every other command that reads: the record is as it was."""
    before = week.entries()
    week.run("report", *PERIOD)
    assert week.entries() == before


def test_what_was_cut_off_is_said(new_office):
    office = new_office()
    house = office.house.start()
    held = []

    def silence(arrival):
        held.append(arrival)
        house.kill()
        raise OSError

    office.acme.answer = silence
    with pytest.raises(OSError):
        office.chat(HAROLD)
    assert held
    opened = house.do("report", *PERIOD)["figures"]["counts"]["uses"]
    assert (opened["exchanges"], opened["open"], opened["interrupted"]) == (1, 1, 0), "before it is recovered"
    assert "not closed" in text(house, *PERIOD)
    house.start()
    house.stop()
    made = house.do("report", *PERIOD)
    uses = made["figures"]["counts"]["uses"]
    assert (uses["exchanges"], uses["open"], uses["interrupted"]) == (1, 0, 1)
    assert [one["interrupted"] for one in made["figures"]["unfinished"]["items"]] == [True]
    assert "Look into 1 exchange cut off on the way" in " ".join(text(house, *PERIOD).split())


def test_a_record_that_was_tampered_with_is_told_before_all_else(week, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(week.data, data)
    segment = sorted((data / "journal" / "segments").iterdir())[0]
    raw = bytearray(segment.read_bytes())
    raw[-40] ^= 1
    segment.write_bytes(raw)
    done = week.run("report", *PERIOD, "--out", tmp_path / "report.html", "--data-dir", data)
    assert done.returncode == 4, done
    if (tmp_path / "report.html").exists():
        assert "THE RECORD WAS TAMPERED WITH" in (tmp_path / "report.html").read_text()


def test_a_file_is_written_whole_and_for_its_owner(week, tmp_path):
    out = tmp_path / "report.html"
    assert week.run("report", *PERIOD, "--out", out).returncode == 0
    assert out.read_text().startswith("<!doctype html>") and out.stat().st_mode & 0o777 == 0o600
    assert week.run("report", *PERIOD, "--out", out, "--format", "text").returncode == 0
    assert out.read_text().startswith("Chaperon report ")
    assert week.run("report", *PERIOD, "--out", tmp_path).returncode == 1
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"], "nothing is left beside it"
