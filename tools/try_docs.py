"""Reads what a newcomer reads, in that order, and runs each block as it is written: how many until the first pipeline works?"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from agent.core.errors import ToolFailed
from agent.core.remembered import key_of, remembered
from agent.core.settings import Settings
from agent.core.tool import Record, Tool, ToolContext
from tools.doc_blocks import Block
from tools.doc_pages import DocPage, Question, ask, implied_names, read_pages

RUNS_A_PIPELINE = re.compile(r"await [\w.()]*\.run\(|run_simple_pipeline\(|\.run_pipeline\(")
SECONDS = 60.0


class TryDocsArgs(Record):
    """What is read."""

    pages: tuple[str, ...] = Field(
        default=("README.md", "docs/index.md", "docs/getting-started/*.md"),
        description="pages in reading order, relative to the release's documentation; patterns are filled in alphabetical order",
    )


class TriedBlock(Record):
    """One block of code."""

    page: str = Field(description="the page, relative to the documentation's folder")
    line: int = Field(description="line of the page where it begins")
    runs_a_pipeline: bool = Field(description="its code runs a pipeline, not only builds one")
    result: str = Field(description="ran; needs: something that the page does not give; failed; unknown")
    reason: str = Field(description="why it did not run to its end; empty when it did")


class TriedDocs(Record):
    """What became of the blocks."""

    version: str = Field(description="of the target")
    pages: tuple[str, ...] = Field(description="pages that were read")
    blocks: tuple[TriedBlock, ...] = Field(description="blocks of code, in reading order")
    attempts: int | None = Field(description="blocks that run a pipeline, tried until the first works as written; None: none did")


def try_docs(args: TryDocsArgs, context: ToolContext) -> TriedDocs:
    """Run the newcomer's pages of the target's version.

    Raises:
        ToolFailed: they are not here.
    """
    target = context.target
    if target is None:
        raise ToolFailed("try_docs needs a stageflow to run them on")
    root = context.settings.docs / "upstream" / target.version
    files = [file for pattern in args.pages for file in sorted(root.glob(pattern))]
    if not files:
        raise ToolFailed(
            f"the documentation of {target.version} is not here; `python -m agent docs sync --target {target.version}` fetches it"
        )
    pages = in_order(read_pages(root, files), files, root)
    key = key_of(target.fingerprint, str(target.python), files=[*files, *rules(context.settings)])
    cache, question = context.settings.cache / "tried-docs", Question(pages, implied_names(pages))
    rows, _ = remembered(cache, key, lambda: ask(question, context, seconds=SECONDS), whole=lambda answer: not answer[1])
    blocks = [
        tried(page, block, played_of(rows, page, index)) for page in pages for index, block in enumerate(page.blocks) if runnable(block)
    ]
    return TriedDocs(version=target.version, pages=tuple(page.name for page in pages), blocks=tuple(blocks), attempts=attempts(blocks))


def rules(settings: Settings) -> list[Path]:
    """Code that the outcome follows from."""
    inside = settings.project / "components" / "lab"
    return sorted([*Path(__file__).parent.glob("doc_*.py"), *inside.glob("*.py"), *(inside / "documentation").glob("*.py")])


def in_order(pages: Sequence[DocPage], files: Sequence[Path], root: Path) -> list[DocPage]:
    """The pages in the order of their files."""
    by_name = {page.name: page for page in pages}
    return [by_name[name] for name in dict.fromkeys(file.relative_to(root).as_posix() for file in files)]


def runnable(block: Block) -> bool:
    """Whether it is meant to be run as it stands."""
    return block.kind in ("code", "session", "broken")


def played_of(rows: Sequence[Mapping[str, Any]], page: DocPage, index: int) -> Mapping[str, Any]:
    """What was said of a block; empty when it was not reached."""
    said = (row["played"] for row in rows if row.get("page") == page.name and "played" in row)
    return next((row for row in said if row["index"] == index), {})


def tried(page: DocPage, block: Block, played: Mapping[str, Any]) -> TriedBlock:
    """A block and what became of it; one that needs imports that it does not show has not run as written."""
    result, reason = str(played.get("result", "unknown")), str(played.get("reason", ""))
    if block.kind == "broken":
        result, reason = "failed", "it does not compile"
    elif result == "ran" and played["supplied"]:
        result, reason = "needs", f"imports that it does not show: {', '.join(map(str, played['supplied']))}"
    return TriedBlock(
        page=page.name,
        line=block.line,
        runs_a_pipeline=bool(RUNS_A_PIPELINE.search(block.text)),
        result=result,
        reason="" if result == "ran" else reason[:300] or "it was not reached in the time given",
    )


def attempts(blocks: Sequence[TriedBlock]) -> int | None:
    """Which of the blocks that run a pipeline is the first that works, counted from 1."""
    running = [block for block in blocks if block.runs_a_pipeline]
    return next((number for number, block in enumerate(running, 1) if block.result == "ran"), None)


TOOL = Tool(
    name="try_docs",
    help="Run the code blocks that a newcomer reads, in reading order and as they are written.",
    args=TryDocsArgs,
    result=TriedDocs,
    run=try_docs,
    needs_target=True,
)
