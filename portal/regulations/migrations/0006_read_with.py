"""Which state of the reader a text was read with, so that what it learns reaches texts that were read before; and whether texts
that name a work were looked for since it came."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("regulations", "0005_decided_lines")]

    operations = [
        migrations.AddField(
            model_name="regulationversion",
            name="read_with",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="regulation",
            name="is_sought",
            field=models.BooleanField(default=False, editable=False),
        ),
    ]
