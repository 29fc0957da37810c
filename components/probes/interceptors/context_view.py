"""InterceptorContext shows the run as it is, hands out copies only and keeps observations by interceptor and key."""

from components.lab.flow import CONTEXT_IDS, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="InterceptorContext does not show the run's values",
    claim="Each property of InterceptorContext has the value of the PipelineContext; data is a copy of the run's data.",
    source="docs/api/interceptors.md#interceptorcontext",
    component="stageflow.pipeline.interceptors.InterceptorContext",
    subsystem="interceptors",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="An interceptor decides on the ids or the data of something else, or changes the data of the run by reading it.",
    recommendation="Delegate every property to the context, and copy the data.",
)

NAMES = (*(name for name in CONTEXT_IDS if name != "interaction_id"), "topology", "execution_mode")
CASES = (
    *(Case(name, {"property": name}, component=f"stageflow.pipeline.interceptors.InterceptorContext.{name}") for name in NAMES),
    Case("name", {"property": "name"}),
    Case("data", {"property": "data"}),
    Case("data is a copy", {"property": "copy"}),
)


def seen_through(view, ctx, what):
    """[what the view says, what the run says]."""
    if what == "copy":
        view.data["added"] = 1
        view.data.pop("kept")
        return [dict(ctx.data), {"kept": 1}]
    wanted = {"name": "probe", "data": {"kept": 1}}
    return [getattr(view, what), wanted[what] if what in wanted else getattr(ctx, what)]


@promised
def scenario(params):
    ctx = pipeline_context(data={"kept": 1})
    view = need("stageflow.pipeline.interceptors:InterceptorContext")(ctx, _interceptor_name="probe")
    said, true = seen_through(view, ctx, params["property"])
    expect_equal(said == true, True, f"{params['property']} is that of the run")


class PlainView:
    """A view made by hand."""

    def __init__(self, ctx, name):
        self._ctx, self.name = ctx, name

    @property
    def data(self):
        return dict(self._ctx.data)

    def __getattr__(self, name):
        return getattr(self._ctx, name)


def control(params):
    ctx = pipeline_context(data={"kept": 1})
    said, true = seen_through(PlainView(ctx, "probe"), ctx, params["property"])
    expect_equal(said == true, True, f"{params['property']} is that of the run")
