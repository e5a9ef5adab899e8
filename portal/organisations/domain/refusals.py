"""Why an operation on the register is not possible: each text is a sentence for the person who asked."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from portal.organisations.models import Organisation


class Refused(ValueError):
    """An operation was refused before anything was written."""


class CodeTaken(Refused):
    """Another organisation, maybe a dissolved one, already has this code: codes are never used again."""

    def __init__(self, code: str) -> None:
        super().__init__(_("编码 %(code)s 已经用过；撤销的组织的编码也不再使用。") % {"code": code})


class WrongCode(Refused):
    """The code is empty, too long, or not of letters, digits and hyphens."""

    def __init__(self, code: str) -> None:
        super().__init__(_("编码“%(code)s”不符合要求：1 至 40 位字母、数字或连字符。") % {"code": code[:50]})


class WrongName(Refused):
    """The name is empty or too long."""

    def __init__(self) -> None:
        super().__init__(_("名称不能为空，最长 120 字；简称最长 40 字。"))


class NothingChanges(Refused):
    """The organisation is what it should become already."""

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(_("“%(name)s”没有变化。") % {"name": organisation})


class WrongLevel(Refused):
    """This kind of organisation cannot stand below that one (党委 – 党总支 – 党支部 – 党小组)."""

    def __init__(self, kind: str, parent: Organisation | None) -> None:
        label = Organisation.Kind(kind).label if kind in Organisation.Kind.values else kind
        above = f"{parent}（{parent.get_kind_display()}）" if parent is not None else _("最上级")
        super().__init__(_("%(kind)s不能设在%(parent)s之下。") % {"kind": label, "parent": above})


class WrongPlace(Refused):
    """An organisation cannot be moved or merged into itself or into something below it."""


class WrongPosition(Refused):
    """The place on the map is half given or lies nowhere."""

    def __init__(self) -> None:
        super().__init__(_("经度（−180 至 180）和纬度（−90 至 90）要同时填写，或者都不填。"))


class StillInUse(Refused):
    """Members or organisations below are still there; they have to be moved first."""

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(_("“%(name)s”还有党员或下级组织，请先转出。") % {"name": organisation.name})


class OrganisationEnded(Refused):
    """The organisation was dissolved: nothing more can happen to it, and nobody can be entered there."""

    def __init__(self, name: str) -> None:
        super().__init__(_("“%(name)s”已经撤销。") % {"name": name})


class WrongDate(Refused):
    """The date lies in the future or before something that happened already."""

    @classmethod
    def future(cls, day: dt.date) -> WrongDate:
        """For a day that has not come."""
        return cls(_("日期 %(day)s 还没有到。") % {"day": day})

    @classmethod
    def before(cls, what: object, day: dt.date) -> WrongDate:
        """For a day before the last change of something."""
        return cls(_("“%(what)s”在 %(day)s 已有变动，日期不能比它早。") % {"what": what, "day": day})


class WrongMembers(Refused):
    """The members named do not add up: not of this organisation, named twice, or left over."""


class WrongPost(Refused):
    """The post cannot be held: by somebody of another organisation, twice, or before its start."""
