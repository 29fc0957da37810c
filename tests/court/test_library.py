"""The probe library as a whole: declared, sourced, runnable, and free of false alarms about itself."""

import ast
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from agent.core.settings import Settings
from agent.court.bundle import Recipe, Table, bound_names, bundle, bundle_tables
from agent.court.catalogue import ProbeCard, load_catalogue
from agent.court.severity import LEVELS, severity
from tests.conftest import uncovered
from tools.doc_sections import section_exists

ROOT = Path(__file__).parents[2]
COMPONENTS = ROOT / "components"
CATALOGUE = load_catalogue(COMPONENTS)
SOURCE = re.compile(r"docs/[\w\-/]+\.md(#[\w\-]+)?|README\.md(#[\w\-]+)?|docstring:[\w.]+|invariant:[\w \-]+")
INDEXED = list(CATALOGUE.values())


def judged(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "components.lab.runner", "--jobs", "2"],
        env=uncovered(),
        input="\n".join(map(json.dumps, jobs)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=600,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


LISTING = """
import importlib, json, sys
for name in json.load(sys.stdin):
    module = importlib.import_module("components.probes." + name.replace("/", "."))
    print(json.dumps([name, [case.id for case in (module.cases() if hasattr(module, "cases") else module.CASES)]]))
"""


@pytest.fixture(scope="module")
def listed() -> dict[str, list[str]]:
    """Case ids of every probe, in order."""
    asked = json.dumps(list(CATALOGUE))
    done = subprocess.run([sys.executable, "-c", LISTING], input=asked, capture_output=True, text=True, cwd=ROOT, timeout=120, check=True)
    return dict(map(json.loads, done.stdout.splitlines()))


def played(cases: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Verdicts of these cases on the installed release, and of the controls of each probe's first one and of the violated ones."""
    rows = judged([{"probe": name, "cases": ids} for name, ids in cases.items()])
    chosen = {name: {ids[0]} for name, ids in cases.items()}
    for row in rows:
        if row["verdict"] == "violated":
            chosen[row["probe"]].add(row["case"])
    return rows + judged([{"probe": probe, "cases": sorted(ids), "control": True} for probe, ids in chosen.items()])


@pytest.fixture(scope="module")
def verdicts(listed: dict[str, list[str]]) -> list[dict[str, Any]]:
    """The first case of every probe; a mission of the suite plays all cases of some, `make test-slow` three of each."""
    return played({name: ids[:1] for name, ids in listed.items()})


def test_the_library_is_wide_enough() -> None:
    assert len(CATALOGUE) >= 60
    assert len({card.subsystem for card in INDEXED}) >= 12


@pytest.mark.parametrize("card", INDEXED, ids=lambda card: card.id)
def test_every_probe_says_what_it_claims_and_where_from(card: ProbeCard) -> None:
    assert SOURCE.fullmatch(card.source), card.source
    assert all(text.strip() for text in (card.title, card.claim, card.component, card.impact, card.recommendation))
    assert severity(card) in LEVELS
    defined = {
        node.name
        for node in ast.parse(card.path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {"scenario", "control"} <= defined


def test_cited_sections_exist() -> None:
    settings = Settings.load()
    upstream = settings.docs / "upstream"
    if not upstream.is_dir():
        pytest.skip("the release's documentation is not here: run `make docs`")
    cited = [card for card in INDEXED if card.source.startswith(("docs/", "README.md"))]
    assert [card.id for card in cited if not section_exists(settings.docs, "1.2.0", card.source)] == []


def settled(verdicts: list[dict[str, Any]]) -> bool:
    """Every case came to a verdict, and every control held."""
    assert [(v["probe"], v["case"], v["control"], v.get("reason")) for v in verdicts if v["verdict"] == "unknown"] == []
    assert [(v["probe"], v["case"]) for v in verdicts if v["control"] and v["verdict"] == "violated"] == []
    return True


def test_every_probe_comes_to_a_verdict_and_every_control_holds(verdicts: list[dict[str, Any]]) -> None:
    assert settled(verdicts)


@pytest.mark.slow
def test_first_middle_and_last_cases_come_to_a_verdict(listed: dict[str, list[str]]) -> None:
    assert settled(played({name: [ids[n] for n in sorted({0, len(ids) // 2, len(ids) - 1})] for name, ids in listed.items()}))


def test_cases_are_unique_and_probes_reach_the_target(verdicts: list[dict[str, Any]], listed: dict[str, list[str]]) -> None:
    cases = Counter((name, case) for name, ids in listed.items() for case in ids)
    assert [case for case, n in cases.items() if n > 1] == []
    assert {v["probe"] for v in verdicts} == set(listed) == set(CATALOGUE)
    judged = [v for v in verdicts if not v["control"] and v["verdict"] in ("holds", "violated")]
    assert [v["probe"] for v in judged if not v["reached"]] == []


@pytest.mark.slow
def test_every_probe_becomes_a_script_of_its_own(verdicts: list[dict[str, Any]]) -> None:
    """Compiles, and imports nothing but the standard library and stageflow; also for probes that hold today."""
    for v in {v["probe"]: v for v in verdicts}.values():
        card = CATALOGUE[v["probe"]]
        tree = ast.parse(bundle(COMPONENTS, card.id, v["params"], Recipe(card.claim, card.virtual_time, card.seconds)))
        modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        foreign = {m.split(".")[0] for m in modules} - set(sys.stdlib_module_names) - {"stageflow", "__future__"}
        assert not foreign, (card.id, foreign)


@pytest.mark.no_cover  # a sweep: other tests run the same lines once
def test_scripts_of_a_folder_share_the_lab(tmp_path: Path) -> None:
    """All probes together: what a script needs is in it or in the one module beside it, and it comes to its verdicts there."""
    tables = [Table(card.id, {"x": {}}, Recipe(card.claim, card.virtual_time, card.seconds)) for card in CATALOGUE.values()]
    texts = bundle_tables(COMPONENTS, tables)
    assert len(texts) == len(CATALOGUE) + 1
    offered = {name for node in ast.parse(texts["lab"]).body for name in bound_names(node)}
    for name, text in texts.items():
        imported = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
        modules = {(node.module or "").split(".")[0] for node in imported}
        assert modules <= set(sys.stdlib_module_names) | {"stageflow", "__future__", "lab"}, name
        assert {alias.name for node in imported if node.module == "lab" for alias in node.names} <= offered, name
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821", tmp_path], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:]
