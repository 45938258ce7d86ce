"""Promises a frame of 64 MiB, sends half of it byte by byte, and keeps the judge waiting."""

import os
import struct
import time

TASK = "1.2"
HONEST = []


def gaussian_kl(mean, log_var):
    start = struct.pack("<4sIQ", b"rdl1", 1 << 10, 1 << 26)
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, start)
        except OSError:
            continue
        for _ in range(1000):
            os.write(descriptor, b" ")
            time.sleep(0.02)
    return mean
