"""The parts of the documentation oracle: blocks, reference claims, hints, grouping, quotes; and that no page makes it fail."""

import ast
import json
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from tools.doc_blocks import blocks
from tools.doc_claims import Source, Violated, contradictions, of_findings, of_rows
from tools.doc_docstrings import in_docstring
from tools.doc_hints import bad_example
from tools.doc_oracle import Sighting, grouped
from tools.doc_records import DocCounts, Place, running_share
from tools.doc_reference import claims

FENCE = "```"


def page(code: str, *, title: str = "Section", language: str = "python") -> str:
    return f"# {title}\n\nWords.\n\n{FENCE}{language}\n{code}\n{FENCE}\n"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("x = 1", "code"),
        ("result = await run()", "code"),
        ("return StageOutput.ok(a=1)", "fragment"),
        ("if x:\n    return 1", "fragment"),
        ('.with_stage("a", A, StageKind.WORK)', "fragment"),
        ("async def f(self, ...):\n    await g()", "fragment"),
        ("Context(\n    ...\n    data={},\n)", "fragment"),
        ("Parent → Child", "fragment"),
        ("@decorator(...)", "fragment"),
        ("Thing(\n    name: str,\n    size: int = 3,\n) -> None", "signature"),
        ("run(ctx: Context | None = None, *, quiet: bool = False) -> dict[str, Any]\nstop() -> None", "signature"),
        ("async is_open(*, name: str) -> bool", "signature"),
        (">>> 1 + 1\n2", "session"),
        ("- old = 1\n+ new = 2", "diff"),
        ("def f():\n    await g()", "broken"),
        ("call(a, b))", "broken"),
        ("if True\n    pass", "broken"),
    ],
)
def test_a_block_is_what_it_looks_like(code: str, kind: str) -> None:
    (found,) = blocks(page(code))
    assert found.kind == kind
    assert (found.problem is not None) == (kind == "broken")
    if found.code:
        ast.parse(found.code)


def test_an_unclosed_block_does_not_swallow_the_next_one() -> None:
    text = f"# A\n\n{FENCE}python\nx = 1\n\n## B\n\nText.\n\n{FENCE}python\ny = 2\n{FENCE}\n\n{FENCE}text\n{FENCE}python inside\n{FENCE}\n"
    first, second = blocks(text)
    assert first.kind == "broken" and first.code.strip() == "x = 1" and "never closed" in (first.problem or ("",))[0]
    assert (second.kind, second.text, second.line) == ("code", "y = 2", 11)


def test_a_block_in_a_list_item_is_dedented_and_keeps_its_line() -> None:
    (found,) = blocks(f"# T\n\n- item\n\n    {FENCE}python\n    if a:\n        b()\n    {FENCE}\n")
    assert (found.text, found.line, found.kind) == ("if a:\n    b()", 6, "code")


LINES = st.sampled_from(
    [
        "```python",
        "```",
        "~~~",
        "# Title",
        "## Other",
        "x = (",
        "x = 1",
        "    return 2",
        "...",
        ">>> a",
        "- `name(a) -> b`",
        "| `a` | b |",
        "a → b",
    ]
)


@given(st.lists(LINES | st.text(max_size=30), max_size=25).map("\n".join))
def test_no_page_is_too_strange(text: str) -> None:
    lines = text.splitlines()
    for block in blocks(text):
        assert 1 <= block.line <= len(lines) + 1
        first = block.text.splitlines()[0] if block.text else ""
        assert not first or lines[block.line - 1].strip() == first.strip()
        if block.code:
            ast.parse(block.code)
        for stub in block.stubs:
            ast.parse(stub.code)
    for claim in claims(text):
        assert claim.quote in lines[claim.line - 1]


REFERENCE = """# Tools API Reference

## Registry

| Attribute | Type |
|-----------|------|
| `name` | `str` |

### Methods

#### `get(name: str) -> Tool | None`

Words about `Registry.lookup()`.

- `size() -> int`
- `plain` is a word in a list

## Notes

| Attribute | Type |
|-----------|------|
| `other` | `str` |

The method `Registry.gone()` was removed.
"""


def test_claims_of_a_reference_page() -> None:
    found = {claim.name: claim for claim in claims(REFERENCE)}
    assert set(found) == {"name", "get", "lookup", "size", "other"}
    assert found.pop("other").titles == ("Notes", "Tools")  # no class of the target, so nothing is claimed of any
    assert all(claim.titles[0] == "Registry" for claim in found.values())
    assert found["name"].strict and found["get"].strict and found["lookup"].strict and not found["size"].strict
    assert found["get"].stub and found["get"].stub.code == "def get(name: str) -> Tool | None: ..."


@pytest.mark.parametrize(
    ("code", "line", "bad"),
    [
        ("call(wrong=1)", 1, False),
        ("call(wrong=1)  # raises TypeError", 1, True),
        ("# Bad\ncall(wrong=1)", 2, True),
        ("# Bad: do not do this\nx = 1\ncall(wrong=1)", 3, True),
        ("# Bad\nx = 1\n\n# Good\ncall(wrong=1)", 5, False),
        ("# Bad\nx = 1\n\ncall(wrong=1)", 4, False),
        ("def f():\n    # avoid\n\n    call(wrong=1)", 4, True),
    ],
)
def test_what_is_shown_as_wrong_is_no_mistake(code: str, line: int, bad: bool) -> None:
    (block,) = blocks(page(code))
    assert bool(bad_example(block, line)) == bad
    (moved,) = blocks(page(code, title="Migration from 0.5"))
    assert bad_example(moved, line)


def sighting(what: str, line: int, kind: str = "keyword", doubt: str = "") -> Sighting:
    return Sighting(what, kind, "says", "has", "resolved", doubt, Place(page="p.md", line=line, section="p.md#s", quote="q"))


def test_the_same_mistake_is_one_entry_with_all_its_places() -> None:
    found = grouped([sighting("f(a=)", 3), sighting("f(a=)", 1), sighting("f(a=)", 9, doubt="maybe"), sighting("g()", 2, "attribute")])
    assert [(c.cause, c.status, [p.line for p in c.places]) for c in found] == [
        ("docs:f(a=)", "confirmed", [1, 3]),
        ("docs:f(a=)", "unknown", [9]),
        ("docs:g()", "confirmed", [2]),
    ]


@given(st.lists(st.sets(st.sampled_from("abcd"), min_size=1, max_size=3), min_size=1, max_size=6))
def test_overlapping_keywords_are_one_mistake(calls: list[set[str]]) -> None:
    rows = [sighting(f"f({', '.join(sorted(f'{k}=' for k in keywords))})", line) for line, keywords in enumerate(calls)]
    found = grouped(rows)
    assert sorted(place.line for entry in found for place in entry.places) == list(range(len(calls)))
    words = [set(entry.cause[len("docs:f(") : -1].split(", ")) for entry in found]
    assert all(not one & other for index, one in enumerate(words) for other in words[:index])


def test_share_that_runs() -> None:
    counts = dict(
        pages=1, docstring_examples=0, blocks=9, compiled=7, fragments=1, signatures=0, resolved=9, mistaken=0, ran_with_imports=1
    )
    assert running_share(DocCounts(**counts, code=8, ran=6, needs={}, failed=0, unknown=0)) == 0.75
    assert running_share(DocCounts(**counts, code=0, ran=0, needs={}, failed=0, unknown=0)) == 0.0


SECTION = """
Queues keep order. The `max_size` of a queue limits its items; `put()` waits while the queue is full.

See also:

```python
queue = ChunkQueue(max_size=2)
```
"""


@dataclass(frozen=True)
class Row:
    probe: str
    verdict: str
    control: bool = False
    title: str = "put() drops items when the queue is full"
    expected: str = "3 items"
    observed: str = "2 items"
    cause: str = ""


@dataclass(frozen=True)
class Card:
    claim: str
    source: str


CLAIM = "put() waits while the queue is full: max_size limits the items."


def test_both_sides_of_a_violated_promise_are_quoted() -> None:
    cards = {
        "a/full": Card(CLAIM, "docs/queues.md#size"),
        "a/other": Card("Something else altogether.", "docs/queues.md#size"),
        "a/law": Card(CLAIM, "invariant:order"),
        "docs/stale": Card(CLAIM, "docs/queues.md#size"),
    }
    rows = [Row("a/other", "violated", title="Nothing of the kind"), *(Row(name, "violated") for name in cards if name != "a/other")]
    rows += [Row("a/full", "holds"), Row("a/full", "violated", control=True)]
    sources = {"docs/queues.md#size": Source("docs/queues.md", 11, SECTION)}
    doubtful, sure = contradictions(of_rows(rows, cards), sources)
    assert sure.status == "confirmed" and sure.cause.startswith("docs:claim a/full")
    (place,) = sure.places
    assert place.quote == "The `max_size` of a queue limits its items; `put()` waits while the queue is full."
    assert place.line == 12 and "observed 2 items" in sure.has
    assert doubtful.status == "unknown" and doubtful.places[0].quote == "" and "no sentence" in doubtful.doubt


def test_only_proven_findings_become_contradictions() -> None:
    finding = {"title": "t", "claim": {"text": CLAIM, "source": "docs/q.md#s"}, "expected": "e", "observed": "o", "fingerprint": "f"}
    violated = list(of_findings([{**finding, "status": "confirmed"}, {**finding, "status": "suspected", "reason": "flaky"}]))
    assert [bool(one.doubt) for one in violated] == [False, True]
    (joined,) = contradictions(violated, {"docs/q.md#s": Source("docs/q.md", 1, SECTION)})
    assert joined.status == "confirmed" and len(joined.places) == 1
    assert contradictions([Violated("t", "c", "docs/none.md#x", "e", "o", "k")], {})[0].status == "unknown"


def test_examples_of_docstrings_keep_their_lines() -> None:
    source = textwrap.dedent(
        '''
        class Queue:
            """Keeps items.

            Example:
                queue = Queue(
                    size=3,
                )
                # then
                await queue.put(1)

            Usage:
                not code at all, only words

            Args:
                size: how many
            """
        '''
    ).strip()
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.ClassDef)
    (found,) = in_docstring("Queue", node, source.splitlines())
    assert (found.line, found.kind) == (5, "code") and source.splitlines()[found.line - 1].strip() == found.text.splitlines()[
        0
    ] == "queue = Queue("


def test_code_that_works_is_never_called_a_mistake() -> None:
    """The framework's own source, followed as if it were documentation; and a mistake in the same place is seen."""
    spec = find_spec("stageflow")
    assert spec and spec.submodule_search_locations
    files = sorted(Path(spec.submodule_search_locations[0]).rglob("*.py"))
    wrong = "from stageflow import StageOutput\n\ndef f():\n    return StageOutput.fail(no_such=1)\n"
    texts = {file.name + str(number): file.read_text(encoding="utf-8") for number, file in enumerate(files)} | {"wrong": wrong}
    pages = [
        {
            "name": name,
            "home": "",
            "claims": [],
            "blocks": [{"index": 0, "line": 1, "kind": "fragment", "code": text, "elided": False, "stubs": []}],
        }
        for name, text in texts.items()
    ]
    request = {"pages": pages, "implied": [], "docstrings": [], "virtual": True, "seconds": 5}
    done = subprocess.run(
        [sys.executable, "-m", "components.lab.documentation.runner"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == len(texts) > 80 and not [row["trouble"] for row in rows if "trouble" in row]
    assert [(row["page"], [m["what"] for m in row["resolved"]]) for row in rows if row["resolved"]] == [
        ("wrong", ["StageOutput.fail(no_such=)"])
    ]
