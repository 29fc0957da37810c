"""A ledger that lost, doubled or moved lines: seen, made whole again, and nothing that was sound is lost."""

from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.core.artifacts import CallResult
from agent.core.ledger import Ledger
from agent.core.ledger_lines import encode_data, encode_line
from agent.core.ledger_repair import RepairableLedger

Harm = Literal["remove", "double", "swap", "flip", "tear", "garbage"]
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LINES = 12
DX = {"title": "t", "description": "d", "category": "docs", "severity": "low", "component": "c", "impact": "i"}


WHOLE = b"".join(encode_line(n + 1, "2026-01-01T00:00:00.000+00:00", "note", f"n{n}", encode_data({"number": n})) for n in range(LINES))


def harmed(raw: bytes, harm: Harm, line: int, place: int) -> bytes:
    lines = raw.splitlines(keepends=True)
    match harm:
        case "remove":
            del lines[line]
        case "double":
            lines.insert(line, lines[line])
        case "swap":
            lines[line], lines[line + 1] = lines[line + 1], lines[line]
        case "flip":
            text = bytearray(lines[line])
            text[place % (len(text) - 1)] ^= 4
            lines[line] = bytes(text)
        case "tear":
            lines[-1] = lines[-1][: 1 + place % (len(lines[-1]) - 3)]
        case "garbage":
            lines.insert(line, b"\x00\xff nothing of ours\n")
    return b"".join(lines)


@QUICK
@given(
    harm=st.sampled_from(["remove", "double", "swap", "flip", "tear", "garbage"]), line=st.integers(0, LINES - 2), place=st.integers(0, 500)
)
def test_any_harm_is_seen_and_what_is_sound_is_kept(tmp_path_factory: pytest.TempPathFactory, harm: Harm, line: int, place: int) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    (folder / "ledger.jsonl").write_bytes(WHOLE)
    assert RepairableLedger(folder).problems() == []
    (folder / "ledger.jsonl").write_bytes(harmed(WHOLE, harm, line, place))
    assert RepairableLedger(folder).problems()
    RepairableLedger(folder).repair()
    after = RepairableLedger(folder)
    kept = {record.key for record in after.records("note")}
    lost = {"remove": {f"n{line}"}, "flip": {f"n{line}"}, "tear": {f"n{LINES - 1}"}}.get(harm, set())
    assert {f"n{number}" for number in range(LINES)} - lost <= kept
    assert after.problems() == [] and (folder / "ledger.torn").exists()
    after.append("note", "later", {})
    assert RepairableLedger(folder).problems() == []


def test_a_finding_that_the_ledger_lost_comes_back_with_its_id(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    markers = {}
    for key in ("one", "two", "three"):
        logged = ledger.log_finding("dx", DX | {"title": key}, "tester", key)
        result = {"id": logged.id, "kind": "dx", "key": logged.key, "row": dict(logged.row)}
        markers[key] = CallResult(call_id=key, tool="log_finding", ok=True, result=result)
    before = ledger.findings("dx")
    lines = ledger.path.read_bytes().splitlines(keepends=True)
    ledger.path.write_bytes(lines[0] + lines[2])
    damaged = RepairableLedger(tmp_path)
    assert damaged.problems() and damaged.lacks(markers["two"]) and not damaged.lacks(markers["one"])
    repaired = RepairableLedger(tmp_path)
    repaired.repair()
    assert repaired.restore(markers) == 1 and repaired.project() == ()
    assert sorted(Ledger(tmp_path).findings("dx"), key=lambda row: str(row["id"])) == before
