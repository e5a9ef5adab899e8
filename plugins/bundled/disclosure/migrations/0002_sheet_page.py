"""Disclosure sheets: a page type."""

import django.db.models.deletion
import plugins.sdk.clock
import portal.public.pages
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('basepage', '0003_finish_the_swap'),
        ('disclosure', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='SheetPage',
            fields=[
                ('basepage_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to=settings.WAGTAIL_PAGE_MODEL)),
                ('period_from', models.DateField(default=plugins.sdk.clock.today, verbose_name='期间起')),
                ('period_to', models.DateField(default=plugins.sdk.clock.today, verbose_name='期间止')),
                ('note', portal.public.pages.OpenStreamField([], blank=True, verbose_name='说明')),
                ('category', models.ForeignKey(blank=True, help_text='不选则列出所有类别。', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='disclosure.category', verbose_name='类别')),
            ],
            options={
                'verbose_name': '公开清单',
                'verbose_name_plural': '公开清单',
            },
            bases=('basepage.basepage',),
        ),
    ]
