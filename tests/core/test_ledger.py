"""The ledger under damage, parallel writers, sudden death and hand-edited finding files."""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.core.errors import InvalidFinding, WorkspaceUnwritable
from agent.core.findings import KINDS
from agent.core.ledger import Ledger
from agent.core.ledger_lines import Damaged, LedgerReader, LedgerRecord, encode_data, encode_line
from agent.core.settings import project_root
from tests.core.samples import BUG

DX = {"title": "t", "description": "d", "category": "docs", "severity": "low", "component": "c", "impact": "i"}
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
SPAWN = multiprocessing.get_context("spawn")


def rows(folder: Path, kind: str = "bug") -> list[dict[str, Any]]:
    document = json.loads((folder / KINDS[kind].file).read_text(encoding="utf-8"))  # type: ignore[index]
    assert document["template"] == KINDS[kind].template()  # type: ignore[index]
    found: list[dict[str, Any]] = document["findings"]
    return found


def edit(folder: Path, change: Any) -> None:
    path = folder / "bugs.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def test_a_record_comes_back_as_written_and_is_written_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    first = ledger.append("sighting", 'k\n"é\\', {"a": [1, {"b": "\ttab"}], "path": tmp_path})
    again = Ledger(tmp_path).append("sighting", 'k\n"é\\', {"a": "other"})
    other = ledger.append("execution", 'k\n"é\\', {})
    assert first == again
    assert first.data == {"a": [1, {"b": "\ttab"}], "path": str(tmp_path)}
    assert (first.seq, other.seq) == (1, 2)
    assert ledger.records() == Ledger(tmp_path).records() == [first, other]
    assert ledger.records("execution") == [other]
    for line in (tmp_path / "ledger.jsonl").read_text(encoding="utf-8").splitlines():
        assert set(json.loads(line)) == {"seq", "at", "kind", "key", "data", "crc"}


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8), st.dictionaries(st.text(), VALUES, max_size=3)), max_size=5), st.data())
@QUICK
def test_cutting_the_file_anywhere_keeps_all_complete_records(
    tmp_path_factory: pytest.TempPathFactory, items: list[tuple[str, str, dict[str, Any]]], data: st.DataObject
) -> None:
    lines = [
        encode_line(n, "2026-01-01T00:00:00.000+00:00", kind, f"{n}{key}", encode_data(d)) for n, (kind, key, d) in enumerate(items, 1)
    ]
    whole = b"".join(lines)
    cut = data.draw(st.integers(0, len(whole)))
    folder = tmp_path_factory.mktemp("cut")
    (folder / "ledger.jsonl").write_bytes(whole[:cut])
    complete = sum(len(b"".join(lines[:n])) - 1 <= cut for n in range(1, len(lines) + 1))

    ledger = Ledger(folder)
    before = ledger.records()
    assert [record.data for record in before] == [d for _, _, d in items[:complete]]
    assert [(record.kind, record.key) for record in before] == [(kind, f"{n}{key}") for n, (kind, key, _) in enumerate(items[:complete], 1)]
    added = ledger.append("added", "after", {"x": 1})
    after = Ledger(folder)
    kept = [record for record in after.records() if record.kind != "repaired"]
    assert kept == [*before, added]
    assert after.damaged() == []
    torn = cut - len(b"".join(lines[:complete])) if cut > len(b"".join(lines[:complete])) else 0
    assert bool(after.records("repaired")) == bool(torn) == (folder / "ledger.torn").exists()
    if torn:
        assert whole[cut - torn : cut] in (folder / "ledger.torn").read_bytes()


@given(st.binary(max_size=300), st.integers(0, 5))
@QUICK
def test_foreign_bytes_in_the_file_cost_no_complete_record(tmp_path_factory: pytest.TempPathFactory, junk: bytes, place: int) -> None:
    lines = [encode_line(n, "t", "k", str(n), encode_data({"n": n})) for n in range(1, 6)]
    folder = tmp_path_factory.mktemp("junk")
    (folder / "ledger.jsonl").write_bytes(b"".join([*lines[:place], junk + b"\n", *lines[place:]]))
    ledger = Ledger(folder)
    assert [record.key for record in ledger.records()] == ["1", "2", "3", "4", "5"]
    assert all(isinstance(entry, Damaged) for entry in ledger.damaged())
    assert ledger.append("k", "6", {}).key == "6"


@given(st.lists(st.integers(1, 40), max_size=40))
@QUICK
def test_a_reader_that_follows_the_file_sees_each_record_once(tmp_path_factory: pytest.TempPathFactory, steps: list[int]) -> None:
    whole = b"".join(encode_line(n, "t", "k", str(n), encode_data({"n": n})) for n in range(1, 8))
    path = tmp_path_factory.mktemp("follow") / "ledger.jsonl"
    reader, seen, written = LedgerReader(path), [], 0
    for step in [*steps, len(whole)]:
        with path.open("ab") as stream:
            stream.write(whole[written : written + step])
        written = min(written + step, len(whole))
        seen += reader.read()
    assert [entry.seq for entry in seen if isinstance(entry, LedgerRecord)] == [1, 2, 3, 4, 5, 6, 7]
    assert reader.lines == 7


@given(st.integers(0, 10_000), st.integers(1, 255))
@QUICK
def test_a_changed_byte_damages_its_line_only(tmp_path_factory: pytest.TempPathFactory, place: int, change: int) -> None:
    whole = bytearray(b"".join(encode_line(n, "t", "k", str(n), encode_data({"n": n})) for n in range(1, 8)))
    place %= len(whole)
    whole[place] ^= change
    folder = tmp_path_factory.mktemp("flip")
    (folder / "ledger.jsonl").write_bytes(whole)
    ledger = Ledger(folder)
    keys = [int(record.key) for record in ledger.records()]
    assert keys == sorted(set(keys))
    assert set(keys) < set(range(1, 8))
    assert len(keys) >= 5  # a newline that is lost takes two lines
    assert all(record.data == {"n": int(record.key)} for record in ledger.records())


def test_ids_count_up_by_prefix_and_grow_past_999(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert [ledger.log_finding("bug", BUG, "a").id for _ in range(2)] == ["BUG-001", "BUG-002"]
    assert ledger.log_finding("dx", DX, "a").id == "DX-001"
    edit(tmp_path, lambda document: document["findings"].append(BUG | {"id": "BUG-999"}))
    assert ledger.log_finding("bug", BUG, "a").id == "BUG-1000"
    assert [row["id"] for row in rows(tmp_path)] == ["BUG-001", "BUG-002", "BUG-999", "BUG-1000"]


def test_a_row_has_id_agent_and_time_in_front(tmp_path: Path) -> None:
    Ledger(tmp_path).log_finding("bug", BUG | {"id": "BUG-77"}, "claude")
    (row,) = rows(tmp_path)
    assert list(row) == ["id", "agent", "timestamp", *KINDS["bug"].model_fields]
    assert (row["id"], row["agent"], row["title"]) == ("BUG-001", "claude", BUG["title"])
    assert Ledger(tmp_path).findings("bug") == [row]


def test_a_known_key_keeps_id_and_text(tmp_path: Path) -> None:
    first = Ledger(tmp_path).log_finding("bug", BUG, "a", key="f1")
    content = (tmp_path / "ledger.jsonl").read_bytes()
    again = Ledger(tmp_path).log_finding("bug", BUG | {"title": "other words"}, "b", key="f1")
    assert (again.id, again.new, first.new) == (first.id, False, True)
    assert (tmp_path / "ledger.jsonl").read_bytes() == content
    assert Ledger(tmp_path).log_finding("bug", BUG, "a", key="BUG-003").id == "BUG-002"
    assert Ledger(tmp_path).log_finding("bug", BUG, "a").id == "BUG-003"


def test_nothing_is_written_for_an_invalid_finding(tmp_path: Path) -> None:
    for entry, agent in (({}, "a"), (BUG | {"severity": "x"}, "a"), (BUG, " "), (BUG, "a\nb")):
        with pytest.raises(InvalidFinding):
            Ledger(tmp_path).log_finding("bug", entry, agent)
    assert list(tmp_path.iterdir()) == []


def test_a_lost_or_stale_file_is_made_again_by_the_next_writer_or_project(tmp_path: Path) -> None:
    Ledger(tmp_path).log_finding("bug", BUG, "a")
    stale = (tmp_path / "bugs.json").read_bytes()
    Ledger(tmp_path).log_finding("bug", BUG, "a")
    whole = (tmp_path / "bugs.json").read_bytes()
    (tmp_path / "bugs.json").write_bytes(stale)
    assert Ledger(tmp_path).project() == ()
    assert (tmp_path / "bugs.json").read_bytes() == whole
    (tmp_path / "bugs.json").unlink()
    Ledger(tmp_path).log_finding("dx", DX, "a")
    assert (tmp_path / "bugs.json").read_bytes() == whole


def test_project_makes_all_four_files_with_their_templates(tmp_path: Path) -> None:
    Ledger(tmp_path).project()
    assert all(rows(tmp_path, kind) == [] for kind in KINDS)


def test_rows_typed_by_hand_are_adopted_with_their_content(tmp_path: Path) -> None:
    Ledger(tmp_path).log_finding("bug", BUG, "a")

    def change(document: Any) -> None:
        document["findings"][0]["title"] = "better words"
        document["findings"] += [{"id": "BUG-007", "note": "mine \u2603"}, {"title": "no id"}, {"id": 5, "title": "odd id"}]
        document["findings"].append(document["findings"][0] | {"title": "a copy whose id was forgotten"})

    edit(tmp_path, change)
    logged = Ledger(tmp_path).log_finding("bug", BUG, "a")
    found = rows(tmp_path)
    assert [row.get("title") for row in found] == [
        "better words",
        None,
        "no id",
        "odd id",
        "a copy whose id was forgotten",
        BUG["title"],
    ]
    assert [row["id"] for row in found] == ["BUG-001", "BUG-007", "BUG-008", "BUG-009", "BUG-010", "BUG-011"]
    assert found[1]["note"] == "mine \u2603"
    assert len(logged.notes) == len(Ledger(tmp_path).records("adopted")) == 5
    assert Ledger(tmp_path).log_finding("bug", BUG, "a").notes == ()


def test_a_row_without_id_is_adopted_once_when_the_writer_died_in_between(tmp_path: Path) -> None:
    Ledger(tmp_path).log_finding("bug", BUG, "a")
    edit(tmp_path, lambda document: document["findings"].append({"title": "no id"}))
    typed = (tmp_path / "bugs.json").read_bytes()
    Ledger(tmp_path).project()
    (tmp_path / "bugs.json").write_bytes(typed)  # as after a kill between ledger and file
    Ledger(tmp_path).project()
    assert [row["title"] for row in rows(tmp_path)] == [BUG["title"], "no id"]


@pytest.mark.parametrize(
    "text", ['{"findings": [{"id": "BUG-050", "title": "x"},]}', "[1, 2]", "\ufffd", '{"findings": [3], "my notes": "keep"}']
)
def test_a_file_that_cannot_be_understood_is_kept(tmp_path: Path, text: str) -> None:
    Ledger(tmp_path).log_finding("bug", BUG, "a")
    (tmp_path / "bugs.json").write_text(text, encoding="utf-8")
    logged = Ledger(tmp_path).log_finding("bug", BUG, "a")
    assert text in (tmp_path / "ledger.torn").read_text(encoding="utf-8")
    assert any("ledger.torn" in note for note in logged.notes)
    assert [row["id"] for row in rows(tmp_path)] == ["BUG-001", "BUG-002"]


@given(content=st.binary(max_size=200) | VALUES.map(lambda value: json.dumps({"findings": [value], "template": {}}).encode()))
@QUICK
def test_no_content_of_the_file_stops_the_next_finding(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("edited")
    (folder / "bugs.json").write_bytes(content)
    name = Ledger(folder).log_finding("bug", BUG, "a").id
    assert name in [row["id"] for row in rows(folder)]


def test_findings_survive_the_loss_of_the_ledger(tmp_path: Path) -> None:
    for _ in range(3):
        Ledger(tmp_path).log_finding("bug", BUG, "a")
    before = rows(tmp_path)
    (tmp_path / "ledger.jsonl").unlink()
    assert Ledger(tmp_path).log_finding("bug", BUG, "a").id == "BUG-004"
    assert rows(tmp_path)[:3] == before


def test_an_open_ledger_notices_that_the_file_was_cut(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    first = ledger.append("k", "1", {})
    ledger.append("k", "2", {})
    (tmp_path / "ledger.jsonl").write_bytes(encode_line(1, first.at, "k", "1", encode_data({})))
    assert ledger.records() == [first]
    assert ledger.append("k", "3", {}).seq == 2


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "absent"):
        with pytest.raises(WorkspaceUnwritable):
            Ledger(place).append("k", "1", {})
    (tmp_path / "bugs.json").mkdir()
    with pytest.raises(WorkspaceUnwritable):
        Ledger(tmp_path).log_finding("bug", BUG, "a")
    assert not (tmp_path / "ledger.jsonl").exists()


def write_many(folder: Path, name: str, count: int) -> None:
    for number in range(count):
        ledger = Ledger(folder)
        ledger.log_finding("bug", BUG, name, key=f"{name}-{number}")
        ledger.append("sighting", f"shared-{number}", {"by": name})


def test_parallel_processes_and_threads_lose_nothing_and_share_no_id(tmp_path: Path) -> None:
    workers = [SPAWN.Process(target=write_many, args=(tmp_path, f"p{n}", 10)) for n in range(3)]
    for worker in workers:
        worker.start()
    one = Ledger(tmp_path)
    threads = [threading.Thread(target=lambda n=n: [one.log_finding("bug", BUG, f"t{n}") for _ in range(10)]) for n in range(3)]
    for thread in threads:
        thread.start()
    for waiting in (*threads, *workers):
        waiting.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert [row["id"] for row in rows(tmp_path)] == [f"BUG-{n:03d}" for n in range(1, 61)]
    assert [record.seq for record in Ledger(tmp_path).records()] == list(range(1, 71))
    assert len(Ledger(tmp_path).records("sighting")) == 10


KILLED = """
import sys
from pathlib import Path
from agent.core.ledger import Ledger
from tests_bug import BUG
n = int(sys.argv[2])
while True:
    done = Ledger(Path(sys.argv[1])).log_finding("bug", BUG, "x" * 200, key=f"k{n}")
    print(n, done.id, flush=True)
    n += 1
"""


def test_kill_at_any_moment_loses_no_acknowledged_finding(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "tests_bug.py").write_text(f"BUG = {BUG | {'description': 'd' * 20_000}!r}", encoding="utf-8")
    (tmp_path / "writer.py").write_text(KILLED, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": f"{project_root()}{os.pathsep}{tmp_path}"}
    acknowledged: dict[str, str] = {}
    seed = random.Random(7)
    for round_number in range(8):
        command = [sys.executable, "writer.py", str(folder), str(round_number * 1000)]
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline()]
            time.sleep(seed.random() * 0.08)
            writer.send_signal(signal.SIGKILL)
            lines += writer.stdout.readlines()
        for line in lines:
            if line.endswith("\n"):
                number, name = line.split()
                acknowledged[f"k{number}"] = name
        ledger = Ledger(folder)
        known = {record.key: record.data["id"] for record in ledger.records("bug")}
        assert acknowledged.items() <= known.items()
        assert len(set(known.values())) == len(known)
        assert ledger.damaged() == []
        json.loads((folder / "bugs.json").read_text(encoding="utf-8"))
    Ledger(folder).project()
    assert [row["id"] for row in rows(folder)] == [f"BUG-{n:03d}" for n in range(1, len(known) + 1)]
    assert [path.name for path in folder.iterdir() if path.name.endswith(".tmp")] == []


def disturb(folder: Path, what: str) -> None:
    """One thing that happens to a folder between two findings."""
    ledger, bugs = folder / "ledger.jsonl", folder / "bugs.json"
    match what:
        case "append":
            Ledger(folder).append("sighting", str(len(Ledger(folder).records())), {})
        case "dx":
            Ledger(folder).log_finding("dx", DX, "a")
        case "cut" if ledger.exists():
            os.truncate(ledger, max(0, ledger.stat().st_size - 3))
        case "newline" if ledger.exists():
            ledger.write_bytes(ledger.read_bytes().rstrip(b"\n"))
        case "row" if bugs.exists():
            edit(folder, lambda document: document["findings"].append({"id": "BUG-020"}))
        case "nameless" if bugs.exists():
            edit(folder, lambda document: document["findings"].insert(0, {"title": "?"}))
        case "garbage":
            bugs.write_bytes(b"{")
        case "gone":
            ledger.unlink(missing_ok=True)
        case "lost":
            bugs.unlink(missing_ok=True)
        case "template" if bugs.exists():
            bugs.write_bytes(bugs.read_bytes().replace(b"the finding in one line", b"old words"))
        case "project":
            Ledger(folder).project()


THINGS = ("append", "dx", "cut", "newline", "row", "nameless", "garbage", "lost", "gone", "template", "project", "nothing")


@given(st.lists(st.tuples(st.sampled_from(THINGS), st.sampled_from([None, "f1", "f2"]), st.booleans()), min_size=1, max_size=8))
@settings(QUICK, max_examples=15)
def test_the_note_in_the_lock_file_changes_nothing_but_the_speed(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str | None, bool]]
) -> None:
    told = []
    for noted in (True, False):
        folder = tmp_path_factory.mktemp("noted" if noted else "plain")
        one = Ledger(folder)
        answers = []
        for what, key, same in steps:
            disturb(folder, what)
            if not noted:
                (folder / "ledger.lock").write_bytes(b"")
            logged = (one if same else Ledger(folder)).log_finding("bug", BUG, "a", key)
            answers.append((logged.id, logged.new, len(logged.notes)))
        state = [[(k, v) for row in rows(folder) for k, v in row.items() if k != "timestamp"]]
        state += [[(r.seq, r.kind, r.key) for r in ledger.records()] for ledger in (one, Ledger(folder))]
        told.append((answers, state, one.damaged()))
    assert told[0] == told[1]


def test_one_more_finding_among_ten_thousand_is_quick(tmp_path: Path) -> None:
    fields = {"id": "", "agent": "a", "timestamp": "2026-01-01T00:00:00.000+00:00"} | BUG
    with (tmp_path / "ledger.jsonl").open("wb") as stream:
        for n in range(1, 10_001):
            stream.write(encode_line(n, "2026-01-01T00:00:00.000+00:00", "bug", f"f{n}", encode_data(fields | {"id": f"BUG-{n:03d}"})))
    ledger = Ledger(tmp_path)
    ledger.project()
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for n in range(1, 11):
        began = time.process_time()
        assert (ledger if n % 2 else Ledger(tmp_path)).log_finding("bug", BUG, "a").id == f"BUG-{10_000 + n}"
        seconds[n % 2 == 1].append(time.process_time() - began)
    assert max(min(taken) for taken in seconds.values()) < 0.07
    assert len(rows(tmp_path)) == len(Ledger(tmp_path).findings("bug")) == 10_010
