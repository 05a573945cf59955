// SPDX-License-Identifier: MIT
#include "peer/view/screen.h"

#include <gtest/gtest.h>

#include <sstream>

#include "net/escape.h"
#include "net/text_width.h"

namespace peer::view {
namespace {

using namespace operations;

constexpr std::uint64_t kOneMiB = 1 << 20;
const std::string kRoot = "ab571d12466f75ae481bdbbbfec70a0c53bf78e2849862addfa9a049d8f6fbc0";
const std::string kId = "p2p:" + kRoot + ":16384";

Screen::Options terminal(std::size_t width = 80) {
  Screen::Options options;
  options.out_is_terminal = options.err_is_terminal = true;
  options.width = width;
  return options;
}

Text show(Screen& screen, const Event& event) { return screen.consume(to_json_line(event)); }

/// All that a fresh screen says to these events and the end.
Text show_all(const Screen::Options& options, const std::vector<Event>& events) {
  Screen screen(options);
  Text all;
  auto add = [&](const Text& text) {
    all.out += text.out;
    all.err += text.erase + text.err;
  };
  for (const auto& event : events) add(show(screen, event));
  add(screen.finish());
  return all;
}

TEST(ViewScreen, ListIsATable) {
  auto text = show_all({}, {File{"docs/a", kId, 16384, 951827696, {{"10.0.0.1:12345", "ann"}}, 1},
                            File{"b", "p2p::0", 0, std::nullopt, {}, 12}, Summary{0, 2, 0, 1, 16384, 0.1}});
  EXPECT_EQ(text.out,
            "PATH        SIZE  ID            PEERS  MODIFIED\n"
            "docs/a  16.0 KiB  ab571d12466f      1  2000-02-29 12:34\n"
            "b            0 B  p2p::0           12\n");
  EXPECT_EQ(text.err, "");
}

TEST(ViewScreen, HistoryIsATable) {
  const std::vector<Event> records{
      Download{
          951827696, "downloads/a", kId, 16384, 16384, 2, 8192, "done", "", {{"10.0.0.1:12345", "ann", 16384, 1}}, 3},
      Upload{951827697, "10.0.0.2:12345", "", "b\x1b", kId, 16384, 512, 0, 0, "closed"},
      Download{951827698, "downloads/c", kId, 5, 0, 1, 0, "failed", "no space", {}, 0}};
  EXPECT_EQ(show_all({}, records).out,
            "TIME                       PATH            BYTES        RATE  PEER            RESULT\n"
            "2000-02-29 12:34:56  got   downloads/a  16.0 KiB  8.00 KiB/s  ann and 2 more  done\n"
            "2000-02-29 12:34:57  sent  b\\x1b           512 B              10.0.0.2:12345  closed\n"
            "2000-02-29 12:34:58  got   downloads/c       0 B                              failed: no space\n");
  std::istringstream lines(show_all(terminal(40), records).out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(net::display_width(line), 40u) << line;
}

TEST(ViewScreen, StatusShowsWhatRuns) {
  PeerStatus status{"ann", "ff", {}, "open", 3, 1024, 2, 1, 5, 6, 65};
  status.rate_in = 1024;
  status.limit = 2048;
  auto text =
      show_all({}, {status, Fetching{"downloads/a", kId, 8192, 16384, 1024, 8, "fetching", {{"p", "ann", 1, 1}}, 2},
                    Fetching{"downloads/b", kId, 0, 16384, 0, std::nullopt, "hashing", {}, 2},
                    Sending{"10.0.0.2:12345", "bob", "c", kId, 16384, 512, 2048}});
  EXPECT_NE(text.out.find("now        1.00 KiB/s in, 0 B/s out; limit 2.00 KiB/s each\n"), std::string::npos)
      << text.out;
  EXPECT_TRUE(
      text.out.ends_with("\n\n"
                         "FETCHING     DONE      SIZE        RATE   ETA  FROM\n"
                         "downloads/a   50%  16.0 KiB  1.00 KiB/s  0:08  ann and 1 more\n"
                         "downloads/b    0%  16.0 KiB     hashing        2 sources\n"
                         "\n"
                         "SENDING  TO    SENT      SIZE        RATE\n"
                         "c        bob  512 B  16.0 KiB  2.00 KiB/s\n"))
      << text.out;
}

TEST(ViewScreen, TheReasonIsNotSaidTwice) {
  EXPECT_EQ(show_all({}, {Error{"no peer was reached"}, NotFound{"x"}, Summary{5, 0, 1, 0, 0, 1}}).err,
            "p2ppeer: no peer was reached\np2ppeer: \"x\" was not found\n");
}

TEST(ViewScreen, TableComesAlsoWithoutASummary) { EXPECT_NE(show_all({}, {File{"a", kId, 1, {}, {}, 1}}).out, ""); }

TEST(ViewScreen, AnEmptyListIsSaid) {
  Screen::Options quiet;
  quiet.quiet = true;
  const std::vector<Event> nothing{Summary{0, 0, 0, 2, 0, 0.1}};
  EXPECT_EQ(show_all({}, nothing).err, "p2ppeer: 2 peers were reached, but nothing is offered yet\n");
  EXPECT_EQ(show_all(quiet, nothing).err, "");
  // Such as that of `stop`.
  EXPECT_EQ(show_all({}, {Summary{}}).err, "");
}

TEST(ViewScreen, PeersAreATable) {
  auto text = show_all({}, {Peer{"10.0.0.1:12345", "ann", kRoot, "connected", 3, ""},
                            Peer{"10.0.0.2:12345", "", "", "unreachable", 0, "Connection refused"}});
  EXPECT_EQ(text.out,
            "ENDPOINT        NAME  FILES  STATE                            NODE\n"
            "10.0.0.1:12345  ann       3  connected                        ab571d12466f\n"
            "10.0.0.2:12345               unreachable: Connection refused\n");
}

TEST(ViewScreen, WhatIsWatchedIsALineForEachChange) {
  Screen::Options options;
  options.watch = WatchView::What::kFiles;
  const File file{"docs/a", kId, 16384, {}, {}, 2};
  EXPECT_EQ(show_all(options, {FileAdded{file}, FileChanged{file}, FileRemoved{file}}).out,
            "added    docs/a  16.0 KiB  ab571d12466f  2 peers\n"
            "changed  docs/a  16.0 KiB  ab571d12466f  2 peers\n"
            "removed  docs/a  16.0 KiB  ab571d12466f\n");
  options.watch = WatchView::What::kPeers;
  const Peer peer{"10.0.0.1:12345", "ann", kRoot, "connected", 1, ""};
  EXPECT_EQ(show_all(options, {PeerAdded{peer}, PeerRemoved{peer}}).out,
            "added    10.0.0.1:12345  ann  1 file\n"
            "removed  10.0.0.1:12345  ann\n");
  options.json = options.out_can_redraw = true;
  EXPECT_EQ(show_all(options, {PeerAdded{peer}}).out, to_json_line(PeerAdded{peer}) + "\n");
}

TEST(ViewScreen, WhatIsWatchedOnATerminalIsATable) {
  auto options = terminal();
  options.out_can_redraw = true;
  options.watch = WatchView::What::kPeers;
  Screen screen(options);
  EXPECT_EQ(screen.refresh().out, "no peer is here yet\x1b[K\n\x1b[J");
  const Peer ann{"10.0.0.10:12345", "ann", kRoot, "connected", 1, ""};
  const Peer bert{"10.0.0.9:12345", "bert", "ff", "connected", 2, ""};
  EXPECT_EQ(show(screen, PeerAdded{ann}).out, "");
  EXPECT_EQ(show(screen, PeerAdded{bert}).out, "");
  EXPECT_EQ(screen.refresh().out,
            "\x1b[1A\r"
            "ENDPOINT         NAME  FILES  STATE      NODE\x1b[K\n"
            "10.0.0.9:12345   bert      2  connected  ff\x1b[K\n"
            "10.0.0.10:12345  ann       1  connected  ab571d12466f\x1b[K\n\x1b[J");
  EXPECT_EQ(screen.refresh().out, "");
  show(screen, PeerRemoved{bert});
  EXPECT_EQ(screen.finish().out.substr(0, 5), "\x1b[3A\r");
}

TEST(ViewScreen, StatusSaysThatOpenIsOpen) {
  auto text = show_all({}, {PeerStatus{"ann", "ff", {"0.0.0.0:12345", "[::]:12345"}, "open", 3, 1024, 2, 0, 5, 6, 65}});
  EXPECT_NE(text.out.find("listening  0.0.0.0:12345, [::]:12345\n"), std::string::npos);
  EXPECT_NE(text.out.find("mode       open: whoever"), std::string::npos);
  EXPECT_NE(text.out.find("up for     1:05\n"), std::string::npos);
}

TEST(ViewScreen, ProgressIsDrawnOverItselfAndMakesWay) {
  Screen screen(terminal());
  Progress progress{kId, "a", 1, 2, 3, 4, 5, "fetching"};
  auto first = show(screen, progress);
  EXPECT_EQ(first.erase + first.out, "");
  EXPECT_EQ(first.err.front(), '\r');
  EXPECT_TRUE(first.err.ends_with("\x1b[K"));
  auto second = show(screen, progress);
  EXPECT_EQ(second.erase, "");
  show(screen, Start{"b", "i2", 2});
  auto done = show(screen, Done{"downloads/a", kId, 27 * kOneMiB, 2.4, 27 * kOneMiB, false});
  EXPECT_EQ(done.erase, "\r\x1b[K");
  EXPECT_EQ(done.out, "downloads/a  27.0 MiB in 2.4 s, 11.2 MiB/s\n");
  EXPECT_EQ(done.err.front(), '\r');
  EXPECT_EQ(screen.finish().erase, "\r\x1b[K");
  EXPECT_EQ(screen.finish().erase, "");
}

TEST(ViewScreen, NoProgressWithoutATerminalOrWhenQuiet) {
  std::vector<Event> events{Start{"a", kId, 2}, Progress{kId, "a", 1, 2, 3, 4, 5, "fetching"}};
  EXPECT_EQ(show_all({}, events).err, "");
  auto options = terminal();
  options.quiet = true;
  EXPECT_EQ(show_all(options, events).err, "");
  options = {};
  options.verbose = true;
  EXPECT_EQ(show_all(options, events).err, "fetching \"a\", 2 B, " + kId + "\n");
}

TEST(ViewScreen, DoneMessages) {
  EXPECT_EQ(show_all({}, {Done{"downloads/a", kId, 5, 0.01, 5, false}}).out, "downloads/a  5 B in 0.0 s\n");
  EXPECT_EQ(show_all({}, {Done{"downloads/a", kId, 5, 0, 0, true}}).out, "downloads/a  5 B, was here already\n");
  EXPECT_EQ(show_all({}, {Done{"downloads/a", kId, 4 * kOneMiB, 61, kOneMiB, false}}).out,
            "downloads/a  4.00 MiB in 1:01, 1.00 MiB of it fetched, 16.8 KiB/s\n");
  Screen::Options quiet;
  quiet.quiet = true;
  EXPECT_EQ(show_all(quiet, {Done{"downloads/a", kId, 5, 1, 5, false}}).out, "");
}

TEST(ViewScreen, APeerThatIsStillHashingIsTold) {
  const std::string told = "10.0.0.1:12345 (ann\\x1b) is still hashing what it shares; it may offer more soon\n";
  EXPECT_EQ(show_all(terminal(20), {Growing{"10.0.0.1:12345", "ann\x1b"}}).err, told);
  auto quiet = terminal(20);
  quiet.quiet = true;
  EXPECT_EQ(show_all(quiet, {Growing{"10.0.0.1:12345", "ann"}}).err, "");
}

TEST(ViewScreen, ComplaintsSayWhatToDo) {
  auto quiet = terminal(20);
  quiet.quiet = true;
  EXPECT_EQ(show_all(quiet, {NotFound{"x y"}}).err,
            "p2ppeer: nobody offers \"x y\"; `p2ppeer list` shows what there is\n");
  auto shell = quiet;
  shell.in_shell = true;
  EXPECT_EQ(show_all(shell, {NotFound{"x y"}}).err, "p2ppeer: nobody offers \"x y\"; `list` shows what there is\n");
  EXPECT_EQ(show_all(quiet, {Paused{"a", kId, "no space"}}).err, "p2ppeer: \"a\" waits: no space\n");
  EXPECT_EQ(show_all(quiet, {Failed{"", kId, "no space left"}}).err, "p2ppeer: \"" + kId + "\": no space left\n");
  EXPECT_EQ(show_all(quiet, {Error{"no peer could be reached"}}).err, "p2ppeer: no peer could be reached\n");
  EXPECT_EQ(show_all(quiet, {Ambiguous{"a", {{"x/a", kId, 1, 1}, {"y/a", "p2p:00:2", 2, 3}}, 7}}).err,
            "p2ppeer: \"a\" stands for 7 different contents; ask for one by its id:\n  " + kId +
                "\n      x/a  1 B, 1 peer\n  p2p:00:2\n      y/a  2 B, 3 peers\n  and 5 more\n");
}

TEST(ViewScreen, SummaryOfSeveralDownloads) {
  std::vector<Event> events{Done{"downloads/a", kId, 5, 1, 5, false}, NotFound{"b"}, Summary{3, 1, 1, 2, 5, 1}};
  EXPECT_TRUE(show_all({}, events).err.ends_with("1 of 2 files fetched, 5 B in 1.0 s\n"));
}

TEST(ViewScreen, IdentitiesAndVerificationsCanBeCopied) {
  EXPECT_EQ(show_all(terminal(20), {Identity{"a b", kId, 16384}}).out, kId + "  a b\n");
  EXPECT_EQ(show_all({}, {Verified{"a", kId, true, ""}}).out, "a: OK\n");
  EXPECT_EQ(show_all({}, {Verified{"a", kId, false, "length 5"}}).err, "p2ppeer: \"a\" is not " + kId + ": length 5\n");
}

TEST(ViewScreen, JsonIsPassedOnAsItIs) {
  auto options = terminal();
  options.json = true;
  Screen screen(options);
  for (const std::string& line : {to_json_line(Error{"x"}), std::string(R"({"event":"tomorrow","x":[1]})")}) {
    auto text = screen.consume(line);
    EXPECT_EQ(text.out, line + "\n");
    EXPECT_EQ(text.erase + text.err, "");
  }
  auto text = screen.consume("{\"event\":\x1b");
  EXPECT_EQ(text.out, "");
  EXPECT_EQ(text.err, "p2ppeer: cannot read what the peer says: {\"event\":\\x1b\n");
  EXPECT_EQ(screen.finish().err, "");
}

TEST(ViewScreen, EventsOfALaterVersionAreSkipped) {
  Screen screen({});
  auto text = screen.consume(R"({"event":"tomorrow"})");
  EXPECT_EQ(text.out + text.err, "");
  EXPECT_NE(screen.consume(R"({"event":"file","size":"x"})").err, "");
}

TEST(ViewScreen, T45HostileTextIsHarmlessAtEveryWidth) {
  const std::string hostile = "\x1b]0;x\x07\r\n\xc2\x9b\x31\xe2\x80\xae\xff\xe2\x80\xa8\xe6\x97\xa5\xe6\x9c\xac";
  std::vector<Event> events{Start{hostile, hostile, 1},
                            Progress{hostile, hostile, 1, 2, 3, 4, 5, hostile},
                            File{hostile, hostile, 1, 2, {{hostile, hostile}}, 3},
                            Peer{hostile, hostile, hostile, hostile, 1, hostile},
                            Done{hostile, "other", 1, 2, 1, false},
                            Ambiguous{hostile, {{hostile, hostile, 1, 2}}, 1},
                            NotFound{hostile},
                            Failed{hostile, "other", hostile},
                            Error{hostile},
                            PeerStatus{hostile, hostile, {hostile}, hostile, 1, 2, 3, 4, 5, 6, 7},
                            Identity{hostile, hostile, 1},
                            Verified{hostile, hostile, false, hostile},
                            Verified{hostile, hostile, true, ""},
                            Fetching{hostile, hostile, 1, 2, 3, 4, hostile, {{hostile, hostile, 1, 2}}, 5},
                            Sending{hostile, hostile, hostile, hostile, 1, 2, 3},
                            Download{1, hostile, hostile, 1, 2, 3, 4, hostile, hostile, {{hostile, hostile, 1, 2}}, 5},
                            Upload{1, hostile, hostile, "", hostile, 1, 2, 3, 4, hostile},
                            FileAdded{{hostile, hostile, 1, 2, {}, 3}},
                            FileAdded{{"other", hostile, 1, 2, {}, 3}},
                            FileRemoved{{"other", hostile, 1, 2, {}, 3}},
                            PeerAdded{{hostile, hostile, hostile, hostile, 1, hostile}},
                            Summary{0, 2, 3, 4, 5, 6}};
  for (std::size_t width = 20; width <= 200; ++width) {
    auto options = terminal(width);
    options.verbose = true;
    options.out_can_redraw = width % 2 == 0;
    options.watch = width % 4 == 0 ? WatchView::What::kFiles : WatchView::What::kPeers;
    auto text = show_all(options, events);
    std::string all = text.out + text.err;
    for (std::string_view own : {"\r", "\x1b[K", "\x1b[J", "\n"})
      for (auto at = all.find(own); at != std::string::npos; at = all.find(own)) all.erase(at, own.size());
    // Nothing is left for escape() to change but the backslashes that it has put there itself.
    std::string doubled;
    for (char c : all) doubled.append(c == '\\' ? 2 : 1, c);
    EXPECT_EQ(net::escape(all), doubled);
  }
}

TEST(ViewScreen, TablesFitTheTerminal) {
  for (std::size_t width = 20; width <= 200; ++width) {
    auto text = show_all(terminal(width), {File{std::string(150, 'p'), kId, UINT64_MAX, 0, {}, UINT64_MAX},
                                           Peer{"[fe80::1234:5678:9abc:def0%eth0]:12345", std::string(90, 'n'), kRoot,
                                                "unreachable", 0, "Connection timed out"}});
    std::istringstream lines(text.out);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(net::display_width(line), width);
  }
}

TEST(ViewScreen, ProgressLeavesTheLastColumnFree) {
  for (std::size_t width = 20; width <= 200; ++width) {
    auto text = show_all(terminal(width), {Progress{kId, std::string(300, 'x'), 1, 2, 3, 4, 5, "fetching"}});
    auto line = text.err.substr(1, text.err.find('\x1b') - 1);
    EXPECT_LT(net::display_width(line), width);
  }
}

}  // namespace
}  // namespace peer::view
