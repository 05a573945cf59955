// SPDX-License-Identifier: MIT
#include "peer/introducer/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "net/bytes.h"
#include "net/socket.h"
#include "peer/introducer/session.h"

namespace peer::introducer {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class IntroducerServer : public testing::Test {
 protected:
  net::Fd connect() {
    auto fd = net::connect_tcp(endpoint);
    EXPECT_TRUE(fd.ok());
    return std::move(*fd);
  }
  void pass() {
    auto now = loop.wait(net::Clock::now() + milliseconds(20)) + ahead;
    server.step(now);
    server.send_answers(now);
  }
  /// Passes of the loop until `enough`, or until a time that only a hang reaches.
  template <class Enough>
  testing::AssertionResult pass_until(Enough enough) {
    auto last = net::Clock::now() + seconds(20);
    while (!enough()) {
      if (net::Clock::now() > last) return testing::AssertionFailure() << "nothing happened";
      pass();
    }
    return testing::AssertionSuccess();
  }
  void send(const net::Fd& fd, std::string_view text) {
    auto result = net::send(fd.get(), net::as_bytes(text));
    EXPECT_EQ(result.count, text.size());
  }
  /// True when the other end has closed; what came before is added to `got`.
  bool read(const net::Fd& fd, std::string& got) {
    std::array<std::byte, 4096> buffer;
    auto result = net::receive(fd.get(), buffer);
    got += net::as_text(net::ByteView(buffer).first(result.count));
    return result.status == net::IoResult::Status::kClosed || result.status == net::IoResult::Status::kFailed;
  }
  std::string talk(std::string_view text) {
    auto fd = connect();
    EXPECT_TRUE(pass_until([&] { return server.connections() == 1; }));
    send(fd, text);
    ::shutdown(fd.get(), SHUT_WR);
    std::string got;
    EXPECT_TRUE(pass_until([&] { return read(fd, got); }));
    return got;
  }

  net::Log log{"test", net::LogLevel::kError};
  net::SelectLoop loop;
  Directory directory{{std::chrono::minutes(10), 1000}};
  Service service{directory};
  Server server{loop, service, log};
  net::Endpoint endpoint = server.listen({*net::IpAddress::parse("127.0.0.1"), 0});
  net::Duration ahead{};
};

TEST_F(IntroducerServer, AnswersAndCloses) {
  EXPECT_EQ(talk("JOIN a 127.0.0.1 4000\r\nNONE\r\n"), "200 OK 0\r\n404 OPERATION UNKNOWN 0\r\n");
  EXPECT_EQ(talk("JOIN b 0.0.0.0 4001\r\nDELETE a\r\n"), "200 OK 20\r\n1,a,127.0.0.1,4000\r\n200 OK 0\r\n");
  EXPECT_EQ(server.connections(), 0U);
  EXPECT_EQ(directory.size(), 1U);
}

TEST_F(IntroducerServer, TheLastAnswerArrivesThoughMoreWasSent) {
  auto fd = connect();
  EXPECT_TRUE(pass_until([&] { return server.connections() == 1; }));
  send(fd, std::string(20'000, 'A'));
  std::string got;
  EXPECT_TRUE(pass_until([&] { return read(fd, got); }));
  EXPECT_EQ(got, "422 MALFORMED 0\r\n");
  fd.reset();
  EXPECT_TRUE(pass_until([&] { return server.connections() == 0; }));
}

TEST_F(IntroducerServer, NothingIsSentBeforeItIsTime) {
  auto fd = connect();
  EXPECT_TRUE(pass_until([&] { return server.connections() == 1; }));
  send(fd, "JOIN a 127.0.0.1 4000\r\n");
  auto last = net::Clock::now() + seconds(20);
  while (directory.size() == 0 && net::Clock::now() < last)
    server.step(loop.wait(net::Clock::now() + milliseconds(20)));
  for (int i = 0; i < 3; ++i) server.step(loop.wait(net::Clock::now()));
  std::string got;
  EXPECT_FALSE(read(fd, got));
  EXPECT_EQ(got, "");
  EXPECT_TRUE(pass_until([&] { return read(fd, got) || !got.empty(); }));
  EXPECT_EQ(got, "200 OK 0\r\n");
}

TEST_F(IntroducerServer, T17OneSourceHasAFewConnections) {
  std::vector<net::Fd> held;
  for (std::size_t i = 0; i < Server::kMaxPerOrigin; ++i) held.push_back(connect());
  EXPECT_TRUE(pass_until([&] { return server.connections() == Server::kMaxPerOrigin; }));
  auto refused = connect();
  std::string got;
  EXPECT_TRUE(pass_until([&] { return read(refused, got); }));
  EXPECT_EQ(server.connections(), Server::kMaxPerOrigin);
  held.pop_back();
  EXPECT_TRUE(pass_until([&] { return server.connections() == Server::kMaxPerOrigin - 1; }));
  held.push_back(connect());
  EXPECT_TRUE(pass_until([&] { return server.connections() == Server::kMaxPerOrigin; }));
}

TEST_F(IntroducerServer, T16SilentConnectionsAreClosed) {
  auto fd = connect();
  EXPECT_TRUE(pass_until([&] { return server.connections() == 1; }));
  ASSERT_TRUE(server.deadline());
  ahead = Session::kRequestTime;
  std::string got;
  EXPECT_TRUE(pass_until([&] { return read(fd, got); }));
  EXPECT_EQ(server.connections(), 0U);
  EXPECT_FALSE(server.deadline());
}

}  // namespace
}  // namespace peer::introducer
