# Two commands: `make run` and `make test`. Everything else serves them.
# All of it needs only Python 3.11+ (set PYTHON=python3.12 to choose another) and make.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
# The sample knowledge base lives beside the sources; yours is where POLICYKB_HOME says.
SAMPLE := .policykb
PIP    := $(BIN)/python -m pip --disable-pip-version-check
# Each test process opens knowledge bases of its own; more than four want memory that a laptop lacks.
# Each takes tests that lie side by side, which share what they only look at.
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal
SAMPLE_QUESTION := 车企想规避汇率风险，政策给了什么支持？

.PHONY: help run sample test check quick s3server browser services clean constraints

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: sample  ## install, ingest corpus/, answer a sample question, start the web UI
	$(BIN)/policykb --home $(SAMPLE) ui

sample: $(VENV)/.installed  ## as run, but stop before the web UI
	$(BIN)/policykb --home $(SAMPLE) ingest corpus
	$(BIN)/policykb --home $(SAMPLE) ask "$(SAMPLE_QUESTION)"

test: check browser services  ## install, then every check and every test, slow ones too
	$(PYTEST) -m ""

quick: check  ## as test, without the slow tests
	$(PYTEST)

check: $(VENV)/.installed-dev  ## lint, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The web UI's tests look at its pages in Chromium; where it cannot be had they say so and are left out.
browser:
	@command -v chromium >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 \
	  && { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1; } \
	  || echo "no chromium here, and none could be installed: the tests in it use Playwright's own or are skipped"

# The tests of the cluster start engines of their own; where one cannot be had they say so and are left out.
services:
	@ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null 2>&1 \
	  || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 \
	  && { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql; } >/dev/null 2>&1; } \
	  || echo "no PostgreSQL here, and none could be installed: the tests of the cluster are skipped"
	@$(MAKE) --no-print-directory s3server

# A server that speaks S3, in an environment of its own: its libraries are older than ours.
s3server: $(VENV)/.created  ## install the S3 server that tests start
	@test -x $(VENV)/s3server/bin/moto_server || { $(PYTHON) -m venv $(VENV)/s3server \
	  && $(VENV)/s3server/bin/pip install --quiet --only-binary=:all: 'moto[s3]>=5.2' flask flask-cors; } \
	  || echo "no S3 server could be installed: the tests of originals in object storage are skipped"

constraints: $(VENV)/.installed-dev  ## write down the versions installed, for a release
	$(BIN)/python scripts/freeze_constraints.py constraints.txt

clean:  ## remove the environment and the sample knowledge base
	rm -rf $(VENV) $(SAMPLE) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "policykb needs Python 3.11 or newer; $$($(PYTHON) --version) found. Try: make PYTHON=python3.12 run"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.created pyproject.toml constraints.txt
	$(PIP) install --quiet -c constraints.txt -e '.[ocr]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.created pyproject.toml constraints.txt
	$(PIP) install --quiet -c constraints.txt -e '.[ocr,dev]'
	@touch $@ $(VENV)/.installed
