"""No admission is lost to a renewal, a rotation, a killed or a second process, a lost Secret."""

from datetime import timedelta
from enum import Enum, auto

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from certs.actions import Keep
from certs.state import ConfigurationName, Serving, TrustedCAs
from tests.property.certificate_world import World
from tests.unit.certs.builders import TARGETS


class KilledError(Exception):
    """The process is gone."""


class Happening(Enum):
    """What may come between any two calls of one attempt."""

    KILLED = auto()
    OTHER_ATTEMPTS = auto()
    SLEEPS_WHILE_OTHER_LIVES = auto()


MINUTES = st.integers(1, 15).map(lambda count: timedelta(minutes=count))
DAYS = st.integers(1, 6).map(lambda count: timedelta(days=count))
SEASON = st.integers(1, 120).map(lambda count: timedelta(days=count))
# An attempt that rotates makes about 30 calls; one that finds all in order makes four.
CALL = st.one_of(st.integers(0, 5), st.integers(0, 40))


class Rotation(RuleBasedStateMachine):
    """Processes come, go, sleep and race; Secrets get lost; time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.in_order = True

    @initialize()
    def put_in_service(self) -> None:
        self.world.put_in_service()

    @rule()
    def attempt(self) -> None:
        self.in_order = isinstance(self.world.attempt(), Keep)

    @rule(duration=MINUTES)
    def wait(self, duration: timedelta) -> None:
        self.world.advance(duration)

    @precondition(lambda self: self.in_order)
    @rule(duration=DAYS)
    def pass_quietly(self, duration: timedelta) -> None:
        """Let days pass without a process; only once all is in order, or leaves would expire."""
        self.world.advance(duration)
        self.in_order = False

    @rule(call=CALL, happening=st.sampled_from(Happening), duration=SEASON)
    def attempt_with(self, call: int, happening: Happening, duration: timedelta) -> None:
        """Attempt, and let something happen around the call of that number."""
        calls = 0

        def happen(_call: str) -> None:
            nonlocal calls
            calls += 1
            if calls != call:
                return
            self.world.cluster.before = self.world.cluster.after = _nothing
            match happening:
                case Happening.KILLED:
                    raise KilledError
                case Happening.OTHER_ATTEMPTS:
                    self.world.attempt()
                case Happening.SLEEPS_WHILE_OTHER_LIVES:
                    self.world.live(duration)

        self.world.cluster.before = self.world.cluster.after = happen
        try:
            self.attempt()
        except KilledError:
            self.in_order = False
        finally:
            self.world.cluster.before = self.world.cluster.after = _nothing

    @rule(secret=st.sampled_from((TARGETS.ca_secret, TARGETS.serving_secret)))
    def empty(self, secret: str) -> None:
        """Empty a Secret, as a tool does that restores what the chart rendered."""
        self.world.cluster.put_secret(secret, dict.fromkeys(self.world.cluster.data(secret), b""))
        self.in_order = False

    @rule(
        secret=st.sampled_from((TARGETS.ca_secret, TARGETS.serving_secret)),
        key=st.sampled_from(
            ("ca.crt", "ca.key", "previous.crt", "propagation", "tls.crt", "tls.key")
        ),
    )
    def damage(self, secret: str, key: str) -> None:
        """Make one value unreadable."""
        data = self.world.cluster.data(secret)
        self.world.cluster.put_secret(secret, {**data, key: b"damaged"})
        self.in_order = False

    @rule(name=st.sampled_from(TARGETS.configurations), verb=st.sampled_from(("read", "write")))
    def forbid(self, name: ConfigurationName, verb: str) -> None:
        """Take a permission away; whatever is done then, nothing is lost by it."""
        self.world.cluster.forbidden.add(f"{verb} {name}")

    @rule()
    def permit(self) -> None:
        self.world.cluster.forbidden.clear()

    @invariant()
    def no_admission_is_lost(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        """Left alone, everything comes to rest, with one CA."""
        self.world.come_to_rest()
        state = self.world.reconciler.look().state
        assert isinstance(state.cas, TrustedCAs)
        assert isinstance(state.serving, Serving)
        assert state.cas.previous == ()
        assert {b for p in state.publications for b in p.bundles} == {state.cas.bundle}


def _nothing(_call: str) -> None:
    pass


TestRotation = Rotation.TestCase
TestRotation.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
