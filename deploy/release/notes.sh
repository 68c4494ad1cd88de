#!/usr/bin/env bash
# What CHANGELOG.md says of a version, for the release's page. Fails if the tag, pyproject.toml, the chart and the changelog
# do not name the same version.
#   deploy/release/notes.sh v0.2.0
set -euo pipefail
cd "$(dirname "$0")/../.."
version=${1#v}
fail() { echo "$1" >&2; exit 1; }
grep -qx "version = \"$version\"" pyproject.toml || fail "pyproject.toml has another version than $version."
grep -qx "appVersion: $version" deploy/chart/Chart.yaml || fail "deploy/chart/Chart.yaml has another appVersion than $version."
notes=$(awk -v head="## [$version]" 'index($0, "## [") == 1 { on = index($0, head) == 1; next } on' CHANGELOG.md)
[ -n "${notes//[[:space:]]/}" ] || fail "CHANGELOG.md says nothing of $version."
printf '%s\n' "$notes"
