"""Records of plugins in exchange packages: compared and written like the others; whatever a plugin does wrong stays with its own rows."""

import uuid

import pytest
from django.db import connection

from plugins.bundled.disclosure.models import Item
from plugins.host import registry, state
from plugins.host.models import PluginFault
from plugins.sdk import ExchangeRecords, Plugin, Refusal
from portal.exchange.domain.keys import own_site
from portal.exchange.domain.package.unpacking import open_package
from portal.exchange.models import ReceivedPackage, SentPackage, StagedLine
from portal.ground.exchange import Book, ForeignRow, UnfitRow, kinds
from portal.ground.jobs import run_due_jobs
from portal.organisations.models import Member, Organisation
from tests.factories import make_branch, make_committee
from tests.portal.exchange import makers

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FIELDS = {"organisation": ("组织", "Organisation"), "title": ("名称", "Title"), "number": ("数目", "Number")}


class Store:
    """What a small plugin keeps, and what it is told to do wrong."""

    def __init__(self):
        self.rows = {}
        self.wrong = {}

    def fill(self, organisation, *titles):
        for title in titles:
            uid = str(uuid.uuid4())
            self.rows[uid] = {"uid": uid, "organisation": str(organisation.uid), "title": title, "number": 1}

    def export(self, context):
        if "export" in self.wrong:
            yield from self.wrong["export"](context)
            return
        for row in self.rows.values():
            asked = context.only if context.only is not None else context.organisation_uids
            if uuid.UUID(row["uid"] if context.only is not None else row["organisation"]) in asked:
                yield row

    def check(self, row):
        if "check" in self.wrong:
            self.wrong["check"](row)
        if not isinstance(row["number"], int):
            raise Refusal("数目不是数字。")

    def load(self, context):
        if "load" in self.wrong:
            self.wrong["load"](context)
        for row in context.rows:
            self.rows[row["uid"]] = dict(row)

    def plugin(self, **more):
        records = ExchangeRecords(
            "trial.things",
            "试验品",
            self.export,
            self.load,
            label_en="Things",
            fields=FIELDS,
            check=self.check,
            **more,
        )
        return type("Exchanging", (Plugin,), {"exchange": (records,)})


def boom(*_arguments):
    raise RuntimeError("kaputt")


def sql_error(*_arguments):
    with connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM no_such_table")


@pytest.fixture
def store(add_plugin):
    store = Store()
    add_plugin(store.plugin())
    return store


@pytest.fixture
def sites(settings):
    return makers.two_sites(settings)


def moved(sites, store, top):
    """The package of a subtree, and the other site with nothing in it; what the plugin kept is put aside."""
    upper, lower = sites
    content = makers.package_for(makers.trust(lower), top)
    makers.wipe()
    kept, store.rows = store.rows, {}
    lower.be()
    return content, makers.trust(upper), kept


def faults():
    return list(PluginFault.objects.filter(slug="trial").values_list("point", flat=True))


def make_top(store, *titles):
    top = make_committee("江川公司党委")
    store.fill(make_branch(top), *(titles or ("甲", "乙")))
    return top


# --- as it should be --------------------------------------------------------------------------------------------------
def test_rows_go_out_come_in_and_go_back_the_same(sites, store):
    top = makers.make_register()
    store.fill(Organisation.objects.get(name="运行党支部"), "甲", "乙")
    before = makers.rows_of(top)
    content, partner, kept = moved(sites, store, top)

    row = makers.take_in(content)

    assert row.state == ReceivedPackage.State.DONE, row.note
    assert store.rows == kept
    assert row.counts["trial.things"] == {"new": 2}
    here = Organisation.objects.get(uid=before["organisations"][0]["uid"])
    assert makers.rows_of(here) == before
    back = makers.package_for(partner, here)
    sites[0].be()
    makers.trust(sites[1])
    assert list(open_package(back, own_site()).rows(next(k for k in kinds() if k.name == "trial.things"))) == list(
        before["trial.things"]
    )


def test_dry_run_writes_nothing_and_shows_what_would_come(sites, store):
    content, _partner, _kept = moved(sites, store, make_top(store))

    row = makers.looked_at(content)

    assert (row.state, row.counts["trial.things"], store.rows) == (ReceivedPackage.State.CHECKED, {"new": 2}, {})
    assert set(row.lines.filter(kind="trial.things").values_list("title", flat=True)) == {"甲", "乙"}


def test_three_way_comparison_tells_their_change_from_ours_and_finds_conflicts(sites, store):
    upper, lower = sites
    top = make_top(store, "甲", "乙", "丙")
    content, _partner, kept = moved(sites, store, top)
    makers.take_in(content)
    theirs, ours, both = sorted(kept)
    store.rows = {uid: dict(row) for uid, row in kept.items()}
    store.rows[theirs]["number"] = store.rows[both]["number"] = 2
    upper.be()
    second = package_for_again(lower, store)
    lower.be()
    store.rows = {uid: dict(row) for uid, row in kept.items()}
    store.rows[ours]["number"] = 3
    store.rows[both]["number"] = 4

    row = makers.looked_at(second)

    assert row.counts["trial.things"] == {"changed": 1, "kept": 1, "conflict": 1}
    conflict = StagedLine.objects.get(package=row, act="conflict")
    assert (conflict.here_uid, conflict.changed) == (both, ["number"])
    take = makers.take_in(second, rest="theirs")
    assert take.state == ReceivedPackage.State.DONE, take.note
    assert {uid: store.rows[uid]["number"] for uid in (theirs, ours, both)} == {theirs: 2, ours: 3, both: 2}


def package_for_again(lower, store):
    """A later package of the other site, made from the same rows."""
    partner = makers.trust(lower)
    partner.last_sent = 1
    partner.save()
    return makers.package_for(partner, Organisation.objects.get(depth=1))


def test_sealed_fields_can_be_read_by_the_receiver_only(sites, add_plugin):
    import io
    import zipfile

    store = Store()
    add_plugin(store.plugin(sealed=frozenset({"title"})))
    content, _partner, kept = moved(sites, store, make_top(store, "只给收件人看"))

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        clear = archive.read("parts/trial.things.jsonl").decode()
    makers.take_in(content)

    assert "只给收件人看" not in clear
    assert store.rows == kept


def test_row_of_an_older_form_is_made_into_one_of_today(sites, add_plugin):
    old = Store()
    add_plugin(old.plugin())
    content, _partner, kept = moved(sites, old, make_top(old))
    registry.remove_plugin("trial")
    new = Store()
    cls = new.plugin(version=2, upgrades={1: lambda row: {**row, "number": row["number"] + 10}})
    add_plugin(cls)

    row = makers.take_in(content)

    assert row.state == ReceivedPackage.State.DONE, row.note
    assert [row["number"] for row in new.rows.values()] == [11, 11]
    assert set(new.rows) == set(kept)


# --- off --------------------------------------------------------------------------------------------------------------
def test_rows_of_a_plugin_that_is_off_stay_out_of_packages(sites, store):
    top = make_top(store)
    state.switch("trial", enabled=False, site_id=state.default_site_id())

    content = makers.package_for(makers.trust(sites[1]), top)

    assert "trial.things" not in SentPackage.objects.get().counts
    assert b"trial.things" not in content


def test_rows_for_a_plugin_that_is_off_are_left_and_the_page_says_so(sites, store):
    content, _partner, _kept = moved(sites, store, make_top(store))
    state.switch("trial", enabled=False, site_id=state.default_site_id())

    row = makers.take_in(content)

    assert (row.state, store.rows) == (ReceivedPackage.State.DONE, {})
    assert "trial.things" in row.notices[0]


def test_plugin_switched_off_between_dry_run_and_writing_is_left_out(sites, store):
    from portal.exchange.domain.receiving import start_apply

    content, _partner, _kept = moved(sites, store, make_top(store))
    row = makers.looked_at(content)
    state.switch("trial", enabled=False, site_id=state.default_site_id())

    start_apply(row)
    run_due_jobs()

    row.refresh_from_db()
    assert (row.state, store.rows) == (ReceivedPackage.State.DONE, {})
    assert Organisation.objects.count() == 2


# --- wrong ------------------------------------------------------------------------------------------------------------
def other_organisation(_context):
    yield {"uid": str(uuid.uuid4()), "organisation": str(uuid.uuid4()), "title": "x", "number": 1}


def wrong_keys(_context):
    yield {"uid": str(uuid.uuid4()), "title": "x"}


def no_json(context):
    yield {
        "uid": str(uuid.uuid4()),
        "organisation": str(next(iter(context.organisation_uids))),
        "title": "x",
        "number": object(),
    }


def twice(context):
    row = {
        "uid": str(uuid.uuid4()),
        "organisation": str(next(iter(context.organisation_uids))),
        "title": "x",
        "number": 1,
    }
    return [row, row]


@pytest.mark.parametrize(
    "wrong", [boom, sql_error, other_organisation, wrong_keys, no_json, twice, lambda c: ["text"], lambda c: None]
)
def test_package_is_made_without_the_rows_that_cannot_be_read(sites, store, wrong):
    top = make_top(store)
    store.wrong["export"] = wrong

    makers.package_for(makers.trust(sites[1]), top)

    sent = SentPackage.objects.get()
    assert "trial.things" not in sent.counts
    assert sent.counts["organisations"] == 2
    assert "试验品" in sent.note
    assert faults() == ["exchange:export"]


@pytest.mark.parametrize("wrong", [boom, sql_error])
def test_rows_stay_out_while_the_plugin_cannot_say_what_is_here(sites, store, wrong):
    content, _partner, _kept = moved(sites, store, make_top(store))
    store.wrong["export"] = wrong

    row = makers.looked_at(content)

    assert row.counts["trial.things"] == {"kept_out": 2}
    assert row.counts["organisations"] == {"new": 2}
    assert faults() == ["exchange:export"]


@pytest.mark.parametrize("wrong", [boom, sql_error])
def test_rows_stay_out_when_the_check_fails_and_it_is_not_asked_for_ever(sites, store, wrong):
    content, _partner, _kept = moved(sites, store, make_top(store, *"甲乙丙丁戊己庚"))
    asked = []

    def counting(row):
        asked.append(row)
        wrong(row)

    store.wrong["check"] = counting

    row = makers.looked_at(content)

    assert row.counts["trial.things"] == {"kept_out": 7}
    assert len(asked) == 5
    assert faults() == ["exchange:check"]


def test_row_that_the_plugin_refuses_stays_out_with_its_reason(sites, store):
    top = make_top(store)
    uid = next(iter(store.rows))
    store.rows[uid]["number"] = "viele"
    content, _partner, _kept = moved(sites, store, top)

    row = makers.take_in(content)

    assert row.counts["trial.things"] == {"new": 1, "kept_out": 1}
    assert row.lines.get(uid=uid).note == "数目不是数字。"
    assert uid not in store.rows
    assert faults() == []


@pytest.mark.parametrize("wrong", [boom, sql_error])
def test_nothing_is_written_when_the_plugin_fails_to_load(sites, store, wrong):
    content, _partner, _kept = moved(sites, store, make_top(store))
    store.wrong["load"] = wrong

    row = makers.take_in(content)

    assert row.state == ReceivedPackage.State.CHECKED
    assert "试验品" in row.note
    assert "什么也没有写入" in row.note
    assert (Organisation.objects.count(), Member.objects.count()) == (0, 0)
    assert faults() == ["exchange:load"]


def test_nothing_is_written_when_the_plugin_refuses_to_load(sites, store):
    def refuse(context):
        raise Refusal("仓库满了。")

    content, _partner, _kept = moved(sites, store, make_top(store))
    store.wrong["load"] = refuse

    row = makers.take_in(content)

    assert (row.state, row.note) == (ReceivedPackage.State.CHECKED, "仓库满了。什么也没有写入。")
    assert faults() == []


def test_rows_that_the_plugin_forgot_to_write_are_noticed(sites, store):
    content, _partner, _kept = moved(sites, store, make_top(store))
    store.load = lambda context: None
    registry.remove_plugin("trial")
    registry.add_plugin(store.plugin()("trial", "trial_trial", "1.0.0"))

    row = makers.take_in(content)

    assert row.state == ReceivedPackage.State.CHECKED
    assert faults() == ["exchange:load"]
    assert "were not written" in PluginFault.objects.get().error


def kind_here():
    return next(kind for kind in kinds() if kind.name == "trial.things")


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"title": 5},
        {"title": "\x00"},
        {"number": 2**80},
        {"number": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]},
        {"organisation": "nowhere"},
        {"uid": "1"},
    ],
)
def test_hostile_row_is_kept_out(store, change):
    top = make_committee()
    book = Book(str(top.uid))
    book.saw("organisations", str(top.uid))
    book.enter("organisations", str(top.uid), str(top.uid))
    row = {"uid": str(uuid.uuid4()), "organisation": str(top.uid), "title": "甲", "number": 1}

    with pytest.raises(UnfitRow):
        kind_here().read({**row, **change}, book)


def test_row_of_an_organisation_that_is_not_in_the_package_is_refused(store):
    row = {"uid": str(uuid.uuid4()), "organisation": str(uuid.uuid4()), "title": "甲", "number": 1}

    with pytest.raises(ForeignRow):
        kind_here().read(row, Book(str(uuid.uuid4())))


def test_row_that_is_here_outside_of_what_the_sender_may_change_is_kept_out(sites, store):
    """A sub-unit names a row of a sister branch with its uid."""
    upper, lower = sites
    top = make_committee("集团党委")
    unit, sister = make_branch(top, "江川公司党委", kind="committee"), make_branch(top, "别的支部")
    store.fill(sister, "姐妹支部的")
    (uid,) = store.rows
    kept = dict(store.rows)
    lower.be()
    store.rows = {uid: {"uid": uid, "organisation": str(unit.uid), "title": "偷换", "number": 9}}
    content = makers.package_for(makers.trust(upper), unit)
    upper.be()
    makers.trust(lower, relation="subordinate", organisation=unit)
    store.rows = {key: dict(row) for key, row in kept.items()}

    row = makers.take_in(content)

    assert row.counts["trial.things"] == {"kept_out": 1}
    assert store.rows == kept


@pytest.mark.parametrize(
    ("fields", "more", "error"),
    [
        ({"title": ("a", "b")}, {}, "organisation"),
        ({**FIELDS, "uid": ("a", "b")}, {}, "neither uid nor sealed"),
        (FIELDS, {"sealed": frozenset({"secret"})}, "secret"),
        (FIELDS, {"sealed": frozenset({"organisation"})}, "stays open"),
        (FIELDS, {"version": 0}, "begin with 1"),
        (FIELDS, {"kind": "Trial Things"}, "a kind is the slug"),
        (FIELDS, {"kind": "trial." + "x" * 40}, "at most 40"),
    ],
)
def test_bad_declaration_is_refused_when_it_is_made(fields, more, error):
    with pytest.raises(ValueError, match=error):
        ExchangeRecords(
            **{"kind": "trial.things", "label": "试验品", "export": boom, "load": boom, "fields": fields, **more}
        )


def test_kind_of_another_plugin_is_refused(add_plugin):
    records = ExchangeRecords("quizzes.things", "试验品", boom, boom, fields=FIELDS)

    with pytest.raises(ValueError, match='must be "trial" or begin with'):
        add_plugin(type("Foreign", (Plugin,), {"exchange": (records,)}))


# --- the bundled plugin that uses it ----------------------------------------------------------------------------------
def test_disclosed_items_arrive_as_they_were_and_drafts_stay_at_home(sites, settings):
    upper, lower = sites
    top = makers.make_register()
    content = makers.package_for(makers.trust(lower), top)
    before = {item.uid: item for item in Item.objects.select_related("category").exclude(state="draft")}
    makers.wipe()
    lower.be()
    makers.trust(upper)

    row = makers.take_in(content)

    assert row.counts["disclosure.items"] == {"new": 2}
    assert set(Item.objects.values_list("uid", flat=True)) == set(before)
    for item in Item.objects.select_related("category"):
        was = before[item.uid]
        for name in ("title", "body", "period", "state", "publish_on", "expires_on", "published_at", "secrecy"):
            assert getattr(item, name) == getattr(was, name), name
        assert item.category.name == was.category.name
        assert item.proposed_by is None


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("title", " ", "要有标题"),
        ("title", "长" * 121, "太长"),
        ("body", None, "不是文字"),
        ("state", "draft", "状态"),
        ("scope", "everyone", "可见范围"),
        ("secrecy", 4, "密级"),
        ("secrecy", True, "密级"),
        ("publish_on", None, "公开日期"),
        ("publish_on", "2026-13-01", "日期"),
        ("expires_on", "2020-01-01", "公开日期"),
        ("published_at", "2026-01-01T00:00:00", "日期"),
    ],
)
def test_item_that_cannot_be_is_refused_with_a_reason(name, value, reason):
    from plugins.bundled.disclosure.domain.exchanging import check

    row = {
        "title": "公示",
        "category": "党费",
        "body": "内容",
        "period": "",
        "publish_on": "2026-01-01",
        "expires_on": None,
        "state": "published",
        "published_at": "2026-01-01T00:00:00+00:00",
        "scope": "members",
        "secrecy": 0,
    }
    check(row)

    with pytest.raises(Refusal, match=reason):
        check({**row, name: value})
