#!/bin/bash
# Gradescope runs this once per submission, as root, and then reads results/results.json.
cd /autograder/source || exit 1
chmod 700 /autograder/results
rm -rf /autograder/results/results.json
# Stands until grading is done, so that there is a result whatever happens.
cp not_graded.json /autograder/results/results.json
timeout --kill-after=1 SECONDS /autograder/venv/bin/python -m autograder gradescope --grade /autograder "$@"
exit 0
