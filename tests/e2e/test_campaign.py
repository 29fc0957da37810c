"""The commands over all runs, on a real mission: what they tell is what the run holds, and they disturb nobody."""

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from agent.cli import main
from agent.core.locks import run_lock
from tests.conftest import ENTRY, Finished, agent
from tests.reporting.campaign.test_site import check
from tests.reporting.test_sarif import valid


class Typed:
    """What the command line says, as a person types it."""

    def __init__(self, runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._runs, self._capsys = runs, capsys
        self.err = ""

    def __call__(self, *words: str, code: int = 0) -> str:
        """Standard output; standard error is kept."""
        self._capsys.readouterr()
        ended = main([*words, "--runs", str(self._runs)])
        said = self._capsys.readouterr()
        self.err = said.err
        assert ended == code, said
        return said.out


@pytest.fixture
def typed(runs: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    return Typed(runs, capsys)


@pytest.fixture(scope="module")
def runs(mission: Finished, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mission as it is, a second run of it that was stopped after phase 4, and one of another entry that is damaged."""
    folder = tmp_path_factory.mktemp("runs")
    left = shutil.ignore_patterns("pipelines", "mocks", "tests", "logs", "traces", "calls", "api.json", "checkpoints.sqlite*")
    whole = folder / ENTRY / mission.folder.name
    shutil.copytree(mission.folder, whole, ignore=left)
    stopped = whole.with_name("run-2099-01-01-001")
    shutil.copytree(whole, stopped)
    for name in ("evaluate", "report", "recommend"):
        (stopped / f"results/records/{name}.json").unlink()
    damaged = folder / "CORE-002" / mission.folder.name
    shutil.copytree(whole, damaged)
    for file in ("bugs.json", "results/records/execute.json", "config/run_config.json"):
        (damaged / file).write_bytes((damaged / file).read_bytes()[:100])
    return folder


def test_the_page_tells_what_the_runs_hold(mission: Finished, runs: Path) -> None:
    stopped = runs / ENTRY / "run-2099-01-01-001"
    with run_lock(stopped / "run.lock"):
        done = agent("report", "--campaign", "--json", "--runs", str(runs))
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told == json.loads((runs / "campaign/campaign.json").read_text(encoding="utf-8"))
    entries = {entry["id"]: entry for entry in told["entries"]}
    core = entries[ENTRY]
    assert (core["progress"], core["run"], core["unfinished"]) == ("finished", mission.folder.name, stopped.name)
    assert (entries["CORE-002"]["progress"], entries["WORK-001" if "WORK-001" in entries else "FIN-001"]["progress"]) == (
        "damaged",
        "never begun",
    )
    assert {row["run"] for row in told["damage"]} == {f"CORE-002/{mission.folder.name}"}
    listed = {row["id"] for row in mission.json("bugs.json")["findings"]}
    current = [one for finding in told["findings"] if finding["kind"] == "bug" for one in finding["sightings"] if one["counts"]]
    assert {one["id"] for one in current if one["entry"] == ENTRY} == listed and core["defects"] == len(listed)
    marks = {row["fingerprint"] for row in mission.json("findings.json")["findings"] if "fingerprint" in row}
    assert marks <= {finding["id"] for finding in told["findings"]}
    check((runs / "campaign/index.html").read_text(encoding="utf-8"), runs / "campaign")


def test_the_run_says_what_its_search_reached(typed: Typed, mission: Finished) -> None:
    told = json.loads(typed("report", "--campaign", "--json"))
    files = {row["file"]: row for row in told["coverage"]["files"]}
    assert files["pipeline/dag.py"]["lines_run"] > 100 and files["pipeline/dag.py"]["branches_run"] > 20
    kept = [json.loads(file.read_text(encoding="utf-8")) for file in (mission.folder / "results/coverage").glob("*.json")]
    for name, row in files.items():
        alone = [part[name]["lines_run"] for part in kept if name in part]
        assert max(alone) <= row["lines_run"] <= row["lines"] and row["branches_run"] <= row["branches"]


def test_findings_of_all_runs(mission: Finished, typed: Typed, tmp_path: Path) -> None:
    listed = json.loads(typed("findings", "list", "--json", "--kind", "bug"))
    assert len({row["id"] for row in listed}) == len(listed) >= len(mission.json("bugs.json")["findings"])
    first = listed[0]
    for name in (first["id"][:6], f"{ENTRY}/{mission.folder.name}/{first['sightings'][0]['id']}"):
        assert typed("findings", "show", name).startswith(f"{first['id']}  bug  {first['level']}\n{first['title']}\n")
    assert first["id"] in typed("findings", "list", "--all-sightings")
    some = typed("findings", "export", "--format", "csv", "--severity", "high,critical", "--entry", ENTRY)
    rows = list(csv.DictReader(io.StringIO(some)))
    assert rows and {row["severity"] for row in rows} <= {"high", "critical"}
    out = tmp_path / "out.sarif"
    assert typed("findings", "export", "--format", "sarif", "--out", str(out)) == "" and str(out) in typed.err
    results = valid(json.loads(out.read_text(encoding="utf-8")))["results"]
    places = [place["physicalLocation"]["artifactLocation"] for result in results for place in result.get("locations", ())]
    assert places and any(place.get("uriBaseId") == "STAGEFLOW" for place in places)
    assert typed("findings", "export", "--format", "markdown").startswith("# Findings\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("findings", "show", "zzzz"), "no run has a finding zzzz"),
        (("findings", "show"), "not a way to ask"),
        (("findings", "list", "--kind", "bugs"), "there is no bugs"),
        (("findings", "list", "--target", "0.0.1"), "no run in"),
        (("findings", "--severity", "high"), "for list, show and export only"),
        (("report", "--campaign", ENTRY), "is about all runs"),
        (("report", "--campaign", "--against", "0.0.1"), "is no path and no version"),
        (("report", "--against", "0.0.1"), "for --campaign only"),
    ],
)
def test_what_cannot_be_told_is_one_line(typed: Typed, words: tuple[str, ...], said: str) -> None:
    typed(*words, code=2)
    assert said in typed.err and typed.err.startswith("error: ") and len(typed.err.strip().splitlines()) <= 2


def test_no_runs_are_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    typed = Typed(tmp_path, capsys)
    typed("report", "--campaign")
    assert "No run has confirmed one" in (tmp_path / "campaign/index.html").read_text(encoding="utf-8")
    assert json.loads(typed("findings", "list", "--json")) == []
    Typed(tmp_path / "nowhere", capsys)("report", "--campaign", code=2)
