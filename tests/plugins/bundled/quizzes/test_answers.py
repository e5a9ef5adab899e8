"""Options, keys and marks of single questions."""

import pytest

from plugins.bundled.quizzes.domain.answers import BadQuestion, plain_answer, points_for, read_key, read_options

ABC = ["甲", "乙", "丙"]


@pytest.mark.parametrize(
    ("kind", "text", "key"),
    [
        ("single", "b", "B"),
        ("single", " C ", "C"),
        ("multiple", "CA", "AC"),
        ("multiple", "A、C", "AC"),
        ("multiple", "a,b；c", "ABC"),
        ("judge", "对", "A"),
        ("judge", "正确", "A"),
        ("judge", "√", "A"),
        ("judge", "t", "A"),
        ("judge", "1", "A"),
        ("judge", "错误", "B"),
        ("judge", "×", "B"),
        ("judge", "F", "B"),
    ],
)
def test_read_key_takes_the_usual_ways_of_writing(kind, text, key):
    assert read_key(kind, text, ABC) == key


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("single", "AB", "单选题只能有一个答案。"),
        ("single", "D", "答案只能用选项的字母，最后一个选项是 C。"),
        ("multiple", "", "答案只能用选项的字母，最后一个选项是 C。"),
        ("judge", "也许", "判断题的答案请填“对”或“错”。"),
    ],
)
def test_read_key_refuses_what_does_not_fit(kind, text, message):
    with pytest.raises(BadQuestion) as refused:
        read_key(kind, text, ABC)

    assert (refused.value.field, str(refused.value)) == ("key", message)


@pytest.mark.parametrize("text", ["", "只有一个", "\n".join("选项" for _ in range(11))])
def test_read_options_refuses_too_few_and_too_many(text):
    with pytest.raises(BadQuestion, match=r"请写 2 到 10 个选项，一行一个。"):
        read_options("single", text)


@pytest.mark.parametrize(
    ("kind", "chosen", "answer"),
    [
        ("multiple", ["C", "A", "A"], "AC"),
        ("multiple", ["Z", "AB", "<script>", ""], ""),
        ("single", ["B", "A"], "A"),
        ("single", [], ""),
    ],
)
def test_plain_answer_keeps_only_letters_of_the_question(kind, chosen, answer):
    assert plain_answer(kind, chosen, 3) == answer


@pytest.mark.parametrize(("answer", "points"), [("AC", 5), ("A", 0), ("ABC", 0), ("", 0)])
def test_points_for_multiple_choice_are_all_or_nothing(answer, points):
    assert points_for(answer, "AC", 5) == points
