#!/usr/bin/env bash
# Sets up and runs DeeperThings.Mpi.
#   ./run.sh                set up, then six MPI ranks detect road signs in models/signs/samples
#   ./run.sh setup          only set up: packages, build, artifacts/bin/deeperthings
#   ./run.sh test [--all]   set up, then run all tests (--all: also those that take long)
#   ./run.sh publish [RID]  the ranks' program as native code: artifacts/publish/RID, linux-x64 (default) or linux-arm64
#   ./run.sh evaluate ...   set up, then measure docs/performance.md's tables and plots on an emulated cluster (root; --quick: a few of them)
#   ./run.sh VERB ...       set up, then deeperthings VERB ...
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
configuration=Release
launcher=$root/artifacts/bin/deeperthings

say() { printf '%s\n' "$*" >&2; }
fail() { say "run.sh: $*"; exit 2; }

# install COMMAND PACKAGE: makes sure that COMMAND, or the file COMMAND, is there.
install() {
    if command -v "$1" >/dev/null 2>&1 || [ -e "$1" ]; then return; fi
    command -v apt-get >/dev/null 2>&1 || fail "$1 is missing, and so is apt-get: install $2 by hand"
    local sudo=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null 2>&1 || fail "$1 is missing: install it as root with: apt-get install $2"
        sudo=sudo
    fi
    say "installing $2"
    if [ -z "${apt_updated:-}" ]; then $sudo apt-get update -q >&2; apt_updated=1; fi
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$2" >&2
}

setup() {
    command -v dotnet >/dev/null 2>&1 || fail "the .NET SDK 10 is missing: see https://dot.net"
    install mpiexec.hydra mpich
    # Restoring and building takes seconds even when nothing has changed; the stamp spares them.
    local stamp=$root/artifacts/setup-stamp
    if [ -x "$launcher" ] && [ -e "$stamp" ] && [ -z "$(find "$root" \( -path "$root/artifacts" -o -path "$root/.git" -o -path "$root/results" \) -prune -o \
        -type f \( -name '*.cs' -o -name '*.json' -o -name '*.csproj' -o -name '*.props' -o -name '*.sln' -o -name 'global.json' -o -name 'run.sh' \) -newer "$stamp" -print -quit)" ]; then
        return
    fi
    say "building"
    mkdir -p "$root/artifacts/bin"
    local log=$root/artifacts/build.log
    if ! { dotnet build "$root/DeeperThings.Mpi.sln" -c $configuration --nologo -v quiet &&
        dotnet publish "$root/src/DeeperThings.Cli" -c $configuration --no-build --nologo -v quiet; } >"$log" 2>&1; then
        cat "$log" >&2
        fail "the build failed"
    fi
    local dotnet_root
    dotnet_root=$(dirname "$(readlink -f "$(command -v dotnet)")")
    cat >"$launcher.new" <<EOF
#!/bin/sh
# Starts deeperthings. UCX must leave SIGSEGV to .NET, which turns it into NullReferenceException.
export UCX_ERROR_SIGNALS="\${UCX_ERROR_SIGNALS-}"
export DOTNET_ROOT="\${DOTNET_ROOT:-$dotnet_root}"
exec "\$(dirname "\$(readlink -f "\$0")")/../publish/DeeperThings.Cli/release/deeperthings" "\$@"
EOF
    chmod +x "$launcher.new"
    mv "$launcher.new" "$launcher"
    touch "$stamp"
}

main_job() {
    local results=$root/results plan=$root/results/plan.json
    mkdir -p "$results"
    "$launcher" plan "$root/models/signs/signs.cfg" --ranks 6 -o "$plan"
    mpiexec.hydra -n 6 "$launcher" run "$root/models/signs/signs.cfg" --plan "$plan" \
        --input "$root/models/signs/samples" --output "$results"
    say "annotated pictures: $results/*.png"
}

# publish [linux-x64|linux-arm64]: the ranks' program as native code, in artifacts/publish/RID, to be copied to the hosts.
publish() {
    local rid=${1:-linux-x64} levels level target=$root/artifacts/publish/${1:-linux-x64}
    local -a cross=()
    command -v dotnet >/dev/null 2>&1 || fail "the .NET SDK 10 is missing: see https://dot.net"
    install clang clang
    install ld.lld lld
    case $rid in
        # The level decides at compile time which vectors the kernels have; the launcher chooses among them.
        linux-x64) levels="x86-64-v4 x86-64-v3" ;;
        linux-arm64) levels="armv8-a" ;;
        *) fail "publish $rid: allowed are linux-x64, linux-arm64" ;;
    esac
    if [ "$rid" = linux-arm64 ] && [ "$(uname -m)" != aarch64 ]; then
        install aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
        install /usr/aarch64-linux-gnu/lib/libc.so libc6-dev-arm64-cross
        cross=(-p:ObjCopyName=aarch64-linux-gnu-objcopy)
    elif [ "$rid" = linux-x64 ] && [ "$(uname -m)" != x86_64 ]; then
        fail "publish linux-x64: allowed on x86-64 only"
    fi
    local log=$root/artifacts/publish.log
    rm -rf "$target"
    mkdir -p "$target"
    for level in $levels; do
        say "compiling for $rid, $level"
        if ! dotnet publish "$root/src/DeeperThings.Rank" -c $configuration -r "$rid" -p:InstructionLevel="$level" -p:LinkerFlavor=lld "${cross[@]}" \
            -o "$target/$level" --nologo -v quiet >"$log" 2>&1; then
            cat "$log" >&2
            fail "publishing failed"
        fi
        mv "$target/$level/deeperthings-rank" "$target/deeperthings-rank-$level"
        mv "$target/$level/libSkiaSharp.so" "$target/"
        rm -r "${target:?}/$level"
    done
    cat >"$target/deeperthings-rank" <<'EOF'
#!/bin/sh
# Starts the build of deeperthings-rank for this machine's processor. UCX must leave SIGSEGV to .NET, which turns it into NullReferenceException.
here=$(dirname "$(readlink -f "$0")")
export UCX_ERROR_SIGNALS="${UCX_ERROR_SIGNALS-}"
export DEEPERTHINGS_LAUNCHER="$here/deeperthings-rank"
case "$(uname -m) $(grep -m 1 '^flags' /proc/cpuinfo)" in
    aarch64*) level=armv8-a ;;
    *" avx512bw "*"avx512vl "*) level=x86-64-v4 ;;
    *) level=x86-64-v3 ;;
esac
exec "$here/deeperthings-rank-$level" "$@"
EOF
    chmod +x "$target/deeperthings-rank"
    say "published: $target"
}

# Runs every test project and adds up what each reports; then again those that compute, with other kernels than this machine's widest.
tests() {
    if [ "${1:-}" = --all ]; then export DEEPERTHINGS_TEST_ALL=1; fi
    install /usr/lib/darknet/libdarknet.so darknet
    if [ "${1:-}" = --all ]; then install qemu-aarch64 qemu-user; fi
    install chromium chromium
    local passed=0 failed=0 skipped=0 project name setting
    for project in "$root"/tests/*.Tests; do suite "$(basename "$project")"; done
    # The small networks alone: at full size the scalar loops would take hours.
    unset DEEPERTHINGS_TEST_ALL
    if [ "${1:-}" = --all ]; then
        for setting in DEEPERTHINGS_KERNEL={vector512,vector256,vector128,scalar} DOTNET_EnableAVX512=0 DOTNET_EnableAVX2=0; do
            for name in Kernels Execution Conformance; do suite "DeeperThings.$name.Tests" "$setting"; done
        done
        suite DeeperThings.Conformance.Tests DEEPERTHINGS_KERNEL=reference
    else
        for setting in DEEPERTHINGS_KERNEL={vector256,vector128,scalar} DOTNET_EnableAVX2=0; do
            suite DeeperThings.Execution.Tests "$setting"
        done
    fi
    if [ "$skipped" -gt 0 ]; then printf '%d skipped\n' "$skipped"; fi
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ]
}

# suite PROJECT [SETTING=VALUE]: runs one test project, with a variable set, and adds to the caller's sums.
suite() {
    local name=$1 setting=${2:-} status=0 p f s
    local log=$root/artifacts/test-$name${setting:+-$setting}.log
    env ${setting:+"$setting"} "$root/artifacts/bin/$name/release/$name" --progress off --ansi off >"$log" 2>&1 || status=$?
    p=$(count succeeded "$log"); f=$(count failed "$log"); s=$(count skipped "$log")
    # A project that ends badly without naming a failed test (a crash, say) counts as one failure; so does one without tests.
    if { [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; } || [ $((p + f)) -eq 0 ]; then f=$((f + 1)); fi
    if [ "$f" -gt 0 ]; then cat "$log"; fi
    printf '%s: %d passed, %d failed, %d skipped, %s\n' "$name${setting:+, $setting}" "$p" "$f" "$s" "$(sed -n 's/^ *duration: *//p' "$log" | tail -n 1)"
    passed=$((passed + p)); failed=$((failed + f)); skipped=$((skipped + s))
}

# count WORD FILE: the number behind "WORD:" in a test run's summary.
count() { local n; n=$(sed -n "s/^ *$1: *\([0-9][0-9]*\).*/\1/p" "$2" | tail -n 1); printf '%s' "${n:-0}"; }

case "${1:-}" in
    "") setup; main_job ;;
    setup) setup ;;
    test) setup; shift; tests "$@" ;;
    publish) shift; publish "$@" ;;
    evaluate) setup; shift; exec dotnet run --project "$root/tools/evaluate" -c $configuration -- "$@" ;;
    *) setup; exec "$launcher" "$@" ;;
esac
