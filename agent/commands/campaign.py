"""`python -m agent report --campaign`: one page over all entries; also the last word of a batch."""

import sys

from rich.console import Console

from agent.core.errors import AgentError, UsageError
from agent.core.harmless import shown_json
from agent.core.settings import Settings
from agent.reporting.campaign.page import figures
from agent.reporting.campaign.records import Campaign
from agent.reporting.campaign.site import write_site


def campaign(run: str | None, settings: Settings, target: str, against: str, as_json: bool) -> int:
    """Write the page, say where it is and what it comes to."""
    if run:
        raise UsageError(f"--campaign is about all runs, not about {run}", hint="Leave out the run; --runs DIR names another folder.")
    if not settings.runs.is_dir():
        raise UsageError(f"there is no folder {settings.runs}", hint="Name the folder of runs with --runs DIR.")
    page, made = write_site(settings, target, against)
    if as_json:
        sys.stdout.write(shown_json(made.model_dump_json(indent=2)) + "\n")
        return 0
    sys.stdout.write(f"{page}\n")
    print(summary(made), file=sys.stderr)
    return 0


def summary(made: Campaign) -> str:
    """What a campaign comes to, in a line."""
    found = figures(made)
    progress = ", ".join(f"{number} {name}" for name, number in found["progress"].items())
    settled = ", ".join(f"{number} {name}" for name, number in found["settled"].items())
    counts = f"{found['defects']} distinct confirmed defects, seen {found['sightings']} times"
    return f"{found['entries']} entries: {progress}; worries: {settled}; {counts}"


def told_at_the_end(settings: Settings, console: Console) -> None:
    """The last word of a batch; a page that cannot be written takes nothing from what the batch did."""
    try:
        page, _ = write_site(settings)
    except AgentError as error:
        console.print(f"note: no campaign page: {error}", markup=False, highlight=False, soft_wrap=True)
        return
    console.print(f"Campaign: {page}", markup=False, highlight=False, soft_wrap=True)
