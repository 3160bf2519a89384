"""Whatever the style of a text: it comes to read as asked, or the change is refused."""

import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from webhook.yamltext.documents import compose
from webhook.yamltext.rewrite import RewriteError, rewrite
from webhook.yamltext.values import YamlError, construct

TEXTS = st.text(
    st.characters(min_codepoint=9, max_codepoint=0x2030, exclude_categories=["Cs", "Cc"])
    | st.sampled_from("\n \"'#:-[]{}|>&*!%@`,?\\"),
    max_size=12,
)
LEAVES = TEXTS | st.booleans() | st.integers(-5, 5) | st.none()
KEYS = st.sampled_from(["name", "args", "env", "resources", "a b", "1", "yes"])
CONTENTS = st.dictionaries(
    KEYS,
    st.recursive(
        LEAVES,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)


@st.composite
def grown(draw: st.DrawFn, content: object) -> object:
    """Change single values, add elements and keys: what an injection may do."""
    match content:
        case dict():
            inner = {key: draw(grown(value)) for key, value in content.items()}
            return inner | draw(
                st.dictionaries(KEYS.filter(lambda k: k not in inner), CONTENTS, max_size=1)
            )
        case list():
            return [draw(grown(item)) for item in content] + draw(st.lists(LEAVES, max_size=2))
        case str():
            cut = draw(st.integers(0, len(content)))
            return content[:cut] + draw(st.just("") | TEXTS) + content[cut:]
        case _:
            return draw(st.just(content) | LEAVES)


STYLES = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([False, None, True]),
        "default_style": st.sampled_from([None, "'", '"', "|", ">"]),
        "indent": st.integers(2, 6),
        "width": st.sampled_from([20, 1000]),
        "allow_unicode": st.booleans(),
        "explicit_start": st.booleans(),
    }
)


def read(text: str) -> object:
    node = compose(text)
    assert node is not None
    return construct(node)


@given(st.data())
def test_a_rewritten_text_reads_as_asked_and_keeps_its_comments(data: st.DataObject):
    written = yaml.safe_dump(data.draw(CONTENTS), sort_keys=False, **data.draw(STYLES))
    text = f"# first\n{written}# last\n"
    try:
        content = read(text)
    except YamlError:
        assume(False)
    wanted = data.draw(grown(content))

    try:
        changed = rewrite(text, wanted)
    except RewriteError:
        return

    assert read(changed) == wanted
    assert changed.startswith("# first\n")
    assert changed.endswith("# last\n")


@given(CONTENTS, STYLES)
def test_a_text_that_reads_as_asked_stays_as_it_is(content: object, style: dict[str, object]):
    text = yaml.safe_dump(content, **style)

    assert rewrite(text, read(text)) == text
