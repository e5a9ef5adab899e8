[project]
name = "linghang-__slug__"
version = "0.1.0"
description = "__en__: a plugin for Linghang"
readme = "README.md"
license = "Apache-2.0"
requires-python = ">=3.11"

[project.entry-points."linghang.plugins"]
__slug__ = "__slug__"

# A backend of its own, so that the plugin can be built and installed without a network: it needs nothing but Python.
[build-system]
requires = []
build-backend = "build_backend"
backend-path = ["."]
