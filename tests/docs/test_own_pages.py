"""The committed pages are true: every Python block runs on the release, links lead somewhere, and the version is stated."""

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from agent.core.settings import project_root
from tools.doc_sections import section_exists, sections

DOCS = project_root() / "stageflow-docs"
PAGES = sorted(DOCS.glob("*.md"))
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.S | re.M)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def scripts() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in BLOCK.finditer(text):
            found.append((f"{page.name}:{text.count(chr(10), 0, block.start()) + 2}", block[1]))
    return found


@pytest.mark.parametrize("script", [pytest.param(code, id=place) for place, code in scripts()])
def test_a_block_runs_on_the_release(script: str, tmp_path: Path) -> None:
    file = tmp_path / "block.py"
    file.write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(file)], cwd=tmp_path, env={"PATH": os.defpath}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_states_the_version_it_was_checked_against(page: Path) -> None:
    assert f"stageflow-core {version('stageflow-core')}" in page.read_text(encoding="utf-8")[:600]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_sections(page: Path) -> None:
    for section in sections(page):
        for link in LINK.findall(section.text):
            wanted = link if not link.startswith("#") else page.name + link
            assert section_exists(DOCS, "none", wanted), f"{page.name}: {link}"


def test_pages_of_the_release_that_are_named_exist() -> None:
    release = version("stageflow-core")
    if not (DOCS / "upstream" / release).is_dir():
        pytest.skip(f"the documentation of {release} was not fetched")
    for page in PAGES:
        for named in re.findall(r"`(docs/[\w/-]+\.md(?:#[\w-]+)?)`", page.read_text(encoding="utf-8")):
            assert section_exists(DOCS, release, named), f"{page.name}: {named}"


def test_there_is_something_to_read_offline() -> None:
    assert {"INDEX.md", "quickstart.md"} <= {page.name for page in PAGES}
    assert len(scripts()) >= 10
