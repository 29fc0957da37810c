"""SARIF 2.1.0: the properties that the standard requires, and places in the source that are really there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.settings import Settings
from agent.court.catalogue import load_catalogue
from agent.reporting.places import Place, place_of
from agent.reporting.sarif import sarif
from tests.conftest import ROOT
from tests.reporting.test_junit import CARD, finding
from tools.targets import resolve

CATALOGUE = load_catalogue(ROOT / "components")
LEVELS = {"none", "note", "warning", "error"}
KINDS = {"notApplicable", "pass", "fail", "review", "open", "informational"}


@pytest.fixture(scope="module")
def package() -> Path:
    return resolve("installed", Settings.load()).package


def valid(log: Any) -> dict[str, Any]:
    """The required properties and closed sets of the standard, as far as we use it; returns the run."""
    json.loads(json.dumps(log))
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json") and len(log["runs"]) == 1
    run: dict[str, Any] = log["runs"][0]
    driver = run["tool"]["driver"]
    assert driver["name"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"] and rule["fullDescription"]["text"] and rule["help"]["text"]
        assert rule.get("defaultConfiguration", {"level": "error"})["level"] in LEVELS
    for invocation in run["invocations"]:
        assert isinstance(invocation["executionSuccessful"], bool)
        assert all(note["message"]["text"] and note["level"] in LEVELS for note in invocation["toolExecutionNotifications"])
    for result in run["results"]:
        assert result["message"]["text"] and result["level"] in LEVELS and result["kind"] in KINDS
        assert result["kind"] == "fail" or result["level"] == "none"
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert all(isinstance(mark, str) and mark for mark in result["partialFingerprints"].values())
        for location in result.get("locations", ()):
            place = location["physicalLocation"]
            assert place["region"]["startLine"] >= 1
            uri = place["artifactLocation"]["uri"]
            assert not re.search(r"[\\ ]", uri)
            base = place["artifactLocation"].get("uriBaseId")
            if base:
                root = run["originalUriBaseIds"][base]["uri"]
                assert root.startswith("file:///") and root.endswith("/")
                assert (Path(root.removeprefix("file://")) / uri).is_file()
    return run


def test_a_finding_is_a_result_at_its_cause(package: Path) -> None:
    found = finding(cause="stageflow.pipeline.retry:RetryInterceptor.on_error #attempts")
    run = valid(sarif({"findings": [found], "unknown_cases": [{"probe": "p", "case": "c", "reason": "r"}]}, CATALOGUE, package))
    result = run["results"][0]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "stageflow/pipeline/retry.py"
    line = (package / "pipeline/retry.py").read_text(encoding="utf-8").splitlines()[place["region"]["startLine"] - 1]
    assert "def on_error" in line
    assert (result["ruleId"], result["level"], result["partialFingerprints"]) == (CARD.id, "error", {"stageflowDefect/v1": "abc"})
    rule = run["tool"]["driver"]["rules"][0]
    assert CARD.claim in rule["help"]["text"] and CARD.recommendation in rule["help"]["markdown"]
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 1


@pytest.mark.parametrize(("severity", "level"), [("critical", "error"), ("high", "error"), ("medium", "warning"), ("low", "note")])
def test_levels_follow_severity(severity: str, level: str) -> None:
    assert valid(sarif({"findings": [finding(severity=severity)]}, CATALOGUE))["results"][0]["level"] == level


def test_what_is_not_confirmed_asks_for_a_review() -> None:
    result = valid(sarif({"findings": [finding(status="suspected", reason="shown in 2 of 3")]}, CATALOGUE))["results"][0]
    assert (result["kind"], result["level"]) == ("review", "none") and "shown in 2 of 3" in result["message"]["text"]


def test_without_a_place_in_the_source_the_script_is_the_place(package: Path) -> None:
    found = finding(cause="docs:wrong name", component="stageflow documentation", repro="/some where/abc.py")
    place = valid(sarif({"findings": [found]}, CATALOGUE, package))["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "file:///some%20where/abc.py"}
    assert "locations" not in valid(sarif({"findings": [found | {"repro": ""}]}, CATALOGUE))["results"][0]


def test_probes_make_rules_and_most_have_a_place(package: Path) -> None:
    cards = list(CATALOGUE.values())[::5]
    findings = [
        finding(probe=card.id, component=card.component, cause=card.cause, fingerprint=card.id, repro=f"{card.id}.py") for card in cards
    ]
    run = valid(sarif({"findings": findings}, CATALOGUE, package))
    assert len(run["tool"]["driver"]["rules"]) == len(cards)
    placed = [r for r in run["results"] if r["locations"][0]["physicalLocation"]["artifactLocation"].get("uriBaseId")]
    assert len(placed) > 0.7 * len(findings)


SOURCES = {
    "__init__.py": "from .deep import Thing as Other, helper\nfrom pkg.deep.inner import *\nLIMIT = 3\n",
    "deep/__init__.py": "from .inner import Thing\nfrom ..side import helper\n",
    "deep/inner.py": "import os\n\n\nclass Thing:\n    size: int = 0\n\n    @property\n    def name(self):\n        return 1\n",
    "side.py": "try:\n    import x\nexcept ImportError:\n    def helper():\n        pass\n",
    "loop.py": "from .loop import spin\n",
    "broken.py": "def (\n",
}


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("pkg.deep.inner:Thing", Place("pkg/deep/inner.py", 4)),
        ("pkg.deep.inner.Thing.name", Place("pkg/deep/inner.py", 8)),
        ("pkg.deep.inner:Thing.size #wrong", Place("pkg/deep/inner.py", 5)),
        ("pkg.deep.inner:Thing.inherited", Place("pkg/deep/inner.py", 4)),
        ("pkg.Other.name", Place("pkg/deep/inner.py", 8)),
        ("pkg.helper", Place("pkg/side.py", 4)),
        ("pkg.LIMIT", Place("pkg/__init__.py", 3)),
        ("pkg", Place("pkg/__init__.py", 1)),
        ("pkg.deep", Place("pkg/deep/__init__.py", 1)),
        ("pkg.unknown", Place("pkg/__init__.py", 1)),
        ("pkg.loop.spin", None),
        ("pkg.broken.x", None),
        ("other.thing", None),
        ("docs:page", None),
        ("pkg..x", None),
        ("", None),
    ],
)
def test_places(name: str, place: Place | None, tmp_path: Path) -> None:
    for file, text in SOURCES.items():
        (tmp_path / "pkg" / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pkg" / file).write_text(text, encoding="utf-8")
    assert place_of(name, tmp_path / "pkg") == place


@given(name=st.text(alphabet="stageflow.:/# -\0pipelndr", max_size=40))
def test_no_name_leads_out_of_the_package(name: str) -> None:
    root = ROOT / "agent"
    place = place_of(f"agent.{name}", root)
    assert place is None or ((ROOT / place.file).resolve().is_relative_to(root) and place.line >= 1)
