// SPDX-License-Identifier: MIT
#include "peer/legacy/requests.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace peer::legacy {
namespace {

using Request = RequestReader::Request;

/// What the bytes ask for, given in pieces of `step` bytes.
std::vector<Request> requests(std::string_view text, std::size_t step) {
  RequestReader reader;
  std::vector<Request> found;
  while (!text.empty()) {
    net::ByteView in = net::as_bytes(text.substr(0, step));
    text.remove_prefix(in.size());
    while (true) {
      const Request request = reader.next(in);
      if (request == Request::kNone) break;
      found.push_back(request);
      if (request == Request::kUnknown) return found;
    }
    EXPECT_TRUE(in.empty());
  }
  return found;
}

TEST(LegacyRequests, AreReadHoweverTheyAreSplit) {
  const std::vector<std::pair<std::string, std::vector<Request>>> cases = {
      {"", {}},
      {"r", {}},
      {"re", {}},
      {"req", {Request::kFiles}},
      {"req\r\n", {Request::kFiles}},
      {"reqreq q", {Request::kFiles, Request::kFiles, Request::kQuit}},
      {" \t\r\nreqq", {Request::kFiles, Request::kQuit}},
      {"q", {Request::kQuit}},
      {"rq", {Request::kUnknown}},
      {"re q", {Request::kUnknown}},
      {"rreq", {Request::kUnknown}},
      {"reqx", {Request::kFiles, Request::kUnknown}},
      {"REQ", {Request::kUnknown}},
      {std::string("\0req", 4), {Request::kUnknown}},
  };
  for (const auto& [text, wanted] : cases) {
    for (std::size_t step : {1u, 2u, 100u}) EXPECT_EQ(requests(text, step), wanted) << text << " by " << step;
  }
}

}  // namespace
}  // namespace peer::legacy
