"""The API reference is what its generator writes, and tells only what a check found."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from agent.core.settings import project_root
from agent.reporting.api_reference import verdicts_of, written
from tests.conftest import agent
from tools.doc_sections import sections

DOCS = project_root() / "stageflow-docs"
SIGNATURE = re.compile(r"^(?:- )?`.*`(?:, async)?$")


def outline(page: Path) -> list[str]:
    """Headings and signatures; not the words of the probes, which may be put better at any time."""
    return [f"{part.title}: {line}" for part in sections(page) for line in part.text.splitlines() if SIGNATURE.fullmatch(line)]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference")
    done = agent("docs", "reference", "--out", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


def test_the_committed_pages_are_what_the_generator_writes(fresh: Path) -> None:
    made = {file.relative_to(fresh).as_posix() for file in fresh.rglob("*.md")}
    assert made == {file.relative_to(DOCS).as_posix() for file in [*DOCS.glob("api/*.md"), DOCS / "known-defects.md"]}
    for name in made:
        assert outline(fresh / name) == outline(DOCS / name), f"{name}: run `python -m agent docs reference`"


def test_every_name_stands_with_its_signature_and_what_was_found(fresh: Path) -> None:
    part = next(part for part in sections(fresh / "api/pipeline.md") if part.title == "RetryInterceptor")
    assert "`RetryInterceptor(max_attempts: int = 3," in part.text
    assert "- `on_error(stage_name: str, error: Exception, ctx: PipelineContext) -> ErrorAction`, async" in part.text
    kept, _, broken = part.text.partition("Defects:")
    assert "(`retry/error_filter`)" in kept and "(`retry/transient_errors`)" in broken


def test_another_check_takes_the_place_of_the_verdicts(tmp_path: Path) -> None:
    row = {"probe": "retry/error_filter", "component": "stageflow.pipeline.retry.RetryInterceptor", "verdict": "holds"}
    defect = {"title": "It is broken", "severity": "high", "area": "retry", "probe": "retry/recovery", "component": row["component"]}
    seen = [{"probe": "retry/recovery"}, {"probe": "retry/attempts_exact"}]
    check = {
        "target": {"version": version("stageflow-core"), "fingerprint": "f"},
        "groups": [row, row | {"verdict": "violated", "component": "stageflow.Pipeline"}],
        "findings": [defect | {"also_seen": seen}],
    }
    (tmp_path / "check.json").write_text(json.dumps(check))
    done = agent("docs", "reference", "--verdicts", str(tmp_path / "check.json"), "--out", str(tmp_path / "pages"))
    assert done.returncode == 0, done.stderr
    defects = (tmp_path / "pages" / "known-defects.md").read_text()
    assert "- high: It is broken (`retry/recovery`, `retry/attempts_exact`)" in defects
    kept = verdicts_of(check)
    assert kept.holds == {"retry/error_filter": (row["component"],)}
    assert type(kept).model_validate_json(written(kept)) == kept


@pytest.mark.parametrize(
    ("text", "says"),
    [("[]", "not the JSON of a check"), ('{"target": {"version": "0.1", "fingerprint": "f"}, "groups": [], "findings": []}', "0.1")],
)
def test_wrong_verdicts_are_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "check.json").write_text(text)
    done = agent("docs", "reference", "--verdicts", str(tmp_path / "check.json"), "--out", str(tmp_path / "pages"))
    assert done.returncode == 2 and says in done.stderr and not (tmp_path / "pages").exists()
