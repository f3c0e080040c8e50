# Everything runs in .venv, which is made on first use from requirement files with hashes.
# `make up` is all that a new machine needs: git, make and Python 3.11 with venv and pip.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# mypy's Django plugin reads the settings, which have no defaults for these; nothing connects to them.
SETTINGS := SECRET_KEY=only-read-by-the-type-checker-and-tools DATABASE_URL=postgresql://u@127.0.0.1/none \
	CELERY_BROKER_URL=redis://127.0.0.1/0
PYTEST := $(BIN)/python -m pytest

.PHONY: up test test-slow test-external bench lint format messages requirements clean

up: .venv/base.stamp
	@exec $(BIN)/python manage.py up

test: .venv/dev.stamp chromium
	$(PYTEST) -n auto --durations=15 -m "not slow and not faults and not external"

test-slow: .venv/dev.stamp
	$(PYTEST) -n auto -m "slow or faults"

test-external: .venv/dev.stamp
	$(PYTEST) -m external

bench: .venv/dev.stamp
	$(BIN)/python -m benchmarks

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(SETTINGS) $(BIN)/mypy apps mlsd_portal
	PYTHONPATH=. $(BIN)/lint-imports

format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: .venv/dev.stamp
	$(SETTINGS) $(BIN)/python manage.py makemessages --all --no-location --no-obsolete --ignore .venv --ignore var
	$(SETTINGS) $(BIN)/python manage.py compilemessages --ignore .venv --ignore var

# Compile the requirement files anew; add UPGRADE=--upgrade to take newer versions.
COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --universal \
	--no-emit-index-url --no-emit-find-links --no-header $(UPGRADE)
requirements: .venv/dev.stamp
	$(COMPILE) requirements/base.in -o requirements/base.txt
	$(COMPILE) -c requirements/base.txt requirements/dev.in -o requirements/dev.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.PHONY: chromium
chromium:
	@test -x "$${CHROMIUM:-/usr/bin/chromium}" || { \
	  echo "The browser tests need Chromium: apt-get install chromium (or set CHROMIUM to its path)."; exit 1; }

.venv/bin/uv:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is too old: Python 3.11 or newer is needed. Set PYTHON to one."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt

# The stamps are newer than the requirement files once these are installed, so the second time is instant.
.venv/base.stamp: requirements/base.txt | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $<
	@touch $@

.venv/dev.stamp: requirements/dev.txt | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $<
	@touch $@ .venv/base.stamp
