"""Describes the public API of the stageflow that this interpreter imports, as JSON on standard output.

    python -P inspect_api.py

`modules` maps a module's name to its file, documentation, `__all__` and every name it holds (with the canonical name
of what it is bound to, empty for plain values); `symbols` has one record per module, class, function, method and
attribute under its canonical name; `failed` the modules that could not be imported.
"""

import ast
import contextlib
import enum
import importlib
import inspect
import json
import os
import pkgutil
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = "stageflow"
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
LONGEST_VALUE = 80

Row = dict[str, Any]


class Bare:
    """An annotation that was written as text, shown without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def shorten(value: object) -> str:
    """`repr` on one line, without addresses, at most `LONGEST_VALUE` characters."""
    try:
        text = " ".join(ADDRESS.sub("", repr(value)).split())
    except Exception as error:
        text = f"<{type(value).__name__}: repr raises {type(error).__name__}>"
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def paragraph(doc: object) -> str:
    """First paragraph of a docstring on one line."""
    return " ".join(inspect.cleandoc(doc).split("\n\n", 1)[0].split()) if isinstance(doc, str) else ""


def canonical(value: object) -> str:
    """`module.qualname` of a module, class or function of the package; empty for everything else."""
    if isinstance(value, ModuleType):
        name = value.__name__
    elif inspect.isclass(value) or inspect.isroutine(value):
        name = f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
    else:
        return ""
    return name if name.split(".")[0] == PACKAGE and "<locals>" not in name else ""


def spans(file: Path) -> dict[str, tuple[int, int]]:
    """First (decorators included) and last line of every definition and assignment of a source file, by qualified name."""
    found: dict[str, tuple[int, int]] = {}

    def visit(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            last = node.end_lineno or node.lineno
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                found[prefix + node.name] = (first, last)
                if isinstance(node, ast.ClassDef):
                    visit(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Name):
                        found.setdefault(prefix + target.id, (node.lineno, last))
            elif isinstance(node, ast.If | ast.Try):
                visit([*node.body, *node.orelse], prefix)

    with contextlib.suppress(OSError, SyntaxError):
        visit(ast.parse(file.read_bytes()).body, "")
    return found


def annotated(cls: type) -> list[str]:
    """Annotated names of a class and its bases: fields without a default are not in `dir`."""
    return [key for base in cls.__mro__ for key in vars(base).get("__annotations__", {})]


class Inspector:
    """Collects `modules`, `symbols` and `failed` of the package."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.modules: dict[str, Row] = {}
        self.symbols: dict[str, Row] = {}
        self.failed: dict[str, str] = {}
        self._spans: dict[str, dict[str, tuple[int, int]]] = {}
        self._constants: dict[tuple[str, int], str] = {}

    def walk(self, package: ModuleType) -> None:
        """Import every module below `package` and describe it."""
        loaded = [package]
        for info in pkgutil.walk_packages(package.__path__, f"{PACKAGE}.", onerror=lambda name: None):
            if info.name.rsplit(".", 1)[-1] == "__main__":
                continue  # importing it would run a command line
            try:
                loaded.append(importlib.import_module(info.name))
            except BaseException as error:  # a module may even exit; the others are still wanted
                self.failed[info.name] = f"{type(error).__name__}: {error}"
        for module in loaded:
            self.module(module)
        for module in loaded:  # a constant that another module re-exports: the same object under the same name
            names = self.modules[module.__name__]["names"]
            for key in [key for key, known in names.items() if not known]:
                names[key] = self._constants.get((key, id(vars(module)[key])), "")

    def module(self, module: ModuleType) -> None:
        """Describe a module and what it defines."""
        name = module.__name__
        file = Path(inspect.getsourcefile(module) or "")
        self._spans[name] = spans(file)
        listed = vars(module).get("__all__", ())
        exported = [text for text in listed if isinstance(text, str)] if isinstance(listed, list | tuple | set) else []
        names = {key: canonical(value) for key, value in vars(module).items() if not key.startswith("__")}
        self.modules[name] = {"exported": exported, "names": names, "open": "__getattr__" in vars(module)}
        lines = len(file.read_bytes().splitlines()) if file.is_file() else 0
        self.symbols[name] = self.row("module", name, module, f"module {name}", (1, lines))
        for key, value in list(vars(module).items()):
            here = canonical(value).rpartition(".")[0] == name
            if inspect.isclass(value) and here:
                self.class_(value)
            elif inspect.isroutine(value) and here:
                self.routine(value, f"{name}.{key}", "function")
            elif not canonical(value) and not key.startswith("__") and key in self._spans[name]:
                text = f"{key} = {shorten(value)}"
                self.symbols[f"{name}.{key}"] = self.row("attribute", name, None, text, self._spans[name][key])
                self._constants[key, id(value)] = f"{name}.{key}"

    def class_(self, cls: type) -> None:
        """Describe a class and its own public members; nested classes too."""
        module, name = cls.__module__, f"{cls.__module__}.{cls.__qualname__}"
        text, keywords, anything = self.call(cls)
        row = self.row("class", module, cls, f"class {cls.__qualname__}{text}", self._spans.get(module, {}).get(cls.__qualname__))
        members = {key: self.member(cls, key) for key in [*dir(cls), *annotated(cls)] if not key.startswith("__")}
        self.symbols[name] = row | {"keywords": keywords, "any_keyword": anything, "members": members}
        if row["doc"].startswith(f"{cls.__name__}("):
            row["doc"] = self.symbols[name]["doc"] = ""  # made by @dataclass: the signature once more
        for key in {**vars(cls), **vars(cls).get("__annotations__", {})}:
            value = vars(cls).get(key)
            if key.startswith("_"):
                continue
            plain = value.__func__ if isinstance(value, classmethod | staticmethod) else value
            if inspect.isclass(value) and value.__qualname__ == f"{cls.__qualname__}.{key}":
                self.class_(value)
            elif inspect.isroutine(plain):
                self.routine(getattr(cls, key), f"{name}.{key}", "method", owner=cls)
            else:
                self.attribute(cls, key, value)

    def member(self, cls: type, key: str) -> str:
        """Canonical name of what `cls.key` is, empty for plain values."""
        with contextlib.suppress(Exception):
            return canonical(getattr(cls, key, None))
        return ""

    def attribute(self, cls: type, key: str, value: object) -> None:
        """Describe a property, field, enum member or class constant."""
        kind = vars(cls).get("__annotations__", {}).get(key)
        text = f"{key}: {kind if isinstance(kind, str) else inspect.formatannotation(kind)}" if kind is not None else key
        doc: object = None
        if isinstance(value, property):
            returns = getattr(value.fget, "__annotations__", {}).get("return", "")
            text = f"{key}: {returns if isinstance(returns, str) else inspect.formatannotation(returns)}".rstrip(": ")
            doc = value
        elif isinstance(value, enum.Enum):
            text = f"{key} = {shorten(value.value)}"
        elif value is not None and not inspect.isdatadescriptor(value):
            text += f" = {shorten(value)}"
        span = self._spans.get(cls.__module__, {}).get(f"{cls.__qualname__}.{key}")
        self.symbols[f"{cls.__module__}.{cls.__qualname__}.{key}"] = self.row("attribute", cls.__module__, doc, text, span)

    def routine(self, value: Any, name: str, kind: str, owner: type | None = None) -> None:
        """Describe a function or method."""
        text, keywords, anything = self.call(value)
        module = owner.__module__ if owner else value.__module__
        short = name.removeprefix(f"{module}.")
        word = "async def" if inspect.iscoroutinefunction(value) or inspect.isasyncgenfunction(value) else "def"
        row = self.row(kind, module, value, f"{word} {short.rsplit('.', 1)[-1]}{text}", self._spans.get(module, {}).get(short))
        self.symbols[name] = row | {"keywords": keywords, "any_keyword": anything}

    @staticmethod
    def call(value: Any) -> tuple[str, list[str], bool]:
        """Signature text, names accepted as keywords, and whether any keyword is accepted (also when that is unknown)."""
        try:
            signature = inspect.signature(value)
        except (ValueError, TypeError):
            return "(…)", [], True
        bare = [
            p.replace(annotation=Bare(p.annotation) if isinstance(p.annotation, str) else p.annotation)
            for p in signature.parameters.values()
        ]
        returns = signature.return_annotation
        text = str(signature.replace(parameters=bare, return_annotation=Bare(returns) if isinstance(returns, str) else returns))
        keywords = [p.name for p in bare if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        return ADDRESS.sub("", text), keywords, any(p.kind is p.VAR_KEYWORD for p in bare)

    def row(self, kind: str, module: str, documented: object, signature: str, span: tuple[int, int] | None) -> Row:
        """What all records have."""
        source = inspect.getsourcefile(sys.modules[module]) or ""
        file = Path(source).relative_to(self.root).as_posix() if Path(source).is_relative_to(self.root) else ""
        first, last = span or (0, 0)
        doc = paragraph(getattr(documented, "__doc__", None)) if documented is not None else ""
        return {"kind": kind, "module": module, "signature": signature, "doc": doc, "file": file, "first_line": first, "last_line": last}


def describe() -> Row:
    """The API as one JSON-like value."""
    package = importlib.import_module(PACKAGE)
    root = Path(package.__file__ or "").resolve().parent
    inspector = Inspector(root)
    inspector.walk(package)
    return {"package": str(root), "modules": inspector.modules, "symbols": inspector.symbols, "failed": inspector.failed}


def main() -> None:
    """Write the description; whatever the modules print while they are imported goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    answers.write(json.dumps(describe()))
    answers.close()


if __name__ == "__main__":
    main()
