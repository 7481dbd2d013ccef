# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154 # work and top are the caller's
# The steps of check, in their order: what each leaves in $work, the next has.

build=$work/build/root
root=$work/bare/root

# block WORD N: the Nth block of this language in README.md.
block() {
	awk -v word="$1" -v want="$2" '
		/^```/ { on = $0 == "```" word && ++n == want; next }
		on' "$top/README.md"
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
	version=$(sed -n 's/^VERSION = //p' "$top/Makefile")
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

# The same bytes, whatever the folder, the time zone and the language are.
twice() {
	root_open build build
	sources
	package /one TZ=UTC
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
	roots_apt "$root" python3-minimal python3 sqlite3 cron libpq5
	mkdir -p "$root/src"
	mount --bind -o ro "$top" "$root/src"
	in_root "$root" env -C /src sh packaging/debian/tests/quickstart
}

# The pipes of README.md.
readme() {
	api
	awk '/^```sh$/ { on = 1; next } /^```/ { on = 0 } on' "$top/README.md" \
	    >"$root/tmp/commands"
	mkdir -p "$root/home/reader"
	in_root "$root" env -C /home/reader WORKOS_BASE_URL="$url" \
	    WORKOS_API_KEY=sk_test_standin no_proxy=127.0.0.1 WOS_LIST=no \
	    bash -euo pipefail /tmp/commands
}
