from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0002_titles_for_outages"),
    ]

    operations = [
        migrations.AddField(
            model_name="indexstate",
            name="embedded_digest",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
    ]
