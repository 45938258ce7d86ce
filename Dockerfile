# For instructors: grades in the strongest tier that holds in a container. Before you build, write a
# salt of your own into course.toml: one that a container writes is lost with it.
#
#   docker build --tag rdlab .
#   docker run --rm --volume "$PWD/class:/class:ro" --volume "$PWD/grades:/grades" rdlab \
#       make grade SUBMISSIONS=/class OUT=/grades
#
# As root without namespaces that is the user tier (Landlock). With --privileged it is bubblewrap.
FROM python:3.13-slim-bookworm

RUN apt-get update --quiet --quiet \
    && apt-get install --quiet --quiet --yes --no-install-recommends make bubblewrap \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /autograder
# Hidden checks and reference are for root alone: student code runs as another user.
RUN chmod 711 /autograder
COPY requirements.lock requirements-cuda.lock Makefile ./
COPY autograder/sandbox/install_bubblewrap.sh autograder/sandbox/
RUN make setup && chmod -R a+rX .venv
COPY . .
RUN chmod -R go-rwx autograder solution tests assignment examples data course.toml && touch .venv/ready

CMD ["make", "grade", "OUT=/grades"]
