// SPDX-License-Identifier: MIT
#pragma once

#include "peer/node.h"
#include "peer/operations/discovery.h"
#include "peer/operations/operation.h"

namespace peer::operations {

/// `p2ppeer list`: a "file" line for each (path, content) that any connected peer offers, by path; then a "summary".
/// Exit status 0, 5 when no peer was reached.
class List final : public Operation {
 public:
  List(const Node& node, net::TimePoint now) : node_(node), discovery_(node, now), started_(now) {}
  void step(net::TimePoint now) override;
  std::optional<net::TimePoint> deadline() const override { return deadline_; }
  void cancel(net::TimePoint now) override;

 private:
  void tell(net::TimePoint now);

  const Node& node_;
  Discovery discovery_;
  net::TimePoint started_;
  std::optional<net::TimePoint> deadline_;
};

/// `p2ppeer peers`: a "peer" line for each connected peer and for each endpoint where none was reached; then a
/// "summary". Exit status 0, 5 when no peer was reached.
class Peers final : public Operation {
 public:
  Peers(const Node& node, net::TimePoint now) : node_(node), discovery_(node, now), started_(now) {}
  void step(net::TimePoint now) override;
  std::optional<net::TimePoint> deadline() const override { return deadline_; }
  void cancel(net::TimePoint now) override;

 private:
  void tell(net::TimePoint now);

  const Node& node_;
  Discovery discovery_;
  net::TimePoint started_;
  std::optional<net::TimePoint> deadline_;
};

}  // namespace peer::operations
