"""Honest mock services: seeded latency, faults on purpose, idempotency keys, every request in the effects ledger.

A mock never reports success for something it did not do, and never does something it does not record.
"""

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from components.lab.effects import EffectOutcome, EffectsLedger
from components.lab.faults import FaultPlan, ServiceDown

T = TypeVar("T")


class RowNotFound(LookupError):
    """The tenant has no row of that key; rows of other tenants do not exist for it."""


@dataclass(frozen=True)
class Caller:
    """On whose behalf a request is made."""

    run: str
    tenant: str


class MockService:
    """Base of the mocks: latency, faults and the ledger around one operation.

    Attributes:
        name: as the pipeline's stages call it.
        latency_ms: lowest and highest answering time; drawn uniformly, seeded.
    """

    name = "service"
    latency_ms = (0.0, 0.0)

    def __init__(self, ledger: EffectsLedger, faults: FaultPlan, seed: int, pace: float = 1.0) -> None:
        self._ledger = ledger
        self._faults = faults
        self._pace = pace
        self._random = random.Random(f"{self.name}:{seed}")

    async def _serve(self, operation: str, key: str, caller: Caller, work: Callable[[], tuple[EffectOutcome, T]]) -> T:
        """Do `work` once latency and faults have had their way; its outcome is recorded whatever happens."""
        number = self._ledger.ask(self.name, operation, key, caller.run, caller.tenant)
        fault = self._faults.draw(self.name, operation)
        outcome: EffectOutcome = "failed"
        try:
            await asyncio.sleep(self._random.uniform(*self.latency_ms) * self._pace / 1000)
            await self._faults.happen(fault)
            outcome, value = work()
            if fault and fault.kind == "partial":
                if outcome not in ("applied", "repeated"):
                    outcome = "failed"
                raise ServiceDown(f"the answer of {self.name} was lost (injected)")
            if fault and fault.kind == "duplicate":
                again = self._ledger.ask(self.name, operation, key, caller.run, caller.tenant)
                second, value = work()
                self._ledger.settle(again, second)
            return value
        except asyncio.CancelledError:
            outcome = "abandoned"
            if self._faults.release_seconds:
                await asyncio.sleep(self._faults.release_seconds)
            raise
        except RowNotFound:
            outcome = "refused"
            raise
        finally:
            self._ledger.settle(number, outcome)


class TableService(MockService):
    """A database, API, cache or queue: reference rows that can be read, and a store that can be written.

    Attributes:
        key_field: field of the reference rows that identifies them.
        rows_file: the reference rows, one JSON object per line; None when there are none.
    """

    key_field = ""
    rows_file: Path | None = None

    def __init__(self, ledger: EffectsLedger, faults: FaultPlan, seed: int, pace: float = 1.0) -> None:
        super().__init__(ledger, faults, seed, pace)
        lines = self.rows_file.read_text(encoding="utf-8").splitlines() if self.rows_file else []
        self._rows = {(row["tenant"], row[self.key_field]): row for row in map(json.loads, lines)}
        self._store: dict[tuple[str, str], dict[str, Any]] = {}

    async def lookup(self, key: str, caller: Caller) -> dict[str, Any]:
        """A copy of the tenant's row.

        Raises:
            RowNotFound: the tenant has no such row.
            ServiceDown: an injected fault.
        """

        def read() -> tuple[EffectOutcome, dict[str, Any]]:
            row = self._rows.get((caller.tenant, key))
            if row is None:
                raise RowNotFound(f"{self.name} has no {key!r} for {caller.tenant}")
            return "answered", dict(row)

        return await self._serve("lookup", str(key), caller, read)

    async def write(self, operation: str, key: str, payload: Mapping[str, Any], caller: Caller) -> str:
        """Store `payload` once per (operation, key) and return a receipt; the same key again changes nothing.

        Raises:
            ServiceDown: an injected fault; after a `partial` one the payload is stored all the same.
        """

        def store() -> tuple[EffectOutcome, str]:
            slot = (operation, key)
            if slot in self._store:
                return "repeated", f"{self.name}:{operation}:{key}"
            self._store[slot] = {**payload, "tenant": caller.tenant}
            return "applied", f"{self.name}:{operation}:{key}"

        return await self._serve(operation, key, caller, store)

    async def undo(self, operation: str, key: str, caller: Caller) -> bool:
        """Take a write back; False when there was none."""

        def remove() -> tuple[EffectOutcome, bool]:
            found = self._store.pop((operation, key), None) is not None
            return ("applied" if found else "repeated"), found

        return await self._serve(f"undo_{operation}", key, caller, remove)

    def stored(self) -> dict[tuple[str, str], dict[str, Any]]:
        """A copy of what was written, by (operation, key)."""
        return {slot: dict(payload) for slot, payload in self._store.items()}


@dataclass(frozen=True)
class Reply:
    """The answer to prompts that contain one of the phrases, whatever their case."""

    contains: tuple[str, ...]
    text: str


class LlmService(MockService):
    """A deterministic language model: the first reply that fits; gullible, as real ones are.

    Attributes:
        obeys: instructions in the prompt that it follows; looked at before anything else.
        replies: what it says to ordinary prompts.
        otherwise: when no reply fits.
    """

    obeys: Sequence[Reply] = ()
    replies: Sequence[Reply] = ()
    otherwise = ""

    async def ask(self, prompt: str, caller: Caller) -> str:
        """The model's answer.

        Raises:
            ServiceDown: an injected fault.
        """

        def answer() -> tuple[EffectOutcome, str]:
            lowered = prompt.lower()
            for reply in (*self.obeys, *self.replies):
                if any(phrase.lower() in lowered for phrase in reply.contains):
                    return "answered", reply.text
            return "answered", self.otherwise

        return await self._serve("ask", prompt[:80], caller, answer)

    def obeyed(self, text: str) -> bool:
        """Whether an answer is one that only an instruction in the prompt brings about."""
        return any(text == reply.text for reply in self.obeys)
