# SPDX-License-Identifier: MIT
# wos-apply --schema: the views as other programs' models.  test/check-schemas has
# those programs judge them.

load helper

# views: each view and its columns, as "view column", from the database itself.
views() {
	wos-apply app.db </dev/null
	sql app.db "SELECT m.name || ' ' || c.name
		FROM sqlite_master AS m, pragma_table_info(m.name) AS c
		WHERE m.type = 'view'" | sort
}

# found PROGRAM [:sqlite]: the same, from what --schema prints for it.
found() {
	wos-apply --schema "$1${2-}" >model
	case $1 in
	prisma) awk '
		/^model / { view = $2 }
		view && /^  [a-z_0-9]+ / && !/@relation/ { print view, $1 }' model ;;
	drizzle) awk -F '"' '
		/^export const .*Table\(/ { view = $2 }
		/^  [a-z_0-9]+: [a-z]+\("/ { print view, $2 }' model ;;
	sqlalchemy) awk -F '"' '
		/__tablename__/ { view = $2 }
		/ = Column\(/ { sub(/^ +/, ""); sub(/ .*/, ""); sub(/_$/, "")
			print view, $0 }' model ;;
	typescript) awk '
		/^export interface Database/ { now = 1; next }
		now && /^  [a-z_]+: / {
			type = $2
			sub(/;/, "", type)
			sub(/:/, "", $1)
			for (i = 1; i <= n[type]; i++)
				print $1, column[type, i]
		}
		/^export interface / { type = $3 }
		!now && /^  [a-z_0-9]+: / { sub(/:.*/, "", $1)
			column[type, ++n[type]] = $1 }' model ;;
	dbt) awk '
		/^      - name:/ { view = $3 }
		/^          - name:/ { print view, $3 }' model ;;
	esac | sort
}

# bats test_tags=sqlite
@test "models: each has every view and every column" {
	views >want
	[[ $(wc -l <want) -gt 350 ]]
	for program in prisma drizzle sqlalchemy typescript; do
		diff want <(found "$program")
		diff want <(found "$program" :sqlite)
	done
	diff want <(found dbt)
}

# bats test_tags=sqlite
@test "models: a relation stands on both sides" {
	wos-apply --schema prisma >model
	grep -q '^  organization organizations? @relation("memberships_organization", fields: \[organization_id\]' model
	grep -q '^  memberships memberships\[\] @relation("memberships_organization")' model
	# An owner is a user or an organization, and a key may open another.
	grep -q '^  owner_as_user users?' model
	grep -q '^  api_keys_by_owner_as_organization api_keys\[\]' model
	wos-apply --schema drizzle | grep -A 4 '^export const memberships_relations' |
		grep -q 'fields: \[memberships.user_id\]'
	wos-apply --schema mermaid >model
	grep -qx '    organizations ||--o{ memberships : organization' model
	grep -qx '    users |o--o{ sessions : user' model
	wos-apply --schema dbt | grep -q "to: source('workos', 'organizations')"
}

# bats test_tags=sqlite
@test "models: personal columns and sentences are told" {
	wos-apply --schema dbt |
		grep -A 3 -x '          - name: email' >model
	grep -q "description: \"The user's email address.\"" model
	grep -q 'meta: {personal: true}' model
	wos-apply --schema typescript | grep -qx "  /\*\* The user's email address. \*/"
	wos-apply --schema svg | grep -q '<title>A person who can sign in.</title>'
}

# bats test_tags=sqlite
@test "models: what there is none of is wrong usage" {
	run -2 --separate-stderr wos-apply --schema oracle
	# shellcheck disable=SC2154 # run sets it
	assert_equal "$stderr" "wos-apply: --schema: none of sqlite, postgres, prisma, drizzle, sqlalchemy, typescript, dbt, mermaid, svg: oracle"
	# Completion has them, too.
	stderr=${stderr#*none of } stderr=${stderr%:*}
	wos-completion bash | grep -qF "${stderr//,/}"
	run -2 wos-apply --schema prisma:oracle
	run -2 wos-apply --schema dbt:sqlite
	diff <(wos-apply --schema prisma) <(wos-apply --schema prisma:postgres)
	if [[ -e /dev/full ]]; then
		run -1 bash -c 'wos-apply --schema svg >/dev/full'
	fi
}

@test "models: SQLAlchemy's are those of the database, if Python has it" {
	local kind=sqlite url=sqlite:///app.db python

	# Debian's is not in the path of another Python.
	for python in python3 /usr/bin/python3; do
		! "$python" -c 'import sqlalchemy, psycopg2' 2>/dev/null || break
	done
	newdb app
	"$ROOT/test/gen/samples" full | wos-decode | wos-apply "$app"
	[[ $DBKIND != postgres ]] || kind=postgres url='postgresql:///?service=app'
	wos-apply --schema "sqlalchemy:$kind" >models.py
	"$python" -B -c 'compile(open("models.py").read(), "models.py", "exec")'
	"$python" -c 'import sqlalchemy, psycopg2' 2>/dev/null || return 0
	run -0 "$python" -B -W ignore "$ROOT/test/models.py" "$url" models.py
	assert_line --regexp '^[0-9]+ views$'
}
