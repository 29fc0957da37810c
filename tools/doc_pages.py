"""Documentation pages as the oracle asks about them, and what the sandbox answers."""

import ast
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agent.core.errors import ToolFailed
from agent.core.harmless import harmless_data
from agent.core.tool import ToolContext
from tools.doc_blocks import Block, blocks
from tools.doc_records import Place
from tools.doc_reference import claims, path_at
from tools.doc_sections import Section, split
from tools.run_code import run_python

PAGE_SECONDS = 45.0
"""Real time for the blocks of one page."""
OUTPUT_KIB = 16 * 1024


@dataclass(frozen=True)
class DocPage:
    """A page.

    Attributes:
        name: relative to the documentation's folder.
        lines: its lines.
        parts: its sections.
        blocks: its Python blocks.
        request: what is asked about it, for `components.lab.documentation.runner`.
        module: the module whose docstrings these are; empty for a page of the documentation.
    """

    name: str
    lines: tuple[str, ...]
    parts: tuple[Section, ...]
    blocks: tuple[Block, ...]
    request: dict[str, Any]
    module: str = ""

    def place(self, line: int) -> Place:
        """The place of a line."""
        anchor = next((part.anchor for part in reversed(self.parts) if part.first_line <= line), "")
        quote = self.lines[line - 1].strip() if 0 < line <= len(self.lines) else ""
        section = f"docstring:{self.module}.{anchor}".rstrip(".") if self.module else f"{self.name}#{anchor}".rstrip("#")
        return Place(page=self.name, line=line, section=section, quote=quote[:200])


def read_pages(root: Path, files: Iterable[Path]) -> list[DocPage]:
    """The pages below `root`, in order."""
    found = []
    for file in sorted(files):
        text, name = file.read_text(encoding="utf-8", errors="replace"), file.relative_to(root).as_posix()
        parts, of_page = split(text), tuple(blocks(text))
        asked = requested(name, of_page, [path_at(parts, block.line) for block in of_page], [asdict(claim) for claim in claims(text)])
        found.append(DocPage(name, tuple(text.splitlines()), tuple(parts), of_page, asked))
    return found


def requested(
    name: str, of_page: Sequence[Block], paths: Sequence[tuple[tuple[str, ...], bool]], said: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """What `components.lab.documentation.runner` is asked about a page; `paths` are the headings above each block, see `heading_path`."""
    rows = []
    for index, (block, (titles, strict)) in enumerate(zip(of_page, paths, strict=True)):
        row = {key: getattr(block, key) for key in ("line", "kind", "code", "elided")}
        rows.append(row | {"index": index, "titles": titles, "strict": strict, "stubs": [asdict(stub) for stub in block.stubs]})
    return {"name": name, "home": "", "blocks": rows, "claims": list(said)}


def implied_names(pages: Iterable[DocPage]) -> list[str]:
    """Names that some page imports from stageflow and no page defines itself: what a block may leave to the reader to import."""
    imported: set[str] = set()
    defined: set[str] = set()
    for node in (node for page in pages for block in page.blocks if block.code for node in ast.walk(ast.parse(block.code))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "stageflow":
            imported |= {alias.name for alias in node.names if not alias.asname}
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            defined.add(node.name)
    return sorted(imported - defined)


@dataclass(frozen=True)
class Question:
    """What the sandbox is asked.

    Attributes:
        pages: to resolve and run.
        implied: names that blocks may leave to the reader to import.
        docstrings: dotted names whose documentation is wanted.
        virtual: run in virtual time.
    """

    pages: Sequence[DocPage]
    implied: Sequence[str] = ()
    docstrings: Sequence[str] = ()
    virtual: bool = True


def ask(question: Question, context: ToolContext, *, seconds: float) -> tuple[list[dict[str, Any]], str]:
    """Rows of `components.lab.documentation.runner`, and why there may be fewer than asked for (empty: there are not).

    Raises:
        ToolFailed: it said nothing at all.
    """
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()

    def read(line: bytes) -> None:
        try:
            row = harmless_data(json.loads(line))
        except ValueError:
            return
        rows.append(row)
        if row.get("page") and row["page"] not in seen:
            seen.add(row["page"])
            context.progress(f"page {len(seen)} of {len(question.pages)}: {row['page']}")

    request = {
        "pages": [page.request for page in question.pages],
        "implied": list(question.implied),
        "docstrings": list(question.docstrings),
        "virtual": question.virtual,
        "seconds": PAGE_SECONDS,
    }
    outcome = run_python(
        ["-m", "components.lab.documentation.runner"],
        context=context,
        seconds=seconds,
        packages=(context.settings.project / "components",),
        stdin=json.dumps(request).encode(),
        on_line=read,
        output_kib=OUTPUT_KIB,
    )
    if outcome.timed_out:
        return rows, "the time given was over"
    if outcome.exit_code == 0:
        return rows, ""
    why = f"the documentation runner ended with {outcome.exit_code}: {outcome.stderr[-300:].decode(errors='replace').strip()}"
    if not rows:
        raise ToolFailed(why)
    return rows, why
