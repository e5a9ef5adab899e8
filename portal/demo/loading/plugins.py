"""What the loaded plugins bring for a demo site."""

from __future__ import annotations

from plugins.sdk.demo import DemoContext, loaders
from portal.demo.loading.context import Context


def load(context: Context) -> str:
    """Call the demo loader of each plugin that has one."""
    slugs = []
    for slug, load_plugin in loaders():
        load_plugin(DemoContext(context.today, context.random_for(slug), lambda line: context.report(f"  {line}")))
        slugs.append(slug)
    return "、".join(slugs) or "没有带演示数据的插件"
