"""Calls are found again by their question, and a key is never in their files."""

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from agent.core.chat import Message, Reply, Request, Usage
from agent.models.calls import FOLDER, Attempt, CallRecord, CallStore, key_of, sha256_of

REQUEST = Request(messages=(Message(role="user", content="q"),), max_tokens=10)


class Named:
    """Only what a key is made of."""

    def __init__(self, provider, name):
        self.provider, self.name = provider, name


def record(**fields):
    given = {"key": "k", "question": "k", "decision": "d", "phase": "", "provider": "p", "model": "m", "request": REQUEST}
    return CallRecord(**(given | fields))


def attempt(**fields):
    return Attempt(**({"outcome": "answered", "sent_at": 1.0, "estimated": 100, "prompt_sha256": sha256_of(REQUEST)} | fields))


def test_a_record_is_read_back_as_it_was_written(tmp_path):
    reply = Reply(text="a\nß\x00", finish="stop", usage=Usage(prompt=3, answer=4), model="m", headers={"x-ratelimit-limit-tokens": "6000"})
    written = CallStore(tmp_path).put(record(reply=reply, attempts=(attempt(prompt_tokens=3, answer_tokens=4, cost=None),)))
    assert CallStore(tmp_path).get("k") == written
    assert written.reply == reply
    assert CallStore(tmp_path).get("other") is None


def test_the_same_question_has_the_same_key_and_any_difference_another():
    keys = {
        key_of(Named("p", "m"), REQUEST, 0),
        key_of(Named("p", "m"), REQUEST, 1),
        key_of(Named("q", "m"), REQUEST, 0),
        key_of(Named("p", "n"), REQUEST, 0),
        key_of(Named("p", "m"), REQUEST.model_copy(update={"temperature": 0.3}), 0),
    }
    assert len(keys) == 5
    assert key_of(Named("p", "m"), REQUEST.model_copy(), 0) in keys


def test_secrets_and_what_looks_like_one_are_never_written(tmp_path):
    store = CallStore(tmp_path, (SecretStr("very-secret-value"), None))
    echo = Reply(text="your key is very-secret-value or gsk_abcdefghijklmnop", finish="stop", usage=None, model="very-secret-value")
    store.put(record(reply=echo, attempts=(attempt(message="401 very-secret-value"),)))
    text = (tmp_path / FOLDER / "k.json").read_text()
    assert "very-secret" not in text and "gsk_" not in text and "[key]" in text


def test_a_damaged_file_counts_as_absent(tmp_path):
    store = CallStore(tmp_path)
    store.put(record())
    (tmp_path / FOLDER / "k.json").write_text('{"key": "k"')
    (tmp_path / FOLDER / "other.json").write_text(json.dumps({"key": 3}))
    assert store.get("k") is None and store.all() == ()


def test_characters_that_no_file_can_hold_do_not_stop_the_store(tmp_path):
    store = CallStore(tmp_path)
    written = store.put(record(reply=Reply(text="half \ud800 pair", finish="stop", usage=None, model="m")))
    assert written == store.get("k")


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("mn"), st.integers(0, 9) | st.none()), max_size=25))
def test_the_largest_figure_is_that_of_all_answers_whenever_it_is_asked_for(steps):
    with tempfile.TemporaryDirectory() as folder:
        store, sizes, largest = CallStore(Path(folder)), {}, 0
        for number, (key, model, size) in enumerate(steps):
            reply = None if size is None else Reply(text="x" * size, finish="stop", usage=None, model=model)
            store.put(record(key=f"{key}{model}", model=model, reply=reply, attempts=(attempt(sent_at=float(number)),)))
            sizes[key, model] = size or 0
            if number % 3:  # more than one may come between two questions
                largest = max([largest, *(found for (_, whose), found in sizes.items() if whose == "m")])
                assert store.most(length, Named("p", "m")) == largest
        written = [f"{key}{model}" for key, model, _ in reversed(steps)]
        assert [each.key for each in store.all()] == list(dict.fromkeys(written))[::-1], "the one asked last comes last"


def length(found):
    return float(len(found.reply.text))


def test_what_the_budget_counts_for_an_attempt():
    assert attempt(prompt_tokens=7, answer_tokens=3).tokens == 10
    assert attempt().tokens == 100
    assert attempt(outcome="sent").tokens == attempt(outcome="unavailable").tokens == 100
    assert {attempt(outcome=name).tokens for name in ("limited", "too_large", "refused")} == {0}
