#!/usr/bin/env bash
# Resolves pyproject.toml into requirements.lock: exact versions, the hashes of all their files, no registry.
# Takes some minutes. Keeps the versions that still fit; with --upgrade it takes the newest.
set -euo pipefail
cd "$(dirname "$0")/.."

environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
"${PYTHON:-python3}" -m venv "$environment"
"$environment/bin/pip" install --quiet --quiet 'pip-tools>=7.5'
"$environment/bin/pip-compile" --quiet --all-extras --generate-hashes --strip-extras --no-header \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements.lock "$@" pyproject.toml
