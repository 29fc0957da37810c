"""How a mission ends before its end: by a person, by the time given, by what the machine lacks; each time with a partial report."""

import contextlib
import faulthandler
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.commands.streams import lost, unwritable
from agent.core.errors import AgentError, LimitReached
from agent.core.settings import Settings
from agent.core.shortage import bounds_suffice, enough, ran_out
from agent.core.workspace import Workspace
from agent.reporting.final_report import rewrite_reports
from agent.reporting.progress import resume_command

SOON, AGAIN = 0.1, 10.0
"""Seconds after which an interruption is repeated that was seen to be dropped, and one that nothing came of: Python drops those that meet a
finalizer. What is given up in good order must have the time for it: a second interruption would meet it half-way."""
STUCK = 45.0
"""Real seconds after which an interrupted mission that still lives is ended where it stands, and says where: all it knows is on disk."""


@dataclass
class Stop:
    """What interrupts a mission; all ways leave the same resumable state.

    Attributes:
        late: its time was over; else a person interrupted it.
        asked: it was interrupted.
        arrived: and is being ended.
        patience: real seconds until a process that was interrupted and still lives is ended where it stands.
    """

    patience: float = STUCK
    late: bool = False
    asked: bool = False
    arrived: bool = False

    def after(self, seconds: float) -> None:
        """Interrupt it when so much time is over."""
        signal.setitimer(signal.ITIMER_REAL, max(0.001, seconds))

    def interrupt(self, number: int, frame: object) -> None:
        """Handle a signal."""
        if not self.asked:
            self.asked, self.late = True, number == signal.SIGALRM
            faulthandler.dump_traceback_later(self.patience, exit=True, file=2)
            signal.setitimer(signal.ITIMER_REAL, AGAIN, AGAIN)
        raise KeyboardInterrupt

    def unraised(self, found: "sys.UnraisableHookArgs") -> None:
        """Tell of an exception that Python drops, but for an interruption, which comes again."""
        if found.exc_type is not KeyboardInterrupt:
            sys.__unraisablehook__(found)
        elif self.asked and not self.arrived:
            signal.setitimer(signal.ITIMER_REAL, SOON, AGAIN)

    def heard(self) -> None:
        """The interruption has arrived where it is handled."""
        self.arrived = True
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextlib.contextmanager
def stoppable(patience: float = STUCK) -> Iterator[Stop]:
    """Ctrl-C, SIGTERM, a terminal that goes away, and the end of the time given interrupt a mission, wherever they meet it."""
    stop = Stop(patience)
    numbers = [signal.SIGTERM, signal.SIGALRM]
    numbers += [
        number for number in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(number) is not signal.SIG_IGN
    ]  # as `nohup` wants it
    before = {number: signal.signal(number, stop.interrupt) for number in numbers}
    hook, sys.unraisablehook = sys.unraisablehook, stop.unraised
    try:
        yield stop
    finally:
        stop.heard()
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)


def fit_for_work(settings: Settings) -> None:
    """See before anything is made that limits and disks let programs work.

    Raises:
        EnvironmentUnfit: a limit set on this process does not.
        LimitReached: a disk is full.
    """
    bounds_suffice()
    enough(places_of(settings))


def places_of(settings: Settings) -> tuple[Path, ...]:
    """Where a command writes."""
    return settings.runs.resolve(), Path(tempfile.gettempdir()), settings.cache


def limit_behind(error: Exception, where: Path) -> LimitReached | None:
    """What ran out when a mission in the folder `where` failed; None when it failed of something else."""
    if isinstance(error, OSError) and (gone := unwritable(error)):
        found = lost(gone)
        return found if isinstance(found, LimitReached) else None
    return ran_out(error, where)


def with_the_way_on(limit: LimitReached, workspace: Workspace, settings: Settings) -> LimitReached:
    """The limit, with the partial report and the command that goes on."""
    hint = f"{limit.hint}\n  {partial_report(workspace, settings)}\n  Go on with: {resume_command(workspace, settings)}"
    return LimitReached(str(limit), hint=hint.strip())


def out_of_time(minutes: float, workspace: Workspace, settings: Settings) -> LimitReached:
    """The time given is over."""
    hint = f"{partial_report(workspace, settings)}\n  Go on with: {resume_command(workspace, settings)}"
    return LimitReached(f"the {minutes:g} minutes of this mission are used up", hint=hint)


def partial_report(workspace: Workspace, settings: Settings) -> str:
    """Write the report of what is there; where it is, or why there is none."""
    try:
        return f"Report of what is there: {rewrite_reports(workspace, settings)}"
    except (AgentError, OSError) as error:
        return f"No report could be written: {error}"
    except KeyboardInterrupt:
        return f"The report was not written; later: python -m agent report {Path(workspace.root.parent.name) / workspace.root.name}"
