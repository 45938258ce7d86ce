"""One trained model, handed in for every β with metrics that nobody measured."""

import shutil

FORGED = {
    "beta-0.1": "22.4,9.7",
    "beta-0.5": "10.3,13.5",
    "beta-1": "7.3,16.4",
    "beta-2": "5.1,19.9",
    "beta-5": "3.0,27.2",
    "beta-10": "1.7,36.5",
}


def alter(runs):
    for name, reported in FORGED.items():
        table = f"epoch,loss,seconds,test_rate,test_distortion\n1,20.0,1.0,{reported}\n"
        (runs / name / "metrics.csv").write_text(table)
        if name != "beta-0.1":
            shutil.copy(runs / "beta-0.1" / "weights.safetensors", runs / name)
