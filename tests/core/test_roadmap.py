"""The roadmap loads, says what is wrong with it, and is complete for the entries that missions run on."""

import shutil
from pathlib import Path

import pytest
import yaml

from agent.core.errors import UnknownEntry, UsageError
from agent.core.roadmap import find_entry, load_roadmap
from agent.core.settings import project_root

ROADMAP = project_root() / "docs" / "roadmap"
REQUIRED = ("FIN-001", "HEALTH-001", "CORE-001", "DAG-005", "GUARD-001", "WORK-005", "OBS-001")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROADMAP, tmp_path / "roadmap"))


def edited(folder: Path, **changes: object) -> None:
    """Change fields of the first entry of tier 2."""
    file = folder / "tier-2.yaml"
    raw = yaml.load(file.read_text(), Loader=yaml.CSafeLoader)
    raw["entries"][0] |= changes
    file.write_text(yaml.dump(raw, Dumper=yaml.CSafeDumper))


def test_the_seven_entries_are_complete_and_different() -> None:
    entries = load_roadmap(ROADMAP)
    assert set(REQUIRED) <= set(entries)
    assert entries["FIN-001"].workload.load.target_per_second == 5000
    assert entries["FIN-001"].risk_class == "Catastrophic"
    for name in REQUIRED:
        entry = entries[name]
        assert entry.hypotheses and entry.success_criteria and entry.risks and entry.simulated and entry.research_queries
        assert entry.domain.persona.worries and entry.domain.regulations and entry.domain.facts
    shapes = {tuple((s.kind, len(s.after), s.does.op, s.copies is not None) for s in entries[name].workload.stages) for name in REQUIRED}
    assert len(shapes) == len(REQUIRED)


def test_an_unknown_entry_names_the_nearest() -> None:
    entries = load_roadmap(ROADMAP)
    assert find_entry(entries, "fin-001").id == "FIN-001"
    with pytest.raises(UnknownEntry, match="FIN-01") as caught:
        find_entry(entries, "FIN-01")
    assert "FIN-001" in caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"priority": "P9"}, "priority"),
        ({"domain": "astrology"}, "domain"),
        ({"surprise": 1}, "surprise"),
        ({"subsystems": ["dag", "moon"]}, "subsystems.1"),
        ({"workload": {}}, "workload"),
    ],
)
def test_a_malformed_entry_is_named_with_file_and_field(copy: Path, changes: dict[str, object], said: str) -> None:
    edited(copy, **changes)
    with pytest.raises(UsageError) as caught:
        load_roadmap(copy)
    assert "tier-2.yaml" in str(caught.value)
    assert "FIN-001" in str(caught.value)
    assert said in str(caught.value)


def test_files_that_are_not_yaml_or_repeat_an_id_are_refused(copy: Path) -> None:
    (copy / "tier-9.yaml").write_text("entries: [")
    with pytest.raises(UsageError, match=r"tier-9\.yaml: not valid YAML"):
        load_roadmap(copy)
    shutil.copy(copy / "tier-2.yaml", copy / "tier-9.yaml")
    with pytest.raises(UsageError, match="declared twice"):
        load_roadmap(copy)


def test_stages_services_and_faults_must_fit_together(copy: Path) -> None:
    entry = yaml.load((copy / "tier-2.yaml").read_text(), Loader=yaml.CSafeLoader)["entries"][0]
    entry["workload"]["stages"][1]["does"]["service"] = "nowhere"
    edited(copy, workload=entry["workload"])
    with pytest.raises(UsageError, match="nowhere"):
        load_roadmap(copy)
