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

# What is installed.

# into COMMAND...: make, with ./root for a system's root.
into() {
	alone make -s -C "$ROOT" DESTDIR="$PWD/root" "$@"
}

installed() {
	(cd root && find . ! -type d | sort)
}

# bats test_tags=slow
@test "install: the licence, the schema, examples, and uninstall takes all of it away" {
	local name

	into install
	for name in doc/wos/LICENSE doc/wos/NEWS doc/wos/README.md \
	    wos/schema/sqlite.sql wos/schema/postgres.sql wos/schema/schema.svg \
	    wos/schema/cookbook/03-seats.sql wos/wos-alerts.yml \
	    wos/wos-grafana.json doc/wos/examples/{crontab,Dockerfile,compose.yaml}; do
		[ -s "root/usr/local/share/$name" ]
	done
	# What anybody may read, and nobody may change.
	run -0 find root ! -type l \( -perm /022 -o ! -perm -444 \)
	assert_output ''

	# It is gone, without what was there before.
	mkdir -p root/usr/local/share/wos
	echo mine >root/usr/local/share/wos/mine
	echo mine >root/usr/local/bin/mine
	into uninstall
	run -0 installed
	assert_output $'./usr/local/bin/mine\n./usr/local/share/wos/mine'
	[ ! -e root/usr/local/share/doc/wos ]
	into uninstall # and nothing is missed
}

# bats test_tags=slow
@test "install: names with spaces, under any umask, and uninstall again" {
	local prefix="/opt/my 100% prefix"

	mkdir "a root"
	(umask 077 && alone make -s -C "$ROOT" install DESTDIR="$PWD/a root" PREFIX="$prefix")
	run -0 find "a root$prefix" ! -type l \( -perm /022 -o ! -perm -444 \)
	assert_output ''
	run -0 "a root$prefix/bin/wos" sync --version
	grep -q '^ExecStart="/opt/my 100%% prefix/bin/wos-sync" --resume' \
	    "a root$prefix/lib/systemd/system/wos-sync.service"
	alone make -s -C "$ROOT" uninstall DESTDIR="$PWD/a root" PREFIX="$prefix"
	run -0 find "a root" ! -type d
	assert_output ''
	run -0 find "a root" -name 'wos*'
	assert_output ''
}

# bats test_tags=slow
@test "make: in a folder whose name has a space" {
	mkdir "my projects"
	cp -R "$ROOT/Makefile" "$ROOT/common" "$ROOT/schema" "my projects"
	rm -f "my projects/common/log.o"
	alone make -s -C "my projects" common/log.o
	[ -s "my projects/common/log.o" ]
	run ! grep -a 'my projects' "my projects/common/log.o"
}

# bats test_tags=slow
@test "install-strip: programs without symbols, that work" {
	into install-strip PREFIX=/usr
	run nm root/usr/bin/wos-decode
	assert_output --partial 'no symbols'
	root/usr/bin/wos-decode --version
	[ -x root/usr/bin/wos-sync ]
}

# compiles VARIABLE=VALUE...: how a file would be compiled with this environment.
compiles() {
	alone env -u CFLAGS -u CPPFLAGS "$@" make -n -B -C "$ROOT" common/log.o | grep -e ' -c '
}

@test "make: the environment's flags count, and its _FORTIFY_SOURCE is kept" {
	run -0 compiles
	assert_output --partial ' -O2 -g '
	assert_output --partial ' -D_FORTIFY_SOURCE=3 '
	run -0 compiles CFLAGS='-O1 -DMINE' CPPFLAGS=-DTOO
	assert_output --partial ' -O1 -DMINE '
	assert_output --partial ' -DTOO '
	refute_output --partial ' -O2 '
	for flags in -D_FORTIFY_SOURCE=2 '-Wp,-U_FORTIFY_SOURCE -Wp,-D_FORTIFY_SOURCE=2'; do
		run -0 compiles CPPFLAGS="$flags"
		refute_output --partial '_FORTIFY_SOURCE=3'
	done
	# Without an optimizer it would be a warning.
	run -0 compiles CFLAGS=-O0
	refute_output --partial _FORTIFY_SOURCE
}

# bats test_tags=slow
@test "dist: two clones make the same bytes, and the list of parts is true" {
	local name

	type -P git >/dev/null || skip 'there is no git'
	# shellcheck disable=SC2016 # the inner shell expands it
	alone "$ROOT/test/in-copy" sh -c 'cp -R . "$1"' sh "$PWD/one"
	(
		cd one
		rm -rf .git
		git init -q
		git add -A
		git -c user.name=a -c user.email=a@example.com commit -qm one
	)
	git clone -q one two
	touch -d '2001-01-01' two/*
	alone make -s -C one dist
	TZ=Asia/Tokyo alone make -s -C two dist
	diff -r one/dist two/dist
	cd one/dist
	sha256sum -c SHA256SUMS
	set -- wos-*.tar.gz
	assert_equal "$#" 1
	tar -xzf "$1"
	name=${1%.tar.gz}
	[ -x "$name/scripts/quickstart" ]
	jq -e --arg version "${name#wos-}" '.spdxVersion == "SPDX-2.3" and
	    .packages[0].versionInfo == $version' "$name.spdx.json"
	# Of each file the sum, and of all of them the package's.
	jq -r '.files[] | "\(.checksums[1].checksumValue)  \(.fileName)"' \
	    "$name.spdx.json" >sums
	assert_equal "$(wc -l <sums)" "$(find "$name" -type f | wc -l)"
	(cd "$name" && sha256sum --quiet -c ../sums)
	# An unpacked archive is no clone, though it lies in one.
	run ! alone make -s -C "$name" dist
	assert_line 'dist: needs a clone of the repository: it packs what a commit has'
	[ ! -e "$name/dist" ]
	run -0 jq -r '.packages[0].packageVerificationCode[]' "$name.spdx.json"
	assert_output "$(find "$name" -type f -exec sha1sum {} + | cut -d ' ' -f 1 |
		sort | tr -d '\n' | sha1sum | cut -d ' ' -f 1)"

	# What no commit has is in no release.
	cd ../../two
	echo more >>NEWS
	run ! alone make -s dist
	assert_output --partial 'no commit has'
}

# The units: make check-deb runs them.

@test "units: one for app.db, one for each name, and all are confined" {
	local unit

	mkdir units
	"$ROOT/packaging/systemd/install" /opt/bin units
	run -0 ls units
	assert_output "$(printf '%s\n' wos-follow{,@}.service \
	    wos-{sync,verify,prune}{,@}.{service,timer} | sort)"
	run ! grep -r '@[A-Z]*@' units
	for unit in units/*.service; do
		grep -qx 'User=wos' "$unit"
		grep -qx 'ProtectSystem=strict' "$unit"
		[[ $unit == */wos-prune* ]] || # which needs no key
			grep -q '^ExecStart=/opt/bin/wos-[a-z]* .*{CREDENTIALS_DIRECTORY}' "$unit"
	done
	grep -qx 'ConditionPathExists=/etc/wos/workos.key' units/wos-sync.service
	grep -qx 'ConditionPathExists=/etc/wos/%i.key' units/wos-sync@.service
	grep -qx 'Conflicts=wos-follow@%i.service' units/wos-sync@.service
}

# Recipes of other systems, and examples.

@test "recipes: all are of this version" {
	local file version

	version=$(sed -n 's/^VERSION = //p' "$ROOT/Makefile")
	for file in wos.spec APKBUILD PKGBUILD wos.rb default.nix debian/changelog \
	    kubernetes.yaml; do
		grep -qF "${version}" "$ROOT/packaging/$file" || fail "$file"
	done
}

# packaged RECIPE FOLDER: has the recipe's own function install there.  Who may
# own what is for root to say.
packaged() {
	# shellcheck disable=SC2016 # the inner shell expands it
	alone MAKEFLAGS=-s bash -euc '
		install() { [[ $* == *"-o wos"* ]] || command install "$@"; }
		. "$1"
		pkgdir=$2
		package' bash "$ROOT/packaging/$1" "$2"
}

# bats test_tags=slow
@test "recipes: Arch's and Alpine's have what make install brings" {
	ln -s "$ROOT" "wos-$(sed -n 's/^VERSION = //p' "$ROOT/Makefile")"
	into install PREFIX=/usr
	packaged PKGBUILD "$PWD/arch"
	diff <(installed) <(cd arch && find . ! -type d | grep -v /licenses/ | sort)
	[ -s arch/usr/share/licenses/wos/LICENSE ]
	cd "$ROOT"
	packaged APKBUILD "$BATS_TEST_TMPDIR/alpine"
	cd "$BATS_TEST_TMPDIR"
	diff <(installed | grep -v '/usr/lib/') <(cd alpine && find . ! -type d | sort)
	[ -d alpine/etc/wos ]
}

# bats test_tags=slow
@test "recipes: Homebrew's installs, and passes its own test" {
	type -P ruby >/dev/null || return 0
	cat >homebrew.rb <<-'END'
	require "pathname"
	require "fileutils"
	class Formula
	  include FileUtils
	  def self.method_missing(*) = nil
	  def self.test(&block) = block ? define_method(:try, &block) : nil
	  def self.service(&block) = nil
	  def prefix = Pathname.new(ENV["HERE"]) + "cellar"
	  def bin = prefix + "bin"
	  def man = prefix + "share/man"
	  def version = "0.2.0"
	  def system(*words, **how) = Kernel.system(*words.map(&:to_s), **how) || exit(1)
	  def shell_output(text) = `#{text}`
	  def assert_match(want, got) = got.include?(want) || exit(1)
	end
	load ARGV[0]
	formula = Wos.new
	Dir.chdir(ARGV[1]) { formula.install }
	formula.try
	END
	HERE=$PWD alone ruby homebrew.rb "$ROOT/packaging/wos.rb" "$ROOT"
	[ -x cellar/bin/wos-sync ]
	[ -s cellar/share/man/man7/wos.7 ]
	[ ! -e cellar/lib ]
	[ -s app.db ]
}

# started WORD...: wos-sync as an example starts it, with the key beside it.
started() {
	assert_equal "${1##*/}" wos-sync
	shift
	echo "$API_KEY" >workos.key
	unset WORKOS_API_KEY
	wos-sync "${@//\/run\/secrets\/wos\//}"
	run -0 sql app.db 'SELECT count(*) FROM "user"'
	assert_output 2
}

@test "examples: what macOS' agent starts" {
	local words

	api_start "$DATA/sample.jsonl"
	mapfile -t words < <(python3 -c 'import plistlib, sys
agent = plistlib.load(open(sys.argv[1], "rb"))
assert agent["StartInterval"] == 300 and agent["Umask"] == 0o27
print("\n".join(agent["ProgramArguments"]))' "$ROOT/packaging/examples/wos-sync.plist")
	started "${words[@]}"
}

@test "examples: what the CronJob starts, without rights" {
	local words

	python3 -c 'import yaml' 2>/dev/null || return 0
	api_start "$DATA/sample.jsonl"
	mapfile -t words < <(python3 - "$ROOT/packaging/kubernetes.yaml" <<-'END'
	import sys, yaml
	claim, job = yaml.safe_load_all(open(sys.argv[1]))
	assert (claim["kind"], job["kind"]) == ("PersistentVolumeClaim", "CronJob")
	spec = job["spec"]
	pod = spec["jobTemplate"]["spec"]["template"]["spec"]
	box, = pod["containers"]
	assert spec["concurrencyPolicy"] == "Forbid"
	assert pod["securityContext"]["runAsNonRoot"] is True
	assert box["securityContext"]["readOnlyRootFilesystem"] is True
	assert box["securityContext"]["capabilities"]["drop"] == ["ALL"]
	mounted = {m["name"] for m in box["volumeMounts"]}
	assert mounted == {v["name"] for v in pod["volumes"]}
	assert pod["volumes"][0]["persistentVolumeClaim"]["claimName"] == \
	    claim["metadata"]["name"]
	print("wos-sync", *box["args"], sep="\n")
	END
	)
	started "${words[@]}"
}

@test "examples: the files that compose.yaml names are there, or secrets" {
	local file

	grep -oE 'file: [^}]*' "$ROOT/packaging/compose.yaml" | sed 's/file: //' >named
	[ "$(wc -l <named)" -ge 5 ]
	while read -r file; do
		case $file in
		workos.key | postgres.password | pg_service.conf) ;;
		*) [ -s "$ROOT/$file" ] || fail "$file" ;;
		esac
	done <named
	cmp "$ROOT/packaging/examples/crontab" - < <(
		echo '# SPDX-License-Identifier: MIT'
		echo '# The crontab of the user wos: crontab -u wos crontab'
		awk '/^```crontab$/ { on = 1; next } /^```/ { on = 0 } on' "$ROOT/README.md"
	)
}

# bats test_tags=slow
@test "static: what the libraries allow, and a word of what they don't" {
	local made

	mkdir static
	# shellcheck disable=SC2016 # the inner shell expands it
	"$ROOT/test/in-copy" sh -uc 'packaging/static; cp -R dist/static/. "$1"' sh \
	    "$PWD/static" 2>said
	made=$(find static -type f | wc -l)
	assert_equal "$(grep -c '^static: wos-[a-z]*: not here: -l' said)" $((3 - made))
	if [ -e static/wos-apply ]; then
		wos-decode "$DATA/sample.jsonl" | static/wos-apply app.db
		run ! grep INTERP <(readelf -lW static/wos-apply)
	fi
}
