# SPDX-License-Identifier: MIT
# What make install brings and packages ship: the files, how they are built, the
# units, and the examples.  make check-deb installs the Debian package, and
# runs what is here in a bare Debian.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# output is run's

load helper

# A service manager.

# listen: starts one that listens on $NOTIFY_SOCKET, and writes to ./heard.
listen() {
	export NOTIFY_SOCKET=$PWD/notify
	"$ROOT/test/packages/listen" notify >heard 3>&- &
	STARTED+=($!)
	until_true grep -q listening heard
}

@test "follow: the service manager hears that it has started, and is in step" {
	api_start "$DATA/sample.jsonl"
	listen
	wos-sync --follow=1 app.db 3>&- &
	STARTED+=($!)
	until_true grep -q 'end seen' heard
	run -0 sed -n 2p heard
	assert_output --regexp '^READY=1\|STATUS=[0-9]+ events applied, 0 parked; '
	run -0 grep -m 1 'end seen' heard
	assert_output --regexp '15 events applied, 0 parked; end seen 20..-..-..T'
}

@test "follow: a stream without events is a start, too, and what it asks for is no matter" {
	api_start "$DATA/sample.jsonl"
	wos-sync app.db
	listen
	wos-sync --follow=1 app.db --events 'vault.*' 3>&- &
	STARTED+=($!)
	until_true grep -q 'READY=1.*0 events applied, 0 parked; end seen' heard
}

@test "follow: a wrong socket is no matter" {
	api_start "$DATA/sample.jsonl"
	NOTIFY_SOCKET=$PWD/nobody run -0 --separate-stderr wos-sync app.db
	assert_output ''
	NOTIFY_SOCKET=/$(printf '%0200d' 0) run -0 wos-sync app.db
	NOTIFY_SOCKET=relative run -0 wos-sync app.db
}
