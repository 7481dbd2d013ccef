# SPDX-License-Identifier: MIT
# What a database's name names, and what it is called: wos-apply --name, and in
# messages.

# shellcheck disable=SC2030,SC2031	# each test is a process of its own
# shellcheck disable=SC2154	# stderr is run's

load helper

# named FACT DATABASE: what wos-apply says of it.
named() {
	wos-apply --name "$2" | sed -n "s/^$1 //p"
}

# Ways to write a password, PassA or PassB, that has what a URL is made of.
WITH_PASSWORD=(
	'postgresql://app:PassA@127.0.0.1:1/app'
	'postgresql://app:PassA/PassB@127.0.0.1:1/app'
	'postgresql://app:12/PassB@127.0.0.1:1/app'
	'postgresql://app:1/PassB@localhost/app'
	'postgresql://app:1/@PassB?x=y'
	'postgresql://app:PassA@PassB@127.0.0.1:1/app'
	'postgresql://app:x?PassA@PassB@127.0.0.1:1/app'
	'postgresql://app:PassA?x@127.0.0.1:1/app'
	'postgresql://app:%PassA@127.0.0.1:1/app'
	'postgresql://app%3APassA@127.0.0.1:1/app'
	'postgresql://app@127.0.0.1:1/app?%70assword=PassA'
	'postgresql://app@127.0.0.1:1/app?password=x@PassA&sslmode=disable'
	'postgresql://app@127.0.0.1:1/app?sslpassword=PassA'
	'postgresql://app@127.0.0.1:1/x%40PassA'
	'postgres://app:PassA@[127.0.0.1/app'
	'postgress://app:PassA@127.0.0.1:1/app'
	'postgresql+psycopg2://app:PassA@127.0.0.1:1/app'
	'POSTGRES://app:PassA@127.0.0.1:1/app'
	'postgresql:app:PassA@127.0.0.1/app'
	' postgresql://app:PassA@127.0.0.1:1/app'
	'mysql://app:PassA@127.0.0.1/app'
	'sqlite:///x?key=PassA'
	'file:x.db?key=PassA'
	'app:PassA@127.0.0.1:1/app'
	'app:x/PassA@127.0.0.1:1/app'
	'127.0.0.1/app?user=app&password=PassA'
	'127.0.0.1 password=PassA'
	'127.0.0.1;Password = PassA'
	'Host=127.0.0.1;Password=PassA'
	'password=PassA host=127.0.0.1 port=1'
	'host=127.0.0.1 port=1 password = PassA'
	'host=127.0.0.1 port=1 password= PassA'
	'host=127.0.0.1 port=1 password=x\ PassA'
	'host=127.0.0.1 port=1 password=x&PassA'
	"host=127.0.0.1 port=1 password='x PassA'"
	"host=127.0.0.1 port=1 password='x\\' PassA'"
	"host=127.0.0.1 port=1 password='x PassA"
	'host=127.0.0.1 port=1 password=two PassA'
	'host=127.0.0.1 port=1 passwrod=PassA'
	'host=127.0.0.1 port=PassA'
	'host=127.0.0.1:PassA port=1'
	'host=127.0.0.1 port=1 dbname=postgresql://app:PassA@127.0.0.1/app'
	'host=127.0.0.1 port=1 dbname=password=PassA'
	'service=x:PassA'
	'service=x password=PassA'
)

# bats test_tags=slow
@test "name: no password is in what a database is called, nor in any message" {
	local database mode

	for database in "${WITH_PASSWORD[@]}"; do
		for mode in --name --cursor --status --parked --export --tail-seen=1 \
		    --parked-retry --dry-run -v; do
			wos-apply "$mode" "$database" </dev/null >out 2>&1 &&
				[ "$mode" != --name ] &&
				fail "$database: $mode: there is no such server"
			wos-apply --log-format=json "$mode" "$database" </dev/null >>out 2>&1 || :
			run ! grep 'Pass[AB]' out
			[ "$mode" = --name ] || [ -s out ]
		done
	done
	[ ! -e 127.0.0.1 ]
	assert_equal "$(ls -A)" out
}

@test "name: what libpq takes for a connection string is a server" {
	local database

	for database in postgresql://h/d postgres:// service=x 'service = x' \
	    host=h hostaddr=127.0.0.1 port=1 dbname=d user=u \
	    'sslmode=disable host=h' ' host=h' 'connect_timeout=1' \
	    'application_name=x dbname=d' "options='-c search_path=x'"; do
		assert_equal "$(named kind "$database")" server
	done
	for database in app.db ./app.db ./host=h ../postgresql://h/d /x/mysql://h \
	    host 'two words' a@b.db a:1.db dir/host=x.db ./:memory: ./file:x; do
		assert_equal "$(named kind "$database")" file
	done
}

@test "name: what only looks like one is refused, with what would do" {
	local database

	for database in mysql://h/d postgress://h/d postgres:/h/d POSTGRESQL://h/d \
	    postgresql:d postgres//u@h/d sqlite:app.db file:app.db u:p@h 'h user=u' tenant=1.db \
	    Host=h 'host=h nonsense=1' 'host=h user' postgresql://h:x/d; do
		run -2 --separate-stderr wos-apply "$database" </dev/null
		[[ $stderr == "wos-apply: ${database:0:1}"*...:\ * ]]
		[[ $stderr == *./* || $stderr == *pgpass* ]]
		[ "${#stderr_lines[@]}" = 1 ]
		[ ! -e "$database" ]
	done
	run -0 wos-apply ./tenant=1.db </dev/null
	[ -e tenant=1.db ]
}

@test "name: a URL with parameters of Prisma says what to leave out" {
	DATABASE_URL='postgresql://u:geheim@127.0.0.1:1/d?schema=app' run -2 wos-apply --cursor
	assert_output "wos-apply: postgresql:...: schema is Prisma's, and libpq has no such parameter: leave it out; options=-csearch_path%3DNAME names a schema"
	DATABASE_URL='postgresql://u:geheim@127.0.0.1:1/d?geheim=1' run -2 wos-apply --cursor
	assert_output --partial 'invalid URI query parameter'
	refute_output --partial geheim
}

@test "name: a database in memory, or without a name, is no place to keep anything" {
	local mode

	for mode in -v --dry-run --cursor --export --status --name; do
		run -2 --separate-stderr wos-apply "$mode" :memory: </dev/null
		[[ $stderr == *"in memory is gone"*"the path of a file would do"* ]]
		run -2 --separate-stderr wos-apply "$mode" '' </dev/null
		assert_equal "${stderr_lines[0]}" 'wos-apply: the database has no name'
	done
	wos-apply ./:memory: </dev/null
	[ -e :memory: ]
}

@test "name: a server is called by its user, host, port and name, or its service" {
	local database shown

	while read -r database shown; do
		assert_equal "$(named shown "$database")" "$shown"
	done <<-'END'
		postgresql://u:p@h:1/d postgresql://u@h:1/d
		postgres://h/d?user=u postgresql://u@h/d
		postgresql://h1:1,h2:2/d postgresql://h1,h2:1,2/d
		postgresql://[::1]:1/d postgresql://::1:1/d
		postgresql:///d?host=/run/pg postgresql:///run/pg/d
		host=@abstract postgresql://@abstract/
		service=x service=x
	END
}

@test "name: in one line, all of it visible" {
	local name=$'a\e[31m\n\t\xC2\x9B\xE2\x80\xAEb\xFF.db'

	run -0 wos-apply --name "$name"
	assert_equal "${#lines[@]}" 4
	assert_equal "${lines[1]}" 'shown a\x1B[31m\x0A\x09\xC2\x9B\xE2\x80\xAEb\xFF.db'
	assert_equal "${lines[2]}" "label $PWD/"'a\x1B[31m\x0A\x09\xC2\x9B\xE2\x80\xAEb\xFF.db'
	run -0 wos-apply --name $'service=\'a\nkind file\''
	assert_equal "${#lines[@]}" 4
	assert_equal "${lines[1]}" 'shown service=a\x0Akind file'
}

@test "name: a label and a lock are one database's, by whatever path" {
	mkdir a b
	: >a/app.db
	: >b/app.db
	ln -s a c
	ln -s ../a/app.db b/link.db
	assert_equal "$(named label a/app.db)" "$PWD/a/app.db"
	for database in ./a/app.db c/app.db b/link.db "$PWD/b/../a/app.db"; do
		assert_equal "$(named label "$database")" "$PWD/a/app.db"
		assert_equal "$(named lock "$database")" "$(named lock a/app.db)"
	done
	assert_equal "$(named label c/new.db)" "$PWD/a/new.db"
	assert_equal "$(named label new/new.db)" "$PWD/new/new.db"
	[[ $(named lock a/app.db) =~ ^[0-9a-f]{32}$ ]]
	[ "$(named lock a/app.db)" != "$(named lock b/app.db)" ]

	# A password changes neither, another schema both.
	for fact in label lock; do
		[ "$(named $fact postgresql://u:p@h/d)" = "$(named $fact 'dbname=d host=h user=u password=q')" ]
		[ "$(named $fact postgresql://u@h/d)" != "$(named $fact 'postgresql://u@h/d?options=-csearch_path%3Dx')" ]
		[ "$(named $fact postgresql://u@h/d)" != "$(named $fact postgresql://u@h/e)" ]
	done
}

# bats test_tags=slow
@test "name: without libpq a server has no name, and a file has its own" {
	mkdir without
	: >without/libpq.so.5
	export LD_LIBRARY_PATH=$PWD/without
	for database in "${WITH_PASSWORD[@]}"; do
		for mode in --name --cursor; do
			wos-apply "$mode" "$database" >out 2>&1 || :
			run ! grep 'Pass[AB]' out
			[ -s out ]
		done
	done
	assert_equal "$(named shown service=x)" PostgreSQL
	assert_equal "$(named shown app.db)" app.db
	run -2 wos-apply --cursor mysql://h/d
}
