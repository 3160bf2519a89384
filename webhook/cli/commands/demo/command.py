"""`demo`: the real webhook answers twelve Pods, shown before and after."""

from collections.abc import Mapping, Sequence

import click
import jsonpatch
import yaml
from rich.console import Console
from rich.markup import escape

from webhook.cli.commands.demo.cases import CASES, Case
from webhook.cli.commands.demo.redis import has_redis, settings_of
from webhook.cli.commands.demo.server import Answer, DemoError, RunningWebhook, running_webhook

_SHOWN = ("command", "args", "env")


@click.command(short_help="Start the webhook, send it twelve Pods, show the answers.")
def demo() -> None:
    """Start the webhook, send it twelve Pods, show what becomes of them."""
    console = Console(highlight=False, soft_wrap=True)
    try:
        with running_webhook() as webhook:
            console.print(f"The webhook serves at {webhook.url}; {len(CASES)} Pods are created.\n")
            answers = [_show(console, webhook, number) for number in range(len(CASES))]
    except DemoError as error:
        raise click.ClickException(str(error)) from None
    refused = sum(not answer.allowed for answer in answers)
    changed = sum(bool(answer.patch) for answer in answers)
    untouched = len(answers) - refused - changed
    console.print(f"{changed} bounded, {refused} refused, {untouched} left alone.")
    if not has_redis():
        console.print("With redis-server installed, the bounded ones are started here, too.")


def _show(console: Console, webhook: RunningWebhook, number: int) -> Answer:
    case = CASES[number]
    answer = webhook.ask(case.pod, uid=f"demo-{number + 1}")
    console.print(f"[bold]{number + 1}. {case.title}[/bold]")
    after = jsonpatch.apply_patch(case.pod, answer.patch)
    before = _container(case.pod)
    _print(console, " ", {"image": before["image"], **_memory(before)})
    if answer.patch:
        _print(console, "[red]-[/red]", _launch(before))
        _print(console, "[green]+[/green]", _launch(_container(after)))
    verdict = _verdict(answer)
    console.print(f"  {verdict} in {answer.milliseconds:.1f} ms")
    for line in (*answer.message.splitlines(), *answer.warnings):
        console.print(f"    {escape(line)}")
    if case.runs and has_redis():
        _start(console, case, _container(after))
    console.print()
    return answer


def _verdict(answer: Answer) -> str:
    if not answer.allowed:
        return "[red]refused[/red]"
    return "[green]bounded[/green]" if answer.patch else "left alone"


def _start(console: Console, case: Case, container: Mapping[str, object]) -> None:
    command = [*_words(container, "command"), *_words(container, "args")]
    try:
        settings = settings_of(command)
    except RuntimeError as error:
        raise DemoError(f"{case.title}: {error}") from None
    shown = ", ".join(f"{name} {value or repr('')}" for name, value in settings.items())
    console.print(f"    a real redis-server started so answers CONFIG GET: {escape(shown)}")


def _container(pod: Mapping[str, object]) -> Mapping[str, object]:
    spec = pod["spec"]
    containers = spec["containers"] if isinstance(spec, Mapping) else []
    container: Mapping[str, object] = containers[0]
    return container


def _words(container: Mapping[str, object], key: str) -> Sequence[str]:
    words = container.get(key, [])
    return words if isinstance(words, list) else []


def _memory(container: Mapping[str, object]) -> Mapping[str, object]:
    resources = container.get("resources")
    limits = resources.get("limits") if isinstance(resources, Mapping) else None
    return {"memory limit": limits["memory"] if isinstance(limits, Mapping) else "none"}


def _launch(container: Mapping[str, object]) -> Mapping[str, object]:
    shown = {key: container[key] for key in _SHOWN if key in container}
    return shown or {"args": "(the image's own)"}


def _print(console: Console, mark: str, values: Mapping[str, object]) -> None:
    for key, value in values.items():
        text = value if isinstance(value, str) else _flow(value)
        console.print(f"  {mark} {key}: {escape(text)}")


def _flow(value: object) -> str:
    return yaml.safe_dump(value, default_flow_style=True, width=10_000).strip()
