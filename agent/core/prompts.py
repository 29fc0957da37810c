"""The phase orders: one file per phase in `prompts/`, rendered strictly for an entry and a target."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.core.artifacts import RECORDS
from agent.core.roadmap import Entry
from agent.core.target import Target


def rendered_prompts(folder: Path, entry: Entry, target: Target) -> dict[str, str]:
    """File name to text of the system prompt and of every phase's; an undefined name in a template is an error."""
    loader = FileSystemLoader(folder)
    environment = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    return {f"{stem}.md": environment.get_template(f"{stem}.md").render(entry=entry, target=target) for stem in ("system", *RECORDS)}
