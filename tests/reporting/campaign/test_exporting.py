"""Findings for other programs: nothing that a spreadsheet, a Markdown viewer or a code host obeys."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.commands.findings_export import package_of
from agent.core.harmless import shown_json
from agent.core.settings import Settings
from agent.court.catalogue import load_catalogue
from agent.reporting.campaign.exporting import COLUMNS, as_csv, as_markdown, as_sarif, calm
from agent.reporting.campaign.records import SeenFinding
from agent.reporting.campaign.site import present
from agent.reporting.campaign.tabular import as_json
from tests.conftest import ROOT
from tests.hostile.judge import markdown_effects, spoken
from tests.hostile.texts import TEXTS
from tests.reporting.campaign.made import bug, made_run
from tests.reporting.campaign.test_site import encodable
from tests.reporting.test_sarif import valid

CATALOGUE = load_catalogue(ROOT / "components")
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> tuple[SeenFinding, ...]:
    """An ordinary one in two entries, and one for every hostile text."""
    runs = tmp_path_factory.mktemp("runs")
    bodies = [encodable(text.at(1)) for text in TEXTS.values()]
    made_run(runs, "CORE-001", bugs=[bug(), *(bug(body[:2000], "info", f"{n}.{body[:200]}") for n, body in enumerate(bodies))])
    made_run(runs, "CORE-002", bugs=[bug()])
    return present(Settings.load({}, runs=runs), "now").findings


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = calm(text)
    assert not cell.lstrip().startswith(FORMULAS) and not cell.startswith(FORMULAS)
    assert cell in (text, f"'{text}")


def test_csv_has_a_row_for_each_finding_or_each_sighting(findings: tuple[SeenFinding, ...]) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(findings))))
    assert [row["id"] for row in rows] == [finding.id for finding in findings] and list(rows[0]) == list(COLUMNS)
    assert (rows[0]["entries"], rows[0]["sightings"]) == ("CORE-001 CORE-002", "2")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(FORMULAS)]
    each = list(csv.DictReader(io.StringIO(as_csv(findings, each=True))))
    assert len(each) == sum(len(finding.sightings) for finding in findings)


def test_sarif_is_valid_and_counts_sightings(findings: tuple[SeenFinding, ...]) -> None:
    text = as_sarif(findings, CATALOGUE)
    run = valid(json.loads(text))
    assert len(run["results"]) == len(findings) and list(spoken(text)) == []
    first = run["results"][0]
    assert (first["level"], first["occurrenceCount"], first["properties"]["entries"]) == ("error", 2, ["CORE-001", "CORE-002"])
    assert first["partialFingerprints"] == {"stageflowDefect/v1": findings[0].id}
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == f"{findings[0].proof}/repro.py"
    assert {result["level"] for result in run["results"][1:]} == {"note"}


def test_markdown_is_text(findings: tuple[SeenFinding, ...]) -> None:
    text = as_markdown(findings)
    assert list(markdown_effects(text, sections=len(findings))) == []


def test_json_holds_every_sighting(findings: tuple[SeenFinding, ...]) -> None:
    text = as_json(findings)
    assert list(spoken(text)) == [] and shown_json(text) == text
    assert [len(row["sightings"]) for row in json.loads(text)] == [2] + [1] * (len(findings) - 1)
    assert SeenFinding.model_validate(json.loads(text)[0]) == findings[0]


def test_places_in_the_source_when_it_is_the_same_package(findings: tuple[SeenFinding, ...]) -> None:
    package = package_of(findings)
    assert package and package_of([]) is None
    run = valid(json.loads(as_sarif(findings[:1], CATALOGUE, package)))
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "stageflow/pipeline/dag.py" and place["region"]["startLine"] > 1
    elsewhere = findings[0].model_copy(update={"sightings": (findings[0].sightings[0].model_copy(update={"target": "0" * 16}),)})
    assert package_of([elsewhere]) is None and package_of([elsewhere, *findings]) is None
