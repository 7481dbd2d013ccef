# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154 # work is the caller's
# Roots of a bare Debian, for who sources this with `top` set to the tree's top:
# kept in ~/.cache/wos/debian (XDG_CACHE_HOME), and looked at through an overlay,
# so that nothing is left in them.  The caller is root in mount and pid namespaces of
# its own, with which all mounts and processes end.

roots_release=bookworm
roots=${XDG_CACHE_HOME:-$HOME/.cache}/wos/debian/$roots_release

# in_root ROOT COMMAND...: with nothing of this machine's environment.
in_root() {
	local root=$1

	shift
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
	    DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"
}

# in_turn COMMAND...: of the checks that use the kept packages, one at a time.
in_turn() {
	local lock status=0

	exec {lock}<"$roots/archives"
	flock "$lock"
	"$@" || status=$?
	exec {lock}<&-
	return "$status"
}

# roots_apt ROOT PACKAGE...: installs them, with the packages that are kept.
roots_apt() {
	local root=$1

	shift
	mkdir -p "$roots/archives"
	mount --bind "$roots/archives" "$root/var/cache/apt/archives"
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	in_turn in_root "$root" apt-get -q -y -o APT::Keep-Downloaded-Packages=true \
	    -o Dpkg::Use-Pty=0 install --no-install-recommends "$@" \
	    >"$work/apt.log" 2>&1 </dev/null || { cat "$work/apt.log" >&2; return 1; }
	umount "$root/var/cache/apt/archives"
}

# roots_keep NAME COMMAND...: has the command fill a folder, once; only a whole
# one gets the name.
roots_keep() {
	local new

	[[ ! -d $roots/$1 ]] || return 0
	mkdir -p "$roots"
	new=$(mktemp -d "$roots/new.XXXXXX")
	chmod 755 "$new"
	if ! "${@:2}" "$new"; then
		rm -rf --one-file-system "$new"
		return 1
	fi
	rm -rf "$new"/tmp/* && mv "$new" "$roots/$1"
}

# roots_debootstrap DIRECTORY: the least that has apt.
roots_debootstrap() {
	debootstrap --variant=minbase "$roots_release" "$1" \
	    "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$work/bootstrap.log" 2>&1 ||
		{ tail -n 5 "$work/bootstrap.log" >&2; return 1; }
	# No package starts a server here.
	printf '#!/bin/sh\nexit 101\n' >"$1/usr/sbin/policy-rc.d"
	chmod 755 "$1/usr/sbin/policy-rc.d"
}

# roots_with PACKAGE... DIRECTORY: a bare root and these.
roots_with() {
	local directory=${!#}

	cp -a "$roots/bare/." "$directory"
	roots_apt "$directory" "${@:1:$#-1}"
}

# root_open NAME KEPT: a root of this check, as the kept one is: $work/NAME/root.
root_open() {
	local over=$work/$1

	mkdir -p "$over" && mount -t tmpfs -o mode=755 tmpfs "$over" &&
		mkdir "$over/upper" "$over/work" "$over/root" || return
	if ! mount -t overlay overlay -o \
	    "lowerdir=$roots/$2,upperdir=$over/upper,workdir=$over/work" \
	    "$over/root" 2>/dev/null; then
		cp -a "$roots/$2/." "$over/root" && mount --bind "$over/root" "$over/root"
	fi
	mount -t proc proc "$over/root/proc"
}

# root_boot ROOT: starts its systemd, root_init, and waits until it is up.
root_boot() {
	local root=$1

	cat >"$work/boot" <<-END
	set -e
	mount --make-rprivate /
	umount $root/proc
	mount -t proc proc $root/proc
	mount -t sysfs -o ro sysfs $root/sys
	mount -t tmpfs -o mode=755 tmpfs $root/run
	mount -t tmpfs -o mode=755 tmpfs $root/sys/fs/cgroup
	if grep -q '^cgroup ' /proc/mounts; then
		mkdir $root/sys/fs/cgroup/systemd $root/sys/fs/cgroup/unified
		mount -t cgroup -o none,name=systemd cgroup $root/sys/fs/cgroup/systemd
		mount -t cgroup2 cgroup2 $root/sys/fs/cgroup/unified
	else
		mount -t cgroup2 cgroup2 $root/sys/fs/cgroup
	fi
	mount --bind $work/console $root/dev/console
	# From a chroot no user namespace can be made, and credentials are mounts
	# that have to propagate.
	mkdir $root/run/old
	cd $root
	pivot_root . run/old
	umount -l run/old
	mount --make-rshared /
	exec env -i container=wos PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    /lib/systemd/systemd --system --log-target=console
	END
	: >"$work/console"
	unshare --mount --pid --ipc --uts --cgroup --fork --kill-child sh "$work/boot" \
	    </dev/null >"$work/boot.log" 2>&1 &
	root_init=$!
	until_true root_is_up
}

root_is_up() {
	local state

	root_booted=$(<"/proc/$root_init/task/$root_init/children") || return
	root_booted=${root_booted%% *}
	[[ $root_booted ]] || return
	state=$(booted systemctl is-system-running 2>/dev/null) || :
	[[ $state == running || $state == degraded ]]
}

# booted COMMAND...: in the root that has been booted.
booted() {
	nsenter -t "$root_booted" -m -p -u -i -r -w env -i \
	    PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"
}

# until_true COMMAND...: waits for it, for three minutes at most: two for cron,
# which looks once a minute.
until_true() {
	local end=$((SECONDS + 180))

	until "$@"; do
		((SECONDS < end)) || {
			echo "not in three minutes: $*" >&2
			return 1
		}
		sleep 0.2
	done
}
