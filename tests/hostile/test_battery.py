"""Hostile texts through the doors of the agent: none has an effect; and the judge sees effects where there are some."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.core.pages import calm
from tests.hostile import doors
from tests.hostile.chromium import CHROMIUM, rendered, title_of
from tests.hostile.judge import markdown_effects, page_effects, screen_effects, xml_effects
from tests.hostile.texts import TEXTS
from tests.hostile.world import Said, World, world

DOORS = (doors.documentation, doors.docstrings, doors.logs, doors.findings, doors.exchange_files)


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("world")) as made:
        yield made


def effects(rows: Iterator[doors.Row]) -> dict[str, tuple[str, ...]]:
    played = list(rows)
    assert played
    return {f"{row.text} by {row.door}": row.effects for row in played if row.effects}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_no_text_has_an_effect(door: object, outside: World) -> None:
    assert effects(door(outside)) == {}  # type: ignore[operator]


def test_a_browser_runs_nothing_of_it(outside: World) -> None:
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    assert effects(doors.browser(outside)) == {}


def test_the_policy_of_the_page_stops_a_script_that_somebody_puts_in(outside: World, tmp_path: Path) -> None:
    """The same script runs where the policy is not, so silence means something."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    with world(tmp_path / "control") as control:
        script = TEXTS["script"].at(doors.port(control))
        text = (outside.folder / "runs/CORE-001/run-2026-01-01-001/report.html").read_text(encoding="utf-8")
        guarded, bare = tmp_path / "guarded.html", tmp_path / "bare.html"
        guarded.write_text(text.replace("<h1>", f"{script}<h1>", 1), encoding="utf-8")
        assert title_of(rendered(guarded, tmp_path)) != "hx7" and control.reached() == []
        bare.write_text(text.replace("<h1>", f"{script}<h1>", 1).replace("Content-Security-Policy", "x-none"), encoding="utf-8")
        assert title_of(rendered(bare, tmp_path)) == "hx7" and control.reached() != []


@pytest.mark.slow
@pytest.mark.parametrize("everything", [False, True])
def test_the_web_has_no_effect(outside: World, everything: bool) -> None:
    if not everything:
        assert effects(doors.results_and_pages(outside)) == {}
    assert effects(doors.transport(outside, everything)) == {}


@pytest.mark.slow
def test_a_mission_among_hostile_texts_is_a_mission(outside: World) -> None:
    assert effects(doors.mission(outside)) == {}


def test_the_judge_sees_what_acts() -> None:
    assert len(TEXTS) >= 30
    assert list(page_effects("<html><img src=x></html>")) and list(xml_effects("<testsuites><x/></testsuites>"))
    assert list(screen_effects(Said(0, "a\x9bb", "", 0.1, 1.0))) and list(
        screen_effects(Said(70, "", "Traceback (most recent call last):\nx", 0.1, 1.0))
    )
    active = [name for name, text in TEXTS.items() if list(markdown_effects(f"- {text.at(1)}\n"))]
    assert {"script", "html-comment", "markdown-image", "markdown-blocks", "meta-refresh", "bidi", "terminal-escapes"} <= set(active)


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_a_value_in_a_markdown_page_is_text(text: doors.Row) -> None:
    for before, after in (("- **BUG-001** ", ""), ("| a | ", " |\n"), ("### ", ""), ("- `", "`"), ("", "")):
        table = "| x | y |\n|---|---|\n" if before.startswith("|") else ""
        page = f"{table}{before}{calm(TEXTS[text.name].at(1))}{after}\n\n## 1. Next\n"  # type: ignore[attr-defined]
        assert list(markdown_effects(page, sections=1)) == []
