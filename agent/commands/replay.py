"""`python -m agent replay RUN`: the mission again, offline, with the model's recorded words; what differs is told."""

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from agent.commands.mission import RECORDING, drive
from agent.commands.runs import config_of, find_run, is_finished
from agent.core.errors import NothingToResume
from agent.core.roadmap import find_entry, load_roadmap
from agent.core.settings import Settings
from agent.core.workspace import Workspace, create_run
from tools.targets import resolve

FILES = {"bugs.json": "defect", "dx.json": "developer-experience finding", "improvements.json": "suggestion", "strengths.json": "strength"}
"""Files of findings, and what is in them."""
FROM_THE_WEB = ("web_search", "read_page")
"""Tools whose answers a replay takes over."""


def replay(run: str, settings: Settings, console: Console) -> int:
    """Run the entry of a finished mission again from its recording, and compare; 1 when findings differ.

    Raises:
        NothingToResume: there is no such run, it is not finished, or no model was recorded in it.
    """
    original = find_run(run, settings.runs)
    recording = original.path(RECORDING)
    if not is_finished(original):
        raise NothingToResume(f"{original.root} is not finished", hint="Finish it with --resume first.")
    if not recording.is_file():
        raise NothingToResume(f"{original.root} holds no recording", hint="Only missions with a model are recorded: see --provider.")
    config = config_of(original)
    entry = find_entry(load_roadmap(settings.project / "docs/roadmap"), config["entry"])
    offline = settings.model_copy(update={"providers": ("cassette",), "cassette": recording, "search": "offline"})
    target = resolve(config["target"], offline, progress=lambda text: console.print(f"  {text}", markup=False))
    again = create_run(settings.runs, entry.id, dt.datetime.now(dt.UTC).date())
    adopt_searches(original, again)
    code = drive(entry, again, target, offline, config["target"], None, console)
    if not is_finished(again):
        return code
    lines = list(differences(original, again))
    console.print(*(lines or ["the findings are the same"]), sep="\n", markup=False, highlight=False)
    return int(bool(lines))


def adopt_searches(original: Workspace, again: Workspace) -> None:
    """Take over what the web answered and the pages that were read, so that the same questions follow from it."""
    for marker in original.path("results/calls/research").glob("*.json"):
        if (original.read_json(original.relative(marker)) or {}).get("tool") in FROM_THE_WEB:
            place = again.path(f"results/calls/research/{marker.name}")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(marker, place)


def differences(original: Workspace, again: Workspace) -> Iterator[str]:
    """One line for every finding that only one of the runs has."""
    for file, word in FILES.items():
        before, after = titles(original, file), titles(again, file)
        yield from (f"{word} only in {original.root.name}: {title}" for title in sorted((before - after).elements()))
        yield from (f"{word} only in {again.root.name}: {title}" for title in sorted((after - before).elements()))


def titles(workspace: Workspace, file: str | Path) -> Counter[str]:
    """How often a title stands in a file of findings."""
    return Counter(row["title"] for row in (workspace.read_json(str(file)) or {}).get("findings", []))
