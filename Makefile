# make run    install what is missing and start on http://127.0.0.1:8501
# make share  start for the office network, behind the login (README, 分享)
# make test   all tests, the browser's too · make soak  the same at full counts, then half an hour's
#             meeting over data that change, with the memory that it takes
# make demo   make data/demo anew, after a table or its rows changed
# make quick  within a minute: what a changed KPI, page, table or demo row needs
# make bench  speed against two floors · make bench-peers  beside Dash, Panel and plain Streamlit
# make look   every screen and every slide of four towns, nine questions, a clerk's month, in Chromium: what is wrong with them
# make lint · make format
# ARGS="…" is handed on: make run ARGS="--port 8600", make test ARGS="-k links"

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
CHROMIUM ?= /usr/bin/chromium
JOBS ?= 4
QUICK := $(addprefix tests/test_,registry.py layers.py second_computation.py pages.py demo.py definitions.py golden.py)
export CHROMIUM

.DEFAULT_GOAL := run
.PHONY: run share quick test soak demo bench bench-peers look lint format browser office nginx provider

run: $(VENV)/.run
	$(PY) server.py $(ARGS)

share: $(VENV)/.run
	$(PY) server.py --share $(ARGS)

test: $(VENV)/.dev browser office nginx
	$(PY) -m pytest -n $(JOBS) --dist worksteal $(ARGS)

quick: $(VENV)/.dev
	$(PY) -m ruff check .
	QMG_QUICK=1 $(PY) -m pytest -q -n 2 -m "not slow" $(QUICK) $(ARGS)

soak: export QMG_SOAK = 1
soak: provider test
	$(PY) bench/meeting.py

demo: $(VENV)/.run
	rm -rf data/demo
	$(PY) -m qmg_dash demo --out data/demo

bench: $(VENV)/.dev browser
	$(PY) bench/run.py $(ARGS)

bench-peers: $(VENV)/.dev .peers/.installed browser
	$(PY) bench/peers/bench.py --peers-python .peers/bin/python $(ARGS)

look: $(VENV)/.dev browser
	$(PY) bench/look.py $(ARGS)
	$(PY) bench/questions.py
	$(PY) bench/month.py

.peers/.installed: bench/peers/requirements.txt
	$(PYTHON) -m venv .peers
	.peers/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

lint: $(VENV)/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

format: $(VENV)/.dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

# The stamps: nothing is installed again before a list of versions changes.
$(VENV)/.run: requirements.txt $(VENV)/.made
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(PIP) -r requirements-dev.txt
	@touch $@

# Debian ships venv apart from Python, and leaves half an environment behind where it is missing.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "需要 Python 3.11 或更新的版本（PYTHON=python3.11 make …）。"; exit 1; }
	@if ! $(PY) -m pip --version >/dev/null 2>&1; then \
		$(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 \
			|| { $(call apt,python3-venv) && $(PYTHON) -m venv --clear $(VENV); }; \
	fi
	@touch $@

# What the browser tests need of the system.
browser:
	@test -x "$(CHROMIUM)" || { $(call apt,chromium); }
	@fc-list :lang=zh 2>/dev/null | grep -q . || { $(call apt,fontconfig fonts-noto-cjk); }

# What writes the spreadsheets that the import is tested with: 90 MB, a quarter of a minute.
office:
	@command -v soffice >/dev/null || { $(call apt,libreoffice-calc-nogui); }

# What the tests of docs/deploy/nginx.conf need. Debian starts what it installs; the tests start their own.
nginx:
	@test -x /usr/sbin/nginx || { $(call apt,nginx) && { $$as systemctl disable --now nginx 2>/dev/null || true; }; }

# The certified OpenID provider, for the test of the sign-in: Node 18 or later, and the npm registry.
provider: tests/oidc_provider/node_modules/.installed

tests/oidc_provider/node_modules/.installed: tests/oidc_provider/package-lock.json
	@command -v npm >/dev/null || { $(call apt,nodejs npm); }
	npm ci --prefix tests/oidc_provider
	@touch $@

# Debian packages, as root or with sudo; a plain word where neither is possible.
define apt
if ! command -v apt-get >/dev/null; then echo "请先安装：$(1)"; exit 1; \
elif [ "$$(id -u)" = 0 ]; then as=""; \
elif command -v sudo >/dev/null; then as="sudo"; \
else echo "需要管理员先执行：apt-get install $(1)"; exit 1; fi; \
$$as apt-get update -q && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $(1)
endef
