"""Read, plan, write; again, until there is nothing to write.

The order of the reads is what makes two processes at once safe. Configurations are read first,
then the serving Secret, then the CA Secret, the clock last. Whoever publishes or issues
therefore knows CAs at least as new as the object it overwrites, and a write that was
planned before someone else went on finds that object changed, and fails. So a process that slept
between its reads and its write, however long, cannot bring back a dropped CA.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from certs.actions import (
    Action,
    AddCA,
    DropOldCAs,
    IssueLeaf,
    Publish,
    StartPropagation,
    StopPropagation,
    Wait,
    Write,
)
from certs.ca import KeyPair, create_ca, issue_leaf
from certs.objects import Cluster, Configuration, ConflictError, MissingError, Secret
from certs.plan import Spec, plan
from certs.state import (
    ConfigurationName,
    Publication,
    State,
    TrustedCAs,
)
from certs.stored import decode_cas, decode_serving, encode_cas, encode_serving

# A whole rotation is fewer writes; more means that someone else keeps undoing them.
_MOST_WRITES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The objects that this process owns."""

    ca_secret: str
    serving_secret: str
    configurations: tuple[ConfigurationName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """The objects as they were read; a configuration that does not exist is left out."""

    configurations: tuple[Configuration, ...]
    serving_secret: Secret
    ca_secret: Secret

    def decode(self) -> State:
        """Return what the objects say."""
        return State(
            cas=decode_cas(self.ca_secret.data),
            serving=decode_serving(self.serving_secret.data),
            publications=tuple(
                Publication(configuration=c.name, bundles=tuple(w.ca_bundle for w in c.webhooks))
                for c in self.configurations
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was read by `now`, and the action that follows from it."""

    objects: Objects
    state: State
    now: datetime
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """Brings the targets to what `spec` wants. Remembers nothing between two calls."""

    cluster: Cluster
    targets: Targets
    spec: Spec
    clock: Callable[[], datetime]

    def look(self) -> Step:
        """Read everything and plan; write nothing. Raises ClusterError."""
        objects = self._read()
        now = self.clock()
        state = objects.decode()
        return Step(objects=objects, state=state, now=now, action=plan(state, self.spec, now))

    def converge(self) -> Iterator[Step]:
        """Look and write until there is nothing to write, and yield every step once it is done.

        The last step is a wait. Raises ClusterError; whatever was written by then is a state that
        the next call goes on from.
        """
        for _ in range(_MOST_WRITES):
            step = self.look()
            if isinstance(step.action, Wait):
                yield step
                return
            self._carry_out(step.action, step)
            yield step
        raise ConflictError(f"still not at rest after {_MOST_WRITES} writes: who else writes?")

    def _read(self) -> Objects:
        configurations = tuple(self._read_configurations())
        serving_secret = self.cluster.read_secret(self.targets.serving_secret)
        ca_secret = self.cluster.read_secret(self.targets.ca_secret)
        return Objects(
            configurations=configurations,
            serving_secret=serving_secret,
            ca_secret=ca_secret,
        )

    def _read_configurations(self) -> Iterator[Configuration]:
        for name in self.targets.configurations:
            # Helm creates them last. One that is not there calls nobody, so nothing waits for it.
            with suppress(MissingError):
                yield self.cluster.read_configuration(name)

    def _carry_out(self, action: Write, step: Step) -> None:
        match action:
            case AddCA(previous=previous):
                signer = create_ca(lifetime=self.spec.ca_lifetime, now=step.now)
                self._store(TrustedCAs(signer=signer, previous=previous), step)
            case StartPropagation() | StopPropagation() | DropOldCAs():
                self._store(action.cas, step)
            case IssueLeaf(cas=cas):
                self._issue(cas.signer, step)
            case Publish(configuration=name, bundle=bundle):
                configuration = next(c for c in step.objects.configurations if c.name == name)
                self.cluster.write_bundle(configuration, bundle)
            case _:
                assert_never(action)

    def _store(self, cas: TrustedCAs, step: Step) -> None:
        self.cluster.write_secret(step.objects.ca_secret, encode_cas(cas))

    def _issue(self, signer: KeyPair, step: Step) -> None:
        spec = self.spec
        leaf = issue_leaf(
            signer, dns_names=spec.dns_names, lifetime=spec.serving_lifetime, now=step.now
        )
        data = encode_serving(leaf, signer.certificate)
        self.cluster.write_secret(step.objects.serving_secret, data)
