"""Faults on purpose: every nth request or a seeded share of them, never silently."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

FaultKind = Literal["error", "latency", "timeout", "partial", "cancel", "duplicate"]
HANG_SECONDS = 20.0
"""How long a hanging request waits when nobody gives up on it."""


class ServiceDown(ConnectionError):
    """The mock refused or broke the connection."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong, where, and when.

    Attributes:
        kind: error: connection refused; latency: `milliseconds` more; timeout: no answer for `milliseconds` (or very long);
            partial: a write is applied but its answer is lost, a read fails; cancel: the caller is told to cancel its run;
            duplicate: the request is delivered twice.
        target: name of a service or of a stage.
        rate: share of the requests that it strikes.
        nth: or exactly these requests, counted from 1 among those that this fault is about.
        operation: only requests for this operation of a service; any when empty.
        milliseconds: for latency and timeout.
    """

    kind: FaultKind
    target: str
    rate: float = 0.0
    nth: tuple[int, ...] = ()
    operation: str = ""
    milliseconds: float = 0.0


class FaultPlan:
    """Draws faults reproducibly: the nth request to a target gets the same answer for the same seed.

    Attributes:
        active: switched off, nothing goes wrong and nothing is counted.
        struck: how often each (target, kind) struck.
        on_cancel: called with the target when a fault of kind `cancel` strikes.
        release_seconds: how long a cancelled request takes to give its connection back.
    """

    def __init__(self, faults: Sequence[Fault] = (), seed: int = 0, active: bool = True) -> None:
        self.active = active
        self.struck: Counter[tuple[str, str]] = Counter()
        self.on_cancel: Callable[[str], None] = lambda target: None
        self.release_seconds = 0.0
        self._faults: tuple[Fault, ...] = ()
        self._requests: Counter[Fault] = Counter()
        self._random: dict[Fault, random.Random] = {}
        self.replace(faults, seed)

    def replace(self, faults: Sequence[Fault], seed: int = 0) -> None:
        """Go on with other faults, counting requests from 1 again."""
        self._faults = tuple(faults)
        self._requests.clear()
        self._random = {fault: random.Random(f"{seed}:{fault}") for fault in self._faults}

    def draw(self, target: str, operation: str = "") -> Fault | None:
        """The fault that strikes this request to `target`, if any."""
        if not self.active:
            return None
        struck = [fault for fault in self._faults if fault.target == target and fault.operation in ("", operation) and self._hits(fault)]
        if not struck:
            return None
        self.struck[target, struck[0].kind] += 1
        return struck[0]

    def _hits(self, fault: Fault) -> bool:
        """Count the request for `fault` and say whether it strikes."""
        self._requests[fault] += 1
        return self._requests[fault] in fault.nth or self._random[fault].random() < fault.rate

    async def happen(self, fault: Fault | None) -> None:
        """Let a drawn fault happen as far as it can happen before the work: wait, refuse, or ask for cancellation."""
        if fault is None:
            return
        match fault.kind:
            case "error":
                raise ServiceDown(f"{fault.target} is not reachable (injected)")
            case "latency":
                await asyncio.sleep(fault.milliseconds / 1000)
            case "timeout":
                await asyncio.sleep(fault.milliseconds / 1000 or HANG_SECONDS)
            case "cancel":
                self.on_cancel(fault.target)
            case "partial" | "duplicate":
                pass  # the service itself does these, after its work

    async def strike(self, target: str) -> None:
        """Draw a fault for `target` and let it happen."""
        await self.happen(self.draw(target))
