"""The command line: `python -m certs`, installed as `redis-memory-guard-certs`."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import click

from certs.actions import Hold
from certs.cluster import connect
from certs.endpoints import answer, serve
from certs.health import Health
from certs.metrics import Metrics
from certs.objects import ClusterError
from certs.process import Process, StopSignals
from certs.reconcile import Reconciler
from certs.report import render
from certs.settings import Options, Settings, SettingsError, parse_settings
from webhook.observability.logs import configure_logs

# Beyond the interval: each call of an attempt may run into its time-outs.
_PATIENCE = timedelta(minutes=5)

_CONTEXT = {
    "auto_envvar_prefix": "REDIS_MEMORY_GUARD_CERTS",
    "help_option_names": ["-h", "--help"],
    "show_default": True,
    "max_content_width": 100,
}

_NAME = "redis-memory-guard"


@click.group(invoke_without_command=True, context_settings=_CONTEXT)
@click.option("--namespace", default=_NAME, help="Namespace of the Secrets and the Service.")
@click.option("--service", default=_NAME, help="Service that API servers call.")
@click.option("--cluster-domain", default="cluster.local", help="DNS domain of the cluster.")
@click.option("--ca-secret", default=f"{_NAME}-ca", help="Secret that no Pod mounts.")
@click.option("--serving-secret", default=f"{_NAME}-tls", help="Secret that the webhook mounts.")
@click.option("--mutating", multiple=True, help="A MutatingWebhookConfiguration; repeatable.")
@click.option("--validating", multiple=True, help="A ValidatingWebhookConfiguration; repeatable.")
@click.option("--ca-lifetime", default="365d", help="Life of a CA.")
@click.option("--serving-lifetime", default="30d", help="Life of a serving certificate.")
@click.option("--bundle-propagation", default="2m", help="How long API servers take to follow.")
@click.option(
    "--serving-propagation", default="10m", help="How long the webhook's Pods take to follow."
)
@click.option("--interval", default="10s", help="Pause between two looks.")
@click.option("--listen-address", default="", show_default="every", help="For metrics and probes.")
@click.option("--listen-port", default=8081, type=click.IntRange(1, 65535), help="The same.")
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:
    """Keep the certificates of redis-memory-guard valid.

    Owns a CA, issues the webhook's serving certificate, renews both at two thirds of their lives,
    and publishes and repairs the caBundle of the webhook configurations. The objects have to exist:
    only what is in them is written.

    Every option can be given in the environment: REDIS_MEMORY_GUARD_CERTS_NAMESPACE and so on,
    several values separated by spaces. Without a command: run.
    """
    context.obj = Options(**options)
    if context.invoked_subcommand is None:
        context.invoke(run)


@main.command()
@click.pass_obj
def run(options: Options) -> None:
    """Keep everything in order until SIGTERM; serve /livez, /readyz and /metrics."""
    settings = _settings(options)
    reconciler = _reconciler(settings)
    metrics, health = Metrics(), Health(patience=settings.interval + _PATIENCE)
    signals = StopSignals()
    process = Process(reconciler, interval=settings.interval, metrics=metrics, health=health)
    configure_logs("info")
    get = partial(answer, registry=metrics.registry, health=health)
    with ExitStack() as stack:
        try:
            stack.enter_context(
                serve(get, address=settings.listen_address, port=settings.listen_port)
            )
        except OSError as error:
            raise click.ClickException(f"--listen-address, --listen-port: {error}") from error
        process.run(signals.wait)


@main.command()
@click.pass_obj
def once(options: Options) -> None:
    """Bring everything in order as far as it goes without waiting, and say what was done."""
    try:
        for step in _reconciler(_settings(options)).converge():
            if isinstance(step.action, Hold):
                raise click.ClickException(f"{step.action.error}: {step.action.reason}")
            click.echo(f"{step.action.code}: {step.action.reason}")
    except ClusterError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.pass_obj
def inspect(options: Options) -> None:
    """Show what is there, until when it is valid, and what would be done next and why."""
    settings = _settings(options)
    try:
        step = _reconciler(settings).look()
    except ClusterError as error:
        raise click.ClickException(str(error)) from error
    click.echo(render(step, settings.targets), nl=False)


def _settings(options: Options) -> Settings:
    try:
        return parse_settings(options)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error


def _reconciler(settings: Settings) -> Reconciler:
    try:
        cluster = connect(settings.namespace)
    except ClusterError as error:
        raise click.ClickException(str(error)) from error
    return Reconciler(
        cluster=cluster,
        targets=settings.targets,
        spec=settings.spec,
        clock=lambda: datetime.now(UTC),
    )


if __name__ == "__main__":
    main()
