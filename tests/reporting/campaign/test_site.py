"""The files of a campaign: what is compared, what is kept under its date, and a page that anybody can read."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest

from agent.core.errors import UsageError
from agent.core.settings import Settings
from agent.reporting.campaign.records import Campaign
from agent.reporting.campaign.site import write_site
from tests.conftest import ROOT
from tests.hostile.judge import spoken
from tests.hostile.texts import TEXTS
from tests.reporting.campaign.made import bug, everywhere, made_run

STYLE = (ROOT / "agent/templates/campaign_style.css").read_text(encoding="utf-8")
ENOUGH = 4.5
"""Contrast that WCAG 2 asks for text, level AA."""
TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "nav", "main", "div", "section", "footer", "h1", "h2", "h3", "p", "b", "br", "a", "ul", "li",
    "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "small", "code", "details", "summary", "dl", "dt", "dd", "i",
}  # fmt: skip


def written(runs: Path, **more: str) -> tuple[str, Campaign]:
    page, made = write_site(Settings.load({}, runs=runs), **more)
    return page.read_text(encoding="utf-8"), made


class Page(HTMLParser):
    """What a browser and a screen reader find."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")

    def handle_comment(self, data: str) -> None:
        self.wrong.append("a comment")

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]


def check(text: str, folder: Path) -> Page:
    """Well-formed, of our own elements, nothing active, every link leads to a file that is there."""
    page = Page(text)
    assert (page.wrong, page.open, {tag for tag, _ in page.tags} - TAGS) == ([], [], set())
    assert list(spoken(text)) == []
    assert not [
        name for _, attrs in page.tags for name in attrs if name.startswith("on") or name in ("src", "srcset", "action", "formaction")
    ]
    policy = next(meta["content"] for meta in page.of("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for href in (attrs["href"] for attrs in page.of("a")):
        if href.startswith("#"):
            assert href[1:] in ids
        else:
            assert re.match(r"\.\./|campaign\.json$", href) and (folder / unquote(href)).exists(), href
    for _, attrs in page.tags:
        assert attrs.get("aria-labelledby", ids[0]) in ids
        assert re.fullmatch(r"(width: \d+%)?", attrs.get("style", ""))
    return page


def test_the_page_is_made_for_everybody(tmp_path: Path) -> None:
    measured = {"a/b.py": {"lines": 9, "lines_run": 3, "branches": 0, "branches_run": 0, "ran": "1-3", "taken": ""}}
    claim = {"id": "H1", "statement": "one", "checks": ["baseline-x:a"]}
    tests = everywhere({"holds": 2, "violated": 1})
    made_run(
        tmp_path,
        "CORE-001",
        bugs=[bug(), bug("Other", "low", "p.q")],
        tests=tests,
        hypotheses=[claim],
        checks={"a": "violated"},
        coverage=measured,
    )
    made_run(tmp_path, "CORE-002", bugs=[bug()], finished=False)
    written(tmp_path)
    made_run(tmp_path, "CORE-003", bugs=[bug()], tests=everywhere({"holds": 1}))
    text, made = written(tmp_path)
    page = check(text, tmp_path / "campaign")
    assert page.of("html")[0]["lang"] == "en" and page.of("a")[0]["href"] == "#main" and len(page.of("main")) == len(page.of("h1")) == 1
    assert len(page.of("table")) == len(page.of("caption")) >= 5
    assert all(attrs.get("scope") in ("col", "row", "rowgroup") for attrs in page.of("th"))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    first = made.findings[0]
    assert (first.entries, len(first.sightings)) == (("CORE-001", "CORE-002", "CORE-003"), 3)
    assert made.coverage and made.coverage.runs == 1 and made.against and [one.id for one in made.against.entries] == ["CORE-003"]
    assert "Partial." in text and "worries settled: violated" in text and "V</b>" in text and "?</b>" in text


def test_hostile_texts_are_texts(tmp_path: Path) -> None:
    """As title, component and every other field of a finding, as hypothesis, and as the name of an entry."""
    bodies = [text.at(1) for text in TEXTS.values()]
    claims = [{"id": body[:50], "statement": body, "checks": ["baseline-x:a"]} for body in bodies]
    rows = [bug(body[:2000], component=f"{number}{body[:300]}") for number, body in enumerate(map(encodable, bodies))]
    made_run(tmp_path, "CORE-001", bugs=rows, hypotheses=claims, checks={"a": "violated"})
    made_run(tmp_path, "a'\"><script>x", bugs=[bug()])
    text, made = written(tmp_path)
    check(text, tmp_path / "campaign")
    assert len([finding for finding in made.findings if finding.kind == "bug"]) == len(rows) + 1
    assert "36481" not in text.replace("7 * 191", "")
    assert list(spoken((tmp_path / "campaign/campaign.json").read_text(encoding="utf-8"))) == []


def encodable(text: str) -> str:
    """What the ledger takes."""
    return text.encode("utf-8", "replace").decode()


def test_saying_it_again_changes_nothing_and_what_changed_is_kept(tmp_path: Path) -> None:
    made_run(tmp_path, "CORE-001", bugs=[bug(), bug("Gone soon", "low", "p.q")])
    folder = tmp_path / "campaign"
    assert written(tmp_path)[1].against is None
    assert written(tmp_path)[1].against is None and sorted(path.name for path in folder.iterdir()) == ["campaign.json", "index.html"]
    made_run(tmp_path, "CORE-001", "run-2026-01-02-001", bugs=[bug(severity="critical"), bug("New", component="r.s")])
    first, again = written(tmp_path)[1].against, written(tmp_path)[1].against
    assert first == again and first and len(list(folder.glob("campaign-2*.json"))) == 1
    told = {one.title: (one.change, one.before, one.after, one.known) for one in first.findings}
    assert told == {
        "A run ends others": ("still there", "high", "critical", True),
        "New": ("new", "", "high", True),
        "Gone soon": ("gone", "low", "", True),
    }
    (folder / "campaign.json").write_text("{")
    assert written(tmp_path)[1].against and len(list(folder.glob("campaign-unreadable-*.json"))) == 1


def test_against_another_folder_a_saved_campaign_or_another_version(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    made_run(here, "CORE-001", bugs=[bug("Old", component="o.p")], version="1.1.0")
    made_run(here, "CORE-001", "run-2026-01-02-001", bugs=[bug("New")])
    made_run(here, "CORE-002", bugs=[bug("Old", component="o.p")], version="1.1.0")
    made_run(there, "CORE-001", bugs=[bug("Old", component="o.p")])
    page, release = written(here, against="1.1.0")
    assert release.against and {one.title: (one.change, one.known) for one in release.against.findings} == {
        "New": ("new", True),
        "Old": ("gone", False),
    }
    assert [target.version for target in release.targets] == ["1.2.0"] and "not looked for again" in page
    _, folder = written(here, against=str(there))
    assert folder.against and len(folder.targets) == 2 and {one.change for one in folder.against.findings} == {"new", "still there"}
    written(there)
    _, saved = written(here, against=str(there / "campaign/campaign.json"))
    assert saved.against and saved.against.findings == folder.against.findings
    for wrong in ("9.9.9", str(here / "campaign/index.html")):
        with pytest.raises(UsageError):
            written(here, against=wrong)


def test_one_target_alone(tmp_path: Path) -> None:
    made_run(tmp_path, "CORE-001", bugs=[bug("Old")], version="1.1.0")
    made_run(tmp_path, "CORE-001", "run-2026-01-02-001", bugs=[bug("New", component="x.y")])
    made_run(tmp_path, "CORE-002", bugs=[bug("Old")], version="1.1.0")
    page, both = written(tmp_path)
    assert "Several targets." in page and len(both.targets) == 2
    _, old = written(tmp_path, target="1.1.0")
    assert [finding.title for finding in old.findings] == ["Old"] and len(old.findings[0].sightings) == 2


def colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", text))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


LIGHT, DARK = (colours(text) for text in STYLE.split("@media (prefers-color-scheme: dark)"))


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_texts_stand_out_from_what_is_behind_them(scheme: dict[str, str]) -> None:
    assert len(scheme) >= 25 and contrast("#000000", "#ffffff") == pytest.approx(21)
    pairs = [(scheme[name], scheme[name.replace("-ink", "-paper")]) for name in scheme if name.endswith("-ink")]
    pairs += [(scheme[name], scheme[behind]) for name in ("ink", "muted", "link") for behind in ("paper", "soft")]
    pairs += [(scheme["u-ink"], scheme["u-hatch"])]
    assert [pair for pair in pairs if contrast(*pair) < ENOUGH] == []
    assert contrast(scheme["focus"], scheme["paper"]) >= 3


def test_both_schemes_have_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()


def test_the_data_are_one_record(tmp_path: Path) -> None:
    made_run(tmp_path, "CORE-001", bugs=[bug()])
    _, made = written(tmp_path)
    kept = (tmp_path / "campaign/campaign.json").read_text(encoding="utf-8")
    assert Campaign.model_validate_json(kept) == made and json.loads(kept)["format"] == 1
