"""What the environment says; the only module that reads it. Nothing is checked here, so commands that look need not wait for it."""

import functools
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from agent.core.errors import UsageError


def project_root() -> Path:
    """The repository this code lives in."""
    return Path(__file__).resolve().parents[2]


VARIABLES = {
    "groq_key": "GROQ_API_KEY",
    "groq_base_url": "GROQ_BASE_URL",
    "openai_base_url": "OPENAI_BASE_URL",
    "openai_key": "OPENAI_API_KEY",
    "checkpoints_password": "PGPASSWORD",
}
"""Settings that go by the name their provider gave them."""
KEYS = ("groq_key", "openai_key", "checkpoints_password")
"""Settings that are secret; each may also stand in a file, which the same variable with `_FILE` names."""
SECRET_NAME = re.compile(r"_(?:KEY|TOKEN|SECRET|PASSWORD)$|^OTEL_EXPORTER_OTLP\w*_HEADERS$")
"""Variables of others whose values are keys."""
USERINFO = re.compile(r"://([^/?#@\s]*)@")
LONG = 16
"""Characters from which on a value of such a variable is taken for a key."""
LIMITS = ("requests_per_minute", "tokens_per_minute", "requests_per_day", "tokens_per_day")
BUDGETS = ("mission_tokens", "call_tokens", "call_seconds", "model_seconds", "mission_cost", "mission_calls")
BY_OWN_NAME = (
    "runs",
    "cache",
    "sandbox",
    "allow_weak_sandbox",
    "search",
    "searxng_url",
    "jobs",
    "model",
    "traces",
    "checkpoints",
    *LIMITS,
    *BUDGETS,
)
"""Settings that go by `STAGEFLOW_AGENT_` and their name in capitals."""


class Places(NamedTuple):
    """Where things are: all that commands need that only look."""

    project: Path
    """Root of the repository."""
    runs: Path
    """Where run folders are made."""
    cache: Path
    """What may be made again at any time."""


def places_of(runs: Path | None = None, environ: Mapping[str, str] | None = None) -> Places:
    """The places as the environment says; `runs` when it is given.

    Raises:
        UsageError: a file that is to hold a key cannot be read.
    """
    values = stated(environ)
    return Places(project_root(), Path(runs or str(values["runs"])), Path(str(values["cache"])))


def stated(environ: Mapping[str, str] | None = None) -> dict[str, object]:
    """Settings as the environment gives them, those that have a place of their own without it too.

    Read are VARIABLES, BY_OWN_NAME, and with commas between names `STAGEFLOW_AGENT_PROVIDERS` and `STAGEFLOW_AGENT_FETCH_HOSTS`.

    Raises:
        UsageError: a file that is to hold a key cannot be read.
    """
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
    for name, variable in VARIABLES.items():
        if text := key_of(env, variable) if name in KEYS else env.get(variable):
            values[name] = text
    for name in BY_OWN_NAME:
        if text := env.get(f"STAGEFLOW_AGENT_{name.upper()}"):
            values[name] = text
    if "groq_key" in values:
        values["providers"] = ("groq",)
    if text := env.get("STAGEFLOW_AGENT_PROVIDERS"):
        values["providers"] = named(text)
    values["fetch_hosts"] = named(env.get("STAGEFLOW_AGENT_FETCH_HOSTS", ""))
    return values


def named(text: str) -> tuple[str, ...]:
    """Names with commas between them; `none` stands for no provider."""
    return tuple(name for name in (part.strip() for part in text.split(",")) if name not in ("", "none"))


def key_of(environ: Mapping[str, str], variable: str) -> str | None:
    """The key in a variable, else in the file that it names with `_FILE`.

    Raises:
        UsageError: that file cannot be read.
    """
    if environ.get(variable) or not (file := environ.get(f"{variable}_FILE")):
        return environ.get(variable)
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a text"
        raise UsageError(f"{variable}_FILE: cannot read {file}: {why}", hint="Name a file that holds the key and nothing else.") from None


def secret_values(environ: Mapping[str, str] | None = None) -> frozenset[str]:
    """Everything in the environment that must be neither kept nor shown: keys, headers of a collector, names and passwords in URLs."""
    if environ is not None:
        return _secrets_in(frozenset(environ.items()))
    return _secrets_of_process(frozenset(getattr(os.environ, "_data", os.environ).items()))


@functools.lru_cache(maxsize=8)
def _secrets_of_process(state: frozenset[tuple[object, object]]) -> frozenset[str]:
    """The same of this process; `state` is its environment as it is stored, which takes a thirtieth of the time to look at."""
    return _secrets_in(frozenset(os.environ.items()))


@functools.lru_cache(maxsize=8)
def _secrets_in(variables: frozenset[tuple[str, str]]) -> frozenset[str]:
    """The same of these variables; asked for with every text that is written."""
    env = dict(variables)
    found = {value for name in KEYS if (value := _known_key(env, VARIABLES[name]))}
    for name, value in env.items():
        if name in map(VARIABLES.get, KEYS):
            continue
        if SECRET_NAME.search(name):
            found |= set(_headers(value)) if name.startswith("OTEL_") else {value} if len(value) >= LONG else set()
        if "://" in value:
            found |= {part for info in USERINFO.findall(value) for part in _login(info)}
    return frozenset(found)


def without_keys(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a program of others that needs proxies and package indexes, and no key of a model or a collector."""
    env = os.environ if environ is None else environ
    kept = {variable for name in KEYS for variable in (VARIABLES[name], f"{VARIABLES[name]}_FILE")}
    return {n: v for n, v in env.items() if n not in kept and n != "STAGEFLOW_AGENT_SEARXNG_URL" and not n.startswith("OTEL_EXPORTER_")}


def _known_key(environ: Mapping[str, str], variable: str) -> str | None:
    try:
        return key_of(environ, variable)
    except UsageError:  # told when the settings are loaded
        return None


def _headers(text: str) -> Iterator[str]:
    """Values of `name=value,...`, encoded and plain, with and without their scheme."""
    for pair in text.split(","):
        value = pair.partition("=")[2].strip()
        for form in (value, unquote(value)):
            yield from (form, form.rpartition(" ")[2])


def _login(info: str) -> Iterator[str]:
    """`name:password` in front of a host, as it is and decoded, and the password by itself."""
    for form in (info, unquote(info)):
        yield from (f"{form}@", form.partition(":")[2] or form, *([form] if ":" in form else []))
