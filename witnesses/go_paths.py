#!/usr/bin/env python3
"""Go's crypto/x509 in the world of paths.py: all paths that it finds, and what CRLs say of them."""

import tempfile
from pathlib import Path

from harness import go_client, hear
from paths import World


def questions(report, _material):
    with tempfile.TemporaryDirectory(prefix="eseal-go-paths-") as folder:
        world = World(Path(folder))
        try:
            for stage in world.stages(report):
                world.ask(report, "go", stage, lambda anchors, leaf: " / ".join(go_client(
                    "path", world.path(anchors), world.path("everything"), world.path(leaf)).lines()))
        finally:
            world.testbed.stop()


if __name__ == "__main__":
    hear("go-paths", questions)
