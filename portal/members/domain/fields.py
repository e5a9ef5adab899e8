"""The one table of what is kept about a member: for what, who sees it how, and how it is read and written.

Everything else asks this table: pages, masks, import, export, corrections, the watch over missing fields.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from portal.accounts.domain.handles import keyed_hash
from portal.ground.clock import today
from portal.members.domain.identity import UnreadableValue, masked, plain, read_date, read_id_number, read_phone
from portal.members.models.file import Education, Gender
from portal.organisations.models import Member

Text = str | Promise


class Sensitivity(enum.Enum):
    """OPEN: in full to whoever may see the file. MASKED: covered, full by a logged look with a reason. SEALED: not even
    covered; full by a logged look with a reason, for whoever may unseal. The member sees everything."""

    OPEN = "open"
    MASKED = "masked"
    SEALED = "sealed"

    @property
    def label(self) -> str:
        """In words for people."""
        return {"open": _("本组织可见"), "masked": _("遮盖"), "sealed": _("封存")}[self.value]


class Kind(enum.Enum):
    """How a value is written."""

    TEXT = "text"
    DATE = "date"
    CHOICE = "choice"
    ID_NUMBER = "id_number"
    PHONE = "phone"
    ORGANISATION = "organisation"


@dataclasses.dataclass(frozen=True)
class Field:
    """A thing that is kept. `purpose` says what for; `on_file` whether it stands in MemberFile (else in Member); `key` names
    the stages in which its absence is a to-do of the unit; `headers` are other names that tables give it."""

    name: str
    label: Text
    sensitivity: Sensitivity
    purpose: Text
    kind: Kind = Kind.TEXT
    on_file: bool = True
    key: frozenset[str] = frozenset()
    choices: tuple[tuple[str, Text], ...] = ()
    max_length: int = 0
    head: int = 0
    tail: int = 0
    headers: tuple[str, ...] = ()
    correctable: bool = True
    not_future: bool = True

    @property
    def is_hidden(self) -> bool:
        """Whether others see it covered."""
        return self.sensitivity is not Sensitivity.OPEN

    @property
    def lookup(self) -> str:
        """The column with its keyed hash, or empty."""
        return {Kind.ID_NUMBER: "id_lookup", Kind.PHONE: "phone_lookup"}.get(self.kind, "")

    def value_of(self, member: Member) -> Any:
        """The value in the database; "" or None when it is not known."""
        holder = file_of(member) if self.on_file else member
        return getattr(holder, self.name, None) if holder is not None else None

    def shown(self, value: Any) -> str:
        """The value in words."""
        if value in ("", None):
            return ""
        if self.kind is Kind.DATE:
            return str(value.isoformat())
        if self.kind is Kind.CHOICE:
            return str(dict(self.choices).get(value, value))
        return str(value)

    def covered(self, value: Any) -> str:
        """The value as others see it who have given no reason: in full only when it is open."""
        text = self.shown(value)
        if not self.is_hidden or not text:
            return text
        if self.sensitivity is Sensitivity.SEALED:
            return "······"
        return masked(text, head=self.head, tail=self.tail)

    def read(self, text: str, *, since_1904: bool = False) -> Any:
        """A value from what was typed; "" or None for nothing. Raises UnreadableValue with what to do."""
        typed = plain(text)
        if not typed:
            return None if self.kind is Kind.DATE else ""
        value: Any
        match self.kind:
            case Kind.DATE:
                value = read_date(typed, since_1904=since_1904)
                if self.not_future and value > today():
                    raise UnreadableValue(_("这个日期在今天之后，请核对。"))
            case Kind.ID_NUMBER:
                value = read_id_number(typed).number
            case Kind.PHONE:
                value = read_phone(typed)
            case Kind.CHOICE:
                value = _chosen(self, typed)
            case _:
                value = typed
                if self.max_length and len(typed) > self.max_length:
                    raise UnreadableValue(_("最多 %(n)s 个字，请缩短。") % {"n": self.max_length})
        return value

    def hashed(self, value: str) -> str:
        """What `lookup` keeps for a value: empty for nothing."""
        return keyed_hash(self.kind.value, value) if value else ""


# What people write for a choice, beside its own label.
_OTHER_WORDS = {
    "gender": {"男性": "male", "女性": "female", "m": "male", "f": "female"},
    "education": {
        "博士": "doctor",
        "研究生": "master",
        "硕士": "master",
        "本科": "bachelor",
        "学士": "bachelor",
        "大专": "college",
        "专科": "college",
        "中专": "vocational",
        "中技": "vocational",
        "技校": "vocational",
        "职高": "vocational",
        "初中": "middle_school",
        "小学": "middle_school",
    },
    "stage": {
        "党员": "full",
        "申请人": "applicant",
        "积极分子": "activist",
        "发展党员": "target",
        "已转出党员": "left",
        "转出": "left",
    },
}


def _words_of(field: Field) -> dict[str, str]:
    words = dict(_OTHER_WORDS.get(field.name, {}))
    for code, label in field.choices:
        words[code] = code
        words[plain(str(label)).lower()] = code
    return words


_words: dict[tuple[str, str], dict[str, str]] = {}


def _chosen(field: Field, typed: str) -> str:
    key = (field.name, get_language() or "")
    if key not in _words:
        _words[key] = _words_of(field)
    try:
        return _words[key][typed.lower()]
    except KeyError:
        allowed = "、".join(str(label) for _code, label in field.choices)
        raise UnreadableValue(_("只能填写：%(choices)s。") % {"choices": allowed}) from None


def file_of(member: Member) -> Any:
    """The member's file, or None while nothing is known; no query when it was selected with the member."""
    return getattr(member, "file", None)


_PARTY = frozenset(Member.COUNTED)
_ALL = frozenset(stage for stage in Member.Stage.values if stage != Member.Stage.LEFT)

_OPEN, _MASKED = Sensitivity.OPEN, Sensitivity.MASKED

FIELDS: tuple[Field, ...] = (
    Field(
        "name",
        gettext_lazy("姓名"),
        _OPEN,
        gettext_lazy("组织内部识别党员"),
        on_file=False,
        max_length=60,
        headers=("党员姓名", "name"),
    ),
    Field(
        "gender",
        gettext_lazy("性别"),
        _OPEN,
        gettext_lazy("党内统计"),
        Kind.CHOICE,
        key=_ALL,
        choices=tuple(Gender.choices),
        headers=("gender",),
    ),
    Field(
        "born_on",
        gettext_lazy("出生日期"),
        _MASKED,
        gettext_lazy("核对身份、计算年龄；与姓名一起查重"),
        Kind.DATE,
        key=_ALL,
        head=4,
        headers=("出生年月", "出生年月日", "生日", "date of birth"),
    ),
    Field(
        "nation",
        gettext_lazy("民族"),
        _MASKED,
        gettext_lazy("党内统计"),
        max_length=20,
        headers=("nation", "ethnic group"),
    ),
    Field(
        "id_number",
        gettext_lazy("身份证号"),
        _MASKED,
        gettext_lazy("确认是同一个人，防止重复建档；组织关系转接"),
        Kind.ID_NUMBER,
        key=_PARTY,
        max_length=18,
        head=3,
        tail=2,
        headers=("公民身份号码", "身份证", "身份证号码", "身份证件号码", "证件号码", "id number"),
    ),
    Field(
        "phone",
        gettext_lazy("联系电话"),
        _MASKED,
        gettext_lazy("组织联系党员"),
        Kind.PHONE,
        key=_PARTY,
        max_length=20,
        head=3,
        tail=4,
        headers=("手机", "手机号", "手机号码", "电话", "电话号码", "联系方式", "phone"),
    ),
    Field(
        "organisation",
        gettext_lazy("所在组织编码"),
        _OPEN,
        gettext_lazy("组织关系"),
        Kind.ORGANISATION,
        on_file=False,
        correctable=False,
        headers=("组织编码", "党组织编码", "所在党组织编码", "支部编码", "组织代码", "organisation code"),
    ),
    Field(
        "stage",
        gettext_lazy("人员类别"),
        _OPEN,
        gettext_lazy("党内统计；决定享有的权利和应办的手续"),
        Kind.CHOICE,
        on_file=False,
        correctable=False,
        choices=tuple(Member.Stage.choices),
        headers=("党员类别", "阶段", "类别", "stage"),
    ),
    Field(
        "joined_on",
        gettext_lazy("入党日期"),
        _OPEN,
        gettext_lazy("计算党龄"),
        Kind.DATE,
        on_file=False,
        key=_PARTY,
        headers=("加入党组织日期", "加入中国共产党组织的时间", "入党时间", "加入中共组织日期", "joined on"),
    ),
    Field(
        "full_on",
        gettext_lazy("转正日期"),
        _OPEN,
        gettext_lazy("计算党龄，办理转正"),
        Kind.DATE,
        key=frozenset({Member.Stage.FULL, Member.Stage.FLOATING}),
        headers=("转为正式党员日期", "转正时间", "成为正式党员时间"),
    ),
    Field(
        "applied_on",
        gettext_lazy("递交入党申请书日期"),
        _OPEN,
        gettext_lazy("发展党员各步骤的期限"),
        Kind.DATE,
        key=frozenset({Member.Stage.APPLICANT, Member.Stage.ACTIVIST, Member.Stage.TARGET}),
        headers=("申请入党日期", "申请入党时间", "递交申请书日期"),
    ),
    Field(
        "activist_on",
        gettext_lazy("确定为积极分子日期"),
        _OPEN,
        gettext_lazy("发展党员各步骤的期限"),
        Kind.DATE,
        key=frozenset({Member.Stage.ACTIVIST, Member.Stage.TARGET}),
        headers=("列为积极分子日期", "确定积极分子日期", "积极分子日期"),
    ),
    Field(
        "target_on",
        gettext_lazy("确定为发展对象日期"),
        _OPEN,
        gettext_lazy("发展党员各步骤的期限"),
        Kind.DATE,
        key=frozenset({Member.Stage.TARGET}),
        headers=("列为发展对象日期", "发展对象日期"),
    ),
    Field(
        "education",
        gettext_lazy("学历"),
        _OPEN,
        gettext_lazy("党内统计，安排教育培训"),
        Kind.CHOICE,
        choices=tuple(Education.choices),
        headers=("文化程度", "最高学历", "education"),
    ),
    Field(
        "work_unit",
        gettext_lazy("工作单位"),
        _OPEN,
        gettext_lazy("组织联系党员"),
        max_length=120,
        headers=("单位", "工作单位及职务", "work unit"),
    ),
    Field(
        "job_title",
        gettext_lazy("岗位"),
        _OPEN,
        gettext_lazy("组织联系党员，安排教育培训"),
        max_length=60,
        headers=("工作岗位", "行政职务", "岗位职务", "position"),
    ),
    Field(
        "work_number",
        gettext_lazy("工号"),
        _OPEN,
        gettext_lazy("与人事系统核对"),
        max_length=40,
        headers=("员工编号", "职工号", "人员编号", "work number"),
    ),
)

BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}
ON_FILE: tuple[Field, ...] = tuple(field for field in FIELDS if field.on_file)
ON_MEMBER: tuple[Field, ...] = tuple(field for field in FIELDS if not field.on_file)
CORRECTABLE: tuple[Field, ...] = tuple(field for field in FIELDS if field.correctable)

PUNISHMENT = Field(
    "punishment",
    gettext_lazy("处分"),
    Sensitivity.SEALED,
    gettext_lazy("评先评优、选举时审查资格"),
    correctable=False,
)
AWARD = Field("award", gettext_lazy("表彰奖励"), _OPEN, gettext_lazy("成长轨迹，评先评优"), correctable=False)


def missing_key_fields(stage: str, value_of: Callable[[str], Any]) -> list[str]:
    """The names of the key fields that a person at this stage should have and has not."""
    return [field.name for field in FIELDS if stage in field.key and value_of(field.name) in ("", None)]
