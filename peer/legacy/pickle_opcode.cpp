// SPDX-License-Identifier: MIT
#include "peer/legacy/pickle_opcode.h"

#include <algorithm>
#include <array>

namespace peer::legacy {
namespace {

using Argument = Opcode::Argument;

constexpr std::array kOpcodes = {
    Opcode{'(', "MARK", Argument::kNone},
    Opcode{')', "EMPTY_TUPLE"},
    Opcode{'.', "STOP", Argument::kNone},
    Opcode{'0', "POP"},
    Opcode{'1', "POP_MARK"},
    Opcode{'2', "DUP"},
    Opcode{'B', "BINBYTES", Argument::kData, 4},
    Opcode{'C', "SHORT_BINBYTES", Argument::kData, 1},
    Opcode{'F', "FLOAT"},
    Opcode{'G', "BINFLOAT"},
    Opcode{'I', "INT"},
    Opcode{'J', "BININT"},
    Opcode{'K', "BININT1"},
    Opcode{'L', "LONG"},
    Opcode{'M', "BININT2"},
    Opcode{'N', "NONE"},
    Opcode{'P', "PERSID"},
    Opcode{'Q', "BINPERSID"},
    Opcode{'R', "REDUCE"},
    Opcode{'S', "STRING"},
    Opcode{'T', "BINSTRING", Argument::kData, 4},
    Opcode{'U', "SHORT_BINSTRING", Argument::kData, 1},
    Opcode{'V', "UNICODE", Argument::kLine},
    Opcode{'X', "BINUNICODE", Argument::kData, 4},
    Opcode{']', "EMPTY_LIST", Argument::kNone},
    Opcode{'a', "APPEND", Argument::kNone},
    Opcode{'b', "BUILD"},
    Opcode{'c', "GLOBAL"},
    Opcode{'d', "DICT"},
    Opcode{'e', "APPENDS", Argument::kNone},
    Opcode{'g', "GET", Argument::kLine},
    Opcode{'h', "BINGET", Argument::kNumber, 1},
    Opcode{'i', "INST"},
    Opcode{'j', "LONG_BINGET", Argument::kNumber, 4},
    Opcode{'l', "LIST", Argument::kNone},
    Opcode{'o', "OBJ"},
    Opcode{'p', "PUT", Argument::kLine},
    Opcode{'q', "BINPUT", Argument::kNumber, 1},
    Opcode{'r', "LONG_BINPUT", Argument::kNumber, 4},
    Opcode{'s', "SETITEM"},
    Opcode{'t', "TUPLE"},
    Opcode{'u', "SETITEMS"},
    Opcode{'}', "EMPTY_DICT"},
    Opcode{0x80, "PROTO", Argument::kNumber, 1},
    Opcode{0x81, "NEWOBJ"},
    Opcode{0x82, "EXT1"},
    Opcode{0x83, "EXT2"},
    Opcode{0x84, "EXT4"},
    Opcode{0x85, "TUPLE1"},
    Opcode{0x86, "TUPLE2"},
    Opcode{0x87, "TUPLE3"},
    Opcode{0x88, "NEWTRUE"},
    Opcode{0x89, "NEWFALSE"},
    Opcode{0x8a, "LONG1"},
    Opcode{0x8b, "LONG4"},
    Opcode{0x8c, "SHORT_BINUNICODE", Argument::kData, 1},
    Opcode{0x8d, "BINUNICODE8", Argument::kData, 8},
    Opcode{0x8e, "BINBYTES8", Argument::kData, 8},
    Opcode{0x8f, "EMPTY_SET"},
    Opcode{0x90, "ADDITEMS"},
    Opcode{0x91, "FROZENSET"},
    Opcode{0x92, "NEWOBJ_EX"},
    Opcode{0x93, "STACK_GLOBAL"},
    Opcode{0x94, "MEMOIZE", Argument::kNone},
    Opcode{0x95, "FRAME", Argument::kNumber, 8},
    Opcode{0x96, "BYTEARRAY8"},
    Opcode{0x97, "NEXT_BUFFER"},
    Opcode{0x98, "READONLY_BUFFER"},
};
static_assert(std::is_sorted(kOpcodes.begin(), kOpcodes.end(),
                             [](const Opcode& a, const Opcode& b) { return a.byte < b.byte; }));

}  // namespace

std::span<const Opcode> opcodes() { return kOpcodes; }

const Opcode* find_opcode(std::uint8_t byte) {
  const auto* found = std::lower_bound(kOpcodes.begin(), kOpcodes.end(), byte,
                                       [](const Opcode& opcode, std::uint8_t wanted) { return opcode.byte < wanted; });
  return found != kOpcodes.end() && found->byte == byte ? found : nullptr;
}

}  // namespace peer::legacy
