"""The target's API is read in its own interpreter, and code is checked against it."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import ToolFailed
from agent.core.settings import Settings
from agent.core.target import Target, package_fingerprint
from agent.core.tool import ToolContext
from tools.inspect_api import TOOL, Api, load_api, resolve_names


def target_of(package: Path, search_path: Path | None = None) -> Target:
    return Target("under test", "1.2.0", Path(sys.executable), package, search_path, package_fingerprint(package))


def context(cache: Path, target: Target) -> ToolContext:
    return ToolContext(Settings.load({}, cache=cache), target, None, lambda line: None)


@pytest.fixture(scope="module")
def installed() -> Target:
    spec = find_spec("stageflow")
    assert spec and spec.origin
    return target_of(Path(spec.origin).parent)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def api(installed: Target, cache: Path) -> Api:
    return load_api(installed, Settings.load({}, cache=cache))


TOY = {
    "__init__.py": '''"""A toy.

More."""
print("noise")
from stageflow.kinds import LIMIT, Kind, make
__all__ = ["Kind", "make", "LIMIT"]
''',
    "kinds.py": '''import enum, functools
LIMIT = [5]

def log(f):
    return f

class Kind(enum.Enum):
    A = 'a'

@log
@functools.cache
def make(name: 'str', /, *, size: int = 3, **rest: object) -> 'Kind':
    """Make it.

    Slowly."""
    return Kind.A

class Box:
    width: int
    def __init__(self, width): ...
    @classmethod
    async def load(cls, path): ...
    @property
    def area(self) -> int: ...
''',
    "broken.py": "raise SystemExit('no way')\n",
    "lazy.py": "def __getattr__(name):\n    return 1\n",
}


@pytest.fixture
def toy(tmp_path: Path) -> Target:
    package = tmp_path / "checkout" / "stageflow"
    package.mkdir(parents=True)
    for name, text in TOY.items():
        (package / name).write_text(text)
    return target_of(package, package.parent)


def test_a_symbol_is_described_from_its_source(tmp_path: Path, toy: Target) -> None:
    answer = TOOL.call(
        {"names": ["stageflow.make", "Box", "Box.load", "Box.width", "Box.area", "Kind.A", "stageflow"]}, context(tmp_path, toy)
    )
    make, box, load, width, area, member, module = answer.symbols
    assert (make.name, make.kind, make.doc, make.file) == ("stageflow.kinds.make", "function", "Make it.", "kinds.py")
    assert make.signature == "def make(name: str, /, *, size: int = 3, **rest: object) -> Kind"
    assert (make.first_line, make.last_line) == (10, 16), "decorators belong to it"
    assert make.exported
    assert make.exported_by == ("stageflow",)
    assert (box.kind, box.signature, box.exported) == ("class", "class Box(width)", False)
    assert (load.kind, load.signature) == ("method", "async def load(path)")
    assert (width.kind, width.signature) == ("attribute", "width: int")
    assert (area.kind, area.signature) == ("attribute", "area: int")
    assert member.signature == "A = 'a'"
    assert (module.kind, module.doc) == ("module", "A toy.")


def test_a_re_exported_constant_is_found(tmp_path: Path, toy: Target) -> None:
    (limit,) = TOOL.call({"names": ["stageflow.LIMIT"]}, context(tmp_path, toy)).symbols
    assert (limit.name, limit.signature, limit.exported_by) == ("stageflow.kinds.LIMIT", "LIMIT = [5]", ("stageflow",))


def test_a_module_that_exits_is_reported_and_the_rest_is_there(tmp_path: Path, toy: Target) -> None:
    answer = TOOL.call({}, context(tmp_path, toy))
    assert [(f.module, f.error) for f in answer.failed] == [("stageflow.broken", "SystemExit: no way")]
    assert {"stageflow.kinds.Box", "stageflow.lazy"} <= {s.name for s in answer.symbols}
    assert not any(part.startswith("_") for s in answer.symbols for part in s.name.split("."))


def test_an_unknown_name_gets_real_ones(tmp_path: Path, toy: Target) -> None:
    answer = TOOL.call({"names": ["stageflow.Knd", "stageflow.other.Kind"]}, context(tmp_path, toy))
    assert answer.symbols == ()
    assert [m.nearest[0] for m in answer.missing] == ["Kind", "stageflow.Kind"]


def test_the_cache_follows_the_files(tmp_path: Path, toy: Target) -> None:
    assert TOOL.call({"names": ["Box"]}, context(tmp_path, toy)).total == 1
    (toy.package / "kinds.py").write_text(TOY["kinds.py"].replace("Box", "Crate"))
    changed = target_of(toy.package, toy.search_path)
    answer = TOOL.call({"names": ["Box", "Crate"]}, context(tmp_path, changed))
    assert [s.name for s in answer.symbols] == ["stageflow.kinds.Crate"]
    for file in (tmp_path / "api").iterdir():
        file.write_text("{")
    assert TOOL.call({"names": ["Crate"]}, context(tmp_path, changed)).total == 1, "a damaged cache is read anew"


def test_another_stageflow_than_asked_for_is_refused(tmp_path: Path, toy: Target) -> None:
    with pytest.raises(ToolFailed, match="imports stageflow from"):
        load_api(target_of(toy.package, None), Settings.load({}, cache=tmp_path))


def test_a_target_that_cannot_be_imported_is_one_clear_line(tmp_path: Path, toy: Target) -> None:
    (toy.package / "__init__.py").write_text("import nowhere\n")
    with pytest.raises(ToolFailed, match="No module named 'nowhere'"):
        load_api(target_of(toy.package, toy.search_path), Settings.load({}, cache=tmp_path))


def test_the_whole_api_of_the_installed_release(cache: Path, installed: Target, api: Api) -> None:
    before = os.times()[2:4]  # processor time of children that ended
    answer = TOOL.call({"limit": 100_000}, context(cache, installed))
    assert os.times()[2:4] == before, "second time from the cache, without another interpreter"
    assert answer.total == len(answer.symbols) > 1500
    by_name = {s.name: s for s in answer.symbols}
    run = by_name["stageflow.pipeline.pipeline.Pipeline.run"]
    lines = (installed.package / run.file).read_text().splitlines()
    assert lines[run.first_line - 1].strip().startswith("async def run(")
    assert sum(s.first_line == 0 for s in answer.symbols) < 20
    assert len(TOOL.call({"limit": 7}, context(cache, installed)).symbols) == 7


IDEMPOTENCY = "stageflow.pipeline.idempotency.InMemoryIdempotencyStore"


def problems(code: str, api: Api) -> list[tuple[int, str, str]]:
    return [(p.line, p.kind, p.name) for p in resolve_names(code, api)]


@pytest.mark.parametrize(
    ("code", "kind", "name", "suggestion"),
    [
        ("import stageflow.interceptors", "module", "stageflow.interceptors", "stageflow.pipeline.interceptors"),
        ("from stageflow import InMemoryIdempotencyStore", "name", "stageflow.InMemoryIdempotencyStore", IDEMPOTENCY),
        ("import stageflow\nstageflow.Pipelin", "attribute", "stageflow.Pipelin", "Pipeline"),
        ("import stageflow.pipeline.dag as d\nd.UnifiedGraph", "attribute", "stageflow.pipeline.dag.UnifiedGraph", "UnifiedStageGraph"),
        ("from stageflow import StageKind as K\nK.PROCESS", "attribute", "stageflow.core.stage_enums.StageKind.PROCESS", "TRANSFORM"),
        ("from stageflow import stage\nstage('a', f, depends=())", "keyword", "stageflow.stage(depends=)", "dependencies"),
        ("import stageflow\nstageflow.PipelineContext.create(userid=1)", "keyword", "stageflow.PipelineContext.create(userid=)", "user_id"),
    ],
)
def test_what_does_not_exist_is_found(api: Api, code: str, kind: str, name: str, suggestion: str) -> None:
    (problem,) = resolve_names(code, api)
    assert (problem.kind, problem.name, problem.line) == (kind, name, len(code.splitlines()))
    assert suggestion in problem.suggestions


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    from stageflow import Nope\nexcept ImportError:\n    Nope = None",
        "import pytest\nfrom stageflow import stage\nwith pytest.raises(TypeError):\n    stage(wrong=1)",
        "from stageflow import Pipeline\ndef f(Pipeline):\n    return Pipeline.anything",
        "from stageflow import StageOutput\nStageOutput.ok(any_key=1)\nStageOutput.fail(error='x').anything",
        "import stageflow.websearch\nstageflow.websearch.client\nstageflow.__version__",
        "import stageflow_other\nstageflow_other.x",
        "from .stageflow import whatever",
        "from stageflow import StageKind\nStageKind('guard'); StageKind.GUARD.value; StageKind.mro()",
        "from stageflow import *",
        "from stageflow.contracts import registry\nregistry.register",
        "import stageflow.contracts\nstageflow.contracts.registry.register",
    ],
)
def test_what_may_be_right_is_left_alone(api: Api, code: str) -> None:
    assert problems(code, api) == []


def test_a_module_level_getattr_allows_any_name(tmp_path: Path, toy: Target) -> None:
    toy_api = load_api(toy, Settings.load({}, cache=tmp_path))
    assert problems("from stageflow.lazy import anything\nimport stageflow.lazy\nstageflow.lazy.more", toy_api) == []
    assert [kind for _, kind, _ in problems("import stageflow.broken", toy_api)] == ["module"]


@given(data=st.data())
def test_every_exported_name_of_the_release_resolves(api: Api, data: st.DataObject) -> None:
    module = data.draw(st.sampled_from(sorted(name for name, m in api.modules.items() if m.exported)))
    name = data.draw(st.sampled_from(sorted(api.modules[module].exported)))
    assert problems(f"from {module} import {name}\nimport {module} as m\nm.{name}", api) == []
