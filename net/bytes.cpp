// SPDX-License-Identifier: MIT
#include "net/bytes.h"

#include <limits>

#include "net/check.h"

namespace net {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

ByteView as_bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

std::string_view as_text(ByteView bytes) {
  if (bytes.empty()) return {};
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint64_t ByteReader::unsigned_be(std::size_t width) {
  std::uint64_t value = 0;
  for (std::byte octet : bytes(width)) value = value << 8 | std::to_integer<std::uint64_t>(octet);
  return value;
}

std::uint8_t ByteReader::u8() { return static_cast<std::uint8_t>(unsigned_be(1)); }
std::uint16_t ByteReader::u16() { return static_cast<std::uint16_t>(unsigned_be(2)); }
std::uint32_t ByteReader::u32() { return static_cast<std::uint32_t>(unsigned_be(4)); }
std::uint64_t ByteReader::u64() { return unsigned_be(8); }

ByteView ByteReader::bytes(std::size_t count) {
  if (!ok_ || count > in_.size()) {
    ok_ = false;
    return {};
  }
  ByteView taken = in_.first(count);
  in_ = in_.subspan(count);
  return taken;
}

std::string_view ByteReader::string16() {
  std::size_t length = u16();
  return as_text(bytes(length));
}

ByteView ByteReader::rest() { return bytes(in_.size()); }

ByteWriter& ByteWriter::unsigned_be(std::uint64_t value, std::size_t width) {
  for (std::size_t i = width; i-- > 0;) out_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
  return *this;
}

ByteWriter& ByteWriter::u8(std::uint8_t value) { return unsigned_be(value, 1); }
ByteWriter& ByteWriter::u16(std::uint16_t value) { return unsigned_be(value, 2); }
ByteWriter& ByteWriter::u32(std::uint32_t value) { return unsigned_be(value, 4); }
ByteWriter& ByteWriter::u64(std::uint64_t value) { return unsigned_be(value, 8); }

ByteWriter& ByteWriter::bytes(ByteView value) {
  out_.insert(out_.end(), value.begin(), value.end());
  return *this;
}

ByteWriter& ByteWriter::string16(std::string_view value) {
  CHECK(value.size() <= std::numeric_limits<std::uint16_t>::max());
  return u16(static_cast<std::uint16_t>(value.size())).bytes(as_bytes(value));
}

std::string to_hex(ByteView bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (std::byte octet : bytes) {
    text += kHexDigits[std::to_integer<unsigned>(octet) >> 4];
    text += kHexDigits[std::to_integer<unsigned>(octet) & 0xf];
  }
  return text;
}

bool from_hex(std::string_view text, std::span<std::byte> out) {
  if (text.size() % 2 != 0 || text.size() / 2 != out.size()) return false;
  for (char digit : text) {
    if (hex_value(digit) < 0) return false;
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::byte>(hex_value(text[2 * i]) << 4 | hex_value(text[2 * i + 1]));
  }
  return true;
}

}  // namespace net
