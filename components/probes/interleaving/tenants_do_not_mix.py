"""Requests of several tenants through one graph, in any overlap, each see their own data and end as they would alone."""

import asyncio
import uuid

from components.lab.dag_kit import guarded_graph
from components.lab.flow import RecordingSink, context, graph, outcome, pipeline
from components.lab.interleave_kit import strategy_of
from components.lab.overlap_kit import share_nothing, tenants_apart
from components.lab.probe import Case, Probe, need

PROBE = Probe(
    title="Overlapping requests of different tenants change each other's data or ending",
    claim="Requests that share a graph, agent, executor, spawner or store see only their own data and end as they would alone.",
    source="invariant:isolation",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="security",
    type="security",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="Under load one customer is shown another customer's data, or is refused because of another customer's request.",
    recommendation="Keep what belongs to one request in its context or in local variables, never on the shared object.",
    workaround="Build a graph, an executor and a spawner of its own for every request.",
    seconds=30.0,
)

COMPONENTS = {
    "graph": "stageflow.pipeline.dag.UnifiedStageGraph.run",
    "runner": "stageflow.helpers.PipelineRunner.run",
    "retry": "stageflow.pipeline.retry.RetryInterceptor",
    "guard": "stageflow.pipeline.guard_retry.GuardRetryStrategy",
    "login": "stageflow.auth.AuthInterceptor",
    "memory": "stageflow.helpers.InMemoryStore",
    "wide graph": "stageflow.pipeline.dag.UnifiedStageGraph.run.called_off",
}

CASES = (
    *(Case(target, {"target": target, "seeds": 12}, component=where) for target, where in COMPONENTS.items()),
    Case(
        "failing beside others",
        {"target": "failing", "seeds": 12},
        title="A run that fails also cancels healthy concurrent runs of the same graph",
        component="stageflow.pipeline.dag.UnifiedStageGraph.run.failing",
        cause="stageflow.pipeline.dag:UnifiedStageGraph.run #state-on-graph",
    ),
    Case(
        "cleanups",
        {"target": "cleanups", "seeds": 12},
        title="Cleanup callbacks of concurrent runs of one graph are dropped, or run by another run",
        component="stageflow.pipeline.dag.UnifiedStageGraph.register_cleanup",
        cause="stageflow.pipeline.dag:UnifiedStageGraph.run #state-on-graph",
    ),
)


def chain(schedule):
    async def read(ctx):
        await schedule.pause()
        return {"text": ctx.snapshot.input_text}

    async def work(ctx):
        await schedule.pause()
        who = ctx.inputs.get_from("read", "text")
        if who == "C":
            raise ValueError("C is broken")
        return need("stageflow:StageOutput").cancel(reason="D has enough") if who == "D" else {"text": f"{who}!"}

    async def last(ctx):
        await schedule.pause()
        return {"text": f"{ctx.inputs.get_from('work', 'text')}?"}

    return pipeline(("read", read), ("work", work, ["read"]), ("last", last, ["work"]))


async def ending_of_run(run):
    results, error = await outcome(run)
    outputs = getattr(error, "results", None) if error else results
    return [type(error).__name__ if error else "ok", {name: dict(output.data) for name, output in (outputs or {}).items()}]


def share_graph(schedule):
    built = graph(chain(schedule), emit_stage_wide_events=True, emit_pipeline_wide_event=True)

    async def run(who):
        sink = RecordingSink()
        ctx = context(input_text=who, event_sink=sink, data={"owner": who})
        ending = await ending_of_run(built.run(ctx))
        own = [kind for kind, data in sink.events if data.get("pipeline_run_id") == str(ctx.pipeline_run_id)]
        return [*ending, own, len(sink.events) - len(own), ctx.data.get("owner")]

    return run


def share_runner(schedule):
    runner = need("stageflow.helpers:PipelineRunner")(verbose=False)
    built = graph(chain(schedule))

    async def run(who):
        result = await runner.run(built, input_text=who)
        return [result.success, result.cancelled, result.error, result.stages, sorted(event["type"] for event in result.events)]

    return run


def share_retry(schedule):
    runs = []

    async def work(ctx):
        who = ctx.snapshot.input_text
        runs.append(who)
        await schedule.pause()
        if who == "C" or (who == "B" and runs.count("B") == 1):
            raise ConnectionError("service away")
        return {"text": who}

    jitter = need("stageflow.pipeline.retry:JitterStrategy").NONE
    interceptor = need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=2, base_delay_ms=10, jitter_strategy=jitter)
    built = graph(pipeline(("work", work)), [interceptor])

    async def run(who):
        return [*await ending_of_run(built.run(context(input_text=who))), runs.count(who)]

    return run


def share_guard(schedule):
    asked = []

    async def draft(ctx):
        await schedule.pause()
        return {"text": f"{ctx.snapshot.input_text}{asked.count(ctx.snapshot.input_text)}"}

    async def check(ctx):
        who = ctx.snapshot.input_text
        asked.append(who)
        await schedule.pause()
        text, output = ctx.inputs.get_from("draft", "text"), need("stageflow:StageOutput")
        refused = who == "C" or (who == "B" and asked.count("B") < 2)
        return output.fail(error="refused", data={"text": text}) if refused else output.ok(data={"text": text})

    rows = (("draft", draft), ("check", check, ["draft"], "guard"))
    built = guarded_graph(rows, {"check": {"retry_stage": "draft", "max_attempts": 3}})

    async def run(who):
        return [*await ending_of_run(built.run(context(input_text=who))), asked.count(who)]

    return run


def share_login(schedule):
    wrong = need("stageflow.auth:InvalidTokenError")

    class Validator:
        async def validate(self, token):
            await schedule.pause()
            if token == "C":
                raise wrong("unknown token")
            ids = {name: str(uuid.uuid5(uuid.NAMESPACE_OID, token + name)) for name in ("user_id", "session_id", "org_id")}
            return {**ids, "roles": [token]}

    ran = []

    async def work(ctx):
        await schedule.pause()
        ran.append(ctx.snapshot.input_text)

    stack = [need("stageflow.auth:AuthInterceptor")(Validator()), need("stageflow.auth:OrgEnforcementInterceptor")()]
    built = graph(pipeline(("work", work)), stack)

    async def run(who):
        ctx = context(input_text=who, data={"_auth_token": who})
        await outcome(built.run(ctx))
        known = ctx.data.get("_auth_context")
        return [who in ran, list(known.roles) if known else None, str(known.org_id) if known else None]

    return run


def share_memory(schedule):
    store = need("stageflow.helpers:InMemoryStore")()

    class SlowStore:
        async def fetch(self, session_id, config):
            await schedule.pause()
            return await store.fetch(session_id, config)

        async def write(self, entry):
            await schedule.pause()
            await store.write(entry)

    async def answer(ctx):
        await schedule.pause()
        return {"response": f"hello {ctx.snapshot.input_text}"}

    fetch, write = need("stageflow.helpers:MemoryFetchStage")(SlowStore()), need("stageflow.helpers:MemoryWriteStage")(SlowStore())
    built = graph(pipeline(("fetch", fetch.execute), ("llm", answer, ["fetch"]), ("write", write.execute, ["llm"])))

    async def run(who):
        session, seen = uuid.uuid5(uuid.NAMESPACE_OID, who), []
        for turn in range(2):
            results = await built.run(context(input_text=f"{who}{turn}", session_id=session))
            seen.append([entry["content"] for entry in results["fetch"].data["memory_entries"]])
        return seen

    return run


def share_parallel_graph(schedule, fails=False):
    """Parallel stages that take their time to stop; D is called off from outside, C may fail, the others end as usual."""

    async def work(ctx):
        try:
            await schedule.pause()
            await asyncio.sleep(2 if ctx.stage_name == "a" else 3)
        except asyncio.CancelledError:
            await asyncio.sleep(1)
            raise
        if fails and ctx.snapshot.input_text == "C":
            raise ValueError("C is broken")
        return {"text": ctx.snapshot.input_text}

    async def last(ctx):
        await schedule.pause()
        return {"text": [ctx.inputs.get_from(name, "text") for name in "ab"]}

    built = graph(pipeline(("a", work), ("b", work), ("last", last, ["a", "b"])))

    async def run(who):
        ctx = context(input_text=who)
        if who == "D" and not fails:
            asyncio.get_running_loop().call_later(1, ctx.mark_canceled, "D has enough")
        ending = await ending_of_run(built.run(ctx))
        return None if who == "D" else ending

    return run


def share_cleanups(schedule):
    cleaned, built = [], []

    async def work(ctx):
        async def clean():
            cleaned.append(ctx.snapshot.input_text)

        await schedule.pause()
        built[0].register_cleanup(clean)
        await schedule.pause()

    built.append(graph(pipeline(("work", work))))

    async def run(who):
        await built[0].run(context(input_text=who))
        return cleaned.count(who)

    return run


SHARED = {
    "graph": share_graph,
    "runner": share_runner,
    "retry": share_retry,
    "guard": share_guard,
    "login": share_login,
    "memory": share_memory,
    "wide graph": share_parallel_graph,
    "failing": lambda schedule: share_parallel_graph(schedule, fails=True),
    "cleanups": share_cleanups,
}


def scenario(params):
    tenants_apart(SHARED[params["target"]], params)


def control(params):
    tenants_apart(share_nothing, params)


def strategy():
    return strategy_of(tuple(COMPONENTS))


def features(params):
    return {params["target"]}


def case_of(params):
    return Case(params["target"], params, component=COMPONENTS[params["target"]])
