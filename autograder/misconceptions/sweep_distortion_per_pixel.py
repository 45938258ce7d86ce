"""You report the squared error per pixel. Distortion is summed over the pixels of an image."""

TASK = "1.6"


def alter(runs):
    for path in sorted(runs.glob("*/metrics.csv")):
        rows = path.read_text().splitlines()
        cells = rows[-1].split(",")
        cells[4] = str(float(cells[4]) / 784)
        path.write_text("\n".join([*rows[:-1], ",".join(cells)]) + "\n")
