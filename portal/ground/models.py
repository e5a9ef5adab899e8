"""Tables of the ground: outbox, deliveries, jobs, periodic jobs, content generation. They point at nobody."""

from django.db import models
from django.db.models import F, Q

from portal.ground.clock import now
from portal.ground.ids import UidField


class OutboxEntry(models.Model):
    """What happened, written in the transaction of the change itself; read by consumers after commit."""

    uid = UidField()
    name = models.CharField(max_length=100)
    version = models.PositiveSmallIntegerField(default=1)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=now, db_index=True)

    class Meta:
        verbose_name = "发件箱"
        verbose_name_plural = "发件箱"

    def __str__(self) -> str:
        return f"{self.name}.v{self.version} {self.uid}"


class Delivery(models.Model):
    """One consumer's copy of an outbox entry. Nobody keeps a cursor: ids commit out of order on PostgreSQL."""

    class State(models.TextChoices):
        WAITING = "waiting", "待投递"
        DONE = "done", "已处理"
        PARKED = "parked", "已搁置"

    entry = models.ForeignKey(OutboxEntry, on_delete=models.CASCADE, related_name="deliveries")
    consumer = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=now)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = "投递"
        verbose_name_plural = "投递"
        constraints = [models.UniqueConstraint(fields=["entry", "consumer"], name="delivery_once_per_consumer")]
        indexes = [
            models.Index(fields=["consumer", "due_at"], condition=Q(state="waiting"), name="delivery_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.consumer} <- {self.entry_id}"


class Job(models.Model):
    """Long work that survives any crash: this table is the queue, Celery only carries the number to a worker.

    `fence` rises with every claim; whoever holds an older number can neither renew nor finish.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        FAILED = "failed", "已停止"
        CANCELLED = "cancelled", "已取消"

    uid = UidField()
    kind = models.CharField("种类", max_length=100)
    key = models.CharField(max_length=200, blank=True)
    payload = models.JSONField(default=dict)
    state = models.CharField("状态", max_length=10, choices=State, default=State.QUEUED)
    priority = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField("应于", default=now)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=100, blank=True)
    fence = models.PositiveIntegerField(default=0)
    progress = models.PositiveSmallIntegerField("进度", default=0)
    progress_note = models.CharField(max_length=200, blank=True)
    error = models.TextField("原因", blank=True)
    created_at = models.DateTimeField("建立", default=now)
    started_at = models.DateTimeField("开始", null=True, blank=True)
    finished_at = models.DateTimeField("结束", null=True, blank=True)

    class Meta:
        verbose_name = "后台任务"
        verbose_name_plural = "后台任务"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(state="queued") & ~Q(key=""), name="job_queued_once_per_key"
            ),
        ]
        indexes = [
            models.Index(F("priority").desc(), F("due_at"), condition=Q(state="queued"), name="job_queued"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="job_running"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"


class PeriodicJob(models.Model):
    """A job that is due again and again. The relay queues it; no other scheduler exists."""

    kind = models.CharField(max_length=100, unique=True)
    every_seconds = models.PositiveIntegerField()
    next_due_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = "定期任务"
        verbose_name_plural = "定期任务"

    def __str__(self) -> str:
        return f"{self.kind} / {self.every_seconds} s"


class ContentGeneration(models.Model):
    """One number a site, raised in the transaction of every change that the public can see; the page cache reads it."""

    site_id = models.PositiveBigIntegerField(primary_key=True)
    number = models.PositiveBigIntegerField(default=1)

    class Meta:
        verbose_name = "内容代次"
        verbose_name_plural = "内容代次"

    def __str__(self) -> str:
        return f"{self.site_id}: {self.number}"
