// SPDX-License-Identifier: MIT
#include "peer/control/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "net/socket.h"
#include "peer/control/client.h"
#include "tests/unit/peer/control/scripted_operation.h"

namespace peer::control {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

class ControlServer : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "control-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    home = pattern;
    // Longer than a Unix address can be.
    path = home / std::string(120, 'x') / ".p2p";
    fs::create_directories(path);
    state.emplace(net::Folder::open(path.string()));
  }
  void TearDown() override {
    server.reset();
    fs::remove_all(home);
  }

  void serve() { server.emplace(*state, loop, handler); }
  /// Passes of the loop until `enough`, or until a time that only a hang reaches.
  template <class Enough>
  testing::AssertionResult pass_until(Enough enough) {
    auto last = net::Clock::now() + seconds(20);
    while (!enough()) {
      if (net::Clock::now() > last) return testing::AssertionFailure() << "nothing happened";
      auto now = loop.wait(net::Clock::now() + milliseconds(20));
      if (server) server->step(now);
    }
    return testing::AssertionSuccess();
  }
  std::unique_ptr<RemoteOperation> ask(Request request) {
    auto fd = connect_control(*state);
    EXPECT_TRUE(fd.ok());
    return std::make_unique<RemoteOperation>(std::move(*fd), request, loop);
  }
  std::string socket_path() const { return (path / kSocketName).string(); }

  fs::path home, path;
  std::optional<net::Folder> state;
  net::SelectLoop loop;
  ScriptedHandler handler;
  std::optional<Server> server;
};

TEST_F(ControlServer, CarriesOutACommand) {
  handler.scripts["LIST"] = {{{"{1}"}, {"{2}", "{3}"}}, 4, false, false, std::nullopt};
  serve();
  auto operation = ask({"LIST", {"a b"}});
  ASSERT_TRUE(pass_until([&] { return operation->done(); }));
  EXPECT_EQ(operation->take_lines(), (std::vector<std::string>{"{1}", "{2}", "{3}"}));
  EXPECT_EQ(operation->exit_status(), 4);
  EXPECT_EQ(handler.commands[0].operands, (std::vector<std::string>{"a b"}));
}

TEST_F(ControlServer, LargeAnswersArriveWhole) {
  handler.scripts["LIST"].steps.assign(50, std::vector<std::string>(5, std::string(kMaxDataLine, 'x')));
  serve();
  auto operation = ask({"LIST", {}});
  std::size_t count = 0;
  ASSERT_TRUE(pass_until([&] {
    count += operation->take_lines().size();
    return operation->done();
  }));
  EXPECT_EQ(count + operation->take_lines().size(), 250U);
  EXPECT_EQ(operation->exit_status(), 0);
}

TEST_F(ControlServer, UnknownOperationSaysSo) {
  serve();
  auto operation = ask({"WHAT", {}});
  ASSERT_TRUE(pass_until([&] { return operation->done(); }));
  EXPECT_EQ(operation->exit_status(), 2);
  EXPECT_EQ(operation->take_lines(),
            std::vector<std::string>{R"({"event":"error","error":"the running peer answers: 404 OPERATION UNKNOWN"})"});
}

TEST_F(ControlServer, RequestThatCannotBeWrittenEndsAtOnce) {
  serve();
  auto operation = ask({"GET", {std::string(kMaxRequestLine, ' ')}});
  ASSERT_TRUE(operation->done());
  EXPECT_EQ(operation->exit_status(), 2);
  EXPECT_EQ(operation->take_lines().size(), 1U);
}

TEST_F(ControlServer, CancelReachesTheOperation) {
  handler.scripts["GET"] = {{{"{}"}}, 0, true, true, std::nullopt};
  serve();
  auto operation = ask({"GET", {}});
  ASSERT_TRUE(pass_until([&] { return !operation->take_lines().empty(); }));
  operation->cancel(net::Clock::now());
  ASSERT_TRUE(pass_until([&] { return operation->done(); }));
  EXPECT_EQ(operation->exit_status(), 1);
  EXPECT_EQ(handler.records[0]->cancels, 1);
}

TEST_F(ControlServer, DownloadGoesOnWithoutItsClientAndWatchingDoesNot) {
  handler.scripts["GET"] = {{{"{}"}}, 0, true, true, std::nullopt};
  handler.scripts["WATCH"] = {{{"{}"}}, 0, true, false, std::nullopt};
  serve();
  auto get = ask({"GET", {}}), watch = ask({"WATCH", {}});
  ASSERT_TRUE(pass_until([&] { return handler.records.size() == 2; }));
  get.reset();
  watch.reset();
  auto& get_record = handler.commands[0].op == "GET" ? handler.records[0] : handler.records[1];
  auto& watch_record = handler.commands[0].op == "GET" ? handler.records[1] : handler.records[0];
  ASSERT_TRUE(pass_until([&] { return watch_record->destroyed; }));
  EXPECT_EQ(watch_record->cancels, 1);
  int steps = get_record->steps;
  ASSERT_TRUE(pass_until([&] { return get_record->steps > steps + 2; }));
  EXPECT_FALSE(get_record->destroyed);
  server->shut_down(net::Clock::now());
  ASSERT_TRUE(pass_until([&] { return server->drained(); }));
  EXPECT_EQ(get_record->cancels, 1);
}

TEST_F(ControlServer, HalfClosedClientIsAnswered) {
  handler.scripts["A"].steps = {{}, {}, {}, {"x"}};
  serve();
  auto fd = connect_control(*state);
  ASSERT_TRUE(fd.ok());
  EXPECT_EQ(net::send(fd->get(), net::as_bytes("A\r\n")).count, 3U);
  ::shutdown(fd->get(), SHUT_WR);
  std::string answer;
  ASSERT_TRUE(pass_until([&] {
    std::array<std::byte, 256> buffer;
    auto result = net::receive(fd->get(), buffer);
    answer += net::as_text(net::ByteView(buffer).first(result.count));
    return result.status == net::IoResult::Status::kClosed;
  }));
  EXPECT_EQ(answer, "200 OK 3\r\nx\r\n");
}

TEST_F(ControlServer, T17OneClientTooManyIsToldSo) {
  handler.scripts["WATCH"].endless = true;
  serve();
  std::vector<std::unique_ptr<RemoteOperation>> watchers;
  for (std::size_t i = 0; i < Server::kMaxClients; ++i) watchers.push_back(ask({"WATCH", {}}));
  ASSERT_TRUE(pass_until([&] { return handler.records.size() == Server::kMaxClients; }));
  auto refused = ask({"WATCH", {}});
  ASSERT_TRUE(pass_until([&] { return refused->done(); }));
  EXPECT_EQ(refused->exit_status(), 1);
  EXPECT_NE(refused->take_lines().at(0).find("TOO MANY CLIENTS"), std::string::npos);
  watchers.pop_back();
  ASSERT_TRUE(pass_until([&] { return handler.records.front()->destroyed || handler.records.back()->destroyed; }));
  auto admitted = ask({"WATCH", {}});
  ASSERT_TRUE(pass_until([&] { return handler.records.size() == Server::kMaxClients + 1; }));
}

TEST_F(ControlServer, ClientSeesThePeerGoAway) {
  handler.scripts["WATCH"].endless = true;
  serve();
  auto operation = ask({"WATCH", {}});
  ASSERT_TRUE(pass_until([&] { return !handler.records.empty(); }));
  server.reset();
  ASSERT_TRUE(pass_until([&] { return operation->done(); }));
  EXPECT_EQ(operation->exit_status(), 1);
  EXPECT_NE(operation->take_lines().at(0).find("went away"), std::string::npos);
}

TEST_F(ControlServer, SocketIsPrivateAndGoneAfterwards) {
  auto mask = ::umask(0);
  serve();
  ::umask(mask);
  struct stat there {};
  ASSERT_EQ(::stat(socket_path().c_str(), &there), 0);
  EXPECT_TRUE(S_ISSOCK(there.st_mode));
  EXPECT_EQ(there.st_mode & 0777, 0600U);
  server.reset();
  EXPECT_FALSE(fs::exists(socket_path()));
  auto fd = connect_control(*state);
  ASSERT_FALSE(fd.ok());
  EXPECT_TRUE(nobody_there(fd.error()));
}

TEST_F(ControlServer, SecondPeerInTheSameHomeIsRefused) {
  serve();
  try {
    ListeningSocket second(*state);
    FAIL();
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), EADDRINUSE);
  }
  // Also where the lock was lost.
  fs::remove(path / kLockName);
  EXPECT_THROW(ListeningSocket{*state}, std::system_error);
  EXPECT_TRUE(fs::exists(socket_path()));
}

TEST_F(ControlServer, T46SocketOfAKilledPeerIsReplaced) {
  auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ListeningSocket socket(*state);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(fs::exists(socket_path()));
  auto nobody = connect_control(*state);
  ASSERT_FALSE(nobody.ok());
  EXPECT_TRUE(nobody_there(nobody.error()));
  handler.scripts["A"].steps = {{"x"}};
  serve();
  auto operation = ask({"A", {}});
  ASSERT_TRUE(pass_until([&] { return operation->done(); }));
  EXPECT_EQ(operation->exit_status(), 0);
}

TEST_F(ControlServer, T24NothingButASocketIsReplaced) {
  std::ofstream(socket_path()) << "precious";
  EXPECT_THROW(serve(), std::system_error);
  EXPECT_EQ(fs::file_size(socket_path()), 8U);
  fs::remove(socket_path());
  fs::create_symlink("elsewhere", socket_path());
  EXPECT_THROW(serve(), std::system_error);
  EXPECT_TRUE(fs::is_symlink(socket_path()));
}

TEST(ControlAccess, T44OnlyTheSameUserAndRoot) {
  EXPECT_TRUE(may_control(1000, 1000));
  EXPECT_TRUE(may_control(0, 1000));
  EXPECT_TRUE(may_control(0, 0));
  EXPECT_FALSE(may_control(1000, 0));
  EXPECT_FALSE(may_control(1001, 1000));
}

TEST_F(ControlServer, T44AnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  handler.scripts["A"].steps = {{"x"}};
  serve();
  auto child_connects = [&](bool writable_for_all) {
    fs::permissions(socket_path(), writable_for_all ? fs::perms::all : fs::perms::owner_read | fs::perms::owner_write);
    auto child = ::fork();
    if (child == 0) {
      if (::setuid(65534) != 0) ::_exit(100);
      auto fd = connect_control(*state);
      if (!fd) ::_exit(fd.error().code);
      net::SelectLoop own;
      RemoteOperation operation(std::move(*fd), {"A", {}}, own);
      auto last = net::Clock::now() + seconds(20);
      while (!operation.done() && net::Clock::now() < last) own.wait(last);
      ::_exit(operation.done() && operation.exit_status() == 0 ? 101 : 102);
    }
    int status = 0;
    EXPECT_TRUE(pass_until([&] { return ::waitpid(child, &status, WNOHANG) == child; }));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  for (auto folder = path; folder != home.parent_path(); folder = folder.parent_path())
    fs::permissions(folder, fs::perms::all);
  EXPECT_EQ(child_connects(false), EACCES);
  EXPECT_EQ(child_connects(true), 102);
  EXPECT_TRUE(handler.commands.empty());
}

}  // namespace
}  // namespace peer::control
