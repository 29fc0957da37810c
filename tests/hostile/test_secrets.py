"""Keys are planted wherever one can be, and given back by a hostile provider; afterwards none is in anything that is kept or shown."""

import base64
import functools
import gzip
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.secrets import MARK, without_secrets
from agent.core.settings import Settings, secret_values
from agent.models.faulty.contract import LISTED, Behaviour, Question, Sent, behaviour, refuses, says
from agent.models.faulty.fill import filled
from agent.models.faulty.server import FaultServer
from agent.models.script import Script
from tests.conftest import ROOT
from tests.loopback_web import PLAIN, LoopbackWeb
from tests.serving import serving

KEYS = {name: f'c4n/{name}+"k\\ey%{number}-9f2c41d7' for number, name in enumerate(("groq", "openai", "file", "otel", "header"))}
PASSWORDS = {name: f"pw.{name}-7d31e9ab" for name in ("proxy", "searxng", "collector", "base", "index")}
"""Of characters that a URL may hold."""
PLANTED = KEYS | PASSWORDS


@functools.cache
def spelled(value: str) -> frozenset[bytes]:
    """How it may be written, found out without the code under test."""
    raw = value.encode()
    found = {raw, json.dumps(value)[1:-1].encode(), json.dumps(json.dumps(value)[1:-1])[1:-1].encode(), repr(value)[1:-1].encode()}
    found |= {quote(value, safe="").encode(), quote_plus(value).encode(), raw.hex().encode(), base64.b64encode(raw).rstrip(b"=")[:-1]}
    found |= {base64.b64encode(b"xy"[:n] + raw)[4:-4] for n in (1, 2)} | {base64.urlsafe_b64encode(raw).rstrip(b"=")[:-1]}
    return frozenset(found)


def leaks(content: bytes, planted: Mapping[str, str] = PLANTED) -> set[str]:
    """Names of the keys in it, packed members of it included."""
    found = {name for name, value in planted.items() if any(form in content for form in spelled(value))}
    if content[:2] == b"\x1f\x8b":
        with suppress(OSError, EOFError):
            found |= leaks(gzip.decompress(content), planted)
    return found


def in_files(*folders: Path) -> dict[str, set[str]]:
    """By file; bytes as they are, so that databases are searched too."""
    found = {}
    for file in (file for folder in folders for file in folder.rglob("*") if file.is_file()):
        names = leaks(file.read_bytes()) | leaks(file.name.encode())
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                names |= {name for member in archive.namelist() for name in leaks(archive.read(member))}
        if names:
            found[str(file)] = names
    return found


@dataclass
class Watched:
    """What processes that a command started had in their environment and on their command line."""

    found: set[str] = field(default_factory=set)
    seen: int = 0

    def look(self, parent: int) -> None:
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, ValueError):
                line = (folder / "cmdline").read_bytes()
                self.found |= {f"command line: {name}" for name in leaks(line)}
                if int(folder.name) != parent and descends(int(folder.name), parent):
                    self.seen += 1
                    self.found |= {f"environment of {line[:80]!r}: {name}" for name in leaks((folder / "environ").read_bytes(), KEYS)}


def descends(pid: int, parent: int) -> bool:
    """Whether one process is below another."""
    while pid > 1 and pid != parent:
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return pid == parent


def echo(question: Question) -> str:
    """Everything that came with the question, in every form."""
    key = question.key
    forms = [
        key,
        json.dumps(key),
        quote(key, safe=""),
        base64.b64encode(key.encode()).decode(),
        base64.b64encode(b"a" + key.encode()).decode(),
    ]
    return " ".join([*forms, key.encode().hex(), repr(key), *PASSWORDS.values()])


def answers(question: Question) -> Sent:
    if question.schema is None or question.wants_code:
        return says(question, f"```python\nimport os\nprint(dict(os.environ))  # {echo(question)}\n```")
    sent = says(question, json.dumps(filled(question.schema, lambda name: echo(question))))
    return Sent(sent.body, headers=(("retry-after", question.key), ("x-ratelimit-reset-tokens", question.key), ("x-key", question.key)))


def refusals() -> Behaviour:
    """Errors of every kind in turn, each with the key in body, header and location."""
    kinds = itertools.cycle((400, 401, 429, 500, 302, 413, 200))

    def play(question: Question) -> Sent:
        status, words = next(kinds), echo(question)
        if status == 200:
            return Sent(f"not JSON {words}".encode())
        header = (
            ("location", f"http://127.0.0.1:1/{quote(question.key)}?k={question.key}"),
            ("retry-after", "0"),
            ("x-ratelimit-reset-tokens", words),
        )
        return refuses(status, words, "tool_use_failed", *header, failed_generation=words)

    return behaviour("refusals", "errors that hold the key", play)


@contextmanager
def served(chosen: Behaviour) -> Iterator[str]:
    with serving(FaultServer(chosen, Script(()), LISTED)) as server:
        yield server.url


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Keys in every place that there is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GROQ_", "OPENAI_", "STAGEFLOW_AGENT_"))}
    proxy = f"http://me:{PASSWORDS['proxy']}@127.0.0.1:9"
    own = {
        "STAGEFLOW_AGENT_CACHE": str(folder / "cache"),
        "STAGEFLOW_AGENT_CALL_SECONDS": "5",
        "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{quote(KEYS['otel'])},x-other={quote(KEYS['header'])}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://me:{PASSWORDS['collector']}@127.0.0.1:9",
        "HTTPS_PROXY": proxy,
        "ALL_PROXY": proxy,
        "NO_PROXY": "127.0.0.1,localhost",
        "PIP_INDEX_URL": f"https://me:{PASSWORDS['base']}@index.invalid/simple",
        "UV_INDEX_URL": f"https://me:{PASSWORDS['index']}@index.invalid/simple",
    }
    return kept | own | more


def until_researched(folder: Path, env: Mapping[str, str], *options: str) -> tuple[bytes, Watched]:
    """A mission until its first phase is done, what it printed, and what its children could see."""
    command = [sys.executable, "-m", "agent", "--runs", str(folder / "runs"), "--entry", "CORE-001", *options]
    watched = Watched()
    with subprocess.Popen(command, cwd=ROOT, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        said: list[bytes] = []
        reader = threading.Thread(target=lambda: said.append(process.stdout.read()))  # type: ignore[union-attr]
        reader.start()
        until = time.monotonic() + 90
        while process.poll() is None and time.monotonic() < until:
            watched.look(process.pid)
            if list((folder / "runs").glob("*/*/results/records/research.json")):
                process.send_signal(signal.SIGTERM)
                break
            time.sleep(0.04)
        with suppress(subprocess.TimeoutExpired):
            process.wait(60)
        process.kill()
        reader.join()
    assert process.returncode in (130, 0), said[0][-2000:]
    return said[0], watched


@pytest.mark.slow
@pytest.mark.parametrize("way", ["groq", "openai_compatible"])
def test_no_key_is_kept_or_shown(way: str, tmp_path: Path) -> None:
    page = f"A page that knows the key {KEYS['groq']} and {base64.b64encode(KEYS['openai'].encode()).decode()} of its reader. {PLAIN}"
    chosen = behaviour("echo", "gives the key back", answers) if way == "groq" else refusals()
    with served(chosen) as url, serving(LoopbackWeb()) as web:
        keys = {"GROQ_API_KEY": KEYS["groq"], "GROQ_BASE_URL": url, "OPENAI_API_KEY": KEYS["openai"], "OPENAI_BASE_URL": f"{url}/openai/v1"}
        at = f"me:{PASSWORDS['searxng']}@{web.host}"
        env = environment(tmp_path, STAGEFLOW_AGENT_SEARXNG_URL=f"http://{at}", STAGEFLOW_AGENT_FETCH_HOSTS=web.host, **keys)
        web.extra = page
        said, watched = until_researched(tmp_path, env, "--provider", way, "--search", "searxng", "--traces", "otlp", "--model", LISTED[0])
    assert leaks(said) == set(), said[-3000:]
    assert in_files(tmp_path) == {}
    assert watched.found == set() and watched.seen
    (run,) = (tmp_path / "runs/CORE-001").iterdir()
    kept = "".join(file.read_text(encoding="utf-8") for file in (run / "results/model").rglob("*.json*"))
    assert MARK in kept, "the provider did give the key back"


def test_a_key_may_stand_in_a_file_and_is_as_secret(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(KEYS["file"] + "\n", encoding="utf-8")
    environ = {"GROQ_API_KEY_FILE": str(file)}
    loaded = Settings.load(environ)
    assert loaded.groq_key is not None and loaded.groq_key.get_secret_value() == KEYS["file"] and loaded.providers == ("groq",)
    assert KEYS["file"] in secret_values(environ) and KEYS["file"] not in repr(loaded)
    done = subprocess.run(
        [sys.executable, "-m", "agent", "runs"],
        cwd=ROOT,
        env=os.environ | {"OPENAI_API_KEY_FILE": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and done.stderr.startswith("error: OPENAI_API_KEY_FILE: cannot read") and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("--entry", "CORE-001", "--provider", "scripted", "--script", "{folder}/script.yaml"), ("check", "--target", "{folder}/c4n"), ("verify", "{folder}/x.json")],
)  # fmt: skip
def test_what_goes_wrong_is_told_without_the_key(arguments: tuple[str, ...], tmp_path: Path) -> None:
    key = KEYS["groq"]
    (tmp_path / "script.yaml").write_text(f"- {{reply: [{json.dumps(key)}\n", encoding="utf-8")
    (tmp_path / "x.json").write_text(json.dumps({"findings": [{"status": key}, key]}), encoding="utf-8")
    (tmp_path / "c4n/stageflow").mkdir(parents=True)
    (tmp_path / "c4n/stageflow/__init__.py").write_text(f"raise RuntimeError({key!r})\n", encoding="utf-8")
    command = [sys.executable, "-m", "agent", *(argument.format(folder=tmp_path) for argument in arguments)]
    done = subprocess.run(command, cwd=ROOT, env=environment(tmp_path, GROQ_API_KEY=key), capture_output=True, timeout=100)
    assert done.returncode in (2, 4) and leaks(done.stdout + done.stderr) == set() and b"Traceback" not in done.stderr


def test_code_of_a_model_that_prints_the_environment_sees_no_key(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(
        "import os, glob\nprint(dict(os.environ))\n"
        "for name in ('environ', 'cmdline'):\n    for path in glob.glob(f'/proc/*/{name}'):\n        print(open(path, 'rb').read())\n"
    )
    (tmp_path / "run-2026-01-01-001").mkdir()
    keys = {"GROQ_API_KEY": KEYS["groq"], "OPENAI_API_KEY": KEYS["openai"]}
    command = [sys.executable, "-m", "agent", "tool", "run_code", "--file", str(tmp_path / "x.py"), "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment(tmp_path, **keys), capture_output=True, timeout=100)
    assert leaks(done.stdout + done.stderr) == set() and b"PATH" in done.stdout + done.stderr


@settings(max_examples=40)
@given(st.text(st.characters(codec="utf-8"), min_size=12, max_size=40))
def test_every_form_of_a_key_is_taken_out(value: str) -> None:
    raw = value.encode()
    whole = {value, json.dumps(value), json.dumps(json.dumps(value)), repr(value), quote(value, safe=""), quote_plus(value), raw.hex()}
    whole |= {
        code(b"xy"[:n] + raw + b"z" * m).decode()
        for n in range(3)
        for m in range(3)
        for code in (base64.b64encode, base64.urlsafe_b64encode)
    }
    for form in whole:
        text = without_secrets(f":{form}:", [value])
        assert MARK in text and leaks(text.encode(), {"it": value}) == set()


@settings(max_examples=40)
@given(st.text(st.characters(codec="utf-8"), min_size=8, max_size=40))
def test_json_stays_json(value: str) -> None:
    text = json.dumps({"a": value, "b": [f"x{value}y\\"]}, ensure_ascii=False)
    assert set(json.loads(without_secrets(text, [value]))) == {"a", "b"}
