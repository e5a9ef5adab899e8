from portal.pages.models.branch import BranchPage
from portal.pages.models.column import ColumnPage
from portal.pages.models.home import HomePage
from portal.pages.models.review import ReviewTask, ReviewTaskState
from portal.pages.models.site import SiteLink, SiteLook
from portal.pages.models.standard import StandardPage

__all__ = [
    "BranchPage",
    "ColumnPage",
    "HomePage",
    "ReviewTask",
    "ReviewTaskState",
    "SiteLink",
    "SiteLook",
    "StandardPage",
]
