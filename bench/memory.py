"""Memory of a process and of everything below it."""

from collections import defaultdict
from pathlib import Path


def tree_kib(root: int) -> float:
    """KiB of a process and all its descendants, shared pages counted once."""
    return sum(proportional(pid) for pid in family(root))


def family(root: int) -> list[int]:
    """A process and all its descendants, as far as they are still there."""
    children: dict[int, list[int]] = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children[int(fields[1])].append(int(stat.parent.name))
    found = [root]
    for pid in found:
        found += children[pid]
    return found


def proportional(pid: int) -> float:
    """KiB of a process, pages that it shares counted in part; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return float(next((line.split()[1] for line in lines if line.startswith("Pss:")), 0))
