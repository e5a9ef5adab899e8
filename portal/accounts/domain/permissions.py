"""Django permission names that Wagtail asks for, answered by our rights. Upper layers say which right stands for which."""

_rights_by_permission: dict[str, str] = {}


def answer_permission(permission: str, right: str) -> None:
    """Have `user.has_perm(permission)` answered by the declared right."""
    _rights_by_permission[permission] = right


def right_for(permission: str) -> str | None:
    """The right that stands for a Django permission, if any."""
    return _rights_by_permission.get(permission)


def answered_permissions() -> dict[str, str]:
    """All pairs, permission → right."""
    return dict(_rights_by_permission)
