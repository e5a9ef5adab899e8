"""Small makers of papers."""

import datetime as dt

from plugins.bundled.quizzes.models import Paper, Question
from portal.ground.clock import now


def make_paper(*, audience=None, **fields):
    """A published, open paper with a question of each kind: 10, 10 and 5 points."""
    moment = now()
    paper = Paper(
        **{
            "title": "支部工作测试",
            "introduction": "三道题",
            "is_published": True,
            "opens_at": moment - dt.timedelta(hours=1),
            "closes_at": moment + dt.timedelta(hours=1),
            "audience": audience,
            **fields,
        }
    )
    paper.questions = [
        Question(
            sort_order=0,
            kind="single",
            stem="单选题干",
            options="甲\n乙\n丙",
            key="b",
            explanation="单选解析",
            score=10,
        ),
        Question(
            sort_order=1,
            kind="multiple",
            stem="多选题干",
            options="甲\n乙\n丙\n丁",
            key="A、C",
            explanation="多选解析",
            score=10,
        ),
        Question(sort_order=2, kind="judge", stem="判断题干", key="错", explanation="判断解析", score=5),
    ]
    paper.save()
    return paper


def answers_of(paper, *letters):
    """Letters for the questions in order: answers_of(paper, "B", "AC", "B")."""
    return {str(q.uid): list(chosen) for q, chosen in zip(paper.questions.all(), letters, strict=True)}


RIGHT = ("B", "AC", "B")
