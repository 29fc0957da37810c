"""Makes a probe case into one file that needs nothing but the standard library and stageflow.

The definitions of `components.lab` that the scenario uses, directly or through others, are copied into the script;
imports are merged; everything the scenario does not use is left out.
"""

import ast
import builtins
import functools
import pprint
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LAB = "components.lab."
LAB_BESIDE = "lab"
"""Name of the one module that the scripts of a folder share."""
VERDICT, SHORT = f"{LAB}verdict", f"{LAB}short"
BUILTIN = frozenset(dir(builtins))
SHORTENED = {f"{LAB}probe", VERDICT, f"{LAB}flow"}
"""Modules whose definitions have short counterparts in `components.lab.short`."""


@dataclass
class Module:
    """One source file by the names it defines at top level."""

    name: str
    lines: list[str]
    tree: ast.Module
    definitions: dict[str, ast.stmt] = field(default_factory=dict)
    imports: dict[str, ast.stmt] = field(default_factory=dict)


@dataclass
class Bundle:
    """What has been gathered so far, in the order it must appear."""

    definitions: dict[tuple[str, str], str] = field(default_factory=dict)
    imports: dict[str, None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def bound_names(node: ast.stmt) -> Iterable[str]:
    """Names that a top-level statement binds."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign():
            return [n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
        case ast.AnnAssign() if isinstance(node.target, ast.Name):
            return [node.target.id]
        case _:
            return []


@functools.lru_cache(maxsize=1000)
def parse(name: str, file: Path, changed: int) -> Module:
    """Index a source file, last `changed` at some time; nobody changes what comes back."""
    text = file.read_text(encoding="utf-8")
    module = Module(name, text.splitlines(), ast.parse(text))
    for node in module.tree.body:
        for bound in bound_names(node):
            module.definitions[bound] = node
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                module.imports[alias.asname or alias.name.split(".")[0]] = node
    return module


@functools.lru_cache(maxsize=10_000)
def used_names(node: ast.AST) -> tuple[str, ...]:
    """All names a piece of code mentions, those in quoted annotations included, in order."""
    names = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            names.add(part.id)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.isidentifier():
            names.add(part.value)
    return tuple(sorted(names - BUILTIN))


def source_of(module: Module, node: ast.stmt) -> str:
    """The statement's text with its decorators."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return "\n".join(module.lines[first - 1 : node.end_lineno])


@functools.lru_cache(maxsize=10_000)
def bare_source(node: ast.stmt) -> str:
    """The statement's text without docstrings and without the annotations of functions; those of classes may make fields."""
    copy = ast.parse(ast.unparse(node)).body[0]
    for part in ast.walk(copy):
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            part.returns = None
            for argument in ast.walk(part.args):
                if isinstance(argument, ast.arg):
                    argument.annotation = None
            part.body = [plain for statement in part.body if (plain := without_annotation(statement))]
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            part.body = part.body[1:] if ast.get_docstring(part) is not None else part.body
            part.body = part.body or [ast.Pass()]
    return ast.unparse(ast.fix_missing_locations(copy))


def without_annotation(statement: ast.stmt) -> ast.stmt | None:
    """An annotated assignment of a function as a plain one; None when it assigns nothing."""
    if not isinstance(statement, ast.AnnAssign):
        return statement
    return ast.Assign([statement.target], statement.value, lineno=statement.lineno) if statement.value else None


class Bundler:
    """Gathers definitions across the probe and the lab.

    Args:
        components: folder of probes and lab.
        short: take the short form of what every script needs, and nothing to read.
        beside: gathers what is taken from the lab; the script imports it from the module `beside` is written to, `LAB_BESIDE`.
    """

    def __init__(self, components: Path, *, short: bool = False, beside: "Bundler | None" = None) -> None:
        self._components = components
        self._short = short
        self._beside = beside
        self._modules: dict[str, Module] = {}
        self._bundle = Bundle()

    def module(self, name: str) -> Module:
        """A module of ours by dotted name, parsed once."""
        if name not in self._modules:
            file = self._components.parent / (name.replace(".", "/") + ".py")
            self._modules[name] = parse(name, file, file.stat().st_mtime_ns)
        return self._modules[name]

    def home(self, module: str, name: str) -> Module:
        """The module to take a definition of the lab from."""
        shortened = self._short and module in SHORTENED and name in self.module(SHORT).definitions
        return self.module(SHORT if shortened else module)

    def want(self, module: Module, name: str) -> None:
        """Add the definition of `name` as seen from `module`, after everything it uses."""
        if name in module.definitions:
            self._define(module, module.definitions[name], name)
        elif name in module.imports:
            node = module.imports[name]
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(LAB):
                self.want_of_lab(node.module or "", name)
            else:
                self._import(node, name)

    def want_of_lab(self, module: str, name: str) -> None:
        """Add a definition of the lab, here or in the module beside."""
        if self._beside:
            self._beside.want_of_lab(module, name)
            self._bundle.imports[f"from {LAB_BESIDE} import {name}"] = None
        else:
            self.want(self.home(module, name), name)

    def defined(self) -> dict[str, str]:
        """Every name that has been gathered, with the module it comes from."""
        return dict(self._bundle.names)

    def _define(self, module: Module, node: ast.stmt, name: str) -> None:
        key = (module.name, str(node.lineno))
        if key in self._bundle.definitions:
            return
        if self._bundle.names.setdefault(name, module.name) != module.name:
            raise ValueError(f"{name} is defined in {module.name} and in {self._bundle.names[name]}: rename one")
        self._bundle.definitions[key] = ""
        for used in used_names(node):
            if used != name:
                self.want(module, used)
        text = self._bundle.definitions.pop(key)
        bare = self._short and module.name.startswith(LAB)
        self._bundle.definitions[key] = text or (bare_source(node) if bare else source_of(module, node))

    def _import(self, node: ast.stmt, name: str) -> None:
        assert isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names:
            if name == (alias.asname or alias.name.split(".")[0]):
                clone = ast.Import([alias]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [alias], 0)
                self._bundle.imports[ast.unparse(clone)] = None

    def text(self) -> tuple[str, str]:
        """(import lines, definitions)."""
        return merged_imports(self._bundle.imports), "\n\n\n".join(self._bundle.definitions.values())


def merged_imports(lines: Iterable[str]) -> str:
    """One line per module, plain imports first."""
    plain: list[str] = []
    grouped: dict[str, list[str]] = {}
    for line in sorted(lines):
        if line.startswith("import "):
            plain.append(line)
        else:
            module, _, name = line.removeprefix("from ").partition(" import ")
            grouped.setdefault(module, []).append(name)
    return "\n".join([*plain, *(f"from {module} import {', '.join(names)}" for module, names in sorted(grouped.items()))])


@dataclass(frozen=True)
class Recipe:
    """What a script is made of, besides the probe: its header, and how its scenario is played."""

    header: str
    virtual_time: bool
    seconds: float


def bundle(components: Path, probe_id: str, params: Mapping[str, Any], recipe: Recipe, function: str = "scenario") -> str:
    """The stand-alone script of one probe case: exit 1 = defect present, 0 = absent, 2 = API missing, 3 = no verdict."""
    bundler = Bundler(components)
    player = player_of(recipe)
    for name in (player, "main"):
        bundler.want_of_lab(VERDICT, name)
    bundler.want(bundler.module("components.probes." + probe_id.replace("/", ".")), function)
    return written(bundler, recipe, f"CASE = {literal(params)}", entry_call("main", function, "CASE", recipe, player))


@dataclass(frozen=True)
class Table:
    """All cases of a probe that one script is to play."""

    probe: str
    cases: Mapping[str, Mapping[str, Any]]
    recipe: Recipe


def bundle_tables(components: Path, tables: Iterable[Table]) -> dict[str, str]:
    """Scripts by module name, one for each table, which print one JSON line per case; what they take from the lab is in one module beside.

    Raises:
        ValueError: two modules of the lab define the same name.
    """
    lab = Bundler(components)
    texts = {}
    for table in tables:
        bundler = Bundler(components, beside=lab)
        player = player_of(table.recipe)
        for name in (player, "table"):
            bundler.want_of_lab(VERDICT, name)
        bundler.want(bundler.module("components.probes." + table.probe.replace("/", ".")), "scenario")
        call = entry_call("table", "scenario", "CASES", table.recipe, player)
        texts[module_name(table.probe)] = written(bundler, table.recipe, f"CASES = {literal(table.cases)}", call)
    imports, definitions = lab.text()
    return texts | {LAB_BESIDE: f'"""What the scripts of this folder share."""\n\n{imports}\n\n\n{definitions}\n'}


def module_name(probe: str) -> str:
    """Of the script of a probe among others."""
    return probe.replace("/", "__")


def bundle_to_shrink(components: Path, probe_id: str, params: Mapping[str, Any], recipe: Recipe) -> str:
    """As `bundle`, in the short form, and with the probe's control beside the scenario, which nothing calls."""
    bundler = Bundler(components, short=True)
    probe = bundler.module("components.probes." + probe_id.replace("/", "."))
    player = "play_sync" if is_sync(probe.definitions["scenario"]) else player_of(recipe)
    for name in (player, "main"):
        bundler.want(bundler.module(SHORT), name)
    for name in ("control", "scenario"):
        bundler.want(probe, name)
    return written(bundler, recipe, f"CASE = {literal(params)}", entry_call("main", "scenario", "CASE", recipe, player))


def is_sync(scenario: ast.stmt) -> bool:
    """Whether a scenario certainly returns nothing that has to be awaited."""
    returns = (node for node in ast.walk(scenario) if isinstance(node, ast.Return))
    return isinstance(scenario, ast.FunctionDef) and all(node.value is None for node in returns)


def literal(value: Mapping[str, Any]) -> str:
    """Python text of JSON-like data."""
    return pprint.pformat(dict(value), width=120, sort_dicts=False)


def player_of(recipe: Recipe) -> str:
    """The function of `components.lab.verdict` that plays the scenario."""
    return "play_virtual" if recipe.virtual_time else "play"


def entry_call(entry: str, function: str, argument: str, recipe: Recipe, player: str) -> str:
    """The last line of a script."""
    return f"{entry}({function}, {argument}, seconds={recipe.seconds}, player={player})"


def written(bundler: Bundler, recipe: Recipe, constant: str, call: str) -> str:
    """The text of a script with everything the bundler has gathered."""
    imports, definitions = bundler.text()
    quoted = recipe.header.replace("\\", "\\\\").replace('"""', "'''").strip()
    return f'"""{quoted}\n"""\n\n{imports}\n\n\n{definitions}\n\n\n{constant}\n\nif __name__ == "__main__":\n    {call}\n'
