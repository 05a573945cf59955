// SPDX-License-Identifier: MIT
#include "net/check.h"
#include "peer/legacy/pickle_reader.h"
#include "peer/legacy/pickle_writer.h"

namespace {

using peer::legacy::PickleReader;

void expect_same_items(const PickleReader& a, const PickleReader& b) {
  CHECK(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(net::as_text(a.item(i)) == net::as_text(b.item(i)));
}

}  // namespace

/// Whole and byte by byte give the same; what was read is written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peer::legacy;
  using State = PickleReader::State;
  const net::ByteView in = std::as_bytes(std::span(data, size));
  PickleReader whole, bytewise;
  const std::size_t taken = whole.feed(in);
  for (std::size_t i = 0; i < size; ++i) bytewise.feed(in.subspan(i, 1));
  CHECK(bytewise.consumed() == taken && whole.consumed() == taken && bytewise.state() == whole.state());
  CHECK(whole.state() != State::kMore || taken == size);
  if (whole.state() == State::kRefused) CHECK(whole.error() == bytewise.error());
  expect_same_items(whole, bytewise);
  CHECK(whole.size() <= kMaxItems && whole.content_bytes() <= kMaxPickle);
  if (whole.state() != State::kDone) return 0;

  PickleReader again;
  again.feed(pickle_begin());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    again.feed(pickle_item_header(static_cast<std::uint32_t>(whole.item(i).size())));
    again.feed(whole.item(i));
  }
  again.feed(pickle_end());
  CHECK(again.state() == State::kDone);
  expect_same_items(whole, again);
  return 0;
}
