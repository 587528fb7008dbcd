#!/bin/sh
# Does what README promises on a bare Debian: makes one in a folder, clones HEAD into it and runs README's
# commands there, in their order. Needs root, debootstrap and about 12 GB; takes half an hour and more.
#   packaging/try-fresh.sh 12|13 [--tests] [--keep] [--ccache]
# --tests: packaging/test.sh after packaging/run.sh.   --keep: leaves the folder, and says where it is.
# --ccache: the new system shares this machine's compiler cache, which saves minutes and hides nothing that
# is missing: what is compiled is looked up by all that goes into it.
# TORCHLOOM_MIRROR names another package source than http://deb.debian.org/debian, TMPDIR another place.
set -eu

usage() { sed -n '2,8s/^# \{0,1\}//p' "$0"; }
release= tests=no keep=no cache=no
for argument in "$@"; do
    case $argument in
        12) release=12 suite=bookworm ;;
        13) release=13 suite=trixie ;;
        --tests) tests=yes ;;
        --keep) keep=yes ;;
        --ccache) cache=yes ;;
        -h | --help) usage; exit 0 ;;
        *) echo "packaging/try-fresh.sh: \"$argument\" is neither 12, 13, --tests, --keep nor --ccache." >&2; exit 2 ;;
    esac
done
[ -n "$release" ] || { usage >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "packaging/try-fresh.sh: only root can make a system in a folder." >&2; exit 1; }
for program in debootstrap git unshare chroot; do
    command -v $program >/dev/null ||
        { echo "packaging/try-fresh.sh: $program is missing: apt-get install debootstrap git util-linux" >&2; exit 1; }
done

# A mount and process namespace of its own: whatever happens, nothing stays mounted and no process is left.
if [ -z "${TORCHLOOM_FRESH_NAMESPACE:-}" ]; then
    export TORCHLOOM_FRESH_NAMESPACE=1
    exec unshare --mount --pid --fork --kill-child "$0" "$@"
fi

root=$(cd "$(dirname "$0")/.." && pwd)
system=$(mktemp -d "${TMPDIR:-/var/tmp}/torchloom-debian-$release-XXXXXX")
finish() {
    for place in root/.cache/ccache dev/pts dev proc; do umount -l "$system/$place" 2>/dev/null || true; done
    # A folder of this machine may still be mounted below it: then it is not removed.
    if [ $keep = yes ] || grep -q " $system/" /proc/self/mounts; then
        echo "The system is in $system"
    else
        rm -rf --one-file-system "$system"
    fi
}
trap finish EXIT
trap 'exit 130' INT TERM

seconds() { date +%s; }
say() { echo "== Debian $release: $*"; }

started=$(seconds)
debootstrap --variant=minbase "$suite" "$system" "${TORCHLOOM_MIRROR:-http://deb.debian.org/debian}" >"$system.log" 2>&1 ||
    { tail -n 20 "$system.log" >&2; rm -f "$system.log"; exit 1; }
rm -f "$system.log"
# How this machine reaches its packages, where it says so: proxies and what goes with them.
for file in /etc/apt/apt.conf.d/*; do
    if [ -f "$file" ] && grep -q '^ *Acquire::' "$file"; then cp "$file" "$system/etc/apt/apt.conf.d/"; fi
done
[ ! -e /etc/resolv.conf ] || cp -L /etc/resolv.conf "$system/etc/resolv.conf"
mount -t proc proc "$system/proc"
mount --rbind /dev "$system/dev"
if [ $cache = yes ]; then
    mkdir -p "$HOME/.cache/ccache" "$system/root/.cache/ccache"
    mount --bind "$HOME/.cache/ccache" "$system/root/.cache/ccache"
fi
git clone --quiet --no-hardlinks "$root" "$system/root/torchloom"
git -C "$system/root/torchloom" checkout --quiet --detach "$(git -C "$root" rev-parse HEAD)"
say "bare system made in $(($(seconds) - started)) s, $(git -C "$root" rev-parse --short HEAD) cloned into it"

failed=0
report=
# try COMMAND: runs one of README's commands in the new system, and remembers how it ended.
try() {
    started=$(seconds)
    say "$*"
    status=0
    env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        chroot "$system" sh -c "cd /root/torchloom && exec $*" </dev/null || status=$?
    report="$report
$* ended with $status after $(($(seconds) - started)) s"
    [ $status = 0 ] || failed=1
}
try packaging/run.sh
[ $tests = no ] || try packaging/test.sh
say "$report"
exit $failed
