"""The template of the chart's match conditions, out of the image families that are evaluated by."""

from webhook.admission.match_conditions import match_condition
from webhook.domain.policy.settings import ImageFamily, Images

_OWN_IMAGE = "OWN"
_TEMPLATE = "TEMPLATE"

_FILE = """\
{{{{- /*
Generated from the image families by `make generate`: change webhook/domain/images/catalog.py.

Takes (dict "root" $ "template" "object.spec"): where in the object the Pod's spec stands.
*/ -}}}}
{{{{- define "redis-memory-guard.generatedExpression" -}}}}
{expression}
{{{{- end -}}}}
"""


def render_template() -> str:
    """Write the file; the administrator's own images are added when the chart is rendered."""
    own = ImageFamily(repository=_OWN_IMAGE, family="redis")
    expression = match_condition(Images(add=(own,)), template=_TEMPLATE).expression
    added = f" || c.image.matches(r'^(.*/)?({_OWN_IMAGE})(:[^/@]*)?(@.*)?$')"
    if "{{" in expression or added not in expression:
        raise ValueError(f"not to be made a template: {expression}")
    own_images = '{{ with include "redis-memory-guard.ownImages" .root }}'
    rendered = added.replace(_OWN_IMAGE, '{{ trimPrefix "|" . }}')
    expression = expression.replace(added, f"{own_images}{rendered}{{{{ end }}}}")
    return _FILE.format(expression=expression.replace(_TEMPLATE, "{{ .template }}"))
