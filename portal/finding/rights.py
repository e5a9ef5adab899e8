"""The rights of this app."""

from portal.ground.rights import declare

CURATE = declare(
    "search.curate", "维护近义词、置顶结果和检索设置", "Keep other words, pinned results and settings of search"
)
EDIT = declare("answers.edit", "撰写党务问答", "Write questions and answers")
APPROVE = declare("answers.approve", "审核发布党务问答", "Approve questions and answers")
