// SPDX-License-Identifier: MIT
#include "peer/control/parting.h"

#include <gtest/gtest.h>

namespace peer::control {
namespace {

using Action = Parting::Action;

TEST(ControlParting, WithoutATerminalThePeerGoesOn) {
  EXPECT_EQ(Parting(false).signalled(true), Action::kDetach);
  EXPECT_EQ(Parting(false).signalled(false), Action::kDetach);
}

TEST(ControlParting, OnATerminalItIsAsked) {
  for (const char* yes : {"y", "Y", "yes", "Yes", "YES"}) {
    Parting parting(true);
    EXPECT_FALSE(parting.asking());
    EXPECT_EQ(parting.signalled(true), Action::kAsk);
    EXPECT_TRUE(parting.asking());
    EXPECT_EQ(parting.answered(yes), Action::kCancel) << yes;
    EXPECT_FALSE(parting.asking());
    EXPECT_EQ(parting.signalled(true), Action::kLeave) << "it takes too long";
  }
  for (const char* no : {"", "n", "N", "no", "what", "y es", "\x1b[A"}) {
    Parting parting(true);
    EXPECT_EQ(parting.signalled(true), Action::kAsk);
    EXPECT_EQ(parting.answered(no), Action::kDetach) << no;
  }
}

TEST(ControlParting, TheSecondSignalDetachesAtOnce) {
  Parting parting(true);
  EXPECT_EQ(parting.signalled(true), Action::kAsk);
  EXPECT_EQ(parting.signalled(true), Action::kDetach);
}

TEST(ControlParting, OnlyTheKeyboardIsAsked) { EXPECT_EQ(Parting(true).signalled(false), Action::kDetach); }

}  // namespace
}  // namespace peer::control
