"""`python -m agent dx`: the developer experience of releases side by side, by the formula of phase 5."""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from agent.core.errors import TargetUnavailable, ToolFailed, UsageError
from agent.core.settings import Settings
from agent.core.shown import shown_data
from agent.core.tool import ToolContext
from agent.reporting.experience import Observed, delights, friction, scored
from agent.reporting.screen import Screen
from tools.doc_names import documentation_facts
from tools.inspect_api import InspectApiArgs, inspect_api
from tools.run_code import run_python
from tools.targets import resolve, sync_docs
from tools.try_docs import TryDocsArgs, try_docs

SECONDS = 60.0


def experience(releases: Sequence[str], as_json: bool, settings: Settings) -> int:
    """Score each release and print the trend; 0 when at least one could be scored.

    Raises:
        TargetUnavailable: none could.
    """
    if not releases:
        raise UsageError("--releases names none", hint="Give versions with commas, such as 0.9.6,1.2.0.")
    rows: dict[str, dict[str, Any]] = {}
    missing: dict[str, str] = {}
    with Screen(stderr=True).status("starting") as status:
        for release in releases:
            try:
                rows[release] = one(release, settings, lambda text: status.update(escape(text)))
            except TargetUnavailable as error:
                missing[release] = str(error)
    if not rows:
        raise TargetUnavailable(next(iter(missing.values())), hint="Check the network, or name releases that are here.")
    if as_json:
        sys.stdout.write(shown_data(json.dumps({"releases": rows, "unavailable": missing}, indent=2, ensure_ascii=False)) + "\n")
    else:
        tell(rows, missing)
    return 0


def one(release: str, settings: Settings, say: Any) -> dict[str, Any]:
    """Scores, friction and delights of a release, and what could not be had."""
    target = resolve(release, settings, say)
    context = ToolContext(settings, target, None, say)
    notes: list[str] = []
    tried: dict[str, Any] = {}
    try:
        sync_docs(target.version, settings, say)
        tried = try_docs(TryDocsArgs(), context).model_dump(mode="json")
    except ToolFailed as failure:
        notes.append(str(failure))
    say(f"{release}: mistakes, debugging, extension points, cost")
    script, why = facts(context)
    notes += [why] if why else []
    symbols = [symbol.model_dump() for symbol in inspect_api(InspectApiArgs(limit=100_000), context).symbols]
    observed = Observed(script, documentation_facts(target, settings), tried, symbols)
    return {
        "version": target.version,
        "scores": [score.model_dump(mode="json") for score in scored(observed)],
        "friction": friction(observed),
        "delights": delights(observed),
        "notes": notes,
    }


def facts(context: ToolContext) -> tuple[dict[str, Any], str]:
    """What the fact script wrote, and why there is nothing."""
    script = context.settings.project / "components" / "lab" / "dx_facts.py"
    with tempfile.TemporaryDirectory(prefix="dx-", ignore_cleanup_errors=True) as folder:
        out = Path(folder) / "facts.json"
        done = run_python([str(script), "--out", str(out)], context=context, readable=(script,), writable=(Path(folder),), seconds=SECONDS)
        if out.is_file():
            found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
            return found, ""
    last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    return {}, f"the script of facts does not run on this release: {' '.join(last) or f'exit code {done.exit_code}'}"


def tell(rows: dict[str, dict[str, Any]], missing: dict[str, str]) -> None:
    """Aspects down, releases across; then what stood in the way in the last of them."""
    screen = Screen(file=sys.stdout, highlight=False, soft_wrap=True)
    table = Table("aspect", *rows, box=None, pad_edge=False)
    scores = {release: {score["aspect"]: score for score in row["scores"]} for release, row in rows.items()}
    last = list(rows)[-1]
    for aspect in scores[last]:
        table.add_row(aspect.replace("_", " "), *(shown(scores[release][aspect]) for release in rows))
    screen.print(table)
    for name in ("friction", "delights"):
        screen.print(f"{name} of {last}:")
        for point in rows[last][name]:
            screen.print(f"  - {point}", markup=False)
    for release, row in rows.items():
        for note in row["notes"]:
            screen.print(f"note: {release}: {note}", markup=False)
    for release, why in missing.items():
        screen.print(f"not scored: {release}: {why}", markup=False)


def shown(score: dict[str, Any]) -> str:
    """A score in a cell."""
    return "n/a" if score["score"] is None else str(score["score"])
