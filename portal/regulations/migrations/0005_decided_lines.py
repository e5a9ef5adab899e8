"""What a person says a line of an article is: a paragraph, an item, a subitem."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("regulations", "0004_editorial_work")]

    operations = [
        migrations.AddField(
            model_name="provision",
            name="line_kinds",
            field=models.TextField(blank=True, default=""),
        ),
    ]
