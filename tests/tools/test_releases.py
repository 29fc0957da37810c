"""The list of releases and the clean environments: real pip and uv, with an index of our own where the answer matters."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import TargetUnavailable
from agent.core.settings import Settings
from tools.clean_target import clean_environment, clean_target, closure, foreign
from tools.releases import order, published, usable
from tools.targets import pinned_version

PINNED = pinned_version(Settings.load())


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip and uv see nothing but this folder."""
    links = tmp_path / "links"
    links.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    monkeypatch.setenv("UV_OFFLINE", "1")
    return links


def test_the_index_is_asked_and_remembered(tmp_path: Path, offline: Path) -> None:
    for version in ("0.4.9", "0.10.0", "0.9.0", "1.0.0rc1"):
        (offline / f"stageflow_core-{version}-py3-none-any.whl").touch()
    settings = Settings.load(cache=tmp_path / "cache", targets=tmp_path / "targets")
    first = published(settings)
    assert (first.versions, first.note) == (("0.9.0", "0.10.0"), "")
    for wheel in offline.iterdir():
        wheel.unlink()
    assert published(settings) == first
    file = tmp_path / "cache/releases.json"
    known = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(known | {"asked": "2020-01-01T00:00:00+00:00"}), encoding="utf-8")
    old = published(settings)
    assert old.versions == first.versions and "does not answer" in old.note and "2020-01-01" in old.note


@pytest.mark.parametrize("damage", ["", "{", '{"asked": 3, "versions": []}', '{"asked": "2020-01-01", "versions": null}', "[]"])
def test_without_index_and_memory_there_is_what_is_installed(damage: str, tmp_path: Path, offline: Path) -> None:
    for place in ("targets/0.9.6", "targets/clean/1.0.0", "targets/requirements-ab"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "ready.json").touch()
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/releases.json").write_text(damage, encoding="utf-8")
    found = published(Settings.load(cache=tmp_path / "cache", targets=tmp_path / "targets"))
    assert found.versions == ("0.9.6", "1.0.0") and "installed on this machine" in found.note


@given(st.lists(st.from_regex(r"\d{1,2}(\.\d{1,2}){1,2}", fullmatch=True)))
def test_releases_are_in_order_and_not_too_old(versions: list[str]) -> None:
    found = usable(versions)
    assert list(found) == sorted(found, key=order) and set(found) <= set(versions)
    assert all(order(version) >= (0, 5, 0) for version in found)


def test_a_clean_environment_is_cleaned(tmp_path: Path) -> None:
    settings = Settings.load(targets=tmp_path)
    target = clean_target("installed", settings)
    home = target.python.parent.parent
    assert home == tmp_path / "clean" / PINNED and (target.version, foreign(home)) == (PINNED, set())
    stray = next(home.glob("lib/python3*/site-packages")) / "stray-1.0.dist-info"
    stray.mkdir()
    (stray / "METADATA").write_text("Metadata-Version: 2.1\nName: Stray\nVersion: 1.0\n", encoding="utf-8")
    assert foreign(home) == {"stray"}
    said: list[str] = []
    assert clean_environment([f"stageflow-core=={PINNED}"], settings, said.append) == target.python
    assert foreign(home) == set() and not stray.exists() and "also holds stray" in said[0]


def test_what_cannot_be_had_is_told(tmp_path: Path, offline: Path) -> None:
    settings = Settings.load(targets=tmp_path)
    with pytest.raises(TargetUnavailable, match="too old"):
        clean_target("0.4.0", settings)
    with pytest.raises(TargetUnavailable, match=r"cannot install stageflow-core==99\.0\.0"):
        clean_target("99.0.0", settings)
    with pytest.raises(TargetUnavailable, match="neither a version nor a folder"):
        clean_target(str(tmp_path / "nowhere"), settings)


def test_extras_count_where_they_are_asked_for() -> None:
    installed = {"a": ["b[fast]>=1", 'c; extra == "dev"'], "b": ['d ; extra == "fast"', 'e; extra == "slow"'], "c": [], "d": [], "e": []}
    assert closure(["A==1"], installed) == {"a", "b", "d"}
    assert closure(["a[dev]"], installed) == {"a", "b", "c", "d"}
