#!/bin/sh
# Makes a data folder and creates, lists, verifies and revokes a token in it; then the same in a copy of a folder whose
# users.json a real Specter Desktop 2.1.11 has written. Nothing else is touched.
set -eu
cd "$(dirname "$0")/.."
cargo build --release --locked

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The key is the one in the folder, whatever this shell has.
unset SECRET_KEY CREDENTIALS_DIRECTORY SPECTER_URL
PATH=${CARGO_TARGET_DIR:-$PWD/target}/release:$PATH
export SPECTER_DATA_FOLDER

show() {
    printf '\n$ %s\n' "$1"
    eval "$1"
}

main_job() {
    show 'specter-token create --description ci --life "3 days" --out "$folder/token"'
    show 'specter-token list --status valid'
    show 'specter-token verify < "$folder/token"'
    show 'specter-token revoke ci'
    if show 'specter-token verify < "$folder/token"'; then
        echo "a revoked token must not be accepted" >&2
        exit 1
    fi
    rm "$folder/token"
}

SPECTER_DATA_FOLDER=$folder/new
show 'echo "a password" | specter-token init --password-file -'
main_job

SPECTER_DATA_FOLDER=$folder/real
cp -r examples/specter "$SPECTER_DATA_FOLDER"
chmod 600 "$SPECTER_DATA_FOLDER/secret_key"
main_job
