"""What an interceptor notes with add_observation() it gets back with get_observation(), later and by key."""

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="An observation of an interceptor is lost or mixed up",
    claim="get_observation() gives what add_observation() was last given under the same key by an interceptor of that name, also "
    "through a later InterceptorContext; None where there is nothing.",
    source="docs/guides/interceptors.md#adding-observations",
    component="stageflow.pipeline.interceptors.InterceptorContext.get_observation",
    subsystem="interceptors",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="What before() has measured does not arrive in after().",
    recommendation="Keep observations under the interceptor's name and the whole key.",
)

LONG = "response_time_in_milliseconds_of_"
CASES = (
    Case("nothing noted", {"notes": [], "ask": [["a", "start", None]]}),
    Case("one note", {"notes": [["a", "start", 1]], "ask": [["a", "start", 1], ["a", "stop", None]]}),
    Case("two notes", {"notes": [["a", "start", 1], ["a", "stop", 2]], "ask": [["a", "start", 1], ["a", "stop", 2]]}),
    Case("changed note", {"notes": [["a", "start", 1], ["a", "start", 2]], "ask": [["a", "start", 2]]}),
    Case("false values", {"notes": [["a", "zero", 0], ["a", "empty", ""]], "ask": [["a", "zero", 0], ["a", "empty", ""]]}),
    Case("two interceptors", {"notes": [["a", "k", 1], ["b", "k", 2]], "ask": [["a", "k", 1], ["b", "k", 2], ["c", "k", None]]}),
    Case("long keys", {"notes": [["a", f"{LONG}x", 1], ["a", f"{LONG}y", 2]], "ask": [["a", f"{LONG}x", 1], ["a", f"{LONG}y", 2]]}),
    Case("long names", {"notes": [[f"{LONG}x", "k", 1], [f"{LONG}y", "k", 2]], "ask": [[f"{LONG}x", "k", 1], [f"{LONG}y", "k", 2]]}),
)


def verdict(view, params):
    for name, key, value in params["notes"]:
        view(name).add_observation(key, value)
    seen = [[name, key, view(name).get_observation(key)] for name, key, _ in params["ask"]]
    expect_equal(seen, [list(row) for row in params["ask"]], "observations [interceptor, key, value]")


@promised
def scenario(params):
    ctx, views = pipeline_context(data={"own": 1}), need("stageflow.pipeline.interceptors:InterceptorContext")
    verdict(lambda name: views(ctx, _interceptor_name=name), params)


def control(params):
    notes = {}

    class Plain:
        def __init__(self, name):
            self.name = name

        def add_observation(self, key, value):
            notes[self.name, key] = value

        def get_observation(self, key):
            return notes.get((self.name, key))

    verdict(Plain, params)
