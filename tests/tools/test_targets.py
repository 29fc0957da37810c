"""Targets are built for real with uv; documentation comes through pip from an archive made here."""

import hashlib
import io
import json
import shutil
import tarfile
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import TargetUnavailable, ToolFailed
from agent.core.settings import Settings
from agent.core.target import Target
from tools.target_environments import reason
from tools.targets import pinned_version, resolve, sync_docs
from tools.upstream_docs import documentation_path, unpack

PINNED = pinned_version(Settings.load())


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The project's own package cache, and everything else somewhere fresh."""
    folder = tmp_path_factory.mktemp("targets")
    return Settings.load(targets=folder / "targets", docs=folder / "docs")


@pytest.fixture(scope="module")
def installed(settings: Settings) -> Target:
    return resolve("installed", settings)


def checkout(folder: Path, source: str, pyproject: str = "", inner: str = "stageflow") -> Path:
    (folder / inner).mkdir(parents=True)
    (folder / inner / "__init__.py").write_text(source)
    if pyproject:
        (folder / "pyproject.toml").write_text(pyproject)
    return folder


def test_installed_is_the_pinned_release(installed: Target, settings: Settings) -> None:
    assert (installed.label, installed.version, installed.search_path) == ("installed", PINNED, None)
    assert installed.python == settings.targets / PINNED / "bin" / "python"
    assert (installed.package / "__init__.py").is_file()
    assert len(installed.fingerprint) == 16


def test_a_version_is_the_same_environment_and_is_not_built_twice(installed: Target, settings: Settings) -> None:
    said: list[str] = []
    again = resolve(PINNED, settings, said.append)
    assert (again.python, again.fingerprint, said) == (installed.python, installed.fingerprint, [])


def test_a_new_environment_comes_from_the_cache_without_network(
    installed: Target, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    said: list[str] = []
    fresh = resolve(PINNED, settings.model_copy(update={"targets": tmp_path / "t"}), said.append)
    assert fresh.fingerprint == installed.fingerprint
    assert said == [f"making the environment {PINNED}"]


def test_without_cache_and_network_it_says_so(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    empty = settings.model_copy(update={"targets": tmp_path / "t", "cache": tmp_path / "c"})
    with pytest.raises(TargetUnavailable, match=f"cannot install stageflow-core=={PINNED}") as caught:
        resolve(PINNED, empty)
    assert caught.value.exit_code == 4
    assert caught.value.hint
    assert not [p for p in (tmp_path / "t").iterdir() if p.is_dir()]


def test_parallel_builders_share_one_build_and_clear_up_after_a_dead_one(installed: Target, settings: Settings, tmp_path: Path) -> None:
    shared = settings.model_copy(update={"targets": tmp_path / "t"})
    (tmp_path / "t" / PINNED / "bin").mkdir(parents=True)  # left half done
    (tmp_path / "t" / f".{PINNED}.build-dead" / "new").mkdir(parents=True)
    said: list[str] = []
    found: list[Target] = []
    threads = [threading.Thread(target=lambda: found.append(resolve(PINNED, shared, said.append))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {target.fingerprint for target in found} == {installed.fingerprint}
    assert (len(found), said) == (3, [f"making the environment {PINNED}"])
    assert [p.name for p in (tmp_path / "t").iterdir() if p.is_dir()] == [PINNED]


@pytest.mark.parametrize("spec", ["0.4.9", "0.1"])
def test_too_old(spec: str, settings: Settings) -> None:
    with pytest.raises(TargetUnavailable, match="too old"):
        resolve(spec, settings)


@pytest.mark.parametrize("spec", ["/nowhere/at/all", "latest", "", "1.2.0; rm -rf /", "--index-url=x"])
def test_neither_version_nor_folder(spec: str, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(TargetUnavailable, match="neither a version nor a folder"):
        resolve(spec, settings)


def test_an_old_checkout(settings: Settings, tmp_path: Path) -> None:
    folder = checkout(tmp_path / "c", "", '[project]\nname = "stageflow-core"\nversion = "0.4.0"\n')
    with pytest.raises(TargetUnavailable, match=r"0\.4\.0 is too old"):
        resolve(str(folder), settings)


def test_a_bare_copy_uses_the_pinned_environment(installed: Target, settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(installed.package, tmp_path / "copy" / "stageflow", ignore=shutil.ignore_patterns("__pycache__"))
    target = resolve(str(tmp_path / "copy"), settings)
    assert (target.python, target.version, target.fingerprint) == (installed.python, PINNED, installed.fingerprint)
    assert (target.search_path, target.package) == (tmp_path / "copy", tmp_path / "copy" / "stageflow")


def test_a_source_checkout_with_other_dependencies_gets_its_own_environment(installed: Target, settings: Settings, tmp_path: Path) -> None:
    project = '[project]\nname = "stageflow-core"\nversion = "1.3.0"\ndependencies = ["typing_extensions >= 4"]\n'
    folder = checkout(tmp_path / "c", "import typing_extensions\n", project, "src/stageflow")
    target = resolve(str(folder), settings)
    assert (target.version, target.search_path) == ("1.3.0", folder / "src")
    assert target.python != installed.python
    assert target.python.parent.parent.name.startswith("requirements-")
    assert not list(target.python.parent.parent.glob("lib/*/site-packages/stageflow"))


def test_a_broken_package_is_quoted_and_cannot_touch_anything(settings: Settings, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    code = f"try:\n    open({str(victim)!r}, 'w')\nexcept OSError:\n    pass\nraise RuntimeError('the reason')\n"
    with pytest.raises(TargetUnavailable, match="cannot be imported: RuntimeError: the reason"):
        resolve(str(checkout(tmp_path / "c", code)), settings)
    assert not victim.exists()


def test_reason_is_the_root_cause() -> None:
    text = "Using Python 3.11\nerror: No solution found\n  cause: Because x\n\nhint: try y\n"
    assert reason(text) == "Because x"
    assert reason("") == "no message"


BACKEND = """
import pathlib
def prepare_metadata_for_build_wheel(folder, config_settings=None):
    place = pathlib.Path(folder, "stageflow_core-9.0.0.dist-info")
    place.mkdir()
    (place / "METADATA").write_text("Metadata-Version: 2.1\\nName: stageflow-core\\nVersion: 9.0.0\\n")
    return place.name
def build_wheel(*_): raise SystemExit
"""
SDIST = {
    "PKG-INFO": "Metadata-Version: 2.1\nName: stageflow-core\nVersion: 9.0.0\n",
    "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    "backend.py": BACKEND,
    "README.md": "# Read me",
    "docs/index.md": "# Index",
    "docs/guides/a.md": "# A",
    "tests/test_a.py": "",
}


def archive(folder: Path, files: Mapping[str, str], top: str = "stageflow_core-9.0.0") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "stageflow_core-9.0.0.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(f"{top}/{name}" if top else name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return path


@pytest.fixture
def only_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip sees nothing but this folder."""
    links = tmp_path / "links"
    links.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    return links


def test_documentation_arrives_with_its_provenance(settings: Settings, tmp_path: Path, only_here: Path) -> None:
    source = archive(only_here, SDIST)
    mine = settings.model_copy(update={"docs": tmp_path / "docs", "cache": tmp_path / "cache"})
    said: list[str] = []
    folder = sync_docs("9.0.0", mine, said.append)
    assert folder == tmp_path / "docs" / "upstream" / "9.0.0"
    assert {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} == {
        "PROVENANCE.json",
        "README.md",
        "docs/index.md",
        "docs/guides/a.md",
    }
    record = json.loads((folder / "PROVENANCE.json").read_text())
    assert record["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert record["files"]["docs/index.md"] == hashlib.sha256(b"# Index").hexdigest()
    source.unlink()
    assert sync_docs("9.0.0", mine, said.append) == folder  # here and unchanged: nothing to fetch
    assert len(said) == 1
    (folder / "docs/index.md").write_text("changed")
    with pytest.raises(ToolFailed, match="cannot download"):
        sync_docs("9.0.0", mine)
    assert (folder / "docs/guides/a.md").exists()
    assert not [p for p in folder.parent.iterdir() if ".new-" in p.name]


@pytest.mark.parametrize("name", ["../docs/x.md", "/docs/x.md", "top/../../docs/x.md", "top\\..\\docs"])
def test_an_archive_that_leads_outside_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="outside"):
        unpack(archive(tmp_path, {name: "x"}, top=""), tmp_path / "out")
    assert not (tmp_path / "docs").exists()


def test_links_in_an_archive_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        link = tarfile.TarInfo("top/docs")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        tar.addfile(link)
        page = tarfile.TarInfo("top/docs/page.md")
        page.size = 1
        tar.addfile(page, io.BytesIO(b"x"))
    assert list(unpack(path, tmp_path / "out")) == ["docs/page.md"]
    assert not (tmp_path / "page.md").exists()


@pytest.mark.parametrize("raw", [b"", b"no archive"])
def test_damaged_archives(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(raw)
    with pytest.raises(ToolFailed):
        unpack(tmp_path / "a.tar.gz", tmp_path / "out")


@given(st.text(alphabet="./\\adocs\0REM", max_size=24) | st.text(max_size=24))
def test_no_name_leads_out(name: str) -> None:
    try:
        path = documentation_path(name)
    except ToolFailed:
        return
    assert path is None or (Path("/r", path).resolve().is_relative_to("/r") and path.parts[0] in ("docs", "README.md"))
