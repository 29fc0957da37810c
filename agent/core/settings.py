"""All settings in one place; the only module that reads the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict


def project_root() -> Path:
    """The repository this code lives in."""
    return Path(__file__).resolve().parents[2]


class Settings(BaseModel):
    """Paths and limits of one invocation."""

    model_config = ConfigDict(frozen=True)

    project: Path
    """Root of the repository."""
    runs: Path
    """Where run folders are made."""
    targets: Path
    """Environments of the stageflows under test; git-ignored, inside the repository."""
    cache: Path
    """Package cache, search cache, proofs of released versions; git-ignored, inside the repository."""
    docs: Path
    """Vendored documentation; `upstream/<version>/` below it is fetched, the rest is committed."""
    sandbox: str = "auto"
    """`auto` takes the strongest that works; or the name of one: see `python -m agent doctor`."""
    search: str = "ddgs"
    """Web search provider: `ddgs`, or `offline` which always answers that there is no network."""
    jobs: int = 2
    """How many sandboxed processes may run at once."""

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **overrides: object) -> Self:
        """Settings from the environment (`STAGEFLOW_AGENT_RUNS`, `_SANDBOX`, `_SEARCH`, `_JOBS`), then `overrides`."""
        env = os.environ if environ is None else environ
        root = project_root()
        values: dict[str, object] = {
            "project": root,
            "runs": root / "runs",
            "targets": root / ".targets",
            "cache": root / ".cache",
            "docs": root / "stageflow-docs",
            "jobs": os.cpu_count() or 1,
        }
        for name in ("runs", "sandbox", "search", "jobs"):
            if text := env.get(f"STAGEFLOW_AGENT_{name.upper()}"):
                values[name] = text
        return cls.model_validate(values | {k: v for k, v in overrides.items() if v is not None})
