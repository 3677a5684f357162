#!/bin/sh
# Leaves .venv holding exactly requirements.lock, uv and this project, and writes .venv/.ready as the very last thing.
# A .venv without that file is the rest of an interrupted set-up and is made anew; what was downloaded stays in uv's cache.
set -eu
cd "$(dirname "$0")/.."

fail() {
    printf 'set-up: %s\n' "$1" >&2
    exit 1
}

is_3_11() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3; do
        if is_3_11 "$candidate"; then
            printf '%s' "$candidate"
            return
        fi
    done
    fail "reelwright needs Python 3.11, and neither python3.11 nor python3 is one (python3: $(python3 --version 2>&1 || true)).
        Debian 12: apt-get install python3 python3-venv. Elsewhere: install Python 3.11, or name it: make PYTHON=/path/to/python3.11"
}

if [ -e .venv/.ready ] && is_3_11 .venv/bin/python && [ -x .venv/bin/uv ]; then
    rm .venv/.ready
else
    python=$(find_python)
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$python cannot make virtual environments. Debian and Ubuntu: apt-get install python3-venv (or python3.11-venv)"
    rm -rf .venv
    "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.bootstrap
fi

uv_pip() {
    .venv/bin/uv --quiet pip "$@"
}
uv_pip sync --python .venv/bin/python --require-hashes --only-binary :all: requirements.lock requirements.bootstrap
uv_pip install --python .venv/bin/python --no-deps --no-build-isolation --editable .
touch .venv/.ready
