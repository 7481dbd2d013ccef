# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154 # work and top are the caller's
# The steps of check, in their order: what each leaves in $work, the next has.

build=$work/build/root
root=$work/bare/root
version=$(sed -n 's/^VERSION = //p' "$top/Makefile")

# block WORD: all that README.md has in this language.
block() {
	awk -v begin="\`\`\`$1" '/^```/ { on = $0 == begin; next } on' "$top/README.md"
}

# api: starts the stand-in, for this step; sets url.
api() {
	coproc exec python3 -B "$top/test/api/workos-api" \
	    --before "$top/test/data/before.jsonl" "$top/test/data/sample.jsonl"
	api=$COPROC_PID
	trap 'kill $api' EXIT
	read -r -t 30 url <&"${COPROC[0]}"
}

# sources: the archive, as Debian calls it, and what it has.
sources() {
	mkdir -p "$build/tmp/sources"
	# shellcheck disable=SC2016 # the inner shell expands it
	"$top/test/in-copy" sh -c 'cp -R . "$1"' sh "$build/tmp/sources/wos-$version"
	tar -C "$build/tmp/sources" --sort=name --owner=0 --group=0 --numeric-owner \
	    --mtime=@0 -czf "$build/tmp/wos_$version.orig.tar.gz" "wos-$version"
}

# package FOLDER ENVIRONMENT...: makes it there, without the network.
package() {
	local folder=$1

	shift
	mkdir -p "$build$folder"
	cp "$build/tmp/wos_$version.orig.tar.gz" "$build$folder"
	tar -C "$build$folder" -xzf "$build$folder/wos_$version.orig.tar.gz"
	cp -R "$build$folder/wos-$version/packaging/debian" "$build$folder/wos-$version"
	in_root "$build" env -C "$folder/wos-$version" "$@" \
	    dpkg-buildpackage -us -uc -j2
}

made() {
	root_open build build
	sources
	package /one TZ=UTC
}

# The same bytes, whatever the folder, the time zone and the language are.
again() {
	package /another/folder/deep TZ=Pacific/Auckland LANG=C
	(cd "$build/one" && sha256sum -- *.deb *.dsc *.debian.tar.xz) >"$work/sums"
	[[ $(grep -c '\.deb$' "$work/sums") == 2 ]]
	cat "$work/sums"
	(cd "$build/another/folder/deep" && sha256sum -c "$work/sums")
}

lint() {
	in_root "$build" sh -c 'lintian --allow-root --pedantic \
	    --fail-on error,warning,info,pedantic /one/*.changes'
}

# Installed where there is nothing but what it asks for.
bare() {
	root_open bare bare
	cp "$build"/one/wos_*.deb "$root/tmp/wos.deb"
	roots_apt "$root" /tmp/wos.deb
	for name in wos-fetch wos-decode wos-apply wos-otlp wos-sync wos-status; do
		in_root "$root" "$name" --version
	done
	# What its scripts have made, and whom it is for.
	[[ $(in_root "$root" stat -c '%U:%G %a' /var/lib/wos /etc/wos) == \
	    $'wos:wos 750\nroot:root 755' ]]
	[[ ! -e $root/etc/systemd/system/timers.target.wants/wos-sync.timer ]]
}

quickstart() {
	roots_apt "$root" curl cron libpq5 python3 sqlite3
	mkdir -p "$root/src"
	mount --bind -o ro "$top" "$root/src"
	in_root "$root" env -C /src sh packaging/debian/tests/quickstart
}

# The pipes of README.md.
readme() {
	api
	block sh >"$root/tmp/commands"
	mkdir -p "$root/home/reader"
	in_root "$root" env -C /home/reader WORKOS_BASE_URL="$url" \
	    WORKOS_API_KEY=sk_test_standin no_proxy=127.0.0.1 WOS_LIST=no \
	    bash -euo pipefail /tmp/commands
}

# rows FILE: this database of the user wos has the stand-in's events.
rows() {
	[[ -s $root/var/lib/wos/$1 ]] || return
	[[ $(in_root "$root" sqlite3 -readonly "/var/lib/wos/$1" \
	    'SELECT count(*) FROM events_cursor' 2>/dev/null) == 15 ]]
}

# key NAME: puts the key there as README.md says.
key() {
	local line

	line=$(block bash | grep '^install .*/etc/wos/workos.key')
	line=${line%%#*}
	echo sk_test_standin | in_root "$root" sh -c "${line/workos.key/$1}"
}

archived() {
	cmp -s "$top/test/data/sample.jsonl" "$root"/var/lib/wos/raw/????-??-??.jsonl
}

# The line of README.md, by cron: but for the minute, at which nobody can wait.
cron() {
	local lines

	api
	rm -rf "$root"/var/lib/wos/*
	key workos.key
	lines=$(block crontab)
	[[ $lines == *$'\n*/5 * * * * '* ]]
	printf 'WORKOS_BASE_URL=%s\n%s\n' "$url" "${lines/'*/5'/'*'}" |
		in_root "$root" crontab -u wos -
	in_root "$root" cron -f &
	trap 'kill $! $api' EXIT
	until_true rows app.db
	until_true archived
	in_root "$root" crontab -u wos -r
	[[ $(in_root "$root" stat -c '%U:%G %a' /var/lib/wos/app.db) == 'wos:wos 640' ]]
	rm -rf "$root"/var/lib/wos/*
}

# What systemd thinks of the units, without being there; and of the examples.
verify() {
	local name units=() made

	made=("$top"/packaging/systemd/wos-*.{service.in,timer})
	cd "$root/lib/systemd/system" || return
	for name in wos-*; do
		units+=("${name/@./@staging.}")
	done
	# Each of them is there as a template, too.
	((${#units[@]} == 2 * ${#made[@]}))
	cd / || return
	for name in postgresql metrics ping failure; do
		install -D -m 644 "$top/packaging/examples/$name.conf" \
		    "$root/etc/systemd/system/wos-sync.service.d/$name.conf"
	done
	install -m 644 "$top"/packaging/examples/wos-*.service \
	    "$root/etc/systemd/system"
	in_root "$root" systemd-analyze verify --man=no "${units[@]}" >"$work/verified" 2>&1
	cat "$work/verified"
	[[ ! -s $work/verified ]]
	rm -r "$root"/etc/systemd/system/wos-*
	# From 0, confined, to 100, not at all.
	for name in "${units[@]}"; do
		[[ $name == *.timer ]] ||
			in_root "$root" systemd-analyze security --offline=true \
			    --no-pager --threshold=15 "$name" | tail -n 1
	done
}

# status_says TEXT: what wos-follow has told systemd of itself.
status_says() {
	[[ $(booted systemctl show -P StatusText wos-follow) == *$1* ]]
}

# finished UNIT: it has run, and well.
finished() {
	booted systemctl show "$1" | sort >"$work/shown"
	grep -qx ActiveState=inactive "$work/shown" &&
		grep -qx Result=success "$work/shown" &&
		grep -qx ExecMainStatus=0 "$work/shown"
}

# leave PID...: ends them, and says what the units have said.
leave() {
	local status=$?

	((status == 0)) || booted journalctl --no-pager -n 40 -b -t wos-sync -t wos-apply -t wos-fetch -t systemd || :
	kill "$@"
	return "$status"
}

# enable UNIT: as README.md says.
enable() {
	block bash | grep "enable --now $1" >"$root/tmp/enable"
	booted bash -eux /tmp/enable
}

# The units, by systemd.
units() {
	api
	rm -f "$root"/etc/wos/*
	# A minute after it has been booted is too long for a test.
	mkdir -p "$root/etc/systemd/system/wos-sync.timer.d"
	printf '[Timer]\nOnBootSec=\nOnBootSec=1s\nRandomizedDelaySec=0\n' \
	    >"$root/etc/systemd/system/wos-sync.timer.d/soon.conf"
	root_boot "$root"
	trap 'leave $root_init $api' EXIT
	echo "WORKOS_BASE_URL=$url" >"$root/etc/wos/workos.conf"

	# Without a key there is nothing to do.
	booted systemctl start wos-sync.service
	[[ $(booted systemctl show -P ConditionResult wos-sync) == no ]]
	[[ ! -e $root/var/lib/wos/app.db ]]
	booted sh -c "$(block bash | grep ^systemd-sysusers)"
	key workos.key

	enable wos-sync.timer
	until_true rows app.db
	until_true finished wos-sync
	[[ $(booted stat -c '%U:%G %a' /var/lib/wos/app.db) == 'wos:wos 640' ]]

	enable wos-follow.service
	booted systemctl is-active wos-follow
	until_true status_says 'end seen'
	[[ $(booted systemctl show -P ActiveState wos-sync.timer) == inactive ]]
	booted systemctl stop wos-follow
	[[ $(booted systemctl show -P Result wos-follow) == success ]]

	enable wos-verify.timer
	booted systemctl start wos-verify wos-prune
	booted systemctl disable wos-sync.timer wos-follow wos-verify.timer
}

# dropped UNIT EXAMPLE: the example is the unit's drop-in.
dropped() {
	install -D -m 644 "$top/packaging/examples/$2.conf" \
	    "$root/etc/systemd/system/$1.d/$2.conf"
}

# environment NAME: another one, with a key and variables of its own.
environment() {
	key "$1.key"
	echo "WORKOS_BASE_URL=$url" >"$root/etc/wos/$1.conf"
}

# Another environment, a run that is told to somebody, and one that fails.
instance() {
	api
	exec {web}< <(exec python3 -u -m http.server --bind 127.0.0.1 0 2>"$work/web.log")
	web_pid=$!
	trap 'leave $root_init $api $web_pid' EXIT
	read -r -t 30 line <&"$web"
	[[ $line =~ port\ ([0-9]+) ]]
	echo "url = \"http://127.0.0.1:${BASH_REMATCH[1]}/ping\"" >"$root/etc/wos/ping"
	chmod 600 "$root/etc/wos/ping"
	dropped wos-sync@staging.service ping
	dropped wos-sync@staging.service failure
	install -m 644 "$top/packaging/examples/wos-ping.service" \
	    "$root/etc/systemd/system"
	printf '[Service]\nType=oneshot\nExecStart=touch /run/failed-%%i\n' \
	    >"$root/etc/systemd/system/wos-failed@.service"
	root_boot "$root"
	environment staging

	booted systemctl start wos-sync@staging
	rows staging.db
	until_true grep 'GET /ping' "$work/web.log"
	: >"$work/web.log"

	# A wrong key: the run fails, somebody hears of it, and it is no ping.
	echo sk_another >"$root/etc/wos/staging.key"
	if booted systemctl start wos-sync@staging; then return 1; fi
	until_true booted test -e /run/failed-wos-sync@staging.service
	if grep 'GET /ping' "$work/web.log"; then return 1; fi
}

# server: a PostgreSQL that asks for a password, on $port; or returns 1.
server() {
	local bin

	bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
	[[ -x $bin/initdb ]] || return 1
	port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	install -d -o postgres "$work/pg"
	echo geheim >"$work/pg/password"
	(
		cd "$work/pg" || exit
		runuser -u postgres -- "$bin/initdb" -D data -U wos -A scram-sha-256 \
		    --pwfile password --no-sync >/dev/null
		printf "%s\n" "listen_addresses='127.0.0.1'" "port=$port" fsync=off \
		    "unix_socket_directories=''" >>data/postgresql.conf
		runuser -u postgres -- "$bin/pg_ctl" -D data -l "$work/pg/log" -w start \
		    >/dev/null
	)
}

# A password that only systemd can read.
password() {
	local query="PGPASSWORD=geheim psql -XAtq -h 127.0.0.1 -U wos"

	server || { echo 'there is no PostgreSQL server here'; return 0; }
	api
	query+=" -p $port"
	sh -c "$query postgres -c 'CREATE DATABASE app'"
	sh -c "$query app -c 'CREATE SCHEMA workos'"
	sed -e "s/^host=.*/host=127.0.0.1\nport=$port/" -e s/=secret/=geheim/ \
	    -e '/^sslmode/d' "$top/packaging/examples/pg_service.conf" \
	    >"$root/etc/wos/pg_service.conf"
	chmod 600 "$root/etc/wos/pg_service.conf"
	dropped wos-sync@pg.service postgresql
	root_boot "$root"
	trap 'leave $root_init $api' EXIT
	environment pg
	booted systemctl start wos-sync@pg
	[[ $(sh -c "$query app -c 'SELECT count(*) FROM workos.events_cursor'") == 15 ]]
}
