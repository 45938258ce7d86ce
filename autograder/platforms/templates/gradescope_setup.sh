#!/bin/bash
# Gradescope runs this once, as root, when it builds the image of the assignment.
set -euo pipefail
cd "$(dirname "$0")"
home=$(dirname "$PWD")

# Hidden checks and reference are for root alone: student code runs as another user.
chmod 755 "$home"
chmod -R go-rwx .

python_with_venv() {
    for name in python3.11 python3.12 python3.13 python3.14 python3; do
        "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
            2>/dev/null && echo "$name" && return
    done
}

if [ ! -e "$home/venv/ready" ]; then
    if [ -z "$(python_with_venv)" ]; then
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        apt-get install -y -qq python3.11 python3.11-venv || apt-get install -y -qq python3 python3-venv
    fi
    python=$(python_with_venv)
    [ -n "$python" ] || { echo "error: no Python 3.11 here: choose a newer base image" >&2; exit 1; }
    "$python" -m venv "$home/venv"
    pip=("$home/venv/bin/pip" --disable-pip-version-check --no-cache-dir install --quiet)
    # The build of torch without CUDA is smaller by gigabytes; without it the usual one will do.
    awk '/^[^ ]/ { on = /^torch(vision)?==/ } on' requirements.lock > "$home/venv/pytorch.lock"
    locks=(--requirement requirements.lock)
    "${pip[@]}" --retries 1 --no-deps --index-url https://download.pytorch.org/whl/cpu \
        --requirement "$home/venv/pytorch.lock" || {
        echo "the CPU build of torch cannot be had: taking the usual one"
        locks+=(--requirement requirements-cuda.lock)
    }
    "${pip[@]}" --no-deps "${locks[@]}"
    chmod -R a+rX "$home/venv"
    touch "$home/venv/ready"
fi

# One task of the reference, graded as a submission: can student code be confined here?
trial=$(mktemp -d)
mkdir -p "$trial/submission" "$trial/results"
cp -r solution/rdlab "$trial/submission"
"$home/venv/bin/python" -m autograder gradescope --grade "$trial" --only 1.2 > "$trial/log" 2>&1 || true
if grep -q '"status": "graded"' "$trial/results/results.json"; then
    echo "ready: $(head -n 1 "$trial/log")"
else
    echo "WARNING: a trial submission was not graded:" >&2
    cat "$trial/log" >&2
fi
rm -rf "$trial"
