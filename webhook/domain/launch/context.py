"""A container with what surrounds its launch, and its command line."""

from dataclasses import dataclass

from webhook.domain.images.catalog import SERVER_PROGRAMS
from webhook.domain.images.family import Family
from webhook.domain.kubernetes.config_maps import Files
from webhook.domain.kubernetes.environment import Environment
from webhook.domain.kubernetes.expansion import UNKNOWN
from webhook.domain.kubernetes.pod import Container, Pod
from webhook.domain.launch.launch import NoServer
from webhook.domain.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerContext:
    """A container with what surrounds its launch: its Pod, image family, environment and files.

    `version` is the server's, as far as the tag of an image that is known tells it.
    """

    pod: Pod
    container: Container
    family: Family | None
    environment: Environment
    files: Files
    version: tuple[int, int] | None

    @property
    def runs_to_completion(self) -> bool:
        """Tell that its Pod runs to completion, which no server does."""
        return self.pod.runs_to_completion

    @property
    def knows_image(self) -> bool:
        """Tell whether it is known what the image starts, not only what it is called."""
        return self.family is not None and self.family.is_known

    @property
    def may_serve(self) -> bool:
        """Tell whether it is a known server's image in a Pod that does not run to completion."""
        is_of_redis = self.family is not None and self.family.program in SERVER_PROGRAMS
        return self.knows_image and is_of_redis and not self.runs_to_completion

    def sets(self, variable: str) -> bool:
        """Tell whether a literal value in `env` wins for a variable."""
        entries = [entry for entry in self.container.env if entry.name == variable]
        return bool(entries) and entries[-1].value is not None

    def can_extend(self, variable: str) -> bool:
        """Tell whether text can stand behind a variable's value without the Pod telling the value.

        It can behind a literal one, and behind `$(NAME)` of one that comes with `envFrom`; there a
        script that reads the first line only would miss what stands behind a line's end.
        """
        if self.sets(variable):
            return True
        has_entry = any(entry.name == variable for entry in self.container.env)
        return not has_entry and "\n" not in self.environment.values.get(variable, "")

    def shown(self, text: str, *, otherwise: str) -> str:
        """Give a text if the container's own manifest says it, as it stands there; else a word.

        What comes out of a ConfigMap is told to nobody: whoever reaches the webhook can name any.
        """
        own = [*self.container.command, *self.container.args]
        own += [entry.value for entry in self.container.env if entry.value is not None]
        return text if any(text in element for element in own) else otherwise

    def no_server(self, detail: str) -> NoServer:
        """Evaluate that another program runs here."""
        reason = Reason.NOT_REDIS if self.family is None else Reason.OTHER_PROGRAM
        return NoServer(reason=reason, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """A container's command and args together: raw, and as words after Kubernetes' expansion.

    A reference that nothing visible defines is UNKNOWN in the words. The first `in_command`
    elements stand in `command`.
    """

    raw: tuple[str, ...]
    words: tuple[str, ...]
    in_command: int

    def known(self, start: int) -> tuple[str | None, ...]:
        """Give the words from `start` on, None for those that hold unknown text."""
        return tuple(None if UNKNOWN in word else word for word in self.words[start:])
