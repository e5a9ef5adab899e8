"""What a reader keeps beside the rules: bookmarks, notes, questions, subscriptions. They hang on the lineage of an article, so
that a new number loses none of them; without a lineage they are about the whole work."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.ground.clock import now
from portal.ground.ids import UidField
from portal.organisations.models import Organisation
from portal.regulations.models.lineage import Lineage
from portal.regulations.models.regulation import Level, Regulation

LONGEST_NOTE = 4000


class _Kept(models.Model):
    uid = UidField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    regulation = models.ForeignKey(Regulation, on_delete=models.CASCADE, related_name="+")
    lineage = models.ForeignKey(Lineage, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        abstract = True


class Bookmark(_Kept):
    """A place that a person wants to find again."""

    class Meta:
        verbose_name = _("书签")
        verbose_name_plural = _("书签")
        constraints = [
            models.UniqueConstraint(fields=["user", "lineage"], name="bookmark_of_article_once"),
            models.UniqueConstraint(
                fields=["user", "regulation"], condition=Q(lineage__isnull=True), name="bookmark_of_work_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.regulation_id} {self.lineage_id}"


class Note(_Kept):
    """A person's own words. With `shared_with` the members of that branch read them too, and only they."""

    text = models.TextField(_("笔记"), max_length=LONGEST_NOTE)
    shared_with = models.ForeignKey(
        Organisation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("共享给")
    )
    changed_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("笔记")
        verbose_name_plural = _("笔记")
        indexes = [
            models.Index(fields=["regulation", "lineage", "user"], name="note_of_reader"),
            models.Index(fields=["regulation", "lineage", "shared_with"], name="note_of_branch"),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class Question(models.Model):
    """Asked of the organisation that owns the rule. `user` is None once the person is erased. With an answer it is shown to
    whoever may read the rule, without the name of who asked."""

    uid = UidField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    regulation = models.ForeignKey(Regulation, on_delete=models.CASCADE, related_name="+")
    lineage = models.ForeignKey(Lineage, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("答复组织")
    )
    text = models.TextField(_("问题"), max_length=1000)
    asked_at = models.DateTimeField(default=now, editable=False)
    answer = models.TextField(_("答复"), max_length=LONGEST_NOTE, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("法规提问")
        verbose_name_plural = _("法规提问")
        indexes = [models.Index(fields=["regulation", "lineage", "answered_at"], name="question_of_article")]

    def __str__(self) -> str:
        return self.text[:40]


class Subscription(models.Model):
    """Tell `user` when something changes: an article (`lineage` and its work), a work, or a topic: whatever is new of a
    `level` and has `words` in its title (empty: any)."""

    uid = UidField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    regulation = models.ForeignKey(Regulation, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    lineage = models.ForeignKey(Lineage, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    level = models.CharField(_("效力级别"), max_length=20, choices=Level, blank=True)
    words = models.CharField(_("标题中的文字"), max_length=60, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("法规订阅")
        verbose_name_plural = _("法规订阅")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "lineage"], condition=Q(lineage__isnull=False), name="subscription_of_article_once"
            ),
            models.UniqueConstraint(
                fields=["user", "regulation"],
                condition=Q(lineage__isnull=True, regulation__isnull=False),
                name="subscription_of_work_once",
            ),
            models.UniqueConstraint(
                fields=["user", "level", "words"],
                condition=Q(regulation__isnull=True),
                name="subscription_of_topic_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.regulation_id} {self.lineage_id} {self.level} {self.words}"


class ReaderState(models.Model):
    """Up to when a person has looked at what changed for them."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    looked_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("阅读状态")
        verbose_name_plural = _("阅读状态")

    def __str__(self) -> str:
        return f"{self.user_id} {self.looked_at:%Y-%m-%d}"
