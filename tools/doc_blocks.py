"""The Python code blocks of a Markdown page, each classified: to be run, a sketch, a signature, a session, or broken."""

import ast
import doctest
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tools.doc_sections import FENCE, Section, split

Kind = Literal["code", "fragment", "signature", "session", "diff", "broken"]
LANGUAGES = ("python", "py", "python3", "pycon")
HEADING_INSIDE = re.compile(r"#{2,6} +\S[^\n]*\n\s*\n+(?:[A-Z`*\d-][^\n]*|```)", re.M)
SKETCH = re.compile(r"\.\.\.|…|[→↓←]|<[a-z][\w -]*>")
"""What only a sketch holds where Python does not parse it: an ellipsis, an arrow, a `<placeholder>`."""
ELISIONS = (
    (re.compile(r"^\s*\.\.\.,?[ \t]*(#.*)?$", re.M), ""),
    (re.compile(r",\s*\.\.\.(?=\s*[,)])"), ""),
    (re.compile(r"(?<=\()\s*\.\.\.\s*,\s*"), ""),
)
STUB = re.compile(r"(?P<is_async>async +)?(?:def +)?(?P<name>[A-Za-z_][\w.]*)\(")


@dataclass(frozen=True)
class Stub:
    """A signature written down as documentation: `name(parameters) -> result` without a body."""

    name: str
    code: str
    """`def` form that parses; the name's dots are gone."""
    line: int
    """Line within the block, from 1."""
    elided: bool
    """Some parameters are left out as `...`."""
    is_async: bool


@dataclass(frozen=True)
class Block:
    """One fenced block.

    Attributes:
        section: title of the section it stands in.
        anchor: anchor of that section.
        line: line of its first line of code in the page, from 1.
        text: what stands between the fences, without common indentation.
        kind: `code` compiles as a module (await at the top level is allowed); `fragment` is a sketch or an extract; `signature` documents
            callables without bodies; `session` has prompts; `diff` has marks of a diff; `broken` is meant as code and does not compile.
        code: what can be analysed: it parses and has as many lines as `text` up to its end; empty when there is nothing.
        elided: arguments were left out as `...`.
        problem: why a broken block does not compile, and where: (message, line within the block); None otherwise.
        stubs: the signatures of a `signature` block.
    """

    section: str
    anchor: str
    line: int
    text: str
    kind: Kind
    code: str
    elided: bool = False
    problem: tuple[str, int] | None = None
    stubs: tuple[Stub, ...] = ()


def blocks(page: str) -> list[Block]:
    """All Python blocks of a Markdown text, in order."""
    parts = split(page)
    found = []
    for line, text, closed in _fences(page.splitlines()):
        section = next((part for part in reversed(parts) if part.first_line <= line), Section("", 0, "", 1, ""))
        found.append(classified(text, section, line, closed))
    return found


def _fences(lines: list[str]) -> Iterator[tuple[int, str, bool]]:
    """(line of the first line of code, text, whether the fence is closed) of every Python fence.

    A fence with a language inside an open one of the same length means that somebody forgot to close that.
    """
    opened: tuple[str, str, int] | None = None
    for index, line in enumerate([*lines, ""]):
        mark = FENCE.fullmatch(line)
        last = index == len(lines)
        if not mark and not (last and opened):
            continue
        ticks, rest = mark.groups() if mark else ("", "")
        if opened is None:
            if not (ticks[0] == "`" and "`" in rest):
                opened = ticks, rest.strip().partition(" ")[0].lower(), index
            continue
        same = bool(ticks) and ticks[0] == opened[0][0] and len(ticks) >= len(opened[0])
        if not same and not last:
            continue
        if same and rest.strip() and opened[1] not in (*LANGUAGES, ""):
            continue  # a literal fence inside a text block
        if opened[1] in LANGUAGES:
            text = textwrap.dedent("\n".join(lines[opened[2] + 1 : index]))
            yield opened[2] + 2, text, same and not rest.strip()
        opened = (ticks, rest.strip().partition(" ")[0].lower(), index) if same and rest.strip() else None


def classified(text: str, section: Section, line: int, closed: bool) -> Block:
    """The block with its kind."""

    def block(kind: Kind, code: str, **more: object) -> Block:
        return Block(section.title, section.anchor, line, text, kind, code, **more)  # type: ignore[arg-type]

    if not closed:
        code = _parsing(_until_heading(text))
        return block("broken", code, problem=("the code block is never closed: the text after it is part of it", 1))
    if ">>>" in text and (session := _session(text)) is not None:
        return block("session", session)
    if compiles(text) is None:
        return block("code", text)
    if parses(text) and _outside_function(text):
        return block("fragment", text)
    if stubs := stubs_in(text):
        return block("signature", "", stubs=stubs)
    if _is_diff(text):
        return block("diff", "")
    if not parses(text):
        if heading := HEADING_INSIDE.search(text):
            before = text[: heading.start()]
            if before.strip() and parses(before):
                return block("broken", before, problem=("the code block is never closed: the text after it is part of it", 1))
        if SKETCH.search(re.sub(r"#.*", "", text)) or text.lstrip().startswith((".", "@")) or _only_comments_and_chains(text):
            code = _parsing(_without_ellipses(text))
            return block("fragment", code, elided=True)
    error = compiles(text)
    assert error is not None
    return block("broken", _parsing(text), problem=(error.msg or "invalid syntax", error.lineno or 1))


def compiles(text: str) -> SyntaxError | None:
    """Why the text does not compile as a module in which await is allowed; None when it does."""
    try:
        compile(text, "block", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return error
    except ValueError as error:  # null bytes
        return SyntaxError(str(error))
    return None


def parses(text: str) -> bool:
    """Whether the text parses; `return` may stand anywhere."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _parsing(text: str) -> str:
    return text if parses(text) else ""


def _until_heading(text: str) -> str:
    found = HEADING_INSIDE.search(text)
    return text[: found.start()] if found else text


def _outside_function(text: str) -> bool:
    """It parses and only the place of a `return`, `yield` or `await` is wrong, as in an extract of a function."""
    body = textwrap.indent(text, "    ")
    return compiles(f"async def extract():\n{body}\n    pass") is None


def _without_ellipses(text: str) -> str:
    """The text without `...` that stand for something left out; lines stay where they are."""
    for pattern, instead in ELISIONS:
        text = pattern.sub(instead, text)
    return text


def _only_comments_and_chains(text: str) -> bool:
    """Nothing but comments and method calls without an object, as in `.with_stage(...)`."""
    return all(line.startswith(("#", ".", " ", ")")) or not line.strip() for line in text.splitlines())


def _is_diff(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    marked = [line[0] for line in lines if line[0] in "+-"]
    return "+" in marked and "-" in marked and all(line[0] in "+- @" for line in lines)


def _session(text: str) -> str | None:
    """The code of a block with prompts; lines stay where they are."""
    try:
        examples = doctest.DocTestParser().get_examples(text)
    except ValueError:
        return None
    lines = [""] * len(text.splitlines())
    for example in examples:
        for offset, source in enumerate(example.source.splitlines()):
            lines[example.lineno + offset] = source
    code = "\n".join(lines)
    return code if examples and compiles(code) is None else None


def stubs_in(text: str) -> tuple[Stub, ...]:
    """The signatures that the block consists of; none when it holds anything else."""
    found: list[Stub] = []
    rest, line = text, 1
    while rest.strip():
        skipped = re.match(r"(?:[ \t]*(?:#[^\n]*)?(?:\n|$))*", rest)
        line += skipped[0].count("\n") if skipped else 0
        rest = rest[skipped.end() :] if skipped else rest
        if not rest:
            break
        start = STUB.match(rest)
        end = _closing(rest, start.end()) if start else None
        tail = re.match(r"[ \t]*(->[^\n]*?)?:?[ \t]*(?:#[^\n]*)?(?:\n|$)", rest[end:]) if end else None
        if start is None or end is None or tail is None:
            return ()
        stub = _stub(start, rest[start.end() : end - 1], tail[1] or "", line)
        if stub is None:
            return ()
        found.append(stub)
        line += rest[: end + tail.end()].count("\n")
        rest = rest[end + tail.end() :]
    return tuple(found)


def _stub(start: re.Match[str], parameters: str, result: str, line: int) -> Stub | None:
    cleaned = re.sub(r"(^|,)\s*\.\.\.\s*,?\s*(?=$|,)", r"\1", parameters.strip())
    name = start["name"]
    code = f"def {name.rpartition('.')[2]}({cleaned}){' ' + result if result else ''}: ..."
    elided = cleaned != parameters.strip()
    return Stub(name, code, line, elided, bool(start["is_async"])) if parses(code) else None


def _closing(text: str, start: int) -> int | None:
    """Position after the bracket that closes the one in front of `start`."""
    depth, quote = 1, ""
    for index in range(start, len(text)):
        char = text[index]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if not depth:
                return index + 1
    return None
