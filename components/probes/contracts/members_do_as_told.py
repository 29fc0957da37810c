"""The members of the contract classes keep what they are given and answer as described."""

from datetime import UTC, datetime, timedelta

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import error_awaited, raised

PROBE = Probe(
    title="A contract class drops a setting or answers wrongly",
    claim="Registered descriptions and schemas are kept, reports tell what changed, typed outputs follow their settings.",
    source="docstring:stageflow.contracts.TypedStageOutput",
    component="stageflow.contracts.TypedStageOutput",
    subsystem="contracts",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Contracts are judged, described or enforced other than configured.",
    recommendation="Pass each argument on, and build the answer from the entries.",
)

LONG = "a_rather_long_name_of_a_field_that_is_not_cut"


def model(name="Payload", **fields):
    return need("pydantic:create_model")(name, **fields)


def registry():
    return need("stageflow.contracts:ContractRegistry")()


def typed(*args, **settings):
    return need("stageflow.contracts:TypedStageOutput")(*(args or (model(x=(int, ...)),)), **settings)


def schema(required=(), **types):
    return {"properties": {name: {"type": kind} if kind else {} for name, kind in types.items()}, "required": list(required)}


def changes(old, new):
    """(breaking changes, warnings, summary) between two schemas."""
    known = registry()
    known.register(stage="s", version="1", model=model(), schema=old)
    known.register(stage="s", version="2", model=model(), schema=new)
    report = known.diff("s", "1", "2")
    return report.breaking_changes, report.warnings, report.summary()


def verdicts(old, new):
    """[number of breaking changes, number of warnings] between two schemas."""
    breaking, warnings, _ = changes(old, new)
    return [len(breaking), len(warnings)]


def kept():
    one = registry().register(stage="s", version="1", model=model(), description="what it is", schema=schema(x="string"))
    return [one.stage, one.version, one.description, one.schema]


def own_schema():
    made = model(x=(int, ...))
    one = registry().register(stage="s", version="1", model=made)
    return [one.schema == made.model_json_schema(mode="validation"), one.description, one.model is made]


def again():
    known, made = registry(), model()
    first = known.register(stage="s", version="1", model=made)
    return [known.register(stage="s", version="1", model=made) is first, len(known.list())]


def conflict():
    known = registry()
    known.register(stage="s", version="1", model=model("A"))
    return [raised(known.register, stage="s", version="1", model=model("B")), known.get("s", "1").model.__name__, known.get("s", "2")]


def missing():
    known = registry()
    known.register(stage="s", version="1", model=model())
    texts = []
    for versions in (("1", "8"), ("9", "1")):
        try:
            known.diff("s", *versions)
        except ValueError as error:
            texts.append(str(error).partition("s@")[2][:1])
    return texts


def summary(new):
    text = changes(schema(x="string"), new)[2]
    return [" compatible " in text, " breaking " in text, all(word in text for word in ("s", "1", "2"))]


def order():
    breaking, warnings, _ = changes(schema(b="string", a="string"), schema(d="string", c="string", e="string"))
    return [[line.split("'")[1] for line in lines] for lines in (breaking, warnings)]


def long_name():
    breaking, warnings, _ = changes(schema(**{LONG: "string"}), schema(**{LONG[:16]: "string"}))
    return [[line.split("'")[1] for line in lines] for lines in (breaking, warnings)]


def version_default():
    made = typed(default_version="v1")
    return [made.ok({"x": 1}).version, made.ok({"x": 1}, version="v2").version]


def version_factory():
    numbers = iter(range(9))
    made = typed(version_factory=lambda: f"v{next(numbers)}")
    return [made.ok({"x": 1}).version, made.ok({"x": 1}).version, made.ok({"x": 1}, version="own").version]


def timestamp():
    made = typed(version_factory=need("stageflow.contracts:TypedStageOutput").timestamp_version).ok(x=1)
    moment = datetime.fromisoformat(made.version)
    return [moment.utcoffset() == timedelta(0), abs(datetime.now(UTC) - moment) < timedelta(minutes=1)]


def refused_payloads():
    return [raised(typed(model(x=(int, 0))).validate, payload) for payload in ("", 0, [], (), False, "x", 1)]


def empty_payloads():
    made = typed(model(x=(int, 7)))
    return [made.serialize(), made.serialize(None), made.serialize({}), made.ok().data]


def instance():
    made = model(x=(int, ...))
    given = made(x=3)
    return [typed(made).validate(given) is given, typed(made).validate(given, x=4).x, given.x]


def other_instance():
    return typed(model(x=(int, ...))).serialize(model("Other", x=(int, ...), y=(str, "z"))(x=3))


def payload_untouched():
    given = {"x": 1}
    return [typed().serialize(given, x=2), given]


def registered():
    made = model(x=(int, ...))
    one = typed(made, default_version="v1").register_contract("probe-stage", description="what it is")
    shared = need("stageflow.contracts:registry").get("probe-stage", "v1")
    return [one.stage, one.version, one.description, one.model is made, shared is one]


def context_used():
    made = need("pydantic:create_model")
    seen = []

    def note(value, info):
        seen.append(info.context)
        return value

    watched = made("Watched", x=(int, ...), __validators__={"note": need("pydantic:field_validator")("x")(note)})
    typed(watched, context={"k": 0}).validate({"x": 1})
    return seen


async def async_forms():
    """What a coroutine function, a coroutine and anything else give."""

    async def make():
        return {"x": 1}

    made = typed()
    answers = [(await made.ok_async(make, x=2)).data, (await made.ok_async(make())).data, await made.serialize_async(make, x=3)]
    return [*answers, (await made.validate_async(make(), x=4)).x, await error_awaited(made.validate_async({"x": 1}))]


def suggestion():
    module = need("stageflow.contracts.suggestions")
    made = module.ContractSuggestion(code="PROBE-1", title="t", summary="s", fix_steps=["one", "two"], doc_url="u")
    before = module.get_contract_suggestion("PROBE-1")
    module.register_suggestion(made)
    changed = module.ContractSuggestion(code="PROBE-1", title="t2", summary="s", fix_steps=[])
    first = module.get_contract_suggestion("PROBE-1") is made
    module.register_suggestion(changed)
    return [before, first, module.get_contract_suggestion("PROBE-1").title, changed.doc_url]


def error_info():
    made = need("stageflow.contracts.errors:ContractErrorInfo")(code="c", summary="s", fix_hint="f", doc_url="d", context={"a": 1, "b": 1})
    more = made.with_context(b=2, c=3)
    return [more.to_dict(), made.context]


INFO = {"code": "c", "summary": "s", "fix_hint": "f", "doc_url": "d", "context": {"a": 1, "b": 2, "c": 3}}
REGISTRY, TYPED = "ContractRegistry", "TypedStageOutput"
FACTS = {
    f"{REGISTRY} keeps description and schema": (kept, ["s", "1", "what it is", schema(x="string")]),
    f"{REGISTRY} takes the model's schema": (own_schema, [True, None, True]),
    f"{REGISTRY} same model again": (again, [True, 1]),
    f"{REGISTRY} other model": (conflict, ["ValueError", "A", None]),
    f"{REGISTRY} names the missing version": (missing, ["8", "9"]),
    f"{REGISTRY} summary compatible": (
        lambda: summary(schema(x="string", y="string")),
        [True, False, True],
    ),
    f"{REGISTRY} summary breaking": (lambda: summary(schema()), [False, True, True]),
    f"{REGISTRY} order of the fields": (order, [["b", "a"], ["d", "c", "e"]]),
    f"{REGISTRY} long names": (long_name, [[LONG], [LONG[:16]]]),
    f"{REGISTRY} same types": (lambda: verdicts(schema(x=["string", "null"]), schema(x=["null", "string"])), [0, 0]),
    f"{REGISTRY} wider types": (lambda: verdicts(schema(x="string"), schema(x=["string", "null"])), [0, 0]),
    f"{REGISTRY} changed type": (lambda: verdicts(schema(x="string"), schema(x="integer")), [1, 0]),
    f"{REGISTRY} required field added": (lambda: verdicts(schema(), schema(("y",), x="string", y="string")), [1, 1]),
    f"{TYPED} default version": (version_default, ["v1", "v2"]),
    f"{TYPED} version factory": (version_factory, ["v0", "v1", "own"]),
    f"{TYPED} timestamp version": (timestamp, [True, True]),
    f"{TYPED} two versions": (lambda: raised(typed, default_version="v1", version_factory=lambda: "v2"), "ValueError"),
    f"{TYPED} contract without version": (lambda: raised(typed().register_contract, "probe-none"), "ValueError"),
    f"{TYPED} contract": (registered, ["probe-stage", "v1", "what it is", True, True]),
    f"{TYPED} not strict by default": (lambda: typed().serialize({"x": "3"}), {"x": 3}),
    f"{TYPED} strict": (lambda: raised(typed(strict=True).serialize, {"x": "3"}), "ValidationError"),
    f"{TYPED} model": (lambda: typed(need("pydantic:BaseModel")).model.__name__, "BaseModel"),
    f"{TYPED} refused payloads": (refused_payloads, ["TypeError"] * 7),
    f"{TYPED} empty payloads": (empty_payloads, [{"x": 7}] * 4),
    f"{TYPED} instance": (instance, [True, 4, 3]),
    f"{TYPED} other model": (other_instance, {"x": 3}),
    f"{TYPED} payload untouched": (payload_untouched, [{"x": 2}, {"x": 1}]),
    f"{TYPED} context": (context_used, [{"k": 0}]),
    f"{TYPED} async": (async_forms, [{"x": 2}, {"x": 1}, {"x": 3}, 4, "TypeError"]),
    "get_contract_suggestion": (suggestion, [None, True, "t2", None]),
    "ContractErrorInfo with_context": (error_info, [INFO, {"a": 1, "b": 1}]),
}
CASES = tuple(Case(name, {"fact": name}, component=f"stageflow.contracts.{name.partition(' ')[0]}") for name in FACTS)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.contracts"), need("pydantic:create_model")
    return CASES


def judge(seen, fact):
    expect_equal(seen, FACTS[fact][1], fact)


@promised
async def scenario(params):
    seen = FACTS[params["fact"]][0]()
    judge(await seen if hasattr(seen, "__await__") else seen, params["fact"])


async def control(params):
    judge(FACTS[params["fact"]][1], params["fact"])
    expect_equal(raised(judge, "other", params["fact"]), "Violation", "verdict on another answer")
