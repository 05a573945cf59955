// SPDX-License-Identifier: MIT
#pragma once

#include "peer/node.h"
#include "peer/operations/discovery.h"
#include "peer/operations/events.h"
#include "peer/operations/operation.h"

namespace peer::operations {

/// A question about the whole network: answered once, as soon as enough of it is known. A long answer takes several
/// steps, so that whoever reads it sets the pace; the network may change meanwhile.
class Query : public Operation {
 public:
  void step(net::TimePoint now) final;
  std::optional<net::TimePoint> deadline() const final { return deadline_; }
  /// Answers with what is known by now.
  void cancel(net::TimePoint now) final;

 protected:
  /// `enough`: how much must be known. `node` must outlive it.
  Query(Node& node, net::TimePoint now, Discovery::State enough)
      : node_(node), discovery_(node, now), started_(now), enough_(enough) {}

  /// Emits some of the lines and adds to `summary` what they amount to; false while there are more. With the last of
  /// them `peers` and `exit` are filled in.
  virtual bool tell(Summary& summary) = 0;
  const Node& node() const { return node_; }

 private:
  /// False while there is more to tell.
  bool answer(net::TimePoint now);

  const Node& node_;
  Discovery discovery_;
  net::TimePoint started_;
  Discovery::State enough_;
  std::optional<net::TimePoint> deadline_;
  Summary summary_;
  bool answering_ = false;
};

}  // namespace peer::operations
