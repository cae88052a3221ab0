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

specter_token() {
    printf '\n$ specter-token %s\n' "$*"
    cargo run --release --locked --quiet -- "$@"
}

specter_token list
specter_token create --description "ci" --life "3 days" --out "$SPECTER_DATA_FOLDER/token"
specter_token list --user admin --status valid
printf '\n$ specter-token verify < token'
specter_token verify < "$SPECTER_DATA_FOLDER/token"
specter_token revoke "ci"
if specter_token verify < "$SPECTER_DATA_FOLDER/token"; then
    echo "a revoked token must not be accepted" >&2
    exit 1
fi
