"""What is kept of texts that anybody may write, and what is not."""

import pytest

from webhook.domain.kubernetes.remembered import LONGEST, remembered


class Counted:
    """A function of a text that counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, text: str, mark: str = "") -> str:
        self.asked += 1
        return f"{len(text)}{mark}"


@pytest.mark.parametrize(("length", "asked"), [(LONGEST, 1), (LONGEST + 1, 2)])
def test_the_answer_for_a_text_is_kept_unless_it_is_long(length: int, asked: int) -> None:
    counted = Counted()
    read = remembered(counted)

    answers = [read("x" * length) for _ in range(2)]

    assert answers == [str(length)] * 2
    assert counted.asked == asked


def test_an_answer_is_kept_for_what_stands_beside_the_text_too() -> None:
    read = remembered(Counted())

    assert (read("a", "!"), read("a", "?"), read("a")) == ("1!", "1?", "1")


def test_no_more_than_a_thousand_answers_are_kept() -> None:
    counted = Counted()
    read = remembered(counted)

    for number in range(1025):
        read(str(number))
    read("0")

    assert counted.asked == 1026


def test_what_is_raised_is_not_kept() -> None:
    asked = []

    @remembered
    def refuse(text: str) -> str:
        asked.append(text)
        raise ValueError(text)

    for _ in range(2):
        with pytest.raises(ValueError, match="a"):
            refuse("a")
    assert asked == ["a", "a"]
