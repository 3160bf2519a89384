.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DIST ?= dist
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"$$/\1/p' webhook/__init__.py)
SBOM_TOOL := cyclonedx-bom==7.5.0
READY := $(VENV)/ready
HEADLINE := awk 'BEGIN {FS = ":.*\#\# "} /^[a-z-]+:.*\#\# / {printf "  %-16s %s\n", $$1, $$2}'

.PHONY: help setup demo test fuzz generate check check-workflows bench bench-audit bench-cluster bench-hostile lock clean cluster-build cluster-up cluster-down cluster-test alerts-test oldest-test vpa-test release-wheel release-chart release-test lowest-test soak-test redis-test headroom-v2

help: ## this list
	@$(HEADLINE) $(MAKEFILE_LIST)

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=")'
	@echo 'Installing the locked dependencies into $(VENV): about a minute'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

setup: $(READY) ## a virtual environment with the locked dependencies

demo: $(READY) ## the real server, twelve admissions, before and after
	$(BIN)/redis-memory-guard demo

test: $(READY) ## every test that needs no cluster; every branch of the core must be tested
	$(BIN)/pytest -q -n auto --maxprocesses=4 --dist loadfile -m "not cluster and not plateau and not release" --cov=webhook.domain --cov=webhook.admission --cov-branch --cov-fail-under=100 --cov-report=term:skip-covered

fuzz: $(READY) ## ten thousand random Pods of anything that is read: a verdict each, and bounded work
	FUZZ_EXAMPLES=10000 $(BIN)/pytest -q tests/property/test_unruly_pods.py

generate: $(READY) ## write what is made from the program: reasons, metrics, schemas, match conditions, dashboard, the chart's README
	$(BIN)/python -m tests.generate

check: $(READY) ## lint, types, import contracts, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.generate --check

check-workflows: ## lint the workflows of .github (Go)
	go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 .github/workflows/*.yml

cluster-build: $(READY) ## the parts of a real Kubernetes node, and helm
	$(BIN)/python -m tests.harness build

cluster-up: $(READY) ## a real Kubernetes node on this machine (root and Go; ten minutes the first time)
	$(BIN)/python -m tests.harness up

cluster-down: $(READY) ## end it, with all that it runs
	$(BIN)/python -m tests.harness down

cluster-test: $(READY) ## the tests that need a cluster
	$(BIN)/pytest -q -m "cluster and not plateau and not soak and not oldest and not vpa and not alerts and not release"

alerts-test: $(READY) ## alerts fired by real faults in a real Prometheus, and the dashboard's queries
	$(BIN)/pytest -q -m alerts

oldest-test: $(READY) ## the chart's objects on the oldest API server that it supports
	$(BIN)/pytest -q -m oldest

vpa-test: $(READY) ## a real VerticalPodAutoscaler's admission controller, before and after ours, and updater
	$(BIN)/pytest -q -m vpa

soak-test: $(READY) ## ten thousand creates while webhook and certificates are replaced, and while workers are killed
	$(BIN)/pytest -q -m soak

redis-test: $(READY) ## the plateau: real servers, filled under real limits
	$(BIN)/pytest -q -m plateau

headroom-v2: $(READY) ## the headroom under cgroup v2, in a virtual machine (QUICK=1: a spread in minutes)
	$(BIN)/python -m benchmarks.headroom.v2 $(if $(QUICK),--quick)

bench: $(READY) ## the core and the server, as ratios side by side
	$(BIN)/python -m benchmarks

bench-hostile: $(READY) ## a good client beside a stream of hostile reviews, in the chart's memory (root)
	$(BIN)/python -m benchmarks.hostile

bench-cluster: $(READY) ## Pod creates through a real API server, beside a lean Go webhook
	$(BIN)/python -m benchmarks.cluster

bench-audit: $(READY) ## an audit of 10,000 Pods in a real API server: time and memory
	$(BIN)/python -m benchmarks.audit

release-wheel: $(READY) ## the wheel, and the SBOM of what it is installed with, into DIST
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir $(DIST) .
	$(PYTHON) -m venv --clear --without-pip $(DIST)/installed
	$(BIN)/pip --python $(DIST)/installed/bin/python install --quiet --require-hashes -r requirements/serve.txt
	$(BIN)/pip --python $(DIST)/installed/bin/python install --quiet --no-deps --no-index $(DIST)/redis_memory_guard-$(VERSION)-*.whl
	$(PYTHON) -m venv --clear $(DIST)/sbom
	$(DIST)/sbom/bin/pip install --quiet --disable-pip-version-check $(SBOM_TOOL)
	$(DIST)/sbom/bin/cyclonedx-py environment $(DIST)/installed/bin/python --output-reproducible -o $(DIST)/redis-memory-guard-$(VERSION).cdx.json
	rm -r $(DIST)/installed $(DIST)/sbom

release-chart: ## the chart, into DIST and the OCI repository CHARTS (PUSH: options of helm push)
	helm package charts/redis-memory-guard --destination $(DIST)
	helm push $(DIST)/redis-memory-guard-$(VERSION).tgz $(CHARTS) $(PUSH)

release-test: $(READY) ## what a release does, as far as this machine can: wheel, SBOM, image and chart in a local registry (root and Go)
	$(BIN)/pytest -q -m release

lowest-test: $(READY) ## the unit tests with the oldest dependencies that pyproject.toml allows
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(PYTHON) -m venv --clear .cache/lowest
	$(BIN)/uv pip install --quiet --python .cache/lowest/bin/python --resolution lowest-direct --editable . --group dev
	.cache/lowest/bin/python -m pytest -q tests/unit

lock: $(READY) ## resolve the dependencies of pyproject.toml anew
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-strip-extras --upgrade pyproject.toml -o requirements/serve.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-strip-extras --upgrade pyproject.toml --group dev -c requirements/serve.txt -o requirements/dev.txt

clean: ## remove the virtual environment and caches
	[ ! -x $(BIN)/python ] || $(BIN)/python -m tests.harness down
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
