"""Tells a person at a terminal what the mission is doing; plain lines when nobody watches."""

import time
from typing import assert_never

from rich.console import Console

from agent.core import events

QUIET_SECONDS = 3.0
"""At most one progress line in that time when the output is not a terminal."""
LONGEST_ERROR = 120
"""Characters of an error shown on screen; the whole of it is in the call's marker."""


class ConsoleListener:
    """Prints events; long tools get a status line that is rewritten in place on a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("")
        self._doing = ""
        self._why: dict[str, str] = {}
        self._last = 0.0

    def __call__(self, event: events.Event) -> None:
        """Print one event."""
        match event:
            case events.MissionStarted():
                doing = "goes on" if event.resumed else "starts"
                self._console.print(f"[bold]{event.entry}[/] {doing} in {event.run}", highlight=False, soft_wrap=True)
                for notice in event.notices:
                    self._console.print(f"  note: {notice}", markup=False, highlight=False, soft_wrap=True)
            case events.PhaseStarted():
                self._console.print(f"[bold cyan]{event.number}/7 {event.phase}[/]  {event.purpose}", highlight=False, soft_wrap=True)
            case events.ActionStarted():
                self._doing = self._why[event.call_id] = event.why
                self._status.update(self._escaped(event.why))
                self._status.start()
            case events.ToolProgressed():
                self._progress(event.text)
            case events.ModelAsked():
                pass  # the decision's action tells what came of it
            case events.ActionFinished():
                self._status.stop()
                mark, done = "ok " if event.ok else "no ", event.done
                tail = "" if event.ok else f"  ({event.error[:LONGEST_ERROR]})"
                self._console.print(
                    f"   {mark} {self._why.pop(done.call_id)}  {done.seconds:.1f} s{tail}", markup=False, highlight=False, soft_wrap=True
                )
            case events.GateChecked():
                for line in event.missing:
                    self._console.print(
                        f"   gate: {line}{' (finished without it)' if event.degraded else ''}", markup=False, highlight=False
                    )
            case events.PhaseFinished():
                how = "adopted from earlier work" if event.adopted else f"done, {event.seconds:.0f} s of work"
                self._console.print(f"    -> {event.phase} {how}", highlight=False, soft_wrap=True)
            case events.MissionFinished():
                found = f"[bold green]{event.confirmed} confirmed defects.[/]"
                self._console.print(f"{found} Report: {event.report}", highlight=False, soft_wrap=True)
            case _:
                assert_never(event)

    def _escaped(self, text: str) -> str:
        return text.replace("[", "\\[")

    def _progress(self, text: str) -> None:
        if self._console.is_terminal:
            self._status.update(f"{self._escaped(self._doing)}: {self._escaped(text)}")
        elif time.monotonic() - self._last > QUIET_SECONDS:
            self._last = time.monotonic()
            self._console.print(f"       {self._doing}: {text}", markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._status.stop()
