"""`python -m agent docs reference`: writes the committed API reference and the list of known defects again."""

import json
import sys
from pathlib import Path

from pydantic import ValidationError

from agent.commands.docs import short
from agent.core.errors import UsageError
from agent.core.files import write_atomic
from agent.core.settings import Settings
from agent.court.catalogue import load_catalogue
from agent.reporting.api_reference import SNAPSHOT, Reference, Verdicts, verdicts_of, written
from agent.reporting.screen import Screen
from tools.target_api import load_api
from tools.targets import resolve


def docs_reference(spec: str, check: Path | None, out: Path | None, settings: Settings) -> int:
    """Write the pages of a release.

    Args:
        spec: the release.
        check: JSON of a check of the whole library whose verdicts take the place of the committed ones.
        out: folder to write to instead of `stageflow-docs/`.
        settings: of this process.
    """
    target = resolve(spec, settings)
    verdicts = read_verdicts(check, settings)
    if verdicts.version != target.version:
        raise UsageError(
            f"the verdicts are those of stageflow {verdicts.version}, the target is {target.version}",
            hint=f"Run `python -m agent check --target {spec} --minutes 15 --json FILE` and give FILE with --verdicts.",
        )
    folder = out or settings.docs
    pages = Reference(load_api(target, settings), load_catalogue(settings.project / "components", settings.cache), verdicts).pages()
    for name, text in pages.items():
        write_atomic(folder / name, text)
    if check:
        write_atomic(folder / SNAPSHOT, written(verdicts))
    console = Screen(file=sys.stdout, highlight=False, markup=False, soft_wrap=True)
    console.print(f"stageflow {target.version}: {len(pages)} pages in {short(folder)}")
    return 0


def read_verdicts(check: Path | None, settings: Settings) -> Verdicts:
    """Those of a check, or else the committed ones.

    Raises:
        UsageError: the file is not there or is something else.
    """
    file = check or settings.docs / SNAPSHOT
    try:
        return verdicts_of(json.loads(file.read_bytes())) if check else Verdicts.model_validate_json(file.read_bytes())
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise UsageError(f"{file} is not the JSON of a check: {error}", hint="Make one with `check --json FILE`.") from error
