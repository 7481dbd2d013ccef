# SPDX-License-Identifier: MIT
# After people were erased, a database is as one in which their personal values never
# were; after events were pruned, it has the same rows.
#
# gen/forget makes streams about a few people from seeds, and compares with gen/model.
# SEEDS=500 takes more seeds, SEED=17 that one alone.

load helper

SEEDS=${SEEDS:-4}
if ((SEEDS > 16)); then
	# shellcheck disable=SC2034 # bats' own
	BATS_TEST_TIMEOUT=$((SEEDS * 60))
fi

setup() {
	wos_setup
	newdb app # which starts the server
}

# bats test_tags=slow
@test "forget: erased and pruned, whatever comes in what order" {
	# shellcheck disable=SC2046,SC2086 # they are many words
	"$ROOT/test/gen/forget" --events 120 ${PG_DIR:+--postgres "host=$PG_DIR user=wos"} \
	    ${D1_URL:+--d1 "$D1_URL"} \
	    ${SEED:-$(seq "$SEEDS")}
}
