"""What people were told, and what they are asked to do."""

from portal.notices.models.channel import ChannelChoice, Posting, Preferences
from portal.notices.models.message import Message
from portal.notices.models.notice import Notice
from portal.notices.models.task import Task, TaskAssignee

__all__ = ["ChannelChoice", "Message", "Notice", "Posting", "Preferences", "Task", "TaskAssignee"]
