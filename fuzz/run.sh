#!/usr/bin/env bash
# Fuzzes every target for so many seconds each (60), two at a time, beginning with the inputs in tests/corpus. What makes a target
# crash or hang is copied to tests/corpus/fuzz, where `cargo test` tries it again; then this ends with an error.
# Needs cargo-afl: cargo install cargo-afl
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:-60}
corpus=../tests/corpus
out=target/found
# Its own folder: what is built here has the flags of the fuzzer.
export CARGO_TARGET_DIR=target
export AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1

# AFL++ itself is built once for each compiler.
cargo afl build --release --quiet 2> /dev/null || { cargo afl config --build; cargo afl build --release --quiet; }
fuzz() {
    rm -rf "$out/$1" "$out/$1.seeds"
    mkdir -p "$out/$1.seeds"
    cp "$corpus/fuzz/$1"/* "$out/$1.seeds"
    if [ "$1" = users_json ]; then
        find "$corpus/users" -name '*.json' -size -8k -exec cp {} "$out/$1.seeds" \;
    fi
    # 2 GiB and 2 seconds for an input are far more than any takes.
    cargo afl fuzz -i "$out/$1.seeds" -o "$out/$1" -V "$seconds" -m 2048 -t 2000 target/release/specter-token-fuzz "$1" \
        > "$out/$1.log" 2>&1 || { tail -20 "$out/$1.log"; exit 1; }
}
trap 'kill $(jobs -p) 2> /dev/null || true' EXIT
fuzz users_json & first=$!
fuzz token & second=$!
wait "$first"; wait "$second"
fuzz time & first=$!
fuzz escaping & second=$!
wait "$first"; wait "$second"

found=0
for target in users_json token time escaping; do
    stats=$out/$target/default/fuzzer_stats
    printf '%-12s %s\n' "$target" "$(sed -nE 's/^(execs_done|corpus_count|saved_crashes|saved_hangs|bitmap_cvg) *: */\1 /p' "$stats" | tr '\n' ' ')"
    for input in "$out/$target/default"/{crashes,hangs}/id*; do
        if [ -e "$input" ]; then
            cp "$input" "$corpus/fuzz/$target/$(sha256sum "$input" | cut -c1-16)"
            found=1
        fi
    done
done
exit "$found"
