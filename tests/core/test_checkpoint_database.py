"""Checkpoints in a real PostgreSQL: sealed, kept small, each run's apart, and never a password in what is said."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.graph import END, START, StateGraph
from pydantic import SecretStr

from agent.core.checkpoint_store import FILE, FileCheckpoints, checked, store_of
from agent.core.errors import EnvironmentUnfit, LimitReached, UsageError
from agent.core.mounts import network_kind
from agent.core.settings import Settings, secret_values, without_keys
from agent.core.workspace import Workspace
from agent.graph import serializer
from bench import postgres
from tests.conftest import ROOT, agent

HERE = "postgresql://agent@127.0.0.1:1/x"
word = st.text(st.characters(categories=("L", "N")), min_size=8, max_size=20)


class Counted(TypedDict, total=False):
    n: int
    seen: list[int]


@pytest.fixture(scope="module")
def database() -> Iterator[postgres.Server]:
    """A server that all tests of this file share."""
    pytest.importorskip("psycopg", reason="the extra [cluster] is not installed")
    if why := postgres.absent():
        pytest.skip(why)
    with postgres.server() as made:
        yield made


def store(folder: Path, server: postgres.Server, name: str = "a") -> Any:
    settings = Settings.load({}, checkpoints=server.url, checkpoints_password=SecretStr(server.password))
    return store_of(Workspace(folder), {"checkpoints_id": name}, settings)


def walked(where: Any, steps: int) -> dict[str, Any]:
    """Walk a graph of so many steps, or go on with it; its state."""

    def step(state: Counted) -> Counted:
        return {"n": state["n"] + 1, "seen": [*state.get("seen", []), state["n"]]}

    graph = StateGraph(Counted)
    graph.add_node("step", step)
    graph.add_edge(START, "step")
    graph.add_conditional_edges("step", lambda state: END if state["n"] >= steps else "step", ["step", END])
    config: Any = {"configurable": {"thread_id": where.thread("marks")}, "recursion_limit": 500}
    with where.opened(serializer()) as saver:
        compiled = graph.compile(checkpointer=saver)
        if not compiled.get_state(config).values:
            compiled.invoke({"n": 0}, config, durability="sync")
        return dict(compiled.get_state(config).values)


def test_a_walk_is_kept_small_and_found_again(tmp_path: Path, database: postgres.Server) -> None:
    """Hundred steps leave few rows; another connection reads the end; a second run and a copy of the folder see nothing of it."""
    first = store(tmp_path, database)
    assert first.damage() == "is missing"
    assert walked(first, 100)["n"] == 100 and first.damage() == ""
    assert int(database.sql("select count(*) from checkpoints")) < 40
    assert walked(store(tmp_path, database), 3)["n"] == 100
    assert store(tmp_path, database, "b").damage() == store(tmp_path / "copy", database).damage() == "is missing"
    other = store(tmp_path, database, "b")
    walked(other, 3)
    first.forget()
    assert first.damage() == "is missing" and other.damage() == ""


@pytest.mark.parametrize(
    "harm",
    [
        "update checkpoint_blobs set blob = set_byte(blob, 0, 255 - get_byte(blob, 0))",
        "update checkpoint_writes set blob = substring(blob for 2)",
        "update checkpoints set checkpoint = jsonb_set(checkpoint, '{channel_versions,n}', '\"9\"')",
        "update checkpoints set metadata = metadata - 'seal'",
    ],
)
def test_every_damage_is_seen(harm: str, tmp_path: Path, database: postgres.Server) -> None:
    """Of values, of writes, of the checkpoint itself and of its seal."""
    walk = store(tmp_path, database)
    walked(walk, 5)
    database.sql(harm)
    assert "not what was written" in walk.damage()
    database.sql("delete from checkpoints; delete from checkpoint_writes; delete from checkpoint_blobs")
    assert walk.damage() == "is missing"


def test_what_cannot_be_had_is_one_line_without_the_password(tmp_path: Path, database: postgres.Server) -> None:
    """No such database and a wrong password are for a person; a server that is down is for later, also in the middle of a walk."""
    settings = Settings.load({}, checkpoints=database.url, checkpoints_password=SecretStr("wrong-" + database.password))
    for broken in (
        settings,
        settings.model_copy(update={"checkpoints": database.url.replace("/checkpoints", "/none")}),
        settings.model_copy(update={"checkpoints_password": None}),
    ):
        with pytest.raises(EnvironmentUnfit) as refused:
            store_of(Workspace(tmp_path), {}, broken).damage()
        assert "FATAL" in str(refused.value) or "password" in str(refused.value)
        assert database.password not in f"{refused.value} {refused.value.hint}" and "\n" not in str(refused.value)
    walk = store(tmp_path, database)
    with walk.opened(serializer()) as saver:
        database.stop()
        config: Any = {"configurable": {"thread_id": walk.thread("marks"), "checkpoint_ns": ""}}
        with pytest.raises(LimitReached, match="cannot be reached"):
            saver.get_tuple(config)
    with pytest.raises(LimitReached, match="cannot be reached"):
        walk.damage()
    database.start()
    assert walk.damage() in ("", "is missing")


def test_workers_that_come_at_once_make_the_tables_once(tmp_path: Path, database: postgres.Server) -> None:
    """Three processes meet an empty database."""
    for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes", "checkpoint_migrations"):
        database.sql(f"drop table if exists {table}")
    code = (
        "from agent.core.checkpoint_store import store_of; from agent.core.settings import Settings; from agent.core.workspace import Workspace\n"
        f"from pathlib import Path\nprint(store_of(Workspace(Path({str(tmp_path)!r})), {{}}, Settings.load(checkpoints={database.url!r})).damage())"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=database.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(3)
    ]
    assert [process.communicate(timeout=60)[0].decode().strip() for process in started] == ["is missing"] * 3


@given(word, word, st.booleans())
def test_a_password_in_the_url_is_refused_and_not_repeated(name: str, password: str, in_query: bool) -> None:
    """Wherever it stands in it."""
    password = "p" + password + "Z9"
    url = f"postgresql://{name}@h/d?sslmode=require&password={password}" if in_query else f"postgresql://{name}:{password}@h/d"
    with pytest.raises(UsageError) as refused:
        checked(url)
    assert password not in f"{refused.value}{refused.value.hint}"


def test_another_place_is_refused(tmp_path: Path) -> None:
    """In one line, and before anything is made."""
    for place in ("mysql://h/d", "checkpoints.sqlite", "postgresql://[::1/d", "host=h dbname=d"):
        with pytest.raises(UsageError, match="--checkpoints"):
            checked(place)
    ended = agent("--entry", "CORE-001", "--checkpoints", "mysql://h/d", "--runs", str(tmp_path))
    assert ended.returncode == 2 and "--checkpoints" in ended.stderr and "Traceback" not in ended.stderr and not list(tmp_path.iterdir())


def test_the_password_of_the_database_is_a_key_like_the_others(tmp_path: Path) -> None:
    """From the variable or the file that it names, taken out of texts, and not handed on to programs of others."""
    (tmp_path / "file").write_text("from-a-file-1\n")
    for environ in ({"PGPASSWORD": "from-a-file-1"}, {"PGPASSWORD_FILE": str(tmp_path / "file")}):
        found = Settings.load(environ).checkpoints_password
        assert found is not None and found.get_secret_value() == "from-a-file-1"
        assert "from-a-file-1" in secret_values(environ) and not without_keys(environ)


def test_the_extra_that_is_missing_is_named(tmp_path: Path) -> None:
    """A machine without it cannot keep checkpoints in a database."""
    (tmp_path / "psycopg.py").write_text("raise ImportError('No module named psycopg')")
    ended = agent(
        "--entry",
        "CORE-001",
        "--checkpoints",
        HERE,
        "--runs",
        str(tmp_path),
        env=os.environ | {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert (
        ended.returncode == 4
        and "make cluster" in ended.stderr
        and "Traceback" not in ended.stderr
        and [*tmp_path.iterdir()] == [tmp_path / "psycopg.py"]
    )


def test_the_file_of_a_run_is_what_it_uses_when_nothing_else_is_said(tmp_path: Path) -> None:
    """Now, else at its beginning, else the file."""
    assert store_of(Workspace(tmp_path), {}, Settings.load({})).kind == FILE
    file = FileCheckpoints(tmp_path)
    walked(file, 3)
    assert file.damage() == ""
    with sqlite3.connect(tmp_path / "checkpoints.sqlite") as connection:
        assert connection.execute("select count(*) from checkpoints").fetchone()[0]
    connection.close()
    file.forget()
    assert file.damage() == "is missing"


def test_a_folder_of_a_network_is_known(tmp_path: Path) -> None:
    """The longest mount above it counts, blanks in names included."""
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "21 1 8:1 / / rw - ext4 /dev/a rw\n22 21 0:9 / /srv/my\\040runs rw shared:1 - nfs4 h:/x rw\n23 22 8:2 / /srv/my\\040runs/own rw - xfs /dev/b rw\n"
    )
    assert network_kind(Path("/srv/my runs/CORE-001"), mounts) == "nfs4"
    assert network_kind(Path("/srv/my runs/own/x"), mounts) == network_kind(Path("/home"), mounts) == ""
    assert network_kind(Path("/"), tmp_path / "absent") == ""
