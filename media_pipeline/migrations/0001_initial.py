
import django.db.models.deletion
import portal.ground.clock
import portal.ground.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('ground', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Asset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', portal.ground.ids.UidField(default=portal.ground.ids.new_uid, editable=False, unique=True)),
                ('title', models.CharField(max_length=200, verbose_name='标题')),
                ('state', models.CharField(choices=[('waiting', '等待处理'), ('working', '处理中'), ('ready', '可以播放'), ('failed', '处理失败')], default='waiting', max_length=10, verbose_name='状态')),
                ('progress', models.PositiveSmallIntegerField(default=0, verbose_name='进度（%）')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='当前步骤')),
                ('failure_code', models.CharField(blank=True, max_length=40)),
                ('failure', models.TextField(blank=True, verbose_name='失败原因')),
                ('warning', models.TextField(blank=True, verbose_name='提示')),
                ('accepts_damage', models.BooleanField(default=False, verbose_name='按现有内容使用不完整的文件')),
                ('source_name', models.CharField(help_text='原始文件在私有存储中的名称', max_length=200)),
                ('source_container', models.CharField(max_length=20)),
                ('source_bytes', models.PositiveBigIntegerField(default=0)),
                ('source_sha256', models.CharField(blank=True, max_length=64)),
                ('duration_seconds', models.FloatField(blank=True, null=True, verbose_name='时长（秒）')),
                ('width', models.PositiveIntegerField(blank=True, null=True)),
                ('height', models.PositiveIntegerField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=portal.ground.clock.now, verbose_name='上传时间')),
                ('ready_at', models.DateTimeField(blank=True, null=True)),
                ('job', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='ground.job')),
            ],
            options={
                'verbose_name': '音视频素材',
                'verbose_name_plural': '音视频素材',
            },
        ),
        migrations.CreateModel(
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', portal.ground.ids.UidField(default=portal.ground.ids.new_uid, editable=False, unique=True)),
                ('folder', models.CharField(max_length=200, unique=True)),
                ('fingerprint', models.CharField(help_text='来源与编码方案的指纹', max_length=64)),
                ('duration_seconds', models.FloatField()),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('total_bytes', models.PositiveBigIntegerField()),
                ('created_at', models.DateTimeField(default=portal.ground.clock.now)),
                ('retired_at', models.DateTimeField(blank=True, help_text='被新版本取代的时间；一天后删除文件', null=True)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='media_pipeline.asset')),
            ],
            options={
                'verbose_name': '素材版本',
                'verbose_name_plural': '素材版本',
            },
        ),
        migrations.AddField(
            model_name='asset',
            name='current_version',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='current_for', to='media_pipeline.version'),
        ),
        migrations.CreateModel(
            name='Rendition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('video', '画面'), ('audio', '声音')], max_length=5)),
                ('name', models.CharField(max_length=10)),
                ('codecs', models.CharField(max_length=40)),
                ('width', models.PositiveIntegerField(default=0)),
                ('height', models.PositiveIntegerField(default=0)),
                ('frame_rate', models.FloatField(default=0)),
                ('frames', models.PositiveIntegerField(default=0)),
                ('average_bandwidth', models.PositiveIntegerField(help_text='比特每秒')),
                ('peak_bandwidth', models.PositiveIntegerField(help_text='比特每秒，最大的一段')),
                ('file_bytes', models.PositiveBigIntegerField()),
                ('playlist', models.TextField()),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='renditions', to='media_pipeline.version')),
            ],
            options={
                'verbose_name': '码率档',
                'verbose_name_plural': '码率档',
                'constraints': [models.UniqueConstraint(fields=('version', 'name'), name='rendition_once_per_version')],
            },
        ),
        migrations.AddIndex(
            model_name='asset',
            index=models.Index(condition=models.Q(('state__in', ['waiting', 'working'])), fields=['state'], name='asset_unfinished'),
        ),
    ]
