// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>

#include "net/bytes.h"
#include "net/check.h"
#include "net/escape.h"
#include "peer/view/screen.h"

namespace {

/// Nothing in `text` but the screen's own sequences may do anything to a terminal.
void check_harmless(std::string text) {
  for (std::string_view own : {"\r", "\x1b[K", "\x1b[J", "\n"})
    for (auto at = text.find(own); at != std::string::npos; at = text.find(own, at)) text.erase(at, own.size());
  for (auto at = text.find("\x1b["); at != std::string::npos; at = text.find("\x1b[", at)) {
    const auto end = text.find_first_not_of("0123456789", at + 2);
    CHECK(end != std::string::npos && end > at + 2 && text[end] == 'A');
    text.erase(at, end + 1 - at);
  }
  std::string doubled;
  for (char c : text) doubled.append(c == '\\' ? 2 : 1, c);
  CHECK(net::escape(text) == doubled);
}

}  // namespace

/// The first byte is the terminal's width, the second the flags; then come lines of an operation.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  peer::view::Screen::Options options;
  options.width = data[0];
  options.out_is_terminal = (data[1] & 1) != 0;
  options.err_is_terminal = (data[1] & 2) != 0;
  options.quiet = (data[1] & 4) != 0;
  options.verbose = (data[1] & 8) != 0;
  options.out_can_redraw = (data[1] & 16) != 0;
  options.watch = (data[1] & 32) != 0   ? peer::view::WatchView::What::kFiles
                  : (data[1] & 64) != 0 ? peer::view::WatchView::What::kPeers
                                        : peer::view::WatchView::What::kNothing;
  peer::view::Screen screen(options);
  auto lines = net::as_text({reinterpret_cast<const std::byte*>(data + 2), size - 2});
  auto check = [](const peer::view::Text& text) {
    check_harmless(text.erase);
    check_harmless(text.out);
    check_harmless(text.err);
  };
  while (!lines.empty()) {
    auto end = std::min(lines.find('\n'), lines.size());
    check(screen.consume(lines.substr(0, end)));
    check(screen.refresh());
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  check(screen.finish());
  return 0;
}
