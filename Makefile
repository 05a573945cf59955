# SPDX-License-Identifier: MIT
# One non-recursive makefile. `make help` lists what it can do.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:

# --- variants -----------------------------------------------------------------------------------------------------
# VARIANT is release, debug, asan, tsan or fuzz; each builds into a folder of its own.
VARIANT ?= release
VERSION := 0.1.0
PREFIX ?= /usr/local
DESTDIR ?=

BUILD := build/$(VARIANT)
BIN := $(if $(filter release,$(VARIANT)),build,$(BUILD))

flags.release := -O2 -g -DNDEBUG
flags.debug := -O0 -g
flags.asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
flags.tsan := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
flags.fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
link.asan := -fsanitize=address,undefined
link.tsan := -fsanitize=thread
link.fuzz := -fsanitize=address,undefined

ifeq ($(VARIANT),fuzz)
CXX := clang++
endif

PACKAGES := libpcap libcrypto sqlite3 spdlog fmt libcap
# pkg-config is one of the packages that `make deps` installs, so it may be missing at first.
pkg = $(shell pkg-config $(1) $(PACKAGES) 2>/dev/null)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
ifdef WERROR
WARNINGS += -Werror
endif

CPPFLAGS_ALL = -I. -DP2P_VERSION='"$(VERSION)"' $(call pkg,--cflags) $(CPPFLAGS)
CXXFLAGS_ALL = -std=c++20 -pthread $(WARNINGS) -fstack-protector-strong $(flags.$(VARIANT)) $(CXXFLAGS)
LDFLAGS_ALL = -pthread $(link.$(VARIANT)) $(LDFLAGS)
LIBS = $(call pkg,--libs) $(LDLIBS)
LIBS_scanner := -ltins
LIBS_test := -lgtest -lgmock

# --- sources ------------------------------------------------------------------------------------------------------
mains := scanner/p2pscan.cpp peer/p2ppeer.cpp
net_src := $(wildcard net/*.cpp)
scanner_src := $(filter-out $(mains),$(wildcard scanner/*.cpp))
peer_src := $(filter-out $(mains),$(wildcard peer/*.cpp peer/*/*.cpp))
support_src := $(wildcard tests/support/*.cpp)
unit_net_src := $(wildcard tests/unit/net/*.cpp)
unit_scanner_src := $(wildcard tests/unit/scanner/*.cpp)
unit_peer_src := $(wildcard tests/unit/peer/*.cpp tests/unit/peer/*/*.cpp)
fuzz_src := $(wildcard tests/fuzz/*_fuzz.cpp)

obj = $(patsubst %.cpp,$(BUILD)/%.o,$(1))
libnet := $(BUILD)/libnet.a
libscanner := $(BUILD)/libscanner.a
libpeer := $(BUILD)/libpeer.a
libsupport := $(BUILD)/libsupport.a

programs := $(if $(wildcard scanner/p2pscan.cpp),$(BIN)/p2pscan) $(if $(wildcard peer/p2ppeer.cpp),$(BIN)/p2ppeer)
unit_tests := $(foreach f,net scanner peer,$(if $(unit_$(f)_src),$(BUILD)/unit-$(f)))
fuzzers := $(patsubst tests/fuzz/%.cpp,$(BUILD)/fuzz/%,$(fuzz_src))

.PHONY: all
all: $(programs)

# --- rules --------------------------------------------------------------------------------------------------------
$(BUILD)/%.o: %.cpp
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS_ALL) $(CXXFLAGS_ALL) -MMD -MP -c -o $@ $<

define archive
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^
endef
$(libnet): $(call obj,$(net_src)); $(archive)
$(libscanner): $(call obj,$(scanner_src)); $(archive)
$(libpeer): $(call obj,$(peer_src)); $(archive)
$(libsupport): $(call obj,$(support_src)); $(archive)

define link
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(1) $(LIBS)
endef
$(BIN)/p2pscan: $(call obj,scanner/p2pscan.cpp) $(libscanner) $(libnet)
	$(call link,$(LIBS_scanner))
$(BIN)/p2ppeer: $(call obj,peer/p2ppeer.cpp) $(libpeer) $(libnet)
	$(call link,)
$(BUILD)/unit-net: $(call obj,$(unit_net_src)) $(if $(support_src),$(libsupport)) $(libnet)
	$(call link,$(LIBS_test))
$(BUILD)/unit-scanner: $(call obj,$(unit_scanner_src)) $(libscanner) $(libnet)
	$(call link,$(LIBS_scanner) $(LIBS_test))
$(BUILD)/unit-peer: $(call obj,$(unit_peer_src)) $(if $(support_src),$(libsupport)) $(libpeer) $(libnet)
	$(call link,$(LIBS_test))
$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(libscanner) $(libpeer) $(libnet)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS_ALL) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(LIBS_scanner) $(LIBS)

# --- tests --------------------------------------------------------------------------------------------------------
.PHONY: unit unit-net unit-scanner unit-peer
unit: $(unit_tests)
	@for t in $^; do $$t --gtest_brief=1; done
unit-net unit-scanner unit-peer: %: $(BUILD)/%
	$< --gtest_brief=1

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
