from pathlib import Path

import pytest

from webhook.cli.input.documents import Document, SourceDocument, objects_of, parse_field_path
from webhook.cli.input.documents import read_documents as read
from webhook.cli.input.sources import InputProblem, Source


def source(text: str, name: str = "a.yaml") -> Source:
    return Source(name=name, path=Path(name), text=text)


def documents_of(text: str, name: str = "a.yaml") -> list[tuple[int, int, object] | str]:
    return [
        str(item)
        if isinstance(item, InputProblem)
        else (item.place.index, item.place.line, item.content)
        for item in read(source(text, name))
    ]


def objects_in(text: str) -> list[Document | InputProblem]:
    documents = [item for item in read(source(text)) if isinstance(item, SourceDocument)]
    return [item for document in documents for item in objects_of(document)]


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("", [(0, 1, None)]),
        (
            "a: 1\n---\n# empty\n---\nb: yes\n",
            [(0, 1, {"a": 1}), (1, 2, None), (2, 4, {"b": True})],
        ),
        (
            "---\na: [\n---\nb: 1\n",
            ["a.yaml: document 0, line 3: did not find expected node content", (1, 3, {"b": 1})],
        ),
        ('{"a": 1}', [(0, 1, {"a": 1})]),
        (' {"a": 1}\n\n[2]\n', [(0, 1, {"a": 1}), (1, 3, [2])]),
        ("{a: 1}\n---\n{b: 2}\n", [(0, 1, {"a": 1}), (1, 2, {"b": 2})]),
        ('{"a": "\\ud83d\\ude00"}', [(0, 1, {"a": "😀"})]),
        ('{"a": NaN}', [(0, 1, {"a": "NaN"})]),
    ],
)
def test_every_document_is_read_and_a_bad_one_hides_no_other(text: str, documents: list[object]):
    assert documents_of(text) == documents


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1}\n{"a":\n}', "a.json: document 1, line 3: not JSON: Expecting value"),
        ('{"a": NaN}', "a.json: document 0, line 1: not JSON: NaN is no value"),
        ("\n{a: 1}", "a.json: document 0, line 2: not JSON: "),
    ],
)
def test_a_json_file_is_nothing_but_json(text: str, problem: str):
    last = documents_of(text, "a.json")[-1]

    assert isinstance(last, str)
    assert last.startswith(problem)


def test_json_nested_too_deep_is_a_problem():
    read_documents = documents_of("[" * 100_000, "a.json")

    assert len(read_documents) == 1
    assert str(read_documents[0]).startswith("a.json: document 0, line 1: not JSON: ")


def test_lists_are_taken_apart_and_give_their_items_a_kind():
    text = """
kind: List
items:
- kind: Service
  metadata: {name: a}
- kind: PodList
  items:
  - metadata: {generateName: b-, namespace: shop}
  - 7
"""
    *objects, problem = objects_in(text)

    assert [
        (item.path, item.kind, item.namespace, item.name, item.line_at())
        for item in objects
        if isinstance(item, Document)
    ] == [
        (("items", 0), "Service", "", "a", 4),
        (("items", 1, "items", 0), "Pod", "shop", "b-", 8),
    ]
    assert str(problem) == (
        "a.yaml: document 0, line 9: is no Kubernetes object but a single value"
    )


@pytest.mark.parametrize(
    ("text", "what"), [("- a\n", "a list"), ("text\n", "a single value"), ("7\n", "a single value")]
)
def test_a_document_that_is_no_object_is_a_problem(text: str, what: str):
    problems = objects_in(text)

    assert [str(problem) for problem in problems] == [
        f"a.yaml: document 0, line 1: is no Kubernetes object but {what}"
    ]


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n"])
def test_an_empty_document_holds_no_object(text: str):
    assert objects_in(text) == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("spec",), 3),
        (("spec", "containers", 0), 5),
        (("spec", "containers", 0, "args", 1), 8),
        (("spec", "containers", 0, "args", 9), 6),
        (("spec", "absent", "deeper"), 3),
    ],
)
def test_the_line_of_a_field_is_known_or_the_nearest_around_it(
    path: tuple[str | int, ...], line: int
):
    text = "---\nkind: Pod\nspec:\n  containers:\n  - name: a\n    args:\n    - b\n    - c\n"
    (document,) = objects_in(text)

    assert isinstance(document, Document)
    assert document.line_at(path) == line


def test_lines_are_known_in_json_too():
    (document,) = objects_in('{"kind": "Pod",\n"spec": {\n"containers": []}}')

    assert isinstance(document, Document)
    assert document.line_at(("spec", "containers")) == 3


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("spec", ("spec",)),
        ("spec.containers[0].args[12]", ("spec", "containers", 0, "args", 12)),
        ("", ()),
    ],
)
def test_field_paths_of_the_core_are_parsed(text: str, path: tuple[str | int, ...]):
    assert parse_field_path(text) == path
