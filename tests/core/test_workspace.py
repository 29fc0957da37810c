"""The run folder: one definition, one page, no way out."""

import datetime as dt
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import WorkspaceEscape, WorkspaceUnwritable
from agent.core.workspace import LAYOUT, Workspace, create_run, list_runs

ROOT = Path(__file__).parents[2]


def test_folder_structure_page_is_what_the_code_says() -> None:
    shown = subprocess.run([sys.executable, "-m", "agent", "folder-structure"], capture_output=True, text=True, cwd=ROOT, check=True)
    assert (ROOT / "FOLDER_STRUCTURE.md").read_text(encoding="utf-8") == shown.stdout


@given(st.text(min_size=1, max_size=60))
def test_no_path_leaves_the_run(name: str) -> None:
    root = Path("/nonexistent/run")
    workspace = Workspace(root)
    try:
        path = workspace.path(name)
    except (WorkspaceEscape, ValueError, OSError):
        return
    assert path.is_relative_to(root)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "findings/../../x", "unknown.txt", "results", "agent/cli.py"])
def test_places_outside_the_layout_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceEscape):
        Workspace(tmp_path).write(name, "x")


def test_links_out_of_the_run_are_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "run/findings").symlink_to(tmp_path / "outside")
    with pytest.raises(WorkspaceEscape):
        Workspace(tmp_path / "run").write("findings/BUG-001/repro.py", "x")
    assert not list((tmp_path / "outside").iterdir())


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with links in it, to places inside and outside."""
    root = tmp_path_factory.mktemp("linked") / "run"
    (root / "findings/real").mkdir(parents=True)
    (root.parent / "elsewhere").mkdir()
    for name, to in {"link": "real", "out": "../../elsewhere", "up": "..", "gone": "nowhere", "circle": "circle"}.items():
        (root / "findings" / name).symlink_to(to)
    (root / "findings/file").write_text("")
    return root


@given(
    st.lists(
        st.sampled_from(["findings", "real", "link", "out", "up", "gone", "circle", "file", "new", "..", ".", "", "mocks"]), max_size=5
    )
)
def test_a_path_is_the_one_that_links_lead_to(linked: Path, parts: list[str]) -> None:
    name = "/".join(parts)
    try:
        meant = (linked / name).resolve()
    except RuntimeError:  # links in a circle
        meant = None
    inside = (
        meant is not None
        and meant.is_relative_to(linked)
        and any(str(meant.relative_to(linked)) == slot.path or f"{meant.relative_to(linked)}/".startswith(slot.path) for slot in LAYOUT)
    )
    try:
        assert Workspace(linked).path(name) == meant and inside
    except (WorkspaceEscape, RuntimeError):
        assert not inside


def test_parallel_creators_get_runs_of_their_own(tmp_path: Path) -> None:
    day = dt.date(2026, 1, 2)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: create_run(tmp_path, "FIN-001", day).root.name, range(16)))
    assert sorted(made) == [f"run-2026-01-02-{n:03d}" for n in range(1, 17)]
    assert [w.root.name for w in list_runs(tmp_path)] == sorted(made)


def test_unwritable_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file, not a folder")
    with pytest.raises(WorkspaceUnwritable, match="cannot create"):
        create_run(tmp_path / "runs", "FIN-001", dt.date(2026, 1, 2))


def test_layout_names_every_artifact_of_the_brief() -> None:
    paths = {slot.path for slot in LAYOUT}
    wanted = {"README.md", "FINAL_REPORT.md", "findings.json", "pipelines/", "tests/", "dx_evaluation/", "config/run_config.json"}
    wanted |= {"results/metrics/", "results/traces/", "results/logs/", "config/environment.json"}
    wanted |= {f"mocks/data/{kind}/" for kind in ("happy_path", "edge_cases", "adversarial", "scale")} | {"mocks/services/"}
    assert wanted <= paths


def test_a_second_name_is_the_same_file_and_takes_no_room(tmp_path: Path) -> None:
    run = Workspace(tmp_path)
    first = run.write("findings/proofs/a.py", "print(1)\n")
    for _ in range(2):  # a resumed phase does it again
        run.link("findings/BUG-001/repro.py", first)
    second = run.path("findings/BUG-001/repro.py")
    assert second.samefile(first) and [path.name for path in second.parent.iterdir()] == ["repro.py"]
    run.write("findings/proofs/a.py", "print(2)\n")
    assert second.read_text(encoding="utf-8") == "print(1)\n", "what is written again is another file"
    run.link("findings/BUG-001/repro.py", first)
    assert second.read_text(encoding="utf-8") == "print(2)\n"
    with pytest.raises(WorkspaceUnwritable):
        run.link("findings/BUG-001/repro.py/x", first)
