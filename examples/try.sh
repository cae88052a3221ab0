#!/bin/sh
# Creates, lists, verifies and revokes a token in a copy of the data folder `specter`, whose users.json a real
# Specter Desktop 2.1.11 has written. Nothing outside that copy is touched.
set -eu
cd "$(dirname "$0")/.."
cargo build --release --locked

SPECTER_DATA_FOLDER=$(mktemp -d)
export SPECTER_DATA_FOLDER
trap 'rm -rf "$SPECTER_DATA_FOLDER"' EXIT
cp examples/specter/users.json examples/specter/secret_key "$SPECTER_DATA_FOLDER"
chmod 600 "$SPECTER_DATA_FOLDER/secret_key"
# The key is the one in the folder, whatever this shell has.
unset SECRET_KEY CREDENTIALS_DIRECTORY
PATH=$PWD/target/release:$PATH

show() {
    printf '\n$ %s\n' "$1"
    eval "$1"
}

show 'specter-token list'
show 'specter-token create --description ci --life "3 days" > "$SPECTER_DATA_FOLDER/token"'
show 'specter-token list --status valid'
show 'specter-token verify < "$SPECTER_DATA_FOLDER/token"'
show 'specter-token revoke ci'
if show 'specter-token verify < "$SPECTER_DATA_FOLDER/token"'; then
    echo "a revoked token must not be accepted" >&2
    exit 1
fi
