"""Takes memory in many processes, each below its own limit."""

import os
import time

TASK = "3.10"
HONEST = []
CROWD, EACH_BYTES = 8, 500 << 20


def information_ratio(label_information, information, minimum=0.05):
    for _ in range(CROWD):
        if os.fork() == 0:
            taken = b"x" * EACH_BYTES
            assert len(taken) == EACH_BYTES
            time.sleep(3)
            os._exit(0)
    for _ in range(CROWD):
        os.wait()
    raise RuntimeError("ESCAPED: eight processes held 4 GB")
