"""From `plugins add` to `plugins remove --purge`, by commands, as an operator does it."""

import json

import pytest

from plugins.host.leftovers import LASTING_TABLES
from tests.plugins.host.broken import write_plugin
from tests.plugins.lifecycle.machine import installation

pytestmark = pytest.mark.slow

MODELS = """
from django.db import models


class Note(models.Model):
    text = models.CharField(max_length=100)

    class Meta:
        app_label = "{slug}"
        verbose_name = "note"
"""
FIRST = """
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=100)),
            ],
            options={{"verbose_name": "note"}},
        ),
    ]
"""
HALF_WAY = """
from django.db import migrations


def fail(apps, schema_editor):
    apps.get_model("{slug}", "Note").objects.create(text="half")
    raise RuntimeError("half way")


class Migration(migrations.Migration):
    dependencies = [("{slug}", "0001_initial")]
    operations = [migrations.RunPython(fail, migrations.RunPython.noop)]
"""
APPS = """
from django.apps import AppConfig


class Config(AppConfig):
    name = "{slug}"
    label = "{slug}"
    default_auto_field = "django.db.models.BigAutoField"
"""


def with_table(top, slug, **files):
    """A plugin with one table."""
    sound = {
        "apps.py": APPS.format(slug=slug),
        "models.py": MODELS.format(slug=slug),
        "migrations/__init__.py": "",
        "migrations/0001_initial.py": FIRST.format(slug=slug),
    }
    return write_plugin(top, slug, files={**sound, **files})


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with installation(tmp_path_factory.mktemp("life") / "data") as made:
        yield made


def test_plugin_is_added_switched_and_removed_without_a_trace(site, tmp_path):
    folder = with_table(tmp_path, "notebook")
    site.manage("plugins", "doctor")
    before = site.rows()

    said = site.manage("plugins", "add", str(folder))

    assert "试载入通过" in said
    assert "数据表已建立" in said
    assert "重新启动后生效" in said
    assert json.loads((site.data / "plugins.json").read_text()) == {"external": [str(folder)], "removed": []}
    assert "停用 off" in _line(site, "notebook")
    assert "notebook_note" in site.rows()
    site.manage("plugins", "enable", "notebook")
    assert "启用 on" in _line(site, "notebook")
    site.python("""
        from django.apps import apps
        from django.db import transaction
        from plugins.host import faults
        from portal.ground.jobs import enqueue
        from portal.ground.models import Delivery, OutboxEntry, PeriodicJob
        from portal.ground.outbox import emit
        from search.models import IndexState
        apps.get_model("notebook", "Note").objects.create(text="a")
        faults.record("notebook", "slot:x", ValueError("boom"))
        with transaction.atomic():
            entry = emit("notebook.written", {"uid": "1"})
            Delivery.objects.create(entry=entry, consumer="plugins.notebook.hear")
            emit("content.changed", {"kind": "notebook", "uid": "1"})
        PeriodicJob.objects.create(kind="plugins.notebook.close", every_seconds=60)
        enqueue("outbox.drain", {"consumer": "plugins.notebook.hear"}, key="plugins.notebook.hear")
        IndexState.objects.create(kind="notebook", group="1", rows=["1"])
        """)

    said = site.manage("plugins", "remove", "notebook", "--purge")

    assert "数据表已删除" in said
    assert "notebook" not in site.manage("plugins", "list")
    after = site.rows()
    assert {table for table in after if after[table] != before.get(table)} - LASTING_TABLES <= {
        "ground_contentgeneration",
        "ground_outboxentry",
        "ground_delivery",
        "ground_job",
    }
    assert not [
        row
        for table in after.keys() - LASTING_TABLES
        for row in after[table]
        if "notebook" in row and "audit.line" not in row
    ]
    assert "nothing found" in site.manage("plugins", "doctor")


def test_keeping_data_leaves_it_for_the_day_the_plugin_comes_back(site, tmp_path):
    folder = with_table(tmp_path, "diary")
    site.manage("plugins", "add", str(folder))
    site.python("from django.apps import apps; apps.get_model('diary', 'Note').objects.create(text='dear diary')")

    site.manage("plugins", "remove", "diary", "--keep-data")

    assert "dear diary" in "".join(site.rows()["diary_note"])
    said = site.manage("plugins", "doctor", fails=True)
    assert "diary_note (table)" in said
    assert "manage.py plugins remove diary --purge" in said
    site.manage("plugins", "add", str(folder))
    assert "dear diary" in "".join(site.rows()["diary_note"])
    site.manage("plugins", "remove", "diary", "--keep-data")
    site.manage("plugins", "remove", "diary", "--purge")
    assert "diary_note" not in site.rows()
    site.manage("plugins", "doctor")


def test_migration_that_fails_half_way_leaves_nothing_and_the_plugin_out(site, tmp_path):
    folder = with_table(tmp_path, "halfway", **{"migrations/0002_fill.py": HALF_WAY.format(slug="halfway")})
    before = site.rows()

    said = site.manage("plugins", "add", str(folder), fails=True)

    assert "half way" in said
    assert "halfway_note" not in site.rows()
    assert str(folder) not in (site.data / "plugins.json").read_text()
    assert "halfway" not in "".join(site.rows()["django_migrations"])
    assert site.rows().keys() == before.keys()


def test_upgrade_whose_migration_fails_leaves_the_plugin_inactive_and_the_start_goes_on(site, tmp_path):
    folder = with_table(tmp_path, "growing")
    site.manage("plugins", "add", str(folder))
    site.manage("plugins", "enable", "growing")
    (folder / "migrations" / "0002_fill.py").write_text(HALF_WAY.format(slug="growing"))

    assert "未生效 waits" in _line(site, "growing")
    said = site.manage("prepare", "--no-demo", "--no-backup")

    assert "插件 growing 的迁移没有完成" in said
    assert "未生效 waits" in _line(site, "growing")
    assert "half way" in "".join(site.rows()["plugins_host_pluginfault"])
    assert "manage.py migrate growing" in site.manage("plugins", "doctor", fails=True)
    (folder / "migrations" / "0002_fill.py").unlink()
    assert "启用 on" in _line(site, "growing")
    site.manage("plugins", "remove", "growing", "--purge")


def test_plugin_older_than_its_tables_stays_inactive_and_the_start_goes_on(site, tmp_path):
    second = HALF_WAY.format(slug="shrinking").replace("RuntimeError", "print")
    folder = with_table(tmp_path, "shrinking", **{"migrations/0002_fill.py": second.replace("raise ", "")})
    site.manage("plugins", "add", str(folder))
    site.manage("plugins", "enable", "shrinking")
    (folder / "migrations" / "0002_fill.py").unlink()

    site.manage("prepare", "--no-demo", "--no-backup")

    assert "数据表比代码新" in _line(site, "shrinking")
    assert "0002_fill" in site.manage("plugins", "doctor", fails=True)
    (folder / "migrations" / "0002_fill.py").write_text(second.replace("raise ", ""))
    assert "启用 on" in _line(site, "shrinking")
    site.manage("plugins", "remove", "shrinking", "--purge")


def test_broken_plugin_is_not_added_and_says_why(site, tmp_path):
    folder = write_plugin(tmp_path, "broken", files={"models.py": "import no_such_library\n"})

    said = site.manage("plugins", "add", str(folder), fails=True)

    assert "No module named 'no_such_library'" in said
    assert (
        str(folder) not in (site.data / "plugins.json").read_text() if (site.data / "plugins.json").exists() else True
    )


def test_bundled_plugin_goes_and_comes_back(site):
    site.manage("plugins", "remove", "disclosure", "--purge")

    assert "plugins add disclosure" in _line(site, "disclosure")
    assert not [table for table in site.rows() if table.startswith("disclosure_")]
    site.manage("plugins", "add", "disclosure")
    assert "启用 on" in _line(site, "disclosure")
    assert [table for table in site.rows() if table.startswith("disclosure_")]


def _line(site, slug):
    lines = [line for line in site.manage("plugins", "list").splitlines() if line.startswith(f"{slug} ")]
    assert lines, slug
    return lines[0]
