"""JUnit XML: what readers of the common schema rely on, for any text whatsoever."""

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.artifacts import Verdict
from agent.court.catalogue import ProbeCard, load_catalogue
from agent.court.trials import CaseVerdict
from agent.reporting.junit import case_groups, clean, junit
from tests.conftest import ROOT

CARD: ProbeCard = load_catalogue(ROOT / "components")["retry/attempts_exact"]
NASTY = st.text(st.characters(exclude_categories=()), max_size=30)
"""Control characters, surrogates and non-characters included."""
ORDER = ("properties", "testcase", "system-out", "system-err")


def row(case: str, verdict: Verdict, **more: Any) -> CaseVerdict:
    base = {"probe": CARD.id, "case": case, "control": False, "component": "c", "title": "t", "params": {}, "seconds": 0.25}
    return CaseVerdict.model_validate(base | {"verdict": verdict} | more)


def finding(**more: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "fingerprint": "abc",
        "title": "The defect",
        "component": "c",
        "area": "retry",
        "type": "bug",
        "severity": "high",
        "status": "confirmed",
        "reason": "shown in 3 of 3",
        "claim": {"text": "the claim", "source": "invariant:count"},
        "expected": "runs = 3",
        "observed": "1",
        "repro": "/x/abc.py",
        "cause": "stageflow.x:f",
        "probe": CARD.id,
        "case": "a",
        "also_seen": [],
    }
    return base | more


def result(**more: Any) -> dict[str, Any]:
    return {"findings": [], "regressed": [], "fixed": [], "unknown_cases": [], "groups": []} | more


def checked(text: str) -> ET.Element:
    """Parse, and check what the common schema asks for."""
    root = ET.fromstring(text)
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n') and root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite" and suite.get("name")
        cases = suite.findall("testcase")
        told = {name: int(suite.get(name, "-1")) for name in ("tests", "failures", "errors", "skipped")}
        seen = {f"{tag}s" if tag != "skipped" else tag: len(suite.findall(f"testcase/{tag}")) for tag in ("failure", "error", "skipped")}
        assert told == {"tests": len(cases)} | seen
        assert re.fullmatch(r"\d+\.\d{3}", suite.get("time", ""))
        assert [ORDER.index(child.tag) for child in suite] == sorted(ORDER.index(child.tag) for child in suite)
        for case in cases:
            assert {"name", "classname", "time"} == set(case.attrib) and float(case.get("time", "-1")) >= 0
            assert len(case) <= 1 and all(child.tag in ("failure", "error", "skipped") and "message" in child.attrib for child in case)
    assert int(root.get("tests", "-1")) == len(root.findall("testsuite/testcase"))
    return root


def test_each_verdict_has_its_element() -> None:
    rows = [
        row("a", "violated", expected="runs = 3", observed="1"),
        row("b", "holds"),
        row("x", "unknown", component="u", reason="killed"),
        row("x", "not_applicable", component="n", reason="no such API"),
        row("x", "holds", component="h"),
        row("a", "holds", component="h", control=True),
    ]
    groups = case_groups(rows, {CARD.id: CARD})
    assert [(g["component"], g["verdict"], g["cases"]) for g in groups] == [
        ("c", "violated", 2),
        ("h", "holds", 1),
        ("n", "not_applicable", 1),
        ("u", "unknown", 1),
    ]
    root = checked(junit(result(groups=groups, findings=[finding()])))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    failure = cases[f"{CARD.id} c"].find("failure")
    assert failure is not None and failure.get("message") == "The defect: expected runs = 3; observed 1"
    assert failure.text and "the claim" in failure.text and "/x/abc.py" in failure.text
    assert cases[f"{CARD.id} u"].find("error").get("message") == "killed"  # type: ignore[union-attr]
    assert cases[f"{CARD.id} n"].find("skipped").get("message") == "no such API"  # type: ignore[union-attr]
    assert len(cases[f"{CARD.id} h"]) == 0


def test_a_violation_joined_with_a_finding_of_the_same_cause_fails_too() -> None:
    groups = case_groups([row("a", "violated"), row("z", "violated", component="other")], {CARD.id: CARD})
    joined = finding(also_seen=[{"probe": CARD.id, "case": "z", "title": "t"}])
    assert checked(junit(result(groups=groups, findings=[joined]))).get("failures") == "2"


def test_what_is_not_proven_is_no_failure() -> None:
    groups = case_groups([row("a", "violated")], {CARD.id: CARD})
    root = checked(junit(result(groups=groups, findings=[finding(status="suspected", reason="in 2 of 3")])))
    assert (root.get("failures"), root.get("errors")) == ("0", "1")
    assert checked(junit(result(groups=groups))).get("errors") == "1"


def test_a_comparison_fails_for_what_regressed_only() -> None:
    groups = case_groups([row("a", "violated"), row("z", "violated", component="other")], {CARD.id: CARD})
    regressed = finding()
    both = finding(fingerprint="def", case="z", component="other", status="suspected", reason="violated on both")
    compared = result(groups=groups, findings=[regressed, both], regressed=[regressed], compare={"label": "1.2.0"})
    root = checked(junit(compared))
    assert (root.get("failures"), root.get("errors")) == ("1", "0")
    assert [case.get("message") for case in root.iter("skipped")] == ["violated on both"]


def test_without_groups_findings_and_unknown_cases_are_told() -> None:
    bare = result(findings=[finding()], unknown_cases=[{"probe": "dag/x", "case": "y", "reason": "killed"}])
    root = checked(junit({key: value for key, value in bare.items() if key != "groups"}))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "1", "1")


@pytest.mark.parametrize("empty", [result(), {"findings": []}])
def test_nothing_found(empty: dict[str, Any]) -> None:
    assert checked(junit(empty)).get("tests") == "0"


@given(title=NASTY, expected=NASTY, observed=NASTY, reason=NASTY, component=NASTY)
def test_any_text_survives(title: str, expected: str, observed: str, reason: str, component: str) -> None:
    rows = [row("a", "violated", component=component), row("a", "unknown", component=component + "2", reason=reason)]
    found = finding(title=title, expected=expected, observed=observed, reason=reason, component=component)
    text = junit(result(groups=case_groups(rows, {CARD.id: CARD}), findings=[found]))
    root = checked(text.encode("utf-8").decode("utf-8"))
    failure = next(root.iter("failure"))
    assert failure.get("message") == clean(f"{title}: expected {expected}; observed {observed}")
    assert next(root.iter("error")).get("message") == clean(reason)


@given(NASTY)
def test_only_what_xml_cannot_hold_is_replaced(text: str) -> None:
    kept = clean(text)
    assert len(kept) == len(text) and clean(kept) == kept
    assert all(new in (old, "�") for old, new in zip(text, kept, strict=True))
    assert text.isprintable() is False or kept == text
