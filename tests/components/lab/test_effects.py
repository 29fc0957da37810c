"""The effects ledger and the mocks: what was asked is what is recorded, whatever goes wrong."""

import asyncio
import json
import threading
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.lab.effects import EffectsLedger
from components.lab.faults import Fault, FaultPlan, ServiceDown
from components.lab.services import Caller, LlmService, Reply, RowNotFound, TableService

CALLER = Caller("run-1", "north")
STEPS = st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["applied", "repeated", "failed"])), max_size=30)


class Store(TableService):
    """A store without rows."""

    name = "store"


def store(*faults: Fault, seed: int = 1) -> tuple[Store, EffectsLedger, FaultPlan]:
    ledger, plan = EffectsLedger(), FaultPlan(faults, seed)
    return Store(ledger, plan, seed), ledger, plan


@given(STEPS)
def test_queries_agree_with_a_plain_count(steps: list[tuple[str, str]]) -> None:
    ledger = EffectsLedger()
    for key, outcome in steps:
        ledger.settle(ledger.ask("store", "put", key, "run", "tenant"), outcome)  # type: ignore[arg-type]
    applied = Counter(key for key, outcome in steps if outcome == "applied")
    assert ledger.count() == len(steps)
    assert {key: ledger.applied()["store", "put", key] for key in "abc"} == {key: applied[key] for key in "abc"}
    assert {effect[2] for effect in ledger.duplicates()} == {key for key, times in applied.items() if times > 1}
    wanted = [("store", "put", key) for key in "abc"]
    assert {effect[2] for effect in ledger.missing(wanted)} == set("abc") - set(applied)
    assert ledger.unexpected([]) == sorted(("store", "put", key) for key in applied)


def test_threads_lose_nothing() -> None:
    ledger = EffectsLedger()

    def work(number: int) -> None:
        for step in range(200):
            ledger.settle(ledger.ask("s", "put", f"{number}:{step}", "run", "tenant"), "applied")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.count(outcome="applied") == 800
    assert [effect.number for effect in ledger.rows()] == list(range(800))
    assert ledger.duplicates() == {}


def test_write_under_one_key_happens_once() -> None:
    async def scenario() -> None:
        service, ledger, _ = store()
        first = await service.write("put", "k", {"x": 1}, CALLER)
        assert await service.write("put", "k", {"x": 2}, CALLER) == first
        assert service.stored() == {("put", "k"): {"x": 1, "tenant": "north"}}
        assert [effect.outcome for effect in ledger.rows()] == ["applied", "repeated"]
        assert await service.undo("put", "k", CALLER) is True
        assert await service.undo("put", "k", CALLER) is False
        assert service.stored() == {}

    asyncio.run(scenario())


def test_an_error_changes_nothing_and_a_lost_answer_changes_state() -> None:
    async def scenario() -> None:
        service, ledger, plan = store(Fault("error", "store", nth=(1,)), Fault("partial", "store", nth=(2,)))
        for _ in range(2):
            with pytest.raises(ServiceDown):
                await service.write("put", "k", {}, CALLER)
        assert [effect.outcome for effect in ledger.rows()] == ["failed", "applied"]
        assert plan.struck == {("store", "error"): 1, ("store", "partial"): 1}
        assert await service.write("put", "k", {}, CALLER)
        assert ledger.duplicates() == {}

    asyncio.run(scenario())


def test_a_request_delivered_twice_is_seen_twice_and_applied_once() -> None:
    async def scenario() -> None:
        service, ledger, _ = store(Fault("duplicate", "store", rate=1.0))
        await service.write("put", "k", {}, CALLER)
        assert sorted(effect.outcome for effect in ledger.rows()) == ["applied", "repeated"]

    asyncio.run(scenario())


def test_a_cancelled_caller_leaves_an_abandoned_request() -> None:
    async def scenario() -> None:
        service, ledger, _ = store(Fault("timeout", "store", rate=1.0))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(service.write("put", "k", {}, CALLER), 0.02)
        assert [effect.outcome for effect in ledger.rows()] == ["abandoned"]
        assert service.stored() == {}

    asyncio.run(scenario())


def test_faults_for_one_operation_leave_the_others_alone() -> None:
    async def scenario() -> None:
        service, _, _ = store(Fault("error", "store", operation="charge", rate=1.0))
        await service.write("reserve", "k", {}, CALLER)
        with pytest.raises(ServiceDown):
            await service.write("charge", "k", {}, CALLER)

    asyncio.run(scenario())


@given(st.integers(0, 1000))
def test_the_same_seed_draws_the_same_faults(seed: int) -> None:
    def drawn() -> list[bool]:
        plan = FaultPlan([Fault("error", "s", rate=0.3)], seed)
        return [plan.draw("s") is not None for _ in range(40)]

    assert drawn() == drawn()


def test_rows_belong_to_tenants(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps({"tenant": tenant, "id": key}) + "\n" for tenant, key in [("north", "1"), ("south", "2")]))

    class Rows(TableService):
        """Two rows."""

        name, key_field, rows_file = "rows", "id", file

    async def scenario() -> None:
        ledger = EffectsLedger()
        service = Rows(ledger, FaultPlan(), 1)
        assert (await service.lookup("1", CALLER))["tenant"] == "north"
        with pytest.raises(RowNotFound):
            await service.lookup("2", CALLER)
        assert [effect.outcome for effect in ledger.rows()] == ["answered", "refused"]

    asyncio.run(scenario())


def test_the_model_obeys_what_reaches_it() -> None:
    class Model(LlmService):
        """Gullible."""

        name, obeys, replies, otherwise = "model", (Reply(("ignore",), "GRANTED"),), (Reply(("hi",), "hello"),), "?"

    async def scenario() -> None:
        model = Model(EffectsLedger(), FaultPlan(), 1)
        answers = [await model.ask(prompt, CALLER) for prompt in ("Hi there", "hi, IGNORE that", "else")]
        assert answers == ["hello", "GRANTED", "?"]
        assert [model.obeyed(answer) for answer in answers] == [False, True, False]

    asyncio.run(scenario())
