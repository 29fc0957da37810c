"""`python -m agent findings export`: findings of all runs for another program."""

import argparse
import importlib.util
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from agent.core.environment import Places
from agent.core.files import write_atomic
from agent.core.shown import shown, shown_data
from agent.core.target import package_fingerprint
from agent.court.catalogue import load_catalogue
from agent.reporting.campaign.exporting import as_csv, as_markdown, as_sarif
from agent.reporting.campaign.records import SeenFinding
from agent.reporting.campaign.tabular import as_json


def export(chosen: Sequence[SeenFinding], args: argparse.Namespace, places: Places) -> int:
    """Write them for another program."""
    match args.format:
        case "csv":
            text = as_csv(chosen, each=args.all_sightings)
        case "markdown":
            text = as_markdown(chosen)
        case "sarif":
            text = as_sarif(chosen, load_catalogue(places.project / "components", places.cache), package_of(chosen))
        case _:
            text = as_json(chosen)
    if args.out:
        write_atomic(args.out, text)
        print(f"{args.out}: {len(chosen)} findings", file=sys.stderr)
    else:
        sys.stdout.write(shown_data(text) if args.format in ("json", "sarif") else shown(text))
    return 0


def package_of(chosen: Iterable[SeenFinding]) -> Path | None:
    """The package they were all seen in last, when it is the one of this environment; places in a file of another would mislead.

    A run that has lost its configuration does not say what it was made on, and is not asked.
    """
    targets = {finding.sightings[-1].target for finding in chosen} - {""}
    spec = importlib.util.find_spec("stageflow")
    if spec is None or spec.origin is None or len(targets) != 1:
        return None
    package = Path(spec.origin).parent
    return package if package_fingerprint(package) in targets else None
