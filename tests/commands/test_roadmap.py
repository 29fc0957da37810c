"""The roadmap from the command line: lists with filters, one entry, the page, and a check that names what is wrong."""

import json
import os
import re
import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from agent.commands.roadmap import page, roadmap
from agent.commands.roadmap_list import FILTERS
from agent.core.artifacts import RECORDS
from agent.core.errors import UnknownEntry, UsageError
from agent.core.phase_names import PHASE_NAMES
from agent.core.roadmap import headings, load_entry
from agent.core.roadmap_headings import heading_rows
from agent.core.settings import Settings, project_root

ROADMAP = project_root() / "docs" / "roadmap"


@pytest.fixture
def copied(tmp_path: Path) -> Settings:
    shutil.copytree(ROADMAP, tmp_path / "docs" / "roadmap")
    return Settings.load().model_copy(update={"project": tmp_path, "cache": tmp_path / ".cache", "runs": tmp_path / "runs"})


def asked(*words: str, **options: str) -> Namespace:
    return Namespace(words=list(words), **{"json": False, **dict.fromkeys(FILTERS), **options})


def rows(capsys: pytest.CaptureFixture[str], settings: Settings, **options: Any) -> list[dict[str, Any]]:
    assert roadmap(asked(json=True, **options), settings) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_filters_narrow_the_list_and_can_be_combined(capsys: pytest.CaptureFixture[str], copied: Settings) -> None:
    every = rows(capsys, copied)
    assert len(every) >= 230
    assert {row["tier"] for row in rows(capsys, copied, tier="2,4")} == {2, 4}
    found = rows(capsys, copied, area="Energy", priority="P0,P1", risk="severe")
    assert found
    assert {(row["area"], row["risk"]) for row in found} == {("energy", "Severe")}
    assert {row["priority"] for row in found} <= {"P0", "P1"}
    assert rows(capsys, copied, industry="energy,legal", state="finished") == []


def test_the_state_is_that_of_the_newest_run(capsys: pytest.CaptureFixture[str], copied: Settings) -> None:
    (copied.runs / "FIN-002" / "run-2026-01-01-001").mkdir(parents=True)
    finished = copied.runs / "BIO-001" / "run-2026-01-01-001"
    (finished / "results/records").mkdir(parents=True)
    for phase in ("research", "simulate", "build", "execute", "evaluate", "report", "recommend"):
        (finished / f"results/records/{phase}.json").write_text("{}")
    assert [row["id"] for row in rows(capsys, copied, state="stopped")] == ["FIN-002", "BIO-001"]
    (finished / "FINAL_REPORT.md").write_text("# Report\n\n**Partial report.** Stopped in phase 7.\n")
    assert rows(capsys, copied, state="finished") == []
    (finished / "FINAL_REPORT.md").write_text("done")
    assert [row["id"] for row in rows(capsys, copied, state="finished")] == ["BIO-001"]


@pytest.mark.parametrize(
    ("words", "options"), [(["list", "x"], {}), (["show"], {}), ([], {"area": "astrology"}), (["validate", "A", "B"], {})]
)
def test_wrong_usage_is_said(words: list[str], options: dict[str, str], copied: Settings) -> None:
    with pytest.raises(UsageError):
        roadmap(asked(*words, **options), copied)


def test_an_entry_is_shown_whole_and_an_unknown_one_has_neighbours(capsys: pytest.CaptureFixture[str], copied: Settings) -> None:
    for words in (["show", "fin-002"], ["FIN-002"]):
        assert roadmap(asked(*words), copied) == 0
        shown = json.loads(capsys.readouterr().out)
        assert shown["workload"]["services"][0]["name"] == "account_book"
        assert not re.search(r"<[a-z]", json.dumps([shown["workload"], shown["hypotheses"], shown["success_criteria"], shown["risks"]]))
    with pytest.raises(UnknownEntry) as caught:
        roadmap(asked("FIN-02"), copied)
    assert "FIN-002" in caught.value.hint


def test_the_committed_page_is_up_to_date() -> None:
    assert (ROADMAP / "ROADMAP.md").read_text(encoding="utf-8") == page(headings(ROADMAP))


def test_validate_names_the_entry_and_what_is_wrong(capsys: pytest.CaptureFixture[str], copied: Settings) -> None:
    assert roadmap(asked("validate", "FIN-002"), copied) == 0
    assert "1 checked, 0 with problems" in capsys.readouterr().out
    kit = copied.project / "docs/roadmap/kits/ledger.yaml"
    kit.write_text(kit.read_text().replace('"<cap> < cost"', '"<cap> < cost + 50"'))
    assert roadmap(asked("validate", "FIN-002"), copied) == 2
    said = capsys.readouterr().out
    assert "FIN-002: transfer-" in said
    assert "golden 'refuse'" in said
    file = copied.project / "docs/roadmap/tier-2.yaml"
    file.write_text(file.read_text().replace("      cap: 3900\n", ""))
    assert roadmap(asked("validate", "FIN-002"), copied) == 2
    assert "<cap> has no value" in capsys.readouterr().out


def test_one_entry_is_read_without_the_rest_and_the_cache_follows_the_files(copied: Settings) -> None:
    folder = copied.project / "docs/roadmap"
    first = load_entry(folder, "bio-006", copied.cache)
    assert first == load_entry(folder, "BIO-006", copied.cache) == load_entry(folder, "BIO-006")
    file = folder / "tier-2.yaml"
    file.write_text(file.read_text().replace("Shipments of cells with a clock", "Another title").replace("kit: lattice", "kit: nothing"))
    assert load_entry(folder, "BIO-006", copied.cache).title == "Another title"
    with pytest.raises(UsageError, match=r"tier-2\.yaml: BIO-002: kits/ has no 'nothing'"):
        load_entry(folder, "BIO-002", copied.cache)
    (copied.cache / "roadmap" / "roadmap-tier-2.json").write_text("{ damaged")
    assert load_entry(folder, "BIO-006", copied.cache).title == "Another title"


def test_kept_headings_are_those_of_the_files_and_follow_them(copied: Settings) -> None:
    folder = copied.project / "docs/roadmap"
    made = [row.model_dump() for row in headings(folder)]
    assert heading_rows(folder, copied.cache) == heading_rows(folder, copied.cache) == made
    [kept] = (copied.cache / "headings").iterdir()
    kept.write_text("[{ damaged")
    assert heading_rows(folder, copied.cache) == made
    areas = folder / "shared/areas.yaml"
    areas.write_text(areas.read_text().replace("area: energy", "area: power"))
    assert {row["area"] for row in heading_rows(folder, copied.cache)} >= {"power"}
    file = folder / "tier-2.yaml"
    file.write_text(file.read_text().replace("Shipments of cells with a clock", "Another title"))
    assert "Another title" in [row["title"] for row in heading_rows(folder, copied.cache)]
    copied.cache.rename(copied.cache.with_name("away"))
    copied.cache.write_text("a file is in the way")
    assert len(heading_rows(folder, copied.cache)) == len(made)


def test_the_list_is_there_without_the_records(tmp_path: Path) -> None:
    code = "import sys; from agent.cli import main; main(['roadmap', 'list', *sys.argv[1:]]); "
    code += "print([name for name in ('pydantic', 'rich') if name in sys.modules])"
    first, second = (
        subprocess.run(
            [sys.executable, "-c", code, "--runs", tmp_path / "runs"],
            cwd=project_root(),
            env=os.environ | {"STAGEFLOW_AGENT_CACHE": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    )
    assert first.splitlines()[:-1] == second.splitlines()[:-1]
    assert second.endswith("entries\n[]\n")


def test_the_phases_of_a_run_are_those_with_a_record() -> None:
    assert tuple(RECORDS) == PHASE_NAMES
