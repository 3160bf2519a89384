"""Ask the running servers of an audit, a few at a time, and put what they say beside them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from webhook.audit.live import LiveServer, Silence, parse_answer
from webhook.audit.live_script import Question, question
from webhook.audit.server import AuditedServer, RunningServer
from webhook.audit.side_by_side import side_by_side
from webhook.cluster.execution import (
    ExecError,
    ExecForbiddenError,
    ExecTarget,
    ExecTimeoutError,
    Executor,
    NoSuchProgramError,
)

AT_ONCE = 8
SECONDS = 3.0

Ask = Callable[[ExecTarget, Question], LiveServer | Silence]
"""Asks one container; whatever goes wrong is a Silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecAsker:
    """Asks by `pods/exec`."""

    executor: Executor
    seconds: float = SECONDS

    def __call__(self, target: ExecTarget, asked: Question) -> LiveServer | Silence:
        """Run the question in the container and read the answer."""
        try:
            said = self.executor.run(target, asked.command, line=asked.line, seconds=self.seconds)
        except ExecForbiddenError:
            return Silence.EXEC_FORBIDDEN
        except ExecTimeoutError:
            return Silence.TIMEOUT
        except NoSuchProgramError:
            return Silence.NO_SHELL
        except ExecError:
            return Silence.NO_ANSWER
        return parse_answer(said)


def with_live(servers: Sequence[AuditedServer], ask: Ask) -> Iterator[AuditedServer]:
    """Give the servers with what each of their running containers answers."""
    answers = side_by_side(
        lambda asked: _answer(asked[0], asked[1], ask), _pods(servers), at_once=AT_ONCE
    )
    for server in servers:
        yield replace(server, pods=tuple(replace(pod, live=next(answers)) for pod in server.pods))


def _pods(servers: Iterable[AuditedServer]) -> Iterator[tuple[AuditedServer, RunningServer]]:
    for server in servers:
        for pod in server.pods:
            yield server, pod


def _answer(server: AuditedServer, pod: RunningServer, ask: Ask) -> LiveServer | Silence:
    if not pod.state.is_running:
        return Silence.NOT_RUNNING
    container = pod.standing.container
    target = ExecTarget(namespace=server.workload.namespace, pod=pod.pod, container=container.name)
    return ask(target, question(container))
