"""Generated files come in an order in which each can be imported."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.workload import lab_files
from agent.workload.order import dependencies_first, imported
from tests.workload.entries import ENTRIES


@given(st.permutations(range(8)), st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_every_file_follows_what_it_imports(order: list[int], edges: set[tuple[int, int]]) -> None:
    wanted = {(high, low) for high, low in edges if high > low}
    files = {f"pkg/m{n}.py": "".join(f"from pkg.m{low} import x\n" for high, low in sorted(wanted) if high == n) for n in order}
    placed = list(dependencies_first(files))
    assert sorted(placed) == sorted(files)
    assert all(placed.index(f"pkg/m{low}.py") < placed.index(f"pkg/m{high}.py") for high, low in wanted)


@pytest.mark.parametrize("entry", ["FIN-001", "AGENT-008"])
def test_lab_files_import_only_what_is_there(entry: str) -> None:
    files = lab_files(ENTRIES[entry])
    assert any("/audio/" in path for path in files) == (entry == "AGENT-008")
    names = {path.removesuffix(".py").replace("/", ".") for path in files}
    for path, code in files.items():
        assert "components" not in {module.partition(".")[0] for module in imported(code)}
        missing = {m for m in imported(code) if m.startswith("pipelines.") and m.count(".") == 2} - names
        assert not missing, path
