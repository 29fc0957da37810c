"""Writes `runs/campaign/`: one page, its data, and the data of earlier campaigns under their dates."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from agent.core.errors import UsageError, WorkspaceUnwritable
from agent.core.files import write_atomic
from agent.core.harmless import shown_json
from agent.core.roadmap import headings
from agent.core.settings import Settings
from agent.core.shortage import told
from agent.reporting.campaign.comparing import compared
from agent.reporting.campaign.gathering import gathered
from agent.reporting.campaign.page import page_of
from agent.reporting.campaign.reading import read_runs
from agent.reporting.campaign.records import Campaign
from agent.reporting.campaign.standing import of_target, on_target

FOLDER = "campaign"
"""Below the folder of runs."""
DATA, PAGE = "campaign.json", "index.html"
KEPT = "campaign-{stamp}.json"
"""Name of an earlier campaign."""
HINT = "Give a folder of runs, the campaign.json of another campaign, or the version of a target that runs here were made on."


@dataclass(frozen=True)
class Earlier:
    """Another campaign to compare with.

    Attributes:
        label: what it is called on the page.
        campaign: its data.
    """

    label: str
    campaign: Campaign


def present(settings: Settings, made_at: str, target: str = "", without: str = "") -> Campaign:
    """The campaign of a folder of runs as it stands.

    Args:
        settings: say where runs and roadmap are.
        made_at: what is put into it.
        target: only runs on this version or fingerprint; empty: all.
        without: all but those on this one.

    Raises:
        UsageError: no run is of that target.
    """
    views = on_target(read_runs(settings.runs), settings.runs, target)
    chosen = [view for view in views if not (without and of_target(view, without))]
    return gathered(chosen, headings(settings.project / "docs/roadmap", settings.cache), made_at)


def now() -> str:
    """UTC, ISO 8601, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def write_site(settings: Settings, target: str = "", against: str = "") -> tuple[Path, Campaign]:
    """Read the runs and write page and data; the path of the page, and what it tells."""
    earlier = named(against, settings) if against else None
    version = against if earlier is None or is_version(against) else ""
    made = present(settings, now(), target, without=version)
    folder = settings.runs / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        previous = kept_aside(folder, made)
        other = earlier or previous
        if other:
            made = made.model_copy(update={"against": compared(made, other.campaign, other.label)})
        write_atomic(folder / DATA, shown_json(made.model_dump_json(indent=1)) + "\n")
        write_atomic(folder / PAGE, page_of(made))
    except OSError as error:
        raise told(error, folder) or WorkspaceUnwritable(f"cannot write {folder}: {error.strerror}") from error
    return folder / PAGE, made


def is_version(text: str) -> bool:
    """Whether it can only be a target's version: there is no such path."""
    return bool(text) and not Path(text).expanduser().exists()


def named(text: str, settings: Settings) -> Earlier:
    """The campaign that `--against` names: a saved one, another folder of runs, or the runs on another version."""
    path = Path(text).expanduser()
    if path.is_dir():
        return Earlier(f"the runs in {path.name}", present(settings.model_copy(update={"runs": path}), now()))
    if path.is_file():
        return Earlier(f"{path.name}", loaded(path))
    try:
        return Earlier(f"the runs on {text}", present(settings, now(), target=text))
    except UsageError as error:
        raise UsageError(f"{text!r} is no path and no version of a target", hint=f"{HINT} {error.hint}") from error


def loaded(path: Path) -> Campaign:
    """A saved campaign.

    Raises:
        UsageError: it is none, or of another format.
    """
    try:
        return Campaign.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UsageError(f"{path} holds no campaign that this version can read", hint=HINT) from error


def kept_aside(folder: Path, made: Campaign) -> Earlier | None:
    """The campaign before this one; when it says something else, or cannot be read, its data are kept under their date."""
    data = folder / DATA
    try:
        before = loaded(data) if data.exists() else None
    except UsageError:
        data.rename(folder / KEPT.format(stamp="unreadable-" + stamp(now())))
        before = None
    if before and before.substance() != made.substance():
        data.replace(folder / KEPT.format(stamp=stamp(before.made_at)))
    return next(readable(sorted(folder.glob(KEPT.format(stamp="[0-9]*")), reverse=True)), None)


def readable(files: Sequence[Path]) -> Iterator[Earlier]:
    """Those of earlier campaigns that can be read."""
    for file in files:
        try:
            campaign = loaded(file)
        except UsageError:
            continue
        yield Earlier(f"the campaign of {campaign.made_at}", campaign)


def stamp(moment: str) -> str:
    """A moment as part of a file's name."""
    return "".join(char for char in moment if char.isalnum())
