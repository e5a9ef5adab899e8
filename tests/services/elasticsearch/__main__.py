"""`python -m tests.services.elasticsearch start --dir DIR --http-port N`: prints the address once it is healthy, then runs
until SIGTERM or Ctrl-C. `prepare` only fetches the server."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import NoReturn

from tests.services.elasticsearch import node


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.services.elasticsearch", description=__doc__)
    parser.add_argument("command", choices=["start", "prepare"])
    parser.add_argument("--dir", type=Path, help="where the nodes keep their data")
    parser.add_argument("--http-port", type=int, default=0, help="port of the first node; any free one by default")
    parser.add_argument("--nodes", type=int, choices=[1, 3], default=1)
    parser.add_argument("--cache", type=Path, default=node.DEFAULT_CACHE, help="where the server itself is kept")
    parser.add_argument("--heap", default="512m")
    parser.add_argument("--warm", action="store_true", help="slower to start, faster once warm: for measurements")
    options = parser.parse_args()
    try:
        if options.command == "prepare":
            sys.stdout.write(f"{node.home(options.cache)}\n")
            return 0
        if options.dir is None:
            parser.error("start needs --dir")
        signal.signal(signal.SIGTERM, _interrupt)
        cluster = node.start(
            options.dir.resolve(),
            options.http_port,
            nodes=options.nodes,
            cache=options.cache.resolve(),
            heap=options.heap,
            jvm=() if options.warm else node.QUICK_START,
        )
    except node.CannotStart as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 0
    sys.stdout.write(f"{cluster.url}\n")
    sys.stdout.flush()
    try:
        signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        cluster.stop()
    return 0


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
