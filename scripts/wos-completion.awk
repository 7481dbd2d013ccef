# SPDX-License-Identifier: MIT
# wos-completion.awk: the tables of wos-completion, as bash, zsh or fish wants
# them.
#
# In: shell.

BEGIN {
	FS = "\t"
	shells = "bash zsh fish"
}

$1 == "command" {
	command[++ncommands] = $2
	about[ncommands] = $3
}
# The first of a name is the script's own.
$1 == "option" && !(($2, $3) in seen) {
	seen[$2, $3] = 1
	n = ++noptions
	program[n] = $2
	option[n] = $3
	letter[n] = $4
	argument[n] = $5
	text[n] = $6
}

END {
	if (shell == "bash")
		print_bash()
	else if (shell == "zsh")
		print_zsh()
	else
		print_fish()
}

# What a value may be: file, folder, events, some words, or nothing to be known.
function kind(n) {
	if (argument[n] ~ /^(FILE|DATABASE|OTHER)$/)
		return "file"
	if (argument[n] == "DIR")
		return "folder"
	if (option[n] == "--events" || option[n] == "--except")
		return "events"
	if (option[n] == "--log-format")
		return "text json"
	if (option[n] == "--schema")
		return "sqlite postgres prisma drizzle sqlalchemy typescript " \
		    "dbt mermaid svg"
	if (argument[n] == "KIND")
		return "line group beginning"
	if (argument[n] == "LEVEL")
		return "error warning info"
	return ""
}

function has_value(n) {
	return argument[n] != "-" && argument[n] !~ /^\[/
}

function commands(	i, all) {
	for (i = 1; i <= ncommands; i++)
		all = all " " command[i]
	return all " help"
}

# All words of a program that begin with a dash.
function words(name,	n, all) {
	for (n = 1; n <= noptions; n++) {
		if (program[n] != name)
			continue
		all = all " " option[n]
		if (letter[n] != "-")
			all = all " -" letter[n]
	}
	return substr(all, 2)
}

function quoted(s) {
	gsub(/'/, "'\\''", s)
	return "'" s "'"
}

#
# bash
#
function print_bash_values(	n, k) {
	print "_wos_value() {"
	print "\tcase $1 in"
	for (n = 1; n <= noptions; n++) {
		k = kind(n)
		if (!has_value(n))
			continue
		printf "\t'%s %s') ", program[n], option[n]
		if (k == "file")
			print "_wos_files -f -- \"$2\" ;;"
		else if (k == "folder")
			print "_wos_files -d -- \"$2\" ;;"
		else if (k == "events")
			print "_wos_words \"$(wos-decode --events 2>/dev/null | cut -f 1)\" \"$2\" ;;"
		else
			printf "_wos_words '%s' \"$2\" ;;\n", k
	}
	print "\t*) return 1 ;;"
	print "\tesac"
	print "}"
}

function print_bash(	i) {
	print "# bash completion of wos; wos-completion(1) made it."
	# A line each, as bash 3.2 can do it, too.
	print "_wos_reply() {"
	print "\tlocal line"
	print "\tCOMPREPLY=()"
	print "\twhile IFS= read -r line; do"
	print "\t\tCOMPREPLY+=(\"$line\")"
	print "\tdone < <(compgen \"$@\")"
	print "}"
	# Only where a file belongs: a folder fetch would make a file of the command.
	print "_wos_files() {"
	print "\tcompopt -o filenames 2>/dev/null"
	print "\t_wos_reply \"$@\""
	print "}"
	print "_wos_words() {"
	print "\tlocal before=\"\""
	print "\t[[ $2 != *,* ]] || before=${2%,*},"
	print "\t_wos_reply -P \"$before\" -W \"$1\" -- \"${2##*,}\""
	print "}"
	print_bash_values()
	print "_wos() {"
	print "\tlocal name=${COMP_WORDS[0]##*/} word=${COMP_WORDS[COMP_CWORD]} options=''"
	print "\tlocal before=${COMP_WORDS[COMP_CWORD - 1]}"
	print "\t[[ $word != = ]] || word=''"
	print "\t[[ $before != = ]] || before=${COMP_WORDS[COMP_CWORD - 2]}"
	print "\tCOMPREPLY=()"
	print "\tif [[ $name == wos && ($COMP_CWORD == 1 || ${COMP_WORDS[1]} == help) ]]; then"
	printf "\t\t_wos_words '%s --help --version' \"$word\"\n", substr(commands(), 2)
	print "\t\treturn"
	print "\telif [[ $name == wos ]]; then"
	print "\t\tname=wos-${COMP_WORDS[1]}"
	print "\tfi"
	print "\t_wos_value \"$name $before\" \"$word\" && return"
	print "\tcase $name in"
	for (i = 1; i <= ncommands; i++)
		printf "\twos-%s) options='%s' ;;\n", command[i], words("wos-" command[i])
	print "\tesac"
	print "\tif [[ $word == -* ]]; then"
	print "\t\t_wos_reply -W \"$options\" -- \"$word\""
	print "\telif [[ $name == wos-completion ]]; then"
	print "\t\t_wos_words '" shells "' \"$word\""
	print "\telse"
	print "\t\t_wos_files -f -- \"$word\""
	print "\tfi"
	print "}"
	print "complete $(type compopt >/dev/null 2>&1 || echo -o filenames) \\"
	printf "    -F _wos wos"
	for (i = 1; i <= ncommands; i++)
		printf " wos-%s", command[i]
	print ""
}

#
# zsh
#
function zsh_text(s) {
	gsub(/[][\\:]/, "\\\\&", s)
	return s
}

function zsh_value(n,	k) {
	k = kind(n)
	if (k == "file")
		return "_files"
	if (k == "folder")
		return "_files -/"
	if (k == "events")
		return "_wos_events"
	return k == "" ? " " : "(" k ")"
}

function zsh_option(n,	spec) {
	spec = option[n]
	if (has_value(n))
		spec = spec "="
	else if (argument[n] != "-")
		spec = spec "=-"
	spec = spec "[" zsh_text(text[n]) "]"
	if (has_value(n))
		spec = spec ":" zsh_text(argument[n]) ":" zsh_value(n)
	else if (argument[n] != "-")
		spec = spec "::" zsh_text(argument[n]) ": "
	printf "\t\t    %s \\\n", quoted(spec)
	if (letter[n] != "-")
		printf "\t\t    %s \\\n", quoted("-" letter[n] "[" zsh_text(text[n]) "]")
}

function print_zsh(	i, n) {
	printf "#compdef wos"
	for (i = 1; i <= ncommands; i++)
		printf " wos-%s", command[i]
	print "\n# zsh completion of wos; wos-completion(1) made it."
	print "_wos_events() {"
	print "\tlocal -a types"
	print "\ttypes=(${(f)\"$(wos-decode --events 2>/dev/null | cut -f 1)\"})"
	print "\t_sequence compadd - $types"
	print "}"
	print "_wos() {"
	print "\tlocal name=$service"
	print "\tlocal -a commands"
	print "\tcommands=("
	for (i = 1; i <= ncommands; i++)
		printf "\t    %s\n", quoted(command[i] ":" zsh_text(about[i]))
	print "\t    'help:show a manual'"
	print "\t)"
	print "\tif [[ $name == wos ]]; then"
	print "\t\tif ((CURRENT == 2)) || [[ $words[2] == help ]]; then"
	print "\t\t\t_describe command commands"
	print "\t\t\treturn"
	print "\t\tfi"
	print "\t\tname=wos-$words[2]"
	print "\t\tshift words"
	print "\t\t((CURRENT--))"
	print "\tfi"
	print "\tcase $name in"
	for (i = 1; i <= ncommands; i++) {
		printf "\twos-%s)\n\t\t_arguments \\\n", command[i]
		for (n = 1; n <= noptions; n++)
			if (program[n] == "wos-" command[i])
				zsh_option(n)
		if (command[i] == "completion")
			printf "\t\t    '*:shell:(%s)'\n", shells
		else
			print "\t\t    '*:file:_files'"
		print "\t\t;;"
	}
	print "\tesac"
	print "}"
	print "if [[ $funcstack[1] == _wos ]]; then"
	print "\t_wos \"$@\""
	print "else"
	printf "\tcompdef _wos wos"
	for (i = 1; i <= ncommands; i++)
		printf " wos-%s", command[i]
	print "\nfi"
}

#
# fish
#
function fish_quoted(s) {
	gsub(/[\\']/, "\\\\&", s)
	return "'" s "'"
}

function fish_option(n, what,	k) {
	printf "complete -c %s -l %s", what, substr(option[n], 3)
	if (letter[n] != "-")
		printf " -s %s", letter[n]
	k = kind(n)
	if (k == "file")
		printf " -r -F"
	else if (k == "folder")
		printf " -x -a '(__fish_complete_directories)'"
	else if (k == "events")
		printf " -x -a '(__fish_append , (wos-decode --events 2>/dev/null | cut -f 1))'"
	else if (k != "")
		printf " -x -a '%s'", k
	else if (has_value(n))
		printf " -x"
	printf " -d %s\n", fish_quoted(text[n])
}

function print_fish(	i, n) {
	print "# fish completion of wos; wos-completion(1) made it."
	printf "set -l commands%s\n", commands()
	for (i = 1; i <= ncommands; i++)
		printf "complete -c wos -n __fish_use_subcommand -f -a %s -d %s\n",
		    command[i], fish_quoted(about[i])
	print "complete -c wos -n __fish_use_subcommand -f -a help -d 'show a manual'"
	print "complete -c wos -n '__fish_seen_subcommand_from help' -f -a \"$commands\""
	print "complete -c wos -n '__fish_seen_subcommand_from completion' -f -a '" shells "'"
	print "complete -c wos-completion -f -a '" shells "'"
	for (n = 1; n <= noptions; n++) {
		fish_option(n, program[n])
		fish_option(n, "wos -n '__fish_seen_subcommand_from " \
		    substr(program[n], 5) "'")
	}
}
