#!/usr/bin/env bash
# What a release consists of, in dist/: wheel, source, and a bill of materials (CycloneDX) of what the wheel draws in.
#   deploy/release/build.sh PYTHON [FOLDER]
# PYTHON has the extra `deploy`. FOLDER keeps the clean environment that the wheel is installed into.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$(command -v "$1")
clean=${2:-$(mktemp -d)}
# Two builds of one commit are the same, byte by byte.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
rm -rf dist
"$python" -m build --no-isolation --outdir dist .
"$python" -m venv "$clean"
"$clean/bin/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt dist/*.whl
wheel=$(basename dist/*.whl)
"$python" -m cyclonedx_py environment --pyproject pyproject.toml --mc-type application \
  --output-format JSON --output-file "dist/${wheel%-py3-none-any.whl}.cdx.json" "$clean/bin/python"
[ -n "${2:-}" ] || rm -rf "$clean"
