#!/bin/sh
# Everything against every version of Specter that is tried: as many runs of `cargo test --test live`.
set -eu
cd "$(dirname "$0")/../.."
for version in 2.1.7 2.1.10 2.1.11 2.2.0rc5; do
    printf '\n== Specter %s\n' "$version"
    SPECTER_VERSION=$version cargo test --locked --test live
done
