# SPDX-License-Identifier: MIT
# One non-recursive makefile. `make help` lists what it can do.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:

# All processors, unless the command line says -j; makes below this one share its job server.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc) --no-print-directory
endif

# --- variants -----------------------------------------------------------------------------------------------------
# VARIANT is release, debug, asan or tsan; each builds into a folder of its own. asan is made for the fuzzers as well.
VARIANT ?= release
# With JOIN=1, and always under asan, the sources of a folder are compiled as one, which takes a third of the time from
# scratch. Names are unique in their folder therefore, in unnamed namespaces as well.
joined := $(if $(JOIN)$(filter asan,$(VARIANT)),net/% scanner/% peer/% tests/unit/% tests/support/%)
VERSION := 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=

BUILD := build/$(VARIANT)
BIN := $(if $(filter release,$(VARIANT)),build,$(BUILD))

flags.release := -O2 -g1 -DNDEBUG
flags.debug := -O0 -g
flags.asan := -O1 -gline-tables-only -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
  -fno-omit-frame-pointer
# The check of virtual tables looks at memory through a pipe, and takes a lack of descriptors for a broken object. The
# others find what the address sanitizer finds as well, and double the time of compiling.
flags.asan += -fno-sanitize=vptr,null,object-size,alignment
flags.tsan := -O1 -g1 -fsanitize=thread -fno-omit-frame-pointer
# g++ warns of uninitialised members of variants where a sanitizer's checks hide the flow from it.
flags.tsan += -Wno-maybe-uninitialized
link.asan := -fsanitize=address,undefined
link.tsan := -fsanitize=thread

# A checkout elsewhere finds what another one compiled.
export CCACHE_NOHASHDIR = 1
ccache := $(if $(shell command -v ccache),ccache )
ifeq ($(VARIANT),asan)
override CXX := $(ccache)clang++
else ifeq ($(origin CXX),default)
CXX := $(ccache)g++
endif

PACKAGES := libpcap libcrypto sqlite3 spdlog fmt libcap libedit
# Asked once, and not before a recipe needs it: pkg-config is itself one of the packages that `make deps` installs.
pkg_cflags = $(eval pkg_cflags := $$(shell pkg-config --cflags $(PACKAGES)))$(pkg_cflags)
pkg_libs = $(eval pkg_libs := $$(shell pkg-config --libs $(PACKAGES)))$(pkg_libs)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
# g++ also warns of the checks that sanitizers put in, so only what has none counts.
ifneq ($(and $(WERROR),$(filter release debug,$(VARIANT))),)
WARNINGS += -Werror
endif

# A joined source is no header, so what is in its unnamed namespaces has one place only.
ifneq ($(and $(joined),$(filter-out asan,$(VARIANT))),)
WARNINGS += -Wno-subobject-linkage
endif

CPPFLAGS_ALL = -I. -DP2P_VERSION='"$(VERSION)"' $(pkg_cflags) $(CPPFLAGS)
CXXFLAGS_ALL = -std=c++20 -pthread $(WARNINGS) -fstack-protector-strong $(flags.$(VARIANT)) $(cheap) $(CXXFLAGS)
LDFLAGS_ALL = -pthread $(link.$(VARIANT)) $(LDFLAGS)
LIBS = $(pkg_libs) $(LDLIBS)
LIBS_scanner := -ltins
LIBS_test := -lgmock -lgtest_main -lgtest

# --- sources ------------------------------------------------------------------------------------------------------
mains := scanner/p2pscan.cpp peer/p2ppeer.cpp peer/p2pdns.cpp
net_src := $(wildcard net/*.cpp)
scanner_src := $(filter-out $(mains),$(wildcard scanner/*.cpp))
peer_src := $(filter-out $(mains),$(wildcard peer/*.cpp peer/*/*.cpp))
support_src := $(wildcard tests/support/*.cpp)
unit_net_src := $(wildcard tests/unit/net/*.cpp)
unit_scanner_src := $(wildcard tests/unit/scanner/*.cpp)
unit_peer_src := $(wildcard tests/unit/peer/*.cpp tests/unit/peer/*/*.cpp)
fuzz_src := $(wildcard tests/fuzz/*_fuzz.cpp)
lab_src := $(wildcard tests/lab/*.cpp)

# obj SOURCES: their objects, one for each folder where they are joined.
obj = $(patsubst %.cpp,$(BUILD)/%.o,$(filter-out $(joined),$(1)) $(filter $(mains),$(filter $(joined),$(1)))) \
  $(patsubst %/,$(BUILD)/joined/%.o,$(sort $(dir $(filter-out $(mains),$(filter $(joined),$(1))))))
libnet := $(BUILD)/libnet.a
libscanner := $(BUILD)/libscanner.a
libpeer := $(BUILD)/libpeer.a
libsupport := $(BUILD)/libsupport.a

programs := $(if $(wildcard scanner/p2pscan.cpp),$(BIN)/p2pscan) $(if $(wildcard peer/p2ppeer.cpp),$(BIN)/p2ppeer) $(BIN)/p2pdns
unit_tests := $(foreach f,net scanner peer,$(if $(unit_$(f)_src),$(BUILD)/unit-$(f)))
preload_src := $(wildcard tests/lab/preload/*.cpp)
lab := $(patsubst tests/lab/%.cpp,$(BUILD)/lab/%,$(lab_src)) \
  $(patsubst tests/lab/preload/%.cpp,$(BUILD)/lab/%.so,$(preload_src))
fuzzers := $(patsubst tests/fuzz/%.cpp,$(BUILD)/fuzz/%,$(fuzz_src))

.PHONY: all
all: $(programs)  ## build the programs (the default)

# Commands are named in short; V=1 shows them whole.
quiet = $(if $(V),,@echo "  $(1) $(if $(filter %.cpp,$<),$<,$@)";)

# --- rules --------------------------------------------------------------------------------------------------------
# Everything is built again when a flag or the compiler changes (with or without ccache is the same).
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@pkg-config --exists $(PACKAGES) || { echo "make: a library is missing; run: make deps" >&2; exit 1; }
	@echo '$(subst ','\'',$(filter-out ccache,$(CXX)) $(CPPFLAGS_ALL) $(CXXFLAGS_ALL) $(LDFLAGS_ALL) $(LIBS))' >$@.$$$$; \
	  if cmp -s $@.$$$$ $@; then rm $@.$$$$; else mv $@.$$$$ $@; fi
.PHONY: FORCE

# Optimising tests takes longer than running them, above all under sanitizers. (Private: it is for no prerequisite.)
$(BUILD)/tests/unit/%.o $(BUILD)/tests/fuzz/%.o $(BUILD)/joined/tests/unit/%.o: private cheap := -O0
$(BUILD)/%.o: %.cpp $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,C++ )$(CXX) $(CPPFLAGS_ALL) $(CXXFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/joined/%.o: build/joined/%.cpp $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,C++ )$(CXX) $(CPPFLAGS_ALL) $(CXXFLAGS_ALL) -MMD -MP -c -o $@ $<
# The sources of a folder, but for those with a main(), as one.
build/joined/%.cpp: FORCE
	@mkdir -p $(@D)
	@printf '#include "%s"\n' $(sort $(filter-out $(mains),$(wildcard $*/*.cpp))) >$@.$$$$; \
	  if cmp -s $@.$$$$ $@; then rm $@.$$$$; else mv $@.$$$$ $@; fi

define archive
	@mkdir -p $(@D)
	@rm -f $@
	$(call quiet,AR  )$(AR) rcs $@ $^
endef
$(libnet): $(call obj,$(net_src)); $(archive)
$(libscanner): $(call obj,$(scanner_src)); $(archive)
$(libpeer): $(call obj,$(peer_src)); $(archive)
$(libsupport): $(call obj,$(support_src)); $(archive)

define link
	@mkdir -p $(@D)
	$(call quiet,LINK)$(CXX) $(CXXFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $(filter %.o %.a,$^) $(1) $(LIBS)
endef
# Of functions that several objects hold, the first copy is taken: the optimised one of the libraries, not the tests'.
define link_test
	@mkdir -p $(@D)
	$(call quiet,LINK)$(CXX) $(CXXFLAGS_ALL) $(LDFLAGS_ALL) -o $@ -Wl,--whole-archive $(filter %.a,$^) \
	  -Wl,--no-whole-archive $(filter %.o,$^) $(1) $(LIBS)
endef
$(BIN)/p2pscan: $(call obj,scanner/p2pscan.cpp) $(libscanner) $(libnet)
	$(call link,$(LIBS_scanner))
$(BIN)/p2ppeer: $(call obj,peer/p2ppeer.cpp) $(libpeer) $(libnet)
	$(call link,)
$(BIN)/p2pdns: $(call obj,peer/p2pdns.cpp) $(libpeer) $(libnet)
	$(call link,)
$(BUILD)/unit-net: $(call obj,$(unit_net_src)) $(libnet)
	$(call link_test,$(LIBS_test))
$(BUILD)/unit-scanner: $(call obj,$(unit_scanner_src)) $(libscanner) $(libnet)
	$(call link_test,$(LIBS_scanner) $(LIBS_test))
$(BUILD)/unit-peer: $(call obj,$(unit_peer_src)) $(if $(support_src),$(libsupport)) $(libpeer) $(libnet)
	$(call link_test,$(LIBS_test))
$(BUILD)/lab/%: $(BUILD)/tests/lab/%.o $(libnet)
	@mkdir -p $(@D)
	$(call link,)
# Loaded into a program before anything else, also before a sanitizer's parts, so it has none itself.
$(BUILD)/lab/%.so: tests/lab/preload/%.cpp $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,C++ )$(CXX) -std=c++20 $(WARNINGS) -O1 -g1 -fPIC -shared -o $@ $<
$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(libscanner) $(libpeer) $(libnet)
	$(call link_test,-fsanitize=fuzzer $(LIBS_scanner))

# --- tests --------------------------------------------------------------------------------------------------------
# A runner's last line is "N passed, N failed, N skipped".
.PHONY: unit unit-net unit-scanner unit-peer
unit: $(unit_tests)
	@for t in $^; do $$t --gtest_brief=1; done
unit-net unit-scanner unit-peer: %: $(BUILD)/%
	$< --gtest_brief=1

.PHONY: deps check check-unit check-system
deps:  ## install the Debian packages that building and testing need
	@tools/install-deps build test $(filter asan,$(VARIANT))

check: deps  ## install what is missing, build, run all tests (VARIANT=asan: under sanitizers)
	@$(MAKE) all test-programs
	@BUILD=$(BUILD) BIN=$(BIN) tools/tally tests/unit/run tests/system/run

.PHONY: test-programs
test-programs: $(unit_tests) $(lab)

check-unit: $(unit_tests)  ## run the unit tests
	@BUILD=$(BUILD) tests/unit/run

check-system: $(programs) $(lab)  ## run the system tests: the real programs in network namespaces (root or sudo)
	@BUILD=$(BUILD) BIN=$(BIN) tests/system/run $(TESTS)

FUZZ_SECONDS ?= 10
.PHONY: fuzz fuzz-run
fuzz:  ## run every fuzzer for FUZZ_SECONDS (10)
	@tools/install-deps build asan
	@$(MAKE) VARIANT=asan fuzz-run
fuzz-run: $(fuzzers)
	@tests/fuzz/run $(FUZZ_SECONDS) $(fuzzers)

# --- lint ---------------------------------------------------------------------------------------------------------
lint_cpp := $(net_src) $(scanner_src) $(peer_src) $(wildcard $(mains))
sources := $(lint_cpp) $(support_src) $(unit_net_src) $(unit_scanner_src) $(unit_peer_src) $(fuzz_src) $(lab_src) $(preload_src) \
  $(wildcard net/*.h scanner/*.h peer/*.h peer/*/*.h tests/support/*.h tests/bench/*.cpp)
scripts = $(shell grep -rlE '^.! ?(/usr)?/bin/(env )?(ba)?sh' tools tests .ci) \
  $(wildcard tools/*.sh tools/completions/*)
# Most of clang-tidy's time goes into the headers of libraries, so it gets a folder at a time.
tidied := $(patsubst %/,build/tidy/joined/%.ok,$(sort $(dir $(filter-out $(mains),$(lint_cpp))))) $(mains:%.cpp=build/tidy/%.ok)

lints := lint-format lint-tidy lint-cppcheck lint-scripts lint-man lint-layers
.PHONY: lint $(lints)
lint:  ## check format, clang-tidy, cppcheck, scripts, man pages and layers
	@tools/install-deps build lint
	+@tools/lint $(lints)
lint-format:
	@clang-format --dry-run -Werror $(sources)
lint-tidy: $(tidied)
define tidy
	@mkdir -p $(@D)
	@clang-tidy --quiet --warnings-as-errors='*' $< -- -xc++ $(CPPFLAGS_ALL) -std=c++20 2>$@.log || { cat $@.log; exit 1; }
	@$(CXX) $(CPPFLAGS_ALL) -std=c++20 -MM -MP -MT $@ -MF $(@:.ok=.d) $<
	@touch $@
endef
build/tidy/joined/%.ok: build/joined/%.cpp .clang-tidy; $(tidy)
build/tidy/%.ok: %.cpp .clang-tidy; $(tidy)
lint-cppcheck:
	@mkdir -p build/cppcheck
	cppcheck --quiet --std=c++20 --language=c++ --enable=warning,performance,portability --inline-suppr \
	  --suppressions-list=tools/cppcheck-suppressions --cppcheck-build-dir=build/cppcheck --error-exitcode=1 \
	  -j$(shell nproc) -I. -DP2P_VERSION='"$(VERSION)"' $(lint_cpp)
lint-scripts:
	@shellcheck -x $(scripts)
lint-man:
	$(if $(wildcard man/*.[1-9]),mandoc -T lint -W warning $(wildcard man/*.[1-9]),@echo "no man page"; exit 1)
lint-layers:
	tools/check-layers

# --- demo and benches ---------------------------------------------------------------------------------------------
.PHONY: demo bench
demo: deps  ## build, then scan, list and fetch on a virtual LAN on this machine (root or sudo)
	@$(MAKE) all
	@tools/demo

bench:  ## measure against other tools; writes build/bench.json (root or sudo)
	@tools/install-deps build bench
	@$(MAKE) VARIANT=release all test-programs
	@tests/bench/run $(BENCHES)

# --- installing ---------------------------------------------------------------------------------------------------
bindir = $(DESTDIR)$(PREFIX)/bin
mandir = $(DESTDIR)$(PREFIX)/share/man
completiondir = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
installed = $(programs:$(BIN)/%=$(bindir)/%) \
  $(foreach page,$(notdir $(wildcard man/*.[1-9])),$(mandir)/man$(subst .,,$(suffix $(page)))/$(page)) \
  $(patsubst tools/completions/%,$(completiondir)/%,$(wildcard tools/completions/*))

.PHONY: install uninstall clean help
install: $(programs)  ## copy programs, man pages and completions to DESTDIR/PREFIX (/usr/local); sets no capability
	@for f in $(installed); do case $$f in \
	  $(bindir)/*) install -D -m 755 "$(BIN)/$${f##*/}" "$$f" ;; \
	  $(mandir)/*) install -D -m 644 "man/$${f##*/}" "$$f" ;; \
	  *) install -D -m 644 "tools/completions/$${f##*/}" "$$f" ;; \
	  esac; echo "$$f"; done

uninstall:  ## remove what install copied
	rm -f $(installed)

clean:  ## remove everything that was built
	rm -rf build

help:  ## show this
	@echo "usage: make [TARGET] [VARIANT=release|debug|asan|tsan] [JOIN=1] [WERROR=1] [V=1] [CXXFLAGS=...]"
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1|\2/p' $(firstword $(MAKEFILE_LIST)) | while IFS='|' read -r name text; do \
	  printf '%-16s %s\n' "$$name" "$$text"; done

-include $(shell find $(BUILD) build/tidy -name '*.d' 2>/dev/null)
