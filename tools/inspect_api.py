"""Looks names up in the target's API: signature, first paragraph of the docstring, and where the source is."""

from pydantic import Field

from agent.core.errors import ToolFailed
from agent.core.tool import Record, Tool, ToolContext
from tools.resolve_names import Unresolved, resolve_names
from tools.target_api import Api, Kind, load_api

__all__ = ["TOOL", "Api", "InspectApiArgs", "InspectApiResult", "SymbolInfo", "Unresolved", "inspect_api", "load_api", "resolve_names"]


class InspectApiArgs(Record):
    """Which names to look up."""

    names: tuple[str, ...] = Field(
        default=(), description="dotted names such as `stageflow.Pipeline`, `Pipeline.run`, `stageflow.tools`; none: the whole public API"
    )
    limit: int = Field(default=200, ge=1, le=100_000, description="most symbols to return")


class SymbolInfo(Record):
    """One symbol of the target."""

    name: str = Field(description="dotted name where it is defined")
    kind: Kind = Field(description="module, class, function, method or attribute")
    signature: str = Field(description="how it is declared, on one line")
    doc: str = Field(description="first paragraph of its docstring; empty when it has none")
    file: str = Field(description="source file relative to the package folder")
    first_line: int = Field(description="first line, decorators included; 0 when unknown")
    last_line: int = Field(description="last line; 0 when unknown")
    exported: bool = Field(description="listed in the `__all__` of some module")
    exported_by: tuple[str, ...] = Field(description="the modules that list it")


class MissingName(Record):
    """A name that the target does not have."""

    name: str = Field(description="the name as asked")
    nearest: tuple[str, ...] = Field(description="real names like it")


class FailedModule(Record):
    """A module of the target that cannot be imported."""

    module: str = Field(description="its dotted name")
    error: str = Field(description="type and message of the exception")


class InspectApiResult(Record):
    """What the target has."""

    version: str = Field(description="version of the target")
    fingerprint: str = Field(description="hash of the target's Python files")
    total: int = Field(description="how many symbols matched; more than returned when the limit cut the list")
    symbols: tuple[SymbolInfo, ...] = Field(description="the symbols, by name")
    missing: tuple[MissingName, ...] = Field(description="names that do not exist")
    failed: tuple[FailedModule, ...] = Field(description="modules that cannot be imported")


def inspect_api(args: InspectApiArgs, context: ToolContext) -> InspectApiResult:
    """Look names up, or list the whole public API."""
    target = context.target
    if target is None:
        raise ToolFailed("inspect_api needs a stageflow to look at")
    api = load_api(target, context.settings)
    asked = {name: api.canonical(name) for name in args.names}
    found = list(dict.fromkeys(name for name in asked.values() if name)) if args.names else api.public()
    return InspectApiResult(
        version=target.version,
        fingerprint=target.fingerprint,
        total=len(found),
        symbols=tuple(_info(api, name) for name in found[: args.limit]),
        missing=tuple(MissingName(name=name, nearest=api.nearest(name)) for name, real in asked.items() if real is None),
        failed=tuple(FailedModule(module=name, error=error) for name, error in api.failed.items()),
    )


def _info(api: Api, name: str) -> SymbolInfo:
    symbol = api.symbols[name]
    exporters = api.exporters.get(name, ())
    return SymbolInfo(
        name=name,
        kind=symbol.kind,
        signature=symbol.signature,
        doc=symbol.doc,
        file=symbol.file,
        first_line=symbol.first_line,
        last_line=symbol.last_line,
        exported=bool(exporters),
        exported_by=exporters,
    )


TOOL = Tool(
    name="inspect_api",
    help="Look up names of the target's API: signature, docstring, source lines.",
    args=InspectApiArgs,
    result=InspectApiResult,
    run=inspect_api,
    needs_target=True,
)
