// SPDX-License-Identifier: MIT
#include <algorithm>
#include <utility>

#include "net/check.h"
#include "peer/legacy/reply_reader.h"
#include "peer/legacy/requests.h"

namespace {

using peer::legacy::ReplyReader;
using peer::legacy::RequestReader;

ReplyReader read_reply(net::ByteView in, std::size_t step) {
  ReplyReader reader;
  for (; !in.empty(); in = in.subspan(std::min(step, in.size()))) reader.feed(in.first(std::min(step, in.size())));
  reader.end();
  return reader;
}

/// How many requests there are up to the first that is none, or q.
std::pair<std::size_t, RequestReader::Request> read_requests(net::ByteView in, std::size_t step) {
  using Request = RequestReader::Request;
  RequestReader reader;
  std::size_t files = 0;
  while (!in.empty()) {
    net::ByteView piece = in.first(std::min(step, in.size()));
    in = in.subspan(piece.size());
    for (Request request; (request = reader.next(piece)) != Request::kNone; ++files) {
      if (request != Request::kFiles) return {files, request};
    }
    CHECK(piece.empty());
  }
  return {files, Request::kNone};
}

}  // namespace

/// What an older program may send, as a server and as a client; the first byte says in pieces of which size. However it
/// is split it means the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] / 2u + 1u;
  const net::ByteView in = std::as_bytes(std::span(data + 1, size - 1));
  const ReplyReader whole = read_reply(in, size), split = read_reply(in, step);
  CHECK(whole.state() == split.state() && whole.state() != ReplyReader::State::kMore);
  CHECK(whole.endpoints() == split.endpoints() && whole.pickle().size() == split.pickle().size());
  if (whole.state() == ReplyReader::State::kRefused) CHECK(whole.error() == split.error());
  CHECK(read_requests(in, size) == read_requests(in, step));
  return 0;
}
