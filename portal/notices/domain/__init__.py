"""What other apps call: telling people things and asking them to do things."""

from portal.notices.domain.notices import ForeignAddress, mark_read, notify, unread_of
from portal.notices.domain.recipients import Holders, MembersOf
from portal.notices.domain.tasks import close_task, open_task, overdue, tasks_below, tasks_of, tasks_reached
from portal.notices.kinds import UnknownKind, declare_kind

__all__ = [
    "ForeignAddress",
    "Holders",
    "MembersOf",
    "UnknownKind",
    "close_task",
    "declare_kind",
    "mark_read",
    "notify",
    "open_task",
    "overdue",
    "tasks_below",
    "tasks_of",
    "tasks_reached",
    "unread_of",
]
