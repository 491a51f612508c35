#!/usr/bin/env bash
# Makes .venv with the locked requirements and the package itself, editable, from whatever registry pip is configured for.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    printf 'Python 3.11 or newer is needed; %s is not. Name another: make PYTHON=python3.12 …\n' "$python" >&2
    exit 1
fi
printf 'Installing the locked requirements into .venv.\n'
"$python" -m venv .venv
.venv/bin/pip install --quiet --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
.venv/bin/pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
