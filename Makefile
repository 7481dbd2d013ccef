# SPDX-License-Identifier: MIT
# wos: three filters that keep a SQL database in step with WorkOS.
#
#	make            the programs, beside their sources
#			POSTGRES=no (after make clean): wos-apply without libpq
#	make check      the tests            make lint     the linters
#	make fast       the tests but the slow ones
#	make asan       the tests under the address and undefined sanitizers
#	make torture    each write, allocation and kill that check has samples of
#	make fuzz       each target for a minute
#	make bench      speed beside what else one could do; make bench-fetch,
#			make bench-list, make bench-against REF=COMMIT, make
#			bench-idle REF=COMMIT
#	make check-observe    the page of wos-status, in a browser, and traces
#	make check-postgres   apply's tests with PostgreSQL 12 and 18
#	make check-d1         apply's tests with the engine of Cloudflare's D1
#	make check-schemas    --schema's models, by the programs that they are for
#	make check-emulator   wos-sync and the official emulator of the API
#	make check-deb        the .deb, made twice and in a bare Debian
#	make install    PREFIX=/usr/local, DESTDIR=; install-strip, uninstall; clean
#	make dist       what a release has: archive, SBOM, checksums; make static
#	make golden     after a change of schema/catalogue.def: the files that
#			follow from it and are kept, and those that tests expect
#	make catalogue-drift    what the API has and the catalogue lacks
#
# CFLAGS, CPPFLAGS, LDFLAGS and LDLIBS are the caller's, from the command line or
# the environment.

VERSION = 0.2.0
PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
UNITDIR = $(PREFIX)/lib/systemd/system
SYSUSERSDIR = $(PREFIX)/lib/sysusers.d
TMPFILESDIR = $(PREFIX)/lib/tmpfiles.d
DATADIR = $(PREFIX)/share/wos
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d
DOCDIR = $(PREFIX)/share/doc/wos
INSTALL_PROGRAM = install
PKG_CONFIG = pkg-config
CFLAGS ?= -O2 -g

# libjq 1.6 has no .pc file.
LIB_CFLAGS := $(shell for lib in libcurl sqlite3 libjq; do \
	$(PKG_CONFIG) --cflags $$lib 2>/dev/null; done)
CURL_LIBS := $(shell $(PKG_CONFIG) --libs libcurl 2>/dev/null || echo -lcurl)
SQLITE_LIBS := $(shell $(PKG_CONFIG) --libs sqlite3 2>/dev/null || echo -lsqlite3)
ifeq ($(POSTGRES),no)
PQ_CFLAGS = -DWITHOUT_POSTGRES
PQ_SOURCES = $(wildcard apply/postgres/*.c)
else
# Homebrew keeps it out of the way of the system's.
PQ_CONFIG = PKG_CONFIG_PATH="$$PKG_CONFIG_PATH:/opt/homebrew/opt/libpq/lib/pkgconfig:/usr/local/opt/libpq/lib/pkgconfig" $(PKG_CONFIG)
# It is loaded when a server is named, by its interface's version, 5 since 2006.
ifeq ($(shell uname -s),Darwin)
LIBPQ_FILE := $(shell $(PQ_CONFIG) --variable=libdir libpq)/libpq.5.dylib
else
LIBPQ_FILE = libpq.so.5
endif
PQ_CFLAGS := $(shell $(PQ_CONFIG) --cflags libpq 2>/dev/null) \
	-DLIBPQ_FILE='"$(LIBPQ_FILE)"'
endif
# wos-fetch is linked with it; wos-apply loads it when a D1 database is named.
ifeq ($(shell uname -s),Darwin)
LIBCURL_FILE = libcurl.4.dylib
else
LIBCURL_FILE = libcurl.so.4
DL_LIBS = -ldl # for a glibc older than 2.34
endif
JQ_LIBS := $(shell $(PKG_CONFIG) --libs libjq 2>/dev/null || echo -ljq)

# A program's files name its rooms, and those of common, from its own folder.
ALL_CPPFLAGS = $(ROOMS) -Icommon -Ischema -D_GNU_SOURCE -DWOS_VERSION='"$(VERSION)"' \
	-DLIBCURL_FILE='"$(LIBCURL_FILE)"' \
	$(LIB_CFLAGS) $(PQ_CFLAGS) $(CPPFLAGS)
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wwrite-strings -Wvla -Wformat=2 -Wimplicit-fallthrough \
	-Werror=format-security
# What the compiler is, and what the caller, or its distribution, has set.
COMPILER := $(shell $(CC) $(CPPFLAGS) $(CFLAGS) -dM -E -x c /dev/null 2>/dev/null | awk \
	'$$2 == "__GNUC__" && $$3 >= 12 { print "gcc12" } \
	$$2 ~ /^(__OPTIMIZE__|_FORTIFY_SOURCE|__clang__|__x86_64__|__aarch64__)$$/ { print $$2 }')
# OpenSSF's list, as far as the compiler takes it: it names the ones that it does
# not.  test/README.md has what they cost, and what is left out.
HARDEN_WANTED = -fstack-protector-strong -fstack-clash-protection \
	-fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing \
	-ftrivial-auto-var-init=zero -fstrict-flex-arrays=3 \
	$(if $(findstring __x86_64__,$(COMPILER)),-fcf-protection=full) \
	$(if $(findstring __aarch64__,$(COMPILER)),-mbranch-protection=standard)
HARDEN_REFUSED := $(shell $(CC) -Werror $(HARDEN_WANTED) -c -o /dev/null -x c /dev/null 2>&1)
HARDEN := -fPIE $(foreach flag,$(HARDEN_WANTED),$(if $(findstring \
	$(flag),$(HARDEN_REFUSED)),,$(flag)))
# What is built is the same in any folder, whose name may have a space in it.
HARDEN += $(shell map="-ffile-prefix-map='$(CURDIR)'=." && eval "$(CC) -Werror $$map" \
	-c -o /dev/null -x c /dev/null 2>/dev/null && echo "$$map")
# It needs an optimizer; what is set is not lowered; and an older gcc warns of 3.
ifeq ($(filter __OPTIMIZE__ _FORTIFY_SOURCE,$(COMPILER)),__OPTIMIZE__)
HARDEN += -D_FORTIFY_SOURCE=$(if $(filter gcc12 __clang__,$(COMPILER)),3,2)
endif
ALL_CFLAGS = -std=gnu11 -pthread $(WARN) $(HARDEN) $(CFLAGS)
ifeq ($(shell uname -s),Linux)
HARDEN_LD = -pie -Wl,-z,relro,-z,now,-z,noexecstack \
	-Wl,--as-needed,--no-copy-dt-needed-entries
endif

PROGRAMS = fetch/wos-fetch fetch/wos-otlp decode/wos-decode apply/wos-apply
SCRIPTS = scripts/wos scripts/wos-sync scripts/wos-rebuild scripts/wos-status \
	scripts/wos-verify scripts/wos-erase scripts/wos-doctor scripts/wos-completion
SHARED = scripts/wos.sh scripts/wos-options.sh scripts/wos-metrics.sh \
	scripts/wos-status.awk scripts/wos-status-text.awk scripts/wos-status-page.awk \
	scripts/wos-status-charts.awk scripts/wos-status.css scripts/wos-status.js \
	scripts/wos-verify.awk scripts/wos-completion.awk \
	packaging/watch/wos-alerts.yml packaging/watch/wos-grafana.json
EXAMPLES = packaging/examples/* packaging/Dockerfile packaging/compose.yaml packaging/kubernetes.yaml
objects = $(patsubst %.c,%.o,$(wildcard $(1)))
apply/%.o test/%.o: ROOMS = -Iapply
fetch/%.o: ROOMS = -Ifetch
# What they share: each program takes out of it what it uses.
COMMON = common/common.a

all: $(PROGRAMS)

$(COMMON): $(call objects,common/*.c common/*/*.c schema/*.c)
	rm -f $@
	$(AR) -rcs $@ $^
fetch/wos-fetch: $(call objects,fetch/*.c fetch/events/*.c fetch/lists/*.c) $(COMMON)
	$(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(CURL_LIBS) $(JQ_LIBS) $(LDLIBS)
fetch/wos-otlp: $(call objects,fetch/otlp/*.c) $(COMMON)
	$(CC) $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(CURL_LIBS) $(LDLIBS)
DECODE = $(filter-out decode/main.o,$(call objects,decode/*.c))
decode/wos-decode: decode/main.o $(DECODE) $(COMMON)
	$(CC) -pthread $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ $(JQ_LIBS) $(LDLIBS)
# Programs of the tests and of the bench are made of the same.
APPLY = $(filter-out apply/main.o $(PQ_SOURCES:.c=.o),$(call objects,apply/*.c apply/*/*.c)) \
	$(COMMON)
LINK_APPLY = $(CC) -pthread $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ \
	$(SQLITE_LIBS) $(DL_LIBS) $(LDLIBS)
apply/wos-apply: apply/main.o $(APPLY)
	$(LINK_APPLY)

%.o: %.c
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
-include $(wildcard */*.d */*/*.d)

# Fuzz targets, by what they are linked with.
FUZZ_APPLY = apply d1 decode form item jq jsontext text
FUZZ_FETCH = listpage page refusal saved time
FUZZ_OTLP = otlp spool traceparent
FUZZ = $(FUZZ_APPLY) $(FUZZ_FETCH) $(FUZZ_OTLP)

# The suite. BATS_FLAGS may add a filter, as in BATS_FLAGS='-f cursor'; JOBS is
# how many files run at once.
TESTED = test/unchecked/unchecked $(addprefix test/fuzz/replay-,$(FUZZ))
check: tested
	test/run $(BATS_FLAGS)
fast: tested
	test/run --filter-tags '!slow' $(BATS_FLAGS)
# What test/run has made first, whoever calls it: nothing old is tested.
tested: all $(TESTED)
test/unchecked/unchecked: test/unchecked/unchecked.o $(APPLY)
	$(LINK_APPLY)
# A main for any compiler; test/fuzz/run has the fuzzer's in its place.
REPLAY = test/fuzz/replay.o
LINK_FUZZ = $(CC) -pthread $(CFLAGS) $(HARDEN_LD) $(LDFLAGS) -o $@ $^ \
	$(CURL_LIBS) $(SQLITE_LIBS) $(JQ_LIBS) $(DL_LIBS) $(LDLIBS)
test/fuzz/%.o: ROOMS = -Iapply -Ifetch
$(addprefix test/fuzz/replay-,$(FUZZ_APPLY)): test/fuzz/replay-%: test/fuzz/%.o $(REPLAY) \
		fetch/lists/item.o fetch/events/page.o $(DECODE) $(APPLY)
	$(LINK_FUZZ)
$(addprefix test/fuzz/replay-,$(FUZZ_FETCH)): test/fuzz/replay-%: test/fuzz/%.o $(REPLAY) \
		$(filter-out fetch/main.o,$(call objects,fetch/*.c fetch/events/*.c fetch/lists/*.c)) \
		$(COMMON)
	$(LINK_FUZZ)
$(addprefix test/fuzz/replay-,$(FUZZ_OTLP)): test/fuzz/replay-%: test/fuzz/%.o $(REPLAY) \
		$(filter-out fetch/otlp/otlp.o,$(call objects,fetch/otlp/*.c)) $(COMMON)
	$(LINK_FUZZ)

# The page needs Chromium, and PICTURES names a folder for what it saw; traces
# are read with what npm has of OpenTelemetry, if it is to be had.
check-observe: all
	test/observe/check-traces
	test/observe/check $(PICTURES)

# Needs npm and, the first time, the network (120 MB in ~/.cache).
check-postgres: all
	test/check-postgres

# Needs Node and, the first time, npm and the network (160 MB in ~/.cache).
check-d1: all
	test/check-d1

# Needs Node and, the first time, npm and the network (280 MB in ~/.cache).
check-schemas: all
	test/check-schemas

# Needs Node and, the first time, npm and the network (300 MB in ~/.cache).
check-emulator: all
	test/emulator/check

# Needs root, debootstrap and the network; 1.1 GB in ~/.cache.
check-deb:
	test/packages/check $(STEPS)

# A sanitized build in a folder of its own, so no object here is touched.  What
# looks for leaks stops the program from outside, which a confined one refuses.
PROCESSORS = $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
asan:
	WOS_SANDBOX=off LSAN_OPTIONS=suppressions=$(CURDIR)/test/leaks test/in-copy $(MAKE) -j$(PROCESSORS) check \
	    CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined -fstrict-overflow'

# What is claimed of crashes, tried to the end; test/README.md has what came of it.
# KILLS is how many of each kind are up to chance, SEED and SEEDS how chance begins.
# EACH = 53 leaves out 52 of 53 of the other cases.
SEED = 1
KILLS = 100
EACH ?= 1
SEEDS = 200
torture: all
	test/torture/torture --seed $(SEED) --random $(KILLS) --stride $(EACH)
	STRIDE=1 KILLS=$(KILLS) SEEDS=$(SEEDS) test/run test/crash.bats \
	    test/state.bats test/history.bats test/lists.bats test/killed.bats test/forget.bats

# Speed beside what else one could do: EVENTS events, the best of TIMES runs.
EVENTS = 200000
LATENCY = 50
ORGANIZATIONS = 2000
TIMES = 5
bench: all test/bench/floor test/bench/floor_postgres test/bench/parse
	test/bench/run $(EVENTS) $(TIMES)
bench-fetch: all
	test/bench/fetch $(LATENCY)
bench-list: all
	test/bench/list $(LATENCY) $(ORGANIZATIONS)
bench-against: decode/wos-decode apply/wos-apply
	test/bench/against $(REF) $(EVENTS) $(TIMES)
bench-idle: all
	test/bench/idle $(REF) $(TIMES)
test/bench/floor test/bench/floor_postgres: %: %.o test/bench/held.o $(APPLY)
	$(LINK_APPLY)
test/bench/parse: test/bench/parse.o
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(JQ_LIBS) $(LDLIBS)

# Each fuzz target for SECONDS_EACH seconds (60); needs clang.
fuzz:
	test/fuzz/run

lint:
	test/lint

# Tests fail while these are older than the catalogue.
golden: decode/wos-decode apply/wos-apply
	apply/wos-apply --schema sqlite >schema/sqlite.sql
	apply/wos-apply --schema postgres >schema/postgres.sql
	apply/wos-apply --schema svg >schema/schema.svg
	apply/wos-apply --schema mdoc | scripts/schema-manual >schema/wos-schema.7
	scripts/cookbook-manual >schema/wos-cookbook.7
	apply/wos-apply --schema mdoc | scripts/privacy-manual >scripts/wos-privacy.7
	decode/wos-decode --events | scripts/events-manual >decode/wos-events.7
	test/gen/golden

# Needs npm and the network: the API's newest specification is read.
catalogue-drift: decode/wos-decode apply/wos-apply
	test/gen/catalogue-drift

# A prefix, or DESTDIR, may have a space in its name; and umask is no matter.
install: all
	for dir in "$(BINDIR)" "$(DATADIR)/schema/cookbook" "$(MANDIR)/man1" \
	    "$(MANDIR)/man7" "$(DOCDIR)/examples" "$(UNITDIR)" "$(SYSUSERSDIR)" \
	    "$(TMPFILESDIR)" "$(BASHDIR)" "$(ZSHDIR)" "$(FISHDIR)"; do \
	    install -d "$(DESTDIR)$$dir" || exit 1; done
	$(INSTALL_PROGRAM) -m 755 $(PROGRAMS) "$(DESTDIR)$(BINDIR)"
	install -m 755 $(SCRIPTS) "$(DESTDIR)$(BINDIR)"
	install -m 644 $(SHARED) "$(DESTDIR)$(DATADIR)"
	install -m 644 schema/*.sql schema/schema.svg "$(DESTDIR)$(DATADIR)/schema"
	install -m 644 schema/cookbook/*.sql "$(DESTDIR)$(DATADIR)/schema/cookbook"
	install -m 644 */*.1 "$(DESTDIR)$(MANDIR)/man1"
	install -m 644 */*.7 "$(DESTDIR)$(MANDIR)/man7"
	umask 022 && scripts/wos-completion bash >"$(DESTDIR)$(BASHDIR)/wos" && \
	    scripts/wos-completion zsh >"$(DESTDIR)$(ZSHDIR)/_wos" && \
	    scripts/wos-completion fish >"$(DESTDIR)$(FISHDIR)/wos.fish"
	for name in $(filter wos-%,$(notdir $(PROGRAMS) $(SCRIPTS))); do \
	    ln -sf wos "$(DESTDIR)$(BASHDIR)/$$name" && \
	    ln -sf wos.fish "$(DESTDIR)$(FISHDIR)/$$name.fish" || exit 1; done
	install -m 644 LICENSE NEWS README.md "$(DESTDIR)$(DOCDIR)"
	install -m 644 $(EXAMPLES) "$(DESTDIR)$(DOCDIR)/examples"
	install -m 644 packaging/systemd/wos.sysusers "$(DESTDIR)$(SYSUSERSDIR)/wos.conf"
	install -m 644 packaging/systemd/wos.tmpfiles "$(DESTDIR)$(TMPFILESDIR)/wos.conf"
	packaging/systemd/install "$(BINDIR)" "$(DESTDIR)$(UNITDIR)"
install-strip:
	$(MAKE) install INSTALL_PROGRAM='install -s'

# Whatever install would install now, and the folders that are only its own.
uninstall: all
	from="$(DESTDIR)" && [ ! "$$from" ] || from=$$(CDPATH= cd -- "$$from" && pwd) && \
	dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	$(MAKE) -s install DESTDIR="$$dir" && cd "$$dir" && \
	find . ! -type d -exec sh -c 'from=$$1 && shift && for file; do \
	    rm -f "$$from/$$file" || exit; done' sh "$$from" {} + && \
	find . -depth -path '*/wos*' -type d -exec sh -c 'from=$$1 && shift && for dir; do \
	    rmdir "$$from/$$dir" 2>/dev/null || :; done' sh "$$from" {} +

# In dist/: of what git has, and reproducible; and what can be had of static programs.
static:
	packaging/static
dist:
	packaging/dist $(VERSION)

clean:
	rm -f $(PROGRAMS) $(TESTED) test/bench/floor test/bench/floor_postgres test/bench/parse
	rm -f */*.o */*.d */*/*.o */*/*.d $(COMMON)

.PHONY: all check fast tested check-postgres check-d1 check-schemas check-observe check-emulator asan bench bench-fetch bench-list bench-against bench-idle torture fuzz lint golden catalogue-drift install install-strip uninstall dist static check-deb clean
