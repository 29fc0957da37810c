"""The committed pages are true: every Python block runs on the release, links lead somewhere, probes and versions exist."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from agent.commands.docs_reference import read_verdicts
from agent.core.settings import Settings, project_root
from agent.court.catalogue import load_catalogue
from tools.doc_blocks import blocks
from tools.doc_sections import own_files, section_exists, sections

DOCS = project_root() / "stageflow-docs"
PAGES = [Path(file) for file in own_files(DOCS)]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.S | re.M)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PROBE = re.compile(r"`([a-z_]+/[a-z0-9_]+)`")
GUIDES = ("pipelines", "stages", "context", "interceptors", "retries", "cancellation", "subpipelines", "tools", "events", "streaming")
GUIDES += ("contracts", "testing")


def name(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


def scripts() -> dict[str, str]:
    found = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in BLOCK.finditer(text):
            found[f"{name(page)}:{text.count(chr(10), 0, block.start()) + 2}"] = block[1]
    return found


SCRIPTS = scripts()


@pytest.fixture(scope="module")
def errors() -> dict[str, str]:
    """What each block raised; empty when it ran to its end."""
    command = [sys.executable, "-I", "-W", "error", str(Path(__file__).with_name("blocks.py"))]
    done = subprocess.run(
        command, input=json.dumps(list(SCRIPTS.items())), env={"PATH": os.defpath}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {row["place"]: row["error"] for row in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("place", SCRIPTS)
def test_a_block_runs_on_the_release(place: str, errors: dict[str, str]) -> None:
    assert not errors[place], errors[place]


def test_a_block_runs_in_a_fresh_interpreter_as_a_reader_would_run_it(tmp_path: Path) -> None:
    place = next(place for place in SCRIPTS if place.startswith("getting-started.md"))
    (tmp_path / "first.py").write_text(SCRIPTS[place], encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", "-W", "error", "first.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]


def test_every_block_is_seen_and_compiles() -> None:
    found = [(name(page), block) for page in PAGES for block in blocks(page.read_text(encoding="utf-8"))]
    assert len(found) == len(SCRIPTS)
    assert not [f"{page}:{block.line}" for page, block in found if block.kind != "code"]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_states_the_version_it_was_checked_against(page: Path) -> None:
    assert f"stageflow-core {version('stageflow-core')}" in page.read_text(encoding="utf-8")[:600]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_sections(page: Path) -> None:
    for section in sections(page):
        for link in LINK.findall(section.text):
            wanted = os.path.normpath(Path(name(page)).parent / link) if not link.startswith("#") else name(page) + link
            assert section_exists(DOCS, "none", wanted), f"{name(page)}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_probes_that_are_named_are_in_the_catalogue(page: Path) -> None:
    known = load_catalogue(project_root() / "components")
    areas = {probe.partition("/")[0] for probe in known}
    named = [probe for probe in PROBE.findall(page.read_text(encoding="utf-8")) if probe.partition("/")[0] in areas]
    assert not [probe for probe in named if probe not in known and not (DOCS / f"{probe}.md").exists()]


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_shows_code_and_tells_defects_that_were_found(guide: str) -> None:
    text = (DOCS / "guides" / f"{guide}.md").read_text(encoding="utf-8")
    listed = set(PROBE.findall(text.partition("## Known defects")[2]))
    assert BLOCK.search(text) and listed
    assert listed <= read_verdicts(None, Settings.load()).seen_by()


def test_pages_of_the_release_that_are_named_exist() -> None:
    release = version("stageflow-core")
    if not (DOCS / "upstream" / release).is_dir():
        pytest.skip(f"the documentation of {release} was not fetched")
    for page in PAGES:
        for named in re.findall(r"`(docs/[\w/-]+\.md(?:#[\w-]+)?)`", page.read_text(encoding="utf-8")):
            assert section_exists(DOCS, release, named), f"{name(page)}: {named}"


def test_the_index_leads_to_every_page() -> None:
    linked = {link.partition("#")[0] for link in LINK.findall((DOCS / "INDEX.md").read_text(encoding="utf-8"))}
    assert {name(page) for page in PAGES} - {"INDEX.md"} <= linked
