"""A small world in which every right can be tried: nine kinds of people, and one thing of every kind in four places.

The tree is C (committee) – G (general branch) – B and D (branches); H – F beside it. Everybody except the anonymous visitor
belongs to B. Secretaries hold their role in B, editors, reviewers and unit administrators in G, the others in C.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from wagtail.models import Collection, Locale, Site

from plugins.bundled.points.models import Rule
from plugins.bundled.quizzes.domain.taking import submit
from portal.accounts.models import SignIn, User
from portal.api.domain.tokens import create_token
from portal.exchange.models import Partner, ReceivedPackage, SentPackage
from portal.finding.domain.saving import save_search
from portal.finding.models import Answer, Pin, Synonym
from portal.ground.clock import now, today
from portal.ground.ids import new_uid
from portal.members.domain.corrections import ask_correction
from portal.members.domain.storing import store
from portal.members.models import ImportRun, PreparedFile
from portal.notices.domain.tasks import open_task
from portal.notices.models import Message, Notice
from portal.organisations.domain.audiences import organisation_audience
from portal.organisations.domain.members import enter_member
from portal.organisations.models import Member, Organisation, Post, RegisterImport, Role, RoleGrant
from portal.pages.models import ColumnPage
from portal.regulations.domain.asking import ask
from portal.regulations.domain.following import follow
from portal.regulations.domain.importing import Placement, import_regulation
from portal.regulations.domain.keeping import write_note
from portal.regulations.models import Relation
from tests.factories import make_branch, make_committee, make_user
from tests.factories.learning import make_case, make_course, make_lesson, make_video, text_unit, units_of, video_unit
from tests.factories.pages import make_article, make_column, make_document, make_picture, make_site
from tests.plugins.bundled.disclosure.makers import make_item
from tests.plugins.bundled.quizzes.makers import make_paper
from tests.portal.regulations.makers import LONG, law_text

PAST = dt.date(2020, 1, 1)
RELATIONS = ("own", "branch", "tree", "foreign")
SECRET = "暗号青岚"
"""Stands in every title, text and name that belongs to the foreign branch, and nowhere else."""

_AT = {"secretary": "B", "editor": "G", "reviewer": "G", "admin": "G"}
ROLES = ("anonymous", "member", *(role for role in Role.values if role != Role.MEMBER))


@dataclasses.dataclass
class World:
    """Organisations by letter, people by role, and for each role and relation the values that addresses name things by."""

    organisations: dict[str, Organisation]
    people: dict[str, User]
    home: Any
    things: dict[tuple[str, str], dict[str, Any]]

    def person(self, role: str) -> User | None:
        """The user who holds the role; None is the anonymous visitor."""
        return self.people.get(role)

    def values(self, role: str, relation: str) -> dict[str, Any]:
        """What addresses name: for `own` things made by this very person, else things of the place."""
        return self.things.get((role, relation)) or self.things["", relation]


def make_world() -> World:
    """Make all of it: once a test module, it takes seconds."""
    committee = make_committee()
    organisations = {"C": committee}
    for letter, above in (("G", "C"), ("H", "C")):
        organisations[letter] = (
            organisations[above]
            .__class__.objects.get(pk=organisations[above].pk)
            .add_child(code=f"X{letter}", name=f"{letter}党总支", kind=Organisation.Kind.GENERAL_BRANCH)
        )
    organisations["B"] = make_branch(organisations["G"], "乙支部")
    organisations["D"] = make_branch(organisations["G"], "丁支部")
    organisations["F"] = make_branch(organisations["H"], "己支部")
    organisations = {letter: Organisation.objects.get(pk=row.pk) for letter, row in organisations.items()}
    home = make_site(organisations["C"])
    people = {}
    for role in ROLES[1:]:
        user = make_user(f"person-{role}", display_name=f"人{role}")
        enter_member(f"人{role}", organisations["B"], user=user)
        if role != Role.MEMBER:
            RoleGrant.objects.create(user=user, role=role, organisation=organisations[_AT.get(role, "C")])
        people[role] = User.objects.get(pk=user.pk)
    world = World(organisations, people, home, {})
    _drive_keys_apart()
    column = make_column(home, "工作动态")
    for letter, relation in (("B", "branch"), ("D", "tree"), ("F", "foreign")):
        somebody = make_user(f"somebody-{letter}", display_name=SECRET if letter == "F" else f"某人{letter}")
        world.things["", relation] = _things(world, column, organisations[letter], somebody)
    for role, person in people.items():
        world.things[role, "own"] = _things(world, column, organisations["B"], person)
    world.things["", "own"] = world.things["", "branch"]
    return world


def _drive_keys_apart() -> None:
    """Rows of different tables get different keys, or a key of the wrong kind of thing would pass for the right one."""
    for number in range(1, 4):
        for day in range(1, 5 - number):
            import_regulation(
                law_text(*LONG, title=f"各级通用规定{number}", events=(f"202{day}年1月1日 发布",)),
                file_name=f"各级通用规定{number}(202{day}-01-01).md",
            )


def _things(world: World, column: ColumnPage, place: Organisation, author: User) -> dict[str, Any]:
    """One thing of every kind that `place` owns and only its people may see, made by `author`."""
    word = SECRET if place.pk == world.organisations["F"].pk else f"词{place.code}"
    seen = organisation_audience(place)
    owned = {"owner_organisation": place, "audience": seen}
    member = Member.objects.filter(user=author).first() or enter_member(word, place, user=author)
    article = make_article(column, f"{word}报道", owner=author, live=False, **owned)
    article.save_revision(user=author).publish()
    article.refresh_from_db()
    article.summary = f"{word}摘要"
    revision = article.save_revision(user=author)
    workflow_state = article.get_workflow().start(article, author)
    picture = make_picture(f"{word}图", uploaded_by_user=author, **owned)
    rendition = picture.get_rendition("fill-40x40")
    document = make_document(f"{word}文件", uploaded_by_user=author, **owned)
    video = make_video(60.0, f"{word}视频", uploaded_by=author, **owned)
    course = make_course(
        [video_unit(100, f"{word}讲"), text_unit(f"{word}材料")],
        parent=world.home.__class__.objects.get(pk=world.home.pk),
        title=f"{word}课",
        **owned,
    )
    lesson = make_lesson(title=f"{word}微课", **owned)
    case = make_case(title=f"{word}案例", **owned)
    item = make_item(place, title=f"{word}公示", audience=seen, state="published", proposed_by=author)
    draft = make_item(place, title=f"{word}拟公示", audience=seen, state="proposed", proposed_by=author)
    paper = make_paper(audience=seen, owner_organisation=place, title=f"{word}试卷")
    attempt = submit(paper=paper, member_uid=member.uid, submission_uid=new_uid(), chosen={}, at=now())
    law = import_regulation(
        law_text(*LONG, title=f"{word}规定", events=("2020年1月1日 发布",)),
        file_name=f"{word}规定(2020-01-01).md",
        placement=Placement(owner=place, audience=seen),
    )
    relation, _made = Relation.objects.get_or_create(  # whose own place is the same has the same rule
        source=law.regulation, title=f"{word}旧规", title_key=f"{word}旧规", kind=Relation.Kind.REPEALS
    )
    kept_note = write_note(author, law.regulation, None, f"{word}笔记")
    followed = follow(author, law.regulation)
    question = ask(author, law.regulation, None, f"{word}怎么办理？")
    units = units_of(course)
    grant = RoleGrant.objects.create(
        user=author, role=Role.MEMBER, organisation=place, valid_from=PAST, valid_to=today()
    )
    deputy = RoleGrant.objects.create(
        user=make_user(f"deputy-of-{author.pk}"),
        role=Role.MEMBER,
        organisation=place,
        deputy_for=grant,
        valid_from=today(),
        valid_to=today(),
    )
    return {
        "page": article.pk,
        "page_uid": article.uid,
        "page_code": article.short_code,
        "page_slug": article.slug,
        "revision": revision.pk,
        "workflow_state": workflow_state.pk,
        "task_state": workflow_state.current_task_state_id,
        "task": workflow_state.current_task_state.task_id,
        "image": picture.pk,
        "rendition": rendition.file.name.rpartition("/")[2],
        "document": document.pk,
        "document_name": document.filename,
        "video": video.pk,
        "video_uid": video.uid,
        "course": course.pk,
        "course_uid": course.uid,
        "course_code": course.short_code,
        "unit_uid": units[0].uid,
        "lesson": lesson.pk,
        "lesson_uid": lesson.uid,
        "case_code": case.short_code,
        "item": item.pk,
        "item_uid": item.uid,
        "draft_uid": draft.uid,
        "paper": paper.pk,
        "paper_uid": paper.uid,
        "attempt_uid": attempt.uid,
        "regulation": law.regulation.pk,
        "version": law.version.pk,
        "relation": relation.pk,
        "law_code": law.regulation.code,
        "law_note": kept_note.uid,
        "law_followed": followed.uid,
        "law_question": question.uid,
        "version_key": law.version.key,
        "lineage": law.version.provisions.exclude(lineage=None).first().lineage.code,
        "organisation": place.pk,
        "member": member.pk,
        "member_uid": member.uid,
        "user": author.pk,
        "user_uid": author.uid,
        "grant": grant.pk,
        "grant_uid": grant.uid,
        "deputy_uid": deputy.uid,
        "organisation_uid": place.uid,
        "post": Post.objects.create(organisation=place, member=member, kind=Post.Kind.SECRETARY).pk,
        **_own_matters(author, member, place, word),
        **_exchange(author, place, word),
        "site": Site.objects.get().pk,
        "locale": Locale.objects.first().pk,
        "collection": Collection.objects.first().pk,
        "workflow": workflow_state.workflow_id,
        "group": Group.objects.get_or_create(name="组")[0].pk,
        "category": item.category_id,
        "rule": Rule.objects.get_or_create(code="rule", defaults={"label": "事项", "points": 1, "source": "试用"})[
            0
        ].pk,
        **_search(author, place, word, owned),
        "content_type": ContentType.objects.get_for_model(type(article)).pk,
    }


def _search(author: User, place: Organisation, word: str, owned: dict[str, Any]) -> dict[str, Any]:
    """What belongs to search: an approved answer, a saved search, and what counts for the whole site."""
    answer = Answer.objects.create(
        question=f"{word}怎么办？",
        text=f"{word}这样办。",
        sources="规定",
        state=Answer.State.APPROVED,
        approved_at=now(),
        **owned,
    )
    return {
        "answer": answer.pk,
        "answer_code": answer.code,
        "saved_uid": save_search(author, {"q": [f"{word}消息"]}, alerts=False).uid,
        "synonym": Synonym.objects.get_or_create(word="近义", key="近义", others="同义")[0].pk,
        "pin": Pin.objects.get_or_create(query="置顶", key="置顶", group="page:1")[0].pk,
    }


def _exchange(author: User, place: Organisation, word: str) -> dict[str, Any]:
    """A site to exchange with, a package for it and one from it."""
    partner = Partner.objects.create(site_uid=new_uid(), name=f"站点{author.pk}", relation="superior")
    fields = {"package_uid": new_uid(), "serial": 1, "packed_at": now(), "size_bytes": 1, "scope_name": word}
    sent = SentPackage.objects.create(
        partner=partner, organisation=place, user=author, reason=word, serial=1, state="ready", path=store(b"PK")
    )
    received = ReceivedPackage.objects.create(
        partner=partner, organisation=place, user=author, state="done", file_name=word, **fields
    )
    return {"partner_uid": partner.uid, "sent_uid": sent.uid, "received_uid": received.uid}


def _own_matters(author: User, member: Member, place: Organisation, word: str) -> dict[str, Any]:
    """What concerns one person: something told, something to do, files prepared, an import, a correction asked for."""
    message = Message.objects.create(
        digest=f"{place.pk}-{author.pk}",
        key=f"rights-{author.pk}",
        kind="notices.general",
        title=word,
        sender=author,
        organisation=place,
    )
    run = ImportRun.objects.create(user=author, file_name=f"{word}.csv", sha256="0" * 64, size_bytes=1)
    table = RegisterImport.objects.create(
        user=author, file_name=f"{word}.csv", sha256="0" * 64, size_bytes=1, on=now().date(), document_number=word
    )
    sign_in = SignIn.objects.create(
        user=author, session_key=f"rights-{author.pk}-{place.pk}", method="password", began_at=now(), seen_at=now()
    )
    return {
        "sign_in_uid": sign_in.uid,
        "token_uid": create_token(author, word, ["content.read"], 7, known=["content.read"])[0].uid,
        "notice_uid": Notice.objects.create(user=author, message=message, key="rights", title=word).uid,
        "message_uid": message.uid,
        "task_uid": open_task(f"rights-{author.pk}", author, word, "/", by_hand=True).uid,
        "prepared_uid": PreparedFile.objects.create(kind="personal", user=author, name=word).uid,
        "run_uid": run.uid,
        "table_uid": table.uid,
        "correction_uid": ask_correction(member, "work_unit", word, word, actor=author, uid=new_uid()).uid,
    }
