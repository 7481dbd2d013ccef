# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What the tests of wos-apply share:  load apply

setup_file() {
	wos_setup
	wos-apply "$BATS_FILE_TMPDIR/empty.db" </dev/null
}

# emptydb NAME: a database with nothing in it but the schema.
emptydb() {
	newdb "$1"
	if [[ $DBKIND == sqlite ]]; then
		cp "$BATS_FILE_TMPDIR/empty.db" "${!1}"
	else
		wos-apply "${!1}" </dev/null
	fi
}

# clean NAME: makes one, or empties again what this made.
clean() {
	if [[ ${CLEAN:-} == *" $1 "* ]]; then
		sql "${!1}" 'DELETE FROM "user"' 'DELETE FROM events_cursor' \
		    'DELETE FROM parked_event' 'DELETE FROM sync_cursor'
	else
		emptydb "$1"
		CLEAN+=" $1 "
	fi
}
