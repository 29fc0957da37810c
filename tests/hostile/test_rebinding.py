"""A name whose address changes between check and connection leads to no address that was not checked."""

import json
import subprocess
import sys
from typing import Any

import pytest

ALONE = ("unshare", "--user", "--map-root-user", "--mount", "--net")
PUBLIC, PRIVATE = "93.184.215.14", "127.0.0.1"


def page_of(first: str, then: str, *more: str) -> dict[str, Any]:
    done = subprocess.run([*ALONE, sys.executable, "-m", "tests.hostile.rebinding", first, then, *more], capture_output=True, text=True)
    if done.returncode and "unshare" in done.stderr:
        pytest.skip(f"no namespaces of its own here: {done.stderr.strip()}")
    assert not done.returncode, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(("first", "then"), [(PUBLIC, PRIVATE), (PRIVATE, PUBLIC), (PRIVATE, PRIVATE), (PUBLIC, "169.254.169.254")])
def test_no_answer_of_a_name_server_leads_inside(first: str, then: str) -> None:
    found = page_of(first, then)
    assert found["answered"] and not found["reached"] and not json.loads(found["said"])["ok"]


def test_the_listener_would_notice() -> None:
    assert page_of(PRIVATE, PRIVATE, "--name-host")["reached"] == ["/robots.txt", "/"]
