// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "peer/files/push_contents.h"

namespace peer {

/// What is pushed in a simulation: ready at once, and never changed.
struct SimContents final : files::PushContents {
  std::string nothing;
  std::vector<files::CatalogEntry> all;
  std::vector<LeftOut> none;
  bool ready() const override { return true; }
  Progress progress() const override { return {}; }
  const std::string& error() const override { return nothing; }
  const std::vector<files::CatalogEntry>& entries() const override { return all; }
  const std::vector<LeftOut>& left_out() const override { return none; }
  const std::string& changed() const override { return nothing; }
};

}  // namespace peer
