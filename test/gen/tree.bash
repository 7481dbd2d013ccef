# SPDX-License-Identifier: MIT
# What tests need that change the catalogue: load gen/tree
#
# Another version of the programs is a copy of the sources with another
# catalogue.def; with the objects there, one file is compiled.

# tree_copy DIR: a copy of what wos-decode and wos-apply are made of.
tree_copy() {
	mkdir -p "$1"
	cp -Rp "$ROOT"/{Makefile,common,schema,decode,apply,scripts} "$1"
	# wos-rebuild looks for all three programs, and never calls this one.
	mkdir "$1/fetch"
	printf '#!/bin/sh\nexit 1\n' >"$1/fetch/wos-fetch"
	chmod +x "$1/fetch/wos-fetch"
}

# tree_make DIR [TARGET...]: builds it, as this tree was built.  fd 3 is bats'
# own, which a make would take for the pipe of the make that calls it.
tree_make() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$1" \
	    ${CFLAGS:+CFLAGS="$CFLAGS"} decode/wos-decode apply/wos-apply \
	    "${@:2}" 3>&-
}
