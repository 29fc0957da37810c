"""False alarms on sound copies: different seeds, and once with all cores kept busy."""

import contextlib
import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.lab.figure import Figure, Setting, check, confirmed
from bench.rows import remembered

RUNS = 5


def alarms(setting: Setting) -> Figure:
    """Compare both sound copies with the release, five times each; whatever is confirmed is a false alarm."""
    import make_target  # of the bench, whose folder is on the path by now

    rows = []
    with tempfile.TemporaryDirectory() as temp:
        for copy in make_target.SOUND:
            folder = Path(temp) / copy
            folder.mkdir()
            make_target.make(copy, folder)
            for seed in range(1, RUNS + 1):

                def measured(copy: str = copy, seed: int = seed) -> dict[str, Any]:
                    return compared(copy, seed, Path(temp))

                row = remembered(setting.rows, f"sound {copy} {seed}", measured)
                rows.append(row)
                print(f"sound {copy} seed {seed}: {len(row['alarms'])} alarms, {row['examples']} drawn, {row['seconds']} s", flush=True)
    number = sum(len(row["alarms"]) for row in rows)
    notes = [f"{row['copy']}, seed {row['seed']}: {', '.join(row['alarms'])}" for row in rows if row["alarms"]]
    drawn, suspected = (sum(row[key] for row in rows) for key in ("examples", "suspected"))
    notes.append(f"cases drawn in all: {drawn}; suspected, not reported as defects: {suspected}")
    return Figure(f"false alarms on {len(rows)} runs over sound copies", "0", str(number), number == 0, notes, rows)


def compared(copy: str, seed: int, temp: Path) -> dict[str, Any]:
    """One comparison of a sound copy with the release."""
    with busy(seed == RUNS):
        result = check(temp / f"{copy}-{seed}.json", "--target", str(temp / copy), "--compare", "1.2.0", "--seed", str(seed))
    found = confirmed(result["regressed"]) + confirmed(result["fixed"])
    return {
        "copy": copy,
        "seed": seed,
        "busy": seed == RUNS,
        "alarms": [f["title"] for f in found],
        "suspected": len(result["regressed"]) + len(result["fixed"]) - len(found),
        "unknown": result["unknown"],
        "examples": result["examples"],
        "seconds": result["seconds"],
    }


@contextlib.contextmanager
def busy(really: bool) -> Iterator[None]:
    """Keep every core busy meanwhile, or not."""
    idlers = [multiprocessing.Process(target=spin, daemon=True) for _ in range(os.cpu_count() or 1)] if really else []
    for idler in idlers:
        idler.start()
    try:
        yield
    finally:
        for idler in idlers:
            idler.terminate()


def spin() -> None:
    """Burn processor time until terminated."""
    while True:
        pass
