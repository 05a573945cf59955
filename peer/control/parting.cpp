// SPDX-License-Identifier: MIT
#include "peer/control/parting.h"

#include "net/check.h"

namespace peer::control {

Parting::Action Parting::signalled(bool from_keyboard) {
  if (state_ == State::kCancelling) return Action::kLeave;
  if (state_ == State::kAsking || !can_ask_ || !from_keyboard) return Action::kDetach;
  state_ = State::kAsking;
  return Action::kAsk;
}

Parting::Action Parting::answered(std::string_view line) {
  CHECK(asking());
  const bool yes = line == "y" || line == "Y" || line == "yes" || line == "Yes" || line == "YES";
  state_ = yes ? State::kCancelling : State::kWorking;
  return yes ? Action::kCancel : Action::kDetach;
}

}  // namespace peer::control
