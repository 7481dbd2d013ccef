# SPDX-License-Identifier: MIT
# The page of wos-status, and texts that would like to be something else.

load helper
load status

setup() {
	wos_setup
	newdb app
}

# ---------------------------------------------------------------- hostile texts

# hostile: a database whose texts would like to be something else.
hostile() {
	local text="</title><script>alert(1)</script>'' \"&amp;\\ |"

	text+=$'\t\n\r\e[31m\x7f\xc2\x9b2J\xe2\x80\xaeevil\xe2\x81\xa6'
	wos-apply "$app" </dev/null
	sql "$app" "INSERT INTO events_cursor (event_id, event_payload, created_at,
		event_type) VALUES ('e', '{}', $NOW, '$text')" \
	    "INSERT INTO sync_cursor VALUES ('$text', '$text', $NOW, $NOW, $NOW,
		NULL, NULL, '$text', '$text', '$text', '$text')" \
	    "INSERT INTO cursor_scope (name, event_type, state)
		VALUES ('$text', '$text', 'refused')" \
	    "INSERT INTO verified (object, tried_at) VALUES ('$text', $NOW)" \
	    "INSERT INTO organization (id, name) VALUES ('org', '$text')" \
	    "INSERT INTO authentication (event_id, event_type, event_at, error_code,
		sso_organization_id) VALUES ('e', 'authentication.sso_failed',
		$NOW, '$text', 'org'),
		('f', 'authentication.sso_failed', $NOW, 'x', '$text')" \
	    "INSERT INTO sync_run (name, began_at, ended_at, exit_status, reason,
		message) VALUES ('$text', 1, 2, 1, '$text', '$text')" \
	    "INSERT INTO parked_event VALUES ('$text', '$text', 'line', 'x',
		'$text', $NOW)"
}

# bats test_tags=slow
@test "status: a text from the database does nothing to a terminal" {
	hostile
	for option in --check --json --html=- --days=7; do
		run -1 status "$option" "$app"
		if LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f]\|\xc2[\x80-\x9f]\|\xe2\x80[\xaa-\xae]\|\xe2\x81[\xa6-\xa9]' <<<"$output"; then
			fail "$option: $(LC_ALL=C grep $'[\x01-\x08\x0b-\x1f\x7f]\|\xc2[\x80-\x9f]\|\xe2\x80\|\xe2\x81' <<<"$output" | od -c)"
		fi
	done
}

# bats test_tags=slow
@test "status: a text from the database is no markup, and one string of JSON" {
	hostile
	run -1 status --html - "$app"
	assert_equal "$(grep -c "<script" <<<"$output")" 1
	assert_equal "$(grep -o '</title>' <<<"$output" | grep -c .)" \
	    "$(grep -o '<title>' <<<"$output" | grep -c .)"
	status --json "$app" >got || (($? == 1))
	python3 -m json.tool got >/dev/null
	jq -r '.cursors[0].name, .cursors[0].event_id, .runs[0].message,
	    (.failures.organizations[] | select(.name).name),
	    (.failures.organizations[] | select(.name == null).organization),
	    (.failures.reasons[] | select(.reason != "x").reason),
	    .parked.newest[0].id, .parked.newest[0].reason' got | uniq >texts
	want="</title><script>alert(1)</script>' \"&amp;\\ |\\x09\\x0A\\x0D\\x1B[31m\\x7F\\xC2\\x9B2J\\xE2\\x80\\xAEevil\\xE2\\x81\\xA6"
	assert_equal "$(cat texts)" "$want"
	assert_equal "$(jq -r '.types[0].type' got)" "${want%evil*}evil..."
}

@test "status: as many types as a stranger makes up take no more room" {
	wos-apply "$app" </dev/null
	sql "$app" "INSERT INTO events_cursor (event_id, event_payload, created_at,
		event_type)
	    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
		WHERE i < 700)
	    SELECT 'e' || i, '{}', $NOW, 'made.up.' || i FROM n"
	run -1 status --json "$app"
	assert_equal "$(jq -c '[(.types | length), .types[0],
	    (.types | map(.events) | add)]' <<<"$output")" \
	    '[501,{"type":"(more types)","events":200},700]'
}

# ---------------------------------------------------------------- the page

@test "status: a page replaces the one before, and is for who may read it" {
	fill 50
	echo old >page.html
	(umask 022 && status --html page.html "$app") || (($? == 1))
	assert_equal "$(stat -c %a page.html)" 644
	run -0 head -n 1 page.html
	assert_output '<!doctype html>'
	run -0 tail -n 1 page.html
	assert_output '</html>'
	assert_equal "$(echo page.html*)" page.html
	diff page.html <(status --html - "$app")
}

# Not of the kind that a tag's name is: what opens is closed, in its order.
@test "status: the page is well-formed, and asks for nothing" {
	fill
	park
	status --html page.html "$app" || (($? == 1))
	python3 - page.html <<-'END'
	import base64, hashlib, html.parser, re, sys
	VOID = {"meta", "link", "br", "wbr"}
	class Check(html.parser.HTMLParser):
	    stack = []
	    def handle_starttag(self, tag, attrs):
	        names = [name for name, _ in attrs]
	        assert len(names) == len(set(names)), (tag, attrs)
	        for name, value in attrs:
	            assert not name.startswith("on"), (tag, attrs)
	            assert name not in ("src", "srcset") , (tag, attrs)
	            assert name != "href" or value.startswith("data:"), value
	        assert tag not in ("iframe", "object"), tag
	        if tag not in VOID:
	            self.stack.append(tag)
	    def handle_startendtag(self, tag, attrs):
	        self.handle_starttag(tag, attrs)
	        self.stack.pop()
	    def handle_endtag(self, tag):
	        assert self.stack.pop() == tag, (tag, self.stack, self.getpos())
	    def handle_data(self, data):
	        assert "nan" not in data.split() and "inf" not in data.split(), data
	check, page = Check(), open(sys.argv[1]).read()
	check.feed(page)
	check.close()
	assert check.stack == [], check.stack
	# One script, and that is the one that the page allows.
	script, = re.findall("<script>(.*?)</script>", page, re.S)
	digest = hashlib.sha256(script.encode()).digest()
	assert "script-src 'sha256-%s'; style" % base64.b64encode(
	    digest).decode() in page, base64.b64encode(digest)
	END
	run -1 grep -i -e 'url(' -e '@import' -e '"-\?nan' -e '"-\?inf' page.html
}

# bats test_tags=sqlite,slow
@test "status: the same whatever the awk" {
	fill
	seen "$NOW"
	park
	printf '#!/bin/sh\nexec busybox awk "$@"\n' >busybox-awk
	printf '#!/bin/sh\nexec gawk --posix "$@"\n' >posix-awk
	chmod +x ./*-awk
	for format in --json --check --html=- --days=366; do
		status "$format" app.db >want || (($? == 1))
		for awk in mawk gawk original-awk ./posix-awk ./busybox-awk; do
			AWK=$awk status "$format" app.db >got 2>err ||
				(($? == 1)) || grep -e 'not found' err || fail "$(cat err)"
			[[ ! -s got ]] || cmp want got
		done
	done
}

# bats test_tags=sqlite
@test "status: installed, it finds what it needs" {
	mkdir -p bin share/wos
	cp "$ROOT/scripts/wos-status" "$ROOT/apply/wos-apply" bin
	cp "$ROOT"/scripts/wos.sh "$ROOT"/scripts/wos-options.sh "$ROOT"/scripts/wos-status* share/wos
	rm share/wos/wos-status
	wos-apply app.db </dev/null
	ln -s bin/wos-status link
	run -1 ./link --html - app.db
	assert_line --index 0 '<!doctype html>'
	rm share/wos/wos-status.css
	run -3 --separate-stderr ./link --html page.html app.db
	assert [ ! -e page.html ]
}
