# make solve   solves Burgers' equation on the default backend and leaves out/burgers/{figure.png,result.json,solution.collocate}
# make test    lint, types and the tests, with all three frameworks
# make docs    writes docs/api.md anew, from the docstrings
# All make their own .venv; a stamp in it keeps a second run from installing again.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: solve test lint format docs clean

solve: $(VENV)/.installed
	$(BIN)/collocate solve burgers --out out/burgers

test: lint $(VENV)/.chromium $(VENV)/.languages
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(PYTEST_ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/pyright

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed
	$(BIN)/python docs/build_api.py

clean:
	rm -rf $(VENV) out build dist

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable .
	touch $@

# Pages are tested in a real browser. Root on Debian gets one here; everybody else is told how.
$(VENV)/.chromium: | $(BIN)/python
	command -v chromium || command -v chromium-browser || command -v google-chrome \
	|| { test "$$(id -u)" = 0 && command -v apt-get && apt-get update \
	     && DEBIAN_FRONTEND=noninteractive apt-get install --yes chromium; } \
	|| { echo "The tests open pages in Chromium, and there is none: install one as chromium, chromium-browser or" \
	          "google-chrome on the PATH (Debian, as root: apt-get update && apt-get install -y chromium)" >&2; exit 1; }
	touch $@

# The exported C program is called from these: a command, and Debian's package that has it. Where they cannot be installed,
# their tests say so and are skipped; in CI they fail.
LANGUAGES := gfortran:gfortran go:golang-go mcs:mono-mcs mono:mono-runtime mono:libmono-corlib4.5-cil R:r-base-core \
             mkoctfile:octave-dev rustc:rustc javac:default-jdk-headless

$(VENV)/.languages: | $(BIN)/python
	missing=$$(for each in $(LANGUAGES); do command -v $${each%:*} > /dev/null || echo $${each#*:}; done); \
	{ test -z "$$missing" \
	  || { test "$$(id -u)" = 0 && command -v apt-get && apt-get update \
	       && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $$missing; }; } \
	&& touch $@ || echo "Not installed:" $$missing

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[torch,tensorflow-cpu,dev]'
	touch $@ $(VENV)/.installed
