from portal.regulations.models.lineage import Lineage, LineageEdge
from portal.regulations.models.provision import Provision
from portal.regulations.models.regulation import Level, Regulation
from portal.regulations.models.version import DateOrigin, RegulationVersion

__all__ = ["DateOrigin", "Level", "Lineage", "LineageEdge", "Provision", "Regulation", "RegulationVersion"]
