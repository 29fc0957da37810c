"""The tool that turns a roadmap entry into persona and data files of a run."""

from pathlib import PurePosixPath

from pydantic import Field

from agent.core.roadmap import load_entry
from agent.core.tool import Record, Tool, ToolContext
from agent.workload.datasets import datasets
from agent.workload.persona import persona_page
from agent.workload.services import services_code


class GenerateData(Record):
    """Arguments of `generate_data`."""

    entry: str = Field(description="id of the roadmap entry")
    seed: int = Field(default=1, description="seed of the generator; the same seed gives the same bytes")


class DataGenerated(Record):
    """Result of `generate_data`."""

    rows: dict[str, int] = Field(description="lines per kind of data")
    files: tuple[str, ...] = Field(description="what was written, relative to the run")


def run(args: GenerateData, context: ToolContext) -> DataGenerated:
    """Write `mocks/persona.md`, `mocks/data/**` and the rows of the services."""
    assert context.workspace
    entry = load_entry(context.settings.project / "docs/roadmap", args.entry, context.settings.cache)
    rows_of_services = {path: text for path, text in services_code(entry).items() if not path.endswith(".py")}
    made = datasets(entry, args.seed) | rows_of_services | {"mocks/persona.md": persona_page(entry)}
    rows: dict[str, int] = {}
    for path, text in made.items():
        context.workspace.write(path, text)
        if path.startswith("mocks/data/") and path.endswith(".jsonl"):
            kind = PurePosixPath(path).parent.name
            rows[kind] = rows.get(kind, 0) + text.count("\n")
    return DataGenerated(rows=rows, files=tuple(sorted(made)))


TOOL = Tool("generate_data", "persona and data sets of a roadmap entry", GenerateData, DataGenerated, run, needs_run=True)
