import importlib

from django.apps import AppConfig


class PluginsHostConfig(AppConfig):
    """Finds, switches, guards and asks plugins and the core apps' contributions."""

    name = "plugins.host"
    label = "plugins_host"
    verbose_name = "插件"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate  # noqa: PLC0415

        from plugins.host import (  # noqa: PLC0415
            blocks,
            delivery,
            demo,
            labels,
            page_types,
            personal,
            plugin_settings,
            registry,
            searching,
            state,
            validating,
        )
        from plugins.sdk.demo import set_loaders  # noqa: PLC0415
        from plugins.sdk.runtime import Host, set_host  # noqa: PLC0415
        from portal.ground import suppliers  # noqa: PLC0415
        from portal.ground.personal import set_other_holders  # noqa: PLC0415

        registry.load_all()
        post_migrate.connect(state.ask_again, sender=self)
        set_host(
            Host(
                is_active=state.is_active,
                active_slugs=state.active_anywhere,
                active_here=state.active_here,
                off_here=state.off_here,
                point_rules=registry.point_rules,
                notice_types=registry.notice_types,
                exchange_records=registry.exchange_records,
                ask_validators=validating.ask_validators,
                settings_of=plugin_settings.settings_of,
                audit_labels=labels.all_labels,
                edition=registry.edition,
                blocks=blocks.plugin_blocks,
                blocks_off=blocks.blocks_off,
                is_page_type_off=page_types.is_off,
                page_search_types=page_types.search_types,
            )
        )
        post_migrate.connect(labels.keep_labels, sender=self)
        set_loaders(demo.loaders)
        suppliers.set_inactive_kinds(searching.inactive_kinds)
        suppliers.set_hidden_types(page_types.hidden_types)
        set_other_holders(personal.holders)
        for source in registry.sources():
            searching.register_sources(source)
            delivery.register_tasks(source)
            if source.plugin is not None:
                delivery.register_handlers_of_plugin(source.plugin)
            else:
                delivery.register_handlers_of_app(
                    source.name, importlib.import_module(f"{source.package}.contributions")
                )
