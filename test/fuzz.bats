#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The fuzz targets hold on to what they begin with: the test data, line by line.
# make fuzz goes on from there.

load helper

# replay TARGET: it is run on its seeds.
replay() {
	"$ROOT/test/fuzz/seeds" "$1"
	"$ROOT/test/fuzz/replay-$1" ./*
}

@test "fuzz: each line of the test data becomes what a line may become" {
	run -0 replay decode
	assert_output --regexp '^[1-9][0-9]+ inputs$'
}

@test "fuzz: each answer of D1 is read, or is none" {
	run -0 replay d1
	assert_output '8 inputs'
}

@test "fuzz: each few groups of its SQL change rows, and nothing else" {
	run -0 replay apply
	assert_output --regexp '[1-9][0-9]+ inputs$'
}
