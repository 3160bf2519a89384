from textwrap import dedent
from typing import cast

import pytest

from webhook.yamltext.documents import compose
from webhook.yamltext.rewrite import RewriteError, rewrite
from webhook.yamltext.values import construct

ORDER = ("name", "image", "command", "args", "env", "resources")


def changed(text: str, content: object) -> str:
    return rewrite(dedent(text), content, ORDER)


@pytest.mark.parametrize(
    ("before", "content", "after"),
    [
        pytest.param("a: 1 # c\n", {"a": 1}, "a: 1 # c\n", id="nothing-differs"),
        pytest.param("a: x # c\n", {"a": "z"}, "a: z # c\n", id="plain"),
        pytest.param("a: 'x' # c\n", {"a": "y'"}, "a: 'y''' # c\n", id="single-quoted"),
        pytest.param('a: "x" # c\n', {"a": 'y"'}, 'a: "y\\"" # c\n', id="double-quoted"),
        pytest.param("a: x\n", {"a": "yes"}, 'a: "yes"\n', id="a-text-like-a-boolean-is-quoted"),
        pytest.param("a: x\n", {"a": ""}, 'a: ""\n', id="an-empty-text-is-quoted"),
        pytest.param("a: x\n", {"a": True}, "a: true\n", id="boolean"),
        pytest.param("a: x\n", {"a": None}, "a: null\n", id="null"),
        pytest.param("a:\n", {"a": "x"}, "a: x\n", id="a-value-for-nothing"),
        pytest.param("a:\n", {"a": []}, "a: []\n", id="an-empty-list-for-nothing"),
        pytest.param("a:\nb: 1\n", {"a": {"c": 2}, "b": 1}, "a:\n  c: 2\nb: 1\n", id="a-mapping"),
        pytest.param("a: {}\n", {"a": {"c": 2}}, "a: {c: 2}\n", id="into-an-empty-mapping"),
        pytest.param("a: []\n", {"a": ["c", ""]}, 'a: [c, ""]\n', id="into-an-empty-list"),
        pytest.param("a: [b]\n", {"a": ["b", "c"]}, "a: [b, c]\n", id="into-brackets"),
        pytest.param("a: ['b']\n", {"a": ["b", "c"]}, "a: ['b', 'c']\n", id="the-quotes-around"),
        pytest.param(
            "a: [b,\n  'c', # d\n]\n",
            {"a": ["b", "c", "e"]},
            "a: [b,\n  'c',\n  e, # d\n]\n",
            id="a-line-of-its-own",
        ),
        pytest.param(
            "a:\n- b # c\n\n# d\n",
            {"a": ["b", "e"]},
            "a:\n- b # c\n- e\n\n# d\n",
            id="behind-the-last-item",
        ),
        pytest.param("a:\n    - b", {"a": ["b", "c"]}, "a:\n    - b\n    - c", id="no-line-end"),
        pytest.param("a:\r\n- b\r\n", {"a": ["b", "c"]}, "a:\r\n- b\r\n- c\r\n", id="crlf"),
        pytest.param(
            "a:\n- |\n  b\n\n- c\n", {"a": ["b\n", "d"]}, "a:\n- |\n  b\n\n- d\n", id="literal"
        ),
        pytest.param(
            "a:\n- &x b\n- *x\n",
            {"a": ["b", "b", "c"]},
            "a:\n- &x b\n- *x\n- c\n",
            id="behind-an-alias",
        ),
        pytest.param(
            "a: [&x b, *x]\n",
            {"a": ["b", "b", "c"]},
            "a: [&x b, *x, c]\n",
            id="behind-an-alias-in-brackets",
        ),
        pytest.param(
            "b: &x {c: 1}\na: *x # d\n",
            {"b": {"c": 1}, "a": {"c": 1}, "e": 2},
            "b: &x {c: 1}\na: *x # d\ne: 2\n",
            id="behind-a-key-with-an-alias",
        ),
        pytest.param(
            "b: &x {c: d}\na: *x\n",
            {"b": {"c": "e"}, "a": {"c": "e"}},
            "b: &x {c: e}\na: *x\n",
            id="the-anchor-changes-with-its-aliases",
        ),
        pytest.param(
            "b: &x {c: d}\na:\n  <<: *x\n",
            {"b": {"c": "d"}, "a": {"c": "e"}},
            "b: &x {c: d}\na:\n  <<: *x\n  c: e\n",
            id="a-merged-key-is-overridden",
        ),
        pytest.param(
            "a: &x\n  - b\n", {"a": ["b", "c"]}, "a: &x\n  - b\n  - c\n", id="an-anchored-list"
        ),
        pytest.param("a: 1\na: 2\n", {"a": 3}, "a: 1\na: 3\n", id="the-last-of-a-key-given-twice"),
        pytest.param("- - a\n", [["a", "b"]], "- - a\n  - b\n", id="a-list-in-a-list"),
        pytest.param('{"a": ["b"]}', {"a": ["b", "yes"]}, '{"a": ["b", "yes"]}', id="json"),
        pytest.param(
            '{\n  "a": 1\n}\n',
            {"a": 1, "b": ["c"]},
            '{\n  "a": 1,\n  "b": ["c"]\n}\n',
            id="json-on-lines",
        ),
        pytest.param("a: x\n", {"a": ["b"]}, "a: [b]\n", id="a-list-for-a-value"),
        pytest.param(
            "a: 😀 # é\nb: x\n", {"a": "😀", "b": "z"}, "a: 😀 # é\nb: z\n", id="wide-characters"
        ),
        pytest.param("a: x\n", {"a": "b\x07\u2028"}, 'a: "b\\a\\L"\n', id="unprintable"),
    ],
)
def test_only_what_differs_is_touched(before: str, content: object, after: str):
    assert rewrite(before, content) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("|\n  exec redis-server /c  # x\n", '|\n  exec redis-server /c --save ""  # x\n'),
        (
            "|-\n     a\n\n     redis-server /c\n\n",
            '|-\n     a\n\n     redis-server /c --save ""\n\n',
        ),
        (
            ">\n  exec redis-server\n  /c\n  --x y\n",
            '>\n  exec redis-server\n  /c --save ""\n  --x y\n',
        ),
        ("redis-server\n   /c\n", 'redis-server\n   /c --save ""\n'),
        ("'redis-server /c'\n", "'redis-server /c --save \"\"'\n"),
        ('"redis-server /c"\n', '"redis-server /c --save \\"\\""\n'),
        ("|+\n  redis-server /c\n\n", '|+\n  redis-server /c --save ""\n\n'),
    ],
)
def test_a_shell_text_keeps_its_style_and_lines(before: str, after: str):
    node = compose(f"- {before}- b\n")
    assert node is not None
    old, _ = cast("list[str]", construct(node))

    text = rewrite(f"- {before}- b\n", [old.replace("/c", '/c --save ""'), "b"])

    assert text == f"- {after}- b\n"


def test_a_new_line_in_a_literal_text_keeps_it_literal():
    text = rewrite("a: |-\n    b\n\n    c\nd: 1\n", {"a": "b\n\nx\nc", "d": 1})

    assert text == "a: |-\n    b\n\n    x\n    c\nd: 1\n"


def test_a_new_line_in_another_text_is_escaped():
    text = rewrite("a: b\n", {"a": "b\nc"})

    assert text == 'a: "b\\nc"\n'


CONTAINER = """\
    spec:
      containers:
      - image: redis:7
        name: redis   # first

        # the ports
        ports: [{containerPort: 6379}]
      - name: other
    """


def test_new_keys_stand_in_the_usual_order_and_style():
    content = {
        "spec": {
            "containers": [
                {
                    "image": "redis:7",
                    "name": "redis",
                    "ports": [{"containerPort": 6379}],
                    "resources": {"limits": {"memory": "512Mi"}},
                    "env": [{"name": "A", "value": "1"}],
                    "args": ["--save", ""],
                },
                {"name": "other"},
            ]
        }
    }

    assert changed(CONTAINER, content) == dedent(
        """\
        spec:
          containers:
          - image: redis:7
            name: redis   # first
            args:
            - --save
            - ""
            env:
            - name: A
              value: "1"
            resources:
              limits:
                memory: 512Mi

            # the ports
            ports: [{containerPort: 6379}]
          - name: other
        """
    )


def test_a_new_list_is_written_like_its_neighbour():
    text = rewrite("a:\n  command: [sh]\n", {"a": {"command": ["sh"], "args": ["-c", "x y"]}})

    assert text == 'a:\n  command: [sh]\n  args: [-c, "x y"]\n'


def test_indentation_is_that_of_the_text():
    text = rewrite("a:\n    b:\n       - c\n", {"a": {"b": ["c"], "d": {"e": ["f"]}}})

    assert text == "a:\n    b:\n       - c\n    d:\n        e:\n           - f\n"


@pytest.mark.parametrize(
    ("text", "content", "problem"),
    [
        ("# nothing\n", {}, "the document is empty"),
        ("a: 1\nb: 2\n", {"a": 1}, "a key would have to be removed"),
        ("a: [1, 2]\n", {"a": [1]}, "an element would have to be removed"),
        (
            "a: &x [1]\nb: *x\n",
            {"a": [1], "b": [1, 2]},
            "the change stands behind an alias: make it where the anchor is",
        ),
        (
            "a: &x [1]\nb: *x\n",
            {"a": [1, 2], "b": [1]},
            "the text is written in a way that cannot be edited safely",
        ),
    ],
)
def test_what_cannot_be_written_safely_is_refused(text: str, content: object, problem: str):
    with pytest.raises(RewriteError) as raised:
        rewrite(text, content)

    assert str(raised.value) == problem
