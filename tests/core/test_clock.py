"""Working time adds up over the processes of a run."""

import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.clock import FILE, WorkClock, earlier_seconds
from agent.core.workspace import Workspace


def test_the_next_process_goes_on_from_the_last_note(tmp_path: Path) -> None:
    run = Workspace(tmp_path)
    clock = WorkClock(run)
    time.sleep(0.05)
    clock.tick()
    assert not run.path(FILE).exists()
    clock.note()
    noted = earlier_seconds(run)
    assert 0.05 <= noted <= clock.seconds() + 0.001
    assert WorkClock(run).seconds() >= noted


@given(st.one_of(st.binary(max_size=40), st.sampled_from([b"[1]", b'{"seconds": "x"}', b'{"seconds": -4}', b"null"])))
@settings(max_examples=40, deadline=None)
def test_no_content_of_the_note_stops_a_mission(tmp_path_factory, content: bytes) -> None:
    run = Workspace(tmp_path_factory.mktemp("run"))
    run.write(FILE, content)
    assert earlier_seconds(run) >= 0.0
