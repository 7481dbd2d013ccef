#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# wos-doctor, and what it asks: wos-fetch --check and wos-apply --check.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's, app is newdb's

load helper
load fetch

setup() {
	wos_setup
	# What runs on this machine is no business of a test.
	mkdir bin
	local name

	for name in systemctl crontab launchctl ps; do
		printf '#!/bin/sh\nexit 1\n' >"bin/$name"
		chmod +x "bin/$name"
	done
	export PATH=$PWD/bin:$PATH XDG_RUNTIME_DIR=$PWD
}

# found RESULT NAME [PART]: the doctor has said that, with this part in the text.
found() {
	assert_line --regexp "^$1 +$2 .*${3-}"
}

@test "doctor: all is well, and what is still to be done" {
	api "$DATA/sample.jsonl"
	newdb app
	run -0 --separate-stderr wos-doctor "$app"
	assert_equal "$stderr" ''
	found ok version "wos [0-9.]+, bash"
	found ok libcurl
	found ok key 'found in WORKOS_API_KEY'
	found ok api "$API_URL answers"
	found ok clock
	found ok access
	found todo database "$app has no tables of wos yet"
	found todo schedule 'wos help shows'
	[ ! -e app.db ]
	wos-sync "$app"
	run -0 --separate-stderr wos-doctor "$app"
	found ok library '(SQLite|libpq) [0-9]'
	found ok database "$app can be read"
	found ok schema
	found ok writing
	found ok cursor 'default stands for [0-9]+ types of events, and has reached the newest'
	if [[ $DBKIND == sqlite ]]; then
		found ok disk
	else
		found ok server 'PostgreSQL [0-9]'
	fi
	refute_line --regexp '^bad'
	# Without a database it looks at the rest.
	run -0 wos-doctor
	found todo database 'none is named'
	run -0 wos-doctor -q "$app"
	refute_output
}

# bats test_tags=slow
@test "doctor: a key that the API refuses, or that is none" {
	api --key sk_another "$DATA/sample.jsonl"
	run -1 --separate-stderr wos-doctor no.db
	found ok api
	found ok clock
	found bad access '401: Unauthorized; a key begins with sk_ .*dashboard.*staging and production'
	no_key <(echo "$output$stderr")
	unset WORKOS_API_KEY
	run -1 wos-doctor no.db
	found bad key 'no API key: set WORKOS_API_KEY or use --api-key-file; a key begins'
	found ok api
	run -1 wos-doctor no.db --api-key-file nowhere
	found bad key 'nowhere: No such file'
	echo "" >empty
	run -1 wos-doctor no.db --api-key-file empty
	found bad key 'empty: there is no key in it'
	echo "$API_KEY" >open
	chmod 644 open
	run -1 wos-doctor --api-key-file open
	found todo key 'open: everyone on this machine may read it: chmod 400'
	chmod 440 open
	run -1 wos-doctor --api-key-file open
	found ok key 'found in open'
	echo "pk_live" >other
	run -1 wos-doctor --api-key-file other
	found todo key 'other: it does not begin with sk_'
	found bad access
}

@test "fetch: 401 says what a key looks like, and where there are some" {
	api --key sk_another "$DATA/sample.jsonl"
	run -1 --separate-stderr wos-fetch
	[[ $stderr == *'401: Unauthorized; a key begins with sk_ and comes from API Keys on https://dashboard.workos.com; staging and production have different ones'* ]]
	run -1 --separate-stderr wos-fetch --list
	[[ $stderr == *'a key begins with sk_'* ]]
	run -1 --separate-stderr wos-sync app.db
	[[ $stderr == *'a key begins with sk_'* ]]
}

# bats test_tags=sqlite
@test "doctor: a dead port, a proxy, an API that answers other things" {
	export WORKOS_API_KEY=$API_KEY WORKOS_BASE_URL=http://127.0.0.1:9
	run -1 wos-doctor no.db
	found bad api 'connect.*look at the network'
	export https_proxy=http://me:open-sesame@127.0.0.1:9
	WORKOS_BASE_URL=https://localhost:9 run -1 wos-doctor no.db
	found ok proxy 'the one in https_proxy'
	found bad api
	refute_output --partial open-sesame
	unset https_proxy
	api --fault every:503 "$DATA/sample.jsonl"
	run -1 wos-doctor no.db
	found bad api 503
	api_stop
	api --fault every:403:Not-yours "$DATA/sample.jsonl"
	run -1 wos-doctor no.db
	found bad access '403: Not-yours'
	# What the environment has wrong is found, and an option is wrong usage.
	WORKOS_BASE_URL=nowhere run -1 --separate-stderr wos-doctor --json no.db
	assert_equal "$stderr" ''
	run -0 jq -r '.findings[] | select(.result == "bad").text' <<<"$output"
	assert_output 'WORKOS_BASE_URL: not a URL'
	run -2 --separate-stderr wos-doctor no.db --base-url nowhere
	assert_equal "$output" ''
	assert_equal "$stderr" 'wos-fetch: --base-url: not a URL'
	run -2 --separate-stderr wos-doctor no.db --base-url nowhere --log-format json
	run -0 jq -r .message <<<"$stderr"
	assert_output --partial 'not a URL'
}

# bats test_tags=sqlite
@test "doctor: certificates that nobody vouches for" {
	"$ROOT/test/api/make-cert" certs
	api --tls certs/good.pem certs/good.key "$DATA/sample.jsonl"
	run -1 wos-doctor no.db
	found bad certificates 'install ca-certificates'
	CURL_CA_BUNDLE=certs/ca.pem run -0 wos-doctor no.db
	found ok certificates
	for variable in CURL_CA_BUNDLE SSL_CERT_FILE; do
		run -1 env "$variable=certs/nowhere.pem" wos-doctor no.db
		found bad certificates
	done
}

# bats test_tags=sqlite
@test "doctor: a clock that is not the API's" {
	api --date +7200 "$DATA/sample.jsonl"
	run -1 wos-doctor no.db
	found bad clock "(7200|71[0-9]{2}) s behind the API's: set it"
	api_stop
	api --date -7200 "$DATA/sample.jsonl"
	run -1 wos-doctor no.db
	found bad clock "72[0-9]{2} s ahead of the API's"
	api_stop
	api --date none "$DATA/sample.jsonl"
	run -0 wos-doctor no.db
	found todo clock
}

@test "doctor: a database that can't be written to" {
	newdb app
	api "$DATA/sample.jsonl"
	wos-sync "$app"
	if [[ $DBKIND == postgres ]]; then
		PGOPTIONS='-c default_transaction_read_only=on' run -1 wos-doctor "$app"
		found bad writing read-only
		return
	fi
	# Permissions are nothing to root: another program writes.
	coproc sqlite3 app.db
	pid=$COPROC_PID
	printf 'BEGIN IMMEDIATE;\nSELECT 1;\n' >&"${COPROC[1]}"
	read -r -t 100 -u "${COPROC[0]}" _
	run -1 wos-apply --check --busy-timeout 1 app.db
	assert_line --regexp $'^bad\twriting\t.*locked'
	eval "exec ${COPROC[1]}>&-"
	wait "$pid"
	run -0 wos-apply --check app.db
}

# bats test_tags=sqlite
@test "doctor: a file that this user may only read" {
	api "$DATA/sample.jsonl"
	drop=()
	if ((EUID == 0)); then # permissions are nothing to root
		drop=(setpriv '--bounding-set=-dac_override,-dac_read_search')
		"${drop[@]}" true || skip "setpriv can't drop what root may do"
	fi
	mkdir closed
	wos-sync closed/app.db
	chmod 444 closed/app.db
	run -1 "${drop[@]}" wos-doctor closed/app.db
	found bad writing 'closed/app.db: this user may not write to it'
	chmod 644 closed/app.db
	rm closed/app.db.sync.lock
	chmod 555 closed
	run -1 "${drop[@]}" wos-doctor closed/app.db
	found bad writing 'or not to its folder'
	run -1 "${drop[@]}" wos-doctor closed/new.db
	found bad database "this user can't make it"
	run -1 --separate-stderr "${drop[@]}" wos-sync closed/app.db
	[[ $stderr == *"closed/app.db.sync.lock: can't be opened: Permission denied" ]]
	chmod 755 closed
	run -0 "${drop[@]}" wos-doctor closed/app.db
	found ok writing
}

# bats test_tags=sqlite
@test "doctor: D1 without a token" {
	api "$DATA/sample.jsonl"
	run -1 --separate-stderr wos-doctor d1:account/database
	assert_equal "$stderr" ''
	found ok access
	found bad wos-apply 'no API token: set CLOUDFLARE_API_TOKEN or use CLOUDFLARE_API_TOKEN_FILE'
	found todo schedule
	# A script says it once.
	run -2 --separate-stderr wos-sync d1:account/database
	assert_equal "${#stderr_lines[@]}" 1
}

# bats test_tags=sqlite
@test "doctor: a file that is no database, a folder that is not there" {
	api "$DATA/sample.jsonl"
	echo 'Dear diary,' >text.db
	run -1 wos-doctor text.db
	found bad database 'text.db: file is not a database: name the SQLite file of wos'
	mkdir folder.db
	run -1 wos-doctor folder.db
	found bad database 'folder.db: unable to open database file: Is a directory'
	run -1 --separate-stderr wos-sync folder.db
	assert_equal "$stderr" 'wos-apply: ./folder.db: unable to open database file: Is a directory'
	run -1 wos-doctor nowhere/app.db
	found bad database 'its folder is not there: mkdir makes it'
	run -1 --separate-stderr wos-doctor mysql://me:sesame@host/db
	found bad database 'mysql:\.\.\.: neither a file nor a server'
	assert_equal "$stderr" ''
	DATABASE_URL=mysql://me:sesame@host/db run -1 wos-doctor --json --log-format json
	[[ $output != *sesame* ]]
	run -0 jq -r '.findings[] | select(.result == "bad").name' <<<"$output"
	assert_output database
}

@test "doctor: an old schema, a cursor of which nothing is known, none" {
	newdb app
	api "$DATA/sample.jsonl"
	wos-apply "$app" </dev/null
	run -0 wos-doctor "$app"
	found todo cursor 'there is none: wos sync fetches the events'
	wos-decode "$DATA/sample.jsonl" | wos-apply "$app"
	run -0 wos-doctor "$app"
	found todo cursor 'default: which events it stands for is not known'
	sql "$app" 'DROP VIEW users' 'DROP VIEW memberships' \
	    'ALTER TABLE "user" DROP COLUMN first_name'
	run -0 wos-doctor "$app"
	found todo schema 'the next wos sync adds them'
	wos-sync "$app" 2>/dev/null
	run -0 wos-doctor "$app"
	found ok schema
}

# bats test_tags=sqlite
@test "doctor: what runs wos-sync is seen" {
	api "$DATA/sample.jsonl"
	printf '#!/bin/sh\necho "# wos-sync, some day"\n' >bin/crontab
	run -0 wos-doctor
	found todo schedule
	printf '#!/bin/sh\necho "PATH=%s"\necho "*/5 * * * * wos-sync app.db"\n' \
	    "$ROOT/scripts" >bin/crontab
	run -0 wos-doctor
	found ok schedule crontab
	printf '#!/bin/sh\nexit 1\n' >bin/crontab
	printf '#!/bin/sh\necho "wos-sync.timer loaded active waiting Every five minutes"\n' \
	    >bin/systemctl
	run -0 wos-doctor
	found ok schedule 'systemd has wos-sync.timer$'
}

# bats test_tags=sqlite
@test "doctor: a crontab in which cron finds no wos-sync" {
	local line

	[ ! -x /usr/bin/wos-sync ] || skip 'here cron would find it'
	api "$DATA/sample.jsonl"
	printf '#!/bin/sh\ncat "%s/crontab.text"\n' "$PWD" >bin/crontab
	for line in '*/5 * * * * wos-sync app.db' '@hourly cd /srv && wos sync app.db' \
	    $'PATH=/no:/usr/bin\n# wos-sync\n* * * * * (wos-sync app.db)'; do
		echo "$line" >crontab.text
		run -1 wos-doctor
		found bad schedule "cron does not find it in .*: write PATH=$ROOT/scripts:/usr/bin:/bin above"
	done
	for line in "* * * * * $ROOT/scripts/wos-sync app.db" \
	    "PATH=\"/usr/bin:$ROOT/scripts\""$'\n* * * * * wos-sync app.db' \
	    "PATH = $ROOT/scripts"$'\n@daily wos sync app.db' \
	    "* * * * * PATH=$ROOT/scripts:/bin wos-sync app.db" \
	    '* * * * * . ~/.profile; wos-sync app.db' "* * * * * bash -lc 'wos-sync app.db'"; do
		echo "$line" >crontab.text
		run -0 wos-doctor
		found ok schedule crontab
	done
	echo '@daily backup /var/lib/wos' >crontab.text
	run -0 wos-doctor
	found todo schedule
}

# bats test_tags=sqlite
@test "doctor: a run that stays is seen, and nothing that only reads of one" {
	api "$DATA/sample.jsonl"
	printf '#!/bin/sh\necho journalctl --follow -u wos-sync\n' >bin/ps
	run -0 wos-doctor
	found todo schedule
	printf '#!/bin/sh\necho bash /usr/bin/wos-sync app.db --follow\n' >bin/ps
	run -0 wos-doctor
	found ok schedule
}

# bats test_tags=postgres
@test "doctor: a schema that is not there, or in which no tables may be made" {
	newdb app
	api "$DATA/sample.jsonl"
	export PGOPTIONS='-c search_path=workos'
	run -1 wos-doctor "$app"
	found bad schema 'no schema that search_path \(workos\) names is there: CREATE SCHEMA'
	run -1 wos-sync "$app"
	assert_output --partial 'none that search_path names is there: CREATE SCHEMA makes one'
	sql "$app" 'CREATE SCHEMA workos' 'DROP ROLE IF EXISTS wos_guest' \
	    'CREATE ROLE wos_guest LOGIN' 'GRANT USAGE ON SCHEMA workos TO wos_guest'
	run -0 wos-doctor "$app"
	found todo database 'wos sync makes them'
	run -1 wos-doctor "$app user=wos_guest"
	found bad schema 'may not make tables in the schema workos: GRANT CREATE'
	sql "$app" 'GRANT CREATE ON SCHEMA workos TO wos_guest'
	run -0 wos-doctor "$app user=wos_guest"
	sql "$app" 'DROP OWNED BY wos_guest' 'DROP ROLE wos_guest'
}

# bats test_tags=sqlite
@test "doctor: programs that are missing, broken, or of another version" {
	mkdir -p root/bin root/share/wos
	cp "$ROOT"/scripts/wos-doctor "$ROOT/apply/wos-apply" root/bin
	cp "$ROOT"/scripts/*.sh root/share/wos
	printf '#!/bin/sh\necho "wos-fetch 0.0.1"\n' >root/bin/wos-fetch
	printf '#!/bin/sh\necho "libjq.so.1: not found" >&2\nexit 127\n' >root/bin/wos-decode
	chmod +x root/bin/*
	PATH=$PWD/bin:/usr/bin:/bin run -1 root/bin/wos-doctor
	found bad programs "wos-decode can't be run: libjq.so.1: not found"
	found bad programs 'wos-apply is of version [0-9.]+, others of 0.0.1'
	rm root/bin/wos-apply
	PATH=$PWD/bin:/usr/bin:/bin run -1 root/bin/wos-doctor app.db
	found bad programs 'wos-apply is not there'
}

# bats test_tags=sqlite
@test "doctor: --json says the same, and is JSON whatever a name is" {
	api "$DATA/sample.jsonl"
	run -0 wos-doctor --json $'a "quoted\\\x01" name.db'
	jq -e '.ok and (.findings | length > 5)' <<<"$output"
	jq -e '[.findings[].result] | unique - ["ok", "todo", "bad"] == []' <<<"$output"
	jq -e '.findings[] | select(.name == "database").text |
	    startswith("a \"quoted\\\\x01\" name.db has")' <<<"$output"
	WORKOS_BASE_URL=http://127.0.0.1:1 run -1 wos-doctor --json
	jq -e '.ok == false' <<<"$output"
}
