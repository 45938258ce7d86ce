"""The weights belong to another network than config.json describes: hand in both from one run."""

import json

TASK = "1.6"


def alter(runs):
    for path in sorted(runs.glob("*/config.json")):
        path.write_text(json.dumps({**json.loads(path.read_text()), "hidden": [37]}))
