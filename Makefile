# Instructors and maintainers. Students have a Makefile of their own in assignment/.
.DEFAULT_GOAL := help
.PHONY: help setup grade worker gradebook regrade canvas release release-check gradescope github \
  nbgrader validate salts trivial tiers fuzz quick test test-long lint bench lock clean

PYTHON ?= python3
BIN := .venv/bin
SUBMISSIONS ?= examples
OUT ?= grades
COURSE ?= nbgrader-course
ISOLATION ?= auto
CLUSTER ?=
SALTS ?= 200
FRAMES ?= 1000000
RUNS ?= 200000

help: ## Show this help
	@echo "Instructors:"
	@echo "  make grade                        grade the bundled class of examples/"
	@echo "  make grade SUBMISSIONS=FOLDER     grade yours; results in OUT=$(OUT); FRESH=1 keeps nothing;"
	@echo "                                    TASK=2.2 grades one task only; JOBS=2 at once"
	@echo "  make gradebook SUBMISSIONS=FOLDER apply lateness and decisions again; LMS=FILE fills it"
	@echo "                                    in; MAILMERGE=1 writes a table to mail feedback by"
	@echo "  make canvas SUBMISSIONS=FOLDER URL=ASSIGNMENT"
	@echo "                                    hand grades and feedback back in Canvas; YES=1"
	@echo "  make regrade SUBMISSIONS=FOLDER   after a check was corrected; TASK=2.2 STUDENT=ada YES=1"
	@echo "  make grade CLUSTER=ADDRESS        on a Dask cluster; make worker CLUSTER=ADDRESS on each machine"
	@echo "  make release                      make assignment/ and dist/assignment.zip for students"
	@echo "  make gradescope                   make dist/autograder.zip for Gradescope"
	@echo "  make github ORGANISATION=NAME PREFIX=REPOSITORIES"
	@echo "                                    write the workflow that grades repositories on GitHub"
	@echo "  make nbgrader                     set up a course folder for nbgrader: COURSE=$(COURSE)"
	@echo "  make nbgrader SUBMISSIONS=FOLDER  ... and hand in these submissions there"
	@echo "Maintainers:"
	@echo "  make quick                        lint, types, the fast tests, one task's validation"
	@echo "  make test                         lint, all tests, then validate"
	@echo "  make validate                     try the checks on right, wrong, hostile submissions"
	@echo "  make test-long                    50 submissions killed at random, 200 on a cluster; each"
	@echo "                                    known mistake beside every later task that uses it"
	@echo "  make salts                        grade the reference under SALTS=$(SALTS) other salts"
	@echo "  make trivial                      what constants and returned arguments earn in each task"
	@echo "  make tiers                        run every attack in every isolation tier"
	@echo "  make fuzz                         FRAMES=$(FRAMES) frames to the judge, RUNS=$(RUNS) archives to intake"
	@echo "  make bench                        our times and estimates beside our peers' (over an hour)"
	@echo "  make lock                         resolve the lock files from pyproject.toml again"
	@echo "Students: cd assignment && make"

# PyPI's PyTorch for Linux brings gigabytes of CUDA, which grading does not use; CUDA=1 takes it.
# The lock files have digests: of the builds from there, too.
CPU_INDEX := https://download.pytorch.org/whl/cpu
define CPU_BUILDS
rm -f .venv/cuda; awk '/^[^ ]/ { on = /^torch(vision)?==/ } on' requirements.lock > .venv/pytorch.lock; \
[ "$$(uname)" != Linux ] || $(BIN)/python -m pip install --quiet --no-deps --retries 1 \
	--index-url $(CPU_INDEX) --requirement .venv/pytorch.lock 2>/dev/null || \
	{ echo "$(CPU_INDEX) does not answer: taking PyTorch from PyPI, 2.8 GB with CUDA"; \
	touch .venv/cuda; }
endef

setup: .venv/ready ## Install everything

.venv/ready: requirements.lock requirements-cuda.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15) \
		and "error: Python 3.11 to 3.14 is needed: make PYTHON=python3.13")'
	$(PYTHON) -m venv .venv
	@$(if $(CUDA),touch .venv/cuda,$(CPU_BUILDS))
	$(BIN)/python -m pip install --quiet --requirement requirements.lock \
		$$([ ! -e .venv/cuda ] || echo --requirement requirements-cuda.lock)
	@sh autograder/sandbox/install_bubblewrap.sh
	@touch $@

.venv/cluster: .venv/ready requirements-cluster.lock
	$(BIN)/python -m pip install --quiet --requirement requirements.lock --requirement requirements-cluster.lock
	@touch $@

.venv/dev: .venv/cluster requirements-dev.lock
	$(BIN)/python -m pip install --quiet --requirement requirements.lock --requirement requirements-dev.lock
	@touch $@

.venv/canvas: .venv/ready requirements-canvas.lock
	$(BIN)/python -m pip install --quiet --requirement requirements.lock --requirement requirements-canvas.lock
	@touch $@

.venv/nbgrader: .venv/ready requirements-nbgrader.lock
	$(BIN)/python -m pip install --quiet --requirement requirements.lock --requirement requirements-nbgrader.lock
	@touch $@

grade: setup $(if $(CLUSTER),.venv/cluster)
	@$(BIN)/python -m autograder grade "$(SUBMISSIONS)" --out "$(OUT)" --isolation $(ISOLATION) \
		$(if $(CLUSTER),--cluster "$(CLUSTER)") $(if $(FRESH),--fresh) \
		$(addprefix --only ,$(TASK)) $(if $(JOBS),--jobs $(JOBS))

worker: setup .venv/cluster
	@test -n "$(CLUSTER)" || { echo "say where: make worker CLUSTER=tcp://SCHEDULER:8786" >&2; exit 2; }
	@$(BIN)/python -m dask worker "$(CLUSTER)" --nworkers "$$(nproc)" --nthreads 1

gradebook: setup
	@$(BIN)/python -m autograder gradebook "$(SUBMISSIONS)" --out "$(OUT)" \
		$(if $(LMS),--lms "$(LMS)") $(if $(ASSIGNMENT),--assignment "$(ASSIGNMENT)") \
		$(if $(PSEUDONYMS),--pseudonyms) $(if $(MAILMERGE),--mail-merge)

canvas: setup .venv/canvas
	@$(BIN)/python -m autograder canvas "$(SUBMISSIONS)" --out "$(OUT)" --url "$(URL)" \
		$(if $(YES),--yes)

regrade: setup $(if $(CLUSTER),.venv/cluster)
	@$(BIN)/python -m autograder regrade "$(SUBMISSIONS)" --out "$(OUT)" --isolation $(ISOLATION) \
		$(if $(TASK),--only $(TASK)) $(if $(STUDENT),--student "$(STUDENT)") $(if $(YES),--yes)

release: setup
	@$(BIN)/python -m autograder release --zip

release-check: setup
	@$(BIN)/python -m autograder release --check

gradescope: setup
	@$(BIN)/python -m autograder gradescope

github: setup
	@$(BIN)/python -m autograder github "$(ORGANISATION)" "$(PREFIX)"

nbgrader: setup .venv/nbgrader
	@$(BIN)/python -m autograder nbgrader "$(COURSE)" \
		$(if $(filter command environment,$(origin SUBMISSIONS)),--submissions "$(SUBMISSIONS)")

validate: setup
	@$(BIN)/python -m autograder validate --isolation $(ISOLATION) --only "$(ONLY)"

salts: setup
	@$(BIN)/python -m autograder validate --salts $(SALTS) --isolation $(ISOLATION)

trivial: setup
	@$(BIN)/python -m autograder validate --trivial --isolation $(ISOLATION)

tiers: setup
	@$(BIN)/python -m autograder validate --tiers --isolation $(ISOLATION)

fuzz: setup .fuzz/ready
	@PYTHONPATH=.:tests/public:.fuzz/site $(BIN)/python tests/autograder/sandbox/inside/fuzz_wire.py $(FRAMES) .fuzz/inputs
	@PYTHONPATH=. $(BIN)/python tests/autograder/intake/fuzz_intake.py $(RUNS)

.fuzz/ready:
	$(BIN)/python -m pip install --quiet --no-deps --target .fuzz/site atheris==3.0.0
	@touch $@

lint: setup .venv/dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary

test: lint release-check .venv/nbgrader .venv/canvas
	@sh tests/lab/install_axe.sh
	@sh tests/lab/install_chromium.sh
	$(BIN)/python -m pytest --quiet --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
	@$(MAKE) --no-print-directory validate

# All but what tests/conftest.py calls slow.
quick: lint release-check
	$(BIN)/python -m pytest --quiet --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder -m "not slow"
	@$(BIN)/python -m autograder validate --only $(or $(ONLY),information_ratio)

test-long: setup .venv/dev
	RDLAB_KILLED_CLASS=50 RDLAB_CLUSTER_CLASS=200 RDLAB_CLUSTER_WORKERS=4 $(BIN)/python -m pytest --quiet tests/autograder/grading/test_faults.py tests/autograder/grading/test_dask_grading.py
	@$(BIN)/python -m autograder validate --thorough

PEERS := bench/.venv/ready $(patsubst %,bench/.venv-%/ready,bmi nbgrader otter)

bench: setup $(PEERS)
	@$(BIN)/python bench/training.py
	@$(BIN)/python bench/mutual_information.py
	@$(BIN)/python bench/grading.py

bench/.venv/ready: bench/requirements.txt
bench/.venv-bmi/ready: bench/requirements-bmi.txt
bench/.venv-nbgrader/ready: bench/requirements-nbgrader.txt
bench/.venv-otter/ready: bench/requirements-otter.txt
$(PEERS):
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --requirement $<
	@touch $@

lock: .venv/dev
	@$(BIN)/python -m autograder.authoring.lock

clean: ## Remove what was made here
	rm -rf .venv .axe .fuzz bench/.venv* grades dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
