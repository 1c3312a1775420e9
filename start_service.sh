#!/usr/bin/env bash
# Sets up what is missing and starts Signalbox. Arguments and signals go on to the server.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

need() {
  if ! command -v "$1" >/dev/null 2>&1; then
    echo "Signalbox needs $1, which is not on the PATH. Install Node.js 26 LTS (it brings npm) and try again." >&2
    exit 1
  fi
}

# npm writes node_modules/.package-lock.json last, so its age is the age of a finished installation.
is_installed() {
  [[ -f node_modules/.package-lock.json && ! package-lock.json -nt node_modules/.package-lock.json ]]
}

need node
need npm

if ! is_installed; then
  echo "Installing the packages of package-lock.json ..." >&2
  if ! npm ci; then
    echo "The packages could not be installed. The lines above say why; nothing was started." >&2
    exit 1
  fi
fi

exec node bin/run.cjs src/main.ts "$@"
