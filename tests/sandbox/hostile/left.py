"""What is left in the folders a job may write, for whoever reads, lists or deletes them afterwards."""

import contextlib
import os
import socket
import sys
from pathlib import Path

from .attack import ALONE, At, attack


@attack("left behind")
def log_swapped_for_a_link(at: At) -> None:
    """The agent appends what the program said to this file, as soon as it has ended."""
    Path("results/logs/own.log").unlink()
    Path("results/logs/own.log").symlink_to(at["victim"])


@attack("left behind")
def log_swapped_for_the_ledger(at: At) -> None:
    Path("results/logs/own.log").unlink()
    Path("results/logs/own.log").symlink_to("../../ledger.jsonl")


@attack("left behind")
def metrics_that_are_a_secret(at: At) -> None:
    """The agent reads metrics into the report."""
    Path("results/metrics/own.json").symlink_to(at["secret"])


@attack("left behind")
def folder_that_is_a_link(at: At) -> None:
    Path("results/metrics").rmdir()
    Path("results/metrics").symlink_to(Path(at["drop"]).parent)


@attack("left behind")
def link_by_proc(at: At) -> None:
    """Leads to whatever the reader has open or has as its root."""
    Path("results/metrics/own.json").symlink_to("/proc/self/environ")


@attack("left behind")
def pipe_that_never_answers(at: At) -> None:
    os.mkfifo("results/metrics/own.json")


@attack("left behind")
def socket_file(at: At) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind("results/metrics/s")


@attack("left behind")
def names_that_speak_to_terminals(at: At) -> None:
    for name in ("\x1b]0;hostile\x07", "\x1b[2Jgone", "two\nlines", "\u202egpj.exe"):
        Path(f"results/{name}.json").write_text("{}")


@attack("left behind")
def names_that_are_no_text(at: At) -> None:
    """A report that quotes one cannot be written as UTF-8."""
    os.close(os.open(b"results/\xff\xfe.json", os.O_CREAT | os.O_WRONLY))


@attack("left behind", limits=ALONE)
def folders_without_bottom(at: At) -> None:
    """Deeper than a recursive walk or delete can go, in the run and in the scratch folder."""
    for place in ("results", at["scratch"]):
        os.chdir(at["folder"])
        os.chdir(place)
        with contextlib.suppress(OSError):
            for _ in range(1050):
                os.mkdir("deep")
                os.chdir("deep")


@attack("left behind", limits=ALONE)
def folders_that_nobody_may_enter(at: At) -> None:
    for place in ("results", at["scratch"]):
        closed = Path(place) / "closed"
        closed.mkdir()
        (closed / "file").write_text("x")
        closed.chmod(0)


@attack("output", limits=ALONE)
def escapes_in_output(at: At) -> None:
    """Titles, colours, the clipboard, answers that are typed, links, C1 codes, backspaces, direction marks."""
    parts = (
        "\x1b]0;title\x07", "\x1b]52;c;aG9zdGlsZQ==\x07", "\x1b[2J\x1b[H", "\x1b[6n", "\x1bP$q\x1b\\", "\x1b]8;;http://hostile\x07link\x1b]8;;\x07",
        "\x9b31m", "\x9d0;title\x9c", "ok\b\bno", "\rover", "\x00\x07\x0e\x0f", "\u202ereversed\u202c", "\u2066x\u2069", "\x1b", "\x1b[", "\x1bc",
    )  # fmt: skip
    for stream in (sys.stdout, sys.stderr):
        stream.write("".join(parts) + "\n")


@attack("output", limits=ALONE)
def escapes_in_the_last_words(at: At) -> None:
    """An error message of the sandbox quotes the last line of a job that silenced its warden."""
    import signal

    sys.stderr.write("\x1b]0;hostile\x07\x1b[2J\u202elast words\n")
    sys.stderr.flush()
    os.kill(os.getppid(), signal.SIGKILL)


@attack("output", limits=ALONE)
def bytes_that_are_no_text(at: At) -> None:
    os.write(1, bytes(range(256)) * 40 + b"\xff\xfe\xed\xa0\x80\n")
