from portal.regulations.models.citation import Citation
from portal.regulations.models.lineage import Lineage, LineageEdge
from portal.regulations.models.provision import Provision
from portal.regulations.models.reader import Bookmark, Note, Question, ReaderState, Subscription
from portal.regulations.models.regulation import Level, Regulation
from portal.regulations.models.relation import Relation
from portal.regulations.models.term import DefinedTerm
from portal.regulations.models.version import DateOrigin, RegulationVersion

__all__ = [
    "Bookmark",
    "Citation",
    "DateOrigin",
    "DefinedTerm",
    "Level",
    "Lineage",
    "LineageEdge",
    "Note",
    "Provision",
    "Question",
    "ReaderState",
    "Regulation",
    "RegulationVersion",
    "Relation",
    "Subscription",
]
