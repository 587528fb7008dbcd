#!/bin/sh
# Installs what is missing, builds, and starts Torchloom.
#   packaging/run.sh [--headless] [PROJECT.loom] [-- OPTIONS FOR torchloom-cli train]
# With a display: opens the project in the application. Without one, or with --headless: trains it here
# and says where the curves, the weights and the run folder are.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
headless=no
project="$root/projects/fashion_mnist_two_convolutions.loom"
while [ $# -gt 0 ]; do
    case $1 in
        --headless) headless=yes ;;
        --) shift; break ;;
        -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
        -*) echo "packaging/run.sh: $1 is not an option; there is --headless." >&2; exit 2 ;;
        *) project=$(realpath -m "$1") ;;
    esac
    shift
done
if [ ! -e "$project" ]; then
    echo "packaging/run.sh: there is no file $project" >&2
    exit 1
fi

cd "$root"
. packaging/environment.sh
packaging/install-deps.sh
build torchloom torchloom-cli

bin=build/release/bin
if [ $headless = no ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec $bin/torchloom "$project"
fi

# A folder named after -- is the caller's; else a fresh one: mkdir gives it to one of several that are
# started in the same second.
out=
resumed=
previous=
for word; do
    case $previous in --out) out=$word ;; --resume) resumed=$word ;; esac
    case $word in --out=*) out=${word#*=} ;; --resume=*) resumed=${word#*=} ;; esac
    previous=$word
done
run=${out:-$resumed}
fresh=
if [ -z "$run" ]; then
    stem="$root/runs/$(date +%Y-%m-%d_%H-%M-%S)_$(basename "$project" .loom)"
    mkdir -p "$root/runs"
    fresh=$stem
    number=1
    until mkdir "$fresh" 2>/dev/null; do
        number=$((number + 1))
        fresh=${stem}_$number
        if [ $number -gt 1000 ]; then
            echo "packaging/run.sh: no folder for the run can be made below $root/runs" >&2
            exit 1
        fi
    done
    run=$fresh
    set -- --out "$run" "$@"
fi
status=0
$bin/torchloom-cli train "$project" "$@" || status=$?
# A run that was refused leaves no empty folder.
[ -z "$fresh" ] || rmdir "$fresh" 2>/dev/null || true
[ -e "$run/metrics.csv" ] || exit $status
curves="$run/curves.png"
if ! said=$(QT_QPA_PLATFORM=offscreen $bin/torchloom --curves "$run" "$curves" 2>&1); then
    curves="could not be drawn: $said"
fi
echo
echo "Curves:     $curves"
echo "Weights:    $run/weights/best.pth   (torch.load reads it)"
echo "Run folder: $run"
exit $status
