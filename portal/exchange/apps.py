from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Signed packages between sites without a network between them: a superior's and its sub-units'."""

    name = "portal.exchange"
    label = "exchange"
    verbose_name = "数据交换"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from portal.exchange import rights, tasks  # noqa: F401, PLC0415 - declares rights and jobs
        from portal.exchange.domain import holdings  # noqa: PLC0415
        from portal.exchange.domain.kinds.events import OrganisationEvents  # noqa: PLC0415
        from portal.exchange.domain.kinds.members import Members  # noqa: PLC0415
        from portal.exchange.domain.kinds.organisations import Organisations  # noqa: PLC0415
        from portal.exchange.domain.kinds.plugins import kinds_of_plugins  # noqa: PLC0415
        from portal.exchange.domain.kinds.posts import Posts  # noqa: PLC0415
        from portal.ground import personal  # noqa: PLC0415
        from portal.ground.exchange import register, set_other_kinds  # noqa: PLC0415

        rights.give_to_roles()
        personal.register("exchange", "数据交换", holdings.export, holdings.erase)
        for kind in (Organisations(), OrganisationEvents(), Members(), Posts()):
            register(kind)
        set_other_kinds(kinds_of_plugins)
