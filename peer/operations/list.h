// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "peer/node.h"
#include "peer/operations/discovery.h"
#include "peer/operations/operation.h"

namespace peer::operations {

/// `p2ppeer list` and `p2ppeer search TEXT`: a "file" line for each (path, content) that any connected peer offers, by
/// path; then a "summary". With a text only paths that hold it count, whatever the case of ASCII letters. Exit status
/// 0; 5 when no peer was reached; 4 when a text was given and no path holds it.
class List final : public Operation {
 public:
  List(const Node& node, net::TimePoint now, std::string text = {})
      : node_(node), discovery_(node, now), started_(now), text_(std::move(text)) {}
  void step(net::TimePoint now) override;
  std::optional<net::TimePoint> deadline() const override { return deadline_; }
  void cancel(net::TimePoint now) override;

 private:
  void tell(net::TimePoint now);

  const Node& node_;
  Discovery discovery_;
  net::TimePoint started_;
  std::optional<net::TimePoint> deadline_;
  std::string text_;
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
