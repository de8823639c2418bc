#!/usr/bin/env bash
# What guards cost to compile: `cargo check` of a crate of many handlers, bare and guarded, and with axum's
# `debug_handler` for comparison. Dependencies are built first; the crate is then checked from nothing, all variants
# in turn, and once more after an edit of one handler. Printed are medians.
#
#     benches/compile.sh [HANDLERS [RULES [ROUNDS]]]      # 200 handlers, 4 rules, 5 rounds
#
# Only ratios within one run mean anything.
set -euo pipefail

handlers=${1:-200}
rules=${2:-4}
rounds=${3:-5}
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
variants=(bare allow_anonymous auth_required acl_required debug_handler)

# The attribute that a variant puts above each handler.
attribute() {
    case $1 in
    bare) ;;
    allow_anonymous) echo '#[auth_runtime::allow_anonymous]' ;;
    auth_required) echo '#[auth_runtime::auth_required]' ;;
    acl_required) echo '#[auth_runtime::acl_required("edit", ARTICLES)]' ;;
    debug_handler) echo '#[axum::debug_handler]' ;;
    esac
}

list() {
    echo 'pub const ARTICLES: auth_runtime::Acl = auth_runtime::acl!['
    echo '    (Allow, Everyone, ["view"]),'
    for ((n = 1; n < rules - 1; n++)); do
        echo "    (Allow, Group(\"group-$n\"), [\"view\", \"comment\"]),"
    done
    echo '    (Allow, Group("editors"), ["view", "comment", "edit"]),'
    echo '];'
}

# Each handler has arguments and a body, as handlers have.
crate() {
    local variant=$1 n
    echo 'use axum::{Router, extract::{Path, Query}, routing::get};'
    echo 'use std::collections::HashMap;'
    [[ $variant != acl_required ]] || list
    for ((n = 0; n < handlers; n++)); do
        attribute "$variant"
        echo "async fn handler_$n(Path(id): Path<u64>, Query(query): Query<HashMap<String, String>>) -> String {"
        echo "    format!(\"{id} {} $n\", query.len())"
        echo "}"
    done
    echo 'pub fn routes() -> Router {'
    echo '    Router::new()'
    for ((n = 0; n < handlers; n++)); do
        echo "        .route(\"/$n/{id}\", get(handler_$n))"
    done
    echo '}'
}

manifest() {
    cat <<TOML
[package]
name = "$1"
version = "0.0.0"
edition = "2024"

[dependencies]
auth-runtime = { path = "$root/auth-runtime" }
axum = { version = "0.8.9", features = ["macros"] }
TOML
}

now() { echo $(($(date +%s%N) / 1000000)); }

# Checks one variant and prints how many milliseconds that took.
check() {
    local start
    start=$(now)
    cargo check --quiet --offline --manifest-path "$work/Cargo.toml" --package "$1"
    echo $(($(now) - start))
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

for variant in "${variants[@]}"; do
    mkdir -p "$work/$variant/src"
    manifest "$variant" >"$work/$variant/Cargo.toml"
    crate "$variant" >"$work/$variant/src/lib.rs"
done
{
    echo '[workspace]'
    echo 'resolver = "3"'
    printf 'members = [%s]\n' "$(printf '"%s",' "${variants[@]}")"
} >"$work/Cargo.toml"
cp "$root/Cargo.lock" "$work/Cargo.lock"
for variant in "${variants[@]}"; do check "$variant" >/dev/null; done

for ((round = 0; round < rounds; round++)); do
    for variant in "${variants[@]}"; do
        cargo clean --quiet --offline --manifest-path "$work/Cargo.toml" --package "$variant"
        CARGO_INCREMENTAL=0 check "$variant" >>"$work/$variant/nothing"
    done
done
for variant in "${variants[@]}"; do check "$variant" >/dev/null; done
for ((round = 0; round < rounds; round++)); do
    for variant in "${variants[@]}"; do
        sed -i "s|    format!(\"{id} {}\( .*\) 0\", query.len())|    format!(\"{id} {} edited $round 0\", query.len())|;s|{id} {} 0\"|{id} {} edited $round 0\"|" \
            "$work/$variant/src/lib.rs"
        check "$variant" >>"$work/$variant/edit"
    done
done

bare=$(median <"$work/bare/nothing")
debug=$(($(median <"$work/debug_handler/nothing") - bare))
echo "| $handlers handlers, $rules rules | check, ms | ms per guard | of debug_handler | check after an edit, ms |"
echo '|---|--:|--:|--:|--:|'
for variant in "${variants[@]}"; do
    nothing=$(median <"$work/$variant/nothing")
    awk -v name="$variant" -v all="$nothing" -v bare="$bare" -v debug="$debug" -v n="$handlers" \
        -v edit="$(median <"$work/$variant/edit")" 'BEGIN {
            above = all - bare
            printf "| %s | %d | %.2f | %.2f | %d |\n", name, all, above / n, debug ? above / debug : 0, edit
        }'
done
