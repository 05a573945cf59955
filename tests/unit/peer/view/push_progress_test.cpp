// SPDX-License-Identifier: MIT
#include "peer/view/push_progress.h"

#include <gtest/gtest.h>

#include "net/text_width.h"
#include "peer/view/screen.h"

namespace peer::view {
namespace {

using operations::Receiver;
using operations::ReceiverProgress;

ReceiverProgress half(const std::string& peer, const std::string& name, std::uint64_t done) {
  return {peer, name, done, 100, 2048, 65, "fetching"};
}

TEST(ViewPushProgress, TheSlowestLeadsAndAllAreNamed) {
  PushProgress line;
  EXPECT_FALSE(line.active());
  EXPECT_EQ(line.render(80), "");
  line.update(half("10.0.0.1:12345", "ann", 50));
  line.update(half("10.0.0.2:12345", "", 20));
  EXPECT_EQ(line.render(90), "0 of 2 receivers  [##--------]  2.00 KiB/s  ETA 1:05  10.0.0.2:12345 20%  ann 50%");
  Receiver done;
  done.peer = "10.0.0.2:12345";
  line.end(done);
  EXPECT_EQ(line.render(90), "1 of 2 receivers  [#####-----]  2.00 KiB/s  ETA 1:05  ann 50%");
  done.peer = "10.0.0.1:12345";
  line.end(done);
  EXPECT_FALSE(line.active());
}

TEST(ViewPushProgress, T45ItFitsAnyWidthAndHarmlessly) {
  PushProgress line;
  for (int i = 0; i < 60; ++i) {
    const std::string number = std::to_string(i);
    line.update(half("10.0.0." + number, "\x1b[2J\xe2\x80\xae" + number + std::string(300, 'x'), UINT64_MAX));
  }
  for (std::size_t width = 1; width < 200; ++width) {
    const std::string text = line.render(width);
    EXPECT_LE(net::display_width(text), width);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  }
}

/// All that a screen says to these events.
Text shown(const Screen::Options& options, const std::vector<operations::Event>& events) {
  Screen screen(options);
  Text all;
  for (const auto& event : events) {
    Text text = screen.consume(operations::to_json_line(event));
    all.out += text.out;
    all.err += text.err;
  }
  Text end = screen.finish();
  all.out += end.out;
  all.err += end.err;
  return all;
}

const Receiver kDone{"10.0.0.1:12345", "ann", "ff", "done", 2, 0, 0, 2048, 2048, 3000, 1.5, ""};
const Receiver kRefused{"10.0.0.2:12345", "b\x1b[m", "fe", "refused", 0, 0, 2, 0, 0, 0, 0.5, "it accepts no pushes"};

TEST(ViewPush, AResultForEachReceiverAndASum) {
  const Text text =
      shown({}, {operations::PushBegun{2, 2048, 1}, operations::LeftOut{"d/link", "a symbolic link", false}, kDone,
                 kRefused, operations::Summary{3, 2, 1, 2, 2048, 2}});
  EXPECT_EQ(text.out, "10.0.0.1:12345 (ann): 2 files, 2.00 KiB, 2.00 KiB moved in 1.5 s\n");
  EXPECT_EQ(text.err,
            "\"d/link\" is not pushed: a symbolic link\n"
            "p2ppeer: 10.0.0.2:12345 (b\\x1b[m): refused: it accepts no pushes\n"
            "1 of 2 receivers have everything, after 2.0 s\n");
}

TEST(ViewPush, WhatWasThereIsSaidAndQuietIsQuiet) {
  Receiver there = kDone;
  there.there = 2;
  EXPECT_EQ(shown({}, {operations::PushBegun{2, 2048, 0}, there}).out,
            "10.0.0.1:12345 (ann): 2 files, 2.00 KiB, had it all before\n");
  Screen::Options quiet;
  quiet.quiet = true;
  const Text text = shown(quiet, {operations::PushBegun{2, 2048, 0}, operations::LeftOut{"a", "gone", true}, kDone,
                                  kRefused, operations::Summary{3, 2, 1, 2, 2048, 2}});
  EXPECT_EQ(text.out, "");
  EXPECT_EQ(text.err,
            "p2ppeer: \"a\" cannot be pushed: gone\n"
            "p2ppeer: 10.0.0.2:12345 (b\\x1b[m): refused: it accepts no pushes\n");
}

TEST(ViewPush, OnATerminalProgressIsDrawnAndErased) {
  Screen::Options options;
  options.err_is_terminal = true;
  Screen screen(options);
  screen.consume(operations::to_json_line(operations::PushBegun{2, 2048, 0}));
  Text text = screen.consume(operations::to_json_line(half("10.0.0.1:12345", "ann", 50)));
  EXPECT_NE(text.err.find("ann 50%"), std::string::npos);
  text = screen.consume(operations::to_json_line(kDone));
  EXPECT_EQ(text.erase, "\r\x1b[K");
  EXPECT_EQ(text.err, "");
}

}  // namespace
}  // namespace peer::view
