"""Python blocks of the target's own documentation: how many compile, how many of the names they use exist."""

import ast
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.core.remembered import key_of, remembered
from agent.core.settings import Settings
from agent.core.target import Target
from tools.inspect_api import Api, load_api, resolve_names

FENCE = re.compile(r"^```python[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
RULES = tuple(Path(__file__).with_name(name) for name in ("doc_names.py", "inspect_api.py", "resolve_names.py", "target_api.py"))
"""Code that the counts follow from."""


def documentation_facts(target: Target, settings: Settings) -> dict[str, Any]:
    """`pages`, `blocks`, how many of these `compile`, how many `resolve`, and the `problems`: `page: name` of what does not exist."""
    folder = settings.docs / "upstream" / target.version
    files = sorted(folder.rglob("*.md"))
    key = key_of(target.fingerprint, files=[*files, *RULES])
    facts: dict[str, Any] = remembered(settings.cache / "doc-names", key, lambda: counted(folder, files, target, settings))
    return facts


def counted(folder: Path, files: Sequence[Path], target: Target, settings: Settings) -> dict[str, Any]:
    """The same, worked out."""
    facts: dict[str, Any] = {"pages": len(files), "blocks": 0, "compile": 0, "resolve": 0, "problems": []}
    if files:
        api = load_api(target, settings)
        for file in files:
            for block in FENCE.findall(file.read_text(encoding="utf-8")):
                count_block(facts, file.relative_to(folder), block, api)
    return facts


def count_block(facts: dict[str, Any], file: Path, block: str, api: Api) -> None:
    """Add one block to the facts."""
    facts["blocks"] += 1
    try:
        ast.parse(block)
    except SyntaxError:
        return  # a fragment, e.g. a body without its function; counted as not compiling
    facts["compile"] += 1
    problems = resolve_names(block, api)
    facts["resolve"] += not problems
    facts["problems"] += [f"{file.as_posix()}: {problem.name}" for problem in problems]
