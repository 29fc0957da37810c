"""Log analysis: what it reads, what it flags, what it leaves alone, and what it says about what it could not check."""

import io
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.errors import InvalidArguments, ToolFailed, WorkspaceEscape
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace
from tools.analyze_logs import TOOL, AnalyzeLogsResult
from tools.logs.parse import Entry, clean, entries
from tools.logs.templates import TEMPLATES_KEPT, mask


def parsed(text: str | bytes) -> list[Entry]:
    return list(entries(io.BytesIO(text if isinstance(text, bytes) else text.encode())))


class Run:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "results" / "logs"
        self.folder.mkdir(parents=True)

    def analyze(self, content: str | bytes, **arguments: Any) -> AnalyzeLogsResult:
        (self.folder / "t.log").write_bytes(content if isinstance(content, bytes) else content.encode())
        context = ToolContext(Settings.load({}), None, Workspace(self.root), lambda line: None)
        return TOOL.call({"log": "results/logs/t.log", "name": "t"} | arguments, context)

    def summary(self) -> str:
        return (self.folder / "t_analysis.md").read_text(encoding="utf-8")

    def document(self, what: str) -> Any:
        return json.loads((self.folder / f"t_{what}.json").read_text(encoding="utf-8"))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def line(second: float, rest: str) -> str:
    whole = int(second)
    return f"2026-01-01 10:{whole // 60:02d}:{whole % 60:02d},{int(second % 1 * 1000):03d} {rest}\n"


def flags(result: AnalyzeLogsResult, pattern: str) -> list[tuple[tuple[int, ...], str]]:
    return [(flag.lines, flag.message) for flag in result.flags if flag.pattern == pattern]


@pytest.mark.parametrize(
    ("text", "level", "logger", "message"),
    [
        ("2026-01-01 10:00:00,123 INFO stageflow.pipeline Pipeline started", "INFO", "stageflow.pipeline", "Pipeline started"),
        ("2026-01-01 10:00:00,123 INFO Pipeline started", "INFO", "", "Pipeline started"),
        ("2026-01-01T10:00:00.123456Z - stageflow.x - ERROR - no: way", "ERROR", "stageflow.x", "no: way"),
        ("[2026-01-01 10:00:00] [WARN] app: odd", "WARNING", "app", "odd"),
        ("ERROR:root:no way", "ERROR", "root", "no way"),
        ("2026-01-01 10:00:31 [info     ] an event   key=val", "INFO", "", "an event   key=val"),
        ("\x1b[2m2026-01-01 10:00:31\x1b[0m [\x1b[31m\x1b[1merror    \x1b[0m] an event", "ERROR", "", "an event"),
        ('{"level": "warning", "logger": "a.b", "event": "hello", "timestamp": "2026-01-01T10:00:00Z"}', "WARNING", "a.b", "hello"),
        ('{"levelno": 50, "name": "a", "message": "hello", "time": 1767261600000}', "CRITICAL", "a", "hello"),
        ("an error in free text", "", "", "an error in free text"),
        ("information is not a level", "", "", "information is not a level"),
        ('{"not": "closed"', "", "", '{"not": "closed"'),
    ],
)
def test_lines_of_all_sorts_are_read(text: str, level: str, logger: str, message: str) -> None:
    (entry,) = parsed(text)
    assert (entry.level, entry.logger, entry.message) == (level, logger, message)


def test_times_of_all_sorts_are_the_same_moment() -> None:
    texts = (
        "2026-01-01 10:00:00,500 INFO a",
        "2026-01-01T12:00:00.5+02:00 INFO a",
        "[2026-01-01T10:00:00.500Z] INFO a",
        '{"msg": "a", "ts": 1767261600.5}',
        '{"msg": "a", "time": 1767261600500}',
        '{"msg": "a", "@timestamp": "2026-01-01T10:00:00.500Z"}',
    )
    assert {parsed(text)[0].time for text in texts} == {1767261600.5}
    assert parsed("2026-99-01 10:00:00 INFO a")[0].time is None


TRACEBACKS = """2026-01-01 10:00:00,000 ERROR app.core could not charge
Traceback (most recent call last):
  File "/app/a.py", line 3, in outer
    inner()
    ~~~~~^^
  File "/app/b.py", line 9, in inner
    raise KeyError("x")
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/a.py", line 5, in outer
app.errors.Refused: no: really
2026-01-01 10:00:01,000 INFO app.core on we go
  + Exception Group Traceback (most recent call last):
  |   File "/app/g.py", line 1, in many
  | ExceptionGroup: many (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/h.py", line 2, in one
    | ValueError: 1
    +------------------------------------
the end
"""


def test_tracebacks_are_one_entry_each_and_belong_to_their_error(run: Run) -> None:
    result = run.analyze(TRACEBACKS)
    assert flags(result, "traceback") == [
        ((2,), "KeyError raised in /app/b.py:9 in inner"),
        ((12,), "app.errors.Refused raised in /app/a.py:5 in outer"),
        ((16,), "ExceptionGroup raised in /app/g.py:1 in many"),
    ]
    assert (result.errors, result.entries) == (2, 6)
    first, group = run.document("errors")["errors"]
    assert [trace["exception"] for trace in first["tracebacks"]] == ["KeyError", "app.errors.Refused"]
    assert first["tracebacks"][0] == {"exception": "KeyError", "message": "'x'", "innermost_frame": "/app/b.py:9 in inner", "lines": [2, 8]}
    assert group["tracebacks"][0]["lines"] == [16, 23]
    assert group["after"] == ["the end"]


def test_a_traceback_inside_json_is_read() -> None:
    text = json.dumps(
        {"level": "error", "event": "boom", "exception": 'Traceback (most recent call last):\n  File "z.py", line 1, in q\nOSError: no'}
    )
    (entry,) = parsed(text)
    assert entry.traceback and (entry.traceback.type, entry.traceback.frame) == ("OSError", "z.py:1 in q")


def test_a_traceback_that_another_line_cuts_short_ends_there() -> None:
    found = parsed('Traceback (most recent call last):\n  File "a.py", line 1, in f\n2026-01-01 10:00:00,000 INFO a.b next\n')
    assert [(entry.form, entry.line) for entry in found] == [("traceback", 1), ("plain", 3)]


def test_errors_come_with_three_lines_on_either_side(run: Run) -> None:
    run.analyze(
        "".join(f"INFO:app:line {n}\n" for n in range(1, 6)) + "ERROR:app:boom\n" + "".join(f"INFO:app:line {n}\n" for n in range(7, 12))
    )
    (error,) = run.document("errors")["errors"]
    assert error["before"] == [f"INFO:app:line {n}" for n in (3, 4, 5)]
    assert error["after"] == [f"INFO:app:line {n}" for n in (7, 8, 9)]
    assert (error["line"], error["logger"]) == (6, "app")


@pytest.mark.parametrize(
    ("message", "template"),
    [
        ("run 6fa459ea-ee8a-3ca4-894e-db77e160355e took 12.5 ms", "run <uuid> took <duration>"),
        ("object at 0x7fe41845ea00", "object at <hex>"),
        ("stage 'a b' and \"c\" don't", "stage <text> and <text> don't"),
        ("wrote /tmp/x/y.json, 3 of 1,024", "wrote <path>, <number> of <number>"),
        ("retry-3 of stage_12", "retry-<number> of stage_<number>"),
        ("digest deadbeef01 or facade", "digest <hex> or facade"),
        ("two  spaces", "two spaces"),
    ],
)
def test_changing_parts_are_masked(message: str, template: str) -> None:
    assert mask(message) == template


def test_levels_and_templates_are_counted(run: Run) -> None:
    result = run.analyze("# retries: 3\nINFO:a:took 1 ms\nINFO:a:took 2 ms\nWARNING:a:odd\nfree text\n\n")
    assert result.levels == {"INFO": 2, "WARNING": 1, "none": 1}
    stats = run.document("stats")
    assert [(row["template"], row["count"], row["first_line"], row["last_line"]) for row in stats["templates"]] == [
        ("took <duration>", 2, 2, 3),
        ("odd", 1, 4, 4),
        ("free text", 1, 5, 5),
    ]
    assert stats["forms"] == {"plain": 3, "header": 1, "text": 1}
    assert result.files == tuple(f"results/logs/t_{what}" for what in ("analysis.md", "stats.json", "errors.json"))


def test_a_clean_log_is_flagged_nowhere_and_says_what_was_checked(run: Run) -> None:
    text = "".join(
        line(n, f"INFO stageflow.run Run started request_id=r{n}")
        + line(n + 0.1, f"DEBUG stageflow.run 0 failed, no errors, failed=0, error_rate=0.0, timeout=30 request_id=r{n}")
        + line(n + 0.2, f"INFO stageflow.run Run completed request_id=r{n}")
        for n in range(10)
    )
    result = run.analyze(text, expected_pairs=[["Run started", "Run completed"]], errors_expected=False)
    assert (result.flags, result.errors) == ((), 0)
    summary = run.summary()
    assert summary.count("nothing found") == 10
    assert "equal errors in a row without growing intervals | not applicable: no line was logged as an error" in summary
    assert "No check found anything." in summary


def test_checks_that_a_log_does_not_allow_are_said(run: Run) -> None:
    result = run.analyze("just words\nand more\n", expected_pairs=[["start", "end"]])
    reasons = "\n".join(result.checks_without_result)
    for words in (
        "no line has a level",
        "no line carries a correlation id",
        "neither pattern is in the log",
        "fewer than two lines have a timestamp",
    ):
        assert words in reasons
    assert run.analyze("").levels == {}
    assert "the log is empty" in run.summary()


def test_starts_without_an_end(run: Run) -> None:
    text = (
        "".join(line(n, f"INFO a.b stage s{n % 3} started") for n in range(3))
        + line(4, "INFO a.b stage s1 done")
        + line(4, "INFO a.b stage s9 done")
    )
    result = run.analyze(text, expected_pairs=[[r"stage (\w+) started", r"stage (\w+) done"]])
    assert [lines for lines, _ in flags(result, "orphaned_start")] == [(1,), (3,)]
    stats = next(check["stats"] for check in run.document("stats")["checks"] if check["check"].startswith("pair"))
    assert stats == {"starts": 3, "ends": 2, "open": 2, "ends_without_start": 1, "lines_of_ends_without_start": [5]}


def test_an_end_that_is_never_logged(run: Run) -> None:
    result = run.analyze("INFO:a:job began\nINFO:a:job began\n", expected_pairs=[["job began", "job ended"]])
    assert [lines for lines, _ in flags(result, "missing_success")] == [(1, 2)]


def test_correlation_ids_that_stop_half_way(run: Run) -> None:
    text = ""
    for n in range(20):
        text += line(n, f"INFO a.b received request_id=r{n}")
        text += line(n, f"INFO a.b answer sent request_id=r{n}") if n not in (7, 8) else ""
        text += line(n, f"ERROR a.b gave up request_id=r{n}") if n == 8 else ""
    result = run.analyze(text)
    assert [message.split()[0] for _, message in flags(result, "missing_success")] == ["r7"]


def test_lines_that_lost_their_correlation_id(run: Run) -> None:
    text = "".join(line(n, f"INFO a.b work request_id=r{n}") for n in range(8)) + line(9, "INFO a.b work") + line(9, "INFO other.lib tick")
    result = run.analyze(text)
    assert flags(result, "correlation_missing") == [((9,), "1 of 9 lines of a.b carry no correlation id, the others do")]


def test_the_same_error_in_a_row_unless_it_backs_off(run: Run) -> None:
    steady = "".join(line(n, f"ERROR a.b attempt {n} failed") for n in range(4))
    growing = "".join(line(60 + 2**n, f"ERROR a.b call {n} refused") for n in range(5))
    others = "".join(line(120 + n, f"ERROR a.b run {uuid.UUID(int=n)} broke") for n in range(5))
    assert [lines for lines, _ in flags(run.analyze(steady + growing + others), "duplicate_errors")] == [(1, 2, 3, 4)]


def test_failures_told_at_a_harmless_level(run: Run) -> None:
    messages = ("charge failed, carrying on", "3 errors", "errors: 0", "error handling is on", "no failures", "request timed out")
    text = "".join(f"INFO:a:{message}\n" for message in messages) + "WARNING:a:failed\n"
    assert [lines for lines, _ in flags(run.analyze(text), "unexpected_error")] == [(1,), (2,), (6,)]


def test_every_error_of_a_test_that_should_pass(run: Run) -> None:
    assert flags(run.analyze("ERROR:a:boom\n"), "unexpected_error") == []
    assert flags(run.analyze("ERROR:a:boom\n", errors_expected=False), "unexpected_error") == [
        ((1,), "ERROR in a test that should pass: boom")
    ]


def test_one_message_at_two_levels(run: Run) -> None:
    result = run.analyze("INFO:a:stage 'x' skipped\nERROR:a:stage 'y' skipped\nINFO:a:5\nERROR:a:6\n")
    assert [lines for lines, _ in flags(result, "level_inconsistent")] == [(1, 2)]


def test_gaps_steps_back_and_bursts(run: Run) -> None:
    text = "".join(line(n, "INFO a.b tick") for n in range(10)) + line(30, "INFO a.b late") + line(29.5, "INFO a.b earlier")
    text += "".join(line(31, "INFO a.b rush") for _ in range(150))
    result = run.analyze(text)
    assert flags(result, "gap") == [((10, 11), "nothing for 21.0 s between lines 10 and 11")]
    assert flags(result, "out_of_order") == [((12,), "1 timestamps are earlier than the one before, by up to 0.500 s")]
    assert [lines for lines, _ in flags(result, "burst")] == [(13,)]
    assert flags(run.analyze(text, gap_seconds=60), "gap") == []


def test_waiting_without_progress_but_not_busy_work(run: Run) -> None:
    stuck = "INFO:a:start\nINFO:a:go\nINFO:b:now\n" + "INFO:a:waiting for lock A 3s\nINFO:a:waiting for lock B 4s\n" * 15
    (found,) = flags(run.analyze(stuck), "no_progress")
    assert "2 things over and over: waiting for lock" in found[1]
    assert flags(run.analyze("INFO:a:stage started\nINFO:a:stage completed\n" * 100), "no_progress") == []


def test_difference_from_a_baseline(run: Run) -> None:
    (run.folder / "good.log").write_text("INFO:a:begin\nINFO:a:payment completed\n")
    result = run.analyze("INFO:a:begin\nERROR:a:odd thing\nINFO:a:new words\n", baseline="results/logs/good.log")
    assert [message for _, message in flags(result, "unexpected_error")] == ["1 × an error that the baseline does not have: odd thing"]
    assert [message for _, message in flags(result, "missing_success")] == [
        "the baseline logs it 1 times, this log never: payment completed"
    ]
    (stats,) = [check["stats"] for check in run.document("stats")["checks"] if "baseline" in check["check"]]
    assert [row["template"] for row in stats["only_here"]] == ["odd thing", "new words"]


def test_what_is_shown_cannot_drive_a_terminal_or_break_the_page(run: Run) -> None:
    run.analyze(b"INFO:a:failed \x1b[31mred\x1b]0;title\x07 \x9b5m \x00\xe2\x80\xae | ``` <script> [x](y)\nERROR:a:# heading\x1b[2J\n")
    for file in run.folder.glob("t_*"):
        text = file.read_text(encoding="utf-8")
        assert not any(ord(character) < 32 and character != "\n" for character in text)
        assert not set("\x7f\x9b\u202e") & set(text)
    outside_code = [row for row in run.summary().splitlines() if not row.startswith("    ")]
    assert not any(re.search(r"(?<!\\)[<\[]|```", row) for row in outside_code)


def test_more_templates_than_are_kept_is_said(run: Run) -> None:
    words = ("".join(chr(97 + n // 26**k % 26) for k in range(3)) for n in range(TEMPLATES_KEPT + 50))
    result = run.analyze("".join(f"INFO:a:{word}\n" for word in words))
    assert result.templates == TEMPLATES_KEPT
    assert f"50 lines belong to templates beyond the first {TEMPLATES_KEPT}" in run.summary()


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    (first, second) = parsed(b"INFO:a:" + b"x" * 5_000_000 + b"\nINFO:a:next\n")
    assert len(first.message) < 70_000
    assert (second.line, second.message) == (2, "next")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"log": "results/logs/absent.log"}, "there is no log"),
        ({"log": "results/logs"}, "there is no log"),
        ({"expected_pairs": [["(", "b"]]}, "no regular expression"),
        ({"expected_pairs": [["(a+)+", "b"]]}, "repeats a repetition"),
        ({"baseline": "results/logs/absent.log"}, "there is no log"),
    ],
)
def test_what_cannot_be_done_is_a_tool_failure(run: Run, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ToolFailed, match=words):
        run.analyze("INFO:a:b\n", **arguments)
    assert not list(run.folder.glob("t_*"))


def test_nothing_outside_of_the_run_is_read_or_written(run: Run) -> None:
    with pytest.raises(WorkspaceEscape):
        run.analyze("", log="../../etc/passwd")
    with pytest.raises(InvalidArguments):
        run.analyze("", name="../x")


TRACE_PIECES = (b"Traceback (most recent call last):", b'  File "a", line 1, in f', b"ValueError: x", b"  | ", b"  +-+--- 1 ---")
PIECES = st.sampled_from((*TRACE_PIECES, b'{"a":', b"}", b"2026-01-01 10:00:00,000 ", b"INFO ", b"\n", b"\x1b["))


@given(st.lists(PIECES | st.binary(max_size=20), max_size=30).map(b"".join))
@settings(deadline=None)
def test_no_bytes_make_the_reader_fail(content: bytes) -> None:
    found = parsed(content)
    numbers = [entry.line for entry in found]
    assert numbers == sorted(set(numbers))
    assert all(1 <= number <= content.count(b"\n") + 1 for number in numbers)
    assert all(clean(entry.raw) == entry.raw for entry in found)


@given(st.lists(PIECES | st.binary(max_size=20), max_size=30).map(b"".join))
@settings(deadline=None, max_examples=40)
def test_no_bytes_make_the_analysis_fail(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    run = Run(tmp_path_factory.mktemp("run"))
    result = run.analyze(content, expected_pairs=[["a", "b"]])
    assert sum(result.levels.values()) <= result.entries
    assert run.document("errors")["total"] == result.errors
