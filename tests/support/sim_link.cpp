// SPDX-License-Identifier: MIT
#include "tests/support/sim_link.h"

#include <algorithm>
#include <utility>

namespace support {

void SimLink::offer(const std::shared_ptr<SimFlow>& flow) {
  if (flow->queued_ || flow->waiting() == 0) return;
  flow->queued_ = true;
  turns_.push_back(flow);
  serve();
}

void SimLink::set_up(bool up) {
  up_ = up;
  serve();
}

net::Duration SimLink::time_for(std::size_t count) const {
  if (rate_ <= 0) return net::Duration::zero();
  const std::chrono::duration<double> seconds(static_cast<double>(count) / rate_);
  return std::chrono::duration_cast<net::Duration>(seconds);
}

void SimLink::serve() {
  while (up_ && !busy_ && !turns_.empty()) {
    std::shared_ptr<SimFlow> flow = std::move(turns_.front());
    turns_.pop_front();
    flow->queued_ = false;
    const std::size_t count = std::min(quantum_, flow->waiting());
    if (count == 0) continue;
    busy_ = true;
    flow->queued_ = true;  // Until these have gone: they are still counted as waiting.
    events_.after(time_for(count), [this, flow, count] {
      busy_ = false;
      carried_ += count;
      flow->queued_ = false;
      flow->served(count);
      offer(flow);
      serve();
    });
  }
}

}  // namespace support
