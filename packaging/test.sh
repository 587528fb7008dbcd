#!/bin/sh
# Installs what is missing, builds, and runs every test but the heavy ones (ctest -L heavy).
set -eu
cd "$(dirname "$0")/.."
. packaging/environment.sh
packaging/install-deps.sh --test
build
exec ctest --preset release "$@"
