# SPDX-License-Identifier: MIT
# What wos-sync exits with, and says.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's

load helper
load fetch
load sync

@test "sync: exit 2: no key, said before anything is touched" {
	run -2 --separate-stderr wos-sync --archive raw app.db
	[[ $stderr == 'wos-sync: no API key: '*WORKOS_API_KEY* ]]
	WORKOS_API_KEY='' run -2 wos-sync app.db
	no_files app.db* raw
}

@test "sync: the key may come from a file" {
	api "$DATA/sample.jsonl"
	unset WORKOS_API_KEY
	echo "$API_KEY" >key
	wos-sync app.db --api-key-file key
	same_tables app.db "$DATA/sample.jsonl"
}

@test "sync: exit 2: options that there are not" {
	export WORKOS_API_KEY=$API_KEY
	for arguments in '' '-v' '--archive' '--archive= app.db' '--since app.db' \
	    '-x app.db' 'app.db --no-such-option' 'app.db --page-size 0' \
	    'app.db --archive'; do
		# shellcheck disable=SC2086 # several arguments
		run -2 --separate-stderr wos-sync $arguments
		assert_output ''
		[ -n "$stderr" ]
		[ ! -e app.db ]
		[ ! -e app.db.sync.lock ]
	done
}

@test "sync: --help and --version" {
	run -0 wos-sync --help
	assert_line --partial 'DATABASE [wos-fetch options]'
	run -0 wos-sync --version
	assert_output --regexp '^wos-sync [0-9]+\.[0-9]+\.[0-9]+$'
	run -0 wos-rebuild --help
	assert_line --partial DATABASE
	run -0 wos-rebuild --version
	assert_output --regexp '^wos-rebuild [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "sync: exit 4: a cursor that the API does not know" {
	sample 1 9 >known
	wos-decode known | wos-apply app.db
	sample 10 15 >events
	api events
	dump app.db >before
	run -4 --separate-stderr wos-sync app.db
	[ -n "$stderr" ]
	diff before <(dump app.db)
}

@test "sync: exit 75: the API has had enough, and then it has not" {
	api --fault 2-9:503 "$DATA/sample.jsonl"
	run -75 wos-sync app.db --page-size 8 --retries 1 --retry-pause 1
	# What came before it is there, and the next run goes on from there.
	sample 1 8 >events
	same_tables app.db events
	api_stop
	api "$DATA/sample.jsonl"
	wos-sync app.db
	[ "$(asked_after)" = "$(id 8)" ]
	same_tables app.db "$DATA/sample.jsonl"
}

@test "sync: exit 75: nobody listens" {
	export WORKOS_API_KEY=$API_KEY WORKOS_BASE_URL=http://127.0.0.1:9
	run -75 wos-sync app.db --retries 0
}

@test "sync: exit 3: an event that can't be decoded is kept, the others arrive" {
	sample 1 4 >events
	# A user without the key of its table.
	sample 5 5 | jq -c 'del(.data.id)' >>events
	sample 6 15 >>events
	api events
	run -3 wos-sync app.db
	[ "$(sql app.db 'SELECT count(*) FROM parked_event')" = 1 ]
	[ "$(sql app.db 'SELECT count(*) FROM user')" = 1 ]
	[ "$(wos-apply --cursor app.db)" = "$(id 15)" ]
	wos-sync app.db
}

@test "sync: exit 1: the API refuses the key" {
	api --key sk_another "$DATA/sample.jsonl"
	run -1 --separate-stderr wos-sync app.db
	[[ $stderr == *Unauthorized* ]]
	no_key <(echo "$stderr")
}

@test "sync: exit 1: no database can be there" {
	api "$DATA/sample.jsonl"
	mkdir folder.db
	for name in folder.db no/such/app.db; do
		run -1 --separate-stderr wos-sync "$name"
		[ -n "$stderr" ]
	done
	echo 'this is no database, whatever its name says' >text.db
	run -1 --separate-stderr wos-sync text.db
	[ "$(requests)" = 0 ]
}

# The verdict on a pipe, with programs that fail to order, installed as
# make install would.

# bats test_tags=slow
@test "sync: one exit status comes of three" {
	local fetch decode apply want

	fakes
	while read -r fetch decode apply want; do
		FETCH=$fetch DECODE=$decode APPLY=$apply \
		    run "-$want" bin/wos-sync app.db
		[ "$(cat applied)" = 'a line' ]
	done <<-'END'
	0 0 0 0
	0 3 0 3
	0 0 3 3
	0 3 3 3
	1 0 0 1
	2 0 0 2
	4 0 0 4
	4 3 3 4
	75 0 0 75
	75 3 3 75
	5 0 0 1
	0 1 0 1
	75 1 0 1
	4 1 3 1
	1 141 75 75
	1 1 75 75
	141 141 1 1
	0 0 1 1
	0 0 2 2
	0 127 0 1
	END
	: >ledger.db
	FETCH=0 APPLY=3 run -3 bin/wos-rebuild ledger.db
	FETCH=1 run -1 bin/wos-rebuild ledger.db
	FETCH=141 APPLY=75 run -75 bin/wos-rebuild ledger.db
}

@test "sync: a program that a signal ended is named" {
	fakes
	cat >bin/wos-decode <<-'END'
	#!/bin/sh
	kill -KILL $$
	END
	run -1 --separate-stderr bin/wos-sync app.db
	[[ $stderr == *'wos-sync: wos-decode: ended by signal 9'* ]]
	# The shell has nothing to add, in no format.
	sed '/--plan/b
		s/^cat >applied/kill -KILL $$/' bin/wos-apply >killed
	cp killed bin/wos-apply
	printf '#!/bin/sh\ncat\n' >bin/wos-decode
	: >app.db
	run -1 --separate-stderr bin/wos-sync app.db
	assert_equal "$stderr" 'wos-sync: wos-apply: ended by signal 9'
}

@test "sync: the shell that joins the programs is killed: status 1" {
	fakes
	# shellcheck disable=SC2016 # the other shell expands it
	printf '#!/bin/sh\nkill -KILL $PPID\n' >bin/wos-decode
	run -1 --separate-stderr bin/wos-sync app.db
	assert_equal "$stderr" 'wos-sync: the shell of the pipe: ended by signal 9'
	: >app.db
	FETCH=0 run -1 --separate-stderr bin/wos-rebuild app.db
	assert_equal "$stderr" 'wos-rebuild: the shell of the pipe: ended by signal 9'
}

@test "sync: what passes on the secrets is killed: status 1, and not wrong usage" {
	fakes
	WOS_SECRETS=4 run -1 --separate-stderr env -u WORKOS_API_KEY bin/wos-sync app.db 4</dev/null
	assert_equal "$stderr" 'wos-sync: the secrets are lost: what passes them on was killed'
	[ ! -e calls ]
}

@test "sync: a cursor that can't be read ends it there" {
	fakes
	READ=75 run -75 bin/wos-sync app.db
	READ=1 run -1 bin/wos-sync app.db
	run ! grep fetch calls
}

@test "sync: a later plan that fails is on record with its errors, whatever was locked" {
	fakes
	# The second plan, after the back-fill, and behind an archive's lock.
	cat >>bin/wos-apply.plan <<-'END'
	case $* in
	*--run-end*) exec cat >end ;;
	"--plan -q"*) printf 'wos-apply\t75\t0\tbusy\n' >&9; exit 75 ;;
	esac
	END
	sed -i '1r bin/wos-apply.plan' bin/wos-apply
	CURSOR=event_1 FILL=a.b run -75 bin/wos-sync --archive raw app.db
	assert_equal "$(<end)" $'wos-apply\t75\t0\tbusy'
}

@test "sync: options of the pipe's two ends" {
	fakes
	CURSOR=event_1 bin/wos-sync -v --cursor-name c app.db --max 3
	# The pipe's ends begin in any order.
	diff - <(sort calls) <<-'END'
	apply --cursor-name c --report 5 --after event_1 -v
	apply --plan --locking 9 --cursor-name c
	fetch --report 6 --rare --after event_1 --max 3
	END
	# What the cursor lacks comes first, and nothing comes if that fails.
	rm calls
	FETCH=75 CURSOR=event_1 FILL=a.b,c.d run -75 bin/wos-sync app.db --max 3
	diff - <(sort calls) <<-'END'
	apply --plan --locking 9
	apply --report 5 --fill event_1
	fetch --report 6 --max 3 --backfill a.b,c.d --probe event_1
	END
}

@test "sync: a missing program is said, whichever it is" {
	fakes
	rm bin/wos-decode
	PATH=/usr/bin:/bin run -1 --separate-stderr bin/wos-sync app.db
	[[ $stderr == *wos-decode* ]]
	[ ! -e calls ]
}

@test "sync: it is found through a link, and finds the others" {
	fakes
	mkdir links
	ln -s "$PWD/bin/wos-sync" links/first
	ln -s first links/sync
	PATH=/usr/bin:/bin links/sync app.db
	[ "$(cat applied)" = 'a line' ]
}
