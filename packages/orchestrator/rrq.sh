#!/bin/sh
# `pnpm rrq`: the command of this checkout. What changed is built first, without a word unless that fails.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build() {
  DO_NOT_TRACK=1 turbo run build --cwd "$root" --filter=@rrq/orchestrator --output-logs=errors-only
}
build >/dev/null 2>&1 || build >&2
# pnpm hands on the `--` of `pnpm rrq -- …`.
if [ "${1-}" = "--" ]; then shift; fi
exec node "$root/packages/orchestrator/dist/cli/main.js" "$@"
