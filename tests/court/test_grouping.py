"""One cause is one finding, two causes are two: by declaration on one target, by the changed place between two."""

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.core.settings import Settings
from agent.court.catalogue import load_catalogue
from agent.court.causes import by_change, by_declaration, changed, places
from agent.court.trials import CaseVerdict, smallest

CATALOGUE = load_catalogue(Settings.load().project / "components")
PROBES = sorted(CATALOGUE)[:6]

SOURCE = '''
"""Module."""
LIMIT = 3


class Store:
    """Keeps."""

    size: int = 1

    def put(self, item):
        """Add."""

        def key():
            return str(item)

        return key()

    async def get(self):
        return LIMIT
'''


def verdict(**fields: Any) -> CaseVerdict:
    given = {"probe": PROBES[0], "case": "c", "control": False, "component": "x", "title": "t", "params": {}, "verdict": "violated"}
    return CaseVerdict.model_validate(given | {"seconds": 0.1} | fields)


def package(folder: Path, text: str) -> Path:
    (folder / "stageflow/core").mkdir(parents=True)
    (folder / "stageflow/core/__init__.py").write_text("")
    (folder / "stageflow/core/store.py").write_text(text)
    return folder / "stageflow"


def test_places_that_differ_are_named(tmp_path: Path) -> None:
    changes = {
        "str(item)": ("repr(item)", {"stageflow.core.store:Store.put.<locals>.key"}),
        "return LIMIT": ("return LIMIT + 1", {"stageflow.core.store:Store.get"}),
        "size: int = 1": ("size: int = 2", {"stageflow.core.store:"}),
        "LIMIT = 3": ("LIMIT = 4", {"stageflow.core.store:"}),
        '"""Add."""': ('"""Add something."""  # a comment', set()),
        "return key()": ("return (\n            key()\n        )", set()),
    }
    sound = package(tmp_path / "sound", SOURCE)
    for number, (old, (new, wanted)) in enumerate(changes.items()):
        assert changed(package(tmp_path / str(number), SOURCE.replace(old, new, 1)), sound) == wanted, old


def test_a_file_that_is_new_or_gone_is_a_change(tmp_path: Path) -> None:
    sound, bare = package(tmp_path / "a", SOURCE), package(tmp_path / "b", "")
    assert changed(sound, bare) == changed(bare, sound) == set(places("stageflow.core.store", SOURCE))


def test_a_change_collects_what_ran_it_and_nothing_else() -> None:
    rows = [
        verdict(component="a", entered=("m:f", "m:g", "m:h")),
        verdict(component="b", entered=("m:f",)),
        verdict(component="c", entered=("m:other",)),
    ]
    groups = by_change(rows, frozenset({"m:f"}))
    assert [[row.component for row in group.rows] for group in groups] == [["b", "a"], ["c"]], "the most focused case in front"


def test_a_declared_cause_is_one_finding_and_the_gravest_goes_first() -> None:
    grave = next(card.id for card in CATALOGUE.values() if card.consequence == "security_breach" and card.default_setup)
    light = next(card.id for card in CATALOGUE.values() if card.consequence == "misleading")
    rows = [verdict(probe=light, cause="m:f"), verdict(probe=grave, cause="m:f"), verdict(probe=light, component="z")]
    groups = by_declaration(rows, CATALOGUE)
    assert [[row.probe for row in group.rows] for group in groups] == [[grave, light], [light]]


@given(
    rows=st.lists(
        st.builds(
            verdict,
            probe=st.sampled_from(PROBES),
            component=st.sampled_from("xyz"),
            case=st.sampled_from(["a", "b", "explored-1"]),
            cause=st.sampled_from(["", "m:f", "m:g"]),
            entered=st.lists(st.sampled_from(["m:f", "m:g", "n:h"]), unique=True).map(tuple),
        )
    ),
    changes=st.frozensets(st.sampled_from(["m:f", "m:g", "m:", "n:h"])),
)
def test_nothing_is_lost_or_doubled(rows: list[CaseVerdict], changes: frozenset[str]) -> None:
    violated = smallest(rows)
    assert {row.key for row in violated} == {row.key for row in rows}
    for groups in (by_declaration(violated, CATALOGUE), by_change(violated, changes)):
        assert sorted(row.key for group in groups for row in group.rows) == sorted(row.key for row in violated)
        assert len({group.cause for group in groups}) == len(groups)
