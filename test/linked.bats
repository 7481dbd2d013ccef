# SPDX-License-Identifier: MIT
# Which libraries each program is linked with: what it does not need it can't be
# made to use.

load helper

# needed PROGRAM: the libraries that it names itself, without their versions.
needed() {
	if [[ $(uname -s) == Darwin ]]; then
		otool -L "$ROOT/$1" | awk 'NR > 1 { print $1 }'
	else
		readelf -d "$ROOT/$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
	fi | sed 's,.*/,,; s/\.so.*//; s/\..*dylib$//' | sort
}

# What any program may have of its system, and what a sanitized one has.
USUAL='libc|libc\.musl.*|ld-linux.*|ld-musl.*|libm|libdl|libpthread|libgcc_s|libSystem|lib[a-z]*san'

# linked PROGRAM LIBRARY...: with these and the usual, and no other.
linked() {
	assert_equal "$(needed "$1" | grep -vxE "$USUAL" | xargs)" "${*:2}"
}

@test "linked: each program with what it needs, and no more" {
	linked fetch/wos-fetch libcurl libjq
	linked fetch/wos-otlp libcurl
	linked decode/wos-decode libjq
	linked apply/wos-apply libsqlite3
}

@test "linked: the test can tell" {
	printf 'int main(void) { return 0; }\n' >x.c
	# shellcheck disable=SC2086 # it may have options
	${CC:-cc} -Wl,--no-as-needed -o "$BATS_TEST_TMPDIR/x" x.c -lsqlite3 -lcurl
	ROOT=$BATS_TEST_TMPDIR linked x libcurl libsqlite3
	ROOT=$BATS_TEST_TMPDIR run ! linked x libcurl
}
