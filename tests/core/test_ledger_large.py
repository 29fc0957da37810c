"""Finding files of more than a megabyte: one more finding is written at their end, whatever stops the writer."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.core.errors import LimitReached, WorkspaceUnwritable
from agent.core.file_state import LARGE
from agent.core.finding_files import ENDING
from agent.core.ledger import Ledger
from agent.core.ledger_repair import RepairableLedger
from agent.core.settings import project_root
from tests.core.samples import BUG

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FILLED = 12
LONG = BUG | {"description": "ä" * 50_000}


def rows(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "bugs.json").read_text(encoding="utf-8"))["findings"]
    return found


def large(folder: Path) -> Ledger:
    """A folder with a large file, and the ledger that wrote it."""
    folder.mkdir(exist_ok=True)
    ledger = Ledger(folder)
    for number in range(FILLED):
        ledger.log_finding("bug", LONG, "a", f"k{number}")
    assert (folder / "bugs.json").stat().st_size > LARGE
    return ledger


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A folder in which one finding was just written at the end of a large file, and the file as it was before that."""
    folder = tmp_path_factory.mktemp("large") / "run"
    ledger = large(folder)
    before, inode = (folder / "bugs.json").read_bytes(), (folder / "bugs.json").stat().st_ino
    ledger.log_finding("bug", BUG | {"title": 'last "\\ ☃'}, "a", "last")
    assert (folder / "bugs.json").stat().st_ino == inode
    return folder, before


def copied(source: Path, place: Path) -> Path:
    shutil.copytree(source, place, dirs_exist_ok=True)
    return place


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("noted", [True, False])
def test_the_file_is_the_same_however_it_was_written(tmp_path: Path, fresh: bool, noted: bool) -> None:
    ledger = large(tmp_path)
    for number in range(FILLED, FILLED + 5):
        if not noted:
            (tmp_path / "ledger.lock").write_bytes(b"")
        logged = (Ledger(tmp_path) if fresh else ledger).log_finding("bug", BUG, "a", f"k{number}")
        assert (logged.id, logged.new, logged.notes) == (f"BUG-{number + 1:03d}", True, ())
    text = (tmp_path / "bugs.json").read_bytes()
    (tmp_path / "bugs.json").unlink()
    Ledger(tmp_path).project()
    assert (tmp_path / "bugs.json").read_bytes() == text
    assert Ledger(tmp_path).findings("bug") == rows(tmp_path)
    assert Ledger(tmp_path).findings("bug")[2:4] == rows(tmp_path)[2:4]


@pytest.mark.parametrize("key", ["k3", "last"])
def test_a_known_key_is_found_without_parsing_and_writes_nothing(tmp_path: Path, extended: tuple[Path, bytes], key: str) -> None:
    folder = copied(extended[0], tmp_path)
    Ledger(folder).log_finding("bug", BUG, "a", key)
    before = (folder / "ledger.jsonl").read_bytes(), (folder / "bugs.json").read_bytes()
    logged = Ledger(folder).log_finding("bug", BUG | {"title": "other words"}, "a", key)
    wanted = next(record for record in Ledger(folder).records("bug") if record.key == key)
    assert (logged.new, logged.row) == (False, wanted.data)
    assert ((folder / "ledger.jsonl").read_bytes(), (folder / "bugs.json").read_bytes()) == before


@given(share=st.floats(0, 1), holes=st.lists(st.tuples(st.integers(0, 400), st.integers(1, 200)), max_size=3), cut=st.integers(0, 30))
@QUICK
def test_whatever_of_the_last_row_reached_the_disk_the_next_writer_finds_everything(
    tmp_path_factory: pytest.TempPathFactory,
    extended: tuple[Path, bytes],
    share: float,
    holes: list[tuple[int, int]],
    cut: int,
) -> None:
    folder = copied(extended[0], tmp_path_factory.mktemp("torn"))
    whole, before = (folder / "bugs.json").read_bytes(), extended[1]
    place = len(before) - len(ENDING)
    reached = place + round(share * (len(whole) - place))
    torn = bytearray(whole[:reached] + before[reached:])
    for start, length in holes:  # pieces that a power cut left out
        end = min(place + start + length, len(torn))
        torn[place + start : end] = bytes(max(0, end - place - start))
    del torn[max(place, len(torn) - cut) :]
    (folder / "bugs.json").write_bytes(torn)
    assert all(
        harm[1:] == ("lacks something of the ledger", "it is written again from the ledger", False)
        for harm in RepairableLedger(folder).file_problems()
    )
    logged = Ledger(folder).log_finding("bug", BUG, "a")
    assert (logged.id, logged.notes) == (f"BUG-{FILLED + 2:03d}", ())
    assert [row["id"] for row in rows(folder)] == [f"BUG-{n:03d}" for n in range(1, FILLED + 3)]
    assert (folder / "bugs.json").read_bytes().startswith(whole.removesuffix(ENDING))
    assert not (folder / "ledger.torn").exists()


@pytest.mark.parametrize("old, new", [(b'"severity": "high"', b'"severity": "info"'), (b'"title": "last', b'"title": "best')])
@pytest.mark.parametrize("fresh", [True, False])
def test_an_edit_of_the_same_size_in_the_same_moment_is_taken_over(tmp_path: Path, fresh: bool, old: bytes, new: bytes) -> None:
    ledger = large(tmp_path)
    ledger.log_finding("bug", BUG | {"title": "last"}, "a")
    with (tmp_path / "bugs.json").open("r+b") as stream:
        place = stream.read().rindex(old)
        stream.seek(place)
        stream.write(new)
    logged = (Ledger(tmp_path) if fresh else ledger).log_finding("bug", BUG, "a")
    assert logged.notes == (f"bugs.json: BUG-{FILLED + 1:03d} was typed in by hand and is now in the ledger",)
    assert new in (tmp_path / "bugs.json").read_bytes()
    assert len(rows(tmp_path)) == FILLED + 2


def test_garbage_at_the_end_that_was_not_ours_is_kept(tmp_path: Path, extended: tuple[Path, bytes]) -> None:
    folder = copied(extended[0], tmp_path)
    torn = (folder / "bugs.json").read_bytes()[:-60] + b" my own remark"
    (folder / "bugs.json").write_bytes(torn)
    assert any("ledger.torn" in note for note in Ledger(folder).log_finding("bug", BUG, "a").notes)
    assert b"my own remark" in (folder / "ledger.torn").read_bytes()
    assert len(rows(folder)) == FILLED + 2


def test_a_ledger_line_that_changed_meanwhile_is_noticed(tmp_path: Path) -> None:
    large(tmp_path).log_finding("bug", BUG, "a")
    with (tmp_path / "ledger.jsonl").open("r+b") as stream:
        stream.seek(3000)
        stream.write(b"#")
    ledger = Ledger(tmp_path)
    ledger.log_finding("bug", BUG, "a")
    assert [damaged.line for damaged in ledger.damaged()] == [1]
    assert RepairableLedger(tmp_path).problems()


@pytest.mark.parametrize("way", ["hard link", "symbolic link", "read-only"])
def test_another_name_of_the_file_keeps_its_own_text(tmp_path: Path, way: str) -> None:
    ledger, path, other = large(tmp_path / "run"), tmp_path / "run/bugs.json", tmp_path / "other.json"
    before = path.read_bytes()
    match way:
        case "hard link":
            other.hardlink_to(path)
        case "symbolic link":
            path.rename(other)
            path.symlink_to(other)
        case _:
            shutil.copy(path, other)
            path.chmod(0o444)
    ledger.log_finding("bug", BUG, "a")
    assert other.read_bytes() == before
    assert len(rows(tmp_path / "run")) == FILLED + 1


def test_a_full_disk_in_the_middle_of_the_row_leaves_a_whole_document(tmp_path: Path) -> None:
    ledger = large(tmp_path)
    before = (tmp_path / "bugs.json").read_bytes()
    limit = len(before) + 20_000  # the ledger, smaller by indentation and template, has room for its line
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        with pytest.raises((LimitReached, WorkspaceUnwritable)):
            ledger.log_finding("bug", BUG | {"description": "e" * 20_000}, "a", "big")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, kept)
    assert (tmp_path / "bugs.json").read_bytes() == before
    assert Ledger(tmp_path).records()[-1].key == "big"
    for again in (ledger, Ledger(tmp_path)):
        again.log_finding("bug", BUG | {"description": "e" * 20_000}, "a", "big")
        assert [row["id"] for row in rows(tmp_path)] == [f"BUG-{n:03d}" for n in range(1, FILLED + 2)]


KILLED = """
import sys
from pathlib import Path
from agent.core.ledger import Ledger
from large_bug import BUG
n, ledger = int(sys.argv[2]), Ledger(Path(sys.argv[1]))
while True:
    done = ledger.log_finding("bug", BUG, "a", key=f"n{n}")
    print(n, done.id, flush=True)
    n += 1
"""


def test_kill_at_any_moment_loses_no_finding_at_the_end_of_a_large_file(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    large(folder)
    (tmp_path / "large_bug.py").write_text(f"BUG = {LONG!r}", encoding="utf-8")
    (tmp_path / "writer.py").write_text(KILLED, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": f"{project_root()}{os.pathsep}{tmp_path}"}
    acknowledged, seed = dict[str, str](), random.Random(11)
    for number in range(6):
        command = [sys.executable, "writer.py", str(folder), str(number * 1000)]
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline()]
            time.sleep(seed.random() * 0.03)
            writer.send_signal(signal.SIGKILL)
            lines += writer.stdout.readlines()
        acknowledged |= {f"n{words[0]}": words[1] for line in lines if line.endswith("\n") and (words := line.split())}
    known = {record.key: record.data["id"] for record in Ledger(folder).records("bug")}
    assert acknowledged.items() <= known.items() and len(set(known.values())) == len(known)
    assert Ledger(folder).project() == ()
    assert [row["id"] for row in rows(folder)] == [f"BUG-{n:03d}" for n in range(1, len(known) + 1)]
    torn = (folder / "ledger.torn").read_bytes() if (folder / "ledger.torn").exists() else b""
    assert Ledger(folder).damaged() == [] and b" bugs.json, " not in torn, "cut off is at most a line of the ledger that nobody was told of"
