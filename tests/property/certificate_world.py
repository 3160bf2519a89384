"""API servers and Pods that lag behind what is stored, and what they need from one another."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from certs.actions import Action, Hold, Keep, Wait
from certs.certificate import Certificate
from certs.contest import LONGEST_PAUSE
from certs.objects import ClusterError
from certs.reconcile import Reconciler
from certs.state import Serving, parse_published
from certs.stored import decode_serving
from tests.unit.certs.builders import DAY, MINUTE, NOW, SPEC, TARGETS, installed
from tests.unit.certs.fake_cluster import FakeCluster

Value = TypeVar("Value")


@dataclass(slots=True)
class Followed(Generic[Value]):
    """A stored value as somebody sees it who may be up to `lag` late."""

    lag: timedelta
    _values: list[tuple[datetime, Value]] = field(default_factory=list)

    def store(self, value: Value, now: datetime) -> None:
        if not self._values or self._values[-1][1] != value:
            self._values.append((now, value))

    def forget(self) -> None:
        """Let everybody have the newest."""
        del self._values[:-1]

    def in_use(self, now: datetime) -> Iterator[Value]:
        successors = [since for since, _ in self._values[1:]]
        for (_, value), replaced in zip(self._values, [*successors, None], strict=True):
            if replaced is None or now < replaced + self.lag:
                yield value


class World:
    """A cluster in time.

    An API server uses any bundle that was published within `bundle_propagation`, a Pod serves any
    leaf that was stored within `serving_propagation`; a Pod keeps its last good leaf when the
    Secret is damaged.
    """

    def __init__(self) -> None:
        self.now = NOW
        self.cluster = FakeCluster()
        installed(self.cluster)
        self.reconciler = Reconciler(
            cluster=self.cluster, targets=TARGETS, spec=SPEC, clock=lambda: self.now
        )
        self._leaf = Followed[Certificate](SPEC.serving_propagation)
        self._bundles = {
            name: Followed[tuple[bytes, ...]](SPEC.bundle_propagation)
            for name in TARGETS.configurations
        }
        self._in_service = False
        self.cluster.changed = self.check

    def put_in_service(self) -> None:
        """Issue everything for the first time; from here on every admission counts."""
        self.come_to_rest()
        for followed in (self._leaf, *self._bundles.values()):
            followed.forget()
        self._in_service = True

    def attempt(self) -> Action | None:
        """Let a process converge; None when it met an error."""
        action: Action | None = None
        try:
            for step in self.reconciler.converge():
                action = step.action
        except ClusterError:
            return None
        return action

    def come_to_rest(self) -> Keep:
        """Let a process attempt until there is nothing left to do; it has to come to that.

        Everything is permitted again. What was undone before may be held back once for each Secret.
        """
        self.cluster.forbidden.clear()
        waits = SPEC.bundle_propagation + 2 * SPEC.serving_propagation
        deadline = self.now + waits + 2 * LONGEST_PAUSE
        while not isinstance(action := self.attempt(), Keep):
            assert isinstance(action, Wait), "the only process there is met no error"
            until = self.now + MINUTE if isinstance(action, Hold) else action.until
            assert until <= deadline, f"{action} comes too late"
            self.advance(until - self.now)
        return action

    def live(self, duration: timedelta) -> None:
        """Let a process do its duty for `duration`."""
        end = self.now + duration
        while self.now < end:
            due = self.come_to_rest().until
            self.advance(max(timedelta(seconds=1), min(due, end, self.now + 5 * DAY) - self.now))

    def advance(self, duration: timedelta) -> None:
        self.now += duration
        self.check()

    def check(self) -> None:
        """Every API server accepts every Pod, whatever each of them has got by now.

        Called at every change, so that nobody is taken to have seen anything before or after it.
        """
        self._note()
        if not self._in_service:
            return
        leaves = tuple(self._leaf.in_use(self.now))
        for name, followed in self._bundles.items():
            for bundle in {b for bundles in followed.in_use(self.now) for b in bundles}:
                for leaf in leaves:
                    assert self._accepts(leaf, bundle), f"{name} loses an admission at {self.now}"

    def _accepts(self, leaf: Certificate, bundle: bytes) -> bool:
        return leaf.is_valid_at(self.now) and any(
            ca.is_valid_at(self.now) and leaf.is_issued_by(ca) for ca in parse_published(bundle)
        )

    def _note(self) -> None:
        serving = decode_serving(self.cluster.data(TARGETS.serving_secret))
        if isinstance(serving, Serving):
            self._leaf.store(serving.pair.certificate, self.now)
        for name, followed in self._bundles.items():
            followed.store(self.cluster.bundles(name), self.now)
