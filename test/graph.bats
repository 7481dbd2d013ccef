# SPDX-License-Identifier: MIT
# Who includes whom: a file and its header are one node, and no way leads from
# one back to itself, so that each can be read, and tested, after those below.

# shellcheck disable=SC2154	# output is run's

load helper

# circles FOLDER [PROGRAM...]: a line for each circle, with its nodes.  Files are
# found as the compiler finds them: in the room, in the program, in common and
# schema.
circles() {
	python3 - "$@" <<-'END'
		import collections, os, re, sys

		root, programs = sys.argv[1], sys.argv[2:]
		files = {os.path.relpath(os.path.join(place, name), root)
		         for program in programs
		         for place, _, names in os.walk(os.path.join(root, program))
		         for name in names if name.endswith((".c", ".h"))}
		edges = collections.defaultdict(set)
		for file in files:
		    room, program = os.path.dirname(file), file.split("/")[0]
		    with open(os.path.join(root, file)) as text:
		        names = re.findall(r'^#\s*include "(.+\.h)"', text.read(), re.M)
		    for name in names:
		        places = (os.path.normpath(os.path.join(place, name))
		                  for place in (room, program, "common", "schema"))
		        found = next((place for place in places if place in files), None)
		        if found is None:
		            sys.exit("%s: %s is not there" % (file, name))
		        edges[file[:-2]].add(found[:-2])

		def below(node):
		    seen, todo = set(), [node]
		    while todo:
		        for next in edges[todo.pop()] - seen:
		            seen.add(next)
		            todo.append(next)
		    return seen

		for node in list(edges):
		    edges[node].discard(node)
		reach = {node: below(node) for node in list(edges)}
		found = {tuple(sorted(other for other in reach[node]
		                      if node in reach.get(other, ())))
		         for node in reach if node in reach[node]}
		for circle in sorted(found):
		    print(*circle)
	END
}

@test "graph: no circle of includes" {
	run -0 circles "$ROOT" fetch decode apply schema common
	assert_output ''
}

@test "graph: the test can tell" {
	mkdir -p one/room two
	echo '#include "b.h"' >one/a.c
	touch one/a.h one/room/d.c
	echo '#include "room/c.h"' >one/b.h
	run -1 circles . one two
	assert_output 'one/b.h: room/c.h is not there'
	echo '#include "d.h"' >one/room/c.h
	echo '#include "a.h"' >one/room/d.h
	run -0 circles . one two
	assert_output 'one/a one/b one/room/c one/room/d'
	: >one/room/d.h
	run -0 circles . one two
	assert_output ''
}
