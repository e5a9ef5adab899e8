"""A version as an Akoma Ntoso 3.0 act."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from lxml import etree

from portal.regulations.domain.exporting.texts import lines_of, version_line
from portal.regulations.models import Provision, Regulation, RegulationVersion

AKN = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
_ELEMENTS = {
    "part": "part",
    "subpart": "subpart",
    "chapter": "chapter",
    "section": "section",
    "subsection": "subsection",
}


def as_akoma_ntoso(regulation: Regulation, version: RegulationVersion, provisions: Sequence[Provision]) -> bytes:
    """The version as an Akoma Ntoso 3.0 act, valid by its strict schema."""
    root = etree.Element(f"{{{AKN}}}akomaNtoso", nsmap={None: AKN})
    act = _add(root, "act", name="act", contains="singleVersion")
    _meta(act, regulation, version)
    preface = _add(act, "preface")
    _add(_add(preface, "p"), "docTitle").text = regulation.title
    _add(preface, "p").text = version_line(version)
    body = _add(act, "body")
    children: dict[int | None, list[Provision]] = defaultdict(list)
    for provision in provisions:
        children[provision.parent_id].append(provision)
    for provision in children[None]:
        _hang(body, provision, children)
    if not len(body):
        _content(_add(body, "hcontainer", name="text", eId="text"), [])
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{AKN}}}{tag}", **attributes)


def _meta(act: etree._Element, regulation: Regulation, version: RegulationVersion) -> None:
    made = version.promulgated_on or version.adopted_on or version.starts_on
    first, this = (
        (made or dt.date(1900, 1, 1)).isoformat(),
        (version.starts_on or made or dt.date(1900, 1, 1)).isoformat(),
    )
    work = f"/akn/cn/act/{first}/{regulation.code}"
    expression = f"{work}/zho@{this}"
    identification = _add(_add(act, "meta"), "identification", source="#portal")
    levels = (
        ("FRBRWork", work, first),
        ("FRBRExpression", expression, this),
        ("FRBRManifestation", f"{expression}.xml", this),
    )
    for name, address, day in levels:
        level = _add(identification, name)
        _add(level, "FRBRthis", value=f"{address}/!main")
        _add(level, "FRBRuri", value=address)
        if name == "FRBRWork":
            _add(level, "FRBRalias", value=regulation.title, name="title")
        _add(level, "FRBRdate", date=day, name="made")
        _add(level, "FRBRauthor", href="#portal")
        if name == "FRBRWork":
            _add(level, "FRBRcountry", value="cn")
        if name == "FRBRExpression":
            _add(level, "FRBRlanguage", language="zho")
    references = _add(act.find(f"{{{AKN}}}meta"), "references", source="#portal")
    _add(references, "TLCOrganization", eId="portal", href="/ontology/organization/cn/portal", showAs="portal")


def _hang(parent: etree._Element, provision: Provision, children: dict[int | None, list[Provision]]) -> None:
    name = "article" if provision.kind == "article" else _ELEMENTS.get(provision.kind, "hcontainer")
    attributes = {"eId": provision.path.replace("/", "__").replace("~", "_n")}
    if name == "hcontainer":
        attributes["name"] = provision.kind
    element = _add(parent, name, **attributes)
    if provision.label:
        _add(element, "num").text = provision.label
    if provision.heading:
        _add(element, "heading").text = provision.heading
    below = children.get(provision.pk, [])
    if not below:
        _content(element, lines_of(provision))
        return
    if provision.text:
        intro = _add(element, "intro")
        for line in lines_of(provision):
            _add(intro, "p").text = line
    for child in below:
        _hang(element, child, children)


def _content(element: etree._Element, lines: Sequence[str]) -> None:
    content = _add(element, "content")
    for line in lines or [""]:
        _add(content, "p").text = line
