#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Histories of runs drawn by lot: wos-status never says fresh over a hole.
# test/gen/history says what happens in them.  SEEDS is how many there are.

load helper

if [[ ! ${SEEDS-} ]]; then
	SEEDS=10
	[[ $DBKIND == sqlite ]] || SEEDS=4
fi
if ((SEEDS > 16)); then
	# shellcheck disable=SC2034 # bats' own
	BATS_TEST_TIMEOUT=$((SEEDS * 20))
fi

setup() {
	wos_setup
	newdb unused # so that there is a server, where one is needed
}

# histories FIRST: every other seed, since there are two such tests, for two
# processors.
histories() {
	local seeds=${SEED:-$(seq "$1" 2 "$SEEDS")}

	# shellcheck disable=SC2086 # they are many words
	"$ROOT/test/gen/history" ${PG_DIR:+--postgres "host=$PG_DIR user=wos"} $seeds
}

# bats test_tags=slow
@test "history: never fresh over a hole, and whole in the end (odd seeds)" {
	histories 1
}

# bats test_tags=slow
@test "history: never fresh over a hole, and whole in the end (even seeds)" {
	histories 2
}
