// SPDX-License-Identifier: MIT
#include "peer/operations/query.h"

namespace peer::operations {

void Query::step(net::TimePoint now) {
  discovery_.look_on(now);
  deadline_ = discovery_.deadline(now);
  answering_ = answering_ || discovery_.state(now) >= enough_;
  if (answering_ && !answer(now)) deadline_ = now;
}

void Query::cancel(net::TimePoint now) {
  while (!answer(now)) {
  }
}

bool Query::answer(net::TimePoint now) {
  if (!tell(summary_)) return false;
  summary_.seconds = net::to_seconds(now - started_);
  emit(to_json_line(summary_));
  finish(summary_.exit);
  return true;
}

}  // namespace peer::operations
