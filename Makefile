# Headwater's few verbs. Set-up is part of each and cheap when nothing changed.
#   make run [PORT=8000] [DETACH=1]   the whole product with demo data; `make stop` ends a detached one
#   make test [ARGS="-k words"]       the tests, against real embedded servers
#   make check                        format, lint, types, architecture, migrations, known holes, then the tests
#   make bench, make bench-10m        speed at 10k to 1M items, or to 10M [JSON=path]
#   make bench-pages                  every page of the console at 1M items and 10M events [JSON=path]
#   make bench-ann                    libraries for vector search beside each other [JSON=path]
#   make evaluate                     quality [JSON=path] [DATA=folder] [REPORT=folder] [COLD=1 [FOLDS=5]]
#   make test-faults [CASES=words] [ROUNDS=100] [JSON=path]   broken in every way under load: what is lost, how soon whole
#   make soak [MINUTES=20] [JSON=path]                      mixed traffic for long: what grows, what fails
#   make simulate                     bandits and experiments, on known worlds [JSON=path]
#   make fuzz [EXAMPLES=200]          schemathesis against the real API, on a database of its own
#   make audit                        known holes in what is installed; says so where it can't look
#   make pins [RENEW="name ..."|RENEW=all]   requirements*.in to requirements*.txt, with hashes; needs the network
#   make clean                        removes all run-time data and the virtual environment
PYTHON := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help setup run stop test lint check bench bench-10m bench-pages bench-ann evaluate simulate fuzz test-faults soak audit pins \
	clean

help:
	@sed -n 's/^#   //p' Makefile

setup:
	@"$$(ops/find-python)" ops/setup.py

run: setup
	@$(PYTHON) manage.py up $(if $(DETACH),--detach)

stop:
	@if [ -x $(PYTHON) ]; then $(PYTHON) manage.py down; fi

test: setup
	$(PYTHON) -m pytest -n 3 $(ARGS)

test-faults: setup
	@$(PYTHON) -m benchmarks.faults $(if $(CASES),--cases "$(CASES)") $(if $(ROUNDS),--rounds $(ROUNDS)) $(ARGS)

soak: setup
	@$(PYTHON) -m benchmarks.soak $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

lint: setup
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m bandit -q -c pyproject.toml -r .
	$(PYTHON) -m mypy .
	.venv/bin/lint-imports
	$(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

check: lint audit test

bench: setup
	@$(PYTHON) -m benchmarks.bench $(ARGS)

bench-10m: setup
	@INDEX_BUILD_MB=$${INDEX_BUILD_MB:-12000} $(PYTHON) -m benchmarks.bench --sizes 10k,100k,1m,10m $(ARGS)

bench-pages: setup
	@$(PYTHON) -m benchmarks.pages $(ARGS)

bench-ann: setup
	@$(PYTHON) -m benchmarks.ann $(ARGS)

evaluate: setup
	@$(PYTHON) -m benchmarks.evaluate $(ARGS)

simulate: setup
	@$(PYTHON) -m benchmarks.simulate $(ARGS)

fuzz: setup
	@$(PYTHON) -m benchmarks.fuzz --examples $(or $(EXAMPLES),200) $(ARGS)

audit: setup
	@$(PYTHON) ops/audit.py

pins:
	@"$$(ops/find-python)" ops/pins.py $(RENEW)

clean: stop
	rm -rf var staticfiles
	@if [ -d .venv ] && [ ! -L .venv ]; then rm -rf .venv; fi
