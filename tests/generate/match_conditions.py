"""The template of the chart's match conditions, out of the image families that are evaluated by."""

from webhook.admission.bounded_condition import Share, bounded_pod
from webhook.admission.match_conditions import match_condition, may_run_server
from webhook.domain.policy.settings import ImageFamily, Images

_OWN_IMAGE = "OWN"
_TEMPLATE = "TEMPLATE"

_FILE = """\
{{{{- /*
Generated from the image families by `make generate`: change webhook/domain/images/catalog.py, or
webhook/admission/bounded_condition.py.

Takes (dict "root" $ "template" "object.spec"): where in the object the Pod's spec stands.
*/ -}}}}
{{{{- define "redis-memory-guard.generatedExpression" -}}}}
{may_run}
{{{{- end -}}}}

{{{{- /* Every server has a ceiling: (dict "root" $ "numerator" "85" "denominator" "100"). */ -}}}}
{{{{- define "redis-memory-guard.generatedBounded" -}}}}
{bounded}
{{{{- end -}}}}
"""


def render_template() -> str:
    """Write the file; the administrator's own images are added when the chart is rendered."""
    own = Images(add=(ImageFamily(repository=_OWN_IMAGE, family="redis"),))
    may_run = match_condition(own, template=_TEMPLATE).expression
    share = Share(numerator="{{ .numerator }}", denominator="{{ .denominator }}")
    bounded = bounded_pod(may_run_server(own), share)
    return _FILE.format(
        may_run=_with_own_images(may_run).replace(_TEMPLATE, "{{ .template }}"),
        bounded=_with_own_images(bounded),
    )


def _with_own_images(expression: str) -> str:
    added = f" || c.image.matches(r'^(.*/)?({_OWN_IMAGE})(:[^/@]*)?(@.*)?$')"
    if added not in expression:
        raise ValueError(f"not to be made a template: {expression}")
    own_images = '{{ with include "redis-memory-guard.ownImages" .root }}'
    rendered = added.replace(_OWN_IMAGE, '{{ trimPrefix "|" . }}')
    return expression.replace(added, f"{own_images}{rendered}{{{{ end }}}}")
