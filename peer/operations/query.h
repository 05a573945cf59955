// SPDX-License-Identifier: MIT
#pragma once

#include "peer/node.h"
#include "peer/operations/discovery.h"
#include "peer/operations/events.h"
#include "peer/operations/operation.h"

namespace peer::operations {

/// A question about the whole network: answered once, as soon as enough of it is known. The network may change while
/// one looks; the answer is what is known in that moment.
class Query : public Operation {
 public:
  void step(net::TimePoint now) final;
  std::optional<net::TimePoint> deadline() const final { return deadline_; }
  /// Answers with what is known by now.
  void cancel(net::TimePoint now) final { answer(now); }

 protected:
  /// `enough`: how much must be known. `node` must outlive it.
  Query(const Node& node, net::TimePoint now, Discovery::State enough)
      : node_(node), discovery_(node, now), started_(now), enough_(enough) {}

  /// Emits the lines and fills in what they add up to; seconds are filled in already, `exit` has the last word.
  virtual void tell(Summary& summary) = 0;
  const Node& node() const { return node_; }

 private:
  void answer(net::TimePoint now);

  const Node& node_;
  Discovery discovery_;
  net::TimePoint started_;
  Discovery::State enough_;
  std::optional<net::TimePoint> deadline_;
};

}  // namespace peer::operations
