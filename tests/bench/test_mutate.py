"""Mutants are small, valid and different; the bench tells a noticed one from one that nobody notices."""

import ast
import difflib
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.mutants.mutate import Mutant, all_mutants, mutants, one_per_kind_first, sample
from bench.mutants.source import Edit, Source

ROOT = Path(__file__).parents[2]
ENUMS = {"Status": ["OK", "FAIL"]}

SNIPPETS = [
    ("off-by-one", "def f(a, b):\n    return a < b\n", "a <= b"),
    ("negated-condition", "def f(a, b):\n    return a == b\n", "a != b"),
    ("negated-condition", "def f(a, b):\n    return a in b\n", "a not in b"),
    ("none-or-empty", "def f(a):\n    return a is None\n", "(not a)"),
    ("dropped-check", "def f(a):\n    if a:\n        return 1\n", "if False:"),
    ("and-or", "def f(a, b):\n    return a and b\n", "a or b"),
    ("condition-weakened", "def f(a, b):\n    return a and b\n", "return a\n"),
    ("wrong-formula", "def f(a, b):\n    return a - b\n", "a + b"),
    ("unit", "def f(a):\n    return a * 1000\n", "return a\n"),
    ("count-lost", "def f(a):\n    a.n += 1\n", "a.n = 1"),
    ("wrong-number", "def f():\n    return 3\n", "return 4"),
    ("flag-flipped", "def f():\n    return g(strict=True)\n", "strict=False"),
    ("status-changed", "def f():\n    return g(status='failed')\n", "status='completed'"),
    ("status-changed", "def f():\n    return StageOutput.fail(error='x')\n", "StageOutput.ok("),
    ("wrong-member", "def f():\n    return Status.OK\n", "Status.FAIL"),
    ("wrong-default", "def f(a=True):\n    return a\n", "a=False"),
    ("shared-default", "class A:\n    b: list = field(default_factory=list)\n", "lambda shared=(list)(): shared"),
    ("key-renamed", "def f(a):\n    return a.get('item')\n", "a.get('items')"),
    ("key-renamed", 'def f(a, b):\n    return a[f"x.{b}"]\n', 'f"x._{b}"'),
    ("key-truncated", "def f(a, name):\n    a[name] = 1\n", "a[name[:16]]"),
    ("dropped-statement", "def f(a):\n    a.append(1)\n", "    pass"),
    ("done-twice", "def f(a):\n    a.append(1)\n", "a.append(1)\n    a.append(1)"),
    ("lock-removed", "async def f(lock):\n    async with lock:\n        await g()\n", "if True:"),
    ("swallowed-error", "def f():\n    raise ValueError('x')\n", "pass"),
    ("caught-more", "def f():\n    try:\n        g()\n    except KeyError:\n        pass\n", "except Exception:"),
    ("caught-less", "def f():\n    try:\n        g()\n    except Exception:\n        pass\n", "except ValueError:"),
    ("min-max", "def f(a, b):\n    return min(a, b)\n", "max(a, b)"),
    ("copy-dropped", "def f(a):\n    return dict(a)\n", "return a\n"),
    ("order", "def f(a):\n    return sorted(a)\n", "list(a)"),
    ("never-removed", "def f(a):\n    return a.pop('k', None)\n", "a.get('k', None)"),
    ("lossy", "def f(a):\n    return a.isoformat()\n", 'isoformat(timespec="seconds")'),
    ("unit", "async def f(g):\n    await wait_for(g(), timeout=g.timeout)\n", "g.timeout / 1000"),
    ("limit-ignored", "def f(a):\n    return a[:5]\n", "return a\n"),
    ("limit-ignored", "def f(n):\n    return Queue(maxsize=n)\n", "maxsize=0"),
    ("id-lost", "def f(a):\n    return g(run_id=a.run_id)\n", "run_id=None"),
    ("id-mixed", "def f(a):\n    return g(run_id=a.run_id, user_id=a.user_id)\n", "run_id=a.user_id"),
    ("element-lost", "def f(a):\n    for b in a:\n        g(b)\n", "in list(a)[1:]"),
    ("loop-control", "def f(a):\n    for b in a:\n        break\n", "        pass"),
    ("setting-ignored", "def f(self, size=4):\n    self.size = size\n", "self.size = 4"),
    ("leak", "def f(a):\n    b = a\n    c = b\n    return c\n", "_kept.append(a)"),
]


@pytest.mark.parametrize(("kind", "text", "part"), SNIPPETS, ids=[f"{kind}-{at}" for at, (kind, *_) in enumerate(SNIPPETS)])
def test_every_operator_plants_its_fault(kind: str, text: str, part: str) -> None:
    source = Source(text)
    planted = [source.apply(mutant.edits) for mutant in mutants(source, "m.py", ENUMS) if mutant.kind == kind]
    assert any(part in changed for changed in planted), planted


@pytest.mark.parametrize(
    "text",
    [
        'def f(a):\n    """Text, 3 < 4."""\n',
        "def f(a):\n    logger.info('x', extra={'n': 3})\n",
        "class A(Protocol):\n    size: bool = True\n",
        "if TYPE_CHECKING:\n    a = 3\n",
        "def f(a: 'list[3]') -> 'dict[4]': ...\n",
        "class A:\n    def __repr__(self):\n        return str(3)\n",
    ],
)
def test_text_logs_and_types_are_left_alone(text: str) -> None:
    assert list(mutants(Source(text), "m.py", ENUMS)) == []


def test_a_mutant_knows_its_function() -> None:
    text = "class A:\n    limit: bool = True\n    def f(self, a=True):\n        def g():\n            return 1\n        return g\n"
    assert {mutant.function for mutant in mutants(Source(text), "m.py", ENUMS)} == {"A", "A.f", "A.f.<locals>.g"}


@given(
    st.lists(st.sampled_from([text for _, text, _ in SNIPPETS]), min_size=1, max_size=4, unique=True), st.integers(0, 9), st.integers(1, 3)
)
@settings(deadline=None, max_examples=60)
def test_sampled_mutants_parse_and_differ_in_one_place(parts: list[str], seed: int, per_function: int) -> None:
    text = "".join(f"class C{at}:\n" + "".join(f"    {line}\n" for line in part.splitlines()) for at, part in enumerate(parts))
    sources = {"m.py": Source(text)}
    chosen = sample(all_mutants(sources, ENUMS), sources, seed, per_function)
    assert len({mutant.id for mutant in chosen}) == len(chosen)
    for mutant in chosen:
        changed = sources["m.py"].apply(mutant.edits)
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(text))
        codes = difflib.SequenceMatcher(None, text.splitlines(), changed.splitlines(), autojunk=False).get_opcodes()
        assert sum(code[0] != "equal" for code in codes) == len(mutant.edits)


def test_every_kind_comes_before_any_comes_again() -> None:
    group = [Mutant("m.py", "f", 1, kind, (Edit(at, at, "x"),)) for at, kind in enumerate("aabbbcaa")]
    ordered = one_per_kind_first(group, random.Random(3))
    assert {mutant.kind for mutant in ordered[:3]} == {"a", "b", "c"}
    assert sorted(mutant.id for mutant in ordered) == sorted(mutant.id for mutant in group)


TARGET = """
def first(items, limit=2):
    return items[:limit]


def quiet(items):
    return sorted(items)


def unused(a, b):
    return a < b
"""
PROBE = """
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(title="t", claim="c", source="invariant:count", component="stageflow.first", subsystem="s", category="correctness", type="bug",
    consequence="wrong_result", silent=True, default_setup=True, impact="i", recommendation="r")
CASES = (Case("two of three", {"given": [1, 2, 3]}), Case("none", {"given": []}))


def scenario(params):
    need("stageflow:quiet")(params["given"])
    expect_equal(need("stageflow:first")(params["given"]), params["given"][:2], "the first two")


def control(params):
    expect_equal(list(params["given"])[:2], params["given"][:2], "the first two")
"""


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """The bench on a target of three functions and a library of one probe, which looks at the first."""
    package = tmp_path / "target/lib/python3.11/site-packages/stageflow"
    probes = tmp_path / "library/components/probes/area"
    for folder in (package, probes, tmp_path / "target/bin"):
        folder.mkdir(parents=True)
    (tmp_path / "target/bin/python").symlink_to(sys.executable)
    (package / "__init__.py").write_text(TARGET)
    (probes / "one.py").write_text(PROBE)
    shutil.copytree(ROOT / "components/lab", tmp_path / "library/components/lab")
    where = {"target": tmp_path / "target", "library": tmp_path / "library", "out": tmp_path / "out", "json": tmp_path / "score.json"}
    return [sys.executable, "-m", "bench.mutants", *(f"--{name}={path}" for name, path in where.items())]


def test_the_bench_tells_what_is_noticed(command: list[str], tmp_path: Path) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [json.loads(line) for line in (tmp_path / "out/results.jsonl").read_text().splitlines()]
    fates = {(row["function"], row["kind"]): row["fate"] for row in rows}
    assert fates["first", "limit-ignored"] == "killed"
    assert fates["quiet", "order"] == "survived"
    assert {fate for (function, _), fate in fates.items() if function == "unused"} == {"unreached"}
    assert all("holds -> violated" in row["reason"] for row in rows if row["fate"] == "killed")
    assert (tmp_path / "out/unreached.txt").read_text() == "__init__.py\tunused\n"
    assert json.loads((tmp_path / "score.json").read_text())["total"]["mutants"] == len(rows)
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert again.stdout.splitlines() == done.stdout.splitlines()[-1:]  # nothing is run twice
