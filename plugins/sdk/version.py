"""The version of the public API. Manifests are compared with it before any plugin code runs, so it is read as text too."""

__version__ = "1.0.0"
