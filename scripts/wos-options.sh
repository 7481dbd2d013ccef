# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034 # what is set here is used by who sources this
# The command line of the scripts, for wos.sh; bash 3.2 will do.

# usage [MESSAGE]: what is wrong, how it is used, and the end.
wos_usage_status=2
usage() {
	[[ ! ${1-} ]] || wos_log error "$1"
	set -- "${wos_help%%$'\n'*}
$wos_name --help has the options"
	wos_is_json && wos_die "$wos_usage_status" "$1"
	printf '%s\n' "$1" >&2
	exit "$wos_usage_status"
}

# A script's help text, in wos_help, is the table of its options: a row begins with
# two blanks, an option has a value where a single blank follows its name.  These
# rows are in each.
wos_help_common='  --log-format json   messages as lines of JSON, not as text
  -q, --quiet         no messages but of failures
  -h, --help          print this and exit
  --version           print the version and exit'

# wos_options: that table as the programs print theirs, with --options.
wos_options() {
	# shellcheck disable=SC2016 # awk expands it
	"${AWK:-awk}" '
		function put() {
			if (name != "")
				print name "\t" letter "\t" argument "\t" help
			name = ""
		}
		/^  -/ {
			put()
			letter = argument = "-"
			help = substr($0, 3)
			if (help ~ /^-[a-z], /) {
				letter = substr(help, 2, 1)
				help = substr(help, 5)
			}
			match(help, /^--[a-z-]+/)
			name = substr(help, 1, RLENGTH)
			help = substr(help, RLENGTH + 1)
			if (match(help, /^\[[^]]*\]/) || match(help, /^ [^ ]+/)) {
				argument = substr(help, 1, RLENGTH)
				help = substr(help, RLENGTH + 1)
			}
			gsub(/^ +/, "", argument)
			gsub(/^ +/, "", help)
			next
		}
		/^          / && name != "" {
			gsub(/^ +/, "")
			help = help " " $0
			next
		}
		{ put() }
		END { put() }' <<<"$wos_help"
}

# wos_hint WORD NAME...: "; did you mean NAME?", if one of them is near.
wos_hint() {
	local near

	near=$(wos-apply --nearest="$1" -- "${@:2}" 2>/dev/null)
	[[ ! $near ]] || printf '; did you mean %s?' "$near"
}

# wos_option WORD...: takes the first of the words as an option of the script.  Sets
# wos_option to its name, wos_value to its value, and wos_words to how many words
# that takes.  Returns 1 if the script has no such option.
wos_option() {
	local name=${1%%=*} row=$'\n  '

	wos_option=$1 wos_value='' wos_words=1
	case $wos_help in
	*"$row$name "[!\ ]* | *"$row"-[a-z]", $name "[!\ ]*)
		wos_option=$name wos_value=${1#*=}
		[[ $1 == *=* ]] || wos_value=${2-} wos_words=2
		[[ $wos_value ]] || usage "$name: needs an argument"
		;;
	*"$row${name}["*) wos_option=$name wos_value=${1#"$name"} ;;
	*"$row$1 "* | *"$row"-[a-z]", $1 "* | *"$row$1, "*) ;;
	*"$row$name "* | *"$row"-[a-z]", $name "* | *"$row$name, "*)
		usage "$name: takes no argument"
		;;
	*) return 1 ;;
	esac
}

# wos_common_option: does what the option says, if it is one of all scripts.
wos_common_option() {
	case $wos_option in
	--log-format) wos_log_format --log-format "$wos_value" ;;
	-q | --quiet) export WOS_QUIET=1 ;;
	-h | --help)
		printf '%s\n' "$wos_help" 2>/dev/null || wos_die 1 'write error'
		exit 0
		;;
	--version) wos_version ;;
	*) return 1 ;;
	esac
}

# wos_foreign_option WORD: an option that is not the script's.  Where it may be
# wos-fetch's, it goes into fetch_options, and wos_words becomes 2 if the next word
# is its value, which only matters before DATABASE.  The end, if it is nobody's; or,
# behind DATABASE, wos_wrong is what the script has to say, if it has set wos_defers.
wos_defers='' wos_wrong=''
wos_foreign_option() {
	local name letter argument options='' names=() all

	wos_words=1
	[[ ! $wos_passes || ! $database || $1 == --* ]] || return 0
	[[ ! $wos_passes ]] || options=$(wos-fetch --options 2>/dev/null)
	[[ ! $wos_passes || ! $database || $options ]] || return 0
	# Behind DATABASE, what is short for one is wos-fetch's to understand.
	[[ ! $database || $'\n'$options != *$'\n'"${1%%=*}"* ]] || return 0
	all=$(wos_options)$'\n'$options
	while IFS=$'\t' read -r name letter argument _; do
		[[ ! $name ]] || names+=("$name")
		if [[ $options && ($1 == "$name" || $1 == "$name="* || $1 == "-$letter") ]]; then
			[[ $1 == *=* || $argument == [-[]* ]] || wos_words=2
			return 0
		fi
	done <<<"$all"
	wos_wrong="${1%%=*}: not an option$(wos_hint "${1%%=*}" "${names[@]}")"
	[[ $wos_defers && $database ]] || usage "$wos_wrong"
}

# wos_arguments WORD...: reads the command line: the script's own options, for each
# of which it calls take_option, and the database, before or after them.  If the
# script has set wos_passes, all other options are wos-fetch's, and so is what
# follows the database and is no option of the script; behind -- nothing is.  If it
# has set wos_many, all words that are no options go into operands.  The end, if there
# is no database and wos_needs_database is set.
wos_passes='' wos_needs_database=1 wos_many=''
wos_arguments() {
	local own=1

	database='' fetch_options=()
	wos_log_init
	while (($# > 0)); do
		wos_words=1
		if [[ $own && $1 == --options ]]; then
			wos_options || exit 1
			exit 0
		elif [[ $own && $1 == -- ]]; then
			own=
		elif [[ $own && $1 == -[a-z][a-z]* ]] && wos_option "${1:0:2}"; then
			set -- "${1:0:2}" "-${1:2}" "${@:2}" # as in -vq
			continue
		elif [[ $own && $1 == -?* ]] && wos_option "$@"; then
			wos_common_option || take_option
		elif [[ $own && $1 == -?* ]]; then
			wos_foreign_option "$1"
			fetch_options+=("${@:1:wos_words}")
		elif [[ $1 && $wos_many ]]; then
			operands+=("$1")
		elif [[ $1 && ! $database ]]; then
			database=$1
		elif [[ $wos_passes && $database ]]; then
			fetch_options+=("$1")
		elif [[ ! $1 ]]; then
			usage 'one of the arguments is empty: a variable that is not set?'
		else
			usage "there is a word too many: $wos_name takes one DATABASE"
		fi
		shift "$((wos_words < $# ? wos_words : $#))"
	done
	# A name may have a password in it: it goes to nobody but wos-apply.
	database=${database:-${WOS_DATABASE:-${DATABASE_URL-}}}
	unset WOS_DATABASE DATABASE_URL
	[[ $database || ! $wos_needs_database ]] ||
		usage 'no DATABASE: name it, or set WOS_DATABASE or DATABASE_URL'
}
