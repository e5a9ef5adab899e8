"""The events of the core apps, for plugins to hear with `plugins.sdk.on`."""

from portal.events.microlessons import MicroLessonWatched
from portal.events.news import ArticlePublished
from portal.events.organisations import MemberMoved, OrganisationEnded
from portal.events.regulations import RegulationPublished
from portal.events.school import CourseCompleted, Enrolled, UnitCompleted

__all__ = [
    "ArticlePublished",
    "CourseCompleted",
    "Enrolled",
    "MemberMoved",
    "MicroLessonWatched",
    "OrganisationEnded",
    "RegulationPublished",
    "UnitCompleted",
]
