"""Demo papers: the one of `demo_content.toml`, and two short ones written here from common knowledge of branch work."""

from __future__ import annotations

import datetime as dt
import random
import tomllib
from pathlib import Path
from typing import Any

from plugins.bundled.quizzes.domain.answers import LETTERS, read_options
from plugins.bundled.quizzes.domain.taking import CannotSubmit, submit
from plugins.bundled.quizzes.models import Attempt, Paper, Question
from plugins.sdk import BUSINESS_ZONE
from plugins.sdk.demo import DemoContext
from plugins.sdk.ids import new_uid
from portal.public import facts

CONTENT = Path(__file__).parent / "demo_content.toml"
SINGLE, MULTIPLE, JUDGE = Question.Kind.SINGLE, Question.Kind.MULTIPLE, Question.Kind.JUDGE
BRANCH_WORK = [
    (
        SINGLE,
        "“三会一课”中的“一课”指的是什么？",
        "党课\n文化课\n技能课\n时事课",
        "A",
        "“三会”是支部党员大会、支部委员会会议、党小组会，“一课”是党课。",
    ),
    (
        SINGLE,
        "支部党员大会一般多久召开一次？",
        "每周\n每季度\n每半年\n每年",
        "B",
        "支部党员大会一般每季度召开一次，遇有需要可以随时召开。",
    ),
    (
        MULTIPLE,
        "下列哪些内容应当写进主题党日的记录？",
        "时间和地点\n到会与缺席人员\n议程和主要内容\n形成的意见或决定",
        "ABCD",
        "记录要让没有到会的人看得明白：何时何地、谁参加、谈了什么、定了什么。",
    ),
    (
        JUDGE,
        "预备党员同正式党员一样，有参加党的会议、接受党的教育的权利。",
        "",
        "对",
        "预备党员的权利，除没有表决权、选举权和被选举权以外，与正式党员一样。",
    ),
    (
        JUDGE,
        "党费可以由支部书记代全体党员统一垫付，年底再一次结算。",
        "",
        "错",
        "党员应当按月主动交纳党费，不得由他人长期垫付。",
    ),
    (
        MULTIPLE,
        "组织生活会一般包括哪些环节？",
        "会前学习和征求意见\n谈心谈话\n批评和自我批评\n评选销售能手",
        "ABC",
        "会前学习、谈心谈话、查摆问题、批评和自我批评、整改落实是通常的环节。",
    ),
]
CONFIDENTIALITY = [
    (
        SINGLE,
        "收到来源不明的邮件附件，正确的做法是？",
        "直接打开查看\n转发给同事\n不打开，报告信息员\n存到公共盘",
        "C",
        "先核实来源，不打开、不转发，并及时报告。",
    ),
    (
        JUDGE,
        "会议照片发到公开渠道之前，要先检查画面里有没有不该公开的材料。",
        "",
        "对",
        "桌上的文件、白板和屏幕都可能带出不应公开的内容。",
    ),
    (
        SINGLE,
        "离开座位时，电脑应当怎样处理？",
        "保持开机方便继续\n锁定屏幕\n只关显示器\n交给邻座看管",
        "B",
        "锁屏是最简单的保护。",
    ),
]


def load(context: DemoContext) -> None:
    """Two open papers and one that has closed, with some attempts. Safe to call again."""
    committee = next(iter(facts.organisations("committee")), None)
    if committee is None or Paper.objects.exists():
        return
    start = dt.datetime.combine(context.today, dt.time(8), BUSINESS_ZONE)
    content = tomllib.loads(CONTENT.read_text(encoding="utf-8"))
    main = _paper(
        content["paper"]["title"],
        content["paper"]["summary"],
        [_from_content(entry) for entry in content["question"]],
        committee.id,
        opens_at=start - dt.timedelta(days=12),
        closes_at=start + dt.timedelta(days=18),
        pass_percent=content["paper"]["pass_percent"],
    )
    _paper(
        "信息发布与保密常识",
        "三道题，发布信息之前先过一遍。",
        CONFIDENTIALITY,
        committee.id,
        opens_at=start - dt.timedelta(days=3),
        closes_at=start + dt.timedelta(days=40),
    )
    closed = _paper(
        "党支部工作基础知识小测",
        "已经截止，可以查看自己的成绩。",
        BRANCH_WORK,
        committee.id,
        opens_at=start - dt.timedelta(days=80),
        closes_at=start - dt.timedelta(days=50),
    )
    members = facts.members_within()
    with_login = [member for member in members if member.user_id]
    taken = sum(_take(main, member.uid, context.random) for member in members[:60] if not member.user_id)
    before = start - dt.timedelta(days=55)
    taken += sum(_take(closed, member.uid, context.random, at=before) for member in [*with_login, *members[60:90]])
    context.report(f"试卷：3 份，答卷：{taken} 份")


def _from_content(entry: dict[str, Any]) -> tuple[str, str, str, str, str, int]:
    """A question of the content file; its source stands at the end of the explanation."""
    judge = entry["kind"] == "judgement"
    explanation = f"{entry['explanation']}（{entry['source']}）" if entry.get("source") else entry["explanation"]
    return (
        JUDGE if judge else entry["kind"],
        entry["text"],
        "" if judge else "\n".join(entry["options"]),
        entry["answer"],
        explanation,
        entry["points"],
    )


def _paper(title: str, introduction: str, questions: list[Any], organisation_id: int, **fields: Any) -> Paper:
    paper = Paper(
        title=title, introduction=introduction, owner_organisation_id=organisation_id, is_published=True, **fields
    )
    paper.questions = [
        Question(
            sort_order=number,
            kind=kind,
            stem=stem,
            options=options,
            key=key,
            explanation=explanation,
            score=score[0] if score else 10,
        )
        for number, (kind, stem, options, key, explanation, *score) in enumerate(questions)
    ]
    paper.save()
    return paper


def _take(paper: Paper, member_uid: object, dice: random.Random, at: dt.datetime | None = None) -> bool:
    """One attempt, four answers in five right."""
    if Attempt.objects.filter(paper=paper, member_uid=member_uid).exists():
        return False
    chosen = {}
    for question in paper.questions.all():
        letters = LETTERS[: len(read_options(question.kind, question.options))]
        chosen[str(question.uid)] = list(question.key) if dice.random() < 0.8 else [dice.choice(letters)]
    try:
        submit(paper=paper, member_uid=member_uid, submission_uid=new_uid(), chosen=chosen, at=at)
    except CannotSubmit:
        return False
    return True
