// SPDX-License-Identifier: MIT
#pragma once

#include "peer/operations/events.h"
#include "peer/operations/operation.h"

namespace peer::operations {

/// An operation that is over when it begins: it tells what there is and has succeeded.
class Once final : public Operation {
 public:
  explicit Once(const Event& event) {
    emit(to_json_line(event));
    finish(0);
  }
  explicit Once(const std::vector<Event>& events) {
    for (const Event& event : events) emit(to_json_line(event));
    finish(0);
  }
  void step(net::TimePoint) override {}
  void cancel(net::TimePoint) override {}
};

}  // namespace peer::operations
