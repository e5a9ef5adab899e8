"""What is kept about a person here: the tokens."""

from __future__ import annotations

from collections.abc import Iterable

from portal.api.models import ApiToken
from portal.ground.personal import Erased, Person, Table

COLUMNS = {
    "name": "名称",
    "scopes": "范围",
    "made_at": "创建时间",
    "expires_at": "到期时间",
    "used_at": "上次使用",
    "used_from": "上次使用的地址",
    "revoked_at": "撤销时间",
}


def export(person: Person) -> Iterable[Table]:
    """The tokens, without the token itself, which is not kept."""
    if person.user_id is None:
        return
    rows = [
        {
            "name": token.name,
            "scopes": list(token.scopes),
            "made_at": token.made_at.isoformat(),
            "expires_at": token.expires_at.isoformat(),
            "used_at": token.used_at.isoformat() if token.used_at else None,
            "used_from": token.used_from or None,
            "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
        }
        for token in ApiToken.objects.filter(user_id=person.user_id).order_by("pk")
    ]
    yield Table("tokens", "接口令牌（只存摘要，不存令牌本身）", COLUMNS, rows)


def erase(person: Person) -> Erased:
    """All of them go."""
    if person.user_id is None:
        return Erased(0)
    return Erased(ApiToken.objects.filter(user_id=person.user_id).delete()[0])
