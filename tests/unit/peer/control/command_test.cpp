// SPDX-License-Identifier: MIT
#include "peer/control/command.h"

#include <gtest/gtest.h>

namespace peer::control {
namespace {

TEST(ControlCommand, OptionsComeBeforeOperands) {
  auto command = to_command({"DOWNLOAD", {"--from=10.0.0.1", "--from=10.0.0.2:99", "--quick", "a", "--from=b"}});
  ASSERT_TRUE(command.ok());
  EXPECT_EQ(command->options.at("from"), (std::vector<std::string>{"10.0.0.1", "10.0.0.2:99"}));
  EXPECT_EQ(command->option("from"), "10.0.0.2:99");
  EXPECT_EQ(command->option("output", "none"), "none");
  EXPECT_TRUE(command->has("quick"));
  EXPECT_EQ(command->operands, (std::vector<std::string>{"a", "--from=b"}));
}

TEST(ControlCommand, WhatAUserNamesIsNeverAnOption) {
  for (const Command& command : {Command{"DOWNLOAD", {}, {"--from=x"}}, Command{"DOWNLOAD", {}, {"--", "a"}},
                                 Command{"DOWNLOAD", {{"output", {"a b"}}}, {"--x", ""}}, Command{"PEERS", {}, {}},
                                 Command{"LIST", {{"watch", {""}}}, {}}, Command{"SEARCH", {}, {"-x"}}}) {
    auto back = to_command(to_request(command));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, command);
  }
}

TEST(ControlCommand, OptionWithoutNameIsMalformed) {
  EXPECT_EQ(to_command({"A", {"--=x"}}).error(), RequestError::kMalformed);
}

}  // namespace
}  // namespace peer::control
