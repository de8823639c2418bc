#!/bin/sh
# Measures what the checks of rules cost: `cargo check` of a generated crate, without and with lists, guards and proofs.
#
#   benches/rules.sh [line ...]
#
# Each figure is the median of three runs in which only the generated crate is checked, in milliseconds, beyond what the
# same crate costs with no rules in it. The crate is generated in a temporary folder and removed afterwards; the
# dependencies are built once, in the folder that CARGO_TARGET_DIR names or in the temporary one.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
# Otherwise the compiler remembers what it has found out about constants that did not change.
export CARGO_INCREMENTAL=0
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$work/target}"

mkdir -p "$work/crate/src"
cp "$root/Cargo.lock" "$work/crate/Cargo.lock"
cat >"$work/crate/Cargo.toml" <<TOML
[package]
name = "rules-cost"
version = "0.0.0"
edition = "2024"
[dependencies]
auth-runtime = { path = "$root/auth-runtime" }
[workspace]
TOML

# One of four rules is a denial, every group has a few rules, and every rule names two permissions.
list() { # name, rules
    echo "pub const $1: Acl = acl!["
    awk -v n="$2" 'BEGIN {
        for (i = 0; i < n; i++) {
            if (i % 4 == 0) printf "    (Deny, User(\"user%d\"), [\"p%da\", \"p%dx\"]),\n", i, i, i
            else if (i % 4 == 1) printf "    (Allow, Group(\"group%d\"), [\"p%da\", \"p%db\"]),\n", i % 97, i - 1, i
            else if (i % 4 == 2) printf "    (Allow, Authenticated, [\"p%da\", \"p%dc\"]),\n", i - 2, i
            else printf "    (Allow, Group(\"group%d\"), [\"p%da\", \"p%dd\"]),\n", i % 89, i - 3, i
        }
    }'
    echo "];"
}

# Each statement is another one and holds.
statements() { # list, statements, rules
    echo "auth_runtime::acl_assert!($1 {"
    awk -v n="$2" -v rules="$3" 'BEGIN {
        for (i = 0; i < n; i++) {
            k = (int(i / 4) * 4) % rules
            if (i % 4 == 0) printf "    anonymous cannot [\"p%da\", \"p%dc\"];\n", k, k + 2
            else if (i % 4 == 1) printf "    authenticated can \"p%dc\";\n", k + 2
            else if (i % 4 == 2) printf "    group \"group%d\" can \"p%db\";\n", (k + 1) % 97, k + 1
            else printf "    only authenticated can \"p%dc\";\n", k + 2
        }
    }'
    echo "});"
}

# So many groups may request, so many others may approve, and none of either may do the other.
separated() { # groups of each kind
    echo "pub const ARTICLES: Acl = acl!["
    awk -v n="$1" 'BEGIN {
        for (i = 0; i < n; i++) printf "    (Deny, Group(\"clerks%d\"), [\"approve\"]),\n    (Allow, Group(\"clerks%d\"), [\"request\"]),\n", i, i
        for (i = 0; i < n; i++) printf "    (Allow, Group(\"chiefs%d\"), [\"approve\"]),\n", i
    }'
    echo "];"
    echo "auth_runtime::acl_assert!(ARTICLES { nobody has both \"request\" and \"approve\"; });"
}

# So many groups may do everything, in both lists.
everything() { # name, groups, rules
    echo "pub const $1: Acl = acl!["
    awk -v n="$2" 'BEGIN { for (i = 0; i < n; i++) printf "    (Allow, Group(\"admins%d\"), ALL),\n", i }'
    list "$1" "$3" | sed 1d
}

header() {
    echo "#![allow(long_running_const_eval)]"
    echo "use auth_runtime::{Acl, acl};"
}

milliseconds() { # of one check of the crate, into a file
    touch "$work/crate/src/lib.rs"
    begin=$(date +%s%N)
    if ! cargo check --offline --quiet --manifest-path "$work/crate/Cargo.toml" 2>"$work/errors"; then
        sed -n 1,20p "$work/errors" >&2
        exit 1
    fi
    end=$(date +%s%N)
    echo $(((end - begin) / 1000000)) >>"$work/times"
}

measure() { # sets `median`
    : >"$work/times"
    milliseconds
    milliseconds
    milliseconds
    median=$(sort -n "$work/times" | sed -n 2p)
}

header >"$work/crate/src/lib.rs"
echo "pub const NONE: Acl = acl![(Allow, Everyone, [\"view\"])];" >>"$work/crate/src/lib.rs"
milliseconds # builds the dependencies
measure
base=$median

row() { # label; what the crate holds is in a file
    { header; cat "$work/body"; } >"$work/crate/src/lib.rs"
    measure
    printf '| %-58s | %8d |\n' "$1" $((median - base))
}

wanted() { # label of a group; all are wanted unless some are named
    [ "$#" -lt 2 ] && return 0
    group=$1
    shift
    for name in "$@"; do [ "$name" = "$group" ] && return 0; done
    return 1
}

printf '| %-58s | %8s |\n' "beyond an almost empty crate ($base ms)" "ms"
printf '|%s|%s:|\n' "------------------------------------------------------------" "---------"
if wanted lists "$@"; then
    for rules in 4 100 1000; do
        list ARTICLES "$rules" >"$work/body"
        row "a list of $rules rules"
    done
fi
if wanted statements "$@"; then
    for rules in 100 1000; do
        for count in 10 100; do
            { list ARTICLES "$rules"; statements ARTICLES "$count" "$rules"; } >"$work/body"
            row "$count statements about $rules rules, with the list"
        done
    done
fi
if wanted both "$@"; then
    for groups in 10 100 300; do
        separated "$groups" >"$work/body"
        row "nobody has both: $groups groups and $groups, with the list"
    done
fi
if wanted wider "$@"; then
    for rules in 100 300 1000; do
        {
            list ARTICLES "$rules"
            list ARTICLES_NEXT "$rules"
            echo "auth_runtime::acl_assert_no_wider!(ARTICLES_NEXT, ARTICLES);"
        } >"$work/body"
        row "no wider: $rules rules and $rules, with the lists"
        {
            everything ARTICLES 10 "$rules"
            everything ARTICLES_NEXT 10 "$rules"
            echo "auth_runtime::acl_assert_no_wider!(ARTICLES_NEXT, ARTICLES);"
        } >"$work/body"
        row "the same, with 10 groups that may do ALL"
    done
fi
