"""Python blocks of the target's own documentation: how many compile, how many of the names they use exist."""

import ast
import re
from pathlib import Path
from typing import Any

from agent.core.settings import Settings
from agent.core.target import Target
from tools.inspect_api import Api, load_api, resolve_names

FENCE = re.compile(r"^```python[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def documentation_facts(target: Target, settings: Settings) -> dict[str, Any]:
    """`pages`, `blocks`, how many of these `compile`, how many `resolve`, and the `problems`: `page: name` of what does not exist."""
    folder = settings.docs / "upstream" / target.version
    facts: dict[str, Any] = {"pages": 0, "blocks": 0, "compile": 0, "resolve": 0, "problems": []}
    if not folder.is_dir():
        return facts
    api = load_api(target, settings)
    for file in sorted(folder.rglob("*.md")):
        facts["pages"] += 1
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
