"""All settings in one place, checked; `agent.core.environment` reads what they are made of."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, SecretStr

from agent.core.environment import Places, named, project_root, secret_values, stated, without_keys

__all__ = ["Settings", "named", "project_root", "secret_values", "without_keys"]


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
    """Package cache, search and page cache, proofs of released versions; git-ignored, inside the repository."""
    docs: Path
    """Vendored documentation; `upstream/<version>/` below it is fetched, the rest is committed."""
    sandbox: str = "auto"
    """`auto` takes the strongest that works; or the name of one: see `python -m agent doctor`."""
    allow_weak_sandbox: bool = False
    """Run code that a model wrote also where the sandbox leaves something open."""
    search: str = "ddgs"
    """Web search provider: `ddgs`, `searxng`, or `offline` which always answers that there is no network, also to the reader of pages."""
    searxng_url: str | None = None
    """Root of the SearXNG instance that the provider `searxng` asks."""
    fetch_hosts: tuple[str, ...] = ()
    """`host:port` of hosts that pages may be read from although their addresses are not public."""
    approve: Literal["", "none", "code", "phases", "all"] = ""
    """Before what a mission pauses for a person; empty: as the run was started, or not at all."""
    shared: Path | None = None
    """Where the missions of a batch leave probe verdicts and proofs for each other."""
    checkpoints: str = ""
    """`sqlite` in the run folder, or the URL of a PostgreSQL database without password; empty: as the run was started."""
    checkpoints_password: SecretStr | None = None
    """`PGPASSWORD`, or the content of the file `PGPASSWORD_FILE`."""
    minutes: float | None = None
    """Working time of a mission, all its processes together; None: as the run was started, or without limit; 0: without limit."""
    jobs: int = 2
    """How many sandboxed processes may run at once."""
    providers: tuple[str, ...] = ()
    """Chat model providers in the order in which they are asked; none: the playbook decides alone."""
    model: str = "llama-3.1-8b-instant"
    """Asked of every provider of the chain; a retired name is mapped to its successor."""
    groq_key: SecretStr | None = None
    """`GROQ_API_KEY`, or the content of the file `GROQ_API_KEY_FILE`."""
    groq_base_url: str | None = None
    """`GROQ_BASE_URL`; None: the SDK's own."""
    openai_base_url: str | None = None
    """`OPENAI_BASE_URL`: root of any endpoint that speaks this wire format, `/v1` included."""
    openai_key: SecretStr | None = None
    """`OPENAI_API_KEY`, or the content of the file `OPENAI_API_KEY_FILE`; local servers need none."""
    script: Path | None = None
    """Replies of the `scripted` provider."""
    cassette: Path | None = None
    """Recording of the `cassette` provider."""
    requests_per_minute: int = 30
    tokens_per_minute: int = 6_000
    """As Groq's free tier allows for Llama 3.1 8B; response headers overrule both."""
    requests_per_day: int = 14_400
    tokens_per_day: int = 500_000
    mission_tokens: int = 62_000
    """Prompt and answer tokens of a mission, all resumes together."""
    mission_calls: int = 120
    """Most requests of a mission, whatever they cost."""
    call_tokens: int = 4_500
    """Prompt and answer tokens of one call."""
    call_seconds: float = 60.0
    """Real seconds until a call is given up."""
    model_seconds: float = 900.0
    """Real seconds of a mission that calls and waits for limits may take together."""
    mission_cost: float | None = None
    """US dollars; None: no limit. A call of unknown price is not counted, and said to be unknown."""
    traces: str = ""
    """Where spans go beside the run's own trace: `otlp` (to the endpoint of the OTEL_EXPORTER_OTLP_* variables), a file, or nowhere."""

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **overrides: object) -> Self:
        """Settings from the environment, then `overrides`.

        Read is what `agent.core.environment.stated` names.
        """
        return cls.model_validate(stated(environ) | {k: v for k, v in overrides.items() if v is not None})

    @property
    def places(self) -> Places:
        """Where things are, for what needs no more."""
        return Places(self.project, self.runs, self.cache)
