// SPDX-License-Identifier: MIT
#include "peer/view/progress.h"

#include <gtest/gtest.h>

#include "net/text_width.h"

namespace peer::view {
namespace {

using operations::Progress;

constexpr std::uint64_t kMiB = 1 << 20;

Progress film() { return {"i", "docs/film.mkv", 45 * kMiB, 100 * kMiB, 11 * kMiB, 5, 3, "fetching"}; }

TEST(ViewProgress, OneFile) {
  ProgressLine line;
  EXPECT_EQ(line.render(80), "");
  line.update(film());
  EXPECT_EQ(line.render(120),
            "film.mkv  [############----------------]   45%  11.0 MiB/s  ETA 0:05  45.0 MiB of 100 MiB  3 sources");
  EXPECT_EQ(line.render(80), "film.mkv  [###-----]   45%  11.0 MiB/s  ETA 0:05  45.0 MiB of 100 MiB  3 sources");
  EXPECT_EQ(line.render(60), "film.mkv  [#########-----------]   45%  11.0 MiB/s  ETA 0:05");
  EXPECT_EQ(line.render(20), "film.mkv   45%");
}

TEST(ViewProgress, StatesWithoutARate) {
  ProgressLine line;
  auto progress = film();
  progress.state = "hashing";
  line.update(progress);
  EXPECT_NE(line.render(100).find("checking what is there"), std::string::npos);
  progress.state = "copying";
  line.update(progress);
  EXPECT_NE(line.render(100).find(" 45%  copying"), std::string::npos) << line.render(100);
  progress.state = "finishing";
  progress.done = progress.total;
  line.update(progress);
  EXPECT_NE(line.render(100).find("100%  finishing"), std::string::npos);
}

TEST(ViewProgress, UnknownTimeLeft) {
  ProgressLine line;
  auto progress = film();
  progress.eta.reset();
  progress.rate = 0;
  line.update(progress);
  EXPECT_NE(line.render(100).find("0 B/s  ETA -:--"), std::string::npos);
}

TEST(ViewProgress, SeveralFilesAreOneLine) {
  ProgressLine line;
  for (int i = 0; i < 4; ++i) line.start({"f" + std::to_string(i), "i" + std::to_string(i), 100 * kMiB});
  line.end("f0", "i0", true);
  line.end("f1", "i1", false);
  auto progress = film();
  progress.id = "i2";
  line.update(progress);
  // 100 of f0, 45 of f2, 0 of f3, out of 300.
  auto text = line.render(140);
  EXPECT_NE(text.find("2 of 4 files"), std::string::npos) << text;
  EXPECT_NE(text.find("48%  11.0 MiB/s  ETA 0:14  145 MiB of 300 MiB"), std::string::npos) << text;
  line.end("f2", "i2", true);
  line.end("f3", "i3", true);
  EXPECT_FALSE(line.active());
  EXPECT_EQ(line.render(140), "");
  line.update(film());
  EXPECT_NE(line.render(140).find("film.mkv"), std::string::npos);
}

TEST(ViewProgress, T45FitsEveryWidthWhateverTheNameAndNumbersAre) {
  const std::string names[] = {"",
                               "a",
                               std::string(500, 'n'),
                               "x/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x98\xa0\xe7\x94\xbb.mkv",
                               "\x1b[2J\r\n\x07",
                               "\xe2\x80\xae"
                               "vkm\xff"};
  const Progress numbers[] = {{"i", "", 0, 0, 0, std::nullopt, 0, "fetching"},
                              {"i", "", UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, "fetching"},
                              {"i", "", UINT64_MAX, 1, 1, 1, 1, "finishing"},
                              {"i", "", 1, 2, 3, 4, 5, "\x1b[2J"}};
  for (const auto& name : names)
    for (auto progress : numbers)
      for (bool several : {false, true}) {
        ProgressLine line;
        progress.path = name;
        line.update(progress);
        if (several) {
          progress.id = "j";
          line.update(progress);
        }
        for (std::size_t width = 1; width <= 200; ++width) {
          auto text = line.render(width);
          EXPECT_LE(net::display_width(text), width);
          EXPECT_FALSE(width >= 20 && text.find('%') == std::string::npos) << width << text;
          for (char c : text) EXPECT_TRUE(c < 0 || c >= 0x20);
        }
      }
}

}  // namespace
}  // namespace peer::view
