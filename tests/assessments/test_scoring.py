import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.scoring import Question, Scheme, Score, get_tier, score

SCALE = {"agree": 0, "partly": 25, "neither": 50, "hardly": 75, "disagree": 100, "unknown": None}


def make_scheme(*weights: dict[str, int]) -> Scheme:
    return Scheme(
        roles=("pace", "picture"),
        questions=tuple(
            Question(key=f"q{number}", points=SCALE, weights=each)
            for number, each in enumerate(weights, start=1)
        ),
        developing_from=40,
        strong_from=70,
    )


def test_score_is_the_weighted_mean_of_the_answered_questions() -> None:
    scheme = make_scheme({"pace": 3}, {"pace": 1})
    result = score(answers={"q1": "disagree", "q2": "agree"}, scheme=scheme)
    assert result.roles["pace"] == Score(points=75, tier="strong", answered=2, asked=2)


def test_score_overall_is_the_plain_mean_whatever_the_weights() -> None:
    scheme = make_scheme({"pace": 3}, {"pace": 1})
    result = score(answers={"q1": "disagree", "q2": "agree"}, scheme=scheme)
    assert result.overall == Score(points=50, tier="developing", answered=2, asked=2)


def test_score_rounds_half_points_up() -> None:
    scheme = make_scheme({"pace": 1}, {"pace": 1})
    result = score(answers={"q1": "partly", "q2": "agree"}, scheme=scheme)
    assert result.roles["pace"].points == 13


def test_score_leaves_out_a_question_without_opinion() -> None:
    scheme = make_scheme({"pace": 1}, {"pace": 1})
    result = score(answers={"q1": "hardly", "q2": "unknown"}, scheme=scheme)
    assert result.roles["pace"] == Score(points=75, tier="strong", answered=1, asked=2)


def test_score_gives_no_points_below_half_answered() -> None:
    scheme = make_scheme({"pace": 1}, {"pace": 1}, {"pace": 1})
    result = score(answers={"q1": "hardly", "q2": "unknown"}, scheme=scheme)
    assert result.roles["pace"] == Score(points=None, tier=None, answered=1, asked=3)


def test_score_leaves_an_unscored_role_out_of_the_weakest() -> None:
    scheme = make_scheme({"pace": 1}, {"picture": 1})
    result = score(answers={"q1": "agree", "q2": "unknown"}, scheme=scheme)
    assert result.weakest == ("pace",)


def test_score_lists_the_lowest_role_first() -> None:
    scheme = make_scheme({"pace": 1}, {"picture": 1})
    result = score(answers={"q1": "disagree", "q2": "agree"}, scheme=scheme)
    assert (result.weakest, result.tied_weakest) == (("picture", "pace"), ())


def test_score_breaks_a_tie_by_the_order_of_the_roles_and_says_so() -> None:
    scheme = make_scheme({"picture": 1}, {"pace": 1})
    result = score(answers={"q1": "agree", "q2": "agree"}, scheme=scheme)
    assert (result.weakest, result.tied_weakest) == (("pace", "picture"), ("pace", "picture"))


def test_score_refuses_an_answer_the_question_does_not_have() -> None:
    with pytest.raises(KeyError):
        score(answers={"q1": "perhaps"}, scheme=make_scheme({"pace": 1}))


@pytest.mark.parametrize(
    ("points", "tier"),
    [(0, "weak"), (39, "weak"), (40, "developing"), (69, "developing"), (70, "strong")],
)
def test_get_tier_puts_a_border_in_the_higher_tier(points: int, tier: str) -> None:
    assert get_tier(points=points, scheme=make_scheme({"pace": 1})) == tier


questions = st.lists(
    st.dictionaries(st.sampled_from(["pace", "picture"]), st.integers(1, 9), max_size=2),
    min_size=1,
    max_size=9,
)
choices = st.sampled_from(sorted(SCALE))


@given(questions, st.data())
def test_score_stays_between_0_and_100(weights: list[dict[str, int]], data: st.DataObject) -> None:
    scheme = make_scheme(*weights)
    answers = {each.key: data.draw(choices) for each in scheme.questions}
    result = score(answers=answers, scheme=scheme)
    for each in (result.overall, *result.roles.values()):
        assert each.points is None or 0 <= each.points <= 100


@given(questions, st.data())
def test_score_never_falls_when_an_answer_improves(
    weights: list[dict[str, int]], data: st.DataObject
) -> None:
    scheme = make_scheme(*weights)
    ladder = ["agree", "partly", "neither", "hardly", "disagree"]
    answers = {each.key: data.draw(st.sampled_from(ladder)) for each in scheme.questions}
    changed = data.draw(st.sampled_from(sorted(answers)))
    better = ladder[min(ladder.index(answers[changed]) + 1, len(ladder) - 1)]
    before = score(answers=answers, scheme=scheme)
    after = score(answers={**answers, changed: better}, scheme=scheme)
    for role in scheme.roles:
        assert (after.roles[role].points or 0) >= (before.roles[role].points or 0)
    assert (after.overall.points or 0) >= (before.overall.points or 0)


@given(questions, st.data())
def test_score_does_not_depend_on_the_order_of_answering(
    weights: list[dict[str, int]], data: st.DataObject
) -> None:
    scheme = make_scheme(*weights)
    answers = {each.key: data.draw(choices) for each in scheme.questions}
    shuffled = list(answers.items())
    random.Random(1).shuffle(shuffled)
    assert score(answers=answers, scheme=scheme) == score(answers=dict(shuffled), scheme=scheme)
