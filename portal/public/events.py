"""The events of the core apps, for plugins to hear with `plugins.sdk.on`."""

from portal.events.microlessons import MicroLessonWatched
from portal.events.news import ArticlePublished
from portal.events.organisations import (
    BodyElected,
    MemberMoved,
    OrganisationEnded,
    OrganisationFounded,
    OrganisationMoved,
    OrganisationRenamed,
    TermEnding,
)
from portal.events.regulations import RegulationPublished
from portal.events.school import CourseCompleted, Enrolled, UnitCompleted

__all__ = [
    "ArticlePublished",
    "BodyElected",
    "CourseCompleted",
    "Enrolled",
    "MemberMoved",
    "MicroLessonWatched",
    "OrganisationEnded",
    "OrganisationFounded",
    "OrganisationMoved",
    "OrganisationRenamed",
    "RegulationPublished",
    "TermEnding",
    "UnitCompleted",
]
