"""Read, plan, write; again, until there is nothing to write.

The order of the reads is what makes two processes at once safe. Configurations are read first,
then the serving Secret, then the CA Secret, the clock last. Whoever publishes or issues
therefore knows CAs at least as new as the object it overwrites, and a write that was
planned before someone else went on finds that object changed, and fails. So a process that slept
between its reads and its write, however long, cannot bring back a dropped CA.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
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
from certs.contest import WriteLog
from certs.objects import (
    Cluster,
    ClusterError,
    Configuration,
    ContestedError,
    MissingError,
    Secret,
)
from certs.plan import Spec, plan
from certs.state import (
    ConfigurationName,
    Obstacle,
    Publication,
    State,
    TrustedCAs,
)
from certs.stored import decode_cas, decode_serving, encode_cas, encode_serving

# A whole rotation is fewer writes and two for each configuration; more means that somebody else
# keeps undoing them.
_MOST_WRITES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The objects that this process owns."""

    ca_secret: str
    serving_secret: str
    configurations: tuple[ConfigurationName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """The objects as they were read; a configuration that does not exist is left out.

    `unread` tells of those that could not be read why.
    """

    configurations: tuple[Configuration, ...]
    unread: Mapping[ConfigurationName, Obstacle]
    serving_secret: Secret
    ca_secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was read by `now`, and the action that follows from it."""

    objects: Objects
    state: State
    now: datetime
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """Brings the targets to what `spec` wants.

    Between two calls it remembers only what it wrote last, so as not to fight over it.
    """

    cluster: Cluster
    targets: Targets
    spec: Spec
    clock: Callable[[], datetime]
    _written: WriteLog = field(default_factory=WriteLog, init=False)

    def look(self) -> Step:
        """Read everything and plan; write nothing. Raises ClusterError."""
        return self._look({})

    def converge(self) -> Iterator[Step]:
        """Look and write until there is nothing to write, and yield every step once it is done.

        The last step is a wait. Raises ClusterError; whatever was written by then is a state that
        the next call goes on from. A configuration that cannot be read or written raises nothing:
        the others, and the serving certificate, do not wait for it.
        """
        unwritten: dict[ConfigurationName, Obstacle] = {}
        most = _MOST_WRITES + 2 * len(self.targets.configurations)
        for _ in range(most):
            step = self._look(unwritten)
            if isinstance(step.action, Wait):
                yield step
                return
            try:
                self._carry_out(step.action, step)
            except ClusterError as error:
                if not isinstance(step.action, Publish):
                    raise
                unwritten[step.action.configuration] = _obstacle(error)
            else:
                yield step
        raise ContestedError(f"still not at rest after {most} writes: who else writes?")

    def _look(self, unwritten: Mapping[ConfigurationName, Obstacle]) -> Step:
        objects = self._read()
        now = self.clock()
        state = self._decode(objects, unwritten, now)
        return Step(objects=objects, state=state, now=now, action=plan(state, self.spec, now))

    def _read(self) -> Objects:
        configurations: list[Configuration] = []
        unread: dict[ConfigurationName, Obstacle] = {}
        for name in self.targets.configurations:
            try:
                configurations.append(self.cluster.read_configuration(name))
            except MissingError:
                # Helm creates them last. One that is not there calls nobody: nothing waits for it.
                continue
            except ClusterError as error:
                unread[name] = _obstacle(error)
        serving_secret = self.cluster.read_secret(self.targets.serving_secret)
        ca_secret = self.cluster.read_secret(self.targets.ca_secret)
        return Objects(
            configurations=tuple(configurations),
            unread=unread,
            serving_secret=serving_secret,
            ca_secret=ca_secret,
        )

    def _decode(
        self, objects: Objects, unwritten: Mapping[ConfigurationName, Obstacle], now: datetime
    ) -> State:
        """Return what the objects say, and what stands in the way of writing them."""
        find_obstacle = self._written.find_obstacle
        read = (
            Publication(
                configuration=configuration.name,
                bundles=configuration.content,
                obstacle=unwritten.get(configuration.name) or find_obstacle(configuration, now),
            )
            for configuration in objects.configurations
        )
        unread = (
            Publication(configuration=name, bundles=(), obstacle=obstacle)
            for name, obstacle in objects.unread.items()
        )
        return State(
            cas=decode_cas(objects.ca_secret.data),
            serving=decode_serving(objects.serving_secret.data),
            publications=(*read, *unread),
            ca_obstacle=find_obstacle(objects.ca_secret, now),
            serving_obstacle=find_obstacle(objects.serving_secret, now),
        )

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
                content = tuple(bundle for _ in configuration.webhooks)
                self._written.note(configuration, content, step.now)
            case _:
                assert_never(action)

    def _store(self, cas: TrustedCAs, step: Step) -> None:
        self._write(step.objects.ca_secret, encode_cas(cas), step.now)

    def _issue(self, signer: KeyPair, step: Step) -> None:
        spec = self.spec
        leaf = issue_leaf(
            signer, dns_names=spec.dns_names, lifetime=spec.serving_lifetime, now=step.now
        )
        data = encode_serving(leaf, signer.certificate)
        self._write(step.objects.serving_secret, data, step.now)

    def _write(self, secret: Secret, data: Mapping[str, bytes], now: datetime) -> None:
        self.cluster.write_secret(secret, data)
        self._written.note(secret, {**secret.data, **data}, now)


def _obstacle(error: ClusterError) -> Obstacle:
    return Obstacle(error=error.code, reason=str(error))
