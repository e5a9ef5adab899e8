"""Private: finding, switching, guarding and asking plugins. Only config, pages and workbench may import from here.

Empty on purpose: settings import `plugins.host.discovery` before Django is there.
"""
