"""The version that the health page shows is the one of the package."""

import tomllib

from portal import __version__
from portal.config.environment import PROJECT_DIR


def test_version_is_the_same_in_the_package_and_in_the_code():
    project = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["version"] == __version__
