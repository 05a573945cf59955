// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace peer::control {

/// What becomes of the work that a running peer does for a client when the client is interrupted: the peer goes on with
/// it, unless somebody at a terminal says that it is to be cancelled.
class Parting {
 public:
  enum class Action {
    kNone,
    kAsk,     ///< Ask whether to cancel it, too.
    kCancel,  ///< Cancel it, and wait until that is answered.
    kDetach,  ///< End at once; the peer goes on.
    kLeave,   ///< End at once; it was cancelled.
  };

  /// `can_ask`: there is somebody at a terminal.
  explicit Parting(bool can_ask) : can_ask_(can_ask) {}

  /// A signal came; `from_keyboard`: such as Ctrl-C sends.
  Action signalled(bool from_keyboard);
  /// What was typed, without its end; empty also for the end of all input. REQUIRES: asking().
  Action answered(std::string_view line);
  bool asking() const { return state_ == State::kAsking; }

 private:
  enum class State { kWorking, kAsking, kCancelling };

  bool can_ask_;
  State state_ = State::kWorking;
};

}  // namespace peer::control
