"""Give the organisations that exist their search key and the first row of their history."""

from django.db import migrations

from portal.ground.clock import today
from portal.shared.slugs import pinyin_key

STEP = 4


def fill(apps, schema_editor):
    organisations = apps.get_model("organisations", "Organisation")
    states = apps.get_model("organisations", "OrganisationState")
    this_day = today()
    rows = list(organisations.objects.order_by("path"))
    by_path = {row.path: row for row in rows}
    made = []
    for row in rows:
        row.pinyin = pinyin_key(row.name, row.short_name)
        since = row.founded_on or row.ended_on or this_day
        if row.ended_on is not None and since >= row.ended_on:
            continue
        made.append(
            states(
                organisation=row,
                parent=by_path.get(row.path[:-STEP]),
                name=row.name,
                short_name=row.short_name,
                kind=row.kind,
                since=since,
                until=row.ended_on,
            )
        )
    organisations.objects.bulk_update(rows, ["pinyin"], batch_size=500)
    states.objects.bulk_create(made, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("organisations", "0002_register")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
