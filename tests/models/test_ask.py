"""Whatever a model does, asking ends with an answer that fits or with the playbook, within its budgets, and no answer is paid twice."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agent.core.chat import Reply, Usage
from agent.core.errors import (
    InvalidArguments,
    ModelLimited,
    ModelMalformed,
    ModelRefused,
    ModelTooLarge,
    ModelUnavailable,
    WorkspaceUnwritable,
)
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace
from agent.models import openai_compatible
from agent.models.ask import TOOL, AskArgs, make_tool
from agent.models.budget import spent
from agent.models.calls import CallStore
from agent.models.decision import Decision
from agent.models.decisions import DECISIONS
from agent.models.faulty.behaviours import BEHAVIOURS
from agent.models.faulty.contract import behaviour, says
from tests.conftest import SLACK

ROOT = Path(__file__).parents[2]
GOOD = '{"queries": ["retry storms in payments"]}'
SLOTS = {"title": "Trades", "industry": "finance", "worry": "lost events", "planned": ["a query"]}


class Model:
    """Answers from a list; a text, an error, or a whole reply each."""

    def __init__(self, *replies, name="m", provider="scripted", constrains=False):
        self.provider, self.name, self.constrains = provider, name, constrains
        self.replies, self.seen = list(replies), []

    def complete(self, request, *, seconds):
        self.seen.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, Reply) else Reply(text=reply, finish="stop", usage=Usage(prompt=50, answer=10), model=self.name)


@pytest.fixture
def context(tmp_path):
    def make(*models, **overrides):
        (tmp_path / "run").mkdir(exist_ok=True)
        settings = Settings.load({}, cache=tmp_path / "cache", **overrides)
        return ToolContext(settings, None, Workspace(tmp_path / "run"), lambda line: None, models)

    return make


def ask(context, tool=TOOL, decision="queries", **slots):
    return tool.call({"decision": decision, "slots": SLOTS | slots}, context)


def test_without_a_model_the_playbook_decides_at_once(context, tmp_path):
    asked = ask(context())
    assert (asked.source, asked.ok, asked.answer, asked.why, asked.calls) == ("playbook", False, None, "no model is configured", ())
    assert list((tmp_path / "run").iterdir()) == []


def test_a_good_answer_is_used_and_its_cost_unknown_not_nothing(context):
    model = Model(f"Here you go:\n```json\n{GOOD}\n```")
    asked = ask(context(model))
    assert (asked.source, asked.ok, asked.answer) == ("model", True, json.loads(GOOD))
    (call,) = asked.calls
    assert (call.prompt_tokens, call.answer_tokens, call.cost, call.outcome) == (50, 10, None, "answered")


def test_a_wrong_answer_is_asked_back_once_with_its_errors(context):
    model = Model('{"queries": []}', GOOD)
    asked = ask(context(model))
    assert asked.source == "repaired" and len(asked.calls) == 2
    question = model.seen[1].messages
    assert question[-2].content == '{"queries": []}'
    assert "queries: Tuple should have at least 1 item" in question[-1].content


def test_an_answer_wrong_twice_leaves_the_playbook_with_the_reason(context):
    model = Model('{"queries": []}', "no")
    asked = ask(context(model))
    assert (asked.source, asked.ok) == ("playbook", False)
    assert "at least 1 item" in asked.why and "no complete JSON object" in asked.why
    assert len(model.seen) == 2


def test_a_truncated_answer_is_asked_for_shorter(context):
    model = Model(Reply(text='{"queries": ["a long', finish="length", usage=None, model="m"), GOOD)
    asked = ask(context(model))
    assert asked.source == "repaired"
    assert "too long" in model.seen[1].messages[-1].content


def test_text_that_came_with_a_refused_form_is_salvaged(context):
    asked = ask(context(Model(ModelMalformed("HTTP 400: tool_use_failed", text=f"<function=queries>{GOOD}</function>"))))
    assert (asked.source, asked.calls[0].outcome) == ("model", "malformed")


def test_an_outage_is_tried_again_and_a_refusal_never(context):
    flaky, refusing = Model(ModelUnavailable("down"), GOOD), Model(ModelRefused("wrong key"), GOOD)
    assert [call.outcome for call in ask(context(flaky)).calls] == ["unavailable", "answered"]
    asked = ask(context(refusing), worry="another")
    assert (asked.source, len(refusing.seen)) == ("playbook", 1)
    assert "wrong key" in asked.why


def test_the_chain_is_gone_down_until_somebody_answers(context):
    first, second = Model(ModelRefused("wrong key"), name="first"), Model(GOOD, name="second")
    asked = ask(context(first, second))
    assert asked.ok and [(call.model, call.outcome) for call in asked.calls] == [("first", "refused"), ("second", "answered")]


def test_a_model_that_refused_is_left_alone_for_a_while(context):
    model = Model(ModelRefused("wrong key"), provider="local")
    assert "wrong key" in ask(context(model)).why
    assert "refused to serve" in ask(context(model), worry="another").why
    assert len(model.seen) == 1


def test_what_nobody_foresaw_behind_the_seam_is_an_outage(context):
    asked = ask(context(Model(RecursionError("deep"), UnicodeError("half"), ZeroDivisionError("by"))))
    assert asked.source == "playbook" and "ZeroDivisionError" in asked.why
    assert [call.outcome for call in asked.calls] == ["unavailable"] * 3


def test_a_request_found_too_large_is_sent_smaller(context):
    model = Model(ModelTooLarge("HTTP 413"), GOOD)
    asked = ask(context(model), worry="word " * 4_000)
    first, second = (sum(len(m.content) for m in request.messages) for request in model.seen)
    assert asked.ok and second < first and asked.cut == ("worry",)


def test_a_used_up_day_says_when_to_come_back_and_is_no_error(context):
    model = Model(ModelLimited("used up", retry_after=7_200, scope="day"), GOOD, provider="groq")
    asked = ask(context(model))
    assert asked.source == "playbook" and asked.come_back_at in asked.why and asked.come_back_at.endswith("+00:00")
    assert ask(context(model), worry="another").come_back_at
    assert len(model.seen) == 1


def test_a_day_that_is_used_up_elsewhere_or_by_others_keeps_nobody_from_asking(context):
    used_up = Model(ModelLimited("used up", retry_after=7_200, scope="day"), provider="groq")
    assert ask(context(used_up, groq_key="one", groq_base_url="http://127.0.0.1:1")).come_back_at
    for number, (key, url) in enumerate([("other", "http://127.0.0.1:1"), ("one", "http://127.0.0.1:2")]):
        assert ask(context(Model(GOOD, provider="groq"), groq_key=key, groq_base_url=url), worry=f"another {number}").ok
    model = Model(GOOD, provider="groq")
    assert ask(context(model, groq_key="one", groq_base_url="http://127.0.0.1:1"), worry="once more").come_back_at and not model.seen


def test_a_short_retry_after_is_waited_for_and_counted(context):
    asked = ask(context(Model(ModelLimited("slow down", retry_after=0.6, scope="minute"), GOOD, provider="groq")))
    assert asked.ok
    assert asked.calls[1].waited > 0.2


def test_every_prompt_and_answer_stay_within_a_call(context):
    model = Model(GOOD)
    asked = ask(context(model), worry="A sentence of many words. " * 5_000, planned=["query " * 20] * 500)
    assert asked.ok and set(asked.cut) == {"worry", "planned"}
    assert asked.calls[0].budgeted <= 4_500
    assert CallStore(context().workspace.root).all()[0].attempts[0].estimated <= 4_500


def test_the_mission_never_takes_more_tokens_than_it_may(context):
    made = context(Model(*[Reply(text=GOOD, finish="stop", usage=None, model="m")] * 50), mission_tokens=6_000)
    results = [ask(made, worry=f"worry {i}") for i in range(20)]
    assert results[0].ok and not results[-1].ok
    assert "used up" in results[-1].why
    assert spent(CallStore(made.workspace.root).all()).tokens <= 6_000


def test_a_model_that_needs_more_tokens_than_estimated_gets_shorter_prompts(context):
    def dense(request):
        return Reply(text=GOOD, finish="stop", usage=Usage(prompt=sum(len(m.content) for m in request.messages), answer=9), model="m")

    model = Model()
    model.complete = lambda request, *, seconds: model.seen.append(request) or dense(request)
    made = context(model, mission_tokens=10**6)
    for i in range(2):
        ask(made, worry=f"{i} " + "word " * 5_000)
    assert len(model.seen[1].messages[1].content) < len(model.seen[0].messages[1].content) / 1.5


def test_an_impossible_count_of_tokens_is_not_believed(context):
    made = context(*[Model(Reply(text=GOOD, finish="stop", usage=Usage(prompt=10**12, answer=10**12), model="m"), GOOD)])
    (call,) = ask(made).calls
    assert (call.prompt_tokens, call.answer_tokens) == (None, None) and 0 < call.budgeted <= 4_500
    assert ask(made, worry="another").ok


def test_a_provider_that_limits_for_ever_is_left_alone_after_a_while(context):
    model = Model(*[ModelLimited("slow down", retry_after=0.0)] * 20, provider="openai_compatible")
    made = context(model)
    assert "4 times in a row" in [ask(made, worry=f"worry {i}").why for i in range(3)][-1]
    assert len(model.seen) <= 6


def test_circles_get_one_nudge_and_are_given_up_then(context):
    model = Model(*["I would say so."] * 40)
    made = context(model)
    results = [ask(made, worry=f"worry {i}") for i in range(6)]
    assert "round in circles" in results[-1].why and not results[-1].calls
    nudged = [request for request in model.seen if "prose" in request.messages[1].content]
    assert 1 <= len(nudged) <= 2
    assert len(model.seen) <= 6


def test_candidates_without_a_verifier_are_all_handed_back(context):
    tool = make_tool({"queries": Decision("queries", "queries.md.j2", DECISIONS["queries"].answer, candidates=3)})
    model = Model(*[json.dumps({"queries": [f"query {i}"]}) for i in range(3)])
    asked = ask(context(model), tool)
    assert [asked.answer, *asked.alternatives] == [{"queries": [f"query {i}"]} for i in range(3)]
    assert model.seen[1].temperature > model.seen[0].temperature


def test_a_verifier_ends_the_draws_with_the_first_that_it_accepts(context):
    chosen = Decision(
        "queries", "queries.md.j2", DECISIONS["queries"].answer, candidates=3, verify=lambda a: "" if "b" in a.queries[0] else "no b"
    )
    model = Model('{"queries": ["aaa"]}', '{"queries": ["aaaa"]}', '{"queries": ["bbb"]}', GOOD)
    asked = ask(context(model), make_tool({"queries": chosen}))
    assert asked.answer == {"queries": ["bbb"]} and asked.alternatives == ()
    assert len(model.seen) == 3


def test_a_good_draw_after_a_bad_one_is_the_models_own_and_an_outage_ends_the_draws(context):
    tool = make_tool({"queries": Decision("queries", "queries.md.j2", DECISIONS["queries"].answer, candidates=3)})
    asked = ask(context(Model("no", "no again", GOOD, GOOD)), tool)
    assert (asked.source, len(asked.alternatives), len(asked.calls)) == ("model", 1, 4)
    down = Model(*[ModelUnavailable("down")] * 20)
    assert not ask(context(down), tool, worry="another").ok
    assert len(down.seen) == 3


def test_what_was_turned_away_cost_nothing_where_the_price_is_known(context):
    priced = Model(ModelTooLarge("HTTP 413"), GOOD, name="llama-3.1-8b-instant", provider="groq")
    first, second = ask(context(priced)).calls
    assert (first.cost, first.budgeted) == (0.0, 0)
    assert second.cost == pytest.approx((50 * 0.05 + 10 * 0.08) / 1e6)


def test_what_the_caller_got_wrong_is_said_to_the_caller(context):
    with pytest.raises(InvalidArguments, match="no decision 'nothing'"):
        ask(context(Model()), decision="nothing")
    with pytest.raises(InvalidArguments, match="'title' is undefined"):
        TOOL.call({"decision": "queries", "slots": {}}, context(Model()))


def test_a_limits_file_that_is_none_leaves_the_playbook(context, tmp_path):
    (tmp_path / "cache" / "model").mkdir(parents=True)
    (tmp_path / "cache" / "model" / "limits.sqlite").write_bytes(b"this is no database at all" * 100)
    asked = ask(context(Model(GOOD)))
    assert asked.source == "playbook" and "limits.sqlite" in asked.why


def test_a_cache_folder_that_cannot_be_made_leaves_the_playbook(context, tmp_path):
    (tmp_path / "cache").write_text("a file")
    asked = ask(context(Model(GOOD)))
    assert asked.source == "playbook" and "cannot be kept" in asked.why


def test_nothing_is_sent_when_it_could_not_be_written_down(context, tmp_path):
    model = Model(GOOD)
    made = context(model)
    (tmp_path / "run" / "results").write_text("a file")
    with pytest.raises(WorkspaceUnwritable):
        ask(made)
    assert model.seen == []


def test_the_same_question_is_paid_once(context):
    model = Model(GOOD)
    first, again = ask(context(model)), ask(context(model))
    assert (first.answer, first.calls) == (again.answer, again.calls)
    assert len(model.seen) == 1


def test_an_answer_is_found_again_although_limits_factor_and_schema_changed(context):
    model = Model('{"queries": []}', GOOD, constrains=True)
    ask(context(model), worry="word " * 5_000)
    model.constrains = False
    asked = ask(context(model, call_tokens=3_000), worry="word " * 5_000)
    assert asked.source == "repaired" and len(model.seen) == 2


def test_the_answer_of_a_later_model_is_found_before_an_earlier_one_is_asked_again(context):
    first, second = Model(*[ModelUnavailable("down")] * 9, name="first"), Model(GOOD, name="second")
    ask(context(first, second))
    sent = len(first.seen)
    assert ask(context(first, second)).ok
    assert len(first.seen) == sent


ALIKE = {"trickle", "endless", "stall", "limited_by_date", "limited_by_reset", "limited_bare", "context_length", "compressed_bomb"}
"""Slow ones that look from here as others do."""
PLAYED = [name for name in BEHAVIOURS if name not in ALIKE and not name.startswith("code_")]
ANSWERED = {"good", "flapping", "tool_use_failed", "json_validate_failed", "nearly_json", "list_of_answers", "huge"}


@pytest.mark.parametrize("name", PLAYED)
def test_no_behaviour_of_a_server_gets_past_the_record_the_budget_or_the_caller(name, serve, settings_for, tmp_path):
    server = serve(name)
    patience = {"model_seconds": 20, "call_seconds": 10} if name in ANSWERED else {"model_seconds": 0.8, "call_seconds": 0.2}
    settings = settings_for(server, **patience, mission_tokens=40_000, tokens_per_minute=10**6)
    (tmp_path / "run").mkdir()
    context = ToolContext(settings, None, Workspace(tmp_path / "run"), lambda line: None, (openai_compatible.connect(settings),))
    began = time.monotonic()
    one = ask(context)
    assert time.monotonic() - began < patience["model_seconds"] + SLACK
    assert one.ok or name not in ANSWERED
    assert one.ok == (one.answer is not None) == (one.source != "playbook")
    assert one.ok or one.why
    assert one.answer is None or DECISIONS["queries"].answer.model_validate(one.answer)
    store = CallStore(context.workspace.root)
    assert all(attempt.estimated <= settings.call_tokens for record in store.all() for attempt in record.attempts)
    written = "".join(file.read_text() for file in (tmp_path / "run").rglob("*.json"))
    assert settings.openai_key.get_secret_value() not in written


CHILD = """
import os, signal, sys
from pathlib import Path
from agent.core.artifacts import Action
from agent.core.journal import Journal, call_id
from agent.core.ledger import Ledger
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace
from agent.models import openai_compatible
from agent.models.ask import TOOL
run, url, kill_at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
settings = Settings.load({}, openai_base_url=url + "/openai/v1", cache=run.parent / "cache", requests_per_minute=1000, tokens_per_minute=10**6)
workspace = Workspace(run)
context = ToolContext(settings, None, workspace, lambda line: None, (openai_compatible.connect(settings),))
journal = Journal(workspace, Ledger(run))
for number in range(4):
    slots = {"title": "t", "industry": "i", "worry": f"worry {number}", "planned": []}
    action = Action(id=f"ask{number}", tool="ask_model", args={"decision": "queries", "slots": slots}, why="w")
    def effect():
        result = TOOL.call(action.args, context)
        if number == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return result.model_dump(mode="json")
    marker = journal.once(call_id("research", action, ""), "ask_model", effect)
    assert marker.result["ok"], marker
print("done", flush=True)
"""


def child(run, server, kill_at=-1):
    command = [sys.executable, "-c", CHILD, str(run), server.url, str(kill_at)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def requests_of(log):
    return [json.loads(line)["body"] for line in log.read_text().splitlines()] if log.exists() else []


def test_killed_between_answer_and_commit_it_is_not_paid_twice(serve, tmp_path):
    log, run = tmp_path / "log.jsonl", tmp_path / "run"
    run.mkdir()
    server = serve("good", log=log)
    for kill_at in (0, 2):
        process = child(run, server, kill_at)
        assert process.wait(timeout=60) == -signal.SIGKILL
        process.stdout.close()
    last = child(run, server)
    assert last.communicate(timeout=60)[0] == "done\n"
    assert len(requests_of(log)) == len(set(requests_of(log))) == 4


def test_killed_at_any_moment_no_call_is_paid_after_its_answer_was_stored(serve, tmp_path):
    log, run = tmp_path / "log.jsonl", tmp_path / "run"
    run.mkdir()
    slow = behaviour("slow", "good after a while", lambda question: time.sleep(0.15) or says(question, question.good))
    server = serve(slow, log=log)
    rng, stored = random.Random(4), {}
    for _ in range(3):
        process = child(run, server)
        timer = threading.Timer(
            rng.uniform(0.6, 2.2), lambda alive=process: os.kill(alive.pid, signal.SIGKILL) if alive.poll() is None else None
        )
        timer.start()
        process.communicate(timeout=60)
        timer.cancel()
        records = CallStore(run).all()
        answered = {record.key: len(record.attempts) for record in records if record.reply}
        assert stored.items() <= answered.items()
        stored = answered
    assert child(run, server).communicate(timeout=60)[0] == "done\n"
    records = CallStore(run).all()
    assert len(records) == 4
    assert all(
        [a.outcome for a in record.attempts].count("answered") == 1 and record.attempts[-1].outcome == "answered" for record in records
    )
    assert len(requests_of(log)) <= sum(len(record.attempts) for record in records)


def test_arguments_are_a_record():
    assert AskArgs(decision="queries", slots={}).slots == {}
