"""Missions of a batch on workers of a dask scheduler: where there is room, and somewhere else when a worker dies."""

import contextlib
import itertools
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from agent.commands.batch_worker import Facts, Order, carry_out, examined, stop
from agent.commands.cluster import ANSWER_SECONDS, Link, engine, own_address
from agent.core.errors import EnvironmentUnfit, LimitReached

LOOK = 1.0
"""Seconds between two looks at who is there."""
ALONE = 60.0
"""Seconds without any worker after which the batch stops, resumably."""
MOVES = 3
"""A mission whose workers died more often than that counts as crashed."""
KILLED = -9


class Workers:
    """Everybody who works for the batch.

    Args:
        client: of the scheduler.
        link: the way to it.
        order: what workers are told.
        wanted: what must be the same there as here.
        say: takes a line for whoever watches.
    """

    def __init__(self, client: Any, link: Link, order: Order, wanted: dict[str, str], say: Callable[[str], None]) -> None:
        self._client, self._link, self._wanted, self._say = client, link, wanted, say
        self.order = order.model_dump_json()
        self._looked = 0.0
        self._seen = time.monotonic()
        self._threads: dict[str, int] = {}
        self._asked: dict[str, Any] = {}
        self.names: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self._placed: list[RemoteMission] = []

    @property
    def abreast(self) -> int:
        """How many missions there is room for at once."""
        return sum(self._threads[address] for address in self.names)

    def begin(self, entry: str) -> "RemoteMission":
        """A mission that is carried out as soon as a worker has room for it."""
        mission = RemoteMission(entry, self)
        self._placed.append(mission)
        mission.poll()
        return mission

    def room(self, under_way: int) -> bool:
        """Whether one more may begin."""
        self.look()
        return under_way < self.abreast and self.free_worker() is not None

    def awaited(self, given_up: Callable[[], bool]) -> None:
        """Wait for the first worker."""
        self._say(f"looking for workers of {self._link.address}")
        while not self.names and not given_up():
            self.look()
            time.sleep(0.1)

    def free_worker(self) -> str | None:
        """One that has room."""
        busy = [mission.worker for mission in self._placed if mission.returncode is None]
        return next((address for address in sorted(self.names) if busy.count(address) < self._threads[address]), None)

    def there(self, address: str) -> bool:
        """Whether a worker still is."""
        return address in self.names

    def submit(self, address: str, function: Callable[..., Any], *args: Any) -> Any:
        """Have a worker call a function, and no other worker."""
        return self._client.submit(function, *args, workers=[address], allow_other_workers=False, pure=False)

    def tell(self, address: str, key: str, hard: bool) -> None:
        """Tell a worker to stop a mission; it may be one that does not answer, so nobody waits."""

        def told() -> None:
            with contextlib.suppress(Exception):  # a worker or scheduler that is gone has stopped it already
                self._client.run(stop, key, hard, workers=[address], on_error="ignore")

        threading.Thread(target=told, daemon=True).start()

    def moved(self, mission: "RemoteMission") -> None:
        """Say that a mission has lost its worker."""
        self._say(f"      {mission.entry}: its worker {mission.where} is gone; another one goes on with it")

    def failed(self, mission: "RemoteMission", why: str) -> None:
        """Say that a worker could not carry a mission out."""
        self._say(f"      {mission.entry}: {mission.where} could not carry it out: {why}")

    def look(self, now: bool = False) -> None:
        """See who has come and gone, every LOOK seconds or `now`."""
        at = time.monotonic()
        if at - self._looked < LOOK and not now:
            return
        self._looked = at
        self._threads = {address: row["nthreads"] for address, row in self._members().items()}
        for known in (self.names, self._refused, self._asked):
            for address in known.keys() - self._threads.keys():
                known.pop(address)
        for address in self._threads.keys() - self.names.keys() - self._refused.keys() - self._asked.keys():
            self._asked[address] = self.submit(address, examined, self.order)
        for address in [address for address, answer in self._asked.items() if answer.done()]:
            self._judge(address, self._asked.pop(address))
        if self.names or self._asked:
            self._seen = at
        elif self._refused:
            raise EnvironmentUnfit(
                next(iter(self._refused.values())), hint="Every worker was refused; correct that, then the same command."
            )
        elif at - self._seen > ALONE:
            hint = f"Start some with `python -m agent worker {self._link.address}`, then run the same command again; nothing is lost."
            raise LimitReached(f"no worker of {self._link.address} for {ALONE:.0f} s", hint=hint)

    def _members(self) -> dict[str, Any]:
        gone = LimitReached(
            f"the scheduler at {self._link.address} is gone",
            hint="Nothing is lost: its workers stop their missions. Start it, then run the same command again.",
        )
        if self._client.status != "running":
            raise gone
        try:
            found: dict[str, Any] = self._client.scheduler_info()["workers"]
        except (OSError, TimeoutError, RuntimeError) as error:
            raise gone from error
        if self._client.status != "running":
            raise gone
        return found

    def _judge(self, address: str, answer: Any) -> None:
        """Take a worker in or refuse it, and say which."""
        if answer.status != "finished":
            why = f"worker {address} is not one of this program: {first_line(answer)}; start it with `python -m agent worker`"
        else:
            facts = Facts.model_validate_json(answer.result())
            why = f"worker {facts.name}: {facts.problem}" if facts.problem else self._difference(facts)
            if not why:
                self.names[address] = facts.name
                self._say(f"      worker    {facts.name}")
                return
        self._refused[address] = why
        self._say(f"      refused   {why}")

    def _difference(self, facts: Facts) -> str:
        wrong = [name for name, value in self._wanted.items() if facts.differs.get(name) != value]
        return f"worker {facts.name} has another {', '.join(wrong)} than the batch: use the same checkout everywhere" if wrong else ""


class RemoteMission:
    """A mission on some worker, to whoever waits for it like a process."""

    _numbers = itertools.count()

    def __init__(self, entry: str, workers: Workers) -> None:
        self.entry, self.pid = entry, 0
        self.returncode: int | None = None
        self.worker, self.where = "", ""
        self._workers, self._moves = workers, 0
        self._future: Any = None
        self._key, self._told = "", False

    def poll(self) -> int | None:
        """Exit code of a mission that has ended."""
        if self.returncode is None:
            self.returncode = self._looked()
        return self.returncode

    def terminate(self) -> None:
        """Have it stop, resumably."""
        self._told = True
        if self.worker:
            self._workers.tell(self.worker, self._key, hard=False)

    def kill(self) -> None:
        """Have it stop at once, and wait no longer."""
        if self.returncode is None and self.worker:
            self._workers.tell(self.worker, self._key, hard=True)
        if self.returncode is None:
            self.returncode = KILLED

    def _looked(self) -> int | None:
        self._workers.look()
        if self.worker and not self._workers.there(self.worker):
            return self._lost()
        if not self.worker:
            return self._placed()
        if not self._future.done():
            return None
        if self._future.status == "finished":
            return int(self._future.result())
        self._workers.look(now=True)  # it may be the scheduler that is gone
        self._workers.failed(self, first_line(self._future))
        return KILLED

    def _lost(self) -> int | None:
        """The worker is gone: to be carried on by another one."""
        self._workers.moved(self)
        self._future.cancel()
        self.worker, self._moves = "", self._moves + 1
        return KILLED if self._moves > MOVES else None

    def _placed(self) -> int | None:
        if self._told:
            return 130
        if address := self._workers.free_worker():
            self.worker, self.where = address, self._workers.names[address]
            self._key = f"{self.entry}-{time.time_ns()}-{next(self._numbers)}"
            self._future = self._workers.submit(address, carry_out, self._key, self.entry, self._workers.order)
        return None


def first_line(answer: Any) -> str:
    """Why a worker could not say anything about itself."""
    error = answer.exception(timeout=ANSWER_SECONDS) if answer.status == "error" else None
    return " ".join(str(error or answer.status).split())[:160]


@contextlib.contextmanager
def connected(link: Link) -> Iterator[Any]:
    """A client of the scheduler, of the same version.

    Raises:
        EnvironmentUnfit: nobody answers there, or somebody else.
    """
    distributed = engine()
    own_address(link)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other versions: they are compared below, in one line
            client = distributed.Client(str(link.address), timeout=ANSWER_SECONDS, security=link.security(), set_as_default=False)
    except (OSError, TimeoutError, ValueError, RuntimeError) as error:
        hint = "Is it a dask scheduler, with the same TLS files?"
        raise EnvironmentUnfit(f"{link.address} does not answer as a scheduler: {first_words(error)}", hint=hint) from error
    try:
        same_versions(client, link)
        yield client
    finally:
        with contextlib.suppress(Exception):  # it may be gone
            client.close(timeout=3)


def same_versions(client: Any, link: Link) -> None:
    """See that the scheduler and this process can speak to each other.

    Raises:
        EnvironmentUnfit: they are of different versions.
    """
    versions = client.get_versions()
    here, there = versions["client"]["packages"], versions["scheduler"]["packages"]
    differ = [f"{name} {there.get(name)} there, {here[name]} here" for name in ("distributed", "dask") if there.get(name) != here[name]]
    if differ:
        hint = "Start it from the same checkout: `python -m agent scheduler`."
        raise EnvironmentUnfit(f"the scheduler at {link.address} is of another version: {', '.join(differ)}", hint=hint)


def first_words(error: BaseException) -> str:
    """An error in one line."""
    return " ".join(str(error).split())[:160] or type(error).__name__
