"""The page in a real Chromium: nothing is asked for, nothing complains, nothing acts, everything is reached with keys, dark and light."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.core.settings import Settings
from agent.reporting.campaign.site import write_site
from agent.reporting.viewer import Viewer
from tests.browsing import Browser, browsing
from tests.hostile.chromium import CHROMIUM
from tests.hostile.texts import MARKUP
from tests.hostile.world import Listener
from tests.reporting.campaign.made import bug, everywhere, made_run
from tests.serving import serving

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")
TAB, ENTER = ("Tab", 9), ("Enter", 13)
WIDE, NARROW = 1280, 400


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    made = Listener(socket.AF_INET, "127.0.0.1")
    yield made
    made.close()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory, listener: Listener) -> Path:
    """Two entries, an ordinary defect in both and one for every piece of hostile markup, in all fields."""
    runs = tmp_path_factory.mktemp("runs")
    bodies = [body.replace("{port}", str(listener.port)) for body in MARKUP.values()]
    claims = [{"id": "H1", "statement": body, "checks": ["baseline-x:a"]} for body in bodies]
    rows = [bug(), *(bug(body, "low", f"{number} {body}") for number, body in enumerate(bodies))]
    made_run(runs, "CORE-001", bugs=rows, tests=everywhere({"holds": 3, "violated": 1}), hypotheses=claims, checks={"a": "violated"})
    made_run(runs, "CORE-002", bugs=[bug()], tests=everywhere({"holds": 3}))
    return write_site(Settings.load({}, runs=runs))[0]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("browser")) as made:
        yield made


@pytest.fixture
def fresh(browser: Browser, page: Path) -> Browser:
    """The page, newly opened from its file on a wide window."""
    browser.show(WIDE)
    browser.open(page.as_uri())
    browser.asked.clear()
    browser.complaints.clear()
    return browser


def test_it_asks_for_nothing_and_nothing_in_it_acts(browser: Browser, page: Path, listener: Listener) -> None:
    browser.asked.clear()
    browser.complaints.clear()
    browser.show(WIDE)
    browser.open(page.as_uri())
    assert browser.asked == [page.as_uri()] and browser.complaints == [] and listener.reached == []
    assert browser.value("document.title") == "Campaign: stageflow 1.2.0"
    active = (
        "script, iframe, object, embed, form, img, image, base, link, [onload], [onerror], [onmouseover], [onfocus], [autofocus], textarea"
    )
    assert browser.value(f"document.querySelectorAll('{active}').length") == 0
    rows = browser.value("document.querySelectorAll('.ranked tbody tr').length")
    assert rows == 1 + len(MARKUP)


def test_a_script_that_somebody_puts_in_does_not_run(browser: Browser, page: Path, listener: Listener) -> None:
    """The same script runs where the policy is not, so silence means something."""
    text = page.read_text(encoding="utf-8").replace("<h1>", f"{MARKUP['script'].replace('{port}', str(listener.port))}<h1>", 1)
    guarded, bare = page.with_name("guarded.html"), page.with_name("bare.html")
    guarded.write_text(text, encoding="utf-8")
    bare.write_text(text.replace("Content-Security-Policy", "x-none"), encoding="utf-8")
    browser.open(guarded.as_uri())
    assert browser.value("document.title") != "hx7" and browser.complaints and listener.reached == []
    browser.open(bare.as_uri())
    assert browser.value("document.title") == "hx7"


def test_everything_is_reached_with_keys_and_seen_to_be(fresh: Browser) -> None:
    fresh.press(*TAB)
    assert fresh.value("document.activeElement.className") == "skip"
    assert fresh.value("document.activeElement.getBoundingClientRect().left") >= 0
    fresh.press(*ENTER)
    assert fresh.value("document.activeElement.id") == "main"
    wanted = fresh.value(
        "Array.from(document.querySelectorAll('main a, main summary, main [tabindex=\"0\"]')).filter(e => e.checkVisibility()).length"
    )
    reached = "(() => { const e = document.activeElement; return [e.tagName, Array.from(document.querySelectorAll('*')).indexOf(e), getComputedStyle(e).outlineStyle]; })()"
    seen = []
    for _ in range(wanted):
        fresh.press(*TAB)
        seen.append(fresh.value(reached))
    assert len({number for _, number, _ in seen}) == wanted > 60 and {style for _, _, style in seen} == {"solid"}
    assert [number for _, number, _ in seen] == sorted(number for _, number, _ in seen)


def test_details_open_with_a_key_and_lead_to_report_and_proof(fresh: Browser) -> None:
    fresh.value("document.querySelector('.ranked td:nth-child(4) summary').focus()")
    fresh.press(*ENTER)
    links = fresh.value("Array.from(document.querySelectorAll('.ranked td:nth-child(4) details[open] a')).map(e => e.href)")
    assert len(links) == 4 and all(Path(link.removeprefix("file://")).is_file() for link in links)


def test_a_screen_reader_finds_names_for_everything(fresh: Browser) -> None:
    fresh.call("Accessibility.enable")
    nodes = fresh.call("Accessibility.getFullAXTree")["nodes"]
    fresh.call("Accessibility.disable")
    named = {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node.get("ignored") and "role" in node}
    for role, name in (
        ("main", ""),
        ("navigation", "Sections"),
        ("table", "Every entry in the seven test categories."),
        ("heading", "Atlas"),
    ):
        assert any(r == role and n.startswith(name) for r, n in named), role
    for role in ("link", "table", "region", "heading", "columnheader", "rowheader"):
        assert all(name for r, name in named if r == role), role
    cells = [name for role, name in named if role in ("cell", "gridcell")]
    assert any("unknown" in name for name in cells) and any(name.startswith("violated") for name in cells)
    summaries = [name for role, name in named if role == "DisclosureTriangle"]
    assert len(summaries) == len(set(summaries)) > 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_it_fits_the_window_in_both_schemes(browser: Browser, page: Path, tmp_path: Path, width: int, scheme: str) -> None:
    browser.show(width, scheme)
    browser.open(page.as_uri())
    picture = browser.picture(tmp_path / f"{width}-{scheme}.png")
    assert picture.startswith(b"\x89PNG") and len(picture) > 10_000
    assert browser.value("document.documentElement.scrollWidth") <= width
    behind = browser.value("getComputedStyle(document.body).backgroundColor")
    assert behind == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(18, 22, 29)")
    assert browser.value("parseFloat(getComputedStyle(document.body).fontSize)") == 16


def test_it_prints_all_that_is_folded_away(browser: Browser, page: Path) -> None:
    folded = "document.querySelector('.ranked dl').checkVisibility()"
    browser.show(WIDE)
    browser.open(page.as_uri())
    assert browser.value(folded) is False
    browser.show(WIDE, media="print")
    assert browser.value(folded) is True and browser.value("getComputedStyle(document.querySelector('nav')).display") == "none"


def test_it_is_the_same_page_when_it_is_served(browser: Browser, page: Path, listener: Listener) -> None:
    with serving(Viewer(page.parent.parent)) as viewer:
        browser.show(WIDE)
        browser.asked.clear()
        browser.complaints.clear()
        browser.open(viewer.address)
        assert browser.value("location.pathname") == "/campaign/index.html"
        assert [address for address in browser.asked if not address.startswith(viewer.address)] == []
        link = browser.value("document.querySelector('.atlas a').href")
        browser.open(link)
        assert browser.value("document.title") == "r"
    assert [text for text in browser.complaints if "favicon" not in text] == []
