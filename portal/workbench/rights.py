"""Rights of the workbench."""

from portal.ground.rights import declare

OVERSEE = declare("workbench.oversee", "查看所辖组织概况", "See an overview of the organisations below")
SEE_HEALTH = declare("workbench.see_health", "查看运行状况并重试后台任务", "See how the system runs and retry jobs")
