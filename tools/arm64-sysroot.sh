#!/usr/bin/env bash
# Fills a folder with the arm64 libraries that deeperthings-rank needs (libc, OpenSSL, MPICH), for running it under qemu-aarch64 -L FOLDER.
#   tools/arm64-sysroot.sh FOLDER
# Takes Debian's packages; the system's own packages and settings stay as they are.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: arm64-sysroot.sh FOLDER" >&2; exit 2; }
folder=$(mkdir -p "$1" && cd "$1" && pwd)
if [ -e "$folder/complete" ]; then exit 0; fi
state=$folder/.apt
mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
: >"$state/status"
apt=(apt-get -q -y -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache"
    -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o Debug::NoLocking=true)
"${apt[@]}" update >&2
"${apt[@]}" install --download-only libssl3 libmpich12 zlib1g libstdc++6 >&2
for package in "$state"/cache/archives/*.deb; do dpkg-deb -x "$package" "$folder"; done
rm -r "$state"
touch "$folder/complete"
