# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154 # work, top and url are the caller's
# packaging/Dockerfile without a registry: its instructions are followed in bare
# roots, and what it starts is run as `docker run` would with README.md's options.

# instructions: the Dockerfile's, one a line.
instructions() {
	awk '/^#/ { next } { sub(/\\$/, "") || sub(/$/, "\n"); printf "%s", $0 }' \
	    "$top/packaging/Dockerfile" | sed -E 's/[[:space:]]+/ /g; /^ *$/d'
}

# instruction WORD: what the last one of these says.
instruction() {
	instructions | sed -n "s/^$1 //p" | tail -n 1
}

# words JSON: the elements of an array, each ended by a NUL.
words() {
	python3 -c 'import json, sys
sys.stdout.write("".join(w + "\0" for w in json.loads(sys.argv[1])))' "$1"
}

# follow WORD REST: one instruction, in the stage's root $stage and folder $place.
follow() {
	case $1 in
	FROM)
		[[ $2 == debian:"$roots_release"-slim* ]]
		stages=$((stages + 1))
		root_open "stage$stages" bare
		stage=$work/stage$stages/root place=/
		cp -L /etc/resolv.conf "$stage/etc/resolv.conf"
		mount --bind "$roots/archives" "$stage/var/cache/apt/archives"
		;;
	RUN) in_turn in_root "$stage" env -C "$place" sh -c "$2" ;;
	COPY)
		if [[ $2 == --from=build\ * ]]; then
			cp -a "$work/stage1/root/out/." "$stage/"
		else
			[[ $2 == '. /src' ]]
			mkdir "$stage/src"
			# shellcheck disable=SC2016 # the inner shell expands it
			"$top/test/in-copy" sh -c 'cp -R . "$1"' sh "$stage/src"
		fi
		;;
	WORKDIR) place=$2 ;;
	USER | VOLUME | ENV | HEALTHCHECK | ENTRYPOINT | CMD) ;;
	*) return 1 ;;
	esac
}

# contained COMMAND...: in the image, as its user, who may do nothing else.
contained() {
	local user

	user=$(instruction USER)
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare --mount sh -euc '
		image=$1 volume=$2 uid=${3%:*} gid=${3#*:} url=$4 variable=$5
		shift 5
		mount --bind "$image" "$image"
		mount --bind "$volume" "$image/var/lib/wos"
		mount -t tmpfs tmpfs "$image/tmp"
		mount -o remount,bind,ro "$image"
		exec env -i PATH=/usr/sbin:/usr/bin:/bin WORKOS_BASE_URL="$url" "$variable" chroot \
		    --userspec="$uid:$gid" --groups= "$image" setpriv --no-new-privs \
		    --bounding-set=-all --inh-caps=-all env -C /var/lib/wos "$@"' \
	    sh "$stage" "$work/volume" "$user" "$url" "$(instruction ENV)" "$@"
}

healthy() {
	contained sh -c "${health#*CMD }"
}

image() {
	local line command=() stages=0 health

	mkdir -p "$roots/archives" "$work/volume"
	while read -r line; do
		follow "${line%% *}" "${line#* }" </dev/null
	done < <(instructions)

	# What README.md says, here by other means.
	[[ $(block bash) == *'docker run -d --read-only --tmpfs /tmp -v wos:/var/lib/wos'* ]]
	cp -a "$stage/var/lib/wos/." "$work/volume"
	chown 10001:10001 "$work/volume"
	chmod 750 "$work/volume"
	mkdir -p "$stage/run/secrets"
	echo sk_test_standin >"$stage/run/secrets/workos.key"
	api
	health=$(instruction HEALTHCHECK)
	mapfile -d '' command < <(words "$(instruction ENTRYPOINT)"
		words "$(instruction CMD)")
	contained "${command[@]}" &
	trap 'kill $! $api' EXIT
	until_true test -s "$work/volume/app.db"
	until_true healthy
	# A key that the API refuses is seen before the database is stale.
	echo sk_another >"$stage/run/secrets/workos.key"
	if healthy; then return 1; fi
	# It may write where it has to, and nowhere else.
	contained touch /tmp/mine /var/lib/wos/mine
	for line in /etc/wos /usr/bin /var/lib /run; do
		if contained touch "$line/mine"; then return 1; fi
	done
}
