// SPDX-License-Identifier: MIT
#include "peer/cli.h"

#include <gtest/gtest.h>

#include <vector>

namespace peer {
namespace {

/// What a command line means; what it prints is captured.
std::variant<Options, int> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "p2ppeer");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  auto result = parse_command_line(static_cast<int>(arguments.size()), arguments.data());
  testing::internal::GetCapturedStdout();
  testing::internal::GetCapturedStderr();
  return result;
}

Options good(std::vector<const char*> arguments) {
  auto result = parse(std::move(arguments));
  EXPECT_TRUE(std::holds_alternative<Options>(result));
  return std::holds_alternative<Options>(result) ? std::get<Options>(result) : Options();
}

int status(std::vector<const char*> arguments) {
  auto result = parse(std::move(arguments));
  return std::holds_alternative<int>(result) ? std::get<int>(result) : -1;
}

template <class T>
T command(std::vector<const char*> arguments) {
  Options options = good(std::move(arguments));
  EXPECT_TRUE(std::holds_alternative<T>(options.command));
  return std::holds_alternative<T>(options.command) ? std::get<T>(options.command) : T();
}

TEST(Cli, HelpAndVersionAreDoneMistakesAreUsage) {
  EXPECT_EQ(status({"--help"}), 0);
  EXPECT_EQ(status({"get", "--help"}), 0);
  EXPECT_EQ(status({"--version"}), 0);
  EXPECT_EQ(status({}), 2);
  EXPECT_EQ(status({"dance"}), 2);
  EXPECT_EQ(status({"get"}), 2);
  EXPECT_EQ(status({"search"}), 2);
  EXPECT_EQ(status({"id"}), 2);
  EXPECT_EQ(status({"verify", "file"}), 2);
  EXPECT_EQ(status({"list", "extra"}), 2);
  EXPECT_EQ(status({"list", "--no-such-option"}), 2);
  EXPECT_EQ(status({"-C"}), 2);
  EXPECT_EQ(status({"get", "--from"}), 2);
}

TEST(Cli, MistakesAreExplainedOnStandardErrorAlone) {
  std::vector<const char*> arguments{"p2ppeer", "serve", "--listen", "nowhere!"};
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  parse_command_line(static_cast<int>(arguments.size()), arguments.data());
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("nowhere!"), std::string::npos) << text;
}

TEST(Cli, MistakesSayWhoSpeaksAndWhichWordIsNoCommand) {
  auto said = [](std::vector<const char*> arguments, bool in_shell = false) {
    arguments.insert(arguments.begin(), "p2ppeer");
    testing::internal::CaptureStderr();
    parse_command_line(static_cast<int>(arguments.size()), arguments.data(), in_shell);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(said({"da\x1bnce", "wildly"}), "p2ppeer: there is no command 'da\\x1bnce'\nTry: p2ppeer --help\n");
  EXPECT_EQ(said({}), "p2ppeer: a command is missing\nTry: p2ppeer --help\n");
  EXPECT_EQ(said({"get"}), "p2ppeer: WHAT is required\nTry: p2ppeer get --help\n");
  const std::string no_option =
      "p2ppeer: there is no option '-dash' here; names that begin with '-' stand behind --\nTry: ";
  EXPECT_EQ(said({"id", "-dash"}), no_option + "p2ppeer id --help\n");
  EXPECT_EQ(said({"get", "file", "-dash"}), no_option + "p2ppeer get --help\n");
  EXPECT_EQ(said({"-dash"}), no_option + "p2ppeer --help\n");
  EXPECT_EQ(said({"get"}, true), "p2ppeer: WHAT is required\nTry: help\n");
}

TEST(Cli, LimitsAreBytesASecond) {
  EXPECT_EQ(command<ServeCommand>({"serve", "--limit", "100Mbit"}).limit, 12'500'000u);
  EXPECT_EQ(command<GetCommand>({"get", "file", "--limit=5M"}).network.limit, 5u << 20);
  EXPECT_EQ(command<ServeCommand>({"serve"}).limit, std::nullopt);
  for (const char* bad : {"", "fast", "0", "-5M"}) EXPECT_EQ(status({"serve", "--limit", bad}), 2) << bad;
}

TEST(Cli, Push) {
  PushCommand push = command<PushCommand>({"push", "a", "b c", "--to", "10.0.0.1,host:7000", "--to", "other"});
  EXPECT_EQ(push.paths, (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(push.to, (std::vector<std::string>{"10.0.0.1", "host:7000", "other"}));
  EXPECT_EQ(command<PushCommand>({"push", "--to", "all", "a"}).paths, std::vector<std::string>{"a"});
  EXPECT_EQ(command<PushCommand>({"push", "--to", "all", "a", "--limit", "1M"}).network.limit, 1u << 20);
  EXPECT_EQ(status({"push", "a"}), 2);
  EXPECT_EQ(status({"push", "--to", "all"}), 2);
  EXPECT_EQ(status({"push", "a", "--to", ""}), 2);
  EXPECT_EQ(status({"push", "a", "--to", "all,10.0.0.1"}), 2);
  EXPECT_EQ(status({"push", "a", "--to", "all", "--from", "10.0.0.1"}), 2);
}

TEST(Cli, PushesAreAcceptedWithOrWithoutAQuota) {
  EXPECT_EQ(command<ServeCommand>({"serve"}).accept_push, std::nullopt);
  EXPECT_EQ(command<ServeCommand>({"serve", "--accept-push"}).accept_push, UINT64_MAX);
  EXPECT_EQ(command<ServeCommand>({"serve", "--accept-push", "--name", "n"}).accept_push, UINT64_MAX);
  EXPECT_EQ(command<ServeCommand>({"serve", "--accept-push=10G"}).accept_push, std::uint64_t{10} << 30);
  EXPECT_EQ(command<ServeCommand>({"serve", "--accept-push", "10G"}).accept_push, std::uint64_t{10} << 30);
  for (const char* bad : {"--accept-push=0", "--accept-push=much", "--accept-push=-1"}) {
    EXPECT_EQ(status({"serve", bad}), 2) << bad;
  }
}

TEST(Cli, EmptyWordsAreMistakes) {
  for (const std::vector<const char*>& arguments : std::vector<std::vector<const char*>>{{"-C", "", "list"},
                                                                                         {"serve", "--listen", ""},
                                                                                         {"serve", "--name", ""},
                                                                                         {"serve", "--peers", ""},
                                                                                         {"list", "--from", ""},
                                                                                         {"list", "--peers", ""},
                                                                                         {"get", ""},
                                                                                         {"get", "a", ""},
                                                                                         {"get", "a", "-o", ""},
                                                                                         {"search", ""}}) {
    EXPECT_EQ(status(arguments), 2) << arguments.front();
  }
}

TEST(Cli, OptionsOfAllCommandsStandBeforeOrBehindThem) {
  Options plain = good({"list"});
  EXPECT_EQ(plain.home, ".");
  EXPECT_FALSE(plain.json || plain.quiet || plain.verbose);
  for (const auto& arguments : {std::vector<const char*>{"-C", "/tmp/x", "--json", "-q", "-v", "list"},
                                std::vector<const char*>{"list", "-C", "/tmp/x", "--json", "--quiet", "--verbose"}}) {
    Options options = good(arguments);
    EXPECT_EQ(options.home, "/tmp/x");
    EXPECT_TRUE(options.json && options.quiet && options.verbose);
  }
}

TEST(Cli, Serve) {
  ServeCommand plain = command<ServeCommand>({"serve"});
  EXPECT_FALSE(plain.listen);
  EXPECT_EQ(plain.name, "");
  ServeCommand serve =
      command<ServeCommand>({"serve", "--listen", "10.0.0.1:7000", "--name", "käthe", "--peers", "list.txt"});
  EXPECT_EQ(serve.listen->to_string(), "10.0.0.1:7000");
  EXPECT_EQ(serve.name, "käthe");
  EXPECT_EQ(serve.peers_file, "list.txt");
  EXPECT_EQ(command<ServeCommand>({"serve", "--listen", "[::1]"}).listen->to_string(), "[::1]:12345");
  std::string longest(64, 'x'), too_long(65, 'x');
  EXPECT_EQ(command<ServeCommand>({"serve", "--name", longest.c_str()}).name, longest);
  EXPECT_EQ(status({"serve", "--name", too_long.c_str()}), 2);
  for (const char* bad : {"10.0.0.1:0", "10.0.0.1:99999", "10.0.0", "host"}) {
    EXPECT_EQ(status({"serve", "--listen", bad}), 2) << bad;
  }
}

TEST(Cli, Get) {
  GetCommand get = command<GetCommand>({"get", "a", "b c", "-o", "out", "--from", "host:1", "--from", "10.0.0.1"});
  EXPECT_EQ(get.words, (std::vector<std::string>{"a", "b c"}));
  EXPECT_EQ(get.output, "out");
  EXPECT_EQ(get.network.from, (std::vector<std::string>{"host:1", "10.0.0.1"}));
  EXPECT_EQ(command<GetCommand>({"get", "--from", "host", "word"}).words, (std::vector<std::string>{"word"}))
      << "an option takes no more than its value";
  EXPECT_EQ(command<GetCommand>({"get", "--peers", "list", "word"}).network.peers_file, "list");
  EXPECT_EQ(command<GetCommand>({"get", "--", "-odd-name"}).words, (std::vector<std::string>{"-odd-name"}));
}

TEST(Cli, Queries) {
  EXPECT_EQ(command<ListCommand>({"list"}).text, "");
  EXPECT_EQ(command<ListCommand>({"list", "--from", "host"}).network.from.size(), 1u);
  EXPECT_EQ(command<ListCommand>({"search", "text"}).text, "text");
  EXPECT_EQ(command<PeersCommand>({"peers", "--peers", "x"}).network.peers_file, "x");
  EXPECT_FALSE(command<ListCommand>({"list"}).watch);
  EXPECT_TRUE(command<ListCommand>({"list", "--watch"}).watch);
  EXPECT_TRUE(command<ListCommand>({"search", "x", "--watch"}).watch);
  EXPECT_TRUE(command<PeersCommand>({"peers", "--watch"}).watch);
  EXPECT_TRUE(command<PeersCommand>({"peers", "--refresh"}).refresh);
  EXPECT_EQ(status({"peers", "--refresh", "--watch"}), 2);
  command<StatusCommand>({"status"});
  command<HistoryCommand>({"history"});
  command<StopCommand>({"stop"});
  EXPECT_FALSE(command<ShellCommand>({"shell", "--no-announce"}).network.announce);
}

TEST(Cli, LocalFiles) {
  EXPECT_EQ(command<IdCommand>({"id", "a", "b"}).files, (std::vector<std::string>{"a", "b"}));
  VerifyCommand verify = command<VerifyCommand>({"verify", "file", "p2p:00:0"});
  EXPECT_EQ(verify.file, "file");
  EXPECT_EQ(verify.id, "p2p:00:0");
}

TEST(Cli, OlderProgramsAreAskedAlone) {
  EXPECT_TRUE(command<ServeCommand>({"serve", "--legacy"}).legacy);
  EXPECT_FALSE(command<ServeCommand>({"serve"}).legacy);
  const auto get = command<GetCommand>({"get", "--legacy", "10.0.0.9:5000", "-o", "old/"});
  EXPECT_EQ(get.legacy, "10.0.0.9:5000");
  EXPECT_EQ(get.output, "old/");
  EXPECT_EQ(status({"get", "--legacy"}), 2);
  EXPECT_EQ(status({"get", "--legacy", ""}), 2);
  EXPECT_EQ(status({"get", "name", "--legacy", "10.0.0.9"}), 2);
  EXPECT_EQ(status({"get", "--legacy", "10.0.0.9", "--from", "10.0.0.8"}), 2);
  EXPECT_EQ(status({"get", "--legacy", "10.0.0.9", "--peers", "list"}), 2);
  EXPECT_EQ(status({"get", "--legacy", "10.0.0.9", "--no-announce"}), 2);
  EXPECT_EQ(status({"get", "--legacy", "10.0.0.9", "--limit", "5M"}), 2);
}

}  // namespace
}  // namespace peer
