# SPDX-License-Identifier: MIT
# What the compiler and the linker put into the programs against those who find a
# hole in them, and that it depends on nothing but the sources.

# shellcheck disable=SC2154	# output is run's

load helper

programs=(fetch/wos-fetch fetch/wos-otlp decode/wos-decode apply/wos-apply)

setup() {
	wos_setup
	# Others have it in other forms, for which this has no eyes.
	[[ $(uname -sm) == 'Linux x86_64' ]] ||
		skip "checked on Linux with x86-64 only: readelf, endbr64"
}

@test "hardened: a program lies anywhere, and no page is written to and run" {
	for program in "${programs[@]}"; do
		run -0 readelf -hlW "$ROOT/$program"
		assert_line --regexp 'Type: +DYN \(Position-Independent Executable'
		assert_line --regexp 'GNU_STACK .* RW +0x'
		assert_line --partial 'GNU_RELRO'
		refute_line --regexp 'LOAD .* RWE '
	done
}

@test "hardened: its functions are found before it starts, and nowhere else" {
	for program in "${programs[@]}"; do
		run -0 readelf -dW "$ROOT/$program"
		assert_line --regexp 'FLAGS\).* BIND_NOW'
		assert_line --regexp 'FLAGS_1\).* NOW.* PIE'
		refute_line --regexp 'R(UN)?PATH|TEXTREL'
	done
}

@test "hardened: it notices what overflows a stack or a buffer, and odd jumps" {
	for program in "${programs[@]}"; do
		run -0 readelf --dyn-syms -W "$ROOT/$program"
		assert_line --partial ' __stack_chk_fail@'
		assert_line --regexp ' __[a-z]+_chk@'
		objdump -d --disassemble=main "$ROOT/$program" | grep -q endbr64
	done
}

# bats test_tags=slow
@test "hardened: the same sources make the same program in any folder" {
	run -0 "$ROOT/test/reproducible" fetch/wos-otlp
	assert_line 'the same: fetch/wos-otlp'
}
