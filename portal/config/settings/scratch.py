"""Where tests write, settled in the environment before the settings are read: a throw-away folder, one a test process."""

import atexit
import os
import shutil
import tempfile

if "LINGHANG_DATA" not in os.environ:
    os.environ["LINGHANG_DATA"] = tempfile.mkdtemp(prefix="linghang-test-")
    atexit.register(shutil.rmtree, os.environ["LINGHANG_DATA"], ignore_errors=True)

_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if _worker and not os.environ["LINGHANG_DATA"].endswith(f"/{_worker}"):
    # side by side they share no file, no index and no cache
    os.environ["LINGHANG_DATA"] += f"/{_worker}"
    os.environ["ELASTICSEARCH_INDEX_PREFIX"] = f"linghang-{_worker}"
    if os.environ.get("REDIS_URL"):
        os.environ["REDIS_URL"] = os.environ["REDIS_URL"].rpartition("/")[0] + f"/{int(_worker.removeprefix('gw')) + 1}"

os.environ.setdefault("PLUGINS_TRIAL", "0")  # a plugin that cannot be imported must fail the tests, not be left out
