// SPDX-License-Identifier: MIT
#include "peer/operations/query.h"

namespace peer::operations {

void Query::step(net::TimePoint now) {
  deadline_ = discovery_.deadline(now);
  if (discovery_.state(now) >= enough_) answer(now);
}

void Query::answer(net::TimePoint now) {
  Summary summary;
  summary.seconds = net::to_seconds(now - started_);
  tell(summary);
  emit(to_json_line(summary));
  finish(summary.exit);
}

}  // namespace peer::operations
