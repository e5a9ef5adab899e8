"""The base of every page: who owns it, who may see it, when it counts as written, where it is found."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import AbstractPage, DefaultBasePageMixin, PageManager
from wagtail.models.pages import AbstractPageMeta
from wagtail.query import PageQuerySet

from plugins.sdk.runtime import is_page_type_off
from portal.basepage.forms import PageForm
from portal.basepage.policy import PageTester
from portal.ground.clock import today
from portal.ground.content import content_changed
from portal.ground.ids import UidField, new_short_code, new_uid
from portal.ground.suppliers import Viewer, hidden_types
from portal.organisations.domain.audiences import may_see, public_audience, visible_filter
from portal.organisations.models import Audience, Organisation
from portal.shared.slugs import pinyin_slug


class Secrecy(models.IntegerChoices):
    """Levels within what this system may hold at all; state secrets never belong here."""

    PUBLIC = 0, _("公开")
    INTERNAL = 1, _("内部")
    CONTROLLED = 2, _("受控")
    STRICT = 3, _("严格受控")


class BasePageQuerySet(PageQuerySet):
    def visible_to(self, viewer: Viewer) -> BasePageQuerySet:
        """Live pages that this viewer may see; none of a type whose plugin is off."""
        pages = self.live().filter(visible_filter(viewer))
        off = hidden_types()
        return pages.exclude(content_type__in=off) if off else pages


BasePageManager = PageManager.from_queryset(BasePageQuerySet)


class BasePage(AbstractPage, DefaultBasePageMixin):
    """All page types build on this. A page has exactly one audience and one owner, both taken from its parent at birth."""

    uid = UidField()
    short_code = models.CharField(max_length=12, unique=True, default=new_short_code, editable=False)
    owner_organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("责任组织")
    )
    audience = models.ForeignKey(
        Audience, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("可见范围")
    )
    secrecy = models.PositiveSmallIntegerField(_("级别"), choices=Secrecy, default=Secrecy.PUBLIC)
    display_date = models.DateField(_("日期"), default=today, db_index=True)
    source = models.CharField(_("来源"), max_length=120, blank=True)
    summary = models.TextField(_("摘要"), max_length=300, blank=True)
    cover = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("封面"),
    )

    objects = BasePageManager()

    exclude_fields_in_copy = ["uid", "short_code"]
    search_type = "page"
    open_to_units = False
    template = "pages/page.html"

    content_panels = [
        *AbstractPage.content_panels,
        FieldPanel("summary"),
        FieldPanel("cover"),
    ]
    promote_panels = [
        MultiFieldPanel(
            [FieldPanel("owner_organisation"), FieldPanel("audience"), FieldPanel("secrecy")], _("归属与范围")
        ),
        MultiFieldPanel([FieldPanel("display_date"), FieldPanel("source")], _("日期与来源")),
        *DefaultBasePageMixin.promote_panels,
    ]

    class Meta(AbstractPageMeta):
        verbose_name = _("页面")
        verbose_name_plural = _("页面")
        indexes = [
            models.Index(fields=["depth", "path"], name="page_by_depth")
        ]  # every page of the administration asks

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Give every page type our form: Wagtail's admin sets its own on the base page model when it starts."""
        super().__init_subclass__(**kwargs)
        if "base_form_class" not in vars(cls):
            cls.base_form_class = PageForm

    @classmethod
    def can_create_at(cls, parent: Any) -> bool:
        """Wagtail's answer; a plugin's page type cannot be made where the plugin is off."""
        return bool(super().can_create_at(parent)) and not is_page_type_off(cls)

    def search_body(self) -> str:
        """The text of the page for search, without its title. Page types override it."""
        return self.summary

    def is_visible_to(self, viewer: Viewer) -> bool:
        """Whether this live page may be shown to the viewer: one query."""
        return self.live and may_see(viewer, self)

    def permissions_for_user(self, user: Any) -> PageTester:
        """Wagtail's permission tester for one page."""
        return PageTester(user, self)

    def get_url(self, request: Any = None, current_site: Any = None) -> str | None:
        """The permanent address `/a/<short code>/<slug>/`; the site's root page answers at `/`."""
        if self.depth <= 1:
            return None
        try:
            return (
                reverse("pages:home") if self.depth == 2 else reverse("pages:page", args=[self.short_code, self.slug])
            )
        except NoReverseMatch:
            return super().get_url(request, current_site)

    @property
    def url(self) -> str | None:
        """The permanent address."""
        return self.get_url()

    def get_url_parts(self, request: Any = None) -> Any:
        """Wagtail's triple (site id, root address, path), with our path; None for what lies outside of every site."""
        sites = self._get_relevant_site_root_paths(request)
        address = self.get_url()
        return (sites[0].site_id, sites[0].root_url, address) if sites and address else None

    def _set_core_field_defaults(self) -> None:
        if not self.slug and self.title and self.path:  # before it has a place in the tree, nobody knows its siblings
            self.slug = self._get_autogenerated_slug(pinyin_slug(self.title))
        super()._set_core_field_defaults()

    def _take_from_parent(self) -> None:
        """Fill an empty owner or audience from the section above. Not only at birth: after the first automatic saving the
        editor's browser still holds the empty fields of the new page's form, and sends them again."""
        if self.owner_organisation_id is not None and self.audience_id is not None:
            return
        parent = self.get_parent() if self.path and self.depth and self.depth > 1 else None
        if self.owner_organisation_id is None and parent is not None:
            self.owner_organisation_id = parent.owner_organisation_id
        if self.audience_id is None:
            self.audience = parent.audience if parent is not None and parent.audience_id else public_audience()
            if parent is not None and not self.secrecy:
                self.secrecy = parent.secrecy

    def _be_oneself(self) -> None:
        """An alias or a translation made of another page is found by an address of its own."""
        if self._state.adding and BasePage.objects.filter(uid=self.uid).exists():
            self.uid, self.short_code = new_uid(), new_short_code()

    def with_content_json(self, content: dict[str, Any]) -> Any:
        """The page as a version has it. An alias takes the content of its original, and stays itself."""
        found = super().with_content_json(content)
        found.uid, found.short_code = self.uid, self.short_code
        return found

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Save the row and, in the same transaction, tell search and raise the content generation. Emits `content.changed`."""
        with transaction.atomic():
            self._be_oneself()
            self._take_from_parent()
            result = super().save(*args, **kwargs)
            content_changed("page", self.uid)
        return result

    def save_revision(self, *args: Any, **kwargs: Any) -> Any:
        """Keep a version, never without owner and audience."""
        self._take_from_parent()
        return super().save_revision(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Delete the page and those below it; search is told of each (`orphans.before_deleting`, whoever deletes)."""
        with transaction.atomic():
            return super().delete(*args, **kwargs)
