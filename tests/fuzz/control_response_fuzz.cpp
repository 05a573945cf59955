// SPDX-License-Identifier: MIT
#include <cstdint>

#include "net/bytes.h"
#include "net/check.h"
#include "peer/control/grammar.h"
#include "tests/support/pieces.h"

namespace {

using namespace peer::control;

struct Parsed {
  std::vector<ResponsePart> parts;
  bool failed = false;
  bool idle = false;
  bool operator==(const Parsed&) const = default;
};

Parsed parse(std::string_view bytes, std::size_t step) {
  Parsed out;
  ResponseParser parser;
  support::feed_in_pieces(parser, bytes, step, [&](auto part) {
    if (part) out.parts.push_back(*std::move(part));
    out.failed = !part;
    return !out.failed;
  });
  out.idle = parser.idle();
  return out;
}

/// What was parsed, written again.
std::string format(const std::vector<ResponsePart>& parts) {
  std::string out;
  std::vector<std::string> lines;
  const ResponseHead* head = nullptr;
  auto flush = [&] {
    if (head) out += format_response({head->code, head->message}, lines);
    lines.clear();
  };
  for (const auto& part : parts) {
    if (const auto* line = std::get_if<DataLine>(&part)) {
      lines.push_back(line->text);
    } else {
      flush();
      head = std::get_if<ResponseHead>(&part);
    }
  }
  flush();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto bytes = net::as_text({reinterpret_cast<const std::byte*>(data), size});
  auto parsed = parse(bytes, bytes.size() + 1);
  CHECK(parsed == parse(bytes, 1));
  // There is one way to write a response, so whole ones come out as they went in.
  if (parsed.idle) CHECK(format(parsed.parts) == bytes);
  return 0;
}
