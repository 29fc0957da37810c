"""All attacks against the sandbox that a mission takes, as whoever runs the tests and as an ordinary user: nothing happens outside."""

import pytest

from tests.sandbox.hostile import TABLE
from tests.sandbox.users import User, played, users
from tools.sandbox import choose, weakness

FAMILIES = {
    "environment", "processes", "reads", "writes", "ledger", "mounts", "network", "sockets", "signals", "ptrace", "daemons", "privileges",
    "keyring", "shared memory", "kernel", "terminal", "output", "left behind", "start-up files", "processes bomb", "memory bomb", "time bomb",
    "disk bomb", "descriptors", "output bomb",
}  # fmt: skip


@pytest.mark.parametrize("user", users())
def test_nothing_happens_outside(user: User) -> None:
    sandbox = choose("auto")
    if open_doors := weakness(sandbox):
        pytest.skip(f"only a weak sandbox works here; {open_doors}")
    report = played(sandbox.name, user)
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
