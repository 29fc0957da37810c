"""JUnit XML of a check: one testcase for each group of cases, readable by Jenkins, GitLab and their like."""

import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from agent.core.harmless import UNSHOWN
from agent.court.catalogue import ProbeCard
from agent.court.trials import FOUND, CaseVerdict

ILLEGAL = re.compile(f"[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|{UNSHOWN.pattern}")
"""Characters that XML 1.0 cannot hold, and those that a terminal obeys or that turn what is read."""
WORST = ("violated", "unknown", "holds", "not_applicable")
"""A group's verdict is the first of these that one of its cases has."""


def case_groups(rows: Iterable[CaseVerdict], catalogue: Mapping[str, ProbeCard]) -> list[dict[str, Any]]:
    """Verdicts by probe and component, controls left out; a check puts them into its result as `groups`."""
    grouped: dict[tuple[str, str], list[CaseVerdict]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: (r.probe, r.component, r.case.startswith(FOUND), r.order)):
        if not row.control:
            grouped[row.probe, row.component].append(row)
    return [group(cases, catalogue[probe].subsystem) for (probe, _), cases in grouped.items()]


def group(cases: list[CaseVerdict], area: str) -> dict[str, Any]:
    """One group; words are those of the first case with the group's verdict."""
    verdict = next(v for v in WORST if any(case.verdict == v for case in cases))
    shown = next(case for case in cases if case.verdict == verdict)
    words = {name: getattr(shown, name) for name in ("probe", "component", "case", "title", "verdict", "expected", "observed", "reason")}
    return {**words, "area": area, "cases": len(cases), "seconds": round(sum(case.seconds for case in cases), 3)}


def junit(result: Mapping[str, Any]) -> str:
    """The XML text of a check's result.

    A group that is violated and proven is a failure; violated without proof, or unknown, an error; not applicable, or violated on both
    sides of a comparison, skipped. A result without `groups` gives its findings and unknown cases only.
    """
    suites = ET.Element("testsuites", {"name": "stageflow check"})
    by_area: dict[str, list[ET.Element]] = defaultdict(list)
    for area, case in testcases(result):
        by_area[area].append(case)
    for area, cases in sorted(by_area.items()):
        suite = ET.SubElement(suites, "testsuite", {"name": clean(area), **counts(cases)})
        suite.extend(cases)
    everything = [case for cases in by_area.values() for case in cases]
    for name, value in counts(everything).items():
        if name != "skipped":  # not an attribute of the outermost element
            suites.set(name, value)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def testcases(result: Mapping[str, Any]) -> Iterable[tuple[str, ET.Element]]:
    """(area, element) of every group, then of what belongs to no group."""
    told: set[str] = set()
    for each in result.get("groups", ()):
        if each["verdict"] == "violated":
            found = finding_of(each, result["findings"])
            told |= {found["fingerprint"]} if found else set()
            yield each["area"], violated(each, found, result)
        else:
            yield each["area"], element(each, each["verdict"], each.get("reason", ""))
    for found in result["findings"]:
        if found["fingerprint"] not in told:
            yield found["area"], violated(found, found, result)
    if not result.get("groups"):
        for case in result.get("unknown_cases", ()):
            yield case["probe"].partition("/")[0], element({**case, "component": case["case"]}, "unknown", case["reason"])


def finding_of(each: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The finding that a violated group became, or was joined with because they share a cause."""
    shown = (each["probe"], each["case"])
    for found in findings:
        if shown in [(seen["probe"], seen["case"]) for seen in (found, *found["also_seen"])]:
            return found
    return None


def violated(each: Mapping[str, Any], found: Mapping[str, Any] | None, result: Mapping[str, Any]) -> ET.Element:
    """The testcase of a violated group."""
    if found is None:
        return element(each, "unknown", "violated, and not taken to court")
    if result.get("compare") and found["fingerprint"] not in {f["fingerprint"] for f in result.get("regressed", ())}:
        return element(each, "not_applicable", found["reason"])
    if found["status"] != "confirmed":
        return element(each, "unknown", f"violated, {found['status']}: {found['reason']}")
    case = element(each, "violated", "")
    message = f"{found['title']}: expected {found['expected']}; observed {found['observed']}"
    failure = ET.SubElement(case, "failure", {"message": clean(message), "type": found["severity"]})
    claim = found["claim"]
    lines = [f"claim: {claim['text']}", f"source: {claim['source']}", f"expected: {found['expected']}", f"observed: {found['observed']}"]
    failure.text = clean("\n".join([*lines, found["reason"], f"script: {found['repro']}", f"fingerprint: {found['fingerprint']}"]))
    return case


def element(each: Mapping[str, Any], verdict: str, reason: str) -> ET.Element:
    """A testcase; unknown is an error and not applicable is skipped, with the reason."""
    name = " ".join(part for part in (each.get("probe", ""), each.get("component", "")) if part)
    attributes = {"name": name, "classname": f"stageflow.{each.get('area') or each['probe'].partition('/')[0]}"}
    case = ET.Element("testcase", {key: clean(value) for key, value in attributes.items()} | {"time": f"{each.get('seconds', 0):.3f}"})
    if verdict == "unknown":
        ET.SubElement(case, "error", {"message": clean(reason), "type": "unknown"}).text = clean(reason)
    elif verdict == "not_applicable":
        ET.SubElement(case, "skipped", {"message": clean(reason)})
    return case


def counts(cases: list[ET.Element]) -> dict[str, str]:
    """Attributes of a suite."""
    found = {"tests": str(len(cases))}
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        found[name] = str(sum(case.find(tag) is not None for case in cases))
    return found | {"time": f"{sum(float(case.get('time', '0')) for case in cases):.3f}"}


def clean(text: str) -> str:
    """Text that XML can hold: other characters become the replacement character."""
    return ILLEGAL.sub("�", text)
