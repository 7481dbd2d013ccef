# SPDX-License-Identifier: MIT
# SQLite takes a transaction back when it has no memory for a statement, also for
# one that only reads: the batch has failed, whoever asked, and what was asked for.

# shellcheck disable=SC2154	# output is run's

load helper

setup_file() {
	# shellcheck disable=SC2086 # it may have options
	${CC:-cc} -shared -fPIC -o "$BATS_FILE_TMPDIR/step.so" \
	    "$BATS_TEST_DIRNAME/nomem/step.c" -ldl
}

setup() {
	wos_setup
	! grep -q __asan_init "$ROOT/apply/wos-apply" || skip 'its allocator comes first'
}

# fails SQL FILE: the run fails at this statement, and the next one ends with the
# rows that there are if nothing has happened.
fails() {
	rm -f app.db* want.db* told
	wos-apply --batch 4 want.db "$2"
	STEP_TEXT=$1 LD_PRELOAD=$BATS_FILE_TMPDIR/step.so run -1 \
	    wos-apply --batch 4 app.db "$2" 9>told
	[ -s told ]
	wos-apply --batch 4 app.db "$2"
	diff <(dump want.db) <(dump app.db)
}

@test "nomem: in a row change, or a question that comes before it" {
	wos-decode "$DATA/sample.jsonl" >sample.sql
	fails 'INSERT INTO "user"' sample.sql
	fails 'UPDATE "sync_cursor"' sample.sql
	# Has it been deleted?  Is it an orphan?  Are there items of lists?
	fails 'FROM "tombstone" WHERE "object"=? AND' sample.sql
	fails 'max("id")' sample.sql
	# The first one's organization is gone by then, and its id sorts last.
	grep membership.created "$DATA/sample.jsonl" | sed 's/event_01M6/event_01M7/
	    1s/"om_/"om_Z/; 2,$s/"om_/"om_A/' | cat "$DATA/sample.jsonl" - | wos-decode >orphans.sql
	fails 'SELECT 1 FROM "orphan" WHERE "object"=? AND "id"=?' orphans.sql
	wos-decode "$DATA/decode-relations.jsonl" >relations.sql
	fails 'FROM "listed_object" LIMIT 1' relations.sql
}
