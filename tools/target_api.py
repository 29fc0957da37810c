"""The target's API as a value: read in the target's own interpreter, cached by the fingerprint of its files."""

import difflib
import functools
import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from agent.core.errors import ToolFailed
from agent.core.files import write_atomic
from agent.core.harmless import harmless_data
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import Record
from tools.target_process import run_in_target

PACKAGE = "stageflow"
SECONDS = 60.0
Kind = Literal["module", "class", "function", "method", "attribute"]


class ApiSymbol(Record):
    """One module, class, function, method or attribute, under the name of the place that defines it."""

    kind: Kind = Field(description="what it is; fields, properties, enum members and constants are attributes")
    module: str = Field(description="module that defines it")
    signature: str = Field(description="how it is declared, on one line")
    doc: str = Field(description="first paragraph of its docstring")
    file: str = Field(description="source file relative to the package")
    first_line: int = Field(description="first line, decorators included; 0 when unknown")
    last_line: int = Field(description="last line; 0 when unknown")
    keywords: tuple[str, ...] = Field(default=(), description="arguments that may be given by keyword")
    any_keyword: bool = Field(default=True, description="any keyword is accepted, or it is not known which are")
    members: dict[str, str] = Field(default={}, description="a class's attributes, inherited ones too, with their canonical names")


class ApiModule(Record):
    """The names a module holds."""

    exported: tuple[str, ...] = Field(description="its `__all__`")
    names: dict[str, str] = Field(description="every name, with the canonical name of what it is; empty for plain values")
    open: bool = Field(description="it has a `__getattr__`, so that any name may exist")


class Api(Record):
    """Everything the package offers."""

    package: str = Field(description="folder that was imported")
    modules: dict[str, ApiModule] = Field(description="by dotted name")
    symbols: dict[str, ApiSymbol] = Field(description="by canonical dotted name")
    failed: dict[str, str] = Field(description="modules that cannot be imported, with the error")

    @cached_property
    def exporters(self) -> dict[str, tuple[str, ...]]:
        """Canonical name -> modules that list it in their `__all__`."""
        found: dict[str, set[str]] = {}
        for name, module in self.modules.items():
            for exported in module.exported:
                found.setdefault(module.names.get(exported) or f"{name}.{exported}", set()).add(name)
        return {name: tuple(sorted(modules)) for name, modules in found.items()}

    @cached_property
    def short_names(self) -> dict[str, tuple[str, ...]]:
        """Last part of a name -> canonical names that end so; exported ones and short ones first."""
        found: dict[str, list[str]] = {}
        for name in self.symbols:
            found.setdefault(name.rpartition(".")[2], []).append(name)
        return {key: tuple(sorted(names, key=lambda n: (n not in self.exporters, len(n), n))) for key, names in found.items()}

    def public(self) -> list[str]:
        """Canonical names without a part that begins with an underscore, in order."""
        return sorted(name for name in self.symbols if not any(part.startswith("_") for part in name.split(".")))

    def canonical(self, dotted: str) -> str | None:
        """Canonical name of `stageflow.Pipeline.run`, `Pipeline.run` or `Pipeline`; None when there is no such thing."""
        if dotted in self.symbols:
            return dotted
        if dotted.partition(".")[0] != PACKAGE:
            first, _, rest = dotted.partition(".")
            candidates = (f"{name}.{rest}".rstrip(".") for name in self.short_names.get(first, ()))
            return next((found for name in candidates if (found := self.canonical(name))), None)
        parts = dotted.split(".")
        cut = next((n for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in self.modules), 0)
        place: str | None = ".".join(parts[:cut]) or None
        for part in parts[cut:]:
            place = self.child(place, part) if place else None
        return place if place in self.symbols else None

    def bound(self, dotted: str) -> str | None:
        """Canonical name of what the expression `stageflow.a.b` gives in code; None when that is a plain value or does not exist.

        Unlike `canonical` it respects that a package may bind the name of a submodule to something else.
        """
        place: str | None = PACKAGE
        for part in dotted.split(".")[1:]:
            value = place in self.modules and self.modules[place].names.get(part) == ""
            place = None if place is None or value else self.child(place, part)
        return place if place in self.symbols else None

    def child(self, place: str, name: str) -> str | None:
        """Canonical name of `place.name`: a module's or a class's; None when it is not there, `place.name` for a plain value."""
        if place in self.modules:
            names = self.modules[place].names
            inside = f"{place}.{name}"
            known: str | None = names[name] or inside if name in names else None
            return known if known or inside not in {*self.modules, *self.failed} else inside
        members = self.symbols[place].members if place in self.symbols else {}
        return (members[name] or f"{place}.{name}") if name in members else None

    def nearest(self, dotted: str) -> tuple[str, ...]:
        """Real names like a missing one.

        For a class's attribute its similar members, or else its first few; for anything else the same name elsewhere, then similar
        names of the same module, then similar names anywhere.
        """
        place, _, last = dotted.rpartition(".")
        parent = self.canonical(place) or ""
        if parent in self.symbols and self.symbols[parent].kind == "class":
            own = [name for name in self.symbols[parent].members if f"{parent}.{name}" in self.symbols]
            return tuple(difflib.get_close_matches(last, own, n=3) or own[:12])
        elsewhere = [self.import_name(found) for found in self.short_names.get(last, ())[:2]]
        close = difflib.get_close_matches(last, list(self.modules[parent].names) if parent in self.modules else [], n=3)
        if not close and not elsewhere:
            alike = difflib.get_close_matches(last, list(self.short_names), n=3, cutoff=0.75)
            close = [self.import_name(self.short_names[key][0]) for key in alike]
        return tuple(dict.fromkeys([*elsewhere, *close]))[:3]

    def import_name(self, canonical: str) -> str:
        """The shortest exported name of it, or else where it is defined."""
        last = canonical.rpartition(".")[2]
        places = [m for m in self.exporters.get(canonical, ()) if last in self.modules[m].exported]
        return f"{min(places, key=lambda m: (len(m), m))}.{last}" if places else canonical


def inspector() -> Path:
    """The script that reads the API."""
    return Path(__file__).resolve().parents[1] / "components" / "lab" / "inspect_api.py"


def load_api(target: Target, settings: Settings) -> Api:
    """The target's API, from the cache when its files have not changed.

    Raises:
        ToolFailed: the target's interpreter cannot import it, imports another one, or takes too long.
    """
    script = hashlib.sha256(inspector().read_bytes()).hexdigest()[:8]
    file = settings.cache / "api" / f"{target.fingerprint}-{script}.json"
    try:
        api = _kept(file, file.stat().st_mtime_ns)
        if Path(api.package) == target.package.resolve():
            return api
    except (OSError, ValidationError):  # absent or damaged: read it again
        pass
    api = _inspect(target, settings)
    try:
        write_atomic(file, api.model_dump_json())
    except OSError:  # a cache that cannot be written costs a second next time, nothing else
        return api
    return api


@functools.lru_cache(maxsize=4)
def _kept(file: Path, changed: int) -> Api:
    return Api.model_validate_json(file.read_bytes())


def _inspect(target: Target, settings: Settings) -> Api:
    done = run_in_target(inspector(), (), target, settings, seconds=SECONDS)
    if done.timed_out:
        raise ToolFailed(f"reading the API of stageflow {target.label} took more than {SECONDS:g} s")
    try:
        api = Api.model_validate(harmless_data(json.loads(done.output)))
    except (ValueError, RecursionError) as error:
        raise ToolFailed(f"the API of stageflow {target.label} cannot be read: {done.last_error}") from error
    if Path(api.package) != target.package.resolve():
        raise ToolFailed(f"{target.python} imports stageflow from {api.package}, not from {target.package}")
    return api
