#!/usr/bin/env bash
# Runs a command in a memory cgroup of its own, without swap: what it needs beyond the limit ends it.
#   tools/limited-memory.sh BYTES[,BYTES...] COMMAND ...
# Under mpiexec rank r takes the r-th number, or the only one:
#   mpiexec.hydra -n 6 tools/limited-memory.sh 70M artifacts/publish/linux-x64/deeperthings-rank run ...
# Needs root. Exit code: the command's; 125 where no cgroup can be made.
set -euo pipefail

fail() { printf 'limited-memory.sh: %s\n' "$*" >&2; exit 125; }

[ $# -ge 2 ] || fail "usage: limited-memory.sh BYTES[,BYTES...] COMMAND ..."
IFS=, read -r -a limits <<<"$1"
shift
rank=${PMI_RANK:-0}
limit=${limits[${#limits[@]} > 1 ? rank : 0]:-}
[ -n "$limit" ] || fail "rank $rank: only ${#limits[@]} limits are given"
name=deeperthings-$$

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    group=/sys/fs/cgroup/$name
    grep -qw memory /sys/fs/cgroup/cgroup.subtree_control || fail "the memory controller is not enabled in /sys/fs/cgroup/cgroup.subtree_control"
    mkdir "$group" 2>/dev/null || fail "$group cannot be made; are you root?"
    echo "$limit" >"$group/memory.max"
    echo 0 >"$group/memory.swap.max" 2>/dev/null || true
elif [ -e /sys/fs/cgroup/memory ]; then
    own=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
    parent=/sys/fs/cgroup/memory$own
    [ -d "$parent" ] || parent=/sys/fs/cgroup/memory
    group=$parent/$name
    mkdir "$group" 2>/dev/null || fail "$group cannot be made; are you root?"
    echo "$limit" >"$group/memory.limit_in_bytes"
    echo "$limit" >"$group/memory.memsw.limit_in_bytes" 2>/dev/null || echo 0 >"$group/memory.swappiness"
else
    fail "this system has no memory cgroups"
fi

# Groups of commands that were killed are left over.
for old in "${group%-*}"-[0-9]*; do [ -d "/proc/${old##*-}" ] || rmdir "$old" 2>/dev/null || true; done
# A process that has left the group lets it be removed.
trap 'rmdir "$group" 2>/dev/null || true' EXIT
status=0
(echo $BASHPID >"$group/cgroup.procs" && exec "$@") || status=$?
exit "$status"
