#!/bin/sh
# Writes what this machine's build makes of project.loom into the folder of its LibTorch's release: a run that
# was stopped after 25 of its 40 steps, an input and what the network makes of it.
#   tests/core/written_by/make.sh [BIN]     BIN: the folder of torchloom-cli, build/release/bin
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bin=${1:-$here/../../../build/release/bin}
. "$here/../../../packaging/environment.sh"
release=$(/usr/bin/python3 -c 'import torch; print(".".join(torch.__version__.split(".")[:2]))')
folder=$here/$release
rm -rf "$folder"
mkdir "$folder"
"$bin/torchloom-cli" train "$here/project.loom" --out "$folder/run" --max-steps 25 --threads 1 --json >/dev/null
rm -f "$folder"/run/events.out.tfevents.* "$folder/run/run.lock"
/usr/bin/python3 - "$folder" <<'EOF'
import sys, torch
torch.save(torch.randn(5, 2, generator=torch.Generator().manual_seed(1)), sys.argv[1] + "/x.pt")
EOF
"$bin/torchloom-cli" forward "$here/project.loom" --weights "$folder/run/weights/last.pth" --input "$folder/x.pt" \
    --output "$folder/y.pt"
