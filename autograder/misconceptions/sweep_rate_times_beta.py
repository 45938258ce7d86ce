"""You report β·R where R is asked for: divide the KL term by β, or do not multiply it."""

import json

TASK = "1.6"


def alter(runs):
    for path in sorted(runs.glob("*/metrics.csv")):
        rows = path.read_text().splitlines()
        cells = rows[-1].split(",")
        beta = json.loads((path.parent / "config.json").read_text())["beta"]
        cells[3] = str(beta * float(cells[3]))
        path.write_text("\n".join([*rows[:-1], ",".join(cells)]) + "\n")
