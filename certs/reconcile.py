"""Read, plan, write; again, until there is nothing to write.

The order of the reads is what makes two processes at once safe. Configurations are read first,
then the serving Secret, then the authority Secret, the clock last. Whoever publishes or issues
therefore knows authorities at least as new as the object it overwrites, and a write that was
planned before someone else went on finds that object changed, and fails. So a process that slept
between its reads and its write, however long, cannot bring back a dropped authority.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from certs.actions import (
    Action,
    AddAuthority,
    DropAuthorities,
    IssueLeaf,
    Publish,
    StartSettling,
    StopSettling,
    Wait,
    Write,
)
from certs.authority import KeyPair, create_authority, issue_leaf
from certs.objects import Cluster, Configuration, ConflictError, MissingError, Secret
from certs.plan import Spec, plan
from certs.state import (
    Authorities,
    ConfigurationName,
    Publication,
    State,
)
from certs.stored import decode_authorities, decode_serving, encode_authorities, encode_serving

# A whole rotation is fewer writes; more means that someone else keeps undoing them.
_MOST_WRITES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The objects that this process owns."""

    authority_secret: str
    serving_secret: str
    configurations: tuple[ConfigurationName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """The objects as they were read; a configuration that does not exist is left out."""

    configurations: tuple[Configuration, ...]
    serving_secret: Secret
    authority_secret: Secret

    def decode(self) -> State:
        """Return what the objects say."""
        return State(
            authorities=decode_authorities(self.authority_secret.data),
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
        raise ConflictError(f"still not settled after {_MOST_WRITES} writes: who else writes?")

    def _read(self) -> Objects:
        configurations = tuple(self._read_configurations())
        serving_secret = self.cluster.read_secret(self.targets.serving_secret)
        authority_secret = self.cluster.read_secret(self.targets.authority_secret)
        return Objects(
            configurations=configurations,
            serving_secret=serving_secret,
            authority_secret=authority_secret,
        )

    def _read_configurations(self) -> Iterator[Configuration]:
        for name in self.targets.configurations:
            # Helm creates them last. One that is not there calls nobody, so nothing waits for it.
            with suppress(MissingError):
                yield self.cluster.read_configuration(name)

    def _carry_out(self, action: Write, step: Step) -> None:
        match action:
            case AddAuthority(previous=previous):
                signer = create_authority(lifetime=self.spec.authority_lifetime, now=step.now)
                self._store(Authorities(signer=signer, previous=previous), step)
            case StartSettling() | StopSettling() | DropAuthorities():
                self._store(action.authorities, step)
            case IssueLeaf(authorities=authorities):
                self._issue(authorities.signer, step)
            case Publish(configuration=name, bundle=bundle):
                configuration = next(c for c in step.objects.configurations if c.name == name)
                self.cluster.write_bundle(configuration, bundle)
            case _:
                assert_never(action)

    def _store(self, authorities: Authorities, step: Step) -> None:
        self.cluster.write_secret(step.objects.authority_secret, encode_authorities(authorities))

    def _issue(self, signer: KeyPair, step: Step) -> None:
        spec = self.spec
        leaf = issue_leaf(
            signer, dns_names=spec.dns_names, lifetime=spec.leaf_lifetime, now=step.now
        )
        data = encode_serving(leaf, signer.certificate)
        self.cluster.write_secret(step.objects.serving_secret, data)
