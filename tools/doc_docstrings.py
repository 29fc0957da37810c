"""The code examples in the docstrings of a package, read from its source files."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tools.doc_blocks import Block, blocks, classified
from tools.doc_pages import DocPage, requested
from tools.doc_sections import Section

HEADER = re.compile(r"\s*(?:examples?|usage|usage examples?|basic usage|example usage|quick ?start)\s*(?:\([^)]*\))?::?\s*", re.I)
KINDS = ("code", "fragment", "session")
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def docstring_pages(package: Path) -> list[DocPage]:
    """One page per module that has examples; lines are those of its file."""
    found = []
    for file in sorted(package.rglob("*.py")):
        try:
            text = file.read_text(encoding="utf-8")
            tree = ast.parse(text)
        except (SyntaxError, UnicodeDecodeError):  # such a module cannot be imported either
            continue
        module = ".".join(file.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
        parts, examples = [], []
        for name, node in documented(tree):
            own = list(in_docstring(name, node, text.splitlines()))
            parts += [Section(name, 1, name, own[0].line, "")] if own else []
            examples += own
        if examples:
            file_name = file.relative_to(package.parent).as_posix()
            asked = requested(file_name, examples, [((), False)] * len(examples), []) | {"home": module}
            found.append(DocPage(file_name, tuple(text.splitlines()), tuple(parts), tuple(examples), asked, module))
    return found


def documented(tree: ast.Module) -> Iterator[tuple[str, Documented]]:
    """(qualified name, node) of the module and everything in it that may have a docstring, in order of lines."""

    def inside(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Documented]]:
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield prefix + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from inside(node.body, f"{prefix}{node.name}.")

    yield "", tree
    yield from inside(tree.body, "")


def in_docstring(name: str, node: Documented, lines: list[str]) -> Iterator[Block]:
    """The examples of one docstring."""
    first = node.body[0] if node.body else None
    if not isinstance(first, ast.Expr) or not isinstance(first.value, ast.Constant) or not isinstance(first.value.value, str):
        return
    begin, end = first.lineno, first.end_lineno or first.lineno
    body = lines[begin - 1 : end]
    if "```" in "\n".join(body):
        for block in blocks("\n".join(body)):
            if block.kind in KINDS and block.code.strip():
                yield Block(name, name, begin + block.line - 1, block.text, block.kind, block.code, block.elided)
        return
    for offset, text in indented(body):
        block = classified(text, Section(name, 1, name, begin, ""), begin + offset, True)
        if block.kind in KINDS and block.code.strip() and looks_like_code(block.code):
            yield block


def indented(body: list[str]) -> Iterator[tuple[int, str]]:
    """(offset of the first line, text without indentation) of what stands indented below an example's header."""
    for index, line in enumerate(body):
        if not HEADER.fullmatch(line):
            continue
        depth = len(line) - len(line.lstrip())
        inside: list[str] = []
        for following in body[index + 1 :]:
            if following.strip() and (len(following) - len(following.lstrip()) <= depth or following.strip() in ('"""', "'''")):
                break
            inside.append(following)
        text = "\n".join(inside)
        margin = min((len(part) - len(part.lstrip()) for part in inside if part.strip()), default=0)
        if text.strip():
            yield index + 1, "\n".join(part[margin:] for part in inside)


def looks_like_code(code: str) -> bool:
    """It has a call, an import, an assignment or a definition: not just a word that parses."""
    kinds = (ast.Call, ast.Import, ast.ImportFrom, ast.Assign, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return any(isinstance(node, kinds) for node in ast.walk(ast.parse(code)))
