#!/bin/sh
# Installs the Debian packages that building and running Torchloom needs, on Debian 12 and 13.
#   packaging/install-deps.sh          what packaging/run.sh needs
#   packaging/install-deps.sh --test   and what packaging/test.sh needs besides
# Does nothing, in a moment, when all are there. Asks nothing.
set -eu

packages="g++ cmake ninja-build ccache lld
    libtorch-dev libopenblas0-openmp libopencv-dev
    qt6-base-dev qt6-svg-dev libqcustomplot-dev
    nlohmann-json3-dev libcli11-dev libarchive-dev zlib1g-dev
    libcurl4-openssl-dev libssl-dev libjpeg-dev
    libtiff-dev libwebp-dev libopenjp2-7-dev pkgconf
    dataset-fashion-mnist fonts-inter fonts-dejavu-core"
if [ "${1:-}" = --test ]; then
    packages="$packages xvfb xauth xdotool python3 python3-numpy python3-torch python3-torchvision
        python3-lmdb python3-scipy"
fi

missing=
for package in $packages; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "These Debian packages are missing, and only root can install them:" >&2
    echo "   $missing" >&2
    echo "Run this script as root, or: sudo apt-get install$missing" >&2
    exit 1
fi

echo "Installing Debian packages:$missing" >&2
apt="$as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a apt-get -q -y -o DPkg::Lock::Timeout=600"
$apt update >&2
# shellcheck disable=SC2086 # a list of words
$apt install --no-install-recommends $missing >&2
