"""`docs sync` and `docs search` from the front door."""

import json
import os
from importlib.metadata import version

import pytest

from agent.core.settings import project_root
from tests.conftest import agent

RELEASE = version("stageflow-core")
FETCHED = (project_root() / "stageflow-docs" / "upstream" / RELEASE).is_dir()


@pytest.mark.skipif(not FETCHED, reason="the documentation of the release was not fetched")
def test_what_was_fetched_is_not_fetched_again() -> None:
    nowhere = {**os.environ, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    done = agent("docs", "sync", env=nowhere)
    assert done.returncode == 0 and done.stdout.startswith(f"stageflow {RELEASE}: "), done.stderr
    assert done.stdout.rstrip().endswith(f"pages in stageflow-docs/upstream/{RELEASE}")
    told = json.loads(agent("docs", "sync", "--json", env=nowhere).stdout)
    assert told["version"] == RELEASE and told["pages"] > 50


def test_a_release_that_cannot_be_fetched_is_said_in_one_line() -> None:
    done = agent("docs", "sync", "--target", "9.9.9", env={**os.environ, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"})
    assert done.returncode == 4 and "9.9.9" in done.stderr and "Traceback" not in done.stderr
    assert not (project_root() / "stageflow-docs" / "upstream" / "9.9.9").exists()


@pytest.mark.parametrize("wrong", ["../elsewhere", ".", "/", "latest"])
def test_what_is_no_version_leaves_the_folder_alone(wrong: str) -> None:
    done = agent("docs", "sync", "--target", wrong)
    assert done.returncode == 2 and "is not a version" in done.stderr


def test_our_own_guides_are_found_with_their_section() -> None:
    done = agent("docs", "search", "stagnation of a guard retry", "--json")
    hits = json.loads(done.stdout)["hits"]
    assert any(hit["link"] == "guides/retries.md#guard-retry" and hit["collection"] == "own" for hit in hits)
    assert "guides/retries.md" in agent("docs", "search", "stagnation of a guard retry").stdout
