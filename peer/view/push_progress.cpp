// SPDX-License-Identifier: MIT
#include "peer/view/push_progress.h"

#include <algorithm>
#include <vector>

#include "net/counted.h"
#include "net/escape.h"
#include "net/text_width.h"
#include "peer/view/format.h"

namespace peer::view {
namespace {

constexpr std::size_t kBarColumns = 12;  // With its brackets.
constexpr std::size_t kMaxLabelColumns = 16;

std::string label_of(const operations::ReceiverProgress& receiver) {
  return net::fit(net::escape(receiver.name.empty() ? receiver.peer : receiver.name), kMaxLabelColumns);
}

}  // namespace

void PushProgress::update(const operations::ReceiverProgress& progress) { receivers_[progress.peer] = progress; }

void PushProgress::end(const operations::Receiver& receiver) {
  receivers_.erase(receiver.peer);
  ++ended_;
}

std::string PushProgress::render(std::size_t width) const {
  if (receivers_.empty()) return "";
  // The slowest is what the others wait for; sums could overflow, and would say less.
  std::vector<const operations::ReceiverProgress*> slowest_first;
  for (const auto& [peer, receiver] : receivers_) slowest_first.push_back(&receiver);
  std::stable_sort(slowest_first.begin(), slowest_first.end(), [](const auto* a, const auto* b) {
    return percent(a->done, a->total) < percent(b->done, b->total);
  });
  const operations::ReceiverProgress& slowest = *slowest_first.front();
  std::string line =
      std::to_string(ended_) + " of " + net::counted(ended_ + receivers_.size(), "receiver", "receivers");
  line += "  " + bar(percent(slowest.done, slowest.total), kBarColumns) + "  " + human_rate(slowest.rate);
  line += "  ETA " + (slowest.eta ? human_duration(*slowest.eta) : "-:--");
  for (const auto* receiver : slowest_first) {
    const std::string one =
        "  " + label_of(*receiver) + ' ' + std::to_string(percent(receiver->done, receiver->total)) + '%';
    if (net::display_width(line) + net::display_width(one) > width) break;
    line += one;
  }
  return net::fit(line, width);
}

}  // namespace peer::view
