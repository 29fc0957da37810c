"""Which of the places that a mission touches are chosen for its deaths."""

import random
import re
from collections.abc import Sequence

PHASE = re.compile(r"results/records/\w+\.json$")
REPORT = re.compile(r"/\*/\.?(?:FINAL_REPORT\.md|report\.html|README\.md|(?:bugs|dx|improvements|strengths|findings)\.json)[^/]*$")
MARKER = re.compile(r"^os\.rename .*/results/calls/\w+/([\w.]+?)-")


def chosen(touched: Sequence[str], kills: int, rng: random.Random) -> list[str]:
    """So many places in the order in which they are touched first: the ones that matter, then an even spread of the rest."""
    places = list(dict.fromkeys(touched))
    wanted = {place for place in places if PHASE.search(place) or REPORT.search(place)}
    kinds: set[str] = set()
    for place in places:
        if (found := MARKER.match(place)) and found[1] not in kinds:
            kinds.add(found[1])
            wanted.add(place)
    rest = [place for place in places if place not in wanted]
    more = min(len(rest), max(0, kills - len(wanted)))
    step = len(rest) / more if more else 0
    wanted |= {rest[int(number * step + rng.random() * max(0.0, step - 1))] for number in range(more)}
    return [place for place in places if place in wanted]
