from portal.school.models.course import Chapter, CoursePage, Unit
from portal.school.models.learning import Enrolment, Progress

__all__ = ["Chapter", "CoursePage", "Enrolment", "Progress", "Unit"]
