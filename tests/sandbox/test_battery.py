"""All attacks against the sandbox that a mission takes, as whoever runs the tests and as an ordinary user: nothing happens outside."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.sandbox.hostile import TABLE
from tests.sandbox.users import User, played, users
from tools.sandbox import choose, weakness

FAMILIES = {
    "environment", "processes", "reads", "writes", "ledger", "mounts", "network", "sockets", "signals", "ptrace", "daemons", "privileges",
    "keyring", "shared memory", "kernel", "terminal", "output", "left behind", "start-up files", "processes bomb", "memory bomb", "time bomb",
    "disk bomb", "descriptors", "output bomb",
}  # fmt: skip


@pytest.fixture(scope="module")
def reports() -> dict[User, dict[str, Any]]:
    """Of every user, played at the same time."""
    sandbox = choose("auto")
    if open_doors := weakness(sandbox):
        pytest.skip(f"only a weak sandbox works here; {open_doors}")
    with ThreadPoolExecutor() as pool:
        return dict(zip(users(), pool.map(lambda user: played(sandbox.name, user), users()), strict=True))


@pytest.mark.parametrize("user", users())
def test_nothing_happens_outside(reports: dict[User, dict[str, Any]], user: User) -> None:
    report = reports[user]
    assert len(report["rows"]) == len(TABLE) >= 60
    assert {row["name"]: row["through"] for row in report["rows"] if row["through"]} == {}


def test_every_family_is_attacked() -> None:
    assert {attack.against for attack in TABLE.values()} == FAMILIES


def test_the_battery_sees_what_gets_through() -> None:
    """The weakest sandbox forbids nothing: each kind of evidence is found there, so silence elsewhere means something."""
    chosen = (
        "read-absolute",
        "write-absolute",
        "ledger-append",
        "tcp-loopback",
        "abstract-socket",
        "signal-to-the-agent",
        "daemon-twice-forked",
    )
    report = played("rlimits", "root" if users()[0] == "root" else "ordinary user", chosen)
    assert {row["name"] for row in report["rows"] if row["through"]} == set(chosen)
