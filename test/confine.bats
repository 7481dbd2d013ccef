# SPDX-License-Identifier: MIT
# What each program gives up before it reads a byte from outside.  A probe that
# is preloaded into it tries, from inside, at its end, what an intruder would.

# shellcheck disable=SC2030,SC2031 # each test is a shell of its own
# shellcheck disable=SC2154	# output is run's

load helper
load fetch
load trace

setup_file() {
	# shellcheck disable=SC2086 # it may have options
	${CC:-cc} -D_GNU_SOURCE -shared -fPIC -pthread \
	    -o "$BATS_FILE_TMPDIR/probe.so" "$BATS_TEST_DIRNAME/confine/probe.c"
}

setup() {
	wos_setup
	[[ $(uname -s) == Linux ]] || skip 'it is tried on Linux alone'
	[[ ${WOS_SANDBOX-} != off ]] || skip 'WOS_SANDBOX=off'
	mkdir secrets
	echo secret >secrets/key
}

# probed PROGRAM...: the command runs with the probe in it, which looks at files
# that it has no business with.
probed() {
	PROBE=$PWD/probe.$1 PROBE_READ=$PWD/secrets/key \
	    PROBE_WRITE=$PWD/secrets/new PROBE_CHANGE=$PWD/secrets/key \
	    LD_PRELOAD=$BATS_FILE_TMPDIR/probe.so "$@"
}

# found PROGRAM: what the probe has found there, a word each.
found() {
	sed -n "s/^$1 //p" "probe.$1" | xargs
}

NO_FILES='read EACCES write EACCES change EACCES access EPERM type EPERM'
NO_NETWORK='socket EPERM pair EPERM'
NO_SERVER='socket done bind EACCES listen EPERM pair done'
NO_PROCESS='fork EPERM exec EPERM world EPERM'
NO_PROGRAM='fork done exec EACCES world EPERM'
THE_REST='memory EPERM thread done let through: nothing'

needs_landlock() {
	run -0 --separate-stderr wos-decode -v </dev/null
	[[ $stderr == *Landlock* ]] || skip 'this kernel has no Landlock'
}

@test "confine: without it the probe gets everything" {
	WOS_SANDBOX=off probed wos-decode <"$DATA/sample.jsonl" >/dev/null
	run -0 found wos-decode
	assert_output --partial "read done write done change done access done type done $(
	)socket done bind done listen done pair done fork done exec done"
	assert_output --partial 'memory done thread done let through: '
	refute_output --partial 'nothing'
}

@test "confine: wos-decode has no files, no network and no processes" {
	needs_landlock
	probed wos-decode <"$DATA/sample.jsonl" >got
	wos-decode <"$DATA/sample.jsonl" | diff - got
	assert_equal "$(found wos-decode)" \
	    "$NO_FILES $NO_NETWORK $NO_PROCESS $THE_REST"
}

@test "confine: nor has wos-decode with files, which it reads" {
	needs_landlock
	mkfifo pipe
	cat "$DATA/sample.jsonl" >pipe 3>&- &
	STARTED+=("$!")
	probed wos-decode "$DATA/sample.jsonl" pipe <(cat "$DATA/sample.jsonl") >got
	wos-decode "$DATA"/{sample,sample,sample}.jsonl | diff - got
	assert_equal "$(found wos-decode)" \
	    "$NO_FILES $NO_NETWORK $NO_PROCESS $THE_REST"
}

@test "confine: nor has a jq program, which still knows the time zone" {
	needs_landlock
	event=$(head -n 1 "$DATA/sample.jsonl")
	for zone in UTC Asia/Kathmandu; do
		[[ -e /usr/share/zoneinfo/$zone ]] || continue
		for sandbox in on off; do
			TZ=$zone WOS_SANDBOX=$sandbox wos-decode --jq \
			    '.data.name = (0 | strflocaltime("%H:%M %Z"))' \
			    <<<"$event" >"$sandbox"
		done
		diff on off
	done
}

@test "confine: wos-fetch reaches the network, and nothing else" {
	needs_landlock
	api "$DATA/sample.jsonl"
	probed wos-fetch >got
	fetched got
	assert_equal "$(found wos-fetch)" \
	    "$NO_FILES $NO_SERVER $NO_PROCESS $THE_REST"
}

@test "confine: wos-fetch --from has its files alone" {
	needs_landlock
	probed wos-fetch --from "$DATA/sample.jsonl" >got
	fetched got
	assert_equal "$(found wos-fetch)" \
	    "$NO_FILES $NO_NETWORK $NO_PROCESS $THE_REST"
}

@test "confine: wos-apply has the folder of its database" {
	needs_landlock
	mkdir data
	wos-decode <"$DATA/sample.jsonl" >sql
	probed wos-apply data/app.db <sql
	assert_equal "$(found wos-apply)" \
	    "$NO_FILES $NO_NETWORK $NO_PROGRAM $THE_REST"
	for question in --cursor --status --export --parked; do
		rm probe.wos-apply
		probed wos-apply "$question" data/app.db
		assert_equal "$(found wos-apply)" \
		    "$NO_FILES $NO_NETWORK $NO_PROCESS $THE_REST"
	done >/dev/null
}

@test "confine: wos-apply follows a link to its database" {
	needs_landlock
	mkdir data
	ln -s data/real.db app.db
	ln -s app.db again.db
	wos-decode <"$DATA/sample.jsonl" | probed wos-apply again.db
	[[ $(sql data/real.db 'SELECT count(*) FROM events_cursor') -gt 0 ]]
	assert_equal "$(found wos-apply)" \
	    "$NO_FILES $NO_NETWORK $NO_PROGRAM $THE_REST"
}

# bats test_tags=slow
@test "confine: wos-apply makes a large index where its database is" {
	needs_landlock
	# TMPDIR is no place any more.
	"$ROOT/test/api/make-world" 3000 | wos-decode |
	    TMPDIR=/nowhere SQLITE_TMPDIR=$PWD/secrets wos-apply app.db
	assert_equal "$(sql app.db 'PRAGMA integrity_check')" ok
	rmdir secrets 2>/dev/null || assert_equal "$(ls secrets)" key
}

@test "confine: wos-apply starts wos-decode, which is confined as well" {
	needs_landlock
	mkdir data
	echo '{}' | wos-decode 2>/dev/null | wos-apply data/app.db || [ $? -eq 3 ]
	probed wos-apply --parked-retry data/app.db || [ $? -eq 3 ]
	assert_equal "$(found wos-apply)" \
	    "$NO_FILES $NO_NETWORK $NO_PROGRAM $THE_REST"
}

@test "confine: wos-apply reaches its server, and nothing else" {
	needs_landlock
	DBKIND=postgres newdb pg
	wos-decode <"$DATA/sample.jsonl" | probed wos-apply "$pg"
	assert_equal "$(found wos-apply)" \
	    "$NO_FILES $NO_SERVER $NO_PROGRAM $THE_REST"
}

# elsewhere COMMAND...: where /etc/resolv.conf is a link out of /etc, and passwd says
# that home is $PWD/home.
elsewhere() {
	mkdir -p etc run home
	cp /etc/{ld.so.cache,hosts,nsswitch.conf} etc
	echo nameserver 127.0.0.1 >run/resolv.conf
	ln -sf "$PWD/run/resolv.conf" etc/resolv.conf
	echo "root:x:0:0::$PWD/home:/bin/sh" >etc/passwd
	# shellcheck disable=SC2016 # it is for that shell
	unshare --user --map-root-user --mount bash -c \
	    'mount --bind etc /etc && exec "$@"' bash "$@"
}

@test "confine: the servers of names, .pgpass, certificates and tickets may be anywhere" {
	needs_landlock
	elsewhere true || skip 'no namespaces here'
	export KRB5CCNAME=FILE:$PWD/tickets
	echo ticket >tickets
	echo 'x:1:x:x:x' >home/.pgpass
	mkdir home/.postgresql
	ln -s ../../secrets/key home/.postgresql/root.crt
	for file in /etc/resolv.conf "$PWD/home/.pgpass" "$PWD/tickets" \
	    "$PWD/home/.postgresql/root.crt"; do
		PROBE=$PWD/probe.out PROBE_READ=$file \
		    LD_PRELOAD=$BATS_FILE_TMPDIR/probe.so elsewhere \
		    env -u HOME wos-apply --cursor postgres://u@127.0.0.1:1/x || [ $? -eq 75 ]
		assert_equal "$(sed -n 's/^wos-apply read //p' probe.out)" 'done'
		rm probe.out
	done
}

@test "confine: wos-otlp itself is confined, the command is not" {
	needs_landlock
	collector
	mkdir tmp
	TMPDIR=$PWD/tmp probed wos-otlp sh -c 'cat secrets/key' >got
	grep -q secret got
	assert_equal "$(found wos-otlp)" \
	    "$NO_FILES $NO_SERVER fork done exec EPERM world EPERM $THE_REST"
}

@test "confine: -v says how far it goes, WOS_SANDBOX=off turns it off" {
	for program in wos-decode wos-fetch wos-apply; do
		args=()
		[[ $program != wos-fetch ]] || args=(--from -)
		[[ $program != wos-apply ]] || args=(app.db)
		run -0 --separate-stderr "$program" -v "${args[@]}" </dev/null
		[[ $stderr == *"$program: confined: "* ]]
		WOS_SANDBOX=off run -0 --separate-stderr "$program" -v "${args[@]}" \
		    </dev/null
		[[ $stderr == *"$program: not confined: WOS_SANDBOX=off"* ]]
		WOS_SANDBOX=of run -2 "$program" "${args[@]}" </dev/null
		assert_output --partial 'WOS_SANDBOX: of: neither on nor off'
	done
}
