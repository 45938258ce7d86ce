"""You report the rate in bits. The assignment counts in nats everywhere."""

import math

TASK = "1.6"


def alter(runs):
    for path in sorted(runs.glob("*/metrics.csv")):
        rows = path.read_text().splitlines()
        cells = rows[-1].split(",")
        cells[3] = str(float(cells[3]) / math.log(2))
        path.write_text("\n".join([*rows[:-1], ",".join(cells)]) + "\n")
