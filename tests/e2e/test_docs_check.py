"""`docs check` from the front door: it finds planted mistakes, it leaves sound pages alone, and it finds what is wrong with the release's own pages."""

import json
import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, agent

F = "```"
RELEASE = ROOT / "stageflow-docs" / "upstream" / version("stageflow-core")

MISTAKES = f"""# Planted

{F}python
from stageflow import Pipeline, StageContext, StageKind, StageOutput
from stageflow.nowhere import Thing
from stageflow.helpers import ChunkQueue, NoSuchHelper
{F}

{F}python
class Stage:
    async def execute(self, ctx: StageContext) -> StageOutput:
        ctx.event_sink.try_emit("name", {{}})
        first = ctx.inputs["key"]
        return StageOutput.fail(error="e", error_metadata=ctx.data)
{F}

{F}python
queue = ChunkQueue(maxsize=1)
results = Pipeline().with_stage("a", Stage, StageKind.WORK).run()
print(results["a"])
{F}

{F}python
StageOutput.ok(1, 2, 3, 4, 5)
await StageOutput.skip("x")
StageKind.NO_SUCH_KIND
{F}

{F}python
def f():
    await g()
{F}

{F}python
print(len("four"))  # 5
{F}
"""
EXPECTED = {
    "docs:module stageflow.nowhere",
    "docs:stageflow.helpers:NoSuchHelper",
    "docs:EventSink.try_emit(more than 0 positional)",
    "docs:StageInputs[...]",
    "docs:StageOutput.fail(error_metadata=)",
    "docs:StageContext.data",
    "docs:ChunkQueue(maxsize=)",
    "docs:Pipeline.run() not awaited",
    "docs:StageOutput.ok(more than 1 positional)",
    "docs:await StageOutput.skip()",
    "docs:StageKind.NO_SUCH_KIND",
    "docs:docs/mistakes.md#planted does not compile",
    "docs:docs/mistakes.md#planted prints 5",
    "docs:ChunkQueue.no_such_method",
    "docs:create_test_snapshot(topology='other')",
}

REFERENCE = f"""# Helpers API Reference

## ChunkQueue

{F}python
from stageflow.helpers import ChunkQueue
{F}

#### `put(item: Any) -> bool`

#### `no_such_method(item: Any) -> bool`

## create_test_snapshot

{F}python
from stageflow.testing import create_test_snapshot
{F}

{F}python
create_test_snapshot(*, no_such: int = 1, topology: str | None = "other", **kwargs) -> ContextSnapshot
{F}

{F}python
create_test_snapshot(*, topology: str | None = "other", execution_mode: str | None = "test", ...) -> ContextSnapshot
{F}
"""

SOUND = f"""# Nothing wrong here

{F}python
import asyncio

from stageflow import Pipeline, PipelineContext, StageContext, StageKind, StageOutput
from stageflow.helpers import ChunkQueue
{F}

What a stage may find:

{F}python
class Greet:
    name = "greet"
    kind = StageKind.TRANSFORM

    async def execute(self, ctx: StageContext) -> StageOutput:
        if hasattr(ctx, "shiny_new_attribute"):
            ctx.shiny_new_attribute.use()
        helper = getattr(ctx, "helper", None)
        if isinstance(ctx.snapshot, dict):
            ctx.snapshot["key"].lower()
        try:
            ctx.of_a_later_release()
        except AttributeError:
            pass
        return StageOutput.ok(greeting="hello", helper=helper)


results = asyncio.run(Pipeline().with_stage("greet", Greet, StageKind.TRANSFORM).run(input_text="x"))
print(results["greet"].data["greeting"])  # "hello"
print(results.ok("greet"))  # True
{F}

Sketches and extracts:

{F}python
return StageOutput.fail(error="extract")
{F}

{F}python
context = PipelineContext(
    ...,
    topology="t",
)
context.data["x"] = 1
{F}

{F}python
.with_stage("greet", Greet, ...)
{F}

A class of the reader's own, with the name of one of ours:

{F}python
class ChunkQueue:
    def __init__(self, maxsize: int, colour: str) -> None:
        self.colour = colour

    async def only_mine(self) -> None: ...


mine = ChunkQueue(maxsize=1, colour="red")
print(mine.colour)
{F}

What not to do:

{F}python
# Bad: raises TypeError
StageOutput.fail(error="e", no_such_argument=1)

# Good
StageOutput.fail(error="e")
{F}

A signature as it is, with a parameter that begins with an underscore:

### MetricsInterceptor

- `before(_stage_name: str, ctx: PipelineContext) -> None`

### Readers

What needs the reader:

{F}python
import no_such_package_at_all

client = no_such_package_at_all.Client()
{F}

{F}python
ctx = make_context_of_yours()
ctx.emit_something_of_yours("x")
{F}

{F}python
await asyncio.sleep(3600)
{F}

## Migration from an older release

{F}python
from stageflow.gone import Gone
{F}
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of the release, with documentation of our own making."""
    root = tmp_path_factory.mktemp("checkout")
    spec = find_spec("stageflow")
    assert spec and spec.submodule_search_locations
    shutil.copytree(spec.submodule_search_locations[0], root / "stageflow", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "docs").mkdir()
    for name, text in (("mistakes", MISTAKES), ("reference", REFERENCE), ("sound", SOUND)):
        (root / "docs" / f"{name}.md").write_text(text, encoding="utf-8")
    return root


def check(target: Path, out: Path, *args: str, code: int = 0) -> dict[str, Any]:
    done = agent("docs", "check", "--target", str(target), "--json", str(out), *args)
    assert done.returncode == code, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def of_pages(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Contradictions of pages; those of the release's docstrings are left out."""
    return [row for row in result["contradictions"] if any(place["page"].startswith("docs/") for place in row["places"])]


def test_planted_mistakes_are_found_and_nothing_else(checkout: Path, tmp_path: Path) -> None:
    result = check(checkout, tmp_path / "out.json", "--fail-on", "medium")
    found = {row["cause"]: row for row in of_pages(result)}
    assert set(found) == EXPECTED
    assert not [row for row in of_pages(result) if any(place["page"] == "docs/sound.md" for place in row["places"])]
    lines = {name: (checkout / "docs" / f"{name}.md").read_text().splitlines() for name in ("mistakes", "reference")}
    for row in found.values():
        for place in row["places"]:
            assert lines[Path(place["page"]).stem][place["line"] - 1].strip() == place["quote"]
    assert "error=None" in found["docs:StageOutput.fail(error_metadata=)"]["has"]
    assert "max_size" in found["docs:ChunkQueue(maxsize=)"]["has"]
    doubtful = {row["cause"]: row["doubt"] for row in result["unknown"]}
    assert "Bad" in doubtful["docs:StageOutput.fail(no_such_argument=)"] and "Migration" in doubtful["docs:module stageflow.gone"]
    counts = result["counts"]
    assert counts["blocks"] == counts["code"] + counts["fragments"] + counts["signatures"]
    assert counts["needs"]["package"] == 1
    assert 0 < result["share_that_runs"] < 1


def test_findings_of_a_check_are_quoted_and_fail_when_asked(checkout: Path, tmp_path: Path) -> None:
    source = "docstring:stageflow.helpers.ChunkQueue.put"
    claim = {"text": "put() returns True if the item was added, False if it was dropped.", "source": source}
    one = {"title": "It does not", "claim": claim, "expected": "a", "observed": "b", "fingerprint": "f", "status": "confirmed"}
    verdicts = tmp_path / "check.json"
    verdicts.write_text(json.dumps({"findings": [one]}))
    asked = ("--page", "sound", "--verdicts", str(verdicts), "--fail-on", "low")
    result = check(checkout, tmp_path / "out.json", *asked, code=1)
    (row,) = result["contradictions"]
    assert row["kind"] == "claim" and "False if dropped" in row["places"][0]["quote"] and "observed b" in row["has"]
    assert result["counts"]["pages"] == 1 and result["counts"]["unknown"] == 1


def test_wrong_usage_is_one_clear_line(checkout: Path, tmp_path: Path) -> None:
    done = agent("docs", "check", "--target", str(checkout), "--page", "nowhere.md")
    assert done.returncode == 2 and "no page" in done.stderr and "docs/sound.md" in done.stderr
    (tmp_path / "list.json").write_text("[]")
    done = agent("docs", "check", "--target", str(checkout), "--verdicts", str(tmp_path / "list.json"))
    assert done.returncode == 2 and "not the JSON of a check" in done.stderr


def test_our_own_pages_are_true(tmp_path: Path) -> None:
    done = agent("docs", "check", "--own", "--json", str(tmp_path / "own.json"), "--fail-on", "low")
    result = json.loads((tmp_path / "own.json").read_text())
    assert done.returncode == 0 and not result["contradictions"] and not result["unknown"], done.stdout
    assert result["counts"]["ran"] == result["counts"]["code"] == result["counts"]["blocks"]


@pytest.mark.skipif(not RELEASE.is_dir(), reason="the documentation of the release was not fetched")
def test_the_release_contradicts_itself(tmp_path: Path) -> None:
    agent("docs", "check", "--json", str(tmp_path / "out.json"))
    result = json.loads((tmp_path / "out.json").read_text())
    found = {row["cause"]: row for row in result["contradictions"]}
    assert len(found) >= 35 and not result["incomplete"]
    assert len(found["docs:EventSink.try_emit(more than 0 positional)"]["places"]) >= 9
    assert {place["page"] for place in found["docs:StageOutput.fail(error_metadata=)"]["places"]} == {
        "docs/advanced/chunking.md",
        "docs/advanced/guard-security.md",
    }
    assert found["docs:ContextSnapshot[...] raises TypeError"]["how"] == "ran"
    assert result["counts"]["blocks"] > 800 and result["share_that_runs"] > 0.4
