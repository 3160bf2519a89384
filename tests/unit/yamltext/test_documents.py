import pytest

from webhook.yamltext.documents import MAX_DEPTH, TextDocument, compose, split_documents
from webhook.yamltext.values import YamlError, construct

LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 30))
MERGES = "a0: &a0 {x: 1}\n" + "".join(
    f"a{i}: &a{i}\n  <<: [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 30)
)
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 200))


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("", [(0, 1, "")]),
        ("a: 1\n", [(0, 1, "a: 1\n")]),
        (
            "---\na: 1\n---\n---\nb: 2",
            [(0, 1, "---\na: 1\n"), (1, 3, "---\n"), (2, 4, "---\nb: 2")],
        ),
        ("# c\n\n%YAML 1.1\n---\na: 1\n", [(0, 1, "# c\n\n%YAML 1.1\n---\na: 1\n")]),
        ("a: 1\n--- # b\nb: 2\n", [(0, 1, "a: 1\n"), (1, 2, "--- # b\nb: 2\n")]),
        ("a: 1\r\n---\r\nb: 2\r\n", [(0, 1, "a: 1\r\n"), (1, 2, "---\r\nb: 2\r\n")]),
        ("a: |\n  ---\n----\n", [(0, 1, "a: |\n  ---\n----\n")]),
    ],
)
def test_a_text_is_split_where_kubectl_splits_it(text: str, documents: list[tuple[int, int, str]]):
    split = list(split_documents(text))

    starts = [sum(len(before[2]) for before in documents[:i]) for i in range(len(documents))]
    assert split == [
        TextDocument(index=index, start=start, line=line, text=part)
        for start, (index, line, part) in zip(starts, documents, strict=True)
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "---\n# nothing\n"])
def test_an_empty_document_has_no_node_or_null(text: str):
    node = compose(text)

    assert node is None or construct(node) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 'x\n", "line 2: found unexpected end of stream"),
        ("a:\n\t- b", "line 2: found character that cannot start any token"),
        ("a: *x", "line 1: found undefined alias"),
        ("a: 1\n\x07", "line 2: holds what is no YAML character"),
        ("a: 1\nb: \ud800", "line 2: holds what is no YAML character"),
        ("a: 1\n---\nb: 1", "line 2: but found another document"),
        ("a: &a\n  - *a", "line 1: an alias stands inside its own anchor"),
        ("[" * (MAX_DEPTH + 1), "line 1: nested deeper than 100 levels"),
        ("[" * 1_000_000, "line 1: nested deeper than 100 levels"),
        (LAUGHS, "line 19: aliases expand beyond what any manifest needs"),
        (MERGES, "line 37: aliases expand beyond what any manifest needs"),
        (CHAIN, "line 101: aliases expand beyond what any manifest needs"),
    ],
)
def test_what_is_no_yaml_or_would_hurt_is_refused_with_its_line(text: str, problem: str):
    with pytest.raises(YamlError) as raised:
        compose(text)

    assert str(raised.value) == problem


def test_the_deepest_allowed_nesting_is_read():
    node = compose("[" * MAX_DEPTH + "]" * MAX_DEPTH)

    assert node is not None
    assert str(construct(node)) == "[" * MAX_DEPTH + "]" * MAX_DEPTH
