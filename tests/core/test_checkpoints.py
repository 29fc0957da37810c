"""Checkpoints that were written under a clock that was ahead are known by their ids."""

import sqlite3
import time
import uuid
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.sqlite import SqliteSaver

from agent.core.checkpoints import GREGORIAN, from_the_future, written_at


def id_at(seconds: float) -> str:
    """A version 6 UUID of a moment (RFC 9562, 5.6)."""
    stamp = int(seconds * 1e7) + GREGORIAN
    return str(uuid.UUID(int=(stamp >> 12) << 80 | 0x6 << 76 | (stamp & 0xFFF) << 64 | 0x2 << 62 | 12345))


@given(st.floats(min_value=0, max_value=2**33))
def test_a_moment_is_read_from_an_id(seconds: float) -> None:
    assert abs(written_at(id_at(seconds)) - seconds) < 1e-5 * max(1.0, seconds / 1e9)
    assert uuid.UUID(id_at(seconds)).version == 6


def test_ids_of_the_library_are_of_now() -> None:
    assert abs(written_at(empty_checkpoint()["id"]) - time.time()) < 5


@given(st.lists(st.sampled_from([-400, -3, -0.01, 3, 400]), max_size=5))
def test_one_checkpoint_of_tomorrow_is_enough(days: list[float]) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        saver = SqliteSaver(connection)
        for number, day in enumerate(days):
            checkpoint = {**empty_checkpoint(), "id": id_at(time.time() + day * 86_400)}
            place = {"configurable": {"thread_id": "walk", "checkpoint_ns": f"phase{number % 2}"}}
            saver.put(place, checkpoint, {"source": "loop", "step": number, "parents": {}}, {})  # type: ignore[arg-type]
        assert from_the_future(saver, "walk") == any(day > 0 for day in days)
        saver.delete_thread("walk")
        assert not from_the_future(saver, "walk")
