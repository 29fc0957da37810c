"""`timeline` as a user calls it: proofs on real releases, each in an environment of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.conftest import ROOT, agent
from tests.e2e.test_verify import assert_one_line, proof

BODY = """
import importlib.metadata
numbers = tuple(int(n) for n in importlib.metadata.version("stageflow-core").split("."))
if numbers < {since}:
    print("NOT APPLICABLE: not yet")
    raise SystemExit(2)
if numbers >= {until}:
    print("ABSENT: the claim holds")
    raise SystemExit(0)
print("PRESENT: expected a\\n         observed b")
raise SystemExit(1)
"""
RELEASES = "1.2.0,0.9.5,0.9.6"
"""Out of order on purpose."""


def dated(file: Path, since: tuple[int, ...], until: tuple[int, ...]) -> Path:
    return proof(file, BODY.format(since=since, until=until))


def placed(*args: str) -> dict[str, Any]:
    done = agent("timeline", *args, "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_defects_are_placed(tmp_path: Path) -> None:
    dated(tmp_path / "old.py", (0,), (0, 9, 6))
    dated(tmp_path / "young.py", (0, 9, 6), (1, 2, 0))
    dated(tmp_path / "open.py", (0, 9, 6), (9,))
    proof(tmp_path / "crash.py", "raise ValueError('our own mistake')\n")
    result = placed(str(tmp_path), "--releases", RELEASES)
    assert result["releases"] == ["0.9.5", "0.9.6", "1.2.0"] and result["unavailable"] == {}
    rows = {row["id"]: row for row in result["findings"]}
    assert {name: (row["standing"], row["first_bad"], row["fixed_in"]) for name, row in rows.items()} == {
        "old": ("fixed", "0.9.5", "0.9.6"),
        "young": ("fixed", "0.9.6", "1.2.0"),
        "open": ("open", "0.9.6", None),
        "crash": ("unknown", None, None),
    }
    assert rows["young"]["states"]["0.9.5"] == "not applicable"
    assert rows["old"]["intervals"] == [["0.9.5", "0.9.5"]]
    assert "our own mistake" in rows["crash"]["reasons"]["1.2.0"]


def test_a_check_s_findings_and_a_release_that_is_not_there(tmp_path: Path) -> None:
    script = dated(tmp_path / "out-repro/findings/abc.py", (0,), (0, 9, 6))
    rows = [{"fingerprint": "abc", "title": "A defect", "status": "confirmed", "repro": str(script)}]
    file = tmp_path / "out.json"
    file.write_text(json.dumps({"target": {"label": "0.9.5", "version": "0.9.5"}, "findings": rows, "regressed": [], "fixed": []}))
    result = placed(str(file), "--releases", "0.9.5,0.9.6,99.0.0")
    found = result["findings"][0]
    assert found["states"] == {"0.9.5": "present", "0.9.6": "absent", "99.0.0": "unknown"}
    assert "99.0.0" in result["unavailable"]["99.0.0"] and (found["proven_on"], found["fixed_in"]) == ("0.9.5", "0.9.6")
    shown = agent("timeline", str(file), "--releases", "0.9.5,99.0.0")
    assert shown.returncode == 0 and "still open" not in shown.stdout
    assert "99.0.0: unknown, cannot install" in shown.stdout


def test_tables_for_a_person(tmp_path: Path) -> None:
    one = dated(tmp_path / "one.py", (0,), (0, 9, 6))
    shown = agent("timeline", str(one), "--releases", RELEASES).stdout
    assert "first bad 0.9.5 (the oldest release played); fixed in 0.9.6" in shown and "1 defect on 3 releases: 1 fixed" in shown
    dated(tmp_path / "two.py", (0, 9, 6), (9,))
    shown = agent("timeline", str(tmp_path), "--releases", RELEASES).stdout
    assert "●○○" in shown and "–●●" in shown and "2 defects on 3 releases" in shown
    assert "releases: 0.9.5 0.9.6 1.2.0" in shown


def test_what_cannot_be_done_is_one_line(tmp_path: Path) -> None:
    script = dated(tmp_path / "one.py", (0,), (9,))
    assert_one_line(agent("timeline", "nowhere", "--runs", str(tmp_path)), 2, "no path, no run and no finding")
    for wrong in ("latest", "", "1.2.0,next", "1.2.0;rm"):
        assert_one_line(agent("timeline", str(script), "--releases", wrong), 2, "is no version")
    assert_one_line(agent("timeline", str(script), "--releases", "99.0.0"), 4, "no release can be played on: cannot install")


def test_an_interruption_leaves_nothing_behind(tmp_path: Path) -> None:
    marker = f"stageflow-sleeper-{os.getpid()}"
    script = proof(tmp_path / f"{marker}.py", "import time\ntime.sleep(60)\n")
    command = [sys.executable, "-m", "agent", "timeline", str(script), "--releases", "1.2.0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    limit = time.monotonic() + 60
    while not [line for line in processes(marker) if "replay.py" in line] and process.poll() is None and time.monotonic() < limit:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130 and "interrupted" in errors and "Traceback" not in errors
    while processes(marker) and time.monotonic() < limit + 20:
        time.sleep(0.1)
    assert processes(marker) == []


def processes(marker: str) -> list[str]:
    """Command lines of running processes that mention the marker, but not this test's own command."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if any(marker in word for word in words) and "agent" not in words:
            found.append(" ".join(words))
    return found
