"""The kinds of damage: what is done to a copy of a run folder, and what has to come of it."""

import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Due = Literal["repaired", "refused", "harmless"]
"""Told and repaired to the same end; told and stopped with a clear line; or nothing that matters, so that the end is the same anyway."""


@dataclass(frozen=True)
class Kind:
    """One kind.

    Attributes:
        name: what is done, in words.
        harm: does it to a run folder.
        due: what has to come of it.
        proofs: whether `verify` is asked about a proof as well.
        ordinary: the commands run without the right to read everything.
    """

    name: str
    harm: Callable[[Path], None]
    due: Due = "repaired"
    proofs: bool = False
    ordinary: bool = False


def first(run: Path, pattern: str) -> Path:
    """One file of the run that a pattern means."""
    return sorted(run.glob(pattern))[0]


def cut(path: Path) -> None:
    """Take the second half away."""
    os.truncate(path, path.stat().st_size // 2)


def flip(path: Path, seed: int, within: tuple[float, float] = (0.0, 1.0)) -> None:
    """Turn one bit at a seeded place."""
    raw, rng = bytearray(path.read_bytes()), random.Random(seed)
    place = rng.randrange(int(len(raw) * within[0]), int(len(raw) * within[1]))
    raw[place] ^= 1 << rng.randrange(8)
    path.write_bytes(raw)


def away(path: Path) -> None:
    """Remove a file or a folder."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def folded(path: Path) -> None:
    """A folder in the place of a file."""
    path.unlink()
    path.mkdir()


def linked(run: Path, path: Path) -> None:
    """A link to a file outside of the run, with the same content."""
    outside = run.parents[2] / f"outside-{run.parents[1].name}-{path.name}"
    shutil.copy(path, outside)
    path.unlink()
    path.symlink_to(outside)


def checkpoints(run: Path) -> Path:
    """The database with all that was written to it, its journals taken in."""
    path = run / "checkpoints.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    return path


def lines(run: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the lines of the ledger."""
    path = run / "ledger.jsonl"
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


def member(path: Path, change: Callable[[Any], Any]) -> None:
    """Change the JSON of a file, well-formed as before."""
    path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8"))), indent=2) + "\n", encoding="utf-8")


def turned(verdict: str) -> str:
    """The opposite."""
    return "holds" if verdict == "violated" else "violated"


def other_marker(run: Path) -> None:
    """The marker of one call in the place of another's."""
    one, other = sorted(run.glob("results/calls/execute/prove-*.json"))[:2]
    shutil.copy(one, other)


def renamed_row(found: Any) -> Any:
    """A title that a person has changed."""
    found["findings"][0]["title"] += ", as we saw in production"
    return found


def stale_journal(run: Path) -> None:
    """A write-ahead log of an earlier state beside the database."""
    path = checkpoints(run)
    (run / f"{path.name}-wal").write_bytes(b"\x37\x7f\x06\x82" + os.urandom(8_000))
    (run / f"{path.name}-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + os.urandom(2_000))


def dated(run: Path) -> None:
    """Every file from the year 2100."""
    for path in run.rglob("*"):
        os.utime(path, (4_102_444_800, 4_102_444_800))


def lost_configuration(run: Path) -> None:
    """Configuration and ledger."""
    away(run / "config/run_config.json")
    away(run / "ledger.jsonl")


def without_format(run: Path) -> None:
    """As an earlier version left it: no hashes in the ledger, no format in the configuration."""
    member(run / "config/run_config.json", lambda found: {name: value for name, value in found.items() if name != "format"})
    kept = (b"finding", b'"call_started"', b'"call_committed"', b'"bug"', b'"dx"', b'"strength"', b'"improvement"')
    lines(run, lambda old: [line for line in old if any(name in line[:120] for name in kept)])


def edited_script(run: Path) -> None:
    """A proof that shows nothing any more."""
    for path in (first(run, "findings/proofs/*[0-9a-f].py"), *run.glob("findings/BUG-001/repro.py")):
        path.write_text("print('ABSENT')\n", encoding="utf-8")


DATABASE: tuple[Kind, ...] = (
    Kind("checkpoints cut in half", lambda run: cut(checkpoints(run))),
    Kind("checkpoints empty", lambda run: os.truncate(checkpoints(run), 0)),
    Kind("checkpoints missing", lambda run: away(checkpoints(run))),
    Kind("checkpoints: a bit in the header", lambda run: flip(checkpoints(run), 1, (0.0, 0.0005))),
    *(
        Kind(f"checkpoints: a bit in the middle, {seed}", lambda run, seed=seed: flip(checkpoints(run), seed, (0.05, 1.0)), "harmless")
        for seed in (1, 2, 3)
    ),
    Kind("checkpoints: a folder in its place", lambda run: folded(checkpoints(run))),
    Kind("checkpoints with journals of something else", stale_journal, "harmless"),
)
LEDGER: tuple[Kind, ...] = (
    Kind("ledger: last line torn", lambda run: os.truncate(run / "ledger.jsonl", (run / "ledger.jsonl").stat().st_size - 9)),
    Kind("ledger: a bit in the middle", lambda run: flip(run / "ledger.jsonl", 4, (0.3, 0.9))),
    Kind("ledger: a bit at its start", lambda run: flip(run / "ledger.jsonl", 5, (0.0, 0.001))),
    Kind("ledger: a line removed", lambda run: lines(run, lambda old: old[:20] + old[21:])),
    Kind("ledger: its second half removed", lambda run: lines(run, lambda old: old[: len(old) // 2])),
    Kind("ledger: a line doubled", lambda run: lines(run, lambda old: [*old[:20], old[19], *old[20:]])),
    Kind("ledger: two lines swapped", lambda run: lines(run, lambda old: [*old[:20], old[21], old[20], *old[22:]])),
    Kind("ledger missing", lambda run: away(run / "ledger.jsonl")),
    Kind("ledger empty", lambda run: os.truncate(run / "ledger.jsonl", 0)),
    Kind("ledger: a folder in its place", lambda run: folded(run / "ledger.jsonl")),
    Kind("ledger: garbage at its end", lambda run: lines(run, lambda old: [*old, b"\x00\xff\x17 garbage\n"])),
)
MARKERS: tuple[Kind, ...] = (
    Kind("marker missing", lambda run: away(first(run, "results/calls/execute/log-*.json"))),
    Kind("marker cut in half", lambda run: cut(first(run, "results/calls/execute/prove-*.json"))),
    Kind(
        "marker edited, well-formed",
        lambda run: member(
            first(run, "results/calls/execute/prove-*.json"), lambda m: m | {"result": m["result"] | {"status": "suspected"}}
        ),
    ),
    Kind("marker of another call", other_marker),
    Kind("markers of a whole phase missing", lambda run: away(run / "results/calls/simulate")),
)
RECORDS: tuple[Kind, ...] = (
    Kind("record missing", lambda run: away(run / "results/records/build.json")),
    Kind("record cut in half", lambda run: cut(run / "results/records/execute.json")),
    Kind(
        "record edited: a proof less", lambda run: member(run / "results/records/execute.json", lambda r: r | {"proofs": r["proofs"][1:]})
    ),
    Kind("record with an unknown field", lambda run: member(run / "results/records/research.json", lambda r: r | {"more": 1})),
)
ARTIFACTS: tuple[Kind, ...] = (
    Kind("pipeline missing", lambda run: away(run / "pipelines/stress.py")),
    Kind("pipeline edited", lambda run: (run / "pipelines/chaos.py").open("a").write("\n# by hand\n") and None),
    Kind("data binary", lambda run: first(run, "mocks/data/happy_path/*").write_bytes(os.urandom(3_000)) and None),
    Kind("data empty", lambda run: os.truncate(first(run, "mocks/data/edge_cases/*"), 0)),
    Kind("log missing", lambda run: away(first(run, "results/logs/baseline-*.log*"))),
    Kind("log analysis edited", lambda run: member(first(run, "results/logs/*_stats.json"), lambda found: {"entries": 1})),
    Kind("metrics no JSON", lambda run: first(run, "results/metrics/baseline-*.json").write_text("{oops") and None),
    Kind(
        "metrics: a verdict turned",
        lambda run: member(
            first(run, "results/metrics/chaos-*.json"),
            lambda found: found | {"checks": [check | {"verdict": turned(check["verdict"])} for check in found["checks"]]},
        ),
    ),
    Kind("metrics a link to outside", lambda run: linked(run, first(run, "results/metrics/recovery-*.json"))),
    Kind("metrics a folder", lambda run: folded(first(run, "results/metrics/stress-*.json"))),
    Kind("proof edited", edited_script, proofs=True),
    Kind("proof missing", lambda run: away(first(run, "findings/proofs/*[0-9a-f].py")), proofs=True),
    Kind("metrics without permission to read", lambda run: first(run, "results/metrics/*.json").chmod(0), ordinary=True),
    Kind("research edited", lambda run: (run / "research/summary.md").write_text("All is well.\n") and None),
    Kind("tests missing", lambda run: away(run / "tests")),
)
FINDINGS: tuple[Kind, ...] = (
    Kind("finding file no JSON", lambda run: (run / "dx.json").write_text("{oops") and None),
    Kind("finding file missing", lambda run: away(run / "dx.json")),
    Kind("finding file: a row without its title", lambda run: member(run / "dx.json", lambda f: f | {"findings": [7, *f["findings"]]})),
    Kind("finding file a link to outside", lambda run: linked(run, run / "dx.json")),
    Kind("finding file: a title changed by hand", lambda run: member(run / "dx.json", renamed_row), "harmless"),
)
CONFIGURATION: tuple[Kind, ...] = (
    Kind("configuration missing", lambda run: away(run / "config/run_config.json")),
    Kind("configuration no JSON", lambda run: (run / "config/run_config.json").write_text("entry: CORE-001") and None),
    Kind("configuration edited: another entry", lambda run: member(run / "config/run_config.json", lambda c: c | {"entry": "FIN-001"})),
    Kind("configuration and ledger missing", lost_configuration, "refused"),
    Kind("an older format", without_format, "refused"),
    Kind("dated from the future", dated, "harmless"),
)
KINDS = (*CONFIGURATION, *FINDINGS, *ARTIFACTS, *MARKERS, *RECORDS, *LEDGER, *DATABASE)
"""All that is done to a folder; what is changed beside it is in `changes`."""
