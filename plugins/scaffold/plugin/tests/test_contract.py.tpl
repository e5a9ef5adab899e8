"""The plugin keeps every rule of the contract kit."""

import uuid

from __slug__.models import Note
from plugins.testing import PluginContract
from portal.public import facts
from portal.public.events import CourseCompleted


class Test__Class__(PluginContract):
    plugin = "__slug__"

    def sample_events(self):
        return [CourseCompleted(member_uid=uuid.uuid4(), course_uid=uuid.uuid4(), course_title="党支部工作实务")]

    def make_items(self, count):
        for number in range(count):
            Note.objects.create(title=f"通知 {number}", body="正文", audience_id=facts.public_audience_id())
