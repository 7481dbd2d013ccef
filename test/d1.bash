# SPDX-License-Identifier: MIT
# D1 for the tests:  helper.bash loads it.
#
# test/check-d1 starts the stand-in that is in test/d1, and says where in D1_URL.
# Each name that newdb is given is a database of its own, and its file, which
# D1's engine has open, is what sql and dump look into.

D1_ACCOUNT=0123456789abcdef0123456789abcdef
D1_TOKEN=d1_standin

d1_setup() {
	declare -gA D1=() # what wos-apply calls it: what the API says about it
	[[ ! ${D1_URL-} ]] || export CLOUDFLARE_API_BASE_URL=$D1_URL \
	    CLOUDFLARE_API_TOKEN=$D1_TOKEN
}

# d1_ask PATH [curl's options]: the result of a request about databases.
d1_ask() {
	curl -sS --max-time 60 -H "authorization: Bearer $D1_TOKEN" "${@:2}" \
	    "$D1_URL/accounts/$D1_ACCOUNT/d1/database$1" | jq -c .result
}

# d1_newdb NAME: an empty one, in the variable $NAME what wos-apply calls it.
d1_newdb() {
	local name=t${BATS_SUITE_TEST_NUMBER}_$1 made

	[[ ${D1_URL-} ]] || skip "test/check-d1 starts what is like D1"
	made=$(d1_ask '' -d "{\"name\":\"$name\"}") || return
	printf -v "$1" 'd1:%s/%s' "$D1_ACCOUNT" "$name"
	D1[${!1}]=$made
}

# d1_file DB: the file of a database of D1, or DB, which is one.
d1_file() {
	if [[ $1 == d1:* ]]; then
		jq -r .file <<<"${D1[$1]}"
	else
		printf '%s\n' "$1"
	fi
}

# d1_of DB PATH [curl's options]: the result of a request about this one.
d1_of() {
	d1_ask "/$(jq -r .uuid <<<"${D1[$1]}")$2" "${@:3}"
}

# d1_faults DB FAULT...: what happens to its next requests; test/d1/README.md has
# what a fault can say.
d1_faults() {
	local IFS=,

	d1_of "$1" /faults -d "[${*:2}]" >/dev/null
}

# d1_requests DB [FILTER]: those so far, as JSON, or what jq makes of them.
d1_requests() {
	d1_of "$1" /requests | jq -r "${2:-.}"
}

# d1_number DB FILTER: how many of them are so.
d1_number() {
	d1_requests "$1" "map(select($2)) | length"
}

# d1_written DB: how many rows they have written, as Cloudflare bills them.
d1_written() {
	d1_requests "$1" 'map(.written // 0) | add'
}
