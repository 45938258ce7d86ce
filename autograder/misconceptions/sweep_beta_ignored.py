"""All six models are one and the same: β does not reach the loss that you train with."""

import json
import shutil

TASK = "1.6"


def alter(runs):
    for path in sorted(runs.glob("*/config.json")):
        config = json.loads(path.read_text())
        for name in ("weights.safetensors", "metrics.csv"):
            if path.parent.name != "beta-1":
                shutil.copy(runs / "beta-1" / name, path.parent / name)
        path.write_text(json.dumps({**config, "seed": 1}))
